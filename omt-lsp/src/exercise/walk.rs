//! Every request at every position of sources: each is answered without an error.

#![allow(clippy::indexing_slicing, reason = "a member that a JSON value does not have is null")]

use super::{Sources, position};
use crate::client::Client;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Answers that are waited for together: a server that is asked one by one waits for us more than it works.
const TOGETHER: usize = 16;

/// `RequestFailed` (LSP 3.17): the request is in order, and its answer is no.
const REQUEST_FAILED: i64 = -32803;

/// Requests that take a document and a position, and nothing else.
const AT: &[&str] = &[
    "hover",
    "signatureHelp",
    "definition",
    "declaration",
    "typeDefinition",
    "implementation",
    "documentHighlight",
    "linkedEditingRange",
    "prepareRename",
];

/// Requests that take a document.
const WHOLE: &[&str] = &[
    "documentSymbol",
    "codeLens",
    "documentLink",
    "foldingRange",
    "semanticTokens/full",
    "formatting",
    "diagnostic",
];

/// What a walk came to.
#[derive(Debug, Default)]
pub struct Walked {
    /// Places at which everything was asked.
    pub places: usize,
    /// Requests that were answered.
    pub answers: usize,
    /// Of these, how many had something to say.
    pub told: usize,
    /// Both, of each request.
    pub kinds: BTreeMap<String, (usize, usize)>,
    /// Names that were refused a rename with a reason.
    pub refused: usize,
}

/// Opens sources below a folder that need not exist, and asks everything at each `step`-th character, beginning with the
/// `first`. A rename is tried once for each name that is there and in a share of all names: which one, of how many. Whoever wants to
/// know how far it is hears of each source that is `done`.
///
/// # Errors
/// The first answer that is an error, or has a range that is none, and to what.
pub fn walk(
    client: &mut Client,
    folder: &str,
    sources: &Sources,
    (first, step): (usize, usize),
    (share, shares): (usize, usize),
    done: &dyn Fn(&str, &Walked),
) -> Result<Walked, String> {
    let mut walker = Walker { client, walked: Walked::default(), open: Vec::new() };
    for (name, text) in sources {
        walker.client.open(&format!("{folder}/{name}"), text);
    }
    let mut count = first;
    let mut names = BTreeSet::new();
    for (name, text) in sources {
        let uri = format!("{folder}/{name}");
        walker.document(&uri, text)?;
        let mut ends_between = false;
        // As `position` says, without reading the text again at each place.
        let (mut line, mut column) = (0, 0);
        for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
            // Between CR and LF is no place.
            let is_place = !(ends_between && c == '\n');
            if ends_between && is_place {
                (line, column) = (line + 1, 0);
            }
            ends_between = c == '\r';
            if is_place {
                if count.is_multiple_of(step) {
                    walker.place(&uri, &json!({ "line": line, "character": column }))?;
                    let word = word(text, at);
                    let sum = word.bytes().map(usize::from).sum::<usize>();
                    if !word.is_empty() && sum % shares == share && names.insert((uri.clone(), word)) {
                        walker.rename(&uri, &position(text, at))?;
                    }
                }
                count += 1;
            }
            if c == '\n' {
                (line, column) = (line + 1, 0);
            } else {
                column += c.len_utf16();
            }
        }
        walker.answers()?;
        walker.client.heard.clear();
        done(name, &walker.walked);
    }
    Ok(walker.walked)
}

fn word(text: &str, at: usize) -> String {
    let is = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let before = text.get(..at).unwrap_or_default().chars().rev().take_while(is).count();
    text.get(at - before..).unwrap_or_default().chars().take_while(is).collect()
}

struct Walker<'c> {
    client: &'c mut Client,
    walked: Walked,
    /// What was asked and is not answered: the id, and what it was about.
    open: Vec<(i64, String, Value)>,
}

impl Walker<'_> {
    fn ask(&mut self, method: &str, params: Value) -> Result<(), String> {
        let id = self.client.begin(method, params.clone());
        self.open.push((id, method.to_owned(), params));
        if self.open.len() >= TOGETHER { self.answers() } else { Ok(()) }
    }

    fn now(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.answers()?;
        let result = self.client.request(method, params.clone());
        self.judge(method, &params, result)
    }

    fn answers(&mut self) -> Result<(), String> {
        for (id, method, params) in std::mem::take(&mut self.open) {
            let result = self.client.answer(id);
            self.judge(&method, &params, result)?;
        }
        Ok(())
    }

    fn judge(&mut self, method: &str, params: &Value, result: Result<Value, Value>) -> Result<Value, String> {
        let result = match result {
            Ok(result) => result,
            // What has no name of its own is told why.
            Err(error)
                if method.ends_with("ename") && error["code"] == REQUEST_FAILED && error["message"] != "" =>
            {
                self.walked.refused += 1;
                Value::Null
            }
            Err(error) => return Err(format!("{method} {params}: {error}")),
        };
        if let Some(wrong) = wrong_range(&result) {
            return Err(format!("{method} {params}: {wrong} is no range"));
        }
        self.walked.answers += 1;
        let has_none = |list: &Value| list.as_array().is_some_and(Vec::is_empty);
        let told = usize::from(!result.is_null() && !has_none(&result) && !has_none(&result["items"]));
        self.walked.told += told;
        let (answers, all_told) = self.walked.kinds.entry(method.to_owned()).or_default();
        *answers += 1;
        *all_told += told;
        Ok(result)
    }

    /// What is about a whole document.
    fn document(&mut self, uri: &str, text: &str) -> Result<(), String> {
        let document = json!({ "uri": uri });
        let all = json!({ "start": position(text, 0), "end": position(text, text.len()) });
        let options = json!({ "tabSize": 4, "insertSpaces": true });
        for method in WHOLE {
            let params = json!({ "textDocument": document, "options": options });
            self.ask(&format!("textDocument/{method}"), params)?;
        }
        for method in ["inlayHint", "semanticTokens/range", "rangeFormatting"] {
            let params = json!({ "textDocument": document, "range": all, "options": options });
            self.ask(&format!("textDocument/{method}"), params)?;
        }
        let tokens = self.now("textDocument/semanticTokens/full", json!({ "textDocument": document }))?;
        let params = json!({ "textDocument": document, "previousResultId": tokens["resultId"] });
        self.ask("textDocument/semanticTokens/full/delta", params)?;
        let context = json!({ "diagnostics": [] });
        let params = json!({ "textDocument": document, "range": all, "context": context });
        self.ask("textDocument/codeAction", params)?;
        self.ask("omt/scenarios", json!({ "uri": uri }))?;
        self.ask("omt/text", json!({ "uri": uri }))?;
        self.ask("workspace/symbol", json!({ "query": "a" }))?;
        self.ask("workspace/diagnostic", json!({ "previousResultIds": [] }))?;
        self.answers()
    }

    /// Everything at a place.
    fn place(&mut self, uri: &str, here: &Value) -> Result<(), String> {
        self.walked.places += 1;
        let document = json!({ "uri": uri });
        for method in AT {
            let params = json!({ "textDocument": document, "position": here });
            self.ask(&format!("textDocument/{method}"), params)?;
        }
        let context = json!({ "includeDeclaration": true });
        let params = json!({ "textDocument": document, "position": here, "context": context });
        self.ask("textDocument/references", params)?;
        let params = json!({ "textDocument": document, "positions": [here] });
        self.ask("textDocument/selectionRange", params)?;
        let range = json!({ "start": here, "end": here });
        let params = json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } });
        self.ask("textDocument/codeAction", params)?;
        let options = json!({ "tabSize": 4, "insertSpaces": true });
        let params = json!({ "textDocument": document, "position": here, "ch": "\n", "options": options });
        self.ask("textDocument/onTypeFormatting", params)?;
        let params = json!({ "textDocument": document, "position": here });
        let mut completed = self.now("textDocument/completion", params.clone())?;
        let data = completed["itemDefaults"]["data"].clone();
        if let Some(item) = completed["items"].as_array_mut().and_then(|items| items.first_mut()) {
            item["data"] = data;
            self.ask("completionItem/resolve", item.take())?;
        }
        let items = self.now("textDocument/prepareCallHierarchy", params)?;
        for item in items.as_array().into_iter().flatten() {
            self.ask("callHierarchy/incomingCalls", json!({ "item": item }))?;
            self.ask("callHierarchy/outgoingCalls", json!({ "item": item }))?;
        }
        Ok(())
    }

    /// A rename is made, or refused with a reason.
    fn rename(&mut self, uri: &str, here: &Value) -> Result<(), String> {
        self.answers()?;
        let mut params = json!({ "textDocument": { "uri": uri }, "position": here });
        if self.now("textDocument/prepareRename", params.clone())?.is_null() {
            return Ok(());
        }
        params["newName"] = json!("walked_by");
        self.now("textDocument/rename", params).map(|_| ())
    }
}

/// A range that ends before it begins, wherever it is in an answer.
fn wrong_range(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(members) => {
            let at = |name: &str| {
                let place = members.get(name)?;
                Some((place.get("line")?.as_u64()?, place.get("character")?.as_u64()?))
            };
            match (at("start"), at("end")) {
                (Some(start), Some(end)) if start > end => Some(value),
                _ => members.values().find_map(wrong_range),
            }
        }
        Value::Array(list) => list.iter().find_map(wrong_range),
        _ => None,
    }
}
