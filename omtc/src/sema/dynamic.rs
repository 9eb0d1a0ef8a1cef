//! Lenient readings of one expression (LANGUAGE 5.1): values of unknown type are converted to the type that their
//! place needs, checked when it runs; null where a value is needed is a fault, or an empty list; texts and values of
//! enums find each other by name.
//!
//! Nothing here is reached when reading is strict.

mod action;
mod place;

use super::codes;
use super::context::{CauseInfo, Elab, Place, Tables};
use super::convert::{Wanted, is_open, merge_empty};
use super::lenient::{self, Readings};
use super::types::{mentions, show};
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{BinaryOp, Builtin, Conversion, Dimension, Expr, ExprKind, Type};

/// The struct that is signed where something else than a struct is.
const SIGNED_VALUE: &str = "SignedValue";

impl Tables<'_> {
    /// The name of the struct of one field that stands for a signed value; no declared type has it.
    pub fn signed_value(&self) -> String {
        let mut name = SIGNED_VALUE.to_owned();
        while self.scope.types.contains_key(name.as_str()) {
            name.push('_');
        }
        name
    }
}

/// Does the type say nothing, or not all, about its values?
pub(super) fn is_dynamic(ty: &Type) -> bool {
    mentions(ty, &|t| matches!(t, Type::Any | Type::Dict))
}

/// Can a value of the type be put into a place of unknown type?
fn is_plain_data(ty: &Type) -> bool {
    !mentions(ty, &|t| matches!(t, Type::Secret(_) | Type::Function(..) | Type::Rng))
}

/// Is a value of the type a record, whatever its fields?
fn is_record(ty: &Type) -> bool {
    match ty {
        Type::Struct(_)
        | Type::Message(_)
        | Type::BlockPayload(_)
        | Type::View(_)
        | Type::Dict
        | Type::Any
        | Type::ChainState => true,
        Type::Map(key, _) => **key == Type::String,
        _ => false,
    }
}

/// Has a value of the type a text?
pub(super) fn has_text(ty: &Type) -> bool {
    ty.dimension().is_some()
        || matches!(
            ty,
            Type::Float
                | Type::Bool
                | Type::Bytes
                | Type::Hash
                | Type::Signature
                | Type::PeerId
                | Type::Enum(_)
        )
}

fn list_of(item: Type) -> Type {
    Type::List(Box::new(item))
}

fn map_of(key: Type) -> Type {
    Type::Map(Box::new(key), Box::new(Type::Any))
}

impl<'t> Elab<'t, '_> {
    /// What is known of an old file that is given a meaning; `None` when reading is strict.
    pub fn lenient(&self) -> Option<&'t Readings> {
        self.tables.lenient.as_ref().filter(|_| !self.strictly)
    }

    pub fn is_lenient(&self) -> bool {
        self.lenient().is_some()
    }

    /// A value where null is none. Strict: null is reported, and there is no value.
    pub fn present(&mut self, value: Expr, span: Span, what: &str) -> Option<Expr> {
        if !value.ty.is_optional() {
            return Some(value);
        }
        if self.is_lenient() {
            return Some(self.used(value, span, what));
        }
        let value = match self.unwrapped(value) {
            Ok(value) => return Some(value),
            Err(value) => value,
        };
        let diagnostic = self.null_here(&value, span, what);
        self.report(diagnostic);
        None
    }

    /// A `T?` where a `T` is needed.
    fn used(&mut self, value: Expr, span: Span, what: &str) -> Expr {
        let plain = value.ty.plain().clone();
        if plain == Type::Any {
            return self.convert(Conversion::ToAny, value, Type::Any);
        }
        if plain.begins_empty() {
            return self.or_empty(value, span);
        }
        let mut found = self.null_here(&value, span, what);
        found.message = match &value.kind {
            ExprKind::Store(name) => format!("`{name}` may be unset here, and using it then is a fault"),
            _ => format!("{}, and using it then is a fault", found.message),
        };
        found.code = codes::NULL_READ;
        found.severity = found.code.severity;
        if found.note.is_none() {
            found = found.with_note("the step is undone when there is no value");
        }
        self.report(found);
        self.convert(Conversion::Unwrap, value, plain)
    }

    /// A list or map that may be unset, as an empty one.
    fn or_empty(&mut self, value: Expr, span: Span) -> Expr {
        let plain = value.ty.plain().clone();
        let empty = if matches!(plain, Type::Map(..)) { "{}" } else { "[]" };
        let text = self.tables.sources.slice(span).to_owned();
        let repaired = format!("(if {text} == null then {empty} else {text})");
        let mut found = lenient::at(
            codes::UNSET_LIST,
            span,
            format!(
                "a {} that may be unset is read as an empty one",
                if empty == "{}" { "map" } else { "list" }
            ),
        )
        .with_label(format!("`{empty}` when nothing is set"))
        .with_note("a plain list or map begins empty and is never null")
        .with_help(format!("write `{repaired}`, or declare it without `?`"));
        if super::facts::path(&value).is_some() {
            found = found.with_fix(lenient::safe("write what it is when unset").replace(span, repaired));
        }
        self.report(found);
        let otherwise = self.empty(&plain, span);
        self.unless_null(value, otherwise, span, |this, value| this.convert(Conversion::Unwrap, value, plain))
    }

    pub(super) fn empty(&self, ty: &Type, span: Span) -> Expr {
        let kind =
            if matches!(ty, Type::Map(..)) { ExprKind::Map(Vec::new()) } else { ExprKind::List(Vec::new()) };
        self.make(kind, ty.clone(), span)
    }

    /// `if value == null then otherwise else then(value)`, the value being computed once.
    pub(super) fn unless_null(
        &mut self,
        value: Expr,
        otherwise: Expr,
        span: Span,
        then: impl FnOnce(&mut Self, Expr) -> Expr,
    ) -> Expr {
        let simple = super::facts::path(&value).is_some();
        let (read, bound) = if simple {
            (value, None)
        } else {
            let slot = self.slot("", value.ty.clone());
            (self.local(slot, span), Some((slot, value)))
        };
        let null = self.null_of(&read.ty, span);
        let test = ExprKind::Binary(BinaryOp::Equal, Box::new(read.clone()), Box::new(null));
        let test = self.make(test, Type::Bool, span);
        let value = then(self, read);
        let ty = value.ty.clone();
        let choice = ExprKind::If(Box::new(test), Box::new(otherwise), Box::new(value));
        let choice = self.make(choice, ty.clone(), span);
        match bound {
            None => choice,
            Some((slot, value)) => {
                self.make(ExprKind::Let(slot, Box::new(value), Box::new(choice)), ty, span)
            }
        }
    }

    /// Null of a `T?`, or of `any`.
    fn null_of(&self, ty: &Type, span: Span) -> Expr {
        if *ty == Type::Any {
            let null = self.make(ExprKind::Null, Type::Null, span);
            return self.convert(Conversion::ToAny, null, Type::Any);
        }
        self.make(ExprKind::Null, ty.clone().optional(), span)
    }

    /// Any data as `any`.
    pub fn loose(&mut self, expr: Expr) -> Result<Expr, Expr> {
        if expr.ty == Type::Any {
            return Ok(expr);
        }
        if !is_plain_data(&expr.ty)
            || self.tables.signatures.holds(&expr.ty, &|t| matches!(t, Type::Secret(_)))
        {
            return Err(expr);
        }
        if expr.ty == Type::Null && expr.kind != ExprKind::Null {
            return Err(expr);
        }
        let mut expr = self.keep(expr);
        if expr.ty != Type::Null && is_open(&expr.ty) {
            let closed = [list_of(Type::Any), map_of(Type::String)];
            let want = closed.iter().find(|ty| merge_empty(&expr.ty, ty).as_ref() == Some(*ty)).cloned();
            let Some(want) = want else { return Err(expr) };
            expr = self.fit(expr, &want)?;
        }
        Ok(self.convert(Conversion::ToAny, expr, Type::Any))
    }

    /// A value with another type, which is checked when it runs.
    pub fn recast(&mut self, expr: Expr, want: &Type) -> Result<Expr, Expr> {
        if !is_plain_data(want) || matches!(want, Type::Exact(_) | Type::Decimal | Type::Null | Type::View(_))
        {
            return Err(expr);
        }
        let any = self.loose(expr)?;
        Ok(if *want == Type::Any { any } else { self.convert(Conversion::FromAny, any, want.clone()) })
    }

    /// A value of type `any` as what is needed; says that it is.
    pub fn needed_as(&mut self, value: Expr, want: &Type, span: Span) -> Expr {
        self.dynamic_used(&value, want, span);
        self.convert(Conversion::FromAny, value, want.clone())
    }

    fn dynamic_used(&mut self, value: &Expr, want: &Type, span: Span) {
        let text = self.short(span);
        let ty = show(want);
        let mut found = lenient::at(
            codes::DYNAMIC_USED,
            span,
            format!("{text} has no declared type, and is read as {ty} here"),
        )
        .with_label(format!("a fault when it is no {ty}"))
        .with_note("what a value of unknown type holds is checked when it is used")
        .with_help(format!("declare it as `{ty}`"));
        if let Some(fix) = self.declare_as(value, want) {
            found = found.with_fix(fix);
        }
        self.report(found);
    }

    fn short(&self, span: Span) -> String {
        let text = self.tables.sources.slice(span);
        if text.len() <= 40 && !text.contains('\n') { format!("`{text}`") } else { "this".to_owned() }
    }

    /// Declares what is declared as `any` with a type.
    fn declare_as(&self, value: &Expr, ty: &Type) -> Option<Fix> {
        if !lenient::can_be_declared(ty) {
            return None;
        }
        let span = self.declared_at(value)?;
        let name = self.tables.sources.slice(span).strip_suffix("any")?;
        let ty = show(ty);
        Some(
            Fix::new(Applicability::Unsafe, format!("declare it as `{ty}`"))
                .replace(span, format!("{name}{ty}")),
        )
    }

    /// The declaration that an expression reads.
    pub fn declared_at(&self, expr: &Expr) -> Option<Span> {
        match &expr.kind {
            ExprKind::Store(name) => self.store()?.get(name).map(|s| s.span),
            ExprKind::Shared(name) => self.shared()?.get(name).map(|s| s.span),
            ExprKind::Argument(name) => self.arguments().iter().find(|(n, _)| n == name).map(|(_, s)| s.span),
            ExprKind::Load(name) => {
                self.tables.signatures.actors.values().find_map(|a| a.store.get(name)).map(|s| s.span)
            }
            ExprKind::ViewField(name) => match &self.place {
                Place::View { shape, .. } => shape.get(name).map(|s| s.span),
                Place::Function { .. } | Place::Machine { .. } | Place::Observe(_) => None,
            },
            ExprKind::Local(slot) => self.names.iter().find(|b| b.slot == *slot).map(|b| b.span),
            ExprKind::Field(base, name) => match &base.ty {
                Type::Struct(record)
                | Type::Message(record)
                | Type::BlockPayload(record)
                | Type::View(record) => {
                    self.tables.signatures.shapes.get(record.as_str())?.get(name).map(|s| s.span)
                }
                _ => None,
            },
            ExprKind::Call(name, _) | ExprKind::Native(name, _) => {
                let name = name.split('<').next().unwrap_or(name);
                self.tables.signatures.callables.get(name).map(|s| s.decl.result().span)
            }
            ExprKind::Convert(
                Conversion::Some | Conversion::Unwrap | Conversion::ToAny | Conversion::FromAny,
                inner,
            ) => self.declared_at(inner),
            _ => None,
        }
    }

    /// A value of any kind as a list; unset is empty.
    pub fn as_list(&mut self, value: Expr, span: Span) -> Expr {
        let ty = list_of(Type::Any);
        self.dynamic_used(&value, &ty, span);
        let empty = self.empty(&ty, span);
        self.unless_null(value, empty, span, |this, value| this.convert(Conversion::FromAny, value, ty))
    }

    /// A value of any kind as a map with such keys; unset is empty.
    pub fn as_map(&mut self, value: Expr, key: Type, span: Span) -> Expr {
        let ty = map_of(key);
        self.dynamic_used(&value, &ty, span);
        let empty = self.empty(&ty, span);
        self.unless_null(value, empty, span, |this, value| this.convert(Conversion::FromAny, value, ty))
    }

    /// The map or list that is assigned to a field of type `any`, as far as that is known.
    pub fn written_as(&self, value: &Expr) -> Option<Type> {
        let ExprKind::Store(name) = &value.kind else { return None };
        let actor = self.actor()?.decl.name.text.clone();
        let writes = self.lenient()?.writes.get(&(actor, name.clone()))?;
        writes.iter().map(Type::plain).find(|ty| ty.begins_empty()).cloned()
    }

    /// The one record type that is assigned to a field of type `any`, if it has that field; else any record.
    pub fn record_with(&self, value: &Expr, field: &str) -> Type {
        let written = || {
            let ExprKind::Store(name) = &value.kind else { return None };
            let ty = self.lenient()?.only_type(&self.actor()?.decl.name.text, name)?;
            let has = match ty {
                Type::Struct(of) | Type::Message(of) | Type::BlockPayload(of) => {
                    self.tables.signatures.shapes.get(of.as_str())?.contains_key(field)
                }
                Type::Block(_) | Type::Signed(_) | Type::Segment => {
                    super::member::built_in_fields(ty).iter().any(|(name, _)| *name == field)
                }
                _ => false,
            };
            has.then(|| ty.clone())
        };
        written().unwrap_or(Type::Dict)
    }

    /// The key type of a map of unknown type: what is assigned to it, else what it is asked for.
    pub fn key_of(&mut self, value: &Expr, key: Option<&ast::Expr>) -> Type {
        if let Some(Type::Map(key, _)) = self.written_as(value) {
            return *key;
        }
        let asked = key.and_then(|key| self.trial(|this| this.infer_kept(key, None)));
        match asked.map(|key| key.ty) {
            Some(ty) if super::types::can_be_key(&ty) => ty,
            _ => Type::Any,
        }
    }

    /// `x[k]` of a value of unknown type.
    pub fn dynamic_item(&mut self, value: Expr, base: Span, index: &ast::Expr, span: Span) -> Option<Expr> {
        let known = self.written_as(&value);
        let key = self.key_of(&value, Some(index));
        let list = matches!(known, Some(Type::List(_))) || (known.is_none() && key.dimension().is_some());
        let container = if list { self.as_list(value, base) } else { self.as_map(value, key.clone(), base) };
        let key = if list { Type::Int } else { key };
        let key = self.check(index, &key, &Wanted::new("a key"))?;
        Some(self.make(ExprKind::Index(Box::new(container), Box::new(key)), Type::Any, span))
    }

    /// A value of unknown type as a number that goes with the other side.
    pub fn as_number(
        &mut self,
        value: Expr,
        other: &Type,
        op: ast::BinaryOp,
        right: bool,
        span: Span,
    ) -> Expr {
        use ast::BinaryOp as Op;
        let want = match (other.dimension(), op) {
            (Some(Dimension::Instant), Op::Add) => Type::Duration,
            (Some(Dimension::Instant), Op::FloorDiv | Op::Mod) if right => Type::Duration,
            (Some(Dimension::Instant), _) => Type::Timestamp,
            (Some(Dimension::Span), Op::Mul | Op::Div | Op::FloorDiv | Op::Mod) => Type::Int,
            (Some(Dimension::Span), _) => Type::Duration,
            _ if *other == Type::Float => Type::Float,
            _ => Type::Int,
        };
        self.needed_as(value, &want, span)
    }

    /// Operands of an arithmetic operator of which one is of unknown type.
    pub fn dynamic_operands(
        &mut self,
        op: ast::BinaryOp,
        (l, left): (Expr, Span),
        (r, right): (Expr, Span),
        hint: Option<&Type>,
    ) -> (Expr, Expr) {
        let (l, r) = (self.as_written(l, left), self.as_written(r, right));
        match (l.ty == Type::Any, r.ty == Type::Any) {
            (false, false) => (l, r),
            (true, true) => {
                let other = match hint.map(Type::plain) {
                    Some(ty @ (Type::String | Type::List(_))) if op == ast::BinaryOp::Add => ty.clone(),
                    _ => Type::Int,
                };
                let l = self.operand_as(l, &other, op, false, left);
                (l, self.operand_as(r, &other, op, true, right))
            }
            (true, false) => {
                let ty = r.ty.clone();
                (self.operand_as(l, &ty, op, false, left), r)
            }
            (false, true) => {
                let ty = l.ty.clone();
                let r = self.operand_as(r, &ty, op, true, right);
                (l, r)
            }
        }
    }

    fn operand_as(&mut self, value: Expr, other: &Type, op: ast::BinaryOp, right: bool, span: Span) -> Expr {
        match other {
            Type::String if op == ast::BinaryOp::Add => self.needed_as(value, &Type::String, span),
            Type::List(_) if op == ast::BinaryOp::Add => {
                let list = self.as_list(value, span);
                match self.fits(list.clone(), other) || *other == Type::List(Box::new(Type::Null)) {
                    true => list,
                    false => self.recast(list, other).unwrap_or_else(|list| list),
                }
            }
            other => self.as_number(value, other, op, right, span),
        }
    }

    /// `any?` is `any`: it may be null anyway.
    pub fn loosened(&self, value: Expr) -> Expr {
        if value.ty.is_optional() && *value.ty.plain() == Type::Any {
            return self.convert(Conversion::ToAny, value, Type::Any);
        }
        value
    }

    /// A value of unknown type as the number, text or list that alone is assigned to it, where that is known.
    pub fn as_written(&mut self, value: Expr, span: Span) -> Expr {
        let value = self.loosened(value);
        let written = || {
            let ExprKind::Store(name) = &value.kind else { return None };
            let ty = self.lenient()?.only_type(&self.actor()?.decl.name.text, name)?.plain();
            (super::types::is_number(ty) || *ty == Type::String).then(|| ty.clone())
        };
        match written() {
            Some(ty) if value.ty == Type::Any => self.needed_as(value, &ty, span),
            _ => value,
        }
    }

    /// Both sides of `<` and its kin, where one is of unknown type.
    pub fn dynamic_order(&mut self, (l, left): (Expr, Span), (r, right): (Expr, Span)) -> (Expr, Expr) {
        let (l, r) = (self.as_written(l, left), self.as_written(r, right));
        let side = |this: &mut Self, value: Expr, other: &Type, span: Span| match other {
            Type::String => this.needed_as(value, &Type::String, span),
            Type::Float => this.needed_as(value, &Type::Float, span),
            other => {
                let want = match other.dimension() {
                    Some(Dimension::Instant) => Type::Timestamp,
                    Some(Dimension::Span) => Type::Duration,
                    _ => Type::Int,
                };
                this.needed_as(value, &want, span)
            }
        };
        match (l.ty == Type::Any, r.ty == Type::Any) {
            (true, true) => {
                let l = side(self, l, &Type::Int, left);
                (l, side(self, r, &Type::Int, right))
            }
            (true, false) => {
                let ty = r.ty.clone();
                (side(self, l, &ty, left), r)
            }
            (false, true) => {
                let ty = l.ty.clone();
                let r = side(self, r, &ty, right);
                (l, r)
            }
            (false, false) => (l, r),
        }
    }

    /// A comparison that only lenient reading gives a meaning; `None` when there is nothing to read leniently.
    pub fn lenient_equality(
        &mut self,
        op: BinaryOp,
        (l, left): (&Expr, Span),
        (r, right): (&Expr, Span),
        op_span: Span,
        span: Span,
    ) -> Option<Expr> {
        self.lenient()?;
        let build = |this: &Self, l: Expr, r: Expr| {
            this.make(ExprKind::Binary(op, Box::new(l), Box::new(r)), Type::Bool, span)
        };
        if is_dynamic(&l.ty) || is_dynamic(&r.ty) {
            let (a, b) = (self.loose(l.clone()).ok()?, self.loose(r.clone()).ok()?);
            if l.kind != ExprKind::Null && r.kind != ExprKind::Null {
                let mut found = lenient::at(
                    codes::DYNAMIC_COMPARED,
                    op_span,
                    format!("{} and {} are compared by their structure", show(&l.ty), show(&r.ty)),
                )
                .with_label("equal when both are written alike")
                .with_secondary(left, show(&l.ty))
                .with_secondary(right, show(&r.ty))
                .with_note(
                    "a text equals an enum value of that name, and octets equal a hash of the same octets",
                )
                .with_help("declare both with their type");
                let fix = self.declare_as(l, &r.ty).or_else(|| self.declare_as(r, &l.ty));
                if let Some(fix) = fix {
                    found = found.with_fix(fix);
                }
                self.report(found);
            }
            return Some(build(self, a, b));
        }
        let text = |ty: &Type| *ty.plain() == Type::String;
        let value = |ty: &Type| matches!(ty.plain(), Type::Enum(_));
        if (text(&l.ty) && value(&r.ty)) || (value(&l.ty) && text(&r.ty)) {
            for (from, to, at, first) in [(l, r, left, true), (r, l, right, false)] {
                let ExprKind::Text(text) = &from.kind else { continue };
                let Type::Enum(name) = to.ty.plain() else { continue };
                let named = self.value_of_text(text, name, at)?;
                let named = self.fit(named, &to.ty).ok()?;
                let (a, b) = if first { (named, to.clone()) } else { (to.clone(), named) };
                return Some(build(self, a, b));
            }
            let found = lenient::at(
                codes::TEXT_AND_ENUM,
                op_span,
                "a text and a value of an enum are compared by the name of the value",
            )
            .with_label("equal when the text is the name")
            .with_secondary(left, show(&l.ty))
            .with_secondary(right, show(&r.ty))
            .with_note("a value of an enum equals only a value of the same enum, never a text")
            .with_help(
                "declare the text with the type of the enum, or write `TO_STRING(…)` around the value",
            );
            self.report(found);
            let (a, b) = (self.loose(l.clone()).ok()?, self.loose(r.clone()).ok()?);
            return Some(build(self, a, b));
        }
        None
    }

    /// The value of an enum that a text names, whatever its case.
    fn value_of_text(&mut self, text: &str, name: &str, span: Span) -> Option<Expr> {
        let values = &self.tables.scope.enumeration(name)?.values;
        let value = values
            .iter()
            .find(|v| v.name.text == text)
            .or_else(|| values.iter().find(|v| v.name.text.eq_ignore_ascii_case(text)))?
            .name
            .text
            .clone();
        let written = self.tables.sources.slice(span).to_owned();
        let found = lenient::at(
            codes::TEXT_AND_ENUM,
            span,
            format!("the text {written} is read as the value `{value}` of {name}"),
        )
        .with_label(format!("read as `{value}`"))
        .with_note("a value of an enum equals only a value of the same enum, never a text")
        .with_help(format!("write the value without quotes: `{value}`"))
        .with_fix(lenient::safe(format!("write `{value}`")).replace(span, value.clone()));
        self.report(found);
        Some(self.make(ExprKind::EnumValue(name.to_owned(), value), Type::Enum(name.to_owned()), span))
    }

    /// What is signed: a struct; leniently any value, as the one field of a struct that the compiler makes.
    pub fn signed_struct(&mut self, builtin: Builtin, value: Expr, span: Span) -> Option<Expr> {
        let name = builtin.name();
        if matches!(value.ty, Type::Struct(_)) {
            let loose = |t: &Type| matches!(t, Type::Float | Type::Any | Type::Dict);
            if self.tables.signatures.holds(&value.ty, &loose) {
                let ty = show(&value.ty);
                self.report(
                    lenient::at(
                        codes::DYNAMIC_SIGNED,
                        span,
                        format!(
                            "{ty} holds a float, any or dict, and is signed as it is written on the wire"
                        ),
                    )
                    .with_label("signed here")
                    .with_note(
                        "canonical encoding makes the bytes well-defined; what they mean is for each reader",
                    )
                    .with_help("use an integer in a smaller unit, or a struct with declared fields"),
                );
            }
            return Some(value);
        }
        let ty = show(&value.ty);
        self.report(
            lenient::at(
                codes::SIGNED_VALUE,
                span,
                format!("`{name}` takes a struct, and {ty} is read as the one field of a struct"),
            )
            .with_label(format!("read as `{SIGNED_VALUE} {{ value … }}`"))
            .with_note("the name of the struct and of its fields are part of what is signed, so that no signature can be used for something else")
            .with_help("put the values into a struct and sign that"),
        );
        let any = match self.loose(value) {
            Ok(any) => any,
            Err(value) => {
                self.wrong_arg(builtin, span, &value.ty, "a struct");
                return None;
            }
        };
        let ty = Type::Struct(self.tables.signed_value());
        Some(self.make(ExprKind::Record(vec![("value".to_owned(), any)]), ty, span))
    }

    /// An unknown lower-case name as its own text.
    pub fn bare_text(&mut self, name: &ast::Ident) -> Option<Expr> {
        self.lenient()?;
        let text = name.text.as_str();
        let lower = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| !c.is_ascii_uppercase());
        if !lower || self.tables.scope.callables.contains_key(text) {
            return None;
        }
        let of_message = match self.cause() {
            CauseInfo::Message(message) => message.fields.list.iter().find(|f| f.name.text == text),
            CauseInfo::Nothing | CauseInfo::Trigger(_) | CauseInfo::Task(_) | CauseInfo::Time => None,
        };
        let known = self.candidates(None);
        let near = crate::diagnostic::did_you_mean(text, known.iter().map(String::as_str)).map(str::to_owned);
        let mut found = lenient::at(
            codes::BARE_TEXT,
            name.span,
            format!("nothing is called `{text}` here, and it is read as the text \"{text}\""),
        )
        .with_label(format!("read as \"{text}\""));
        found = match (&of_message, &near) {
            (Some(field), _) => found
                .with_secondary(field.span, "the message has such a field")
                .with_help(format!("write \"{text}\"; or `message.{text}` if the field is meant")),
            (None, Some(near)) => found.with_help(format!("write \"{text}\"; or did you mean `{near}`?")),
            (None, None) => found.with_help(format!("write \"{text}\"")),
        };
        found = found
            .with_note("a name is a local, an argument, a field, a parameter or an enum value")
            .with_fix(lenient::safe(format!("write \"{text}\"")).replace(name.span, format!("\"{text}\"")));
        if let Some(near) = near {
            found = found.with_fix(
                Fix::new(Applicability::Unsafe, format!("write `{near}`")).replace(name.span, near),
            );
        }
        self.report(found);
        Some(self.make(ExprKind::Text(text.to_owned()), Type::String, name.span))
    }

    /// The arguments of `HASH` when one is a sum that cannot be computed: its parts.
    pub fn hash_parts<'e>(&mut self, arg: &'e ast::Expr) -> Option<Vec<&'e ast::Expr>> {
        self.lenient()?;
        let ast::ExprKind::Binary { op: ast::BinaryOp::Add, .. } = &arg.unparenthesized().kind else {
            return None;
        };
        if !self.can_try() {
            return None;
        }
        self.strictly = true;
        let computed = self.trial(|this| this.infer_kept(arg, None));
        self.strictly = false;
        if computed.is_some() {
            return None;
        }
        let mut parts = Vec::new();
        let mut fix = lenient::safe("separate the parts by commas");
        flatten(arg, &mut parts, &mut fix);
        let texts: Vec<&str> = parts.iter().map(|p| self.tables.sources.slice(p.span)).collect();
        let found: Diagnostic = lenient::at(
            codes::HASH_OF_SUM,
            arg.span,
            "there is no such sum, and its parts are hashed one after the other",
        )
        .with_label("read as a list of arguments")
        .with_note(
            "`HASH(a, b)` covers where one part ends and the next begins, which a sum of texts would not",
        )
        .with_help(format!("write `HASH({})`", texts.join(", ")))
        .with_fix(fix);
        self.report(found);
        Some(parts)
    }
}

/// The parts of a sum, and how to write commas between them.
fn flatten<'e>(expr: &'e ast::Expr, parts: &mut Vec<&'e ast::Expr>, fix: &mut Fix) {
    match &expr.kind {
        ast::ExprKind::Paren(inner)
            if matches!(
                inner.unparenthesized().kind,
                ast::ExprKind::Binary { op: ast::BinaryOp::Add, .. }
            ) =>
        {
            let Span { file, start, end } = expr.span;
            *fix = fix.clone().replace(Span::new(file, start, start.saturating_add(1)), "");
            *fix = fix.clone().replace(Span::new(file, end.saturating_sub(1), end), "");
            flatten(inner, parts, fix);
        }
        ast::ExprKind::Binary { op: ast::BinaryOp::Add, left, right, op_span } => {
            flatten(left, parts, fix);
            let gap = Span::new(op_span.file, left.span.end, op_span.end);
            *fix = fix.clone().replace(gap, ",");
            flatten(right, parts, fix);
        }
        _ => parts.push(expr),
    }
}
