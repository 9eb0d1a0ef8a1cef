//! Equality of parts of the IR: what is not behaviour (positions, documentation, names of locals) does not count.

use crate::backend::markdown;
use crate::check::walk;
use omt_runtime::ir::{Action, Expr, Field, Local, Stmt};

/// Longest text of an expression that is shown; whoever wants the whole of it looks at the place.
const SHOWN_CHARS_MAX: usize = 120;

/// Are two expressions the same, each in its frame?
pub fn expressions((a, a_frame): (&Expr, &[Local]), (b, b_frame): (&Expr, &[Local])) -> bool {
    // A local that moved to another slot is the same one, and so is a local of another name.
    walk::alike(a, b) || (a.ty == b.ty && markdown::text(a, a_frame) == markdown::text(b, b_frame))
}

/// The same for conditions that may be missing.
pub fn optional((a, a_frame): (Option<&Expr>, &[Local]), (b, b_frame): (Option<&Expr>, &[Local])) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => expressions((a, a_frame), (b, b_frame)),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Are two lists of actions the same, to the slot?
pub fn actions(a: &[Action], b: &[Action]) -> bool {
    walk::alike_all(a, b)
}

/// Are two bodies of functions the same, to the slot?
pub fn statements(a: &[Stmt], b: &[Stmt]) -> bool {
    walk::alike_all(a, b)
}

/// An expression as it is shown: in one line, not too long.
pub fn shown(expr: &Expr, frame: &[Local]) -> String {
    let text = markdown::text(expr, frame);
    if text.chars().count() <= SHOWN_CHARS_MAX {
        return text;
    }
    let mut short: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    short.push('…');
    short
}

/// `name type`
pub fn field(name: &str, field: &Field) -> String {
    format!("{name} {}", field.ty)
}
