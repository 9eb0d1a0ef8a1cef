//! What each word and sign of a text is, for colours.

use super::document::Changed;
use super::engine::Analysis;
use super::index::{Access, Kind};
use super::{Range, library, slice};
use omtc::source::FileId;
use omtc::syntax::words::is_keyword;
use omtc::syntax::{LexemeKind, lexemes};
use std::collections::BTreeMap;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the names say it
pub enum TokenKind {
    Keyword,
    Comment,
    Text,
    Number,
    /// Built in.
    Type,
    Actor,
    Record,
    Enum,
    EnumValue,
    Function,
    Field,
    Argument,
    Local,
    Trigger,
    Transaction,
    Sign,
    State,
    Message,
    Parameter,
}

impl TokenKind {
    /// All of them, in the order of their numbers.
    pub const ALL: &'static [TokenKind] = &[
        TokenKind::Keyword,
        TokenKind::Comment,
        TokenKind::Text,
        TokenKind::Number,
        TokenKind::Type,
        TokenKind::Actor,
        TokenKind::Record,
        TokenKind::Enum,
        TokenKind::EnumValue,
        TokenKind::Function,
        TokenKind::Field,
        TokenKind::Argument,
        TokenKind::Local,
        TokenKind::Trigger,
        TokenKind::Transaction,
        TokenKind::Sign,
        TokenKind::State,
        TokenKind::Message,
        TokenKind::Parameter,
    ];
}

/// A word or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where; never more than one line.
    pub range: Range,
    /// What.
    pub kind: TokenKind,
    /// It declares what it names.
    pub declares: bool,
    /// It cannot be changed.
    pub constant: bool,
    /// It belongs to the language.
    pub library: bool,
    /// It documents what follows.
    pub documents: bool,
    /// It writes what it names.
    pub writes: bool,
}

/// The tokens of a range of a text. `changed`: what changed in it since it was analysed.
pub fn tokens(
    analysis: Option<&Analysis>,
    file: FileId,
    text: &str,
    changed: Option<Changed>,
    within: Option<Range>,
) -> Vec<Token> {
    let mut known: BTreeMap<Range, (Kind, Access)> = BTreeMap::new();
    if let Some(analysis) = analysis {
        let index = analysis.index();
        for reference in index.references_in(file) {
            let Some(symbol) = index.symbol(reference.symbol) else { continue };
            // Of two at one place the field of the store is the better known one.
            known.entry(reference.span.into()).or_insert((symbol.kind, reference.access));
        }
    }
    let was = |range: Range| match changed {
        Some(changed) => changed.then_was(range),
        None => Some(range),
    };
    let mut found = Vec::new();
    for lexeme in lexemes(text) {
        let range = Range::new(lexeme.start, lexeme.end);
        if within.is_some_and(|within| !within.meets(range)) {
            continue;
        }
        let written = slice(text, range);
        let plain = |kind| Token {
            range,
            kind,
            declares: false,
            constant: false,
            library: false,
            documents: false,
            writes: false,
        };
        let token = match lexeme.kind {
            LexemeKind::Comment => {
                Token { documents: written.starts_with("##"), ..plain(TokenKind::Comment) }
            }
            LexemeKind::Text => plain(TokenKind::Text),
            LexemeKind::Number => plain(TokenKind::Number),
            LexemeKind::Sign if !matches!(written, "," | ".") => plain(TokenKind::Sign),
            LexemeKind::Sign | LexemeKind::Open | LexemeKind::Close => continue,
            LexemeKind::Word => match was(range).and_then(|range| known.get(&range)) {
                Some((kind, access)) => Token {
                    declares: *access == Access::Declare,
                    writes: *access == Access::Write,
                    constant: matches!(kind, Kind::Parameter | Kind::EnumValue),
                    ..plain(kind_of(*kind))
                },
                None if library::FUNCTIONS.iter().any(|f| f.name == written) => {
                    Token { library: true, ..plain(TokenKind::Function) }
                }
                None if is_keyword(written) => plain(TokenKind::Keyword),
                None if library::TYPES.iter().any(|t| t.name == written) => {
                    Token { library: true, ..plain(TokenKind::Type) }
                }
                None if library::UNITS.contains(&written) => plain(TokenKind::Keyword),
                None if library::VALUES.iter().any(|v| v.name == written) => {
                    Token { library: true, constant: true, ..plain(TokenKind::Local) }
                }
                None => continue,
            },
        };
        found.push(token);
    }
    found
}

fn kind_of(kind: Kind) -> TokenKind {
    match kind {
        Kind::Transaction | Kind::Uses | Kind::File => TokenKind::Transaction,
        Kind::Parameter => TokenKind::Parameter,
        Kind::Enum => TokenKind::Enum,
        Kind::EnumValue => TokenKind::EnumValue,
        Kind::Struct | Kind::Block | Kind::View => TokenKind::Record,
        Kind::Message => TokenKind::Message,
        Kind::Actor => TokenKind::Actor,
        Kind::Function | Kind::Native | Kind::Task | Kind::Property | Kind::Scenario => TokenKind::Function,
        Kind::Field | Kind::StoreField | Kind::SharedField => TokenKind::Field,
        Kind::Argument => TokenKind::Argument,
        Kind::Local | Kind::Member => TokenKind::Local,
        Kind::Trigger => TokenKind::Trigger,
        Kind::State => TokenKind::State,
    }
}
