//! What does not change while a scope is explored: the cast, what it runs, what its natives answer, what is triggered.

use super::atom::OfUse;
use super::certificate::{self, Certificates, Uses};
use super::env::{Signatures, Views};
use super::live::{self, Live};
use super::local::{Local, Shared};
use super::observe::{Observed, Watch};
use super::table::QuickMap;
use super::{Reductions, Setup, VerifyError};
use crate::spec::{Answer, Evaluator, Event, Query, Role, START, Scenario, Situation, StepKind};
use omt_runtime::chain::{RawBlock, Segment};
use omt_runtime::crypto::{self, Keypair};
use omt_runtime::fault::FaultKind;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::interp::Interpreter;
use omt_runtime::ir::{Builtin, Expr, ExprKind, Protocol, Type};
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Limits, Types};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Peers of a scope; the sets of peers are masks.
pub(super) const PEERS_MAX: usize = 32;
/// Triggers and statements of a scope; which have happened is a mask.
pub(super) const EVENTS_MAX: usize = 32;

/// A member of the cast.
#[derive(Debug)]
pub(super) struct PeerModel {
    pub name: String,
    pub id: PeerId,
    pub key: Keypair,
    /// Does it run machines?
    pub runs: bool,
    /// Does it, and nothing else under its key? (`HONEST`)
    pub honest: bool,
    /// The first peer with its key, which stands for all of them in messages.
    pub home: u32,
    /// What its random values are drawn from: of two processes of one key each has its own.
    pub source: PeerId,
    /// The role it plays in this transaction.
    pub actor: String,
    /// How far its clock is ahead, microseconds.
    pub ahead: i64,
    /// What its natives answer, by transaction and name.
    pub answers: BTreeMap<(usize, String), Answer>,
    /// Its chain at the start.
    pub chain: Segment,
    /// Its shared stores at the start.
    pub shared: Shared,
}

/// A transaction that everybody runs.
#[derive(Debug)]
pub(super) struct ProgramModel {
    pub package: Arc<Package>,
    pub interpreter: Interpreter,
    /// Live fields by actor and state.
    pub live: BTreeMap<String, Live>,
    /// By actor and state: watches (by their place among those of the actor) that a step from there can change.
    pub judged: BTreeMap<String, live::Judged>,
    /// Can a machine read sequence numbers?
    pub reads_sequence: bool,
    /// Does a machine ask who has contradicted itself?
    asks_evidence: bool,
}

impl ProgramModel {
    pub fn protocol(&self) -> &Protocol {
        &self.package.protocol
    }
}

/// Something that the scope makes happen, once.
#[derive(Debug)]
pub(super) struct EventModel {
    /// Microseconds after the start: not before; and what is earlier happens earlier.
    pub time: i64,
    /// The place of the peer at which it happens, if it is honest.
    pub place: Option<usize>,
    pub event: Event,
    /// Which step of the scenario.
    pub step: usize,
}

impl EventModel {
    /// Is it a message that the scope lets somebody say?
    pub fn is_said(&self) -> bool {
        matches!(self.event, Event::Say(_))
    }
}

/// A scope, ready to be explored.
#[derive(Debug)]
pub(super) struct Model {
    pub scope: String,
    /// Parameters that the scope changes, for people.
    pub parameters: Vec<String>,
    pub evaluator: Evaluator,
    pub programs: Vec<ProgramModel>,
    pub peers: Vec<PeerModel>,
    /// Indices of the peers that run machines: places of a state.
    pub running: Vec<usize>,
    /// The first peer with each id.
    pub by_id: BTreeMap<PeerId, usize>,
    pub events: Vec<EventModel>,
    pub reductions: Reductions,
    /// Is it remembered who contradicts itself? Only where a machine asks, and somebody may.
    pub evidence: bool,
    /// Would it be remembered, were it not switched off?
    pub forgetful: bool,
    /// 0 or 1: how many instants two honest peers may be apart.
    pub skew: u32,
    /// May what lasts for a duration last for any other?
    pub any_durations: bool,
    /// Parameters that the scope gives: these last as long as it says.
    pub given: BTreeSet<String>,
    /// Do the transactions that `uses` names run along?
    pub composed: bool,
    /// How often an honest peer says the same in one session, at most.
    pub repeats: u64,
    /// Time ends here, microseconds since 1970.
    pub horizon: i64,
    /// What properties read.
    pub observed: Observed,
    pub signatures: Signatures,
    pub certificates: Certificates,
    /// What byzantine members have a use for.
    pub of_use: OfUse,
    pub views: Views,
    natives: RefCell<QuickMap<(usize, usize, String, Vec<Vec<u8>>), Result<Vec<u8>, FaultKind>>>,
    /// A member and a native function that it called and has no answer for.
    missing: RefCell<Option<(String, String)>>,
}

/// The key pair of a name: that of `omtc test`, so that what is drawn by peer ids is drawn alike there.
pub(super) fn keypair(name: &str) -> Keypair {
    Keypair::from_seed(&crypto::hash(&("omt-world-key".to_owned(), 0u64, name.to_owned())).0)
}

/// What is known before anything has happened.
pub(super) struct Nothing<'a> {
    pub peers: &'a [PeerModel],
    pub signatures: &'a Signatures,
    pub now: i64,
}

impl Situation for Nothing<'_> {
    fn instances(&self, _: &Role) -> Value {
        Value::list([])
    }

    fn newest(&self, _: &str, _: &[Role]) -> Option<Value> {
        None
    }

    fn peers(&self) -> Value {
        let peers = self.peers.iter();
        Value::list(peers.map(|peer| crate::spec::peer(peer.id, peer.honest, &peer.chain)))
    }

    fn peer(&self, member: &str) -> Option<PeerId> {
        self.peers.iter().find(|peer| peer.name == member).map(|peer| peer.id)
    }

    fn member(&self, member: &str) -> Option<Value> {
        let peer = self.peers.iter().find(|peer| peer.name == member)?;
        Some(crate::spec::peer(peer.id, peer.honest, &peer.chain))
    }

    fn now(&self) -> i64 {
        self.now
    }

    fn sign(&self, member: &str, digest: &Hash) -> Option<Signature> {
        let peer = self.peers.iter().find(|peer| peer.name == member)?;
        Some(self.signatures.sign(peer, digest))
    }
}

impl Model {
    /// Makes a scope ready.
    ///
    /// # Errors
    /// The scope is too large, a value of its cast faults, a native is missing.
    pub fn new(setup: &Setup, scenario: &Scenario) -> Result<Model, VerifyError> {
        let specification = setup.specification.within(scenario);
        let signatures = Signatures::default();
        let mut peers: Vec<PeerModel> = Vec::new();
        for member in &scenario.cast {
            let key = keypair(member.key_name());
            let first = peers.iter().position(|peer| peer.id == key.peer_id());
            let answers = member.natives.iter().cloned();
            peers.push(PeerModel {
                name: member.name.clone(),
                id: key.peer_id(),
                runs: !member.byzantine,
                honest: member.honest,
                home: u32::try_from(first.unwrap_or(peers.len())).unwrap_or(u32::MAX),
                source: keypair(&member.name).peer_id(),
                actor: member.actor.clone(),
                ahead: member.clock,
                answers: answers.map(|answer| ((answer.transaction, answer.name.clone()), answer)).collect(),
                chain: Segment::empty(key.peer_id()),
                shared: Shared::new(),
                key,
            });
        }
        if peers.len() > PEERS_MAX {
            return Err(VerifyError::TooManyPeers { scope: scenario.name.clone(), peers: peers.len() });
        }
        if !peers.iter().any(|peer| peer.runs) {
            return Err(VerifyError::NobodyHonest(scenario.name.clone()));
        }
        let evaluator = Evaluator::new(Arc::clone(&specification));
        furnish(&evaluator, &signatures, scenario, &mut peers)?;
        let events = events(scenario);
        if events.len() > EVENTS_MAX {
            return Err(VerifyError::TooManyEvents { scope: scenario.name.clone(), events: events.len() });
        }
        let names = &setup.options.properties;
        let chosen = specification.properties.iter();
        let chosen = chosen.filter(|property| names.is_empty() || names.contains(&property.name));
        let observed = Observed::of(&specification, chosen, setup.options.reductions.judged_at_once);
        let packages = scenario.packages(&setup.packages);
        let packages = packages.iter().enumerate();
        let programs: Vec<ProgramModel> =
            packages.map(|(number, package)| program(number, package, &observed)).collect();
        let protocols = programs.iter().map(ProgramModel::protocol);
        let mut uses = Uses::of(protocols, &observed, &specification.package.protocol);
        uses.sound &= setup.options.reductions.any_quorum;
        let certificates = Certificates::new(&uses);
        let byzantine: BTreeSet<&str> =
            peers.iter().filter(|peer| !peer.runs).map(|peer| peer.actor.as_str()).collect();
        let said = programs.iter().map(ProgramModel::protocol).flat_map(|protocol| {
            let messages = protocol.messages.values();
            let by_them =
                messages.filter(|message| message.from.iter().any(|from| byzantine.contains(from.as_str())));
            by_them.map(move |message| (protocol, &message.fields))
        });
        let of_use = OfUse::of(said);
        let running = peers.iter().enumerate().filter(|(_, peer)| peer.runs).map(|(i, _)| i).collect();
        let by_id = peers.iter().enumerate().rev().map(|(i, peer)| (peer.id, i)).collect();
        let asks = programs.iter().any(|program| program.asks_evidence);
        let convictable = asks && peers.iter().any(|peer| !peer.honest);
        let model = Model {
            evidence: setup.options.evidence && convictable,
            forgetful: !setup.options.evidence && convictable,
            scope: scenario.name.clone(),
            parameters: scenario.parameters.iter().map(ToString::to_string).collect(),
            evaluator,
            programs,
            peers,
            running,
            by_id,
            events,
            reductions: setup.options.reductions,
            skew: setup.options.skew,
            any_durations: setup.options.any_durations,
            given: scenario.parameters.iter().map(|setting| setting.name.clone()).collect(),
            composed: setup.options.composed,
            repeats: setup.options.repeats,
            horizon: START.saturating_add(setup.options.horizon),
            observed,
            signatures,
            certificates,
            of_use,
            views: Views::default(),
            natives: RefCell::default(),
            missing: RefCell::default(),
        };
        model.check_natives()?;
        Ok(model)
    }

    /// What is needed and not given is said at once, not when a step faults.
    fn check_natives(&self) -> Result<(), VerifyError> {
        for index in &self.running {
            let Some(peer) = self.peers.get(*index) else { continue };
            // What a used transaction calls is needed if it comes to it; see `missing`.
            for (number, program) in self.programs.iter().enumerate().take(1) {
                let Some(actor) = program.protocol().actors.get(&peer.actor) else { continue };
                for native in natives_of(program.protocol(), actor) {
                    if !peer.answers.contains_key(&(number, native.clone())) {
                        return Err(VerifyError::NativeMissing {
                            scope: self.scope.clone(),
                            member: peer.name.clone(),
                            native,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// What was called and is not there.
    ///
    /// # Errors
    /// A native function without an answer.
    pub fn nothing_missing(&self) -> Result<(), VerifyError> {
        match self.missing.borrow().clone() {
            None => Ok(()),
            Some((member, native)) => {
                Err(VerifyError::NativeMissing { scope: self.scope.clone(), member, native })
            }
        }
    }

    /// What is known before anything has happened.
    pub fn nothing(&self, now: i64) -> Nothing<'_> {
        Nothing { peers: &self.peers, signatures: &self.signatures, now }
    }

    /// The answer of a native function.
    pub fn native(
        &self,
        peer: usize,
        protocol: usize,
        name: &str,
        arguments: &[Vec<u8>],
    ) -> Result<Vec<u8>, FaultKind> {
        let key = (peer, protocol, name.to_owned(), arguments.to_vec());
        if let Some(known) = self.natives.borrow().get(&key) {
            return known.clone();
        }
        let declared = self.programs.get(protocol).and_then(|p| p.protocol().natives.get(name));
        let answer = match declared {
            Some(native) => {
                let parameters: Vec<&Type> = native.parameters.iter().map(|p| &p.ty).collect();
                self.answer(peer, protocol, name, &parameters, arguments).map(|value| wire::to_bytes(&value))
            }
            None => Err(FaultKind::Native(name.to_owned())),
        };
        self.natives.borrow_mut().insert(key, answer.clone());
        answer
    }

    /// What a task comes to: nothing if it never ends, null if the host fails.
    pub fn task(&self, peer: usize, protocol: usize, name: &str, arguments: &[Vec<u8>]) -> Option<Value> {
        self.peers.get(peer)?.answers.get(&(protocol, name.to_owned()))?;
        let task = self.programs.get(protocol)?.protocol().tasks.get(name)?;
        let parameters: Vec<&Type> = task.parameters.iter().map(|p| &p.ty).collect();
        self.answer(peer, protocol, name, &parameters, arguments).ok()
    }

    fn answer(
        &self,
        peer: usize,
        protocol: usize,
        name: &str,
        parameters: &[&Type],
        arguments: &[Vec<u8>],
    ) -> Result<Value, FaultKind> {
        let failed = || FaultKind::Native(name.to_owned());
        let member = self.peers.get(peer).ok_or_else(failed)?;
        let Some(answer) = member.answers.get(&(protocol, name.to_owned())) else {
            self.missing.borrow_mut().get_or_insert((member.name.clone(), name.to_owned()));
            return Err(failed());
        };
        let package = &self.programs.get(protocol).ok_or_else(failed)?.package;
        let types = Types::new(&package.protocol, package.id);
        let decoded = parameters.iter().zip(arguments).map(|(ty, bytes)| types.decode(ty, bytes));
        let decoded = decoded.collect::<Result<Vec<Value>, _>>().map_err(|_| failed())?;
        let value = self.evaluator.answer(&answer.value, &self.nothing(START), &decoded);
        value.map_err(|fault| fault.kind)
    }

    /// The peers at the start.
    pub fn start(
        &self,
        mut shared: impl FnMut(&Shared) -> u32,
        mut chain: impl FnMut(&Segment) -> u32,
    ) -> Vec<Local> {
        let running = self.running.iter().filter_map(|index| Some((index, self.peers.get(*index)?)));
        running
            .map(|(index, peer)| Local {
                peer: u32::try_from(*index).unwrap_or(u32::MAX),
                clock: START.saturating_add(self.events.iter().map(|event| event.time).min().unwrap_or(0)),
                instances: Vec::new(),
                shared: shared(&peer.shared),
                chain: chain(&peer.chain),
                sent: 0,
                heard: 0,
                draws: 0,
                fault: 0,
                broken: 0,
            })
            .collect()
    }

    /// The payload of a block with those certificates in it that stand for all.
    pub fn normal_block(&self, protocol: usize, kind: &str, payload: Vec<u8>) -> Vec<u8> {
        self.normal(protocol, &Type::BlockPayload(kind.to_owned()), &payload).unwrap_or(payload)
    }

    /// A value with those certificates in it that stand for all; `None` if that changes nothing.
    pub fn normal(&self, protocol: usize, ty: &Type, bytes: &[u8]) -> Option<Vec<u8>> {
        let program = self.programs.get(protocol)?;
        if !self.certificates.sound || !certificate::holds_certificates(program.protocol(), ty) {
            return None;
        }
        let value = Types::new(program.protocol(), program.package.id).decode(ty, bytes).ok()?;
        let normal = self.certificates.normal(&self.signatures, program.protocol(), ty, &value)?;
        Some(wire::to_bytes(&normal))
    }

    /// The peer that stands for a peer in messages: the first with its key.
    pub fn home(&self, peer: u32) -> u32 {
        self.peers.get(super::table::index(peer)).map_or(peer, |peer| peer.home)
    }

    /// Do messages of a peer have numbers of their own, rather than by what they say?
    pub fn counts(&self, protocol: u32, peer: u32) -> bool {
        // Of a peer that runs twice, two messages under one number are a proof.
        let contradicts =
            self.evidence && self.peers.get(super::table::index(peer)).is_some_and(|peer| !peer.honest);
        self.program(protocol).is_some_and(|program| program.reads_sequence)
            || !self.reductions.content_numbers
            || contradicts
    }

    /// May it have said two things of which one is false? Nobody that runs one machine does.
    pub fn may_contradict(&self, author: &PeerId) -> bool {
        let peer = self.by_id.get(author).and_then(|peer| self.peers.get(*peer));
        peer.is_some_and(|peer| !peer.honest)
    }

    /// Is the block in every chain that its author has at the start?
    pub fn at_the_start(&self, block: &RawBlock) -> bool {
        let mut chains = self.peers.iter().filter(|peer| peer.id == block.author()).map(|peer| &peer.chain);
        chains.all(|chain| chain.at(block.height()).is_some_and(|known| known.hash() == block.hash()))
    }

    /// The program of an index.
    pub fn program(&self, index: u32) -> Option<&ProgramModel> {
        self.programs.get(super::table::index(index))
    }
}

fn events(scenario: &Scenario) -> Vec<EventModel> {
    let running = scenario.cast.iter().filter(|member| !member.byzantine);
    let place = |name: &str| running.clone().position(|member| member.name == name);
    let happens = scenario.steps.iter().enumerate().filter_map(|(number, step)| match &step.kind {
        StepKind::At { time, event: event @ (Event::Trigger { .. } | Event::Say { .. }) } => {
            let at = match event {
                Event::Trigger { member, .. } => member,
                Event::Say(say) => &say.to,
                Event::Crash(_) | Event::Restart(_) | Event::Partition(..) | Event::Heal => return None,
            };
            Some(EventModel { time: *time, place: place(at), event: event.clone(), step: number })
        }
        // Crashes, partitions and faults of the network are explored anyway; expectations are for `omtc test`.
        StepKind::At { .. } | StepKind::Disturb(_) | StepKind::Expect { .. } | StepKind::Sequence(_) => None,
    });
    happens.collect()
}

/// Chains and shared stores at the start.
fn furnish(
    evaluator: &Evaluator,
    signatures: &Signatures,
    scenario: &Scenario,
    peers: &mut [PeerModel],
) -> Result<(), VerifyError> {
    let evaluate = |peers: &[PeerModel], query: &Query| {
        let situation = Nothing { peers, signatures, now: START };
        evaluator.evaluate(query, &situation).map_err(|fault| VerifyError::Setup {
            scope: scenario.name.clone(),
            fault: fault.kind.to_string(),
            at: fault.at,
        })
    };
    let bad = |reason: String, at| VerifyError::Setup { scope: scenario.name.clone(), fault: reason, at };
    for (index, member) in scenario.cast.iter().enumerate() {
        if member.same_chain {
            let first =
                peers.iter().find(|peer| peer.name == member.key_name()).map(|peer| peer.chain.clone());
            if let (Some(chain), Some(peer)) = (first, peers.get_mut(index)) {
                peer.chain = chain;
            }
        }
        for blocks in &member.chain {
            let value = evaluate(peers, &blocks.payload)?;
            let payloads: Vec<Value> = match (&value, blocks.many) {
                (Value::List(list), true) => list.iter().cloned().collect(),
                _ => vec![value],
            };
            let Some(peer) = peers.get_mut(index) else { continue };
            for payload in payloads {
                let body = peer.chain.next(START, blocks.block.as_str(), wire::to_bytes(&payload));
                let signature = signatures.sign(peer, &body.hash());
                let longer = peer.chain.append(body.with_signature(signature));
                peer.chain = longer.map_err(|error| bad(error.to_string(), blocks.payload.at))?;
            }
        }
        for field in &member.shared {
            let value = wire::to_bytes(&evaluate(peers, &field.value)?);
            wire::check(&value, &Limits::MESSAGE).map_err(|error| bad(error.to_string(), field.value.at))?;
            let Some(peer) = peers.get_mut(index) else { continue };
            let transaction = u32::try_from(field.role.transaction).unwrap_or(u32::MAX);
            let store = peer.shared.entry((transaction, field.role.actor.clone())).or_default();
            store.insert(field.field.clone(), value);
        }
    }
    Ok(())
}

fn program(number: usize, package: &Arc<Package>, observed: &Observed) -> ProgramModel {
    let protocol = &package.protocol;
    let live = protocol.actors.iter();
    let (mut reads_sequence, mut asks_evidence) = (false, false);
    every_expr(protocol, &mut |expr| {
        asks_evidence |= matches!(expr.kind, ExprKind::Builtin(Builtin::Equivocation, _));
        if let ExprKind::Field(record, name) = &expr.kind {
            reads_sequence |= name == "sequence" && matches!(record.ty.plain(), Type::Signed(_));
        }
    });
    ProgramModel {
        package: Arc::clone(package),
        interpreter: Interpreter::new(Arc::clone(package)),
        live: live
            .map(|(name, actor)| {
                let always = observed.fields(number, name).cloned().collect();
                let watches: Vec<&Watch> = observed.watches(number, name).collect();
                (name.clone(), live::live(protocol, actor, &always, &watches))
            })
            .collect(),
        judged: protocol
            .actors
            .iter()
            .map(|(name, actor)| {
                let watches: Vec<&Watch> = observed.watches(number, name).collect();
                (name.clone(), live::judged(actor, &watches))
            })
            .collect(),
        reads_sequence,
        asks_evidence,
    }
}

/// Every expression of machines, functions and views.
pub(super) fn every_expr<'p>(protocol: &'p Protocol, visit: &mut dyn FnMut(&'p Expr)) {
    for actor in protocol.actors.values() {
        every_expr_of(actor, visit);
    }
    for function in protocol.functions.values() {
        for statement in &function.body {
            statement.walk(&mut |s| s.expressions().into_iter().for_each(|expr| expr.walk(visit)));
        }
    }
    for handler in protocol.views.values().flat_map(|view| &view.handlers) {
        handler.guard.iter().for_each(|guard| guard.walk(visit));
        for action in &handler.actions {
            action.walk(&mut |a| a.expressions().into_iter().for_each(|expr| expr.walk(visit)));
        }
    }
}

fn every_expr_of<'p>(actor: &'p omt_runtime::ir::Actor, visit: &mut dyn FnMut(&'p Expr)) {
    use omt_runtime::ir::Handler;
    for state in actor.states.values() {
        for handler in &state.handlers {
            let (guard, actions): (_, Vec<_>) = match handler {
                Handler::Transition(t) => {
                    t.lets.iter().for_each(|(_, value)| value.walk(visit));
                    let branches = std::iter::once(&t.then).chain(&t.otherwise);
                    (&t.guard, branches.flat_map(|branch| &branch.actions).collect())
                }
                Handler::Collect(c) => (&c.guard, c.actions.iter().collect()),
            };
            guard.iter().for_each(|guard| guard.walk(visit));
            for action in actions {
                action.walk(&mut |a| a.expressions().into_iter().for_each(|expr| expr.walk(visit)));
            }
        }
        state.overrides.iter().filter_map(|entry| entry.guard.as_ref()).for_each(|guard| guard.walk(visit));
        state.limits.iter().for_each(|limit| limit.value.walk(visit));
    }
}

/// Native functions that an actor may call, directly or through functions.
fn natives_of(protocol: &Protocol, actor: &omt_runtime::ir::Actor) -> BTreeSet<String> {
    let mut natives = BTreeSet::new();
    let mut calls: Vec<&str> = Vec::new();
    let note = |expr: &'_ Expr, natives: &mut BTreeSet<String>| {
        if let ExprKind::Native(name, _) = &expr.kind {
            natives.insert(name.clone());
        }
    };
    every_expr_of(actor, &mut |expr| {
        note(expr, &mut natives);
        if let ExprKind::Call(name, _) = &expr.kind {
            calls.push(name);
        }
    });
    let mut seen = BTreeSet::new();
    while let Some(name) = calls.pop() {
        if !seen.insert(name) {
            continue;
        }
        for statement in protocol.functions.get(name).into_iter().flat_map(|function| &function.body) {
            statement.walk(&mut |s| {
                for expr in s.expressions() {
                    expr.walk(&mut |expr| {
                        note(expr, &mut natives);
                        if let ExprKind::Call(name, _) = &expr.kind {
                            calls.push(name);
                        }
                    });
                }
            });
        }
    }
    natives
}
