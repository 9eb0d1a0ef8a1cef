//! Properties and scenarios.

use super::declaration::{enclosed, names, optional_text};
use super::doc::{Doc, concat, group, indent, text};
use super::{Formatter, Row};
use crate::syntax::ast::{
    Arrow, CastMember, Claim, Disturbance, Event, Expr, Filter, Property, Scenario, Step, StepKind,
};

impl Formatter<'_> {
    pub(super) fn property(&mut self, d: &Property) -> Doc {
        let head = text(format!("property {}{}", d.name.text, optional_text(d.text.as_ref())));
        let claim = match &d.claim {
            Claim::Always(e) => self.claimed("always", e),
            Claim::Never(e) => self.claimed("never", e),
            Claim::Eventually(e) => self.claimed("eventually", e),
            Claim::Sometimes(e) => self.claimed("sometimes", e),
            Claim::Leads { from, to } => {
                let from = self.claimed("leads", from);
                concat([from, Doc::Line, self.claimed("eventually", to)])
            }
        };
        group(concat([head, indent(concat([Doc::Line, claim]))]))
    }

    fn claimed(&mut self, word: &str, e: &Expr) -> Doc {
        let e = indent(concat([Doc::Line, self.expression(e)]));
        group(concat([text(format!("{word} (")), e, Doc::Line, text(")")]))
    }

    pub(super) fn scenario(&mut self, d: &Scenario) -> Doc {
        let head = text(format!("scenario {}{} ", d.name.text, optional_text(d.text.as_ref())));
        let rows = self.rows(&d.steps, |s| s.span, d.span.end, Formatter::step);
        concat([head, enclosed(rows)])
    }

    fn step(&mut self, s: &Step) -> Doc {
        match &s.kind {
            StepKind::Parameters(entries) => self.parameter_list(entries, s.span.end),
            StepKind::Cast(members) => {
                let rows = self.rows(members, |m| m.span, s.span.end, Formatter::member);
                concat([text("cast "), enclosed(rows)])
            }
            StepKind::At { time, event } => {
                let time = self.expression(time);
                concat([text("at "), time, text(" "), self.event(event, s)])
            }
            StepKind::Disturb { kind, message, filters } => {
                let word = match kind {
                    Disturbance::Drop => "drop",
                    Disturbance::Delay => "delay",
                    Disturbance::Duplicate => "duplicate",
                };
                let mut parts = vec![text(format!("{word} {}", message.text))];
                for filter in filters {
                    parts.push(text(" "));
                    parts.push(self.filter(filter));
                }
                concat(parts)
            }
            StepKind::Expect { condition, within } => {
                let mut parts = vec![text("expect "), self.expression(condition)];
                if let Some(within) = within {
                    parts.extend([text(" within "), self.expression(within)]);
                }
                concat(parts)
            }
            StepKind::ExpectSequence(arrows) => {
                let commented = self.has_comments(s.span);
                let on_one_line = arrows.first().is_none_or(|a| !self.breaks_before(a.span.start));
                let flat: Vec<String> = arrows.iter().map(arrow).collect();
                let rows: Vec<Row<Doc>> = self.rows(arrows, |a| a.span, s.span.end, |_, a| text(arrow(a)));
                let broken = enclosed(rows);
                let head = text("expect sequence ");
                if commented || !on_one_line {
                    return concat([head, broken]);
                }
                let flat =
                    if flat.is_empty() { "( )".to_owned() } else { format!("( {} )", flat.join("  ")) };
                concat([head, Doc::Alternative(Box::new(text(flat)), Box::new(broken))])
            }
        }
    }

    fn member(&mut self, m: &CastMember) -> Doc {
        let byzantine = if m.byzantine.is_some() { " byzantine" } else { "" };
        let head = text(format!("{} {}{byzantine}", m.name.text, m.actor.text));
        match &m.setup {
            Some(record) => {
                let comments = self.comments_before(record.span.start);
                concat([head, comments, text(" "), self.record(record)])
            }
            None => head,
        }
    }

    fn event(&mut self, event: &Event, step: &Step) -> Doc {
        match event {
            Event::Trigger { peer, trigger, args } => {
                let head = text(format!("{}.{}", peer.text, trigger.text));
                concat([head, self.arguments(args, step.span)])
            }
            Event::Inject { arrow: a, record } => match record {
                Some(record) => concat([text(format!("{} ", arrow(a))), self.record(record)]),
                None => text(arrow(a)),
            },
            Event::Crash(peer) => text(format!("crash {}", peer.text)),
            Event::Restart(peer) => text(format!("restart {}", peer.text)),
            Event::Partition(one, other) => text(format!("partition [{}] [{}]", names(one), names(other))),
            Event::Heal => text("heal"),
        }
    }

    fn filter(&mut self, filter: &Filter) -> Doc {
        match filter {
            Filter::From(peer) => text(format!("from {}", peer.text)),
            Filter::To(peer) => text(format!("to {}", peer.text)),
            Filter::By(e) => concat([text("by "), self.expression(e)]),
            Filter::Times(e) => concat([text("times "), self.expression(e)]),
            Filter::Nth(e) => concat([text("nth "), self.expression(e)]),
        }
    }
}

fn arrow(a: &Arrow) -> String {
    format!("{} -> {} {}", a.from.text, a.to.text, a.message.text)
}
