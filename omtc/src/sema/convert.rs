//! Explicit conversions: from the type that an expression has to the type that its place wants.

use super::codes;
use super::context::{Elab, Place};
use super::types::{is_integer, kept, show};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use omt_runtime::ir::{BinaryOp, Conversion, Dimension, Expr, ExprKind, Type};

/// Bounds of an integer type, both inclusive.
fn bounds(ty: &Type) -> Option<(i128, i128)> {
    match ty {
        Type::Uint => Some((0, i128::from(u64::MAX))),
        Type::Int | Type::Timestamp | Type::Duration => Some((i128::from(i64::MIN), i128::from(i64::MAX))),
        Type::Exact(_) => Some((i128::MIN, i128::MAX)),
        _ => None,
    }
}

/// One type that both can become where nothing says which, if there is one.
pub(super) fn join(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        _ if a == b => Some(a.clone()),
        (Type::Null, other) | (other, Type::Null) => Some(other.clone().optional()),
        (Type::Optional(inner), other) | (other, Type::Optional(inner)) => {
            let (inner, other) = (inner.as_ref(), other.plain());
            // A value inside `?` cannot change its type.
            (inner == other || merge_empty(inner, other).is_some())
                .then(|| merge_empty(inner, other).unwrap_or_else(|| inner.clone()).optional())
        }
        (Type::Float, n) | (n, Type::Float) if count(n) || *n == Type::Decimal => Some(Type::Float),
        (Type::Decimal, n) | (n, Type::Decimal) if count(n) => Some(Type::Float),
        _ => match (a.dimension(), b.dimension()) {
            (Some(x), Some(y)) if x == y => Some(Type::Exact(x)),
            (Some(_) | None, _) => merge_empty(a, b),
        },
    }
}

fn count(ty: &Type) -> bool {
    ty.dimension() == Some(Dimension::Count)
}

/// Lists and maps of which one is known to be empty only.
pub(super) fn merge_empty(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        _ if a == b => Some(a.clone()),
        (Type::Null, other) | (other, Type::Null) => Some(other.clone()),
        (Type::List(x), Type::List(y)) => Some(Type::List(Box::new(merge_empty(x, y)?))),
        (Type::Map(k, v), Type::Map(l, w)) => {
            Some(Type::Map(Box::new(merge_empty(k, l)?), Box::new(merge_empty(v, w)?)))
        }
        _ => None,
    }
}

/// Does the type still hold the unknown item of an empty list or map, or is it `null` alone?
pub(super) fn is_open(ty: &Type) -> bool {
    match ty {
        Type::Null => true,
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => is_open(inner),
        Type::Map(key, value) => is_open(key) || is_open(value),
        _ => false,
    }
}

/// Is the value of an exact expression certainly not negative: made of unsigned parts by `+ * // %`?
fn nonnegative(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Integer(value) => *value >= 0,
        ExprKind::Convert(Conversion::Widen, inner) => inner.ty == Type::Uint,
        ExprKind::Binary(
            BinaryOp::Add | BinaryOp::Multiply | BinaryOp::FloorDivide | BinaryOp::Remainder,
            left,
            right,
        ) => nonnegative(left) && nonnegative(right),
        _ => expr.ty == Type::Uint,
    }
}

impl Elab<'_, '_> {
    pub fn convert(&self, conversion: Conversion, expr: Expr, ty: Type) -> Expr {
        let meta = expr.meta;
        Expr::new(ExprKind::Convert(conversion, Box::new(expr)), ty, meta)
    }

    /// The exact form of an integer expression; others stay.
    pub fn exact(&self, expr: Expr) -> Expr {
        match expr.ty.dimension() {
            None => expr,
            Some(_) if matches!(expr.ty, Type::Exact(_)) => expr,
            Some(dimension) if matches!(expr.kind, ExprKind::Integer(_)) => {
                Expr { ty: Type::Exact(dimension), ..expr }
            }
            Some(dimension) => self.convert(Conversion::Widen, expr, Type::Exact(dimension)),
        }
    }

    /// The `float` form of a number; `None` when it is none.
    pub fn float(&self, expr: Expr) -> Option<Expr> {
        match &expr.ty {
            Type::Float => Some(expr),
            Type::Decimal => Some(self.convert(Conversion::DecimalToFloat, expr, Type::Float)),
            ty if count(ty) => {
                let exact = self.exact(expr);
                Some(self.convert(Conversion::ToFloat, exact, Type::Float))
            }
            _ => None,
        }
    }

    /// The form of an expression that can be kept where nothing says how: no exact integers, no fractions.
    pub fn keep(&mut self, expr: Expr) -> Expr {
        match &expr.ty {
            Type::Exact(dimension) => {
                let ty = kept(*dimension, nonnegative(&expr));
                let fits = matches!(expr.kind, ExprKind::Integer(v) if bounds(&ty).is_some_and(|(l, h)| l <= v && v <= h));
                if fits { Expr { ty, ..expr } } else { self.convert(Conversion::Narrow, expr, ty) }
            }
            Type::Decimal => self.convert(Conversion::DecimalToFloat, expr, Type::Float),
            _ => expr,
        }
    }

    /// Converts if that is possible; gives the expression back if not.
    pub fn fit(&mut self, expr: Expr, want: &Type) -> Result<Expr, Expr> {
        if expr.ty == *want {
            return Ok(expr);
        }
        if let (ExprKind::Integer(value), Some(dimension)) = (&expr.kind, want.dimension())
            && expr.ty.dimension() == Some(dimension)
        {
            let inside = bounds(want).is_some_and(|(low, high)| low <= *value && value <= &high);
            return if inside { Ok(Expr { ty: want.clone(), ..expr }) } else { Err(expr) };
        }
        if *want == Type::Bytes
            && let Some(octets) = self.octets(&expr)
        {
            return Ok(octets);
        }
        if let Type::Optional(inner) = want {
            if expr.ty == Type::Null && expr.kind == ExprKind::Null {
                return Ok(Expr { ty: want.clone(), ..expr });
            }
            if !expr.ty.is_optional() && expr.ty != Type::Null {
                let value = self.fit(expr, inner)?;
                return Ok(self.convert(Conversion::Some, value, want.clone()));
            }
        }
        if is_open(&expr.ty) && merge_empty(&expr.ty, want).as_ref() == Some(want) {
            return self.fill(expr, want);
        }
        match (&expr.ty, want) {
            (from, Type::Exact(to)) if from.dimension() == Some(*to) => Ok(self.exact(expr)),
            (from, to) if from.dimension().is_some() && from.dimension() == to.dimension() => {
                let exact = self.exact(expr);
                Ok(self.convert(Conversion::Narrow, exact, want.clone()))
            }
            (from, Type::Float) if count(from) || *from == Type::Decimal => {
                let backup = expr.clone();
                self.float(expr).ok_or(backup)
            }
            (Type::Secret(_) | Type::Function(..) | Type::Rng | Type::Null, Type::Any) => Err(expr),
            (from, Type::Any) if self.tables.signatures.holds(from, &|t| matches!(t, Type::Secret(_))) => {
                Err(expr)
            }
            (_, Type::Any) => {
                let kept = self.keep(expr);
                Ok(self.convert(Conversion::ToAny, kept, Type::Any))
            }
            (
                Type::Any,
                Type::Function(..) | Type::Rng | Type::Decimal | Type::Exact(_) | Type::Secret(_),
            ) => Err(expr),
            (Type::Any, _) | (Type::Dict, Type::Struct(_)) => {
                Ok(self.convert(Conversion::FromAny, expr, want.clone()))
            }
            (from, Type::Secret(inner)) if !matches!(from, Type::Secret(_)) => {
                let value = self.fit(expr, inner)?;
                Ok(self.convert(Conversion::ToSecret, value, want.clone()))
            }
            _ => Err(expr),
        }
    }

    /// Gives an empty list or map its type: a literal directly, a local by a hint for the next round.
    fn fill(&mut self, expr: Expr, want: &Type) -> Result<Expr, Expr> {
        match &expr.kind {
            ExprKind::Null if !want.is_optional() => Err(expr),
            ExprKind::Null => Ok(Expr { ty: want.clone(), ..expr }),
            ExprKind::Local(slot) if expr.ty == Type::Null => {
                let slot = *slot;
                self.hint(slot, &want.clone().optional());
                Ok(Expr { ty: want.clone(), ..expr })
            }
            ExprKind::List(items) if items.is_empty() => Ok(Expr { ty: want.clone(), ..expr }),
            ExprKind::Map(items) if items.is_empty() => Ok(Expr { ty: want.clone(), ..expr }),
            ExprKind::Local(slot) => {
                let slot = *slot;
                self.hint(slot, want);
                Ok(Expr { ty: want.clone(), ..expr })
            }
            ExprKind::If(..) => {
                let Expr { kind, meta, .. } = expr;
                let ExprKind::If(test, then, otherwise) = kind else {
                    return Err(Expr { kind, ty: Type::Null, meta });
                };
                let then = self.fit(*then, want)?;
                let otherwise = self.fit(*otherwise, want)?;
                let kind = ExprKind::If(test, Box::new(then), Box::new(otherwise));
                Ok(Expr { kind, ty: want.clone(), meta })
            }
            // A call whose result depends on such a local: the next round knows more.
            _ if self.hints_changed => Ok(Expr { ty: want.clone(), ..expr }),
            _ => Err(expr),
        }
    }

    /// Remembers that a local of a function holds values of this type.
    pub fn hint(&mut self, slot: u32, ty: &Type) {
        if let Some(binding) = self.names.iter().rev().find(|b| b.slot == slot) {
            let span = binding.span;
            if self.hints.get(&span) != Some(ty) {
                self.hints.insert(span, ty.clone());
                self.hints_changed = true;
            }
        }
    }

    /// Converts, or says why not. `place` completes "expected T for …".
    pub fn coerce(&mut self, expr: Expr, want: &Type, span: Span, place: &Wanted) -> Option<Expr> {
        let expr = match self.dynamic_for(expr, want, span, place) {
            Ok(expr) => return Some(expr),
            Err(expr) => expr,
        };
        match self.fit(expr, want) {
            Ok(expr) => Some(expr),
            Err(expr) => {
                let expr = match self.leniently(expr, want, span, place) {
                    Ok(expr) => return Some(expr),
                    Err(expr) => expr,
                };
                let expr = match self.unwrapped(expr.clone()).and_then(|expr| self.fit(expr, want)) {
                    Ok(expr) => return Some(expr),
                    Err(_) => expr,
                };
                let diagnostic = self.misfit(&expr, want, span, place);
                self.report(diagnostic);
                None
            }
        }
    }

    fn misfit(&mut self, expr: &Expr, want: &Type, span: Span, place: &Wanted) -> Diagnostic {
        let add = |diagnostic: Diagnostic| match &place.declared {
            Some((at, text)) => diagnostic.with_secondary(*at, text.clone()),
            None => diagnostic,
        };
        if let ExprKind::Integer(value) = &expr.kind
            && is_integer(want)
            && expr.ty.dimension() == want.dimension()
        {
            let range = bounds(want).map_or(String::new(), |(l, h)| format!("{} is {l} to {h}", show(want)));
            return add(Diagnostic::new(
                codes::OUT_OF_RANGE,
                span,
                format!("{value} does not fit {}", place.what),
            )
            .with_label(range)
            .with_note("the step that stores it would always fault"));
        }
        if expr.kind == ExprKind::Null {
            return add(Diagnostic::new(
                codes::NULL_ASSIGNED,
                span,
                format!("null is not a value for {}", place.what),
            )
            .with_label(format!("{} is never null", show(want)))
            .with_note("only a `T?` may be null: who reads a plain type relies on its having a value")
            .with_help(format!("declare it as `{}?`, or give a value", show(want))));
        }
        let plain = expr.ty.plain().clone();
        if expr.ty.is_optional() {
            let inner = Expr { ty: plain, kind: expr.kind.clone(), meta: expr.meta };
            if self.fits(inner, want) {
                return add(self.null_here(expr, span, &place.what));
            }
        }
        if is_open(&expr.ty) {
            return add(Diagnostic::new(
                codes::MISMATCH,
                span,
                format!("expected {} for {}", show(want), place.what),
            )
            .with_label(format!("this is an {}", show(&expr.ty))));
        }
        let mut diagnostic = match (&expr.ty, want) {
            (Type::Secret(inner), _) if **inner == *want || matches!(want, Type::Any | Type::Dict) => {
                Diagnostic::new(codes::SECRET, span, format!("a secret cannot be used for {}", place.what))
                    .with_label("this is secret")
                    .with_note("a secret is stored, compared, hashed and signed, nothing else")
                    .with_help(format!(
                        "write `REVEAL({})` if it may be known from now on",
                        self.tables.sources.slice(span)
                    ))
            }
            (Type::Message(m), Type::Signed(w)) if m == w => {
                Diagnostic::new(codes::MISMATCH, span, format!("expected {} for {}", show(want), place.what))
                    .with_label("this is the payload alone")
                    .with_help("write `message.signed` for the whole signed message")
            }
            (Type::BlockPayload(b), Type::Block(w)) if b == w => {
                Diagnostic::new(codes::MISMATCH, span, format!("expected {} for {}", show(want), place.what))
                    .with_label("this is the payload alone")
            }
            (Type::Block(b), Type::BlockPayload(w)) | (Type::Signed(b), Type::Message(w)) if b == w => {
                Diagnostic::new(codes::MISMATCH, span, format!("expected {} for {}", show(want), place.what))
                    .with_label(format!("this is {}", show(&expr.ty)))
                    .with_help(format!("write `{}.payload`", self.tables.sources.slice(span)))
            }
            (from, to) if is_integer(from) && is_integer(to) => {
                Diagnostic::new(codes::MISMATCH, span, format!("expected {} for {}", show(want), place.what))
                    .with_label(format!("this is {}", kind_of_number(from)))
                    .with_note("points in time, spans of time and plain numbers do not mix")
                    .with_help(dimension_help(from, to))
            }
            (_, Type::String) if is_integer(&expr.ty) || matches!(expr.ty, Type::Enum(_)) => {
                Diagnostic::new(codes::MISMATCH, span, format!("expected string for {}", place.what))
                    .with_label(format!("this is {}", show(&expr.ty)))
                    .with_help(format!("write `TO_STRING({})`", self.tables.sources.slice(span)))
            }
            _ => {
                Diagnostic::new(codes::MISMATCH, span, format!("expected {} for {}", show(want), place.what))
                    .with_label(format!("this is {}", a_type(&expr.ty)))
            }
        };
        diagnostic = add(diagnostic);
        diagnostic
    }

    /// A value that may be null, where one is needed: either the type says so, or the flow does.
    pub fn null_here(&mut self, expr: &Expr, span: Span, what: &str) -> Diagnostic {
        // Said once on each way, that is enough.
        if let Some((path, roots)) = super::facts::path(expr) {
            self.known.learn([(path, roots)].into());
        }
        if let ExprKind::Store(name) = &expr.kind
            && let Place::Machine { actor, states, .. } = &self.place
            && let Some(slot) = actor.store.get(name)
            && slot.ty.as_ref().is_some_and(|ty| !ty.is_optional())
        {
            let mut diagnostic =
                Diagnostic::new(codes::MAY_BE_UNSET, span, format!("`{name}` may be unset here"))
                    .with_label(format!("a value is needed for {what}"))
                    .with_secondary(slot.span, "declared here, assigned nowhere on that way");
            let way =
                states.iter().find_map(|s| self.flows.way_without(actor.decl.name.text.as_str(), s, name));
            if let Some(way) = way {
                let note = match way.states.as_slice() {
                    [only] => format!("nothing has assigned `{name}` in {only}, where an instance begins"),
                    states => format!("nothing assigns `{name}` on the way {}", states.join(" → ")),
                };
                diagnostic = diagnostic.with_note(note);
                let first = way.steps.len().saturating_sub(STEP_LABEL_COUNT_MAX);
                for step in way.steps.iter().skip(first) {
                    diagnostic = diagnostic.with_secondary(*step, "this step may leave it unset");
                }
            }
            return diagnostic
                .with_help(format!("assign `{name}` on that way, or look first: `when {name} != null`"));
        }
        let text = self.tables.sources.slice(span);
        let short = text.len() <= 40 && !text.contains('\n');
        let name = if short { text } else { "x" };
        let help = if super::facts::path(expr).is_some() {
            format!("look first: `{name} != null and …`, or `if {name} != null then …`")
        } else {
            format!("name it and look first: `let value = {name}` … `if value != null then …`")
        };
        let subject = if short { format!("`{text}`") } else { "this".to_owned() };
        let diagnostic = Diagnostic::new(codes::MAY_BE_NULL, span, format!("{subject} may be null"))
            .with_label(format!("{}, but a value is needed for {what}", show(&expr.ty)))
            .with_help(help);
        let shared = if let ExprKind::Shared(name) = &expr.kind {
            self.shared().and_then(|s| s.get(name))
        } else {
            None
        };
        match shared {
            Some(slot) => diagnostic.with_secondary(slot.span, "declared here").with_note(
                "a shared field of this type has no value until a step or the host has written it",
            ),
            None => {
                diagnostic.with_note("using null where a value is needed is a fault, and the step is undone")
            }
        }
    }
}

/// Transitions on the way to a place that are shown when a field may be unset there: the last ones, where an assignment
/// is most often missing.
const STEP_LABEL_COUNT_MAX: usize = 2;

/// What a value is for, in the words of a message.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Completes "expected uint for …".
    pub what: String,
    /// Where that is declared.
    pub declared: Option<(Span, String)>,
    /// The place of the declaration whose type is wanted, where it is not `declared`.
    pub slot: Option<Span>,
    /// Is it a field of a store or record, which an old file may leave unset?
    pub field: bool,
}

impl Wanted {
    pub fn new(what: impl Into<String>) -> Self {
        Wanted { what: what.into(), declared: None, slot: None, field: false }
    }

    /// A field of a store or record.
    pub fn in_field(mut self) -> Self {
        self.field = true;
        self
    }

    pub fn declared(mut self, span: Span, text: impl Into<String>) -> Self {
        self.declared = Some((span, text.into()));
        self
    }
}

/// A type with its article, for labels.
pub(super) fn a_type(ty: &Type) -> String {
    match ty {
        Type::Function(..) => "a function".to_owned(),
        Type::Enum(name) => format!("a value of the enum {name}"),
        Type::Exact(_) => kind_of_number(ty).to_owned(),
        other => show(other),
    }
}

fn kind_of_number(ty: &Type) -> &'static str {
    match ty.dimension() {
        Some(Dimension::Count) => "a plain number",
        Some(Dimension::Instant) => "a point in time",
        Some(Dimension::Span) => "a span of time",
        None => "no number",
    }
}

fn dimension_help(from: &Type, to: &Type) -> &'static str {
    match (from.dimension(), to.dimension()) {
        (Some(Dimension::Count), Some(Dimension::Span)) => {
            "write a unit (`30 seconds`), or multiply by one (`n * 1 seconds`)"
        }
        (Some(Dimension::Span), Some(Dimension::Count)) => {
            "divide by a unit (`d // 1 seconds`), or use `SECONDS(d)`"
        }
        (Some(Dimension::Count), _) => "points in time come from `NOW()` and from fields",
        (Some(Dimension::Instant), Some(Dimension::Span)) => "subtract another point in time",
        (Some(Dimension::Span), _) => "add it to a point in time",
        _ => "use `DAY(t)` for the day, or subtract another point in time",
    }
}
