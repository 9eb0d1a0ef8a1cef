//! Places along, and the curves.

use super::rank::{Item, Kind, Layers, Part, Segment};
use super::table::Table;
use super::{
    Curve, Direction, Head, Layout, Node, Piece, PlacedLink, PlacedLoop, PlacedNode, Point, Rectangle, Size,
    Sound,
};

/// Between an item and its neighbours.
pub(super) const GAP: i64 = 18;
/// Between two layers, at least and at most: the further links go sideways, the more room they get.
const LAYER_GAP_MIN: i64 = 24;
const LAYER_GAP_MAX: i64 = 72;
/// So many units sideways are worth one unit between the layers.
const SLOPE: i64 = 9;
/// Room around everything.
const MARGIN: i64 = 12;
/// From a node to the label of its loop.
const LOOP: i64 = 30;

/// What a node takes to the left and the right of its middle.
pub(super) fn reach(node: &Node) -> (i64, i64) {
    let half = (node.size.width + 1) / 2;
    (half, half + node.looped.map_or(0, |label| LOOP + label.width))
}

/// What a node takes along, before the middle of its box and behind it.
fn along(node: &Node) -> (i64, i64) {
    let half = (node.size.height + 1) / 2;
    let label = node.looped.map_or(0, |label| (label.height + 1) / 2);
    ((half + node.lead).max(label), half.max(label))
}

/// What a node takes along.
pub(super) fn height(node: &Node) -> i64 {
    let (before, behind) = along(node);
    before + behind
}

/// The layout, in the direction of the input.
pub(super) fn route(input: &Sound, layers: &Layers) -> Layout {
    let rows = Rows::of(layers);
    let mut layout = Layout { nodes: vec![PlacedNode::default(); input.nodes.len()], ..Layout::default() };
    let mut right = 0;
    for item in layers.items.iter() {
        right = right.max(item.at + item.right);
        if let Kind::Node(number) = item.kind
            && let Some(placed) = layout.nodes.get_mut(number)
        {
            *placed = node(&input.nodes[number], item, &rows);
        }
    }
    let mut of_part: Table<Vec<usize>> = Table::new(layers.parts.len());
    for (number, segment) in layers.segments.iter().enumerate() {
        of_part[segment.part].push(number);
    }
    let tracks = Tracks { layers, rows: &rows, nodes: &layout.nodes.clone() };
    for (number, part) in layers.parts.iter().enumerate() {
        layout.links.push(tracks.part(part, &of_part[number]));
    }
    layout.size = Size { width: right, height: rows.end };
    layout.turn(input.direction);
    layout
}

/// Where each layer is.
struct Rows {
    tops: Table<i64>,
    heights: Table<i64>,
    end: i64,
}

impl Rows {
    fn of(layers: &Layers) -> Rows {
        let count = layers.rows.len();
        let mut gaps: Table<i64> = Table::new(count);
        for segment in layers.segments.iter() {
            let (upper, lower) = (&layers.items[segment.upper], &layers.items[segment.lower]);
            let distance = (upper.at + segment.upper_port - lower.at - segment.lower_port).abs();
            gaps[upper.layer] = gaps[upper.layer].max(distance / SLOPE);
        }
        let (mut tops, mut heights) = (Table::new(count), Table::new(count));
        let mut end = 0;
        for (layer, row) in layers.rows.iter().enumerate() {
            tops[layer] = end;
            heights[layer] = row.iter().map(|item| layers.items[*item].height).max().unwrap_or(0);
            end += heights[layer];
            if layer + 1 < count {
                end += (LAYER_GAP_MIN + gaps[layer]).min(LAYER_GAP_MAX);
            }
        }
        Rows { tops, heights, end }
    }

    fn bottom(&self, layer: usize) -> i64 {
        self.tops[layer] + self.heights[layer]
    }
}

fn node(node: &Node, item: &Item, rows: &Rows) -> PlacedNode {
    let (before, behind) = along(node);
    let middle = rows.tops[item.layer] + (rows.heights[item.layer] - before - behind) / 2 + before;
    let Size { width, height } = node.size;
    let area = Rectangle { x: item.at - width / 2, y: middle - height / 2, width, height };
    let lead = (node.lead > 0).then_some(Point { x: item.at, y: area.y - node.lead });
    let looped = node.looped.map(|label| {
        let edge = area.x + width;
        let reach = edge + LOOP - 6;
        let far = (height / 2 - 6).clamp(5, 14);
        let start = Point { x: edge, y: middle - far };
        let end = Point { x: edge, y: middle + far };
        let controls = (Point { x: reach, y: start.y - 8 }, Point { x: reach, y: end.y + 8 });
        PlacedLoop {
            label: Rectangle {
                x: edge + LOOP,
                y: middle - label.height / 2,
                width: label.width,
                height: label.height,
            },
            curve: Curve {
                start,
                pieces: vec![Piece::Bend(controls.0, controls.1, end)],
                sources: Vec::new(),
            },
            head: Head { tip: end, way: Point { x: -1, y: 0 } },
        }
    });
    PlacedNode { area, looped, lead }
}

/// Draws the parts of links.
struct Tracks<'a> {
    layers: &'a Layers,
    rows: &'a Rows,
    nodes: &'a [PlacedNode],
}

impl Tracks<'_> {
    /// Where lines end above and below an item.
    fn ends(&self, number: usize) -> (i64, i64) {
        let item = &self.layers.items[number];
        let top = self.rows.tops[item.layer];
        match item.kind {
            Kind::Node(node) => {
                let area = self.nodes.get(node).map(|node| node.area).unwrap_or_default();
                (area.y, area.y + area.height)
            }
            Kind::Label => {
                let top = top + (self.rows.heights[item.layer] - item.height) / 2;
                (top, top + item.height)
            }
            Kind::Lane => (top, self.rows.bottom(item.layer)),
        }
    }

    fn part(&self, part: &Part, segments: &[usize]) -> PlacedLink {
        let item = &self.layers.items[part.label];
        let (top, _) = self.ends(part.label);
        let label =
            Rectangle { x: item.at - item.left, y: top, width: item.left + item.right, height: item.height };
        // In the direction of the link: what leaves each item, and how much enters it.
        let mut leaving: Vec<(usize, usize)> = Vec::new();
        let mut entering: Vec<usize> = Vec::new();
        for number in segments {
            let segment = &self.layers.segments[*number];
            let (from, to) = ends(segment, part);
            leaving.push((from, *number));
            entering.push(to);
        }
        leaving.sort_unstable();
        entering.sort_unstable();
        let enters = |item: usize| {
            entering.partition_point(|to| *to <= item) - entering.partition_point(|to| *to < item)
        };
        let leaves = |item: usize| {
            let at = leaving.partition_point(|(from, _)| *from < item);
            leaving.get(at).filter(|(from, _)| *from == item).map(|(_, segment)| *segment)
        };
        let mut curves = Vec::new();
        let mut head = Head::default();
        let starts = leaving.iter().map(|(from, _)| *from).filter(|from| {
            *from == part.label
                || enters(*from) != 1
                || matches!(self.layers.items[*from].kind, Kind::Node(_))
        });
        for start in starts {
            let mut at = start;
            let mut curve = Curve::default();
            while let Some(number) = leaves(at) {
                let segment = &self.layers.segments[number];
                self.draw(&mut curve, segment, part, at == start);
                curve.sources.clone_from(&segment.sources);
                at = ends(segment, part).1;
                if enters(at) != 1 || self.layers.items[at].kind != Kind::Lane {
                    break;
                }
            }
            if let Kind::Node(_) = self.layers.items[at].kind {
                let way = Point { x: 0, y: if part.back { -1 } else { 1 } };
                head = Head { tip: curve.pieces.last().map_or(curve.start, Piece::end), way };
            }
            curves.push(curve);
        }
        PlacedLink { link: part.link, back: part.back, sources: part.sources.clone(), label, curves, head }
    }

    /// Adds a segment to a curve, with the way through the lane before it.
    fn draw(&self, curve: &mut Curve, segment: &Segment, part: &Part, first: bool) {
        let items = &self.layers.items;
        let (upper, lower) = (&items[segment.upper], &items[segment.lower]);
        let above = Point { x: upper.at + segment.upper_port, y: self.ends(segment.upper).1 };
        let below = Point { x: lower.at + segment.lower_port, y: self.ends(segment.lower).0 };
        let leave = Point { x: above.x, y: self.rows.bottom(upper.layer) };
        let enter = Point { x: below.x, y: self.rows.tops[lower.layer] };
        let (from, out, into, to) =
            if part.back { (below, enter, leave, above) } else { (above, leave, enter, below) };
        if first {
            curve.start = from;
            // Where sources meet the way goes through the lane.
            let item = ends(segment, part).0;
            if items[item].kind == Kind::Lane {
                let (top, bottom) = self.ends(item);
                curve.start = Point { x: from.x, y: if part.back { bottom } else { top } };
            }
        }
        let mut line = |to: Point| {
            // A line that goes on straight is one line.
            if let Some(Piece::Line(end)) = curve.pieces.last_mut().filter(|piece| piece.end().x == to.x) {
                *end = to;
            } else if to != curve.pieces.last().map_or(curve.start, Piece::end) {
                curve.pieces.push(Piece::Line(to));
            }
        };
        if out.x == into.x {
            line(to);
        } else {
            line(out);
            let middle = i64::midpoint(out.y, into.y);
            let controls = (Point { x: out.x, y: middle }, Point { x: into.x, y: middle });
            curve.pieces.push(Piece::Bend(controls.0, controls.1, into));
            if to != into {
                curve.pieces.push(Piece::Line(to));
            }
        }
    }
}

/// The items of a segment, in the direction of its link.
fn ends(segment: &Segment, part: &Part) -> (usize, usize) {
    if part.back { (segment.lower, segment.upper) } else { (segment.upper, segment.lower) }
}

impl Layout {
    /// Turns it and moves it away from the edge.
    fn turn(&mut self, direction: Direction) {
        let point = |p: &mut Point| {
            let (x, y) = (p.x + MARGIN, p.y + MARGIN);
            *p = if direction == Direction::Right { Point { x: y, y: x } } else { Point { x, y } };
        };
        let area = |r: &mut Rectangle| {
            let (x, y) = (r.x + MARGIN, r.y + MARGIN);
            *r = if direction == Direction::Right {
                Rectangle { x: y, y: x, width: r.height, height: r.width }
            } else {
                Rectangle { x, y, ..*r }
            };
        };
        let head = |h: &mut Head| {
            point(&mut h.tip);
            if direction == Direction::Right {
                h.way = Point { x: h.way.y, y: h.way.x };
            }
        };
        let curve = |c: &mut Curve| {
            point(&mut c.start);
            for piece in &mut c.pieces {
                match piece {
                    Piece::Line(end) => point(end),
                    Piece::Bend(one, other, end) => [one, other, end].into_iter().for_each(point),
                }
            }
        };
        for node in &mut self.nodes {
            area(&mut node.area);
            node.lead.iter_mut().for_each(point);
            if let Some(looped) = &mut node.looped {
                area(&mut looped.label);
                curve(&mut looped.curve);
                head(&mut looped.head);
            }
        }
        for link in &mut self.links {
            area(&mut link.label);
            link.curves.iter_mut().for_each(curve);
            head(&mut link.head);
        }
        let Size { width, height } = self.size;
        let (width, height) = (width + 2 * MARGIN, height + 2 * MARGIN);
        self.size = if direction == Direction::Right {
            Size { width: height, height: width }
        } else {
            Size { width, height }
        };
    }
}
