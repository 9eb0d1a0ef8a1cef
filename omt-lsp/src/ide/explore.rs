//! A walk through the states of a scope that somebody chooses, step by step.

use super::run::{Locate, Runnable, Watched};
use omtc::chart;
use omtc::graph;
use omtc::verify::{self, Line, Progress, Remark};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

impl Runnable {
    /// Where one is after some choices, each the number of a step that was offered, from 0.
    ///
    /// # Errors
    /// There is no such scope or no such step, or it is too large to be explored.
    pub fn explore(
        &self,
        scope: Option<&str>,
        choices: &[usize],
        (time, memory): (Duration, usize),
        given_up: &Arc<AtomicBool>,
        locate: Locate<'_>,
    ) -> Result<Value, String> {
        let scope = self.scope(scope)?;
        let options =
            verify::Options { time_max: Some(time), memory_max: memory, ..verify::Options::default() };
        let setup = self.setup(options);
        let mut nobody = |_: &Progress| {};
        let mut watch = Watched { begun: Instant::now(), progress: &mut nobody, given_up };
        let place = verify::explore(&setup, scope, choices, &mut watch).map_err(|error| error.to_string())?;
        let lines = |lines: &[Line]| -> Vec<Value> {
            let line = |line: &Line| {
                json!({
                    "at": line.at,
                    "peer": line.peer,
                    "input": line.input,
                    "changes": line.changes,
                    "locations": self.mentioned(line, locate),
                })
            };
            lines.iter().map(line).collect()
        };
        let members = place.members.iter().map(|member| {
            let machines = member.machines.iter().map(|machine| {
                let fields = machine.fields.iter();
                json!({
                    "actor": machine.actor,
                    "state": machine.state,
                    "faulted": machine.faulted,
                    "fields": fields.map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
                })
            });
            json!({ "name": member.name, "clock": member.clock, "machines": machines.collect::<Vec<_>>() })
        });
        let remarks = place.said.iter().map(|(property, remark)| {
            let word = match remark {
                Remark::Broken => "broken",
                Remark::Shown => "shown",
            };
            json!({ "property": property, "result": word })
        });
        let name = self.specification.transactions.first().map_or("", |t| t.name.as_str());
        let drawn = chart::way_here(name, &place.scope, &place.path);
        Ok(json!({
            "scope": place.scope,
            "path": choices,
            "way": lines(&place.path.steps),
            "reason": place.path.reason,
            "members": members.collect::<Vec<_>>(),
            "properties": remarks.collect::<Vec<_>>(),
            "steps": place.steps.iter().map(|step| json!({ "lines": lines(step) })).collect::<Vec<_>>(),
            "leftOut": place.left_out,
            "sequence": chart::mermaid(&drawn),
            "svg": chart::svg(&drawn, &graph::Options::default()),
        }))
    }
}
