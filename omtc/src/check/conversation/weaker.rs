#![doc = include_str!("../pages/W0574.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, BinaryOp, Cause, Expr, ExprKind, Handler, Protocol, Transition, UnaryOp};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0574", "one of two like ways that demands less", include_str!("../pages/W0574.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let mut reported: BTreeSet<(At, At)> = BTreeSet::new();
    for (actor, _, state_name, state) in walk::states(protocol) {
        let transitions: Vec<(&Transition, &str)> = state
            .handlers
            .iter()
            .filter_map(|h| match h {
                Handler::Transition(t) => match &t.cause {
                    Cause::Message(m) => Some((t, m.as_str())),
                    Cause::Auto
                    | Cause::Trigger(_)
                    | Cause::Task(_)
                    | Cause::Timeout(_)
                    | Cause::Period(_) => None,
                },
                Handler::Collect(_) => None,
            })
            .collect();
        for (weak, message) in &transitions {
            for (strict, other) in &transitions {
                if !alike(protocol, message, other) || weak.then.to != strict.then.to {
                    continue;
                }
                let Some(missing) = missing(weak, message, strict, other) else { continue };
                if !reported.insert((weak.meta.at, strict.meta.at)) {
                    continue;
                }
                let at = weak.guard.as_ref().map_or(weak.meta.at, |g| g.meta);
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(at),
                        format!("{message} leads {actor} from {state_name} to {} on easier terms than {other}", weak.then.to),
                    )
                    .with_label(format!("lacks a condition that {other} must fulfil"))
                    .with_secondary(context.span(missing.meta), "this one")
                    .with_note("both messages have the same fields and lead to the same state; who can choose takes the easier way")
                    .with_help("demand the same of both"),
                );
            }
        }
    }
}

/// Are they two messages with the same fields?
fn alike(protocol: &Protocol, one: &str, other: &str) -> bool {
    let fields = |name: &str| {
        let message = protocol.messages.get(name)?;
        Some(message.fields.iter().map(|(n, f)| (n, &f.ty)).collect::<Vec<_>>())
    };
    // Many messages have one field of one type; that says little.
    one != other && fields(one).is_some_and(|f| f.len() > 1 && Some(f) == fields(other))
}

/// What the strict one demands beyond all that the weak one does; none when they are not comparable.
fn missing<'a>(weak: &Transition, message: &str, strict: &'a Transition, other: &str) -> Option<&'a Expr> {
    if !weak.lets.is_empty() || !strict.lets.is_empty() {
        return None;
    }
    let parts = |t: &'a Transition| t.guard.iter().flat_map(conjuncts).collect::<Vec<&'a Expr>>();
    let demanded: Vec<&Expr> = weak.guard.iter().flat_map(conjuncts).collect();
    let known = demanded.iter().map(|e| print(e, message)).collect::<Option<BTreeSet<String>>>()?;
    let mut beyond = Vec::new();
    let mut shared = 0_usize;
    for e in parts(strict) {
        if known.contains(&print(e, other)?) {
            shared = shared.saturating_add(1);
        } else {
            beyond.push(e);
        }
    }
    if shared < known.len() {
        return None;
    }
    // How large a number is may well decide for one message and not for the other.
    beyond.into_iter().find(|e| verifies(e))
}

fn conjuncts(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Binary(BinaryOp::And, left, right) => {
            let mut all = conjuncts(left);
            all.extend(conjuncts(right));
            all
        }
        _ => vec![e],
    }
}

/// A comparison for equality, or a question that a function answers.
fn verifies(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual, ..)
        | ExprKind::Call(..)
        | ExprKind::Builtin(..) => true,
        ExprKind::Unary(UnaryOp::Not, inner) => verifies(inner),
        _ => false,
    }
}

/// The condition as text, the message under one name.
fn print(e: &Expr, message: &str) -> Option<String> {
    let text = walk::bare(e)?.to_string();
    Some(text.replace(&format!("{{\"Message\":\"{message}\"}}"), "message"))
}
