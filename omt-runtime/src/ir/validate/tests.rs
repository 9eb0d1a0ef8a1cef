#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::ir::*;
use crate::testing::build::*;

type Change = fn(&mut Protocol);

fn a(protocol: &mut Protocol) -> &mut Actor {
    protocol.actors.get_mut("A").unwrap()
}

fn state_of<'p>(protocol: &'p mut Protocol, state: &str) -> &'p mut State {
    a(protocol).states.get_mut(state).unwrap()
}

fn first(protocol: &mut Protocol) -> &mut Transition {
    match &mut state_of(protocol, "IDLE").handlers[0] {
        Handler::Transition(transition) => transition,
        Handler::Collect(_) => panic!("a collect"),
    }
}

/// An expression as the value of the first `let`, whose slot takes whatever type it claims.
fn expr(protocol: &mut Protocol, expr: Expr) {
    let transition = first(protocol);
    transition.frame.push(Local { ty: expr.ty.clone(), meta: LocalMeta::default() });
    let slot = transition.frame.len() as u32 - 1;
    transition.lets.push((slot, expr));
}

fn refused(changes: &[(&str, Change)]) {
    for (expected, change) in changes {
        let mut protocol = rich();
        change(&mut protocol);
        let findings = validate(&protocol).expect_err(expected);
        let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(text.iter().any(|line| line.contains(expected)), "expected `{expected}` in {text:#?}");
    }
}

#[test]
fn a_well_formed_protocol_passes() {
    assert_eq!(validate(&rich()), Ok(()));
    assert_eq!(validate(&protocol()), Ok(()));
}

#[test]
fn names_that_do_not_resolve_are_refused() {
    refused(&[
        ("struct Nobody is not declared", |p| {
            a(p).store.get_mut("body").unwrap().ty = Type::Struct("Nobody".into());
        }),
        ("state NOWHERE is not declared", |p| first(p).then.to = "NOWHERE".into()),
        ("initial state NOWHERE is not declared", |p| a(p).initial = "NOWHERE".into()),
        ("role B: store field nobody holds no peers", |p| {
            a(p).peers.insert("B".into(), "nobody".into());
        }),
        ("role B: store field count holds no peers", |p| {
            a(p).peers.insert("B".into(), "count".into());
        }),
        ("cannot happen to this actor", |p| first(p).cause = message("ANSWER")),
        ("cannot happen to this actor", |p| first(p).cause = trigger("nothing")),
        ("cannot happen to this actor", |p| first(p).cause = Cause::Task("nothing".into())),
        ("cannot happen to this actor", |p| first(p).cause = Cause::Timeout(0)),
        ("state NOWHERE is not declared", |p| {
            a(p).triggers.get_mut("start").unwrap().states.push("NOWHERE".into());
        }),
        ("function NOTHING is not declared", |p| {
            expr(p, e(ExprKind::Call("NOTHING".into(), vec![]), Type::Uint))
        }),
        ("parameter NOTHING is not declared", |p| expr(p, parameter("NOTHING", Type::Uint))),
        ("enum Verdict has no value MAYBE", |p| {
            expr(p, e(ExprKind::EnumValue("Verdict".into(), "MAYBE".into()), Type::Enum("Verdict".into())));
        }),
        ("has no field nothing", |p| expr(p, said("ASK", "nothing", Type::Uint))),
        ("no slot 77", |p| expr(p, local(77, Type::Uint))),
        ("block NOTE is not declared", |p| {
            p.blocks.clear();
        }),
        ("message ANSWER is not A's to make", |p| {
            p.messages.get_mut("ANSWER").unwrap().from = vec!["B".into()]
        }),
        ("message ASK is not for this actor", |p| {
            p.messages.get_mut("ASK").unwrap().to = vec!["B".into()];
        }),
        ("task work is not declared", |p| p.tasks.clear()),
    ]);
}

#[test]
fn names_mean_nothing_where_their_cause_is_another() {
    refused(&[
        ("means nothing here", |p| expr(p, e(ExprKind::TaskResult, Type::Uint.optional()))),
        ("means nothing here", |p| expr(p, e(ExprKind::Argument("members".into()), list(Type::PeerId)))),
        ("means nothing here", |p| expr(p, e(ExprKind::CurrentBlock, Type::Block("NOTE".into())))),
        ("means nothing here", |p| expr(p, e(ExprKind::ViewField("total".into()), Type::Uint))),
        ("means nothing here", |p| {
            p.messages.get_mut("ASK").unwrap().signed = false;
            expr(p, e(ExprKind::SignedMessage, Type::Signed("ASK".into())));
        }),
        ("means nothing here", |p| {
            let body = vec![give(store("count", Type::Uint))];
            p.functions.get_mut("DOUBLE").unwrap().body = body;
        }),
        ("cannot be written here", |p| {
            first(p).then.actions.push(Action::Assign {
                place: Place::View("total".into()),
                path: vec![],
                value: uint(1),
                meta: at(1),
            });
        }),
        ("an effect outside an actor", |p| {
            let start = Action::Start { task: "work".into(), arguments: vec![uint(1)], meta: at(1) };
            p.views.get_mut("Sum").unwrap().handlers[0].actions.push(start);
        }),
    ]);
}

#[test]
fn expressions_have_the_types_they_say() {
    refused(&[
        ("guard: uint where bool is needed", |p| first(p).guard = Some(uint(1))),
        ("-1 is no uint", |p| expr(p, e(ExprKind::Integer(-1), Type::Uint))),
        ("expression: uint where string is needed", |p| {
            expr(p, e(ExprKind::Text("x".into()), Type::Uint));
        }),
        ("null is no uint", |p| expr(p, e(ExprKind::Null, Type::Uint))),
        ("not finite", |p| expr(p, e(ExprKind::Float(f64::NAN), Type::Float))),
        ("Add does not take uint and uint", |p| expr(p, binary(BinaryOp::Add, uint(1), uint(1), Type::Uint))),
        ("Equal does not take uint and string", |p| expr(p, equal(uint(1), text("x")))),
        ("And does not take bool and uint", |p| {
            expr(p, binary(BinaryOp::And, truth(true), uint(1), Type::Bool));
        }),
        ("branches: string where uint is needed", |p| {
            let choice = ExprKind::If(Box::new(truth(true)), Box::new(uint(1)), Box::new(text("x")));
            expr(p, e(choice, Type::Uint));
        }),
        ("does not make uint of uint", |p| expr(p, narrow(uint(1), Type::Uint))),
        ("does not make uint of uint", |p| {
            expr(p, e(ExprKind::Convert(Conversion::Unwrap, Box::new(uint(1))), Type::Uint));
        }),
        ("NOW does not take (uint)", |p| {
            expr(p, e(ExprKind::Builtin(Builtin::Now, vec![uint(1)]), Type::Timestamp));
        }),
        ("READ does not take", |p| {
            expr(
                p,
                e(ExprKind::Builtin(Builtin::Read, vec![sender(), text("balance")]), Type::Hash.optional()),
            );
        }),
        ("LAST_PEER_HASH needs a block PEER_HASH", |p| {
            let arguments = vec![e(ExprKind::OwnChain, Type::Segment), sender()];
            let ty = Type::BlockPayload("PEER_HASH".into()).optional();
            expr(p, e(ExprKind::Builtin(Builtin::LastPeerHash, arguments), ty));
        }),
        ("DOUBLE takes 1 arguments, not 0", |p| {
            expr(p, e(ExprKind::Call("DOUBLE".into(), vec![]), Type::Uint))
        }),
        ("DOUBLE: string where uint is needed", |p| {
            expr(p, e(ExprKind::Call("DOUBLE".into(), vec![text("x")]), Type::Uint));
        }),
        ("a lambda that is no argument", |p| expr(p, lambda(&[(0, Type::Uint)], truth(true)))),
        ("Body lacks its field to", |p| expr(p, record(Type::Struct("Body".into()), vec![("n", uint(1))]))),
        ("Body has no field x", |p| {
            let fields = vec![("n", uint(1)), ("to", sender()), ("x", uint(1))];
            expr(p, record(Type::Struct("Body".into()), fields));
        }),
        ("field n is given twice", |p| {
            let fields = vec![("n", uint(1)), ("to", sender()), ("n", uint(1))];
            expr(p, record(Type::Struct("Body".into()), fields));
        }),
        ("has no elements by", |p| {
            let index = ExprKind::Index(Box::new(text("x")), Box::new(uint(0)));
            expr(p, e(index, Type::String));
        }),
        ("assignment: string where uint is needed", |p| first(p).then.actions.push(set("count", text("x")))),
        ("receiver: uint where peer_id is needed", |p| {
            first(p).then.actions.push(send(uint(1), "ANSWER", vec![]));
        }),
    ]);
}

#[test]
fn declarations_are_sound() {
    refused(&[
        ("IR version 9", |p| p.ir_version = 9),
        ("may not be used here", |p| {
            p.messages.get_mut("ASK").unwrap().fields.get_mut("n").unwrap().ty =
                Type::Secret(Box::new(Type::Uint));
        }),
        // Not through a struct either.
        ("(in struct Body)", |p| {
            p.structs.get_mut("Body").unwrap().fields.get_mut("n").unwrap().ty =
                Type::Secret(Box::new(Type::Uint));
            p.messages.get_mut("ASK").unwrap().fields.get_mut("n").unwrap().ty = Type::Struct("Body".into());
        }),
        ("may not be used here", |p| a(p).store.get_mut("count").unwrap().ty = COUNT),
        ("may not be used here", |p| {
            a(p).store.get_mut("count").unwrap().ty = Type::Function(vec![], Box::new(Type::Uint));
        }),
        ("null in two ways", |p| {
            let nested = Type::Optional(Box::new(Type::Uint.optional()));
            a(p).store.get_mut("reason").unwrap().ty = nested;
        }),
        ("nest deeper than", |p| {
            let deep = (0..40).fold(Type::Uint, |ty, _| list(ty));
            a(p).store.get_mut("count").unwrap().ty = deep;
        }),
        ("Body holds itself", |p| {
            p.structs.get_mut("Body").unwrap().fields.get_mut("n").unwrap().ty = Type::Struct("Body".into());
        }),
        ("has no zero to begin with", |p| {
            p.views.get_mut("Sum").unwrap().fields.get_mut("last").unwrap().ty = Type::Hash;
        }),
        ("digits behind the point", |p| {
            p.parameters.get_mut("PART").unwrap().value = ParameterValue::Decimal { numerator: 1, scale: 40 };
        }),
        ("session key", |p| a(p).store.get_mut("session_id").unwrap().ty = Type::Uint),
        ("message VOTE is not signed", |p| p.messages.get_mut("VOTE").unwrap().signed = false),
        ("more parameters than slots", |p| p.functions.get_mut("DOUBLE").unwrap().parameters = 9),
        ("may not hold rng", |p| {
            p.functions.get_mut("DRAW").unwrap().parameters = 2;
        }),
        ("more than 4096 locals", |p| first(p).frame = slots(&vec![Type::Uint; 5_000])),
        ("result: string where uint is needed", |p| {
            p.functions.get_mut("DOUBLE").unwrap().body = vec![give(text("x"))];
        }),
        ("argument members twice", |p| {
            let arguments = &mut a(p).triggers.get_mut("start").unwrap().arguments;
            let again = arguments[0].clone();
            arguments.push(again);
        }),
    ]);
}

#[test]
fn machines_are_sound() {
    refused(&[
        ("a terminal state reacts to nothing", |p| {
            state_of(p, "DONE").handlers = vec![on(Cause::Auto, "DONE").into()]
        }),
        ("the initial state is terminal", |p| a(p).initial = "DONE".into()),
        ("is no time limit", |p| state_of(p, "WAITING").limits[0].value = store("count", Type::Uint)),
        ("is a parameter, a field or a path", |p| {
            state_of(p, "WAITING").limits[0].value = e(ExprKind::Integer(1), Type::Duration);
        }),
        ("is no time limit", |p| {
            a(p).store.insert("until".into(), Field { ty: Type::Timestamp, meta: Meta::default() });
            state_of(p, "WAITING").limits[1].value = store("until", Type::Timestamp);
        }),
        ("cannot happen to this actor", |p| state_of(p, "WAITING").limits.swap(0, 1)),
        ("members: list<peer_id> where map<peer_id, signed<VOTE>> is needed", |p| {
            let Handler::Collect(collect) = &mut state_of(p, "WAITING").handlers[0] else { panic!() };
            collect.into = "members".into();
        }),
        ("field nowhere is not declared", |p| {
            let Handler::Collect(collect) = &mut state_of(p, "WAITING").handlers[0] else { panic!() };
            collect.form = CollectForm::List { senders: "nowhere".into() };
        }),
    ]);
}

#[test]
fn functions_end_do_not_recurse_and_find_what_they_load() {
    refused(&[
        ("call themselves", |p| {
            let again = e(ExprKind::Call("DOUBLE".into(), vec![local(0, Type::Uint)]), Type::Uint);
            p.functions.get_mut("DOUBLE").unwrap().body = vec![give(again)];
        }),
        ("call themselves", |p| {
            // A view that looks at itself through a function.
            let seen = e(
                ExprKind::View("Sum".into(), Box::new(e(ExprKind::OwnChain, Type::Segment))),
                Type::View("Sum".into()),
            );
            p.functions.get_mut("DOUBLE").unwrap().body = vec![give(field(seen, "total", Type::Uint))];
            let double = e(ExprKind::Call("DOUBLE".into(), vec![uint(1)]), Type::Uint);
            let Action::Assign { value, .. } = &mut p.views.get_mut("Sum").unwrap().handlers[0].actions[0]
            else {
                panic!()
            };
            *value = double;
        }),
        ("depends on more than its chain", |p| {
            let lucky = e(ExprKind::Native("lucky".into(), vec![]), Type::Uint);
            p.functions.get_mut("DOUBLE").unwrap().body = vec![give(lucky)];
            let double = e(ExprKind::Call("DOUBLE".into(), vec![uint(1)]), Type::Uint);
            let Action::Assign { value, .. } = &mut p.views.get_mut("Sum").unwrap().handlers[0].actions[0]
            else {
                panic!()
            };
            *value = double;
        }),
        ("loads nothing as uint", |p| {
            p.functions.get_mut("DOUBLE").unwrap().body =
                vec![give(e(ExprKind::Load("nothing".into()), Type::Uint))];
        }),
        ("loads reason as uint", |p| {
            p.functions.get_mut("DOUBLE").unwrap().body =
                vec![give(e(ExprKind::Load("reason".into()), Type::Uint))];
        }),
        ("does not return on every path", |p| {
            p.functions.get_mut("DOUBLE").unwrap().body.pop();
        }),
        ("does not return on every path", |p| {
            let loop_ = Stmt::For {
                slot: 1,
                list: local(0, list(Type::Uint)),
                body: vec![give(uint(1))],
                meta: at(1),
            };
            *p = rich().function("LOOP", &[list(Type::Uint)], &[Type::Uint], Type::Uint, vec![loop_]);
        }),
    ]);
}

#[test]
fn a_generator_stays_where_it_is() {
    refused(&[
        ("rng is no value", |p| {
            let copy = Stmt::Assign { slot: 1, path: vec![], value: local(1, Type::Rng), meta: at(1) };
            p.functions.get_mut("DRAW").unwrap().body.insert(1, copy);
        }),
        ("rng is no value", |p| {
            let hash = e(ExprKind::Builtin(Builtin::Hash, vec![local(1, Type::Rng)]), Type::Hash);
            p.functions
                .get_mut("DRAW")
                .unwrap()
                .frame
                .push(Local { ty: Type::Hash, meta: LocalMeta::default() });
            let use_ = Stmt::Assign { slot: 2, path: vec![], value: hash, meta: at(1) };
            p.functions.get_mut("DRAW").unwrap().body.insert(1, use_);
        }),
    ]);
}

#[test]
fn a_finding_names_its_place_and_there_are_never_too_many() {
    let mut protocol = rich();
    first(&mut protocol).guard = Some(on_line(12, uint(1)));
    let findings = validate(&protocol).unwrap_err();
    assert_eq!(
        findings[0].to_string(),
        "protocol 99, actor A, state IDLE, handler 0 (test.omt:12:1): guard: uint where bool is needed"
    );
    for _ in 0..100 {
        expr(&mut protocol, uint_as_text());
    }
    assert_eq!(validate(&protocol).unwrap_err().len(), FINDINGS_MAX);
}

fn uint_as_text() -> Expr {
    e(ExprKind::Text("x".into()), Type::Uint)
}
