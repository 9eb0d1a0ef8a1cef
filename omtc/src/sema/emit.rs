//! The protocol: what is reachable from its actors and messages, and nothing else.

use super::after::number;
use super::context::Tables;
use super::load::Loaded;
use super::observe::World;
use super::scope::{Callable, Scope, TypeDecl};
use super::signature::{Shape, doc};
use super::types::plural;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast;
use omt_runtime::ir::{self, Action, Expr, ExprKind, Handler, Meta, Type};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was elaborated.
pub(super) struct Parts {
    pub actors: BTreeMap<String, ir::Actor>,
    pub functions: BTreeMap<String, ir::Function>,
    pub views: BTreeMap<String, Vec<ir::ViewHandler>>,
}

/// Names that are needed but not yet looked at.
#[derive(Default)]
struct Reached {
    types: BTreeSet<Type>,
    functions: BTreeSet<String>,
    natives: BTreeSet<String>,
    tasks: BTreeSet<String>,
    parameters: BTreeSet<String>,
    messages: BTreeSet<String>,
    blocks: BTreeSet<String>,
    views: BTreeSet<String>,
}

impl Reached {
    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => self.ty(inner),
            Type::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            Type::Function(parameters, returns) => {
                parameters.iter().for_each(|p| self.ty(p));
                self.ty(returns);
            }
            Type::Enum(_) | Type::Struct(_) => {
                self.types.insert(ty.clone());
            }
            Type::Message(name) | Type::Signed(name) => {
                self.messages.insert(name.clone());
            }
            Type::BlockPayload(name) | Type::Block(name) => {
                self.blocks.insert(name.clone());
            }
            Type::View(name) => {
                self.views.insert(name.clone());
            }
            _ => {}
        }
    }

    fn fields(&mut self, fields: &ir::Fields) {
        fields.values().for_each(|field| self.ty(&field.ty));
    }

    fn frame(&mut self, frame: &[ir::Local]) {
        frame.iter().for_each(|local| self.ty(&local.ty));
    }

    fn expr(&mut self, expr: &Expr) {
        expr.walk(&mut |expr| {
            self.ty(&expr.ty);
            match &expr.kind {
                ExprKind::Call(name, _) => {
                    self.functions.insert(name.clone());
                }
                ExprKind::Native(name, _) => {
                    self.natives.insert(name.clone());
                }
                ExprKind::Parameter(name) => {
                    self.parameters.insert(name.clone());
                }
                ExprKind::View(name, _) => {
                    self.views.insert(name.clone());
                }
                _ => {}
            }
        });
    }

    fn actions(&mut self, actions: &[Action]) {
        for action in actions {
            action.walk(&mut |action| {
                action.expressions().into_iter().for_each(|e| self.expr(e));
                match action {
                    Action::Send { message, .. }
                    | Action::Broadcast { message, .. }
                    | Action::Gossip { message, .. } => {
                        self.messages.insert(message.clone());
                    }
                    Action::Append { block, .. } => {
                        self.blocks.insert(block.clone());
                    }
                    Action::Start { task, .. } => {
                        self.tasks.insert(task.clone());
                    }
                    Action::Assign { path, .. } => path.iter().for_each(|s| self.ty(&s.ty)),
                    Action::Let { .. } | Action::If { .. } | Action::For { .. } | Action::Abort { .. } => {}
                }
            });
        }
    }

    fn cause(&mut self, cause: &ir::Cause) {
        match cause {
            ir::Cause::Message(name) => {
                self.messages.insert(name.clone());
            }
            ir::Cause::Task(name) => {
                self.tasks.insert(name.clone());
            }
            ir::Cause::Auto | ir::Cause::Trigger(_) | ir::Cause::Timeout(_) | ir::Cause::Period(_) => {}
        }
    }

    fn actor(&mut self, actor: &ir::Actor) {
        self.fields(&actor.store);
        self.fields(&actor.shared);
        for trigger in actor.triggers.values() {
            trigger.arguments.iter().for_each(|a| self.ty(&a.ty));
        }
        for state in actor.states.values() {
            state.limits.iter().for_each(|l| self.expr(&l.value));
            for entry in &state.overrides {
                self.messages.insert(entry.message.clone());
                entry.guard.iter().for_each(|g| self.expr(g));
                self.frame(&entry.frame);
            }
            for handler in &state.handlers {
                match handler {
                    Handler::Transition(t) => {
                        self.cause(&t.cause);
                        t.lets.iter().for_each(|(_, e)| self.expr(e));
                        t.guard.iter().for_each(|g| self.expr(g));
                        self.actions(&t.then.actions);
                        t.otherwise.iter().for_each(|b| self.actions(&b.actions));
                        self.frame(&t.frame);
                    }
                    Handler::Collect(c) => {
                        self.messages.insert(c.message.clone());
                        c.guard.iter().for_each(|g| self.expr(g));
                        self.actions(&c.actions);
                        self.frame(&c.frame);
                    }
                }
            }
        }
    }

    fn function(&mut self, function: &ir::Function) {
        self.ty(&function.returns);
        self.frame(&function.frame);
        for statement in &function.body {
            statement.walk(&mut |s| s.expressions().into_iter().for_each(|e| self.expr(e)));
        }
    }
}

/// Puts the protocol together; `None` when a part is missing.
pub(super) fn emit(
    loaded: &Loaded,
    files: &[usize],
    tables: &Tables<'_>,
    parts: Parts,
    afters: &mut dyn FnMut(&str, &str) -> Option<ir::After>,
) -> Option<ir::Protocol> {
    let header = tables.scope.header?;
    let root = loaded.files.get(*files.first()?)?;
    let Parts { mut actors, functions, views } = parts;
    for (name, actor) in &mut actors {
        for (trigger_name, trigger) in &mut actor.triggers {
            let written = tables.signatures.actors.get(name.as_str())?.triggers.get(trigger_name.as_str())?;
            if written.decl.after.is_some() {
                trigger.after = Some(afters(name, trigger_name)?);
            }
        }
    }
    let mut protocol = ir::Protocol {
        ir_version: ir::IR_VERSION,
        number: number(header),
        session_key: tables.signatures.session_key.clone(),
        parameters: BTreeMap::new(),
        enums: BTreeMap::new(),
        structs: BTreeMap::new(),
        messages: BTreeMap::new(),
        blocks: BTreeMap::new(),
        views: BTreeMap::new(),
        functions: BTreeMap::new(),
        natives: BTreeMap::new(),
        tasks: BTreeMap::new(),
        actors,
        meta: meta(loaded, files, header, root),
    };
    let mut reached = Reached::default();
    protocol.actors.values().for_each(|actor| reached.actor(actor));
    for decl in tables.scope.types.values() {
        // A message belongs to the protocol when one of its actors is a party to it.
        if let TypeDecl::Message(m) = decl
            && m.from.iter().chain(&m.to).any(|n| tables.scope.actors.contains_key(n.text.as_str()))
        {
            reached.messages.insert(m.name.text.clone());
        }
    }
    close(&mut protocol, reached, tables, None, functions, views)?;
    Some(protocol)
}

/// A protocol with the functions of queries, and all they need.
pub(super) fn extend<'a>(
    protocol: &ir::Protocol,
    tables: &Tables<'a>,
    world: &World<'a>,
    queries: &BTreeMap<String, ir::Function>,
    functions: BTreeMap<String, ir::Function>,
    views: BTreeMap<String, Vec<ir::ViewHandler>>,
) -> Option<ir::Protocol> {
    let mut extended = protocol.clone();
    let mut reached = Reached::default();
    queries.values().for_each(|query| reached.function(query));
    extended.functions.extend(queries.clone());
    close(&mut extended, reached, tables, Some(world), functions, views)?;
    Some(extended)
}

fn meta(
    loaded: &Loaded,
    files: &[usize],
    header: &ast::Transaction,
    root: &super::load::LoadedFile,
) -> ir::ProtocolMeta {
    let sources = files
        .iter()
        .filter_map(|index| loaded.files.get(*index))
        .map(|file| format!("{}.omt", super::name_below(&root.folder, &file.path)))
        .collect();
    let uses = root
        .tree
        .decls
        .iter()
        .filter_map(|d| {
            if let ast::Decl::Uses(u) = d { Some((u.alias.text.clone(), u.path.text())) } else { None }
        })
        .collect();
    ir::ProtocolMeta {
        name: header.title.text.clone(),
        description: header.description.as_ref().map(|d| d.text.clone()),
        path: super::name_below(&root.folder, &root.path),
        doc: doc(&header.doc),
        sources,
        uses,
    }
}

/// Adds what is reached until nothing new is.
fn close<'a>(
    protocol: &mut ir::Protocol,
    mut reached: Reached,
    tables: &Tables<'a>,
    world: Option<&World<'a>>,
    functions: BTreeMap<String, ir::Function>,
    views: BTreeMap<String, Vec<ir::ViewHandler>>,
) -> Option<()> {
    loop {
        let mut grown = false;
        for name in std::mem::take(&mut reached.parameters) {
            if protocol.parameters.contains_key(&name) {
                continue;
            }
            let entry = tables.scope.parameters.get(name.as_str())?;
            let value = tables.signatures.parameters.get(name.as_str())?.clone()?;
            let written = match &entry.value {
                ast::ParameterValue::Number(n) => n.text.clone(),
                ast::ParameterValue::Name(n) => n.text.clone(),
            };
            let mut base = plain_meta(tables, &entry.name, 0, &entry.doc, &entry.text);
            base.order = tables.rank(entry.name.span);
            let unit = entry.unit.as_ref().map(|u| u.text.clone());
            let meta = ir::ParameterMeta { unit, written, base };
            protocol.parameters.insert(name, ir::Parameter { value, meta });
        }
        for ty in std::mem::take(&mut reached.types) {
            grown |= declared(protocol, &mut reached, tables, world, &ty)?;
        }
        for name in std::mem::take(&mut reached.messages) {
            if protocol.messages.contains_key(&name) {
                continue;
            }
            let (scope, theirs) = home(tables, world, &name);
            let decl = scope.message(theirs)?;
            let fields = super::actor::fields(tables, shape(tables, world, &name)?)?;
            reached.fields(&fields);
            let message = ir::Message {
                from: sorted(&decl.from),
                to: sorted(&decl.to),
                signed: decl.signed.is_some(),
                fields,
                meta: plain_meta(tables, &decl.name, tables.rank(decl.name.span), &decl.doc, &None),
            };
            protocol.messages.insert(name, message);
            grown = true;
        }
        for name in std::mem::take(&mut reached.blocks) {
            if protocol.blocks.contains_key(&name) {
                continue;
            }
            let (scope, theirs) = home(tables, world, &name);
            let decl = scope.block(theirs)?;
            let fields = super::actor::fields(tables, shape(tables, world, &name)?)?;
            reached.fields(&fields);
            let meta = plain_meta(tables, &decl.name, tables.rank(decl.name.span), &decl.doc, &None);
            protocol.blocks.insert(name, ir::Block { by: sorted(&decl.by), fields, meta });
            grown = true;
        }
        for name in std::mem::take(&mut reached.views) {
            if protocol.views.contains_key(&name) {
                continue;
            }
            let decl = tables.scope.view(&name)?;
            let handlers = views.get(&name)?.clone();
            let fields = super::actor::fields(tables, tables.signatures.shapes.get(name.as_str())?)?;
            reached.fields(&fields);
            for handler in &handlers {
                reached.blocks.insert(handler.block.clone());
                handler.guard.iter().for_each(|g| reached.expr(g));
                reached.actions(&handler.actions);
                reached.frame(&handler.frame);
            }
            let meta = plain_meta(tables, &decl.name, tables.rank(decl.name.span), &decl.doc, &decl.text);
            protocol.views.insert(name, ir::View { fields, handlers, meta });
            grown = true;
        }
        for name in std::mem::take(&mut reached.functions) {
            if protocol.functions.contains_key(&name) {
                continue;
            }
            let function = functions.get(&name)?.clone();
            reached.function(&function);
            protocol.functions.insert(name, function);
            grown = true;
        }
        for name in std::mem::take(&mut reached.natives) {
            if let Entry::Vacant(entry) = protocol.natives.entry(name) {
                let native = native(&mut reached, tables, entry.key())?;
                entry.insert(native);
                grown = true;
            }
        }
        for name in std::mem::take(&mut reached.tasks) {
            if let Entry::Vacant(entry) = protocol.tasks.entry(name) {
                let task = native(&mut reached, tables, entry.key())?;
                entry.insert(task);
                grown = true;
            }
        }
        if !grown && reached.parameters.is_empty() && reached.types.is_empty() {
            return Some(());
        }
    }
}

/// Where a type is declared, and what it is called there.
fn home<'t, 'a, 'n>(
    tables: &'t Tables<'a>,
    world: Option<&'t World<'a>>,
    name: &'n str,
) -> (&'t Scope<'a>, &'n str)
where
    't: 'n,
{
    match world.and_then(|world| Some((world, world.foreign(name)?))) {
        Some((world, foreign)) => (world.scope(tables, foreign.party), &foreign.name),
        None => (&tables.scope, name),
    }
}

/// The fields of a declared record, or of one that only queries know.
fn shape<'t, 'a>(tables: &'t Tables<'a>, world: Option<&'t World<'a>>, name: &str) -> Option<&'t Shape> {
    tables.signatures.shapes.get(name).or_else(|| world.and_then(|world| world.shape(name)))
}

/// Adds an enum or a struct; true when it is new.
fn declared<'a>(
    protocol: &mut ir::Protocol,
    reached: &mut Reached,
    tables: &Tables<'a>,
    world: Option<&World<'a>>,
    ty: &Type,
) -> Option<bool> {
    match ty {
        Type::Enum(name)
            if !protocol.enums.contains_key(name) && tables.scope.enumeration(name).is_none() =>
        {
            let values = world?.values(name)?.iter().map(|value| (value.clone(), ir::EnumValue::default()));
            let made = ir::Enum { values: values.collect(), meta: Meta::default() };
            protocol.enums.insert(name.clone(), made);
            Some(true)
        }
        Type::Struct(name)
            if !protocol.structs.contains_key(name)
                && world.is_some_and(|world| world.shape(name).is_some())
                && !tables.signatures.shapes.contains_key(name.as_str()) =>
        {
            let fields = super::actor::fields(tables, world?.shape(name)?)?;
            reached.fields(&fields);
            protocol.structs.insert(name.clone(), ir::Record { fields, meta: Meta::default() });
            Some(true)
        }
        Type::Enum(name) if !protocol.enums.contains_key(name) => {
            let decl = tables.scope.enumeration(name)?;
            let values = decl.values.iter().enumerate().map(|(order, value)| {
                let order = u32::try_from(order).unwrap_or(u32::MAX);
                let meta = plain_meta(tables, &value.name, order, &value.doc, &None);
                (value.name.text.clone(), ir::EnumValue { meta })
            });
            let meta = plain_meta(tables, &decl.name, tables.rank(decl.name.span), &decl.doc, &decl.text);
            protocol.enums.insert(name.clone(), ir::Enum { values: values.collect(), meta });
            Some(true)
        }
        Type::Struct(name)
            if tables.lenient.is_some()
                && !protocol.structs.contains_key(name)
                && *name == tables.signed_value() =>
        {
            let meta = Meta::default();
            let value = ir::Field { ty: Type::Any, meta: meta.clone() };
            let fields = [("value".to_owned(), value)].into();
            protocol.structs.insert(name.clone(), ir::Record { fields, meta });
            Some(true)
        }
        Type::Struct(name) if !protocol.structs.contains_key(name) => {
            let TypeDecl::Struct(decl) = tables.scope.types.get(name.as_str())? else { return None };
            let fields = super::actor::fields(tables, tables.signatures.shapes.get(name.as_str())?)?;
            reached.fields(&fields);
            let meta = plain_meta(tables, &decl.name, tables.rank(decl.name.span), &decl.doc, &decl.text);
            protocol.structs.insert(name.clone(), ir::Record { fields, meta });
            Some(true)
        }
        _ => Some(false),
    }
}

fn native(reached: &mut Reached, tables: &Tables<'_>, name: &str) -> Option<ir::Native> {
    let signature = tables.signatures.callables.get(name)?;
    let (Callable::Native(decl) | Callable::Task(decl)) = signature.decl else { return None };
    let mut parameters = Vec::new();
    for (field, ty) in decl.params.iter().zip(&signature.params) {
        let ty = ty.clone()?;
        reached.ty(&ty);
        parameters.push(ir::Local { ty, meta: ir::LocalMeta { name: field.name.text.clone() } });
    }
    let returns = signature.returns.clone()?;
    reached.ty(&returns);
    Some(ir::Native {
        parameters,
        returns,
        library: decl.library.text.clone(),
        meta: plain_meta(tables, &decl.name, tables.rank(decl.name.span), &decl.doc, &None),
    })
}

fn sorted(names: &[ast::Ident]) -> Vec<String> {
    let all: BTreeSet<String> = names.iter().map(|n| n.text.clone()).collect();
    all.into_iter().collect()
}

fn plain_meta(
    tables: &Tables<'_>,
    name: &ast::Ident,
    order: u32,
    comment: &Option<ast::Doc>,
    text: &Option<ast::Text>,
) -> Meta {
    Meta { at: tables.at(name.span), order, doc: doc(comment), title: text.as_ref().map(|t| t.text.clone()) }
}

/// A part that should have been there is not: a defect of the compiler, shown rather than hidden.
pub(super) fn incomplete(at: crate::source::Span) -> Diagnostic {
    Diagnostic::new(super::codes::DEFECT, at, "the compiler lost a part of this transaction")
        .with_label("nothing is built from it")
        .with_help("this is a defect of the compiler, not of the source: please report it with the source")
}

/// Anything that the validator has to say is a defect of the compiler; it is shown rather than hidden.
pub(super) fn defects(protocol: &ir::Protocol, at: crate::source::Span) -> Vec<Diagnostic> {
    match ir::validate::validate(protocol) {
        Ok(()) => Vec::new(),
        Err(findings) => {
            let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
            vec![
                Diagnostic::new(
                    super::codes::DEFECT,
                    at,
                    format!("the compiler made {} of this transaction", plural(findings.len(), "wrong part")),
                )
                .with_label("nothing is built from it")
                .with_note(list.join("; "))
                .with_help(
                    "this is a defect of the compiler, not of the source: please report it with the source",
                ),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::source::{FileId, MemorySources, Span};

    /// No source brings it about, so the translation is broken by hand.
    #[test]
    fn a_protocol_that_the_validator_refuses_is_reported() {
        let source = "transaction 1 \"A\"\nactor A ( state IDLE initial )";
        let sources = MemorySources::new().with("a.omt", source);
        let analyzed = crate::sema::analyze(&sources, &["a.omt".into()]);
        let mut protocol = analyzed.units[0].protocol.clone().unwrap();
        let at = Span::new(FileId(0), 0, 11);
        assert_eq!(defects(&protocol, at), []);
        protocol.actors.get_mut("A").unwrap().initial = "NOWHERE".to_owned();
        let found = defects(&protocol, at);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code.id, found[0].span()), ("E0599", at));
        assert!(found[0].note.as_ref().is_some_and(|note| note.contains("NOWHERE")), "{found:?}");
    }
}
