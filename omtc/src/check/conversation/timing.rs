//! Who answers whom, and where a step ends: what the checks of races and of left-over messages ask.

use crate::check::walk;
use omt_runtime::ir::{
    Action, Actor, Branch, Cause, ExprKind, Handler, ParameterValue, Protocol, State, Transition,
};
use std::collections::BTreeSet;

/// One way that a step may take: what it says on it, and where it ends.
pub struct Course<'a> {
    /// Messages that it sends, certainly or perhaps.
    pub says: BTreeSet<&'a str>,
    /// The state that it ends in.
    pub ends: &'a str,
}

/// So many ways of one step are followed; each passed state at least doubles them.
const COURSES_MAX: usize = 256;

/// All ways from a branch on, through states that are only passed.
pub fn courses<'a>(actor: &'a Actor, branch: &'a Branch) -> Vec<Course<'a>> {
    let mut found = Vec::new();
    let mut open = vec![(branch, BTreeSet::new(), BTreeSet::new())];
    while let Some((branch, mut says, mut seen)) = open.pop() {
        sent(&branch.actions, &mut says);
        let to = branch.to.as_str();
        let Some(state) = actor.states.get(to) else { continue };
        if !state.passed_through() {
            found.push(Course { says, ends: to });
        } else if seen.insert(to) && found.len().saturating_add(open.len()) < COURSES_MAX {
            for t in transitions(state).filter(|t| t.cause == Cause::Auto) {
                for branch in std::iter::once(&t.then).chain(&t.otherwise) {
                    open.push((branch, says.clone(), seen.clone()));
                }
            }
        }
    }
    found
}

/// The states in which a step that takes this branch may end.
pub fn ends<'a>(actor: &'a Actor, branch: &'a Branch) -> BTreeSet<&'a str> {
    courses(actor, branch).into_iter().map(|course| course.ends).collect()
}

/// Messages that a step may send that takes this branch.
pub fn says<'a>(actor: &'a Actor, branch: &'a Branch) -> BTreeSet<&'a str> {
    courses(actor, branch).into_iter().flat_map(|course| course.says).collect()
}

fn sent<'a>(list: &'a [Action], found: &mut BTreeSet<&'a str>) {
    walk::actions(list, &mut |action| found.extend(walk::sends(action)));
}

/// Transitions of a state.
pub fn transitions(state: &State) -> impl Iterator<Item = &Transition> {
    state.handlers.iter().filter_map(|handler| match handler {
        Handler::Transition(t) => Some(t),
        Handler::Collect(_) => None,
    })
}

/// A time limit of a transition that is a parameter: its name and microseconds.
pub fn limit<'a>(protocol: &'a Protocol, state: &'a State, t: &Transition) -> Option<(&'a str, i64)> {
    let Cause::Timeout(index) = &t.cause else { return None };
    let limit = state.limits.get(usize::try_from(*index).ok()?)?;
    let ExprKind::Parameter(name) = &super::slots::bare(&limit.value).kind else { return None };
    match protocol.parameters.get(name)?.value {
        ParameterValue::Duration(span) => Some((name, span)),
        _ => None,
    }
}
