#![doc = include_str!("../pages/E0455.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Expr, ExprKind};

/// Its code.
pub const CODE: Code = error("E0455", "an effect in a guard", include_str!("../pages/E0455.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (_, _, _, state) in walk::states(context.protocol) {
        for handler in &state.handlers {
            for condition in walk::conditions(handler) {
                look(context, condition, "a guard", found);
            }
        }
        for guard in state.overrides.iter().filter_map(|o| o.guard.as_ref()) {
            look(context, guard, "a guard", found);
        }
        for limit in &state.limits {
            look(context, &limit.value, "a time limit", found);
        }
    }
}

fn look(context: &Context<'_>, condition: &Expr, place: &str, found: &mut Vec<Diagnostic>) {
    let Some(used) = walk::first(context.protocol, condition, effect) else { return };
    found.push(
        used.report(context, CODE, format!("{} in {place}", used.what))
            .with_note(
                "guards are judged again and again, also for inputs that are then refused; what they use up or sign \
                 must not depend on that",
            )
            .with_help("do it in an action, and keep the result in the store"),
    );
}

fn effect(expr: &Expr) -> Option<String> {
    if let ExprKind::Builtin(builtin @ (Builtin::RandomBytes | Builtin::GenerateId | Builtin::Sign), _) =
        &expr.kind
    {
        return Some(format!("`{}`", builtin.name()));
    }
    None
}
