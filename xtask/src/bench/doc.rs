//! The site of all protocols and of the book: the whole process, as a person runs it.

use super::{ROUNDS, Spread, ratio, time};
use crate::command::root;
use std::process::{Command, Stdio};

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
    let root = root();
    let built =
        crate::command::cargo(&["build", "--quiet", "--release", "--package", "omtc"]).status("doc")?;
    if !built {
        return Err("omtc does not build".to_owned());
    }
    let omtc = root.join("target/release/omtc");
    let out = root.join("target/bench-doc");
    let call = |way: &Way| -> Result<f64, String> {
        if way.fresh {
            let _ = std::fs::remove_dir_all(&out);
        }
        let mut command = Command::new(&omtc);
        command.args(way.arguments).current_dir(&root).stdout(Stdio::null()).stderr(Stdio::null());
        if way.fresh {
            command.arg("--out").arg(&out);
        }
        let mut started = Ok(());
        let took = time(|| {
            if let Err(error) = command.status() {
                started = Err(error.to_string());
            }
        });
        started.map(|()| took.as_secs_f64() * 1e3)
    };
    let mut rounds: Vec<Vec<f64>> = WAYS.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (way, series) in WAYS.iter().zip(&mut rounds) {
            series.push(call(way)?);
        }
    }
    println!("doc: the whole process, milliseconds");
    let first = rounds.first().cloned().unwrap_or_default();
    for (way, series) in WAYS.iter().zip(rounds) {
        let beside = ratio(&series, &first);
        println!("  {:<32} {}  {}", way.name, Spread::of(series).show("ms"), beside.show("times check"));
    }
    let _ = std::fs::remove_dir_all(&out);
    Ok(())
}
