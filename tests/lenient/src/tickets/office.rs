// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Office of Tickets.

use super::functions::free;
use super::messages::{Buy, Message, Ticket};
use omt_runtime::typed::prelude::*;

/// States of [`Office`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `SELLING`.
    Selling,
    /// `SOLD_OUT`.
    SoldOut,
    /// `CLOSED`.
    Closed,
}
states!(State {
    IDLE => Idle,
    SELLING => Selling,
    SOLD_OUT => SoldOut,
    CLOSED => Closed,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `sold`.
    pub sold: Option<u64>,
    /// `fan`.
    pub fan: Option<Value>,
    /// `wanted`.
    pub wanted: Option<Value>,
    /// `seats`.
    pub seats: Option<Value>,
    /// `code`.
    pub code: Option<Value>,
}

store_fields!(Store { sold, fan, wanted, seats, code });

/// Actor `Office`.
pub struct Office;

impl Actor for Office {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Office";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::SoldOut, State::Closed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Buy(message)) => idle_on_buy(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Selling => selling_at_once(step),
            State::Idle | State::SoldOut | State::Closed => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `BUY`.
fn idle_on_buy(
    step: &mut Step<'_, Office>,
    message: &Received<Buy>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SELLING on BUY");
    step.store.sold = Some(0);
    step.store.fan = library::any_field(library::to_any(&message.sender).at(38, 15)?);
    step.store.wanted = library::any_field(
        library::to_any(&message.payload.count).at(39, 18)?,
    );
    step.store.seats = library::any_field(message.payload.seats.clone());
    step.enter(State::Selling)
}

/// In SELLING, at once.
fn selling_at_once(step: &mut Step<'_, Office>) -> Result<Outcome, Raised> {
    step.consider(0, "SELLING -> SOLD_OUT auto");
    if free(
        library::from_any::<u64>(&library::any_or_null(&step.store.wanted), "uint")
            .at(42, 40)?,
        step.store.sold.needed().at(42, 48)?,
    ) {
        step.proceed().at(42, 5)?;
        step.store.sold = Some(
            library::narrow_u64(
                    i128::from(step.store.sold.needed().at(43, 16)?)
                        + i128::from(
                            library::from_any::<
                                u64,
                            >(&library::any_or_null(&step.store.wanted), "uint")
                                .at(43, 23)?,
                        ),
                )
                .at(43, 16)?,
        );
        step.store.code = library::any_field(
            library::to_any(
                    &library::hash(
                        &[
                            &library::any_or_null(&step.store.fan),
                            &library::any_or_null(&step.store.seats),
                            &step.store.sold.needed().at(44, 35)?,
                        ],
                    ),
                )
                .at(44, 16)?,
        );
        let to = library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.fan), "peer_id")
            .at(45, 14)?;
        let ticket = Ticket {
            seats: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.seats), "dict", library::Shape::Dict)
                .at(45, 9)?,
            code: library::from_any::<
                Hash,
            >(&library::any_or_null(&step.store.code), "hash")
                .at(45, 9)?,
        };
        step.send(to, &ticket).at(45, 9)?;
        return step.enter(State::SoldOut);
    }

    step.consider(1, "SELLING -> CLOSED auto");
    if !free(
        library::from_any::<u64>(&library::any_or_null(&step.store.wanted), "uint")
            .at(47, 42)?,
        step.store.sold.needed().at(47, 50)?,
    ) {
        step.proceed().at(47, 5)?;
        return step.enter(State::Closed);
    }
    step.refuse()
}
