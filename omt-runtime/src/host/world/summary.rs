//! A world in a form that a program can read.

use super::{Node, WORLD_START, World};
use crate::chain::Segment;
use crate::host::Status;
use crate::id::{Hash, PeerId, SessionId};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that matters at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// Virtual time since the start, microseconds.
    pub elapsed: i64,
    /// Messages sent, each counted once per receiver.
    pub messages: usize,
    /// Datagrams that arrived.
    pub datagrams: u64,
    /// Restarts of peers.
    pub restarts: u64,
    /// See [`World::trace`].
    pub trace: Hash,
    /// The cast, in its order.
    pub peers: Vec<PeerSummary>,
}

/// A peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerSummary {
    /// Its name in the cast.
    pub name: String,
    /// Its id.
    pub id: PeerId,
    /// Is it running?
    pub up: bool,
    /// Its instances.
    pub instances: Vec<InstanceSummary>,
    /// Its chain.
    pub chain: ChainSummary,
    /// What it refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Items in its gossip set.
    pub gossip: usize,
    /// Peers of whom it has a proof of equivocation.
    pub proofs: Vec<PeerId>,
    /// Effects that have not happened yet.
    pub outbox: usize,
}

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceSummary {
    /// Number of the protocol.
    pub protocol: String,
    /// Its actor.
    pub actor: String,
    /// Its session.
    pub session: SessionId,
    /// Its state.
    pub state: String,
    /// `running`, `completed` or `faulted`.
    pub status: String,
    /// What stopped it.
    pub fault: Option<String>,
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainSummary {
    /// Height of its head; −1 when it is empty.
    pub height: i64,
    /// Hash of its head.
    pub head: Hash,
    /// Do all hashes, links and signatures hold?
    pub verifies: bool,
}

impl From<&Segment> for ChainSummary {
    fn from(chain: &Segment) -> Self {
        ChainSummary { height: chain.height(), head: chain.head_hash(), verifies: chain.verify().is_ok() }
    }
}

impl World {
    /// The state of the world.
    pub fn summary(&self) -> Summary {
        Summary {
            seed: self.seed,
            elapsed: self.now.saturating_sub(WORLD_START),
            messages: self.lines.len(),
            datagrams: self.datagrams,
            restarts: self.restarts,
            trace: self.trace,
            peers: self.nodes.iter().map(peer).collect(),
        }
    }
}

fn peer(node: &Node) -> PeerSummary {
    let mut summary = PeerSummary {
        name: node.name.clone(),
        id: node.id,
        up: node.peer.is_some(),
        instances: Vec::new(),
        chain: ChainSummary::from(&Segment::empty(node.id)),
        refused: BTreeMap::new(),
        gossip: 0,
        proofs: Vec::new(),
        outbox: 0,
    };
    let Some(peer) = &node.peer else { return summary };
    summary.instances = peer
        .instances()
        .into_iter()
        .map(|view| InstanceSummary {
            protocol: view.number,
            actor: view.actor,
            session: view.key.session,
            state: view.state,
            status: Status::name(&view.status).to_owned(),
            fault: view.fault,
        })
        .collect();
    summary.chain = ChainSummary::from(peer.chain());
    for ((reason, _), count) in peer.counters() {
        *summary.refused.entry(reason.to_string()).or_default() += count;
    }
    summary.gossip = peer.gossip().len();
    summary.proofs = peer.proofs().iter().map(|proof| proof.author()).collect();
    summary.outbox = peer.outbox().count();
    summary
}
