//! The outline of a file, and a search over all files.

use super::engine::Analysis;
use super::index::Kind;
use super::{Place, Range};
use omtc::source::Span;
use omtc::syntax::ast::{self, CauseKind, Decl, Field, Ident, Item, ViewItem};

/// Symbols that a search gives at most: nobody reads more.
pub const FOUND_MAX: usize = 256;

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// What else is worth knowing.
    pub detail: String,
    /// What it is.
    pub kind: Kind,
    /// The whole declaration.
    pub full: Range,
    /// Its name.
    pub range: Range,
    /// What is inside.
    pub children: Vec<Outline>,
}

fn entry(kind: Kind, name: &Ident, detail: impl Into<String>, full: Span) -> Outline {
    Outline {
        name: name.text.clone(),
        detail: detail.into(),
        kind,
        full: full.into(),
        range: name.span.into(),
        children: Vec::new(),
    }
}

fn names(list: &[Ident]) -> String {
    list.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// The outline of a file.
pub fn outline(tree: &ast::File, text: &str) -> Vec<Outline> {
    tree.decls.iter().filter_map(|decl| declaration(decl, text)).collect()
}

fn fields(kind: Kind, list: &[Field], text: &str) -> Vec<Outline> {
    let ty = |field: &Field| super::slice(text, field.ty.span.into()).to_owned();
    list.iter().map(|field| entry(kind, &field.name, ty(field), field.span)).collect()
}

fn title(text: &Option<ast::Text>) -> String {
    text.as_ref().map(|text| text.text.clone()).unwrap_or_default()
}

fn declaration(decl: &Decl, text: &str) -> Option<Outline> {
    let mut made = match decl {
        Decl::Imports(_) => return None,
        Decl::Transaction(d) => Outline {
            name: d.title.text.clone(),
            detail: d.description.as_ref().map(|d| d.text.clone()).unwrap_or_default(),
            kind: Kind::Transaction,
            full: d.span.into(),
            range: d.title.span.into(),
            children: Vec::new(),
        },
        Decl::Uses(d) => entry(Kind::Uses, &d.alias, d.path.text(), d.span),
        Decl::Parameters(d) => {
            let word = Span { end: d.span.start + super::offset("parameters".len()), ..d.span };
            let list = d.entries.iter();
            Outline {
                name: "parameters".to_owned(),
                detail: String::new(),
                kind: Kind::Parameter,
                full: d.span.into(),
                range: word.into(),
                children: list.map(|e| entry(Kind::Parameter, &e.name, title(&e.text), e.span)).collect(),
            }
        }
        Decl::Enum(d) => entry(Kind::Enum, &d.name, title(&d.text), d.span),
        Decl::Struct(d) => entry(Kind::Struct, &d.name, title(&d.text), d.span),
        Decl::Message(d) => {
            let detail = format!("{} → {}", names(&d.from), names(&d.to));
            entry(Kind::Message, &d.name, detail, d.span)
        }
        Decl::Block(d) => entry(Kind::Block, &d.name, format!("by {}", names(&d.by)), d.span),
        Decl::View(d) => entry(Kind::View, &d.name, title(&d.text), d.span),
        Decl::Actor(d) => entry(Kind::Actor, &d.name, title(&d.text), d.span),
        Decl::Function(d) => entry(Kind::Function, &d.name, "", d.span),
        Decl::Native(d) => entry(Kind::Native, &d.name, d.library.text.clone(), d.span),
        Decl::Task(d) => entry(Kind::Task, &d.name, d.library.text.clone(), d.span),
        Decl::Property(d) => entry(Kind::Property, &d.name, title(&d.text), d.span),
        Decl::Scenario(d) => entry(Kind::Scenario, &d.name, title(&d.text), d.span),
    };
    match decl {
        Decl::Enum(d) => {
            made.children =
                d.values.iter().map(|v| entry(Kind::EnumValue, &v.name, "", v.name.span)).collect();
        }
        Decl::Struct(d) => made.children = fields(Kind::Field, &d.fields.list, text),
        Decl::Message(d) => made.children = fields(Kind::Field, &d.fields.list, text),
        Decl::Block(d) => made.children = fields(Kind::Field, &d.fields.list, text),
        Decl::View(d) => {
            for item in &d.items {
                match item {
                    ViewItem::Field(f) => {
                        made.children.extend(fields(Kind::Field, std::slice::from_ref(f), text))
                    }
                    ViewItem::Fold(f) => {
                        let mut fold = entry(Kind::Block, &f.block, "", f.span);
                        fold.name = format!("on {}", f.block.text);
                        made.children.push(fold);
                    }
                }
            }
        }
        Decl::Actor(d) => made.children = d.items.iter().flat_map(|item| of_item(item, text)).collect(),
        _ => {}
    }
    Some(made)
}

fn of_item(item: &Item, text: &str) -> Vec<Outline> {
    match item {
        Item::Store(block) => fields(Kind::StoreField, &block.fields.list, text),
        Item::Shared(block) => fields(Kind::SharedField, &block.fields.list, text),
        Item::Trigger(t) => vec![entry(Kind::Trigger, &t.name, title(&t.text), t.span)],
        Item::State(s) => vec![entry(Kind::State, &s.name, title(&s.text), s.span)],
        Item::Transition(t) => {
            let mut made = entry(Kind::Local, &t.to, cause(&t.cause.kind), t.span);
            made.name = format!("{} → {}", names(&t.from), t.to.text);
            vec![made]
        }
        Item::Collect(c) => {
            let mut made = entry(Kind::Local, &c.message, format!("into {}", c.into.text), c.span);
            made.name = format!("collect {}", c.message.text);
            vec![made]
        }
        Item::Peers(_) | Item::Override(_) => Vec::new(),
    }
}

fn cause(kind: &CauseKind) -> String {
    match kind {
        CauseKind::Auto => "auto".to_owned(),
        CauseKind::On(name) => format!("on {}", name.text),
        CauseKind::Timeout(path) => {
            let parts: Vec<&str> = path.iter().map(|part| part.text.as_str()).collect();
            format!("on timeout({})", parts.join("."))
        }
        CauseKind::Every(name) => format!("on every({})", name.text),
    }
}

/// A symbol that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// What it belongs to.
    pub container: String,
    /// What it is.
    pub kind: Kind,
    /// Where its name stands.
    pub place: Place,
}

/// Symbols of all files whose names hold the letters of the query in their order; better ones first.
pub fn search<'a>(analyses: impl Iterator<Item = &'a Analysis>, query: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for analysis in analyses {
        let index = analysis.index();
        for symbol in index.symbols.iter().filter(|symbol| symbol.kind != Kind::Local) {
            let Some(rank) = rank(query, &symbol.name) else { continue };
            let Some(place) = analysis.place(symbol.span) else { continue };
            let container = symbol.owner.and_then(|owner| index.symbol(owner));
            let container = container.map(|owner| owner.name.clone()).unwrap_or_default();
            let symbol = Found { name: symbol.name.clone(), container, kind: symbol.kind, place };
            found.push((rank, symbol));
        }
    }
    found.sort_by(|(a, x), (b, y)| (a, &x.name, &x.place).cmp(&(b, &y.name, &y.place)));
    found.dedup_by(|(_, a), (_, b)| a.place == b.place);
    found.into_iter().take(FOUND_MAX).map(|(_, symbol)| symbol).collect()
}

/// How well a name fits: the same, the beginning, a part, letters in order.
fn rank(query: &str, name: &str) -> Option<usize> {
    let (query, lower) = (query.to_ascii_lowercase(), name.to_ascii_lowercase());
    if lower == query {
        return Some(0);
    }
    if lower.starts_with(&query) {
        return Some(1);
    }
    if lower.contains(&query) {
        return Some(2);
    }
    let mut letters = lower.chars();
    query.chars().all(|wanted| letters.any(|c| c == wanted)).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_names_come_first() {
        assert_eq!(rank("ping", "PING"), Some(0));
        assert_eq!(rank("ping", "ping_pong"), Some(1));
        assert_eq!(rank("pong", "PING_PONG"), Some(2));
        assert_eq!(rank("pg", "PING"), Some(3));
        assert_eq!(rank("gp", "PING"), None);
    }
}
