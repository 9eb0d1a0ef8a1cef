//! Laws: what the logic is certain of holds in every small world; and cases that it must be certain of.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use super::{Answers, Guard, Logic, Parameters, Remembered};
use crate::sema::{Options, analyze_with};
use crate::source::MemorySources;
use omt_runtime::ir::{
    At, BinaryOp, Conversion, Dimension, Expr, ExprKind, Handler, ParameterValue, Protocol, Type, UnaryOp,
};
use proptest::prelude::*;
use std::path::PathBuf;

fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr::new(kind, ty, At::default())
}

fn e_type() -> Type {
    Type::Enum("E".to_owned())
}

fn exact() -> Type {
    Type::Exact(Dimension::Count)
}

fn some(inner: Expr) -> Expr {
    let ty = inner.ty.clone().optional();
    expr(ExprKind::Convert(Conversion::Some, Box::new(inner)), ty)
}

fn binary(op: BinaryOp, a: Expr, b: Expr, ty: Type) -> Expr {
    expr(ExprKind::Binary(op, Box::new(a), Box::new(b)), ty)
}

fn not(a: Expr) -> Expr {
    expr(ExprKind::Unary(UnaryOp::Not, Box::new(a)), Type::Bool)
}

/// Whole numbers over `a uint`, `b int`, `m uint?` (a fault when null), the parameter K and constants.
fn number() -> impl Strategy<Value = Expr> {
    let widen = |inner: Expr| expr(ExprKind::Convert(Conversion::Widen, Box::new(inner)), exact());
    let leaf = prop_oneof![
        (-4i128..5).prop_map(|n| expr(ExprKind::Integer(n), exact())),
        Just(widen(expr(ExprKind::Store("a".into()), Type::Uint))),
        Just(widen(expr(ExprKind::Store("b".into()), Type::Int))),
        Just(widen(expr(ExprKind::Parameter("K".into()), Type::Uint))),
        Just({
            let m = expr(ExprKind::Store("m".into()), Type::Uint.optional());
            widen(expr(ExprKind::Convert(Conversion::Unwrap, Box::new(m)), Type::Uint))
        }),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let op = prop_oneof![
            Just(BinaryOp::Add),
            Just(BinaryOp::Subtract),
            Just(BinaryOp::Multiply),
            Just(BinaryOp::FloorDivide),
            Just(BinaryOp::Remainder)
        ];
        (op, inner.clone(), inner).prop_map(|(op, a, b)| binary(op, a, b, exact()))
    })
}

fn value_of_e() -> impl Strategy<Value = Expr> {
    prop_oneof![
        Just(expr(ExprKind::Store("e".into()), e_type())),
        prop::sample::select(vec!["P", "Q", "R"])
            .prop_map(|v| expr(ExprKind::EnumValue("E".into(), v.into()), e_type())),
    ]
}

fn maybe_e() -> impl Strategy<Value = Expr> {
    prop_oneof![
        Just(expr(ExprKind::Store("g".into()), e_type().optional())),
        Just(expr(ExprKind::Null, e_type().optional())),
        value_of_e().prop_map(some),
    ]
}

fn maybe_number() -> impl Strategy<Value = Expr> {
    prop_oneof![
        Just(expr(ExprKind::Store("m".into()), Type::Uint.optional())),
        Just(expr(ExprKind::Null, Type::Uint.optional())),
        (0i128..4).prop_map(|n| some(expr(ExprKind::Integer(n), Type::Uint))),
        Just(some(expr(ExprKind::Store("a".into()), Type::Uint))),
    ]
}

fn condition() -> impl Strategy<Value = Expr> {
    let equality = || prop_oneof![Just(BinaryOp::Equal), Just(BinaryOp::NotEqual)];
    let order = prop_oneof![
        Just(BinaryOp::Less),
        Just(BinaryOp::LessEqual),
        Just(BinaryOp::Greater),
        Just(BinaryOp::GreaterEqual),
        Just(BinaryOp::Equal),
        Just(BinaryOp::NotEqual)
    ];
    let leaf = prop_oneof![
        4 => (order, number(), number()).prop_map(|(op, a, b)| binary(op, a, b, Type::Bool)),
        2 => (equality(), value_of_e(), value_of_e()).prop_map(|(op, a, b)| binary(op, a, b, Type::Bool)),
        2 => (equality(), maybe_e(), maybe_e()).prop_map(|(op, a, b)| binary(op, a, b, Type::Bool)),
        2 => (equality(), maybe_number(), maybe_number()).prop_map(|(op, a, b)| binary(op, a, b, Type::Bool)),
        1 => Just(expr(ExprKind::Store("f".into()), Type::Bool)),
        1 => any::<bool>().prop_map(|b| expr(ExprKind::Bool(b), Type::Bool)),
        1 => (value_of_e(), prop::collection::vec(value_of_e(), 0..3)).prop_map(|(item, items)| {
            let list = expr(ExprKind::List(items), Type::List(Box::new(e_type())));
            binary(BinaryOp::In, item, list, Type::Bool)
        }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| binary(BinaryOp::And, a, b, Type::Bool)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| binary(BinaryOp::Or, a, b, Type::Bool)),
            inner.clone().prop_map(not),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| binary(BinaryOp::Equal, a, b, Type::Bool)),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| expr(ExprKind::If(Box::new(a), Box::new(b), Box::new(c)), Type::Bool)),
            (inner.clone(), inner).prop_map(|(a, b)| {
                // `let x = a in x and b or not x`
                let x = || expr(ExprKind::Local(7), Type::Bool);
                let body =
                    binary(BinaryOp::Or, binary(BinaryOp::And, x(), b, Type::Bool), not(x()), Type::Bool);
                expr(ExprKind::Let(7, Box::new(a), Box::new(body)), Type::Bool)
            }),
        ]
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    Int(i128),
    E(u8),
}

#[derive(Clone, Copy, Debug)]
struct World {
    a: i128,
    b: i128,
    m: Value,
    f: bool,
    e: u8,
    g: Value,
    local: Value,
}

fn worlds() -> Vec<World> {
    let mut all = Vec::new();
    let numbers = [Value::Null, Value::Int(0), Value::Int(1), Value::Int(3)];
    let names = [Value::Null, Value::E(0), Value::E(1), Value::E(2)];
    for a in [0, 1, 3, 4, 9] {
        for b in [-9, -1, 0, 1, 2] {
            for m in numbers {
                for f in [false, true] {
                    for e in 0..3 {
                        for g in names {
                            all.push(World { a, b, m, f, e, g, local: Value::Null });
                        }
                    }
                }
            }
        }
    }
    all
}

/// The value; `None` is a fault. Short-circuit, as LANGUAGE has it.
fn eval(x: &Expr, w: &World) -> Option<Value> {
    let truth = |x: &Expr, w: &World| match eval(x, w)? {
        Value::Bool(b) => Some(b),
        other => panic!("no condition: {other:?}"),
    };
    Some(match &x.kind {
        ExprKind::Integer(n) => Value::Int(*n),
        ExprKind::Bool(b) => Value::Bool(*b),
        ExprKind::Null => Value::Null,
        ExprKind::EnumValue(_, v) => Value::E(["P", "Q", "R"].iter().position(|p| p == v).unwrap() as u8),
        ExprKind::Parameter(_) => Value::Int(3),
        ExprKind::Local(_) => w.local,
        ExprKind::Store(name) => match name.as_str() {
            "a" => Value::Int(w.a),
            "b" => Value::Int(w.b),
            "m" => w.m,
            "f" => Value::Bool(w.f),
            "e" => Value::E(w.e),
            _ => w.g,
        },
        ExprKind::Convert(Conversion::Unwrap, inner) => match eval(inner, w)? {
            Value::Null => return None,
            value => value,
        },
        ExprKind::Convert(_, inner) => eval(inner, w)?,
        ExprKind::Unary(_, inner) => Value::Bool(!truth(inner, w)?),
        ExprKind::If(a, b, c) => eval(if truth(a, w)? { b } else { c }, w)?,
        ExprKind::Let(_, a, b) => eval(b, &World { local: eval(a, w)?, ..*w })?,
        ExprKind::Binary(BinaryOp::And, a, b) => Value::Bool(truth(a, w)? && truth(b, w)?),
        ExprKind::Binary(BinaryOp::Or, a, b) => Value::Bool(truth(a, w)? || truth(b, w)?),
        ExprKind::Binary(BinaryOp::In, a, b) => {
            let item = eval(a, w)?;
            let ExprKind::List(items) = &b.kind else { panic!() };
            let mut found = false;
            for other in items {
                found |= eval(other, w)? == item;
            }
            Value::Bool(found)
        }
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (eval(a, w)?, eval(b, w)?);
            match (op, a, b) {
                (BinaryOp::Equal, a, b) => Value::Bool(a == b),
                (BinaryOp::NotEqual, a, b) => Value::Bool(a != b),
                (op, Value::Int(a), Value::Int(b)) => match op {
                    BinaryOp::Add => Value::Int(a + b),
                    BinaryOp::Subtract => Value::Int(a - b),
                    BinaryOp::Multiply => Value::Int(a * b),
                    BinaryOp::FloorDivide | BinaryOp::Remainder if b == 0 => return None,
                    BinaryOp::FloorDivide => Value::Int((a as f64 / b as f64).floor() as i128),
                    BinaryOp::Remainder => Value::Int(a - b * ((a as f64 / b as f64).floor() as i128)),
                    BinaryOp::Less => Value::Bool(a < b),
                    BinaryOp::LessEqual => Value::Bool(a <= b),
                    BinaryOp::Greater => Value::Bool(a > b),
                    BinaryOp::GreaterEqual => Value::Bool(a >= b),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    })
}

/// A transaction whose first actor has one transition for each guard, on one message.
fn protocol(guards: &[&str]) -> Protocol {
    let transitions: String = guards
        .iter()
        .map(|guard| format!("    S -> S on M let n2 = message.n + 1 when {guard} ( a = a + 1 )\n"))
        .collect();
    let source = format!(
        "transaction 1 \"T\"
parameters ( K = 3 count  HALF = 0.5 fraction  THIRD = 0.3 fraction  WAIT = 5 seconds  LONG = 9 seconds )
enum E ( P Q R )
message M from B to [A] ( n uint  s string  o uint?  t string? )
native function ROLL(x uint) -> uint \"dice\"
function SMALL(x uint) -> bool ( return x < 3 )
function SIZE(x uint) -> uint ( if x < 3 then return 0 return 1 )
function BIG(x uint, y uint) -> bool (
    limit = y + 2
    if SMALL(x) then return false
    return x > limit
)
actor A (
    store ( a uint = 0  b int  c uint  m uint?  f bool  e E  g E?  l list<uint>  k map<uint, uint>  t timestamp  p peer_id  x float )
    peers ( B p )
    state I initial
    state S rest
    I -> S on M ( a = 1 b = 1 c = 1 f = true e = P t = NOW() p = message.sender x = 1.5
                  m = message.o g = null l = [1] k = {{}} )
{transitions}
)
actor B ( store ( p peer_id ) trigger go(p peer_id) in [I]
    state I initial  state D terminal  I -> D on go ( store p SEND(p, M {{ n 1, s \"s\", o null, t null }}) ) )
"
    )
    .replace(" = 0  b int", "  b int");
    let sources = MemorySources::new().with("protocols/t.omt", source.as_str());
    let analyzed = analyze_with(&sources, &[PathBuf::from("protocols/t.omt")], &Options::default());
    let shown = crate::diagnostic::render_all(&analyzed.sources, &analyzed.diagnostics, false);
    analyzed.units[0].protocol.clone().unwrap_or_else(|| panic!("{shown}"))
}

/// The guards of a transaction made by [`protocol`], in order.
fn guards(protocol: &Protocol) -> Vec<Guard<'_>> {
    let state = &protocol.actors["A"].states["S"];
    let of = |h: &'_ Handler| matches!(h, Handler::Transition(_));
    state
        .handlers
        .iter()
        .filter(|h| of(h))
        .map(|h| match h {
            Handler::Transition(t) => Guard::of(t),
            Handler::Collect(_) => panic!(),
        })
        .collect()
}

fn implied(first: &str, second: &str) -> bool {
    let protocol = protocol(&[first, second]);
    let guards = guards(&protocol);
    Logic::new(&protocol).implies(guards[0], guards[1])
}

fn covered(written: &[&str]) -> bool {
    let protocol = protocol(written);
    Logic::new(&protocol).covers(&guards(&protocol))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_remembered_answer_is_the_one_that_would_be_found(list in prop::collection::vec(condition(), 1..4)) {
        let mut protocol = protocol(&["f"]);
        let answers = Answers::default();
        for k in [3, 3, 4] {
            protocol.parameters.entry("K".into()).and_modify(|it| it.value = ParameterValue::Uint(k));
            let remembered = Remembered::new(&protocol, &answers);
            for (a, b) in list.iter().flat_map(|a| list.iter().map(move |b| (a, b))) {
                for parameters in [Parameters::Folded, Parameters::Open] {
                    let found = Logic::new(&protocol).with_parameters(parameters);
                    let known = found.remembering(Some(&remembered));
                    prop_assert_eq!(known.implies(a, b), found.implies(a, b));
                    prop_assert_eq!(known.contradicts(a, b), found.contradicts(a, b));
                    prop_assert_eq!(known.always_true(a), found.always_true(a));
                    let (known, found) = (known.in_one_frame(), found.in_one_frame());
                    prop_assert_eq!(known.implies(a, b), found.implies(a, b));
                }
            }
            answers.end_run();
        }
    }

    #[test]
    fn what_is_certain_holds_in_every_world(a in condition(), b in condition(), c in condition()) {
        let mut protocol = protocol(&["f"]);
        protocol.parameters.entry("K".into()).and_modify(|k| k.value = ParameterValue::Uint(3));
        for parameters in [Parameters::Folded, Parameters::Open] {
            let logic = Logic::new(&protocol).with_parameters(parameters);
            let [never, always, implies, excludes, covers] = [
                logic.always_false(&a),
                logic.always_true(&a),
                logic.implies(&a, &b),
                logic.contradicts(&a, &b),
                logic.covers(&[(&a).into(), (&b).into(), (&c).into()]),
            ];
            if !(never || always || implies || excludes || covers) {
                continue;
            }
            for world in worlds() {
                let value = |x: &Expr| eval(x, &world).map(|v| v == Value::Bool(true));
                prop_assert!(!(never && value(&a) == Some(true)), "never: {world:?}");
                prop_assert!(!(always && value(&a) == Some(false)), "always: {world:?}");
                prop_assert!(!(implies && value(&a) == Some(true) && value(&b) == Some(false)), "implies: {world:?}");
                prop_assert!(!(excludes && value(&a) == Some(true) && value(&b) == Some(true)), "excludes: {world:?}");
                let none = [&a, &b, &c].into_iter().all(|x| value(x) == Some(false));
                prop_assert!(!(covers && none), "covers: {world:?}");
            }
        }
    }
}

#[test]
fn a_condition_covers_with_its_contrary() {
    let cases: &[&[&str]] = &[
        &["f", "not f"],
        &["f == true", "f == false"],
        &["a < b", "a >= b"],
        &["a < b", "a == b", "a > b"],
        &["a < b", "a == b", "b < a"],
        &["e == P", "e == Q", "e == R"],
        &["e == P", "e in [Q, R]"],
        &["g == P", "g == Q", "g == R", "g == null"],
        &["m == null", "m != null and m > 2", "m != null and m <= 2"],
        &["a + 1 > b", "b > a"],
        &["a <= 3", "a >= 4"],
        &["a <= K", "a > K"],
        &["a < 2 and f", "a >= 2", "not f"],
        &["s_is", "not s_is"],
        &["SMALL(a)", "a >= 3"],
        &["BIG(a, c)", "a <= c + 2"],
        &["n2 > 3", "message.n < 3"],
        &["a / c >= HALF", "a / c < HALF"],
        &["a / c >= HALF", "a / c <= HALF"],
        &["x > 1.5", "x <= 1.5"],
        &["message.s < \"a\"", "message.s >= \"a\""],
        &["LENGTH(l) > 0", "LENGTH(l) == 0"],
        &["NOW() > t", "NOW() <= t"],
        &["t + WAIT > NOW()", "NOW() - t >= WAIT"],
        &["ANY(l, y => y > 3)", "not ANY(l, z => z > 3)"],
        &["HAS_KEY(k, a)", "not (a in k)"],
        &["MAX(a, c) > 5", "a <= 5"],
        &["a % 3 < 2", "a % 3 == 2"],
        &["a // 2 > 1", "a < 4"],
        &["if f then a > 1 else a > 2", "a <= 2"],
        &["message.t == null", "message.t != null"],
        &["COUNT(l, y => y > 3) <= LENGTH(l)"],
        &["a >= 0"],
        &["f or not f"],
        &["SIZE(a) == SIZE(a)"],
        &["2 * a != 2 * c + 1"],
    ];
    for guards in cases {
        let written: Vec<String> = guards.iter().map(|g| g.replace("s_is", "message.s == \"x\"")).collect();
        let written: Vec<&str> = written.iter().map(String::as_str).collect();
        assert!(covered(&written), "{written:?}");
        if written.len() > 1 {
            for left_out in 0..written.len() {
                let mut fewer = written.clone();
                fewer.remove(left_out);
                assert!(!covered(&fewer), "{fewer:?}");
            }
        }
    }
}

#[test]
fn a_narrower_condition_implies_a_wider_one() {
    for (first, second) in [
        ("a > 5", "a > 3"),
        ("a > 5 and f", "a > 3"),
        ("a > 5", "a > 3 or f"),
        ("a == 4", "a > 3"),
        ("a > c and c > 3", "a > 4"),
        ("e == P", "e != Q"),
        ("m == 4", "m != null"),
        ("m == 4", "m != 5"),
        ("a < 2", "SMALL(a)"),
        ("a == c and c == 2", "a == 2"),
        ("a / c >= HALF", "a / c >= THIRD"),
        ("NOW() > t + LONG", "NOW() > t + WAIT"),
        ("g != null and g == P", "g == P or g == R"),
        ("message.s == \"x\"", "message.s != \"y\""),
        ("x > 2.5", "x > 1.5"),
        ("g == e and e == P", "g == P"),
        ("EQUIVOCATION(p) == null and a > 3", "a > 2"),
    ] {
        assert!(implied(first, second), "{first} => {second}");
        assert!(!implied(second, first), "{second} => {first}");
    }
}

#[test]
fn what_the_world_answers_may_be_another_answer() {
    for (first, second) in [
        ("ROLL(a) > 3", "ROLL(a) > 3"),
        ("READ(p, \"height\") == null", "READ(p, \"height\") == null"),
        ("EQUIVOCATION(p) == null", "EQUIVOCATION(p) == null"),
        ("ANY(l, y => ROLL(y) > 3)", "ANY(l, y => ROLL(y) > 3)"),
    ] {
        assert!(!implied(first, second), "{first}");
    }
    // A function may be put in, or not: with the same arguments it has the same result.
    assert!(implied("SIZE(a) > 3", "SIZE(a) > 2"));
    assert!(!implied("SIZE(a) > 3", "SIZE(c) > 2"));
}

#[test]
fn open_parameters_have_their_types_alone() {
    let protocol = protocol(&["a <= K", "a >= 2", "K >= 0"]);
    let guards = guards(&protocol);
    let open = Logic::new(&protocol).with_parameters(Parameters::Open);
    assert!(Logic::new(&protocol).covers(&guards[..2]) && !open.covers(&guards[..2]));
    assert!(open.always_true(guards[2]));
}

#[test]
fn a_hard_question_is_given_up() {
    // Pigeons: n + 1 numbers below n that all differ. The answer would be yes; unknown is right, too, but soon.
    let names = ["a", "c", "LENGTH(l)", "LENGTH(k)", "message.n", "SUM(l)", "LENGTH(message.s)"];
    let mut parts = Vec::new();
    for (i, one) in names.iter().enumerate() {
        parts.push(format!("{one} < 6"));
        parts.extend(names.iter().skip(i + 1).map(|other| format!("({one} < {other} or {other} < {one})")));
    }
    let protocol = protocol(&[&parts.join(" and ")]);
    Logic::new(&protocol).always_false(guards(&protocol)[0]);
}

#[test]
fn what_is_written_elsewhere_now_is_remembered_and_what_asks_the_world_is_not() {
    let answers = Answers::default();
    let ask = |protocol: &Protocol| {
        let remembered = Remembered::new(protocol, &answers);
        let logic = Logic::new(protocol).remembering(Some(&remembered));
        let found = guards(protocol).into_iter().map(|guard| logic.always_true(guard)).collect::<Vec<_>>();
        answers.end_run();
        (found, answers.count())
    };
    // The same conditions on other lines.
    let (first, second) =
        (protocol(&["a >= 0", "SIZE(a) == SIZE(a)"]), protocol(&["SIZE(a) == SIZE(a)", "a >= 0"]));
    assert_eq!(ask(&first), (vec![true, true], 2));
    assert_eq!(ask(&second), (vec![true, true], 2));
    // They mean something else when a function does.
    let mut other = protocol(&["a >= 0", "SIZE(a) == SIZE(a)"]);
    other.functions.entry("SIZE".into()).and_modify(|function| function.body.clear());
    assert_eq!(ask(&other).1, 4);
    let world = protocol(&["READ(p, \"height\") == READ(p, \"height\")", "ANY(l, y => ROLL(y) > 3)"]);
    assert_eq!(ask(&world), (vec![false, false], 4));
    // What nobody asks any more is forgotten.
    assert_eq!([ask(&world).1, ask(&world).1, ask(&world).1].last(), Some(&0));
}
