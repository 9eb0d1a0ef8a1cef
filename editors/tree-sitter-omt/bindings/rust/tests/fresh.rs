//! What is generated is that of the sources beside it.

use super::here;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// `generate/` writes the file; the generator takes long to compile, so that no test runs it.
#[test]
fn the_parser_is_that_of_the_grammar() {
    let sums = std::fs::read_to_string(here().join("src/generated.sha256")).unwrap();
    let mut names = Vec::new();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(here().join(name)).unwrap();
        assert_eq!(
            HEXLOWER.encode(&Sha256::digest(bytes)),
            sum,
            "{name} was changed: generate the parser again"
        );
        names.push(name);
    }
    assert_eq!(names, ["grammar.js", "src/grammar.json", "src/node-types.json", "src/parser.c"]);
}
