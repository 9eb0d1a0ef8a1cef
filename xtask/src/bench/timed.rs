//! A program that is another one with a stopwatch.

use omt_runtime::crypto;
use omt_runtime::id::SessionId;
use omt_runtime::machine::{Env, Fault, Input, Machine, Program, ProgramError, Reaction};
use omt_runtime::package::Package;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the steps of a program came to.
#[derive(Clone, Copy, Default)]
pub struct Clock {
    /// Steps, also refused ones.
    pub steps: u32,
    /// Time inside them.
    pub spent: Duration,
    /// Signatures made and checked inside them.
    pub signed: u64,
    /// Signatures checked inside them.
    pub verified: u64,
}

/// Times every step of a program.
pub struct Timed {
    inner: Arc<dyn Program>,
    clock: Arc<Mutex<Clock>>,
}

impl Timed {
    /// Wraps it.
    pub fn new(inner: Arc<dyn Program>) -> Timed {
        Timed { inner, clock: Arc::default() }
    }

    /// What has been measured so far.
    pub fn clock(&self) -> Clock {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrap(&self, machine: Box<dyn Machine>) -> Box<dyn Machine> {
        Box::new(TimedMachine { inner: machine, clock: Arc::clone(&self.clock) })
    }
}

impl Program for Timed {
    fn package(&self) -> &Arc<Package> {
        self.inner.package()
    }

    fn executor(&self) -> &'static str {
        self.inner.executor()
    }

    fn start(&self, actor: &str, session: SessionId) -> Result<Box<dyn Machine>, ProgramError> {
        Ok(self.wrap(self.inner.start(actor, session)?))
    }

    fn restore(&self, actor: &str, snapshot: &[u8]) -> Result<Box<dyn Machine>, ProgramError> {
        Ok(self.wrap(self.inner.restore(actor, snapshot)?))
    }
}

struct TimedMachine {
    inner: Box<dyn Machine>,
    clock: Arc<Mutex<Clock>>,
}

impl Machine for TimedMachine {
    fn actor(&self) -> &str {
        self.inner.actor()
    }

    fn state(&self) -> &str {
        self.inner.state()
    }

    fn session(&self) -> SessionId {
        self.inner.session()
    }

    fn field(&self, name: &str) -> Option<Vec<u8>> {
        self.inner.field(name)
    }

    fn save(&self) -> Vec<u8> {
        self.inner.save()
    }

    fn step(&self, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault> {
        let before = crypto::tally();
        let start = Instant::now();
        let outcome = self.inner.step(input, env);
        let spent = start.elapsed();
        let after = crypto::tally();
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.steps += 1;
        clock.spent += spent;
        clock.signed += after.signed.wrapping_sub(before.signed);
        clock.verified += after.verified.wrapping_sub(before.verified);
        drop(clock);
        outcome.map(|reaction| match reaction {
            Reaction::Fired(mut fired) => {
                fired.machine =
                    Box::new(TimedMachine { inner: fired.machine, clock: Arc::clone(&self.clock) });
                Reaction::Fired(fired)
            }
            other @ (Reaction::Refused(_) | Reaction::Deferred | Reaction::Discarded) => other,
        })
    }
}
