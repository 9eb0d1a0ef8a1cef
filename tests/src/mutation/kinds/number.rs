//! Mistakes in numbers: thresholds, counts, constants, operators.

use super::Kind;
use super::guard::one_line;
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use crate::mutation::types::{Types, type_text};
use omtc::source::Span;
use omtc::syntax::ast::{BinaryOp, Decl, ExprKind, ParameterValue, Unit};

pub const KINDS: &[Kind] = &[
    Kind {
        name: "shift-threshold",
        what: "one more or one less than is compared with",
        places: shift_threshold,
    },
    Kind { name: "shift-count", what: "one more or one less than a function says", places: shift_count },
    Kind { name: "shift-constant", what: "another number", places: shift_constant },
    Kind { name: "shift-parameter", what: "another value of a parameter", places: shift_parameter },
    Kind { name: "wrong-operator", what: "`+` for `-`, `*` for `//` and the like", places: wrong_operator },
];

/// Numbers without a unit, as far as one sees.
const COUNTS: [&str; 3] = ["uint", "int", "count"];

fn shift_threshold(subject: &Subject) -> Vec<Mutant> {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, e) in subject.expressions() {
        let ExprKind::Binary { op, left, right, .. } = &e.kind else { continue };
        let counts = [left, right].iter().any(|side| {
            matches!(side.kind, ExprKind::Number(_))
                || types.ty(at, side).is_some_and(|ty| COUNTS.contains(&ty.as_str()))
        });
        if counts && [Ge, Gt, Le, Lt, Eq, Ne].contains(op) {
            for by in ["+ 1", "- 1"] {
                let what = format!("`{by}` in `{}`", one_line(subject, e));
                found.push(
                    Mutant::new(right.span, what)
                        .replace(right.span, format!("{} {by}", subject.slice(right.span))),
                );
            }
        }
    }
    found
}

fn shift_count(subject: &Subject) -> Vec<Mutant> {
    let counts: Vec<&str> = subject
        .all_decls()
        .filter_map(|d| if let Decl::Function(f) = d { Some(f) } else { None })
        .filter(|f| type_text(&f.result) == "uint")
        .map(|f| f.name.text.as_str())
        .collect();
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Call { callee, .. } = &e.kind else { continue };
        if counts.contains(&callee.text.as_str()) {
            for by in ["+ 1", "- 1"] {
                let text = one_line(subject, e);
                let mutant = Mutant::new(e.span, format!("`{text} {by}` instead of `{text}`"));
                found.push(mutant.replace(e.span, format!("({} {by})", subject.slice(e.span))));
            }
        }
    }
    found
}

/// Other numbers in the place of one: beside it for counts, half and double for lengths of time.
fn others(subject: &Subject, span: Span, is_time: bool) -> Vec<String> {
    let Ok(number) = subject.slice(span).replace('_', "").parse::<u64>() else { return Vec::new() };
    let (less, more) = if is_time {
        (number / 2, number.saturating_mul(2))
    } else {
        (number.saturating_sub(1), number.saturating_add(1))
    };
    [less, more].into_iter().filter(|other| *other != number).map(|other| other.to_string()).collect()
}

fn shift_constant(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let (span, is_time) = match &e.kind {
            ExprKind::Number(_) => (e.span, false),
            ExprKind::Quantity { number, .. } => (number.span, true),
            _ => continue,
        };
        for other in others(subject, span, is_time) {
            let what = format!("`{other}` instead of `{}`", one_line(subject, e));
            found.push(Mutant::new(span, what).replace(span, other));
        }
    }
    found
}

fn shift_parameter(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for decl in subject.decls() {
        let Decl::Parameters(parameters) = decl else { continue };
        for parameter in parameters.entries.iter().filter(|p| subject.runs(&p.name.text)) {
            let ParameterValue::Number(number) = &parameter.value else { continue };
            let is_time = parameter.unit.as_ref().is_some_and(|unit| Unit::from_word(&unit.text).is_some());
            for other in others(subject, number.span, is_time) {
                let what = format!("`{}` is {other}", parameter.name.text);
                found.push(Mutant::new(number.span, what).replace(number.span, other));
            }
        }
    }
    found
}

fn wrong_operator(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Binary { op, op_span, .. } = &e.kind else { continue };
        let with = match op {
            BinaryOp::Add => "-",
            BinaryOp::Sub => "+",
            BinaryOp::Mul => "//",
            BinaryOp::Div | BinaryOp::FloorDiv => "*",
            BinaryOp::Mod => "//",
            _ => continue,
        };
        let what = format!("`{with}` for `{}` in `{}`", op.symbol(), one_line(subject, e));
        found.push(Mutant::new(*op_span, what).replace(*op_span, with));
    }
    found
}
