// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Notary of Swap.

use super::messages::{Agree, Message, Sealed};
use super::types::SignedValue;
use omt_runtime::typed::prelude::*;

/// States of [`Notary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `CLOSED`.
    Closed,
}
states!(State { IDLE => Idle, CLOSED => Closed });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `terms`.
    pub terms: Option<Value>,
    /// `maker`.
    pub maker: Option<Value>,
    /// `seal`.
    pub seal: Option<Value>,
    /// `at`.
    pub at: Option<Value>,
    /// `parties`.
    pub parties: Option<Value>,
}

store_fields!(Store { terms, maker, seal, at, parties });

/// Actor `Notary`.
pub struct Notary;

impl Actor for Notary {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Notary";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Closed];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Agree(message)) => idle_on_agree(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `AGREE`.
fn idle_on_agree(
    step: &mut Step<'_, Notary>,
    message: &Received<Agree>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> CLOSED on AGREE");
    if step
        .verify_signature(
            &message.sender,
            &SignedValue {
                value: message.payload.terms.clone(),
            },
            &message.payload.taker_sig,
        )
    {
        step.store.terms = library::any_field(message.payload.terms.clone());
        step.store.maker = library::any_field(
            library::to_any(&message.payload.maker).at(48, 22)?,
        );
        step.store.seal = library::any_field(
            library::to_any(
                    &step
                        .sign(
                            &SignedValue {
                                value: library::any_or_null(&step.store.terms),
                            },
                        ),
                )
                .at(49, 16)?,
        );
        step.store.at = library::any_field(library::to_any(&step.now()).at(50, 14)?);
        step.store.parties = library::any_field(
            library::to_any(
                    &vec![
                        library::any_or_null(& step.store.maker), library::to_any(&
                        message.sender).at(51, 27) ?
                    ],
                )
                .at(51, 19)?,
        );
        let to = &library::from_any::<
            Vec<PeerId>,
        >(
                &library::to_any(
                        &(if library::any_or_null(&step.store.parties) == Value::Null {
                            Vec::new()
                        } else {
                            library::from_any::<
                                Vec<Value>,
                            >(&library::any_or_null(&step.store.parties), "list<any>")
                                .at(52, 19)?
                        }),
                    )
                    .at(52, 19)?,
                "list<peer_id>",
            )
            .at(52, 19)?;
        let sealed = Sealed {
            terms: library::from_any_shaped::<
                Value,
            >(&library::any_or_null(&step.store.terms), "dict", library::Shape::Dict)
                .at(52, 9)?,
            seal: library::from_any::<
                Signature,
            >(&library::any_or_null(&step.store.seal), "signature")
                .at(52, 9)?,
            at: library::from_any::<
                i64,
            >(&library::any_or_null(&step.store.at), "timestamp")
                .at(52, 9)?,
        };
        step.broadcast(to, &sealed).at(52, 9)?;
        return step.enter(State::Closed);
    }
    step.refuse()
}
