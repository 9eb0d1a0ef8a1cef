//! The Mealy IR: typed, resolved, canonical.
//!
//! Everything is referred to by name, except locals, which have a slot in the frame of the
//! transition, collect, override, function or view handler that they live in. Declarations are
//! ordered maps, so the order of a source file does not reach the protocol id; what must keep the
//! source order for people (fields, states, values) carries it in its `meta`.
//!
//! **Rule of the hash:** every field called `meta`, at any depth, is left out of the protocol id
//! (see [`crate::package`]). Nothing that changes behaviour or wire form may live in one.
//!
//! What is deliberately absent: names that do not resolve, overloaded operators, implicit
//! conversions, generic functions (instantiated by the compiler), properties and scenarios.

pub mod analysis;
pub mod describe;
mod expr;
mod machine;
pub mod signature;
mod types;
pub mod validate;
mod walk;

pub use expr::{Action, BinaryOp, Builtin, Conversion, Expr, ExprKind, Place, Selector, Stmt, UnaryOp};
pub use machine::{
    Actor, After, Argument, Branch, Cause, Collect, CollectForm, Handler, Limit, LimitKind, Override,
    OverrideKind, State, Transition, Trigger,
};
pub use types::{Dimension, Type};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of this data structure; a package of another version is refused.
pub const IR_VERSION: u32 = 1;

/// One transaction, complete: a host needs nothing else to run it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// [`IR_VERSION`] of the compiler that wrote it.
    pub ir_version: u32,
    /// Number in the header, as text: `00`, `M02`, `-1`.
    pub number: String,
    /// Name of the session key (`session_id` unless the header says otherwise).
    pub session_key: String,
    /// Parameters in use, by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Enums in use, by name.
    pub enums: BTreeMap<String, Enum>,
    /// Structs in use, by name.
    pub structs: BTreeMap<String, Record>,
    /// Messages, by name.
    pub messages: BTreeMap<String, Message>,
    /// Blocks, by name.
    pub blocks: BTreeMap<String, Block>,
    /// Views in use, by name.
    pub views: BTreeMap<String, View>,
    /// Functions in use, by name; an instance of a generic one is called `NAME<type,…>`.
    pub functions: BTreeMap<String, Function>,
    /// Native functions in use, by name.
    pub natives: BTreeMap<String, Native>,
    /// Native tasks in use, by name.
    pub tasks: BTreeMap<String, Native>,
    /// Actors, by name.
    pub actors: BTreeMap<String, Actor>,
    /// Titles, sources.
    pub meta: ProtocolMeta,
}

/// What documentation and fault messages say about a protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolMeta {
    /// First string of the header.
    pub name: String,
    /// Second string of the header.
    pub description: Option<String>,
    /// Folder or file of the transaction below the protocol root, without extension: `transactions/00_escrow_lock/transaction`.
    pub path: String,
    /// `##` documentation of the header.
    pub doc: String,
    /// Paths of the source files below the protocol root, indexed by [`At::file`].
    pub sources: Vec<String>,
    /// `uses`: alias to path.
    pub uses: BTreeMap<String, String>,
}

/// A place in the sources, for faults and diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32, u32, u32, u32)", into = "(u32, u32, u32, u32, u32)")]
pub struct At {
    /// Index into [`ProtocolMeta::sources`].
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl From<(u32, u32, u32, u32, u32)> for At {
    fn from((file, line, column, start, end): (u32, u32, u32, u32, u32)) -> Self {
        At { file, line, column, start, end }
    }
}

impl From<At> for (u32, u32, u32, u32, u32) {
    fn from(at: At) -> Self {
        (at.file, at.line, at.column, at.start, at.end)
    }
}

/// What every declaration carries for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Where its name stands.
    pub at: At,
    /// Rank in the source among its siblings (fields of a record, states of an actor, …), from 0.
    pub order: u32,
    /// `##` lines, or the comment behind an enum value or a field; lines joined with `\n`.
    pub doc: String,
    /// The quoted text of the declaration, if it has one.
    pub title: Option<String>,
}

/// A named constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its value.
    pub value: ParameterValue,
    /// Unit as written (`seconds`, `count`, …), documentation and position.
    pub meta: ParameterMeta,
}

/// Documentation of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterMeta {
    /// Unit as written, if any.
    pub unit: Option<String>,
    /// The value as written.
    pub written: String,
    /// The rest.
    pub base: Meta,
}

/// Value of a parameter, with its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ParameterValue {
    /// `count` and plain whole numbers that are not negative.
    Uint(u64),
    /// Plain negative whole numbers.
    Int(i64),
    /// Duration in microseconds.
    Duration(i64),
    /// Exact decimal `numerator / 10^scale`: `fraction` (0 to 1), and plain decimals.
    Decimal {
        /// Digits without the point.
        numerator: i64,
        /// Number of digits behind the point, at most 18.
        scale: u32,
    },
    /// `A = NAME`: text.
    Text(String),
}

impl ParameterValue {
    /// Type of an expression that names the parameter.
    pub fn ty(&self) -> Type {
        match self {
            ParameterValue::Uint(_) => Type::Uint,
            ParameterValue::Int(_) => Type::Int,
            ParameterValue::Duration(_) => Type::Duration,
            ParameterValue::Decimal { .. } => Type::Decimal,
            ParameterValue::Text(_) => Type::String,
        }
    }
}

/// A closed set of names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enum {
    /// Values, by name.
    pub values: BTreeMap<String, EnumValue>,
    /// Documentation.
    pub meta: Meta,
}

/// One value of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// Documentation and order.
    pub meta: Meta,
}

/// A field of a record, a store or a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Declared type.
    pub ty: Type,
    /// Documentation and order.
    pub meta: Meta,
}

/// Fields by name.
pub type Fields = BTreeMap<String, Field>;

/// `fields` in the order of the source.
pub fn in_order(fields: &Fields) -> Vec<(&str, &Field)> {
    let mut list: Vec<_> = fields.iter().map(|(name, field)| (name.as_str(), field)).collect();
    list.sort_by_key(|(_, field)| field.meta.order);
    list
}

/// A struct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its fields.
    pub fields: Fields,
    /// Documentation.
    pub meta: Meta,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Actors that may send it, sorted.
    pub from: Vec<String>,
    /// Actors that may receive it, sorted; `Network` is the gossip set.
    pub to: Vec<String>,
    /// Is the envelope signed by its sender?
    pub signed: bool,
    /// Payload.
    pub fields: Fields,
    /// Documentation.
    pub meta: Meta,
}

/// A kind of block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Actors that may append it, sorted.
    pub by: Vec<String>,
    /// Payload.
    pub fields: Fields,
    /// Documentation.
    pub meta: Meta,
}

/// A pure fold over the blocks of one chain, from genesis.
///
/// Fields start at zero: 0, `false`, `""`, null, empty. For each block the first handler in source
/// order whose kind and guard fit is applied; a block that none fits changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Its fields; the view is a record of them.
    pub fields: Fields,
    /// Handlers in source order.
    pub handlers: Vec<ViewHandler>,
    /// Documentation.
    pub meta: Meta,
}

/// `on KIND when … ( … )` of a view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewHandler {
    /// Kind of block.
    pub block: String,
    /// Condition.
    pub guard: Option<Expr>,
    /// Assignments to fields of the view, `let`, `IF`, `FOR`, `ABORT`.
    pub actions: Vec<Action>,
    /// Locals.
    pub frame: Vec<Local>,
    /// Position.
    pub meta: Meta,
}

/// A slot of a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// Type of what it holds.
    pub ty: Type,
    /// Its name.
    pub meta: LocalMeta,
}

/// Name of a local.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMeta {
    /// As written.
    pub name: String,
}

/// A pure function. Its parameters are the first slots of the frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Number of parameters.
    pub parameters: u32,
    /// Parameters, then locals.
    pub frame: Vec<Local>,
    /// Result.
    pub returns: Type,
    /// Body; every path returns.
    pub body: Vec<Stmt>,
    /// Documentation.
    pub meta: Meta,
}

/// A native function or task: answered by the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Native {
    /// Parameters, in order. Their names are for people.
    pub parameters: Vec<Local>,
    /// Result; the result of a task is `T?` where it arrives.
    pub returns: Type,
    /// Path in the host's library.
    pub library: String,
    /// Documentation.
    pub meta: Meta,
}
