//! The tutorial is followed word by word: its files are written, its changes made, its commands run, and what they answer is
//! what stands in it. `TUTORIAL=write cargo test -p omtc --test tutorial` writes the answers down anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

const CHAPTER: &str = "../docs/tutorial.md";

/// A fenced block: first line, content.
enum Piece {
    Text(String),
    Block { info: String, body: String },
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(String::new())];
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some("")) => {
                let (info, body) = open.take().unwrap();
                pieces.push(Piece::Block { info, body });
                pieces.push(Piece::Text(String::new()));
            }
            (Some((_, body)), _) => body.push_str(&format!("{line}\n")),
            (None, None) => {
                if let Some(Piece::Text(text)) = pieces.last_mut() {
                    text.push_str(&format!("{line}\n"));
                }
            }
        }
    }
    assert!(open.is_none(), "a block does not end");
    pieces
}

/// Applies hunks: context, `-` and `+` lines; `@@` between them. Each must fit exactly once.
fn patched(text: &str, hunks: &str) -> String {
    let mut text = text.to_owned();
    for hunk in hunks.split("@@\n") {
        let side = |skip: char| -> String {
            hunk.lines()
                .filter(|l| !l.starts_with(skip))
                .map(|l| format!("{}\n", l.get(1..).unwrap_or("")))
                .collect()
        };
        let (old, new) = (side('+'), side('-'));
        assert_eq!(text.matches(&old).count(), 1, "this part of a change fits not once:\n{hunk}");
        text = text.replacen(&old, &new, 1);
    }
    text
}

/// Times and memory differ from machine to machine.
fn steady(line: &str) -> String {
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '.') && !word.is_empty();
    let words: Vec<&str> = line.split(' ').collect();
    let unit = |i: usize, units: &[&str]| {
        words.get(i + 1).is_some_and(|next| units.contains(&next.trim_end_matches([',', ')'])))
    };
    // Virtual time is the same everywhere; it stands in lines of scenarios.
    let real = line.contains(" ms") || line.contains(" MiB");
    let shown: Vec<&str> = words
        .iter()
        .enumerate()
        .map(|(i, word)| if real && is_number(word) && unit(i, &["ms", "MiB", "s"]) { "…" } else { word })
        .collect();
    shown.join(" ")
}

fn same(a: &str, b: &str) -> bool {
    let lines = |text: &str| text.lines().map(steady).collect::<Vec<_>>();
    lines(a) == lines(b)
}

/// Runs the commands of a block in a folder; `cd` stays for the next ones.
fn console(folder: &mut PathBuf, body: &str) -> String {
    let mut answers = String::new();
    for command in body.lines().filter_map(|line| line.strip_prefix("$ ")) {
        answers.push_str(&format!("$ {command}\n"));
        let mut words = command.split_whitespace();
        match words.next() {
            Some("cd") => folder.push(words.next().unwrap()),
            Some("omtc") => {
                let output = Command::new(env!("CARGO_BIN_EXE_omtc"))
                    .args(words)
                    .current_dir(&*folder)
                    .env("NO_COLOR", "1")
                    .output()
                    .unwrap();
                for stream in [output.stdout, output.stderr] {
                    let text = String::from_utf8(stream).unwrap();
                    text.lines().for_each(|line| answers.push_str(&format!("{}\n", line.trim_end())));
                }
            }
            other => panic!("the tutorial runs {other:?}"),
        }
    }
    answers
}

fn value<'i>(info: &'i str, key: &str) -> Option<&'i str> {
    info.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

#[test]
fn the_tutorial_does_what_it_says() {
    let chapter = std::fs::read_to_string(CHAPTER).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let mut folder = scratch.path().to_owned();
    let mut written = String::new();
    let (mut commands, mut wrong) = (0, String::new());
    for piece in pieces(&chapter) {
        let (info, body) = match piece {
            Piece::Text(text) => {
                written.push_str(&text);
                continue;
            }
            Piece::Block { info, body } => (info, body),
        };
        let mut shown = body.clone();
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        if let Some(path) = value(&info, "append") {
            let path = folder.join(path);
            std::fs::write(&path, format!("{}{body}", read(&path))).unwrap();
        } else if let Some(path) = value(&info, "file") {
            let path = folder.join(path);
            let text = if info.starts_with("diff") { patched(&read(&path), &body) } else { body.clone() };
            std::fs::write(&path, text).unwrap();
        } else if info == "console" {
            let answers = console(&mut folder, &body);
            commands += 1;
            if !same(&answers, &body) {
                wrong.push_str(&format!("the tutorial says\n{body}\nbut it is\n{answers}\n"));
                shown = answers;
            }
        }
        written.push_str(&format!("```{info}\n{shown}```\n"));
    }
    assert!(commands >= 8, "only {commands} blocks of commands were found");
    if std::env::var("TUTORIAL").is_ok_and(|v| v == "write") {
        std::fs::write(CHAPTER, written).unwrap();
    } else {
        assert!(wrong.is_empty(), "{wrong}");
    }
}

#[test]
fn only_times_and_memory_may_differ() {
    assert!(same("9 states, depth 4, 0.0 s, 3 MiB", "9 states, depth 4, 1.5 s, 0 MiB"));
    assert!(!same("9 states, depth 4, 0.0 s, 3 MiB", "8 states, depth 4, 0.0 s, 3 MiB"));
    assert!(!same("ok answered 0.100 s, 2 messages", "ok answered 0.200 s, 2 messages"));
    assert!(same("read 0.3 ms, check 1.0 ms", "read 9.9 ms, check 2.0 ms"));
}
