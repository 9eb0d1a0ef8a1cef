//! What stands around a place.

use super::super::{Range, Text, slice};
use omtc::syntax::{Lexeme, LexemeKind, lexemes};

/// What is wanted at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing: a comment, a string, a name that is being declared.
    Nothing,
    /// The beginning of a declaration.
    Declaration,
    /// The beginning of an item of an actor.
    Item,
    /// A state.
    State,
    /// What follows `on`.
    Cause,
    /// What follows the states of a transition.
    CauseWord,
    /// A time limit.
    Limit,
    /// A type.
    Type,
    /// An actor.
    Actor,
    /// A message that is sent.
    Sent,
    /// A block that is appended.
    Appended,
    /// A task that is started.
    Started,
    /// A message that is collected, ignored or deferred.
    Received,
    /// A field of a record: of that message, block or struct.
    Given {
        /// What the record is of.
        of: String,
        /// Fields that are there already.
        given: Vec<String>,
    },
    /// What `message.` has.
    OfMessage,
    /// What the names before a dot lead to.
    Member(Vec<String>),
    /// A store field, after `store` or `into`.
    Kept,
    /// An action or an expression of a transition.
    Action,
    /// An expression. The name that it is compared with or assigned to.
    Expression(Option<Vec<String>>),
    /// A unit after a number.
    Unit,
    /// A path of `imports` or `uses`, as far as it is written.
    Path(String),
    /// A step of a scenario.
    Step,
}

/// What stands around a place.
#[derive(Clone, Debug)]
pub struct Context {
    /// The word that has been begun.
    pub word: Range,
    /// The cursor.
    pub at: u32,
    /// What is wanted.
    pub wanted: Wanted,
    /// Kind and name of the declaration: `actor`, `Requester`.
    pub declaration: Option<(String, String)>,
    /// What causes the transition: `PONG`.
    pub cause: Option<String>,
    /// Names of `let`, `for` and lambdas before the place.
    pub locals: Vec<String>,
}

const DECLARATIONS: &[&str] = &[
    "transaction",
    "imports",
    "uses",
    "parameters",
    "enum",
    "struct",
    "message",
    "block",
    "view",
    "actor",
    "function",
    "native",
    "property",
    "scenario",
];

/// The words and signs of the declaration that holds a place.
struct Words<'t> {
    text: &'t str,
    list: Vec<Lexeme>,
}

impl<'t> Words<'t> {
    fn get(&self, index: usize) -> &'t str {
        self.list.get(index).map_or("", |l| slice(self.text, Range::new(l.start, l.end)))
    }

    /// Counted from the end: 1 is the last.
    fn back(&self, n: usize) -> &'t str {
        self.list.len().checked_sub(n).map_or("", |index| self.get(index))
    }

    fn kind_back(&self, n: usize) -> Option<LexemeKind> {
        self.list.get(self.list.len().checked_sub(n)?).map(|l| l.kind)
    }
}

impl Context {
    /// Looks at the words before a place.
    pub fn of(text: &Text, at: u32) -> Context {
        let content = text.content();
        let word = text.word(at);
        let begin = declaration_start(content, word.start);
        let head = content.get(begin..word.start as usize).unwrap_or("");
        let all = lexemes(head);
        let mut context =
            Context { word, at, wanted: Wanted::Nothing, declaration: None, cause: None, locals: Vec::new() };
        let silent = all.last().is_some_and(|last| match last.kind {
            LexemeKind::Comment => !head.get(last.start as usize..).unwrap_or("").contains(['\n', '\r']),
            // A string without its second quote goes up to the end of the line.
            LexemeKind::Text => {
                let written = slice(head, Range::new(last.start, last.end));
                last.end as usize == head.len() && (written.len() < 2 || !written.ends_with('"'))
            }
            _ => false,
        });
        if silent {
            return context;
        }
        let list: Vec<Lexeme> = all.into_iter().filter(|l| l.kind != LexemeKind::Comment).collect();
        let words = Words { text: head, list };
        context.look(&words);
        context
    }

    fn look(&mut self, words: &Words<'_>) {
        let opened = brackets(words);
        let kind = words.get(0).to_ascii_lowercase();
        if words.list.is_empty()
            || (opened.is_empty() && DECLARATIONS.contains(&kind.as_str()) && closes(words))
        {
            self.wanted = Wanted::Declaration;
            return;
        }
        if !DECLARATIONS.contains(&kind.as_str()) {
            self.wanted = Wanted::Declaration;
            return;
        }
        let name = if kind == "native" { words.get(2) } else { words.get(1) };
        self.declaration = Some((kind.clone(), name.to_owned()));
        self.wanted = match kind.as_str() {
            "imports" | "uses" => path(words),
            "message" if opened.is_empty() || words.get(*opened.last().unwrap_or(&0)) == "[" => {
                head_of_message(words)
            }
            "block" if opened.is_empty() || words.get(*opened.last().unwrap_or(&0)) == "[" => Wanted::Actor,
            "message" | "block" | "struct" => field(words),
            "enum" | "transaction" => Wanted::Nothing,
            "parameters" => {
                if words.kind_back(1) == Some(LexemeKind::Number) {
                    Wanted::Unit
                } else {
                    Wanted::Nothing
                }
            }
            "function" | "native" => self.function(words, &opened),
            "view" if opened.len() < 2 => field(words),
            "view" => self.action(words, &opened),
            "actor" => self.actor(words, &opened),
            "property" => {
                if opened.is_empty() {
                    Wanted::Declaration
                } else {
                    expression(words, &opened)
                }
            }
            "scenario" => match opened.len() {
                0 => Wanted::Nothing,
                1 if starts_step(words) => Wanted::Step,
                _ if matches!(words.back(1), "->") => Wanted::Expression(None),
                2 if words.get(opened.get(1).copied().unwrap_or(0).saturating_sub(1)) == "cast" => {
                    Wanted::Actor
                }
                _ => expression(words, &opened),
            },
            _ => Wanted::Nothing,
        };
        self.locals = locals(words);
    }

    fn function(&self, words: &Words<'_>, opened: &[usize]) -> Wanted {
        // The parameters are in the first brackets; behind the arrow stands a type.
        match opened.first() {
            None if words.back(1) == "->" => Wanted::Type,
            None => Wanted::Nothing,
            Some(first)
                if words
                    .list
                    .get(..*first)
                    .is_some_and(|l| l.iter().filter(|l| l.kind == LexemeKind::Open).count() == 0)
                    && !words.text.contains("->") =>
            {
                field(words)
            }
            Some(_) => expression(words, opened),
        }
    }

    fn actor(&mut self, words: &Words<'_>, opened: &[usize]) -> Wanted {
        let Some(body) = opened.first() else { return Wanted::Nothing };
        let start = item_start(words, *body);
        let first = words.get(start).to_owned();
        let last = words.back(1);
        // A transition is told by its arrow.
        let arrow = (start..words.list.len()).find(|i| words.get(*i) == "->");
        if let Some(arrow) = arrow {
            let on = (arrow..words.list.len()).find(|i| words.get(*i) == "on");
            let cause =
                on.map(|on| words.get(on + 1)).filter(|c| !c.is_empty() && *c != "timeout" && *c != "every");
            self.cause = cause.map(str::to_owned);
        } else if first == "collect" {
            self.cause = Some(words.get(start + 1).to_owned());
        }
        let inside = opened.len() > 1;
        if !inside {
            return match last {
                "->" => Wanted::State,
                "on" => Wanted::Cause,
                "when" => Wanted::Expression(None),
                "ignore" | "defer" | "collect" if words.list.len() == start + 1 => Wanted::Received,
                "into" => Wanted::Kept,
                "state" | "trigger" if words.list.len() == start + 1 => Wanted::Nothing,
                "," if arrow.is_none() => Wanted::State,
                _ if start >= words.list.len() => Wanted::Item,
                _ if arrow.is_some_and(|arrow| words.list.len() == arrow + 2) => Wanted::CauseWord,
                _ if first == "state" && words.list.len() == start + 2 => Wanted::Item,
                _ if arrow.is_some() && in_guard(words, start) => expression(words, opened),
                _ => Wanted::Item,
            };
        }
        let second = opened.get(1).copied().unwrap_or(0);
        let before = words.get(second.saturating_sub(1));
        match (before, first.as_str()) {
            ("store" | "shared", _) if arrow.is_none() => return field(words),
            ("peers", _) => {
                let count = words.list.len().saturating_sub(second + 1);
                return if count.is_multiple_of(2) { Wanted::Actor } else { Wanted::Kept };
            }
            ("timeout" | "every", _) => return Wanted::Limit,
            (_, "trigger") if words.get(second) == "(" => return field(words),
            (_, "trigger" | "ignore" | "defer" | "collect") if words.get(second) == "[" => {
                return Wanted::State;
            }
            _ => {}
        }
        self.action(words, opened)
    }

    fn action(&self, words: &Words<'_>, opened: &[usize]) -> Wanted {
        let inner = opened.last().copied().unwrap_or(0);
        let before = words.get(inner.saturating_sub(1));
        let commas = commas(words, inner);
        let last = words.back(1);
        match before.to_ascii_uppercase().as_str() {
            "SEND" | "BROADCAST" if words.get(inner) == "(" && commas == 1 && last == "," => {
                return Wanted::Sent;
            }
            "APPEND"
                if words.get(inner) == "("
                    && commas == 1
                    && last == ","
                    && words.get(inner + 1) == "chain" =>
            {
                return Wanted::Appended;
            }
            "START" if words.get(inner) == "(" && commas == 0 => return Wanted::Started,
            _ => {}
        }
        if last == "store" || (last == "," && follows_store(words, inner)) {
            return Wanted::Kept;
        }
        expression(words, opened)
    }
}

/// Where the declaration begins that holds a place: the last line before it that has one of their words in its first
/// column.
fn declaration_start(text: &str, at: u32) -> usize {
    let head = text.get(..at as usize).unwrap_or("");
    let mut end = head.len();
    loop {
        let start = head.get(..end).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let line = head.get(start..).unwrap_or("");
        let word: &str = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
        if DECLARATIONS.contains(&word) {
            return start;
        }
        if start == 0 {
            return 0;
        }
        end = start - 1;
    }
}

/// The brackets that are open at the end, from the outermost on.
fn brackets(words: &Words<'_>) -> Vec<usize> {
    let mut open = Vec::new();
    for (index, lexeme) in words.list.iter().enumerate() {
        match lexeme.kind {
            LexemeKind::Open => open.push(index),
            LexemeKind::Close => {
                open.pop();
            }
            _ => {}
        }
    }
    open
}

/// Whether the declaration is complete, as far as that can be seen.
fn closes(words: &Words<'_>) -> bool {
    match words.get(0) {
        "imports" | "uses" | "transaction" => words.text.ends_with('\n'),
        "native" => words.kind_back(1) == Some(LexemeKind::Text),
        "function" => words.back(1) == ")" && words.text.matches("->").count() > 0 && words.list.len() > 6,
        _ => words.back(1) == ")",
    }
}

fn commas(words: &Words<'_>, open: usize) -> usize {
    let mut depth = 0_usize;
    let mut count = 0;
    for (index, lexeme) in words.list.iter().enumerate().skip(open + 1) {
        match lexeme.kind {
            LexemeKind::Open => depth += 1,
            LexemeKind::Close => depth = depth.saturating_sub(1),
            _ if depth == 0 && words.get(index) == "," => count += 1,
            _ => {}
        }
    }
    count
}

fn path(words: &Words<'_>) -> Wanted {
    if words.list.iter().enumerate().any(|(i, _)| words.get(i) == "as") {
        return Wanted::Nothing;
    }
    let from = words.list.first().map_or(0, |l| l.end) as usize;
    Wanted::Path(words.text.get(from..).unwrap_or("").trim().to_owned())
}

fn head_of_message(words: &Words<'_>) -> Wanted {
    if words.list.len() <= 1 { Wanted::Nothing } else { Wanted::Actor }
}

/// `name type name type`: which of the two.
fn field(words: &Words<'_>) -> Wanted {
    let last = words.back(1);
    if matches!(last, "<") || (last == "," && words.text.rfind('<') > words.text.rfind('(')) {
        return Wanted::Type;
    }
    if words.kind_back(1) != Some(LexemeKind::Word) {
        return Wanted::Nothing;
    }
    // A type is behind a name, and a name behind a type: the line tells which.
    let line = words.text.rsplit(['\n', '(', ',']).next().unwrap_or("");
    let names = lexemes(line).iter().filter(|l| l.kind == LexemeKind::Word).count();
    if names % 2 == 1 { Wanted::Type } else { Wanted::Nothing }
}

/// Words that go on with an item on a line of their own.
const CONTINUE: &[&str] = &["when", "else", "let", "auto", "on", "in", "into", "after", "at"];

/// Where the item begins that is being written: behind the last one that is complete.
fn item_start(words: &Words<'_>, body: usize) -> usize {
    const STARTS: &[&str] =
        &["store", "shared", "peers", "trigger", "state", "ignore", "defer", "collect", "any"];
    let mut depth = 0_usize;
    let mut start = body + 1;
    for index in body + 1..words.list.len() {
        let Some(lexeme) = words.list.get(index) else { break };
        match lexeme.kind {
            LexemeKind::Open => depth += 1,
            LexemeKind::Close => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            LexemeKind::Word => {
                let begin = words.text.get(..lexeme.start as usize).unwrap_or("");
                let first_on_line = begin.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
                let word = words.get(index);
                let begins = STARTS.contains(&word) || matches!(words.get(index + 1), "->" | ",");
                if first_on_line && (begins || !CONTINUE.contains(&word)) {
                    start = index;
                }
            }
            _ => {}
        }
    }
    // An item that ended on an earlier line is not what is being written.
    let last = words.list.last().map_or(0, |l| l.end) as usize;
    let broken = words.text.get(last..).is_some_and(|rest| rest.contains('\n'));
    let complete = matches!(words.back(1), ")" | "]") || words.kind_back(1) != Some(LexemeKind::Sign);
    if broken && depth == 0 && complete { words.list.len() } else { start }
}

fn in_guard(words: &Words<'_>, start: usize) -> bool {
    (start..words.list.len()).any(|i| matches!(words.get(i), "when" | "let"))
}

/// `store a,` in an action.
fn follows_store(words: &Words<'_>, inner: usize) -> bool {
    let mut index = words.list.len();
    while index > inner + 1 {
        index -= 1;
        match words.get(index) {
            "store" => return true,
            "," => {}
            _ if words.list.get(index).is_some_and(|l| l.kind == LexemeKind::Word) => {
                if words.get(index - 1) != "," && words.get(index - 1) != "store" {
                    return false;
                }
            }
            _ => return false,
        }
    }
    false
}

fn starts_step(words: &Words<'_>) -> bool {
    let end = words.list.last().map_or(0, |l| l.end) as usize;
    let broken = words.text.get(end..).is_some_and(|rest| rest.contains('\n'));
    broken || words.back(1) == "("
}

/// The names before a dot: `a.b.` gives a and b.
fn dotted(words: &Words<'_>, mut back: usize) -> Vec<String> {
    let mut names = Vec::new();
    while words.kind_back(back) == Some(LexemeKind::Word) {
        names.insert(0, words.back(back).to_owned());
        if words.back(back + 1) != "." {
            break;
        }
        back += 2;
    }
    names
}

fn expression(words: &Words<'_>, opened: &[usize]) -> Wanted {
    let last = words.back(1);
    if last == "." {
        let names = dotted(words, 2);
        return if names == ["message"] { Wanted::OfMessage } else { Wanted::Member(names) };
    }
    if words.kind_back(1) == Some(LexemeKind::Number) {
        return Wanted::Unit;
    }
    let inner = opened.last().copied().unwrap_or(0);
    if words.get(inner) == "{" {
        if let Some(given) = record(words, inner) {
            return given;
        }
    } else if matches!(last, "==" | "!=" | "=" | "IN" | "in") {
        return Wanted::Expression(Some(dotted(words, 2)).filter(|names| !names.is_empty()));
    } else if words.get(inner) == "[" && matches!(words.get(inner.saturating_sub(1)), "IN" | "in") {
        let before = words.list.len().saturating_sub(inner.saturating_sub(1));
        return Wanted::Expression(Some(dotted(words, before + 1)).filter(|names| !names.is_empty()));
    }
    match last {
        "(" | ")" => Wanted::Action,
        _ if words.text.rsplit('\n').next().is_some_and(|line| line.trim().is_empty()) => Wanted::Action,
        _ => Wanted::Expression(None),
    }
}

/// `{ field value, field value }`: at the place of a field, which are missing.
fn record(words: &Words<'_>, open: usize) -> Option<Wanted> {
    let of = words.get(open.saturating_sub(1)).to_owned();
    let mut depth = 0_usize;
    let mut given = Vec::new();
    let mut expects = true;
    let mut index = open + 1;
    while let Some(lexeme) = words.list.get(index) {
        match lexeme.kind {
            LexemeKind::Open => depth += 1,
            LexemeKind::Close => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if words.get(index) == "," => expects = true,
            LexemeKind::Word if expects => {
                given.push(words.get(index).to_owned());
                expects = false;
            }
            _ => {}
        }
        index += 1;
    }
    // Fields stand on lines of their own, or behind a comma.
    let fresh = words.text.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    (expects || (fresh && words.kind_back(1) != Some(LexemeKind::Sign)))
        .then_some(Wanted::Given { of, given })
}

/// Names that are bound before the place.
fn locals(words: &Words<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for index in 0..words.list.len() {
        let bound = match words.get(index) {
            "let" | "FOR" | "for" => words.get(index + 1),
            "=>" if index > 0 => words.get(index - 1),
            _ => continue,
        };
        if !bound.is_empty() && !found.iter().any(|known| known == bound) {
            found.push(bound.to_owned());
        }
    }
    found
}
