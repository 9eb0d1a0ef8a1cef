//! `cargo xtask demo`: a transaction among several peers in this process, in virtual time.

use crate::lifecycle;
use clap::{Args, ValueEnum};
use omerta_tests::executor;
use omerta_tests::lock::{LockWorld, OMC, Spec};
use omerta_tests::story::Story;
use omt_runtime::host::limits::SECOND;
use omt_runtime::id::SessionId;
use serde_json::json;
use std::fmt::Display;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// What is locked, µOMC; the consumer has 100 OMC.
const AMOUNT: u64 = 80 * OMC;
/// How long the lock may take: the last deadline of its states.
const DEADLINE: i64 = 330 * SECOND;

/// Options of `cargo xtask demo`.
#[derive(Args)]
pub struct Options {
    /// What is shown
    #[arg(value_enum, default_value_t = Show::Lock)]
    pub show: Show,
    /// How the session of `lifecycle` goes; all of them unless told otherwise
    #[arg(long, value_enum)]
    pub case: Option<Case>,
    /// What runs the machines
    #[arg(long, value_enum, default_value_t = Executor::Rust)]
    pub executor: Executor,
    /// Seed of every key, nonce and delay: the same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// `json`: the last line is one object with the final states and chains
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// What runs the machines.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Executor {
    /// The package, interpreted
    Interpreter,
    /// The generated Rust
    Rust,
}

/// What can be shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// The escrow lock, message by message
    Lock,
    /// Lock, top-up, attestation, settlement, block by block, with everybody's money at the end
    Lifecycle,
}

/// How a session goes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// The rented time passes, and everybody agrees
    Normal,
    /// The machine dies; the cabal ends the session
    Abort,
    /// Two of five members fall silent; the money comes back after the expiry
    Expiry,
    /// A member of the cabal signs another division of the money
    Byzantine,
}

/// How the end is reported.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// The executor that is meant.
pub fn executor_of(options: &Options) -> executor::Executor {
    match options.executor {
        Executor::Interpreter => executor::Executor::Interpreter,
        Executor::Rust => executor::Executor::Rust,
    }
}

/// Runs it. True when the lock came about as promised: consumer locked, provider in service, witnesses active, every
/// chain valid.
///
/// # Errors
/// When the cast cannot be set up.
pub fn run(options: &Options) -> Result<bool, String> {
    let out = Arc::new(Mutex::new(std::io::stdout())) as Out;
    match options.show {
        Show::Lock => play(options, &out),
        Show::Lifecycle => lifecycle::play(options, &out),
    }
}

/// Where it is told.
pub type Out = Arc<Mutex<dyn Write + Send>>;

/// A line.
pub fn say(out: &Out, line: impl Display) {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    // Whoever closes the pipe has seen enough.
    let _closed = writeln!(out, "{line}");
}

fn play(options: &Options, out: &Out) -> Result<bool, String> {
    let executor = executor_of(options);
    let mut lock =
        LockWorld::build(Spec::clean(executor, options.seed)).map_err(|error| error.to_string())?;
    say(
        out,
        format_args!("Escrow lock, {executor}, seed {}: alice locks 80 of 100 OMC for bob.", options.seed),
    );
    say(out, "Bob has met w1 to w12; both draw five witnesses from them. Times are virtual.");
    say(out, "");
    let mut story = Story::new(&lock.world, lock.names());
    let told = Arc::clone(out);
    lock.world.observe(move |who, event| {
        if let Some(line) = story.tell(who, event) {
            say(&told, line);
        }
    });
    let session = lock.open("alice", "bob", AMOUNT).map_err(|error| error.to_string())?;
    lock.run_until(DEADLINE, |lock| problems(lock, &session).is_empty());
    // What is still under way arrives: acknowledgements, gossip.
    lock.world.pass(SECOND);
    let problems = problems(&lock, &session);
    say(out, "");
    report(out, &lock, &session);
    for problem in &problems {
        say(out, format_args!("not as promised: {problem}"));
    }
    if options.format == Format::Json {
        say(out, object(&lock, &session, executor, options.seed, problems.is_empty()));
    }
    Ok(problems.is_empty())
}

/// What is not as promised.
fn problems(lock: &LockWorld, session: &SessionId) -> Vec<String> {
    let mut problems = Vec::new();
    let mut expect = |name: &str, wanted: &str| {
        let state = lock.state(name, session);
        if state != wanted {
            problems.push(format!("{name} is in {state}, not in {wanted}"));
        }
    };
    expect("alice", "LOCKED");
    expect("bob", "SERVICE_PHASE");
    let cabal = lock.cabal("alice", session);
    for name in &cabal {
        expect(name, "ESCROW_ACTIVE");
    }
    if cabal.len() != 5 {
        problems.push(format!("{} witnesses were drawn, not 5", cabal.len()));
    }
    for name in lock.names() {
        if let Err(error) = lock.chain(name).verify() {
            problems.push(format!("the chain of {name} does not verify: {error}"));
        }
        if let Err(error) = lock.money(name) {
            problems.push(format!("the ledger of {name} is not valid: {error}"));
        }
    }
    problems
}

fn report(out: &Out, lock: &LockWorld, session: &SessionId) {
    say(
        out,
        format_args!(
            "{:<8} {:<15} {:>7} {:>12} {:>12}  head",
            "peer", "state", "blocks", "balance", "reserved"
        ),
    );
    for name in lock.names() {
        let chain = lock.chain(name);
        let (balance, reserved) = lock.money(name).map_or((0, 0), |money| (money.balance, money.reserved));
        let (state, head) = (lock.state(name, session), chain.head_hash().short());
        say(
            out,
            format_args!("{name:<8} {state:<15} {:>7} {balance:>12} {reserved:>12}  {head}", chain.len()),
        );
    }
    say(out, "Amounts are µOMC. Every hash, link and signature of these chains was verified.");
}

fn object(
    lock: &LockWorld,
    session: &SessionId,
    executor: executor::Executor,
    seed: u64,
    as_promised: bool,
) -> serde_json::Value {
    let mut actors = serde_json::Map::new();
    let mut chains = serde_json::Map::new();
    for name in lock.names() {
        if let Some(view) = lock.instance(name, session) {
            actors.insert(name.clone(), json!({ "actor": view.actor, "state": view.state }));
        }
        let chain = lock.chain(name);
        let money = lock.money(name).ok();
        let entry = json!({
            "peer_id": lock.id(name).to_string(),
            "height": chain.height(),
            "head": chain.head_hash().to_string(),
            "verifies": chain.verify().is_ok(),
            "balance": money.map(|money| money.balance),
            "reserved": money.map(|money| money.reserved),
        });
        chains.insert(name.clone(), entry);
    }
    json!({
        "as_promised": as_promised,
        "executor": executor.to_string(),
        "seed": seed,
        "protocol": lock.protocol.to_string(),
        "session": session.to_string(),
        "elapsed_microseconds": lock.world.summary().elapsed,
        "trace": lock.world.trace().to_string(),
        "actors": actors,
        "chains": chains,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    fn told(executor: Executor, seed: u64) -> String {
        let buffer = Arc::new(Mutex::new(Vec::new()));
        let options = Options { show: Show::Lock, case: None, executor, seed, format: Format::Json };
        assert_eq!(play(&options, &(Arc::clone(&buffer) as Out)), Ok(true));
        let bytes = buffer.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_same_seed_tells_the_same_story_to_the_byte_and_each_executor_the_same_one() {
        for seed in 1..=2 {
            let rust = told(Executor::Rust, seed);
            assert_eq!(rust, told(Executor::Rust, seed), "seed {seed}");
            assert_eq!(rust, told(Executor::Interpreter, seed).replace("interpreter", "rust"), "seed {seed}");
        }
        assert_ne!(told(Executor::Rust, 1), told(Executor::Rust, 2));
    }

    #[test]
    fn the_last_line_has_every_final_state_and_every_chain() {
        let story = told(Executor::Rust, 1);
        let end: serde_json::Value = serde_json::from_str(story.lines().last().unwrap()).unwrap();
        let states: Vec<&str> = end["actors"]
            .as_object()
            .unwrap()
            .values()
            .map(|actor| actor["state"].as_str().unwrap())
            .collect();
        assert_eq!(states.iter().filter(|state| **state == "ESCROW_ACTIVE").count(), 5);
        assert_eq!(end["actors"]["alice"]["state"], "LOCKED");
        assert_eq!(end["actors"]["bob"]["state"], "SERVICE_PHASE");
        let chains = end["chains"].as_object().unwrap();
        assert_eq!(chains.len(), 14);
        assert!(chains.values().all(|chain| chain["verifies"] == true && chain["head"].is_string()));
        assert_eq!(end["chains"]["alice"]["balance"], 100_000_000);
        assert_eq!(end["chains"]["alice"]["reserved"], 80_000_000);
    }
}
