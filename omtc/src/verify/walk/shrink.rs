//! A run made shorter: whatever can be left out is.

use super::super::explore::Label;
use super::super::property::Said;
use super::{Action, NOT_AT_ONCE, Path, Target, Walker};

/// Runs that are tried to make one shorter.
const TRIES_MAX: usize = 2_000;

impl Walker<'_> {
    /// Zeller and Hildebrandt's minimizing: parts are left out, large ones first, as long as what was found is found again.
    pub(super) fn shrunk(&mut self, target: Target, actions: &[Action]) -> Vec<Action> {
        let mut best = actions.to_vec();
        let mut tries = 0;
        let mut part = best.len().div_ceil(2);
        while part > 0 && tries < TRIES_MAX {
            let mut shorter = false;
            // From the end on: what comes last depends on what comes first.
            let mut end = best.len();
            while end > 0 && tries < TRIES_MAX {
                let start = end.saturating_sub(part);
                let mut without = best.get(..start).unwrap_or_default().to_vec();
                without.extend(best.get(end..).unwrap_or_default().iter().cloned());
                tries += 1;
                if self.again(target, &without).is_some() {
                    best = self.taken(target, &without);
                    shorter = true;
                }
                end = start.min(best.len());
            }
            if !shorter {
                part /= 2;
            }
        }
        best
    }

    /// The actions of a run that can be taken, up to where it is found.
    fn taken(&mut self, target: Target, actions: &[Action]) -> Vec<Action> {
        self.follow(target, actions).map_or_else(|| actions.to_vec(), |(_, taken)| taken)
    }

    /// The path of actions to what is to be found; what cannot be taken is left out.
    pub(super) fn again(&mut self, target: Target, actions: &[Action]) -> Option<Path> {
        self.follow(target, actions).map(|(path, _)| path)
    }

    fn follow(&mut self, target: Target, actions: &[Action]) -> Option<(Path, Vec<Action>)> {
        let mut states = vec![self.explorer.initial()];
        let mut labels: Vec<Label> = Vec::new();
        let mut taken: Vec<Action> = Vec::new();
        let mut pending = self.pending();
        let first = states.first().cloned()?;
        let values = self.properties.values(&mut self.explorer, &mut self.records, &first);
        self.wait(&mut pending, values);
        for action in actions {
            let Some(state) = states.last().cloned() else { break };
            let Some((label, next)) = self.take(&state, action) else { continue };
            labels.push(label);
            taken.push(action.clone());
            let values = self.properties.values(&mut self.explorer, &mut self.records, &next);
            self.wait(&mut pending, values);
            let found = self.is_there(target, &next);
            states.push(next);
            if found {
                return Some(((states, labels), taken));
            }
        }
        let last = states.last().cloned()?;
        let found = matches!(target, Target::Run(_)) && self.ends(&pending, &last) == Some(target);
        found.then_some(((states, labels), taken))
    }

    fn is_there(&mut self, target: Target, state: &[u32]) -> bool {
        match target {
            Target::Run(_) => false,
            Target::State(number) => {
                let values = self.properties.values(&mut self.explorer, &mut self.records, state);
                self.properties
                    .watched
                    .get(number)
                    .is_some_and(|watched| watched.judge(values, NOT_AT_ONCE) != Said::Nothing)
            }
            Target::Fault => {
                let locals = self.explorer.locals(state).to_vec();
                locals.into_iter().any(|local| self.explorer.engine.info(local).fault != 0)
            }
            Target::Stuck => {
                let locals = self.explorer.locals(state).to_vec();
                locals.into_iter().any(|local| self.explorer.engine.info(local).stuck.is_some())
            }
        }
    }
}
