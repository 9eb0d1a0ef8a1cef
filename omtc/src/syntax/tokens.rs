//! Words: from text to tokens and comments.
//!
//! The lexer never fails. What it cannot read it reports and leaves out, so that the parser sees what was
//! probably meant. Keywords are words like any other: which word is a keyword where, only the parser knows.

use logos::Logos;

use super::foreign::foreign_comments;
use super::lookahead::declaration_starts;
use super::report::Reporter;
use super::{Comment, Lexeme, LexemeKind};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes};
use crate::source::{FileId, Span};

/// What kind of token it is.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\x0B\x0C]+")]
pub(crate) enum Tok {
    #[regex("[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    #[regex(r"[0-9]+(\.[0-9]+)?")]
    Number,
    #[regex(r#""[^"\r\n]*""#)]
    Text,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("<")]
    Lt,
    #[token(">")]
    Gt,
    #[token("<=")]
    Le,
    #[token(">=")]
    Ge,
    #[token("==")]
    EqEq,
    #[token("!=")]
    Ne,
    #[token("=")]
    Eq,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("//")]
    SlashSlash,
    #[token("%")]
    Percent,
    #[token(",")]
    Comma,
    #[token(".")]
    Dot,
    #[token("...")]
    Ellipsis,
    #[token("?")]
    Question,
    #[token("->")]
    Arrow,
    #[token("=>")]
    FatArrow,
    /// Not of the language: reported, then read as `AND`.
    #[token("&&")]
    AmpAmp,
    /// Not of the language: reported, then read as `OR`.
    #[token("||")]
    PipePipe,
    /// Not of the language: reported, then read as `NOT`.
    #[token("!")]
    Bang,
    /// A sign of another language with one that means the same: see [`FOREIGN_SIGNS`].
    #[regex("→|⟶|⇒|≠|≤|≥|∧|∨|¬|×|÷|−|–|&|\\|")]
    #[token("-->")]
    #[token("===")]
    #[token("!==")]
    #[token("=<")]
    #[token(":=")]
    #[token("+=")]
    #[token("-=")]
    #[token("*=")]
    #[token("/=")]
    #[token("%=")]
    Foreign,
    /// In quotes of another language: reported, then read as a string.
    #[regex("'[^'\"\r\n]*'")]
    #[regex("`[^`\"\r\n]*`")]
    #[regex("[“”„][^“”„\"\r\n]*[“”]")]
    ForeignText,
    /// A quote of another language without a second one: cannot be read.
    #[regex("['`“”„]")]
    ForeignQuote,
    /// Not of the language: reported and left out.
    #[token(";")]
    Semicolon,
    /// Not of the language: reported and left out.
    #[token(":")]
    Colon,
    /// With letters that are not ASCII: reported, then read as a word.
    #[regex(r"[_\p{L}][_\p{L}\p{N}]*", priority = 1)]
    ForeignWord,
    /// Without its second quote: reported, then read as a string up to the end of the line.
    #[regex(r#""[^"\r\n]*"#)]
    OpenText,
    /// Never in the token list.
    #[regex(r"#[^\r\n]*", allow_greedy = true)]
    Comment,
    /// Past the last token; never in the token list.
    End,
}

impl Tok {
    /// How a message calls it.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Tok::Word | Tok::ForeignWord => "a name",
            Tok::Number => "a number",
            Tok::Text | Tok::OpenText | Tok::ForeignText => "a string",
            Tok::Foreign | Tok::ForeignQuote => "a sign of another language",
            Tok::LParen => "`(`",
            Tok::RParen => "`)`",
            Tok::LBracket => "`[`",
            Tok::RBracket => "`]`",
            Tok::LBrace => "`{`",
            Tok::RBrace => "`}`",
            Tok::Lt => "`<`",
            Tok::Gt => "`>`",
            Tok::Le => "`<=`",
            Tok::Ge => "`>=`",
            Tok::EqEq => "`==`",
            Tok::Ne => "`!=`",
            Tok::Eq => "`=`",
            Tok::Plus => "`+`",
            Tok::Minus => "`-`",
            Tok::Star => "`*`",
            Tok::Slash => "`/`",
            Tok::SlashSlash => "`//`",
            Tok::Percent => "`%`",
            Tok::Comma => "`,`",
            Tok::Dot => "`.`",
            Tok::Ellipsis => "`...`",
            Tok::Question => "`?`",
            Tok::Arrow => "`->`",
            Tok::FatArrow => "`=>`",
            Tok::AmpAmp => "`&&`",
            Tok::PipePipe => "`||`",
            Tok::Bang => "`!`",
            Tok::Semicolon => "`;`",
            Tok::Colon => "`:`",
            Tok::Comment => "a comment",
            Tok::End => "the end of the file",
        }
    }

    /// The bracket that closes this one.
    pub(crate) fn closing(self) -> Option<Tok> {
        if self == Tok::LParen {
            Some(Tok::RParen)
        } else if self == Tok::LBracket {
            Some(Tok::RBracket)
        } else if self == Tok::LBrace {
            Some(Tok::RBrace)
        } else {
            None
        }
    }

    /// Whether it closes a bracket.
    pub(crate) fn is_closing(self) -> bool {
        matches!(self, Tok::RParen | Tok::RBracket | Tok::RBrace)
    }
}

/// The words and signs of a text, as they are written.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme> {
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Tok::lexer(text)
        .spanned()
        .map(|(token, range)| {
            let kind = match token {
                Ok(Tok::Word | Tok::ForeignWord) => LexemeKind::Word,
                Ok(Tok::Number) => LexemeKind::Number,
                Ok(Tok::Text | Tok::OpenText | Tok::ForeignText) => LexemeKind::Text,
                Ok(Tok::Comment) => LexemeKind::Comment,
                Ok(Tok::LParen | Tok::LBracket | Tok::LBrace) => LexemeKind::Open,
                Ok(Tok::RParen | Tok::RBracket | Tok::RBrace) => LexemeKind::Close,
                _ => LexemeKind::Sign,
            };
            Lexeme { kind, start: offset(range.start), end: offset(range.end) }
        })
        .collect()
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Tok,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// How many comments stand before it in the file.
    pub(crate) comments: u32,
    /// Whether a line end stands between it and the token before it; true for the first token.
    pub(crate) first_on_line: bool,
    /// Whether it begins in the first column.
    pub(crate) first_column: bool,
}

/// All tokens of a file, with what the parser asks about them.
pub(crate) struct Tokens<'s> {
    pub(crate) file: FileId,
    pub(crate) text: &'s str,
    pub(crate) list: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    /// For each token the index of the bracket that closes it; 0 when it opens none or is never closed (the
    /// closing bracket of a pair is never the first token).
    matches: Vec<u32>,
    /// Whether to guess where declarations begin, after a mistake.
    recovering: bool,
}

impl<'s> Tokens<'s> {
    /// Reads a text. Its length is below `u32::MAX`.
    pub(crate) fn lex(file: FileId, text: &'s str, reporter: &mut Reporter) -> Tokens<'s> {
        // A byte order mark at the very start is skipped.
        let skipped = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let mut lexer =
            Lexer { file, text, skipped, list: Vec::new(), comments: Vec::new(), newline: true, reporter };
        lexer.run();
        let Lexer { list, comments, .. } = lexer;
        let mut tokens = Tokens { file, text, list, comments, matches: Vec::new(), recovering: false };
        tokens.matches = tokens.match_brackets();
        tokens
    }

    /// From here on, the tokens are those of a text with mistakes.
    pub(crate) fn recover(&mut self, reporter: &mut Reporter) {
        self.recovering = true;
        foreign_comments(self, reporter);
        self.matches = self.match_brackets();
    }

    /// Whether they are those of a text with mistakes.
    pub(crate) fn recovering(&self) -> bool {
        self.recovering
    }

    /// Pairs brackets. In a text with mistakes a declaration in the first column closes everything, so that one
    /// forgotten bracket does not change what the rest of the file looks like.
    fn match_brackets(&self) -> Vec<u32> {
        let mut matches = vec![0; self.list.len()];
        let mut open: Vec<(usize, Tok)> = Vec::new();
        for (i, token) in self.list.iter().enumerate() {
            if self.declares(i) {
                open.clear();
            }
            if let Some(closing) = token.kind.closing() {
                open.push((i, closing));
            } else if token.kind.is_closing()
                && let Some(depth) =
                    open.iter().rev().take(BRACKET_SEARCH_MAX).position(|o| o.1 == token.kind)
            {
                // Brackets opened in between were forgotten; they stay without a partner.
                let keep = open.len().saturating_sub(depth);
                open.truncate(keep);
                if let Some((opening, _)) = open.pop()
                    && let Some(slot) = matches.get_mut(opening)
                {
                    *slot = u32::try_from(i).unwrap_or(0);
                }
            }
        }
        matches
    }

    /// Whether a declaration seems to begin here, in the first column of a text with mistakes. There a keyword
    /// is not read as the name that is missing before it.
    pub(crate) fn declares(&self, i: usize) -> bool {
        self.recovering && self.list.get(i).is_some_and(|t| t.first_column) && declaration_starts(self, i)
    }

    /// The kind of a token, `End` past the last.
    pub(crate) fn kind(&self, i: usize) -> Tok {
        self.list.get(i).map_or(Tok::End, |t| t.kind)
    }

    /// The text of a token, empty past the last.
    pub(crate) fn text(&self, i: usize) -> &'s str {
        self.list.get(i).map_or("", |t| self.text.get(t.start as usize..t.end as usize).unwrap_or(""))
    }

    /// How a message quotes a token.
    pub(crate) fn quoted(&self, i: usize) -> String {
        let text = self.text(i);
        match text.char_indices().nth(QUOTED_CHARS_MAX) {
            Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or("")),
            None => format!("`{text}`"),
        }
    }

    /// Whether the token is exactly this word.
    pub(crate) fn is_word(&self, i: usize, word: &str) -> bool {
        self.kind(i) == Tok::Word && self.text(i) == word
    }

    /// Whether the token is this word in any case; the argument is in lower case.
    pub(crate) fn is_word_any_case(&self, i: usize, word: &str) -> bool {
        self.kind(i) == Tok::Word && self.text(i).eq_ignore_ascii_case(word)
    }

    /// Where the bracket that this token opens is closed.
    pub(crate) fn closed_at(&self, i: usize) -> Option<usize> {
        self.matches.get(i).copied().filter(|m| *m != 0).map(|m| m as usize)
    }

    /// Whether a line end stands before the token.
    pub(crate) fn first_on_line(&self, i: usize) -> bool {
        self.list.get(i).is_none_or(|t| t.first_on_line)
    }

    /// Whether nothing stands between the token and the one before it.
    pub(crate) fn touches_previous(&self, i: usize) -> bool {
        let before = i.checked_sub(1).and_then(|b| self.list.get(b));
        match (before, self.list.get(i)) {
            (Some(a), Some(b)) => a.end == b.start,
            _ => false,
        }
    }

    /// Where a token stands; past the last, the end of the text.
    pub(crate) fn span(&self, i: usize) -> Span {
        match self.list.get(i) {
            Some(t) => Span::new(self.file, t.start, t.end),
            None => {
                let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
                Span::new(self.file, end, end)
            }
        }
    }

    /// From the first token to before the second index.
    pub(crate) fn span_between(&self, from: usize, to: usize) -> Span {
        match to.checked_sub(1) {
            Some(last) if last >= from => self.span(from).to(self.span(last)),
            _ => self.span(from).before(),
        }
    }

    /// The comments between the token and the one before it.
    pub(crate) fn comments_before(&self, i: usize) -> &[Comment] {
        let count = |i: usize| self.list.get(i).map_or(self.comments.len(), |t| t.comments as usize);
        let from = i.checked_sub(1).map_or(0, count);
        self.comments.get(from..count(i)).unwrap_or(&[])
    }
}

/// Signs of other languages, what is read instead, and how that is written.
const FOREIGN_SIGNS: [(&str, Tok, &str); 19] = [
    ("→", Tok::Arrow, "->"),
    ("⟶", Tok::Arrow, "->"),
    ("-->", Tok::Arrow, "->"),
    ("⇒", Tok::FatArrow, "=>"),
    ("===", Tok::EqEq, "=="),
    ("!==", Tok::Ne, "!="),
    ("≠", Tok::Ne, "!="),
    ("≤", Tok::Le, "<="),
    ("=<", Tok::Le, "<="),
    ("≥", Tok::Ge, ">="),
    ("∧", Tok::AmpAmp, "AND"),
    ("&", Tok::AmpAmp, "AND"),
    ("∨", Tok::PipePipe, "OR"),
    ("|", Tok::PipePipe, "OR"),
    ("¬", Tok::Bang, "NOT"),
    ("×", Tok::Star, "*"),
    ("÷", Tok::Slash, "/"),
    ("−", Tok::Minus, "-"),
    ("–", Tok::Minus, "-"),
];

/// How far a closing bracket looks for its opening one past brackets of another kind. Keeps mismatched
/// brackets linear; correct files never look further than 1.
const BRACKET_SEARCH_MAX: usize = 64;

/// How much of a word a message repeats. No sensible name is longer.
const QUOTED_CHARS_MAX: usize = 80;

struct Lexer<'s, 'r> {
    file: FileId,
    text: &'s str,
    /// How many bytes of the text are a byte order mark.
    skipped: usize,
    list: Vec<Token>,
    comments: Vec<Comment>,
    /// Whether a line end was seen since the last token.
    newline: bool,
    reporter: &'r mut Reporter,
}

impl Lexer<'_, '_> {
    fn run(&mut self) {
        let text = self.text;
        let mut lexer = Tok::lexer(text);
        lexer.bump(self.skipped);
        let mut last_end = self.skipped;
        // Neighbouring characters that cannot be read are one mistake.
        let mut unreadable: Option<(usize, usize)> = None;
        while let Some(result) = lexer.next() {
            let range = lexer.span();
            let between = text.get(last_end..range.start).unwrap_or("");
            self.newline |= between.contains(['\n', '\r']);
            match result {
                Ok(kind) if kind != Tok::ForeignQuote => {
                    self.flush(unreadable.take());
                    self.token(kind, range.start, range.end);
                }
                Ok(_) | Err(()) => {
                    unreadable = match unreadable {
                        Some((start, end)) if end == range.start => Some((start, range.end)),
                        other => {
                            self.flush(other);
                            Some((range.start, range.end))
                        }
                    };
                }
            }
            last_end = range.end;
        }
        self.flush(unreadable);
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }

    fn token(&mut self, kind: Tok, start: usize, end: usize) {
        let span = self.span(start, end);
        let source = self.text.get(start..end).unwrap_or("");
        let mut kept = kind;
        match kind {
            Tok::Comment => {
                let text = source.trim_end().to_owned();
                let span =
                    Span { end: span.start.saturating_add(u32::try_from(text.len()).unwrap_or(0)), ..span };
                let trailing = !self.newline && self.list.last().is_some();
                self.comments.push(Comment { span, text, trailing });
                return;
            }
            Tok::OpenText => {
                self.reporter.push(
                    Diagnostic::new(codes::OPEN_STRING, span, "this string is not closed")
                        .with_label("a `\"` is missing before the end of the line")
                        .with_note("a string ends on the line on which it begins; it has no escapes")
                        .with_fix(
                            Fix::new(Applicability::Unsafe, "close the string at the end of the line")
                                .insert_after(span, "\""),
                        ),
                );
                kept = Tok::Text;
            }
            Tok::ForeignWord => {
                self.reporter.push(
                    Diagnostic::new(
                        codes::UNREADABLE,
                        span,
                        "a name consists of ASCII letters, digits and `_`",
                    )
                    .with_label("has other letters")
                    .with_note("other letters may stand in strings and comments")
                    .with_help("write it with the letters A to Z"),
                );
                kept = Tok::Word;
            }
            Tok::Foreign => kept = self.foreign_sign(span, source),
            Tok::ForeignText => {
                let mut inner = source.chars();
                inner.next();
                inner.next_back();
                let plain = format!("\"{}\"", inner.as_str());
                self.reporter.push(
                    Diagnostic::new(codes::UNREADABLE, span, "strings stand in double quotes")
                        .with_label("in other quotes")
                        .with_help(format!("write `{plain}`"))
                        .with_fix(
                            Fix::new(Applicability::Safe, "put it in double quotes")
                                .replace(span, plain.clone()),
                        ),
                );
                kept = Tok::Text;
            }
            Tok::AmpAmp => self.foreign(span, "&&", "AND"),
            Tok::PipePipe => self.foreign(span, "||", "OR"),
            Tok::Bang => self.foreign(span, "!", "NOT"),
            Tok::Semicolon => {
                self.superfluous(span, ";", "nothing separates declarations, actions and statements");
                return;
            }
            Tok::Colon => {
                self.superfluous(span, ":", "a name and its type or value stand side by side: `amount uint`");
                return;
            }
            Tok::Word
            | Tok::Number
            | Tok::Text
            | Tok::ForeignQuote
            | Tok::LParen
            | Tok::RParen
            | Tok::LBracket
            | Tok::RBracket
            | Tok::LBrace
            | Tok::RBrace
            | Tok::Lt
            | Tok::Gt
            | Tok::Le
            | Tok::Ge
            | Tok::EqEq
            | Tok::Ne
            | Tok::Eq
            | Tok::Plus
            | Tok::Minus
            | Tok::Star
            | Tok::Slash
            | Tok::SlashSlash
            | Tok::Percent
            | Tok::Comma
            | Tok::Dot
            | Tok::Ellipsis
            | Tok::Question
            | Tok::Arrow
            | Tok::FatArrow
            | Tok::End => {}
        }
        let before = start.checked_sub(1).and_then(|b| self.text.as_bytes().get(b));
        let first_column = start == self.skipped || matches!(before, Some(b'\n' | b'\r'));
        self.list.push(Token {
            kind: kept,
            start: span.start,
            end: span.end,
            comments: u32::try_from(self.comments.len()).unwrap_or(u32::MAX),
            first_on_line: self.newline || self.list.is_empty(),
            first_column,
        });
        self.newline = false;
    }

    /// Reports a sign of another language and gives the one that is meant.
    fn foreign_sign(&mut self, span: Span, written: &str) -> Tok {
        let (meant, write) = FOREIGN_SIGNS
            .iter()
            .find(|(sign, _, _)| *sign == written)
            .map_or((Tok::Eq, "="), |(_, meant, write)| (*meant, *write));
        let diagnostic = Diagnostic::new(
            codes::FOREIGN_OPERATOR,
            span,
            format!("`{written}` is not an operator of this language"),
        );
        let operator = written.strip_suffix('=').filter(|_| meant == Tok::Eq && written != ":=");
        self.reporter.push(match operator {
            Some(operator) => diagnostic
                .with_label("an assignment is written out")
                .with_help(format!("write `name = name {operator} value`")),
            None => diagnostic
                .with_label(format!("write `{write}`"))
                .with_help(format!("write `{write}`"))
                .with_fix(
                    Fix::new(Applicability::Safe, format!("write `{write}`"))
                        .replace(span, format!(" {write} ")),
                ),
        });
        meant
    }

    fn foreign(&mut self, span: Span, written: &str, word: &str) {
        self.reporter.push(
            Diagnostic::new(
                codes::FOREIGN_OPERATOR,
                span,
                format!("`{written}` is not an operator of this language"),
            )
            .with_label(format!("write `{word}`"))
            .with_note("logic is written in words: AND, OR, NOT")
            .with_fix(
                Fix::new(Applicability::Safe, format!("write `{word}`")).replace(span, format!(" {word} ")),
            ),
        );
    }

    fn superfluous(&mut self, span: Span, written: &str, why: &str) {
        self.reporter.push(
            Diagnostic::new(codes::SUPERFLUOUS, span, format!("`{written}` has no meaning here"))
                .with_label("leave it out")
                .with_note(why)
                .with_fix(
                    Fix::new(Applicability::Safe, format!("remove the `{written}`")).replace(span, " "),
                ),
        );
    }

    fn flush(&mut self, range: Option<(usize, usize)>) {
        let Some((start, end)) = range else { return };
        let span = self.span(start, end);
        let source = self.text.get(start..end).unwrap_or("");
        let first = source.chars().next().unwrap_or('?');
        let diagnostic =
            Diagnostic::new(codes::UNREADABLE, span, "these characters do not belong to the language");
        let diagnostic = match first {
            '\'' | '`' => diagnostic
                .with_label("not a quote of this language")
                .with_help("strings are written with double quotes: \"text\""),
            '\u{201C}' | '\u{201D}' | '\u{201E}' => diagnostic
                .with_label("a typographic quote")
                .with_help("strings are written with straight double quotes: \"text\""),
            '\u{FFFD}' => {
                diagnostic.with_label("bytes that were not valid UTF-8").with_help("save the file as UTF-8")
            }
            '\u{FEFF}' => {
                diagnostic.with_label("a byte order mark; only the first character of a file may be one")
            }
            c if c.is_whitespace() || c.is_control() => diagnostic
                .with_label(format!("the character U+{:04X}", c as u32))
                .with_help("write a plain space"),
            _ => diagnostic
                .with_label("cannot be read")
                .with_help("remove them, or put them into a string or a comment"),
        };
        self.reporter.push(diagnostic);
    }
}
