//! The canonical layout, as edits.

use super::{Edit, Range, Text, offset, slice};
use omtc::format::format_source;

/// The edits that lay out a whole text; none when it cannot be read.
pub fn document(text: &Text) -> Option<Vec<Edit>> {
    let after = format_source(text.content()).ok()?;
    Some(difference(text.content(), &after))
}

/// Those of them that touch a range. The layout of a part depends on the whole, so it is that of the whole.
pub fn range(text: &Text, range: Range) -> Option<Vec<Edit>> {
    let mut edits = document(text)?;
    edits.retain(|edit| edit.range.meets(range));
    Some(edits)
}

/// After a line end or a closing bracket: the line that was finished, or the place where the next one begins.
pub fn on_type(text: &Text, at: u32, typed: &str) -> Vec<Edit> {
    let line = text.line_of(at);
    match typed {
        "\n" => {
            let wanted = indent(text, line);
            let range = text.line(line);
            let now = slice(text.content(), range);
            let space = now.len().saturating_sub(now.trim_start().len());
            let range = Range::new(range.start, range.start.saturating_add(offset(space)));
            if slice(text.content(), range) == wanted {
                Vec::new()
            } else {
                vec![Edit { range, text: wanted }]
            }
        }
        // A bracket that stands alone goes back to where the one that it closes began.
        ")" | "}" | "]" if text.line_text(line).trim() == typed => {
            let wanted = indent(text, line);
            let range = text.line(line);
            let now = slice(text.content(), range);
            let space = now.len().saturating_sub(now.trim_start().len());
            let range = Range::new(range.start, range.start.saturating_add(offset(space)));
            if slice(text.content(), range) == wanted {
                Vec::new()
            } else {
                vec![Edit { range, text: wanted }]
            }
        }
        _ => Vec::new(),
    }
}

/// Spaces of a level.
const INDENT: usize = 4;

/// How far a line is indented: by the brackets that are open before it.
fn indent(text: &Text, line: u32) -> String {
    let start = text.line(line).start;
    let before = text.content().get(..start as usize).unwrap_or("");
    let mut depth: usize = 0;
    // A declaration begins in the first column: what stands before it cannot be open.
    let begin = last_declaration(before);
    for lexeme in omtc::syntax::lexemes(before.get(begin..).unwrap_or("")) {
        match lexeme.kind {
            omtc::syntax::LexemeKind::Open => depth = depth.saturating_add(1),
            omtc::syntax::LexemeKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if text.line_text(line).trim_start().starts_with([')', ']', '}']) {
        depth = depth.saturating_sub(1);
    }
    " ".repeat(depth * INDENT)
}

/// Where the last line begins that has a letter in its first column.
fn last_declaration(text: &str) -> usize {
    let mut at = 0;
    let mut found = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            found = at;
        }
        at += line.len();
    }
    found
}

/// Edits of whole lines that turn one text into another: what is the same stays, so that cursors and folds do.
pub fn difference(before: &str, after: &str) -> Vec<Edit> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut edits = Vec::new();
    let (mut i, mut j, mut at) = (0, 0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && old.get(i) == new.get(j) {
            at += old.get(i).map_or(0, |line| line.len());
            i += 1;
            j += 1;
            continue;
        }
        // The nearest place where both go on alike.
        let (skip_old, skip_new) = meeting(old.get(i..).unwrap_or(&[]), new.get(j..).unwrap_or(&[]));
        let gone: usize = old.iter().skip(i).take(skip_old).map(|line| line.len()).sum();
        let text: String = new.iter().skip(j).take(skip_new).copied().collect();
        edits.push(Edit { range: Range::new(offset(at), offset(at + gone)), text });
        at += gone;
        i += skip_old;
        j += skip_new;
    }
    edits
}

/// Lines that are looked at for a place where both texts go on alike; beyond it the rest is replaced as a whole.
const LOOK_AHEAD: usize = 200;

fn meeting(old: &[&str], new: &[&str]) -> (usize, usize) {
    for distance in 1..LOOK_AHEAD {
        for skip_old in 0..=distance {
            let skip_new = distance - skip_old;
            let (Some(a), Some(b)) = (old.get(skip_old), new.get(skip_new)) else { continue };
            // A line that says nothing is no place to meet, unless more follows alike.
            let next = old.get(skip_old + 1) == new.get(skip_new + 1);
            if a == b && (!a.trim().is_empty() || next) {
                return (skip_old, skip_new);
            }
        }
    }
    (old.len(), new.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(before: &str, edits: &[Edit]) -> String {
        let mut text = Text::new(before);
        for edit in edits.iter().rev() {
            text = text.replaced(edit.range, &edit.text);
        }
        text.content().to_owned()
    }

    #[test]
    fn the_difference_leads_from_one_text_to_the_other_and_leaves_alike_lines_alone() {
        let cases = [
            ("a\nb\nc\n", "a\nB\nc\n"),
            ("a\n\n\nb\n", "a\n\nb\n"),
            ("", "x\n"),
            ("x", "x\n"),
            ("a\nb\nc\nd\n", "d\na\n"),
        ];
        for (before, after) in cases {
            let edits = difference(before, after);
            assert_eq!(apply(before, &edits), after);
        }
        assert_eq!(difference("a\nb\nc\n", "a\nB\nc\n").len(), 1);
        assert_eq!(difference("a\n", "a\n"), []);
    }

    #[test]
    fn a_new_line_is_indented_by_what_is_open() {
        let text = Text::new("actor A (\n    store ( x uint )\n\n)\n");
        let at = text.line(2).start;
        assert_eq!(on_type(&text, at, "\n"), [Edit { range: Range::new(at, at), text: "    ".to_owned() }]);
        let text = Text::new("actor A (\n    )\n");
        let edits = on_type(&text, text.line(1).end, ")");
        assert_eq!(apply(text.content(), &edits), "actor A (\n)\n");
    }
}
