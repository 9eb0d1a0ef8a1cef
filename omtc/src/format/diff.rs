//! What formatting would change, line by line.

/// Lines of one file's changes that are shown; whoever wants all of them formats the file.
const DIFF_LINES_MAX: usize = 60;

/// How far apart two texts may drift before the rest counts as one change. Formatting moves few lines far.
const DRIFT_LINES_MAX: usize = 400;

/// The changes from one text to another: `@@ line` and the lines with `-` and `+` before them. Line ends count.
pub fn diff(before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let (mut i, mut j) = (0_usize, 0_usize);
    let mut out: Vec<String> = Vec::new();
    while i < old.len() || j < new.len() {
        if old.get(i).is_some() && old.get(i) == new.get(j) {
            i = i.saturating_add(1);
            j = j.saturating_add(1);
            continue;
        }
        let (gone, come) = drift(old.get(i..).unwrap_or(&[]), new.get(j..).unwrap_or(&[]));
        out.push(format!("@@ {}", i.saturating_add(1)));
        let line =
            |sign: char, text: &str| format!("{sign}{}", text.trim_end_matches('\n').replace('\r', "\\r"));
        out.extend(old.iter().skip(i).take(gone).map(|l| line('-', l)));
        out.extend(new.iter().skip(j).take(come).map(|l| line('+', l)));
        i = i.saturating_add(gone);
        j = j.saturating_add(come);
    }
    let more = out.len().saturating_sub(DIFF_LINES_MAX);
    out.truncate(DIFF_LINES_MAX);
    if more > 0 {
        out.push(format!("… {more} more"));
    }
    out.iter().map(|l| format!("{l}\n")).collect()
}

/// How many lines on either side until the texts agree again for two lines, or to their ends.
fn drift(old: &[&str], new: &[&str]) -> (usize, usize) {
    let meets = |a: usize, b: usize| {
        let (x, y) = (old.get(a..).unwrap_or(&[]), new.get(b..).unwrap_or(&[]));
        !x.is_empty() && x.first() == y.first() && x.get(1) == y.get(1)
    };
    for distance in 1..=DRIFT_LINES_MAX {
        for gone in 0..=distance.min(old.len()) {
            let come = distance.saturating_sub(gone);
            if come <= new.len() && meets(gone, come) {
                return (gone, come);
            }
        }
    }
    (old.len(), new.len())
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn lines_that_changed_are_shown_and_no_others() {
        assert_eq!(diff("a\nb\nc\nd\n", "a\nB\nc\nd\n"), "@@ 2\n-b\n+B\n");
        assert_eq!(diff("a\nd\ne\n", "a\nb\nc\nd\ne\n"), "@@ 2\n+b\n+c\n");
        assert_eq!(diff("a\nb\nc\nd\n", "a\nd\n"), "@@ 2\n-b\n-c\n");
        assert_eq!(diff("a\n", "a\n"), "");
        assert_eq!(diff("a", "a\n"), "@@ 1\n-a\n+a\n");
        assert_eq!(diff("a\r\n", "a\n"), "@@ 1\n-a\\r\n+a\n");
    }

    #[test]
    fn a_long_difference_is_cut_and_says_so() {
        let (before, after) = ("x\n".repeat(500), "y\n".repeat(500));
        let text = diff(&before, &after);
        assert!(text.ends_with("more\n") && text.lines().count() < 70, "{text}");
    }
}
