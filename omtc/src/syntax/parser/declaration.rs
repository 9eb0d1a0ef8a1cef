//! Declarations: everything that may stand at the top of a file.

use chumsky::prelude::*;

use super::super::ast::{
    Block, Decl, Enum, EnumValue, Field, Fields, Fold, Ident, Imports, Message, Native, Parameter,
    ParameterValue, Parameters, Path, Struct, Transaction, TransactionNumber, Type, Uses, View, ViewItem,
};
use super::super::lookahead::Level;
use super::super::tokens::Tok;
use super::error::Expected;
use super::primitives::{
    arrow, body, bracketed_names, doc_after_of, doc_before, doc_of, elements, expect, expect_name, head,
    keyword, name, opens, signed_number, span_of, superfluous_comma, text, token,
};
use super::{In, Look, Parse, Res, Rule, SyntaxError, action, actor, function, scenario};
use crate::diagnostic::{Applicability, Diagnostic, Fix, codes};

/// All declarations up to the end of the file.
pub(super) fn file<'s>() -> impl Parse<'s, Vec<Decl>> {
    let declaration = declaration();
    custom(move |p: &mut In<'s, '_>| elements(p, Level::Declarations, &declaration, None))
}

fn declaration<'s>() -> Rule<'s, Decl> {
    choice((
        transaction().map(Decl::Transaction),
        imports().map(Decl::Imports),
        uses().map(Decl::Uses),
        parameters().map(Decl::Parameters),
        enumeration().map(Decl::Enum),
        structure().map(Decl::Struct),
        message().map(Decl::Message),
        block().map(Decl::Block),
        view().map(Decl::View),
        actor::actor().map(Decl::Actor),
        function::function().map(Decl::Function),
        native(),
        scenario::property().map(Decl::Property),
        scenario::scenario().map(Decl::Scenario),
    ))
    .boxed()
}

fn transaction<'s>() -> Rule<'s, Transaction> {
    let number = choice((
        name("the number of the transaction").map(TransactionNumber::Name),
        signed_number().map(TransactionNumber::Number),
    ));
    let session = keyword("session").ignore_then(name("the name of the session key"));
    keyword("transaction")
        .ignore_then(number)
        .then(text())
        .then(text().or_not())
        .then(session.or_not())
        .map_with(|(((number, title), description), session), e| Transaction {
            doc: doc_of(e),
            span: span_of(e),
            number,
            title,
            description,
            session,
        })
        .boxed()
}

/// `seg { "/" seg }`; a segment is made of numbers and names that touch: `00_escrow_lock`.
fn path<'s>() -> impl Parse<'s, Path> {
    custom(|p: &mut In<'s, '_>| {
        let start = p.at();
        let mut segments = vec![segment(p)?];
        while p.tokens().kind(p.at()) == Tok::Slash {
            p.bump();
            segments.push(segment(p)?);
        }
        let end = p.at();
        extension(p, start);
        Ok(Path { span: p.tokens().span_between(start, end), segments })
    })
}

fn segment(p: &mut In<'_, '_>) -> Res<Ident> {
    let t = p.tokens();
    let start = p.at();
    if !matches!(t.kind(start), Tok::Word | Tok::Number) || t.declares(start) {
        return Err(SyntaxError::expected(start, Expected::What("a folder or file name")));
    }
    let mut span = p.bump();
    while matches!(t.kind(p.at()), Tok::Word | Tok::Number) && t.touches_previous(p.at()) {
        span = span.to(p.bump());
    }
    let text = t.text.get(span.start as usize..span.end as usize).unwrap_or("").to_owned();
    Ok(Ident { text, span })
}

/// `imports common.omt` is a frequent slip: says so and passes over the extension.
fn extension(p: &mut In<'_, '_>, start: usize) {
    let t = p.tokens();
    let at = p.at();
    if t.kind(at) != Tok::Dot || !t.touches_previous(at) || !t.is_word(at.saturating_add(1), "omt") {
        return;
    }
    let span = t.span_between(start, at);
    let path = t.text.get(span.start as usize..span.end as usize).unwrap_or("");
    let tail = t.span(at).to(t.span(at.saturating_add(1)));
    let diagnostic = Diagnostic::new(codes::PATH_EXTENSION, tail, "a path has no extension")
        .with_label("leave it out")
        .with_note(format!("`{path}` means `{path}.omt` or `{path}/transaction.omt`"))
        .with_fix(Fix::new(Applicability::Safe, "remove the extension").replace(tail, ""));
    p.state().reporter.push(diagnostic);
    p.bump();
    p.bump();
}

fn imports<'s>() -> Rule<'s, Imports> {
    keyword("imports")
        .ignore_then(path())
        .map_with(|path, e| Imports { doc: doc_of(e), span: span_of(e), path })
        .boxed()
}

fn uses<'s>() -> Rule<'s, Uses> {
    keyword("uses")
        .ignore_then(path())
        .then_ignore(keyword("as"))
        .then(name("the name under which it is known here"))
        .map_with(|(path, alias), e| Uses { doc: doc_of(e), span: span_of(e), path, alias })
        .boxed()
}

/// `ID "=" ( number | ID ) [ ID ]`
pub(super) fn setting<'s>() -> impl Parse<'s, ((Ident, ParameterValue), Option<Ident>)> {
    let value =
        choice((signed_number().map(ParameterValue::Number), name("a value").map(ParameterValue::Name)));
    // After a value, `NAME =` is the next parameter, not a unit.
    let unit = custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        if p.tokens().kind(at.saturating_add(1)) == Tok::Eq {
            return Err(SyntaxError::expected(at, Expected::What("a unit")));
        }
        expect_name(p, "a unit")
    });
    name("the name of a parameter").then_ignore(token(Tok::Eq)).then(value).then(unit.or_not())
}

fn parameters<'s>() -> Rule<'s, Parameters> {
    let entry = setting().then(text().or_not()).map_with(|(((name, value), unit), text), e| Parameter {
        span: span_of(e),
        doc: doc_of(e).or_else(|| doc_after_of(e)),
        name,
        value,
        unit,
        text,
    });
    keyword("parameters")
        .ignore_then(body(Level::ParameterEntries, entry))
        .map_with(|(entries, _), e| Parameters { doc: doc_of(e), span: span_of(e), entries })
        .boxed()
}

fn enumeration<'s>() -> Rule<'s, Enum> {
    let value = name("the name of a value").map_with(|name, e| EnumValue { name, doc: doc_after_of(e) });
    keyword("enum")
        .ignore_then(name("the name of the enum"))
        .then(text().or_not())
        .then(body(Level::EnumValues, value))
        .map_with(|((name, text), (values, _)), e| Enum {
            doc: doc_of(e),
            span: span_of(e),
            name,
            text,
            values,
        })
        .boxed()
}

fn structure<'s>() -> Rule<'s, Struct> {
    keyword("struct")
        .ignore_then(name("the name of the struct"))
        .then(text().or_not())
        .then(fields())
        .map_with(|((name, text), fields), e| Struct { doc: doc_of(e), span: span_of(e), name, text, fields })
        .boxed()
}

fn message<'s>() -> Rule<'s, Message> {
    let from =
        choice((bracketed_names("the name of an actor"), name("the name of an actor").map(|n| vec![n])));
    let named = keyword("message")
        .ignore_then(name("the name of the message"))
        .then_ignore(keyword("from"))
        .then(from)
        .then_ignore(keyword("to"))
        .then(bracketed_names("the name of an actor"))
        .then(keyword("signed").or_not())
        .then_ignore(opens());
    head(Level::Declarations, named, fields())
        .then(fields())
        .map_with(|((((name, from), to), signed), fields), e| Message {
            doc: doc_of(e),
            span: span_of(e),
            name,
            from,
            to,
            signed,
            fields,
        })
        .boxed()
}

fn block<'s>() -> Rule<'s, Block> {
    keyword("block")
        .ignore_then(name("the name of the block"))
        .then_ignore(keyword("by"))
        .then(bracketed_names("the name of an actor"))
        .then(fields())
        .map_with(|((name, by), fields), e| Block { doc: doc_of(e), span: span_of(e), name, by, fields })
        .boxed()
}

fn view<'s>() -> Rule<'s, View> {
    // `on GRANT (` and `on GRANT when` are folds; `on uint` would be a field of that name.
    let on = custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        let t = p.tokens();
        let third = at.saturating_add(2);
        if t.is_word(at, "on")
            && t.kind(at.saturating_add(1)) == Tok::Word
            && (t.kind(third) == Tok::LParen || t.is_word(third, "when"))
        {
            Ok(p.bump())
        } else {
            Err(SyntaxError::expected(at, Expected::Word("on")))
        }
    });
    let fold = on
        .ignore_then(name("the name of a block"))
        .then(action::guard().or_not())
        .then(action::actions())
        .map_with(|((block, guard), actions), e| Fold {
            span: span_of(e),
            doc: doc_of(e),
            block,
            guard,
            actions,
        });
    let item = choice((fold.map(ViewItem::Fold), field().map(ViewItem::Field)));
    let items = body(Level::ViewItems, item);
    let named =
        keyword("view").ignore_then(name("the name of the view")).then(text().or_not()).then_ignore(opens());
    head(Level::Declarations, named, items.clone())
        .then(items)
        .map_with(|((name, text), (items, _)), e| View {
            doc: doc_of(e),
            span: span_of(e),
            name,
            text,
            items,
        })
        .boxed()
}

fn native<'s>() -> Rule<'s, Decl> {
    let task = choice((keyword("function").to(false), keyword("task").to(true)));
    keyword("native")
        .ignore_then(task)
        .then(name("the name of the native"))
        .then(params())
        .then_ignore(arrow())
        .then(ty())
        .then(text())
        .map_with(|((((task, name), params), result), library), e| {
            let native = Native { doc: doc_of(e), span: span_of(e), name, params, result, library };
            if task { Decl::Task(native) } else { Decl::Native(native) }
        })
        .boxed()
}

/// `"(" { ID type } ")"`
pub(super) fn fields<'s>() -> Rule<'s, Fields> {
    body(Level::Fields, field()).map(|(list, span)| Fields { span, list }).boxed()
}

/// `ID type` in a list without commas. A comma is reported and passed over.
fn field<'s>() -> impl Parse<'s, Field> {
    let comma = custom(|p: &mut In<'s, '_>| {
        let at = p.at();
        if p.tokens().kind(at) == Tok::Comma {
            superfluous_comma(p, Level::Fields);
        }
        Ok(())
    });
    name("the name of a field").then(ty()).then_ignore(comma).map_with(|(name, ty), e| Field {
        span: name.span.to(ty.span),
        doc: doc_of(e).or_else(|| doc_after_of(e)),
        name,
        ty,
    })
}

/// `"(" [ (ID type)% ] ")"`
pub(super) fn params<'s>() -> Rule<'s, Vec<Field>> {
    custom(|p: &mut In<'s, '_>| {
        let t = p.tokens();
        let open = p.at();
        expect(p, Tok::LParen)?;
        let mut list = Vec::new();
        if t.kind(p.at()) == Tok::RParen {
            p.bump();
            return Ok(list);
        }
        loop {
            let doc = doc_before(t, p.at());
            let name = expect_name(p, "the name of a parameter")?;
            let ty = parse_type(p)?;
            list.push(Field { span: name.span.to(ty.span), doc, name, ty });
            let at = p.at();
            if t.kind(at) == Tok::Comma {
                p.bump();
            } else {
                expect(p, Tok::RParen).map_err(|e| e.also(Expected::Tok(Tok::Comma)).opened(open))?;
                return Ok(list);
            }
        }
    })
    .boxed()
}

/// `ID [ "<" type% ">" ] [ "?" ]`
pub(super) fn ty<'s>() -> impl Parse<'s, Type> {
    custom(|p: &mut In<'s, '_>| parse_type(p))
}

fn parse_type(p: &mut In<'_, '_>) -> Res<Type> {
    let t = p.tokens();
    let start = p.at();
    let name = expect_name(p, "a type")?;
    let mut args = Vec::new();
    if t.kind(p.at()) == Tok::Lt {
        args = p.deeper(|p| {
            p.bump();
            let mut args = vec![parse_type(p)?];
            while t.kind(p.at()) == Tok::Comma {
                p.bump();
                args.push(parse_type(p)?);
            }
            expect(p, Tok::Gt).map_err(|e| e.also(Expected::Tok(Tok::Comma)))?;
            Ok(args)
        })?;
    }
    let optional = t.kind(p.at()) == Tok::Question;
    if optional {
        p.bump();
    }
    let end = p.at();
    Ok(Type { span: t.span_between(start, end), name, args, optional })
}
