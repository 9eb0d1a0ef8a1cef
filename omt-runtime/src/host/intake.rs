//! What comes in: the checks of LANGUAGE 6.2 in their order, then the offer to an instance.

use super::buffers::{Awaiting, Early};
use super::chains::block_key;
use super::event::{EventKind, Key, Reason, Refused};
use super::instance::{Known, Status};
use super::journal::Table;
use super::limits::{AWAITING_FOR, EARLY_FOR, ENVELOPE_AGE_MAX, ENVELOPE_AHEAD_MAX, GOSSIP_RESEND_FOR};
use super::outbox::OutboxRow;
use super::packet::{MISMATCH_IDS_MAX, Packet};
use super::peer::{HostError, Output, Peer};
use super::step::{Fresh, Outcome, Source};
use super::typed::{self, Embedded};
use crate::chain::{Equivocation, SEGMENT_BLOCK_COUNT_MAX, Segment};
use crate::envelope::Envelope;
use crate::id::{Hash, PeerId};
use crate::ir::analysis::Disposition;
use crate::machine::{Incoming, Input};
use crate::wire::{self, Limits, SIZE_MAX};
use std::sync::Arc;

/// Role of the gossip set in `to [Network]`.
const NETWORK: &str = "Network";

/// A message that passed every check but that it was seen before.
pub(crate) struct Arrival {
    pub carrier: PeerId,
    pub incoming: Arc<Incoming>,
    pub id: Hash,
    pub gossip: bool,
}

impl Arrival {
    fn key(&self) -> Key {
        Key { protocol: self.incoming.envelope.protocol, session: self.incoming.envelope.session }
    }

    fn refused(&self, reason: Reason, detail: &str) -> Refused {
        let envelope = &self.incoming.envelope;
        Refused::new(self.incoming.sender, reason, detail).of(&envelope.message, envelope.session)
    }
}

impl Peer {
    pub(crate) fn datagram(&mut self, from: PeerId, bytes: &[u8]) -> Result<(), HostError> {
        let packet = if bytes.len() > SIZE_MAX {
            Err((Reason::Size, format!("{} bytes", bytes.len())))
        } else {
            let checked =
                wire::check(bytes, &Limits::MESSAGE).and_then(|()| wire::decode_checked::<Packet>(bytes));
            checked.map_err(|error| (typed::classify(&error.reason), error.to_string()))
        };
        match packet {
            Err((reason, detail)) => {
                self.refuse(Refused::new(from, reason, detail));
                Ok(())
            }
            Ok(Packet::Message(envelope)) => self.receive(from, envelope, false),
            Ok(Packet::Gossip(envelope)) => self.receive(from, envelope, true),
            Ok(Packet::Ack(ids)) => {
                self.books.chains.seen(from, self.clock);
                self.acknowledged(from, &ids);
                Ok(())
            }
            Ok(Packet::Want { author, from: height, to }) => {
                self.answer_want(from, author, height, &to);
                Ok(())
            }
            Ok(Packet::Have(segment)) => self.have(from, &segment),
            Ok(Packet::Mismatch { protocol, loaded }) => {
                self.mismatch(from, protocol, loaded);
                Ok(())
            }
        }
    }

    /// Judges a message and offers it.
    pub(crate) fn receive(
        &mut self,
        from: PeerId,
        envelope: Envelope,
        gossip: bool,
    ) -> Result<(), HostError> {
        if self.hold.is_some() {
            // Not acknowledged, so it comes again.
            return Ok(());
        }
        let what = (Arc::clone(&envelope.message), envelope.session);
        match self.judge(from, envelope, gossip) {
            Ok(Some(arrival)) => self.take_in(arrival),
            Ok(None) => Ok(()),
            Err((reason, detail)) => {
                self.refuse(Refused::new(from, reason, detail).of(&what.0, what.1));
                Ok(())
            }
        }
    }

    /// The checks that need no instance. `None`: it waits for the lower part of a segment.
    fn judge(
        &mut self,
        from: PeerId,
        envelope: Envelope,
        gossip: bool,
    ) -> Result<Option<Arrival>, (Reason, String)> {
        let Some(loaded) = self.programs.get(&envelope.protocol) else {
            return Err(self.not_loaded(from, &envelope));
        };
        let (protocol, id) = (loaded.protocol(), loaded.id());
        let name = envelope.message.to_string();
        let Some(declared) = protocol.messages.get(&name) else {
            return Err((Reason::Fields, format!("protocol {} has no message {name}", protocol.number)));
        };
        if !declared.signed && envelope.signature.is_some() {
            return Err((Reason::Fields, format!("{name} has no signature")));
        }
        if gossip && !declared.to.iter().any(|role| role == NETWORK) {
            return Err((Reason::Fields, format!("{name} is not for the network")));
        }
        let (books, me) = (&self.books, self.me);
        // What is completed costs work before its signature is known to hold; so there is an end to it.
        let mut blocks = 0usize;
        let mut complete = |segment: Segment| {
            if segment.is_complete() {
                return segment;
            }
            let own = segment.author() == me;
            let known = if own { Some(&books.chain) } else { books.chains.get(&segment.author()) };
            let whole = known.and_then(|known| segment.complete(known).ok());
            blocks = blocks.saturating_add(whole.as_ref().map_or(0, Segment::len));
            whole.filter(|_| blocks <= SEGMENT_BLOCK_COUNT_MAX).unwrap_or(segment)
        };
        let (payload, found) = typed::payload(protocol, id, &name, &envelope.payload, &mut complete)
            .map_err(|mismatch| (mismatch.reason, mismatch.detail))?;
        if found.session.is_some_and(|session| session != envelope.session) {
            return Err((Reason::Session, format!("{} is not the session", protocol.session_key)));
        }
        if let Some(foreign) = found.foreign {
            return Err((
                Reason::Protocol,
                format!("a message inside belongs to protocol {foreign}, not to {id}"),
            ));
        }
        let (signed, proving) = (declared.signed, loaded.proving.contains(&name));
        if let Some(part) = found.incomplete.first().cloned() {
            self.wait_for(from, envelope, gossip, &part);
            return Ok(None);
        }
        let envelope = Envelope { payload, ..envelope };
        if signed {
            envelope.verify_with(&mut self.books.verified).map_err(|e| (Reason::Signature, e.to_string()))?;
        } else if gossip && !proving {
            return Err((Reason::GossipUnproven, "neither signed nor with a certificate".to_owned()));
        } else if !gossip && envelope.from != from {
            return Err((Reason::Sender, format!("brought by {}", from.short())));
        }
        typed::verify(&found.embedded, &mut self.books.verified)
            .map_err(|detail| (Reason::Signature, detail))?;
        let sender = if signed { envelope.from } else { from };
        let arrival = Arrival {
            carrier: from,
            id: envelope.id(),
            incoming: Arc::new(Incoming { envelope, sender }),
            gossip,
        };
        self.note(from, &arrival.incoming.envelope, &found.embedded);
        let age = self.clock.saturating_sub(arrival.incoming.envelope.time);
        if !(-ENVELOPE_AHEAD_MAX..=ENVELOPE_AGE_MAX).contains(&age) {
            return Err((Reason::Time, format!("{age} microseconds old")));
        }
        Ok(Some(arrival))
    }

    fn not_loaded(&mut self, from: PeerId, envelope: &Envelope) -> (Reason, String) {
        let name = envelope.message.to_string();
        let speaks = |loaded: &&super::peer::Loaded| loaded.protocol().messages.contains_key(&name);
        let mut ours: Vec<Hash> =
            self.programs.values().filter(speaks).map(super::peer::Loaded::id).collect();
        if ours.is_empty() {
            ours = self.programs.keys().copied().collect();
        }
        ours.truncate(MISMATCH_IDS_MAX);
        let list: Vec<String> = ours.iter().map(ToString::to_string).collect();
        let protocol = envelope.protocol;
        let bytes = wire::to_bytes(&Packet::Mismatch { protocol, loaded: ours });
        if from != self.me {
            self.outputs.push_back(Output::Datagram { to: from, bytes });
        }
        (Reason::Protocol, format!("protocol {protocol} is not loaded here, but {}", list.join(", ")))
    }

    /// Keeps what a verified message teaches: contradictions, chains, who was heard of when.
    fn note(&mut self, from: PeerId, envelope: &Envelope, embedded: &[Embedded]) {
        self.books.chains.seen(from, self.clock);
        let mut proofs: Vec<Arc<Equivocation>> = Vec::new();
        if envelope.signature.is_some() {
            proofs.extend(self.books.evidence.observe_message(&Arc::new(envelope.clone())));
        }
        for item in embedded {
            match item {
                Embedded::Block(block) => proofs.extend(self.books.evidence.observe_block(block)),
                Embedded::Signed(inner) => proofs.extend(self.books.evidence.observe_message(inner)),
                Embedded::Proof(proof) => proofs.extend(self.books.evidence.observe_proof(proof)),
                Embedded::Segment(segment) => {
                    self.learn(segment);
                    self.books.chains.has(from, segment);
                }
            }
        }
        self.convict(proofs);
    }

    /// Keeps proofs.
    fn convict(&mut self, proofs: Vec<Arc<Equivocation>>) {
        for proof in proofs {
            let author = proof.author();
            self.pending.put(Table::Evidence, author.0.to_vec(), wire::to_bytes(&*proof));
            self.log.push(self.clock, EventKind::Equivocation { author });
        }
    }

    /// Keeps a verified chain.
    pub(crate) fn learn(&mut self, segment: &Segment) {
        let proof = self.books.evidence.observe_segment(segment);
        self.convict(proof.into_iter().collect());
        if segment.author() == self.me {
            return;
        }
        for block in self.books.chains.learn(segment) {
            let key = block_key(&block.author(), block.height());
            self.pending.put(Table::PeerChain, key, wire::to_bytes(&*block));
        }
    }

    fn wait_for(&mut self, from: PeerId, envelope: Envelope, gossip: bool, part: &Segment) {
        let author = part.author();
        let known = if author == self.me { Some(&self.books.chain) } else { self.books.chains.get(&author) };
        let height = known.map_or(0, Segment::next_height);
        let what = (Arc::clone(&envelope.message), envelope.session);
        let until = self.clock.saturating_add(AWAITING_FOR);
        let awaiting = Awaiting { carrier: from, envelope, gossip, author, until };
        if !self.awaiting.push(awaiting) {
            let refused = Refused::new(from, Reason::Incomplete, "too many messages wait for chains");
            self.refuse(refused.of(&what.0, what.1));
            return;
        }
        // A branch shares the blocks that are cached; from where it forks is for the sender to find out.
        let from_height = if height >= part.from_height() { 0 } else { height };
        let want = Packet::Want { author, from: from_height, to: part.base() };
        self.outputs.push_back(Output::Datagram { to: from, bytes: wire::to_bytes(&want) });
    }

    /// Is there a running instance of the item's session whose actor handles such items?
    fn listens(&self, arrival: &Arrival) -> bool {
        let (key, message) = (arrival.key(), &arrival.incoming.envelope.message);
        let Some(instance) = self.instances.get(&key) else { return false };
        let actors = self.programs.get(&key.protocol).map(|l| &l.program.package().analysis.actors);
        let states = actors.and_then(|actors| actors.get(&instance.meta.actor)).map(|actor| &actor.messages);
        let handled = |of: &std::collections::BTreeMap<String, Disposition>| {
            of.get(&**message) == Some(&Disposition::Handled)
        };
        instance.meta.status == Status::Running && states.is_some_and(|states| states.values().any(handled))
    }

    /// Looks up whether it was seen before, and hands it to whom it is for.
    fn take_in(&mut self, arrival: Arrival) -> Result<(), HostError> {
        if arrival.gossip {
            if self.gossip.contains(&arrival.id) {
                self.ack(arrival.carrier, arrival.id);
                return Ok(());
            }
            self.spread(&arrival)?;
            if self.listens(&arrival) {
                self.offer(&arrival)?;
            }
            return Ok(());
        }
        self.offer(&arrival)
    }

    /// Adds an item to the gossip set and hands it on to everybody but who brought it.
    fn spread(&mut self, arrival: &Arrival) -> Result<(), HostError> {
        let envelope = arrival.incoming.envelope.clone();
        let key = arrival.key();
        let message = envelope.message.to_string();
        let mut commit = super::journal::Commit::default();
        commit.put(Table::Gossip, arrival.id.0.to_vec(), wire::to_bytes(&envelope));
        let expires = self.clock.saturating_add(GOSSIP_RESEND_FOR);
        let others = |to: &&PeerId| **to != self.me && **to != arrival.carrier && **to != envelope.from;
        let mut rows = Vec::new();
        for (order, to) in (self.outbox.next_order()..).zip(self.config.neighbours.iter().filter(others)) {
            let envelope = Some(envelope.clone());
            let row = OutboxRow { to: *to, envelope, gossip: true, firing: None, expires };
            commit.put(Table::Outbox, order.to_be_bytes().to_vec(), wire::to_bytes(&row));
            rows.push((order, row));
        }
        self.commit_now(commit)?;
        let segments = self.segments_of(&envelope);
        for (order, row) in rows {
            self.outbox.add(order, row, segments.clone(), self.clock);
        }
        let payload = arrival.incoming.envelope.payload.clone();
        self.log.push(self.clock, EventKind::Gossiped { key, message, id: arrival.id, payload });
        self.keep_gossip(envelope);
        self.ack(arrival.carrier, arrival.id);
        Ok(())
    }

    pub(crate) fn keep_gossip(&mut self, envelope: Envelope) {
        if let Some(forgotten) = self.gossip.insert(envelope.id(), Arc::new(envelope)) {
            self.pending.remove(Table::Gossip, forgotten.0.to_vec());
        }
    }

    /// Offers a message to the instance of its session, or to the roles that it may create.
    pub(crate) fn offer(&mut self, arrival: &Arrival) -> Result<(), HostError> {
        let key = arrival.key();
        let envelope = &arrival.incoming.envelope;
        let Some(loaded) = self.programs.get(&key.protocol) else { return Ok(()) };
        let to = loaded.protocol().messages.get(&*envelope.message).map_or_else(Vec::new, |m| m.to.clone());
        let Some(instance) = self.instances.get(&key) else { return self.offer_new(arrival, &to) };
        let over = match instance.meta.status {
            Status::Running => None,
            Status::Completed => Some(Reason::Completed),
            Status::Faulted => Some(Reason::Faulted),
        };
        let known = instance.taken.look(envelope, &arrival.id);
        let refused = match (over, known) {
            (_, Known::Taken) => Some((Reason::Replay, "")),
            (Some(reason), _) => Some((reason, "")),
            (None, Known::Contradicts) => {
                Some((Reason::Equivocation, "another message has this sequence number"))
            }
            (None, Known::New) if self.recent.contains(&arrival.id) => Some((Reason::Replay, "")),
            (None, Known::New) if !arrival.gossip && !to.contains(&instance.meta.actor) => {
                Some((Reason::SecondRole, "the peer plays another role in this session"))
            }
            (None, Known::New) => None,
        };
        if let Some((reason, detail)) = refused {
            self.refuse(arrival.refused(reason, detail));
            self.ack(arrival.carrier, arrival.id);
            return Ok(());
        }
        let input = Input::Message(Arc::clone(&arrival.incoming));
        let source = Source::Message { incoming: Arc::clone(&arrival.incoming), id: arrival.id, held: None };
        let outcome = self.step(key, None, &input, &source)?;
        match outcome {
            // Nothing was kept, and there may be room when it comes again.
            Outcome::Refused(Reason::DeferredMax) => return Ok(()),
            Outcome::Refused(Reason::Stranger) if !arrival.gossip => self.recent.insert(arrival.id),
            Outcome::Fired(_) | Outcome::Refused(_) | Outcome::Deferred | Outcome::Faulted(_) => {}
        }
        self.ack(arrival.carrier, arrival.id);
        if matches!(outcome, Outcome::Fired(_)) {
            self.offer_deferred(key)?;
        }
        Ok(())
    }

    fn offer_new(&mut self, arrival: &Arrival, to: &[String]) -> Result<(), HostError> {
        let key = arrival.key();
        if arrival.gossip {
            return Ok(());
        }
        if self.recent.contains(&arrival.id) || self.early.contains(&arrival.id) {
            if self.recent.contains(&arrival.id) {
                self.ack(arrival.carrier, arrival.id);
            }
            self.refuse(arrival.refused(Reason::Replay, ""));
            return Ok(());
        }
        let sender = arrival.incoming.sender;
        if let Some(reason) = self.room_for(Some(sender)) {
            // Not acknowledged: when there is room again, it comes again.
            self.refuse(arrival.refused(reason, ""));
            return Ok(());
        }
        let input = Input::Message(Arc::clone(&arrival.incoming));
        let mut early = false;
        for actor in to {
            let started =
                self.programs.get(&key.protocol).and_then(|l| l.program.start(actor, key.session).ok());
            let Some(machine) = started else { continue };
            let fresh = Fresh { actor: actor.clone(), creator: Some(sender), machine };
            let source =
                Source::Message { incoming: Arc::clone(&arrival.incoming), id: arrival.id, held: None };
            match self.step(key, Some(fresh), &input, &source)? {
                Outcome::Fired(_) => {
                    self.ack(arrival.carrier, arrival.id);
                    return self.begin(key);
                }
                Outcome::Deferred => early = true,
                Outcome::Refused(_) | Outcome::Faulted(_) => {}
            }
        }
        if !early {
            // The step counted why.
            self.recent.insert(arrival.id);
            self.ack(arrival.carrier, arrival.id);
            return Ok(());
        }
        let message = arrival.incoming.envelope.message.to_string();
        self.log.push(self.clock, EventKind::Early { key, from: sender, message });
        let until = self.clock.saturating_add(EARLY_FOR);
        let (id, carrier, incoming) = (arrival.id, arrival.carrier, Arc::clone(&arrival.incoming));
        if let Some(displaced) = self.early.push(Early { key, id, carrier, incoming, until }) {
            let reason = if displaced.id == id { Reason::EarlyMax } else { Reason::Displaced };
            let envelope = &displaced.incoming.envelope;
            let refused = Refused::new(displaced.incoming.sender, reason, "");
            self.refuse(refused.of(&envelope.message, envelope.session));
        }
        Ok(())
    }

    /// Is there room for one more instance?
    pub(crate) fn room_for(&self, creator: Option<PeerId>) -> Option<Reason> {
        if self.running >= self.config.instance_max {
            return Some(Reason::InstanceMax);
        }
        let of_creator = creator.filter(|creator| *creator != self.me).and_then(|c| self.created_by.get(&c));
        of_creator
            .filter(|count| **count >= self.config.instance_per_peer_max)
            .map(|_| Reason::InstancePerPeerMax)
    }

    /// A session has begun: what came early is offered, oldest first.
    pub(crate) fn begin(&mut self, key: Key) -> Result<(), HostError> {
        self.offer_deferred(key)?;
        for early in self.early.take(&key) {
            let Early { id, carrier, incoming, .. } = early;
            self.offer(&Arrival { carrier, incoming, id, gossip: false })?;
        }
        Ok(())
    }

    /// Offers deferred messages again, oldest first, each a step of its own, starting over after every step that fired.
    pub(crate) fn offer_deferred(&mut self, key: Key) -> Result<(), HostError> {
        loop {
            let Some(instance) = self.instances.get(&key) else { return Ok(()) };
            let held: Vec<(u64, Arc<Incoming>)> =
                instance.meta.deferred.iter().map(|(order, held)| (*order, Arc::clone(held))).collect();
            let mut fired = false;
            for (order, incoming) in held {
                let input = Input::Message(Arc::clone(&incoming));
                let id = incoming.envelope.id();
                let source = Source::Message { incoming, id, held: Some(order) };
                if matches!(self.step(key, None, &input, &source)?, Outcome::Fired(_)) {
                    fired = true;
                    break;
                }
            }
            if !fired {
                return Ok(());
            }
        }
    }
}
