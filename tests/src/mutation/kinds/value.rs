//! Mistakes in what is computed and compared.

use super::Kind;
use super::guard::one_line;
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use crate::mutation::types::{Types, type_text};
use omtc::source::Span;
use omtc::syntax::ast::{ActionKind, BinaryOp, Decl, ExprKind, Field, Item, RecordEntry};

pub const KINDS: &[Kind] = &[
    Kind {
        name: "compare-wrong-pair",
        what: "a comparison with another value of that type",
        places: wrong_pair,
    },
    Kind { name: "swap-arguments", what: "two arguments exchanged", places: swap_arguments },
    Kind {
        name: "wrong-argument",
        what: "another value of that type as an argument",
        places: wrong_argument,
    },
    Kind { name: "wrong-hash", what: "an operand of a HASH forgotten or another one", places: wrong_hash },
    Kind { name: "swap-minus", what: "the operands of `-` exchanged", places: swap_minus },
    Kind { name: "wrong-enum-value", what: "another value of the enum", places: wrong_enum_value },
    Kind { name: "wrong-parameter", what: "another parameter of that unit", places: wrong_parameter },
    Kind { name: "wrong-type", what: "another type of a field", places: wrong_type },
    Kind { name: "swap-branches", what: "THEN and ELSE exchanged", places: swap_branches },
    Kind {
        name: "wrong-assignment",
        what: "assigned to another field of that type",
        places: wrong_assignment,
    },
    Kind { name: "no-evidence", what: "nothing where a record brings something", places: no_evidence },
    Kind { name: "wrong-function", what: "ANY for ALL, MIN for MAX", places: wrong_function },
    Kind {
        name: "drop-function",
        what: "a list that is not filtered, sorted or rid of repetition",
        places: drop_function,
    },
];

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    [Eq, Ne, Le, Ge, Lt, Gt].contains(&op)
}

fn wrong_pair(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, e) in subject.expressions() {
        let ExprKind::Binary { op, left, right, .. } = &e.kind else { continue };
        if !is_comparison(*op) {
            continue;
        }
        for (side, other) in [(left, right), (right, left)] {
            for rival in types.rivals(at, side) {
                if rival != subject.slice(other.span) {
                    let what = format!(
                        "`{rival}` instead of `{}` in `{}`",
                        one_line(subject, side),
                        one_line(subject, e)
                    );
                    found.push(Mutant::new(side.span, what).replace(side.span, rival));
                }
            }
        }
    }
    found
}

/// Every call: the name, where the arguments are.
fn calls(subject: &Subject) -> Vec<(crate::mutation::walk::At<'_>, &str, Vec<&omtc::syntax::ast::Expr>)> {
    let mut found = Vec::new();
    for (at, e) in subject.expressions() {
        if let ExprKind::Call { callee, args } = &e.kind {
            found.push((at, callee.text.as_str(), args.iter().collect()));
        }
    }
    found
}

fn swap_arguments(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, callee, args) in calls(subject) {
        for pair in args.windows(2) {
            if subject.slice(pair[0].span) != subject.slice(pair[1].span) {
                let what = format!(
                    "`{}` and `{}` of `{callee}` exchanged",
                    one_line(subject, pair[0]),
                    one_line(subject, pair[1])
                );
                found.push(Mutant::new(pair[0].span, what).exchange(subject, pair[0].span, pair[1].span));
            }
        }
    }
    found
}

fn wrong_argument(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, callee, args) in calls(subject) {
        for arg in args.into_iter().filter(|_| callee != "HASH") {
            for rival in types.rivals(at, arg) {
                let what = format!("`{callee}` of `{rival}` instead of `{}`", one_line(subject, arg));
                found.push(Mutant::new(arg.span, what).replace(arg.span, rival));
            }
        }
    }
    found
}

fn wrong_hash(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, _, args) in calls(subject).into_iter().filter(|(_, callee, _)| *callee == "HASH") {
        for (i, arg) in args.iter().enumerate() {
            for rival in types.rivals(at, arg) {
                let what = format!("`HASH` of `{rival}` instead of `{}`", one_line(subject, arg));
                found.push(Mutant::new(arg.span, what).replace(arg.span, rival));
            }
            let gone = match (args.get(i + 1), i.checked_sub(1)) {
                (Some(next), _) => Span { end: next.span.start, ..arg.span },
                (None, Some(before)) => Span { start: args[before].span.end, ..arg.span },
                (None, None) => continue,
            };
            let what = format!("`HASH` without `{}`", one_line(subject, arg));
            found.push(Mutant::new(arg.span, what).replace(gone, ""));
        }
    }
    found
}

fn swap_minus(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        if let ExprKind::Binary { op: BinaryOp::Sub, left, right, .. } = &e.kind {
            let what = format!("the operands of `{}` exchanged", one_line(subject, e));
            let (l, r) = (subject.slice(left.span), subject.slice(right.span));
            // A product or a name may change sides as it is; a sum needs its parentheses.
            let l = if matches!(left.kind, ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Sub, .. }) {
                format!("({l})")
            } else {
                l.to_owned()
            };
            found.push(Mutant::new(e.span, what).replace(e.span, format!("{r} - {l}")));
        }
    }
    found
}

fn wrong_enum_value(subject: &Subject) -> Vec<Mutant> {
    let mut values: Vec<(&str, &str)> = Vec::new();
    for decl in subject.all_decls() {
        if let Decl::Enum(d) = decl {
            values.extend(d.values.iter().map(|v| (d.name.text.as_str(), v.name.text.as_str())));
        }
    }
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Name(name) = &e.kind else { continue };
        let Some((of, _)) = values.iter().find(|(_, v)| *v == name.text) else { continue };
        for (_, other) in values.iter().filter(|(o, v)| o == of && *v != name.text) {
            let what = format!("`{other}` instead of `{}`", name.text);
            found.push(Mutant::new(e.span, what).replace(e.span, *other));
        }
    }
    found
}

fn wrong_parameter(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Name(name) = &e.kind else { continue };
        let is_parameter =
            |d: &Decl| matches!(d, Decl::Parameters(p) if p.entries.iter().any(|p| p.name.text == name.text));
        if subject.all_decls().any(is_parameter) {
            for other in types.other_constants(&name.text) {
                let what = format!("`{other}` instead of `{}`", name.text);
                found.push(Mutant::new(e.span, what).replace(e.span, other));
            }
        }
    }
    found
}

/// Another type that somebody could have meant.
fn confused(ty: &str) -> &'static [&'static str] {
    match ty {
        "uint" => &["int", "string", "float"],
        "int" => &["uint", "string"],
        "hash" => &["bytes", "string", "signature"],
        "bytes" => &["hash", "string"],
        "peer_id" => &["string", "hash"],
        "timestamp" => &["duration", "uint"],
        "duration" => &["timestamp", "uint"],
        "signature" => &["bytes", "hash"],
        "bool" => &["uint", "string"],
        "string" => &["bytes", "uint"],
        _ => &[],
    }
}

fn wrong_type(subject: &Subject) -> Vec<Mutant> {
    let mut fields: Vec<&Field> = Vec::new();
    for decl in subject.decls() {
        match decl {
            Decl::Message(d) => fields.extend(&d.fields.list),
            Decl::Block(d) => fields.extend(&d.fields.list),
            Decl::Struct(d) => fields.extend(&d.fields.list),
            Decl::Actor(d) => {
                for item in &d.items {
                    if let Item::Store(s) | Item::Shared(s) = item {
                        fields.extend(&s.fields.list);
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for field in fields {
        let ty = type_text(&field.ty);
        for with in confused(&ty) {
            let what = format!("`{} {with}` instead of `{ty}`", field.name.text);
            found.push(Mutant::new(field.ty.span, what).replace(field.ty.span, *with));
        }
    }
    found
}

fn swap_branches(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        if let ExprKind::If { then, otherwise, .. } = &e.kind {
            let what = format!("THEN and ELSE of `{}` exchanged", one_line(subject, e));
            found.push(Mutant::new(e.span, what).exchange(subject, then.span, otherwise.span));
        }
    }
    for (_, action) in subject.actions() {
        if let ActionKind::If { condition, then, otherwise: Some(otherwise) } = &action.kind {
            let what = format!("THEN and ELSE of `IF {}` exchanged", one_line(subject, condition));
            found.push(Mutant::new(action.span, what).exchange(subject, then.span, otherwise.span));
        }
    }
    found
}

fn wrong_assignment(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, action) in subject.actions() {
        let (ActionKind::Assign { target, .. } | ActionKind::StoreCall { target, .. }) = &action.kind else {
            continue;
        };
        let scope = types.scope(at);
        let Some((_, ty)) = scope.iter().find(|(n, _)| *n == target.text) else { continue };
        for (other, _) in scope.iter().filter(|(n, t)| *n != target.text && t == ty) {
            let what = format!("assigns `{other}` instead of `{}`", target.text);
            found.push(Mutant::new(target.span, what).replace(target.span, *other));
        }
    }
    found
}

/// `null`, `[]` or `{}` for what a record may bring.
fn no_evidence(subject: &Subject) -> Vec<Mutant> {
    let declared = |of: &str, field: &str| {
        let fields = subject.all_decls().find_map(|decl| match decl {
            Decl::Message(d) if d.name.text == of => Some(&d.fields.list),
            Decl::Block(d) if d.name.text == of => Some(&d.fields.list),
            Decl::Struct(d) if d.name.text == of => Some(&d.fields.list),
            _ => None,
        })?;
        fields.iter().find(|f| f.name.text == field).map(|f| &f.ty)
    };
    let mut found = Vec::new();
    for (_, of, record) in subject.records() {
        for entry in &record.entries {
            let RecordEntry::Field { name, value, .. } = entry else { continue };
            let Some(ty) = declared(of, &name.text) else { continue };
            let nothing = match ty.name.text.as_str() {
                _ if ty.optional => "null",
                "list" => "[]",
                "map" => "{}",
                _ => continue,
            };
            if subject.slice(value.span) != nothing {
                let what = format!("`{of}` with `{} {nothing}`", name.text);
                found.push(Mutant::new(value.span, what).replace(value.span, nothing));
            }
        }
    }
    found
}

fn wrong_function(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Call { callee, .. } = &e.kind else { continue };
        let with = match callee.text.as_str() {
            "ANY" => "ALL",
            "ALL" => "ANY",
            "MIN" => "MAX",
            "MAX" => "MIN",
            _ => continue,
        };
        let what = format!("`{with}` for `{}`", one_line(subject, e));
        found.push(Mutant::new(callee.span, what).replace(callee.span, with));
    }
    found
}

fn drop_function(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Call { callee, args } = &e.kind else { continue };
        if ["UNIQUE", "SORT", "FILTER", "REMOVE", "TAKE", "WITHOUT", "CLAMP"].contains(&callee.text.as_str())
            && let Some(first) = args.first()
        {
            let what = format!("`{}` instead of `{}`", one_line(subject, first), one_line(subject, e));
            found.push(Mutant::new(e.span, what).replace(e.span, subject.slice(first.span)));
        }
    }
    found
}
