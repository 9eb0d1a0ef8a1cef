#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::Arc;

use super::*;
use crate::crypto::{Keypair, VerifiedCache};
use crate::envelope::{Envelope, EnvelopeError};
use crate::id::{Hash, PeerId, Signature};
use crate::value::Value;
use crate::wire::{self, Bytes, Reason};
use crate::wire_record;

fn key(n: u8) -> Keypair {
    Keypair::from_seed(&[n; 32])
}

fn note(n: u64) -> Vec<u8> {
    wire::to_bytes(&Value::record([("n", Value::from(n))]))
}

fn chain(key: &Keypair, blocks: u64) -> Segment {
    let mut chain = Segment::empty(key.peer_id());
    for n in 0..blocks {
        let block = chain.next(1_000 + n as i64, "NOTE", note(n)).signed_by(key);
        chain = chain.append(block).unwrap();
    }
    chain
}

/// A chain of the blocks as they are, true or not: what a liar could hold in memory.
fn forged(author: PeerId, blocks: &[RawBlock]) -> Result<Segment, ChainError> {
    blocks.iter().try_fold(Segment::empty(author), |chain, block| chain.append(block.clone()))
}

#[test]
fn a_chain_counts_links_and_verifies_from_genesis() {
    let key = key(1);
    let empty = Segment::empty(key.peer_id());
    assert_eq!((empty.height(), empty.head_hash(), empty.is_empty()), (-1, Hash::ZERO, true));
    let chain = chain(&key, 5);
    assert_eq!((chain.height(), chain.len()), (4, 5));
    assert_eq!(chain.verify(), Ok(()));
    let heights: Vec<u64> = chain.blocks().iter().map(|block| block.height()).collect();
    assert_eq!(heights, [0, 1, 2, 3, 4]);
    assert_eq!(chain.at(0).unwrap().previous(), Hash::ZERO);
    assert_eq!(chain.at(3).unwrap().previous(), chain.at(2).unwrap().hash());
    assert_eq!(chain.last_of_kind("NOTE").unwrap().height(), 4);
    assert!(chain.last_of_kind("OTHER").is_none());
}

#[test]
fn a_changed_field_of_a_block_is_caught_whichever_it_is() {
    let key = key(1);
    let good = chain(&key, 3);
    let blocks: Vec<RawBlock> = good.blocks().into_iter().map(|block| RawBlock::clone(block)).collect();
    type Change = fn(&mut BlockBody);
    let changes: [(&str, Change, ChainError); 6] = [
        ("author", |b| b.author = PeerId([9; 32]), ChainError::Author { height: 1 }),
        ("height", |b| b.height = 7, ChainError::Height { expected: 1, found: 7 }),
        ("previous", |b| b.previous = Hash([9; 32]), ChainError::Link { height: 1 }),
        ("time", |b| b.time = 3, ChainError::Time { height: 1 }),
        ("kind", |b| b.kind = "GRANT".into(), ChainError::Signature { height: 1 }),
        ("payload", |b| b.payload = Bytes::from(note(99)), ChainError::Signature { height: 1 }),
    ];
    for (field, change, expected) in changes {
        let mut body = blocks[1].body().clone();
        change(&mut body);
        let liar = body.with_signature(blocks[1].signature());
        let found = forged(key.peer_id(), &[blocks[0].clone(), liar.clone()]).and_then(|c| c.verify());
        assert_eq!(found, Err(expected), "{field}");
        // With a later block on top, even a change that fits by itself breaks the link.
        if matches!(expected, ChainError::Signature { .. }) {
            let found = forged(key.peer_id(), &[blocks[0].clone(), liar, blocks[2].clone()]);
            assert_eq!(found, Err(ChainError::Link { height: 2 }), "{field}");
        }
    }
    let mut bad = blocks[1].signature();
    bad.0[5] ^= 1;
    let liar = blocks[1].body().clone().with_signature(bad);
    let found = forged(key.peer_id(), &[blocks[0].clone(), liar]).and_then(|c| c.verify());
    assert_eq!(found, Err(ChainError::Signature { height: 1 }));
    // A block signed by another key is not the author's.
    let stranger = blocks[1].body().clone().signed_by(&self::key(2));
    let found = forged(key.peer_id(), &[blocks[0].clone(), stranger]).and_then(|c| c.verify());
    assert_eq!(found, Err(ChainError::Signature { height: 1 }));
}

#[test]
fn every_flipped_bit_of_a_segment_from_the_wire_is_refused() {
    let key = key(1);
    let good = chain(&key, 2);
    let bytes = wire::to_bytes(&good);
    let mut verified = VerifiedCache::default();
    let read: Segment = wire::from_bytes(&bytes).unwrap();
    assert_eq!(read.verify_with(&mut verified), Ok(()));
    assert_eq!(read, good);
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let accepted =
            wire::from_bytes::<Segment>(&bytes).is_ok_and(|s| s.verify_with(&mut verified).is_ok());
        assert!(!accepted, "bit {bit}");
    }
}

#[test]
fn the_time_of_a_block_never_decreases_even_when_the_clock_does() {
    let key = key(1);
    let chain = chain(&key, 1);
    let late = chain.next(5, "NOTE", note(1));
    assert_eq!(late.time, 1_000);
    let mut early = late.clone();
    early.time = 999;
    assert_eq!(chain.append(early.signed_by(&key)), Err(ChainError::Time { height: 1 }));
    assert!(chain.append(late.signed_by(&key)).is_ok());
}

#[test]
fn a_prefix_shares_blocks_and_knows_what_it_contains() {
    let chain = chain(&key(1), 6);
    let third = chain.at(3).unwrap().hash();
    let prefix = chain.prefix(&third).unwrap();
    assert_eq!((prefix.height(), prefix.head_hash()), (3, third));
    assert!(prefix.contains(&third) && !prefix.contains(&chain.head_hash()));
    assert_eq!(prefix.verify(), Ok(()));
    assert_eq!(chain.prefix(&Hash([7; 32])), None);
    let (known, above) = chain.blocks_above(|block| block.hash() == third);
    assert_eq!(known.unwrap().hash(), third);
    assert_eq!(above.iter().map(|b| b.height()).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn a_shortened_segment_is_completed_from_what_the_receiver_has() {
    let key = key(1);
    let whole = chain(&key, 6);
    let known = whole.prefix(&whole.at(3).unwrap().hash()).unwrap();
    let part = whole.from_height_on(4);
    assert_eq!((part.from_height(), part.len(), part.height()), (4, 2, 5));
    let sent: Segment = wire::from_bytes(&wire::to_bytes(&part)).unwrap();
    assert_eq!(sent.verify(), Err(ChainError::Incomplete { from: 4 }));
    assert_eq!(sent.verify_part_with(&mut VerifiedCache::default()), Ok(()));
    let completed = sent.complete(&known).unwrap();
    assert_eq!(completed, whole);
    assert_eq!(completed.verify(), Ok(()));
    // Nothing new, and more than the receiver has.
    assert_eq!(whole.from_height_on(99).complete(&whole), Ok(whole.clone()));
    let short = whole.prefix(&whole.at(1).unwrap().hash()).unwrap();
    assert_eq!(sent.complete(&short), Err(ChainError::Incomplete { from: 4 }));
    // Another branch does not fit under it.
    let other = Segment::empty(key.peer_id());
    let other = other.append(other.next(1, "NOTE", note(9)).signed_by(&key)).unwrap();
    assert!(sent.complete(&other).is_err());
}

#[test]
fn the_longest_chain_is_dropped_without_recursion_and_cannot_grow() {
    let author = key(1).peer_id();
    let signature = Signature([0; 64]);
    let mut chain = Segment::empty(author);
    for _ in 0..SEGMENT_BLOCK_COUNT_MAX {
        chain = chain.append(chain.next(0, "N", Bytes::default()).with_signature(signature)).unwrap();
    }
    let one_more = chain.next(0, "N", Bytes::default()).with_signature(signature);
    assert_eq!(chain.append(one_more), Err(ChainError::Full));
    let shared = chain.prefix(&chain.at(40_000).unwrap().hash()).unwrap();
    // A thread with hardly any stack, as a recursive drop would notice.
    std::thread::Builder::new().stack_size(64 * 1024).spawn(move || drop(chain)).unwrap().join().unwrap();
    assert_eq!(shared.height(), 40_000);
}

struct PeerHash {
    peer: PeerId,
    head: Hash,
    seen: i64,
}
wire_record!(PeerHash "PEER_HASH" { peer, head, seen });

#[test]
fn chain_state_knows_whose_heads_were_recorded_up_to_a_block() {
    let key = key(1);
    let (a, b) = (self::key(2).peer_id(), self::key(3).peer_id());
    let mut chain = Segment::empty(key.peer_id());
    let mut record = |peer: PeerId, head: u8| {
        let payload = wire::to_bytes(&PeerHash { peer, head: Hash([head; 32]), seen: 1 });
        chain = chain.append(chain.next(1, PEER_HASH, payload).signed_by(&key)).unwrap();
        chain.clone()
    };
    record(a, 1);
    record(b, 2);
    let middle = record(a, 3);
    let last = record(b, 4);
    let state = last.state_at(&middle.head_hash()).unwrap();
    assert_eq!((state.block_hash, state.sequence), (middle.head_hash(), 2));
    let mut peers = vec![a, b];
    peers.sort();
    assert_eq!(state.known_peers, peers);
    assert_eq!(state.peer_hashes.get(&a), Some(&Hash([3; 32])));
    assert_eq!(state.peer_hashes.get(&b), Some(&Hash([2; 32])));
    assert_eq!(last.state_at(&Hash([9; 32])), None);
    let newest: Block<PeerHash> = Block::from_raw(Arc::clone(last.last_peer_hash(&a).unwrap())).unwrap();
    assert_eq!((newest.height(), newest.payload.head, newest.payload.seen), (2, Hash([3; 32]), 1));
    assert!(last.last_peer_hash(&key.peer_id()).is_none());
    let wrong: Result<Block<Other>, _> = Block::from_raw(Arc::clone(last.head().unwrap()));
    assert_eq!(wrong.err().unwrap().reason, Reason::Invalid("block `PEER_HASH` is not `OTHER`".to_owned()));
}

struct Other {}
wire_record!(Other "OTHER" {});

// Evidence.

fn message(key: &Keypair, sequence: u64, text: &str) -> Envelope {
    Envelope {
        from: key.peer_id(),
        session: Hash([5; 32]),
        protocol: Hash([6; 32]),
        message: "VOTE".into(),
        sequence,
        time: 17,
        payload: wire::to_bytes(&Value::record([("text", Value::from(text))])).into(),
        signature: None,
    }
    .signed_by(key)
}

#[test]
fn a_message_is_its_envelope_and_every_field_of_it_is_signed() {
    let key = key(1);
    let good = message(&key, 3, "yes");
    assert_eq!(good.verify(), Ok(()));
    type Change = fn(&mut Envelope);
    let changes: [(&str, Change); 8] = [
        ("from", |e| e.from = self::key(2).peer_id()),
        ("session", |e| e.session.0[0] ^= 1),
        ("protocol", |e| e.protocol.0[0] ^= 1),
        ("message", |e| e.message = "VETO".into()),
        ("sequence", |e| e.sequence += 1),
        ("time", |e| e.time += 1),
        ("payload", |e| e.payload = note(1).into()),
        ("signature", |e| e.signature.as_mut().unwrap().0[0] ^= 1),
    ];
    for (field, change) in changes {
        let mut changed = good.clone();
        change(&mut changed);
        assert_eq!(changed.verify(), Err(EnvelopeError::Signature), "{field}");
        assert_eq!(changed.id() == good.id(), field == "signature", "{field}");
    }
    let unsigned = Envelope { signature: None, ..good.clone() };
    assert_eq!(unsigned.verify(), Err(EnvelopeError::Unsigned));
    assert_eq!(unsigned.id(), good.id());
    assert_eq!(wire::from_bytes::<Envelope>(&wire::to_bytes(&good)), Ok(good));
}

#[test]
fn two_blocks_at_one_height_convict_their_author_from_the_proof_alone() {
    let key = key(1);
    let trunk = chain(&key, 3);
    let left = trunk.append(trunk.next(2_000, "NOTE", note(10)).signed_by(&key)).unwrap();
    let right = trunk.append(trunk.next(2_000, "NOTE", note(11)).signed_by(&key)).unwrap();
    let right = right.append(right.next(2_001, "NOTE", note(12)).signed_by(&key)).unwrap();
    let mut store = EvidenceStore::new();
    assert_eq!(store.observe_segment(&left), None);
    assert_eq!(store.observe_segment(&left), None);
    assert_eq!(store.observe_segment(&trunk), None);
    let proof = store.observe_segment(&right).unwrap();
    assert_eq!(proof.author(), key.peer_id());
    assert_eq!(store.proof(&key.peer_id()), Some(&proof));
    // Nobody but the bytes.
    let bytes = wire::to_bytes(&*proof);
    let read: Equivocation = wire::from_bytes(&bytes).unwrap();
    assert_eq!(read.verify(), Ok(()));
    assert_eq!(&read, &*proof);
    let mut elsewhere = EvidenceStore::new();
    assert!(elsewhere.observe_proof(&Arc::new(read)).is_some());
    assert_eq!(elsewhere.proof(&key.peer_id()), Some(&proof));
    // The other order of discovery gives the same proof, to the byte.
    let mut other = EvidenceStore::new();
    other.observe_segment(&right);
    assert_eq!(wire::to_bytes(&*other.observe_segment(&left).unwrap()), bytes);
}

#[test]
fn a_head_that_was_seen_alone_first_does_not_hide_a_fork_below_it() {
    let key = key(1);
    let trunk = chain(&key, 3);
    let left = trunk.append(trunk.next(2_000, "NOTE", note(10)).signed_by(&key)).unwrap();
    let right = trunk.append(trunk.next(2_000, "NOTE", note(11)).signed_by(&key)).unwrap();
    let right = right.append(right.next(2_001, "NOTE", note(12)).signed_by(&key)).unwrap();
    let mut store = EvidenceStore::new();
    assert_eq!(store.observe_segment(&left), None);
    // A message shows a block, and the chain that ends in it.
    assert_eq!(store.observe_block(right.head().unwrap()), None);
    assert!(store.observe_segment(&right).is_some());
}

#[test]
fn two_messages_with_one_sequence_number_convict_their_sender() {
    let key = key(1);
    let (yes, no) = (Arc::new(message(&key, 3, "yes")), Arc::new(message(&key, 3, "no")));
    let mut store = EvidenceStore::new();
    assert_eq!(store.observe_message(&yes), None);
    assert_eq!(store.observe_message(&yes), None, "a repeated message is no evidence");
    assert_eq!(store.observe_message(&Arc::new(message(&key, 4, "no"))), None);
    let other_session = Envelope { session: Hash([8; 32]), ..Envelope::clone(&no) }.signed_by(&key);
    assert_eq!(store.observe_message(&Arc::new(other_session)), None);
    let other_protocol = Envelope { protocol: Hash([8; 32]), ..Envelope::clone(&no) }.signed_by(&key);
    assert_eq!(store.observe_message(&Arc::new(other_protocol)), None);
    let unsigned = Envelope { signature: None, ..Envelope::clone(&no) };
    assert_eq!(store.observe_message(&Arc::new(unsigned)), None, "unsigned words prove nothing");
    let proof = store.observe_message(&no).unwrap();
    assert_eq!(proof.author(), key.peer_id());
    assert!(wire::from_bytes::<Equivocation>(&wire::to_bytes(&*proof)).is_ok());
}

#[test]
fn nobody_is_convicted_by_a_false_proof() {
    let (honest, liar) = (key(1), key(2));
    let trunk = chain(&honest, 2);
    let block =
        |payload: u64, key: &Keypair| Arc::new(trunk.next(5_000, "NOTE", note(payload)).signed_by(key));
    let real = block(1, &honest);
    let same_again = real.body().clone().with_signature(real.signature());
    let cases = [
        (Equivocation::Blocks(Arc::clone(&real), Arc::new(same_again)), EquivocationError::Same),
        (
            Equivocation::of_blocks(Arc::clone(&real), block(2, &honest)).unwrap(),
            EquivocationError::Signature,
        ),
        (
            Equivocation::Blocks(Arc::clone(&real), Arc::clone(trunk.head().unwrap())),
            EquivocationError::NoConflict,
        ),
    ];
    for (proof, expected) in cases {
        // A liar's forgery stands in for the second block where the signature is the matter.
        let proof = match (proof, expected) {
            (Equivocation::Blocks(a, _), EquivocationError::Signature) => {
                Equivocation::Blocks(a, block(3, &liar))
            }
            (proof, _) => proof,
        };
        assert_eq!(proof.verify(), Err(expected));
        assert!(wire::from_bytes::<Equivocation>(&wire::to_bytes(&proof)).is_err());
        assert_eq!(EvidenceStore::new().observe_proof(&Arc::new(proof)), None);
    }
    assert!(Equivocation::of_blocks(Arc::clone(&real), block(3, &liar)).is_err());
}

#[test]
fn every_flipped_bit_of_a_proof_is_refused() {
    let key = key(1);
    let proof =
        Equivocation::of_messages(Arc::new(message(&key, 1, "a")), Arc::new(message(&key, 1, "b"))).unwrap();
    let bytes = wire::to_bytes(&proof);
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(wire::from_bytes::<Equivocation>(&bytes).is_err(), "bit {bit}");
    }
}

#[test]
fn a_talkative_peer_cannot_flush_its_own_fork_nor_quiet_peers_out_of_memory() {
    let (loud, quiet) = (key(1), key(2));
    let trunk = chain(&loud, 2);
    let mut store = EvidenceStore::with_limit(10);
    store.observe_segment(&trunk);
    store.observe_segment(&chain(&quiet, 3));
    for sequence in 0..50 {
        store.observe_message(&Arc::new(message(&loud, sequence, "x")));
    }
    assert_eq!(store.len(), 10);
    assert!(store.block(&quiet.peer_id(), 2).is_some());
    let base = Segment::empty(loud.peer_id());
    let fork = base.append(base.next(1, "NOTE", note(77)).signed_by(&loud)).unwrap();
    assert!(store.observe_segment(&fork).is_some());
}
