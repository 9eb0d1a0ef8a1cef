//! The host's library: what native functions and tasks of protocols are bound to, by path.

use crate::ir::Protocol;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Answers a native function: arguments and result are canonical CBOR. An error is a fault of the step.
pub type NativeFunction = Arc<dyn Fn(&[Vec<u8>]) -> Result<Vec<u8>, String> + Send + Sync>;

/// What a host can do, by path.
#[derive(Clone, Default)]
pub struct Natives {
    functions: BTreeMap<String, NativeFunction>,
    tasks: BTreeSet<String>,
}

impl Natives {
    /// Can do nothing.
    pub fn new() -> Self {
        Natives::default()
    }

    /// Binds a native function.
    #[must_use]
    pub fn function(
        mut self,
        library: &str,
        answer: impl Fn(&[Vec<u8>]) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Self {
        self.functions.insert(library.to_owned(), Arc::new(answer));
        self
    }

    /// Says that tasks of that path are run by whoever polls the peer.
    #[must_use]
    pub fn task(mut self, library: &str) -> Self {
        self.tasks.insert(library.to_owned());
        self
    }

    /// The function of that path.
    pub fn get(&self, library: &str) -> Option<&NativeFunction> {
        self.functions.get(library)
    }

    /// Paths that the protocol needs and this library lacks.
    pub fn missing(&self, protocol: &Protocol) -> Vec<String> {
        let functions = protocol.natives.values().map(|native| &native.library);
        let functions = functions.filter(|path| !self.functions.contains_key(*path));
        let tasks = protocol.tasks.values().map(|task| &task.library);
        let missing: BTreeSet<&String> =
            functions.chain(tasks.filter(|path| !self.tasks.contains(*path))).collect();
        missing.into_iter().cloned().collect()
    }
}

impl fmt::Debug for Natives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Natives")
            .field("functions", &self.functions.keys().collect::<Vec<_>>())
            .field("tasks", &self.tasks)
            .finish()
    }
}
