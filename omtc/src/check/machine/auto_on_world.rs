#![doc = include_str!("../pages/E0454.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Cause, Expr, ExprKind, Handler};

/// Its code.
pub const CODE: Code = error(
    "E0454",
    "the world asked in the guard of a waiting state's auto",
    include_str!("../pages/E0454.md"),
);

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (actor, _, name, state) in walk::states(context.protocol) {
        // A state that is passed through judges its guards once, in the step that enters it.
        if state.passed_through() {
            continue;
        }
        for handler in &state.handlers {
            let Handler::Transition(t) = handler else { continue };
            if t.cause != Cause::Auto {
                continue;
            }
            for condition in walk::conditions(handler) {
                let Some(asked) = walk::first(context.protocol, condition, question) else { continue };
                found.push(
                    asked
                        .report(
                            context,
                            CODE,
                            format!(
                                "the `auto` of {actor}.{name} depends on {}, which changes while nothing happens",
                                asked.what
                            ),
                        )
                        .with_note(
                            "an `auto` is looked at only after a step of this instance, so it would be taken not when \
                             the answer changes, but whenever the next message happens to come",
                        )
                        .with_help("use `on timeout(…)` for time, and a task for what the host must find out"),
                );
            }
        }
    }
}

/// What of the world an expression itself asks.
pub(super) fn question(expr: &Expr) -> Option<String> {
    if let ExprKind::Native(name, _) = &expr.kind {
        return Some(format!("the native `{name}`"));
    }
    if let ExprKind::Builtin(builtin @ (Builtin::Now | Builtin::Read | Builtin::Equivocation), _) = &expr.kind
    {
        return Some(format!("`{}`", builtin.name()));
    }
    None
}
