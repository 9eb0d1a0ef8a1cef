//! What the parser expected and did not find.

use chumsky::DefaultExpected;
use chumsky::error::{Error, LabelError};
use chumsky::span::SimpleSpan;
use chumsky::util::MaybeRef;

use super::super::lookahead::Level;
use super::super::tokens::{Tok, Token, Tokens};
use super::{Input, NEST_DEPTH_MAX};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes, did_you_mean};

/// Something that could stand somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A keyword.
    Word(&'static str),
    /// A token with one spelling.
    Tok(Tok),
    /// Several possible tokens: "the name of a state".
    What(&'static str),
}

/// What other languages call it, and what this one does.
const ELSEWHERE: [(&str, &str); 22] = [
    ("fn func fun def defun procedure method", "function"),
    ("class record type object interface", "struct"),
    ("include require using", "imports"),
    ("const constant constants param params config", "parameters"),
    ("protocol contract", "transaction"),
    ("role machine party agent process", "actor"),
    ("msg packet", "message"),
    ("var vars variables fields storage data", "store"),
    ("extern external foreign", "native"),
    ("test", "scenario"),
    ("invariant assert", "property"),
    ("roster roles", "peers"),
    ("node", "state"),
    ("final end accepting done", "terminal"),
    ("start begin", "initial"),
    ("discard", "ignore"),
    ("postpone", "defer"),
    ("input command", "trigger"),
    ("emit dispatch reply respond", "SEND"),
    ("publish gossip", "BROADCAST"),
    ("push add", "APPEND"),
    ("fail throw revert panic", "ABORT"),
];

impl Expected {
    fn word(self) -> Option<&'static str> {
        if let Expected::Word(word) = self { Some(word) } else { None }
    }

    fn describe(self) -> String {
        match self {
            Expected::Word(w) => format!("`{w}`"),
            Expected::Tok(t) => t.describe().to_owned(),
            Expected::What(w) => w.to_owned(),
        }
    }
}

/// A failure at a token. Of several the one that got furthest is kept; what they expected is united.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    /// Index of the token.
    pub(crate) at: usize,
    expected: Vec<Expected>,
    /// Says more than "expected … found …".
    special: Option<Box<Diagnostic>>,
    /// It was reported already.
    pub(crate) reported: bool,
    /// The bracket that should have been closed here.
    opened: Option<usize>,
}

impl SyntaxError {
    pub(crate) fn expected(at: usize, what: Expected) -> SyntaxError {
        SyntaxError { at, expected: vec![what], special: None, reported: false, opened: None }
    }

    /// Something else that could stand there.
    pub(crate) fn also(mut self, what: Expected) -> SyntaxError {
        self.expected.push(what);
        self
    }

    /// Says where the bracket was opened that is not closed.
    pub(crate) fn opened(mut self, open: usize) -> SyntaxError {
        self.opened = self.opened.or(Some(open));
        self
    }

    /// Whether a bracket inside of an element was not closed.
    pub(crate) fn forgets_bracket(&self) -> bool {
        self.opened.is_some()
    }

    /// The flags of a state, too, could stand there.
    pub(crate) fn or_flag(mut self) -> SyntaxError {
        if self.special.is_none() {
            self.expected = ["initial", "terminal", "rest"]
                .into_iter()
                .map(Expected::Word)
                .chain(self.expected)
                .collect();
        }
        self
    }

    /// The keyword that the word which stands there was probably meant to be.
    pub(crate) fn meant(&self, t: &Tokens<'_>) -> Option<&'static str> {
        if self.special.is_some() || t.kind(self.at) != Tok::Word {
            return None;
        }
        let written = t.text(self.at);
        let keywords = || self.expected.iter().filter_map(|e| e.word());
        let near = did_you_mean(written, keywords());
        keywords().find(|w| Some(*w) == near).or_else(|| {
            let lower = written.to_ascii_lowercase();
            let (_, keyword) = ELSEWHERE.iter().find(|(words, keyword)| {
                words.split(' ').any(|w| w == lower) && keywords().any(|w| w == *keyword)
            })?;
            Some(keyword)
        })
    }

    pub(crate) fn special(at: usize, diagnostic: Diagnostic) -> SyntaxError {
        SyntaxError {
            at,
            expected: Vec::new(),
            special: Some(Box::new(diagnostic)),
            reported: false,
            opened: None,
        }
    }

    /// A failure that was reported already; reading may go on at this token.
    pub(crate) fn reported(at: usize) -> SyntaxError {
        SyntaxError { at, expected: Vec::new(), special: None, reported: true, opened: None }
    }

    /// The diagnostic; `inside` is what was being read, and the index of the token at which that began.
    pub(crate) fn into_diagnostic(self, t: &Tokens<'_>, inside: Option<(Level, usize)>) -> Diagnostic {
        let meant = self.meant(t);
        if let Some(special) = self.special {
            return *special;
        }
        let span = t.span(self.at);
        let kind = t.kind(self.at);
        let found = if kind == Tok::Word { t.quoted(self.at) } else { kind.describe().to_owned() };
        let mut words: Vec<String> = Vec::new();
        for e in &self.expected {
            let text = e.describe();
            if !words.contains(&text) {
                words.push(text);
            }
        }
        // At the start of an element everything that may begin one is expected: the list of all keywords says
        // less than what they have in common.
        let at_start = inside.filter(|(_, start)| *start == self.at && words.len() > LISTED_COUNT_MAX);
        let wanted = match at_start {
            Some((level, _)) => level.noun().to_owned(),
            None => list(&words),
        };
        let mut diagnostic =
            Diagnostic::new(codes::UNEXPECTED, span, format!("expected {wanted}, found {found}"))
                .with_label(format!("expected {wanted}"));
        if at_start.is_some() && meant.is_none() {
            diagnostic = diagnostic.with_note(format!("one begins with {}", list(&words)));
        }
        if let Some(word) = meant {
            diagnostic = diagnostic
                .with_help(format!("did you mean `{word}`?"))
                .with_fix(Fix::new(Applicability::Unsafe, format!("write `{word}`")).replace(span, word));
        }
        if kind == Tok::LBrace && self.expected.contains(&Expected::Tok(Tok::LParen)) {
            diagnostic =
                diagnostic.with_help("what belongs together stands in parentheses: write `(` and `)`");
            if let Some(close) = t.closed_at(self.at) {
                diagnostic = diagnostic.with_fix(
                    Fix::new(Applicability::Unsafe, "write `(` and `)`")
                        .replace(span, "(")
                        .replace(t.span(close), ")"),
                );
            }
        }
        if let Some(open) = self.opened {
            diagnostic = diagnostic
                .with_secondary(t.span(open), format!("this {} is not closed", t.kind(open).describe()));
        }
        if let Some((level, start)) = inside
            && start < self.at
            && t.list.get(start..=self.at).is_some_and(|l| l.iter().skip(1).any(|t| t.first_on_line))
        {
            diagnostic = diagnostic
                .with_secondary(t.span(start), format!("while reading {} that begins here", level.noun()));
        }
        diagnostic
    }
}

/// How many possible tokens are listed at the start of something that has a name of its own.
const LISTED_COUNT_MAX: usize = 4;

/// `a`, `a or b`, `a, b or c`
fn list(words: &[String]) -> String {
    match words {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

pub(super) fn too_deep(t: &Tokens<'_>, at: usize) -> SyntaxError {
    SyntaxError::special(
        at,
        Diagnostic::new(
            codes::TOO_DEEP,
            t.span(at),
            format!("this is nested more than {NEST_DEPTH_MAX} levels deep"),
        )
        .with_label("one level too many")
        .with_note("the limit keeps every later pass within its stack")
        .with_help("give a part of it a name of its own: a function, a `let`, or a field"),
    )
}

impl<'s> Error<'s, Input<'s>> for SyntaxError {
    fn merge(mut self, mut other: Self) -> Self {
        match self.at.cmp(&other.at) {
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal if self.special.is_some() || self.reported => self,
            std::cmp::Ordering::Equal if other.special.is_some() || other.reported => other,
            std::cmp::Ordering::Equal => {
                self.expected.append(&mut other.expected);
                self
            }
        }
    }
}

// Chumsky's own primitives are used only where they cannot fail, or where the error is replaced; this is what
// they would say.
impl<'s> LabelError<'s, Input<'s>, DefaultExpected<'s, Token>> for SyntaxError {
    fn expected_found<Iter: IntoIterator<Item = DefaultExpected<'s, Token>>>(
        _: Iter,
        _: Option<MaybeRef<'s, Token>>,
        span: SimpleSpan<usize>,
    ) -> Self {
        SyntaxError { at: span.start, expected: Vec::new(), special: None, reported: false, opened: None }
    }
}
