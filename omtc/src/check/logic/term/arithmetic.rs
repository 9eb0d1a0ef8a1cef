//! Whole numbers, points and spans of time as sums of terms.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not listed is opaque, and so would a new kind be"
)]

use super::super::linear::{Linear, TermId};
use super::*;

impl<'a> Terms<'a> {
    /// A whole number, a point or a span of time.
    pub(super) fn linear(&mut self, expr: &'a Expr, env: &Rc<Env<'a>>) -> Linear {
        let (expr, env) = &resolve(expr, env);
        if !self.spent()
            && let Some(form) = self.composed(expr, env)
        {
            return form;
        }
        Linear::term(self.opaque(expr, env))
    }

    fn composed(&mut self, expr: &'a Expr, env: &Rc<Env<'a>>) -> Option<Linear> {
        match &expr.kind {
            ExprKind::Integer(number) => Some(Linear::constant(*number)),
            ExprKind::Parameter(name) => self.parameter(name).map(Linear::constant),
            ExprKind::Unary(UnaryOp::Negate, inner) => self.linear(inner, env).times(-1),
            ExprKind::Binary(BinaryOp::Add, a, b) => self.linear(a, env).plus(1, &self.linear(b, env)),
            ExprKind::Binary(BinaryOp::Subtract, a, b) => self.linear(a, env).plus(-1, &self.linear(b, env)),
            ExprKind::Binary(BinaryOp::Multiply, a, b) => {
                let (a, b) = (self.linear(a, env), self.linear(b, env));
                match (a.number(), b.number()) {
                    (Some(factor), _) => b.times(factor),
                    (_, Some(factor)) => a.times(factor),
                    _ => {
                        let mut factors = vec![self.sum(a), self.sum(b)];
                        factors.sort_unstable();
                        Some(Linear::term(self.apply("*", factors, &expr.ty)))
                    }
                }
            }
            ExprKind::Binary(op @ (BinaryOp::FloorDivide | BinaryOp::Remainder), a, b) => {
                let (a, by) = (self.linear(a, env), self.linear(b, env).number()?);
                self.divided(&a, by, *op == BinaryOp::Remainder, &expr.ty)
            }
            ExprKind::Builtin(Builtin::Seconds, arguments) => {
                let span = self.linear(arguments.first()?, env);
                self.divided(&span, 1_000_000, false, &expr.ty)
            }
            ExprKind::Builtin(Builtin::Min | Builtin::Max | Builtin::Abs | Builtin::Count, arguments) => {
                self.bounded(expr, arguments, env)
            }
            ExprKind::Convert(
                Conversion::Some | Conversion::Unwrap | Conversion::Widen | Conversion::Narrow,
                inner,
            ) => Some(self.linear(inner, env)),
            ExprKind::Let(slot, value, body) => {
                let env = bind(env, *slot, value, env);
                Some(self.linear(body, &env))
            }
            ExprKind::Call(name, arguments) => match self.inlined(expr, name, arguments, env)? {
                ([Stmt::Return { value, .. }], env) => Some(self.linear(value, &env)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The floor of a division by a positive number, or what remains.
    fn divided(&mut self, form: &Linear, by: i128, remainder: bool, ty: &Type) -> Option<Linear> {
        if by <= 0 {
            return None;
        }
        let whole = self.sum(form.clone());
        let divisor = self.sum(Linear::constant(by));
        let quotient = self.apply("//", vec![whole, divisor], ty);
        // 0 <= form - by * quotient <= by - 1
        let rest = form.plus(by.checked_neg()?, &Linear::term(quotient))?;
        let sides = [rest.times(-1), rest.offset(1i128.checked_sub(by)?)];
        self.about(quotient, sides.into_iter().flatten().collect());
        Some(if remainder { rest } else { Linear::term(quotient) })
    }

    /// What follows from the meaning of a function of the library.
    fn bounded(&mut self, expr: &'a Expr, arguments: &'a [Expr], env: &Rc<Env<'a>>) -> Option<Linear> {
        let ExprKind::Builtin(builtin, _) = &expr.kind else { return None };
        if *builtin == Builtin::Count {
            let list = self.term(arguments.first()?, env);
            let length = self.apply(Builtin::Length.name(), vec![list], &Type::Uint);
            let count = self.opaque(expr, env);
            self.about(count, Linear::term(count).plus(-1, &Linear::term(length)).into_iter().collect());
            return Some(Linear::term(count));
        }
        expr.ty.dimension()?;
        let parts: Vec<Linear> = arguments.iter().map(|e| self.linear(e, env)).collect();
        let ids: Vec<TermId> = parts.iter().map(|form| self.sum(form.clone())).collect();
        let id = self.apply(builtin.name(), ids, &expr.ty);
        let term = Linear::term(id);
        let sides = parts.iter().flat_map(|part| match builtin {
            Builtin::Min => vec![term.plus(-1, part)],
            Builtin::Max => vec![part.plus(-1, &term)],
            _ => vec![part.plus(-1, &term), part.times(-1).and_then(|p| p.plus(-1, &term))],
        });
        let sides = sides.flatten().collect();
        self.about(id, sides);
        Some(term)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<i128> {
        if self.parameters == Parameters::Open {
            return None;
        }
        match &self.protocol.parameters.get(name)?.value {
            ParameterValue::Uint(n) => Some(i128::from(*n)),
            ParameterValue::Int(n) | ParameterValue::Duration(n) => Some(i128::from(*n)),
            ParameterValue::Decimal { .. } | ParameterValue::Text(_) => None,
        }
    }
}
