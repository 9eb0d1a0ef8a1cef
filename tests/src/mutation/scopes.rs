//! The scopes of a transaction: explored to their end where that can be done, searched at random where it cannot.

use omt_runtime::package::Package;
use omtc::spec::{Scenario, Specification};
use omtc::verify::{self, Clock, Engine, Progress, Setup, Verdict, Watch};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a scenario that is a scope begins with.
const PREFIX: &str = "scope_";

/// Seed of the random steps: the same for every mistake.
const SEED: u64 = 1;

/// How far a mistake is looked for in the scopes.
#[derive(Clone, Debug, Default)]
pub struct Effort {
    /// Time for each scope, to explore it and once more to search it at random.
    pub time: Duration,
    /// Bytes for each scope.
    pub memory: usize,
    /// Messages of byzantine members that are heard in one run, at most: each scope is explored with none, then with one, and so on.
    pub byzantine: u32,
    /// Random steps in each scope.
    pub steps: u64,
}

impl Effort {
    /// Are the scopes looked at at all?
    pub fn is_none(&self) -> bool {
        self.time.is_zero()
    }
}

/// What was reached in a scope with so many messages of byzantine members.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Whole {
    scope: String,
    byzantine: u32,
    /// How many states there are.
    states: usize,
    /// In sets or one by one: what is counted is not the same.
    sets: bool,
}

/// What the scopes of a transaction come to.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// Properties that do not hold, and where.
    refuted: BTreeSet<String>,
    /// What was explored to its end.
    whole: Vec<Whole>,
}

/// What a mistake changes of which nothing in the scopes complains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Scopes with as many states as without it.
    pub same: Vec<String>,
    /// Scopes with another number of states, or that are not explored to their end any more.
    pub other: Vec<String>,
}

impl Reached {
    /// Do the scopes say that it changes nothing?
    pub fn is_same(&self) -> bool {
        !self.same.is_empty() && self.other.is_empty()
    }
}

/// A clock that tells the time.
struct Timed(Instant);

impl Watch for Timed {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn progress(&mut self, _: &Progress) {}

    fn clock(&self) -> Option<Clock> {
        let begun = self.0;
        Some(Rc::new(move || begun.elapsed()))
    }
}

fn timed() -> Timed {
    Timed(Instant::now())
}

impl Scopes {
    /// All of them, of a transaction as it is.
    pub fn of(specification: &Arc<Specification>, packages: &[Arc<Package>], effort: &Effort) -> Scopes {
        let mut found = Scopes::default();
        if effort.is_none() {
            return found;
        }
        for scope in scopes(specification) {
            for byzantine in 0..=effort.byzantine {
                let refuted = found.explore(specification, packages, scope, byzantine, effort);
                found.refuted.extend(refuted);
                let done =
                    found.whole.last().is_some_and(|w| w.scope == scope.name && w.byzantine == byzantine);
                if !done {
                    break;
                }
            }
            found.refuted.extend(searched(specification, packages, scope, effort));
        }
        found
    }

    /// The same, of a transaction with a mistake: until something does not hold that did. What could not be explored to its end as it is, is
    /// only searched.
    ///
    /// # Errors
    /// The property that does not hold any more, and where.
    pub fn with_mistake(
        &self,
        specification: &Arc<Specification>,
        packages: &[Arc<Package>],
        effort: &Effort,
    ) -> Result<Reached, String> {
        let (mut found, mut reached) = (Scopes::default(), Reached::default());
        let new = |refuted: BTreeSet<String>| match refuted.difference(&self.refuted).next() {
            Some(property) => Err(property.clone()),
            None => Ok(()),
        };
        for scope in scopes(specification) {
            new(searched(specification, packages, scope, effort))?;
        }
        for whole in &self.whole {
            let Some(scope) = scopes(specification).find(|scope| scope.name == whole.scope) else { continue };
            new(found.explore(specification, packages, scope, whole.byzantine, effort))?;
            let name = format!("{} with {}", whole.scope, whole.byzantine);
            if found.whole.contains(whole) { reached.same.push(name) } else { reached.other.push(name) }
        }
        Ok(reached)
    }

    /// Explores a scope, and keeps how many states it has when that came to an end.
    fn explore(
        &mut self,
        specification: &Arc<Specification>,
        packages: &[Arc<Package>],
        scope: &Scenario,
        byzantine: u32,
        effort: &Effort,
    ) -> BTreeSet<String> {
        let options = verify::Options {
            time_max: Some(effort.time),
            memory_max: effort.memory,
            byzantine: Some(byzantine),
            engine: Engine::Either,
            any_durations: true,
            ..verify::Options::default()
        };
        let Ok(outcome) = verify::verify(&setup(specification, packages, options), scope, &mut timed())
        else {
            return BTreeSet::new();
        };
        if outcome.limit.is_none() {
            let (states, sets) = (outcome.counts.states, outcome.counts.nodes.is_some());
            self.whole.push(Whole { scope: scope.name.clone(), byzantine, states, sets });
        }
        refuted(&outcome.verdicts, scope)
    }
}

fn scopes(specification: &Specification) -> impl Iterator<Item = &Scenario> {
    specification.scenarios.iter().filter(|scenario| scenario.name.starts_with(PREFIX))
}

fn setup(specification: &Arc<Specification>, packages: &[Arc<Package>], options: verify::Options) -> Setup {
    Setup { specification: Arc::clone(specification), packages: packages.to_vec(), options }
}

/// Random steps in a scope, the full cast.
fn searched(
    specification: &Arc<Specification>,
    packages: &[Arc<Package>],
    scope: &Scenario,
    effort: &Effort,
) -> BTreeSet<String> {
    if effort.steps == 0 {
        return BTreeSet::new();
    }
    let options = verify::Options {
        time_max: Some(effort.time),
        memory_max: effort.memory,
        ..verify::Options::default()
    };
    let setup = setup(specification, packages, options);
    match verify::walk(&setup, scope, effort.steps, SEED, &mut timed()) {
        Ok(walked) => refuted(&walked.verdicts, scope),
        Err(_) => BTreeSet::new(),
    }
}

fn refuted(verdicts: &[Verdict], scope: &Scenario) -> BTreeSet<String> {
    let broken = verdicts.iter().filter(|verdict| verdict.refuted());
    broken.map(|verdict| format!("{} in {}", verdict.property, scope.name)).collect()
}
