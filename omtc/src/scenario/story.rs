//! What happened in a run, in order.

use crate::spec::MessageName;
use omt_runtime::host::Reason;
use omt_runtime::id::{Hash, SessionId};
use omt_runtime::machine::Taken;
use omt_runtime::value::Value;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When, in microseconds after the start.
    pub at: i64,
    /// What.
    pub kind: EntryKind,
}

/// What becomes of a message on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// It never arrives: the scenario drops it.
    pub dropped: bool,
    /// A partition was in its way when it was sent first; it is sent again.
    pub cut: bool,
    /// It takes that much longer, in microseconds.
    pub delay: i64,
    /// It arrives twice.
    pub twice: bool,
}

/// What a machine reacted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A message, and who brought it.
    Message {
        /// Its name.
        message: String,
        /// Its sender.
        from: String,
    },
    /// `on trigger`
    Trigger(String),
    /// `on timeout(LIMIT)`
    Timeout(String),
    /// `on every(PERIOD)`
    Period(String),
    /// The end of a task.
    Task(String),
}

/// Kinds of happenings. Peers are named as in the cast; whoever is not in it by the short form of its id.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryKind {
    /// A message was sent first.
    Said {
        /// Sender.
        from: String,
        /// Receiver; `None` for gossip.
        to: Option<String>,
        /// Which.
        message: MessageName,
        /// In which session.
        session: SessionId,
        /// Its id.
        id: Hash,
        /// Its payload.
        payload: Value,
        /// Did the scenario say it, not a machine?
        injected: bool,
        /// How it fares.
        way: Way,
    },
    /// A machine made a step.
    Stepped {
        /// Whose.
        peer: String,
        /// Index of its transaction.
        transaction: usize,
        /// Actor.
        actor: String,
        /// Session.
        session: SessionId,
        /// Why.
        cause: Cause,
        /// What was taken, `auto`s included.
        taken: Vec<Taken>,
        /// The state it rests in.
        state: String,
        /// Hash of the instance, its shared store and the head of its chain after the step.
        digest: Hash,
    },
    /// Something had no effect.
    Refused {
        /// On whom.
        peer: String,
        /// Who brought it.
        from: String,
        /// Message or trigger.
        what: String,
        /// Why.
        reason: Reason,
        /// More, for people.
        detail: String,
    },
    /// A message waits for a later state, or for its session to begin.
    Waits {
        /// On whom.
        peer: String,
        /// Sender.
        from: String,
        /// Which.
        message: String,
        /// For its session?
        early: bool,
    },
    /// A step faulted.
    Faulted {
        /// On whom.
        peer: String,
        /// What went wrong, and where.
        fault: String,
        /// Did the instance stop?
        stopped: bool,
    },
    /// A block was appended.
    Appended {
        /// Whose.
        peer: String,
        /// Kind.
        block: String,
        /// Height.
        height: u64,
    },
    /// A task was started.
    TaskStarted {
        /// Whose.
        peer: String,
        /// Which.
        task: String,
    },
    /// A peer has a proof that another one contradicted itself.
    Proof {
        /// Who has it.
        peer: String,
        /// Against whom.
        author: String,
    },
    /// A peer does not know a transaction.
    Unknown {
        /// Who asked.
        peer: String,
        /// Who does not know it.
        by: String,
    },
    /// The scenario fired a trigger.
    Fired {
        /// On whom.
        peer: String,
        /// Which.
        trigger: String,
        /// Why it had no effect, if so.
        refused: Option<String>,
    },
    /// A process ended.
    Crashed(String),
    /// A process began again.
    Restarted(String),
    /// Nothing passes between two groups.
    Parted(Vec<String>, Vec<String>),
    /// Everything passes again.
    Healed,
}
