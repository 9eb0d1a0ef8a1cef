//! What kind each piece of a source is, for whoever shows sources to people.

use super::report::Reporter;
use super::tokens::{Tok, Tokens};
use super::words::is_keyword;
use crate::source::FileId;

/// How a piece of a source is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A word that the grammar knows, where it probably means that: no parser was asked.
    Keyword,
    /// A name before which a dot stands.
    Member,
    /// Any other name.
    Name,
    /// A number.
    Number,
    /// A string, quotes included.
    Text,
    /// A comment that documents a declaration.
    Doc,
    /// Any other comment.
    Comment,
    /// Brackets and operators.
    Sign,
}

/// A piece of a source; white space lies between the pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How it is shown.
    pub class: Class,
}

/// The pieces of a text, in order. Never fails; what is not of the language is left out.
pub fn pieces(text: &str) -> Vec<Piece> {
    let tokens = Tokens::lex(FileId(0), text, &mut Reporter::default());
    let mut pieces: Vec<Piece> = tokens
        .comments
        .iter()
        .map(|comment| Piece {
            start: comment.span.start as usize,
            end: comment.span.end as usize,
            class: if comment.text.starts_with("##") { Class::Doc } else { Class::Comment },
        })
        .collect();
    let mut before = Tok::End;
    for (i, token) in tokens.list.iter().enumerate() {
        #[allow(clippy::wildcard_enum_match_arm, reason = "everything else is a bracket or an operator")]
        let class = match token.kind {
            Tok::Word | Tok::ForeignWord => word(tokens.text(i), before, tokens.kind(i.saturating_add(1))),
            Tok::Number => Class::Number,
            Tok::Text | Tok::OpenText | Tok::ForeignText => Class::Text,
            _ => Class::Sign,
        };
        pieces.push(Piece { start: token.start as usize, end: token.end as usize, class });
        before = token.kind;
    }
    pieces.sort_by_key(|piece| piece.start);
    pieces
}

fn word(text: &str, before: Tok, next: Tok) -> Class {
    if before == Tok::Dot {
        // `message.sender`
        return Class::Member;
    }
    let keyword = is_keyword(text);
    // `message.payload`, `block.author`: there it is a value. `to = x`: there it is a name.
    let named = matches!(next, Tok::Dot | Tok::Eq);
    if keyword && !named { Class::Keyword } else { Class::Name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(&str, Class)> {
        pieces(text).iter().map(|p| (text.get(p.start..p.end).unwrap_or_default(), p.class)).collect()
    }

    #[test]
    fn words_are_keywords_where_they_are_meant_as_such() {
        assert_eq!(
            shown("on PING when message.to >= 3 # why"),
            [
                ("on", Class::Keyword),
                ("PING", Class::Name),
                ("when", Class::Keyword),
                ("message", Class::Name),
                (".", Class::Sign),
                ("to", Class::Member),
                (">=", Class::Sign),
                ("3", Class::Number),
                ("# why", Class::Comment),
            ]
        );
    }

    #[test]
    fn what_is_no_source_is_shown_nevertheless() {
        assert_eq!(shown("\"open\n§ ä"), [("\"open", Class::Text), ("ä", Class::Name)]);
    }
}
