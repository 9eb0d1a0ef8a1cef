//! What is not written and worth knowing: types, durations, the time limits of the states that are entered.

use super::engine::Analysis;
use super::index::Kind;
use super::{Range, describe};
use omtc::source::FileId;
use omtc::syntax::ast::{CauseKind, Decl, Item};

/// Which hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Types of `let`, locals, loop variables.
    pub types: bool,
    /// Values of the parameters behind time limits.
    pub durations: bool,
    /// How long the state that is entered may last.
    pub limits: bool,
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    /// Behind this place.
    pub at: u32,
    /// What is said.
    pub text: String,
    /// Whether it is a type.
    pub is_type: bool,
    /// More about it.
    pub more: String,
}

/// The hints of a range of a file, in the order of the text.
pub fn hints(analysis: &Analysis, file: FileId, within: Range, wanted: Wanted) -> Vec<Hint> {
    let mut found = Vec::new();
    let index = analysis.index();
    if wanted.types {
        for reference in index.references_in(file) {
            let Some(symbol) = index.symbol(reference.symbol) else { continue };
            if symbol.kind != Kind::Local || symbol.span != reference.span {
                continue;
            }
            if let Some(ty) = describe::type_of_local(analysis, symbol) {
                let more = format!("The type of `{}`", symbol.name);
                found.push(Hint { at: reference.span.end, text: format!(": {ty}"), is_type: true, more });
            }
        }
    }
    let tree = describe::tree(analysis, file);
    for decl in tree.into_iter().flat_map(|tree| &tree.decls) {
        let Decl::Actor(actor) = decl else { continue };
        for item in &actor.items {
            let Item::Transition(t) = item else { continue };
            if wanted.durations
                && let CauseKind::Timeout(path) = &t.cause.kind
                && let Some(limit) = describe::limit(analysis, path)
                && let Some(last) = path.last()
            {
                let more = "How long the limit is".to_owned();
                found.push(Hint { at: last.span.end, text: format!(" = {limit}"), is_type: false, more });
            }
            if wanted.limits && t.from.iter().all(|from| from.text != t.to.text) {
                let limits: Vec<(String, String)> = describe::exits(analysis, actor, &t.to.text)
                    .into_iter()
                    .filter_map(|exit| Some((exit.limit?, exit.to.unwrap_or_default())))
                    .collect();
                if let Some((limit, to)) = limits.first() {
                    let more = format!("After {limit} in `{}` it goes on to `{to}`", t.to.text);
                    let text = format!(" ≤ {limit}");
                    found.push(Hint { at: t.to.span.end, text, is_type: false, more });
                }
            }
        }
    }
    found.retain(|hint| within.touches(hint.at));
    found.sort();
    found.dedup();
    found
}
