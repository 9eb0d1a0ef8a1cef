//! The in-process host: everything between bytes on a connection and [`Machine::step`](crate::machine::Machine::step).
//!
//! ```text
//! datagram ─▶ intake (limits, encoding, types, protocol, signatures, time, seen before)
//!          ─▶ offer (instance of the session, or a new one; defer, early) ─▶ step ─▶ plan ─▶ one commit ─▶ effects
//! ```
//!
//! A [`Peer`] has no clock, no socket and no thread: [`Peer::handle`] takes what happened and when,
//! [`Peer::poll_output`] gives what is to be done, [`Peer::next_deadline`] when to come back. What a step changed is
//! durable in the [`Journal`] before anything of it leaves. [`World`] runs several peers over virtual time and an
//! unreliable network; the same seed gives the same bytes.
//!
//! LANGUAGE section 6 is the specification; the numbers in the comments are its.

mod buffers;
mod chains;
mod effects;
mod env;
mod event;
mod flow;
pub mod fuzz;
mod hold;
mod instance;
mod intake;
mod journal;
pub mod limits;
mod natives;
mod open;
mod outbox;
mod packet;
mod peer;
mod plan;
mod step;
mod task;
#[cfg(test)]
mod tests;
mod typed;
mod world;

pub use chains::{CHAIN_CACHE_BLOCKS_MAX, KNOWN_BY_MAX};
pub use event::{Event, EventKind, Key, Reason, Seen};
pub use instance::Status;
pub use journal::{
    ChainStore, Commit, CommitError, FaultPoint, FaultyJournal, Journal, JournalError, MemoryJournal,
    OutboxStore, Pair, Row, Table,
};
pub use limits::PeerConfig;
pub use natives::{NativeFunction, Natives};
pub use outbox::{Firing, OutboxRow};
pub use packet::{ACK_IDS_MAX, MISMATCH_IDS_MAX, Packet};
pub use peer::{HostError, InstanceView, OpenError, Output, Peer, PeerInput, TriggerCall, TriggerError};
pub use task::{TaskKey, TaskStart};
pub use world::{
    Cast, ChainSummary, Fate, InstanceSummary, JournalFactory, Line, Network, Observer, Passing, PeerSummary,
    RESTART_AFTER, RunEnd, Summary, TaskScript, WORLD_START, World,
};
