//! Results of `omtc verify` for people and programs.

use super::super::Run;
use super::super::show::{Format, plural};
use crate::scenario::coverage::Part;
use crate::verify::{
    Budget, Counterexample, Counts, Estimate, Finding, Level, Limit, Outcome, Reproduced, Verdict, Walked,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Collects what a program reads at the end; people read at once.
pub(super) struct Shown {
    format: Format,
    scopes: Vec<Value>,
}

impl Shown {
    pub fn new(format: Format) -> Shown {
        Shown { format, scopes: Vec::new() }
    }

    pub fn scope(&mut self, run: &mut Run<'_>, scope: &Scope<'_>) {
        if self.format == Format::Human {
            run.out(&text(scope));
        } else {
            self.scopes.push(of_scope(scope));
        }
    }

    pub fn end(self, run: &mut Run<'_>) {
        if self.format != Format::Human {
            let document = json!({ "version": 1, "scopes": self.scopes });
            let text = serde_json::to_string_pretty(&document).unwrap_or_default();
            run.out(&format!("{text}\n"));
        }
    }
}

/// What is known of a scope.
pub(super) enum Found {
    /// Every run was looked at, as far as limits let.
    Explored(Outcome),
    /// Random runs were.
    Walked(Walked),
}

impl Found {
    /// Is nothing wrong, and nothing left open that was asked for?
    pub fn fine(&self) -> bool {
        match self {
            Found::Explored(outcome) => outcome.proven(),
            Found::Walked(walked) => walked.clean(),
        }
    }

    pub fn verdicts(&self) -> &[Verdict] {
        match self {
            Found::Explored(outcome) => &outcome.verdicts,
            Found::Walked(walked) => &walked.verdicts,
        }
    }
}

/// A scope and what is known of it.
pub(super) struct Scope<'a> {
    pub path: &'a Path,
    pub found: &'a Found,
    pub took: Duration,
    /// For each verdict the scenario that shows its run, if there is one.
    pub scenarios: &'a [Option<Reproduced>],
}

fn text(scope: &Scope<'_>) -> String {
    let Scope { path, found, took, scenarios } = *scope;
    let path = path.display();
    let mut text = match found {
        Found::Explored(outcome) => format!("{} ({path})\n", outcome.scope),
        Found::Walked(walked) => format!("{} ({path}): random search, no proof\n", walked.scope),
    };
    for (verdict, made) in found.verdicts().iter().zip(scenarios) {
        let within = within(found, verdict);
        text.push_str(&format!(
            "  {:<14} {:<11} {}{within}\n",
            word(verdict),
            verdict.kind,
            verdict.property
        ));
        match &verdict.result {
            Finding::Violated(example) => text.push_str(&shown(example, made.as_ref())),
            Finding::NotDecided(why) => text.push_str(&format!("      {why}\n")),
            Finding::Holds | Finding::NotRefuted | Finding::Never => {}
        }
        if let Some(example) = &verdict.witness {
            text.push_str(&shown(example, made.as_ref()));
        }
    }
    match found {
        Found::Explored(outcome) => explored(outcome, took, &mut text),
        Found::Walked(walked) => self::walked(walked, took, &mut text),
    }
    text
}

/// What a proof is bounded by.
fn within(found: &Found, verdict: &Verdict) -> String {
    match found {
        Found::Explored(Outcome { budget: Some(budget), .. }) if verdict.result == Finding::Holds => {
            format!(" (with at most {} of byzantine members)", plural(budget.asked as usize, "message"))
        }
        Found::Explored(_) | Found::Walked(_) => String::new(),
    }
}

/// What was explored to its end with how many messages of byzantine members.
fn levels(budget: &Budget) -> String {
    let mut text = String::new();
    // Sets are not gone through level by level.
    for Level { messages, states, transitions, depth } in
        budget.levels.iter().filter(|level| level.transitions > 0)
    {
        text.push_str(&format!(
            "  complete with at most {} of byzantine members: {}, {}, depth {depth}\n",
            plural(*messages as usize, "message"),
            plural(*states, "state"),
            plural(usize::try_from(*transitions).unwrap_or(usize::MAX), "transition"),
        ));
    }
    text
}

fn explored(outcome: &Outcome, took: Duration, text: &mut String) {
    text.push_str(&figures(&outcome.counts, took));
    outcome.budget.iter().for_each(|budget| text.push_str(&levels(budget)));
    text.push_str(&fired(&outcome.fired));
    if let Some(limit) = outcome.limit {
        text.push_str(&format!("  not complete: {}\n", why(limit, &outcome.counts)));
    }
    if let Some(estimate) = &outcome.estimate {
        text.push_str(&how_large(estimate, outcome.counts.states));
    }
    text.push_str("  in this model:\n");
    for line in &outcome.abstractions {
        text.push_str(&format!("    - {line}\n"));
    }
}

fn walked(walked: &Walked, took: Duration, text: &mut String) {
    let seconds = took.as_secs_f64().max(0.001);
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    let rate = walked.steps as f64 / seconds;
    let Walked { steps, runs, seed, .. } = walked;
    text.push_str(&format!(
        "  {steps} steps in {runs} runs, seed {seed}, {seconds:.1} s, {rate:.0} steps/s\n"
    ));
    text.push_str(&fired(&walked.fired));
    if walked.universe > 0 {
        text.push_str(&format!("  byzantine members chose from {}\n", plural(walked.universe, "message")));
    }
    if walked.limit.is_some() {
        text.push_str("  ended before its steps: --time was over\n");
    }
}

/// Transitions of the protocol, and the first that nothing came to.
fn fired(part: &Part) -> String {
    const TOLD_MAX: usize = 8;
    let mut text = format!("  fired: {} of {}\n", part.covered, plural(part.total, "transition"));
    for missing in part.missing.iter().take(TOLD_MAX) {
        text.push_str(&format!("    not {}\n", missing.what));
    }
    if let Some(more) = part.missing.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
        text.push_str(&format!("    and {more} more\n"));
    }
    text
}

/// Fewer random runs say nothing.
const RUNS_TOLD_MIN: usize = 8;

/// How large the scope may be, and how much that is worth.
fn how_large(estimate: &Estimate, reached: usize) -> String {
    const LEVELS_TOLD: usize = 6;
    let first = estimate.levels.len().saturating_sub(LEVELS_TOLD);
    let levels: Vec<String> =
        estimate.levels.get(first..).unwrap_or_default().iter().map(ToString::to_string).collect();
    let mut text = String::new();
    if !levels.is_empty() {
        text.push_str(&format!("  new states by depth, from {first} on: {}", levels.join(", ")));
        if let Some(percent) = estimate.growth_percent() {
            text.push_str(&format!("; the last complete depth had {percent} % of the one before"));
        }
        text.push('\n');
    }
    let Estimate { runs, met, known, steps_max, .. } = estimate;
    if *runs < RUNS_TOLD_MIN {
        text.push_str("  estimate: none, a random run takes too long for enough of them\n");
        return text;
    }
    text.push_str(&format!(
        "  estimate: {runs} random runs of up to {steps_max} steps came to {met} different states, {known} of them known: "
    ));
    text.push_str(&match estimate.states(reached) {
        Some(states) => format!("some {states} states, rather more (such runs stay near the start)\n"),
        None => "far more states than were reached\n".to_owned(),
    });
    text
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict.result {
        Finding::Holds => "holds",
        Finding::NotRefuted => "not refuted",
        Finding::Violated(_) => "VIOLATED",
        Finding::Never => "NEVER",
        Finding::NotDecided(_) => "not decided",
    }
}

fn why(limit: Limit, counts: &Counts) -> String {
    let what = match limit {
        Limit::Depth => "--depth was reached",
        Limit::Time => "--time was over",
        Limit::Memory => "--memory was used up",
        Limit::Sets => "sets are no help",
    };
    if counts.nodes.is_some() {
        return format!(
            "{what} after {}, {}",
            plural(counts.depth as usize, "phase"),
            plural(counts.states, "state")
        );
    }
    format!(
        "{what} at depth {}; {} of {} states have not been looked at further",
        counts.depth, counts.open, counts.states
    )
}

fn figures(counts: &Counts, took: Duration) -> String {
    let locals: Vec<String> = counts.locals.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let seconds = took.as_secs_f64();
    let mut text = match counts.nodes {
        Some(nodes) => format!(
            "  {} in {}, as sets of {}, {seconds:.1} s, {} MiB\n",
            plural(counts.states, "state"),
            plural(counts.depth as usize, "phase"),
            plural(nodes, "node"),
            counts.memory >> 20,
        ),
        None => format!(
            "  {}, {}, depth {}, {seconds:.1} s, {} MiB\n",
            plural(counts.states, "state"),
            plural(usize::try_from(counts.transitions).unwrap_or(usize::MAX), "transition"),
            counts.depth,
            counts.memory >> 20,
        ),
    };
    text.push_str(&format!(
        "  local states{}: {}; {} steps computed, {} looked up\n",
        if counts.nodes.is_some() { " without what was said" } else { "" },
        locals.join(", "),
        counts.computed,
        counts.remembered
    ));
    if counts.universe > 0 {
        text.push_str(&format!("  byzantine members may say {}\n", plural(counts.universe, "message")));
    }
    text
}

/// A run, and the scenario that goes through it.
fn shown(example: &Counterexample, made: Option<&Reproduced>) -> String {
    let mut text = chart(example);
    let Some(made) = made else {
        text.push_str("      no scenario: its steps fit into no one true time\n");
        return text;
    };
    let what = match &made.doubt {
        None => "a scenario that omtc test comes to this with:".to_owned(),
        Some(why) => format!("a scenario that omtc test does not come to this with ({why}):"),
    };
    text.push_str(&format!("      {what}\n\n"));
    for line in made.source.lines() {
        text.push_str(&format!("        {line}\n"));
    }
    text.push('\n');
    text
}

/// A run that breaks a property: who gets what when, and what changes.
fn chart(example: &Counterexample) -> String {
    let mut text = String::new();
    let wide = |part: fn(&crate::verify::Line) -> &str| {
        example.steps.iter().map(|line| part(line).chars().count()).max().unwrap_or(0)
    };
    let (at, peer) = (wide(|line| &line.at), wide(|line| &line.peer));
    for line in &example.steps {
        text.push_str(&format!("      {:>at$}  {:<peer$}  {}\n", line.at, line.peer, line.input));
        for change in &line.changes {
            text.push_str(&format!("      {:>at$}  {:<peer$}      {change}\n", "", ""));
        }
    }
    if !example.reason.is_empty() {
        text.push_str(&format!("      => {}\n", example.reason));
    }
    text
}

fn of_scope(scope: &Scope<'_>) -> Value {
    let verdicts = scope.found.verdicts().iter().zip(scope.scenarios);
    let properties: Vec<Value> = verdicts.map(|(verdict, made)| of_verdict(verdict, made.as_ref())).collect();
    let mut document = match scope.found {
        Found::Explored(outcome) => of_outcome(outcome),
        Found::Walked(walked) => of_walked(walked),
    };
    if let Value::Object(members) = &mut document {
        members.insert("path".to_owned(), json!(scope.path.display().to_string()));
        members.insert("seconds".to_owned(), json!(scope.took.as_secs_f64()));
        members.insert("properties".to_owned(), json!(properties));
    }
    document
}

fn of_part(part: &Part) -> Value {
    let missing: Vec<&str> = part.missing.iter().map(|missing| missing.what.as_str()).collect();
    json!({ "covered": part.covered, "total": part.total, "missing": missing })
}

fn of_walked(walked: &Walked) -> Value {
    json!({
        "scope": walked.scope,
        "mode": "search",
        "complete": false,
        "limit": walked.limit.map(of_limit),
        "steps": walked.steps,
        "runs": walked.runs,
        "seed": walked.seed,
        "forgotten": walked.forgotten,
        "universe": walked.universe,
        "fired": of_part(&walked.fired),
    })
}

fn of_limit(limit: Limit) -> &'static str {
    match limit {
        Limit::Depth => "depth",
        Limit::Time => "time",
        Limit::Memory => "memory",
        Limit::Sets => "sets",
    }
}

fn of_outcome(outcome: &Outcome) -> Value {
    let counts = &outcome.counts;
    let locals: serde_json::Map<String, Value> =
        counts.locals.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    json!({
        "scope": outcome.scope,
        "mode": "explore",
        "engine": if counts.nodes.is_some() { "sets" } else { "states" },
        "nodes": counts.nodes,
        "complete": outcome.limit.is_none(),
        "limit": outcome.limit.map(of_limit),
        "byzantine": outcome.budget.as_ref().map(|budget| json!({
            "asked": budget.asked,
            "complete": budget.complete(),
            "levels": budget.levels.iter().map(|level| json!({
                "messages": level.messages,
                "states": level.states,
                "transitions": level.transitions,
                "depth": level.depth,
            })).collect::<Vec<_>>(),
        })),
        "estimate": outcome.estimate.as_ref().map(|estimate| json!({
            "new_states_by_depth": estimate.levels,
            "runs": estimate.runs,
            "met": estimate.met,
            "known": estimate.known,
            "states": estimate.states(counts.states),
        })),
        "fired": of_part(&outcome.fired),
        "states": counts.states,
        "transitions": counts.transitions,
        "depth": counts.depth,
        "open": counts.open,
        "local_states": locals,
        "machines": counts.machines,
        "messages": counts.messages,
        "universe": counts.universe,
        "steps_computed": counts.computed,
        "steps_looked_up": counts.remembered,
        "memory_bytes": counts.memory,
        "abstractions": outcome.abstractions,
    })
}

fn of_verdict(verdict: &Verdict, made: Option<&Reproduced>) -> Value {
    let (result, detail) = match &verdict.result {
        Finding::Holds => ("holds", Value::Null),
        Finding::NotRefuted => ("not_refuted", Value::Null),
        Finding::Never => ("never", Value::Null),
        Finding::NotDecided(why) => ("not_decided", json!({ "why": why })),
        Finding::Violated(example) => ("violated", of_example(example, made)),
    };
    json!({
        "property": verdict.property,
        "kind": verdict.kind,
        "title": verdict.title,
        "result": result,
        "detail": detail,
        "witness": verdict.witness.as_ref().map(|example| of_example(example, made)),
    })
}

fn of_example(example: &Counterexample, made: Option<&Reproduced>) -> Value {
    let steps: Vec<Value> = example
        .steps
        .iter()
        .map(|line| json!({ "at": line.at, "peer": line.peer, "input": line.input, "changes": line.changes }))
        .collect();
    let scenario = made.map(|made| {
        json!({ "name": made.name, "source": made.source, "reproduces": made.doubt.is_none(), "why_not": made.doubt })
    });
    json!({ "reason": example.reason, "steps": steps, "scenario": scenario })
}
