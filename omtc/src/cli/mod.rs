//! The command line: one grammar for all verbs, `omtc VERB [PATHS] [OPTIONS]`.
//!
//! Exit status 0: fine; 1: findings; 2: usage, input or output. Findings and results go to standard output, whatever
//! went wrong with the run itself to standard error. The world is a [`System`], so that a test can run a verb
//! without a process.

mod build;
mod chart;
mod check;
mod diff;
pub mod disk;
mod doc;
mod explain;
mod fmt;
mod github;
mod graph;
mod json;
mod lint;
mod new;
pub mod program;
mod sarif;
mod shell;
mod show;
mod test;
mod verify;
mod words;

use crate::build::OutputFiles;
use crate::source::SourceProvider;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::any::Any;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the command line needs of the world.
pub trait System {
    /// Where sources come from.
    fn sources(&self) -> Box<dyn SourceProvider>;
    /// Where outputs go.
    fn files(&mut self) -> &mut dyn OutputFiles;
    /// Everything that comes in on standard input.
    ///
    /// # Errors
    /// What the operating system said.
    fn input(&mut self) -> Result<Vec<u8>, String>;
    /// The next line that comes in on standard input, without its end; `None` at the end.
    ///
    /// # Errors
    /// What the operating system said.
    fn line(&mut self) -> Result<Option<String>, String>;
    /// Writes to a stream. A reader that went away is no error.
    fn write(&mut self, stream: Stream, text: &str);
    /// Why something that was written to standard output did not arrive, if so.
    fn unwritten(&self) -> Option<&str>;
    /// Shows a person who watches that something takes its time, until what it gives is dropped; nothing when nobody
    /// watches.
    fn working(&self, what: &str) -> Option<Box<dyn Any>>;
    /// Shows a person who watches one line that changes, until what it gives is dropped; nothing when nobody watches.
    fn watched(&self) -> Option<Box<dyn Fn(&str)>>;
    /// Whether a stream is a terminal.
    fn is_terminal(&self, stream: Stream) -> bool;
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;
    /// Time that passed since some moment, never going back.
    fn clock(&self) -> Box<dyn Fn() -> Duration>;
    /// Bytes that this process takes, as far as the operating system says.
    fn memory(&self) -> Option<Box<dyn Fn() -> Option<usize>>> {
        None
    }
    /// Bytes of memory that are free, as far as the operating system says.
    fn free(&self) -> Option<usize> {
        None
    }
    /// Something that differs between two compilers.
    fn compiler(&self) -> String;
    /// Something that differs between two processes.
    fn process(&self) -> String;
    /// Shows a file or an address in whatever program the person uses for that, and does not wait for it.
    ///
    /// # Errors
    /// There is no such program.
    fn open(&self, target: &str) -> Result<(), String>;
    /// Runs another program to its end.
    ///
    /// # Errors
    /// It is not there, writes too much, or cannot be run.
    fn call(&self, call: &program::Call) -> Result<program::Ended, program::CallError>;
}

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// Results.
    Out,
    /// What went wrong.
    Err,
}

/// Exit status: everything is fine.
pub const FINE: u8 = 0;
/// Exit status: there are findings.
pub const FINDINGS: u8 = 1;
/// Exit status: the call, an input or an output is wrong.
pub const TROUBLE: u8 = 2;

/// Where to begin, and what a script wants to know.
const AFTER_HELP: &str = "\
Begin with `omtc init`, look for mistakes with `omtc check`, and let `omtc explain CODE` tell about a finding.

Exit status: 0 fine, 1 findings, 2 the call, an input or an output is wrong.";

/// Compiler of transactions that are written as communicating Mealy machines.
#[derive(Parser)]
#[command(name = "omtc", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    /// Colours: only on a terminal unless told otherwise; NO_COLOR is respected
    #[arg(long, value_enum, global = true, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
}

#[derive(Subcommand)]
enum Verb {
    /// Turn sources into Rust, packages, documentation and diagrams
    Build(build::Options),
    /// Look for mistakes
    Check(check::Options),
    /// Look for mistakes, and repair what is certain
    Lint(lint::Options),
    /// Tell what changed between two versions, and whom it breaks
    Diff(diff::Options),
    /// Format sources
    Fmt(fmt::Options),
    /// Run the scenarios of sources
    Test(test::Options),
    /// Explore every run of a scope, and judge the properties
    Verify(verify::Options),
    /// Draw machines and conversations
    Graph(graph::Options),
    /// Make a site of pages that tells what protocols are and do
    Doc(doc::Options),
    /// Begin a transaction
    New(new::New),
    /// Begin a folder of transactions
    Init(new::Init),
    /// Explain a code
    Explain(explain::Options),
    /// Print the script that completes command lines in a shell
    Completions(shell::Completions),
    /// Write man pages
    Man(shell::Man),
    /// Print the words of the language, or renew packages for editors that are made of them
    Words(words::Options),
}

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Yes
    Always,
    /// No
    Never,
}

/// Options of all verbs that read sources.
#[derive(Args)]
struct Sources {
    /// Files and folders
    #[arg(default_value = ".", value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Folder from which `imports` and `uses` are resolved (also: OMERTA_PROTOCOL_DIR)
    #[arg(long, value_name = "FOLDER")]
    protocol_dir: Option<PathBuf>,
    /// Give old files a meaning where one can be given, with a warning at each reading
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    shown: show::Shown,
}

impl Sources {
    /// How the sources are analysed.
    fn analysis(&self, system: &dyn System) -> Result<crate::sema::Options, String> {
        let protocol_folder = self.protocol_folder(system)?;
        Ok(crate::sema::Options { protocol_folder, lenient: self.lenient, specify: false })
    }

    /// The protocol folder of the option, else of the environment.
    fn protocol_folder(&self, system: &dyn System) -> Result<Option<PathBuf>, String> {
        protocol_folder(system, self.protocol_dir.as_deref())
    }
}

/// The protocol folder that was given, else that of the environment.
fn protocol_folder(system: &dyn System, given: Option<&Path>) -> Result<Option<PathBuf>, String> {
    let variable = || system.variable("OMERTA_PROTOCOL_DIR").filter(|v| !v.is_empty()).map(PathBuf::from);
    let Some(folder) = given.map(Path::to_owned).or_else(variable) else { return Ok(None) };
    if system.sources().is_folder(&folder) {
        Ok(Some(folder))
    } else {
        Err(format!("the protocol folder {} is no folder", folder.display()))
    }
}

/// What a verb works with.
struct Run<'a> {
    system: &'a mut dyn System,
    color: bool,
    /// What a person watches until there is something to read.
    working: Option<Box<dyn Any>>,
}

impl Run<'_> {
    /// Until the first text, something moves on the terminal.
    fn works(&mut self, what: &str) {
        self.working = self.system.working(what);
    }

    fn out(&mut self, text: &str) {
        self.working = None;
        self.system.write(Stream::Out, text);
    }

    fn complain(&mut self, text: &str) {
        self.working = None;
        self.system.write(Stream::Err, text);
    }

    fn trouble(&mut self, message: &str) -> u8 {
        self.complain(&format!("error: {message}\n"));
        TROUBLE
    }
}

/// Runs a command line, program name first; gives the exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>, system: &mut dyn System) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version arrive here too, and are no trouble.
            let (stream, status) =
                if error.use_stderr() { (Stream::Err, TROUBLE) } else { (Stream::Out, FINE) };
            let colored =
                system.is_terminal(stream) && system.variable("NO_COLOR").is_none_or(|v| v.is_empty());
            let text = error.render();
            let text = if colored { text.ansi().to_string() } else { text.to_string() };
            system.write(stream, &text);
            return status;
        }
    };
    let color = match arguments.color {
        Colour::Always => true,
        Colour::Never => false,
        // https://no-color.org: any value that is not empty.
        Colour::Auto => {
            system.is_terminal(Stream::Out) && system.variable("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    };
    let mut run = Run { system, color, working: None };
    let status = match arguments.verb {
        Verb::Build(options) => build::run(&mut run, options),
        Verb::Check(options) => check::run(&mut run, &options),
        Verb::Lint(options) => lint::run(&mut run, &options),
        Verb::Diff(options) => diff::run(&mut run, &options),
        Verb::Fmt(options) => fmt::run(&mut run, &options),
        Verb::Test(options) => test::run(&mut run, &options),
        Verb::Verify(options) => verify::run(&mut run, &options),
        Verb::Graph(options) => graph::run(&mut run, &options),
        Verb::Doc(options) => doc::run(&mut run, &options),
        Verb::New(options) => new::new(&mut run, &options),
        Verb::Init(options) => new::init(&mut run, &options),
        Verb::Explain(options) => explain::run(&mut run, &options),
        Verb::Completions(options) => shell::completions(&mut run, &options),
        Verb::Man(options) => shell::man(&mut run, &options),
        Verb::Words(options) => words::run(&mut run, &options),
    };
    // A list that ends in the middle must not pass for all there is.
    match run.system.unwritten().map(str::to_owned) {
        Some(reason) => run.trouble(&format!("cannot write to standard output: {reason}")),
        None => status,
    }
}
