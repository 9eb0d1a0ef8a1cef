//! Functions and their statements.

use super::Formatter;
use super::declaration::{enclosed, type_text};
use super::doc::{Doc, concat, group, indent, text};
use crate::syntax::ast::{Function, Stmt, StmtKind};

impl Formatter<'_> {
    pub(super) fn function(&mut self, d: &Function) -> Doc {
        let head = text(format!("function {}", d.name.text));
        let params = self.params(&d.params);
        let result = text(format!(" -> {} ", type_text(&d.result)));
        let body = self.rows(&d.body, |s| s.span, d.span.end, Formatter::statement);
        concat([head, params, result, enclosed(body)])
    }

    fn statement(&mut self, s: &Stmt) -> Doc {
        match &s.kind {
            StmtKind::Return(value) => self.assigned("RETURN ".to_owned(), value),
            StmtKind::Assign { target, value } => self.assigned(format!("{} = ", target.text), value),
            StmtKind::AssignIndex { target, index, value } => {
                let index = concat([text("["), self.expression(index), text("] = ")]);
                concat([text(&target.text), index, self.expression(value)])
            }
            StmtKind::For { var, list, body } => {
                let head = concat([text(format!("FOR {} IN ", var.text)), self.expression(list)]);
                concat([head, self.nested_statement(body, Doc::Hard)])
            }
            StmtKind::Block(list) => enclosed(self.rows(list, |s| s.span, s.span.end, Formatter::statement)),
            StmtKind::If { .. } => group(self.if_statement(s)),
        }
    }

    /// What a loop or a branch does: in parentheses on the same line, else one step further to the right.
    fn nested_statement(&mut self, s: &Stmt, line: Doc) -> Doc {
        let comments = self.comments_before(s.span.start);
        if matches!(s.kind, StmtKind::Block(_)) {
            return concat([comments, text(" "), self.statement(s)]);
        }
        indent(concat([comments, line, self.statement(s)]))
    }

    fn if_statement(&mut self, s: &Stmt) -> Doc {
        let StmtKind::If { condition, then, otherwise } = &s.kind else { return self.statement(s) };
        let mut parts = vec![text("IF "), self.expression(condition), text(" THEN")];
        parts.push(self.nested_statement(then, Doc::Line));
        if let Some(otherwise) = otherwise {
            parts.push(self.comments_before(otherwise.span.start));
            // After `)` the ELSE stays on the line, after anything else it begins one when the branches do.
            let block = matches!(then.kind, StmtKind::Block(_));
            parts.push(if block { text(" ") } else { Doc::Line });
            parts.push(text("ELSE"));
            if matches!(otherwise.kind, StmtKind::If { .. }) {
                parts.push(text(" "));
                parts.push(self.if_statement(otherwise));
            } else {
                parts.push(self.nested_statement(otherwise, Doc::Line));
            }
        }
        concat(parts)
    }
}
