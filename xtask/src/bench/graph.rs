//! Layouts of `omtc graph` beside those of Graphviz `dot`: time, crossings, length of the lines.
//!
//! Both get the same machines with the same labels, and what they draw is measured the same way: every line is flattened,
//! and every point where two lines of different links cross counts. Loops are left out on both sides.

use super::{Spread, time};
use crate::command;
use omtc::graph::layout::{Direction, Piece};
use omtc::graph::{self, Diagram, Edge, Kind, Marks, Node, Options, StateKind, Wanted};
use omtc::source::DiskSources;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Rounds of a machine; one is enough for the largest, which `dot` does not finish.
const ROUNDS: usize = 7;
const ROUNDS_LARGE: usize = 1;
/// States from which on a machine is large.
const LARGE: usize = 200;
/// Pieces of a bend when it is flattened.
const PIECES: u32 = 12;
/// Seconds after which `dot` is stopped.
const PATIENCE: u16 = 60;

type Line = Vec<(f64, f64)>;

/// What a layout looks like.
struct Figures {
    crossings: usize,
    length: f64,
}

/// Measures and prints.
pub fn run() -> Result<(), String> {
    let root = command::root();
    let analyzed = omtc::sema::analyze(&DiskSources, &[root.join("protocols")]);
    let mut machines: Vec<(String, Diagram)> = Vec::new();
    for protocol in analyzed.units.iter().filter_map(|unit| unit.protocol.as_ref()) {
        let title =
            protocol.meta.path.trim_end_matches("/transaction").rsplit('/').next().unwrap_or_default();
        for diagram in graph::diagrams(protocol) {
            machines.push((format!("{title} {}", diagram.name), diagram));
        }
    }
    for states in [20, 100, 500] {
        machines.push((format!("random {states}"), random(states)));
    }
    let started = Spread::of((0..ROUNDS).map(|_| milliseconds(time(version))).collect());
    println!("graph: ours in this process, `dot -Tplain` as a process of its own");
    println!("  to start and end, `dot` takes {}", started.show("ms"));
    println!(
        "| machine | states, links | ours, ms | dot, ms | dot / ours | crossings, ours | dot | length, ours / dot |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut all = (Vec::new(), 0, 0, Vec::new());
    for (name, diagram) in &machines {
        let rounds = if diagram.nodes.len() >= LARGE { ROUNDS_LARGE } else { ROUNDS };
        let row = compare(diagram, rounds)?;
        println!("| {name} | {} |", row.text);
        let Some((ratio, dot)) = row.rival else { continue };
        if !name.starts_with("random") {
            all.0.push(ratio);
            all.1 += row.ours.crossings;
            all.2 += dot.crossings;
            all.3.push(row.ours.length / dot.length);
        }
    }
    println!(
        "  all of the tree: dot / ours {}; crossings {} and {}; length {}",
        Spread::of(all.0).show("times"),
        all.1,
        all.2,
        Spread::of(all.3).show("times")
    );
    Ok(())
}

struct Row {
    text: String,
    ours: Figures,
    /// How many times as long `dot` takes, and what it draws; nothing if it does not finish.
    rival: Option<(f64, Figures)>,
}

fn compare(diagram: &Diagram, rounds: usize) -> Result<Row, String> {
    let marks = Marks::new();
    let wanted = Wanted { direction: Some(Direction::Down), actions: true, marks: &marks };
    let text = graph::dot(diagram, &Options { direction: Some(Direction::Down), ..Options::default() });
    let (mut own, mut rival) = (Vec::new(), Vec::new());
    let mut plain = None;
    for _ in 0..rounds {
        own.push(milliseconds(time(|| graph::arrange(diagram, &wanted))));
        let begun = std::time::Instant::now();
        plain = draw(&text)?;
        if plain.is_none() {
            break;
        }
        rival.push(milliseconds(begun.elapsed()));
    }
    let arranged = graph::arrange(diagram, &wanted);
    let lines = arranged.layout.links.iter().flat_map(|link| {
        link.curves.iter().map(|curve| (link.link, flat(curve.start, &curve.pieces))).collect::<Vec<_>>()
    });
    let ours = measure(lines.collect());
    let show = |spread: &Spread| format!("{:.1} ({:.1} to {:.1})", spread.median, spread.least, spread.most);
    let ratio = super::ratio(&rival, &own);
    let size = format!("{}, {}", diagram.nodes.len(), arranged.groups.len());
    let own = show(&Spread::of(own));
    let Some(plain) = plain else {
        let text =
            format!("{size} | {own} | more than {PATIENCE},000 | | {} | not finished |", ours.crossings);
        return Ok(Row { text, ours, rival: None });
    };
    let dot = measure(read(&plain));
    let text = format!(
        "{size} | {own} | {} | {} | {} | {} | {:.2}",
        show(&Spread::of(rival)),
        show(&ratio),
        ours.crossings,
        dot.crossings,
        ours.length / dot.length
    );
    Ok(Row { text, ours, rival: Some((ratio.median, dot)) })
}

fn milliseconds(took: std::time::Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

fn version() -> bool {
    let status = Command::new("dot").arg("-V").stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// What `dot` makes of it, if it does within its time.
fn draw(text: &str) -> Result<Option<String>, String> {
    /// What `timeout` of GNU coreutils ends with when it had to stop a process.
    const STOPPED: i32 = 124;
    let missing = |error: std::io::Error| format!("dot (Debian package graphviz): {error}");
    let mut child = Command::new("timeout")
        .args([&PATIENCE.to_string(), "dot", "-Tplain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(missing)?;
    }
    let output = child.wait_with_output().map_err(missing)?;
    match output.status.code() {
        Some(0) => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
        Some(STOPPED) => Ok(None),
        _ => Err("dot did not draw it: is the Debian package graphviz installed?".to_owned()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "places of a drawing")]
fn flat(start: omtc::graph::layout::Point, pieces: &[Piece]) -> Line {
    let float = |p: omtc::graph::layout::Point| (p.x as f64, p.y as f64);
    let mut line = vec![float(start)];
    for piece in pieces {
        match piece {
            Piece::Line(end) => line.push(float(*end)),
            Piece::Bend(one, other, end) => bend(&mut line, float(*one), float(*other), float(*end)),
        }
    }
    line
}

fn bend(line: &mut Line, one: (f64, f64), other: (f64, f64), end: (f64, f64)) {
    let Some(from) = line.last().copied() else { return };
    for step in 1..=PIECES {
        let t = f64::from(step) / f64::from(PIECES);
        let u = 1.0 - t;
        let mix = |a: f64, b: f64, c: f64, d: f64| {
            u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
        };
        line.push((mix(from.0, one.0, other.0, end.0), mix(from.1, one.1, other.1, end.1)));
    }
}

/// The edges of `dot -Tplain`, in points: `edge TAIL HEAD N x1 y1 … xN yN …`.
fn read(plain: &str) -> Vec<(usize, Line)> {
    let mut lines = Vec::new();
    for (number, text) in plain.lines().enumerate() {
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["edge", tail, head, count, rest @ ..] = words.as_slice() else { continue };
        if tail == head || *tail == "start" {
            continue;
        }
        let count: usize = count.parse().unwrap_or(0);
        let numbers: Vec<f64> =
            rest.iter().take(2 * count).filter_map(|n| n.parse::<f64>().ok()).map(|n| n * 72.0).collect();
        let points: Vec<(f64, f64)> =
            numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
        let mut line: Line = points.first().copied().into_iter().collect();
        for three in points.get(1..).unwrap_or_default().chunks_exact(3) {
            if let [one, other, end] = three {
                bend(&mut line, *one, *other, *end);
            }
        }
        lines.push((number, line));
    }
    lines
}

fn measure(lines: Vec<(usize, Line)>) -> Figures {
    let mut pieces = Vec::new();
    let mut length = 0.0;
    for (link, line) in &lines {
        for (a, b) in line.iter().zip(line.iter().skip(1)) {
            length += (a.0 - b.0).hypot(a.1 - b.1);
            pieces.push((a.0.min(b.0), a.0.max(b.0), *link, *a, *b));
        }
    }
    pieces.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut crossings = 0;
    for (at, (_, right, link, a, b)) in pieces.iter().enumerate() {
        let near = pieces.iter().skip(at + 1).take_while(|other| other.0 <= *right);
        crossings += near.filter(|other| other.2 != *link && cross(*a, *b, other.3, other.4)).count();
    }
    Figures { crossings, length }
}

/// Do two pieces have a point in common that is the end of neither?
fn cross(a: (f64, f64), b: (f64, f64), c: (f64, f64), d: (f64, f64)) -> bool {
    let side =
        |p: (f64, f64), q: (f64, f64), r: (f64, f64)| (q.0 - p.0) * (r.1 - p.1) - (q.1 - p.1) * (r.0 - p.0);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// A machine with a way through all states, branches and ways back.
fn random(states: usize) -> Diagram {
    let mut seed = 1_u64;
    let mut below = |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % limit.max(1)
    };
    let nodes = (0..states).map(|number| Node {
        id: format!("s{number}"),
        name: format!("STATE_{number}"),
        kind: Kind::State(StateKind { initial: number == 0, ..StateKind::default() }),
        about: None,
    });
    let nodes = nodes.collect();
    let mut ends: Vec<(usize, usize)> =
        (1..states).map(|number| (number - 1 - below(number.min(4)), number)).collect();
    ends.extend((0..states / 2).map(|_| (below(states), below(states))));
    ends.retain(|(from, to)| from != to);
    let edge = |(line, (from, to)): (usize, (usize, usize))| Edge {
        id: format!("t{line}"),
        from,
        to,
        line,
        cause: format!("on MESSAGE_{line}"),
        guard: Some("when message.amount > 3".to_owned()),
        effects: Vec::new(),
        whole: Vec::new(),
        handler: None,
    };
    Diagram {
        name: "random".to_owned(),
        about: "A random machine".to_owned(),
        nodes,
        edges: ends.into_iter().enumerate().map(edge).collect(),
    }
}
