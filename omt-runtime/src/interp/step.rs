//! One step: which handler reacts, and what follows (LANGUAGE 6.3 to 6.6).

#![allow(clippy::wildcard_enum_match_arm, reason = "of a value, only the kind that validation promises")]

use super::eval::{Data, Exec, Slot};
use super::{Guard, Instance, Judged};
use crate::fault::FaultKind;
use crate::id::PeerId;
use crate::ir::analysis::Disposition;
use crate::ir::describe;
use crate::ir::{
    Actor, Branch, Cause, Collect, CollectForm, Expr, Handler, Override, OverrideKind, State, Transition,
    Type,
};
use crate::machine::{
    AUTO_TRANSITIONS_MAX, Env, Fault, Fired, Incoming, Input, Machine, Raised, Reaction, Refusal, Taken,
    Timer, rules,
};
use crate::value::Value;
use crate::wire;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Runs a step on a copy of the instance.
#[allow(clippy::result_large_err, reason = "as Machine::step")]
pub(super) fn run(instance: &Instance, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault> {
    let protocol = &instance.package.protocol;
    let known = protocol.actors.get(&instance.actor).and_then(|actor| {
        let state = actor.states.get(&instance.state)?;
        Some((actor, state))
    });
    // Neither can be missing: start and restore look for them.
    let Some((actor, state)) = known else { return Ok(Reaction::Discarded) };
    let exec = Exec {
        package: &instance.package,
        actor_name: &instance.actor,
        actor,
        env,
        session: instance.session,
        naming: !instance.created && matches!(input, Input::Trigger { .. }),
        store: instance.store.clone(),
        shared: BTreeMap::new(),
        shared_written: BTreeSet::new(),
        cause: Data::Nothing,
        slots: Vec::new(),
        base: 0,
        fold: None,
        effects: Vec::new(),
    };
    let mut step =
        Step { instance, exec, state_name: &instance.state, state, taken: Vec::new(), doing: Doing::Arrival };
    step.react(input).map_err(|raised| {
        let doing = match step.doing {
            Doing::Arrival => describe::ARRIVAL.to_owned(),
            Doing::Handler(handler) => describe::handler(step.state_name, step.state, handler),
            Doing::Override(entry) => describe::override_(entry),
            Doing::Limits => describe::LIMITS.to_owned(),
        };
        rules::fault(protocol, &instance.actor, step.state_name, doing, raised)
    })
}

/// An index as [`Taken`] counts.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// A handler that will react.
enum Choice<'p> {
    Transition { index: usize, transition: &'p Transition, otherwise: bool, frame: Vec<Slot<'p>> },
    Collect { index: usize, collect: &'p Collect, frame: Vec<Slot<'p>> },
}

/// What looking for one came to.
struct Search<'p> {
    choice: Option<Choice<'p>>,
    /// Did the state have any handler for the cause?
    handled: bool,
    /// Was the sender collected before? Does what it says now differ?
    repeated: Option<bool>,
}

struct Step<'p, 'e> {
    instance: &'p Instance,
    exec: Exec<'p, 'e>,
    /// The current state; an `auto` chain goes through several.
    state_name: &'p str,
    state: &'p State,
    taken: Vec<Taken>,
    /// What is at work, for faults.
    doing: Doing<'p>,
}

/// What a fault is blamed on; it gets its name when there is one.
#[derive(Clone, Copy)]
enum Doing<'p> {
    Arrival,
    Handler(&'p Handler),
    Override(&'p Override),
    Limits,
}

impl<'p> Step<'p, '_> {
    fn react(&mut self, input: &Input) -> Result<Reaction, Raised> {
        match input {
            Input::Message(incoming) => self.message(incoming),
            Input::Trigger { name, arguments } => self.trigger(name, arguments),
            Input::Timeout { limit } => self.plain(&Cause::Timeout(*limit)),
            Input::Period { limit } => self.plain(&Cause::Period(*limit)),
            Input::TaskResult { task, result } => self.task(task, result.as_deref()),
        }
    }

    fn message(&mut self, incoming: &Arc<Incoming>) -> Result<Reaction, Raised> {
        let name = &*incoming.envelope.message;
        let Some(message) = self.exec.protocol().messages.get(name) else { return Ok(Reaction::Discarded) };
        if self.state.terminal {
            return Ok(Reaction::Discarded);
        }
        let disposition = self.exec.package.analysis.disposition(self.exec.actor_name, self.state_name, name);
        if !self.admits(&message.from, incoming.sender) {
            let field = |field: &str| self.instance.field(field);
            let open = rules::roster_is_open(self.exec.protocol(), self.exec.actor_name, name, field);
            return Ok(if open && disposition == Disposition::Deferred {
                Reaction::Deferred
            } else {
                Reaction::Refused(Refusal::Stranger)
            });
        }
        let payload = self.exec.decode(&Type::Message(name.to_owned()), &incoming.envelope.payload)?;
        self.exec.cause = Data::Message { incoming: Arc::clone(incoming), payload };

        let search = self.search(&Cause::Message(name.to_owned()))?;
        if let Some(choice) = search.choice {
            return self.fire(choice);
        }
        if let Some(reaction) = self.overridden(name)? {
            return Ok(reaction);
        }
        if let Some(differs) = search.repeated {
            return Ok(Reaction::Refused(Refusal::Repeated { differs }));
        }
        if search.handled {
            return Ok(Reaction::Refused(Refusal::Guard));
        }
        Ok(match disposition {
            Disposition::Deferred => Reaction::Deferred,
            Disposition::Discarded | Disposition::Handled => Reaction::Discarded,
        })
    }

    /// The roster: does the sender play a role that sends this message? A role without a field is open to all. The
    /// message that creates the instance binds a single peer that is unset.
    fn admits(&mut self, from: &[String], sender: PeerId) -> bool {
        let creating = !self.instance.created && self.state_name == self.exec.actor.initial;
        let mut unset = None;
        for role in from {
            let Some(field) = self.exec.actor.peers.get(role) else { return true };
            match self.exec.store.get(field) {
                Some(Value::Peer(peer)) if *peer == sender => return true,
                Some(Value::List(peers)) if peers.iter().any(|peer| *peer == Value::Peer(sender)) => {
                    return true;
                }
                Some(Value::Map(peers)) if peers.contains_key(&Value::Peer(sender)) => return true,
                Some(_) => {}
                None => unset = unset.or(Some(field).filter(|field| single_peer(self.exec.actor, field))),
            }
        }
        match unset {
            Some(field) if creating => {
                self.exec.store.insert(field.clone(), Value::Peer(sender));
                true
            }
            _ => false,
        }
    }

    /// `ignore` and `defer`, in source order.
    fn overridden(&mut self, message: &str) -> Result<Option<Reaction>, Raised> {
        let entries = self.state.overrides.iter().enumerate();
        for (index, entry) in entries.filter(|(_, entry)| entry.message == message) {
            self.doing = Doing::Override(entry);
            let holds = match &entry.guard {
                None => true,
                Some(guard) => {
                    let holds = self.exec.framed(entry.frame.len(), Vec::new(), |exec| exec.holds(guard))?;
                    self.judged(Guard::Override(place(index)), holds);
                    holds
                }
            };
            if holds {
                return Ok(Some(match entry.kind {
                    OverrideKind::Ignore => Reaction::Discarded,
                    OverrideKind::Defer => Reaction::Deferred,
                }));
            }
        }
        Ok(None)
    }

    fn trigger(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Reaction, Raised> {
        let not_here = Ok(Reaction::Refused(Refusal::NotHere));
        let Some(trigger) = self.exec.actor.triggers.get(name) else { return not_here };
        if !trigger.states.iter().any(|state| state == self.state_name) {
            return not_here;
        }
        let mut named = BTreeMap::new();
        for (argument, bytes) in trigger.arguments.iter().zip(arguments) {
            named.insert(argument.name.clone(), self.exec.decode(&argument.ty, bytes)?);
        }
        self.exec.cause = Data::Trigger { arguments: named };
        let search = self.search(&Cause::Trigger(name.to_owned()))?;
        match search.choice {
            Some(choice) => self.fire(choice),
            None if search.handled => Ok(Reaction::Refused(Refusal::Guard)),
            None => not_here,
        }
    }

    fn task(&mut self, name: &str, result: Option<&[u8]>) -> Result<Reaction, Raised> {
        let Some(task) = self.exec.protocol().tasks.get(name) else { return Ok(Reaction::Discarded) };
        let result = match result {
            Some(bytes) => self.exec.decode(&task.returns, bytes)?,
            None => Value::Null,
        };
        self.exec.cause = Data::Task { result };
        self.plain(&Cause::Task(name.to_owned()))
    }

    /// A cause that is dropped where it is not handled.
    fn plain(&mut self, cause: &Cause) -> Result<Reaction, Raised> {
        let search = self.search(cause)?;
        match search.choice {
            Some(choice) => self.fire(choice),
            None if search.handled => Ok(Reaction::Refused(Refusal::Guard)),
            None => Ok(Reaction::Discarded),
        }
    }

    /// Looks for the handler that reacts: in source order the first whose guard is true, else the first `else`.
    fn search(&mut self, cause: &Cause) -> Result<Search<'p>, Raised> {
        let mut search = Search { choice: None, handled: false, repeated: None };
        // A state that is passed through handles nothing but its `auto`s.
        if self.state.passed_through() && *cause != Cause::Auto {
            return Ok(search);
        }
        let state: &'p State = self.state;
        let mut otherwise = None;
        for (index, handler) in state.handlers.iter().enumerate() {
            match handler {
                Handler::Transition(transition) if transition.cause == *cause => {
                    search.handled = true;
                    self.doing = Doing::Handler(handler);
                    let (holds, frame) = self.judge(transition)?;
                    if transition.guard.is_some() {
                        self.judged(Guard::Handler(place(index)), holds);
                    }
                    if holds {
                        search.choice =
                            Some(Choice::Transition { index, transition, otherwise: false, frame });
                        return Ok(search);
                    }
                    if otherwise.is_none() && transition.otherwise.is_some() {
                        otherwise = Some(Choice::Transition { index, transition, otherwise: true, frame });
                    }
                }
                Handler::Collect(collect) if matches!(cause, Cause::Message(name) if *name == collect.message) =>
                {
                    search.handled = true;
                    self.doing = Doing::Handler(handler);
                    if let Some(differs) = self.repeated(collect)? {
                        search.repeated = search.repeated.or(Some(differs));
                        continue;
                    }
                    let (holds, frame) =
                        self.judge_guard(collect.frame.len(), &[], collect.guard.as_ref())?;
                    if collect.guard.is_some() {
                        self.judged(Guard::Handler(place(index)), holds);
                    }
                    if holds {
                        search.choice = Some(Choice::Collect { index, collect, frame });
                        return Ok(search);
                    }
                }
                Handler::Transition(_) | Handler::Collect(_) => {}
            }
        }
        search.choice = otherwise;
        Ok(search)
    }

    fn judged(&self, guard: Guard, held: bool) {
        if let Some(probe) = &self.instance.probe {
            let (actor, state) = (self.exec.actor_name.to_owned(), self.state_name.to_owned());
            probe.judged(Judged { actor, state, guard, held });
        }
    }

    fn judge(&mut self, transition: &'p Transition) -> Result<(bool, Vec<Slot<'p>>), Raised> {
        self.judge_guard(transition.frame.len(), &transition.lets, transition.guard.as_ref())
    }

    /// Evaluates `let`s and guard; gives the frame, which the actions go on with.
    fn judge_guard(
        &mut self,
        frame: usize,
        lets: &'p [(u32, Expr)],
        guard: Option<&'p Expr>,
    ) -> Result<(bool, Vec<Slot<'p>>), Raised> {
        self.exec.framed(frame, Vec::new(), |exec| {
            for (slot, value) in lets {
                let value = exec.eval(value)?;
                exec.set_local(*slot, value)?;
            }
            let holds = guard.map_or(Ok(true), |guard| exec.holds(guard))?;
            let locals = exec.slots.get(exec.base..).unwrap_or_default().to_vec();
            Ok((holds, locals))
        })
    }

    /// Has the sender been collected already? Then: does the payload differ from the first?
    fn repeated(&mut self, collect: &Collect) -> Result<Option<bool>, Raised> {
        let Data::Message { incoming, payload } = &self.exec.cause else { return Ok(None) };
        let sender = Value::Peer(incoming.sender);
        let first = match (&collect.form, self.exec.store.get(&collect.into)) {
            (CollectForm::Map, Some(Value::Map(map))) => map.get(&sender),
            (CollectForm::SignedMap, Some(Value::Map(map))) => match map.get(&sender) {
                Some(Value::Signed(signed)) => Some(&signed.payload),
                other => other,
            },
            (CollectForm::List { senders }, Some(Value::List(list))) => {
                let senders = match self.exec.store.get(senders) {
                    Some(Value::List(senders)) => senders.as_slice(),
                    _ => &[],
                };
                senders.iter().position(|known| *known == sender).and_then(|position| list.get(position))
            }
            _ => return Err(FaultKind::internal("a collect into no collection").into()),
        };
        Ok(first.map(|first| first != payload))
    }

    /// Adds the message to what is collected.
    fn gather(&mut self, collect: &Collect) -> Result<(), Raised> {
        let internal = || Raised::from(FaultKind::internal("a collect into no collection"));
        let Data::Message { incoming, payload } = &self.exec.cause else { return Err(internal()) };
        let sender = Value::Peer(incoming.sender);
        let payload = payload.clone();
        match &collect.form {
            CollectForm::Map => {
                let Some(Value::Map(map)) = self.exec.store.get_mut(&collect.into) else {
                    return Err(internal());
                };
                map.insert(sender, payload);
            }
            CollectForm::SignedMap => {
                let envelope = Arc::new(incoming.envelope.clone());
                let signed = Value::Signed(Arc::new(crate::envelope::Signed::new(envelope, payload)));
                let Some(Value::Map(map)) = self.exec.store.get_mut(&collect.into) else {
                    return Err(internal());
                };
                map.insert(sender, signed);
            }
            CollectForm::List { senders } => {
                let Some(Value::List(known)) = self.exec.store.get_mut(senders) else {
                    return Err(internal());
                };
                let known = Arc::make_mut(known);
                // Ordered by sender.
                let position = known.partition_point(|other| *other < sender);
                known.insert(position, sender);
                let Some(Value::List(list)) = self.exec.store.get_mut(&collect.into) else {
                    return Err(internal());
                };
                let list = Arc::make_mut(list);
                list.insert(position.min(list.len()), payload);
            }
        }
        Ok(())
    }

    /// The chosen handler, then `auto`s of the new state until none is enabled, then the timers.
    fn fire(&mut self, choice: Choice<'p>) -> Result<Reaction, Raised> {
        self.take(choice)?;
        self.exec.cause = Data::Nothing;
        let mut autos = 0;
        loop {
            let search = self.search(&Cause::Auto)?;
            let Some(choice) = search.choice else { break };
            autos += 1;
            if autos > AUTO_TRANSITIONS_MAX {
                self.name(&choice);
                let at = match &choice {
                    Choice::Transition { transition, .. } => transition.meta.at,
                    Choice::Collect { collect, .. } => collect.meta.at,
                };
                return Err(Raised::from(FaultKind::AutoLimit).innermost(at));
            }
            self.take(choice)?;
        }
        // A visit begins anew when the instance is created, or was in another state in between.
        let began = self.instance.state.as_str();
        let anew = !self.instance.created || self.taken.iter().any(|taken| taken.to != began);
        let timers = if anew { Some(self.timers()?) } else { None };

        for name in std::mem::take(&mut self.exec.shared_written) {
            if let Some(value) = self.exec.shared.get(&name) {
                self.exec.env.set_shared(&name, wire::to_bytes(value));
            }
        }
        let machine = Instance {
            package: Arc::clone(&self.instance.package),
            actor: self.instance.actor.clone(),
            state: self.state_name.to_owned(),
            session: self.exec.session_now(),
            store: std::mem::take(&mut self.exec.store),
            created: true,
            probe: self.instance.probe.clone(),
        };
        Ok(Reaction::Fired(Fired {
            machine: Box::new(machine),
            taken: std::mem::take(&mut self.taken),
            effects: std::mem::take(&mut self.exec.effects),
            timers,
            completed: self.state.terminal,
        }))
    }

    fn name(&mut self, choice: &Choice<'p>) {
        let (Choice::Transition { index, .. } | Choice::Collect { index, .. }) = choice;
        if let Some(handler) = self.state.handlers.get(*index) {
            self.doing = Doing::Handler(handler);
        }
    }

    /// Runs the actions of a handler, and enters its target.
    fn take(&mut self, choice: Choice<'p>) -> Result<(), Raised> {
        self.name(&choice);
        let (index, otherwise, to) = match choice {
            Choice::Transition { index, transition, otherwise, frame } => {
                let branch: &'p Branch = match &transition.otherwise {
                    Some(branch) if otherwise => branch,
                    _ => &transition.then,
                };
                let size = transition.frame.len();
                self.exec.framed(size, frame, |exec| exec.actions(&branch.actions))?;
                (index, otherwise, branch.to.as_str())
            }
            Choice::Collect { index, collect, frame } => {
                self.gather(collect)?;
                self.exec.framed(collect.frame.len(), frame, |exec| exec.actions(&collect.actions))?;
                (index, false, self.state_name)
            }
        };
        self.taken.push(Taken {
            from: self.state_name.to_owned(),
            handler: place(index),
            otherwise,
            to: to.to_owned(),
        });
        let state = self.exec.actor.states.get(to);
        self.state = state.ok_or_else(|| FaultKind::internal("a state that is not declared"))?;
        self.state_name = to;
        Ok(())
    }

    /// Timers of the state, their limits read now. What is unset is not armed.
    fn timers(&mut self) -> Result<Vec<Timer>, Raised> {
        let now = self.exec.env.now();
        let state: &'p State = self.state;
        let mut timers = Vec::new();
        self.doing = Doing::Limits;
        for (index, limit) in (0..).zip(&state.limits) {
            match self.exec.eval(&limit.value) {
                Ok(Value::Int(value)) => {
                    let value = i64::try_from(value).map_err(|_| FaultKind::Overflow)?;
                    timers.push(rules::timer(limit, index, value, now));
                }
                Ok(Value::Null) | Err(Raised { kind: FaultKind::Null, .. }) => {}
                Ok(other) => return Err(FaultKind::internal(other.kind()).into()),
                Err(raised) => return Err(raised),
            }
        }
        Ok(timers)
    }
}

/// Does the roster field hold one peer, not a list or map of them?
fn single_peer(actor: &Actor, field: &str) -> bool {
    actor.store.get(field).is_some_and(|field| *field.ty.plain() == Type::PeerId)
}
