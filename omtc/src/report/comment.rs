//! The words of an allowance: `# allow W0123, S0701: reason`.

use crate::diagnostic::edit_distance;
use std::ops::Range;

/// Other words with which people silence findings elsewhere.
const OTHER_WORDS: &[&str] =
    &["allowed", "allowing", "ignore", "suppress", "disable", "expect", "permit", "accept", "noqa", "nolint"];

/// A comment that is, or was meant to be, an allowance. Ranges are bytes of the comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// What stands where codes belong, at least one.
    pub codes: Vec<(String, Range<usize>)>,
    /// The reason; empty when there is none.
    pub reason: String,
    /// Why it does not have the form of an allowance, if it does not.
    pub wrong: Option<Wrong>,
}

/// What is wrong with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Another word than `allow`, or in capitals.
    Word,
    /// More than one `#`.
    Documentation,
    /// Something else between the parts than commas and a colon.
    Punctuation,
    /// No reason.
    NoReason,
}

/// Whether a comment silences, or was meant to silence, findings: then it documents nothing.
pub(crate) fn is_allowance(comment: &str) -> bool {
    !comment.starts_with("##") && read(comment).is_some()
}

/// Reads a comment from its `#` on; `None` when it has nothing to do with allowances.
pub(super) fn read(comment: &str) -> Option<Words> {
    let mut scan = Scan { text: comment, at: 0 };
    let hashes = scan.skip(|c| c == '#');
    scan.skip(char::is_whitespace);
    let word = scan.take(|c| c.is_ascii_alphabetic())?.0;
    let mut odd = scan.skip(|c| matches!(c, '(' | '[' | ':' | '=' | '-')) > 0;
    let spaces = scan.skip(char::is_whitespace);
    odd |= scan.skip(|c| matches!(c, '(' | '[' | ':' | '=' | '-')) > 0 || spaces == 0;
    scan.skip(char::is_whitespace);
    let mut codes = vec![scan.code()?];
    if word != "allow" {
        let lower = word.to_ascii_lowercase();
        let meant = edit_distance(&lower, "allow") <= 1 || OTHER_WORDS.contains(&lower.as_str());
        if !meant {
            return None;
        }
    }
    loop {
        let before = scan.at;
        scan.skip(char::is_whitespace);
        let commas = scan.skip(|c| matches!(c, ',' | '&' | '/' | '+'));
        scan.skip(char::is_whitespace);
        let Some(code) = scan.code() else {
            scan.at = before;
            break;
        };
        odd |= commas != 1 || !scan.between(before, code.1.start).contains(',');
        codes.push(code);
    }
    let closed = scan.at;
    scan.skip(|c| {
        c.is_whitespace() || matches!(c, ')' | ']' | ',' | ';' | '-' | '=' | '\u{2013}' | '\u{2014}')
    });
    let colons = scan.skip(|c| c == ':');
    odd |= colons != 1 || !scan.between(closed, scan.at).trim_start().starts_with(':');
    let reason = scan.rest().trim().to_owned();
    let has_reason = reason.chars().any(char::is_alphanumeric);
    let wrong = if hashes > 1 {
        Some(Wrong::Documentation)
    } else if word != "allow" {
        Some(Wrong::Word)
    } else if !has_reason {
        Some(Wrong::NoReason)
    } else if odd {
        Some(Wrong::Punctuation)
    } else {
        None
    };
    Some(Words { codes, reason: if has_reason { reason } else { String::new() }, wrong })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn between(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("")
    }

    /// Skips characters; gives how many.
    fn skip(&mut self, is: impl Fn(char) -> bool) -> usize {
        let rest = self.rest();
        let skipped = rest.len().saturating_sub(rest.trim_start_matches(is).len());
        let count = rest.get(..skipped).map_or(0, |s| s.chars().count());
        self.at = self.at.saturating_add(skipped);
        count
    }

    /// Takes a run of characters that is not empty.
    fn take(&mut self, is: impl Fn(char) -> bool) -> Option<(&'a str, Range<usize>)> {
        let from = self.at;
        self.skip(is);
        let range = from..self.at;
        Some((self.between(from, self.at), range)).filter(|(word, _)| !word.is_empty())
    }

    /// A word that can only be a code: a letter and four digits, or one of our letters and about four characters
    /// that are digits but for a slip.
    fn code(&mut self) -> Option<(String, Range<usize>)> {
        let from = self.at;
        let word = self.take(|c| c.is_alphanumeric() || c == '_');
        let code = word.filter(|(word, _)| {
            let mut letters = word.chars();
            let first = letters.next().unwrap_or(' ');
            let digit = |c: char| c.is_ascii_digit() || matches!(c, 'O' | 'o');
            let length = letters.clone().count();
            let ours = matches!(first.to_ascii_uppercase(), 'E' | 'W' | 'S')
                && (2..=6).contains(&length)
                && letters.clone().next().is_some_and(digit)
                && letters.clone().filter(char::is_ascii_digit).count() >= 2;
            let foreign = first.is_ascii_alphabetic() && length == 4 && letters.all(|c| c.is_ascii_digit());
            ours || foreign
        });
        if code.is_none() {
            self.at = from;
        }
        code.map(|(word, range)| (word.to_owned(), range))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn codes(comment: &str) -> Vec<String> {
        read(comment).unwrap().codes.into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn the_form_is_read() {
        for comment in ["# allow W0123: why", "#allow W0123 : why", "#   allow  W0123:why  "] {
            let words = read(comment).unwrap();
            assert_eq!((words.wrong, words.reason.as_str()), (None, "why"), "{comment}");
            assert_eq!(&comment[words.codes[0].1.clone()], "W0123");
        }
        let two = "# allow W0123, S0701: it is 3:00, W0124 or not";
        assert_eq!(codes(two), ["W0123", "S0701"]);
        assert_eq!(read(two).unwrap().reason, "it is 3:00, W0124 or not");
        assert_eq!(read("# allow w0123: ë").unwrap().wrong, None);
    }

    #[test]
    fn what_was_meant_as_one_is_told_from_prose() {
        use Wrong::{Documentation, NoReason, Punctuation, Word};
        for (comment, wrong) in [
            ("# allow W0123", NoReason),
            ("# allow W0123:", NoReason),
            ("# allow W0123: ...", NoReason),
            ("# allow(W0123): why", Punctuation),
            ("# allow: W0123 why", Punctuation),
            ("# allow W0123 why not", Punctuation),
            ("# allow W0123 - why", Punctuation),
            ("# allow W0123 W0124: why", Punctuation),
            ("# allow W0123 & W0124: why", Punctuation),
            ("# Allow W0123: why", Word),
            ("# alow W0123: why", Word),
            ("# allows W0123: why", Word),
            ("# ignore W0123: why", Word),
            ("## allow W0123: why", Documentation),
        ] {
            assert_eq!(read(comment).map(|w| w.wrong), Some(Some(wrong)), "{comment}");
        }
        for comment in [
            "# allow the provider to leave: it has paid",
            "# allow",
            "#",
            "# W0123: why",
            "# see W0123",
            "# allow x: why",
            "# allow 5: why",
            "# all E2345 of them",
            "# follow W0123: why",
            "# expect an answer",
            "# allow S3: why",
            "# allow E2E tests",
            "# allow W3C 10",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
        assert_eq!(codes("# allow W0I23, WO123, X0123: x"), ["W0I23", "WO123", "X0123"]);
    }
}
