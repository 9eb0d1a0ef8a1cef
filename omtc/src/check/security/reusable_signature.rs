#![doc = include_str!("../pages/S0717.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use super::flow::value::Value;
use super::message::parts_of;
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("S0717", "a signature that serves in every session", include_str!("../pages/S0717.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let flow = context.flow();
    let mut reported = BTreeSet::new();
    for step in flow.steps.iter().filter(|step| !step.lost) {
        for call in step.made().flat_map(signs) {
            let Some(Type::Struct(name)) = call.operands().first().and_then(|v| v.plain()) else { continue };
            let Some(record) = context.protocol.structs.get(name) else { continue };
            let parts: Vec<_> = record
                .fields
                .iter()
                .flat_map(|(field, declared)| {
                    parts_of(context.protocol, field, &declared.ty, declared.meta.at)
                })
                .collect();
            // A struct that `--lenient` has made of something else has no place of its own.
            let made_up = record.meta.at.line <= 1 && record.fields.len() == 1;
            if made_up || parts.iter().any(|part| singles_out(part.name(), part.ty)) || !reported.insert(name)
            {
                continue;
            }
            found.push(
                Diagnostic::new(CODE, context.span(call.at), format!("what {} signs here fits every session", step.actor))
                    .with_label(format!("a {name} holds nothing that tells one session from another"))
                    .with_secondary(context.span(record.meta.at), "neither a session nor a nonce, a number or a time in it")
                    .with_note("SIGN covers the value and nothing else: whoever has the signature can show it again in another session, and in every other transaction that knows the struct")
                    .with_help(format!("add a field to {name} that ties it to the session: `{} hash`", context.protocol.session_key)),
            );
        }
    }
}

fn signs<'a>(value: &Value<'a>) -> Vec<Value<'a>> {
    super::flow::known::calls(std::slice::from_ref(value), Builtin::Sign)
}

/// Can a field of that name and type make a record one of its kind?
fn singles_out(name: &str, ty: &Type) -> bool {
    let words = [
        "nonce", "serial", "sequence", "epoch", "round", "number", "counter", "version", "id", "height",
        "index", "session", "term", "ballot", "view",
    ];
    match ty {
        Type::Hash
        | Type::Bytes
        | Type::Timestamp
        | Type::Block(_)
        | Type::Signed(_)
        | Type::Segment
        | Type::Signature => true,
        Type::Uint | Type::Int | Type::String => name.split('_').any(|word| words.contains(&word)),
        _ => false,
    }
}
