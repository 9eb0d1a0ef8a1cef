//! Chains: one append-only list of signed blocks per peer (ARCHITECTURE 4, PROTOCOLS B.1).
//!
//! * [`RawBlock`]: a block as anybody can verify it, its payload still bytes; [`Block`] with the payload typed.
//! * [`Segment`]: consecutive blocks of one author. The own chain is one, from genesis.
//! * [`Equivocation`]: two blocks or two messages of one author that contradict each other; verifies stand-alone.
//! * [`EvidenceStore`]: finds equivocations in everything that was verified here.
//! * [`ChainState`]: whom a chain knew at a block.

mod block;
mod evidence;
mod segment;
mod state;

pub use block::{Block, BlockBody, RawBlock};
pub use evidence::{Equivocation, EquivocationError, EvidenceStore};
pub use segment::{ChainError, SEGMENT_BLOCK_COUNT_MAX, Segment};
pub use state::{ChainState, PEER_HASH};

#[cfg(test)]
mod tests;
