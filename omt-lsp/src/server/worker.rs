//! Threads that answer requests, each on a snapshot. A panic ends the request and nothing else.

use super::STACK_BYTES;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Requests that are answered at the same time. Most take a millisecond.
const THREADS: usize = 3;

/// Those that take long: one that verifies must not hold up one that runs a scenario.
const LONG_THREADS: usize = 2;

type Work = Box<dyn FnOnce() + Send>;

/// The threads.
pub(super) struct Workers {
    short: Sender<Work>,
    long: Sender<Work>,
}

impl Workers {
    pub fn start() -> io::Result<Workers> {
        Ok(Workers { short: pool("worker", THREADS)?, long: pool("long worker", LONG_THREADS)? })
    }

    pub fn take(&self, is_long: bool, work: impl FnOnce() + Send + 'static) {
        let pool = if is_long { &self.long } else { &self.short };
        // They end only with this.
        let _ = pool.send(Box::new(work));
    }
}

fn pool(name: &str, threads: usize) -> io::Result<Sender<Work>> {
    let (sender, receiver) = channel::<Work>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..threads {
        let receiver = Arc::clone(&receiver);
        std::thread::Builder::new()
            .name(name.to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || work(&receiver))?;
    }
    Ok(sender)
}

fn work(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // Whoever waits for the answer hears that there is none, because the other end of the channel is gone.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}
