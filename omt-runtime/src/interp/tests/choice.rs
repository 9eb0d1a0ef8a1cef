//! Which handler reacts (LANGUAGE 4, 6.3).

use super::*;
use crate::ir::{CollectForm, OverrideKind, Type};
use crate::testing::build::*;

/// A hears HI (n uint) and VOTE (n uint) from B, whoever plays it.
fn hearing(a: crate::ir::Actor) -> Protocol {
    protocol()
        .says("HI", &["B"], &["A"], &[("n", Type::Uint)])
        .says("VOTE", &["B"], &["A"], &[("n", Type::Uint)])
        .acts("A", a)
}

fn n(message: &str) -> crate::ir::Expr {
    widen(said(message, "n", Type::Uint))
}

fn is(message: &str, number: i128) -> crate::ir::Expr {
    equal(n(message), exact(number))
}

#[test]
fn the_first_transition_whose_guard_holds_fires() {
    let a = actor(&[])
        .in_state(
            "IDLE",
            state(vec![
                on(message("HI"), "ONE").when(is("HI", 1)).into(),
                on(message("HI"), "SMALL").when(less(n("HI"), exact(10))).into(),
                on(message("HI"), "ANY").into(),
            ]),
        )
        .in_state("ONE", terminal())
        .in_state("SMALL", terminal())
        .in_state("ANY", terminal());
    for (number, state) in [(1u64, "ONE"), (2, "SMALL"), (20, "ANY")] {
        let mut run = Run::of(hearing(a.clone()));
        assert_eq!(run.hears(2, "HI", &[("n", number.into())]), to(&[state]));
    }
}

#[test]
fn when_no_guard_holds_the_first_else_fires_with_its_lets() {
    let doubled = || narrow(plus(n("HI"), n("HI")), Type::Uint);
    let a = actor(&[("seen", Type::Uint)])
        .in_state(
            "IDLE",
            state(vec![
                on(message("HI"), "X")
                    .with(&[Type::Uint])
                    .binds(0, doubled())
                    .when(is("HI", 1))
                    .or_else("FIRST", vec![set("seen", local(0, Type::Uint))])
                    .into(),
                on(message("HI"), "X").when(is("HI", 2)).or_else("SECOND", vec![]).into(),
                on(message("HI"), "LAST").when(is("HI", 3)).into(),
            ]),
        )
        .in_state("X", terminal())
        .in_state("FIRST", terminal())
        .in_state("SECOND", terminal())
        .in_state("LAST", terminal());
    let mut run = Run::of(hearing(a.clone()));
    assert_eq!(run.hears(2, "HI", &[("n", 9u64.into())]), to(&["FIRST"]));
    assert_eq!(run.field("seen"), Some(Value::Int(18)));
    // All guards come before any else.
    let mut run = Run::of(hearing(a));
    assert_eq!(run.hears(2, "HI", &[("n", 3u64.into())]), to(&["LAST"]));
}

#[test]
fn a_false_guard_refuses_and_changes_nothing() {
    let a = actor(&[("seen", Type::Uint)])
        .in_state("IDLE", state(vec![on(message("HI"), "X").when(is("HI", 1)).into()]))
        .in_state("X", terminal());
    let mut run = Run::of(hearing(a));
    assert_eq!(run.hears(2, "HI", &[("n", 5u64.into())]), Came::Refused(Refusal::Guard));
    assert_eq!((run.machine.state(), run.field("seen")), ("IDLE", None));
}

#[test]
fn a_message_without_a_handler_waits_if_a_later_state_has_one_and_is_discarded_otherwise() {
    let a = actor(&[])
        .in_state("IDLE", state(vec![on(message("HI"), "THROUGH").into()]))
        // Passed through: what it seems to handle, it does not.
        .in_state(
            "THROUGH",
            state(vec![on(message("LOST"), "END").into(), on(crate::ir::Cause::Auto, "LATER").into()]),
        )
        .in_state("LATER", state(vec![on(message("VOTE"), "END").into()]))
        .in_state("END", terminal());
    let hears = || hearing(a.clone()).says("LOST", &["B"], &["A"], &[]);
    let mut run = Run::of(hears());
    assert_eq!(run.hears(2, "VOTE", &[("n", 1u64.into())]), Came::Deferred);
    assert_eq!(run.hears(2, "LOST", &[]), Came::Discarded);
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), to(&["THROUGH", "LATER"]));
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), Came::Discarded);
    assert_eq!(run.hears(2, "VOTE", &[("n", 1u64.into())]), to(&["END"]));
    assert_eq!(run.hears(2, "VOTE", &[("n", 1u64.into())]), Came::Discarded);
}

#[test]
fn overrides_come_before_the_default_and_before_the_refusal_of_a_guard() {
    let mut waiting = state(vec![on(message("VOTE"), "END").when(is("VOTE", 1)).into()]);
    waiting.overrides = vec![
        override_(OverrideKind::Defer, "VOTE", Some(less(exact(10), n("VOTE")))),
        override_(OverrideKind::Ignore, "HI", None),
    ];
    let a =
        actor(&[]).in_state("IDLE", waiting).in_state("END", state(vec![on(message("HI"), "END").into()]));
    let mut run = Run::of(hearing(a));
    assert_eq!(run.hears(2, "VOTE", &[("n", 11u64.into())]), Came::Deferred);
    assert_eq!(run.hears(2, "VOTE", &[("n", 2u64.into())]), Came::Refused(Refusal::Guard));
    // Without the override it would be deferred: END handles it.
    assert_eq!(run.hears(2, "HI", &[("n", 1u64.into())]), Came::Discarded);
}

fn rostered() -> Protocol {
    let a = actor(&[("friend", Type::PeerId), ("others", list(Type::PeerId))])
        .peer("B", "friend")
        .peer("C", "others")
        .in_state(
            "IDLE",
            state(vec![
                on(message("HI"), "MET").when(is("HI", 1)).into(),
                on(message("WAVE"), "MET").into(),
                on(trigger("go"), "MET").into(),
            ]),
        )
        .in_state(
            "MET",
            state(vec![
                on(message("HI"), "MET").does(vec![set("friend", said_peer())]).into(),
                on(message("WAVE"), "MET").into(),
            ]),
        )
        .fires("go", &[], &["IDLE"]);
    protocol()
        .says("HI", &["B"], &["A"], &[("n", Type::Uint), ("next", Type::PeerId)])
        .says("WAVE", &["C"], &["A"], &[])
        .acts("A", a)
}

fn said_peer() -> crate::ir::Expr {
    said("HI", "next", Type::PeerId)
}

#[test]
fn the_creating_message_binds_an_unset_peer_and_then_only_that_peer_counts() {
    let mut run = Run::of(rostered());
    let hi = |next: u64| [("n", Value::from(1u64)), ("next", peer(next))];
    assert_eq!(run.hears(2, "HI", &hi(2)), to(&["MET"]));
    assert_eq!(run.field("friend"), Some(peer(2)));
    assert_eq!(run.hears(3, "HI", &hi(3)), Came::Refused(Refusal::Stranger));
    // The field may be assigned again; from then on only the new holder counts.
    assert_eq!(run.hears(2, "HI", &hi(3)), to(&["MET"]));
    assert_eq!(run.hears(2, "HI", &hi(2)), Came::Refused(Refusal::Stranger));
    assert_eq!(run.hears(3, "HI", &hi(3)), to(&["MET"]));
}

#[test]
fn a_refused_first_message_binds_nobody() {
    let mut run = Run::of(rostered());
    assert_eq!(run.hears(2, "HI", &[("n", 2u64.into()), ("next", peer(2))]), Came::Refused(Refusal::Guard));
    assert_eq!(run.field("friend"), None);
}

#[test]
fn no_later_message_binds_an_unset_peer_and_a_list_never_does() {
    let mut run = Run::of(rostered());
    // A list of peers that is empty names nobody, at creation too.
    assert_eq!(run.hears(4, "WAVE", &[]), Came::Refused(Refusal::Stranger));
    assert_eq!(run.triggered("go", &[]), to(&["MET"]));
    assert_eq!(
        run.hears(2, "HI", &[("n", 1u64.into()), ("next", peer(2))]),
        Came::Refused(Refusal::Stranger)
    );
}

#[test]
fn a_restored_instance_in_its_initial_state_binds_nobody() {
    let mut p = rostered();
    let a = p.actors.get_mut("A").unwrap();
    // The first step stays in the initial state, and leaves the peer unset.
    a.states.insert(
        "IDLE".into(),
        state(vec![on(trigger("go"), "IDLE").into(), on(message("HI"), "MET").into()]),
    );
    let mut run = Run::of(p);
    assert_eq!(run.triggered("go", &[]), to(&["IDLE"]));
    run.machine = run.program.restore("A", &run.machine.save()).unwrap();
    assert_eq!(
        run.hears(2, "HI", &[("n", 1u64.into()), ("next", peer(2))]),
        Came::Refused(Refusal::Stranger)
    );
}

#[test]
fn who_is_not_known_yet_is_kept_for_a_later_state_and_refused_by_this_one() {
    let members = || e(crate::ir::ExprKind::Argument("others".into()), list(Type::PeerId));
    let a = actor(&[("others", list(Type::PeerId))])
        .peer("C", "others")
        .fires("go", &[("others", list(Type::PeerId))], &["IDLE", "OPEN"])
        .in_state("IDLE", state(vec![on(trigger("go"), "OPEN").into()]))
        .in_state("OPEN", state(vec![on(trigger("go"), "MET").does(vec![set("others", members())]).into()]))
        .in_state("MET", state(vec![on(message("WAVE"), "MET").into()]));
    let mut run = Run::of(protocol().says("WAVE", &["C"], &["A"], &[]).acts("A", a));
    assert_eq!(run.triggered("go", &[Value::list([])]), to(&["OPEN"]));
    // Nobody is named: the message may be from whoever will be.
    assert_eq!(run.hears(2, "WAVE", &[]), Came::Deferred);
    assert_eq!(run.triggered("go", &[Value::list([peer(2)])]), to(&["MET"]));
    assert_eq!(run.hears(2, "WAVE", &[]), to(&["MET"]));
    assert_eq!(run.hears(3, "WAVE", &[]), Came::Refused(Refusal::Stranger));
}

fn collecting(form: CollectForm, into: Type) -> Protocol {
    let mut gather = collect("VOTE", "votes", form);
    gather.guard = Some(less(n("VOTE"), exact(10)));
    gather.actions = vec![increment("count")];
    let enough = equal(widen(store("count", Type::Uint)), exact(2));
    let a = actor(&[
        ("votes", into),
        ("votes$senders", list(Type::PeerId)),
        ("count", Type::Uint),
        ("members", list(Type::PeerId)),
    ])
    .peer("B", "members")
    .fires("go", &[("members", list(Type::PeerId))], &["IDLE"])
    .in_state(
        "IDLE",
        state(vec![
            on(trigger("go"), "GATHER")
                .does(vec![
                    set("members", e(crate::ir::ExprKind::Argument("members".into()), list(Type::PeerId))),
                    set("count", uint(0)),
                ])
                .into(),
        ]),
    )
    .in_state("GATHER", state(vec![gather.into(), on(crate::ir::Cause::Auto, "DONE").when(enough).into()]))
    .in_state("DONE", terminal());
    hearing(a)
}

fn gathering(form: CollectForm, into: Type) -> Run {
    let mut run = Run::of(collecting(form, into));
    let members = Value::list([peer(2), peer(3), peer(4)]);
    assert_eq!(run.triggered("go", &[members]), to(&["GATHER"]));
    run
}

#[test]
fn collect_takes_one_vote_from_each_member_and_autos_follow() {
    let payload = Type::Message("VOTE".into());
    let mut run = gathering(CollectForm::Map, map(Type::PeerId, payload));
    let vote = |number: u64| [("n", Value::from(number))];
    assert_eq!(run.hears(9, "VOTE", &vote(1)), Came::Refused(Refusal::Stranger));
    assert_eq!(run.hears(2, "VOTE", &vote(50)), Came::Refused(Refusal::Guard));
    assert_eq!(run.hears(2, "VOTE", &vote(1)), to(&["GATHER"]));
    assert_eq!(run.hears(2, "VOTE", &vote(1)), Came::Refused(Refusal::Repeated { differs: false }));
    // The repetition is seen before the guard, which it would not pass.
    assert_eq!(run.hears(2, "VOTE", &vote(50)), Came::Refused(Refusal::Repeated { differs: true }));
    assert_eq!(run.field("count"), Some(Value::Int(1)));
    assert_eq!(run.hears(3, "VOTE", &vote(2)), to(&["GATHER", "DONE"]));
}

#[test]
fn collected_signed_messages_are_whole_and_repetition_compares_what_they_say() {
    let whole = Type::Signed("VOTE".into());
    let mut run = gathering(CollectForm::SignedMap, map(Type::PeerId, whole.clone()));
    assert_eq!(run.hears(2, "VOTE", &[("n", 1u64.into())]), to(&["GATHER"]));
    let again = run.hears(2, "VOTE", &[("n", 1u64.into())]);
    assert_eq!(again, Came::Refused(Refusal::Repeated { differs: false }));
    let bytes = run.machine.field("votes").unwrap();
    let package = Arc::clone(run.program.package());
    let types = wire::Types::new(&package.protocol, package.id);
    // The signatures in it verify.
    let mut cache = crate::crypto::VerifiedCache::default();
    types.validate(&map(Type::PeerId, whole), &bytes, &mut cache).unwrap();
}

#[test]
fn a_collected_list_is_ordered_by_sender_however_they_arrive() {
    let form = CollectForm::List { senders: "votes$senders".into() };
    let mut expected: Vec<(Value, u64)> = vec![(peer(2), 1), (peer(3), 2)];
    expected.sort();
    let expected: Vec<Value> =
        expected.iter().map(|(_, number)| Value::record([("n", Value::from(*number))])).collect();
    for order in [[(2u64, 1u64), (3, 2)], [(3, 2), (2, 1)]] {
        let mut run = gathering(form.clone(), list(Type::Message("VOTE".into())));
        for (from, number) in order {
            assert_ne!(run.hears(from, "VOTE", &[("n", number.into())]), Came::Discarded);
        }
        assert_eq!(run.field("votes"), Some(Value::list(expected.clone())));
        // Both were counted once.
        assert_eq!(run.machine.state(), "DONE");
    }
}

#[test]
fn a_trigger_fires_only_in_its_states() {
    let a = actor(&[])
        .fires("go", &[("n", Type::Uint)], &["IDLE"])
        .in_state(
            "IDLE",
            state(vec![
                on(trigger("go"), "LATER")
                    .when(equal(widen(e(crate::ir::ExprKind::Argument("n".into()), Type::Uint)), exact(1)))
                    .into(),
            ]),
        )
        .in_state("LATER", state(vec![on(trigger("go"), "LATER").into()]));
    let mut run = Run::of(hearing(a));
    assert_eq!(run.triggered("go", &[2u64.into()]), Came::Refused(Refusal::Guard));
    assert_eq!(run.triggered("nothing", &[]), Came::Refused(Refusal::NotHere));
    assert_eq!(run.triggered("go", &[1u64.into()]), to(&["LATER"]));
    assert_eq!(run.triggered("go", &[1u64.into()]), Came::Refused(Refusal::NotHere));
}

#[test]
fn a_task_result_is_null_when_the_host_failed_and_is_dropped_where_nobody_waits() {
    let result = || e(crate::ir::ExprKind::TaskResult, Type::Uint.optional());
    let a = actor(&[])
        .fires("go", &[], &["IDLE"])
        .in_state(
            "IDLE",
            state(vec![
                on(trigger("go"), "BUSY")
                    .does(vec![crate::ir::Action::Start {
                        task: "count".into(),
                        arguments: vec![uint(3)],
                        meta: at(1),
                    }])
                    .into(),
            ]),
        )
        .in_state(
            "BUSY",
            state(vec![
                on(crate::ir::Cause::Task("count".into()), "GOOD")
                    .when(equal(result(), some(uint(4))))
                    .or_else("BAD", vec![])
                    .into(),
            ]),
        )
        .in_state("GOOD", terminal())
        .in_state("BAD", terminal());
    let ends = |run: &mut Run, result: Option<u64>| {
        let result = result.map(|number| wire::to_bytes(&Value::from(number)));
        run.input(&Input::TaskResult { task: "count".into(), result })
    };
    let p = hearing(a).task("count", &[Type::Uint], Type::Uint);
    for (result, state) in [(Some(4), "GOOD"), (Some(5), "BAD"), (None, "BAD")] {
        let mut run = Run::of(p.clone());
        assert_eq!(ends(&mut run, result), Came::Discarded);
        assert_eq!(run.triggered("go", &[]), to(&["BUSY"]));
        let three = wire::to_bytes(&Value::from(3u64));
        assert_eq!(run.effects, [Effect::Start { task: "count".into(), arguments: vec![three] }]);
        assert_eq!(ends(&mut run, result), to(&[state]));
    }
}
