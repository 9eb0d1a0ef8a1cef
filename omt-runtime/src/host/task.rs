//! Tasks: what takes time is asked for by an effect and answered by an input.

use crate::id::{Hash, SessionId};
use crate::wire::Bytes;
use crate::wire_record;

/// Which run of which task. A host may run it more than once; the first result counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    /// Protocol id of the instance.
    pub protocol: Hash,
    /// Session of the instance.
    pub session: SessionId,
    /// Name of the task.
    pub task: String,
    /// Counts the tasks that the instance started: a second `START` makes the first one's result stale.
    pub generation: u64,
}

/// A task to be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskStart {
    /// Which.
    pub key: TaskKey,
    /// Path in the host's library.
    pub library: String,
    /// Arguments in order, canonical.
    pub arguments: Vec<Vec<u8>>,
}

/// A task that runs, as an instance remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRow {
    pub generation: u64,
    pub arguments: Vec<Bytes>,
}

wire_record!(TaskRow { generation, arguments });
