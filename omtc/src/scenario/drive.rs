//! The steps of a scenario, in order, and what is watched meanwhile.

use super::coverage::Covered;
use super::deviation::{Deviation, Kind};
use super::picture::{Changed, Picture};
use super::show::{Names, seconds};
use super::stage::{Stage, lock};
use super::story::{Cause, Entry, EntryKind};
use super::{Options, Run, facts};
use crate::source::Span;
use crate::spec::{Claim, Query, START, Scenario, Specification, StepKind};
use omt_runtime::crypto;
use omt_runtime::host::{Event as Heard, EventKind, Key, Seen};
use omt_runtime::id::{Hash, PeerId, SessionId};
use omt_runtime::ir::{self, Handler, Type, describe};
use omt_runtime::machine::{Program, Taken};
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Types};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod event;
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
    let deviation = drive.play(scenario).err().map(|deviation| *deviation);
    let players = &drive.stage.picture.players;
    Run {
        deviation,
        names: players.iter().map(|player| (player.id, player.name.clone())).collect(),
        elapsed: drive.stage.world.now().saturating_sub(START),
        messages: drive.messages,
        steps: drive.steps,
        digest: drive.stage.world.trace(),
        story: drive.story,
        covered: drive.covered,
    }
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

    fn tell(&mut self, kind: EntryKind) {
        self.story.push(Entry { at: self.at(), kind });
    }

    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "events may be added; what nobody tells is no part of the story"
    )]
    fn hear(&mut self, who: &str, event: Heard) -> Outcome {
        let peer = who.to_owned();
        let name = |drive: &Self, id: &PeerId| drive.picture().name(id);
        match event.kind {
            EventKind::Accepted { from, message, .. } => self.accepted = Some((from, message)),
            EventKind::Stepped { key, actor, taken, state, seen: Some(seen), .. } => {
                return self.stepped(peer, &key, actor, taken, state, &seen);
            }
            EventKind::Sent { key, to, message, id, payload } => {
                let (from, receiver) = (peer, name(self, &to));
                let way = lock(&self.stage.rules).way(&id, &to);
                self.said(from, Some(receiver), &key, message, id, &payload, way, false);
            }
            EventKind::Gossiped { key, message, id, payload } if self.gossiped.insert(id) => {
                self.said(peer, None, &key, message, id, &payload, super::Way::default(), false);
            }
            // What a trigger of the scenario came to is told with the trigger.
            EventKind::Refused { what, .. } if self.firing.as_ref() == Some(&what) => {}
            EventKind::Refused { from, what, reason, detail, .. } => {
                let from = name(self, &from);
                self.tell(EntryKind::Refused { peer, from, what, reason, detail });
            }
            EventKind::Deferred { from, message, .. } => {
                let from = name(self, &from);
                self.tell(EntryKind::Waits { peer, from, message, early: false });
            }
            EventKind::Early { from, message, .. } => {
                let from = name(self, &from);
                self.tell(EntryKind::Waits { peer, from, message, early: true });
            }
            EventKind::Fault { fault, stopped, .. } => {
                let text = fault.to_string();
                self.tell(EntryKind::Faulted { peer: peer.clone(), fault: text.clone(), stopped });
                // What the fault may come from has a better explanation.
                self.missing_native()?;
                if stopped {
                    let message = format!("a fault stopped an instance of {peer}: {}", fault.kind);
                    let deviation = self.deviation(Kind::Fault, message).label("during this step");
                    return Err(Box::new(deviation.facts(vec![text])));
                }
            }
            EventKind::Appended { kind, height, .. } => {
                self.tell(EntryKind::Appended { peer, block: kind, height });
            }
            EventKind::TaskStarted { task } => {
                self.tell(EntryKind::TaskStarted { peer, task: task.task });
            }
            EventKind::Equivocation { author } => {
                let author = name(self, &author);
                self.tell(EntryKind::Proof { peer, author });
            }
            EventKind::ProtocolRefused { by, .. } => {
                let by = name(self, &by);
                self.tell(EntryKind::Unknown { peer, by });
            }
            // Told with the step that they belong to, or with what follows from them.
            _ => {}
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one entry")]
    fn said(
        &mut self,
        from: String,
        to: Option<String>,
        key: &Key,
        message: String,
        id: Hash,
        payload: &[u8],
        way: super::Way,
        injected: bool,
    ) {
        let Some(transaction) = self.picture().transaction(&key.protocol) else { return };
        let Some(package) = self.picture().packages().get(transaction) else { return };
        let types = Types::new(&package.protocol, package.id);
        let payload = types.decode(&Type::Message(message.clone()), payload).unwrap_or(Value::Null);
        self.messages += 1;
        let message = crate::spec::MessageName { transaction, name: message };
        self.covered.said(&message);
        self.tell(EntryKind::Said { from, to, message, session: key.session, id, payload, injected, way });
    }

    fn stepped(
        &mut self,
        peer: String,
        key: &Key,
        actor: String,
        taken: Vec<Taken>,
        state: String,
        seen: &Seen,
    ) -> Outcome {
        self.steps += 1;
        let Some(player) = self.picture().index(&peer) else { return Ok(()) };
        let known = self.picture().figures.len();
        let changed = self.stage.picture.take(player, key, &actor, &state, seen);
        let changed = changed.map_err(|error| {
            Box::new(self.deviation(Kind::Fault, format!("the instance of {peer} cannot be read: {error}")))
        })?;
        let Some(transaction) = self.picture().transaction(&key.protocol) else { return Ok(()) };
        self.covered.took(transaction, &actor, &taken);
        let accepted = self.accepted.take().map(|(from, message)| (self.picture().name(&from), message));
        let package = self.picture().packages().get(transaction);
        let cause = package.and_then(|package| cause(package, &actor, taken.first()?, accepted));
        let digest = digest(seen);
        let session = key.session;
        let cause = cause.unwrap_or_else(|| Cause::Trigger(String::new()));
        self.tell(EntryKind::Stepped { peer, transaction, actor, session, cause, taken, state, digest });
        if known < self.picture().figures.len() && known >= self.options.instance_count_max {
            let message = format!("{} instances have come to exist", known.saturating_add(1));
            return Err(Box::new(self.deviation(Kind::Limit, message).label("still not done here")));
        }
        self.properties(Some(&changed))
    }

    /// Every property that is about every instant; with a change, only those that it may have altered.
    fn properties(&self, changed: Option<&Changed>) -> Outcome {
        for property in &self.specification.properties {
            let (query, wanted) = match &property.claim {
                Claim::Always(query) => (query, true),
                Claim::Never(query) => (query, false),
                Claim::Eventually(_) | Claim::Sometimes(_) | Claim::Leads(..) => continue,
            };
            let touched = changed.is_none_or(|changed| {
                query.reads_now
                    || query.roles().any(|role| changed.roles.contains(role))
                    || (changed.chains && query.reads_peers())
            });
            if !touched {
                continue;
            }
            let result = self.stage.library.evaluator.holds(query, self.picture());
            if result == Ok(wanted) {
                continue;
            }
            let name = &property.name;
            let (message, label) = match &result {
                Err(fault) => {
                    (format!("the property {name} has no value: {}", fault.kind), fault.kind.to_string())
                }
                Ok(true) => {
                    (format!("the property {name} does not hold"), "this must never be true".to_owned())
                }
                Ok(false) => {
                    (format!("the property {name} does not hold"), "this must always be true".to_owned())
                }
            };
            let facts = facts::of(self.specification, query, self.picture());
            let deviation = Deviation::new(Kind::Property, self.at(), query.at, message).label(label);
            let deviation = match changed {
                Some(_) => deviation.also(self.here, "broken during this step"),
                None => deviation.also(self.here, "before anything has happened"),
            };
            return Err(Box::new(deviation.facts(facts)));
        }
        Ok(())
    }
}

/// What a step reacted to.
fn cause(package: &Package, actor: &str, first: &Taken, accepted: Option<(String, String)>) -> Option<Cause> {
    if let Some((from, message)) = accepted {
        return Some(Cause::Message { message, from });
    }
    let state = package.protocol.actors.get(actor)?.states.get(&first.from)?;
    let limit = |index: &u32| {
        let limit = usize::try_from(*index).ok().and_then(|index| state.limits.get(index));
        limit.map(|limit| describe::path(&limit.value)).unwrap_or_default()
    };
    match state.handlers.get(usize::try_from(first.handler).ok()?)? {
        Handler::Collect(collect) => {
            Some(Cause::Message { message: collect.message.clone(), from: String::new() })
        }
        Handler::Transition(transition) => Some(match &transition.cause {
            ir::Cause::Trigger(name) => Cause::Trigger(name.clone()),
            ir::Cause::Task(name) => Cause::Task(name.clone()),
            ir::Cause::Timeout(index) => Cause::Timeout(limit(index)),
            ir::Cause::Period(index) => Cause::Period(limit(index)),
            ir::Cause::Message(message) => Cause::Message { message: message.clone(), from: String::new() },
            ir::Cause::Auto => return None,
        }),
    }
}

/// Everything that a step left behind, in one hash.
fn digest(seen: &Seen) -> Hash {
    let mut shared = Vec::new();
    for (field, value) in &seen.shared {
        shared.extend(wire::to_bytes(field));
        shared.extend(value);
    }
    let parts = (crypto::sha256(&seen.snapshot), crypto::sha256(&shared), seen.chain.head_hash());
    crypto::hash(&parts)
}

/// The names of the cast, to show values with.
fn names(picture: &Picture) -> Names<'_> {
    Names::new(picture)
}
