//! Mechanical mistakes in protocols, and who notices.
//!
//! A [`Kind`] of mistake names every place of a source where it can be made; a [`Mutant`] is one of them as text edits, so that it is
//! a real source. [`study`] draws places at random from a seed and asks a judge what becomes of each: [`judge`] asks the compiler, a [`Trial`] runs the
//! scenarios of those that pass, and searches the scopes when they pass, too. A mutant
//! that has the protocol id of the original is no mistake and is drawn again. Nothing is written to disk.
//!
//! ```no_run
//! use omerta_tests::mutation::{SEED, SITES, judge, kinds, study, subjects};
//!
//! let subjects = subjects(&["protocols".into()]).unwrap();
//! let kinds: Vec<_> = kinds().collect();
//! for row in study(&kinds, &subjects, SEED, SITES, &judge) {
//!     println!("{}: {} tried", row.kind.name, row.outcomes.len());
//! }
//! ```

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a kind names what it changes; what it does not know stays as it is"
)]

pub mod holes;
mod kinds;
mod mutant;
pub mod named;
mod scopes;
pub mod show;
mod study;
mod subject;
mod trial;
mod types;
mod walk;

pub use kinds::{Kind, families, kinds, semantic};
pub use mutant::Mutant;
pub use scopes::{Effort, Reached};
pub use study::{
    Outcome, Row, SEED, SITES, Verdict, draw, judge, judge_drawn, on_all_cores, places_of, study,
};
pub use subject::{Looked, Said, Subject, look, subjects, subjects_with_shared};
pub use trial::Trial;
