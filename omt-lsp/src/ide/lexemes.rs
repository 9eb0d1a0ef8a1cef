//! Words and signs around a place, whatever the text is.

use super::offset;
use omtc::syntax::{Lexeme, LexemeKind, lexemes};

/// The words and signs of the line of a place. None goes on over the end of a line, so the rest of the text says nothing about them.
pub fn on_line(text: &str, at: u32) -> Vec<Lexeme> {
    let at = text.floor_char_boundary(at as usize);
    let (before, after) = text.split_at(at);
    let start = before.rfind('\n').map_or(0, |n| n.saturating_add(1));
    let end = after.find('\n').map_or(text.len(), |n| at.saturating_add(n));
    let begin = offset(start);
    let line = text.get(start..end).unwrap_or_default();
    let moved =
        |l: Lexeme| Lexeme { start: l.start.saturating_add(begin), end: l.end.saturating_add(begin), ..l };
    lexemes(line).into_iter().map(moved).collect()
}

/// The word or sign that a place touches; the one that begins there before the one that ends there.
pub fn at(text: &str, at: u32) -> Option<Lexeme> {
    let found: Vec<Lexeme> = on_line(text, at).into_iter().filter(|l| l.start <= at && at <= l.end).collect();
    let word = found.iter().find(|l| l.kind == LexemeKind::Word);
    word.or_else(|| found.last()).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_line_has_the_words_and_signs_that_the_whole_text_has_there() {
        let text = "state A \"open\nactor 𝕊é \"an # no comment\" # a \"comment\r\n\r`x` 12.5 [\n\n# end\rstill\n‘q “w\n";
        let all = lexemes(text);
        for place in (0..=text.len()).filter(|n| text.is_char_boundary(*n)).map(offset) {
            let touching = |list: Vec<Lexeme>| -> Vec<(u32, u32, LexemeKind)> {
                let there = list.into_iter().filter(|l| l.start <= place && place <= l.end);
                there.map(|l| (l.start, l.end, l.kind)).collect()
            };
            assert_eq!(touching(on_line(text, place)), touching(all.clone()), "at {place}");
        }
    }
}
