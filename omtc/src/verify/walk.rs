//! Random search: long runs of the full cast, one step at a time. It finds mistakes where exploring does not get to, and
//! proves nothing.
//!
//! Nothing is kept but the tables of steps, and these are forgotten when they grow too large; so the memory is bounded
//! however many steps are taken. A run goes on from the start, or from where a transition fired for the first time; steps
//! that lead to states that were met lately are thrown again. What breaks a property is made shorter by leaving steps
//! out (delta debugging), and shown like any counterexample.

mod interactive;
mod run;
mod shrink;

use super::chart;
use super::engine::Inner;
use super::explore::{Explorer, Label};
use super::halt::Halt;
use super::model::Model;
use super::outcome::{Counterexample, Finding, Limit, Progress, Verdict, Watch};
use super::property::{Properties, QUERIES_MAX, Said};
use super::record::Records;
use super::replay;
use super::search::{BUILT_IN, chosen, fired, kind};
use super::{Setup, VerifyError};
use crate::scenario::coverage::{Covered, Part};
use crate::spec::{Claim, Scenario};
pub use interactive::{ExploreError, MachineState, Member, Place, Remark, explore};
pub(super) use run::Dice;

/// Steps between two looks at time and memory.
const LOOK_EVERY: u64 = 1 << 12;
/// Steps of a run.
const RUN_STEPS_MAX: usize = 400;
/// Steps before byzantine members learn what was met, at first; each time twice as many.
const LEARN_AFTER: u64 = 1 << 10;
/// Nothing is judged at once: properties are looked at in every state.
const NOT_AT_ONCE: u64 = 0;
/// Places to go on from.
const PLACES_MAX: usize = 64;

/// A step of a run, as far as it can be taken again elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    /// A message arrives at a place.
    Deliver { place: usize, message: u32, late: bool },
    /// A timer or a task.
    Inner { place: usize, cause: Inner, late: bool },
    /// Something that the scope makes happen.
    Event { number: usize, late: bool },
    /// Time goes on.
    Clock,
}

/// What a run is to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// A property that a state decides, or witnesses.
    State(usize),
    /// A property that a run decides which is over.
    Run(usize),
    /// `no_fault`
    Fault,
    /// `no_stuck_instance`
    Stuck,
}

/// What a random search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The scope.
    pub scope: String,
    /// What the steps were chosen by.
    pub seed: u64,
    /// Steps.
    pub steps: u64,
    /// Runs.
    pub runs: u64,
    /// Times that the tables were forgotten.
    pub forgotten: u64,
    /// Messages that byzantine members could choose from.
    pub universe: usize,
    /// Transitions of the protocol that fired.
    pub fired: Part,
    /// Why it stopped early, if it did.
    pub limit: Option<Limit>,
    /// `Holds` only of `sometimes`, where a witness was found.
    pub verdicts: Vec<Verdict>,
}

impl Walked {
    /// Was nothing found that is wrong?
    pub fn clean(&self) -> bool {
        self.limit.is_none() && !self.verdicts.iter().any(Verdict::refuted)
    }
}

/// Takes random steps in a scope.
///
/// # Errors
/// As [`super::verify`].
pub fn walk(
    setup: &Setup,
    scenario: &Scenario,
    steps: u64,
    seed: u64,
    watch: &mut dyn Watch,
) -> Result<Walked, VerifyError> {
    let setup = &exact(setup);
    let chosen = chosen(setup)?;
    let model = Model::new(setup, scenario)?;
    let properties = Properties::new(chosen.iter().copied(), &model.observed);
    if properties.query_count() > QUERIES_MAX {
        return Err(VerifyError::TooManyQueries { conditions: properties.query_count() });
    }
    let mut walker = Walker {
        setup,
        explorer: Explorer::new(&model),
        records: Records::default(),
        dice: Dice::new(seed),
        found: Vec::new(),
        covered: Covered::default(),
        computed: 0,
        lately: vec![0; run::LATELY_SLOTS],
        places: Vec::new(),
        properties,
    };
    let mut walked = Walked {
        scope: scenario.name.clone(),
        seed,
        steps: 0,
        runs: 0,
        forgotten: 0,
        universe: 0,
        fired: Part::default(),
        limit: None,
        verdicts: Vec::new(),
    };
    walker.all(&mut walked, steps, watch);
    model.nothing_missing()?;
    walked.universe = walked.universe.max(walker.explorer.universe.len());
    walker.covered.add(&walker.explorer.engine.covered);
    walked.fired = fired(setup, &walker.covered);
    walked.verdicts = walker.verdicts();
    Ok(walked)
}

/// Durations as they are given, and nothing taken for the same that differs: what is found is a run.
fn exact(setup: &Setup) -> Setup {
    let mut setup = setup.clone();
    setup.options.any_durations = false;
    let reductions = &mut setup.options.reductions;
    reductions.dead_fields = false;
    reductions.judged_at_once = false;
    reductions.any_quorum = false;
    // What it forgets is known to make no difference only after everything was explored.
    reductions.settled_messages = false;
    setup
}

struct Walker<'m> {
    setup: &'m Setup,
    explorer: Explorer<'m>,
    records: Records,
    properties: Properties,
    dice: Dice,
    /// What was found first of each.
    found: Vec<(Target, Counterexample)>,
    /// Before the tables were forgotten.
    covered: Covered,
    /// Steps that the interpreter had computed when a transition was last looked for.
    computed: u64,
    /// Fingerprints of states that were met lately; a loss costs nothing but a step.
    lately: Vec<u64>,
    /// Where transitions fired for the first time: how to get there.
    places: Vec<Vec<Action>>,
}

impl Walker<'_> {
    fn all(&mut self, walked: &mut Walked, steps: u64, watch: &mut dyn Watch) {
        let options = &self.setup.options;
        self.explorer.engine.halt = Halt::at(watch, options.time_max, usize::MAX);
        let byzantine = self.explorer.model.peers.iter().any(|peer| !peer.honest);
        let mut learn_at = LEARN_AFTER;
        let mut look_at = LOOK_EVERY;
        while walked.steps < steps && walked.limit.is_none() && !self.all_found() {
            walked.runs += 1;
            walked.steps += self.run(steps - walked.steps).max(1);
            walked.limit = self.explorer.engine.halt.hit();
            if byzantine && walked.steps >= learn_at && walked.limit.is_none() {
                learn_at = walked.steps.saturating_mul(2);
                self.explorer.universe.grow(&mut self.explorer.engine);
                walked.limit = self.explorer.engine.halt.hit();
            }
            if walked.steps >= look_at {
                look_at = walked.steps.saturating_add(LOOK_EVERY);
                let memory = self.explorer.engine.bytes();
                let (states, depth) = (usize::try_from(walked.steps).unwrap_or(usize::MAX), 0);
                watch.progress(&Progress { states, queue: 0, depth, memory });
                if options.time_max.is_some_and(|limit| watch.elapsed() >= limit) {
                    walked.limit = Some(Limit::Time);
                }
                // Views and records are not counted, and take about as much again.
                if memory >= options.memory_max / 3 {
                    walked.forgotten += 1;
                    walked.universe = walked.universe.max(self.explorer.universe.len());
                    learn_at = walked.steps;
                    self.forget(watch);
                }
            }
        }
    }

    /// Begins with empty tables.
    fn forget(&mut self, watch: &dyn Watch) {
        self.covered.add(&self.explorer.engine.covered);
        self.explorer = Explorer::new(self.explorer.model);
        self.explorer.engine.halt = Halt::at(watch, self.setup.options.time_max, usize::MAX);
        self.records = Records::default();
        self.properties.forget();
        self.places.clear();
        self.computed = 0;
    }

    /// Everything that can be found.
    fn targets(&self) -> Vec<Target> {
        let names = &self.setup.options.properties;
        let wanted = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
        let mut targets = Vec::new();
        for (number, watched) in self.properties.watched.iter().enumerate() {
            targets.push(match watched.property.claim {
                Claim::Eventually(_) | Claim::Leads(..) => Target::Run(number),
                Claim::Always(_) | Claim::Never(_) | Claim::Sometimes(_) => Target::State(number),
            });
        }
        targets.extend(wanted("no_fault").then_some(Target::Fault));
        targets.extend(wanted("no_stuck_instance").then_some(Target::Stuck));
        targets
    }

    fn is_found(&self, target: Target) -> bool {
        self.found.iter().any(|(found, _)| *found == target)
    }

    fn all_found(&self) -> bool {
        self.targets().into_iter().all(|target| self.is_found(target))
    }

    /// What a state breaks or witnesses, of what was not found yet.
    fn judge(&mut self, state: &[u32]) -> Option<Target> {
        let values = self.properties.values(&mut self.explorer, &mut self.records, state);
        for (number, watched) in self.properties.watched.iter().enumerate() {
            let target = Target::State(number);
            if watched.judge(values, NOT_AT_ONCE) != Said::Nothing && !self.is_found(target) {
                return Some(target);
            }
        }
        for local in self.explorer.locals(state).to_vec() {
            let info = self.explorer.engine.info(local);
            if info.fault != 0 && !self.is_found(Target::Fault) {
                return Some(Target::Fault);
            }
            if info.stuck.is_some() && !self.is_found(Target::Stuck) {
                return Some(Target::Stuck);
            }
        }
        None
    }

    /// Keeps a run that was found, as short as it gets.
    fn keep(&mut self, target: Target, actions: &[Action]) {
        let actions = self.shrunk(target, actions);
        let Some((states, labels)) = self.again(target, &actions) else { return };
        let reason = match target {
            Target::State(_) => String::new(),
            Target::Run(_) => "nothing has to happen any more, and it has not come true".to_owned(),
            Target::Fault | Target::Stuck => {
                states.last().map(|last| chart::reason(&mut self.explorer, last)).unwrap_or_default()
            }
        };
        let steps = chart::steps(&mut self.explorer, &states, &labels);
        let scripts = replay::scripts(&mut self.explorer, &mut self.records, &states, &labels);
        self.found.push((target, Counterexample { reason, steps, scripts }));
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let example = |target: Target| {
            let found = self.found.iter().find(|(found, _)| *found == target);
            found.map(|(_, example)| Box::new(example.clone()))
        };
        let mut verdicts = Vec::new();
        for target in self.targets() {
            let found = example(target);
            let (name, kind, title, sometimes) = match target {
                Target::State(number) | Target::Run(number) => {
                    let Some(watched) = self.properties.watched.get(number) else { continue };
                    let property = &watched.property;
                    let sometimes = matches!(property.claim, Claim::Sometimes(_));
                    (property.name.clone(), kind(&property.claim), property.title.clone(), sometimes)
                }
                Target::Fault | Target::Stuck => {
                    let name = if target == Target::Fault { "no_fault" } else { "no_stuck_instance" };
                    let title = BUILT_IN.iter().find(|(built_in, _)| *built_in == name);
                    let title = title.map(|(_, title)| (*title).to_owned());
                    (name.to_owned(), "built-in", title, false)
                }
            };
            let (result, witness) = match (found, sometimes) {
                (found @ Some(_), true) => (Finding::Holds, found.filter(|_| self.setup.options.witness)),
                (None, true) => (Finding::NotDecided("no run came to it".to_owned()), None),
                (Some(found), false) => (Finding::Violated(found), None),
                (None, false) => (Finding::NotRefuted, None),
            };
            verdicts.push(Verdict { property: name, kind, title, result, witness });
        }
        verdicts
    }
}

/// States and labels of a run, from the start.
type Path = (Vec<Vec<u32>>, Vec<Label>);
