//! A folder and the real binary run from there.

// Each test file uses its part of this.
#![allow(dead_code)]
#![allow(missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub const PING: &str = include_str!("../../../protocols/examples/ping_pong/transaction.omt");

/// A folder with a protocol folder in it, and the binary run from there.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().unwrap() }
    }

    /// With a small transaction that is fine.
    pub fn with_ping() -> Place {
        let place = Place::new();
        place.write("protocols/ping/transaction.omt", PING);
        place
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omtc"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_remove("OMERTA_PROTOCOL_DIR")
            .env_remove("NO_COLOR");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// Paths and bytes of everything below the output folder.
    pub fn outputs(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.path().join("generated")];
        while let Some(folder) = open.pop() {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(self.path().join("generated")).unwrap();
                    found.push((name.to_string_lossy().into_owned(), fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            status: output.status.code().expect("killed by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn ends(self, status: i32) -> Run {
        assert_eq!(self.status, status, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Run {
        assert!(self.out.contains(text), "`{text}` is missing in: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn complains(self, text: &str) -> Run {
        assert!(self.err.contains(text), "`{text}` is missing in: {}\nout: {}", self.err, self.out);
        self
    }
}
