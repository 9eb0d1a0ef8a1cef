//! Transitions, collects, overrides and time limits, each elaborated once and copied to every state it leaves.

use super::cause::{self, CauseKey, bound_by};
use super::codes;
use super::context::{CauseInfo, Elab, Instance, Place, Tables};
use super::facts::facts;
use super::flow::Flows;
use super::roles::Roles;
use super::signature::{ActorInfo, Slot, doc};
use super::types::show;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{self, Branch, Conversion, Expr, ExprKind, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Gathers what the handlers of an actor come to.
pub(super) struct Handlers<'t, 'a> {
    pub tables: &'t Tables<'a>,
    pub flows: &'t Flows,
    pub actor: &'t ActorInfo<'a>,
    pub diagnostics: Vec<Diagnostic>,
    pub calls: BTreeMap<Instance, Span>,
}

/// A transition before it is copied to its states.
pub(super) struct Draft {
    pub lets: Vec<(u32, Expr)>,
    pub guard: Option<Expr>,
    pub then: Branch,
    pub otherwise: Option<Branch>,
    pub frame: Vec<ir::Local>,
}

impl<'t, 'a> Handlers<'t, 'a> {
    fn elab(&self, cause: CauseInfo<'t, 'a>, states: &[&str], creating: bool) -> Elab<'t, 'a> {
        let place = Place::Machine {
            actor: self.actor,
            cause,
            states: states.iter().map(|s| (*s).to_owned()).collect(),
            creating,
        };
        let mut elab = Elab::new(self.tables, self.flows, place);
        let name = self.actor.decl.name.text.as_str();
        let mut sets = states.iter().map(|s| self.flows.set_in(name, s));
        // Without a state it never runs, so nothing about it is wrong.
        let first = sets.next().unwrap_or_else(|| self.actor.store.keys().cloned().collect());
        elab.known.set = sets.fold(first, |a, b| a.intersection(&b).cloned().collect());
        if let CauseInfo::Message(message) = cause
            && let Some(field) = bound_by(self.actor, message)
        {
            elab.known.set.insert(field.to_owned());
            let root = format!("store.{field}");
            elab.known.paths.insert(root.clone(), BTreeSet::from([root]));
        }
        elab
    }

    fn finish(&mut self, elab: &mut Elab<'t, 'a>) {
        self.diagnostics.append(&mut elab.out);
        for (instance, span) in std::mem::take(&mut elab.calls) {
            self.calls.entry(instance).or_insert(span);
        }
    }

    /// What comes with a cause; `None` when there is none of that name (reported).
    fn cause(&mut self, written: &ast::Cause, key: &CauseKey) -> Option<CauseInfo<'t, 'a>> {
        match key {
            CauseKey::Auto => Some(CauseInfo::Nothing),
            CauseKey::Timeout(_) | CauseKey::Every(_) => Some(CauseInfo::Time),
            CauseKey::Trigger(name) => self.actor.triggers.get(name.as_str()).map(CauseInfo::Trigger),
            CauseKey::Task(name) => self.tables.scope.task(name).map(CauseInfo::Task),
            CauseKey::Message(name) => {
                let message = self.tables.scope.message(name)?;
                let at = if let ast::CauseKind::On(at) = &written.kind { at.span } else { written.span };
                self.check_handler(message, at);
                Some(CauseInfo::Message(message))
            }
            CauseKey::Unknown(name) => {
                let known: Vec<&str> = self
                    .actor
                    .triggers
                    .keys()
                    .copied()
                    .chain(self.tables.scope.type_names(|d| matches!(d, super::scope::TypeDecl::Message(_))))
                    .chain(
                        self.tables
                            .scope
                            .callables
                            .keys()
                            .copied()
                            .filter(|n| self.tables.scope.task(n).is_some()),
                    )
                    .collect();
                let at = if let ast::CauseKind::On(at) = &written.kind { at.span } else { written.span };
                let mut diagnostic =
                    Diagnostic::new(codes::UNKNOWN_CAUSE, at, format!("nothing called `{name}` can happen"))
                        .with_label("no trigger of this actor, no task, no message");
                if let Some(other) = self.tables.scope.types.get(name.as_str()) {
                    diagnostic = diagnostic
                        .with_secondary(other.name().span, "declared here, but it is nothing that happens");
                }
                self.diagnostics.push(diagnostic.with_did_you_mean(name, known));
                None
            }
        }
    }

    /// An actor handles what is sent to it, or to the network.
    fn check_handler(&mut self, message: &ast::Message, at: Span) {
        let own = &self.actor.decl.name.text;
        let receivers = Roles::receivers(message);
        let gossip = message.to.iter().any(|n| n.text == "Network");
        if gossip || receivers.allow(&self.tables.scope, own) {
            return;
        }
        let text = format!("`{}` is not for {own}", message.name.text);
        self.diagnostics.push(
            receivers
                .finding(self.tables.sources, codes::WRONG_HANDLER, at, text, own)
                .with_label(format!("{own} never receives it")),
        );
    }

    /// Names of states that do not exist.
    pub fn check_states(&mut self, names: &[ast::Ident]) {
        for name in names {
            self.check_state(name);
        }
    }

    /// A terminal state reacts to nothing.
    fn check_not_terminal(&mut self, names: &[ast::Ident], what: &str) {
        for name in names {
            let Some(state) = self.actor.states.get(name.text.as_str()) else { continue };
            if state.terminal {
                self.diagnostics.push(
                    Diagnostic::new(
                        codes::TERMINAL_EXIT,
                        name.span,
                        format!("`{}` is terminal, so no `{what}` there", name.text),
                    )
                    .with_label("nothing happens in it any more")
                    .with_secondary(state.decl.name.span, "declared terminal here")
                    .with_note("a terminal state completes the instance; what arrives later is discarded")
                    .with_help(format!("leave `{}` out of the list", name.text)),
                );
            }
        }
    }

    pub fn check_state(&mut self, name: &ast::Ident) -> bool {
        if self.actor.states.contains_key(name.text.as_str()) {
            return true;
        }
        let known: Vec<&str> = self.actor.states.keys().copied().collect();
        let mut diagnostic = Diagnostic::new(
            codes::UNKNOWN_STATE,
            name.span,
            format!("{} has no state `{}`", self.actor.decl.name.text, name.text),
        )
        .with_label("not declared")
        .with_did_you_mean(&name.text, known);
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.with_help(format!("declare it: `state {}`", name.text));
        }
        self.diagnostics.push(diagnostic);
        false
    }

    /// Elaborates a transition for all its states together.
    pub fn transition(
        &mut self,
        t: &'a ast::Transition,
        sources: &[&'a str],
        key: &CauseKey,
    ) -> Option<Draft> {
        if !cause::is_wildcard(self.actor, t) {
            self.check_states(&t.from);
        }
        let known_target = self.check_state(&t.to);
        let known_else = t.otherwise.as_ref().is_none_or(|e| self.check_state(&e.to));
        self.check_exits(t, sources);
        let info = self.cause(&t.cause, key);
        if let (Some(CauseInfo::Trigger(trigger)), false) = (&info, cause::is_wildcard(self.actor, t)) {
            self.check_trigger(t, trigger.decl);
        }
        let creating = matches!(info, Some(CauseInfo::Trigger(_)))
            && !sources.is_empty()
            && sources.iter().all(|s| self.actor.initial == Some(*s));
        // With an unknown cause nothing behind it can be judged: its names come with the cause.
        let info = info?;
        let mut elab = self.elab(info, sources, creating);
        let mut lets = Vec::new();
        let mut complete = known_target && known_else;
        for binding in &t.lets {
            let (slot, value) = elab.let_value(&binding.name, &binding.value);
            match value {
                Some(value) => lets.push((slot, value)),
                None => complete = false,
            }
        }
        let guard = t.guard.as_ref().map(|g| elab.condition(g));
        complete &= !matches!(guard, Some(None));
        let guard = guard.flatten();
        let before = elab.known.clone();
        if let Some(guard) = &guard {
            elab.known.learn(facts(guard, true));
        }
        let actions = elab.scoped(|elab| match &t.actions {
            Some(actions) => elab.actions(actions),
            None => Some(Vec::new()),
        });
        let otherwise = t.otherwise.as_ref().map(|e| {
            elab.known = before;
            if let Some(guard) = &guard {
                elab.known.learn(facts(guard, false));
            }
            let actions = elab.scoped(|elab| match &e.actions {
                Some(actions) => elab.actions(actions),
                None => Some(Vec::new()),
            });
            actions.map(|actions| Branch { to: e.to.text.clone(), actions })
        });
        self.finish(&mut elab);
        let otherwise = match otherwise {
            Some(branch) => Some(branch?),
            None => None,
        };
        let then = Branch { to: t.to.text.clone(), actions: actions? };
        complete.then_some(Draft { lets, guard, then, otherwise, frame: elab.frame })
    }

    /// Nothing leaves a terminal state.
    fn check_exits(&mut self, t: &ast::Transition, sources: &[&str]) {
        if cause::is_wildcard(self.actor, t) {
            return;
        }
        for name in &t.from {
            let Some(state) = self.actor.states.get(name.text.as_str()) else { continue };
            if sources.contains(&name.text.as_str()) && state.terminal {
                self.diagnostics.push(
                    Diagnostic::new(
                        codes::TERMINAL_EXIT,
                        name.span,
                        format!("`{}` is terminal, nothing leaves it", name.text),
                    )
                    .with_label("this transition never fires")
                    .with_secondary(state.decl.name.span, "declared terminal here")
                    .with_note("a terminal state completes the instance")
                    .with_help(format!("declare it as `state {} rest` if it may be left", name.text)),
                );
            }
        }
    }

    /// A trigger fires only in the states of its list.
    fn check_trigger(&mut self, t: &ast::Transition, trigger: &ast::Trigger) {
        // A name in the list that is no state is reported, and may be meant for this one.
        if trigger.states.iter().any(|s| !self.actor.states.contains_key(s.text.as_str())) {
            return;
        }
        for name in &t.from {
            if self.actor.states.contains_key(name.text.as_str())
                && !trigger.states.iter().any(|s| s.text == name.text)
            {
                let list = trigger.states.iter().map(|s| s.span).reduce(Span::to).unwrap_or(trigger.span);
                let states: Vec<&str> = trigger.states.iter().map(|s| s.text.as_str()).collect();
                self.diagnostics.push(
                    Diagnostic::new(
                        codes::TRIGGER_STATE,
                        name.span,
                        format!("`{}` cannot be fired in {}", trigger.name.text, name.text),
                    )
                    .with_label("so this transition never fires")
                    .with_secondary(list, "the states in which it can be fired")
                    .with_help(format!(
                        "write `in [{}, {}]` if that is meant",
                        states.join(", "),
                        name.text
                    )),
                );
            }
        }
    }

    /// Elaborates a collect for all its states together.
    pub fn collect(
        &mut self,
        c: &'a ast::Collect,
    ) -> Option<(Option<Expr>, Vec<ir::Action>, Vec<ir::Local>, ir::CollectForm)> {
        self.check_states(&c.states);
        self.check_not_terminal(&c.states, "collect");
        let Some(message) = self.tables.scope.message(&c.message.text) else {
            self.unknown_message(&c.message);
            return None;
        };
        self.check_handler(message, c.message.span);
        let form = self.collect_form(c, message);
        let states: Vec<&str> =
            c.states.iter().map(|s| s.text.as_str()).filter(|s| self.actor.states.contains_key(s)).collect();
        for role in message.from.iter().filter(|_| self.tables.lenient.is_none()) {
            if !self.actor.peers.contains_key(role.text.as_str()) {
                self.diagnostics.push(
                    Diagnostic::new(
                        codes::COLLECT,
                        c.message.span,
                        format!("nobody is named who may play {}", role.text),
                    )
                    .with_label(format!("comes from {}", role.text))
                    .with_secondary(self.actor.decl.name.span, "its roster (`peers`) has no such role")
                    .with_note("a collect accepts each member of the sender's roster field once")
                    .with_help(format!("add `peers ( {} FIELD )` with the field that holds them", role.text)),
                );
            }
        }
        let mut elab = self.elab(CauseInfo::Message(message), &states, false);
        let guard = c.guard.as_ref().map(|g| elab.condition(g));
        if let Some(Some(guard)) = &guard {
            elab.known.learn(facts(guard, true));
        }
        let actions = match &c.actions {
            Some(actions) => elab.actions(actions),
            None => Some(Vec::new()),
        };
        self.finish(&mut elab);
        if matches!(guard, Some(None)) {
            return None;
        }
        Some((guard.flatten(), actions?, elab.frame, form?))
    }

    fn unknown_message(&mut self, name: &ast::Ident) {
        let known = self.tables.scope.type_names(|d| matches!(d, super::scope::TypeDecl::Message(_)));
        self.diagnostics.push(
            Diagnostic::new(
                codes::UNKNOWN_DECLARATION,
                name.span,
                format!("there is no message `{}`", name.text),
            )
            .with_label("not declared here or in an imported file")
            .with_did_you_mean(&name.text, known),
        );
    }

    fn collect_form(&mut self, c: &ast::Collect, message: &ast::Message) -> Option<ir::CollectForm> {
        let name = &message.name.text;
        if self.tables.lenient.is_some() && !self.actor.store.contains_key(&c.into.text) {
            let ty = Type::Map(Box::new(Type::PeerId), Box::new(Type::Message(name.clone())));
            self.undeclared(&c.into, ty);
            return Some(ir::CollectForm::Map);
        }
        let Some(slot) = self.actor.store.get(&c.into.text) else {
            let known: Vec<&str> = self.actor.store.keys().map(String::as_str).collect();
            self.diagnostics.push(
                Diagnostic::new(
                    codes::UNKNOWN_NAME,
                    c.into.span,
                    format!("there is no `{}` in the store", c.into.text),
                )
                .with_label("not declared")
                .with_help(format!("declare it: `{} map<peer_id, {name}>`", c.into.text))
                .with_did_you_mean(&c.into.text, known),
            );
            return None;
        };
        let ty = slot.ty.as_ref()?;
        match ty {
            Type::Map(key, value) if **key == Type::PeerId && **value == Type::Message(name.clone()) => {
                return Some(ir::CollectForm::Map);
            }
            Type::Map(key, value) if **key == Type::PeerId && **value == Type::Signed(name.clone()) => {
                return Some(ir::CollectForm::SignedMap);
            }
            Type::List(item) if **item == Type::Message(name.clone()) => {
                return Some(ir::CollectForm::List { senders: format!("{}$senders", c.into.text) });
            }
            _ => {}
        }
        self.diagnostics.push(
            Diagnostic::new(
                codes::COLLECT,
                c.into.span,
                format!("`{}` cannot collect `{name}`", c.into.text),
            )
            .with_label(format!("this is {}", show(ty)))
            .with_secondary(slot.span, "declared here")
            .with_note("a collect keeps one message for each sender")
            .with_help(format!("declare it as `{} map<peer_id, {name}>`", c.into.text)),
        );
        None
    }

    /// Elaborates the guard of an `ignore` or `defer`.
    pub fn override_guard(&mut self, o: &'a ast::Override) -> Option<(Option<Expr>, Vec<ir::Local>)> {
        self.check_states(&o.states);
        let what = match o.kind {
            ast::OverrideKind::Ignore => "ignore",
            ast::OverrideKind::Defer => "defer",
        };
        self.check_not_terminal(&o.states, what);
        let Some(message) = self.tables.scope.message(&o.message.text) else {
            self.unknown_message(&o.message);
            return None;
        };
        self.check_handler(message, o.message.span);
        let states: Vec<&str> =
            o.states.iter().map(|s| s.text.as_str()).filter(|s| self.actor.states.contains_key(s)).collect();
        let mut elab = self.elab(CauseInfo::Message(message), &states, false);
        let guard = o.guard.as_ref().map(|g| elab.condition(g));
        self.finish(&mut elab);
        match guard {
            Some(guard) => Some((Some(guard?), elab.frame)),
            None => Some((None, Vec::new())),
        }
    }

    /// A field that something names and nothing declares.
    pub fn undeclared(&mut self, name: &ast::Ident, ty: Type) {
        let mut elab = self.elab(CauseInfo::Nothing, &[], false);
        elab.undeclared_target(name, Some(ty));
    }

    /// The value of a time limit as read in a state; its type is `duration`, `timestamp` or `T?` of them.
    pub fn limit(&mut self, path: &[ast::Ident], period: bool, state: &str) -> Option<Expr> {
        let (first, rest) = path.split_first()?;
        let span = path.last().map_or(first.span, |last| first.span.to(last.span));
        let mut elab = self.elab(CauseInfo::Time, &[state], false);
        if self.tables.lenient.is_some()
            && let (true, Some(Slot { ty: Some(Type::Any), .. })) =
                (rest.is_empty(), self.actor.store.get(&first.text))
        {
            return Some(self.limit_of_any(first, period));
        }
        let value = if let Some(slot) = self.actor.store.get(&first.text) {
            elab.store_field(&first.text, slot, first.span)
        } else if let (true, Some(value)) =
            (rest.is_empty(), self.tables.signatures.parameters.get(first.text.as_str()))
        {
            let ty = value.as_ref()?.ty();
            Some(elab.make(ExprKind::Parameter(first.text.clone()), ty, first.span))
        } else {
            let known: Vec<&str> = self
                .actor
                .store
                .keys()
                .map(String::as_str)
                .chain(self.tables.scope.parameters.keys().copied())
                .collect();
            self.diagnostics.push(
                Diagnostic::new(
                    codes::UNKNOWN_NAME,
                    first.span,
                    format!("there is no parameter or store field `{}`", first.text),
                )
                .with_label("says when time is up")
                .with_did_you_mean(&first.text, known),
            );
            return None;
        };
        let value = rest.iter().try_fold(value?, |base, name| {
            // Unset on the way means not armed: the null that is met there is no fault of a time limit.
            let inner = if base.ty.is_optional() {
                let plain = base.ty.plain().clone();
                elab.convert(Conversion::Unwrap, base, plain)
            } else {
                base
            };
            let ty = elab.field_type(&inner.ty, name, first.span)?;
            Some(elab.make(ExprKind::Field(Box::new(inner), name.text.clone()), ty, span))
        });
        self.finish(&mut elab);
        let value = value?;
        let fits = match value.ty.plain() {
            Type::Duration => true,
            Type::Timestamp => !period,
            _ => false,
        };
        if fits {
            return Some(value);
        }
        let word = if period { "a period" } else { "a time limit" };
        let wanted = if period { "a duration" } else { "a duration or a timestamp" };
        let mut diagnostic = Diagnostic::new(codes::TIME_LIMIT, span, format!("{word} is {wanted}"))
            .with_label(format!("this is {}", show(&value.ty)));
        if let (true, Some(entry)) = (rest.is_empty(), self.tables.scope.parameters.get(first.text.as_str()))
        {
            diagnostic = diagnostic
                .with_secondary(entry.span, "declared here")
                .with_help(format!("give it a unit of time: `{} = 30 seconds`", first.text));
        }
        self.diagnostics.push(diagnostic);
        None
    }

    /// A time limit of unknown type: an instant, unless only spans are assigned to it.
    fn limit_of_any(&mut self, name: &ast::Ident, period: bool) -> Expr {
        let actor = self.actor.decl.name.text.clone();
        let writes = self.tables.lenient.as_ref().and_then(|l| l.writes.get(&(actor, name.text.clone())));
        let span = writes.is_some_and(|w| w.iter().any(|ty| *ty.plain() == Type::Duration));
        let ty = if period || span { Type::Duration } else { Type::Timestamp };
        let shown = show(&ty);
        self.diagnostics.push(
            super::lenient::at(
                codes::DYNAMIC_USED,
                name.span,
                format!("`{}` has no declared type, and is read as {shown} here", name.text),
            )
            .with_label("says when time is up")
            .with_note("unset means that no limit runs")
            .with_help(format!("declare it as `{} {shown}`", name.text)),
        );
        let at = self.tables.at(name.span);
        let field = Expr::new(ExprKind::Store(name.text.clone()), Type::Any, at);
        Expr::new(ExprKind::Convert(Conversion::FromAny, Box::new(field)), ty.optional(), at)
    }

    pub fn meta(&self, span: Span, order: u32, comment: &Option<ast::Doc>) -> ir::Meta {
        ir::Meta { at: self.tables.at(span), order, doc: doc(comment), title: None }
    }
}
