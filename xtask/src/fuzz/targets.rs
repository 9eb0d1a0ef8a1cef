//! The properties.

use super::Target;
use crate::command;
use omtc::source::{SourceMap, Span};
use std::path::Path;

/// All of them.
pub const TARGETS: &[Target] = &[Target { name: "positions", corpus: sources, run: positions }];

/// Every `.omt` file of the repository.
fn sources() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for folder in ["protocols", "omtc/tests"] {
        collect(&command::root().join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "omt") {
            found.extend(std::fs::read(&path));
        }
    }
}

/// Line and column of an offset lead back to the offset, wherever it is.
fn positions(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let mut map = SourceMap::new();
    let id = map.add("input", text.as_ref());
    let Some(file) = map.get(id) else { return Err("the file is lost".to_owned()) };
    let length = u32::try_from(text.len()).map_err(|e| e.to_string())?;
    let step = text.len().div_ceil(200).max(1);
    for (offset, character) in text.char_indices().step_by(step) {
        // The end of a line is shown as its last column, before `\r`.
        if matches!(character, '\r' | '\n') {
            continue;
        }
        let offset = u32::try_from(offset).map_err(|e| e.to_string())?;
        let back = file.offset(file.position(offset));
        if back != offset {
            return Err(format!("offset {offset} of {length} leads back to {back}"));
        }
    }
    map.slice(Span::new(id, length, length.saturating_add(9)));
    Ok(())
}
