//! `omt-lsp` as an editor has it: the release program, over its standard input and output.
//!
//! Somebody types a line into a transition and takes it back, key by key. After each key it is waited for the first
//! diagnostics of that text (words and grammar, with what stands elsewhere as it was), for what completion offers, for all
//! diagnostics of the file (names, types, checks), and for those of all files that depend on it. Besides, a name is made wrong by
//! one key: how long until that is said.

#![allow(clippy::indexing_slicing, reason = "a member that a JSON value does not have is null")]

use super::check::generated;
use super::process::peak;
use crate::command;
use omt_lsp::client::Client;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Lines of the generated file.
const GENERATED_LINES: usize = 10_000;
/// How often the line is typed and taken back.
const ROUNDS: usize = 2;
/// How often the server is started.
const STARTS: usize = 7;
/// How often a name is made wrong.
const WRONG: usize = 30;
/// Between two keys of somebody who types fast and waits for nothing.
const FAST: Duration = Duration::from_millis(40);

/// A file, and where in it somebody types what.
struct Place<'p> {
    title: &'p str,
    path: &'p Path,
    text: &'p str,
    /// The line is typed behind this.
    behind: &'p str,
    /// The first one from here on.
    from: usize,
    line: &'p str,
    /// A name on the line, the last letter of which is changed.
    name: &'p str,
}

/// Measures and prints.
pub fn run() -> Result<(), String> {
    let built =
        command::cargo(&["build", "--quiet", "--release", "--package", "omt-lsp", "--package", "xtask"])
            .status("build")?;
    if !built {
        return Err("omt-lsp does not build".to_owned());
    }
    let root = command::root();
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = folder.join("release").join("omt-lsp");
    let lock = root.join("protocols/transactions/00_escrow_lock/transaction.omt");
    let text = read(&lock)?;
    let line = "\n        give_up_at = open.time + LOCK_TIMEOUT";
    let machine = Place {
        title: "the escrow lock, among its protocols",
        path: &lock,
        text: &text,
        behind: line,
        from: 0,
        line,
        name: "LOCK_TIMEOUT",
    };
    starts(&program, &machine)?;
    typed(&program, &machine)?;
    let example = root.join("protocols/examples/ping_pong/transaction.omt");
    let long = lines(&read(&example)?);
    // A file that belongs to no project.
    let path = folder.join("bench-lsp.omt");
    let place = Place {
        title: "a generated file",
        path: &path,
        text: &long,
        behind: "\n        store responder, question",
        from: long.len() / 2,
        line: "\n        salt = RANDOM_BYTES(16)",
        name: "salt",
    };
    starts(&program, &place)?;
    typed(&program, &place)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The generated source that has at least so many lines.
fn lines(example: &str) -> String {
    let mut bytes = GENERATED_LINES * example.len() / example.lines().count();
    loop {
        let text = generated(example, bytes);
        if text.lines().count() >= GENERATED_LINES {
            return text;
        }
        bytes += example.len();
    }
}

/// An editor with one document.
struct Editor {
    client: Client,
    uri: String,
    version: i32,
}

impl Editor {
    fn open(program: &Path, place: &Place<'_>) -> Result<Editor, String> {
        let mut client = Client::spawn(program).map_err(|error| format!("{}: {error}", program.display()))?;
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8", "utf-16"] },
            "textDocument": {
                "publishDiagnostics": { "relatedInformation": true },
                // As VS Code and Neovim say it.
                "completion": {
                    "completionItem": {
                        "snippetSupport": true,
                        "resolveSupport": { "properties": ["documentation", "detail"] },
                    },
                    "completionList": { "itemDefaults": ["editRange", "data"] },
                },
            },
        });
        client.initialize(capabilities).map_err(|error| error.to_string())?;
        let uri = format!("file://{}", place.path.display());
        client.open(&uri, place.text);
        Ok(Editor { client, uri, version: 1 })
    }

    fn replace(&mut self, start: &Value, end: &Value, text: &str) {
        self.version += 1;
        let changes = json!([{ "range": { "start": start, "end": end }, "text": text }]);
        self.client.change(&self.uri, self.version, changes);
    }

    fn at(&self, position: &Value) -> Value {
        json!({ "textDocument": { "uri": self.uri }, "position": position })
    }

    /// Waits for the diagnostics of this version that are as wanted.
    fn published(&mut self, wanted: &dyn Fn(&Value) -> bool) -> Result<(), String> {
        let (uri, version) = (self.uri.clone(), self.version);
        let is = |message: &Value| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["version"] == version
                && params["uri"] == uri.as_str()
                && wanted(&params["diagnostics"])
        };
        self.client.wait(&is).map(|_| ()).ok_or_else(|| "the server is gone".to_owned())
    }

    /// Waits until everything about the document is known.
    fn settled(&mut self) -> Result<(), String> {
        let uri = self.uri.clone();
        self.client.diagnostics(&uri).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Waits until everything about all files of the project is known.
    fn all_settled(&mut self) -> Result<(), String> {
        let all = self.client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
        all.map(|_| ()).map_err(|error| error.to_string())
    }

    /// What the server has computed so far, on all threads, by proc(5): in hundredths of a second, as Linux counts.
    fn work(&self) -> Duration {
        let stat =
            self.client.process().and_then(|id| std::fs::read_to_string(format!("/proc/{id}/stat")).ok());
        let numbers = stat.as_deref().and_then(|stat| stat.rsplit_once(") ")).map_or("", |(_, rest)| rest);
        // The twelfth and the thirteenth behind the name.
        let ticks = numbers.split(' ').skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum::<u64>();
        Duration::from_millis(ticks * 10)
    }

    fn memory(&self) -> f64 {
        self.client.process().map_or(0.0, |id| peak(&format!("/proc/{id}")))
    }
}

/// From the start of the process to the first diagnostics, and to all of them.
fn starts(program: &Path, place: &Place<'_>) -> Result<(), String> {
    let (mut first, mut all) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begun = Instant::now();
        let mut editor = Editor::open(program, place)?;
        editor.published(&|_| true)?;
        first.push(begun.elapsed());
        editor.all_settled()?;
        all.push(begun.elapsed());
        editor.client.end();
    }
    println!("lsp: start with {} ({} lines)", place.title, place.text.lines().count());
    show("to its first diagnostics", &mut first);
    show("to all diagnostics", &mut all);
    Ok(())
}

/// Types the line and takes it back, key by key.
fn typed(program: &Path, place: &Place<'_>) -> Result<(), String> {
    let found = place.text.get(place.from..).and_then(|text| text.find(place.behind));
    let at = found.ok_or_else(|| format!("{}: nothing to type behind", place.title))?;
    let at = place.from + at + place.behind.len();
    let before = place.text.get(..at).unwrap_or_default();
    let mut editor = Editor::open(program, place)?;
    editor.settled()?;
    let mut times = Times::default();
    let mut line = before.matches('\n').count();
    let mut column = before.len() - before.rfind('\n').map_or(0, |n| n + 1);
    let start = (line, column);
    for round in 0..ROUNDS {
        (line, column) = start;
        let mut keys = Vec::new();
        for key in place.line.chars() {
            let here = position(line, column);
            if key == '\n' {
                (line, column) = (line + 1, 0);
            } else {
                column += 1;
            }
            let next = position(line, column);
            times.key(&mut editor, (&here, &here), &key.to_string(), &next)?;
            keys.push((here, next));
        }
        if round == 0 {
            times.wrong(&mut editor, place, line)?;
        }
        for (here, next) in keys.iter().rev() {
            times.key(&mut editor, (here, next), "", here)?;
        }
    }
    (line, column) = start;
    times.fast(&mut editor, place, (line, column))?;
    println!("lsp: typing in {} ({} lines)", place.title, place.text.lines().count());
    times.show();
    println!("  {:<44} {:>9.1} MB", "most memory", editor.memory());
    editor.client.end();
    Ok(())
}

fn position(line: usize, column: usize) -> Value {
    json!({ "line": line, "character": column })
}

/// What was waited for.
#[derive(Default)]
struct Times {
    completed: Vec<Duration>,
    first: Vec<Duration>,
    own: Vec<Duration>,
    all: Vec<Duration>,
    work: Vec<Duration>,
    wrong: Vec<Duration>,
    fast: Vec<Duration>,
}

impl Times {
    /// One key, and everything that follows from it.
    fn key(
        &mut self,
        editor: &mut Editor,
        (start, end): (&Value, &Value),
        text: &str,
        cursor: &Value,
    ) -> Result<(), String> {
        editor.client.heard.clear();
        let before = editor.work();
        let pressed = Instant::now();
        editor.replace(start, end, text);
        let asked = editor.client.begin("textDocument/completion", editor.at(cursor));
        // Both come on one stream: the later one is counted to where the client has read both.
        editor.published(&|_| true)?;
        self.first.push(pressed.elapsed());
        editor.client.answer(asked).map_err(|error| error.to_string())?;
        self.completed.push(pressed.elapsed());
        editor.settled()?;
        self.own.push(pressed.elapsed());
        editor.all_settled()?;
        self.all.push(pressed.elapsed());
        self.work.push(editor.work().saturating_sub(before));
        Ok(())
    }

    /// The last letter of a name becomes another one: a finding names it.
    fn wrong(&mut self, editor: &mut Editor, place: &Place<'_>, line: usize) -> Result<(), String> {
        let written = place.line.trim_start_matches('\n');
        let end = written.find(place.name).map_or(0, |at| at + place.name.len());
        let (here, behind) = (position(line, end - 1), position(line, end));
        let last = written.get(end - 1..end).unwrap_or("x");
        let mistaken = format!("{}q", place.name.get(..place.name.len() - 1).unwrap_or_default());
        let says = |list: &Value| list.to_string().contains(&mistaken);
        for _ in 0..WRONG {
            editor.client.heard.clear();
            let pressed = Instant::now();
            editor.replace(&here, &behind, "q");
            editor.published(&says)?;
            self.wrong.push(pressed.elapsed());
            editor.settled()?;
            editor.replace(&here, &behind, last);
            editor.settled()?;
        }
        Ok(())
    }

    /// Keys that come whether or not the server is ready, each with what completion offers.
    fn fast(
        &mut self,
        editor: &mut Editor,
        place: &Place<'_>,
        (line, column): (usize, usize),
    ) -> Result<(), String> {
        let behind = position(line, column);
        editor.replace(&behind, &behind, "\n");
        let mut next = Instant::now();
        for (at, key) in place.line.trim_start_matches('\n').chars().enumerate() {
            next += FAST;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
            let pressed = Instant::now();
            let here = position(line + 1, at);
            editor.replace(&here, &here, &key.to_string());
            let place = editor.at(&position(line + 1, at + 1));
            editor.client.request("textDocument/completion", place).map_err(|error| error.to_string())?;
            self.fast.push(pressed.elapsed());
        }
        editor.settled()
    }

    fn show(&mut self) {
        show("a key to completion", &mut self.completed);
        show("the same, a key every 40 ms", &mut self.fast);
        show("a key to its first diagnostics", &mut self.first);
        show("a wrong name to the finding that says so", &mut self.wrong);
        show("a key to all diagnostics of the file", &mut self.own);
        show("a key to all diagnostics of the project", &mut self.all);
        let whole: Duration = self.work.iter().sum();
        let keys = u32::try_from(self.work.len().max(1)).unwrap_or(u32::MAX);
        println!(
            "  {:<44} {:>9.1} ms",
            "computing for a key, on all cores",
            (whole / keys).as_secs_f64() * 1e3
        );
    }
}

/// Half of them, and all but one of a hundred, took no longer.
fn show(what: &str, times: &mut [Duration]) {
    times.sort();
    let part = |hundredths: usize| {
        let at = (times.len() * hundredths).div_ceil(100).saturating_sub(1);
        times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    println!("  {what:<44} p50 {:>8.2} ms, p99 {:>8.2} ms  ({} times)", part(50), part(99), times.len());
}
