//! The site of all protocols and of the book: the whole process, as a person runs it.

use super::{Spread, process, ratio};

/// Rounds: one takes a minute of CPU, because the charts are those of scenarios that are run.
const ROUNDS: usize = 3;

/// A way to call it.
struct Way {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Into an empty folder each time?
    fresh: bool,
}

const WAYS: [Way; 4] = [
    Way { name: "check of the same sources", arguments: &["check", "protocols"], fresh: false },
    Way {
        name: "protocols, scenarios not run",
        arguments: &["doc", "protocols", "--no-scenarios", "--max-findings", "0"],
        fresh: true,
    },
    Way {
        name: "protocols, with charts",
        arguments: &["doc", "protocols", "--max-findings", "0"],
        fresh: true,
    },
    Way {
        name: "book and protocols, with charts",
        arguments: &["doc", "protocols", "--book", "docs", "--max-findings", "0"],
        fresh: true,
    },
];

/// Runs it.
///
/// # Errors
/// When it cannot be built or started.
pub fn run() -> Result<(), String> {
    let omtc = super::omtc()?;
    let out = super::target().join("bench-doc");
    let to = out.to_string_lossy();
    let call = |way: &Way| {
        let mut arguments = way.arguments.to_vec();
        if way.fresh {
            let _ = std::fs::remove_dir_all(&out);
            arguments.extend(["--out", &to]);
        }
        process::run(&omtc, &arguments)
    };
    let mut rounds: Vec<Vec<process::Ran>> = WAYS.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (way, series) in WAYS.iter().zip(&mut rounds) {
            series.push(call(way)?);
        }
    }
    println!("doc: the whole process");
    let seconds = |series: &Vec<process::Ran>| series.iter().map(|ran| ran.seconds).collect::<Vec<f64>>();
    let first = rounds.first().map(seconds).unwrap_or_default();
    for (way, series) in WAYS.iter().zip(&rounds) {
        let beside = ratio(&seconds(series), &first);
        let spent = Spread::of(series.iter().map(|ran| ran.cpu_seconds).collect());
        println!(
            "  {:<32} {}  {}  {}",
            way.name,
            Spread::of(seconds(series)).show("s"),
            spent.show("s of CPU"),
            beside.show("times check")
        );
    }
    let _ = std::fs::remove_dir_all(&out);
    Ok(())
}
