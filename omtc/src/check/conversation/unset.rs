#![doc = include_str!("../pages/W0575.md")]

use crate::check::may::{Empty, Fields, assigned, bound, may_be_set};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, At, Branch, Expr, ExprKind, Handler, State};
use std::collections::BTreeMap;

/// Its code.
pub const CODE: Code = warning("W0575", "a value that is not there yet", include_str!("../pages/W0575.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Every place at which a field is read: in which states it is certainly unset there, and in which it is not. One line of source
/// may leave several states; it is wrong only when it is wrong in all of them.
#[derive(Default)]
struct Reads<'a> {
    places: BTreeMap<(At, &'a str), (Vec<&'a str>, bool)>,
}

struct Step<'a, 'r> {
    state: &'a str,
    set: Fields<'a>,
    /// Fields that are assigned somewhere in the actor: of others it is said elsewhere.
    known: &'r Fields<'a>,
    reads: &'r mut Reads<'a>,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (name, actor) in &context.protocol.actors {
        let entered = may_be_set(context.protocol, actor, Empty::IsSet);
        let known = ever(context, actor);
        let mut reads = Reads::default();
        for (state_name, set) in &entered {
            let Some(state) = actor.states.get(*state_name) else { continue };
            for handler in &state.handlers {
                let mut step = Step { state: state_name, set: set.clone(), known: &known, reads: &mut reads };
                step.set.extend(bound(context.protocol, actor, state_name, handler));
                step.handler(handler);
            }
            limits(state_name, state, set, &known, &mut reads);
        }
        for ((at, field), (states, sometimes)) in reads.places {
            if sometimes {
                continue;
            }
            let Some(declared) = actor.store.get(field) else { continue };
            let places = states.join(", ");
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(at),
                    format!("`{field}` of {name} is not set yet in {places}: it is always null here"),
                )
                .with_label("always null")
                .with_secondary(context.span(declared.meta.at), "declared here")
                .with_note(format!(
                    "no way into {places} assigns it, and nothing before this in the step does"
                ))
                .with_help("use the value of the message or argument, or assign the field before it is used"),
            );
        }
    }
}

/// Every field that something assigns or binds.
fn ever<'a>(context: &Context<'a>, actor: &'a Actor) -> Fields<'a> {
    let mut fields = Fields::new();
    for (name, state) in &actor.states {
        for handler in &state.handlers {
            fields.extend(bound(context.protocol, actor, name, handler));
            for list in walk::handler_actions(handler) {
                assigned(list, &mut fields);
            }
        }
    }
    fields
}

/// A time limit is read when the state has been entered.
fn limits<'a>(name: &'a str, state: &'a State, set: &Fields<'a>, known: &Fields<'a>, reads: &mut Reads<'a>) {
    for limit in &state.limits {
        reads.see(name, set, known, &limit.value, limit.meta.at);
    }
}

impl<'a> Reads<'a> {
    /// `at` is the place of the whole, `whole` that of a record whose missing fields were filled in.
    fn see(&mut self, state: &'a str, set: &Fields<'a>, known: &Fields<'a>, expr: &'a Expr, whole: At) {
        walk::expression(expr, &mut |e| {
            if let ExprKind::Store(field) = &e.kind
                && known.contains(field.as_str())
                // Not written there: what a payload does not give comes from the store.
                && e.meta != whole
            {
                let place = self.places.entry((e.meta, field)).or_default();
                if set.contains(field.as_str()) {
                    place.1 = true;
                } else if !place.0.contains(&state) {
                    place.0.push(state);
                }
            }
        });
    }
}

impl<'a> Step<'a, '_> {
    fn expr(&mut self, expr: &'a Expr) {
        // Fields of a payload that are not given have the place of the whole record.
        let filled = if matches!(expr.kind, ExprKind::Record(_)) { expr.meta } else { At::default() };
        self.reads.see(self.state, &self.set, self.known, expr, filled);
    }

    fn handler(&mut self, handler: &'a Handler) {
        match handler {
            Handler::Transition(t) => {
                t.lets.iter().for_each(|(_, e)| self.expr(e));
                t.guard.iter().for_each(|e| self.expr(e));
                self.branch(&t.then);
                t.otherwise.iter().for_each(|b| self.branch(b));
            }
            Handler::Collect(c) => {
                self.set.insert(&c.into);
                c.guard.iter().for_each(|e| self.expr(e));
                self.actions(&c.actions);
            }
        }
    }

    fn branch(&mut self, branch: &'a Branch) {
        let before = self.set.clone();
        self.actions(&branch.actions);
        self.set = before;
    }

    fn actions(&mut self, list: &'a [Action]) {
        for action in list {
            match action {
                Action::Assign { path, value, .. } => {
                    path.iter().for_each(|s| self.expr(&s.key));
                    self.expr(value);
                }
                Action::Send { to, payload, .. } | Action::Broadcast { to, payload, .. } => {
                    self.expr(to);
                    self.expr(payload);
                }
                Action::Gossip { payload, .. } | Action::Append { payload, .. } => self.expr(payload),
                Action::Let { value, .. } => self.expr(value),
                Action::If { condition, then, otherwise, .. } => {
                    self.expr(condition);
                    let before = self.set.clone();
                    self.actions(then);
                    let after = std::mem::replace(&mut self.set, before);
                    self.actions(otherwise);
                    self.set.extend(after);
                }
                Action::For { list, body, .. } => {
                    self.expr(list);
                    // What a turn assigns the next one may read.
                    assigned(body, &mut self.set);
                    self.actions(body);
                }
                Action::Abort { reason, .. } => self.expr(reason),
                Action::Start { arguments, .. } => arguments.iter().for_each(|e| self.expr(e)),
            }
            assigned(std::slice::from_ref(action), &mut self.set);
            // Null that was just written is meant.
            if let Action::Assign { place: omt_runtime::ir::Place::Store(field), .. } = action {
                self.set.insert(field);
            }
        }
    }
}
