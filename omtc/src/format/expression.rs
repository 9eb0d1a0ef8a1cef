//! Expressions.

use super::Formatter;
use super::doc::{Doc, concat, group, indent, text};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Record, RecordEntry, UnaryOp};

/// How strongly an operator binds; chains of one strength break together.
fn strength(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 0,
        BinaryOp::And => 1,
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Le
        | BinaryOp::Ge
        | BinaryOp::Lt
        | BinaryOp::Gt
        | BinaryOp::In => 2,
        BinaryOp::Add | BinaryOp::Sub => 3,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod => 4,
    }
}

impl Formatter<'_> {
    pub(super) fn expression(&mut self, e: &Expr) -> Doc {
        let comments = self.comments_before(e.span.start);
        let doc = self.expression_kind(e);
        if matches!(comments, Doc::Nil) { doc } else { concat([comments, doc]) }
    }

    fn expression_kind(&mut self, e: &Expr) -> Doc {
        match &e.kind {
            // Formatted sources have no errors.
            ExprKind::Error => {
                text(self.source.get(e.span.start as usize..e.span.end as usize).unwrap_or(""))
            }
            ExprKind::Bool(true) => text("true"),
            ExprKind::Bool(false) => text("false"),
            ExprKind::Null => text("null"),
            ExprKind::Number(n) => text(&n.text),
            ExprKind::Quantity { number, unit, .. } => text(format!("{} {}", number.text, unit.word())),
            ExprKind::String(s) => text(format!("\"{s}\"")),
            ExprKind::Name(n) => text(&n.text),
            ExprKind::Paren(inner) => {
                let inner = self.expression(inner);
                let last = self.comments_before(e.span.end);
                group(concat([text("("), indent(concat([Doc::Soft, inner, last])), Doc::Soft, text(")")]))
            }
            ExprKind::Record(record) => self.record(record),
            ExprKind::NamedRecord { name, record } => {
                concat([text(format!("{} ", name.text)), self.record(record)])
            }
            ExprKind::List(items) => {
                let forced = items.first().is_some_and(|i| self.breaks_before(i.span.start));
                self.comma_list("[", items, e.span, "]", forced)
            }
            ExprKind::Call { callee, args } => concat([text(&callee.text), self.arguments(args, e.span)]),
            ExprKind::Field { base, name } => {
                let base = self.expression(base);
                let comments = self.comments_before(name.span.start);
                concat([base, comments, text(format!(".{}", name.text))])
            }
            ExprKind::Index { base, index, dotted } => {
                let base = self.expression(base);
                let index = self.expression(index);
                let last = self.comments_before(e.span.end);
                concat([base, text(if *dotted { ".[" } else { "[" }), index, last, text("]")])
            }
            ExprKind::Unary { op, operand, .. } => {
                let sign = match op {
                    UnaryOp::Not => "NOT ",
                    UnaryOp::Neg => "-",
                };
                concat([text(sign), self.expression(operand)])
            }
            ExprKind::Binary { op, op_span, left, right } => self.chain(*op, *op_span, left, right),
            ExprKind::If { condition, then, otherwise } => self.conditional(condition, then, otherwise),
            ExprKind::Lambda { param, body } => {
                concat([text(format!("{} => ", param.text)), self.expression(body)])
            }
        }
    }

    /// Operators of one strength in a row. AND and OR begin the lines that they break, the others end them: a
    /// line that begins with `-` looks as if it began something new.
    fn chain(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr) -> Doc {
        let strength_here = strength(op);
        let mut first = left;
        let mut rest = vec![(op, op_span, right)];
        // Comparisons do not chain without parentheses.
        while let ExprKind::Binary { op, op_span, left, right } = &first.kind {
            if strength(*op) != strength_here {
                break;
            }
            rest.push((*op, *op_span, right));
            first = left;
        }
        let first = self.expression(first);
        let mut parts = Vec::new();
        for (op, op_span, operand) in rest.into_iter().rev() {
            parts.push(self.comments_before(op_span.start));
            let symbol = op.symbol();
            let operand = self.expression(operand);
            if strength_here <= strength(BinaryOp::And) {
                parts.extend([Doc::Line, text(format!("{symbol} ")), operand]);
            } else {
                parts.extend([text(format!(" {symbol}")), Doc::Line, operand]);
            }
        }
        group(concat([first, indent(concat(parts))]))
    }

    fn conditional(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Doc {
        let mut head = vec![text("IF "), self.expression(condition), text(" THEN "), self.expression(then)];
        let mut rest = Vec::new();
        let mut last = otherwise;
        loop {
            rest.push(self.comments_before(last.span.start));
            rest.push(Doc::Line);
            let ExprKind::If { condition, then, otherwise } = &last.kind else { break };
            rest.extend([
                text("ELSE IF "),
                self.expression(condition),
                text(" THEN "),
                self.expression(then),
            ]);
            last = otherwise;
        }
        rest.extend([text("ELSE "), self.expression(last)]);
        head.push(indent(concat(rest)));
        group(concat(head))
    }

    /// `(a, b)` after a callee; `span` ends with the closing parenthesis.
    pub(super) fn arguments(&mut self, args: &[Expr], span: Span) -> Doc {
        // A single argument hugs its parentheses, so that what it holds is indented once.
        if let [only] = args
            && !self.has_comments(span)
        {
            return concat([text("("), self.expression(only), text(")")]);
        }
        self.comma_list("(", args, span, ")", false)
    }

    fn comma_list(&mut self, open: &str, items: &[Expr], span: Span, close: &str, forced: bool) -> Doc {
        if items.is_empty() {
            let comments = self.comments_before(span.end);
            return concat([text(open), indent(comments), text(close)]);
        }
        let mut parts = vec![if forced { Doc::Hard } else { Doc::Soft }];
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                parts.push(text(","));
                parts.push(self.comments_before(item.span.start));
                parts.push(Doc::Line);
            }
            parts.push(self.expression(item));
        }
        parts.push(self.comments_before(span.end));
        group(concat([text(open), indent(concat(parts)), Doc::Soft, text(close)]))
    }

    pub(super) fn record(&mut self, record: &Record) -> Doc {
        if record.entries.is_empty() {
            let comments = self.comments_before(record.span.end);
            return concat([text("{"), indent(comments), text("}")]);
        }
        let start = |entry: &RecordEntry| match entry {
            RecordEntry::Field { span, .. } | RecordEntry::Spread { span, .. } => span.start,
        };
        let forced = record.entries.first().is_some_and(|e| self.breaks_before(start(e)));
        let mut parts = vec![if forced { Doc::Hard } else { Doc::Line }];
        for (i, entry) in record.entries.iter().enumerate() {
            if i > 0 {
                parts.push(text(","));
                parts.push(self.comments_before(start(entry)));
                parts.push(Doc::Line);
            } else {
                parts.push(self.comments_before(start(entry)));
            }
            match entry {
                RecordEntry::Field { name, value, .. } => {
                    parts.push(text(format!("{} ", name.text)));
                    parts.push(self.expression(value));
                }
                RecordEntry::Spread { value, .. } => {
                    parts.push(text("..."));
                    parts.push(self.expression(value));
                }
            }
        }
        parts.push(self.comments_before(record.span.end));
        group(concat([text("{"), indent(concat(parts)), Doc::Line, text("}")]))
    }
}
