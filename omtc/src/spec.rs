//! Properties and scenarios as data: typed, lowered, ready to be evaluated.
//!
//! ```text
//! property, scenario (syntax) → sema::observe (types, IR) → Specification → omtc test, omtc verify
//! ```
//!
//! Every expression of a property or a scenario is a [`Query`]: a pure function of the IR, and the list of what it is
//! given. [`Evaluator`] takes that from a [`Situation`] (instances, peers, the clock: whatever run or search there is)
//! and lets the interpreter compute the result. So properties have no semantics of their own: they say what the same
//! expression would say in a guard.
//!
//! **Cost.** A query names exactly which roles it reads, so whoever explores many situations may skip those that did
//! not change. The record of an instance ([`instance`]) is made once per local state and shared from then on: values
//! are cheap to clone. A query is one call of the interpreter's function evaluator; nothing is copied or encoded.

mod evaluate;
mod record;
mod scenario;
mod setting;
mod show;

pub(crate) use record::HONEST;

pub use evaluate::{Evaluator, Fault, Situation};
pub use record::{InstanceParts, instance, nothing, peer};
pub use scenario::{
    Answer, Arrow, Blocks, Disturb, Event, Member, MessageName, START, Say, Scenario, Shared, Step, StepKind,
};
pub use setting::Setting;
pub use show::{Names, Shown, duration, show};

use crate::source::{FileId, Span};
use omt_runtime::ir::Type;
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Properties and scenarios of one transaction.
#[derive(Clone, Debug)]
pub struct Specification {
    /// The transaction with the functions of all queries and the records they read. It has the id of the transaction
    /// itself, and is for evaluating queries only: nothing runs, stores or sends it.
    pub package: Arc<Package>,
    /// This transaction first, then what it uses, directly or not: in order of `uses`, nearest first.
    pub transactions: Vec<Transaction>,
    /// In the order of the source.
    pub properties: Vec<Property>,
    /// In the order of the source.
    pub scenarios: Vec<Scenario>,
    /// The files that positions inside the IR refer to (`At::file` is an index).
    pub files: Vec<FileId>,
}

/// A transaction that peers of a scenario run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The name that this file gives it; `None` for this transaction, and for what only used ones use.
    pub alias: Option<String>,
    /// Number in its header.
    pub number: String,
    /// Below the protocol folder, without extension.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
}

/// An actor of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    /// Index into [`Specification::transactions`].
    pub transaction: usize,
    /// Name of the actor.
    pub actor: String,
}

/// A claim about all runs.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// The claim.
    pub claim: Claim,
    /// Where its name stands.
    pub at: Span,
}

/// What a property claims. Every query gives a bool.
#[derive(Clone, Debug)]
pub enum Claim {
    /// In every situation.
    Always(Query),
    /// In no situation.
    Never(Query),
    /// On every run, at some point.
    Eventually(Query),
    /// In some situation.
    Sometimes(Query),
    /// Whenever the first holds, the second holds then or later.
    Leads(Query, Query),
}

impl Claim {
    /// Its queries, one or two.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        let (first, second) = match self {
            Claim::Always(query)
            | Claim::Never(query)
            | Claim::Eventually(query)
            | Claim::Sometimes(query) => (query, None),
            Claim::Leads(from, to) => (from, Some(to)),
        };
        [first].into_iter().chain(second)
    }
}

/// An expression: a function of [`Specification::package`] and what it is given.
#[derive(Clone, Debug)]
pub struct Query {
    /// Name of the function.
    pub function: String,
    /// Its arguments, in order.
    pub inputs: Vec<Input>,
    /// Type of the result.
    pub ty: Type,
    /// Does it ask for the time? Then its answer changes while nothing happens.
    pub reads_now: bool,
    /// In whose name `SIGN` signs.
    pub signer: Option<String>,
    /// Where the expression stands.
    pub at: Span,
}

impl Query {
    /// The roles whose instances it reads.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.inputs.iter().flat_map(|input| match input {
            Input::Instances(role) => std::slice::from_ref(role),
            Input::Newest { roles, .. } => roles.as_slice(),
            Input::Peer(_) | Input::Member(_) | Input::Peers | Input::Argument(_) | Input::Constant(_) => &[],
        })
    }

    /// Does it read peers (`network`, `alice.chain`), hence their chains?
    pub fn reads_peers(&self) -> bool {
        self.inputs.iter().any(|input| matches!(input, Input::Peers | Input::Member(_)))
    }
}

/// An argument of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The id of a member of the cast.
    Peer(String),
    /// A member of the cast: a [`peer`] record.
    Member(String),
    /// All peers of the cast: a list of [`peer`] records.
    Peers,
    /// All instances of a role on all peers: a list of [`instance`] records, oldest first.
    Instances(Role),
    /// The newest instance that a member has of any of these roles; [`nothing`] when it has none.
    Newest {
        /// Name of the member.
        member: String,
        /// At least one.
        roles: Vec<Role>,
    },
    /// An argument of the native function that is answered, from 0.
    Argument(usize),
    /// This value.
    Constant(Value),
}
