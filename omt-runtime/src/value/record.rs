//! Records whose fields Rust does not know.

use std::sync::Arc;

use super::Value;
use crate::wire::{Encoder, Wire, name_order};

/// Fields by name, in canonical order.
#[derive(Debug, Clone, Default)]
pub struct RecordValue {
    fields: Vec<(Arc<str>, Value)>,
}

impl RecordValue {
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(other, _)| name_order(other, name))
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.find(name).ok().and_then(|i| self.fields.get(i)).map(|(_, value)| value)
    }

    /// Sets a field.
    pub fn set(&mut self, name: impl Into<Arc<str>>, value: Value) {
        let name = name.into();
        match self.find(&name) {
            Ok(i) => {
                if let Some(field) = self.fields.get_mut(i) {
                    field.1 = value;
                }
            }
            Err(i) => self.fields.insert(i, (name, value)),
        }
    }

    /// The fields in canonical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Value)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it has no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.map(self.fields.len());
        for (name, value) in &self.fields {
            encoder.text(name);
            value.encode(encoder);
        }
    }
}

impl FromIterator<(Arc<str>, Value)> for RecordValue {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(fields: I) -> Self {
        let mut record = RecordValue::default();
        for (name, value) in fields {
            record.set(name, value);
        }
        record
    }
}
