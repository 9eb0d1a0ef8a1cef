//! Walking over the IR: every expression of a handler, the functions that it reaches, its branches.

use super::Context;
use crate::diagnostic::{Code, Diagnostic};
use omt_runtime::ir::{
    Action, Actor, At, Branch, Cause, Expr, ExprKind, Handler, Local, Protocol, Selector, State, Stmt,
};
use std::collections::BTreeSet;

/// Calls `see` for an expression and everything in it, outermost first.
pub fn expression<'a>(expr: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    see(expr);
    children(expr, &mut |part| expression(part, see));
}

/// Calls `see` for what an expression is directly made of.
pub fn children<'a>(expr: &'a Expr, see: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Integer(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::Null
        | ExprKind::EnumValue(..)
        | ExprKind::Parameter(_)
        | ExprKind::Local(_)
        | ExprKind::Store(_)
        | ExprKind::Load(_)
        | ExprKind::Shared(_)
        | ExprKind::ViewField(_)
        | ExprKind::CurrentBlock
        | ExprKind::Argument(_)
        | ExprKind::TaskResult
        | ExprKind::Payload
        | ExprKind::Sender
        | ExprKind::SignedMessage
        | ExprKind::Session
        | ExprKind::SelfId
        | ExprKind::OwnChain => {}
        ExprKind::Field(of, _)
        | ExprKind::Unary(_, of)
        | ExprKind::View(_, of)
        | ExprKind::Lambda(_, of)
        | ExprKind::Convert(_, of) => see(of),
        ExprKind::Index(a, b) | ExprKind::Let(_, a, b) | ExprKind::Binary(_, a, b) => {
            see(a);
            see(b);
        }
        ExprKind::Record(fields) => fields.iter().for_each(|(_, e)| see(e)),
        ExprKind::List(items) => items.iter().for_each(see),
        ExprKind::Map(entries) => {
            for (key, value) in entries {
                see(key);
                see(value);
            }
        }
        ExprKind::CompareFraction { op: _, numerator, denominator, fraction } => {
            for e in [numerator, denominator, fraction] {
                see(e);
            }
        }
        ExprKind::If(a, b, c) => {
            for e in [a, b, c] {
                see(e);
            }
        }
        ExprKind::Call(_, arguments)
        | ExprKind::CallLocal(_, arguments)
        | ExprKind::Native(_, arguments)
        | ExprKind::Builtin(_, arguments) => arguments.iter().for_each(see),
    }
}

/// Like [`children`], to change them.
pub fn children_mut(expr: &mut Expr, see: &mut dyn FnMut(&mut Expr)) {
    match &mut expr.kind {
        ExprKind::Integer(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::Null
        | ExprKind::EnumValue(..)
        | ExprKind::Parameter(_)
        | ExprKind::Local(_)
        | ExprKind::Store(_)
        | ExprKind::Load(_)
        | ExprKind::Shared(_)
        | ExprKind::ViewField(_)
        | ExprKind::CurrentBlock
        | ExprKind::Argument(_)
        | ExprKind::TaskResult
        | ExprKind::Payload
        | ExprKind::Sender
        | ExprKind::SignedMessage
        | ExprKind::Session
        | ExprKind::SelfId
        | ExprKind::OwnChain => {}
        ExprKind::Field(of, _)
        | ExprKind::Unary(_, of)
        | ExprKind::View(_, of)
        | ExprKind::Lambda(_, of)
        | ExprKind::Convert(_, of) => see(of),
        ExprKind::Index(a, b) | ExprKind::Let(_, a, b) | ExprKind::Binary(_, a, b) => {
            see(a);
            see(b);
        }
        ExprKind::Record(fields) => fields.iter_mut().for_each(|(_, e)| see(e)),
        ExprKind::List(items) => items.iter_mut().for_each(see),
        ExprKind::Map(entries) => {
            for (key, value) in entries {
                see(key);
                see(value);
            }
        }
        ExprKind::CompareFraction { op: _, numerator, denominator, fraction } => {
            for e in [numerator, denominator, fraction] {
                see(e);
            }
        }
        ExprKind::If(a, b, c) => {
            for e in [a, b, c] {
                see(e);
            }
        }
        ExprKind::Call(_, arguments)
        | ExprKind::CallLocal(_, arguments)
        | ExprKind::Native(_, arguments)
        | ExprKind::Builtin(_, arguments) => arguments.iter_mut().for_each(see),
    }
}

fn path<'a>(path: &'a [Selector], see: &mut dyn FnMut(&'a Expr)) {
    path.iter().for_each(|selector| expression(&selector.key, see));
}

/// Calls `see` for every action of a list, inner ones after the one that holds them.
pub fn actions<'a>(list: &'a [Action], see: &mut dyn FnMut(&'a Action)) {
    for action in list {
        see(action);
        match action {
            Action::If { then, otherwise, .. } => {
                actions(then, see);
                actions(otherwise, see);
            }
            Action::For { body, .. } => actions(body, see),
            Action::Assign { .. }
            | Action::Send { .. }
            | Action::Broadcast { .. }
            | Action::Gossip { .. }
            | Action::Append { .. }
            | Action::Let { .. }
            | Action::Abort { .. }
            | Action::Start { .. } => {}
        }
    }
}

/// Calls `see` for every expression of the body of a function.
pub fn body<'a>(statements: &'a [Stmt], see: &mut dyn FnMut(&'a Expr)) {
    for statement in statements {
        match statement {
            Stmt::Return { value, meta: _ } => expression(value, see),
            Stmt::Assign { slot: _, path: selectors, value, meta: _ } => {
                path(selectors, see);
                expression(value, see);
            }
            Stmt::For { slot: _, list, body: inner, meta: _ } => {
                expression(list, see);
                body(inner, see);
            }
            Stmt::If { condition, then, otherwise, meta: _ } => {
                expression(condition, see);
                body(then, see);
                body(otherwise, see);
            }
            Stmt::Fail { .. } => {}
        }
    }
}

/// The functions that an expression calls, directly or through others.
pub fn reached<'a>(protocol: &'a Protocol, expr: &'a Expr) -> BTreeSet<&'a str> {
    let mut open: Vec<&'a str> = Vec::new();
    expression(expr, &mut |e| calls(e, &mut open));
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        if let Some(function) = protocol.functions.get(name) {
            body(&function.body, &mut |e| calls(e, &mut open));
        }
    }
    seen
}

/// The function that an expression itself calls.
pub fn calls<'a>(expr: &'a Expr, found: &mut Vec<&'a str>) {
    if let ExprKind::Call(name, _) = &expr.kind {
        found.push(name);
    }
}

/// Calls `see` for everything that is evaluated when `expr` is, in it and in the functions that it reaches;
/// the name is that of the function, none for the expression itself.
pub fn evaluated<'a>(protocol: &'a Protocol, expr: &'a Expr, see: &mut dyn FnMut(Option<&'a str>, &'a Expr)) {
    expression(expr, &mut |e| see(None, e));
    for name in reached(protocol, expr) {
        if let Some(function) = protocol.functions.get(name) {
            body(&function.body, &mut |e| see(Some(name), e));
        }
    }
}

/// Something that is evaluated where it must not be.
pub struct Found<'a> {
    /// What it is, in words.
    pub what: String,
    /// The expression that was looked through.
    root: &'a Expr,
    /// Where in it, or in a function.
    at: At,
    /// The function, if it is in one.
    function: Option<&'a str>,
}

/// The first thing that `ask` names in what is evaluated when `root` is.
pub fn first<'a>(
    protocol: &'a Protocol,
    root: &'a Expr,
    ask: impl Fn(&Expr) -> Option<String>,
) -> Option<Found<'a>> {
    let mut found = None;
    evaluated(protocol, root, &mut |function, e| {
        if found.is_none()
            && let Some(what) = ask(e)
        {
            found = Some(Found { what, root, at: e.meta, function });
        }
    });
    found
}

impl Found<'_> {
    /// A diagnostic at the expression itself, or at the root with a second label in the function.
    pub fn report(&self, context: &Context<'_>, code: Code, message: String) -> Diagnostic {
        match self.function {
            None => Diagnostic::new(code, context.span(self.at), message).with_label("asked here"),
            Some(function) => Diagnostic::new(code, context.span(self.root.meta), message)
                .with_label(format!("{function} asks for {}", self.what))
                .with_secondary(context.span(self.at), "asked here"),
        }
    }
}

/// The `then` and `else` of a transition; none of a collect.
pub fn branches(handler: &Handler) -> impl Iterator<Item = &Branch> {
    let (then, otherwise) = match handler {
        Handler::Transition(t) => (Some(&t.then), t.otherwise.as_ref()),
        Handler::Collect(_) => (None, None),
    };
    then.into_iter().chain(otherwise)
}

/// What a handler does.
pub fn handler_actions(handler: &Handler) -> Vec<&[Action]> {
    match handler {
        Handler::Transition(_) => branches(handler).map(|b| b.actions.as_slice()).collect(),
        Handler::Collect(c) => vec![c.actions.as_slice()],
    }
}

/// What decides whether a handler fires: its `let`s and its guard.
pub fn conditions(handler: &Handler) -> Vec<&Expr> {
    match handler {
        Handler::Transition(t) => t.lets.iter().map(|(_, e)| e).chain(&t.guard).collect(),
        Handler::Collect(c) => c.guard.iter().collect(),
    }
}

/// Where a handler stands.
pub fn place(handler: &Handler) -> At {
    match handler {
        Handler::Transition(t) => t.meta.at,
        Handler::Collect(c) => c.meta.at,
    }
}

/// Where an action stands.
pub fn action_place(action: &Action) -> At {
    match action {
        Action::Assign { meta, .. }
        | Action::Send { meta, .. }
        | Action::Broadcast { meta, .. }
        | Action::Gossip { meta, .. }
        | Action::Append { meta, .. }
        | Action::Let { meta, .. }
        | Action::If { meta, .. }
        | Action::For { meta, .. }
        | Action::Abort { meta, .. }
        | Action::Start { meta, .. } => *meta,
    }
}

/// The message that an action sends.
pub fn sends(action: &Action) -> Option<&str> {
    match action {
        Action::Send { message, .. } | Action::Broadcast { message, .. } | Action::Gossip { message, .. } => {
            Some(message)
        }
        Action::Assign { .. }
        | Action::Append { .. }
        | Action::Let { .. }
        | Action::If { .. }
        | Action::For { .. }
        | Action::Abort { .. }
        | Action::Start { .. } => None,
    }
}

/// The message that a handler reacts to.
pub fn message(handler: &Handler) -> Option<&str> {
    match handler {
        Handler::Transition(t) => match &t.cause {
            Cause::Message(name) => Some(name),
            Cause::Auto | Cause::Trigger(_) | Cause::Task(_) | Cause::Timeout(_) | Cause::Period(_) => None,
        },
        Handler::Collect(c) => Some(&c.message),
    }
}

/// All states of all actors.
pub fn states(protocol: &Protocol) -> impl Iterator<Item = (&str, &Actor, &str, &State)> {
    protocol.actors.iter().flat_map(|(actor_name, actor)| {
        actor.states.iter().map(move |(name, state)| (actor_name.as_str(), actor, name.as_str(), state))
    })
}

/// Calls `see` for every action of an actor.
pub fn actor_actions<'a>(actor: &'a Actor, see: &mut dyn FnMut(&'a Action)) {
    for state in actor.states.values() {
        for handler in &state.handlers {
            for list in handler_actions(handler) {
                actions(list, see);
            }
        }
    }
}

/// Equal but for positions. Slots are numbered from the start of each frame, so equal text has equal slots.
pub fn alike(a: &Expr, b: &Expr) -> bool {
    a.ty == b.ty && bare(a).is_some_and(|a| Some(a) == bare(b))
}

/// Lists of actions or statements that are equal but for positions.
pub fn alike_all<T: serde::Serialize>(a: &[T], b: &[T]) -> bool {
    let bare = |list: &[T]| {
        let mut value = serde_json::to_value(list).ok()?;
        strip(&mut value);
        Some(value)
    };
    a.len() == b.len() && bare(a).is_some_and(|a| Some(a) == bare(b))
}

/// An expression without positions; equal ones are equal text.
pub fn bare(expr: &Expr) -> Option<serde_json::Value> {
    let mut value = serde_json::to_value(expr).ok()?;
    strip(&mut value);
    Some(value)
}

fn strip(value: &mut serde_json::Value) {
    if let Some(object) = value.as_object_mut() {
        object.remove("meta");
        object.values_mut().for_each(strip);
    } else if let Some(list) = value.as_array_mut() {
        list.iter_mut().for_each(strip);
    }
}

/// Calls `see` for every expression of machines, views and functions, outermost first, with the frame it lives in.
pub fn everything<'a>(protocol: &'a Protocol, see: &mut dyn FnMut(&'a [Local], &'a Expr)) {
    for (_, _, _, state) in states(protocol) {
        for handler in &state.handlers {
            let frame = match handler {
                Handler::Transition(t) => t.frame.as_slice(),
                Handler::Collect(c) => c.frame.as_slice(),
            };
            let mut see = |e: &'a Expr| see(frame, e);
            conditions(handler).into_iter().for_each(|e| expression(e, &mut see));
            handler_actions(handler).into_iter().for_each(|list| within(list, &mut see));
        }
        for o in &state.overrides {
            o.guard.iter().for_each(|e| expression(e, &mut |e| see(&o.frame, e)));
        }
    }
    for handler in protocol.views.values().flat_map(|view| &view.handlers) {
        let mut see = |e: &'a Expr| see(&handler.frame, e);
        handler.guard.iter().for_each(|e| expression(e, &mut see));
        within(&handler.actions, &mut see);
    }
    for function in protocol.functions.values() {
        body(&function.body, &mut |e| see(&function.frame, e));
    }
}

/// Calls `see` for every expression of actions.
pub fn within<'a>(list: &'a [Action], see: &mut dyn FnMut(&'a Expr)) {
    actions(list, &mut |action| match action {
        Action::Assign { path: selectors, value, .. } => {
            path(selectors, see);
            expression(value, see);
        }
        Action::Send { to, payload, .. } | Action::Broadcast { to, payload, .. } => {
            expression(to, see);
            expression(payload, see);
        }
        Action::Gossip { payload, .. } | Action::Append { payload, .. } => expression(payload, see),
        Action::Let { value, .. } => expression(value, see),
        Action::If { condition, .. } => expression(condition, see),
        Action::For { list, .. } => expression(list, see),
        Action::Abort { reason, .. } => expression(reason, see),
        Action::Start { arguments, .. } => arguments.iter().for_each(|e| expression(e, see)),
    });
}
