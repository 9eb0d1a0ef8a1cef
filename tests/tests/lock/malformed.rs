//! Bytes that are no message: every datagram of a lock arrives first in broken forms, at the very moment when the real
//! one is under way, and nothing comes of it.

use crate::support::{Sent, assert_sound, is_locked, snapshot, tapped, told, world};
use omerta_tests::executor::Executor;
use omerta_tests::forge::{Forgery, carried};
use omerta_tests::lock::LockWorld;
use omt_runtime::crypto::Keypair;
use omt_runtime::envelope::Envelope;
use omt_runtime::host::limits::{MINUTE, SECOND};
use omt_runtime::host::{Packet, Reason};
use omt_runtime::id::{Hash, PeerId, SessionId};
use omt_runtime::value::Value;
use omt_runtime::wire;
use std::collections::BTreeSet;
use std::sync::Arc;

on_every_executor!(
    truncated_datagrams_have_no_effect,
    mistyped_messages_have_no_effect_even_when_their_sender_signed_them,
    altered_bytes_have_no_effect,
    oversized_and_endlessly_nested_datagrams_have_no_effect,
    a_message_of_another_protocol_is_refused_and_both_ids_are_named,
    messages_from_the_future_have_no_effect,
);

/// Runs a lock; before each datagram arrives, its broken forms do. Nothing but the refusals is seen of them, and the lock
/// comes out as without them.
fn with_broken(executor: Executor, broken: impl Fn(&LockWorld, &Sent) -> Vec<Vec<u8>>) -> LockWorld {
    let (mut lock, session, sent) = tapped(executor, 1);
    let limit = lock.world.now() + 30 * SECOND;
    let mut seen = 0;
    while !is_locked(&lock, &session) {
        assert!(lock.world.step(limit).is_none(), "{}", told(&lock, &session));
        let new: Vec<Sent> = sent.lock().unwrap()[seen..].to_vec();
        seen += new.len();
        for datagram in &new {
            let (from, to, _, _) = datagram;
            let to = lock.world.name(to);
            let forms = broken(&lock, datagram);
            let before = (!forms.is_empty()).then(|| snapshot(&lock, &session));
            for bytes in forms {
                lock.deliver_bytes(*from, &to, &bytes);
            }
            if let Some(before) = before {
                assert!(snapshot(&lock, &session) == before, "{to} was changed by a broken datagram");
            }
        }
    }
    assert_sound(&lock);
    lock
}

/// Refusals for a reason, of everybody.
fn refused(lock: &LockWorld, reason: Reason) -> u64 {
    lock.names().iter().map(|name| lock.count(name, reason)).sum()
}

fn truncated_datagrams_have_no_effect(executor: Executor) {
    let lock = with_broken(executor, |_, (_, _, _, bytes)| {
        let cuts = [0, 1, 2, 9, bytes.len() / 4, bytes.len() / 2, bytes.len() - 33, bytes.len() - 1];
        let cuts: BTreeSet<usize> = cuts.into_iter().filter(|cut| *cut < bytes.len()).collect();
        cuts.into_iter().map(|cut| bytes[..cut].to_vec()).collect()
    });
    assert!(refused(&lock, Reason::Encoding) > 500, "{}", refused(&lock, Reason::Encoding));
}

/// The sender's key, if it is one of the cast.
fn key_of(lock: &LockWorld, from: &PeerId) -> Option<Keypair> {
    let name = lock.world.name(from);
    Some(lock.key(&name)).filter(|key| key.peer_id() == *from)
}

fn mistyped_messages_have_no_effect_even_when_their_sender_signed_them(executor: Executor) {
    let lock = with_broken(executor, |lock, (from, _, packet, _)| {
        let Packet::Message(envelope) = packet else { return Vec::new() };
        let Ok(Value::Record(payload)) = wire::from_bytes::<Value>(&envelope.payload) else {
            return Vec::new();
        };
        let Some(key) = key_of(lock, from) else { return Vec::new() };
        let send = |payload: Value| {
            let sequence = envelope.sequence + 10_000;
            let forged = Forgery::of(envelope).sequence(sequence).payload(&payload);
            carried(&forged.by(lock.ir(), &key))
        };
        let mut forms = Vec::new();
        for (name, value) in payload.iter() {
            // Another type; the field missing.
            let wrong = if matches!(value, Value::Int(_)) { Value::text("much") } else { Value::Int(-1) };
            let mut altered = omt_runtime::value::RecordValue::clone(&payload);
            altered.set(Arc::clone(name), wrong);
            forms.push(send(Value::Record(Arc::new(altered))));
            let without = payload.iter().filter(|(other, _)| *other != name);
            forms.push(send(Value::record(without.map(|(n, v)| (Arc::clone(n), v.clone())))));
        }
        let mut more = omt_runtime::value::RecordValue::clone(&payload);
        more.set(Arc::from("surprise"), Value::Int(1));
        forms.push(send(Value::Record(Arc::new(more))));
        forms.push(send(Value::list([])));
        forms
    });
    assert!(refused(&lock, Reason::Fields) > 200, "{}", refused(&lock, Reason::Fields));
}

fn altered_bytes_have_no_effect(executor: Executor) {
    let lock = with_broken(executor, |lock, (from, to, packet, bytes)| {
        let Packet::Message(envelope) = packet else { return Vec::new() };
        // Unsigned messages between two honest peers travel over an authenticated connection; altering one there is
        // the sender's own doing, and another test's subject.
        let signed = lock.ir().messages.get(&*envelope.message).is_some_and(|message| message.signed);
        if !signed || from == to {
            return Vec::new();
        }
        (0..24)
            .map(|n| {
                let mut altered = bytes.clone();
                let at = bytes.len() * n / 24;
                altered[at] ^= 1 << (n % 8);
                altered
            })
            .collect()
    });
    assert!(refused(&lock, Reason::Signature) > 50, "{}", refused(&lock, Reason::Signature));
}

fn oversized_and_endlessly_nested_datagrams_have_no_effect(executor: Executor) {
    let mut lock = world(executor, 1);
    let alice = lock.id("alice");
    let session: SessionId = Hash([4; 32]);
    let before = snapshot(&lock, &session);

    lock.deliver_bytes(alice, "bob", &vec![0; wire::SIZE_MAX + 1]);
    assert_eq!(lock.count("bob", Reason::Size), 1, "more than a mebibyte");

    let mut nested = vec![0x81; 40];
    nested.push(0);
    lock.deliver_bytes(alice, "bob", &nested);
    assert_eq!(lock.count("bob", Reason::Size), 2, "deeper than 32");
    lock.deliver_bytes(alice, "bob", &vec![0x81; 500_000]);
    assert_eq!(lock.count("bob", Reason::Size), 3, "deeper than any stack");

    let mut many = vec![0x9a, 0x00, 0x02, 0x00, 0x00];
    many.extend(vec![0; 0x2_0000]);
    lock.deliver_bytes(alice, "bob", &many);
    assert_eq!(lock.count("bob", Reason::Size), 4, "more than 65,536 elements");

    // A count without the elements allocates nothing.
    lock.deliver_bytes(alice, "bob", &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(lock.count("bob", Reason::Size) + lock.count("bob", Reason::Encoding), 5);
    assert!(snapshot(&lock, &session) == before);
}

fn intent(lock: &LockWorld) -> (SessionId, Envelope) {
    let mut alice = omerta_tests::puppet::Puppet::of(lock, "alice");
    let terms = lock.terms("alice", "bob");
    let opening = alice.open(lock.world.now(), &terms, omerta_tests::lock::OMC, |_| {});
    (opening.session, opening.says(lock, &alice.key, "LOCK_INTENT", &opening.intent()))
}

fn a_message_of_another_protocol_is_refused_and_both_ids_are_named(executor: Executor) {
    let mut lock = world(executor, 1);
    let (session, real) = intent(&lock);
    let foreign = Hash([8; 32]);
    let envelope = Envelope { protocol: foreign, ..real }.signed_by(&lock.key("alice"));
    lock.deliver("bob", &envelope);
    assert_eq!(lock.count("bob", Reason::Protocol), 1);
    assert_eq!(lock.state("bob", &session), "-");
    let told = lock.world.events("bob").iter().any(|event| match &event.kind {
        omt_runtime::host::EventKind::Refused { reason: Reason::Protocol, detail, .. } => {
            detail.contains(&foreign.to_string()) && detail.contains(&lock.protocol.to_string())
        }
        _ => false,
    });
    assert!(told, "a clear refusal that names both");
}

fn messages_from_the_future_have_no_effect(executor: Executor) {
    let mut lock = world(executor, 1);
    let (session, real) = intent(&lock);
    let now = lock.world.now();
    let ahead = Forgery::of(&real).time(now + 11 * MINUTE).signed(&lock.key("alice"));
    lock.deliver("bob", &ahead);
    assert_eq!(lock.count("bob", Reason::Time), 1);
    assert_eq!(lock.state("bob", &session), "-");
    // A clock that is a little ahead is forgiven.
    let little = Forgery::of(&real).sequence(0).time(now + MINUTE).signed(&lock.key("alice"));
    lock.deliver("bob", &little);
    assert_eq!(lock.state("bob", &session), "REVIEWING");
}
