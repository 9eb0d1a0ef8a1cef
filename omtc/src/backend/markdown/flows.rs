//! Who says what to whom: each message with the transitions that send it and the states that hear it.

use super::declarations::with_heading;
use super::table::{code, table};
use crate::check::walk;
use omt_runtime::ir::Protocol;
use std::collections::BTreeSet;

/// Who sends and who handles a message, and in which states: verb, actor, states.
pub fn ends<'a>(protocol: &'a Protocol, message: &str) -> Vec<(&'static str, &'a str, Vec<&'a str>)> {
    let mut found = Vec::new();
    for sending in [true, false] {
        for (actor_name, actor) in &protocol.actors {
            let mut states: Vec<_> = actor
                .states
                .iter()
                .filter(|(_, state)| {
                    state.handlers.iter().any(|handler| {
                        if !sending {
                            return walk::message(handler) == Some(message);
                        }
                        let mut sends = false;
                        for list in walk::handler_actions(handler) {
                            walk::actions(list, &mut |action| sends |= walk::sends(action) == Some(message));
                        }
                        sends
                    })
                })
                .collect();
            states.sort_by_key(|(_, state)| state.meta.order);
            let states: Vec<&str> = states.into_iter().map(|(name, _)| name.as_str()).collect();
            if !states.is_empty() {
                found.push((if sending { "sends" } else { "handles" }, actor_name.as_str(), states));
            }
        }
    }
    found
}

/// The table of the conversation, in the order in which messages are declared.
pub fn flows(protocol: &Protocol, picture: &str) -> String {
    let mut messages: Vec<_> = protocol.messages.iter().collect();
    messages.sort_by_key(|(name, message)| (message.meta.at, name.as_str()));
    let rows: Vec<Vec<String>> = messages
        .into_iter()
        .map(|(name, message)| {
            let mut row = vec![code(name), String::new(), String::new()];
            for (verb, actor, states) in ends(protocol, name) {
                let column = if verb == "sends" { 1 } else { 2 };
                if let Some(cell) = row.get_mut(column) {
                    let gap = if cell.is_empty() { "" } else { "<br>" };
                    cell.push_str(&format!("{gap}{actor} in {}", states.join(", ")));
                }
            }
            if message.to.iter().any(|to| !protocol.actors.contains_key(to))
                && let Some(cell) = row.get_mut(2)
            {
                let others: BTreeSet<&str> = message
                    .to
                    .iter()
                    .filter(|to| !protocol.actors.contains_key(*to))
                    .map(String::as_str)
                    .collect();
                let gap = if cell.is_empty() { "" } else { "<br>" };
                cell.push_str(&format!("{gap}{}", others.into_iter().collect::<Vec<_>>().join(", ")));
            }
            row
        })
        .collect();
    let rows = table(&["Message", "Sent by", "Handled by"], &rows);
    let body = if rows.is_empty() { rows } else { format!("{picture}{rows}") };
    with_heading("Conversation", &body)
}
