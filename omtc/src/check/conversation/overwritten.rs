#![doc = include_str!("../pages/W0564.md")]

use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At, Expr, ExprKind, Place, Protocol, Stmt};
use std::collections::BTreeSet;

/// Its code.
pub const CODE: Code =
    warning("W0564", "a value that is overwritten before it is read", include_str!("../pages/W0564.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let protocol = context.protocol;
    let mut seen: BTreeSet<At> = BTreeSet::new();
    let mut lists: Vec<&[Action]> = Vec::new();
    for handler in protocol.actors.values().flat_map(|a| a.states.values()).flat_map(|s| &s.handlers) {
        lists.extend(walk::handler_actions(handler));
    }
    lists.extend(protocol.views.values().flat_map(|v| &v.handlers).map(|h| h.actions.as_slice()));
    while let Some(list) = lists.pop() {
        for (index, action) in list.iter().enumerate() {
            lists.extend(action.nested().into_iter().filter(|n| !n.is_empty()));
            for (field, at) in writes(action) {
                if let Some(again) =
                    lost(protocol, field, list.get(index.saturating_add(1)..).unwrap_or_default())
                    && seen.insert(at)
                {
                    let what = match field {
                        Place::Store(name) | Place::Shared(name) | Place::View(name) => name.clone(),
                        Place::Local(_) => continue,
                    };
                    found.push(report(context, &what, at, again));
                }
            }
        }
    }
    for function in protocol.functions.values() {
        let mut lists: Vec<&[Stmt]> = vec![&function.body];
        while let Some(list) = lists.pop() {
            for (index, statement) in list.iter().enumerate() {
                lists.extend(statement.nested().into_iter().filter(|n| !n.is_empty()));
                let Stmt::Assign { slot, path, meta, .. } = statement else { continue };
                let after = list.get(index.saturating_add(1)..).unwrap_or_default();
                if path.is_empty()
                    && let Some(again) = lost_local(*slot, after)
                    && seen.insert(*meta)
                {
                    let name = usize::try_from(*slot).ok().and_then(|s| function.frame.get(s));
                    found.push(report(context, name.map_or("it", |l| &l.meta.name), *meta, again));
                }
            }
        }
    }
}

fn report(context: &Context<'_>, name: &str, at: At, again: At) -> Diagnostic {
    Diagnostic::new(CODE, context.span(at), format!("the value that `{name}` gets here is never read"))
        .with_label("lost")
        .with_secondary(context.span(again), "overwritten here")
        .with_note(
            "an assignment that changes nothing stands in the wrong place, or was meant for another name",
        )
        .with_help(format!("remove it, or move it behind the other assignment of `{name}`"))
}

/// Fields that an action assigns as a whole, also in one of its branches, and does not read afterwards within itself.
fn writes(action: &Action) -> Vec<(&Place, At)> {
    match action {
        Action::Assign { place, path, meta, .. } if path.is_empty() => vec![(place, *meta)],
        Action::If { then, otherwise, .. } => {
            let last = |list: &'_ [Action]| -> Vec<(Place, At)> {
                match list.last() {
                    Some(Action::Assign { place, path, meta, .. }) if path.is_empty() => {
                        vec![(place.clone(), *meta)]
                    }
                    _ => Vec::new(),
                }
            };
            let ends: BTreeSet<At> =
                last(then).into_iter().chain(last(otherwise)).map(|(_, at)| at).collect();
            then.iter()
                .chain(otherwise)
                .filter_map(|a| match a {
                    Action::Assign { place, meta, .. } if ends.contains(meta) => Some((place, *meta)),
                    _ => None,
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The assignment that overwrites a field before anything reads it.
fn lost(protocol: &Protocol, field: &Place, after: &[Action]) -> Option<At> {
    if matches!(field, Place::Local(_)) {
        return None;
    }
    for action in after {
        let mut read = false;
        action.walk(&mut |a| {
            read = read || a.expressions().into_iter().any(|e| reads(protocol, field, e));
            // A part that changes, or a block that is put there, needs the field as it is.
            if let Action::Assign { place, path, .. } = a {
                read = read || (place == field && !path.is_empty());
            }
        });
        match action {
            _ if read => return None,
            Action::Assign { place, path, meta, .. } if place == field && path.is_empty() => {
                return Some(*meta);
            }
            _ => {}
        }
    }
    None
}

fn reads(protocol: &Protocol, field: &Place, e: &Expr) -> bool {
    let mut found = false;
    walk::evaluated(protocol, e, &mut |_, e| {
        found = found
            || match (&e.kind, field) {
                (ExprKind::Store(name) | ExprKind::Load(name), Place::Store(own))
                | (ExprKind::Shared(name), Place::Shared(own))
                | (ExprKind::ViewField(name), Place::View(own)) => name == own,
                _ => false,
            };
    });
    found
}

fn lost_local(slot: u32, after: &[Stmt]) -> Option<At> {
    for statement in after {
        let mut read = false;
        statement.walk(&mut |s| {
            for e in s.expressions() {
                walk::expression(e, &mut |e| {
                    read = read
                        || matches!(&e.kind, ExprKind::Local(n) | ExprKind::CallLocal(n, _) if *n == slot);
                });
            }
            if let Stmt::Assign { slot: to, path, .. } = s {
                read = read || (*to == slot && !path.is_empty());
            }
        });
        match statement {
            _ if read => return None,
            Stmt::Assign { slot: to, path, meta, .. } if *to == slot && path.is_empty() => {
                return Some(*meta);
            }
            _ => {}
        }
    }
    None
}
