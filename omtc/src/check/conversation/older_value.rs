#![doc = include_str!("../pages/W0558.md")]

use super::slots;
use crate::check::{Check, Context, walk};
use crate::diagnostic::codes::warning;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{Action, At, Cause, Expr, ExprKind, Handler, Place, State, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Its code.
pub const CODE: Code =
    warning("W0558", "an older value than the one that has just come", include_str!("../pages/W0558.md"));

/// The check.
pub const CHECK: Check = Check { code: CODE, run };

/// What every message has of its own.
const OWN: &[&str] = &["timestamp"];

/// What has come with the cause of a step.
struct Come<'a> {
    /// Name and type.
    fields: BTreeMap<&'a str, &'a Type>,
    /// In words.
    with: String,
    /// Those that no transition of the state looks at.
    ignored: BTreeSet<&'a str>,
}

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<(At, String)> = BTreeSet::new();
    for (_, actor, _, state) in walk::states(context.protocol) {
        for handler in &state.handlers {
            let Handler::Transition(t) = handler else { continue };
            let come = match &t.cause {
                Cause::Message(name) => {
                    let Some(message) = context.protocol.messages.get(name) else { continue };
                    let fields: BTreeMap<&str, &Type> =
                        message.fields.iter().map(|(n, f)| (n.as_str(), &f.ty)).collect();
                    let read = read(state, name);
                    let ignored = match read {
                        Some(read) => fields.keys().copied().filter(|f| !read.contains(f)).collect(),
                        None => BTreeSet::new(),
                    };
                    Come { fields, with: name.clone(), ignored }
                }
                Cause::Trigger(name) => {
                    let Some(trigger) = actor.triggers.get(name) else { continue };
                    let fields = trigger.arguments.iter().map(|a| (a.name.as_str(), &a.ty)).collect();
                    Come { fields, with: name.clone(), ignored: BTreeSet::new() }
                }
                Cause::Auto | Cause::Task(_) | Cause::Timeout(_) | Cause::Period(_) => continue,
            };
            for branch in walk::branches(handler) {
                let mut step = Step { context, come: &come, set: BTreeSet::new(), seen: &mut seen, found };
                step.list(&branch.actions);
            }
        }
    }
}

/// The fields of a message that some transition of a state takes; none when one looks at the whole message.
fn read<'a>(state: &'a State, message: &str) -> Option<BTreeSet<&'a str>> {
    let mut fields = BTreeSet::new();
    let mut bases = 0_usize;
    let mut whole = 0_usize;
    let mut see = |e: &'a Expr| match &e.kind {
        ExprKind::Field(base, name) if slots::bare(base).kind == ExprKind::Payload => {
            bases = bases.saturating_add(1);
            fields.insert(name.as_str());
        }
        ExprKind::Payload => whole = whole.saturating_add(1),
        ExprKind::SignedMessage => whole = usize::MAX,
        _ => {}
    };
    for handler in state.handlers.iter().filter(|h| walk::message(h) == Some(message)) {
        for condition in walk::conditions(handler) {
            walk::expression(condition, &mut see);
        }
        for list in walk::handler_actions(handler) {
            walk::actions(list, &mut |action| {
                action.expressions().into_iter().for_each(|e| walk::expression(e, &mut see));
            });
        }
    }
    // Each field that is taken names the payload once.
    (whole <= bases).then_some(fields)
}

struct Step<'s, 'c, 'a> {
    context: &'s Context<'c>,
    come: &'s Come<'a>,
    /// Fields that this step has assigned.
    set: BTreeSet<&'a str>,
    seen: &'s mut BTreeSet<(At, String)>,
    found: &'s mut Vec<Diagnostic>,
}

impl<'a> Step<'_, '_, 'a> {
    fn list(&mut self, list: &'a [Action]) {
        for (index, action) in list.iter().enumerate() {
            match action {
                Action::Send { payload, message: of, .. }
                | Action::Broadcast { payload, message: of, .. }
                | Action::Gossip { payload, message: of, .. }
                | Action::Append { payload, block: of, .. } => {
                    let after = list.get(index.saturating_add(1)..).unwrap_or_default();
                    self.payload(payload, of, walk::action_place(action), after);
                }
                Action::Assign { place: Place::Store(field), .. } => {
                    self.set.insert(field);
                }
                Action::If { then, otherwise, .. } => {
                    let before = self.set.clone();
                    self.list(then);
                    let then = std::mem::replace(&mut self.set, before);
                    self.list(otherwise);
                    // What one branch has assigned may be new.
                    self.set.extend(then);
                }
                Action::For { body, .. } => self.list(body),
                Action::Assign { .. } | Action::Let { .. } | Action::Abort { .. } | Action::Start { .. } => {}
            }
        }
    }

    fn payload(&mut self, payload: &'a Expr, of: &str, at: At, after: &'a [Action]) {
        let ExprKind::Record(fields) = &payload.kind else { return };
        for (name, value) in fields {
            let ExprKind::Store(stored) = &slots::bare(value).kind else { continue };
            let come = self.come.fields.get(name.as_str());
            let fits = come.is_some_and(|ty| ty.plain() == slots::bare(value).ty.plain());
            let rule = OWN.contains(&name.as_str()) || *name == self.context.protocol.session_key;
            if stored != name || !fits || rule || self.set.contains(name.as_str()) {
                continue;
            }
            let later = after.iter().find(|a| keeps(a, name));
            let place = if value.meta == payload.meta { at } else { value.meta };
            if later.is_none() && !self.come.ignored.contains(name.as_str()) {
                continue;
            }
            if !self.seen.insert((place, name.clone())) {
                continue;
            }
            let d = Diagnostic::new(
                CODE,
                self.context.span(place),
                format!("{of} says the old `{name}`, not the one that {} has brought", self.come.with),
            )
            .with_label(format!("with `{name}` as it was before this step"));
            self.found.push(match later {
                Some(later) => d
                    .with_secondary(self.context.span(walk::action_place(later)), "the new one is kept only here")
                    .with_note("actions are taken in their order, so what is sent does not know what comes after it")
                    .with_help(format!("store `{name}` before {of} is filled from it")),
                None => d
                    .with_note(format!(
                        "nothing here compares the `{name}` that has come with the one in the store, or keeps it"
                    ))
                    .with_help(format!("compare them, or write `store {name}` before, or give `{name} message.{name}`")),
            });
        }
    }
}

/// Is it `store NAME`, of what has come?
fn keeps(action: &Action, name: &str) -> bool {
    let Action::Assign { place: Place::Store(field), path, value, .. } = action else { return false };
    field == name
        && path.is_empty()
        && match &slots::bare(value).kind {
            ExprKind::Argument(argument) => argument == name,
            ExprKind::Field(base, own) => own == name && slots::bare(base).kind == ExprKind::Payload,
            _ => false,
        }
}
