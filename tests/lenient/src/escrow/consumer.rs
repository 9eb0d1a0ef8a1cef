// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Consumer of Escrow Lock.

use super::blocks::BalanceLock;
use super::messages::{Commitment, LockIntent, Message, Rejected, Vote, WitnessRequest};
use super::parameters::{LOCK_TIMEOUT, WITNESS_COUNT, WITNESS_THRESHOLD};
use omt_runtime::typed::prelude::*;

/// States of [`Consumer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// idle.
    Idle,
    /// sending.
    Sending,
    /// waiting.
    Waiting,
    /// collect.
    Collecting,
    /// locked.
    Locked,
    /// failed.
    Failed,
}
states!(State {
    IDLE => Idle,
    SENDING => Sending,
    WAITING => Waiting,
    COLLECTING => Collecting,
    LOCKED => Locked,
    FAILED => Failed,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `provider`.
    pub provider: Option<PeerId>,
    /// `amount`.
    pub amount: Option<u64>,
    /// `witnesses`.
    pub witnesses: Vec<PeerId>,
    /// `nonce`.
    pub nonce: Option<Hash>,
    /// `reason`.
    pub reason: Option<String>,
    /// `consumer`.
    pub consumer: Option<Value>,
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `checkpoint`.
    pub checkpoint: Option<Value>,
    /// `sent_at`.
    pub sent_at: Option<Value>,
    /// `provider_chain`.
    pub provider_chain: Option<Value>,
    /// `info`.
    pub info: Option<Value>,
    /// `valid`.
    pub valid: Option<Value>,
    /// `deadline`.
    pub deadline: Option<Value>,
    /// `votes`.
    pub votes: Option<Value>,
    /// `seen`.
    pub seen: Option<Value>,
    /// `if_last`.
    pub if_last: Option<Value>,
    /// `lock_result`.
    pub lock_result: Option<Value>,
}

store_fields!(Store {
    provider,
    amount,
    witnesses,
    nonce,
    reason,
    consumer,
    session_id,
    checkpoint,
    sent_at,
    provider_chain,
    info,
    valid,
    deadline,
    votes,
    seen,
    if_last,
    lock_result,
});

/// locks.
pub struct Consumer;

impl Actor for Consumer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Consumer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Failed];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Waiting, Message::Commitment(message)) => {
                waiting_on_commitment(step, message)
            }
            (State::Waiting, Message::Rejected(message)) => {
                waiting_on_rejected(step, message)
            }
            (State::Collecting, Message::Vote(message)) => {
                collecting_on_vote(step, message)
            }
            (State::Locked, Message::Rejected(_)) => locked_on_rejected(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "initiate_lock") => {
                idle_on_initiate_lock(step, arguments.get(0)?, arguments.get(1)?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Waiting, 0) => waiting_on_timeout_lock_timeout(step),
            (State::Collecting, 0) => collecting_on_timeout_0(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Sending => sending_at_once(step),
            State::Collecting => collecting_at_once(step),
            State::Idle | State::Waiting | State::Locked | State::Failed => {
                Ok(Outcome::Unhandled)
            }
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::Waiting => {
                timers.after(0, LOCK_TIMEOUT);
            }
            State::Collecting => {
                timers
                    .at(
                        0,
                        library::if_set(|| {
                                library::from_any::<
                                    Option<i64>,
                                >(&library::any_or_null(&step.store.deadline), "timestamp?")
                                    .at(96, 37)
                            })?
                            .flatten(),
                    );
            }
            State::Idle | State::Sending | State::Locked | State::Failed => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `initiate_lock`.
fn idle_on_initiate_lock(
    step: &mut Step<'_, Consumer>,
    provider: PeerId,
    amount: u64,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SENDING on initiate_lock");
    step.store.provider = Some(provider);
    step.store.amount = Some(amount);
    step.store.consumer = library::any_field(
        library::to_any(&step.peer_id()).at(68, 25)?,
    );
    step.store.session_id = Some(
        library::hash(&[&step.peer_id(), &provider, &step.now()]),
    );
    step.store.nonce = Some(
        library::hash(&[&step.random_bytes(32).at(70, 22)?, &amount]),
    );
    step.store.checkpoint = library::any_field(
        library::to_any(&step.read(&provider).map(|known| known.head)).at(71, 29)?,
    );
    step.enter(State::Sending)
}

/// In SENDING, at once.
fn sending_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "SENDING -> WAITING auto");
    step.proceed().at(73, 5)?;
    let to = step.store.provider.needed().at(74, 14)?;
    let lock_intent = LockIntent {
        session_id: step.session(),
        consumer: library::from_any::<
            PeerId,
        >(&library::any_or_null(&step.store.consumer), "peer_id")
            .at(74, 9)?,
        amount: step.store.amount,
        nonce: step.store.nonce.needed().at(74, 9)?,
        checkpoint: library::from_any::<
            Option<Hash>,
        >(&library::any_or_null(&step.store.checkpoint), "hash?")
            .at(74, 9)?,
        timestamp: step.now(),
    };
    step.send(to, &lock_intent).at(74, 9)?;
    step.store.sent_at = library::any_field(library::to_any(&step.now()).at(75, 19)?);
    step.enter(State::Waiting)
}

/// In WAITING, on the message `COMMITMENT`.
fn waiting_on_commitment(
    step: &mut Step<'_, Consumer>,
    message: &Received<Commitment>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING -> COLLECTING on COMMITMENT");
    if library::length(&message.payload.witnesses) >= WITNESS_COUNT {
        step.store.witnesses = message.payload.witnesses.clone();
        step.store.provider_chain = library::any_field(
            library::to_any(&message.payload.provider_chain).at(79, 31)?,
        );
        step.store.info = library::any_field(message.payload.info.clone());
        step.store.valid = library::any_field(
            library::to_any(
                    &library::verify_chain_segment(
                        &library::from_any::<
                            Segment,
                        >(&library::any_or_null(&step.store.provider_chain), "segment")
                            .at(81, 38)?,
                    ),
                )
                .at(81, 17)?,
        );
        step.store.deadline = library::any_field(
            library::to_any(
                    &library::narrow_i64(
                            i128::from(step.now()) + i128::from(LOCK_TIMEOUT),
                        )
                        .at(82, 20)?,
                )
                .at(82, 20)?,
        );
        let witness_request = WitnessRequest {
            amount: step.store.amount,
            nonce: step.store.nonce.needed().at(83, 9)?,
            deadline: library::from_any::<
                i64,
            >(&library::any_or_null(&step.store.deadline), "timestamp")
                .at(83, 9)?,
        };
        step.broadcast(&step.store.witnesses, &witness_request).at(83, 9)?;
        return step.enter(State::Collecting);
    }
    step.refuse()
}

/// In WAITING, on the message `REJECTED`.
fn waiting_on_rejected(
    step: &mut Step<'_, Consumer>,
    message: &Received<Rejected>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING -> FAILED on REJECTED");
    step.store.reason = Some(message.payload.reason.clone());
    step.enter(State::Failed)
}

/// In WAITING, on `timeout(LOCK_TIMEOUT)`.
fn waiting_on_timeout_lock_timeout(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING -> FAILED on timeout(LOCK_TIMEOUT)");
    step.store.reason = Some("timed_out".to_owned());
    step.store.amount = None;
    step.enter(State::Failed)
}

/// In COLLECTING, on the message `VOTE`.
fn collecting_on_vote(
    step: &mut Step<'_, Consumer>,
    message: &Received<Vote>,
) -> Result<Outcome, Raised> {
    step.consider(0, "COLLECTING -> COLLECTING on VOTE");
    step.store.votes = library::any_field(
        library::to_any(
                &library::concat(
                    &(if library::any_or_null(&step.store.votes) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.votes), "list<any>")
                            .at(88, 16)?
                    }),
                    &[library::to_any(&message.payload.verdict).at(88, 23)?],
                ),
            )
            .at(88, 9)?,
    );
    step.store.seen = library::any_field(
        library::to_any(
                &library::with(
                    &(if library::any_or_null(&step.store.seen) == Value::Null {
                        Map::new()
                    } else {
                        library::from_any::<
                            Map<PeerId, Value>,
                        >(&library::any_or_null(&step.store.seen), "map<peer_id, any>")
                            .at(89, 9)?
                    }),
                    message.sender,
                    library::to_any(&message.payload).at(89, 32)?,
                ),
            )
            .at(89, 9)?,
    );
    step.store.if_last = library::any_field(
        library::to_any(
                &library::length(
                    &(if library::any_or_null(&step.store.votes) == Value::Null {
                        Vec::new()
                    } else {
                        library::from_any::<
                            Vec<Value>,
                        >(&library::any_or_null(&step.store.votes), "list<any>")
                            .at(90, 26)?
                    }),
                ),
            )
            .at(90, 19)?,
    );
    step.enter(State::Collecting)
}

/// In COLLECTING, at once.
fn collecting_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(1, "COLLECTING -> LOCKED auto");
    if library::length(
        &(if library::any_or_null(&step.store.votes) == Value::Null {
            Vec::new()
        } else {
            library::from_any::<
                Vec<Value>,
            >(&library::any_or_null(&step.store.votes), "list<any>")
                .at(92, 50)?
        })
            .iter()
            .filter(|&v| *v == Value::text("ACCEPT"))
            .cloned()
            .collect::<Vec<_>>(),
    ) >= WITNESS_THRESHOLD
    {
        step.proceed().at(92, 5)?;
        step.store.lock_result = library::any_field(
            Value::record([
                ("outcome", Value::text("locked")),
                (
                    "total",
                    library::to_any(
                            &library::length(
                                &(if library::any_or_null(&step.store.votes) == Value::Null
                                {
                                    Vec::new()
                                } else {
                                    library::from_any::<
                                        Vec<Value>,
                                    >(&library::any_or_null(&step.store.votes), "list<any>")
                                        .at(93, 56)?
                                }),
                            ),
                        )
                        .at(93, 49)?,
                ),
                (
                    "who",
                    library::to_any(
                            &library::keys(
                                &(if library::any_or_null(&step.store.seen) == Value::Null {
                                    Map::new()
                                } else {
                                    library::from_any::<
                                        Map<PeerId, Value>,
                                    >(
                                            &library::any_or_null(&step.store.seen),
                                            "map<peer_id, any>",
                                        )
                                        .at(93, 73)?
                                }),
                            ),
                        )
                        .at(93, 68)?,
                ),
            ]),
        );
        let balance_lock = BalanceLock {
            session_id: step.session(),
            amount: step.store.amount,
            lock_result: library::from_any_shaped::<
                Value,
            >(
                    &library::any_or_null(&step.store.lock_result),
                    "dict",
                    library::Shape::Dict,
                )
                .at(94, 9)?,
            timestamp: step.now(),
        };
        step.append(balance_lock).at(94, 9)?;
        return step.enter(State::Locked);
    }
    step.refuse()
}

/// In COLLECTING, on `timeout(deadline)`.
fn collecting_on_timeout_0(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(2, "COLLECTING -> FAILED on timeout(deadline)");
    step.store.reason = Some("no_consensus".to_owned());
    step.enter(State::Failed)
}

/// In LOCKED, on the message `REJECTED`.
fn locked_on_rejected(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "LOCKED -> FAILED on REJECTED");
    step.enter(State::Failed)
}
