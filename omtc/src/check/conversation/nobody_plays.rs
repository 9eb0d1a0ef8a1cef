#![doc = include_str!("../pages/W0579.md")]

use crate::check::may::{Empty, bound, may_be_set};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Actor, At, Protocol};
use std::collections::BTreeMap;

/// Its code.
pub const CODE: Code =
    warning("W0579", "a message that is accepted from nobody", include_str!("../pages/W0579.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// What is said about one line of source, which may leave several states.
struct Deaf<'a> {
    message: &'a str,
    role: &'a str,
    field: &'a str,
    states: Vec<&'a str>,
    heard: bool,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    for (name, actor) in &protocol.actors {
        let mut lines: BTreeMap<At, Deaf<'_>> = BTreeMap::new();
        for (state_name, set) in may_be_set(protocol, actor, Empty::IsUnset) {
            let Some(state) = actor.states.get(state_name) else { continue };
            for handler in &state.handlers {
                let Some(message) = walk::message(handler) else { continue };
                let Some((role, field)) = only_sender(protocol, actor, message) else { continue };
                let mut set = set.clone();
                set.extend(bound(protocol, actor, state_name, handler));
                let line = lines.entry(walk::place(handler)).or_insert(Deaf {
                    message,
                    role,
                    field,
                    states: Vec::new(),
                    heard: false,
                });
                if set.contains(field) {
                    line.heard = true;
                } else {
                    line.states.push(state_name);
                }
            }
        }
        for (at, deaf) in lines.into_iter().filter(|(_, deaf)| !deaf.heard) {
            let Deaf { message, role, field, states, .. } = deaf;
            let (Some(declared), Some(state)) = (actor.store.get(field), states.first()) else { continue };
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(at),
                    format!("{name} accepts {message} from nobody in {state}: `{field}` names no {role} yet"),
                )
                .with_label("can never fire")
                .with_secondary(
                    context.span(declared.meta.at),
                    format!("who plays {role}; nothing has set it before"),
                )
                .with_note("a message is accepted only from whom the roster names when it is offered")
                .with_help(format!("assign `{field}` on the way into {state}")),
            );
        }
    }
}

/// The role that sends a message and the field that names who plays it; none when another role may send it, or anybody.
fn only_sender<'a>(protocol: &'a Protocol, actor: &'a Actor, message: &str) -> Option<(&'a str, &'a str)> {
    let [role] = protocol.messages.get(message)?.from.as_slice() else { return None };
    actor.peers.get_key_value(role).map(|(role, field)| (role.as_str(), field.as_str()))
}
