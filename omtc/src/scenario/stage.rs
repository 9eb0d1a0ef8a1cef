//! The world of a scenario before anything happens: who is there, what its chain holds, what its host answers.

use super::deviation::{Deviation, Kind};
use super::picture::Picture;
use super::rules::Rules;
use super::{LATENCY, TASK_TIME};
use crate::source::Span;
use crate::spec::{Answer, Evaluator, Member, Query, Role, START, Scenario, Situation, Specification};
use omt_runtime::crypto::Keypair;
use omt_runtime::host::{Cast, Event, Natives, Network, OpenError, World};
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::Native;
use omt_runtime::machine::Program;
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use omt_runtime::wire::{self, Types};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What natives of all hosts answer with.
pub(super) struct Library {
    pub evaluator: Evaluator,
    people: BTreeMap<String, Keypair>,
    now: AtomicI64,
    wrong: Mutex<Option<Wrong>>,
}

/// Why a native function has no answer.
pub(super) struct Wrong {
    pub member: String,
    pub native: String,
    /// Where the answer is written, and what went wrong with it; `None` when there is none.
    pub fault: Option<(Span, String)>,
}

/// Nobody panics while holding one of these locks; if so, what they guard is whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Library {
    pub fn set_now(&self, now: i64) {
        self.now.store(now, Ordering::Relaxed);
    }

    /// What went wrong first, if anything did since it was last asked.
    pub fn take_wrong(&self) -> Option<Wrong> {
        lock(&self.wrong).take()
    }

    fn fail(&self, wrong: Wrong) -> String {
        let text = format!("{} of {}", wrong.native, wrong.member);
        lock(&self.wrong).get_or_insert(wrong);
        text
    }

    fn answer(
        &self,
        member: &str,
        name: &str,
        value: &Query,
        package: &Package,
        native: &Native,
        arguments: &[Vec<u8>],
    ) -> Result<Value, String> {
        let fail = |at: Span, why: String| {
            self.fail(Wrong { member: member.to_owned(), native: name.to_owned(), fault: Some((at, why)) })
        };
        let types = Types::new(&package.protocol, package.id);
        let read = |(local, bytes): (&omt_runtime::ir::Local, &Vec<u8>)| types.decode(&local.ty, bytes);
        let arguments: Result<Vec<Value>, _> = native.parameters.iter().zip(arguments).map(read).collect();
        let arguments = arguments.map_err(|error| fail(value.at, error.to_string()))?;
        let result = self.evaluator.answer(value, self, &arguments);
        result.map_err(|fault| fail(fault.at, fault.kind.to_string()))
    }
}

/// Natives see who there is and the time, and nothing of any instance.
impl Situation for Library {
    fn instances(&self, _: &Role) -> Value {
        Value::list([])
    }

    fn newest(&self, _: &str, _: &[Role]) -> Option<Value> {
        None
    }

    fn peers(&self) -> Value {
        Value::list([])
    }

    fn peer(&self, member: &str) -> Option<PeerId> {
        self.people.get(member).map(Keypair::peer_id)
    }

    fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    fn sign(&self, member: &str, digest: &Hash) -> Option<Signature> {
        self.people.get(member).map(|key| key.sign(digest))
    }
}

/// Everything that is there when the curtain rises.
pub(super) struct Stage {
    pub world: World,
    pub picture: Picture,
    pub rules: Arc<Mutex<Rules>>,
    pub heard: Arc<Mutex<Vec<(String, Event)>>>,
    pub library: Arc<Library>,
}

impl Stage {
    /// Sets the stage.
    ///
    /// # Errors
    /// The cast cannot begin like that.
    pub fn set(
        specification: &Arc<Specification>,
        scenario: &Scenario,
        programs: &[Arc<dyn Program>],
    ) -> Result<Stage, Box<Deviation>> {
        // One seed: a scenario that says nothing about chance is about every chance.
        let mut world = World::new(0, Network::exact(LATENCY));
        let rules = Arc::new(Mutex::new(Rules::default()));
        let judged = Arc::clone(&rules);
        world.filter(move |passing| lock(&judged).judge(passing));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        world.observe(move |who, event| lock(&ear).push((who.to_owned(), event.clone())));
        let people = scenario.cast.iter().map(|m| (m.name.clone(), world.key(m.key_name()))).collect();
        let library = Arc::new(Library {
            evaluator: Evaluator::new(Arc::clone(specification)),
            people,
            now: AtomicI64::new(START),
            wrong: Mutex::new(None),
        });
        let mut stage = Stage { world, picture: Picture::new(programs), rules, heard, library };
        for member in &scenario.cast {
            stage.enter(member, programs)?;
        }
        for member in &scenario.cast {
            stage.write_chain(member)?;
            stage.share(member)?;
        }
        // What the setup did is no part of the story.
        lock(&stage.heard).clear();
        Ok(stage)
    }

    fn enter(&mut self, member: &Member, programs: &[Arc<dyn Program>]) -> Result<(), Box<Deviation>> {
        self.picture.add(member, self.world.key(member.key_name()));
        if member.byzantine {
            self.world.add_mute(&member.name);
            return Ok(());
        }
        let mut cast = Cast::new(programs.to_vec()).clock(member.clock).identity(member.key_name()).watched();
        let mut natives = Natives::new();
        for package in programs.iter().map(|program| program.package()) {
            for (name, native) in &package.protocol.natives {
                natives = self.bind(natives, member, package, name, native);
            }
            // Without a script a task never ends.
            natives = package.protocol.tasks.values().fold(natives, |n, task| n.task(&task.library));
        }
        cast = cast.natives(natives);
        for package in programs.iter().map(|program| program.package()) {
            for (name, task) in &package.protocol.tasks {
                if let Some(answer) = given(member, &task.library) {
                    let (library, value) = (Arc::clone(&self.library), answer.value.clone());
                    let (member, name) = (member.name.clone(), name.clone());
                    let (package, native) = (Arc::clone(package), task.clone());
                    cast = cast.task(&task.library, move |start| {
                        let result =
                            library.answer(&member, &name, &value, &package, &native, &start.arguments);
                        let result = result.ok().filter(|value| !value.is_null());
                        (TASK_TIME, result.map(|value| wire::to_bytes(&value)))
                    });
                }
            }
        }
        self.world
            .add(&member.name, cast)
            .map(|_| ())
            .map_err(|error: OpenError| wrong(member.at, format!("{} cannot begin: {error}", member.name)))
    }

    fn bind(
        &self,
        natives: Natives,
        member: &Member,
        package: &Arc<Package>,
        name: &str,
        native: &Native,
    ) -> Natives {
        let library = Arc::clone(&self.library);
        let (who, name) = (member.name.clone(), name.to_owned());
        match given(member, &native.library) {
            Some(answer) => {
                let (value, package, native) = (answer.value.clone(), Arc::clone(package), native.clone());
                let path = native.library.clone();
                natives.function(&path, move |arguments| {
                    let value = library.answer(&who, &name, &value, &package, &native, arguments)?;
                    Ok(wire::to_bytes(&value))
                })
            }
            None => natives.function(&native.library, move |_| {
                Err(library.fail(Wrong { member: who.clone(), native: name.clone(), fault: None }))
            }),
        }
    }

    fn value(&self, query: &Query) -> Result<Value, Box<Deviation>> {
        let value = self.library.evaluator.evaluate(query, &self.picture);
        value.map_err(|fault| {
            Box::new(
                Deviation::new(Kind::Value, 0, fault.at, format!("this has no value: {}", fault.kind))
                    .label(fault.kind.to_string()),
            )
        })
    }

    fn write_chain(&mut self, member: &Member) -> Result<(), Box<Deviation>> {
        let Some(index) = self.picture.index(&member.name) else { return Ok(()) };
        if member.same_chain {
            let first = self.picture.player(member.key_name()).map(|player| player.chain.clone());
            let wrong = |error: String| wrong(member.at, error);
            for block in first.iter().flat_map(|chain| chain.blocks()) {
                self.append(member, index, block.kind(), block.payload().to_vec()).map_err(wrong)?;
            }
        }
        for blocks in &member.chain {
            let value = self.value(&blocks.payload)?;
            let payloads: Vec<Value> = match (&value, blocks.many) {
                (Value::List(list), true) => list.to_vec(),
                _ => vec![value],
            };
            for payload in payloads {
                let bytes = wire::to_bytes(&payload);
                let kind = blocks.block.as_str();
                let failed = |error: String| wrong(blocks.payload.at, error);
                self.append(member, index, kind, bytes).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn append(&mut self, member: &Member, index: usize, kind: &str, payload: Vec<u8>) -> Result<(), String> {
        let chain = if member.byzantine {
            let Some(player) = self.picture.players.get(index) else { return Ok(()) };
            let block = player.chain.next(START.saturating_add(player.clock), kind, payload);
            let block = Arc::new(block.signed_by(&player.key));
            player.chain.append(block).map_err(|error| error.to_string())?
        } else {
            let appended = self.world.with(&member.name, |peer, now| {
                let appended = peer.append(now, kind, payload);
                appended.map(|_| peer.chain().clone())
            });
            let Some(appended) = appended else { return Ok(()) };
            appended.map_err(|error| error.to_string())?
        };
        if let Some(player) = self.picture.players.get_mut(index) {
            player.chain = chain;
        }
        Ok(())
    }

    fn share(&mut self, member: &Member) -> Result<(), Box<Deviation>> {
        let Some(index) = self.picture.index(&member.name).filter(|_| !member.byzantine) else {
            return Ok(());
        };
        for shared in &member.shared {
            let value = wire::to_bytes(&self.value(&shared.value)?);
            let package = self.picture.packages().get(shared.role.transaction);
            let Some(protocol) = package.map(|package| package.id) else { continue };
            let (actor, field) = (shared.role.actor.as_str(), shared.field.as_str());
            let bytes = value.clone();
            let set =
                self.world.with(&member.name, |peer, _| peer.set_shared(&protocol, actor, field, bytes));
            if let Some(Err(error)) = set {
                return Err(wrong(shared.value.at, format!("{field} cannot begin like that: {error}")));
            }
            self.picture.share(index, &shared.role, field, value);
        }
        Ok(())
    }
}

fn given<'m>(member: &'m Member, library: &str) -> Option<&'m Answer> {
    member.natives.iter().find(|answer| answer.library == library)
}

fn wrong(at: Span, message: String) -> Box<Deviation> {
    Box::new(Deviation::new(Kind::Cast, 0, at, message))
}
