//! Mutants that the compiler lets pass, tried on the scenarios of their transaction.

use super::mutant::Mutant;
use super::study::{Verdict, judge};
use super::subject::{Overlay, Subject};
use omt_runtime::package::Package;
use omtc::scenario::{Options as Limits, interpret};
use omtc::sema::{Options, analyze_with};
use omtc::spec::Specification;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Things that may happen in a scenario of a mutant; the longest of ours needs a tenth of it.
const EVENT_COUNT_MAX: usize = 200_000;

/// Asks the compiler, and runs the scenarios if it has nothing to say: each watches every property of its file, too.
/// The first scenario that is not fulfilled ends it.
pub fn judge_by_scenarios(subject: &Subject, mutant: &Mutant) -> Verdict {
    match judge(subject, mutant) {
        Verdict::Survived => match failing(&subject.root, &subject.path, &mutant.text(subject)) {
            Some(scenario) => Verdict::Failed(scenario),
            None => Verdict::Survived,
        },
        verdict => verdict,
    }
}

/// The first scenario of a transaction that fails when one of its files has this text.
fn failing(root: &Path, path: &Path, text: &str) -> Option<String> {
    let overlay = Overlay { path, text };
    let options = Options { specify: true, ..Options::default() };
    let analyzed = analyze_with(&overlay, &[root.to_owned()], &options);
    let unit = analyzed.units.iter().find(|unit| unit.path == root)?;
    let Some(specification) = &unit.specification else {
        return Some("its properties and scenarios do not fit it any more".to_owned());
    };
    let packages = packages(&overlay, root, unit.protocol.as_ref()?, specification)?;
    let limits = Limits { event_count_max: EVENT_COUNT_MAX, ..Limits::default() };
    let fails = |index: &usize| {
        let scenario = specification.scenarios.get(*index);
        scenario.is_some_and(|scenario| !interpret(specification, scenario, &packages, &limits).passed())
    };
    let first = (0..specification.scenarios.len()).find(fails)?;
    specification.scenarios.get(first).map(|scenario| scenario.name.clone())
}

/// The package of each transaction of a specification, the mutant's own first of all.
fn packages(
    overlay: &Overlay<'_>,
    root: &Path,
    own: &omt_runtime::ir::Protocol,
    specification: &Specification,
) -> Option<Vec<Arc<Package>>> {
    let own = Arc::new(Package::from_protocol(own.clone()).ok()?);
    let mut known: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::from([(root.to_owned(), own)]);
    let used = specification.transactions.iter().map(|transaction| transaction.path.clone());
    let elsewhere: Vec<PathBuf> = used.filter(|path| !known.contains_key(path)).collect();
    for unit in analyze_with(overlay, &elsewhere, &Options::default()).units {
        if let Some(protocol) = unit.protocol {
            known.insert(unit.path, Arc::new(Package::from_protocol(protocol).ok()?));
        }
    }
    specification.transactions.iter().map(|transaction| known.get(&transaction.path).cloned()).collect()
}
