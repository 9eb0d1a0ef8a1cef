//! What runs for long, and can be cancelled by the token of its progress.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower_lsp::lsp_types::ProgressToken;

/// By token, as JSON writes it, whether it is given up.
type Flags = BTreeMap<String, Arc<AtomicBool>>;

/// What runs now.
#[derive(Clone, Default)]
pub(super) struct Running {
    flags: Arc<Mutex<Flags>>,
    /// Tokens that the server made up.
    made: Arc<AtomicU32>,
}

/// Given up when it is dropped.
pub(super) struct Until {
    flag: Arc<AtomicBool>,
    token: Option<String>,
    running: Running,
}

impl Running {
    fn flags(&self) -> MutexGuard<'_, Flags> {
        self.flags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that nobody else has.
    pub fn token(&self) -> ProgressToken {
        ProgressToken::String(format!("omt-{}", self.made.fetch_add(1, Ordering::Relaxed)))
    }

    /// Something begins, with or without a token.
    pub fn begin(&self, token: Option<&Value>) -> Until {
        let flag = Arc::new(AtomicBool::new(false));
        let token = token.map(Value::to_string);
        if let Some(token) = &token {
            self.flags().insert(token.clone(), Arc::clone(&flag));
        }
        Until { flag, token, running: self.clone() }
    }

    /// What has that token is given up.
    pub fn cancel(&self, token: &ProgressToken) {
        let token = serde_json::json!(token).to_string();
        if let Some(flag) = self.flags().get(&token) {
            flag.store(true, Ordering::Relaxed);
        }
    }
}

impl Until {
    /// Whether it is given up.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        self.flag.store(true, Ordering::Relaxed);
        let Some(token) = &self.token else { return };
        let mut flags = self.running.flags();
        // Another one may have begun with the same token.
        if flags.get(token).is_some_and(|flag| Arc::ptr_eq(flag, &self.flag)) {
            flags.remove(token);
        }
    }
}
