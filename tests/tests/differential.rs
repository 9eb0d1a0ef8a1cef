//! Interpreter against generated Rust. `OMT_SEED` and `OMT_STEPS` choose another seed and length.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use omerta_tests::differential::{SEED, STEPS, run};

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn both_executors_do_the_same_to_the_byte_on_whatever_comes() {
    let (seed, steps) = (from_env("OMT_SEED", SEED), from_env("OMT_STEPS", STEPS));
    let reached = run(seed, steps).unwrap_or_else(|text| panic!("{text}"));
    for (path, coverage) in &reached {
        println!("{path}: {coverage}");
    }
    let total: u64 = reached.iter().map(|(_, coverage)| coverage.steps).sum();
    assert!(total >= steps, "{total} of {steps} steps");
}
