//! LANGUAGE 6.2: what a message must pass before a machine sees it.

use super::*;

/// Refused for this reason, counted for its sender, and nothing changed.
fn refused(bench: &Bench, reason: Reason) {
    let other = bench.other.peer_id();
    let counters: Vec<_> = bench.peer.counters().iter().collect();
    assert_eq!(
        bench.peer.counters().get(&(reason, Some(other))),
        Some(&1),
        "{reason} expected, got {counters:?}"
    );
    assert!(bench.peer.instances().is_empty(), "something changed");
}

#[test]
fn a_good_message_is_taken_and_acknowledged() {
    let mut bench = Bench::new(plain);
    let hello = bench.say("HELLO", 5);
    assert_eq!(bench.state().as_deref(), Some("OPEN"));
    assert_eq!(bench.acks(), [hello.id()]);
}

#[test]
fn too_many_bytes_are_refused() {
    let mut bench = Bench::new(plain);
    bench.bytes(&vec![0x80; wire::SIZE_MAX + 1]);
    refused(&bench, Reason::Size);
}

#[test]
fn too_deep_nesting_is_refused() {
    let mut bench = Bench::new(plain);
    bench.bytes(&[0x81; 100]);
    refused(&bench, Reason::Size);
}

#[test]
fn a_payload_that_is_not_canonical_is_refused_whoever_signed_it() {
    let mut bench = Bench::new(plain);
    // {"n": 5} with 5 in two bytes.
    let envelope = bench.raw("HELLO", vec![0xa1, 0x61, b'n', 0x18, 5]).signed_by(&bench.other.clone());
    bench.deliver(&envelope);
    refused(&bench, Reason::Encoding);
}

#[test]
fn a_truncated_datagram_is_refused() {
    let mut bench = Bench::new(plain);
    let envelope = bench.message("HELLO", 5);
    let bytes = wire::to_bytes(&Packet::Message(envelope));
    bench.bytes(&bytes[..bytes.len() - 1]);
    refused(&bench, Reason::Encoding);
}

#[test]
fn a_missing_an_unknown_and_a_mistyped_field_are_refused() {
    for payload in [
        vec![0xa0],
        wire::to_bytes(&crate::value::Value::record([
            ("m", 1u64.into()),
            ("n", crate::value::Value::from(1u64)),
        ])),
        wire::to_bytes(&crate::value::Value::record([("n", crate::value::Value::text("five"))])),
    ] {
        let mut bench = Bench::new(plain);
        let envelope = bench.raw("HELLO", payload).signed_by(&bench.other.clone());
        bench.deliver(&envelope);
        refused(&bench, Reason::Fields);
    }
}

#[test]
fn an_unknown_message_is_refused() {
    let mut bench = Bench::new(plain);
    bench.say("GOODBYE", 1);
    refused(&bench, Reason::Fields);
}

#[test]
fn another_protocol_is_refused_and_both_ids_are_named() {
    let mut bench = Bench::new(plain);
    let theirs = named("another protocol");
    let mut envelope = bench.raw("HELLO", payload(1));
    envelope.protocol = theirs;
    bench.deliver(&envelope.signed_by(&bench.other.clone()));
    refused(&bench, Reason::Protocol);
    let ours = bench.id();
    let detail = bench.peer.take_events().into_iter().find_map(|event| match event.kind {
        EventKind::Refused { detail, .. } => Some(detail),
        _ => None,
    });
    let detail = detail.unwrap();
    assert!(detail.contains(&ours.to_string()) && detail.contains(&theirs.to_string()), "{detail}");
    let told = bench.packets();
    assert_eq!(told, [(bench.other.peer_id(), Packet::Mismatch { protocol: theirs, loaded: vec![ours] })]);
}

#[test]
fn a_missing_and_a_false_signature_are_refused() {
    let mut bench = Bench::new(plain);
    let unsigned = bench.raw("HELLO", payload(1));
    bench.deliver(&unsigned);
    refused(&bench, Reason::Signature);
    let mut bench = Bench::new(plain);
    let stranger = Keypair::from_seed(&[9; 32]);
    let forged = bench.raw("HELLO", payload(1)).signed_by(&stranger);
    bench.deliver(&forged);
    refused(&bench, Reason::Signature);
}

#[test]
fn a_false_signature_inside_is_refused() {
    let mut bench = Bench::new(plain);
    let mut inner = bench.message("HELLO", 1);
    inner.time += 1;
    let shown = wire::to_bytes(&Shown { inner });
    let envelope = bench.raw("SHOWN", shown).signed_by(&bench.other.clone());
    bench.deliver(&envelope);
    refused(&bench, Reason::Signature);
}

struct Shown {
    inner: Envelope,
}
crate::wire_record!(Shown { inner });

#[test]
fn an_unsigned_message_must_come_from_its_sender() {
    let mut bench = Bench::new(plain);
    let mut envelope = bench.raw("PLAIN", payload(1));
    envelope.from = PeerId([5; 32]);
    bench.deliver(&envelope);
    refused(&bench, Reason::Sender);
}

#[test]
fn a_signed_message_may_come_from_anybody_and_counts_as_its_signers() {
    let mut bench = Bench::new(|robot, input, env| match input {
        Input::Message(incoming) => Move::to("OPEN").set("who", &incoming.sender).fire(),
        _ => plain(robot, input, env),
    });
    let envelope = bench.message("HELLO", 1);
    let bytes = wire::to_bytes(&Packet::Message(envelope));
    let from = PeerId([5; 32]);
    bench.peer.handle(START, PeerInput::Datagram { from, bytes: &bytes }).unwrap();
    let who = bench.peer.field(&bench.key(), "who").unwrap();
    assert_eq!(who, wire::to_bytes(&bench.other.peer_id()));
}

#[test]
fn an_envelope_counts_for_24_hours_back_and_10_minutes_ahead() {
    for (shift, good) in [
        (-limits::ENVELOPE_AGE_MAX, true),
        (-limits::ENVELOPE_AGE_MAX - 1, false),
        (limits::ENVELOPE_AHEAD_MAX, true),
        (limits::ENVELOPE_AHEAD_MAX + 1, false),
    ] {
        let mut bench = Bench::new(plain);
        let mut envelope = bench.raw("HELLO", payload(1));
        envelope.time += shift;
        bench.deliver(&envelope.signed_by(&bench.other.clone()));
        assert_eq!(bench.peer.instances().len(), usize::from(good), "shift {shift}");
        assert_eq!(bench.count(Reason::Time), u64::from(!good), "shift {shift}");
    }
}

#[test]
fn a_message_is_seen_once_also_after_a_restart() {
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 1);
    let next = bench.say("NEXT", 2);
    bench.deliver(&next);
    assert_eq!(bench.count(Reason::Replay), 1);
    bench.restart();
    bench.deliver(&next);
    assert_eq!((bench.seen(), bench.count(Reason::Replay)), (vec![1, 2], 1));
    // The sender did not hear the first acknowledgement, so it gets another.
    assert_eq!(bench.acks(), [next.id()]);
}

#[test]
fn a_refused_message_is_not_offered_again() {
    let mut bench = Bench::new(|robot, input, env| match said(input) {
        (what, 9) if what == "NEXT" => Ok(Some(Reply::Refuse(Refusal::Guard))),
        _ => plain(robot, input, env),
    });
    bench.say("HELLO", 1);
    let next = bench.say("NEXT", 9);
    bench.restart();
    bench.deliver(&next);
    assert_eq!((bench.count(Reason::Guard), bench.count(Reason::Replay)), (0, 1));
}

#[test]
fn the_checks_come_in_their_order() {
    // A message that fails all of them fails the first; each repair brings the next.
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 1);
    let seen = bench.say("NEXT", 2);
    let old = START - 2 * limits::ENVELOPE_AGE_MAX;
    let none = vec![0xa0];
    let deliver = |bench: &mut Bench, change: &dyn Fn(&mut Envelope), sign: bool, expect: Reason| {
        let before = bench.count(expect);
        let mut envelope = seen.clone();
        change(&mut envelope);
        if sign {
            envelope = envelope.signed_by(&bench.other.clone());
        }
        bench.deliver(&envelope);
        let counters: Vec<_> = bench.peer.counters().iter().collect();
        assert_eq!(bench.count(expect), before + 1, "{expect}: {counters:?}");
    };
    deliver(&mut bench, &|e| (e.payload, e.time) = (none.clone().into(), old), false, Reason::Fields);
    deliver(&mut bench, &|e| (e.protocol, e.time) = (named("x"), old), false, Reason::Protocol);
    deliver(&mut bench, &|e| e.time = old, false, Reason::Signature);
    deliver(&mut bench, &|e| e.time = old, true, Reason::Time);
    deliver(&mut bench, &|_| {}, true, Reason::Replay);
}

#[test]
fn a_payload_field_named_like_the_session_key_must_be_the_session() {
    let keyed = |session: Hash| wire::to_bytes(&Keyed { session_id: session, n: 1 });
    let mut bench = Bench::new(plain);
    let envelope = bench.raw("KEYED", keyed(named("elsewhere"))).signed_by(&bench.other.clone());
    bench.deliver(&envelope);
    refused(&bench, Reason::Session);
    let envelope = bench.raw("KEYED", keyed(SESSION)).signed_by(&bench.other.clone());
    bench.deliver(&envelope);
    assert_eq!((bench.count(Reason::Session), bench.count(Reason::Discarded)), (1, 1));
}

struct Keyed {
    session_id: Hash,
    n: u64,
}
crate::wire_record!(Keyed { session_id, n });

#[test]
fn two_messages_with_one_sequence_number_are_an_equivocation_that_survives_a_restart() {
    let mut bench = Bench::new(plain);
    let hello = bench.say("HELLO", 1);
    bench.restart();
    let mut other = bench.raw("NEXT", payload(2));
    other.sequence = hello.sequence;
    bench.deliver(&other.signed_by(&bench.other.clone()));
    assert_eq!((bench.seen(), bench.count(Reason::Equivocation)), (vec![1], 1));
    let proofs = bench.peer.proofs();
    assert_eq!(proofs.len(), 1);
    assert_eq!(proofs[0].author(), bench.other.peer_id());
    assert!(proofs[0].verify().is_ok());
    // It is durable with the next step.
    bench.say("NEXT", 3);
    bench.restart();
    assert_eq!(bench.peer.proofs().len(), 1);
}

#[test]
fn the_session_of_another_protocol_is_not_this_one() {
    // The same session id in two protocols: two instances.
    let mut bench = Bench::new(plain);
    let second = Robots::program(protocol("98"), plain);
    let journal = Box::new(MemoryJournal::new());
    bench.peer = Bench::open_with(
        Bench::config(0),
        vec![Arc::clone(&bench.program), Arc::clone(&second)],
        journal,
        START,
    );
    bench.say("HELLO", 1);
    let mut envelope = bench.raw("HELLO", payload(2));
    envelope.protocol = second.package().id;
    bench.deliver(&envelope.signed_by(&bench.other.clone()));
    assert_eq!(bench.peer.instances().len(), 2);
}
