//! References of declarations, items, actions and steps.

use super::scope::Scope;
use super::{Access, Filled, Id, Index, Kind, Symbol};
use crate::ide::engine::Analysis;
use omtc::sema::{Notes, UnitFile};
use omtc::source::{FileId, Span};
use omtc::syntax::ast::{
    self, Action, ActionKind, Actions, CauseKind, Decl, Event, Field, Filter, Ident, Item, ParameterValue,
    Record, RecordEntry, StepKind, Stmt, StmtKind, Transition, Type, ViewItem,
};
use std::collections::BTreeMap;

/// Resolves all files of a project.
pub(super) fn all(index: &mut Index, analysis: &Analysis) {
    let empty = Notes::default();
    for file in &analysis.report.files {
        let units = analysis.units_with(file.id);
        let own = units.first().filter(|known| known.unit.files.first().is_some_and(|f| f.id == file.id));
        let ids = |files: &[UnitFile]| files.iter().map(|f| f.id).collect::<Vec<FileId>>();
        let mut files = vec![file.id];
        match own {
            Some(known) => files = ids(&known.unit.files),
            None => units.iter().for_each(|known| files.extend(ids(&known.unit.files))),
        }
        // A library names actors that only those who import it declare.
        let mut wide = files.clone();
        units.iter().for_each(|known| wide.extend(ids(&known.unit.files)));
        wide.sort_unstable();
        wide.dedup();
        wide.retain(|id| !files.contains(id));
        let all: Vec<FileId> = files.iter().chain(&wide).copied().collect();
        let scope = Scope::new(index, &files);
        let outer = Scope::new(index, &all);
        let used = used_files(file, analysis).into_iter().map(|(alias, id)| {
            let files =
                analysis.units_with(id).first().map_or_else(|| vec![id], |known| ids(&known.unit.files));
            (alias, Scope::new(index, &files))
        });
        let used = used.collect();
        let notes = units.first().map_or(&empty, |known| &known.notes);
        let mut resolver =
            Resolver { index, scope: &scope, outer: &outer, used: &used, notes, place: Place::default() };
        for decl in &file.tree.decls {
            resolver.place = Place::default();
            resolver.declaration(decl);
        }
    }
}

/// Alias and file of everything that a file uses.
fn used_files(file: &UnitFile, analysis: &Analysis) -> BTreeMap<String, FileId> {
    let mut found = BTreeMap::new();
    for decl in &file.tree.decls {
        if let Decl::Uses(uses) = decl
            && let Some(path) = target(analysis, &uses.path.text())
        {
            found.insert(uses.alias.text.clone(), path);
        }
    }
    found
}

/// The file that a path of `imports` or `uses` means.
pub(crate) fn target(analysis: &Analysis, path: &str) -> Option<FileId> {
    let inner = format!("{path}/transaction");
    let files = &analysis.report.files;
    let found = files.iter().find(|f| f.name == path).or_else(|| files.iter().find(|f| f.name == inner));
    found.map(|file| file.id)
}

/// Where a name stands.
#[derive(Default)]
pub(super) struct Place {
    pub actor: Option<Id>,
    /// The message that caused it.
    pub message: Option<Id>,
    pub trigger: Option<Id>,
    pub function: Option<Id>,
    pub view: Option<Id>,
    /// The block that is folded.
    pub block: Option<Id>,
    /// Members of the cast, with what they play.
    pub cast: BTreeMap<String, (Id, Option<Id>)>,
    pub locals: Vec<(String, Id)>,
}

pub(super) struct Resolver<'i, 's> {
    pub index: &'i mut Index,
    pub scope: &'s Scope,
    /// With the files that import this one.
    pub outer: &'s Scope,
    /// What other transactions declare, by alias.
    pub used: &'s BTreeMap<String, Scope>,
    pub notes: &'s Notes,
    pub place: Place,
}

impl Resolver<'_, '_> {
    pub fn refer(&mut self, name: &Ident, symbol: Option<Id>, access: Access) {
        if let Some(symbol) = symbol {
            self.index.refer(name.span, symbol, access);
        }
    }

    /// A name that is known from here to the end of what it stands in.
    pub fn bind(&mut self, name: &Ident) {
        let owner = self.place.function.or(self.place.actor);
        let id = self.index.add(Symbol {
            kind: Kind::Local,
            name: name.text.clone(),
            owner,
            span: name.span,
            full: name.span,
            doc: String::new(),
            title: String::new(),
        });
        self.index.by_place.insert(name.span, id);
        self.place.locals.push((name.text.clone(), id));
    }

    pub fn scoped(&mut self, work: impl FnOnce(&mut Self)) {
        let locals = self.place.locals.len();
        work(self);
        self.place.locals.truncate(locals);
    }

    fn actors(&mut self, names: &[Ident]) {
        for name in names {
            self.actor_name(name);
        }
    }

    fn actor_name(&mut self, name: &Ident) {
        let actor = self.scope.actor(&name.text).or_else(|| self.outer.actor(&name.text));
        self.refer(name, actor, Access::Read);
    }

    pub fn ty(&mut self, ty: &Type) {
        let found = self.scope.ty(&ty.name.text);
        self.refer(&ty.name, found, Access::Read);
        ty.args.iter().for_each(|arg| self.ty(arg));
    }

    fn types(&mut self, fields: &[Field]) {
        fields.iter().for_each(|field| self.ty(&field.ty));
    }

    fn declaration(&mut self, decl: &Decl) {
        match decl {
            Decl::Transaction(_) | Decl::Imports(_) | Decl::Uses(_) | Decl::Enum(_) => {}
            Decl::Parameters(d) => {
                for entry in &d.entries {
                    if let ParameterValue::Name(name) = &entry.value {
                        let found = self.scope.values(&name.text).first().copied();
                        self.refer(name, found, Access::Read);
                    }
                }
            }
            Decl::Struct(d) => self.types(&d.fields.list),
            Decl::Message(d) => {
                self.actors(&d.from);
                self.actors(&d.to);
                self.types(&d.fields.list);
            }
            Decl::Block(d) => {
                self.actors(&d.by);
                self.types(&d.fields.list);
            }
            Decl::View(d) => self.view(d),
            Decl::Actor(d) => self.actor(d),
            Decl::Function(d) => {
                self.types(&d.params);
                self.ty(&d.result);
                self.place.function = self.index.declared_at(d.name.span);
                d.body.iter().for_each(|stmt| self.statement(stmt));
            }
            Decl::Native(d) | Decl::Task(d) => {
                self.types(&d.params);
                self.ty(&d.result);
            }
            Decl::Property(d) => match &d.claim {
                ast::Claim::Always(e)
                | ast::Claim::Never(e)
                | ast::Claim::Eventually(e)
                | ast::Claim::Sometimes(e) => self.expression(e),
                ast::Claim::Leads { from, to } => {
                    self.expression(from);
                    self.expression(to);
                }
            },
            Decl::Scenario(d) => self.scenario(d),
        }
    }

    fn view(&mut self, d: &ast::View) {
        self.place.view = self.index.declared_at(d.name.span);
        for item in &d.items {
            match item {
                ViewItem::Field(field) => self.ty(&field.ty),
                ViewItem::Fold(fold) => {
                    let block = self.scope.ty(&fold.block.text);
                    self.refer(&fold.block, block, Access::Handle);
                    self.place.block = block;
                    fold.guard.iter().for_each(|guard| self.expression(guard));
                    self.actions(&fold.actions);
                }
            }
        }
    }

    fn actor(&mut self, d: &ast::Actor) {
        self.place.actor = self.index.declared_at(d.name.span);
        for item in &d.items {
            self.place.message = None;
            self.place.trigger = None;
            self.scoped(|this| this.item(item));
        }
    }

    fn states(&mut self, names: &[Ident], access: Access) {
        for name in names {
            let state = self.own_member(Kind::State, &name.text);
            self.refer(name, state, access);
        }
    }

    /// A member of the actor that is being read.
    pub fn own_member(&self, kind: Kind, name: &str) -> Option<Id> {
        self.scope.member(self.place.actor?, kind, name)
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Store(block) | Item::Shared(block) => self.types(&block.fields.list),
            Item::Peers(peers) => {
                for entry in &peers.entries {
                    self.actor_name(&entry.role);
                    let field = self.own_member(Kind::StoreField, &entry.field.text);
                    self.refer(&entry.field, field, Access::Read);
                }
            }
            Item::Trigger(t) => {
                self.types(&t.params);
                self.states(&t.states, Access::Read);
                if let Some(after) = &t.after {
                    self.after(after);
                }
            }
            Item::State(_) => {}
            Item::Transition(t) => self.transition(t),
            Item::Override(o) => {
                self.message(&o.message, Access::Read);
                self.states(&o.states, Access::Read);
                o.guard.iter().for_each(|guard| self.expression(guard));
            }
            Item::Collect(c) => {
                self.message(&c.message, Access::Handle);
                self.states(&c.states, Access::Leave);
                let into = self.own_member(Kind::StoreField, &c.into.text);
                self.refer(&c.into, into, Access::Write);
                c.guard.iter().for_each(|guard| self.expression(guard));
                c.actions.iter().for_each(|actions| self.actions(actions));
            }
        }
    }

    fn after(&mut self, after: &ast::After) {
        let alias = self.scope.used(&after.transaction.text);
        self.refer(&after.transaction, alias, Access::Read);
        let Some(scope) = self.used.get(&after.transaction.text) else { return };
        let actor = scope.actor(&after.actor.text);
        self.refer(&after.actor, actor, Access::Read);
        let state = actor.and_then(|actor| scope.member(actor, Kind::State, &after.state.text));
        self.refer(&after.state, state, Access::Read);
    }

    /// The message of a cause, which guard and actions may look into.
    fn message(&mut self, name: &Ident, access: Access) {
        let message = self.scope.ty(&name.text);
        self.refer(name, message, access);
        self.place.message = message;
    }

    fn transition(&mut self, t: &Transition) {
        self.states(&t.from, Access::Leave);
        self.states(std::slice::from_ref(&t.to), Access::Enter);
        match &t.cause.kind {
            CauseKind::Auto => {}
            CauseKind::On(name) => {
                if let Some(trigger) = self.own_member(Kind::Trigger, &name.text) {
                    self.refer(name, Some(trigger), Access::Handle);
                    self.place.trigger = Some(trigger);
                } else if let Some(task) = self.scope.callable(&name.text) {
                    self.refer(name, Some(task), Access::Handle);
                } else {
                    self.message(name, Access::Handle);
                }
            }
            CauseKind::Timeout(path) => self.limit(path),
            CauseKind::Every(name) => self.limit(std::slice::from_ref(name)),
        }
        for binding in &t.lets {
            self.expression(&binding.value);
            self.bind(&binding.name);
        }
        t.guard.iter().for_each(|guard| self.expression(guard));
        if let Some(actions) = &t.actions {
            self.scoped(|this| this.actions(actions));
        }
        if let Some(otherwise) = &t.otherwise {
            self.states(std::slice::from_ref(&otherwise.to), Access::Enter);
            if let Some(actions) = &otherwise.actions {
                self.scoped(|this| this.actions(actions));
            }
        }
    }

    /// `timeout(a.b)`: a parameter, or a field of the store and its fields.
    fn limit(&mut self, path: &[Ident]) {
        let Some((first, rest)) = path.split_first() else { return };
        let found =
            self.own_member(Kind::StoreField, &first.text).or_else(|| self.scope.parameter(&first.text));
        self.refer(first, found, Access::Read);
        let mut at = found;
        for name in rest {
            at = at.and_then(|at| self.field_of_declared(at, &name.text));
            self.refer(name, at, Access::Read);
        }
    }

    /// The field of what a symbol is declared as.
    fn field_of_declared(&self, symbol: Id, name: &str) -> Option<Id> {
        let symbol = self.index.symbol(symbol)?;
        // Its type is noted nowhere, since a time limit is no expression; the last word of the declaration names it.
        let ty = self.notes.name(symbol.span);
        let record = ty.and_then(super::expression::record_of)?;
        self.scope.member(self.scope.ty(record)?, Kind::Field, name)
    }

    pub fn actions(&mut self, actions: &Actions) {
        actions.list.iter().for_each(|action| self.action(action));
    }

    fn action(&mut self, action: &Action) {
        match &action.kind {
            ActionKind::Store(names) => names.iter().for_each(|name| self.kept(name)),
            ActionKind::Assign { target, value }
            | ActionKind::StoreCall { target, value }
            | ActionKind::Lookup { target, value }
            | ActionKind::Append { target, value } => {
                self.target(target);
                self.expression(value);
            }
            ActionKind::AssignIndex { target, indices, value } => {
                self.target(target);
                indices.iter().for_each(|index| self.expression(index));
                self.expression(value);
            }
            ActionKind::Let { name, value } => {
                self.expression(value);
                self.bind(name);
            }
            ActionKind::AppendBlock { result, block, record } => {
                result.iter().for_each(|target| self.target(target));
                let declared = self.scope.ty(&block.text);
                self.refer(block, declared, Access::Emit);
                self.payload(block, declared, record.as_ref());
            }
            ActionKind::Send { to, message, record } | ActionKind::Broadcast { to, message, record } => {
                self.expression(to);
                let declared = self.scope.ty(&message.text);
                self.refer(message, declared, Access::Emit);
                self.payload(message, declared, record.as_ref());
            }
            ActionKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.scoped(|this| this.actions(then));
                if let Some(otherwise) = otherwise {
                    self.scoped(|this| this.actions(otherwise));
                }
            }
            ActionKind::For { var, list, body } => {
                self.expression(list);
                self.scoped(|this| {
                    this.bind(var);
                    this.actions(body);
                });
            }
            ActionKind::Abort(reason) => self.expression(reason),
            ActionKind::Start { task, args } => {
                let declared = self.scope.callable(&task.text);
                self.refer(task, declared, Access::Emit);
                args.iter().for_each(|arg| self.expression(arg));
            }
        }
    }

    /// `store x`: the field of the message, or the argument, and the field of the store.
    fn kept(&mut self, name: &Ident) {
        let store = self.stored(&name.text);
        self.refer(name, store, Access::Write);
        let from = match (self.place.message, self.place.trigger) {
            (Some(message), _) => self.scope.member(message, Kind::Field, &name.text),
            (None, Some(trigger)) => self.scope.member(trigger, Kind::Argument, &name.text),
            (None, None) => None,
        };
        self.refer(name, from, Access::Read);
    }

    /// A field of the store, of the shared store, or of a view.
    fn stored(&self, name: &str) -> Option<Id> {
        let field =
            self.own_member(Kind::StoreField, name).or_else(|| self.own_member(Kind::SharedField, name));
        field.or_else(|| self.scope.member(self.place.view?, Kind::Field, name))
    }

    fn target(&mut self, name: &Ident) {
        let local = self.place.locals.iter().rev().find(|(local, _)| *local == name.text).map(|(_, id)| *id);
        let found = local.or_else(|| self.stored(&name.text));
        self.refer(name, found, Access::Write);
    }

    /// The fields of a message or a block: those that are given, and those that the store fills.
    fn payload(&mut self, name: &Ident, declared: Option<Id>, record: Option<&Record>) {
        if let Some(record) = record {
            self.record(record, declared);
        }
        let Some(declared) = declared else { return };
        let given = |field: &str| {
            record.is_some_and(|record| {
                record.entries.iter().any(|entry| match entry {
                    RecordEntry::Field { name, .. } => name.text == field,
                    // It may give anything.
                    RecordEntry::Spread { .. } => true,
                })
            })
        };
        let fields: Vec<(String, Id)> =
            self.scope.members(declared, Kind::Field).map(|(name, id)| (name.to_owned(), id)).collect();
        for (field, id) in fields {
            if !given(&field)
                && let Some(store) = self.own_member(Kind::StoreField, &field)
            {
                let filled = Filled { at: name.span, record: record.map(|r| r.span), field: id, store };
                self.index.filled.push(filled);
            }
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Return(value) => self.expression(value),
            StmtKind::Assign { target, value } => {
                self.expression(value);
                let known = self.place.locals.iter().rev().find(|(name, _)| *name == target.text);
                match known.map(|(_, id)| *id) {
                    Some(local) => self.refer(target, Some(local), Access::Write),
                    None => self.bind(target),
                }
            }
            StmtKind::AssignIndex { target, index, value } => {
                self.expression(index);
                self.expression(value);
                let known = self.place.locals.iter().rev().find(|(name, _)| *name == target.text);
                let known = known.map(|(_, id)| *id);
                self.refer(target, known, Access::Write);
            }
            StmtKind::For { var, list, body } => {
                self.expression(list);
                // Locals that the body assigns are known behind it, the variable is not.
                self.bind(var);
                let slot = self.place.locals.len().saturating_sub(1);
                self.statement(body);
                self.place.locals.remove(slot);
            }
            StmtKind::Block(list) => list.iter().for_each(|stmt| self.statement(stmt)),
            StmtKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.statement(then);
                otherwise.iter().for_each(|stmt| self.statement(stmt));
            }
        }
    }

    fn scenario(&mut self, d: &ast::Scenario) {
        for step in &d.steps {
            if let StepKind::Cast(members) = &step.kind {
                for member in members {
                    let actor = self.scope.actor(&member.actor.text);
                    if let Some(id) = self.index.declared_at(member.name.span) {
                        self.place.cast.insert(member.name.text.clone(), (id, actor));
                    }
                }
            }
        }
        for step in &d.steps {
            self.step(&step.kind);
        }
    }

    fn member(&mut self, name: &Ident) -> Option<Id> {
        let (member, actor) = self.place.cast.get(&name.text).copied().unzip();
        self.refer(name, member, Access::Read);
        actor.flatten()
    }

    fn arrow(&mut self, arrow: &ast::Arrow) -> Option<Id> {
        self.member(&arrow.from);
        self.member(&arrow.to);
        let message = self.scope.ty(&arrow.message.text);
        let message = message.or_else(|| self.used.values().find_map(|used| used.ty(&arrow.message.text)));
        self.refer(&arrow.message, message, Access::Read);
        message
    }

    fn step(&mut self, step: &StepKind) {
        match step {
            StepKind::Parameters(entries) => {
                for entry in entries {
                    let found = self.scope.parameter(&entry.name.text);
                    self.refer(&entry.name, found, Access::Write);
                }
            }
            StepKind::Cast(members) => {
                for member in members {
                    self.actor_name(&member.actor);
                    let actor = self.scope.actor(&member.actor.text);
                    if let Some(setup) = &member.setup {
                        self.setup(setup, actor);
                    }
                }
            }
            StepKind::At { time, event } => {
                self.expression(time);
                self.event(event);
            }
            StepKind::Disturb { message, filters, .. } => {
                let found = self.scope.ty(&message.text);
                self.refer(message, found, Access::Read);
                for filter in filters {
                    match filter {
                        Filter::From(name) | Filter::To(name) => {
                            self.member(name);
                        }
                        Filter::By(e) | Filter::Times(e) | Filter::Nth(e) => self.expression(e),
                    }
                }
            }
            StepKind::Expect { condition, within } => {
                self.expression(condition);
                within.iter().for_each(|within| self.expression(within));
            }
            StepKind::ExpectSequence(arrows) => {
                for arrow in arrows {
                    self.arrow(arrow);
                }
            }
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Trigger { peer, trigger, args } => {
                let actor = self.member(peer);
                let own = actor.and_then(|actor| self.scope.member(actor, Kind::Trigger, &trigger.text));
                self.refer(trigger, own, Access::Emit);
                args.iter().for_each(|arg| self.expression(arg));
            }
            Event::Inject { arrow, record } => {
                let message = self.arrow(arrow);
                if let Some(record) = record {
                    self.record(record, message);
                }
            }
            Event::Crash(name) | Event::Restart(name) => {
                self.member(name);
            }
            Event::Partition(one, other) => {
                for name in one.iter().chain(other) {
                    self.member(name);
                }
            }
            Event::Heal => {}
        }
    }

    /// `{ chain […], shared {…}, natives { f value } }`
    fn setup(&mut self, setup: &Record, actor: Option<Id>) {
        for entry in &setup.entries {
            let RecordEntry::Field { name, value, .. } = entry else { continue };
            let kind = match name.text.as_str() {
                "shared" => Some(Kind::SharedField),
                "natives" => Some(Kind::Native),
                _ => None,
            };
            let inner = if let ast::ExprKind::Record(record) = &value.kind { Some(record) } else { None };
            match (kind, inner) {
                (Some(kind), Some(record)) => {
                    for entry in &record.entries {
                        let RecordEntry::Field { name, value, .. } = entry else { continue };
                        let found = if kind == Kind::Native {
                            self.scope.callable(&name.text)
                        } else {
                            actor.and_then(|actor| self.scope.member(actor, kind, &name.text))
                        };
                        self.refer(name, found, Access::Write);
                        self.expression(value);
                    }
                }
                _ => self.expression(value),
            }
        }
    }

    /// Fields of a record, of which it is known what it is.
    pub fn record(&mut self, record: &Record, declared: Option<Id>) {
        for entry in &record.entries {
            match entry {
                RecordEntry::Field { name, value, .. } => {
                    let field = declared.and_then(|d| self.scope.member(d, Kind::Field, &name.text));
                    self.refer(name, field, Access::Write);
                    self.expression(value);
                }
                RecordEntry::Spread { value, .. } => self.expression(value),
            }
        }
    }

    /// What is noted of a place.
    pub fn noted(&self, span: Span) -> Option<&omt_runtime::ir::Type> {
        self.notes.value(span).or_else(|| self.notes.name(span))
    }
}
