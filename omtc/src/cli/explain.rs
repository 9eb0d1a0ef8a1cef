//! `omtc explain CODE`

use super::{FINE, Run};
use crate::diagnostic::{codes, did_you_mean};
use clap::Args;

/// Options of `omtc explain`.
#[derive(Args)]
pub struct Options {
    /// As shown with a finding, in any case; all codes are listed without it
    code: Option<String>,
}

pub fn run(run: &mut Run<'_>, options: &Options) -> u8 {
    let Some(id) = &options.code else {
        let mut all: Vec<_> = codes::all().collect();
        all.sort_by_key(|code| code.id);
        let lines: Vec<String> = all
            .iter()
            .map(|code| format!("{}  {:<7}  {}\n", code.id, code.severity.word(), code.title))
            .collect();
        run.out(&lines.concat());
        return FINE;
    };
    let Some(code) = codes::find(id) else {
        let known: Vec<&str> = codes::all().map(|c| c.id).collect();
        let hint = did_you_mean(&id.to_ascii_uppercase(), known.iter().copied())
            .map_or("`omtc explain` lists all codes".to_owned(), |near| format!("did you mean {near}?"));
        return run.trouble(&format!("there is no code {id}; {hint}"));
    };
    let text = format!(
        "{} ({}): {}\n\n{}\n",
        code.id,
        code.severity.word(),
        code.title,
        code.explanation.trim_end()
    );
    run.out(&text);
    FINE
}
