//! The queries: each fits the grammar, and finds in a source what it should.

use super::{language, nodes, parse, root, sources};
use std::collections::BTreeMap;
use std::ops::Range;
use tree_sitter::{Query, QueryCursor, StreamingIterator, Tree};

/// Every query of an editor that reads sources with tree-sitter.
fn queries() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["tree-sitter-omt/queries", "helix/queries/omt", "zed/languages/omt"] {
        for entry in std::fs::read_dir(root().join("editors").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "scm") {
                let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn query(name: &str) -> Query {
    let queries = queries();
    let (_, text) = queries.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no {name}"));
    Query::new(&language(), text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What a query captures, in the order of the source.
fn captures(query: &Query, tree: &Tree, source: &str) -> Vec<(Range<usize>, String)> {
    let mut cursor = QueryCursor::new();
    let mut found = Vec::new();
    let mut matches = cursor.matches(query, tree.root_node(), source.as_bytes());
    while let Some(one) = matches.next() {
        for capture in one.captures {
            let name = query.capture_names()[capture.index as usize].to_owned();
            found.push((capture.node.byte_range(), name));
        }
    }
    found.sort_by(|a, b| (a.0.start, a.0.end, &a.1).cmp(&(b.0.start, b.0.end, &b.1)));
    found
}

/// `text name` a line, of what a query captures under names that begin so.
fn shown(query: &Query, source: &str, prefix: &str) -> Vec<String> {
    captures(query, &parse(source.as_bytes()), source)
        .into_iter()
        .filter(|(_, name)| name.starts_with(prefix))
        .map(|(range, name)| format!("{} {name}", source.get(range).unwrap()))
        .collect()
}

#[test]
fn every_query_fits_the_grammar() {
    let queries = queries();
    assert!(queries.len() >= 15, "only {} queries were found", queries.len());
    for (name, text) in queries {
        let query = Query::new(&language(), &text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(query.pattern_count() > 0, "{name} is empty");
    }
}

/// So that the order of patterns means nothing: some editors let the first one win, some the last one.
#[test]
fn every_word_of_every_protocol_has_one_highlight() {
    let query = query("tree-sitter-omt/queries/highlights.scm");
    for (name, source) in sources("protocols") {
        let source = String::from_utf8(source).unwrap();
        let tree = parse(source.as_bytes());
        let mut found: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for (range, highlight) in captures(&query, &tree, &source) {
            let names = found.entry((range.start, range.end)).or_default();
            // A pattern for two fields may find one of them twice, under one name.
            if !names.contains(&highlight) {
                names.push(highlight);
            }
        }
        let mut end = 0;
        for node in nodes(&tree) {
            let range = node.byte_range();
            // Words of one highlighted node (a path, a number with its sign) have that of the node.
            if node.child_count() > 0 || range.end <= end {
                if found.contains_key(&(range.start, range.end)) {
                    end = end.max(range.end);
                }
                continue;
            }
            let names = found.get(&(range.start, range.end)).map_or(&[][..], Vec::as_slice);
            let text = source.get(range).unwrap();
            assert_eq!(names.len(), 1, "{name}:{} `{text}` is {names:?}", node.start_position().row + 1);
        }
    }
}

const SAMPLE: &str = r#"## Why it is there
parameters ( WAIT = 5 minutes "How long" )
actor Server (
    store ( asked list<peer_id>? )
    state IDLE initial
    IDLE -> BUSY on PING let p = HASH(message.sender) when p != null (
        SEND(message.sender, PONG { at NOW() + 5 seconds })
    )
    BUSY -> IDLE on timeout(WAIT) # not for ever
)
"#;

#[test]
fn words_are_highlighted_as_what_they_are() {
    let query = query("tree-sitter-omt/queries/highlights.scm");
    let shown = shown(&query, SAMPLE, "");
    for expected in [
        "## Why it is there comment.documentation",
        "parameters keyword",
        "WAIT constant",
        "5 number",
        "minutes constant.builtin",
        "\"How long\" string",
        "actor keyword",
        "Server type",
        "asked property",
        "list type.builtin",
        "? operator",
        "IDLE constant",
        "initial keyword",
        "-> operator",
        "PING type",
        "p variable",
        "HASH function.builtin",
        "message variable.builtin",
        "sender property",
        "null constant.builtin",
        "SEND keyword.function",
        "when keyword",
        "!= operator",
        "PONG type",
        "at property",
        "seconds constant.builtin",
        "timeout keyword",
        "# not for ever comment",
    ] {
        let (text, name) = expected.rsplit_once(' ').unwrap();
        let found: Vec<&String> = shown.iter().filter(|s| s.starts_with(&format!("{text} "))).collect();
        assert!(found.iter().any(|s| *s == expected), "`{text}` should be {name}: {found:?}");
    }
}

#[test]
fn names_are_found_where_they_are_made_and_used() {
    let locals = query("tree-sitter-omt/queries/locals.scm");
    assert_eq!(
        shown(&locals, "function F(a uint) -> uint ( RETURN MAX(MAP(l, x => x + a)) )", "local.d"),
        ["a local.definition.parameter", "x local.definition.parameter"]
    );
    let tags = query("tree-sitter-omt/queries/tags.scm");
    assert_eq!(
        shown(&tags, SAMPLE, "name"),
        [
            "WAIT name",
            "Server name",
            "peer_id name",
            "IDLE name",
            "PING name",
            "HASH name",
            "PONG name",
            "NOW name"
        ]
        .map(String::from)
        .into_iter()
        .flat_map(|name| if name == "peer_id name" { vec!["list name".to_owned(), name] } else { vec![name] })
        .collect::<Vec<_>>()
    );
}

#[test]
fn bodies_fold_and_comments_are_comments() {
    let folds = query("tree-sitter-omt/queries/folds.scm");
    let source = "actor A (\n    S -> T on M (\n        a = 1\n    )\n)\n";
    let lines: Vec<usize> = captures(&folds, &parse(source.as_bytes()), source)
        .into_iter()
        .map(|(range, _)| source.get(range).unwrap().lines().count())
        .collect();
    assert_eq!(lines, [5, 3, 3], "the actor, the transition, its actions");
    let injections = query("tree-sitter-omt/queries/injections.scm");
    assert_eq!(
        shown(&injections, SAMPLE, "injection"),
        ["## Why it is there injection.content", "# not for ever injection.content"]
    );
}

/// The queries that editors share are the same bytes: who changes one copies it to the others.
#[test]
fn copies_of_queries_are_those_of_the_grammar() {
    for (copy, name) in [
        ("helix/queries/omt", "highlights"),
        ("helix/queries/omt", "injections"),
        ("helix/queries/omt", "locals"),
        ("helix/queries/omt", "tags"),
        ("helix/queries/omt", "folds"),
        ("zed/languages/omt", "highlights"),
        ("zed/languages/omt", "injections"),
    ] {
        let read = |folder: &str| {
            std::fs::read_to_string(root().join("editors").join(folder).join(format!("{name}.scm"))).unwrap()
        };
        assert_eq!(read(copy), read("tree-sitter-omt/queries"), "copy {name}.scm to editors/{copy}");
    }
}
