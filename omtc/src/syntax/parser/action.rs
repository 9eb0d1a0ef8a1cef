//! Actions.

use chumsky::prelude::*;

use super::super::ast::{Action, ActionKind, Actions, Expr, Ident, Record};
use super::super::lookahead::{ACTION_CALLS, Level, at_else, index_assignment};
use super::super::tokens::{Tok, Tokens};
use super::error::Expected;
use super::expression::{Follow, arguments, expression, optional_record};
use super::primitives::{elements, expect, expect_any_case, expect_assign, expect_name};
use super::{In, Look, Parse, Res, SyntaxError};

/// `"when" expr` before optional actions.
pub(super) fn guard<'s>() -> impl Parse<'s, Expr> {
    custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        // `when ->` and `when ,` are the next transition.
        if !t.is_word(at, "when") || matches!(t.kind(at.saturating_add(1)), Tok::Arrow | Tok::Comma) {
            return Err(SyntaxError::expected(at, Expected::Word("when")));
        }
        p.bump();
        expression(p, Follow::BlockOrEmpty)
    })
}

/// `"(" { action } ")"`
pub(super) fn actions<'s>() -> impl Parse<'s, Actions> {
    custom(|p: &mut In<'s, '_>| parse_actions(p))
}

fn parse_actions(p: &mut In<'_, '_>) -> Res<Actions> {
    let open = p.at();
    expect(p, Tok::LParen)?;
    let list = p.deeper(|p| elements(p, Level::Actions, &custom(parse_action), Some(open)))?;
    let end = p.at();
    Ok(Actions { span: p.tokens().span_between(open, end), list })
}

fn parse_action(p: &mut In<'_, '_>) -> Res<Action> {
    let start = p.at();
    let kind = action_kind(p)?;
    let end = p.at();
    Ok(Action { span: p.tokens().span_between(start, end), kind })
}

fn action_kind(p: &mut In<'_, '_>) -> Res<ActionKind> {
    let t = p.tokens();
    let at = p.at();
    let respelt = p.state().respelt.filter(|(index, _)| *index == at);
    let word = respelt.map_or(t.text(at), |(_, word)| word);
    let next = t.kind(at.saturating_add(1));
    if t.kind(at) != Tok::Word {
        return Err(SyntaxError::expected(at, Expected::What("an action")).also(Expected::Tok(Tok::RParen)));
    }
    // `NAME =` and `NAME […] =` assign, whatever NAME is; `IF [a] == b THEN` does not.
    let condition = word.eq_ignore_ascii_case("if") && !index_assignment(t, at);
    if matches!(next, Tok::Eq | Tok::EqEq) || (next == Tok::LBracket && !condition) {
        return assignment(p);
    }
    if next == Tok::LParen && ACTION_CALLS.contains(&word) {
        p.bump();
        return capital_call(p, word);
    }
    if next == Tok::Word {
        match word {
            "store" => {
                p.bump();
                return stored_names(p);
            }
            "lookup" => {
                p.bump();
                let (target, value) = named_value(p, "the field that is assigned")?;
                return Ok(ActionKind::Lookup { target, value });
            }
            "let" => {
                p.bump();
                let (name, value) = named_value(p, "the name of the value")?;
                return Ok(ActionKind::Let { name, value });
            }
            _ => {}
        }
    }
    if word.eq_ignore_ascii_case("if") {
        p.bump();
        let condition = expression(p, Follow::Anything)?;
        expect_any_case(p, "then", "THEN")?;
        let then = parse_actions(p)?;
        let mut otherwise = None;
        let at = p.at();
        if at_else(t, at) {
            p.bump();
            otherwise = Some(parse_actions(p)?);
        }
        return Ok(ActionKind::If { condition, then, otherwise });
    }
    if word.eq_ignore_ascii_case("for") {
        p.bump();
        let var = expect_name(p, "the loop variable")?;
        expect_any_case(p, "in", "IN")?;
        let list = expression(p, Follow::BlockOrEmpty)?;
        let body = parse_actions(p)?;
        return Ok(ActionKind::For { var, list, body });
    }
    Err(unknown_action(p, at))
}

/// A name that begins no action: what could have been meant.
fn unknown_action(p: &mut In<'_, '_>, at: usize) -> SyntaxError {
    let t = p.tokens();
    let next = at.saturating_add(1);
    let of = |words: &[&'static str]| {
        let none = SyntaxError::expected(at, Expected::What("an action"));
        words.iter().fold(none, |e, word| e.also(Expected::Word(word)))
    };
    // `send(x, M)`, `EMIT(x)`
    if t.kind(next) == Tok::LParen {
        return of(&ACTION_CALLS);
    }
    // `Let a = 1`, `FRO a IN b (…)`
    let words = of(&["store", "lookup", "let", "IF", "FOR"]);
    if t.kind(next) == Tok::Word && !t.first_on_line(next) && words.meant(t).is_some() {
        return words;
    }
    SyntaxError::expected(next, Expected::Tok(Tok::Eq))
}

/// `ID%` after `store`
fn stored_names(p: &mut In<'_, '_>) -> Res<ActionKind> {
    let mut list = vec![expect_name(p, "the name of a field")?];
    while p.tokens().kind(p.at()) == Tok::Comma {
        p.bump();
        list.push(expect_name(p, "the name of a field")?);
    }
    Ok(ActionKind::Store(list))
}

/// `ID "=" expr`
fn named_value(p: &mut In<'_, '_>, what: &'static str) -> Res<(Ident, Expr)> {
    let name = expect_name(p, what)?;
    expect_assign(p)?;
    Ok((name, expression(p, Follow::Anything)?))
}

/// `ID = expr`, `ID [ … ] = expr`, `ID = APPEND(chain, …)`
fn assignment(p: &mut In<'_, '_>) -> Res<ActionKind> {
    let t = p.tokens();
    let target = expect_name(p, "the field that is assigned")?;
    let mut indices = Vec::new();
    while t.kind(p.at()) == Tok::LBracket {
        p.bump();
        indices.push(expression(p, Follow::Inside)?);
        expect(p, Tok::RBracket)?;
    }
    expect_assign(p)
        .map_err(|e| if indices.is_empty() { e } else { e.also(Expected::Tok(Tok::LBracket)) })?;
    if !indices.is_empty() {
        let value = expression(p, Follow::Anything)?;
        return Ok(ActionKind::AssignIndex { target, indices, value });
    }
    let at = p.at();
    if t.is_word(at, "APPEND") && appends_block(t, at.saturating_add(1)) {
        p.bump();
        expect(p, Tok::LParen)?;
        return append_block(p, Some(target));
    }
    let value = expression(p, Follow::Anything)?;
    Ok(ActionKind::Assign { target, value })
}

/// What follows one of the capital words; the next token is `(`.
fn capital_call(p: &mut In<'_, '_>, word: &str) -> Res<ActionKind> {
    let t = p.tokens();
    expect(p, Tok::LParen)?;
    match word {
        "STORE" => {
            let target = expect_name(p, "the field that is assigned")?;
            expect(p, Tok::Comma)?;
            let value = last_argument(p)?;
            Ok(ActionKind::StoreCall { target, value })
        }
        "APPEND" if appends_block(t, p.at().saturating_sub(1)) => append_block(p, None),
        "APPEND" => {
            let target = expect_name(p, "a list of the store, or `chain`")?;
            expect(p, Tok::Comma)?;
            let value = last_argument(p)?;
            Ok(ActionKind::Append { target, value })
        }
        "ABORT" => Ok(ActionKind::Abort(last_argument(p)?)),
        "START" => {
            let task = expect_name(p, "the name of a task")?;
            let args = arguments(p)?;
            expect(p, Tok::RParen)?;
            Ok(ActionKind::Start { task, args })
        }
        // SEND and BROADCAST
        _ => {
            let to = expression(p, Follow::Inside)?;
            expect(p, Tok::Comma)?;
            let (message, record) = named_record(p, "the name of a message")?;
            if word == "SEND" {
                Ok(ActionKind::Send { to, message, record })
            } else {
                Ok(ActionKind::Broadcast { to, message, record })
            }
        }
    }
}

/// Whether `( chain, B )` or `( chain, B { … } )` stands here, and is all of the action.
fn appends_block(t: &Tokens<'_>, open: usize) -> bool {
    let name = open.saturating_add(3);
    if !t.is_word(open.saturating_add(1), "chain")
        || t.kind(open.saturating_add(2)) != Tok::Comma
        || t.kind(name) != Tok::Word
    {
        return false;
    }
    let after = name.saturating_add(1);
    let record = if t.kind(after) == Tok::LBrace { t.closed_at(after) } else { Some(name) };
    // Whatever else is wrong is said about a block.
    let Some(close) = record.map(|r| r.saturating_add(1)).filter(|c| t.kind(*c) == Tok::RParen) else {
        return t.recovering();
    };
    let next = close.saturating_add(1);
    matches!(t.kind(next), Tok::Word | Tok::RParen | Tok::End) && !continues(t, next) || t.recovering()
}

/// Whether the word goes on with the expression before it.
fn continues(t: &Tokens<'_>, at: usize) -> bool {
    ["and", "or", "in"].into_iter().any(|w| t.is_word_any_case(at, w))
        && !matches!(t.kind(at.saturating_add(1)), Tok::Eq | Tok::Arrow)
}

/// An expression and the `)` after it.
fn last_argument(p: &mut In<'_, '_>) -> Res<Expr> {
    let value = expression(p, Follow::Inside)?;
    expect(p, Tok::RParen)?;
    Ok(value)
}

/// `chain "," ID [ record ] ")"`
fn append_block(p: &mut In<'_, '_>, result: Option<Ident>) -> Res<ActionKind> {
    p.bump();
    expect(p, Tok::Comma)?;
    let (block, record) = named_record(p, "the name of a block")?;
    Ok(ActionKind::AppendBlock { result, block, record })
}

/// `ID [ record ] ")"`
fn named_record(p: &mut In<'_, '_>, what: &'static str) -> Res<(Ident, Option<Record>)> {
    let name = expect_name(p, what)?;
    let record = optional_record(p)?;
    expect(p, Tok::RParen)
        .map_err(|e| if record.is_none() { e.also(Expected::Tok(Tok::LBrace)) } else { e })?;
    Ok((name, record))
}
