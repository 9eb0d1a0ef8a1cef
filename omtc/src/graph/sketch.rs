//! A machine as its source says it, whatever is wrong with that: states that are named nowhere are drawn where a
//! transition leads to them, and nothing is looked up.

use super::ids::Ids;
use super::model::{Diagram, Edge, Kind, Node, StateKind};
use crate::source::SourceMap;
use crate::syntax::ast::{
    Action, ActionKind, Actions, Actor, CauseKind, Expr, Ident, Item, StateFlag, Transition,
};

/// The machine of an actor that has no IR because something is wrong.
pub fn sketch(sources: &SourceMap, actor: &Actor) -> Diagram {
    let name = actor.name.text.clone();
    let mut sketch = Sketch {
        sources,
        ids: Ids::new(&name),
        diagram: Diagram {
            about: format!("{name}, as far as its source can be read"),
            name,
            ..Diagram::default()
        },
        lines: 0,
    };
    for item in &actor.items {
        if let Item::State(state) = item {
            let kind = StateKind {
                initial: state.has(StateFlag::Initial),
                terminal: state.has(StateFlag::Terminal),
                rest: state.has(StateFlag::Rest),
                passed_through: false,
            };
            let about = state.text.as_ref().map(|text| text.text.clone());
            sketch.state(&state.name.text, kind, about);
        }
    }
    for item in &actor.items {
        match item {
            Item::Transition(transition) => sketch.transition(transition),
            Item::Collect(collect) => {
                let guard = collect.guard.as_ref().map(|guard| format!("when {}", sketch.slice(guard)));
                let effects = sketch.effects(collect.actions.as_ref());
                let message = &collect.message.text;
                let way = Way {
                    to: None,
                    otherwise: false,
                    cause: format!("collects {message} in {}", collect.into.text),
                    key: format!("collect-{message}"),
                    guard,
                    effects,
                };
                sketch.edges(&collect.states, &way);
            }
            Item::Store(_)
            | Item::Shared(_)
            | Item::Peers(_)
            | Item::Trigger(_)
            | Item::State(_)
            | Item::Override(_) => {}
        }
    }
    sketch.diagram
}

/// A way out of states.
struct Way {
    to: Option<String>,
    otherwise: bool,
    cause: String,
    key: String,
    guard: Option<String>,
    effects: Vec<String>,
}

struct Sketch<'a> {
    sources: &'a SourceMap,
    ids: Ids,
    diagram: Diagram,
    lines: usize,
}

impl Sketch<'_> {
    fn state(&mut self, name: &str, kind: StateKind, about: Option<String>) -> usize {
        if let Some(known) = self.diagram.node(name) {
            return known;
        }
        let id = self.ids.state(name);
        self.diagram.nodes.push(Node { id, name: name.to_owned(), kind: Kind::State(kind), about });
        self.diagram.nodes.len() - 1
    }

    fn slice(&self, expr: &Expr) -> String {
        self.sources.slice(expr.span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn transition(&mut self, transition: &Transition) {
        let joined =
            |names: &[Ident]| names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
        let (cause, key) = match &transition.cause.kind {
            CauseKind::Auto => ("auto".to_owned(), "auto".to_owned()),
            CauseKind::On(name) => (format!("on {}", name.text), format!("on-{}", name.text)),
            CauseKind::Timeout(names) => {
                (format!("timeout({})", joined(names)), format!("timeout-{}", joined(names)))
            }
            CauseKind::Every(name) => (format!("every({})", name.text), format!("every-{}", name.text)),
        };
        let guard = transition.guard.as_ref().map(|guard| format!("when {}", self.slice(guard)));
        let then = Way {
            to: Some(transition.to.text.clone()),
            otherwise: false,
            cause: cause.clone(),
            key: key.clone(),
            guard,
            effects: self.effects(transition.actions.as_ref()),
        };
        self.edges(&transition.from, &then);
        if let Some(otherwise) = &transition.otherwise {
            let way = Way {
                to: Some(otherwise.to.text.clone()),
                otherwise: true,
                cause,
                key,
                guard: Some("else".to_owned()),
                effects: self.effects(otherwise.actions.as_ref()),
            };
            self.edges(&transition.from, &way);
        }
    }

    fn edges(&mut self, from: &[Ident], way: &Way) {
        let any = matches!(from, [only] if only.text == "any" && self.diagram.node("any").is_none());
        let sources: Vec<String> = if any {
            let waiting = self.diagram.nodes.iter().filter(|node| {
                !matches!(node.kind, Kind::State(StateKind { terminal: true, .. }))
                    && Some(&node.name) != way.to.as_ref()
            });
            waiting.map(|node| node.name.clone()).collect()
        } else {
            from.iter().map(|name| name.text.clone()).collect()
        };
        self.lines += 1;
        for source in sources {
            let from = self.state(&source, StateKind::default(), None);
            let to = way.to.as_ref().map_or(from, |to| self.state(to, StateKind::default(), None));
            let id = self.ids.transition(&source, &way.key, way.otherwise);
            self.diagram.edges.push(Edge {
                id,
                from,
                to,
                line: self.lines,
                cause: way.cause.clone(),
                guard: way.guard.clone(),
                effects: way.effects.clone(),
                whole: way.guard.iter().chain(&way.effects).cloned().collect(),
                handler: None,
            });
        }
    }

    fn effects(&self, actions: Option<&Actions>) -> Vec<String> {
        let mut found = Vec::new();
        for action in actions.into_iter().flat_map(|actions| &actions.list) {
            self.effect(action, &mut found);
        }
        found
    }

    fn effect(&self, action: &Action, found: &mut Vec<String>) {
        let effect = match &action.kind {
            ActionKind::Send { to, message, .. } => format!("sends {} to {}", message.text, self.slice(to)),
            ActionKind::Broadcast { to, message, .. } => {
                format!("sends {} to each of {}", message.text, self.slice(to))
            }
            ActionKind::AppendBlock { block, .. } => format!("appends {}", block.text),
            ActionKind::Start { task, .. } => format!("starts {}", task.text),
            ActionKind::Abort(_) => "faults".to_owned(),
            ActionKind::If { then, otherwise, .. } => {
                for action in then.list.iter().chain(otherwise.iter().flat_map(|actions| &actions.list)) {
                    self.effect(action, found);
                }
                return;
            }
            ActionKind::For { body, .. } => {
                for action in &body.list {
                    self.effect(action, found);
                }
                return;
            }
            ActionKind::Store(_)
            | ActionKind::Assign { .. }
            | ActionKind::StoreCall { .. }
            | ActionKind::Lookup { .. }
            | ActionKind::AssignIndex { .. }
            | ActionKind::Let { .. }
            | ActionKind::Append { .. } => return,
        };
        if !found.contains(&effect) {
            found.push(effect);
        }
    }
}
