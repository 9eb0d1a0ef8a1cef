// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Server of Counter.

use super::messages::{Add, Message, Total};
use omt_runtime::typed::prelude::*;

/// States of [`Server`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `COUNTING`.
    Counting,
    /// `CLOSED`.
    Closed,
}
states!(State { IDLE => Idle, COUNTING => Counting, CLOSED => Closed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `client`.
    pub client: Option<Value>,
    /// `total`.
    pub total: Option<Value>,
    /// `started`.
    pub started: Option<Value>,
}

store_fields!(Store { client, total, started });

/// Actor `Server`.
pub struct Server;

impl Actor for Server {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Server";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Closed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Add(message)) => idle_on_add(step, message),
            (State::Counting, Message::Add(message)) => counting_on_add(step, message),
            (State::Counting, Message::Bye(_)) => counting_on_bye(step),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `ADD`.
fn idle_on_add(
    step: &mut Step<'_, Server>,
    message: &Received<Add>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> COUNTING on ADD");
    step.store.client = library::any_field(library::to_any(&message.sender).at(38, 18)?);
    step.store.total = library::any_field(
        library::to_any(&message.payload.amount).at(39, 17)?,
    );
    step.store.started = library::any_field(
        library::to_any(&message.payload.at).at(40, 19)?,
    );
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.client), "peer_id")
        .at(41, 14)?;
    let total = Total {
        total: library::from_any::<u64>(&library::any_or_null(&step.store.total), "uint")
            .at(41, 36)?,
        since: library::narrow_i64(
                i128::from(message.payload.at)
                    - i128::from(
                        library::from_any::<
                            i64,
                        >(&library::any_or_null(&step.store.started), "timestamp")
                            .at(41, 62)?,
                    ),
            )
            .at(41, 49)?,
    };
    step.send(to, &total).at(41, 9)?;
    step.enter(State::Counting)
}

/// In COUNTING, on the message `ADD`.
fn counting_on_add(
    step: &mut Step<'_, Server>,
    message: &Received<Add>,
) -> Result<Outcome, Raised> {
    step.consider(0, "COUNTING -> COUNTING on ADD");
    step.store.total = library::any_field(
        library::to_any(
                &library::narrow_i64(
                        i128::from(
                            library::from_any::<
                                i64,
                            >(&library::any_or_null(&step.store.total), "int")
                                .at(44, 17)?,
                        ) + i128::from(message.payload.amount),
                    )
                    .at(44, 17)?,
            )
            .at(44, 17)?,
    );
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.client), "peer_id")
        .at(45, 14)?;
    let total = Total {
        since: library::narrow_i64(
                i128::from(message.payload.at)
                    - i128::from(
                        library::from_any::<
                            i64,
                        >(&library::any_or_null(&step.store.started), "timestamp")
                            .at(45, 49)?,
                    ),
            )
            .at(45, 36)?,
        total: library::from_any::<u64>(&library::any_or_null(&step.store.total), "uint")
            .at(45, 9)?,
    };
    step.send(to, &total).at(45, 9)?;
    step.enter(State::Counting)
}

/// In COUNTING, on the message `BYE`.
fn counting_on_bye(step: &mut Step<'_, Server>) -> Result<Outcome, Raised> {
    step.consider(1, "COUNTING -> CLOSED on BYE");
    if library::any_or_null(&step.store.total) == library::to_any(&11u64).at(47, 45)? {
        return step.enter(State::Closed);
    }
    step.refuse()
}
