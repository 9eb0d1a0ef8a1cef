//! One input of one peer and everything that follows from it there, at once: what a host does between two inputs from
//! outside. A step, then what the peer has for itself (messages to itself, triggers of other transactions), each a step
//! of its own, until nothing is left.

use super::engine::Engine;
use super::env::StepEnv;
use super::local::{ANY_TIME, Deadline, FAR, Instance, Local, MessageKey, Status};
use super::model::Model;
use super::observe::Single;
use super::table::index;
use crate::spec::InstanceParts;
use omt_runtime::chain::Equivocation;
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::ir::analysis::Disposition;
use omt_runtime::ir::{ExprKind, Limit, Type};
use omt_runtime::machine::{Effect, Fault, Fired, Input, Machine, Reaction, Refusal, Taken, Timer};
use omt_runtime::value::Value;
use omt_runtime::wire;
use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Is a limit a duration from when the state was entered, rather than an instant, and not one that the scope gives?
fn lasts(limit: &Limit, given: &BTreeSet<String>) -> bool {
    let mut named = false;
    limit.value.walk(&mut |expr| {
        named |= matches!(&expr.kind, ExprKind::Parameter(name) if given.contains(name));
    });
    !named && *limit.value.ty.plain() == Type::Duration
}

/// Steps that follow from one input inside a peer; hosts have a limit, too.
const INNER_STEPS_MAX: usize = 1_024;

/// Something that a peer has for itself.
#[derive(Clone)]
enum Own {
    /// A message to itself.
    Message(u32),
    /// A trigger of another transaction.
    Firing { protocol: u32, actor: String, trigger: String, arguments: Vec<Vec<u8>> },
}

/// What an input came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A step fired in this instance.
    Fired(usize),
    /// Nothing changed.
    Refused(Refused),
    /// It waits for a later state.
    Deferred,
    /// Undone.
    Faulted(Box<Fault>),
}

/// How something was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It leaves no trace.
    Untouched,
    /// It is used up.
    UsedUp,
}

/// A peer at work.
pub(super) struct Work<'e, 'm> {
    engine: &'e mut Engine<'m>,
    local: Local,
    now: i64,
    own: VecDeque<Own>,
    /// Did the last step ask what the machine alone does not tell?
    asked: bool,
    /// Did any?
    asked_ever: bool,
}

impl<'e, 'm> Work<'e, 'm> {
    /// Goes on from a local state.
    pub fn begin(engine: &'e mut Engine<'m>, number: u32) -> Option<Work<'e, 'm>> {
        let local = Local::clone(engine.local_of(number)?);
        let ahead = engine.model.peers.get(index(local.peer)).map_or(0, |peer| peer.ahead);
        let now = local.clock.saturating_add(ahead);
        Some(Work { engine, local, now, own: VecDeque::new(), asked: false, asked_ever: false })
    }

    /// The local state that it came to.
    pub fn end(mut self) -> u32 {
        self.settle();
        self.engine.local(self.local)
    }

    /// Did what happened depend on the instant, the chain or the shared store?
    pub fn asked_ever(&self) -> bool {
        self.asked_ever
    }

    fn model(&self) -> &'m Model {
        self.engine.model
    }

    fn instance(&self, at: usize) -> Option<Arc<Instance>> {
        self.local.instances.get(at).and_then(|number| self.engine.instance_of(*number)).map(Arc::clone)
    }

    fn set_instance(&mut self, at: usize, instance: Instance) {
        let number = self.engine.instances.add(instance).0;
        if let Some(slot) = self.local.instances.get_mut(at) {
            *slot = number;
        }
    }

    fn find(&self, protocol: u32, session: Hash) -> Option<usize> {
        self.local.instances.iter().position(|number| {
            self.engine.instance_of(*number).is_some_and(|i| i.protocol == protocol && i.session == session)
        })
    }

    /// A message from outside. Did anything change?
    pub fn deliver(&mut self, message: u32) -> bool {
        // A host remembers what a message proves before anything is made of it, and also if nothing is.
        let me = self.model().peers.get(index(self.local.peer)).map_or(PeerId([0; 32]), |peer| peer.id);
        let heard = self.engine.evidence.note(self.local.heard, message, &me);
        let noted = heard != self.local.heard;
        self.local.heard = heard;
        let changed = match self.offer(message, false) {
            Outcome::Fired(_) => true,
            Outcome::Refused(refused) => refused == Refused::UsedUp,
            Outcome::Deferred | Outcome::Faulted(_) => false,
        };
        noted || changed
    }

    /// Offers a message to the instance of its session, or to the roles that it may create.
    fn offer(&mut self, number: u32, own: bool) -> Outcome {
        const UNTOUCHED: Outcome = Outcome::Refused(Refused::Untouched);
        let Some(message) = self.engine.message_of(number).cloned() else { return UNTOUCHED };
        let key = &message.key;
        let Some(program) = self.model().program(key.protocol) else { return UNTOUCHED };
        let Some(declared) = program.protocol().messages.get(&*key.name) else { return UNTOUCHED };
        let input = Input::Message(Arc::clone(&message.incoming));
        let Some(at) = self.find(key.protocol, key.session) else {
            if key.to.is_none() {
                return UNTOUCHED;
            }
            for actor in &declared.to {
                let creating = program.package.analysis.actors.get(actor).map(|actor| &actor.creating);
                if !creating.is_some_and(|creating| creating.contains(&*key.name)) {
                    continue;
                }
                let Some(machine) = self.engine.fresh(key.protocol, actor, key.session) else { continue };
                let fresh = Fresh { protocol: key.protocol, actor: actor.as_str().into(), machine };
                if let Outcome::Fired(at) = self.step(Err(fresh), &input) {
                    self.take(at, number);
                    return Outcome::Fired(at);
                }
            }
            return UNTOUCHED;
        };
        let Some(instance) = self.instance(at) else { return UNTOUCHED };
        let for_it = key.to.is_none() || declared.to.iter().any(|to| **to == *instance.actor);
        if instance.status != Status::Running || !for_it || self.engine.contains(instance.taken, number) {
            return UNTOUCHED;
        }
        let refusal = (instance.machine, number, self.local.peer);
        let state = self.engine.machine_of(instance.machine).map(|machine| machine.state());
        let disposition =
            state.map(|state| program.package.analysis.disposition(&instance.actor, state, &key.name));
        if !own && disposition != Some(Disposition::Handled) && self.model().reductions.quiet_deliveries {
            return UNTOUCHED;
        }
        if !own && self.engine.refusals.contains_key(&refusal) {
            return UNTOUCHED;
        }
        let before = self.local.clone();
        let outcome = self.step(Ok(at), &input);
        match &outcome {
            Outcome::Fired(at) => {
                if self.local != before && self.model().reductions.settled_messages {
                    let name = (key.protocol, Arc::clone(&key.name));
                    self.engine.settled.takes(instance.machine, number, &name);
                }
                self.take(*at, number);
                self.offer_held(*at);
            }
            Outcome::Refused(Refused::UsedUp) if own || !self.model().reductions.quiet_deliveries => {
                self.take(at, number);
                return Outcome::Refused(Refused::UsedUp);
            }
            Outcome::Faulted(_) if !own && !self.model().reductions.quiet_deliveries => {
                self.take(at, number);
                return Outcome::Refused(Refused::UsedUp);
            }
            Outcome::Refused(_) | Outcome::Deferred | Outcome::Faulted(_) => {
                if !self.asked && !own {
                    self.engine.refusals.insert(refusal, ());
                }
                if matches!(outcome, Outcome::Refused(_)) {
                    return UNTOUCHED;
                }
            }
        }
        outcome
    }

    /// The instance never takes this message again.
    fn take(&mut self, at: usize, message: u32) {
        let Some(instance) = self.instance(at) else { return };
        if instance.status != Status::Running {
            return;
        }
        if self.may_come_again(at, message) || self.is_settled(instance.machine, message) {
            return;
        }
        let taken = self.engine.with(instance.taken, message);
        let taken = self.of_use(&instance, taken);
        self.set_instance(at, Instance { taken, ..Instance::clone(&instance) });
    }

    /// Would nothing that the machine can come to take the message again? Of honest members: they say it once.
    fn is_settled(&mut self, machine: u32, message: u32) -> bool {
        if !self.model().reductions.settled_messages || self.engine.is_said(message) {
            return false;
        }
        let Some(key) = self.engine.message_of(message).map(|message| &message.key) else { return false };
        let name = (key.protocol, Arc::clone(&key.name));
        !self.engine.settled.remembers(machine, message, &name)
    }

    /// A byzantine member says the same again under another number, as often as it likes. Unless an instance counts
    /// up with it: then once is enough.
    fn may_come_again(&mut self, at: usize, message: u32) -> bool {
        let Some(message) = self.engine.message_of(message).cloned() else { return false };
        let from = self.model().peers.get(index(message.key.from));
        if !self.model().reductions.byzantine_repeats || from.is_none_or(|from| from.runs) {
            return false;
        }
        let machine = self.instance(at).map(|instance| instance.machine);
        let (local, own, asked) = (self.local.clone(), self.own.clone(), self.asked);
        self.step(Ok(at), &Input::Message(Arc::clone(&message.incoming)));
        let same = self.instance(at).map(|instance| instance.machine) == machine;
        (self.local, self.own, self.asked) = (local, own, asked);
        same
    }

    fn of_use(&mut self, instance: &Instance, taken: u32) -> u32 {
        let state = self.engine.machine_of(instance.machine).map(|machine| machine.state().to_owned());
        match (state, self.model().program(instance.protocol)) {
            (Some(state), Some(program)) if self.model().reductions.finished_ids => {
                self.engine.still_of_use(taken, program, &instance.actor, &state)
            }
            _ => taken,
        }
    }

    /// Offers messages to itself again that waited for a later state, oldest first, starting over after each that fired.
    fn offer_held(&mut self, at: usize) {
        for _ in 0..INNER_STEPS_MAX {
            let Some(instance) = self.instance(at) else { return };
            let mut fired = false;
            for message in instance.held.clone() {
                let Some(incoming) = self.engine.message_of(message).map(|m| Arc::clone(&m.incoming)) else {
                    continue;
                };
                let outcome = self.step(Ok(at), &Input::Message(incoming));
                if !matches!(outcome, Outcome::Deferred) {
                    self.release(at, message);
                }
                if matches!(outcome, Outcome::Fired(_)) {
                    fired = true;
                    break;
                }
            }
            if !fired {
                return;
            }
        }
    }

    fn release(&mut self, at: usize, message: u32) {
        if let Some(instance) = self.instance(at) {
            let mut instance = Instance::clone(&instance);
            instance.held.retain(|held| *held != message);
            self.set_instance(at, instance);
        }
    }

    /// A time limit or period of an instance has passed.
    pub fn timer(&mut self, at: usize, limit: u32) {
        let Some(instance) = self.instance(at) else { return };
        let timer = instance.timers.iter().find(|timer| timer.limit == limit).copied();
        let mut used = Instance::clone(&instance);
        let horizon = self.model().horizon;
        used.timers.retain_mut(|timer| {
            if timer.limit != limit {
                return true;
            }
            let Some(period) = timer.period.filter(|period| *period > 0) else { return false };
            if timer.at == ANY_TIME {
                return true;
            }
            let missed = self.now.saturating_sub(timer.at).max(0) / period;
            timer.at = timer.at.saturating_add(period.saturating_mul(missed.saturating_add(1)));
            if timer.at > horizon {
                timer.at = FAR;
            }
            true
        });
        used.timers.sort();
        self.set_instance(at, used);
        let input = match timer.and_then(|timer| timer.period) {
            Some(_) => Input::Period { limit },
            None => Input::Timeout { limit },
        };
        self.inner(at, &input);
    }

    /// A task of an instance has ended.
    pub fn task(&mut self, at: usize, name: &str) {
        let Some(instance) = self.instance(at) else { return };
        let mut used = Instance::clone(&instance);
        let arguments = used.tasks.remove(name).unwrap_or_default();
        self.set_instance(at, used);
        let (peer, protocol) = (index(self.local.peer), index(instance.protocol));
        let result = self.model().task(peer, protocol, name, &arguments).unwrap_or(Value::Null);
        let result = if result.is_null() { None } else { Some(wire::to_bytes(&result)) };
        self.inner(at, &Input::TaskResult { task: name.to_owned(), result });
    }

    /// An input whose fault stops the instance.
    fn inner(&mut self, at: usize, input: &Input) {
        match self.step(Ok(at), input) {
            Outcome::Fired(at) => self.offer_held(at),
            Outcome::Faulted(fault) => self.stop(at, &fault),
            Outcome::Refused(_) | Outcome::Deferred => {}
        }
    }

    fn stop(&mut self, at: usize, fault: &Fault) {
        let Some(instance) = self.instance(at) else { return };
        self.local.fault = self.engine.fault(fault);
        let stopped = Instance {
            status: Status::Faulted,
            timers: Vec::new(),
            tasks: std::collections::BTreeMap::new(),
            taken: 0,
            held: Vec::new(),
            ..Instance::clone(&instance)
        };
        self.set_instance(at, stopped);
    }

    /// Fires a trigger. Did anything change?
    pub fn trigger(
        &mut self,
        protocol: u32,
        actor: &str,
        trigger: &str,
        arguments: Vec<Vec<u8>>,
        session: Option<Hash>,
    ) -> bool {
        match self.call(protocol, actor, trigger, arguments, session) {
            Some(Outcome::Fired(_)) => true,
            Some(Outcome::Faulted(fault)) => {
                self.local.fault = self.engine.fault(&fault);
                true
            }
            Some(Outcome::Refused(_) | Outcome::Deferred) | None => false,
        }
    }

    fn call(
        &mut self,
        protocol: u32,
        actor: &str,
        trigger: &str,
        arguments: Vec<Vec<u8>>,
        session: Option<Hash>,
    ) -> Option<Outcome> {
        let program = self.model().program(protocol)?;
        let declared = program.protocol().actors.get(actor)?.triggers.get(trigger)?;
        let key = &program.protocol().session_key;
        let named = declared.arguments.iter().zip(&arguments).find(|(argument, _)| argument.name == *key);
        let named = named.and_then(|(_, bytes)| wire::decode_checked::<Hash>(bytes).ok());
        // A host draws a session for what names none; no two triggers of a scope draw the same.
        let session = named.or(session).unwrap_or_else(|| self.new_session());
        let input = Input::Trigger { name: trigger.to_owned(), arguments };
        let outcome = match self.find(protocol, session) {
            Some(at) => {
                let instance = self.instance(at)?;
                if *instance.actor != *actor || instance.status != Status::Running {
                    return None;
                }
                self.step(Ok(at), &input)
            }
            None => {
                let machine = self.engine.fresh(protocol, actor, session)?;
                self.step(Err(Fresh { protocol, actor: actor.into(), machine }), &input)
            }
        };
        if let Outcome::Fired(at) = outcome {
            self.offer_held(at);
        }
        Some(outcome)
    }

    fn new_session(&self) -> Hash {
        let me = self.model().peers.get(index(self.local.peer)).map_or(PeerId([0; 32]), |peer| peer.source);
        let seed = ("omt-verify-session".to_owned(), me, self.local.instances.len() as u64);
        omt_runtime::crypto::hash(&seed)
    }

    /// What the peer has for itself, until nothing is left.
    fn settle(&mut self) {
        for _ in 0..INNER_STEPS_MAX {
            match self.own.pop_front() {
                None => return,
                Some(Own::Message(message)) => {
                    let outcome = self.offer(message, true);
                    if matches!(outcome, Outcome::Deferred) {
                        self.hold(message);
                    }
                }
                Some(Own::Firing { protocol, actor, trigger, arguments }) => {
                    // Whatever comes of it, it is used up; a fault of it is one of the protocol.
                    if let Some(Outcome::Faulted(fault)) =
                        self.call(protocol, &actor, &trigger, arguments, None)
                    {
                        self.local.fault = self.engine.fault(&fault);
                    }
                }
            }
        }
    }

    fn hold(&mut self, message: u32) {
        let session = self.engine.message_of(message).map(|m| (m.key.protocol, m.key.session));
        let at = session.and_then(|(protocol, session)| self.find(protocol, session));
        if let Some(at) = at
            && let Some(instance) = self.instance(at)
        {
            let mut instance = Instance::clone(&instance);
            instance.held.push(message);
            self.set_instance(at, instance);
        }
    }

    /// One step of an instance, or of one that it creates.
    fn step(&mut self, of: Result<usize, Fresh>, input: &Input) -> Outcome {
        const UNTOUCHED: Outcome = Outcome::Refused(Refused::Untouched);
        let (before, protocol, actor) = match &of {
            Ok(at) => {
                let Some(instance) = self.instance(*at) else { return UNTOUCHED };
                if instance.status != Status::Running {
                    return UNTOUCHED;
                }
                let Some(machine) = self.engine.machine_of(instance.machine) else { return UNTOUCHED };
                (Arc::clone(machine), instance.protocol, Arc::clone(&instance.actor))
            }
            Err(fresh) => (Arc::clone(&fresh.machine), fresh.protocol, Arc::clone(&fresh.actor)),
        };
        let shareds = self.engine.shareds.get(self.local.shared).map(Arc::clone);
        let place = (protocol, actor.to_string());
        let Some(chain) = self.engine.chain_of(self.local.chain).cloned() else { return UNTOUCHED };
        let convicted = self.engine.evidence.convicted(self.local.heard);
        let evidence = |peer: &PeerId| -> Option<Arc<Equivocation>> {
            convicted.iter().find(|(author, _)| author == peer).map(|(_, proof)| Arc::clone(proof))
        };
        let mut env = StepEnv {
            model: self.model(),
            peer: index(self.local.peer),
            protocol: index(protocol),
            now: self.now,
            shared: shareds.as_ref().and_then(|stores| stores.get(&place)),
            chain,
            draws: self.local.draws,
            evidence: &evidence,
            written: std::collections::BTreeMap::new(),
            appended: false,
            asked: Cell::new(false),
        };
        let result = before.step(input, &mut env);
        let (asked, written, draws) = (env.asked.get(), std::mem::take(&mut env.written), env.draws);
        let chain = env.appended.then(|| env.chain.clone());
        self.asked = asked;
        self.asked_ever |= asked;
        self.engine.tally.computed += 1;
        let fired = match result {
            Ok(Reaction::Fired(fired)) => fired,
            Ok(Reaction::Refused(Refusal::Stranger)) => return UNTOUCHED,
            Ok(Reaction::Refused(_) | Reaction::Discarded) => return Outcome::Refused(Refused::UsedUp),
            Ok(Reaction::Deferred) => return Outcome::Deferred,
            Err(fault) => return Outcome::Faulted(Box::new(fault)),
        };
        let session = fired.machine.session();
        // The creating step may assign the session, to one that is free.
        if of.is_err() && self.find(protocol, session).is_some() {
            return UNTOUCHED;
        }
        self.local.draws = draws;
        if !written.is_empty() {
            let mut stores = shareds.map(|stores| (*stores).clone()).unwrap_or_default();
            stores.entry(place).or_default().extend(written);
            self.local.shared = self.engine.shareds.add(stores).0;
        }
        if let Some(chain) = chain {
            self.local.chain = self.engine.chain(chain);
        }
        let instance = match &of {
            Ok(at) => self.instance(*at).map(|instance| Instance::clone(&instance)),
            Err(_) => None,
        };
        let instance = instance.unwrap_or_else(|| Instance {
            protocol,
            actor: Arc::clone(&actor),
            session,
            machine: 0,
            status: Status::Running,
            timers: Vec::new(),
            tasks: std::collections::BTreeMap::new(),
            taken: 0,
            held: Vec::new(),
            next_sequence: 0,
        });
        let at = match &of {
            Ok(at) => *at,
            Err(_) => {
                self.local.instances.push(0);
                self.local.instances.len() - 1
            }
        };
        let (fresh, was) = (of.is_err(), instance.machine);
        self.commit(at, instance, fired);
        if let Some(instance) = self.instance(at).filter(|_| !fresh) {
            self.engine.settled.step(was, instance.machine);
        }
        Outcome::Fired(at)
    }

    /// Keeps what a step that fired came to.
    fn commit(&mut self, at: usize, mut instance: Instance, fired: Fired) {
        let Fired { machine, taken, effects, timers, completed } = fired;
        if let Some(timers) = timers {
            let program = self.model().program(instance.protocol);
            let actor = program.and_then(|program| program.protocol().actors.get(&*instance.actor));
            let state = actor.and_then(|actor| actor.states.get(machine.state()));
            let deadline = |timer: Timer| {
                let limit = state.and_then(|state| state.limits.get(index(timer.limit)));
                let free = self.model().any_durations
                    && limit.is_some_and(|limit| lasts(limit, &self.model().given));
                let far = timer.at > self.model().horizon;
                let at = if free {
                    ANY_TIME
                } else if far {
                    FAR
                } else {
                    timer.at
                };
                Deadline { at, ..Deadline::from(timer) }
            };
            instance.timers = timers.into_iter().map(deadline).collect();
            instance.timers.sort();
        }
        self.engine.covered.took(index(instance.protocol), &instance.actor, &taken);
        let effects: Vec<Effect> =
            effects.into_iter().map(|effect| self.engine.normal_effect(instance.protocol, effect)).collect();
        self.effects(&mut instance, &effects, completed);
        self.after(&instance, &*machine, &taken);
        let before = taken.first().map(|step| step.from.as_str());
        self.judge(&instance, before.unwrap_or_else(|| machine.state()), &*machine);
        let machine = self.engine.cleared(instance.protocol, machine);
        instance.machine = self.engine.machine(instance.protocol, machine);
        if completed {
            instance.status = Status::Completed;
            instance.timers.clear();
            instance.tasks.clear();
            instance.held.clear();
            instance.taken = 0;
            instance.next_sequence = 0;
        } else {
            instance.taken = self.of_use(&instance, instance.taken);
        }
        self.set_instance(at, instance);
    }

    /// What properties say of single instances, while nothing that they read is forgotten.
    fn judge(&mut self, instance: &Instance, before: &str, machine: &dyn Machine) {
        let model = self.model();
        let (protocol, actor) = (index(instance.protocol), &*instance.actor);
        let Some(program) = model.program(instance.protocol) else { return };
        let Some(judged) = program.judged.get(actor).and_then(|judged| judged.get(before)) else { return };
        let watches = model.observed.watches(protocol, actor).enumerate();
        let mut watches = watches.filter(|(at, _)| judged.contains(at)).map(|(_, watch)| watch).peekable();
        if watches.peek().is_none() {
            return;
        }
        let Some(peer) = model.peers.get(index(self.local.peer)) else { return };
        let Some(chain) = self.engine.chain_of(self.local.chain) else { return };
        let shareds = self.engine.shareds.get(self.local.shared);
        let fields = shareds.and_then(|stores| stores.get(&(instance.protocol, actor.to_owned())));
        let parts = InstanceParts {
            package: &program.package,
            machine,
            shared: &|name: &str| fields.and_then(|fields| fields.get(name)).cloned(),
            peer: peer.id,
            honest: peer.honest,
            chain,
        };
        let Ok(record) = crate::spec::instance(&parts) else { return };
        for watch in watches {
            let situation = Single { role: &watch.role, record: record.clone(), model };
            if model.evaluator.holds(&watch.query, &situation).map_or(true, |holds| holds == watch.wrong) {
                self.local.broken |= watch.bit;
            }
        }
    }

    fn effects(&mut self, instance: &mut Instance, effects: &[Effect], completed: bool) {
        let me = self.model().home(self.local.peer);
        let counted = self.model().counts(instance.protocol, self.local.peer);
        // One message to several receivers is one statement, under one number.
        let mut made: Vec<(&str, &[u8], Vec<Option<u32>>, u64)> = Vec::new();
        for effect in effects {
            let (to, name, payload) = match effect {
                Effect::Send { to, message, payload } => {
                    let to = self.model().by_id.get(to).and_then(|index| u32::try_from(*index).ok());
                    let Some(to) = to else { continue };
                    (Some(to), message.as_str(), payload.as_slice())
                }
                Effect::Gossip { message, payload } => (None, message.as_str(), payload.as_slice()),
                Effect::Start { task, arguments } => {
                    if !completed {
                        instance.tasks.insert(task.clone(), arguments.clone());
                    }
                    continue;
                }
            };
            let same = made
                .iter_mut()
                .find(|(n, p, receivers, _)| *n == name && *p == payload && !receivers.contains(&to));
            let sequence = match same {
                Some((_, _, receivers, sequence)) => {
                    receivers.push(to);
                    *sequence
                }
                None => {
                    let number = if counted { instance.next_sequence } else { 0 };
                    instance.next_sequence += u64::from(counted);
                    made.push((name, payload, vec![to], number));
                    number
                }
            };
            let mut key = MessageKey {
                from: me,
                to,
                protocol: instance.protocol,
                session: instance.session,
                name: name.into(),
                payload: payload.into(),
                sequence,
            };
            let mut message = self.engine.message(key.clone());
            // Said again, it is another message; said often, the later ones are lost.
            while !counted && to != Some(me) && self.engine.contains(self.local.sent, message) {
                key.sequence += 1;
                if key.sequence >= self.model().repeats {
                    self.engine.often.insert(name.to_owned());
                    break;
                }
                message = self.engine.message(key.clone());
            }
            if to == Some(me) {
                self.own.push_back(Own::Message(message));
            } else if !self.engine.adds_nothing(self.local.sent, message) {
                self.local.sent = self.engine.with(self.local.sent, message);
            }
        }
    }

    /// Triggers of other transactions that wait for a state which this step entered.
    fn after(&mut self, instance: &Instance, machine: &dyn Machine, taken: &[Taken]) {
        let model = self.model();
        let Some(program) = model.program(instance.protocol) else { return };
        let number = &program.protocol().number;
        let mut entered: Vec<&str> = Vec::new();
        for step in taken.iter().filter(|step| step.from != step.to) {
            if !entered.contains(&step.to.as_str()) {
                entered.push(&step.to);
            }
        }
        for state in entered {
            // The transaction of the scope runs alone unless told otherwise.
            let running = if model.composed { model.programs.len() } else { 1 };
            for (protocol, other) in (0u32..).zip(&model.programs).take(running) {
                for (actor, declared) in &other.protocol().actors {
                    for (name, trigger) in &declared.triggers {
                        let waits = trigger.after.as_ref().is_some_and(|after| {
                            after.transaction == *number
                                && after.actor == *instance.actor
                                && after.state == state
                        });
                        if waits {
                            let field = |name: &str| {
                                machine.field(name).unwrap_or_else(|| wire::to_bytes(&None::<u64>))
                            };
                            let arguments = trigger.arguments.iter().map(|a| field(&a.name)).collect();
                            let (actor, trigger) = (actor.clone(), name.clone());
                            self.own.push_back(Own::Firing { protocol, actor, trigger, arguments });
                        }
                    }
                }
            }
        }
    }
}

/// A machine that is not an instance yet.
struct Fresh {
    protocol: u32,
    actor: Arc<str>,
    machine: Arc<dyn Machine>,
}
