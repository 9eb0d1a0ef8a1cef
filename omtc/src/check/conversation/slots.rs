//! Places that have a name and are given a value: fields of records, parameters of functions, natives and tasks.
//!
//! The checks that compare what a place is called with what it is given ask here, so that they agree on what a name
//! is and on what is in sight.

use crate::check::walk;
use omt_runtime::ir::{Action, Actor, Cause, Expr, ExprKind, Fields, Handler, Local, Protocol, Type};

/// A named place with its value.
pub struct Slot<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub ty: &'a Type,
    /// What it is given.
    pub value: &'a Expr,
}

/// A record or a call.
pub struct Slots<'a> {
    /// Of the record, or of what is called.
    pub of: &'a str,
    /// Is it a record, whose fields mean something, rather than a call?
    pub is_record: bool,
    /// All of it.
    pub list: Vec<Slot<'a>>,
}

/// What can be seen from an expression.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub protocol: &'a Protocol,
    /// Name and actor, in a handler.
    pub actor: Option<(&'a str, &'a Actor)>,
    /// The handler.
    pub handler: Option<&'a Handler>,
    /// The names of locals, by slot.
    pub frame: &'a [Local],
}

impl<'a> Sight<'a> {
    /// The last name of a path: of a field, an argument, a local, or a field of one of these.
    pub fn name(&self, e: &'a Expr) -> Option<&'a str> {
        match &e.kind {
            ExprKind::Store(name)
            | ExprKind::Shared(name)
            | ExprKind::ViewField(name)
            | ExprKind::Argument(name) => Some(name),
            ExprKind::Local(slot) => {
                let local = self.frame.get(usize::try_from(*slot).ok()?)?;
                (!local.meta.name.is_empty()).then_some(local.meta.name.as_str())
            }
            ExprKind::Field(base, name) => is_path(base).then_some(name.as_str()),
            ExprKind::Convert(_, inner) => self.name(inner),
            _ => None,
        }
    }

    /// A path as it is written.
    pub fn text(&self, e: &'a Expr) -> Option<String> {
        match &e.kind {
            ExprKind::Field(base, name) => match &bare(base).kind {
                ExprKind::Payload => Some(format!("message.{name}")),
                ExprKind::CurrentBlock => Some(format!("block.{name}")),
                _ => Some(format!("{}.{name}", self.text(base)?)),
            },
            ExprKind::Convert(_, inner) => self.text(inner),
            _ => self.name(e).map(str::to_owned),
        }
    }

    /// A value in sight that has this name and type: where it is, for people.
    pub fn offers(&self, value: &'a Expr, name: &str, ty: &Type) -> Option<String> {
        let fits = |other: &Type| other == ty;
        if let ExprKind::Field(base, _) = &bare(value).kind
            && let Some(found) = omt_runtime::ir::signature::field_type(self.protocol, base.ty.plain(), name)
            && fits(&found)
        {
            return Some(match &bare(base).kind {
                ExprKind::Payload => format!("message.{name}"),
                _ => self.name(base).map_or_else(|| name.to_owned(), |b| format!("{b}.{name}")),
            });
        }
        // A value of this very step is taken on purpose, rather than what was stored before.
        let fresh = matches!(root(value).kind, ExprKind::Argument(_) | ExprKind::Local(_));
        let has = |fields: &Fields| fields.get(name).is_some_and(|f| fits(&f.ty));
        if let Some((_, actor)) = self.actor
            && !fresh
            && (has(&actor.store) || has(&actor.shared))
        {
            return Some(name.to_owned());
        }
        if let (Some((_, actor)), Some(Handler::Transition(t))) = (self.actor, self.handler)
            && let Cause::Trigger(trigger) = &t.cause
            && let Some(trigger) = actor.triggers.get(trigger)
            && trigger.arguments.iter().any(|a| a.name == name && fits(&a.ty))
        {
            return Some(name.to_owned());
        }
        self.frame.iter().any(|l| l.meta.name == name && fits(&l.ty)).then(|| name.to_owned())
    }

    /// The places of a record or a call.
    pub fn slots(&self, e: &'a Expr) -> Option<Slots<'a>> {
        match &e.kind {
            ExprKind::Record(given) => {
                let (of, fields) = match &e.ty {
                    Type::Struct(n) => (n, &self.protocol.structs.get(n)?.fields),
                    Type::Message(n) => (n, &self.protocol.messages.get(n)?.fields),
                    Type::BlockPayload(n) => (n, &self.protocol.blocks.get(n)?.fields),
                    _ => return None,
                };
                let list = given
                    .iter()
                    .filter_map(|(name, value)| Some(Slot { name, ty: &fields.get(name)?.ty, value }));
                Some(Slots { of, is_record: true, list: list.collect() })
            }
            ExprKind::Call(name, arguments) => {
                let function = self.protocol.functions.get(name)?;
                let of = name.split('<').next().unwrap_or(name);
                Some(Slots { of, is_record: false, list: zipped(&function.frame, arguments) })
            }
            ExprKind::Native(name, arguments) => {
                let native = self.protocol.natives.get(name)?;
                Some(Slots { of: name, is_record: false, list: zipped(&native.parameters, arguments) })
            }
            _ => None,
        }
    }
}

fn zipped<'a>(names: &'a [Local], values: &'a [Expr]) -> Vec<Slot<'a>> {
    names.iter().zip(values).map(|(l, value)| Slot { name: &l.meta.name, ty: &l.ty, value }).collect()
}

/// What a path begins with.
pub fn root(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Field(base, _) | ExprKind::Convert(_, base) => root(base),
        _ => e,
    }
}

/// Without conversions.
pub fn bare(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Convert(_, inner) => bare(inner),
        _ => e,
    }
}

/// A name, or a field of a path.
pub fn is_path(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Field(base, _) | ExprKind::Convert(_, base) => is_path(base),
        ExprKind::Store(_)
        | ExprKind::Shared(_)
        | ExprKind::ViewField(_)
        | ExprKind::Argument(_)
        | ExprKind::Local(_)
        | ExprKind::Payload
        | ExprKind::SignedMessage
        | ExprKind::CurrentBlock
        | ExprKind::TaskResult => true,
        _ => false,
    }
}

/// Calls `see` for every expression of the transaction, outermost first, with what can be seen from it.
pub fn everywhere<'a>(protocol: &'a Protocol, see: &mut dyn FnMut(Sight<'a>, &'a Expr)) {
    for (name, actor) in &protocol.actors {
        for handler in actor.states.values().flat_map(|s| &s.handlers) {
            let frame: &'a [Local] = match handler {
                Handler::Transition(t) => &t.frame,
                Handler::Collect(c) => &c.frame,
            };
            let sight = Sight { protocol, actor: Some((name, actor)), handler: Some(handler), frame };
            for condition in walk::conditions(handler) {
                walk::expression(condition, &mut |e| see(sight, e));
            }
            for list in walk::handler_actions(handler) {
                actions(list, sight, see);
            }
        }
    }
    for function in protocol.functions.values() {
        let sight = Sight { protocol, actor: None, handler: None, frame: &function.frame };
        walk::body(&function.body, &mut |e| see(sight, e));
    }
    for handler in protocol.views.values().flat_map(|v| &v.handlers) {
        let sight = Sight { protocol, actor: None, handler: None, frame: &handler.frame };
        handler.guard.iter().for_each(|g| walk::expression(g, &mut |e| see(sight, e)));
        actions(&handler.actions, sight, see);
    }
}

fn actions<'a>(list: &'a [Action], sight: Sight<'a>, see: &mut dyn FnMut(Sight<'a>, &'a Expr)) {
    walk::actions(list, &mut |action| {
        for e in action.expressions() {
            walk::expression(e, &mut |e| see(sight, e));
        }
    });
}

/// Names of things that are passed on from one to the next, or that a reply turns round: one is often given the other
/// on purpose.
const TURNED: &[&str] = &[
    "previous",
    "prev",
    "parent",
    "last",
    "next",
    "old",
    "new",
    "before",
    "after",
    "earlier",
    "later",
    "first",
    "second",
    "from",
    "to",
    "source",
    "target",
    "sender",
    "receiver",
    "recipient",
    "origin",
    "destination",
    "left",
    "right",
    "start",
    "end",
    "low",
    "high",
    "min",
    "max",
];

/// Is one of the words of a name such a one, or is it too short to say anything?
pub fn is_turned(name: &str) -> bool {
    name.len() <= 2 || name.split('_').any(|word| TURNED.contains(&word))
}

/// Does one name contain the other as whole words: `amount` and `refund_amount`?
pub fn is_kind_of(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let words: Vec<&str> = long.split('_').collect();
    let wanted: Vec<&str> = short.split('_').collect();
    words.windows(wanted.len()).any(|w| w == wanted)
}
