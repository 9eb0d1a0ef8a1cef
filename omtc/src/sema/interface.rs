//! What of the sources others can see: everything but how the machines react, and what is claimed of them.
//!
//! Two texts are the same here only if nobody outside can tell them apart, so what was found out with one of them holds
//! with the other. Comments and white space inside of a declaration count: to compare texts is all that this does.

use super::flow::Flows;
use super::load::Loaded;
use super::scope::Scope;
use super::signature::Signatures;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The files that are reached from one by `imports` and `uses`, itself first.
pub(super) fn reached(loaded: &Loaded, root: usize) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![root];
    let mut found = Vec::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Some(file) = loaded.files.get(index) else { continue };
        found.push(index);
        let imports = file.imports.iter().map(|(_, target)| *target);
        open.extend(imports.chain(file.uses.iter().map(|(_, _, target)| *target)).flatten());
    }
    found
}

/// What properties and scenarios of a file can see.
pub(super) fn of_observers(loaded: &Loaded, root: usize) -> String {
    let mut text = String::new();
    reached(loaded, root).into_iter().for_each(|index| declarations(loaded, index, &mut text));
    text
}

/// What a unit can see of the files that it reaches by `uses` and not by `imports`.
pub(super) fn of_used(loaded: &Loaded, outside: &[usize]) -> String {
    let mut text = String::new();
    for index in outside {
        declarations(loaded, *index, &mut text);
        // `after` relies on what is set in a state.
        let mut muted = Vec::new();
        let scope = Scope::new(loaded, &loaded.with_imports(*index), &mut muted);
        let signatures = Signatures::new(&scope, None, &mut muted);
        let flows = Flows::new(&scope, &signatures);
        for (actor, info) in &signatures.actors {
            for state in info.states.keys() {
                let _ = writeln!(text, "{actor} {state} {:?}", flows.set_in(actor, state));
            }
        }
    }
    text
}

/// The declarations of a file as they are written, machines without their reactions.
fn declarations(loaded: &Loaded, index: usize, text: &mut String) {
    let Some(file) = loaded.files.get(index) else { return };
    let id = |target: Option<usize>| target.and_then(|index| loaded.files.get(index)).map(|file| file.id);
    let _ = writeln!(text, "\u{0} {:?} {} {}", file.id, file.path.display(), file.folder.display());
    for (_, target) in &file.imports {
        let _ = writeln!(text, "imports {:?}", id(*target));
    }
    for (alias, _, target) in &file.uses {
        let _ = writeln!(text, "uses {:?} as {alias}", id(*target));
    }
    let mut add = |span: Span| {
        text.push_str(loaded.sources.slice(span));
        text.push('\u{0}');
    };
    for decl in &file.tree.decls {
        match decl {
            ast::Decl::Actor(actor) => {
                add(actor.name.span);
                for item in &actor.items {
                    match item {
                        ast::Item::Store(_)
                        | ast::Item::Shared(_)
                        | ast::Item::Peers(_)
                        | ast::Item::Trigger(_)
                        | ast::Item::State(_) => add(item.span()),
                        ast::Item::Transition(_) | ast::Item::Override(_) | ast::Item::Collect(_) => {}
                    }
                }
            }
            ast::Decl::Property(_) | ast::Decl::Scenario(_) => {}
            ast::Decl::Transaction(_)
            | ast::Decl::Imports(_)
            | ast::Decl::Uses(_)
            | ast::Decl::Parameters(_)
            | ast::Decl::Enum(_)
            | ast::Decl::Struct(_)
            | ast::Decl::Message(_)
            | ast::Decl::Block(_)
            | ast::Decl::View(_)
            | ast::Decl::Function(_)
            | ast::Decl::Native(_)
            | ast::Decl::Task(_) => add(decl.span()),
        }
    }
}
