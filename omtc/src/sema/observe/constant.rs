//! Times and numbers of a scenario: known before anything runs.

use super::super::convert::Wanted;
use super::super::signature::Signatures;
use super::{Asked, Observer, step_finding};
use crate::source::Span;
use crate::spec::Setting;
use crate::syntax::ast;
use omt_runtime::ir::{BinaryOp, Conversion, Expr, ExprKind, ParameterValue, Type, UnaryOp};
use std::cell::RefCell;

impl Observer<'_, '_, '_> {
    /// A span of time, in microseconds.
    pub(super) fn span_of_time(&mut self, expr: &ast::Expr, what: &str) -> Option<i64> {
        let value = self.constant(expr, &Type::Duration, what)?;
        self.positive(i64::try_from(value).ok(), expr.span, what)
    }

    /// A number, at least 1.
    pub(super) fn count(&mut self, expr: &ast::Expr, what: &str) -> Option<u64> {
        let value = self.constant(expr, &Type::Uint, what)?;
        self.positive(u64::try_from(value).ok().filter(|n| *n > 0), expr.span, what)
    }

    fn positive<T>(&mut self, value: Option<T>, span: Span, what: &str) -> Option<T> {
        if value.is_none() {
            self.out.push(
                step_finding(span, format!("{what} is out of range")).with_label(if what == TIMES {
                    "at least 1"
                } else {
                    "not before the start"
                }),
            );
        }
        value
    }

    fn constant(&mut self, expr: &ast::Expr, ty: &Type, what: &str) -> Option<i128> {
        let found = RefCell::new(None);
        let settings = self.settings.clone();
        self.query(&Asked::at(expr.span), &|elab| {
            let value = elab.check(expr, ty, &Wanted::new(what))?;
            *found.borrow_mut() = Some(fold(&value, &elab.tables.signatures, &settings));
            Some(value)
        })?;
        let value = found.into_inner()?;
        if value.is_none() {
            self.out.push(
                step_finding(expr.span, format!("{what} is not known before the run"))
                    .with_label("not made of numbers, units and parameters alone"),
            );
            return None;
        }
        let value = value?;
        if *ty == Type::Duration && value < 0 {
            return self.positive(None, expr.span, what);
        }
        Some(value)
    }
}

/// What `times` and `nth` are called.
pub(super) const TIMES: &str = "the number of messages";

/// The value of a parameter of this transaction in the scenario.
fn value_of<'v>(
    name: &str,
    signatures: &'v Signatures<'_>,
    settings: &'v [Setting],
) -> Option<&'v ParameterValue> {
    let changed = settings.iter().find(|setting| setting.name == name && setting.transactions.contains(&0));
    changed.map(|setting| &setting.value).or_else(|| signatures.parameters.get(name)?.as_ref())
}

/// The value of an integer expression of literals and parameters.
fn fold(expr: &Expr, signatures: &Signatures<'_>, settings: &[Setting]) -> Option<i128> {
    let fold = |expr: &Expr| fold(expr, signatures, settings);
    match &expr.kind {
        ExprKind::Integer(value) => Some(*value),
        ExprKind::Parameter(name) => match value_of(name, signatures, settings)? {
            ParameterValue::Uint(value) => Some((*value).into()),
            ParameterValue::Int(value) | ParameterValue::Duration(value) => Some((*value).into()),
            ParameterValue::Decimal { .. } | ParameterValue::Text(_) => None,
        },
        ExprKind::Convert(Conversion::Widen | Conversion::Narrow, inner) => fold(inner),
        ExprKind::Unary(UnaryOp::Negate, inner) => fold(inner)?.checked_neg(),
        ExprKind::Binary(op, left, right) => {
            let (left, right) = (fold(left)?, fold(right)?);
            match op {
                BinaryOp::Add => left.checked_add(right),
                BinaryOp::Subtract => left.checked_sub(right),
                BinaryOp::Multiply => left.checked_mul(right),
                BinaryOp::FloorDivide if right > 0 => left.checked_div_euclid(right),
                BinaryOp::Remainder if right > 0 => left.checked_rem_euclid(right),
                _ => None,
            }
        }
        _ => None,
    }
}
