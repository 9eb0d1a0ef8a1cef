//! How much stack evaluation takes. A host may run machines on any thread; Rust gives those 2 MiB.

use super::*;
use crate::ir::validate::EVALUATION_DEPTH_MAX;
use crate::ir::{Action, BinaryOp, Builtin, Expr, ExprKind, Stmt, Type, UnaryOp};
use crate::testing::build::*;

/// What the deepest evaluation may take, also in a build without optimisation.
const STACK_BYTES: usize = 1_500_000;

/// Runs the deepest protocol of a shape that passes validation, on a stack of that size.
fn fits(shape: impl Fn(u32) -> Protocol) {
    let deepest =
        (1..=EVALUATION_DEPTH_MAX).rev().find_map(|depth| Package::from_protocol(shape(depth)).ok());
    let program = Interpreter::new(Arc::new(deepest.expect("a depth that is allowed")));
    let run = move || {
        let machine = program.start("A", SESSION).unwrap();
        let mut env = TestEnv::new(1);
        let go = Input::Trigger { name: "go".into(), arguments: vec![] };
        match env.step(&*machine, &go) {
            Ok(Reaction::Fired(_)) => {}
            Ok(_) => panic!("did not fire"),
            Err(fault) => panic!("{fault}"),
        }
    };
    // An overflow ends the whole test run: it cannot be missed.
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
}

fn doing(actions: Vec<Action>, frame: &[Type], p: Protocol) -> Protocol {
    let a = actor(&[("result", Type::Uint), ("flag", Type::Bool)])
        .fires("go", &[], &["IDLE"])
        .in_state("IDLE", state(vec![on(trigger("go"), "END").with(frame).does(actions).into()]))
        .in_state("END", terminal());
    p.acts("A", a)
}

fn nested(depth: u32, innermost: Expr, wrap: impl Fn(u32, Expr) -> Expr) -> Expr {
    (0..depth).fold(innermost, |expr, level| wrap(level, expr))
}

#[test]
fn operators_that_nest_as_deep_as_allowed() {
    fits(|depth| {
        let negate = |_, expr| e(ExprKind::Unary(UnaryOp::Negate, Box::new(expr)), COUNT);
        let value = nested(depth, exact(0), negate);
        doing(vec![set("result", narrow(value, Type::Uint))], &[], protocol())
    });
    fits(|depth| {
        let add = |_, expr| binary(BinaryOp::Add, exact(1), expr, COUNT);
        doing(vec![set("result", narrow(nested(depth, exact(0), add), Type::Uint))], &[], protocol())
    });
}

#[test]
fn choices_and_bindings_that_nest_as_deep_as_allowed() {
    fits(|depth| {
        let choose = |_, expr: Expr| {
            e(ExprKind::If(Box::new(truth(false)), Box::new(uint(1)), Box::new(expr)), Type::Uint)
        };
        doing(vec![set("result", nested(depth, uint(0), choose))], &[], protocol())
    });
    fits(|depth| {
        let bind = |_, expr: Expr| e(ExprKind::Let(0, Box::new(uint(1)), Box::new(expr)), Type::Uint);
        doing(vec![set("result", nested(depth, local(0, Type::Uint), bind))], &[Type::Uint], protocol())
    });
    fits(|depth| {
        let list_of = list(Type::Uint);
        let length =
            |_, expr: Expr| call(Builtin::Length, vec![e(ExprKind::List(vec![expr]), list_of.clone())]);
        doing(vec![set("result", nested(depth / 2, uint(0), length))], &[], protocol())
    });
}

#[test]
fn calls_that_nest_as_deep_as_allowed() {
    fits(|depth| {
        let call = |name: u32| e(ExprKind::Call(format!("F{name}"), vec![local(0, Type::Uint)]), Type::Uint);
        let functions = depth / 2;
        let mut p = protocol();
        for name in 0..=functions {
            let value = if name == functions { local(0, Type::Uint) } else { call(name + 1) };
            p = p.function(&format!("F{name}"), &[Type::Uint], &[], Type::Uint, vec![give(value)]);
        }
        let first = e(ExprKind::Call("F0".into(), vec![uint(1)]), Type::Uint);
        doing(vec![set("result", first)], &[], p)
    });
}

#[test]
fn lambdas_that_nest_as_deep_as_allowed() {
    // ANY([0], x => ANY([0], x => …))
    fits(|depth| {
        let one = || e(ExprKind::List(vec![uint(0)]), list(Type::Uint));
        let any = |_, expr: Expr| call(Builtin::Any, vec![one(), lambda(&[(0, Type::Uint)], expr)]);
        doing(vec![set("flag", nested(depth / 2, truth(true), any))], &[Type::Uint], protocol())
    });
}

#[test]
fn statements_and_actions_that_nest_as_deep_as_allowed() {
    fits(|depth| {
        let innermost = Stmt::Assign { slot: 0, path: vec![], value: uint(1), meta: at(1) };
        let body = (0..depth).fold(innermost, |inner, _| Stmt::If {
            condition: truth(true),
            then: vec![inner],
            otherwise: vec![],
            meta: at(1),
        });
        let p =
            protocol().function("F", &[], &[Type::Uint], Type::Uint, vec![body, give(local(0, Type::Uint))]);
        doing(vec![set("result", e(ExprKind::Call("F".into(), vec![]), Type::Uint))], &[], p)
    });
    fits(|depth| {
        let one = || e(ExprKind::List(vec![uint(0)]), list(Type::Uint));
        let action = (0..depth).fold(set("result", uint(1)), |inner, _| Action::For {
            slot: 0,
            list: one(),
            body: vec![inner],
            meta: at(1),
        });
        doing(vec![action], &[Type::Uint], protocol())
    });
}
