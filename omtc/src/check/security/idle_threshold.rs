#![doc = include_str!("../pages/S0707.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::value::{Kind, Op, Value, Visited, walk_new};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::ParameterValue;
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0707", "a threshold that decides nothing", include_str!("../pages/S0707.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let (mut deciding, mut named) = (Names::default(), Names::default());
    let mut looked_into = Visited::default();
    for step in &context.flow().steps {
        if step.lost {
            return;
        }
        let ifs = step.effects.iter().flat_map(|effect| &effect.when);
        for condition in step.conditions.iter().chain(ifs) {
            deciding.add(&condition.value);
        }
        for effect in &step.effects {
            if let Some(list) = &effect.over {
                deciding.add(list);
            }
        }
        for value in step.made().chain(&step.lets) {
            named.add(value);
            walk_new(&mut looked_into, value, &mut |v| {
                // Chosen by it, limited by it, a time computed with it.
                let decides = match &v.kind {
                    Kind::If(condition, ..) => {
                        deciding.add(condition);
                        false
                    }
                    Kind::Compare(..) | Kind::Item(_, Some(_)) => true,
                    Kind::Op(op, _) => !matches!(op, Op::List | Op::Map),
                    _ => false,
                };
                if decides {
                    deciding.add(v);
                }
                true
            });
        }
    }
    for (name, parameter) in &protocol.parameters {
        let threshold = matches!(parameter.value, ParameterValue::Uint(_) | ParameterValue::Decimal { .. })
            && name.split('_').any(|word| WORDS.contains(&word));
        if threshold && named.names.contains(name.as_str()) && !deciding.names.contains(name.as_str()) {
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(parameter.meta.base.at),
                    format!("{name} is told to others, and decides nothing"),
                )
                .with_label("no guard, no `IF` and no time limit depends on it")
                .with_note("who reads the parameter believes that it protects something")
                .with_help(format!("compare something with {name} in a guard, or remove it")),
            );
        }
    }
}

/// Words in the names of parameters that say that something must not be more, or less.
const WORDS: &[&str] =
    &["THRESHOLD", "QUORUM", "MIN", "MAX", "LIMIT", "MINIMUM", "MAXIMUM", "LEAST", "MOST", "MAJORITY"];

/// Parameters that some values depend on.
#[derive(Default)]
struct Names<'a> {
    names: BTreeSet<&'a str>,
    /// What was looked at already: values share most of what they are made of.
    seen: Visited,
}

impl<'a> Names<'a> {
    fn add(&mut self, value: &Value<'a>) {
        walk_new(&mut self.seen, value, &mut |v| {
            if let Kind::Parameter(name) = v.kind {
                self.names.insert(name);
            }
            true
        });
    }
}
