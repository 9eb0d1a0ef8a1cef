//! `omtc doc PATHS`

mod gather;
mod serve;
mod write;

use super::show::{Findings, plural};
use super::{FINDINGS, FINE, Run, Sources};
use crate::diagnostic;
use crate::sema;
use crate::site::{self, Site};
use clap::Args;
use gather::{Gathered, Runs};
use serde_json::json;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Where pages are served unless told otherwise: to nobody but this machine.
const ADDRESS: &str = "127.0.0.1:8000";
/// How often sources are looked at while they are edited. Reading them takes a few milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Options of `omtc doc`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Folder that the pages go to; it is empty, or holds an earlier site
    #[arg(long, default_value = "site", value_name = "FOLDER")]
    out: PathBuf,
    /// A folder of Markdown with a SUMMARY.md: chapters of the same site
    #[arg(long, value_name = "FOLDER")]
    book: Option<PathBuf>,
    /// Title of the site
    #[arg(long, default_value = "Protocols", value_name = "TEXT")]
    title: String,
    /// Do not run the scenarios: no charts, no results
    #[arg(long)]
    no_scenarios: bool,
    /// Show the first page in the browser
    #[arg(long)]
    open: bool,
    /// Serve the pages and make them again while sources are edited
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = ADDRESS)]
    serve: Option<String>,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    match document(run, options) {
        Ok(status) => status,
        Err(message) => run.trouble(&message),
    }
}

/// What is to be done, once the command line is understood.
struct Plan<'o> {
    options: &'o Options,
    paths: Vec<PathBuf>,
    analysis: sema::Options,
    serve: Option<SocketAddr>,
}

impl<'o> Plan<'o> {
    fn of(run: &Run<'_>, options: &'o Options) -> Result<Plan<'o>, String> {
        let analysis = sema::Options { specify: true, ..options.sources.analysis(run.system)? };
        let mut paths = options.sources.paths.clone();
        let serve = match options.serve.as_deref() {
            None => None,
            Some(text) => match address(text) {
                Some(address) => Some(address),
                // `--serve protocols/`: the address may be left out.
                None => {
                    let path = PathBuf::from(text);
                    let sources = run.system.sources();
                    if !sources.is_file(&path) && !sources.is_folder(&path) {
                        return Err(format!("`{text}` is no address to serve at; write `{ADDRESS}`"));
                    }
                    if paths == [PathBuf::from(".")] {
                        paths.clear();
                    }
                    paths.push(path);
                    address(ADDRESS)
                }
            },
        };
        Ok(Plan { options, paths, analysis, serve })
    }
}

/// `127.0.0.1:8000`, `localhost:8000`, `[::1]:8000`, `8000`.
fn address(text: &str) -> Option<SocketAddr> {
    if let Ok(port) = text.parse::<u16>() {
        return Some(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    let (host, port) = text.rsplit_once(':')?;
    if host.eq_ignore_ascii_case("localhost") {
        return ("127.0.0.1", port.parse().ok()?).to_socket_addrs().ok()?.next();
    }
    text.parse().ok()
}

fn document(run: &mut Run<'_>, options: &Options) -> Result<u8, String> {
    let plan = Plan::of(run, options)?;
    run.works("making pages");
    let mut runs = Runs::default();
    let gathered = gather::gather(&*run.system.sources(), &plan, &mut runs)?;
    let (site, written) = make(run, &plan, &gathered)?;
    let status = tell(run, &plan, &gathered, &site, &written);
    if let Some(address) = plan.serve {
        return serve_on(run, &plan, address, runs, gathered, site);
    }
    if options.open {
        run.system.open(&options.out.join("index.html").to_string_lossy())?;
    }
    Ok(status)
}

fn make(run: &mut Run<'_>, plan: &Plan<'_>, gathered: &Gathered) -> Result<(Site, write::Written), String> {
    let site = site::site(&gathered.input(&plan.options.title));
    let suffix = format!("omtc-{}.tmp", run.system.process());
    let written = write::write(run.system.files(), &plan.options.out, &site.files, &suffix)?;
    Ok((site, written))
}

/// Says what was found and made; gives the exit status.
fn tell(
    run: &mut Run<'_>,
    plan: &Plan<'_>,
    gathered: &Gathered,
    site: &Site,
    written: &write::Written,
) -> u8 {
    let reported = &gathered.reported;
    let findings = Findings::of(reported);
    let shown = &plan.options.sources.shown;
    let pages = site.files.keys().filter(|path| path.ends_with(".html")).count();
    let failed = gathered.failed();
    let mut summary = String::new();
    for (page, target) in &site.broken {
        summary.push_str(&format!("{page}: the link to {target} leads nowhere\n"));
    }
    let mut last = vec![format!(
        "{} in {} ({} written, {} removed)",
        plural(pages, "page"),
        plan.options.out.display(),
        plural(written.changed, "file"),
        written.removed
    )];
    if failed > 0 {
        last.push(format!("{} not fulfilled", plural(failed, "scenario")));
    }
    let tally = shown.tally(&findings);
    if !tally.is_clean() {
        last.push(tally.line());
    }
    summary.push_str(&last.join("; "));
    summary.push('\n');
    let more = json!({
        "pages": pages,
        "written": written.changed,
        "removed": written.removed,
        "scenarios_failed": failed,
        "broken_links": site.broken.iter()
            .map(|(page, target)| json!({ "page": page, "target": target })).collect::<Vec<_>>(),
    });
    shown.show(run, &findings, vec![("doc", more)], &summary);
    let bad = diagnostic::has_errors(&reported.diagnostics) || !site.broken.is_empty() || failed > 0;
    if bad || reported.dropped > 0 { FINDINGS } else { FINE }
}

/// Serves until the process is ended.
fn serve_on(
    run: &mut Run<'_>,
    plan: &Plan<'_>,
    address: SocketAddr,
    mut runs: Runs,
    gathered: Gathered,
    site: Site,
) -> Result<u8, String> {
    let server = serve::Server::start(address, site.files).map_err(|error| {
        format!("cannot serve at {address}: {error}; `--serve 127.0.0.1:0` takes any port that is free")
    })?;
    let at = format!("http://{}/", server.address());
    if !server.address().ip().is_loopback() {
        run.complain("warning: whoever reaches this machine can read these pages\n");
    }
    run.out(&format!("serving {at} until it is interrupted\n"));
    if plan.options.open {
        run.system.open(&at)?;
    }
    let mut watched = gathered.watched(plan);
    // The first look is at whatever was saved since the pages were made.
    let mut seen = None;
    loop {
        thread::sleep(LOOK_EVERY);
        let now = watched.fingerprint(&*run.system.sources(), plan);
        if seen.as_ref() == Some(&now) {
            continue;
        }
        // What is half-saved may not be there at all; the next look will see it.
        let sources = run.system.sources();
        match gather::gather(&*sources, plan, &mut runs) {
            Ok(gathered) => {
                // What was saved while it was read is read again.
                let next = gathered.watched(plan);
                let after = next.fingerprint(&*sources, plan);
                let quiet = watched.fingerprint(&*sources, plan) == now;
                watched = next;
                seen = quiet.then_some(after);
                match make(run, plan, &gathered) {
                    Ok((site, written)) => {
                        let errors = gathered.reported.diagnostics.iter().filter(|d| d.is_error()).count();
                        if !server.replace(site.files) {
                            continue;
                        }
                        run.out(&format!(
                            "{}, {}\n",
                            plural(written.changed, "new file"),
                            plural(errors, "error")
                        ));
                    }
                    Err(message) => run.complain(&format!("error: {message}\n")),
                }
            }
            Err(message) => {
                seen = Some(now);
                run.complain(&format!("error: {message}\n"));
            }
        }
    }
}

/// A path as text with `/`.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_may_be_short() {
        for text in ["8000", "localhost:8000", "127.0.0.1:8000"] {
            assert_eq!(address(text).map(|a| a.to_string()).as_deref(), Some("127.0.0.1:8000"), "{text}");
        }
        assert_eq!(address("protocols/"), None);
        assert_eq!(address("localhost:99999"), None);
    }
}
