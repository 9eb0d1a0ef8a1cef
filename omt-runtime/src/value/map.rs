//! Maps in the order of the language.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::wire::{self, Decoder, Encoder, Reason, Wire, WireError};

/// The type `map<K, V>`: entries in the order of LANGUAGE 6.8 (integers by value, everything else by canonical
/// bytes), never two with one key. A clone is cheap; a change copies the entries when they are shared.
#[derive(Debug)]
pub struct Map<K, V> {
    // Sorted. A vector, since maps of a protocol are small, read far more than written, and encoded in order.
    entries: Arc<Vec<(K, V)>>,
}

impl<K, V> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Map { entries: Arc::clone(&self.entries) }
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map { entries: Arc::new(Vec::new()) }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.entries, &other.entries) || self.entries == other.entries
    }
}

impl<K: Eq, V: Eq> Eq for Map<K, V> {}

impl<K, V> Map<K, V> {
    /// No entries.
    pub fn new() -> Self {
        Map::default()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> + DoubleEndedIterator {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &K> + DoubleEndedIterator {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> + DoubleEndedIterator {
        self.entries.iter().map(|(_, value)| value)
    }
}

impl<K: Wire, V> Map<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        self.entries.binary_search_by(|(other, _)| other.order(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().and_then(|i| self.entries.get(i)).map(|(_, value)| value)
    }

    /// Whether there is a value for the key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }
}

impl<K: Wire + Clone, V: Clone> Map<K, V> {
    /// Sets the value of a key; gives the one it replaces.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(i) => {
                let entry = Arc::make_mut(&mut self.entries).get_mut(i);
                entry.map(|(_, old)| std::mem::replace(old, value))
            }
            Err(i) => {
                Arc::make_mut(&mut self.entries).insert(i, (key, value));
                None
            }
        }
    }

    /// Removes a key; gives its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let i = self.find(key).ok()?;
        Some(Arc::make_mut(&mut self.entries).remove(i).1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let i = self.find(key).ok()?;
        Arc::make_mut(&mut self.entries).get_mut(i).map(|(_, value)| value)
    }
}

impl<K: Wire, V> FromIterator<(K, V)> for Map<K, V> {
    /// Of entries with one key the last is kept.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut sorted: Vec<(K, V)> = entries.into_iter().collect();
        // Stable, so that among equals the last one is last.
        sorted.sort_by(|(a, _), (b, _)| a.order(b));
        let mut unique: Vec<(K, V)> = Vec::with_capacity(sorted.len());
        for entry in sorted {
            match unique.last_mut() {
                Some(last) if last.0.order(&entry.0) == Ordering::Equal => *last = entry,
                _ => unique.push(entry),
            }
        }
        Map { entries: Arc::new(unique) }
    }
}

impl<K: Wire, V: Wire> Wire for Map<K, V> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.map(self.len());
        if K::ORDER_IS_BYTES {
            for (key, value) in self.iter() {
                key.encode(encoder);
                value.encode(encoder);
            }
            return;
        }
        let mut encoded: Vec<(Vec<u8>, &V)> =
            self.iter().map(|(key, value)| (wire::to_bytes(key), value)).collect();
        encoded.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, value) in encoded {
            encoder.raw(&key);
            value.encode(encoder);
        }
    }

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        decoder.map(|d, len| {
            let mut entries: Vec<(K, V)> = Vec::with_capacity(d.capacity(len).min(1024));
            for _ in 0..len {
                let at = d.at();
                let key = K::decode(d)?;
                // The order of the wire differs from that of the language for negative integers alone.
                if let Some((last, _)) = entries.last()
                    && K::ORDER_IS_BYTES
                {
                    match last.order(&key) {
                        Ordering::Less => {}
                        Ordering::Equal => return Err(WireError::new(at, Reason::DuplicateKey)),
                        Ordering::Greater => return Err(WireError::new(at, Reason::KeyOrder)),
                    }
                }
                entries.push((key, V::decode(d)?));
            }
            let map: Map<K, V> = if K::ORDER_IS_BYTES {
                Map { entries: Arc::new(entries) }
            } else {
                entries.into_iter().collect()
            };
            if map.len() != len {
                return Err(d.error(Reason::DuplicateKey));
            }
            Ok(map)
        })
    }
}
