//! Maps.

use crate::fault::FaultKind;
use crate::value::Map;
use crate::wire::Wire;

/// `m[k]`; a missing key is a fault.
pub fn entry<'m, K: Wire, V>(map: &'m Map<K, V>, key: &K) -> Result<&'m V, FaultKind> {
    map.get(key).ok_or(FaultKind::MissingKey)
}

/// `m[k][…] = …`: the entry to be changed; a missing key is a fault.
pub fn entry_mut<'m, K: Wire + Clone, V: Clone>(
    map: &'m mut Map<K, V>,
    key: &K,
) -> Result<&'m mut V, FaultKind> {
    map.get_mut(key).ok_or(FaultKind::MissingKey)
}

/// `GET(m, k)`: the value, or null.
pub fn get<K: Wire, V: Clone>(map: &Map<K, V>, key: &K) -> Option<V> {
    map.get(key).cloned()
}

/// `GET(m, k, default)`.
pub fn get_or<K: Wire, V: Clone>(map: &Map<K, V>, key: &K, default: V) -> V {
    map.get(key).cloned().unwrap_or(default)
}

/// `HAS_KEY(m, k)`, `k in m`.
pub fn has_key<K: Wire, V>(map: &Map<K, V>, key: &K) -> bool {
    map.contains_key(key)
}

/// `KEYS(m)`, in order.
pub fn keys<K: Clone, V>(map: &Map<K, V>) -> Vec<K> {
    map.keys().cloned().collect()
}

/// `VALUES(m)`, in the order of the keys.
pub fn values<K, V: Clone>(map: &Map<K, V>) -> Vec<V> {
    map.values().cloned().collect()
}

/// `WITH(m, k, v)`.
pub fn with<K: Wire + Clone, V: Clone>(map: &Map<K, V>, key: K, value: V) -> Map<K, V> {
    let mut result = map.clone();
    result.insert(key, value);
    result
}

/// `WITHOUT(m, k)`; no fault when there is none.
pub fn without<K: Wire + Clone, V: Clone>(map: &Map<K, V>, key: &K) -> Map<K, V> {
    let mut result = map.clone();
    result.remove(key);
    result
}
