//! Properties and scenarios.

use chumsky::prelude::*;

use super::super::ast::{
    Arrow, CastMember, Claim, Disturbance, Event, Expr, Filter, Parameter, Property, Record, Scenario, Step,
    StepKind,
};
use super::super::lookahead::Level;
use super::super::tokens::{Tok, Tokens};
use super::declaration::setting;
use super::error::Expected;
use super::expression::{Follow, arguments, expression, optional_record};
use super::primitives::{
    body, bracketed_names, doc_of, expect, head, keyword, name, opens, span_of, text, token,
};
use super::{In, Look, Parse, Rule, SyntaxError};

/// An expression in a place where no block follows.
fn expr<'s>() -> impl Parse<'s, Expr> {
    custom(|p: &mut In<'s, '_>| expression(p, Follow::Anything))
}

/// `"(" expr ")"`
fn in_parentheses<'s>() -> impl Parse<'s, Expr> {
    custom(|p: &mut In<'s, '_>| {
        expect(p, Tok::LParen)?;
        let e = expression(p, Follow::Inside)?;
        expect(p, Tok::RParen)?;
        Ok(e)
    })
}

fn setup<'s>() -> impl Parse<'s, Option<Record>> {
    custom(|p: &mut In<'s, '_>| optional_record(p))
}

/// `"property" ID [ STR ] ( … )`
pub(super) fn property<'s>() -> Rule<'s, Property> {
    let claim = choice((
        keyword("always").ignore_then(in_parentheses()).map(Claim::Always),
        keyword("never").ignore_then(in_parentheses()).map(Claim::Never),
        keyword("eventually").ignore_then(in_parentheses()).map(Claim::Eventually),
        keyword("sometimes").ignore_then(in_parentheses()).map(Claim::Sometimes),
        keyword("leads")
            .ignore_then(in_parentheses())
            .then_ignore(keyword("eventually"))
            .then(in_parentheses())
            .map(|(from, to)| Claim::Leads { from, to }),
    ));
    keyword("property")
        .ignore_then(name("the name of the property"))
        .then(text().or_not())
        .then(claim)
        .map_with(|((name, text), claim), e| Property { doc: doc_of(e), span: span_of(e), name, text, claim })
        .boxed()
}

/// `"scenario" ID [ STR ] "(" { step } ")"`
pub(super) fn scenario<'s>() -> Rule<'s, Scenario> {
    let steps = body(Level::Steps, step());
    let named = keyword("scenario")
        .ignore_then(name("the name of the scenario"))
        .then(text().or_not())
        .then_ignore(opens());
    head(Level::Declarations, named, steps.clone())
        .then(steps)
        .map_with(|((name, text), (steps, _)), e| Scenario {
            doc: doc_of(e),
            span: span_of(e),
            name,
            text,
            steps,
        })
        .boxed()
}

fn step<'s>() -> Rule<'s, Step> {
    let at =
        keyword("at").ignore_then(expr()).then(event()).map(|(time, event)| StepKind::At { time, event });
    choice((parameters(), cast(), at, disturb(), expectation()))
        .map_with(|kind, e| Step { span: span_of(e), kind })
        .boxed()
}

fn parameters<'s>() -> impl Parse<'s, StepKind> {
    let entry = setting().map_with(|((name, value), unit), e| Parameter {
        span: span_of(e),
        doc: None,
        name,
        value,
        unit,
        text: None,
    });
    keyword("parameters")
        .ignore_then(body(Level::ParameterEntries, entry))
        .map(|(entries, _)| StepKind::Parameters(entries))
}

fn cast<'s>() -> impl Parse<'s, StepKind> {
    // `byzantine` is the name of the next member when what follows could not be read otherwise.
    let byzantine = custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        if t.is_word(at, "byzantine") && members_follow(t, at.saturating_add(1)) {
            Ok(p.bump())
        } else {
            Err(SyntaxError::expected(at, Expected::Word("byzantine")))
        }
    });
    let member = name("a name for the peer")
        .then(name("the actor that it plays"))
        .then(byzantine.or_not())
        .then(setup())
        .map_with(|(((name, actor), byzantine), setup), e| CastMember {
            span: span_of(e),
            name,
            actor,
            byzantine,
            setup,
        });
    keyword("cast").ignore_then(body(Level::Cast, member)).map(|(members, _)| StepKind::Cast(members))
}

/// How many words are looked at to tell `byzantine` from a name. Keeps it linear; nobody is called so for long.
const BYZANTINE_WORDS_MAX: usize = 64;

/// Whether the words up to a bracket can be read as members, two or three words each.
fn members_follow(t: &Tokens<'_>, start: usize) -> bool {
    let words = |i: &usize| t.kind(*i) == Tok::Word;
    let count = (start..).take_while(words).take(BYZANTINE_WORDS_MAX).count();
    if count == BYZANTINE_WORDS_MAX {
        return true;
    }
    // From the back: whether members may begin at this word, at the next one, and so on.
    let (mut here, mut next, mut third) = (true, false, false);
    for i in (start..start.saturating_add(count)).rev() {
        let flagged = third && t.is_word(i.saturating_add(2), "byzantine");
        let begins = next || flagged;
        (here, next, third) = (begins, here, next);
    }
    here
}

fn event<'s>() -> Rule<'s, Event> {
    let peer = || name("the name of a peer");
    let trigger = lookahead(Tok::Dot)
        .ignore_then(peer())
        .then_ignore(token(Tok::Dot))
        .then(name("the name of a trigger"))
        .then(custom(|p: &mut In<'s, '_>| arguments(p)))
        .map(|((peer, trigger), args)| Event::Trigger { peer, trigger, args });
    let inject = lookahead(Tok::Arrow)
        .ignore_then(arrow())
        .then(setup())
        .map(|(arrow, record)| Event::Inject { arrow, record });
    choice((
        trigger,
        inject,
        keyword("crash").ignore_then(peer()).map(Event::Crash),
        keyword("restart").ignore_then(peer()).map(Event::Restart),
        keyword("partition")
            .ignore_then(bracketed_names("the name of a peer"))
            .then(bracketed_names("the name of a peer"))
            .map(|(one, other)| Event::Partition(one, other)),
        keyword("heal").to(Event::Heal),
    ))
    .boxed()
}

/// Succeeds without reading anything when the token after the next is of that kind.
fn lookahead<'s>(kind: Tok) -> impl Parse<'s, ()> {
    custom(move |p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        if t.kind(at) == Tok::Word && t.kind(at.saturating_add(1)) == kind {
            Ok(())
        } else {
            let what = if kind == Tok::Dot { "`peer.trigger(…)`" } else { "`peer -> peer MESSAGE`" };
            Err(SyntaxError::expected(at, Expected::What(what)))
        }
    })
}

/// `ID "->" ID ID`
fn arrow<'s>() -> impl Parse<'s, Arrow> {
    name("the sender")
        .then_ignore(super::primitives::arrow())
        .then(name("the receiver"))
        .then(name("the name of a message"))
        .map_with(|((from, to), message), e| Arrow { span: span_of(e), from, to, message })
}

fn disturb<'s>() -> impl Parse<'s, StepKind> {
    let kind = choice((
        keyword("drop").to(Disturbance::Drop),
        keyword("delay").to(Disturbance::Delay),
        keyword("duplicate").to(Disturbance::Duplicate),
    ));
    let filter = choice((
        keyword("from").ignore_then(name("the sender")).map(Filter::From),
        keyword("to").ignore_then(name("the receiver")).map(Filter::To),
        keyword("by").ignore_then(expr()).map(Filter::By),
        keyword("times").ignore_then(expr()).map(Filter::Times),
        keyword("nth").ignore_then(expr()).map(Filter::Nth),
    ));
    kind.then(name("the name of a message"))
        .then(filter.repeated().collect::<Vec<_>>())
        .map(|((kind, message), filters)| StepKind::Disturb { kind, message, filters })
}

fn expectation<'s>() -> impl Parse<'s, StepKind> {
    // `sequence (` is a list of messages, not a call.
    let sequence = custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        if t.is_word(at, "sequence") && t.kind(at.saturating_add(1)) == Tok::LParen {
            Ok(p.bump())
        } else {
            Err(SyntaxError::expected(at, Expected::Word("sequence")))
        }
    })
    .ignore_then(body(Level::Arrows, arrow()))
    .map(|(arrows, _)| StepKind::ExpectSequence(arrows));
    let condition = expr()
        .then(keyword("within").ignore_then(expr()).or_not())
        .map(|(condition, within)| StepKind::Expect { condition, within });
    keyword("expect").ignore_then(choice((sequence, condition)))
}
