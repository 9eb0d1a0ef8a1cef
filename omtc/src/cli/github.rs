//! Findings as annotations of a GitHub workflow: commands that its log shows beside the source.
//!
//! The form is that of "Workflow commands for GitHub Actions": `::error file=…,line=…::message`. What stands in a
//! property or a message is escaped, so that no text of a source can end a command or begin another one.

use super::show::Findings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceMap;

/// One line for each finding.
pub fn text(findings: &Findings<'_>, max: usize) -> String {
    findings.shown(max).map(|d| command(findings.sources, d)).collect()
}

fn command(sources: &SourceMap, d: &Diagnostic) -> String {
    let word = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    let mut property =
        |name: &str, value: &str| properties.push(format!("{name}={}", escaped_property(value)));
    if let Some(file) = sources.get(d.span().file) {
        let (from, to) = (file.position(d.span().start), file.position(d.span().end));
        property("file", file.name());
        property("line", &from.line.to_string());
        property("endLine", &to.line.to_string());
        // Columns of different lines are refused.
        if from.line == to.line {
            property("col", &from.column.to_string());
            property("endColumn", &to.column.to_string());
        }
    }
    property("title", &format!("{} {}", d.code.id, d.code.title));
    let mut message = d.message.clone();
    for (before, part) in [
        (": ", Some(d.primary.message.as_str()).filter(|label| !label.is_empty())),
        ("\n", d.note.as_deref()),
        ("\nhelp: ", d.help.as_deref()),
    ] {
        if let Some(part) = part {
            message.push_str(before);
            message.push_str(part);
        }
    }
    format!("::{word} {}::{}\n", properties.join(","), escaped(&message))
}

/// Characters that would end a command.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Within a property, those too that would end it.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
