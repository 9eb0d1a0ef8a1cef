// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Sensor of Sensor.

use super::messages::{Alarm, Message, Reading};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Sensor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `SENT`.
    Sent,
    /// `DONE`.
    Done,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, SENT => Sent, DONE => Done, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `monitor`.
    pub monitor: Option<PeerId>,
    /// `celsius`.
    pub celsius: Option<Value>,
    /// `weight`.
    pub weight: Option<Value>,
    /// `last`.
    pub last: Option<Value>,
    /// `delta`.
    pub delta: Option<Value>,
}

store_fields!(Store { monitor, celsius, weight, last, delta });

/// Actor `Sensor`.
pub struct Sensor;

impl Actor for Sensor {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Sensor";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Sent, Message::Alarm(message)) => sent_on_alarm(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "measure") => idle_on_measure(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Sent, 0) => sent_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Sent {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `measure`.
fn idle_on_measure(
    step: &mut Step<'_, Sensor>,
    monitor: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SENT on measure");
    step.store.monitor = Some(monitor);
    step.store.celsius = library::any_field(library::to_any(&41.5f64).at(20, 19)?);
    step.store.weight = library::any_field(library::to_any(&2.0f64).at(21, 18)?);
    let reading = Reading {
        celsius: library::from_any::<
            f64,
        >(&library::any_or_null(&step.store.celsius), "float")
            .at(22, 9)?,
        weight: library::from_any::<
            f64,
        >(&library::any_or_null(&step.store.weight), "float")
            .at(22, 9)?,
    };
    step.send(monitor, &reading).at(22, 9)?;
    step.enter(State::Sent)
}

/// In SENT, on the message `ALARM`.
fn sent_on_alarm(
    step: &mut Step<'_, Sensor>,
    message: &Received<Alarm>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SENT -> DONE on ALARM");
    if message.payload.severe && message.payload.fahrenheit > 100.0 {
        step.store.last = library::any_field(
            library::to_any(&message.payload.fahrenheit).at(25, 16)?,
        );
        step.store.delta = library::any_field(
            library::to_any(
                    &library::float_sub(
                            library::from_any::<
                                f64,
                            >(&library::any_or_null(&step.store.last), "float")
                                .at(26, 17)?,
                            library::from_any::<
                                f64,
                            >(&library::any_or_null(&step.store.celsius), "float")
                                .at(26, 24)?,
                        )
                        .at(26, 17)?,
                )
                .at(26, 17)?,
        );
        return step.enter(State::Done);
    }
    step.refuse()
}

/// In SENT, on `timeout(WAIT)`.
fn sent_on_timeout_wait(step: &mut Step<'_, Sensor>) -> Result<Outcome, Raised> {
    step.consider(1, "SENT -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
