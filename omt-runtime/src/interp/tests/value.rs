//! What expressions come to (LANGUAGE 5.3, 7).

#![allow(clippy::wildcard_enum_match_arm)]

use super::*;
use crate::ir::{
    Action, BinaryOp, Builtin, Conversion, Dimension, Expr, ExprKind, Local, ParameterValue, Place, Selector,
    Stmt, Type, View, ViewHandler,
};
use crate::testing::build::*;

/// What an expression comes to, in the action of a step.
fn value_in(protocol: Protocol, frame: &[Type], expr: Expr) -> Result<Value, FaultKind> {
    let a = actor(&[("result", expr.ty.clone()), ("unset", Type::Uint)])
        .fires("go", &[], &["IDLE"])
        .in_state(
            "IDLE",
            state(vec![on(trigger("go"), "END").with(frame).does(vec![set("result", expr)]).into()]),
        )
        .in_state("END", terminal());
    let mut run = Run::of(protocol.acts("A", a));
    match run.triggered("go", &[]) {
        Came::Fault(kind) => Err(kind),
        came => {
            assert_eq!(came, to(&["END"]));
            Ok(run.field("result").unwrap_or(Value::Null))
        }
    }
}

fn value(expr: Expr) -> Result<Value, FaultKind> {
    value_in(protocol(), &[Type::Uint, Type::Uint, Type::Uint, Type::Uint], expr)
}

fn arithmetic(op: BinaryOp, left: i128, right: i128) -> Result<Value, FaultKind> {
    value(narrow(binary(op, exact(left), exact(right), COUNT), Type::Int))
}

fn uints(numbers: &[u64]) -> Expr {
    e(ExprKind::List(numbers.iter().map(|number| uint(*number)).collect()), list(Type::Uint))
}

fn values(numbers: &[i128]) -> Result<Value, FaultKind> {
    Ok(Value::list(numbers.iter().map(|number| Value::Int(*number))))
}

#[test]
fn integer_expressions_are_exact_until_they_are_kept() {
    // 2^64 − 1 + 1 − 1 fits a uint although the middle does not.
    let big = plus(plus(exact(u64::MAX.into()), exact(1)), exact(-1));
    assert_eq!(value(narrow(big, Type::Uint)), Ok(Value::from(u64::MAX)));
    assert_eq!(value(narrow(exact(-1), Type::Uint)), Err(FaultKind::Overflow));
    assert_eq!(value(narrow(plus(exact(i128::MAX), exact(1)), Type::Int)), Err(FaultKind::Overflow));
    assert_eq!(arithmetic(BinaryOp::FloorDivide, -7, 2), Ok(Value::Int(-4)));
    assert_eq!(arithmetic(BinaryOp::Remainder, -7, 2), Ok(Value::Int(1)));
    assert_eq!(arithmetic(BinaryOp::Remainder, 7, 0), Err(FaultKind::DivisionByZero));
    // `a - b >= c` on uints is what it says.
    let below = less(binary(BinaryOp::Subtract, widen(uint(1)), widen(uint(2)), COUNT), exact(0));
    assert_eq!(value(below), Ok(Value::Bool(true)));
}

#[test]
fn a_quotient_is_compared_with_a_fraction_exactly() {
    let p = || protocol().value("TWO_THIRDS", ParameterValue::Decimal { numerator: 67, scale: 2 });
    let at_least = |n: i128, d: i128| {
        e(
            ExprKind::CompareFraction {
                op: BinaryOp::GreaterEqual,
                numerator: Box::new(exact(n)),
                denominator: Box::new(exact(d)),
                fraction: Box::new(parameter("TWO_THIRDS", Type::Decimal)),
            },
            Type::Bool,
        )
    };
    assert_eq!(value_in(p(), &[], at_least(2, 3)), Ok(Value::Bool(false)));
    assert_eq!(value_in(p(), &[], at_least(67, 100)), Ok(Value::Bool(true)));
    assert_eq!(value_in(p(), &[], at_least(1, 0)), Err(FaultKind::DivisionByZero));
}

#[test]
fn operands_are_evaluated_left_to_right_and_and_or_stop_early() {
    let broken =
        |line: u32| on_line(line, less(exact(0), binary(BinaryOp::FloorDivide, exact(1), exact(0), COUNT)));
    let and = |a, b| binary(BinaryOp::And, a, b, Type::Bool);
    let or = |a, b| binary(BinaryOp::Or, a, b, Type::Bool);
    assert_eq!(value(and(truth(false), broken(1))), Ok(Value::Bool(false)));
    assert_eq!(value(or(truth(true), broken(1))), Ok(Value::Bool(true)));
    assert_eq!(value(and(truth(true), broken(1))), Err(FaultKind::DivisionByZero));
}

#[test]
fn lambdas_see_what_surrounds_them_and_so_do_lambdas_that_are_passed_on() {
    let x = || widen(local(1, Type::Uint));
    let above = |bound: Expr| lambda(&[(1, Type::Uint)], less(bound, x()));
    // LET 0 = 2 IN FILTER([1, 2, 3], x => 2 < x)
    let surrounded = e(
        ExprKind::Let(
            0,
            Box::new(uint(2)),
            Box::new(call(Builtin::Filter, vec![uints(&[1, 2, 3]), above(widen(local(0, Type::Uint)))])),
        ),
        list(Type::Uint),
    );
    assert_eq!(value(surrounded), values(&[3]));

    // function KEEP(l list<uint>, f function<uint, bool>) = FILTER(l, x => f(x)), called with a lambda that reads a local.
    let predicate = Type::Function(vec![Type::Uint], Box::new(Type::Bool));
    let inner = lambda(&[(2, Type::Uint)], e(ExprKind::CallLocal(1, vec![local(2, Type::Uint)]), Type::Bool));
    let keep = protocol().function(
        "KEEP",
        &[list(Type::Uint), predicate],
        &[Type::Uint],
        list(Type::Uint),
        vec![give(call(Builtin::Filter, vec![local(0, list(Type::Uint)), inner]))],
    );
    let passed = e(
        ExprKind::Let(
            0,
            Box::new(uint(1)),
            Box::new(e(
                ExprKind::Call("KEEP".into(), vec![uints(&[1, 2, 3]), above(widen(local(0, Type::Uint)))]),
                list(Type::Uint),
            )),
        ),
        list(Type::Uint),
    );
    assert_eq!(value_in(keep, &[Type::Uint, Type::Uint], passed), values(&[2, 3]));
}

#[test]
fn functions_loop_branch_assign_and_return_early() {
    // x = []; for y in l: if y == 3 then return x else x = x + [y + bump]; return [].
    let l = || list(Type::Uint);
    let bumped = narrow(plus(widen(local(2, Type::Uint)), exact(10)), Type::Uint);
    let one = e(ExprKind::List(vec![bumped]), l());
    let body = vec![
        Stmt::Assign { slot: 1, path: vec![], value: uints(&[]), meta: at(1) },
        Stmt::For {
            slot: 2,
            list: local(0, l()),
            body: vec![Stmt::If {
                condition: equal(local(2, Type::Uint), uint(3)),
                then: vec![give(local(1, l()))],
                otherwise: vec![Stmt::Assign {
                    slot: 1,
                    path: vec![],
                    value: binary(BinaryOp::Concat, local(1, l()), one, l()),
                    meta: at(2),
                }],
                meta: at(3),
            }],
            meta: at(4),
        },
        give(uints(&[])),
    ];
    let p = protocol().function("F", &[l()], &[l(), Type::Uint], l(), body);
    let f = |numbers: &[u64]| e(ExprKind::Call("F".into(), vec![uints(numbers)]), l());
    assert_eq!(value_in(p.clone(), &[], f(&[1, 2, 3, 4])), values(&[11, 12]));
    assert_eq!(value_in(p, &[], f(&[1, 2])), values(&[]));
}

#[test]
fn elements_of_elements_are_assigned_and_only_the_last_key_may_be_new() {
    let inner = || map(Type::Uint, list(Type::Uint));
    let outer = || map(Type::Uint, inner());
    let build = |keys: [u64; 3]| {
        let start = e(
            ExprKind::Map(vec![(uint(1), e(ExprKind::Map(vec![(uint(2), uints(&[5, 6]))]), inner()))]),
            outer(),
        );
        let path = vec![
            Selector { key: uint(keys[0]), ty: inner() },
            Selector { key: uint(keys[1]), ty: list(Type::Uint) },
            Selector { key: exact(keys[2].into()), ty: Type::Uint },
        ];
        vec![
            Stmt::Assign { slot: 0, path: vec![], value: start, meta: at(1) },
            Stmt::Assign { slot: 0, path, value: uint(9), meta: at(2) },
            Stmt::Assign {
                slot: 0,
                path: vec![
                    Selector { key: uint(1), ty: inner() },
                    Selector { key: uint(7), ty: list(Type::Uint) },
                ],
                value: uints(&[1]),
                meta: at(3),
            },
            give(local(0, outer())),
        ]
    };
    let run = |keys| {
        let p = protocol().function("F", &[], &[outer()], outer(), build(keys));
        value_in(p, &[], e(ExprKind::Call("F".into(), vec![]), outer()))
    };
    let of = |entries: &[(i128, Value)]| {
        Value::Map(entries.iter().map(|(key, value)| (Value::Int(*key), value.clone())).collect())
    };
    let nine = values(&[5, 9]).unwrap();
    let changed = of(&[(1, of(&[(2, nine), (7, values(&[1]).unwrap())]))]);
    assert_eq!(run([1, 2, 1]), Ok(changed));
    assert_eq!(run([4, 2, 1]), Err(FaultKind::MissingKey));
    assert_eq!(run([1, 3, 1]), Err(FaultKind::MissingKey));
    assert_eq!(run([1, 2, 2]), Err(FaultKind::Index));
}

#[test]
fn a_generator_advances_with_every_draw() {
    let l = || list(Type::Uint);
    let sample = |slot| call(Builtin::SeededSample, vec![local(0, Type::Rng), local(slot, l()), uint(2)]);
    let body = vec![
        Stmt::Assign {
            slot: 0,
            path: vec![],
            value: call(Builtin::SeededRng, vec![text("seed")]),
            meta: at(1),
        },
        Stmt::Assign { slot: 1, path: vec![], value: uints(&[1, 2, 3, 4, 5, 6, 7, 8]), meta: at(1) },
        Stmt::Assign { slot: 2, path: vec![], value: sample(1), meta: at(1) },
        give(binary(BinaryOp::Concat, local(2, l()), sample(1), l())),
    ];
    let p = protocol().function("F", &[], &[Type::Rng, l(), l()], l(), body);
    let drawn = value_in(p, &[], e(ExprKind::Call("F".into(), vec![]), l()));
    let mut rng = crate::library::SeededRng::new(&"seed".to_owned());
    let mut expected = rng.sample(&[1, 2, 3, 4, 5, 6, 7, 8], 2).unwrap();
    expected.extend(rng.sample(&[1, 2, 3, 4, 5, 6, 7, 8], 2).unwrap());
    assert_eq!(drawn, values(&expected));
}

#[test]
fn the_library_over_lists_and_maps() {
    let even = || {
        let remainder = binary(BinaryOp::Remainder, widen(local(1, Type::Uint)), exact(2), COUNT);
        lambda(&[(1, Type::Uint)], equal(remainder, exact(0)))
    };
    let l = || uints(&[3, 4, 1, 4]);
    assert_eq!(value(call(Builtin::Count, vec![l(), even()])), Ok(Value::Int(2)));
    assert_eq!(value(call(Builtin::Any, vec![l(), even()])), Ok(Value::Bool(true)));
    assert_eq!(value(call(Builtin::All, vec![l(), even()])), Ok(Value::Bool(false)));
    assert_eq!(value(call(Builtin::Find, vec![l(), even()])), Ok(Value::Int(4)));
    assert_eq!(value(call(Builtin::Find, vec![uints(&[1]), even()])), Ok(Value::Null));
    assert_eq!(value(call(Builtin::Sort, vec![l()])), values(&[1, 3, 4, 4]));
    assert_eq!(value(call(Builtin::Unique, vec![l()])), values(&[3, 4, 1]));
    assert_eq!(value(narrow(call(Builtin::Sum, vec![l()]), Type::Uint)), Ok(Value::Int(12)));
    let add = lambda(
        &[(1, Type::Uint), (2, Type::Uint)],
        narrow(
            plus(plus(widen(local(1, Type::Uint)), widen(local(1, Type::Uint))), widen(local(2, Type::Uint))),
            Type::Uint,
        ),
    );
    // ((0·2 + 3)·2 + 4) = 10
    assert_eq!(value(call(Builtin::Reduce, vec![uints(&[3, 4]), uint(0), add])), Ok(Value::Int(10)));
    let no_floats = e(ExprKind::List(vec![]), list(Type::Float));
    assert_eq!(value(call(Builtin::Sum, vec![no_floats])), Ok(Value::Float(0.0)));

    let m =
        || e(ExprKind::Map(vec![(uint(2), text("b")), (uint(1), text("a"))]), map(Type::Uint, Type::String));
    assert_eq!(value(call(Builtin::Keys, vec![m()])), values(&[1, 2]));
    assert_eq!(value(call(Builtin::Get, vec![m(), uint(3)])), Ok(Value::Null));
    assert_eq!(value(call(Builtin::Get, vec![m(), uint(3), text("z")])), Ok(Value::text("z")));
    let index = |key| e(ExprKind::Index(Box::new(m()), Box::new(uint(key))), Type::String);
    assert_eq!(value(index(2)), Ok(Value::text("b")));
    assert_eq!(value(index(3)), Err(FaultKind::MissingKey));
}

#[test]
fn a_value_from_any_must_fit() {
    let any = |inner: Expr| e(ExprKind::Convert(Conversion::ToAny, Box::new(inner)), Type::Any);
    let back = |inner: Expr, ty: Type| e(ExprKind::Convert(Conversion::FromAny, Box::new(inner)), ty);
    assert_eq!(value(back(any(uint(3)), Type::Uint)), Ok(Value::Int(3)));
    assert!(matches!(value(back(any(text("x")), Type::Uint)), Err(FaultKind::Abort(_))));
}

#[test]
fn what_is_signed_verifies_and_a_quorum_counts_distinct_members() {
    let p = || protocol().structure("Body", &[("n", Type::Uint)]);
    let body = |number| record(Type::Struct("Body".into()), vec![("n", uint(number))]);
    let me = || e(ExprKind::SelfId, Type::PeerId);
    let sign = |number| call(Builtin::Sign, vec![body(number)]);
    assert_eq!(
        value_in(p(), &[], call(Builtin::VerifySig, vec![me(), body(1), sign(1)])),
        Ok(Value::Bool(true))
    );
    assert_eq!(
        value_in(p(), &[], call(Builtin::VerifySig, vec![me(), body(2), sign(1)])),
        Ok(Value::Bool(false))
    );
    let signatures = || e(ExprKind::Map(vec![(me(), sign(1))]), map(Type::PeerId, Type::Signature));
    let members = || e(ExprKind::List(vec![me(), me()]), list(Type::PeerId));
    let multi = |count| call(Builtin::VerifyMulti, vec![body(1), signatures(), members(), uint(count)]);
    assert_eq!(value_in(p(), &[], multi(1)), Ok(Value::Bool(true)));
    assert_eq!(value_in(p(), &[], multi(2)), Ok(Value::Bool(false)));
}

/// `view Sum ( total uint  count uint  on NOTE when n != 13 ( total = total + n ) on NOTE ( ABORT )  on OTHER ( count = count + 1 ) )`
fn summing() -> Protocol {
    let note = || e(ExprKind::CurrentBlock, Type::Block("NOTE".into()));
    let n = || widen(field(field(note(), "payload", Type::BlockPayload("NOTE".into())), "n", Type::Uint));
    let mine = |name: &str| widen(e(ExprKind::ViewField(name.into()), Type::Uint));
    let put = |name: &str, value: Expr| Action::Assign {
        place: Place::View(name.into()),
        path: vec![],
        value: narrow(value, Type::Uint),
        meta: at(1),
    };
    let handler = |block: &str, guard: Option<Expr>, actions: Vec<Action>| ViewHandler {
        block: block.into(),
        guard,
        actions,
        frame: Vec::<Local>::new(),
        meta: crate::ir::Meta::default(),
    };
    let view = View {
        fields: fields(&[("total", Type::Uint), ("count", Type::Uint)]),
        handlers: vec![
            handler(
                "NOTE",
                Some(binary(BinaryOp::NotEqual, n(), exact(13), Type::Bool)),
                vec![put("total", plus(mine("total"), n()))],
            ),
            handler("NOTE", None, vec![Action::Abort { reason: text("thirteen"), meta: at(6) }]),
            handler("OTHER", None, vec![put("count", plus(mine("count"), exact(1)))]),
        ],
        meta: crate::ir::Meta::default(),
    };
    let mut p = protocol().block("NOTE", &["A"], &[("n", Type::Uint)]).block("OTHER", &["A"], &[]).says(
        "HI",
        &["B"],
        &["A"],
        &[],
    );
    p.views.insert("Sum".into(), view);
    let seen = e(
        ExprKind::View("Sum".into(), Box::new(e(ExprKind::OwnChain, Type::Segment))),
        Type::View("Sum".into()),
    );
    let total = || field(seen.clone(), "total", Type::Uint);
    let a = actor(&[("total", Type::Uint), ("count", Type::Uint)]).in_state(
        "IDLE",
        state(vec![
            on(message("HI"), "IDLE")
                .does(vec![
                    set("total", on_line(8, total())),
                    set("count", field(seen.clone(), "count", Type::Uint)),
                ])
                .into(),
        ]),
    );
    p.acts("A", a)
}

fn append(run: &mut Run, kind: &str, payload: Value) {
    crate::machine::Env::append(&mut run.env, kind, wire::to_bytes(&payload)).unwrap();
}

fn note(number: u64) -> Value {
    Value::record([("n", Value::from(number))])
}

#[test]
fn a_view_folds_the_chain_with_or_without_its_memory() {
    let mut run = Run::of(summing());
    let nothing: [(&str, Value); 0] = [];
    assert_eq!(run.hears(2, "HI", &[]), to(&["IDLE"]));
    assert_eq!(run.field("total"), Some(Value::Int(0)));
    for number in [1, 2, 3] {
        append(&mut run, "NOTE", note(number));
        append(&mut run, "OTHER", Value::record(nothing.clone()));
        append(&mut run, "UNKNOWN", Value::Int(1));
    }
    assert_eq!(run.hears(2, "HI", &[]), to(&["IDLE"]));
    assert_eq!((run.field("total"), run.field("count")), (Some(Value::Int(6)), Some(Value::Int(3))));
    append(&mut run, "NOTE", note(4));
    assert_eq!(run.hears(2, "HI", &[]), to(&["IDLE"]));
    assert_eq!(run.field("total"), Some(Value::Int(10)));
    run.env.forget_views();
    assert_eq!(run.hears(2, "HI", &[]), to(&["IDLE"]));
    assert_eq!((run.field("total"), run.field("count")), (Some(Value::Int(10)), Some(Value::Int(3))));
}

#[test]
fn a_fault_in_a_view_makes_the_chain_invalid() {
    let mut run = Run::of(summing());
    append(&mut run, "NOTE", note(13));
    let input = run.message_input(2, "HI", Value::record::<&str>([]));
    let fault = run.try_input(&input).err().unwrap();
    assert_eq!(fault.kind, FaultKind::InvalidChain("view Sum at height 0: aborted: thirteen".into()));
    assert_eq!(fault.line, 6);
    // A block that does not hold what its kind says is no better.
    let mut run = Run::of(summing());
    append(&mut run, "NOTE", Value::text("free money"));
    let input = run.message_input(2, "HI", Value::record::<&str>([]));
    let fault = run.try_input(&input).err().unwrap();
    assert!(matches!(fault.kind, FaultKind::InvalidChain(_)), "{}", fault.kind);
}

#[test]
fn instants_and_spans_have_their_own_arithmetic() {
    let instant = |number: i128| e(ExprKind::Integer(number), Type::Exact(Dimension::Instant));
    let span = binary(BinaryOp::Subtract, instant(9), instant(4), Type::Exact(Dimension::Span));
    assert_eq!(value(narrow(span, Type::Duration)), Ok(Value::Int(5)));
}
