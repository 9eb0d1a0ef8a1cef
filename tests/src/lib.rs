//! Whole-system tests: what they have in common.
//!
//! [`lock::LockWorld`] is the cast of the escrow lock in a world of virtual time: chains that fulfil what the lock
//! asks for, the library of the hosts, and what a test needs to look at, to forge and to break.
//!
//! ```no_run
//! use omerta_tests::{executor::Executor, lock::{LockWorld, OMC, Spec}};
//!
//! let mut lock = LockWorld::build(Spec::clean(Executor::Interpreter, 1)).unwrap();
//! let session = lock.open("alice", "bob", 80 * OMC).unwrap();
//! lock.world.run(10_000_000);
//! assert_eq!(lock.state("alice", &session), "LOCKED");
//! ```

// A test library: what is not as expected ends the test, with the place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

pub mod differential;
pub mod executor;
pub mod faults;
pub mod forge;
pub mod genesis;
pub mod ledger;
pub mod life;
pub mod lock;
pub mod mutation;
pub mod puppet;
pub mod records;
pub mod settlement;
pub mod story;

/// The example of the guide for embedders is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/runtime.md")]
pub struct RuntimeGuide;
