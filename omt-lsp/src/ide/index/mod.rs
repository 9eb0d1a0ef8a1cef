//! Who declares what, and who refers to it.
//!
//! ```text
//! trees ── declare ──> symbols ── resolve (scopes; types as omtc noted them) ──> references
//! ```
//!
//! Names are looked up in the order of the language (locals, arguments, fields, parameters, values of enums). What a name
//! behind a dot belongs to is told by the types that the analysis noted.

mod declare;
mod expression;
mod resolve;
mod scope;

use super::engine::Analysis;
use omtc::source::{FileId, Span};
pub(crate) use resolve::target;
use std::collections::BTreeMap;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Kind {
    Transaction,
    Uses,
    Parameter,
    Enum,
    EnumValue,
    Struct,
    Message,
    Block,
    View,
    Actor,
    Function,
    Native,
    Task,
    Property,
    Scenario,
    /// Of a struct, a message, a block or a view.
    Field,
    StoreField,
    SharedField,
    Trigger,
    /// Of a function, a native or a trigger.
    Argument,
    State,
    /// `let`, loop variable, local of a function, parameter of a lambda.
    Local,
    /// Of a scenario.
    Member,
    /// A file that is imported or used.
    File,
}

impl Kind {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Transaction => "transaction",
            Kind::Uses => "used transaction",
            Kind::Parameter => "parameter",
            Kind::Enum => "enum",
            Kind::EnumValue => "enum value",
            Kind::Struct => "struct",
            Kind::Message => "message",
            Kind::Block => "block",
            Kind::View => "view",
            Kind::Actor => "actor",
            Kind::Function => "function",
            Kind::Native => "native function",
            Kind::Task => "native task",
            Kind::Property => "property",
            Kind::Scenario => "scenario",
            Kind::Field => "field",
            Kind::StoreField => "store field",
            Kind::SharedField => "shared field",
            Kind::Trigger => "trigger",
            Kind::Argument => "argument",
            Kind::State => "state",
            Kind::Local => "local",
            Kind::Member => "member of the cast",
            Kind::File => "file",
        }
    }
}

/// The number of a symbol in its [`Index`].
pub type Id = usize;

/// Something that has a name.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it belongs to: the actor of a state, the message of a field.
    pub owner: Option<Id>,
    /// Where its name stands.
    pub span: Span,
    /// The whole declaration.
    pub full: Span,
    /// The comment that documents it.
    pub doc: String,
    /// The quoted text of the declaration.
    pub title: String,
}

/// What a reference does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the names say it
pub enum Access {
    Declare,
    Read,
    Write,
    /// A message that is sent, a block that is appended, a task that is started.
    Emit,
    /// Cause of a transition or of a `collect`; a block that is folded.
    Handle,
    /// The state that a transition enters.
    Enter,
    /// The state that a transition leaves.
    Leave,
}

/// A place that names a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where.
    pub span: Span,
    /// Which.
    pub symbol: Id,
    /// What for.
    pub access: Access,
}

/// A field of a message or a block that takes its value from the store field of its name, which nothing says but the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The name of the message behind `SEND`.
    pub at: Span,
    /// The record behind it, braces included.
    pub record: Option<Span>,
    /// The field of the message.
    pub field: Id,
    /// The field of the store.
    pub store: Id,
}

/// Symbols and references of a project.
#[derive(Debug, Default)]
pub struct Index {
    /// All symbols.
    pub symbols: Vec<Symbol>,
    /// By file, in the order of the text. Two may stand at one place: `store x` names the field of the message and that of
    /// the store.
    references: BTreeMap<FileId, Vec<Reference>>,
    /// Fields that are filled by name.
    pub filled: Vec<Filled>,
    by_symbol: BTreeMap<Id, Vec<Reference>>,
    by_place: BTreeMap<Span, Id>,
    by_kind: BTreeMap<Kind, Vec<Id>>,
    by_owner: BTreeMap<Id, Vec<Id>>,
}

impl Index {
    /// Of a project.
    pub fn new(analysis: &Analysis) -> Index {
        let mut index = Index::default();
        for file in &analysis.report.files {
            declare::file(&mut index, file);
        }
        for (id, symbol) in index.symbols.iter().enumerate() {
            index.by_place.insert(symbol.span, id);
        }
        resolve::all(&mut index, analysis);
        for list in index.references.values_mut() {
            list.sort_by_key(|r| (r.span, r.symbol, r.access));
            list.dedup();
        }
        let mut by_symbol: BTreeMap<Id, Vec<Reference>> = BTreeMap::new();
        for reference in index.references.values().flatten() {
            by_symbol.entry(reference.symbol).or_default().push(*reference);
        }
        index.by_symbol = by_symbol;
        index
    }

    /// A symbol.
    pub fn symbol(&self, id: Id) -> Option<&Symbol> {
        self.symbols.get(id)
    }

    /// The symbol whose name stands there.
    pub fn declared_at(&self, span: Span) -> Option<Id> {
        self.by_place.get(&span).copied()
    }

    /// All places that name a symbol, its declaration included, by file and place.
    pub fn references_to(&self, id: Id) -> &[Reference] {
        self.by_symbol.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The references of a file, in the order of the text.
    pub fn references_in(&self, file: FileId) -> &[Reference] {
        self.references.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The references that a cursor touches: the one that begins there before the one that ends there.
    pub fn at(&self, file: FileId, offset: u32) -> Vec<Reference> {
        let list = self.references_in(file);
        let end = list.partition_point(|r| r.span.start <= offset);
        let mut found: Vec<Reference> =
            list.iter().take(end).rev().take(64).filter(|r| r.span.touches(offset)).copied().collect();
        if let Some(start) = found.iter().map(|r| r.span.start).max() {
            found.retain(|r| r.span.start == start);
        }
        found.sort_by_key(|r| r.symbol);
        found
    }

    /// What belongs to a symbol, in the order of the declarations.
    pub fn members(&self, owner: Id) -> impl Iterator<Item = (Id, &Symbol)> {
        let members = self.by_owner.get(&owner).into_iter().flatten();
        members.filter_map(|id| Some((*id, self.symbols.get(*id)?)))
    }

    /// Symbols of a kind, in the order of the declarations.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (Id, &Symbol)> {
        let all = self.by_kind.get(&kind).into_iter().flatten();
        all.filter_map(|id| Some((*id, self.symbols.get(*id)?)))
    }

    /// Symbols of a kind and a name.
    pub fn named<'i>(&'i self, kind: Kind, name: &'i str) -> impl Iterator<Item = (Id, &'i Symbol)> {
        self.of_kind(kind).filter(move |(_, symbol)| symbol.name == name)
    }

    fn add(&mut self, symbol: Symbol) -> Id {
        let id = self.symbols.len();
        self.refer(symbol.span, id, Access::Declare);
        self.by_kind.entry(symbol.kind).or_default().push(id);
        if let Some(owner) = symbol.owner {
            self.by_owner.entry(owner).or_default().push(id);
        }
        self.symbols.push(symbol);
        id
    }

    fn refer(&mut self, span: Span, symbol: Id, access: Access) {
        self.references.entry(span.file).or_default().push(Reference { span, symbol, access });
    }
}
