//! Declarations without behaviour: parameters, enums, structs, payloads of messages and blocks.

use super::file::{File, docs, escape, sentence};
use super::model::{Model, by_order};
use omt_runtime::ir::{Fields, Parameter, ParameterValue, Type, in_order};

/// A field in `wire_record!`: its Rust name, and its name on the wire where that differs.
pub fn wire_field(rust: &str, name: &str) -> String {
    if rust == name { name.to_owned() } else { format!("{rust} as {name:?}") }
}

/// A record: struct, payload.
pub fn record(file: &mut File<'_, '_>, ty: &Type, name: &str, fields: &Fields, doc: &str) -> String {
    let model = file.model;
    let rust_name = model.type_name(ty).to_owned();
    let mut text = doc.to_owned();
    text.push_str("#[derive(Clone, Debug, PartialEq)]\n");
    text.push_str(&format!("pub struct {rust_name} {{\n"));
    let mut wire = Vec::new();
    for (field, declared) in in_order(fields) {
        let field_type = file.ty(&declared.ty);
        let rust_field = model.field(ty, field);
        text.push_str(&docs(None, &declared.meta.doc, &format!("`{field}`.")));
        text.push_str(&format!("pub {rust_field}: {field_type},\n"));
        wire.push(wire_field(rust_field, field));
    }
    text.push_str("}\n");
    text.push_str(&file.list_macro("wire_record", &format!("{rust_name} {name:?}"), &wire));
    text
}

/// Enums and structs.
pub fn types(file: &mut File<'_, '_>) -> String {
    let model = file.model;
    let mut text = String::new();
    for (name, declared) in by_order(&model.protocol.enums, |declared| &declared.meta) {
        let rust_name = model.type_name(&Type::Enum(name.to_owned()));
        text.push_str(&docs(declared.meta.title.as_deref(), &declared.meta.doc, &format!("`{name}`.")));
        text.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n");
        text.push_str(&format!("pub enum {rust_name} {{\n"));
        let mut wire = Vec::new();
        for (value, declared) in by_order(&declared.values, |value| &value.meta) {
            let variant = model.variant(name, value);
            text.push_str(&docs(declared.meta.title.as_deref(), &declared.meta.doc, &format!("`{value}`.")));
            text.push_str(&format!("{variant},\n"));
            wire.push(format!("{value} => {variant}"));
        }
        text.push_str("}\n");
        text.push_str(&file.list_macro("wire_enum", rust_name, &wire));
    }
    for (name, declared) in by_order(&model.protocol.structs, |declared| &declared.meta) {
        let doc = docs(declared.meta.title.as_deref(), &declared.meta.doc, &format!("`{name}`."));
        text.push_str(&record(file, &Type::Struct(name.to_owned()), name, &declared.fields, &doc));
    }
    text
}

/// Payloads of messages, and the enum of all messages.
pub fn messages(file: &mut File<'_, '_>) -> String {
    let model = file.model;
    let mut text =
        "/// A message of this transaction, decoded.\n#[derive(Clone, Debug)]\npub enum Message {\n"
            .to_owned();
    let mut all = Vec::new();
    let list = by_order(&model.protocol.messages, |declared| &declared.meta);
    for (name, declared) in &list {
        let rust_name = model.type_name(&Type::Message((*name).to_owned()));
        text.push_str(&docs(declared.meta.title.as_deref(), &declared.meta.doc, &format!("`{name}`.")));
        text.push_str(&format!("{rust_name}(Box<Received<{rust_name}>>),\n"));
        all.push(rust_name.to_owned());
    }
    text.push_str("}\n");
    text.push_str(&file.list_macro("messages", "Message", &all));
    for (name, declared) in &list {
        let mut doc = docs(declared.meta.title.as_deref(), &declared.meta.doc, &format!("`{name}`."));
        let signed = if declared.signed { ", signed" } else { "" };
        doc.push_str(&format!(
            "///\n/// From {} to {}{signed}.\n",
            declared.from.join(", "),
            declared.to.join(", ")
        ));
        text.push_str(&record(file, &Type::Message((*name).to_owned()), name, &declared.fields, &doc));
    }
    text
}

/// Payloads of blocks.
pub fn blocks(file: &mut File<'_, '_>) -> String {
    let model = file.model;
    let mut text = String::new();
    for (name, declared) in by_order(&model.protocol.blocks, |declared| &declared.meta) {
        let mut doc = docs(declared.meta.title.as_deref(), &declared.meta.doc, &format!("`{name}`."));
        doc.push_str(&format!("///\n/// Appended by {}.\n", declared.by.join(", ")));
        text.push_str(&record(file, &Type::BlockPayload(name.to_owned()), name, &declared.fields, &doc));
    }
    text
}

/// Parameters as constants.
pub fn parameters(model: &Model<'_>) -> String {
    let mut text = String::new();
    for (name, declared) in by_order(&model.protocol.parameters, |declared| &declared.meta.base) {
        text.push_str(&parameter_docs(name, declared));
        let (ty, value) = match &declared.value {
            ParameterValue::Uint(value) => ("u64", grouped(*value)),
            ParameterValue::Int(value) | ParameterValue::Duration(value) => {
                let sign = if *value < 0 { "-" } else { "" };
                ("i64", format!("{sign}{}", grouped(value.unsigned_abs())))
            }
            ParameterValue::Decimal { numerator, scale } => {
                ("Decimal", format!("Decimal::new({numerator}, {scale})"))
            }
            ParameterValue::Text(text) => ("&str", format!("{text:?}")),
        };
        text.push_str(&format!("pub const {}: {ty} = {value};\n", model.constant(name)));
    }
    text
}

fn parameter_docs(name: &str, declared: &Parameter) -> String {
    let meta = &declared.meta;
    let mut text = docs(meta.base.title.as_deref(), &meta.base.doc, &format!("`{name}`."));
    let unit = meta.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let micros = if matches!(declared.value, ParameterValue::Duration(_)) { ", in microseconds" } else { "" };
    if !meta.written.is_empty() {
        text.push_str(&format!(
            "///\n/// {}\n",
            sentence(&format!("As written: {}{}{micros}", escape(&meta.written), escape(&unit)))
        ));
    }
    text
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if digits.len() > 4 && i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}
