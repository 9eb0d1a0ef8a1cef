//! The corpus below `test/corpus`, in the format of tree-sitter: a title between lines of `=`, a source, a line of `-`, the
//! tree. `:error` below a title says that the source has a mistake, and no tree follows.

use super::{here, parse};

/// A source and the tree that it has; no tree when it has a mistake.
struct Case {
    title: String,
    source: String,
    tree: Option<String>,
}

fn is_line_of(line: &str, sign: char) -> bool {
    line.len() >= 3 && line.chars().all(|c| c == sign)
}

fn cases(text: &str) -> Vec<Case> {
    let mut lines = text.lines().peekable();
    let mut cases = Vec::new();
    while let Some(line) = lines.next() {
        if !is_line_of(line, '=') {
            assert!(line.trim().is_empty(), "before a title: {line}");
            continue;
        }
        let head: Vec<&str> = lines.by_ref().take_while(|line| !is_line_of(line, '=')).collect();
        let source: Vec<&str> = lines.by_ref().take_while(|line| !is_line_of(line, '-')).collect();
        let mut tree = String::new();
        while let Some(line) = lines.next_if(|line| !is_line_of(line, '=')) {
            tree.push_str(line);
            tree.push('\n');
        }
        let mistaken = head.contains(&":error");
        assert_eq!(tree.trim().is_empty(), mistaken, "{head:?}");
        cases.push(Case {
            title: head[0].to_owned(),
            source: source.join("\n"),
            tree: (!mistaken).then(|| one_line(&tree)),
        });
    }
    cases
}

fn one_line(tree: &str) -> String {
    tree.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}

#[test]
fn trees_are_those_of_the_corpus() {
    let mut count = 0;
    for entry in std::fs::read_dir(here().join("test/corpus")).unwrap() {
        let path = entry.unwrap().path();
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            let tree = parse(case.source.as_bytes());
            let place = format!("{}: {}", path.file_name().unwrap().to_string_lossy(), case.title);
            match case.tree {
                Some(expected) => assert_eq!(one_line(&tree.root_node().to_sexp()), expected, "{place}"),
                None => assert!(tree.root_node().has_error(), "{place}: no mistake was found"),
            }
            count += 1;
        }
    }
    assert!(count >= 30, "only {count} cases were found");
}
