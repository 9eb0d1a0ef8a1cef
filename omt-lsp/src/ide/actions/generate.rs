//! Things that are often wanted next: a handler, a time limit, an `else`, the rest of a payload, a scenario.

use super::{Action, At, Sort};
use crate::ide::index::{Access, Id, Kind};
use crate::ide::rename::Edits;
use crate::ide::{Edit, Range, describe, enclosing, offset};
use omtc::source::Span;
use omtc::syntax::ast::{
    self, ActionKind, Actor, Decl, Item, Message, Record, RecordEntry, State, StateFlag, Transition, Type,
};
use std::collections::BTreeSet;

/// Handlers that are offered at one place.
const HANDLERS_MAX: usize = 8;

/// All that fits the place.
pub(super) fn all(at: &At<'_>) -> Vec<Action> {
    let mut found = Vec::new();
    if let Some((actor, item)) = enclosing::item(at.tree, at.range.start) {
        match item {
            Item::State(state) => {
                found.extend(handlers_of_state(at, actor, state));
                found.extend(time_limit(at, actor, state));
            }
            Item::Transition(t) => {
                found.extend(otherwise(at, t));
                found.extend(payload(at, actor, t));
                found.extend(time_limit_behind(at, actor, t));
            }
            _ => {}
        }
    }
    match enclosing::declaration(at.tree, at.range.start) {
        Some(Decl::Message(message)) => found.extend(handlers_of_message(at, message)),
        Some(Decl::Transaction(_) | Decl::Actor(_)) => found.extend(scenario(at)),
        _ => {}
    }
    found
}

fn is_handled(at: &At<'_>, actor: &Actor, state: &State, message: &str) -> bool {
    describe::exits(at.analysis, actor, &state.name.text).iter().any(|exit| {
        exit.cause == format!("on {message}") || exit.cause.starts_with(&format!("collect {message} "))
    }) || actor.items.iter().any(|item| {
        matches!(item, Item::Override(o) if o.message.text == message && o.states.iter().any(|s| s.text == state.name.text))
    })
}

/// Messages that an actor may receive.
fn received<'a>(at: &'a At<'_>, actor: &Actor) -> Vec<&'a Message> {
    let units = at.analysis.units_with(at.file);
    let ids: BTreeSet<_> =
        units.iter().flat_map(|known| known.unit.files.iter().map(|file| file.id)).collect();
    let files = at.analysis.report.files.iter().filter(|file| ids.contains(&file.id) || file.id == at.file);
    let messages = files.flat_map(|file| &file.tree.decls).filter_map(|decl| match decl {
        Decl::Message(message) => Some(message),
        _ => None,
    });
    messages.filter(|m| m.to.iter().any(|to| to.text == actor.name.text)).collect()
}

/// Where a new transition of a state goes: behind its last one, else before the end of the actor.
fn place_for(at: &At<'_>, actor: &Actor, state: &str) -> (u32, &'static str) {
    let last = actor.items.iter().filter_map(|item| match item {
        Item::Transition(t) if t.from.iter().any(|from| from.text == state) => Some(t.span.end),
        _ => None,
    });
    if let Some(end) = last.max() {
        return (end, "\n    ");
    }
    let end = actor.items.last().map_or(actor.span.end.saturating_sub(1), |item| item.span().end);
    // A comment at the end of the line stays where it is.
    let line = at.text.line(at.text.line_of(end));
    (line.end.max(end).min(actor.span.end.saturating_sub(1)), "\n    ")
}

fn insert(at: &At<'_>, place: u32, text: String) -> Edits {
    at.edit(Range::new(place, place), text)
}

fn handlers_of_state(at: &At<'_>, actor: &Actor, state: &State) -> Vec<Action> {
    if state.has(StateFlag::Terminal) {
        return Vec::new();
    }
    let missing = received(at, actor).into_iter().filter(|m| !is_handled(at, actor, state, &m.name.text));
    let handler = |message: &Message| {
        let name = &state.name.text;
        let (place, gap) = place_for(at, actor, name);
        let text = format!("{gap}{name} -> {name} on {} ()", message.name.text);
        at.action(format!("Handle {} in {name}", message.name.text), Sort::Generate, insert(at, place, text))
    };
    missing.take(HANDLERS_MAX).map(handler).collect()
}

/// For a message that a receiver handles nowhere.
fn handlers_of_message(at: &At<'_>, message: &Message) -> Vec<Action> {
    let Some(id) = at.analysis.index().declared_at(message.name.span) else { return Vec::new() };
    let handled: BTreeSet<String> =
        describe::uses(at.analysis, id, Access::Handle).into_iter().map(|used| used.actor).collect();
    let mut found = Vec::new();
    for to in message.to.iter().filter(|to| !handled.contains(&to.text)) {
        let actors = at.analysis.report.files.iter().flat_map(|file| &file.tree.decls);
        let actor = actors.filter_map(|decl| match decl {
            Decl::Actor(actor) if actor.name.text == to.text => Some(actor),
            _ => None,
        });
        let Some(actor) = actor.into_iter().next() else { continue };
        let waiting = actor.items.iter().find_map(|item| match item {
            Item::State(s) if !s.has(StateFlag::Terminal) && !s.has(StateFlag::Initial) => {
                Some(s.name.text.as_str())
            }
            _ => None,
        });
        let initial = actor.items.iter().find_map(|item| match item {
            Item::State(s) if s.has(StateFlag::Initial) => Some(s.name.text.as_str()),
            _ => None,
        });
        let Some(state) = waiting.or(initial) else { continue };
        let Some(path) = at.analysis.path(actor.span.file) else { continue };
        let end = actor.items.last().map_or(actor.span.end.saturating_sub(1), |item| item.span().end);
        let text = format!("\n    {state} -> {state} on {} ()", message.name.text);
        let edits =
            [(path.to_owned(), vec![Edit { range: Range::new(end, end), text }])].into_iter().collect();
        found.push(at.action(
            format!("Handle {} in {}", message.name.text, actor.name.text),
            Sort::Generate,
            edits,
        ));
    }
    found
}

/// A name that nothing has yet.
fn free(at: &At<'_>, wanted: &str) -> String {
    let known = |name: &str| at.analysis.index().symbols.iter().any(|symbol| symbol.name == name);
    if !known(wanted) {
        return wanted.to_owned();
    }
    (2_u32..).map(|n| format!("{wanted}_{n}")).find(|name| !known(name)).unwrap_or_default()
}

fn time_limit(at: &At<'_>, actor: &Actor, state: &State) -> Option<Action> {
    let name = &state.name.text;
    let waits =
        !state.has(StateFlag::Terminal) && !state.has(StateFlag::Rest) && !state.has(StateFlag::Initial);
    let limited = describe::exits(at.analysis, actor, name).iter().any(|exit| exit.cause.contains("timeout"));
    if !waits || limited {
        return None;
    }
    let is_end = |s: &State| s.has(StateFlag::Terminal);
    let states = || {
        actor.items.iter().filter_map(|item| match item {
            Item::State(s) => Some(s),
            _ => None,
        })
    };
    // What sounds like failure first.
    let sad = |s: &&State| {
        ["FAIL", "EXPIRE", "LATE", "TIME", "UNANSWERED", "ABORT", "END"]
            .iter()
            .any(|w| s.name.text.contains(w))
    };
    let target = states().filter(|s| is_end(s)).find(sad).or_else(|| states().find(|s| is_end(s)))?;
    let limit = free(at, &format!("{name}_LIMIT"));
    let (place, gap) = place_for(at, actor, name);
    let mut edits = insert(at, place, format!("{gap}{name} -> {} on timeout({limit})", target.name.text));
    let entry = format!("{limit} = 60 seconds \"How long {name} waits\"");
    let parameters = at.tree.decls.iter().find_map(|decl| match decl {
        Decl::Parameters(p) => Some(p),
        _ => None,
    });
    let list = edits.entry(at.path.to_owned()).or_default();
    match parameters.and_then(|p| p.entries.last()) {
        Some(last) => {
            let end = last.span.end;
            list.push(Edit { range: Range::new(end, end), text: format!("\n    {entry}") });
        }
        None => {
            let start = actor.doc.as_ref().map_or(actor.span.start, |doc| doc.span.start);
            list.push(Edit { range: Range::new(start, start), text: format!("parameters ( {entry} )\n\n") });
        }
    }
    Some(at.action(format!("Add a time limit to {name}"), Sort::Generate, edits))
}

/// The finding about waiting stands at a transition, too.
fn time_limit_behind(at: &At<'_>, actor: &Actor, t: &Transition) -> Option<Action> {
    let state = actor.items.iter().find_map(|item| match item {
        Item::State(s) if s.name.text == t.to.text && Range::from(t.to.span).touches(at.range.start) => {
            Some(s)
        }
        _ => None,
    })?;
    time_limit(at, actor, state)
}

fn otherwise(at: &At<'_>, t: &Transition) -> Option<Action> {
    t.guard.as_ref().filter(|_| t.otherwise.is_none())?;
    let from = t.from.first()?;
    let end = t.span.end;
    // Without a block the guard would read on.
    let block = if t.actions.is_some() { "" } else { " ()" };
    let edits = insert(at, end, format!("{block} else -> {}", from.text));
    Some(at.action("Add `else`".to_owned(), Sort::Generate, edits))
}

/// The fields of a message or a block that nothing gives.
fn payload(at: &At<'_>, actor: &Actor, t: &Transition) -> Option<Action> {
    let mut found: Option<(Span, &ast::Ident, Option<&Record>)> = None;
    enclosing::actions_of(t, &mut |action| {
        if !Range::from(action.span).touches(at.range.start) {
            return;
        }
        match &action.kind {
            ActionKind::Send { message, record, .. } | ActionKind::Broadcast { message, record, .. } => {
                found = Some((action.span, message, record.as_ref()));
            }
            ActionKind::AppendBlock { block, record, .. } => {
                found = Some((action.span, block, record.as_ref()))
            }
            _ => {}
        }
    });
    let (_, name, record) = found?;
    let index = at.analysis.index();
    let declared = index.at(at.file, name.span.start).into_iter().next()?.symbol;
    let own = index.declared_at(actor.name.span)?;
    let given = |field: &str| {
        record.is_some_and(|record| {
            record.entries.iter().any(|entry| match entry {
                RecordEntry::Field { name, .. } => name.text == field,
                RecordEntry::Spread { .. } => true,
            })
        })
    };
    let stored: BTreeSet<&str> = index
        .members(own)
        .filter(|(_, s)| s.kind == Kind::StoreField)
        .map(|(_, s)| s.name.as_str())
        .collect();
    let missing: Vec<String> = index
        .members(declared)
        .filter(|(_, field)| field.kind == Kind::Field && !given(&field.name) && field.name != "timestamp")
        .filter(|(_, field)| !stored.contains(field.name.as_str()))
        .map(|(id, field)| format!("{} {}", field.name, value(at, id)))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let text = missing.join(", ");
    let edits = match record {
        Some(record) => {
            let inner =
                Span { start: record.span.start + 1, end: record.span.end.saturating_sub(1), ..record.span };
            let written = at.analysis.text(inner);
            let end = inner.start + offset(written.trim_end().len());
            let text = if written.trim().is_empty() { format!(" {text} ") } else { format!(", {text}") };
            insert(at, end, text)
        }
        None => insert(at, name.span.end, format!(" {{ {text} }}")),
    };
    Some(at.action(format!("Fill the payload of {}", name.text), Sort::Generate, edits))
}

/// A value to begin with: what has the name of the field, else the zero of its type.
fn value(at: &At<'_>, field: Id) -> String {
    let index = at.analysis.index();
    let Some(symbol) = index.symbol(field) else { return "null".to_owned() };
    let here = index.references_in(at.file).iter();
    let mut locals = here.filter(|r| r.access == Access::Declare && r.span.end <= at.range.start);
    let is_local = |id: Id| index.symbol(id).is_some_and(|s| s.kind == Kind::Local && s.name == symbol.name);
    let same_item = enclosing::item(at.tree, at.range.start).map(|(_, item)| Range::from(item.span()));
    if locals.any(|r| is_local(r.symbol) && same_item.is_some_and(|item| item.holds(r.span.into()))) {
        return symbol.name.clone();
    }
    let text = at.analysis.text(symbol.full);
    let ty = text.split_once(char::is_whitespace).map_or("", |(_, ty)| ty.trim());
    zero(at, ty)
}

fn zero(at: &At<'_>, ty: &str) -> String {
    if ty.ends_with('?') {
        return "null".to_owned();
    }
    match ty {
        "uint" | "int" => "0".to_owned(),
        "float" => "0.0".to_owned(),
        "bool" => "false".to_owned(),
        "string" | "bytes" => "\"\"".to_owned(),
        "timestamp" => "NOW()".to_owned(),
        "duration" => "0 seconds".to_owned(),
        "hash" => "HASH(\"\")".to_owned(),
        "peer_id" => "peer_id".to_owned(),
        "segment" => "chain".to_owned(),
        _ if ty.starts_with("list<") => "[]".to_owned(),
        _ if ty.starts_with("map<") => "{ }".to_owned(),
        _ => {
            let first = at.analysis.index().named(Kind::Enum, ty).next();
            let value = first.and_then(|(id, _)| at.analysis.index().members(id).next());
            value.map_or_else(|| "null".to_owned(), |(_, value)| value.name.clone())
        }
    }
}

/// A run with one member for each actor, and the first trigger.
fn scenario(at: &At<'_>) -> Option<Action> {
    const NAMES: &[&str] = &["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
    let actors: Vec<&Actor> = at
        .tree
        .decls
        .iter()
        .filter_map(|decl| match decl {
            Decl::Actor(actor) => Some(actor),
            _ => None,
        })
        .collect();
    let is_transaction = at.tree.decls.iter().any(|decl| matches!(decl, Decl::Transaction(_)));
    if actors.is_empty() || !is_transaction {
        return None;
    }
    let cast: Vec<(&str, &Actor)> = NAMES.iter().copied().zip(actors).collect();
    let members: String =
        cast.iter().map(|(name, actor)| format!("        {name} {}\n", actor.name.text)).collect();
    let triggers = cast.iter().flat_map(|(name, actor)| {
        actor.items.iter().filter_map(move |item| match item {
            Item::Trigger(t) if t.after.is_none() => Some((*name, *actor, t)),
            _ => None,
        })
    });
    let first = triggers.into_iter().next();
    let mut steps = String::new();
    if let Some((name, actor, trigger)) = first {
        let argument = |field: &ast::Field| argument(at, &cast, actor, &field.name.text, &field.ty);
        let arguments: Vec<String> = trigger.params.iter().map(argument).collect();
        steps.push_str(&format!("    at 0 seconds {name}.{}({})\n", trigger.name.text, arguments.join(", ")));
        let end = actor.items.iter().find_map(|item| match item {
            Item::State(s) if s.has(StateFlag::Terminal) => Some(&s.name.text),
            _ => None,
        });
        if let Some(end) = end {
            steps.push_str(&format!("    expect {name} IN {end} within 60 seconds\n"));
        }
    }
    let name = free(at, "happy_path");
    let text = format!(
        "\nscenario {name} \"What happens when nothing goes wrong\" (\n    cast (\n{members}    )\n{steps})\n"
    );
    let end = at.text.len();
    let gap = if at.text.content().ends_with('\n') { "" } else { "\n" };
    Some(at.action("Generate a scenario".to_owned(), Sort::Generate, insert(at, end, format!("{gap}{text}"))))
}

/// An argument: a peer is another member of the cast, everything else its zero.
fn argument(at: &At<'_>, cast: &[(&str, &Actor)], own: &Actor, name: &str, ty: &Type) -> String {
    let text = at.analysis.text(ty.span);
    if text == "peer_id" {
        let role = own.items.iter().find_map(|item| match item {
            Item::Peers(peers) => {
                peers.entries.iter().find(|e| e.field.text == name).map(|e| e.role.text.as_str())
            }
            _ => None,
        });
        let others = cast.iter().filter(|(_, actor)| actor.name.text != own.name.text);
        let wanted = cast.iter().find(|(_, actor)| Some(actor.name.text.as_str()) == role);
        return wanted.or(others.into_iter().next()).map_or("alice", |(name, _)| name).to_owned();
    }
    if text == "uint" || text == "int" { "1".to_owned() } else { zero(at, text) }
}
