//! Records: literals by name or by context, spreads, and the payloads that are filled from the store.

use super::codes;
use super::context::{Elab, Place};
use super::convert::{Wanted, a_type};
use super::lenient;
use super::scope::TypeDecl;
use super::types::show;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Builtin, Expr, ExprKind, Type};
use std::collections::BTreeMap;

/// A spread, or the value of a field.
enum Part {
    Given(String, Option<Expr>),
    /// A copy of a field of a spread record.
    Copied(String, Expr),
}

impl Elab<'_, '_> {
    /// `{ … }` without a name: what it is follows from where it stands, or from its spread.
    pub fn bare_record(&mut self, record: &ast::Record, hint: Option<&Type>) -> Option<Expr> {
        let span = record.span;
        match hint.map(Type::plain) {
            Some(Type::Map(key, value)) if record.entries.is_empty() => {
                let ty = Type::Map(key.clone(), value.clone());
                return Some(self.make(ExprKind::Map(Vec::new()), ty, span));
            }
            Some(Type::Map(key, value)) if **key == Type::String || self.view().is_some() => {
                return self.map_literal(record, key, value);
            }
            Some(ty @ (Type::Struct(_) | Type::Message(_) | Type::BlockPayload(_))) => {
                return self.record_of(ty, Some(record), span, false);
            }
            Some(Type::Dict | Type::Any) => return self.dict(record),
            _ => {}
        }
        if record.entries.is_empty() {
            let empty = Type::Map(Box::new(Type::Null), Box::new(Type::Null));
            return Some(self.make(ExprKind::Map(Vec::new()), empty, span));
        }
        let spread = record.entries.iter().find_map(|e| match e {
            ast::RecordEntry::Spread { value, .. } => Some(value),
            ast::RecordEntry::Field { .. } => None,
        });
        if let Some(spread) = spread {
            let ty = self.trial(|this| this.infer(spread, None)).map(|e| e.ty);
            if let Some(ty @ (Type::Struct(_) | Type::Message(_) | Type::BlockPayload(_))) = ty {
                return self.record_of(&ty, Some(record), span, false);
            }
        }
        if self.is_lenient() {
            self.report(
                lenient::at(
                    codes::UNDECLARED_TYPE,
                    span,
                    "nothing says which record this is, and it is read as one with any fields",
                )
                .with_label("read as a `dict`")
                .with_note("which fields such a record has is known only when it runs; one that is missing is a fault")
                .with_help("declare a struct and put its name before the record: `Name { … }`"),
            );
            return self.dict(record);
        }
        for entry in &record.entries {
            let (ast::RecordEntry::Field { value, .. } | ast::RecordEntry::Spread { value, .. }) = entry;
            self.infer(value, None);
        }
        let mut diagnostic = Diagnostic::new(codes::CANNOT_INFER, span, "nothing says which record this is")
            .with_label("of which type?");
        diagnostic = match hint {
            Some(want) => diagnostic.with_note(format!("{} is expected here", show(want))),
            None => diagnostic.with_help("put the name of the struct before it: `Name { … }`"),
        };
        self.report(diagnostic);
        None
    }

    /// `{ a 1 }` where a map from texts is wanted.
    fn map_literal(&mut self, record: &ast::Record, key_ty: &Type, value_ty: &Type) -> Option<Expr> {
        let mut entries = Vec::new();
        let mut complete = true;
        for entry in &record.entries {
            match entry {
                ast::RecordEntry::Field { name, value, .. } => {
                    let key = match key_ty {
                        Type::String => {
                            Some(self.make(ExprKind::Text(name.text.clone()), Type::String, name.span))
                        }
                        _ => self.key_named(name, key_ty),
                    };
                    match (key, self.check(value, value_ty, &Wanted::new("a value of the map"))) {
                        (Some(key), Some(value)) => entries.push((key, value)),
                        _ => complete = false,
                    }
                }
                ast::RecordEntry::Spread { span, .. } => {
                    self.report(
                        Diagnostic::new(codes::RECORD_FIELD, *span, "a map has no fields to copy")
                            .with_label("a spread copies the fields of a record")
                            .with_help("use `WITH(map, key, value)`"),
                    );
                    complete = false;
                }
            }
        }
        let ty = Type::Map(Box::new(key_ty.clone()), Box::new(value_ty.clone()));
        complete.then(|| self.make(ExprKind::Map(entries), ty, record.span))
    }

    fn dict(&mut self, record: &ast::Record) -> Option<Expr> {
        let mut fields: BTreeMap<String, usize> = BTreeMap::new();
        let mut values = Vec::new();
        let mut complete = true;
        for entry in &record.entries {
            match entry {
                ast::RecordEntry::Field { name, value, .. } => {
                    if fields.insert(name.text.clone(), values.len()).is_some() {
                        self.twice(name, None);
                        complete = false;
                    }
                    match self.check(value, &Type::Any, &Wanted::new("a field of a dict")) {
                        Some(value) => values.push((name.text.clone(), value)),
                        None => complete = false,
                    }
                }
                ast::RecordEntry::Spread { value, span } if self.is_lenient() => {
                    match self.spread_into_dict(value, *span) {
                        Some(copies) => {
                            for (name, value) in copies {
                                // A later field wins.
                                match fields.get(&name).and_then(|at| values.get_mut(*at)) {
                                    Some(slot) => *slot = (name, value),
                                    None => {
                                        fields.insert(name.clone(), values.len());
                                        values.push((name, value));
                                    }
                                }
                            }
                        }
                        None => complete = false,
                    }
                }
                ast::RecordEntry::Spread { span, .. } => {
                    self.report(
                        Diagnostic::new(codes::RECORD_FIELD, *span, "a dict cannot be spread")
                            .with_label("its fields are not known before it runs"),
                    );
                    complete = false;
                }
            }
        }
        complete.then(|| self.make(ExprKind::Record(values), Type::Dict, record.span))
    }

    /// The fields of a record with declared fields, for one without.
    fn spread_into_dict(&mut self, value: &ast::Expr, span: Span) -> Option<Vec<(String, Expr)>> {
        let source = self.infer(value, None)?;
        let source = self.present(source, value.span, "a spread")?;
        let own = match &source.ty {
            Type::Struct(n) | Type::Message(n) | Type::BlockPayload(n) | Type::View(n) => self.shape_of(n)?,
            _ => {
                let ty = a_type(&source.ty);
                self.report(
                    Diagnostic::new(codes::RECORD_FIELD, span, "a record of unknown fields cannot be spread")
                        .with_label(format!("this is {ty}"))
                        .with_help("name the fields that are copied: `field x.field`"),
                );
                return None;
            }
        };
        let mut copies = Vec::new();
        for (name, slot) in own {
            let field = ExprKind::Field(Box::new(source.clone()), name.clone());
            let field = self.make(field, slot.ty.clone()?, value.span);
            copies.push((name.clone(), self.loose(field).ok()?));
        }
        Some(copies)
    }

    fn twice(&mut self, name: &ast::Ident, first: Option<Span>) {
        let mut diagnostic =
            Diagnostic::new(codes::RECORD_FIELD, name.span, format!("`{}` is given twice", name.text))
                .with_label("again here")
                .with_note("of two values one would be lost");
        if let Some(first) = first {
            diagnostic = diagnostic.with_secondary(first, "first given here");
        }
        self.report(diagnostic);
    }

    /// `Name { … }`.
    pub fn named_record(&mut self, name: &ast::Ident, record: &ast::Record, span: Span) -> Option<Expr> {
        match self.tables.scope.types.get(name.text.as_str()) {
            Some(decl @ (TypeDecl::Struct(_) | TypeDecl::Message(_) | TypeDecl::Block(_))) => {
                let ty = super::types::declared_type(*decl);
                self.record_of(&ty, Some(record), span, false)
            }
            None if self.is_lenient() => {
                let text = &name.text;
                self.report(
                    lenient::at(
                        codes::UNDECLARED_TYPE,
                        name.span,
                        format!("there is no struct `{text}`, and this is read as a record with any fields"),
                    )
                    .with_label("read as a `dict`")
                    .with_note("which fields such a record has is known only when it runs; one that is missing is a fault")
                    .with_help(format!("declare it: `struct {text} ( … )`")),
                );
                self.dict(record)
            }
            Some(TypeDecl::Enum(_) | TypeDecl::View(_)) | None => {
                for entry in &record.entries {
                    let (ast::RecordEntry::Field { value, .. } | ast::RecordEntry::Spread { value, .. }) =
                        entry;
                    self.infer(value, None);
                }
                self.unknown_declaration("struct", name, |d| {
                    matches!(d, TypeDecl::Struct(_) | TypeDecl::Message(_) | TypeDecl::Block(_))
                });
                None
            }
        }
    }

    /// A record of a declared type with all its fields. `fill`: what is not given comes from the store, the
    /// clock or the session.
    pub fn record_of(
        &mut self,
        ty: &Type,
        record: Option<&ast::Record>,
        span: Span,
        fill: bool,
    ) -> Option<Expr> {
        let (Type::Struct(name) | Type::Message(name) | Type::BlockPayload(name)) = ty else { return None };
        let shape = self.shape_of(name)?;
        let declared = self.tables.scope.types.get(name.as_str()).map(|d| d.name().span);
        let mut parts: Vec<Part> = Vec::new();
        let mut given: BTreeMap<String, Span> = BTreeMap::new();
        let mut lets: Vec<(u32, Expr)> = Vec::new();
        let mut complete = true;
        for entry in record.map(|r| r.entries.as_slice()).unwrap_or_default() {
            match entry {
                ast::RecordEntry::Field { name: field, value, .. } => {
                    if let Some(first) = given.insert(field.text.clone(), field.span) {
                        self.twice(field, Some(first));
                        complete = false;
                    }
                    let Some(slot) = shape.get(&field.text) else {
                        self.infer(value, None);
                        self.no_such_field(name, field, shape.keys(), declared);
                        complete = false;
                        continue;
                    };
                    let value = match &slot.ty {
                        Some(want) => {
                            let wanted = Wanted::new(format!("the field `{}`", field.text))
                                .in_field()
                                .declared(slot.span, "declared here");
                            self.check(value, want, &wanted)
                        }
                        None => self.infer(value, None).and(None),
                    };
                    complete &= value.is_some();
                    parts.retain(|p| !matches!(p, Part::Copied(n, _) if *n == field.text));
                    parts.push(Part::Given(field.text.clone(), value));
                }
                ast::RecordEntry::Spread { value, span } => {
                    match self.spread(value, *span, shape, name, &mut lets) {
                        Some(copies) => {
                            for (field, value) in copies {
                                parts.retain(|p| match p {
                                    Part::Given(n, _) | Part::Copied(n, _) => *n != field,
                                });
                                parts.push(Part::Copied(field, value));
                            }
                        }
                        None => complete = false,
                    }
                }
            }
        }
        let mut missing: Vec<String> = shape
            .iter()
            .filter(|(field, _)| {
                !parts.iter().any(|p| match p {
                    Part::Given(n, _) | Part::Copied(n, _) => n == *field,
                })
            })
            .map(|(field, _)| field.clone())
            .collect();
        missing.sort_by_key(|field| shape.get(field).map(|s| s.order));
        let mut fields: Vec<(String, Expr)> = Vec::new();
        for part in parts {
            match part {
                Part::Given(name, Some(value)) | Part::Copied(name, value) => fields.push((name, value)),
                Part::Given(_, None) => {}
            }
        }
        if fill {
            for field in &missing {
                match self.filled(name, field, shape, record, span) {
                    Some(value) => fields.push((field.clone(), value)),
                    None => complete = false,
                }
            }
        } else if !missing.is_empty() && complete && self.is_lenient() {
            for field in &missing {
                let Some(slot) = shape.get(field) else { continue };
                match self.null_source(name, (field, slot), record, span) {
                    Some(value) => fields.push((field.clone(), value)),
                    None => complete = false,
                }
            }
        } else if !missing.is_empty() && complete {
            let mut diagnostic = Diagnostic::new(
                codes::RECORD_FIELD,
                span,
                format!("{name} lacks {}", quoted(&missing)),
            )
            .with_label(format!(
                "{} missing",
                if missing.len() == 1 { "one field is" } else { "some fields are" }
            ))
            .with_note(
                "a record has every field of its type; what may be absent is declared `T?` and given as null",
            );
            if let Some(declared) = declared {
                diagnostic = diagnostic.with_secondary(declared, "declared here");
            }
            let examples: Vec<String> = missing
                .iter()
                .map(|f| format!("{f} {}", shape.get(f).and_then(|s| s.ty.as_ref()).map_or("…", example)))
                .collect();
            self.report(diagnostic.with_help(format!("add `{}`", examples.join(", "))));
            complete = false;
        }
        if !complete {
            return None;
        }
        let mut whole = self.make(ExprKind::Record(fields), ty.clone(), span);
        for (slot, value) in lets.into_iter().rev() {
            whole = self.make(ExprKind::Let(slot, Box::new(value), Box::new(whole)), ty.clone(), span);
        }
        Some(whole)
    }

    fn no_such_field<'k>(
        &mut self,
        record: &str,
        field: &ast::Ident,
        known: impl Iterator<Item = &'k String>,
        declared: Option<Span>,
    ) {
        let known: Vec<&str> = known.map(String::as_str).collect();
        let mut diagnostic = Diagnostic::new(
            codes::UNKNOWN_FIELD,
            field.span,
            format!("{record} has no field `{}`", field.text),
        )
        .with_label("no such field");
        if let Some(declared) = declared {
            diagnostic = diagnostic.with_secondary(declared, "declared here");
        }
        diagnostic = diagnostic.with_did_you_mean(&field.text, known.iter().copied());
        if diagnostic.help.is_none() && !known.is_empty() {
            diagnostic = diagnostic.with_help(format!("its fields: {}", known.join(", ")));
        }
        self.report(diagnostic);
    }

    /// Copies of the fields that both records have. A value that is no mere name is computed once.
    fn spread(
        &mut self,
        value: &ast::Expr,
        span: Span,
        shape: &super::signature::Shape,
        target: &str,
        lets: &mut Vec<(u32, Expr)>,
    ) -> Option<Vec<(String, Expr)>> {
        let source = self.infer(value, None)?;
        let source = self.present(source, value.span, "a spread")?;
        if self.is_lenient() && matches!(source.ty, Type::Any | Type::Dict) {
            return self.spread_of_dict(source, value.span, shape);
        }
        let own = match &source.ty {
            Type::Struct(n) | Type::Message(n) | Type::BlockPayload(n) | Type::View(n) => self.shape_of(n)?,
            other => {
                let ty = a_type(other);
                self.report(
                    Diagnostic::new(codes::RECORD_FIELD, value.span, "only a record can be spread")
                        .with_label(format!("this is {ty}")),
                );
                return None;
            }
        };
        let simple = super::facts::path(&source).is_some();
        let base = if simple {
            source.clone()
        } else {
            let slot = self.slot("", source.ty.clone());
            let local = self.local(slot, value.span);
            lets.push((slot, source.clone()));
            local
        };
        let mut copies = Vec::new();
        let mut names: Vec<(&String, &super::signature::Slot)> = own.iter().collect();
        names.sort_by_key(|(_, slot)| slot.order);
        for (name, slot) in names {
            let Some(want) = shape.get(name).and_then(|s| s.ty.clone()) else { continue };
            let ty = slot.ty.clone()?;
            let field = self.make(ExprKind::Field(Box::new(base.clone()), name.clone()), ty, value.span);
            let wanted =
                Wanted::new(format!("the field `{name}` of the spread")).declared(slot.span, "copied from");
            copies.push((name.clone(), self.coerce(field, &want, value.span, &wanted)?));
        }
        if copies.is_empty() {
            self.report(
                Diagnostic::new(codes::RECORD_FIELD, span, format!("nothing of this is a field of {target}"))
                    .with_label(format!("this is {}", show(&source.ty)))
                    .with_note("a spread copies the fields that both records have"),
            );
            return None;
        }
        Some(copies)
    }

    /// Every declared field, taken from a record of unknown fields.
    fn spread_of_dict(
        &mut self,
        source: Expr,
        span: Span,
        shape: &super::signature::Shape,
    ) -> Option<Vec<(String, Expr)>> {
        let source = if source.ty == Type::Any { self.needed_as(source, &Type::Dict, span) } else { source };
        let mut copies = Vec::new();
        for (name, slot) in shape {
            let want = slot.ty.clone()?;
            let field = self.make(ExprKind::Field(Box::new(source.clone()), name.clone()), Type::Any, span);
            let wanted = Wanted::new(format!("the field `{name}` of the spread"));
            copies.push((name.clone(), self.coerce(field, &want, span, &wanted)?));
        }
        Some(copies)
    }

    /// The value of a field of a message or block that is not given.
    fn filled(
        &mut self,
        record: &str,
        field: &str,
        shape: &super::signature::Shape,
        written: Option<&ast::Record>,
        span: Span,
    ) -> Option<Expr> {
        let slot = shape.get(field)?;
        let want = slot.ty.clone()?;
        if field == self.tables.signatures.session_key && *want.plain() == Type::Hash && self.view().is_none()
        {
            let session = self.make(ExprKind::Session, Type::Hash, span);
            return self.coerce(session, &want, span, &Wanted::new(format!("the field `{field}`")));
        }
        let stored = self.store().and_then(|s| s.get(field));
        if let Some(stored) = stored {
            let ty = stored.ty.clone()?;
            let lenient = self.is_lenient()
                && (super::dynamic::is_dynamic(&ty)
                    || (ty.dimension().is_some() && ty.plain().dimension() == want.plain().dimension())
                    || matches!(
                        (ty.plain(), want.plain()),
                        (Type::Bytes, Type::Segment)
                            | (Type::Segment, Type::Bytes)
                            | (Type::String, Type::Enum(_))
                    ));
            if ty.plain() == want.plain() || lenient {
                let value = self.store_field(field, stored, span)?;
                let wanted = Wanted::new(format!("the field `{field}` of {record}"))
                    .in_field()
                    .declared(slot.span, "wanted here");
                return self.coerce(value, &want, span, &wanted);
            }
        }
        if field == "timestamp" && *want.plain() == Type::Timestamp {
            let now = self.make(ExprKind::Builtin(Builtin::Now, Vec::new()), Type::Timestamp, span);
            return self.coerce(now, &want, span, &Wanted::new("the field `timestamp`"));
        }
        if self.is_lenient() {
            return self.null_source(record, (field, slot), written, span);
        }
        if self.view().is_some() {
            self.report(
                Diagnostic::new(codes::RECORD_FIELD, span, format!("{record} lacks `{field}`"))
                    .with_label("one field is missing")
                    .with_secondary(slot.span, "declared here")
                    .with_note("in a scenario nothing but `timestamp` is filled in by itself")
                    .with_help(format!("add `{field} {}`", example(&want))),
            );
            return None;
        }
        let mut diagnostic =
            Diagnostic::new(codes::NO_SOURCE, span, format!("nothing fills the field `{field}` of {record}"))
                .with_secondary(slot.span, "declared here");
        diagnostic = match stored {
            Some(stored) => {
                let (ours, theirs) = (stored.ty.as_ref().map_or_else(String::new, show), show(&want));
                diagnostic
                    .with_label("not given, and the store field of that name has another type")
                    .with_secondary(stored.span, format!("{ours}, not {theirs}"))
            }
            None => diagnostic.with_label("not given, and there is no store field of that name"),
        };
        let similar = self.argument_or_message(field, &want);
        diagnostic = diagnostic
            .with_note("what is not given comes from the store field of the same name and type")
            .with_help(match similar {
                Some(text) => format!("give it: `{record} {{ {field} {text} }}`"),
                None => format!("give it: `{record} {{ {field} {} }}`, or store it", example(&want)),
            });
        self.report(diagnostic);
        None
    }

    /// Where else a value of that name and type is at hand.
    fn argument_or_message(&self, field: &str, want: &Type) -> Option<String> {
        if let Some(binding) = self.binding(field)
            && binding.ty.as_ref() == Some(want)
        {
            return Some(field.to_owned());
        }
        if self.arguments().iter().any(|(n, s)| n == field && s.ty.as_ref() == Some(want)) {
            return Some(field.to_owned());
        }
        if let Place::Machine { cause: super::context::CauseInfo::Message(message), .. } = &self.place
            && self
                .tables
                .signatures
                .shapes
                .get(message.name.text.as_str())
                .and_then(|s| s.get(field))
                .is_some_and(|s| s.ty.as_ref() == Some(want))
        {
            return Some(format!("message.{field}"));
        }
        None
    }
}

fn quoted(names: &[String]) -> String {
    let all: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    all.join(", ")
}

/// A value of the type, to be pasted into a help text.
fn example(ty: &Type) -> &'static str {
    match ty {
        Type::Uint | Type::Int => "0",
        Type::Bool => "false",
        Type::String => "\"\"",
        Type::Timestamp => "NOW()",
        Type::Duration => "0 seconds",
        Type::List(_) => "[]",
        Type::Map(..) => "{}",
        Type::Optional(_) => "null",
        _ => "…",
    }
}
