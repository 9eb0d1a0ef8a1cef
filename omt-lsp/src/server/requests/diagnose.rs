//! Diagnostics that the client asks for.

use crate::ide::diagnostics::{self, Finding};
use crate::server::convert;
use crate::server::owner::path_of;
use crate::server::snapshot::Snapshot;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use tower_lsp::lsp_types::*;

fn findings(snapshot: &Snapshot, path: &Path) -> Vec<Finding> {
    snapshot.analysis(path).map(|analysis| diagnostics::of_file(analysis, path)).unwrap_or_default()
}

/// Says the same as long as the findings are the same.
fn id(findings: &[Finding]) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{findings:?}").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn items(snapshot: &Snapshot, path: &Path, findings: &[Finding]) -> Vec<Diagnostic> {
    let places = snapshot.places();
    findings.iter().filter_map(|f| convert::diagnostic(f, path, &places, &snapshot.client)).collect()
}

pub(in crate::server) fn diagnostic(
    snapshot: &Snapshot,
    params: &DocumentDiagnosticParams,
) -> DocumentDiagnosticReportResult {
    let path = path_of(&params.text_document.uri);
    let findings = findings(snapshot, &path);
    let id = id(&findings);
    let report = if params.previous_result_id.as_ref() == Some(&id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(id),
                items: items(snapshot, &path, &findings),
            },
        })
    };
    DocumentDiagnosticReportResult::Report(report)
}

pub(in crate::server) fn workspace_diagnostic(
    snapshot: &Snapshot,
    params: &WorkspaceDiagnosticParams,
) -> WorkspaceDiagnosticReportResult {
    let mut paths: BTreeSet<_> =
        snapshot.analyses.values().flat_map(|analysis| analysis.sources.keys().cloned()).collect();
    paths.extend(snapshot.analyses.values().flat_map(|analysis| diagnostics::files(analysis)));
    let report = |path: &std::path::PathBuf| {
        let uri = snapshot.uri(path)?;
        let version = snapshot.world.document(path).map(|document| i64::from(document.version));
        let findings = findings(snapshot, path);
        let id = id(&findings);
        let known = params.previous_result_ids.iter().find(|known| known.uri == uri);
        Some(if known.is_some_and(|known| known.value == id) {
            WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
            })
        } else {
            WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(id),
                    items: items(snapshot, path, &findings),
                },
            })
        })
    };
    WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport {
        items: paths.iter().filter_map(report).collect(),
    })
}
