//! The real world: files, streams, environment, clock. Beside `source.rs` the only place of the compiler that does I/O.

use super::program::{Call, CallError, Ended};
use super::{Stream, System};
use crate::build::{OutputError, OutputFiles};
use crate::source::{DiskSources, SOURCE_BYTES_MAX, SourceProvider};
use indicatif::{ProgressBar, ProgressStyle};
use omt_runtime::crypto::sha256;
use std::any::Any;
use std::fs;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The longest line that is read from standard input.
const LINE_BYTES_MAX: u64 = 4_096;

/// What the process takes of the memory, where the system keeps a file about it.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1 << 10)
}

/// Bytes that can be had before the system has to swap, where it tells.
fn free() -> Option<usize> {
    let told = fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1 << 10)
}

/// The machine that the process runs on.
#[derive(Debug)]
pub struct Disk {
    files: DiskFiles,
    begun: Instant,
    /// Why standard output could not be written, if it could not.
    unwritten: Option<String>,
}

impl Default for Disk {
    fn default() -> Disk {
        Disk { files: DiskFiles, begun: Instant::now(), unwritten: None }
    }
}

impl System for Disk {
    fn sources(&self) -> Box<dyn SourceProvider> {
        Box::new(DiskSources)
    }

    fn files(&mut self) -> &mut dyn OutputFiles {
        &mut self.files
    }

    fn input(&mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        // One byte too many tells that it is too large, without reading all of something that does not end.
        let limit = SOURCE_BYTES_MAX as u64 + 1;
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        Ok(bytes)
    }

    fn line(&mut self) -> Result<Option<String>, String> {
        let mut line = Vec::new();
        // Whoever sends more without an end of line sends no line.
        io::stdin().lock().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&line);
        Ok((!line.is_empty()).then(|| text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn write(&mut self, stream: Stream, text: &str) {
        let written = match stream {
            Stream::Out => io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()),
            Stream::Err => io::stderr().lock().write_all(text.as_bytes()),
        };
        // `omtc check | head` closes the pipe: that is its business.
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
            && stream == Stream::Out
        {
            self.unwritten.get_or_insert(error.to_string());
        }
    }

    fn unwritten(&self) -> Option<&str> {
        self.unwritten.as_deref()
    }

    fn working(&self, what: &str) -> Option<Box<dyn Any>> {
        io::stderr().is_terminal().then(|| Box::new(Working::begin(what)) as Box<dyn Any>)
    }

    fn watched(&self) -> Option<Box<dyn Fn(&str)>> {
        io::stderr().is_terminal().then(|| {
            let line = Line(ProgressBar::new_spinner());
            line.0.enable_steady_tick(PROGRESS_EVERY);
            Box::new(move |text: &str| line.0.set_message(text.to_owned())) as Box<dyn Fn(&str)>
        })
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn clock(&self) -> Box<dyn Fn() -> Duration> {
        let begun = self.begun;
        Box::new(move || begun.elapsed())
    }

    fn memory(&self) -> Option<Box<dyn Fn() -> Option<usize>>> {
        Some(Box::new(resident))
    }

    fn free(&self) -> Option<usize> {
        free()
    }

    fn compiler(&self) -> String {
        // Two builds of one version differ while the compiler is being worked on; the version alone would hide that.
        let digest = std::env::current_exe().and_then(fs::read).map(|bytes| sha256(&bytes).to_string());
        format!("omtc {} {}", env!("CARGO_PKG_VERSION"), digest.unwrap_or_default())
    }

    fn process(&self) -> String {
        std::process::id().to_string()
    }

    fn open(&self, target: &str) -> Result<(), String> {
        let program = if cfg!(target_os = "macos") {
            "open"
        } else if cfg!(windows) {
            "explorer"
        } else {
            "xdg-open"
        };
        let child = Command::new(program)
            .arg(target)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        child.map(drop).map_err(|error| format!("cannot run `{program}`: {error}"))
    }

    fn call(&self, call: &Call) -> Result<Ended, CallError> {
        let io = |e: io::Error| {
            if e.kind() == ErrorKind::NotFound && call.folder.is_dir() {
                CallError::Missing(call.program)
            } else {
                CallError::Io(call.program, e.to_string())
            }
        };
        let mut child = Command::new(call.program)
            .args(&call.arguments)
            .current_dir(&call.folder)
            .envs(call.variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(io)?;
        // Read beside standard output: a full pipe would stop the program.
        let errors = child.stderr.take().map(|mut pipe| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let read = pipe.by_ref().take(ERROR_BYTES_MAX).read_to_end(&mut bytes);
                // The rest is nobody's, but the program wants to be rid of it.
                read.and_then(|_| io::copy(&mut pipe, &mut io::sink())).map(|_| bytes).unwrap_or_default()
            })
        });
        let mut output = Vec::new();
        let limit = (call.output_bytes_max as u64).saturating_add(1);
        let read = child.stdout.take().map_or(Ok(0), |pipe| pipe.take(limit).read_to_end(&mut output));
        if read.is_err() || output.len() > call.output_bytes_max {
            // It would write on and on.
            let _ = child.kill();
        }
        let status = child.wait().map_err(io)?;
        read.map_err(io)?;
        if output.len() > call.output_bytes_max {
            return Err(CallError::TooMuch(call.program, call.output_bytes_max));
        }
        let errors = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
        let errors = String::from_utf8_lossy(&errors).into_owned();
        Ok(Ended { success: status.success(), output, errors })
    }
}

/// Of what a program complains about, this much is kept.
const ERROR_BYTES_MAX: u64 = 16 << 10;

/// What takes less long than this shows no progress: it would only flicker.
const PROGRESS_AFTER: Duration = Duration::from_secs(1);

/// How often progress moves.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Something that moves on standard error while the compiler works; it goes away when this is dropped.
struct Working {
    end: mpsc::Sender<()>,
    shown: Option<thread::JoinHandle<()>>,
}

impl Working {
    fn begin(what: &str) -> Working {
        let (end, ended) = mpsc::channel::<()>();
        let what = format!("{what} …");
        let show = move || {
            if ended.recv_timeout(PROGRESS_AFTER) == Err(mpsc::RecvTimeoutError::Timeout) {
                let spinner = ProgressBar::new_spinner().with_message(what).with_style(
                    ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                        .unwrap_or_else(|_| ProgressStyle::default_spinner()),
                );
                spinner.enable_steady_tick(PROGRESS_EVERY);
                // Until the other end says so, or is gone.
                let _ = ended.recv();
                spinner.finish_and_clear();
            }
        };
        Working { end, shown: thread::Builder::new().spawn(show).ok() }
    }
}

/// A line on standard error that changes; it goes away when this is dropped.
struct Line(ProgressBar);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let _ = self.end.send(());
        // Waited for, so that the line is clean before anything is written.
        if let Some(shown) = self.shown.take() {
            let _ = shown.join();
        }
    }
}

/// Output files on the file system, relative to the current folder.
#[derive(Clone, Copy, Debug)]
pub struct DiskFiles;

fn failed(verb: &'static str, path: &Path) -> impl Fn(io::Error) -> OutputError {
    let path = path.to_owned();
    move |error| {
        if error.kind() == ErrorKind::NotADirectory {
            OutputError::NotAFolder(path.parent().unwrap_or(&path).to_owned())
        } else {
            OutputError::Io { verb, path: path.clone(), reason: error.to_string() }
        }
    }
}

/// There is no such file, also when something on the way to it is a file.
fn absent(error: &io::Error) -> bool {
    [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind())
}

impl OutputFiles for DiskFiles {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, OutputError> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(failed("read", path)(error)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, OutputError> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if absent(&error) => continue,
                Err(error) => return Err(failed("list", &folder)(error)),
            };
            for entry in entries {
                let entry = entry.map_err(failed("list", &folder))?;
                // A link is listed, never followed.
                let kind = entry.file_type().map_err(failed("list", &entry.path()))?;
                if kind.is_dir() {
                    open.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn is_replaceable(&self, path: &Path) -> bool {
        fs::metadata(path).map_or(true, |meta| !meta.permissions().readonly())
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| {
                if [ErrorKind::AlreadyExists, ErrorKind::NotADirectory].contains(&error.kind()) {
                    OutputError::NotAFolder(file_on_the_way(folder))
                } else {
                    failed("write", folder)(error)
                }
            })?;
        }
        fs::write(path, bytes).map_err(failed("write", path))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Result<(), OutputError> {
        // What a link leads to is replaced, not the link; and whoever could read the file still can.
        let target = fs::canonicalize(to).unwrap_or_else(|_| to.to_owned());
        if let Ok(meta) = fs::metadata(&target) {
            fs::set_permissions(from, meta.permissions()).map_err(failed("write", from))?;
        }
        fs::rename(from, target).map_err(failed("rename", to))
    }

    fn remove(&mut self, path: &Path) -> Result<(), OutputError> {
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if absent(&error) => return Ok(()),
            Err(error) => return Err(failed("remove", path)(error)),
        }
        // Empty folders go too; the first one that is not empty ends it.
        let mut folder = path.parent();
        while let Some(empty) = folder.filter(|f| fs::remove_dir(f).is_ok()) {
            folder = empty.parent();
        }
        Ok(())
    }
}

fn file_on_the_way(folder: &Path) -> PathBuf {
    folder.ancestors().find(|f| f.is_file()).unwrap_or(folder).to_owned()
}
