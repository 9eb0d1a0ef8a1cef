//! Random edits with requests between them: afterwards both sides have the same texts, and what the server says about them
//! is what `omtc check` says of the same sources.

#![allow(clippy::indexing_slicing, reason = "a member that a JSON value does not have is null")]

use super::{Draw, Sources, memory, position};
use crate::client::Client;
use omtc::diagnostic::Severity;
use omtc::report::report;
use omtc::sema::Options;
use omtc::source::MemorySources;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the sources are, although nothing is there on disk.
const FOLDER: &str = "/virtual/protocols";

/// What is typed: words of the language, halves of words, signs that belong in pairs, ends of lines of all kinds, and
/// characters of every width.
const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "#",
    "##",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "é",
    "🦀",
    "𝕊",
    "\u{200D}",
    "漢字",
    "\u{FEFF}",
    "\u{0}",
    "->",
    "=>",
    "!",
    ".",
    ",",
    ":",
    "0",
    "on ",
    "when ",
    "DONE",
    "PONG",
    "message.",
    "store ",
    "actor X (",
    "state S",
    "let x = ",
    "SEND(",
    "enum Q ( A )\n",
    "seconds",
    "imports b\n",
    "transaction",
    "# allow W0450: x",
];

/// Edits of one document in a row, at most; then some of them are taken back.
const ROW: usize = 12;

/// What the requests between the edits are.
const ASKED: &[&str] = &[
    "hover",
    "completion",
    "definition",
    "signatureHelp",
    "documentHighlight",
    "prepareRename",
    "references",
    "documentSymbol",
    "semanticTokens/full",
    "foldingRange",
    "codeLens",
    "documentLink",
    "formatting",
    "codeAction",
    "inlayHint",
    "semanticTokens/range",
    "selectionRange",
    "linkedEditingRange",
    "implementation",
    "prepareCallHierarchy",
];

/// What may be answered instead of an answer: it was cancelled, the text has changed meanwhile, or there is none and why.
const NO_ANSWER: &[i64] = &[-32800, -32801, -32803];

/// What the server writes when the analysis has panicked.
const ANALYSIS_FAILED: &str = "the analysis of this text failed";

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Edits altogether.
    pub edits: usize,
    /// Edits between two comparisons.
    pub pause: usize,
    /// Where the draws begin.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Edits that were made, and taken back.
    pub edits: usize,
    /// Times at which everything was compared.
    pub compared: usize,
    /// Findings that both sides had at these times.
    pub findings: usize,
    /// Requests between the edits.
    pub requests: usize,
    /// What the server held, in bytes, after so many edits. Empty when it is no process.
    pub memory: Vec<(usize, u64)>,
}

impl Outcome {
    /// The most that the server held in the first and in the last third.
    pub fn thirds(&self) -> Option<(u64, u64)> {
        let third = self.memory.len() / 3;
        let most = |list: &[(usize, u64)]| list.iter().map(|(_, bytes)| *bytes).max();
        let (first, rest) = self.memory.split_at(third);
        let (_, last) = rest.split_at(rest.len() - third);
        Some((most(first)?, most(last)?))
    }
}

/// A finding: code, how grave, where it begins and ends.
type Said = (String, u64, String, String);

/// What is put in the place of which bytes.
type Edit = (usize, usize, String);

/// A document as the client has it.
struct Document {
    uri: String,
    path: PathBuf,
    version: i32,
    text: String,
    /// What takes the latest edits back, the latest last.
    back: Vec<Edit>,
}

/// Opens the sources, and edits them.
///
/// # Errors
/// Where the two sides differ, with what is needed to see it again.
pub fn edits(client: &mut Client, sources: &Sources, plan: &Plan) -> Result<Outcome, String> {
    let mut documents = Vec::new();
    for (name, text) in sources {
        let path = PathBuf::from(FOLDER).join(name);
        let uri = format!("file://{}", path.display());
        client.open(&uri, text);
        documents.push(Document { uri, path, version: 1, text: text.clone(), back: Vec::new() });
    }
    let mut writer = Writer {
        client,
        documents,
        draw: Draw::new(plan.seed),
        pushed: BTreeMap::new(),
        asked: BTreeMap::new(),
        outcome: Outcome::default(),
    };
    writer.compare()?;
    let (mut at, mut pause) = (0, plan.pause);
    while writer.outcome.edits < plan.edits {
        at = writer.next(at);
        writer.ask(at);
        if writer.outcome.edits >= pause {
            pause = writer.outcome.edits + plan.pause;
            writer.compare().map_err(|difference| {
                format!("seed {}, after {} edits: {difference}", plan.seed, writer.outcome.edits)
            })?;
        }
    }
    writer.compare()?;
    Ok(writer.outcome)
}

struct Writer<'c> {
    client: &'c mut Client,
    documents: Vec<Document>,
    draw: Draw,
    /// What was pushed last about each document.
    pushed: BTreeMap<String, Vec<Said>>,
    /// By id, what was asked.
    asked: BTreeMap<i64, Value>,
    outcome: Outcome,
}

impl Writer<'_> {
    /// One change of a document, the same as before or another one; gives which.
    fn next(&mut self, at: usize) -> usize {
        let row = self.documents.get(at).map_or(0, |document| document.back.len());
        if row >= ROW || (row > 0 && self.draw.below(4) == 0) {
            // Most of it is taken back, so that names and types are looked at and not only grammar.
            let all = self.draw.below(8) > 0;
            let steps = if all { row } else { self.draw.below(row) };
            for _ in 0..steps {
                self.undo(at);
            }
            if let Some(document) = self.documents.get_mut(at) {
                document.back.clear();
            }
            return self.draw.below(self.documents.len());
        }
        self.edit(at);
        at
    }

    /// Takes the latest edit back.
    fn undo(&mut self, at: usize) {
        let Some(edit) = self.documents.get_mut(at).and_then(|document| document.back.pop()) else { return };
        let change = self.apply(at, edit, false);
        self.tell(at, change.into_iter().collect());
    }

    /// One or two edits in one message.
    fn edit(&mut self, at: usize) {
        let mut changes = Vec::new();
        for _ in 0..=self.draw.below(2) {
            let text = self.documents.get(at).map_or("", |document| document.text.as_str());
            let edit = match self.draw.below(4) {
                0 => word(&mut self.draw, text),
                1 => line(&mut self.draw, text),
                _ => piece(&mut self.draw, text),
            };
            changes.extend(self.apply(at, edit, true));
        }
        self.tell(at, changes);
    }

    /// Edits the text of the client; gives what the server is told.
    fn apply(&mut self, at: usize, (mut from, mut to, mut text): Edit, keep: bool) -> Option<Value> {
        let document = self.documents.get_mut(at)?;
        // No position lies between CR and LF. Where what is taken back begins or ends there, both are replaced.
        if splits(&document.text, to) {
            to += 1;
            text.push('\n');
        }
        if splits(&document.text, from) {
            from -= 1;
            text.insert(0, '\r');
        }
        let range = json!({ "start": position(&document.text, from), "end": position(&document.text, to) });
        let before = document.text.get(from..to)?.to_owned();
        document.text.replace_range(from..to, &text);
        if keep {
            document.back.push((from, from + text.len(), before));
        }
        Some(json!({ "range": range, "text": text }))
    }

    fn tell(&mut self, at: usize, changes: Vec<Value>) {
        let Some(document) = self.documents.get_mut(at) else { return };
        document.version += 1;
        self.client.change(&document.uri, document.version, Value::Array(changes));
        self.outcome.edits += 1;
    }

    /// Asks something and does not wait for it.
    fn ask(&mut self, at: usize) {
        let Some(document) = self.documents.get(at) else { return };
        let place = position(&document.text, place(&mut self.draw, &document.text));
        let method = ASKED.get(self.draw.below(ASKED.len())).copied().unwrap_or("hover");
        let params = json!({
            "textDocument": { "uri": document.uri },
            "position": place,
            "positions": [place],
            "range": { "start": place, "end": place },
            // What each of them wants to have in it.
            "context": { "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false, "diagnostics": [] },
            "options": { "tabSize": 4, "insertSpaces": true },
        });
        let id = self.client.begin(&format!("textDocument/{method}"), params);
        self.asked.insert(id, json!({ "method": method, "uri": document.uri, "position": place }));
        if self.draw.below(4) == 0 {
            self.client.notify("$/cancelRequest", json!({ "id": id }));
        }
        self.outcome.requests += 1;
    }

    /// Both sides have the same texts and the same findings.
    fn compare(&mut self) -> Result<(), String> {
        let expected = self.checked();
        for document in &self.documents {
            let uri = &document.uri;
            let text = self.client.request("omt/text", json!({ "uri": uri }));
            let text = text.map_err(|error| error.to_string())?;
            if text.as_str() != Some(&document.text) {
                return Err(format!("{uri}: the server has\n{text}\nand the client\n{}", document.text));
            }
            let pulled = self.client.diagnostics(uri).map_err(|error| error.to_string())?;
            let want = expected.get(&document.path).cloned().unwrap_or_default();
            self.outcome.findings += want.len();
            same("asked for", &said(&pulled), &want, document)?;
        }
        // Everything that was to be pushed came before the last answer.
        for message in self.client.heard.drain(..) {
            let asked = message["id"].as_i64().and_then(|id| self.asked.remove(&id));
            let code = message["error"]["code"].as_i64();
            if let Some(code) = code.filter(|code| !NO_ANSWER.contains(code)) {
                let error = &message["error"];
                return Err(format!("{}: answered with {code}, {error}", asked.unwrap_or_default()));
            }
            if message["params"]["message"].as_str().is_some_and(|text| text.contains(ANALYSIS_FAILED)) {
                return Err(ANALYSIS_FAILED.to_owned());
            }
            if message["method"] == "textDocument/publishDiagnostics" {
                let params = &message["params"];
                let uri = params["uri"].as_str().unwrap_or_default().to_owned();
                self.pushed.insert(uri, said(&params["diagnostics"]));
            }
        }
        for document in &self.documents {
            let want = expected.get(&document.path).cloned().unwrap_or_default();
            let pushed = self.pushed.get(&document.uri).cloned().unwrap_or_default();
            same("pushed", &pushed, &want, document)?;
        }
        self.outcome.compared += 1;
        if let Some(bytes) = self.client.process().and_then(memory) {
            self.outcome.memory.push((self.outcome.edits, bytes));
        }
        Ok(())
    }

    /// What `omtc check` says, by file.
    fn checked(&self) -> BTreeMap<PathBuf, Vec<Said>> {
        let mut sources = MemorySources::new();
        for document in &self.documents {
            sources = sources.with(&document.path, document.text.as_str());
        }
        let reported = report(&sources, &[PathBuf::from(FOLDER)], &Options::default());
        let mut found: BTreeMap<PathBuf, Vec<Said>> = BTreeMap::new();
        for diagnostic in &reported.diagnostics {
            let span = diagnostic.span();
            let Some(file) = reported.sources.get(span.file) else { continue };
            let at = |offset: u32| position(file.text(), offset as usize).to_string();
            let grave = match diagnostic.severity {
                Severity::Error => 1,
                Severity::Warning => 2,
                Severity::Note => 3,
            };
            let said = (diagnostic.code.id.to_owned(), grave, at(span.start), at(span.end));
            found.entry(PathBuf::from(file.name())).or_default().push(said);
        }
        found.values_mut().for_each(|list| list.sort());
        found
    }
}

/// Whether a place lies inside of an end of a line.
fn splits(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.ends_with('\r'))
        && text.get(at..).is_some_and(|after| after.starts_with('\n'))
}

fn said(list: &Value) -> Vec<Said> {
    let one = |found: &Value| {
        let code = found["code"].as_str().unwrap_or_default().to_owned();
        let range = &found["range"];
        let grave = found["severity"].as_u64().unwrap_or(0);
        (code, grave, range["start"].to_string(), range["end"].to_string())
    };
    let mut list: Vec<Said> = list.as_array().into_iter().flatten().map(one).collect();
    list.sort();
    list
}

fn same(how: &str, here: &[Said], there: &[Said], document: &Document) -> Result<(), String> {
    if here == there {
        return Ok(());
    }
    let only =
        |of: &[Said], other: &[Said]| of.iter().filter(|s| !other.contains(s)).cloned().collect::<Vec<_>>();
    Err(format!(
        "{}, findings {how}: the server alone says {:?}, omtc check alone {:?}\n{}",
        document.uri,
        only(here, there),
        only(there, here),
        document.text
    ))
}

/// A place between two characters, and not between CR and LF.
fn place(draw: &mut Draw, text: &str) -> usize {
    loop {
        let at = draw.below(text.len() + 1);
        let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else { continue };
        if !(before.ends_with('\r') && after.starts_with('\n')) {
            return at;
        }
    }
}

/// Something is typed, in place of a few characters or of none.
fn piece(draw: &mut Draw, text: &str) -> Edit {
    let (a, b) = (place(draw, text), place(draw, text));
    let (from, to) = (a.min(b), a.max(b));
    let to = if to - from > 40 || draw.below(3) > 0 { from } else { to };
    (from, to, PIECES.get(draw.below(PIECES.len())).copied().unwrap_or_default().to_owned())
}

/// A word is replaced by another one of the text.
fn word(draw: &mut Draw, text: &str) -> Edit {
    let is = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut pick = || {
        let at = place(draw, text);
        let rest = text.get(at..).unwrap_or_default();
        let start = at + rest.find(is).unwrap_or(rest.len());
        let rest = text.get(start..).unwrap_or_default();
        (start, start + rest.find(|c| !is(c)).unwrap_or(rest.len()))
    };
    let ((from, to), (other, end)) = (pick(), pick());
    (from, to, text.get(other..end).unwrap_or_default().to_owned())
}

/// A line is left out, or written twice.
fn line(draw: &mut Draw, text: &str) -> Edit {
    let at = place(draw, text);
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
    let end = text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |n| at + n + 1);
    if draw.below(2) == 0 {
        (start, end, String::new())
    } else {
        (end, end, text.get(start..end).unwrap_or_default().to_owned())
    }
}
