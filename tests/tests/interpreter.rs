//! The protocols of the tree, from source, on the interpreter, under random inputs: never a panic, never a fault that
//! says the checker or the interpreter is wrong, and the same bytes every time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use omt_runtime::fault::FaultKind;
use omt_runtime::id::Hash;
use omt_runtime::interp::Interpreter;
use omt_runtime::machine::{Effect, Program, Reaction};
use omt_runtime::package::Package;
use omt_runtime::testing::random::Random;
use omt_runtime::testing::{Asked, TestEnv};
use omtc::sema::analyze;
use omtc::source::DiskSources;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const SESSION: Hash = Hash([3; 32]);

/// Every transaction below `protocols/`, read back from its bytes.
fn packages() -> Vec<Arc<Package>> {
    let protocols = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let analyzed = analyze(&DiskSources, &[protocols]);
    let protocols = analyzed.units.into_iter().filter_map(|unit| unit.protocol);
    let packages: Vec<_> = protocols
        .map(|protocol| {
            let written = Package::from_protocol(protocol).unwrap();
            let read = Package::load(&written.to_bytes().unwrap()).unwrap();
            assert_eq!(read, written);
            Arc::new(read)
        })
        .collect();
    assert!(!packages.is_empty());
    packages
}

/// What one step came to.
#[derive(Debug, PartialEq)]
enum Came {
    Fired { taken: Vec<String>, effects: Vec<Effect>, timers: String, saved: Vec<u8> },
    Other(String),
    Fault(String),
}

/// Steps of one instance under the inputs of a seed.
fn run(
    package: &Arc<Package>,
    actor: &str,
    seed: u64,
    steps: u32,
    by_snapshot: bool,
) -> (Vec<Came>, Vec<Asked>) {
    let program = Interpreter::new(Arc::clone(package));
    let mut env = TestEnv::new(1);
    let mut random = Random::new(package, seed, SESSION, env.now);
    for native in package.protocol.natives.iter() {
        let answer = random.bytes(&native.1.returns);
        env.natives.insert(native.0.clone(), answer);
    }
    let mut machine = program.start(actor, SESSION).unwrap();
    let mut log = Vec::new();
    for number in 0..steps {
        // Now and then anywhere, since guards keep strangers from going far.
        if number % 6 == 5 {
            machine = program.restore(actor, &random.snapshot(actor)).unwrap();
        }
        let input = random.input(actor, machine.state());
        let came = match env.step(&*machine, &input) {
            Ok(Reaction::Fired(fired)) => {
                let saved = fired.machine.save();
                machine = fired.machine;
                if by_snapshot {
                    machine = program.restore(actor, &saved).unwrap();
                    env.forget_views();
                }
                let taken = fired.taken.iter().map(|taken| format!("{}→{}", taken.from, taken.to)).collect();
                Came::Fired { taken, effects: fired.effects, timers: format!("{:?}", fired.timers), saved }
            }
            Ok(Reaction::Refused(refusal)) => Came::Other(refusal.to_string()),
            Ok(Reaction::Deferred) => Came::Other("deferred".to_owned()),
            Ok(Reaction::Discarded) => Came::Other("discarded".to_owned()),
            Err(fault) => {
                assert!(!matches!(fault.kind, FaultKind::Internal(_)), "{fault}");
                assert!(fault.line > 0, "a fault without a place: {fault}");
                Came::Fault(fault.to_string())
            }
        };
        log.push(came);
    }
    (log, env.asked().to_vec())
}

#[test]
fn random_inputs_do_the_same_every_time_with_and_without_snapshots_and_never_find_a_defect() {
    let mut entered = BTreeSet::new();
    for package in packages() {
        for actor in package.protocol.actors.keys() {
            for seed in 0..30 {
                let once = run(&package, actor, seed, 25, false);
                // Neither a second time, nor restoring after each step, nor forgetting views makes a difference.
                assert_eq!(
                    once,
                    run(&package, actor, seed, 25, true),
                    "{actor}, seed {seed}: a restored one differs"
                );
                for came in &once.0 {
                    if let Came::Fired { taken, .. } = came {
                        entered.extend(taken.iter().map(|step| format!("{actor} {step}")));
                    }
                }
            }
        }
    }
    // Or this tests little.
    assert!(
        entered.contains("Witness VOTING_ABORT→COLLECTING_ABORT_VOTES") && entered.len() >= 80,
        "{entered:#?}"
    );
}
