//! Fields and items: `e.name`, `e[i]`, and everything behind `message.`.

use super::codes;
use super::context::{CauseInfo, Elab};
use super::convert::{Wanted, a_type};
use super::types::show;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Expr, ExprKind, Type};

/// Fields of built-in records, in the order in which they are offered.
pub(super) fn built_in_fields(ty: &Type) -> Vec<(&'static str, Type)> {
    match ty {
        Type::Signed(m) => vec![
            ("sender", Type::PeerId),
            ("session", Type::Hash),
            ("sequence", Type::Uint),
            ("payload", Type::Message(m.clone())),
        ],
        Type::Block(b) => vec![
            ("author", Type::PeerId),
            ("height", Type::Uint),
            ("previous", Type::Hash),
            ("time", Type::Timestamp),
            ("hash", Type::Hash),
            ("payload", Type::BlockPayload(b.clone())),
        ],
        Type::Segment => vec![("author", Type::PeerId), ("head", Type::Hash), ("height", Type::Int)],
        Type::ChainState => vec![
            ("block_hash", Type::Hash),
            ("sequence", Type::Uint),
            ("known_peers", Type::List(Box::new(Type::PeerId))),
            ("peer_hashes", Type::Map(Box::new(Type::PeerId), Box::new(Type::Hash))),
        ],
        Type::Equivocation => vec![("author", Type::PeerId)],
        _ => Vec::new(),
    }
}

impl Elab<'_, '_> {
    /// `e.name`.
    pub fn field(&mut self, base: &ast::Expr, name: &ast::Ident, span: Span) -> Option<Expr> {
        if let Some(word) = base.as_name()
            && word.text == "message"
            && self.binding("message").is_none()
        {
            return self.message_field(word, name, span);
        }
        if let Some(observed) = self.observed_field(base, name, span) {
            return observed;
        }
        let value = self.infer(base, None)?;
        let value = self.present(value, base.span, &format!("reading its field `{}`", name.text))?;
        let value = if value.ty == Type::Any && self.is_lenient() {
            let record = self.record_with(&value, &name.text);
            self.needed_as(value, &record, base.span)
        } else {
            value
        };
        let ty = self.field_type(&value.ty, name, base.span)?;
        let field = self.make(ExprKind::Field(Box::new(value), name.text.clone()), ty, span);
        Some(self.narrowed(field))
    }

    /// The type of a field, or a message that there is none.
    pub fn field_type(&mut self, ty: &Type, name: &ast::Ident, base: Span) -> Option<Type> {
        let text = name.text.as_str();
        let mut known: Vec<String> = Vec::new();
        let mut declared = None;
        match ty {
            Type::Struct(record)
            | Type::Message(record)
            | Type::BlockPayload(record)
            | Type::View(record) => {
                if let Some(shape) = self.shape_of(record) {
                    if let Some(slot) = shape.get(text) {
                        return slot.ty.clone();
                    }
                    // A name that no source can write is none to offer.
                    known = shape.keys().filter(|name| !name.contains('(')).cloned().collect();
                    declared = self.tables.scope.types.get(record.as_str()).map(|d| d.name().span);
                }
            }
            Type::Dict => return Some(Type::Any),
            _ => {
                let fields = built_in_fields(ty);
                if let Some((_, ty)) = fields.iter().find(|(n, _)| *n == text) {
                    return Some(ty.clone());
                }
                known = fields.iter().map(|(n, _)| (*n).to_owned()).collect();
            }
        }
        let mut diagnostic = if known.is_empty() && declared.is_none() {
            Diagnostic::new(codes::UNKNOWN_FIELD, name.span, format!("{} has no fields", show(ty)))
                .with_label("there is nothing to take")
                .with_secondary(base, format!("this is {}", a_type(ty)))
        } else {
            Diagnostic::new(codes::UNKNOWN_FIELD, name.span, format!("{} has no field `{text}`", show(ty)))
                .with_label("no such field")
        };
        if let Some(span) = declared {
            diagnostic = diagnostic.with_secondary(span, "declared here");
        }
        let in_payload =
            built_in_fields(ty).into_iter().find(|(n, _)| *n == "payload").is_some_and(|(_, p)| {
                let (Type::Message(r) | Type::BlockPayload(r)) = p else { return false };
                self.tables.signatures.shapes.get(r.as_str()).is_some_and(|s| s.contains_key(text))
            });
        diagnostic = if in_payload {
            diagnostic.with_help(format!("it is in the payload: write `.payload.{text}`"))
        } else {
            diagnostic.with_did_you_mean(text, known.iter().map(String::as_str))
        };
        if diagnostic.help.is_none() && !known.is_empty() {
            diagnostic = diagnostic.with_help(format!("its fields: {}", known.join(", ")));
        }
        self.report(diagnostic);
        None
    }

    /// `message.NAME`.
    fn message_field(&mut self, word: &ast::Ident, name: &ast::Ident, span: Span) -> Option<Expr> {
        let CauseInfo::Message(message) = self.cause() else {
            self.report(
                Diagnostic::new(codes::NOT_HERE, word.span, "there is no message here")
                    .with_label("no message caused this")
                    .with_note("`message` is known in the guard and the actions of a transition or `collect` on a message")
                    .with_help("store what is needed when the message arrives: `store field`"),
            );
            return None;
        };
        let of = message.name.text.clone();
        match name.text.as_str() {
            "sender" => return Some(self.make(ExprKind::Sender, Type::PeerId, span)),
            "payload" => return Some(self.make(ExprKind::Payload, Type::Message(of), span)),
            "session" => return Some(self.make(ExprKind::Session, Type::Hash, span)),
            "signed" => {
                if message.signed.is_none() {
                    self.report(
                        Diagnostic::new(codes::NOT_HERE, name.span, format!("`{of}` is not signed"))
                            .with_label("there is no signed form of it")
                            .with_secondary(message.name.span, "declared without `signed`")
                            .with_help(format!("declare it as `message {of} from … to […] signed (…)`")),
                    );
                    return None;
                }
                return Some(self.make(ExprKind::SignedMessage, Type::Signed(of), span));
            }
            _ => {}
        }
        let payload = self.make(ExprKind::Payload, Type::Message(of.clone()), word.span);
        let ty = self.field_type(&Type::Message(of), name, word.span)?;
        let field = self.make(ExprKind::Field(Box::new(payload), name.text.clone()), ty, span);
        Some(self.narrowed(field))
    }

    /// `e[i]`.
    pub fn index(&mut self, base: &ast::Expr, index: &ast::Expr, span: Span) -> Option<Expr> {
        let Some(value) = self.infer(base, None) else {
            self.infer(index, None);
            return None;
        };
        let value = self.present(value, base.span, "taking an item of it")?;
        if self.is_lenient() && matches!(value.ty, Type::Any | Type::Dict) {
            let value = self.loose(value).ok()?;
            return self.dynamic_item(value, base.span, index, span);
        }
        let (key, item) = self.item_type(&value.ty, base.span)?;
        let wanted = match &value.ty {
            Type::Map(..) => Wanted::new("a key of this map").declared(base.span, show(&value.ty)),
            _ => Wanted::new("an index").declared(base.span, show(&value.ty)),
        };
        let key = self.check(index, &key, &wanted)?;
        let item = self.make(ExprKind::Index(Box::new(value), Box::new(key)), item, span);
        Some(self.narrowed(item))
    }

    /// Types of key and item of something that can be indexed.
    pub fn item_type(&mut self, ty: &Type, span: Span) -> Option<(Type, Type)> {
        match ty {
            // An index is an integer; which ones exist is for the list to say when it runs.
            Type::List(item) => Some((Type::Int, (**item).clone())),
            Type::Map(key, value) => Some(((**key).clone(), (**value).clone())),
            _ => {
                self.report(
                    Diagnostic::new(codes::OPERANDS, span, "only lists and maps have items")
                        .with_label(format!("this is {}", a_type(ty))),
                );
                None
            }
        }
    }
}
