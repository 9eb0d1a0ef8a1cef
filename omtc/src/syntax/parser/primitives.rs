//! The words of the grammar, and lists that recover.

use chumsky::prelude::*;

use super::super::ast::{Doc, Ident, Number, Text};
use super::super::lookahead::{Level, declaration_starts, step_starts};
use super::super::tokens::{Tok, Tokens};
use super::error::Expected;
use super::{Extra, In, Input, Look, Parse, Res, Rule, State, SyntaxError};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes};
use crate::report::is_allowance;
use crate::source::Span;
use chumsky::input::MapExtra;

/// A token of one spelling.
pub(super) fn token<'s>(kind: Tok) -> impl Parse<'s, Span> {
    custom(move |p: &mut In<'s, '_>| expect(p, kind))
}

/// A token of one spelling, in custom parsers.
pub(super) fn expect(p: &mut In<'_, '_>, kind: Tok) -> Res<Span> {
    let at = p.at();
    if p.tokens().kind(at) == kind {
        Ok(p.bump())
    } else {
        Err(SyntaxError::expected(at, Expected::Tok(kind)))
    }
}

/// A keyword in exactly this spelling.
pub(super) fn keyword<'s>(word: &'static str) -> impl Parse<'s, Span> {
    custom(move |p: &mut In<'s, '_>| expect_keyword(p, word))
}

/// A keyword in exactly this spelling, in custom parsers.
pub(super) fn expect_keyword(p: &mut In<'_, '_>, word: &'static str) -> Res<Span> {
    let at = p.at();
    if reads(p, at, word) { Ok(p.bump()) } else { Err(SyntaxError::expected(at, Expected::Word(word))) }
}

/// Whether the token is this keyword, or what is read as it.
pub(super) fn reads(p: &mut In<'_, '_>, at: usize, word: &'static str) -> bool {
    p.tokens().is_word(at, word) || p.state().respelt == Some((at, word))
}

/// `"->"`. While recovering, what was surely meant to be one is reported and read as one.
pub(super) fn expect_arrow(p: &mut In<'_, '_>) -> Res<Span> {
    let at = p.at();
    let t = p.tokens();
    let next = at.saturating_add(1);
    let kind = t.kind(at);
    if kind == Tok::Arrow {
        return Ok(p.bump());
    }
    let error = SyntaxError::expected(at, Expected::Tok(Tok::Arrow));
    if !p.state().recovering {
        return Err(error);
    }
    if kind == Tok::Word && !t.declares(at) {
        let span = t.span(at);
        p.state().reporter.push(
            Diagnostic::new(codes::UNEXPECTED, span, format!("expected `->`, found {}", t.quoted(at)))
                .with_label("`->` is missing before this")
                .with_help(format!("write `-> {}`", t.text(at)))
                .with_fix(Fix::new(Applicability::Unsafe, "put `->` before it").insert_before(span, "-> ")),
        );
        return Ok(span.before());
    }
    let last = if kind == Tok::Minus && t.kind(next) == Tok::Gt { next } else { at };
    if last == at && !matches!(kind, Tok::FatArrow | Tok::Gt | Tok::Ge) {
        return Err(error);
    }
    let span = t.span(at).to(t.span(last));
    while p.at() <= last {
        p.bump();
    }
    let written = t.text.get(span.start as usize..span.end as usize).unwrap_or("");
    p.state().reporter.push(
        Diagnostic::new(codes::UNEXPECTED, span, format!("expected `->`, found `{written}`"))
            .with_label("expected `->`")
            .with_help("write `->`")
            .with_fix(Fix::new(Applicability::Safe, "write `->`").replace(span, "->")),
    );
    Ok(span)
}

/// `"->"` in combinators.
pub(super) fn arrow<'s>() -> impl Parse<'s, Span> {
    custom(|p: &mut In<'s, '_>| expect_arrow(p))
}

/// `"="` of an assignment. While recovering, `==` is reported and read as one.
pub(super) fn expect_assign(p: &mut In<'_, '_>) -> Res<Span> {
    let at = p.at();
    let t = p.tokens();
    if t.kind(at) != Tok::EqEq || !p.state().recovering {
        return expect(p, Tok::Eq);
    }
    let span = p.bump();
    p.state().reporter.push(
        Diagnostic::new(codes::UNEXPECTED, span, "expected `=`, found `==`")
            .with_label("expected `=`")
            .with_note("`==` compares two values; `=` assigns one")
            .with_help("write `=`")
            .with_fix(Fix::new(Applicability::Unsafe, "write `=`").replace(span, "=")),
    );
    Ok(span)
}

/// Reports a separator that has no meaning where it stands, and passes over it.
pub(super) fn superfluous_comma(p: &mut In<'_, '_>, level: Level) {
    let at = p.at();
    let span = p.bump();
    let t = p.tokens();
    // What it kept apart stays apart.
    let apart = t.touches_previous(at.saturating_add(1));
    p.state().reporter.push(
        Diagnostic::new(codes::SUPERFLUOUS, span, "`,` has no meaning here")
            .with_label("leave it out")
            .with_note(format!("nothing stands between {}", level.list()))
            .with_help("remove the `,`")
            .with_fix(
                Fix::new(Applicability::Safe, "remove the `,`").replace(span, if apart { " " } else { "" }),
            ),
    );
}

/// A keyword in any case; `word` is in lower case, messages show it in capitals.
pub(super) fn expect_any_case(p: &mut In<'_, '_>, word: &'static str, shown: &'static str) -> Res<Span> {
    let at = p.at();
    if p.tokens().is_word_any_case(at, word) {
        Ok(p.bump())
    } else {
        Err(SyntaxError::expected(at, Expected::Word(shown)))
    }
}

/// A keyword that begins an item, where `NAME ->` and `NAME ,` are a transition whatever NAME is.
pub(super) fn item_keyword<'s>(word: &'static str) -> impl Parse<'s, Span> {
    custom(move |p: &mut In<'s, '_>| {
        let at = p.at();
        let next = p.tokens().kind(at.saturating_add(1));
        if reads(p, at, word) && !matches!(next, Tok::Arrow | Tok::Comma) {
            Ok(p.bump())
        } else {
            Err(SyntaxError::expected(at, Expected::Word(word)))
        }
    })
}

/// A name; keywords are names here. `what` says whose.
pub(super) fn name<'s>(what: &'static str) -> impl Parse<'s, Ident> {
    custom(move |p: &mut In<'s, '_>| expect_name(p, what))
}

/// A name, in custom parsers.
pub(super) fn expect_name(p: &mut In<'_, '_>, what: &'static str) -> Res<Ident> {
    let at = p.at();
    let t = p.tokens();
    if t.kind(at) == Tok::Word && !t.declares(at) {
        let text = t.text(at).to_owned();
        Ok(Ident { text, span: p.bump() })
    } else {
        Err(SyntaxError::expected(at, Expected::What(what)))
    }
}

/// A string.
pub(super) fn text<'s>() -> impl Parse<'s, Text> {
    custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        if t.kind(at) == Tok::Text {
            Ok(Text { text: unquote(t.text(at)), span: p.bump() })
        } else {
            Err(SyntaxError::expected(at, Expected::Tok(Tok::Text)))
        }
    })
}

/// The contents of a string token; the last one of a line may lack its second quote.
pub(super) fn unquote(source: &str) -> String {
    let inner = source.strip_prefix('"').unwrap_or(source);
    inner.strip_suffix('"').unwrap_or(inner).to_owned()
}

/// A number without a sign. One that runs into a word is reported.
pub(super) fn expect_number(p: &mut In<'_, '_>) -> Res<Number> {
    let at = p.at();
    let t = p.tokens();
    if t.kind(at) != Tok::Number {
        return Err(SyntaxError::expected(at, Expected::Tok(Tok::Number)));
    }
    let text = t.text(at).to_owned();
    let span = p.bump();
    let next = at.saturating_add(1);
    if t.kind(next) == Tok::Word && t.touches_previous(next) {
        p.state().reporter.push(
            Diagnostic::new(
                codes::GLUED,
                span.to(t.span(next)),
                format!("the number {} runs into {}", t.quoted(at), t.quoted(next)),
            )
            .with_label("a space is missing")
            .with_note("a name cannot begin with a digit, and a unit stands apart from its number")
            .with_fix(Fix::new(Applicability::Unsafe, "put a space between them").insert_after(span, " ")),
        );
    }
    Ok(Number { text, span })
}

/// A number with a sign, where one belongs to it.
pub(super) fn signed_number<'s>() -> impl Parse<'s, Number> {
    custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        if p.tokens().kind(at) != Tok::Minus {
            return expect_number(p);
        }
        let minus = p.bump();
        let number = expect_number(p)?;
        Ok(Number { text: format!("-{}", number.text), span: minus.to(number.span) })
    })
}

/// `ID%`: one or more names with commas between them, none at the end.
pub(super) fn names<'s>(what: &'static str) -> impl Parse<'s, Vec<Ident>> {
    custom(move |p: &mut In<'s, '_>| {
        let mut list = vec![expect_name(p, what)?];
        while p.tokens().kind(p.at()) == Tok::Comma {
            p.bump();
            list.push(expect_name(p, what)?);
        }
        Ok(list)
    })
}

/// `"[" ID% "]"`
pub(super) fn bracketed_names<'s>(what: &'static str) -> impl Parse<'s, Vec<Ident>> {
    let names = names(what);
    custom(move |p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        if t.kind(at) == Tok::Word && !t.declares(at) {
            return Err(without_brackets(p, at));
        }
        expect(p, Tok::LBracket)?;
        let list = p.parse(&names)?;
        expect(p, Tok::RBracket).map_err(|e| e.also(Expected::Tok(Tok::Comma)))?;
        Ok(list)
    })
}

fn without_brackets(p: &mut In<'_, '_>, at: usize) -> SyntaxError {
    let t = p.tokens();
    let mut last = at;
    while t.kind(last.saturating_add(1)) == Tok::Comma && t.kind(last.saturating_add(2)) == Tok::Word {
        last = last.saturating_add(2);
    }
    let span = t.span(at).to(t.span(last));
    SyntaxError::special(
        at,
        Diagnostic::new(codes::UNEXPECTED, span, format!("expected `[`, found {}", t.quoted(at)))
            .with_label("put this in brackets")
            .with_note("these names are a list, even when there is only one")
            .with_fix(
                Fix::new(Applicability::Unsafe, "put `[` and `]` around it")
                    .insert_before(span, "[")
                    .insert_after(span, "]"),
            ),
    )
}

/// The documentation before what a combinator read.
pub(super) fn doc_of<'s>(e: &mut MapExtra<'s, '_, Input<'s>, Extra<'s>>) -> Option<Doc> {
    let start = e.span().start;
    doc_before(e.state().tokens, start)
}

/// The comment after what a combinator read, on its line.
pub(super) fn doc_after_of<'s>(e: &mut MapExtra<'s, '_, Input<'s>, Extra<'s>>) -> Option<Doc> {
    let end = e.span().end;
    doc_after(e.state().tokens, end)
}

/// The run of `##` lines directly before a token, without a blank line in it or after it.
pub(super) fn doc_before(t: &Tokens<'_>, at: usize) -> Option<Doc> {
    let mut next_line = t.span(at).start;
    let mut run = Vec::new();
    for comment in t.comments_before(at).iter().rev() {
        let gap = t.text.get(comment.span.end as usize..next_line as usize).unwrap_or("");
        let lines = gap.matches('\n').count().max(gap.matches('\r').count());
        // An allowance may stand between the documentation and what it documents.
        let allows = is_allowance(&comment.text);
        if comment.trailing || lines != 1 || !(allows || comment.text.starts_with("##")) {
            break;
        }
        next_line = comment.span.start;
        if allows {
            continue;
        }
        run.push(comment);
    }
    let span = run.last()?.span.to(run.first()?.span);
    let lines: Vec<&str> = run.iter().rev().map(|c| comment_text(&c.text)).collect();
    Some(Doc { text: lines.join("\n"), span })
}

/// The comment after what was just read, on its line.
pub(super) fn doc_after(t: &Tokens<'_>, next: usize) -> Option<Doc> {
    let comment = t.comments_before(next).first().filter(|c| c.trailing && !is_allowance(&c.text))?;
    Some(Doc { text: comment_text(&comment.text).to_owned(), span: comment.span })
}

/// Without the `#`s and the space after them.
fn comment_text(comment: &str) -> &str {
    let text = comment.trim_start_matches('#');
    text.strip_prefix(' ').unwrap_or(text)
}

/// The byte span of what a combinator read.
pub(super) fn span_of<'s>(e: &mut MapExtra<'s, '_, Input<'s>, Extra<'s>>) -> Span {
    let span: SimpleSpan<usize> = e.span();
    let state: &mut State<'s> = e.state();
    state.tokens.span_between(span.start, span.end)
}

/// The elements between `(` and `)`, each recovered on its own, with the span of the brackets.
pub(super) fn body<'s, T: 's>(level: Level, element: impl Parse<'s, T>) -> Rule<'s, (Vec<T>, Span)> {
    custom(move |p: &mut In<'s, '_>| {
        let open = p.at();
        expect(p, Tok::LParen)?;
        let list = elements(p, level, &element, Some(open))?;
        let end = p.at();
        Ok((list, p.tokens().span_between(open, end)))
    })
    .boxed()
}

/// The elements of a level up to the bracket that closes it, which is read too, or to the end of the file.
pub(super) fn elements<'s, T>(
    p: &mut In<'s, '_>,
    level: Level,
    element: &impl Parser<'s, Input<'s>, T, Extra<'s>>,
    open: Option<usize>,
) -> Res<Vec<T>> {
    let t = p.tokens();
    let mut list = Vec::new();
    p.state().levels.push(level);
    loop {
        let start = p.at();
        let kind = t.kind(start);
        if open.is_some() && kind == Tok::RParen {
            p.bump();
            break;
        }
        if !p.state().recovering {
            if kind == Tok::End && open.is_none() {
                break;
            }
            list.push(p.parse(element)?);
            continue;
        }
        if kind == Tok::End {
            if let Some(open) = open {
                unclosed(p, level, open, start);
            }
            break;
        }
        if let Some(open) = open
            && belongs_outside(p, start)
            && !misplaced(t, open, start)
        {
            unclosed(p, level, open, start);
            break;
        }
        if kind == Tok::Comma && !list.is_empty() {
            superfluous_comma(p, level);
            continue;
        }
        let checkpoint = p.save();
        match p.parse(element) {
            // An element has at least one token; if not, the loop would never end.
            Ok(element) if p.at() > start => list.push(element),
            Ok(_) => {
                p.bump();
            }
            Err(error) => {
                let handled = p.state().handled.take().filter(|(from, _)| *from == start);
                let error = handled.map_or(error, |(_, end)| SyntaxError::reported(end));
                let failed_at = error.at.max(start);
                let forgotten = error.forgets_bracket()
                    && t.first_on_line(failed_at)
                    && level.clearly_starts(t, failed_at);
                let respelt = error.meant(t).filter(|_| failed_at == start);
                let flag = level == Level::ActorItems && failed_at == start && state_goes_on(t, start);
                let error = if flag { error.or_flag() } else { error };
                report(p, level, start, error);
                p.rewind(checkpoint);
                if forgotten {
                    while p.at() < failed_at {
                        p.skip();
                    }
                    continue;
                }
                if flag && !level.surely_starts(t, start) {
                    p.skip();
                    continue;
                }
                if let Some(element) = respelt.and_then(|word| retry(p, element, (start, word))) {
                    list.push(element);
                    continue;
                }
                skip(p, level, failed_at, open.is_some());
            }
        }
    }
    p.state().levels.pop();
    Ok(list)
}

/// Whether a declaration stands inside of a bracket that is closed further on: it is at the wrong place.
fn misplaced(t: &Tokens<'_>, open: usize, at: usize) -> bool {
    !t.declares(at) && declaration_starts(t, at) && t.closed_at(open).is_some_and(|close| close > at)
}

/// Reads an element whose first word is read as a keyword. When that does not help, nothing has happened.
fn retry<'s, T>(
    p: &mut In<'s, '_>,
    element: &impl Parser<'s, Input<'s>, T, Extra<'s>>,
    respelt: (usize, &'static str),
) -> Option<T> {
    let checkpoint = p.save();
    let mark = p.state().reporter.mark();
    p.state().respelt = Some(respelt);
    let read = p.parse(element);
    p.state().respelt = None;
    match read {
        Ok(element) if p.at() > respelt.0 => Some(element),
        _ => {
            p.state().reporter.reset(mark);
            p.rewind(checkpoint);
            None
        }
    }
}

/// Whether a name and the flags of a state stand before this word, on its line.
fn state_goes_on(t: &Tokens<'_>, at: usize) -> bool {
    let mut before = at;
    while !t.first_on_line(before) && at.saturating_sub(before) < STATE_WORDS_MAX {
        before = before.saturating_sub(1);
    }
    before < at && t.is_word(before, "state") && at.saturating_sub(before) > 1 && t.kind(at) == Tok::Word
}

/// How many words of a state are looked back over: its keyword, its name, and three flags.
const STATE_WORDS_MAX: usize = 5;

/// Whether the token surely begins something of a level further out.
fn belongs_outside(p: &mut In<'_, '_>, at: usize) -> bool {
    let state = p.state();
    // `parameters (` begins a declaration in the first column, and a step elsewhere.
    let in_steps = state.levels.last() == Some(&Level::Steps);
    if in_steps && step_starts(state.tokens, at) && !state.tokens.declares(at) {
        return false;
    }
    let outer = state.levels.len().saturating_sub(1);
    state.levels.iter().take(outer).any(|l| l.surely_starts(state.tokens, at))
}

/// The `(` that opens a body stands next; it is not read.
pub(super) fn opens<'s>() -> impl Parse<'s, ()> {
    custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        if p.tokens().kind(at) == Tok::LParen {
            return Ok(());
        }
        Err(SyntaxError::expected(at, Expected::Tok(Tok::LParen)))
    })
}

/// An optional body, the next element, or the end of the list stands next; it is not read.
pub(super) fn ends<'s>() -> impl Parse<'s, ()> {
    custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        if matches!(p.tokens().kind(at), Tok::LParen | Tok::RParen | Tok::Word | Tok::End) {
            return Ok(());
        }
        Err(SyntaxError::expected(at, Expected::Tok(Tok::LParen)))
    })
}

/// Reads a head. When it is broken, reports that, reads the body for its findings alone, and fails: what is
/// wrong in a body does not wait until its head is repaired.
pub(super) fn head<'s, H: 's, B: 's>(
    level: Level,
    head: impl Parse<'s, H>,
    body: impl Parse<'s, B>,
) -> Rule<'s, H> {
    custom(move |p: &mut In<'s, '_>| {
        let start = p.at();
        let checkpoint = p.save();
        let error = match p.parse(&head) {
            Ok(head) => return Ok(head),
            // Something else stands here.
            Err(error) if error.at <= start || error.reported || !p.state().recovering => return Err(error),
            Err(error) => error,
        };
        let Some(open) = body_start(p.tokens(), start, error.at) else { return Err(error) };
        report(p, level, start, error);
        p.rewind(checkpoint);
        while p.at() < open {
            p.skip();
        }
        // Only its findings count, and those are kept in the state.
        let checkpoint = p.save();
        if p.parse(&body).is_err() {
            p.rewind(checkpoint);
        }
        p.state().handled = Some((start, p.at()));
        Err(SyntaxError::reported(p.at()))
    })
    .boxed()
}

/// The `(` that opens the body of what begins at `start` and was misread at `failed_at`: the first one that
/// ends its line.
fn body_start(t: &Tokens<'_>, start: usize, failed_at: usize) -> Option<usize> {
    let mut at = failed_at;
    loop {
        let kind = t.kind(at);
        let next = at.saturating_add(1);
        if kind == Tok::End || kind == Tok::RParen {
            return None;
        }
        let other = [Level::Declarations, Level::ActorItems].iter().any(|l| l.surely_starts(t, at));
        if at > start && other {
            return None;
        }
        if kind == Tok::LParen && t.first_on_line(next) && t.kind(next) != Tok::End {
            return Some(at);
        }
        at = t.closed_at(at).unwrap_or(at).saturating_add(1);
    }
}

fn report(p: &mut In<'_, '_>, level: Level, start: usize, error: SyntaxError) {
    if error.reported {
        return;
    }
    let t = p.tokens();
    let at = error.at;
    // The end of the file is an unclosed bracket, which is said once, by the innermost list.
    if t.kind(at) == Tok::End && p.state().end_reported {
        return;
    }
    let diagnostic = if level == Level::Declarations && at == start && t.kind(at).is_closing() {
        Diagnostic::new(codes::UNOPENED, t.span(at), format!("{} closes nothing", t.kind(at).describe()))
            .with_label("no bracket is open here")
            .with_help("remove it, or look for the one too many above")
    } else {
        error.into_diagnostic(t, Some((level, start)))
    };
    p.state().reporter.push(diagnostic);
}

fn unclosed(p: &mut In<'_, '_>, level: Level, open: usize, at: usize) {
    let t = p.tokens();
    if t.kind(at) == Tok::End {
        if p.state().end_reported {
            return;
        }
        p.state().end_reported = true;
    }
    let here = if t.kind(at) == Tok::End {
        "the file ends here".to_owned()
    } else {
        format!("{} cannot stand inside of it", t.quoted(at))
    };
    let before = at.checked_sub(1).map_or(t.span(at), |b| t.span(b));
    p.state().reporter.push(
        Diagnostic::new(codes::UNCLOSED, t.span(open), "this `(` is never closed")
            .with_label(format!("its `)` is missing after {}", level.list()))
            .with_secondary(t.span(at), here)
            .with_fix(Fix::new(Applicability::Unsafe, "close it").insert_after(before, "\n)")),
    );
}

/// Skips an element that could not be read: past the mistake, then to where something begins that can be
/// recognised. Pairs of brackets are skipped as wholes. Stops before the bracket that closes the list.
fn skip(p: &mut In<'_, '_>, level: Level, failed_at: usize, enclosed: bool) {
    let t = p.tokens();
    let start = p.at();
    loop {
        let at = p.at();
        let kind = t.kind(at);
        if kind == Tok::End {
            return;
        }
        if enclosed && kind == Tok::RParen && at >= start {
            return;
        }
        let outside = at > start && belongs_outside(p, at);
        let resume = level.surely_starts(t, at) || (at >= failed_at && level.may_resume(t, at));
        if outside || (at > start && resume) {
            return;
        }
        let target = t.closed_at(at).unwrap_or(at).saturating_add(1);
        while p.at() < target {
            p.skip();
        }
    }
}
