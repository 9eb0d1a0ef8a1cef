//! A process under observation: how long it takes, what it costs, what it holds, what it says.

use crate::command;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a running process is looked at: a hundredth of its age, within these limits. The last look before it ends is as old as that.
const LOOK_LEAST: Duration = Duration::from_millis(1);
const LOOK_MOST: Duration = Duration::from_millis(20);

/// What a process came to.
pub struct Ran {
    /// From its start to its end, in seconds.
    pub seconds: f64,
    /// Seconds of all cores together, in the steps in which the system counts them (a hundredth); 0 where it does not say.
    pub cpu_seconds: f64,
    /// Most megabytes that it was seen to hold; 0 where the system does not say.
    pub megabytes: f64,
    /// What it wrote to standard output.
    pub said: String,
}

/// Runs it from the root of the repository.
///
/// # Errors
/// It cannot be started, or fails.
pub fn run(program: &Path, arguments: &[&str]) -> Result<Ran, String> {
    let start = Instant::now();
    let wrong = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(command::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(wrong)?;
    // A thread of its own reads, so that a process that says much is not stopped by a full pipe.
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        output.map_or(Ok(0), |mut output| output.read_to_string(&mut said)).map(|_| said)
    });
    let folder = format!("/proc/{}", child.id());
    let (mut megabytes, mut cpu_seconds) = (0.0_f64, 0.0_f64);
    let ended = loop {
        megabytes = megabytes.max(peak(&folder));
        cpu_seconds = cpu_seconds.max(spent(&folder));
        if let Some(ended) = child.try_wait().map_err(wrong)? {
            break ended;
        }
        std::thread::sleep((start.elapsed() / 100).clamp(LOOK_LEAST, LOOK_MOST));
    };
    let seconds = start.elapsed().as_secs_f64();
    let said = reader.join().map_err(|_| "what it says cannot be read".to_owned())?.map_err(wrong)?;
    if ended.success() {
        Ok(Ran { seconds, cpu_seconds, megabytes, said })
    } else {
        Err(format!("{} {} failed\n{said}", program.display(), arguments.join(" ")))
    }
}

/// Most megabytes that a process held so far, by proc(5).
pub fn peak(folder: &str) -> f64 {
    let Ok(text) = std::fs::read_to_string(format!("{folder}/status")) else { return 0.0 };
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kilobytes.map_or(0.0, |kilobytes| kilobytes * 1024.0 / 1e6)
}

/// Seconds of processor time so far, its own and the system's for it, by proc(5): the 14th and 15th field, after a name in parentheses.
fn spent(folder: &str) -> f64 {
    /// `USER_HZ`, which is 100 on every architecture that Linux has.
    const TICKS: f64 = 100.0;
    let Ok(text) = std::fs::read_to_string(format!("{folder}/stat")) else { return 0.0 };
    let Some((_, rest)) = text.rsplit_once(") ") else { return 0.0 };
    rest.split(' ').skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_heard_and_measured_and_its_failure_is_one() {
        let shell = Path::new("/bin/sh");
        let ran = run(shell, &["-c", "i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done; echo done"]);
        let ran = ran.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ran.said, "done\n");
        assert!(ran.megabytes > 0.1, "{} MB", ran.megabytes);
        assert!(run(shell, &["-c", "exit 3"]).is_err());
    }
}
