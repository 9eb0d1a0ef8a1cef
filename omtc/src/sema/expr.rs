//! Expressions: from trees to typed IR, with the expected type as a hint (`infer`) or as a demand (`check`).

use super::codes;
use super::context::Elab;
use super::convert::{Wanted, is_open, join, merge_empty};
use super::facts::facts;
use super::types::{is_integer, show};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Dimension, Expr, ExprKind, Type};

impl Elab<'_, '_> {
    /// The expression, with whatever type it has. `hint` decides what its form leaves open: the enum of a bare
    /// value, the items of an empty list, the type of a record. `None`: it is wrong, and that has been reported.
    pub fn infer(&mut self, expr: &ast::Expr, hint: Option<&Type>) -> Option<Expr> {
        let found = self.inferred(expr, hint);
        if let (Some(notes), Some(found)) = (self.tables.notes, &found) {
            notes.borrow_mut().note_value(expr.span, &found.ty);
        }
        found
    }

    fn inferred(&mut self, expr: &ast::Expr, hint: Option<&Type>) -> Option<Expr> {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Error => None,
            ast::ExprKind::Paren(inner) => self.infer(inner, hint),
            ast::ExprKind::Bool(value) => Some(self.make(ExprKind::Bool(*value), Type::Bool, span)),
            ast::ExprKind::Null => {
                let ty = hint.map_or(Type::Null, |h| h.clone().optional());
                let ty = if matches!(hint, Some(Type::Optional(_))) { ty } else { Type::Null };
                Some(self.make(ExprKind::Null, ty, span))
            }
            ast::ExprKind::Number(number) => self.number(number, hint),
            ast::ExprKind::Quantity { number, unit, .. } => self.quantity(number, *unit, span),
            ast::ExprKind::String(text) => Some(self.make(ExprKind::Text(text.clone()), Type::String, span)),
            ast::ExprKind::Name(name) => self.name(name, hint),
            ast::ExprKind::Record(record) => self.bare_record(record, hint),
            ast::ExprKind::NamedRecord { name, record } => self.named_record(name, record, span),
            ast::ExprKind::List(items) => self.list(items, span, hint),
            ast::ExprKind::Call { callee, args } => self.call(callee, args, span, hint),
            ast::ExprKind::Field { base, name } => self.field(base, name, span),
            ast::ExprKind::Index { base, index, .. } => self.index(base, index, span),
            ast::ExprKind::Unary { op, operand, .. } => self.unary(*op, operand, span),
            ast::ExprKind::Binary { op, op_span, left, right } => {
                self.binary(*op, *op_span, left, right, span, hint)
            }
            ast::ExprKind::If { condition, then, otherwise } => {
                self.if_inferred(condition, then, otherwise, span, hint)
            }
            ast::ExprKind::Lambda { .. } => {
                self.report(
                    Diagnostic::new(codes::LAMBDA, span, "a lambda stands where a function is expected")
                        .with_label("a function is not a value that can be kept")
                        .with_help("pass it to `MAP`, `FILTER`, `REDUCE` or a function of your own"),
                );
                None
            }
        }
    }

    /// The expression converted to a type.
    pub fn check(&mut self, expr: &ast::Expr, want: &Type, wanted: &Wanted) -> Option<Expr> {
        match &expr.kind {
            ast::ExprKind::Paren(inner) => self.check(inner, want, wanted),
            ast::ExprKind::If { condition, then, otherwise } => {
                let condition = self.condition(condition);
                let before = self.known.clone();
                if let Some(c) = &condition {
                    self.known.learn(facts(c, true));
                }
                let then = self.check(then, want, wanted);
                self.known = before.clone();
                if let Some(c) = &condition {
                    self.known.learn(facts(c, false));
                }
                let otherwise = self.check(otherwise, want, wanted);
                self.known = before;
                let kind = ExprKind::If(Box::new(condition?), Box::new(then?), Box::new(otherwise?));
                Some(self.make(kind, want.clone(), expr.span))
            }
            ast::ExprKind::Lambda { .. } => match want {
                Type::Function(parameters, returns) => {
                    self.lambda(expr, parameters, Some(returns), &wanted.what)
                }
                _ => self.infer(expr, Some(want)),
            },
            ast::ExprKind::Name(name) if matches!(want, Type::Function(..)) => {
                let Type::Function(parameters, returns) = want else { return None };
                self.function_value(name, parameters, Some(returns), &wanted.what)
            }
            _ => {
                let value = self.infer(expr, Some(want))?;
                self.coerce(value, want, expr.span, wanted)
            }
        }
    }

    /// An expression whose type must be known and storable, when nothing says which it should be.
    pub fn infer_kept(&mut self, expr: &ast::Expr, hint: Option<&Type>) -> Option<Expr> {
        let value = self.infer(expr, hint)?;
        let value = self.keep(value);
        self.closed(value, expr.span)
    }

    /// Reports an empty list, an empty map or `null` of which nobody says what it is for.
    pub fn closed(&mut self, value: Expr, span: Span) -> Option<Expr> {
        // In an early round of a function the hints may still be missing; the last round has them all.
        if is_open(&value.ty) && !self.hints_changed {
            let what =
                if value.ty == Type::Null { "null".to_owned() } else { format!("an {}", show(&value.ty)) };
            self.report(
                Diagnostic::new(codes::CANNOT_INFER, span, format!("nothing says what type {what} has here"))
                    .with_label("of what?")
                    .with_note("an empty list, an empty map or `null` alone does not say what it is for")
                    .with_help(
                        "use it where a type is declared: a field of the store, an argument, a result",
                    ),
            );
            return None;
        }
        Some(value)
    }

    /// A condition, of type bool.
    pub fn condition(&mut self, expr: &ast::Expr) -> Option<Expr> {
        self.check(expr, &Type::Bool, &Wanted::new("a condition"))
    }

    fn number(&mut self, number: &ast::Number, hint: Option<&Type>) -> Option<Expr> {
        let span = number.span;
        if number.is_fraction() {
            return match number.text.parse::<f64>() {
                Ok(value) if value.is_finite() => Some(self.make(ExprKind::Float(value), Type::Float, span)),
                _ => {
                    self.too_large(span);
                    None
                }
            };
        }
        let Some(value) = number.integer() else {
            self.too_large(span);
            return None;
        };
        let ty = match hint.map(Type::plain) {
            Some(hint @ (Type::Uint | Type::Int)) if self.in_range(value, hint) => hint.clone(),
            _ => Type::Exact(Dimension::Count),
        };
        Some(self.make(ExprKind::Integer(value), ty, span))
    }

    /// A generator is a local, and no part of anything.
    pub fn no_generator(&mut self, value: &Expr, span: Span) -> Option<()> {
        if value.ty != Type::Rng {
            return Some(());
        }
        self.report(
            Diagnostic::new(codes::TYPE_NOT_ALLOWED, span, "a generator is a local of a function")
                .with_label("it can be no part of something else")
                .with_note("it is advanced by each draw, so it can be neither kept nor passed on")
                .with_help("write `rng = SEEDED_RNG(seed)`, and draw: `SEEDED_SAMPLE(rng, list, n)`"),
        );
        None
    }

    fn in_range(&self, value: i128, ty: &Type) -> bool {
        match ty {
            Type::Uint => u64::try_from(value).is_ok(),
            other => is_integer(other) && i64::try_from(value).is_ok(),
        }
    }

    fn too_large(&mut self, span: Span) {
        self.report(
            Diagnostic::new(codes::OUT_OF_RANGE, span, "this number is too large")
                .with_label("it does not fit into 128 bits")
                .with_note("integer expressions are carried out in 128 bits"),
        );
    }

    fn quantity(&mut self, number: &ast::Number, unit: ast::Unit, span: Span) -> Option<Expr> {
        let micros = number.integer().and_then(|n| n.checked_mul(i128::from(unit.microseconds())));
        match micros {
            Some(micros) if i64::try_from(micros).is_ok() => {
                Some(self.make(ExprKind::Integer(micros), Type::Duration, span))
            }
            _ => {
                let message = if number.is_fraction() {
                    format!("{} {} is not a whole number", number.text, unit.word())
                } else {
                    format!("{} {} is too long", number.text, unit.word())
                };
                self.report(
                    Diagnostic::new(codes::OUT_OF_RANGE, span, message)
                        .with_label("durations are whole microseconds of 64 bits")
                        .with_help("use a smaller unit"),
                );
                None
            }
        }
    }

    fn list(&mut self, items: &[ast::Expr], span: Span, hint: Option<&Type>) -> Option<Expr> {
        let wanted_item = match hint.map(Type::plain) {
            Some(Type::List(item)) => Some((**item).clone()),
            _ => None,
        };
        if items.is_empty() {
            let item = wanted_item.unwrap_or(Type::Null);
            return Some(self.make(ExprKind::List(Vec::new()), Type::List(Box::new(item)), span));
        }
        if let Some(item) = wanted_item.filter(|i| !is_open(i)) {
            let wanted = Wanted::new("an item of the list");
            let all: Vec<Option<Expr>> = items.iter().map(|e| self.check(e, &item, &wanted)).collect();
            let all: Option<Vec<Expr>> = all.into_iter().collect();
            return Some(self.make(ExprKind::List(all?), Type::List(Box::new(item)), span));
        }
        let all: Vec<Option<Expr>> = items
            .iter()
            .map(|e| {
                let value = self.infer(e, None)?;
                self.no_generator(&value, e.span)?;
                Some(self.keep(value))
            })
            .collect();
        let all: Option<Vec<Expr>> = all.into_iter().collect();
        let all = all?;
        let mut item = all.first().map_or(Type::Null, |e| e.ty.clone());
        for (value, written) in all.iter().zip(items).skip(1) {
            let joined = match (&item, &value.ty) {
                (Type::Uint, Type::Int) | (Type::Int, Type::Uint) => Some(Type::Int),
                (a, b) => join(a, b),
            };
            match joined {
                Some(ty) => item = ty,
                None if self.is_lenient() => item = Type::Any,
                None => {
                    let first = items.first().map_or(span, |e| e.span);
                    self.report(
                        Diagnostic::new(codes::MISMATCH, written.span, "the items of a list have one type")
                            .with_label(format!("this is {}", show(&value.ty)))
                            .with_secondary(first, format!("this is {}", show(&item))),
                    );
                    return None;
                }
            }
        }
        let wanted = Wanted::new("an item of the list");
        let all: Vec<Option<Expr>> =
            all.into_iter().zip(items).map(|(v, e)| self.coerce(v, &item, e.span, &wanted)).collect();
        let all: Option<Vec<Expr>> = all.into_iter().collect();
        Some(self.make(ExprKind::List(all?), Type::List(Box::new(item)), span))
    }

    fn if_inferred(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let condition = self.condition(condition);
        let before = self.known.clone();
        if let Some(c) = &condition {
            self.known.learn(facts(c, true));
        }
        let left = self.infer(then, hint);
        self.known = before.clone();
        if let Some(c) = &condition {
            self.known.learn(facts(c, false));
        }
        // What one branch is helps to read the other: `IF c THEN verdict ELSE REJECT`.
        let left_ty = left.as_ref().map(|l| l.ty.clone()).filter(|ty| !is_open(ty));
        let right = self.infer(otherwise, hint.or(left_ty.as_ref()));
        self.known = before;
        let (condition, left, right) = (condition?, left?, right?);
        let Some(ty) = self.common(&left, &right) else {
            self.report(
                Diagnostic::new(codes::MISMATCH, otherwise.span, "both branches of an `IF` have one type")
                    .with_label(format!("this is {}", show(&right.ty)))
                    .with_secondary(then.span, format!("this is {}", show(&left.ty))),
            );
            return None;
        };
        let wanted = Wanted::new("this branch");
        let left = self.coerce(left, &ty, then.span, &wanted)?;
        let right = self.coerce(right, &ty, otherwise.span, &wanted)?;
        let kind = ExprKind::If(Box::new(condition), Box::new(left), Box::new(right));
        Some(self.make(kind, ty, span))
    }

    /// The type that two values have in common; a literal takes the type of the other.
    pub fn common(&mut self, left: &Expr, right: &Expr) -> Option<Type> {
        for (a, b) in [(left, right), (right, left)] {
            if matches!(a.kind, ExprKind::Integer(_)) && is_integer(&b.ty) && self.fits(a.clone(), &b.ty) {
                return Some(b.ty.clone());
            }
        }
        for (a, b) in [(left, right), (right, left)] {
            // `GET(m, k, null)` and a literal: the literal takes the type inside.
            if b.ty.is_optional() && self.fits(a.clone(), &b.ty) {
                return Some(b.ty.clone());
            }
        }
        let dynamic = self.is_lenient()
            && (super::dynamic::is_dynamic(&left.ty) || super::dynamic::is_dynamic(&right.ty));
        join(&left.ty, &right.ty)
            .filter(|ty| !dynamic || !ty.is_optional() || left.ty == right.ty)
            .or_else(|| merge_empty(&left.ty, &right.ty).filter(|_| !dynamic || left.ty == right.ty))
            .or(if dynamic { Some(Type::Any) } else { None })
    }
}
