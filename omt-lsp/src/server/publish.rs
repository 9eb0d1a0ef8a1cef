//! Diagnostics that the server sends on its own.

use super::convert;
use super::snapshot::Snapshot;
use super::transport::Outbox;
use crate::ide::Place;
use crate::ide::diagnostics::{self, Finding};
use omtc::diagnostic::Diagnostic;
use omtc::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tower_lsp::lsp_types::{PublishDiagnosticsParams, Url};

/// What words and grammar tell of a text.
pub(super) enum Parts {
    Known(Vec<Diagnostic>),
    /// They are being parsed: soon there is more to say.
    Coming,
    None,
}

/// Knows what was sent, so that nothing is said twice.
pub(super) struct Publisher {
    outbox: Outbox,
    sent: BTreeMap<PathBuf, (Option<i32>, Vec<Finding>)>,
}

impl Publisher {
    pub fn new(outbox: Outbox) -> Publisher {
        Publisher { outbox, sent: BTreeMap::new() }
    }

    /// Findings of projects that are gone are taken back.
    pub fn keep(&mut self, projects: &BTreeSet<PathBuf>) {
        let gone: Vec<PathBuf> = self
            .sent
            .iter()
            .filter(|(path, (version, _))| version.is_none() && !projects.iter().any(|p| path.starts_with(p)))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            if let Ok(uri) = Url::from_file_path(&path) {
                let own = self.outbox.clone();
                self.forget(&path, &uri, &own);
            }
        }
    }

    /// A document was closed: what is said about it is said without a version from now on.
    pub fn forget(&mut self, path: &Path, uri: &Url, outbox: &Outbox) {
        if self.sent.remove(path).is_some_and(|(_, findings)| !findings.is_empty()) {
            let params =
                PublishDiagnosticsParams { uri: uri.clone(), diagnostics: Vec::new(), version: None };
            outbox.notify("textDocument/publishDiagnostics", &params);
        }
    }

    /// Says what is new.
    pub fn publish(&mut self, snapshot: &Snapshot, parts: &dyn Fn(&Path) -> Parts, outbox: &Outbox) {
        let mut files: BTreeSet<PathBuf> = snapshot.world.open.keys().cloned().collect();
        files.extend(snapshot.analyses.values().flat_map(|analysis| diagnostics::files(analysis)));
        files.extend(self.sent.iter().filter(|(_, (_, f))| !f.is_empty()).map(|(path, _)| path.clone()));
        let places = snapshot.places();
        for path in files {
            let version = snapshot.world.document(&path).map(|document| document.version);
            let Some(findings) = findings(snapshot, &path, parts) else { continue };
            let now = (version, findings);
            let before = self.sent.get(&path);
            if before == Some(&now) || (before.is_none() && now.0.is_none() && now.1.is_empty()) {
                continue;
            }
            let Some(uri) = snapshot.uri(&path) else { continue };
            let list = now.1.iter().filter_map(|f| convert::diagnostic(f, &path, &places, &snapshot.client));
            let params = PublishDiagnosticsParams { uri, diagnostics: list.collect(), version };
            outbox.notify("textDocument/publishDiagnostics", &params);
            self.sent.insert(path, now);
        }
    }
}

/// What is known of a file now: words and grammar of the text of now, the rest as of its analysis where it did not change.
/// Nothing, when that is known in a moment.
fn findings(snapshot: &Snapshot, path: &Path, parts: &dyn Fn(&Path) -> Parts) -> Option<Vec<Finding>> {
    let analyzed = snapshot.analysis(path).map(|analysis| diagnostics::of_file(analysis, path));
    let changed = snapshot.changed.get(path).copied();
    if let (None, Some(_)) = (changed, &analyzed) {
        return analyzed;
    }
    let mut found = match parts(path) {
        Parts::Known(found) => of_parts(path, &found),
        Parts::Coming => return None,
        Parts::None => Vec::new(),
    };
    let Some(changed) = changed else { return Some(found) };
    for mut finding in analyzed.into_iter().flatten().filter(|finding| !finding.syntax) {
        let Some(range) = changed.now(finding.range) else { continue };
        finding.range = range;
        finding.related.retain_mut(|(place, _)| {
            if place.path != path {
                return true;
            }
            changed.now(place.range).map(|range| place.range = range).is_some()
        });
        // Where its repairs would be applied is not certain any more.
        finding.repairs.clear();
        found.push(finding);
    }
    found.sort_by(|a, b| (a.range, a.severity, a.code).cmp(&(b.range, b.severity, b.code)));
    Some(found)
}

fn of_parts(path: &Path, found: &[Diagnostic]) -> Vec<Finding> {
    let place = |span: Span| Some(Place { path: path.to_owned(), range: span.into() });
    found.iter().map(|diagnostic| diagnostics::finding(diagnostic, &place)).collect()
}
