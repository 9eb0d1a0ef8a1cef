//! A chart as SVG. Every row has a strip of the drawing to itself, and what is written beside an arrow stands between two
//! lifelines that are far enough apart, so nothing overlaps whatever is said.

use super::{Chart, Receiver, Row, Tone, What, way};
use crate::graph::text::{columns, elide, width, wrap};
use crate::graph::{Options, sheet};
use crate::scenario::seconds;
use crate::xml::{attribute, text as escaped};
use std::collections::BTreeSet;

const FONT: i64 = 11;
const NAME_FONT: i64 = 13;
const LINE: i64 = 15;
/// Room around everything, and for the times on the left.
const MARGIN: i64 = 14;
/// Room around text in a box.
const PAD: i64 = 8;
/// Between the text beside an arrow and the lifelines.
const ASIDE: i64 = 14;
/// Height of the box with a name and a role.
const HEAD: i64 = 44;
/// Between two rows, and before one that comes a second or more later.
const GAP: i64 = 9;
const PAUSE: i64 = 16;
/// What is as long as that in microseconds is a pause.
const PAUSE_MIN: i64 = 1_000_000;
/// Columns and lines of text in a box, and of a field beside an arrow.
const BOX_COLUMNS: usize = 34;
const BOX_LINES: usize = 4;
const FIELD_COLUMNS: usize = 36;
/// Columns of a name of a member.
const NAME_COLUMNS: usize = 24;
/// With more rows the names stand below, too.
const TALL: usize = 14;
/// A message that its sender gets itself goes out that far.
const DETOUR: i64 = 26;

/// What a line of text is.
type Styled = (&'static str, String);

/// A row with its texts.
struct Strip<'a> {
    row: &'a Row,
    lines: Vec<Styled>,
    /// Its texts take that much.
    width: i64,
    height: i64,
    /// On which lifeline its box stands; none for a message or what is across all.
    boxed: Option<usize>,
    /// Between which lifelines its text stands: behind that one.
    gap: Option<usize>,
    /// Its upper edge.
    top: i64,
}

/// Draws a chart; of the options, those that concern a whole drawing count.
pub fn svg(chart: &Chart, options: &Options) -> String {
    let mut strips: Vec<Strip<'_>> = chart.rows.iter().map(|row| strip(chart, row)).collect();
    let columns = Columns::of(chart, &strips);
    let bottom = stack(&mut strips, &columns);
    let mut drawing = Drawing { out: String::new(), chart, options, columns };
    drawing.write(&strips, bottom);
    drawing.out
}

fn strip<'a>(chart: &Chart, row: &'a Row) -> Strip<'a> {
    let mut lines: Vec<Styled> = Vec::new();
    let (mut boxed, mut gap) = (None, None);
    match &row.what {
        What::Said { from, to, message, fields, injected, .. } => {
            let by = if *injected { " (scenario)" } else { "" };
            let network = if to.is_empty() { " to the network" } else { "" };
            lines.push(("said", elide(&format!("{message}{by}{network}"), FIELD_COLUMNS)));
            lines.extend(fields.iter().map(|field| ("field", elide(field, FIELD_COLUMNS))));
            for receiver in to {
                let fate = receiver.fate();
                if !fate.is_empty() {
                    let name =
                        chart.lifelines.get(receiver.who).map_or("", |lifeline| lifeline.name.as_str());
                    let whose = if to.len() > 1 { format!("{name}: ") } else { String::new() };
                    lines.push(("fate", elide(&format!("{whose}{fate}"), FIELD_COLUMNS)));
                }
            }
            let right = to.is_empty() || to.iter().any(|receiver| receiver.who >= *from);
            gap = Some(if right { from + 1 } else { *from });
        }
        What::Moved { who, cause, way: states, changes } => {
            boxed = Some(*who);
            lines.push(("why", elide(cause, BOX_COLUMNS)));
            let states = wrap(&way(states), BOX_COLUMNS, BOX_LINES);
            lines.extend(states.into_iter().map(|line| ("states", line)));
            lines.extend(changes.iter().map(|change| ("change", elide(change, BOX_COLUMNS))));
        }
        What::Note { who, text, tone } => {
            boxed = Some(*who);
            let class = if *tone == Tone::Bad { "fate" } else { "why" };
            lines.extend(wrap(text, BOX_COLUMNS, BOX_LINES).into_iter().map(|line| (class, line)));
        }
        What::Across { text, tone } => {
            let class = if *tone == Tone::Bad { "fate" } else { "why" };
            lines.extend(wrap(text, 2 * BOX_COLUMNS, BOX_LINES).into_iter().map(|line| (class, line)));
        }
    }
    let widest = lines.iter().map(|(_, line)| columns(line)).max().unwrap_or(0);
    let count = i64::try_from(lines.len()).unwrap_or(0);
    let around = if gap.is_some() { 8 } else { PAD };
    Strip { row, width: width(widest, FONT), height: count * LINE + around, lines, boxed, gap, top: 0 }
}

/// Where the lifelines are.
struct Columns {
    at: Vec<i64>,
    width: i64,
}

impl Columns {
    fn of(chart: &Chart, strips: &[Strip<'_>]) -> Columns {
        let count = chart.lifelines.len();
        // Half of what stands on each lifeline, and what stands between it and the one before.
        let mut half: Vec<i64> = chart
            .lifelines
            .iter()
            .map(|lifeline| {
                let name = width(columns(&lifeline.name).min(NAME_COLUMNS), NAME_FONT);
                let role = width(columns(&lifeline.role).min(NAME_COLUMNS), FONT);
                name.max(role) / 2 + PAD + 2
            })
            .collect();
        let heads = half.clone();
        let mut between = vec![0; count + 1];
        let mut across = 0;
        for strip in strips {
            match (strip.boxed, strip.gap) {
                (Some(who), _) => {
                    if let Some(half) = half.get_mut(who) {
                        *half = (*half).max(strip.width / 2 + PAD);
                    }
                }
                (None, Some(gap)) => {
                    if let Some(between) = between.get_mut(gap) {
                        *between = (*between).max(strip.width + 2 * ASIDE);
                    }
                }
                (None, None) => across = across.max(strip.width + 2 * PAD),
            }
        }
        let times = strips.iter().map(|strip| columns(&seconds(strip.row.at))).max().unwrap_or(0);
        let mut left = MARGIN + width(times, FONT) + 12;
        let begin = left;
        let mut at = Vec::new();
        let side = |list: &[i64], index: usize| list.get(index).copied().unwrap_or(0);
        for lifeline in 0..count {
            let gap = side(&between, lifeline);
            left = if lifeline == 0 {
                left + gap.max(side(&half, 0))
            } else {
                // A box may reach as far as the next lifeline, names may not meet.
                let boxes = side(&half, lifeline - 1).max(side(&half, lifeline)) + ASIDE;
                let names = side(&heads, lifeline - 1) + side(&heads, lifeline) + ASIDE;
                left + gap.max(boxes).max(names)
            };
            at.push(left);
        }
        let last = side(&between, count).max(half.last().copied().unwrap_or(0));
        Columns { at, width: (left + last).max(begin + across) + MARGIN }
    }

    fn x(&self, lifeline: usize) -> i64 {
        self.at.get(lifeline).copied().unwrap_or(0)
    }

    /// From where to where the box of a strip goes.
    fn extent(&self, strip: &Strip<'_>) -> Option<(i64, i64)> {
        let x = self.x(strip.boxed?);
        Some((x - strip.width / 2 - PAD, x + strip.width / 2 + PAD))
    }
}

/// Puts the rows one below the other; boxes of one moment stand as high as those before them let them. Gives where it
/// ends.
fn stack(strips: &mut [Strip<'_>], columns: &Columns) -> i64 {
    let mut next = MARGIN + HEAD + 12;
    let mut top = next;
    // From where to where the boxes of this moment go, and where they end.
    let mut beside: Vec<(i64, i64, i64)> = Vec::new();
    let mut before: Option<i64> = None;
    for strip in strips {
        let extent = columns.extent(strip);
        let same = before == Some(strip.row.at);
        if !same || beside.is_empty() || extent.is_none() {
            beside.clear();
            if before.is_some_and(|before| strip.row.at - before >= PAUSE_MIN) {
                next += PAUSE;
            }
            top = next;
        }
        strip.top = top;
        if let Some((left, right)) = extent {
            let above = beside.iter().filter(|(l, r, _)| left <= *r + 6 && *l <= right + 6);
            strip.top = above.map(|(_, _, bottom)| bottom + GAP).max().unwrap_or(top);
            beside.push((left, right, strip.top + strip.height));
        }
        next = next.max(strip.top + strip.height + GAP);
        before = Some(strip.row.at);
    }
    next
}

struct Drawing<'a> {
    out: String,
    chart: &'a Chart,
    options: &'a Options,
    columns: Columns,
}

impl Drawing<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn text(&mut self, class: &str, anchor: &str, (x, y): (i64, i64), text: &str) {
        let text = escaped(text);
        self.line(&format!("<text class=\"{class}{anchor}\" x=\"{x}\" y=\"{y}\">{text}</text>"));
    }

    fn write(&mut self, strips: &[Strip<'_>], bottom: i64) {
        let chart = self.chart;
        let feet = chart.rows.len() > TALL;
        let rest = if chart.left_out > 0 { LINE + GAP } else { 0 };
        let lines_end = bottom + rest;
        let width = self.columns.width;
        let height = lines_end + if feet { HEAD } else { 0 } + MARGIN;
        let root = attribute(&format!("{}{}", self.options.prefix, crate::graph::id_part(&chart.name)));
        let theme = self.options.theme.class();
        self.line(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"omt-graph omt-chart{theme}\" role=\"img\" \
             aria-labelledby=\"{root}-title {root}-about\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">"
        ));
        self.line(&format!("<title id=\"{root}-title\">{}</title>", escaped(&chart.name)));
        let about = format!("{}. {} rows.", chart.about, chart.rows.len());
        self.line(&format!("<desc id=\"{root}-about\">{}</desc>", escaped(&about)));
        if self.options.style {
            self.line(&format!("<style>{}</style>", sheet()));
        }
        self.line(&format!("<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>"));
        for lifeline in 0..chart.lifelines.len() {
            let x = self.columns.x(lifeline);
            let from = MARGIN + HEAD;
            self.line(&format!("<path class=\"lifeline\" d=\"M{x} {from}V{lines_end}\"/>"));
            self.head(lifeline, MARGIN);
            if feet {
                self.head(lifeline, lines_end);
            }
        }
        let mut before = None;
        for strip in strips {
            if before != Some(strip.row.at) {
                let time = seconds(strip.row.at);
                self.text("time", "", (MARGIN, strip.top + FONT + 3), &time);
            }
            before = Some(strip.row.at);
            self.strip(strip);
        }
        if chart.left_out > 0 {
            let text = format!("… {} more", chart.left_out);
            self.text("time", "", (MARGIN, bottom + FONT), &text);
        }
        self.line("</svg>");
    }

    fn head(&mut self, number: usize, top: i64) {
        let Some(lifeline) = self.chart.lifelines.get(number) else { return };
        let x = self.columns.x(number);
        let (name, role) = (elide(&lifeline.name, NAME_COLUMNS), elide(&lifeline.role, NAME_COLUMNS));
        let half = (width(columns(&name), NAME_FONT)).max(width(columns(&role), FONT)) / 2 + PAD;
        self.line(&format!(
            "<g class=\"node\"><title>{}: {}</title>",
            escaped(&lifeline.name),
            escaped(&lifeline.role)
        ));
        self.line(&format!(
            "<rect class=\"shape\" x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{HEAD}\" rx=\"4\"/>",
            x - half,
            2 * half
        ));
        let below = if role.is_empty() { 8 } else { 0 };
        self.text("name", "", (x, top + 19 + below), &name);
        if !role.is_empty() {
            self.text("why", " middle", (x, top + 35), &role);
        }
        self.line("</g>");
    }

    fn strip(&mut self, strip: &Strip<'_>) {
        match &strip.row.what {
            What::Said { from, to, message, whole, .. } => {
                let title = std::iter::once(message).chain(whole).cloned().collect::<Vec<_>>().join("\n");
                self.line(&format!("<g class=\"message\"><title>{}</title>", escaped(&title)));
                self.arrow(strip, *from, to);
                self.line("</g>");
            }
            What::Moved { cause, way: states, changes, .. } => {
                let head = format!("{cause}: {}", way(states));
                let title = std::iter::once(&head).chain(changes).cloned().collect::<Vec<_>>().join("\n");
                self.boxed(strip, "step", &title);
            }
            What::Note { text, tone, .. } => self.boxed(strip, tone_class(*tone), text),
            What::Across { text, tone } => {
                let (left, right) = (MARGIN + 60, self.columns.width - MARGIN);
                self.line(&format!("<g class=\"{}\"><title>{}</title>", tone_class(*tone), escaped(text)));
                self.line(&format!(
                    "<rect class=\"across\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
                    strip.top,
                    right - left,
                    strip.height
                ));
                self.lines(strip, i64::midpoint(left, right), " middle");
                self.line("</g>");
            }
        }
    }

    fn boxed(&mut self, strip: &Strip<'_>, class: &str, title: &str) {
        let Some((left, right)) = self.columns.extent(strip) else { return };
        self.line(&format!("<g class=\"{class}\"><title>{}</title>", escaped(title)));
        self.line(&format!(
            "<rect class=\"box\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
            strip.top,
            right - left,
            strip.height
        ));
        self.lines(strip, i64::midpoint(left, right), " middle");
        self.line("</g>");
    }

    fn lines(&mut self, strip: &Strip<'_>, x: i64, anchor: &str) {
        let inset = if strip.gap.is_some() { 0 } else { PAD / 2 };
        for ((class, line), number) in strip.lines.iter().zip(0_i64..) {
            self.text(class, anchor, (x, strip.top + inset + number * LINE + FONT), line);
        }
    }

    fn arrow(&mut self, strip: &Strip<'_>, from: usize, to: &[Receiver]) {
        let start = self.columns.x(from);
        let y = strip.top + strip.height - 2;
        let gap = strip.gap.unwrap_or(0);
        // In the middle between the two lifelines, or beside the only one.
        let middle = match (gap.checked_sub(1), gap < self.columns.at.len()) {
            (Some(left), true) => i64::midpoint(self.columns.x(left), self.columns.x(gap)),
            (Some(left), false) => self.columns.x(left) + ASIDE + strip.width / 2,
            (None, _) => self.columns.x(0) - ASIDE - strip.width / 2,
        };
        self.lines(strip, middle, " middle");
        if to.is_empty() {
            let end = start + 44;
            self.line(&format!("<path class=\"edge late\" d=\"M{start} {y}H{end}\"/>"));
            self.line(&format!("<circle class=\"open\" cx=\"{}\" cy=\"{y}\" r=\"4\"/>", end + 4));
            return;
        }
        let far: BTreeSet<i64> = [
            to.iter().map(|receiver| self.columns.x(receiver.who)).min().unwrap_or(start).min(start),
            to.iter().map(|receiver| self.columns.x(receiver.who)).max().unwrap_or(start).max(start),
        ]
        .into_iter()
        .filter(|x| *x != start)
        .collect();
        let unusual =
            to.iter().all(|receiver| receiver.lost || receiver.pending || receiver.cut || receiver.late > 0);
        let class = match (to.iter().all(|receiver| receiver.lost), unusual) {
            (true, _) => "edge lost",
            (false, true) => "edge late",
            (false, false) => "edge",
        };
        for end in far {
            // What is lost or still on its way does not come all the way.
            let arrives = |receiver: &Receiver| !receiver.lost && !receiver.pending;
            let reached = to.iter().any(|receiver| self.columns.x(receiver.who) == end && arrives(receiver));
            let end = if reached { end } else { end + 18 * (start - end).signum() };
            self.line(&format!("<path class=\"{class}\" d=\"M{start} {y}H{end}\"/>"));
        }
        for receiver in to {
            let x = self.columns.x(receiver.who);
            let way = (x - start).signum();
            if way == 0 {
                let out = start + DETOUR;
                let up = y - 9;
                self.line(&format!(
                    "<path class=\"{class}\" d=\"M{start} {up}C{out} {up} {out} {y} {start} {y}\"/>"
                ));
                self.tip(start, y, -1, "head");
                continue;
            }
            if receiver.lost || receiver.cut {
                let x = x - 18 * way;
                let (l, r, t, b) = (x - 5, x + 5, y - 5, y + 5);
                self.line(&format!("<path class=\"edge cross\" d=\"M{l} {t}L{r} {b}M{l} {b}L{r} {t}\"/>"));
            }
            if receiver.pending {
                self.tip(x - 18 * way, y, way, "head");
            } else if !receiver.lost {
                self.tip(x, y, way, "head");
                if receiver.twice {
                    self.tip(x - 9 * way, y, way, "head");
                }
            }
        }
    }

    fn tip(&mut self, x: i64, y: i64, way: i64, class: &str) {
        let back = x - 9 * way;
        self.line(&format!("<path class=\"{class}\" d=\"M{x} {y}L{back} {}L{back} {}z\"/>", y - 4, y + 4));
    }
}

fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "note",
        Tone::Refused => "note refused",
        Tone::Bad => "note bad",
    }
}
