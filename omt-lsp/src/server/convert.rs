//! From plain data to what the protocol says.

use super::owner::Client;
use super::snapshot::Places;
use crate::ide::diagnostics::Finding;
use crate::ide::{Encoding, Position, Range, Text};
use omtc::diagnostic::Severity;
use std::path::Path;
use tower_lsp::lsp_types as lsp;

/// Where the pages of the findings are unless a setting says so: `omt/explain` gives them.
const PAGES: &str = "omt-explain:";

pub(super) fn position(text: &Text, at: u32, encoding: Encoding) -> lsp::Position {
    let Position { line, column } = text.position(at, encoding);
    lsp::Position::new(line, column)
}

pub(super) fn range(text: &Text, range: Range, encoding: Encoding) -> lsp::Range {
    lsp::Range::new(position(text, range.start, encoding), position(text, range.end, encoding))
}

/// The bytes of a range of the client; one that is turned round is empty.
pub(super) fn range_in(text: &Text, range: lsp::Range, encoding: Encoding) -> Range {
    let at = |p: lsp::Position| text.offset(Position { line: p.line, column: p.character }, encoding);
    Range::new(at(range.start), at(range.end))
}

pub(super) fn log(message: &str) -> lsp::LogMessageParams {
    lsp::LogMessageParams { typ: lsp::MessageType::WARNING, message: message.to_owned() }
}

pub(super) fn markdown(text: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: text }
}

pub(super) fn diagnostic(
    finding: &Finding,
    path: &Path,
    places: &Places<'_>,
    client: &Client,
) -> Option<lsp::Diagnostic> {
    let severity = match finding.severity {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Note => lsp::DiagnosticSeverity::INFORMATION,
    };
    let related = finding.related.iter().filter_map(|(place, message)| {
        let location = places.location(place)?;
        Some(lsp::DiagnosticRelatedInformation { location, message: message.clone() })
    });
    let related: Vec<_> = related.collect();
    let mut tags = Vec::new();
    if finding.unnecessary {
        tags.push(lsp::DiagnosticTag::UNNECESSARY);
    }
    if finding.deprecated {
        tags.push(lsp::DiagnosticTag::DEPRECATED);
    }
    let pages = client.config.diagnostics.pages.as_deref().unwrap_or(PAGES);
    let page = lsp::Url::parse(&format!("{}/{}.md", pages.trim_end_matches('/'), finding.code)).ok();
    Some(lsp::Diagnostic {
        range: places.range(path, finding.range)?,
        severity: Some(severity),
        code: Some(lsp::NumberOrString::String(finding.code.to_owned())),
        code_description: page.filter(|_| client.code_description).map(|href| lsp::CodeDescription { href }),
        source: Some("omtc".to_owned()),
        message: finding.message.clone(),
        related_information: Some(related).filter(|list| client.related && !list.is_empty()),
        tags: Some(tags).filter(|list| client.tags && !list.is_empty()),
        data: None,
    })
}
