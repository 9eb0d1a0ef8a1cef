//! Hashing and signing (LANGUAGE 7).
//!
//! SHA-256 (FIPS 180-4) and Ed25519 (RFC 8032) with strict verification: no key or nonce point of small order, no
//! second encoding of a point or scalar. What is signed is always a 32-byte digest whose first hashed item says what
//! it is a digest of, so a signature made for one purpose never passes for another.

use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::id::{Hash, PeerId, Signature};
use crate::value::Map;
use crate::wire::{Encoder, Wire};

/// First item of what `SIGN` hashes.
pub const SIGN_DOMAIN: &str = "omt-sign-1";

/// Signatures that a [`VerifiedCache`] remembers by default: the blocks of the longest segment, once over.
pub const VERIFIED_COUNT_MAX: usize = 65_536;

/// Cryptographic operations of a thread so far; benchmarks and budgets compare two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ed25519 signatures made.
    pub signed: u64,
    /// Ed25519 signatures checked.
    pub verified: u64,
    /// Octets hashed with SHA-256, without those inside Ed25519.
    pub hashed: u64,
}

thread_local! {
    static TALLY: Cell<Tally> = const { Cell::new(Tally { signed: 0, verified: 0, hashed: 0 }) };
}

/// What this thread has done since it began.
pub fn tally() -> Tally {
    TALLY.with(Cell::get)
}

fn count(change: impl FnOnce(&mut Tally)) {
    TALLY.with(|cell| {
        let mut tally = cell.get();
        change(&mut tally);
        cell.set(tally);
    });
}

/// SHA-256 of bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
    count(|tally| tally.hashed = tally.hashed.wrapping_add(bytes.len() as u64));
    Hash(Sha256::digest(bytes).into())
}

/// `HASH(v, …)`: SHA-256 of the canonical encoding of the list of arguments. `encode` writes that many values.
///
/// ```
/// # use omt_runtime::{crypto::hash_args, wire::Wire};
/// let hash = hash_args(2, |e| { 1u64.encode(e); "a".to_owned().encode(e) });
/// assert_eq!(hash, omt_runtime::crypto::sha256(&[0x82, 0x01, 0x61, b'a']));
/// ```
pub fn hash_args(count: usize, encode: impl FnOnce(&mut Encoder)) -> Hash {
    let mut encoder = Encoder::new();
    encoder.array(count);
    encode(&mut encoder);
    sha256(&encoder.into_bytes())
}

/// `HASH` of a tuple of arguments: `hash(&(a, b))`.
pub fn hash<T: Wire>(args: &T) -> Hash {
    sha256(&crate::wire::to_bytes(args))
}

/// What `SIGN(v)` signs: the hash of `["omt-sign-1", struct name, hash of its field names and types, v]`.
pub fn sign_digest<T: Wire>(struct_name: &str, fields: &Hash, value: &T) -> Hash {
    hash_args(4, |encoder| {
        encoder.text(SIGN_DOMAIN);
        encoder.text(struct_name);
        fields.encode(encoder);
        value.encode(encoder);
    })
}

/// A peer's secret key.
#[derive(Clone)]
pub struct Keypair {
    key: SigningKey,
}

impl Keypair {
    /// The key pair of a 32-byte seed (RFC 8032, 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Keypair { key: SigningKey::from_bytes(seed) }
    }

    /// The public key.
    pub fn peer_id(&self) -> PeerId {
        PeerId(self.key.verifying_key().to_bytes())
    }

    /// Signs a digest.
    pub fn sign(&self, digest: &Hash) -> Signature {
        self.sign_bytes(&digest.0)
    }

    fn sign_bytes(&self, message: &[u8]) -> Signature {
        count(|tally| tally.signed = tally.signed.wrapping_add(1));
        Signature(self.key.sign(message).to_bytes())
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({})", self.peer_id().short())
    }
}

/// Why 32 bytes are not a peer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No point of the curve, or not the one encoding of it.
    #[error("not a point of the curve in its one encoding")]
    NotAPoint,
    /// A key for which anybody can make signatures.
    #[error("a point of small order")]
    SmallOrder,
}

/// Whether the bytes are a key that signatures can be verified with.
pub fn check_peer_id(peer: &PeerId) -> Result<(), KeyError> {
    verifying_key(peer).map(|_| ())
}

fn verifying_key(peer: &PeerId) -> Result<VerifyingKey, KeyError> {
    let key = VerifyingKey::from_bytes(&peer.0).map_err(|_| KeyError::NotAPoint)?;
    if key.is_weak() {
        return Err(KeyError::SmallOrder);
    }
    // A few points have a second encoding (y ≥ p), which would be a second id of the same peer.
    if key.to_edwards().compress().to_bytes() != peer.0 {
        return Err(KeyError::NotAPoint);
    }
    Ok(key)
}

/// Whether the signature is the peer's, of that digest.
pub fn verify(peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
    verify_bytes(peer, &digest.0, signature)
}

fn verify_bytes(peer: &PeerId, message: &[u8], signature: &Signature) -> bool {
    count(|tally| tally.verified = tally.verified.wrapping_add(1));
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    verifying_key(peer).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// `VERIFY_MULTI`: at least `n` distinct members signed the digest, every signature is valid, and nobody signed who
/// is not a member. The map cannot hold one peer twice. Less than one signer is never enough.
pub fn verify_multi<'m>(
    digest: &Hash,
    signatures: &Map<PeerId, Signature>,
    members: impl IntoIterator<Item = &'m PeerId>,
    n: u64,
) -> bool {
    verify_multi_by(signatures, members, n, |peer, signature| verify(peer, digest, signature))
}

/// As [`verify_multi`], where the caller says which signatures hold.
pub fn verify_multi_by<'m>(
    signatures: &Map<PeerId, Signature>,
    members: impl IntoIterator<Item = &'m PeerId>,
    n: u64,
    holds: impl Fn(&PeerId, &Signature) -> bool,
) -> bool {
    let members: BTreeSet<&PeerId> = members.into_iter().collect();
    let enough = n >= 1 && signatures.len() as u64 >= n;
    enough && signatures.iter().all(|(peer, signature)| members.contains(peer) && holds(peer, signature))
}

/// Remembers which signatures were found valid, so that a chain that comes again costs hashing only.
#[derive(Debug)]
pub struct VerifiedCache {
    known: BTreeSet<Hash>,
    order: VecDeque<Hash>,
    count_max: usize,
}

impl Default for VerifiedCache {
    fn default() -> Self {
        VerifiedCache::new(VERIFIED_COUNT_MAX)
    }
}

impl VerifiedCache {
    /// Remembers that many signatures; the oldest is forgotten first.
    pub fn new(count_max: usize) -> Self {
        VerifiedCache { known: BTreeSet::new(), order: VecDeque::new(), count_max }
    }

    /// As [`verify`]. Only valid signatures are remembered.
    pub fn verify(&mut self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        let mut hasher = Sha256::new();
        hasher.update(peer.0);
        hasher.update(digest.0);
        hasher.update(signature.0);
        let key = Hash(hasher.finalize().into());
        if self.known.contains(&key) {
            return true;
        }
        if !verify(peer, digest, signature) {
            return false;
        }
        if self.count_max > 0 {
            if self.order.len() >= self.count_max
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
            self.known.insert(key);
            self.order.push_back(key);
        }
        true
    }
}

#[cfg(test)]
mod tests;
