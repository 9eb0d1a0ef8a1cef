//! The whole lock in process, with real signatures: steps a second of both executors, locks a second, and the share
//! of the time that is cryptography.
//!
//! The share is computed: operations counted during the run, times what one of them costs in the same run.

use super::timed::{Clock, Timed};
use super::{ROUNDS, Spread, ratio, time};
use omerta_tests::executor::Executor;
use omerta_tests::lock::{LockWorld, OMC, Spec};
use omt_runtime::crypto::{self, Keypair, Tally};
use omt_runtime::host::limits::SECOND;
use omt_runtime::machine::Program;
use std::sync::Arc;
use std::time::Duration;

/// Worlds of one round, each with one lock.
const LOCKS: u64 = 10;
/// Operations that the price of one is taken from.
const OPERATIONS: u32 = 500;
/// Octets that the price of hashing is taken from.
const HASHED_BYTES: usize = 1_000_000;

/// What one operation costs, in seconds.
struct Price {
    sign: f64,
    verify: f64,
    hash_byte: f64,
}

impl Price {
    fn now() -> Price {
        let key = Keypair::from_seed(&[7; 32]);
        let digest = crypto::sha256(b"a digest");
        let peer = key.peer_id();
        let signature = key.sign(&digest);
        let each = |took: Duration| took.as_secs_f64() / f64::from(OPERATIONS);
        let text = vec![1_u8; HASHED_BYTES];
        #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
        let bytes = HASHED_BYTES as f64;
        Price {
            sign: each(time(|| (0..OPERATIONS).map(|_| key.sign(&digest).0[0] as usize).sum::<usize>())),
            verify: each(time(|| {
                (0..OPERATIONS).filter(|_| crypto::verify(&peer, &digest, &signature)).count()
            })),
            hash_byte: time(|| crypto::sha256(&text)).as_secs_f64() / bytes,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    fn of(&self, tally: Tally) -> f64 {
        tally.signed as f64 * self.sign
            + tally.verified as f64 * self.verify
            + tally.hashed as f64 * self.hash_byte
    }
}

/// One round of one executor.
struct Round {
    clock: Clock,
    took: f64,
    tally: Tally,
}

fn round(executor: Executor, first_seed: u64) -> Result<Round, String> {
    let mut sum = Round { clock: Clock::default(), took: 0.0, tally: Tally::default() };
    for seed in first_seed..first_seed + LOCKS {
        let inner = executor.escrow_lock().ok_or_else(|| format!("no escrow lock for {executor}"))?;
        let timed = Arc::new(Timed::new(inner));
        let program = Arc::clone(&timed) as Arc<dyn Program>;
        let mut lock =
            LockWorld::build_on(Spec::clean(executor, seed), program).map_err(|error| error.to_string())?;
        let (before, ticks) = (crypto::tally(), timed.clock());
        let mut ended = Ok(false);
        let took = time(|| ended = one(&mut lock));
        if !ended? {
            return Err(format!("seed {seed}: the lock did not come about"));
        }
        let (after, clock) = (crypto::tally(), timed.clock());
        sum.took += took.as_secs_f64();
        sum.tally.signed += after.signed - before.signed;
        sum.tally.verified += after.verified - before.verified;
        sum.tally.hashed += after.hashed - before.hashed;
        sum.clock.steps += clock.steps - ticks.steps;
        sum.clock.spent += clock.spent.saturating_sub(ticks.spent);
        sum.clock.signed += clock.signed - ticks.signed;
        sum.clock.verified += clock.verified - ticks.verified;
    }
    Ok(sum)
}

/// From the opening until consumer, provider and all five witnesses are done.
fn one(lock: &mut LockWorld) -> Result<bool, String> {
    let session = lock.open("alice", "bob", 80 * OMC).map_err(|error| error.to_string())?;
    let done = |lock: &LockWorld| {
        let cabal = lock.cabal("alice", &session);
        lock.state("bob", &session) == "SERVICE_PHASE"
            && cabal.len() == 5
            && cabal.iter().all(|name| lock.state(name, &session) == "ESCROW_ACTIVE")
    };
    Ok(lock.run_until(330 * SECOND, done) && lock.state("alice", &session) == "LOCKED")
}

/// Measures and prints.
#[allow(clippy::cast_precision_loss, reason = "figures for people")]
pub fn run() -> Result<(), String> {
    let executors = [Executor::Interpreter, Executor::Rust];
    let mut steps = [Vec::new(), Vec::new()];
    let mut bare = [Vec::new(), Vec::new()];
    let mut locks = [Vec::new(), Vec::new()];
    let mut shares = [Vec::new(), Vec::new()];
    let mut last = None;
    for number in 0..ROUNDS {
        let price = Price::now();
        let all = steps.iter_mut().zip(&mut bare).zip(&mut locks).zip(&mut shares);
        for (executor, (((steps, bare), locks), shares)) in executors.into_iter().zip(all) {
            let round = round(executor, 1 + number as u64 * LOCKS)?;
            let spent = round.clock.spent.as_secs_f64();
            let inside = Tally { signed: round.clock.signed, verified: round.clock.verified, hashed: 0 };
            steps.push(f64::from(round.clock.steps) / spent);
            bare.push(f64::from(round.clock.steps) / (spent - price.of(inside)).max(1e-9));
            locks.push(LOCKS as f64 / round.took);
            shares.push(100.0 * price.of(round.tally) / round.took);
            last = Some(round);
        }
    }
    println!(
        "lock: 1 consumer, 1 provider, 5 of 12 witnesses, {LOCKS} locks a round, real signatures, one thread"
    );
    for ((((executor, steps), bare), locks), shares) in
        executors.iter().zip(&steps).zip(&bare).zip(&locks).zip(&shares)
    {
        println!("  {executor}");
        println!("    steps                {}", Spread::of(steps.clone()).show("1/s"));
        println!("    without signatures   {}", Spread::of(bare.clone()).show("1/s"));
        println!("    locks                {}", Spread::of(locks.clone()).show("1/s"));
        println!("    cryptography         {}", Spread::of(shares.clone()).show("% of the time"));
    }
    let [slow, fast] = &steps;
    let [slow_bare, fast_bare] = &bare;
    let [slow_locks, fast_locks] = &locks;
    println!("  rust beside interpreter");
    println!("    steps                {}", ratio(fast, slow).show("times"));
    println!("    without signatures   {}", ratio(fast_bare, slow_bare).show("times"));
    println!("    locks                {}", ratio(fast_locks, slow_locks).show("times"));
    if let Some(round) = last {
        let per = |count: u64| count as f64 / LOCKS as f64;
        println!(
            "  one lock: {:.0} steps, {:.0} signatures made, {:.0} checked, {:.0} octets hashed",
            f64::from(round.clock.steps) / LOCKS as f64,
            per(round.tally.signed),
            per(round.tally.verified),
            per(round.tally.hashed)
        );
    }
    Ok(())
}
