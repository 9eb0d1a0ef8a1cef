//! Results of `omtc verify` for people and programs.

use super::super::Run;
use super::super::show::{Format, plural};
use crate::verify::{Counterexample, Counts, Finding, Limit, Outcome, Reproduced, Verdict};
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

    pub fn outcome(&mut self, run: &mut Run<'_>, explored: &Explored<'_>) {
        if self.format == Format::Human {
            run.out(&text(explored));
        } else {
            self.scopes.push(of_outcome(explored));
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

/// A scope that was explored.
pub(super) struct Explored<'a> {
    pub path: &'a Path,
    pub outcome: &'a Outcome,
    pub took: Duration,
    /// For each verdict the scenario that shows its run, if there is one.
    pub scenarios: &'a [Option<Reproduced>],
}

fn text(explored: &Explored<'_>) -> String {
    let Explored { path, outcome, took, scenarios } = *explored;
    let mut text = format!("{} ({})\n", outcome.scope, path.display());
    for (verdict, made) in outcome.verdicts.iter().zip(scenarios) {
        text.push_str(&format!("  {:<14} {:<11} {}\n", word(verdict), verdict.kind, verdict.property));
        match &verdict.result {
            Finding::Violated(example) => text.push_str(&shown(example, made.as_ref())),
            Finding::NotDecided(why) => text.push_str(&format!("      {why}\n")),
            Finding::Holds | Finding::NotRefuted | Finding::Never => {}
        }
        if let Some(example) = &verdict.witness {
            text.push_str(&shown(example, made.as_ref()));
        }
    }
    text.push_str(&figures(&outcome.counts, took));
    if let Some(limit) = outcome.limit {
        text.push_str(&format!("  not complete: {}\n", why(limit, &outcome.counts)));
    }
    text.push_str("  in this model:\n");
    for line in &outcome.abstractions {
        text.push_str(&format!("    - {line}\n"));
    }
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
    };
    format!(
        "{what} at depth {}; {} of {} states have not been looked at further",
        counts.depth, counts.open, counts.states
    )
}

fn figures(counts: &Counts, took: Duration) -> String {
    let locals: Vec<String> = counts.locals.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let seconds = took.as_secs_f64();
    let mut text = format!(
        "  {}, {}, depth {}, {seconds:.1} s, {} MiB\n",
        plural(counts.states, "state"),
        plural(usize::try_from(counts.transitions).unwrap_or(usize::MAX), "transition"),
        counts.depth,
        counts.memory >> 20,
    );
    text.push_str(&format!(
        "  local states: {}; {} steps computed, {} looked up\n",
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

fn of_outcome(explored: &Explored<'_>) -> Value {
    let Explored { path, outcome, took, scenarios } = *explored;
    let verdicts = outcome.verdicts.iter().zip(scenarios);
    let counts = &outcome.counts;
    let locals: serde_json::Map<String, Value> =
        counts.locals.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    json!({
        "scope": outcome.scope,
        "path": path.display().to_string(),
        "complete": outcome.limit.is_none(),
        "limit": outcome.limit.map(|limit| match limit {
            Limit::Depth => "depth",
            Limit::Time => "time",
            Limit::Memory => "memory",
        }),
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
        "seconds": took.as_secs_f64(),
        "properties": verdicts.map(|(verdict, made)| of_verdict(verdict, made.as_ref())).collect::<Vec<_>>(),
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
