//! Pictures on pages: state diagrams and sequence charts.

use super::html::escape;
use crate::chart::{self, Matters};
use crate::graph::{self, Diagram, Options};
use crate::scenario::{self, Run};
use crate::source::SourceMap;
use crate::spec::{Scenario, Specification};
use omt_runtime::ir::Protocol;
use std::collections::BTreeMap;

/// The diagram of an actor. Its links lead to the page of the actor, which is the page itself when `page` is empty.
pub fn machine(protocol: &Protocol, name: &str, page: &str) -> Option<String> {
    let actor = protocol.actors.get(name)?;
    let diagram = graph::machine(protocol, name, actor);
    let mut links: BTreeMap<String, String> =
        diagram.nodes.iter().map(|node| (node.id.clone(), format!("{page}#state-{}", node.name))).collect();
    for edge in &diagram.edges {
        let (Some((handler, _)), Some(from)) = (edge.handler, diagram.nodes.get(edge.from)) else { continue };
        links.insert(edge.id.clone(), format!("{page}#{}", way(&from.name, handler as usize)));
    }
    // On another page it is a first look.
    Some(drawn(&diagram, links, page.is_empty()))
}

/// With fewer states a diagram is its own outline.
const OUTLINE_STATES_MIN: usize = 8;

/// The states of an actor and what leads from one to another, if the whole diagram is too large to be taken in at once.
/// Its links lead to the page of the actor, as those of [`machine`] do.
pub fn outline(protocol: &Protocol, name: &str, page: &str) -> Option<String> {
    let actor = protocol.actors.get(name)?;
    if actor.states.len() < OUTLINE_STATES_MIN {
        return None;
    }
    let diagram = graph::machine(protocol, name, actor).outline();
    let to = |node: &graph::Node| (node.id.clone(), format!("{page}#state-{}", node.name));
    let links = diagram.nodes.iter().map(to).collect();
    let options = Options { prefix: "outline-".to_owned(), style: false, links, ..Options::default() };
    Some(graph::svg(&diagram, &options).replacen("role=\"img\"", "role=\"group\"", 1))
}

/// Who says what to whom, with links to the messages of the page itself.
pub fn conversation(protocol: &Protocol) -> Option<String> {
    let diagram = graph::conversation(protocol);
    if diagram.edges.is_empty() {
        return None;
    }
    let links = diagram
        .edges
        .iter()
        .filter(|edge| protocol.messages.contains_key(&edge.cause))
        .map(|edge| (edge.id.clone(), format!("#message-{}", edge.cause)))
        .collect();
    Some(drawn(&diagram, links, true))
}

fn drawn(diagram: &Diagram, links: BTreeMap<String, String>, actions: bool) -> String {
    let linked = !links.is_empty();
    let options = Options { links, actions, prefix: "drawn-".to_owned(), style: false, ..Options::default() };
    let svg = graph::svg(diagram, &options);
    // What holds links is no image: a reader of the page must get to them.
    if linked { svg.replacen("role=\"img\"", "role=\"group\"", 1) } else { svg }
}

/// The anchor of a way out of a state: the n-th of its handlers.
pub fn way(state: &str, handler: usize) -> String {
    format!("way-{state}-{handler}")
}

/// The sequence chart of a run.
pub fn chart(
    specification: &Specification,
    scenario: &Scenario,
    run: &Run,
    sources: &SourceMap,
) -> Option<String> {
    let lines = scenario::trace(specification, scenario, run, sources);
    let matters = Matters::of([specification.package.as_ref()].map(|package| &package.protocol));
    let drawn = chart::traced(&lines, &matters).into_iter().find(|chart| !chart.rows.is_empty())?;
    let options = Options { prefix: "chart-".to_owned(), style: false, ..Options::default() };
    Some(chart::svg(&drawn, &options))
}

/// A picture in its frame: as wide as the page at first, and at its full size when that is wanted.
pub fn figure(svg: &str, caption: &str, note: &str) -> String {
    framed(svg, caption, note, "picture")
}

/// A picture that says too much for the width of a page: at its full size at first.
pub fn details(svg: &str, caption: &str, note: &str) -> String {
    framed(svg, caption, note, "picture details")
}

fn framed(svg: &str, caption: &str, note: &str, class: &str) -> String {
    let note = if note.is_empty() { String::new() } else { format!(" <span>{}</span>", escape(note)) };
    format!(
        "<figure>\n<div class=\"scroll {class}\" tabindex=\"0\">{svg}</div>\n<figcaption>{}.{note}</figcaption>\n</figure>\n",
        escape(caption)
    )
}
