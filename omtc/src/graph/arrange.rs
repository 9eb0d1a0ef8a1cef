//! A diagram with places: which edges share a label, how much room each text takes, and where everything comes to lie.

use super::layout::{self, Direction, Layout, Link, Node as Box, PlacedLink, Size};
use super::model::{Diagram, Edge, Kind, Mark, Marks};
use super::text::{elide, width, wrap};
use std::collections::{BTreeMap, BTreeSet};

/// Size of the font of nodes, and of labels.
pub const NODE_FONT: i64 = 13;
/// Size of the font of labels.
pub const LABEL_FONT: i64 = 11;
/// From one line of a label to the next.
pub const LINE: i64 = 15;
/// Around the text of a label: at its sides, above and below.
pub const PAD: Size = Size { width: 7, height: 4 };
/// Between two entries of a label.
const ENTRY_GAP: i64 = 5;
/// Height of a node.
const NODE_HEIGHT: i64 = 34;
/// Around the name of a node.
const NODE_PAD: i64 = 16;
/// Room for the arrow that leads to the initial state.
const LEAD: i64 = 24;
/// Room that each link needs at a node.
const PORT: i64 = 14;
/// Columns of a name, and of a line of a label; a title has all of it.
const NAME_COLUMNS: usize = 34;
const LABEL_COLUMNS: usize = 38;
/// Lines of a condition.
const GUARD_LINES: usize = 2;
/// Effects that are told one by one.
const EFFECTS: usize = 3;
/// Entries of a label that are told one by one.
const ENTRIES: usize = 24;
/// Between width and height a page has about this: hundredths.
const PAGE_SHAPE: i64 = 130;

/// What a line of a label says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What happens.
    Cause,
    /// On which condition.
    Guard,
    /// What comes of it.
    Effect,
}

/// What a label says of one line of the source: one edge from each source of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Indices into [`Diagram::edges`].
    pub edges: Vec<usize>,
    /// Its lines.
    pub lines: Vec<(Part, String)>,
    /// The most important mark of its edges.
    pub mark: Option<Mark>,
}

/// A link, or a loop at a node, with its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Nodes that it leaves; the target itself, if it is a loop.
    pub sources: Vec<usize>,
    /// The node that it enters.
    pub target: usize,
    /// In the order of the source.
    pub entries: Vec<Entry>,
}

/// A diagram that only needs to be written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arranged {
    /// Where everything is; its links are those of [`Arranged::groups`].
    pub layout: Layout,
    /// Links between different nodes.
    pub groups: Vec<Group>,
    /// Loops, by node.
    pub loops: BTreeMap<usize, Group>,
    /// Names of the nodes as they are shown.
    pub names: Vec<String>,
}

/// What of a diagram is shown, and how it lies.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Which way it runs; whichever fits a page better if it is not said.
    pub direction: Option<Direction>,
    /// Are effects shown?
    pub actions: bool,
    /// What is set apart.
    pub marks: &'a Marks,
}

/// Gives everything its place.
pub fn arrange(diagram: &Diagram, wanted: &Wanted<'_>) -> Arranged {
    let (groups, loops) = groups(diagram, wanted);
    let names: Vec<String> = diagram.nodes.iter().map(|node| elide(&node.name, NAME_COLUMNS)).collect();
    let arranged = |direction| {
        let input = input(diagram, &groups, &loops, &names, direction);
        layout::layout(&input)
    };
    let layout = match wanted.direction {
        Some(direction) => arranged(direction),
        None => {
            let (down, right) = (arranged(Direction::Down), arranged(Direction::Right));
            if unhandy(right.size) < unhandy(down.size) { right } else { down }
        }
    };
    Arranged { layout, groups, loops, names }
}

/// Width of the page on which a drawing has room, hundredths of a unit.
fn unhandy(size: Size) -> i64 {
    (size.width * 100).max(size.height * PAGE_SHAPE)
}

fn input(
    diagram: &Diagram,
    groups: &[Group],
    loops: &BTreeMap<usize, Group>,
    names: &[String],
    direction: Direction,
) -> layout::Input {
    let mut ports: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    for group in groups {
        for source in &group.sources {
            ports.entry(*source).or_default().0 += 1;
        }
        ports.entry(group.target).or_default().1 += 1;
    }
    let nodes = diagram.nodes.iter().zip(names).enumerate().map(|(number, (node, name))| {
        let mut size =
            Size { width: width(super::text::columns(name), NODE_FONT) + 2 * NODE_PAD, height: NODE_HEIGHT };
        let (out, into) = ports.get(&number).copied().unwrap_or_default();
        let room = (out.max(into) + 1) * PORT;
        match direction {
            Direction::Down => size.width = size.width.max(room),
            Direction::Right => size.height = size.height.max(room),
        }
        let initial = matches!(node.kind, Kind::State(kind) if kind.initial);
        Box {
            size,
            lead: if initial { LEAD } else { 0 },
            looped: loops.get(&number).map(|group| group.size()),
        }
    });
    let links = groups.iter().map(|group| Link {
        sources: group.sources.clone(),
        target: group.target,
        label: group.says().then(|| group.size()),
    });
    let first = diagram.nodes.iter().position(|node| matches!(node.kind, Kind::State(kind) if kind.initial));
    layout::Input { nodes: nodes.collect(), first, links: links.collect(), direction }
}

impl Group {
    /// Has it a label at all?
    pub fn says(&self) -> bool {
        self.entries.iter().any(|entry| !entry.lines.is_empty())
    }

    /// Size of its label.
    pub fn size(&self) -> Size {
        let lines: usize = self.entries.iter().map(|entry| entry.lines.len()).sum();
        let lines = i64::try_from(lines).unwrap_or(i64::MAX / 100);
        let entries = i64::try_from(self.entries.len()).unwrap_or(i64::MAX / 100);
        let widest = self.entries.iter().flat_map(|entry| &entry.lines);
        let widest = widest.map(|(_, line)| super::text::columns(line)).max().unwrap_or(0);
        Size {
            width: width(widest, LABEL_FONT) + 2 * PAD.width,
            height: lines * LINE + (entries - 1).max(0) * ENTRY_GAP + 2 * PAD.height,
        }
    }

    /// Where each entry begins, below the upper edge of the label, and how high it is.
    pub fn offsets(&self) -> Vec<(i64, i64)> {
        let mut at = PAD.height;
        let mut offsets = Vec::new();
        for entry in &self.entries {
            let height = i64::try_from(entry.lines.len()).unwrap_or(0) * LINE;
            offsets.push((at, height));
            at += height + ENTRY_GAP;
        }
        offsets
    }
}

/// Of the edges of an entry those that a placed part of a link shows.
pub fn shown<'a>(
    diagram: &'a Diagram,
    entry: &'a Entry,
    placed: &'a PlacedLink,
) -> impl Iterator<Item = &'a Edge> {
    entry
        .edges
        .iter()
        .filter_map(|edge| diagram.edges.get(*edge))
        .filter(|edge| placed.sources.contains(&edge.from))
}

/// Edges of one line are one entry; entries between the same nodes share a label.
pub(super) fn groups(diagram: &Diagram, wanted: &Wanted<'_>) -> (Vec<Group>, BTreeMap<usize, Group>) {
    let mut lines: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    let mut order: Vec<(usize, usize)> = Vec::new();
    let mut loops: BTreeMap<usize, Group> = BTreeMap::new();
    for (number, edge) in diagram.edges.iter().enumerate() {
        if edge.from == edge.to {
            let group = loops.entry(edge.to).or_default();
            (group.sources, group.target) = (vec![edge.to], edge.to);
            group.entries.push(entry(diagram, vec![number], wanted));
            continue;
        }
        let key = (edge.line, edge.to);
        let members = lines.entry(key).or_default();
        if members.is_empty() {
            order.push(key);
        }
        members.push(number);
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<(Vec<usize>, usize), usize> = BTreeMap::new();
    for key in order {
        let members = lines.remove(&key).unwrap_or_default();
        let from = members.iter().filter_map(|edge| diagram.edges.get(*edge)).map(|edge| edge.from);
        let sources: Vec<usize> = from.collect::<BTreeSet<_>>().into_iter().collect();
        let entry = entry(diagram, members, wanted);
        let at = *known.entry((sources.clone(), key.1)).or_insert_with(|| {
            groups.push(Group { sources, target: key.1, entries: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.entries.push(entry);
        }
    }
    for group in groups.iter_mut().chain(loops.values_mut()) {
        group.shorten();
    }
    (groups, loops)
}

impl Group {
    /// A label says so much and no more.
    fn shorten(&mut self) {
        if self.entries.len() <= ENTRIES {
            return;
        }
        let rest = self.entries.split_off(ENTRIES - 1);
        self.entries.push(Entry {
            lines: vec![(Part::Cause, format!("… {} more", rest.len()))],
            mark: rest.iter().filter_map(|entry| entry.mark).max(),
            edges: rest.into_iter().flat_map(|entry| entry.edges).collect(),
        });
    }
}

fn entry(diagram: &Diagram, edges: Vec<usize>, wanted: &Wanted<'_>) -> Entry {
    let mut lines = Vec::new();
    if let Some(edge) = edges.first().and_then(|edge| diagram.edges.get(*edge)) {
        if !edge.cause.is_empty() {
            lines.push((Part::Cause, elide(&edge.cause, LABEL_COLUMNS)));
        }
        let guard = edge.guard.iter().flat_map(|guard| wrap(guard, LABEL_COLUMNS, GUARD_LINES));
        lines.extend(guard.map(|line| (Part::Guard, line)));
        if wanted.actions {
            let all = edge.effects.len();
            let shown = if all > EFFECTS { EFFECTS - 1 } else { all };
            let effects = edge.effects.iter().take(shown);
            lines.extend(effects.map(|effect| (Part::Effect, elide(&format!("▸ {effect}"), LABEL_COLUMNS))));
            if all > shown {
                lines.push((Part::Effect, format!("▸ … {} more", all - shown)));
            }
        }
    }
    let ids = edges.iter().filter_map(|edge| diagram.edges.get(*edge)).map(|edge| &edge.id);
    let mark = ids.filter_map(|id| wanted.marks.get(id)).max().copied();
    Entry { edges, lines, mark }
}
