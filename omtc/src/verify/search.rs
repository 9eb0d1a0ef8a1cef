//! The search: breadth first, so that the first state that breaks a property is one that takes the fewest steps.

use super::chart;
use super::estimate;
use super::explore::{Explorer, Label, fewer, said};
use super::halt::Halt;
use super::model::Model;
use super::outcome::{
    Budget, Counterexample, Counts, Estimate, Finding, Level, Limit, Outcome, Progress, Verdict, Watch,
};
use super::property::{Properties, QUERIES_MAX, Said};
use super::record::Records;
use super::replay;
use super::space::{NONE, Space};
use super::symbolic;
use super::temporal::{self, Graph};
use super::universe::TURNS_MAX;
use super::{Engine, Setup, VerifyError};
use crate::scenario::coverage::{Coverage, Covered, Part};
use crate::spec::{Claim, Property, Scenario};
use std::time::Duration;

/// States between two looks at the limits.
const LOOK_EVERY: usize = 1 << 10;

/// States that are explored one by one before sets of them are, where both may be.
const STATES_FIRST: usize = 1 << 15;

/// States of the first turn with byzantine members.
const FIRST_TURN_STATES: usize = 1 << 14;

/// Time that is kept for telling what came of it, at most.
const TELLING_MAX: Duration = Duration::from_secs(2);

/// Time that is kept for telling.
pub(super) fn telling(limit: Duration) -> Duration {
    (limit / 10).min(TELLING_MAX)
}

/// How many times more the next turn may have.
const TURN_FACTOR: usize = 8;

/// The kind of a claim that a witness shows.
pub(super) const SOMETIMES: &str = "sometimes";

/// Why a budget leaves `sometimes` open.
pub(super) const NEEDS_MORE: &str =
    "no run comes to it with so few messages of byzantine members; with more, one may";

/// What every protocol must hold: name, and what it says.
pub(super) const BUILT_IN: [(&str, &str); 4] = [
    ("no_fault", "No trigger, time limit or task ends in a fault"),
    ("no_deadlock", "As long as an instance is under way, something can happen"),
    ("no_stuck_instance", "No instance waits for nothing but a message that may never come"),
    ("sessions_can_end", "Every instance can come to an end"),
];

/// Explores a scope.
///
/// # Errors
/// There is nothing that could be explored.
pub fn verify(setup: &Setup, scenario: &Scenario, watch: &mut dyn Watch) -> Result<Outcome, VerifyError> {
    let mut outcome = explore(setup, scenario, watch)?;
    // Runs that no proof needs: what breaks a property, and what witnesses one.
    let shown = |verdict: &&Verdict| match verdict.result {
        Finding::Violated(_) => true,
        Finding::Holds => verdict.kind == SOMETIMES,
        Finding::NotRefuted | Finding::Never | Finding::NotDecided(_) => false,
    };
    let again: Vec<String> =
        outcome.verdicts.iter().filter(shown).map(|verdict| verdict.property.clone()).collect();
    if !setup.options.any_durations || again.is_empty() {
        return Ok(outcome);
    }
    // Durations of any length allow it: do those of the parameters?
    let options = super::Options { properties: again, any_durations: false, ..setup.options.clone() };
    let given = explore(&Setup { options, ..setup.clone() }, scenario, watch)?;
    for verdict in given.verdicts {
        let first = outcome.verdicts.iter_mut().find(|first| first.property == verdict.property);
        let Some(first) = first else { continue };
        first.result = match verdict.result {
            Finding::NotRefuted | Finding::NotDecided(_) => Finding::NotDecided(
                "it comes about if durations may have any length; with those of the parameters not everything was explored"
                    .to_owned(),
            ),
            decided @ (Finding::Holds | Finding::Violated(_) | Finding::Never) => decided,
        };
        first.witness = verdict.witness;
    }
    Ok(outcome)
}

fn explore(setup: &Setup, scenario: &Scenario, watch: &mut dyn Watch) -> Result<Outcome, VerifyError> {
    let chosen = chosen(setup)?;
    if setup.options.engine == Engine::Sets {
        return symbolic::explore(setup, scenario, &chosen, watch);
    }
    let mut options = setup.options.clone();
    // What is spent is settled, and seen at once.
    options.reductions.settled_messages &= !options.reductions.spent_messages;
    let one_by_one = Setup { options, ..setup.clone() };
    let model = Model::new(&one_by_one, scenario)?;
    let mut search = Search::new(&model, &one_by_one, &chosen)?;
    let byzantine = model.peers.iter().any(|peer| !peer.runs);
    let asked = setup.options.byzantine.or(scenario.budget()).filter(|_| byzantine);
    let Some(asked) = asked else {
        search.begin(watch);
        search.turns(&chosen, watch);
        model.nothing_missing()?;
        let outcome = search.outcome(watch);
        return with_sets(outcome, setup, scenario, &chosen, watch);
    };
    let outcome = levels(&mut search, asked, &chosen, watch)?;
    with_sets(outcome, setup, scenario, &chosen, watch)
}

/// Goes on with sets where states were too many. What single states had refuted by then is shown as it was: with the
/// fewest steps.
fn with_sets(
    first: Outcome,
    setup: &Setup,
    scenario: &Scenario,
    chosen: &[&Property],
    watch: &mut dyn Watch,
) -> Result<Outcome, VerifyError> {
    if first.limit != Some(Limit::Sets) {
        return Ok(first);
    }
    let mut outcome = symbolic::explore(setup, scenario, chosen, watch)?;
    for known in first.verdicts {
        if let (Finding::Violated(_), Some(verdict)) =
            (&known.result, outcome.verdicts.iter_mut().find(|verdict| verdict.property == known.property))
        {
            *verdict = known;
        }
    }
    Ok(outcome)
}

fn levels(
    search: &mut Search<'_>,
    asked: u32,
    chosen: &[&Property],
    watch: &mut dyn Watch,
) -> Result<Outcome, VerifyError> {
    by_budget(asked, search.setup.options.any_durations, &mut |messages| {
        search.explorer.budget = Some(messages);
        search.clear();
        search.begin(watch);
        search.turns(chosen, watch);
        search.explorer.model.nothing_missing()?;
        Ok(search.outcome(watch))
    })
}

/// Explores with no message of byzantine members, then with one, and so on: what breaks is shown with the fewest that it
/// needs, and when a limit ends this, all was explored with fewer.
pub(super) fn by_budget(
    asked: u32,
    any_durations: bool,
    explore: &mut dyn FnMut(u32) -> Result<Outcome, VerifyError>,
) -> Result<Outcome, VerifyError> {
    let mut budget = Budget { asked, levels: Vec::new() };
    let mut broken: Vec<Verdict> = Vec::new();
    loop {
        let messages = budget.levels.len().try_into().unwrap_or(asked).min(asked);
        let mut outcome = explore(messages)?;
        let violated =
            outcome.verdicts.iter().filter(|verdict| matches!(verdict.result, Finding::Violated(_)));
        for verdict in violated {
            if !broken.iter().any(|known| known.property == verdict.property) {
                broken.push(verdict.clone());
            }
        }
        if outcome.limit.is_none() {
            let Counts { states, transitions, depth, .. } = outcome.counts;
            budget.levels.push(Level { messages, states, transitions, depth });
        }
        // What breaks with durations of any length does not end this: what else holds is still asked.
        let ends = !broken.is_empty() && !any_durations;
        if messages < asked && outcome.limit.is_none() && !ends {
            continue;
        }
        for verdict in &mut outcome.verdicts {
            if let Some(known) = broken.iter().find(|known| known.property == verdict.property) {
                verdict.clone_from(known);
            }
        }
        outcome.budget = Some(budget);
        return Ok(outcome);
    }
}

/// The properties that are looked at.
pub(super) fn chosen(setup: &Setup) -> Result<Vec<&Property>, VerifyError> {
    let all = &setup.specification.properties;
    for name in &setup.options.properties {
        let built_in = BUILT_IN.iter().any(|(built_in, _)| built_in == name);
        if !built_in && !all.iter().any(|property| property.name == *name) {
            return Err(VerifyError::NoProperty(name.clone()));
        }
    }
    let names = &setup.options.properties;
    Ok(all.iter().filter(|property| names.is_empty() || names.contains(&property.name)).collect())
}

struct Search<'m> {
    setup: &'m Setup,
    explorer: Explorer<'m>,
    properties: Properties,
    records: Records,
    space: Space,
    /// For each property, the first state that decides it.
    decided: Vec<Option<u32>>,
    built_in: [Option<u32>; 3],
    counts: Counts,
    limit: Option<Limit>,
}

impl<'m> Search<'m> {
    fn new(model: &'m Model, setup: &'m Setup, chosen: &[&Property]) -> Result<Search<'m>, VerifyError> {
        let explorer = Explorer::new(model);
        let properties = Properties::new(chosen.iter().copied(), &model.observed);
        if properties.query_count() > QUERIES_MAX {
            return Err(VerifyError::TooManyQueries { conditions: properties.query_count() });
        }
        Ok(Search {
            setup,
            space: Space::new(explorer.width()),
            explorer,
            decided: vec![None; properties.watched.len()],
            properties,
            records: Records::default(),
            built_in: [None; 3],
            counts: Counts::default(),
            limit: None,
        })
    }

    /// What is counted, or what the process takes, if that is more.
    fn memory(&self, watch: &dyn Watch) -> usize {
        let counted = self.space.bytes().saturating_add(self.explorer.engine.bytes());
        let taken = watch.meter().and_then(|meter| meter()).unwrap_or(0);
        counted.max(taken)
    }

    /// The rest of the time is for telling what came of it; and, where durations may have any length, for those of the
    /// parameters.
    fn exploring_until(&self) -> Option<Duration> {
        let options = &self.setup.options;
        options.time_max.map(|limit| {
            let again = if options.any_durations { limit / 4 } else { Duration::ZERO };
            limit.saturating_sub(again).saturating_sub(telling(limit))
        })
    }

    /// Limits count from now on, as they stand.
    fn begin(&mut self, watch: &dyn Watch) {
        self.explorer.engine.halt = Halt::at(watch, self.exploring_until(), self.setup.options.memory_max);
    }

    /// Explores; with byzantine members again and again, until what was met gives them nothing new to say. The first
    /// turns look at the beginning only, so that what they say is part of what a limit cuts short.
    fn turns(&mut self, chosen: &[&Property], watch: &mut dyn Watch) {
        let budget = self.explorer.budget;
        let byzantine = self.explorer.model.peers.iter().any(|peer| !peer.runs) && budget != Some(0);
        if byzantine && budget.is_some() {
            // What was met with fewer messages is something to say at once.
            self.explorer.universe.grow(&mut self.explorer.engine);
        }
        let mut states_max = if byzantine { FIRST_TURN_STATES } else { usize::MAX };
        let mut turns = 0;
        loop {
            let complete = self.run(watch, states_max);
            if self.explorer.model.certificates.begin_anew() {
                // What was taken for the same is not: nothing that was computed with it is kept.
                self.limit = None;
                self.explorer = Explorer::new(self.explorer.model);
                self.explorer.budget = budget;
                self.begin(watch);
                self.records = Records::default();
                self.properties = Properties::new(chosen.iter().copied(), &self.explorer.model.observed);
                turns = 0;
                states_max = if byzantine { FIRST_TURN_STATES } else { usize::MAX };
                self.clear();
                continue;
            }
            if self.explorer.forget_if_contested() {
                // What was forgotten may be why something was reached.
                if matches!(self.limit, Some(Limit::Time | Limit::Memory)) {
                    self.decided.fill(None);
                    self.built_in = [None; 3];
                    break;
                }
                if self.limit != Some(Limit::Sets) {
                    self.clear();
                    continue;
                }
            }
            if self.limit.is_some() {
                break;
            }
            if self.is_decided() {
                break;
            }
            if !byzantine {
                break;
            }
            if turns < TURNS_MAX {
                turns += 1;
                let grown = self.explorer.universe.grow(&mut self.explorer.engine);
                if let Some(limit) = self.explorer.engine.halt.hit() {
                    self.limit = Some(limit);
                    break;
                }
                if complete && !grown {
                    break;
                }
            } else if complete {
                self.explorer.universe.cut |= self.explorer.universe.would_grow(&self.explorer.engine);
                break;
            }
            states_max = states_max.saturating_mul(TURN_FACTOR);
            self.clear();
        }
        self.counts.universe = self.explorer.universe.len();
    }

    fn clear(&mut self) {
        self.limit = None;
        self.space = Space::new(self.explorer.width());
        self.decided.fill(None);
        self.built_in = [None; 3];
        self.counts = Counts::default();
    }

    /// One turn; was everything explored?
    fn run(&mut self, watch: &mut dyn Watch, states_max: usize) -> bool {
        let options = &self.setup.options;
        let initial = self.explorer.initial();
        self.space.add(&initial, NONE);
        let mut at = 0u32;
        let mut depth = 0u32;
        let mut level_ends = 1usize;
        let mut until_look = LOOK_EVERY;
        let mut next_computed = 0;
        while (at as usize) < self.space.len() {
            if at as usize == level_ends {
                depth += 1;
                level_ends = self.space.len();
            }
            self.counts.depth = depth;
            until_look = until_look.saturating_sub(1);
            let computed = self.explorer.engine.tally.computed;
            // A state costs little, a step that nobody computed before may cost much.
            if until_look == 0 || computed >= next_computed {
                next_computed = computed.saturating_add(LOOK_EVERY as u64);
                until_look = LOOK_EVERY;
                let memory = self.memory(watch);
                let (states, queue) = (self.space.len(), self.space.len() - at as usize);
                watch.progress(&Progress { states, queue, depth, memory });
                if self.exploring_until().is_some_and(|limit| watch.elapsed() >= limit) {
                    self.limit = Some(Limit::Time);
                    break;
                }
                // A table that grows is there twice for a moment.
                if memory.saturating_add(self.space.about_to_take(LOOK_EVERY * 16)) >= options.memory_max {
                    self.limit = Some(Limit::Memory);
                    break;
                }
            }
            if options.depth_max.is_some_and(|limit| depth >= limit) {
                self.look(at);
                self.limit = Some(Limit::Depth);
                at += 1;
                continue;
            }
            if options.engine == Engine::Either
                && options.depth_max.is_none()
                && self.space.len() >= STATES_FIRST
            {
                self.limit = Some(Limit::Sets);
                break;
            }
            // States in which nobody remembers what turns out to be contested prove nothing.
            let engine = &self.explorer.engine;
            let anew = self.explorer.model.certificates.is_split()
                || engine.evidence.has_grown()
                || engine.settled.may_be_wrong();
            if self.space.len() >= states_max || anew {
                return false;
            }
            self.expand(at);
            if let Some(limit) = self.explorer.engine.halt.hit() {
                self.limit = Some(limit);
                break;
            }
            at += 1;
            if self.is_decided() {
                break;
            }
        }
        self.counts.open = match self.limit {
            Some(Limit::Depth) => {
                self.space.len().saturating_sub(level_start(&self.space, self.counts.depth))
            }
            _ => self.space.len() - at as usize,
        };
        self.counts.states = self.space.len();
        self.counts.memory = self.memory(watch);
        let [_, machines, _, messages] = self.explorer.engine.counts();
        self.counts.machines = machines;
        self.counts.messages = messages;
        self.counts.computed = self.explorer.engine.tally.computed;
        self.counts.remembered = self.explorer.engine.tally.remembered;
        self.counts.locals = self.explorer.locals_by_peer(|_| true);
        self.limit.is_none()
    }

    /// Is all that was asked for decided by single states, and decided?
    fn is_decided(&self) -> bool {
        let names = &self.setup.options.properties;
        let built_in = |name: &String| BUILT_IN.iter().any(|(built_in, _)| built_in == name);
        !names.is_empty() && self.decided.iter().all(Option::is_some) && !names.iter().any(built_in)
    }

    /// Looks at a state: properties, then what every protocol must hold. Is anything under way?
    fn look(&mut self, number: u32) -> bool {
        let state = self.space.get(number).to_vec();
        let values = self.properties.values(&mut self.explorer, &mut self.records, &state);
        let broken = self.explorer.locals(&state).to_vec();
        let broken = broken.into_iter().fold(0, |bits, local| bits | self.explorer.engine.info(local).broken);
        for (watched, decided) in self.properties.watched.iter().zip(&mut self.decided) {
            if decided.is_none() && watched.judge(values, broken) != Said::Nothing {
                *decided = Some(number);
            }
        }
        let mut ended = true;
        let [fault, _, stuck] = &mut self.built_in;
        for local in self.explorer.locals(&state).to_vec() {
            let info = self.explorer.engine.info(local);
            ended &= info.ended;
            if info.fault != 0 {
                fault.get_or_insert(number);
            }
            if info.stuck.is_some() {
                stuck.get_or_insert(number);
            }
        }
        ended
    }

    fn expand(&mut self, number: u32) {
        let ended = self.look(number);
        let state = self.space.get(number).to_vec();
        let (space, counts) = (&mut self.space, &mut self.counts);
        let (before, mut aided) = (counts.transitions, 0);
        self.explorer.successors(&state, &mut |_: &Label, next| {
            counts.transitions += 1;
            aided += u64::from(said(next) != said(&state));
            if fewer(space, next).is_none() {
                space.add(next, number);
            }
        });
        let whole = self.explorer.engine.halt.hit().is_none();
        // Nobody may depend on what byzantine members say, where it is counted.
        if whole && counts.transitions == before + aided && !ended && !self.explorer.standing(&state).cut {
            let [_, deadlock, _] = &mut self.built_in;
            deadlock.get_or_insert(number);
        }
    }

    fn outcome(&mut self, watch: &dyn Watch) -> Outcome {
        let limit = self.setup.options.time_max;
        let over = &mut || limit.is_some_and(|limit| watch.elapsed() >= limit);
        // What is shown is computed again from here on.
        self.explorer.engine.halt = Halt::default();
        let mut verdicts = Vec::new();
        for (number, watched) in self.properties.watched.clone().into_iter().enumerate() {
            let state = self.decided.get(number).copied().flatten();
            let result = self.finding(&watched.property, watched.first, state, over);
            let shows = matches!(watched.property.claim, Claim::Sometimes(_)) && self.setup.options.witness;
            let witness = state.filter(|_| shows).map(|state| {
                let path = temporal::back(&self.space, state);
                Box::new(self.example(&path, "here it is true".to_owned()))
            });
            verdicts.push(Verdict {
                property: watched.property.name.clone(),
                kind: kind(&watched.property.claim),
                title: watched.property.title.clone(),
                result,
                witness,
            });
        }
        let [fault, deadlock, stuck] = self.built_in;
        for (number, (name, title)) in BUILT_IN.iter().enumerate() {
            let names = &self.setup.options.properties;
            if !names.is_empty() && !names.iter().any(|chosen| chosen == name) {
                continue;
            }
            let result = match number {
                0 => self.safety(fault),
                1 => self.safety(deadlock),
                2 => self.safety(stuck),
                _ if self.limit.is_some() => not_decided(),
                _ => {
                    let graph = temporal::can_end(&mut self.explorer, &self.space, over);
                    self.graph(graph, "from here on, no run brings every instance to an end")
                }
            };
            let title = Some((*title).to_owned());
            verdicts.push(Verdict {
                property: (*name).to_owned(),
                kind: "built-in",
                title,
                result,
                witness: None,
            });
        }
        let abstractions = self.explorer.abstractions();
        let fired = self.fired();
        let estimate = self.limit.filter(|limit| *limit != Limit::Sets).map(|_| {
            let until =
                self.exploring_until().map(|until| until.saturating_add(limit.map_or(until, telling)));
            self.explorer.engine.halt = Halt::at(watch, until, self.setup.options.memory_max);
            let first = self.space.get(0).to_vec();
            let space = &self.space;
            let known =
                &mut |_: &mut Explorer<'_>, state: &[u32]| super::explore::known(space, state).is_some();
            let levels = estimate::levels(space);
            Estimate { levels, ..estimate::estimate(&mut self.explorer, &first, known) }
        });
        Outcome {
            scope: self.explorer.model.scope.clone(),
            counts: self.counts.clone(),
            limit: self.limit,
            budget: None,
            estimate,
            fired,
            verdicts,
            abstractions,
        }
    }

    /// Transitions of the transaction of the scope that fired.
    fn fired(&self) -> Part {
        fired(self.setup, &self.explorer.engine.covered)
    }

    fn finding(
        &mut self,
        property: &Property,
        first: usize,
        state: Option<u32>,
        over: &mut dyn FnMut() -> bool,
    ) -> Finding {
        match &property.claim {
            Claim::Always(_) | Claim::Never(_) => self.safety(state),
            Claim::Sometimes(_) => match (state, self.limit) {
                (Some(_), _) => Finding::Holds,
                (None, None) if self.explorer.budget.is_some() => Finding::NotDecided(NEEDS_MORE.to_owned()),
                (None, None) => Finding::Never,
                (None, Some(_)) => not_decided(),
            },
            Claim::Eventually(_) | Claim::Leads(..) if self.limit.is_some() => not_decided(),
            Claim::Eventually(_) => {
                let graph = temporal::leads(
                    &mut self.explorer,
                    &mut self.properties,
                    &mut self.records,
                    &self.space,
                    None,
                    first,
                    over,
                );
                self.graph(graph, "nothing has to happen any more, and it has not come true")
            }
            Claim::Leads(..) => {
                let graph = temporal::leads(
                    &mut self.explorer,
                    &mut self.properties,
                    &mut self.records,
                    &self.space,
                    Some(first),
                    first + 1,
                    over,
                );
                self.graph(graph, "nothing has to happen any more, and what it leads to has not come true")
            }
        }
    }

    fn safety(&mut self, state: Option<u32>) -> Finding {
        match (state, self.limit) {
            (Some(state), _) => {
                let path = temporal::back(&self.space, state);
                let reason = chart::reason(&mut self.explorer, self.space.get(state));
                Finding::Violated(Box::new(self.example(&path, reason)))
            }
            (None, None) => Finding::Holds,
            (None, Some(_)) => Finding::NotRefuted,
        }
    }

    fn graph(&mut self, graph: Graph, reason: &str) -> Finding {
        match graph {
            Graph::Holds => Finding::Holds,
            Graph::Open(why) => Finding::NotDecided(why),
            Graph::Path(path) => Finding::Violated(Box::new(self.example(&path, reason.to_owned()))),
        }
    }

    fn example(&mut self, path: &[u32], reason: String) -> Counterexample {
        let states: Vec<Vec<u32>> = path.iter().map(|number| self.space.get(*number).to_vec()).collect();
        let labels = chart::labels(&mut self.explorer, &states);
        let steps = chart::steps(&mut self.explorer, &states, &labels);
        let scripts = replay::scripts(&mut self.explorer, &mut self.records, &states, &labels);
        Counterexample { reason, steps, scripts }
    }
}

/// Transitions of the transaction of the scope, and which of them fired.
pub(super) fn fired(setup: &Setup, covered: &Covered) -> Part {
    let Some(package) = setup.packages.first() else { return Part::default() };
    Coverage::of(&package.protocol, covered, &setup.specification.files).transitions
}

pub(super) fn not_decided() -> Finding {
    Finding::NotDecided("not everything was explored".to_owned())
}

/// The first state at a depth.
fn level_start(space: &Space, depth: u32) -> usize {
    let depth_of = |number: usize| {
        let number = u32::try_from(number).unwrap_or(NONE);
        u32::try_from(temporal::back(space, number).len()).unwrap_or(u32::MAX).saturating_sub(1)
    };
    // Depths never go back in breadth-first order.
    let (mut low, mut high) = (0usize, space.len());
    while low < high {
        let middle = low.midpoint(high);
        if depth_of(middle) < depth { low = middle + 1 } else { high = middle }
    }
    low
}

pub(super) fn kind(claim: &Claim) -> &'static str {
    match claim {
        Claim::Always(_) => "always",
        Claim::Never(_) => "never",
        Claim::Eventually(_) => "eventually",
        Claim::Sometimes(_) => SOMETIMES,
        Claim::Leads(..) => "leads",
    }
}
