//! What the generated names are, for one protocol.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::names::{Names, pascal, screaming, snake};
use omt_runtime::ir::{Fields, Function, Meta, Protocol, Type, in_order};
use omt_runtime::package::Package;
use std::collections::BTreeMap;

/// Names that generated files use for other things than the protocol's types.
const TYPE_NAMES: &[&str] = &[
    // of Rust
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "Vec",
    "String",
    "Box",
    "Self",
    "Default",
    "Clone",
    "Debug",
    "Copy",
    "PartialEq",
    "Eq",
    "Fn",
    "Send",
    "Sync",
    "Drop",
    "Iterator",
    "From",
    "Into",
    // of omt_runtime::typed::prelude
    "Arc",
    "Hash",
    "PeerId",
    "Signature",
    "SessionId",
    "Bytes",
    "Map",
    "Value",
    "Block",
    "Segment",
    "Signed",
    "ChainState",
    "Equivocation",
    "Secret",
    "SeededRng",
    "Decimal",
    "Step",
    "Context",
    "Actor",
    "ActorEntry",
    "Outcome",
    "Raised",
    "FaultKind",
    "Received",
    "RawBlock",
    "Tracked",
    "Timers",
    "Diverted",
    "Program",
    "Fold",
    "At",
    "Names",
    "Needed",
    // of the generated modules
    "State",
    "Store",
    "Shared",
    "Message",
];

/// Names of locals that generated functions use themselves, and of modules.
pub const VALUE_NAMES: &[&str] = &[
    "step",
    "context",
    "message",
    "block",
    "store",
    "library",
    "view",
    "task_result",
    "protocol",
    "self",
    "drop",
];

/// The generated modules that hold types, by what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// Parameters.
    Parameters,
    /// Enums and structs.
    Types,
    /// Payloads of messages.
    Messages,
    /// Payloads of blocks.
    Blocks,
    /// Views.
    Views,
    /// Functions, native ones too.
    Functions,
}

impl Home {
    /// Name of the module.
    pub fn module(self) -> &'static str {
        match self {
            Home::Parameters => "parameters",
            Home::Types => "types",
            Home::Messages => "messages",
            Home::Blocks => "blocks",
            Home::Views => "views",
            Home::Functions => "functions",
        }
    }
}

/// What is known of a generated function.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// Can it fault? Then it returns a `Result`.
    pub fallible: bool,
    /// Does it ask the environment? Then its first argument is the context.
    pub context: bool,
    /// Does it read the store of the actor that calls it? Then it lives in the module of the actor.
    pub store: bool,
}

/// One protocol with its Rust names.
pub struct Model<'p> {
    /// The package.
    pub package: &'p Package,
    /// Its protocol.
    pub protocol: &'p Protocol,
    types: Names,
    fields: BTreeMap<String, Names>,
    values: BTreeMap<String, Names>,
    functions: Names,
    constants: Names,
    actors: Names,
    /// Signatures of the functions, filled while they are written, callees first.
    pub signatures: BTreeMap<String, Signature>,
}

fn name_fields(fields: &Fields) -> Names {
    let mut names = Names::default();
    for (name, _) in in_order(fields) {
        names.give(name, &snake(name));
    }
    names
}

impl<'p> Model<'p> {
    /// Gives every declaration its name.
    pub fn new(package: &'p Package) -> Self {
        let protocol = &package.protocol;
        let mut types = Names::reserving(TYPE_NAMES.iter().copied());
        let mut fields = BTreeMap::new();
        let mut values = BTreeMap::new();
        for (name, record) in &protocol.structs {
            types.give(&key(&Type::Struct(name.clone())), &pascal(name));
            fields.insert(key(&Type::Struct(name.clone())), name_fields(&record.fields));
        }
        for (name, declared) in &protocol.enums {
            types.give(&key(&Type::Enum(name.clone())), &pascal(name));
            let mut variants = Names::reserving(["Self"]);
            for (value, _) in by_order(&declared.values, |value| &value.meta) {
                variants.give(value, &pascal(value));
            }
            values.insert(name.clone(), variants);
        }
        for name in protocol.actors.keys() {
            types.give(&format!("actor {name}"), &pascal(name));
        }
        for (name, message) in &protocol.messages {
            types.give(&key(&Type::Message(name.clone())), &pascal(name));
            fields.insert(key(&Type::Message(name.clone())), name_fields(&message.fields));
        }
        for (name, view) in &protocol.views {
            types.give(&key(&Type::View(name.clone())), &pascal(name));
            fields.insert(key(&Type::View(name.clone())), name_fields(&view.fields));
        }
        for (name, block) in &protocol.blocks {
            types.give(&key(&Type::BlockPayload(name.clone())), &pascal(name));
            fields.insert(key(&Type::BlockPayload(name.clone())), name_fields(&block.fields));
        }
        for (name, actor) in &protocol.actors {
            fields.insert(format!("store {name}"), name_fields(&actor.store));
            fields.insert(format!("shared {name}"), name_fields(&actor.shared));
        }
        let mut functions = Names::reserving(VALUE_NAMES.iter().copied());
        for name in protocol.functions.keys() {
            functions.give(name, &snake(name));
        }
        for name in protocol.natives.keys() {
            functions.give(&format!("native {name}"), &snake(name));
        }
        let mut constants = Names::reserving(["PROTOCOL", "PACKAGE", "SOURCES"]);
        for name in protocol.parameters.keys() {
            constants.give(name, &screaming(name));
        }
        let mut actors =
            Names::reserving(["parameters", "types", "messages", "blocks", "views", "functions", "mod"]);
        for name in protocol.actors.keys() {
            actors.give(name, &snake(name));
        }
        Model {
            package,
            protocol,
            types,
            fields,
            values,
            functions,
            constants,
            actors,
            signatures: BTreeMap::new(),
        }
    }

    /// Rust name of a declared type.
    pub fn type_name(&self, ty: &Type) -> &str {
        self.types.get(&key(ty))
    }

    /// Rust name of the type that stands for an actor.
    pub fn actor_type(&self, actor: &str) -> &str {
        self.types.get(&format!("actor {actor}"))
    }

    /// Module of an actor.
    pub fn actor_module(&self, actor: &str) -> &str {
        self.actors.get(actor)
    }

    /// Rust name of a field of a declared record.
    pub fn field(&self, record: &Type, field: &str) -> &str {
        self.fields.get(&key(record)).map_or("unknown_name", |names| names.get(field))
    }

    /// Rust name of a field of an actor's store.
    pub fn store_field(&self, actor: &str, field: &str) -> &str {
        self.fields.get(&format!("store {actor}")).map_or("unknown_name", |names| names.get(field))
    }

    /// Rust name of a field that the instances of an actor share.
    pub fn shared_field(&self, actor: &str, field: &str) -> &str {
        self.fields.get(&format!("shared {actor}")).map_or("unknown_name", |names| names.get(field))
    }

    /// Rust name of a value of an enum.
    pub fn variant(&self, declared: &str, value: &str) -> &str {
        self.values.get(declared).map_or("UnknownName", |names| names.get(value))
    }

    /// Rust name of a function.
    pub fn function(&self, name: &str) -> &str {
        self.functions.get(name)
    }

    /// Rust name of a native function.
    pub fn native(&self, name: &str) -> &str {
        self.functions.get(&format!("native {name}"))
    }

    /// Rust name of a parameter.
    pub fn constant(&self, name: &str) -> &str {
        self.constants.get(name)
    }

    /// The functions, each after those that it calls.
    pub fn functions_in_order(&self) -> Vec<(&'p str, &'p Function)> {
        let mut done = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for (name, function) in by_order(&self.protocol.functions, |function| &function.meta) {
            visit(self.protocol, name, function, &mut seen, &mut done);
        }
        done
    }
}

/// Callees first. The checker has excluded recursion; a package that has it anyway is cut where it closes.
fn visit<'p>(
    protocol: &'p Protocol,
    name: &'p str,
    function: &'p Function,
    seen: &mut std::collections::BTreeSet<&'p str>,
    done: &mut Vec<(&'p str, &'p Function)>,
) {
    if !seen.insert(name) {
        return;
    }
    let mut callees = Vec::new();
    super::walk::statements(&function.body, &mut |e| {
        if let omt_runtime::ir::ExprKind::Call(callee, _) = &e.kind {
            callees.push(callee.clone());
        }
    });
    for callee in callees {
        if let Some((callee, function)) = protocol.functions.get_key_value(&callee) {
            visit(protocol, callee, function, seen, done);
        }
    }
    done.push((name, function));
}

/// Declarations in the order of the source, names breaking ties.
pub fn by_order<T>(map: &BTreeMap<String, T>, meta: impl Fn(&T) -> &Meta) -> Vec<(&str, &T)> {
    let mut list: Vec<_> = map.iter().map(|(name, item)| (name.as_str(), item)).collect();
    list.sort_by_key(|(_, item)| (meta(item).at.file, meta(item).order, meta(item).at.start));
    list
}

fn key(ty: &Type) -> String {
    let kind = match ty {
        Type::Enum(_) => "enum",
        Type::Struct(_) => "struct",
        Type::Message(_) => "message",
        Type::BlockPayload(_) => "block",
        Type::View(_) => "view",
        _ => "other",
    };
    format!("{kind} {ty}")
}

/// Is a value of the type copied rather than cloned?
pub fn is_copy(ty: &Type) -> bool {
    match ty {
        Type::Uint
        | Type::Int
        | Type::Float
        | Type::Bool
        | Type::Hash
        | Type::Signature
        | Type::PeerId
        | Type::Timestamp
        | Type::Duration
        | Type::Enum(_)
        | Type::Exact(_)
        | Type::Decimal
        | Type::Null => true,
        Type::Optional(inner) => is_copy(inner),
        Type::String
        | Type::Bytes
        | Type::Any
        | Type::Dict
        | Type::List(_)
        | Type::Map(..)
        | Type::Struct(_)
        | Type::Message(_)
        | Type::BlockPayload(_)
        | Type::Signed(_)
        | Type::Block(_)
        | Type::Segment
        | Type::View(_)
        | Type::ChainState
        | Type::Equivocation
        | Type::Secret(_)
        | Type::Rng
        | Type::Function(..) => false,
    }
}
