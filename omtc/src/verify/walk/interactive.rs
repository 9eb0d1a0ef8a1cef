//! A walk that somebody chooses: where one is in the states of a scope, what can happen next, and what that does.
//!
//! A place is the list of choices that lead to it from the start, so whoever walks keeps nothing else, and goes back by
//! leaving the last ones out. The same choices lead to the same place as long as the sources are the same.

use super::super::explore::{Explorer, Label};
use super::super::halt::Halt;
use super::super::local::Status;
use super::super::model::Model;
use super::super::outcome::{Counterexample, Line, Watch};
use super::super::property::{Properties, QUERIES_MAX, Said};
use super::super::record::Records;
use super::super::{Setup, VerifyError, chart};
use super::{Action, Dice, NOT_AT_ONCE, Walker, chosen, exact, run};
use crate::scenario::coverage::Covered;
use crate::spec::{Claim, Scenario};
use std::collections::BTreeSet;

/// Steps that are offered at one place.
const STEPS_MAX: usize = 400;

/// Where a walk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The scope.
    pub scope: String,
    /// The way here.
    pub path: Counterexample,
    /// Everybody who runs the protocol.
    pub members: Vec<Member>,
    /// Properties that this state breaks, or shows to come true.
    pub said: Vec<(String, Remark)>,
    /// What can happen next.
    pub steps: Vec<Vec<Line>>,
    /// More steps than are offered.
    pub left_out: usize,
}

/// What a state says about a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// It breaks it.
    Broken,
    /// It shows that it can come true.
    Shown,
}

/// A peer at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its clock, after the start.
    pub clock: String,
    /// The machines that it runs.
    pub machines: Vec<MachineState>,
}

/// A machine of a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineState {
    /// The actor.
    pub actor: String,
    /// The state that it is in.
    pub state: String,
    /// Whether a fault has stopped it.
    pub faulted: bool,
    /// Its store, without what is empty.
    pub fields: Vec<(String, String)>,
}

/// Why there is no such place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExploreError {
    /// The scope cannot be explored.
    #[error(transparent)]
    Scope(#[from] VerifyError),
    /// A choice that is not offered.
    #[error("step {step}: there is no choice {choice}, there are {offered}")]
    NoChoice {
        /// Which one of the choices, from 1.
        step: usize,
        /// As it was given.
        choice: usize,
        /// How many there are.
        offered: usize,
    },
    /// It took too long, or too much.
    #[error("given up")]
    GivenUp,
}

/// Goes from the start by choices, each the number of a step among those that are offered there, from 0.
///
/// # Errors
/// As [`super::super::verify`]; a choice is not offered; a limit of the options is hit.
pub fn explore(
    setup: &Setup,
    scenario: &Scenario,
    choices: &[usize],
    watch: &mut dyn Watch,
) -> Result<Place, ExploreError> {
    let setup = &every_step(setup);
    let chosen = chosen(setup)?;
    let model = Model::new(setup, scenario)?;
    let properties = Properties::new(chosen.iter().copied(), &model.observed);
    if properties.query_count() > QUERIES_MAX {
        return Err(VerifyError::TooManyQueries { conditions: properties.query_count() }.into());
    }
    let mut walker = Walker {
        setup,
        explorer: Explorer::new(&model),
        records: Records::default(),
        dice: Dice::new(0),
        found: Vec::new(),
        covered: Covered::default(),
        computed: 0,
        lately: vec![0; run::LATELY_SLOTS],
        places: Vec::new(),
        properties,
    };
    walker.explorer.engine.halt = Halt::at(watch, setup.options.time_max, usize::MAX);
    let place = walker.go(scenario, choices)?;
    model.nothing_missing()?;
    Ok(place)
}

/// Nothing is left out because it makes no difference: who looks at a run wants to see it.
fn every_step(setup: &Setup) -> Setup {
    let mut setup = exact(setup);
    let reductions = &mut setup.options.reductions;
    reductions.late_gathering = false;
    reductions.lazy_clocks = false;
    reductions.unheard_messages = false;
    reductions.spent_messages = false;
    reductions.quiet_deliveries = false;
    setup
}

/// A step that can be taken, and where it leads.
type Step = (Label, Vec<u32>);

impl Walker<'_> {
    fn go(&mut self, scenario: &Scenario, choices: &[usize]) -> Result<Place, ExploreError> {
        let mut states = vec![self.explorer.initial()];
        let mut labels = Vec::new();
        let mut state = states.first().cloned().unwrap_or_default();
        let (mut steps, mut left_out) = self.offered(&state)?;
        for (number, choice) in choices.iter().enumerate() {
            let offered = steps.len();
            let step = number.saturating_add(1);
            let no_choice = ExploreError::NoChoice { step, choice: *choice, offered };
            let (label, next) = steps.into_iter().nth(*choice).ok_or(no_choice)?;
            labels.push(label);
            states.push(next.clone());
            state = next;
            (steps, left_out) = self.offered(&state)?;
        }
        let lines = |explorer: &mut Explorer<'_>, (label, next): &Step| {
            chart::steps(explorer, &[state.clone(), next.clone()], std::slice::from_ref(label))
        };
        Ok(Place {
            scope: scenario.name.clone(),
            path: Counterexample {
                reason: chart::reason(&mut self.explorer, &state),
                steps: chart::steps(&mut self.explorer, &states, &labels),
                scripts: Vec::new(),
            },
            members: self.members(&state),
            said: self.remarks(&state),
            steps: steps.iter().map(|step| lines(&mut self.explorer, step)).collect(),
            left_out,
        })
    }

    /// The steps that can be taken, each once, and how many there are beside them.
    fn offered(&mut self, state: &[u32]) -> Result<(Vec<Step>, usize), ExploreError> {
        // What byzantine members can say is made of what was met.
        self.explorer.universe.grow(&mut self.explorer.engine);
        let mut seen: BTreeSet<(Vec<u32>, String)> = BTreeSet::new();
        let mut found = Vec::new();
        let mut left_out = 0_usize;
        for action in self.actions(state) {
            if self.explorer.engine.halt.hit().is_some() {
                return Err(ExploreError::GivenUp);
            }
            let Some((label, next)) = self.take(state, &action) else { continue };
            // At the later of two instants that are the same to it, a peer does the same.
            let what = match &label {
                Label::Act { place, last, .. } => format!("{place} {last:?}"),
                Label::Event { number, .. } => format!("event {number}"),
                Label::Clock { .. } => "clock".to_owned(),
            };
            if !seen.insert((next.clone(), what)) {
                continue;
            }
            if found.len() < STEPS_MAX {
                found.push((label, next));
            } else {
                left_out = left_out.saturating_add(1);
            }
        }
        Ok((found, left_out))
    }

    /// Everything that might happen: what the scope makes happen first, then what honest members do, then time, then what
    /// byzantine members say.
    fn actions(&mut self, state: &[u32]) -> Vec<Action> {
        let turns = self.explorer.turns(self.explorer.happened(state));
        let events =
            turns.into_iter().flat_map(|number| [false, true].map(|late| Action::Event { number, late }));
        let mut actions: Vec<Action> = events.collect();
        let locals = self.explorer.locals(state).to_vec();
        for place in 0..locals.len() {
            for late in [false, true] {
                for message in self.sent_to(&locals, place) {
                    actions.push(Action::Deliver { place, message, late });
                }
                for cause in self.causes(state, place, late) {
                    actions.push(Action::Inner { place, cause, late });
                }
            }
        }
        actions.push(Action::Clock);
        let revealed = self.explorer.universe.revealed(&mut self.explorer.engine, &locals);
        for place in 0..locals.len() {
            for set in self.explorer.universe.sets(place, &revealed) {
                let messages = self.explorer.engine.sets.get(set).map(|set| set.to_vec()).unwrap_or_default();
                for message in messages {
                    actions.push(Action::Deliver { place, message, late: false });
                }
            }
        }
        actions
    }

    /// What honest members have said to a peer.
    fn sent_to(&mut self, locals: &[u32], place: usize) -> Vec<u32> {
        let Some(peer) = self.explorer.model.running.get(place).copied() else { return Vec::new() };
        let mut messages = Vec::new();
        for speaker in locals {
            let info = self.explorer.engine.info(*speaker);
            let set = info.sent_to.get(peer).and_then(|set| self.explorer.engine.sets.get(*set));
            messages.extend(set.into_iter().flat_map(|set| set.iter().copied()));
        }
        messages
    }

    fn members(&mut self, state: &[u32]) -> Vec<Member> {
        let locals = self.explorer.locals(state).to_vec();
        let mut members = Vec::new();
        for (place, number) in locals.into_iter().enumerate() {
            let explorer = &self.explorer;
            let Some(local) = explorer.engine.local_of(number) else { continue };
            let instances = local.instances.iter().filter_map(|number| explorer.engine.instance_of(*number));
            let machines = instances.filter_map(|instance| {
                let machine = explorer.engine.machine_of(instance.machine)?;
                Some(MachineState {
                    actor: instance.actor.to_string(),
                    state: machine.state().to_owned(),
                    faulted: instance.status == Status::Faulted,
                    fields: chart::fields(explorer, instance),
                })
            });
            members.push(Member {
                name: explorer.name(place).to_owned(),
                clock: chart::instant(local.clock),
                machines: machines.collect(),
            });
        }
        members
    }

    fn remarks(&mut self, state: &[u32]) -> Vec<(String, Remark)> {
        let values = self.properties.values(&mut self.explorer, &mut self.records, state);
        let watched = self.properties.watched.iter();
        let said = watched.filter(|watched| watched.judge(values, NOT_AT_ONCE) != Said::Nothing);
        let remarks = said.map(|watched| {
            let remark = match watched.property.claim {
                Claim::Sometimes(_) => Remark::Shown,
                Claim::Always(_) | Claim::Never(_) | Claim::Eventually(_) | Claim::Leads(..) => {
                    Remark::Broken
                }
            };
            (watched.property.name.clone(), remark)
        });
        remarks.collect()
    }
}
