//! Exploring with sets of states instead of states one by one.
//!
//! Where peers go their own ways, the states of a scope are all combinations of what each of them may be in: too many to
//! be written down, but few to be described. Here a set of states is a decision diagram with a level for each peer, and
//! steps are taken by whole sets. What a local state makes of a message comes from the same tables as when states are
//! explored one by one, so both explore the same graph, and a test compares them.
//!
//! ```text
//! Forest (sets) ─ Steps (of one phase: closure, image, backwards) ─ Phases (all states) ─ Judge (properties) ─ Outcome
//! ```

mod diagram;
mod judge;
mod phases;
mod sent;
mod steps;

use super::chart;
use super::estimate;
use super::explore::Explorer;
use super::halt::Halt;
use super::model::Model;
use super::outcome::{Counterexample, Counts, Finding, Limit, Outcome, Progress, Verdict};
use super::property::{Properties, QUERIES_MAX};
use super::replay;
use super::search::{BUILT_IN, NEEDS_MORE, by_budget, fired, kind, not_decided, telling};
use super::universe::TURNS_MAX;
use super::{Options, Setup, VerifyError, Watch};
use crate::spec::{Claim, Property, Scenario};
use diagram::Node;
use judge::{Judge, Runs};
use phases::{Phase, Phases, Sets, Stopped};

/// Explores a scope with sets.
///
/// # Errors
/// There is nothing that could be explored.
pub(super) fn explore(
    setup: &Setup,
    scenario: &Scenario,
    chosen: &[&Property],
    watch: &mut dyn Watch,
) -> Result<Outcome, VerifyError> {
    let mut options: Options = setup.options.clone();
    // These make fewer states of many; sets have no need of that, and they make levels depend on each other.
    options.reductions.late_gathering = false;
    options.reductions.spent_messages = false;
    options.reductions.lazy_clocks = false;
    let model = Model::new(&Setup { options, ..setup.clone() }, scenario)?;
    let byzantine = model.peers.iter().any(|peer| !peer.runs);
    let budget = setup.options.byzantine.or(scenario.budget()).filter(|_| byzantine);
    let properties = Properties::new(chosen.iter().copied(), &model.observed);
    if properties.query_count() > QUERIES_MAX {
        return Err(VerifyError::TooManyQueries { conditions: properties.query_count() });
    }
    match budget {
        Some(asked) => by_budget(asked, setup.options.any_durations, &mut |messages| {
            once(setup, &model, Some(messages), chosen, watch)
        }),
        None => once(setup, &model, None, chosen, watch),
    }
}

/// Explores with at most so many messages of byzantine members in a run.
fn once(
    setup: &Setup,
    model: &Model,
    budget: Option<u32>,
    chosen: &[&Property],
    watch: &mut dyn Watch,
) -> Result<Outcome, VerifyError> {
    let byzantine = model.peers.iter().any(|peer| !peer.runs);
    let until = setup.options.time_max.map(|limit| {
        let again = if setup.options.any_durations { limit / 4 } else { std::time::Duration::ZERO };
        limit.saturating_sub(again).saturating_sub(telling(limit))
    });
    let mut explorer = Explorer::new(model);
    explorer.budget = budget;
    let mut turns = 0;
    loop {
        explorer.engine.halt = Halt::at(watch, until, setup.options.memory_max);
        let mut phases = Phases::new(&mut explorer, setup.options.memory_max);
        let mut judge =
            Judge::new(&setup.specification, Properties::new(chosen.iter().copied(), &model.observed));
        let mut stopped = phases
            .reach(&mut |phases, phase, set| {
                let states = usize::try_from(phases.states).unwrap_or(usize::MAX);
                let depth = u32::try_from(phases.reached.len()).unwrap_or(u32::MAX);
                watch.progress(&Progress { states, queue: 0, depth, memory: phases.bytes() });
                judge.look(phases, phase, set)?;
                if judge.is_decided(&setup.options.properties) { Err(Stopped::Decided) } else { Ok(()) }
            })
            .err();
        if model.certificates.begin_anew() {
            explorer = Explorer::new(model);
            explorer.budget = budget;
            turns = 0;
            continue;
        }
        if phases.explorer.forget_if_contested() {
            if matches!(stopped, None | Some(Stopped::Anew | Stopped::Decided)) {
                continue;
            }
            // What was forgotten may be why something was reached.
            judge.decided.fill(None);
            judge.built_in = [None; 3];
        }
        if stopped.is_none() {
            let silent = budget == Some(0) || !byzantine;
            if !silent && turns < TURNS_MAX {
                turns += 1;
                let explorer = &mut *phases.explorer;
                let grown = explorer.universe.grow(&mut explorer.engine);
                if grown && explorer.engine.halt.hit().is_none() {
                    continue;
                }
                stopped = phases.stopped(false).err();
            } else if !silent {
                let explorer = &mut *phases.explorer;
                explorer.universe.cut |= explorer.universe.would_grow(&explorer.engine);
            }
        }
        model.nothing_missing()?;
        phases.explorer.engine.settled.closed = true;
        let mut told = Told { setup, watch, judge, phases, stopped, budget };
        return Ok(told.outcome());
    }
}

/// Everything was reached, or a limit: what is said of it.
struct Told<'t, 'p, 'm> {
    setup: &'t Setup,
    watch: &'t dyn Watch,
    judge: Judge,
    phases: Phases<'p, 'm>,
    stopped: Option<Stopped>,
    budget: Option<u32>,
}

impl Told<'_, '_, '_> {
    fn outcome(&mut self) -> Outcome {
        if self.stopped.is_some() {
            // What was found is told nevertheless, in the time that is kept for it.
            let options = &self.setup.options;
            self.phases.explorer.engine.halt = Halt::at(self.watch, options.time_max, usize::MAX);
            self.phases.bytes_max = usize::MAX;
        }
        let mut verdicts = Vec::new();
        for (number, watched) in self.judge.properties.watched.clone().into_iter().enumerate() {
            let decided = self.judge.decided.get(number).copied().flatten();
            let mut witness = None;
            let result = match &watched.property.claim {
                Claim::Always(_) | Claim::Never(_) => self.safety(decided),
                Claim::Sometimes(_) => match decided {
                    Some(at) => {
                        if self.setup.options.witness {
                            witness = self.example(at, None, Some("here it is true")).map(Box::new);
                        }
                        Finding::Holds
                    }
                    None if self.stopped.is_some() => not_decided(),
                    None if self.budget.is_some() => Finding::NotDecided(NEEDS_MORE.to_owned()),
                    None => Finding::Never,
                },
                Claim::Eventually(_) | Claim::Leads(..) if self.stopped.is_some() => not_decided(),
                Claim::Eventually(_) => {
                    let runs = self.judge.comes(&mut self.phases, number);
                    self.runs(runs, "nothing has to happen any more, and it has not come true")
                }
                Claim::Leads(..) => {
                    let runs = self.judge.comes(&mut self.phases, number);
                    self.runs(runs, "nothing has to happen any more, and what it leads to has not come true")
                }
            };
            verdicts.push(Verdict {
                property: watched.property.name.clone(),
                kind: kind(&watched.property.claim),
                title: watched.property.title.clone(),
                result,
                witness,
            });
        }
        self.built_in(&mut verdicts);
        self.whole(verdicts)
    }

    /// What every protocol must hold.
    fn built_in(&mut self, verdicts: &mut Vec<Verdict>) {
        let [fault, deadlock, stuck] = self.judge.built_in;
        for (number, (name, title)) in BUILT_IN.iter().enumerate() {
            let names = &self.setup.options.properties;
            if !names.is_empty() && !names.iter().any(|chosen| chosen == name) {
                continue;
            }
            let result = match number {
                0 => self.safety(fault),
                1 => self.safety(deadlock),
                2 => self.safety(stuck),
                _ if self.stopped.is_some() => not_decided(),
                _ => {
                    let runs = self.judge.can_end(&mut self.phases);
                    self.runs(runs, "from here on, no run brings every instance to an end")
                }
            };
            verdicts.push(Verdict {
                property: (*name).to_owned(),
                kind: "built-in",
                title: Some((*title).to_owned()),
                result,
                witness: None,
            });
        }
    }

    fn whole(&mut self, verdicts: Vec<Verdict>) -> Outcome {
        let limit = match &self.stopped {
            None | Some(Stopped::Decided) => None,
            Some(Stopped::Time | Stopped::Anew) => Some(Limit::Time),
            Some(Stopped::Memory) => Some(Limit::Memory),
            Some(Stopped::Unable(_)) => Some(Limit::Sets),
        };
        let states = usize::try_from(self.phases.states).unwrap_or(usize::MAX);
        let estimate = limit.filter(|limit| *limit != Limit::Sets).map(|_| {
            let first = self.phases.explorer.initial();
            let Phases { explorer, forest, order, reached, .. } = &mut self.phases;
            estimate::estimate(explorer, &first, &mut |explorer, state| {
                let set = reached.get(&Phase::of(explorer, state)).copied().unwrap_or(diagram::EMPTY);
                phases::contains(explorer, forest, order, set, state)
            })
        });
        let explorer = &*self.phases.explorer;
        let [_, machines, _, messages] = explorer.engine.counts();
        let counts = Counts {
            states,
            depth: u32::try_from(self.phases.reached.len()).unwrap_or(u32::MAX),
            nodes: Some(self.phases.forest.len()),
            locals: explorer.locals_by_peer(|local| local.sent == 0),
            machines,
            messages,
            universe: explorer.universe.len(),
            computed: explorer.engine.tally.computed,
            remembered: explorer.engine.tally.remembered,
            memory: self.phases.bytes().max(self.watch.meter().and_then(|meter| meter()).unwrap_or(0)),
            ..Counts::default()
        };
        let mut abstractions = explorer.abstractions();
        if let Some(Stopped::Unable(why)) = &self.stopped {
            abstractions.push(format!("not explored with sets: {why}"));
        }
        Outcome {
            scope: explorer.model.scope.clone(),
            counts,
            limit,
            budget: None,
            estimate,
            fired: fired(self.setup, &explorer.engine.covered),
            verdicts,
            abstractions,
        }
    }

    fn safety(&mut self, at: Option<(Phase, Node)>) -> Finding {
        match (at, &self.stopped) {
            (Some(at), _) => match self.example(at, None, None) {
                Some(example) => Finding::Violated(Box::new(example)),
                None => Finding::NotDecided(
                    "a state that breaks it was reached, and a limit before the run to it was found"
                        .to_owned(),
                ),
            },
            (None, None | Some(Stopped::Decided)) => Finding::Holds,
            (None, Some(_)) => Finding::NotRefuted,
        }
    }

    fn runs(&mut self, runs: Result<Runs, Stopped>, reason: &str) -> Finding {
        match runs {
            Ok(Runs::Holds) => Finding::Holds,
            Ok(Runs::Open(why)) => Finding::NotDecided(why),
            Ok(Runs::Broken { at, waits }) => {
                let waits = waits.map(|stay| (stay.begins, stay.within));
                match self.example(at, waits, Some(reason)) {
                    Some(example) => Finding::Violated(Box::new(example)),
                    None => Finding::NotDecided(
                        "a run breaks it, and a limit came before it was found".to_owned(),
                    ),
                }
            }
            Err(Stopped::Time | Stopped::Anew | Stopped::Decided) => {
                Finding::NotDecided("--time was over".to_owned())
            }
            Err(Stopped::Memory) => Finding::NotDecided("--memory was used up".to_owned()),
            Err(Stopped::Unable(why)) => Finding::NotDecided(why),
        }
    }

    /// A run to one of some states; where it waits, through states that wait.
    fn example(
        &mut self,
        at: (Phase, Node),
        waits: Option<(Sets, Sets)>,
        reason: Option<&str>,
    ) -> Option<Counterexample> {
        let (first, initial) = self.phases.begins();
        let initial = Sets::from([(first, initial)]);
        let reached = self.phases.reached.clone();
        let mut states = match waits {
            None => judge::path(&mut self.phases, &initial, &reached, at).ok()?,
            Some((begins, within)) => {
                let waiting = judge::path(&mut self.phases, &begins, &within, at).ok()?;
                let state = waiting.first()?;
                let explorer = &*self.phases.explorer;
                let phase = Phase::of(explorer, state);
                let locals = explorer.locals(state).to_vec();
                let set = self.phases.single(&locals);
                let mut before = judge::path(&mut self.phases, &initial, &reached, (phase, set)).ok()?;
                before.pop();
                before.extend(waiting);
                before
            }
        };
        states.dedup();
        let explorer = &mut *self.phases.explorer;
        let reason = match (reason, states.last()) {
            (Some(reason), _) => reason.to_owned(),
            (None, last) => chart::reason(explorer, last?),
        };
        let labels = chart::labels(explorer, &states);
        let steps = chart::steps(explorer, &states, &labels);
        let scripts = replay::scripts(explorer, &mut self.judge.records, &states, &labels);
        Some(Counterexample { reason, steps, scripts })
    }
}
