//! The steps of a path, one input at a time: who, on what, and what it armed, sent and began.

use super::super::engine::{Inner, Last, NONE};
use super::super::explore::{Explorer, Label};
use super::super::local::Deadline;
use super::super::table::index;
use std::collections::BTreeSet;

/// What a peer reacts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A message.
    Deliver(u32),
    /// A time limit or period: instance, limit.
    Timer(usize, u32),
    /// The end of a task: instance, name.
    Task(usize, String),
    /// Something that the scope makes happen.
    Event(usize),
}

/// An armed timer: that of another state is another one, also if it ends at the same instant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Armed {
    /// Index of the instance.
    pub instance: usize,
    /// Its state.
    pub state: String,
    /// When, and which limit.
    pub deadline: Deadline,
}

/// One input of one honest peer.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// The place of the peer.
    pub place: usize,
    /// The instant of the model, microseconds of true time.
    pub at: i64,
    /// What comes.
    pub what: What,
    /// The local states of everybody before it.
    pub locals: Vec<u32>,
    /// Its instances afterwards.
    pub after: Vec<u32>,
    /// Timers that are armed afterwards.
    pub timers: BTreeSet<Armed>,
    /// Tasks that are under way afterwards and will end, by instance.
    pub tasks: BTreeSet<(usize, String)>,
    /// Messages that it sends, with each honest receiver.
    pub sends: Vec<(u32, usize)>,
}

/// The moments of a path.
pub(super) fn moments(explorer: &mut Explorer<'_>, states: &[Vec<u32>], labels: &[Label]) -> Vec<Moment> {
    let mut moments = Vec::new();
    for ((from, to), label) in states.iter().zip(states.iter().skip(1)).zip(labels) {
        let mut locals = explorer.locals(from).to_vec();
        let next = explorer.locals(to).to_vec();
        let (place, at, whats, reached) = match label {
            Label::Clock { .. } => continue,
            Label::Act { place, gathered, last, at, after } => {
                let last = match last {
                    Last::Deliver(message) => What::Deliver(*message),
                    Last::Inner(Inner::Timer(instance, limit)) => What::Timer(*instance, *limit),
                    Last::Inner(Inner::Task(instance, name)) => What::Task(*instance, name.clone()),
                };
                let gathered = gathered.iter().map(|message| What::Deliver(*message));
                (*place, *at, gathered.chain([last]).collect(), *after)
            }
            Label::Event { number, at, after } => {
                let place = explorer.model.events.get(*number).and_then(|event| event.place);
                let changed = locals.iter().zip(&next).position(|(a, b)| a != b);
                let Some(place) = place.or(changed) else { continue };
                (place, *at, vec![What::Event(*number)], *after)
            }
        };
        let count = whats.len();
        for (number, what) in whats.into_iter().enumerate() {
            let Some(before) = locals.get(place).copied() else { continue };
            let before = explorer.engine.at(before, at);
            let last = number + 1 == count;
            let after = match (&what, last) {
                (What::Deliver(message), false) => explorer.engine.deliver(before, *message),
                _ => reached,
            };
            let after = if after == NONE { before } else { after };
            moments.push(Moment {
                place,
                at,
                what,
                locals: locals.clone(),
                after: explorer
                    .engine
                    .local_of(after)
                    .map(|local| local.instances.clone())
                    .unwrap_or_default(),
                timers: timers(explorer, after),
                tasks: tasks(explorer, after),
                sends: sends(explorer, before, after),
            });
            if let Some(local) = locals.get_mut(place) {
                *local = after;
            }
        }
    }
    moments
}

fn timers(explorer: &Explorer<'_>, local: u32) -> BTreeSet<Armed> {
    let mut timers = BTreeSet::new();
    let instances = explorer.engine.local_of(local).into_iter().flat_map(|local| local.instances.iter());
    for (at, number) in instances.enumerate() {
        let Some(instance) = explorer.engine.instance_of(*number) else { continue };
        let Some(machine) = explorer.engine.machine_of(instance.machine) else { continue };
        let armed = instance.timers.iter().map(|timer| Armed {
            instance: at,
            state: machine.state().to_owned(),
            deadline: *timer,
        });
        timers.extend(armed);
    }
    timers
}

fn tasks(explorer: &Explorer<'_>, number: u32) -> BTreeSet<(usize, String)> {
    let Some(local) = explorer.engine.local_of(number) else { return BTreeSet::new() };
    let instances = local.instances.iter().enumerate();
    let under_way = instances.filter_map(|(at, number)| Some((at, explorer.engine.instance_of(*number)?)));
    under_way
        .flat_map(|(at, instance)| {
            let protocol = index(instance.protocol);
            let ends = instance.tasks.iter().filter(move |(name, arguments)| {
                explorer.model.task(index(local.peer), protocol, name, arguments).is_some()
            });
            ends.map(move |(name, _)| (at, name.clone()))
        })
        .collect()
}

/// What it says to honest peers, in the order of the numbers: the order of saying, where messages are new.
fn sends(explorer: &Explorer<'_>, before: u32, after: u32) -> Vec<(u32, usize)> {
    let engine = &explorer.engine;
    let (Some(before), Some(after)) = (engine.local_of(before), engine.local_of(after)) else {
        return Vec::new();
    };
    let sent = engine.sets.get(after.sent).into_iter().flat_map(|set| set.iter());
    let new = sent.filter(|message| !engine.contains(before.sent, **message));
    new.flat_map(|message| {
        let to = engine.message_of(*message).and_then(|message| message.key.to).map(index);
        let others = explorer.model.running.iter().copied().filter(|peer| *peer != index(after.peer));
        let is_for = |peer: &usize| {
            let home = explorer.model.peers.get(*peer).map(|peer| index(peer.home));
            to.is_none() || to == home
        };
        let receivers: Vec<usize> = others.filter(is_for).collect();
        receivers.into_iter().map(|receiver| (*message, receiver))
    })
    .collect()
}
