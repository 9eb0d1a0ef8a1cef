// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Responder of Ping Pong.

use super::functions::session_of;
use super::messages::{Message, Ping, PingRefused, Pong};
use super::parameters::QUESTIONS_MAX;
use super::types::PingRefusal;
use omt_runtime::typed::prelude::*;

/// States of [`Responder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No question yet.
    Idle,
    /// Answered.
    Answered,
    /// Refused.
    Refused,
}
states!(State { IDLE => Idle, ANSWERED => Answered, REFUSED => Refused });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `requester`.
    pub requester: Option<PeerId>,
    /// `question`.
    pub question: Option<u64>,
    /// `answer`.
    pub answer: Option<u64>,
    /// `reason`.
    pub reason: Option<PingRefusal>,
}

store_fields!(Store { session_id, requester, question, answer, reason });

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// `answered`.
    pub answered: Tracked<Map<PeerId, u64>>,
}

shared_fields!(Shared { answered });

/// Answers, and counts whom it has answered.
pub struct Responder;

impl Actor for Responder {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Responder";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Answered, State::Refused];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "PING" => store.requester.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "PING" => library::bind(&mut store.requester, sender),
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Ping(message)) => idle_on_ping(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }
}

/// In IDLE, on the message `PING`.
fn idle_on_ping(
    step: &mut Step<'_, Responder>,
    message: &Received<Ping>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> REFUSED on PING");
    if step.session()
        == session_of(
            message.sender,
            step.peer_id(),
            message.payload.question,
            &message.payload.salt,
        ) && library::get_or(&*step.shared.answered, &message.sender, 0) >= QUESTIONS_MAX
    {
        step.store.reason = Some(PingRefusal::TooManyQuestions);
        let ping_refused = PingRefused {
            reason: step.store.reason.needed().at(67, 9)?,
        };
        step.send(message.sender, &ping_refused).at(67, 9)?;
        return step.enter(State::Refused);
    }

    step.consider(1, "IDLE -> ANSWERED on PING");
    if step.session()
        == session_of(
            message.sender,
            step.peer_id(),
            message.payload.question,
            &message.payload.salt,
        )
    {
        step.store.question = Some(message.payload.question);
        step.store.answer = Some(
            library::narrow_u64(i128::from(step.store.question.needed().at(72, 18)?) + 1)
                .at(72, 18)?,
        );
        let value = library::narrow_u64(
                i128::from(library::get_or(&*step.shared.answered, &message.sender, 0))
                    + 1,
            )
            .at(73, 36)?;
        step.shared.answered.insert(message.sender, value);
        let pong = Pong {
            question: step.store.question.needed().at(74, 9)?,
            answer: step.store.answer.needed().at(74, 9)?,
        };
        step.send(message.sender, &pong).at(74, 9)?;
        return step.enter(State::Answered);
    }
    step.refuse()
}
