//! A session's whole life: lock, attestation, a top-up, settlement, among several peers in virtual time; and what can go wrong in it.

use crate::executor::Executor;
use crate::forge::{Forgery, sign};
use crate::ledger::Money;
use crate::lock::{BuildError, LockWorld, OMC, Party, Spec, candidates, provider};
use crate::records::{SessionTerms, SettlementBody, SettlementShare, VmAddress};
use crate::settlement::trust_after_a_month;
use omt_runtime::host::limits::{HOUR, MINUTE, SECOND};
use omt_runtime::host::{Key, TriggerCall, World};
use omt_runtime::id::{Hash, SessionId};
use omt_runtime::machine::Program;
use omt_runtime::wire::{self, Wire};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Numbers of the transactions.
pub const TRANSACTIONS: [&str; 3] = ["00", "01", "02"];
/// What alice locks first; she has 100 OMC.
pub const LOCKED: u64 = 60 * OMC;
/// What she adds while the session runs.
pub const TOP_UP: u64 = 20 * OMC;
/// The price; it divides nothing evenly.
pub const RATE: u64 = 210_000_001;
/// How many days ago bob has served.
const SERVED: u64 = 100;
/// The rented time.
pub const RENTED: i64 = 20 * MINUTE;

/// How the session goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The rented time passes, and everybody agrees.
    Normal,
    /// The machine dies in the middle: the cabal ends the session without the provider.
    Abort,
    /// Two of five members fall silent: no attestation, no settlement; the money comes back a day after the expiry.
    Expiry,
    /// A member of the cabal signs what it likes, and tells everybody.
    Byzantine,
}

impl Case {
    /// All of them.
    pub const ALL: [Case; 4] = [Case::Normal, Case::Abort, Case::Expiry, Case::Byzantine];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Case::Normal => "normal",
            Case::Abort => "abort",
            Case::Expiry => "expiry",
            Case::Byzantine => "byzantine",
        }
    }
}

/// The world of a session's life.
pub struct Life {
    /// The cast, with the lock for its first transaction.
    pub lock: LockWorld,
    programs: Vec<Arc<dyn Program>>,
    dead: Arc<AtomicBool>,
    trust: u64,
}

/// A life that was lived.
pub struct Outcome {
    /// Its world at the end.
    pub life: Life,
    /// Its session.
    pub session: SessionId,
    /// What was done to it, and when.
    pub notes: Vec<String>,
    /// What is not as promised.
    pub problems: Vec<String>,
}

impl Life {
    /// Everybody runs all three transactions; bob has served before, so that not everything that he is paid is burned.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build(executor: Executor, seed: u64) -> Result<Life, BuildError> {
        let mut programs = Vec::new();
        for number in TRANSACTIONS {
            programs.push(executor.transaction(number).ok_or(BuildError::NoProgram(executor))?);
        }
        let known = candidates(1..=12);
        let mut parties = vec![
            provider("bob", &known).served(i64::try_from(SERVED).unwrap_or(0)),
            Party::new("alice", 100 * OMC).met(["bob".to_owned()], 1),
        ];
        parties.extend(known.iter().map(|name| Party::new(name, OMC)));
        let spec = Spec { parties, ..Spec::clean(executor, seed) };
        let dead = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&dead);
        let lock = LockWorld::build_with(spec, programs.clone(), move |world| hosts(world, gone))?;
        Ok(Life { lock, programs, dead, trust: trust_after_a_month(SERVED) })
    }

    /// Terms with bob's trust of this day: the lock is refused if it is not what the protocol finds.
    fn terms(&self) -> SessionTerms {
        SessionTerms {
            rate_per_hour: RATE,
            max_duration: RENTED,
            provider_trust: self.trust,
            expires_at: self.lock.world.now() + 90 * MINUTE,
            ..self.lock.terms("alice", "bob")
        }
    }

    fn protocol(&self, number: &str) -> Hash {
        let program = self.programs.iter().find(|p| p.package().protocol.number == number);
        program.map_or(Hash::ZERO, |p| p.package().id)
    }

    /// State of somebody's instance in a transaction of the session; `-` when there is none.
    pub fn state(&self, number: &str, name: &str, session: &SessionId) -> String {
        let key = Key { protocol: self.protocol(number), session: *session };
        let peer = self.lock.world.peer(name);
        peer.and_then(|peer| peer.instance(&key)).map_or_else(|| "-".to_owned(), |view| view.state)
    }

    fn field<T: Wire>(&self, number: &str, name: &str, session: &SessionId, field: &str) -> Option<T> {
        let key = Key { protocol: self.protocol(number), session: *session };
        let bytes = self.lock.world.peer(name)?.field(&key, field)?;
        wire::decode_checked(&bytes).ok()
    }

    fn top_up(&mut self, session: &SessionId, amount: u64) {
        let call = TriggerCall {
            session: Some(*session),
            ..self.lock.call("Consumer", "initiate_topup", vec![wire::to_bytes(&amount)])
        };
        self.lock.world.trigger(0, "alice", call);
    }

    /// A member's statement about another division, to everybody whom it could hurt.
    /// How much it gives to the provider, and who hears it.
    fn lie(&mut self, session: &SessionId, liar: &str) -> Option<(u64, Vec<String>)> {
        let protocol = self.protocol("02");
        let program = self.programs.iter().find(|p| p.package().id == protocol)?;
        let ir = program.package().protocol.clone();
        let key = self.lock.key(liar);
        let cabal = self.lock.cabal("alice", session);
        let honest: Vec<String> = cabal.iter().filter(|name| *name != liar).cloned().collect();
        let good = honest.iter().find_map(|n| self.field::<SettlementBody>("02", n, session, "body"))?;
        let body = SettlementBody {
            provider_payment: good.escrowed_amount,
            burn_amount: 0,
            consumer_refund: 0,
            ..good
        };
        let share = SettlementShare { body_signature: sign(&ir, &key, "SettlementBody", &body), body };
        for name in &honest {
            let forged = Forgery::new(protocol, *session, self.lock.world.now(), "SETTLEMENT_SHARE", &share);
            let envelope = forged.by(&ir, &key);
            self.lock.deliver(name, &envelope);
        }
        Some((share.body.provider_payment, honest))
    }

    /// Lives it. `watch` may look at the world before anything happens.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn play(
        executor: Executor,
        seed: u64,
        case: Case,
        watch: impl FnOnce(&mut LockWorld),
    ) -> Result<Outcome, BuildError> {
        let mut life = Life::build(executor, seed)?;
        watch(&mut life.lock);
        let terms = life.terms();
        let session =
            life.lock.open_on("alice", &terms, LOCKED).map_err(|e| BuildError::Seed(e.to_string()))?;
        life.lock.world.pass(MINUTE);
        life.top_up(&session, TOP_UP);
        life.lock.world.pass(9 * MINUTE);
        let cabal = life.lock.cabal("alice", &session);
        let begins = life.lock.world.now() - 10 * MINUTE;
        let mut notes = Vec::new();
        let silent = match case {
            Case::Normal => 0,
            Case::Abort => {
                life.dead.store(true, Ordering::Relaxed);
                notes.push("600 s: bob's machine dies; he does not say so".to_owned());
                0
            }
            Case::Expiry => 2,
            Case::Byzantine => 1,
        };
        for name in cabal.iter().take(silent) {
            life.lock.mute(name);
            notes.push(format!("600 s: {name} falls silent"));
        }
        if case == Case::Byzantine {
            let wanted =
                |life: &Life| cabal.iter().any(|n| life.state("02", n, &session) == "COLLECTING_SIGNATURES");
            life.run_until(HOUR, wanted);
            if let Some(liar) = cabal.first()
                && let Some((payment, heard)) = life.lie(&session, liar)
            {
                let at = (life.lock.world.now() - begins) / SECOND;
                let heard = heard.join(", ");
                notes.push(format!("{at} s: {liar} signs that bob gets all {payment}, and tells {heard}"));
            }
        }
        let wanted = |life: &Life| life.state("02", "bob", &session) == "PAID";
        if !life.run_until(HOUR, wanted) {
            life.lock.world.pass(terms.expires_at + 24 * HOUR + MINUTE - life.lock.world.now());
        }
        life.lock.world.pass(MINUTE);
        let problems = life.problems(&session, case, &cabal);
        Ok(Outcome { life, session, notes, problems })
    }

    fn run_until(&mut self, at_most: i64, holds: impl Fn(&Life) -> bool) -> bool {
        let end = self.lock.world.now() + at_most;
        while !holds(self) {
            if self.lock.world.step(end).is_some() {
                return holds(self);
            }
        }
        true
    }

    /// What is not as promised.
    fn problems(&self, session: &SessionId, case: Case, cabal: &[String]) -> Vec<String> {
        let mut problems = Vec::new();
        let released = case == Case::Expiry;
        let mut expect = |number: &str, name: &str, wanted: &str| {
            let state = self.state(number, name, session);
            if state != wanted {
                problems.push(format!("{name} is in {state} of {number}, not in {wanted}"));
            }
        };
        let reasons = ["alice", "bob"].map(|name| {
            let field = if name == "bob" { "reason" } else { "reject_reason" };
            self.lock.word(name, session, field)
        });
        expect("02", "alice", if released { "RELEASED" } else { "SETTLED" });
        expect("02", "bob", if released { "UNPAID" } else { "PAID" });
        if !released {
            for name in cabal.iter().skip(usize::from(case == Case::Byzantine)) {
                expect("02", name, "RECORDED");
            }
        }
        let accounts = self.accounts();
        for (name, money) in &accounts {
            match money {
                Err(error) => problems.push(format!("the ledger of {name} is not valid: {error}")),
                Ok(money) if !money.adds_up() => {
                    problems.push(format!("the ledger of {name} does not add up"))
                }
                Ok(_) => {}
            }
            if let Err(error) = self.lock.chain(name).verify() {
                problems.push(format!("the chain of {name} does not verify: {error}"));
            }
        }
        let total = Money::total(accounts.iter().filter_map(|(_, money)| money.as_ref().ok()));
        if i128::from(total.granted) != total.free + i128::from(total.reserved) + i128::from(total.burned) {
            problems.push("money came into being, or was lost".to_owned());
        }
        if cabal.len() != 5 {
            problems.push(format!("{} witnesses were drawn, not 5: {reasons:?}", cabal.len()));
        }
        problems
    }

    /// Everybody's money, by the protocol's own view.
    pub fn accounts(&self) -> Vec<(String, Result<Money, omt_runtime::fault::FaultKind>)> {
        self.lock.names().iter().map(|name| (name.clone(), self.lock.money(name))).collect()
    }

    /// The provider's trust in the terms, milli-trust.
    pub fn trust(&self) -> u64 {
        self.trust
    }

    /// What the settlement says, if there is one.
    pub fn settlement(&self, session: &SessionId) -> Option<SettlementBody> {
        let certificate: crate::records::SettlementCertificate =
            self.field("02", "alice", session, "settlement")?;
        Some(certificate.body)
    }
}

/// What hosts can do with machines: bob's one, until it is dead.
fn hosts(world: &mut World, dead: Arc<AtomicBool>) {
    let machine = VmAddress { endpoint: "203.0.113.1:51820".into(), public_key: "bob's".into() };
    world.task("omerta.vm.allocate", move |_| (2 * SECOND, Some(wire::to_bytes(&machine))));
    world.task("omerta.vm.stop", |_| (SECOND, Some(wire::to_bytes(&true))));
    world.task("omerta.vm.connect", |_| (SECOND, Some(wire::to_bytes(&true))));
    world
        .task("omerta.vm.probe", move |_| (SECOND / 5, Some(wire::to_bytes(&!dead.load(Ordering::Relaxed)))));
}

/// What a block says, for who reads of it first.
fn meaning(kind: &str) -> &'static str {
    match kind {
        "LOCK_OPEN" => "holds money back, before any witness is asked",
        "BALANCE_LOCK" => "it is locked: a quorum of the cabal and alice have signed",
        "WITNESS_COMMITMENT" => "a member answers for the lock",
        "TOPUP_OPEN" => "holds more money back",
        "BALANCE_TOPUP" => "it is locked, too, in the same way",
        "WITNESS_REPLACEMENT" => "a quorum puts another one in a silent member's place",
        "ATTESTATION" => "how long the session was and why it ended, signed by this member and others",
        "BALANCE_UNLOCK" => "what was paid is gone, the rest is free again",
        "PAYMENT_RECEIVED" => "the payment, with the cabal's signatures",
        "PEER_HASH" => "the member has seen alice's record of it",
        "PAYMENT_WITNESSED" => "that a quorum has: from here on bob can spend it",
        _ => "",
    }
}

/// Blocks of a life, line by line: when, whose chain, what, at which height, its hash, what it means.
pub fn tell_blocks(lock: &mut LockWorld, say: impl FnMut(String) + Send + 'static) {
    let begins = lock.world.now();
    let say = Mutex::new(say);
    lock.world.observe(move |who, event| {
        if let omt_runtime::host::EventKind::Appended { kind, height, hash } = &event.kind {
            let seconds = event.at.saturating_sub(begins).max(0) / 1_000;
            let line = format!(
                "{:>6}.{:03} s  {who:<6} {kind:<19} {:>3}  {}  {}",
                seconds / 1_000,
                seconds % 1_000,
                height,
                hash.short(),
                meaning(kind)
            );
            (say.lock().unwrap_or_else(PoisonError::into_inner))(line);
        }
    });
}
