//! What was found out about expressions, for whoever shows it: an editor.

use crate::source::{FileId, Span};
use omt_runtime::ir::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Types by place. The types of what was read without an error, also in files that have some elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    values: BTreeMap<Span, Type>,
    names: BTreeMap<Span, Type>,
    /// Declarations that stand where they were not when this was found out about them, by place; they do not overlap.
    parts: BTreeMap<Span, Part>,
}

/// What was found out about a declaration.
#[derive(Clone, Debug)]
struct Part {
    /// Where it began then.
    was: u32,
    notes: Arc<Notes>,
}

impl Notes {
    /// The type of the expression that is exactly there.
    pub fn value(&self, span: Span) -> Option<&Type> {
        self.values.get(&span).or_else(|| {
            let (part, then) = self.part(span)?;
            part.notes.values.get(&then)
        })
    }

    /// The type of a local, a `let`, a loop variable or a parameter, by the place of its name.
    pub fn name(&self, span: Span) -> Option<&Type> {
        self.names.get(&span).or_else(|| {
            let (part, then) = self.part(span)?;
            part.notes.names.get(&then)
        })
    }

    /// The declaration that a place is in, and where the place was.
    fn part(&self, span: Span) -> Option<(&Part, Span)> {
        let end = Span::new(span.file, span.start, u32::MAX);
        let (at, part) = self.parts.range(..=end).next_back()?;
        let inside = at.file == span.file && span.end <= at.end;
        inside.then(|| (part, moved(span, at.start, part.was)))
    }

    /// All locals, parameters and loop variables of a file, in the order of their places.
    pub fn names(&self, file: FileId) -> impl Iterator<Item = (Span, &Type)> {
        let first = Span::new(file, 0, 0);
        let own = self.names.range(first..).take_while(|(span, _)| span.file == file);
        let mut found: Vec<(Span, &Type)> = own.map(|(span, ty)| (*span, ty)).collect();
        for (at, part) in self.parts.range(first..).take_while(|(span, _)| span.file == file) {
            found.extend(part.notes.names.iter().map(|(span, ty)| (moved(*span, part.was, at.start), ty)));
        }
        found.sort_by_key(|(span, _)| *span);
        found.into_iter()
    }

    /// All places, without those of declarations that were added whole.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.values.keys().chain(self.names.keys()).copied()
    }

    /// Adds what was found out about a declaration when it began at `was`.
    pub(super) fn add(&mut self, at: Span, was: u32, notes: Arc<Notes>) {
        self.parts.insert(at, Part { was, notes });
    }

    /// Takes what another analysis found out; what is known already stays.
    pub fn extend(&mut self, other: &Notes) {
        for (span, ty) in &other.values {
            self.values.entry(*span).or_insert_with(|| ty.clone());
        }
        for (span, ty) in &other.names {
            self.names.entry(*span).or_insert_with(|| ty.clone());
        }
        for (span, part) in &other.parts {
            self.parts.entry(*span).or_insert_with(|| part.clone());
        }
    }

    pub(super) fn note_value(&mut self, span: Span, ty: &Type) {
        self.values.insert(span, ty.clone());
    }

    pub(super) fn note_name(&mut self, span: Span, ty: &Type) {
        self.names.insert(span, ty.clone());
    }
}

/// A place as it is when what begins at `from` begins at `to`.
fn moved(span: Span, from: u32, to: u32) -> Span {
    let go = |at: u32| at.saturating_sub(from).saturating_add(to);
    Span::new(span.file, go(span.start), go(span.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_declaration_told_is_found_where_it_stands_now() {
        let file = FileId(7);
        let mut then = Notes::default();
        then.note_value(Span::new(file, 103, 105), &Type::Uint);
        then.note_name(Span::new(file, 106, 108), &Type::Bool);
        let mut notes = Notes::default();
        notes.note_name(Span::new(file, 60, 61), &Type::Hash);
        notes.add(Span::new(file, 20, 30), 100, Arc::new(then));
        assert_eq!(notes.value(Span::new(file, 23, 25)), Some(&Type::Uint));
        assert_eq!(notes.value(Span::new(file, 103, 105)), None);
        assert_eq!(notes.name(Span::new(file, 26, 28)), Some(&Type::Bool));
        let mut all = Notes::default();
        all.extend(&notes);
        let names: Vec<Span> = all.names(file).map(|(span, _)| span).collect();
        assert_eq!(names, [Span::new(file, 26, 28), Span::new(file, 60, 61)]);
        assert_eq!(all.names(FileId(6)).count(), 0);
    }
}
