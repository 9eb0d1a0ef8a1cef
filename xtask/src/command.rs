//! Commands that tasks run, always from the root of the repository.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A command to be run.
pub struct Step {
    program: String,
    arguments: Vec<String>,
}

/// `cargo ARGUMENTS`, with the cargo that started this task.
pub fn cargo(arguments: &[&str]) -> Step {
    Step {
        program: std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()),
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
    }
}

/// `omtc ARGUMENTS`, built in the profile of the tests so that nothing is compiled twice.
pub fn omtc(arguments: &[&str]) -> Step {
    let mut all = vec!["run", "--quiet", "--package", "omtc", "--"];
    all.extend(arguments);
    cargo(&all)
}

impl Step {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(root());
        command
    }

    /// Runs it with this terminal; true when it succeeded.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn status(&self, what: &str) -> Result<bool, String> {
        let status = self.command().status().map_err(|e| format!("{what}: cannot start: {e}"))?;
        Ok(status.success())
    }

    /// Runs it and shows what it writes to standard output line by line, handing each line to `see`.
    ///
    /// # Errors
    /// When it could not be started, or its output could not be read.
    pub fn lines(&self, what: &str, mut see: impl FnMut(&str)) -> Result<bool, String> {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{what}: cannot start: {e}"))?;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).split(b'\n') {
                let line = line.map_err(|e| format!("{what}: cannot read its output: {e}"))?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                see(&line);
            }
        }
        let status = child.wait().map_err(|e| format!("{what}: {e}"))?;
        Ok(status.success())
    }

    /// Runs it and gives what it writes to standard output, however it ends.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn output(&self, what: &str) -> Result<String, String> {
        let output = self.command().stderr(Stdio::inherit()).output();
        let output = output.map_err(|e| format!("{what}: cannot start: {e}"))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether it can be run at all (`cargo fmt` needs a component that may be absent).
    pub fn available(&self) -> bool {
        self.command()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}
