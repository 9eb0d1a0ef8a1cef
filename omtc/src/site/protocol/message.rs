//! Messages: who says them, who hears them, in which state; and the table of the whole conversation.

use super::declare::{Section, fields};
use super::{by_source, to_source};
use crate::backend::markdown::ends;
use crate::site::Subject;
use crate::site::html::{badge, table};
use crate::site::names::Scope;
use omt_runtime::ir::{Message, Protocol};

/// `Consumer in IDLE, WAITING`, all of it links.
fn states(scope: Scope<'_>, actor: &str, states: &[&str]) -> String {
    let within = scope.within(actor);
    format!("{} in {}", scope.name(actor), within.list(states))
}

/// Who says a message, and who hears it, as HTML.
fn sides(protocol: &Protocol, name: &str, message: &Message, scope: Scope<'_>) -> [Vec<String>; 2] {
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    for (verb, actor, at) in ends(protocol, name) {
        let side = if verb == "sends" { &mut said } else { &mut heard };
        side.push(states(scope, actor, &at));
    }
    for other in message.to.iter().filter(|to| !protocol.actors.contains_key(*to)) {
        heard.push(if other == "Network" {
            "the gossip set of whoever hears it".to_owned()
        } else {
            scope.name(other)
        });
    }
    [said, heard]
}

pub fn messages(subject: &Subject<'_>, protocol: &Protocol, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    if protocol.messages.is_empty() {
        return section;
    }
    section.heading("messages", "Messages");
    for (name, message) in by_source(&protocol.messages, |m| &m.meta) {
        let signed = if message.signed { badge("good", "signed") } else { badge("kind", "not signed") };
        let source = to_source(subject, scope.page, message.meta.at, name);
        section.item(format!("message-{name}"), name, &format!("{signed} {source}"));
        section.introduction(&message.meta);
        let [said, heard] = sides(protocol, name, message, scope);
        let list = |parts: Vec<String>, none: &str| {
            if parts.is_empty() { none.to_owned() } else { parts.join("<br>") }
        };
        section.html.push_str(&format!(
            "<dl class=\"route\"><div><dt>From</dt><dd>{}</dd></div><div><dt>To</dt><dd>{}</dd></div>\
             <div><dt>Said by</dt><dd>{}</dd></div><div><dt>Handled by</dt><dd>{}</dd></div></dl>\n",
            scope.list(&message.from),
            scope.list(&message.to),
            list(said, "nobody here"),
            list(heard, "nobody here"),
        ));
        section.html.push_str(&fields(&message.fields, scope, false));
    }
    section
}

pub fn flows(protocol: &Protocol, scope: Scope<'_>) -> Section {
    let mut section = Section::default();
    let rows: Vec<Vec<String>> = by_source(&protocol.messages, |m| &m.meta)
        .into_iter()
        .map(|(name, message)| {
            let [said, heard] = sides(protocol, name, message, scope);
            vec![scope.name(name), said.join("<br>"), heard.join("<br>")]
        })
        .collect();
    if !rows.is_empty() {
        section.heading("conversation", "Conversation");
        if let Some(svg) = crate::site::picture::conversation(protocol) {
            section.html.push_str(&crate::site::picture::figure(&svg, "Who says what to whom", ""));
        }
        section.html.push_str(&table(&["Message", "Said by", "Handled by"], &rows));
    }
    section
}
