//! Comments as other languages write them, in texts with mistakes.
//!
//! `//` is an operator, so only a text that does not follow the grammar is searched for them, and only what cannot be
//! an operand is taken for a comment.

use super::report::Reporter;
use super::tokens::{Tok, Token, Tokens};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes};
use crate::source::Span;

/// Takes the tokens of such comments out of the list and reports each.
pub(crate) fn foreign_comments(t: &mut Tokens<'_>, reporter: &mut Reporter) {
    let lines = rest_of_lines(t);
    let last_close = (0..t.list.len()).rev().find(|i| closes(t, *i)).unwrap_or(0);
    let mut kept: Vec<Token> = Vec::with_capacity(t.list.len());
    let mut at = 0;
    while let Some(token) = t.list.get(at).copied() {
        let Some(end) = comment_end(t, at, &lines, last_close) else {
            kept.push(token);
            at = at.saturating_add(1);
            continue;
        };
        let span = t.span_between(at, end);
        reporter.forget_within(span);
        reporter.push(diagnostic(t, at, span));
        at = end;
    }
    t.list = kept;
}

/// What stands on a line from a token on.
#[derive(Clone, Copy)]
struct Rest {
    /// The index after the last token of the line.
    end: usize,
    /// Whether two words stand side by side in it, as in no expression.
    prose: bool,
}

fn rest_of_lines(t: &Tokens<'_>) -> Vec<Rest> {
    let mut rest = Vec::with_capacity(t.list.len());
    let mut here = Rest { end: t.list.len(), prose: false };
    for at in (0..t.list.len()).rev() {
        let next = at.saturating_add(1);
        if t.first_on_line(next) {
            here = Rest { end: next, prose: false };
        } else {
            here.prose |= t.kind(at) == Tok::Word && t.kind(next) == Tok::Word;
        }
        rest.push(here);
    }
    rest.reverse();
    rest
}

/// Whether the token is the second one of `*/`.
fn closes(t: &Tokens<'_>, at: usize) -> bool {
    t.kind(at) == Tok::Slash && t.touches_previous(at) && t.kind(at.wrapping_sub(1)) == Tok::Star
}

/// The index after the last token of the comment that begins here.
fn comment_end(t: &Tokens<'_>, at: usize, lines: &[Rest], last_close: usize) -> Option<usize> {
    let next = at.saturating_add(1);
    let line = *lines.get(at)?;
    let touches = t.touches_previous(next);
    let kind = t.kind(at);
    let slashes = kind == Tok::SlashSlash && (t.first_on_line(at) || line.end == next || line.prose);
    let minuses = kind == Tok::Minus && t.first_on_line(at) && t.kind(next) == Tok::Minus && touches;
    if slashes || (minuses && line.prose) {
        return Some(line.end);
    }
    if kind != Tok::Slash || t.kind(next) != Tok::Star || !touches {
        return None;
    }
    let from = at.saturating_add(3);
    let end = if from <= last_close { (from..=last_close).find(|i| closes(t, *i)) } else { None };
    Some(end.map_or(line.end, |e| e.saturating_add(1)))
}

fn diagnostic(t: &Tokens<'_>, at: usize, span: Span) -> Diagnostic {
    let start = t.span(at);
    // Two words but for `//`; a sign that was taken for one of them may have any number of bytes.
    let one = t.kind(at) == Tok::SlashSlash;
    let mark = if one { start } else { start.to(t.span(at.saturating_add(1))) };
    let source = t.text.get(mark.start as usize..mark.end as usize).unwrap_or("");
    let mut diagnostic =
        Diagnostic::new(codes::FOREIGN_COMMENT, mark, format!("`{source}` begins no comment"))
            .with_label("a comment begins with `#`")
            .with_note("a comment goes from `#` to the end of its line")
            .with_help("write `# …`, on every line of the comment");
    let text = t.text.get(span.start as usize..span.end as usize).unwrap_or("");
    if source != "/*" {
        diagnostic =
            diagnostic.with_fix(Fix::new(Applicability::Safe, "begin it with `#`").replace(mark, "#"));
    } else if let Some(inner) = text.strip_prefix("/*").and_then(|i| i.strip_suffix("*/"))
        && ends_line(t.text, span)
    {
        let lines: Vec<String> = inner
            .trim()
            .lines()
            .map(|line| {
                format!("# {}", line.trim().trim_start_matches('*').trim_start()).trim_end().to_owned()
            })
            .collect();
        diagnostic = diagnostic.with_fix(
            Fix::new(Applicability::Unsafe, "begin its lines with `#`").replace(span, lines.join("\n")),
        );
    }
    diagnostic
}

/// Whether nothing but white space stands between the span and the end of its line.
fn ends_line(text: &str, span: Span) -> bool {
    let rest = text.get(span.end as usize..).unwrap_or("");
    rest.lines().next().is_none_or(|line| line.trim().is_empty())
}
