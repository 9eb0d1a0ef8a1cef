//! The cast of the escrow lock, in a world of virtual time.

use crate::executor::Executor;
use crate::genesis::GenesisFile;
use crate::ledger::{self, Money};
use crate::records::{PeerHash, SessionTerms};
use crate::settlement::{self, Cabal};
use omt_runtime::chain::Segment;
use omt_runtime::crypto::{self, Keypair};
use omt_runtime::envelope::Envelope;
use omt_runtime::fault::FaultKind;
use omt_runtime::host::limits::{HOUR, MINUTE, SECOND};
use omt_runtime::host::{
    Cast, InstanceView, JournalFactory, Key, Natives, Network, OpenError, Packet, Peer, PeerInput, Reason,
    RunEnd, TriggerCall, TriggerError, World,
};
use omt_runtime::id::{Hash, PeerId, SessionId};
use omt_runtime::ir::Protocol;
use omt_runtime::machine::Program;
use omt_runtime::wire::{self, Bytes, Wire};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Number of the transaction.
pub const ESCROW_LOCK: &str = "00";
/// µOMC of one OMC.
pub const OMC: u64 = 1_000_000;
/// How often a provider has met a candidate of high trust.
pub const HIGH_TRUST_MEETINGS: u32 = 3;
/// From the start of the world to the first lock: two epochs of the draw, so that whom the chains record was met in
/// an earlier one.
pub const WARM_UP: i64 = 20 * MINUTE;
/// How long the rule book of a provider takes.
const REVIEW: i64 = SECOND / 10;
/// Longer than any run.
const NEVER: i64 = 365 * 24 * HOUR;

/// What a provider's rule book says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// Yes.
    Accepts,
    /// No.
    Refuses,
    /// The host cannot say.
    Fails,
    /// It never answers.
    Silent,
}

/// One of the cast.
#[derive(Clone)]
pub struct Party {
    /// Its name; its key comes from it.
    pub name: String,
    /// Its entry in the genesis file, µOMC.
    pub grant: u64,
    /// Whom it has met, in this order, and how often.
    pub met: Vec<(String, u32)>,
    /// It has served a month, for nothing but trust; that many days ago when everything else begins.
    pub served: Option<i64>,
    /// Another process under the key of that name, with a copy of its chain.
    pub twin_of: Option<String>,
    /// Its journal; in memory if not given.
    pub journal: Option<JournalFactory>,
}

impl Party {
    /// Somebody with that much money who has met nobody.
    pub fn new(name: &str, grant: u64) -> Party {
        Party { name: name.to_owned(), grant, met: Vec::new(), served: None, twin_of: None, journal: None }
    }

    /// Has met these, that often each.
    #[must_use]
    pub fn met(mut self, names: impl IntoIterator<Item = String>, times: u32) -> Party {
        self.met.extend(names.into_iter().map(|name| (name, times)));
        self
    }

    /// Has served a month that many days ago.
    #[must_use]
    pub fn served(mut self, days_ago: i64) -> Party {
        self.served = Some(days_ago);
        self
    }

    /// Shares key and chain with that one.
    #[must_use]
    pub fn twin_of(mut self, name: &str) -> Party {
        self.twin_of = Some(name.to_owned());
        self
    }
}

/// `w1`, `w2`, … of a range.
pub fn candidates(numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    numbers.map(|number| format!("w{number}")).collect()
}

/// A provider that has met these, the first four of them often.
pub fn provider(name: &str, known: &[String]) -> Party {
    let (often, once) = known.split_at(known.len().min(4));
    Party::new(name, 10 * OMC).met(often.to_vec(), HIGH_TRUST_MEETINGS).met(once.to_vec(), 1)
}

/// What a world is made of.
#[derive(Clone)]
pub struct Spec {
    /// What runs the machines.
    pub executor: Executor,
    /// Seed of everything.
    pub seed: u64,
    /// Its network.
    pub network: Network,
    /// The cast. Whoever is met must be in it; meetings happen in its order.
    pub parties: Vec<Party>,
}

impl Spec {
    /// A consumer `alice` with 100 OMC, a provider `bob`, and twelve candidates whom bob has met.
    pub fn clean(executor: Executor, seed: u64) -> Spec {
        let known = candidates(1..=12);
        let mut parties = vec![Party::new("alice", 100 * OMC).met(["bob".to_owned()], 1)];
        parties.extend(known.iter().map(|name| Party::new(name, OMC)));
        parties.insert(0, provider("bob", &known));
        Spec { executor, seed, network: Network::good(), parties }
    }

    /// The party of that name, to be altered.
    pub fn party(&mut self, name: &str) -> &mut Party {
        self.parties.iter_mut().find(|party| party.name == name).expect("in the cast")
    }
}

/// Why there is no such world.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The executor has no escrow lock.
    #[error("no transaction {ESCROW_LOCK} for {0}: run `cargo run -p omtc -- build protocols/`")]
    NoProgram(Executor),
    /// A peer does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A chain cannot be seeded.
    #[error("{0}")]
    Seed(String),
}

/// What a test can change while the world runs.
#[derive(Debug, Default)]
struct Levers {
    reviews: BTreeMap<PeerId, Review>,
    /// Goes into a peer's nonces: changing it grinds.
    salts: BTreeMap<String, u64>,
    /// Peers of whom nothing arrives any more.
    muted: Vec<PeerId>,
}

type Shared = Arc<Mutex<Levers>>;

fn with<T>(levers: &Shared, f: impl FnOnce(&mut Levers) -> T) -> T {
    f(&mut levers.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The world of the lock.
pub struct LockWorld {
    /// Everybody.
    pub world: World,
    /// The program that everybody runs.
    pub program: Arc<dyn Program>,
    /// The genesis file.
    pub genesis: GenesisFile,
    /// Protocol id.
    pub protocol: Hash,
    levers: Shared,
    names: Vec<String>,
}

impl LockWorld {
    /// Seeds chains and waits until the first lock is possible.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build(spec: Spec) -> Result<LockWorld, BuildError> {
        let program = spec.executor.escrow_lock().ok_or(BuildError::NoProgram(spec.executor))?;
        Self::build_on(spec, program)
    }

    /// The same on a program that the caller has made, whatever the executor of the specification.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build_on(spec: Spec, program: Arc<dyn Program>) -> Result<LockWorld, BuildError> {
        Self::build_with(spec, vec![program], |_| {})
    }

    /// The same on several programs, the lock first. `prepare` gives the world what the others' hosts can do.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build_with(
        spec: Spec,
        programs: Vec<Arc<dyn Program>>,
        prepare: impl FnOnce(&mut World),
    ) -> Result<LockWorld, BuildError> {
        let program = programs.first().cloned().ok_or(BuildError::NoProgram(spec.executor))?;
        let mut world = World::new(spec.seed, spec.network);
        let owners = spec.parties.iter().filter(|party| party.twin_of.is_none());
        let genesis = GenesisFile::new(owners.map(|party| (world.key(&party.name).peer_id(), party.grant)));
        let levers = Shared::default();
        let reviews = Arc::clone(&levers);
        world.task("omerta.provider.rules", move |start| {
            let provider = start.arguments.first().and_then(|a| wire::decode_checked::<SessionTerms>(a).ok());
            let review =
                provider.and_then(|terms| with(&reviews, |l| l.reviews.get(&terms.provider).copied()));
            match review.unwrap_or(Review::Accepts) {
                Review::Accepts => (REVIEW, Some(wire::to_bytes(&true))),
                Review::Refuses => (REVIEW, Some(wire::to_bytes(&false))),
                Review::Fails => (REVIEW, None),
                Review::Silent => (NEVER, None),
            }
        });
        prepare(&mut world);
        for party in &spec.parties {
            let natives = natives(&genesis, &world, party, &levers);
            let cast = Cast {
                journal: party.journal.clone(),
                identity: party.twin_of.clone(),
                ..Cast::new(programs.clone()).natives(natives)
            };
            world.add(&party.name, cast)?;
        }
        let protocol = program.package().id;
        let names = spec.parties.iter().map(|party| party.name.clone()).collect();
        let mut lock = LockWorld { world, program, genesis, protocol, levers, names };
        lock.seed(&spec.parties)?;
        let muted = Arc::clone(&lock.levers);
        lock.world.filter(move |passing| {
            if with(&muted, |l| l.muted.contains(&passing.from)) {
                omt_runtime::host::Fate::Drop
            } else {
                omt_runtime::host::Fate::Pass
            }
        });
        lock.world.pass(WARM_UP);
        Ok(lock)
    }

    fn seed(&mut self, parties: &[Party]) -> Result<(), BuildError> {
        for party in parties.iter().filter(|party| party.served.is_some()) {
            self.serve(&party.name)?;
        }
        // A block lies in nobody's past: the days go by.
        if let Some(days) = parties.iter().filter_map(|party| party.served).max() {
            self.world.pass(days * 24 * HOUR);
        }
        for party in parties.iter().filter(|party| party.twin_of.is_none()) {
            let Some(grant) = self.genesis.grant(&self.world.id(&party.name)) else { continue };
            self.append(&party.name, "GRANT", &grant)?;
        }
        for party in parties {
            for (other, times) in &party.met {
                for _ in 0..*times {
                    self.meet(&party.name, other)?;
                }
            }
        }
        for party in parties {
            if let Some(original) = &party.twin_of {
                self.copy_chain(original, &party.name)?;
            }
        }
        Ok(())
    }

    /// A month of four cores that somebody provided, settled and recorded by a cabal of peers who are not here. At trust 0
    /// everything that was paid for it was burned.
    fn serve(&mut self, name: &str) -> Result<(), BuildError> {
        let at = self.world.now();
        let keys: Vec<Keypair> = (0..5).map(|n| self.world.key(&format!("member {n} of old"))).collect();
        let terms = SessionTerms {
            consumer: self.world.key("a customer of old").peer_id(),
            cores: 4,
            max_duration: 30 * 24 * HOUR,
            expires_at: at + HOUR,
            ..self.terms(name, name)
        };
        let seconds = 30 * 24 * 3600;
        let payment = {
            let cabal = Cabal { ir: self.ir(), keys: &keys };
            let lock = cabal.lock(crypto::hash(&("of old".to_owned(), name.to_owned())), &terms, OMC);
            settlement::payment(&cabal.settle(&lock, &terms, seconds, |_| {}), at)
        };
        self.append(name, "PAYMENT_RECEIVED", &payment)?;
        let witnessed = Cabal { ir: self.ir(), keys: &keys }.witnessed(&payment, self.head(name), at);
        self.append(name, "PAYMENT_WITNESSED", &witnessed)
    }

    /// Two peers record each other's head; a second later they may meet again.
    fn meet(&mut self, one: &str, other: &str) -> Result<(), BuildError> {
        let timestamp = self.world.now();
        let heads =
            [(one, other), (other, one)].map(|(who, whom)| (who, self.world.id(whom), self.head(whom)));
        for (who, peer, head) in heads {
            self.append(who, "PEER_HASH", &PeerHash { peer, head, timestamp })?;
        }
        self.world.pass(SECOND);
        Ok(())
    }

    fn copy_chain(&mut self, from: &str, to: &str) -> Result<(), BuildError> {
        for block in self.chain(from).blocks() {
            let body = block.body().clone();
            self.world.with(to, |peer, _| peer.append(body.time, &body.kind, body.payload.to_vec()));
        }
        if self.chain(from) == self.chain(to) {
            Ok(())
        } else {
            Err(BuildError::Seed(format!("{to} has no copy of the chain of {from}")))
        }
    }

    /// Appends a block to somebody's chain outside any transaction.
    ///
    /// # Errors
    /// It is not in the cast, or its journal failed.
    pub fn append(&mut self, name: &str, kind: &str, payload: &impl Wire) -> Result<(), BuildError> {
        let payload = wire::to_bytes(payload);
        let appended = self.world.with(name, |peer, now| peer.append(now, kind, payload));
        match appended {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(BuildError::Seed(error.to_string())),
            None => Err(BuildError::Seed(format!("{name} is not there"))),
        }
    }

    /// The protocol.
    pub fn ir(&self) -> &Protocol {
        &self.program.package().protocol
    }

    /// Names of the cast, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A peer, which must be up.
    pub fn peer(&self, name: &str) -> &Peer {
        self.world.peer(name).unwrap_or_else(|| panic!("{name} is down"))
    }

    /// Somebody's id.
    pub fn id(&self, name: &str) -> PeerId {
        self.world.id(name)
    }

    /// Somebody's key: a test can speak in anybody's name.
    pub fn key(&self, name: &str) -> Keypair {
        self.world.key(name)
    }

    /// Somebody's chain.
    pub fn chain(&self, name: &str) -> Segment {
        self.peer(name).chain().clone()
    }

    /// Head of somebody's chain.
    pub fn head(&self, name: &str) -> Hash {
        self.peer(name).chain().head_hash()
    }

    /// Kinds of the blocks on somebody's chain that came after the warm-up.
    pub fn appended(&self, name: &str) -> Vec<String> {
        let start = omt_runtime::host::WORLD_START + WARM_UP;
        let chain = self.chain(name);
        chain.blocks().iter().filter(|b| b.time() >= start).map(|b| b.kind().to_owned()).collect()
    }

    /// Somebody's money, by the protocol's own view.
    ///
    /// # Errors
    /// The chain is no chain of honest money.
    pub fn money(&self, name: &str) -> Result<Money, FaultKind> {
        ledger::money(self.program.package(), &self.chain(name))
    }

    /// The key of a session.
    pub fn session(&self, session: &SessionId) -> Key {
        Key { protocol: self.protocol, session: *session }
    }

    /// Somebody's instance in a session.
    pub fn instance(&self, name: &str, session: &SessionId) -> Option<InstanceView> {
        self.world.peer(name)?.instance(&self.session(session))
    }

    /// State of somebody's instance in a session; `-` when there is none, or the peer is down.
    pub fn state(&self, name: &str, session: &SessionId) -> String {
        self.instance(name, session).map_or_else(|| "-".to_owned(), |view| view.state)
    }

    /// A field of somebody's store; `None` when it is unset.
    pub fn field<T: Wire>(&self, name: &str, session: &SessionId, field: &str) -> Option<T> {
        let bytes = self.world.peer(name)?.field(&self.session(session), field)?;
        if bytes == [0xf6] {
            return None;
        }
        Some(wire::decode_checked(&bytes).unwrap_or_else(|error| panic!("{field} of {name}: {error}")))
    }

    /// A field that holds the name of an enum value; empty when it is unset.
    pub fn word(&self, name: &str, session: &SessionId, field: &str) -> String {
        self.field::<String>(name, session, field).unwrap_or_default()
    }

    /// The witnesses that the consumer's side drew, by name.
    pub fn cabal(&self, name: &str, session: &SessionId) -> Vec<String> {
        let drawn: Vec<PeerId> = self.field(name, session, "witnesses").unwrap_or_default();
        drawn.iter().map(|id| self.world.name(id)).collect()
    }

    /// How often somebody refused something for that reason.
    pub fn count(&self, name: &str, reason: Reason) -> u64 {
        self.peer(name).count(reason)
    }

    /// What a provider's rule book says from now on.
    pub fn review(&mut self, name: &str, review: Review) {
        let id = self.id(name);
        with(&self.levers, |l| l.reviews.insert(id, review));
    }

    /// Gives somebody other nonces from now on: it grinds.
    pub fn grind(&mut self, name: &str, salt: u64) {
        with(&self.levers, |l| l.salts.insert(name.to_owned(), salt));
    }

    /// Nothing of what somebody says arrives from now on.
    pub fn mute(&mut self, name: &str) {
        let id = self.id(name);
        with(&self.levers, |l| l.muted.push(id));
    }

    /// What somebody says arrives again.
    pub fn unmute(&mut self, name: &str) {
        let id = self.id(name);
        with(&self.levers, |l| l.muted.retain(|muted| *muted != id));
    }

    /// Decides about datagrams, besides [`LockWorld::mute`].
    pub fn filter(
        &mut self,
        mut filter: impl FnMut(&omt_runtime::host::Passing<'_>) -> omt_runtime::host::Fate + Send + 'static,
    ) {
        let muted = Arc::clone(&self.levers);
        self.world.filter(move |passing| {
            if with(&muted, |l| l.muted.contains(&passing.from)) {
                return omt_runtime::host::Fate::Drop;
            }
            filter(passing)
        });
    }

    /// Terms on which the cast does business.
    pub fn terms(&self, consumer: &str, provider: &str) -> SessionTerms {
        SessionTerms {
            consumer: self.id(consumer),
            provider: self.id(provider),
            rate_per_hour: 10 * OMC,
            max_duration: 2 * HOUR,
            cores: 1,
            memory_mib: 512,
            disk_mib: 1024,
            description_hash: crypto::hash(&("a job".to_owned(),)),
            policy_hash: crypto::hash(&("no rules".to_owned(),)),
            provider_trust: 0,
            expires_at: self.world.now() + 4 * HOUR,
        }
    }

    /// The consumer begins a lock.
    ///
    /// # Errors
    /// What its host says.
    pub fn open(&mut self, consumer: &str, provider: &str, amount: u64) -> Result<SessionId, TriggerError> {
        let terms = self.terms(consumer, provider);
        self.open_on(consumer, &terms, amount)
    }

    /// The consumer begins a lock on these terms.
    ///
    /// # Errors
    /// What its host says.
    pub fn open_on(
        &mut self,
        consumer: &str,
        terms: &SessionTerms,
        amount: u64,
    ) -> Result<SessionId, TriggerError> {
        let sources = Vec::<Segment>::new();
        let arguments = vec![wire::to_bytes(terms), wire::to_bytes(&amount), wire::to_bytes(&sources)];
        let call = self.call("Consumer", "initiate_lock", arguments);
        let before = self.world.triggered().len();
        self.world.trigger(0, consumer, call);
        let limit = self.world.now() + SECOND;
        while self.world.triggered().len() == before {
            assert!(self.world.step(limit).is_none(), "{consumer} never took the trigger");
        }
        self.world.triggered()[before].2.clone()
    }

    /// The consumer begins a top-up of a lock. Whether the machine takes it, its store says.
    pub fn top_up(&mut self, consumer: &str, session: &SessionId, amount: u64) {
        let call = TriggerCall {
            session: Some(*session),
            ..self.call("Consumer", "initiate_topup", vec![wire::to_bytes(&amount)])
        };
        self.world.trigger(0, consumer, call);
    }

    /// A call of a trigger.
    pub fn call(&self, actor: &str, trigger: &str, arguments: Vec<Vec<u8>>) -> TriggerCall {
        TriggerCall {
            protocol: self.protocol,
            actor: actor.to_owned(),
            trigger: trigger.to_owned(),
            arguments,
            session: None,
            request: None,
        }
    }

    /// Hands bytes to a peer at this instant, as if that connection had brought them.
    pub fn deliver_bytes(&mut self, from: PeerId, to: &str, bytes: &[u8]) {
        let handled = self.world.with(to, |peer, now| peer.handle(now, PeerInput::Datagram { from, bytes }));
        handled.expect("the peer is up").expect("the journal holds");
    }

    /// Hands a message to a peer at this instant, brought by whom it names as its sender.
    pub fn deliver(&mut self, to: &str, envelope: &Envelope) {
        let bytes = wire::to_bytes(&Packet::Message(envelope.clone()));
        self.deliver_bytes(envelope.from, to, &bytes);
    }

    /// Runs until the condition holds, at most that long. Whether it holds.
    pub fn run_until(&mut self, at_most: i64, mut holds: impl FnMut(&LockWorld) -> bool) -> bool {
        let limit = self.world.now() + at_most;
        loop {
            if holds(self) {
                return true;
            }
            match self.world.step(limit) {
                None => {}
                Some(RunEnd::Quiet | RunEnd::Limit) => return holds(self),
            }
        }
    }

    /// Runs until somebody's instance is in that state, at most that long. Whether it is.
    pub fn run_until_state(&mut self, at_most: i64, name: &str, session: &SessionId, state: &str) -> bool {
        self.run_until(at_most, |lock| lock.state(name, session) == state)
    }
}

/// The library of a party's host.
fn natives(genesis: &GenesisFile, world: &World, party: &Party, levers: &Shared) -> Natives {
    let root = wire::to_bytes(&genesis.root());
    let name = party.twin_of.clone().unwrap_or_else(|| party.name.clone());
    let secret = world.key(&name).sign(&crypto::hash(&("nonces".to_owned(),)));
    let levers = Arc::clone(levers);
    let lever = party.name.clone();
    Natives::new().function("omerta.network.genesis", move |_| Ok(root.clone())).function(
        "omerta.draw.nonce",
        move |arguments| {
            let salt = with(&levers, |l| l.salts.get(&lever).copied()).unwrap_or(0);
            let arguments: Vec<Bytes> = arguments.iter().map(|a| a.as_slice().into()).collect();
            let nonce = crypto::hash(&(secret, salt, arguments));
            Ok(wire::to_bytes(&Bytes::from(nonce.0.to_vec())))
        },
    )
}
