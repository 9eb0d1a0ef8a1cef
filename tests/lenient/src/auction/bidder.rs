// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Bidder of Auction.

use super::messages::{Bid, Invite, Message, Result2};
use omt_runtime::typed::prelude::*;

/// States of [`Bidder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `BIDDING`.
    Bidding,
    /// `WON`.
    Won,
    /// `LOST`.
    Lost,
}
states!(State { IDLE => Idle, BIDDING => Bidding, WON => Won, LOST => Lost });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `offer`.
    pub offer: Option<Value>,
}

store_fields!(Store { offer });

/// buys.
pub struct Bidder;

impl Actor for Bidder {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Bidder";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Won, State::Lost];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Invite(message)) => idle_on_invite(step, message),
            (State::Bidding, Message::Result2(message)) => {
                bidding_on_result(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `INVITE`.
fn idle_on_invite(
    step: &mut Step<'_, Bidder>,
    message: &Received<Invite>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> BIDDING on INVITE");
    step.store.offer = library::any_field(
        library::to_any(
                &library::narrow_u64(i128::from(message.payload.reserve) + 1).at(71, 17)?,
            )
            .at(71, 17)?,
    );
    let bid = Bid {
        amount: library::from_any::<
            u64,
        >(&library::any_or_null(&step.store.offer), "uint")
            .at(72, 43)?,
    };
    step.send(message.sender, &bid).at(72, 9)?;
    step.enter(State::Bidding)
}

/// In BIDDING, on the message `RESULT`.
fn bidding_on_result(
    step: &mut Step<'_, Bidder>,
    message: &Received<Result2>,
) -> Result<Outcome, Raised> {
    step.consider(0, "BIDDING -> WON on RESULT");
    if message.payload.outcome == "won" {
        return step.enter(State::Won);
    }

    step.consider(1, "BIDDING -> LOST on RESULT");
    if message.payload.outcome != "won" {
        return step.enter(State::Lost);
    }
    step.refuse()
}
