//! Mistakes about who says what to whom.

use super::Kind;
use super::guard::one_line;
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use crate::mutation::types::{Types, type_text};
use crate::mutation::walk::At;
use omtc::source::Span;
use omtc::syntax::ast::{ActionKind, Decl, Expr, Field, Ident, Item, RecordEntry};

pub const KINDS: &[Kind] = &[
    Kind { name: "wrong-message", what: "another message sent", places: wrong_message },
    Kind { name: "swap-roles", what: "sender and recipient of a message exchanged", places: swap_roles },
    Kind { name: "wrong-recipient", what: "sent to another role", places: wrong_recipient },
    Kind {
        name: "wrong-recipients",
        what: "a list of recipients with too few or too many",
        places: wrong_recipients,
    },
    Kind {
        name: "drop-role",
        what: "a sender, recipient or author left out of a declaration",
        places: drop_role,
    },
    Kind { name: "rename-field", what: "a field renamed where it is declared", places: rename_field },
    Kind { name: "forget-field", what: "a field of a record left out", places: forget_field },
    Kind {
        name: "forget-declared-field",
        what: "a field left out of a message or block",
        places: forget_declared,
    },
    Kind { name: "swap-values", what: "the values of two fields of a record exchanged", places: swap_values },
    Kind { name: "wrong-value", what: "another value of that type in a record", places: wrong_value },
    Kind { name: "older-value", what: "the own field instead of the message's", places: older_value },
];

/// Every send: where, to whom, which message.
fn sends(subject: &Subject) -> Vec<(At<'_>, &Expr, &Ident)> {
    let mut found = Vec::new();
    for (at, action) in subject.actions() {
        if let ActionKind::Send { to, message, .. } | ActionKind::Broadcast { to, message, .. } = &action.kind
        {
            found.push((at, to, message));
        }
    }
    found
}

fn wrong_message(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, _, message) in sends(subject) {
        for decl in subject.decls() {
            if let Decl::Message(other) = decl
                && other.name.text != message.text
            {
                let what = format!("sends `{}` instead of `{}`", other.name.text, message.text);
                found.push(Mutant::new(message.span, what).replace(message.span, other.name.text.as_str()));
            }
        }
    }
    found
}

fn swap_roles(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for decl in subject.decls() {
        if let Decl::Message(m) = decl
            && let ([from], [to]) = (m.from.as_slice(), m.to.as_slice())
            && from.text != to.text
        {
            let what = format!("`{}` goes from {} to {}", m.name.text, to.text, from.text);
            found.push(Mutant::new(m.name.span, what).exchange(subject, from.span, to.span));
        }
    }
    found
}

/// Fields of the actor that name one peer.
fn peers<'a>(types: &Types<'a>, at: At<'a>) -> Vec<&'a str> {
    types.scope(at).into_iter().filter(|(_, ty)| ty == "peer_id").map(|(name, _)| name).collect()
}

fn wrong_recipient(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, to, message) in sends(subject) {
        let is_one = types.ty(at, to).is_some_and(|ty| ty == "peer_id");
        let text = subject.slice(to.span);
        for peer in peers(&types, at).into_iter().chain(["peer_id"]) {
            if is_one && peer != text && !text.ends_with(".sender") {
                let what = format!("sends `{}` to `{peer}` instead of `{text}`", message.text);
                found.push(Mutant::new(to.span, what).replace(to.span, peer));
            }
        }
    }
    found
}

fn wrong_recipients(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, to, message) in sends(subject) {
        let text = one_line(subject, to);
        if types.ty(at, to).is_some_and(|ty| ty == "peer_id") {
            continue;
        }
        let mut wrong: Vec<String> = peers(&types, at).iter().map(|p| format!("[{p}]")).collect();
        if text == "network" {
            wrong.extend(
                types.scope(at).into_iter().filter(|(_, t)| t == "list<peer_id>").map(|(n, _)| n.to_owned()),
            );
        } else {
            wrong.push("network".to_owned());
            let Some(ty) = types.ty(at, to) else { continue };
            if ty == "list<peer_id>" {
                wrong.extend(peers(&types, at).iter().map(|p| format!("CONCAT({text}, [{p}])")));
            }
        }
        for with in wrong {
            let what = format!("sends `{}` to `{with}` instead of `{text}`", message.text);
            found.push(Mutant::new(to.span, what).replace(to.span, with));
        }
    }
    found
}

fn drop_role(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    let mut without = |list: &[Ident], what: &str| {
        for gone in list.iter().filter(|_| list.len() > 1) {
            let left: Vec<&str> = list.iter().filter(|i| *i != gone).map(|i| i.text.as_str()).collect();
            let whole = list[0].span.to(list[list.len() - 1].span);
            let mutant = Mutant::new(gone.span, format!("`{}` is no {what}", gone.text));
            found.push(mutant.replace(whole, left.join(", ")));
        }
    };
    for decl in subject.decls() {
        match decl {
            Decl::Message(m) => {
                without(&m.from, "sender");
                without(&m.to, "recipient");
            }
            Decl::Block(b) => without(&b.by, "author"),
            _ => {}
        }
    }
    found
}

/// The fields that the source declares: of records, and of stores.
fn declared(subject: &Subject, stores: bool) -> Vec<&Field> {
    let mut found = Vec::new();
    for decl in subject.decls() {
        match decl {
            Decl::Message(d) => found.extend(&d.fields.list),
            Decl::Block(d) => found.extend(&d.fields.list),
            Decl::Struct(d) if stores => found.extend(&d.fields.list),
            Decl::Actor(d) if stores => {
                for item in &d.items {
                    if let Item::Store(s) | Item::Shared(s) = item {
                        found.extend(&s.fields.list);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn rename_field(subject: &Subject) -> Vec<Mutant> {
    let rename = |f: &Field| {
        let name = format!("{}_now", f.name.text);
        Mutant::new(f.name.span, format!("`{}` is called `{name}`", f.name.text)).replace(f.name.span, name)
    };
    declared(subject, true).into_iter().map(rename).collect()
}

fn forget_declared(subject: &Subject) -> Vec<Mutant> {
    let forget = |f: &Field| {
        let what = format!("the declaration lacks `{} {}`", f.name.text, type_text(&f.ty));
        Mutant::new(f.span, what).remove(subject, f.span)
    };
    declared(subject, false).into_iter().map(forget).collect()
}

/// The fields of the records of a source, with the span that takes the comma along.
fn entries(subject: &Subject) -> Vec<(At<'_>, &str, &Ident, &Expr, Span)> {
    let mut found = Vec::new();
    for (at, of, record) in subject.records() {
        for (i, entry) in record.entries.iter().enumerate() {
            let RecordEntry::Field { span, name, value } = entry else { continue };
            let start = |e: &RecordEntry| match e {
                RecordEntry::Field { span, .. } | RecordEntry::Spread { span, .. } => *span,
            };
            let with_comma = match (record.entries.get(i + 1), i.checked_sub(1)) {
                (Some(next), _) => Span { end: start(next).start, ..*span },
                (None, Some(before)) => Span { start: start(&record.entries[before]).end, ..*span },
                (None, None) => *span,
            };
            found.push((at, of, name, value, with_comma));
        }
    }
    found
}

fn forget_field(subject: &Subject) -> Vec<Mutant> {
    let forget = |(_, of, name, _, span): (At<'_>, &str, &Ident, &Expr, Span)| {
        Mutant::new(name.span, format!("`{of}` without `{}`", name.text)).replace(span, "")
    };
    entries(subject).into_iter().map(forget).collect()
}

fn swap_values(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, of, record) in subject.records() {
        let fields: Vec<(&Ident, &Expr)> = record
            .entries
            .iter()
            .filter_map(|e| {
                if let RecordEntry::Field { name, value, .. } = e { Some((name, value)) } else { None }
            })
            .collect();
        for (i, (name, value)) in fields.iter().enumerate() {
            for (other, with) in &fields[i + 1..] {
                if subject.slice(value.span) != subject.slice(with.span) {
                    let what = format!("`{}` and `{}` of `{of}` exchanged", name.text, other.text);
                    found.push(Mutant::new(name.span, what).exchange(subject, value.span, with.span));
                }
            }
        }
    }
    found
}

fn wrong_value(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, of, name, value, _) in entries(subject) {
        for rival in types.rivals(at, value) {
            let what =
                format!("`{}` of `{of}` is `{rival}` instead of `{}`", name.text, one_line(subject, value));
            found.push(Mutant::new(value.span, what).replace(value.span, rival));
        }
    }
    found
}

fn older_value(subject: &Subject) -> Vec<Mutant> {
    let types = Types::of(subject);
    let mut found = Vec::new();
    for (at, e) in subject.expressions() {
        let omtc::syntax::ast::ExprKind::Field { base, name } = &e.kind else { continue };
        let text = subject.slice(base.span);
        let of_message = ["message", "message.payload"].contains(&text);
        if of_message && types.scope(at).iter().any(|(n, _)| *n == name.text) {
            let what = format!("`{}` instead of `{}`", name.text, subject.slice(e.span));
            found.push(Mutant::new(e.span, what).replace(e.span, name.text.as_str()));
        }
    }
    found
}
