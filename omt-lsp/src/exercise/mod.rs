//! What the tests do a little of and `cargo xtask soak` a lot: every request at every position ([`walk`]), and random edits
//! with requests between them ([`edits`]).

pub mod edits;
pub mod walk;

use serde_json::{Value, json};
use std::io;
use std::path::Path;

/// A generator that everybody makes the same draws of (xorshift64*).
pub struct Draw(u64);

impl Draw {
    /// The draws of a seed.
    pub fn new(seed: u64) -> Draw {
        Draw(seed.max(1))
    }

    /// A number below another one.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap_or(0) % n.max(1)
    }
}

/// Sources: the path below a folder, and the text.
pub type Sources = Vec<(String, String)>;

/// All sources below a folder.
///
/// # Errors
/// One cannot be read.
pub fn sources(root: &Path) -> io::Result<Sources> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "omt") {
                let below = path.strip_prefix(root).unwrap_or(&path);
                found.push((below.display().to_string(), std::fs::read_to_string(&path)?));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Line and column, in units of UTF-16, as the protocol counts them: lines end with LF, CR or both.
pub fn position(text: &str, at: usize) -> Value {
    let bytes = text.as_bytes();
    let (mut line, mut start) = (0, 0);
    for (i, byte) in bytes.iter().enumerate().take(at) {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
            line += 1;
            start = i + 1;
        }
    }
    let column = text.get(start..at).map_or(0, |part| part.encode_utf16().count());
    json!({ "line": line, "character": column })
}

/// What a process holds now, in bytes, by proc(5); nothing where the system does not say.
pub fn memory(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
