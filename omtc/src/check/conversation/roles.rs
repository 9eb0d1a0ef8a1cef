//! Which roles a peer may play: an abstract interpretation of expressions of peers, and of lists and maps of peers.
//!
//! The roles of a value are a set, or unknown. A value that comes from outside (an argument, a payload, a function)
//! is unknown; the sender of a message, a field of the roster, the author of a block, the peer itself are not.

use crate::check::walk;
use omt_runtime::ir::{
    Action, Actor, BinaryOp, Builtin, Cause, Expr, ExprKind, Handler, Place, Protocol, Type,
};
use std::collections::{BTreeMap, BTreeSet};

/// The roles that a peer certainly plays one of; none when nothing is known.
pub type Roles = Option<BTreeSet<String>>;

/// Assignments are followed through so many fields.
const FIELDS_DEEP_MAX: u32 = 4;

/// Roles of the expressions of one handler.
pub struct Scope<'a> {
    protocol: &'a Protocol,
    name: &'a str,
    actor: &'a Actor,
    message: Option<&'a str>,
    locals: BTreeMap<u32, Roles>,
    /// Arguments of the trigger that this step keeps in a field of the roster.
    arguments: BTreeMap<&'a str, &'a str>,
}

impl<'a> Scope<'a> {
    /// The scope of a handler, with its `let`s and those of its actions.
    pub fn new(protocol: &'a Protocol, name: &'a str, actor: &'a Actor, handler: &'a Handler) -> Self {
        let mut scope = Scope {
            protocol,
            name,
            actor,
            message: walk::message(handler),
            locals: BTreeMap::new(),
            arguments: BTreeMap::new(),
        };
        if let Handler::Transition(t) = handler {
            for (slot, value) in &t.lets {
                let roles = scope.of(value);
                scope.locals.insert(*slot, roles);
            }
            if let Cause::Trigger(_) = &t.cause {
                for branch in walk::branches(handler) {
                    scope.arguments.extend(kept(actor, &branch.actions));
                }
            }
        }
        for actions in walk::handler_actions(handler) {
            scope.bind(actions);
        }
        scope
    }

    /// Slots are used once, so what they hold can be found before the actions are looked at.
    fn bind(&mut self, list: &'a [Action]) {
        for action in list {
            action.walk(&mut |a| match a {
                Action::Let { slot, value, .. } | Action::For { slot, list: value, .. } => {
                    let roles = self.of(value);
                    self.locals.insert(*slot, roles);
                }
                Action::Assign { .. }
                | Action::Send { .. }
                | Action::Broadcast { .. }
                | Action::Gossip { .. }
                | Action::Append { .. }
                | Action::If { .. }
                | Action::Abort { .. }
                | Action::Start { .. } => {}
            });
        }
    }

    /// The roles of a peer, or of the peers in a list or the keys of a map.
    pub fn of(&self, e: &Expr) -> Roles {
        self.roles(e, 0)
    }

    /// The roles of who sent the message.
    pub fn sender(&self) -> Roles {
        self.message.and_then(|m| senders(self.protocol, m))
    }

    fn roles(&self, e: &Expr, deep: u32) -> Roles {
        match &e.kind {
            ExprKind::Sender => self.sender(),
            ExprKind::SelfId => Some(BTreeSet::from([self.name.to_owned()])),
            ExprKind::Store(field) | ExprKind::Shared(field) => self.field(field, deep),
            ExprKind::Local(slot) => self.locals.get(slot).cloned().flatten(),
            ExprKind::Argument(name) => {
                let field = self.arguments.get(name.as_str())?;
                self.field(field, deep)
            }
            ExprKind::Field(base, name) => match (base.ty.plain(), name.as_str()) {
                (Type::Signed(message), "sender") => senders(self.protocol, message),
                (Type::Block(block), "author") => {
                    self.protocol.blocks.get(block).map(|b| b.by.iter().cloned().collect())
                }
                _ => None,
            },
            ExprKind::Index(base, _) if matches!(base.ty, Type::List(_)) => self.roles(base, deep),
            ExprKind::Convert(_, inner) => self.roles(inner, deep),
            ExprKind::If(_, a, b) => union(self.roles(a, deep), self.roles(b, deep)),
            ExprKind::List(items) => self.all(items, deep),
            ExprKind::Binary(BinaryOp::Concat, a, b) => union(self.roles(a, deep), self.roles(b, deep)),
            ExprKind::Builtin(Builtin::Concat, items) => self.all(items, deep),
            ExprKind::Builtin(
                Builtin::Keys
                | Builtin::Filter
                | Builtin::Sort
                | Builtin::Unique
                | Builtin::SortBy
                | Builtin::Find
                | Builtin::Without,
                arguments,
            ) => self.roles(arguments.first()?, deep),
            _ => None,
        }
    }

    fn all(&self, items: &[Expr], deep: u32) -> Roles {
        // The empty list goes to nobody, which says nothing.
        let mut items = items.iter().map(|i| self.roles(i, deep));
        let first = items.next()?;
        items.fold(first, union)
    }

    /// Roles of what a field holds: those that the roster gives it, else those of everything assigned to it.
    fn field(&self, field: &str, deep: u32) -> Roles {
        let declared = rostered(self.actor, field);
        if !declared.is_empty() {
            return Some(declared);
        }
        if deep >= FIELDS_DEEP_MAX {
            return None;
        }
        let mut found: Option<Roles> = None;
        for state in self.actor.states.values() {
            for handler in &state.handlers {
                if let Handler::Collect(c) = handler
                    && c.into == field
                {
                    let roles = senders(self.protocol, &c.message);
                    found = Some(found.map_or(roles.clone(), |f| union(f, roles)));
                }
                let mut values = Vec::new();
                for actions in walk::handler_actions(handler) {
                    assigned(actions, field, &mut values);
                }
                for value in values {
                    // A part may be anything: only whole values are followed.
                    let roles = value.and_then(|v| {
                        let other = Scope {
                            protocol: self.protocol,
                            name: self.name,
                            actor: self.actor,
                            message: walk::message(handler),
                            locals: BTreeMap::new(),
                            arguments: BTreeMap::new(),
                        };
                        other.roles(v, deep.saturating_add(1))
                    });
                    found = Some(found.map_or(roles.clone(), |f| union(f, roles)));
                }
            }
        }
        found.flatten()
    }
}

/// The roles that the roster says a field holds.
pub fn rostered(actor: &Actor, field: &str) -> BTreeSet<String> {
    actor.peers.iter().filter(|(_, f)| *f == field).map(|(role, _)| role.clone()).collect()
}

fn senders(protocol: &Protocol, message: &str) -> Roles {
    protocol.messages.get(message).map(|m| m.from.iter().cloned().collect())
}

fn union(a: Roles, b: Roles) -> Roles {
    let mut all = a?;
    all.extend(b?);
    Some(all)
}

/// What is assigned to a field: the whole of it, or none for a part.
fn assigned<'a>(list: &'a [Action], field: &str, found: &mut Vec<Option<&'a Expr>>) {
    walk::actions(list, &mut |action| {
        if let Action::Assign { place: Place::Store(to) | Place::Shared(to), path, value, .. } = action
            && to == field
        {
            found.push(path.is_empty().then_some(value));
        }
    });
}

/// Arguments that actions store in fields of the roster.
fn kept<'a>(actor: &'a Actor, list: &'a [Action]) -> BTreeMap<&'a str, &'a str> {
    let mut found = BTreeMap::new();
    walk::actions(list, &mut |action| {
        if let Action::Assign { place: Place::Store(field), path, value, .. } = action
            && let ExprKind::Argument(name) = &value.kind
            && path.is_empty()
            && actor.peers.values().any(|f| f == field)
        {
            found.insert(name.as_str(), field.as_str());
        }
    });
    found
}
