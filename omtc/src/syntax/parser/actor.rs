//! Actors and their items.

use chumsky::prelude::*;

use super::super::ast::{
    Actor, After, Cause, CauseKind, Collect, Else, Expr, Ident, Item, Let, Override, OverrideKind, PeerEntry,
    Peers, State, StateFlag, StoreBlock, Transition, Trigger,
};
use super::super::lookahead::{Level, opens_block};
use super::super::tokens::{Tok, Tokens};
use super::declaration::{fields, params};
use super::error::Expected;
use super::expression::{Follow, expression};
use super::primitives::{
    arrow, body, bracketed_names, doc_of, ends, expect, expect_arrow, expect_keyword, expect_name, head,
    item_keyword, keyword, name, names, opens, span_of, text, token,
};
use super::{In, Look, Parse, Res, Rule, SyntaxError, action};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes};

/// `"actor" ID [ STR ] "(" { item } ")"`
pub(super) fn actor<'s>() -> Rule<'s, Actor> {
    let items = body(Level::ActorItems, item());
    let named = keyword("actor")
        .ignore_then(name("the name of the actor"))
        .then(text().or_not())
        .then_ignore(opens());
    head(Level::Declarations, named, items.clone())
        .then(items)
        .map_with(|((name, text), (items, _)), e| Actor {
            doc: doc_of(e),
            span: span_of(e),
            name,
            text,
            items,
        })
        .boxed()
}

fn item<'s>() -> Rule<'s, Item> {
    choice((
        store("store").map(Item::Store),
        store("shared").map(Item::Shared),
        peers().map(Item::Peers),
        trigger().map(Item::Trigger),
        state().map(Item::State),
        override_of("ignore", OverrideKind::Ignore).map(Item::Override),
        override_of("defer", OverrideKind::Defer).map(Item::Override),
        collect().map(Item::Collect),
        transition().map(Item::Transition),
    ))
    .boxed()
}

fn store<'s>(word: &'static str) -> Rule<'s, StoreBlock> {
    item_keyword(word)
        .ignore_then(fields())
        .map_with(|fields, e| StoreBlock { doc: doc_of(e), span: span_of(e), fields })
        .boxed()
}

fn peers<'s>() -> Rule<'s, Peers> {
    let entry = name("a role")
        .then(name("the field that holds who plays it"))
        .map_with(|(role, field), e| PeerEntry { span: span_of(e), role, field });
    item_keyword("peers")
        .ignore_then(body(Level::Roster, entry))
        .map_with(|(entries, _), e| Peers { doc: doc_of(e), span: span_of(e), entries })
        .boxed()
}

fn states<'s>() -> impl Parse<'s, Vec<Ident>> {
    keyword("in").ignore_then(bracketed_names("the name of a state"))
}

fn trigger<'s>() -> Rule<'s, Trigger> {
    let after = item_keyword("after")
        .ignore_then(name("the name of a used transaction"))
        .then_ignore(token(Tok::Dot))
        .then(name("one of its actors"))
        .then_ignore(keyword("at"))
        .then(name("a state of that actor"))
        .map_with(|((transaction, actor), state), e| After { span: span_of(e), transaction, actor, state });
    item_keyword("trigger")
        .ignore_then(name("the name of the trigger"))
        .then(params())
        .then(states())
        .then(after.or_not())
        .then(text().or_not())
        .map_with(|((((name, params), states), after), text), e| Trigger {
            doc: doc_of(e),
            span: span_of(e),
            name,
            params,
            states,
            after,
            text,
        })
        .boxed()
}

fn state<'s>() -> Rule<'s, State> {
    let flag = choice((
        item_keyword("initial").map(|s| (StateFlag::Initial, s)),
        item_keyword("terminal").map(|s| (StateFlag::Terminal, s)),
        item_keyword("rest").map(|s| (StateFlag::Rest, s)),
    ));
    item_keyword("state")
        .ignore_then(name("the name of the state"))
        .then(flag.repeated().collect::<Vec<_>>())
        .then(text().or_not())
        .map_with(|((name, flags), text), e| State { doc: doc_of(e), span: span_of(e), name, flags, text })
        .boxed()
}

fn override_of<'s>(word: &'static str, kind: OverrideKind) -> Rule<'s, Override> {
    item_keyword(word)
        .ignore_then(name("the name of a message"))
        .then(states())
        .then(guard_alone().or_not())
        .map_with(move |((message, states), guard), e| Override {
            doc: doc_of(e),
            span: span_of(e),
            kind,
            message,
            states,
            guard,
        })
        .boxed()
}

/// `"when" expr` where no actions follow.
fn guard_alone<'s>() -> impl Parse<'s, Expr> {
    custom(|p: &mut In<'s, '_>| {
        expect_guard_keyword(p)?;
        expression(p, Follow::Anything)
    })
}

/// `when`, unless it is the name of a state that begins the next transition.
fn expect_guard_keyword(p: &mut In<'_, '_>) -> Res<()> {
    let at = p.at();
    let t = p.tokens();
    if t.is_word(at, "when") && !matches!(t.kind(at.saturating_add(1)), Tok::Arrow | Tok::Comma) {
        p.bump();
        return Ok(());
    }
    Err(SyntaxError::expected(at, Expected::Word("when")))
}

fn collect<'s>() -> Rule<'s, Collect> {
    item_keyword("collect")
        .ignore_then(name("the name of a message"))
        .then(states())
        .then_ignore(keyword("into"))
        .then(name("the field that takes the messages"))
        .then(action::guard().or_not())
        .then(action::actions().or_not())
        .map_with(|((((message, states), into), guard), actions), e| Collect {
            doc: doc_of(e),
            span: span_of(e),
            message,
            states,
            into,
            guard,
            actions,
        })
        .boxed()
}

/// `( ID% | "any" ) "->" ID cause { let } ( [ actions ] | "when" expr [ actions ] [ "else" "->" ID [ actions ] ] )`
fn transition<'s>() -> Rule<'s, Transition> {
    let lets = custom(|p: &mut In<'s, '_>| {
        let start = p.at();
        // `let ->` is a transition of a state called `let`.
        if !p.tokens().is_word(start, "let")
            || matches!(p.tokens().kind(start.saturating_add(1)), Tok::Arrow | Tok::Comma)
        {
            return Err(SyntaxError::expected(start, Expected::Word("let")));
        }
        p.bump();
        let name = expect_name(p, "the name of the value")?;
        expect(p, Tok::Eq)?;
        let value = expression(p, Follow::Block)?;
        let end = p.at();
        Ok(Let { span: p.tokens().span_between(start, end), name, value })
    });
    let otherwise = custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        // Two tokens tell it from the transition of a state called `else`: that one has a cause.
        if p.tokens().is_word(at, "else") && !else_is_state(p, at) {
            p.bump();
            expect_arrow(p)?;
            return expect_name(p, "the name of a state");
        }
        Err(SyntaxError::expected(at, Expected::Word("else")))
    })
    .then(action::actions().or_not())
    .map_with(|(to, actions), e| Else { span: span_of(e), to, actions });
    let caused = sources()
        .then_ignore(arrow())
        .then(name("the name of the state that it enters"))
        .then(cause())
        .then(lets.repeated().collect::<Vec<_>>())
        .then(action::guard().or_not())
        .then_ignore(ends());
    head(Level::ActorItems, caused, action::actions())
        .then(action::actions().or_not())
        .then(otherwise.or_not())
        .map_with(|((((((from, to), cause), lets), guard), actions), otherwise), e| {
            if let (None, Some(otherwise)) = (&guard, &otherwise) {
                e.state().reporter.push(without_guard(&cause, otherwise));
            }
            let (doc, span) = (doc_of(e), span_of(e));
            Transition { doc, span, from, to, cause, lets, guard, actions, otherwise }
        })
        .boxed()
}

/// `S -> T on M else -> U`: read nevertheless.
fn without_guard(cause: &Cause, otherwise: &Else) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED, otherwise.keyword(), "this `else` belongs to no `when`")
        .with_label("there is no guard that could be false")
        .with_secondary(cause.span, "a `when` would stand after this")
        .with_note("`else` says where to go when the guard of the transition is false")
        .with_help("give the transition a guard: `S -> T on M when condition (…) else -> U`")
}

/// The states that a transition leaves. What is followed by neither `->` nor `,` is no transition at all.
fn sources<'s>() -> impl Parse<'s, Vec<Ident>> {
    let names = names("the name of a state");
    custom(move |p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        let arrow = matches!(t.kind(at.saturating_add(1)), Tok::Arrow | Tok::Comma);
        if t.kind(at) != Tok::Word || !(arrow || (p.state().recovering && misspelt_arrow(t, at))) {
            return Err(SyntaxError::expected(at, Expected::What("a transition `STATE -> STATE`")));
        }
        if let Some(error) = capital_else(p, at) {
            return Err(error);
        }
        p.parse(&names)
    })
}

/// `ELSE -> X` without a cause is no transition of a state called so.
fn capital_else(p: &mut In<'_, '_>, at: usize) -> Option<SyntaxError> {
    let t = p.tokens();
    let mistaken = p.state().recovering
        && t.is_word_any_case(at, "else")
        && t.kind(at.saturating_add(1)) == Tok::Arrow
        && !else_is_state(p, at);
    if !mistaken {
        return None;
    }
    let span = t.span(at);
    let said = if t.is_word(at, "else") {
        Diagnostic::new(codes::UNEXPECTED, span, "this `else` belongs to no `when`")
            .with_label("the transition before has no guard, or an `else` already")
            .with_help("write what shall hold as the guard of one transition: `S -> T on M when condition (…) else -> U`")
    } else {
        Diagnostic::new(codes::UNEXPECTED, span, format!("expected an actor item, found {}", t.quoted(at)))
            .with_label("the `else` of a transition is written in lower case")
            .with_help("write `else`")
            .with_fix(Fix::new(Applicability::Safe, "write `else`").replace(span, "else"))
    };
    Some(SyntaxError::special(
        at,
        said.with_note("`else` says where to go when the guard of the transition is false"),
    ))
}

/// Whether `S > T on M`, `S T on M` or the like stands here.
fn misspelt_arrow(t: &Tokens<'_>, at: usize) -> bool {
    let cause = |i: usize| t.is_word(i, "on") || t.is_word(i, "auto");
    let second = at.saturating_add(2);
    let kind = t.kind(at.saturating_add(1));
    let third = t.kind(second.saturating_add(1));
    let sign = matches!(kind, Tok::Gt | Tok::Ge | Tok::FatArrow) && t.kind(second) == Tok::Word;
    let apart = kind == Tok::Minus && t.kind(second) == Tok::Gt && third == Tok::Word;
    sign || apart || (kind == Tok::Word && cause(second) && third != Tok::Arrow)
}

/// Whether `else -> X` is followed by a cause: then `else` is the name of a state.
fn else_is_state(p: &mut In<'_, '_>, at: usize) -> bool {
    let t = p.tokens();
    let after = at.saturating_add(3);
    t.kind(at.saturating_add(1)) == Tok::Arrow
        && t.kind(at.saturating_add(2)) == Tok::Word
        && (t.is_word(after, "auto") || t.is_word(after, "on"))
        && !matches!(t.kind(after.saturating_add(1)), Tok::Arrow | Tok::Comma)
}

fn cause<'s>() -> impl Parse<'s, Cause> {
    custom(|p: &mut In<'s, '_>| {
        let start = p.at();
        let kind = parse_cause(p)?;
        let end = p.at();
        Ok(Cause { span: p.tokens().span_between(start, end), kind })
    })
}

fn parse_cause(p: &mut In<'_, '_>) -> Res<CauseKind> {
    let t = p.tokens();
    let at = p.at();
    if t.is_word(at, "auto") {
        p.bump();
        return Ok(CauseKind::Auto);
    }
    expect_keyword(p, "on").map_err(|e| e.also(Expected::Word("auto")))?;
    let word = p.at();
    let with_parentheses = t.kind(word.saturating_add(1)) == Tok::LParen;
    // `on timeout (` could be a message called `timeout` with actions; a path or a name in the parentheses
    // decides for the time limit, anything else is a block.
    if with_parentheses && t.is_word(word, "timeout") && names_only(p, word.saturating_add(1)) {
        p.bump();
        expect(p, Tok::LParen)?;
        let mut path = vec![expect_name(p, "a parameter or field")?];
        while t.kind(p.at()) == Tok::Dot {
            p.bump();
            path.push(expect_name(p, "the name of a field")?);
        }
        expect(p, Tok::RParen).map_err(|e| e.also(Expected::Tok(Tok::Dot)))?;
        return Ok(CauseKind::Timeout(path));
    }
    if with_parentheses && t.is_word(word, "every") && names_only(p, word.saturating_add(1)) {
        p.bump();
        expect(p, Tok::LParen)?;
        let period = expect_name(p, "a parameter")?;
        expect(p, Tok::RParen)?;
        return Ok(CauseKind::Every(period));
    }
    Ok(CauseKind::On(expect_name(p, "a trigger, task or message, `timeout(…)` or `every(…)`")?))
}

/// Whether the `(` is not that of a block: `(return)` is none, whatever `return` begins elsewhere.
fn names_only(p: &mut In<'_, '_>, open: usize) -> bool {
    let t = p.tokens();
    let next = open.saturating_add(2);
    let name = t.kind(open.saturating_add(1)) == Tok::Word;
    (name && matches!(t.kind(next), Tok::RParen | Tok::Dot)) || !opens_block(t, open, true)
}
