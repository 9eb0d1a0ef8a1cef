//! What is drawn, as plain data: nodes and edges with their texts, and where in a machine they come from.

use std::collections::{BTreeMap, BTreeSet};

/// A diagram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// `Consumer`; also what the ids of everything in it begin with.
    pub name: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// In the order of the source.
    pub nodes: Vec<Node>,
    /// In the order of the source.
    pub edges: Vec<Edge>,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A state of a machine.
    State(StateKind),
    /// An actor of a transaction.
    Actor,
    /// Who is no actor of it: the network.
    Outside,
}

/// What is particular about a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateKind {
    /// Where an instance begins.
    pub initial: bool,
    /// Where it is complete.
    pub terminal: bool,
    /// Where waiting for ever is meant.
    pub rest: bool,
    /// An `auto` always leaves it.
    pub passed_through: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Stable and unique in its transaction: `Consumer-WAITING`.
    pub id: String,
    /// Its whole name.
    pub name: String,
    /// What it stands for.
    pub kind: Kind,
    /// What the source says about it.
    pub about: Option<String>,
}

/// An edge: a transition, one branch of it, from one state; or a message from one actor to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Stable and unique in its transaction: `Consumer-WAITING-on-PONG`, `…-else`, `…-2`.
    pub id: String,
    /// Index of a node.
    pub from: usize,
    /// Index of a node.
    pub to: usize,
    /// Edges with the same number come from one line of the source (`any -> FAILED on …`) and share a label.
    pub line: usize,
    /// `on PONG`, `timeout(LIMIT)`, `auto`
    pub cause: String,
    /// Its condition, as in the source; `else`.
    pub guard: Option<String>,
    /// What others notice: messages, blocks, tasks.
    pub effects: Vec<String>,
    /// Everything it does, for whoever asks.
    pub whole: Vec<String>,
    /// Index into [`omt_runtime::ir::State::handlers`], and whether it is the `else`; for a message `None`.
    pub handler: Option<(u32, bool)>,
}

impl Diagram {
    /// The machine at a glance: its states and what leads from one to another, without a word about why.
    pub fn outline(&self) -> Diagram {
        let mut known = BTreeSet::new();
        let ways =
            self.edges.iter().filter(|edge| edge.from != edge.to && known.insert((edge.from, edge.to)));
        let bare = |edge: &Edge| Edge {
            cause: String::new(),
            guard: None,
            effects: Vec::new(),
            whole: Vec::new(),
            ..edge.clone()
        };
        Diagram { edges: ways.map(bare).collect(), ..self.clone() }
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }
}

/// How something is set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It cannot happen.
    Never,
    /// It did not happen.
    Missing,
    /// It happened.
    Covered,
    /// Somebody points at it.
    Highlighted,
}

impl Mark {
    /// What a legend says.
    pub fn word(self) -> &'static str {
        match self {
            Mark::Never => "cannot happen",
            Mark::Missing => "did not happen",
            Mark::Covered => "happened",
            Mark::Highlighted => "highlighted",
        }
    }

    /// Its class in a style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Mark::Never => "never",
            Mark::Missing => "missing",
            Mark::Covered => "covered",
            Mark::Highlighted => "highlighted",
        }
    }
}

/// What is set apart, by the id of a node or an edge.
pub type Marks = BTreeMap<String, Mark>;
