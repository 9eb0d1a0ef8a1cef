//! `omtc verify --explore`: a walk that somebody chooses, line by line.

use super::super::{FINE, Run, Stream};
use super::{Read, Task, placed, watch};
use crate::chart;
use crate::verify::{self, ExploreError, Line, Place, Remark};
use std::fmt::Write;
use std::rc::Rc;

/// What can be said.
const HELP: &str = "a number: take that step; back: before the last one; start: from the start; path: the way here as a \
                    chart; quit\n";

/// Goes where it is told until nothing more is said.
pub(super) fn walk(run: &mut Run<'_>, read: &Read<'_>, tasks: &[Task]) -> Result<u8, String> {
    let [task] = tasks else {
        let names: Vec<&str> = tasks.iter().map(|task| task.scenario.name.as_str()).collect();
        return Err(format!(
            "one scope at a time can be walked through; choose one with --scope: {}",
            names.join(", ")
        ));
    };
    let mut choices: Vec<usize> = Vec::new();
    let mut place = at(run, read, task, &choices)?;
    run.out(&shown(&place, choices.len()));
    loop {
        if run.system.is_terminal(Stream::Err) {
            run.complain("> ");
        }
        let Some(line) = run.system.line()? else { return Ok(FINE) };
        match line.trim() {
            "quit" | "q" => return Ok(FINE),
            "" | "help" | "?" => {
                run.out(HELP);
                continue;
            }
            "path" | "p" => {
                let transaction = task.setup.specification.transactions.first();
                let name = transaction.map_or("", |transaction| transaction.name.as_str());
                run.out(&chart::mermaid(&chart::way_here(name, &place.scope, &place.path)));
                continue;
            }
            "back" | "b" => {
                choices.pop();
            }
            "start" | "s" => choices.clear(),
            word => {
                if !word.bytes().all(|byte| byte.is_ascii_digit()) {
                    run.complain(&format!("{word:?} is nothing that can be said here. {HELP}"));
                    continue;
                }
                let number = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                let Some(number) = number.filter(|number| *number < place.steps.len()) else {
                    run.complain(&format!(
                        "{word} is no step from here; there are {}. {HELP}",
                        place.steps.len()
                    ));
                    continue;
                };
                choices.push(number);
            }
        }
        place = at(run, read, task, &choices)?;
        run.out(&shown(&place, choices.len()));
    }
}

fn at(run: &Run<'_>, read: &Read<'_>, task: &Task, choices: &[usize]) -> Result<Place, String> {
    let clock: verify::Clock = Rc::from(run.system.clock());
    let begun = clock();
    let mut watch = watch::OnTerminal {
        clock,
        begun,
        meter: None,
        line: None,
        scope: &task.scenario.name,
        what: "states",
    };
    verify::explore(&task.setup, &task.scenario, choices, &mut watch).map_err(|error| match error {
        ExploreError::Scope(error) => placed(read.analyzed, &error),
        ExploreError::NoChoice { .. } | ExploreError::GivenUp => error.to_string(),
    })
}

fn shown(place: &Place, taken: usize) -> String {
    let mut text =
        format!("\n{}, after {taken} {}\n", place.scope, if taken == 1 { "step" } else { "steps" });
    for member in &place.members {
        let _ = writeln!(text, "  {} at {}", member.name, member.clock);
        if member.machines.is_empty() {
            text.push_str("      has begun nothing\n");
        }
        for machine in &member.machines {
            let faulted = if machine.faulted { ", stopped by a fault" } else { "" };
            let _ = writeln!(text, "      {} {}{faulted}", machine.actor, machine.state);
            for (field, value) in &machine.fields {
                let _ = writeln!(text, "          {field} = {value}");
            }
        }
    }
    for (property, remark) in &place.said {
        let word = match remark {
            Remark::Broken => "BROKEN",
            Remark::Shown => "shown",
        };
        let _ = writeln!(text, "  {word}  {property}");
    }
    if !place.path.reason.is_empty() {
        let _ = writeln!(text, "  BROKEN  {}", place.path.reason);
    }
    if place.steps.is_empty() {
        text.push_str("nothing can happen any more\n");
        return text;
    }
    text.push_str("what can happen next:\n");
    for (number, lines) in place.steps.iter().enumerate() {
        for Line { at, peer, input, changes, .. } in lines {
            let _ = writeln!(text, "{:>5}  {at}  {peer}: {input}", number.saturating_add(1));
            for change in changes {
                let _ = writeln!(text, "             {change}");
            }
        }
    }
    if place.left_out > 0 {
        let _ = writeln!(text, "       and {} more, which are not offered", place.left_out);
    }
    text
}
