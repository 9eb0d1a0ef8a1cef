//! `omtc verify` beside the model checker stateright, each with its own two-phase commit and its own Paxos.
//!
//! Two-phase commit is the same graph in both, but for one state in which our coordinator has not begun, as long as `omtc verify` keeps messages that
//! were taken, as stateright does. The two kinds of Paxos are
//! different models of one protocol, so what can be compared there is the cost of a state, not their number. Both checkers explore breadth
//! first here, stateright with two-phase commit depth first, as its examples do by default.

use super::process::{self, Ran};
use super::{Spread, ratio};
use crate::command;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Rounds: one takes half a minute of CPU.
const ROUNDS: usize = 5;
/// The version whose examples are the rivals.
const STATERIGHT: &str = "0.31.0";
const TWO_PHASE_COMMIT: &str = "examples/two_phase_commit/transaction.omt";
const PAXOS: &str = "examples/paxos/transaction.omt";
/// Name of the scope that is put behind the source of an example.
const SCOPE: &str = "scope_bench";
/// What is judged of two-phase commit: all but what can come about, for which everything is explored once more, with the time limits as given.
const JUDGED: [&str; 7] = [
    "together",
    "promised_by_all",
    "decided",
    "no_fault",
    "no_deadlock",
    "no_stuck_instance",
    "sessions_can_end",
];

/// A program and a model.
struct Run {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    states: fn(&str) -> Option<f64>,
}

/// Measures and prints.
pub fn run() -> Result<(), String> {
    let program = super::omtc()?;
    let folder = super::target();
    let rivals = rivals(&folder)?;
    let protocols = command::root().join("protocols");
    let ours = |name: &str, path: &str, scope: &str, judged: &[&str], kept: bool| -> Result<Run, String> {
        let source = read(&protocols.join(path))?;
        let path = folder.join(format!("bench-verify-{}.omt", path.split('/').nth(1).unwrap_or_default()));
        std::fs::write(&path, source + scope).map_err(|error| format!("{}: {error}", path.display()))?;
        let path = path.to_string_lossy().into_owned();
        let mut arguments = vec!["verify", &path, "--scope", SCOPE, "--format", "json", "--memory", "8192"];
        if kept {
            arguments.extend(["--no", "spent-messages"]);
        }
        arguments.extend(judged.iter().flat_map(|property| ["--property", property]));
        Ok(Run {
            name: name.to_owned(),
            program: program.clone(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
            states: of_ours,
        })
    };
    let theirs = |example: &str, arguments: &[&str]| Run {
        name: format!("stateright, `{example} {}`", arguments.join(" ")),
        program: rivals.join(example),
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
        states: of_theirs,
    };
    let pairs = [
        (
            ours(
                "`omtc verify`, two-phase commit, 8 participants",
                TWO_PHASE_COMMIT,
                &participants(8),
                &JUDGED,
                true,
            )?,
            theirs("2pc", &["check", "8"]),
        ),
        (
            ours("`omtc verify`, Paxos, 2 proposers, 4 acceptors", PAXOS, &proposers(2, 4), &[], false)?,
            theirs("paxos", &["check", "3"]),
        ),
    ];
    let mut rounds: Vec<[Vec<Ran>; 2]> = pairs.iter().map(|_| [Vec::new(), Vec::new()]).collect();
    for _ in 0..ROUNDS {
        for ((one, other), [ones, others]) in pairs.iter().zip(&mut rounds) {
            ones.push(one.go()?);
            others.push(other.go()?);
        }
    }
    println!("verify: the whole process; CPU is that of all threads (`omtc` has one, stateright one a core)");
    println!(
        "| model | states | seconds | 1,000 states a second | 1,000 states a CPU second | bytes a state |"
    );
    println!("|---|---|---|---|---|---|");
    for ((one, other), [ones, others]) in pairs.iter().zip(&rounds) {
        let figures = [one.row(ones)?, other.row(others)?];
        let [one, other] = figures;
        println!(
            "| ours beside it | | | {} times | {} times | {} times |",
            short(ratio(&one.by_time, &other.by_time)),
            short(ratio(&one.by_cpu, &other.by_cpu)),
            short(ratio(&one.bytes, &other.bytes))
        );
    }
    Ok(())
}

/// Round by round.
struct Figures {
    by_time: Vec<f64>,
    by_cpu: Vec<f64>,
    bytes: Vec<f64>,
}

impl Run {
    fn go(&self) -> Result<Ran, String> {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        process::run(&self.program, &arguments)
    }

    /// Prints a row.
    fn row(&self, rounds: &[Ran]) -> Result<Figures, String> {
        let count = |ran: &Ran| (self.states)(&ran.said);
        let states = rounds.first().and_then(count).ok_or_else(|| format!("{}: no states", self.name))?;
        if rounds.iter().any(|ran| count(ran) != Some(states)) {
            return Err(format!("{}: not always as many states", self.name));
        }
        let of = |figure: fn(&Ran) -> f64| rounds.iter().map(figure).collect::<Vec<f64>>();
        let figures = Figures {
            by_time: of(|ran| ran.seconds).iter().map(|s| states / s / 1e3).collect(),
            by_cpu: of(|ran| ran.cpu_seconds).iter().map(|s| states / s / 1e3).collect(),
            bytes: of(|ran| ran.megabytes).iter().map(|m| m * 1e6 / states).collect(),
        };
        println!(
            "| {} | {states} | {} | {} | {} | {} |",
            self.name,
            short(Spread::of(of(|ran| ran.seconds))),
            short(Spread::of(figures.by_time.clone())),
            short(Spread::of(figures.by_cpu.clone())),
            short(Spread::of(figures.bytes.clone()))
        );
        Ok(figures)
    }
}

fn short(spread: Spread) -> String {
    let Spread { median, least, most } = spread;
    let digits = if median < 10.0 { 2 } else { usize::from(median < 100.0) };
    format!("{median:.digits$} ({least:.digits$} to {most:.digits$})")
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The examples of stateright, built where cargo builds: no dependency of ours, which a benchmark alone would need.
fn rivals(folder: &Path) -> Result<PathBuf, String> {
    let root = folder.join("stateright");
    let bin = root.join("bin");
    if !bin.join("2pc").exists() || !bin.join("paxos").exists() {
        let root = root.to_string_lossy();
        let arguments = ["install", "--quiet", "--locked", "stateright", "--version", STATERIGHT];
        let examples = ["--example", "2pc", "--example", "paxos", "--root", &root];
        if !command::cargo(&[&arguments[..], &examples[..]].concat()).status("cargo install stateright")? {
            return Err(format!("stateright {STATERIGHT} cannot be installed: is there a registry?"));
        }
    }
    Ok(bin)
}

/// `"states": 17` of the object that `omtc verify` writes, if it looked at everything.
fn of_ours(said: &str) -> Option<f64> {
    let object: serde_json::Value = serde_json::from_str(said).ok()?;
    let scope = object.get("scopes")?.get(0)?;
    scope.get("complete")?.as_bool()?.then(|| scope.get("states")?.as_f64())?
}

/// `Done. states=26, unique=17, depth=5, sec=1`.
fn of_theirs(said: &str) -> Option<f64> {
    let done = said.lines().find(|line| line.starts_with("Done."))?;
    done.split(", ").find_map(|part| part.strip_prefix("unique="))?.parse().ok()
}

/// A scope of two-phase commit.
fn participants(count: usize) -> String {
    let names: Vec<String> = (1..=count).map(|number| format!("p{number}")).collect();
    let mut text = format!("\nscenario {SCOPE} (\n    cast (\n        cora Coordinator\n");
    for name in &names {
        let _ = writeln!(text, "        {name} Participant {{ natives {{ do_work true }} }}");
    }
    let _ = writeln!(text, "    )\n    at 0 seconds cora.begin([{}], 7)\n)", names.join(", "));
    text
}

/// A scope of Paxos: so many proposers with a ballot each, and acceptors.
fn proposers(count: usize, acceptors: usize) -> String {
    let names: Vec<String> = (1..=count).map(|number| format!("p{number}")).collect();
    let others: Vec<String> = (1..=acceptors).map(|number| format!("a{number}")).collect();
    let (all, asked) = (names.join(", "), others.join(", "));
    let mut text = format!("\nscenario {SCOPE} (\n    parameters ( BALLOTS_MAX = 1 count )\n    cast (\n");
    for (role, names) in [("Proposer", &names), ("Acceptor", &others)] {
        for name in names {
            let _ = writeln!(text, "        {name} {role}");
        }
    }
    text.push_str("    )\n");
    for name in &others {
        let _ = writeln!(text, "    at 0 seconds {name}.open(HASH(\"decision\"), [{all}])");
    }
    for (number, name) in names.iter().enumerate() {
        let _ = writeln!(
            text,
            "    at 0 seconds {name}.propose(HASH(\"decision\"), [{all}], [{asked}], {number})"
        );
    }
    text + ")\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use omtc::sema::Options;
    use omtc::verify::{self, Setup, Watch};
    use std::sync::Arc;
    use std::time::Duration;

    struct Patient;

    impl Watch for Patient {
        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn progress(&mut self, _: &verify::Progress) {}
    }

    /// States of a scope of which everything is explored and every property holds.
    fn states(path: &str, scope: &str, judged: &[&str], kept: bool) -> usize {
        let source = read(&command::root().join("protocols").join(path)).unwrap_or_else(|e| panic!("{e}"));
        let sources = omtc::source::MemorySources::new().with("a.omt", (source + scope).as_str());
        let options = Options { specify: true, ..Options::default() };
        let reported = omtc::report::report(&sources, &["a.omt".into()], &options);
        assert_eq!(reported.diagnostics, []);
        let unit = reported.units.into_iter().next().unwrap_or_else(|| panic!("no unit"));
        let (Some(protocol), Some(specification)) = (unit.protocol, unit.specification) else {
            panic!("nothing to verify")
        };
        let package = omt_runtime::package::Package::from_protocol(protocol);
        let packages = vec![Arc::new(package.unwrap_or_else(|error| panic!("{error}")))];
        let properties = judged.iter().map(|name| (*name).to_owned()).collect();
        let reductions = verify::Reductions { spent_messages: !kept, ..verify::Reductions::default() };
        let options =
            verify::Options { any_durations: true, properties, reductions, ..verify::Options::default() };
        let setup = Setup { specification: Arc::clone(&specification), packages, options };
        let scope = specification.scenarios.iter().find(|s| s.name == SCOPE);
        let scope = scope.unwrap_or_else(|| panic!("no scope"));
        let outcome = verify::verify(&setup, scope, &mut Patient).unwrap_or_else(|error| panic!("{error}"));
        assert!(outcome.proven(), "{:?}", outcome.verdicts);
        outcome.counts.states
    }

    /// stateright pins 288 for three participants; the one more is where nobody has begun.
    #[test]
    fn two_phase_commit_has_as_many_states_as_in_stateright_and_one_more_and_everything_holds() {
        assert_eq!(states(TWO_PHASE_COMMIT, &participants(3), &JUDGED, true), 288 + 1);
        assert_eq!(states(TWO_PHASE_COMMIT, &participants(3), &JUDGED, false), 137);
        assert_eq!(states(PAXOS, &proposers(2, 2), &[], false), 500);
    }

    #[test]
    fn both_checkers_say_how_many_states_they_have_met() {
        assert_eq!(of_theirs("Checking.\nDone. states=26, unique=17, depth=5, sec=1\n"), Some(17.0));
        assert_eq!(of_theirs("Checking. states=26, unique=17, depth=5"), None);
        let ours = |complete: bool| format!("{{\"scopes\": [{{\"complete\": {complete}, \"states\": 17}}]}}");
        assert_eq!(of_ours(&ours(true)), Some(17.0));
        assert_eq!(of_ours(&ours(false)), None);
    }
}
