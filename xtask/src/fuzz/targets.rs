//! The properties.

use super::Target;
use crate::command;
use omtc::source::{SourceMap, Span};
use std::path::Path;

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "positions", cost: 1, corpus: sources, run: positions },
    Target { name: "parse", cost: 1, corpus: sources, run: |input| held(input, omtc::fuzz::fuzz_parse) },
    Target { name: "format", cost: 1, corpus: sources, run: |input| held(input, omtc::fuzz::fuzz_format) },
    Target { name: "check", cost: 4, corpus: sources, run: |input| held(input, omtc::fuzz::fuzz_check) },
    Target { name: "fix", cost: 8, corpus: sources, run: |input| held(input, omtc::fuzz::fuzz_fix) },
    Target { name: "wire", cost: 1, corpus: encodings, run: |input| held(input, omt_runtime::fuzz::all) },
    Target {
        name: "package",
        cost: 1,
        corpus: packages,
        run: |input| held(input, omt_runtime::fuzz::package),
    },
    Target { name: "host", cost: 1, corpus: datagrams, run: |input| held(input, omt_runtime::fuzz::host) },
];

/// Properties that fail by a panic.
fn held(input: &[u8], property: fn(&[u8])) -> Result<(), String> {
    property(input);
    Ok(())
}

/// Every `.omt` file of the repository.
fn sources() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for folder in ["protocols", "omtc/tests", "tests"] {
        collect(&command::root().join(folder), "omt", &mut found);
    }
    found
}

/// Every package of the repository, and one that is none.
fn packages() -> Vec<Vec<u8>> {
    let mut found = vec![b"omtp\0\0\0\x01\0\0\0\x01".to_vec()];
    collect(&command::root().join("generated/packages"), "omtp", &mut found);
    found
}

/// The IR inside of packages, and beginnings of every kind of item.
fn encodings() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> =
        (0..=u8::MAX).step_by(8).map(|byte| vec![byte, 0x18, 0x20, 0x41, 0]).collect();
    found.extend(packages().into_iter().map(|package| package.into_iter().skip(44).collect()));
    found
}

/// A message that a peer accepts, and encodings of other things.
fn datagrams() -> Vec<Vec<u8>> {
    std::iter::once(omt_runtime::host::fuzz::seed()).chain(encodings()).collect()
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
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
        // The end of a line is shown as its last column, before `\r`; a byte order mark has no column.
        if matches!(character, '\r' | '\n') || (offset == 0 && character == '\u{FEFF}') {
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
