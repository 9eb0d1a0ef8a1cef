//! What is read where the IR does not reach.

use crate::syntax::ast;
use crate::syntax::mentions::{self, Use};
use std::collections::BTreeSet;

/// Names that something outside the machines reads: properties, scenarios, and triggers that are fired `after`
/// another transaction, from whose store they are filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    names: BTreeSet<String>,
    expected: BTreeSet<String>,
}

impl Observed {
    /// Reads them off the trees of all units.
    pub fn of<'a>(trees: impl IntoIterator<Item = &'a ast::File>) -> Observed {
        let mut observed = Observed::default();
        for decl in trees.into_iter().flat_map(|tree| &tree.decls) {
            observed.declaration(decl);
        }
        observed
    }

    /// What is read in several files.
    pub fn together<'a>(of: impl IntoIterator<Item = &'a Observed>) -> Observed {
        let mut all = Observed::default();
        for observed in of {
            all.names.extend(observed.names.iter().cloned());
            all.expected.extend(observed.expected.iter().cloned());
        }
        all
    }

    /// Whether a property, a scenario or a trigger of another transaction mentions the name.
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether a scenario expects it.
    pub fn expects(&self, name: &str) -> bool {
        self.expected.contains(name)
    }

    fn declaration(&mut self, decl: &ast::Decl) {
        match decl {
            ast::Decl::Property(_) | ast::Decl::Scenario(_) => {
                mentions::declaration(decl, &mut |used, name| {
                    if matches!(used, Use::Value | Use::Member) {
                        self.names.insert(name.text.clone());
                    }
                });
                if let ast::Decl::Scenario(scenario) = decl {
                    self.scenario(scenario);
                }
            }
            ast::Decl::Actor(actor) => {
                for item in &actor.items {
                    if let ast::Item::Trigger(trigger) = item
                        && trigger.after.is_some()
                    {
                        self.names.extend(trigger.params.iter().map(|p| p.name.text.clone()));
                    }
                }
            }
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
            | ast::Decl::Task(_) => {}
        }
    }

    fn scenario(&mut self, scenario: &ast::Scenario) {
        for step in &scenario.steps {
            if let ast::StepKind::Expect { condition, .. } = &step.kind {
                mentions::expression(condition, &mut |used, name| {
                    if matches!(used, Use::Value) {
                        self.expected.insert(name.text.clone());
                    }
                });
            }
        }
    }
}
