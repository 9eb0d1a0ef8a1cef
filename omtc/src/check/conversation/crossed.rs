#![doc = include_str!("../pages/W0559.md")]

use super::slots::{self, Sight, Slot, Slots};
use crate::check::{Check, Context};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix};
use omt_runtime::ir::{At, ExprKind};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code = warning("W0559", "two values given crosswise", include_str!("../pages/W0559.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<At> = BTreeSet::new();
    slots::everywhere(context.protocol, &mut |sight, e| {
        let Some(slots) = sight.slots(e) else { return };
        for (index, one) in slots.list.iter().enumerate() {
            for other in slots.list.iter().skip(index.saturating_add(1)) {
                if is_crossed(sight, &slots, one, other) && seen.insert(one.value.meta) {
                    found.push(report(context, sight, &slots, one, other));
                }
            }
        }
    });
}

fn is_crossed<'a>(sight: Sight<'a>, slots: &Slots<'a>, one: &Slot<'a>, other: &Slot<'a>) -> bool {
    let crossed = sight.name(one.value) == Some(other.name) && sight.name(other.value) == Some(one.name);
    if !crossed || one.ty.plain() != other.ty.plain() || one.name.len() <= 2 || other.name.len() <= 2 {
        return false;
    }
    // A function that calls another with its own parameters turned round does so to ask the opposite.
    let parameter = |slot: &Slot<'_>| matches!(slots::bare(slot.value).kind, ExprKind::Local(_));
    let turned = sight.actor.is_none() && parameter(one) && parameter(other);
    // A reply goes from the receiver of a message to its sender.
    let replied = |slot: &Slot<'_>| match &slots::bare(slot.value).kind {
        ExprKind::Field(base, _) => slots::bare(base).kind == ExprKind::Payload,
        _ => false,
    };
    let reply = slots.is_record && replied(one) && replied(other) && slots::is_turned(one.name);
    !turned && !reply
}

fn report<'a>(
    context: &Context<'_>,
    sight: Sight<'a>,
    slots: &Slots<'a>,
    one: &Slot<'a>,
    other: &Slot<'a>,
) -> Diagnostic {
    let (first, second) = (context.span(one.value.meta), context.span(other.value.meta));
    let what = if slots.is_record { "is given" } else { "is called with" };
    let d = Diagnostic::new(
        CODE,
        first,
        format!("{} {what} `{}` and `{}` crosswise", slots.of, one.name, other.name),
    )
    .with_label(format!("for `{}`", one.name))
    .with_secondary(second, format!("for `{}`", other.name))
    .with_note("both have the same type, so nothing else would notice that they are exchanged")
    .with_help("exchange them, or give the names that say what is meant");
    match (sight.text(one.value), sight.text(other.value)) {
        (Some(a), Some(b)) => d.with_fix(
            Fix::new(Applicability::Unsafe, "exchange the two").replace(first, b).replace(second, a),
        ),
        _ => d,
    }
}
