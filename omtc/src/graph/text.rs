//! How much room text takes.
//!
//! Diagrams use the monospaced font of whoever looks at them, because its width is known without it: a character of
//! DejaVu Sans Mono, Menlo, Courier New, Liberation Mono, Noto Sans Mono takes 0.60 of the font size, of SF Mono 0.62,
//! of Consolas 0.55. [`COLUMN`] is the widest of them, so text is never wider than what is reserved; what it is
//! narrower by is a margin on its right. Characters that take two columns in a terminal (East Asian scripts, emoji)
//! get two columns here, which is more than the one em that they take.

use unicode_width::UnicodeWidthChar;

/// Width of a character, in hundredths of the font size.
pub const COLUMN: i64 = 62;

/// Columns that a text takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(of).sum()
}

fn of(c: char) -> usize {
    // What has no width of its own may be drawn beside what it belongs to.
    c.width().unwrap_or(1).max(1)
}

/// Units that so many columns take in a font of a size.
pub fn width(columns: usize, size: i64) -> i64 {
    let columns = i64::try_from(columns).unwrap_or(i64::MAX / 10_000);
    (columns * size * COLUMN + 99) / 100
}

/// The beginning of a text that is too long, with `…`; without what a drawing cannot hold.
pub fn elide(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if columns(&text) <= most {
        return text;
    }
    let mut short = String::new();
    let mut taken = 1;
    for c in text.chars() {
        taken += of(c);
        if taken > most {
            break;
        }
        short.push(c);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A text in lines of at most so many columns, broken at spaces, and in long names behind what joins their parts; what
/// does not fit is left out with `…`.
pub fn wrap(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in text.split_whitespace().flat_map(|word| pieces(word, width)) {
        let gap = usize::from(piece.begins && !line.is_empty());
        let fits = columns(&line) + gap + columns(piece.text) <= width;
        // The last line takes the rest, and is cut.
        if line.is_empty() || fits || wrapped.len() + 1 >= lines {
            if gap > 0 {
                line.push(' ');
            }
            line.push_str(piece.text);
        } else {
            wrapped.push(elide(&line, width));
            line = piece.text.to_owned();
        }
    }
    if !line.is_empty() {
        wrapped.push(elide(&line, width));
    }
    wrapped
}

/// A part of a word that may begin a line.
struct Piece<'a> {
    text: &'a str,
    /// Does a word begin with it?
    begins: bool,
}

/// A short word is one piece; a long one may be broken behind `.`, `,` and `(`.
fn pieces(word: &str, width: usize) -> Vec<Piece<'_>> {
    if columns(word) * 2 <= width {
        return vec![Piece { text: word, begins: true }];
    }
    let parts = word.split_inclusive(['.', ',', '(']);
    parts.enumerate().map(|(at, text)| Piece { text, begins: at == 0 }).collect()
}
