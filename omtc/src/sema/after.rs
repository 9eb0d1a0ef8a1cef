//! `after T.Actor at STATE`: a trigger fired by another transaction gets its arguments from a store it can rely on.

use super::codes;
use super::flow::Flows;
use super::scope::Scope;
use super::signature::{Shape, Signatures, TriggerInfo};
use super::types::show;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast;
use omt_runtime::ir::{self, Type};

/// Another transaction, as far as `after` needs it.
pub(super) struct Used<'a> {
    pub scope: Scope<'a>,
    pub signatures: Signatures<'a>,
    pub flows: Flows,
}

/// The number of a transaction as text.
pub(super) fn number(header: &ast::Transaction) -> String {
    match &header.number {
        ast::TransactionNumber::Number(number) => number.text.clone(),
        ast::TransactionNumber::Name(name) => name.text.clone(),
    }
}

/// Resolves the clause and checks every argument; `None` when something is wrong.
pub(super) fn check<'u>(
    own: &Signatures<'_>,
    scope: &Scope<'_>,
    used: &dyn Fn(&str) -> Option<Option<std::rc::Rc<Used<'u>>>>,
    trigger: &TriggerInfo<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<ir::After> {
    let after = trigger.decl.after.as_ref()?;
    let alias = after.transaction.text.as_str();
    let Some(other) = used(alias) else {
        let known: Vec<&str> = scope.uses.keys().copied().collect();
        let mut diagnostic = Diagnostic::new(
            codes::AFTER,
            after.transaction.span,
            format!("there is no transaction `{alias}` here"),
        )
        .with_label("`after` names a transaction of `uses`")
        .with_did_you_mean(alias, known);
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.with_help(format!("add `uses transactions/…/transaction as {alias}`"));
        }
        out.push(diagnostic);
        return None;
    };
    // The file was not found: that has been reported.
    let other = other?;
    let Some(header) = other.scope.header else {
        out.push(
            Diagnostic::new(codes::AFTER, after.transaction.span, format!("`{alias}` is no transaction"))
                .with_label("the file that `uses` names has no `transaction` header"),
        );
        return None;
    };
    let Some(actor) = other.signatures.actors.get(after.actor.text.as_str()) else {
        let known: Vec<&str> = other.signatures.actors.keys().copied().collect();
        out.push(
            Diagnostic::new(
                codes::AFTER,
                after.actor.span,
                format!("{alias} has no actor `{}`", after.actor.text),
            )
            .with_label("no such actor there")
            .with_did_you_mean(&after.actor.text, known),
        );
        return None;
    };
    let Some(state) = actor.states.get(after.state.text.as_str()) else {
        let known: Vec<&str> = actor.states.keys().copied().collect();
        out.push(
            Diagnostic::new(
                codes::AFTER,
                after.state.span,
                format!("{alias}.{} has no state `{}`", after.actor.text, after.state.text),
            )
            .with_label("no such state there")
            .with_secondary(actor.decl.name.span, "the actor")
            .with_did_you_mean(&after.state.text, known),
        );
        return None;
    };
    let set = other.flows.set_in(&after.actor.text, &after.state.text);
    let mut complete = true;
    let mut has_key = false;
    for (name, argument) in &trigger.arguments {
        let Some(want) = &argument.ty else { continue };
        let is_key = *name == own.session_key;
        has_key |= is_key;
        // Each side calls the session id by its own session key.
        let theirs =
            if is_key && !actor.store.contains_key(name) { &other.signatures.session_key } else { name };
        let Some(slot) = actor.store.get(theirs) else {
            if is_key {
                continue;
            }
            let known: Vec<&str> = actor.store.keys().map(String::as_str).collect();
            out.push(
                Diagnostic::new(
                    codes::AFTER,
                    argument.span,
                    format!("the store of {alias}.{} has no `{name}`", after.actor.text),
                )
                .with_label("nothing fills this argument")
                .with_secondary(actor.decl.name.span, "the actor whose store fills it")
                .with_note("the trigger is fired with the store fields of its arguments' names")
                .with_did_you_mean(name, known),
            );
            complete = false;
            continue;
        };
        let Some(ty) = &slot.ty else { continue };
        if !same_type(want, own, ty, &other.signatures)
            && !same_type(want.plain(), own, ty, &other.signatures)
        {
            out.push(
                Diagnostic::new(
                    codes::AFTER,
                    argument.span,
                    format!("`{name}` has another type in {alias}.{}", after.actor.text),
                )
                .with_label(format!("{} here", show(want)))
                .with_secondary(slot.span, format!("{} there", show(ty)))
                .with_note("the trigger is fired with the store fields of its arguments' names and types"),
            );
            complete = false;
            continue;
        }
        if !want.is_optional() && !ty.is_optional() && !set.contains(theirs) {
            let way = other
                .flows
                .way_without(&after.actor.text, &after.state.text, theirs)
                .map_or_else(String::new, |way| format!(": {}", way.states.join(" → ")));
            out.push(
                Diagnostic::new(
                    codes::AFTER,
                    argument.span,
                    format!(
                        "`{name}` may be unset when {alias}.{} enters {}",
                        after.actor.text, after.state.text
                    ),
                )
                .with_label("filled from a field that may be unset")
                .with_secondary(slot.span, "the field")
                .with_secondary(state.decl.name.span, "entered on a way that does not assign it")
                .with_note(format!("there is a way on which nothing assigns it{way}"))
                .with_help(format!(
                    "declare the argument as `{name} {}?`, or assign the field there",
                    show(want)
                )),
            );
            complete = false;
        }
    }
    if !has_key {
        out.push(
            Diagnostic::new(
                codes::AFTER,
                trigger.decl.name.span,
                format!("`{}` has no argument `{}`", trigger.decl.name.text, own.session_key),
            )
            .with_label("which session is meant?")
            .with_note("one argument is the session key, so that the trigger reaches the right instance")
            .with_help(format!("add `{} hash` to its arguments", own.session_key)),
        );
        complete = false;
    }
    complete.then(|| ir::After {
        transaction: number(header),
        actor: after.actor.text.clone(),
        state: after.state.text.clone(),
    })
}

/// Do two types mean the same in two transactions? Declared ones must look the same down to the last field.
pub(super) fn same_type(a: &Type, of_a: &Signatures<'_>, b: &Type, of_b: &Signatures<'_>) -> bool {
    same_within(a, of_a, b, of_b, 0)
}

/// Records inside records are compared to this depth; recursive ones are equal if they are equal that far.
const COMPARE_DEPTH_MAX: u32 = 8;

fn same_within(a: &Type, of_a: &Signatures<'_>, b: &Type, of_b: &Signatures<'_>, depth: u32) -> bool {
    if a != b {
        return false;
    }
    let deeper = |x: &Type, y: &Type| same_within(x, of_a, y, of_b, depth);
    match (a, b) {
        (Type::List(x), Type::List(y))
        | (Type::Optional(x), Type::Optional(y))
        | (Type::Secret(x), Type::Secret(y)) => deeper(x, y),
        (Type::Map(k, v), Type::Map(l, w)) => deeper(k, l) && deeper(v, w),
        (
            Type::Struct(name)
            | Type::Message(name)
            | Type::BlockPayload(name)
            | Type::Signed(name)
            | Type::Block(name),
            _,
        ) if depth < COMPARE_DEPTH_MAX => {
            match (of_a.shapes.get(name.as_str()), of_b.shapes.get(name.as_str())) {
                (Some(x), Some(y)) => same_shape(x, of_a, y, of_b, depth.saturating_add(1)),
                _ => false,
            }
        }
        _ => true,
    }
}

fn same_shape(a: &Shape, of_a: &Signatures<'_>, b: &Shape, of_b: &Signatures<'_>, depth: u32) -> bool {
    a.len() == b.len()
        && a.iter().all(|(name, x)| {
            b.get(name).is_some_and(|y| match (&x.ty, &y.ty) {
                (Some(x), Some(y)) => same_within(x, of_a, y, of_b, depth),
                _ => false,
            })
        })
}
