// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Requester of Ping Pong.

use super::functions::session_of;
use super::messages::{Message, Ping, PingRefused, Pong};
use super::parameters::ANSWER_TIMEOUT;
use super::types::PingRefusal;
use omt_runtime::typed::prelude::*;

/// States of [`Requester`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing asked yet.
    Idle,
    /// The question is out.
    Waiting,
    /// The answer is in the store.
    Answered,
    /// The responder said no, the reason is in the store.
    Refused,
    /// The time limit passed.
    Unanswered,
}
states!(State {
    IDLE => Idle,
    WAITING => Waiting,
    ANSWERED => Answered,
    REFUSED => Refused,
    UNANSWERED => Unanswered,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `responder`.
    pub responder: Option<PeerId>,
    /// `question`.
    pub question: Option<u64>,
    /// `salt`.
    pub salt: Option<Bytes>,
    /// `answer`.
    pub answer: Option<u64>,
    /// `reason`.
    pub reason: Option<PingRefusal>,
}

store_fields!(Store { session_id, responder, question, salt, answer, reason });

/// Asks one question.
pub struct Requester;

impl Actor for Requester {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Requester";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[
        State::Answered,
        State::Refused,
        State::Unanswered,
    ];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "PONG" | "PING_REFUSED" => store.responder.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "PONG" | "PING_REFUSED" => library::bind(&mut store.responder, sender),
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Pong(message)) => waiting_on_pong(step, message),
            (State::Waiting, Message::PingRefused(message)) => {
                waiting_on_ping_refused(step, message)
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
            (State::Idle, "ask") => {
                idle_on_ask(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Waiting, 0) => waiting_on_timeout_answer_timeout(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Waiting {
            timers.after(0, ANSWER_TIMEOUT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `ask`.
fn idle_on_ask(
    step: &mut Step<'_, Requester>,
    responder: PeerId,
    question: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING on ask");
    step.store.responder = Some(responder);
    step.store.question = Some(question);
    step.store.salt = Some(step.random_bytes(16).at(40, 16)?);
    step.store.session_id = Some(
        session_of(
            step.peer_id(),
            responder,
            question,
            step.store.salt.as_ref().needed().at(41, 63)?,
        ),
    );
    let ping = Ping {
        question: step.store.question.needed().at(42, 9)?,
        salt: step.store.salt.as_ref().needed().at(42, 9)?.clone(),
    };
    step.send(responder, &ping).at(42, 9)?;
    step.enter(State::Waiting)
}

/// In WAITING, on the message `PONG`.
fn waiting_on_pong(
    step: &mut Step<'_, Requester>,
    message: &Received<Pong>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> ANSWERED on PONG");
    if message.payload.question == step.store.question.needed().at(44, 58)? {
        step.store.answer = Some(message.payload.answer);
        return step.enter(State::Answered);
    }
    step.refuse()
}

/// In WAITING, on the message `PING_REFUSED`.
fn waiting_on_ping_refused(
    step: &mut Step<'_, Requester>,
    message: &Received<PingRefused>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> REFUSED on PING_REFUSED");
    step.store.reason = Some(message.payload.reason);
    step.enter(State::Refused)
}

/// In WAITING, on `timeout(ANSWER_TIMEOUT)`.
fn waiting_on_timeout_answer_timeout(
    step: &mut Step<'_, Requester>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING -> UNANSWERED on timeout(ANSWER_TIMEOUT)");
    step.enter(State::Unanswered)
}
