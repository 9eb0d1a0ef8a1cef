#![doc = include_str!("../pages/W0576.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, BinaryOp, Builtin, Cause, Expr, ExprKind, Handler, Place, Protocol};

/// Its code.
pub const CODE: Code =
    warning("W0576", "a session id that nobody computes", include_str!("../pages/W0576.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    for (name, actor) in &protocol.actors {
        let Some(initial) = actor.states.get(&actor.initial) else { continue };
        for handler in &initial.handlers {
            let Some(message) = walk::message(handler).and_then(|m| protocol.messages.get_key_value(m))
            else {
                continue;
            };
            let Some(asked) = walk::conditions(handler).into_iter().find_map(computed) else { continue };
            let senders = message.1.from.iter().filter_map(|role| protocol.actors.get_key_value(role));
            for (sender_name, sender) in senders {
                if !has_random_id(protocol, sender) {
                    continue;
                }
                let Some(key) = sender.store.get(&protocol.session_key) else { continue };
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(asked.meta),
                        format!("{name} takes {} only under a session id that {sender_name} never computes", message.0),
                    )
                    .with_label("never true: the id is random")
                    .with_secondary(context.span(key.meta.at), format!("{sender_name} does not assign it"))
                    .with_note("an instance that a trigger creates takes the id that the creating step assigns, or a random one")
                    .with_help(format!("assign `{}` in the step of {sender_name} that begins the session", protocol.session_key)),
                );
            }
        }
    }
}

/// A comparison of the session id with something computed, which must hold for the whole to hold.
fn computed(condition: &Expr) -> Option<&Expr> {
    match &condition.kind {
        ExprKind::Binary(BinaryOp::And, left, right) => computed(left).or_else(|| computed(right)),
        ExprKind::Binary(BinaryOp::Equal, left, right) => {
            let sides = [(left, right), (right, left)];
            let is = |e: &Expr| matches!(e.kind, ExprKind::Session);
            sides.into_iter().any(|(a, b)| is(a) && is_computed(b)).then_some(condition)
        }
        _ => None,
    }
}

fn is_computed(value: &Expr) -> bool {
    let mut found = false;
    walk::expression(value, &mut |e| {
        found |= matches!(e.kind, ExprKind::Call(..) | ExprKind::Builtin(Builtin::Hash, _));
    });
    found
}

/// Is it created by triggers alone, none of which brings or assigns the id?
fn has_random_id(protocol: &Protocol, actor: &Actor) -> bool {
    let key = &protocol.session_key;
    let Some(initial) = actor.states.get(&actor.initial) else { return false };
    let mut by_trigger = false;
    for handler in &initial.handlers {
        match handler {
            Handler::Transition(t) => match &t.cause {
                Cause::Trigger(name) => {
                    by_trigger = true;
                    if actor.triggers.get(name).is_none_or(|t| t.arguments.iter().any(|a| a.name == *key)) {
                        return false;
                    }
                }
                Cause::Auto | Cause::Message(_) | Cause::Task(_) | Cause::Timeout(_) | Cause::Period(_) => {
                    return false;
                }
            },
            Handler::Collect(_) => return false,
        }
    }
    let mut assigned = false;
    walk::actor_actions(actor, &mut |action| {
        assigned |= matches!(action, Action::Assign { place: Place::Store(field), .. } if field == key);
    });
    by_trigger && !assigned
}
