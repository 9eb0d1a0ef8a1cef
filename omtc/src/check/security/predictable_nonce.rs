#![doc = include_str!("../pages/S0712.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::value::{Constant, Kind, Op, Root, Value, any, atoms, walk};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("S0712", "a nonce that can be guessed", include_str!("../pages/S0712.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in flow.steps.iter().filter(|step| !step.lost) {
        let mut report = |name: &str, value: &Value<'_>| {
            if !is_nonce(name, value) || !guessable(value) || !reported.insert((step.actor, value.at)) {
                return;
            }
            found.push(
                Diagnostic::new(CODE, context.span(value.at), format!("{} makes `{name}` of what everybody knows", step.actor))
                    .with_label("the same, or nearly the same, for whoever tries")
                    .with_note("a nonce that can be guessed can be prepared for: the answer to it is ready before the question")
                    .with_help("use `RANDOM_BYTES(32)`"),
            );
        };
        for (_, root, keys, value) in step.writes() {
            if let (Root::Store(name) | Root::Shared(name), true) = (root, keys.is_empty()) {
                report(name, value);
            }
        }
        for value in step.made() {
            walk(value, &mut |v| {
                if let Kind::Record(fields) = &v.kind {
                    fields.iter().for_each(|(name, value)| report(name, value));
                }
                true
            });
        }
    }
}

fn is_nonce(name: &str, value: &Value<'_>) -> bool {
    let of_bytes = matches!(value.plain(), Some(Type::Bytes | Type::Hash));
    // A hash of a nonce commits to it, it is none.
    let other = ["commitment", "hash", "epoch"].iter().any(|word| name.contains(word));
    of_bytes && !other && ["nonce", "salt", "challenge", "entropy"].iter().any(|word| name.contains(word))
}

/// Made of fixed things, the time and names alone?
fn guessable(value: &Value<'_>) -> bool {
    let chance = any(value, &|v| match &v.kind {
        Kind::Op(
            Op::Builtin(Builtin::RandomBytes | Builtin::GenerateId | Builtin::Reveal | Builtin::Sign)
            | Op::Native(_)
            | Op::Mix,
            _,
        ) => true,
        Kind::Constant(Constant::Null) => true,
        _ => matches!(v.plain(), Some(Type::Secret(_))),
    });
    let from_elsewhere = atoms(value)
        .iter()
        .any(|atom| !matches!(atom.root, Root::Own | Root::Session | Root::Sender | Root::Chain));
    !chance && !from_elsewhere
}
