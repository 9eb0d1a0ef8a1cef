//! Functions and their statements.

use chumsky::prelude::*;

use super::super::ast::{Function, Stmt, StmtKind};
use super::super::lookahead::{Level, at_else, index_assignment};
use super::super::tokens::Tok;
use super::declaration::{params, ty};
use super::error::Expected;
use super::expression::{Follow, expression};
use super::primitives::{
    arrow, doc_of, elements, expect, expect_any_case, expect_assign, expect_name, head, keyword, name, opens,
    span_of,
};
use super::{In, Look, Res, Rule, SyntaxError};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes, did_you_mean};
use crate::source::Span;

/// `"function" ID "(" [ (ID type)% ] ")" "->" type "(" stmt { stmt } ")"`
pub(super) fn function<'s>() -> Rule<'s, Function> {
    let body = custom(|p: &mut In<'s, '_>| statements(p));
    let signature = keyword("function")
        .ignore_then(name("the name of the function"))
        .then(params())
        .then_ignore(arrow())
        .then(ty())
        .then_ignore(opens());
    head(Level::Declarations, signature, body)
        .then(body)
        .map_with(|(((name, params), result), (body, body_span)), e| Function {
            doc: doc_of(e),
            span: span_of(e),
            name,
            params,
            result,
            body,
            body_span,
        })
        .boxed()
}

/// `"(" stmt { stmt } ")"` with the span of the brackets.
fn statements(p: &mut In<'_, '_>) -> Res<(Vec<Stmt>, Span)> {
    let open = p.at();
    expect(p, Tok::LParen)?;
    let empty = p.tokens().kind(p.at()) == Tok::RParen;
    let list = p.deeper(|p| elements(p, Level::Statements, &custom(statement), Some(open)))?;
    let end = p.at();
    let span = p.tokens().span_between(open, end);
    if empty {
        p.state().reporter.push(
            Diagnostic::new(codes::EMPTY_BLOCK, span, "there is no statement in these parentheses")
                .with_label("at least one statement")
                .with_help("a function ends with a `RETURN`; leave out a branch that does nothing"),
        );
    }
    Ok((list, span))
}

fn statement(p: &mut In<'_, '_>) -> Res<Stmt> {
    let start = p.at();
    let kind = statement_kind(p)?;
    let end = p.at();
    Ok(Stmt { span: p.tokens().span_between(start, end), kind })
}

/// The statement of a loop or a branch; a block counts its own level.
fn inner_statement(p: &mut In<'_, '_>) -> Res<Box<Stmt>> {
    let at = p.at();
    let block = p.tokens().kind(at) == Tok::LParen;
    Ok(Box::new(if block { statement(p)? } else { p.deeper(statement)? }))
}

fn statement_kind(p: &mut In<'_, '_>) -> Res<StmtKind> {
    let t = p.tokens();
    let at = p.at();
    let next = at.saturating_add(1);
    if t.kind(at) == Tok::LParen {
        return Ok(StmtKind::Block(statements(p)?.0));
    }
    if t.kind(at) != Tok::Word {
        return Err(SyntaxError::expected(at, Expected::What("a statement")).also(Expected::Tok(Tok::RParen)));
    }
    let word = t.text(at);
    let assigns_index = index_assignment(t, at);
    if t.kind(next) != Tok::Eq && !assigns_index {
        if word.eq_ignore_ascii_case("return") {
            p.bump();
            return Ok(StmtKind::Return(expression(p, Follow::Block)?));
        }
        if word.eq_ignore_ascii_case("for") {
            p.bump();
            let var = expect_name(p, "the loop variable")?;
            expect_any_case(p, "in", "IN")?;
            let list = expression(p, Follow::Block)?;
            let body = inner_statement(p)?;
            return Ok(StmtKind::For { var, list, body });
        }
        if word.eq_ignore_ascii_case("if") {
            p.bump();
            return conditional(p);
        }
    }
    if let Some(error) = misspelt_statement(p, at) {
        return Err(error);
    }
    let target = expect_name(p, "a statement")?;
    if t.kind(p.at()) == Tok::LBracket {
        p.bump();
        let index = expression(p, Follow::Inside)?;
        expect(p, Tok::RBracket)?;
        let value = assigned(p)?;
        return Ok(StmtKind::AssignIndex { target, index, value });
    }
    let value =
        assigned(p).map_err(|e| if e.at == next { e.also(Expected::Tok(Tok::LBracket)) } else { e })?;
    Ok(StmtKind::Assign { target, value })
}

/// `retrun x`, `let x = 1`, `elif a then …`: a word before a word that begins no statement.
fn misspelt_statement(p: &mut In<'_, '_>, at: usize) -> Option<SyntaxError> {
    let t = p.tokens();
    let next = at.saturating_add(1);
    let word = t.text(at);
    if !p.state().recovering
        || matches!(t.kind(next), Tok::Eq | Tok::EqEq | Tok::LBracket)
        || t.first_on_line(next)
    {
        return None;
    }
    let span = t.span(at);
    let diagnostic =
        |message: String| Diagnostic::new(codes::UNEXPECTED, span, message).with_label("no statement");
    let lower = word.to_ascii_lowercase();
    let assigns = t.kind(next) == Tok::Word && t.kind(next.saturating_add(1)) == Tok::Eq;
    let said = if assigns && matches!(lower.as_str(), "let" | "var" | "const" | "mut" | "set") {
        diagnostic(format!("a statement of a function needs no `{word}`"))
            .with_note("`NAME = value` makes a local of a function, and assigns it again")
            .with_help(format!("write `{} = …`", t.text(next)))
            .with_fix(
                Fix::new(Applicability::Unsafe, format!("remove `{word}`"))
                    .replace(Span { end: t.span(next).start, ..span }, ""),
            )
    } else if matches!(lower.as_str(), "elif" | "elsif" | "elseif") {
        diagnostic(format!("`{word}` is no word of this language"))
            .with_help("write `ELSE IF`")
            .with_fix(Fix::new(Applicability::Unsafe, "write `ELSE IF`").replace(span, "ELSE IF"))
    } else if matches!(lower.as_str(), "while" | "loop" | "until" | "repeat" | "foreach") {
        diagnostic(format!("`{word}` is no word of this language"))
            .with_note("loops of functions range over a list, so that they end")
            .with_help("write `FOR item IN list …`")
    } else if t.kind(next) == Tok::Word
        && let Some(meant) = did_you_mean(word, ["RETURN", "FOR", "IF"])
    {
        diagnostic(format!("expected a statement, found {}", t.quoted(at)))
            .with_help(format!("did you mean `{meant}`?"))
            .with_fix(Fix::new(Applicability::Unsafe, format!("write `{meant}`")).replace(span, meant))
    } else {
        return None;
    };
    Some(SyntaxError::special(at, said))
}

fn assigned(p: &mut In<'_, '_>) -> Res<super::super::ast::Expr> {
    expect_assign(p)?;
    expression(p, Follow::Block)
}

/// What follows `if`.
fn conditional(p: &mut In<'_, '_>) -> Res<StmtKind> {
    let condition = expression(p, Follow::Anything)?;
    expect_any_case(p, "then", "THEN")?;
    let then = inner_statement(p)?;
    let at = p.at();
    let t = p.tokens();
    let mut otherwise = None;
    if at_else(t, at) {
        p.bump();
        otherwise = Some(inner_statement(p)?);
    }
    Ok(StmtKind::If { condition, then, otherwise })
}
