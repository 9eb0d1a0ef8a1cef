//! One style sheet for everything that is drawn.

/// Roles of colours, light and dark. Text has a contrast of at least 4.5 to what it stands on (WCAG 2.2, AA).
const COLOURS: &[(&str, &str, &str)] = &[
    ("page", "#ffffff", "#14181f"),
    ("fill", "#e8effb", "#24344f"),
    ("end", "#f0eef4", "#322f42"),
    ("line", "#3c5a92", "#8fb0ea"),
    ("ink", "#14223b", "#eaf0fb"),
    ("edge", "#687487", "#8d9aaf"),
    ("chip", "#f3f5f8", "#1e242e"),
    ("cause", "#1f2937", "#e3e8f0"),
    ("guard", "#7a4a07", "#e3b974"),
    ("effect", "#14603f", "#7fd0a6"),
    ("good", "#167a45", "#4fc586"),
    ("bad", "#b3261e", "#ff8a80"),
    ("dim", "#5b6472", "#98a2b3"),
    ("point", "#b35900", "#ffb454"),
];

/// The fonts, all of them monospaced; see [`super::text`].
const FONT: &str =
    "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono','Courier New',monospace";

const RULES: &str = "\
.omt-graph{font-family:FONT;color:var(--omt-ink)}\
.omt-graph .page{fill:var(--omt-page)}\
.omt-graph .edge{fill:none;stroke:var(--omt-edge);stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}\
.omt-graph .head{fill:var(--omt-edge)}\
.omt-graph .label{fill:var(--omt-chip)}\
.omt-graph .entry{fill:transparent}\
.omt-graph text{font-size:11px;white-space:pre;stroke:none}\
.omt-graph .cause{fill:var(--omt-cause)}\
.omt-graph .guard{fill:var(--omt-guard)}\
.omt-graph .effect{fill:var(--omt-effect)}\
.omt-graph .name{font-size:13px;font-weight:600;fill:var(--omt-ink);text-anchor:middle}\
.omt-graph .shape{fill:var(--omt-fill);stroke:var(--omt-line);stroke-width:1.5}\
.omt-graph .inner{fill:none;stroke:var(--omt-line);stroke-width:1.2}\
.omt-graph .terminal .shape{fill:var(--omt-end)}\
.omt-graph .outside .shape{fill:none;stroke-dasharray:5 4}\
.omt-graph .start{fill:var(--omt-line)}\
.omt-graph a{text-decoration:none;cursor:pointer}\
.omt-graph a:hover text,.omt-graph a:focus text{text-decoration:underline}\
.omt-graph :target>.entry,.omt-graph :target .entry{fill:var(--omt-point);fill-opacity:.22}\
.omt-graph .edge.covered{stroke:var(--omt-good);stroke-width:2}\
.omt-graph .head.covered{fill:var(--omt-good)}\
.omt-graph .covered>.shape{stroke:var(--omt-good);stroke-width:2.4}\
.omt-graph .edge.missing{stroke:var(--omt-bad);stroke-dasharray:6 4}\
.omt-graph .head.missing{fill:var(--omt-bad)}\
.omt-graph .missing>.shape{stroke:var(--omt-bad);stroke-dasharray:6 4}\
.omt-graph .transition.missing .cause{fill:var(--omt-bad)}\
.omt-graph .edge.never{stroke:var(--omt-dim);stroke-dasharray:1.5 4}\
.omt-graph .head.never{fill:var(--omt-dim)}\
.omt-graph .never>.shape{stroke:var(--omt-dim);stroke-dasharray:1.5 4}\
.omt-graph .transition.never text{fill:var(--omt-dim)}\
.omt-graph .edge.highlighted{stroke:var(--omt-point);stroke-width:3}\
.omt-graph .head.highlighted{fill:var(--omt-point)}\
.omt-graph .highlighted>.shape,.omt-graph .highlighted>a>.shape{stroke:var(--omt-point);stroke-width:3}\
.omt-graph .transition.highlighted .entry{fill:var(--omt-point);fill-opacity:.18}\
.omt-chart .lifeline{stroke:var(--omt-edge);stroke-width:1;stroke-dasharray:3 4;fill:none}\
.omt-chart .middle{text-anchor:middle}\
.omt-chart .time,.omt-chart .why{fill:var(--omt-dim)}\
.omt-chart .said{fill:var(--omt-ink);font-weight:600}\
.omt-chart .field{fill:var(--omt-guard)}\
.omt-chart .fate{fill:var(--omt-bad)}\
.omt-chart .states{fill:var(--omt-ink);font-weight:600}\
.omt-chart .change{fill:var(--omt-effect)}\
.omt-chart .box{fill:var(--omt-chip);stroke:var(--omt-line)}\
.omt-chart .across{fill:var(--omt-chip);stroke:var(--omt-dim)}\
.omt-chart .note .box{stroke:var(--omt-dim)}\
.omt-chart .note.refused rect{stroke-dasharray:5 3}\
.omt-chart .note.bad rect{stroke:var(--omt-bad);stroke-width:2}\
.omt-chart .edge.late{stroke-dasharray:7 4}\
.omt-chart .edge.lost{stroke:var(--omt-bad);stroke-dasharray:2 4}\
.omt-chart .edge.cross{stroke:var(--omt-bad);stroke-width:2}\
.omt-chart .open{fill:none;stroke:var(--omt-edge);stroke-width:1.4}";

/// The style sheet.
pub fn sheet() -> String {
    let colours = |dark: bool| -> String {
        COLOURS.iter().map(|(role, l, d)| format!("--omt-{role}:{};", if dark { d } else { l })).collect()
    };
    let (light, dark) = (colours(false), colours(true));
    format!(
        ".omt-graph{{{light}}}\
         @media (prefers-color-scheme:dark){{.omt-graph{{{dark}}}}}\
         :root[data-theme=light] .omt-graph,.omt-graph.light{{{light}}}\
         :root[data-theme=dark] .omt-graph,.omt-graph.dark{{{dark}}}{}",
        RULES.replace("FONT", FONT)
    )
}
