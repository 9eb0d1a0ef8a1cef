//! Random edits with requests between them: afterwards both sides have the same text, and what the server says about it
//! is what `omtc check` says. `OMT_LSP_EDITS` is how many.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use omtc::report::report;
use omtc::sema::Options;
use omtc::source::MemorySources;
use serde_json::{Value, json};
use std::path::PathBuf;
use support::{PING, capabilities, position, uri};

/// A generator that everybody makes the same draws of (xorshift64*).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n.max(1)
    }

    /// A place between two characters, and not between CR and LF.
    fn place(&mut self, text: &str) -> usize {
        loop {
            let at = self.below(text.len() + 1);
            if text.is_char_boundary(at) && !(text[..at].ends_with('\r') && text[at..].starts_with('\n')) {
                return at;
            }
        }
    }
}

const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "\"",
    "#",
    "\n",
    "\r\n",
    "\r",
    " ",
    "é",
    "🦀",
    "𝕊",
    "\u{200D}",
    "漢字",
    "->",
    "on ",
    "when ",
    "WAITING",
    "DONE",
    "PONG",
    "message.",
    "store ",
    "actor X (",
    "state S",
    "let x = ",
    "SEND(teller, PING)",
    "enum Q ( A )\n",
    "0",
    "seconds",
    "=>",
    "!",
    "imports b\n",
    "transaction",
    "\t",
    "question",
    ".",
    ",",
    "\u{FEFF}",
];

/// What `omtc check` says about the file, as code, line and column.
fn checked(text: &str) -> Vec<(String, u64, u64)> {
    let sources = MemorySources::new().with("/virtual/protocols/a.omt", text);
    let found = report(&sources, &[PathBuf::from("/virtual/protocols")], &Options::default());
    let mut list: Vec<_> = found
        .diagnostics
        .iter()
        .map(|d| {
            let at = position(text, d.span().start as usize);
            (d.code.id.to_owned(), at["line"].as_u64().unwrap(), at["character"].as_u64().unwrap())
        })
        .collect();
    list.sort();
    list
}

fn said(found: &Value) -> Vec<(String, u64, u64)> {
    let mut list: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            let at = &d["range"]["start"];
            let code = d["code"].as_str().unwrap().to_owned();
            (code, at["line"].as_u64().unwrap(), at["character"].as_u64().unwrap())
        })
        .collect();
    list.sort();
    list
}

#[test]
fn after_random_edits_both_sides_agree() {
    let rounds = std::env::var("OMT_LSP_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let seed = std::env::var("OMT_LSP_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    let mut draw = Draw(seed);
    let mut client = support::server();
    client.initialize(capabilities()).unwrap();
    let mut text = PING.to_owned();
    client.open(&uri("a.omt"), &text);
    let methods =
        ["hover", "completion", "definition", "signatureHelp", "documentHighlight", "prepareRename"];
    for round in 0..rounds {
        let mut changes = Vec::new();
        for _ in 0..=draw.below(2) {
            let (a, b) = (draw.place(&text), draw.place(&text));
            let (from, to) = (a.min(b), a.max(b));
            let to = if to - from > 40 || draw.below(3) > 0 { from } else { to };
            let piece = PIECES[draw.below(PIECES.len())];
            let range = json!({ "start": lsp(&text, from), "end": lsp(&text, to) });
            text.replace_range(from..to, piece);
            changes.push(json!({ "range": range, "text": piece }));
        }
        client.change(&uri("a.omt"), round + 2, json!(changes));
        let at = lsp(&text, draw.place(&text));
        let method = format!("textDocument/{}", methods[draw.below(methods.len())]);
        client.begin(&method, json!({ "textDocument": { "uri": uri("a.omt") }, "position": at }));
        if round.rem_euclid(10) == 0 {
            let found = client.diagnostics(&uri("a.omt")).unwrap();
            let expected: Vec<_> = checked(&text).into_iter().map(|(code, _, _)| code).collect();
            let codes: Vec<_> = said(&found).into_iter().map(|(code, _, _)| code).collect();
            assert_eq!(codes, expected, "seed {seed}, round {round}:\n{text}");
            if !text.contains('\r') && !text.contains('\u{FEFF}') {
                assert_eq!(said(&found), checked(&text), "seed {seed}, round {round}:\n{text}");
            }
            // The whole text, as the server has it.
            let mirrored = client.request("omt/text", json!({ "uri": uri("a.omt") })).unwrap();
            assert_eq!(mirrored.as_str().unwrap(), text, "seed {seed}, round {round}");
        }
        // Now and then it is a transaction again.
        if round % 60 == 59 {
            text = PING.to_owned();
            client.change(&uri("a.omt"), round + 2, json!([{ "text": text }]));
        }
        client.heard.clear();
    }
}

/// Lines end with LF, CR or both, as the protocol counts them.
fn lsp(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let mut line = 0;
    let mut start = 0;
    let bytes = before.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        let next = text.as_bytes().get(i + 1);
        if *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n')) {
            line += 1;
            start = i + 1;
        }
    }
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}
