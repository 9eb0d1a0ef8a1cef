//! Layered drawings (K. Sugiyama, S. Tagawa, M. Toda, *Methods for Visual Understanding of Hierarchical System
//! Structures*, 1981): from sizes to places, knowing nothing of what is drawn.
//!
//! ```text
//! acyclic (which links lead back) → rank (layers of nodes and labels) → order (crossings, with cross)
//!     → place (coordinates across) → route (coordinates along, curves)
//! ```
//!
//! Three things are particular. Labels are nodes of layers of their own, between those of the nodes, so nothing ever lies
//! on a label. A link may have several sources, which join before they come to the one label. And every curve runs
//! straight through a layer, on a lane that nothing else has, and bends only between two layers, where nothing is: so no
//! link touches a node or a label that is not its own, whatever the sizes.
//!
//! All coordinates are whole units of a drawing, from the upper left corner. The same input gives the same layout.

mod acyclic;
mod cross;
mod order;
mod place;
mod rank;
mod route;
pub mod simplex;
mod table;

use rank::Layers;
use table::Table;

/// Width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: i64,
    /// From top to bottom.
    pub height: i64,
}

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
}

/// A place with a size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rectangle {
    /// Left edge.
    pub x: i64,
    /// Upper edge.
    pub y: i64,
    /// From left to right.
    pub width: i64,
    /// From top to bottom.
    pub height: i64,
}

/// Which way links lead, unless they lead back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From top to bottom.
    #[default]
    Down,
    /// From left to right.
    Right,
}

/// A node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Of its box.
    pub size: Size,
    /// Room before it, for what leads in from nowhere.
    pub lead: i64,
    /// Size of the label of a loop at it, if there is one.
    pub looped: Option<Size>,
}

/// A link from one or more nodes to another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Different nodes, at least one, none of them the target.
    pub sources: Vec<usize>,
    /// Where it leads.
    pub target: usize,
    /// Size of its label, if it has one.
    pub label: Option<Size>,
}

/// What is to be laid out.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// In their natural order: of two ways to break a cycle, the later node leads back to the earlier one.
    pub nodes: Vec<Node>,
    /// The node in which everything begins; it comes first.
    pub first: Option<usize>,
    /// In any order.
    pub links: Vec<Link>,
    /// Which way they lead.
    pub direction: Direction,
}

/// A piece of a curve, from where the last one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Straight to there.
    Line(Point),
    /// A cubic Bézier curve: two control points and the end.
    Bend(Point, Point, Point),
}

impl Piece {
    /// Where it ends.
    pub fn end(&self) -> Point {
        match self {
            Piece::Line(end) | Piece::Bend(_, _, end) => *end,
        }
    }
}

/// A line that is drawn in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    /// Where it begins.
    pub start: Point,
    /// In order.
    pub pieces: Vec<Piece>,
    /// Which of the sources of its link lead through it.
    pub sources: Vec<usize>,
}

/// The head of an arrow: its tip, and the way it points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its tip.
    pub tip: Point,
    /// One of the four ways, as a step of one unit.
    pub way: Point,
}

/// A link with its place, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacedLink {
    /// Its number in the input.
    pub link: usize,
    /// Does it lead back?
    pub back: bool,
    /// The sources from which it leads.
    pub sources: Vec<usize>,
    /// Its label.
    pub label: Rectangle,
    /// From the sources to the label, and from there to the target.
    pub curves: Vec<Curve>,
    /// At the target.
    pub head: Head,
}

/// A loop with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacedLoop {
    /// Its label.
    pub label: Rectangle,
    /// From the node to the node.
    pub curve: Curve,
    /// At its end.
    pub head: Head,
}

/// A node with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacedNode {
    /// Its box.
    pub area: Rectangle,
    /// Its loop, if it has one.
    pub looped: Option<PlacedLoop>,
    /// What leads in from nowhere, if there is room for it: where that begins. It ends in the middle of the nearest side.
    pub lead: Option<Point>,
}

/// A layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Of the whole drawing.
    pub size: Size,
    /// In the order of the input.
    pub nodes: Vec<PlacedNode>,
    /// In the order of the input. A link some of whose sources come after its target is there twice.
    pub links: Vec<PlacedLink>,
    /// Pairs of lines that cross.
    pub crossings: usize,
}

/// Lays out.
pub fn layout(input: &Input) -> Layout {
    let input = Sound::of(input);
    let mut layers = layered(&input);
    let crossings = order::order(&mut layers);
    place::place(&mut layers);
    let mut layout = route::route(&input, &layers);
    layout.crossings = crossings;
    layout
}

/// Layers of the order of nodes in which less crosses and leads back. Their own one wins unless it is far worse: a reader
/// looks for what comes first in the source further up.
fn layered(input: &Sound) -> Layers {
    let [written, computed] = acyclic::back(input).map(|back| {
        let turned: usize = back.iter().map(Vec::len).sum();
        (turned, rank::layers(input, &back))
    });
    let cost = |(turned, layers): &(usize, Layers)| turned + order::estimate(&mut layers.clone());
    if computed.0 < written.0 && 2 * cost(&computed) < cost(&written) { computed.1 } else { written.1 }
}

/// An input whose numbers are those of nodes, turned so that links lead down.
struct Sound {
    nodes: Table<Node>,
    first: Option<usize>,
    links: Table<Link>,
    direction: Direction,
}

impl Sound {
    fn of(input: &Input) -> Sound {
        let count = input.nodes.len();
        let mut links = input.links.clone();
        for link in &mut links {
            let target = link.target;
            link.sources.retain(|source| *source < count && *source != target && target < count);
            link.sources.sort_unstable();
            link.sources.dedup();
            link.label = link.label.map(|size| turned(size, input.direction));
        }
        let mut nodes = input.nodes.clone();
        for node in &mut nodes {
            node.size = turned(node.size, input.direction);
            node.looped = node.looped.map(|size| turned(size, input.direction));
        }
        Sound {
            nodes: nodes.into(),
            first: input.first.filter(|first| *first < count),
            links: links.into(),
            direction: input.direction,
        }
    }
}

/// As it lies when links lead down.
fn turned(size: Size, direction: Direction) -> Size {
    match direction {
        Direction::Down => size,
        Direction::Right => Size { width: size.height, height: size.width },
    }
}
