//! Actors and their items.

use super::Formatter;
use super::declaration::{enclosed, name_list, optional_text};
use super::doc::{Doc, concat, group, indent, text};
use super::table;
use crate::syntax::ast::{
    Actor, Cause, CauseKind, Collect, Item, Override, OverrideKind, Peers, State, StateFlag, Transition,
    Trigger,
};

impl Formatter<'_> {
    pub(super) fn actor(&mut self, d: &Actor) -> Doc {
        let head = text(format!("actor {}{} ", d.name.text, optional_text(d.text.as_ref())));
        let rows = self.rows(&d.items, Item::span, d.span.end, Formatter::item);
        concat([head, enclosed(rows)])
    }

    fn item(&mut self, item: &Item) -> Doc {
        match item {
            Item::Store(s) => concat([text("store "), self.fields(&s.fields)]),
            Item::Shared(s) => concat([text("shared "), self.fields(&s.fields)]),
            Item::Peers(p) => self.peers(p),
            Item::Trigger(t) => self.trigger(t),
            Item::State(s) => state(s),
            Item::Transition(t) => self.transition(t),
            Item::Override(o) => self.override_item(o),
            Item::Collect(c) => self.collect(c),
        }
    }

    fn peers(&mut self, p: &Peers) -> Doc {
        let commented = self.has_comments(p.span);
        let on_one_line = p.entries.first().is_none_or(|e| !self.breaks_before(e.span.start));
        let pairs: Vec<String> =
            p.entries.iter().map(|e| format!("{} {}", e.role.text, e.field.text)).collect();
        let rows = self.rows(
            &p.entries,
            |e| e.span,
            p.span.end,
            |_, e| vec![e.role.text.clone(), e.field.text.clone()],
        );
        let broken = enclosed(table(rows, 2));
        if commented || !on_one_line {
            return concat([text("peers "), broken]);
        }
        let flat = if pairs.is_empty() { "( )".to_owned() } else { format!("( {} )", pairs.join("  ")) };
        concat([text("peers "), Doc::Alternative(Box::new(text(flat)), Box::new(broken))])
    }

    fn trigger(&mut self, t: &Trigger) -> Doc {
        let head = text(format!("trigger {}", t.name.text));
        let params = self.params(&t.params);
        let states = concat([text(" in "), name_list(&t.states)]);
        let description = text(optional_text(t.text.as_ref()));
        let Some(after) = &t.after else {
            return concat([head, params, states, description]);
        };
        let after = format!("after {}.{} at {}", after.transaction.text, after.actor.text, after.state.text);
        group(concat([head, params, states, indent(concat([Doc::Line, text(after), description]))]))
    }

    fn transition(&mut self, t: &Transition) -> Doc {
        let goal = format!("-> {} {}", t.to.text, cause(&t.cause));
        let mut from = Vec::new();
        for (i, state) in t.from.iter().enumerate() {
            if i > 0 {
                from.extend([text(","), Doc::Line]);
            }
            from.push(text(state.text.as_str()));
        }
        let goal = group(concat([group(concat(from)), indent(concat([Doc::Line, text(goal)]))]));
        let mut head = vec![goal];
        for l in &t.lets {
            head.push(self.comments_before(l.span.start));
            head.push(indent(concat([
                Doc::Line,
                text(format!("let {} = ", l.name.text)),
                self.expression(&l.value),
            ])));
        }
        head.push(self.guard(t.guard.as_ref()));
        let mut parts = vec![group(concat(head))];
        if let Some(actions) = &t.actions {
            parts.push(text(" "));
            parts.push(self.actions(actions));
        }
        if let Some(otherwise) = &t.otherwise {
            parts.push(self.comments_before(otherwise.span.start));
            // `) else` on the line of the bracket; without actions the guard ends its line.
            parts.push(text(format!(" else -> {}", otherwise.to.text)));
            if let Some(actions) = &otherwise.actions {
                parts.push(text(" "));
                parts.push(self.actions(actions));
            }
        }
        concat(parts)
    }

    /// ` when e`, or nothing.
    fn guard(&mut self, guard: Option<&crate::syntax::ast::Expr>) -> Doc {
        let Some(guard) = guard else { return Doc::Nil };
        let comments = self.comments_before(guard.span.start);
        indent(concat([comments, Doc::Line, text("when "), self.expression(guard)]))
    }

    fn override_item(&mut self, o: &Override) -> Doc {
        let word = match o.kind {
            OverrideKind::Ignore => "ignore",
            OverrideKind::Defer => "defer",
        };
        let head = concat([text(format!("{word} {} in ", o.message.text)), name_list(&o.states)]);
        group(concat([head, self.guard(o.guard.as_ref())]))
    }

    fn collect(&mut self, c: &Collect) -> Doc {
        let head = text(format!("collect {} in ", c.message.text));
        let into = text(format!(" into {}", c.into.text));
        let head = group(concat([head, name_list(&c.states), into, self.guard(c.guard.as_ref())]));
        match &c.actions {
            Some(actions) => concat([head, text(" "), self.actions(actions)]),
            None => head,
        }
    }
}

fn state(s: &State) -> Doc {
    let mut line = format!("state {}", s.name.text);
    for (flag, _) in &s.flags {
        line.push_str(match flag {
            StateFlag::Initial => " initial",
            StateFlag::Terminal => " terminal",
            StateFlag::Rest => " rest",
        });
    }
    line.push_str(&optional_text(s.text.as_ref()));
    text(line)
}

fn cause(c: &Cause) -> String {
    match &c.kind {
        CauseKind::Auto => "auto".to_owned(),
        CauseKind::On(name) => format!("on {}", name.text),
        CauseKind::Timeout(path) => {
            let path: Vec<&str> = path.iter().map(|n| n.text.as_str()).collect();
            format!("on timeout({})", path.join("."))
        }
        CauseKind::Every(name) => format!("on every({})", name.text),
    }
}
