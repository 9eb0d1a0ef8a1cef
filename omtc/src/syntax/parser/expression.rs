//! Expressions.
//!
//! Written by hand, one function for a group of levels, because what may follow decides what a `(` means.
//! Every function gives the height of the tree it built: chains of operators nest to the left without the
//! parser nesting, and the limit is on what later passes walk over.

use super::super::ast::{BinaryOp, Expr, ExprKind, Ident, Record, RecordEntry, UnaryOp, Unit};
use super::super::lookahead::opens_block;
use super::super::tokens::Tok;
use super::error::{Expected, too_deep};
use super::primitives::{expect, expect_any_case, expect_name, expect_number, unquote};
use super::{In, Look, NEST_DEPTH_MAX, Res, SyntaxError};
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, codes};
use crate::source::Span;

/// What may stand after an expression. It decides what a `(` after a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    /// The bracket around it: line ends mean nothing at all, a `(` after a name is a call.
    Inside,
    /// Anything but a block: a `(` after a name is a call.
    Anything,
    /// A block that is never empty: `()` is a call.
    Block,
    /// A block that may be empty.
    BlockOrEmpty,
}

impl Follow {
    /// For a part that something other than a block follows.
    fn within(self) -> Follow {
        if self == Follow::Inside { Follow::Inside } else { Follow::Anything }
    }
}

/// An expression and the height of its tree; a leaf has height 0.
type Sub = (Expr, u32);

/// `expr`
pub(super) fn expression(p: &mut In<'_, '_>, follow: Follow) -> Res<Expr> {
    Ok(p.afresh(|p| expr(p, follow))?.0)
}

/// `"(" [ expr% ] ")"` after a name that is no expression.
pub(super) fn arguments(p: &mut In<'_, '_>) -> Res<Vec<Expr>> {
    expect(p, Tok::LParen)?;
    Ok(p.afresh(|p| p.deeper(|p| list(p, Tok::RParen)))?.0)
}

/// `[ record ]` after a name that is no expression.
pub(super) fn optional_record(p: &mut In<'_, '_>) -> Res<Option<Record>> {
    let at = p.at();
    if p.tokens().kind(at) != Tok::LBrace {
        return Ok(None);
    }
    Ok(Some(p.afresh(|p| p.deeper(record))?.0))
}

/// `"{" [ field% ] "}"`
fn record(p: &mut In<'_, '_>) -> Res<(Record, u32)> {
    let t = p.tokens();
    let open = expect(p, Tok::LBrace)?;
    let mut entries = Vec::new();
    let mut height = 0;
    while t.kind(p.at()) != Tok::RBrace {
        let start = p.at();
        if t.kind(start) == Tok::Ellipsis {
            p.bump();
            let (value, h) = expr(p, Follow::Inside)?;
            height = h.max(height);
            let end = p.at();
            entries.push(RecordEntry::Spread { span: t.span_between(start, end), value });
        } else {
            let name = expect_name(p, "the name of a field")
                .map_err(|e| e.also(Expected::Tok(Tok::Ellipsis)).also(Expected::Tok(Tok::RBrace)))?;
            let (value, h) = expr(p, Follow::Inside)?;
            height = h.max(height);
            let end = p.at();
            entries.push(RecordEntry::Field { span: t.span_between(start, end), name, value });
        }
        let at = p.at();
        if t.kind(at) == Tok::Comma {
            p.bump();
        } else if t.kind(at) != Tok::RBrace {
            return Err(missing_comma(p, at, Tok::RBrace));
        }
    }
    let close = expect(p, Tok::RBrace)?;
    Ok((Record { span: open.to(close), entries }, height))
}

/// Fields of a record need commas between them, unlike those of a declaration.
fn missing_comma(p: &mut In<'_, '_>, at: usize, close: Tok) -> SyntaxError {
    let t = p.tokens();
    if t.kind(at) != Tok::Word {
        return SyntaxError::expected(at, Expected::Tok(Tok::Comma)).also(Expected::Tok(close));
    }
    let before = at.checked_sub(1).map_or(t.span(at), |b| t.span(b));
    SyntaxError::special(
        at,
        Diagnostic::new(
            codes::UNEXPECTED,
            t.span(at),
            format!("expected `,` or {}, found {}", close.describe(), t.quoted(at)),
        )
        .with_label("a comma is missing before this")
        .with_note("the fields of a record value are separated by commas, those of a declaration are not")
        .with_fix(Fix::new(Applicability::Unsafe, "put a comma between them").insert_after(before, ",")),
    )
}

/// `[ expr% ]` up to the closing bracket, which is read too.
fn list(p: &mut In<'_, '_>, close: Tok) -> Res<(Vec<Expr>, u32)> {
    let t = p.tokens();
    let open = p.at().saturating_sub(1);
    let mut list = Vec::new();
    let mut height = 0;
    while t.kind(p.at()) != close {
        let (item, h) = expr(p, Follow::Inside)
            .map_err(|e| if list.is_empty() { e.also(Expected::Tok(close)) } else { e })?;
        list.push(item);
        height = h.max(height);
        let at = p.at();
        if t.kind(at) == Tok::Comma {
            p.bump();
        } else if t.kind(at) != close {
            return Err(SyntaxError::expected(at, Expected::Tok(Tok::Comma))
                .also(Expected::Tok(close))
                .opened(open));
        }
    }
    expect(p, close).map_err(|e| e.opened(open))?;
    Ok((list, height))
}

/// A node over parts of at most that height.
fn node(p: &mut In<'_, '_>, kind: ExprKind, span: Span, height: u32) -> Res<Sub> {
    if height >= NEST_DEPTH_MAX {
        let at = p.at();
        return Err(too_deep(p.tokens(), at));
    }
    Ok((Expr { span, kind }, height.saturating_add(1)))
}

fn leaf(kind: ExprKind, span: Span) -> Sub {
    (Expr { span, kind }, 0)
}

/// `expr = ID "=>" expr | or`
fn expr(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let at = p.at();
    // `x -> e` inside of brackets can only be meant to be a lambda.
    let misspelt = follow == Follow::Inside
        && p.state().recovering
        && p.tokens().kind(at) == Tok::Word
        && p.tokens().kind(at.saturating_add(1)) == Tok::Arrow;
    if misspelt || at_lambda(p) { lambda(p, follow) } else { logic(p, follow, BinaryOp::Or) }
}

fn at_lambda(p: &mut In<'_, '_>) -> bool {
    let at = p.at();
    let t = p.tokens();
    t.kind(at) == Tok::Word && t.kind(at.saturating_add(1)) == Tok::FatArrow
}

fn lambda(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let param = expect_name(p, "the parameter of a lambda")?;
    let at = p.at();
    if p.tokens().kind(at) == Tok::Arrow {
        let span = p.bump();
        p.state().reporter.push(
            Diagnostic::new(codes::UNEXPECTED, span, "expected `=>`, found `->`")
                .with_label("a lambda is written with `=>`")
                .with_help(format!("write `{} => …`", param.text))
                .with_fix(Fix::new(Applicability::Safe, "write `=>`").replace(span, "=>")),
        );
    } else {
        expect(p, Tok::FatArrow)?;
    }
    let (body, height) = p.deeper(|p| expr(p, follow))?;
    let span = param.span.to(body.span);
    node(p, ExprKind::Lambda { param, body: Box::new(body) }, span, height)
}

/// Whether a word is an operator here: it is a name when `=` or `->` follows.
fn at_word_operator(p: &mut In<'_, '_>, word: &str) -> bool {
    let at = p.at();
    let t = p.tokens();
    t.is_word_any_case(at, word) && !matches!(t.kind(at.saturating_add(1)), Tok::Eq | Tok::Arrow)
}

/// Whether a word between two operands is an operator here: `in, S -> T` after the guard of an item is the next
/// transition.
fn at_infix(p: &mut In<'_, '_>, follow: Follow, word: &str) -> bool {
    let next = p.at().saturating_add(1);
    at_word_operator(p, word) && (follow == Follow::Inside || p.tokens().kind(next) != Tok::Comma)
}

fn at_logic(p: &mut In<'_, '_>, follow: Follow, op: BinaryOp) -> bool {
    let kind = p.tokens().kind(p.at());
    if op == BinaryOp::Or {
        kind == Tok::PipePipe || at_infix(p, follow, "or")
    } else {
        kind == Tok::AmpAmp || at_infix(p, follow, "and")
    }
}

/// `or` and `and`
fn logic(p: &mut In<'_, '_>, follow: Follow, op: BinaryOp) -> Res<Sub> {
    let left = logic_operand(p, follow, op)?;
    logic_rest(p, follow, op, left)
}

fn logic_operand(p: &mut In<'_, '_>, follow: Follow, op: BinaryOp) -> Res<Sub> {
    if op == BinaryOp::Or { logic(p, follow, BinaryOp::And) } else { not(p, follow) }
}

fn logic_rest(p: &mut In<'_, '_>, follow: Follow, op: BinaryOp, mut left: Sub) -> Res<Sub> {
    while at_logic(p, follow, op) {
        let op_span = p.bump();
        if matches!(left.0.kind, ExprKind::If { .. }) {
            whole_if(p, op, op_span, &left.0);
        }
        let right = logic_operand(p, follow, op)?;
        left = binary(p, op, op_span, left, right)?;
    }
    Ok(left)
}

fn binary(p: &mut In<'_, '_>, op: BinaryOp, op_span: Span, left: Sub, right: Sub) -> Res<Sub> {
    let span = left.0.span.to(right.0.span);
    let height = left.1.max(right.1);
    node(p, ExprKind::Binary { op, op_span, left: Box::new(left.0), right: Box::new(right.0) }, span, height)
}

/// `IF a THEN b ELSE c AND d` is `(IF …) AND d`, which is rarely what the eye reads.
fn whole_if(p: &mut In<'_, '_>, op: BinaryOp, op_span: Span, left: &Expr) {
    p.state().reporter.push(
        Diagnostic::new(
            codes::IF_THEN_LOGIC,
            op_span,
            format!("this `{}` takes the whole IF as its operand", op.symbol()),
        )
        .with_label("not only the last branch")
        .with_secondary(left.span, "all of this is its left side")
        .with_note("a branch of an IF holds no AND or OR without parentheses")
        .with_fix(
            parentheses(left.span, "put the IF in parentheses").with_applicability(Applicability::Safe),
        ),
    );
}

fn parentheses(span: Span, message: &str) -> Fix {
    Fix::new(Applicability::Unsafe, message).insert_before(span, "(").insert_after(span, ")")
}

fn needs_parentheses(p: &mut In<'_, '_>, code: Code, span: Span, what: &str, why: &str) {
    let source = p.tokens().text.get(span.start as usize..span.end as usize).unwrap_or("");
    let mut diagnostic = Diagnostic::new(code, span, format!("{what} needs parentheses here"))
        .with_label("put this in parentheses")
        .with_note(why)
        .with_fix(parentheses(span, "put it in parentheses"));
    /// Longer texts are not worth repeating.
    const SHOWN_CHARS_MAX: usize = 60;
    if source.chars().count() <= SHOWN_CHARS_MAX && !source.contains('\n') {
        diagnostic = diagnostic.with_help(format!("write `({source})`"));
    }
    p.state().reporter.push(diagnostic);
}

fn at_not(p: &mut In<'_, '_>) -> bool {
    p.tokens().kind(p.at()) == Tok::Bang || at_word_operator(p, "not")
}

/// `not = "not" not | cond`
fn not(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    if !at_not(p) {
        return conditional_or_comparison(p, follow);
    }
    let op_span = p.bump();
    let (operand, height) = p.deeper(|p| not(p, follow))?;
    let span = op_span.to(operand.span);
    node(p, ExprKind::Unary { op: UnaryOp::Not, op_span, operand: Box::new(operand) }, span, height)
}

fn conditional_or_comparison(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    if at_word_operator(p, "if") { p.deeper(|p| conditional(p, follow)) } else { comparison(p, follow) }
}

/// `cond = "if" expr "then" cond "else" cond | cmp`
fn conditional(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let start = p.bump();
    let (condition, h1) = expr(p, follow.within())?;
    expect_any_case(p, "then", "THEN")?;
    let (then, h2) = branch(p, follow.within(), true)?;
    expect_any_case(p, "else", "ELSE")?;
    let (otherwise, h3) = branch(p, follow, false)?;
    let span = start.to(otherwise.span);
    let kind =
        ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) };
    node(p, kind, span, h1.max(h2).max(h3))
}

/// A branch of an IF; what needs parentheses there is reported and read nevertheless.
fn branch(p: &mut In<'_, '_>, follow: Follow, first: bool) -> Res<Sub> {
    const WHY: &str = "a branch of an IF is a comparison or another IF: where it ends must be plain to see";
    if at_lambda(p) {
        let found = lambda(p, follow)?;
        needs_parentheses(p, codes::BRANCH_PARENTHESES, found.0.span, "a lambda in a branch of an IF", WHY);
        return Ok(found);
    }
    let negated = at_not(p);
    let mut found = if negated { not(p, follow)? } else { conditional_or_comparison(p, follow)? };
    let logic_follows = first && (at_logic(p, follow, BinaryOp::And) || at_logic(p, follow, BinaryOp::Or));
    if logic_follows {
        found = logic_rest(p, follow, BinaryOp::And, found)?;
        found = logic_rest(p, follow, BinaryOp::Or, found)?;
    }
    if negated || logic_follows {
        let what = if logic_follows { "AND or OR in a branch of an IF" } else { "NOT in a branch of an IF" };
        needs_parentheses(p, codes::BRANCH_PARENTHESES, found.0.span, what, WHY);
    }
    Ok(found)
}

/// The comparison that begins here, if one does.
fn comparison_operator(p: &mut In<'_, '_>, follow: Follow) -> Option<BinaryOp> {
    let kind = p.tokens().kind(p.at());
    let table = [
        (Tok::EqEq, BinaryOp::Eq),
        (Tok::Ne, BinaryOp::Ne),
        (Tok::Le, BinaryOp::Le),
        (Tok::Ge, BinaryOp::Ge),
        (Tok::Lt, BinaryOp::Lt),
        (Tok::Gt, BinaryOp::Gt),
    ];
    if let Some((_, op)) = table.into_iter().find(|(t, _)| *t == kind) {
        return Some(op);
    }
    at_infix(p, follow, "in").then_some(BinaryOp::In)
}

/// `cmp = sum [ op sum ]`, not associative.
fn comparison(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let mut left = sum(p, follow)?;
    let mut first: Option<Span> = None;
    loop {
        let op = match comparison_operator(p, follow) {
            Some(op) => op,
            None if p.tokens().kind(p.at()) == Tok::Eq => {
                let span = p.tokens().span(p.at());
                assignment_in_expression(p, span);
                BinaryOp::Eq
            }
            None => return Ok(left),
        };
        let op_span = p.bump();
        if let Some(first) = first {
            chained_comparison(p, first, op_span);
        }
        first = first.or(Some(op_span));
        let right = sum(p, follow)?;
        left = binary(p, op, op_span, left, right)?;
    }
}

fn assignment_in_expression(p: &mut In<'_, '_>, span: Span) {
    p.state().reporter.push(
        Diagnostic::new(codes::ASSIGN_FOR_COMPARE, span, "`=` assigns, it does not compare")
            .with_label("in an expression write `==`")
            .with_fix(Fix::new(Applicability::Unsafe, "write `==`").replace(span, "==")),
    );
}

fn chained_comparison(p: &mut In<'_, '_>, first: Span, second: Span) {
    p.state().reporter.push(
        Diagnostic::new(codes::CHAINED_COMPARISON, second, "comparisons cannot be chained")
            .with_label("a second comparison")
            .with_secondary(first, "the first one")
            .with_note("`a < b < c` would compare the answer of `a < b` with `c`")
            .with_help("write `a < b AND b < c`, or put one of them in parentheses"),
    );
}

/// `sum = sum ( "+" | "-" ) prod | prod`
fn sum(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let mut left = product(p, follow)?;
    loop {
        let at = p.at();
        let kind = p.tokens().kind(at);
        let op = if kind == Tok::Plus {
            BinaryOp::Add
        } else if kind == Tok::Minus {
            warn_continued(p, follow, "-");
            BinaryOp::Sub
        } else {
            return Ok(left);
        };
        let op_span = p.bump();
        let right = product(p, follow)?;
        left = binary(p, op, op_span, left, right)?;
    }
}

/// `prod = prod ( "*" | "/" | "//" | "%" ) unary | unary`
fn product(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let mut left = unary(p, follow)?;
    loop {
        let kind = p.tokens().kind(p.at());
        let table = [
            (Tok::Star, BinaryOp::Mul),
            (Tok::Slash, BinaryOp::Div),
            (Tok::SlashSlash, BinaryOp::FloorDiv),
            (Tok::Percent, BinaryOp::Mod),
        ];
        let Some((_, op)) = table.into_iter().find(|(t, _)| *t == kind) else { return Ok(left) };
        let op_span = p.bump();
        let right = unary(p, follow)?;
        left = binary(p, op, op_span, left, right)?;
    }
}

/// `unary = "-" unary | post`; what may not be an operand is reported and read nevertheless.
fn unary(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let kind = p.tokens().kind(p.at());
    if kind == Tok::Minus {
        let op_span = p.bump();
        let (operand, height) = p.deeper(|p| unary(p, follow))?;
        let span = op_span.to(operand.span);
        return node(
            p,
            ExprKind::Unary { op: UnaryOp::Neg, op_span, operand: Box::new(operand) },
            span,
            height,
        );
    }
    let found = if at_word_operator(p, "if") {
        let found = p.deeper(|p| conditional(p, follow))?;
        (found, "an IF as an operand", "otherwise where its last branch ends could not be seen")
    } else if at_not(p) {
        let found = p.deeper(|p| not(p, follow))?;
        (found, "NOT as an operand", "NOT binds weaker than comparisons and arithmetic")
    } else if at_lambda(p) {
        let found = lambda(p, follow)?;
        (found, "a lambda as an operand", "a lambda reaches as far to the right as it can")
    } else {
        return postfix(p, follow);
    };
    let (sub, what, why) = found;
    needs_parentheses(p, codes::OPERAND_PARENTHESES, sub.0.span, what, why);
    Ok(sub)
}

/// Line ends never end a statement; say so when one looks as if it did.
fn warn_continued(p: &mut In<'_, '_>, follow: Follow, sign: &str) {
    let at = p.at();
    let t = p.tokens();
    if follow == Follow::Inside || !t.first_on_line(at) {
        return;
    }
    let before = at.checked_sub(1).map_or(t.span(at), |b| t.span(b));
    p.state().reporter.push(
        Diagnostic::new(codes::CONTINUED, t.span(at), format!("this `{sign}` continues the line before"))
            .with_label("belongs to the expression above")
            .with_secondary(before, "which does not end here")
            .with_note("a line end has no meaning; only what follows ends an expression")
            .with_help(format!(
                "move the `{sign}` to the line before, or put the whole expression in parentheses"
            )),
    );
}

/// `post`
fn postfix(p: &mut In<'_, '_>, follow: Follow) -> Res<Sub> {
    let t = p.tokens();
    let mut left = primary(p)?;
    loop {
        let at = p.at();
        let kind = t.kind(at);
        if kind == Tok::LParen {
            match left.0.as_name().cloned() {
                Some(callee) => {
                    let block = match follow {
                        Follow::Inside | Follow::Anything => false,
                        Follow::Block => opens_block(t, at, false),
                        Follow::BlockOrEmpty => opens_block(t, at, true),
                    };
                    if block {
                        return Ok(left);
                    }
                    warn_continued(p, follow, "(");
                    left = call(p, callee, left.0.span)?;
                }
                // Where a block may stand, a space before the bracket says that one is meant.
                None if matches!(follow, Follow::Inside | Follow::Anything)
                    || (t.touches_previous(at) && !opens_block(t, at, false)) =>
                {
                    return Err(not_callable(p, &left.0));
                }
                None => return Ok(left),
            }
        } else if kind == Tok::LBracket {
            warn_continued(p, follow, "[");
            left = index(p, left, false)?;
        } else if kind == Tok::Dot {
            p.bump();
            if t.kind(p.at()) == Tok::LBracket {
                left = index(p, left, true)?;
            } else {
                let name = expect_name(p, "the name of a field")
                    .map_err(|e| e.also(Expected::Tok(Tok::LBracket)))?;
                let span = left.0.span.to(name.span);
                left = node(p, ExprKind::Field { base: Box::new(left.0), name }, span, left.1)?;
            }
        } else {
            return Ok(left);
        }
    }
}

fn call(p: &mut In<'_, '_>, callee: Ident, start: Span) -> Res<Sub> {
    let (args, height) = p.deeper(|p| {
        expect(p, Tok::LParen)?;
        list(p, Tok::RParen)
    })?;
    let end = p.at();
    let span = p.tokens().span_between(end.saturating_sub(1), end);
    node(p, ExprKind::Call { callee, args }, start.to(span), height)
}

fn index(p: &mut In<'_, '_>, base: Sub, dotted: bool) -> Res<Sub> {
    let open = p.at();
    let (index, height) = p.deeper(|p| {
        p.bump();
        expr(p, Follow::Inside)
    })?;
    let close = expect(p, Tok::RBracket).map_err(|e| e.opened(open))?;
    let span = base.0.span.to(close);
    let height = height.max(base.1);
    node(p, ExprKind::Index { base: Box::new(base.0), index: Box::new(index), dotted }, span, height)
}

fn not_callable(p: &mut In<'_, '_>, callee: &Expr) -> SyntaxError {
    let at = p.at();
    SyntaxError::special(
        at,
        Diagnostic::new(codes::NOT_CALLABLE, p.tokens().span(at), "only a function's name can be called")
            .with_label("these parentheses follow something else")
            .with_secondary(callee.span, "this is not a name")
            .with_note("functions are no values: there are no methods and no functions in fields")
            .with_help("write `f(x)` for `x.f()`"),
    )
}

/// `prim`
fn primary(p: &mut In<'_, '_>) -> Res<Sub> {
    let t = p.tokens();
    let at = p.at();
    let kind = t.kind(at);
    if kind == Tok::Word {
        return word(p, at);
    }
    if kind == Tok::Number {
        return number(p);
    }
    if kind == Tok::Text {
        let text = unquote(t.text(at));
        return Ok(leaf(ExprKind::String(text), p.bump()));
    }
    if kind == Tok::LParen {
        let (inner, height) = p.deeper(|p| {
            p.bump();
            expr(p, Follow::Inside)
        })?;
        let open = t.span(at);
        let close = expect(p, Tok::RParen).map_err(|e| e.opened(at))?;
        return node(p, ExprKind::Paren(Box::new(inner)), open.to(close), height);
    }
    if kind == Tok::LBrace {
        let (record, height) = p.deeper(record)?;
        let span = record.span;
        return node(p, ExprKind::Record(record), span, height);
    }
    if kind == Tok::LBracket {
        let (items, height) = p.deeper(|p| {
            p.bump();
            list(p, Tok::RBracket)
        })?;
        let end = p.at();
        let span = t.span(at).to(t.span_between(end.saturating_sub(1), end));
        return node(p, ExprKind::List(items), span, height);
    }
    Err(SyntaxError::expected(at, Expected::What("an expression")))
}

/// A name, a literal that is a word, or a record with a name.
fn word(p: &mut In<'_, '_>, at: usize) -> Res<Sub> {
    let t = p.tokens();
    let text = t.text(at);
    let next = at.saturating_add(1);
    for (literal, kind) in
        [("true", ExprKind::Bool(true)), ("false", ExprKind::Bool(false)), ("null", ExprKind::Null)]
    {
        // `true { … }` is a record of a struct that is called so.
        if text.eq_ignore_ascii_case(literal) && t.kind(next) != Tok::LBrace {
            return Ok(leaf(kind, p.bump()));
        }
    }
    let operator = ["and", "or", "in", "then", "else"].into_iter().any(|w| text.eq_ignore_ascii_case(w));
    if operator && !matches!(t.kind(next), Tok::Eq | Tok::Arrow) {
        return Err(SyntaxError::expected(at, Expected::What("an expression")));
    }
    let name = expect_name(p, "an expression")?;
    let span = name.span;
    if t.kind(next) == Tok::LBrace {
        let (record, height) = p.deeper(record)?;
        let whole = span.to(record.span);
        return node(p, ExprKind::NamedRecord { name, record }, whole, height);
    }
    Ok(leaf(ExprKind::Name(name), span))
}

/// `NUM unit | NUM`
fn number(p: &mut In<'_, '_>) -> Res<Sub> {
    let t = p.tokens();
    let number = expect_number(p)?;
    let at = p.at();
    let unit = if t.kind(at) == Tok::Word { Unit::from_word(t.text(at)) } else { None };
    match unit {
        // A unit is a name when `=`, `->` or `[` follows.
        Some(unit) if !matches!(t.kind(at.saturating_add(1)), Tok::Eq | Tok::Arrow | Tok::LBracket) => {
            let unit_span = p.bump();
            let span = number.span.to(unit_span);
            Ok(leaf(ExprKind::Quantity { number, unit, unit_span }, span))
        }
        _ => {
            // `2n` was reported; the word is no operand of its own.
            let glued = t.kind(at) == Tok::Word && t.touches_previous(at);
            if glued && !matches!(t.kind(at.saturating_add(1)), Tok::Eq | Tok::Arrow | Tok::LBracket) {
                p.bump();
            }
            let span = number.span;
            Ok(leaf(ExprKind::Number(number), span))
        }
    }
}
