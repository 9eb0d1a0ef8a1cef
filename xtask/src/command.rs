//! Commands that tasks run, always from the root of the repository.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How long a command that is read line by line may say nothing: compiling everything for the tests is the longest silence.
const SILENCE_MAX: Duration = Duration::from_secs(25 * 60);

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

    /// Runs it and shows what it writes to standard output line by line, handing each line to `see`. What writes nothing for
    /// longer than [`SILENCE_MAX`] is ended with its children: a test that hangs is a failure, not a wait.
    ///
    /// # Errors
    /// When it could not be started, its output could not be read, or it was silent for too long.
    pub fn lines(&self, what: &str, mut see: impl FnMut(&str)) -> Result<bool, String> {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{what}: cannot start: {e}"))?;
        let (said, heard) = mpsc::channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).split(b'\n') {
                    if said.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        loop {
            match heard.recv_timeout(SILENCE_MAX) {
                Ok(line) => {
                    let line = line.map_err(|e| format!("{what}: cannot read its output: {e}"))?;
                    let line = String::from_utf8_lossy(&line);
                    println!("{line}");
                    see(&line);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = Command::new("pkill").args(["-9", "-P", &child.id().to_string()]).status();
                    let _ = child.kill();
                    let _ = child.wait();
                    let minutes = SILENCE_MAX.as_secs() / 60;
                    return Err(format!(
                        "{what}: nothing was heard of it for {minutes} minutes, so it was ended"
                    ));
                }
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
