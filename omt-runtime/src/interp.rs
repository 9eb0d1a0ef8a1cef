//! The interpreter: runs a package by walking its IR.
//!
//! It is the shortest executor and the reference for the others: what it does is what the language means
//! (LANGUAGE 4, 5.3, 6, 7). It takes no short cuts: values are dynamic, names are looked up, a step works on a copy.

mod act;
mod eval;
mod library;
mod step;
mod view;

use crate::fault::FaultKind;
use crate::id::{Hash, SessionId};
use crate::ir::{Actor, Fields};
use crate::machine::{Env, Fault, Input, Machine, Program, ProgramError, Raised, Reaction};
use crate::package::Package;
use crate::value::Value;
use crate::wire::{self, Decoder, Types, Wire, WireError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Fields of the store that are set; what is missing is unset, which reads as null.
type Store = BTreeMap<String, Value>;

/// A guard that was evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judged {
    /// The actor.
    pub actor: String,
    /// The state that it belongs to.
    pub state: String,
    /// Which of the guards of the state.
    pub guard: Guard,
    /// What it came to.
    pub held: bool,
}

/// A guard of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Of a transition or collect: index into [`crate::ir::State::handlers`].
    Handler(u32),
    /// Of an `ignore` or `defer`: index into [`crate::ir::State::overrides`].
    Override(u32),
}

/// Hears of every guard that the interpreter evaluates, also of those in steps that do not fire. It only listens:
/// nothing that happens depends on it.
pub trait Probe: std::fmt::Debug + Send + Sync {
    /// A guard was evaluated.
    fn judged(&self, judged: Judged);
}

/// A package, to be interpreted.
#[derive(Clone, Debug)]
pub struct Interpreter {
    package: Arc<Package>,
    probe: Option<Arc<dyn Probe>>,
}

impl Interpreter {
    /// Runs that package.
    pub fn new(package: Arc<Package>) -> Interpreter {
        Interpreter { package, probe: None }
    }

    /// The same, and somebody listens.
    #[must_use]
    pub fn probed(mut self, probe: Arc<dyn Probe>) -> Interpreter {
        self.probe = Some(probe);
        self
    }

    /// A function on its arguments outside any step, as tools ask for it: there is no instance, so it must not read a
    /// store or ask what caused the step. The arguments are of the declared types.
    ///
    /// # Errors
    /// There is no such function, or it faults.
    pub fn call(&self, name: &str, arguments: Vec<Value>, env: &mut dyn Env) -> Result<Value, Raised> {
        let function = self.package.protocol.functions.get(name);
        let function = function.ok_or_else(|| FaultKind::internal(format!("no function {name}")))?;
        let locals = arguments.into_iter().map(eval::Slot::Value).collect();
        eval::Exec::outside(&self.package, env)?.run(function, locals)
    }

    fn actor(&self, actor: &str) -> Result<&Actor, ProgramError> {
        self.package.protocol.actors.get(actor).ok_or_else(|| ProgramError::UnknownActor {
            protocol: self.package.protocol.number.clone(),
            actor: actor.to_owned(),
        })
    }
}

impl Program for Interpreter {
    fn package(&self) -> &Arc<Package> {
        &self.package
    }

    fn executor(&self) -> &'static str {
        EXECUTOR
    }

    fn start(&self, actor: &str, session: SessionId) -> Result<Box<dyn Machine>, ProgramError> {
        let declared = self.actor(actor)?;
        let mut store = Store::new();
        for (name, field) in &declared.store {
            if field.ty.begins_empty() {
                store.insert(name.clone(), zero(&field.ty));
            }
        }
        // The session key is set before the first guard.
        let key = &self.package.protocol.session_key;
        if declared.store.contains_key(key) {
            store.insert(key.clone(), Value::Hash(session));
        }
        Ok(Box::new(Instance {
            package: Arc::clone(&self.package),
            actor: actor.to_owned(),
            state: declared.initial.clone(),
            session,
            store,
            created: false,
            probe: self.probe.clone(),
        }))
    }

    fn restore(&self, actor: &str, snapshot: &[u8]) -> Result<Box<dyn Machine>, ProgramError> {
        let declared = self.actor(actor)?;
        let misfit = |reason: String| ProgramError::Snapshot { actor: actor.to_owned(), reason };
        let Parts { session, state, fields } =
            Parts::read(snapshot).map_err(|error| misfit(error.to_string()))?;
        if !declared.states.contains_key(&state) {
            return Err(misfit(format!("no state {state}")));
        }
        let types = Types::new(&self.package.protocol, self.package.id);
        let store = read_store(&types, &declared.store, &fields).map_err(misfit)?;
        Ok(Box::new(Instance {
            package: Arc::clone(&self.package),
            actor: actor.to_owned(),
            state,
            session,
            store,
            created: true,
            probe: self.probe.clone(),
        }))
    }
}

/// Name of this executor.
const EXECUTOR: &str = "interpreter";

/// What a field begins with if its type has a zero, else null.
fn zero(ty: &crate::ir::Type) -> Value {
    use crate::ir::Type;
    #[allow(clippy::wildcard_enum_match_arm, reason = "types with a zero are few: Type::has_zero")]
    match ty {
        Type::Uint | Type::Int | Type::Timestamp | Type::Duration => Value::Int(0),
        Type::Float => Value::Float(0.0),
        Type::Bool => Value::Bool(false),
        Type::String => Value::text(""),
        Type::List(_) => Value::list([]),
        Type::Map(..) => Value::Map(crate::value::Map::new()),
        _ => Value::Null,
    }
}

/// One instance.
#[derive(Clone)]
struct Instance {
    package: Arc<Package>,
    actor: String,
    state: String,
    session: SessionId,
    store: Store,
    /// Has a step fired? Until then there is no instance, and the first step creates it.
    created: bool,
    probe: Option<Arc<dyn Probe>>,
}

impl Machine for Instance {
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
        self.store.get(name).map(wire::to_bytes)
    }

    fn save(&self) -> Vec<u8> {
        let fields = self.package.protocol.actors.get(&self.actor).map(|actor| &actor.store);
        let store = fields.into_iter().flat_map(Fields::keys).map(|name| {
            let value = self.store.get(name).cloned().unwrap_or(Value::Null);
            (name.as_str(), value)
        });
        wire::to_bytes(&Value::record([
            ("session", Value::Hash(self.session)),
            ("state", Value::text(self.state.as_str())),
            ("store", Value::record(store)),
        ]))
    }

    fn step(&self, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault> {
        step::run(self, input, env)
    }
}

/// A snapshot, its store still bytes: each field may nest as deep as a message.
struct Parts<'b> {
    session: Hash,
    state: String,
    fields: BTreeMap<String, &'b [u8]>,
}

impl<'b> Parts<'b> {
    fn read(snapshot: &'b [u8]) -> Result<Parts<'b>, WireError> {
        let mut decoder = Decoder::new(snapshot);
        let mut parts = Parts { session: Hash::ZERO, state: String::new(), fields: BTreeMap::new() };
        decoder.record(|d, name| {
            match name {
                "session" => parts.session = Hash::decode(d)?,
                "state" => parts.state = d.text()?.to_owned(),
                "store" => d.record(|d, field| {
                    parts.fields.insert(field.to_owned(), d.skip()?);
                    Ok(true)
                })?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        decoder.finish()?;
        Ok(parts)
    }
}

fn read_store(
    types: &Types<'_>,
    declared: &Fields,
    fields: &BTreeMap<String, &[u8]>,
) -> Result<Store, String> {
    if let Some(unknown) = fields.keys().find(|name| !declared.contains_key(*name)) {
        return Err(format!("the store has no field {unknown}"));
    }
    let mut store = Store::new();
    for (name, field) in declared {
        let bytes = fields.get(name).ok_or_else(|| format!("field {name} is missing"))?;
        let ty = if field.ty.begins_empty() { field.ty.clone() } else { field.ty.clone().optional() };
        let value = types.decode(&ty, bytes).map_err(|error| format!("field {name}: {error}"))?;
        if !value.is_null() {
            store.insert(name.clone(), value);
        }
    }
    Ok(store)
}

#[cfg(test)]
mod tests;
