//! What a person can set. `docs/lsp.md` lists it.

use serde::Deserialize;
use std::path::PathBuf;

/// All settings, under the section `omt`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Config {
    /// Folder from which `imports` and `uses` are resolved, instead of the nearest enclosing one.
    pub protocol_dir: Option<PathBuf>,
    /// Give old files a meaning where one can be given.
    pub lenient: bool,
    pub diagnostics: Diagnostics,
    pub inlay_hints: InlayHints,
    pub code_lens: CodeLens,
    pub verify: Verify,
}

/// Who begins: the server, or the client.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// The client, if it says that it can.
    #[default]
    Auto,
    Push,
    Pull,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Diagnostics {
    pub mode: Mode,
    /// Folder of the pages of the findings, as an address.
    pub pages: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct InlayHints {
    pub types: bool,
    pub durations: bool,
    pub limits: bool,
}

impl Default for InlayHints {
    fn default() -> InlayHints {
        InlayHints { types: true, durations: true, limits: true }
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CodeLens {
    pub enable: bool,
}

impl Default for CodeLens {
    fn default() -> CodeLens {
        CodeLens { enable: true }
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Verify {
    /// Seconds.
    pub time: u64,
    /// MiB.
    pub memory: usize,
}

impl Default for Verify {
    fn default() -> Verify {
        Verify { time: 60, memory: 1_024 }
    }
}

impl Config {
    /// From what a client sends: the section itself, or an object that holds it. What cannot be read is an error that
    /// names it.
    pub fn read(value: &serde_json::Value) -> Result<Config, String> {
        let section = value.get("omt").unwrap_or(value);
        if section.is_null() {
            return Ok(Config::default());
        }
        serde_json::from_value(section.clone()).map_err(|error| error.to_string())
    }

    /// How omtc is asked.
    pub fn options(&self) -> omtc::sema::Options {
        omtc::sema::Options {
            protocol_folder: self.protocol_dir.clone(),
            lenient: self.lenient,
            ..omtc::sema::Options::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_with_and_without_their_section_and_wrong_ones_are_named() {
        let read =
            Config::read(&json!({ "omt": { "lenient": true, "inlayHints": { "types": false } } })).unwrap();
        assert!(read.lenient && !read.inlay_hints.types && read.inlay_hints.limits);
        assert_eq!(Config::read(&json!({ "lenient": true })).unwrap().inlay_hints, InlayHints::default());
        assert_eq!(Config::read(&json!(null)).unwrap(), Config::default());
        assert!(Config::read(&json!({ "lenient": "yes" })).unwrap_err().contains("yes"));
    }
}
