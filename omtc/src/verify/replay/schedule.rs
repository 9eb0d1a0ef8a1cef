//! Instants for the steps of a run: the least ones under difference constraints.

use super::super::explore::Explorer;
use super::super::table::index;
use super::moments::{Armed, Moment, What};
use crate::scenario::{LATENCY, TASK_TIME};
use crate::spec::START;
use omt_runtime::ir::{Builtin, ExprKind};

/// Between two steps whose order is to be kept, in microseconds.
const GAP: i64 = 10_000;

/// How a run is put into time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    /// Do all steps keep their order, or only those of one peer, and what is caused?
    total: bool,
    /// Is no step earlier than in the model?
    not_before: bool,
    /// Does a time limit that is computed from the clock end at the instant of the model, or after as long?
    absolute: bool,
}

impl Manner {
    /// From the most faithful one on.
    pub const ALL: [Manner; 8] = {
        const fn manner(number: u8) -> Manner {
            Manner { total: number & 4 == 0, not_before: number & 1 == 0, absolute: number & 2 == 0 }
        }
        [manner(0), manner(1), manner(2), manner(3), manner(4), manner(5), manner(6), manner(7)]
    };
}

/// `instants[later] >= instants[earlier] + gap`; without `earlier`, after the start.
#[derive(Clone, Copy, Debug)]
struct After {
    later: usize,
    earlier: usize,
    gap: i64,
}

/// Instants of the moments, in microseconds after the start; `None` if there are none.
pub(super) fn schedule(explorer: &Explorer<'_>, moments: &[Moment], manner: Manner) -> Option<Vec<i64>> {
    let mut system = System { after: Vec::new(), count: moments.len() };
    for (number, moment) in moments.iter().enumerate() {
        if manner.not_before {
            system.at_least(number, moment.at.saturating_sub(START));
        }
        let before = (0..number).rev();
        let predecessor = if manner.total {
            number.checked_sub(1)
        } else {
            before.clone().find(|other| moments.get(*other).is_some_and(|other| other.place == moment.place))
        };
        if let Some(predecessor) = predecessor {
            system.after(number, predecessor, GAP);
        }
        match &moment.what {
            What::Event(event) => {
                let event = explorer.model.events.get(*event);
                let early = event.map_or(0, |event| event.time);
                system.at_least(number, early);
                if event.is_some_and(super::super::model::EventModel::is_said) {
                    system.said(number, predecessor);
                }
            }
            What::Deliver(message) if explorer.is_said(*message) => {
                system.said(number, number.checked_sub(1))
            }
            What::Deliver(message) => {
                let sent =
                    moments.iter().take(number).rposition(|m| m.sends.iter().any(|(m, _)| m == message));
                if let Some(sent) = sent {
                    system.after(number, sent, LATENCY);
                }
            }
            What::Timer(..) | What::Task(..) => {}
        }
        timers(explorer, moments, number, manner, &mut system);
        tasks(moments, number, manner, &mut system);
    }
    system.solve()
}

/// Each timer that is armed here fires when its time has come, or the step that disarms it comes before, or the end.
fn timers(explorer: &Explorer<'_>, moments: &[Moment], armed: usize, manner: Manner, system: &mut System) {
    let Some(moment) = moments.get(armed) else { return };
    let empty = std::collections::BTreeSet::new();
    let of_peer = |other: &(usize, &Moment)| other.1.place == moment.place;
    let before = moments.iter().enumerate().take(armed).rfind(of_peer);
    let before = before.map_or(&empty, |(_, before)| &before.timers);
    let ahead = explorer.model.running.get(moment.place).and_then(|peer| explorer.model.peers.get(*peer));
    let ahead = ahead.map_or(0, |peer| peer.ahead);
    for timer in moment.timers.difference(before) {
        let Armed { instance, deadline, .. } = timer;
        let lasts = deadline.at.saturating_sub(ahead).saturating_sub(moment.at);
        let fixed = manner.absolute && reads_clock(explorer, moment, timer);
        let instant = deadline.at.saturating_sub(ahead).saturating_sub(START);
        let later = moments.iter().enumerate().skip(armed + 1);
        let mut gone = None;
        for (number, other) in later {
            if other.place == moment.place && !other.timers.contains(timer) {
                gone = Some(number);
                break;
            }
        }
        let fires = gone.filter(|gone| {
            moments.get(*gone).is_some_and(|m| m.what == What::Timer(*instance, deadline.limit))
        });
        if let Some(fires) = fires {
            if fixed { system.exactly_at(fires, instant) } else { system.exactly(fires, armed, lasts) }
        }
        // What comes before it fired, or disarms it, is earlier.
        let until = match (fires, gone) {
            (Some(fires), _) => fires,
            (None, Some(gone)) => gone.saturating_add(1),
            (None, None) => moments.len(),
        };
        for number in armed.saturating_add(1)..until {
            let same = moments.get(number).is_some_and(|other| other.place == moment.place);
            if !same && gone.is_some() && !manner.total {
                continue;
            }
            if fixed {
                system.at_most(number, instant.saturating_sub(GAP));
            } else {
                system.after(armed, number, GAP.saturating_sub(lasts));
            }
        }
    }
}

/// Is the time limit of a timer computed from the clock?
fn reads_clock(explorer: &Explorer<'_>, moment: &Moment, timer: &Armed) -> bool {
    let reads = || {
        let instance = explorer.engine.instance_of(*moment.after.get(timer.instance)?)?;
        let program = explorer.model.program(instance.protocol)?;
        let state = program.protocol().actors.get(&*instance.actor)?.states.get(&timer.state)?;
        let limit = state.limits.get(index(timer.deadline.limit))?;
        let mut reads = false;
        limit.value.walk(&mut |expr| {
            reads |= matches!(&expr.kind, ExprKind::Builtin(Builtin::Now, _));
        });
        Some(reads)
    };
    reads().unwrap_or(false)
}

/// A task ends as long after it began as tasks take; what comes before its end is earlier.
fn tasks(moments: &[Moment], begun: usize, manner: Manner, system: &mut System) {
    let Some(moment) = moments.get(begun) else { return };
    let same = |other: &Moment| other.place == moment.place;
    let known = moments.iter().take(begun).rfind(|other| same(other));
    for task in &moment.tasks {
        if known.is_some_and(|known| known.tasks.contains(task)) {
            continue;
        }
        let mut later = moments.iter().enumerate().skip(begun + 1);
        let gone =
            later.find(|(_, other)| same(other) && !other.tasks.contains(task)).map(|(number, _)| number);
        let ends = gone
            .filter(|gone| moments.get(*gone).is_some_and(|m| m.what == What::Task(task.0, task.1.clone())));
        if let Some(ends) = ends {
            system.exactly(ends, begun, TASK_TIME);
        }
        let until = ends.unwrap_or_else(|| gone.map_or(moments.len(), |gone| gone + 1));
        for number in begun.saturating_add(1)..until {
            if manner.total || gone.is_none() || moments.get(number).is_some_and(same) {
                system.after(begun, number, GAP - TASK_TIME);
            }
        }
    }
}

struct System {
    after: Vec<After>,
    /// The moment of that number is the start.
    count: usize,
}

impl System {
    fn after(&mut self, later: usize, earlier: usize, gap: i64) {
        self.after.push(After { later, earlier, gap });
    }

    fn exactly(&mut self, later: usize, earlier: usize, gap: i64) {
        self.after(later, earlier, gap);
        self.after(earlier, later, gap.saturating_neg());
    }

    fn at_least(&mut self, number: usize, instant: i64) {
        self.after(number, self.count, instant);
    }

    fn at_most(&mut self, number: usize, instant: i64) {
        self.after(self.count, number, instant.saturating_neg());
    }

    fn exactly_at(&mut self, number: usize, instant: i64) {
        self.at_least(number, instant);
        self.at_most(number, instant);
    }

    /// What it says must be there when it is said, which is before it arrives.
    fn said(&mut self, number: usize, predecessor: Option<usize>) {
        match predecessor {
            Some(predecessor) => self.after(number, predecessor, LATENCY.saturating_add(GAP)),
            None => self.at_least(number, LATENCY),
        }
    }

    /// The least solution: longest paths, by relaxing as often as a path may be long.
    fn solve(&self) -> Option<Vec<i64>> {
        let mut instants = vec![0i64; self.count.saturating_add(1)];
        for _ in 0..=instants.len() {
            let mut changed = false;
            for After { later, earlier, gap } in &self.after {
                let wanted = instants.get(*earlier)?.saturating_add(*gap);
                let instant = instants.get_mut(*later)?;
                if *instant < wanted {
                    *instant = wanted;
                    changed = true;
                }
            }
            if !changed {
                let start = instants.pop()?;
                return (start == 0).then_some(instants);
            }
        }
        None
    }
}
