//! Draws that everybody can recompute.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

use crate::crypto;
use crate::fault::FaultKind;
use crate::id::Hash;
use crate::wire::{self, Encoder, Wire};

/// `SEEDED_RNG(seed)`: the ChaCha20 key stream (RFC 8439) with key SHA-256(CBOR(seed)), nonce 0, counter 0, read as
/// consecutive little-endian 64-bit numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeededRng {
    key: Hash,
    /// Numbers drawn so far.
    position: u64,
    /// The key stream block that the next number is in; read when `position` enters it.
    block: [u8; 64],
}

impl SeededRng {
    /// A generator from any value.
    pub fn new<T: Wire>(seed: &T) -> Self {
        SeededRng { key: crypto::sha256(&wire::to_bytes(seed)), position: 0, block: [0; 64] }
    }

    /// The next number.
    ///
    /// # Errors
    /// After 2^35 draws, where the counter of ChaCha20 ends.
    pub fn next_u64(&mut self) -> Result<u64, FaultKind> {
        let in_block = usize::try_from(self.position % 8).unwrap_or(0);
        if in_block == 0 {
            let mut cipher = ChaCha20::new(&self.key.0.into(), &[0; 12].into());
            self.block = [0; 64];
            let stream = self.position.checked_mul(8).ok_or(FaultKind::Overflow)?;
            cipher.try_seek(stream).map_err(|_| FaultKind::Overflow)?;
            cipher.try_apply_keystream(&mut self.block).map_err(|_| FaultKind::Overflow)?;
        }
        let (numbers, _) = self.block.as_chunks::<8>();
        let number = numbers.get(in_block).copied().unwrap_or_default();
        self.position += 1;
        Ok(u64::from_le_bytes(number))
    }

    /// A number below `n`, every one equally likely: draws that are not below 2^64 − (2^64 mod n) are drawn again.
    ///
    /// # Errors
    /// When `n` is 0.
    pub fn below(&mut self, n: u64) -> Result<u64, FaultKind> {
        if n == 0 {
            return Err(FaultKind::DivisionByZero);
        }
        // 2^64 mod n, in 64 bits.
        let excess = (u64::MAX % n + 1) % n;
        loop {
            let x = self.next_u64()?;
            if x <= u64::MAX - excess {
                return Ok(x % n);
            }
        }
    }

    /// `SEEDED_SAMPLE(rng, l, k)`: `min(k, LENGTH(l))` elements, in the order drawn.
    pub fn sample<T: Clone>(&mut self, list: &[T], k: u64) -> Result<Vec<T>, FaultKind> {
        let mut drawn = list.to_vec();
        let len = drawn.len() as u64;
        let k = k.min(len);
        for i in 0..k {
            let j = i + self.below(len - i)?;
            let (i, j) = (usize::try_from(i), usize::try_from(j));
            if let (Ok(i), Ok(j)) = (i, j) {
                drawn.swap(i, j);
            }
        }
        drawn.truncate(usize::try_from(k).unwrap_or(usize::MAX));
        Ok(drawn)
    }

    /// `SEEDED_SHUFFLE(rng, l)`: a sample of everything.
    pub fn shuffle<T: Clone>(&mut self, list: &[T]) -> Result<Vec<T>, FaultKind> {
        self.sample(list, list.len() as u64)
    }

    /// A generator is never sent; this is what tells two apart.
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(2);
        self.key.encode(encoder);
        encoder.u64(self.position);
    }
}
