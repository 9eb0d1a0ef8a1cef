#![doc = include_str!("../pages/W0452.md")]

use super::auto_on_world::question;
use super::entry::{Entry, entries, impossible_on_entry, waits};
use crate::check::logic::{Guard, Parameters};
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{At, Cause, Expr, ExprKind, Handler, Protocol, State, Transition};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0452", "a transition that can never fire", include_str!("../pages/W0452.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// Labels for earlier transitions; more would hide the one that matters.
const LABEL_COUNT_MAX: usize = 3;

const ORDER: &str = "of the transitions for one cause the first in source order whose guard is true fires";

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported: BTreeSet<(At, &str)> = BTreeSet::new();
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        // What is known here is worked out where a guard asks for it.
        let guarded =
            |auto: bool| transitions(state).any(|t| t.guard.is_some() && (t.cause == Cause::Auto) == auto);
        let entered = if guarded(true) { entries(context.protocol, actor, name) } else { Vec::new() };
        let waiting = if guarded(false) { waits(context.protocol, actor, name, state) } else { Vec::new() };
        for (index, later) in transitions(state).enumerate() {
            let earlier: Vec<&Transition> =
                transitions(state).take(index).filter(|t| t.cause == later.cause).collect();
            let place = format!("{actor_name}.{name}");
            let ways = if later.cause == Cause::Auto { &entered } else { &waiting };
            // One line of source may leave several states, and is reported once.
            if let Some(diagnostic) = dead(context, &place, &earlier, later, ways)
                && reported.insert((later.meta.at, "then"))
            {
                found.push(diagnostic);
            }
            if let Some(diagnostic) = dead_else(context, &place, state, later, ways)
                && reported.insert((later.meta.at, "else"))
            {
                found.push(diagnostic);
            }
        }
    }
}

/// Branches that can certainly never be taken: actor, state, index of the handler, whether it is the `else`.
pub(in crate::check) fn branches(context: &Context<'_>) -> BTreeSet<(String, String, u32, bool)> {
    let mut never = BTreeSet::new();
    for (actor_name, actor, name, state) in walk::states(context.protocol) {
        let (entered, waiting) =
            (entries(context.protocol, actor, name), waits(context.protocol, actor, name, state));
        for (index, handler) in state.handlers.iter().enumerate() {
            let (Handler::Transition(later), Ok(place)) = (handler, u32::try_from(index)) else { continue };
            let before = state.handlers.iter().take(index);
            let earlier: Vec<&Transition> = before
                .filter_map(|handler| match handler {
                    Handler::Transition(earlier) if earlier.cause == later.cause => Some(earlier),
                    Handler::Transition(_) | Handler::Collect(_) => None,
                })
                .collect();
            let ways = if later.cause == Cause::Auto { &entered } else { &waiting };
            let branch = |otherwise| (actor_name.to_owned(), name.to_owned(), place, otherwise);
            if dead(context, "", &earlier, later, ways).is_some() {
                never.insert(branch(false));
            }
            if dead_else(context, "", state, later, ways).is_some() {
                never.insert(branch(true));
            }
        }
    }
    never
}

/// The transitions of a state.
pub(super) fn transitions(state: &State) -> impl Iterator<Item = &Transition> {
    state.handlers.iter().filter_map(|h| match h {
        Handler::Transition(t) => Some(t),
        Handler::Collect(_) => None,
    })
}

/// Does an expression read anything but parameters? A guard that does not is a switch, set on purpose.
pub(super) fn varies(protocol: &Protocol, guard: &Expr) -> bool {
    let mut found = false;
    walk::evaluated(protocol, guard, &mut |_, e| {
        found |= matches!(
            e.kind,
            ExprKind::Store(_)
                | ExprKind::Load(_)
                | ExprKind::Shared(_)
                | ExprKind::Argument(_)
                | ExprKind::TaskResult
                | ExprKind::Payload
                | ExprKind::Sender
                | ExprKind::SignedMessage
                | ExprKind::Session
                | ExprKind::SelfId
                | ExprKind::OwnChain
                | ExprKind::Native(..)
                | ExprKind::Builtin(..)
        );
    });
    found
}

/// Why a transition never fires, if that is certain.
fn dead(
    context: &Context<'_>,
    place: &str,
    earlier: &[&Transition],
    later: &Transition,
    ways: &[Entry<'_>],
) -> Option<Diagnostic> {
    let at = context.span(later.meta.at);
    if earlier.iter().any(|first| repeats(first, later)) {
        return None;
    }
    if let Some(first) = earlier.iter().find(|t| t.guard.is_none()) {
        return Some(
            Diagnostic::new(CODE, at, format!("{place} never gets here: an earlier transition always fires"))
                .with_label("never taken")
                .with_secondary(context.span(first.meta.at), "this one has no guard")
                .with_note(ORDER)
                .with_help("put it before the one without a guard, or remove it"),
        );
    }
    let guard = later.guard.as_ref();
    let logic = context.logic();
    let open = logic.with_parameters(Parameters::Open);
    if let Some(guard) = guard
        && logic.always_false(Guard::of(later))
    {
        let whatever = open.always_false(Guard::of(later));
        if !whatever && !varies(context.protocol, guard) {
            return None;
        }
        let note = if whatever {
            "no values make this condition true"
        } else {
            "with the values that the parameters have, nothing makes this condition true"
        };
        return Some(
            Diagnostic::new(
                CODE,
                at,
                format!("{place} never takes this transition: its guard is always false"),
            )
            .with_label("never taken")
            .with_secondary(context.span(guard.meta), "never true")
            .with_note(note)
            .with_help("correct the guard, or remove the transition"),
        );
    }
    let claim = |t: &&'_ Transition| t.guard.is_some();
    let guarded: Vec<&Transition> = earlier.iter().copied().filter(claim).collect();
    let fires = (Guard::of(later), true);
    // One earlier guard that says it all is named alone.
    let alone = guarded.iter().find(|t| logic.impossible(&[(Guard::of(t), false), fires]));
    let together = || {
        let mut claims: Vec<_> = guarded.iter().map(|t| (Guard::of(t), false)).collect();
        claims.push(fires);
        guarded.len() > 1 && logic.impossible(&claims)
    };
    let culprits: Vec<&Transition> = match alone {
        Some(one) => vec![*one],
        None if together() => guarded,
        None => Vec::new(),
    };
    if !culprits.is_empty() {
        let mut diagnostic = Diagnostic::new(
            CODE,
            at,
            if guard.is_none() {
                format!("{place} never gets here: one of the earlier guards is always true")
            } else {
                format!("{place} never gets here: where this guard is true, an earlier one is, too")
            },
        )
        .with_label("never taken")
        .with_note(ORDER)
        .with_help("put the narrower guard first, or remove the transition");
        for other in culprits.iter().take(LABEL_COUNT_MAX) {
            let guard = other.guard.as_ref().map_or(other.meta.at, |g| g.meta);
            diagnostic = diagnostic.with_secondary(context.span(guard), "this one comes first");
        }
        return Some(diagnostic);
    }
    // Autos are judged right after the step that enters the state, so what was known then still holds.
    if let Some(guard) = guard
        && impossible_on_entry(context.logic(), ways, &[fires])
        // Of an auto that depends on the world E0454 says more.
        && (later.cause != Cause::Auto || walk::first(context.protocol, guard, question).is_none())
    {
        let (when, note) = if later.cause == Cause::Auto {
            (
                "whenever the state is entered",
                "an `auto` is judged when the state is entered; every way into it rules this one out",
            )
        } else {
            (
                "while the state waits",
                "nothing that happens in the state changes what every way into it has settled",
            )
        };
        let mut diagnostic = Diagnostic::new(
            CODE,
            at,
            format!("{place} never takes this transition: {when}, its guard is false"),
        )
        .with_label("never taken")
        .with_secondary(context.span(guard.meta), "false here in every case")
        .with_note(note)
        .with_help("correct the guard, or remove the transition");
        for way in ways.iter().take(LABEL_COUNT_MAX) {
            diagnostic = diagnostic.with_secondary(context.span(way.at), format!("from {}", way.from));
        }
        return Some(diagnostic);
    }
    None
}

/// Is a transition written twice, which is E0404?
fn repeats(first: &Transition, later: &Transition) -> bool {
    let same_guard = match (&first.guard, &later.guard) {
        (Some(one), Some(two)) => walk::alike(one, two),
        (None, None) => true,
        _ => false,
    };
    same_guard && first.then.to == later.then.to && first.lets.is_empty() && later.lets.is_empty()
}

/// Why an `else` is never taken, if that is certain.
fn dead_else(
    context: &Context<'_>,
    place: &str,
    state: &State,
    with_else: &Transition,
    ways: &[Entry<'_>],
) -> Option<Diagnostic> {
    let otherwise = with_else.otherwise.as_ref()?;
    let same: Vec<&Transition> = transitions(state).filter(|t| t.cause == with_else.cause).collect();
    let at = context.span(with_else.meta.at);
    let report = |why: &str| {
        Diagnostic::new(CODE, at, format!("the `else -> {}` of {place} is never taken", otherwise.to))
            .with_label(why.to_owned())
    };
    let first = same.iter().find(|t| t.otherwise.is_some())?;
    if !std::ptr::eq(*first, with_else) {
        return Some(
            report("an earlier transition for this cause has an `else`, too")
                .with_secondary(context.span(first.meta.at), "its `else` comes first")
                .with_note("when no guard is true, the first `else` in source order fires")
                .with_help("leave one of them out"),
        );
    }
    if let Some(unguarded) = same.iter().find(|t| t.guard.is_none()) {
        return Some(
            report("another transition for this cause always fires")
                .with_secondary(context.span(unguarded.meta.at), "this one has no guard")
                .with_note(
                    "an `else` is taken only when the guards of all transitions for the cause are false",
                )
                .with_help("leave the `else` out, or give the other one a guard"),
        );
    }
    let claims: Vec<_> = same.iter().map(|t| (Guard::of(t), false)).collect();
    let certain = context.logic().impossible(&claims);
    let switch = same.iter().all(|t| t.guard.as_ref().is_some_and(|g| !varies(context.protocol, g)))
        && !context.logic().with_parameters(Parameters::Open).impossible(&claims);
    if certain && !switch {
        let mut diagnostic = report("the guards cover every case")
            .with_note("an `else` is taken only when the guards of all transitions for the cause are false")
            .with_help("leave the `else` out, or correct the guard");
        for guard in same.iter().filter_map(|t| t.guard.as_ref()).take(LABEL_COUNT_MAX) {
            let label = if same.len() == 1 { "always true" } else { "one of these is always true" };
            diagnostic = diagnostic.with_secondary(context.span(guard.meta), label);
        }
        return Some(diagnostic);
    }
    if !certain && impossible_on_entry(context.logic(), ways, &claims) {
        let mut diagnostic = report("here a guard is true in every case")
            .with_note("every way into the state has settled that, and nothing that happens in it changes it")
            .with_help("leave the `else` out, or correct the guard");
        for way in ways.iter().take(LABEL_COUNT_MAX) {
            diagnostic = diagnostic.with_secondary(context.span(way.at), format!("from {}", way.from));
        }
        return Some(diagnostic);
    }
    None
}
