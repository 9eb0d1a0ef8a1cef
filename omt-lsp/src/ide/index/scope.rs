//! What a file can name: its own declarations and those of what it imports.

use super::{Id, Index, Kind};
use omtc::source::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// Names that a file sees.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Enums, structs, messages, blocks, views.
    types: BTreeMap<String, Id>,
    callables: BTreeMap<String, Id>,
    actors: BTreeMap<String, Id>,
    parameters: BTreeMap<String, Id>,
    values: BTreeMap<String, Vec<Id>>,
    uses: BTreeMap<String, Id>,
    /// By owner, kind and name.
    members: BTreeMap<(Id, Kind), BTreeMap<String, Id>>,
}

impl Scope {
    /// Of these files; what comes first wins. `uses` count in the first file only.
    pub fn new(index: &Index, files: &[FileId]) -> Scope {
        let mut scope = Scope::default();
        let ranks: BTreeMap<FileId, usize> = files.iter().enumerate().map(|(rank, id)| (*id, rank)).collect();
        let mut order: Vec<(usize, Id)> = Vec::new();
        for (id, symbol) in index.symbols.iter().enumerate() {
            if let Some(rank) = ranks.get(&symbol.span.file) {
                order.push((*rank, id));
            }
        }
        order.sort_unstable();
        let mut seen: BTreeSet<Id> = BTreeSet::new();
        for (rank, id) in order {
            let Some(symbol) = index.symbol(id) else { continue };
            let name = symbol.name.clone();
            let top = match symbol.kind {
                Kind::Enum | Kind::Struct | Kind::Message | Kind::Block | Kind::View => {
                    Some(&mut scope.types)
                }
                Kind::Function | Kind::Native | Kind::Task => Some(&mut scope.callables),
                Kind::Actor => Some(&mut scope.actors),
                Kind::Parameter => Some(&mut scope.parameters),
                Kind::Uses if rank == 0 => Some(&mut scope.uses),
                _ => None,
            };
            if let Some(map) = top {
                map.entry(name).or_insert(id);
                seen.insert(id);
                continue;
            }
            let Some(owner) = symbol.owner else { continue };
            if symbol.kind == Kind::EnumValue {
                scope.values.entry(name.clone()).or_default().push(id);
            }
            scope.members.entry((owner, symbol.kind)).or_default().entry(name).or_insert(id);
        }
        scope
    }

    /// A declared type.
    pub fn ty(&self, name: &str) -> Option<Id> {
        self.types.get(name).copied()
    }

    /// A function, a native or a task.
    pub fn callable(&self, name: &str) -> Option<Id> {
        self.callables.get(name).copied()
    }

    /// An actor.
    pub fn actor(&self, name: &str) -> Option<Id> {
        self.actors.get(name).copied()
    }

    /// A parameter.
    pub fn parameter(&self, name: &str) -> Option<Id> {
        self.parameters.get(name).copied()
    }

    /// A used transaction.
    pub fn used(&self, name: &str) -> Option<Id> {
        self.uses.get(name).copied()
    }

    /// Enum values of that name.
    pub fn values(&self, name: &str) -> &[Id] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// What belongs to something.
    pub fn member(&self, owner: Id, kind: Kind, name: &str) -> Option<Id> {
        self.members.get(&(owner, kind))?.get(name).copied()
    }

    /// All that belongs to something.
    pub fn members(&self, owner: Id, kind: Kind) -> impl Iterator<Item = (&str, Id)> {
        self.members.get(&(owner, kind)).into_iter().flatten().map(|(name, id)| (name.as_str(), *id))
    }
}
