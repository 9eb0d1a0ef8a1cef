//! Reads `cases.txt`: edits of the sources in `base`.

use omtc::diff::{Kind, Report, Side, compare, kind};
use omtc::sema::{Analyzed, analyze};
use omtc::source::MemorySources;
use std::sync::OnceLock;

/// The sources that are edited.
pub const BASE: &[(&str, &str)] = &[
    ("protocols/garden.omt", include_str!("base/protocols/garden.omt")),
    ("protocols/lease.omt", include_str!("base/protocols/lease.omt")),
    ("protocols/poll.omt", include_str!("base/protocols/poll.omt")),
    ("protocols/shared/terms.omt", include_str!("base/protocols/shared/terms.omt")),
];

/// One change of the sources.
pub enum Edit {
    Replace { from: String, to: String },
    Move { from: String, to: String },
    Remove(String),
    New { path: String, text: String },
}

/// A kind, with what an edit that makes it comes to, and what a near one does that does not.
pub struct Case {
    pub kind: Kind,
    changed: Analyzed,
    backwards: bool,
    pub report: Report,
    pub quiet: Report,
}

/// All cases. Each is analysed once for all tests.
pub fn told() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let text = include_str!("cases.txt");
        text.split("\n== ").skip(1).map(case).collect()
    })
}

fn case(text: &str) -> Case {
    let (name, rest) = text.split_once('\n').unwrap();
    let kind = *kind::ALL.iter().find(|k| k.name == name).unwrap_or_else(|| panic!("no kind {name}"));
    let (head, rest) = rest.split_once("fires\n").unwrap();
    let (fires, silent) = rest.split_once("silent\n").unwrap();
    let backwards = head.contains("backwards");
    let compared = |changed: &Analyzed| {
        let [old, new] = sides(changed, backwards);
        compare(Side::of(old), Side::of(new))
    };
    let (changed, near) = (analyzed(&edited(&edits(fires))), analyzed(&edited(&edits(silent))));
    Case { kind, report: compared(&changed), quiet: compared(&near), changed, backwards }
}

fn sides(changed: &Analyzed, backwards: bool) -> [&Analyzed; 2] {
    if backwards { [changed, base()] } else { [base(), changed] }
}

impl Case {
    /// Both versions of the edit that makes it.
    pub fn sides(&self) -> [&Analyzed; 2] {
        sides(&self.changed, self.backwards)
    }
}

/// `-` and `+` lines, `mv`, `rm`, `new`.
pub fn edits(text: &str) -> Vec<Edit> {
    let mut lines = text.lines().peekable();
    let mut found = Vec::new();
    let taken = |lines: &mut std::iter::Peekable<std::str::Lines<'_>>, sign: char| {
        let mut block = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(sign)) {
            block.push(line.get(2..).unwrap_or("").to_owned());
        }
        block.join("\n")
    };
    while let Some(line) = lines.peek().copied() {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if line.starts_with('-') {
            let from = taken(&mut lines, '-');
            found.push(Edit::Replace { from, to: taken(&mut lines, '+') });
            continue;
        }
        lines.next();
        match words[0].as_str() {
            "mv" => found.push(Edit::Move { from: words[1].clone(), to: words[2].clone() }),
            "rm" => found.push(Edit::Remove(words[1].clone())),
            "new" => {
                let text = taken(&mut lines, '+');
                found.push(Edit::New { path: words[1].clone(), text });
            }
            "" => {}
            other => panic!("`{other}` is no edit"),
        }
    }
    found
}

/// The base after some edits.
pub fn edited(edits: &[Edit]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        BASE.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    for edit in edits {
        match edit {
            Edit::Move { from, to } => {
                files.iter_mut().find(|(p, _)| p == from).expect("a file").0.clone_from(to);
            }
            Edit::Remove(path) => files.retain(|(p, _)| p != path),
            Edit::New { path, text } => files.push((path.clone(), format!("{text}\n"))),
            Edit::Replace { from, to } => {
                let before = files.clone();
                for (_, text) in &mut files {
                    *text = replaced(text, from, to);
                }
                assert!(before != files, "`{from}` is nowhere, or `{to}` is the same");
            }
        }
    }
    files
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !from.chars().all(letter) {
        return text.replace(from, to);
    }
    let mut out = String::new();
    for word in text.split_inclusive(|c| !letter(c)) {
        let name = word.trim_end_matches(|c| !letter(c));
        out.push_str(if name == from { to } else { name });
        out.push_str(&word[name.len()..]);
    }
    out
}

pub fn base() -> &'static Analyzed {
    static BASE: OnceLock<Analyzed> = OnceLock::new();
    BASE.get_or_init(|| analyzed(&edited(&[])))
}

pub fn analyzed(files: &[(String, String)]) -> Analyzed {
    let mut sources = MemorySources::new();
    for (path, text) in files {
        sources.insert(path, text.as_str());
    }
    let analyzed = analyze(&sources, &["protocols".into()]);
    let errors: Vec<String> = analyzed
        .diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| format!("{}: {}", analyzed.sources.place(d.span()), d.message))
        .collect();
    assert!(errors.is_empty(), "an edit does not compile: {errors:#?}");
    analyzed
}
