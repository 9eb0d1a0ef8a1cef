//! Limits of a host. Every queue and table has one; a sentence says why that number.

use crate::id::PeerId;

/// One microsecond is the unit of time.
pub const SECOND: i64 = 1_000_000;
/// 60 seconds.
pub const MINUTE: i64 = 60 * SECOND;
/// 60 minutes.
pub const HOUR: i64 = 60 * MINUTE;

/// How old the time of an envelope may be: the longest that ids must be remembered. (LANGUAGE 6.2)
pub const ENVELOPE_AGE_MAX: i64 = 24 * HOUR;
/// How far ahead the time of an envelope may be: clocks of honest peers differ. (LANGUAGE 6.2)
pub const ENVELOPE_AHEAD_MAX: i64 = 10 * MINUTE;
/// How long a tombstone stays after the last deadline: as long as a repeated first message may be old. (LANGUAGE 6.1)
pub const TOMBSTONE_AFTER: i64 = 24 * HOUR;
/// Live instances of a peer. (LANGUAGE 6.1)
pub const INSTANCE_MAX: usize = 4_096;
/// Live instances that the messages of one other peer created: nobody alone can fill the table. (LANGUAGE 6.1)
pub const INSTANCE_PER_PEER_MAX: usize = 64;
/// Messages that wait in one instance for a later state. (LANGUAGE 6.3)
pub const DEFERRED_MAX: usize = 64;
/// Of these, messages of one sender. (LANGUAGE 6.3)
pub const DEFERRED_PER_SENDER_MAX: usize = 8;
/// Early messages of one sender for one session. (LANGUAGE 6.3)
pub const EARLY_PER_SENDER_MAX: usize = 8;
/// Early messages in all. (LANGUAGE 6.3)
pub const EARLY_MAX: usize = 1_024;
/// How long an early message waits. (LANGUAGE 6.3)
pub const EARLY_FOR: i64 = MINUTE;
/// Attempts of a step before it runs exclusively. (LANGUAGE 6.10)
pub const COMMIT_ATTEMPTS_MAX: u32 = 16;

/// Ids that an instance remembers of one sender. One who sends more loses its own oldest: whatever is not newer
/// than the newest forgotten one is refused, so forgetting never lets a message in twice.
pub const TAKEN_PER_SENDER_MAX: usize = 1_024;
/// Messages remembered that changed nothing (refused without an instance): saves work, is not needed to be right.
pub const RECENT_MAX: usize = 65_536;
/// First pause before a message is sent again; several round trips of a slow link.
pub const RETRY_FIRST: i64 = 2 * SECOND;
/// Longest pause before a message is sent again: a peer that returns is found within a minute.
pub const RETRY_MAX: i64 = MINUTE;
/// How long a message is sent again: the receiver takes none that is older.
pub const RESEND_FOR: i64 = ENVELOPE_AGE_MAX;
/// Items of the gossip set (PROTOCOLS B.2): forgetting one only costs propagation again.
pub const GOSSIP_MAX: usize = 100_000;
/// How long a forwarded gossip item is offered to a neighbour that does not acknowledge it.
pub const GOSSIP_RESEND_FOR: i64 = 10 * MINUTE;
/// View states remembered: a few thousand chains with a few views each.
pub const VIEW_CACHE_MAX: usize = 16_384;
/// Authors whose chains are cached.
pub const CHAIN_CACHE_AUTHORS_MAX: usize = 4_096;
/// Messages that wait for the lower part of a segment.
pub const AWAITING_MAX: usize = 64;
/// Of these, messages that one peer brought.
pub const AWAITING_PER_PEER_MAX: usize = 8;
/// How long they wait; the sender sends again, so nothing is lost.
pub const AWAITING_FOR: i64 = 30 * SECOND;
/// Bytes of blocks in one answer: leaves room below [`crate::wire::SIZE_MAX`] for what is around them.
pub const SEGMENT_PART_BYTES_MAX: usize = 768 * 1024;
/// Messages to oneself that are delivered at one instant before the clock must move: two instances of one peer that
/// answer each other for ever do not stop the host.
pub const LOCAL_PER_INSTANT_MAX: usize = 1_000;
/// Timers that fire at one instant before the clock must move: every instance may have two; a machine that arms in the
/// past for ever does not stop the host.
pub const TIMERS_PER_INSTANT_MAX: usize = 2 * INSTANCE_MAX;
/// Requests for blocks that are answered to one peer in a second: an answer is much larger than its request.
pub const WANTS_PER_SECOND_MAX: u32 = 32;
/// Events kept for whoever reads them; the oldest goes first.
pub const EVENT_MAX: usize = 65_536;
/// Senders that are counted apart; those that come later are counted together.
pub const COUNTED_SENDERS_MAX: usize = 4_096;
/// Idempotency keys of triggers that are remembered, and for as long as [`RESEND_FOR`].
pub const REQUEST_MAX: usize = 65_536;

/// What a host can choose.
#[derive(Clone, Debug)]
pub struct PeerConfig {
    /// Seed of the key pair (RFC 8032).
    pub key_seed: [u8; 32],
    /// Seed of everything random that this run of the host answers; must differ from run to run.
    pub random_seed: [u8; 32],
    /// Peers that gossip is handed to.
    pub neighbours: Vec<PeerId>,
    /// How long to wait at a start for peers that may know more of the own chain than the journal does, as after a
    /// restored backup; `None` trusts the journal.
    pub own_head_patience: Option<i64>,
    /// Live instances; [`INSTANCE_MAX`].
    pub instance_max: usize,
    /// Live instances that one other peer created; [`INSTANCE_PER_PEER_MAX`].
    pub instance_per_peer_max: usize,
    /// Tell with every step what it left behind ([`Seen`](super::Seen)); costs a snapshot a step.
    pub watched: bool,
}

impl PeerConfig {
    /// The usual limits.
    pub fn new(key_seed: [u8; 32], random_seed: [u8; 32]) -> Self {
        PeerConfig {
            key_seed,
            random_seed,
            neighbours: Vec::new(),
            own_head_patience: None,
            instance_max: INSTANCE_MAX,
            instance_per_peer_max: INSTANCE_PER_PEER_MAX,
            watched: false,
        }
    }
}
