//! What a transaction declares and nobody uses (LANGUAGE 5.2): declarations, parameters, locals, imports.
//!
//! A name that is only written counts as unused. Since nothing may hide anything else, a name stands for the same
//! thing wherever it is read in its scope. Fields of stores, messages, structs and views are judged on the IR, by
//! `check::conversation`, which knows what fills a payload and what a function reads.

use super::codes;
use super::context::Tables;
use super::load::{Loaded, LoadedFile};
use super::scope::{Callable, TypeDecl};
use crate::check::TRANSACTION_FILE;
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::fix::whole_line;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::syntax::mentions::{self, Use};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Names by what they are used as.
#[derive(Default)]
struct Uses<'a> {
    all: BTreeSet<(Use, &'a str)>,
}

impl<'a> Uses<'a> {
    fn see(&mut self, used: Use, name: &'a ast::Ident) {
        self.all.insert((used, name.text.as_str()));
    }

    fn of(walk: impl FnOnce(&mut dyn FnMut(Use, &'a ast::Ident))) -> Self {
        let mut uses = Uses::default();
        walk(&mut |used, name| uses.see(used, name));
        uses
    }

    /// Is the name used as one of these?
    fn has(&self, name: &str, kinds: &[Use]) -> bool {
        kinds.iter().any(|kind| self.all.contains(&(*kind, name)))
    }
}

/// As what a value is read.
const READ: &[Use] = &[Use::Value, Use::Callee];

/// Reports unused declarations of a root file.
pub(super) fn check(loaded: &Loaded, files: &[usize], tables: &Tables<'_>, out: &mut Vec<Diagnostic>) {
    let Some(root) = files.first().and_then(|i| loaded.files.get(*i)) else { return };
    imports(loaded, root, out);
    if tables.scope.header.is_none() {
        return;
    }
    let mut uses = Uses::default();
    for file in files.iter().filter_map(|i| loaded.files.get(*i)) {
        for decl in &file.tree.decls {
            // What a type says about itself is no use of it.
            let own = decl.name().map(|n| n.text.as_str());
            mentions::declaration(decl, &mut |used, name| {
                if used != Use::Type || own != Some(name.text.as_str()) {
                    uses.see(used, name);
                }
            });
        }
    }
    // What somebody else imports is there for them, too.
    let imported = loaded.files.iter().flat_map(|f| &f.imports).any(|(_, t)| *t == files.first().copied());
    if !imported {
        declarations(loaded, files, tables, &uses, out);
    }
    for decl in &root.tree.decls {
        match decl {
            ast::Decl::Function(f) => {
                // What is passed as a value has the parameters that its caller gives it.
                let passed = uses.has(&f.name.text, &[Use::Value]);
                function(f, passed, out);
            }
            ast::Decl::Actor(a) => actor(a, tables, out),
            ast::Decl::View(v) => {
                for fold in v.items.iter().filter_map(fold) {
                    let read = Uses::of(|see| {
                        fold.guard.iter().for_each(|g| mentions::expression(g, see));
                        mentions::actions(&fold.actions, see);
                    });
                    lets(&fold.actions, &read, out);
                }
            }
            ast::Decl::Uses(u) => alias(u, root, out),
            ast::Decl::Transaction(_)
            | ast::Decl::Imports(_)
            | ast::Decl::Parameters(_)
            | ast::Decl::Enum(_)
            | ast::Decl::Struct(_)
            | ast::Decl::Message(_)
            | ast::Decl::Block(_)
            | ast::Decl::Native(_)
            | ast::Decl::Task(_)
            | ast::Decl::Property(_)
            | ast::Decl::Scenario(_) => {}
        }
    }
}

fn unused(kind: &str, name: &ast::Ident, label: &str) -> Diagnostic {
    Diagnostic::new(codes::UNUSED, name.span, format!("the {kind} `{}` is never used", name.text))
        .with_label(label.to_owned())
        .with_note("what is declared and not used is a mistake, or noise")
        .with_help("remove it, or use it")
}

/// A declaration with its documentation, as it would be removed: whole lines where nothing else stands on them.
fn whole_lines(text: &str, span: Span, doc: Option<&ast::Doc>) -> Span {
    whole_line(text, doc.map_or(span, |doc| span.to(doc.span)))
}

/// The root and its parts: files beside a `transaction.omt` that nobody else imports.
fn parts(loaded: &Loaded, files: &[usize]) -> BTreeSet<FileId> {
    let Some(root) = files.first().and_then(|index| loaded.files.get(*index)) else { return BTreeSet::new() };
    let alone = root.path.file_name().is_some_and(|name| name == TRANSACTION_FILE);
    let beside = |path: &Path| alone && path.parent() == root.path.parent();
    let parts = files.iter().filter(|index| {
        let importers = loaded.files.iter().filter(|f| f.imports.iter().any(|(_, to)| *to == Some(**index)));
        importers.into_iter().all(|importer| beside(&importer.path))
    });
    let parts = parts.filter_map(|index| loaded.files.get(*index));
    parts.filter(|part| part.id == root.id || beside(&part.path)).map(|part| part.id).collect()
}

fn declarations(
    loaded: &Loaded,
    files: &[usize],
    tables: &Tables<'_>,
    uses: &Uses<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let own = parts(loaded, files);
    let whole = |span: Span, doc: Option<&ast::Doc>| {
        whole_lines(loaded.sources.get(span.file).map_or("", |file| file.text()), span, doc)
    };
    let mut once = |kind: &str, name: &ast::Ident, remove: Option<Span>, as_what: &[Use]| {
        if own.contains(&name.span.file) && !uses.has(&name.text, as_what) {
            let found = unused(kind, name, "declared here, and used nowhere");
            // Probable, not certain: it may be there for what is to be written next.
            let fix =
                |span| Fix::new(Applicability::Unsafe, format!("remove `{}`", name.text)).replace(span, "");
            out.push(match remove {
                Some(span) => found.with_fix(fix(span)),
                None => found,
            });
        }
    };
    for entry in tables.scope.parameters.values() {
        once("parameter", &entry.name, Some(whole(entry.span, entry.doc.as_ref())), READ);
    }
    for decl in tables.scope.types.values() {
        match decl {
            TypeDecl::Enum(d) => {
                once("enum", &d.name, Some(whole(d.span, d.doc.as_ref())), &[Use::Type, Use::Value]);
                // Of an enum that nothing uses, one finding is enough.
                if uses.has(&d.name.text, &[Use::Type, Use::Value]) {
                    d.values
                        .iter()
                        .for_each(|v| once("enum value", &v.name, None, &[Use::Value, Use::Member]));
                }
            }
            TypeDecl::Struct(d) => once("struct", &d.name, Some(whole(d.span, d.doc.as_ref())), &[Use::Type]),
            TypeDecl::View(d) => {
                once("view", &d.name, Some(whole(d.span, d.doc.as_ref())), &[Use::Type, Use::Value])
            }
            TypeDecl::Block(d) => {
                once("block", &d.name, Some(whole(d.span, d.doc.as_ref())), &[Use::Type, Use::Effect])
            }
            // A message that nobody sends or handles is an error of the conversation.
            TypeDecl::Message(_) => {}
        }
    }
    for decl in tables.scope.callables.values() {
        match decl {
            Callable::Function(d) => once("function", &d.name, Some(whole(d.span, d.doc.as_ref())), READ),
            Callable::Native(d) => {
                once("native function", &d.name, Some(whole(d.span, d.doc.as_ref())), READ)
            }
            Callable::Task(d) => once("task", &d.name, Some(whole(d.span, d.doc.as_ref())), &[Use::Effect]),
        }
    }
}

/// `uses` without an `after`.
fn alias(decl: &ast::Uses, root: &LoadedFile, out: &mut Vec<Diagnostic>) {
    let named = root.tree.decls.iter().any(|other| match other {
        ast::Decl::Actor(actor) => actor.items.iter().any(|item| match item {
            ast::Item::Trigger(t) => {
                t.after.as_ref().is_some_and(|after| after.transaction.text == decl.alias.text)
            }
            _ => false,
        }),
        _ => false,
    });
    if !named {
        out.push(unused("name", &decl.alias, "no trigger is fired `after` this transaction"));
    }
}

/// Imports of which no name is used.
fn imports(loaded: &Loaded, root: &LoadedFile, out: &mut Vec<Diagnostic>) {
    let used: BTreeSet<&str> =
        Uses::of(|see| root.tree.decls.iter().for_each(|d| mentions::declaration(d, see)))
            .all
            .into_iter()
            .filter(|(used, _)| {
                !matches!(used, Use::Given | Use::Bind | Use::Target | Use::Holder | Use::State)
            })
            .map(|(_, name)| name)
            .collect();
    for (span, target) in &root.imports {
        let Some(target) = target else { continue };
        let provides = loaded.with_imports(*target).into_iter().any(|index| {
            loaded.files.get(index).is_some_and(|file| declared(&file.tree).any(|name| used.contains(name)))
        });
        if !provides {
            let path = loaded.sources.slice(*span);
            out.push(
                Diagnostic::new(codes::UNUSED, *span, format!("nothing of `{path}` is used"))
                    .with_label("imported for nothing")
                    .with_help("remove the import")
                    .with_fix(remove_import(loaded, root, *span)),
            );
        }
    }
}

/// Certain: a name of which nothing is used cannot be missed.
fn remove_import(loaded: &Loaded, root: &LoadedFile, path: Span) -> Fix {
    let fix = Fix::new(Applicability::Safe, "remove the import");
    let text = loaded.sources.get(root.id).map_or("", |file| file.text());
    let decl = root.tree.decls.iter().find_map(|decl| match decl {
        ast::Decl::Imports(d) if d.path.span == path => Some(d),
        _ => None,
    });
    match decl {
        Some(d) => fix.replace(whole_lines(text, d.span, d.doc.as_ref()), ""),
        None => fix,
    }
}

fn declared(tree: &ast::File) -> impl Iterator<Item = &str> {
    tree.decls.iter().flat_map(|decl| {
        let mut names: Vec<&str> = decl.name().into_iter().map(|n| n.text.as_str()).collect();
        match decl {
            ast::Decl::Parameters(p) => names.extend(p.entries.iter().map(|e| e.name.text.as_str())),
            ast::Decl::Enum(e) => names.extend(e.values.iter().map(|v| v.name.text.as_str())),
            ast::Decl::Transaction(_)
            | ast::Decl::Imports(_)
            | ast::Decl::Uses(_)
            | ast::Decl::Struct(_)
            | ast::Decl::Message(_)
            | ast::Decl::Block(_)
            | ast::Decl::View(_)
            | ast::Decl::Actor(_)
            | ast::Decl::Function(_)
            | ast::Decl::Native(_)
            | ast::Decl::Task(_)
            | ast::Decl::Property(_)
            | ast::Decl::Scenario(_) => {}
        }
        names
    })
}

/// Parameters that the body does not read, and locals that it only writes.
fn function(decl: &ast::Function, passed: bool, out: &mut Vec<Diagnostic>) {
    let uses = Uses::of(|see| decl.body.iter().for_each(|s| mentions::statement(s, see)));
    for param in decl.params.iter().filter(|p| !passed && !uses.has(&p.name.text, READ)) {
        out.push(
            unused("parameter", &param.name, &format!("{} does not read it", decl.name.text))
                .with_help("use it, or remove it here and from every call"),
        );
    }
    let mut names: BTreeMap<&str, &ast::Ident> = BTreeMap::new();
    decl.body.iter().for_each(|s| assigned(s, &mut names));
    for name in names.values() {
        if !decl.params.iter().any(|p| p.name.text == name.text) && !uses.has(&name.text, READ) {
            out.push(unused("local", name, "assigned, and never read"));
        }
    }
}

/// The first assignment of each local.
fn assigned<'a>(stmt: &'a ast::Stmt, out: &mut BTreeMap<&'a str, &'a ast::Ident>) {
    match &stmt.kind {
        ast::StmtKind::Assign { target, .. } => {
            out.entry(&target.text).or_insert(target);
        }
        ast::StmtKind::For { body, .. } => assigned(body, out),
        ast::StmtKind::Block(list) => list.iter().for_each(|s| assigned(s, out)),
        ast::StmtKind::If { then, otherwise, .. } => {
            assigned(then, out);
            otherwise.iter().for_each(|s| assigned(s, out));
        }
        ast::StmtKind::Return(_) | ast::StmtKind::AssignIndex { .. } => {}
    }
}

fn actor(decl: &ast::Actor, tables: &Tables<'_>, out: &mut Vec<Diagnostic>) {
    let transitions = || {
        decl.items.iter().filter_map(|item| match item {
            ast::Item::Transition(t) => Some(t),
            _ => None,
        })
    };
    for item in &decl.items {
        match item {
            ast::Item::Trigger(trigger) => {
                let mut caused = transitions()
                    .filter(|t| matches!(&t.cause.kind, ast::CauseKind::On(n) if n.text == trigger.name.text))
                    .peekable();
                if caused.peek().is_none() {
                    out.push(unused("trigger", &trigger.name, "no transition is caused by it"));
                    continue;
                }
                let uses = Uses::of(|see| caused.for_each(|t| mentions::transition(t, see)));
                for param in &trigger.params {
                    let name = param.name.text.as_str();
                    // The argument of the session key's name gives the instance its id.
                    if name != tables.signatures.session_key
                        && !uses.has(name, &[Use::Value, Use::Callee, Use::Bind])
                    {
                        let label = format!("no transition on {} reads or stores it", trigger.name.text);
                        out.push(unused("argument", &param.name, &label));
                    }
                }
            }
            ast::Item::Transition(t) => {
                let uses = Uses::of(|see| mentions::transition(t, see));
                for name in t.lets.iter().map(|l| &l.name).filter(|n| !uses.has(&n.text, READ)) {
                    out.push(unused("local", name, "computed, and never read"));
                }
                t.actions.iter().for_each(|a| lets(a, &uses, out));
                t.otherwise.iter().flat_map(|o| &o.actions).for_each(|a| lets(a, &uses, out));
            }
            ast::Item::Collect(c) => {
                if let Some(actions) = &c.actions {
                    let uses = Uses::of(|see| mentions::item(item, see));
                    lets(actions, &uses, out);
                }
            }
            ast::Item::Peers(peers) => peers.entries.iter().for_each(|e| entry(e, decl, tables, out)),
            ast::Item::Store(_) | ast::Item::Shared(_) | ast::Item::State(_) | ast::Item::Override(_) => {}
        }
    }
}

/// A role that no message connects with the actor.
fn entry(entry: &ast::PeerEntry, actor: &ast::Actor, tables: &Tables<'_>, out: &mut Vec<Diagnostic>) {
    let role = entry.role.text.as_str();
    let own = actor.name.text.as_str();
    let named = |list: &[ast::Ident], name: &str| list.iter().any(|n| n.text == name);
    let talks = tables.scope.types.values().any(|decl| match decl {
        TypeDecl::Message(m) => {
            (named(&m.from, role) && named(&m.to, own)) || (named(&m.from, own) && named(&m.to, role))
        }
        TypeDecl::Enum(_) | TypeDecl::Struct(_) | TypeDecl::Block(_) | TypeDecl::View(_) => false,
    });
    if !talks {
        let label = format!("no message goes from {role} to {own}, or back");
        out.push(unused("roster entry", &entry.role, &label));
    }
}

/// `let`s of actions that nothing in `uses` reads.
fn lets(list: &ast::Actions, uses: &Uses<'_>, out: &mut Vec<Diagnostic>) {
    for action in &list.list {
        match &action.kind {
            ast::ActionKind::Let { name, .. } => {
                if !uses.has(&name.text, READ) {
                    out.push(unused("local", name, "computed, and never read"));
                }
            }
            ast::ActionKind::If { then, otherwise, .. } => {
                lets(then, uses, out);
                otherwise.iter().for_each(|a| lets(a, uses, out));
            }
            ast::ActionKind::For { body, .. } => lets(body, uses, out),
            ast::ActionKind::Store(_)
            | ast::ActionKind::Assign { .. }
            | ast::ActionKind::StoreCall { .. }
            | ast::ActionKind::Lookup { .. }
            | ast::ActionKind::AssignIndex { .. }
            | ast::ActionKind::Append { .. }
            | ast::ActionKind::AppendBlock { .. }
            | ast::ActionKind::Send { .. }
            | ast::ActionKind::Broadcast { .. }
            | ast::ActionKind::Abort(_)
            | ast::ActionKind::Start { .. } => {}
        }
    }
}

fn fold(item: &ast::ViewItem) -> Option<&ast::Fold> {
    match item {
        ast::ViewItem::Fold(fold) => Some(fold),
        ast::ViewItem::Field(_) => None,
    }
}
