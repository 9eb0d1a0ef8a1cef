//! A second reader of the grammar that shares no line with the parser: the EBNF of LANGUAGE section 2 as a file
//! (`grammar.ebnf`), a meta-reader that turns it into plain rules, and Earley's algorithm (CACM 13:2, 1970) over
//! them. It says yes or no and nothing else, and is slow; the parser must always say the same.

use std::collections::BTreeSet;

/// A token of a source, for the recognizer.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Word,
    Number,
    Text,
    Sign,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    /// Nothing stands between it and the token before.
    pub touches: bool,
}

const SIGNS: [&str; 28] = [
    "...", "->", "=>", "<=", ">=", "==", "!=", "//", "(", ")", "[", "]", "{", "}", "<", ">", "=", "+", "-",
    "*", "/", "%", ",", ".", "?", "&&", "||", "!",
];

/// The tokens of a source; nothing when it holds something that is none.
pub fn tokens(source: &str) -> Option<Vec<Token>> {
    let mut rest = source.strip_prefix('\u{FEFF}').unwrap_or(source);
    let mut out: Vec<Token> = Vec::new();
    let mut touches = false;
    while let Some(first) = rest.chars().next() {
        let length = |f: &dyn Fn(char) -> bool| rest.find(|c| !f(c)).unwrap_or(rest.len());
        if first.is_ascii_whitespace() || first == '\x0B' {
            rest = &rest[1..];
            touches = false;
            continue;
        }
        if first == '#' {
            rest = &rest[length(&|c| c != '\n' && c != '\r')..];
            touches = false;
            continue;
        }
        let (kind, end) = if first.is_ascii_alphabetic() || first == '_' {
            (Kind::Word, length(&|c| c.is_ascii_alphanumeric() || c == '_'))
        } else if first.is_ascii_digit() {
            let whole = length(&|c| c.is_ascii_digit());
            let fraction = rest[whole..].strip_prefix('.').map_or(0, |f| {
                let digits = f.find(|c: char| !c.is_ascii_digit()).unwrap_or(f.len());
                if digits > 0 { digits + 1 } else { 0 }
            });
            (Kind::Number, whole + fraction)
        } else if first == '"' {
            let close = rest[1..].find(['"', '\n', '\r'])?;
            if !rest[1 + close..].starts_with('"') {
                return None;
            }
            (Kind::Text, close + 2)
        } else {
            (Kind::Sign, SIGNS.iter().find(|s| rest.starts_with(**s))?.len())
        };
        out.push(Token { kind, text: rest[..end].to_owned(), touches: touches && !out.is_empty() });
        rest = &rest[end..];
        touches = true;
    }
    Some(out)
}

/// What one token can be held against.
#[derive(Clone, Debug, PartialEq)]
pub enum Terminal {
    /// A word or a sign, spelt exactly so.
    Exact(String),
    /// A word in any case.
    AnyCase(String),
    /// The same, but not where `=` or `->` follows.
    Operator(String),
    Id,
    Cause,
    Num,
    Str,
    Name,
    Literal,
    Seg,
    Unit,
    Lone,
    /// A `(` that opens a call: always, unless a block that is not empty may stand there, or any block.
    Call {
        block: bool,
        empty: bool,
    },
    Nothing,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Symbol {
    Rule(usize),
    Token(Terminal),
}

/// The grammar as plain rules: for each nonterminal its alternatives.
pub struct Grammar {
    pub names: Vec<String>,
    pub rules: Vec<Vec<Vec<Symbol>>>,
    nullable: Vec<bool>,
}

impl Grammar {
    pub fn read(ebnf: &str) -> Grammar {
        let text: String = ebnf.lines().filter(|l| !l.starts_with('#')).collect::<Vec<_>>().join("\n");
        let mut reader = Reader { rest: &text, names: Vec::new(), rules: Vec::new(), kind: "" };
        let start = reader.number("file");
        assert_eq!(start, 0);
        while !reader.peek().is_empty() {
            let name = reader.next();
            let (plain, kinds): (&str, &[&'static str]) = match name.strip_suffix('\'') {
                Some(plain) => (plain, &["", "b", "e"]),
                None => (name.as_str(), &[""]),
            };
            assert_eq!(reader.next(), "=");
            let body = reader.rest;
            for kind in kinds {
                reader.rest = body;
                reader.kind = kind;
                let alternatives = reader.alternatives();
                let number =
                    reader.number(&format!("{plain}{}{kind}", if kind.is_empty() { "" } else { "'" }));
                reader.rules[number] = alternatives;
            }
            assert_eq!(reader.next(), ";");
        }
        for (name, rules) in reader.names.iter().zip(&reader.rules) {
            assert!(!rules.is_empty(), "{name} is used and not defined");
        }
        let mut nullable = vec![false; reader.rules.len()];
        loop {
            let before = nullable.clone();
            for (i, alternatives) in reader.rules.iter().enumerate() {
                nullable[i] |=
                    alternatives.iter().any(|a| a.iter().all(|s| matches!(s, Symbol::Rule(r) if before[*r])));
            }
            if nullable == before {
                break;
            }
        }
        Grammar { names: reader.names, rules: reader.rules, nullable }
    }

    /// Whether a source follows the grammar.
    pub fn accepts(&self, tokens: &[Token]) -> bool {
        type Item = (usize, usize, usize, usize); // rule, alternative, dot, origin
        let words = Words(tokens);
        let mut sets: Vec<Vec<Item>> = vec![Vec::new(); tokens.len() + 1];
        let mut seen: Vec<BTreeSet<Item>> = vec![BTreeSet::new(); tokens.len() + 1];
        let push = |sets: &mut Vec<Vec<Item>>, seen: &mut Vec<BTreeSet<Item>>, at: usize, item: Item| {
            if seen[at].insert(item) {
                sets[at].push(item);
            }
        };
        for alternative in 0..self.rules[0].len() {
            push(&mut sets, &mut seen, 0, (0, alternative, 0, 0));
        }
        for at in 0..=tokens.len() {
            let mut next = 0;
            while let Some((rule, alternative, dot, origin)) = sets[at].get(next).copied() {
                next += 1;
                match self.rules[rule][alternative].get(dot) {
                    Some(Symbol::Rule(wanted)) => {
                        for a in 0..self.rules[*wanted].len() {
                            push(&mut sets, &mut seen, at, (*wanted, a, 0, at));
                        }
                        if self.nullable[*wanted] {
                            push(&mut sets, &mut seen, at, (rule, alternative, dot + 1, origin));
                        }
                    }
                    Some(Symbol::Token(terminal)) => {
                        if at < tokens.len() && words.fits(at, terminal) {
                            push(&mut sets, &mut seen, at + 1, (rule, alternative, dot + 1, origin));
                        }
                    }
                    None => {
                        // What can go on with an expression does.
                        if matches!(self.names[rule].as_str(), "expr" | "expr'b" | "expr'e")
                            && words.continues(at)
                        {
                            continue;
                        }
                        for i in 0..sets[origin].len() {
                            let (r, a, d, o) = sets[origin][i];
                            if self.rules[r][a].get(d) == Some(&Symbol::Rule(rule)) {
                                push(&mut sets, &mut seen, at, (r, a, d + 1, o));
                            }
                        }
                    }
                }
            }
        }
        sets[tokens.len()].iter().any(|(r, a, d, o)| *r == 0 && *o == 0 && *d == self.rules[0][*a].len())
    }
}

/// Reads the EBNF.
struct Reader<'t> {
    rest: &'t str,
    names: Vec<String>,
    rules: Vec<Vec<Vec<Symbol>>>,
    kind: &'static str,
}

impl Reader<'_> {
    fn number(&mut self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.rules.push(Vec::new());
            self.names.len() - 1
        })
    }

    fn fresh(&mut self, alternatives: Vec<Vec<Symbol>>) -> Symbol {
        self.names.push(format!("part {}", self.names.len()));
        self.rules.push(alternatives);
        Symbol::Rule(self.names.len() - 1)
    }

    fn peek(&self) -> String {
        let mut copy = Reader { rest: self.rest, names: Vec::new(), rules: Vec::new(), kind: "" };
        copy.next()
    }

    /// The next word of the EBNF: a quoted text with its quotes, a name, or a sign.
    fn next(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else { return String::new() };
        let end = if first == '"' || (first == '\'') {
            self.rest[1..].find(first).unwrap() + 2
        } else if first.is_ascii_alphabetic() {
            self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '\'' && c != ':').unwrap()
        } else if self.rest.starts_with("%,") {
            2
        } else {
            1
        };
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn alternatives(&mut self) -> Vec<Vec<Symbol>> {
        let mut out = vec![self.sequence()];
        while self.peek() == "|" {
            self.next();
            out.push(self.sequence());
        }
        out
    }

    fn sequence(&mut self) -> Vec<Symbol> {
        let mut out = Vec::new();
        while !matches!(self.peek().as_str(), "|" | ")" | "]" | "}" | ";") {
            let mut symbol = self.symbol();
            let list = self.peek();
            if list == "%" || list == "%," {
                self.next();
                // more = ε | more "," x
                let more = self.fresh(vec![vec![]]);
                let Symbol::Rule(number) = more else { unreachable!() };
                let comma = Symbol::Token(Terminal::Exact(",".to_owned()));
                self.rules[number].push(vec![more.clone(), comma.clone(), symbol.clone()]);
                let mut forms = vec![vec![symbol.clone(), more.clone()]];
                if list == "%," {
                    forms.push(vec![symbol, more, comma]);
                }
                symbol = self.fresh(forms);
            }
            out.push(symbol);
        }
        out
    }

    fn symbol(&mut self) -> Symbol {
        let word = self.next();
        let terminal = match word.as_str() {
            "(" => {
                let inner = self.alternatives();
                assert_eq!(self.next(), ")");
                return self.fresh(inner);
            }
            "[" => {
                let mut inner = self.alternatives();
                assert_eq!(self.next(), "]");
                inner.push(vec![]);
                return self.fresh(inner);
            }
            "{" => {
                let inner = self.alternatives();
                assert_eq!(self.next(), "}");
                let one = self.fresh(inner);
                let all = self.fresh(vec![vec![]]);
                let Symbol::Rule(number) = all else { unreachable!() };
                self.rules[number].push(vec![all.clone(), one]);
                return all;
            }
            "ID" => Terminal::Id,
            "CAUSE" => Terminal::Cause,
            "NUM" => Terminal::Num,
            "STR" => Terminal::Str,
            "NAME" => Terminal::Name,
            "LITERAL" => Terminal::Literal,
            "SEG" => Terminal::Seg,
            "UNIT" => Terminal::Unit,
            "LONE" => Terminal::Lone,
            "NOTHING" => Terminal::Nothing,
            "CALL'" => Terminal::Call { block: !self.kind.is_empty(), empty: self.kind == "e" },
            quoted if quoted.starts_with('"') => Terminal::Exact(quoted.trim_matches('"').to_owned()),
            quoted if quoted.starts_with('\'') => Terminal::AnyCase(quoted.trim_matches('\'').to_owned()),
            name => {
                if let Some(operator) = name.strip_prefix("OP:") {
                    return Symbol::Token(Terminal::Operator(operator.to_owned()));
                }
                let full = match name.strip_suffix('\'') {
                    Some(plain) if self.kind.is_empty() => plain.to_owned(),
                    Some(plain) => format!("{plain}'{}", self.kind),
                    None => name.to_owned(),
                };
                return Symbol::Rule(self.number(&full));
            }
        };
        Symbol::Token(terminal)
    }
}

/// What LANGUAGE says about words and brackets.
struct Words<'t>(&'t [Token]);

const UNITS: [&str; 6] = ["microseconds", "milliseconds", "seconds", "minutes", "hours", "days"];

impl Words<'_> {
    fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |t| t.text.as_str())
    }

    fn is_word(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|t| t.kind == Kind::Word)
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.is_word(at) && self.text(at).eq_ignore_ascii_case(word)
    }

    fn one_of(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|w| self.is(at, w))
    }

    /// `30seconds`: a word that begins where a number ends is refused, except in paths.
    fn glued(&self, at: usize) -> bool {
        self.0[at].touches && at > 0 && self.0[at - 1].kind == Kind::Number && self.0[at].kind == Kind::Word
    }

    fn is_name_here(&self, at: usize) -> bool {
        matches!(self.text(at + 1), "=" | "->")
    }

    fn is_unit(&self, at: usize) -> bool {
        self.is_word(at) && UNITS.contains(&self.text(at)) && !matches!(self.text(at + 1), "=" | "->" | "[")
    }

    /// An expression that ends before this token does not: an operator follows.
    fn continues(&self, at: usize) -> bool {
        self.one_of(at, &["and", "or", "in"]) && !self.is_name_here(at) && self.text(at + 1) != ","
    }

    fn fits(&self, at: usize, terminal: &Terminal) -> bool {
        let token = &self.0[at];
        if self.glued(at) && *terminal != Terminal::Seg {
            return false;
        }
        let word = token.kind == Kind::Word;
        match terminal {
            Terminal::Exact(text) => token.kind != Kind::Text && token.text == *text,
            Terminal::AnyCase(text) => self.is(at, text),
            Terminal::Operator(text) => self.is(at, text) && !self.is_name_here(at),
            Terminal::Id => word,
            Terminal::Cause => {
                let nothing = self.text(at + 1) == "(" && self.text(at + 2) == ")" && self.0[at + 1].touches;
                word && !(nothing && matches!(self.text(at), "timeout" | "every"))
            }
            Terminal::Num => token.kind == Kind::Number,
            Terminal::Str => token.kind == Kind::Text,
            Terminal::Literal => self.one_of(at, &["true", "false", "null"]),
            Terminal::Name => {
                let operator = self.one_of(at, &["and", "or", "not", "if", "in", "then", "else"]);
                let literal = self.one_of(at, &["true", "false", "null"]);
                word && !literal && (!operator || self.is_name_here(at))
            }
            Terminal::Seg => token.touches && (word || token.kind == Kind::Number),
            Terminal::Unit => self.is_unit(at),
            Terminal::Lone => token.kind == Kind::Number && !self.is_unit(at + 1),
            Terminal::Call { block, empty } => token.text == "(" && !(*block && self.opens_block(at, *empty)),
            Terminal::Nothing => token.text == "(" && self.is_nothing(at),
        }
    }

    /// "`()` is a block only … with white space before it and no `(` after it."
    fn is_nothing(&self, at: usize) -> bool {
        self.text(at + 1) == ")" && !self.0[at].touches && self.text(at + 2) != "("
    }

    fn opens_block(&self, at: usize, empty: bool) -> bool {
        if self.text(at + 1) == ")" {
            return empty && self.is_nothing(at);
        }
        self.begins_block(at + 1)
    }

    /// "It opens one if what follows is …"
    fn begins_block(&self, at: usize) -> bool {
        let next = self.text(at + 1);
        let capital = ["STORE", "SEND", "BROADCAST", "APPEND", "ABORT", "START"].contains(&self.text(at));
        if self.text(at) == "(" {
            return self.opens_block(at, false);
        }
        self.is_word(at)
            && (next == "="
                || self.assigns_item(at)
                || (self.text(at) == "store" && self.is_word(at + 1))
                || (["lookup", "let"].contains(&self.text(at))
                    && self.is_word(at + 1)
                    && self.text(at + 2) == "=")
                || (capital && next == "(")
                || self.is(at, "return")
                || (self.is(at, "for") && self.is_word(at + 1) && self.is(at + 2, "in"))
                || (self.is(at, "if") && self.then_opens(at)))
    }

    fn assigns_item(&self, at: usize) -> bool {
        let mut at = at + 1;
        let first = at;
        while self.text(at) == "[" {
            let Some(close) = self.close(at) else { return false };
            at = close + 1;
        }
        at > first && self.text(at) == "="
    }

    fn close(&self, open: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for at in open..self.0.len() {
            match self.text(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    fn then_opens(&self, start: usize) -> bool {
        let (mut open, mut at) = (0, start);
        while at < self.0.len() {
            match self.text(at) {
                ")" | "]" | "}" => return false,
                "(" | "[" | "{" => match self.close(at) {
                    Some(close) => at = close,
                    None => return false,
                },
                _ if self.is(at, "if") => open += 1,
                _ if self.is(at, "then") => {
                    open -= 1;
                    if open == 0 {
                        let nothing = self.text(at + 1) == "(" && self.text(at + 2) == ")";
                        return nothing || self.begins_block(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        false
    }
}
