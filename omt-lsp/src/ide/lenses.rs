//! What is shown above declarations.

use super::describe;
use super::engine::Analysis;
use super::index::Access;
use super::{Place, Range};
use omtc::syntax::ast::{Decl, File};

/// Something above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name of the declaration.
    pub range: Range,
    /// What it says.
    pub title: String,
    /// What it does.
    pub act: Act,
}

/// What a lens does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Shows places.
    Show(Vec<Place>),
    /// Runs a scenario.
    Run(String),
    /// Steps through a scenario.
    Step(String),
    /// Verifies a property, or all with this scenario as the scope.
    Verify {
        /// The property.
        property: Option<String>,
        /// The scenario.
        scope: Option<String>,
    },
    /// Shows the diagram of an actor.
    Diagram(String),
}

/// The lenses of a file.
pub fn lenses(analysis: &Analysis, tree: &File) -> Vec<Lens> {
    let mut found = Vec::new();
    for decl in &tree.decls {
        let Some(name) = decl.name() else { continue };
        let range = Range::from(name.span);
        let mut add = |title: String, act: Act| found.push(Lens { range, title, act });
        match decl {
            Decl::Message(_) | Decl::Block(_) => {
                let Some(id) = analysis.index().declared_at(name.span) else { continue };
                let place = |used: &describe::Use| analysis.place(used.at);
                let senders = describe::uses(analysis, id, Access::Emit);
                let handlers = describe::uses(analysis, id, Access::Handle);
                let (by, to) =
                    if matches!(decl, Decl::Message(_)) { ("sender", "handler") } else { ("author", "fold") };
                let places = senders.iter().filter_map(place).collect();
                add(plural(senders.len(), by), Act::Show(places));
                let folds = analysis.index().references_to(id).iter().filter(|r| r.access == Access::Handle);
                let folds: Vec<Place> = folds.filter_map(|r| analysis.place(r.span)).collect();
                let count = if matches!(decl, Decl::Message(_)) { handlers.len() } else { folds.len() };
                add(plural(count, to), Act::Show(folds));
            }
            Decl::Actor(_) => {
                add("diagram".to_owned(), Act::Diagram(name.text.clone()));
            }
            Decl::Function(_) | Decl::View(_) => {
                let Some(id) = analysis.index().declared_at(name.span) else { continue };
                let uses = analysis.index().references_to(id).iter().filter(|r| r.access != Access::Declare);
                let places: Vec<Place> = uses.filter_map(|r| analysis.place(r.span)).collect();
                add(plural(places.len(), "use"), Act::Show(places));
            }
            Decl::Property(_) => {
                let property = Some(name.text.clone());
                add("verify".to_owned(), Act::Verify { property, scope: None });
            }
            Decl::Scenario(_) => {
                add("run".to_owned(), Act::Run(name.text.clone()));
                add("step through".to_owned(), Act::Step(name.text.clone()));
                add(
                    "verify from here".to_owned(),
                    Act::Verify { property: None, scope: Some(name.text.clone()) },
                );
            }
            _ => {}
        }
    }
    // Properties and scenarios of a file that is no transaction run nowhere.
    let is_transaction = tree.decls.iter().any(|decl| matches!(decl, Decl::Transaction(_)));
    found.retain(|lens| is_transaction || matches!(lens.act, Act::Show(_)));
    found
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
