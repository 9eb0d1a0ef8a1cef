//! A small layout algebra after Wadler ("A prettier printer", 2003): what is said stays, where lines end is
//! decided by what fits.

use std::rc::Rc;

/// Text with places at which it may be broken.
#[derive(Clone, Debug)]
pub(super) enum Doc {
    /// Nothing.
    Nil,
    /// Text without line ends.
    Text(String),
    /// A space, or a line end in a group that does not fit.
    Line,
    /// Nothing, or a line end in a group that does not fit.
    Soft,
    /// Always a line end.
    Hard,
    /// Always an empty line.
    Blank,
    /// A comment. What follows stands on a new line.
    Comment {
        /// `#` included.
        text: String,
        /// Whether it stands on the line of what is before it, after so many spaces.
        trailing: Option<usize>,
    },
    /// One step further to the right, from its first line end on.
    Indent(Box<Doc>),
    /// Broken everywhere or nowhere.
    Group(Box<Doc>),
    /// One after the other.
    Concat(Vec<Doc>),
    /// The first if it fits on the line, else the second.
    Alternative(Box<Doc>, Box<Doc>),
    /// Part of both sides of an alternative: built once, however deep alternatives nest.
    Shared(Rc<Doc>),
}

/// A step of indentation.
const INDENT: usize = 4;

/// Where lines are broken if they can be. The longest that two fit side by side on a usual screen.
pub(super) const LINE_CHARS_MAX: usize = 120;

pub(super) fn text(s: impl Into<String>) -> Doc {
    Doc::Text(s.into())
}

pub(super) fn concat(parts: impl IntoIterator<Item = Doc>) -> Doc {
    Doc::Concat(parts.into_iter().collect())
}

pub(super) fn indent(doc: Doc) -> Doc {
    Doc::Indent(Box::new(doc))
}

pub(super) fn group(doc: Doc) -> Doc {
    Doc::Group(Box::new(doc))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

type Work<'a> = (usize, Mode, &'a Doc);

struct Printer {
    out: String,
    /// Characters on the current line.
    column: usize,
    /// A comment was written: the next text begins a new line, with this indentation.
    after_comment: bool,
}

/// Lays a document out.
pub(super) fn print(doc: &Doc) -> String {
    let mut printer = Printer { out: String::new(), column: 0, after_comment: false };
    printer.run(doc);
    let mut out = printer.out;
    while out.ends_with(['\n', ' ']) {
        out.pop();
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

impl Printer {
    fn run(&mut self, doc: &Doc) {
        let mut work: Vec<Work<'_>> = vec![(0, Mode::Broken, doc)];
        while let Some((depth, mode, doc)) = work.pop() {
            match doc {
                Doc::Nil => {}
                Doc::Text(s) => self.text(s, depth),
                Doc::Line if mode == Mode::Flat => self.text(" ", depth),
                Doc::Soft if mode == Mode::Flat => {}
                Doc::Line | Doc::Soft | Doc::Hard => self.newline(depth),
                Doc::Blank => {
                    self.newline(depth);
                    // Never two empty lines, and none at the top of the file.
                    if !self.out.ends_with("\n\n") && !self.out.trim_end_matches(' ').is_empty() {
                        self.out.push('\n');
                    }
                }
                Doc::Comment { text, trailing } => self.comment(text, *trailing, depth),
                Doc::Indent(inner) => work.push((depth.saturating_add(INDENT), mode, inner)),
                Doc::Shared(inner) => work.push((depth, mode, inner)),
                Doc::Concat(parts) => work.extend(parts.iter().rev().map(|p| (depth, mode, p))),
                Doc::Group(inner) => {
                    let fits = mode == Mode::Flat || self.fits(inner, depth, &work);
                    work.push((depth, if fits { Mode::Flat } else { Mode::Broken }, inner));
                }
                Doc::Alternative(flat, broken) => {
                    let fits = mode == Mode::Flat || self.fits(flat, depth, &work);
                    work.push(if fits { (depth, Mode::Flat, flat) } else { (depth, Mode::Broken, broken) });
                }
            }
        }
    }

    fn text(&mut self, s: &str, depth: usize) {
        if self.after_comment {
            self.newline(depth);
            self.after_comment = false;
        }
        // Lines that are broken never begin with the space that would have separated.
        let s = if self.at_line_start() { s.trim_start() } else { s };
        if s.is_empty() {
            return;
        }
        if self.at_line_start() {
            self.out.extend(std::iter::repeat_n(' ', depth));
            self.column = depth;
        }
        self.out.push_str(s);
        self.column = self.column.saturating_add(s.chars().count());
    }

    fn at_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }

    fn newline(&mut self, _depth: usize) {
        self.after_comment = false;
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if !self.at_line_start() {
            self.out.push('\n');
        }
        self.column = 0;
    }

    fn comment(&mut self, text: &str, trailing: Option<usize>, depth: usize) {
        match trailing {
            // Two comments cannot share a line.
            Some(spaces) if !self.after_comment && !self.at_line_start() => {
                while self.out.ends_with(' ') {
                    self.out.pop();
                }
                self.out.extend(std::iter::repeat_n(' ', spaces));
            }
            _ => {
                self.newline(depth);
                self.out.extend(std::iter::repeat_n(' ', depth));
            }
        }
        self.out.push_str(text);
        self.after_comment = true;
    }

    /// Whether the document, flat, and what follows it up to the next possible line end fit on this line.
    fn fits(&self, doc: &Doc, depth: usize, rest: &[Work<'_>]) -> bool {
        let column = if self.at_line_start() || self.after_comment { depth } else { self.column };
        let mut left = LINE_CHARS_MAX.saturating_sub(column);
        let mut work = vec![(Mode::Flat, doc)];
        let mut rest = rest.iter().rev();
        loop {
            let (mode, doc) = match work.pop() {
                Some(next) => next,
                None => match rest.next() {
                    Some((_, mode, doc)) => (*mode, *doc),
                    None => return true,
                },
            };
            match doc {
                Doc::Nil => {}
                Doc::Text(s) => match left.checked_sub(s.chars().count()) {
                    Some(l) => left = l,
                    None => return false,
                },
                Doc::Line if mode == Mode::Flat => match left.checked_sub(1) {
                    Some(l) => left = l,
                    None => return false,
                },
                Doc::Soft if mode == Mode::Flat => {}
                Doc::Line | Doc::Soft => return true,
                // What is forced to break is not flat.
                Doc::Hard | Doc::Blank | Doc::Comment { .. } => return mode == Mode::Broken,
                Doc::Indent(inner) | Doc::Group(inner) => work.push((mode, inner)),
                Doc::Shared(inner) => work.push((mode, inner)),
                Doc::Concat(parts) => work.extend(parts.iter().rev().map(|p| (mode, p))),
                Doc::Alternative(flat, broken) => {
                    work.push((mode, if mode == Mode::Flat { flat } else { broken }));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Doc {
        let mut parts = vec![Doc::Soft];
        for (i, w) in words.iter().enumerate() {
            if i > 0 {
                parts.extend([text(","), Doc::Line]);
            }
            parts.push(text(*w));
        }
        group(concat([text("["), indent(concat(parts)), Doc::Soft, text("]")]))
    }

    #[test]
    fn groups_break_everywhere_or_nowhere() {
        assert_eq!(print(&list(&["a", "b"])), "[a, b]\n");
        let long = "x".repeat(70);
        assert_eq!(print(&list(&[&long, &long])), format!("[\n    {long},\n    {long}\n]\n"));
    }

    #[test]
    fn what_follows_a_comment_stands_on_a_new_line() {
        let comment = Doc::Comment { text: "# c".to_owned(), trailing: Some(2) };
        let doc = concat([text("a "), indent(concat([comment, text(" b")]))]);
        assert_eq!(print(&doc), "a  # c\n    b\n");
    }

    #[test]
    fn empty_lines_do_not_add_up() {
        assert_eq!(
            print(&concat([text("a"), Doc::Blank, Doc::Blank, Doc::Hard, text("b"), Doc::Hard])),
            "a\n\nb\n"
        );
    }
}
