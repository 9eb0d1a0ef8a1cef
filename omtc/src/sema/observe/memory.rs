//! Properties and scenarios that are read again and again: one that is written as before, with everything that it can
//! see as before, tells what it told before, at the place where it stands now.

use super::super::context::Instance;
use super::super::notes::Notes;
use super::Observation;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How many interfaces are remembered: somebody who types goes back and forth between a few.
const INTERFACES_MAX: usize = 3;

/// What was found out about the properties and scenarios of a file.
#[derive(Default)]
pub(in crate::sema) struct Memory {
    /// By what they could see, the latest first.
    kept: VecDeque<(String, Texts)>,
}

/// By the text of the declaration.
#[derive(Default)]
pub(in crate::sema) struct Texts {
    made: BTreeMap<Box<str>, Arc<Made>>,
    /// Those that the file of now has.
    used: BTreeSet<Box<str>>,
}

/// What one declaration told.
pub(super) struct Made {
    /// Where it stood.
    span: Span,
    diagnostics: Vec<Diagnostic>,
    notes: Arc<Notes>,
    calls: BTreeMap<Instance, Span>,
    asked: Vec<(BTreeMap<Instance, Span>, bool)>,
}

impl Memory {
    /// What is known for an interface.
    pub fn take(&mut self, interface: &str) -> Texts {
        let at = self.kept.iter().position(|(known, _)| known == interface);
        at.and_then(|at| self.kept.remove(at)).map(|(_, texts)| texts).unwrap_or_default()
    }

    /// Keeps what the file of now has.
    pub fn keep(&mut self, interface: String, mut texts: Texts) {
        let used = std::mem::take(&mut texts.used);
        texts.made.retain(|text, _| used.contains(text));
        self.kept.push_front((interface, texts));
        self.kept.truncate(INTERFACES_MAX);
    }
}

impl Texts {
    /// What a declaration told before.
    pub(super) fn known(&mut self, text: &str) -> Option<Arc<Made>> {
        let made = self.made.get(text)?;
        self.used.insert(text.into());
        Some(Arc::clone(made))
    }

    /// Remembers what a declaration told, unless that is about other places, too.
    pub(super) fn learn(&mut self, text: &str, made: Arc<Made>) {
        if made.is_about_itself() {
            self.used.insert(text.into());
            self.made.insert(text.into(), made);
        }
    }
}

impl Made {
    pub(super) fn new(span: Span, diagnostics: Vec<Diagnostic>, notes: Notes, own: &Observation) -> Made {
        let (calls, asked) = (own.calls.clone(), own.asked.clone());
        Made { span, diagnostics, notes: Arc::new(notes), calls, asked }
    }

    fn is_about_itself(&self) -> bool {
        let holds = |span: &Span| {
            span.file == self.span.file && self.span.start <= span.start && span.end <= self.span.end
        };
        self.diagnostics.iter().all(|diagnostic| diagnostic.spans().all(|span| holds(&span)))
            && self.notes.spans().all(|span| holds(&span))
            && self.calls.values().all(holds)
            && self.asked.iter().flat_map(|(calls, _)| calls.values()).all(holds)
    }

    /// Tells it of a declaration that stands at another place.
    pub(super) fn tell(
        &self,
        at: Span,
        notes: Option<&mut Notes>,
        made: &mut Observation,
        out: &mut Vec<Diagnostic>,
    ) {
        let moved = |span: Span| {
            // What was read just now may be about other places, too.
            if at.start == self.span.start {
                return span;
            }
            let go = |offset: u32| offset.saturating_sub(self.span.start).saturating_add(at.start);
            Span::new(span.file, go(span.start), go(span.end))
        };
        let calls = |calls: &BTreeMap<Instance, Span>| -> BTreeMap<Instance, Span> {
            calls.iter().map(|(instance, span)| (instance.clone(), moved(*span))).collect()
        };
        out.extend(self.diagnostics.iter().map(|diagnostic| diagnostic.clone().moved(&moved)));
        made.calls.extend(calls(&self.calls));
        made.asked.extend(self.asked.iter().map(|(asked, signs)| (calls(asked), *signs)));
        if let Some(notes) = notes {
            notes.add(at, self.span.start, Arc::clone(&self.notes));
        }
    }
}
