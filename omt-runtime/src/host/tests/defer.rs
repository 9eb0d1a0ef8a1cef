//! LANGUAGE 6.3: what waits for a later state, and what waits for its session.

use super::*;

#[test]
fn deferred_messages_are_offered_again_oldest_first_at_the_same_instant() {
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 0);
    for n in [5, 3, 4] {
        let late = bench.say("LATE", n);
        assert!(bench.acks().contains(&late.id()), "it is durable here");
    }
    assert_eq!(bench.peer.instance(&bench.key()).unwrap().deferred, 3);
    bench.poke(0).unwrap();
    assert_eq!((bench.seen(), bench.peer.instance(&bench.key()).unwrap().deferred), (vec![0, 5, 3, 4], 0));
}

#[test]
fn they_survive_a_restart_in_their_order() {
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 0);
    (1..=3).for_each(|n| {
        bench.say("LATE", n);
    });
    bench.restart();
    bench.poke(0).unwrap();
    assert_eq!(bench.seen(), [0, 1, 2, 3]);
    bench.restart();
    assert_eq!(bench.journal.len(Table::Deferred), 0);
}

#[test]
fn each_offer_is_a_step_and_after_one_that_fired_it_starts_over() {
    // 1 is the oldest and waits for 2; once 2 has fired, 1 is heard before 3, which would fit at any time.
    let mut bench = Bench::new(|robot, input, env| {
        let (what, n) = said(input);
        match (robot.state.as_str(), what.as_str(), n) {
            ("LATER", "LATE", 1) if !robot.list("seen").contains(&2) => Ok(Some(Reply::Defer)),
            _ => plain(robot, input, env),
        }
    });
    bench.say("HELLO", 0);
    for n in [1, 2, 3] {
        bench.say("LATE", n);
    }
    bench.peer.take_events();
    bench.poke(0).unwrap();
    assert_eq!(bench.seen(), [0, 2, 1, 3]);
    let stepped = |event: &Event| matches!(event.kind, EventKind::Stepped { .. }) && event.at == START;
    assert_eq!(bench.peer.take_events().iter().filter(|event| stepped(event)).count(), 4);
}

#[test]
fn a_deferred_message_that_is_refused_when_offered_is_gone() {
    let mut bench = Bench::new(|robot, input, env| match (robot.state.as_str(), said(input).0.as_str()) {
        ("LATER", "LATE") => Ok(Some(Reply::Refuse(Refusal::Stranger))),
        _ => plain(robot, input, env),
    });
    bench.say("HELLO", 0);
    bench.say("LATE", 1);
    bench.poke(0).unwrap();
    assert_eq!((bench.peer.instance(&bench.key()).unwrap().deferred, bench.count(Reason::Stranger)), (0, 1));
    assert_eq!(bench.journal.len(Table::Deferred), 0);
}

#[test]
fn of_one_sender_8_wait_and_its_oldest_goes_first() {
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 0);
    (1..=10).for_each(|n| {
        bench.say("LATE", n);
    });
    assert_eq!(bench.count(Reason::Displaced), 2);
    bench.poke(0).unwrap();
    assert_eq!(bench.seen(), [0, 3, 4, 5, 6, 7, 8, 9, 10]);
}

#[test]
fn in_all_64_wait_and_a_newcomer_is_not_acknowledged() {
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 0);
    for sender in 10..=18u8 {
        let key = Keypair::from_seed(&[sender; 32]);
        for n in 0..8 {
            let mut late = bench.raw("LATE", payload(u64::from(sender) * 100 + n));
            late.from = key.peer_id();
            let late = late.signed_by(&key);
            bench.deliver(&late);
            assert_eq!(bench.acks().contains(&late.id()), sender < 18);
        }
    }
    assert_eq!(bench.peer.instance(&bench.key()).unwrap().deferred, limits::DEFERRED_MAX);
    assert_eq!(bench.count(Reason::DeferredMax), 8);
}

#[test]
fn a_message_for_a_session_that_has_not_begun_waits_and_is_heard_when_it_begins() {
    let mut bench = Bench::new(plain);
    let (two, three) = (bench.say("NEXT", 2), bench.say("NEXT", 3));
    assert!(bench.peer.instances().is_empty());
    assert_eq!((bench.peer.early_count(), bench.acks()), (2, vec![]));
    // Sent again meanwhile: still one.
    bench.deliver(&two);
    let hello = bench.say("HELLO", 1);
    assert_eq!((bench.seen(), bench.peer.early_count()), (vec![1, 2, 3], 0));
    assert_eq!(bench.acks(), [hello.id(), two.id(), three.id()]);
}

#[test]
fn an_early_message_for_a_later_state_is_deferred_when_its_session_begins() {
    let mut bench = Bench::new(plain);
    bench.say("LATE", 7);
    bench.say("HELLO", 1);
    bench.poke(0).unwrap();
    assert_eq!(bench.seen(), [1, 7]);
}

#[test]
fn early_messages_wait_60_seconds() {
    let mut bench = Bench::new(plain);
    let two = bench.say("NEXT", 2);
    assert_eq!(bench.peer.next_deadline(), Some(START + limits::EARLY_FOR));
    bench.tick(limits::EARLY_FOR - 1);
    assert_eq!(bench.peer.early_count(), 1);
    bench.tick(1);
    assert_eq!((bench.peer.early_count(), bench.count(Reason::EarlyExpired)), (0, 1));
    bench.say("HELLO", 1);
    // It was never acknowledged, so its sender says it again, and it is not too late.
    bench.deliver(&two);
    assert_eq!(bench.seen(), [1, 2]);
}

#[test]
fn early_messages_have_limits_for_each_sender_and_in_all() {
    let mut bench = Bench::new(plain);
    (1..=10).for_each(|n| {
        bench.say("NEXT", n);
    });
    assert_eq!((bench.peer.early_count(), bench.count(Reason::Displaced)), (8, 2));
    for session in 0..128 {
        for _ in 0..8 {
            let mut early = bench.raw("NEXT", payload(1));
            early.session = named(&format!("session {session}"));
            bench.deliver(&early.signed_by(&bench.other.clone()));
        }
    }
    assert_eq!((bench.peer.early_count(), bench.count(Reason::EarlyMax)), (limits::EARLY_MAX, 8));
}
