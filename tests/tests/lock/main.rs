//! The escrow lock from end to end: honest peers, cheaters, bad networks and failing disks, on every executor.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names the events that it is about")]

/// Makes each function a test on each executor.
macro_rules! on_every_executor {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {
        mod interpreter {
            $($(#[$meta])* #[test] fn $name() { super::$name(omerta_tests::executor::Executor::Interpreter) })*
        }
        mod rust {
            $($(#[$meta])* #[test] fn $name() { super::$name(omerta_tests::executor::Executor::Rust) })*
        }
    };
}

mod balance;
mod clean;
mod deadlines;
mod draw;
mod earned;
mod fork;
mod journal;
mod malformed;
mod money;
mod order;
mod release;
mod result;
mod stranger;
mod support;
mod topups;
mod votes;
