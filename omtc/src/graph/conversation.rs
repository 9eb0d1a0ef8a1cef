//! Who says what to whom, over all actors of a transaction.

use super::ids::part;
use super::model::{Diagram, Edge, Kind, Node};
use crate::backend::markdown::ends;
use omt_runtime::ir::Protocol;

/// The conversation of a transaction: its actors, and the messages from one to the other.
pub fn conversation(protocol: &Protocol) -> Diagram {
    let mut actors: Vec<_> = protocol.actors.iter().collect();
    actors.sort_by_key(|(name, actor)| (actor.meta.at, name.as_str()));
    let mut nodes: Vec<Node> = actors
        .into_iter()
        .map(|(name, actor)| Node {
            id: format!("actor-{}", part(name)),
            name: name.clone(),
            kind: Kind::Actor,
            about: actor.meta.title.clone(),
        })
        .collect();
    let mut messages: Vec<_> = protocol.messages.iter().collect();
    messages.sort_by_key(|(name, message)| (message.meta.at, name.as_str()));
    let mut edges = Vec::new();
    for (name, message) in messages {
        let states = |verb: &str, actor: &str| -> Option<String> {
            let (_, _, states) =
                ends(protocol, name).into_iter().find(|end| end.0 == verb && end.1 == actor)?;
            Some(format!("{actor} {verb} it in {}", states.join(", ")))
        };
        for from in &message.from {
            // Who may send a message and never does says nothing.
            let Some(sends) = states("sends", from) else { continue };
            for to in &message.to {
                let outside = !protocol.actors.contains_key(to);
                let handles = states("handles", to);
                if !outside && handles.is_none() {
                    continue;
                }
                if outside && !nodes.iter().any(|node| node.name == *to) {
                    nodes.push(Node {
                        id: format!("actor-{}", part(to)),
                        name: to.clone(),
                        kind: Kind::Outside,
                        about: None,
                    });
                }
                let place = |name: &str| nodes.iter().position(|node| node.name == name);
                let (Some(from_place), Some(to_place)) = (place(from), place(to)) else { continue };
                let title = message.meta.title.iter().filter(|title| !title.is_empty()).cloned();
                let signed = message.signed.then(|| "signed by its sender".to_owned());
                edges.push(Edge {
                    id: format!("{}-{}-{}", part(from), part(to), part(name)),
                    from: from_place,
                    to: to_place,
                    line: edges.len(),
                    cause: name.clone(),
                    guard: None,
                    effects: Vec::new(),
                    whole: title.chain(signed).chain([sends.clone()]).chain(handles).collect(),
                    handler: None,
                });
            }
        }
    }
    Diagram {
        name: "conversation".to_owned(),
        about: format!("Who says what to whom in {}", protocol.meta.name),
        nodes,
        edges,
    }
}
