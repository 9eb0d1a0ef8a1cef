//! Actors, states, transitions.

use super::{Action, Expr, Fields, Local, Meta, Type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One role of a transaction: a Mealy machine with a typed store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Actor {
    /// Fields of an instance. A field whose name holds a `$` belongs to the compiler.
    pub store: Fields,
    /// Fields that all instances of this actor on a peer share.
    pub shared: Fields,
    /// Roster: role to the store field that names who plays it (a peer, or a list or map of peers).
    pub peers: BTreeMap<String, String>,
    /// External triggers, by name.
    pub triggers: BTreeMap<String, Trigger>,
    /// States, by name.
    pub states: BTreeMap<String, State>,
    /// The initial one.
    pub initial: String,
    /// Documentation.
    pub meta: Meta,
}

/// An external cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Arguments in order.
    pub arguments: Vec<Argument>,
    /// States in which it may be fired, sorted.
    pub states: Vec<String>,
    /// Fired by another transaction.
    pub after: Option<After>,
    /// Documentation.
    pub meta: Meta,
}

/// Argument of a trigger. Its name is part of the protocol: `after` fills it by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: Type,
}

/// `after Alias.Actor at STATE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// Number of the other transaction.
    pub transaction: String,
    /// Its actor.
    pub actor: String,
    /// The state whose entry fires the trigger.
    pub state: String,
}

/// A state, with everything that can happen in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Completes the instance.
    pub terminal: bool,
    /// Waiting for ever is meant.
    pub rest: bool,
    /// Transitions and collects, in source order (`any` and source lists expanded).
    pub handlers: Vec<Handler>,
    /// `ignore` and `defer`, in source order.
    pub overrides: Vec<Override>,
    /// Distinct timers, in the order in which handlers first name them.
    pub limits: Vec<Limit>,
    /// Documentation.
    pub meta: Meta,
}

impl State {
    /// Is it passed through: has it an `auto` that always leaves (unguarded, or with `else`)?
    pub fn passed_through(&self) -> bool {
        self.handlers.iter().any(|handler| match handler {
            Handler::Transition(t) => t.cause == Cause::Auto && (t.guard.is_none() || t.otherwise.is_some()),
            Handler::Collect(_) => false,
        })
    }
}

/// Reaction of a state to an input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Handler {
    /// An ordinary transition.
    Transition(Transition),
    /// A self-transition that gathers one message a sender.
    Collect(Collect),
}

/// What a handler reacts to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// Nothing: taken in the step that enables it.
    Auto,
    /// A message.
    Message(String),
    /// A trigger of the actor.
    Trigger(String),
    /// The end of a task.
    Task(String),
    /// A time limit: index into [`State::limits`].
    Timeout(u32),
    /// A period: index into [`State::limits`].
    Period(u32),
}

/// A transition of one source state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// What causes it.
    pub cause: Cause,
    /// `let`s after the cause, evaluated in order before the guard.
    pub lets: Vec<(u32, Expr)>,
    /// Condition.
    pub guard: Option<Expr>,
    /// Target and actions when the guard holds.
    pub then: Branch,
    /// Target and actions of `else`.
    pub otherwise: Option<Branch>,
    /// Locals.
    pub frame: Vec<Local>,
    /// Position; `order` is shared by the transitions that one line of source expands to.
    pub meta: Meta,
}

/// Where to, and what to do on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Target state.
    pub to: String,
    /// Actions in order.
    pub actions: Vec<Action>,
}

/// `collect M in [S] into field when guard ( actions )`, for one state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collect {
    /// The message.
    pub message: String,
    /// Store field that gathers.
    pub into: String,
    /// How it gathers.
    pub form: CollectForm,
    /// Condition, judged only for a sender that is new.
    pub guard: Option<Expr>,
    /// Actions after the message has been added.
    pub actions: Vec<Action>,
    /// Locals.
    pub frame: Vec<Local>,
    /// Position.
    pub meta: Meta,
}

/// Shape of the field of a collect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CollectForm {
    /// `map<peer_id, M>`.
    Map,
    /// `map<peer_id, signed<M>>`.
    SignedMap,
    /// `list<M>`, ordered by sender.
    List {
        /// Compiler's store field of type `list<peer_id>`: the senders, in the order of the list.
        senders: String,
    },
}

/// `ignore` or `defer`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// Which of the two.
    pub kind: OverrideKind,
    /// The message.
    pub message: String,
    /// Condition.
    pub guard: Option<Expr>,
    /// Locals (of lambdas).
    pub frame: Vec<Local>,
    /// Position.
    pub meta: Meta,
}

/// Kind of an override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverrideKind {
    /// Discard it.
    Ignore,
    /// Keep it for a later state.
    Defer,
}

/// A timer of a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Once or repeatedly.
    pub kind: LimitKind,
    /// A parameter, store field or path of type `duration`, `timestamp` (timeout only) or `T?` of them;
    /// read when the step that entered the state ends; null means not armed.
    pub value: Expr,
    /// Position.
    pub meta: Meta,
}

/// Kind of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LimitKind {
    /// `timeout(X)`: once a visit.
    Timeout,
    /// `every(P)`: entry + P, + 2P, …
    Period,
}
