//! The language server, as a process of its own, for long.

use crate::command;
use omt_lsp::client::Client;
use omt_lsp::exercise::edits::{Plan, edits};
use omt_lsp::exercise::{sources, walk};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// Edits when nobody says how many.
pub const EDITS: u64 = 20_000;
/// Edits between two comparisons: a fresh check of all protocols takes as long as many edits.
const PAUSE: usize = 10;
/// What the server may hold more in the last third of the edits than in the first, in bytes. What it remembers depends on
/// where the edits happen to be; what it forgets to forget grows with every one.
const GROWTH_MAX: u64 = 64 << 20;
/// What it may hold at all.
const MEMORY_MAX: u64 = 1 << 30;

/// The release program, with the tree of protocols.
fn server() -> Result<(Client, omt_lsp::exercise::Sources), String> {
    let built =
        command::cargo(&["build", "--quiet", "--release", "--package", "omt-lsp", "--package", "xtask"])
            .status("build")?;
    if !built {
        return Err("omt-lsp does not build".to_owned());
    }
    let root = command::root();
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let program = folder.join("release").join("omt-lsp");
    let mut client = Client::spawn(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    // As VS Code and Neovim say it.
    let completion = json!({
        "completionItem": { "snippetSupport": true, "resolveSupport": { "properties": ["documentation"] } },
        "completionList": { "itemDefaults": ["editRange", "data"] },
    });
    let capabilities = json!({ "textDocument": {
        "publishDiagnostics": { "relatedInformation": true },
        "completion": completion,
    } });
    client.initialize(capabilities).map_err(|error| error.to_string())?;
    let tree = sources(&root.join("protocols")).map_err(|error| format!("protocols: {error}"))?;
    Ok((client, tree))
}

/// Random edits of all protocols, with requests between them.
///
/// # Errors
/// The two sides differ, and where.
pub fn random(rounds: u64, seed: u64) -> Result<bool, String> {
    let (mut client, tree) = server()?;
    let begun = Instant::now();
    let plan = Plan { edits: usize::try_from(rounds).unwrap_or(usize::MAX), pause: PAUSE, seed };
    let outcome = edits(&mut client, &tree, &plan)?;
    println!(
        "{} edits and {} requests in {:.0} s; texts and findings compared {} times ({} findings), all the same",
        outcome.edits,
        outcome.requests,
        begun.elapsed().as_secs_f64(),
        outcome.compared,
        outcome.findings
    );
    let most = outcome.memory.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
    let steps = (outcome.memory.len() / 10).max(1);
    for (edits, bytes) in outcome.memory.iter().step_by(steps) {
        println!("  after {edits:>6} edits: {:>5} MiB", bytes >> 20);
    }
    let Some((first, last)) = outcome.thirds() else {
        println!("this system does not say what a process holds");
        return Ok(true);
    };
    let good = most <= MEMORY_MAX && last <= first.saturating_add(GROWTH_MAX);
    println!(
        "  at most {} MiB; {} MiB in the first third, {} MiB in the last{}",
        most >> 20,
        first >> 20,
        last >> 20,
        if good { "" } else { ": too much" }
    );
    Ok(good)
}

/// Every request at so many places, spread over all protocols: on each core a server of its own, and a share of the places.
///
/// # Errors
/// An answer is an error.
pub fn walk(places: u64) -> Result<bool, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut servers = (0..cores).map(|_| server()).collect::<Result<Vec<_>, String>>()?;
    let begun = Instant::now();
    let first = servers.first().map(|(_, tree)| tree.as_slice()).unwrap_or_default();
    let characters: usize = first.iter().map(|(_, text)| text.chars().count() + 1).sum();
    let step = characters.div_ceil(usize::try_from(places).unwrap_or(usize::MAX).max(1));
    let shares = std::thread::scope(|scope| {
        let walks: Vec<_> = servers
            .iter_mut()
            .enumerate()
            .map(|(share, (client, tree))| {
                let places = (share * step, cores * step);
                let done = move |name: &str, walked: &walk::Walked| {
                    let time = begun.elapsed().as_secs();
                    eprintln!("{time:>6} s, {} of {cores}: {:>8} places, {name}", share + 1, walked.places);
                };
                scope.spawn(move || {
                    let folder = "file:///virtual/protocols";
                    walk::walk(client, folder, tree, places, (share, cores), &done)
                })
            })
            .collect();
        let all =
            walks.into_iter().map(|walk| walk.join().unwrap_or_else(|_| Err("a walk ended".to_owned())));
        all.collect::<Result<Vec<walk::Walked>, String>>()
    })?;
    let sum = |part: fn(&walk::Walked) -> usize| shares.iter().map(part).sum::<usize>();
    println!(
        "{} places of {characters}, {} answers in {:.0} s, {} of them with something to say, {} renames refused",
        sum(|w| w.places),
        sum(|w| w.answers),
        begun.elapsed().as_secs_f64(),
        sum(|w| w.told),
        sum(|w| w.refused)
    );
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (kind, (answers, told)) in shares.iter().flat_map(|walked| &walked.kinds) {
        let (all, all_told) = kinds.entry(kind).or_default();
        *all += answers;
        *all_told += told;
    }
    for (kind, (answers, told)) in kinds {
        println!("  {kind:<40} {answers:>9} answers, {told:>9} with something to say");
    }
    Ok(true)
}
