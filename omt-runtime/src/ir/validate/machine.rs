//! Actors: stores, rosters, triggers, states, handlers, actions.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed does not fit, nor would a new kind")]

use super::types::Use;
use super::{Body, Caused, Checker, Scope};
use crate::ir::{
    Action, Actor, Argument, At, Branch, Cause, Collect, CollectForm, Expr, ExprKind, Fields, Handler, Limit,
    LimitKind, Local, Override, Place, State, Transition, Type,
};
use std::collections::BTreeSet;

impl<'p> Checker<'p> {
    pub(super) fn actor(&mut self, name: &'p str, actor: &'p Actor) {
        self.within("store", |c| c.fields(&actor.store, Use::Stored));
        self.within("shared", |c| c.fields(&actor.shared, Use::Stored));
        let at = actor.meta.at;
        if let Some(field) = actor.store.get(&self.protocol.session_key) {
            self.same(&field.ty, &Type::Hash, "session key", field.meta.at);
        }
        for (role, field) in &actor.peers {
            let holds_peers = match actor.store.get(field).map(|field| field.ty.plain()) {
                Some(Type::PeerId) => true,
                Some(Type::List(item)) => **item == Type::PeerId,
                Some(Type::Map(key, _)) => **key == Type::PeerId,
                _ => false,
            };
            if !holds_peers {
                self.report(at, format!("role {role}: store field {field} holds no peers"));
            }
        }
        for (trigger, declaration) in &actor.triggers {
            self.within(format!("trigger {trigger}"), |c| {
                let mut names = BTreeSet::new();
                for Argument { name, ty } in &declaration.arguments {
                    c.ty(ty, Use::Stored, declaration.meta.at);
                    if !names.insert(name) {
                        c.report(declaration.meta.at, format!("argument {name} twice"));
                    }
                }
                for state in &declaration.states {
                    c.target(actor, state, declaration.meta.at);
                }
            });
        }
        match actor.states.get(&actor.initial) {
            None => self.report(at, format!("initial state {} is not declared", actor.initial)),
            Some(state) if state.terminal => self.report(at, "the initial state is terminal"),
            Some(_) => {}
        }
        for (state_name, state) in &actor.states {
            self.within(format!("state {state_name}"), |c| c.state(name, actor, state));
        }
    }

    fn target(&mut self, actor: &Actor, state: &str, at: At) {
        if !actor.states.contains_key(state) {
            self.report(at, format!("state {state} is not declared"));
        }
    }

    fn state(&mut self, name: &'p str, actor: &'p Actor, state: &'p State) {
        if state.terminal
            && !(state.handlers.is_empty() && state.overrides.is_empty() && state.limits.is_empty())
        {
            self.report(state.meta.at, "a terminal state reacts to nothing");
        }
        for limit in &state.limits {
            self.limit(name, actor, limit);
        }
        for (index, handler) in state.handlers.iter().enumerate() {
            self.within(format!("handler {index}"), |c| match handler {
                Handler::Transition(transition) => c.transition(name, actor, state, transition),
                Handler::Collect(collect) => c.collect(name, actor, collect),
            });
        }
        for (index, entry) in state.overrides.iter().enumerate() {
            self.within(format!("override {index}"), |c| c.overriding(name, actor, entry));
        }
    }

    /// A parameter, or a field or path of the store.
    fn limit(&mut self, name: &'p str, actor: &'p Actor, limit: &'p Limit) {
        let at = limit.meta.at;
        let mut path = &limit.value;
        while let ExprKind::Field(inner, _) | ExprKind::Convert(_, inner) = &path.kind {
            path = inner;
        }
        if !matches!(path.kind, ExprKind::Parameter(_) | ExprKind::Store(_)) {
            self.report(at, "a time limit is a parameter, a field or a path of the store");
            return;
        }
        self.expr(
            &limit.value,
            Scope { frame: &[], body: Body::Actor { actor, name, cause: Caused::Nothing } },
        );
        let fits = match (limit.kind, limit.value.ty.plain()) {
            (_, Type::Duration) => true,
            (LimitKind::Timeout, Type::Timestamp) => true,
            (LimitKind::Timeout | LimitKind::Period, _) => false,
        };
        if !fits {
            self.report(at, format!("{} is no time limit", limit.value.ty));
        }
    }

    fn transition(&mut self, name: &'p str, actor: &'p Actor, state: &'p State, transition: &'p Transition) {
        let at = transition.meta.at;
        self.frame(&transition.frame, 0, at);
        let limited = |index: u32, kind: LimitKind| {
            let limit = usize::try_from(index).ok().and_then(|index| state.limits.get(index));
            limit.is_some_and(|limit| limit.kind == kind)
        };
        let (known, cause) = match &transition.cause {
            Cause::Auto => (true, Caused::Nothing),
            Cause::Message(message) => (self.receives(name, message), Caused::Message(message)),
            Cause::Trigger(trigger) => (actor.triggers.contains_key(trigger), Caused::Trigger(trigger)),
            Cause::Task(task) => (self.protocol.tasks.contains_key(task), Caused::Task(task)),
            Cause::Timeout(index) => (limited(*index, LimitKind::Timeout), Caused::Nothing),
            Cause::Period(index) => (limited(*index, LimitKind::Period), Caused::Nothing),
        };
        if !known {
            self.report(at, format!("{:?} cannot happen to this actor", transition.cause));
            return;
        }
        let scope = Scope { frame: &transition.frame, body: Body::Actor { actor, name, cause } };
        for (slot, value) in &transition.lets {
            self.bind(*slot, value, scope, value.meta);
        }
        self.guard(transition.guard.as_ref(), scope);
        for Branch { to, actions } in std::iter::once(&transition.then).chain(&transition.otherwise) {
            self.target(actor, to, at);
            self.actions(actions, scope);
        }
    }

    /// Is this a message to that actor?
    fn receives(&self, actor: &str, message: &str) -> bool {
        self.protocol.messages.get(message).is_some_and(|message| message.to.iter().any(|to| to == actor))
    }

    fn collect(&mut self, name: &'p str, actor: &'p Actor, collect: &'p Collect) {
        let at = collect.meta.at;
        self.frame(&collect.frame, 0, at);
        if !self.receives(name, &collect.message) {
            self.report(at, format!("message {} is not for this actor", collect.message));
            return;
        }
        let message = Type::Message(collect.message.clone());
        let expected = match &collect.form {
            CollectForm::Map => Type::Map(Box::new(Type::PeerId), Box::new(message)),
            CollectForm::SignedMap => {
                if !self.protocol.messages.get(&collect.message).is_some_and(|message| message.signed) {
                    self.report(at, format!("message {} is not signed", collect.message));
                }
                Type::Map(Box::new(Type::PeerId), Box::new(Type::Signed(collect.message.clone())))
            }
            CollectForm::List { senders } => {
                self.holds(&actor.store, senders, &Type::List(Box::new(Type::PeerId)), at);
                Type::List(Box::new(message))
            }
        };
        self.holds(&actor.store, &collect.into, &expected, at);
        let cause = Caused::Message(&collect.message);
        let scope = Scope { frame: &collect.frame, body: Body::Actor { actor, name, cause } };
        self.guard(collect.guard.as_ref(), scope);
        self.actions(&collect.actions, scope);
    }

    fn holds(&mut self, fields: &Fields, name: &str, ty: &Type, at: At) {
        match fields.get(name) {
            Some(field) => self.same(&field.ty, ty, name, at),
            None => self.report(at, format!("field {name} is not declared")),
        }
    }

    fn overriding(&mut self, name: &'p str, actor: &'p Actor, entry: &'p Override) {
        let at = entry.meta.at;
        self.frame(&entry.frame, 0, at);
        if !self.receives(name, &entry.message) {
            self.report(at, format!("message {} is not for this actor", entry.message));
            return;
        }
        let cause = Caused::Message(&entry.message);
        let scope = Scope { frame: &entry.frame, body: Body::Actor { actor, name, cause } };
        self.guard(entry.guard.as_ref(), scope);
    }

    fn bind(&mut self, slot: u32, value: &'p Expr, scope: Scope<'p>, at: At) {
        self.expr(value, scope);
        if let Some(ty) = self.slot(slot, scope, at) {
            self.same(&value.ty, &ty, "let", at);
        }
    }

    /// Type of what an assignment writes; reports and gives `None` if it may not be written here.
    fn place(&mut self, place: &Place, scope: Scope<'p>, at: At) -> Option<Type> {
        let found = match (place, scope.body) {
            (Place::Local(slot), _) => return self.slot(*slot, scope, at),
            (Place::Store(name), Body::Actor { actor, .. }) => actor.store.get(name),
            (Place::Shared(name), Body::Actor { actor, .. }) => actor.shared.get(name),
            (Place::View(name), Body::View { view, .. }) => view.fields.get(name),
            (Place::Store(_) | Place::Shared(_) | Place::View(_), _) => None,
        };
        if found.is_none() {
            self.report(at, format!("{place:?} cannot be written here"));
        }
        found.map(|field| field.ty.clone())
    }

    /// The name of the actor whose effects these are.
    fn effect(&mut self, scope: Scope<'p>, at: At) -> Option<&'p str> {
        match scope.body {
            Body::Actor { name, .. } => Some(name),
            Body::Function | Body::View { .. } => {
                self.report(at, "an effect outside an actor");
                None
            }
        }
    }

    /// A message or a block, sent by who may, with its payload.
    fn payload(
        &mut self,
        (what, name, by): (&str, &str, Option<&Vec<String>>),
        payload: &'p Expr,
        expected: Type,
        scope: Scope<'p>,
        at: At,
    ) {
        let Some(actor) = self.effect(scope, at) else { return };
        match by {
            None => self.report(at, format!("{what} {name} is not declared")),
            Some(by) if !by.iter().any(|by| by == actor) => {
                self.report(at, format!("{what} {name} is not {actor}'s to make"));
            }
            Some(_) => {}
        }
        self.expr(payload, scope);
        self.same(&payload.ty, &expected, name, at);
    }

    pub(super) fn actions(&mut self, actions: &'p [Action], scope: Scope<'p>) {
        for action in actions {
            self.action(action, scope);
        }
    }

    fn message(&mut self, message: &'p str, payload: &'p Expr, scope: Scope<'p>, at: At) {
        let by = self.protocol.messages.get(message).map(|message| &message.from);
        self.payload(("message", message, by), payload, Type::Message(message.to_owned()), scope, at);
    }

    fn action(&mut self, action: &'p Action, scope: Scope<'p>) {
        match action {
            Action::Assign { place, path, value, meta } => {
                if let Some(ty) = self.place(place, scope, *meta) {
                    self.assignment(&ty, path, value, scope, *meta);
                }
            }
            Action::Send { to, message, payload, meta } => {
                self.expr(to, scope);
                self.same(&to.ty, &Type::PeerId, "receiver", *meta);
                self.message(message, payload, scope, *meta);
            }
            Action::Broadcast { to, message, payload, meta } => {
                self.expr(to, scope);
                let fits = match &to.ty {
                    Type::List(item) => **item == Type::PeerId,
                    Type::Map(key, _) => **key == Type::PeerId,
                    _ => false,
                };
                if !fits {
                    self.report(*meta, format!("{} is no list or map of peers", to.ty));
                }
                self.message(message, payload, scope, *meta);
            }
            Action::Gossip { message, payload, meta } => self.message(message, payload, scope, *meta),
            Action::Append { into, block, payload, meta } => {
                let by = self.protocol.blocks.get(block).map(|block| &block.by);
                self.payload(("block", block, by), payload, Type::BlockPayload(block.clone()), scope, *meta);
                if let Some(place) = into
                    && let Some(ty) = self.place(place, scope, *meta)
                {
                    self.same(ty.plain(), &Type::Block(block.clone()), "appended block", *meta);
                }
            }
            Action::Let { slot, value, meta } => self.bind(*slot, value, scope, *meta),
            Action::If { condition, then, otherwise, meta } => {
                self.expr(condition, scope);
                self.same(&condition.ty, &Type::Bool, "condition", *meta);
                self.actions(then, scope);
                self.actions(otherwise, scope);
            }
            Action::For { slot, list, body, meta } => {
                self.each(*slot, list, scope, *meta);
                self.actions(body, scope);
            }
            Action::Abort { reason, meta } => {
                self.expr(reason, scope);
                self.same(&reason.ty, &Type::String, "reason", *meta);
            }
            Action::Start { task, arguments, meta } => {
                let _actor = self.effect(scope, *meta);
                match self.protocol.tasks.get(task) {
                    None => self.report(*meta, format!("task {task} is not declared")),
                    Some(native) => self.native_call(task, native, arguments, scope, *meta),
                }
            }
        }
    }
}

/// Expressions of a handler, with the frame that they use: for checks that follow calls.
pub(super) fn bodies(actor: &Actor) -> Vec<(Vec<&Expr>, &[Action], &[Local])> {
    let mut found: Vec<(Vec<&Expr>, &[Action], &[Local])> = Vec::new();
    for state in actor.states.values() {
        for limit in &state.limits {
            found.push((vec![&limit.value], &[], &[]));
        }
        for entry in &state.overrides {
            found.push((entry.guard.iter().collect(), &[], &entry.frame));
        }
        for handler in &state.handlers {
            match handler {
                Handler::Transition(transition) => {
                    let lets = transition.lets.iter().map(|(_, value)| value);
                    let frame = transition.frame.as_slice();
                    found.push((lets.chain(&transition.guard).collect(), &transition.then.actions, frame));
                    if let Some(branch) = &transition.otherwise {
                        found.push((Vec::new(), &branch.actions, frame));
                    }
                }
                Handler::Collect(collect) => {
                    found.push((collect.guard.iter().collect(), &collect.actions, &collect.frame));
                }
            }
        }
    }
    found
}
