#![doc = include_str!("../pages/W0565.md")]

use super::reads::Reads;
use super::writes::{self, Write};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Expr, ExprKind, Type};

/// Its code.
pub const CODE: Code =
    warning("W0565", "a field that only ever has its first value", include_str!("../pages/W0565.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let reads = Reads::of(protocol);
    for (actor_name, actor) in &protocol.actors {
        let writes = writes::of(actor);
        for (name, field) in &actor.store {
            let roster = actor.peers.iter().find(|(_, f)| *f == name).map(|(role, _)| role);
            let is_read = reads.store(actor_name, name) || roster.is_some();
            let bound = writes::bound_at_creation(protocol, actor, name);
            if name.contains('$') || *name == protocol.session_key || !is_read || bound {
                continue;
            }
            let mine: Vec<&Write<'_>> = writes.iter().filter(|w| w.field == name).collect();
            if !mine.iter().all(|w| w.value.is_some_and(is_first)) {
                continue;
            }
            let first = match field.ty.plain() {
                _ if field.ty.is_optional() => "null",
                Type::List(_) | Type::Map(..) => "empty",
                _ => "unset",
            };
            let mut d = Diagnostic::new(
                CODE,
                context.span(field.meta.at),
                format!("`{name}` of {actor_name} is read, and always {first}"),
            )
            .with_label(if mine.is_empty() {
                "never assigned"
            } else {
                "never assigned anything else"
            });
            for write in mine.iter().take(1) {
                d = d.with_secondary(context.span(write.at), format!("{first} here, too"));
            }
            let note = match roster {
                Some(role) => format!(
                    "it says who plays {role}: nobody ever does, so no message from a {role} is accepted"
                ),
                None => "a decision that rests on it is always the same; perhaps an assignment is missing"
                    .to_owned(),
            };
            found.push(
                d.with_note(note).with_help(format!("assign `{name}` before it is read, or remove it")),
            );
        }
    }
}

/// Is it what a field begins with?
fn is_first(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Null => true,
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Map(entries) => entries.is_empty(),
        _ => false,
    }
}
