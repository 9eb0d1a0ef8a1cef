//! The executors under test, and the protocols that they run.

use omt_runtime::interp::Interpreter;
use omt_runtime::machine::Program;
use omt_runtime::package::Package;
use omtc::source::DiskSources;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What runs the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Executor {
    /// The package, interpreted.
    Interpreter,
    /// The generated Rust.
    Rust,
}

impl Executor {
    /// All of them.
    pub const ALL: [Executor; 2] = [Executor::Interpreter, Executor::Rust];

    /// The escrow lock; `None` when this executor cannot run it.
    pub fn escrow_lock(self) -> Option<Arc<dyn Program>> {
        match self {
            Executor::Rust => omt_generated::programs()
                .into_iter()
                .find(|program| program.package().protocol.number == "00"),
            Executor::Interpreter => {
                compiled().map(|package| Arc::new(Interpreter::new(package)) as Arc<dyn Program>)
            }
        }
    }
}

/// The package, compiled in this process.
fn compiled() -> Option<Arc<Package>> {
    static PACKAGE: OnceLock<Option<Arc<Package>>> = OnceLock::new();
    let compile = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
        let path = root.join("protocols/transactions/00_escrow_lock/transaction.omt");
        let analyzed = omtc::sema::analyze(&DiskSources, &[path]);
        let protocol = analyzed.units.into_iter().find_map(|unit| unit.protocol)?;
        Package::from_protocol(protocol).ok().map(Arc::new)
    };
    PACKAGE.get_or_init(compile).clone()
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Executor::Interpreter => "interpreter",
            Executor::Rust => "rust",
        })
    }
}
