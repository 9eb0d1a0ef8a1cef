//! Expressions, actions, statements.

use super::{At, Type};
use serde::{Deserialize, Serialize};

/// A typed expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// Type of the result.
    pub ty: Type,
    /// Where it stands.
    pub meta: At,
}

impl Expr {
    /// Puts the parts together.
    pub fn new(kind: ExprKind, ty: Type, meta: At) -> Self {
        Expr { kind, ty, meta }
    }
}

/// Kinds of expressions. Operands are evaluated left to right, arguments before the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// Whole number (type `Exact`, or an integer type it fits in).
    Integer(i128),
    /// Decimal literal, as written; type `float`.
    Float(f64),
    /// `true`, `false`.
    Bool(bool),
    /// Text.
    Text(String),
    /// `null` (type `T?` of its context).
    Null,
    /// A value of an enum: enum, value.
    EnumValue(String, String),
    /// A parameter of the protocol.
    Parameter(String),
    /// A local, an argument of a function, a parameter of a lambda.
    Local(u32),
    /// A field of the store. Type `T` where it is certainly set (null is then a fault), `T?` where it may be unset.
    Store(String),
    /// `LOAD(k)` in a function: field of the store of the actor that runs it.
    Load(String),
    /// A field of the shared store; `T` begins at zero like a view's field where it has a zero, else `T?`.
    Shared(String),
    /// A field of the view that is being folded.
    ViewField(String),
    /// The block that is being folded (`block`), type `block<B>`.
    CurrentBlock,
    /// Argument of the trigger that caused the step.
    Argument(String),
    /// Result of the task that caused the step: `R?`.
    TaskResult,
    /// Payload of the message that caused the step.
    Payload,
    /// `message.sender`.
    Sender,
    /// `message.signed`.
    SignedMessage,
    /// Session id of the instance (`message.session`, payload fields named like the session key).
    Session,
    /// `peer_id`: who runs this.
    SelfId,
    /// `chain`: the own chain, with what this step has appended.
    OwnChain,
    /// A field of a struct, payload, `block<B>`, `signed<M>`, segment, view, `ChainState`, `equivocation`, dict.
    Field(Box<Expr>, String),
    /// `l[i]` or `m[k]`; a fault if there is none.
    Index(Box<Expr>, Box<Expr>),
    /// A record of type `ty` (struct, message, block payload, dict), all fields, in source order of their expressions.
    Record(Vec<(String, Expr)>),
    /// A list.
    List(Vec<Expr>),
    /// A map; `{}` where the context wants a map.
    Map(Vec<(Expr, Expr)>),
    /// Binds a slot for the body.
    Let(u32, Box<Expr>, Box<Expr>),
    /// Unary operator.
    Unary(UnaryOp, Box<Expr>),
    /// Binary operator.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `numerator / denominator OP decimal`, decided exactly by cross-multiplication; a zero denominator is a fault.
    CompareFraction {
        /// One of the comparisons.
        op: BinaryOp,
        /// Type `Exact(Count)`.
        numerator: Box<Expr>,
        /// Type `Exact(Count)`.
        denominator: Box<Expr>,
        /// Type `Decimal`.
        fraction: Box<Expr>,
    },
    /// `IF c THEN a ELSE b`; both branches have the type of the whole.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A declared function.
    Call(String, Vec<Expr>),
    /// A parameter of type `function<…>`: slot, arguments.
    CallLocal(u32, Vec<Expr>),
    /// A native function.
    Native(String, Vec<Expr>),
    /// The library.
    Builtin(Builtin, Vec<Expr>),
    /// `VIEW(V, c)`.
    View(String, Box<Expr>),
    /// A lambda: slots of its parameters, body. Only ever an argument.
    Lambda(Vec<u32>, Box<Expr>),
    /// An explicit conversion to `ty`.
    Convert(Conversion, Box<Expr>),
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `not`.
    Not,
    /// `-` on `Exact` or `float`.
    Negate,
}

/// Binary operators. Arithmetic is on `Exact` (result `Exact`) or on `float` (result `float`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinaryOp {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/` on `float`.
    Divide,
    /// `//`: floor, on `Exact`.
    FloorDivide,
    /// `%`: floor, on `Exact`.
    Remainder,
    /// `+` of two strings or two lists.
    Concat,
    /// `==`; both sides have the same type.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<` on integers, floats, strings.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `x in l` (list), `k in m` (map: key).
    In,
    /// `and`, short-circuit.
    And,
    /// `or`, short-circuit.
    Or,
}

/// Explicit conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conversion {
    /// `T` to `T?`.
    Some,
    /// `T?` to `T`; null is a fault.
    Unwrap,
    /// Integer type to `Exact`.
    Widen,
    /// `Exact` to an integer type; out of range is a fault.
    Narrow,
    /// `Exact(Count)` to `float`, where exact (else a fault).
    ToFloat,
    /// `Decimal` to `float`, nearest.
    DecimalToFloat,
    /// Anything to `any`.
    ToAny,
    /// `any` or `dict` to a declared type; a value that does not fit is a fault.
    FromAny,
    /// `T` to `secret<T>`.
    ToSecret,
}

/// The library of LANGUAGE section 7, without `LOAD` and `VIEW`.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Builtin {
    Now,
    Day,
    Seconds,
    Hash,
    Sign,
    VerifySig,
    VerifyMulti,
    Equivocation,
    RandomBytes,
    GenerateId,
    Reveal,
    SeededRng,
    SeededSample,
    SeededShuffle,
    Read,
    ChainStateAt,
    ChainContainsHash,
    ChainSegment,
    VerifyChainSegment,
    ChainHeight,
    LastPeerHash,
    Length,
    Filter,
    Map,
    Find,
    Any,
    All,
    Count,
    Sum,
    Reduce,
    Concat,
    Sort,
    SortBy,
    Unique,
    Keys,
    Values,
    HasKey,
    Get,
    With,
    Without,
    Abs,
    Min,
    Max,
    Clamp,
    ToString,
}

impl Builtin {
    /// All of them, in the order of LANGUAGE section 7.
    pub const ALL: &'static [(&'static str, Builtin)] = &[
        ("NOW", Builtin::Now),
        ("DAY", Builtin::Day),
        ("SECONDS", Builtin::Seconds),
        ("HASH", Builtin::Hash),
        ("SIGN", Builtin::Sign),
        ("VERIFY_SIG", Builtin::VerifySig),
        ("VERIFY_MULTI", Builtin::VerifyMulti),
        ("EQUIVOCATION", Builtin::Equivocation),
        ("RANDOM_BYTES", Builtin::RandomBytes),
        ("GENERATE_ID", Builtin::GenerateId),
        ("REVEAL", Builtin::Reveal),
        ("SEEDED_RNG", Builtin::SeededRng),
        ("SEEDED_SAMPLE", Builtin::SeededSample),
        ("SEEDED_SHUFFLE", Builtin::SeededShuffle),
        ("READ", Builtin::Read),
        ("CHAIN_STATE_AT", Builtin::ChainStateAt),
        ("CHAIN_CONTAINS_HASH", Builtin::ChainContainsHash),
        ("CHAIN_SEGMENT", Builtin::ChainSegment),
        ("VERIFY_CHAIN_SEGMENT", Builtin::VerifyChainSegment),
        ("CHAIN_HEIGHT", Builtin::ChainHeight),
        ("LAST_PEER_HASH", Builtin::LastPeerHash),
        ("LENGTH", Builtin::Length),
        ("FILTER", Builtin::Filter),
        ("MAP", Builtin::Map),
        ("FIND", Builtin::Find),
        ("ANY", Builtin::Any),
        ("ALL", Builtin::All),
        ("COUNT", Builtin::Count),
        ("SUM", Builtin::Sum),
        ("REDUCE", Builtin::Reduce),
        ("CONCAT", Builtin::Concat),
        ("SORT", Builtin::Sort),
        ("SORT_BY", Builtin::SortBy),
        ("UNIQUE", Builtin::Unique),
        ("KEYS", Builtin::Keys),
        ("VALUES", Builtin::Values),
        ("HAS_KEY", Builtin::HasKey),
        ("GET", Builtin::Get),
        ("WITH", Builtin::With),
        ("WITHOUT", Builtin::Without),
        ("ABS", Builtin::Abs),
        ("MIN", Builtin::Min),
        ("MAX", Builtin::Max),
        ("CLAMP", Builtin::Clamp),
        ("TO_STRING", Builtin::ToString),
    ];

    /// The built-in of that name.
    pub fn named(name: &str) -> Option<Builtin> {
        Self::ALL.iter().find(|(text, _)| *text == name).map(|(_, builtin)| *builtin)
    }

    /// Its name in the language.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, builtin)| *builtin == self).map_or("?", |(text, _)| text)
    }
}

/// What an assignment writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// A field of the store.
    Store(String),
    /// A field of the shared store.
    Shared(String),
    /// A field of the view that is being folded.
    View(String),
    /// A local.
    Local(u32),
}

/// A step from a place into its value: `x[k]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selector {
    /// Key of a map (created if absent, at the last selector; a missing one before that is a fault) or
    /// index of a list (must exist).
    pub key: Expr,
    /// Type of the element.
    pub ty: Type,
}

/// Actions of a transition, a collect or a view handler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// `place[k]… = value`. Selectors are evaluated first, left to right, then the value.
    Assign {
        /// Root.
        place: Place,
        /// Selectors, outermost first.
        path: Vec<Selector>,
        /// Converted to the type of the place (`T?` for a store field that is declared `T`: never; unset is written only as null to a `T?`).
        value: Expr,
        /// Position.
        meta: At,
    },
    /// One message to one peer.
    Send {
        /// Type `peer_id`.
        to: Expr,
        /// Name of the message.
        message: String,
        /// Record of its payload.
        payload: Expr,
        /// Position.
        meta: At,
    },
    /// One message to each peer of a list (duplicates once, in order of first appearance) or to each key of a map.
    Broadcast {
        /// `list<peer_id>` or `map<peer_id, T>`.
        to: Expr,
        /// Name of the message.
        message: String,
        /// Record of its payload, evaluated once.
        payload: Expr,
        /// Position.
        meta: At,
    },
    /// `BROADCAST(network, M)`.
    Gossip {
        /// Name of the message.
        message: String,
        /// Record of its payload.
        payload: Expr,
        /// Position.
        meta: At,
    },
    /// Appends to the own chain; the block goes to `into`.
    Append {
        /// Where the block is kept: a store field, or a local.
        into: Option<Place>,
        /// Kind of block.
        block: String,
        /// Record of its payload.
        payload: Expr,
        /// Position.
        meta: At,
    },
    /// `let x = e`.
    Let {
        /// Slot.
        slot: u32,
        /// Value.
        value: Expr,
        /// Position.
        meta: At,
    },
    /// `IF c THEN (…) ELSE (…)`.
    If {
        /// Condition.
        condition: Expr,
        /// When it holds.
        then: Vec<Action>,
        /// When not.
        otherwise: Vec<Action>,
        /// Position.
        meta: At,
    },
    /// `FOR x IN l (…)`.
    For {
        /// Slot of the element.
        slot: u32,
        /// `list<T>`, evaluated once.
        list: Expr,
        /// Body.
        body: Vec<Action>,
        /// Position.
        meta: At,
    },
    /// `ABORT(e)`: a fault with that text.
    Abort {
        /// Type `string`.
        reason: Expr,
        /// Position.
        meta: At,
    },
    /// `START(f(x))`.
    Start {
        /// Name of the task.
        task: String,
        /// Arguments.
        arguments: Vec<Expr>,
        /// Position.
        meta: At,
    },
}

/// Statements of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stmt {
    /// `return e`.
    Return {
        /// Converted to the declared result.
        value: Expr,
        /// Position.
        meta: At,
    },
    /// `x[k]… = e`.
    Assign {
        /// Slot.
        slot: u32,
        /// Selectors, outermost first.
        path: Vec<Selector>,
        /// Value.
        value: Expr,
        /// Position.
        meta: At,
    },
    /// `for x in l s`.
    For {
        /// Slot of the element.
        slot: u32,
        /// `list<T>`, evaluated once.
        list: Expr,
        /// Body.
        body: Vec<Stmt>,
        /// Position.
        meta: At,
    },
    /// `if c then s else s`.
    If {
        /// Condition.
        condition: Expr,
        /// When it holds.
        then: Vec<Stmt>,
        /// When not.
        otherwise: Vec<Stmt>,
        /// Position.
        meta: At,
    },
    /// `ABORT(e)` inside a function is not part of the grammar; it exists so that no path of a function falls off its end.
    Fail {
        /// Position.
        meta: At,
    },
}
