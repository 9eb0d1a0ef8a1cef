//! Other programs that a verb asks, as values: what is called, and how it ended.

use std::ffi::OsString;
use std::path::PathBuf;

/// A program to run. It gets no terminal, and nothing but these arguments and this input.
#[derive(Clone, Debug)]
pub struct Call {
    /// Looked for where the system looks for programs.
    pub program: &'static str,
    /// One by one: no shell reads them.
    pub arguments: Vec<OsString>,
    /// Where it runs.
    pub folder: PathBuf,
    /// Variables that are set for it.
    pub variables: &'static [(&'static str, &'static str)],
    /// More output than this is an error.
    pub output_bytes_max: usize,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Whether it says that all went well.
    pub success: bool,
    /// Standard output.
    pub output: Vec<u8>,
    /// The beginning of standard error.
    pub errors: String,
}

/// Why a program could not be run to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// There is no such program.
    #[error("the program `{0}` is not there")]
    Missing(&'static str),
    /// It wrote more than was asked for.
    #[error("`{0}` wrote more than {1} bytes")]
    TooMuch(&'static str, usize),
    /// The operating system said something else.
    #[error("cannot run `{0}`: {1}")]
    Io(&'static str, String),
}
