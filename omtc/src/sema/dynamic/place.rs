//! What an old file puts where strict reading wants something else: null, octets for a chain, texts for values,
//! values for texts, names that nothing declares.

use super::super::codes;
use super::super::context::{Elab, Place};
use super::super::convert::{Wanted, is_open};
use super::super::lenient::{self, Null, Readings, Why, Written};
use super::super::signature::{Shape, Slot};
use super::super::types::show;
use super::{has_text, is_dynamic, is_record};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Builtin, Conversion, Expr, ExprKind, Type};

impl Elab<'_, '_> {
    /// What strict reading refuses as a value for a place, with the meaning that can be given to it.
    pub fn leniently(&mut self, expr: Expr, want: &Type, span: Span, place: &Wanted) -> Result<Expr, Expr> {
        let Some(readings) = self.lenient() else { return Err(expr) };
        let slot = place.slot.or(place.declared.as_ref().map(|(span, _)| *span));
        if expr.kind == ExprKind::Null {
            return self.null_for(expr, want, span, slot, readings);
        }
        let (from, to) = (expr.ty.plain().clone(), want.plain().clone());
        if matches!((&from, &to), (Type::Bytes, Type::Segment) | (Type::Segment, Type::Bytes)) {
            let at = if from == Type::Bytes { self.declared_at(&expr) } else { slot };
            let Some(at) = at.filter(|at| !readings.segments.contains_key(at)) else { return Err(expr) };
            if self.in_earnest() {
                self.tables.found.borrow_mut().segments.entry(at).or_insert(span);
            }
            // Stands for the value that the next round reads.
            return Ok(Expr { ty: want.clone(), ..expr });
        }
        if expr.ty.is_optional() && !(want.is_optional() && is_dynamic(want)) {
            if want.is_optional() && !is_dynamic(&expr.ty) {
                return Err(expr);
            }
            if !want.is_optional() {
                if !self.could_fit(&from, want) {
                    return Err(expr);
                }
                if let Some(slot) = slot.filter(|slot| {
                    place.field && self.is_declared_null(&expr) && self.can_be_null(want, slot, readings)
                }) {
                    if self.in_earnest() {
                        let null = Null { place: span, why: Why::Value };
                        self.tables.found.borrow_mut().nullable.entry(slot).or_insert(null);
                    }
                    // Stands for the value that the next round reads.
                    return Ok(self.convert(Conversion::Unwrap, expr, want.clone()));
                }
                let value = self.used(expr, span, &place.what);
                return match self.fit(value, want) {
                    Ok(value) => Ok(value),
                    Err(value) => self.leniently(value, want, span, place),
                };
            }
        }
        if let (ExprKind::Text(text), Type::Enum(name)) = (&expr.kind, &to) {
            let text = text.clone();
            return match self.value_of_text(&text, name, span) {
                Some(value) => self.fit(value, want),
                None => Err(expr),
            };
        }
        match (&from, &to) {
            (Type::String, Type::Enum(name)) if !expr.ty.is_optional() => {
                let found = lenient::at(
                    codes::TEXT_AND_ENUM,
                    span,
                    format!("a text is read as the value of {name} that it names"),
                )
                .with_label(format!("a fault when {name} has no such value"))
                .with_note("which value a text names is known only when it runs")
                .with_help(format!("declare it as `{name}`"));
                self.report(found);
                return self.recast(expr, want);
            }
            (from, Type::String) if has_text(from) && !expr.ty.is_optional() => {
                let value = self.as_text(expr, span);
                return self.fit(value, want);
            }
            _ => {}
        }
        if !is_dynamic(&expr.ty) && !is_dynamic(want) {
            return Err(expr);
        }
        if to == Type::Dict && !is_record(&from) {
            // It was meant to be something else than a record.
            if readings.any_types {
                return Err(expr);
            }
            if self.in_earnest() {
                self.tables.found.borrow_mut().any_types = true;
            }
            return Ok(Expr { ty: want.clone(), ..expr });
        }
        self.recast(expr, want)
    }

    /// A value of unknown type that may be null, where a list, a map or a field that may be unset wants it.
    pub fn dynamic_for(&mut self, expr: Expr, want: &Type, span: Span, place: &Wanted) -> Result<Expr, Expr> {
        let Some(readings) = self.lenient() else { return Err(expr) };
        if expr.ty != Type::Any || *want == Type::Any {
            return Err(expr);
        }
        if want.is_optional() {
            // Null stays null; as a `T` it would be a fault.
            return self.recast(expr, want);
        }
        let null = self.may_hold_null(&expr);
        if want.begins_empty() && !is_open(want) {
            if null {
                let empty = if matches!(want, Type::Map(..)) { "{}" } else { "[]" };
                let found = lenient::at(
                    codes::UNSET_LIST,
                    span,
                    format!("{} that may be unset is read as `{empty}` then", show(want)),
                )
                .with_label(format!("`{empty}` when nothing is set"))
                .with_note("a plain list or map begins empty and is never null")
                .with_help(format!("declare it as `{}`", show(want)));
                self.report(found);
            }
            let empty = self.empty(want, span);
            let ty = want.clone();
            return Ok(self
                .unless_null(expr, empty, span, |this, value| this.convert(Conversion::FromAny, value, ty)));
        }
        let slot = place.slot.or(place.declared.as_ref().map(|(span, _)| *span));
        let Some(slot) = slot.filter(|slot| null && place.field && self.can_be_null(want, slot, readings))
        else {
            return Err(expr);
        };
        if self.in_earnest() {
            let null = Null { place: span, why: Why::Value };
            self.tables.found.borrow_mut().nullable.entry(slot).or_insert(null);
        }
        // Stands for the value that the next round reads.
        Ok(self.convert(Conversion::FromAny, expr, want.clone()))
    }

    /// May a field of unknown type hold null where it is read: is null, or what may be null, assigned to it, or is it
    /// unset on some way to here?
    fn may_hold_null(&self, value: &Expr) -> bool {
        let ExprKind::Store(name) = &value.kind else { return false };
        let Some((actor, readings)) = self.actor().zip(self.lenient()) else { return false };
        let key = (actor.decl.name.text.clone(), name.clone());
        let written = readings
            .writes
            .get(&key)
            .is_some_and(|w| w.iter().any(|ty| ty.is_optional() || *ty == Type::Null));
        written || !self.known.set.contains(name)
    }

    /// Would a value of that type fit, one way or the other?
    fn could_fit(&mut self, from: &Type, want: &Type) -> bool {
        if is_dynamic(from) || is_dynamic(want) || has_text(from) && *want == Type::String {
            return true;
        }
        if matches!((from, want), (Type::String, Type::Enum(_))) {
            return true;
        }
        let probe = Expr::new(ExprKind::Payload, from.clone(), omt_runtime::ir::At::default());
        self.fits(probe, want)
    }

    /// The text of a value where a text is wanted.
    pub fn as_text(&mut self, value: Expr, span: Span) -> Expr {
        let text = self.short(span);
        let (code, ty) = match &value.ty {
            Type::Enum(_) => (codes::TEXT_AND_ENUM, show(&value.ty)),
            other => (codes::TEXT_OF_VALUE, show(other)),
        };
        let found = lenient::at(code, span, format!("{text} is {ty}, and read as its text"))
            .with_label("a text is wanted here")
            .with_note("no value becomes a text by itself")
            .with_help(format!("write `TO_STRING({})`", self.tables.sources.slice(span)))
            .with_fix(
                lenient::safe("write `TO_STRING(…)`")
                    .insert_before(span, "TO_STRING(")
                    .insert_after(span, ")"),
            );
        self.report(found);
        let value = if matches!(value.ty, Type::Exact(_)) { value } else { self.keep(value) };
        self.make(ExprKind::Builtin(Builtin::ToString, vec![value]), Type::String, span)
    }

    /// May a declaration be read as `T?` from the next round on?
    fn can_be_null(&self, want: &Type, slot: &Span, readings: &Readings) -> bool {
        let known = |shape: &Shape| {
            shape.iter().any(|(name, s)| s.span == *slot && *name == self.tables.signatures.session_key)
        };
        !want.is_optional()
            && !want.begins_empty()
            && lenient::can_be_declared(want)
            && !matches!(want, Type::View(_))
            && !readings.nullable.contains_key(slot)
            && !self.store().is_some_and(known)
    }

    /// Is a `T?` one by its declaration, not because nothing has assigned it yet?
    fn is_declared_null(&self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::Store(name) => self
                .store()
                .and_then(|s| s.get(name))
                .is_some_and(|s| s.ty.as_ref().is_some_and(Type::is_optional)),
            ExprKind::Field(..) | ExprKind::Argument(_) | ExprKind::TaskResult => true,
            _ => false,
        }
    }

    /// Null where the place wants a value.
    fn null_for(
        &mut self,
        expr: Expr,
        want: &Type,
        span: Span,
        slot: Option<Span>,
        readings: &Readings,
    ) -> Result<Expr, Expr> {
        if *want == Type::Any {
            return Ok(self.null_of(want, span));
        }
        if want.begins_empty() {
            let empty = if matches!(want, Type::Map(..)) { "{}" } else { "[]" };
            let found =
                lenient::at(codes::UNSET_LIST, span, format!("null for {} is read as `{empty}`", show(want)))
                    .with_label(format!("read as `{empty}`"))
                    .with_note("a plain list or map begins empty and is never null")
                    .with_help(format!("write `{empty}`"))
                    .with_fix(lenient::safe(format!("write `{empty}`")).replace(span, empty));
            self.report(found);
            return Ok(self.empty(want, span));
        }
        let Some(slot) = slot.filter(|slot| self.can_be_null(want, slot, readings)) else {
            return Err(expr);
        };
        if self.in_earnest() {
            let null = Null { place: span, why: Why::Literal };
            self.tables.found.borrow_mut().nullable.entry(slot).or_insert(null);
        }
        Ok(Expr { ty: want.clone(), ..expr })
    }

    /// A field of a payload that nothing fills: null.
    pub fn null_source(
        &mut self,
        record: &str,
        (field, slot): (&str, &Slot),
        written: Option<&ast::Record>,
        span: Span,
    ) -> Option<Expr> {
        let readings = self.lenient()?;
        let want = slot.ty.clone()?;
        let plain = want.plain().clone();
        let in_message = slot.span;
        let mut found = lenient::at(
            codes::NULL_SOURCE,
            span,
            format!("nothing fills the field `{field}` of {record}, and it is read as null"),
        )
        .with_label("not given, and there is no store field of that name and type")
        .with_secondary(slot.span, "declared here")
        .with_note("what is not given comes from the store field of the same name and type");
        let text = show(&plain);
        let value = if want.begins_empty() {
            if matches!(want, Type::Map(..)) { "{}" } else { "[]" }
        } else {
            "null"
        };
        let is_null = value == "null" && want != Type::Any;
        found = found.with_help(if is_null {
            format!("give it: `{record} {{ {field} … }}`; or declare `{field} {text}?` and write `{record} {{ {field} null }}`")
        } else {
            format!("give it: `{record} {{ {field} {value} }}`")
        });
        let mut fix = lenient::safe(format!("give it: `{field} {value}`"));
        fix = match written {
            Some(record) => match record.entries.last() {
                Some(ast::RecordEntry::Field { span, .. } | ast::RecordEntry::Spread { span, .. }) => {
                    fix.insert_after(*span, format!(", {field} {value}"))
                }
                None => fix.replace(record.span, format!("{{ {field} {value} }}")),
            },
            // The record stands behind the name, before the parenthesis that ends the action.
            None => {
                let end = span.end.saturating_sub(1);
                fix.replace(Span::new(span.file, end, end), format!(" {{ {field} {value} }}"))
            }
        };
        let declared_plain = !self.tables.sources.slice(slot.span).trim_end().ends_with('?');
        if is_null && declared_plain {
            fix = fix.insert_after(slot.span, "?");
        }
        found = found.with_fix(fix);
        self.report(found);
        if want.begins_empty() {
            return Some(self.empty(&want, span));
        }
        if want == Type::Any {
            return Some(self.null_of(&want, span));
        }
        if want.is_optional() {
            return Some(self.make(ExprKind::Null, want, span));
        }
        if readings.nullable.contains_key(&in_message) {
            return None;
        }
        if self.in_earnest() {
            let null = Null { place: span, why: Why::Source };
            self.tables.found.borrow_mut().nullable.entry(in_message).or_insert(null);
        }
        Some(self.make(ExprKind::Null, want, span))
    }

    /// A name that is written and nowhere declared: from the next round on it is a field of the store.
    pub fn undeclared_target(&mut self, name: &ast::Ident, ty: Option<Type>) -> Option<Type> {
        self.lenient()?;
        let Place::Machine { actor, .. } = &self.place else { return None };
        let text = name.text.as_str();
        if super::super::scope::IDENTIFIERS.contains(&text) || self.tables.scope.parameters.contains_key(text)
        {
            return None;
        }
        let is_key = text == self.tables.signatures.session_key;
        let ty = if is_key { Type::Hash } else { ty.unwrap_or(Type::Any) };
        if self.in_earnest() {
            let actor = actor.decl.name.text.clone();
            let mut found = self.tables.found.borrow_mut();
            let written = Written { span: name.span, ty: ty.clone() };
            let fields = found.fields.entry(actor).or_default();
            match fields.get_mut(text) {
                // What allows one type only decides.
                Some(known) if known.ty == Type::Any && ty != Type::Any => known.ty = ty.clone(),
                Some(_) => {}
                None => {
                    fields.insert(text.to_owned(), written);
                }
            }
        }
        Some(ty)
    }

    /// Remembers what is assigned to a field of type `any`.
    pub fn wrote(&mut self, field: &str, value: &Expr) {
        if !self.is_lenient() || !self.in_earnest() {
            return;
        }
        let Some(actor) = self.actor() else { return };
        let mut types = Vec::new();
        written_types(value, &mut types);
        for ty in types {
            self.wrote_type(actor.decl.name.text.clone(), field, ty);
        }
    }

    /// As [`Elab::wrote`], with the type.
    pub fn wrote_type(&mut self, actor: String, field: &str, ty: Type) {
        if self.is_lenient() && self.in_earnest() {
            let key = (actor, field.to_owned());
            self.tables.found.borrow_mut().writes.entry(key).or_default().insert(ty);
        }
    }
}

/// The types that a value of unknown type has before that is forgotten.
fn written_types(value: &Expr, types: &mut Vec<Type>) {
    match &value.kind {
        ExprKind::Convert(Conversion::ToAny, inner) => written_types(inner, types),
        ExprKind::If(_, then, otherwise) => {
            written_types(then, types);
            written_types(otherwise, types);
        }
        ExprKind::Let(_, _, body) => written_types(body, types),
        _ => types.push(value.ty.clone()),
    }
}
