//! Lists.

use std::cmp::Ordering;

use crate::fault::FaultKind;
use crate::value::Map;
use crate::wire::Wire;

/// `LENGTH` of a list or of bytes.
pub fn length<T>(list: &[T]) -> u64 {
    list.len() as u64
}

/// `LENGTH` of a text: its characters (Unicode scalar values).
pub fn length_text(text: &str) -> u64 {
    text.chars().count() as u64
}

/// `LENGTH` of a map: its entries.
pub fn length_map<K, V>(map: &Map<K, V>) -> u64 {
    map.len() as u64
}

/// `l[i]`, from 0; outside the list is a fault.
pub fn index<T>(list: &[T], i: i128) -> Result<&T, FaultKind> {
    usize::try_from(i).ok().and_then(|i| list.get(i)).ok_or(FaultKind::Index)
}

/// `l[i] = …`.
pub fn index_mut<T>(list: &mut [T], i: i128) -> Result<&mut T, FaultKind> {
    usize::try_from(i).ok().and_then(|i| list.get_mut(i)).ok_or(FaultKind::Index)
}

/// `x in l`.
pub fn contains<T: Wire>(list: &[T], value: &T) -> bool {
    list.iter().any(|other| other.order(value) == Ordering::Equal)
}

/// `FILTER(l, x => …)`.
pub fn filter<T: Clone, E>(list: &[T], mut keep: impl FnMut(&T) -> Result<bool, E>) -> Result<Vec<T>, E> {
    let mut kept = Vec::new();
    for value in list {
        if keep(value)? {
            kept.push(value.clone());
        }
    }
    Ok(kept)
}

/// `MAP(l, x => …)`.
pub fn map<T, U, E>(list: &[T], function: impl FnMut(&T) -> Result<U, E>) -> Result<Vec<U>, E> {
    list.iter().map(function).collect()
}

/// `FIND(l, x => …)`: the first that fits, or null.
pub fn find<T: Clone, E>(list: &[T], mut fits: impl FnMut(&T) -> Result<bool, E>) -> Result<Option<T>, E> {
    for value in list {
        if fits(value)? {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

/// `ANY(l, x => …)`; stops at the first that holds.
pub fn any<T, E>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, E>) -> Result<bool, E> {
    for value in list {
        if holds(value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `ALL(l, x => …)`; stops at the first that does not hold.
pub fn all<T, E>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, E>) -> Result<bool, E> {
    any(list, |value| holds(value).map(|holds| !holds)).map(|fails| !fails)
}

/// `COUNT(l, x => …)`.
pub fn count<T, E>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, E>) -> Result<u64, E> {
    let mut count = 0;
    for value in list {
        count += u64::from(holds(value)?);
    }
    Ok(count)
}

/// `REDUCE(l, init, a => x => …)`.
pub fn reduce<T, A, E>(list: &[T], init: A, mut step: impl FnMut(A, &T) -> Result<A, E>) -> Result<A, E> {
    let mut result = init;
    for value in list {
        result = step(result, value)?;
    }
    Ok(result)
}

/// `CONCAT(a, b)`, `a + b`.
pub fn concat<T: Clone>(a: &[T], b: &[T]) -> Vec<T> {
    [a, b].concat()
}

/// `SORT(l)`: integers by value, everything else by canonical bytes.
pub fn sort<T: Wire + Clone>(list: &[T]) -> Vec<T> {
    let mut sorted = list.to_vec();
    sorted.sort_by(Wire::order);
    sorted
}

/// `SORT_BY(l, x => key)`: stable; the key is computed once for each, in the order of the list.
pub fn sort_by<T: Clone, K: Wire, E>(
    list: &[T],
    mut key: impl FnMut(&T) -> Result<K, E>,
) -> Result<Vec<T>, E> {
    let mut keyed = list.iter().map(|value| Ok((key(value)?, value))).collect::<Result<Vec<_>, E>>()?;
    keyed.sort_by(|(a, _), (b, _)| a.order(b));
    Ok(keyed.into_iter().map(|(_, value)| value.clone()).collect())
}

/// `UNIQUE(l)`: the first of each, in the order of the list.
pub fn unique<T: Wire + Clone>(list: &[T]) -> Vec<T> {
    let mut order: Vec<usize> = (0..list.len()).collect();
    let compare = |a: &usize, b: &usize| match (list.get(*a), list.get(*b)) {
        (Some(a), Some(b)) => a.order(b),
        _ => Ordering::Equal,
    };
    // Stable, so that the first of equals is first.
    order.sort_by(compare);
    order.dedup_by(|b, a| compare(a, b) == Ordering::Equal);
    order.sort_unstable();
    order.into_iter().filter_map(|i| list.get(i).cloned()).collect()
}
