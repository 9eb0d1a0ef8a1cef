#![doc = include_str!("../pages/W0555.md")]

use super::timing::{courses, ends, limit, says, transitions};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omt_runtime::ir::{Actor, At, Cause, State, Transition};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0555", "a time limit that is shorter than the answer", include_str!("../pages/W0555.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Somebody who waits for an answer.
struct Waiting<'a> {
    name: &'a str,
    actor: &'a Actor,
    state: &'a str,
    gives_up: &'a Transition,
    parameter: &'a str,
    span: i64,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let analysis = context.analysis();
    let mut seen: BTreeSet<(At, At)> = BTreeSet::new();
    for (name, actor, _, from) in walk::states(protocol) {
        for t in transitions(from) {
            for branch in std::iter::once(&t.then).chain(&t.otherwise) {
                for course in courses(actor, branch) {
                    let Some(state) = actor.states.get(course.ends) else { continue };
                    for gives_up in transitions(state) {
                        let Some((parameter, span)) = limit(protocol, state, gives_up) else { continue };
                        let state = course.ends;
                        let waiting = Waiting { name, actor, state, gives_up, parameter, span };
                        for question in &course.says {
                            late(context, analysis, &waiting, question, &mut seen, found);
                        }
                    }
                }
            }
        }
    }
}

/// Answers to a question that only come when a time limit of the other side has passed.
fn late(
    context: &Context<'_>,
    analysis: &Analysis,
    waiting: &Waiting<'_>,
    question: &str,
    seen: &mut BTreeSet<(At, At)>,
    found: &mut Vec<Diagnostic>,
) {
    let protocol = context.protocol;
    let to = protocol.messages.get(question).map(|m| m.to.as_slice()).unwrap_or_default();
    for other in to.iter().filter(|role| *role != waiting.name).filter_map(|role| protocol.actors.get(role)) {
        for (thinking, answers) in answers(other, question) {
            let Some((parameter, span)) = limit(protocol, thinking, answers) else { continue };
            // Who uses one limit for both sides lets both give up together.
            if span < waiting.span || parameter == waiting.parameter {
                continue;
            }
            for answer in says(other, &answers.then) {
                let awaited =
                    analysis.disposition(waiting.name, waiting.state, answer) == Disposition::Handled;
                // Where it goes when it has given up, the answer may still be of use.
                let useless = ends(waiting.actor, &waiting.gives_up.then)
                    .into_iter()
                    .all(|state| analysis.disposition(waiting.name, state, answer) == Disposition::Discarded);
                if !awaited || !useless || !seen.insert((answers.meta.at, waiting.gives_up.meta.at)) {
                    continue;
                }
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(answers.meta.at),
                        format!("{answer} comes too late: {} waits for it no longer", waiting.name),
                    )
                    .with_label(format!("said after {parameter}, {}", shown(span)))
                    .with_secondary(
                        context.span(waiting.gives_up.meta.at),
                        format!("{} gives up after {}, {}", waiting.name, waiting.parameter, shown(waiting.span)),
                    )
                    .with_note(format!(
                        "both limits begin with {question}; an answer that is sent when the other side has given up is discarded"
                    ))
                    .with_help(format!("make {parameter} shorter than {}", waiting.parameter)),
                );
            }
        }
    }
}

/// The time limits of the states that a question leads to.
fn answers<'a>(actor: &'a Actor, question: &str) -> Vec<(&'a State, &'a Transition)> {
    let mut found = Vec::new();
    for state in actor.states.values() {
        for t in transitions(state).filter(|t| t.cause == Cause::Message(question.to_owned())) {
            for branch in std::iter::once(&t.then).chain(&t.otherwise) {
                for name in ends(actor, branch) {
                    let Some(entered) = actor.states.get(name) else { continue };
                    found.extend(transitions(entered).map(|t| (entered, t)));
                }
            }
        }
    }
    found
}

/// Microseconds for people.
fn shown(span: i64) -> String {
    const SECOND: i64 = 1_000_000;
    match (span.checked_rem(SECOND), span.checked_div(SECOND)) {
        (Some(0), Some(seconds)) => format!("{seconds} s"),
        _ => format!("{span} µs"),
    }
}
