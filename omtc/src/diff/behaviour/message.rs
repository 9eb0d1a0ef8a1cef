//! What becomes of each message in each state: handled, kept for later, or discarded (LANGUAGE 6.3).

use super::Machine;
use crate::check::walk;
use crate::diff::kind;
use crate::diff::pair::an;
use crate::diff::report::{Change, Direction};
use omt_runtime::ir::Handler;
use omt_runtime::ir::analysis::{Analysis, Disposition};
use omt_runtime::ir::{At, State};

/// Compares the matrix of one actor, for states and messages that both versions have.
pub fn compare(machine: &Machine<'_>, out: &mut Vec<Change>) {
    let (before, after) = (Analysis::of(machine.pair.old), Analysis::of(machine.pair.new));
    let name = machine.name;
    for (state, b) in &machine.new.states {
        let Some(a) = machine.old.states.get(state) else { continue };
        for message in machine.pair.new.messages.keys() {
            if !machine.pair.old.messages.contains_key(message) {
                continue;
            }
            let was = before.disposition(name, state, message);
            let is = after.disposition(name, state, message);
            if was == is {
                continue;
            }
            let old_at = handled_at(a, message);
            let new_at = handled_at(b, message);
            let places = (
                old_at.and_then(|at| machine.pair.old_at(at)).or(machine.pair.old_at(a.meta.at)),
                new_at.and_then(|at| machine.pair.new_at(at)).or(machine.pair.new_at(b.meta.at)),
            );
            let draft = |kind, what: String, why: &str| {
                machine
                    .draft(kind, what, why)
                    .within(name, Some(state))
                    .at(places.0.clone(), places.1.clone())
            };
            let lost = "what a state neither handles nor keeps is discarded and counted";
            out.push(match (was, is) {
                (Disposition::Handled, Disposition::Discarded) => {
                    draft(kind::MESSAGE_REFUSED, format!("{message} is discarded, was handled"), lost).meets(
                        Direction::fails(format!(
                            "{one} that an old node sends here is lost",
                            one = an(message)
                        )),
                        Direction::works(format!("an old node still handles {message} here")),
                    )
                }
                (Disposition::Handled, Disposition::Deferred) => draft(
                    kind::MESSAGE_REFUSED,
                    format!("{message} is kept for a later state, was handled"),
                    "what follows from it follows later, or never if the session ends before",
                )
                .meets(
                    Direction::fails(format!(
                        "{one} that an old node sends here has no effect until the state changes",
                        one = an(message)
                    )),
                    Direction::works(format!("an old node still handles {message} here")),
                ),
                (Disposition::Deferred, Disposition::Discarded) => draft(
                    kind::MESSAGE_DISCARDED,
                    format!("{message} is discarded, was kept for a later state"),
                    lost,
                )
                .meets(
                    Direction::depends(format!(
                        "{one} that an old node sends early is lost",
                        one = an(message)
                    )),
                    Direction::works(format!("an old node still keeps {message}")),
                ),
                (Disposition::Deferred, Disposition::Handled) => draft(
                    kind::MESSAGE_ACCEPTED,
                    format!("{message} is handled, was kept for a later state"),
                    "what follows from it follows earlier",
                )
                .meets(
                    Direction::works(format!(
                        "{one} that an old node sends early has effect at once",
                        one = an(message)
                    )),
                    Direction::works(format!("an old node keeps {message} for later")),
                ),
                (_, Disposition::Handled | Disposition::Deferred)
                | (Disposition::Discarded, Disposition::Discarded) => {
                    let word = if is == Disposition::Handled { "handled" } else { "kept for a later state" };
                    draft(
                        kind::MESSAGE_ACCEPTED,
                        format!("{message} is {word}, was discarded"),
                        "what was lost has an effect",
                    )
                    .meets(
                        Direction::works(format!(
                            "an old node does not send {message} here, or did so in vain"
                        )),
                        Direction::depends(format!(
                            "{one} that a new node sends is discarded by an old one",
                            one = an(message)
                        )),
                    )
                }
            });
        }
    }
}

/// Where a state handles a message.
fn handled_at(state: &State, message: &str) -> Option<At> {
    let handles = |handler: &&Handler| walk::message(handler) == Some(message);
    state.handlers.iter().find(handles).map(walk::place)
}
