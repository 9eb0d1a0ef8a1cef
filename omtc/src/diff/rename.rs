//! Giving the names of the new version to what was renamed, so that everything else is compared by name.

use crate::check::walk;
use omt_runtime::ir::{
    Action, Actor, Branch, Cause, CollectForm, Expr, ExprKind, Fields, Handler, Local, Place, Protocol,
    Selector, Stmt, Type,
};
use std::collections::BTreeMap;

/// What has a name, with the names of what it is part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// An enum.
    Enum,
    /// A value of an enum.
    EnumValue(String),
    /// A struct.
    Struct,
    /// A field of a struct.
    StructField(String),
    /// A message.
    Message,
    /// A field of a message.
    MessageField(String),
    /// A kind of block.
    Block,
    /// A field of a block.
    BlockField(String),
    /// A role.
    Actor,
    /// A field of the store of an actor.
    Store(String),
    /// A field of the shared store of an actor.
    Shared(String),
    /// A state of an actor.
    State(String),
    /// A trigger of an actor.
    Trigger(String),
    /// A parameter.
    Parameter,
    /// A function.
    Function,
    /// A native function.
    Native,
    /// A native task.
    Task,
    /// A view.
    View,
    /// A field of a view.
    ViewField(String),
}

/// What was renamed: old name to new one.
#[derive(Clone, Debug, Default)]
pub struct Renames {
    map: BTreeMap<Thing, BTreeMap<String, String>>,
}

impl Renames {
    /// One more.
    pub fn add(&mut self, thing: Thing, old: &str, new: &str) {
        self.map.entry(thing).or_default().insert(old.to_owned(), new.to_owned());
    }

    /// Those of another stage.
    pub fn extend(&mut self, other: Renames) {
        for (thing, names) in other.map {
            self.map.entry(thing).or_default().extend(names);
        }
    }

    /// Nothing was renamed.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Everything of one kind: old and new names.
    pub fn of<'a>(&'a self, thing: &Thing) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.map.get(thing).into_iter().flatten().map(|(old, new)| (old.as_str(), new.as_str()))
    }

    /// All, in the order of what they are.
    pub fn all(&self) -> impl Iterator<Item = (&Thing, &str, &str)> {
        self.map
            .iter()
            .flat_map(|(thing, names)| names.iter().map(move |(o, n)| (thing, o.as_str(), n.as_str())))
    }

    /// What something of the new version was called in the old one.
    pub fn before<'a>(&'a self, thing: &Thing, new: &'a str) -> &'a str {
        self.of(thing).find(|(_, to)| *to == new).map_or(new, |(from, _)| from)
    }

    fn name(&self, thing: Thing, name: &mut String) {
        if let Some(new) = self.map.get(&thing).and_then(|names| names.get(name)) {
            name.clone_from(new);
        }
    }

    fn keys<T>(&self, thing: Thing, map: &mut BTreeMap<String, T>) {
        let Some(names) = self.map.get(&thing) else { return };
        for (old, new) in names {
            if let Some(value) = map.remove(old) {
                map.insert(new.clone(), value);
            }
        }
    }
}

/// Where an expression stands.
#[derive(Clone, Copy, Default)]
struct Inside<'a> {
    actor: Option<&'a str>,
    view: Option<&'a str>,
}

/// Applies renames of one stage to a protocol. A stage never renames something and what it is part of.
pub fn apply(protocol: &mut Protocol, renames: &Renames) {
    if !renames.is_empty() {
        Walk { renames }.protocol(protocol);
    }
}

/// Goes through expressions, types and names of a protocol.
struct Walk<'r> {
    renames: &'r Renames,
}

impl Walk<'_> {
    fn protocol(&self, p: &mut Protocol) {
        let r = self.renames;
        for (name, item) in &mut p.enums {
            r.keys(Thing::EnumValue(name.clone()), &mut item.values);
        }
        for (name, item) in &mut p.structs {
            self.fields(&mut item.fields, Thing::StructField(name.clone()));
        }
        for (name, item) in &mut p.messages {
            self.fields(&mut item.fields, Thing::MessageField(name.clone()));
            for role in item.from.iter_mut().chain(&mut item.to) {
                r.name(Thing::Actor, role);
            }
            item.from.sort();
            item.to.sort();
        }
        for (name, item) in &mut p.blocks {
            self.fields(&mut item.fields, Thing::BlockField(name.clone()));
            item.by.iter_mut().for_each(|role| r.name(Thing::Actor, role));
            item.by.sort();
        }
        for (name, view) in &mut p.views {
            self.fields(&mut view.fields, Thing::ViewField(name.clone()));
            let inside = Inside { view: Some(name), actor: None };
            for handler in &mut view.handlers {
                r.name(Thing::Block, &mut handler.block);
                self.locals(&mut handler.frame);
                handler.guard.iter_mut().for_each(|e| self.expr(e, inside));
                self.actions(&mut handler.actions, inside);
            }
        }
        for function in p.functions.values_mut() {
            self.locals(&mut function.frame);
            self.ty(&mut function.returns);
            self.statements(&mut function.body);
        }
        for native in p.natives.values_mut().chain(p.tasks.values_mut()) {
            self.locals(&mut native.parameters);
            self.ty(&mut native.returns);
        }
        for (name, actor) in &mut p.actors {
            self.actor(name, actor);
        }
        r.keys(Thing::Enum, &mut p.enums);
        r.keys(Thing::Struct, &mut p.structs);
        r.keys(Thing::Message, &mut p.messages);
        r.keys(Thing::Block, &mut p.blocks);
        r.keys(Thing::View, &mut p.views);
        r.keys(Thing::Function, &mut p.functions);
        r.keys(Thing::Native, &mut p.natives);
        r.keys(Thing::Task, &mut p.tasks);
        r.keys(Thing::Parameter, &mut p.parameters);
        r.keys(Thing::Actor, &mut p.actors);
    }

    fn actor(&self, name: &str, actor: &mut Actor) {
        let r = self.renames;
        let (store, state) = (|| Thing::Store(name.to_owned()), || Thing::State(name.to_owned()));
        let inside = Inside { actor: Some(name), view: None };
        self.fields(&mut actor.store, store());
        self.fields(&mut actor.shared, Thing::Shared(name.to_owned()));
        actor.peers.values_mut().for_each(|field| r.name(store(), field));
        r.keys(Thing::Actor, &mut actor.peers);
        for trigger in actor.triggers.values_mut() {
            trigger.arguments.iter_mut().for_each(|a| self.ty(&mut a.ty));
            trigger.states.iter_mut().for_each(|s| r.name(state(), s));
            trigger.states.sort();
        }
        r.keys(Thing::Trigger(name.to_owned()), &mut actor.triggers);
        r.name(state(), &mut actor.initial);
        for item in actor.states.values_mut() {
            item.limits.iter_mut().for_each(|limit| self.expr(&mut limit.value, inside));
            for o in &mut item.overrides {
                r.name(Thing::Message, &mut o.message);
                self.locals(&mut o.frame);
                o.guard.iter_mut().for_each(|e| self.expr(e, inside));
            }
            for handler in &mut item.handlers {
                match handler {
                    Handler::Transition(t) => {
                        match &mut t.cause {
                            Cause::Message(m) => r.name(Thing::Message, m),
                            Cause::Trigger(t) => r.name(Thing::Trigger(name.to_owned()), t),
                            Cause::Task(t) => r.name(Thing::Task, t),
                            Cause::Auto | Cause::Timeout(_) | Cause::Period(_) => {}
                        }
                        self.locals(&mut t.frame);
                        t.lets.iter_mut().for_each(|(_, e)| self.expr(e, inside));
                        t.guard.iter_mut().for_each(|e| self.expr(e, inside));
                        for Branch { to, actions } in std::iter::once(&mut t.then).chain(&mut t.otherwise) {
                            r.name(state(), to);
                            self.actions(actions, inside);
                        }
                    }
                    Handler::Collect(c) => {
                        r.name(Thing::Message, &mut c.message);
                        r.name(store(), &mut c.into);
                        if let CollectForm::List { senders } = &mut c.form {
                            r.name(store(), senders);
                        }
                        self.locals(&mut c.frame);
                        c.guard.iter_mut().for_each(|e| self.expr(e, inside));
                        self.actions(&mut c.actions, inside);
                    }
                }
            }
        }
        r.keys(state(), &mut actor.states);
    }

    fn fields(&self, fields: &mut Fields, thing: Thing) {
        fields.values_mut().for_each(|field| self.ty(&mut field.ty));
        self.renames.keys(thing, fields);
    }

    fn locals(&self, frame: &mut [Local]) {
        frame.iter_mut().for_each(|local| self.ty(&mut local.ty));
    }

    fn ty(&self, ty: &mut Type) {
        let r = self.renames;
        match ty {
            Type::Enum(name) => r.name(Thing::Enum, name),
            Type::Struct(name) => r.name(Thing::Struct, name),
            Type::Message(name) | Type::Signed(name) => r.name(Thing::Message, name),
            Type::BlockPayload(name) | Type::Block(name) => r.name(Thing::Block, name),
            Type::View(name) => r.name(Thing::View, name),
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => self.ty(inner),
            Type::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            Type::Function(parameters, returns) => {
                parameters.iter_mut().for_each(|p| self.ty(p));
                self.ty(returns);
            }
            Type::Uint
            | Type::Int
            | Type::Float
            | Type::Bool
            | Type::String
            | Type::Bytes
            | Type::Hash
            | Type::Signature
            | Type::PeerId
            | Type::Timestamp
            | Type::Duration
            | Type::Any
            | Type::Dict
            | Type::Segment
            | Type::ChainState
            | Type::Equivocation
            | Type::Rng
            | Type::Exact(_)
            | Type::Decimal
            | Type::Null => {}
        }
    }

    fn expr(&self, e: &mut Expr, inside: Inside<'_>) {
        let r = self.renames;
        let of_actor = |thing: fn(String) -> Thing, name: &mut String| {
            if let Some(actor) = inside.actor {
                r.name(thing(actor.to_owned()), name);
            }
        };
        match &mut e.kind {
            ExprKind::EnumValue(of, value) => {
                r.name(Thing::EnumValue(of.clone()), value);
                r.name(Thing::Enum, of);
            }
            ExprKind::Parameter(name) => r.name(Thing::Parameter, name),
            ExprKind::Store(name) => of_actor(Thing::Store, name),
            ExprKind::Shared(name) => of_actor(Thing::Shared, name),
            // A function may be run by any actor; who has the field has it under one name.
            ExprKind::Load(name) => {
                let found = r.all().find(|(t, old, _)| matches!(t, Thing::Store(_)) && *old == name.as_str());
                if let Some((_, _, new)) = found {
                    *name = new.to_owned();
                }
            }
            ExprKind::ViewField(name) => {
                if let Some(view) = inside.view {
                    r.name(Thing::ViewField(view.to_owned()), name);
                }
            }
            ExprKind::Field(base, name) => {
                if let Some(thing) = field_of(&base.ty) {
                    r.name(thing, name);
                }
            }
            ExprKind::Record(fields) => {
                if let Some(thing) = field_of(&e.ty) {
                    fields.iter_mut().for_each(|(name, _)| r.name(thing.clone(), name));
                }
            }
            ExprKind::Call(name, _) => r.name(Thing::Function, name),
            ExprKind::Native(name, _) => r.name(Thing::Native, name),
            ExprKind::View(name, _) => r.name(Thing::View, name),
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Null
            | ExprKind::Local(_)
            | ExprKind::CurrentBlock
            | ExprKind::Argument(_)
            | ExprKind::TaskResult
            | ExprKind::Payload
            | ExprKind::Sender
            | ExprKind::SignedMessage
            | ExprKind::Session
            | ExprKind::SelfId
            | ExprKind::OwnChain
            | ExprKind::Index(..)
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Let(..)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::CompareFraction { .. }
            | ExprKind::If(..)
            | ExprKind::CallLocal(..)
            | ExprKind::Builtin(..)
            | ExprKind::Lambda(..)
            | ExprKind::Convert(..) => {}
        }
        walk::children_mut(e, &mut |child| self.expr(child, inside));
        self.ty(&mut e.ty);
    }

    fn selectors(&self, path: &mut [Selector], inside: Inside<'_>) {
        for selector in path {
            self.expr(&mut selector.key, inside);
            self.ty(&mut selector.ty);
        }
    }

    fn place(&self, place: &mut Place, inside: Inside<'_>) {
        let r = self.renames;
        match (place, inside) {
            (Place::Store(name), Inside { actor: Some(actor), .. }) => {
                r.name(Thing::Store(actor.to_owned()), name);
            }
            (Place::Shared(name), Inside { actor: Some(actor), .. }) => {
                r.name(Thing::Shared(actor.to_owned()), name);
            }
            (Place::View(name), Inside { view: Some(view), .. }) => {
                r.name(Thing::ViewField(view.to_owned()), name);
            }
            (Place::Store(_) | Place::Shared(_) | Place::View(_) | Place::Local(_), _) => {}
        }
    }

    fn actions(&self, list: &mut [Action], inside: Inside<'_>) {
        let r = self.renames;
        for action in list {
            match action {
                Action::Assign { place, path, value, meta: _ } => {
                    self.place(place, inside);
                    self.selectors(path, inside);
                    self.expr(value, inside);
                }
                Action::Send { to, message, payload, meta: _ }
                | Action::Broadcast { to, message, payload, meta: _ } => {
                    r.name(Thing::Message, message);
                    self.expr(to, inside);
                    self.expr(payload, inside);
                }
                Action::Gossip { message, payload, meta: _ } => {
                    r.name(Thing::Message, message);
                    self.expr(payload, inside);
                }
                Action::Append { into, block, payload, meta: _ } => {
                    into.iter_mut().for_each(|place| self.place(place, inside));
                    r.name(Thing::Block, block);
                    self.expr(payload, inside);
                }
                Action::Let { slot: _, value, meta: _ } => self.expr(value, inside),
                Action::If { condition, then, otherwise, meta: _ } => {
                    self.expr(condition, inside);
                    self.actions(then, inside);
                    self.actions(otherwise, inside);
                }
                Action::For { slot: _, list, body, meta: _ } => {
                    self.expr(list, inside);
                    self.actions(body, inside);
                }
                Action::Abort { reason, meta: _ } => self.expr(reason, inside),
                Action::Start { task, arguments, meta: _ } => {
                    r.name(Thing::Task, task);
                    arguments.iter_mut().for_each(|e| self.expr(e, inside));
                }
            }
        }
    }

    fn statements(&self, list: &mut [Stmt]) {
        let inside = Inside::default();
        for statement in list {
            match statement {
                Stmt::Return { value, meta: _ } => self.expr(value, inside),
                Stmt::Assign { slot: _, path, value, meta: _ } => {
                    self.selectors(path, inside);
                    self.expr(value, inside);
                }
                Stmt::For { slot: _, list, body, meta: _ } => {
                    self.expr(list, inside);
                    self.statements(body);
                }
                Stmt::If { condition, then, otherwise, meta: _ } => {
                    self.expr(condition, inside);
                    self.statements(then);
                    self.statements(otherwise);
                }
                Stmt::Fail { meta: _ } => {}
            }
        }
    }
}

/// Whose fields a record of that type has.
fn field_of(ty: &Type) -> Option<Thing> {
    #[allow(clippy::wildcard_enum_match_arm, reason = "no other type has declared fields")]
    match ty.plain() {
        Type::Struct(name) => Some(Thing::StructField(name.clone())),
        Type::Message(name) => Some(Thing::MessageField(name.clone())),
        Type::BlockPayload(name) => Some(Thing::BlockField(name.clone())),
        Type::View(name) => Some(Thing::ViewField(name.clone())),
        _ => None,
    }
}
