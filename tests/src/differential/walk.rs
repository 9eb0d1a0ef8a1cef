//! Random walks on both executors.

#![allow(clippy::wildcard_enum_match_arm, reason = "a generator names the kinds that it has a recipe for")]

use super::compare::{difference, word};
use super::scratch::{Known, Scratch, key};
use super::twin::{Seen, Sights};
use super::values::{Dice, Pool, unchecked_signature};
use omt_runtime::chain::Segment;
use omt_runtime::envelope::Envelope;
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::ir::{Actor, Cause, Handler, State, Type};
use omt_runtime::machine::{Effect, Incoming, Input, Machine, Program, Reaction};
use omt_runtime::testing::MemoryViews;
use omt_runtime::value::Value;
use omt_runtime::wire;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Inputs of one walk.
const WALK_LENGTH: u64 = 16;

/// Instances, and messages on their way, that are remembered.
const INSTANCES_MAX: usize = 512;

/// What was reached.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Steps taken on both executors.
    pub steps: u64,
    /// How they ended.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Handlers taken: actor, state, index, `else`.
    pub taken: BTreeSet<(String, String, u32, bool)>,
    /// Handlers that there are, `else`s too.
    pub handlers: BTreeSet<(String, String, u32, bool)>,
    /// Kinds of faults.
    pub faults: BTreeMap<String, u64>,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, all) = (self.taken.intersection(&self.handlers).count(), self.handlers.len());
        writeln!(f, "{} steps, {taken} of {all} handlers taken, {:?}", self.steps, self.outcomes)?;
        writeln!(f, "faults: {:?}", self.faults)?;
        for (actor, state, index, otherwise) in self.handlers.difference(&self.taken) {
            writeln!(f, "never: {actor} {state} {index}{}", if *otherwise { " else" } else { "" })?;
        }
        Ok(())
    }
}

/// Both executors of one protocol, and what is known of it.
pub struct Walker<'p> {
    first: &'p dyn Program,
    second: &'p dyn Program,
    sights: &'p Sights,
    pool: Pool<'p>,
    dice: Dice,
    seed: u64,
    views: MemoryViews,
    /// Answers of native functions by name: those that were seen, made-up ones where none was.
    natives: BTreeMap<String, Vec<Vec<u8>>>,
    /// Messages that walks sent, at whoever they were meant for.
    sent: Vec<Seen>,
    /// The last that is known of an instance: by peer and session.
    instances: BTreeMap<(PeerId, Hash), (String, Vec<u8>, Known)>,
    /// The last that each peer knew.
    worlds: BTreeMap<PeerId, Known>,
    /// What happened.
    pub coverage: Coverage,
}

impl<'p> Walker<'p> {
    /// Ready to walk.
    pub fn new(first: &'p dyn Program, second: &'p dyn Program, sights: &'p Sights, seed: u64) -> Walker<'p> {
        let package = first.package();
        let mut walker = Walker {
            first,
            second,
            sights,
            pool: Pool::new(&package.protocol, package.id),
            dice: Dice::new(seed),
            seed,
            views: MemoryViews::default(),
            natives: sights.natives.clone(),
            sent: Vec::new(),
            instances: BTreeMap::new(),
            worlds: BTreeMap::new(),
            coverage: Coverage::default(),
        };
        walker.list_handlers();
        for seen in &sights.seen {
            walker.learn_input(&seen.actor, &seen.input);
        }
        for (name, native) in &package.protocol.natives {
            if !walker.natives.contains_key(name) {
                let made_up = (0..8).filter_map(|_| walker.pool.value(&mut walker.dice, &native.returns, 0));
                let answers = made_up.map(|value| wire::to_bytes(&value)).collect();
                walker.natives.insert(name.clone(), answers);
            }
        }
        walker
    }

    fn list_handlers(&mut self) {
        for (name, actor) in &self.first.package().protocol.actors {
            for (state_name, state) in &actor.states {
                for (index, handler) in (0u32..).zip(&state.handlers) {
                    self.coverage.handlers.insert((name.clone(), state_name.clone(), index, false));
                    if matches!(handler, Handler::Transition(t) if t.otherwise.is_some()) {
                        self.coverage.handlers.insert((name.clone(), state_name.clone(), index, true));
                    }
                }
            }
        }
    }

    /// Keeps what an input carried.
    fn learn_input(&mut self, actor: &str, input: &Input) {
        let protocol = &self.first.package().protocol;
        match input {
            Input::Message(incoming) => {
                let ty = Type::Message(incoming.envelope.message.to_string());
                self.pool.see_bytes(&mut self.dice, &ty, &incoming.envelope.payload);
                self.pool.see_bytes(&mut self.dice, &Type::PeerId, &wire::to_bytes(&incoming.sender));
            }
            Input::Trigger { name, arguments } => {
                let trigger = protocol.actors.get(actor).and_then(|actor| actor.triggers.get(name));
                for (argument, bytes) in trigger.into_iter().flat_map(|t| &t.arguments).zip(arguments) {
                    self.pool.see_bytes(&mut self.dice, &argument.ty, bytes);
                }
            }
            Input::Timeout { .. } | Input::Period { .. } | Input::TaskResult { .. } => {}
        }
    }

    /// Walks until that many steps are taken.
    ///
    /// # Errors
    /// Where the executors differ.
    pub fn walk(&mut self, steps: u64) -> Result<(), String> {
        while self.coverage.steps < steps {
            self.one_walk()?;
        }
        Ok(())
    }

    fn one_walk(&mut self) -> Result<(), String> {
        let seen = match self.dice.below(100) {
            0..30 => None,
            30..70 => self.dice.pick(&self.sent).cloned(),
            _ => self.dice.pick(&self.sights.seen).cloned(),
        };
        let (actor_name, mut known, mut first, mut second) = match &seen {
            Some(seen) => self.begin_seen(seen)?,
            None => self.begin_fresh()?,
        };
        let protocol = &self.first.package().protocol;
        let Some(actor) = protocol.actors.get(&actor_name) else { return Ok(()) };
        let mut next = seen.filter(|_| self.dice.chance(75)).map(|seen| seen.input);
        for _ in 0..1 + self.dice.below(WALK_LENGTH) {
            let Some(input) = next.take().or_else(|| self.input(&actor_name, actor, &*first)) else {
                continue;
            };
            let salt = self.dice.any();
            let mut left = Scratch::seeded(known.clone(), salt, &self.natives, &self.views);
            let came = first.step(&input, &mut left);
            let (after, asked) = left.known();
            let mut right = Scratch::seeded(known.clone(), salt, &self.natives, &self.views);
            let other = second.step(&input, &mut right);
            let (came, other) = ((came, asked), (other, right.known().1));
            self.coverage.steps += 1;
            *self.coverage.outcomes.entry(word(&came.0)).or_default() += 1;
            if let Some(text) = difference(&came, &other) {
                return Err(format!(
                    "seed {}, step {}: {actor_name} in {} on {input:?}\nthe executors differ:\n{text}",
                    self.seed,
                    self.coverage.steps,
                    first.state(),
                ));
            }
            match (came.0, other.0) {
                (Ok(Reaction::Fired(fired)), Ok(Reaction::Fired(other))) => {
                    for taken in &fired.taken {
                        let place = (actor_name.clone(), taken.from.clone(), taken.handler, taken.otherwise);
                        self.coverage.taken.insert(place);
                    }
                    self.learn_effects(&fired.effects);
                    known = after;
                    first = fired.machine;
                    second = other.machine;
                    self.check_fields(actor, &*first, &*second)?;
                    self.pass_on(&actor_name, &known, &*first, &fired.effects);
                    if self.dice.chance(10) {
                        second = self.restored(&actor_name, &*first)?;
                    }
                    if fired.completed && self.dice.chance(80) {
                        break;
                    }
                }
                (Err(fault), _) => {
                    let kind = format!("{:?}", fault.kind);
                    let kind = kind.split(['(', ' ']).next().unwrap_or_default().to_owned();
                    *self.coverage.faults.entry(kind).or_default() += 1;
                }
                _ => {}
            }
            if self.dice.chance(30) {
                known.now = known.now.saturating_add(self.dice.below(600_000_000) as i64);
            }
        }
        Ok(())
    }

    #[allow(clippy::type_complexity)]
    fn begin_seen(&self, seen: &Seen) -> Result<(String, Known, Box<dyn Machine>, Box<dyn Machine>), String> {
        let make = |program: &dyn Program| {
            match &seen.before {
                Some(before) => program.restore(&seen.actor, before),
                None => program.start(&seen.actor, seen.session),
            }
            .map_err(|error| error.to_string())
        };
        Ok((seen.actor.clone(), seen.known.clone(), make(self.first)?, make(self.second)?))
    }

    #[allow(clippy::type_complexity)]
    fn begin_fresh(&mut self) -> Result<(String, Known, Box<dyn Machine>, Box<dyn Machine>), String> {
        let names: Vec<&String> = self.first.package().protocol.actors.keys().collect();
        let name = self.dice.pick(&names).map(|name| (*name).clone()).unwrap_or_default();
        let session = Hash([self.dice.below(256) as u8; 32]);
        let make = |program: &dyn Program| program.start(&name, session).map_err(|error| error.to_string());
        let known = match self.dice.pick(&self.sights.seen).filter(|seen| seen.actor == name) {
            Some(seen) => seen.known.clone(),
            None => Known::nothing(self.dice.below(6)),
        };
        Ok((name.clone(), known, make(self.first)?, make(self.second)?))
    }

    fn restored(&self, actor: &str, first: &dyn Machine) -> Result<Box<dyn Machine>, String> {
        let saved = first.save();
        let second = self.second.restore(actor, &saved).map_err(|error| error.to_string())?;
        if second.save() == saved { Ok(second) } else { Err(format!("{actor}: a snapshot is not restored")) }
    }

    fn check_fields(
        &mut self,
        actor: &Actor,
        first: &dyn Machine,
        second: &dyn Machine,
    ) -> Result<(), String> {
        for (name, field) in &actor.store {
            let value = first.field(name);
            if value != second.field(name) {
                return Err(format!("field {name} of {} differs", first.actor()));
            }
            if let Some(bytes) = value {
                self.pool.see_bytes(&mut self.dice, &field.ty, &bytes);
            }
        }
        Ok(())
    }

    fn learn_effects(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Send { message, payload, .. } | Effect::Gossip { message, payload } = effect {
                self.pool.see_bytes(&mut self.dice, &Type::Message(message.clone()), payload);
            }
        }
    }

    /// Remembers the instance, and what it sent for those whom it is meant for.
    fn pass_on(&mut self, actor: &str, known: &Known, machine: &dyn Machine, effects: &[Effect]) {
        let session = machine.session();
        let here = (actor.to_owned(), machine.save(), known.clone());
        self.instances.insert((known.peer, session), here);
        self.worlds.insert(known.peer, known.clone());
        if self.instances.len() > INSTANCES_MAX {
            self.instances.pop_first();
        }
        for effect in effects {
            let Effect::Send { to, message, payload } = effect else { continue };
            let Ok(value) = wire::from_bytes::<Value>(payload) else { continue };
            let input = self.message(machine, message, &value, known.peer);
            let seen = match self.instances.get(&(*to, session)) {
                Some((actor, before, known)) => Seen {
                    actor: actor.clone(),
                    session,
                    before: Some(before.clone()),
                    known: known.clone(),
                    input,
                },
                None => {
                    let declared = self.first.package().protocol.messages.get(message);
                    let Some(actor) = declared.and_then(|declared| declared.to.first()) else { continue };
                    let known = self.worlds.get(to).cloned().unwrap_or_else(|| Known {
                        peer: *to,
                        chain: Segment::empty(*to),
                        shared: BTreeMap::new(),
                        ..known.clone()
                    });
                    Seen { actor: actor.clone(), session, before: None, known, input }
                }
            };
            if self.sent.len() < INSTANCES_MAX {
                self.sent.push(seen);
            } else {
                let place = self.dice.below(INSTANCES_MAX as u64) as usize;
                self.sent[place] = seen;
            }
        }
    }

    /// Something that might happen next.
    fn input(&mut self, actor_name: &str, actor: &Actor, machine: &dyn Machine) -> Option<Input> {
        // What happened in this session in the first place leads on.
        if self.dice.chance(35) {
            let of_session: Vec<&Seen> = self
                .sights
                .seen
                .iter()
                .filter(|seen| seen.actor == actor_name && seen.session == machine.session())
                .collect();
            if let Some(seen) = self.dice.pick(&of_session) {
                return Some(seen.input.clone());
            }
        }
        let state = actor.states.get(machine.state())?;
        let cause = self.cause(actor, state)?;
        self.caused(actor, machine, &cause)
    }

    /// Mostly something that the state handles.
    fn cause(&mut self, actor: &Actor, state: &State) -> Option<Cause> {
        let here: Vec<Cause> = state
            .handlers
            .iter()
            .map(|handler| match handler {
                Handler::Transition(transition) => transition.cause.clone(),
                Handler::Collect(collect) => Cause::Message(collect.message.clone()),
            })
            .filter(|cause| *cause != Cause::Auto)
            .collect();
        if self.dice.chance(75)
            && let Some(cause) = self.dice.pick(&here)
        {
            return Some(cause.clone());
        }
        let protocol = &self.first.package().protocol;
        let messages: Vec<&String> = protocol.messages.keys().collect();
        let triggers: Vec<&String> = actor.triggers.keys().collect();
        let tasks: Vec<&String> = protocol.tasks.keys().collect();
        match self.dice.below(6) {
            0 | 1 => self.dice.pick(&messages).map(|name| Cause::Message((*name).clone())),
            2 => self.dice.pick(&triggers).map(|name| Cause::Trigger((*name).clone())),
            3 => self.dice.pick(&tasks).map(|name| Cause::Task((*name).clone())),
            4 => Some(Cause::Timeout(self.dice.below(4) as u32)),
            _ => Some(Cause::Period(self.dice.below(4) as u32)),
        }
    }

    fn caused(&mut self, actor: &Actor, machine: &dyn Machine, cause: &Cause) -> Option<Input> {
        let package = Arc::clone(self.first.package());
        match cause {
            Cause::Auto => None,
            Cause::Timeout(limit) => Some(Input::Timeout { limit: *limit }),
            Cause::Period(limit) => Some(Input::Period { limit: *limit }),
            Cause::Task(name) => {
                let returns = package.protocol.tasks.get(name).map(|task| task.returns.clone())?;
                let result = match self.dice.chance(80) {
                    true => Some(wire::to_bytes(&self.pool.value(&mut self.dice, &returns, 0)?)),
                    false => None,
                };
                Some(Input::TaskResult { task: name.clone(), result })
            }
            Cause::Trigger(name) => {
                let trigger = actor.triggers.get(name)?;
                let arguments = trigger
                    .arguments
                    .iter()
                    .map(|argument| {
                        Some(wire::to_bytes(&self.pool.value(&mut self.dice, &argument.ty, 0)?))
                    })
                    .collect::<Option<Vec<_>>>()?;
                Some(Input::Trigger { name: name.clone(), arguments })
            }
            Cause::Message(name) => {
                let payload = self.pool.value(&mut self.dice, &Type::Message(name.clone()), 0)?;
                let roles = package.protocol.messages.get(name).map(|message| message.from.clone())?;
                let sender = self.sender(actor, machine, &roles);
                Some(self.message(machine, name, &payload, sender))
            }
        }
    }

    /// Mostly somebody who may send it.
    fn sender(&mut self, actor: &Actor, machine: &dyn Machine, roles: &[String]) -> PeerId {
        let mut players = Vec::new();
        for field in roles.iter().filter_map(|role| actor.peers.get(role)) {
            let Some(bytes) = machine.field(field) else { continue };
            match wire::from_bytes::<Value>(&bytes) {
                Ok(Value::Bytes(bytes)) => players.extend(PeerId::from_slice(&bytes).ok()),
                Ok(Value::List(list)) => players.extend(list.iter().filter_map(|value| match value {
                    Value::Bytes(bytes) => PeerId::from_slice(bytes).ok(),
                    _ => None,
                })),
                Ok(Value::Map(map)) => players.extend(map.keys().filter_map(|value| match value {
                    Value::Bytes(bytes) => PeerId::from_slice(bytes).ok(),
                    _ => None,
                })),
                _ => {}
            }
        }
        let chosen = if self.dice.chance(80) { self.dice.pick(&players).copied() } else { None };
        let peers = self.pool.peers();
        chosen
            .or_else(|| self.dice.pick(&peers).copied())
            .unwrap_or_else(|| key(self.dice.below(6)).peer_id())
    }

    fn message(&mut self, machine: &dyn Machine, name: &str, payload: &Value, sender: PeerId) -> Input {
        let session = machine.session();
        let envelope = Envelope {
            from: sender,
            session,
            protocol: self.first.package().id,
            message: name.into(),
            sequence: self.dice.below(100),
            time: 1_800_000_000_000_000,
            payload: wire::to_bytes(payload).into(),
            // Executors do not look at it: the host has.
            signature: Some(unchecked_signature()),
        };
        Input::Message(Arc::new(Incoming { envelope, sender }))
    }
}
