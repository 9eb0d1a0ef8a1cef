// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Proposer of Paxos.

use super::functions::{free_or_bound, majority, position};
use super::messages::{Accept, Accepted2, Chosen, Message, Prepare, Promise};
use super::parameters::{ANSWER_TIMEOUT, BALLOTS_MAX};
use omt_runtime::typed::prelude::*;

/// States of [`Proposer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing wanted yet.
    Idle,
    /// Another ballot, if any is left.
    Next,
    /// Waiting for promises of a majority.
    Asking,
    /// Waiting until a majority has accepted.
    Proposing,
    /// A value is chosen, not always the one wanted.
    Decided,
    /// No ballot came about; a value may be chosen nevertheless.
    GivenUp,
}
states!(State {
    IDLE => Idle,
    NEXT => Next,
    ASKING => Asking,
    PROPOSING => Proposing,
    DECIDED => Decided,
    GIVEN_UP => GivenUp,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `proposers`.
    pub proposers: Vec<PeerId>,
    /// `acceptors`.
    pub acceptors: Vec<PeerId>,
    /// `wanted`.
    pub wanted: Option<u64>,
    /// `tried`.
    pub tried: Option<u64>,
    /// `ballot`.
    pub ballot: Option<u64>,
    /// `promises`.
    pub promises: Map<PeerId, Promise>,
    /// `value`.
    pub value: Option<u64>,
    /// `acceptances`.
    pub acceptances: Map<PeerId, Accepted2>,
    /// `chosen`.
    pub chosen: Option<u64>,
}

store_fields!(Store {
    session_id,
    proposers,
    acceptors,
    wanted,
    tried,
    ballot,
    promises,
    value,
    acceptances,
    chosen,
});

/// Wants a value.
pub struct Proposer;

impl Actor for Proposer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Proposer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Decided, State::GivenUp];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "PREPARE" | "ACCEPT" | "CHOSEN" => store.proposers.names(sender),
            "PROMISE" | "ACCEPTED" => store.acceptors.names(sender),
            _ => true,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Asking, Message::Promise(message)) => {
                asking_on_promise(step, message)
            }
            (State::Asking, Message::Chosen(message)) => asking_on_chosen(step, message),
            (State::Proposing, Message::Accepted2(message)) => {
                proposing_on_accepted(step, message)
            }
            (State::Proposing, Message::Chosen(message)) => {
                proposing_on_chosen(step, message)
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
            (State::Idle, "propose") => {
                idle_on_propose(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                    arguments.get(3)?,
                )
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Asking, 0) => asking_on_timeout_answer_timeout(step),
            (State::Proposing, 0) => proposing_on_timeout_answer_timeout(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Next => next_at_once(step),
            State::Asking => asking_at_once(step),
            State::Proposing => proposing_at_once(step),
            State::Idle | State::Decided | State::GivenUp => Ok(Outcome::Unhandled),
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::Asking, Message::Accepted2(_)) => {
                step.consider_override("ignore ACCEPTED");
                Ok(Some(Diverted::Ignored))
            }
            (State::Proposing, Message::Promise(_)) => {
                step.consider_override("ignore PROMISE");
                Ok(Some(Diverted::Ignored))
            }
            _ => Ok(None),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::Asking => {
                timers.after(0, ANSWER_TIMEOUT);
            }
            State::Proposing => {
                timers.after(0, ANSWER_TIMEOUT);
            }
            State::Idle | State::Next | State::Decided | State::GivenUp => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `propose`.
fn idle_on_propose(
    step: &mut Step<'_, Proposer>,
    session_id: Hash,
    proposers: Vec<PeerId>,
    acceptors: Vec<PeerId>,
    wanted: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> NEXT on propose");
    if library::contains(&proposers, &step.peer_id()) {
        step.store.session_id = Some(session_id);
        step.store.proposers = proposers.clone();
        step.store.acceptors = acceptors.clone();
        step.store.wanted = Some(wanted);
        step.store.tried = Some(0);
        return step.enter(State::Next);
    }
    step.refuse()
}

/// In NEXT, at once.
fn next_at_once(step: &mut Step<'_, Proposer>) -> Result<Outcome, Raised> {
    step.consider(0, "NEXT -> ASKING auto");
    if step.store.tried.needed().at(83, 30)? < BALLOTS_MAX {
        step.proceed().at(83, 5)?;
        step.store.ballot = Some(
            library::narrow_u64(
                    library::add(
                            library::add(
                                    library::mul(
                                            i128::from(step.store.tried.needed().at(85, 18)?),
                                            i128::from(library::length(&step.store.proposers)),
                                        )
                                        .at(85, 18)?,
                                    i128::from(position(&step.store.proposers, step.peer_id())?),
                                )
                                .at(85, 18)?,
                            1,
                        )
                        .at(85, 18)?,
                )
                .at(85, 18)?,
        );
        step.store.tried = Some(
            library::narrow_u64(i128::from(step.store.tried.needed().at(86, 17)?) + 1)
                .at(86, 17)?,
        );
        step.store.promises = Map::new();
        step.store.acceptances = Map::new();
        let prepare = Prepare {
            ballot: step.store.ballot.needed().at(89, 9)?,
        };
        step.broadcast(&step.store.acceptors, &prepare).at(89, 9)?;
        return step.enter(State::Asking);
    }
    step.otherwise(0, "NEXT -> ASKING auto");
    step.proceed().at(83, 5)?;
    step.enter(State::GivenUp)
}

/// In ASKING, on the message `PROMISE`.
fn asking_on_promise(
    step: &mut Step<'_, Proposer>,
    message: &Received<Promise>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect PROMISE");
    let repeated = step.store.promises.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.ballot == step.store.ballot.needed().at(92, 70)?
    {
        step.store.promises.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In ASKING, at once.
fn asking_at_once(step: &mut Step<'_, Proposer>) -> Result<Outcome, Raised> {
    step.consider(1, "ASKING -> PROPOSING auto");
    if library::length_map(&step.store.promises) >= majority(&step.store.acceptors)? {
        step.proceed().at(94, 5)?;
        step.store.value = Some(
            free_or_bound(
                &library::values(&step.store.promises),
                step.store.wanted.needed().at(95, 49)?,
            )?,
        );
        let accept = Accept {
            ballot: step.store.ballot.needed().at(96, 9)?,
            value: step.store.value.needed().at(96, 9)?,
        };
        step.broadcast(&step.store.acceptors, &accept).at(96, 9)?;
        return step.enter(State::Proposing);
    }
    step.refuse()
}

/// In ASKING, on the message `CHOSEN`.
fn asking_on_chosen(
    step: &mut Step<'_, Proposer>,
    message: &Received<Chosen>,
) -> Result<Outcome, Raised> {
    step.consider(2, "ASKING -> DECIDED on CHOSEN");
    step.store.chosen = Some(message.payload.chosen);
    step.enter(State::Decided)
}

/// In ASKING, on `timeout(ANSWER_TIMEOUT)`.
fn asking_on_timeout_answer_timeout(
    step: &mut Step<'_, Proposer>,
) -> Result<Outcome, Raised> {
    step.consider(3, "ASKING -> NEXT on timeout(ANSWER_TIMEOUT)");
    step.enter(State::Next)
}

/// In PROPOSING, on the message `ACCEPTED`.
fn proposing_on_accepted(
    step: &mut Step<'_, Proposer>,
    message: &Received<Accepted2>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect ACCEPTED");
    let repeated = step.store.acceptances.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && message.payload.ballot == step.store.ballot.needed().at(99, 77)?
    {
        step.store.acceptances.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In PROPOSING, at once.
fn proposing_at_once(step: &mut Step<'_, Proposer>) -> Result<Outcome, Raised> {
    step.consider(1, "PROPOSING -> DECIDED auto");
    if library::length_map(&step.store.acceptances) >= majority(&step.store.acceptors)? {
        step.proceed().at(101, 5)?;
        step.store.chosen = Some(step.store.value.needed().at(102, 18)?);
        let chosen = Chosen {
            chosen: step.store.chosen.needed().at(103, 9)?,
        };
        step.broadcast(&step.store.acceptors, &chosen).at(103, 9)?;
        let chosen = Chosen {
            chosen: step.store.chosen.needed().at(104, 9)?,
        };
        step.broadcast(
                &step
                    .store
                    .proposers
                    .iter()
                    .filter(|&&p| p != step.peer_id())
                    .cloned()
                    .collect::<Vec<_>>(),
                &chosen,
            )
            .at(104, 9)?;
        return step.enter(State::Decided);
    }
    step.refuse()
}

/// In PROPOSING, on the message `CHOSEN`.
fn proposing_on_chosen(
    step: &mut Step<'_, Proposer>,
    message: &Received<Chosen>,
) -> Result<Outcome, Raised> {
    step.consider(2, "PROPOSING -> DECIDED on CHOSEN");
    step.store.chosen = Some(message.payload.chosen);
    step.enter(State::Decided)
}

/// In PROPOSING, on `timeout(ANSWER_TIMEOUT)`.
fn proposing_on_timeout_answer_timeout(
    step: &mut Step<'_, Proposer>,
) -> Result<Outcome, Raised> {
    step.consider(3, "PROPOSING -> NEXT on timeout(ANSWER_TIMEOUT)");
    step.enter(State::Next)
}
