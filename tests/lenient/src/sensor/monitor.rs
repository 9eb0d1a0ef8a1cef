// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Monitor of Sensor.

use super::messages::{Alarm, Message, Reading};
use super::parameters::SHARE;
use omt_runtime::typed::prelude::*;

/// States of [`Monitor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `DONE`.
    Done,
}
states!(State { IDLE => Idle, DONE => Done });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `count`.
    pub count: Option<u64>,
    /// `high`.
    pub high: Option<u64>,
    /// `fahrenheit`.
    pub fahrenheit: Option<Value>,
    /// `severe`.
    pub severe: Option<Value>,
}

store_fields!(Store { count, high, fahrenheit, severe });

/// Actor `Monitor`.
pub struct Monitor;

impl Actor for Monitor {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Monitor";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Reading(message)) => idle_on_reading(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `READING`.
fn idle_on_reading(
    step: &mut Step<'_, Monitor>,
    message: &Received<Reading>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on READING");
    step.store.count = Some(2);
    step.store.high = Some(if message.payload.celsius > 40.0 { 2 } else { 0 });
    step.store.fahrenheit = library::any_field(
        library::to_any(
                &library::float_add(
                        library::float_mul(message.payload.celsius, 1.8).at(38, 22)?,
                        library::float_mul(32.0, message.payload.weight).at(38, 46)?,
                    )
                    .at(38, 22)?,
            )
            .at(38, 22)?,
    );
    step.store.severe = library::any_field(
        library::to_any(
                &SHARE
                    .compare_with_quotient(
                        i128::from(step.store.high.needed().at(39, 18)?),
                        i128::from(step.store.count.needed().at(39, 25)?),
                    )
                    .at(39, 18)?
                    .is_ge(),
            )
            .at(39, 18)?,
    );
    let alarm = Alarm {
        fahrenheit: library::from_any::<
            f64,
        >(&library::any_or_null(&step.store.fahrenheit), "float")
            .at(40, 9)?,
        severe: library::from_any::<
            bool,
        >(&library::any_or_null(&step.store.severe), "bool")
            .at(40, 9)?,
    };
    step.send(message.sender, &alarm).at(40, 9)?;
    step.enter(State::Done)
}
