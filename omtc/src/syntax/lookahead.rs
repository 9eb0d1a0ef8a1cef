//! What the next tokens begin, decided by looking and without parsing.
//!
//! Two things need it: a `(` after a name, which opens a call or a block (LANGUAGE section 3), and recovery,
//! which continues where something begins that can be recognised.

use super::parser::NEST_DEPTH_MAX;
use super::tokens::{Tok, Tokens};

/// What stands between a pair of brackets, or in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Declarations,
    ParameterEntries,
    EnumValues,
    Fields,
    ViewItems,
    ActorItems,
    Roster,
    Actions,
    Statements,
    Steps,
    Cast,
    Arrows,
}

impl Level {
    /// How a message calls one of them.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Level::Declarations => "a declaration",
            Level::ParameterEntries => "a parameter",
            Level::EnumValues => "a value",
            Level::Fields => "a field",
            Level::ViewItems => "a field or `on`",
            Level::ActorItems => "an actor item",
            Level::Roster => "a role and its field",
            Level::Actions => "an action",
            Level::Statements => "a statement",
            Level::Steps => "a step",
            Level::Cast => "a member of the cast",
            Level::Arrows => "a message of the sequence",
        }
    }

    /// How a message calls all of them together.
    pub(crate) fn list(self) -> &'static str {
        match self {
            Level::Declarations => "the declarations",
            Level::ParameterEntries => "the parameters",
            Level::EnumValues => "the values",
            Level::Fields => "the fields",
            Level::ViewItems => "the fields and folds",
            Level::ActorItems => "the items of the actor",
            Level::Roster => "the roster",
            Level::Actions => "the actions",
            Level::Statements => "the statements",
            Level::Steps => "the steps",
            Level::Cast => "the cast",
            Level::Arrows => "the sequence",
        }
    }

    /// Whether the token surely begins an element of this level, and of none that may stand inside of one:
    /// an unclosed bracket ends here.
    pub(crate) fn surely_starts(self, t: &Tokens<'_>, i: usize) -> bool {
        match self {
            Level::Declarations => t.first_on_line(i) && declaration_starts(t, i),
            Level::ActorItems => t.first_on_line(i) && item_starts(t, i),
            Level::ParameterEntries
            | Level::EnumValues
            | Level::Fields
            | Level::ViewItems
            | Level::Roster
            | Level::Actions
            | Level::Statements
            | Level::Steps
            | Level::Cast
            | Level::Arrows => false,
        }
    }

    /// Whether the token begins an element of this level that nothing inside of an expression looks like.
    pub(crate) fn clearly_starts(self, t: &Tokens<'_>, i: usize) -> bool {
        match self {
            Level::Actions | Level::Statements => action_starts(t, i),
            Level::Steps => step_starts(t, i),
            Level::Declarations
            | Level::ActorItems
            | Level::ParameterEntries
            | Level::EnumValues
            | Level::Fields
            | Level::ViewItems
            | Level::Roster
            | Level::Cast
            | Level::Arrows => self.surely_starts(t, i),
        }
    }

    /// Whether reading may go on here after a mistake.
    pub(crate) fn may_resume(self, t: &Tokens<'_>, i: usize) -> bool {
        let two_names = t.kind(i) == Tok::Word && t.kind(i.saturating_add(1)) == Tok::Word;
        let at_line_start = t.first_on_line(i) && t.kind(i) == Tok::Word;
        match self {
            Level::Declarations => t.first_on_line(i) && declaration_starts(t, i),
            Level::ActorItems => at_line_start && !continues_item(t.text(i)),
            Level::Actions => at_line_start || action_starts(t, i),
            Level::Statements => at_line_start || (t.first_on_line(i) && t.kind(i) == Tok::LParen),
            Level::Fields | Level::Roster => at_line_start || two_names,
            Level::ViewItems => at_line_start || (two_names && t.is_word(i, "on")),
            Level::Steps => at_line_start && step_starts(t, i),
            Level::ParameterEntries | Level::EnumValues | Level::Cast | Level::Arrows => at_line_start,
        }
    }
}

/// Whether a declaration begins here. Two or three tokens decide, so that names which are keywords do not
/// look like one.
pub(crate) fn declaration_starts(t: &Tokens<'_>, i: usize) -> bool {
    if t.kind(i) != Tok::Word {
        return false;
    }
    let next = i.saturating_add(1);
    let third = t.kind(i.saturating_add(2));
    let named = t.kind(next) == Tok::Word;
    match t.text(i) {
        "transaction" => {
            matches!(t.kind(next), Tok::Number | Tok::Word | Tok::Minus)
                && !matches!(third, Tok::Eq | Tok::Arrow)
        }
        "imports" => {
            matches!(t.kind(next), Tok::Number | Tok::Word) && !matches!(third, Tok::Eq | Tok::Arrow)
        }
        "uses" => matches!(t.kind(next), Tok::Number | Tok::Word) && matches!(third, Tok::Slash | Tok::Word),
        "parameters" => t.kind(next) == Tok::LParen,
        "enum" | "struct" | "view" | "actor" | "scenario" => {
            named && matches!(third, Tok::LParen | Tok::Text)
        }
        "message" => named && t.is_word(i.saturating_add(2), "from"),
        "block" => named && t.is_word(i.saturating_add(2), "by"),
        "function" => named && third == Tok::LParen,
        "native" => named && (t.is_word(next, "function") || t.is_word(next, "task")) && third == Tok::Word,
        "property" => named && matches!(third, Tok::Word | Tok::Text),
        _ => false,
    }
}

/// How many source states of a transition recovery looks past. Keeps it linear in files of nothing but names
/// and commas; a longer list is still read, only not recognised after a mistake.
const SOURCE_STATES_MAX: usize = 256;

/// Whether an item of an actor begins here.
fn item_starts(t: &Tokens<'_>, i: usize) -> bool {
    if t.kind(i) != Tok::Word {
        return false;
    }
    let next = t.kind(i.saturating_add(1));
    let third = t.kind(i.saturating_add(2));
    if next == Tok::Arrow {
        return true;
    }
    match t.text(i) {
        "store" | "shared" | "peers" => next == Tok::LParen,
        "trigger" => next == Tok::Word && third == Tok::LParen,
        "state" => next == Tok::Word && third != Tok::Eq,
        "ignore" | "defer" | "collect" => next == Tok::Word && t.is_word(i.saturating_add(2), "in"),
        // `A, B -> C`: the commas end with an arrow.
        _ => {
            let mut at = i;
            for _ in 0..SOURCE_STATES_MAX {
                if t.kind(at) != Tok::Word || t.kind(at.saturating_add(1)) != Tok::Comma {
                    break;
                }
                at = at.saturating_add(2);
            }
            at > i && t.kind(at) == Tok::Word && t.kind(at.saturating_add(1)) == Tok::Arrow
        }
    }
}

/// Whether the word, at the start of a line, goes on with the item of the line before.
fn continues_item(word: &str) -> bool {
    const WORDS: [&str; 10] = ["when", "let", "after", "at", "else", "on", "auto", "and", "or", "in"];
    WORDS.iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// Whether a step of a scenario begins here.
pub(crate) fn step_starts(t: &Tokens<'_>, i: usize) -> bool {
    if t.kind(i) != Tok::Word {
        return false;
    }
    match t.text(i) {
        "cast" | "at" | "drop" | "delay" | "duplicate" | "expect" => true,
        "parameters" => t.kind(i.saturating_add(1)) == Tok::LParen,
        _ => false,
    }
}

/// The capital words that are actions when a `(` follows.
pub(crate) const ACTION_CALLS: [&str; 6] = ["STORE", "SEND", "BROADCAST", "APPEND", "ABORT", "START"];

/// Whether something begins here that can only be an action or a statement, never an argument of a call.
fn action_starts(t: &Tokens<'_>, i: usize) -> bool {
    if t.kind(i) != Tok::Word {
        return false;
    }
    let next = i.saturating_add(1);
    let word = t.text(i);
    let kind = t.kind(next);
    if kind == Tok::Eq
        || (kind == Tok::LBracket && index_assignment(t, i))
        || (kind == Tok::LParen && ACTION_CALLS.contains(&word))
        || (kind == Tok::Word && word == "store")
        || (kind == Tok::Word && matches!(word, "lookup" | "let") && t.kind(i.saturating_add(2)) == Tok::Eq)
    {
        return true;
    }
    word.eq_ignore_ascii_case("return")
        || word.eq_ignore_ascii_case("for")
            && kind == Tok::Word
            && t.is_word_any_case(i.saturating_add(2), "in")
}

/// Whether `NAME [ … ] … [ … ] =` stands here.
pub(crate) fn index_assignment(t: &Tokens<'_>, i: usize) -> bool {
    let mut at = i.saturating_add(1);
    let mut count = 0_usize;
    while t.kind(at) == Tok::LBracket {
        let Some(end) = t.closed_at(at) else { return false };
        at = end.saturating_add(1);
        count = count.saturating_add(1);
    }
    count > 0 && t.kind(at) == Tok::Eq
}

/// Whether the `else` of an IF stands here, not an assignment to what is called so.
pub(crate) fn at_else(t: &Tokens<'_>, i: usize) -> bool {
    t.is_word_any_case(i, "else")
        && !matches!(t.kind(i.saturating_add(1)), Tok::Eq | Tok::Arrow)
        && !index_assignment(t, i)
}

/// Whether the `(` at this index opens a block of actions or statements rather than the arguments of a
/// call. The caller has made sure that a block may stand there.
pub(crate) fn opens_block(t: &Tokens<'_>, open: usize, empty_is_block: bool) -> bool {
    let mut at = open;
    // "or another such `(`"
    for _ in 0..=NEST_DEPTH_MAX {
        if t.kind(at) != Tok::LParen {
            break;
        }
        at = at.saturating_add(1);
    }
    if t.kind(at) == Tok::RParen {
        let single = at == open.saturating_add(1);
        return single
            && empty_is_block
            && !t.touches_previous(open)
            && t.kind(at.saturating_add(1)) != Tok::LParen;
    }
    content_is_block(t, at)
}

/// Whether what begins here is the first thing of a block.
fn content_is_block(t: &Tokens<'_>, at: usize) -> bool {
    if action_starts(t, at) {
        return true;
    }
    // `IF … THEN x = 1`, `IF … THEN ( x = 1 )`: follow the first branch.
    let mut at = at;
    for _ in 0..=NEST_DEPTH_MAX {
        if !t.is_word_any_case(at, "if") {
            return false;
        }
        let Some(then) = matching_then(t, at) else { return false };
        let mut branch = then.saturating_add(1);
        let mut opened = false;
        for _ in 0..=NEST_DEPTH_MAX {
            if t.kind(branch) != Tok::LParen {
                break;
            }
            opened = true;
            branch = branch.saturating_add(1);
        }
        if opened && t.kind(branch) == Tok::RParen {
            return true;
        }
        if action_starts(t, branch) {
            return true;
        }
        at = branch;
    }
    false
}

/// The `THEN` that belongs to an `IF`; brackets in between are skipped as wholes.
fn matching_then(t: &Tokens<'_>, start: usize) -> Option<usize> {
    let mut open: usize = 0;
    let mut at = start;
    loop {
        let kind = t.kind(at);
        if kind == Tok::End || kind.is_closing() {
            return None;
        }
        if kind.closing().is_some() {
            at = t.closed_at(at)?;
        } else if t.is_word_any_case(at, "if") {
            open = open.saturating_add(1);
        } else if t.is_word_any_case(at, "then") {
            open = open.saturating_sub(1);
            if open == 0 {
                return Some(at);
            }
        }
        at = at.saturating_add(1);
    }
}
