//! Parameters that a scenario changes: what is run, and what is asked about it, with other values.
//!
//! Both keep the id of the transaction. The id of a protocol says what can talk to what, and a run of a scenario talks
//! to nothing outside of it; with the id, everything that names a protocol means the same as without parameters.

use super::{Scenario, Specification};
use omt_runtime::ir::ParameterValue;
use omt_runtime::package::Package;
use std::sync::Arc;

/// Another value of a parameter, in one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value there; of the type that it is declared with.
    pub value: ParameterValue,
    /// Value and unit as in the source.
    pub written: String,
    /// The transactions that have this parameter: indices into [`Specification::transactions`], at least one.
    pub transactions: Vec<usize>,
}

impl Setting {
    /// Does a transaction that has the parameter run with this value? True of one that does not use it.
    pub fn holds_in(&self, package: &Package) -> bool {
        package.protocol.parameters.get(&self.name).is_none_or(|parameter| parameter.value == self.value)
    }
}

/// For people: `WITNESS_COUNT = 3 count`.
impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {}", self.name, self.written)
    }
}

impl Scenario {
    /// What the members run: one package for each of [`Specification::transactions`], in that order.
    pub fn packages(&self, packages: &[Arc<Package>]) -> Vec<Arc<Package>> {
        let all = packages.iter().enumerate();
        all.map(|(transaction, package)| self.package(transaction, package)).collect()
    }

    fn package(&self, transaction: usize, package: &Arc<Package>) -> Arc<Package> {
        let changes =
            |setting: &&Setting| setting.transactions.contains(&transaction) && !setting.holds_in(package);
        let mut changed = self.parameters.iter().filter(changes).peekable();
        if changed.peek().is_none() {
            return Arc::clone(package);
        }
        let mut package = Package::clone(package);
        for setting in changed {
            if let Some(parameter) = package.protocol.parameters.get_mut(&setting.name) {
                parameter.value = setting.value.clone();
            }
        }
        Arc::new(package)
    }
}

impl Specification {
    /// The same with the parameters of a scenario: properties and expectations read them, too.
    #[must_use]
    pub fn within(self: &Arc<Self>, scenario: &Scenario) -> Arc<Specification> {
        let package = scenario.package(0, &self.package);
        if Arc::ptr_eq(&package, &self.package) {
            return Arc::clone(self);
        }
        Arc::new(Specification { package, ..Specification::clone(self) })
    }
}
