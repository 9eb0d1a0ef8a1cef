//! Actors: states, store, and what the machine does in each state.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "most types and expressions are written alike; those that differ are named"
)]

use super::code::Form;
use super::declare::wire_field;
use super::expr::{Emit, Slot, Where};
use super::file::{File, docs, escape};
use super::model::{Home, by_order};
use super::names::{Names, pascal, plain_snake, snake};
use super::walk;
use omt_runtime::ir::{
    Actor, Branch, Cause, Collect, CollectForm, Expr, Fields, Handler, LimitKind, OverrideKind, State,
    Transition, Type, in_order,
};
use std::collections::BTreeMap;

/// Calls `see` with every expression of a handler.
fn handler_expressions(handler: &Handler, see: &mut dyn FnMut(&Expr)) {
    match handler {
        Handler::Transition(transition) => {
            transition.lets.iter().for_each(|(_, value)| walk::expr(value, see));
            transition.guard.iter().for_each(|guard| walk::expr(guard, see));
            walk::actions(&transition.then.actions, see);
            transition.otherwise.iter().for_each(|branch| walk::actions(&branch.actions, see));
        }
        Handler::Collect(collect) => {
            collect.guard.iter().for_each(|guard| walk::expr(guard, see));
            walk::actions(&collect.actions, see);
        }
    }
}

/// Calls `see` with every expression of an actor.
pub fn expressions(actor: &Actor, see: &mut dyn FnMut(&Expr)) {
    for state in actor.states.values() {
        state.handlers.iter().for_each(|handler| handler_expressions(handler, see));
        state.overrides.iter().filter_map(|o| o.guard.as_ref()).for_each(|guard| walk::expr(guard, see));
        state.limits.iter().for_each(|limit| walk::expr(&limit.value, see));
    }
}

/// Writes the file of one actor.
pub struct ActorWriter<'f, 'm, 'p> {
    file: &'f mut File<'m, 'p>,
    name: &'p str,
    actor: &'p Actor,
    rust: String,
    states: Names,
    functions: Names,
    /// The functions that react, one for each state and cause.
    reactions: String,
}

/// What a function that reacts takes besides the step.
struct Reaction {
    function: String,
    message: bool,
    arguments: Vec<usize>,
}

impl<'f, 'm, 'p> ActorWriter<'f, 'm, 'p> {
    /// Ready to write.
    pub fn new(file: &'f mut File<'m, 'p>, name: &'p str, actor: &'p Actor) -> Self {
        let model = file.model;
        let mut states = Names::reserving(["Self"]);
        for (state, _) in by_order(&actor.states, |state| &state.meta) {
            states.give(state, &pascal(state));
        }
        let declared = model.protocol.functions.keys().map(|name| model.function(name));
        let natives = model.protocol.natives.keys().map(|name| model.native(name));
        let taken = super::model::VALUE_NAMES.iter().copied().chain(declared).chain(natives);
        let functions = Names::reserving(taken);
        let rust = model.actor_type(name).to_owned();
        ActorWriter { file, name, actor, rust, states, functions, reactions: String::new() }
    }

    fn state(&self, name: &str) -> String {
        format!("State::{}", self.states.get(name))
    }

    /// The text of the file.
    pub fn write(mut self) -> String {
        let mut text = self.declare_states();
        text.push_str(&self.declare_fields(
            "Store",
            "What one instance remembers.",
            &self.actor.store,
            false,
        ));
        text.push_str(&self.store_macro());
        if !self.actor.shared.is_empty() {
            let fields = &self.actor.shared;
            text.push_str(&self.declare_fields(
                "Shared",
                "What all instances of one peer share.",
                fields,
                true,
            ));
            text.push_str(&self.shared_macro());
        }
        text.push_str(&docs(
            self.actor.meta.title.as_deref(),
            &self.actor.meta.doc,
            &format!("Actor `{}`.", self.name),
        ));
        text.push_str(&format!("pub struct {};\n", self.rust));
        text.push_str(&self.implementation());
        text.push_str(&self.reactions);
        for (name, function) in super::function::reads_store(self.file.model, self.actor) {
            let place = Where::Function(Some(self.name.to_owned()));
            text.push_str(&super::function::function(self.file, name, function, place, false));
        }
        text
    }

    fn declare_states(&mut self) -> String {
        let mut text = format!(
            "/// States of [`{}`].\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum State {{\n",
            self.rust
        );
        let mut wire = Vec::new();
        for (name, state) in by_order(&self.actor.states, |state| &state.meta) {
            text.push_str(&docs(state.meta.title.as_deref(), &state.meta.doc, &format!("`{name}`.")));
            text.push_str(&format!("{},\n", self.states.get(name)));
            wire.push(format!("{name} => {}", self.states.get(name)));
        }
        text.push_str(&format!("}}\n{}", self.file.list_macro("states", "State", &wire)));
        text
    }

    fn declare_fields(&mut self, name: &str, doc: &str, fields: &Fields, shared: bool) -> String {
        let derive = if shared { "Debug" } else { "Clone, Debug, Default, PartialEq" };
        let mut text = format!("/// {doc}\n#[derive({derive})]\npub struct {name} {{\n");
        for (field, declared) in in_order(fields) {
            let plain = self.file.ty(declared.ty.plain());
            let optional = if shared {
                declared.ty.is_optional() || !declared.ty.has_zero()
            } else {
                !declared.ty.begins_empty()
            };
            let ty = if optional { format!("Option<{plain}>") } else { plain };
            let (rust, ty) = if shared {
                (self.file.model.shared_field(self.name, field), format!("Tracked<{ty}>"))
            } else {
                (self.file.model.store_field(self.name, field), ty)
            };
            let fallback =
                if field.contains('$') { "Kept by the compiler.".to_owned() } else { format!("`{field}`.") };
            text.push_str(&docs(None, &declared.meta.doc, &fallback));
            text.push_str(&format!("pub {rust}: {ty},\n"));
        }
        text.push_str("}\n");
        text
    }

    fn store_macro(&mut self) -> String {
        let fields: Vec<String> = in_order(&self.actor.store)
            .iter()
            .map(|(name, _)| wire_field(self.file.model.store_field(self.name, name), name))
            .collect();
        self.file.list_macro("store_fields", "Store", &fields)
    }

    fn shared_macro(&mut self) -> String {
        // By name: the order in which they are handed back.
        let names = self.actor.shared.keys();
        let fields: Vec<String> =
            names.map(|name| wire_field(self.file.model.shared_field(self.name, name), name)).collect();
        self.file.list_macro("shared_fields", "Shared", &fields)
    }

    fn implementation(&mut self) -> String {
        let terminal: Vec<String> = by_order(&self.actor.states, |state| &state.meta)
            .into_iter()
            .filter(|(_, state)| state.terminal)
            .map(|(name, _)| self.state(name))
            .collect();
        let shared = if self.actor.shared.is_empty() { "()" } else { "Shared" };
        let message = self.file.import(Home::Messages.module(), "Message");
        let initial = self.state(&self.actor.initial);
        let mut text = format!(
            "impl Actor for {} {{\ntype State = State;\ntype Store = Store;\ntype Shared = {shared};\ntype Message = {message};\n\
             const NAME: &'static str = {:?};\nconst INITIAL: State = {initial};\nconst TERMINAL: &'static [State] = &[{}];\n",
            self.rust,
            self.name,
            terminal.join(", ")
        );
        text.push_str(&self.session());
        text.push_str(&self.roster());
        let mut arms: BTreeMap<&str, String> = BTreeMap::new();
        let actor = self.actor;
        for (state_name, state) in by_order(&actor.states, |state| &state.meta) {
            for cause in causes(state) {
                // A state that is passed through never waits, so nothing else can happen in it.
                if state.passed_through() && cause != Cause::Auto {
                    continue;
                }
                let reaction = self.reaction(state_name, state, &cause);
                let (method, arm) = self.arm(state_name, &cause, &reaction);
                arms.entry(method).or_default().push_str(&arm);
            }
        }
        for (method, parameters, scrutinee) in [
            ("on_message", ", message: &Message", "(step.state(), message)"),
            ("on_trigger", ", name: &str, arguments: Arguments<'_>", "(step.state(), name)"),
            ("on_task", ", name: &str, result: TaskResult<'_>", "(step.state(), name)"),
            ("on_timeout", ", limit: u32", "(step.state(), limit)"),
            ("on_period", ", limit: u32", "(step.state(), limit)"),
            ("on_auto", "", "step.state()"),
        ] {
            let Some(arms) = arms.get(method) else { continue };
            let parameters = if arms.contains("arguments.") {
                parameters.to_owned()
            } else {
                parameters.replace("arguments:", "_arguments:")
            };
            let parameters =
                if arms.contains("result.") { parameters } else { parameters.replace("result:", "_result:") };
            let others = if method == "on_auto" { self.other_states(arms) } else { "_".to_owned() };
            let others =
                if others.is_empty() { others } else { format!("{others} => Ok(Outcome::Unhandled),\n") };
            text.push_str(&format!(
                "fn {method}(step: &mut Step<'_, Self>{parameters}) -> Result<Outcome, Raised> {{\nmatch {scrutinee} {{\n{arms}{others}}}\n}}\n"
            ));
        }
        text.push_str(&self.overrides());
        text.push_str(&self.timers());
        text.push_str("}\n");
        text
    }

    /// A pattern of the states that the arms of a match leave out.
    fn other_states(&self, arms: &str) -> String {
        let named = |pattern: &str| {
            arms.lines().any(|line| line.strip_prefix(pattern).is_some_and(|rest| rest.starts_with(" =>")))
        };
        let others: Vec<String> = by_order(&self.actor.states, |state| &state.meta)
            .into_iter()
            .map(|(name, _)| self.state(name))
            .filter(|pattern| !named(pattern))
            .collect();
        others.join(" | ")
    }

    fn session(&self) -> String {
        let key = self.file.model.protocol.session_key.as_str();
        if !self.actor.store.contains_key(key) {
            return String::new();
        }
        let field = self.file.model.store_field(self.name, key);
        format!(
            "fn session(store: &Store) -> Option<SessionId> {{\nstore.{field}\n}}\n\
             fn set_session(store: &mut Store, session: SessionId) {{\nstore.{field} = Some(session);\n}}\n"
        )
    }

    /// Who may send what, and whom a first message binds.
    fn roster(&self) -> String {
        let mut admits: Vec<(String, String)> = Vec::new();
        let mut binds: Vec<(String, String)> = Vec::new();
        let protocol = self.file.model.protocol;
        for (name, message) in by_order(&protocol.messages, |message| &message.meta) {
            let fields: Option<Vec<&String>> =
                message.from.iter().map(|role| self.actor.peers.get(role)).collect();
            // A role without a field is unconstrained, and with it the message.
            let Some(mut fields) = fields else { continue };
            fields.dedup();
            let field = |name: &String| self.file.model.store_field(self.name, name).to_owned();
            let tests: Vec<String> =
                fields.iter().map(|name| format!("store.{}.names(sender)", field(name))).collect();
            alternative(&mut admits, name, tests.join(" || "));
            let single: Vec<String> = fields
                .iter()
                .filter(|name| {
                    self.actor.store.get(**name).is_some_and(|field| *field.ty.plain() == Type::PeerId)
                })
                .map(|name| format!("library::bind(&mut store.{}, sender)", field(name)))
                .collect();
            if !single.is_empty() {
                alternative(&mut binds, name, single.join(" || "));
            }
        }
        let arms = |list: &[(String, String)]| -> String {
            list.iter().map(|(names, value)| format!("{names} => {value},\n")).collect()
        };
        let (admits, binds) = (arms(&admits), arms(&binds));
        let mut text = String::new();
        if !admits.is_empty() {
            text.push_str(&format!(
                "fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {{\nmatch message {{\n{admits}_ => true,\n}}\n}}\n"
            ));
        }
        if !binds.is_empty() {
            text.push_str(&format!(
                "fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {{\nmatch message {{\n{binds}_ => false,\n}}\n}}\n"
            ));
        }
        text
    }

    /// The line of `on_…` that leads to the function.
    fn arm(&self, state: &str, cause: &Cause, reaction: &Reaction) -> (&'static str, String) {
        let pattern = self.state(state);
        let function = &reaction.function;
        match cause {
            Cause::Message(name) => {
                let variant = self.file.model.type_name(&Type::Message(name.clone()));
                let (binding, argument) = if reaction.message { ("message", ", message") } else { ("_", "") };
                (
                    "on_message",
                    format!("({pattern}, Message::{variant}({binding})) => {function}(step{argument}),\n"),
                )
            }
            Cause::Trigger(name) => {
                let arguments: String =
                    reaction.arguments.iter().map(|index| format!(", arguments.get({index})?")).collect();
                ("on_trigger", format!("({pattern}, {name:?}) => {function}(step{arguments}),\n"))
            }
            Cause::Task(name) => {
                let argument = if reaction.message { ", result.get()?" } else { "" };
                ("on_task", format!("({pattern}, {name:?}) => {function}(step{argument}),\n"))
            }
            Cause::Timeout(limit) => ("on_timeout", format!("({pattern}, {limit}) => {function}(step),\n")),
            Cause::Period(limit) => ("on_period", format!("({pattern}, {limit}) => {function}(step),\n")),
            Cause::Auto => ("on_auto", format!("{pattern} => {function}(step),\n")),
        }
    }

    /// Writes the function for one state and cause.
    fn reaction(&mut self, state_name: &str, state: &'p State, cause: &Cause) -> Reaction {
        let what = cause_text(state, cause);
        let suffix = match cause {
            Cause::Auto => "at_once".to_owned(),
            Cause::Message(name) | Cause::Trigger(name) | Cause::Task(name) => {
                format!("on_{}", plain_snake(name))
            }
            Cause::Timeout(limit) => limit_name(state, *limit, "on_timeout"),
            Cause::Period(limit) => limit_name(state, *limit, "every"),
        };
        let function = self.functions.fresh(&format!("{}_{suffix}", plain_snake(state_name)));
        let mut parameters = String::new();
        let mut emit = Emit::new(self.file, Where::Handler(self.name.to_owned()));
        for handler in state.handlers.iter().filter(|handler| handler_cause(handler) == *cause) {
            handler_expressions(handler, &mut |e| emit.keep_clear(e));
        }
        let trigger = match cause {
            Cause::Trigger(name) => self.actor.triggers.get(name),
            _ => None,
        };
        for argument in trigger.map(|trigger| trigger.arguments.as_slice()).unwrap_or_default() {
            let name = emit.names.fresh(&snake(&argument.name));
            emit.arguments.insert(argument.name.clone(), Slot { name, form: Form::Place });
        }
        let mut fallback: Option<(u32, &Transition, &Branch, BTreeMap<u32, Slot>)> = None;
        let mut open = true;
        let mut repeated: Vec<String> = Vec::new();
        for (index, handler) in (0u32..).zip(&state.handlers) {
            if !open || handler_cause(handler) != *cause {
                continue;
            }
            let label = label(state_name, state, handler);
            let scope = (emit.names.clone(), emit.slots.clone());
            match handler {
                Handler::Transition(transition) => {
                    emit.line(&format!("step.consider({index}, {label:?});"));
                    emit.frame = transition.frame.clone();
                    emit.slots.clear();
                    for (slot, value_expr) in &transition.lets {
                        let value = emit.owned(value_expr);
                        let used = let_used(transition, *slot);
                        let name = emit.bind(*slot, Form::Place, used);
                        let ty = emit.annotation(value_expr);
                        emit.line(&format!("let {name}{ty} = {value};"));
                    }
                    let to = format!("State::{}", self.states.get(&transition.then.to));
                    let proceed = |emit: &mut Emit<'_, '_, '_>| {
                        if *cause == Cause::Auto {
                            let at = emit.at(transition.meta.at);
                            emit.line(&format!("step.proceed(){at};"));
                        }
                    };
                    if let Some(guard) = &transition.guard {
                        let guard = emit.condition(guard);
                        emit.line(&format!("if {guard} {{"));
                        let inner = (emit.names.clone(), emit.slots.clone());
                        proceed(&mut emit);
                        emit.actions(&transition.then.actions);
                        emit.line(&format!("return step.enter({to});\n}}"));
                        (emit.names, emit.slots) = inner;
                    } else {
                        proceed(&mut emit);
                        emit.actions(&transition.then.actions);
                        emit.line(&format!("step.enter({to})"));
                        open = false;
                    }
                    match &transition.otherwise {
                        Some(branch) if fallback.is_none() => {
                            fallback = Some((index, transition, branch, emit.slots.clone()));
                        }
                        _ => (emit.names, emit.slots) = scope,
                    }
                }
                Handler::Collect(collect) => {
                    emit.frame = collect.frame.clone();
                    emit.slots.clear();
                    repeated.push(write_collect(&mut emit, self.name, index, &label, collect));
                    // The name of what is known of the sender stays taken.
                    emit.slots = scope.1;
                }
            }
        }
        if open {
            match fallback {
                Some((index, transition, branch, slots)) => {
                    emit.line(&format!(
                        "step.otherwise({index}, {:?});",
                        omt_runtime::ir::describe::handler(
                            state_name,
                            state,
                            &Handler::Transition(transition.clone())
                        )
                    ));
                    emit.frame = transition.frame.clone();
                    emit.slots = slots;
                    if *cause == Cause::Auto {
                        let at = emit.at(transition.meta.at);
                        emit.line(&format!("step.proceed(){at};"));
                    }
                    emit.actions(&branch.actions);
                    emit.line(&format!("step.enter(State::{})", self.states.get(&branch.to)));
                }
                None => match repeated.as_slice() {
                    [] => emit.line("step.refuse()"),
                    [first, rest @ ..] => {
                        let rest: String = rest.iter().map(|name| format!(".or({name})")).collect();
                        emit.line(&format!("step.refuse_repeated({first}{rest})"));
                    }
                },
            }
        }
        let (body, message, used) = (emit.out, emit.cause, emit.used_arguments);
        let arguments = emit.arguments;
        let mut indices = Vec::new();
        match cause {
            Cause::Message(name) if message => {
                let ty = self.file.declared(Home::Messages, &Type::Message(name.clone()));
                parameters.push_str(&format!(", message: &Received<{ty}>"));
            }
            Cause::Task(name) if message => {
                let returns =
                    self.file.model.protocol.tasks.get(name).map_or(Type::Null, |task| task.returns.clone());
                let ty = self.file.ty(&returns.optional());
                parameters.push_str(&format!(", task_result: {ty}"));
            }
            _ => {}
        }
        for (index, argument) in
            trigger.map(|trigger| trigger.arguments.as_slice()).unwrap_or_default().iter().enumerate()
        {
            if used.contains(&argument.name) {
                let name = arguments.get(&argument.name).map_or("unknown_name", |slot| slot.name.as_str());
                let ty = self.file.ty(&argument.ty);
                parameters.push_str(&format!(", {name}: {ty}"));
                indices.push(index);
            }
        }
        let many = if indices.len() > 6 { "#[allow(clippy::too_many_arguments)]\n" } else { "" };
        let mut doc = format!("/// In {state_name}, {}.\n", escape(&what));
        for (_, handler) in
            (0u32..).zip(&state.handlers).filter(|(_, handler)| handler_cause(handler) == *cause)
        {
            let own = match handler {
                Handler::Transition(transition) => &transition.meta,
                Handler::Collect(collect) => &collect.meta,
            };
            for line in own.title.iter().map(String::as_str).chain(own.doc.lines()) {
                doc.push_str(&format!("///\n/// {}\n", escape(line)));
            }
        }
        self.reactions.push_str(&format!(
            "{doc}{many}fn {function}(step: &mut Step<'_, {}>{parameters}) -> Result<Outcome, Raised> {{\n{body}}}\n",
            self.rust
        ));
        Reaction { function, message, arguments: indices }
    }

    /// `ignore` and `defer`.
    fn overrides(&mut self) -> String {
        let mut arms = String::new();
        let actor = self.actor;
        for (state_name, state) in by_order(&actor.states, |state| &state.meta) {
            let mut done: Vec<&str> = Vec::new();
            for first in &state.overrides {
                if done.contains(&first.message.as_str()) {
                    continue;
                }
                done.push(&first.message);
                let variant = self.file.model.type_name(&Type::Message(first.message.clone())).to_owned();
                let mut emit = Emit::new(self.file, Where::Handler(self.name.to_owned()));
                let mut open = true;
                for found in state.overrides.iter().filter(|found| found.message == first.message) {
                    if !open {
                        break;
                    }
                    let kind = match found.kind {
                        OverrideKind::Ignore => "Diverted::Ignored",
                        OverrideKind::Defer => "Diverted::Deferred",
                    };
                    emit.frame = found.frame.clone();
                    emit.slots.clear();
                    emit.line(&format!(
                        "step.consider_override({:?});",
                        omt_runtime::ir::describe::override_(found)
                    ));
                    match &found.guard {
                        Some(guard) => {
                            let guard = emit.condition(guard);
                            emit.line(&format!("if {guard} {{\nreturn Ok(Some({kind}));\n}}"));
                        }
                        None => {
                            emit.line(&format!("Ok(Some({kind}))"));
                            open = false;
                        }
                    }
                }
                if open {
                    emit.line("Ok(None)");
                }
                let binding = if emit.cause { "message" } else { "_" };
                let body = emit.out;
                let pattern = self.state(state_name);
                arms.push_str(&format!("({pattern}, Message::{variant}({binding})) => {{\n{body}}}\n"));
            }
        }
        if arms.is_empty() {
            return String::new();
        }
        format!(
            "fn divert(step: &mut Step<'_, Self>, message: &Message) -> Result<Option<Diverted>, Raised> {{\nmatch (step.state(), message) {{\n{arms}_ => Ok(None),\n}}\n}}\n"
        )
    }

    /// The timers of each state.
    fn timers(&mut self) -> String {
        let mut arms: Vec<(String, String)> = Vec::new();
        let actor = self.actor;
        for (state_name, state) in by_order(&actor.states, |state| &state.meta) {
            if state.limits.is_empty() {
                continue;
            }
            let mut emit = Emit::new(self.file, Where::Handler(self.name.to_owned()));
            for (index, limit) in state.limits.iter().enumerate() {
                let method = match (limit.kind, limit.value.ty.plain()) {
                    (LimitKind::Period, _) => "every",
                    (LimitKind::Timeout, Type::Timestamp) => "at",
                    (LimitKind::Timeout, _) => "after",
                };
                let value = emit.limit(&limit.value);
                emit.line(&format!("timers.{method}({index}, {value});"));
            }
            let body = emit.out;
            arms.push((self.state(state_name), body));
        }
        let matching = match arms.as_slice() {
            [] => return String::new(),
            [(state, body)] => format!("if step.state() == {state} {{\n{body}}}"),
            _ => {
                let arms: String =
                    arms.iter().map(|(state, body)| format!("{state} => {{\n{body}}}\n")).collect();
                let others = self.other_states(&arms);
                let others = if others.is_empty() { others } else { format!("{others} => {{}}\n") };
                format!("match step.state() {{\n{arms}{others}}}")
            }
        };
        format!(
            "fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {{\n{matching}\nOk(())\n}}\n"
        )
    }
}

/// One more name for a value in a list of match arms.
fn alternative(arms: &mut Vec<(String, String)>, name: &str, value: String) {
    match arms.iter_mut().find(|(_, known)| *known == value) {
        Some((names, _)) => names.push_str(&format!(" | {name:?}")),
        None => arms.push((format!("{name:?}"), value)),
    }
}

/// Gives the name of the local that says whether the sender was collected before.
fn write_collect(
    emit: &mut Emit<'_, '_, '_>,
    actor: &str,
    index: u32,
    label: &str,
    collect: &Collect,
) -> String {
    emit.cause = true;
    emit.line(&format!("step.consider({index}, {label:?});"));
    let into = emit.file.model.store_field(actor, &collect.into).to_owned();
    let (test, add) = match &collect.form {
        CollectForm::Map => (
            format!("step.store.{into}.repeats(&message.sender, &message.payload)"),
            format!("step.store.{into}.insert(message.sender, message.payload.clone());"),
        ),
        CollectForm::SignedMap => (
            format!("step.store.{into}.repeats(&message.sender, &message.payload)"),
            format!("step.store.{into}.insert(message.sender, message.signed());"),
        ),
        CollectForm::List { senders } => {
            let senders = emit.file.model.store_field(actor, senders).to_owned();
            (
                format!(
                    "library::repeats_in_list(&step.store.{senders}, &step.store.{into}, &message.sender, &message.payload)"
                ),
                format!(
                    "library::collect_in_list(&mut step.store.{senders}, &mut step.store.{into}, message.sender, message.payload.clone());"
                ),
            )
        }
    };
    let repeated = emit.names.fresh("repeated");
    emit.line(&format!("let {repeated} = {test};"));
    let inner = (emit.names.clone(), emit.slots.clone());
    let guard = collect.guard.as_ref().map(|guard| emit.condition_within_and(guard));
    let guard = guard.map(|guard| format!(" && {guard}")).unwrap_or_default();
    emit.line(&format!("if {repeated}.is_none(){guard} {{"));
    emit.line(&add);
    emit.actions(&collect.actions);
    emit.line("return step.stay();\n}");
    (emit.names, emit.slots) = inner;
    repeated
}

fn handler_cause(handler: &Handler) -> Cause {
    match handler {
        Handler::Transition(transition) => transition.cause.clone(),
        Handler::Collect(collect) => Cause::Message(collect.message.clone()),
    }
}

/// The causes of a state, in the order in which its handlers name them first.
fn causes(state: &State) -> Vec<Cause> {
    let mut list = Vec::new();
    for handler in &state.handlers {
        let cause = handler_cause(handler);
        if !list.contains(&cause) {
            list.push(cause);
        }
    }
    list
}

fn let_used(transition: &Transition, slot: u32) -> bool {
    let mut found = false;
    let mut see = |e: &Expr| found |= walk::names_slot(e, slot);
    transition.lets.iter().for_each(|(_, value)| walk::expr(value, &mut see));
    transition.guard.iter().for_each(|guard| walk::expr(guard, &mut see));
    walk::actions(&transition.then.actions, &mut see);
    transition.otherwise.iter().for_each(|branch| walk::actions(&branch.actions, &mut see));
    found
}

fn limit_name(state: &State, limit: u32, stem: &str) -> String {
    use omt_runtime::ir::ExprKind;
    let value = state.limits.get(limit as usize).map(|limit| &limit.value.kind);
    match value {
        Some(ExprKind::Parameter(name) | ExprKind::Store(name)) => format!("{stem}_{}", plain_snake(name)),
        _ => format!("{stem}_{limit}"),
    }
}

fn cause_text(state: &State, cause: &Cause) -> String {
    match cause {
        Cause::Auto => "at once".to_owned(),
        Cause::Message(name) => format!("on the message `{name}`"),
        Cause::Trigger(name) => format!("on the trigger `{name}`"),
        Cause::Task(name) => format!("when the task `{name}` has ended"),
        Cause::Timeout(limit) => format!("on `timeout({})`", limit_text(state, *limit)),
        Cause::Period(limit) => format!("on `every({})`", limit_text(state, *limit)),
    }
}

fn limit_text(state: &State, limit: u32) -> String {
    state
        .limits
        .get(limit as usize)
        .map_or_else(|| limit.to_string(), |limit| omt_runtime::ir::describe::path(&limit.value))
}

fn label(state_name: &str, state: &State, handler: &Handler) -> String {
    omt_runtime::ir::describe::handler(state_name, state, handler)
}
