#![doc = include_str!("pages/E0554.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Action;

/// Its code.
pub const CODE: Code =
    error("E0554", "a block appended by an undeclared author", include_str!("pages/E0554.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor_name, actor) in &context.protocol.actors {
        walk::actor_actions(actor, &mut |action| {
            let Action::Append { block: name, meta, .. } = action else { return };
            let Some(block) = context.protocol.blocks.get(name) else { return };
            if block.by.contains(actor_name) {
                return;
            }
            let by = block.by.join(", ");
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(*meta),
                    format!("{actor_name} appends {name}, which is not for {actor_name} to append"),
                )
                .with_label("appended here")
                .with_secondary(context.span(block.meta.at), format!("by {by}"))
                .with_note(
                    "whoever reads a chain relies on the list after `by` to know what a block of that kind means",
                )
                .with_help(format!("write `by [{by}, {actor_name}]`")),
            );
        });
    }
}
