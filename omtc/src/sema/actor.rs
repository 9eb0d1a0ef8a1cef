//! Actors: from items to states with their handlers.

use super::cause::{self, CauseKey};
use super::codes;
use super::context::{Instance, Tables};
use super::flow::Flows;
use super::handler::{Draft, Handlers};
use super::signature::{ActorInfo, Shape, doc};
use super::types::show;
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{self, Cause, Handler, LimitKind, Type};
use std::collections::BTreeMap;

/// An actor, elaborated.
pub(super) struct Elaborated {
    pub actor: Option<ir::Actor>,
    pub diagnostics: Vec<Diagnostic>,
    /// Functions called by its handlers.
    pub calls: BTreeMap<Instance, Span>,
}

/// Elaborates one actor.
pub(super) fn elaborate(tables: &Tables<'_>, flows: &Flows, info: &ActorInfo<'_>, order: u32) -> Elaborated {
    let handlers = Handlers { tables, flows, actor: info, diagnostics: Vec::new(), calls: BTreeMap::new() };
    let mut builder = Builder {
        handlers,
        states: BTreeMap::new(),
        complete: true,
        extra: BTreeMap::new(),
        written: BTreeMap::new(),
    };
    builder.states();
    builder.check_declarations();
    for (index, item) in info.decl.items.iter().enumerate() {
        let order = u32::try_from(index).unwrap_or(u32::MAX);
        match item {
            ast::Item::Transition(t) => builder.transition(t, order),
            ast::Item::Collect(c) => builder.collect(c, order),
            ast::Item::Override(o) => builder.overrides(o, order),
            ast::Item::Trigger(t) => builder.handlers.check_states(&t.states),
            ast::Item::Store(_) | ast::Item::Shared(_) | ast::Item::Peers(_) | ast::Item::State(_) => {}
        }
    }
    let actor = builder.finish(order);
    Elaborated { actor, diagnostics: builder.handlers.diagnostics, calls: builder.handlers.calls }
}

struct Builder<'t, 'a> {
    handlers: Handlers<'t, 'a>,
    states: BTreeMap<&'a str, ir::State>,
    complete: bool,
    /// Store fields of the compiler: the senders of collects into lists.
    extra: BTreeMap<String, ir::Field>,
    /// Transitions without `let`: source, target, cause and words of the guard, and where each first stands.
    written: BTreeMap<(&'a str, &'a str, CauseKey, Option<String>), Span>,
}

impl<'t, 'a> Builder<'t, 'a> {
    fn states(&mut self) {
        let info = self.handlers.actor;
        for (name, state) in &info.states {
            let decl = state.decl;
            let meta = ir::Meta {
                at: self.handlers.tables.at(decl.name.span),
                order: state.order,
                doc: doc(&decl.doc),
                title: decl.text.as_ref().map(|t| t.text.clone()),
            };
            let state = ir::State {
                terminal: state.terminal,
                rest: state.rest,
                handlers: Vec::new(),
                overrides: Vec::new(),
                limits: Vec::new(),
                meta,
            };
            self.states.insert(name, state);
        }
    }

    /// Roster fields, the session key.
    fn check_declarations(&mut self) {
        let info = self.handlers.actor;
        if self.handlers.tables.lenient.is_some() {
            self.open_roles();
        }
        for entry in info.peers.values() {
            if self.handlers.tables.lenient.is_some() && !info.store.contains_key(&entry.field.text) {
                self.handlers.undeclared(&entry.field, Type::PeerId);
                continue;
            }
            let Some(slot) = info.store.get(&entry.field.text) else {
                let known: Vec<&str> = info.store.keys().map(String::as_str).collect();
                let mut diagnostic = Diagnostic::new(
                    codes::ROSTER,
                    entry.field.span,
                    format!("there is no store field `{}`", entry.field.text),
                )
                .with_label(format!("should name who plays {}", entry.role.text))
                .with_did_you_mean(&entry.field.text, known);
                if diagnostic.help.is_none() {
                    diagnostic = diagnostic
                        .with_help(format!("declare it in the store: `{} peer_id`", entry.field.text));
                }
                self.handlers.diagnostics.push(diagnostic);
                self.complete = false;
                continue;
            };
            let Some(ty) = &slot.ty else { continue };
            let holds = match ty.plain() {
                Type::PeerId => true,
                Type::List(item) => **item == Type::PeerId,
                Type::Map(key, _) => **key == Type::PeerId,
                _ => false,
            };
            if !holds {
                self.handlers.diagnostics.push(
                    Diagnostic::new(
                        codes::ROSTER,
                        entry.field.span,
                        format!("`{}` does not say who plays {}", entry.field.text, entry.role.text),
                    )
                    .with_label(format!("this is {}", show(ty)))
                    .with_secondary(slot.span, "declared here")
                    .with_note("a roster field is a peer, a list of peers, or a map from peers")
                    .with_help(format!("declare it as `{} peer_id`", entry.field.text)),
                );
                self.complete = false;
            }
        }
        let key = &self.handlers.tables.signatures.session_key;
        let stored = info.store.get(key).map(|s| (s, "store field"));
        let arguments = info.triggers.values().flat_map(|t| &t.arguments).filter(|(n, _)| n == key);
        for (slot, what) in stored.into_iter().chain(arguments.map(|(_, s)| (s, "argument"))) {
            if slot.ty.as_ref().is_some_and(|ty| *ty != Type::Hash) {
                self.handlers.diagnostics.push(
                    Diagnostic::new(
                        codes::SESSION_KEY,
                        slot.span,
                        format!("the session key `{key}` is a `hash`"),
                    )
                    .with_label(format!("this {what} has another type"))
                    .with_note("a session id has 32 bytes, like every hash")
                    .with_help(format!(
                        "declare it as `{key} hash`, or name another key in the header: `session NAME`"
                    )),
                );
                self.complete = false;
            }
        }
    }

    /// Roles of senders whom nothing names: anybody may play them.
    fn open_roles(&mut self) {
        let info = self.handlers.actor;
        let scope = &self.handlers.tables.scope;
        let mut seen: BTreeMap<&str, (Span, &str)> = BTreeMap::new();
        for item in &info.decl.items {
            let name = match item {
                ast::Item::Transition(t) => match &t.cause.kind {
                    ast::CauseKind::On(name) => name,
                    ast::CauseKind::Auto | ast::CauseKind::Timeout(_) | ast::CauseKind::Every(_) => continue,
                },
                ast::Item::Collect(c) => &c.message,
                ast::Item::Store(_)
                | ast::Item::Shared(_)
                | ast::Item::Peers(_)
                | ast::Item::Trigger(_)
                | ast::Item::State(_)
                | ast::Item::Override(_) => continue,
            };
            if info.triggers.contains_key(name.text.as_str()) {
                continue;
            }
            let Some(message) = scope.message(&name.text) else { continue };
            for role in &message.from {
                if !info.peers.contains_key(role.text.as_str()) {
                    seen.entry(&role.text).or_insert((name.span, &name.text));
                }
            }
        }
        for (role, (span, message)) in seen {
            let wanted = snake(role);
            let is_peer = |ty: &Type| *ty.plain() == Type::PeerId || *ty == Type::Any;
            let known = info.store.get(&wanted).is_some_and(|s| s.ty.as_ref().is_some_and(is_peer));
            let entry = format!("{role} {wanted}");
            let place = info.decl.items.iter().find_map(|item| match item {
                ast::Item::Peers(p) => p.entries.last().map(|last| (last.span, true)),
                _ => None,
            });
            let place = place.or_else(|| info.decl.items.first().map(|first| (first.span(), false)));
            let applicability = if known { Applicability::Unsafe } else { Applicability::DisplayOnly };
            let mut fix = Fix::new(applicability, format!("name who plays {role}: `peers ( {entry} )`"));
            fix = match place {
                Some((last, true)) => fix.insert_after(last, format!("  {entry}")),
                Some((first, false)) => fix.insert_before(first, format!("peers ( {entry} )\n    ")),
                None => fix,
            };
            self.handlers.diagnostics.push(
                super::lenient::at(
                    codes::NO_ROSTER,
                    info.decl.name.span,
                    format!("{} does not say who plays {role}, so anybody may", info.decl.name.text),
                )
                .with_label(format!("no roster field for {role}"))
                .with_secondary(span, format!("`{message}` is accepted from anybody"))
                .with_note(
                    "a message from a role is accepted only from whom the roster names, if it names somebody",
                )
                .with_help(format!("write `peers ( {entry} )` with the field that holds who plays {role}"))
                .with_fix(fix),
            );
        }
    }

    fn transition(&mut self, t: &'a ast::Transition, order: u32) {
        let tables = self.handlers.tables;
        let info = self.handlers.actor;
        let sources = cause::sources(&tables.scope, info, t);
        let key = cause::key(&tables.scope, info, &t.cause);
        self.check_repeated(t, &key);
        let draft = self.handlers.transition(t, &sources, &key);
        let meta = self.handlers.meta(t.span, order, &t.doc);
        for state in sources {
            let Some(cause) = self.cause_in(state, t, &key, order) else {
                self.complete = false;
                continue;
            };
            let Some(Draft { lets, guard, then, otherwise, frame }) = &draft else { continue };
            let transition = ir::Transition {
                cause,
                lets: lets.clone(),
                guard: guard.clone(),
                then: then.clone(),
                otherwise: otherwise.clone(),
                frame: frame.clone(),
                meta: meta.clone(),
            };
            if let Some(state) = self.states.get_mut(state) {
                state.handlers.push(Handler::Transition(transition));
            }
        }
        self.complete &= draft.is_some();
    }

    /// The cause in one state; time limits get their place there.
    fn cause_in(
        &mut self,
        state: &'a str,
        t: &'a ast::Transition,
        key: &CauseKey,
        order: u32,
    ) -> Option<Cause> {
        match key {
            CauseKey::Auto => Some(Cause::Auto),
            CauseKey::Trigger(name) => Some(Cause::Trigger(name.clone())),
            CauseKey::Task(name) => Some(Cause::Task(name.clone())),
            CauseKey::Message(name) => Some(Cause::Message(name.clone())),
            CauseKey::Timeout(_) => {
                let ast::CauseKind::Timeout(path) = &t.cause.kind else { return None };
                self.limit(state, path, LimitKind::Timeout, t.cause.span, order).map(Cause::Timeout)
            }
            CauseKey::Every(_) => {
                let ast::CauseKind::Every(name) = &t.cause.kind else { return None };
                let path = std::slice::from_ref(name);
                self.limit(state, path, LimitKind::Period, t.cause.span, order).map(Cause::Period)
            }
            CauseKey::Unknown(_) => None,
        }
    }

    fn limit(
        &mut self,
        state: &'a str,
        path: &[ast::Ident],
        kind: LimitKind,
        span: Span,
        order: u32,
    ) -> Option<u32> {
        let value = self.handlers.limit(path, kind == LimitKind::Period, state)?;
        let meta = self.handlers.meta(span, order, &None);
        let limits = &mut self.states.get_mut(state)?.limits;
        // The same limit named twice is one timer; only its first place is kept.
        let same = |a: &ir::Limit| a.kind == kind && same_value(&a.value, &value);
        let index = match limits.iter().position(same) {
            Some(index) => index,
            None => {
                limits.push(ir::Limit { kind, value, meta });
                limits.len().saturating_sub(1)
            }
        };
        u32::try_from(index).ok()
    }

    /// A transition that repeats an earlier one word for word.
    fn check_repeated(&mut self, t: &'a ast::Transition, key: &CauseKey) {
        if !t.lets.is_empty() {
            return;
        }
        let guard = t.guard.as_ref().map(|e| {
            let text = self.handlers.tables.sources.slice(e.span);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        let mut repeated = None;
        for from in &t.from {
            let words = (from.text.as_str(), t.to.text.as_str(), key.clone(), guard.clone());
            match self.written.get(&words) {
                Some(first) if *first != t.span => repeated = repeated.or(Some((from, *first))),
                Some(_) => {}
                None => {
                    self.written.insert(words, t.span);
                }
            }
        }
        let Some((shared, first)) = repeated else { return };
        self.handlers.diagnostics.push(
            Diagnostic::new(
                codes::DUPLICATE_TRANSITION,
                t.cause.span,
                format!("{} -> {} is written twice for this cause", shared.text, t.to.text),
            )
            .with_label("never fires: the first one does")
            .with_secondary(first, "the first one")
            .with_help("remove it, or give it another guard"),
        );
    }

    fn collect(&mut self, c: &'a ast::Collect, order: u32) {
        let Some((guard, actions, frame, form)) = self.handlers.collect(c) else {
            self.complete = false;
            return;
        };
        let meta = self.handlers.meta(c.span, order, &c.doc);
        if let ir::CollectForm::List { senders } = &form {
            let field = ir::Field { ty: Type::List(Box::new(Type::PeerId)), meta: meta.clone() };
            self.extra.insert(senders.clone(), field);
        }
        for name in &c.states {
            let collect = ir::Collect {
                message: c.message.text.clone(),
                into: c.into.text.clone(),
                form: form.clone(),
                guard: guard.clone(),
                actions: actions.clone(),
                frame: frame.clone(),
                meta: meta.clone(),
            };
            if let Some(state) = self.states.get_mut(name.text.as_str()) {
                state.handlers.push(Handler::Collect(collect));
            }
        }
    }

    fn overrides(&mut self, o: &'a ast::Override, order: u32) {
        let Some((guard, frame)) = self.handlers.override_guard(o) else {
            self.complete = false;
            return;
        };
        let kind = match o.kind {
            ast::OverrideKind::Ignore => ir::OverrideKind::Ignore,
            ast::OverrideKind::Defer => ir::OverrideKind::Defer,
        };
        let meta = self.handlers.meta(o.span, order, &o.doc);
        for name in &o.states {
            if let Some(state) = self.states.get_mut(name.text.as_str()) {
                state.overrides.push(ir::Override {
                    kind,
                    message: o.message.text.clone(),
                    guard: guard.clone(),
                    frame: frame.clone(),
                    meta: meta.clone(),
                });
            }
        }
    }

    fn finish(&mut self, order: u32) -> Option<ir::Actor> {
        let info = self.handlers.actor;
        let tables = self.handlers.tables;
        let initial = info.initial?.to_owned();
        if !self.complete {
            return None;
        }
        let mut store = fields(tables, &info.store)?;
        store.append(&mut self.extra);
        let mut triggers = BTreeMap::new();
        for (name, trigger) in &info.triggers {
            let mut arguments = Vec::new();
            for (name, slot) in &trigger.arguments {
                arguments.push(ir::Argument { name: name.clone(), ty: slot.ty.clone()? });
            }
            let mut states: Vec<String> = trigger.decl.states.iter().map(|s| s.text.clone()).collect();
            states.sort();
            states.dedup();
            let meta = ir::Meta {
                at: tables.at(trigger.decl.name.span),
                order: trigger.order,
                doc: doc(&trigger.decl.doc),
                title: trigger.decl.text.as_ref().map(|t| t.text.clone()),
            };
            triggers.insert((*name).to_owned(), ir::Trigger { arguments, states, after: None, meta });
        }
        let peers =
            info.peers.iter().map(|(role, entry)| ((*role).to_owned(), entry.field.text.clone())).collect();
        let states = std::mem::take(&mut self.states);
        Some(ir::Actor {
            store,
            shared: fields(tables, &info.shared)?,
            peers,
            triggers,
            states: states.into_iter().map(|(n, s)| (n.to_owned(), s)).collect(),
            initial,
            meta: ir::Meta {
                at: tables.at(info.decl.name.span),
                order,
                doc: doc(&info.decl.doc),
                title: info.decl.text.as_ref().map(|t| t.text.clone()),
            },
        })
    }
}

/// `FirstWitness` as a field is called: `first_witness`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// Are two values the same but for their places?
fn same_value(a: &ir::Expr, b: &ir::Expr) -> bool {
    match (super::facts::path(a), super::facts::path(b)) {
        (Some((a, _)), Some((b, _))) => a == b,
        _ => false,
    }
}

/// The IR's form of fields; `None` when the type of one is wrong.
pub(super) fn fields(tables: &Tables<'_>, shape: &Shape) -> Option<ir::Fields> {
    let mut fields = ir::Fields::new();
    for (name, slot) in shape {
        let meta =
            ir::Meta { at: tables.at(slot.span), order: slot.order, doc: slot.doc.clone(), title: None };
        fields.insert(name.clone(), ir::Field { ty: slot.ty.clone()?, meta });
    }
    Some(fields)
}
