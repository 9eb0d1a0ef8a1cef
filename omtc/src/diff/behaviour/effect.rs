//! What a transition sends, appends and starts, and what else it does.

use super::Spot;
use crate::check::walk;
use crate::diff::alike;
use crate::diff::kind;
use crate::diff::pair::{Draft, an};
use crate::diff::report::{Change, Direction, Outcome};
use omt_runtime::ir::{Action, At, Expr, ExprKind, Local};
use std::collections::BTreeMap;

/// Actions of one version, with the frame that their locals live in.
pub type Actions<'a> = (&'a [Action], &'a [Local]);

/// An effect that others see.
struct Effect<'a> {
    /// What it says, and whom or what for.
    parts: Vec<&'a Expr>,
    /// Under how many conditions and loops.
    depth: usize,
    at: At,
}

/// What kind of effect, and the name of its message, block or task.
type Name<'a> = (&'static str, &'a str);

fn effects<'a>(actions: &'a [Action], depth: usize, found: &mut BTreeMap<Name<'a>, Vec<Effect<'a>>>) {
    for action in actions {
        let (name, at): (Name<'a>, At) = match action {
            Action::Send { message, meta, .. } => (("SEND", message), *meta),
            Action::Broadcast { message, meta, .. } => (("BROADCAST", message), *meta),
            Action::Gossip { message, meta, .. } => (("gossip", message), *meta),
            Action::Append { block, meta, .. } => (("APPEND", block), *meta),
            Action::Start { task, meta, .. } => (("START", task), *meta),
            Action::Abort { meta, .. } => (("ABORT", ""), *meta),
            Action::If { .. } | Action::For { .. } => {
                for inner in action.nested() {
                    effects(inner, depth.saturating_add(1), found);
                }
                continue;
            }
            Action::Assign { .. } | Action::Let { .. } => continue,
        };
        found.entry(name).or_default().push(Effect { parts: action.expressions(), depth, at });
    }
}

/// Compares what happens on one way; `way` says which.
pub fn compare(
    spot: &Spot<'_>,
    way: &str,
    (old, new): (Actions<'_>, Actions<'_>),
    places: (At, At),
    out: &mut Vec<Change>,
) {
    if alike::actions(old.0, new.0) {
        follow(spot, way, new.0);
        return;
    }
    let pair = spot.machine.pair;
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    effects(old.0, 0, &mut before);
    effects(new.0, 0, &mut after);
    let mut seen = false;
    let empty = Vec::new();
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    for name @ (verb, what) in names {
        let (a, b) = (before.get(&name).unwrap_or(&empty), after.get(&name).unwrap_or(&empty));
        let at = |draft: Draft| {
            let place = |list: &[Effect<'_>], other: At| list.first().map_or(other, |effect| effect.at);
            draft.at(pair.old_at(place(a, places.0)), pair.new_at(place(b, places.1)))
        };
        let effect = format!("{verb} {what}");
        let effect = effect.trim_end();
        if a.len() > b.len() {
            seen = true;
            out.push(gone(
                verb,
                what,
                at(spot.draft(kind::EFFECT_REMOVED, format!("{way} no longer does {effect}"), why(verb))),
            ));
        } else if a.len() < b.len() {
            seen = true;
            out.push(come(
                verb,
                what,
                at(spot.draft(kind::EFFECT_ADDED, format!("{way} does {effect}"), why(verb))),
            ));
        } else if let Some(text) = other(a, b, (old.1, new.1)) {
            seen = true;
            out.push(
                at(spot.draft(kind::EFFECT_CHANGED, format!("{way} does {effect} {text}"), why(verb))).meets(
                    Direction::depends(
                        "an old node gets or sees something else than from one of its own version",
                    ),
                    Direction::depends(
                        "a new node gets or sees something else than from one of its own version",
                    ),
                ),
            );
        }
    }
    if !seen {
        let texts = |(list, frame): Actions<'_>| list.iter().map(|a| text(a, frame)).collect::<Vec<_>>();
        if texts(old) == texts(new) {
            return;
        }
        out.push(
            spot.draft(
                kind::ACTIONS_CHANGED,
                format!("{way} stores or decides otherwise"),
                "what is stored decides guards, limits and what is said later",
            )
            .at(pair.old_at(places.0), pair.new_at(places.1))
            .either(&Direction::depends("the two may decide differently later in the session")),
        );
    }
}

/// What changes behind names that stay.
fn follow(spot: &Spot<'_>, way: &str, actions: &[Action]) {
    let machine = spot.machine;
    if machine.joint.roots.is_empty() {
        return;
    }
    walk::within(actions, &mut |e| {
        // Inner expressions are visited, too: only names are asked.
        if !matches!(e.kind, ExprKind::Parameter(_) | ExprKind::Call(..) | ExprKind::View(..)) {
            return;
        }
        for root in machine.joint.reached(e) {
            let text = format!("what {} does in {} {way}", machine.name, spot.name);
            machine.roots.add(&root, text, (Outcome::Depends, Outcome::Depends));
        }
    });
}

/// How the same number of effects of one name differ; none if they do not.
fn other(a: &[Effect<'_>], b: &[Effect<'_>], frames: (&[Local], &[Local])) -> Option<&'static str> {
    let mut found = None;
    for (x, y) in a.iter().zip(b) {
        let same = x.parts.len() == y.parts.len()
            && x.parts.iter().zip(&y.parts).all(|(p, q)| said_alike((p, frames.0), (q, frames.1)));
        if !same {
            return Some("with other values or to others");
        }
        if x.depth != y.depth {
            found = Some("under other conditions");
        }
    }
    found
}

/// Are two values the same, but for fields that only one version has? These are told as changes of the record.
fn said_alike(a: (&Expr, &[Local]), b: (&Expr, &[Local])) -> bool {
    if let (ExprKind::Record(x), ExprKind::Record(y)) = (&a.0.kind, &b.0.kind) {
        return a.0.ty == b.0.ty
            && x.iter().all(|(name, p)| {
                let twin = y.iter().find(|(other, _)| other == name);
                twin.is_none_or(|(_, q)| said_alike((p, a.1), (q, b.1)))
            });
    }
    alike::expressions(a, b)
}

fn why(verb: &str) -> &'static str {
    match verb {
        "SEND" | "BROADCAST" => "who gets a message goes on with it, and who does not waits",
        "gossip" => "gossip tells everybody who is not part of the session",
        "APPEND" => "a block is what others verify and views count",
        "START" => "the end of a task is a cause",
        _ => "a fault undoes the step",
    }
}

fn gone(verb: &str, what: &str, draft: Draft) -> Change {
    match verb {
        "SEND" | "BROADCAST" => draft.meets(
            Direction::fails(format!("an old node that waits for {what} here waits in vain")),
            Direction::works(format!(
                "an old node still sends {what}, which is handled as before or discarded"
            )),
        ),
        "APPEND" => draft.meets(
            Direction::fails(format!("an old node that looks for {what} in the chain finds none")),
            Direction::works(format!("an old node still appends {what}")),
        ),
        "gossip" => draft.meets(
            Direction::depends(format!("an old node does not hear of it by {what}")),
            Direction::works(format!("an old node still tells by {what}")),
        ),
        "START" => draft.either(&Direction::depends(format!("what {what} did no longer happens here"))),
        _ => draft.either(&Direction::depends("a step that was undone is taken")),
    }
}

fn come(verb: &str, what: &str, draft: Draft) -> Change {
    match verb {
        "SEND" | "BROADCAST" | "gossip" => draft.meets(
            Direction::depends(format!(
                "an old node gets {one} here that it does not expect",
                one = an(what)
            )),
            Direction::depends(format!("a new node that waits for {what} here waits in vain")),
        ),
        "APPEND" => draft.meets(
            Direction::depends(format!(
                "the views of an old node count {one} that they did not expect here",
                one = an(what)
            )),
            Direction::depends(format!(
                "a new node that looks for {what} in the chain of an old one finds none"
            )),
        ),
        "START" => draft.meets(
            Direction::works("a task runs on one node alone"),
            Direction::works("a task runs on one node alone"),
        ),
        _ => draft.meets(
            Direction::depends("what an old node causes may be refused by a fault"),
            Direction::works("an old node takes the step"),
        ),
    }
}

/// An action as text, for equality.
fn text(action: &Action, frame: &[Local]) -> String {
    // What others see is compared by itself.
    let seen = matches!(
        action,
        Action::Send { .. } | Action::Broadcast { .. } | Action::Gossip { .. } | Action::Append { .. }
    );
    let parts: Vec<&Expr> = if seen { Vec::new() } else { action.expressions() };
    let parts: Vec<String> = parts.iter().map(|e| crate::backend::markdown::text(e, frame)).collect();
    let inner: Vec<String> = action
        .nested()
        .iter()
        .map(|list| list.iter().map(|a| text(a, frame)).collect::<Vec<_>>().join("; "))
        .collect();
    let head = match action {
        Action::Assign { place, .. } => format!("{place:?}"),
        Action::Let { slot, .. } => format!("let {slot}"),
        Action::If { .. } => "if".to_owned(),
        Action::For { slot, .. } => format!("for {slot}"),
        Action::Append { into, block, .. } => format!("{into:?} append {block}"),
        Action::Send { message, .. } => format!("send {message}"),
        Action::Broadcast { message, .. } => format!("broadcast {message}"),
        Action::Gossip { message, .. } => format!("gossip {message}"),
        Action::Abort { .. } => "abort".to_owned(),
        Action::Start { task, .. } => format!("start {task}"),
    };
    format!("{head} {parts:?} {inner:?}")
}
