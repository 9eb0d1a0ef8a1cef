//! States, triggers and rosters of an actor.

use super::Machine;
use crate::diff::kind;
use crate::diff::pair::{Draft, an};
use crate::diff::rename::Thing;
use crate::diff::report::{Change, Direction};
use omt_runtime::ir::State;
use omt_runtime::ir::analysis::reachable_from;
use std::collections::BTreeSet;

/// Why the end of a session matters to others.
const END: &str =
    "an end is what others wait for: triggers `after` it, dashboards, and whoever reads how a session went";

/// Everything about the states themselves.
pub fn compare(machine: &Machine<'_>, out: &mut Vec<Change>) {
    let (pair, old, new) = (machine.pair, machine.old, machine.new);
    let thing = Thing::State(machine.name.to_owned());
    let (before, after) = (reachable_from(old, &old.initial), reachable_from(new, &new.initial));
    let noun = |state: &State| if state.terminal { "terminal state" } else { "state" };
    for (name, b) in &new.states {
        let Some(a) = old.states.get(name) else {
            out.push(
                machine
                    .draft(
                        kind::STATE_ADDED,
                        format!("{} {name} is new", noun(b)),
                        "a machine may now be where it could not be",
                    )
                    .at(None, pair.new_at(b.meta.at))
                    .meets(
                        Direction::works("an old node does not see the state of another one"),
                        Direction::works("an old node does not see the state of another one"),
                    ),
            );
            continue;
        };
        let at = |draft: Draft| draft.at(pair.old_at(a.meta.at), pair.new_at(b.meta.at));
        let was = pair.before(&thing, name);
        if was != name {
            out.push(
                at(machine.draft(
                    kind::STATE_RENAMED,
                    format!("{} {was} is called {name}", noun(b)),
                    "triggers `after` a state and hosts that show it name it; the wire does not",
                ))
                .meets(
                    Direction::depends(format!("who waits for {was} of the new version waits in vain")),
                    Direction::depends(format!("who waits for {name} of the old version waits in vain")),
                ),
            );
        }
        flags(machine, name, a, b, out);
        match (before.contains(name.as_str()), after.contains(name.as_str())) {
            (true, false) => {
                let bad = if b.terminal { Direction::fails } else { Direction::depends };
                out.push(
                    at(machine.draft(
                        kind::STATE_UNREACHABLE,
                        format!("{} {name} can no longer be entered", noun(b)),
                        if b.terminal { END } else { "what happened there no longer happens" },
                    ))
                    .meets(
                        bad(format!("who waits for {name} of the new version waits in vain")),
                        Direction::works(format!("an old node still ends up in {name}")),
                    ),
                );
            }
            (false, true) => out.push(
                at(machine.draft(
                    kind::STATE_REACHABLE,
                    format!("{} {name} can be entered", noun(b)),
                    "a machine may now be where it could not be",
                ))
                .meets(
                    Direction::works("an old node does not see the state of another one"),
                    Direction::works("an old node does not see the state of another one"),
                ),
            ),
            (true, true) | (false, false) => {}
        }
    }
    for (name, a) in &old.states {
        if new.states.contains_key(name) {
            continue;
        }
        let bad = if a.terminal { Direction::fails } else { Direction::depends };
        out.push(
            machine
                .draft(
                    kind::STATE_REMOVED,
                    format!("{} {name} is gone", noun(a)),
                    if a.terminal {
                        END
                    } else {
                        "what happened there no longer happens, or happens elsewhere"
                    },
                )
                .at(pair.old_at(a.meta.at), None)
                .meets(
                    bad(format!("who waits for {name} of the new version waits in vain")),
                    Direction::works(format!("an old node still knows {name}")),
                ),
        );
    }
    if old.initial != new.initial {
        let (from, to) = (&old.initial, &new.initial);
        let at = |actor: &omt_runtime::ir::Actor, name: &str| actor.states.get(name).map(|s| s.meta.at);
        out.push(
            machine
                .draft(
                    kind::STATE_FLAGS,
                    format!("the initial state is {to}, was {from}"),
                    "what the initial state handles is what creates an instance",
                )
                .at(at(old, from).and_then(|p| pair.old_at(p)), at(new, to).and_then(|p| pair.new_at(p)))
                .either(&Direction::depends("a session may begin otherwise than the other side expects")),
        );
    }
    triggers(machine, out);
    roster(machine, out);
}

fn flags(machine: &Machine<'_>, name: &str, a: &State, b: &State, out: &mut Vec<Change>) {
    let pair = machine.pair;
    let draft = |what: String, why: &str| {
        machine.draft(kind::STATE_FLAGS, what, why).at(pair.old_at(a.meta.at), pair.new_at(b.meta.at))
    };
    match (a.terminal, b.terminal) {
        (true, false) => out.push(draft(format!("{name} is no longer terminal"), END).meets(
            Direction::fails(format!("a session that ended in {name} goes on there in the new version")),
            Direction::works(format!("an old node ends in {name}")),
        )),
        (false, true) => {
            out.push(draft(format!("{name} is terminal"), "what arrives after the end is discarded").meets(
                Direction::fails(format!("a message that an old node sends to one in {name} is discarded")),
                Direction::works(format!("an old node goes on in {name}")),
            ))
        }
        (true, true) | (false, false) => {}
    }
    if a.rest != b.rest {
        let what = if b.rest {
            format!("{name} is a rest state")
        } else {
            format!("{name} is no longer a rest state")
        };
        out.push(draft(what, "rest says that waiting for ever is meant; the machine does the same").meets(
            Direction::works("an old node behaves as a new one does"),
            Direction::works("a new node behaves as an old one does"),
        ));
    }
}

fn triggers(machine: &Machine<'_>, out: &mut Vec<Change>) {
    let pair = machine.pair;
    for (name, b) in &machine.new.triggers {
        let Some(a) = machine.old.triggers.get(name) else { continue };
        let at = |draft: Draft| draft.at(pair.old_at(a.meta.at), pair.new_at(b.meta.at));
        let (x, y): (BTreeSet<&String>, BTreeSet<&String>) =
            (a.states.iter().collect(), b.states.iter().collect());
        let list = |states: Vec<&&String>| states.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ");
        // A state that is gone is reported as such.
        let gone: Vec<&&String> =
            x.difference(&y).filter(|s| machine.new.states.contains_key(s.as_str())).collect();
        let come: Vec<&&String> =
            y.difference(&x).filter(|s| machine.old.states.contains_key(s.as_str())).collect();
        if !gone.is_empty() {
            let gone = list(gone);
            out.push(
                at(machine.draft(
                    kind::TRIGGER_STATES,
                    format!("trigger {name} may no longer be fired in {gone}"),
                    "a trigger outside of its states is refused",
                ))
                .meets(
                    Direction::fails(format!(
                        "a host that fires {name} in {gone} is refused by the new version"
                    )),
                    Direction::works("a host of the new version does not fire it there"),
                ),
            );
        }
        if !come.is_empty() {
            let come = list(come);
            out.push(
                at(machine.draft(
                    kind::TRIGGER_STATES,
                    format!("trigger {name} may be fired in {come}"),
                    "a trigger outside of its states is refused",
                ))
                .meets(
                    Direction::works("a host of the old version does not fire it there"),
                    Direction::works(format!("a host that fires {name} in {come} needs the new version")),
                ),
            );
        }
        if a.after != b.after {
            let text = |after: &Option<omt_runtime::ir::After>| match after {
                Some(after) => {
                    format!("fired after {} of {} is in {}", after.actor, after.transaction, after.state)
                }
                None => "fired by its host alone".to_owned(),
            };
            let what = format!("trigger {name} is {}, was {}", text(&b.after), text(&a.after));
            // The other transaction may have been given another number.
            let renumbered = match (&a.after, &b.after) {
                (Some(x), Some(y)) => x.actor == y.actor && x.state == y.state,
                (None, _) | (_, None) => false,
            };
            let bad = if renumbered { Direction::depends } else { Direction::fails };
            out.push(
                at(machine.draft(
                    kind::AFTER_CHANGED,
                    what,
                    "`after` joins transactions: what follows from what",
                ))
                .meets(
                    bad("what the other transaction began no longer goes on here as it did".to_owned()),
                    Direction::works("an old node goes on as it did"),
                ),
            );
        }
    }
}

fn roster(machine: &Machine<'_>, out: &mut Vec<Change>) {
    let (old, new) = (machine.old, machine.new);
    let roles: BTreeSet<&String> = old.peers.keys().chain(new.peers.keys()).collect();
    for role in roles {
        let (a, b) = (old.peers.get(role), new.peers.get(role));
        if a == b {
            continue;
        }
        let at = |actor: &omt_runtime::ir::Actor, field: Option<&String>| {
            field.and_then(|f| actor.store.get(f)).map(|f| f.meta.at)
        };
        let (what, old_new) = match (a, b) {
            (Some(a), None) => (
                format!("nobody says who plays {role}, was `{a}`"),
                Direction::depends(format!("a message of {one} is taken from anybody", one = an(role))),
            ),
            (None, Some(b)) => (
                format!("`{b}` says who plays {role}"),
                Direction::depends(format!(
                    "a message of {one} that `{b}` does not name is refused",
                    one = an(role)
                )),
            ),
            (a, b) => (
                format!("`{}` says who plays {role}, was `{}`", b.map_or("", |b| b), a.map_or("", |a| a)),
                Direction::depends(format!(
                    "a message of {one} is taken from others than before",
                    one = an(role)
                )),
            ),
        };
        out.push(
            machine
                .draft(
                    kind::ROSTER_CHANGED,
                    what,
                    "a message from a role is accepted only from whom the roster names",
                )
                .at(
                    at(old, a).and_then(|p| machine.pair.old_at(p)),
                    at(new, b).and_then(|p| machine.pair.new_at(p)),
                )
                .meets(old_new, Direction::works("an old node takes what it took")),
        );
    }
}
