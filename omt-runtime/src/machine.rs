//! The sans-I/O border between machines and hosts.
//!
//! A machine is a value. [`Machine::step`] takes an input and the answers of the environment and
//! returns what happened: the next machine, the effects, the timers. Nothing is changed in place,
//! so a step that faults leaves no trace, and a host may run a step again with the same answers.
//! Everything that crosses the border is canonical CBOR that the host has validated.
//!
//! Both executors (interpreter, generated Rust) implement [`Program`] and must be observationally
//! equal: same reactions, same effects, same faults, and the same bytes from [`Machine::save`].

pub mod rules;

use crate::chain::{Equivocation, RawBlock, Segment};
use crate::crypto;
use crate::envelope::Envelope;
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId, SessionId, Signature};
use crate::ir::{At, Expr};
use crate::package::Package;
use crate::value::{Map, Value};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Automatic transitions that one step may take (LANGUAGE 6.4); more is a fault.
pub const AUTO_TRANSITIONS_MAX: u32 = 1_000;

/// A transaction on one executor: makes and restores machines.
pub trait Program: Send + Sync {
    /// The package: messages, types, analysis, protocol id.
    fn package(&self) -> &Arc<Package>;

    /// `interpreter` or `rust`.
    fn executor(&self) -> &'static str;

    /// A machine in the initial state of `actor`, its session known.
    ///
    /// # Errors
    /// No such actor.
    fn start(&self, actor: &str, session: SessionId) -> Result<Box<dyn Machine>, ProgramError>;

    /// A machine from what [`Machine::save`] wrote.
    ///
    /// # Errors
    /// No such actor, or bytes that are no snapshot of it.
    fn restore(&self, actor: &str, snapshot: &[u8]) -> Result<Box<dyn Machine>, ProgramError>;
}

/// Why a program makes no machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// The package has no such actor.
    #[error("protocol {protocol} has no actor {actor}")]
    UnknownActor {
        /// Number of the protocol.
        protocol: String,
        /// What was asked for.
        actor: String,
    },
    /// The snapshot does not fit the actor.
    #[error("snapshot of actor {actor} does not fit: {reason}")]
    Snapshot {
        /// The actor.
        actor: String,
        /// What does not fit.
        reason: String,
    },
}

/// One instance: a state and a store.
pub trait Machine: Send + Sync {
    /// Name of the actor.
    fn actor(&self) -> &str;

    /// Name of the state.
    fn state(&self) -> &str;

    /// Session id (the creating step may have assigned it).
    fn session(&self) -> SessionId;

    /// Canonical CBOR of a store field; `None` if there is no such field or it is unset.
    fn field(&self, name: &str) -> Option<Vec<u8>>;

    /// Snapshot: canonical CBOR of `{ session, state, store }`, store being a map of *all* store fields
    /// by name (compiler's fields too), null where unset.
    fn save(&self) -> Vec<u8>;

    /// Reacts to an input.
    ///
    /// Order for a message: roster (where it still names nobody, a message that a later state handles is deferred);
    /// then handlers of the state in source order (first true guard, else
    /// first `else`); then `ignore`/`defer` in source order; then, if the state has no handler for it, the
    /// default of LANGUAGE 6.3; then the refusal.
    ///
    /// A machine in its initial state that is created by a message binds unset single-peer roster fields
    /// before the first guard.
    ///
    /// # Errors
    /// The step faulted: the caller still has `self`, and must drop what `env` staged.
    #[allow(
        clippy::result_large_err,
        reason = "a fault is rare, and is read field by field where it ends up"
    )]
    fn step(&self, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault>;
}

/// What can happen to a machine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message for this session, validated.
    Message(Arc<Incoming>),
    /// An external trigger: arguments as canonical CBOR, in declared order, validated.
    Trigger {
        /// Its name.
        name: String,
        /// Arguments.
        arguments: Vec<Vec<u8>>,
    },
    /// A time limit of the state has passed.
    Timeout {
        /// Index into [`crate::ir::State::limits`].
        limit: u32,
    },
    /// A period of the state has passed.
    Period {
        /// Index into [`crate::ir::State::limits`].
        limit: u32,
    },
    /// A task has ended. Canonical CBOR of the result, `None` when the host failed or forgot it.
    TaskResult {
        /// Name of the task.
        task: String,
        /// Its result, validated.
        result: Option<Vec<u8>>,
    },
}

/// A message as offered to a machine.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The envelope; its payload is valid for the message's type.
    pub envelope: Envelope,
    /// `message.sender`: the signer of a signed message, else the peer at the other end.
    pub sender: PeerId,
}

/// What a step came to.
pub enum Reaction {
    /// A transition (or collect) fired.
    Fired(Fired),
    /// Handled in this state and refused; nothing changed.
    Refused(Refusal),
    /// To be offered again after the next step that fires.
    Deferred,
    /// Not for this state, nor for a later one, or ignored.
    Discarded,
}

/// Why an input was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The sender does not play a role that may send this (roster).
    Stranger,
    /// No guard held and there is no `else`.
    Guard,
    /// The sender has been collected already.
    Repeated {
        /// Does the payload differ from the first? Then it is evidence.
        differs: bool,
    },
    /// A trigger outside its `in` list.
    NotHere,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Stranger => "stranger",
            Refusal::Guard => "guard",
            Refusal::Repeated { differs: false } => "repeated",
            Refusal::Repeated { differs: true } => "repeated_and_different",
            Refusal::NotHere => "not_here",
        })
    }
}

/// A step that fired.
pub struct Fired {
    /// The machine afterwards.
    pub machine: Box<dyn Machine>,
    /// The handlers taken, in order: the cause first, then `auto`s.
    pub taken: Vec<Taken>,
    /// What should happen, in order.
    pub effects: Vec<Effect>,
    /// `Some` when the visit of a state began anew: these timers replace all of the instance's. `None`: they go on.
    pub timers: Option<Vec<Timer>>,
    /// Is the state terminal?
    pub completed: bool,
}

/// A handler that was taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// State it left.
    pub from: String,
    /// Index into [`crate::ir::State::handlers`] of that state.
    pub handler: u32,
    /// Was it the `else` branch?
    pub otherwise: bool,
    /// State it entered.
    pub to: String,
}

/// What a step asks of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One message to one peer (perhaps oneself).
    Send {
        /// Receiver.
        to: PeerId,
        /// Name of the message.
        message: String,
        /// Canonical CBOR.
        payload: Vec<u8>,
    },
    /// One message to gossip.
    Gossip {
        /// Name of the message.
        message: String,
        /// Canonical CBOR.
        payload: Vec<u8>,
    },
    /// Begin a task; a running one of the same name is replaced.
    Start {
        /// Name of the task.
        task: String,
        /// Arguments, canonical CBOR.
        arguments: Vec<Vec<u8>>,
    },
}

/// An armed timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When, in microseconds of [`Env::now`]; may lie in the past (then it fires at once).
    pub at: i64,
    /// Index into [`crate::ir::State::limits`].
    pub limit: u32,
    /// Microseconds, for `every`; at least 1.
    pub period: Option<i64>,
}

/// What a step may ask. The host records the answers, so that a step run again gets the same ones; what a
/// step writes (`set_shared`, `append`) is staged and dropped if the step faults or does not fire.
pub trait Env {
    /// The instant of the step, microseconds.
    fn now(&self) -> i64;
    /// Who runs this.
    fn peer_id(&self) -> PeerId;
    /// Fresh random octets.
    fn random_bytes(&mut self, count: usize) -> Vec<u8>;
    /// Signs a digest with the own key.
    fn sign(&mut self, digest: &Hash) -> Signature;
    /// Whether a signature is that peer's, of that digest. A host that made all signatures there are, as a model
    /// checker has, may know without computing.
    fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        crypto::verify(peer, digest, signature)
    }
    /// Hears what `VERIFY_MULTI` is asked: over what, whose signatures count, how many are enough. Only who explores
    /// all that can happen cares.
    fn quorum(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        let _ = (digest, members, enough);
    }
    /// Hears that something else than `VERIFY_MULTI` looks into a map of signatures, and whether it only counts them.
    fn looks_into(&self, expr: &Expr, signatures: &Map<Value, Value>, counts: bool) {
        let _ = (expr, signatures, counts);
    }
    /// Answer of a native function, canonical CBOR, validated against its declared type.
    ///
    /// # Errors
    /// The host has no answer.
    fn native(&mut self, name: &str, arguments: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind>;
    /// A field of the shared store; `None` if it was never written.
    fn shared(&self, field: &str) -> Option<Vec<u8>>;
    /// Writes a field of the shared store.
    fn set_shared(&mut self, field: &str, value: Vec<u8>);
    /// The own chain, with what this step has appended.
    fn chain(&self) -> Segment;
    /// Appends a block to the own chain.
    ///
    /// # Errors
    /// The chain is full.
    fn append(&mut self, kind: &str, payload: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind>;
    /// What is known of another peer's chain.
    fn read(&self, peer: &PeerId) -> Option<PeerHead>;
    /// A proof that the peer contradicted itself, if this host has one.
    fn equivocation(&self, peer: &PeerId) -> Option<Arc<Equivocation>>;
    /// Memory of view states that outlives the step; correct without it, only slower.
    fn views(&self) -> &dyn ViewCache;
}

/// What `READ` can tell of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerHead {
    /// `head_hash`.
    pub head: Hash,
    /// `height`.
    pub height: u64,
    /// `last_seen`, microseconds.
    pub last_seen: i64,
}

/// Cache of view states by (protocol, executor, view, hash of the last block folded).
pub trait ViewCache {
    /// The state of a view after that block, if remembered.
    fn get(&self, key: &ViewKey) -> Option<Arc<dyn Any + Send + Sync>>;
    /// Remembers it; may forget anything.
    fn put(&self, key: ViewKey, state: Arc<dyn Any + Send + Sync>);
}

/// Key of [`ViewCache`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewKey {
    /// Protocol id.
    pub protocol: Hash,
    /// Executor: their representations differ.
    pub executor: &'static str,
    /// Name of the view.
    pub view: String,
    /// Hash of the last block folded.
    pub block: Hash,
}

/// A step that could not be completed. Names protocol, actor, state, transition and source position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} in {actor}, state {state}, {transition} ({source_path}:{line}:{column}) of protocol {protocol}"
)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// Number of the protocol.
    pub protocol: String,
    /// Actor.
    pub actor: String,
    /// State the faulting handler belongs to (an `auto` chain may have left the first).
    pub state: String,
    /// `FROM -> TO on CAUSE`, or `collect M`.
    pub transition: String,
    /// Source file, below the protocol root.
    pub source_path: String,
    /// Line, from 1; 0 when the fault has no place in the source.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// A fault on its way up, before protocol, actor and state are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// What went wrong.
    pub kind: FaultKind,
    /// Innermost place; set once.
    pub at: Option<At>,
}

impl Raised {
    /// With that place, unless it has an inner one.
    #[must_use]
    pub fn innermost(self, at: At) -> Raised {
        Raised { at: self.at.or(Some(at)), ..self }
    }
}

impl From<FaultKind> for Raised {
    fn from(kind: FaultKind) -> Self {
        Raised { kind, at: None }
    }
}
