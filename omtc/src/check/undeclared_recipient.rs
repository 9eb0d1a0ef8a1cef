#![doc = include_str!("pages/E0552.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, ExprKind};

/// Its code.
pub const CODE: Code =
    error("E0552", "a message handled by somebody it is not for", include_str!("pages/E0552.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        for handler in actor.states.values().flat_map(|s| &s.handlers) {
            let Some(name) = walk::message(handler) else { continue };
            let Some(message) = context.protocol.messages.get(name) else { continue };
            if message.to.contains(actor_name) {
                continue;
            }
            let to = message.to.join(", ");
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(walk::place(handler)),
                    format!("{actor_name} handles {name}, which is not for {actor_name}"),
                )
                .with_label("never taken")
                .with_secondary(context.span(message.meta.at), format!("for {to}"))
                .with_note("a message is offered only to the instances of the actors that its `to` names")
                .with_help(format!("write `to [{to}, {actor_name}]`")),
            );
        }
        walk::actor_actions(actor, &mut |action| {
            let Some((name, role)) = addressee(action, actor) else { return };
            let Some(message) = context.protocol.messages.get(name) else { return };
            if message.to.contains(&role) {
                return;
            }
            let to = message.to.join(", ");
            let who = if role == NETWORK { "the gossip set".to_owned() } else { format!("the {role}") };
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(walk::action_place(action)),
                    format!("{name} goes to {who}, whom it is not for"),
                )
                .with_label("sent here")
                .with_secondary(context.span(message.meta.at), format!("for {to}"))
                .with_note("the receiver would discard it")
                .with_help(format!("write `to [{to}, {role}]`, or send it to somebody else")),
            );
        });
    }
}

/// The role that stands for gossip in a list of recipients.
const NETWORK: &str = "Network";

/// Message and role of a sending action whose receiver is the roster field of one role.
fn addressee<'a>(action: &'a Action, actor: &Actor) -> Option<(&'a str, String)> {
    let (to, message) = match action {
        Action::Send { to, message, .. } | Action::Broadcast { to, message, .. } => (to, message),
        Action::Gossip { message, .. } => return Some((message, NETWORK.to_owned())),
        Action::Assign { .. }
        | Action::Append { .. }
        | Action::Let { .. }
        | Action::If { .. }
        | Action::For { .. }
        | Action::Abort { .. }
        | Action::Start { .. } => return None,
    };
    let mut expr = to;
    while let ExprKind::Convert(_, inner) = &expr.kind {
        expr = inner;
    }
    let (ExprKind::Store(field) | ExprKind::Shared(field)) = &expr.kind else { return None };
    let mut roles = actor.peers.iter().filter(|(_, f)| *f == field).map(|(role, _)| role);
    let role = roles.next()?;
    // A field that two roles share says nothing.
    roles.next().is_none().then(|| (message.as_str(), role.clone()))
}
