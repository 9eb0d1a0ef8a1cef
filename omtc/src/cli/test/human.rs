//! Results for people.

use crate::cli::show::plural;
use crate::diagnostic::Renderer;
use crate::scenario::batch::{Result, Suite};
use crate::scenario::coverage::Coverage;
use crate::scenario::{lines, seconds};
use crate::source::SourceMap;

/// Lines of a story that are shown before the point where it deviates.
const STORY_LINES_MAX: usize = 60;
/// Things that are named because nothing covers them; JSON has all.
const MISSING_MAX: usize = 20;

/// One line for each scenario, what went wrong, what is covered, and a count.
pub fn text(
    sources: &SourceMap,
    suites: &[Suite],
    results: &[Result<'_>],
    coverage: &[(&Suite, Coverage)],
    color: bool,
) -> String {
    let paint = Paint { color };
    let mut text = String::new();
    let width = results.iter().map(|result| result.scenario.name.chars().count()).max().unwrap_or(0);
    for suite in suites {
        let own: Vec<&Result<'_>> =
            results.iter().filter(|result| std::ptr::eq(result.suite, suite)).collect();
        if own.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", suite.path.display()));
        for result in own {
            text.push_str(&line(result, width, paint));
        }
    }
    let mut renderer = Renderer::new(sources, color);
    for result in results {
        if let Some(deviation) = &result.run.deviation {
            let (path, name) = (result.suite.path.display(), &result.scenario.name);
            text.push_str(&format!("\n{} {name} ({path})\n", paint.bad("failed:")));
            text.push_str(&renderer.render(&deviation.diagnostic(sources)));
            let story = lines(&result.run, STORY_LINES_MAX);
            if !story.is_empty() {
                text.push('\n');
            }
            for line in &story {
                text.push_str(&format!("  {line}\n"));
            }
            let mark = format!("× {}  {}", seconds(deviation.at), deviation.sentence(sources));
            text.push_str(&format!("{}\n", paint.bad(&mark)));
            for fact in &deviation.facts {
                text.push_str(&format!("      {fact}\n"));
            }
        }
    }
    if !coverage.is_empty() {
        text.push('\n');
    }
    for (suite, coverage) in coverage {
        text.push_str(&covered(sources, suite, coverage));
    }
    text.push_str(&summary(results, paint));
    text
}

fn line(result: &Result<'_>, width: usize, paint: Paint) -> String {
    let run = &result.run;
    let verdict = if run.passed() { paint.good("ok  ") } else { paint.bad("FAIL") };
    format!(
        "  {verdict}  {:width$}  {} s, {}, {}\n",
        result.scenario.name,
        seconds(run.elapsed),
        plural(run.messages, "message"),
        plural(run.steps, "step"),
    )
}

fn covered(sources: &SourceMap, suite: &Suite, coverage: &Coverage) -> String {
    let parts: Vec<String> = coverage
        .parts()
        .iter()
        .map(|(name, part)| format!("{name} {}/{}", part.covered, part.total))
        .collect();
    let mut text = format!("covered of {}: {}\n", suite.name(), parts.join(", "));
    let missing: Vec<_> = coverage.parts().into_iter().flat_map(|(_, part)| &part.missing).collect();
    for missing in missing.iter().take(MISSING_MAX) {
        text.push_str(&format!("  not {} ({})\n", missing.what, sources.place(missing.at)));
    }
    if missing.len() > MISSING_MAX {
        let more = missing.len() - MISSING_MAX;
        text.push_str(&format!("  and {more} more; `--format json` has all\n"));
    }
    text
}

fn summary(results: &[Result<'_>], paint: Paint) -> String {
    let failed = results.iter().filter(|result| !result.run.passed()).count();
    let passed = results.len() - failed;
    let mut text = String::new();
    if !results.is_empty() {
        text.push('\n');
    }
    let count = format!("{}: {passed} passed, {failed} failed", plural(results.len(), "scenario"));
    text.push_str(&if failed > 0 { paint.bad(&count) } else { count });
    text.push('\n');
    text
}

/// Colours, if wanted.
#[derive(Clone, Copy)]
struct Paint {
    color: bool,
}

impl Paint {
    fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1B}[{code}m{text}\u{1B}[0m") } else { text.to_owned() }
    }
}
