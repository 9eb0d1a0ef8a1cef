#![doc = include_str!("../pages/W0553.md")]

use super::timing::{courses, says, transitions};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::analysis::Disposition;
use omt_runtime::ir::{At, Cause, Protocol, State};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0553", "an answer that comes where it is discarded", include_str!("../pages/W0553.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let analysis = context.analysis();
    let mut seen: BTreeSet<At> = BTreeSet::new();
    for (name, actor, from_name, from) in walk::states(protocol) {
        if !analysis.actors.get(name).is_some_and(|a| a.reachable.contains(from_name)) {
            continue;
        }
        for t in transitions(from) {
            for branch in std::iter::once(&t.then).chain(&t.otherwise) {
                for course in courses(actor, branch) {
                    let Some(state) = actor.states.get(course.ends) else { continue };
                    if state.terminal || state.rest {
                        continue;
                    }
                    for question in course.says {
                        let answers = answers(protocol, question, name);
                        let useless = |answer: &str| {
                            let here = analysis.disposition(name, course.ends, answer);
                            // Who could have had it before does not wait for it now.
                            let before =
                                analysis.disposition(name, from_name, answer) == Disposition::Handled;
                            here == Disposition::Discarded
                                && !before
                                && state.overrides.iter().all(|o| o.message != answer)
                        };
                        let lost = !answers.is_empty() && answers.keys().all(|answer| useless(answer));
                        if lost && seen.insert(t.meta.at) {
                            found.push(report(
                                context,
                                name,
                                question,
                                &answers,
                                t.meta.at,
                                (course.ends, state),
                            ));
                        }
                    }
                }
            }
        }
    }
}

fn report(
    context: &Context<'_>,
    name: &str,
    question: &str,
    answers: &BTreeMap<&str, At>,
    asked: At,
    (state_name, state): (&str, &State),
) -> Diagnostic {
    let list: Vec<&str> = answers.keys().copied().collect();
    let mut d = Diagnostic::new(
        CODE,
        context.span(asked),
        format!("{question} is answered with {}, which {name} then discards", list.join(" or ")),
    )
    .with_label(format!("asked here, on the way to {state_name}"));
    for at in answers.values().take(1) {
        d = d.with_secondary(context.span(*at), "answered here, at once");
    }
    d.with_secondary(context.span(state.meta.at), "neither this state nor any behind it handles the answer")
        .with_note("an answer comes when it has just been asked for; in a state that has no use for it it is lost")
        .with_help(format!(
            "handle it in {state_name}, ask where the answer is handled, or write `ignore {} in [{state_name}]`",
            list.first().copied().unwrap_or_default()
        ))
}

/// Messages to `asker` that are said in the very step that handles the question, with a place.
fn answers<'a>(protocol: &'a Protocol, question: &str, asker: &str) -> BTreeMap<&'a str, At> {
    let mut found = BTreeMap::new();
    let to = protocol.messages.get(question).map(|m| m.to.as_slice()).unwrap_or_default();
    for actor in to.iter().filter(|role| *role != asker).filter_map(|role| protocol.actors.get(role)) {
        for t in actor.states.values().flat_map(transitions) {
            if t.cause != Cause::Message(question.to_owned()) {
                continue;
            }
            for branch in std::iter::once(&t.then).chain(&t.otherwise) {
                for answer in says(actor, branch) {
                    let message = protocol.messages.get(answer);
                    if message.is_some_and(|m| m.to.iter().any(|r| r == asker)) {
                        found.entry(answer).or_insert(t.meta.at);
                    }
                }
            }
        }
    }
    found
}
