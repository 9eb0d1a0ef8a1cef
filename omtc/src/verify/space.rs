//! The states that were reached: vectors of numbers in one flat allocation, each once, each with the state it was
//! reached from. Looking one up compares it whole, so no state is ever taken for another.

use super::table::{hash_words, index};

/// No state.
pub(super) const NONE: u32 = u32::MAX;

/// Slots of the empty table.
const SLOTS_MIN: usize = 1 << 12;

/// All states so far, numbered in the order in which they were reached.
#[derive(Debug)]
pub(super) struct Space {
    width: usize,
    cells: Vec<u32>,
    parents: Vec<u32>,
    /// Open addressing with linear probing; never more than half full.
    slots: Vec<u32>,
}

impl Space {
    /// States of that many numbers.
    pub fn new(width: usize) -> Space {
        Space { width, cells: Vec::new(), parents: Vec::new(), slots: vec![NONE; SLOTS_MIN] }
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// A state.
    pub fn get(&self, number: u32) -> &[u32] {
        let start = index(number).saturating_mul(self.width);
        self.cells.get(start..start.saturating_add(self.width)).unwrap_or_default()
    }

    /// The state that it was reached from first; [`NONE`] for an initial one.
    pub fn parent(&self, number: u32) -> u32 {
        self.parents.get(index(number)).copied().unwrap_or(NONE)
    }

    /// The number of a state that is there.
    pub fn find(&self, state: &[u32]) -> Option<u32> {
        let slot = self.slot(state);
        self.slots.get(slot).copied().filter(|number| *number != NONE)
    }

    /// The number of a state, and whether it is new.
    pub fn add(&mut self, state: &[u32], parent: u32) -> (u32, bool) {
        let slot = self.slot(state);
        if let Some(known) = self.slots.get(slot).copied().filter(|number| *number != NONE) {
            return (known, false);
        }
        let number = u32::try_from(self.parents.len()).unwrap_or(NONE);
        self.cells.extend_from_slice(state);
        self.parents.push(parent);
        if let Some(free) = self.slots.get_mut(slot) {
            *free = number;
        }
        if self.parents.len().saturating_mul(2) > self.slots.len() {
            self.grow();
        }
        (number, true)
    }

    /// Where a state is, or would be.
    fn slot(&self, state: &[u32]) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = usize::try_from(hash_words(state)).unwrap_or(0) & mask;
        loop {
            match self.slots.get(slot) {
                Some(number) if *number != NONE && self.get(*number) != state => slot = (slot + 1) & mask,
                _ => return slot,
            }
        }
    }

    fn grow(&mut self) {
        let size = self.slots.len().saturating_mul(2);
        self.slots = vec![NONE; size];
        for number in 0..self.parents.len() {
            let number = u32::try_from(number).unwrap_or(NONE);
            let slot = self.slot(self.get(number));
            if let Some(free) = self.slots.get_mut(slot) {
                *free = number;
            }
        }
    }

    /// Bytes that it takes for a moment to make room, if that comes with the next states.
    pub fn about_to_take(&self, states: usize) -> usize {
        let of = |len: usize, capacity: usize, more: usize| {
            if len.saturating_add(more) > capacity { capacity.saturating_mul(2) } else { 0 }
        };
        let cells = of(self.cells.len(), self.cells.capacity(), states.saturating_mul(self.width));
        let parents = of(self.parents.len(), self.parents.capacity(), states);
        let slots = of(self.parents.len().saturating_mul(2), self.slots.len(), states.saturating_mul(2));
        cells.saturating_add(parents).saturating_add(slots).saturating_mul(size_of::<u32>())
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let words = self.cells.capacity().saturating_add(self.parents.capacity());
        words.saturating_add(self.slots.capacity()).saturating_mul(size_of::<u32>())
    }
}
