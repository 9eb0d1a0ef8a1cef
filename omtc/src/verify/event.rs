//! What the scope makes happen: triggers, and statements of members that run no machine. Their values are computed in
//! the state in which they happen.

use super::engine::{Engine, NONE};
use super::local::MessageKey;
use super::model::Model;
use super::record::Records;
use super::step::Work;
use super::table::{QuickMap, index};
use crate::spec::{Event, Query, Say};
use omt_runtime::id::Hash;
use omt_runtime::value::Value;
use omt_runtime::wire;

/// The first sequence number of a statement that the scope makes: none that a machine comes to.
pub(super) const SAID_FROM: u64 = 1 << 32;

/// What of other peers decides what an event comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// Nothing.
    Nothing,
    /// Their chains.
    Chains,
    /// All that they are in.
    Everything,
}

/// What events come to, remembered.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub records: Records,
    /// By event and local states.
    known: QuickMap<(usize, Vec<u32>), (Option<usize>, u32)>,
}

impl Events {
    /// Forgets what events came to.
    pub fn forget(&mut self) {
        self.known = QuickMap::default();
    }

    /// The place of the peer at which an event happens, and its local state afterwards; [`NONE`] if nothing changes.
    pub fn happen(&mut self, engine: &mut Engine<'_>, number: usize, locals: &[u32]) -> (Option<usize>, u32) {
        let key = (number, self.read_by(engine, number, locals));
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let result = self.compute(engine, number, locals).unwrap_or((None, NONE));
        if engine.halt.hit().is_none() {
            self.known.insert(key, result);
        }
        result
    }

    /// What of other peers decides what an event comes to.
    pub fn asks(model: &Model, number: usize) -> Asks {
        match model.events.get(number).map(|event| &event.event) {
            Some(Event::Trigger { arguments, .. }) => {
                if arguments.iter().any(|query| query.roles().next().is_some()) {
                    Asks::Everything
                } else if arguments.iter().any(Query::reads_peers) {
                    Asks::Chains
                } else {
                    Asks::Nothing
                }
            }
            _ => Asks::Everything,
        }
    }

    /// The local states that decide what an event comes to.
    fn read_by(&self, engine: &Engine<'_>, number: usize, locals: &[u32]) -> Vec<u32> {
        let model = engine.model;
        let asks = Events::asks(model, number);
        let Some(Event::Trigger { member, .. }) = model.events.get(number).map(|event| &event.event) else {
            return locals.to_vec();
        };
        if asks == Asks::Everything {
            return locals.to_vec();
        }
        let peer = model.peers.iter().position(|peer| peer.name == *member);
        let place = peer.and_then(|peer| model.running.iter().position(|running| *running == peer));
        let mut read: Vec<u32> = place.and_then(|place| locals.get(place)).copied().into_iter().collect();
        if asks == Asks::Chains {
            // Of other peers, their chains.
            read.extend(locals.iter().filter_map(|local| engine.local_of(*local)).map(|local| local.chain));
        }
        read
    }

    fn compute(
        &mut self,
        engine: &mut Engine<'_>,
        number: usize,
        locals: &[u32],
    ) -> Option<(Option<usize>, u32)> {
        let model = engine.model;
        match &model.events.get(number)?.event {
            Event::Trigger { member, roles, trigger, arguments, session } => {
                let peer = model.peers.iter().position(|peer| peer.name == *member)?;
                let place = model.running.iter().position(|running| *running == peer)?;
                let local = locals.get(place).copied()?;
                let mut values = Vec::new();
                for query in arguments {
                    values.push(wire::to_bytes(&self.value(engine, query, locals)?));
                }
                for role in roles {
                    let protocol = u32::try_from(role.transaction).ok()?;
                    let session = match session {
                        Some(_) => None,
                        None => self.newest(engine, local, protocol, &role.actor, trigger),
                    };
                    let mut work = Work::begin(engine, local)?;
                    if work.trigger(protocol, &role.actor, trigger, values.clone(), session) {
                        return Some((Some(place), work.end()));
                    }
                }
                Some((Some(place), NONE))
            }
            Event::Say(said) => {
                let Say { from, to, message, payload, session, sequence } = &**said;
                let peer = |name: &str| model.peers.iter().position(|peer| peer.name == name);
                let receiver = peer(to)?;
                let place = model.running.iter().position(|running| *running == receiver)?;
                let local = locals.get(place).copied()?;
                let protocol = u32::try_from(message.transaction).ok()?;
                let session = match session {
                    Some(query) => {
                        let Value::Hash(session) = self.value(engine, query, locals)? else { return None };
                        session
                    }
                    None => self.newest_session(engine, local, locals, protocol)?,
                };
                let sequence = match sequence {
                    Some(query) => {
                        let Value::Int(sequence) = self.value(engine, query, locals)? else { return None };
                        u64::try_from(sequence).ok()?
                    }
                    None => SAID_FROM.saturating_add(number as u64),
                };
                let payload = wire::to_bytes(&self.value(engine, payload, locals)?);
                let key = MessageKey {
                    from: model.home(u32::try_from(peer(from)?).ok()?),
                    to: u32::try_from(receiver).ok().map(|receiver| model.home(receiver)),
                    protocol,
                    session,
                    name: message.name.as_str().into(),
                    payload: payload.into(),
                    sequence,
                };
                let message = engine.message(key);
                Some((Some(place), engine.deliver(local, message)))
            }
            Event::Crash(_) | Event::Restart(_) | Event::Partition(..) | Event::Heal => None,
        }
    }

    fn value(&mut self, engine: &Engine<'_>, query: &Query, locals: &[u32]) -> Option<Value> {
        let situation = self.records.situation(engine, locals, crate::spec::START);
        engine.model.evaluator.evaluate(query, &situation).ok()
    }

    /// The newest instance of a role in whose state the trigger may be fired.
    fn newest(
        &self,
        engine: &Engine<'_>,
        local: u32,
        protocol: u32,
        actor: &str,
        trigger: &str,
    ) -> Option<Hash> {
        let local = engine.local_of(local)?;
        let declared = engine.model.program(protocol)?.protocol().actors.get(actor)?.triggers.get(trigger)?;
        let fits = |number: &&u32| {
            let instance = engine.instance_of(**number);
            instance.is_some_and(|instance| {
                let state = engine.machine_of(instance.machine).map(|machine| machine.state());
                instance.protocol == protocol
                    && *instance.actor == *actor
                    && state.is_some_and(|state| declared.states.iter().any(|s| s == state))
            })
        };
        let newest = local.instances.iter().rev().find(fits)?;
        engine.instance_of(*newest).map(|instance| instance.session)
    }

    /// The session of the newest instance of the receiver, else of anybody.
    fn newest_session(&self, engine: &Engine<'_>, local: u32, locals: &[u32], protocol: u32) -> Option<Hash> {
        let newest = |local: u32| {
            let local = engine.local_of(local)?;
            let of_it = |number: &&u32| engine.instance_of(**number).is_some_and(|i| i.protocol == protocol);
            let number = local.instances.iter().rev().find(of_it)?;
            engine.instance_of(*number).map(|instance| instance.session)
        };
        newest(local).or_else(|| locals.iter().find_map(|local| newest(*local)))
    }
}

/// The place of a peer in a state.
pub(super) fn place_of(engine: &Engine<'_>, local: u32) -> Option<usize> {
    let peer = engine.local_of(local)?.peer;
    engine.model.running.iter().position(|running| *running == index(peer))
}
