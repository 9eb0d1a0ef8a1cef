//! Layers: nodes on even ones, labels on odd ones, and a lane through every layer that a link passes.

use super::simplex::{self, Edge};
use super::table::Table;
use super::{Sound, route};

/// What stands in a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// A lane of a link.
    #[default]
    Lane,
    /// A node, by its number.
    Node(usize),
    /// The label of a link, or where its sources meet.
    Label,
}

/// Something that stands in a layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    pub kind: Kind,
    /// Its layer.
    pub layer: usize,
    /// What it takes to the left and the right of its place.
    pub left: i64,
    pub right: i64,
    /// What it takes along.
    pub height: i64,
    /// Its place across, at last.
    pub at: i64,
    /// Numbers of the segments to the layer above and below.
    pub above: Vec<usize>,
    pub below: Vec<usize>,
}

/// A piece of a link, from one layer to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    /// The items at its ends.
    pub upper: usize,
    pub lower: usize,
    /// Where it leaves them, from their places.
    pub upper_port: i64,
    pub lower_port: i64,
    /// The part of a link that it belongs to.
    pub part: usize,
    /// Sources of the link that lead through it.
    pub sources: Vec<usize>,
}

/// A part of a link, all of it leading down or all of it leading up.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub link: usize,
    pub sources: Vec<usize>,
    /// Does it lead up?
    pub back: bool,
    /// The item of its label.
    pub label: usize,
}

/// The layered graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub items: Table<Item>,
    pub segments: Table<Segment>,
    pub parts: Vec<Part>,
    /// Items of each layer, from left to right.
    pub rows: Table<Vec<usize>>,
}

/// Puts everything into layers.
pub(super) fn layers(input: &Sound, back: &Table<Vec<usize>>) -> Layers {
    let parts = parts(input, back);
    let ranks = ranks(input, &parts);
    let deepest = ranks.iter().max().copied().unwrap_or(0);
    let mut layers = Layers { rows: Table::new(2 * deepest + 1), ..Layers::default() };
    for (number, node) in input.nodes.iter().enumerate() {
        let (left, right) = route::reach(node);
        let height = route::height(node);
        let layer = 2 * ranks[number];
        layers.add(Item { kind: Kind::Node(number), layer, left, right, height, ..Item::default() });
    }
    let mut widths: Table<i64> = Table::new(layers.rows.len());
    for item in layers.items.iter() {
        widths[item.layer] += item.left + item.right;
    }
    // Short ones have no choice where their label stands; long ones take what is left.
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let (first, last) = part.span(input, &ranks);
        order.push((last - first, number));
    }
    order.sort_unstable();
    let mut placed: Table<Part> = parts.into();
    for (_, number) in order {
        let part = placed[number].clone();
        let label = layers.connect(input, &ranks, (number, &part), &mut widths);
        placed[number].label = label;
    }
    layers.parts = placed.into_rows();
    layers
}

impl Part {
    /// The layers between which its label may stand, of nodes.
    fn span(&self, input: &Sound, ranks: &Table<usize>) -> (usize, usize) {
        let target = ranks[input.links[self.link].target];
        let of_sources = self.sources.iter().map(|source| ranks[*source]);
        if self.back {
            (target, of_sources.min().unwrap_or(target))
        } else {
            (of_sources.max().unwrap_or(target), target)
        }
    }
}

/// A link has one label; if some of its sources come after its target, it has one more.
fn parts(input: &Sound, back: &Table<Vec<usize>>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (number, link) in input.links.iter().enumerate() {
        let up = &back[number];
        let down: Vec<usize> = link.sources.iter().copied().filter(|source| !up.contains(source)).collect();
        for (sources, back) in [(down, false), (up.clone(), true)] {
            if !sources.is_empty() {
                parts.push(Part { link: number, sources, back, label: 0 });
            }
        }
    }
    parts
}

fn ranks(input: &Sound, parts: &[Part]) -> Table<usize> {
    let count = input.nodes.len();
    let mut edges = Vec::new();
    for part in parts {
        let target = input.links[part.link].target;
        for source in &part.sources {
            let (tail, head) = if part.back { (target, *source) } else { (*source, target) };
            edges.push(Edge { tail, head, minimum: 1, weight: 1 });
        }
    }
    if let Some(first) = input.first {
        let others = (0..count).filter(|node| *node != first);
        edges.extend(others.map(|node| Edge { tail: first, head: node, minimum: 0, weight: 0 }));
    }
    let start = simplex::longest_path(count, &edges).or_else(|| {
        // Something leads to the first node after all: then it is not held in front.
        edges.retain(|edge| edge.minimum > 0);
        simplex::longest_path(count, &edges)
    });
    let ranks = simplex::solve(count, &edges, start.unwrap_or_default());
    ranks.into_iter().map(|rank| usize::try_from(rank).unwrap_or(0)).collect::<Vec<_>>().into()
}

impl Layers {
    fn add(&mut self, item: Item) -> usize {
        let layer = item.layer;
        let number = self.items.push(item);
        self.rows[layer].push(number);
        number
    }

    fn segment(&mut self, part: usize, upper: usize, lower: usize, sources: &[usize]) {
        let segment = Segment { upper, lower, part, sources: sources.to_vec(), ..Segment::default() };
        let number = self.segments.push(segment);
        self.items[upper].below.push(number);
        self.items[lower].above.push(number);
    }

    /// Draws a part of a link through the layers; gives the item of its label.
    fn connect(
        &mut self,
        input: &Sound,
        ranks: &Table<usize>,
        numbered: (usize, &Part),
        widths: &mut Table<i64>,
    ) -> usize {
        let (_, part) = numbered;
        let link = &input.links[part.link];
        let (upper, lower) = part.span(input, ranks);
        let size = link.label.unwrap_or_default();
        // Where there is least already; near the sources if there is a choice.
        let free = (2 * upper + 1..2 * lower).step_by(2);
        let layer = if part.back {
            free.rev().min_by_key(|layer| widths[*layer])
        } else {
            free.min_by_key(|layer| widths[*layer])
        };
        let layer = layer.unwrap_or(2 * upper + 1);
        let (left, right) = (size.width / 2, size.width - size.width / 2);
        let label = Item { kind: Kind::Label, layer, left, right, height: size.height, ..Item::default() };
        widths[layer] += size.width + route::GAP;
        let label = self.add(label);
        let mut at = label;
        let target_layer = 2 * ranks[link.target];
        let lanes: Vec<usize> = if part.back {
            (target_layer + 1..layer).rev().collect()
        } else {
            (layer + 1..target_layer).collect()
        };
        for layer in lanes {
            let lane = self.lane(layer, widths);
            self.join(numbered, at, lane, &part.sources);
            at = lane;
        }
        self.join(numbered, at, link.target, &part.sources);
        self.gather(ranks, numbered, label, widths);
        label
    }

    fn lane(&mut self, layer: usize, widths: &mut Table<i64>) -> usize {
        widths[layer] += route::GAP;
        self.add(Item { layer, ..Item::default() })
    }

    /// A segment in the direction of the link.
    fn join(&mut self, (number, part): (usize, &Part), from: usize, to: usize, sources: &[usize]) {
        let (upper, lower) = if part.back { (to, from) } else { (from, to) };
        self.segment(number, upper, lower, sources);
    }

    /// Lanes from the sources to the label: a source joins the lane of those that come from further away.
    fn gather(
        &mut self,
        ranks: &Table<usize>,
        numbered: (usize, &Part),
        label: usize,
        widths: &mut Table<i64>,
    ) {
        let (_, part) = numbered;
        let layer = self.items[label].layer;
        let mut by_layer: Vec<(usize, usize)> =
            part.sources.iter().map(|source| (2 * ranks[*source], *source)).collect();
        by_layer.sort_unstable();
        if part.back {
            by_layer.reverse();
        }
        let mut open: Option<usize> = None;
        let mut through: Vec<usize> = Vec::new();
        let Some((mut here, _)) = by_layer.first().copied() else { return };
        let mut sources = by_layer.into_iter().peekable();
        while here != layer {
            let next = if part.back { here - 1 } else { here + 1 };
            let mut joining = Vec::new();
            while let Some((_, source)) = sources.next_if(|(at, _)| *at == here) {
                joining.push(source);
            }
            let to = if next == layer { label } else { self.lane(next, widths) };
            if let Some(lane) = open {
                self.join(numbered, lane, to, &through);
            }
            for source in &joining {
                self.join(numbered, *source, to, &[*source]);
            }
            through.extend(joining);
            open = Some(to);
            here = next;
        }
    }
}
