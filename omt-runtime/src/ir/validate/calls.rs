//! Calls: no recursion, bounded depth, what functions use exists where they run, views are pure.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed does not fit, nor would a new kind")]

use super::machine::bodies;
use super::{Checker, EVALUATION_DEPTH_MAX};
use crate::ir::{Action, At, Builtin, Expr, ExprKind, Function, Stmt, Type, View, ViewHandler};
use std::collections::{BTreeMap, BTreeSet};

/// A body that others can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Callee<'p> {
    Function(&'p str),
    View(&'p str),
}

/// What a body does that its callers must allow.
#[derive(Clone, Default)]
struct Uses<'p> {
    /// Fields that `LOAD` reads.
    loads: BTreeSet<(&'p str, &'p Type)>,
    /// Something that asks the environment, which a view may not.
    environment: Option<At>,
}

impl<'p> Uses<'p> {
    fn merge(&mut self, other: &Uses<'p>) {
        self.loads.extend(other.loads.iter().copied());
        self.environment = self.environment.or(other.environment);
    }
}

/// What is known of a body.
#[derive(Default)]
struct Summary<'p> {
    calls: BTreeSet<Callee<'p>>,
    uses: Uses<'p>,
}

impl<'p> Summary<'p> {
    fn expr(&mut self, expr: &'p Expr) {
        expr.walk(&mut |expr| match &expr.kind {
            ExprKind::Call(name, _) => {
                self.calls.insert(Callee::Function(name));
            }
            ExprKind::View(name, _) => {
                self.calls.insert(Callee::View(name));
            }
            ExprKind::Load(name) => {
                self.uses.loads.insert((name, &expr.ty));
            }
            ExprKind::Native(..) | ExprKind::SelfId | ExprKind::OwnChain => {
                self.uses.environment.get_or_insert(expr.meta);
            }
            ExprKind::Builtin(
                Builtin::Now
                | Builtin::Sign
                | Builtin::Equivocation
                | Builtin::RandomBytes
                | Builtin::GenerateId
                | Builtin::Read,
                _,
            ) => {
                self.uses.environment.get_or_insert(expr.meta);
            }
            _ => {}
        });
    }

    fn actions(&mut self, actions: &'p [Action]) {
        for action in actions {
            action.walk(&mut |action| {
                for expr in action.expressions() {
                    self.expr(expr);
                }
            });
        }
    }

    fn function(function: &'p Function) -> Self {
        let mut summary = Summary::default();
        for statement in &function.body {
            statement.walk(&mut |statement| {
                for expr in statement.expressions() {
                    summary.expr(expr);
                }
            });
        }
        summary
    }

    fn view(view: &'p View) -> Self {
        let mut summary = Summary::default();
        for ViewHandler { guard, actions, .. } in &view.handlers {
            if let Some(guard) = guard {
                summary.expr(guard);
            }
            summary.actions(actions);
        }
        summary
    }
}

impl<'p> Checker<'p> {
    pub(super) fn calls(&mut self) {
        let protocol = self.protocol;
        let mut summaries: BTreeMap<Callee<'p>, Summary<'p>> = BTreeMap::new();
        for (name, function) in &protocol.functions {
            summaries.insert(Callee::Function(name), Summary::function(function));
        }
        for (name, view) in &protocol.views {
            summaries.insert(Callee::View(name), Summary::view(view));
        }
        let Some(order) = callees_first(&summaries) else {
            self.report(At::default(), "functions or views that call themselves");
            return;
        };

        let mut depths = Depths::default();
        let mut uses: BTreeMap<Callee<'p>, Uses<'p>> = BTreeMap::new();
        for callee in order {
            let Some(summary) = summaries.get(&callee) else { continue };
            let mut all = summary.uses.clone();
            for called in &summary.calls {
                if let Some(called) = uses.get(called) {
                    all.merge(called);
                }
            }
            let depth = match callee {
                Callee::Function(name) => {
                    protocol.functions.get(name).map_or(0, |function| depths.statements(&function.body))
                }
                Callee::View(name) => {
                    let handlers = protocol.views.get(name).into_iter().flat_map(|view| &view.handlers);
                    let depth = |handler: &'p ViewHandler| {
                        let guard = handler.guard.as_ref().map_or(0, |guard| depths.expr(guard));
                        guard.max(depths.actions(&handler.actions))
                    };
                    handlers.map(depth).max().unwrap_or(0)
                }
            };
            if depth > EVALUATION_DEPTH_MAX {
                self.report(At::default(), format!("{callee:?} nests deeper than {EVALUATION_DEPTH_MAX}"));
                return;
            }
            if let Callee::View(name) = callee {
                if let Some(at) = all.environment {
                    self.report(at, format!("view {name} depends on more than its chain"));
                }
                if let Some((field, _)) = all.loads.first() {
                    self.report(At::default(), format!("view {name} reads field {field} of a store"));
                }
            }
            depths.of.insert(callee, depth);
            uses.insert(callee, all);
        }

        for (name, actor) in &protocol.actors {
            let mut summary = Summary::default();
            let mut depth = 0;
            for (exprs, actions, _) in bodies(actor) {
                for expr in exprs {
                    summary.expr(expr);
                    depth = depth.max(depths.expr(expr));
                }
                summary.actions(actions);
                depth = depth.max(depths.actions(actions));
            }
            if depth > EVALUATION_DEPTH_MAX {
                self.report(actor.meta.at, format!("actor {name} nests deeper than {EVALUATION_DEPTH_MAX}"));
            }
            let called = summary.calls.iter().filter_map(|callee| uses.get(callee));
            for (field, ty) in called.flat_map(|uses| uses.loads.iter()) {
                let declared = actor.store.get(*field).map(|field| &field.ty);
                let fits = declared.is_some_and(|declared| {
                    *ty == declared || (ty.is_optional() && ty.plain() == declared.plain())
                });
                if !fits {
                    self.report(actor.meta.at, format!("a function that {name} calls loads {field} as {ty}"));
                }
            }
        }
    }
}

/// Callees before callers; `None` if there is a cycle.
fn callees_first<'p>(summaries: &BTreeMap<Callee<'p>, Summary<'p>>) -> Option<Vec<Callee<'p>>> {
    let mut waiting: BTreeMap<Callee<'p>, usize> = BTreeMap::new();
    let mut callers: BTreeMap<Callee<'p>, Vec<Callee<'p>>> = BTreeMap::new();
    for (callee, summary) in summaries {
        waiting.insert(*callee, summary.calls.len());
        for called in &summary.calls {
            callers.entry(*called).or_default().push(*callee);
        }
    }
    let mut order: Vec<Callee<'p>> =
        waiting.iter().filter(|(_, calls)| **calls == 0).map(|(callee, _)| *callee).collect();
    let mut next = 0;
    while let Some(callee) = order.get(next).copied() {
        next += 1;
        for caller in callers.get(&callee).into_iter().flatten() {
            if let Some(calls) = waiting.get_mut(caller) {
                *calls -= 1;
                if *calls == 0 {
                    order.push(*caller);
                }
            }
        }
    }
    (order.len() == summaries.len()).then_some(order)
}

/// How deep evaluation goes. An upper bound: an executor's stack grows with it.
#[derive(Default)]
struct Depths<'p> {
    of: BTreeMap<Callee<'p>, u32>,
}

impl<'p> Depths<'p> {
    fn expr(&self, expr: &'p Expr) -> u32 {
        let inner = expr.children().into_iter().map(|child| self.expr(child)).max().unwrap_or(0);
        let of = |callee: &Callee<'p>| self.of.get(callee).copied().unwrap_or(0);
        let beyond = match &expr.kind {
            // A lambda that is passed runs at the bottom of the function that it is passed to.
            ExprKind::Call(name, arguments)
                if arguments.iter().any(|argument| matches!(argument.ty, Type::Function(..))) =>
            {
                inner.saturating_add(of(&Callee::Function(name)))
            }
            ExprKind::Call(name, _) => inner.max(of(&Callee::Function(name))),
            ExprKind::View(name, _) => inner.max(of(&Callee::View(name))),
            _ => inner,
        };
        beyond.saturating_add(1)
    }

    fn actions(&self, actions: &'p [Action]) -> u32 {
        let depth = |action: &'p Action| {
            let own = action.expressions().into_iter().map(|expr| self.expr(expr)).max().unwrap_or(0);
            let nested = action.nested().into_iter().map(|actions| self.actions(actions)).max().unwrap_or(0);
            own.max(nested).saturating_add(1)
        };
        actions.iter().map(depth).max().unwrap_or(0)
    }

    fn statements(&self, body: &'p [Stmt]) -> u32 {
        let depth = |statement: &'p Stmt| {
            let own = statement.expressions().into_iter().map(|expr| self.expr(expr)).max().unwrap_or(0);
            let nested = statement.nested().into_iter().map(|body| self.statements(body)).max().unwrap_or(0);
            own.max(nested).saturating_add(1)
        };
        body.iter().map(depth).max().unwrap_or(0)
    }
}
