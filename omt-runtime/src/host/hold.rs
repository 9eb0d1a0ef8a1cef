//! Asking for one's own head before the first append after a start (ARCHITECTURE 4).
//!
//! A host that was restored from a backup does not know the blocks that it appended after the backup. Were it to append
//! now, it would convict itself of an equivocation. So it asks the peers it knows, and takes its own blocks back from
//! whoever has them: only it can have signed them. Until they answered, or the time is up, nothing that could append
//! happens: messages are not heard (they come again), timers wait, triggers are refused.

use super::event::{EventKind, Reason};
use super::journal::Commit;
use super::packet::Packet;
use super::peer::{HostError, Output, Peer, TriggerError};
use super::step::write_chain;
use super::task::TaskKey;
use crate::chain::Segment;
use crate::id::{Hash, PeerId};
use crate::wire;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A host that asks.
#[derive(Debug)]
pub(crate) struct Hold {
    pub until: i64,
    /// Who has not answered.
    asked: BTreeSet<PeerId>,
    /// Results of tasks that ended meanwhile.
    tasks: Vec<(TaskKey, Option<Vec<u8>>)>,
}

impl Peer {
    /// Begins to ask, if the host is to.
    pub(crate) fn ask_for_own_head(&mut self) {
        let asked: BTreeSet<PeerId> =
            self.config.neighbours.iter().copied().filter(|id| *id != self.me).collect();
        let Some(patience) = self.config.own_head_patience.filter(|_| !asked.is_empty()) else { return };
        // The zero hash asks for whatever is the newest.
        let want = Packet::Want { author: self.me, from: self.books.chain.next_height(), to: Hash::ZERO };
        let bytes = wire::to_bytes(&want);
        self.outputs.extend(asked.iter().map(|to| Output::Datagram { to: *to, bytes: bytes.clone() }));
        self.hold = Some(Hold { until: self.clock.saturating_add(patience), asked, tasks: Vec::new() });
    }

    /// Keeps a task result for later, if the host asks. Gives it back otherwise.
    pub(crate) fn hold_task(
        &mut self,
        task: TaskKey,
        result: Option<Vec<u8>>,
    ) -> Option<(TaskKey, Option<Vec<u8>>)> {
        match &mut self.hold {
            Some(hold) => {
                hold.tasks.push((task, result));
                None
            }
            None => Some((task, result)),
        }
    }

    pub(crate) fn refuse_while_held(&self) -> Result<(), TriggerError> {
        if self.hold.is_some() { Err(TriggerError::Refused(Reason::Starting)) } else { Ok(()) }
    }

    /// Somebody's answer: own blocks above what is known here, or none.
    pub(crate) fn own_blocks(&mut self, from: PeerId, part: &Segment) -> Result<(), HostError> {
        let own = &self.books.chain;
        // Blocks of another branch are of no use: what is done is done.
        let whole = part
            .complete(own)
            .ok()
            .filter(|whole| whole.prefix(&own.head_hash()).is_some() || own.is_empty());
        let longer = whole.filter(|whole| whole.next_height() > own.next_height());
        let verified = longer.filter(|whole| whole.verify_with(&mut self.books.verified).is_ok());
        if let Some(whole) = verified {
            let new: Vec<_> = whole
                .from_height_on(self.books.chain.next_height())
                .blocks()
                .into_iter()
                .map(Arc::clone)
                .collect();
            let mut commit = Commit::default();
            write_chain(&mut commit, &self.books.chain, &whole, &new);
            self.commit_now(commit)?;
            self.books.chain = whole;
            for block in new {
                let (kind, height, hash) = (block.kind().to_owned(), block.height(), block.hash());
                self.log.push(self.clock, EventKind::Appended { kind, height, hash });
            }
            // There may be more than fits one answer.
            let want = Packet::Want { author: self.me, from: self.books.chain.next_height(), to: Hash::ZERO };
            self.outputs.push_back(Output::Datagram { to: from, bytes: wire::to_bytes(&want) });
        } else if let Some(hold) = &mut self.hold {
            hold.asked.remove(&from);
        }
        Ok(())
    }

    /// Goes on when everybody answered or the time is up.
    pub(crate) fn end_hold(&mut self) -> Result<(), HostError> {
        let over = self.hold.as_ref().is_some_and(|hold| hold.asked.is_empty() || hold.until <= self.clock);
        if !over {
            return Ok(());
        }
        let tasks = self.hold.take().map_or_else(Vec::new, |hold| hold.tasks);
        for (task, result) in tasks {
            self.task_ended(task, result)?;
            self.settle()?;
        }
        Ok(())
    }
}
