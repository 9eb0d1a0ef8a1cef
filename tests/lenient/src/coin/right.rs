// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Right of Coin.

use super::messages::{Commit, Guess, Message, RevealCoin};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Right`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `GUESSED`.
    Guessed,
    /// `DONE`.
    Done,
    /// `CHEATED`.
    Cheated,
}
states!(State { IDLE => Idle, GUESSED => Guessed, DONE => Done, CHEATED => Cheated });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `commitment`.
    pub commitment: Option<Value>,
    /// `left`.
    pub left: Option<Value>,
    /// `guess`.
    pub guess: Option<Value>,
    /// `won`.
    pub won: Option<Value>,
}

store_fields!(Store { commitment, left, guess, won });

/// Actor `Right`.
pub struct Right;

impl Actor for Right {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Right";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Done, State::Cheated];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Commit(message)) => idle_on_commit(step, message),
            (State::Guessed, Message::RevealCoin(message)) => {
                guessed_on_reveal_coin(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Guessed, 0) => guessed_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Guessed {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the message `COMMIT`.
fn idle_on_commit(
    step: &mut Step<'_, Right>,
    message: &Received<Commit>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> GUESSED on COMMIT");
    step.store.commitment = library::any_field(
        library::to_any(&message.payload.commitment).at(39, 22)?,
    );
    step.store.left = library::any_field(library::to_any(&message.sender).at(40, 16)?);
    step.store.guess = library::any_field(Value::text("tails"));
    let to = library::from_any::<
        PeerId,
    >(&library::any_or_null(&step.store.left), "peer_id")
        .at(42, 14)?;
    let guess = Guess {
        guess: library::from_any::<
            String,
        >(&library::any_or_null(&step.store.guess), "string")
            .at(42, 9)?,
    };
    step.send(to, &guess).at(42, 9)?;
    step.enter(State::Guessed)
}

/// In GUESSED, on the message `REVEAL_COIN`.
fn guessed_on_reveal_coin(
    step: &mut Step<'_, Right>,
    message: &Received<RevealCoin>,
) -> Result<Outcome, Raised> {
    step.consider(0, "GUESSED -> DONE on REVEAL_COIN");
    if library::to_any(&library::hash(&[&message.payload.nonce, &message.payload.side]))
        .at(44, 41)? == library::any_or_null(&step.store.commitment)
    {
        step.store.won = library::any_field(
            library::to_any(
                    &(Value::text(message.payload.side.as_str())
                        == library::any_or_null(&step.store.guess)),
                )
                .at(44, 98)?,
        );
        return step.enter(State::Done);
    }

    step.consider(1, "GUESSED -> CHEATED on REVEAL_COIN");
    step.enter(State::Cheated)
}

/// In GUESSED, on `timeout(WAIT)`.
fn guessed_on_timeout_wait(step: &mut Step<'_, Right>) -> Result<Outcome, Raised> {
    step.consider(2, "GUESSED -> CHEATED on timeout(WAIT)");
    step.enter(State::Cheated)
}
