//! The executors under test, and the protocols that they run.

use crate::lock::ESCROW_LOCK;
use omt_runtime::interp::Interpreter;
use omt_runtime::machine::Program;
use std::fmt;
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

    /// The escrow lock, if it was generated. The interpreter runs the package that the generated Rust carries, so both
    /// run the same protocol id.
    pub fn escrow_lock(self) -> Option<Arc<dyn Program>> {
        self.transaction(ESCROW_LOCK)
    }

    /// The transaction of that number, likewise.
    pub fn transaction(self, number: &str) -> Option<Arc<dyn Program>> {
        static GENERATED: OnceLock<Vec<Arc<dyn Program>>> = OnceLock::new();
        let generated = GENERATED.get_or_init(|| omt_generated::programs().into_iter().collect());
        let generated = Arc::clone(generated.iter().find(|p| p.package().protocol.number == number)?);
        Some(match self {
            Executor::Interpreter => Arc::new(Interpreter::new(Arc::clone(generated.package()))),
            Executor::Rust => generated,
        })
    }
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Executor::Interpreter => "interpreter",
            Executor::Rust => "rust",
        })
    }
}
