//! Allowances: comments that silence findings, each with a reason.
//!
//! `# allow W0123: reason` at the end of a line covers the findings that begin on that line. Alone on its line it
//! covers the next line that holds code, and everything in the declarations and the items of an actor that begin
//! there. The innermost one that covers a finding silences it.

use super::codes;
use super::comment::{self, Words, Wrong};
use crate::diagnostic::codes::find;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix};
use crate::sema::UnitFile;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{Comment, ast};
use std::collections::BTreeMap;
use std::ops::Range;

/// What one comment allows with one of its codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What is allowed.
    pub code: Code,
    /// Why.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// The code within the comment.
    pub code_span: Span,
    /// The findings that begin here are silenced.
    pub covers: Span,
    /// The findings that it silenced, in the order of the source.
    pub silenced: Vec<Diagnostic>,
}

/// All allowances of some files, and what is wrong with them.
pub(super) fn find_all(sources: &SourceMap, files: &[UnitFile]) -> (Vec<Allowance>, Vec<Diagnostic>) {
    let mut allowances = Vec::new();
    let mut found = Vec::new();
    for file in files {
        let mut starts: Option<Starts> = None;
        let Some(text) = sources.get(file.id).map(|f| f.text()) else { continue };
        for comment in file.comments.iter() {
            let Some(words) = comment::read(&comment.text) else { continue };
            let starts = starts.get_or_insert_with(|| Starts::new(&file.tree));
            let covers = covers(text, comment, starts);
            judge(comment, &words, covers, &mut allowances, &mut found);
        }
    }
    (allowances, found)
}

/// For each place where a declaration or an item of an actor begins, where it ends.
struct Starts(BTreeMap<u32, u32>);

impl Starts {
    fn new(tree: &ast::File) -> Starts {
        let mut ends = BTreeMap::new();
        let mut add = |span: Span| {
            let end = ends.entry(span.start).or_insert(span.end);
            *end = span.end.max(*end);
        };
        for decl in &tree.decls {
            add(decl.span());
            if let ast::Decl::Actor(actor) = decl {
                actor.items.iter().for_each(|item| add(item.span()));
            }
        }
        Starts(ends)
    }

    /// The end of the last thing that begins in a range; the end of the range if nothing does.
    fn last_end(&self, range: Range<u32>) -> u32 {
        self.0.range(range.clone()).map(|(_, end)| *end).fold(range.end, u32::max)
    }
}

/// What a comment covers.
fn covers(text: &str, comment: &Comment, starts: &Starts) -> Span {
    let bytes = text.as_bytes();
    let is_end = |at: usize| bytes.get(at).is_none_or(|b| matches!(b, b'\n' | b'\r'));
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    if comment.trailing {
        let from = (0..comment.span.start as usize).rev().take_while(|at| !is_end(*at)).last();
        let from = from.map_or(comment.span.start, offset);
        return Span { start: from, ..comment.span };
    }
    let mut at = comment.span.end as usize;
    // Past white space and further comments, to where code begins.
    while let Some(byte) = bytes.get(at) {
        if *byte == b'#' {
            while !is_end(at) {
                at = at.saturating_add(1);
            }
        } else if !byte.is_ascii_whitespace() && *byte != 0x0B {
            break;
        } else {
            at = at.saturating_add(1);
        }
    }
    let mut end = at;
    while !is_end(end) {
        end = end.saturating_add(1);
    }
    let line = offset(at)..offset(end);
    Span { start: line.start, end: starts.last_end(line), ..comment.span }
}

/// Takes what is in order, and reports the rest.
fn judge(
    comment: &Comment,
    words: &Words,
    covers: Span,
    allowances: &mut Vec<Allowance>,
    found: &mut Vec<Diagnostic>,
) {
    let within = |range: &Range<usize>| {
        let offset = |at: usize| comment.span.start.saturating_add(u32::try_from(at).unwrap_or(0));
        Span { start: offset(range.start), end: offset(range.end), ..comment.span }
    };
    if let Some(wrong) = words.wrong {
        found.push(malformed(comment, words, wrong));
        return;
    }
    for (written, range) in &words.codes {
        let code_span = within(range);
        let Some(code) = find(written) else {
            let known = crate::diagnostic::codes::all().filter(|c| can_be_allowed(*c)).map(|c| c.id);
            let known: Vec<&str> = known.collect();
            let mut d = Diagnostic::new(codes::MALFORMED, code_span, format!("there is no code {written}"))
                .with_label("allows nothing")
                .with_note("an allowance names the findings that it silences by their codes")
                .with_did_you_mean(&written.to_ascii_uppercase(), known);
            if d.help.is_none() {
                d = d.with_help("`omtc explain` lists all codes");
            }
            found.push(d);
            continue;
        };
        if !can_be_allowed(code) {
            found.push(forbidden(code, code_span));
            continue;
        }
        let reason = words.reason.clone();
        allowances.push(Allowance {
            code,
            reason,
            span: comment.span,
            code_span,
            covers,
            silenced: Vec::new(),
        });
    }
}

fn can_be_allowed(code: Code) -> bool {
    !code.id.starts_with('E') && !codes::ALL.contains(&code)
}

fn forbidden(code: Code, span: Span) -> Diagnostic {
    let d = if codes::ALL.contains(&code) {
        Diagnostic::new(codes::FORBIDDEN, span, "findings about allowances cannot be allowed")
            .with_help("repair the other allowance instead")
    } else {
        Diagnostic::new(codes::FORBIDDEN, span, format!("{} is an error, which no reason can allow", code.id))
            .with_help(format!("repair it: `omtc explain {}` says how", code.id))
    };
    d.with_label("has no effect")
        .with_note("only warnings, notes and findings of the security family can be allowed")
}

/// A comment that has not the form of an allowance.
fn malformed(comment: &Comment, words: &Words, wrong: Wrong) -> Diagnostic {
    let label = match wrong {
        Wrong::Word => "an allowance begins with the word `allow`, in small letters",
        Wrong::Documentation => "begins with `##`: this is documentation",
        Wrong::Punctuation => "the codes are separated by commas; a colon and the reason follow them",
        Wrong::NoReason => "the reason is missing",
    };
    let message = if wrong == Wrong::NoReason {
        "an allowance needs a reason"
    } else {
        "this comment looks like an allowance and silences nothing"
    };
    let ids: Vec<String> = words.codes.iter().map(|(code, _)| code.to_ascii_uppercase()).collect();
    let ids = ids.join(", ");
    let d = Diagnostic::new(codes::MALFORMED, comment.span, message).with_label(label);
    if words.reason.is_empty() {
        d.with_note("whoever reads it later must be able to judge whether it still holds")
            .with_help(format!("# allow {ids}: why this is right here"))
    } else {
        let text = format!("# allow {ids}: {}", words.reason);
        d.with_note("an allowance is written in one way, so that nobody believes in one that has no effect")
            .with_help(&text)
            .with_fix(Fix::new(Applicability::Unsafe, format!("write `{text}`")).replace(comment.span, text))
    }
}

/// For each finding, the allowance that silences it: the innermost one.
pub(super) fn assign(allowances: &[Allowance], diagnostics: &[Diagnostic]) -> Vec<Option<usize>> {
    let mut by_code: BTreeMap<(FileId, &str), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, allowance) in allowances.iter().enumerate() {
        by_code.entry((allowance.span.file, allowance.code.id)).or_default().0.push(index);
    }
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        if let Some((_, found)) = by_code.get_mut(&(diagnostic.span().file, diagnostic.code.id)) {
            found.push(index);
        }
    }
    let mut silenced_by = vec![None; diagnostics.len()];
    let covers = |index: &usize| allowances.get(*index).map_or(Span::default(), |a| a.covers);
    let place = |index: &usize| diagnostics.get(*index).map_or(0, |d| d.span().start);
    for (mut here, mut found) in by_code.into_values() {
        here.sort_by_key(|index| covers(index).start);
        found.sort_by_key(place);
        let mut next = here.into_iter().peekable();
        // Those that have begun and not ended.
        let mut open: Vec<usize> = Vec::new();
        for index in found {
            let at = place(&index);
            while let Some(allowance) = next.next_if(|a| covers(a).start <= at) {
                open.push(allowance);
            }
            // A range holds its first place even when it is empty.
            open.retain(|a| at < covers(a).end.max(covers(a).start.saturating_add(1)));
            let innermost = open.iter().min_by_key(|a| covers(a).len()).copied();
            if let Some(slot) = silenced_by.get_mut(index) {
                *slot = innermost;
            }
        }
    }
    silenced_by
}

/// Findings about allowances that silence nothing. `used` are the numbers of findings that each one covers;
/// `decided` tells whether all findings of a code in a file are known.
pub(super) fn superfluous(
    sources: &SourceMap,
    allowances: &[Allowance],
    used: &[usize],
    decided: impl Fn(FileId, Code) -> bool,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: usize = 0;
    // One comment after the other: its codes stand side by side.
    for group in allowances.chunk_by(|a, b| a.span == b.span) {
        let uses = used.get(seen..).unwrap_or(&[]);
        seen = seen.saturating_add(group.len());
        let unused: Vec<&Allowance> = group
            .iter()
            .zip(uses)
            .filter(|(a, uses)| **uses == 0 && decided(a.span.file, a.code))
            .map(|(allowance, _)| allowance)
            .collect();
        let Some(first) = unused.first() else { continue };
        let text = sources.slice(first.span);
        let mut report = |span: Span, message: String, fix: Fix| {
            found.push(
                Diagnostic::new(codes::SUPERFLUOUS, span, message)
                    .with_label("silences nothing")
                    .with_note("left here, it would silence the next finding of that kind")
                    .with_help(fix.message.clone())
                    .with_fix(fix),
            );
        };
        if unused.len() == comment::read(text).map_or(0, |words| words.codes.len()) {
            let ids: Vec<&str> = unused.iter().map(|a| a.code.id).collect();
            let message = format!("there is no {} here to be allowed", ids.join(" and no "));
            let fix = Fix::new(Applicability::Safe, "remove the allowance");
            report(first.span, message, fix.replace(whole(sources, first.span), ""));
            continue;
        }
        for allowance in unused {
            let id = allowance.code.id;
            let fix = Fix::new(Applicability::Safe, format!("remove `{id}` from the allowance"));
            let fix = fix.replace(with_comma(text, allowance), "");
            report(allowance.code_span, format!("there is no {id} here to be allowed"), fix);
        }
    }
    found
}

/// A comment with the white space before it; with its line if it stands there alone.
fn whole(sources: &SourceMap, comment: Span) -> Span {
    let text = sources.get(comment.file).map_or("", |file| file.text());
    let (before, after) =
        (text.get(..comment.start as usize).unwrap_or(""), text.get(comment.end as usize..).unwrap_or(""));
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let start = before.trim_end_matches([' ', '\t']);
    let alone = start.is_empty() || start.ends_with(['\n', '\r', '\u{FEFF}']);
    let rest = after.trim_start_matches([' ', '\t']);
    let rest = match alone {
        true => rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest),
        false => after,
    };
    let end = text.len().saturating_sub(rest.len());
    Span { start: offset(start.len()), end: offset(end), ..comment }
}

/// A code with the comma that separates it from the next or, if it is the last, from the one before.
fn with_comma(comment: &str, allowance: &Allowance) -> Span {
    let code = allowance.code_span;
    let begin = code.start.saturating_sub(allowance.span.start) as usize;
    let end = code.end.saturating_sub(allowance.span.start) as usize;
    let (before, after) = (comment.get(..begin).unwrap_or(""), comment.get(end..).unwrap_or(""));
    let offset = |n: usize| u32::try_from(n).unwrap_or(0);
    match after.trim_start().strip_prefix(',') {
        Some(rest) => {
            let taken = after.len().saturating_sub(rest.trim_start().len());
            Span { end: code.end.saturating_add(offset(taken)), ..code }
        }
        None => {
            let kept = before.trim_end().trim_end_matches(',').trim_end();
            Span { start: allowance.span.start.saturating_add(offset(kept.len())), ..code }
        }
    }
}
