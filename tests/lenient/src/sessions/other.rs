// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Other of Sessions.

use super::messages::{Begin, End, Message};
use omt_runtime::typed::prelude::*;

/// States of [`Other`].
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
    /// `deal_id`.
    pub deal_id: Option<Hash>,
    /// `amount`.
    pub amount: Option<Value>,
    /// `half`.
    pub half: Option<Value>,
}

store_fields!(Store { deal_id, amount, half });

/// Actor `Other`.
pub struct Other;

impl Actor for Other {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Other";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done];

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
            (State::Idle, Message::Begin(message)) => idle_on_begin(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `BEGIN`.
fn idle_on_begin(
    step: &mut Step<'_, Other>,
    message: &Received<Begin>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> DONE on BEGIN");
    step.store.amount = library::any_field(
        library::to_any(&message.payload.amount).at(36, 24)?,
    );
    step.store.half = library::any_field(
        library::to_any(
                &library::float_div(
                        library::int_to_float(
                                i128::from(
                                    library::from_any::<
                                        u64,
                                    >(&library::any_or_null(&step.store.amount), "uint")
                                        .at(37, 16)?,
                                ),
                            )
                            .at(37, 16)?,
                        2.0,
                    )
                    .at(37, 16)?,
            )
            .at(37, 16)?,
    );
    let end = End {
        deal_id: step.session(),
        half: library::from_any::<f64>(&library::any_or_null(&step.store.half), "float")
            .at(38, 9)?,
    };
    step.send(message.sender, &end).at(38, 9)?;
    step.enter(State::Done)
}
