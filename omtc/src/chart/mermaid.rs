//! A chart as Mermaid, which forges and Markdown viewers draw.

use super::{Chart, What, way};
use crate::scenario::seconds;
use std::fmt::Write as _;

/// Text that is nothing but text. A colon means something only before it.
fn safe(text: &str) -> String {
    crate::graph::safe(text).replace("#58;", ":")
}

/// A sequence diagram.
pub fn mermaid(chart: &Chart) -> String {
    let mut out = "sequenceDiagram\n".to_owned();
    for (number, lifeline) in chart.lifelines.iter().enumerate() {
        let (name, role) = (safe(&lifeline.name), safe(&lifeline.role));
        let _ = writeln!(out, "    participant p{number} as {name}<br/>{role}");
    }
    let last = chart.lifelines.len().saturating_sub(1);
    let all = if last == 0 { "p0".to_owned() } else { format!("p0,p{last}") };
    for row in &chart.rows {
        let at = seconds(row.at);
        match &row.what {
            What::Said { from, to, message, fields, injected, .. } => {
                let note = if *injected { " (scenario)" } else { "" };
                let fields = fields.iter().map(|field| format!("<br/>{}", safe(field))).collect::<String>();
                let said = format!("{}{note} {at} s", safe(message));
                for receiver in to {
                    let fate = Some(receiver.fate()).filter(|fate| !fate.is_empty());
                    let fate = fate.map_or_else(String::new, |fate| format!(", {fate}"));
                    let arrow = match receiver {
                        receiver if receiver.lost || receiver.cut => "-x",
                        receiver if receiver.pending => "--)",
                        _ => "->>",
                    };
                    let _ =
                        writeln!(out, "    p{from}{arrow}p{}: {said}{}{fields}", receiver.who, safe(&fate));
                }
                if to.is_empty() {
                    let _ = writeln!(out, "    Note over p{from}: {said} to the network{fields}");
                }
            }
            What::Moved { who, cause, way: states, changes } => {
                let changes =
                    changes.iter().map(|change| format!("<br/>{}", safe(change))).collect::<String>();
                let text = safe(format!("{at} s {cause}: {}", way(states)).trim_end_matches([' ', ':']));
                let _ = writeln!(out, "    Note over p{who}: {text}{changes}");
            }
            What::Note { who, text, .. } => {
                let _ = writeln!(out, "    Note over p{who}: {}", safe(&format!("{at} s {text}")));
            }
            What::Across { text, .. } if !chart.lifelines.is_empty() => {
                let _ = writeln!(out, "    Note over {all}: {}", safe(&format!("{at} s {text}")));
            }
            What::Across { .. } => {}
        }
    }
    if chart.left_out > 0 && !chart.lifelines.is_empty() {
        let _ = writeln!(out, "    Note over {all}: … {} more", chart.left_out);
    }
    out
}
