#![doc = include_str!("../pages/W0562.md")]

use super::roles::{self, Roles, Scope};
use super::slots::{self, Sight};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, At, BinaryOp, Expr, ExprKind, Handler, Place, Protocol, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0562", "a peer in the place of another role", include_str!("../pages/W0562.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let mut seen: BTreeSet<At> = BTreeSet::new();
    let called = Called::of(protocol);
    for (name, actor) in &protocol.actors {
        roster(context, name, actor, found);
        for handler in actor.states.values().flat_map(|s| &s.handlers) {
            let scope = Scope::new(protocol, name, actor, handler);
            for list in walk::handler_actions(handler) {
                walk::actions(list, &mut |action| {
                    found.extend(
                        assigned(context, actor, &scope, action)
                            .filter(|_| seen.insert(walk::action_place(action))),
                    );
                });
            }
            if let Handler::Transition(t) = handler {
                t.guard.iter().for_each(|g| compared(context, &called, &scope, handler, g, &mut seen, found));
            }
        }
    }
    slots::everywhere(protocol, &mut |sight, e| {
        let (Some((name, actor)), Some(handler), Some(slots)) = (sight.actor, sight.handler, sight.slots(e))
        else {
            return;
        };
        let candidates = slots.list.iter().filter(|s| *s.ty.plain() == Type::PeerId);
        for (slot, role) in candidates.filter_map(|s| Some((s, called.role(s.name)?))) {
            let scope = Scope::new(protocol, name, actor, handler);
            let roles = scope.of(slot.value);
            if excludes(&roles, role) && seen.insert(slot.value.meta) {
                let who = shown(&roles);
                found.push(
                    Diagnostic::new(
                        CODE,
                        context.span(slot.value.meta),
                        format!("`{}` of {} is given a peer that plays {who}", slot.name, slots.of),
                    )
                    .with_label(format!("this plays {who}, not {role}"))
                    .with_secondary(
                        context.span(protocol_role(protocol, role)),
                        format!("{role} is this role"),
                    )
                    .with_note("a place that is called after a role is read as whoever plays it")
                    .with_help(format!("give it the peer that plays {role}")),
                );
            }
        }
    });
}

/// A role whose entry names one field, while another one has its name.
fn roster(context: &Context<'_>, name: &str, actor: &Actor, found: &mut Vec<Diagnostic>) {
    for (role, field) in &actor.peers {
        let Some((other, declared)) = actor
            .store
            .iter()
            .find(|(n, f)| is_called(n, role) && *n != field && *f.ty.plain() == Type::PeerId)
        else {
            continue;
        };
        let Some(held) = actor.store.get(field) else { continue };
        if *held.ty.plain() == Type::PeerId {
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(held.meta.at),
                    format!("the roster of {name} lets `{field}` play {role}, although there is `{other}`"),
                )
                .with_label(format!("whoever this names is accepted as {role}"))
                .with_secondary(context.span(declared.meta.at), "named after the role")
                .with_note("messages of the role would be accepted from the wrong peer, and from nobody else")
                .with_help(format!("write `{role} {other}` in `peers`")),
            );
        }
    }
}

/// A field of the roster, or one that is called after a role, is assigned a peer of another one.
fn assigned<'d>(
    context: &'d Context<'_>,
    actor: &Actor,
    scope: &Scope<'_>,
    action: &Action,
) -> impl Iterator<Item = Diagnostic> + 'd {
    let made = || {
        let Action::Assign { place: Place::Store(field), path, value, meta } = action else { return None };
        if !path.is_empty() {
            return None;
        }
        let held = roles::rostered(actor, field);
        let roles = scope.of(value)?;
        let other = !held.is_empty() && !roles.is_empty() && roles.is_disjoint(&held);
        other.then(|| {
            let who: Vec<&str> = roles.iter().map(String::as_str).collect();
            let want: Vec<&str> = held.iter().map(String::as_str).collect();
            let (who, want) = (who.join(" or "), want.join(" or "));
            Diagnostic::new(
                CODE,
                context.span(*meta),
                format!("`{field}` says who plays {want}, and is given a peer that plays {who}"),
            )
            .with_label(format!("this plays {who}"))
            .with_note(format!("from here on messages of {want} are accepted from that peer alone"))
            .with_help(format!("assign a peer that plays {want}"))
        })
    };
    made().into_iter()
}

/// A guard wants a peer of one role to be whoever a field that is called after another names.
fn compared<'a>(
    context: &Context<'_>,
    called: &Called<'_>,
    scope: &Scope<'a>,
    handler: &'a Handler,
    guard: &'a Expr,
    seen: &mut BTreeSet<At>,
    found: &mut Vec<Diagnostic>,
) {
    match &guard.kind {
        ExprKind::Binary(BinaryOp::And, a, b) => {
            compared(context, called, scope, handler, a, seen, found);
            compared(context, called, scope, handler, b, seen, found);
        }
        ExprKind::Binary(BinaryOp::Equal, a, b) => {
            let frame: &[_] = match handler {
                Handler::Transition(t) => &t.frame,
                Handler::Collect(c) => &c.frame,
            };
            let sight = Sight { protocol: context.protocol, actor: None, handler: Some(handler), frame };
            for (peer, path) in [(a, b), (b, a)] {
                if *peer.ty.plain() != Type::PeerId {
                    continue;
                }
                let roles = scope.of(peer);
                // What the roster holds is known by its roles, whatever it is called.
                let named = match scope.of(path) {
                    Some(_) => None,
                    None => sight.name(path).and_then(|n| called.role(n)),
                };
                let Some(role) = named else { continue };
                if excludes(&roles, role) && seen.insert(path.meta) {
                    let who = shown(&roles);
                    found.push(
                        Diagnostic::new(
                            CODE,
                            context.span(path.meta),
                            format!("a peer that plays {who} is to be the {role}"),
                        )
                        .with_label(format!("this is the {role}, by its name"))
                        .with_secondary(context.span(peer.meta), format!("this plays {who}"))
                        .with_note("a peer plays one role in a session, so the two are never the same")
                        .with_help("compare it with the peer that it is meant to be"),
                    );
                    return;
                }
            }
        }
        _ => {}
    }
}

fn excludes(roles: &Roles, role: &str) -> bool {
    roles.as_ref().is_some_and(|roles| !roles.is_empty() && !roles.contains(role))
}

fn shown(roles: &Roles) -> String {
    let who: Vec<&str> = roles.iter().flatten().map(String::as_str).collect();
    who.join(" or ")
}

fn protocol_role(protocol: &Protocol, role: &str) -> At {
    protocol.actors.get(role).map(|a| a.meta.at).unwrap_or_default()
}

/// The roles by what they are called: `RightsHolder` is called `rights_holder`.
struct Called<'p>(BTreeMap<String, &'p str>);

impl<'p> Called<'p> {
    fn of(protocol: &'p Protocol) -> Called<'p> {
        // Of two roles with one name the first counts.
        Called(protocol.actors.keys().rev().map(|role| (role.to_ascii_lowercase(), role.as_str())).collect())
    }

    /// The role that a name is the name of.
    fn role(&self, name: &str) -> Option<&'p str> {
        self.0.get(&name.replace('_', "")).copied()
    }
}

/// Whether a name is the name of the role.
fn is_called(name: &str, role: &str) -> bool {
    name.replace('_', "") == role.to_ascii_lowercase()
}
