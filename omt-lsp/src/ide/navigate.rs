//! From a name to what it means, and back.

use super::describe;
use super::engine::Analysis;
use super::index::{Access, Id, Kind, Reference, target};
use super::{Place, Range, enclosing};
use omtc::source::{FileId, Span};
use omtc::syntax::ast::Decl;
use std::collections::BTreeSet;

/// From where, and to which places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// What was asked about.
    pub origin: Range,
    /// The names that are meant.
    pub places: Vec<Place>,
}

/// The symbols at a place.
pub fn symbols(analysis: &Analysis, file: FileId, at: u32) -> Vec<Id> {
    let mut found: Vec<Id> = analysis.index().at(file, at).iter().map(|r| r.symbol).collect();
    found.dedup();
    found
}

fn origin(analysis: &Analysis, file: FileId, at: u32) -> Range {
    analysis.index().at(file, at).first().map_or(Range::new(at, at), |r| r.span.into())
}

fn targets(analysis: &Analysis, origin: Range, spans: impl IntoIterator<Item = Span>) -> Option<Targets> {
    let spans: BTreeSet<Span> = spans.into_iter().collect();
    let places: Vec<Place> = spans.into_iter().filter_map(|span| analysis.place(span)).collect();
    (!places.is_empty()).then_some(Targets { origin, places })
}

/// Where it is declared. A path of `imports` or `uses` means a file.
pub fn definition(analysis: &Analysis, file: FileId, at: u32) -> Option<Targets> {
    let found = symbols(analysis, file, at);
    if found.is_empty() {
        let (path, id) = imported(analysis, file, at)?;
        return targets(analysis, path, [Span::new(id, 0, 0)]);
    }
    let index = analysis.index();
    let spans = found.iter().filter_map(|id| index.symbol(*id)).map(|symbol| symbol.span);
    targets(analysis, origin(analysis, file, at), spans)
}

/// The path at a place, and the file that it means.
pub fn imported(analysis: &Analysis, file: FileId, at: u32) -> Option<(Range, FileId)> {
    let tree = describe::tree(analysis, file)?;
    let path = match enclosing::declaration(tree, at)? {
        Decl::Imports(d) => &d.path,
        Decl::Uses(d) => &d.path,
        _ => return None,
    };
    let found = target(analysis, &path.text()).filter(|_| path.span.touches(at))?;
    Some((path.span.into(), found))
}

/// For a name that a message or an argument brings, where it is declared there; else the definition.
pub fn declaration(analysis: &Analysis, file: FileId, at: u32) -> Option<Targets> {
    let index = analysis.index();
    let found = symbols(analysis, file, at);
    let first: Vec<Span> = found
        .iter()
        .filter_map(|id| index.symbol(*id))
        .filter(|symbol| matches!(symbol.kind, Kind::Field | Kind::Argument))
        .map(|symbol| symbol.span)
        .collect();
    if first.is_empty() {
        return definition(analysis, file, at);
    }
    targets(analysis, origin(analysis, file, at), first)
}

/// The declaration of the type of it.
pub fn type_definition(analysis: &Analysis, file: FileId, at: u32) -> Option<Targets> {
    let index = analysis.index();
    let mut spans = Vec::new();
    for symbol in symbols(analysis, file, at).iter().filter_map(|id| index.symbol(*id)) {
        match symbol.kind {
            Kind::EnumValue | Kind::State => {
                spans.extend(symbol.owner.and_then(|owner| index.symbol(owner)).map(|owner| owner.span));
            }
            Kind::Enum | Kind::Struct | Kind::Message | Kind::Block | Kind::View | Kind::Actor => {
                spans.push(symbol.span);
            }
            Kind::Local => {
                let ty = describe::type_of_local(analysis, symbol).unwrap_or_default();
                spans.extend(words(&ty).filter_map(|word| declared_type(analysis, word)));
            }
            _ => {
                // The types that its declaration names.
                let inside = index.references_in(symbol.span.file).iter().filter(|reference| {
                    symbol.full.start <= reference.span.start && reference.span.end <= symbol.full.end
                });
                let types =
                    inside.filter_map(|reference| index.symbol(reference.symbol)).filter(|s| is_type(s.kind));
                spans.extend(types.map(|symbol| symbol.span));
            }
        }
    }
    targets(analysis, origin(analysis, file, at), spans)
}

fn is_type(kind: Kind) -> bool {
    matches!(kind, Kind::Enum | Kind::Struct | Kind::Message | Kind::Block | Kind::View)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

fn declared_type(analysis: &Analysis, name: &str) -> Option<Span> {
    analysis.index().symbols.iter().find(|s| is_type(s.kind) && s.name == name).map(|s| s.span)
}

/// What it leads to: for a message, a trigger or a task the transitions that handle it, for a state those that enter it,
/// for a block the folds.
pub fn implementation(analysis: &Analysis, file: FileId, at: u32) -> Option<Targets> {
    let index = analysis.index();
    let mut spans = Vec::new();
    for id in symbols(analysis, file, at) {
        let Some(symbol) = index.symbol(id) else { continue };
        let wanted = match symbol.kind {
            Kind::Message | Kind::Trigger | Kind::Task | Kind::Block => Access::Handle,
            Kind::State => Access::Enter,
            Kind::StoreField | Kind::SharedField => Access::Write,
            _ => {
                spans.push(symbol.span);
                continue;
            }
        };
        spans.extend(index.references_to(id).iter().filter(|r| r.access == wanted).map(|r| r.span));
    }
    targets(analysis, origin(analysis, file, at), spans)
}

/// All places that name it, in all files.
pub fn references(analysis: &Analysis, file: FileId, at: u32, declaration: bool) -> Vec<Place> {
    let index = analysis.index();
    let mut spans = BTreeSet::new();
    for id in symbols(analysis, file, at) {
        let found = index.references_to(id).iter();
        spans.extend(found.filter(|r| declaration || r.access != Access::Declare).map(|r| r.span));
    }
    if spans.is_empty()
        && let Some((_, target)) = imported(analysis, file, at)
    {
        spans.extend(importers(analysis, target));
    }
    spans.into_iter().filter_map(|span| analysis.place(span)).collect()
}

/// The paths that mean a file.
pub fn importers(analysis: &Analysis, wanted: FileId) -> Vec<Span> {
    let mut found = Vec::new();
    for decl in analysis.report.files.iter().flat_map(|file| &file.tree.decls) {
        let path = match decl {
            Decl::Imports(d) => &d.path,
            Decl::Uses(d) => &d.path,
            _ => continue,
        };
        if target(analysis, &path.text()) == Some(wanted) {
            found.push(path.span);
        }
    }
    found
}

/// The places of this file that name it, and what each does.
pub fn highlights(analysis: &Analysis, file: FileId, at: u32) -> Vec<(Range, Access)> {
    let index = analysis.index();
    let mut found: Vec<(Range, Access)> = Vec::new();
    for id in symbols(analysis, file, at) {
        let here = index.references_to(id).iter().filter(|r: &&Reference| r.span.file == file);
        found.extend(here.map(|r| (Range::from(r.span), r.access)));
    }
    found.sort();
    found.dedup_by_key(|(range, _)| *range);
    found
}
