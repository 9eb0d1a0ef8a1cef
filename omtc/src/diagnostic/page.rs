//! The page of a code, taken apart: sections, paragraphs, lists, and the sources that they show.
//!
//! The Markdown of these pages is a small part of Markdown: headings `# …`, paragraphs, items that begin with
//! `* `, and blocks between fences. The line that opens a block may name the file that it stands for, after the
//! language: ` ```omt protocols/shared/terms.omt `.

/// What stands under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'p> {
    /// Without `# `.
    pub heading: &'p str,
    /// In order.
    pub blocks: Vec<Block<'p>>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block<'p> {
    /// A paragraph, its lines joined.
    Text(String),
    /// An item of a list, its lines joined.
    Item(String),
    /// Something between fences.
    Code {
        /// `omt`, `text`, `markdown`
        language: &'p str,
        /// The file that it stands for.
        file: Option<&'p str>,
        /// Its lines.
        lines: Vec<&'p str>,
    },
}

/// Takes a page apart. What stands before the first heading is left out.
pub fn sections(page: &str) -> Vec<Section<'_>> {
    let mut found: Vec<Section<'_>> = Vec::new();
    // Whether the next line continues the paragraph or item before it.
    let mut open = false;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("# ") {
            found.push(Section { heading: heading.trim(), blocks: Vec::new() });
            open = false;
            continue;
        }
        let Some(section) = found.last_mut() else { continue };
        if let Some(info) = line.strip_prefix("```") {
            let (language, file) = match info.trim().split_once(' ') {
                Some((language, file)) => (language, Some(file.trim())),
                None => (info.trim(), None),
            };
            let lines = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            section.blocks.push(Block::Code { language, file, lines });
            open = false;
        } else if line.trim().is_empty() {
            open = false;
        } else if let Some(item) = line.strip_prefix("* ") {
            section.blocks.push(Block::Item(item.trim().to_owned()));
            open = true;
        } else {
            match section.blocks.last_mut() {
                Some(Block::Text(text) | Block::Item(text)) if open => {
                    text.push(' ');
                    text.push_str(line.trim());
                }
                _ => section.blocks.push(Block::Text(line.trim().to_owned())),
            }
            open = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn headings_inside_of_blocks_are_none() {
        let page = "lost\n# One\nA text\nof two lines.\n\n* an item\n  goes on\n* another\n\n```omt p/a.omt\n# a comment\n\nx\n```\n# Two\n";
        let found = sections(page);
        assert_eq!(found.iter().map(|s| s.heading).collect::<Vec<_>>(), ["One", "Two"]);
        assert_eq!(
            found[0].blocks,
            [
                Block::Text("A text of two lines.".to_owned()),
                Block::Item("an item goes on".to_owned()),
                Block::Item("another".to_owned()),
                Block::Code { language: "omt", file: Some("p/a.omt"), lines: vec!["# a comment", "", "x"] },
            ]
        );
        assert!(found[1].blocks.is_empty());
    }
}
