// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Left of Coin.

use super::messages::{Commit, Guess, Message, RevealCoin};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Left`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `COMMITTED`.
    Committed,
    /// `DONE`.
    Done,
    /// `FAILED`.
    Failed,
}
states!(State { IDLE => Idle, COMMITTED => Committed, DONE => Done, FAILED => Failed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `right`.
    pub right: Option<PeerId>,
    /// `nonce`.
    pub nonce: Option<Value>,
    /// `side`.
    pub side: Option<Value>,
    /// `commitment`.
    pub commitment: Option<Value>,
    /// `right_guess`.
    pub right_guess: Option<Value>,
}

store_fields!(Store { right, nonce, side, commitment, right_guess });

/// Actor `Left`.
pub struct Left;

impl Actor for Left {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Left";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Failed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Committed, Message::Guess(message)) => {
                committed_on_guess(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "flip") => idle_on_flip(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Committed, 0) => committed_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Committed {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `flip`.
fn idle_on_flip(step: &mut Step<'_, Left>, right: PeerId) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> COMMITTED on flip");
    step.store.right = Some(right);
    step.store.nonce = library::any_field(
        library::to_any(&step.random_bytes(8).at(21, 17)?).at(21, 17)?,
    );
    step.store.side = library::any_field(Value::text("heads"));
    step.store.commitment = library::any_field(
        library::to_any(
                &library::hash(
                    &[
                        &library::any_or_null(&step.store.nonce),
                        &library::any_or_null(&step.store.side),
                    ],
                ),
            )
            .at(23, 22)?,
    );
    let commit = Commit {
        commitment: library::from_any::<
            Hash,
        >(&library::any_or_null(&step.store.commitment), "hash")
            .at(24, 9)?,
    };
    step.send(right, &commit).at(24, 9)?;
    step.enter(State::Committed)
}

/// In COMMITTED, on the message `GUESS`.
fn committed_on_guess(
    step: &mut Step<'_, Left>,
    message: &Received<Guess>,
) -> Result<Outcome, Raised> {
    step.consider(0, "COMMITTED -> DONE on GUESS");
    step.store.right_guess = library::any_field(
        library::to_any(
                &(Value::text(message.payload.guess.as_str())
                    == library::any_or_null(&step.store.side)),
            )
            .at(27, 23)?,
    );
    let to = step.store.right.needed().at(28, 14)?;
    let reveal_coin = RevealCoin {
        side: library::from_any::<
            String,
        >(&library::any_or_null(&step.store.side), "string")
            .at(28, 9)?,
        nonce: library::from_any::<
            Bytes,
        >(&library::any_or_null(&step.store.nonce), "bytes")
            .at(28, 9)?,
    };
    step.send(to, &reveal_coin).at(28, 9)?;
    step.enter(State::Done)
}

/// In COMMITTED, on `timeout(WAIT)`.
fn committed_on_timeout_wait(step: &mut Step<'_, Left>) -> Result<Outcome, Raised> {
    step.consider(1, "COMMITTED -> FAILED on timeout(WAIT)");
    step.enter(State::Failed)
}
