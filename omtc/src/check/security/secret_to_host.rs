#![doc = include_str!("../pages/S0725.md")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what is not of the kind asked for says nothing here")]

use crate::check::{Check, Context};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::Type;

/// Its code.
pub const CODE: Code = error("S0725", "a secret given to the host", include_str!("../pages/S0725.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    for (kind, natives) in [("native function", &protocol.natives), ("native task", &protocol.tasks)] {
        for (name, native) in natives {
            let Some(parameter) = native.parameters.iter().find(|p| is_secret(&p.ty)) else { continue };
            found.push(
                Diagnostic::new(CODE, context.span(native.meta.at), format!("the {kind} {name} is given a secret"))
                    .with_label(format!("`{}` is a {}", parameter.meta.name, parameter.ty))
                    .with_note("a secret is stored, compared, hashed and signed, and leaves by REVEAL alone; the arguments of a native are recorded by the host")
                    .with_help(format!("declare `{}` without `secret<…>` and give it `REVEAL(…)`, or give it `HASH(…)` of the secret", parameter.meta.name)),
            );
        }
    }
}

fn is_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Optional(inner) | Type::List(inner) | Type::Map(_, inner) => is_secret(inner),
        _ => false,
    }
}
