//! A diagram as DOT, which Graphviz draws.

use super::Options;
use super::arrange::{self, Entry, Wanted};
use super::layout::Direction;
use super::model::{Diagram, Kind, Mark, StateKind};
use std::fmt::Write as _;

/// A digraph. A label that several states share is a node without an outline, as in the SVG.
pub fn dot(diagram: &Diagram, options: &Options) -> String {
    let wanted = Wanted { direction: options.direction, actions: options.actions, marks: &options.marks };
    let (groups, loops) = arrange::groups(diagram, &wanted);
    let way = if options.direction == Some(Direction::Right) { "LR" } else { "TB" };
    let mut out = String::new();
    let _ = writeln!(out, "digraph \"{}\" {{", quoted(&diagram.name));
    let _ = writeln!(out, "    rankdir={way};\n    tooltip=\"{}\";", quoted(&diagram.about));
    let _ = writeln!(out, "    node [fontname=\"monospace\", fontsize=13, shape=box, style=rounded];");
    let _ = writeln!(out, "    edge [fontname=\"monospace\", fontsize=11];");
    for (number, node) in diagram.nodes.iter().enumerate() {
        let shape = match node.kind {
            Kind::State(StateKind { terminal: true, .. }) => ", peripheries=2",
            Kind::State(StateKind { rest: true, .. }) | Kind::Outside => ", shape=oval",
            Kind::State(StateKind { passed_through: true, .. }) => ", shape=hexagon, style=solid",
            Kind::State(_) => "",
            Kind::Actor => ", style=solid",
        };
        let mark = style(options.marks.get(&node.id).copied());
        let about = node.about.as_ref().unwrap_or(&node.name);
        let _ = writeln!(
            out,
            "    n{number} [id=\"{}\", label=\"{}\", tooltip=\"{}\"{shape}{mark}];",
            quoted(&node.id),
            quoted(&node.name),
            quoted(about)
        );
        if let Kind::State(StateKind { initial: true, .. }) = node.kind {
            let _ = writeln!(out, "    start [shape=point, width=0.12];\n    start -> n{number};");
        }
    }
    for (number, group) in groups.iter().chain(loops.values()).enumerate() {
        let label = label(&group.entries);
        let mark = style(group.entries.iter().filter_map(|entry| entry.mark).max());
        let target = group.target;
        if let [source] = group.sources.as_slice() {
            let _ = writeln!(out, "    n{source} -> n{target} [label=\"{label}\"{mark}];");
            continue;
        }
        let _ = writeln!(out, "    l{number} [shape=plaintext, style=\"\", fontsize=11, label=\"{label}\"];");
        for source in &group.sources {
            let _ = writeln!(out, "    n{source} -> l{number} [dir=none{mark}];");
        }
        let _ = writeln!(out, "    l{number} -> n{target} [label=\"\"{mark}];");
    }
    out.push_str("}\n");
    out
}

fn style(mark: Option<Mark>) -> &'static str {
    match mark {
        None => "",
        Some(Mark::Covered) => ", color=\"#167a45\", penwidth=2",
        Some(Mark::Missing) => ", color=\"#b3261e\", style=dashed",
        Some(Mark::Never) => ", color=\"#6b7280\", style=dotted",
        Some(Mark::Highlighted) => ", color=\"#b35900\", penwidth=3",
    }
}

/// Lines that are flush left.
fn label(entries: &[Entry]) -> String {
    let lines = entries.iter().flat_map(|entry| &entry.lines);
    lines.map(|(_, line)| format!("{}\\l", quoted(line))).collect()
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
