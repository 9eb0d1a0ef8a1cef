// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Fan of Tickets.

use super::messages::{Buy, Message, Ticket};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Fan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `ASKED`.
    Asked,
    /// `HOLDING`.
    Holding,
    /// `REFUSED`.
    Refused,
}
states!(State { IDLE => Idle, ASKED => Asked, HOLDING => Holding, REFUSED => Refused });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `office`.
    pub office: Option<PeerId>,
    /// `count`.
    pub count: Option<Value>,
    /// `seats`.
    pub seats: Option<Value>,
    /// `code`.
    pub code: Option<Value>,
}

store_fields!(Store { office, count, seats, code });

/// Actor `Fan`.
pub struct Fan;

impl Actor for Fan {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Fan";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Holding, State::Refused];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Asked, Message::Ticket(message)) => asked_on_ticket(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "buy") => {
                idle_on_buy(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Asked, 0) => asked_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Asked {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `buy`.
fn idle_on_buy(
    step: &mut Step<'_, Fan>,
    office: PeerId,
    count: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> ASKED on buy");
    if count > 0 {
        step.store.office = Some(office);
        step.store.count = library::any_field(library::to_any(&count).at(21, 23)?);
        step.store.seats = library::any_field(
            Value::record([
                ("row", library::to_any(&1u64).at(22, 23)?),
                ("first", library::to_any(&7u64).at(22, 32)?),
                ("count", library::to_any(&count).at(22, 41)?),
            ]),
        );
        let buy = Buy {
            count: library::from_any::<
                u64,
            >(&library::any_or_null(&step.store.count), "uint")
                .at(23, 9)?,
            seats: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.seats), "dict", library::Shape::Dict)
                .at(23, 9)?,
        };
        step.send(office, &buy).at(23, 9)?;
        return step.enter(State::Asked);
    }
    step.refuse()
}

/// In ASKED, on the message `TICKET`.
fn asked_on_ticket(
    step: &mut Step<'_, Fan>,
    message: &Received<Ticket>,
) -> Result<Outcome, Raised> {
    step.consider(0, "ASKED -> HOLDING on TICKET");
    if message.payload.seats == library::any_or_null(&step.store.seats) {
        step.store.code = library::any_field(
            library::to_any(&message.payload.code).at(25, 69)?,
        );
        return step.enter(State::Holding);
    }

    step.consider(1, "ASKED -> REFUSED on TICKET");
    step.enter(State::Refused)
}

/// In ASKED, on `timeout(WAIT)`.
fn asked_on_timeout_wait(step: &mut Step<'_, Fan>) -> Result<Outcome, Raised> {
    step.consider(2, "ASKED -> REFUSED on timeout(WAIT)");
    step.enter(State::Refused)
}
