//! Who reads what: fields of stores, and fields of records wherever a record of that type goes.
//!
//! A record that is moved (stored, sent, passed to a function, put into a list) is not read by that; its fields are
//! read where somebody takes one of them. What hashes, signs, compares or shows a record reads all of it, and so does
//! everybody else who gets it: hosts, natives, tasks, readers of chains.

use crate::check::walk;
use omt_runtime::ir::{
    Action, Actor, BinaryOp, Builtin, Conversion, Expr, ExprKind, Handler, Place, Protocol, Selector, Stmt,
    Type,
};
use std::collections::BTreeSet;

/// What is read in a transaction.
#[derive(Default)]
pub struct Reads<'a> {
    /// Actor and field of its store or shared store.
    stores: BTreeSet<(&'a str, &'a str)>,
    /// Fields that functions `LOAD`.
    loads: BTreeSet<&'a str>,
    /// Record and field.
    members: BTreeSet<(&'a Type, &'a str)>,
    /// Fields that a view reads while it is folded.
    folded: BTreeSet<(&'a str, &'a str)>,
    /// Types of records that are read as a whole.
    whole: BTreeSet<Type>,
}

/// Whose expressions are looked at.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Actor(&'a str),
    View(&'a str),
    Function,
}

impl<'a> Reads<'a> {
    /// Everything that is read.
    pub fn of(protocol: &'a Protocol) -> Self {
        let mut reads = Reads::default();
        for (name, actor) in &protocol.actors {
            reads.actor(name, actor);
        }
        for function in protocol.functions.values() {
            reads.statements(&function.body);
        }
        for (name, view) in &protocol.views {
            for handler in &view.handlers {
                let mut walk = Walk { reads: &mut reads, owner: Owner::View(name), target: None };
                handler.guard.iter().for_each(|g| walk.value(g, true));
                walk.actions(&handler.actions);
            }
        }
        // A block is there for everybody who reads the chain, gossip for every host.
        for block in protocol.blocks.values() {
            reads.whole.extend(block.fields.values().map(|f| f.ty.clone()));
        }
        for message in protocol.messages.values().filter(|m| m.to.iter().any(|to| to == "Network")) {
            reads.whole.extend(message.fields.values().map(|f| f.ty.clone()));
        }
        reads.close(protocol);
        reads
    }

    /// Does anything read this field of the (shared) store?
    pub fn store(&self, actor: &'a str, field: &'a str) -> bool {
        self.stores.contains(&(actor, field)) || self.loads.contains(field)
    }

    /// Does anything read this field of records of that type?
    pub fn member(&self, record: &'a Type, field: &'a str) -> bool {
        self.members.contains(&(record, field)) || self.whole.contains(record)
    }

    /// Does the view read this field of its own while it is folded, for more than its own next value?
    pub fn folded(&self, view: &'a str, field: &'a str) -> bool {
        self.folded.contains(&(view, field))
    }

    fn actor(&mut self, name: &'a str, actor: &'a Actor) {
        for state in actor.states.values() {
            let mut walk = Walk { reads: self, owner: Owner::Actor(name), target: None };
            for handler in &state.handlers {
                for condition in walk::conditions(handler) {
                    walk.value(condition, matches!(handler, Handler::Collect(_)));
                }
                for actions in walk::handler_actions(handler) {
                    walk.actions(actions);
                }
            }
            state.overrides.iter().filter_map(|o| o.guard.as_ref()).for_each(|g| walk.value(g, true));
            state.limits.iter().for_each(|l| walk.value(&l.value, true));
        }
    }

    fn statements(&mut self, body: &'a [Stmt]) {
        for statement in body {
            statement.walk(&mut |s| {
                let mut walk = Walk { reads: self, owner: Owner::Function, target: None };
                match s {
                    Stmt::If { condition, .. } => walk.value(condition, true),
                    Stmt::Return { value, .. } => walk.value(value, false),
                    Stmt::Assign { path, value, .. } => {
                        walk.path(path);
                        walk.value(value, false);
                    }
                    Stmt::For { list, .. } => walk.value(list, false),
                    Stmt::Fail { .. } => {}
                }
            });
        }
    }

    /// Who reads a record as a whole reads the records in it.
    fn close(&mut self, protocol: &Protocol) {
        let mut open: Vec<Type> = std::mem::take(&mut self.whole).into_iter().collect();
        while let Some(ty) = open.pop() {
            let fields = match &ty {
                Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => {
                    open.push((**inner).clone());
                    None
                }
                Type::Map(key, value) => {
                    open.push((**key).clone());
                    open.push((**value).clone());
                    None
                }
                Type::Signed(message) => {
                    open.push(Type::Message(message.clone()));
                    None
                }
                Type::Block(block) => {
                    open.push(Type::BlockPayload(block.clone()));
                    None
                }
                Type::Struct(name) => protocol.structs.get(name).map(|r| &r.fields),
                Type::Message(name) => protocol.messages.get(name).map(|r| &r.fields),
                Type::BlockPayload(name) => protocol.blocks.get(name).map(|r| &r.fields),
                Type::View(name) => protocol.views.get(name).map(|r| &r.fields),
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
                | Type::Enum(_)
                | Type::Segment
                | Type::ChainState
                | Type::Equivocation
                | Type::Rng
                | Type::Function(..)
                | Type::Exact(_)
                | Type::Decimal
                | Type::Null => continue,
            };
            if self.whole.insert(ty.clone()) {
                open.extend(fields.into_iter().flat_map(|f| f.values()).map(|f| f.ty.clone()));
            }
        }
    }
}

struct Walk<'r, 'a> {
    reads: &'r mut Reads<'a>,
    owner: Owner<'a>,
    /// The field that is being assigned: its own next value is no use of it.
    target: Option<&'a str>,
}

impl<'a> Walk<'_, 'a> {
    fn path(&mut self, path: &'a [Selector]) {
        path.iter().for_each(|s| self.value(&s.key, true));
    }

    fn actions(&mut self, list: &'a [Action]) {
        for action in list {
            action.walk(&mut |a| match a {
                Action::Assign { place, path, value, .. } => {
                    self.path(path);
                    self.target = match place {
                        Place::Store(field) | Place::Shared(field) | Place::View(field) => Some(field),
                        Place::Local(_) => None,
                    };
                    self.value(value, false);
                    self.target = None;
                }
                Action::Send { to, payload, .. } | Action::Broadcast { to, payload, .. } => {
                    self.value(to, true);
                    self.value(payload, false);
                }
                Action::Gossip { payload, .. } | Action::Append { payload, .. } => self.value(payload, true),
                Action::Let { value, .. } => self.value(value, false),
                Action::If { condition, .. } => self.value(condition, true),
                Action::For { list, .. } => self.value(list, false),
                Action::Abort { reason, .. } => self.value(reason, true),
                Action::Start { arguments, .. } => arguments.iter().for_each(|e| self.value(e, true)),
            });
        }
    }

    fn all(&mut self, list: &'a [Expr], looked: bool) {
        list.iter().for_each(|e| self.value(e, looked));
    }

    /// A value; `looked` when all of it matters where it goes, not only what is taken from it later.
    fn value(&mut self, e: &'a Expr, looked: bool) {
        if looked {
            self.reads.whole.insert(e.ty.clone());
        }
        match &e.kind {
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Null
            | ExprKind::EnumValue(..)
            | ExprKind::Parameter(_)
            | ExprKind::Local(_)
            | ExprKind::CurrentBlock
            | ExprKind::Argument(_)
            | ExprKind::TaskResult
            | ExprKind::Payload
            | ExprKind::Sender
            | ExprKind::SignedMessage
            | ExprKind::Session
            | ExprKind::SelfId
            | ExprKind::OwnChain => {}
            ExprKind::Store(field) | ExprKind::Shared(field) => {
                if let Owner::Actor(actor) = self.owner
                    && self.target != Some(field)
                {
                    self.reads.stores.insert((actor, field));
                }
            }
            ExprKind::ViewField(field) => {
                if let Owner::View(view) = self.owner
                    && self.target != Some(field)
                {
                    self.reads.folded.insert((view, field));
                }
            }
            ExprKind::Load(field) => {
                self.reads.loads.insert(field);
            }
            ExprKind::Field(base, name) => {
                self.reads.members.insert((base.ty.plain(), name));
                self.value(base, false);
            }
            ExprKind::Unary(_, operand) => self.value(operand, true),
            ExprKind::Binary(BinaryOp::Concat, a, b) => {
                self.value(a, looked);
                self.value(b, looked);
            }
            ExprKind::Binary(_, a, b) => {
                // To compare with null looks at nothing of the value.
                let null = [a, b].into_iter().any(|side| side.kind == ExprKind::Null);
                self.value(a, !null);
                self.value(b, !null);
            }
            ExprKind::CompareFraction { op: _, numerator, denominator, fraction } => {
                for side in [numerator, denominator, fraction] {
                    self.value(side, true);
                }
            }
            ExprKind::Index(base, key) => {
                self.value(base, false);
                self.value(key, true);
            }
            ExprKind::Record(fields) => fields.iter().for_each(|(_, v)| self.value(v, looked)),
            ExprKind::List(items) => self.all(items, looked),
            ExprKind::Map(entries) => {
                for (key, value) in entries {
                    self.value(key, true);
                    self.value(value, looked);
                }
            }
            ExprKind::Let(_, value, body) => {
                self.value(value, false);
                self.value(body, looked);
            }
            ExprKind::If(condition, a, b) => {
                self.value(condition, true);
                self.value(a, looked);
                self.value(b, looked);
            }
            ExprKind::Call(_, arguments) | ExprKind::CallLocal(_, arguments) => self.all(arguments, false),
            ExprKind::Native(_, arguments) => self.all(arguments, true),
            ExprKind::Builtin(builtin, arguments) => self.all(arguments, looks(*builtin)),
            ExprKind::View(_, of) | ExprKind::Lambda(_, of) => self.value(of, false),
            ExprKind::Convert(conversion, of) => self.value(of, looked || *conversion == Conversion::ToAny),
        }
    }
}

/// Does the built-in look at all of its arguments, rather than take apart or pass on what they hold?
fn looks(builtin: Builtin) -> bool {
    match builtin {
        Builtin::Filter
        | Builtin::Map
        | Builtin::Find
        | Builtin::Any
        | Builtin::All
        | Builtin::Count
        | Builtin::Reduce
        | Builtin::Concat
        | Builtin::SortBy
        | Builtin::Keys
        | Builtin::Values
        | Builtin::HasKey
        | Builtin::Get
        | Builtin::With
        | Builtin::Without
        | Builtin::Length
        | Builtin::SeededSample
        | Builtin::SeededShuffle
        | Builtin::Reveal => false,
        Builtin::Now
        | Builtin::Day
        | Builtin::Seconds
        | Builtin::Hash
        | Builtin::Sign
        | Builtin::VerifySig
        | Builtin::VerifyMulti
        | Builtin::Equivocation
        | Builtin::RandomBytes
        | Builtin::GenerateId
        | Builtin::SeededRng
        | Builtin::Read
        | Builtin::ChainStateAt
        | Builtin::ChainContainsHash
        | Builtin::ChainSegment
        | Builtin::VerifyChainSegment
        | Builtin::ChainHeight
        | Builtin::LastPeerHash
        | Builtin::Sum
        | Builtin::Sort
        | Builtin::Unique
        | Builtin::Abs
        | Builtin::Min
        | Builtin::Max
        | Builtin::Clamp
        | Builtin::ToString => true,
    }
}
