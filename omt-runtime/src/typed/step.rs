//! One step while it is taken.

use super::actor::{Actor, Instance, StateName};
use super::context::Context;
use crate::fault::FaultKind;
use crate::id::SessionId;
use crate::machine::{AUTO_TRANSITIONS_MAX, Raised, Refusal, Taken};
use std::ops::Deref;

/// What a handler came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It fired.
    Fired,
    /// The state handles the input, and refused it.
    Refused(Refusal),
    /// The state does not handle the input.
    Unhandled,
}

/// A step: the store and the shared fields as they will be, and everything a handler does to them.
pub struct Step<'e, A: Actor> {
    /// The store of the instance.
    pub store: A::Store,
    /// The shared fields.
    pub shared: A::Shared,
    /// What functions may ask.
    pub context: Context<'e>,
    state: A::State,
    handler: u32,
    otherwise: bool,
    label: &'static str,
    pub(super) taken: Vec<Taken>,
    pub(super) moved: bool,
    session: SessionId,
    /// May this step assign the session?
    naming: bool,
    automatic: u32,
}

impl<'e, A: Actor> Deref for Step<'e, A> {
    type Target = Context<'e>;
    fn deref(&self) -> &Context<'e> {
        &self.context
    }
}

impl<'e, A: Actor> Step<'e, A> {
    pub(super) fn new(instance: &Instance<A>, shared: A::Shared, naming: bool, context: Context<'e>) -> Self {
        Step {
            store: instance.store.clone(),
            shared,
            context,
            state: instance.state,
            handler: 0,
            otherwise: false,
            label: crate::ir::describe::ARRIVAL,
            taken: Vec::new(),
            moved: false,
            session: instance.session,
            naming,
            automatic: 0,
        }
    }

    /// `message.session`: the session of this instance, which the step that a trigger creates it with may assign.
    pub fn session(&self) -> SessionId {
        A::session(&self.store).filter(|_| self.naming).unwrap_or(self.session)
    }

    /// An automatic transition is taken.
    ///
    /// # Errors
    /// It is one too many.
    pub fn proceed(&mut self) -> Result<(), FaultKind> {
        self.automatic += 1;
        if self.automatic > AUTO_TRANSITIONS_MAX { Err(FaultKind::AutoLimit) } else { Ok(()) }
    }

    /// The state that the machine is in by now.
    pub fn state(&self) -> A::State {
        self.state
    }

    /// What a fault is blamed on.
    pub(super) fn label(&self) -> &'static str {
        self.label
    }

    /// A handler is weighed from here on: its place among those of its state, and its name in faults.
    pub fn consider(&mut self, handler: u32, label: &'static str) {
        self.handler = handler;
        self.otherwise = false;
        self.label = label;
    }

    /// The `else` of a handler is taken from here on.
    pub fn otherwise(&mut self, handler: u32, label: &'static str) {
        self.consider(handler, label);
        self.otherwise = true;
    }

    /// An `ignore` or `defer`, or the reading of time limits, from here on.
    pub fn consider_override(&mut self, label: &'static str) {
        self.label = label;
    }

    /// The handler has fired and leads to that state.
    ///
    /// # Errors
    /// Never.
    pub fn enter(&mut self, to: A::State) -> Result<Outcome, Raised> {
        self.taken.push(Taken {
            from: self.state.name().to_owned(),
            handler: self.handler,
            otherwise: self.otherwise,
            to: to.name().to_owned(),
        });
        self.moved |= self.state != to;
        self.state = to;
        Ok(Outcome::Fired)
    }

    /// A collect has fired.
    ///
    /// # Errors
    /// Never.
    pub fn stay(&mut self) -> Result<Outcome, Raised> {
        self.enter(self.state)
    }

    /// No guard held.
    ///
    /// # Errors
    /// Never.
    pub fn refuse(&self) -> Result<Outcome, Raised> {
        Ok(Outcome::Refused(Refusal::Guard))
    }

    /// No guard held, or the sender was collected before: `repeated` says whether its message differs.
    ///
    /// # Errors
    /// Never.
    pub fn refuse_repeated(&self, repeated: Option<bool>) -> Result<Outcome, Raised> {
        Ok(Outcome::Refused(repeated.map_or(Refusal::Guard, |differs| Refusal::Repeated { differs })))
    }
}
