//! The index of the search: one entry for each passage of a chapter and each declaration of a protocol. It is a
//! script, because a page that was opened from a disk may load nothing else.

use super::markdown::Passage;
use serde_json::json;

/// Of a passage, this many characters are searched and shown.
const TEXT_CHARS_MAX: usize = 1_500;

/// Something that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// Path and anchor.
    pub target: String,
    /// What is found.
    pub title: String,
    /// What it is and where: `message of Escrow Lock`.
    pub kind: String,
    /// Text that is searched, too.
    pub text: String,
}

/// Everything that can be found.
#[derive(Clone, Debug, Default)]
pub struct Index {
    found: Vec<Find>,
}

impl Index {
    /// Adds an entry.
    pub fn add(&mut self, target: String, title: &str, kind: &str, text: &str) {
        let mut plain = String::new();
        for word in text.split_whitespace() {
            if !plain.is_empty() {
                plain.push(' ');
            }
            plain.push_str(word);
        }
        let text = plain.chars().take(TEXT_CHARS_MAX).collect();
        self.found.push(Find { target, title: title.to_owned(), kind: kind.to_owned(), text });
    }

    /// Adds the passages of a page.
    pub fn passages(&mut self, page: &str, title: &str, passages: &[Passage]) {
        for passage in passages.iter().filter(|p| !p.title.is_empty() || !p.text.is_empty()) {
            let target =
                if passage.id.is_empty() { page.to_owned() } else { format!("{page}#{}", passage.id) };
            let heading = if passage.title.is_empty() { title } else { &passage.title };
            self.add(target, heading, title, &passage.text);
        }
    }

    /// The script.
    pub fn script(&self) -> String {
        let list: Vec<_> = self.found.iter().map(|f| json!([f.target, f.title, f.kind, f.text])).collect();
        // Between two script elements nobody reads it, but a line separator would end a string in old readers.
        let text = serde_json::Value::Array(list).to_string().replace(['\u{2028}', '\u{2029}'], " ");
        format!("window.omtIndex = {text};\n")
    }
}
