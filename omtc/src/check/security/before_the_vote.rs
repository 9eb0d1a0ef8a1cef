#![doc = include_str!("../pages/S0706.md")]

use super::count::at_least;
use super::flow::decide::literals;
use super::flow::step::{Condition, Source};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use std::sync::Arc;

/// Its code.
pub const CODE: Code =
    warning("S0706", "a vote that is decided before it has begun", include_str!("../pages/S0706.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    for step in &flow.steps {
        let Some(guard) = &step.guard else { continue };
        if step.cause != Source::Auto || step.otherwise || step.lost {
            continue;
        }
        let own = Condition { value: Arc::clone(guard), holds: true };
        let asked = literals([&own]);
        for literal in asked.iter().filter(|literal| literal.certain) {
            let Some(count) = at_least(literal).filter(|count| count.at_most) else { continue };
            let Some(field) = count.field() else { continue };
            let gathered = flow
                .of_actor(step.actor)
                .find(|other| other.state == step.state && other.collect.is_some_and(|c| c.into == field));
            // All have spoken, and too few of them in favour.
            let enough_came = asked.iter().any(|other| {
                other.certain && at_least(other).is_some_and(|c| !c.at_most && c.field() == Some(field))
            });
            if enough_came {
                continue;
            }
            let Some(gathered) = gathered.filter(|_| !count.relative_to(field)) else { continue };
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(literal.value.at),
                    format!("{} leaves {} while there are too few in `{field}`", step.actor, step.state),
                )
                .with_label("true as soon as the state is entered, when nobody has said anything")
                .with_secondary(context.span(gathered.at), "what would be waited for")
                .with_note(
                    "an `auto` is taken as soon as its guard holds, and this one holds for no votes at all",
                )
                .with_help("turn the comparison round, or ask for it on a time limit"),
            );
            break;
        }
    }
}
