//! Parameters, enums, structs, blocks, views, messages, functions, natives.

use super::expression::{function_name, text};
use super::table::{about, cell, code, table};
use crate::check::walk;
use omt_runtime::ir::{ExprKind, Fields, Function, Local, Meta, Native, ParameterValue, Protocol, in_order};
use std::collections::{BTreeMap, BTreeSet};

/// Declarations in the order of the source.
fn by_source<T>(map: &BTreeMap<String, T>, meta: impl Fn(&T) -> &Meta) -> Vec<(&str, &T)> {
    let mut list: Vec<_> = map.iter().map(|(name, item)| (name.as_str(), item)).collect();
    // Imported files come after the transaction itself, as they do in its list of sources.
    list.sort_by_key(|(name, item)| (meta(item).at, *name));
    list
}

/// A table of fields, without the compiler's own.
pub fn fields(fields: &Fields) -> String {
    let rows: Vec<Vec<String>> = in_order(fields)
        .into_iter()
        .filter(|(name, _)| !name.contains('$'))
        .map(|(name, field)| {
            vec![code(name), code(&field.ty.to_string()), about(field.meta.title.as_deref(), &field.meta.doc)]
        })
        .collect();
    table(&["Field", "Type", "Meaning"], &rows)
}

fn introduction(meta: &Meta) -> String {
    let mut text = String::new();
    for part in [meta.title.as_deref().unwrap_or_default(), &meta.doc] {
        if !part.is_empty() {
            text.push_str(&format!("{part}\n\n"));
        }
    }
    text
}

pub fn parameters(protocol: &Protocol) -> String {
    let rows: Vec<Vec<String>> = by_source(&protocol.parameters, |p| &p.meta.base)
        .into_iter()
        .map(|(name, parameter)| {
            let unit = match (&parameter.meta.unit, &parameter.value) {
                (Some(unit), _) => unit.clone(),
                (None, ParameterValue::Duration(_)) => "microseconds".to_owned(),
                (
                    None,
                    ParameterValue::Uint(_)
                    | ParameterValue::Int(_)
                    | ParameterValue::Decimal { .. }
                    | ParameterValue::Text(_),
                ) => String::new(),
            };
            let base = &parameter.meta.base;
            vec![code(name), cell(&parameter.meta.written), unit, about(base.title.as_deref(), &base.doc)]
        })
        .collect();
    with_heading("Parameters", &table(&["Parameter", "Value", "Unit", "Meaning"], &rows))
}

pub fn enums(protocol: &Protocol) -> String {
    let mut text = String::new();
    for (name, declared) in by_source(&protocol.enums, |e| &e.meta) {
        text.push_str(&format!("### {name}\n\n{}", introduction(&declared.meta)));
        let mut values: Vec<_> = declared.values.iter().collect();
        values.sort_by_key(|(_, value)| value.meta.order);
        let rows: Vec<Vec<String>> = values
            .into_iter()
            .map(|(name, value)| vec![code(name), about(value.meta.title.as_deref(), &value.meta.doc)])
            .collect();
        text.push_str(&table(&["Value", "Meaning"], &rows));
    }
    with_heading("Enums", &text)
}

pub fn structs(protocol: &Protocol) -> String {
    let mut text = String::new();
    for (name, declared) in by_source(&protocol.structs, |s| &s.meta) {
        text.push_str(&format!("### {name}\n\n{}{}", introduction(&declared.meta), fields(&declared.fields)));
    }
    with_heading("Structs", &text)
}

/// Blocks, and the views that are folded over them.
pub fn blocks(protocol: &Protocol) -> String {
    let mut body = String::new();
    for (name, block) in by_source(&protocol.blocks, |b| &b.meta) {
        body.push_str(&format!("### {name}\n\n{}", introduction(&block.meta)));
        let appended = appenders(protocol, name);
        body.push_str(&format!("Declared for {}", block.by.join(", ")));
        if appended.is_empty() {
            body.push_str("; not appended by this transaction.\n\n");
        } else {
            body.push_str(&format!("; appended here by {}.\n\n", appended.join(", ")));
        }
        body.push_str(&fields(&block.fields));
    }
    for (name, view) in by_source(&protocol.views, |v| &v.meta) {
        body.push_str(&format!("### View {name}\n\n{}{}", introduction(&view.meta), fields(&view.fields)));
        let rows: Vec<Vec<String>> = view
            .handlers
            .iter()
            .map(|handler| {
                let guard = handler.guard.as_ref().map(|g| text(g, &handler.frame)).unwrap_or_default();
                vec![
                    code(&handler.block),
                    code(&guard),
                    super::machine::actions(&handler.actions, &handler.frame).join("<br>"),
                ]
            })
            .collect();
        body.push_str(&table(&["Block", "When", "Effect"], &rows));
    }
    with_heading("Blocks and views", &body)
}

/// Actors that append a block.
pub(crate) fn appenders(protocol: &Protocol, block: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, actor) in &protocol.actors {
        let mut appends = false;
        walk::actor_actions(actor, &mut |action| {
            appends |= matches!(action, omt_runtime::ir::Action::Append { block: b, .. } if b == block);
        });
        if appends {
            found.push(name.clone());
        }
    }
    found
}

pub fn messages(protocol: &Protocol) -> String {
    let mut text = String::new();
    for (name, message) in by_source(&protocol.messages, |m| &m.meta) {
        text.push_str(&format!("### {name}\n\n{}", introduction(&message.meta)));
        let signed = if message.signed { "signed" } else { "not signed" };
        text.push_str(&format!("{} → {}, {signed}.", message.from.join(", "), message.to.join(", ")));
        for (verb, actor, states) in super::flows::ends(protocol, name) {
            text.push_str(&format!(" {actor} {verb} it in {}.", states.join(", ")));
        }
        text.push_str("\n\n");
        text.push_str(&fields(&message.fields));
    }
    with_heading("Messages", &text)
}

fn parameter_list(parameters: &[Local]) -> String {
    parameters.iter().map(|p| format!("{} {}", p.meta.name, p.ty)).collect::<Vec<_>>().join(", ")
}

/// The fields of the store that a function reads, itself or through others.
pub(crate) fn loads(protocol: &Protocol, function: &Function) -> BTreeSet<String> {
    let mut called: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    let mut open = vec![function];
    while let Some(function) = open.pop() {
        walk::body(&function.body, &mut |e| {
            if let ExprKind::Load(name) = &e.kind {
                found.insert(name.clone());
            }
            walk::calls(e, &mut called);
        });
        while let Some(name) = called.pop() {
            if seen.insert(name) {
                open.extend(protocol.functions.get(name));
            }
        }
    }
    found
}

/// Functions, native functions and native tasks.
pub fn functions(protocol: &Protocol) -> String {
    let mut text = String::new();
    for (name, function) in by_source(&protocol.functions, |f| &f.meta) {
        let count = function.parameters as usize;
        let parameters = parameter_list(function.frame.get(..count).unwrap_or_default());
        let mut signature = format!("{}({parameters}) -> {}", function_name(name), function.returns);
        let loads = loads(protocol, function);
        if !loads.is_empty() {
            let loads: Vec<String> = loads.into_iter().collect();
            signature.push_str(&format!(" loads {}", loads.join(", ")));
        }
        text.push_str(&format!("* `{signature}`{}\n", behind(&function.meta)));
    }
    let mut body = if text.is_empty() { text } else { format!("{text}\n") };
    body.push_str(&natives("Native functions", "answered by the host, at once", &protocol.natives));
    body.push_str(&natives("Native tasks", "done by the host, whose end is an input", &protocol.tasks));
    with_heading("Functions", &body)
}

fn natives(heading: &str, what: &str, list: &BTreeMap<String, Native>) -> String {
    if list.is_empty() {
        return String::new();
    }
    let mut text = format!("### {heading}\n\nThese are {what}.\n\n");
    for (name, native) in by_source(list, |n| &n.meta) {
        let parameters = parameter_list(&native.parameters);
        text.push_str(&format!(
            "* `{name}({parameters}) -> {}` from `{}`{}\n",
            native.returns,
            native.library,
            behind(&native.meta)
        ));
    }
    text.push('\n');
    text
}

fn behind(meta: &Meta) -> String {
    let about = about(meta.title.as_deref(), &meta.doc);
    if about.is_empty() { String::new() } else { format!(": {about}") }
}

/// A section, or nothing when it has no content.
pub fn with_heading(heading: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("## {heading}\n\n{body}") }
}
