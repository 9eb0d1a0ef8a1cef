//! Tables of everything that was met, and what a local state and an input make of each other: computed once by the
//! interpreter, looked up from then on.

mod look;

use super::atom::{Atom, AtomSet, Atoms};
use super::evidence::Evidence;
use super::gather::{Gathering, Leaps};
use super::halt::Halt;
use super::local::{Instance, Local, MachineKey, Message, MessageKey, Shared};
use super::model::{Model, ProgramModel};
use super::settled::Settled;
use super::step::Work;
use super::table::{Interner, QuickMap, index};
use super::universe::{decoded, handles};
use crate::scenario::coverage::Covered;
use omt_runtime::chain::Segment;
use omt_runtime::envelope::Envelope;
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::ir::Type;
use omt_runtime::ir::analysis::Disposition;
use omt_runtime::machine::{Effect, Fault, Incoming, Machine, Program};
use omt_runtime::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Different instants: what comes again and again would make new ones without end.
pub(super) const INSTANTS_MAX: usize = 4_096;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// What byzantine members may still say, where that is not counted.
pub(super) const UNCOUNTED: u32 = u32::MAX;

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

/// Something that a peer can do next, with the messages that it only gathers before.
#[derive(Clone, Debug)]
pub(super) struct Leap {
    /// Messages that are gathered first.
    pub gathered: Arc<[u32]>,
    /// What happens then.
    pub last: Last,
    /// The local state afterwards.
    pub next: u32,
    /// Messages of byzantine members in it, where they are counted.
    pub said: u32,
}

/// The last part of a leap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// A message arrives.
    Deliver(u32),
    /// Something inside the peer.
    Inner(Inner),
}

/// What is known of a local state without looking into it again.
#[derive(Clone, Debug)]
pub(super) struct LocalInfo {
    /// How far it is.
    pub clock: i64,
    /// Timers that are due, and tasks that end.
    pub moves: Arc<[Move]>,
    /// Its deadlines, in true time, sorted.
    pub deadlines: Arc<[i64]>,
    /// Its earliest deadline, in true time.
    pub deadline: Option<i64>,
    /// Messages that it has sent, by receiver.
    pub sent_to: Arc<[u32]>,
    /// Is every instance in a terminal, a rest or the initial state?
    pub ended: bool,
    /// An instance for which nothing is on its way but what others may send: its index.
    pub stuck: Option<usize>,
    /// The fault of a step that no message caused; 0 if there was none.
    pub fault: u32,
    /// Properties that a step here has violated by itself, a bit each.
    pub broken: u64,
}

impl LocalInfo {
    /// Its first deadline after an instant.
    pub fn later(&self, instant: i64) -> Option<i64> {
        self.deadlines.iter().copied().find(|deadline| *deadline > instant)
    }
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
    /// What a peer makes of a message: the next local state, or [`NONE`]; and whether that depends on the instant.
    deliveries: QuickMap<(u32, u32), (u32, bool)>,
    /// What a local state can do with a set of messages.
    leaps: QuickMap<(u32, u32, u32), Arc<[Leap]>>,
    /// Unions of sets that were asked for.
    unions: QuickMap<Vec<u32>, u32>,
    /// Sets of sent messages of a peer, by receiver.
    by_receiver: QuickMap<(u32, u32), Arc<[u32]>>,
    /// By local state: the same without its clock.
    cores: Vec<u32>,
    core_numbers: Interner<Local>,
    instants: Interner<i64>,
    /// Machines that refuse a message whatever else the peer is in.
    pub refusals: QuickMap<(u32, u32, u32), ()>,
    /// What contradicts itself, and who remembers what of it.
    pub evidence: Evidence,
    /// Which messages need not be remembered.
    pub settled: Settled,
    /// Faults of steps that no message caused, numbered from 1.
    faults: Interner<String>,
    atoms: Atoms,
    /// By set of sent messages: what it shows to byzantine members.
    shown: QuickMap<u32, Arc<AtomSet>>,
    /// Messages that were said more often than is tried.
    pub often: BTreeSet<String>,
    pub tally: Tally,
    /// Says when to stop; then nothing is computed any more, and what was looked for is not remembered.
    pub halt: Halt,
    /// What steps of machines covered.
    pub covered: Covered,
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
            leaps: QuickMap::default(),
            unions: QuickMap::default(),
            by_receiver: QuickMap::default(),
            cores: Vec::new(),
            core_numbers: Interner::default(),
            instants: Interner::default(),
            evidence: Evidence::new(),
            settled: Settled::default(),
            faults: Interner::default(),
            atoms: Atoms::default(),
            shown: QuickMap::default(),
            often: BTreeSet::new(),
            tally: Tally::default(),
            halt: Halt::default(),
            covered: Covered::default(),
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
        let core = Local { clock: 0, ..local.clone() };
        let (number, new) = self.locals.add(local);
        if new {
            let core = self.core_numbers.add(core).0;
            self.cores.push(core);
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
                let message = Message { key, incoming };
                self.evidence.learn(self.model, number, &message);
                self.messages.push(message);
            }
        }
        number
    }

    /// The number of a message that was said.
    pub fn message_number(&self, key: &MessageKey) -> Option<u32> {
        self.message_keys.number(key)
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

    /// The set without the members of another.
    pub fn minus(&mut self, set: u32, other: u32) -> u32 {
        let (Some(members), Some(without)) = (self.sets.get(set), self.sets.get(other)) else { return set };
        let left: Vec<u32> =
            members.iter().copied().filter(|member| without.binary_search(member).is_err()).collect();
        if left.len() == members.len() { set } else { self.sets.add(left).0 }
    }

    /// What a local state has sent, by receiver: one set for each peer, gossip in all of them but its own.
    pub fn sent_to(&mut self, local: u32) -> Arc<[u32]> {
        let Some((sent, peer)) = self.local_of(local).map(|local| (local.sent, local.peer)) else {
            return Arc::new([]);
        };
        if let Some(known) = self.by_receiver.get(&(sent, peer)) {
            return Arc::clone(known);
        }
        let split = self.split(sent, peer);
        self.by_receiver.insert((sent, peer), Arc::clone(&split));
        split
    }

    /// Numbers of the atoms of a value.
    pub fn atoms_of(&mut self, value: &Value, whole: bool) -> Vec<u32> {
        let atoms = super::atom::of(self.model, value, whole);
        atoms.into_iter().map(|atom| self.atoms.number(atom)).collect()
    }

    /// What a set of sent messages shows to byzantine members.
    pub fn shown_by(&mut self, sent: u32) -> Arc<AtomSet> {
        if let Some(known) = self.shown.get(&sent) {
            return Arc::clone(known);
        }
        let mut shown = AtomSet::default();
        for number in self.sets.get(sent).map(Arc::clone).iter().flat_map(|set| set.iter()) {
            shown.join(&self.shows(*number));
        }
        let shown = Arc::new(shown);
        self.shown.insert(sent, Arc::clone(&shown));
        shown
    }

    /// What a message shows to byzantine members, if they see it.
    fn shows(&mut self, number: u32) -> AtomSet {
        let mut shown = AtomSet::default();
        let Some(message) = self.message_of(number).cloned() else { return shown };
        let to_byzantine = |to: u32| self.model.peers.get(index(to)).is_some_and(|peer| !peer.runs);
        if message.key.to.is_none_or(to_byzantine) {
            let ty = Type::Message(message.key.name.to_string());
            if let Some(value) = decoded(self.model, message.key.protocol, &ty, &message.key.payload) {
                self.atoms_of(&value, true).into_iter().for_each(|atom| shown.add(atom));
            }
            if message.incoming.envelope.signature.is_some() && self.model.of_use.signed() {
                shown.add(self.atoms.number(Atom::Signed(message.incoming.envelope.id())));
            }
        }
        shown
    }

    /// Is nothing different when a message is sent beside these: nobody handles it, and byzantine members know all of it?
    pub fn adds_nothing(&mut self, sent: u32, number: u32) -> bool {
        if !self.model.reductions.unheard_messages {
            return false;
        }
        // Hosts remember what it proves, whether or not a machine handles it.
        if self.evidence.tells(number) {
            return false;
        }
        let Some(message) = self.message_of(number).cloned() else { return false };
        let Some(program) = self.model.program(message.key.protocol) else { return false };
        let protocol = program.protocol();
        let receiver = message.key.to.and_then(|to| self.model.peers.get(index(to)));
        let heard = match receiver {
            Some(receiver) if !receiver.runs => false,
            _ => {
                let declared = protocol.messages.get(&*message.key.name);
                let to = declared.into_iter().flat_map(|declared| &declared.to);
                let gossip = message.key.to.is_none();
                let mut actors: Vec<&String> = to.collect();
                if gossip {
                    actors.extend(protocol.actors.keys());
                }
                actors.into_iter().any(|actor| handles(protocol, actor, &message.key.name))
            }
        };
        !heard && self.shows(number).within(&self.shown_by(sent))
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

    /// The number of a local state without its clock.
    pub fn core(&self, local: u32) -> u32 {
        self.cores.get(index(local)).copied().unwrap_or(NONE)
    }

    /// The number of an instant.
    pub fn instant(&mut self, instant: i64) -> u32 {
        self.instants.add(instant).0
    }

    /// Is it one of the instants, or may it become one?
    pub fn has_instant(&self, instant: i64) -> bool {
        !self.is_out_of_instants() || self.instants.number(&instant).is_some()
    }

    /// Are there as many instants as are tried?
    pub fn is_out_of_instants(&self) -> bool {
        self.instants.len() >= INSTANTS_MAX
    }

    /// The instant of a number.
    pub fn instant_of(&self, number: u32) -> i64 {
        self.instants.get(number).map_or(crate::spec::START, |instant| **instant)
    }

    /// The union of sets.
    pub fn union(&mut self, mut sets: Vec<u32>) -> u32 {
        sets.retain(|set| *set != 0);
        sets.sort_unstable();
        if let [] | [_] = sets.as_slice() {
            return sets.first().copied().unwrap_or(0);
        }
        if let Some(known) = self.unions.get(&sets) {
            return *known;
        }
        let mut members: Vec<u32> =
            sets.iter().filter_map(|set| self.sets.get(*set)).flat_map(|set| set.iter().copied()).collect();
        members.sort_unstable();
        members.dedup();
        let union = self.sets.add(members).0;
        self.unions.insert(sets, union);
        union
    }

    /// What a local state makes of a message: the next one, or [`NONE`] if nothing changes.
    pub fn deliver(&mut self, local: u32, message: u32) -> u32 {
        self.delivered(local, message).0
    }

    fn delivered(&mut self, local: u32, message: u32) -> (u32, bool) {
        if let Some(known) = self.deliveries.get(&(local, message)) {
            self.tally.remembered += 1;
            return *known;
        }
        let mut result = (NONE, false);
        if self.halt.now() {
            return result;
        }
        if let Some(mut work) = Work::begin(self, local) {
            let changed = work.deliver(message);
            result.1 = work.asked_ever();
            if changed {
                result.0 = work.end();
            }
        }
        if result.0 == local {
            result.0 = NONE;
        }
        self.deliveries.insert((local, message), result);
        result
    }

    /// Forgets what local states make of messages, when more is contested than was known when that was computed, or
    /// something was forgotten that makes a difference. Was it?
    pub fn forget_if_contested(&mut self) -> bool {
        let wrong = self.settled.is_wrong();
        let grown = self.evidence.take_grown() || wrong;
        if grown {
            self.deliveries = QuickMap::default();
            self.leaps = QuickMap::default();
            self.infos.iter_mut().for_each(|info| *info = None);
        }
        grown
    }

    /// Does a byzantine member say it?
    pub fn is_said(&self, message: u32) -> bool {
        let from = self.message_of(message).and_then(|message| self.model.peers.get(index(message.key.from)));
        from.is_some_and(|peer| !peer.runs)
    }

    /// What a local state can do, by itself or with one of these messages, of which `left` may be of byzantine members.
    ///
    /// A message that is only gathered (a `collect` in whose wake nothing happens, and that no property sees) may as
    /// well arrive right before something happens: so what is gathered is part of a leap, not a step.
    pub fn leaps(&mut self, local: u32, set: u32, left: u32) -> Arc<[Leap]> {
        if let Some(known) = self.leaps.get(&(local, set, left)) {
            self.tally.remembered += 1;
            return Arc::clone(known);
        }
        let members = self.sets.get(set).map(Arc::clone);
        let members = members.iter().flat_map(|members| members.iter());
        // Where they are not counted, what they say costs nothing.
        let messages: Vec<(u32, u32)> =
            members.map(|number| (*number, u32::from(left != UNCOUNTED && self.is_said(*number)))).collect();
        let mut leaps = Leaps::default();
        let mut gathering = Gathering::from(local);
        while let Some((from, gathered, said)) = gathering.next() {
            for (message, cost) in &messages {
                let said = said.saturating_add(*cost);
                if said > left {
                    continue;
                }
                let (next, asked) = self.delivered(from, *message);
                if next == NONE {
                    continue;
                }
                let late = self.model.reductions.late_gathering && !asked && gathering.has_room();
                if late && self.only_gathers(from, next) {
                    gathering.add(next, &gathered, *message, said);
                } else {
                    leaps.add(&gathered, Last::Deliver(*message), next, said);
                }
            }
            for step in Arc::clone(&self.info(from).moves).iter() {
                leaps.add(&gathered, Last::Inner(step.cause.clone()), step.next, said);
            }
        }
        let leaps: Arc<[Leap]> = leaps.all.into();
        if self.halt.hit().is_some() {
            return leaps;
        }
        self.leaps.insert((local, set, left), Arc::clone(&leaps));
        leaps
    }

    /// Do two local states differ in fields of one store alone, which no property sees, and in what was taken?
    fn only_gathers(&self, from: u32, to: u32) -> bool {
        let (Some(from), Some(to)) = (self.local_of(from), self.local_of(to)) else { return false };
        let rest = Local { instances: from.instances.clone(), heard: from.heard, ..Local::clone(to) };
        let same = rest == **from
            && from.instances.len() == to.instances.len()
            && self.evidence.same_proofs(from.heard, to.heard);
        same && from.instances.iter().zip(&to.instances).all(|(a, b)| {
            if a == b {
                return true;
            }
            let (Some(a), Some(b)) = (self.instance_of(*a), self.instance_of(*b)) else { return false };
            let (Some(before), Some(after)) = (self.machine_of(a.machine), self.machine_of(b.machine)) else {
                return false;
            };
            let rest = Instance { machine: a.machine, taken: a.taken, ..Instance::clone(b) } == **a;
            let unseen = |name: &String| before.field(name) == after.field(name);
            let mut seen = self.model.observed.fields(index(a.protocol), &a.actor);
            rest && before.state() == after.state() && seen.all(unseen)
        })
    }

    /// A local state without what it has said, and what it has said.
    pub fn parted(&mut self, local: u32) -> (u32, u32) {
        match self.local_of(local).map(|local| (local.sent, Local { sent: 0, ..Local::clone(local) })) {
            Some((0, _)) | None => (local, 0),
            Some((sent, mind)) => (self.local(mind), sent),
        }
    }

    /// A local state with what it has said.
    pub fn saying(&mut self, mind: u32, sent: u32) -> u32 {
        match self.local_of(mind).map(|mind| Local { sent, ..Local::clone(mind) }) {
            Some(local) => self.local(local),
            None => mind,
        }
    }

    /// May a message arrive at a peer?
    pub fn is_for(&self, message: u32, peer: usize) -> bool {
        let Some((from, to)) = self.message_of(message).map(|m| (m.key.from, m.key.to)) else { return false };
        let home = u32::try_from(peer).map_or(NONE, |peer| self.model.home(peer));
        to.map_or(home != from, |to| to == home)
    }

    /// The same local state at another instant.
    pub fn at(&mut self, local: u32, instant: i64) -> u32 {
        match self.local_of(local).map(|local| Local { clock: instant, ..Local::clone(local) }) {
            Some(later) => self.local(later),
            None => local,
        }
    }

    /// Messages of a set by receiver: one set for each peer, gossip in all of them but the sender's.
    fn split(&mut self, set: u32, from: u32) -> Arc<[u32]> {
        let peers = self.model.peers.len();
        let mut by_receiver = vec![Vec::new(); peers];
        let members = self.sets.get(set).map(Arc::clone);
        for message in members.iter().flat_map(|members| members.iter()) {
            let to = self.message_of(*message).and_then(|m| m.key.to);
            for (number, receiver) in (0u32..).zip(by_receiver.iter_mut()) {
                let home = self.model.home(number);
                if to == Some(home) || (to.is_none() && home != self.model.home(from)) {
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

    /// An effect with those certificates in it that stand for all.
    pub fn normal_effect(&self, protocol: u32, effect: Effect) -> Effect {
        let normal = |message: &str, payload: Vec<u8>| {
            let ty = Type::Message(message.to_owned());
            self.model.normal(index(protocol), &ty, &payload).unwrap_or(payload)
        };
        match effect {
            Effect::Send { to, message, payload } => {
                let payload = normal(&message, payload);
                Effect::Send { to, message, payload }
            }
            Effect::Gossip { message, payload } => {
                let payload = normal(&message, payload);
                Effect::Gossip { message, payload }
            }
            Effect::Start { task, arguments } => Effect::Start { task, arguments },
        }
    }

    /// The machine with the fields cleared that nothing reads from here on, and the certificates that stand for all.
    pub fn cleared(&self, protocol: u32, machine: Box<dyn Machine>) -> Arc<dyn Machine> {
        let machine: Arc<dyn Machine> = Arc::from(machine);
        let restored = self.model.program(protocol).and_then(|program| {
            let live = program.live.get(machine.actor())?.get(machine.state())?;
            let actor = program.protocol().actors.get(machine.actor())?;
            let dead: BTreeSet<&str> = actor
                .store
                .keys()
                .map(String::as_str)
                .filter(|_| self.model.reductions.dead_fields)
                .filter(|name| !live.contains(*name) && machine.field(name).is_some())
                .collect();
            let mut changed: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
            let certificates = &self.model.certificates;
            let kept = |name: &str| dead.contains(name) || certificates.keeps(name);
            for (name, field) in actor.store.iter().filter(|(name, _)| !kept(name)) {
                let bytes = machine.field(name);
                let normal = bytes.and_then(|bytes| self.model.normal(index(protocol), &field.ty, &bytes));
                changed.extend(normal.map(|normal| (name.as_str(), normal)));
            }
            if dead.is_empty() && changed.is_empty() {
                return None;
            }
            let snapshot = super::snapshot::with(&*machine, actor, &dead, &changed);
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

    /// All local states, without their clocks.
    pub fn core_locals(&self) -> impl Iterator<Item = &Local> {
        (0..self.core_numbers.len()).filter_map(|number| {
            let local = u32::try_from(number).ok().and_then(|number| self.core_numbers.get(number))?;
            Some(&**local)
        })
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
        let entries = self.deliveries.capacity() + self.refusals.capacity() + self.unions.capacity();
        self.kept_bytes
            .saturating_add(self.locals.len().saturating_mul(LOCAL))
            .saturating_add(self.instances.len().saturating_mul(INSTANCE))
            .saturating_add(self.sets.len().saturating_mul(ENTRY * 4))
            .saturating_add(entries.saturating_mul(ENTRY))
            .saturating_add(self.leaps.len().saturating_mul(ENTRY * 8))
    }
}
