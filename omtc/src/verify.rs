//! Model checking of properties, on the IR, in a scope.
//!
//! A scope is a scenario: its cast, chains, natives and triggers are where exploration begins. Everything that the
//! network, clocks, tasks and byzantine members can do from there is explored: a message may arrive at any time, more
//! than once, or never; a timer fires when its peer's clock is there; a task ends at any time; a byzantine member says
//! whatever it may say. The interpreter is the semantics: nothing is translated.
//!
//! ```text
//! Specification, packages ─ Model ─ Engine (local states, steps remembered) ─ Explorer (successors)
//!                                     └ search: breadth first, properties, shortest counterexample ─ Outcome
//! ```
//!
//! Or, from the same tables, `symbolic`: sets of states as decision diagrams.
//!
//! A global state is a vector with one number for each honest peer, the number of its *local state* in a table. What a
//! local state makes of a message is computed once by the interpreter and remembered, so exploring is lookups. The
//! model, the reductions and what is not covered are in `docs/verification.md`.
//!
//! Nothing here reads a clock or prints: time comes in, progress goes out, through [`Watch`].

mod atom;
mod certificate;
mod chart;
mod engine;
mod env;
mod estimate;
mod event;
mod evidence;
mod explore;
mod gather;
mod halt;
mod live;
mod local;
mod model;
mod observe;
mod outcome;
mod pool;
mod property;
mod record;
mod replay;
mod search;
mod settled;
mod snapshot;
mod space;
mod spent;
mod step;
mod symbolic;
mod table;
mod temporal;
mod universe;
mod walk;

pub use outcome::{
    Budget, Clock, Counterexample, Counts, Estimate, Finding, Heard, Level, Limit, Line, Meter, Outcome,
    Progress, Verdict, Watch,
};
pub use replay::{Happening, Reproduced, Script, Sources, reproduce};
pub use search::verify;
pub use walk::{ExploreError, MachineState, Member, Place, Remark, Walked, explore, walk};

use crate::source::Span;
use crate::spec::Specification;
use omt_runtime::package::Package;
use std::sync::Arc;
use std::time::Duration;

/// Names of the properties that every transaction must hold.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    search::BUILT_IN.iter().map(|(name, _)| *name)
}

/// What is explored, and how.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Properties and scopes.
    pub specification: Arc<Specification>,
    /// The package of each of [`Specification::transactions`], in that order.
    pub packages: Vec<Arc<Package>>,
    /// How.
    pub options: Options,
}

/// How states are gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One by one, breadth first: what is shown takes the fewest steps.
    States,
    /// In sets, as decision diagrams: many more, where peers go their own ways.
    Sets,
    /// One by one as long as there are few, else in sets.
    Either,
}

/// How to explore.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these properties; all if empty. Built-in ones have names, too.
    pub properties: Vec<String>,
    /// Steps from the start, at most.
    pub depth_max: Option<u32>,
    /// Time, at most.
    pub time_max: Option<Duration>,
    /// Bytes, at most.
    pub memory_max: usize,
    /// How many messages of byzantine members are heard in one run, at most: all runs with none are explored, then all
    /// with one, and so on. Without it what the scope says; if that says nothing, any number, at once.
    pub byzantine: Option<u32>,
    /// One by one, or in sets.
    pub engine: Engine,
    /// Show a run for every `sometimes` that holds?
    pub witness: bool,
    /// Do hosts remember what contradicts itself (`EQUIVOCATION`), as they do in fact? Without it nobody is ever convicted.
    pub evidence: bool,
    /// How many instants two honest peers may be apart: 0 or 1.
    pub skew: u32,
    /// May what lasts for a duration (`timeout`, `every`) last for any other? What is violated then is explored again
    /// with the given ones, within [`Options::time_max`] of its own.
    pub any_durations: bool,
    /// Do the transactions that `uses` names run along, by `after`?
    pub composed: bool,
    /// How often an honest peer says the same in one session, at most; later ones are lost.
    pub repeats: u64,
    /// Time ends that long after the start, microseconds.
    pub horizon: i64,
    /// What makes the state space smaller.
    pub reductions: Reductions,
}

/// A year: longer than any deadline of a protocol that we know.
pub const HORIZON: i64 = 366 * 24 * 3_600 * 1_000_000;

impl Default for Options {
    fn default() -> Self {
        Options {
            properties: Vec::new(),
            depth_max: None,
            time_max: None,
            memory_max: 2 << 30,
            byzantine: None,
            engine: Engine::States,
            witness: false,
            evidence: true,
            skew: 1,
            any_durations: false,
            composed: false,
            repeats: 2,
            horizon: HORIZON,
            reductions: Reductions::default(),
        }
    }
}

/// What makes the state space smaller. Each can be switched off, and then the verdicts are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// Fields of a store that nothing reads from a state on are cleared.
    pub dead_fields: bool,
    /// A delivery that changes nothing is as if it had not happened yet; without this it uses the message up.
    pub quiet_deliveries: bool,
    /// Ids of messages that can never be handled again are forgotten.
    pub finished_ids: bool,
    /// Messages are numbered by what they say, not by when they were sent, where no machine reads the number.
    pub content_numbers: bool,
    /// What is only gathered is gathered right before it matters.
    pub late_gathering: bool,
    /// A peer acts at the later of two instants only where that makes a difference.
    pub lazy_clocks: bool,
    /// What properties say of single instances is judged when a step ends, and not looked at again.
    pub judged_at_once: bool,
    /// Messages that nobody handles and that show byzantine members nothing are not kept.
    pub unheard_messages: bool,
    /// A byzantine member may say the same again: nobody remembers that it did.
    pub byzantine_repeats: bool,
    /// Maps of signatures that answer every question alike are one.
    pub any_quorum: bool,
    /// Messages that their only receiver has taken, or will never handle, are not kept.
    pub spent_messages: bool,
    /// That an instance has taken a message is remembered only if something that it can come to would take it again.
    pub settled_messages: bool,
}

impl Default for Reductions {
    fn default() -> Self {
        Reductions {
            dead_fields: true,
            quiet_deliveries: true,
            finished_ids: true,
            content_numbers: true,
            late_gathering: true,
            lazy_clocks: true,
            judged_at_once: true,
            unheard_messages: true,
            byzantine_repeats: true,
            any_quorum: true,
            spent_messages: true,
            settled_messages: true,
        }
    }
}

/// Why nothing can be explored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No scenario has that name.
    #[error("there is no scenario {0}")]
    NoScope(String),
    /// No property has that name.
    #[error("there is no property {0}")]
    NoProperty(String),
    /// Nobody runs a machine.
    #[error(
        "scope {0}: all its members are byzantine: nobody runs a machine of which anything could be said"
    )]
    NobodyHonest(String),
    /// More members than a scope may have.
    #[error("scope {scope} has {peers} members; at most {} are explored", model::PEERS_MAX)]
    TooManyPeers {
        /// The scope.
        scope: String,
        /// Its members.
        peers: usize,
    },
    /// More triggers and statements than a scope may have.
    #[error("scope {scope} makes {events} things happen; at most {} are explored", model::EVENTS_MAX)]
    TooManyEvents {
        /// The scope.
        scope: String,
        /// Its triggers and statements.
        events: usize,
    },
    /// More queries than one run looks at.
    #[error(
        "the properties have {conditions} conditions; at most {} are looked at in one run: choose with --property",
        property::QUERIES_MAX
    )]
    TooManyQueries {
        /// Conditions of all properties.
        conditions: usize,
    },
    /// A value of the cast cannot be computed.
    #[error("scope {scope}: {fault}")]
    Setup {
        /// The scope.
        scope: String,
        /// What went wrong.
        fault: String,
        /// Where.
        at: Span,
    },
    /// A member lacks a native function that its role calls.
    #[error("scope {scope}: {member} needs {native}, and `natives` has no answer for it")]
    NativeMissing {
        /// The scope.
        scope: String,
        /// Who.
        member: String,
        /// The native function.
        native: String,
    },
}
