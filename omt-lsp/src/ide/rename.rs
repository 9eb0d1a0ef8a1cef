//! Another name for something, everywhere it is named.
//!
//! What takes its value by name (`store x`, a field of a message that the store fills) is written out where the names part.
//! Before anybody sees an edit, the sources are analysed with it: a name that would be an error, or that would mean
//! something else in one place, is refused with the reason.

use super::describe::tree;
use super::engine::{Analysis, Engine, Scope};
use super::index::{Id, Index, Kind, Symbol};
use super::{Document, Edit, Range, Text, World, enclosing, offset};
use omtc::sema::Options;
use omtc::source::{FileId, Span};
use omtc::syntax::ast::{ActionKind, CauseKind, Decl, Ident, Item};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Edits by file.
pub type Edits = BTreeMap<PathBuf, Vec<Edit>>;

/// What would be renamed: where it stands, and its name.
///
/// # Errors
/// Why it cannot be.
pub fn prepare(analysis: &Analysis, file: FileId, at: u32) -> Result<(Range, String), String> {
    let (range, id) = chosen(analysis, file, at)?;
    let symbol = analysis.index().symbol(id).ok_or("nothing is named here")?;
    allowed(analysis, symbol)?;
    Ok((range, symbol.name.clone()))
}

fn chosen(analysis: &Analysis, file: FileId, at: u32) -> Result<(Range, Id), String> {
    let found = analysis.index().at(file, at);
    match found.as_slice() {
        [] if super::navigate::imported(analysis, file, at).is_some() => {
            Err("a path changes when its file is renamed".to_owned())
        }
        [] => {
            Err("nothing that can be renamed stands here: words of the language keep their names".to_owned())
        }
        [first, rest @ ..] => {
            if rest.iter().any(|other| other.symbol != first.symbol) {
                return Err("this names a field of the message, or an argument, and the field of the store that keeps it; \
                            rename one of them where it is declared"
                    .to_owned());
            }
            Ok((first.span.into(), first.symbol))
        }
    }
}

fn session_keys(analysis: &Analysis) -> Vec<&str> {
    let headers = analysis.report.files.iter().flat_map(|file| &file.tree.decls);
    let named = headers.filter_map(|decl| match decl {
        Decl::Transaction(header) => {
            Some(header.session.as_ref().map_or("session_id", |name| name.text.as_str()))
        }
        _ => None,
    });
    named.collect()
}

/// Names that something outside of the references takes by their letters.
fn allowed(analysis: &Analysis, symbol: &Symbol) -> Result<(), String> {
    let name = symbol.name.as_str();
    let is_data = matches!(symbol.kind, Kind::Field | Kind::StoreField | Kind::SharedField | Kind::Argument);
    if is_data && session_keys(analysis).contains(&name) {
        return Err(format!("`{name}` is the session key: routing finds it by its name"));
    }
    if symbol.kind == Kind::Field && name == "timestamp" {
        return Err("`timestamp` is filled with the time of the step because it is called so".to_owned());
    }
    if matches!(symbol.kind, Kind::Argument | Kind::StoreField) {
        let actors = analysis.report.files.iter().flat_map(|file| &file.tree.decls);
        for decl in actors {
            let Decl::Actor(actor) = decl else { continue };
            for item in &actor.items {
                if let Item::Trigger(trigger) = item
                    && trigger.after.is_some()
                    && trigger.params.iter().any(|param| param.name.text == name)
                {
                    return Err(format!(
                        "`{name}` fills an argument of the trigger `{}` by its name, after another transaction",
                        trigger.name.text
                    ));
                }
            }
        }
    }
    Ok(())
}

/// The edits that give the thing at a place another name.
///
/// # Errors
/// Why it cannot be.
pub fn rename(
    analysis: &Analysis,
    world: &World,
    options: &Options,
    (file, at): (FileId, u32),
    name: &str,
) -> Result<Edits, String> {
    let (_, id) = chosen(analysis, file, at)?;
    let index = analysis.index();
    let symbol = index.symbol(id).ok_or("nothing is named here")?;
    allowed(analysis, symbol)?;
    let mut letters = name.chars();
    let fits = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !fits {
        return Err(format!("`{name}` is no name: letters, digits and `_`, no digit first"));
    }
    if name == symbol.name {
        return Ok(Edits::new());
    }
    let mut edits = Edits::new();
    let mut add = |analysis: &Analysis, span: Span, text: String| {
        if let Some(path) = analysis.path(span.file) {
            edits.entry(path.to_owned()).or_default().push(Edit { range: span.into(), text });
        }
    };
    for reference in index.references_to(id) {
        match kept(analysis, reference.span).filter(|_| is_kept(index, reference.span)) {
            Some(kept) => {
                add(analysis, kept.action, kept.parted(analysis, symbol.kind, reference.span, name))
            }
            None => add(analysis, reference.span, name.to_owned()),
        }
    }
    let mut filled = 0;
    for place in index.filled.iter().filter(|place| place.field == id || place.store == id) {
        let given = if place.field == id {
            format!("{name} {}", symbol.name)
        } else {
            format!("{} {name}", symbol.name)
        };
        filled += 1;
        match place.record {
            Some(record) => {
                let inner = Span { start: record.start + 1, end: record.end.saturating_sub(1), ..record };
                let text = analysis.text(inner);
                let end = inner.start + offset(text.trim_end().len());
                let before = if text.trim().is_empty() { " " } else { ", " };
                let after = if text.trim().is_empty() { " " } else { "" };
                let at = Span { start: end, end, ..record };
                add(analysis, at, format!("{before}{given}{after}"));
            }
            None => add(analysis, place.at.after(), format!(" {{ {given} }}")),
        }
    }
    for list in edits.values_mut() {
        list.sort();
        list.dedup();
    }
    let edits = merged(edits);
    verify(analysis, world, options, (symbol, id), name, filled, &edits)?;
    Ok(edits)
}

/// Several fields of one record are given at one place.
fn merged(edits: Edits) -> Edits {
    let join = |list: Vec<Edit>| {
        let mut out: Vec<Edit> = Vec::new();
        for edit in list {
            match out.last_mut() {
                Some(last) if last.range == edit.range && last.range.start == last.range.end => {
                    last.text.push_str(&edit.text)
                }
                _ => out.push(edit),
            }
        }
        out
    };
    edits.into_iter().map(|(path, list)| (path, join(list))).collect()
}

/// `store a, b` in an action.
struct Kept<'a> {
    action: Span,
    names: &'a [Ident],
    /// Whether a message causes it, and not a trigger.
    message: bool,
}

/// Two symbols are named at one place: a field that comes, and one that keeps it.
fn is_kept(index: &Index, span: Span) -> bool {
    let mut here = index.at(span.file, span.start).into_iter().filter(|r| r.span == span).map(|r| r.symbol);
    let first = here.next();
    here.any(|other| Some(other) != first)
}

fn kept(analysis: &Analysis, span: Span) -> Option<Kept<'_>> {
    let (actor, item) = enclosing::item(tree(analysis, span.file)?, span.start)?;
    let mut found = None;
    let mut see = |action: &omtc::syntax::ast::Action| {
        if let ActionKind::Store(names) = &action.kind
            && names.iter().any(|name| name.span == span)
        {
            found = Some(action.span);
        }
    };
    let message = match item {
        Item::Transition(t) => {
            enclosing::actions_of(t, &mut see);
            let is_trigger = |name: &Ident| {
                actor.items.iter().any(|i| matches!(i, Item::Trigger(t) if t.name.text == name.text))
            };
            matches!(&t.cause.kind, CauseKind::On(name) if !is_trigger(name))
        }
        Item::Collect(c) => {
            c.actions.iter().for_each(|actions| enclosing::actions(actions, &mut see));
            true
        }
        _ => return None,
    };
    let action = found?;
    let names = store_names(item, action)?;
    Some(Kept { action, names, message })
}

fn store_names(item: &Item, wanted: Span) -> Option<&[Ident]> {
    let mut found: Option<&[Ident]> = None;
    match item {
        Item::Transition(t) => {
            let branches = t.actions.iter().chain(t.otherwise.iter().filter_map(|o| o.actions.as_ref()));
            branches.for_each(|actions| find_store(actions, wanted, &mut found));
        }
        Item::Collect(c) => c.actions.iter().for_each(|actions| find_store(actions, wanted, &mut found)),
        _ => {}
    }
    found
}

fn find_store<'a>(actions: &'a omtc::syntax::ast::Actions, wanted: Span, found: &mut Option<&'a [Ident]>) {
    for action in &actions.list {
        match &action.kind {
            ActionKind::Store(names) if action.span == wanted => *found = Some(names),
            ActionKind::If { then, otherwise, .. } => {
                find_store(then, wanted, found);
                otherwise.iter().for_each(|list| find_store(list, wanted, found));
            }
            ActionKind::For { body, .. } => find_store(body, wanted, found),
            _ => {}
        }
    }
}

impl Kept<'_> {
    /// The others stay; the one whose names part is assigned.
    fn parted(&self, analysis: &Analysis, kind: Kind, span: Span, name: &str) -> String {
        let old = analysis.text(span);
        let from = if self.message { "message." } else { "" };
        let assigned = if matches!(kind, Kind::StoreField | Kind::SharedField) {
            format!("{name} = {from}{old}")
        } else {
            format!("{old} = {from}{name}")
        };
        let others: Vec<&str> =
            self.names.iter().filter(|n| n.span != span).map(|n| n.text.as_str()).collect();
        if others.is_empty() {
            return assigned;
        }
        let text = Text::new(analysis.text_of(span.file));
        let indent = text.indent_of(self.action.start).to_owned();
        format!("store {}\n{indent}{assigned}", others.join(", "))
    }
}

/// The sources with edits in them.
pub fn with(world: &World, edits: &Edits) -> Option<World> {
    let mut open = (*world.open).clone();
    for (path, list) in edits {
        let document = match open.get(path) {
            Some(document) => Arc::clone(document),
            None => {
                let source = world.source(path).ok()?;
                let text = Text::new(source.file.shared_text());
                Arc::new(Document::new(path.clone(), source.id, 0, text))
            }
        };
        let mut sorted: Vec<&Edit> = list.iter().collect();
        sorted.sort();
        let text = sorted
            .iter()
            .rev()
            .fold(document.text.clone(), |text, edit| text.replaced(edit.range, &edit.text));
        open.insert(path.clone(), Arc::new(document.changed(document.version, text)));
    }
    Some(World { open: Arc::new(open), files: Arc::clone(&world.files) })
}

/// Whether the sources say the same with another name.
fn verify(
    analysis: &Analysis,
    world: &World,
    options: &Options,
    (symbol, id): (&Symbol, Id),
    name: &str,
    filled: usize,
    edits: &Edits,
) -> Result<(), String> {
    let world = with(world, edits).ok_or("a file that would change cannot be read")?;
    let after = Engine::new()
        .analyze(&world, &analysis.project, options, (Scope::All, &analysis.project), &|| false)
        .ok_or("the sources could not be analysed with the new name")?;
    let errors = |analysis: &Analysis| -> Vec<String> {
        let all = analysis.report.diagnostics.iter().filter(|d| d.is_error());
        all.map(|d| format!("{} ({})", d.message, analysis.report.sources.place(d.span()))).collect()
    };
    let (before, now) = (errors(analysis), errors(&after));
    if now.len() > before.len() {
        let messages: Vec<&str> =
            before.iter().filter_map(|line| line.rsplit_once(" (")).map(|(m, _)| m).collect();
        let new = now.iter().find(|line| line.rsplit_once(" (").is_none_or(|(m, _)| !messages.contains(&m)));
        let reason = new.or(now.last()).cloned().unwrap_or_default();
        return Err(format!("`{name}` cannot be its name: {reason}"));
    }
    let renamed =
        after.index().symbols.iter().enumerate().filter(|(_, s)| s.kind == symbol.kind && s.name == name);
    let wanted = analysis.index().references_to(id).len() + filled;
    let count = |id: Id| after.index().references_to(id).len();
    let same = renamed.into_iter().any(|(id, s)| s.span.file == symbol.span.file && count(id) == wanted);
    if same {
        return Ok(());
    }
    Err(format!("`{name}` would mean something else in some places"))
}
