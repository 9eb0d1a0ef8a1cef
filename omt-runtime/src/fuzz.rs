//! One function for every kind of byte that comes from outside. Each takes any bytes, must return, and holds the
//! property that its comment names; a fuzzer, or a test with random bytes, calls it.

use crate::chain::{Equivocation, RawBlock, Segment};
use crate::envelope::Envelope;
use crate::id::Hash;
use crate::interp::Interpreter;
use crate::machine::{Program, Reaction};
use crate::package::Package;
use crate::testing::TestEnv;
use crate::testing::random::Random;
use crate::value::Value;
use crate::wire::{self, Limits, Wire};
use std::sync::Arc;

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

/// Bytes that load are the one form of their package. A protocol in them that is well-formed, whatever id they claim,
/// runs: no input makes the interpreter panic.
pub fn package(bytes: &[u8]) {
    if let Ok(package) = Package::load(bytes) {
        assert_eq!(package.to_bytes().ok().as_deref(), Some(bytes), "two forms of one package");
    }
    if let Ok(package) = Package::load_any_id(bytes) {
        run(package);
    }
}

/// Steps of each fuzzed actor: enough to leave the initial state and to use what was stored.
const FUZZ_STEPS: u64 = 12;

/// Runs a package with inputs that follow from its id.
pub fn run(package: Package) {
    let program = Interpreter::new(Arc::new(package));
    let package = Arc::clone(program.package());
    let seed = package.id.0.first().copied().unwrap_or_default();
    for actor in package.protocol.actors.keys() {
        let mut env = TestEnv::new(1);
        let mut random = Random::new(&package, seed.into(), Hash::ZERO, env.now);
        let Ok(mut machine) = program.start(actor, Hash::ZERO) else { continue };
        for _ in 0..FUZZ_STEPS {
            let input = random.input(actor, machine.state());
            if let Ok(Reaction::Fired(fired)) = env.step(&*machine, &input) {
                let saved = fired.machine.save();
                let restored = program.restore(actor, &saved).map(|machine| machine.save());
                assert_eq!(restored, Ok(saved), "a snapshot that does not restore");
                machine = fired.machine;
            }
        }
    }
}

/// Nothing that comes from outside makes a peer panic, or changes an instance whose partner did not say it.
pub fn host(bytes: &[u8]) {
    crate::host::fuzz::run(bytes);
}

/// All of them.
pub fn all(bytes: &[u8]) {
    wire(bytes);
    envelope(bytes);
    block(bytes);
    segment(bytes);
    proof(bytes);
    package(bytes);
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
