//! A genesis file: who starts with how much, and the hash tree over it whose root is the identity of the network.

use crate::records::{GenesisEntry, Grant};
use omt_runtime::crypto;
use omt_runtime::id::{Hash, PeerId};

/// The entries, and every level of their hash tree, leaves first.
#[derive(Clone, Debug)]
pub struct GenesisFile {
    entries: Vec<GenesisEntry>,
    levels: Vec<Vec<Hash>>,
}

impl GenesisFile {
    /// The tree over these entries. A level of odd length is filled up with its last node.
    pub fn new(entries: impl IntoIterator<Item = (PeerId, u64)>) -> Self {
        let entries: Vec<GenesisEntry> =
            entries.into_iter().map(|(peer, amount)| GenesisEntry { peer, amount }).collect();
        // A leaf is the hash of one value, a node the hash of two.
        let mut level: Vec<Hash> = entries.iter().map(|entry| crypto::hash(&(entry.clone(),))).collect();
        let mut levels = vec![level.clone()];
        while level.len() > 1 {
            level = level
                .chunks(2)
                .filter_map(|pair| Some(crypto::hash(&(*pair.first()?, *pair.last()?))))
                .collect();
            levels.push(level.clone());
        }
        GenesisFile { entries, levels }
    }

    /// The root; zero for an empty file.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or(Hash::ZERO)
    }

    /// The grant of a peer, with the path that proves its entry; `None` when it has none.
    pub fn grant(&self, peer: &PeerId) -> Option<Grant> {
        let position = self.entries.iter().position(|entry| entry.peer == *peer)?;
        let amount = self.entries.get(position)?.amount;
        let mut place = position;
        let mut path = Vec::new();
        for level in self.levels.iter().take(self.levels.len().saturating_sub(1)) {
            path.push(*level.get(place ^ 1).or_else(|| level.get(place))?);
            place /= 2;
        }
        Some(Grant { amount, position: position as u64, path, genesis: self.root() })
    }
}
