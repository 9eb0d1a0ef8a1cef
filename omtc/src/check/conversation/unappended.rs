#![doc = include_str!("../pages/W0561.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Action;
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("W0561", "a block that nobody appends", include_str!("../pages/W0561.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let mut appended = BTreeSet::new();
    for actor in protocol.actors.values() {
        walk::actor_actions(actor, &mut |action| {
            if let Action::Append { block, .. } = action {
                appended.insert(block.as_str());
            }
        });
    }
    // Blocks of an imported file are appended by whichever transaction needs them.
    let own = protocol.blocks.iter().filter(|(_, block)| context.is_own(block.meta.at));
    for (name, block) in own.filter(|(name, _)| !appended.contains(name.as_str())) {
        let mut d = Diagnostic::new(CODE, context.span(block.meta.at), format!("nobody appends {name}"))
            .with_label(format!("declared `by` {}", block.by.join(" and ")));
        let reader = protocol.views.values().flat_map(|v| &v.handlers).find(|h| h.block == *name);
        if let Some(reader) = reader {
            d = d.with_secondary(context.span(reader.meta.at), "folded here, if there were any");
        }
        found.push(
            d.with_note(
                "a block that is on no chain changes nothing, and what is read from it is always empty",
            )
            .with_help(format!(
                "append it where it is due: `APPEND(chain, {name})`, or remove its declaration"
            )),
        );
    }
}
