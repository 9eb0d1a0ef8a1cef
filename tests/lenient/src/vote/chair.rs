// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Chair of Vote.

use super::messages::{Ballot, Message, Outcome2, Question};
use super::parameters::{NEEDED, VOTE_TIME};
use super::types::Voice;
use omt_runtime::typed::prelude::*;

/// States of [`Chair`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `VOTING`.
    Voting,
    /// `COUNTING`.
    Counting,
    /// `PASSED`.
    Passed,
    /// `REJECTED`.
    Rejected,
}
states!(State {
    IDLE => Idle,
    VOTING => Voting,
    COUNTING => Counting,
    PASSED => Passed,
    REJECTED => Rejected,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `voters`.
    pub voters: Vec<PeerId>,
    /// `text`.
    pub text: Option<String>,
    /// `until`.
    pub until: Option<Value>,
    /// `voted`.
    pub voted: Option<Value>,
    /// `ballots`.
    pub ballots: Option<Value>,
    /// `yes`.
    pub yes: Option<Value>,
    /// `passed`.
    pub passed: Option<Value>,
}

store_fields!(Store { voters, text, until, voted, ballots, yes, passed });

/// Actor `Chair`.
pub struct Chair;

impl Actor for Chair {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Chair";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Passed, State::Rejected];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Voting, Message::Ballot(message)) => voting_on_ballot(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "call") => {
                idle_on_call(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Voting, 0) => voting_on_timeout_0(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Counting => counting_at_once(step),
            State::Idle | State::Voting | State::Passed | State::Rejected => {
                Ok(Outcome::Unhandled)
            }
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Voting {
            timers
                .at(
                    0,
                    library::if_set(|| {
                            library::from_any::<
                                Option<i64>,
                            >(&library::any_or_null(&step.store.until), "timestamp?")
                                .at(35, 35)
                        })?
                        .flatten(),
                );
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `call`.
fn idle_on_call(
    step: &mut Step<'_, Chair>,
    voters: Vec<PeerId>,
    text: String,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> VOTING on call");
    step.store.voters = voters.clone();
    step.store.text = Some(text.clone());
    step.store.until = library::any_field(
        library::to_any(
                &library::narrow_i64(i128::from(step.now()) + i128::from(VOTE_TIME))
                    .at(28, 17)?,
            )
            .at(28, 17)?,
    );
    let question = Question {
        text: step.store.text.as_ref().needed().at(29, 9)?.clone(),
        until: library::from_any::<
            i64,
        >(&library::any_or_null(&step.store.until), "timestamp")
            .at(29, 9)?,
    };
    step.broadcast(&voters, &question).at(29, 9)?;
    step.enter(State::Voting)
}

/// In VOTING, on the message `BALLOT`.
fn voting_on_ballot(
    step: &mut Step<'_, Chair>,
    message: &Received<Ballot>,
) -> Result<Outcome, Raised> {
    step.consider(0, "VOTING -> VOTING on BALLOT");
    if !library::contains(
        &(if library::any_or_null(&step.store.voted) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<Value>,
            >(&library::any_or_null(&step.store.voted), "list<any>")
                .at(31, 60)?
        }),
        &library::to_any(&message.sender).at(31, 42)?,
    ) {
        step.store.voted = library::any_field(
            library::to_any(
                    &library::concat(
                        &(if library::any_or_null(&step.store.voted) == Value::Null {
                            Vec::new()
                        } else {
                            library::from_any::<
                                Vec<Value>,
                            >(&library::any_or_null(&step.store.voted), "list<any>")
                                .at(32, 16)?
                        }),
                        &[library::to_any(&message.sender).at(32, 23)?],
                    ),
                )
                .at(32, 9)?,
        );
        step.store.ballots = library::any_field(
            library::to_any(
                    &library::concat(
                        &(if library::any_or_null(&step.store.ballots) == Value::Null {
                            Vec::new()
                        } else {
                            library::from_any::<
                                Vec<Value>,
                            >(&library::any_or_null(&step.store.ballots), "list<any>")
                                .at(33, 16)?
                        }),
                        &[library::to_any(&message.payload).at(33, 25)?],
                    ),
                )
                .at(33, 9)?,
        );
        return step.enter(State::Voting);
    }
    step.refuse()
}

/// In VOTING, on `timeout(until)`.
fn voting_on_timeout_0(step: &mut Step<'_, Chair>) -> Result<Outcome, Raised> {
    step.consider(1, "VOTING -> COUNTING on timeout(until)");
    step.enter(State::Counting)
}

/// In COUNTING, at once.
fn counting_at_once(step: &mut Step<'_, Chair>) -> Result<Outcome, Raised> {
    step.consider(0, "COUNTING -> PASSED auto");
    if library::length(
        &library::filter(
            &(if library::any_or_null(&step.store.ballots) == Value::Null {
                Vec::new()
            } else {
                library::from_any::<
                    Vec<Value>,
                >(&library::any_or_null(&step.store.ballots), "list<any>")
                    .at(36, 48)?
            }),
            |b| Ok(
                library::member(
                        &library::from_any_shaped::<
                            Value,
                        >(b, "dict", library::Shape::Dict)
                            .at(36, 62)?,
                        "voice",
                    )
                    .at(36, 62)? == Value::text("YES"),
            ),
        )?,
    ) >= NEEDED
    {
        step.proceed().at(36, 5)?;
        step.store.yes = library::any_field(
            library::to_any(
                    &library::length(
                        &library::filter(
                            &(if library::any_or_null(&step.store.ballots) == Value::Null
                            {
                                Vec::new()
                            } else {
                                library::from_any::<
                                    Vec<Value>,
                                >(&library::any_or_null(&step.store.ballots), "list<any>")
                                    .at(37, 29)?
                            }),
                            |b| Ok(
                                library::member(
                                        &library::from_any_shaped::<
                                            Value,
                                        >(b, "dict", library::Shape::Dict)
                                            .at(37, 43)?,
                                        "voice",
                                    )
                                    .at(37, 43)? == library::to_any(&Voice::Yes).at(37, 54)?,
                            ),
                        )?,
                    ),
                )
                .at(37, 15)?,
        );
        step.store.passed = library::any_field(library::to_any(&true).at(38, 18)?);
        let outcome = Outcome2 {
            passed: library::from_any::<
                bool,
            >(&library::any_or_null(&step.store.passed), "bool")
                .at(39, 9)?,
            yes: library::from_any::<u64>(&library::any_or_null(&step.store.yes), "uint")
                .at(39, 9)?,
        };
        step.broadcast(&step.store.voters, &outcome).at(39, 9)?;
        return step.enter(State::Passed);
    }

    step.consider(1, "COUNTING -> REJECTED auto");
    step.proceed().at(41, 5)?;
    step.store.yes = library::any_field(library::to_any(&0u64).at(42, 15)?);
    step.store.passed = library::any_field(library::to_any(&false).at(43, 18)?);
    let outcome = Outcome2 {
        passed: library::from_any::<
            bool,
        >(&library::any_or_null(&step.store.passed), "bool")
            .at(44, 9)?,
        yes: library::from_any::<u64>(&library::any_or_null(&step.store.yes), "uint")
            .at(44, 9)?,
    };
    step.broadcast(&step.store.voters, &outcome).at(44, 9)?;
    step.enter(State::Rejected)
}
