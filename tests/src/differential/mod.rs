//! Interpreter against generated Rust: the same inputs and the same answers must give the same states, stores,
//! effects, timers, refusals and faults, to the byte.
//!
//! * [`twin`]: a program that takes every step on both executors and compares. A world run on it is a differential
//!   test of everything that happens in it, and leaves behind what it has seen.
//! * [`walk`]: random walks, from fresh instances and from what a twin has seen, with inputs that fit, nearly fit, or do
//!   not fit at all.
//! * [`scratch`]: the environment that both see; [`values`]: values of any type.

pub mod compare;
pub mod scratch;
pub mod twin;
pub mod values;
pub mod walk;

use crate::executor::Executor;
use crate::lock::{LockWorld, OMC, Review, Spec};
use omt_runtime::interp::Interpreter;
use omt_runtime::machine::Program;
use std::sync::{Arc, PoisonError};
use twin::{Record, Sights, Twin};
use walk::{Coverage, Walker};

/// Steps of a run in CI, over all protocols.
pub const STEPS: u64 = 100_000;

/// Where a run in CI begins.
pub const SEED: u64 = 20_261_122;

/// Every generated protocol, with the interpreter on the same package.
pub fn pairs() -> Vec<(Arc<dyn Program>, Arc<dyn Program>)> {
    let both = |rust: Arc<dyn Program>| {
        (Arc::new(Interpreter::new(Arc::clone(rust.package()))) as Arc<dyn Program>, rust)
    };
    omt_generated::programs().into_iter().map(both).collect()
}

/// Locks that go well and locks that do not, every step taken on both executors.
///
/// # Panics
/// The executors differ.
pub fn lock_sights(first: &Arc<dyn Program>, second: &Arc<dyn Program>, seed: u64) -> Sights {
    let record = Record::default();
    let world = |name: &str, seed: u64| {
        let program = Twin::new(Arc::clone(first), Arc::clone(second), Arc::clone(&record));
        let spec = Spec::clean(Executor::Interpreter, seed);
        let mut lock =
            LockWorld::build_on(spec, Arc::new(program)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut amount = 80;
        match name {
            "refused" => lock.review("bob", Review::Refuses),
            "silent" => lock.review("bob", Review::Silent),
            "poor" => amount = 2_000,
            _ => {}
        }
        if let Ok(session) = lock.open("alice", "bob", amount * OMC) {
            if name == "cut off" {
                lock.run_until_state(600_000_000, "alice", &session, "WAITING_FOR_RESULT");
                lock.mute("alice");
            }
            lock.world.run(600_000_000);
            if name == "clean" {
                assert_eq!(lock.state("alice", &session), "LOCKED");
            }
        }
    };
    for name in ["clean", "refused", "silent", "poor", "cut off"] {
        world(name, seed);
    }
    std::mem::take(&mut *record.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Random walks over every protocol, that many steps in all. Gives what was reached, by protocol.
///
/// # Errors
/// Where the executors differ.
pub fn run(seed: u64, steps: u64) -> Result<Vec<(String, Coverage)>, String> {
    let pairs = pairs();
    let share = steps.div_ceil(pairs.len().max(1) as u64);
    let mut reached = Vec::new();
    for (first, second) in &pairs {
        let meta = &first.package().protocol.meta;
        let sights = match first.package().protocol.number.as_str() {
            "00" => lock_sights(first, second, seed),
            _ => Sights::default(),
        };
        let mut walker = Walker::new(&**first, &**second, &sights, seed);
        walker.walk(share).map_err(|text| format!("{}: {text}", meta.path))?;
        reached.push((meta.path.clone(), walker.coverage));
    }
    Ok(reached)
}
