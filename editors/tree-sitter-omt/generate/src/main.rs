//! Makes the parser of `grammar.js`, as `tree-sitter generate` does, and writes down of which grammar it is, so that a test
//! notices when somebody forgets. Node.js reads the grammar. Run it by
//! `cargo run --release --target-dir target/generate --manifest-path editors/tree-sitter-omt/generate/Cargo.toml`.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::ExitCode;

/// Read by every tree-sitter from 0.20 on, so also by editors that are some years old.
const ABI_VERSION: usize = 14;

/// Whose sums are written down: the grammar, and what is made of it.
const FILES: [&str; 4] = ["grammar.js", "src/grammar.json", "src/node-types.json", "src/parser.c"];

fn main() -> ExitCode {
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), Box<dyn std::error::Error>> {
    let grammar = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    tree_sitter_generate::generate_parser_in_directory(
        &grammar,
        None,
        None,
        ABI_VERSION,
        None,
        Some("node"),
    )?;
    let mut sums = String::new();
    for file in FILES {
        let bytes = std::fs::read(grammar.join(file)).map_err(|error| format!("{file}: {error}"))?;
        sums.push_str(&format!("{}  {file}\n", HEXLOWER.encode(&Sha256::digest(bytes))));
    }
    std::fs::write(grammar.join("src/generated.sha256"), sums)?;
    Ok(())
}
