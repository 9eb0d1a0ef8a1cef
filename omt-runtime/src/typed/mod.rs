//! What generated machines are made of: the parts of a machine that are the same for every protocol.
//!
//! The Rust back end writes one struct of states and stores per actor, and for each state and cause one function that
//! weighs guards and acts. Everything else is here: offering inputs, roster, choosing, automatic transitions, timers,
//! shared fields, snapshots, faults with their place. So generated text stays short, and is right once for all.
//!
//! | here | what it is |
//! |---|---|
//! | [`Actor`] | what the back end writes for an actor |
//! | [`Machine`](crate::machine::Machine) of `Instance` | runs an [`Actor`]; equal to the interpreter, to the byte |
//! | [`Step`] | one step while it is taken: store, shared fields, effects |
//! | [`Context`] | what a function may ask: time, identity, chain, views |
//! | [`Fold`] | what the back end writes for a view |
//! | [`TypedProgram`] | a [`Program`](crate::machine::Program) made of actors |

mod actor;
mod context;
mod fault;
mod fields;
pub mod library;
mod message;
mod program;
mod step;
mod view;

pub use actor::{Actor, Arguments, Diverted, Instance, StateName, TaskResult, Timers};
pub use context::{Context, Encode, Recipients};
pub use fault::{FaultAt, Needed};
pub use fields::{Collected, Names, SharedFields, Slot, StoreFields, Tracked, read_field};
pub use message::{Messages, Received};
pub use program::{ActorEntry, TypedProgram, embedded};
pub use step::{Outcome, Step};
pub use view::Fold;

mod values;
pub use values::{Decimal, Secret};

/// What generated files begin with.
pub mod prelude {
    pub use super::library;
    pub use super::{
        Actor, ActorEntry, Arguments, Collected, Context, Decimal, Diverted, FaultAt, Fold, Names, Needed,
        Outcome, Received, Secret, Step, TaskResult, Timers, Tracked,
    };
    pub use crate::chain::{Block, ChainState, Equivocation, RawBlock, Segment};
    pub use crate::envelope::Signed;
    pub use crate::fault::FaultKind;
    pub use crate::id::{Hash, PeerId, SessionId, Signature};
    pub use crate::library::SeededRng;
    pub use crate::machine::Raised;
    pub use crate::value::{Map, Value};
    pub use crate::wire::Bytes;
    pub use crate::{messages, shared_fields, states, store_fields, wire_enum, wire_record};
    pub use std::sync::Arc;
}
