//! What follows from an actor's states alone: which messages a state handles, which are worth keeping for a later
//! state, which are of no use (LANGUAGE 6.3), and what is reachable.
//!
//! A pure function of the IR, so that the interpreter, generated code, the host and `omtc check --matrix` agree.

use super::{Actor, Cause, Handler, Protocol, State};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of each actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// By name.
    pub actors: BTreeMap<String, ActorAnalysis>,
}

/// What is known of one actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActorAnalysis {
    /// States that can be entered from the initial one, which is one of them.
    pub reachable: BTreeSet<String>,
    /// States that never wait: one of their `auto`s always leaves (LANGUAGE 6.4).
    pub passed_through: BTreeSet<String>,
    /// For each state, each message that the actor can receive.
    pub messages: BTreeMap<String, BTreeMap<String, Disposition>>,
    /// Messages that the initial state handles: they can create an instance.
    pub creating: BTreeSet<String>,
    /// Messages that only later states handle: without an instance they wait in the early buffer.
    pub early: BTreeSet<String>,
    /// For each state, the tasks whose end it handles.
    pub tasks: BTreeMap<String, BTreeSet<String>>,
}

/// What becomes of a message in a state by default; `ignore` and `defer` are not considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// The state has a transition or a collect for it.
    Handled,
    /// Some state that is reachable from here handles it.
    Deferred,
    /// No state from here on handles it.
    Discarded,
}

impl Analysis {
    /// Analyses every actor. Names that do not resolve are passed over.
    pub fn of(protocol: &Protocol) -> Analysis {
        let mut received: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (message, declared) in &protocol.messages {
            for to in &declared.to {
                received.entry(to).or_default().push(message);
            }
        }
        let actors = protocol.actors.iter().map(|(name, actor)| {
            let received = received.get(name.as_str()).into_iter().flatten().copied();
            (name.clone(), ActorAnalysis::of(actor, received))
        });
        Analysis { actors: actors.collect() }
    }

    /// What becomes of `message` in `state` of `actor`; discarded when any of them is unknown.
    pub fn disposition(&self, actor: &str, state: &str, message: &str) -> Disposition {
        self.actors
            .get(actor)
            .and_then(|actor| actor.messages.get(state)?.get(message))
            .copied()
            .unwrap_or(Disposition::Discarded)
    }
}

impl ActorAnalysis {
    fn of<'a>(actor: &'a Actor, received: impl Iterator<Item = &'a str>) -> ActorAnalysis {
        let handled: BTreeMap<&str, BTreeSet<&str>> =
            actor.states.iter().map(|(name, state)| (name.as_str(), state.handled_messages())).collect();
        let all: BTreeSet<&str> = received.chain(handled.values().flatten().copied()).collect();

        let mut messages = BTreeMap::new();
        for state in actor.states.keys() {
            let here = handled.get(state.as_str());
            let mut later: BTreeSet<&str> = BTreeSet::new();
            for reached in reachable_from(actor, state) {
                later.extend(handled.get(reached).into_iter().flatten());
            }
            let row = all.iter().map(|message| {
                let disposition = if here.is_some_and(|here| here.contains(message)) {
                    Disposition::Handled
                } else if later.contains(message) {
                    Disposition::Deferred
                } else {
                    Disposition::Discarded
                };
                ((*message).to_owned(), disposition)
            });
            messages.insert(state.clone(), row.collect());
        }

        let reachable = reachable_from(actor, &actor.initial);
        let creating = handled.get(actor.initial.as_str()).cloned().unwrap_or_default();
        let early = reachable
            .iter()
            .flat_map(|state| handled.get(state).into_iter().flatten())
            .filter(|message| !creating.contains(*message))
            .map(|message| (*message).to_owned());
        ActorAnalysis {
            early: early.collect(),
            creating: creating.into_iter().map(str::to_owned).collect(),
            reachable: reachable.into_iter().map(str::to_owned).collect(),
            passed_through: actor
                .states
                .iter()
                .filter(|(_, state)| state.passed_through())
                .map(|(name, _)| name.clone())
                .collect(),
            messages,
            tasks: actor.states.iter().map(|(name, state)| (name.clone(), state.handled_tasks())).collect(),
        }
    }
}

impl State {
    /// Messages that this state has a transition or a collect for; none if it is passed through or terminal.
    pub fn handled_messages(&self) -> BTreeSet<&str> {
        if self.passed_through() || self.terminal {
            return BTreeSet::new();
        }
        self.handlers
            .iter()
            .filter_map(|handler| match handler {
                Handler::Transition(transition) => match &transition.cause {
                    Cause::Message(message) => Some(message.as_str()),
                    Cause::Auto
                    | Cause::Trigger(_)
                    | Cause::Task(_)
                    | Cause::Timeout(_)
                    | Cause::Period(_) => None,
                },
                Handler::Collect(collect) => Some(collect.message.as_str()),
            })
            .collect()
    }

    /// Tasks whose end this state has a transition for; none if it is passed through or terminal.
    fn handled_tasks(&self) -> BTreeSet<String> {
        if self.passed_through() || self.terminal {
            return BTreeSet::new();
        }
        self.handlers
            .iter()
            .filter_map(|handler| match handler {
                Handler::Transition(transition) => match &transition.cause {
                    Cause::Task(task) => Some(task.clone()),
                    Cause::Auto
                    | Cause::Message(_)
                    | Cause::Trigger(_)
                    | Cause::Timeout(_)
                    | Cause::Period(_) => None,
                },
                Handler::Collect(_) => None,
            })
            .collect()
    }

    /// States that one transition leads to, in source order. What else a passed-through state lists beside its
    /// `auto`s never happens.
    pub fn successors(&self) -> impl Iterator<Item = &str> {
        let autos_only = self.passed_through();
        self.handlers
            .iter()
            .filter_map(move |handler| match handler {
                Handler::Transition(transition) if !autos_only || transition.cause == Cause::Auto => {
                    Some(transition)
                }
                Handler::Transition(_) | Handler::Collect(_) => None,
            })
            .flat_map(|transition| {
                let otherwise = transition.otherwise.as_ref().map(|branch| branch.to.as_str());
                std::iter::once(transition.then.to.as_str()).chain(otherwise)
            })
    }
}

/// States that can be entered from `state`, itself included.
pub fn reachable_from<'a>(actor: &'a Actor, state: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([state]);
    let mut open = vec![state];
    while let Some(name) = open.pop() {
        for next in actor.states.get(name).into_iter().flat_map(State::successors) {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::testing::build::*;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(ToString::to_string).collect()
    }

    /// IDLE -HI-> THROUGH -auto-> GATHER (collect VOTE) -timeout-> END; NOWHERE -BYE-> GATHER is never entered.
    fn analysed() -> Analysis {
        let gather = collect("VOTE", "votes", crate::ir::CollectForm::Map);
        let mut waiting = state(vec![
            gather.into(),
            on(Cause::Timeout(0), "END").into(),
            on(Cause::Task("work".into()), "GATHER").into(),
        ]);
        waiting.limits =
            vec![limit(crate::ir::LimitKind::Timeout, parameter("WAIT", crate::ir::Type::Duration))];
        let a = actor(&[])
            .in_state("IDLE", state(vec![on(message("HI"), "THROUGH").into()]))
            .in_state(
                "THROUGH",
                state(vec![
                    // Passed through: nothing but its auto ever happens.
                    on(message("BYE"), "NOWHERE").into(),
                    on(Cause::Auto, "GATHER").when(truth(false)).or_else("GATHER", vec![]).into(),
                ]),
            )
            .in_state("GATHER", waiting)
            .in_state("NOWHERE", state(vec![on(message("BYE"), "GATHER").into()]))
            .in_state("END", terminal());
        let p = protocol()
            .says("HI", &["B"], &["A"], &[])
            .says("VOTE", &["B"], &["A"], &[])
            .says("BYE", &["B"], &["A"], &[])
            .says("NEWS", &["B"], &["A"], &[])
            .acts("A", a);
        Analysis::of(&p)
    }

    #[test]
    fn a_message_is_handled_here_kept_for_a_state_that_can_come_or_of_no_use() {
        let analysis = analysed();
        let row = |state: &str| {
            ["HI", "VOTE", "BYE", "NEWS"].map(|message| analysis.disposition("A", state, message))
        };
        use Disposition::{Deferred, Discarded, Handled};
        assert_eq!(row("IDLE"), [Handled, Deferred, Discarded, Discarded]);
        assert_eq!(row("THROUGH"), [Discarded, Deferred, Discarded, Discarded]);
        assert_eq!(row("GATHER"), [Discarded, Handled, Discarded, Discarded]);
        assert_eq!(row("NOWHERE"), [Discarded, Deferred, Handled, Discarded]);
        assert_eq!(row("END"), [Discarded; 4]);
        assert_eq!(analysis.disposition("A", "NEVER", "HI"), Discarded);
        assert_eq!(analysis.disposition("Z", "IDLE", "HI"), Discarded);
    }

    #[test]
    fn what_creates_what_comes_early_and_what_is_reached() {
        let analysis = analysed();
        let a = &analysis.actors["A"];
        assert_eq!(a.creating, names(&["HI"]));
        assert_eq!(a.early, names(&["VOTE"]));
        assert_eq!(a.reachable, names(&["IDLE", "THROUGH", "GATHER", "END"]));
        assert_eq!(a.passed_through, names(&["THROUGH"]));
        assert_eq!(a.tasks["GATHER"], names(&["work"]));
        assert_eq!(a.tasks["IDLE"], names(&[]));
    }
}
