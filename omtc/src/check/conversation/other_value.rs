#![doc = include_str!("../pages/W0557.md")]

use super::slots::{self, Sight, Slot, Slots};
use super::wrong_pair::is_hash_of;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At, Expr, ExprKind, Place, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0557", "a value that is not what the name says", include_str!("../pages/W0557.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<At> = BTreeSet::new();
    slots::everywhere(context.protocol, &mut |sight, e| {
        let Some(slots) = sight.slots(e) else { return };
        for slot in &slots.list {
            if let Some(d) = judge(context, sight, &slots, slot)
                && seen.insert(slot.value.meta)
            {
                found.push(d);
            }
        }
    });
    for handler in context.protocol.actors.values().flat_map(|a| a.states.values()).flat_map(|s| &s.handlers)
    {
        for list in walk::handler_actions(handler) {
            contradicted(context, list, &mut BTreeMap::new(), &mut seen, found);
        }
    }
}

fn judge<'a>(
    context: &Context<'_>,
    sight: Sight<'a>,
    slots: &Slots<'a>,
    slot: &Slot<'a>,
) -> Option<Diagnostic> {
    let given = sight.name(slot.value)?;
    if given == slot.name
        || slots::is_turned(given)
        || slots::is_turned(slot.name)
        || slots::is_kind_of(given, slot.name)
        || names_record(slots.of, given)
    {
        return None;
    }
    let own = slots.list.iter().find(|s| s.name == given && s.ty.plain() == slot.ty.plain());
    if let Some(own) = own {
        // Two that are given to each other are another finding.
        if sight.name(own.value) == Some(slot.name) {
            return None;
        }
        if is_identity(slot.ty) {
            return Some(
                report(context, slot, given, slots.of)
                    .with_note(format!("{} has a place of its own for `{given}`", slots.of))
                    .with_help(format!("give `{}` the value that it is called after", slot.name)),
            );
        }
    }
    if is_other_hash(context, sight, slot, given) {
        return Some(
            report(context, slot, given, slots.of)
                .with_note("both are hashes, so nothing else would notice that they are of different things")
                .with_help(format!("give it the hash that `{}` is called after", slot.name)),
        );
    }
    if !slots.is_record {
        return None;
    }
    let offered = sight.offers(slot.value, slot.name, slot.ty)?;
    Some(
        report(context, slot, given, slots.of)
            .with_note(format!("`{offered}` has the same name and type, and is left out"))
            .with_help(format!(
                "write `{} {offered}`, or name one of them so that the reader is not led astray",
                slot.name
            )),
    )
}

/// The hash of one thing for that of another: `terms_hash` given for `body_hash`, or the id of the session for either.
fn is_other_hash<'a>(context: &Context<'_>, sight: Sight<'a>, slot: &Slot<'a>, given: &str) -> bool {
    if *slot.ty.plain() != Type::Hash || !is_hash_of(slot.name) {
        return false;
    }
    let session = given == context.protocol.session_key && sight.actor.is_some();
    let words = |name: &'_ str| -> BTreeSet<String> {
        name.split('_').filter(|w| !matches!(*w, "hash" | "commitment")).map(str::to_owned).collect()
    };
    session || (is_hash_of(given) && words(given).is_disjoint(&words(slot.name)))
}

fn report(context: &Context<'_>, slot: &Slot<'_>, given: &str, of: &str) -> Diagnostic {
    Diagnostic::new(
        CODE,
        context.span(slot.value.meta),
        format!("`{}` of {of} is given `{given}`", slot.name),
    )
    .with_label(format!("this is `{given}`, not `{}`", slot.name))
}

/// A record that is called after the value says itself what its field is: `FEE { amount fee }`.
fn names_record(record: &str, given: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace('_', "");
    plain(record).contains(&plain(given))
}

/// Values of these types are never each other's: one is not a reasonable default of the other.
fn is_identity(ty: &Type) -> bool {
    matches!(ty.plain(), Type::Hash | Type::PeerId | Type::Signature | Type::Bytes)
}

/// A field is set to one value of an enum, and a message or block of the same step says another under its name.
fn contradicted<'a>(
    context: &Context<'_>,
    list: &'a [Action],
    set: &mut BTreeMap<&'a str, (&'a Expr, At)>,
    seen: &mut BTreeSet<At>,
    found: &mut Vec<Diagnostic>,
) {
    for action in list {
        match action {
            Action::Assign { place: Place::Store(field), path, value, meta } => {
                if path.is_empty() && matches!(slots::bare(value).kind, ExprKind::EnumValue(..)) {
                    set.insert(field, (value, *meta));
                } else {
                    set.remove(field.as_str());
                }
            }
            Action::Send { message: of, payload, .. }
            | Action::Broadcast { message: of, payload, .. }
            | Action::Gossip { message: of, payload, .. }
            | Action::Append { block: of, payload, .. } => {
                let ExprKind::Record(fields) = &payload.kind else { continue };
                for (name, value) in fields {
                    let Some((stored, at)) = set.get(name.as_str()) else { continue };
                    let (ExprKind::EnumValue(e, said), ExprKind::EnumValue(f, kept)) =
                        (&slots::bare(value).kind, &slots::bare(stored).kind)
                    else {
                        continue;
                    };
                    if e == f && said != kept && seen.insert(value.meta) {
                        found.push(
                            Diagnostic::new(
                                CODE,
                                context.span(value.meta),
                                format!("`{name}` of {of} is {said}, while the store says {kept}"),
                            )
                            .with_label(format!("{said} here"))
                            .with_secondary(context.span(*at), format!("{kept} in the same step"))
                            .with_note("two parties would remember different things of one event")
                            .with_help(format!("say the same in both places, or leave `{name}` out: then it is filled from the store")),
                        );
                    }
                }
            }
            Action::If { then, otherwise, .. } => {
                contradicted(context, then, &mut set.clone(), seen, found);
                contradicted(context, otherwise, &mut set.clone(), seen, found);
                for branch in [then, otherwise] {
                    forget(branch, set);
                }
            }
            Action::For { body, .. } => {
                forget(body, set);
                contradicted(context, body, &mut set.clone(), seen, found);
            }
            Action::Assign { .. } | Action::Let { .. } | Action::Abort { .. } | Action::Start { .. } => {}
        }
    }
}

fn forget(list: &[Action], set: &mut BTreeMap<&str, (&Expr, At)>) {
    walk::actions(list, &mut |action| {
        if let Action::Assign { place: Place::Store(field), .. } = action {
            set.remove(field.as_str());
        }
    });
}
