#![doc = include_str!("../pages/W0560.md")]

use super::slots::{self, Sight};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix};
use omt_runtime::ir::{At, BinaryOp, Expr, ExprKind, Type};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("W0560", "a comparison of the wrong pair", include_str!("../pages/W0560.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<At> = BTreeSet::new();
    // A whole guard that always comes out the same is the machine's finding.
    let guards: BTreeSet<At> = walk::states(context.protocol)
        .flat_map(|(_, _, _, state)| &state.handlers)
        .flat_map(walk::conditions)
        .map(|e| e.meta)
        .collect();
    slots::everywhere(context.protocol, &mut |sight, e| {
        let ExprKind::Binary(op, a, b) = &e.kind else { return };
        let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
        let order =
            matches!(op, BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual);
        if !equality && !order {
            return;
        }
        let same = if guards.contains(&e.meta) { None } else { itself(context, a, b, e) };
        let d = same.or_else(|| {
            if !equality {
                return None;
            }
            pair(context, sight, a, b)
                .or_else(|| pair(context, sight, b, a))
                .or_else(|| session(context, sight, a, b))
        });
        if let Some(d) = d
            && seen.insert(e.meta)
        {
            found.push(d);
        }
    });
}

/// A value, or one moved by a constant, compared with the very same value.
fn itself(context: &Context<'_>, a: &Expr, b: &Expr, whole: &Expr) -> Option<Diagnostic> {
    let (left, right) = (moved(a), moved(b));
    if !slots::is_path(left) || !walk::alike(left, right) {
        return None;
    }
    Some(
        Diagnostic::new(CODE, context.span(whole.meta), "a value is compared with itself")
            .with_label("the same value on both sides")
            .with_note("it always comes out the same, so it decides nothing")
            .with_help("compare it with the value that it is to be held against"),
    )
}

/// Without constants that are added or taken away.
fn moved(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Convert(_, inner) => moved(inner),
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Subtract, a, b) if is_constant(b) => moved(a),
        ExprKind::Binary(BinaryOp::Add, a, b) if is_constant(a) => moved(b),
        _ => e,
    }
}

fn is_constant(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Integer(_) | ExprKind::Parameter(_) => true,
        ExprKind::Convert(_, inner) => is_constant(inner),
        _ => false,
    }
}

/// `a.x == b.y`, although `b` has an `x` of the same type: records of two kinds that share a name are compared by it.
fn pair<'a>(context: &Context<'_>, sight: Sight<'a>, a: &'a Expr, b: &'a Expr) -> Option<Diagnostic> {
    let (left, right) = (sight.name(a)?, sight.name(b)?);
    let (of_left, of_right) = (holder(a)?, holder(b)?);
    if left == right
        || slots::is_turned(left)
        || slots::is_turned(right)
        || slots::is_kind_of(left, right)
        || of_left.ty.plain() == of_right.ty.plain()
    {
        return None;
    }
    let protocol = context.protocol;
    let offered = omt_runtime::ir::signature::field_type(protocol, of_right.ty.plain(), left)?;
    if offered != *slots::bare(b).ty.plain() && offered != slots::bare(b).ty {
        return None;
    }
    let (Some(written), Some(base)) = (sight.text(b), base_text(sight, of_right)) else { return None };
    let wanted = format!("{base}.{left}");
    Some(
        Diagnostic::new(
            CODE,
            context.span(b.meta),
            format!("`{left}` is compared with `{written}`, although there is `{wanted}`"),
        )
        .with_label(format!("this is `{right}`"))
        .with_secondary(context.span(a.meta), format!("this is `{left}`"))
        .with_note("both have the same type, so nothing else would notice that the wrong one is taken")
        .with_help(format!("compare with `{wanted}`"))
        .with_fix(
            Fix::new(Applicability::Unsafe, format!("write `{wanted}`"))
                .replace(context.span(b.meta), wanted),
        ),
    )
}

/// The record that a field is taken from.
fn holder(e: &Expr) -> Option<&Expr> {
    match &slots::bare(e).kind {
        ExprKind::Field(base, _) => Some(slots::bare(base)),
        _ => None,
    }
}

fn base_text<'a>(sight: Sight<'a>, base: &'a Expr) -> Option<String> {
    match &base.kind {
        ExprKind::Payload => Some("message".to_owned()),
        ExprKind::CurrentBlock => Some("block".to_owned()),
        _ => sight.text(base),
    }
}

/// The id of the session compared with something that is called a hash, commitment or head of something else.
fn session<'a>(context: &Context<'_>, sight: Sight<'a>, a: &'a Expr, b: &'a Expr) -> Option<Diagnostic> {
    let key = context.protocol.session_key.as_str();
    let is_key = |e: &'a Expr| matches!(slots::bare(e).kind, ExprKind::Session) || sight.name(e) == Some(key);
    let (id, other) = match (is_key(a), is_key(b)) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ => return None,
    };
    let name = sight.name(other)?;
    if *slots::bare(other).ty.plain() != Type::Hash || !is_hash_of(name) {
        return None;
    }
    Some(
        Diagnostic::new(
            CODE,
            context.span(other.meta),
            format!("the id of the session is compared with `{name}`"),
        )
        .with_label("a hash of something else, by its name")
        .with_secondary(context.span(id.meta), "the id of the session")
        .with_note("both are hashes, so nothing else would notice that they are of different things")
        .with_help(format!("compare `{name}` with the hash of what it is called after")),
    )
}

/// `terms_hash`, `nonce_commitment`: a name that says what it is the hash of.
pub fn is_hash_of(name: &str) -> bool {
    ["_hash", "_commitment", "_root", "_head"].iter().any(|end| name.ends_with(end))
        && !name.contains("session")
}
