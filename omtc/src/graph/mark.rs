//! What is set apart in a diagram: what runs have covered, where a trace went, what somebody points at.

use super::model::{Diagram, Kind, Mark, Marks};
use crate::scenario::coverage::Seen;
use std::collections::BTreeSet;

/// Everything in the machine of an actor by whether runs have covered it, and whether they could.
pub fn covered(diagram: &Diagram, seen: &Seen) -> Marks {
    let mark = |known: Option<&bool>| match known {
        Some(true) => Mark::Covered,
        Some(false) => Mark::Missing,
        None => Mark::Never,
    };
    marks(diagram, seen, &|known| Some(mark(known)))
}

/// What a run went through, and nothing else.
pub fn visited(diagram: &Diagram, seen: &Seen) -> Marks {
    marks(diagram, seen, &|known| (known == Some(&true)).then_some(Mark::Covered))
}

fn marks(diagram: &Diagram, seen: &Seen, mark: &dyn Fn(Option<&bool>) -> Option<Mark>) -> Marks {
    let mut marks = Marks::new();
    for node in diagram.nodes.iter().filter(|node| matches!(node.kind, Kind::State(_))) {
        let known = seen.states.get(&(diagram.name.clone(), node.name.clone()));
        marks.extend(mark(known).map(|mark| (node.id.clone(), mark)));
    }
    for edge in &diagram.edges {
        let Some((handler, otherwise)) = edge.handler else { continue };
        let from = diagram.nodes.get(edge.from).map(|node| node.name.clone()).unwrap_or_default();
        let known = seen.branches.get(&(diagram.name.clone(), from, handler, otherwise));
        marks.extend(mark(known).map(|mark| (edge.id.clone(), mark)));
    }
    marks
}

/// The parts of a path on a command line: `IDLE, OPENING`, `IDLE -> OPENING -> LOCKED`, ids of transitions.
pub fn path(text: &str) -> Vec<String> {
    let text = text.replace("->", ",").replace('→', ",");
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Points at states and at the transitions from one to the next; and at what is named by its id. Adds to `known` which
/// parts of the path there are.
pub fn highlighted(diagram: &Diagram, path: &[String], known: &mut BTreeSet<String>) -> Marks {
    let mut marks = Marks::new();
    let mut before: Option<usize> = None;
    for part in path {
        let name = part.strip_prefix(&format!("{}.", diagram.name)).unwrap_or(part);
        let node = diagram.nodes.iter().position(|node| node.name == name || node.id == name);
        if let Some(edge) = diagram.edges.iter().find(|edge| edge.id == name) {
            known.insert(part.clone());
            marks.insert(edge.id.clone(), Mark::Highlighted);
            for end in [edge.from, edge.to] {
                marks.extend(diagram.nodes.get(end).map(|node| (node.id.clone(), Mark::Highlighted)));
            }
            before = Some(edge.to);
            continue;
        }
        let Some(node) = node else { continue };
        known.insert(part.clone());
        marks.extend(diagram.nodes.get(node).map(|node| (node.id.clone(), Mark::Highlighted)));
        let between = diagram.edges.iter().filter(|edge| Some(edge.from) == before && edge.to == node);
        marks.extend(between.map(|edge| (edge.id.clone(), Mark::Highlighted)));
        before = Some(node);
    }
    marks
}
