//! A diagram as Mermaid, which forges and Markdown viewers draw.

use super::Options;
use super::arrange::{self, Entry, Wanted};
use super::layout::Direction;
use super::model::{Diagram, Kind, Mark, StateKind};
use std::fmt::Write as _;

/// A state diagram of a machine, a flowchart of a conversation.
pub fn mermaid(diagram: &Diagram, options: &Options) -> String {
    let wanted = Wanted { direction: options.direction, actions: options.actions, marks: &options.marks };
    let (groups, loops) = arrange::groups(diagram, &wanted);
    let states = diagram.nodes.iter().any(|node| matches!(node.kind, Kind::State(_)));
    let way = if options.direction == Some(Direction::Right) { "LR" } else { "TB" };
    let mut out = String::new();
    if states {
        let _ = writeln!(out, "stateDiagram-v2\n    direction {way}");
    } else {
        let _ = writeln!(out, "flowchart {way}");
    }
    let _ = writeln!(out, "    accTitle: {}", safe(&diagram.name));
    let _ = writeln!(out, "    accDescr: {}", safe(&diagram.about));
    for (number, node) in diagram.nodes.iter().enumerate() {
        let name = safe(&node.name);
        let _ = match node.kind {
            Kind::State(_) => writeln!(out, "    state \"{name}\" as s{number}"),
            Kind::Actor => writeln!(out, "    s{number}[\"{name}\"]"),
            Kind::Outside => writeln!(out, "    s{number}([\"{name}\"])"),
        };
        if let Kind::State(StateKind { initial: true, .. }) = node.kind {
            let _ = writeln!(out, "    [*] --> s{number}");
        }
    }
    for group in groups.iter().chain(loops.values()) {
        for entry in &group.entries {
            let label = label(entry);
            for source in &group.sources {
                let target = group.target;
                let _ = if states {
                    writeln!(out, "    s{source} --> s{target} : {label}")
                } else {
                    writeln!(out, "    s{source} -->|\"{label}\"| s{target}")
                };
            }
        }
    }
    for (number, node) in diagram.nodes.iter().enumerate() {
        if let Kind::State(StateKind { terminal: true, .. }) = node.kind {
            let _ = writeln!(out, "    s{number} --> [*]");
        }
    }
    classes(diagram, options, &mut out);
    out
}

/// Kinds of states and marks: by their outline, so that they can be told apart without colours.
fn classes(diagram: &Diagram, options: &Options, out: &mut String) {
    let kinds = [
        ("terminal", "stroke-width:4px"),
        ("rest", "stroke-dasharray:8 2"),
        ("passed", "stroke-dasharray:2 2"),
        (Mark::Covered.class(), "stroke:#167a45,stroke-width:3px"),
        (Mark::Missing.class(), "stroke:#b3261e,stroke-dasharray:6 4"),
        (Mark::Never.class(), "stroke:#6b7280,stroke-dasharray:1 4"),
        (Mark::Highlighted.class(), "stroke:#b35900,stroke-width:4px"),
    ];
    for (class, style) in kinds {
        let members = diagram.nodes.iter().enumerate().filter(|(_, node)| {
            options.marks.get(&node.id).is_some_and(|mark| mark.class() == class)
                || matches!(node.kind, Kind::State(kind) if match class {
                    "terminal" => kind.terminal,
                    "rest" => kind.rest,
                    "passed" => kind.passed_through,
                    _ => false,
                })
        });
        let members: Vec<String> = members.map(|(number, _)| format!("s{number}")).collect();
        if !members.is_empty() {
            let _ = writeln!(out, "    classDef {class} {style}\n    class {} {class}", members.join(","));
        }
    }
}

fn label(entry: &Entry) -> String {
    entry.lines.iter().map(|(_, line)| safe(line)).collect::<Vec<_>>().join("<br/>")
}

/// Text that is nothing but text to Mermaid: what means something to it becomes a character reference.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | ':' | '"' | '<' | '>' | '{' | '}' | '|' | '%' | '[' | ']' | '\\' | '`' | '&' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
