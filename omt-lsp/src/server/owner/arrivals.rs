//! What the analyst found out: it is kept, shown, and whoever waits for it is answered.

use super::{Ask, Needs, State, path_of};
use crate::ide::Analysis;
use crate::ide::chunks::Chunks;
use crate::ide::document::Changed;
use crate::server::publish::Parts;
use crate::server::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

impl State {
    pub(super) fn analyzed(&mut self, serial: u64, analysis: Arc<Analysis>) {
        let newest = self.analyses.get(&analysis.project).is_none_or(|(known, _)| *known <= serial);
        if !newest || serial > self.serial {
            return;
        }
        for (path, source) in &analysis.sources {
            // The whole text was parsed: that is better than its parts.
            if let Some(typing) = self.typing.get_mut(path)
                && typing.open.is_none()
                && self
                    .world
                    .open
                    .get(path)
                    .and_then(|d| d.parsed())
                    .is_some_and(|own| Arc::ptr_eq(own, source))
            {
                typing.chunks = Chunks::of(source);
                typing.busy = None;
            }
        }
        self.keep(serial, analysis);
        self.publish();
        let (known, waiting): (Vec<Ask>, Vec<Ask>) =
            std::mem::take(&mut self.parked).into_iter().partition(|ask| self.finds(ask));
        self.parked = waiting;
        known.into_iter().for_each(|ask| self.dispatch(ask));
    }

    /// Takes an analysis in the place of the one before.
    fn keep(&mut self, serial: u64, analysis: Arc<Analysis>) {
        let project = analysis.project.clone();
        let Some((_, before)) = self.analyses.insert(project.clone(), (serial, analysis)) else { return };
        let gone = if before.is_indexed() { self.named.insert(project, before) } else { Some(before) };
        // It is large, and everybody waits for this thread.
        self.workers.take(false, move || drop(gone));
    }

    /// Whether all findings of a document are known.
    pub(super) fn finds(&self, ask: &Ask) -> bool {
        let Some(path) = ask.uri.as_ref().filter(|_| ask.needs == Needs::Findings).map(path_of) else {
            return false;
        };
        self.analyses.values().any(|(serial, analysis)| *serial == self.serial && analysis.is_fresh(&path))
    }

    pub(super) fn publish(&mut self) {
        if self.client.pulls {
            return;
        }
        let snapshot = self.snapshot();
        let State { publisher, outbox, typing, .. } = self;
        let parts = |path: &Path| match typing.get(path) {
            Some(typing) if typing.busy.is_some() => Parts::Coming,
            Some(typing) => typing.now().map_or(Parts::None, |chunks| Parts::Known(chunks.diagnostics())),
            None => Parts::None,
        };
        publisher.publish(&snapshot, &parts, outbox);
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let analyses =
            self.analyses.iter().map(|(project, (_, analysis))| (project.clone(), Arc::clone(analysis)));
        let mut changed = BTreeMap::new();
        for (serial, analysis) in self.analyses.values() {
            for path in self.edits.keys().filter(|path| analysis.sources.contains_key(*path)) {
                if let Some(since) = self.since(path, *serial) {
                    changed.insert(path.clone(), since);
                }
            }
        }
        Snapshot {
            world: self.world.clone(),
            analyses: analyses.collect(),
            named: self.named.clone(),
            changed,
            uris: self.uris.clone(),
            client: self.client.clone(),
        }
    }

    /// What changed in a document since its analysis.
    fn since(&self, path: &Path, analyzed: u64) -> Option<Changed> {
        let mut found: Option<Changed> = None;
        for (serial, first, edit) in self.edits.get(path).into_iter().flatten() {
            if *serial > analyzed {
                found = Some(match found {
                    Some(changed) => changed.then(edit),
                    None => *first,
                });
            }
        }
        found
    }
}
