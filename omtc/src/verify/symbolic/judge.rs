//! What sets of states say of properties.

use super::super::explore::Explorer;
use super::super::observe::Observed;
use super::super::property::{Properties, Said, Values, Watched, bit, said};
use super::super::record::Records;
use super::super::search::BUILT_IN;
use super::super::table::QuickMap;
use super::diagram::{EMPTY, FULL, Node};
use super::phases::{Crossing, Phase, Phases, Representatives, Sets, Stopped, Time};
use super::steps::Steps;
use crate::spec::{Claim, Specification};
use std::collections::BTreeMap;

/// What is known so far.
pub(super) struct Judge {
    pub properties: Properties,
    pub records: Records,
    /// What each property looks at.
    observed: Vec<Observed>,
    /// What its queries come to, by what they see.
    known: QuickMap<Vec<u32>, Values>,
    /// For each property, states that decide it: of the first phase that has some.
    pub decided: Vec<Option<(Phase, Node)>>,
    /// A fault, a deadlock, an instance that is stuck.
    pub built_in: [Option<(Phase, Node)>; 3],
    /// For each claim that needs runs: states in which it begins to wait, and states without what it waits for.
    pub waiting: BTreeMap<usize, Waiting>,
}

/// Where a claim begins to wait, and for how long.
#[derive(Default)]
pub(super) struct Waiting {
    pub begins: Sets,
    pub without: Sets,
}

/// What sets say of a claim about runs.
pub(super) enum Runs {
    /// It holds.
    Holds,
    /// It does not: where a run that breaks it ends, and the states that it stays in since it began to wait.
    Broken { at: (Phase, Node), waits: Option<Stay> },
    /// It is not known, and why.
    Open(String),
}

/// States of runs that wait.
pub(super) struct Stay {
    /// Where they begin to.
    pub begins: Sets,
    /// Where they are.
    pub within: Sets,
}

impl Judge {
    pub fn new(specification: &Specification, properties: Properties) -> Judge {
        let observed =
            |watched: &Watched| Observed::of(specification, std::iter::once(&watched.property), false);
        let observed = properties.watched.iter().map(observed).collect();
        let count = properties.watched.len();
        let waits =
            properties.watched.iter().enumerate().filter(|(_, watched)| {
                matches!(watched.property.claim, Claim::Eventually(_) | Claim::Leads(..))
            });
        Judge {
            waiting: waits.map(|(number, _)| (number, Waiting::default())).collect(),
            properties,
            records: Records::default(),
            observed,
            known: QuickMap::default(),
            decided: vec![None; count],
            built_in: [None; 3],
        }
    }

    /// Looks at a phase that is complete.
    pub fn look(&mut self, phases: &mut Phases<'_, '_>, phase: Phase, set: Node) -> Result<(), Stopped> {
        self.single(phases, phase, set);
        self.whole(phases, phase, set)?;
        self.deadlocks(phases, phase, set)
    }

    /// Is all that was asked for decided by single states, and decided?
    pub fn is_decided(&self, names: &[String]) -> bool {
        let built_in = |name: &String| BUILT_IN.iter().any(|(built_in, _)| built_in == name);
        !names.is_empty() && self.decided.iter().all(Option::is_some) && !names.iter().any(built_in)
    }

    /// What single local states say.
    fn single(&mut self, phases: &mut Phases<'_, '_>, phase: Phase, set: Node) {
        let labels = phases.forest.labels(set, phases.order.len());
        for (level, label) in
            labels.iter().enumerate().flat_map(|(level, l)| l.iter().map(move |l| (level, *l)))
        {
            let info = phases.explorer.engine.info(label);
            let with = |phases: &mut Phases<'_, '_>| {
                (phase, phases.forest.filtered(set, &mut |at, other| at != level || other == label))
            };
            let [fault, _, stuck] = &mut self.built_in;
            if info.fault != 0 && fault.is_none() {
                *fault = Some(with(phases));
            }
            if info.stuck.is_some() && stuck.is_none() {
                *stuck = Some(with(phases));
            }
            for (watched, decided) in self.properties.watched.iter().zip(&mut self.decided) {
                let broken = watched.local.is_some_and(|bit| info.broken & bit != 0);
                if broken && decided.is_none() {
                    *decided = Some(with(phases));
                }
            }
        }
    }

    /// What whole states say of each property: once for all that it cannot tell apart.
    fn whole(&mut self, phases: &mut Phases<'_, '_>, phase: Phase, set: Node) -> Result<(), Stopped> {
        for number in 0..self.properties.watched.len() {
            let Some(watched) = self.properties.watched.get(number) else { continue };
            if watched.local.is_some() {
                continue;
            }
            let wanted: &[Wanted] = match watched.property.claim {
                Claim::Eventually(_) => &[Wanted::Without(0)],
                Claim::Leads(..) => &[Wanted::Begins(0, 1), Wanted::Without(1)],
                Claim::Always(_) | Claim::Never(_) | Claim::Sometimes(_) => &[Wanted::Decides],
            };
            if wanted.contains(&Wanted::Decides) && self.decided.get(number).is_some_and(Option::is_some) {
                continue;
            }
            self.chosen(phases, phase, set, number, wanted)?;
        }
        Ok(())
    }

    /// Finds what is wanted of one property.
    fn chosen(
        &mut self,
        phases: &mut Phases<'_, '_>,
        phase: Phase,
        set: Node,
        number: usize,
        wanted: &[Wanted],
    ) -> Result<(), Stopped> {
        let Judge { properties, records, observed, known, .. } = self;
        let (Some(watched), Some(observed)) = (properties.watched.get(number), observed.get(number)) else {
            return Ok(());
        };
        let of = u32::try_from(number).unwrap_or(u32::MAX);
        let mut class =
            |explorer: &mut Explorer<'_>, label: u32| records.seen_by(&explorer.engine, label, observed, of);
        let (classes, representatives) = phases.classes(set, &mut class);
        let mut select = Select { watched, records, phase, representatives: &representatives, wanted, known };
        let chosen = select.from(phases, classes, &mut vec![of], &mut Vec::new())?;
        for (wanted, classes) in wanted.iter().zip(chosen) {
            if classes == EMPTY {
                continue;
            }
            let explorer = &mut *phases.explorer;
            let states = phases.forest.projected_into(set, classes, &mut |_, label| {
                records.seen_by(&explorer.engine, label, observed, of)
            });
            match wanted {
                Wanted::Decides => {
                    if let Some(decided) = self.decided.get_mut(number) {
                        *decided = Some((phase, states));
                    }
                }
                Wanted::Begins(..) => {
                    self.waiting.entry(number).or_default().begins.insert(phase, states);
                }
                Wanted::Without(_) => {
                    self.waiting.entry(number).or_default().without.insert(phase, states);
                }
            }
        }
        Ok(())
    }

    /// States in which nothing can happen, and something is under way.
    fn deadlocks(&mut self, phases: &mut Phases<'_, '_>, phase: Phase, set: Node) -> Result<(), Stopped> {
        let [_, deadlock, _] = &mut self.built_in;
        if deadlock.is_some() {
            return Ok(());
        }
        let over = ended(phases, set);
        let mut left = phases.forest.difference(set, over);
        for crossing in phases.crossings(phase, left)? {
            left = phases.forest.difference(left, crossing.from);
        }
        let cut = cut(phases, phase, left)?;
        left = phases.forest.difference(left, cut);
        let mut steps = phases.steps(phase.front);
        let moving = steps.moving(left);
        let too_large = steps.too_large;
        phases.stopped(too_large)?;
        left = phases.forest.difference(left, moving);
        if left != EMPTY {
            *deadlock = Some((phase, left));
        }
        Ok(())
    }

    /// From every state one can be reached in which every instance is over or may stay.
    pub fn can_end(&self, phases: &mut Phases<'_, '_>) -> Result<Runs, Stopped> {
        let reached = phases.reached.clone();
        let mut good = Sets::new();
        let mut beyond = false;
        let mut bad = None;
        for (phase, set) in reached.iter().rev() {
            let over = ended(phases, *set);
            let cut = cut(phases, *phase, *set)?;
            beyond |= phases.forest.difference(cut, over) != EMPTY;
            let mut seeds = phases.forest.union(over, cut);
            for crossing in phases.crossings(*phase, *set)? {
                let into = good.get(&crossing.to).copied().unwrap_or(EMPTY);
                let some = phases.crossing_into(&crossing, into);
                seeds = phases.forest.union(seeds, some);
            }
            let mut steps = phases.steps(phase.front);
            steps.turn_back(*set);
            let ends = steps.closure(seeds, *set);
            let too_large = steps.too_large;
            phases.stopped(too_large)?;
            let rest = phases.forest.difference(*set, ends);
            if rest != EMPTY {
                bad = Some((*phase, rest));
            }
            good.insert(*phase, ends);
            phases.forest.forget();
        }
        Ok(match bad {
            Some(at) => Runs::Broken { at, waits: None },
            None if beyond => Runs::Open("some sessions are still under way at the horizon".to_owned()),
            None => Runs::Holds,
        })
    }

    /// Whoever begins to wait comes to an end of it, on every fair run.
    pub fn comes(&self, phases: &mut Phases<'_, '_>, number: usize) -> Result<Runs, Stopped> {
        let Some(waiting) = self.waiting.get(&number) else { return Ok(Runs::Holds) };
        let leads =
            self.properties.watched.get(number).is_some_and(|w| matches!(w.property.claim, Claim::Leads(..)));
        let mut begins = waiting.begins.clone();
        if !leads {
            let (phase, initial) = phases.begins();
            let without = waiting.without.get(&phase).copied().unwrap_or(EMPTY);
            let initial = phases.forest.intersection(initial, without);
            phases.join(&mut begins, phase, initial);
        }
        let reached = phases.reached.clone();
        let mut within = Sets::new();
        let mut open = begins.clone();
        let (mut beyond, mut circles) = (false, false);
        for phase in reached.keys() {
            let Some(from) = open.remove(phase).filter(|from| *from != EMPTY) else { continue };
            let without = waiting.without.get(phase).copied().unwrap_or(EMPTY);
            let budget = phases.explorer.budget;
            let mut steps = phases.steps(phase.front);
            let set = steps.closure(from, without);
            let heard =
                if budget.is_some_and(|budget| phase.said < budget) { steps.heard(set) } else { EMPTY };
            let too_large = steps.too_large;
            phases.stopped(too_large)?;
            within.insert(*phase, set);
            let time = phases.time(*phase, set)?;
            let rests = resting(phases, *phase, &time);
            if rests != EMPTY {
                return Ok(Runs::Broken { at: (*phase, rests), waits: Some(Stay { begins, within }) });
            }
            let mut staying = set;
            for (instant, then) in &time.ahead {
                if phases.explorer.is_beyond(*instant) {
                    // What is due happens before the horizon.
                    beyond |= phases.quiet(*phase, *then) != EMPTY;
                }
                staying = phases.forest.difference(staying, *then);
            }
            let mut steps = phases.steps(phase.front);
            circles |= steps.may_circle(staying);
            let mut into: Vec<(Phase, Node)> = vec![(Phase { said: phase.said + 1, ..*phase }, heard)];
            for crossing in phases.crossings(*phase, set)? {
                into.push((crossing.to, phases.crossed(&crossing, crossing.from)));
            }
            for (to, set) in into {
                let without = waiting.without.get(&to).copied().unwrap_or(EMPTY);
                let set = phases.forest.intersection(set, without);
                phases.join(&mut open, to, set);
            }
            phases.forest.forget();
        }
        Ok(if beyond {
            Runs::Open("a run goes on beyond the horizon".to_owned())
        } else if circles {
            Runs::Open("a run can go round without it; whether fairly, is not decided".to_owned())
        } else {
            Runs::Holds
        })
    }
}

/// What is looked for in whole states, by the places of queries among those of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// States that decide it.
    Decides,
    /// States in which one query holds and another one does not.
    Begins(usize, usize),
    /// States in which a query does not hold.
    Without(usize),
}

/// Chooses among classes of states.
struct Select<'s> {
    watched: &'s Watched,
    records: &'s mut Records,
    phase: Phase,
    representatives: &'s Representatives,
    wanted: &'s [Wanted],
    known: &'s mut QuickMap<Vec<u32>, Values>,
}

impl Select<'_> {
    /// For everything that is wanted, the classes that are so.
    fn from(
        &mut self,
        phases: &mut Phases<'_, '_>,
        node: Node,
        classes: &mut Vec<u32>,
        labels: &mut Vec<u32>,
    ) -> Result<Vec<Node>, Stopped> {
        if node == FULL {
            if phases.explorer.engine.halt.now() {
                phases.stopped(false)?;
            }
            let values = self.values(phases, classes, labels);
            let is = |wanted: &Wanted| if self.is(*wanted, values) { FULL } else { EMPTY };
            return Ok(self.wanted.iter().map(is).collect());
        }
        let mut edges: Vec<Vec<(u32, Node)>> = vec![Vec::new(); self.wanted.len()];
        for (class, child) in phases.forest.edges(node).iter() {
            let label = self.representatives.get(&(labels.len(), *class)).copied().unwrap_or(*class);
            labels.push(label);
            classes.push(*class);
            let below = self.from(phases, *child, classes, labels)?;
            labels.pop();
            classes.pop();
            for (edges, below) in edges.iter_mut().zip(below) {
                edges.push((*class, below));
            }
        }
        Ok(edges.into_iter().map(|edges| phases.forest.node(edges)).collect())
    }

    /// The values of the queries, of some state of these classes.
    fn values(&mut self, phases: &Phases<'_, '_>, classes: &[u32], labels: &[u32]) -> Values {
        let claim = &self.watched.property.claim;
        // What reads the clock is asked in each phase.
        let remembered = !claim.queries().any(|query| query.reads_now);
        if let Some(known) = self.known.get(classes).filter(|_| remembered) {
            return *known;
        }
        let locals = phases.minds(labels);
        let situation = self.records.situation(&phases.explorer.engine, &locals, self.phase.front);
        let mut values = Values::default();
        for (number, query) in claim.queries().enumerate() {
            match phases.explorer.model.evaluator.holds(query, &situation) {
                Ok(true) => values.holds |= bit(number),
                Ok(false) => {}
                Err(_) => values.faults |= bit(number),
            }
        }
        if remembered {
            self.known.insert(classes.to_vec(), values);
        }
        values
    }

    fn is(&self, wanted: Wanted, values: Values) -> bool {
        let holds = |query: usize| values.holds & bit(query) != 0;
        match wanted {
            Wanted::Decides => said(&self.watched.property.claim, values, 0) != Said::Nothing,
            Wanted::Begins(from, to) => holds(from) && !holds(to),
            Wanted::Without(query) => !holds(query),
        }
    }
}

/// States in which every instance is over or may stay.
fn ended(phases: &mut Phases<'_, '_>, set: Node) -> Node {
    let explorer = &mut *phases.explorer;
    phases.forest.filtered(set, &mut |_, label| explorer.engine.info(label).ended)
}

/// States whose next instant lies beyond the horizon.
fn cut(phases: &mut Phases<'_, '_>, phase: Phase, set: Node) -> Result<Node, Stopped> {
    let time = phases.time(phase, set)?;
    let mut cut = EMPTY;
    for (instant, then) in time.ahead {
        if phases.explorer.is_beyond(instant) {
            let then = phases.quiet(phase, then);
            cut = phases.forest.union(cut, then);
        }
    }
    Ok(cut)
}

/// States in which nothing has to happen any more.
fn resting(phases: &mut Phases<'_, '_>, phase: Phase, time: &Time) -> Node {
    if !phases.explorer.turns(time.happened).is_empty() {
        return EMPTY;
    }
    phases.steps(phase.front).resting(time.free)
}

impl Steps<'_, '_> {
    /// May steps lead round among the states of a set? If minds do not, whole ones do not.
    pub fn may_circle(&mut self, among: Node) -> bool {
        let labels = self.labels(among);
        for (level, labels) in labels.iter().enumerate() {
            let messages = self.messages(among, level);
            let mut next: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for label in labels {
                let mut after: Vec<u32> = self.moves(*label).iter().map(|(next, _)| *next).collect();
                for message in &messages {
                    after.extend(self.deliveries(*label, *message).iter().map(|(next, _)| *next));
                }
                // Where the mind stays as it is, more is said, which ends.
                after.retain(|next| next != label && labels.binary_search(next).is_ok());
                next.insert(*label, after);
            }
            if has_circle(&next) {
                return true;
            }
        }
        false
    }
}

/// Is there a way from a node back to itself?
fn has_circle(next: &BTreeMap<u32, Vec<u32>>) -> bool {
    let mut incoming: BTreeMap<u32, usize> = next.keys().map(|label| (*label, 0)).collect();
    for label in next.values().flatten() {
        if let Some(count) = incoming.get_mut(label) {
            *count += 1;
        }
    }
    let mut open: Vec<u32> =
        incoming.iter().filter(|(_, count)| **count == 0).map(|(label, _)| *label).collect();
    let mut removed = 0;
    while let Some(label) = open.pop() {
        removed += 1;
        for after in next.get(&label).into_iter().flatten() {
            if let Some(count) = incoming.get_mut(after) {
                *count -= 1;
                if *count == 0 {
                    open.push(*after);
                }
            }
        }
    }
    removed < next.len()
}

/// A path through sets, backwards from states to where it may begin.
pub(super) fn path(
    phases: &mut Phases<'_, '_>,
    begins: &Sets,
    within: &Sets,
    (phase, target): (Phase, Node),
) -> Result<Vec<Vec<u32>>, Stopped> {
    // From the last phase to the first: the part of the path in each, first state first.
    let mut parts: Vec<Vec<(Phase, Vec<u32>)>> = Vec::new();
    let (mut phase, mut target) = (phase, target);
    loop {
        let set = within.get(&phase).copied().unwrap_or(EMPTY);
        let mut entries = begins.get(&phase).copied().unwrap_or(EMPTY);
        let starts = entries;
        let mut before: Vec<(Phase, Option<Crossing>)> = Vec::new();
        for (earlier, states) in within.range(..phase) {
            for crossing in phases.crossings(*earlier, *states)? {
                if crossing.to == phase {
                    let into = phases.crossed(&crossing, crossing.from);
                    entries = phases.forest.union(entries, into);
                    before.push((*earlier, Some(crossing)));
                }
            }
            if earlier.front == phase.front
                && earlier.happened == phase.happened
                && earlier.said + 1 == phase.said
            {
                let into = phases.steps(earlier.front).heard(*states);
                entries = phases.forest.union(entries, into);
                before.push((*earlier, None));
            }
        }
        let entries = phases.forest.intersection(entries, set);
        let inside = within_phase(phases, phase, set, entries, target)?;
        // Half a run would show something else.
        let Some(first) = inside.first().cloned() else { return Err(Stopped::Memory) };
        parts.push(inside.into_iter().map(|labels| (phase, labels)).collect());
        let entry = phases.forest.single(first.into_iter());
        if phases.forest.intersection(entry, starts) != EMPTY {
            break;
        }
        let mut found = None;
        for (earlier, crossing) in before {
            let states = match &crossing {
                Some(crossing) => phases.crossing_into(crossing, entry),
                None => {
                    let all = within.get(&earlier).copied().unwrap_or(EMPTY);
                    let mut steps = phases.steps(earlier.front);
                    let both = steps.forest.union(all, entry);
                    steps.turn_back(both);
                    let states = steps.heard(entry);
                    phases.forest.intersection(states, all)
                }
            };
            if states != EMPTY {
                found = Some((earlier, states));
                break;
            }
        }
        let Some(earlier) = found else { return Err(Stopped::Memory) };
        (phase, target) = earlier;
    }
    let mut states = Vec::new();
    for (phase, labels) in parts.into_iter().rev().flatten() {
        let locals = phases.locals(&labels);
        states.push(phases.explorer.state(phase.happened, phase.front, phase.said, &locals));
    }
    Ok(states)
}

/// The shortest way within a phase from where it may be entered to a target.
fn within_phase(
    phases: &mut Phases<'_, '_>,
    phase: Phase,
    set: Node,
    entries: Node,
    target: Node,
) -> Result<Vec<Vec<u32>>, Stopped> {
    let mut layers = vec![target];
    let mut seen = target;
    let mut steps = phases.steps(phase.front);
    steps.turn_back(set);
    let mut last = target;
    while steps.forest.intersection(last, entries) == EMPTY && last != EMPTY {
        let before = steps.image(last);
        let before = steps.forest.intersection(before, set);
        last = steps.forest.difference(before, seen);
        seen = steps.forest.union(seen, last);
        layers.push(last);
        let too_large = steps.too_large;
        if too_large || steps.explorer.engine.halt.hit().is_some() {
            break;
        }
    }
    phases.stopped(false)?;
    let first = phases.forest.intersection(last, entries);
    let Some(mut labels) = phases.forest.any(first) else { return Ok(Vec::new()) };
    let mut path = vec![labels.clone()];
    for layer in layers.iter().rev().skip(1) {
        let single = phases.forest.single(labels.into_iter());
        let next = phases.steps(phase.front).image(single);
        let next = phases.forest.intersection(next, *layer);
        let Some(found) = phases.forest.any(next) else { return Ok(Vec::new()) };
        path.push(found.clone());
        labels = found;
    }
    Ok(path)
}
