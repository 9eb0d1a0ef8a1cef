//! Sources with the cursor drawn in them, and a server that has them open.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use omt_lsp::client::Client;
use serde_json::{Value, json};

/// Where the sources are, although nothing is there on disk.
const FOLDER: &str = "file:///virtual/protocols";

/// A server in this process.
pub fn server() -> Client {
    let (own, other) = tokio::io::duplex(1 << 20);
    std::thread::spawn(move || {
        let (input, output) = tokio::io::split(other);
        runtime().block_on(async move { omt_lsp::server::serve(input, output).await.unwrap() });
    });
    let (input, output) = tokio::io::split(own);
    Client::new(Box::new(Half(runtime(), input)), Box::new(Half(runtime(), output)))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// One direction of a stream, for whoever waits.
struct Half<T>(tokio::runtime::Runtime, T);

impl<T: tokio::io::AsyncRead + Unpin> std::io::Read for Half<T> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.block_on(tokio::io::AsyncReadExt::read(&mut self.1, buffer))
    }
}

impl<T: tokio::io::AsyncWrite + Unpin> std::io::Write for Half<T> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.block_on(tokio::io::AsyncWriteExt::write(&mut self.1, buffer))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.block_on(tokio::io::AsyncWriteExt::flush(&mut self.1))
    }
}

/// Everything that a modern editor can.
pub fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": true, "codeDescriptionSupport": true, "tagSupport": { "valueSet": [1, 2] }
            },
            "completion": { "completionItem": { "snippetSupport": true } },
        },
        "window": { "workDoneProgress": true },
        "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } }
    })
}

/// Sources that are open, and where the cursor is.
pub struct Editor {
    pub client: Client,
    files: Vec<(String, String)>,
    /// File and offset of each `$0`, in order.
    pub cursors: Vec<(String, usize)>,
}

impl Editor {
    /// Sources: one, or several that begin with lines `#- path`. `$0` is the cursor.
    pub fn new(fixture: &str) -> Editor {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in fixture.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix("#- ") {
                files.push((path.trim().to_owned(), String::new()));
                continue;
            }
            if files.is_empty() {
                files.push(("a.omt".to_owned(), String::new()));
            }
            files.last_mut().unwrap().1.push_str(line);
        }
        let mut client = server();
        client.initialize(capabilities()).unwrap();
        let mut cursors = Vec::new();
        for (path, text) in &mut files {
            while let Some(at) = text.find("$0") {
                text.replace_range(at..at + 2, "");
                cursors.push((path.clone(), at));
            }
            client.open(&uri(path), text);
        }
        Editor { client, files, cursors }
    }

    pub fn text(&self, path: &str) -> &str {
        &self.files.iter().find(|(name, _)| name == path).unwrap().1
    }

    /// A request about the cursor.
    pub fn ask(&mut self, method: &str) -> Value {
        self.ask_with(method, json!({}))
    }

    /// A request about the cursor, with more parameters.
    pub fn ask_with(&mut self, method: &str, more: Value) -> Value {
        self.try_ask(method, more).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub fn try_ask(&mut self, method: &str, more: Value) -> Result<Value, Value> {
        let (path, at) = self.cursors[0].clone();
        let mut params = json!({
            "textDocument": { "uri": uri(&path) },
            "position": position(self.text(&path), at),
        });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        self.client.request(&format!("textDocument/{method}"), params)
    }

    /// Locations as `path:line: the line, with the range in ‹›`, one below the other.
    pub fn places(&self, locations: &Value) -> String {
        let list = match locations {
            Value::Array(list) => list.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let mut lines: Vec<String> = list
            .iter()
            .map(|location| {
                let uri =
                    location.get("uri").or_else(|| location.get("targetUri")).unwrap().as_str().unwrap();
                let range = location.get("range").or_else(|| location.get("targetSelectionRange")).unwrap();
                self.place(uri.strip_prefix(&format!("{FOLDER}/")).unwrap_or(uri), range)
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// A range in its line.
    pub fn place(&self, path: &str, range: &Value) -> String {
        let text = self.text(path);
        let (from, to) = (offset(text, &range["start"]), offset(text, &range["end"]));
        let start = text[..from].rfind('\n').map_or(0, |n| n + 1);
        let end = text[from..].find('\n').map_or(text.len(), |n| from + n).max(to);
        let line = format!("{}‹{}›{}", &text[start..from], &text[from..to], &text[to..end.max(to)]);
        let number = text[..from].matches('\n').count() + 1;
        format!("{path}:{number}: {}", line.lines().next().unwrap_or("").trim())
    }

    /// The text of a file with edits applied.
    pub fn edited(&self, path: &str, edits: &Value) -> String {
        let mut text = self.text(path).to_owned();
        let mut list: Vec<(usize, usize, String)> = edits
            .as_array()
            .unwrap()
            .iter()
            .map(|edit| {
                let range = &edit["range"];
                let new = edit["newText"].as_str().unwrap().to_owned();
                (offset(&text, &range["start"]), offset(&text, &range["end"]), new)
            })
            .collect();
        list.sort_by_key(|(start, end, _)| (*start, *end));
        for (start, end, new) in list.into_iter().rev() {
            text.replace_range(start..end, &new);
        }
        text
    }

    /// The files that are not among those.
    pub fn others(&self, shown: &str) -> String {
        let mut out = String::new();
        for (path, text) in &self.files {
            if !shown.contains(&format!("#- {path}\n")) {
                out.push_str(&format!("#- {path}\n{text}"));
            }
        }
        out
    }

    /// All files after an edit of the workspace, each under its name.
    pub fn workspace(&self, edit: &Value) -> String {
        let mut out = String::new();
        let changes = edit["changes"].as_object().expect("changes");
        for (path, _) in &self.files {
            if let Some(edits) = changes.get(&uri(path)) {
                out.push_str(&format!("#- {path}\n{}", self.edited(path, edits)));
            }
        }
        out
    }
}

pub fn uri(path: &str) -> String {
    format!("{FOLDER}/{path}")
}

/// In units of UTF-16.
pub fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

/// From units of UTF-16.
pub fn offset(text: &str, position: &Value) -> usize {
    let line = position["line"].as_u64().unwrap() as usize;
    let column = position["character"].as_u64().unwrap() as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = 0;
    for (at, c) in text[start..].char_indices() {
        if units >= column || c == '\n' {
            return start + at;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// Labels of completion items, in the order in which an editor shows them.
pub fn labels(items: &Value) -> Vec<String> {
    let mut list: Vec<(String, String)> = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (item["sortText"].as_str().unwrap().to_owned(), item["label"].as_str().unwrap().to_owned())
        })
        .collect();
    list.sort();
    list.into_iter().map(|(_, label)| label).collect()
}

/// A transaction in which everything of interest happens once or twice.
pub const PING: &str = r#"transaction 1 "Ping"

parameters ( LIMIT = 90 seconds "How long a question waits" )

enum Answer "What came back" ( YES NO )

## A question.
message PING from Asker to [Teller] signed ( question uint  timestamp timestamp )
message PONG from Teller to [Asker] signed ( question uint  answer Answer )

## Twice as much.
function TWICE(n uint) -> uint ( RETURN n * 2 )

actor Asker "Asks" (
    store ( session_id hash  teller peer_id  question uint  answer Answer )
    peers ( Teller teller )
    trigger ask(teller peer_id, question uint) in [IDLE] "Ask"
    state IDLE initial "Nothing asked"
    state WAITING "The question is out"
    state DONE terminal "Answered"
    state LATE terminal "No answer"
    IDLE -> WAITING on ask (
        store teller, question
        SEND(teller, PING)
    )
    WAITING -> DONE on PONG when message.question == question ( store answer )
    WAITING -> LATE on timeout(LIMIT)
)

actor Teller "Answers" (
    store ( session_id hash  asker peer_id  question uint )
    peers ( Asker asker )
    state IDLE initial "Nothing"
    state DONE terminal "Answered"
    IDLE -> DONE on PING let double = TWICE(message.question) when double > 0 (
        store question
        SEND(asker, PONG { answer YES })
    )
)

scenario asked "A question" (
    cast (
        alice Asker
        bob Teller
    )
    at 0 seconds alice.ask(bob, 4)
    expect alice IN DONE within 1 seconds
    expect alice.answer == YES
)
"#;

/// The transaction with a cursor behind the first occurrence of a text that is marked with `$0`.
pub fn ping_at(marked: &str) -> String {
    let plain = marked.replace("$0", "");
    assert!(PING.contains(&plain), "{plain}");
    PING.replacen(&plain, marked, 1)
}
