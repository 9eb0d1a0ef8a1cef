//! Scenarios run and properties verified from an editor, with the places of every step.

use super::World;
use omt_runtime::ir::Handler;
use omt_runtime::package::Package;
use omtc::chart;
use omtc::graph;
use omtc::scenario::{self, Cause, EntryKind};
use omtc::sema::{self, Analyzed, Options};
use omtc::source::{SourceMap, Span};
use omtc::spec::{Scenario, Specification};
use omtc::syntax::ast::{Decl, Item};
use omtc::verify::{self, Finding, Outcome, Progress, Setup, Watch};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A transaction that can be run.
pub struct Runnable {
    /// Properties and scenarios.
    pub specification: Arc<Specification>,
    packages: Vec<Arc<Package>>,
    analyzed: Analyzed,
    /// From where and how it was read.
    world: World,
    path: PathBuf,
    options: Options,
}

/// Reads a transaction with everything that it uses.
///
/// # Errors
/// It has errors, or has no scenarios.
pub fn runnable(world: &World, path: &Path, options: &Options) -> Result<Runnable, String> {
    let options = Options { specify: true, ..options.clone() };
    let mut roots = vec![path.to_owned()];
    let mut analyzed = sema::analyze_with(world, &roots, &options);
    let used: Vec<PathBuf> = analyzed
        .units
        .iter()
        .filter_map(|unit| unit.specification.as_ref())
        .flat_map(|specification| specification.transactions.iter().map(|t| t.path.clone()))
        .filter(|used| used != path)
        .collect();
    if !used.is_empty() {
        roots.extend(used);
        analyzed = sema::analyze_with(world, &roots, &options);
    }
    if let Some(error) = analyzed.diagnostics.iter().find(|d| d.is_error()) {
        return Err(format!("{}: {}", analyzed.sources.place(error.span()), error.message));
    }
    let mut packages: BTreeMap<&Path, Arc<Package>> = BTreeMap::new();
    for unit in &analyzed.units {
        if let Some(protocol) = &unit.protocol {
            let package = Package::from_protocol(protocol.clone()).map_err(|error| error.to_string())?;
            packages.insert(&unit.path, Arc::new(package));
        }
    }
    let own = analyzed.units.iter().find(|unit| unit.path == path);
    let specification = own.and_then(|unit| unit.specification.clone());
    let specification = specification.ok_or("this file is no transaction with scenarios")?;
    let of = |t: &omtc::spec::Transaction| {
        packages.get(t.path.as_path()).cloned().ok_or_else(|| format!("{} is not there", t.name))
    };
    let packages = specification.transactions.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    Ok(Runnable { specification, packages, analyzed, world: world.clone(), path: path.to_owned(), options })
}

/// Turns a span into what the caller calls a place.
pub type Locate<'a> = &'a dyn Fn(&Path, super::Range) -> Value;

fn located(sources: &SourceMap, span: Span, locate: Locate<'_>) -> Value {
    sources.get(span.file).map_or(Value::Null, |file| locate(Path::new(file.name()), span.into()))
}

impl Runnable {
    /// The texts that its spans are of.
    pub fn sources(&self) -> &SourceMap {
        &self.analyzed.sources
    }

    /// The names of its scenarios, with what they are called.
    pub fn scenarios(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.specification.scenarios.iter().map(|s| (s.name.as_str(), s.title.as_deref()))
    }

    fn scenario(&self, name: &str) -> Result<&Scenario, String> {
        let found = self.specification.scenarios.iter().find(|scenario| scenario.name == name);
        found.ok_or_else(|| format!("there is no scenario {name}"))
    }

    /// Runs a scenario. Each step has the place of the transition that was taken.
    ///
    /// # Errors
    /// There is no such scenario.
    pub fn run(&self, name: &str, locate: Locate<'_>) -> Result<Value, String> {
        let chosen = self.scenario(name)?;
        let sources = &self.analyzed.sources;
        let run =
            scenario::interpret(&self.specification, chosen, &self.packages, &scenario::Options::default());
        let mut lines = scenario::trace(&self.specification, chosen, &run, sources);
        let protocols = self.packages.iter().map(|package| &package.protocol);
        let charts = chart::traced(&lines, &chart::Matters::of(protocols));
        let sequence = charts.first();
        // The first line is about the scenario, the last about its end.
        for (line, entry) in lines.iter_mut().skip(1).zip(&run.story) {
            if let EntryKind::Stepped { transaction, actor, taken, cause, state, peer, .. } = &entry.kind {
                let places: Vec<Value> = taken
                    .iter()
                    .filter_map(|taken| self.taken(*transaction, actor, &taken.from, taken.handler as usize))
                    .map(|span| located(sources, span, locate))
                    .collect();
                line["locations"] = Value::Array(places);
                line["text"] = json!(format!("{peer}: {} → {state}", spoken(cause)));
            }
        }
        let deviation = run.deviation.as_ref().map(|deviation| {
            let also = deviation.also.iter();
            json!({
                "message": deviation.sentence(sources),
                "kind": deviation.kind.word(),
                "at": deviation.at,
                "facts": deviation.facts,
                "help": deviation.help,
                "location": located(sources, deviation.place, locate),
                "related": also
                    .map(|(span, text)| json!({ "location": located(sources, *span, locate), "message": text }))
                    .collect::<Vec<_>>(),
            })
        });
        Ok(json!({
            "scenario": name,
            "passed": run.passed(),
            "elapsed": run.elapsed,
            "messages": run.messages,
            "deviation": deviation,
            "steps": lines.into_iter().skip(1).collect::<Vec<_>>(),
            "sequence": sequence.map(chart::mermaid),
            "svg": sequence.map(|chart| chart::svg(chart, &graph::Options::default())),
        }))
    }

    /// Runs the first scenario that takes a transition: an actor, and the head of the transition in its file.
    ///
    /// # Errors
    /// None does, or it is given up.
    pub fn through(
        &self,
        actor: &str,
        (path, head): (&Path, super::Range),
        locate: Locate<'_>,
        given_up: &dyn Fn() -> bool,
    ) -> Result<Value, String> {
        let sources = &self.analyzed.sources;
        let is_it = |span: Span| {
            let file = sources.get(span.file);
            super::Range::from(span) == head && file.is_some_and(|file| Path::new(file.name()) == path)
        };
        for scenario in &self.specification.scenarios {
            if given_up() {
                return Err("given up".to_owned());
            }
            let options = scenario::Options::default();
            let run = scenario::interpret(&self.specification, scenario, &self.packages, &options);
            let step = run.story.iter().position(|entry| match &entry.kind {
                EntryKind::Stepped { transaction, actor: stepped, taken, .. } if stepped == actor => {
                    taken.iter().any(|taken| {
                        self.taken(*transaction, actor, &taken.from, taken.handler as usize)
                            .is_some_and(is_it)
                    })
                }
                _ => false,
            });
            if let Some(step) = step {
                let mut found = self.run(&scenario.name, locate)?;
                if let Some(members) = found.as_object_mut() {
                    members.insert("step".to_owned(), json!(step));
                }
                return Ok(found);
            }
        }
        Err("no scenario takes this transition".to_owned())
    }

    /// The transition that was taken: the handler of a state with that number.
    fn taken(&self, transaction: usize, actor: &str, state: &str, number: usize) -> Option<Span> {
        let path = &self.specification.transactions.get(transaction)?.path;
        let unit = self.analyzed.units.iter().find(|unit| unit.path == *path)?;
        let handlers = &unit.protocol.as_ref()?.actors.get(actor)?.states.get(state)?.handlers;
        let at = match handlers.get(number)? {
            Handler::Transition(t) => t.meta.at,
            Handler::Collect(c) => c.meta.at,
        };
        let file = unit.files.get(at.file as usize)?;
        Some(match super::enclosing::transition(&file.tree, at.start) {
            Some((_, t)) => super::enclosing::head(t),
            None => Span::new(file.id, at.start, at.end),
        })
    }

    /// The scope of that name; without a name the first scenario that is meant for it, else the first.
    pub(super) fn scope(&self, name: Option<&str>) -> Result<&Scenario, String> {
        let Some(name) = name else {
            let all = &self.specification.scenarios;
            let scope = all.iter().find(|s| s.name.starts_with("scope_")).or(all.first());
            return Ok(scope.ok_or("there is no scenario that could be a scope")?);
        };
        self.scenario(name)
    }

    pub(super) fn setup(&self, options: verify::Options) -> Setup {
        let (specification, packages) = (Arc::clone(&self.specification), self.packages.clone());
        Setup { specification, packages, options }
    }

    /// Explores all runs of a scope.
    ///
    /// # Errors
    /// There is no such scope or property, or it is too large to be explored.
    pub fn verify(
        &self,
        property: Option<&str>,
        scope: Option<&str>,
        (time, memory): (Duration, usize),
        (progress, given_up): (&mut dyn FnMut(&Progress), &Arc<AtomicBool>),
        locate: Locate<'_>,
    ) -> Result<Value, String> {
        let chosen = self.scope(scope)?;
        let options = verify::Options {
            properties: property.map(str::to_owned).into_iter().collect(),
            time_max: Some(time),
            memory_max: memory,
            ..verify::Options::default()
        };
        let setup = self.setup(options);
        let mut watch = Watched { begun: Instant::now(), progress, given_up };
        let outcome = verify::verify(&setup, chosen, &mut watch).map_err(|error| error.to_string())?;
        Ok(self.outcome(&outcome, locate))
    }

    fn outcome(&self, outcome: &Outcome, locate: Locate<'_>) -> Value {
        let sources = &self.analyzed.sources;
        let verdicts = outcome.verdicts.iter().map(|verdict| {
            let declared = self.specification.properties.iter().find(|p| p.name == verdict.property);
            let (word, example, why) = match &verdict.result {
                Finding::Holds => ("holds", None, None),
                Finding::NotRefuted => ("not refuted", None, None),
                Finding::Violated(example) => ("violated", Some(example), None),
                Finding::Never => ("never", None, None),
                Finding::NotDecided(why) => ("not decided", None, Some(why)),
            };
            let steps = example.map(|example| {
                let step = |line: &verify::Line| {
                    json!({
                        "at": line.at,
                        "peer": line.peer,
                        "input": line.input,
                        "changes": line.changes,
                        "locations": self.mentioned(line, locate),
                    })
                };
                let name = self.specification.transactions.first().map_or("", |t| t.name.as_str());
                let drawn = chart::counterexample(name, &outcome.scope, &verdict.property, example);
                let sources =
                    verify::Sources { provider: &self.world, path: &self.path, analysis: &self.options };
                let replay = verify::reproduce(&sources, &outcome.scope, verdict, example);
                json!({
                    "reason": example.reason,
                    "steps": example.steps.iter().map(step).collect::<Vec<_>>(),
                    "sequence": chart::mermaid(&drawn),
                    "svg": chart::svg(&drawn, &graph::Options::default()),
                    "scenario": replay.map(|made| json!({
                        "name": made.name, "source": made.source, "doubt": made.doubt
                    })),
                })
            });
            json!({
                "property": verdict.property,
                "kind": verdict.kind,
                "result": word,
                "why": why,
                "location": declared.map(|p| located(sources, p.at, locate)),
                "counterexample": steps,
            })
        });
        json!({
            "scope": outcome.scope,
            "proven": outcome.proven(),
            "complete": outcome.limit.is_none(),
            "states": outcome.counts.states,
            "transitions": outcome.counts.transitions,
            "depth": outcome.counts.depth,
            "verdicts": verdicts.collect::<Vec<_>>(),
            "abstractions": outcome.abstractions,
        })
    }

    /// The transitions that a step of a counterexample takes: `First begins: IDLE`, `First: IDLE → DONE`.
    pub(super) fn mentioned(&self, line: &verify::Line, locate: Locate<'_>) -> Vec<Value> {
        let mut found = Vec::new();
        let decls =
            || self.analyzed.units.iter().flat_map(|unit| &unit.files).flat_map(|file| &file.tree.decls);
        for change in &line.changes {
            let words: Vec<&str> = change
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .filter(|w| !w.is_empty())
                .collect();
            for decl in decls() {
                let Decl::Actor(actor) = decl else { continue };
                if words.first() != Some(&actor.name.text.as_str()) {
                    continue;
                }
                for item in &actor.items {
                    let Item::Transition(t) = item else { continue };
                    let enters = words.last() == Some(&t.to.text.as_str());
                    let leaves =
                        words.len() < 3 || t.from.iter().any(|from| words.contains(&from.text.as_str()));
                    if enters && leaves {
                        let span = super::enclosing::head(t);
                        found.push(located(&self.analyzed.sources, span, locate));
                    }
                }
            }
        }
        found.dedup();
        found
    }
}

fn spoken(cause: &Cause) -> String {
    match cause {
        Cause::Message { message, from } => format!("{message} from {from}"),
        Cause::Trigger(name) => format!("trigger {name}"),
        Cause::Timeout(limit) => format!("timeout({limit})"),
        Cause::Period(period) => format!("every({period})"),
        Cause::Task(task) => format!("end of {task}"),
    }
}

pub(super) struct Watched<'a> {
    pub begun: Instant,
    pub progress: &'a mut dyn FnMut(&Progress),
    pub given_up: &'a Arc<AtomicBool>,
}

/// What is given up has no time any more.
fn elapsed(begun: Instant, given_up: &AtomicBool) -> Duration {
    if given_up.load(Ordering::Relaxed) { Duration::MAX } else { begun.elapsed() }
}

impl Watch for Watched<'_> {
    fn elapsed(&self) -> Duration {
        elapsed(self.begun, self.given_up)
    }

    fn clock(&self) -> Option<verify::Clock> {
        let (begun, given_up) = (self.begun, Arc::clone(self.given_up));
        Some(Rc::new(move || elapsed(begun, &given_up)))
    }

    fn progress(&mut self, progress: &Progress) {
        (self.progress)(progress);
    }
}
