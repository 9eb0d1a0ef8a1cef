#![doc = include_str!("../pages/S0718.md")]

use super::count::at_least;
use super::flow::decide::literals;
use super::flow::step::Sender;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0718", "votes that can be denied", include_str!("../pages/S0718.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in &flow.steps {
        let (Some(message), Some(name), Some(collect)) = (step.message, step.message_name(), step.collect)
        else {
            continue;
        };
        if message.signed || !matches!(step.sender(), Sender::Many(_)) || step.lost {
            continue;
        }
        let decided = flow.of_actor(step.actor).find_map(|other| {
            literals(&other.conditions).iter().find_map(|literal| {
                let count = at_least(literal)?;
                let quorum =
                    count.field() == Some(&collect.into) && count.fitting && !count.enough.is_fixed_number();
                quorum.then_some(literal.value.at)
            })
        });
        let Some(decided) = decided else { continue };
        if !reported.insert((step.actor, name)) {
            continue;
        }
        found.push(
            Diagnostic::new(CODE, context.span(message.meta.at), format!("{name} is counted as a vote, and not signed"))
                .with_label("no signature says later who voted how")
                .with_secondary(context.span(step.at), "collected here")
                .with_secondary(context.span(decided), "and counted here")
                .with_note("a member that says one thing to one peer and another thing to another is caught only if both are signed")
                .with_help(format!("write `signed` behind the receivers of {name}")),
        );
    }
}
