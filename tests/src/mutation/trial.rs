//! Mutants before all who could notice: the compiler, then the scenarios of their transactions, then the scopes.

use super::kinds::Kind;
use super::mutant::Mutant;
use super::named::Named;
use super::scopes::{Effort, Reached, Scopes};
use super::study::Verdict;
use super::subject::{Overlay, Said, Subject};
use omt_runtime::ir::{Handler, Protocol};
use omt_runtime::package::Package;
use omtc::report::{Reported, report};
use omtc::scenario::{EVENT_COUNT_MAX, EntryKind, Options as Limits, Run, interpret};
use omtc::sema::Options;
use omtc::spec::Specification;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many times as much may happen in a scenario of a mutant as in the original, and how much besides.
const PATIENCE: (usize, usize) = (10, 20_000);

/// The transactions as they are, and what is known of mutants beforehand.
pub struct Trial {
    originals: BTreeMap<PathBuf, Original>,
    argued: Vec<Named>,
    effort: Effort,
}

/// A transaction as it is.
struct Original {
    specification: Arc<Specification>,
    /// Of each of its transactions.
    packages: Vec<Arc<Package>>,
    /// What its scenarios do, by index, once they were run.
    scenarios: Vec<Rehearsal>,
    /// What its scopes come to.
    scopes: Scopes,
}

/// What a scenario does when nothing is wrong.
struct Rehearsal {
    /// Messages and steps.
    cost: usize,
    /// Where the handlers begin that it takes.
    handlers: BTreeSet<u32>,
}

impl Trial {
    /// Reads the transactions.
    ///
    /// # Errors
    /// One cannot be run.
    pub fn new(subjects: &[Subject], argued: Vec<Named>) -> Result<Trial, String> {
        let mut originals = BTreeMap::new();
        for root in subjects.iter().flat_map(Subject::all).map(|part| &part.root) {
            if !originals.contains_key(root) {
                originals.insert(root.clone(), Original::of(root)?);
            }
        }
        Ok(Trial { originals, argued, effort: Effort::default() })
    }

    /// Runs all scenarios of the transactions as they are, and explores their scopes; so will it do with every mutant. Where time ends that, the
    /// result is not the same everywhere.
    ///
    /// # Errors
    /// A scenario fails already.
    pub fn rehearse(&mut self, effort: Effort) -> Result<(), String> {
        self.originals.iter_mut().try_for_each(|(root, original)| original.rehearse(root, &effort))?;
        self.effort = effort;
        Ok(())
    }

    /// Asks them all, until one notices; a scenario that noticed once first. Notes do not count.
    pub fn judge(&self, kind: &Kind, subject: &Subject, mutant: &Mutant, hint: Option<&str>) -> Verdict {
        let text = mutant.text(subject);
        let overlay = Overlay { path: &subject.path, text: &text };
        let mut cases = Vec::new();
        for part in subject.all() {
            let reported = look(&overlay, std::slice::from_ref(&part.root));
            let new: Vec<Said> = said(&reported).difference(&part.said).cloned().collect();
            if new.iter().any(|s| s.code.starts_with("E00")) {
                return Verdict::Broken(new);
            }
            if !new.is_empty() {
                return Verdict::Caught(new);
            }
            let Some(case) = Case::of(reported, &part.root) else { continue };
            if Some(case.package.id.to_string()) != part.id {
                cases.push((part, case));
            }
        }
        if cases.is_empty() {
            return Verdict::Equivalent;
        }
        for (part, case) in &mut cases {
            let Some(original) = self.originals.get(&part.root) else { continue };
            case.find_used(original, &overlay, part);
            if let Some(scenario) = case.failing(original, part, mutant, hint) {
                return Verdict::Failed(scenario);
            }
        }
        let mut reached = Reached::default();
        for (part, case) in &cases {
            let Some(original) = self.originals.get(&part.root) else { continue };
            match original.scopes.with_mistake(&case.specification, &case.packages, &self.effort) {
                Ok(Reached { same, other }) => {
                    reached.same.extend(same);
                    reached.other.extend(other);
                }
                Err(property) => return Verdict::Refuted(property),
            }
        }
        match self.argued.iter().find(|argued| argued.is(kind, subject, mutant)) {
            Some(argued) => Verdict::Argued(argued.because.clone(), reached),
            None => Verdict::Survived(reached),
        }
    }

    /// Whether one scenario of a transaction fails when a source holds another text.
    pub fn notices(&self, scenario: &str, subject: &Subject, text: &str) -> bool {
        let overlay = Overlay { path: &subject.path, text };
        subject.all().any(|part| {
            let reported = look(&overlay, std::slice::from_ref(&part.root));
            let original = self.originals.get(&part.root);
            let (Some(mut case), Some(original)) = (Case::of(reported, &part.root), original) else {
                return false;
            };
            case.find_used(original, &overlay, part);
            let index = case.specification.scenarios.iter().position(|s| s.name == scenario);
            index.is_some_and(|index| case.fails(original, index))
        })
    }
}

fn look(overlay: &Overlay<'_>, roots: &[PathBuf]) -> Reported {
    report(overlay, roots, &Options { specify: true, ..Options::default() })
}

/// Errors and warnings.
fn said(reported: &Reported) -> BTreeSet<Said> {
    let loud = reported.diagnostics.iter().filter(|d| d.severity.word() != "note");
    loud.map(|d| Said { code: d.code.id, severity: d.severity.word(), message: d.message.clone() }).collect()
}

/// A transaction with a mistake in it.
struct Case {
    specification: Arc<Specification>,
    package: Arc<Package>,
    /// Of each of its transactions.
    packages: Vec<Arc<Package>>,
}

impl Case {
    fn of(reported: Reported, root: &Path) -> Option<Case> {
        let unit = reported.units.into_iter().find(|unit| unit.path == root)?;
        let package = Arc::new(Package::from_protocol(unit.protocol?).ok()?);
        Some(Case { specification: unit.specification?, packages: vec![Arc::clone(&package)], package })
    }

    /// The transactions that it uses: with the mistake in them if it is in what they share.
    fn find_used(&mut self, original: &Original, overlay: &Overlay<'_>, part: &Subject) {
        let shared = part.path.parent() != part.root.parent();
        let used = self.specification.transactions.iter().skip(1);
        let anew = if shared {
            packages(overlay, used.clone().map(|t| t.path.clone()).collect())
        } else {
            BTreeMap::new()
        };
        let same = original.packages.iter().skip(1);
        self.packages.truncate(1);
        let found = used.zip(same).map(|(t, same)| Arc::clone(anew.get(&t.path).unwrap_or(same)));
        self.packages.extend(found);
    }

    /// The first scenario that fails: the one that noticed once, then those that take the transition with the mistake, the short ones before the
    /// long ones.
    fn failing(
        &self,
        original: &Original,
        part: &Subject,
        mutant: &Mutant,
        hint: Option<&str>,
    ) -> Option<String> {
        let here = part.transition_at(mutant.site);
        let near = |s: &Rehearsal| here.is_some_and(|start| s.handlers.contains(&start));
        let hinted = |index: usize| {
            self.specification.scenarios.get(index).is_some_and(|s| hint == Some(s.name.as_str()))
        };
        let mut order: Vec<usize> = (0..self.specification.scenarios.len()).collect();
        order.sort_by_key(|&index| {
            let (far, cost) = original.scenarios.get(index).map_or((true, 0), |s| (!near(s), s.cost));
            (!hinted(index), far, cost, index)
        });
        let index = order.into_iter().find(|index| self.fails(original, *index))?;
        self.specification.scenarios.get(index).map(|scenario| scenario.name.clone())
    }

    fn fails(&self, original: &Original, index: usize) -> bool {
        let rehearsal = original.scenarios.get(index);
        let events = rehearsal
            .map_or(EVENT_COUNT_MAX, |s| s.cost.saturating_mul(PATIENCE.0).saturating_add(PATIENCE.1));
        play(&self.specification, &self.packages, index, events).is_some_and(|run| !run.passed())
    }
}

impl Original {
    fn of(root: &Path) -> Result<Original, String> {
        let text = std::fs::read_to_string(root).map_err(|e| format!("{}: {e}", root.display()))?;
        let overlay = Overlay { path: root, text: &text };
        let wrong = || format!("{} cannot be run", root.display());
        let reported = look(&overlay, &[root.to_owned()]);
        let unit = reported.units.into_iter().find(|unit| unit.path == root).ok_or_else(wrong)?;
        let specification = unit.specification.ok_or_else(wrong)?;
        let known = packages(&overlay, specification.transactions.iter().map(|t| t.path.clone()).collect());
        let found: Option<Vec<Arc<Package>>> =
            specification.transactions.iter().map(|t| known.get(&t.path).cloned()).collect();
        let packages = found.ok_or_else(wrong)?;
        Ok(Original { specification, packages, scenarios: Vec::new(), scopes: Scopes::default() })
    }

    fn rehearse(&mut self, root: &Path, effort: &Effort) -> Result<(), String> {
        let Original { specification, packages, .. } = self;
        let Some(own) = packages.first() else { return Ok(()) };
        let mut scenarios = Vec::new();
        for (index, scenario) in specification.scenarios.iter().enumerate() {
            match play(specification, packages, index, EVENT_COUNT_MAX) {
                Some(run) if run.passed() => {
                    let cost = run.messages.saturating_add(run.steps);
                    scenarios.push(Rehearsal { cost, handlers: taken(&own.protocol, &run) });
                }
                _ => return Err(format!("{}: scenario {} fails already", root.display(), scenario.name)),
            }
        }
        self.scopes = Scopes::of(specification, packages, effort);
        self.scenarios = scenarios;
        Ok(())
    }
}

/// Where the handlers begin that a run took in machines of the transaction itself.
fn taken(protocol: &Protocol, run: &Run) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for entry in &run.story {
        let EntryKind::Stepped { transaction: 0, actor, taken, .. } = &entry.kind else { continue };
        let states = protocol.actors.get(actor).map(|actor| &actor.states);
        for taken in taken {
            let handlers = states.and_then(|states| states.get(&taken.from)).map(|state| &state.handlers);
            match handlers.and_then(|handlers| handlers.get(taken.handler as usize)) {
                Some(Handler::Transition(t)) => drop(found.insert(t.meta.at.start)),
                Some(Handler::Collect(c)) => drop(found.insert(c.meta.at.start)),
                None => {}
            }
        }
    }
    found
}

/// Transactions by path.
fn packages(overlay: &Overlay<'_>, paths: Vec<PathBuf>) -> BTreeMap<PathBuf, Arc<Package>> {
    let units = omtc::sema::analyze_with(overlay, &paths, &Options::default()).units.into_iter();
    let package =
        |unit: omtc::sema::Unit| Some((unit.path, Arc::new(Package::from_protocol(unit.protocol?).ok()?)));
    units.filter_map(package).collect()
}

fn play(
    specification: &Arc<Specification>,
    packages: &[Arc<Package>],
    index: usize,
    events: usize,
) -> Option<Run> {
    let limits = Limits { event_count_max: events, ..Limits::default() };
    specification.scenarios.get(index).map(|scenario| interpret(specification, scenario, packages, &limits))
}
