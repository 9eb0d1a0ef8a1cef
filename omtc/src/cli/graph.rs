//! `omtc graph PATHS`

mod marks;

use super::{FINDINGS, FINE, Run, chart, protocol_folder};
use crate::build::{find_sources, place, replace};
use crate::chart::{Chart, Matters, traced};
use crate::diagnostic::{Renderer, did_you_mean};
use crate::graph::{self, Diagram, Marks, layout::Direction, sketch};
use crate::scenario::batch::{Batch, Suite};
use crate::scenario::{Options as Limits, trace};
use crate::sema::{self, Analyzed, Unit};
use crate::source::SourceProvider;
use crate::syntax::ast::Decl;
use clap::{Args, ValueEnum};
use marks::Marking;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Bytes of a trace that are read: a hundred thousand steps.
const TRACE_BYTES_MAX: usize = 256 << 20;

/// Options of `omtc graph`.
#[derive(Args)]
pub struct Options {
    /// Files and folders
    #[arg(default_value = ".", value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Form of the drawings
    #[arg(long = "as", value_enum, default_value_t = Form::Svg, value_name = "FORM")]
    form: Form,
    /// Folder that they go to; without it a single one goes to standard output
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Only the machine of this actor; may be given several times
    #[arg(long, value_name = "NAME")]
    actor: Vec<String>,
    /// Leave out what transitions send, append and start
    #[arg(long)]
    no_actions: bool,
    /// Which way a diagram runs [default: whichever fits a page better]
    #[arg(long, value_enum, value_name = "WAY")]
    direction: Option<Way>,
    /// Colours of an SVG: those of whoever looks at it, or always the same
    #[arg(long, value_enum, default_value_t = Theme::Auto, value_name = "THEME")]
    theme: Theme,
    /// Point at states, the transitions between them, and transitions by their ids: `IDLE -> OPENING -> LOCKED`
    #[arg(long, value_name = "PATH")]
    highlight: Option<String>,
    /// Colour states and transitions by what the scenarios cover
    #[arg(long)]
    coverage: bool,
    /// Colour states and transitions by where a trace of `omtc test --trace` went
    #[arg(long, value_name = "FILE", conflicts_with = "coverage")]
    trace: Option<PathBuf>,
    /// Draw the sequence chart of this scenario instead; may be given several times
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Draw the sequence charts of a trace of `omtc test --trace` instead
    #[arg(long, value_name = "FILE")]
    from_trace: Option<PathBuf>,
    /// Folder from which `imports` and `uses` are resolved (also: OMERTA_PROTOCOL_DIR)
    #[arg(long, value_name = "FOLDER")]
    protocol_dir: Option<PathBuf>,
    /// Give old files a meaning where one can be given
    #[arg(long)]
    lenient: bool,
}

/// A form of drawings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A picture that needs no other program
    Svg,
    /// Text that forges and Markdown viewers draw
    Mermaid,
    /// Text that Graphviz draws
    Dot,
}

/// Which way a diagram runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// From top to bottom
    Down,
    /// From left to right
    Right,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    /// As whoever looks likes it
    Auto,
    /// Always light
    Light,
    /// Always dark
    Dark,
}

impl From<Theme> for graph::Theme {
    fn from(theme: Theme) -> graph::Theme {
        match theme {
            Theme::Auto => graph::Theme::Auto,
            Theme::Light => graph::Theme::Light,
            Theme::Dark => graph::Theme::Dark,
        }
    }
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match draw(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

fn draw(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    run.works("drawing");
    let provider = run.system.sources();
    for path in find_sources(&*provider, &options.paths).map_err(|e| e.to_string())? {
        // What cannot be read is no finding in a source; everything else is.
        provider.read(&path).map_err(|e| e.to_string())?;
    }
    let runs = options.coverage || !options.scenario.is_empty();
    let analysis = sema::Options {
        protocol_folder: protocol_folder(run.system, options.protocol_dir.as_deref())?,
        lenient: options.lenient,
        specify: runs,
    };
    let analyzed = sema::analyze_with(&*provider, &options.paths, &analysis);
    let suites = if runs { Suite::all(&analyzed, &*provider, &analysis)?.0 } else { Vec::new() };
    let files = if options.scenario.is_empty() && options.from_trace.is_none() {
        machines(&*provider, options, &analyzed, &suites)?
    } else {
        charts(&*provider, options, &analyzed, &suites)?
    };
    let errors = analyzed.diagnostics.iter().filter(|d| d.is_error());
    let mut renderer = Renderer::new(&analyzed.sources, run.color);
    // A drawing may go to standard output.
    let text: String = errors.map(|error| format!("{}\n", renderer.render(error))).collect();
    if !text.is_empty() {
        run.complain(&format!("{text}what has errors is drawn as far as it can be read\n"));
    }
    write(run, options, files)?;
    Ok(if analyzed.has_errors() || analyzed.dropped > 0 { FINDINGS } else { FINE })
}

/// Names of files, and what they hold.
type Files = Vec<(String, String)>;

fn write(run: &mut Run<'_>, options: &Options, files: Files) -> Result<(), String> {
    let Some(folder) = &options.out else {
        return match files.as_slice() {
            [(_, text)] => {
                run.out(text);
                Ok(())
            }
            [] => Err("there is nothing to draw: no transaction, or none with an actor".to_owned()),
            more => Err(format!("there are {} drawings: say where they go with --out FOLDER", more.len())),
        };
    };
    if files.is_empty() {
        return Err("there is nothing to draw: no transaction, or none with an actor".to_owned());
    }
    let mut names = BTreeSet::new();
    if let Some((twice, _)) = files.iter().find(|(name, _)| !names.insert(name)) {
        return Err(format!(
            "{} would be written twice: two transactions have one name; put their folders below one that is called \
             `protocols`, or name that folder with --protocol-dir",
            folder.join(twice).display()
        ));
    }
    let written: Vec<(PathBuf, &[u8])> =
        files.iter().map(|(name, text)| (folder.join(name), text.as_bytes())).collect();
    let suffix = format!("omtc-{}.tmp", run.system.process());
    replace(run.system.files(), &written, &suffix).map_err(|error| error.to_string())?;
    for (path, bytes) in &written {
        run.out(&format!("wrote    {} ({} bytes)\n", path.display(), bytes.len()));
    }
    Ok(())
}

/// A unit's path without what says nothing, for names of files.
fn stem(unit: &Unit) -> String {
    let name = match &unit.protocol {
        Some(protocol) => place(protocol).to_owned(),
        None => {
            let name = unit.files.first().map(|file| file.name.clone()).unwrap_or_default();
            name.strip_suffix("/transaction").map(str::to_owned).unwrap_or(name)
        }
    };
    name.replace('/', ".")
}

/// The machines of a unit, in the order of the source, and its conversation; what has errors is sketched.
fn diagrams(unit: &Unit, analyzed: &Analyzed) -> Vec<Diagram> {
    if let Some(protocol) = &unit.protocol {
        return graph::diagrams(protocol);
    }
    let decls = unit.files.first().into_iter().flat_map(|file| &file.tree.decls);
    decls
        .filter_map(
            |decl| if let Decl::Actor(actor) = decl { Some(sketch(&analyzed.sources, actor)) } else { None },
        )
        .collect()
}

fn machines(
    provider: &dyn SourceProvider,
    options: &Options,
    analyzed: &Analyzed,
    suites: &[Suite],
) -> Result<Files, String> {
    let marking = Marking::of(provider, options, suites)?;
    let mut files = Files::new();
    let mut actors = BTreeSet::new();
    let mut pointed = BTreeSet::new();
    for unit in analyzed.units.iter().filter(|unit| unit.is_transaction) {
        for diagram in diagrams(unit, analyzed) {
            actors.insert(diagram.name.clone());
            if !options.actor.is_empty() && !options.actor.contains(&diagram.name) {
                continue;
            }
            let marks = marking.marks(unit, &diagram, &mut pointed);
            files.push((
                format!("{}.{}.{}", stem(unit), diagram.name, options.form.ending()),
                options.text(&diagram, marks),
            ));
        }
    }
    if let Some(unknown) = options.actor.iter().find(|actor| !actors.contains(*actor)) {
        return Err(unknown_name("actor", unknown, actors.iter().map(String::as_str)));
    }
    marking.check(&pointed)?;
    Ok(files)
}

fn unknown_name<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match did_you_mean(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}

fn charts(
    provider: &dyn SourceProvider,
    options: &Options,
    analyzed: &Analyzed,
    suites: &[Suite],
) -> Result<Files, String> {
    let form = match options.form {
        Form::Svg => chart::Form::Svg,
        Form::Mermaid => chart::Form::Mermaid,
        Form::Dot => {
            return Err("a sequence chart has no form `dot`: there are `svg` and `mermaid`".to_owned());
        }
    };
    let mut drawn: Vec<Chart> = Vec::new();
    let all: Vec<&str> = suites.iter().flat_map(Suite::names).collect();
    if let Some(unknown) = options.scenario.iter().find(|name| !all.contains(&name.as_str())) {
        return Err(unknown_name("scenario", unknown, all.iter().copied()));
    }
    let jobs = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for result in Batch::named(suites, &options.scenario).run(&Limits::default(), jobs) {
        let lines = trace(result.suite.specification(), result.scenario, &result.run, &analyzed.sources);
        drawn.extend(traced(&lines, &Matters::of(result.suite.protocols())));
    }
    if let Some(path) = &options.from_trace {
        let protocols = analyzed.units.iter().filter_map(|unit| unit.protocol.as_ref());
        drawn.extend(traced(&read_trace(provider, path)?, &Matters::of(protocols)));
    }
    let file = |drawn: &Chart| {
        (format!("{}.{}", chart::name(drawn), form.ending()), form.text(drawn, options.theme))
    };
    Ok(drawn.iter().map(file).collect())
}

/// The lines of a trace on disk.
fn read_trace(provider: &dyn SourceProvider, path: &Path) -> Result<Vec<serde_json::Value>, String> {
    let bytes = provider.read(path).map_err(|error| error.to_string())?;
    if bytes.len() > TRACE_BYTES_MAX {
        return Err(format!("{}: a trace has at most {TRACE_BYTES_MAX} bytes", path.display()));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("{}: this is no text", path.display()))?;
    crate::chart::read(&text).map_err(|error| format!("{}: {error}", path.display()))
}

impl Form {
    fn ending(self) -> &'static str {
        match self {
            Form::Svg => "svg",
            Form::Mermaid => "mmd",
            Form::Dot => "dot",
        }
    }
}

impl Options {
    fn text(&self, diagram: &Diagram, marks: Marks) -> String {
        let drawn = graph::Options {
            direction: self.direction.map(|way| match way {
                Way::Down => Direction::Down,
                Way::Right => Direction::Right,
            }),
            actions: !self.no_actions,
            theme: self.theme.into(),
            marks,
            ..graph::Options::default()
        };
        match self.form {
            Form::Svg => graph::svg(diagram, &drawn),
            Form::Mermaid => graph::mermaid(diagram, &drawn),
            Form::Dot => graph::dot(diagram, &drawn),
        }
    }
}
