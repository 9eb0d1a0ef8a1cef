//! Words and signs around a place, whatever the text is.

use omtc::syntax::{Lexeme, LexemeKind, lexemes};

/// The word or sign that a place touches; the one that begins there before the one that ends there.
pub fn at(text: &str, at: u32) -> Option<Lexeme> {
    let found: Vec<Lexeme> = lexemes(text).into_iter().filter(|l| l.start <= at && at <= l.end).collect();
    let word = found.iter().find(|l| l.kind == LexemeKind::Word);
    word.or_else(|| found.last()).copied()
}
