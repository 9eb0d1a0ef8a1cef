//! Operators: exact integers, instants and spans, fractions decided exactly, comparison, logic.

use super::codes;
use super::context::Elab;
use super::convert::{Wanted, a_type, is_open, join};
use super::dynamic;
use super::facts::facts;
use super::types::{is_integer, is_number, show};
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::signature::exact_dimension;
use omt_runtime::ir::{BinaryOp, Dimension, Expr, ExprKind, Type, UnaryOp};

impl Elab<'_, '_> {
    pub fn unary(&mut self, op: ast::UnaryOp, operand: &ast::Expr, span: Span) -> Option<Expr> {
        match op {
            ast::UnaryOp::Not => {
                let value = self.check(operand, &Type::Bool, &Wanted::new("`not`"))?;
                Some(self.make(ExprKind::Unary(UnaryOp::Not, Box::new(value)), Type::Bool, span))
            }
            ast::UnaryOp::Neg => {
                let value = self.infer(operand, None)?;
                let value = self.needed(value, operand.span, "`-`")?;
                let at = operand.span;
                let value = if self.is_lenient() { self.as_written(value, at) } else { value };
                let value = if value.ty == Type::Any && self.is_lenient() {
                    self.needed_as(value, &Type::Int, operand.span)
                } else {
                    value
                };
                if let ExprKind::Integer(number) = value.kind
                    && value.ty.dimension() != Some(Dimension::Instant)
                {
                    let ty = value.ty.dimension().map_or(value.ty.clone(), Type::Exact);
                    return Some(self.make(ExprKind::Integer(number.checked_neg()?), ty, span));
                }
                let value = match value.ty.dimension() {
                    Some(Dimension::Count | Dimension::Span) => self.exact(value),
                    _ if value.ty == Type::Float => value,
                    _ if value.ty == Type::Decimal => self.float(value)?,
                    _ => {
                        self.report(
                            Diagnostic::new(
                                codes::OPERANDS,
                                operand.span,
                                "`-` takes a number or a span of time",
                            )
                            .with_label(format!("this is {}", a_type(&value.ty))),
                        );
                        return None;
                    }
                };
                let ty = value.ty.clone();
                Some(self.make(ExprKind::Unary(UnaryOp::Negate, Box::new(value)), ty, span))
            }
        }
    }

    /// A value that may be null, where an operator needs one.
    fn needed(&mut self, value: Expr, span: Span, what: &str) -> Option<Expr> {
        if value.ty.is_optional() && self.is_lenient() {
            return self.present(value, span, what);
        }
        let value = match self.unwrapped(value) {
            Ok(value) => return Some(value),
            Err(value) => value,
        };
        if value.ty.is_optional() || value.ty == Type::Null {
            let diagnostic = self.null_here(&value, span, what);
            self.report(diagnostic);
            return None;
        }
        Some(value)
    }

    pub fn binary(
        &mut self,
        op: ast::BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        use ast::BinaryOp as Op;
        if matches!(op, Op::In | Op::Eq | Op::Ne)
            && let Some(test) = self.state_test(op, left, right, span)
        {
            return test;
        }
        match op {
            Op::And | Op::Or => self.logic(op == Op::And, left, right, span),
            Op::In => self.membership(left, right, span),
            Op::Eq => self.equality(BinaryOp::Equal, left, right, op_span, span),
            Op::Ne => self.equality(BinaryOp::NotEqual, left, right, op_span, span),
            Op::Le => self.order(BinaryOp::LessEqual, op_span, left, right, span),
            Op::Ge => self.order(BinaryOp::GreaterEqual, op_span, left, right, span),
            Op::Lt => self.order(BinaryOp::Less, op_span, left, right, span),
            Op::Gt => self.order(BinaryOp::Greater, op_span, left, right, span),
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::FloorDiv | Op::Mod => {
                self.arithmetic(op, op_span, left, right, span, hint)
            }
        }
    }

    fn logic(&mut self, and: bool, left: &ast::Expr, right: &ast::Expr, span: Span) -> Option<Expr> {
        let wanted = Wanted::new(if and { "`and`" } else { "`or`" });
        let l = self.check(left, &Type::Bool, &wanted);
        let before = self.known.clone();
        if let Some(l) = &l {
            self.known.learn(facts(l, and));
        }
        let r = self.check(right, &Type::Bool, &wanted);
        self.known = before;
        let op = if and { BinaryOp::And } else { BinaryOp::Or };
        Some(self.make(ExprKind::Binary(op, Box::new(l?), Box::new(r?)), Type::Bool, span))
    }

    /// `x in l`, `k in m`.
    fn membership(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span) -> Option<Expr> {
        // A list of bare enum values takes its enum from the left: `vote in [ACCEPT, REJECT]`.
        let hint = if self.leans(left) { None } else { self.trial(|this| this.infer(left, None)) };
        let hint = hint
            .map(|l| l.ty.plain().clone())
            .filter(|ty| matches!(ty, Type::Enum(_)))
            .map(|ty| Type::List(Box::new(ty)));
        let Some(container) = self.infer(right, hint.as_ref()) else {
            // Only the right side says what the left one should be.
            self.trial(|this| this.infer(left, None));
            return None;
        };
        let container = self.needed(container, right.span, "`in`")?;
        let container = if container.ty == Type::Any && self.is_lenient() {
            match self.written_as(&container) {
                Some(Type::Map(key, _)) => self.as_map(container, *key, right.span),
                _ => self.as_list(container, right.span),
            }
        } else {
            container
        };
        let (item, what) = match &container.ty {
            Type::List(item) => ((**item).clone(), "an item of this list"),
            Type::Map(key, _) => ((**key).clone(), "a key of this map"),
            other => {
                let ty = a_type(other);
                self.infer(left, None);
                self.report(
                    Diagnostic::new(
                        codes::OPERANDS,
                        right.span,
                        "`in` looks into a list or the keys of a map",
                    )
                    .with_label(format!("this is {ty}")),
                );
                return None;
            }
        };
        let mut container = container;
        let item = if item == Type::Null {
            let value = self.infer_kept(left, None)?;
            let ty = value.ty.clone();
            container = self.coerce(
                container,
                &Type::List(Box::new(ty.clone())),
                right.span,
                &Wanted::new("the right side of `in`"),
            )?;
            value
        } else {
            self.check(left, &item, &Wanted::new(what).declared(right.span, show(&container.ty)))?
        };
        let kind = ExprKind::Binary(BinaryOp::In, Box::new(item), Box::new(container));
        Some(self.make(kind, Type::Bool, span))
    }

    /// Does the form of an expression leave its type to the other side?
    fn leans(&self, expr: &ast::Expr) -> bool {
        match &expr.unparenthesized().kind {
            ast::ExprKind::Null | ast::ExprKind::Number(_) | ast::ExprKind::Record(_) => true,
            ast::ExprKind::List(items) => items.is_empty(),
            ast::ExprKind::Name(name) => {
                self.binding(&name.text).is_none()
                    && (self.tables.scope.values.contains_key(name.text.as_str())
                        || self.view().is_some_and(|view| view.world.is_state(&name.text)))
            }
            _ => false,
        }
    }

    /// Both sides of a comparison, each with the other's type as a hint where its form leaves it open.
    fn sides(&mut self, left: &ast::Expr, right: &ast::Expr) -> Option<(Expr, Expr)> {
        if self.leans(left) && !self.leans(right) {
            let r = self.infer(right, None);
            let l = self.infer(left, r.as_ref().map(|r| r.ty.plain().clone()).as_ref());
            return Some((l?, r?));
        }
        let l = self.infer(left, None);
        let hint = l.as_ref().map(|l| l.ty.plain().clone()).filter(|ty| !is_open(ty));
        let r = self.infer(right, hint.as_ref());
        Some((l?, r?))
    }

    fn equality(
        &mut self,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        op_span: Span,
        span: Span,
    ) -> Option<Expr> {
        let (l, r) = self.sides(left, right)?;
        if let Some(read) = self.lenient_equality(op, (&l, left.span), (&r, right.span), op_span, span) {
            return Some(read);
        }
        self.never_null(op, &l, &r, op_span);
        if let Some(fraction) = self.fraction(op, &l, &r, span) {
            return Some(fraction);
        }
        if let Some((l, r)) = self.same_type(l.clone(), r.clone()) {
            if !comparable(&l.ty) {
                self.report(
                    Diagnostic::new(codes::OPERANDS, op_span, format!("{} cannot be compared", show(&l.ty)))
                        .with_label("there is no `==` for it"),
                );
                return None;
            }
            return Some(self.make(ExprKind::Binary(op, Box::new(l), Box::new(r)), Type::Bool, span));
        }
        if let Some(lifted) = self.lifted_equality(op, &l, &r, span) {
            return Some(lifted);
        }
        let (symbol, never) = if op == BinaryOp::Equal { ("==", "true") } else { ("!=", "false") };
        let enums = matches!(l.ty.plain(), Type::Enum(_)) || matches!(r.ty.plain(), Type::Enum(_));
        let code = if enums { codes::ENUM_OPERAND } else { codes::OPERANDS };
        let mut diagnostic = Diagnostic::new(
            code,
            op_span,
            format!("{} and {} are never equal", a_type(&l.ty), a_type(&r.ty)),
        )
        .with_label(format!("this `{symbol}` would never be {never}"))
        .with_secondary(left.span, show(&l.ty))
        .with_secondary(right.span, show(&r.ty));
        for (text, other, written) in [(&r, &l, right.span), (&l, &r, left.span)] {
            if let (ExprKind::Text(text), Type::Enum(name)) = (&text.kind, other.ty.plain()) {
                let values: Vec<&str> = self
                    .tables
                    .scope
                    .enumeration(name)
                    .map(|e| e.values.iter().map(|v| v.name.text.as_str()).collect())
                    .unwrap_or_default();
                let exact = values.iter().copied().find(|v| v.eq_ignore_ascii_case(text));
                let meant = exact.or_else(|| crate::diagnostic::did_you_mean(text, values.iter().copied()));
                diagnostic = diagnostic
                    .with_note("a value of an enum equals only a value of the same enum, never a text")
                    .with_help(match meant {
                        Some(value) => format!("write the value without quotes: `{value}`"),
                        None => format!("the values of {name}: {}", values.join(", ")),
                    });
                if let Some(value) = meant {
                    // The very text of a value is certainly meant for it.
                    let sure = if value == text { Applicability::Safe } else { Applicability::Unsafe };
                    diagnostic = diagnostic
                        .with_fix(Fix::new(sure, format!("write `{value}`")).replace(written, value));
                }
            }
        }
        if is_integer(&l.ty) && is_integer(&r.ty) {
            diagnostic = diagnostic.with_note("points in time, spans of time and plain numbers do not mix");
        }
        self.report(diagnostic);
        None
    }

    /// A comparison with null of something that never is.
    fn never_null(&mut self, op: BinaryOp, l: &Expr, r: &Expr, op_span: Span) {
        for (null, value) in [(l, r), (r, l)] {
            let known = matches!(value.kind, ExprKind::Convert(omt_runtime::ir::Conversion::Unwrap, _));
            if null.kind == ExprKind::Null && !value.ty.is_optional() && !is_open(&value.ty) && !known {
                let outcome = if op == BinaryOp::Equal { "false" } else { "true" };
                self.report(
                    Diagnostic::new(
                        codes::ALWAYS_SET,
                        op_span,
                        format!("this is never null, so the comparison is always {outcome}"),
                    )
                    .with_label(format!("{} on the other side", show(&value.ty)))
                    .with_note("a plain type is never null once it is set, and here it is")
                    .with_help("leave the comparison out"),
                );
            }
        }
    }

    /// Converts both sides of a comparison to one type.
    fn same_type(&mut self, l: Expr, r: Expr) -> Option<(Expr, Expr)> {
        if l.ty == Type::Null && r.ty == Type::Null {
            return Some((l, r));
        }
        // null against a plain type: never equal, but well defined.
        for null_left in [true, false] {
            let (null, value) = if null_left { (&l, &r) } else { (&r, &l) };
            if null.kind == ExprKind::Null && value.ty != Type::Null {
                let value = self.keep(value.clone());
                let ty = value.ty.clone().optional();
                let value = self.fit(value, &ty).ok()?;
                let null = Expr { ty, ..null.clone() };
                return Some(if null_left { (null, value) } else { (value, null) });
            }
        }
        let ty = if l.ty == r.ty {
            l.ty.clone()
        } else if is_number(&l.ty) && is_number(&r.ty) {
            self.common(&l, &r)?
        } else {
            let (mut found, sides) = (None, [(&l, &r), (&r, &l)]);
            for (from, to) in sides {
                let fits = !is_number(&from.ty) || from.ty.dimension() == to.ty.plain().dimension();
                let lossless = !is_integer(&from.ty)
                    || matches!(from.kind, ExprKind::Integer(_))
                    || from.ty == *to.ty.plain();
                let candidate = (*from).clone();
                let any = matches!(from.ty, Type::Any | Type::Dict) || matches!(to.ty, Type::Any);
                if !any && fits && lossless && self.fits(candidate, &to.ty) {
                    found = Some(to.ty.clone());
                    break;
                }
            }
            match found {
                Some(ty) => ty,
                None => join(&l.ty, &r.ty).filter(|ty| !ty.is_optional())?,
            }
        };
        let ty = if ty == Type::Decimal { Type::Float } else { ty };
        Some((self.fit(l, &ty).ok()?, self.fit(r, &ty).ok()?))
    }

    /// `T? == U` for different integer types: null equals nothing, numbers are compared exactly.
    fn lifted_equality(&mut self, op: BinaryOp, l: &Expr, r: &Expr, span: Span) -> Option<Expr> {
        let (left, right) = (l.ty.plain().clone(), r.ty.plain().clone());
        let one_optional = l.ty.is_optional() != r.ty.is_optional();
        if !one_optional || !is_integer(&left) || left.dimension() != right.dimension() {
            return None;
        }
        let (maybe, value) = if l.ty.is_optional() { (l, r) } else { (r, l) };
        let slot = self.slot("", maybe.ty.clone());
        let read = self.local(slot, span);
        let null = self.make(ExprKind::Null, maybe.ty.clone(), span);
        let is_null = self.make(
            ExprKind::Binary(BinaryOp::Equal, Box::new(read.clone()), Box::new(null)),
            Type::Bool,
            span,
        );
        let plain = maybe.ty.plain().clone();
        let inner = self.convert(omt_runtime::ir::Conversion::Unwrap, read, plain);
        let (inner, value) = (self.exact(inner), self.exact(value.clone()));
        let same = self.make(ExprKind::Binary(op, Box::new(inner), Box::new(value)), Type::Bool, span);
        let otherwise = self.make(ExprKind::Bool(op == BinaryOp::NotEqual), Type::Bool, span);
        let choice =
            self.make(ExprKind::If(Box::new(is_null), Box::new(otherwise), Box::new(same)), Type::Bool, span);
        Some(self.make(ExprKind::Let(slot, Box::new(maybe.clone()), Box::new(choice)), Type::Bool, span))
    }

    fn order(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (l, r) = self.sides(left, right)?;
        let l = self.needed(l, left.span, "a comparison");
        let r = self.needed(r, right.span, "a comparison");
        let (l, r) = (l?, r?);
        let (l, r) =
            if self.is_lenient() { self.dynamic_order((l, left.span), (r, right.span)) } else { (l, r) };
        if let Some(fraction) = self.fraction(op, &l, &r, span) {
            return Some(fraction);
        }
        let ordered = |ty: &Type| is_number(ty) || *ty == Type::String;
        if ordered(&l.ty)
            && ordered(&r.ty)
            && let Some((l, r)) = self.same_type(l.clone(), r.clone())
        {
            return Some(self.make(ExprKind::Binary(op, Box::new(l), Box::new(r)), Type::Bool, span));
        }
        self.operands_do_not_fit(op_span, &l, left.span, &r, right.span, "be ordered");
        None
    }

    fn operands_do_not_fit(&mut self, op: Span, l: &Expr, left: Span, r: &Expr, right: Span, what: &str) {
        let symbol = self.tables.sources.slice(op).to_owned();
        let mut diagnostic = Diagnostic::new(
            codes::OPERANDS,
            op,
            format!("{} and {} cannot {what} by `{symbol}`", a_type(&l.ty), a_type(&r.ty)),
        )
        .with_label("not defined for these two")
        .with_secondary(left, show(&l.ty))
        .with_secondary(right, show(&r.ty));
        let dimensions = (l.ty.dimension(), r.ty.dimension());
        diagnostic = match dimensions {
            (Some(Dimension::Count), Some(_)) | (Some(_), Some(Dimension::Count)) => diagnostic
                .with_note("points in time, spans of time and plain numbers do not mix")
                .with_help("give the number a unit, like `5 seconds`, or multiply it by one: `n * 1 seconds`"),
            (Some(_), Some(_)) => diagnostic.with_note(
                "two points in time differ by a span; a span may be added to a point in time, scaled and divided",
            ),
            _ if symbol == "+" && (l.ty == Type::String || r.ty == Type::String) => {
                diagnostic.with_help("`TO_STRING(x)` makes a text of a value")
            }
            _ if matches!(l.ty, Type::Secret(_)) || matches!(r.ty, Type::Secret(_)) => diagnostic
                .with_note("a secret is stored, compared with `==`, hashed and signed, nothing else"),
            _ => diagnostic,
        };
        self.report(diagnostic);
    }

    /// `a / b >= P` with integers and an exact decimal: decided by cross-multiplication.
    fn fraction(&mut self, op: BinaryOp, l: &Expr, r: &Expr, span: Span) -> Option<Expr> {
        let (quotient, fraction, op) = match (&l.ty, &r.ty) {
            (Type::Float, Type::Decimal) => (l, r, op),
            (Type::Decimal, Type::Float) => (r, l, mirrored(op)),
            _ => return None,
        };
        let ExprKind::Binary(BinaryOp::Divide, above, below) = &quotient.kind else { return None };
        let whole = |e: &Expr| match &e.kind {
            ExprKind::Convert(omt_runtime::ir::Conversion::ToFloat, inner)
                if inner.ty == Type::Exact(Dimension::Count) =>
            {
                Some((**inner).clone())
            }
            _ => None,
        };
        let kind = ExprKind::CompareFraction {
            op,
            numerator: Box::new(whole(above)?),
            denominator: Box::new(whole(below)?),
            fraction: Box::new(fraction.clone()),
        };
        Some(self.make(kind, Type::Bool, span))
    }

    fn arithmetic(
        &mut self,
        op: ast::BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        use ast::BinaryOp as Op;
        let given = hint;
        // Only lists hand their type down: `[] + l`.
        let hint = hint.filter(|h| op == Op::Add && matches!(h.plain(), Type::List(_)));
        let l = self.infer(left, hint);
        let list = l.as_ref().map(|l| l.ty.clone()).filter(|ty| matches!(ty, Type::List(_)) && !is_open(ty));
        let r = self.infer(right, list.as_ref().or(hint));
        let what = format!("`{}`", op.symbol());
        let l = l.and_then(|l| self.needed(l, left.span, &what));
        let r = r.and_then(|r| self.needed(r, right.span, &what));
        let (l, r) = (l?, r?);
        let (l, r) = if self.is_lenient() {
            let (l, r) = self.dynamic_operands(op, (l, left.span), (r, right.span), given);
            match (&l.ty, &r.ty) {
                (Type::String, ty) if op == Op::Add && *ty != Type::String && dynamic::has_text(ty) => {
                    let r = self.as_text(r, right.span);
                    (l, r)
                }
                (ty, Type::String) if op == Op::Add && *ty != Type::String && dynamic::has_text(ty) => {
                    (self.as_text(l, left.span), r)
                }
                _ => (l, r),
            }
        } else {
            (l, r)
        };
        if op == Op::Add
            && let Some(joined) = self.concatenation(&l, &r, span)
        {
            return Some(joined);
        }
        if let (Some(a), Some(b)) = (l.ty.dimension(), r.ty.dimension()) {
            return self.exact_arithmetic(op, op_span, (l, a, left.span), (r, b, right.span), span);
        }
        if is_number(&l.ty) && is_number(&r.ty) {
            let floor = matches!(op, Op::FloorDiv | Op::Mod);
            let kind = float_op(op).filter(|_| !floor);
            let backup = (l.clone(), r.clone());
            if let (Some(kind), Some(l), Some(r)) = (kind, self.float(l), self.float(r)) {
                return Some(self.make(ExprKind::Binary(kind, Box::new(l), Box::new(r)), Type::Float, span));
            }
            self.operands_do_not_fit(op_span, &backup.0, left.span, &backup.1, right.span, "be combined");
            return None;
        }
        self.operands_do_not_fit(op_span, &l, left.span, &r, right.span, "be combined");
        None
    }

    /// `+` of texts or lists.
    fn concatenation(&mut self, l: &Expr, r: &Expr, span: Span) -> Option<Expr> {
        let ty = match (&l.ty, &r.ty) {
            (Type::String, Type::String) => Type::String,
            (Type::List(_), Type::List(_)) => super::convert::merge_empty(&l.ty, &r.ty)?,
            _ => return None,
        };
        let l = self.fit(l.clone(), &ty).ok()?;
        let r = self.fit(r.clone(), &ty).ok()?;
        Some(self.make(ExprKind::Binary(BinaryOp::Concat, Box::new(l), Box::new(r)), ty, span))
    }

    fn exact_arithmetic(
        &mut self,
        op: ast::BinaryOp,
        op_span: Span,
        (l, a, left): (Expr, Dimension, Span),
        (r, b, right): (Expr, Dimension, Span),
        span: Span,
    ) -> Option<Expr> {
        use Dimension::{Count, Instant, Span as Time};
        use ast::BinaryOp as Op;
        let binary = match op {
            Op::Add => BinaryOp::Add,
            Op::Sub => BinaryOp::Subtract,
            Op::Mul => BinaryOp::Multiply,
            Op::FloorDiv => BinaryOp::FloorDivide,
            Op::Mod => BinaryOp::Remainder,
            Op::Div => return self.quotient(op_span, (l, a, left), (r, b, right), span),
            Op::Or | Op::And | Op::Eq | Op::Ne | Op::Le | Op::Ge | Op::Lt | Op::Gt | Op::In => return None,
        };
        let dimension = exact_dimension(binary, a, b).or(match (binary, a, b) {
            // Which of the spans since the epoch an instant lies in, and how far.
            (BinaryOp::FloorDivide, Instant, Time) => Some(Count),
            (BinaryOp::Remainder, Instant, Time) => Some(Time),
            _ => None,
        });
        let Some(dimension) = dimension else {
            self.operands_do_not_fit(op_span, &l, left, &r, right, "be combined");
            return None;
        };
        let (l, r) = (self.exact(l), self.exact(r));
        let kind = ExprKind::Binary(binary, Box::new(l), Box::new(r));
        Some(self.make(kind, Type::Exact(dimension), span))
    }

    /// `/` of integers is a float; of two spans, too.
    fn quotient(
        &mut self,
        op_span: Span,
        (l, a, left): (Expr, Dimension, Span),
        (r, b, right): (Expr, Dimension, Span),
        span: Span,
    ) -> Option<Expr> {
        if a != b || a == Dimension::Instant {
            self.operands_do_not_fit(op_span, &l, left, &r, right, "be divided");
            return None;
        }
        let mut sides = Vec::new();
        for value in [l, r] {
            let exact = self.exact(value);
            let meta = exact.meta;
            let exact = if a == Dimension::Span {
                // Counted in microseconds, spans are plain numbers.
                let one = Expr::new(ExprKind::Integer(1), Type::Exact(Dimension::Span), meta);
                let kind = ExprKind::Binary(BinaryOp::FloorDivide, Box::new(exact), Box::new(one));
                Expr::new(kind, Type::Exact(Dimension::Count), meta)
            } else {
                exact
            };
            sides.push(self.float(exact)?);
        }
        let r = sides.pop()?;
        let l = sides.pop()?;
        Some(self.make(ExprKind::Binary(BinaryOp::Divide, Box::new(l), Box::new(r)), Type::Float, span))
    }
}

fn float_op(op: ast::BinaryOp) -> Option<BinaryOp> {
    match op {
        ast::BinaryOp::Add => Some(BinaryOp::Add),
        ast::BinaryOp::Sub => Some(BinaryOp::Subtract),
        ast::BinaryOp::Mul => Some(BinaryOp::Multiply),
        ast::BinaryOp::Div => Some(BinaryOp::Divide),
        _ => None,
    }
}

fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        other => other,
    }
}

/// Is there an `==` for it?
fn comparable(ty: &Type) -> bool {
    !super::types::mentions(ty, &|t| matches!(t, Type::Function(..) | Type::Rng | Type::Any | Type::Dict))
}
