//! "Did you mean …?"

/// The candidate that was probably meant: one that differs only in case, else the nearest within an edit
/// distance of a third of the length. Of several equally near ones the first in alphabetical order, so that
/// the answer does not depend on the order of the candidates.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer names are compared by case only: the distance is quadratic.
    const NAME_CHARS_MAX: usize = 200;
    /// Nobody chooses from more names than this, and a file with a hundred thousand mistakes shall not be compared
    /// with its hundred thousand names each time.
    const CANDIDATES_MAX: usize = 1_000;
    let length = written.chars().count();
    let lower: Vec<char> = written.chars().map(|c| c.to_ascii_lowercase()).collect();
    let letters = letters(written);
    let limit = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
        if candidate == written {
            continue;
        }
        // An edit takes one letter away and brings one at most.
        if (letters ^ self::letters(candidate)).count_ones() as usize > limit.saturating_mul(2) {
            continue;
        }
        let other = candidate.chars().count();
        let distance = if candidate.eq_ignore_ascii_case(written) {
            0
        } else if length > NAME_CHARS_MAX || other.abs_diff(length) > limit {
            continue;
        } else {
            let candidate: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
            match distance_within(&lower, &candidate, limit) {
                Some(distance) => distance,
                None => continue,
            }
        };
        // A name of one or two letters is near to everything: only its case may differ.
        let near = distance == 0 || (distance <= limit && length > 2);
        if near && best.is_none_or(|b| (distance, candidate) < b) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Which letters and digits a name has, in any case.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |set, byte| set | 1_u64.wrapping_shl(u32::from(byte.to_ascii_lowercase())))
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost 1
/// (Damerau 1964, restricted).
pub fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    distance_within(&a, &b, usize::MAX).unwrap_or(usize::MAX)
}

/// The edit distance, or nothing as soon as it is certain to be above the limit.
fn distance_within(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    let at = |row: &[usize], i: usize| row.get(i).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::with_capacity(b.len().saturating_add(1));
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = Vec::with_capacity(last.len());
    for (i, x) in a.iter().enumerate() {
        row.clear();
        row.push(i.saturating_add(1));
        for (j, y) in b.iter().enumerate() {
            let substituted = at(&last, j).saturating_add(usize::from(x != y));
            let deleted = at(&last, j.saturating_add(1)).saturating_add(1);
            let inserted = at(&row, j).saturating_add(1);
            let mut cost = substituted.min(deleted).min(inserted);
            let previous = |s: &[char], k: usize| k.checked_sub(1).and_then(|k| s.get(k).copied());
            if previous(a, i) == Some(*y) && previous(b, j) == Some(*x) {
                cost = cost.min(at(&before, j.saturating_sub(1)).saturating_add(1));
            }
            row.push(cost);
        }
        // A later row builds on this one or, by a swap, on the one before.
        let least = |row: &[usize]| row.iter().copied().min().unwrap_or(0);
        if least(&row).min(least(&last)) > limit {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_swaps_as_one() {
        assert_eq!(edit_distance("state", "sttae"), 1);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("witness", "witnes"), 1);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }

    #[test]
    fn case_comes_before_distance_and_the_limit_is_a_third() {
        assert_eq!(did_you_mean("locked", ["blocked", "LOCKED"]), Some("LOCKED"));
        assert_eq!(did_you_mean("LOKED", ["IDLE", "LOCKED", "FAILED"]), Some("LOCKED"));
        assert_eq!(did_you_mean("abc", ["xyz", "abxy"]), None);
        assert_eq!(did_you_mean("ab", ["ax"]), None);
        assert_eq!(did_you_mean("cats", ["cart", "cat"]), Some("cat"));
    }
}
