//! The grammar of LANGUAGE section 2, as chumsky parsers over tokens.
//!
//! What is regular (heads of declarations, items, causes, steps) is put together from combinators; what
//! depends on context (expressions, blocks, statements) is written as `custom` parsers that look ahead first
//! and then commit. Nothing is ever read twice but the start of an optional part, so the time is linear.
//!
//! A text is read once to the letter of the grammar. Only when that fails is it read a second time with
//! recovery, which has one place: [`primitives::body`] reads the elements between two brackets (or of the file)
//! and, when one of them fails, reports it, skips to where reading may go on, and continues. So what recovery
//! takes for the beginning of something, and it guesses from line ends and columns, never refuses a source that
//! the grammar accepts. While recovering, diagnostics are kept when the parser rewinds, so that none is lost.

mod action;
mod actor;
mod declaration;
mod error;
mod expression;
mod function;
mod primitives;
mod scenario;

use chumsky::input::{Checkpoint, Cursor, InputRef};
use chumsky::inspector::Inspector;
use chumsky::prelude::*;

use super::ast::Decl;
use super::lookahead::Level;
use super::report::{Mark, Reporter};
use super::tokens::{Token, Tokens};
use crate::source::Span;
pub(crate) use error::SyntaxError;

/// How deep the brackets and operators of an expression may nest, and how deep blocks, and types. Far above
/// anything a person writes, and low enough for every recursive pass over the tree.
pub const NEST_DEPTH_MAX: u32 = 256;

type Input<'s> = &'s [Token];
type Extra<'s> = extra::Full<SyntaxError, State<'s>, ()>;
/// The cursor of custom parsers.
type In<'s, 'p> = InputRef<'s, 'p, Input<'s>, Extra<'s>>;
type Res<T> = Result<T, SyntaxError>;

/// A chumsky parser over tokens.
trait Parse<'s, T>: Parser<'s, Input<'s>, T, Extra<'s>> + Clone + 's {}
impl<'s, T, P: Parser<'s, Input<'s>, T, Extra<'s>> + Clone + 's> Parse<'s, T> for P {}

/// A parser whose type is hidden: keeps types, and with them the time to compile, small.
type Rule<'s, T> = Boxed<'s, 's, Input<'s>, T, Extra<'s>>;

/// What is known besides the position.
struct State<'s> {
    tokens: &'s Tokens<'s>,
    reporter: Reporter,
    /// How deep the parser is nested.
    depth: u32,
    /// What is being read, from the file inwards.
    levels: Vec<Level>,
    /// An unclosed bracket was reported at the end of the file; the ones around it are no news.
    end_reported: bool,
    /// Whether to go on after a mistake. Without, the first one ends everything.
    recovering: bool,
    /// A token that is read as this keyword, since it is that but for its spelling.
    respelt: Option<(usize, &'static str)>,
    /// Where an element begins whose head was reported, and where its body ends, which was read nevertheless.
    /// (Chumsky would rather tell what the body could have gone on with.)
    handled: Option<(usize, usize)>,
}

impl<'s> Inspector<'s, Input<'s>> for State<'s> {
    type Checkpoint = Mark;
    fn on_token(&mut self, _: &Token) {}
    fn on_save<'p>(&self, _: &Cursor<'s, 'p, Input<'s>>) -> Mark {
        self.reporter.mark()
    }
    fn on_rewind<'p>(&mut self, checkpoint: &Checkpoint<'s, 'p, Input<'s>, Mark>) {
        // An alternative that did not hold has found nothing.
        if !self.recovering {
            self.reporter.reset(*checkpoint.inspector());
        }
    }
}

/// Reads all declarations of a file.
pub(super) fn parse_file(tokens: &mut Tokens<'_>, reporter: Reporter) -> (Vec<Decl>, Reporter) {
    let lexed = reporter.mark();
    let (decls, mut reporter, errors) = read(tokens, reporter, false);
    let Some(error) = errors.into_iter().next() else { return (decls, reporter) };
    let exact = error.into_diagnostic(tokens, None);
    reporter.reset(lexed);
    tokens.recover(&mut reporter);
    let (decls, mut reporter, errors) = read(tokens, reporter, true);
    // Recovery says everything where it happens; an error here would be one it forgot.
    for error in errors {
        reporter.push(error.into_diagnostic(tokens, None));
    }
    if !reporter.has_errors() {
        reporter.push(exact);
    }
    (decls, reporter)
}

fn read(
    tokens: &Tokens<'_>,
    reporter: Reporter,
    recovering: bool,
) -> (Vec<Decl>, Reporter, Vec<SyntaxError>) {
    let mut state = State {
        tokens,
        reporter,
        depth: 0,
        levels: Vec::new(),
        end_reported: false,
        recovering,
        respelt: None,
        handled: None,
    };
    let (decls, errors) = declaration::file().parse_with_state(&tokens.list, &mut state).into_output_errors();
    (decls.unwrap_or_default(), state.reporter, errors)
}

/// What custom parsers ask and do. Thin names over `InputRef`.
trait Look<'s> {
    /// The index of the next token.
    fn at(&self) -> usize;
    /// All tokens.
    fn tokens(&mut self) -> &'s Tokens<'s>;
    /// Moves past the next token and gives its span.
    fn bump(&mut self) -> Span;
    /// Runs a parser one level deeper.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T>;
    /// Runs a parser that counts its levels from here: expressions nest apart from the blocks around them.
    fn afresh<T>(&mut self, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T>;
}

impl<'s> Look<'s> for In<'s, '_> {
    fn at(&self) -> usize {
        *self.cursor().inner()
    }

    fn tokens(&mut self) -> &'s Tokens<'s> {
        self.state().tokens
    }

    fn bump(&mut self) -> Span {
        let at = self.at();
        self.skip();
        self.tokens().span(at)
    }

    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        let at = self.at();
        let state = self.state();
        if state.depth >= NEST_DEPTH_MAX {
            return Err(error::too_deep(state.tokens, at));
        }
        state.depth = state.depth.saturating_add(1);
        let result = f(self);
        let state = self.state();
        state.depth = state.depth.saturating_sub(1);
        result
    }

    fn afresh<T>(&mut self, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        let outer = std::mem::take(&mut self.state().depth);
        let result = f(self);
        self.state().depth = outer;
        result
    }
}
