//! Tables and cells.

/// Text as the content of a cell: one line, no column borders.
pub fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// Text as a code span in a cell; empty for an empty text.
pub fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", cell(text).replace('`', "'")) }
}

/// A table; columns that are empty in every row are left out. Empty without rows.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let used: Vec<bool> = (0..head.len())
        .map(|i| rows.iter().any(|row| row.get(i).is_some_and(|text| !text.is_empty())))
        .collect();
    let line = |cells: Vec<&str>| {
        let kept: Vec<&str> = cells.iter().zip(&used).filter(|(_, used)| **used).map(|(c, _)| *c).collect();
        format!("| {} |\n", kept.join(" | "))
    };
    let mut text = line(head.to_vec());
    text.push_str(&line(vec!["---"; head.len()]));
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text.push('\n');
    text
}

/// A title and a documentation, as one sentence each.
pub fn about(title: Option<&str>, doc: &str) -> String {
    [title.unwrap_or_default(), doc]
        .iter()
        .filter(|t| !t.is_empty())
        .map(|t| cell(t))
        .collect::<Vec<_>>()
        .join(". ")
}
