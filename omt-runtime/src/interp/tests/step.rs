//! What a step is (LANGUAGE 6.1, 6.4 to 6.10).

#![allow(clippy::wildcard_enum_match_arm)]

use super::*;
use crate::ir::{Action, Actor, Cause, ExprKind, Limit, LimitKind, ParameterValue, Selector, Type};
use crate::machine::Timer;
use crate::testing::build::*;

const SECOND: i64 = 1_000_000;

fn going(a: Actor) -> Protocol {
    protocol()
        .says("HI", &["B"], &["A"], &[("n", Type::Uint)])
        .value("WAIT", ParameterValue::Duration(5 * SECOND))
        .acts("A", a.fires("go", &[], &["IDLE", "ON"]).fires("stop", &[], &["IDLE", "ON"]))
}

#[test]
fn autos_follow_in_source_order_until_none_is_enabled() {
    let count = || widen(store("count", Type::Uint));
    let a = actor(&[("count", Type::Uint)])
        .in_state("IDLE", state(vec![on(trigger("go"), "ON").does(vec![set("count", uint(0))]).into()]))
        .in_state(
            "ON",
            state(vec![
                on(Cause::Auto, "DONE").when(equal(count(), exact(3))).into(),
                on(Cause::Auto, "ON").does(vec![increment("count")]).into(),
            ]),
        )
        .in_state("DONE", terminal());
    let mut run = Run::of(going(a));
    assert_eq!(run.triggered("go", &[]), to(&["ON", "ON", "ON", "ON", "DONE"]));
}

#[test]
fn the_thousand_and_first_auto_is_a_fault() {
    let below = |limit: i128| less(widen(store("count", Type::Uint)), exact(limit));
    let a = |limit| {
        actor(&[("count", Type::Uint)])
            .in_state("IDLE", state(vec![on(trigger("go"), "ON").does(vec![set("count", uint(0))]).into()]))
            .in_state(
                "ON",
                state(vec![on(Cause::Auto, "ON").when(below(limit)).does(vec![increment("count")]).into()]),
            )
    };
    let mut run = Run::of(going(a(1_000)));
    assert!(matches!(run.triggered("go", &[]), Came::To(states) if states.len() == 1_001));
    let mut run = Run::of(going(a(1_001)));
    assert_eq!(run.triggered("go", &[]), Came::Fault(FaultKind::AutoLimit));
    assert_eq!(run.machine.state(), "IDLE");
}

#[test]
fn a_fault_names_its_place_and_undoes_everything() {
    let broken = on_line(
        9,
        e(ExprKind::Binary(crate::ir::BinaryOp::FloorDivide, Box::new(exact(1)), Box::new(exact(0))), COUNT),
    );
    let a = actor(&[("count", Type::Uint), ("friend", Type::PeerId)])
        .sharing(&[("total", Type::Uint)])
        .in_state(
            "IDLE",
            state(vec![
                on(trigger("go"), "ON")
                    .does(vec![
                        set("count", uint(1)),
                        set_shared("total", uint(1)),
                        Action::Append {
                            into: None,
                            block: "NOTE".into(),
                            payload: record(Type::BlockPayload("NOTE".into()), vec![("n", uint(1))]),
                            meta: at(3),
                        },
                    ])
                    .into(),
            ]),
        )
        .in_state(
            "ON",
            state(vec![on(Cause::Auto, "IDLE").does(vec![set("count", narrow(broken, Type::Uint))]).into()]),
        );
    let mut run = Run::of(going(a).block("NOTE", &["A"], &[("n", Type::Uint)]));
    let fault = run.try_input(&Input::Trigger { name: "go".into(), arguments: vec![] }).err().unwrap();
    assert_eq!(fault.kind, FaultKind::DivisionByZero);
    assert_eq!((fault.line, fault.column, fault.source_path.as_str()), (9, 1, "test.omt"));
    // The chain of autos had left the first state.
    assert_eq!((fault.actor.as_str(), fault.state.as_str()), ("A", "ON"));
    assert_eq!(fault.transition, "ON -> IDLE auto");
    assert_eq!((run.machine.state(), run.field("count")), ("IDLE", None));
    assert_eq!((run.env.shared.len(), run.env.chain.len()), (0, 0));
}

#[test]
fn an_unset_field_is_null_and_null_where_a_value_is_needed_is_a_fault_at_its_place() {
    let a = actor(&[("count", Type::Uint)])
        .in_state(
            "IDLE",
            state(vec![
                on(trigger("stop"), "ON")
                    .when(equal(store("count", Type::Uint.optional()), null(Type::Uint)))
                    .into(),
                on(trigger("go"), "ON")
                    .does(vec![set("count", on_line(4, store("count", Type::Uint)))])
                    .into(),
            ]),
        )
        .in_state("ON", terminal());
    let mut run = Run::of(going(a));
    let fault = run.try_input(&Input::Trigger { name: "go".into(), arguments: vec![] }).err().unwrap();
    assert_eq!((fault.kind, fault.line), (FaultKind::Null, 4));
    assert_eq!(run.triggered("stop", &[]), to(&["ON"]));
}

fn limits(values: Vec<(LimitKind, crate::ir::Expr)>) -> Vec<Limit> {
    values.into_iter().map(|(kind, value)| limit(kind, value)).collect()
}

fn timed() -> Protocol {
    let mut idle = state(vec![
        on(trigger("go"), "ON").does(vec![set("until", some_time())]).into(),
        on(trigger("stop"), "IDLE").into(),
    ]);
    idle.limits = limits(vec![(LimitKind::Timeout, parameter("WAIT", Type::Duration))]);
    let mut waiting = state(vec![
        on(Cause::Timeout(0), "END").into(),
        on(Cause::Timeout(1), "END").when(truth(false)).into(),
        on(Cause::Period(2), "ON").into(),
        on(trigger("go"), "ON").into(),
        on(trigger("stop"), "THROUGH").into(),
    ]);
    waiting.limits = limits(vec![
        (LimitKind::Timeout, parameter("WAIT", Type::Duration)),
        (LimitKind::Timeout, store("until", Type::Timestamp.optional())),
        (LimitKind::Period, parameter("WAIT", Type::Duration)),
        (LimitKind::Timeout, store("never", Type::Duration.optional())),
        // As certainly set, which it is not.
        (LimitKind::Timeout, store("never", Type::Duration)),
    ]);
    let a = actor(&[("until", Type::Timestamp), ("never", Type::Duration)])
        .in_state("IDLE", idle)
        .in_state("ON", waiting)
        .in_state("THROUGH", state(vec![on(Cause::Auto, "ON").into()]))
        .in_state("END", terminal());
    going(a)
}

fn some_time() -> crate::ir::Expr {
    e(ExprKind::Integer(42), Type::Timestamp)
}

#[test]
fn timers_are_read_when_the_visit_begins_and_unset_ones_are_not_armed() {
    let mut run = Run::of(timed());
    let now = run.env.now;
    let fired = run.fire(&Input::Trigger { name: "go".into(), arguments: vec![] });
    let wait = 5 * SECOND;
    assert_eq!(
        fired.timers,
        Some(vec![
            Timer { at: now + wait, limit: 0, period: None },
            Timer { at: 42, limit: 1, period: None },
            Timer { at: now + wait, limit: 2, period: Some(wait) },
        ])
    );
}

#[test]
fn a_self_transition_leaves_the_timers_alone_and_a_round_trip_restarts_them() {
    let mut run = Run::of(timed());
    assert_eq!(run.triggered("go", &[]), to(&["ON"]));
    let go = Input::Trigger { name: "go".into(), arguments: vec![] };
    assert_eq!(run.fire(&go).timers, None);
    assert_eq!(run.fire(&Input::Period { limit: 2 }).timers, None);
    let stop = Input::Trigger { name: "stop".into(), arguments: vec![] };
    let fired = run.fire(&stop);
    assert_eq!(fired.machine.state(), "ON");
    assert_eq!(fired.timers.map(|timers| timers.len()), Some(3));
}

#[test]
fn the_creating_step_arms_the_timers_of_the_initial_state_too() {
    let mut run = Run::of(timed());
    let stop = Input::Trigger { name: "stop".into(), arguments: vec![] };
    assert_eq!(run.fire(&stop).timers.map(|timers| timers.len()), Some(1));
    assert_eq!(run.triggered("stop", &[]), to(&["IDLE"]));
    assert_eq!(run.fire(&stop).timers, None);
}

#[test]
fn a_timeout_whose_guard_is_false_is_refused_and_a_terminal_state_has_no_timers() {
    let mut run = Run::of(timed());
    run.triggered("go", &[]);
    assert_eq!(run.input(&Input::Timeout { limit: 1 }), Came::Refused(Refusal::Guard));
    assert_eq!(run.input(&Input::Timeout { limit: 7 }), Came::Discarded);
    let fired = run.fire(&Input::Timeout { limit: 0 });
    assert_eq!((fired.timers, fired.completed), (Some(vec![]), true));
}

#[test]
fn the_session_is_set_before_the_first_guard_and_the_triggered_step_may_name_it() {
    let given = || e(ExprKind::Session, Type::Hash);
    let of_two = || call(crate::ir::Builtin::Hash, vec![uint(2)]);
    let a = actor(&[("session_id", Type::Hash), ("before", Type::Hash), ("after", Type::Hash)])
        .in_state(
            "IDLE",
            state(vec![
                on(trigger("go"), "ON")
                    .when(equal(store("session_id", Type::Hash), given()))
                    .does(vec![set("before", given()), set("session_id", of_two()), set("after", given())])
                    .into(),
                on(message("HI"), "ON").into(),
            ]),
        )
        .in_state("ON", state(vec![on(trigger("go"), "ON").does(vec![set("after", given())]).into()]));
    let mut run = Run::of(going(a));
    assert_eq!(run.triggered("go", &[]), to(&["ON"]));
    let two = crate::crypto::hash_args(1, |encoder| encoder.u64(2));
    assert_eq!(run.machine.session(), two);
    let bytes = |hash: Hash| Some(wire::to_bytes(&hash));
    assert_eq!((run.machine.field("before"), run.machine.field("after")), (bytes(SESSION), bytes(two)));
    assert_eq!(run.triggered("go", &[]), to(&["ON"]));
    assert_eq!(run.machine.session(), two);
}

#[test]
fn broadcast_reaches_each_peer_once_in_order_of_first_appearance() {
    let a = actor(&[("peers", list(Type::PeerId))])
        .in_state(
            "IDLE",
            state(vec![
                on(message("HI"), "ON")
                    .does(vec![Action::Broadcast {
                        to: e(
                            ExprKind::List(vec![sender(), e(ExprKind::SelfId, Type::PeerId), sender()]),
                            list(Type::PeerId),
                        ),
                        message: "YO".into(),
                        payload: record(Type::Message("YO".into()), vec![]),
                        meta: at(1),
                    }])
                    .into(),
            ]),
        )
        .in_state("ON", terminal());
    let mut run = Run::of(going(a).says("YO", &["A"], &["B"], &[]));
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), to(&["ON"]));
    let receivers: Vec<_> = run
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::Send { to, .. } => *to,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(receivers, [key(2).peer_id(), key(1).peer_id()]);
}

#[test]
fn a_message_too_large_to_be_accepted_is_a_fault_of_its_sender() {
    let many = call(crate::ir::Builtin::RandomBytes, vec![uint(1024 * 1024)]);
    let a = actor(&[])
        .in_state(
            "IDLE",
            state(vec![
                on(message("HI"), "ON").does(vec![send(sender(), "BIG", vec![("bytes", many)])]).into(),
            ]),
        )
        .in_state("ON", terminal());
    let mut run = Run::of(going(a).says("BIG", &["A"], &["B"], &[("bytes", Type::Bytes)]));
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), Came::Fault(FaultKind::TooLarge));
}

#[test]
fn the_shared_store_and_the_chain_are_seen_by_later_actions_of_the_step() {
    let length = || call(crate::ir::Builtin::ChainHeight, vec![e(ExprKind::OwnChain, Type::Segment)]);
    let total = || widen(shared("total", Type::Uint));
    let a = actor(&[("height", Type::Int), ("total", Type::Uint), ("block", Type::Block("NOTE".into()))])
        .sharing(&[("total", Type::Uint), ("by", map(Type::PeerId, Type::Uint))])
        .in_state(
            "IDLE",
            state(vec![
                on(message("HI"), "ON")
                    .does(vec![
                        set_shared("total", narrow(plus(total(), exact(5)), Type::Uint)),
                        set_shared("total", narrow(plus(total(), exact(5)), Type::Uint)),
                        set("total", shared("total", Type::Uint)),
                        Action::Assign {
                            place: crate::ir::Place::Shared("by".into()),
                            path: vec![Selector { key: sender(), ty: Type::Uint }],
                            value: uint(1),
                            meta: at(1),
                        },
                        Action::Append {
                            into: Some(crate::ir::Place::Store("block".into())),
                            block: "NOTE".into(),
                            payload: record(Type::BlockPayload("NOTE".into()), vec![("n", uint(8))]),
                            meta: at(1),
                        },
                        set("height", length()),
                    ])
                    .into(),
            ]),
        )
        .in_state("ON", terminal());
    let mut run = Run::of(going(a).block("NOTE", &["A"], &[("n", Type::Uint)]));
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), to(&["ON"]));
    assert_eq!(run.field("total"), Some(Value::Int(10)));
    assert_eq!(run.field("height"), Some(Value::Int(0)));
    assert_eq!(run.env.shared["total"], wire::to_bytes(&10u64));
    assert_eq!(
        run.env.shared["by"],
        wire::to_bytes(&Value::Map([(peer(2), Value::Int(1))].into_iter().collect()))
    );
    let head = run.env.chain.head().unwrap();
    assert_eq!(run.machine.field("block"), Some(wire::to_bytes(&**head)));
}

#[test]
fn a_snapshot_restores_the_same_instance_and_damaged_ones_are_refused() {
    let a = actor(&[("count", Type::Uint), ("votes", list(Type::Uint)), ("note", Type::String.optional())])
        .in_state(
            "IDLE",
            state(vec![on(message("HI"), "ON").does(vec![set("count", said("HI", "n", Type::Uint))]).into()]),
        )
        .in_state("ON", state(vec![on(trigger("go"), "ON").does(vec![increment("count")]).into()]));
    let mut run = Run::of(going(a));
    run.hears(2, "HI", &[("n", 5u64.into())]);
    let saved = run.machine.save();
    run.machine = run.program.restore("A", &saved).unwrap();
    assert_eq!(run.machine.save(), saved);
    assert_eq!((run.machine.state(), run.machine.session()), ("ON", SESSION));
    assert_eq!(run.triggered("go", &[]), to(&["ON"]));
    assert_eq!(run.field("count"), Some(Value::Int(6)));
    assert_eq!(run.machine.field("note"), None);
    assert_eq!(run.machine.field("nothing"), None);

    let expected = Value::record([
        ("session", Value::Hash(SESSION)),
        ("state", Value::text("ON")),
        (
            "store",
            Value::record([("count", Value::Int(5)), ("votes", Value::list([])), ("note", Value::Null)]),
        ),
    ]);
    assert_eq!(saved, wire::to_bytes(&expected));
    for end in 0..saved.len() {
        assert!(run.program.restore("A", &saved[..end]).is_err(), "cut at {end}");
    }
    assert!(run.program.restore("B", &saved).is_err());
    assert!(run.program.start("B", SESSION).is_err());
}

#[test]
fn what_a_step_stages_is_dropped_when_it_does_not_fire_and_the_machine_stays() {
    let a = actor(&[("count", Type::Uint)])
        .in_state(
            "IDLE",
            state(vec![on(trigger("go"), "ON").does(vec![set("count", uint(1)), abort("no")]).into()]),
        )
        .in_state("ON", terminal());
    let mut run = Run::of(going(a));
    assert_eq!(run.triggered("go", &[]), Came::Fault(FaultKind::abort("no")));
    assert_eq!((run.machine.state(), run.field("count")), ("IDLE", None));
}
