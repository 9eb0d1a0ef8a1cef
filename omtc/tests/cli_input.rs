//! Inputs as they are: odd names, links, pipes, files that cannot be read, change, or come from standard input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::{PING, Place, Run};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// Runs with something on standard input.
fn fed(place: &Place, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = place.command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn standard_input_is_checked_under_the_name_that_it_is_given() {
    let place = Place::with_ping();
    fed(&place, &["check", "-"], PING.as_bytes()).ends(0).says("no findings in 1 file");
    fed(&place, &["check", "--syntax-only", "-"], b"enum (").ends(1).says("<stdin>:1");
    // The name says where imports are looked for, and stands before a file that is there.
    place.write("protocols/shared/s.omt", "struct S ( a uint )");
    let text = "imports shared/s\nfunction f(s S) -> uint ( return s.b )";
    for name in ["protocols/new.omt", "./protocols/ping/transaction.omt"] {
        fed(&place, &["check", "--stdin-name", name, "-"], text.as_bytes()).ends(1).says("E0113");
    }
    let run = fed(&place, &["check", "--format", "json", "--stdin-name", "protocols/new.omt", "-"], b"\xFF");
    let json: Value = serde_json::from_str(&run.ends(1).out).unwrap();
    assert_eq!(json["diagnostics"][0]["file"], "protocols/new.omt");
}

#[test]
fn nothing_and_almost_nothing_are_sources() {
    let place = Place::new();
    for text in ["", "\n", "\u{FEFF}", "\r", "# a comment", "\u{FEFF}# a comment\r\n"] {
        place.write("a.omt", text);
        place.run(&["check", "a.omt"]).ends(0).says("no findings in 1 file");
        place.run(&["check", "--syntax-only", "a.omt"]).ends(0);
    }
}

#[test]
fn any_bytes_are_answered_with_findings() {
    let place = Place::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    place.write("a.omt", &bytes);
    for form in ["human", "json", "sarif", "github"] {
        let run = place.run(&["check", "--format", form, "a.omt"]).ends(1);
        if ["json", "sarif"].contains(&form) {
            serde_json::from_str::<Value>(&run.out).unwrap();
        }
        assert!(!run.out.contains('\u{1B}'), "{form} lets a source steer the terminal");
    }
}

#[test]
fn the_current_folder_is_a_folder_like_any_other() {
    let place = Place::with_ping();
    for arguments in
        [&["check"][..], &["check", "."], &["check", "./"], &["lint"], &["check", "--syntax-only"]]
    {
        place.run(arguments).ends(0).says("no findings in 1 file");
    }
    // One file, whatever it is called.
    let twice = ["check", "./protocols/../protocols/ping/transaction.omt", "protocols/ping", "."];
    place.run(&twice).ends(0).says("no findings in 1 file");
}

#[test]
fn a_folder_may_be_called_like_a_source() {
    let place = Place::with_ping();
    place.write("protocols/x.omt/y.omt", "struct Inner ( a uint )");
    place.run(&["check", "protocols"]).ends(0).says("no findings in 2 files");
    place.run(&["check", "protocols/x.omt"]).ends(0).says("no findings in 1 file");
    place.write("protocols/z.omt", "imports x");
    place.run(&["check", "protocols/z.omt"]).ends(1).says("there is no file x");
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    #[test]
    fn links_that_lead_back_are_not_followed_and_links_to_files_are() {
        let place = Place::with_ping();
        for name in ["a", "b", "c"] {
            symlink("..", place.path().join("protocols/ping").join(name)).unwrap();
        }
        symlink(".", place.path().join("protocols/self.omt")).unwrap();
        symlink("ping/transaction.omt", place.path().join("protocols/linked.omt")).unwrap();
        place.run(&["check", "protocols"]).ends(0).says("no findings in 2 files");
        place.run(&["check", "--syntax-only", "protocols"]).ends(0).says("no findings in 2 files");
        // A link that is named is followed.
        place.run(&["check", "protocols/ping/a"]).ends(0);
    }

    #[test]
    fn a_link_to_nowhere_is_trouble_and_named() {
        let place = Place::with_ping();
        symlink("nowhere", place.path().join("protocols/gone.omt")).unwrap();
        for verb in ["check", "lint", "build"] {
            let run = place.run(&[verb, "--format", "json", "protocols"]).ends(2).complains("gone.omt");
            assert_eq!(run.out, "");
        }
    }

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let place = Place::with_ping();
        let made = Command::new("mkfifo").arg(place.path().join("protocols/pipe.omt")).status();
        if made.is_ok_and(|status| status.success()) {
            place.run(&["check", "protocols"]).ends(2).complains("protocols/pipe.omt is no file");
        }
    }

    #[test]
    fn a_name_that_is_not_utf8_is_a_name() {
        let place = Place::with_ping();
        let name = OsStr::from_bytes(b"protocols/\xFFx.omt");
        if fs::write(place.path().join(name), "enum (").is_err() {
            return;
        }
        for form in ["human", "json", "sarif", "github"] {
            for more in [&["protocols"][..], &["--syntax-only", "protocols"]] {
                let run = place.run(&[&["check", "--format", form], more].concat()).ends(1);
                if ["json", "sarif"].contains(&form) {
                    serde_json::from_str::<Value>(&run.out).unwrap();
                }
            }
        }
        place.run(&["build", "protocols"]).ends(1).says("\u{FFFD}x.omt");
    }

    #[test]
    fn what_may_not_be_read_is_trouble_and_named() {
        let place = Place::with_ping();
        place.write("protocols/locked.omt", "struct S ( a uint )");
        let path = place.path().join("protocols/locked.omt");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        // Whoever may read everything is not kept out.
        if fs::read(&path).is_err() {
            place.run(&["check", "protocols"]).ends(2).complains("cannot read protocols/locked.omt");
        }
    }

    #[test]
    fn findings_that_cannot_be_written_do_not_pass_for_all_there_is() {
        let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
        let place = Place::new();
        place.write("a.omt", "enum (");
        let output = place.command(&["check", "a.omt"]).stdin(Stdio::null()).stdout(full).output().unwrap();
        Run::of(output).ends(2).complains("cannot write to standard output");
    }

    #[test]
    fn a_reader_that_goes_away_is_no_trouble() {
        let place = Place::new();
        place.write("a.omt", "struct S ( 1 )\n".repeat(400));
        let mut child = place
            .command(&["check", "--syntax-only", "a.omt"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(1), Vec::new()));
    }
}
