//! Runs what the back end writes for an actor.

use super::context::Context;
use super::fields::{SharedFields, StoreFields, broken};
use super::message::Messages;
use super::step::{Outcome, Step};
use crate::fault::FaultKind;
use crate::id::{PeerId, SessionId};
use crate::ir::analysis::Disposition;
use crate::ir::describe;
use crate::machine::{
    Env, Fault, Fired, Incoming, Input, Machine, ProgramError, Raised, Reaction, Refusal, Timer, rules,
};
use crate::package::Package;
use crate::wire::{self, Decoder, Encoder, Reason, Wire, WireError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The states of an actor; [`states!`](crate::states) makes an enum one.
pub trait StateName: Copy + Eq + Wire + Send + Sync + 'static {
    /// The name in the protocol.
    fn name(self) -> &'static str;
}

/// Makes an enum the states of an actor.
#[macro_export]
macro_rules! states {
    ($type:ident { $($name:ident => $variant:ident),* $(,)? }) => {
        $crate::wire_enum!($type { $($name => $variant),* });

        impl $crate::typed::StateName for $type {
            fn name(self) -> &'static str {
                match self {
                    $($type::$variant => stringify!($name),)*
                }
            }
        }
    };
}

/// What `ignore` and `defer` make of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diverted {
    /// Discarded.
    Ignored,
    /// Kept for later.
    Deferred,
}

/// What the back end writes for an actor. What an actor does not have is left out.
pub trait Actor: Sized + Send + Sync + 'static {
    /// Its states.
    type State: StateName;
    /// Its store.
    type Store: StoreFields;
    /// Its shared fields.
    type Shared: SharedFields;
    /// The messages of the protocol.
    type Message: Messages;

    /// Its name in the protocol.
    const NAME: &'static str;
    /// The initial state.
    const INITIAL: Self::State;
    /// The terminal states.
    const TERMINAL: &'static [Self::State];

    /// The session that the store holds, if it has a field for it.
    fn session(_store: &Self::Store) -> Option<SessionId> {
        None
    }

    /// Sets the store field that holds the session.
    fn set_session(_store: &mut Self::Store, _session: SessionId) {}

    /// Does the roster admit the sender?
    fn admits(_store: &Self::Store, _message: &str, _sender: &PeerId) -> bool {
        true
    }

    /// Binds the sender of the message that creates the instance, where nobody is named yet. Was there such a place?
    fn bind(_store: &mut Self::Store, _message: &str, _sender: PeerId) -> bool {
        false
    }

    /// A message.
    ///
    /// # Errors
    /// The step faulted; so for all that follow.
    fn on_message(_step: &mut Step<'_, Self>, _message: &Self::Message) -> Result<Outcome, Raised> {
        Ok(Outcome::Unhandled)
    }

    /// A trigger.
    #[allow(clippy::missing_errors_doc)]
    fn on_trigger(
        _step: &mut Step<'_, Self>,
        _name: &str,
        _arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        Ok(Outcome::Unhandled)
    }

    /// The end of a task.
    #[allow(clippy::missing_errors_doc)]
    fn on_task(_step: &mut Step<'_, Self>, _name: &str, _result: TaskResult<'_>) -> Result<Outcome, Raised> {
        Ok(Outcome::Unhandled)
    }

    /// A time limit of the state.
    #[allow(clippy::missing_errors_doc)]
    fn on_timeout(_step: &mut Step<'_, Self>, _limit: u32) -> Result<Outcome, Raised> {
        Ok(Outcome::Unhandled)
    }

    /// A period of the state.
    #[allow(clippy::missing_errors_doc)]
    fn on_period(_step: &mut Step<'_, Self>, _limit: u32) -> Result<Outcome, Raised> {
        Ok(Outcome::Unhandled)
    }

    /// What follows of itself.
    #[allow(clippy::missing_errors_doc)]
    fn on_auto(_step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        Ok(Outcome::Unhandled)
    }

    /// `ignore` and `defer`.
    #[allow(clippy::missing_errors_doc)]
    fn divert(_step: &mut Step<'_, Self>, _message: &Self::Message) -> Result<Option<Diverted>, Raised> {
        Ok(None)
    }

    /// The timers of the state that the step ended in.
    #[allow(clippy::missing_errors_doc)]
    fn arm(_step: &Step<'_, Self>, _timers: &mut Timers) -> Result<(), Raised> {
        Ok(())
    }
}

/// Arguments of a trigger.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'i>(&'i [Vec<u8>]);

impl Arguments<'_> {
    /// The argument of that place.
    ///
    /// # Errors
    /// It is not there, or of another type: the host has let through what it should not.
    pub fn get<T: Wire>(&self, index: usize) -> Result<T, FaultKind> {
        let bytes = self.0.get(index).ok_or_else(|| FaultKind::internal("an argument is missing"))?;
        wire::decode_checked(bytes).map_err(|error| FaultKind::internal(error.to_string()))
    }
}

/// Result of a task.
#[derive(Clone, Copy, Debug)]
pub struct TaskResult<'i>(Option<&'i [u8]>);

impl TaskResult<'_> {
    /// The result; nothing when the host failed or forgot it.
    ///
    /// # Errors
    /// It is of another type: the host has let through what it should not.
    pub fn get<T: Wire>(&self) -> Result<Option<T>, FaultKind> {
        match self.0 {
            None => Ok(None),
            Some(bytes) => wire::decode_checked::<Option<T>>(bytes)
                .map_err(|error| FaultKind::internal(error.to_string())),
        }
    }
}

/// The timers of a state while they are read.
#[derive(Debug)]
pub struct Timers {
    now: i64,
    list: Vec<Timer>,
}

impl Timers {
    /// `timeout(X)`, X being a span from now; unset: not armed.
    pub fn after(&mut self, limit: u32, span: impl Into<Option<i64>>) {
        if let Some(span) = span.into() {
            self.list.push(Timer { at: self.now.saturating_add(span), limit, period: None });
        }
    }

    /// `timeout(X)`, X being an instant; unset: not armed.
    pub fn at(&mut self, limit: u32, instant: impl Into<Option<i64>>) {
        if let Some(at) = instant.into() {
            self.list.push(Timer { at, limit, period: None });
        }
    }

    /// `every(P)`; unset: not armed.
    pub fn every(&mut self, limit: u32, period: impl Into<Option<i64>>) {
        if let Some(period) = period.into() {
            let period = period.max(1);
            self.list.push(Timer { at: self.now.saturating_add(period), limit, period: Some(period) });
        }
    }
}

/// An instance of an actor.
pub struct Instance<A: Actor> {
    package: Arc<Package>,
    pub(super) session: SessionId,
    pub(super) state: A::State,
    pub(super) store: A::Store,
    /// Has a step fired? Until then there is no instance, and the first step creates it.
    created: bool,
}

impl<A: Actor> Instance<A> {
    /// In the initial state.
    pub fn start(package: &Arc<Package>, session: SessionId) -> Self {
        let mut store = A::Store::default();
        // The session key is set before the first guard.
        A::set_session(&mut store, session);
        Instance { package: Arc::clone(package), session, state: A::INITIAL, store, created: false }
    }

    /// From a snapshot.
    ///
    /// # Errors
    /// The bytes are no snapshot of this actor.
    pub fn restore(package: &Arc<Package>, snapshot: &[u8]) -> Result<Self, ProgramError> {
        let misfit = |reason: String| ProgramError::Snapshot { actor: A::NAME.to_owned(), reason };
        let Parts { session, state, fields } =
            read_parts::<A>(snapshot).map_err(|error| misfit(error.to_string()))?;
        let store = A::Store::read(&fields).map_err(misfit)?;
        Ok(Instance { package: Arc::clone(package), session, state, store, created: true })
    }

    fn disposition(&self, message: &str) -> Reaction {
        match self.package.analysis.disposition(A::NAME, self.state.name(), message) {
            Disposition::Deferred => Reaction::Deferred,
            Disposition::Handled => Reaction::Refused(Refusal::Guard),
            Disposition::Discarded => Reaction::Discarded,
        }
    }

    fn begin<'e>(&'e self, input: &Input, env: &'e mut dyn Env) -> Step<'e, A> {
        let shared = A::Shared::load(env);
        let naming = !self.created && matches!(input, Input::Trigger { .. });
        Step::new(self, shared, naming, Context::new(env, &self.package))
    }

    fn offer(&self, step: &mut Step<'_, A>, incoming: &Incoming) -> Result<Reaction, Raised> {
        let name: &str = &incoming.envelope.message;
        let known = self.package.protocol.messages.contains_key(name);
        if !known || A::TERMINAL.contains(&self.state) {
            return Ok(Reaction::Discarded);
        }
        let creating = !self.created && self.state == A::INITIAL;
        let admitted = A::admits(&step.store, name, &incoming.sender)
            || (creating && A::bind(&mut step.store, name, incoming.sender));
        if !admitted {
            let field = |field: &str| self.store.field(field);
            let open = rules::roster_is_open(&self.package.protocol, A::NAME, name, field);
            return Ok(match self.disposition(name) {
                Reaction::Deferred if open => Reaction::Deferred,
                Reaction::Fired(_) | Reaction::Refused(_) | Reaction::Deferred | Reaction::Discarded => {
                    Reaction::Refused(Refusal::Stranger)
                }
            });
        }
        let Some(message) = A::Message::decode(incoming)? else { return Ok(Reaction::Discarded) };
        let outcome = A::on_message(step, &message)?;
        if outcome == Outcome::Fired {
            return self.finish(step);
        }
        match A::divert(step, &message)? {
            Some(Diverted::Ignored) => Ok(Reaction::Discarded),
            Some(Diverted::Deferred) => Ok(Reaction::Deferred),
            None => match outcome {
                Outcome::Refused(refusal) => Ok(Reaction::Refused(refusal)),
                Outcome::Unhandled | Outcome::Fired => Ok(self.disposition(name)),
            },
        }
    }

    fn fire_trigger(
        &self,
        step: &mut Step<'_, A>,
        name: &str,
        arguments: &[Vec<u8>],
    ) -> Result<Reaction, Raised> {
        let declared = self.package.protocol.actors.get(A::NAME).and_then(|actor| actor.triggers.get(name));
        let here =
            declared.is_some_and(|trigger| trigger.states.iter().any(|state| state == self.state.name()));
        if !here {
            return Ok(Reaction::Refused(Refusal::NotHere));
        }
        match A::on_trigger(step, name, Arguments(arguments))? {
            Outcome::Fired => self.finish(step),
            Outcome::Refused(refusal) => Ok(Reaction::Refused(refusal)),
            Outcome::Unhandled => Ok(Reaction::Refused(Refusal::NotHere)),
        }
    }

    fn other(&self, step: &mut Step<'_, A>, outcome: Outcome) -> Result<Reaction, Raised> {
        match outcome {
            Outcome::Fired => self.finish(step),
            Outcome::Refused(refusal) => Ok(Reaction::Refused(refusal)),
            Outcome::Unhandled => Ok(Reaction::Discarded),
        }
    }

    fn react(&self, step: &mut Step<'_, A>, input: &Input) -> Result<Reaction, Raised> {
        match input {
            Input::Message(incoming) => self.offer(step, incoming),
            Input::Trigger { name, arguments } => self.fire_trigger(step, name, arguments),
            Input::Timeout { limit } => {
                let outcome = A::on_timeout(step, *limit)?;
                self.other(step, outcome)
            }
            Input::Period { limit } => {
                let outcome = A::on_period(step, *limit)?;
                self.other(step, outcome)
            }
            Input::TaskResult { task, result } => {
                let outcome = A::on_task(step, task, TaskResult(result.as_deref()))?;
                self.other(step, outcome)
            }
        }
    }

    /// A handler has fired: what follows of itself, then the timers.
    fn finish(&self, step: &mut Step<'_, A>) -> Result<Reaction, Raised> {
        // Each automatic transition counts itself, so this ends.
        while A::on_auto(step)? == Outcome::Fired {}
        if step.shared.broken() {
            return Err(broken().into());
        }
        let completed = A::TERMINAL.contains(&step.state());
        // A visit begins anew when the instance is created, or was in another state in between.
        let timers = if step.moved || !self.created {
            step.consider_override(describe::LIMITS);
            let mut timers = Timers { now: step.now(), list: Vec::new() };
            A::arm(step, &mut timers)?;
            Some(timers.list)
        } else {
            None
        };
        step.context.with_env(|env| step.shared.save(env));
        let machine = Instance::<A> {
            package: Arc::clone(&self.package),
            session: step.session(),
            state: step.state(),
            store: std::mem::take(&mut step.store),
            created: true,
        };
        Ok(Reaction::Fired(Fired {
            machine: Box::new(machine),
            taken: std::mem::take(&mut step.taken),
            effects: step.take_effects(),
            timers,
            completed,
        }))
    }
}

impl<A: Actor> Machine for Instance<A> {
    fn actor(&self) -> &str {
        A::NAME
    }

    fn state(&self) -> &str {
        self.state.name()
    }

    fn session(&self) -> SessionId {
        self.session
    }

    fn field(&self, name: &str) -> Option<Vec<u8>> {
        self.store.field(name)
    }

    fn save(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.map(3);
        encoder.text("state");
        self.state.encode(&mut encoder);
        encoder.text("store");
        self.store.encode(&mut encoder);
        encoder.text("session");
        self.session.encode(&mut encoder);
        encoder.into_bytes()
    }

    fn step(&self, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault> {
        let mut step = self.begin(input, env);
        self.react(&mut step, input).map_err(|raised| {
            let (state, label) = (step.state().name(), step.label().to_owned());
            rules::fault(&self.package.protocol, A::NAME, state, label, raised)
        })
    }
}

/// A snapshot, its store still bytes: each field may nest as deep as a message.
struct Parts<'b, A: Actor> {
    session: SessionId,
    state: A::State,
    fields: BTreeMap<String, &'b [u8]>,
}

fn read_parts<A: Actor>(snapshot: &[u8]) -> Result<Parts<'_, A>, WireError> {
    let mut decoder = Decoder::new(snapshot);
    let at = decoder.at();
    let (mut session, mut state, mut fields) = (None, None, BTreeMap::new());
    decoder.record(|decoder, name| {
        match name {
            "session" => session = Some(decoder.value()?),
            "state" => state = Some(decoder.value()?),
            "store" => decoder.record(|decoder, field| {
                fields.insert(field.to_owned(), decoder.skip()?);
                Ok(true)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    decoder.finish()?;
    match (session, state) {
        (Some(session), Some(state)) => Ok(Parts { session, state, fields }),
        _ => Err(WireError::new(at, Reason::MissingField("session or state".to_owned()))),
    }
}
