//! Megabytes a second through the front end, beside `syn` reading the Rust that was generated from the same sources.

use super::{ROUNDS, Spread, ratio, time};
use crate::command;
use omtc::source::{DiskSources, SourceMap};
use std::path::{Path, PathBuf};

/// Text that the lexer and the parser get in one piece.
const TEXT_BYTES: usize = 1_000_000;
/// Times that the whole tree is analysed in a round.
const ANALYSES: u32 = 5;

/// Measures and prints.
pub fn run() -> Result<(), String> {
    let root = command::root();
    let lock = root.join("protocols/transactions/00_escrow_lock/transaction.omt");
    let source = std::fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let text = source.repeat(TEXT_BYTES / source.len().max(1) + 1);
    let file = SourceMap::default().add("bench.omt", text.as_str());
    let rust = rust_text(&root.join("generated/src"))?;
    let tree = tree_bytes(&root.join("protocols"))?;
    let roots = [root.join("protocols")];

    let (mut lexed, mut parsed, mut analysed, mut rival) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        lexed.push(rate(text.len(), time(|| omtc::syntax::token_count(file, &text))));
        parsed.push(rate(text.len(), time(|| omtc::syntax::parse(file, &text))));
        let analyses = time(|| (0..ANALYSES).map(|_| analyse(&roots)).sum::<usize>());
        analysed.push(rate(tree * ANALYSES as usize, analyses));
        rival.push(rate(rust.iter().map(String::len).sum(), time(|| parse_rust(&rust))));
    }
    println!(
        "compiler: {} bytes of one text; {tree} bytes of protocols, all transactions together",
        text.len()
    );
    for (name, series) in
        [("lexing", &lexed), ("lexing and parsing", &parsed), ("read to checked IR", &analysed)]
    {
        println!(
            "  {name:<20} {}  {:.2} times syn ({:.2} to {:.2})",
            Spread::of(series.clone()).show("MB/s"),
            ratio(series, &rival).median,
            ratio(series, &rival).least,
            ratio(series, &rival).most,
        );
    }
    println!("  {:<20} {}", "syn, generated Rust", Spread::of(rival).show("MB/s"));
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(bytes: usize, took: std::time::Duration) -> f64 {
    bytes as f64 / 1e6 / took.as_secs_f64()
}

/// Number of findings of the whole front end: imports, names, types, flow, checks.
fn analyse(roots: &[PathBuf]) -> usize {
    omtc::report::report(&DiskSources, roots, &omtc::sema::Options::default()).diagnostics.len()
}

fn parse_rust(files: &[String]) -> usize {
    files.iter().filter_map(|text| syn::parse_file(text).ok()).map(|file| file.items.len()).sum()
}

fn rust_text(folder: &Path) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    visit(folder, "rs", &mut |path| {
        texts.push(std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?);
        Ok(())
    })?;
    Ok(texts)
}

fn tree_bytes(folder: &Path) -> Result<usize, String> {
    let mut bytes = 0;
    visit(folder, "omt", &mut |path| {
        let length = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        bytes += usize::try_from(length).unwrap_or(0);
        Ok(())
    })?;
    Ok(bytes)
}

fn visit(
    folder: &Path,
    ending: &str,
    see: &mut dyn FnMut(&Path) -> Result<(), String>,
) -> Result<(), String> {
    let shown = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(shown)? {
        paths.push(entry.map_err(shown)?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            visit(&path, ending, see)?;
        } else if path.extension().is_some_and(|e| e == ending) {
            see(&path)?;
        }
    }
    Ok(())
}
