//! Every scenario of the tree, on the interpreter and on the generated Rust: both fulfil it, and tell the same story to
//! the byte. Together they take every transition that can be taken, and judge every guard both ways.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

use omt_runtime::machine::Program;
use omt_runtime::package::Package;
use omtc::scenario::coverage::{Coverage, Covered};
use omtc::scenario::{Kind, Options, Run, interpret, run, trace};
use omtc::sema::{self, analyze_with};
use omtc::source::{DiskSources, SourceMap};
use omtc::spec::{Scenario, Specification};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Stack of a thread that evaluates expressions of the tree, in a debug build.
const STACK_BYTES: usize = 64 << 20;

/// What no scenario can cover, and why.
const UNREACHABLE: [(&str, &str, &str); 3] = [
    // A hint is what leads here, it counts once a sender, and the bench takes hints from its one buyer alone.
    ("examples/workbench/transaction", "transitions", "Bench: collect HINT in POLISHING"),
    ("examples/workbench/transaction", "guards", "Bench: collect HINT in POLISHING: guard never true"),
    ("examples/workbench/transaction", "guards", "Bench: collect HINT in POLISHING: guard never false"),
];

/// Transactions of the tree with what they specify, and every package by the file that it comes from.
struct Tree {
    sources: SourceMap,
    specified: Vec<Arc<Specification>>,
    packages: BTreeMap<PathBuf, Arc<Package>>,
}

fn tree() -> Tree {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let options = sema::Options { specify: true, ..sema::Options::default() };
    let analyzed = analyze_with(&DiskSources, &[folder], &options);
    assert!(!analyzed.has_errors(), "{:#?}", analyzed.diagnostics.iter().find(|d| d.is_error()));
    let mut tree = Tree { sources: analyzed.sources, specified: Vec::new(), packages: BTreeMap::new() };
    for unit in analyzed.units {
        let Some(protocol) = unit.protocol else { continue };
        tree.packages.insert(unit.path, Arc::new(Package::from_protocol(protocol).unwrap()));
        tree.specified.extend(unit.specification);
    }
    tree
}

/// The story of a run, as it would be written to a file.
fn told(tree: &Tree, specification: &Specification, scenario: &Scenario, run: &Run) -> String {
    let lines = trace(specification, scenario, run, &tree.sources);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Runs a scenario on the interpreter, and compares it with generated Rust unless it has parameters of its own: what it
/// has covered, and whether it was compared.
fn compare(tree: &Tree, specification: &Arc<Specification>, index: usize) -> (Covered, bool) {
    let scenario = &specification.scenarios[index];
    let packages: Vec<Arc<Package>> =
        specification.transactions.iter().map(|t| Arc::clone(&tree.packages[&t.path])).collect();
    let generated: BTreeMap<_, Arc<dyn Program>> =
        omt_generated::programs().into_iter().map(|program| (program.package().id, program)).collect();
    let programs: Vec<Arc<dyn Program>> = packages
        .iter()
        .map(|package| {
            let program = generated.get(&package.id);
            let number = &package.protocol.number;
            Arc::clone(program.unwrap_or_else(|| panic!("generated/ is stale: {number} is not in it")))
        })
        .collect();
    let interpreted = interpret(specification, scenario, &packages, &Options::default());
    let name = format!("{}: {}", specification.transactions[0].name, scenario.name);
    if let Some(deviation) = &interpreted.deviation {
        panic!("{name}: {} ({})", deviation.sentence(&tree.sources), deviation.facts.join("; "));
    }
    if !scenario.parameters.is_empty() {
        // What generated Rust has built in is refused, not run with other values than the scenario says.
        let refused = run(specification, scenario, &programs, &Options::default());
        let kind = refused.deviation.as_ref().map(|deviation| deviation.kind);
        assert_eq!(kind, Some(Kind::Cast), "{name} has parameters of its own, and ran on generated Rust");
        return (interpreted.covered, false);
    }
    let compiled = run(specification, scenario, &programs, &Options::default());
    let stories = [&interpreted, &compiled].map(|run| told(tree, specification, scenario, run));
    let differs = stories[0].lines().zip(stories[1].lines()).find(|(a, b)| a != b);
    if let Some((interpreter, rust)) = differs {
        panic!("{name}: the executors differ\ninterpreter: {interpreter}\nrust:        {rust}");
    }
    assert_eq!(stories[0].len(), stories[1].len(), "{name}: one story is longer");
    (interpreted.covered, true)
}

/// What scenarios of a transaction leave out although it can happen.
fn missing(tree: &Tree, specification: &Specification, covered: &Covered) -> Vec<String> {
    let transaction = &specification.transactions[0];
    let coverage = Coverage::of(&tree.packages[&transaction.path].protocol, covered, &specification.files);
    let excused = |part: &str, what: &str| {
        UNREACHABLE
            .iter()
            .any(|(name, kind, which)| (*name, *kind, *which) == (&transaction.name, part, what))
    };
    let mut left_out = Vec::new();
    for (part, counted) in coverage.parts() {
        let all = counted.missing.iter().map(|missing| missing.what.as_str());
        left_out.extend(
            all.filter(|what| !excused(part, what)).map(|what| format!("{}: {what}", transaction.name)),
        );
    }
    for (_, part, which) in UNREACHABLE.iter().filter(|(name, ..)| *name == transaction.name) {
        let still = coverage.parts().iter().any(|(kind, counted)| {
            kind == part && counted.missing.iter().any(|missing| missing.what == *which)
        });
        assert!(still, "{}: {which} is covered after all", transaction.name);
    }
    left_out
}

#[test]
fn every_scenario_is_fulfilled_and_the_same_on_both_executors_and_together_they_leave_nothing_out() {
    let tree = tree();
    let all: Vec<(&Arc<Specification>, usize)> = tree
        .specified
        .iter()
        .flat_map(|specification| (0..specification.scenarios.len()).map(move |index| (specification, index)))
        .collect();
    assert!(all.len() >= 40, "{} scenarios", all.len());
    let next = AtomicUsize::new(0);
    let compared = AtomicUsize::new(0);
    let covered: Mutex<BTreeMap<&Path, Covered>> = Mutex::default();
    let work = || {
        while let Some((specification, index)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (run, both) = compare(&tree, specification, *index);
            compared.fetch_add(usize::from(both), Ordering::Relaxed);
            covered.lock().unwrap().entry(&specification.transactions[0].path).or_default().add(&run);
        }
    };
    std::thread::scope(|scope| {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..count)
            .map(|_| std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).unwrap())
            .collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let with_parameters = all.iter().filter(|(s, index)| !s.scenarios[*index].parameters.is_empty()).count();
    let compared = compared.into_inner();
    assert_eq!(compared + with_parameters, all.len());
    assert!(compared >= 40, "{compared} scenarios run on generated Rust");
    let covered = covered.into_inner().unwrap();
    let left_out: Vec<String> = tree
        .specified
        .iter()
        .filter_map(|specification| {
            let run = covered.get(specification.transactions[0].path.as_path())?;
            Some(missing(&tree, specification, run))
        })
        .flatten()
        .collect();
    assert!(left_out.is_empty(), "no scenario covers:\n{}", left_out.join("\n"));
}
