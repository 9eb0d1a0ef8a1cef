//! What somebody waits for at every key. The analysis of that key begins after it: on few cores it would take one from it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The analysis waits no longer than this. What is urgent takes a few milliseconds.
const WAIT_MAX: Duration = Duration::from_millis(20);

/// Counts what is urgent. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Urgent(Arc<Count>);

#[derive(Default)]
struct Count {
    open: Mutex<usize>,
    none: Condvar,
}

/// Something is urgent until this is dropped.
pub(super) struct Hold(Arc<Count>);

impl Urgent {
    /// One more.
    pub fn hold(&self) -> Hold {
        *self.0.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Hold(Arc::clone(&self.0))
    }

    /// Waits until nothing is urgent, or for [`WAIT_MAX`].
    pub fn wait(&self) {
        let open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether it took too long makes no difference.
        drop(self.0.none.wait_timeout_while(open, WAIT_MAX, |open| *open > 0));
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open -= 1;
        if *open == 0 {
            self.0.none.notify_all();
        }
    }
}
