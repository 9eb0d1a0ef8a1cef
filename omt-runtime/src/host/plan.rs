//! What one run of a machine comes to: the commit, and what changes in memory once the commit is durable. Nothing here
//! changes anything; a plan that loses a race is dropped.

use super::env::Staged;
use super::event::{EventKind, Key, Reason, Refused};
use super::instance::{self, HeldRow, Instance, Meta, Room, Status, Taken};
use super::journal::{Commit, Table};
use super::outbox::OutboxRow;
use super::peer::{Loaded, Output, Peer};
use super::step::{Fresh, Outcome, Source, expect_chain, expect_shared, write_chain, write_shared};
use super::task::TaskKey;
use crate::chain::Segment;
use crate::envelope::Envelope;
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId};
use crate::machine::{Fault, Fired, Input, Machine, Reaction, Refusal};
use crate::wire;
use std::sync::Arc;

/// Largest signed message that is kept as a statement for evidence across restarts; larger ones, which carry chains,
/// are remembered until the host stops.
const STATEMENT_BYTES_MAX: usize = 64 * 1024;

/// Everything that one run of a step comes to.
pub(crate) struct Plan {
    /// The instance; its session is the one that the creating step assigned.
    pub key: Key,
    pub commit: Commit,
    pub outcome: Outcome,
    pub meta: Option<Meta>,
    pub machine: Option<Box<dyn Machine>>,
    pub created: bool,
    /// Sender, id, time and sequence of the message that is taken.
    pub take: Option<(PeerId, Hash, i64, u64)>,
    pub outbox: Vec<(u64, OutboxRow)>,
    /// The entry of the outbox that has happened.
    pub used_up: Option<u64>,
    pub outputs: Vec<Output>,
    pub chain: Option<Segment>,
    #[allow(clippy::type_complexity, reason = "protocol and actor, and fields by name")]
    pub shared: Option<((Hash, String), Vec<(String, Vec<u8>)>)>,
    pub request: Option<Hash>,
    pub events: Vec<EventKind>,
    pub refused: Vec<Refused>,
    /// Items for the own gossip set.
    pub gossip: Vec<Envelope>,
}

/// Key of a row of ids taken, below its instance.
pub(crate) fn taken_rest(sender: &PeerId, id: &Hash) -> Vec<u8> {
    let mut rest = sender.0.to_vec();
    rest.extend(id.0);
    rest
}

/// Makes plans.
pub(crate) struct Planner<'a> {
    pub peer: &'a Peer,
    pub loaded: &'a Loaded,
    pub key: Key,
    pub fresh: Option<&'a Fresh>,
    pub instance: Option<&'a Instance>,
    pub source: &'a Source,
    pub input: &'a Input,
    pub staged: Staged,
}

impl Planner<'_> {
    pub(crate) fn plan(mut self, result: Result<Reaction, Fault>) -> Plan {
        let mut plan = Plan {
            key: self.key,
            commit: Commit::default(),
            outcome: Outcome::Refused(Reason::Discarded),
            meta: None,
            machine: None,
            created: false,
            take: None,
            outbox: Vec::new(),
            used_up: None,
            outputs: Vec::new(),
            chain: None,
            shared: None,
            request: None,
            events: Vec::new(),
            refused: Vec::new(),
            gossip: Vec::new(),
        };
        if self.staged.touched_shared {
            let store = self.store();
            let version = self.peer.books.shared.get(&store).map_or(0, |store| store.version);
            expect_shared(&mut plan.commit, &store, version);
        }
        if self.staged.touched_chain {
            expect_chain(&mut plan.commit, &self.peer.books.chain);
        }
        match result {
            Ok(Reaction::Fired(fired)) => match self.judge_session(&fired) {
                Ok(()) => self.fired(&mut plan, fired),
                Err(Some(fault)) => self.faulted(&mut plan, fault),
                Err(None) => self.refused(&mut plan, Reason::SecondRole),
            },
            Ok(Reaction::Refused(refusal)) => {
                // A stranger leaves no trace in the instance, or strangers could make it grow.
                if refusal == Refusal::Stranger {
                    self.stranger(&mut plan)
                } else {
                    self.refused(&mut plan, refusal.into())
                }
            }
            Ok(Reaction::Deferred) => self.deferred(&mut plan),
            Ok(Reaction::Discarded) => self.refused(&mut plan, Reason::Discarded),
            Err(fault) => self.faulted(&mut plan, Box::new(fault)),
        }
        plan
    }

    fn actor(&self) -> &str {
        match (self.fresh, self.instance) {
            (Some(fresh), _) => &fresh.actor,
            (None, Some(instance)) => &instance.meta.actor,
            (None, None) => "",
        }
    }

    fn store(&self) -> (Hash, String) {
        (self.key.protocol, self.actor().to_owned())
    }

    fn meta(&self) -> Meta {
        match (self.fresh, self.instance) {
            (None, Some(instance)) => instance.meta.clone(),
            (fresh, _) => Meta::new(self.actor(), fresh.and_then(|fresh| fresh.creator)),
        }
    }

    /// The creating step of a trigger may assign the session, to one that is free. No other step may.
    fn judge_session(&self, fired: &Fired) -> Result<(), Option<Box<Fault>>> {
        let session = fired.machine.session();
        if session == self.key.session {
            return Ok(());
        }
        let by_trigger = matches!(self.source, Source::Trigger { .. } | Source::Firing { .. });
        if self.fresh.is_some() && by_trigger {
            let taken = self.peer.instances.contains_key(&Key { session, ..self.key });
            return if taken { Err(None) } else { Ok(()) };
        }
        Err(Some(Box::new(Fault {
            kind: FaultKind::internal("the session was assigned by a step that did not create it"),
            protocol: self.loaded.protocol().number.clone(),
            actor: self.actor().to_owned(),
            state: fired.machine.state().to_owned(),
            transition: String::new(),
            source_path: self.loaded.protocol().meta.path.clone(),
            line: 0,
            column: 0,
        })))
    }

    /// Uses the input up: it will not be offered again.
    fn consume(&self, plan: &mut Plan, meta: &mut Meta) {
        match self.source {
            Source::Message { incoming, id, held } => match held {
                Some(order) => {
                    meta.deferred.remove(order);
                    plan.commit.remove(Table::Deferred, plan.key.row_of(&order.to_be_bytes()));
                }
                None => self.take(plan, &incoming.envelope, id),
            },
            Source::Timer { limit } => {
                let now = self.peer.clock;
                meta.timers.retain_mut(|timer| {
                    if timer.limit != *limit {
                        return true;
                    }
                    let Some(period) = timer.period.filter(|period| *period > 0) else { return false };
                    // Periods that were missed are one.
                    let missed = now.saturating_sub(timer.at).max(0) / period;
                    let next = period.saturating_mul(missed.saturating_add(1));
                    timer.at = timer.at.saturating_add(next);
                    true
                });
            }
            Source::Task { name } => {
                meta.tasks.remove(name);
                plan.commit.remove(Table::Task, plan.key.row_of(name.as_bytes()));
            }
            Source::Trigger { request } => {
                if let Some(request) = request {
                    let row = (plan.key.session, self.peer.clock);
                    plan.commit.put(Table::Request, request.0.to_vec(), wire::to_bytes(&row));
                    plan.request = Some(*request);
                }
            }
            Source::Firing { order } => {
                plan.commit.remove(Table::Outbox, order.to_be_bytes().to_vec());
                plan.used_up = Some(*order);
            }
        }
    }

    /// Takes the id of a message: it is never offered again, not even after a restart.
    fn take(&self, plan: &mut Plan, envelope: &Envelope, id: &Hash) {
        let (sender, time, sequence) = (envelope.from, envelope.time, envelope.sequence);
        let row = wire::to_bytes(&(time, sequence));
        plan.commit.put(Table::Taken, plan.key.row_of(&taken_rest(&sender, id)), row);
        if envelope.signature.is_some() && envelope.payload.len() <= STATEMENT_BYTES_MAX {
            let mut rest = sender.0.to_vec();
            rest.extend(sequence.to_be_bytes());
            plan.commit.put(Table::Statement, plan.key.row_of(&rest), wire::to_bytes(envelope));
        }
        plan.take = Some((sender, *id, time, sequence));
    }

    /// Writes the row of the instance.
    fn keep(&self, plan: &mut Plan, machine: &dyn Machine, meta: Meta) {
        let none = Taken::default();
        let taken = self.instance.filter(|_| self.fresh.is_none()).map_or(&none, |instance| &instance.taken);
        plan.commit.put(Table::Instance, plan.key.row(), instance::row(machine, &meta, taken));
        plan.meta = Some(meta);
    }

    fn refusal(&self, plan: &mut Plan, reason: Reason, detail: String) {
        let (from, what) = match self.input {
            Input::Message(incoming) => (incoming.sender, incoming.envelope.message.to_string()),
            Input::Trigger { name, .. } => (self.peer.me, name.clone()),
            Input::TaskResult { task, .. } => (self.peer.me, task.clone()),
            // That no guard held when a time limit passed is nobody's refusal.
            Input::Timeout { .. } | Input::Period { .. } => return,
        };
        plan.refused.push(Refused { from, what, session: Some(self.key.session), reason, detail });
    }

    fn stranger(&self, plan: &mut Plan) {
        plan.outcome = Outcome::Refused(Reason::Stranger);
        if matches!(self.source, Source::Message { held: None, .. }) {
            plan.commit = Commit::default();
            self.refusal(plan, Reason::Stranger, String::new());
        } else {
            self.refused(plan, Reason::Stranger);
        }
    }

    fn refused(&self, plan: &mut Plan, reason: Reason) {
        plan.outcome = Outcome::Refused(reason);
        match (self.source, self.fresh, self.instance) {
            // What creates nothing leaves nothing; a trigger that is refused may be fired again.
            (Source::Message { .. }, Some(_), _) | (Source::Trigger { .. }, _, _) => {
                plan.commit = Commit::default()
            }
            (Source::Firing { .. }, _, _) => self.consume(plan, &mut self.meta()),
            (_, None, Some(instance)) => {
                let mut meta = self.meta();
                self.consume(plan, &mut meta);
                self.keep(plan, instance.machine.as_ref(), meta);
            }
            _ => {}
        }
        let reason =
            if matches!(self.source, Source::Firing { .. }) { Reason::TriggerRefused } else { reason };
        self.refusal(plan, reason, String::new());
    }

    fn deferred(&self, plan: &mut Plan) {
        let (Source::Message { incoming, id, held }, None, Some(instance)) =
            (self.source, self.fresh, self.instance)
        else {
            if matches!((self.source, self.fresh), (Source::Message { .. }, Some(_))) {
                plan.commit = Commit::default();
                plan.outcome = Outcome::Deferred;
                return;
            }
            return self.refused(plan, Reason::Discarded);
        };
        plan.outcome = Outcome::Deferred;
        if held.is_some() {
            return;
        }
        let mut meta = self.meta();
        match meta.room(&incoming.sender) {
            Room::Full => {
                plan.commit = Commit::default();
                plan.outcome = Outcome::Refused(Reason::DeferredMax);
                return self.refusal(plan, Reason::DeferredMax, String::new());
            }
            Room::Displaces(order) => {
                if let Some(displaced) = meta.deferred.remove(&order) {
                    let refused =
                        Refused::new(displaced.sender, Reason::Displaced, "a newer one of the same sender");
                    plan.refused.push(refused.of(&displaced.envelope.message, self.key.session));
                }
                plan.commit.remove(Table::Deferred, plan.key.row_of(&order.to_be_bytes()));
            }
            Room::Free => {}
        }
        let order = meta.arrivals;
        meta.arrivals += 1;
        let row = HeldRow { sender: incoming.sender, envelope: incoming.envelope.clone() };
        plan.commit.put(Table::Deferred, plan.key.row_of(&order.to_be_bytes()), wire::to_bytes(&row));
        meta.deferred.insert(order, Arc::clone(incoming));
        self.take(plan, &incoming.envelope, id);
        let (from, message) = (incoming.sender, incoming.envelope.message.to_string());
        plan.events.push(EventKind::Deferred { key: self.key, from, message });
        self.keep(plan, instance.machine.as_ref(), meta);
    }

    fn faulted(&self, plan: &mut Plan, fault: Box<Fault>) {
        let mut stopped = false;
        match (self.source, self.fresh, self.instance) {
            (Source::Message { .. }, Some(_), _) | (Source::Trigger { .. }, _, _) => {
                plan.commit = Commit::default()
            }
            (Source::Firing { .. }, _, _) => self.consume(plan, &mut self.meta()),
            (Source::Message { .. }, None, Some(instance)) => {
                let mut meta = self.meta();
                self.consume(plan, &mut meta);
                self.keep(plan, instance.machine.as_ref(), meta);
            }
            (Source::Timer { .. } | Source::Task { .. }, None, Some(instance)) => {
                let mut meta = self.meta();
                self.consume(plan, &mut meta);
                meta.fault = Some(fault.to_string());
                self.stop(plan, &mut meta, Status::Faulted);
                self.keep(plan, instance.machine.as_ref(), meta);
                stopped = true;
            }
            _ => {}
        }
        self.refusal(plan, Reason::Fault, fault.to_string());
        plan.events.push(EventKind::Fault { key: self.key, fault: Fault::clone(&fault), stopped });
        plan.outcome = Outcome::Faulted(fault);
    }

    /// Ends an instance and removes what only a running one needs.
    fn stop(&self, plan: &mut Plan, meta: &mut Meta, status: Status) {
        for order in meta.deferred.keys() {
            plan.commit.remove(Table::Deferred, plan.key.row_of(&order.to_be_bytes()));
        }
        for (name, task) in &meta.tasks {
            plan.commit.remove(Table::Task, plan.key.row_of(name.as_bytes()));
            plan.outputs.push(Output::CancelTask(self.task_key(plan.key, name, task.generation)));
        }
        meta.stop(status, self.peer.clock);
    }

    pub(super) fn task_key(&self, key: Key, name: &str, generation: u64) -> TaskKey {
        TaskKey { protocol: key.protocol, session: key.session, task: name.to_owned(), generation }
    }

    fn fired(&mut self, plan: &mut Plan, fired: Fired) {
        plan.key.session = fired.machine.session();
        let key = plan.key;
        plan.outcome = Outcome::Fired(key.session);
        let actor = self.actor().to_owned();
        let mut meta = self.meta();
        if self.fresh.is_some() {
            plan.created = true;
            plan.events.push(EventKind::Created { key, actor: actor.clone() });
        }
        self.consume(plan, &mut meta);
        if let Input::Message(incoming) = self.input {
            let (from, message) = (incoming.sender, incoming.envelope.message.to_string());
            plan.events.push(EventKind::Accepted { key, from, message });
        }
        plan.events.push(EventKind::Stepped {
            key,
            actor: actor.clone(),
            cause: cause(self.input),
            taken: fired.taken.clone(),
            state: fired.machine.state().to_owned(),
            attempts: 1,
            seen: None,
        });
        if let Some(timers) = &fired.timers {
            meta.timers.clone_from(timers);
            let latest = timers.iter().map(|timer| timer.at).max();
            meta.last_deadline = meta.last_deadline.max(latest.unwrap_or(i64::MIN));
        }
        self.books(plan);
        self.effects(plan, &mut meta, &fired.effects, fired.completed);
        self.after(plan, &fired, &actor);
        if fired.completed {
            self.stop(plan, &mut meta, Status::Completed);
            let state = fired.machine.state().to_owned();
            plan.events.push(EventKind::Completed { key, actor, state });
        }
        self.keep(plan, fired.machine.as_ref(), meta);
        plan.machine = Some(fired.machine);
    }

    /// Shared store and chain.
    fn books(&mut self, plan: &mut Plan) {
        if !self.staged.shared.is_empty() {
            let store = self.store();
            let version = self.peer.books.shared.get(&store).map_or(0, |store| store.version);
            let fields: Vec<_> = std::mem::take(&mut self.staged.shared).into_iter().collect();
            write_shared(&mut plan.commit, &store, version, fields.iter());
            plan.shared = Some((store, fields));
        }
        if !self.staged.appended.is_empty() {
            write_chain(&mut plan.commit, &self.peer.books.chain, &self.staged.chain, &self.staged.appended);
            for block in &self.staged.appended {
                let (kind, height, hash) = (block.kind().to_owned(), block.height(), block.hash());
                plan.events.push(EventKind::Appended { kind, height, hash });
            }
            plan.chain = Some(self.staged.chain.clone());
        }
    }
}

/// The input, for people.
fn cause(input: &Input) -> String {
    match input {
        Input::Message(incoming) => format!("on {}", incoming.envelope.message),
        Input::Trigger { name, .. } => format!("on {name}"),
        Input::Timeout { limit } => format!("on timeout {limit}"),
        Input::Period { limit } => format!("on every {limit}"),
        Input::TaskResult { task, .. } => format!("on {task}"),
    }
}
