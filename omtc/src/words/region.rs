//! Regions of a file that are made of the table of words.

use super::{Kind, kinds};
use thiserror::Error;

/// Longer lines are broken, in forms where that is possible.
const WIDTH: usize = 100;

const BEGIN: &str = "BEGIN generated ";
const END: &str = "END generated";
/// In a file without comments: the line that follows holds the words, inside of its first `(?:…)`.
const PROPERTY: &str = "\"comment\": \"generated ";

/// Why the regions of a file cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}: {reason}")]
pub struct RegionError {
    /// Which file.
    pub file: String,
    /// Which line of it, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Whether a file asks for words.
pub fn holds_regions(text: &str) -> bool {
    text.contains(BEGIN) || text.contains(PROPERTY)
}

/// The file with its regions made anew.
///
/// # Errors
/// A region asks for what there is not, or does not end.
pub fn renew(text: &str, file: &str) -> Result<String, RegionError> {
    let kinds = kinds();
    let mut made = String::with_capacity(text.len());
    let mut lines = text.lines().zip(1usize..);
    while let Some((line, number)) = lines.next() {
        let wrong = |reason: String| RegionError { file: file.to_owned(), line: number, reason };
        push(&mut made, line);
        if let Some((before, asked)) = line.split_once(BEGIN) {
            let region = Region::read(asked, before, &kinds).map_err(wrong)?;
            region.lines().map_err(wrong)?.iter().for_each(|line| push(&mut made, line));
            let end = lines.find(|(line, _)| line.contains(END) || line.contains(BEGIN));
            let end = end.filter(|(line, _)| line.contains(END));
            let Some((end, _)) = end else { return Err(wrong(format!("`{END}` is missing"))) };
            push(&mut made, end);
        } else if let Some((_, asked)) = line.split_once(PROPERTY) {
            let asked = asked.split('"').next().unwrap_or_default();
            let words = Words::read(asked, &kinds).map_err(wrong)?;
            let next = lines.next().map(|(next, _)| next).and_then(|next| words.between(next));
            let Some(next) = next else { return Err(wrong("no `(?:…)` in the next line".to_owned())) };
            push(&mut made, &next);
        }
    }
    Ok(made)
}

fn push(made: &mut String, line: &str) {
    made.push_str(line);
    made.push('\n');
}

#[derive(Clone, Copy)]
enum Form {
    Regex,
    Strings,
    List,
    Words,
}

/// `FORM(KIND, …)`
struct Words {
    form: Form,
    /// With whether capitals and small letters are alike.
    words: Vec<(&'static str, bool)>,
}

impl Words {
    fn read(asked: &str, kinds: &[Kind]) -> Result<Words, String> {
        let wanted = || format!("`{asked}` is not `FORM(KIND, …)`");
        let (form, names) = asked.strip_suffix(')').and_then(|a| a.split_once('(')).ok_or_else(wanted)?;
        let form = match form {
            "regex" => Form::Regex,
            "strings" => Form::Strings,
            "list" => Form::List,
            "words" => Form::Words,
            _ => {
                return Err(format!(
                    "there is no form `{form}`: write `regex`, `strings`, `list` or `words`"
                ));
            }
        };
        let mut words = Vec::new();
        for name in names.split(',').map(str::trim) {
            let kind = kinds.iter().find(|kind| kind.name == name);
            let kind = kind.ok_or_else(|| {
                let all: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
                format!("there is no kind `{name}`: there are {}", all.join(", "))
            })?;
            words.extend(kind.words.iter().map(|word| (*word, kind.any_case)));
        }
        // Of two spellings the one that takes more.
        words.sort_by_key(|(word, any_case)| (*word, !any_case));
        words.dedup_by_key(|(word, _)| *word);
        Ok(Words { form, words })
    }

    fn written(&self) -> Vec<String> {
        let one = |(word, any_case): &(&str, bool)| match self.form {
            Form::Regex if *any_case => word.chars().map(either_case).collect(),
            Form::Regex | Form::Words => (*word).to_owned(),
            Form::Strings => format!("\"{word}\""),
            Form::List => format!("\"{word}\","),
        };
        let mut written: Vec<String> = self.words.iter().map(one).collect();
        if let (Form::List, Some(last)) = (self.form, written.last_mut()) {
            last.pop();
        }
        written
    }

    /// A line with other words inside of its first `(?:…)`.
    fn between(&self, line: &str) -> Option<String> {
        let (before, rest) = line.split_once("(?:")?;
        let (_, after) = rest.split_once(')')?;
        Some(format!("{before}(?:{}){after}", self.written().join("|")))
    }
}

fn either_case(letter: char) -> String {
    format!("[{}{}]", letter.to_ascii_lowercase(), letter.to_ascii_uppercase())
}

/// `FORM(KIND, …): TEMPLATE`
struct Region<'t> {
    words: Words,
    before: &'t str,
    after: &'t str,
    indent: String,
}

impl<'t> Region<'t> {
    fn read(asked: &'t str, before: &str, kinds: &[Kind]) -> Result<Region<'t>, String> {
        let (words, template) = asked.split_once(": ").ok_or("`: TEMPLATE` is missing")?;
        let mut template = template.trim_end();
        for comment_end in ["*/", "-->"] {
            template = template.strip_suffix(comment_end).map_or(template, str::trim_end);
        }
        let (first, after) = template.split_once('@').ok_or("the template has no `@`")?;
        let indent = before.chars().take_while(|c| c.is_whitespace()).collect();
        Ok(Region { words: Words::read(words, kinds)?, before: first, after, indent })
    }

    fn lines(&self) -> Result<Vec<String>, String> {
        let written = self.words.written();
        let whole = |words: &str| format!("{}{}{words}{}", self.indent, self.before, self.after);
        let around = whole("").chars().count();
        Ok(match self.words.form {
            Form::Regex => vec![whole(&written.join("|"))],
            Form::Words => filled(&written, WIDTH.saturating_sub(around)).iter().map(|w| whole(w)).collect(),
            Form::Strings | Form::List => {
                let one = whole(&written.join(" "));
                if one.chars().count() <= WIDTH {
                    return Ok(vec![one]);
                }
                let inner = format!("{}  ", self.indent);
                let rows = filled(&written, WIDTH.saturating_sub(inner.len()));
                let mut lines = vec![format!("{}{}", self.indent, self.before).trim_end().to_owned()];
                lines.extend(rows.iter().map(|row| format!("{inner}{row}")));
                lines.push(format!("{}{}", self.indent, self.after.trim_start()).trim_end().to_owned());
                lines
            }
        })
    }
}

/// Words in lines of at most that width, if no word is longer.
fn filled(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len().saturating_add(1).saturating_add(word.len()) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn region(marker: &str) -> Vec<String> {
        let text = format!("above\n  {marker}\nstale\n  // END generated\nbelow\n");
        let made = renew(&text, "f").unwrap();
        assert_eq!(renew(&made, "f").as_ref(), Ok(&made), "making it twice changes it");
        let lines: Vec<String> = made.lines().map(str::to_owned).collect();
        assert_eq!(lines.first().map(String::as_str), Some("above"));
        assert_eq!(lines.last().map(String::as_str), Some("below"));
        lines.get(2..lines.len() - 2).unwrap().to_vec()
    }

    #[test]
    fn each_form_is_written_as_its_language_wants() {
        assert_eq!(
            region("// BEGIN generated regex(flag): /\\b(?:@)\\b/"),
            ["  /\\b(?:byzantine|initial|rest|signed|terminal)\\b/"]
        );
        assert_eq!(
            region("// BEGIN generated regex(constant, quantity): @"),
            ["  count|[fF][aA][lL][sS][eE]|fraction|[nN][uU][lL][lL]|[tT][rR][uU][eE]"]
        );
        assert_eq!(region("/* BEGIN generated list(quantity): [@]; */"), ["  [\"count\", \"fraction\"];"]);
        assert_eq!(region("<!-- BEGIN generated words(quantity): @ -->"), ["  count fraction"]);
    }

    #[test]
    fn what_is_too_long_is_broken() {
        let lines = region("\" BEGIN generated words(function): syntax keyword omtFunction @");
        assert!(lines.len() > 2 && lines.iter().all(|l| l.len() <= WIDTH), "{lines:#?}");
        assert!(lines.iter().all(|l| l.starts_with("  syntax keyword omtFunction ")), "{lines:#?}");
        let lines = region(";; BEGIN generated strings(declaration): [@] @keyword");
        assert_eq!(lines.first().map(String::as_str), Some("  ["));
        assert_eq!(lines.last().map(String::as_str), Some("  ] @keyword"));
    }

    #[test]
    fn a_file_without_comments_has_its_words_in_the_next_line() {
        let text =
            "{\n\"comment\": \"generated regex(quantity)\",\n\"match\": \"\\\\b(?:old)\\\\b(?:x)\"\n}\n";
        let made = renew(text, "f").unwrap();
        assert_eq!(made.lines().nth(2), Some("\"match\": \"\\\\b(?:count|fraction)\\\\b(?:x)\""));
    }

    #[test]
    fn what_cannot_be_made_is_told() {
        let told = |text: &str| renew(text, "f").map_err(|e| e.to_string()).unwrap_err();
        assert_eq!(told("\n# BEGIN generated regex(flag): @\n"), "f:2: `END generated` is missing");
        let two = "# BEGIN generated regex(flag): @\n# BEGIN generated regex(flag): @\n# END generated\n";
        assert_eq!(told(two), "f:1: `END generated` is missing");
        assert!(told("# BEGIN generated tree(flag): @").contains("there is no form `tree`"));
        assert!(told("# BEGIN generated regex(flags): @").contains("there is no kind `flags`"));
        assert!(told("# BEGIN generated regex(flag): x").contains("has no `@`"));
        assert!(told("# BEGIN generated regex(flag)").contains("`: TEMPLATE` is missing"));
        assert!(told("\"comment\": \"generated regex(flag)\"\n\"match\"").contains("no `(?:…)`"));
    }
}
