//! Symbols in words: the head of a declaration, what a state waits for, who says and hears a message.

use super::engine::Analysis;
use super::index::{Access, Id, Kind, Reference, Symbol};
use super::{enclosing, slice};
use omtc::source::{FileId, Span};
use omtc::syntax::ast::{Actor, CauseKind, Decl, File, Ident, Item, ParameterValue};

/// Lines of a declaration that are shown as they are.
const LINES_MAX: usize = 14;

/// The tree of a file.
pub fn tree(analysis: &Analysis, id: FileId) -> Option<&File> {
    analysis.report.files.iter().find(|file| file.id == id).map(|file| file.tree.as_ref())
}

/// A symbol as it is declared, in one line or a few.
pub fn signature(analysis: &Analysis, symbol: &Symbol) -> String {
    let text = analysis.text(symbol.full);
    let owner = symbol.owner.and_then(|id| analysis.index().symbol(id));
    match symbol.kind {
        Kind::Function => {
            let body = tree(analysis, symbol.span.file).and_then(|tree| {
                tree.decls.iter().find_map(|decl| match decl {
                    Decl::Function(f) if f.name.span == symbol.span => Some(f.body_span),
                    _ => None,
                })
            });
            let head = body.map_or(symbol.full, |body| Span { end: body.start, ..symbol.full });
            one_line(analysis.text(head))
        }
        Kind::Actor | Kind::View | Kind::Scenario | Kind::Property => {
            let head = Span { end: symbol.span.end, ..symbol.full };
            one_line(analysis.text(head))
        }
        Kind::Local => {
            let ty = type_of_local(analysis, symbol);
            ty.map_or_else(|| symbol.name.clone(), |ty| format!("{}: {ty}", symbol.name))
        }
        Kind::EnumValue => {
            owner.map_or_else(|| symbol.name.clone(), |o| format!("{}.{}", o.name, symbol.name))
        }
        Kind::Field | Kind::StoreField | Kind::SharedField | Kind::Argument => one_line(text),
        _ if text.lines().count() <= LINES_MAX => unindented(text),
        _ => one_line(text.lines().next().unwrap_or("")),
    }
}

/// What the analysis says about a local.
pub fn type_of_local(analysis: &Analysis, symbol: &Symbol) -> Option<String> {
    let known = analysis.units_with(symbol.span.file);
    let ty = known.iter().find_map(|known| known.notes.name(symbol.span))?;
    Some(ty.to_string().replace('\'', ""))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unindented(text: &str) -> String {
    let indent = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let indent = indent.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines = text
        .lines()
        .enumerate()
        .map(|(n, line)| if n == 0 { line } else { line.get(indent..).unwrap_or("") });
    lines.collect::<Vec<_>>().join("\n")
}

/// A parameter with its value and unit: `5 seconds`.
pub fn value_of_parameter(analysis: &Analysis, symbol: &Symbol) -> Option<String> {
    let tree = tree(analysis, symbol.span.file)?;
    let entry = tree.decls.iter().find_map(|decl| match decl {
        Decl::Parameters(p) => p.entries.iter().find(|entry| entry.name.span == symbol.span),
        _ => None,
    })?;
    let value = match &entry.value {
        ParameterValue::Number(number) => number.text.clone(),
        ParameterValue::Name(name) => name.text.clone(),
    };
    Some(entry.unit.as_ref().map_or(value.clone(), |unit| format!("{value} {}", unit.text)))
}

/// One way out of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// `on PONG`, `auto`, `on timeout(ANSWER_TIMEOUT)`.
    pub cause: String,
    /// Whether a guard must hold.
    pub guarded: bool,
    /// How long, where it is a time limit.
    pub limit: Option<String>,
    /// Where it leads; `None` for a `collect`, which stays.
    pub to: Option<String>,
    /// The whole item.
    pub span: Span,
}

/// The ways out of a state, in the order of the source, those of `any` included.
pub fn exits(analysis: &Analysis, actor: &Actor, state: &str) -> Vec<Exit> {
    let mut found = Vec::new();
    let is_declared =
        |name: &str| actor.items.iter().any(|i| matches!(i, Item::State(s) if s.name.text == name));
    for item in &actor.items {
        match item {
            Item::Transition(t) => {
                let wild = t.from.iter().any(|from| from.text == "any") && !is_declared("any");
                if !(wild || t.from.iter().any(|from| from.text == state)) {
                    continue;
                }
                let limit = match &t.cause.kind {
                    CauseKind::Timeout(path) => limit(analysis, path),
                    CauseKind::Every(name) => limit(analysis, std::slice::from_ref(name)),
                    _ => None,
                };
                let exit = |to: &str, guarded| Exit {
                    cause: one_line(analysis.text(t.cause.span)),
                    guarded,
                    limit: limit.clone(),
                    to: Some(to.to_owned()),
                    span: t.span,
                };
                found.push(exit(&t.to.text, t.guard.is_some()));
                if let Some(otherwise) = &t.otherwise {
                    found.push(exit(&otherwise.to.text, true));
                }
            }
            Item::Collect(c) if c.states.iter().any(|from| from.text == state) => found.push(Exit {
                cause: format!("collect {} into {}", c.message.text, c.into.text),
                guarded: c.guard.is_some(),
                limit: None,
                to: None,
                span: c.span,
            }),
            _ => {}
        }
    }
    found
}

/// How long a limit is, if it is a parameter.
pub fn limit(analysis: &Analysis, path: &[Ident]) -> Option<String> {
    let [name] = path else { return None };
    let index = analysis.index();
    let reference = index.at(name.span.file, name.span.start).into_iter().next()?;
    let symbol = index.symbol(reference.symbol).filter(|symbol| symbol.kind == Kind::Parameter)?;
    value_of_parameter(analysis, symbol)
}

/// A place where a message is sent or handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The name of the message there.
    pub at: Span,
    /// The actor.
    pub actor: String,
    /// The transition: `WAITING -> ANSWERED on PONG`.
    pub transition: String,
    /// The whole transition or `collect`.
    pub item: Span,
}

/// Where a message is sent ([`Access::Emit`]) or handled ([`Access::Handle`]).
pub fn uses(analysis: &Analysis, message: Id, access: Access) -> Vec<Use> {
    let references = analysis.index().references_to(message);
    let wanted = references.iter().filter(|reference| reference.access == access);
    wanted.filter_map(|reference| used(analysis, reference)).collect()
}

fn used(analysis: &Analysis, reference: &Reference) -> Option<Use> {
    let tree = tree(analysis, reference.span.file)?;
    let (actor, item) = enclosing::item(tree, reference.span.start)?;
    let transition = match item {
        Item::Transition(t) => one_line(analysis.text(enclosing::head(t))),
        Item::Collect(c) => one_line(analysis.text(c.message.span)),
        _ => return None,
    };
    Some(Use { at: reference.span, actor: actor.name.text.clone(), transition, item: item.span() })
}

/// The text of a whole file, and a part of it.
pub fn part(analysis: &Analysis, span: Span) -> &str {
    slice(analysis.text_of(span.file), span.into())
}
