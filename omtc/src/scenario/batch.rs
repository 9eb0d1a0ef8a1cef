//! Which scenarios run, on what, and all of them at once.

use crate::scenario::coverage::{Coverage, Covered};
use crate::scenario::{Options, Run, interpret};
use crate::sema::{self, Analyzed, Unit};
use crate::source::SourceProvider;
use crate::spec::{Scenario, Specification};
use omt_runtime::package::Package;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Stack of a thread that runs scenarios: an expression may nest as deep as the checker allows, in a debug build.
const STACK_BYTES: usize = 256 << 20;

/// A file with scenarios, and what they run on.
pub struct Suite {
    specification: Arc<Specification>,
    /// As it was read.
    pub path: PathBuf,
    /// One for each transaction of the specification.
    packages: Vec<Arc<Package>>,
}

impl Suite {
    /// Every transaction that has a specification, in the order of the roots, with the packages of what it uses; and the
    /// files of those that cannot run, because what they use has errors.
    pub fn all(
        analyzed: &Analyzed,
        provider: &dyn SourceProvider,
        options: &sema::Options,
    ) -> std::result::Result<(Vec<Suite>, Vec<PathBuf>), String> {
        Suite::of_units(&analyzed.units, provider, options)
    }

    /// The same of some units.
    pub fn of_units(
        units: &[Unit],
        provider: &dyn SourceProvider,
        options: &sema::Options,
    ) -> std::result::Result<(Vec<Suite>, Vec<PathBuf>), String> {
        let mut packages: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::new();
        let keep = |packages: &mut BTreeMap<PathBuf, Arc<Package>>, units: &[Unit]| {
            for unit in units {
                let Some(protocol) = &unit.protocol else { continue };
                let package = Package::from_protocol(protocol.clone());
                let package = package.map_err(|error| format!("{}: {error}", unit.path.display()))?;
                packages.insert(unit.path.clone(), Arc::new(package));
            }
            Ok::<(), String>(())
        };
        keep(&mut packages, units)?;
        let specified = || units.iter().filter_map(|unit| Some((unit, unit.specification.as_ref()?)));
        // What is used lies elsewhere when only a file or a folder is tested.
        let mut elsewhere: Vec<PathBuf> = specified()
            .flat_map(|(_, specification)| &specification.transactions)
            .map(|transaction| transaction.path.clone())
            .filter(|path| !packages.contains_key(path))
            .collect();
        elsewhere.sort();
        elsewhere.dedup();
        if !elsewhere.is_empty() {
            let options = sema::Options { specify: false, ..options.clone() };
            keep(&mut packages, &sema::analyze_with(provider, &elsewhere, &options).units)?;
        }
        let (mut suites, mut skipped) = (Vec::new(), Vec::new());
        for (unit, specification) in specified() {
            let of = |transaction: &crate::spec::Transaction| packages.get(&transaction.path).map(Arc::clone);
            let found: Option<Vec<Arc<Package>>> = specification.transactions.iter().map(of).collect();
            let Some(packages) = found else {
                skipped.push(unit.path.clone());
                continue;
            };
            suites.push(Suite {
                specification: Arc::clone(specification),
                path: unit.path.clone(),
                packages,
            });
        }
        Ok((suites, skipped))
    }

    /// Its properties and scenarios.
    pub fn specification(&self) -> &Specification {
        &self.specification
    }

    /// Its transaction, below the protocol folder.
    pub fn name(&self) -> &str {
        self.specification.transactions.first().map_or("", |transaction| transaction.name.as_str())
    }

    /// Its transaction, then those that it uses.
    pub fn protocols(&self) -> impl Iterator<Item = &omt_runtime::ir::Protocol> {
        self.packages.iter().map(|package| &package.protocol)
    }

    /// Names of its scenarios.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.specification.scenarios.iter().map(|scenario| scenario.name.as_str())
    }

    fn fits(&self, scenario: &Scenario, filter: Option<&str>) -> bool {
        filter.is_none_or(|text| {
            let path = self.path.display().to_string();
            let title = scenario.title.as_deref().unwrap_or_default();
            [scenario.name.as_str(), title, path.as_str()].into_iter().any(|of| of.contains(text))
        })
    }
}

/// A scenario that ran.
pub struct Result<'a> {
    /// Of which file.
    pub suite: &'a Suite,
    /// Which.
    pub scenario: &'a Scenario,
    /// What it came to.
    pub run: Run,
}

/// Scenarios to be run, in the order of the sources.
pub struct Batch<'a> {
    chosen: Vec<(&'a Suite, &'a Scenario)>,
}

impl<'a> Batch<'a> {
    /// Those that fit.
    pub fn of(suites: &'a [Suite], filter: Option<&str>) -> Batch<'a> {
        let all =
            suites.iter().flat_map(|suite| suite.specification.scenarios.iter().map(move |s| (suite, s)));
        Batch { chosen: all.filter(|(suite, scenario)| suite.fits(scenario, filter)).collect() }
    }

    /// Those that have one of these names.
    pub fn named(suites: &'a [Suite], names: &[String]) -> Batch<'a> {
        let mut batch = Batch::of(suites, None);
        batch.chosen.retain(|(_, scenario)| names.contains(&scenario.name));
        batch
    }

    /// All scenarios of some suites.
    pub fn of_suites(suites: &'a [Suite], keep: impl Fn(&Suite) -> bool) -> Batch<'a> {
        let kept = suites.iter().filter(|suite| keep(suite));
        Batch { chosen: kept.flat_map(|s| s.specification.scenarios.iter().map(move |c| (s, c))).collect() }
    }

    /// Is there nothing to run?
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// Runs all of them, so many at once; the results are in their order whichever ends first.
    pub fn run(&self, options: &Options, jobs: usize) -> Vec<Result<'a>> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, Run)>> = Mutex::new(Vec::new());
        let work = || {
            while let Some((index, (suite, scenario))) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                self.chosen.get(index).map(|chosen| (index, chosen))
            } {
                let run = interpret(&suite.specification, scenario, &suite.packages, options);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((index, run));
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..jobs.min(self.chosen.len()))
                .filter_map(|_| {
                    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
                    thread.spawn_scoped(scope, work).ok()
                })
                .collect();
            if threads.is_empty() {
                // No thread to be had: then one after the other, here.
                work();
            }
            for thread in threads {
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(index, _)| *index);
        let chosen = self.chosen.iter().zip(done);
        chosen.map(|((suite, scenario), (_, run))| Result { suite, scenario, run }).collect()
    }

    /// What the scenarios of each file cover of its transaction.
    pub fn coverage(&self, results: &[Result<'a>]) -> Vec<(&'a Suite, Coverage)> {
        let of = |(suite, covered): (&'a Suite, Covered)| {
            let package = suite.packages.first()?;
            Some((suite, Coverage::of(&package.protocol, &covered, &suite.specification.files)))
        };
        self.covered(results).into_iter().filter_map(of).collect()
    }

    /// What happened in the scenarios of each file.
    pub fn covered(&self, results: &[Result<'a>]) -> Vec<(&'a Suite, Covered)> {
        let mut covered: Vec<(&Suite, Covered)> = Vec::new();
        for result in results {
            match covered.last_mut().filter(|(suite, _)| std::ptr::eq(*suite, result.suite)) {
                Some((_, all)) => all.add(&result.run.covered),
                None => covered.push((result.suite, result.run.covered.clone())),
            }
        }
        covered
    }
}
