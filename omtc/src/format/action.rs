//! Actions.

use super::Formatter;
use super::declaration::{enclosed, names};
use super::doc::{Doc, concat, text};
use std::rc::Rc;

use crate::syntax::ast::{Action, ActionKind, Actions, Expr, Ident, Record};

impl Formatter<'_> {
    /// `( … )`: a single action that stood on the line of its bracket stays there while it fits.
    pub(super) fn actions(&mut self, actions: &Actions) -> Doc {
        let before = self.comments_before(actions.span.start);
        let commented = self.has_comments(actions.span);
        if actions.list.is_empty() && !commented {
            return concat([before, text("()")]);
        }
        let on_one_line = actions.list.first().is_some_and(|a| !self.breaks_before(a.span.start));
        let flat = match actions.list.as_slice() {
            [only] if on_one_line && !commented => Some(Rc::new(self.action(only))),
            _ => None,
        };
        let broken = enclosed(self.rows(
            &actions.list,
            |a| a.span,
            actions.span.end,
            |this, action| flat.clone().map_or_else(|| this.action(action), Doc::Shared),
        ));
        match flat {
            Some(flat) => {
                let flat = concat([text("( "), Doc::Shared(flat), text(" )")]);
                concat([before, Doc::Alternative(Box::new(flat), Box::new(broken))])
            }
            None => concat([before, broken]),
        }
    }

    fn action(&mut self, action: &Action) -> Doc {
        match &action.kind {
            ActionKind::Store(list) => text(format!("store {}", names(list))),
            ActionKind::Assign { target, value } => self.assigned(format!("{} = ", target.text), value),
            ActionKind::StoreCall { target, value } => {
                let head = text(format!("STORE({}, ", target.text));
                concat([head, self.expression(value), self.comments_before(action.span.end), text(")")])
            }
            ActionKind::Lookup { target, value } => {
                self.assigned(format!("lookup {} = ", target.text), value)
            }
            ActionKind::AssignIndex { target, indices, value } => {
                let mut parts = vec![text(&target.text)];
                for index in indices {
                    parts.extend([text("["), self.expression(index), text("]")]);
                }
                parts.extend([text(" = "), self.expression(value)]);
                concat(parts)
            }
            ActionKind::Let { name, value } => self.assigned(format!("let {} = ", name.text), value),
            ActionKind::Append { target, value } => {
                let head = text(format!("APPEND({}, ", target.text));
                concat([head, self.expression(value), self.comments_before(action.span.end), text(")")])
            }
            ActionKind::AppendBlock { result, block, record } => {
                let result = result.as_ref().map_or(String::new(), |r| format!("{} = ", r.text));
                let head = text(format!("{result}APPEND(chain, "));
                concat([head, self.named_record(block, record.as_ref(), action)])
            }
            ActionKind::Send { to, message, record } => {
                self.sent("SEND", to, message, record.as_ref(), action)
            }
            ActionKind::Broadcast { to, message, record } => {
                self.sent("BROADCAST", to, message, record.as_ref(), action)
            }
            ActionKind::If { condition, then, otherwise } => {
                let mut parts =
                    vec![text("IF "), self.expression(condition), text(" THEN "), self.actions(then)];
                if let Some(otherwise) = otherwise {
                    parts.push(text(" ELSE "));
                    parts.push(self.actions(otherwise));
                }
                concat(parts)
            }
            ActionKind::For { var, list, body } => {
                let head = text(format!("FOR {} IN ", var.text));
                concat([head, self.expression(list), text(" "), self.actions(body)])
            }
            ActionKind::Abort(value) => concat([
                text("ABORT("),
                self.expression(value),
                self.comments_before(action.span.end),
                text(")"),
            ]),
            ActionKind::Start { task, args } => {
                let head = text(format!("START({}", task.text));
                concat([head, self.arguments(args, action.span), text(")")])
            }
        }
    }

    pub(super) fn assigned(&mut self, head: String, value: &Expr) -> Doc {
        concat([text(head), self.expression(value)])
    }

    fn sent(
        &mut self,
        word: &str,
        to: &Expr,
        message: &Ident,
        record: Option<&Record>,
        action: &Action,
    ) -> Doc {
        concat([
            text(format!("{word}(")),
            self.expression(to),
            text(", "),
            self.named_record(message, record, action),
        ])
    }

    /// `M { … })`; what the record holds is indented once.
    fn named_record(&mut self, name: &Ident, record: Option<&Record>, action: &Action) -> Doc {
        let mut parts = vec![self.comments_before(name.span.start), text(&name.text)];
        if let Some(record) = record {
            parts.push(text(" "));
            parts.push(self.record(record));
        }
        parts.push(self.comments_before(action.span.end));
        parts.push(text(")"));
        concat(parts)
    }
}
