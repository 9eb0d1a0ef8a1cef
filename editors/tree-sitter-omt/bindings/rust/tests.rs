//! The grammar against the protocols, the corpus of the compiler and its own; the queries against sources.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod conformance;
mod corpus;
mod fresh;
mod queries;

use std::path::{Path, PathBuf};
use tree_sitter::{Language, Node, Parser, Tree};

fn language() -> Language {
    crate::LANGUAGE.into()
}

/// The folder of the grammar.
fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the workspace.
fn root() -> PathBuf {
    here().parent().unwrap().parent().unwrap().to_owned()
}

fn parse(source: &[u8]) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    parser.parse(source, None).unwrap()
}

/// All `.omt` files below a folder of the workspace, sorted, with their path below that folder.
fn sources(folder: &str) -> Vec<(String, Vec<u8>)> {
    let top = root().join(folder);
    let mut found = Vec::new();
    let mut open = vec![top.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "omt") {
                let name = path.strip_prefix(&top).unwrap().with_extension("");
                let name = name.to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// All nodes of a tree, parents before children.
fn nodes(tree: &Tree) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        found.push(node);
        let mut children: Vec<Node<'_>> = (0..node.child_count()).filter_map(|i| node.child(i)).collect();
        children.reverse();
        open.extend(children);
    }
    found
}

/// The first place that could not be read.
fn mistake(tree: &Tree) -> Option<String> {
    let node = nodes(tree).into_iter().find(|node| node.is_error() || node.is_missing())?;
    let at = node.start_position();
    Some(format!("{}:{} {}", at.row + 1, at.column + 1, node.to_sexp()))
}
