//! Which store fields are certainly set in which state (LANGUAGE 5.4).
//!
//! A forward analysis over the transitions of each actor: what is set on entering a state is what every way into it
//! has set. Fields are never unset again, so a way only adds; where ways meet, the intersection holds.

use super::cause::{self, CauseKey, bound_by, never_waits_in_initial};
use super::scope::Scope;
use super::signature::{ActorInfo, Signatures};
use crate::source::Span;
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Fields = BTreeSet<String>;

/// One way from state to state.
struct Edge {
    from: String,
    to: String,
    sets: Fields,
    /// From the states that it leaves to its cause.
    span: Span,
}

/// A way from the initial state to another one.
pub(super) struct Way {
    /// The states on it, the initial one first.
    pub states: Vec<String>,
    /// The transitions between them.
    pub steps: Vec<Span>,
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
    pub fn way_without(&self, actor: &str, state: &str, field: &str) -> Option<Way> {
        let flow = self.actors.get(actor)?;
        let initial = flow.initial.clone()?;
        if flow.at_creation.contains(field) {
            return None;
        }
        // Each state with the way on which it was reached first.
        let mut seen: BTreeSet<String> = [initial.clone()].into();
        let mut queue = VecDeque::from([(vec![initial], Vec::new())]);
        while let Some((states, steps)) = queue.pop_front() {
            let last = states.last()?;
            if last == state {
                return Some(Way { states, steps });
            }
            for edge in flow.edges.iter().filter(|e| e.from == *last && !e.sets.contains(field)) {
                if seen.insert(edge.to.clone()) {
                    let (mut longer, mut through) = (states.clone(), steps.clone());
                    longer.push(edge.to.clone());
                    through.push(edge.span);
                    queue.push_back((longer, through));
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
        let message = if let CauseKey::Message(name) = &key { scope.message(name) } else { None };
        let lets: Vec<&str> = transition.lets.iter().map(|l| l.name.text.as_str()).collect();
        let names = Names { scope, info, hidden, lets, message };
        let branch = |when: bool, actions: Option<&ast::Actions>| -> Option<Fields> {
            let mut sets = bound.clone();
            if let Some(guard) = &transition.guard {
                sets.extend(not_null(guard, when, &names));
            }
            match actions {
                Some(actions) => set_by(&actions.list, sets, &names),
                None => Some(sets),
            }
        };
        let mut targets = vec![(&transition.to, branch(true, transition.actions.as_ref()))];
        if let Some(otherwise) = &transition.otherwise {
            targets.push((&otherwise.to, branch(false, otherwise.actions.as_ref())));
        }
        let span =
            transition.from.first().map_or(transition.cause.span, |n| n.span.to(transition.cause.span));
        for from in cause::sources(scope, info, transition) {
            if info.initial == Some(from) && never_waits_in_initial(info, &key) {
                continue;
            }
            for (to, sets) in &targets {
                // A branch that always aborts leads nowhere.
                let Some(sets) = sets else { continue };
                edges.push(Edge { from: from.to_owned(), to: to.text.clone(), sets: sets.clone(), span });
            }
        }
    }
    edges
}

/// What is set after actions; `None` when they never end.
fn set_by(list: &[ast::Action], mut sets: Fields, names: &Names<'_, '_>) -> Option<Fields> {
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
                first.extend(not_null(condition, true, names));
                let mut second = sets.clone();
                second.extend(not_null(condition, false, names));
                let first = set_by(&then.list, first, names);
                let second = match otherwise {
                    Some(otherwise) => set_by(&otherwise.list, second, names),
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
fn not_null(condition: &ast::Expr, when: bool, names: &Names<'_, '_>) -> Fields {
    match &condition.unparenthesized().kind {
        ast::ExprKind::Unary { op: ast::UnaryOp::Not, operand, .. } => not_null(operand, !when, names),
        ast::ExprKind::Binary { op: op @ (ast::BinaryOp::And | ast::BinaryOp::Or), left, right, .. } => {
            let left = not_null(left, when, names);
            let right = not_null(right, when, names);
            if (*op == ast::BinaryOp::And) == when {
                left.union(&right).cloned().collect()
            } else {
                left.intersection(&right).cloned().collect()
            }
        }
        ast::ExprKind::Binary { op: op @ (ast::BinaryOp::Eq | ast::BinaryOp::Ne), left, right, .. } => {
            let equal = (*op == ast::BinaryOp::Eq) == when;
            let mut found = Fields::new();
            for (side, other) in [(left, right), (right, left)] {
                let null = matches!(other.unparenthesized().kind, ast::ExprKind::Null);
                if (if equal { names.is_value(other) } else { null })
                    && let Some(name) = side.as_name()
                    && names.is_field(&name.text)
                {
                    found.insert(name.text.clone());
                }
            }
            found
        }
        // `if n == null then false else n > 3`: one branch decides.
        ast::ExprKind::If { condition, then, otherwise } => {
            let decided = |e: &ast::Expr| match e.unparenthesized().kind {
                ast::ExprKind::Bool(value) => value != when,
                _ => false,
            };
            let (first, second) = (not_null(then, when, names), not_null(otherwise, when, names));
            if decided(then) {
                not_null(condition, false, names).union(&second).cloned().collect()
            } else if decided(otherwise) {
                not_null(condition, true, names).union(&first).cloned().collect()
            } else {
                first.intersection(&second).cloned().collect()
            }
        }
        _ => Fields::new(),
    }
}

/// What a name means where a transition stands.
struct Names<'s, 'a> {
    scope: &'s Scope<'a>,
    info: &'s ActorInfo<'a>,
    /// Arguments of the trigger, which come before fields of the same name.
    hidden: Vec<&'s str>,
    lets: Vec<&'s str>,
    message: Option<&'a ast::Message>,
}

impl Names<'_, '_> {
    fn is_field(&self, name: &str) -> bool {
        self.info.store.contains_key(name) && !self.hidden.contains(&name)
    }

    /// Can an expression certainly not be null? What equals it is not null either.
    fn is_value(&self, expr: &ast::Expr) -> bool {
        match &expr.unparenthesized().kind {
            ast::ExprKind::Number(_)
            | ast::ExprKind::Quantity { .. }
            | ast::ExprKind::String(_)
            | ast::ExprKind::Bool(_) => true,
            ast::ExprKind::Unary { op: ast::UnaryOp::Neg, .. } => true,
            ast::ExprKind::Name(name) => {
                let name = name.text.as_str();
                let other = self.hidden.contains(&name)
                    || self.lets.contains(&name)
                    || self.info.store.contains_key(name)
                    || self.info.shared.contains_key(name);
                !other && (self.scope.parameters.contains_key(name) || self.scope.values.contains_key(name))
            }
            // A field of the message itself, also by way of its payload.
            ast::ExprKind::Field { base, name } => {
                let whole = base.as_name().is_some_and(|b| b.text == "message")
                    || matches!(&base.unparenthesized().kind, ast::ExprKind::Field { base, name }
                        if name.text == "payload" && base.as_name().is_some_and(|b| b.text == "message"));
                let declared =
                    self.message.and_then(|m| m.fields.list.iter().find(|f| f.name.text == name.text));
                whole && declared.is_some_and(|field| !field.ty.optional)
            }
            _ => false,
        }
    }
}
