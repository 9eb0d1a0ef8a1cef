//! Looks at drawings as a reader does: is the XML whole, are ids unique, does text stand on text?

// Each test file uses its part of this.
#![allow(dead_code)]
#![allow(missing_docs)]

use omtc::graph::layout::Rectangle;
use omtc::graph::text;
use std::collections::BTreeSet;

/// Pairs of places that share more than an edge.
pub fn overlaps(areas: &[(String, Rectangle)]) -> Vec<String> {
    let mut sorted: Vec<&(String, Rectangle)> = areas.iter().collect();
    sorted.sort_by_key(|(_, area)| area.x);
    let mut found = Vec::new();
    for (at, (name, a)) in sorted.iter().enumerate() {
        for (other, b) in sorted[at + 1..].iter().take_while(|(_, b)| b.x < a.x + a.width) {
            if b.y < a.y + a.height && a.y < b.y + b.height {
                found.push(format!("{name} {a:?} and {other} {b:?}"));
            }
        }
    }
    found
}

/// Everything between `<` and `>`, and the text behind it.
fn tags(svg: &str) -> Vec<(&str, &str)> {
    let style = svg.find("<style>").map(|at| (at + 7, svg.find("</style>").unwrap()));
    svg.match_indices('<')
        .filter(|(at, _)| style.is_none_or(|(from, to)| *at < from || *at >= to))
        .map(|(at, _)| {
            let (tag, rest) = svg[at + 1..].split_once('>').expect("a tag without an end");
            (tag, rest.split('<').next().unwrap())
        })
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

/// Panics if an SVG is broken; gives its ids.
#[track_caller]
pub fn check_svg(svg: &str) -> BTreeSet<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut texts: Vec<(String, Rectangle)> = Vec::new();
    for (tag, after) in tags(svg) {
        assert_eq!(tag.matches('"').count() % 2, 0, "a quote too many: {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> ends what did not begin");
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        if !tag.ends_with('/') {
            open.push(name);
        }
        if let Some(id) = attribute(tag, "id") {
            assert!(ids.insert(id.to_owned()), "two have the id {id}");
        }
        if name == "text" {
            texts.push((after.to_owned(), area(tag, after)));
        }
    }
    assert!(open.is_empty(), "never ends: {open:?}");
    assert!(!svg.chars().any(|c| c.is_control() && c != '\n'), "a character that XML does not have");
    assert!(svg.contains("role=\"img\"") && svg.contains("<title") && svg.contains("<desc"));
    let wrong = overlaps(&texts);
    assert!(wrong.is_empty(), "text on text: {wrong:#?}");
    ids
}

/// Where a text stands, as wide as it can be.
fn area(tag: &str, content: &str) -> Rectangle {
    let class = attribute(tag, "class").unwrap();
    let size = if class.contains("name") { 13 } else { 11 };
    let mut plain = content.to_owned();
    for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
        plain = plain.replace(entity, c);
    }
    let width = text::width(text::columns(&plain), size);
    let number = |name: &str| attribute(tag, name).unwrap().parse::<i64>().unwrap();
    let (mut x, y) = (number("x"), number("y"));
    if class.contains("name") || class.contains("middle") {
        x -= width / 2;
    }
    Rectangle { x, y: y - size + 1, width, height: size + 1 }
}
