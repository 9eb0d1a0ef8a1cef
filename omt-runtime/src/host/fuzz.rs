//! Bytes from outside against a whole peer: whatever comes, it does not panic, and no instance changes.
//!
//! The peer runs a small protocol whose one message has a field of every kind that proves itself, and has one instance,
//! whose partner the attacker is not.

use super::packet::Packet;
use super::{Key, MemoryJournal, Natives, Peer, PeerConfig, PeerInput};
use crate::chain::Segment;
use crate::crypto::Keypair;
use crate::envelope::Envelope;
use crate::id::Hash;
use crate::interp::Interpreter;
use crate::ir::{
    Actor, At, Block, Branch, Cause, Expr, ExprKind, Field, Fields, Handler, IR_VERSION, Message, Meta,
    Place, Protocol, ProtocolMeta, State, Transition, Type,
};
use crate::machine::Program;
use crate::package::Package;
use crate::value::Value;
use crate::wire;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

const NOW: i64 = 1_800_000_000_000_000;
const SESSION: Hash = Hash([7; 32]);

fn fields(list: &[(&str, Type)]) -> Fields {
    let field =
        |(name, ty): &(&str, Type)| ((*name).to_owned(), Field { ty: ty.clone(), meta: Meta::default() });
    list.iter().map(field).collect()
}

fn state(to: Option<&str>) -> State {
    let transition = |to: &str| {
        let sender = Expr::new(ExprKind::Sender, Type::PeerId, At::default());
        let bind = crate::ir::Action::Assign {
            place: Place::Store("asker".to_owned()),
            path: Vec::new(),
            value: sender,
            meta: At::default(),
        };
        Handler::Transition(Transition {
            cause: Cause::Message("ASK".to_owned()),
            lets: Vec::new(),
            guard: None,
            then: Branch { to: to.to_owned(), actions: vec![bind] },
            otherwise: None,
            frame: Vec::new(),
            meta: Meta::default(),
        })
    };
    let handlers = to.into_iter().map(transition).collect();
    State {
        terminal: false,
        rest: true,
        handlers,
        overrides: Vec::new(),
        limits: Vec::new(),
        meta: Meta::default(),
    }
}

/// `ASK` from `A` to `B`, which stays with its first asker.
fn protocol() -> Protocol {
    let optional = |ty: Type| Type::Optional(Box::new(ty));
    let ask = fields(&[
        ("n", Type::Uint),
        ("any", Type::Any),
        ("list", Type::List(Box::new(Type::Int))),
        ("map", Type::Map(Box::new(Type::PeerId), Box::new(Type::Signature))),
        ("block", optional(Type::Block("NOTE".to_owned()))),
        ("history", optional(Type::Segment)),
        ("inner", optional(Type::Signed("ASK".to_owned()))),
        ("proof", optional(Type::Equivocation)),
    ]);
    let actor = |store: &[(&str, Type)], states: Vec<(&str, State)>| Actor {
        store: fields(store),
        shared: Fields::new(),
        peers: BTreeMap::new(),
        triggers: BTreeMap::new(),
        states: states.into_iter().map(|(name, state)| (name.to_owned(), state)).collect(),
        initial: "IDLE".to_owned(),
        meta: Meta::default(),
    };
    let session = ("session_id", Type::Hash);
    let a = actor(std::slice::from_ref(&session), vec![("IDLE", state(None))]);
    let open = vec![("IDLE", state(Some("OPEN"))), ("OPEN", state(Some("OPEN")))];
    let mut b = actor(&[session, ("asker", Type::PeerId)], open);
    b.peers.insert("A".to_owned(), "asker".to_owned());
    let (from, to) = (vec!["A".to_owned()], vec!["B".to_owned(), "Network".to_owned()]);
    let message = Message { from: from.clone(), to, signed: true, fields: ask, meta: Meta::default() };
    let note = Block { by: from, fields: fields(&[("n", Type::Uint)]), meta: Meta::default() };
    Protocol {
        ir_version: IR_VERSION,
        number: "fuzz".to_owned(),
        session_key: "session_id".to_owned(),
        parameters: BTreeMap::new(),
        enums: BTreeMap::new(),
        structs: BTreeMap::new(),
        messages: BTreeMap::from([("ASK".to_owned(), message)]),
        blocks: BTreeMap::from([("NOTE".to_owned(), note)]),
        views: BTreeMap::new(),
        functions: BTreeMap::new(),
        natives: BTreeMap::new(),
        tasks: BTreeMap::new(),
        actors: BTreeMap::from([("A".to_owned(), a), ("B".to_owned(), b)]),
        meta: ProtocolMeta { sources: vec!["fuzz.omt".to_owned()], ..ProtocolMeta::default() },
    }
}

fn program() -> Option<Arc<dyn Program>> {
    static PROGRAM: OnceLock<Option<Arc<dyn Program>>> = OnceLock::new();
    let build = || {
        let package = Package::from_protocol(protocol()).ok()?;
        Some(Arc::new(Interpreter::new(Arc::new(package))) as Arc<dyn Program>)
    };
    PROGRAM.get_or_init(build).clone()
}

/// A payload of `ASK`, all of it.
fn payload(key: &Keypair, inner: Option<Envelope>) -> Vec<u8> {
    let mut chain = Segment::empty(key.peer_id());
    for n in 0..3u64 {
        let note = wire::to_bytes(&Value::record([("n", Value::from(n))]));
        let block = chain.next(NOW, "NOTE", note).signed_by(key);
        chain = chain.append(block).unwrap_or(chain);
    }
    let inner = inner.map_or(Value::Null, |envelope| {
        let payload = wire::decode_checked(&envelope.payload).unwrap_or(Value::Null);
        Value::Signed(Arc::new(crate::envelope::Signed::new(Arc::new(envelope), payload)))
    });
    let block = chain.head().map_or(Value::Null, |head| {
        let payload = wire::decode_checked(head.payload()).unwrap_or(Value::Null);
        Value::Block(Arc::new(crate::chain::Block::new(Arc::clone(head), payload)))
    });
    wire::to_bytes(&Value::record([
        ("n", Value::from(1u64)),
        ("any", Value::list([Value::text("x")])),
        ("list", Value::list([Value::from(-1i64), Value::from(5i64)])),
        (
            "map",
            Value::Map([(Value::from(key.peer_id()), Value::from(key.sign(&SESSION)))].into_iter().collect()),
        ),
        ("block", block),
        ("history", Value::Segment(chain)),
        ("inner", inner),
        ("proof", Value::Null),
    ]))
}

fn envelope(key: &Keypair, protocol: Hash, sequence: u64, payload: Vec<u8>) -> Envelope {
    let from = key.peer_id();
    let (session, message, payload) = (SESSION, "ASK".into(), payload.into());
    Envelope { from, session, protocol, message, sequence, time: NOW, payload, signature: None }
        .signed_by(key)
}

/// A datagram that is good, for a fuzzer to begin with: from the partner of the instance.
pub fn seed() -> Vec<u8> {
    let Some(program) = program() else { return Vec::new() };
    let key = Keypair::from_seed(&[2; 32]);
    let inner = envelope(&key, program.package().id, 0, payload(&key, None));
    wire::to_bytes(&Packet::Message(envelope(&key, program.package().id, 1, payload(&key, Some(inner)))))
}

/// Feeds the bytes to a peer in every way in which an attacker can: as a datagram, as the payload of a message that
/// the attacker signs, as a message of gossip.
///
/// # Panics
/// When an instance changed.
pub fn run(data: &[u8]) {
    let Some(program) = program() else { return };
    let protocol = program.package().id;
    let (partner, attacker) = (Keypair::from_seed(&[2; 32]), Keypair::from_seed(&[3; 32]));
    let config = PeerConfig::new([1; 32], [0; 32]);
    let journal = Box::new(MemoryJournal::new());
    let Ok(mut peer) = Peer::open(config, vec![program], Natives::new(), journal, NOW) else { return };
    let begin = wire::to_bytes(&Packet::Message(envelope(&partner, protocol, 0, payload(&partner, None))));
    let feed = |peer: &mut Peer, from: &Keypair, bytes: &[u8]| {
        let handled = peer.handle(NOW, PeerInput::Datagram { from: from.peer_id(), bytes });
        assert!(handled.is_ok(), "the journal failed");
        while peer.poll_output(NOW).is_some() {}
    };
    feed(&mut peer, &partner, &begin);
    let key = Key { protocol, session: SESSION };
    let before = (peer.instances(), peer.snapshot(&key));
    assert!(before.0.len() == 1, "the session did not begin");
    feed(&mut peer, &attacker, data);
    let signed = envelope(&attacker, protocol, 0, data.to_vec());
    feed(&mut peer, &attacker, &wire::to_bytes(&Packet::Message(signed.clone())));
    feed(&mut peer, &attacker, &wire::to_bytes(&Packet::Gossip(signed)));
    // What the partner said, and nothing it did not, may go on.
    if data != seed() {
        assert!(before == (peer.instances(), peer.snapshot(&key)), "an instance changed");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_seed_is_taken_so_what_is_damaged_reaches_deep() {
        let program = program().unwrap();
        let protocol = program.package().id;
        let journal = Box::new(MemoryJournal::new());
        let mut peer =
            Peer::open(PeerConfig::new([1; 32], [0; 32]), vec![program], Natives::new(), journal, NOW)
                .unwrap();
        let from = Keypair::from_seed(&[9; 32]).peer_id();
        peer.handle(NOW, PeerInput::Datagram { from, bytes: &seed() }).unwrap();
        assert_eq!(peer.instance(&Key { protocol, session: SESSION }).unwrap().state, "OPEN");
        run(&seed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_bytes_change_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            run(&bytes);
        }

        #[test]
        fn damaged_datagrams_change_nothing(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in proptest::option::of(any::<prop::sample::Index>()),
        ) {
            let mut bytes = seed();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            run(&bytes);
            if let Some(cut) = cut {
                run(&bytes[..cut.index(bytes.len())]);
            }
        }
    }
}
