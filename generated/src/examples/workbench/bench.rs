// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Bench of Workbench.

use super::blocks::{PeerHash, Worked};
use super::functions::{
    count_matching_string, grade_of, mean, pick, price, remove_string, table, top, total,
};

use super::messages::{Bid, Hint, Message, News, Order, Report, Stop};
use super::parameters::{BELOW, GREETING, ROOM, SHARE, TICK, WAIT};
use super::types::{Grade, Offer, Piece};
use super::views::Output;
use omt_runtime::typed::prelude::*;

/// States of [`Bench`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No order.
    Idle,
    /// Passed through: what is there?
    Sorting,
    /// Bids and hints are gathered.
    Working,
    /// A piece is polished.
    Polishing,
    /// Passed through.
    Packing,
    /// Reported.
    Sent,
    /// Given up.
    Thrown,
}
states!(State {
    IDLE => Idle,
    SORTING => Sorting,
    WORKING => Working,
    POLISHING => Polishing,
    PACKING => Packing,
    SENT => Sent,
    THROWN => Thrown,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `buyer`.
    pub buyer: Option<PeerId>,
    /// `pieces`.
    pub pieces: Vec<Piece>,
    /// `limits`.
    pub limits: Map<i64, u64>,
    /// `table`.
    pub table: Map<String, Vec<i64>>,
    /// `grid`.
    pub grid: Map<i64, Map<String, i64>>,
    /// `bids`.
    pub bids: Map<PeerId, Bid>,
    /// `hints`.
    pub hints: Vec<Hint>,
    /// `stops`.
    pub stops: Map<PeerId, Signed<Stop>>,
    /// `count`.
    pub count: Option<u64>,
    /// `until`.
    pub until: Option<i64>,
    /// `pause`.
    pub pause: Option<i64>,
    /// `grade`.
    pub grade: Option<Grade>,
    /// `offer`.
    pub offer: Option<Offer>,
    /// `proof`.
    pub proof: Option<Signature>,
    /// Kept by the compiler.
    pub hints_senders: Vec<PeerId>,
    /// `total`.
    pub total: Option<i64>,
    /// `mean`.
    pub mean: Option<f64>,
    /// `best`.
    pub best: Option<Piece>,
    /// `names`.
    pub names: Vec<String>,
    /// `made`.
    pub made: Option<Block<Worked>>,
    /// `level`.
    pub level: Option<i64>,
    /// `ticks`.
    pub ticks: Option<u64>,
}

store_fields!(Store {
    session_id,
    buyer,
    pieces,
    limits,
    table,
    grid,
    bids,
    hints,
    stops,
    count,
    until,
    pause,
    grade,
    offer,
    proof,
    hints_senders as "hints$senders",
    total,
    mean,
    best,
    names,
    made,
    level,
    ticks,
});

/// What all instances of one peer share.
#[derive(Debug)]
pub struct Shared {
    /// `seen`.
    pub seen: Tracked<Map<Hash, i64>>,
    /// `orders`.
    pub orders: Tracked<u64>,
    /// `favourite`.
    pub favourite: Tracked<Option<Piece>>,
}

shared_fields!(Shared { favourite, orders, seen });

/// Does everything.
pub struct Bench;

impl Actor for Bench {
    type State = State;
    type Store = Store;
    type Shared = Shared;
    type Message = Message;

    const NAME: &'static str = "Bench";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Thrown];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "ORDER" | "BID" | "HINT" | "STOP" => store.buyer.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "ORDER" | "BID" | "HINT" | "STOP" => library::bind(&mut store.buyer, sender),
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Idle, Message::Order(message)) => idle_on_order(step, message),
            (State::Idle, Message::Stop(message)) => idle_on_stop(step, message),
            (State::Working, Message::Bid(message)) => working_on_bid(step, message),
            (State::Working, Message::Hint(message)) => working_on_hint(step, message),
            (State::Working, Message::Stop(message)) => working_on_stop(step, message),
            (State::Polishing, Message::Hint(message)) => {
                polishing_on_hint(step, message)
            }
            (State::Polishing, Message::Stop(message)) => {
                polishing_on_stop(step, message)
            }
            (State::Sent, Message::Stop(message)) => sent_on_stop(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "work") => {
                idle_on_work(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::Working, "tidy") => {
                working_on_tidy(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::Working, "work") => {
                working_on_work(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::Polishing, "work") => {
                polishing_on_work(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::Polishing, "tidy") => polishing_on_tidy(step, arguments.get(1)?),
            (State::Sent, "work") => {
                sent_on_work(step, arguments.get(0)?, arguments.get(1)?)
            }
            (State::Sent, "tidy") => sent_on_tidy(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_task(
        step: &mut Step<'_, Self>,
        name: &str,
        result: TaskResult<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Polishing, "polish") => polishing_on_polish(step, result.get()?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Working, 1) => working_on_timeout_until(step),
            (State::Polishing, 0) => polishing_on_timeout_pause(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_period(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Working, 0) => working_every_tick(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::Sorting => sorting_at_once(step),
            State::Working => working_at_once(step),
            State::Packing => packing_at_once(step),
            State::Idle | State::Polishing | State::Sent | State::Thrown => {
                Ok(Outcome::Unhandled)
            }
        }
    }

    fn divert(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Option<Diverted>, Raised> {
        match (step.state(), message) {
            (State::Polishing, Message::Bid(message)) => {
                step.consider_override("defer BID");
                if message.payload.amount > 10 {
                    return Ok(Some(Diverted::Deferred));
                }
                Ok(None)
            }
            (State::Sent, Message::Hint(message)) => {
                step.consider_override("ignore HINT");
                if message.payload.level > 5 {
                    return Ok(Some(Diverted::Ignored));
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::Working => {
                timers.every(0, TICK);
                timers.at(1, step.store.until);
            }
            State::Polishing => {
                timers.after(0, step.store.pause);
            }
            State::Idle
            | State::Sorting
            | State::Packing
            | State::Sent
            | State::Thrown => {}
        }
        Ok(())
    }
}

/// In IDLE, on the message `ORDER`.
fn idle_on_order(
    step: &mut Step<'_, Bench>,
    message: &Received<Order>,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SORTING on ORDER");
    if i128::from(library::length(&message.payload.pieces)) <= i128::from(ROOM) * 4 {
        step.store.pieces = message.payload.pieces.clone();
        step.store.limits = message.payload.limits.clone();
        step.store.count = Some(library::length(&message.payload.pieces));
        step.store.table = top(
            &table(&message.payload.pieces),
            library::narrow_i64(i128::from(BELOW) + 1000).at(204, 44)?,
        )?;
        let key = step.session();
        let value = step.now();
        step.shared.seen.insert(key, value);
        *step.shared.orders = library::narrow_u64(i128::from(*step.shared.orders) + 1)
            .at(206, 18)?;
        step.store.level = Some(0);
        step.store.ticks = Some(0);
        step.store.pause = Some(library::narrow_i64(i128::from(TICK) * 3).at(209, 17)?);
        for p in message.payload.pieces.clone() {
            step.store.grid.insert(p.weight, Map::new());
            let value = library::narrow_i64(
                    library::sub(
                            library::mul(i128::from(p.weight), i128::from(p.weight))
                                .at(212, 38)?,
                            1,
                        )
                        .at(212, 38)?,
                )
                .at(212, 38)?;
            library::entry_mut(&mut step.store.grid, &p.weight)
                .at(212, 13)?
                .insert(p.name.clone(), value);
            let twice = i128::from(p.weight) * 2;
            if twice > 50 && p.price.is_some() {
                step.store.level = Some(
                    library::narrow_i64(
                            i128::from(step.store.level.needed().at(214, 62)?) + 1,
                        )
                        .at(214, 62)?,
                );
            } else if p.grade == Grade::Broken {
                step.store.level = Some(
                    library::narrow_i64(
                            library::sub(
                                    i128::from(step.store.level.needed().at(215, 53)?),
                                    twice,
                                )
                                .at(215, 53)?,
                        )
                        .at(215, 53)?,
                );
            }
        }
        return step.enter(State::Sorting);
    }
    step.refuse()
}

/// In IDLE, on the trigger `work`.
fn idle_on_work(
    step: &mut Step<'_, Bench>,
    heft: i64,
    how: Grade,
) -> Result<Outcome, Raised> {
    step.consider(1, "IDLE -> SENT on work");
    if heft > -2 && heft < 1000 {
        let worked = Worked {
            weight: heft,
            grade: how,
            at: step.now(),
        };
        step.store.made = Some(step.append(worked).at(248, 9)?);
        if library::rem_floor(i128::from(heft), 5).at(249, 12)? == 0 {
            let peer_hash = PeerHash {
                peer: step.peer_id(),
                head: library::hash(&[&heft]),
            };
            step.append(peer_hash).at(249, 33)?;
        }
        step.store.mean = Some(
            mean(
                step.view::<Output>(&step.chain()).at(250, 21)?.weight,
                step.view::<Output>(&step.chain()).at(250, 49)?.count,
            )?,
        );
        step.store.level = Some(step.chain().height());
        step.store.buyer = Some(step.peer_id());
        return step.enter(State::Sent);
    }
    step.refuse()
}

/// In IDLE, on the message `STOP`.
fn idle_on_stop(
    step: &mut Step<'_, Bench>,
    message: &Received<Stop>,
) -> Result<Outcome, Raised> {
    step.consider(2, "IDLE -> THROWN on STOP");
    if library::length_text(&message.payload.why) > 10 {
        return step.enter(State::Thrown);
    }
    step.refuse()
}

/// In SORTING, at once.
fn sorting_at_once(step: &mut Step<'_, Bench>) -> Result<Outcome, Raised> {
    step.consider(0, "SORTING -> WORKING auto");
    if step
        .store
        .pieces
        .iter()
        .any(|p| i128::from(p.weight) > i128::from(library::length_text(&p.name)))
        || step.shared.favourite.is_none()
    {
        step.proceed().at(219, 5)?;
        step.store.until = Some(
            library::narrow_i64(i128::from(step.now()) + i128::from(WAIT)).at(220, 17)?,
        );
        step.store.total = Some(total(&step.store.pieces)?);
        step.store.grade = Some(grade_of(step.store.total.needed().at(222, 26)?)?);
        return step.enter(State::Working);
    }
    step.otherwise(0, "SORTING -> WORKING auto");
    step.proceed().at(219, 5)?;
    step.enter(State::Thrown)
}

/// In WORKING, on the message `BID`.
fn working_on_bid(
    step: &mut Step<'_, Bench>,
    message: &Received<Bid>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect BID");
    let repeated = step.store.bids.repeats(&message.sender, &message.payload);
    if repeated.is_none()
        && library::div_floor(
                i128::from(message.payload.amount),
                i128::from(message.payload.share),
            )
            .at(224, 45)? >= 2
    {
        step.store.bids.insert(message.sender, message.payload.clone());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WORKING, on the message `HINT`.
fn working_on_hint(
    step: &mut Step<'_, Bench>,
    message: &Received<Hint>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect HINT");
    let repeated = library::repeats_in_list(
        &step.store.hints_senders,
        &step.store.hints,
        &message.sender,
        &message.payload,
    );
    if repeated.is_none() && library::compare_text(&message.payload.text, "zz").is_lt() {
        library::collect_in_list(
            &mut step.store.hints_senders,
            &mut step.store.hints,
            message.sender,
            message.payload.clone(),
        );
        step.store.level = Some(
            library::narrow_i64(
                    i128::from(step.store.level.needed().at(225, 88)?)
                        + i128::from(message.payload.level),
                )
                .at(225, 88)?,
        );
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WORKING, on the message `STOP`.
fn working_on_stop(
    step: &mut Step<'_, Bench>,
    message: &Received<Stop>,
) -> Result<Outcome, Raised> {
    step.consider(2, "collect STOP");
    let repeated = step.store.stops.repeats(&message.sender, &message.payload);
    if repeated.is_none() {
        step.store.stops.insert(message.sender, message.signed());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In WORKING, at once.
fn working_at_once(step: &mut Step<'_, Bench>) -> Result<Outcome, Raised> {
    step.consider(3, "WORKING -> POLISHING auto");
    if SHARE
        .compare_with_quotient(
            i128::from(
                library::number(
                    library::values(&step.store.bids)
                        .iter()
                        .filter(|&b| b.amount > 3)
                        .count(),
                ),
            ),
            i128::from(library::length_map(&step.store.bids)).max(1),
        )
        .at(230, 14)?
        .is_ge() && library::length(&step.store.hints) > 0
    {
        step.proceed().at(229, 5)?;
        step.store.best = library::sort_by(&step.store.pieces, |p| Ok(p.weight))?
            .iter()
            .find(|&p| p.grade != Grade::Broken)
            .cloned();
        if step.store.best.is_none() {
            library::abort(
                    &library::concat_text(
                        &library::concat_text(
                            "nothing to polish on a ",
                            &step.store.grade.needed().at(232, 76)?.to_string(),
                        ),
                        " bench",
                    ),
                )
                .at(232, 32)?;
        }
        step.start(
            "polish",
            &[
                step.store.best.as_ref().needed().at(233, 22)?,
                &step.store.count.needed().at(233, 28)?,
            ],
        );
        return step.enter(State::Polishing);
    }
    step.refuse()
}

/// In WORKING, on the trigger `tidy`.
fn working_on_tidy(
    step: &mut Step<'_, Bench>,
    count: u64,
    pause: i64,
) -> Result<Outcome, Raised> {
    step.consider(4, "WORKING -> WORKING on tidy");
    if count > 0 {
        step.store.count = Some(library::narrow_u64(i128::from(count) - 1).at(236, 17)?);
        step.store.pause = Some(pause);
        step.store.level = Some(
            library::narrow_i64(
                    library::clamp(
                        library::div_floor(
                                library::mul(
                                        i128::from(step.store.level.needed().at(238, 23)?),
                                        i128::from(step.store.level.needed().at(238, 31)?),
                                    )
                                    .at(238, 23)?,
                                i128::from(count) + 1 - i128::from(ROOM),
                            )
                            .at(238, 23)?,
                        -100,
                        100,
                    ),
                )
                .at(238, 17)?,
        );
        return step.enter(State::Working);
    }
    step.otherwise(4, "WORKING -> WORKING on tidy");
    step.store.level = Some(
        library::narrow_i64(
                library::sub(i128::from(step.store.level.needed().at(240, 21)?).abs(), 1)
                    .at(240, 17)?,
            )
            .at(240, 17)?,
    );
    step.enter(State::Working)
}

/// In WORKING, on `every(TICK)`.
fn working_every_tick(step: &mut Step<'_, Bench>) -> Result<Outcome, Raised> {
    step.consider(5, "WORKING -> WORKING on every(TICK)");
    step.store.ticks = Some(
        library::narrow_u64(i128::from(step.store.ticks.needed().at(243, 17)?) + 1)
            .at(243, 17)?,
    );
    step.store
        .limits
        .insert(
            library::narrow_i64(
                    library::sub(
                            library::rem_floor(
                                    i128::from(step.store.ticks.needed().at(244, 16)?),
                                    3,
                                )
                                .at(244, 16)?,
                            1,
                        )
                        .at(244, 16)?,
                )
                .at(244, 16)?,
            library::narrow_u64(
                    library::add(
                            library::sum(
                                    step
                                        .store
                                        .pieces
                                        .iter()
                                        .map(|p| p.weight)
                                        .collect::<Vec<_>>()
                                        .iter()
                                        .map(|&x| i128::from(x)),
                                )
                                .at(244, 33)?,
                            i128::from(step.store.ticks.needed().at(244, 67)?),
                        )
                        .at(244, 33)?,
                )
                .at(244, 33)?,
        );
    step.enter(State::Working)
}

/// In WORKING, on `timeout(until)`.
fn working_on_timeout_until(step: &mut Step<'_, Bench>) -> Result<Outcome, Raised> {
    step.consider(6, "WORKING -> THROWN on timeout(until)");
    step.enter(State::Thrown)
}

/// In WORKING, on the trigger `work`.
fn working_on_work(
    step: &mut Step<'_, Bench>,
    heft: i64,
    how: Grade,
) -> Result<Outcome, Raised> {
    step.consider(7, "WORKING -> SENT on work");
    if heft > -2 && heft < 1000 {
        let worked = Worked {
            weight: heft,
            grade: how,
            at: step.now(),
        };
        step.store.made = Some(step.append(worked).at(248, 9)?);
        if library::rem_floor(i128::from(heft), 5).at(249, 12)? == 0 {
            let peer_hash = PeerHash {
                peer: step.peer_id(),
                head: library::hash(&[&heft]),
            };
            step.append(peer_hash).at(249, 33)?;
        }
        step.store.mean = Some(
            mean(
                step.view::<Output>(&step.chain()).at(250, 21)?.weight,
                step.view::<Output>(&step.chain()).at(250, 49)?.count,
            )?,
        );
        step.store.level = Some(step.chain().height());
        step.store.buyer = Some(step.peer_id());
        return step.enter(State::Sent);
    }
    step.refuse()
}

/// In POLISHING, on the message `HINT`.
fn polishing_on_hint(
    step: &mut Step<'_, Bench>,
    message: &Received<Hint>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect HINT");
    let repeated = library::repeats_in_list(
        &step.store.hints_senders,
        &step.store.hints,
        &message.sender,
        &message.payload,
    );
    if repeated.is_none() && library::compare_text(&message.payload.text, "zz").is_lt() {
        library::collect_in_list(
            &mut step.store.hints_senders,
            &mut step.store.hints,
            message.sender,
            message.payload.clone(),
        );
        step.store.level = Some(
            library::narrow_i64(
                    i128::from(step.store.level.needed().at(225, 88)?)
                        + i128::from(message.payload.level),
                )
                .at(225, 88)?,
        );
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In POLISHING, on the message `STOP`.
fn polishing_on_stop(
    step: &mut Step<'_, Bench>,
    message: &Received<Stop>,
) -> Result<Outcome, Raised> {
    step.consider(1, "collect STOP");
    let repeated = step.store.stops.repeats(&message.sender, &message.payload);
    if repeated.is_none() {
        step.store.stops.insert(message.sender, message.signed());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In POLISHING, on the trigger `work`.
fn polishing_on_work(
    step: &mut Step<'_, Bench>,
    heft: i64,
    how: Grade,
) -> Result<Outcome, Raised> {
    step.consider(2, "POLISHING -> SENT on work");
    if heft > -2 && heft < 1000 {
        let worked = Worked {
            weight: heft,
            grade: how,
            at: step.now(),
        };
        step.store.made = Some(step.append(worked).at(248, 9)?);
        if library::rem_floor(i128::from(heft), 5).at(249, 12)? == 0 {
            let peer_hash = PeerHash {
                peer: step.peer_id(),
                head: library::hash(&[&heft]),
            };
            step.append(peer_hash).at(249, 33)?;
        }
        step.store.mean = Some(
            mean(
                step.view::<Output>(&step.chain()).at(250, 21)?.weight,
                step.view::<Output>(&step.chain()).at(250, 49)?.count,
            )?,
        );
        step.store.level = Some(step.chain().height());
        step.store.buyer = Some(step.peer_id());
        return step.enter(State::Sent);
    }
    step.refuse()
}

/// In POLISHING, when the task `polish` has ended.
fn polishing_on_polish(
    step: &mut Step<'_, Bench>,
    task_result: Option<Grade>,
) -> Result<Outcome, Raised> {
    step.consider(3, "POLISHING -> PACKING on polish");
    if task_result.is_some() {
        step.store.grade = Some(task_result.needed().at(255, 17)?);
        step.store.names = library::sort(
            &library::unique(
                &library::map(
                    &step.store.pieces,
                    |p| Ok(library::concat_text(&p.name, &mood(&step.store, 2)?)),
                )?,
            ),
        );
        return step.enter(State::Packing);
    }

    step.consider(4, "POLISHING -> THROWN on polish");
    step.enter(State::Thrown)
}

/// In POLISHING, on the trigger `tidy`.
fn polishing_on_tidy(step: &mut Step<'_, Bench>, pause: i64) -> Result<Outcome, Raised> {
    step.consider(5, "POLISHING -> POLISHING on tidy");
    step.store.names = library::concat(
        &step.store.names,
        &[GREETING.to_owned(), library::to_string(&pause)],
    );
    step.store.pause = Some(
        library::narrow_i64(
                library::sub(
                        library::div_floor(i128::from(pause), 2).at(261, 17)?,
                        library::rem_floor(i128::from(step.now()), 3_000_000)
                            .at(261, 30)?,
                    )
                    .at(261, 17)?,
            )
            .at(261, 17)?,
    );
    step.enter(State::Polishing)
}

/// In POLISHING, on `timeout(pause)`.
fn polishing_on_timeout_pause(step: &mut Step<'_, Bench>) -> Result<Outcome, Raised> {
    step.consider(6, "POLISHING -> THROWN on timeout(pause)");
    step.enter(State::Thrown)
}

/// In PACKING, at once.
fn packing_at_once(step: &mut Step<'_, Bench>) -> Result<Outcome, Raised> {
    step.consider(0, "PACKING -> SENT auto");
    step.proceed().at(264, 5)?;
    let chosen = pick(
        &step.store.pieces,
        |p| Ok(
            p.grade == Grade::Fine && p.weight != step.store.level.needed().at(265, 72)?,
        ),
        library::hash(
            &[
                &step.store.pieces,
                &step.store.session_id.needed().at(265, 92)?,
                &step.store.until,
            ],
        ),
    )?;
    step.store.mean = Some(
        library::reduce(
            &chosen.iter().map(|p| p.price).collect::<Vec<_>>(),
            0.5f64,
            |a, &p| Ok(
                if p.is_none() {
                    library::float_mul(a, 1.5).at(266, 83)?
                } else {
                    library::float_add(a, p.needed().at(266, 100)?).at(266, 96)?
                },
            ),
        )?,
    );
    step.store.offer = Some(Offer {
        maker: step.peer_id(),
        pieces: library::length(&chosen),
        note: if library::length(&step.store.names) > 2 {
            Some(library::index(&step.store.names, 2).at(267, 94)?.clone())
        } else {
            None
        },
    });
    step.store.proof = Some(step.sign(step.store.offer.as_ref().needed().at(269, 22)?));
    *step.shared.favourite = step.store.best.clone();
    let to = step.store.buyer.needed().at(271, 14)?;
    let report = Report {
        total: step.store.total.needed().at(271, 9)?,
        mean: step.store.mean.needed().at(271, 9)?,
        names: step.store.names.clone(),
        best: step.store.best.clone(),
        offer: step.store.offer.as_ref().needed().at(271, 9)?.clone(),
        proof: step.store.proof.needed().at(271, 9)?,
    };
    step.send(to, &report).at(271, 9)?;
    let report = Report {
        names: library::sort(
            &library::concat(&step.store.names, &library::keys(&step.store.table)),
        ),
        total: step.store.total.needed().at(272, 9)?,
        mean: step.store.mean.needed().at(272, 9)?,
        best: step.store.best.clone(),
        offer: step.store.offer.as_ref().needed().at(272, 9)?.clone(),
        proof: step.store.proof.needed().at(272, 9)?,
    };
    step.broadcast(&step.store.bids, &report).at(272, 9)?;
    let news = News {
        count: count_matching_string(
            &remove_string(&step.store.names, GREETING),
            |n| Ok(library::compare_text(n, "m").is_lt()),
        )?,
        grade: step.store.grade.needed().at(273, 9)?,
    };
    step.gossip(&news).at(273, 9)?;
    step.enter(State::Sent)
}

/// In SENT, on the message `STOP`.
fn sent_on_stop(
    step: &mut Step<'_, Bench>,
    message: &Received<Stop>,
) -> Result<Outcome, Raised> {
    step.consider(0, "collect STOP");
    let repeated = step.store.stops.repeats(&message.sender, &message.payload);
    if repeated.is_none() {
        step.store.stops.insert(message.sender, message.signed());
        return step.stay();
    }
    step.refuse_repeated(repeated)
}

/// In SENT, on the trigger `work`.
fn sent_on_work(
    step: &mut Step<'_, Bench>,
    heft: i64,
    how: Grade,
) -> Result<Outcome, Raised> {
    step.consider(1, "SENT -> SENT on work");
    if heft > -2 && heft < 1000 {
        let worked = Worked {
            weight: heft,
            grade: how,
            at: step.now(),
        };
        step.store.made = Some(step.append(worked).at(248, 9)?);
        if library::rem_floor(i128::from(heft), 5).at(249, 12)? == 0 {
            let peer_hash = PeerHash {
                peer: step.peer_id(),
                head: library::hash(&[&heft]),
            };
            step.append(peer_hash).at(249, 33)?;
        }
        step.store.mean = Some(
            mean(
                step.view::<Output>(&step.chain()).at(250, 21)?.weight,
                step.view::<Output>(&step.chain()).at(250, 49)?.count,
            )?,
        );
        step.store.level = Some(step.chain().height());
        step.store.buyer = Some(step.peer_id());
        return step.enter(State::Sent);
    }
    step.refuse()
}

/// In SENT, on the trigger `tidy`.
fn sent_on_tidy(step: &mut Step<'_, Bench>, count: u64) -> Result<Outcome, Raised> {
    step.consider(2, "SENT -> SENT on tidy");
    let price_2 = price(&step.context, GREETING, step.store.level.needed().at(276, 54)?)
        .at(276, 38)?;
    if price_2 > 1.5 {
        step.store.mean = Some(
            library::float_sub(
                    library::float_mul(step.store.mean.needed().at(277, 16)?, price_2)
                        .at(277, 16)?,
                    0.25,
                )
                .at(277, 16)?,
        );
        let known = step
            .read(&step.store.buyer.needed().at(278, 26)?)
            .map(|known| known.height);
        step.store.count = Some(
            if known.is_none() { count } else { known.needed().at(279, 50)? },
        );
        step.store.limits = library::without(&step.store.limits, &0);
        step.store.best = if step
            .equivocation(&step.store.buyer.needed().at(281, 32)?)
            .is_none()
        {
            step.store.best.clone()
        } else {
            None
        };
        let met = library::last_peer_hash::<
            PeerHash,
        >(&step.chain(), &step.store.buyer.needed().at(282, 41)?)
            .at(282, 19)?;
        if met.is_some()
            && step.chain().contains(&met.as_ref().needed().at(283, 55)?.head)
        {
            step.store.count = Some(0);
        }
        if step.store.made.is_some() {
            let state_then = step
                .chain()
                .state_at(&step.store.made.as_ref().needed().at(285, 52)?.hash());
            step.store.level = Some(
                if state_then.is_none() {
                    -1
                } else {
                    library::narrow_i64(
                            i128::from(
                                library::length(
                                    &state_then.as_ref().needed().at(286, 63)?.known_peers,
                                ),
                            ),
                        )
                        .at(286, 56)?
                },
            );
        }
        return step.enter(State::Sent);
    }
    step.refuse()
}

/// `MOOD`.
fn mood(store: &Store, limit: u64) -> Result<String, Raised> {
    let known = store.count;
    if known.is_none() {
        return Ok("new".to_owned());
    }
    Ok(
        if known.needed().at(117, 15)? > limit {
            "tired".to_owned()
        } else {
            library::concat_text(
                "fresh: ",
                &library::to_string(&known.needed().at(117, 69)?),
            )
        },
    )
}
