//! Types of simple expressions, as far as they can be read off declarations: a mistake that confuses two values
//! is worth studying when both have one type, since anything else is no question for a check.

use super::subject::Subject;
use super::walk::At;
use omtc::syntax::ast::{Decl, Expr, ExprKind, Field, Item, ParameterValue, Type, Unit};
use std::collections::BTreeMap;

/// What the declarations of a source and its imports say about types.
pub struct Types<'a> {
    /// Structs, messages and blocks.
    records: BTreeMap<&'a str, &'a [Field]>,
    results: BTreeMap<&'a str, String>,
    /// Values of enums and parameters.
    constants: BTreeMap<&'a str, String>,
}

/// A type as it is written, in one way.
pub fn type_text(ty: &Type) -> String {
    let args: Vec<String> = ty.args.iter().map(type_text).collect();
    let args = if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) };
    format!("{}{args}{}", ty.name.text, if ty.optional { "?" } else { "" })
}

/// `("map", ["a", "b"])` of `map<a, b>?`.
fn parts(ty: &str) -> (&str, Vec<&str>) {
    let ty = ty.trim_end_matches('?');
    let Some((name, rest)) = ty.split_once('<') else { return (ty, Vec::new()) };
    let rest = rest.strip_suffix('>').unwrap_or(rest);
    let (mut depth, mut from, mut args) = (0, 0, Vec::new());
    for (i, c) in rest.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                args.push(rest[from..i].trim());
                from = i + 1;
            }
            _ => {}
        }
    }
    args.push(rest[from..].trim());
    (name, args)
}

impl<'a> Types<'a> {
    /// Reads the declarations.
    pub fn of(subject: &'a Subject) -> Types<'a> {
        let mut types =
            Types { records: BTreeMap::new(), results: BTreeMap::new(), constants: BTreeMap::new() };
        for decl in subject.all_decls() {
            match decl {
                Decl::Struct(d) => drop(types.records.insert(&d.name.text, &d.fields.list)),
                Decl::Message(d) => drop(types.records.insert(&d.name.text, &d.fields.list)),
                Decl::Block(d) => drop(types.records.insert(&d.name.text, &d.fields.list)),
                Decl::Function(d) => drop(types.results.insert(&d.name.text, type_text(&d.result))),
                Decl::Native(d) => drop(types.results.insert(&d.name.text, type_text(&d.result))),
                Decl::Enum(d) => {
                    types
                        .constants
                        .extend(d.values.iter().map(|v| (v.name.text.as_str(), d.name.text.clone())));
                }
                Decl::Parameters(d) => types.constants.extend(d.entries.iter().map(|p| {
                    let unit = p.unit.as_ref().map_or("", |u| u.text.as_str());
                    let ty = match (&p.value, Unit::from_word(unit)) {
                        (_, Some(_)) => "duration",
                        (_, None) if ["count", "fraction"].contains(&unit) => unit,
                        (ParameterValue::Number(_), None) => "number",
                        (ParameterValue::Name(_), None) => "word",
                    };
                    (p.name.text.as_str(), ty.to_owned())
                })),
                Decl::Transaction(_)
                | Decl::Imports(_)
                | Decl::Uses(_)
                | Decl::View(_)
                | Decl::Actor(_)
                | Decl::Task(_)
                | Decl::Property(_)
                | Decl::Scenario(_) => {}
            }
        }
        types
    }

    /// Plain names that stand for a value at a place, with their types.
    pub fn scope(&self, at: At<'a>) -> Vec<(&'a str, String)> {
        let mut names = Vec::new();
        let mut add = |fields: &'a [Field]| {
            names.extend(fields.iter().map(|f| (f.name.text.as_str(), type_text(&f.ty))));
        };
        if let Some(function) = at.function {
            add(&function.params);
        }
        for item in at.actor.iter().flat_map(|a| &a.items) {
            match item {
                Item::Store(s) | Item::Shared(s) => add(&s.fields.list),
                Item::Trigger(t) => {
                    let cause = at.transition.map(|t| &t.cause.kind);
                    if matches!(cause, Some(omtc::syntax::ast::CauseKind::On(n)) if n.text == t.name.text) {
                        add(&t.params);
                    }
                }
                Item::Peers(_)
                | Item::State(_)
                | Item::Transition(_)
                | Item::Override(_)
                | Item::Collect(_) => {}
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// The fields of a record type, of what a block or signed message has around it, with their types.
    fn members(&self, ty: &str) -> Vec<(String, String)> {
        let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect()
        };
        match parts(ty) {
            ("block", args) => own(&[
                ("author", "peer_id"),
                ("height", "uint"),
                ("time", "timestamp"),
                ("hash", "hash"),
                ("previous", "hash"),
                ("payload", args.first().copied().unwrap_or("?")),
            ]),
            ("signed", args) => own(&[
                ("sender", "peer_id"),
                ("session", "hash"),
                ("payload", args.first().copied().unwrap_or("?")),
            ]),
            ("segment", _) => own(&[("author", "peer_id"), ("head", "hash"), ("height", "uint")]),
            (name, _) => self
                .records
                .get(name)
                .map(|fields| fields.iter().map(|f| (f.name.text.clone(), type_text(&f.ty))).collect())
                .unwrap_or_default(),
        }
    }

    /// The fields that may stand after an expression and a point.
    fn members_of(&self, at: At<'a>, base: &Expr) -> Vec<(String, String)> {
        let Some(name) = base.as_name() else {
            return self.ty(at, base).map(|t| self.members(&t)).unwrap_or_default();
        };
        match (name.text.as_str(), at.message, at.block) {
            ("message", Some(message), _) => {
                let mut members = self.members(message);
                members.push(("sender".to_owned(), "peer_id".to_owned()));
                members.push(("session".to_owned(), "hash".to_owned()));
                members.push(("payload".to_owned(), message.to_owned()));
                members
            }
            ("block", _, Some(block)) => self.members(&format!("block<{block}>")),
            _ => self.ty(at, base).map(|t| self.members(&t)).unwrap_or_default(),
        }
    }

    /// The type of an expression, when it is simple enough.
    pub fn ty(&self, at: At<'a>, e: &Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Paren(inner) => self.ty(at, inner),
            ExprKind::Quantity { .. } => Some("duration".to_owned()),
            ExprKind::Bool(_) => Some("bool".to_owned()),
            ExprKind::String(_) => Some("string".to_owned()),
            ExprKind::Name(name) if name.text == "peer_id" => Some("peer_id".to_owned()),
            ExprKind::Name(name) => {
                let scope = self.scope(at);
                let local = scope.into_iter().find(|(n, _)| *n == name.text).map(|(_, t)| t);
                local.or_else(|| self.constants.get(name.text.as_str()).cloned())
            }
            ExprKind::Field { base, name } => {
                self.members_of(at, base).into_iter().find(|(n, _)| *n == name.text).map(|(_, t)| t)
            }
            ExprKind::Call { callee, .. } => match callee.text.as_str() {
                "HASH" => Some("hash".to_owned()),
                "NOW" => Some("timestamp".to_owned()),
                "LENGTH" | "COUNT" => Some("uint".to_owned()),
                name => self.results.get(name).cloned(),
            },
            ExprKind::Index { base, .. } => {
                let ty = self.ty(at, base)?;
                parts(&ty).1.last().map(|t| (*t).to_owned())
            }
            ExprKind::Error
            | ExprKind::Null
            | ExprKind::Number(_)
            | ExprKind::Record(_)
            | ExprKind::NamedRecord { .. }
            | ExprKind::List(_)
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::If { .. }
            | ExprKind::Lambda { .. } => None,
        }
    }

    /// Other values of the type of an expression that somebody could have written by mistake: the fields beside
    /// it, and the plain names in scope.
    pub fn rivals(&self, at: At<'a>, e: &Expr) -> Vec<String> {
        let Some(wanted) = self.ty(at, e) else { return Vec::new() };
        let mut found = Vec::new();
        if let ExprKind::Field { base, name } = &e.kind
            && let Some(path) = path(base)
        {
            let beside = self.members_of(at, base).into_iter();
            found.extend(
                beside.filter(|(n, t)| *n != name.text && *t == wanted).map(|(n, _)| format!("{path}.{n}")),
            );
        }
        let own = e.as_name().map(|n| n.text.as_str());
        let scope = self.scope(at).into_iter();
        found.extend(scope.filter(|(n, t)| Some(*n) != own && *t == wanted).map(|(n, _)| n.to_owned()));
        found
    }

    /// Other parameters with the unit of this one.
    pub fn other_constants(&self, name: &str) -> Vec<&'a str> {
        let Some(ty) = self.constants.get(name) else { return Vec::new() };
        self.constants.iter().filter(|(n, t)| **n != name && *t == ty).map(|(n, _)| *n).collect()
    }
}

/// `a.b.c`, when it is nothing but names.
pub fn path(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Name(name) => Some(name.text.clone()),
        ExprKind::Field { base, name } => Some(format!("{}.{}", path(base)?, name.text)),
        _ => None,
    }
}
