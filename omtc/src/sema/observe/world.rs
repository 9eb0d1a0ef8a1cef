//! What properties and scenarios can name: the actors of this transaction and of what it uses, their instances, peers.
//!
//! The records that queries read exist here only: no source can write their names (they hold a space or a dot), and
//! nothing of them reaches a protocol.

use super::super::after::{self, Used};
use super::super::context::Tables;
use super::super::scope::{Scope, TypeDecl};
use super::super::signature::{ActorInfo, Shape, Signatures, Slot};
use super::super::types::has_zero;
use crate::source::Span;
use crate::spec::{HONEST, Role};
use omt_runtime::ir::Type;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Name of the record of a peer.
const PEER: &str = "peer of the cast";

/// Name of the enum of all states of all actors of used transactions.
const STATE_OF_USED: &str = "state of a used transaction";

/// A transaction that peers run.
pub(in crate::sema) struct Party<'a> {
    /// Name that this file gives it.
    pub alias: Option<&'a str>,
    /// Index of its file among the loaded ones.
    pub file: usize,
    /// `None` for this transaction itself.
    used: Option<Rc<Used<'a>>>,
}

/// A record or enum of another transaction that is not declared here alike.
pub(in crate::sema) struct Foreign {
    /// Index of the transaction.
    pub party: usize,
    /// Its name there.
    pub name: String,
}

/// Everything that properties and scenarios of one file can name.
pub(in crate::sema) struct World<'a> {
    /// This transaction first.
    pub parties: Vec<Party<'a>>,
    /// What this file calls them.
    aliases: BTreeMap<&'a str, usize>,
    /// Some used transaction could not be read, so what is unknown may be there.
    pub incomplete: bool,
    shapes: BTreeMap<String, Shape>,
    /// Values of enums that no source declares, or that another transaction does.
    enums: BTreeMap<String, Vec<String>>,
    foreign: BTreeMap<String, Foreign>,
    /// Fields of actors of used transactions: the actors that have it in one type.
    used_fields: BTreeMap<String, Vec<Role>>,
    used_states: BTreeMap<String, Vec<Role>>,
}

/// A role as a record of its instances.
pub(in crate::sema) fn instance_type(actor: &str) -> Type {
    Type::Struct(format!("instance of {actor}"))
}

/// A role as a record of the newest instance of a member, which may have none.
pub(in crate::sema) fn newest_type(actor: &str) -> Type {
    Type::Struct(format!("newest instance of {actor}"))
}

/// The newest instance of any actor of a used transaction that has a field.
pub(in crate::sema) fn newest_with(field: &str) -> Type {
    Type::Struct(format!("newest instance with `{field}`"))
}

/// A peer.
pub(in crate::sema) fn peer_type() -> Type {
    Type::Struct(PEER.to_owned())
}

/// The states of an actor.
pub(in crate::sema) fn state_type(actor: &str) -> Type {
    Type::Enum(format!("state of {actor}"))
}

/// The states of all actors of used transactions.
pub(in crate::sema) fn state_of_used() -> Type {
    Type::Enum(STATE_OF_USED.to_owned())
}

impl<'a> World<'a> {
    /// `used`: what a loaded file declares, `None` where it could not be read; `uses`: alias and file of everything
    /// that a file uses.
    pub fn new(
        tables: &Tables<'a>,
        root: usize,
        uses: &dyn Fn(usize) -> Vec<(&'a str, Option<usize>)>,
        used: &dyn Fn(usize) -> Rc<Used<'a>>,
    ) -> World<'a> {
        let mut world = World {
            parties: vec![Party { alias: None, file: root, used: None }],
            aliases: BTreeMap::new(),
            incomplete: false,
            shapes: BTreeMap::new(),
            enums: BTreeMap::new(),
            foreign: BTreeMap::new(),
            used_fields: BTreeMap::new(),
            used_states: BTreeMap::new(),
        };
        world.reach(uses, used);
        for index in 0..world.parties.len() {
            world.borrow_types(tables, index);
        }
        for index in 0..world.parties.len() {
            world.records(tables, index);
        }
        let peer: Shape = [("peer", Type::PeerId), ("chain", Type::Segment), (HONEST, Type::Bool)]
            .into_iter()
            .map(|(name, ty)| (name.to_owned(), made(Some(ty), Span::default())))
            .collect();
        world.shapes.insert(PEER.to_owned(), peer);
        world
    }

    /// Adds what is used, nearest first.
    fn reach(
        &mut self,
        uses: &dyn Fn(usize) -> Vec<(&'a str, Option<usize>)>,
        used: &dyn Fn(usize) -> Rc<Used<'a>>,
    ) {
        let mut next = 0;
        while let Some(party) = self.parties.get(next) {
            let own = next == 0;
            for (alias, target) in uses(party.file) {
                let Some(file) = target else {
                    self.incomplete = true;
                    continue;
                };
                if let Some(known) = self.parties.iter().position(|p| p.file == file) {
                    if own {
                        self.aliases.insert(alias, known);
                    }
                    continue;
                }
                let made = used(file);
                if made.scope.header.is_none() {
                    continue;
                }
                if own {
                    self.aliases.insert(alias, self.parties.len());
                }
                self.parties.push(Party { alias: own.then_some(alias), file, used: Some(made) });
            }
            next = next.saturating_add(1);
        }
    }

    /// Types of a used transaction that mean something else here, or nothing, get a name of their own.
    fn borrow_types(&mut self, tables: &Tables<'a>, index: usize) {
        let Some(party) = self.parties.get(index) else { return };
        let Some(used) = party.used.clone() else { return };
        let prefix = self.prefix(index);
        for (name, decl) in &used.scope.types {
            let ty = super::super::types::declared_type(*decl);
            let alike = match (decl, tables.scope.types.get(name)) {
                (_, None) => false,
                (TypeDecl::Enum(theirs), Some(TypeDecl::Enum(ours))) => {
                    theirs.values.iter().map(|v| &v.name.text).eq(ours.values.iter().map(|v| &v.name.text))
                }
                (_, Some(ours)) => {
                    super::super::types::declared_type(*ours) == ty
                        && after::same_type(&ty, &tables.signatures, &ty, &used.signatures)
                }
            };
            if !alike {
                let foreign = Foreign { party: index, name: (*name).to_owned() };
                self.foreign.insert(format!("{prefix}.{name}"), foreign);
            }
        }
        let names: Vec<(String, String)> = self
            .foreign
            .iter()
            .filter(|(_, foreign)| foreign.party == index)
            .map(|(name, foreign)| (name.clone(), foreign.name.clone()))
            .collect();
        for (name, theirs) in names {
            if let Some(decl) = used.scope.enumeration(&theirs) {
                self.enums.insert(name, decl.values.iter().map(|v| v.name.text.clone()).collect());
            } else if let Some(shape) = used.signatures.shapes.get(theirs.as_str()) {
                let shape = self.translated(index, shape);
                self.shapes.insert(name, shape);
            }
        }
    }

    /// What a transaction is called in names of types.
    fn prefix(&self, index: usize) -> String {
        match self.parties.get(index).and_then(|party| party.alias) {
            Some(alias) => alias.to_owned(),
            None => format!("{index}"),
        }
    }

    fn translated(&self, index: usize, shape: &Shape) -> Shape {
        shape
            .iter()
            .map(|(name, slot)| {
                let ty = slot.ty.as_ref().map(|ty| self.translate(index, ty));
                (name.clone(), Slot { ty, ..slot.clone() })
            })
            .collect()
    }

    /// A type of a transaction as this file sees it.
    pub fn translate(&self, index: usize, ty: &Type) -> Type {
        let name = |name: &String| {
            let own = format!("{}.{name}", self.prefix(index));
            if self.foreign.contains_key(&own) { own } else { name.clone() }
        };
        let inner = |ty: &Type| Box::new(self.translate(index, ty));
        match ty {
            Type::List(item) => Type::List(inner(item)),
            Type::Map(key, value) => Type::Map(inner(key), inner(value)),
            Type::Optional(of) => Type::Optional(inner(of)),
            Type::Secret(of) => Type::Secret(inner(of)),
            Type::Enum(n) => Type::Enum(name(n)),
            Type::Struct(n) => Type::Struct(name(n)),
            Type::Message(n) => Type::Message(name(n)),
            Type::BlockPayload(n) => Type::BlockPayload(name(n)),
            Type::Signed(n) => Type::Signed(name(n)),
            Type::Block(n) => Type::Block(name(n)),
            // Nothing here folds it, so its state is a record like others.
            Type::View(n) => match name(n) {
                own if own == *n => Type::View(own),
                foreign => Type::Struct(foreign),
            },
            other => other.clone(),
        }
    }

    /// The records of the instances of a transaction's actors.
    fn records(&mut self, tables: &Tables<'a>, index: usize) {
        let Some(party) = self.parties.get(index) else { return };
        let used = party.used.clone();
        let signatures = used.as_ref().map_or(&tables.signatures, |used| &used.signatures);
        for (actor, info) in &signatures.actors {
            let name = self.actor_name(index, actor);
            let states: Vec<String> = info.states.keys().map(|state| (*state).to_owned()).collect();
            let instance = self.instance(index, &name, info, &signatures.session_key);
            let newest: Shape = instance
                .iter()
                .map(|(field, slot)| {
                    let ty = slot.ty.clone().map(|ty| if ty.begins_empty() { ty } else { ty.optional() });
                    (field.clone(), Slot { ty, ..slot.clone() })
                })
                .collect();
            if index > 0 {
                self.remember(Role { transaction: index, actor: (*actor).to_owned() }, &newest, &states);
            }
            self.shapes.insert(format!("instance of {name}"), instance);
            self.shapes.insert(format!("newest instance of {name}"), newest);
            self.enums.insert(format!("state of {name}"), states);
        }
    }

    /// What members can be asked for that only used transactions have.
    fn remember(&mut self, role: Role, newest: &Shape, states: &[String]) {
        for (field, slot) in newest {
            let record = format!("newest instance with `{field}`");
            let slot = match field.as_str() {
                "state" => made(Some(state_of_used().optional()), slot.span),
                _ => slot.clone(),
            };
            let known = self.shapes.entry(record).or_insert_with(|| [(field.clone(), slot.clone())].into());
            if known.get(field).is_some_and(|first| first.ty == slot.ty) {
                self.used_fields.entry(field.clone()).or_default().push(role.clone());
            }
        }
        let all = self.enums.entry(STATE_OF_USED.to_owned()).or_default();
        for state in states {
            if !all.contains(state) {
                all.push(state.clone());
            }
            self.used_states.entry(state.clone()).or_default().push(role.clone());
        }
    }

    /// `Consumer`, or `EscrowLock.Consumer`.
    pub fn actor_name(&self, index: usize, actor: &str) -> String {
        if index == 0 { actor.to_owned() } else { format!("{}.{actor}", self.prefix(index)) }
    }

    fn instance(&self, index: usize, name: &str, info: &ActorInfo<'_>, session_key: &str) -> Shape {
        let at = info.decl.name.span;
        let mut shape: Shape =
            [("peer", Type::PeerId), ("session", Type::Hash), ("chain", Type::Segment), (HONEST, Type::Bool)]
                .into_iter()
                .map(|(field, ty)| (field.to_owned(), made(Some(ty), at)))
                .collect();
        for (field, slot) in self.translated(index, &info.shared) {
            let ty = slot.ty.clone().map(|ty| if has_zero(&ty) { ty } else { ty.optional() });
            shape.insert(field, Slot { ty, ..slot });
        }
        for (field, slot) in self.translated(index, &info.store) {
            let set = field == session_key || slot.ty.as_ref().is_some_and(Type::begins_empty);
            let ty = slot.ty.clone().map(|ty| if set { ty } else { ty.optional() });
            shape.insert(field, Slot { ty, ..slot });
        }
        shape.insert("state".to_owned(), made(Some(state_type(name)), at));
        shape
    }

    /// Scope of a transaction.
    pub fn scope<'t>(&'t self, tables: &'t Tables<'a>, index: usize) -> &'t Scope<'a> {
        let used = self.parties.get(index).and_then(|party| party.used.as_ref());
        used.map_or(&tables.scope, |used| &used.scope)
    }

    /// Signatures of a transaction.
    pub fn signatures<'t>(&'t self, tables: &'t Tables<'a>, index: usize) -> &'t Signatures<'a> {
        let used = self.parties.get(index).and_then(|party| party.used.as_ref());
        used.map_or(&tables.signatures, |used| &used.signatures)
    }

    /// The fields of a record that only exists here.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// The values of an enum that only exists here.
    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.enums.get(name).map(Vec::as_slice)
    }

    /// What is declared elsewhere under that name.
    pub fn foreign(&self, name: &str) -> Option<&Foreign> {
        self.foreign.get(name)
    }

    /// Is it a state of any actor?
    pub fn is_state(&self, name: &str) -> bool {
        self.enums.iter().any(|(of, values)| of.starts_with("state of ") && values.iter().any(|v| v == name))
    }

    /// The transaction that this file calls so.
    pub fn party_called(&self, alias: &str) -> Option<usize> {
        self.aliases.get(alias).copied()
    }

    /// The actors of used transactions that have the field, and its type in the newest instance.
    pub fn used_field(&self, field: &str) -> Option<(&[Role], Option<Type>)> {
        let roles = self.used_fields.get(field)?;
        let ty = self.shapes.get(&format!("newest instance with `{field}`"))?.get(field)?.ty.clone();
        Some((roles, ty))
    }

    /// The actors of used transactions that have the state.
    pub fn used_state(&self, state: &str) -> Option<&[Role]> {
        self.used_states.get(state).map(Vec::as_slice)
    }

    /// Every field and state that members can be asked for because of used transactions.
    pub fn used_names(&self) -> BTreeSet<&str> {
        self.used_fields.keys().chain(self.used_states.keys()).map(String::as_str).collect()
    }
}

/// A field that the compiler adds.
fn made(ty: Option<Type>, span: Span) -> Slot {
    Slot { ty, span, order: 0, doc: String::new() }
}
