//! When to stop, also in the middle of something: one step of a search may compute for long.

use super::outcome::{Limit, Watch};
use std::cell::Cell;
use std::time::Duration;

/// Computations between two looks at the clock.
const LOOK_EVERY: u64 = 64;
/// Computations between two looks at the memory of the process, which asks the operating system.
const WEIGH_EVERY: u64 = 4_096;

/// What is asked in the middle of something. Once it has said stop, it says nothing else.
#[derive(Default)]
pub(super) struct Halt {
    clock: Option<super::Clock>,
    meter: Option<super::Meter>,
    until: Option<Duration>,
    bytes_max: Option<usize>,
    asked: Cell<u64>,
    hit: Cell<Option<Limit>>,
}

impl Halt {
    /// Stops at that time, or when the process takes so many bytes; as far as the watch has a clock and a meter.
    pub fn at(watch: &dyn Watch, until: Option<Duration>, bytes_max: usize) -> Halt {
        Halt {
            clock: watch.clock(),
            meter: watch.meter(),
            until,
            bytes_max: Some(bytes_max),
            ..Halt::default()
        }
    }

    /// Is it time to stop?
    pub fn now(&self) -> bool {
        if self.hit.get().is_some() {
            return true;
        }
        let asked = self.asked.get();
        self.asked.set(asked.wrapping_add(1));
        if asked.is_multiple_of(LOOK_EVERY)
            && let (Some(clock), Some(until)) = (&self.clock, self.until)
            && clock() >= until
        {
            self.hit.set(Some(Limit::Time));
        }
        if asked % WEIGH_EVERY == WEIGH_EVERY - 1
            && let (Some(meter), Some(bytes_max)) = (&self.meter, self.bytes_max)
            && meter().is_some_and(|bytes| bytes >= bytes_max)
        {
            self.hit.set(Some(Limit::Memory));
        }
        self.hit.get().is_some()
    }

    /// Why it stopped, if it did.
    pub fn hit(&self) -> Option<Limit> {
        self.hit.get()
    }
}
