//! Scenarios: a cast, what happens when, what is expected.

use super::{Query, Role, Setting};
use crate::source::Span;

/// When every scenario begins: 2026-01-01T00:00:00Z, in microseconds since 1970.
pub const START: i64 = 1_767_225_600_000_000;

/// A run that a file describes.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Parameters that have another value here.
    pub parameters: Vec<Setting>,
    /// Who takes part, in the order of the source.
    pub cast: Vec<Member>,
    /// In the order of the source; the times never go back.
    pub steps: Vec<Step>,
    /// Where its name stands.
    pub at: Span,
}

impl Scenario {
    /// A member by name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.cast.iter().find(|member| member.name == name)
    }

    /// How many messages of byzantine members are heard in one run of `omtc verify`, at most: counted where each of them
    /// has a budget.
    pub fn budget(&self) -> Option<u32> {
        let byzantine = self.cast.iter().filter(|member| member.byzantine);
        byzantine.map(|member| member.budget).try_fold(0u32, |sum, budget| Some(sum.saturating_add(budget?)))
    }
}

/// A peer of a scenario.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name, also in expressions, where it is its peer id.
    pub name: String,
    /// The actor of this transaction that it plays, for `NAME IN STATE` and `NAME.field`.
    pub actor: String,
    /// It has a key and runs no machine.
    pub byzantine: bool,
    /// How many of its messages are heard in one run of `omtc verify`, at most, if the scope says so.
    pub budget: Option<u32>,
    /// The member, named before, under whose key it runs: a second process of that peer.
    pub identity: Option<String>,
    /// It runs its machine, and nothing else runs under its key.
    pub honest: bool,
    /// A second process: does its chain begin as that of the first one?
    pub same_chain: bool,
    /// Blocks of its chain at the start, in order.
    pub chain: Vec<Blocks>,
    /// Fields of shared stores at the start.
    pub shared: Vec<Shared>,
    /// What its native functions answer and its tasks come to.
    pub natives: Vec<Answer>,
    /// How far its clock is ahead, in microseconds.
    pub clock: i64,
    /// Where its name stands.
    pub at: Span,
}

impl Member {
    /// The member whose name its key belongs to: itself, or the one of which it is a second process.
    pub fn key_name(&self) -> &str {
        self.identity.as_deref().unwrap_or(&self.name)
    }
}

/// Blocks of a chain at the start. The query signs as the member; `NOW()` is [`START`].
#[derive(Clone, Debug)]
pub struct Blocks {
    /// Kind of the blocks.
    pub block: String,
    /// Payload, or a list of payloads.
    pub payload: Query,
    /// Is it a list?
    pub many: bool,
}

/// A field of a shared store at the start.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Whose.
    pub role: Role,
    /// Its name.
    pub field: String,
    /// Its value.
    pub value: Query,
}

/// What a native function answers, or what a task comes to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The transaction that declares it: index into [`Specification::transactions`](super::Specification).
    pub transaction: usize,
    /// Name of the native function or task.
    pub name: String,
    /// Path in the host's library, under which transactions share it.
    pub library: String,
    /// Is it a task? Then the value may be null: the host fails.
    pub task: bool,
    /// The answer; reads arguments ([`Input::Argument`](super::Input)) where it is written as a lambda.
    pub value: Query,
}

/// One line of a scenario.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it says.
    pub kind: StepKind,
    /// Where it stands.
    pub at: Span,
}

/// Kinds of steps.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `at t EVENT`
    At {
        /// Microseconds after [`START`].
        time: i64,
        /// What happens.
        event: Event,
    },
    /// `drop`, `delay`, `duplicate`
    Disturb(Disturb),
    /// `expect e within d`
    Expect {
        /// Type bool.
        condition: Query,
        /// Microseconds after the last `at`.
        within: Option<i64>,
    },
    /// `expect sequence ( … )`
    Sequence(Vec<Arrow>),
}

/// What happens at an instant.
#[derive(Clone, Debug)]
pub enum Event {
    /// `a.trigger(args)`
    Trigger {
        /// On whom.
        member: String,
        /// The actors that have the trigger: the one that the member plays here, or those of the first used transaction
        /// that has any. At least one.
        roles: Vec<Role>,
        /// Which.
        trigger: String,
        /// In declared order.
        arguments: Vec<Query>,
        /// The argument that names the session, if one has the name of the session key.
        session: Option<usize>,
    },
    /// `a -> b M { … }`
    Say(Box<Say>),
    /// `crash a`
    Crash(String),
    /// `restart a`
    Restart(String),
    /// `partition [a] [b, c]`
    Partition(Vec<String>, Vec<String>),
    /// `heal`
    Heal,
}

/// A message that a member says, whatever its machines do.
#[derive(Clone, Debug)]
pub struct Say {
    /// Who signs and sends it.
    pub from: String,
    /// To whom.
    pub to: String,
    /// The message.
    pub message: MessageName,
    /// Record of its payload; signs as `from`.
    pub payload: Query,
    /// The session, if given (a field that has the name of the session key gives it, too).
    pub session: Option<Query>,
    /// Its number among what `from` says in that session, if given: two messages with one number are an equivocation.
    pub sequence: Option<Query>,
}

/// A message of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageName {
    /// Index into [`Specification::transactions`](super::Specification).
    pub transaction: usize,
    /// Its name.
    pub name: String,
}

/// What is done to messages from here on.
#[derive(Clone, Debug)]
pub struct Disturb {
    /// Lost, late or twice.
    pub kind: crate::syntax::ast::Disturbance,
    /// Which message.
    pub message: MessageName,
    /// Only from these; empty: from anybody.
    pub from: Vec<String>,
    /// Only to these; empty: to anybody.
    pub to: Vec<String>,
    /// How late, in microseconds (`delay` without `by`: a minute).
    pub by: i64,
    /// Only the first so many that match.
    pub times: Option<u64>,
    /// Only the one of this number, from 1.
    pub nth: Option<u64>,
}

/// `a -> b M`
#[derive(Clone, Debug)]
pub struct Arrow {
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// Message.
    pub message: MessageName,
    /// Where it stands.
    pub at: Span,
}
