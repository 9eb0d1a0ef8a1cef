#![doc = include_str!("pages/E0459.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = error("E0459", "a function that calls itself", include_str!("pages/E0459.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (name, function) in &context.protocol.functions {
        let mut called: Vec<&str> = Vec::new();
        walk::body(&function.body, &mut |e| walk::calls(e, &mut called));
        let mut seen = BTreeSet::new();
        while let Some(next) = called.pop() {
            if !seen.insert(next) {
                continue;
            }
            if let Some(function) = context.protocol.functions.get(next) {
                walk::body(&function.body, &mut |e| walk::calls(e, &mut called));
            }
        }
        if seen.contains(name.as_str()) {
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(function.meta.at),
                    format!("function {name} calls itself"),
                )
                .with_label(match seen.len() {
                    0 | 1 => "directly".to_owned(),
                    _ => format!("through {}", seen.iter().copied().collect::<Vec<_>>().join(", ")),
                })
                .with_note("every function ends: it may only call functions that do not lead back to it")
                .with_help("use a `for` loop, `REDUCE` or `MAP` over a list"),
            );
        }
    }
}
