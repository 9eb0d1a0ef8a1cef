//! The rules of LANGUAGE section 6, each with a machine that is scripted for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm
)]

mod chains;
mod commit;
mod defer;
mod effects;
mod instance;
mod intake;
mod script;
mod timers;
mod world;

use super::packet::Packet;
use super::*;
use crate::crypto::{Keypair, hash};
use crate::envelope::Envelope;
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId, SessionId};
use crate::ir::{After, Protocol, Type};
use crate::machine::{
    Effect, Env, Fault, Fired, Input, Machine, Program, ProgramError, Reaction, Refusal, Taken, Timer,
};
use crate::package::Package;
use crate::testing::build;
use crate::wire::{self, Wire};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const START: i64 = 1_800_000_000_000_000;
pub(super) const SESSION: Hash = Hash([7; 32]);

/// What a script wants.
#[derive(Clone, Default)]
pub(super) struct Move {
    to: String,
    effects: Vec<Effect>,
    timers: Option<Vec<Timer>>,
    set: Vec<(String, Vec<u8>)>,
    session: Option<SessionId>,
}

impl Move {
    fn to(state: &str) -> Move {
        Move { to: state.to_owned(), ..Move::default() }
    }
    fn send(mut self, to: PeerId, message: &str, n: u64) -> Move {
        self.effects.push(Effect::Send { to, message: message.to_owned(), payload: payload(n) });
        self
    }
    fn effect(mut self, effect: Effect) -> Move {
        self.effects.push(effect);
        self
    }
    fn timers(mut self, timers: &[(i64, u32, Option<i64>)]) -> Move {
        self.timers = Some(
            timers
                .iter()
                .map(|(at, limit, period)| Timer { at: *at, limit: *limit, period: *period })
                .collect(),
        );
        self
    }
    fn set<T: Wire>(mut self, field: &str, value: &T) -> Move {
        self.set.push((field.to_owned(), wire::to_bytes(value)));
        self
    }
    fn session(mut self, session: SessionId) -> Move {
        self.session = Some(session);
        self
    }
    fn fire(self) -> Answer {
        Ok(Some(Reply::Go(self)))
    }
}

pub(super) enum Reply {
    Go(Move),
    Refuse(Refusal),
    Defer,
}

/// `None` is discarded.
pub(super) type Answer = Result<Option<Reply>, FaultKind>;
type Script = Arc<dyn Fn(&Robot, &Input, &mut dyn Env) -> Answer + Send + Sync>;

/// A machine that does what a closure says.
#[derive(Clone)]
pub(super) struct Robot {
    script: Script,
    actor: String,
    state: String,
    session: SessionId,
    fields: BTreeMap<String, Vec<u8>>,
}

impl Robot {
    /// Numbers that were appended to a list field.
    fn list(&self, field: &str) -> Vec<u64> {
        self.fields.get(field).map_or_else(Vec::new, |bytes| wire::decode_checked(bytes).unwrap())
    }
    /// Moves to a state with `n` at the end of the list `seen`.
    fn seen(&self, state: &str, n: u64) -> Move {
        let mut seen = self.list("seen");
        seen.push(n);
        Move::to(state).set("seen", &seen)
    }
}

impl Machine for Robot {
    fn actor(&self) -> &str {
        &self.actor
    }
    fn state(&self) -> &str {
        &self.state
    }
    fn session(&self) -> SessionId {
        self.session
    }
    fn field(&self, name: &str) -> Option<Vec<u8>> {
        if name == "session_id" {
            Some(wire::to_bytes(&self.session))
        } else {
            self.fields.get(name).cloned()
        }
    }
    fn save(&self) -> Vec<u8> {
        let fields: Vec<(String, wire::Bytes)> =
            self.fields.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        wire::to_bytes(&(self.session, self.state.clone(), fields))
    }
    fn step(&self, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault> {
        let answer = (self.script)(self, input, env).map_err(|kind| Fault {
            kind,
            protocol: "99".to_owned(),
            actor: self.actor.clone(),
            state: self.state.clone(),
            transition: String::new(),
            source_path: "test.omt".to_owned(),
            line: 1,
            column: 1,
        })?;
        Ok(match answer {
            None => Reaction::Discarded,
            Some(Reply::Defer) => Reaction::Deferred,
            Some(Reply::Refuse(refusal)) => Reaction::Refused(refusal),
            Some(Reply::Go(go)) => {
                let mut next = self.clone();
                next.state.clone_from(&go.to);
                next.fields.extend(go.set);
                next.session = go.session.unwrap_or(next.session);
                let completed = next.state == "DONE";
                let taken = Taken { from: self.state.clone(), handler: 0, otherwise: false, to: go.to };
                let (effects, timers) = (go.effects, go.timers);
                Reaction::Fired(Fired {
                    machine: Box::new(next),
                    taken: vec![taken],
                    effects,
                    timers,
                    completed,
                })
            }
        })
    }
}

/// A protocol of robots.
pub(super) struct Robots {
    package: Arc<Package>,
    script: Script,
}

impl Robots {
    fn program(
        protocol: Protocol,
        script: impl Fn(&Robot, &Input, &mut dyn Env) -> Answer + Send + Sync + 'static,
    ) -> Arc<dyn Program> {
        let package = Package::from_protocol(protocol).unwrap_or_else(|error| panic!("{error}"));
        Arc::new(Robots { package: Arc::new(package), script: Arc::new(script) })
    }
}

impl Program for Robots {
    fn package(&self) -> &Arc<Package> {
        &self.package
    }
    fn executor(&self) -> &'static str {
        "robots"
    }
    fn start(&self, actor: &str, session: SessionId) -> Result<Box<dyn Machine>, ProgramError> {
        let (script, actor, state) = (Arc::clone(&self.script), actor.to_owned(), "IDLE".to_owned());
        Ok(Box::new(Robot { script, actor, state, session, fields: BTreeMap::new() }))
    }
    fn restore(&self, actor: &str, snapshot: &[u8]) -> Result<Box<dyn Machine>, ProgramError> {
        let (session, state, fields): (SessionId, String, Vec<(String, wire::Bytes)>) =
            wire::decode_checked(snapshot).map_err(|error| ProgramError::Snapshot {
                actor: actor.to_owned(),
                reason: error.to_string(),
            })?;
        let fields = fields.into_iter().map(|(name, value)| (name, value.to_vec())).collect();
        Ok(Box::new(Robot {
            script: Arc::clone(&self.script),
            actor: actor.to_owned(),
            state,
            session,
            fields,
        }))
    }
}

/// A protocol in which `A` and `B` can say all kinds of things to each other.
pub(super) fn protocol(number: &str) -> Protocol {
    let n = &[("n", Type::Uint)][..];
    let idle = || build::actor(&[("session_id", Type::Hash), ("n", Type::Uint)]);
    // The one handler that the host looks at: whether an actor has anything to do with an item of gossip.
    let news = vec![build::on(build::message("NEWS"), "OPEN").into()];
    let states = |actor: crate::ir::Actor, news: Vec<crate::ir::Handler>| {
        actor
            .in_state("IDLE", build::state(vec![]))
            .in_state("OPEN", build::state(news))
            .in_state("LATER", build::state(vec![]))
            .in_state("DONE", build::terminal())
    };
    let a = states(idle(), vec![]).fires("go", &[("to", Type::PeerId), ("n", Type::Uint)], &["IDLE"]).fires(
        "begin",
        &[("session_id", Type::Hash), ("n", Type::Uint)],
        &["IDLE"],
    );
    let b = states(idle(), news).sharing(&[("total", Type::Uint)]).fires(
        "poke",
        &[("session_id", Type::Hash), ("n", Type::Uint)],
        &["OPEN"],
    );
    let mut protocol = build::protocol()
        .acts("A", a)
        .acts("B", b)
        .says("HELLO", &["A"], &["B"], n)
        .says("NEXT", &["A"], &["B"], n)
        .says("LATE", &["A"], &["B"], n)
        .says("BOTH", &["A", "B"], &["A", "B"], n)
        .says("REPLY", &["B"], &["A"], n)
        .says("PLAIN", &["A"], &["B"], n)
        .says("KEYED", &["A"], &["B"], &[("session_id", Type::Hash), ("n", Type::Uint)])
        .says("NEWS", &["B"], &["B", "Network"], n)
        .says("RUMOUR", &["B"], &["Network"], n)
        .says(
            "CERTIFIED",
            &["B"],
            &["Network"],
            &[("proof", Type::Block("NOTE".to_owned())), ("n", Type::Uint)],
        )
        .says("HISTORY", &["A"], &["B"], &[("history", Type::Segment)])
        .says("SHOWN", &["A"], &["B"], &[("inner", Type::Signed("HELLO".to_owned()))])
        .block("NOTE", &["A", "B"], n)
        .task("work", &[Type::Uint], Type::Uint);
    for unsigned in ["PLAIN", "RUMOUR", "CERTIFIED"] {
        protocol.messages.get_mut(unsigned).unwrap().signed = false;
    }
    protocol.number = number.to_owned();
    protocol
}

/// The same with a trigger `after` another protocol's state.
pub(super) fn follower(number: &str, after: (&str, &str, &str)) -> Protocol {
    let mut protocol = protocol(number);
    let trigger = protocol.actors.get_mut("A").unwrap().triggers.get_mut("begin").unwrap();
    let (transaction, actor, state) = (after.0.to_owned(), after.1.to_owned(), after.2.to_owned());
    trigger.after = Some(After { transaction, actor, state });
    protocol
}

pub(super) fn payload(n: u64) -> Vec<u8> {
    wire::to_bytes(&N { n })
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct N {
    n: u64,
}
crate::wire_record!(N { n });

/// Name and number of a message, number of a trigger.
pub(super) fn said(input: &Input) -> (String, u64) {
    let n = |bytes: &[u8]| wire::decode_checked::<N>(bytes).map_or(0, |n| n.n);
    match input {
        Input::Message(incoming) => (incoming.envelope.message.to_string(), n(&incoming.envelope.payload)),
        Input::Trigger { name, arguments } => {
            (name.clone(), arguments.last().and_then(|bytes| wire::decode_checked(bytes).ok()).unwrap_or(0))
        }
        Input::Timeout { limit } => ("timeout".to_owned(), (*limit).into()),
        Input::Period { limit } => ("period".to_owned(), (*limit).into()),
        Input::TaskResult { task, result } => {
            (task.clone(), result.as_ref().map_or(0, |bytes| wire::decode_checked(bytes).unwrap()))
        }
    }
}

/// `HELLO` begins, `NEXT` is counted, `poke` leads to LATER, where `LATE` is counted; `REPLY` ends.
pub(super) fn plain(robot: &Robot, input: &Input, _env: &mut dyn Env) -> Answer {
    let (what, n) = said(input);
    match (robot.state.as_str(), what.as_str()) {
        ("IDLE", "HELLO") => robot.seen("OPEN", n).fire(),
        ("IDLE", "NEXT" | "LATE") | ("OPEN", "LATE") => Ok(Some(Reply::Defer)),
        ("OPEN", "NEXT" | "HELLO") => robot.seen("OPEN", n).fire(),
        ("OPEN", "poke") => Move::to("LATER").fire(),
        ("LATER", "LATE") => robot.seen("LATER", n).fire(),
        _ => Ok(None),
    }
}

/// One peer that runs `B`, and another one that is only a key.
pub(super) struct Bench {
    peer: Peer,
    now: i64,
    /// The other one.
    other: Keypair,
    program: Arc<dyn Program>,
    journal: MemoryJournal,
    sequence: u64,
}

impl Bench {
    fn new(script: impl Fn(&Robot, &Input, &mut dyn Env) -> Answer + Send + Sync + 'static) -> Bench {
        Bench::with(Robots::program(protocol("99"), script), |_| {})
    }

    fn with(program: Arc<dyn Program>, change: impl FnOnce(&mut PeerConfig)) -> Bench {
        let journal = MemoryJournal::new();
        let mut config = Bench::config(0);
        change(&mut config);
        let peer = Bench::open_with(config, vec![Arc::clone(&program)], Box::new(journal.clone()), START);
        Bench { peer, now: START, other: Keypair::from_seed(&[2; 32]), program, journal, sequence: 0 }
    }

    fn config(run: u8) -> PeerConfig {
        PeerConfig::new([1; 32], [run; 32])
    }

    fn open_with(
        config: PeerConfig,
        programs: Vec<Arc<dyn Program>>,
        journal: Box<dyn Journal>,
        now: i64,
    ) -> Peer {
        Peer::open(config, programs, Natives::new().task("test.work"), journal, now).unwrap()
    }

    /// The process is killed and started again.
    fn restart(&mut self) {
        let journal = Box::new(self.journal.clone());
        self.peer = Bench::open_with(Bench::config(1), vec![Arc::clone(&self.program)], journal, self.now);
    }

    fn me(&self) -> PeerId {
        self.peer.peer_id()
    }

    fn id(&self) -> Hash {
        self.program.package().id
    }

    fn key(&self) -> Key {
        Key { protocol: self.id(), session: SESSION }
    }

    /// A message of the other one, with the next sequence number.
    fn message(&mut self, name: &str, n: u64) -> Envelope {
        let envelope = self.raw(name, payload(n));
        envelope.signed_by(&self.other)
    }

    fn raw(&mut self, name: &str, payload: Vec<u8>) -> Envelope {
        self.sequence += 1;
        Envelope {
            from: self.other.peer_id(),
            session: SESSION,
            protocol: self.id(),
            message: name.into(),
            sequence: self.sequence,
            time: self.now,
            payload: payload.into(),
            signature: None,
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let from = self.other.peer_id();
        self.peer.handle(self.now, PeerInput::Datagram { from, bytes }).unwrap();
    }

    fn deliver(&mut self, envelope: &Envelope) {
        self.bytes(&wire::to_bytes(&Packet::Message(envelope.clone())));
    }

    /// Says it and delivers it.
    fn say(&mut self, name: &str, n: u64) -> Envelope {
        let envelope = self.message(name, n);
        self.deliver(&envelope);
        envelope
    }

    fn tick(&mut self, after: i64) {
        self.now += after;
        self.peer.handle(self.now, PeerInput::Tick).unwrap();
    }

    fn poke(&mut self, n: u64) -> Result<SessionId, TriggerError> {
        let call = self.call("B", "poke", vec![wire::to_bytes(&SESSION), wire::to_bytes(&n)]);
        self.peer.trigger(self.now, call)
    }

    fn call(&self, actor: &str, trigger: &str, arguments: Vec<Vec<u8>>) -> TriggerCall {
        let (actor, trigger) = (actor.to_owned(), trigger.to_owned());
        TriggerCall { protocol: self.id(), actor, trigger, arguments, session: None, request: None }
    }

    fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.peer.poll_output(self.now)).collect()
    }

    /// Packets that go out.
    fn packets(&mut self) -> Vec<(PeerId, Packet)> {
        let packet = |output: Output| match output {
            Output::Datagram { to, bytes } => Some((to, wire::from_bytes::<Packet>(&bytes).unwrap())),
            _ => None,
        };
        self.outputs().into_iter().filter_map(packet).collect()
    }

    /// Ids that are acknowledged.
    fn acks(&mut self) -> Vec<Hash> {
        let ids = |(_, packet): (PeerId, Packet)| if let Packet::Ack(ids) = packet { ids } else { vec![] };
        self.packets().into_iter().flat_map(ids).collect()
    }

    fn state(&self) -> Option<String> {
        self.peer.instance(&self.key()).map(|view| view.state)
    }

    /// What the machine has taken.
    fn seen(&self) -> Vec<u64> {
        self.peer
            .field(&self.key(), "seen")
            .map_or_else(Vec::new, |bytes| wire::decode_checked(&bytes).unwrap())
    }

    fn count(&self, reason: Reason) -> u64 {
        self.peer.count(reason)
    }
}

pub(super) fn named(name: &str) -> Hash {
    hash(&(name.to_owned(),))
}
