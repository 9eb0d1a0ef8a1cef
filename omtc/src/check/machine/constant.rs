#![doc = include_str!("../pages/W0454.md")]

use super::entry::{Changing, changes, unchanged};
use super::never_fires::varies;
use crate::check::logic::{Guard, Logic, Parameters};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At, BinaryOp, Expr, ExprKind, Handler, Stmt, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0454", "a condition that is always true or false", include_str!("../pages/W0454.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut search = Search { context, found, seen: BTreeSet::new() };
    for (_, _, _, state) in walk::states(context.protocol) {
        for handler in &state.handlers {
            // One line of source may be several transitions.
            if search.seen.insert(walk::place(handler)) {
                search.handler(handler);
            }
        }
        for guard in state.overrides.iter().filter_map(|o| o.guard.as_ref()) {
            search.condition(guard, &[], "this guard");
        }
    }
    for view in context.protocol.views.values() {
        for handler in &view.handlers {
            if let Some(guard) = &handler.guard {
                search.condition(guard, &[], "this guard");
            }
            search.actions(&handler.actions, Vec::new());
        }
    }
    for function in context.protocol.functions.values() {
        search.statements(&function.body);
    }
}

struct Search<'c, 'a, 'f> {
    context: &'c Context<'a>,
    found: &'f mut Vec<Diagnostic>,
    /// A line of source may become several transitions, a generic function several instances.
    seen: BTreeSet<At>,
}

/// What is known on the way to an action: a condition, and how it turned out.
type Known<'e> = (Guard<'e>, bool);

impl<'e> Search<'_, 'e, '_> {
    fn handler(&mut self, handler: &'e Handler) {
        let mut known = Vec::new();
        match handler {
            Handler::Transition(t) => {
                for (_, value) in &t.lets {
                    self.inside(value);
                }
                if let Some(guard) = &t.guard {
                    // A guard that is always false, or that leaves an `else` without a case, is W0452.
                    let transition = Guard::of(t);
                    let logic = self.context.logic();
                    if !logic.always_false(transition)
                        && (t.otherwise.is_none() || !logic.always_true(transition))
                    {
                        self.decided(guard, transition, &[], "this guard", &[true, false]);
                    } else {
                        self.seen.insert(guard.meta);
                    }
                    known.push((transition, true));
                }
                self.actions(&t.then.actions, known);
                if let Some(otherwise) = &t.otherwise {
                    self.actions(&otherwise.actions, vec![(Guard::of(t), false)]);
                }
            }
            Handler::Collect(c) => {
                if let Some(guard) = &c.guard {
                    self.condition(guard, &[], "this guard");
                }
                self.actions(&c.actions, Vec::new());
            }
        }
    }

    /// Actions; of what is known that lasts which reads nothing that has been changed.
    fn actions(&mut self, list: &'e [Action], mut known: Vec<Known<'e>>) {
        for action in list {
            match action {
                Action::If { condition, then, otherwise, meta: _ } => {
                    self.condition(condition, &known, "this condition");
                    for (branch, when) in [(then, true), (otherwise, false)] {
                        let mut known = known.clone();
                        known.push((condition.into(), when));
                        self.actions(branch, known);
                    }
                }
                Action::For { slot: _, list, body, meta: _ } => {
                    self.inside(list);
                    // What the body changes is not known in its second turn.
                    let known = self.lasting(&known, &changes(body));
                    self.actions(body, known);
                }
                Action::Assign { path, value, .. } => {
                    path.iter().for_each(|selector| self.inside(&selector.key));
                    self.inside(value);
                }
                Action::Send { to, payload, .. } | Action::Broadcast { to, payload, .. } => {
                    self.inside(to);
                    self.inside(payload);
                }
                Action::Gossip { payload, .. } | Action::Append { payload, .. } => self.inside(payload),
                Action::Let { value, .. } => self.inside(value),
                Action::Abort { reason, .. } => self.inside(reason),
                Action::Start { arguments, .. } => arguments.iter().for_each(|a| self.inside(a)),
            }
            known = self.lasting(&known, &changes(std::slice::from_ref(action)));
        }
    }

    fn lasting(&self, known: &[Known<'e>], changed: &BTreeSet<Changing<'_>>) -> Vec<Known<'e>> {
        if changed.is_empty() {
            return known.to_vec();
        }
        let lasts = |(guard, _): &&Known<'e>| {
            guard.parts().all(|part| unchanged(self.context.protocol, part, changed))
        };
        known.iter().filter(lasts).copied().collect()
    }

    fn statements(&mut self, list: &'e [Stmt]) {
        for statement in list {
            match statement {
                Stmt::Return { value, meta: _ } => self.inside(value),
                Stmt::Assign { path, value, .. } => {
                    path.iter().for_each(|selector| self.inside(&selector.key));
                    self.inside(value);
                }
                Stmt::For { list, body, .. } => {
                    self.inside(list);
                    self.statements(body);
                }
                Stmt::If { condition, then, otherwise, meta: _ } => {
                    self.condition(condition, &[], "this condition");
                    self.statements(then);
                    self.statements(otherwise);
                }
                Stmt::Fail { .. } => {}
            }
        }
    }

    fn condition(&mut self, condition: &'e Expr, known: &[Known<'e>], what: &str) {
        self.decided(condition, condition.into(), known, what, &[true, false]);
    }

    /// Reports a condition that always turns out in one way; else looks for such conditions in it.
    fn decided(
        &mut self,
        condition: &'e Expr,
        guard: Guard<'e>,
        known: &[Known<'e>],
        what: &str,
        outcomes: &[bool],
    ) {
        if self.seen.contains(&condition.meta) {
            return;
        }
        let protocol = self.context.protocol;
        let logic = self.context.logic().in_one_frame();
        let with = |logic: Logic<'e>, when: bool, known: &[Known<'e>]| {
            let mut claims = known.to_vec();
            claims.push((guard, when));
            logic.impossible(&claims)
        };
        for outcome in outcomes.iter().copied() {
            let contrary = !outcome;
            if !with(logic, contrary, known) {
                continue;
            }
            // Where nothing ever comes, everything is decided, and nothing is to be said.
            if !known.is_empty() && logic.impossible(known) {
                return;
            }
            // What the types alone decide about null is said by W0102, or asked to be on the safe side.
            if null_test(condition) && with(logic, contrary, &[]) {
                self.seen.insert(condition.meta);
                return;
            }
            let whatever = with(logic.with_parameters(Parameters::Open), contrary, known);
            if !whatever && !varies(protocol, condition) {
                self.seen.insert(condition.meta);
                return;
            }
            let before = (!known.is_empty() && !with(logic, contrary, &[])).then(|| {
                // The condition that decides it, if one does alone.
                known.iter().find(|one| with(logic, contrary, std::slice::from_ref(*one))).copied()
            });
            self.report(condition, what, outcome, whatever, before);
            return;
        }
        self.operands(condition);
    }

    /// What a condition is connected of. Of an `and` that can be true every part can, and of an `or` that can be false
    /// every part can be false, so only the contrary is asked.
    fn operands(&mut self, condition: &'e Expr) {
        let ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) = &condition.kind else {
            self.parts(condition);
            return;
        };
        for part in [a, b] {
            if matches!(&part.kind, ExprKind::Binary(inner, _, _) if inner == op) {
                self.operands(part);
            } else if judged(part) {
                self.decided(part, (&**part).into(), &[], "this condition", &[*op == BinaryOp::And]);
            } else {
                self.inside(part);
            }
        }
    }

    fn report(
        &mut self,
        condition: &Expr,
        what: &str,
        outcome: bool,
        whatever: bool,
        before: Option<Option<Known<'e>>>,
    ) {
        if !self.seen.insert(condition.meta) {
            return;
        }
        let note = match (&before, whatever) {
            (Some(_), _) => "what was decided before on the way here leaves only one outcome",
            (None, true) => "no values make it turn out otherwise",
            (None, false) => "with the values that the parameters have, nothing makes it turn out otherwise",
        };
        let help = match (outcome, &before) {
            (true, _) => "leave the condition out, or ask for what was meant",
            (false, _) => "remove what depends on it, or ask for what was meant",
        };
        let mut diagnostic =
            Diagnostic::new(CODE, self.context.span(condition.meta), format!("{what} is always {outcome}"))
                .with_label(if outcome { "cannot be false" } else { "cannot be true" })
                .with_note(note)
                .with_help(help);
        if let Some(Some((guard, when))) = before
            && let Some(condition) = guard.condition()
        {
            let label = if when { "true here" } else { "false here" };
            diagnostic = diagnostic.with_secondary(self.context.span(condition.meta), label);
        }
        self.found.push(diagnostic);
    }

    /// Conditions and comparisons in an expression.
    fn inside(&mut self, expr: &'e Expr) {
        if let ExprKind::If(test, then, otherwise) = &expr.kind {
            // A test that stands where the choice does was made by the compiler.
            if test.meta == expr.meta {
                self.parts(test);
            } else {
                self.condition(test, &[], "this condition");
            }
            self.inside(then);
            self.inside(otherwise);
        } else if judged(expr) {
            self.condition(expr, &[], "this condition");
        } else {
            self.parts(expr);
        }
    }

    fn parts(&mut self, expr: &'e Expr) {
        walk::children(expr, &mut |part| self.inside(part));
    }
}

/// Is it a comparison with null?
fn null_test(expr: &Expr) -> bool {
    if let ExprKind::Binary(_, a, b) = &expr.kind {
        a.kind == ExprKind::Null || b.kind == ExprKind::Null
    } else {
        false
    }
}

/// Is it a comparison or a connection of conditions of which the outcome is to be looked at? Literals are what they say.
fn judged(expr: &Expr) -> bool {
    if let ExprKind::Binary(op, _, _) = &expr.kind {
        expr.ty == Type::Bool && (!null_test(expr) || matches!(op, BinaryOp::And | BinaryOp::Or))
    } else {
        matches!(expr.kind, ExprKind::CompareFraction { .. })
    }
}
