//! Who can cause a transition, and what it causes: calls between actors are messages.

use super::describe::{self, tree};
use super::engine::Analysis;
use super::index::{Access, Id, Kind};
use super::{Place, Range, enclosing};
use omtc::source::{FileId, Span};
use omtc::syntax::ast::{Actor, CauseKind, Item, Transition};

/// Something that causes or is caused: a transition, a `collect`, a message that nobody sends, a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `WAITING -> DONE on PONG`
    pub name: String,
    /// The actor.
    pub detail: String,
    /// The whole of it.
    pub full: Place,
    /// What is shown of it.
    pub place: Place,
}

/// A call, and the places where it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other end.
    pub call: Call,
    /// Where: in the caller.
    pub at: Vec<Range>,
}

fn call(analysis: &Analysis, actor: &Actor, item: &Item) -> Option<Call> {
    let (name, at) = match item {
        Item::Transition(t) => (describe::part(analysis, enclosing::head(t)), enclosing::head(t)),
        Item::Collect(c) => (describe::part(analysis, c.message.span), c.message.span),
        Item::Trigger(t) => (describe::part(analysis, t.name.span), t.name.span),
        _ => return None,
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = match item {
        Item::Collect(_) => format!("collect {name}"),
        Item::Trigger(_) => format!("trigger {name}"),
        _ => name,
    };
    Some(Call {
        name,
        detail: actor.name.text.clone(),
        full: analysis.place(item.span())?,
        place: analysis.place(at)?,
    })
}

/// The transitions at a place: the one that it stands in, or, on the name of a message, a trigger or a state, those that
/// handle or enter it.
pub fn prepare(analysis: &Analysis, file: FileId, at: u32) -> Vec<Call> {
    let Some(own) = tree(analysis, file) else { return Vec::new() };
    let inside =
        enclosing::item(own, at).filter(|(_, item)| !matches!(item, Item::State(_) | Item::Trigger(_)));
    if let Some(found) = inside.and_then(|(actor, item)| call(analysis, actor, item)) {
        return vec![found];
    }
    let index = analysis.index();
    let mut found = Vec::new();
    for id in super::navigate::symbols(analysis, file, at) {
        let wanted = match index.symbol(id).map(|symbol| symbol.kind) {
            Some(Kind::Message | Kind::Trigger | Kind::Task) => Access::Handle,
            Some(Kind::State) => Access::Enter,
            _ => continue,
        };
        found.extend(items(analysis, id, wanted));
    }
    found
}

/// The items that do something with a symbol.
fn items(analysis: &Analysis, id: Id, wanted: Access) -> Vec<Call> {
    let references = analysis.index().references_to(id).iter().filter(|r| r.access == wanted);
    let mut found: Vec<Call> = references
        .filter_map(|r| enclosing::item(tree(analysis, r.span.file)?, r.span.start))
        .filter_map(|(actor, item)| call(analysis, actor, item))
        .collect();
    found.dedup();
    found
}

/// The item that a call is about.
fn item_at(analysis: &Analysis, file: FileId, at: u32) -> Option<(&Actor, &Item)> {
    enclosing::item(tree(analysis, file)?, at)
}

fn references_in(analysis: &Analysis, span: Span, access: Access, kind: Kind) -> Vec<(Id, Span)> {
    let index = analysis.index();
    let inside = index.references_in(span.file).iter();
    let inside =
        inside.filter(|r| span.start <= r.span.start && r.span.end <= span.end && r.access == access);
    let wanted = inside.filter(|r| index.symbol(r.symbol).is_some_and(|symbol| symbol.kind == kind));
    wanted.map(|r| (r.symbol, r.span)).collect()
}

/// What can cause the transition that begins at a place: whoever sends its message, starts its task, or enters a state that
/// it leaves.
pub fn incoming(analysis: &Analysis, file: FileId, at: u32) -> Vec<Link> {
    let Some((actor, item)) = item_at(analysis, file, at) else { return Vec::new() };
    let mut found = Vec::new();
    for (kind, cause) in [(Kind::Message, Access::Emit), (Kind::Task, Access::Emit)] {
        for (id, _) in references_in(analysis, item.span(), Access::Handle, kind) {
            for reference in analysis.index().references_to(id).iter().filter(|r| r.access == cause) {
                let Some((sender, from)) = item_at(analysis, reference.span.file, reference.span.start)
                else {
                    continue;
                };
                if let Some(call) = call(analysis, sender, from) {
                    found.push(Link { call, at: vec![reference.span.into()] });
                }
            }
        }
    }
    for (id, _) in references_in(analysis, item.span(), Access::Handle, Kind::Trigger) {
        let declared = analysis.index().symbol(id).map(|symbol| symbol.span);
        let trigger = declared.and_then(|span| item_at(analysis, span.file, span.start));
        if let Some(call) = trigger.and_then(|(actor, item)| call(analysis, actor, item)) {
            found.push(Link { at: vec![call.place.range], call });
        }
    }
    // Nothing causes an `auto` but the step that enters its state; a time limit begins with it.
    if let Item::Transition(t) = item
        && !matches!(t.cause.kind, CauseKind::On(_))
    {
        found.extend(entering(analysis, actor, t));
    }
    merged(found)
}

fn entering(analysis: &Analysis, actor: &Actor, of: &Transition) -> Vec<Link> {
    let mut found = Vec::new();
    for item in &actor.items {
        let Item::Transition(t) = item else { continue };
        let targets = [Some(&t.to), t.otherwise.as_ref().map(|o| &o.to)];
        let entered =
            targets.into_iter().flatten().filter(|to| of.from.iter().any(|from| from.text == to.text));
        let at: Vec<Range> = entered.map(|to| to.span.into()).collect();
        if let (false, Some(call)) = (at.is_empty() || t.span == of.span, call(analysis, actor, item)) {
            found.push(Link { call, at });
        }
    }
    found
}

/// What the transition that begins at a place causes: whoever handles what it sends, ends what it starts, and the `auto`s
/// of the states that it enters.
pub fn outgoing(analysis: &Analysis, file: FileId, at: u32) -> Vec<Link> {
    let Some((actor, item)) = item_at(analysis, file, at) else { return Vec::new() };
    let mut found = Vec::new();
    for kind in [Kind::Message, Kind::Task] {
        for (id, span) in references_in(analysis, item.span(), Access::Emit, kind) {
            let handlers = items(analysis, id, Access::Handle).into_iter();
            found.extend(handlers.map(|call| Link { call, at: vec![span.into()] }));
        }
    }
    if let Item::Trigger(trigger) = item {
        for (id, symbol) in analysis.index().named(Kind::Trigger, &trigger.name.text) {
            if symbol.span == trigger.name.span {
                let handlers = items(analysis, id, Access::Handle).into_iter();
                found.extend(handlers.map(|call| Link { call, at: vec![trigger.name.span.into()] }));
            }
        }
    }
    if let Item::Transition(t) = item {
        for other in &actor.items {
            let Item::Transition(next) = other else { continue };
            let follows = matches!(next.cause.kind, CauseKind::Auto)
                && next.from.iter().any(|from| from.text == t.to.text);
            if let (true, Some(call)) = (follows, call(analysis, actor, other)) {
                found.push(Link { call, at: vec![t.to.span.into()] });
            }
        }
    }
    merged(found)
}

/// One link for each other end.
fn merged(links: Vec<Link>) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for link in links {
        match found.iter_mut().find(|known| known.call == link.call) {
            Some(known) => known.at.extend(link.at),
            None => found.push(link),
        }
    }
    for link in &mut found {
        link.at.sort();
        link.at.dedup();
    }
    found
}
