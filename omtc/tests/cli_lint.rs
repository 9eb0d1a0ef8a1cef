//! `omtc lint`: what it repairs, and that it leaves everything else alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::Place;
use serde_json::Value;
use std::fs;

/// Two certain mistakes, one that is only probable, and a layout that no formatter made.
const UNTIDY: &str = "imports shared/kinds.omt   # odd   spacing\r\n\
    function f(a bool,b bool)->bool(  return a && b )   # kept\r\n\
    function g(k Kind) -> bool ( return k == KEPE )\r\n";
const KINDS: &str = "enum Kind ( KEEP DROP )\n";

fn untidy() -> Place {
    let place = Place::new();
    place.write("protocols/shared/kinds.omt", KINDS);
    place.write("protocols/a.omt", UNTIDY);
    place
}

#[test]
fn certain_mistakes_are_repaired_and_nothing_else_changes() {
    let place = untidy();
    place.run(&["lint", "protocols/a.omt"]).ends(1).says("2 can be fixed by `--fix`");
    assert_eq!(place.read("protocols/a.omt"), UNTIDY);
    place
        .run(&["lint", "protocols/a.omt", "--fix"])
        .ends(1)
        .says("fixed protocols/a.omt:1:21 E0")
        .says("fixed 2 findings in 1 file")
        .says("KEPE")
        .says("1 probably by `--fix --unsafe-fixes`");
    let expected = UNTIDY.replace("kinds.omt ", "kinds ").replace("a && b", "a  AND  b");
    assert_eq!(place.read("protocols/a.omt"), expected);
    place.run(&["lint", "protocols/a.omt", "--fix"]).ends(1).says("1 error");
    assert_eq!(place.read("protocols/a.omt"), expected, "a second run changes something");
    place.run(&["lint", "protocols/a.omt", "--fix", "--unsafe-fixes"]).says("fixed 1 finding");
    assert_eq!(place.read("protocols/a.omt"), expected.replace("KEPE", "KEEP"));
    assert_eq!(place.read("protocols/shared/kinds.omt"), KINDS);
}

#[test]
fn a_dry_run_says_what_it_would_do() {
    let place = untidy();
    place.run(&["lint", "protocols", "--fix", "--dry-run"]).says("would fix 2 findings in 1 file");
    assert_eq!(place.read("protocols/a.omt"), UNTIDY);
}

#[test]
fn one_code_can_be_chosen() {
    let place = untidy();
    let code = |run: common::Run| {
        let json: Value = serde_json::from_str(&run.out).unwrap();
        json["diagnostics"][0]["code"].as_str().unwrap().to_owned()
    };
    let first = code(place.run(&["lint", "protocols/a.omt", "--format", "json"]));
    let run =
        place.run(&["lint", "protocols/a.omt", "--fix", "--only", &first.to_lowercase(), "--format", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["fixed"].as_array().unwrap().len(), 1, "{json}");
    place.run(&["lint", "protocols", "--only", "E9999"]).ends(2).complains("there is no code E9999");
}

#[test]
fn a_file_that_is_only_imported_is_not_touched() {
    let place = Place::new();
    let untidy = "struct S ( a uint, b uint )\nenum Kind ( KEEP DROP )\n";
    place.write("protocols/shared/kinds.omt", untidy);
    place.write("protocols/a.omt", "imports shared/kinds\nfunction g(k Kind) -> bool ( return k == KEEP )\n");
    place.run(&["lint", "protocols/a.omt", "--fix"]).ends(1);
    assert_eq!(place.read("protocols/shared/kinds.omt"), untidy);
    place.run(&["lint", "protocols", "--fix"]).ends(0);
    assert_ne!(place.read("protocols/shared/kinds.omt"), untidy);
}

#[test]
fn a_read_only_file_is_named_and_no_file_changes() {
    let place = untidy();
    place.write("protocols/b.omt", "struct S ( a uint, b uint )\n");
    let path = place.path().join("protocols/b.omt");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    for verb in [&["lint", "protocols", "--fix"][..], &["fmt", "protocols/b.omt"]] {
        if verb[0] == "fmt" {
            // The formatter refuses what has errors; give it something to do.
            fs::remove_file(&path).unwrap();
            place.write("protocols/b.omt", "enum   E ( A B )\n");
            let mut permissions = fs::metadata(&path).unwrap().permissions();
            permissions.set_readonly(true);
            fs::set_permissions(&path, permissions).unwrap();
        }
        place.run(verb).ends(2).complains("protocols/b.omt is read-only");
        assert_eq!(place.read("protocols/a.omt"), UNTIDY);
    }
}

#[cfg(unix)]
#[test]
fn permissions_and_links_survive() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new();
    place.write("protocols/real.txt", "struct S ( a uint, b uint )\n");
    fs::set_permissions(place.path().join("protocols/real.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.txt", place.path().join("protocols/a.omt")).unwrap();
    place.run(&["lint", "protocols", "--fix"]).ends(0).says("fixed 1 finding");
    assert!(fs::symlink_metadata(place.path().join("protocols/a.omt")).unwrap().is_symlink());
    assert!(!place.read("protocols/real.txt").contains(','));
    let mode = fs::metadata(place.path().join("protocols/real.txt")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(place.path().join("protocols")).unwrap().collect();
    assert_eq!(left.len(), 2, "temporary files are left over: {left:?}");
}

#[test]
fn what_is_not_utf8_is_left_alone() {
    let place = Place::new();
    let bytes = b"struct S ( a uint, b uint ) # \xFF\n";
    place.write("protocols/a.omt", bytes);
    place.run(&["lint", "protocols", "--fix"]).ends(1).says("not valid UTF-8");
    assert_eq!(fs::read(place.path().join("protocols/a.omt")).unwrap(), bytes);
}

#[test]
fn paths_may_have_spaces_and_any_letters() {
    let place = Place::new();
    place.write("protocols/é ü/ein Fall.omt", "struct S ( a uint, b uint )\n");
    place.run(&["lint", "protocols", "--fix"]).ends(0).says("é ü/ein Fall.omt:1:18");
    assert!(!place.read("protocols/é ü/ein Fall.omt").contains(','));
}

#[test]
fn an_import_for_nothing_goes_and_what_is_declared_for_nothing_only_when_asked() {
    let place = Place::with_ping();
    place.write("protocols/shared/kinds.omt", KINDS);
    let ping = place.read("protocols/ping/transaction.omt");
    let text = format!(
        "# first\nimports shared/kinds\n{}",
        ping.replace("parameters (\n", "parameters (\n    ## spare\n    SPARE = 3 count\n")
    );
    place.write("protocols/ping/transaction.omt", &text);
    place.run(&["lint", "protocols/ping", "--fix"]).ends(0).says("fixed 1 finding").says("1 warning");
    let after = place.read("protocols/ping/transaction.omt");
    assert_eq!(after, text.replace("imports shared/kinds\n", ""));
    place.run(&["lint", "protocols/ping", "--fix", "--unsafe-fixes"]).ends(0).says("no findings");
    assert_eq!(place.read("protocols/ping/transaction.omt"), format!("# first\n{ping}"));
}
