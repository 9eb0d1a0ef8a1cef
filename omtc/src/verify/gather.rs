//! Leaps of one local state: what it gathers first, and what it does then.

use super::engine::{Last, Leap};
use super::table::QuickMap;
use std::sync::Arc;

/// Local states that gathering leads to before they are looked at one by one.
const GATHERED_MAX: usize = 4_096;

/// Local states that gathering leads to, those with the fewest messages of byzantine members first.
pub(super) struct Gathering {
    /// By how many there are in it: in the order in which they were met.
    open: Vec<Vec<(u32, Arc<[u32]>)>>,
    /// The fewest with which each was met.
    met: QuickMap<u32, u32>,
    /// How many there are in those that are looked at, and how many of these have been.
    said: usize,
    at: usize,
    seen: usize,
}

impl Gathering {
    /// Begins where nothing is gathered.
    pub fn from(local: u32) -> Gathering {
        let mut met = QuickMap::default();
        met.insert(local, 0);
        Gathering { open: vec![vec![(local, Arc::new([]))]], met, said: 0, at: 0, seen: 1 }
    }

    /// The next local state, what was gathered, and how much of it byzantine members have said.
    pub fn next(&mut self) -> Option<(u32, Arc<[u32]>, u32)> {
        loop {
            let Some(next) = self.open.get(self.said)?.get(self.at).cloned() else {
                self.said += 1;
                self.at = 0;
                continue;
            };
            self.at += 1;
            let said = u32::try_from(self.said).ok()?;
            if self.met.get(&next.0) == Some(&said) {
                return Some((next.0, next.1, said));
            }
        }
    }

    /// May there be more?
    pub fn has_room(&self) -> bool {
        self.seen < GATHERED_MAX
    }

    /// One that gathering a message more leads to.
    pub fn add(&mut self, next: u32, gathered: &[u32], message: u32, said: u32) {
        if self.met.get(&next).is_some_and(|fewest| *fewest <= said) {
            return;
        }
        self.met.insert(next, said);
        self.seen += 1;
        let said = super::table::index(said);
        if self.open.len() <= said {
            self.open.resize(said + 1, Vec::new());
        }
        if let Some(open) = self.open.get_mut(said) {
            open.push((next, gathered.iter().copied().chain([message]).collect()));
        }
    }
}

/// One leap to each local state, with the fewest messages of byzantine members.
#[derive(Default)]
pub(super) struct Leaps {
    pub all: Vec<Leap>,
    found: QuickMap<u32, usize>,
}

impl Leaps {
    pub fn add(&mut self, gathered: &Arc<[u32]>, last: Last, next: u32, said: u32) {
        let leap = Leap { gathered: Arc::clone(gathered), last, next, said };
        match self.found.get(&next).and_then(|at| self.all.get_mut(*at)) {
            Some(known) if known.said <= said => {}
            Some(known) => *known = leap,
            None => {
                self.found.insert(next, self.all.len());
                self.all.push(leap);
            }
        }
    }
}
