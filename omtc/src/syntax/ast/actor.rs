//! What stands in an actor.

use super::{Action, Doc, Expr, Field, Fields, Ident, Span, Text};

/// `actor Name "text" ( items )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The description.
    pub text: Option<Text>,
    /// In source order.
    pub items: Vec<Item>,
}

/// What stands in an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each variant is documented by its payload
pub enum Item {
    Store(StoreBlock),
    Shared(StoreBlock),
    Peers(Peers),
    Trigger(Trigger),
    State(State),
    Transition(Transition),
    Override(Override),
    Collect(Collect),
}

impl Item {
    /// The whole item, without its documentation.
    pub fn span(&self) -> Span {
        match self {
            Item::Store(i) | Item::Shared(i) => i.span,
            Item::Peers(i) => i.span,
            Item::Trigger(i) => i.span,
            Item::State(i) => i.span,
            Item::Transition(i) => i.span,
            Item::Override(i) => i.span,
            Item::Collect(i) => i.span,
        }
    }
}

/// `store ( fields )` or `shared ( fields )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreBlock {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// What is stored.
    pub fields: Fields,
}

/// `peers ( Role field … )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peers {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// In source order.
    pub entries: Vec<PeerEntry>,
}

/// `Witness witnesses` in a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerEntry {
    /// Both names.
    pub span: Span,
    /// The role, an actor.
    pub role: Ident,
    /// The store field that holds who plays it.
    pub field: Ident,
}

/// `trigger name(args) in [S] after T.Actor at STATE "text"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// Its arguments.
    pub params: Vec<Field>,
    /// The states in which it may be fired, at least one.
    pub states: Vec<Ident>,
    /// What fires it.
    pub after: Option<After>,
    /// The description.
    pub text: Option<Text>,
}

/// `after EscrowLock.Provider at SERVICE_PHASE`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The whole clause.
    pub span: Span,
    /// The alias of a `uses`.
    pub transaction: Ident,
    /// An actor of it.
    pub actor: Ident,
    /// A state of that.
    pub state: Ident,
}

/// `state NAME initial "text"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// In source order, each with its place; a repetition is kept.
    pub flags: Vec<(StateFlag, Span)>,
    /// The description.
    pub text: Option<Text>,
}

impl State {
    /// Whether the flag stands there.
    pub fn has(&self, flag: StateFlag) -> bool {
        self.flags.iter().any(|(f, _)| *f == flag)
    }
}

/// What a state may be marked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFlag {
    /// Where an instance begins.
    Initial,
    /// Where it is complete.
    Terminal,
    /// Where waiting for ever is meant.
    Rest,
}

/// `A, B -> C on M let x = e when g ( actions ) else -> D ( actions )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// The states it leaves, at least one. A sole `any` (lower case) is the wildcard, unless the actor has a
    /// state of that name.
    pub from: Vec<Ident>,
    /// The state it enters.
    pub to: Ident,
    /// What causes it.
    pub cause: Cause,
    /// In source order; visible in guard, actions and else.
    pub lets: Vec<Let>,
    /// The guard.
    pub guard: Option<Expr>,
    /// What it does; absent when no parentheses stand there.
    pub actions: Option<Actions>,
    /// Only with a guard.
    pub otherwise: Option<Else>,
}

/// `let x = expr` after a cause or as an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Let {
    /// The whole clause.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: Expr,
}

/// `else -> STATE ( actions )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Else {
    /// The whole clause.
    pub span: Span,
    /// The state it enters.
    pub to: Ident,
    /// What it does.
    pub actions: Option<Actions>,
}

impl Else {
    /// The word `else` alone.
    pub fn keyword(&self) -> Span {
        Span { end: self.span.start.saturating_add(4), ..self.span }
    }
}

/// What causes a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The whole clause.
    pub span: Span,
    /// Which kind.
    pub kind: CauseKind,
}

/// The kinds of cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// `auto`
    Auto,
    /// `on NAME`: a trigger of the actor, a task, or a message, looked up in this order.
    On(Ident),
    /// `on timeout(a.b)`; at least one name.
    Timeout(Vec<Ident>),
    /// `on every(P)`
    Every(Ident),
}

/// `ignore M in [S] when e` or `defer M in [S] when e`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// Which of the two.
    pub kind: OverrideKind,
    /// The message.
    pub message: Ident,
    /// The states, at least one.
    pub states: Vec<Ident>,
    /// The guard.
    pub guard: Option<Expr>,
}

/// What an override does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideKind {
    /// Discard it.
    Ignore,
    /// Keep it for a later state.
    Defer,
}

/// `collect M in [S, T] into field when e ( actions )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collect {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole item.
    pub span: Span,
    /// The message.
    pub message: Ident,
    /// The states, at least one.
    pub states: Vec<Ident>,
    /// The store field.
    pub into: Ident,
    /// The guard.
    pub guard: Option<Expr>,
    /// What else it does.
    pub actions: Option<Actions>,
}

/// `( actions )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions {
    /// Parentheses included.
    pub span: Span,
    /// In source order.
    pub list: Vec<Action>,
}
