//! What was found out about expressions, for whoever shows it: an editor.

use crate::source::{FileId, Span};
use omt_runtime::ir::Type;
use std::collections::BTreeMap;

/// Types by place. The types of what was read without an error, also in files that have some elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    values: BTreeMap<Span, Type>,
    names: BTreeMap<Span, Type>,
}

impl Notes {
    /// The type of the expression that is exactly there.
    pub fn value(&self, span: Span) -> Option<&Type> {
        self.values.get(&span)
    }

    /// The type of a local, a `let`, a loop variable or a parameter, by the place of its name.
    pub fn name(&self, span: Span) -> Option<&Type> {
        self.names.get(&span)
    }

    /// All locals, parameters and loop variables of a file, in the order of their places.
    pub fn names(&self, file: FileId) -> impl Iterator<Item = (Span, &Type)> {
        let first = Span::new(file, 0, 0);
        self.names.range(first..).take_while(move |(span, _)| span.file == file).map(|(s, ty)| (*s, ty))
    }

    /// Takes what another analysis found out; what is known already stays.
    pub fn extend(&mut self, other: &Notes) {
        for (span, ty) in &other.values {
            self.values.entry(*span).or_insert_with(|| ty.clone());
        }
        for (span, ty) in &other.names {
            self.names.entry(*span).or_insert_with(|| ty.clone());
        }
    }

    pub(super) fn note_value(&mut self, span: Span, ty: &Type) {
        self.values.insert(span, ty.clone());
    }

    pub(super) fn note_name(&mut self, span: Span, ty: &Type) {
        self.names.insert(span, ty.clone());
    }
}
