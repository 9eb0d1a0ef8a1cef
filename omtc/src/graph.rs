//! Diagrams of machines and conversations: as SVG that is laid out here, as Mermaid, as DOT.
//!
//! ```text
//! IR ─ machine, conversation ─┐
//! syntax tree with errors ────┴→ Diagram (plain data) → arrange (layout) → svg
//!                                                     └→ mermaid, dot
//! ```
//!
//! ```
//! use omt_runtime::ir::Protocol;
//! use omtc::graph::{self, Options};
//!
//! fn all(protocol: &Protocol) -> Vec<String> {
//!     graph::diagrams(protocol).iter().map(|diagram| graph::svg(diagram, &Options::default())).collect()
//! }
//! ```

mod arrange;
mod conversation;
mod dot;
mod ids;
pub mod layout;
mod machine;
pub mod mark;
mod mermaid;
mod model;
mod sketch;
mod style;
mod svg;
pub mod text;

pub use arrange::{Arranged, Entry, Group, Part, Wanted, arrange};
pub use conversation::conversation;
pub use dot::dot;
pub(crate) use ids::part as id_part;
pub use machine::machine;
pub use mermaid::mermaid;
pub(crate) use mermaid::safe;
pub use model::{Diagram, Edge, Kind, Mark, Marks, Node, StateKind};
pub use sketch::sketch;
pub use style::sheet;
pub use svg::svg;

use layout::Direction;
use omt_runtime::ir::Protocol;
use std::collections::BTreeMap;

/// The machines of a transaction in the order of the source, then its conversation; none if it has no actor.
pub fn diagrams(protocol: &Protocol) -> Vec<Diagram> {
    let mut actors: Vec<_> = protocol.actors.iter().collect();
    actors.sort_by_key(|(name, actor)| (actor.meta.at, name.as_str()));
    let machines = actors.into_iter().map(|(name, actor)| machine(protocol, name, actor));
    let mut diagrams: Vec<Diagram> = machines.collect();
    if !diagrams.is_empty() {
        diagrams.push(conversation(protocol));
    }
    diagrams
}

/// How a diagram is drawn.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which way it runs; whichever fits a page better if it is not said.
    pub direction: Option<Direction>,
    /// Are effects shown?
    pub actions: bool,
    /// What is set apart, by id.
    pub marks: Marks,
    /// Where a click leads, by id.
    pub links: BTreeMap<String, String>,
    /// What all ids in the SVG begin with: several may stand on one page.
    pub prefix: String,
    /// Does the SVG carry its style sheet? A page that has [`sheet`] already can do without.
    pub style: bool,
    /// Light or dark.
    pub theme: Theme,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            direction: None,
            actions: true,
            marks: Marks::new(),
            links: BTreeMap::new(),
            prefix: String::new(),
            style: true,
            theme: Theme::Auto,
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As whoever looks likes it.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// More classes of the root.
    pub fn class(self) -> &'static str {
        match self {
            Theme::Auto => "",
            Theme::Light => " light",
            Theme::Dark => " dark",
        }
    }
}
