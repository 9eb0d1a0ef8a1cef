//! `omtc check` as a person runs it: the whole process, on the tree of protocols and on large generated sources.
//!
//! The rival is the same program asked for its version: what starting a process costs here. The generated source is the
//! ping pong example again and again, each time with other names, in one transaction; so everything that is looked up
//! by name, and every check that compares one declaration with the others, has much to look at.

use super::{ROUNDS, Spread, process, ratio};
use crate::command;
use omtc::source::SourceMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// Sizes of generated sources.
const GENERATED_BYTES: &[usize] = &[1_000_000, 50_000_000];
/// Rounds of the large one: a round takes as long as all of the others.
const LARGE_ROUNDS: usize = 3;

/// Measures and prints.
pub fn run() -> Result<(), String> {
    let program = super::omtc()?;
    let folder = super::target();
    let tree = command::root().join("protocols");
    whole_tree(&program, &tree)?;
    let example = tree.join("examples/ping_pong/transaction.omt");
    let source =
        std::fs::read_to_string(&example).map_err(|error| format!("{}: {error}", example.display()))?;
    for bytes in GENERATED_BYTES {
        let text = generated(&source, *bytes);
        let path = folder.join(format!("bench-{bytes}.omt"));
        std::fs::write(&path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        let result = one_source(&program, &path, &text);
        std::fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        result?;
    }
    Ok(())
}

fn whole_tree(program: &Path, tree: &Path) -> Result<(), String> {
    let tree = tree.to_string_lossy();
    let (mut checks, mut starts, mut memory) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..ROUNDS {
        starts.push(process(program, &["--version"])?.0);
        let (took, held) = process(program, &["check", &tree])?;
        checks.push(took);
        memory = memory.max(held);
    }
    println!("check: the whole process, on the tree of protocols");
    let beside = ratio(&checks, &starts);
    println!(
        "  {:<24} {}, at least {memory:.1} MB;  {:.1} times starting it ({:.1} to {:.1})",
        "omtc check protocols",
        Spread::of(checks).show("ms"),
        beside.median,
        beside.least,
        beside.most
    );
    println!("  {:<24} {}", "omtc --version", Spread::of(starts).show("ms"));
    Ok(())
}

fn one_source(program: &Path, path: &Path, text: &str) -> Result<(), String> {
    let megabytes = size(text.len());
    let rounds = if megabytes > 10.0 { LARGE_ROUNDS } else { ROUNDS };
    let shown = path.to_string_lossy();
    let file = SourceMap::default().add("bench.omt", text);
    let (mut lexed, mut parsed, mut checked, mut memory) = (Vec::new(), Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..rounds {
        lexed.push(megabytes / super::time(|| omtc::syntax::token_count(file, text)).as_secs_f64());
        parsed.push(megabytes / super::time(|| omtc::syntax::parse(file, text)).as_secs_f64());
        let (took, held) = process(program, &["check", &shown])?;
        checked.push(megabytes * 1e3 / took);
        memory = memory.max(held);
    }
    println!("check: a generated source of {megabytes:.1} MB");
    for (name, series) in
        [("lexing", lexed), ("lexing and parsing", parsed), ("the whole process, all phases", checked)]
    {
        println!("  {name:<30} {}", Spread::of(series).show("MB/s"));
    }
    println!("  at least {memory:.0} MB of memory, {:.1} for each of source", memory / megabytes);
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn size(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Milliseconds that it takes, and the most megabytes that it was seen to hold.
fn process(program: &Path, arguments: &[&str]) -> Result<(f64, f64), String> {
    let ran = process::run(program, arguments)?;
    Ok((ran.seconds * 1e3, ran.megabytes))
}

/// At least that many bytes: the source without its header, each time with a number behind the names that it declares.
pub(super) fn generated(source: &str, bytes: usize) -> String {
    let (header, body): (Vec<&str>, Vec<&str>) = source.lines().partition(|l| l.starts_with("transaction "));
    let names = declared(&body);
    let body = body.join("\n");
    let mut text = header.join("\n");
    text.push('\n');
    for copy in 0.. {
        if text.len() >= bytes {
            break;
        }
        for word in words(&body) {
            text.push_str(word);
            if names.contains(word) {
                let _ = write!(text, "_{copy}");
            }
        }
        text.push('\n');
    }
    text
}

/// Names of declarations, states, triggers and parameters.
fn declared<'s>(lines: &[&'s str]) -> BTreeSet<&'s str> {
    const KINDS: &[&str] = &[
        "message", "block", "actor", "function", "enum", "struct", "view", "property", "scenario", "task",
        "state", "trigger",
    ];
    let mut names = BTreeSet::new();
    for line in lines {
        let mut parts = words(line).filter(|word| !word.trim().is_empty());
        let (first, second, third) = (parts.next(), parts.next(), parts.next());
        match (first, second, third) {
            (Some("native"), Some(_), Some(name)) => names.insert(name),
            (Some(kind), Some(name), _) if KINDS.contains(&kind) => names.insert(name),
            (Some(name), Some("="), Some(_)) if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') => {
                names.insert(name)
            }
            _ => false,
        };
    }
    names
}

/// Words and what is between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let of_a_kind = |c: char| {
            is_word(c) == is_word(first) && (is_word(c) || c.is_whitespace() == first.is_whitespace())
        };
        let end = rest.find(|c: char| !of_a_kind(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the benchmark would time how findings are reported.
    #[test]
    fn the_generated_source_has_no_finding_and_the_size_that_was_asked_for() {
        let source = include_str!("../../../protocols/examples/ping_pong/transaction.omt");
        let text = generated(source, 50_000);
        assert!((50_000..60_000).contains(&text.len()), "{}", text.len());
        let sources = omtc::source::MemorySources::new().with("a.omt", text.as_str());
        let reported = omtc::report::report(&sources, &["a.omt".into()], &omtc::sema::Options::default());
        assert_eq!(reported.diagnostics, []);
        assert!(reported.units.iter().all(|unit| unit.protocol.is_some()));
    }
}
