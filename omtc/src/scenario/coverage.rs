//! What runs have covered of a protocol: states, transitions, guards both ways, messages.
//!
//! A transition counts once for every state that it leaves, and its `else` apart: `any ->` in three states is three
//! transitions. What can never happen by the shape of the machine (a state that nothing leads to, a transition after
//! one without a guard) or by its guards (as `omtc check` finds them, W0452) does not count.

use crate::check;
use crate::source::{FileId, Span};
use crate::spec::MessageName;
use omt_runtime::interp::{Guard, Judged, Probe};
use omt_runtime::ir::{
    Actor, At, Cause, Handler, Override, OverrideKind, Protocol, State, Transition, describe,
};
use omt_runtime::machine::Taken;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Hears which guards the interpreter judges, and how.
#[derive(Debug, Default)]
pub(super) struct Listener(Mutex<BTreeSet<Judged>>);

impl Probe for Listener {
    fn judged(&self, judged: Judged) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(judged);
    }
}

/// A branch of a handler: actor, state, index of the handler, whether it is the `else`.
type Branch = (String, String, u32, bool);

/// What happened in some runs, of each transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    states: BTreeSet<(usize, String, String)>,
    branches: BTreeSet<(usize, Branch)>,
    guards: BTreeSet<(usize, Judged)>,
    messages: BTreeSet<MessageName>,
}

impl Covered {
    pub(super) fn said(&mut self, message: &MessageName) {
        self.messages.insert(message.clone());
    }

    pub(crate) fn took(&mut self, transaction: usize, actor: &str, taken: &[Taken]) {
        for Taken { from, handler, otherwise, to } in taken {
            for state in [from, to] {
                self.states.insert((transaction, actor.to_owned(), state.clone()));
            }
            let branch = (actor.to_owned(), from.clone(), *handler, *otherwise);
            self.branches.insert((transaction, branch));
        }
    }

    pub(super) fn judged(&mut self, transaction: usize, listener: &Listener) {
        let judged = listener.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.guards.extend(judged.iter().map(|judged| (transaction, judged.clone())));
    }

    /// Adds what happened in other runs of the same transactions.
    pub fn add(&mut self, other: &Covered) {
        self.states.extend(other.states.iter().cloned());
        self.branches.extend(other.branches.iter().cloned());
        self.guards.extend(other.guards.iter().cloned());
        self.messages.extend(other.messages.iter().cloned());
    }
}

/// Which states and branches of a protocol runs have covered, of those that can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// By actor and state.
    pub states: BTreeMap<(String, String), bool>,
    /// By actor, state, index of the handler, and whether it is the `else`.
    pub branches: BTreeMap<(String, String, u32, bool), bool>,
}

impl Seen {
    /// What some runs have covered of the transaction that they are scenarios of.
    pub fn of(protocol: &Protocol, covered: &Covered) -> Seen {
        let never = check::never_taken(protocol);
        let mut seen = Seen::default();
        for (name, actor) in &protocol.actors {
            let reachable = reachable(name, actor, &never);
            for (state_name, state) in
                actor.states.iter().filter(|(state, _)| reachable.contains(state.as_str()))
            {
                let known = covered.states.contains(&(0, name.clone(), state_name.clone()));
                seen.states.insert((name.clone(), state_name.clone()), known);
                for (index, number) in (0..state.handlers.len()).zip(0_u32..) {
                    let live = live(name, state_name, state, index, &never);
                    for otherwise in [false, true] {
                        if if otherwise { live.otherwise } else { live.then } {
                            let branch = (name.clone(), state_name.clone(), number, otherwise);
                            let known = covered.branches.contains(&(0, branch.clone()));
                            seen.branches.insert(branch, known);
                        }
                    }
                }
            }
        }
        seen
    }

    /// What the steps of a trace went through in a transaction of that name.
    pub fn traced(lines: &[serde_json::Value], transaction: &str) -> Seen {
        let mut seen = Seen::default();
        let word = |line: &serde_json::Value, member: &str| {
            line.get(member).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        };
        let steps = lines.iter().filter(|line| word(line, "event") == "step");
        for line in steps.filter(|line| word(line, "transaction") == transaction) {
            let actor = word(line, "actor");
            for taken in line.get("taken").and_then(serde_json::Value::as_array).into_iter().flatten() {
                let (from, to) = (word(taken, "from"), word(taken, "to"));
                let handler = taken.get("handler").and_then(serde_json::Value::as_u64);
                let handler = handler.and_then(|handler| u32::try_from(handler).ok()).unwrap_or(u32::MAX);
                let otherwise = taken.get("else").and_then(serde_json::Value::as_bool).unwrap_or_default();
                for state in [&from, &to] {
                    seen.states.insert((actor.clone(), state.clone()), true);
                }
                seen.branches.insert((actor.clone(), from, handler, otherwise), true);
            }
        }
        seen
    }
}

/// Something that no run has covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// `Requester: WAITING -> REFUSED on PING_REFUSED`
    pub what: String,
    /// Where it stands.
    pub at: Span,
}

/// How much of one kind is covered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// So many are.
    pub covered: usize,
    /// Of so many.
    pub total: usize,
    /// The others, in the order of the source.
    pub missing: Vec<Missing>,
}

impl Part {
    fn count(&mut self, covered: bool, missing: impl FnOnce() -> Missing) {
        self.total += 1;
        if covered {
            self.covered += 1;
        } else {
            self.missing.push(missing());
        }
    }

    fn sorted(mut self) -> Part {
        self.missing.sort_by(|a, b| (a.at, &a.what).cmp(&(b.at, &b.what)));
        self
    }
}

/// How much of a protocol is covered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// States that were entered.
    pub states: Part,
    /// Transitions, collects and `else` branches that were taken.
    pub transitions: Part,
    /// Outcomes of guards: two for each.
    pub guards: Part,
    /// Messages that were said.
    pub messages: Part,
}

impl Coverage {
    /// What runs of a specification have covered of its own transaction; `files` are those of the specification.
    pub fn of(protocol: &Protocol, covered: &Covered, files: &[FileId]) -> Coverage {
        let never = check::never_taken(protocol);
        let place = |at: At| {
            let file = usize::try_from(at.file).ok().and_then(|file| files.get(file));
            Span::new(file.copied().unwrap_or(FileId(0)), at.start, at.end)
        };
        let mut coverage = Coverage::default();
        for (name, actor) in &protocol.actors {
            let reachable = reachable(name, actor, &never);
            for (state_name, state) in
                actor.states.iter().filter(|(state, _)| reachable.contains(state.as_str()))
            {
                let known = (0, name.clone(), state_name.clone());
                // The initial state is where an instance is before it exists.
                coverage.states.count(covered.states.contains(&known), || Missing {
                    what: format!("{name}: state {state_name}"),
                    at: place(state.meta.at),
                });
                let told = Told { actor: name, state_name, state, covered, place: &place, never: &never };
                told.handlers(&mut coverage);
            }
        }
        for (name, message) in &protocol.messages {
            let known = MessageName { transaction: 0, name: name.clone() };
            coverage.messages.count(covered.messages.contains(&known), || Missing {
                what: format!("message {name}"),
                at: place(message.meta.at),
            });
        }
        Coverage {
            states: coverage.states.sorted(),
            transitions: coverage.transitions.sorted(),
            guards: coverage.guards.sorted(),
            messages: coverage.messages.sorted(),
        }
    }

    /// Its parts, with their names.
    pub fn parts(&self) -> [(&'static str, &Part); 4] {
        [
            ("states", &self.states),
            ("transitions", &self.transitions),
            ("guards", &self.guards),
            ("messages", &self.messages),
        ]
    }
}

/// A state whose handlers are counted.
struct Told<'a> {
    actor: &'a str,
    state_name: &'a str,
    state: &'a State,
    covered: &'a Covered,
    place: &'a dyn Fn(At) -> Span,
    never: &'a BTreeSet<Branch>,
}

impl Told<'_> {
    fn handlers(&self, coverage: &mut Coverage) {
        for (index, handler) in self.state.handlers.iter().enumerate() {
            let live = live(self.actor, self.state_name, self.state, index, self.never);
            let Ok(index) = u32::try_from(index) else { return };
            let name = describe::handler(self.state_name, self.state, handler);
            let at = match handler {
                Handler::Transition(transition) => transition.meta.at,
                Handler::Collect(collect) => collect.meta.at,
            };
            let name = if matches!(handler, Handler::Collect(_)) {
                format!("{}: {name} in {}", self.actor, self.state_name)
            } else {
                format!("{}: {name}", self.actor)
            };
            if live.then {
                let taken = self.took(index, false);
                coverage.transitions.count(taken, || Missing { what: name.clone(), at: (self.place)(at) });
            }
            if live.otherwise {
                let to = otherwise(handler).map(|branch| branch.to.as_str()).unwrap_or_default();
                let what = || format!("{name}, else -> {to}");
                coverage
                    .transitions
                    .count(self.took(index, true), || Missing { what: what(), at: (self.place)(at) });
            }
            if live.then && live.guarded {
                self.guard(coverage, Guard::Handler(index), &name, at);
            }
        }
        for (index, entry) in self.state.overrides.iter().enumerate() {
            let Ok(index) = u32::try_from(index) else { return };
            if entry.guard.is_some() {
                let name = format!("{}: {} in {}", self.actor, word(entry), self.state_name);
                self.guard(coverage, Guard::Override(index), &name, entry.meta.at);
            }
        }
    }

    fn took(&self, handler: u32, otherwise: bool) -> bool {
        let branch = (self.actor.to_owned(), self.state_name.to_owned(), handler, otherwise);
        self.covered.branches.contains(&(0, branch))
    }

    fn guard(&self, coverage: &mut Coverage, guard: Guard, name: &str, at: At) {
        for held in [true, false] {
            let (actor, state) = (self.actor.to_owned(), self.state_name.to_owned());
            let judged = Judged { actor, state, guard, held };
            let missing = || Missing { what: format!("{name}: guard never {held}"), at: (self.place)(at) };
            coverage.guards.count(self.covered.guards.contains(&(0, judged)), missing);
        }
    }
}

fn word(entry: &Override) -> String {
    match entry.kind {
        OverrideKind::Ignore => format!("ignore {}", entry.message),
        OverrideKind::Defer => format!("defer {}", entry.message),
    }
}

fn otherwise(handler: &Handler) -> Option<&omt_runtime::ir::Branch> {
    match handler {
        Handler::Transition(transition) => transition.otherwise.as_ref(),
        Handler::Collect(_) => None,
    }
}

/// What of a handler can happen at all.
#[derive(Clone, Copy, Debug, Default)]
struct Live {
    then: bool,
    otherwise: bool,
    guarded: bool,
}

/// By the shape of the state and by what the checks are certain of: what comes after a transition without a guard, for the same cause, never fires, and no
/// `else` does beside one.
fn live(actor: &str, state_name: &str, state: &State, index: usize, never: &BTreeSet<Branch>) -> Live {
    let Some(handler) = state.handlers.get(index) else { return Live::default() };
    let transition: &Transition = match handler {
        // A message from a sender that was collected before goes on to the next handler.
        Handler::Collect(collect) => {
            let then = !state.passed_through();
            return Live { then, otherwise: false, guarded: collect.guard.is_some() };
        }
        Handler::Transition(transition) => transition,
    };
    let same = |other: &&Handler| matches!(other, Handler::Transition(other) if other.cause == transition.cause && other.guard.is_none());
    let earlier = state.handlers.get(..index).unwrap_or_default();
    let first_else = !earlier.iter().any(|other| {
        matches!(other, Handler::Transition(other) if other.cause == transition.cause && other.otherwise.is_some())
    });
    let waits = transition.cause == Cause::Auto || !state.passed_through();
    let certain = |otherwise| {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        never.contains(&(actor.to_owned(), state_name.to_owned(), index, otherwise))
    };
    Live {
        then: waits && !certain(false) && !earlier.iter().any(|other| same(&other)),
        otherwise: waits
            && transition.otherwise.is_some()
            && first_else
            && !certain(true)
            && !state.handlers.iter().any(|other| same(&other)),
        guarded: transition.guard.is_some(),
    }
}

/// States that something leads to.
fn reachable<'a>(actor_name: &str, actor: &'a Actor, never: &BTreeSet<Branch>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::from([actor.initial.as_str()]);
    let mut open = vec![actor.initial.as_str()];
    while let Some(name) = open.pop() {
        let Some(state) = actor.states.get(name) else { continue };
        for (index, handler) in state.handlers.iter().enumerate() {
            let live = live(actor_name, name, state, index, never);
            let mut next = Vec::new();
            if let Handler::Transition(transition) = handler {
                next.extend(live.then.then_some(transition.then.to.as_str()));
                next.extend(transition.otherwise.as_ref().filter(|_| live.otherwise).map(|b| b.to.as_str()));
            }
            for to in next {
                if found.insert(to) {
                    open.push(to);
                }
            }
        }
    }
    found
}

/// Coverage of several protocols, by the path of their file.
pub type ByProtocol = BTreeMap<String, Coverage>;
