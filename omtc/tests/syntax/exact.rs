//! The parser accepts exactly the language of the grammar: it is held against an independent recognizer, on sources
//! that the grammar itself makes up, and on the same sources with a token too many, too few, or another one.

use super::recognizer::{Grammar, Kind, Symbol, Terminal, Token, tokens};
use omtc::diagnostic::has_errors;
use omtc::fuzz::fuzz_format;
use omtc::source::FileId;
use omtc::syntax::parse;
use proptest::prelude::*;
use std::sync::LazyLock;

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| Grammar::read(include_str!("grammar.ebnf")));

/// Numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}

const NAMES: [&str; 8] = ["a", "b", "c", "A", "M", "x1", "_y", "notified"];
const KEYWORDS: [&str; 76] = [
    "transaction",
    "imports",
    "uses",
    "parameters",
    "enum",
    "struct",
    "message",
    "from",
    "to",
    "signed",
    "block",
    "by",
    "view",
    "actor",
    "store",
    "shared",
    "peers",
    "trigger",
    "in",
    "after",
    "at",
    "state",
    "initial",
    "terminal",
    "rest",
    "auto",
    "on",
    "timeout",
    "every",
    "when",
    "else",
    "lookup",
    "let",
    "collect",
    "into",
    "ignore",
    "defer",
    "function",
    "native",
    "task",
    "property",
    "scenario",
    "STORE",
    "SEND",
    "BROADCAST",
    "APPEND",
    "START",
    "ABORT",
    "return",
    "for",
    "IN",
    "if",
    "THEN",
    "ELSE",
    "and",
    "OR",
    "not",
    "TRUE",
    "false",
    "null",
    "seconds",
    "days",
    "any",
    "as",
    "chain",
    "session",
    "always",
    "leads",
    "eventually",
    "cast",
    "byzantine",
    "expect",
    "within",
    "sequence",
    "crash",
    "heal",
];
const SIGNS: [&str; 25] = [
    "(", ")", "[", "]", "{", "}", "<", ">", "=", "==", "!=", "<=", "+", "-", "*", "/", "//", "%", ",", ".",
    "...", "?", "->", "=>", "()",
];

/// How many steps each nonterminal needs at least, so that sentences end.
static COSTS: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let mut costs = vec![1000_usize; GRAMMAR.rules.len()];
    for _ in 0..GRAMMAR.rules.len() {
        for (i, alternatives) in GRAMMAR.rules.iter().enumerate() {
            costs[i] = alternatives.iter().map(|a| cost(a, &costs)).min().unwrap().min(costs[i]);
        }
    }
    costs
});

fn cost(alternative: &[Symbol], costs: &[usize]) -> usize {
    let of = |s: &Symbol| if let Symbol::Rule(r) = s { costs[*r] + 1 } else { 0 };
    alternative.iter().map(of).max().unwrap_or(0)
}

fn sentence(random: &mut Random, rule: usize, budget: usize, out: &mut Vec<String>) {
    let alternatives = &GRAMMAR.rules[rule];
    let affordable: Vec<&Vec<Symbol>> = alternatives.iter().filter(|a| cost(a, &COSTS) < budget).collect();
    let chosen = if affordable.is_empty() || out.len() > 60 {
        alternatives.iter().min_by_key(|a| cost(a, &COSTS)).unwrap()
    } else {
        affordable[random.below(affordable.len())]
    };
    for symbol in chosen {
        match symbol {
            Symbol::Rule(rule) => sentence(random, *rule, budget.saturating_sub(1), out),
            Symbol::Token(terminal) => out.push(spelt(random, terminal)),
        }
    }
}

fn in_some_case(random: &mut Random, word: &str) -> String {
    match random.below(3) {
        0 => word.to_ascii_uppercase(),
        1 => word[..1].to_ascii_uppercase() + &word[1..],
        _ => word.to_owned(),
    }
}

fn spelt(random: &mut Random, terminal: &Terminal) -> String {
    match terminal {
        Terminal::Exact(text) => text.clone(),
        Terminal::AnyCase(word) | Terminal::Operator(word) => in_some_case(random, word),
        Terminal::Id if random.below(3) == 0 => random.pick(&KEYWORDS).to_owned(),
        Terminal::Name if random.below(8) == 0 => random.pick(&KEYWORDS).to_owned(),
        Terminal::Cause => random.pick(&["M", "a", "timeout", "every", "auto", "on"]).to_owned(),
        Terminal::Id | Terminal::Name | Terminal::Seg => random.pick(&NAMES).to_owned(),
        Terminal::Num | Terminal::Lone => random.pick(&["0", "1", "007", "0.67"]).to_owned(),
        Terminal::Str => random.pick(&["\"\"", "\"t\"", "\"# ' \\\""]).to_owned(),
        Terminal::Literal => {
            let word = random.pick(&["true", "false", "null"]);
            in_some_case(random, word)
        }
        Terminal::Unit => random.pick(&["microseconds", "seconds", "days"]).to_owned(),
        Terminal::Call { .. } | Terminal::Nothing => "(".to_owned(),
    }
}

/// A source of the grammar, as tokens.
fn made_up(seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    let mut out = Vec::new();
    // Most of what is interesting lies deep in actors and functions.
    let roots = ["file", "actor", "actor", "transition", "function", "stmt", "expr", "scenario", "view"];
    let root = random.pick(&roots);
    let rule = GRAMMAR.names.iter().position(|n| n == root).unwrap();
    let budget = 8 + random.below(25);
    let (before, after) = match root {
        "transition" => ("actor A (", ")"),
        "stmt" => ("function f ( ) -> a (", ")"),
        "expr" => ("function f ( ) -> a ( return", ")"),
        _ => ("", ""),
    };
    out.extend(before.split_whitespace().map(str::to_owned));
    sentence(&mut random, rule, budget, &mut out);
    out.extend(after.split_whitespace().map(str::to_owned));
    out
}

/// Put together with white space, line ends, comments, or nothing between the tokens.
fn joined(words: &[String], random: &mut Random) -> String {
    let mut text = String::new();
    for word in words {
        let gap = match random.below(12) {
            0 => "\n",
            1 => "",
            2 => " # c\n",
            3 => "\n## d\n",
            _ => " ",
        };
        text.push_str(word);
        text.push_str(gap);
    }
    text
}

fn changed(words: &mut Vec<String>, random: &mut Random) {
    let other = match random.below(4) {
        0 => random.pick(&KEYWORDS),
        1 => random.pick(&NAMES),
        2 => random.pick(&["1", "\"t\"", "0.5"]),
        _ => random.pick(&SIGNS),
    }
    .to_owned();
    let at = random.below(words.len().max(1));
    match random.below(4) {
        0 if !words.is_empty() => drop(words.remove(at)),
        1 if !words.is_empty() => words[at] = other,
        2 if words.len() > 1 => {
            let next = (at + 1) % words.len();
            words.swap(at, next);
        }
        _ => words.insert(at, other),
    }
}

fn verdicts(source: &str) -> (bool, bool) {
    let tokens: Option<Vec<Token>> = tokens(source);
    let foreign = |t: &Token| t.kind == Kind::Sign && ["&&", "||", "!"].contains(&t.text.as_str());
    let by_grammar = tokens.is_some_and(|tokens| !tokens.iter().any(foreign) && GRAMMAR.accepts(&tokens));
    let by_parser = !has_errors(&parse(FileId(0), source).diagnostics);
    (by_grammar, by_parser)
}

/// The smallest source with the same disagreement.
fn smallest(source: &str) -> String {
    let wanted = verdicts(source);
    let mut lines: Vec<String> = source.split_inclusive([' ', '\n']).map(str::to_owned).collect();
    let mut size = lines.len();
    while size > 0 {
        let mut at = 0;
        while at + size <= lines.len() {
            let mut fewer = lines.clone();
            fewer.drain(at..at + size);
            if verdicts(&fewer.concat()) == wanted {
                lines = fewer;
            } else {
                at += 1;
            }
        }
        size /= 2;
    }
    lines.concat()
}

fn agree(source: &str) -> Result<bool, TestCaseError> {
    let (grammar, parser) = verdicts(source);
    if grammar != parser {
        let small = smallest(source);
        let says = |yes| if yes { "accepts" } else { "refuses" };
        let found = parse(FileId(0), &small).diagnostics;
        let messages: Vec<&str> = found.iter().map(|d| d.message.as_str()).collect();
        return Err(TestCaseError::fail(format!(
            "the grammar {} what the parser {}:\n{small}\n{messages:?}",
            says(grammar),
            says(parser)
        )));
    }
    Ok(grammar)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn what_the_grammar_makes_up(seed in any::<u64>()) {
        let source = joined(&made_up(seed), &mut Random(seed ^ 1));
        if agree(&source)? {
            fuzz_format(source.as_bytes());
        }
    }

    #[test]
    fn what_is_nearly_of_the_grammar(seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut words = made_up(seed);
        for _ in 0..1 + random.below(2) {
            changed(&mut words, &mut random);
        }
        agree(&joined(&words, &mut random))?;
    }
}
