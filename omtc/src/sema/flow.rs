//! Which store fields are certainly set in which state (LANGUAGE 5.4).
//!
//! A forward analysis over the transitions of each actor: what is set on entering a state is what every way into it
//! has set. Fields are never unset again, so a way only adds; where ways meet, the intersection holds.

use super::cause::{self, CauseKey, bound_by, never_waits_in_initial};
use super::scope::Scope;
use super::signature::{ActorInfo, Signatures};
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Fields = BTreeSet<String>;

/// One way from state to state.
struct Edge {
    from: String,
    to: String,
    sets: Fields,
}

/// What is known of one actor.
struct ActorFlow {
    initial: Option<String>,
    at_creation: Fields,
    edges: Vec<Edge>,
    /// `None`: never entered, so everything holds.
    entered: BTreeMap<String, Option<Fields>>,
    all: Fields,
}

/// What is known of all actors of a unit.
pub(super) struct Flows {
    actors: BTreeMap<String, ActorFlow>,
}

impl Flows {
    pub fn new(scope: &Scope<'_>, signatures: &Signatures<'_>) -> Self {
        let flow = |info: &ActorInfo<'_>| analyze(scope, info, &signatures.session_key);
        Flows { actors: signatures.actors.iter().map(|(n, info)| ((*n).to_owned(), flow(info))).collect() }
    }

    /// Fields that are certainly set in a state; all of them where no instance ever comes.
    pub fn set_in(&self, actor: &str, state: &str) -> Fields {
        let Some(flow) = self.actors.get(actor) else { return Fields::new() };
        match flow.entered.get(state) {
            Some(Some(set)) => set.clone(),
            Some(None) | None => flow.all.clone(),
        }
    }

    /// The shortest way to a state on which nothing sets the field.
    pub fn path_without(&self, actor: &str, state: &str, field: &str) -> Option<Vec<String>> {
        let flow = self.actors.get(actor)?;
        let initial = flow.initial.clone()?;
        if flow.at_creation.contains(field) {
            return None;
        }
        let mut seen: BTreeSet<String> = [initial.clone()].into();
        let mut queue = VecDeque::from([vec![initial]]);
        while let Some(way) = queue.pop_front() {
            let last = way.last()?;
            if last == state {
                return Some(way);
            }
            for edge in flow.edges.iter().filter(|e| e.from == *last && !e.sets.contains(field)) {
                if seen.insert(edge.to.clone()) {
                    let mut longer = way.clone();
                    longer.push(edge.to.clone());
                    queue.push_back(longer);
                }
            }
        }
        None
    }
}

fn analyze(scope: &Scope<'_>, info: &ActorInfo<'_>, session_key: &str) -> ActorFlow {
    let empty = info
        .store
        .iter()
        .filter(|(name, slot)| {
            name.as_str() == session_key || slot.ty.as_ref().is_none_or(|ty| ty.begins_empty())
        })
        .map(|(name, _)| name.clone());
    let mut flow = ActorFlow {
        initial: info.initial.map(str::to_owned),
        at_creation: empty.collect(),
        edges: edges(scope, info),
        entered: info.states.keys().map(|s| ((*s).to_owned(), None)).collect(),
        all: info.store.keys().cloned().collect(),
    };
    let Some(initial) = flow.initial.clone() else { return flow };
    flow.entered.insert(initial.clone(), Some(flow.at_creation.clone()));
    let mut work = VecDeque::from([initial]);
    while let Some(state) = work.pop_front() {
        let Some(Some(here)) = flow.entered.get(&state).cloned() else { continue };
        for edge in flow.edges.iter().filter(|e| e.from == state) {
            let there: Fields = here.union(&edge.sets).cloned().collect();
            let Some(slot) = flow.entered.get_mut(&edge.to) else { continue };
            let next = match slot {
                None => there,
                Some(before) => before.intersection(&there).cloned().collect(),
            };
            if slot.as_ref() != Some(&next) {
                *slot = Some(next);
                work.push_back(edge.to.clone());
            }
        }
    }
    flow
}

fn edges(scope: &Scope<'_>, info: &ActorInfo<'_>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for item in &info.decl.items {
        let ast::Item::Transition(transition) = item else { continue };
        let key = cause::key(scope, info, &transition.cause);
        let mut bound = Fields::new();
        if let CauseKey::Message(name) = &key
            && let Some(message) = scope.message(name)
        {
            bound.extend(bound_by(info, message).map(str::to_owned));
        }
        let hidden: Vec<&str> = match &key {
            CauseKey::Trigger(name) => info
                .triggers
                .get(name.as_str())
                .map(|t| t.arguments.iter().map(|(n, _)| n.as_str()).collect())
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        let is_field = |name: &str| info.store.contains_key(name) && !hidden.contains(&name);
        let branch = |when: bool, actions: Option<&ast::Actions>| -> Option<Fields> {
            let mut sets = bound.clone();
            if let Some(guard) = &transition.guard {
                sets.extend(not_null(guard, when, &is_field));
            }
            match actions {
                Some(actions) => set_by(&actions.list, sets, &is_field),
                None => Some(sets),
            }
        };
        let mut targets = vec![(&transition.to, branch(true, transition.actions.as_ref()))];
        if let Some(otherwise) = &transition.otherwise {
            targets.push((&otherwise.to, branch(false, otherwise.actions.as_ref())));
        }
        for from in cause::sources(scope, info, transition) {
            if info.initial == Some(from) && never_waits_in_initial(info, &key) {
                continue;
            }
            for (to, sets) in &targets {
                // A branch that always aborts leads nowhere.
                let Some(sets) = sets else { continue };
                edges.push(Edge { from: from.to_owned(), to: to.text.clone(), sets: sets.clone() });
            }
        }
    }
    edges
}

/// What is set after actions; `None` when they never end.
fn set_by(list: &[ast::Action], mut sets: Fields, is_field: &dyn Fn(&str) -> bool) -> Option<Fields> {
    for action in list {
        match &action.kind {
            ast::ActionKind::Store(names) => sets.extend(names.iter().map(|n| n.text.clone())),
            ast::ActionKind::Assign { target, .. }
            | ast::ActionKind::StoreCall { target, .. }
            | ast::ActionKind::Lookup { target, .. } => {
                sets.insert(target.text.clone());
            }
            ast::ActionKind::AppendBlock { result, .. } => sets.extend(result.iter().map(|n| n.text.clone())),
            ast::ActionKind::If { condition, then, otherwise } => {
                let mut first = sets.clone();
                first.extend(not_null(condition, true, is_field));
                let mut second = sets.clone();
                second.extend(not_null(condition, false, is_field));
                let first = set_by(&then.list, first, is_field);
                let second = match otherwise {
                    Some(otherwise) => set_by(&otherwise.list, second, is_field),
                    None => Some(second),
                };
                sets = match (first, second) {
                    (Some(a), Some(b)) => a.intersection(&b).cloned().collect(),
                    (Some(only), None) | (None, Some(only)) => only,
                    (None, None) => return None,
                };
            }
            ast::ActionKind::Abort(_) => return None,
            ast::ActionKind::AssignIndex { .. }
            | ast::ActionKind::Let { .. }
            | ast::ActionKind::Append { .. }
            | ast::ActionKind::Send { .. }
            | ast::ActionKind::Broadcast { .. }
            | ast::ActionKind::For { .. }
            | ast::ActionKind::Start { .. } => {}
        }
    }
    Some(sets)
}

/// Store fields that are not null when a condition is true (`when`), or false.
fn not_null(condition: &ast::Expr, when: bool, is_field: &dyn Fn(&str) -> bool) -> Fields {
    match &condition.unparenthesized().kind {
        ast::ExprKind::Unary { op: ast::UnaryOp::Not, operand, .. } => not_null(operand, !when, is_field),
        ast::ExprKind::Binary { op: op @ (ast::BinaryOp::And | ast::BinaryOp::Or), left, right, .. } => {
            let left = not_null(left, when, is_field);
            let right = not_null(right, when, is_field);
            if (*op == ast::BinaryOp::And) == when {
                left.union(&right).cloned().collect()
            } else {
                left.intersection(&right).cloned().collect()
            }
        }
        ast::ExprKind::Binary { op: op @ (ast::BinaryOp::Eq | ast::BinaryOp::Ne), left, right, .. } => {
            let unequal = (*op == ast::BinaryOp::Ne) == when;
            let mut found = Fields::new();
            for (side, other) in [(left, right), (right, left)] {
                if unequal
                    && matches!(other.unparenthesized().kind, ast::ExprKind::Null)
                    && let Some(name) = side.as_name()
                    && is_field(&name.text)
                {
                    found.insert(name.text.clone());
                }
            }
            found
        }
        _ => Fields::new(),
    }
}
