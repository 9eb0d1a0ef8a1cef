//! LANGUAGE 6.6: time.

use super::*;

/// Begins with these timers; every timer and every `NEXT` is remembered: a timer as 100 + limit.
fn with_timers(timers: &'static [(i64, u32, Option<i64>)]) -> Bench {
    let timers: Vec<_> = timers.iter().map(|(at, limit, period)| (START + at, *limit, *period)).collect();
    Bench::new(move |robot, input, env| {
        let (what, n) = said(input);
        match (robot.state.as_str(), what.as_str()) {
            ("IDLE", "HELLO") => robot.seen("OPEN", n).timers(&timers).fire(),
            (_, "timeout" | "period") => robot.seen("OPEN", 100 + n).fire(),
            _ => plain(robot, input, env),
        }
    })
}

#[test]
fn timers_fire_earliest_first_then_in_the_order_of_the_source() {
    let mut bench = with_timers(&[(20, 0, None), (10, 2, None), (10, 1, None)]);
    bench.say("HELLO", 0);
    assert_eq!(bench.peer.next_deadline(), Some(START + 10));
    bench.tick(9);
    assert_eq!(bench.seen(), [0]);
    bench.tick(11);
    assert_eq!(bench.seen(), [0, 101, 102, 100]);
}

#[test]
fn at_one_instant_messages_come_before_timers_and_an_earlier_timer_before_a_later_message() {
    let mut bench = with_timers(&[(10, 0, None), (20, 1, None)]);
    bench.say("HELLO", 0);
    bench.now = START + 20;
    bench.say("NEXT", 1);
    assert_eq!(bench.seen(), [0, 100, 1], "the limit at 10 has passed when the message arrives at 20");
    bench.tick(0);
    assert_eq!(bench.seen(), [0, 100, 1, 101]);
}

#[test]
fn a_timeout_happens_once_whatever_its_guard_says() {
    let mut bench = Bench::new(|robot, input, env| match said(input).0.as_str() {
        "HELLO" => robot.seen("OPEN", 0).timers(&[(START + 5, 0, None)]).fire(),
        "timeout" => Ok(Some(Reply::Refuse(Refusal::Guard))),
        _ => plain(robot, input, env),
    });
    bench.say("HELLO", 0);
    bench.tick(5);
    bench.tick(5);
    let timers = |event: &Event| matches!(event.kind, EventKind::Timer { .. });
    assert_eq!(bench.peer.take_events().iter().filter(|event| timers(event)).count(), 1);
    bench.restart();
    bench.tick(5);
    assert_eq!(bench.peer.take_events().iter().filter(|event| timers(event)).count(), 0);
}

#[test]
fn periods_that_were_missed_are_one() {
    let mut bench = with_timers(&[(10, 0, Some(10))]);
    bench.say("HELLO", 0);
    bench.tick(10);
    bench.tick(35);
    assert_eq!(bench.seen(), [0, 100, 100]);
    // Entry + 50 is next, not 45 + 10.
    assert_eq!(bench.peer.next_timer(), Some(START + 50));
    bench.tick(5);
    assert_eq!(bench.seen(), [0, 100, 100, 100]);
}

#[test]
fn a_self_transition_keeps_timers_and_a_new_visit_replaces_them() {
    let mut bench = Bench::new(|robot, input, env| match (said(input).0.as_str(), said(input).1) {
        ("HELLO", _) => robot.seen("OPEN", 0).timers(&[(START + 50, 0, None)]).fire(),
        ("NEXT", 9) => robot.seen("LATER", 9).timers(&[(START + 70, 4, None)]).fire(),
        _ => plain(robot, input, env),
    });
    bench.say("HELLO", 0);
    bench.say("NEXT", 1);
    assert_eq!(bench.peer.next_timer(), Some(START + 50));
    bench.say("NEXT", 9);
    let timers = bench.peer.instance(&bench.key()).unwrap().timers;
    assert_eq!(timers, [Timer { at: START + 70, limit: 4, period: None }]);
    assert_eq!(bench.peer.next_timer(), Some(START + 70));
}

#[test]
fn deadlines_are_wall_time_across_restarts() {
    let mut bench = with_timers(&[(10, 0, None), (1_000, 1, None)]);
    bench.say("HELLO", 0);
    bench.now += 500;
    bench.restart();
    bench.tick(0);
    assert_eq!((bench.seen(), bench.peer.next_timer()), (vec![0, 100], Some(START + 1_000)));
}

#[test]
fn now_never_decreases_not_even_across_a_restart() {
    let mut bench = Bench::new(|robot, input, env| {
        let now = u64::try_from(env.now()).unwrap();
        match said(input).0.as_str() {
            "HELLO" | "NEXT" => robot.seen("OPEN", now).fire(),
            _ => Ok(None),
        }
    });
    bench.say("HELLO", 0);
    bench.now -= 1_000;
    bench.say("NEXT", 1);
    bench.now -= 1_000;
    bench.restart();
    bench.say("NEXT", 2);
    assert_eq!(bench.seen(), [START as u64; 3]);
}

#[test]
fn a_deferred_message_is_heard_at_the_instant_of_the_timer_that_lets_it_in() {
    let mut bench = Bench::new(|robot, input, env| match (robot.state.as_str(), said(input).0.as_str()) {
        ("IDLE", "HELLO") => robot.seen("OPEN", 0).timers(&[(START + 5, 0, None)]).fire(),
        ("OPEN", "timeout") => Move::to("LATER").timers(&[]).fire(),
        _ => plain(robot, input, env),
    });
    bench.say("HELLO", 0);
    bench.say("LATE", 3);
    bench.tick(5);
    assert_eq!(bench.seen(), [0, 3]);
}
