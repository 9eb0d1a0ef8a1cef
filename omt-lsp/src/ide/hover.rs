//! What is said about the thing under the pointer.

use super::describe::{self, Exit};
use super::engine::Analysis;
use super::index::{Access, Id, Kind, Symbol};
use super::{Range, enclosing, library, slice};
use omtc::source::FileId;
use omtc::syntax::ast::{Decl, StateFlag};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines of a list before it is cut.
const LIST_MAX: usize = 12;

/// A text about a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub range: Range,
    /// Markdown.
    pub text: String,
}

/// What is known of the place.
pub fn hover(analysis: &Analysis, file: FileId, at: u32) -> Option<Hover> {
    let index = analysis.index();
    let references = index.at(file, at);
    if let Some(first) = references.first() {
        let mut seen: Vec<Id> = references.iter().map(|reference| reference.symbol).collect();
        seen.dedup();
        let parts: Vec<String> =
            seen.iter().filter_map(|id| Some(about(analysis, *id, index.symbol(*id)?))).collect();
        return Some(Hover { range: first.span.into(), text: parts.join("\n\n---\n\n") });
    }
    imported(analysis, file, at).or_else(|| word(analysis, file, at))
}

fn code(text: &str) -> String {
    format!("```omt\n{text}\n```")
}

/// Everything about a symbol.
pub fn about(analysis: &Analysis, id: Id, symbol: &Symbol) -> String {
    let mut text = code(&describe::signature(analysis, symbol));
    let owner = symbol.owner.and_then(|owner| analysis.index().symbol(owner));
    if let (Some(owner), true) = (owner, symbol.kind != Kind::EnumValue) {
        let _ = write!(text, "\n{} of the {} `{}`", symbol.kind.word(), owner.kind.word(), owner.name);
    }
    let value = describe::value_of_parameter(analysis, symbol).filter(|_| symbol.kind == Kind::Parameter);
    if let Some(value) = value {
        let _ = write!(text, "\nparameter, {value}");
    }
    if !symbol.title.is_empty() {
        let _ = write!(text, "\n\n{}", symbol.title);
    }
    if !symbol.doc.is_empty() {
        let _ = write!(text, "\n\n{}", symbol.doc);
    }
    match symbol.kind {
        Kind::State => state(analysis, symbol, owner, &mut text),
        Kind::Message => message(analysis, id, &mut text),
        Kind::Block => block(analysis, id, &mut text),
        Kind::Function => loads(analysis, symbol, &mut text),
        Kind::Actor => actor(analysis, symbol, &mut text),
        _ => {}
    }
    text
}

fn state(analysis: &Analysis, symbol: &Symbol, owner: Option<&Symbol>, text: &mut String) {
    let Some(tree) = describe::tree(analysis, symbol.span.file) else { return };
    let Some(actor) = enclosing::actor(tree, symbol.span.start).filter(|_| owner.is_some()) else { return };
    let flags = actor.items.iter().find_map(|item| match item {
        omtc::syntax::ast::Item::State(s) if s.name.span == symbol.span => Some(s),
        _ => None,
    });
    let exits = describe::exits(analysis, actor, &symbol.name);
    if exits.is_empty() {
        let ends = flags.is_some_and(|s| s.has(StateFlag::Terminal));
        text.push_str(if ends { "\n\nThe instance is complete here." } else { "\n\nNothing leaves it." });
        return;
    }
    text.push_str("\n\nWaits for\n");
    for exit in exits.iter().take(LIST_MAX) {
        let _ = write!(text, "\n{}", line(exit));
    }
    more(exits.len(), text);
    let limits: Vec<&Exit> = exits.iter().filter(|exit| exit.limit.is_some()).collect();
    if limits.is_empty() && !exits.iter().any(|exit| exit.cause.contains("timeout")) {
        text.push_str("\n\nNo time limit.");
    }
}

fn line(exit: &Exit) -> String {
    let mut text = format!("- `{}`", exit.cause);
    if let Some(limit) = &exit.limit {
        let _ = write!(text, " ({limit})");
    }
    if exit.guarded {
        text.push_str(", if its guard holds,");
    }
    match &exit.to {
        Some(to) => {
            let _ = write!(text, " → `{to}`");
        }
        None => text.push_str(", and stays"),
    }
    text
}

fn more(count: usize, text: &mut String) {
    if count > LIST_MAX {
        let _ = write!(text, "\n- and {} more", count - LIST_MAX);
    }
}

fn uses(analysis: &Analysis, id: Id, access: Access, title: &str, text: &mut String) {
    let uses = describe::uses(analysis, id, access);
    if uses.is_empty() {
        let _ = write!(text, "\n\n{title} nobody.");
        return;
    }
    let mut by_actor: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for used in &uses {
        by_actor.entry(&used.actor).or_default().push(&used.transition);
    }
    let _ = write!(text, "\n\n{title}\n");
    for (actor, mut transitions) in by_actor {
        transitions.dedup();
        let shown: Vec<String> = transitions.iter().take(4).map(|t| format!("`{t}`")).collect();
        let rest = transitions.len().saturating_sub(4);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        let _ = write!(text, "\n- **{actor}**: {}{rest}", shown.join(", "));
    }
}

fn message(analysis: &Analysis, id: Id, text: &mut String) {
    uses(analysis, id, Access::Emit, "Sent by", text);
    uses(analysis, id, Access::Handle, "Handled by", text);
}

fn block(analysis: &Analysis, id: Id, text: &mut String) {
    uses(analysis, id, Access::Emit, "Appended by", text);
}

/// What a function reads of the store is part of its signature.
fn loads(analysis: &Analysis, symbol: &Symbol, text: &mut String) {
    let body = analysis.text(symbol.full);
    let mut fields: Vec<&str> = body
        .match_indices("LOAD(")
        .filter_map(|(at, found)| body.get(at + found.len()..)?.split(')').next())
        .map(str::trim)
        .collect();
    fields.sort_unstable();
    fields.dedup();
    if !fields.is_empty() {
        let _ = write!(text, "\n\nReads of the store of its caller: `{}`", fields.join("`, `"));
    }
}

fn actor(analysis: &Analysis, symbol: &Symbol, text: &mut String) {
    let Some(id) = analysis.index().declared_at(symbol.span) else { return };
    let states: Vec<&str> = analysis
        .index()
        .members(id)
        .filter(|(_, member)| member.kind == Kind::State)
        .map(|(_, member)| member.name.as_str())
        .collect();
    let _ = write!(text, "\n\nStates: `{}`", states.join("` `"));
}

/// A path of `imports` or `uses`.
fn imported(analysis: &Analysis, file: FileId, at: u32) -> Option<Hover> {
    let tree = describe::tree(analysis, file)?;
    let path = match enclosing::declaration(tree, at)? {
        Decl::Imports(d) => &d.path,
        Decl::Uses(d) => &d.path,
        _ => return None,
    };
    if !path.span.touches(at) {
        return None;
    }
    let target = super::index::target(analysis, &path.text())?;
    let tree = describe::tree(analysis, target)?;
    let mut text = format!("`{}`", analysis.path(target)?.display());
    for decl in &tree.decls {
        if let Decl::Transaction(header) = decl {
            let _ = write!(text, "\n\n**{}**", header.title.text);
            if let Some(description) = &header.description {
                let _ = write!(text, "\n\n{}", description.text);
            }
        }
    }
    let names: Vec<&str> = tree.decls.iter().filter_map(|d| d.name()).map(|n| n.text.as_str()).collect();
    if !names.is_empty() {
        let _ = write!(text, "\n\nDeclares `{}`", names.join("` `"));
    }
    Some(Hover { range: path.span.into(), text })
}

/// A word of the language, or a value of which only the type is known.
fn word(analysis: &Analysis, file: FileId, at: u32) -> Option<Hover> {
    let content = analysis.text_of(file);
    let lexeme = super::lexemes::at(content, at)?;
    let range = Range::new(lexeme.start, lexeme.end);
    let name = slice(content, range);
    if lexeme.kind != omtc::syntax::LexemeKind::Word {
        return None;
    }
    let entries = library::find(name);
    let parts: Vec<String> = entries.iter().map(|e| format!("{}\n\n{}", code(e.signature), e.doc)).collect();
    (!parts.is_empty()).then(|| Hover { range, text: parts.join("\n\n---\n\n") })
}
