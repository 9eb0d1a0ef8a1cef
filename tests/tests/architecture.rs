//! The rules of the house: which crate may know which, what nobody may do, held by reading the manifests and
//! the sources themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Who may depend on whom in this workspace. A new crate is written down here first.
const ARROWS: &[(&str, &[&str])] = &[
    ("omt-runtime", &[]),
    ("omtc", &["omt-runtime"]),
    ("omt-lsp", &["omt-runtime", "omtc"]),
    ("omt-generated", &["omt-runtime"]),
    ("omt-lenient", &["omt-runtime"]),
    ("omerta-tests", &["omt-runtime", "omtc", "omt-generated", "omt-lenient"]),
    ("tree-sitter-omt", &[]),
    ("xtask", &["omt-runtime", "omtc", "omt-lsp", "omt-generated", "omerta-tests"]),
];

/// Crates that end up on a person's machine; the compiler is in none of their trees.
const NODE_SIDE: &[&str] = &["omt-runtime", "omt-generated"];

/// Lines of a source file from which on it wants a reason to stay one file.
const FILE_LINES_MAX: usize = 800;

/// Files that have such a reason.
const LONG_FILES: &[(&str, &str)] = &[(
    "omtc/src/backend/rust/expr.rs",
    "one arm for each kind of expression; what borrows, clones and converts is decided in one place",
)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Read once, for this platform and without the network: a test must not download what other platforms need.
fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
        let version = String::from_utf8(version).unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .other_options(vec!["--offline".into(), format!("--filter-platform={host}")])
            .exec()
            .unwrap()
    })
}

#[test]
fn arrows_point_down_only() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let members: BTreeSet<&str> = metadata.workspace_packages().iter().map(|p| p.name.as_str()).collect();
    for package in metadata.workspace_packages() {
        let Some(allowed) = allowed.get(package.name.as_str()) else {
            panic!("{} is a new crate: say in ARROWS what it may depend on", package.name);
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            assert!(
                !members.contains(name) || allowed.contains(&name),
                "{} must not depend on {name}",
                package.name
            );
        }
    }
}

/// Everything that is linked into a crate: normal and build dependencies, of any depth.
fn tree(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    let start = metadata.packages.iter().find(|p| p.name.as_str() == name).unwrap();
    let mut open = vec![&start.id];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in &nodes[id].deps {
            if dependency.dep_kinds.iter().any(|k| k.kind != DependencyKind::Development) {
                open.push(&dependency.pkg);
            }
        }
    }
    metadata.packages.iter().filter(|p| seen.contains(&p.id)).map(|p| p.name.to_string()).collect()
}

#[test]
fn the_compiler_is_in_no_tree_of_a_node() {
    let metadata = metadata();
    for name in NODE_SIDE {
        let tree = tree(metadata, name);
        assert!(tree.contains(*name));
        for unwanted in ["omtc", "logos", "chumsky", "ariadne", "clap"] {
            assert!(!tree.contains(unwanted), "{unwanted} is linked into {name}");
        }
    }
    assert!(tree(metadata, "omtc").contains("chumsky"), "the search finds nothing at all");
}

#[test]
fn generated_code_needs_only_the_runtime_and_serde() {
    let metadata = metadata();
    let generated = metadata.packages.iter().find(|p| p.name.as_str() == "omt-generated").unwrap();
    for dependency in &generated.dependencies {
        assert!(["omt-runtime", "serde"].contains(&dependency.name.as_str()), "{}", dependency.name);
    }
}

#[test]
fn every_crate_stands_behind_the_lint_walls() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for wall in [
        "unsafe_code = \"deny\"",
        "unwrap_used = \"deny\"",
        "expect_used = \"deny\"",
        "indexing_slicing = \"deny\"",
        "wildcard_enum_match_arm = \"warn\"",
        "iter_over_hash_type = \"warn\"",
        "print_stdout = \"warn\"",
        "dbg_macro = \"warn\"",
    ] {
        assert!(workspace.contains(wall), "the workspace lost the lint {wall}");
    }
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} does not take the lints of the workspace",
            package.name
        );
    }
}

/// Files below a folder, with the path below the root; without what git does not keep.
fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            if ["target", ".git"].contains(&name.as_str()) || name.ends_with("/node_modules") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((name, path));
            }
        }
    }
    found.sort();
    found
}

/// Lines of Rust without comments, from 1.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(i, line)| (i + 1, line.to_owned()))
        .collect()
}

#[test]
fn back_ends_read_the_ir_and_never_the_syntax_tree() {
    for (name, path) in files("omtc/src/backend") {
        if !name.ends_with(".rs") {
            continue;
        }
        for (line, text) in code(&path) {
            for forbidden in ["crate::syntax", "omtc::syntax", "super::syntax", "ast::"] {
                assert!(!text.contains(forbidden), "{name}:{line} reads the syntax tree: {text}");
            }
        }
    }
}

#[test]
fn only_the_syntax_reads_tokens() {
    for (name, path) in files("omtc/src") {
        if !name.ends_with(".rs") || name.starts_with("omtc/src/syntax") {
            continue;
        }
        for (line, text) in code(&path) {
            for forbidden in ["logos", "chumsky", "syntax::lexer", "syntax::token", "TokenKind"] {
                assert!(!text.contains(forbidden), "{name}:{line} reads tokens: {text}");
            }
        }
    }
}

#[test]
fn the_compiler_opens_files_in_two_places_only() {
    for (name, path) in files("omtc/src") {
        let allowed = ["omtc/src/source.rs", "omtc/src/cli/disk.rs"].contains(&name.as_str());
        // Tests may look at what is on disk.
        if !name.ends_with(".rs") || allowed || name.ends_with("/tests.rs") || name.contains("/tests/") {
            continue;
        }
        for (line, text) in code(&path) {
            for forbidden in ["std::fs", "fs::File", "println!", "eprintln!"] {
                assert!(!text.contains(forbidden), "{name}:{line} does I/O itself: {text}");
            }
        }
    }
}

#[test]
fn the_binary_of_the_compiler_is_small() {
    let text = std::fs::read_to_string(root().join("omtc/src/main.rs")).unwrap();
    assert!(text.lines().count() < 100);
}

#[test]
fn no_committed_file_names_a_path_of_a_machine() {
    let root = root();
    let here = root.to_string_lossy().into_owned();
    // A root as short as `/src` is a word of many paths that are nobody's.
    let here = (root.components().count() > 3).then_some(here);
    // Written in two halves so that this file does not find itself.
    let homes = [
        ["/ho", "me/"].concat(),
        ["/Us", "ers/"].concat(),
        [":\\", "Users\\"].concat(),
        ["/ro", "ot/"].concat(),
    ];
    for (name, path) in files("") {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let number = number + 1;
            for home in &homes {
                assert!(!line.contains(home.as_str()), "{name}:{number} names a path of a machine: {line}");
            }
            if let Some(here) = &here {
                assert!(!line.contains(here.as_str()), "{name}:{number} names this folder: {line}");
            }
        }
    }
}

#[test]
fn long_files_have_a_reason() {
    let reasons: BTreeMap<&str, &str> = LONG_FILES.iter().copied().collect();
    let mut long = Vec::new();
    for (name, path) in files("") {
        if !name.ends_with(".rs") || name.starts_with("generated/") {
            continue;
        }
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        if lines > FILE_LINES_MAX && !reasons.contains_key(name.as_str()) {
            long.push(format!("{name}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "split these, or give a reason in LONG_FILES:\n{}", long.join("\n"));
}

/// Names of tests and properties between backticks, as chapters use them: long words with underscores.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| {
        word.matches('_').count() >= 2 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

#[test]
fn what_the_book_says_holds_an_invariant_or_tries_a_threat_is_there() {
    let mut files: Vec<PathBuf> = vec![root().join("protocols")];
    files.extend(["omt-runtime", "omtc", "omt-lsp", "tests", "xtask"].map(|name| root().join(name)));
    let mut sources = String::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs" || e == "omt") {
            // Some sources are broken on purpose.
            sources.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    for chapter in ["design.md", "threat-model.md"] {
        let text = std::fs::read_to_string(root().join("docs").join(chapter)).unwrap();
        for name in names_in(&text) {
            let there =
                [format!("fn {name}("), format!("property {name} ")].iter().any(|d| sources.contains(d));
            assert!(there, "{chapter} names {name}, and nothing is called that");
        }
    }
}
