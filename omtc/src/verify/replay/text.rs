//! The source of a scenario that breaks a property, and whether it does: it is run as `omtc test` runs it.

use super::super::outcome::{Counterexample, Verdict};
use super::{Happening, Script};
use crate::format::format_source;
use crate::scenario::{self, Kind, Run};
use crate::sema;
use crate::source::{FileId, ReadAhead, SourceProvider, Span};
use crate::spec::duration;
use crate::syntax::{ast, decode, parse};
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// After the last step, in microseconds: when it is over, and before any time limit.
const MOMENT: i64 = 1_000;
/// Things that may happen while it is tried.
const EVENT_COUNT_MAX: usize = 200_000;

/// Where a scope was read from.
pub struct Sources<'a> {
    /// All files.
    pub provider: &'a dyn SourceProvider,
    /// The file of the scope.
    pub path: &'a Path,
    /// How it was read.
    pub analysis: &'a sema::Options,
}

/// A counterexample as a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduced {
    /// Its name: none that the file has.
    pub name: String,
    /// Its source, as `omtc fmt` writes it.
    pub source: String,
    /// `None` if it was run and broke the property (or, of `sometimes`, witnessed it); else why it does not.
    pub doubt: Option<String>,
}

/// Writes a counterexample, or a witness, as a scenario for the file that the scope is in, and runs it.
///
/// `None` if the steps of the run have no instants in one true time.
pub fn reproduce(
    sources: &Sources<'_>,
    scope: &str,
    verdict: &Verdict,
    example: &Counterexample,
) -> Option<Reproduced> {
    let bytes = sources.provider.read(sources.path).ok()?;
    let (text, _) = decode(FileId(0), &bytes);
    let parsed = parse(FileId(0), &text);
    let mut first = None;
    for script in &example.scripts {
        let writer = Writer { text: &text, file: &parsed.file, scope, verdict, script };
        let (name, written) = writer.scenario()?;
        let source = format_source(&written).ok()?;
        let doubt = match script.unsaid.first() {
            Some(unsaid) => Some(format!("the language has no way to say {unsaid}")),
            None => tried(sources, &text, &source, &name, verdict),
        };
        let made = Reproduced { name, source, doubt };
        if made.doubt.is_none() {
            return Some(made);
        }
        first.get_or_insert(made);
    }
    first
}

struct Writer<'a> {
    text: &'a str,
    file: &'a ast::File,
    scope: &'a str,
    verdict: &'a Verdict,
    script: &'a Script,
}

impl Writer<'_> {
    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "one kind of declaration is looked for")]
    fn scenarios(&self) -> impl Iterator<Item = &ast::Scenario> {
        self.file.decls.iter().filter_map(|decl| match decl {
            ast::Decl::Scenario(scenario) => Some(scenario),
            _ => None,
        })
    }

    /// Its name and its source.
    fn scenario(&self) -> Option<(String, String)> {
        let scope = self.scenarios().find(|scenario| scenario.name.text == self.scope)?;
        let word = if self.verdict.kind == "sometimes" { "shows" } else { "breaks" };
        let property = &self.verdict.property;
        let taken: BTreeSet<&str> = self.scenarios().map(|scenario| scenario.name.text.as_str()).collect();
        let mut names = std::iter::once(format!("{word}_{property}"))
            .chain((2..).map(|number| format!("{word}_{property}_{number}")));
        let name = names.find(|name| !taken.contains(name.as_str()))?;
        let mut lines: Vec<String> = Vec::new();
        let is_given =
            |step: &&ast::Step| matches!(step.kind, ast::StepKind::Parameters(_) | ast::StepKind::Cast(_));
        lines.extend(scope.steps.iter().filter(is_given).map(|step| self.slice(step.span).to_owned()));
        lines.extend(self.script.rules.iter().cloned());
        let others: Vec<&ast::Step> = scope.steps.iter().filter(|step| !is_given(step)).collect();
        for (instant, happening) in &self.script.events {
            let what = match happening {
                Happening::OfScope(number) => {
                    let step = others.get(*number)?;
                    let ast::StepKind::At { time, .. } = &step.kind else { return None };
                    self.slice(Span { start: time.span.end, ..step.span }).trim().to_owned()
                }
                Happening::Said(text) => text.clone(),
            };
            lines.push(format!("at {} {what}", duration((*instant).into())));
        }
        if self.script.events.last().is_none_or(|(instant, _)| *instant < self.script.ends) {
            // Nothing is cut off: this only lets the time pass until everything above has happened.
            let over = self.script.ends.saturating_add(MOMENT);
            lines.push(format!("at {} heal", duration(over.into())));
        }
        lines.extend(self.expectations()?);
        let title = match word {
            "shows" => format!("{property} comes true in {}", self.scope),
            _ => format!("{property} is broken in {}", self.scope),
        };
        Some((name.clone(), format!("scenario {name} \"{title}\" (\n{}\n)\n", lines.join("\n"))))
    }

    /// What a protocol without the mistake does at the end.
    #[allow(clippy::wildcard_enum_match_arm, reason = "one kind of declaration is looked for")]
    fn expectations(&self) -> Option<Vec<String>> {
        let patience = duration(self.script.patience.into());
        let property = self.file.decls.iter().find_map(|decl| match decl {
            ast::Decl::Property(property) if property.name.text == self.verdict.property => Some(property),
            _ => None,
        });
        let Some(property) = property else {
            let waiting = self.script.waiting.iter();
            return Some(
                waiting
                    .map(|(member, states)| {
                        format!("expect NOT ({member} IN [{}]) within {patience}", states.join(", "))
                    })
                    .collect(),
            );
        };
        Some(vec![match &property.claim {
            ast::Claim::Always(e) => format!("expect {}", self.slice(e.span)),
            ast::Claim::Never(e) => format!("expect NOT ({})", self.slice(e.span)),
            ast::Claim::Sometimes(e) => format!("expect {}", self.slice(e.span)),
            ast::Claim::Eventually(e) | ast::Claim::Leads { to: e, .. } => {
                format!("expect {} within {patience}", self.slice(e.span))
            }
        }])
    }
}

/// Why a scenario does not break the property under `omtc test`; `None` if it does.
fn tried(sources: &Sources<'_>, text: &str, source: &str, name: &str, verdict: &Verdict) -> Option<String> {
    let with = ReadAhead::new(sources.provider);
    with.insert(sources.path, format!("{text}\n{source}").into_bytes());
    let analysis = sema::Options { specify: true, ..sources.analysis.clone() };
    let analyzed = sema::analyze_with(&with, &[sources.path.to_owned()], &analysis);
    if let Some(error) = analyzed.diagnostics.iter().find(|finding| finding.is_error()) {
        return Some(format!("the checker refuses it: {}", error.message));
    }
    let missing = || "a transaction that it uses cannot be read".to_owned();
    let run = || -> Option<Run> {
        let mut packages: BTreeMap<PathBuf, Arc<Package>> = BTreeMap::new();
        let unit = analyzed.units.first()?;
        let specification = unit.specification.as_ref()?;
        let wanted = || specification.transactions.iter().map(|transaction| transaction.path.clone());
        let elsewhere: Vec<PathBuf> = wanted().filter(|path| *path != unit.path).collect();
        let others =
            sema::analyze_with(&with, &elsewhere, &sema::Options { specify: false, ..analysis.clone() });
        for unit in analyzed.units.iter().chain(&others.units) {
            if let Some(protocol) = &unit.protocol {
                let package = Package::from_protocol(protocol.clone()).ok()?;
                packages.insert(unit.path.clone(), Arc::new(package));
            }
        }
        let packages = wanted().map(|path| packages.get(&path).cloned()).collect::<Option<Vec<_>>>()?;
        let scenario = specification.scenarios.iter().find(|scenario| scenario.name == name)?;
        let options = scenario::Options { event_count_max: EVENT_COUNT_MAX, ..scenario::Options::default() };
        Some(scenario::interpret(specification, scenario, &packages, &options))
    };
    let Some(run) = run() else { return Some(missing()) };
    judged(&run, verdict)
}

fn judged(run: &Run, verdict: &Verdict) -> Option<String> {
    let breaks = match (verdict.kind, verdict.property.as_str()) {
        ("sometimes", _) => return run.deviation.as_ref().map(|deviation| deviation.message.clone()),
        ("always" | "never", _) => Kind::Property,
        (_, "no_fault") => Kind::Fault,
        _ => Kind::Expectation,
    };
    let Some(deviation) = &run.deviation else {
        return Some("a host comes to another end".to_owned());
    };
    let about = format!("property {} ", verdict.property);
    if deviation.kind == breaks && (breaks != Kind::Property || deviation.message.contains(&about)) {
        return None;
    }
    Some(format!("a host comes to something else first: {}", deviation.message))
}
