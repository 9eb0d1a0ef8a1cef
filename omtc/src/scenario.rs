//! Scenarios, run: the cast of a file in a world of virtual time, step by step, with every property watched.
//!
//! ```text
//! Specification (typed queries) + programs (interpreter or generated Rust)
//!      → stage (cast, chains, natives) → drive (steps, expectations, properties) → Run (story, deviation, coverage)
//! ```
//!
//! Nothing here reads a clock, a file or an environment: the same specification and the same programs give the same
//! [`Run`], to the byte. All that happens goes through [`omt_runtime::host::World`], so a scenario sees what a host
//! does, acknowledgements, repetition and recovery from the journal included.

pub mod batch;
mod chart;
pub mod coverage;
mod deviation;
mod drive;
mod facts;
mod picture;
mod rules;
mod show;
mod stage;
mod story;
mod trace;

pub use chart::{Columns, lines};
pub use deviation::{Deviation, Kind};
pub use show::seconds;
pub use story::{Cause, Entry, EntryKind, Way};
pub use trace::trace;

use crate::spec::{Scenario, Specification};
use coverage::{Covered, Listener};
use omt_runtime::id::Hash;
use omt_runtime::interp::Interpreter;
use omt_runtime::machine::Program;
use omt_runtime::package::Package;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a message takes, in microseconds: long enough that order is cause and effect, short against any time
/// limit of a protocol.
pub const LATENCY: i64 = 50_000;
/// How long a task takes that has a result, in microseconds.
pub const TASK_TIME: i64 = 100_000;
/// Things that may happen in one scenario. A year of a period of half a minute stays below it, and it is reached within
/// a minute.
pub const EVENT_COUNT_MAX: usize = 1_000_000;
/// Instances that may come to exist in one scenario: what a single host takes.
pub const INSTANCE_COUNT_MAX: usize = 4_096;
/// Virtual time that may pass in one scenario, in microseconds: ten years, so that contracts end.
pub const TIME_MAX: i64 = 10 * 366 * 24 * 3_600 * 1_000_000;

/// How to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// [`EVENT_COUNT_MAX`]
    pub event_count_max: usize,
    /// [`INSTANCE_COUNT_MAX`]
    pub instance_count_max: usize,
    /// [`TIME_MAX`]
    pub time_max: i64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            event_count_max: EVENT_COUNT_MAX,
            instance_count_max: INSTANCE_COUNT_MAX,
            time_max: TIME_MAX,
        }
    }
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it first was not as expected; `None` when everything was.
    pub deviation: Option<Deviation>,
    /// What happened, in order.
    pub story: Vec<Entry>,
    /// Names of the cast by id, for whoever shows the story.
    pub names: BTreeMap<omt_runtime::id::PeerId, String>,
    /// Virtual time that passed, in microseconds.
    pub elapsed: i64,
    /// Messages that were said.
    pub messages: usize,
    /// Steps of machines.
    pub steps: usize,
    /// What was covered; guards only when the programs are [`interpreted`].
    pub covered: Covered,
    /// Hash of all datagrams with their times ([`omt_runtime::host::World::trace`]).
    pub digest: Hash,
}

impl Run {
    /// Was everything as expected?
    pub fn passed(&self) -> bool {
        self.deviation.is_none()
    }
}

/// Runs a scenario on programs, one for each of [`Specification::transactions`], in their order. They must have the
/// parameters of the scenario: generated code has those of the source built in, so a scenario with parameters of its own
/// runs on the interpreter only ([`interpret`]).
pub fn run(
    specification: &Arc<Specification>,
    scenario: &Scenario,
    programs: &[Arc<dyn Program>],
    options: &Options,
) -> Run {
    drive::run(specification, scenario, programs, options)
}

/// Runs a scenario on the interpreter, with the parameters that the scenario gives; it also tells which guards were judged and how.
pub fn interpret(
    specification: &Arc<Specification>,
    scenario: &Scenario,
    packages: &[Arc<Package>],
    options: &Options,
) -> Run {
    let packages = scenario.packages(packages);
    let listeners: Vec<Arc<Listener>> = packages.iter().map(|_| Arc::default()).collect();
    let programs: Vec<Arc<dyn Program>> = packages
        .iter()
        .zip(&listeners)
        .map(|(package, listener)| {
            let interpreter = Interpreter::new(Arc::clone(package)).probed(Arc::<Listener>::clone(listener));
            Arc::new(interpreter) as Arc<dyn Program>
        })
        .collect();
    let mut run = drive::run(specification, scenario, &programs, options);
    for (transaction, listener) in listeners.iter().enumerate() {
        run.covered.judged(transaction, listener);
    }
    run
}
