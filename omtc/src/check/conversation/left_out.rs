#![doc = include_str!("../pages/W0568.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, Actor, At, Branch, Cause, Expr, ExprKind, Handler, Place};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0568", "something left out that is done everywhere else", include_str!("../pages/W0568.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// So many others must do it before the one that does not is suspicious.
const OTHERS_MIN: usize = 3;

/// What a step does that others may leave out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Send(String),
    Append(String),
    /// A field is set to a value that does not come from the message.
    Set(String),
}

impl Deed {
    fn shown(&self) -> String {
        match self {
            Deed::Send(message) => format!("sends {message}"),
            Deed::Append(block) => format!("appends {block}"),
            Deed::Set(field) => format!("assigns `{field}`"),
        }
    }

    fn advice(&self) -> String {
        match self {
            Deed::Send(message) => format!("send {message} here, too"),
            Deed::Append(block) => format!("write `APPEND(chain, {block})` here, too"),
            Deed::Set(field) => format!("assign `{field}` here, too"),
        }
    }
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    for actor in context.protocol.actors.values() {
        ways(context, actor, found);
    }
    // One that is told already needs no second reason.
    let told: BTreeSet<_> = found.iter().skip(before).map(|d| d.primary.span).collect();
    let mut together_found = Vec::new();
    together(context, &mut together_found);
    found.extend(together_found.into_iter().filter(|d| {
        !told.iter().any(|t| {
            t.file == d.primary.span.file && t.start <= d.primary.span.start && d.primary.span.end <= t.end
        })
    }));
}

/// One way into a state.
struct Way<'a> {
    at: At,
    from: BTreeSet<&'a str>,
    kind: u8,
    deeds: BTreeSet<Deed>,
    /// Everything that is assigned, whatever to.
    assigned: BTreeSet<&'a str>,
}

/// Of the ways into one state, all but one do something.
fn ways(context: &Context<'_>, actor: &Actor, found: &mut Vec<Diagnostic>) {
    // By target, and by place: one line of source may stand for several states.
    let mut groups: BTreeMap<&str, BTreeMap<(At, bool), Way<'_>>> = BTreeMap::new();
    for (state_name, state) in &actor.states {
        for handler in &state.handlers {
            let Handler::Transition(t) = handler else { continue };
            let branches = [Some((&t.then, false)), t.otherwise.as_ref().map(|o| (o, true))];
            for (branch, is_else) in branches.into_iter().flatten() {
                let group = groups.entry(branch.to.as_str()).or_default();
                let way = group.entry((t.meta.at, is_else)).or_insert_with(|| Way {
                    at: t.meta.at,
                    from: BTreeSet::new(),
                    kind: kind(&t.cause),
                    deeds: deeds(branch),
                    assigned: assigned(branch),
                });
                way.from.insert(state_name);
            }
        }
    }
    for (to, group) in &groups {
        let all: BTreeSet<&Deed> = group.values().flat_map(|w| &w.deeds).collect();
        for deed in all {
            let (doers, rest): (Vec<&Way<'_>>, Vec<&Way<'_>>) =
                group.values().partition(|w| w.deeds.contains(deed));
            // A way from a state that no doer leaves may have nothing to do.
            let near = |other: &Way<'_>| doers.iter().find(|d| !d.from.is_disjoint(&other.from));
            let rest: Vec<&Way<'_>> = rest.into_iter().filter(|w| near(w).is_some()).collect();
            let [other] = rest.as_slice() else { continue };
            let near = near(other);
            // Where enough ways leave the very same states, another check says it of fields and blocks.
            let beside = doers.iter().filter(|d| d.from == other.from).count();
            if beside >= OTHERS_MIN && !matches!(deed, Deed::Send(_)) {
                continue;
            }
            let alike = doers.iter().any(|d| d.kind == other.kind);
            let (Some(near), true, true) = (near, alike, doers.len() >= OTHERS_MIN) else { continue };
            // It may get its value from the message.
            if matches!(deed, Deed::Set(field) if other.assigned.contains(field.as_str())) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    CODE,
                    context.span(other.at),
                    format!(
                        "of {} ways to {to}, this is the one that leaves out what {} others do",
                        group.len(),
                        doers.len()
                    ),
                )
                .with_label(format!("nothing here {}", deed.shown()))
                .with_secondary(context.span(near.at), format!("this one {}", deed.shown()))
                .with_note(
                    "what is done on every other way to the same end was probably forgotten on this one",
                )
                .with_help(deed.advice()),
            );
        }
    }
}

fn kind(cause: &Cause) -> u8 {
    match cause {
        Cause::Auto => 0,
        Cause::Message(_) => 1,
        Cause::Trigger(_) => 2,
        Cause::Task(_) => 3,
        Cause::Timeout(_) | Cause::Period(_) => 4,
    }
}

fn assigned(branch: &Branch) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    walk::actions(&branch.actions, &mut |action| {
        if let Action::Assign { place: Place::Store(field), .. } = action {
            found.insert(field.as_str());
        }
    });
    found
}

fn deeds(branch: &Branch) -> BTreeSet<Deed> {
    let mut found = BTreeSet::new();
    walk::actions(&branch.actions, &mut |action| match action {
        Action::Send { message, .. } | Action::Broadcast { message, .. } | Action::Gossip { message, .. } => {
            found.insert(Deed::Send(message.clone()));
        }
        Action::Append { block, .. } => {
            found.insert(Deed::Append(block.clone()));
        }
        Action::Assign { place: Place::Store(field), path, value, .. }
            if path.is_empty() && !arrives(value) =>
        {
            found.insert(Deed::Set(field.clone()));
        }
        _ => {}
    });
    found
}

/// Does the value come from what caused the step?
fn arrives(value: &Expr) -> bool {
    let mut found = false;
    walk::expression(value, &mut |e| {
        found = found
            || matches!(
                e.kind,
                ExprKind::Payload
                    | ExprKind::Sender
                    | ExprKind::SignedMessage
                    | ExprKind::Argument(_)
                    | ExprKind::TaskResult
                    | ExprKind::Local(_)
            );
    });
    found
}

/// A list of actions: the values of enums that it stores, the messages that it sends.
struct Block<'a> {
    at: At,
    sets: BTreeMap<&'a str, At>,
    sends: BTreeMap<&'a str, At>,
}

/// A message that is always sent together with storing one value, but once without it.
fn together(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut blocks = Vec::new();
    let mut places = BTreeSet::new();
    for actor in context.protocol.actors.values() {
        for handler in actor.states.values().flat_map(|s| &s.handlers) {
            if places.insert(walk::place(handler)) {
                for list in walk::handler_actions(handler) {
                    collect(list, walk::place(handler), &mut blocks);
                }
            }
        }
    }
    // Only what stands together somewhere is looked at: all pairs would be many more.
    let mut pairs: BTreeMap<(&str, &str), Vec<&Block<'_>>> = BTreeMap::new();
    let mut senders: BTreeMap<&str, Vec<&Block<'_>>> = BTreeMap::new();
    for block in &blocks {
        for message in block.sends.keys() {
            senders.entry(message).or_default().push(block);
            for value in block.sets.keys() {
                pairs.entry((value, message)).or_default().push(block);
            }
        }
    }
    for ((value, message), both) in &pairs {
        let Some(example) = both.first().filter(|_| both.len() >= OTHERS_MIN) else { continue };
        let sends_alone: Vec<&&Block<'_>> =
            senders.get(message).into_iter().flatten().filter(|b| !b.sets.contains_key(value)).collect();
        if let [alone] = sends_alone.as_slice() {
            let at = alone.sends.get(message).copied().unwrap_or(alone.at);
            found.push(
                odd(context, at, format!("{message} is sent here without storing {value}"))
                    .with_secondary(
                        context.span(example.sets.get(value).copied().unwrap_or(example.at)),
                        format!("stored here with it, and in {} places more", both.len().saturating_sub(1)),
                    )
                    .with_help(format!("store {value} here, too")),
            );
        }
    }
}

fn odd(context: &Context<'_>, at: At, message: String) -> Diagnostic {
    Diagnostic::new(CODE, context.span(at), message)
        .with_label("everywhere else the two go together")
        .with_note("what belongs together in every other place was probably forgotten in this one")
}

fn collect<'a>(list: &'a [Action], at: At, blocks: &mut Vec<Block<'a>>) {
    let mut block = Block { at, sets: BTreeMap::new(), sends: BTreeMap::new() };
    for action in list {
        match action {
            Action::Assign { place: Place::Store(_), value, meta, .. } => {
                if let ExprKind::EnumValue(_, value) = &super::slots::bare(value).kind {
                    block.sets.insert(value, *meta);
                }
            }
            _ => {
                if let Some(message) = walk::sends(action) {
                    block.sends.insert(message, walk::action_place(action));
                }
                for nested in action.nested() {
                    collect(nested, at, blocks);
                }
            }
        }
    }
    if !block.sets.is_empty() || !block.sends.is_empty() {
        blocks.push(block);
    }
}
