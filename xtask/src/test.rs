//! `cargo xtask test`: everything that must hold before a change is merged.
//!
//! One profile throughout (that of `cargo test`): a second one would compile every dependency again.

use crate::{book, command, editors, fuzz, highlight};
use clap::Args;
use std::time::Instant;

/// Options of `cargo xtask test`.
#[derive(Args)]
pub struct Options {
    /// Only what takes seconds once built: no lints, no browser, a tenth of the fuzzing
    #[arg(long)]
    quick: bool,
}

/// Crates whose sources are written by people. `omt-generated` is not formatted: a machine without rustfmt
/// must be able to write the same bytes.
const WRITTEN_BY_HAND: [&str; 5] = ["omt-runtime", "omtc", "omerta-tests", "xtask", "tree-sitter-omt"];

/// What the last line says.
#[derive(Default)]
struct Counts {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
}

impl Counts {
    fn step(&mut self, name: &str, run: impl FnOnce(&mut Counts) -> Result<bool, String>) {
        println!("==> {name}");
        let begun = Instant::now();
        let outcome = run(self);
        let seconds = begun.elapsed().as_secs_f64();
        let good = match outcome {
            Ok(good) => good,
            Err(message) => {
                println!("{message}");
                false
            }
        };
        println!("==> {name}: {} ({seconds:.1} s)", if good { "passed" } else { "FAILED" });
        if good {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.failures.push(name.to_owned());
        }
    }
}

/// Runs it. True when nothing failed.
///
/// # Errors
/// Never; what cannot be started counts as failed.
pub fn run(options: &Options) -> Result<bool, String> {
    let mut counts = Counts::default();
    counts.step("format", |_| format());
    if !options.quick {
        counts.step("lints", |_| lints());
    }
    counts.step("generated files", |_| command::omtc(&["build", "protocols/", "--check"]).status("omtc"));
    counts.step("tests", tests);
    if options.quick {
        println!("==> browser, highlighters: skipped, they need a browser");
    } else {
        counts.step("browser", |_| browser());
        counts.step("highlighters", |_| highlight::run(None));
        counts.step("editors", |_| editors::check());
    }
    let rounds = if options.quick { fuzz::ROUNDS / 10 } else { fuzz::ROUNDS };
    for target in fuzz::TARGETS {
        counts.step(&format!("fuzz {}", target.name), |_| fuzz::target(target, rounds, fuzz::SEED));
    }
    for name in &counts.failures {
        println!("failed: {name}");
    }
    println!("{} passed, {} failed", counts.passed, counts.failed);
    Ok(counts.failed == 0)
}

fn format() -> Result<bool, String> {
    if !command::cargo(&["fmt", "--version"]).available() {
        println!("rustfmt is not installed here: formatting is not checked");
        return Ok(true);
    }
    let mut arguments = vec!["fmt", "--check"];
    for name in WRITTEN_BY_HAND {
        arguments.extend(["--package", name]);
    }
    command::cargo(&arguments).status("cargo fmt")
}

fn lints() -> Result<bool, String> {
    if !command::cargo(&["clippy", "--version"]).available() {
        println!("clippy is not installed here: lints are not checked");
        return Ok(true);
    }
    command::cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
        .status("cargo clippy")
}

/// Pages of the book and of protocols in a real browser; `cargo xtask book --browser` looks at all of them.
fn browser() -> Result<bool, String> {
    if let Some(missing) = book::missing() {
        println!("{missing}: no page is looked at");
        return Ok(true);
    }
    book::sample()
}

/// `cargo test`, adding what each test binary says to the counts.
fn tests(counts: &mut Counts) -> Result<bool, String> {
    let (mut passed, mut failed) = (0, 0);
    let good = command::cargo(&["test", "--workspace", "--no-fail-fast"]).lines("cargo test", |line| {
        if let Some((p, f)) = summary(line) {
            passed += p;
            failed += f;
        }
    })?;
    counts.passed += passed;
    counts.failed += failed;
    Ok(good)
}

/// The two numbers of `test result: ok. 12 passed; 0 failed; …`.
fn summary(line: &str) -> Option<(u64, u64)> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let (_, numbers) = rest.split_once(". ")?;
    let mut parts = numbers.split("; ");
    let number = |part: Option<&str>, word: &str| part?.strip_suffix(word)?.trim().parse().ok();
    Some((number(parts.next(), "passed")?, number(parts.next(), "failed")?))
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn counts_come_from_the_summary_lines_of_cargo() {
        let line =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(summary(line), Some((12, 0)));
        assert_eq!(summary("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured"), Some((3, 2)));
        assert_eq!(summary("test a ... ok"), None);
    }
}
