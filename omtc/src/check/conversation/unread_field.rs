#![doc = include_str!("../pages/W0556.md")]

use super::reads::Reads;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Field, Fields, Type, in_order};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("W0556", "a field that nobody reads", include_str!("../pages/W0556.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// What a reader of logs wants, whatever the machines do with it.
const FOR_PEOPLE: &[&str] = &["timestamp"];

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let reads = Reads::of(protocol);
    let handlers = protocol.actors.values().flat_map(|a| a.states.values()).flat_map(|s| &s.handlers);
    let handled: BTreeSet<&str> = handlers.filter_map(walk::message).collect();
    // Types of records are made once, so that they can be asked for by reference.
    let messages: Vec<Type> = protocol.messages.keys().map(|n| Type::Message(n.clone())).collect();
    for ((name, message), ty) in protocol.messages.iter().zip(&messages) {
        let gossip = message.to.iter().any(|to| to == "Network");
        if gossip || !context.is_own(message.meta.at) || !handled.contains(name.as_str()) {
            continue;
        }
        let fields = unread(context, &reads, ty, &message.fields, false);
        report(
            context,
            found,
            fields,
            |f| format!("no receiver of {name} reads `{f}`"),
            "what nobody reads \
             need not be sent; or a check of it is missing where the message is handled",
        );
    }
    let structs: Vec<Type> = protocol.structs.keys().map(|n| Type::Struct(n.clone())).collect();
    for ((name, record), ty) in protocol.structs.iter().zip(&structs) {
        if context.is_own(record.meta.at) {
            let fields = unread(context, &reads, ty, &record.fields, true);
            report(
                context,
                found,
                fields,
                |f| format!("nothing reads `{f}` of {name}"),
                "what nobody reads \
                 need not be computed; or a check of it is missing",
            );
        }
    }
    let views: Vec<Type> = protocol.views.keys().map(|n| Type::View(n.clone())).collect();
    for ((name, view), ty) in protocol.views.iter().zip(&views) {
        if context.is_own(view.meta.at) {
            let mut fields = unread(context, &reads, ty, &view.fields, true);
            fields.retain(|(field, _)| !reads.folded(name, field));
            report(
                context,
                found,
                fields,
                |f| format!("nothing reads `{f}` of the view {name}"),
                "every \
                 block is folded into it for nothing",
            );
        }
    }
}

fn unread<'a>(
    context: &Context<'_>,
    reads: &Reads<'a>,
    ty: &'a Type,
    fields: &'a Fields,
    observable: bool,
) -> Vec<(&'a str, &'a Field)> {
    let mut fields = in_order(fields);
    fields.retain(|(field, _)| {
        // A field that is called like the session key is compared with the envelope.
        let by_rule = *field == context.protocol.session_key || FOR_PEOPLE.contains(field);
        let seen = reads.member(ty, field) || (observable && context.observed.contains(field));
        !by_rule && !seen
    });
    fields
}

fn report(
    context: &Context<'_>,
    found: &mut Vec<Diagnostic>,
    fields: Vec<(&str, &Field)>,
    message: impl Fn(&str) -> String,
    note: &str,
) {
    for (name, field) in fields {
        found.push(
            Diagnostic::new(CODE, context.span(field.meta.at), message(name))
                .with_label("filled, and never looked at")
                .with_note(note)
                .with_help(format!("read or check `{name}` where it arrives, or remove it")),
        );
    }
}
