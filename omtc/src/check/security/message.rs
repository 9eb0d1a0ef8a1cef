//! What a message is made of.

#![allow(clippy::wildcard_enum_match_arm, reason = "a type that is not taken apart has no parts")]

use super::flow::value::ELEMENT;
use omt_runtime::ir::{At, Fields, Message, Protocol, Type, in_order};

/// How deep structs in structs are taken apart.
const PART_DEPTH_MAX: usize = 6;
/// How many parts of one message are looked at.
const PARTS_MAX: usize = 512;

/// A part of a message: a field, a field of a struct in it, an element of a list.
pub(super) struct Part<'a> {
    /// How to get there.
    pub path: Vec<&'a str>,
    /// Its type, without `T?`.
    pub ty: &'a Type,
    /// Where the field is declared, in the message or in the struct.
    pub at: At,
}

impl<'a> Part<'a> {
    /// Its own name.
    pub fn name(&self) -> &'a str {
        self.path.iter().rev().find(|name| **name != ELEMENT).copied().unwrap_or_default()
    }

    /// As it is written: `message.terms.amount`.
    pub fn text(&self) -> String {
        text(&self.path)
    }
}

/// `message.terms.amount`
pub(super) fn text(path: &[&str]) -> String {
    let mut text = "message".to_owned();
    for part in path {
        if *part == ELEMENT {
            text.push_str("[…]");
        } else {
            text.push('.');
            text.push_str(part);
        }
    }
    text
}

/// All parts of the payload of a message, those of structs behind the struct. What lies in blocks, segments and signed messages is
/// not taken apart: it is vouched for as a whole.
pub(super) fn parts<'a>(protocol: &'a Protocol, message: &'a Message) -> Vec<Part<'a>> {
    let mut found = Vec::new();
    fields(protocol, &message.fields, &mut Vec::new(), &mut found);
    found
}

/// All parts of a value of that type.
pub(super) fn parts_of<'a>(protocol: &'a Protocol, name: &'a str, ty: &'a Type, at: At) -> Vec<Part<'a>> {
    let mut found = Vec::new();
    part(protocol, ty, at, &mut vec![name], &mut found);
    found
}

fn fields<'a>(
    protocol: &'a Protocol,
    fields: &'a Fields,
    path: &mut Vec<&'a str>,
    found: &mut Vec<Part<'a>>,
) {
    for (name, field) in in_order(fields) {
        path.push(name);
        part(protocol, &field.ty, field.meta.at, path, found);
        path.pop();
    }
}

fn part<'a>(
    protocol: &'a Protocol,
    ty: &'a Type,
    at: At,
    path: &mut Vec<&'a str>,
    found: &mut Vec<Part<'a>>,
) {
    if path.len() > PART_DEPTH_MAX || found.len() >= PARTS_MAX {
        return;
    }
    let ty = ty.plain();
    found.push(Part { path: path.clone(), ty, at });
    match ty {
        Type::List(inner) | Type::Map(_, inner) => {
            path.push(ELEMENT);
            part(protocol, inner, at, path, found);
            path.pop();
        }
        Type::Struct(name) => {
            if let Some(record) = protocol.structs.get(name) {
                fields(protocol, &record.fields, path, found);
            }
        }
        _ => {}
    }
}
