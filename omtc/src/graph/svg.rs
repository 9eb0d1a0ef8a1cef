//! A diagram as SVG that needs nothing else: no program, no font, no script.
//!
//! Light and dark follow whoever looks (`prefers-color-scheme`), unless the root has the class `light` or `dark`, or the
//! page around it has `data-theme`. What is set apart is so by its line as well as by its colour.

use super::Options;
use super::arrange::{self, Arranged, Entry, Group, LABEL_FONT, LINE, NODE_FONT, PAD, Part, Wanted};
use super::layout::{Curve, Head, Piece, PlacedLink, Point, Rectangle, Size};
use super::model::{Diagram, Edge, Kind, Mark, Node, StateKind};
use super::style;
use crate::xml::{attribute, text as escaped};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Room for the legend.
const LEGEND: i64 = 30;
/// Length and half the width of the head of an arrow.
const HEAD: (i64, i64) = (9, 4);

/// Draws a diagram.
pub fn svg(diagram: &Diagram, options: &Options) -> String {
    let wanted = Wanted { direction: options.direction, actions: options.actions, marks: &options.marks };
    let arranged = arrange::arrange(diagram, &wanted);
    let mut page = Page { out: String::new(), diagram, options, arranged: &arranged };
    page.write();
    page.out
}

struct Page<'a> {
    out: String,
    diagram: &'a Diagram,
    options: &'a Options,
    arranged: &'a Arranged,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn id(&self, id: &str) -> String {
        attribute(&format!("{}{id}", self.options.prefix))
    }

    fn mark(&self, id: &str) -> Option<Mark> {
        self.options.marks.get(id).copied()
    }

    fn write(&mut self) {
        let Size { mut width, mut height } = self.arranged.layout.size;
        let marks: BTreeSet<Mark> = self.options.marks.values().copied().collect();
        if !marks.is_empty() {
            width = width.max(520);
            height += LEGEND;
        }
        let root = self.id(&self.diagram.name);
        let theme = self.options.theme.class();
        self.line(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"omt-graph{theme}\" role=\"img\" \
             aria-labelledby=\"{root}-title {root}-about\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">",
        ));
        self.line(&format!("<title id=\"{root}-title\">{}</title>", escaped(&self.diagram.name)));
        self.line(&format!("<desc id=\"{root}-about\">{}</desc>", escaped(&self.description())));
        if self.options.style {
            self.line(&format!("<style>{}</style>", style::sheet()));
        }
        self.line(&format!("<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>"));
        let arranged = self.arranged;
        for placed in &arranged.layout.links {
            if let Some(group) = arranged.groups.get(placed.link) {
                self.curves(group, placed);
            }
        }
        for placed in &arranged.layout.links {
            if let Some(group) = arranged.groups.get(placed.link) {
                self.label(group, placed.label, &|edge| placed.sources.contains(&edge.from));
            }
        }
        for (number, node) in self.diagram.nodes.iter().enumerate() {
            self.looped(number);
            self.node(number, node);
        }
        if !marks.is_empty() {
            self.legend(&marks, height - LEGEND);
        }
        self.line("</svg>");
    }

    fn description(&self) -> String {
        let edges = self.diagram.edges.len();
        format!("{}. {} nodes, {edges} edges.", self.diagram.about, self.diagram.nodes.len())
    }

    fn curves(&mut self, group: &Group, placed: &PlacedLink) {
        for curve in &placed.curves {
            let edges = group.entries.iter().flat_map(|entry| arrange::shown(self.diagram, entry, placed));
            let mark = edges
                .filter(|edge| curve.sources.contains(&edge.from))
                .filter_map(|edge| self.mark(&edge.id))
                .max();
            self.line(&format!("<path class=\"edge{}\" d=\"{}\"/>", class(mark), path(curve)));
        }
        let mark = group.entries.iter().filter_map(|entry| entry.mark).max();
        self.head(&placed.head, mark);
    }

    fn head(&mut self, head: &Head, mark: Option<Mark>) {
        let Head { tip, way } = *head;
        let side = Point { x: way.y, y: way.x };
        let corner = |sign: i64| {
            let x = tip.x - way.x * HEAD.0 + sign * side.x * HEAD.1;
            let y = tip.y - way.y * HEAD.0 + sign * side.y * HEAD.1;
            format!("{x} {y}")
        };
        let line = format!(
            "<path class=\"head{}\" d=\"M{} {}L{}L{}z\"/>",
            class(mark),
            tip.x,
            tip.y,
            corner(1),
            corner(-1)
        );
        self.line(&line);
    }

    /// The label of a link or a loop; `shows` tells which of its edges are meant.
    fn label(&mut self, group: &Group, area: Rectangle, shows: &dyn Fn(&Edge) -> bool) {
        if !group.says() {
            return;
        }
        self.line(&format!(
            "<rect class=\"label\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\"/>",
            area.x, area.y, area.width, area.height
        ));
        for (entry, (offset, height)) in group.entries.iter().zip(group.offsets()) {
            let place = Rectangle { y: area.y + offset, height, ..area };
            self.entry(entry, place, shows);
        }
    }

    fn entry(&mut self, entry: &Entry, area: Rectangle, shows: &dyn Fn(&Edge) -> bool) {
        let diagram = self.diagram;
        let edges: Vec<&Edge> =
            entry.edges.iter().filter_map(|e| diagram.edges.get(*e)).filter(|edge| shows(edge)).collect();
        // One label may stand for several transitions; each of their ids leads to it.
        for edge in &edges {
            let text = format!("<g id=\"{}\" class=\"transition{}\">", self.id(&edge.id), class(entry.mark));
            self.out.push_str(&text);
        }
        let link = edges.iter().find_map(|edge| self.options.links.get(&edge.id)).cloned();
        if let Some(link) = &link {
            let _ = write!(self.out, "<a href=\"{}\">", attribute(link));
        }
        let _ = write!(self.out, "<title>{}</title>", escaped(&self.told(&edges)));
        let Rectangle { x, y, width, height } = area;
        let _ = write!(
            self.out,
            "<rect class=\"entry\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{height}\" rx=\"3\"/>",
            x + 2,
            width - 4
        );
        for (line, at) in entry.lines.iter().zip(0_i64..) {
            let (part, text) = line;
            let baseline = y + at * LINE + LABEL_FONT;
            let part = match part {
                Part::Cause => "cause",
                Part::Guard => "guard",
                Part::Effect => "effect",
            };
            let x = x + PAD.width;
            let _ = write!(
                self.out,
                "<text class=\"{part}\" x=\"{x}\" y=\"{baseline}\">{}</text>",
                escaped(text)
            );
        }
        if link.is_some() {
            self.out.push_str("</a>");
        }
        let end = "</g>".repeat(edges.len());
        self.line(&end);
    }

    /// Everything about some edges that one label stands for.
    fn told(&self, edges: &[&Edge]) -> String {
        let name = |node: usize| self.diagram.nodes.get(node).map_or("", |node| node.name.as_str());
        let Some(edge) = edges.first() else { return String::new() };
        let mut from: Vec<&str> = edges.iter().map(|edge| name(edge.from)).collect();
        from.dedup();
        let mut text = format!("{} → {}: {}", from.join(", "), name(edge.to), edge.cause);
        if edge.handler.is_some_and(|(_, otherwise)| otherwise) {
            text.push_str(", else");
        }
        for line in &edge.whole {
            let _ = write!(text, "\n{line}");
        }
        text
    }

    fn looped(&mut self, number: usize) {
        let arranged = self.arranged;
        let looped = arranged.layout.nodes.get(number).and_then(|placed| placed.looped.as_ref());
        let (Some(looped), Some(group)) = (looped, arranged.loops.get(&number)) else { return };
        let mark = group.entries.iter().filter_map(|entry| entry.mark).max();
        self.line(&format!("<path class=\"edge{}\" d=\"{}\"/>", class(mark), path(&looped.curve)));
        self.head(&looped.head, mark);
        self.label(group, looped.label, &|_| true);
    }

    fn node(&mut self, number: usize, node: &Node) {
        let arranged = self.arranged;
        let Some(placed) = arranged.layout.nodes.get(number) else { return };
        let kind = match node.kind {
            Kind::State(kind) => words(kind).join(" "),
            Kind::Actor => "actor".to_owned(),
            Kind::Outside => "outside".to_owned(),
        };
        let gap = if kind.is_empty() { "" } else { " " };
        let mark = class(self.mark(&node.id));
        let _ = write!(self.out, "<g id=\"{}\" class=\"node{gap}{kind}{mark}\">", self.id(&node.id));
        let link = self.options.links.get(&node.id).cloned();
        if let Some(link) = &link {
            let _ = write!(self.out, "<a href=\"{}\">", attribute(link));
        }
        let _ = write!(self.out, "<title>{}</title>", escaped(&about(node)));
        if let Some(lead) = placed.lead {
            let Rectangle { x, y, width, height } = placed.area;
            // Into the middle of the nearest side: from above or from the left.
            let (to, way) = if lead.y < y {
                (Point { x: lead.x, y }, Point { x: 0, y: 1 })
            } else {
                (Point { x, y: lead.y }, Point { x: 1, y: 0 })
            };
            debug_assert!(width > 0 && height > 0, "a node without a size");
            let (x, y) = (lead.x + 5 * way.x, lead.y + 5 * way.y);
            let _ = write!(self.out, "<circle class=\"start\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>");
            let _ = write!(self.out, "<path class=\"edge\" d=\"M{x} {y}L{} {}\"/>", to.x, to.y);
            self.head(&Head { tip: to, way }, None);
        }
        self.out.push_str(&shape(node.kind, placed.area));
        let name = arranged.names.get(number).map_or("", String::as_str);
        let Rectangle { x, y, width, height } = placed.area;
        let (x, y) = (x + width / 2, y + height / 2 + (NODE_FONT * 35) / 100);
        let _ = write!(self.out, "<text class=\"name\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(name));
        if link.is_some() {
            self.out.push_str("</a>");
        }
        self.line("</g>");
    }

    fn legend(&mut self, marks: &BTreeSet<Mark>, top: i64) {
        let mut x = 14;
        for mark in marks.iter().rev() {
            let (y, name) = (top + 12, mark.class());
            self.line(&format!("<path class=\"edge {name}\" d=\"M{x} {y}h28\"/>"));
            let at = (x + 36, y + 4);
            self.line(&format!("<text class=\"cause\" x=\"{}\" y=\"{}\">{}</text>", at.0, at.1, mark.word()));
            x += 36 + super::text::width(mark.word().len() + 2, LABEL_FONT);
        }
    }
}

/// What a state is besides a state.
fn words(kind: StateKind) -> Vec<&'static str> {
    let all = [
        (kind.initial, "initial"),
        (kind.terminal, "terminal"),
        (kind.rest, "rest"),
        (kind.passed_through, "passed"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect()
}

fn about(node: &Node) -> String {
    let mut text = node.name.clone();
    if let Kind::State(kind) = node.kind {
        let words: Vec<&str> =
            words(kind).into_iter().map(|w| if w == "passed" { "passed through" } else { w }).collect();
        if !words.is_empty() {
            let _ = write!(text, " ({})", words.join(", "));
        }
    }
    if let Some(about) = &node.about {
        let _ = write!(text, ": {about}");
    }
    text
}

fn class(mark: Option<Mark>) -> String {
    mark.map_or_else(String::new, |mark| format!(" {}", mark.class()))
}

/// The outline of a node: a box; two of them for an end; round ends for rest; pointed ones for what is passed through.
fn shape(kind: Kind, area: Rectangle) -> String {
    let Rectangle { x, y, width, height } = area;
    let boxed = |inset: i64, round: i64, class: &str| {
        format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{round}\"/>",
            x + inset,
            y + inset,
            width - 2 * inset,
            height - 2 * inset
        )
    };
    match kind {
        Kind::State(StateKind { terminal: true, .. }) => boxed(0, 8, "shape") + &boxed(4, 5, "inner"),
        Kind::State(StateKind { rest: true, .. }) => boxed(0, height.min(34) / 2, "shape"),
        Kind::State(StateKind { passed_through: true, .. }) => {
            let (right, bottom, middle, tip) = (x + width, y + height, y + height / 2, 11);
            format!(
                "<path class=\"shape\" d=\"M{} {y}L{} {y}L{right} {middle}L{} {bottom}L{} {bottom}L{x} {middle}z\"/>",
                x + tip,
                right - tip,
                right - tip,
                x + tip
            )
        }
        Kind::State(_) => boxed(0, 8, "shape"),
        Kind::Actor => boxed(0, 3, "shape"),
        Kind::Outside => boxed(0, height.min(34) / 2, "shape"),
    }
}

/// A curve as path data.
fn path(curve: &Curve) -> String {
    let mut data = format!("M{} {}", curve.start.x, curve.start.y);
    for piece in &curve.pieces {
        let _ = match piece {
            Piece::Line(end) => write!(data, "L{} {}", end.x, end.y),
            Piece::Bend(one, other, end) => {
                write!(data, "C{} {} {} {} {} {}", one.x, one.y, other.x, other.y, end.x, end.y)
            }
        };
    }
    data
}
