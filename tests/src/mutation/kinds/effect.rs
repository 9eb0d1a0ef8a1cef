//! Mistakes in what a step does.

use super::Kind;
use super::guard::one_line;
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use crate::mutation::walk::{Block, below, of_action};
use omtc::syntax::ast::{Action, ActionKind, ExprKind, Ident};

pub const KINDS: &[Kind] = &[
    Kind { name: "drop-send", what: "a message not sent", places: drop_send },
    Kind { name: "drop-append", what: "a block or an item not appended", places: drop_append },
    Kind { name: "drop-assignment", what: "an assignment forgotten", places: drop_assignment },
    Kind { name: "drop-store", what: "a field of the cause not stored", places: drop_store },
    Kind { name: "drop-start", what: "a task not started", places: drop_start },
    Kind { name: "drop-abort", what: "a fold that takes what it must not take", places: drop_abort },
    Kind { name: "act-too-early", what: "a value used before it is assigned", places: act_too_early },
];

/// Without one action; without the parentheses when nothing is left in them and nothing needs them.
fn without(subject: &Subject, block: &Block<'_>, action: &Action, what: String) -> Option<Mutant> {
    let mutant = Mutant::new(action.span, what);
    match (block.actions.list.len(), block.optional) {
        (1, true) => Some(mutant.remove(subject, block.actions.span)),
        (1, false) => None,
        _ => Some(mutant.remove(subject, action.span)),
    }
}

fn drop_actions(subject: &Subject, what: impl Fn(&ActionKind) -> Option<String>) -> Vec<Mutant> {
    let mut found = Vec::new();
    for block in subject.blocks() {
        for action in &block.actions.list {
            if let Some(what) = what(&action.kind) {
                found.extend(without(subject, &block, action, what));
            }
        }
    }
    found
}

fn drop_send(subject: &Subject) -> Vec<Mutant> {
    drop_actions(subject, |kind| match kind {
        ActionKind::Send { message, .. } | ActionKind::Broadcast { message, .. } => {
            Some(format!("does not send `{}`", message.text))
        }
        _ => None,
    })
}

fn drop_append(subject: &Subject) -> Vec<Mutant> {
    drop_actions(subject, |kind| match kind {
        ActionKind::AppendBlock { block, .. } => Some(format!("does not append `{}`", block.text)),
        ActionKind::Append { target, .. } => Some(format!("does not append to `{}`", target.text)),
        _ => None,
    })
}

/// The name that an action assigns as a whole or in part.
fn target(kind: &ActionKind) -> Option<&Ident> {
    match kind {
        ActionKind::Assign { target, .. }
        | ActionKind::StoreCall { target, .. }
        | ActionKind::Lookup { target, .. }
        | ActionKind::AssignIndex { target, .. } => Some(target),
        _ => None,
    }
}

fn drop_assignment(subject: &Subject) -> Vec<Mutant> {
    drop_actions(subject, |kind| target(kind).map(|t| format!("does not assign `{}`", t.text)))
}

fn drop_store(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for block in subject.blocks() {
        for action in &block.actions.list {
            let ActionKind::Store(names) = &action.kind else { continue };
            for gone in names {
                let what = format!("does not store `{}`", gone.text);
                let left: Vec<&str> = names.iter().filter(|n| *n != gone).map(|n| n.text.as_str()).collect();
                if left.is_empty() {
                    found.extend(without(subject, &block, action, what));
                } else {
                    let whole = names[0].span.to(names[names.len() - 1].span);
                    found.push(Mutant::new(gone.span, what).replace(whole, left.join(", ")));
                }
            }
        }
    }
    found
}

fn drop_start(subject: &Subject) -> Vec<Mutant> {
    drop_actions(subject, |kind| match kind {
        ActionKind::Start { task, .. } => Some(format!("does not start `{}`", task.text)),
        _ => None,
    })
}

/// Without an `IF … THEN ( ABORT(…) )`.
fn drop_abort(subject: &Subject) -> Vec<Mutant> {
    drop_actions(subject, |kind| match kind {
        ActionKind::If { condition, then, otherwise: None } => {
            let aborts = matches!(then.list.as_slice(), [Action { kind: ActionKind::Abort(_), .. }]);
            aborts.then(|| format!("takes a block although `{}`", one_line(subject, condition)))
        }
        _ => None,
    })
}

/// An assignment exchanged with the next action that reads what it assigns.
fn act_too_early(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for block in subject.blocks() {
        let list = &block.actions.list;
        for (i, action) in list.iter().enumerate() {
            let Some(name) = target(&action.kind) else { continue };
            let reads = |a: &&Action| {
                of_action(a).into_iter().any(|e| {
                    below(e).iter().any(|e| matches!(&e.kind, ExprKind::Name(n) if n.text == name.text))
                })
            };
            if let Some(reader) = list[i + 1..].iter().find(reads) {
                let value = of_action(reader).first().map(|e| one_line(subject, e)).unwrap_or_default();
                let what = format!("`{}` is assigned after it is used (`{value}`)", name.text);
                found.push(Mutant::new(action.span, what).exchange(subject, action.span, reader.span));
            }
        }
    }
    found
}
