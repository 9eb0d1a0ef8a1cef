//! What goes out, and what happens by itself: the outbox, triggers between transactions, timers, tasks, housekeeping.

use super::env::random_bytes;
use super::event::{EventKind, Key, Reason, Refused};
use super::instance::Status;
use super::journal::Table;
use super::limits::{
    ENVELOPE_AGE_MAX, ENVELOPE_AHEAD_MAX, LOCAL_PER_INSTANT_MAX, REQUEST_MAX, SEGMENT_PART_BYTES_MAX,
    TIMERS_PER_INSTANT_MAX,
};
use super::outbox::Firing;
use super::packet::Packet;
use super::peer::{HostError, Output, Peer, TriggerCall, TriggerError};
use super::step::{Fresh, Outcome, Source};
use super::task::TaskKey;
use super::typed::{self, Embedded};
use crate::chain::Segment;
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId, SessionId};
use crate::ir::Type;
use crate::machine::Input;
use crate::wire::{self, SIZE_MAX};
use std::sync::Arc;

impl Peer {
    /// Fires a trigger of a protocol.
    ///
    /// # Errors
    /// [`TriggerError`]; nothing has changed, unless the host stopped.
    pub fn trigger(&mut self, now: i64, call: TriggerCall) -> Result<SessionId, TriggerError> {
        self.advance(now)?;
        self.refuse_while_held()?;
        if let Some((session, _)) = call.request.and_then(|request| self.requests.get(&request)) {
            return Ok(*session);
        }
        let source = Source::Trigger { request: call.request };
        let session = self.call(call, &source)?;
        self.settle()?;
        Ok(session)
    }

    fn call(&mut self, call: TriggerCall, source: &Source) -> Result<SessionId, TriggerError> {
        let TriggerCall { protocol, actor, trigger, arguments, session, .. } = call;
        let loaded = self.programs.get(&protocol).ok_or(TriggerError::NotLoaded(protocol))?;
        let ir = loaded.protocol();
        let declared = ir.actors.get(&actor).and_then(|a| a.triggers.get(&trigger));
        let Some(declared) = declared else { return Err(TriggerError::Unknown { actor, trigger }) };
        let wrong = |detail: String| TriggerError::Arguments { trigger: trigger.clone(), detail };
        if arguments.len() != declared.arguments.len() {
            let (wanted, found) = (declared.arguments.len(), arguments.len());
            return Err(wrong(format!("{wanted} are declared, {found} were given")));
        }
        let mut named = session;
        for (argument, bytes) in declared.arguments.iter().zip(&arguments) {
            typed::value(ir, protocol, &argument.ty, bytes)
                .map_err(|mismatch| wrong(format!("{}: {}", argument.name, mismatch.detail)))?;
            if argument.name == ir.session_key && argument.ty == Type::Hash {
                named = wire::decode_checked::<Hash>(bytes).ok();
            }
        }
        let session = match named {
            Some(session) => session,
            None => Hash::from_slice(&random_bytes(&mut self.rng, Hash::LEN))
                .map_err(|error| wrong(error.to_string()))?,
        };
        let key = Key { protocol, session };
        let fresh = match self.instances.get(&key) {
            Some(instance) => {
                let reason = match instance.meta.status {
                    _ if instance.meta.actor != actor => Some(Reason::SecondRole),
                    Status::Completed => Some(Reason::Completed),
                    Status::Faulted => Some(Reason::Faulted),
                    Status::Running => None,
                };
                if let Some(reason) = reason {
                    return self.refuse_trigger(&key, &trigger, reason, source);
                }
                None
            }
            None => {
                if let Some(reason) = self.room_for(None) {
                    return self.refuse_trigger(&key, &trigger, reason, source);
                }
                let started =
                    self.programs.get(&protocol).and_then(|l| l.program.start(&actor, session).ok());
                let Some(machine) = started else { return Err(TriggerError::Unknown { actor, trigger }) };
                Some(Fresh { actor, creator: None, machine })
            }
        };
        let created = fresh.is_some();
        let input = Input::Trigger { name: trigger.clone(), arguments };
        match self.step(key, fresh, &input, source)? {
            Outcome::Fired(session) => {
                let key = Key { protocol, session };
                if created {
                    self.begin(key)?
                } else {
                    self.offer_deferred(key)?
                }
                Ok(session)
            }
            Outcome::Refused(reason) => Err(TriggerError::Refused(reason)),
            Outcome::Deferred => Err(TriggerError::Refused(Reason::NotHere)),
            Outcome::Faulted(fault) => Err(TriggerError::Fault(fault)),
        }
    }

    fn refuse_trigger(
        &mut self,
        key: &Key,
        trigger: &str,
        reason: Reason,
        source: &Source,
    ) -> Result<SessionId, TriggerError> {
        if !matches!(source, Source::Firing { .. }) {
            self.refuse(Refused::new(self.me, reason, "").of(&trigger.into(), key.session));
        }
        Err(TriggerError::Refused(reason))
    }

    /// Delivers what the peer has for itself: messages to oneself, triggers of other transactions.
    pub(crate) fn settle(&mut self) -> Result<(), HostError> {
        if self.hold.is_some() {
            return Ok(());
        }
        for _ in 0..LOCAL_PER_INSTANT_MAX {
            let Some((order, entry)) = self.outbox.due_local(self.clock) else { return Ok(()) };
            let (envelope, gossip, firing) =
                (entry.row.envelope.clone(), entry.row.gossip, entry.row.firing.clone());
            match (envelope, firing) {
                (Some(envelope), _) => self.receive(self.me, envelope, gossip)?,
                (None, Some(firing)) => self.fire(order, firing)?,
                (None, None) => self.drop_entry(order),
            }
        }
        Ok(())
    }

    /// Fires a trigger of another transaction, exactly once: whatever comes of it, its entry is used up with it.
    fn fire(&mut self, order: u64, firing: Firing) -> Result<(), HostError> {
        let Firing { protocol, actor, trigger, arguments } = firing;
        let call = TriggerCall {
            protocol,
            actor,
            trigger: trigger.clone(),
            arguments: arguments.iter().map(|bytes| bytes.to_vec()).collect(),
            session: None,
            request: None,
        };
        match self.call(call, &Source::Firing { order }) {
            Ok(session) => {
                let key = Key { protocol, session };
                self.log.push(self.clock, EventKind::TriggerFired { key, trigger });
                return Ok(());
            }
            Err(TriggerError::Host(error)) => return Err(error),
            Err(error) => {
                // A step that refused or faulted has used the entry up and counted it.
                if self.outbox.remove(order).is_some() {
                    self.pending.remove(Table::Outbox, order.to_be_bytes().to_vec());
                    let reason = match &error {
                        TriggerError::NotLoaded(_) | TriggerError::Unknown { .. } => Reason::NotLoaded,
                        TriggerError::Arguments { .. }
                        | TriggerError::Refused(_)
                        | TriggerError::Fault(_)
                        | TriggerError::Host(_) => Reason::TriggerRefused,
                    };
                    self.refuse(Refused {
                        what: trigger,
                        ..Refused::new(self.me, reason, error.to_string())
                    });
                }
            }
        }
        Ok(())
    }

    /// The next message that is to be sent, or sent again.
    pub(crate) fn resend(&mut self, now: i64) -> Option<Output> {
        loop {
            let (order, entry) = self.outbox.due_remote(now)?;
            let (to, gossip, expires) = (entry.row.to, entry.row.gossip, entry.row.expires);
            let envelope = entry.row.envelope.clone();
            let cut = entry.segments.iter().any(|segment| self.books.chains.cuts_for(&to, segment));
            match envelope {
                Some(envelope) if now < expires => {
                    let bytes = self.carry(&to, envelope, gossip, cut);
                    return Some(Output::Datagram { to, bytes });
                }
                Some(envelope) => {
                    self.drop_entry(order);
                    if !gossip {
                        let refused = Refused::new(to, Reason::Unacknowledged, "");
                        self.refuse(refused.of(&envelope.message, envelope.session));
                    }
                }
                None => self.drop_entry(order),
            }
        }
    }

    fn drop_entry(&mut self, order: u64) {
        self.outbox.remove(order);
        self.pending.remove(Table::Outbox, order.to_be_bytes().to_vec());
    }

    /// The bytes that carry a message to a peer: segments without what the peer has, and, if even that is too much,
    /// without any block; then the peer asks for what it lacks.
    fn carry(&self, to: &PeerId, envelope: Envelope, gossip: bool, cut: bool) -> Vec<u8> {
        let pack = |envelope: Envelope| {
            wire::to_bytes(&if gossip { Packet::Gossip(envelope) } else { Packet::Message(envelope) })
        };
        let bytes = if cut {
            pack(self.cut(&envelope, &mut |segment| self.books.chains.cut_for(to, &segment)))
        } else {
            pack(envelope.clone())
        };
        if bytes.len() <= SIZE_MAX {
            return bytes;
        }
        pack(self.cut(&envelope, &mut |segment| segment.from_height_on(u64::MAX)))
    }

    fn cut(&self, envelope: &Envelope, cut: typed::Rewrite<'_>) -> Envelope {
        let loaded = self.programs.get(&envelope.protocol);
        let Some(loaded) = loaded.filter(|l| l.segments.contains(&*envelope.message)) else {
            return envelope.clone();
        };
        match typed::payload(loaded.protocol(), loaded.id(), &envelope.message, &envelope.payload, cut) {
            Ok((payload, _)) => Envelope { payload, ..envelope.clone() },
            Err(_) => envelope.clone(),
        }
    }

    /// Segments inside a message of ours.
    pub(crate) fn segments_of(&self, envelope: &Envelope) -> Vec<Segment> {
        let loaded = self.programs.get(&envelope.protocol);
        let Some(loaded) = loaded.filter(|l| l.segments.contains(&*envelope.message)) else {
            return Vec::new();
        };
        let found = typed::payload(
            loaded.protocol(),
            loaded.id(),
            &envelope.message,
            &envelope.payload,
            &mut |segment| segment,
        );
        let embedded = found.map(|(_, found)| found.embedded).unwrap_or_default();
        let segment = |item: Embedded| match item {
            Embedded::Segment(segment) => Some(segment),
            Embedded::Block(_) | Embedded::Signed(_) | Embedded::Proof(_) => None,
        };
        embedded.into_iter().filter_map(segment).collect()
    }

    /// These need not be sent again.
    pub(crate) fn acknowledged(&mut self, from: PeerId, ids: &[Hash]) {
        for id in ids {
            let Some(order) = self.outbox.find(&from, id) else { continue };
            let Some(entry) = self.outbox.remove(order) else { continue };
            self.pending.remove(Table::Outbox, order.to_be_bytes().to_vec());
            for segment in &entry.segments {
                self.books.chains.has(from, segment);
            }
        }
    }

    /// Somebody lacks the lower part of a segment.
    pub(crate) fn answer_want(&mut self, from: PeerId, author: PeerId, height: u64, to: &Hash) {
        if !self.wants.admit(from, self.clock) {
            return;
        }
        // Whatever it was thought to have, it does not: the message goes out whole when it is sent again.
        self.books.chains.has_not(from, author);
        let chain = if author == self.me { Some(&self.books.chain) } else { self.books.chains.get(&author) };
        if *to == Hash::ZERO {
            // The author itself asks, after a start, for whatever is the newest; that there is nothing is an answer too.
            let chain = chain.cloned().unwrap_or_else(|| Segment::empty(author));
            let part = fitting(&chain.from_height_on(height.min(chain.next_height())));
            self.outputs.push_back(Output::Datagram { to: from, bytes: wire::to_bytes(&Packet::Have(part)) });
            return;
        }
        let Some(part) = chain.and_then(|chain| chain.prefix(to)) else { return };
        let part = fitting(&part.from_height_on(height));
        if part.is_empty() {
            return;
        }
        self.outputs.push_back(Output::Datagram { to: from, bytes: wire::to_bytes(&Packet::Have(part)) });
    }

    /// Blocks that were asked for.
    pub(crate) fn have(&mut self, from: PeerId, segment: &Segment) -> Result<(), HostError> {
        let author = segment.author();
        if author == self.me {
            return self.own_blocks(from, segment);
        }
        let known = self.books.chains.get(&author).cloned().unwrap_or_else(|| Segment::empty(author));
        let verified = segment.complete(&known).and_then(|whole| {
            whole.verify_with(&mut self.books.verified)?;
            Ok(whole)
        });
        match verified {
            Ok(whole) => {
                self.learn(&whole);
                for waiting in self.awaiting.take(&author) {
                    self.receive(waiting.carrier, waiting.envelope, waiting.gossip)?;
                }
            }
            Err(error) => {
                let refused = Refused::new(from, Reason::Incomplete, error.to_string());
                self.refuse(refused);
            }
        }
        Ok(())
    }

    /// The other side does not have our protocol: sending again is of no use.
    pub(crate) fn mismatch(&mut self, by: PeerId, ours: Hash, theirs: Vec<Hash>) {
        let speaks = |row: &super::outbox::OutboxRow| {
            row.to == by && row.envelope.as_ref().is_some_and(|envelope| envelope.protocol == ours)
        };
        let useless: Vec<u64> =
            self.outbox.entries().filter(|(_, row)| speaks(row)).map(|(order, _)| order).collect();
        if useless.is_empty() {
            return;
        }
        for order in useless {
            self.drop_entry(order);
        }
        self.log.push(self.clock, EventKind::ProtocolRefused { by, ours, theirs });
    }

    /// Fires timers with a deadline up to `until`: earliest first, then in the order of the source. What one of them
    /// says to its own peer is heard before the next.
    pub(crate) fn fire_due(&mut self, until: i64) -> Result<(), HostError> {
        if self.hold.is_some() {
            return Ok(());
        }
        // Each timer goes or moves into the future; the bound is for a machine that arms in the past for ever.
        for _ in 0..TIMERS_PER_INSTANT_MAX {
            let Some((_, key, limit)) = self.timers.first().copied().filter(|(at, _, _)| *at <= until) else {
                return Ok(());
            };
            let Some(instance) = self.instances.get(&key) else { return Ok(()) };
            let period =
                instance.meta.timers.iter().any(|timer| timer.limit == limit && timer.period.is_some());
            let input = if period { Input::Period { limit } } else { Input::Timeout { limit } };
            self.log.push(self.clock, EventKind::Timer { key, limit });
            if matches!(self.step(key, None, &input, &Source::Timer { limit })?, Outcome::Fired(_)) {
                self.offer_deferred(key)?;
            }
            self.settle()?;
        }
        Ok(())
    }

    pub(crate) fn task_ended(&mut self, task: TaskKey, result: Option<Vec<u8>>) -> Result<(), HostError> {
        let key = Key { protocol: task.protocol, session: task.session };
        let runs = self.instances.get(&key).and_then(|instance| instance.meta.tasks.get(&task.task));
        if runs.is_none_or(|row| row.generation != task.generation) {
            let refused = Refused::new(self.me, Reason::StaleTask, "");
            self.refuse(refused.of(&task.task.as_str().into(), task.session));
            return Ok(());
        }
        let Some(loaded) = self.programs.get(&key.protocol) else { return Ok(()) };
        let returns = loaded.protocol().tasks.get(&task.task).map(|native| native.returns.clone());
        let judged = match (&result, returns) {
            (Some(bytes), Some(ty)) => typed::value(loaded.protocol(), loaded.id(), &ty, bytes).map(|_| ()),
            _ => Ok(()),
        };
        let result = match judged {
            Ok(()) => result,
            Err(mismatch) => {
                let refused = Refused::new(self.me, Reason::TaskResult, mismatch.detail);
                self.refuse(refused.of(&task.task.as_str().into(), task.session));
                None
            }
        };
        self.log.push(self.clock, EventKind::TaskEnded { task: task.clone(), result: result.is_some() });
        let source = Source::Task { name: task.task.clone() };
        let input = Input::TaskResult { task: task.task, result };
        if matches!(self.step(key, None, &input, &source)?, Outcome::Fired(_)) {
            self.offer_deferred(key)?;
        }
        Ok(())
    }

    /// Forgets what has had its time.
    pub(crate) fn housekeep(&mut self) -> Result<(), HostError> {
        for early in self.early.expired(self.clock) {
            let envelope = &early.incoming.envelope;
            let refused = Refused::new(early.incoming.sender, Reason::EarlyExpired, "");
            self.refuse(refused.of(&envelope.message, envelope.session));
        }
        for awaiting in self.awaiting.expired(self.clock) {
            let refused = Refused::new(awaiting.carrier, Reason::Incomplete, "the blocks did not come");
            self.refuse(refused.of(&awaiting.envelope.message, awaiting.envelope.session));
        }
        while let Some((at, key)) = self.tombstones.first().copied().filter(|(at, _)| *at <= self.clock) {
            self.tombstones.remove(&(at, key));
            self.forget(key)?;
        }
        for id in self.gossip.forget_before(self.clock.saturating_sub(ENVELOPE_AGE_MAX + ENVELOPE_AHEAD_MAX))
        {
            self.pending.remove(Table::Gossip, id.0.to_vec());
        }
        let old = self.clock.saturating_sub(ENVELOPE_AGE_MAX);
        let crowded = self.requests.len() > REQUEST_MAX;
        let outdated: Vec<Hash> =
            self.requests.iter().filter(|(_, (_, at))| *at < old).map(|(request, _)| *request).collect();
        let oldest =
            if crowded { self.requests.iter().min_by_key(|(_, (_, at))| *at).map(|(r, _)| *r) } else { None };
        for request in outdated.into_iter().chain(oldest) {
            self.requests.remove(&request);
            self.pending.remove(Table::Request, request.0.to_vec());
        }
        Ok(())
    }

    /// Removes a tombstone, and what is still to be sent in its session: it is over.
    fn forget(&mut self, key: Key) -> Result<(), HostError> {
        self.instances.remove(&key);
        let of_session = |row: &super::outbox::OutboxRow| {
            let own = |e: &Arc<Envelope>| {
                e.protocol == key.protocol && e.session == key.session && e.from == self.me
            };
            row.envelope.clone().map(Arc::new).is_some_and(|envelope| own(&envelope))
        };
        let over: Vec<u64> =
            self.outbox.entries().filter(|(_, row)| of_session(row)).map(|(order, _)| order).collect();
        for order in over {
            self.drop_entry(order);
        }
        self.pending.remove(Table::Instance, key.row());
        for table in [Table::Taken, Table::Statement, Table::Deferred, Table::Task] {
            let rows = self.journal.scan(table, &key.row()).map_err(|error| self.fail(error))?;
            for (row, _) in rows {
                self.pending.remove(table, row);
            }
        }
        Ok(())
    }
}

/// The lower part of a segment, as much as fits an answer.
fn fitting(segment: &Segment) -> Segment {
    let mut bytes = 0usize;
    let blocks = segment.blocks();
    let fits = blocks.iter().take_while(|block| {
        bytes = bytes.saturating_add(block.payload().len()).saturating_add(256);
        bytes <= SEGMENT_PART_BYTES_MAX
    });
    fits.last().and_then(|last| segment.prefix(&last.hash())).unwrap_or_else(|| segment.clone())
}
