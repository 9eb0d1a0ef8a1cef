#![doc = include_str!("../pages/E0552.md")]

use super::roles::{Roles, Scope};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At, Expr, ExprKind, Message};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    error("E0552", "a message to a peer of another role", include_str!("../pages/E0552.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<At> = BTreeSet::new();
    for (name, actor) in &context.protocol.actors {
        for handler in actor.states.values().flat_map(|s| &s.handlers) {
            let scope = Scope::new(context.protocol, name, actor, handler);
            for list in walk::handler_actions(handler) {
                walk::actions(list, &mut |action| {
                    let (Action::Send { to, message, .. } | Action::Broadcast { to, message, .. }) = action
                    else {
                        return;
                    };
                    let Some(declared) = context.protocol.messages.get(message) else { return };
                    for part in parts(to) {
                        let roles = scope.of(part);
                        // One line of source may stand for several states.
                        if is_wrong(&roles, declared) && seen.insert(part.meta) {
                            let own = part.kind == ExprKind::SelfId;
                            found.push(report(context, message, declared, part, &roles, own));
                        }
                    }
                });
            }
        }
    }
}

/// The peers of a list that is put together on the spot, else the receivers themselves.
fn parts(to: &Expr) -> Vec<&Expr> {
    match &to.kind {
        ExprKind::List(items) => items.iter().flat_map(parts).collect(),
        ExprKind::Builtin(omt_runtime::ir::Builtin::Concat, items) => items.iter().flat_map(parts).collect(),
        ExprKind::Binary(omt_runtime::ir::BinaryOp::Concat, a, b) => {
            parts(a).into_iter().chain(parts(b)).collect()
        }
        ExprKind::Convert(_, inner) => parts(inner),
        _ => vec![to],
    }
}

fn is_wrong(roles: &Roles, message: &Message) -> bool {
    roles.as_ref().is_some_and(|roles| !roles.is_empty() && roles.iter().all(|r| !message.to.contains(r)))
}

fn report(
    context: &Context<'_>,
    name: &str,
    message: &Message,
    to: &Expr,
    roles: &Roles,
    own: bool,
) -> Diagnostic {
    let who: Vec<&str> = roles.iter().flatten().map(String::as_str).collect();
    let who = who.join(" or ");
    let (title, label) = if own {
        (format!("{name} is sent to its own sender"), format!("this is {who} itself"))
    } else {
        (format!("{name} is sent to {who}, who does not receive it"), format!("who this names plays {who}"))
    };
    Diagnostic::new(CODE, context.span(to.meta), title)
        .with_label(label)
        .with_secondary(context.span(message.meta.at), format!("it goes to {}", message.to.join(" and ")))
        .with_note(
            "a peer refuses a message that is not meant for its role, and whom it is meant for waits in vain",
        )
        .with_help(format!("send it to {}, or add {who} to the list after `to`", message.to.join(" or ")))
}
