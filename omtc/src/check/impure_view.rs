#![doc = include_str!("pages/E0456.md")]

use super::{Check, Context, walk};
use crate::diagnostic::codes::error;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Builtin, Expr, ExprKind};

/// Its code.
pub const CODE: Code = error("E0456", "a view that asks more than its chain", include_str!("pages/E0456.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (name, view) in &context.protocol.views {
        let mut roots: Vec<&Expr> = Vec::new();
        for handler in &view.handlers {
            roots.extend(&handler.guard);
            walk::action_roots(&handler.actions, &mut |e| roots.push(e));
        }
        for root in roots {
            let Some(asked) = walk::first(context.protocol, root, world) else { continue };
            found.push(
                asked
                    .report(context, CODE, format!("view {name} depends on {}", asked.what))
                    .with_note(
                        "everybody must compute the same view of the same blocks, and a view is remembered by the \
                         hash of its last block",
                    )
                    .with_help("take it from the block: `block.time`, `block.author`, `block.payload`"),
            );
        }
    }
}

/// What is not a function of the blocks.
fn world(expr: &Expr) -> Option<String> {
    if let ExprKind::Builtin(
        builtin @ (Builtin::Now
        | Builtin::Read
        | Builtin::RandomBytes
        | Builtin::GenerateId
        | Builtin::Sign
        | Builtin::Equivocation),
        _,
    ) = &expr.kind
    {
        Some(format!("`{}`", builtin.name()))
    } else if let ExprKind::Native(name, _) = &expr.kind {
        Some(format!("the native `{name}`"))
    } else if let ExprKind::Load(name) | ExprKind::Store(name) | ExprKind::Shared(name) = &expr.kind {
        Some(format!("the field `{name}` of whoever computes it"))
    } else if expr.kind == ExprKind::OwnChain {
        Some("the own chain of whoever computes it".to_owned())
    } else {
        (expr.kind == ExprKind::SelfId).then(|| "who computes it".to_owned())
    }
}
