//! What `omtc graph` sets apart: a path, what scenarios cover, where a trace went.

use super::{Batch, Limits, NonZeroUsize, Options, Suite, read_trace, unknown_name};
use crate::graph::{Diagram, Marks, mark};
use crate::scenario::coverage::Seen;
use crate::sema::Unit;
use crate::source::SourceProvider;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Where marks come from.
pub struct Marking {
    path: Vec<String>,
    /// What the scenarios of each file cover.
    covered: Option<BTreeMap<PathBuf, Seen>>,
    /// The lines of a trace.
    trace: Option<Vec<serde_json::Value>>,
}

impl Marking {
    /// Runs scenarios and reads traces, if that is asked for.
    pub fn of(provider: &dyn SourceProvider, options: &Options, suites: &[Suite]) -> Result<Marking, String> {
        let covered = options.coverage.then(|| {
            let jobs = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let batch = Batch::of(suites, None);
            let results = batch.run(&Limits::default(), jobs);
            let seen = batch.covered(&results).into_iter().filter_map(|(suite, covered)| {
                let protocol = suite.protocols().next()?;
                Some((suite.path.clone(), Seen::of(protocol, &covered)))
            });
            seen.collect()
        });
        let trace = options.trace.as_ref().map(|path| read_trace(provider, path)).transpose()?;
        let path = options.highlight.as_deref().map(mark::path).unwrap_or_default();
        Ok(Marking { path, covered, trace })
    }

    /// The marks of a diagram; adds what of the path it has.
    pub fn marks(&self, unit: &Unit, diagram: &Diagram, pointed: &mut BTreeSet<String>) -> Marks {
        let mut marks = Marks::new();
        // A file without scenarios covers nothing, and that is no news about each of its states.
        if let Some(seen) = self.covered.as_ref().and_then(|covered| covered.get(&unit.path)) {
            marks.extend(mark::covered(diagram, seen));
        }
        if let Some((lines, protocol)) = self.trace.as_ref().zip(unit.protocol.as_ref()) {
            marks.extend(mark::visited(diagram, &Seen::traced(lines, &protocol.meta.path)));
        }
        marks.extend(mark::highlighted(diagram, &self.path, pointed));
        marks
    }

    /// Whether everything that is pointed at is there.
    pub fn check(&self, pointed: &BTreeSet<String>) -> Result<(), String> {
        match self.path.iter().find(|part| !pointed.contains(*part)) {
            None => Ok(()),
            Some(part) => Err(unknown_name("state or transition", part, pointed.iter().map(String::as_str))),
        }
    }
}
