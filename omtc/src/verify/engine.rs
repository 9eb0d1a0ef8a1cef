//! Tables of everything that was met, and what a local state and an input make of each other: computed once by the
//! interpreter, looked up from then on.

use super::local::{Instance, Local, MachineKey, Message, MessageKey, Shared, Status};
use super::model::{Model, ProgramModel};
use super::step::Work;
use super::table::{Interner, QuickMap, index};
use omt_runtime::chain::Segment;
use omt_runtime::envelope::Envelope;
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::ir::analysis::Disposition;
use omt_runtime::machine::{Fault, Incoming, Machine, Program};
use std::collections::BTreeSet;
use std::sync::Arc;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// What one honest peer can do by itself.
#[derive(Clone, Debug)]
pub(super) struct Move {
    /// What.
    pub cause: Inner,
    /// The local state afterwards.
    pub next: u32,
}

/// What happens inside a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inner {
    /// A time limit or period has passed: index of the instance, of the limit.
    Timer(usize, u32),
    /// A task has ended: index of the instance, name.
    Task(usize, String),
}

/// What is known of a local state without looking into it again.
#[derive(Clone, Debug)]
pub(super) struct LocalInfo {
    /// How far it is.
    pub clock: i64,
    /// Timers that are due, and tasks that end.
    pub moves: Arc<[Move]>,
    /// Is a timer due? Then its clock stands until it has fired.
    pub due: bool,
    /// Its next deadline after now, in true time.
    pub next_deadline: Option<i64>,
    /// Messages that it has sent, by receiver.
    pub sent_to: Arc<[u32]>,
    /// Is every instance in a terminal, a rest or the initial state?
    pub ended: bool,
    /// An instance for which nothing is on its way but what others may send: its index.
    pub stuck: Option<usize>,
    /// The fault of a step that no message caused; 0 if there was none.
    pub fault: u32,
}

/// How often tables answered, and how often something had to be computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Steps that the interpreter computed.
    pub computed: u64,
    /// Deliveries that a table answered.
    pub remembered: u64,
}

/// See the [module documentation](self).
pub(super) struct Engine<'m> {
    pub model: &'m Model,
    machines: Interner<MachineKey>,
    objects: Vec<Arc<dyn Machine>>,
    pub instances: Interner<Instance>,
    pub shareds: Interner<Shared>,
    chains: Vec<Segment>,
    chain_numbers: QuickMap<(PeerId, Hash), u32>,
    pub sets: Interner<Vec<u32>>,
    message_keys: Interner<MessageKey>,
    messages: Vec<Message>,
    pub locals: Interner<Local>,
    infos: Vec<Option<Arc<LocalInfo>>>,
    /// What a peer makes of a message: the next local state, or [`NONE`].
    deliveries: QuickMap<(u32, u32), u32>,
    /// Machines that refuse a message whatever else the peer is in.
    pub refusals: QuickMap<(u32, u32, u32), ()>,
    /// What a peer makes of a set of messages: a range of `taken_in`.
    inboxes: QuickMap<(u32, u32), (u32, u32)>,
    taken_in: Vec<(u32, u32)>,
    /// Faults of steps that no message caused, numbered from 1.
    faults: Interner<String>,
    pub tally: Tally,
    /// Bytes of snapshots and payloads that are kept, for the estimate of memory.
    pub kept_bytes: usize,
}

impl<'m> Engine<'m> {
    /// Empty tables for a model.
    pub fn new(model: &'m Model) -> Engine<'m> {
        let mut engine = Engine {
            model,
            machines: Interner::default(),
            objects: Vec::new(),
            instances: Interner::default(),
            shareds: Interner::default(),
            chains: Vec::new(),
            chain_numbers: QuickMap::default(),
            sets: Interner::default(),
            message_keys: Interner::default(),
            messages: Vec::new(),
            locals: Interner::default(),
            infos: Vec::new(),
            deliveries: QuickMap::default(),
            refusals: QuickMap::default(),
            inboxes: QuickMap::default(),
            taken_in: Vec::new(),
            faults: Interner::default(),
            tally: Tally::default(),
            kept_bytes: 0,
        };
        // The empty set is number 0 everywhere.
        engine.sets.add(Vec::new());
        engine
    }

    /// The local states of the honest peers at the start.
    pub fn start(&mut self) -> Vec<u32> {
        let model = self.model;
        let mut chains = Vec::new();
        let mut shareds = Vec::new();
        let locals = model.start(
            |shared| {
                shareds.push(shared.clone());
                0
            },
            |chain| {
                chains.push(chain.clone());
                0
            },
        );
        let parts = locals.into_iter().zip(shareds).zip(chains);
        parts
            .map(|((local, shared), chain)| {
                let shared = self.shareds.add(shared).0;
                let chain = self.chain(chain);
                self.local(Local { shared, chain, ..local })
            })
            .collect()
    }

    /// The number of a local state.
    pub fn local(&mut self, local: Local) -> u32 {
        let (number, new) = self.locals.add(local);
        if new {
            self.infos.push(None);
        }
        number
    }

    /// The number of a chain.
    pub fn chain(&mut self, chain: Segment) -> u32 {
        let key = (chain.author(), chain.head_hash());
        if let Some(number) = self.chain_numbers.get(&key) {
            return *number;
        }
        let number = u32::try_from(self.chains.len()).unwrap_or(NONE);
        self.chains.push(chain);
        self.chain_numbers.insert(key, number);
        number
    }

    /// The chain of a number.
    pub fn chain_of(&self, number: u32) -> Option<&Segment> {
        self.chains.get(index(number))
    }

    /// The number of a machine.
    pub fn machine(&mut self, protocol: u32, machine: Arc<dyn Machine>) -> u32 {
        let key = MachineKey { protocol, actor: machine.actor().into(), snapshot: machine.save() };
        let bytes = key.snapshot.len();
        let (number, new) = self.machines.add(key);
        if new {
            self.kept_bytes = self.kept_bytes.saturating_add(bytes.saturating_mul(3));
            self.objects.push(machine);
        }
        number
    }

    /// The machine of a number.
    pub fn machine_of(&self, number: u32) -> Option<&Arc<dyn Machine>> {
        self.objects.get(index(number))
    }

    /// The number of a message.
    pub fn message(&mut self, key: MessageKey) -> u32 {
        let bytes = key.payload.len();
        let (number, new) = self.message_keys.add(key);
        if new {
            self.kept_bytes = self.kept_bytes.saturating_add(bytes.saturating_mul(2));
            if let Some(key) = self.message_keys.get(number) {
                let key = Arc::clone(key);
                let incoming = Arc::new(self.incoming(&key));
                self.messages.push(Message { key, incoming });
            }
        }
        number
    }

    /// The message of a number.
    pub fn message_of(&self, number: u32) -> Option<&Message> {
        self.messages.get(index(number))
    }

    /// How many messages there are.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    fn incoming(&self, key: &MessageKey) -> Incoming {
        let program = self.model.program(key.protocol);
        let sender = self.model.peers.get(index(key.from));
        let from = sender.map_or(PeerId([0; 32]), |peer| peer.id);
        let mut envelope = Envelope {
            from,
            session: key.session,
            protocol: program.map_or(Hash::ZERO, |program| program.package.id),
            message: Arc::clone(&key.name),
            sequence: key.sequence,
            time: crate::spec::START,
            payload: key.payload.clone(),
            signature: None,
        };
        let signed = program.and_then(|p| p.protocol().messages.get(&*key.name)).is_some_and(|m| m.signed);
        if let Some(sender) = sender.filter(|_| signed) {
            envelope.signature = Some(self.model.signatures.sign(sender, &envelope.id()));
        }
        Incoming { envelope, sender: from }
    }

    /// The number of a set with one more member.
    pub fn with(&mut self, set: u32, member: u32) -> u32 {
        let Some(members) = self.sets.get(set) else { return set };
        match members.binary_search(&member) {
            Ok(_) => set,
            Err(at) => {
                let mut members = Vec::clone(members);
                members.insert(at, member);
                self.sets.add(members).0
            }
        }
    }

    /// Is it in the set?
    pub fn contains(&self, set: u32, member: u32) -> bool {
        self.sets.get(set).is_some_and(|members| members.binary_search(&member).is_ok())
    }

    /// The set without messages that the actor will never handle again, from a state on.
    pub fn still_of_use(&mut self, set: u32, program: &ProgramModel, actor: &str, state: &str) -> u32 {
        let Some(members) = self.sets.get(set) else { return set };
        let of_use = |message: &u32| {
            self.message_of(*message).is_some_and(|message| {
                let analysis = &program.package.analysis;
                analysis.disposition(actor, state, &message.key.name) != Disposition::Discarded
            })
        };
        let kept: Vec<u32> = members.iter().copied().filter(of_use).collect();
        if kept.len() == members.len() { set } else { self.sets.add(kept).0 }
    }

    /// How many machines there are.
    pub fn machine_count(&self) -> usize {
        self.machines.len()
    }

    /// A machine and its transaction.
    pub fn machine_at(&self, number: u32) -> Option<(u32, &Arc<dyn Machine>)> {
        Some((self.machines.get(number)?.protocol, self.objects.get(index(number))?))
    }

    /// A local state of a number.
    pub fn local_of(&self, number: u32) -> Option<&Arc<Local>> {
        self.locals.get(number)
    }

    /// The instance of a number.
    pub fn instance_of(&self, number: u32) -> Option<&Arc<Instance>> {
        self.instances.get(number)
    }

    /// What a local state makes of a message: the next one, or [`NONE`] if nothing changes.
    pub fn deliver(&mut self, local: u32, message: u32) -> u32 {
        if let Some(next) = self.deliveries.get(&(local, message)) {
            self.tally.remembered += 1;
            return *next;
        }
        let next = Work::begin(self, local)
            .and_then(|mut work| if work.deliver(message) { Some(work.end()) } else { None })
            .filter(|next| *next != local)
            .unwrap_or(NONE);
        self.deliveries.insert((local, message), next);
        next
    }

    /// What a local state makes of a set of messages: each that changes something, with the next local state.
    pub fn inbox(&mut self, local: u32, set: u32) -> (u32, u32) {
        if let Some(range) = self.inboxes.get(&(local, set)) {
            self.tally.remembered += 1;
            return *range;
        }
        let members = self.sets.get(set).map(Arc::clone);
        let start = u32::try_from(self.taken_in.len()).unwrap_or(NONE);
        for message in members.iter().flat_map(|members| members.iter()) {
            let next = self.deliver(local, *message);
            if next != NONE {
                self.taken_in.push((*message, next));
            }
        }
        let range = (start, u32::try_from(self.taken_in.len()).unwrap_or(NONE));
        self.inboxes.insert((local, set), range);
        range
    }

    /// One entry of a range that [`Engine::inbox`] gave.
    pub fn taken_in(&self, at: u32) -> Option<(u32, u32)> {
        self.taken_in.get(index(at)).copied()
    }

    /// The same local state at another instant.
    pub fn at(&mut self, local: u32, instant: i64) -> u32 {
        match self.local_of(local).map(|local| Local { clock: instant, ..Local::clone(local) }) {
            Some(later) => self.local(later),
            None => local,
        }
    }

    /// What is known of a local state.
    pub fn info(&mut self, number: u32) -> Arc<LocalInfo> {
        if let Some(Some(info)) = self.infos.get(index(number)) {
            return Arc::clone(info);
        }
        let info = Arc::new(self.look_into(number));
        if let Some(slot) = self.infos.get_mut(index(number)) {
            *slot = Some(Arc::clone(&info));
        }
        info
    }

    fn look_into(&mut self, number: u32) -> LocalInfo {
        let mut info = LocalInfo {
            clock: 0,
            moves: Arc::new([]),
            due: false,
            next_deadline: None,
            sent_to: Arc::new([]),
            ended: true,
            stuck: None,
            fault: 0,
        };
        let Some(local) = self.local_of(number).map(Arc::clone) else { return info };
        let ahead = self.model.peers.get(index(local.peer)).map_or(0, |peer| peer.ahead);
        let now = local.clock.saturating_add(ahead);
        info.clock = local.clock;
        info.fault = local.fault;
        let mut due: Option<(i64, usize, u32)> = None;
        let mut ending: Vec<(usize, String)> = Vec::new();
        for (at, instance) in local.instances.iter().enumerate() {
            let Some(instance) = self.instance_of(*instance).map(Arc::clone) else { continue };
            if instance.status != Status::Running {
                continue;
            }
            for timer in &instance.timers {
                if timer.at <= now {
                    let key = (timer.at, at, timer.limit);
                    due = Some(due.map_or(key, |first| first.min(key)));
                } else {
                    let deadline = timer.at.saturating_sub(ahead);
                    info.next_deadline = Some(info.next_deadline.map_or(deadline, |d| d.min(deadline)));
                }
            }
            let ends: Vec<String> = self.ending(&local, &instance).collect();
            let waits = !instance.timers.is_empty() || !ends.is_empty();
            ending.extend(ends.into_iter().map(|name| (at, name)));
            if !self.may_stay(&instance) {
                info.ended = false;
                if !waits {
                    info.stuck = info.stuck.or(Some(at));
                }
            }
        }
        info.due = due.is_some();
        let mut moves = Vec::new();
        if let Some((_, at, limit)) = due
            && let Some(mut work) = Work::begin(self, number)
        {
            work.timer(at, limit);
            moves.push(Move { cause: Inner::Timer(at, limit), next: work.end() });
        }
        for (at, name) in ending {
            if let Some(mut work) = Work::begin(self, number) {
                work.task(at, &name);
                moves.push(Move { cause: Inner::Task(at, name), next: work.end() });
            }
        }
        info.moves = moves.into();
        info.sent_to = self.split(local.sent, local.peer);
        info
    }

    /// Tasks of an instance whose end the scope knows.
    fn ending<'i>(&self, local: &Local, instance: &'i Instance) -> impl Iterator<Item = String> + use<'i> {
        let (peer, protocol) = (index(local.peer), index(instance.protocol));
        let ends: Vec<String> = instance
            .tasks
            .iter()
            .filter(|(name, arguments)| self.model.task(peer, protocol, name, arguments).is_some())
            .map(|(name, _)| name.clone())
            .collect();
        ends.into_iter()
    }

    /// Is it in a state in which waiting for ever is meant?
    fn may_stay(&self, instance: &Instance) -> bool {
        let machine = self.machine_of(instance.machine);
        let actor =
            self.model.program(instance.protocol).and_then(|p| p.protocol().actors.get(&*instance.actor));
        let (Some(machine), Some(actor)) = (machine, actor) else { return true };
        let state = actor.states.get(machine.state());
        machine.state() == actor.initial || state.is_none_or(|state| state.terminal || state.rest)
    }

    /// Messages of a set by receiver: one set for each peer, gossip in all of them but the sender's.
    fn split(&mut self, set: u32, from: u32) -> Arc<[u32]> {
        let peers = self.model.peers.len();
        let mut by_receiver = vec![Vec::new(); peers];
        let members = self.sets.get(set).map(Arc::clone);
        for message in members.iter().flat_map(|members| members.iter()) {
            let to = self.message_of(*message).and_then(|m| m.key.to);
            for (number, receiver) in (0u32..).zip(by_receiver.iter_mut()) {
                if to == Some(number) || (to.is_none() && number != from) {
                    receiver.push(*message);
                }
            }
        }
        by_receiver.into_iter().map(|messages| self.sets.add(messages).0).collect::<Vec<_>>().into()
    }

    /// A fresh machine.
    pub fn fresh(&self, protocol: u32, actor: &str, session: Hash) -> Option<Arc<dyn Machine>> {
        let program = self.model.program(protocol)?;
        program.interpreter.start(actor, session).ok().map(Arc::from)
    }

    /// The machine with the fields cleared that nothing reads from here on.
    pub fn cleared(&self, protocol: u32, machine: Box<dyn Machine>) -> Arc<dyn Machine> {
        let machine: Arc<dyn Machine> = Arc::from(machine);
        if !self.model.reductions.dead_fields {
            return machine;
        }
        let restored = self.model.program(protocol).and_then(|program| {
            let live = program.live.get(machine.actor())?.get(machine.state())?;
            let actor = program.protocol().actors.get(machine.actor())?;
            let dead: BTreeSet<&str> = actor
                .store
                .keys()
                .map(String::as_str)
                .filter(|name| !live.contains(*name) && machine.field(name).is_some())
                .collect();
            if dead.is_empty() {
                return None;
            }
            let snapshot = super::snapshot::without(&*machine, actor, &dead);
            program.interpreter.restore(machine.actor(), &snapshot).ok()
        });
        restored.map_or(machine, Arc::from)
    }

    /// The number of a fault, from 1.
    pub fn fault(&mut self, fault: &Fault) -> u32 {
        self.faults.add(fault.to_string()).0.saturating_add(1)
    }

    /// A fault of a number from 1.
    pub fn fault_of(&self, number: u32) -> Option<String> {
        self.faults.get(number.checked_sub(1)?).map(|text| String::clone(text))
    }

    /// Numbers of local states, machines, instances, messages.
    pub fn counts(&self) -> [usize; 4] {
        [self.locals.len(), self.machines.len(), self.instances.len(), self.messages.len()]
    }

    /// Bytes that the tables take, about.
    pub fn bytes(&self) -> usize {
        const LOCAL: usize = 600;
        const INSTANCE: usize = 400;
        const ENTRY: usize = 32;
        let entries = self.deliveries.capacity() + self.inboxes.capacity() + self.refusals.capacity();
        self.kept_bytes
            .saturating_add(self.locals.len().saturating_mul(LOCAL))
            .saturating_add(self.instances.len().saturating_mul(INSTANCE))
            .saturating_add(self.sets.len().saturating_mul(ENTRY * 4))
            .saturating_add(entries.saturating_mul(ENTRY))
            .saturating_add(self.taken_in.capacity().saturating_mul(size_of::<(u32, u32)>()))
    }
}
