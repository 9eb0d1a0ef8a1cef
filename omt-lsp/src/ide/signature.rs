//! What a call takes, while it is being written.

use super::engine::Analysis;
use super::index::{Kind, Symbol};
use super::{Text, describe, library};
use omtc::syntax::{Lexeme, LexemeKind, lexemes};

/// What is called, and where in its arguments the cursor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The whole signature.
    pub label: String,
    /// What it means.
    pub doc: String,
    /// Its parameters, as they stand in the label.
    pub parameters: Vec<String>,
    /// Which of them is being written, from 0.
    pub active: usize,
}

/// Words before a bracket that are no calls.
const NO_CALLS: &[&str] =
    &["when", "THEN", "ELSE", "IF", "AND", "OR", "NOT", "IN", "RETURN", "store", "peers", "shared"];

/// The call that a place stands in.
pub fn signature(analysis: Option<&Analysis>, text: &Text, at: u32) -> Option<Signature> {
    // A call is seldom longer than this, and what is before it does not matter.
    let start = text.line(text.line_of(at).saturating_sub(40)).start;
    let before = text.content().get(start as usize..at as usize)?;
    let list: Vec<Lexeme> = lexemes(before).into_iter().filter(|l| l.kind != LexemeKind::Comment).collect();
    let word = |l: &Lexeme| before.get(l.start as usize..l.end as usize).unwrap_or("");
    let mut depth = 0_usize;
    let mut commas = 0;
    for (index, lexeme) in list.iter().enumerate().rev() {
        match lexeme.kind {
            LexemeKind::Close => depth += 1,
            LexemeKind::Open if depth > 0 => depth -= 1,
            LexemeKind::Open => {
                let callee =
                    index.checked_sub(1).and_then(|i| list.get(i)).filter(|l| l.kind == LexemeKind::Word);
                let name = callee.map(&word).filter(|name| !NO_CALLS.contains(name));
                if let (Some(name), "(") = (name, word(lexeme))
                    && let Some(found) = named(analysis, name)
                {
                    let last = found.parameters.len().saturating_sub(1);
                    return Some(Signature { active: commas.min(last), ..found });
                }
                // A record or a list inside of a call is one argument.
                commas = 0;
            }
            LexemeKind::Sign if depth == 0 && word(lexeme) == "," => commas += 1,
            _ => {}
        }
    }
    None
}

fn named(analysis: Option<&Analysis>, name: &str) -> Option<Signature> {
    let declared = analysis.and_then(|analysis| {
        let is_callable = |s: &&Symbol| {
            matches!(s.kind, Kind::Function | Kind::Native | Kind::Task | Kind::Trigger) && s.name == name
        };
        let symbol = analysis.index().symbols.iter().find(is_callable)?;
        Some((describe::signature(analysis, symbol), symbol.doc.clone()))
    });
    let (label, doc) = match declared {
        Some((label, doc)) => (label.split_whitespace().collect::<Vec<_>>().join(" "), doc),
        None => {
            let tables = [library::FUNCTIONS, library::ACTIONS];
            let entry = tables.iter().find_map(|table| table.iter().find(|entry| entry.name == name))?;
            (entry.signature.to_owned(), entry.doc.to_owned())
        }
    };
    let parameters = parameters(&label);
    Some(Signature { label, doc, parameters, active: 0 })
}

/// What stands between the first brackets, at its commas.
fn parameters(label: &str) -> Vec<String> {
    let Some(open) = label.find('(') else { return Vec::new() };
    let mut depth = 0_i32;
    let mut found = vec![String::new()];
    for c in label.get(open + 1..).unwrap_or("").chars() {
        match c {
            '(' | '<' | '{' | '[' => depth += 1,
            ')' if depth == 0 => break,
            ')' | '>' | '}' | ']' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = found.last_mut() {
            last.push(c);
        }
    }
    let found = found.into_iter().map(|part| part.trim().to_owned());
    found.filter(|part| !part.is_empty()).collect()
}
