//! The steps of a scenario, in order, and what is watched meanwhile.

use super::coverage::Covered;
use super::deviation::{Deviation, Kind};
use super::picture::Picture;
use super::show::{Names, seconds};
use super::stage::{Stage, lock};
use super::story::{Entry, EntryKind};
use super::{Options, Run, facts};
use crate::source::Span;
use crate::spec::{Query, START, Scenario, Specification, StepKind};
use omt_runtime::host::EventKind;
use omt_runtime::id::{Hash, PeerId, SessionId};
use omt_runtime::machine::Program;
use omt_runtime::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod event;
mod hear;
mod sequence;

/// A deviation ends the run.
type Outcome<T = ()> = Result<T, Box<Deviation>>;

pub(super) fn run(
    specification: &Arc<Specification>,
    scenario: &Scenario,
    programs: &[Arc<dyn Program>],
    options: &Options,
) -> Run {
    if programs.len() != specification.transactions.len() {
        let text =
            format!("{} programs for {} transactions", programs.len(), specification.transactions.len());
        return nothing(scenario, Deviation::new(Kind::Cast, 0, scenario.at, text));
    }
    if let Some(deviation) = other_parameters(scenario, programs) {
        return nothing(scenario, deviation);
    }
    let specification = &specification.within(scenario);
    let stage = match Stage::set(specification, scenario, programs) {
        Ok(stage) => stage,
        Err(deviation) => return nothing(scenario, *deviation),
    };
    let mut drive = Drive {
        specification,
        options,
        stage,
        story: Vec::new(),
        covered: Covered::default(),
        events: 0,
        messages: 0,
        steps: 0,
        last_at: 0,
        here: scenario.at,
        accepted: None,
        gossiped: BTreeSet::new(),
        firing: None,
        spoken: BTreeMap::new(),
        sequences: Vec::new(),
    };
    let deviation = drive.play(scenario).err().map(|mut deviation| {
        if !scenario.parameters.is_empty() {
            let changed: Vec<String> = scenario.parameters.iter().map(ToString::to_string).collect();
            deviation.facts.push(format!("parameters of this scenario: {}", changed.join(", ")));
        }
        *deviation
    });
    let players = &drive.stage.picture.players;
    Run {
        deviation,
        // Of two processes of one key, the name of the first is that of the key.
        names: players.iter().rev().map(|player| (player.id, player.name.clone())).collect(),
        elapsed: drive.stage.world.now().saturating_sub(START),
        messages: drive.messages,
        steps: drive.steps,
        digest: drive.stage.world.trace(),
        story: drive.story,
        covered: drive.covered,
    }
}

/// Programs that run with other parameters than the scenario wants.
fn other_parameters(scenario: &Scenario, programs: &[Arc<dyn Program>]) -> Option<Deviation> {
    let differs = |setting: &&crate::spec::Setting| {
        let mut having = setting.transactions.iter().filter_map(|index| programs.get(*index));
        having.any(|program| !setting.holds_in(program.package()))
    };
    let setting = scenario.parameters.iter().find(differs)?;
    let text = format!("the programs have another value built in than {setting}");
    Some(Deviation::new(Kind::Cast, 0, scenario.at, text))
}

/// A run that did not begin.
fn nothing(scenario: &Scenario, deviation: Deviation) -> Run {
    let deviation = Some(deviation.also(scenario.at, "in this scenario"));
    Run {
        deviation,
        story: Vec::new(),
        names: BTreeMap::new(),
        elapsed: 0,
        messages: 0,
        steps: 0,
        covered: Covered::default(),
        digest: Hash::ZERO,
    }
}

struct Drive<'a> {
    specification: &'a Specification,
    options: &'a Options,
    stage: Stage,
    story: Vec<Entry>,
    covered: Covered,
    events: usize,
    messages: usize,
    steps: usize,
    /// Time of the last `at`, after the start.
    last_at: i64,
    /// The step of the scenario that is being done.
    here: Span,
    /// Who brought the message whose step comes next.
    accepted: Option<(PeerId, String)>,
    gossiped: BTreeSet<Hash>,
    /// The trigger that is being fired.
    firing: Option<String>,
    /// Messages that the scenario said, by speaker, transaction and session: their sequence numbers.
    spoken: BTreeMap<(PeerId, usize, SessionId), u64>,
    /// Places and arrows of `expect sequence`, for the end.
    sequences: Vec<(Span, Vec<crate::spec::Arrow>)>,
}

impl Drive<'_> {
    fn play(&mut self, scenario: &Scenario) -> Outcome {
        self.properties(None)?;
        for step in &scenario.steps {
            self.here = step.at;
            match &step.kind {
                StepKind::At { time, event } => {
                    self.reach(*time)?;
                    self.happen(event)?;
                    self.stage.world.approach(self.stage.world.now());
                    self.absorb(None)?;
                }
                StepKind::Disturb(disturb) => {
                    let Some(package) = self.stage.picture.packages().get(disturb.message.transaction) else {
                        continue;
                    };
                    let (protocol, picture) = (package.id, &self.stage.picture);
                    let id = |name: &str| picture.player(name).map(|player| player.id);
                    lock(&self.stage.rules).disturb(disturb, protocol, id);
                }
                StepKind::Expect { condition, within } => self.expect(condition, *within)?,
                StepKind::Sequence(arrows) => self.sequences.push((step.at, arrows.clone())),
            }
        }
        self.settle(None)?;
        self.judge_sequences()
    }

    fn picture(&self) -> &Picture {
        &self.stage.picture
    }

    /// Microseconds after the start.
    fn at(&self) -> i64 {
        self.stage.world.now().saturating_sub(START)
    }

    fn deviation(&self, kind: Kind, message: impl Into<String>) -> Deviation {
        Deviation::new(kind, self.at(), self.here, message)
    }

    /// Goes to the beginning of an instant, microseconds after the start.
    fn reach(&mut self, time: i64) -> Outcome {
        self.last_at = time;
        let until = START.saturating_add(time);
        if until < self.stage.world.now() {
            let now = seconds(self.at());
            let message = format!("it is {now} s already, and this is to happen at {} s", seconds(time));
            let deviation = self.deviation(Kind::Step, message).label("too late for this");
            return Err(Box::new(deviation.help(
                "an `expect … within` goes on when it is fulfilled: what comes after it happens later than that",
            )));
        }
        while let Some(next) = self.stage.world.next().filter(|next| *next < until) {
            self.pass(next)?;
            self.absorb(None)?;
        }
        self.in_time(until)?;
        self.stage.library.set_now(until);
        self.stage.world.approach(until);
        self.absorb(None)?;
        Ok(())
    }

    /// Everything at the instant `next` happens.
    fn pass(&mut self, next: i64) -> Outcome {
        self.in_time(next)?;
        // A world in which things happen that nobody tells of must end, too.
        self.count(1)?;
        self.stage.library.set_now(next);
        self.stage.world.step(next);
        Ok(())
    }

    fn in_time(&self, instant: i64) -> Outcome {
        if instant.saturating_sub(START) <= self.options.time_max {
            return Ok(());
        }
        let days = self.options.time_max / (24 * 3_600 * 1_000_000);
        let message = format!("the scenario is not over after {days} days of its time");
        Err(Box::new(self.deviation(Kind::Limit, message).label("still not done here")))
    }

    fn count(&mut self, more: usize) -> Outcome {
        self.events = self.events.saturating_add(more);
        if self.events <= self.options.event_count_max {
            return Ok(());
        }
        let message = format!("{} things have happened, and the scenario is not over", self.events);
        let repeated = self.repeated();
        Err(Box::new(self.deviation(Kind::Limit, message).label("still not done here").facts(repeated)))
    }

    /// What happens again and again when a limit is reached.
    fn repeated(&self) -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for entry in self.story.iter().rev().take(1_000) {
            if let EntryKind::Stepped { peer, taken, .. } = &entry.kind {
                for taken in taken {
                    *counts.entry(format!("{peer}: {} → {}", taken.from, taken.to)).or_default() += 1;
                }
            }
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(what, count)| format!("of the last thousand, {count} are {what}")).into_iter().collect()
    }

    /// Everything that is due at this instant happens. Was the condition true at some point?
    fn settle(&mut self, watch: Option<&Query>) -> Outcome<bool> {
        let mut held = self.absorb(watch)?;
        let now = self.stage.world.now();
        while self.stage.world.next() == Some(now) {
            self.pass(now)?;
            held |= self.absorb(watch)?;
        }
        Ok(held)
    }

    fn expect(&mut self, condition: &Query, within: Option<i64>) -> Outcome {
        let Some(within) = within else {
            self.settle(None)?;
            return if self.holds(condition) { Ok(()) } else { Err(self.unmet(condition, None)) };
        };
        if self.settle(Some(condition))? || self.holds(condition) {
            return Ok(());
        }
        let deadline = START.saturating_add(self.last_at).saturating_add(within);
        while let Some(next) = self.stage.world.next().filter(|next| *next <= deadline) {
            self.pass(next)?;
            if self.absorb(Some(condition))? || self.holds(condition) {
                return Ok(());
            }
        }
        self.in_time(deadline)?;
        self.stage.library.set_now(deadline);
        self.stage.world.approach(deadline);
        self.settle(None)?;
        if self.holds(condition) { Ok(()) } else { Err(self.unmet(condition, Some(within))) }
    }

    /// Is it true now? What has no value is not true.
    fn holds(&mut self, condition: &Query) -> bool {
        self.stage.picture.now = self.stage.world.now();
        self.stage.library.evaluator.holds(condition, &self.stage.picture) == Ok(true)
    }

    fn unmet(&self, condition: &Query, within: Option<i64>) -> Box<Deviation> {
        let facts = facts::of(self.specification, condition, self.picture());
        let result = self.stage.library.evaluator.holds(condition, self.picture());
        let when = match within {
            Some(within) => {
                let by = seconds(self.last_at.saturating_add(within));
                format!("is not true at any time until {by} s")
            }
            None => format!("is not true at {} s", seconds(self.at())),
        };
        let deviation = Deviation::new(Kind::Expectation, self.at(), condition.at, when).quoting();
        let deviation = match result {
            Err(fault) => deviation.label(format!("this has no value: {}", fault.kind)),
            Ok(_) => deviation.label("expected here"),
        };
        Box::new(deviation.facts(facts))
    }

    /// The value of an expression of a step.
    fn value(&mut self, query: &Query) -> Outcome<Value> {
        self.stage.picture.now = self.stage.world.now();
        let value = self.stage.library.evaluator.evaluate(query, &self.stage.picture);
        value.map_err(|fault| {
            let message = format!("this has no value at {} s: {}", seconds(self.at()), fault.kind);
            let facts = facts::of(self.specification, query, self.picture());
            let label = fault.kind.to_string();
            Box::new(Deviation::new(Kind::Value, self.at(), fault.at, message).label(label).facts(facts))
        })
    }

    /// Takes in what has happened. Was the condition true after some step?
    fn absorb(&mut self, watch: Option<&Query>) -> Outcome<bool> {
        let heard = std::mem::take(&mut *lock(&self.stage.heard));
        self.stage.picture.now = self.stage.world.now();
        let mut held = false;
        for (who, event) in heard {
            self.count(1)?;
            let stepped = matches!(event.kind, EventKind::Stepped { .. });
            self.hear(&who, event)?;
            held |= stepped && watch.is_some_and(|condition| self.holds(condition));
        }
        self.missing_native()?;
        Ok(held)
    }

    fn missing_native(&self) -> Outcome {
        let Some(wrong) = self.stage.library.take_wrong() else { return Ok(()) };
        let (member, native) = (wrong.member, wrong.native);
        Err(Box::new(match wrong.fault {
            Some((at, why)) => {
                let message = format!("the answer of {native} on {member} has no value: {why}");
                let deviation = Deviation::new(Kind::Native, self.at(), at, message).label(why);
                deviation.also(self.here, "asked for in this step")
            }
            None => {
                let message =
                    format!("{member} needs the native function {native}, and the cast does not give it");
                let deviation = self.deviation(Kind::Native, message).label("asked for in this step");
                deviation.help(format!("give {member} an answer: `natives {{ {native} … }}`"))
            }
        }))
    }
}

/// The names of the cast, to show values with.
fn names(picture: &Picture) -> Names<'_> {
    Names::new(picture)
}
