//! What a transaction declares and nobody uses (LANGUAGE 5.2). A name counts as used when it stands anywhere else in
//! the unit: that misses a few, and never blames a name that something needs.

use super::codes;
use super::context::Tables;
use super::load::Loaded;
use super::scope::{TypeDecl, view_field};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet};

/// Fields that the language fills or reads by itself.
const FILLED: &[&str] = &["timestamp"];

/// Reports unused declarations of a root file.
pub(super) fn check(loaded: &Loaded, files: &[usize], tables: &Tables<'_>, out: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files.iter().filter_map(|i| loaded.files.get(*i)) {
        let Some(source) = loaded.sources.get(file.id) else { continue };
        for word in words(source.text()) {
            let count = counts.entry(word).or_default();
            *count = count.saturating_add(1);
        }
    }
    let Some(root) = files.first().and_then(|i| loaded.files.get(*i)) else { return };
    imports(loaded, root, out);
    if tables.scope.header.is_none() {
        return;
    }
    let key = tables.signatures.session_key.as_str();
    let mut once = |kind: &str, name: &ast::Ident| {
        let text = name.text.as_str();
        let used = counts.get(text).is_none_or(|n| *n > 1) || text == key || FILLED.contains(&text);
        if !used && name.span.file == tables.scope.root {
            out.push(unused(kind, text, name.span));
        }
    };
    for entry in tables.scope.parameters.values() {
        once("parameter", &entry.name);
    }
    for decl in tables.scope.types.values() {
        match decl {
            TypeDecl::Enum(d) => {
                once("enum", &d.name);
                d.values.iter().for_each(|v| once("enum value", &v.name));
            }
            TypeDecl::Struct(d) => {
                once("struct", &d.name);
                d.fields.list.iter().for_each(|f| once("field", &f.name));
            }
            TypeDecl::Message(d) => d.fields.list.iter().for_each(|f| once("field", &f.name)),
            TypeDecl::Block(d) => d.fields.list.iter().for_each(|f| once("field", &f.name)),
            TypeDecl::View(d) => {
                once("view", &d.name);
                d.items.iter().filter_map(view_field).for_each(|f| once("field", &f.name));
            }
        }
    }
    for decl in tables.scope.callables.values() {
        once("function", decl.name());
        // The names of a native's parameters are for its host.
        if let super::scope::Callable::Function(f) = decl {
            f.params.iter().for_each(|p| once("parameter", &p.name));
        }
    }
    for actor in tables.scope.actors.values() {
        for item in &actor.items {
            match item {
                ast::Item::Store(b) | ast::Item::Shared(b) => {
                    b.fields.list.iter().for_each(|f| once("store field", &f.name));
                }
                ast::Item::Trigger(t) => once("trigger", &t.name),
                ast::Item::Peers(_)
                | ast::Item::State(_)
                | ast::Item::Transition(_)
                | ast::Item::Override(_)
                | ast::Item::Collect(_) => {}
            }
        }
    }
    locals(loaded, root, out);
}

fn unused(kind: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::UNUSED, span, format!("the {kind} `{name}` is never used"))
        .with_label("declared here, and named nowhere else")
        .with_help("remove it, or use it")
}

/// Imports of which no name is used.
fn imports(loaded: &Loaded, root: &super::load::LoadedFile, out: &mut Vec<Diagnostic>) {
    let Some(source) = loaded.sources.get(root.id) else { return };
    let used: BTreeSet<&str> = words(source.text()).collect();
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
                    .with_help("remove the import"),
            );
        }
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

/// Locals of functions and `let`s that are never read.
fn locals(loaded: &Loaded, root: &super::load::LoadedFile, out: &mut Vec<Diagnostic>) {
    for decl in &root.tree.decls {
        match decl {
            ast::Decl::Function(f) => {
                let mut names = Vec::new();
                f.body.iter().for_each(|s| assigned(s, &mut names));
                let names: Vec<&ast::Ident> =
                    names.into_iter().filter(|n| !f.params.iter().any(|p| p.name.text == n.text)).collect();
                never_read(loaded, f.span, &names, out);
            }
            ast::Decl::Actor(actor) => {
                for item in &actor.items {
                    if let ast::Item::Transition(t) = item {
                        let names: Vec<&ast::Ident> = t.lets.iter().map(|l| &l.name).collect();
                        never_read(loaded, t.span, &names, out);
                    }
                }
            }
            ast::Decl::Transaction(_)
            | ast::Decl::Imports(_)
            | ast::Decl::Uses(_)
            | ast::Decl::Parameters(_)
            | ast::Decl::Enum(_)
            | ast::Decl::Struct(_)
            | ast::Decl::Message(_)
            | ast::Decl::Block(_)
            | ast::Decl::View(_)
            | ast::Decl::Native(_)
            | ast::Decl::Task(_)
            | ast::Decl::Property(_)
            | ast::Decl::Scenario(_) => {}
        }
    }
}

fn never_read(loaded: &Loaded, within: Span, names: &[&ast::Ident], out: &mut Vec<Diagnostic>) {
    let text = loaded.sources.slice(within);
    for name in names {
        if words(text).filter(|w| *w == name.text).count() == 1 {
            out.push(unused("local", &name.text, name.span));
        }
    }
}

fn assigned<'a>(stmt: &'a ast::Stmt, out: &mut Vec<&'a ast::Ident>) {
    match &stmt.kind {
        ast::StmtKind::Assign { target, .. } => out.push(target),
        ast::StmtKind::For { body, .. } => assigned(body, out),
        ast::StmtKind::Block(list) => list.iter().for_each(|s| assigned(s, out)),
        ast::StmtKind::If { then, otherwise, .. } => {
            assigned(then, out);
            otherwise.iter().for_each(|s| assigned(s, out));
        }
        ast::StmtKind::Return(_) | ast::StmtKind::AssignIndex { .. } => {}
    }
}

/// The words of a text, without those of comments and strings.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let mut found = Vec::new();
        // Every other part between quotes is a string, which ends with its line.
        for (index, part) in line.split('"').enumerate() {
            if index % 2 == 1 {
                continue;
            }
            let (code, comment) = part.split_once('#').map_or((part, false), |(code, _)| (code, true));
            let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
            found.extend(code.split(|c: char| !is_letter(c)).filter(|w| !w.is_empty()));
            if comment {
                break;
            }
        }
        found
    })
}
