//! Diagrams: nothing overlaps, no link touches what it does not belong to, the same input gives the same bytes; for every
//! machine of the tree and for machines that nobody would write.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;
#[path = "common/drawing.rs"]
mod drawing;

use drawing::{check_svg, overlaps};
use omtc::graph::layout::simplex::{self, Edge};
use omtc::graph::layout::{Direction, Input, Layout, Link, Node, Piece, Point, Rectangle, Size, layout};
use omtc::graph::{self, Diagram, Kind, Marks, Options, StateKind, Wanted};
use omtc::sema;
use omtc::source::DiskSources;
use std::collections::BTreeSet;
use std::path::Path;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    fn size(&mut self, width: usize, height: usize) -> Size {
        let mut of = |most: usize| i64::try_from(10 + self.below(most)).unwrap();
        Size { width: of(width), height: of(height) }
    }
}

/// A machine of so many states: a way through, branches, ways back, links from many states, loops.
fn random(states: usize, direction: Direction, seed: u64) -> Input {
    let mut dice = Dice(seed);
    let nodes = (0..states).map(|number| Node {
        size: dice.size(200, 40),
        lead: if number == 0 { 24 } else { 0 },
        looped: (dice.below(5) == 0).then(|| dice.size(200, 120)),
    });
    let nodes = nodes.collect();
    let mut links = Vec::new();
    for number in 1..states {
        let sources = vec![number - 1 - dice.below(number.min(4))];
        links.push(Link { sources, target: number, label: Some(dice.size(220, 90)) });
    }
    for _ in 0..states {
        let target = dice.below(states);
        let sources: Vec<usize> = (0..1 + dice.below(3)).map(|_| dice.below(states)).collect();
        links.push(Link { sources, target, label: (dice.below(6) > 0).then(|| dice.size(220, 60)) });
    }
    for link in &mut links {
        link.sources.retain(|source| *source != link.target);
    }
    links.retain(|link| !link.sources.is_empty());
    Input { nodes, first: Some(0), links, direction }
}

/// Points of a piece of a curve, close to each other.
fn points(start: Point, piece: &Piece) -> Vec<(f64, f64)> {
    let float = |p: Point| (p.x as f64, p.y as f64);
    let (at, end) = (float(start), float(piece.end()));
    let (one, other) = match piece {
        Piece::Line(_) => (at, end),
        Piece::Bend(one, other, _) => (float(*one), float(*other)),
    };
    (0..=24)
        .map(|step| {
            let t = f64::from(step) / 24.0;
            let u = 1.0 - t;
            let mix = |a: f64, b: f64, c: f64, d: f64| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            (mix(at.0, one.0, other.0, end.0), mix(at.1, one.1, other.1, end.1))
        })
        .collect()
}

/// Could a piece of a curve lie on a place at all?
fn near(start: Point, end: Point, area: &Rectangle) -> bool {
    start.x.min(end.x) <= area.x + area.width
        && area.x <= start.x.max(end.x)
        && start.y.min(end.y) <= area.y + area.height
        && area.y <= start.y.max(end.y)
}

/// Everything that is wrong with a layout.
fn mistakes(layout: &Layout) -> Vec<String> {
    let mut areas: Vec<(String, Rectangle)> = Vec::new();
    for (number, node) in layout.nodes.iter().enumerate() {
        areas.push((format!("node {number}"), node.area));
        areas.extend(node.looped.iter().map(|l| (format!("label of the loop at {number}"), l.label)));
    }
    for link in layout.links.iter().filter(|link| link.label.width > 0) {
        areas.push((format!("label of link {} {}", link.link, link.back), link.label));
    }
    let mut found = overlaps(&areas);
    for (name, area) in &areas {
        if area.x < 0
            || area.y < 0
            || area.x + area.width > layout.size.width
            || area.y + area.height > layout.size.height
        {
            found.push(format!("{name} lies outside"));
        }
    }
    let within = |(x, y): (f64, f64), r: &Rectangle| {
        x > r.x as f64 + 1.0
            && x < (r.x + r.width) as f64 - 1.0
            && y > r.y as f64 + 1.0
            && y < (r.y + r.height) as f64 - 1.0
    };
    for link in &layout.links {
        for curve in &link.curves {
            let mut start = curve.start;
            for piece in &curve.pieces {
                for (name, area) in areas.iter().filter(|(_, area)| near(start, piece.end(), area)) {
                    if points(start, piece).into_iter().any(|point| within(point, area)) {
                        found.push(format!("link {} goes through {name}: {area:?}", link.link));
                    }
                }
                start = piece.end();
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[track_caller]
fn check_layout(input: &Input) -> Layout {
    let placed = layout(input);
    let wrong = mistakes(&placed);
    assert!(wrong.is_empty(), "{} mistakes: {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    assert_eq!(placed.nodes.len(), input.nodes.len());
    let drawn: BTreeSet<usize> = placed.links.iter().map(|link| link.link).collect();
    let wanted: BTreeSet<usize> = (0..input.links.len()).collect();
    assert_eq!(drawn, wanted, "a link is not drawn");
    placed
}

fn machines() -> Vec<Diagram> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let analyzed = sema::analyze(&DiskSources, &[folder]);
    let protocols: Vec<_> = analyzed.units.iter().filter_map(|unit| unit.protocol.as_ref()).collect();
    let mut all: Vec<Diagram> = protocols
        .iter()
        .flat_map(|p| p.actors.iter().map(|(name, actor)| graph::machine(p, name, actor)))
        .collect();
    assert!(all.len() >= 13, "the tree has more machines than {}", all.len());
    all.extend(protocols.iter().map(|p| graph::conversation(p)));
    all
}

#[test]
fn nothing_overlaps_in_any_machine_or_conversation_of_the_tree() {
    for diagram in machines().into_iter().flat_map(|diagram| [diagram.outline(), diagram]) {
        for direction in [None, Some(Direction::Down), Some(Direction::Right)] {
            for actions in [true, false] {
                let marks = Marks::new();
                let arranged = graph::arrange(&diagram, &Wanted { direction, actions, marks: &marks });
                let wrong = mistakes(&arranged.layout);
                assert!(wrong.is_empty(), "{} {direction:?}: {wrong:#?}", diagram.about);
            }
        }
    }
}

/// Graphviz `dot` draws the same machines with 92 crossings, 41 of them in the witness of the lock (`cargo xtask bench graph`).
#[test]
fn few_lines_cross_in_the_machines_of_the_tree() {
    let marks = Marks::new();
    for direction in [Direction::Down, Direction::Right] {
        let wanted = Wanted { direction: Some(direction), actions: true, marks: &marks };
        let crossings = |diagram: &Diagram| graph::arrange(diagram, &wanted).layout.crossings;
        let all: Vec<(usize, String)> = machines()
            .iter()
            .map(|d| (crossings(d), d.about.clone()))
            .filter(|(count, _)| *count > 0)
            .collect();
        let most = all.iter().map(|(count, _)| *count).max();
        assert!(most <= Some(24), "{direction:?}: {all:#?}");
        let sum: usize = all.iter().map(|(count, _)| count).sum();
        assert!(sum <= 50, "{direction:?}, {sum}: {all:#?}");
    }
}

/// Every state, and from one to another at most one arrow that says nothing.
#[test]
fn the_outline_of_a_machine_has_its_states_and_what_leads_where() {
    for diagram in machines() {
        let outline = diagram.outline();
        let ways = |diagram: &Diagram| -> BTreeSet<(usize, usize)> {
            diagram.edges.iter().map(|e| (e.from, e.to)).filter(|(from, to)| from != to).collect()
        };
        assert_eq!((&outline.nodes, ways(&outline)), (&diagram.nodes, ways(&diagram)), "{}", diagram.about);
        assert_eq!(outline.edges.len(), ways(&outline).len(), "{}", diagram.about);
        let svg = graph::svg(&outline, &Options::default());
        assert!(!svg.contains("class=\"label\"") && !svg.contains("class=\"cause\""), "{svg}");
        assert!(svg.contains("class=\"head\"") || outline.edges.is_empty());
    }
}

#[test]
fn every_state_and_transition_has_an_id_and_the_svg_is_whole() {
    for diagram in machines() {
        let svg = graph::svg(&diagram, &Options::default());
        let ids = check_svg(&svg);
        for id in diagram.nodes.iter().map(|node| &node.id).chain(diagram.edges.iter().map(|edge| &edge.id)) {
            assert!(ids.contains(id), "{}: nothing has the id {id}", diagram.about);
        }
        assert_eq!(svg, graph::svg(&diagram, &Options::default()), "{} is drawn in two ways", diagram.about);
    }
}

#[test]
fn random_machines_of_all_sizes_are_drawn_without_overlaps() {
    for (states, seeds) in [(1, 2), (2, 6), (7, 20), (20, 4), (100, 1), (500, 1)] {
        for seed in 0..seeds {
            for direction in [Direction::Down, Direction::Right] {
                if states >= 100 && direction == Direction::Right {
                    continue;
                }
                let input = random(states, direction, seed);
                let placed = check_layout(&input);
                if states <= 20 {
                    assert_eq!(placed, layout(&input), "{states} states, seed {seed}");
                }
            }
        }
    }
}

#[test]
fn strange_graphs_are_drawn_too() {
    let node = || Node { size: Size { width: 60, height: 30 }, ..Node::default() };
    let link = |sources: &[usize], target| Link {
        sources: sources.to_vec(),
        target,
        label: Some(Size { width: 50, height: 20 }),
    };
    // Nothing; no links; two that lead to each other; everything to everything; from before and from behind to one in the middle.
    assert_eq!(layout(&Input::default()).nodes.len(), 0);
    check_layout(&Input { nodes: (0..40).map(|_| node()).collect(), ..Input::default() });
    check_layout(&Input {
        nodes: vec![node(), node()],
        links: vec![link(&[0], 1), link(&[1], 0), link(&[0], 1)],
        ..Input::default()
    });
    let pairs = (0..12).flat_map(|a| (0..12).filter(move |b| *b != a).map(move |b| (a, b)));
    check_layout(&Input {
        nodes: (0..12).map(|_| node()).collect(),
        links: pairs.map(|(a, b)| link(&[a], b)).collect(),
        first: Some(5),
        ..Input::default()
    });
    let mut chain: Vec<Link> = (1..10).map(|n| link(&[n - 1], n)).collect();
    chain.push(link(&[2, 7, 9], 5));
    let layout =
        layout(&Input { nodes: (0..10).map(|_| node()).collect(), links: chain, ..Input::default() });
    assert!(mistakes(&layout).is_empty());
    let both: Vec<bool> = layout.links.iter().filter(|l| l.link == 9).map(|l| l.back).collect();
    assert_eq!(both, [false, true], "from before and from behind it takes two labels");
}

#[test]
fn what_leads_on_leads_down_and_the_first_state_is_on_top() {
    let analyzed = sema::analyze(
        &DiskSources,
        &[Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols/examples/ping_pong")],
    );
    let protocol = analyzed.units[0].protocol.as_ref().unwrap();
    let diagram = graph::machine(protocol, "Requester", &protocol.actors["Requester"]);
    let marks = Marks::new();
    let wanted = Wanted { direction: Some(Direction::Down), actions: true, marks: &marks };
    let layout = graph::arrange(&diagram, &wanted).layout;
    let y = |name: &str| layout.nodes[diagram.node(name).unwrap()].area.y;
    assert!(y("IDLE") < y("WAITING") && y("WAITING") < y("ANSWERED"));
    assert_eq!(layout.crossings, 0);
}

/// A machine with one state of that name, which it leaves for itself and another one.
fn named(name: &str) -> Diagram {
    let state = |name: &str, id: &str| graph::Node {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: Kind::State(StateKind { initial: id == "a", ..StateKind::default() }),
        about: Some(name.to_owned()),
    };
    let edge = |to: usize, line: usize| graph::Edge {
        id: format!("e{line}"),
        from: 0,
        to,
        line,
        cause: format!("on {name}"),
        guard: Some(format!("when {name} == \"{name}\"")),
        effects: vec![format!("sends {name} to {name}"); 9],
        whole: vec![name.to_owned()],
        handler: None,
    };
    Diagram {
        name: name.to_owned(),
        about: name.to_owned(),
        nodes: vec![state(name, "a"), state("B", "b")],
        edges: vec![edge(0, 0), edge(1, 1)],
    }
}

#[test]
fn long_and_strange_names_are_cut_and_escaped_and_stand_whole_in_the_title() {
    let long = "A_STATE_WITH_A_NAME_".repeat(10);
    let svg = graph::svg(&named(&long), &Options::default());
    check_svg(&svg);
    assert!(svg.contains(&format!("<title>{long}")), "the whole name is nowhere");
    assert!(!svg.contains(&format!(">{long}</text>")), "200 characters stand in a box");
    let width: i64 = svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!(width < 1200, "{width}");

    let strange = "</text><script>alert(\"&\")</script>\u{1}\u{0}'日本語🦀";
    let svg = graph::svg(&named(strange), &Options { prefix: "\"><x y='".to_owned(), ..Options::default() });
    check_svg(&svg);
    assert!(!svg.contains("<script"));
    for text in [
        graph::mermaid(&named(strange), &Options::default()),
        graph::dot(&named(strange), &Options::default()),
    ] {
        assert!(!text.contains('\u{1}'));
    }
}

#[test]
fn links_marks_and_themes_reach_the_svg() {
    let diagram = named("X");
    let mut options = Options { theme: graph::Theme::Dark, prefix: "p-".to_owned(), ..Options::default() };
    options.links.insert("e1".to_owned(), "x.html#a&b".to_owned());
    options.marks.insert("e1".to_owned(), graph::Mark::Missing);
    options.marks.insert("a".to_owned(), graph::Mark::Covered);
    let svg = graph::svg(&diagram, &options);
    check_svg(&svg);
    assert!(svg.contains("<a href=\"x.html#a&amp;b\">"));
    assert!(svg.contains("id=\"p-e1\" class=\"transition missing\""));
    assert!(svg.contains("id=\"p-a\" class=\"node initial covered\""));
    assert!(svg.contains("class=\"omt-graph dark\""));
    assert!(svg.contains(">did not happen</text>") && svg.contains(">happened</text>"), "no legend");
    let bare = graph::svg(&diagram, &Options { style: false, actions: false, ..Options::default() });
    assert!(!bare.contains("<style") && !bare.contains("▸"));
}

/// The least cost of small systems, by trying everything.
fn least_cost(count: usize, edges: &[Edge]) -> Option<i64> {
    const VALUES: i64 = 9;
    let mut best = None;
    for code in 0..VALUES.pow(u32::try_from(count).unwrap()) {
        let value = |node: usize| (code / VALUES.pow(u32::try_from(node).unwrap())) % VALUES;
        let distance = |edge: &Edge| value(edge.head) - value(edge.tail);
        if edges.iter().all(|edge| distance(edge) >= edge.minimum) {
            let cost = edges.iter().map(|edge| edge.weight * distance(edge)).sum();
            best = Some(best.map_or(cost, |best: i64| best.min(cost)));
        }
    }
    best
}

#[test]
fn the_network_simplex_finds_the_least_sum() {
    let mut dice = Dice(7);
    for round in 0..150 {
        let count = 3 + dice.below(3);
        let edges: Vec<Edge> = (0..count + dice.below(5))
            .map(|_| {
                let tail = dice.below(count - 1);
                let head = tail + 1 + dice.below(count - 1 - tail);
                let minimum = i64::try_from(dice.below(3)).unwrap() - i64::from(round % 3 == 0);
                Edge { tail, head, minimum, weight: i64::try_from(dice.below(4)).unwrap() }
            })
            .collect();
        let start = simplex::longest_path(count, &edges).unwrap();
        let values = simplex::solve(count, &edges, start);
        let distance = |edge: &Edge| values[edge.head] - values[edge.tail];
        assert!(
            edges.iter().all(|edge| distance(edge) >= edge.minimum),
            "round {round}: {values:?} {edges:?}"
        );
        let cost: i64 = edges.iter().map(|edge| edge.weight * distance(edge)).sum();
        assert_eq!(Some(cost), least_cost(count, &edges), "round {round}: {values:?} {edges:?}");
    }
}
