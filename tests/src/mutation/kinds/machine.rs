//! Mistakes in states, transitions and time limits.

use super::Kind;
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use omtc::source::Span;
use omtc::syntax::ast::{Actor, Cause, CauseKind, Decl, Ident, Item, State, StateFlag, Transition};

pub const KINDS: &[Kind] = &[
    Kind { name: "delete-transition", what: "a transition forgotten", places: delete_transition },
    Kind { name: "duplicate-transition", what: "a transition written twice", places: duplicate_transition },
    Kind { name: "wrong-target", what: "another target state", places: wrong_target },
    Kind { name: "wrong-source", what: "another source state", places: wrong_source },
    Kind { name: "drop-source", what: "one of several source states forgotten", places: drop_source },
    Kind { name: "wrong-cause", what: "another message as the cause", places: wrong_cause },
    Kind { name: "drop-else", what: "an `else` forgotten", places: drop_else },
    Kind { name: "drop-flag", what: "`terminal` or `rest` forgotten", places: drop_flag },
    Kind { name: "drop-time-limit", what: "a time limit removed", places: drop_time_limit },
    Kind { name: "swap-time-limits", what: "two time limits exchanged", places: swap_time_limits },
    Kind { name: "reorder-transitions", what: "two transitions for one cause exchanged", places: reorder },
    Kind { name: "drop-override", what: "an `ignore` or `defer` forgotten", places: drop_override },
];

fn head(subject: &Subject, t: &Transition) -> String {
    let span = Span { end: t.cause.span.end, ..t.span };
    subject.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn delete_transition(subject: &Subject) -> Vec<Mutant> {
    let delete = |(_, t): (&Actor, &Transition)| {
        Mutant::new(t.span, format!("deletes `{}`", head(subject, t))).remove(subject, t.span)
    };
    subject.transitions().into_iter().filter(|(_, t)| !is_timeout(&t.cause)).map(delete).collect()
}

fn duplicate_transition(subject: &Subject) -> Vec<Mutant> {
    let twice = |(_, t): (&Actor, &Transition)| {
        let text = subject.slice(t.span);
        Mutant::new(t.span, format!("writes `{}` twice", head(subject, t)))
            .replace(t.span.after(), format!("\n    {text}"))
    };
    subject.transitions().into_iter().map(twice).collect()
}

fn states(actor: &Actor) -> Vec<&State> {
    actor.items.iter().filter_map(|i| if let Item::State(s) = i { Some(s) } else { None }).collect()
}

/// Other states in the place of one.
fn other_states(actor: &Actor, here: &Ident, but: &[&str], found: &mut Vec<Mutant>) {
    for state in states(actor) {
        let name = state.name.text.as_str();
        if name != here.text && !but.contains(&name) && !state.has(StateFlag::Initial) {
            let what = format!("`{name}` for `{}`", here.text);
            found.push(Mutant::new(here.span, what).replace(here.span, name));
        }
    }
}

fn wrong_target(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (actor, t) in subject.transitions() {
        other_states(actor, &t.to, &[], &mut found);
        if let Some(otherwise) = &t.otherwise {
            other_states(actor, &otherwise.to, &[], &mut found);
        }
    }
    found
}

fn wrong_source(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (actor, t) in subject.transitions() {
        let others: Vec<&str> = t.from.iter().map(|f| f.text.as_str()).collect();
        for from in t.from.iter().filter(|f| f.text != "any") {
            other_states(actor, from, &others, &mut found);
        }
    }
    found
}

fn drop_source(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    let mut lists: Vec<&[Ident]> =
        subject.transitions().into_iter().map(|(_, t)| t.from.as_slice()).collect();
    lists.extend(subject.collects().into_iter().map(|(_, c)| c.states.as_slice()));
    lists.extend(subject.overrides().into_iter().map(|(_, o)| o.states.as_slice()));
    for list in lists.into_iter().filter(|l| l.len() > 1) {
        for gone in list {
            let left: Vec<&str> = list.iter().filter(|i| *i != gone).map(|i| i.text.as_str()).collect();
            let whole = list[0].span.to(list[list.len() - 1].span);
            let what = format!("without `{}`", gone.text);
            found.push(Mutant::new(gone.span, what).replace(whole, left.join(", ")));
        }
    }
    found
}

fn wrong_cause(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (actor, t) in subject.transitions() {
        let CauseKind::On(cause) = &t.cause.kind else { continue };
        if !subject.is_message(&cause.text) {
            continue;
        }
        for decl in subject.decls() {
            if let Decl::Message(m) = decl
                && m.name.text != cause.text
                && m.to.iter().any(|to| to.text == actor.name.text)
            {
                let what = format!("on `{}` instead of `{}`", m.name.text, cause.text);
                found.push(Mutant::new(cause.span, what).replace(cause.span, m.name.text.as_str()));
            }
        }
    }
    found
}

fn drop_else(subject: &Subject) -> Vec<Mutant> {
    let elses = subject.transitions().into_iter().filter_map(|(_, t)| t.otherwise.as_ref());
    elses
        .map(|e| Mutant::new(e.span, format!("drops `else -> {}`", e.to.text)).remove(subject, e.span))
        .collect()
}

fn drop_flag(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for actor in subject.actors() {
        for state in states(actor) {
            for (flag, span) in &state.flags {
                let word = match flag {
                    StateFlag::Initial => continue,
                    StateFlag::Terminal => "terminal",
                    StateFlag::Rest => "rest",
                };
                let what = format!("`{}` is not {word}", state.name.text);
                found.push(Mutant::new(*span, what).remove(subject, *span));
            }
        }
    }
    found
}

fn is_timeout(cause: &Cause) -> bool {
    matches!(cause.kind, CauseKind::Timeout(_))
}

fn drop_time_limit(subject: &Subject) -> Vec<Mutant> {
    let limits = subject.transitions().into_iter().filter(|(_, t)| is_timeout(&t.cause));
    limits
        .map(|(_, t)| Mutant::new(t.span, format!("deletes `{}`", head(subject, t))).remove(subject, t.span))
        .collect()
}

fn swap_time_limits(subject: &Subject) -> Vec<Mutant> {
    let limits: Vec<(&str, Span, &str)> = subject
        .transitions()
        .into_iter()
        .filter(|(_, t)| is_timeout(&t.cause))
        .map(|(a, t)| (a.name.text.as_str(), t.cause.span, subject.slice(t.cause.span)))
        .collect();
    let mut found = Vec::new();
    for (i, (actor, span, text)) in limits.iter().enumerate() {
        for (other, there, with) in &limits[i + 1..] {
            // Names of parameters are the same everywhere, fields only within an actor.
            let field = |t: &str| {
                t.contains(char::is_lowercase) && t.contains("timeout(") && {
                    let name = t.trim_start_matches("on timeout(");
                    name.starts_with(char::is_lowercase)
                }
            };
            if text != with && (actor == other || !(field(text) || field(with))) {
                let what = format!("`{with}` and `{text}` exchanged");
                found.push(Mutant::new(*span, what).exchange(subject, *span, *there));
            }
        }
    }
    found
}

fn reorder(subject: &Subject) -> Vec<Mutant> {
    let all = subject.transitions();
    let mut found = Vec::new();
    for (i, (actor, first)) in all.iter().enumerate() {
        for (other, second) in &all[i + 1..] {
            let names = |t: &Transition| t.from.iter().map(|f| f.text.clone()).collect::<Vec<_>>();
            let same = actor.name == other.name
                && names(first) == names(second)
                && subject.slice(first.cause.span) == subject.slice(second.cause.span);
            if same {
                let what = format!("two `{}` exchanged", head(subject, first));
                found.push(Mutant::new(first.span, what).exchange(subject, first.span, second.span));
            }
        }
    }
    found
}

fn drop_override(subject: &Subject) -> Vec<Mutant> {
    let all = subject.overrides().into_iter();
    all.map(|(_, o)| {
        Mutant::new(o.span, format!("drops the override of `{}`", o.message.text)).remove(subject, o.span)
    })
    .collect()
}
