//! One function for every kind of byte that comes from outside. Each takes any bytes, must return, and holds the
//! property that its comment names; a fuzzer, or a test with random bytes, calls it.

use crate::chain::{Equivocation, RawBlock, Segment};
use crate::envelope::Envelope;
use crate::value::Value;
use crate::wire::{self, Limits, Wire};

/// What the scan accepts decodes, and encodes to the same bytes; what it refuses, decoding survives.
pub fn wire(bytes: &[u8]) {
    let decoded = wire::decode_checked::<Value>(bytes);
    if wire::check(bytes, &Limits::MESSAGE).is_ok() {
        assert!(
            decoded.is_ok_and(|value| wire::to_bytes(&value) == bytes),
            "accepted, but not what encoding emits"
        );
    }
}

/// An envelope that decodes is the one form of itself; verifying it returns.
pub fn envelope(bytes: &[u8]) {
    if let Some(envelope) = one_form::<Envelope>(bytes) {
        let _judged = envelope.verify();
    }
}

/// A block that decodes is the one form of itself; verifying it returns.
pub fn block(bytes: &[u8]) {
    if let Some(block) = one_form::<RawBlock>(bytes) {
        let _judged = block.verify();
    }
}

/// A segment that decodes is the one form of itself; verifying it and asking it returns.
pub fn segment(bytes: &[u8]) {
    if let Some(segment) = one_form::<Segment>(bytes) {
        let _judged = segment.verify();
        let _asked = segment.state_at(&segment.head_hash());
        assert_eq!(segment.blocks().len(), segment.len(), "blocks that are not counted");
    }
}

/// A proof that decodes verifies.
pub fn proof(bytes: &[u8]) {
    if let Some(proof) = one_form::<Equivocation>(bytes) {
        assert_eq!(proof.verify(), Ok(()), "a false proof was accepted");
    }
}

/// All of them.
pub fn all(bytes: &[u8]) {
    wire(bytes);
    envelope(bytes);
    block(bytes);
    segment(bytes);
    proof(bytes);
}

fn one_form<T: Wire>(bytes: &[u8]) -> Option<T> {
    let value = wire::from_bytes::<T>(bytes).ok()?;
    assert_eq!(wire::to_bytes(&value), bytes, "two forms of one value");
    Some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::Keypair;
    use crate::id::Hash;
    use std::sync::Arc;

    fn seeds() -> Vec<Vec<u8>> {
        let key = Keypair::from_seed(&[1; 32]);
        let mut chain = Segment::empty(key.peer_id());
        for n in 0..3u8 {
            let payload = vec![0xa1, 0x61, b'n', n];
            chain = chain.append(chain.next(n.into(), "NOTE", payload).signed_by(&key)).unwrap();
        }
        let base = chain.prefix(&chain.at(1).unwrap().hash()).unwrap();
        let fork = base.next(9, "NOTE", vec![0xa0]).signed_by(&key);
        let proof =
            Equivocation::of_blocks(Arc::clone(chain.head().unwrap()), Arc::new(fork.clone())).unwrap();
        let envelope = Envelope {
            from: key.peer_id(),
            session: Hash([1; 32]),
            protocol: Hash([2; 32]),
            message: "M".into(),
            sequence: 1,
            time: 2,
            payload: vec![0xa0].into(),
            signature: None,
        };
        vec![
            wire::to_bytes(&chain),
            wire::to_bytes(&chain.from_height_on(2)),
            wire::to_bytes(&fork),
            wire::to_bytes(&proof),
            wire::to_bytes(&envelope),
            wire::to_bytes(&envelope.signed_by(&key)),
        ]
    }

    #[test]
    fn the_seeds_reach_the_code_behind_decoding() {
        for seed in seeds() {
            all(&seed);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            all(&bytes);
        }

        #[test]
        fn damaged_real_bytes_are_survived(
            which in any::<prop::sample::Index>(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
            cut in any::<prop::sample::Index>(),
        ) {
            let seeds = seeds();
            let mut bytes = which.get(&seeds).clone();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            all(&bytes);
            all(&bytes[..cut.index(bytes.len())]);
        }
    }
}
