//! A counterexample as a scenario: the same cast, and the network made to deliver in the order of the run.
//!
//! ```text
//! states, labels → moments (who acted, on what) → schedule (instants) → Script (rules, what happens when)
//!                → text (source of a scenario) → reproduce (run, and judged by the executor of `omtc test`)
//! ```
//!
//! The checker knows instants only from deadline to deadline, a host has one clock that never stands still. So the
//! instants of a script are the least ones that put every step after its causes and before every timer that did not
//! fire: a system of difference constraints. There may be none; then the order of independent steps is given up, then
//! the run cannot be told in one true time, and that is said.

mod moments;
mod schedule;
mod text;
mod values;

pub use text::{Reproduced, Sources, reproduce};

use super::explore::{Explorer, Label};
use super::local::Status;
use super::record::Records;
use super::table::index;
use crate::scenario::LATENCY;
use moments::{Moment, What, moments};
use omt_runtime::ir::ParameterValue;
use schedule::{Manner, schedule};
use std::collections::BTreeMap;

/// A run of a scope, as lines of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// `drop …`, `delay …`: what the network does.
    pub rules: Vec<String>,
    /// When, in microseconds after the start, and what.
    pub events: Vec<(i64, Happening)>,
    /// The instant of the last step.
    pub ends: i64,
    /// How long to wait for what does not come: as long as all time limits of the protocol together.
    pub patience: i64,
    /// Members with an instance that may not stay where it is, and all states in which it may not.
    pub waiting: Vec<(String, Vec<String>)>,
    /// What the language has no way to say.
    pub unsaid: Vec<String>,
}

/// Something that a script lets happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The step of this number in the scope, at another time.
    OfScope(usize),
    /// A message of a byzantine member: what follows `at d`.
    Said(String),
}

/// Scripts of a path, the most faithful first; empty if no instants fit.
pub(super) fn scripts(
    explorer: &mut Explorer<'_>,
    records: &mut Records,
    states: &[Vec<u32>],
    labels: &[Label],
) -> Vec<Script> {
    let moments = moments(explorer, states, labels);
    let mut scripts: Vec<Script> = Vec::new();
    for manner in Manner::ALL {
        let Some(instants) = schedule(explorer, &moments, manner) else { continue };
        let script = script(explorer, records, states, &moments, &instants);
        if !scripts.contains(&script) {
            scripts.push(script);
        }
    }
    scripts
}

/// How long a scenario waits at its end, at least and at most, in microseconds: a minute, thirty days.
const PATIENCE: (i64, i64) = (60_000_000, 30 * 24 * 3_600 * 1_000_000);

fn patience(explorer: &Explorer<'_>) -> i64 {
    let programs = explorer.model.programs.iter();
    let parameters = programs.flat_map(|program| program.protocol().parameters.values());
    let limits = parameters.filter_map(|parameter| match &parameter.value {
        ParameterValue::Duration(micros) => Some(*micros),
        ParameterValue::Uint(_)
        | ParameterValue::Int(_)
        | ParameterValue::Decimal { .. }
        | ParameterValue::Text(_) => None,
    });
    let (least, most) = PATIENCE;
    limits.fold(least, |all, limit| all.saturating_add(limit)).min(most)
}

fn script(
    explorer: &mut Explorer<'_>,
    records: &mut Records,
    states: &[Vec<u32>],
    moments: &[Moment],
    instants: &[i64],
) -> Script {
    let mut script = Script { ends: instants.iter().copied().max().unwrap_or(0), ..Script::default() };
    for (moment, instant) in moments.iter().zip(instants) {
        match &moment.what {
            What::Event(number) => {
                let Some(event) = explorer.model.events.get(*number) else { continue };
                // A message that the scope lets somebody say arrives after it was said.
                let early = if event.is_said() { LATENCY } else { 0 };
                script.events.push((instant.saturating_sub(early), Happening::OfScope(event.step)));
            }
            What::Deliver(message) if explorer.is_said(*message) => {
                let (text, unsaid) = values::said(explorer, records, moment, *message);
                script.events.push((instant.saturating_sub(LATENCY), Happening::Said(text)));
                script.unsaid.extend(unsaid);
            }
            What::Deliver(_) | What::Timer(..) | What::Task(..) => {}
        }
    }
    script.events.sort_by_key(|(instant, _)| *instant);
    script.rules = rules(explorer, moments, instants);
    script.patience = patience(explorer);
    if let Some(last) = states.last() {
        script.waiting = waiting(explorer, last);
    }
    script
}

/// What the network does to each message of an honest member: late as in the run, or lost.
fn rules(explorer: &Explorer<'_>, moments: &[Moment], instants: &[i64]) -> Vec<String> {
    let mut rules = Vec::new();
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for (number, (moment, sent_at)) in moments.iter().zip(instants).enumerate() {
        for (message, receiver) in &moment.sends {
            let Some(said) = explorer.engine.message_of(*message) else { continue };
            let name = |peer: usize| explorer.model.peers.get(peer).map_or("?", |peer| peer.name.as_str());
            let (from, to) = (name(index(said.key.from)), name(*receiver));
            let key = (from.to_owned(), to.to_owned(), said.key.name.to_string());
            let nth = counts.entry(key).or_default();
            *nth += 1;
            let arrives = moments.iter().zip(instants).skip(number).find(|(other, _)| {
                other.what == What::Deliver(*message)
                    && explorer.model.running.get(other.place) == Some(receiver)
            });
            let what = match arrives {
                None => "drop".to_owned(),
                Some((_, at)) => {
                    let late = at.saturating_sub(*sent_at).saturating_sub(LATENCY);
                    if late <= 0 {
                        continue;
                    }
                    format!("delay by {}", crate::spec::duration(late.into()))
                }
            };
            let (word, by) = what.split_once(' ').unwrap_or((&what, ""));
            rules.push(format!("{word} {} from {from} to {to} {by} nth {nth}", said.key.name));
        }
    }
    rules
}

/// Members with an instance that may not stay where it is, and all states in which it may not.
fn waiting(explorer: &mut Explorer<'_>, state: &[u32]) -> Vec<(String, Vec<String>)> {
    let mut waiting = Vec::new();
    for (place, number) in explorer.locals(state).to_vec().into_iter().enumerate() {
        if explorer.engine.info(number).ended {
            continue;
        }
        let Some(local) = explorer.engine.local_of(number) else { continue };
        for instance in local.instances.iter().rev().filter_map(|number| explorer.engine.instance_of(*number))
        {
            let actor = explorer
                .model
                .program(instance.protocol)
                .and_then(|program| program.protocol().actors.get(&*instance.actor));
            let machine = explorer.engine.machine_of(instance.machine);
            let (Some(actor), Some(machine)) = (actor, machine) else { continue };
            let may_stay = |name: &str| {
                name == actor.initial
                    || actor.states.get(name).is_none_or(|state| state.terminal || state.rest)
            };
            if instance.status == Status::Running && !may_stay(machine.state()) {
                let states = actor.states.keys().filter(|name| !may_stay(name)).cloned().collect();
                waiting.push((explorer.name(place).to_owned(), states));
                break;
            }
        }
    }
    waiting
}
