// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The One of Sessions.

use super::messages::{Begin, End, Message};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`One`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `WAITING`.
    Waiting,
    /// `DONE`.
    Done,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, WAITING => Waiting, DONE => Done, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `other`.
    pub other: Option<PeerId>,
    /// `amount`.
    pub amount: Option<u64>,
    /// `deal_id`.
    pub deal_id: Option<Hash>,
    /// `share`.
    pub share: Option<Value>,
}

store_fields!(Store { other, amount, deal_id, share });

/// Actor `One`.
pub struct One;

impl Actor for One {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "One";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn session(store: &Store) -> Option<SessionId> {
        store.deal_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.deal_id = Some(session);
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::End(message)) => waiting_on_end(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "begin") => idle_on_begin(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Waiting, 0) => waiting_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Waiting {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `begin`.
fn idle_on_begin(step: &mut Step<'_, One>, other: PeerId) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on begin");
    step.store.other = Some(other);
    step.store.deal_id = Some(library::hash(&[&step.peer_id(), &other]));
    step.store.amount = Some(9);
    let begin = Begin {
        deal_id: step.session(),
        amount: step.store.amount.needed().at(22, 9)?,
    };
    step.send(other, &begin).at(22, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `END`.
fn waiting_on_end(
    step: &mut Step<'_, One>,
    message: &Received<End>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> DONE on END");
    if message.payload.deal_id == step.store.deal_id.needed().at(24, 52)?
        && message.payload.half > 4.4
    {
        step.store.share = library::any_field(
            library::to_any(&message.payload.half).at(26, 17)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In WAITING, on `timeout(WAIT)`.
fn waiting_on_timeout_wait(step: &mut Step<'_, One>) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
