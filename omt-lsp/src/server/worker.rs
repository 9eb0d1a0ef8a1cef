//! Threads that answer requests, each on a snapshot. A panic ends the request and nothing else.

use super::STACK_BYTES;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Requests that are answered at the same time. Most take a millisecond; one that runs a scenario must not hold them up.
const THREADS: usize = 3;

type Work = Box<dyn FnOnce() + Send>;

/// The threads.
pub(super) struct Workers(Sender<Work>);

impl Workers {
    pub fn start() -> io::Result<Workers> {
        let (sender, receiver) = channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..THREADS {
            let receiver = Arc::clone(&receiver);
            std::thread::Builder::new()
                .name("worker".to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || work(&receiver))?;
        }
        Ok(Workers(sender))
    }

    pub fn take(&self, work: impl FnOnce() + Send + 'static) {
        // They end only with this.
        let _ = self.0.send(Box::new(work));
    }
}

fn work(receiver: &Mutex<Receiver<Work>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // Whoever waits for the answer hears that there is none, because the other end of the channel is gone.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}
