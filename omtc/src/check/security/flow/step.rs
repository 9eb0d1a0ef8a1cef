//! One branch of one transition: when it is taken, and what it does.

use super::evaluate::{Evaluator, Names, Nested, join, merge};
use super::value::{Kind, Node, Root, Value};
use omt_runtime::ir::{
    Action, Actor, At, Branch, Cause, Collect, Handler, Message, Place, Protocol, Selector, Transition, Type,
};
use std::sync::Arc;

/// A condition, and whether it holds.
#[derive(Clone)]
pub(in crate::check::security) struct Condition<'a> {
    /// What is asked.
    pub value: Value<'a>,
    /// The answer.
    pub holds: bool,
}

/// What makes a step happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::check::security) enum Source<'a> {
    /// Nothing.
    Auto,
    /// A message, also one that is collected.
    Message(&'a str),
    /// A trigger.
    Trigger(&'a str),
    /// The end of a task.
    Task(&'a str),
    /// A time limit or a period of the state.
    Time(u32),
}

/// One branch of a transition of one state, or a collect.
pub(in crate::check::security) struct Step<'a> {
    /// Its place among all steps.
    pub index: usize,
    /// Name of the actor.
    pub actor: &'a str,
    /// The actor.
    pub machine: &'a Actor,
    /// The state that it leaves.
    pub state: &'a str,
    /// What makes it happen.
    pub cause: Source<'a>,
    /// The message that does, if one does.
    pub message: Option<&'a Message>,
    /// Where it leads.
    pub to: &'a str,
    /// The message is collected.
    pub collect: Option<&'a Collect>,
    /// It is the `else`.
    pub otherwise: bool,
    /// What holds when it is taken: its guard, that no earlier guard for the same cause holds, that no `ABORT` is reached.
    pub conditions: Vec<Condition<'a>>,
    /// Its own guard, which is one of the conditions.
    pub guard: Option<Value<'a>>,
    /// What it does, in order.
    pub effects: Vec<Effect<'a>>,
    /// Values that were computed for names (`let`) before the guard.
    pub lets: Vec<Value<'a>>,
    /// Lists that are gone through within lists.
    pub nested: Vec<Nested<'a>>,
    /// Where it stands.
    pub at: At,
    /// There was more than is followed.
    pub lost: bool,
}

/// Something that a step does.
pub(in crate::check::security) struct Effect<'a> {
    /// What.
    pub kind: EffectKind<'a>,
    /// The `IF`s that it stands in, innermost last.
    pub when: Vec<Condition<'a>>,
    /// It stands in a loop over this list.
    pub over: Option<Value<'a>>,
    /// Where it stands.
    pub at: At,
}

/// Kinds of effects.
pub(in crate::check::security) enum EffectKind<'a> {
    /// Writes a field of the store or the shared store.
    Write {
        /// Which.
        root: Root<'a>,
        /// Keys that lead to the part that is written.
        keys: Vec<Value<'a>>,
        /// What is written.
        value: Value<'a>,
        /// The declared type of the field.
        field: Option<&'a Type>,
    },
    /// Sends, to one or to many; to the gossip set if there is no receiver.
    Send {
        /// Which message.
        message: &'a str,
        /// To whom.
        to: Option<Value<'a>>,
        /// With what.
        payload: Value<'a>,
    },
    /// Appends to the own chain.
    Append {
        /// Which block.
        block: &'a str,
        /// With what.
        payload: Value<'a>,
    },
    /// Starts a task.
    Start {
        /// With what.
        arguments: Vec<Value<'a>>,
    },
    /// Gives up.
    Abort,
}

/// All steps of all actors.
pub(super) fn all(protocol: &Protocol) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for (actor, machine) in &protocol.actors {
        for (name, state) in &machine.states {
            if state.terminal {
                continue;
            }
            let through = state.passed_through();
            let mut earlier: Vec<(Source<'_>, Value<'_>)> = Vec::new();
            let mut elses: Vec<Followed<'_>> = Vec::new();
            for handler in &state.handlers {
                let one = One { protocol, actor, machine, state: name };
                match handler {
                    Handler::Transition(t) if through && t.cause != Cause::Auto => {}
                    Handler::Transition(t) => one.transition(t, &mut earlier, &mut elses, &mut steps),
                    Handler::Collect(_) if through => {}
                    Handler::Collect(c) => steps.push(one.collect(c)),
                }
            }
            // An `else` is taken when no guard for its cause holds, not even a later one.
            for mut last in elses {
                let own = last.step.cause;
                let all = earlier.iter().filter(|(cause, _)| *cause == own);
                last.step
                    .conditions
                    .extend(all.map(|(_, guard)| Condition { value: Arc::clone(guard), holds: false }));
                last.take();
                steps.push(last.step);
            }
        }
    }
    steps.iter_mut().enumerate().for_each(|(index, step)| step.index = index);
    steps
}

/// A branch that waits for what the later transitions of its state ask.
struct Followed<'a> {
    step: Step<'a>,
    follow: Evaluator<'a>,
    names: Names<'a>,
    branch: &'a Branch,
}

impl<'a> Followed<'a> {
    /// Runs the actions.
    fn take(&mut self) {
        let mut run = Run { follow: &mut self.follow, step: &mut self.step, when: Vec::new(), over: None };
        run.actions(&self.branch.actions, &mut self.names);
        self.step.lost = self.follow.lost();
        self.step.nested.append(&mut self.follow.nested);
    }
}

/// The state that steps are made for.
#[derive(Clone, Copy)]
struct One<'a> {
    protocol: &'a Protocol,
    actor: &'a str,
    machine: &'a Actor,
    state: &'a str,
}

impl<'a> One<'a> {
    fn step(self, cause: Source<'a>, to: &'a str, at: At) -> Step<'a> {
        let message = match cause {
            Source::Message(name) => self.protocol.messages.get(name),
            Source::Auto | Source::Trigger(_) | Source::Task(_) | Source::Time(_) => None,
        };
        Step {
            index: 0,
            actor: self.actor,
            machine: self.machine,
            state: self.state,
            cause,
            message,
            to,
            collect: None,
            otherwise: false,
            conditions: Vec::new(),
            guard: None,
            effects: Vec::new(),
            lets: Vec::new(),
            nested: Vec::new(),
            at,
            lost: false,
        }
    }

    /// What names stand for when the step begins: the message that creates an instance names who plays its role.
    fn names(self, cause: Source<'a>) -> Names<'a> {
        let mut names = Names::default();
        let Source::Message(message) = cause else { return names };
        if self.state != self.machine.initial {
            return names;
        }
        let Some(message) = self.protocol.messages.get(message) else { return names };
        if let [role] = message.from.as_slice()
            && let Some((name, field)) =
                self.machine.peers.get(role).and_then(|f| self.machine.store.get_key_value(f))
            && *field.ty.plain() == Type::PeerId
        {
            let sender = Node::new(Kind::Root(Root::Sender), Some(&field.ty), At::default());
            names.store.insert(Root::Store(name), sender);
        }
        names
    }

    fn transition(
        self,
        t: &'a Transition,
        earlier: &mut Vec<(Source<'a>, Value<'a>)>,
        elses: &mut Vec<Followed<'a>>,
        steps: &mut Vec<Step<'a>>,
    ) {
        let cause = match &t.cause {
            Cause::Auto => Source::Auto,
            Cause::Message(name) => Source::Message(name),
            Cause::Trigger(name) => Source::Trigger(name),
            Cause::Task(name) => Source::Task(name),
            Cause::Timeout(limit) | Cause::Period(limit) => Source::Time(*limit),
        };
        let before: Vec<Condition<'a>> = earlier
            .iter()
            .filter(|(other, _)| *other == cause)
            .map(|(_, guard)| Condition { value: Arc::clone(guard), holds: false })
            .collect();
        let prepared = |to: &'a str| {
            let mut follow = Evaluator::new(self.protocol);
            let mut names = self.names(cause);
            let mut step = self.step(cause, to, t.meta.at);
            for (slot, e) in &t.lets {
                let value = follow.value(e, &names);
                step.lets.push(Arc::clone(&value));
                names.locals.insert(*slot, value);
            }
            let guard = t.guard.as_ref().map(|guard| follow.value(guard, &names));
            (step, follow, names, guard)
        };
        let (mut step, follow, names, guard) = prepared(&t.then.to);
        step.conditions.extend(before);
        if let Some(guard) = &guard {
            step.conditions.push(Condition { value: Arc::clone(guard), holds: true });
            step.guard = Some(Arc::clone(guard));
            earlier.push((cause, Arc::clone(guard)));
        }
        let mut then = Followed { step, follow, names, branch: &t.then };
        then.take();
        steps.push(then.step);
        if let Some(branch) = &t.otherwise {
            let (mut step, follow, names, _) = prepared(&branch.to);
            step.otherwise = true;
            elses.push(Followed { step, follow, names, branch });
        }
    }

    fn collect(self, c: &'a Collect) -> Step<'a> {
        let cause = Source::Message(&c.message);
        let mut follow = Evaluator::new(self.protocol);
        let mut names = self.names(cause);
        let mut step = self.step(cause, self.state, c.meta.at);
        step.collect = Some(c);
        if let Some(guard) = &c.guard {
            let value = follow.value(guard, &names);
            step.guard = Some(Arc::clone(&value));
            step.conditions.push(Condition { value, holds: true });
        }
        let mut run = Run { follow: &mut follow, step: &mut step, when: Vec::new(), over: None };
        run.actions(&c.actions, &mut names);
        step.lost = follow.lost();
        step.nested.append(&mut follow.nested);
        step
    }
}

/// Runs actions.
struct Run<'r, 'a> {
    follow: &'r mut Evaluator<'a>,
    step: &'r mut Step<'a>,
    when: Vec<Condition<'a>>,
    over: Option<Value<'a>>,
}

impl<'a> Run<'_, 'a> {
    fn effect(&mut self, kind: EffectKind<'a>, at: At) {
        let effect = Effect { kind, when: self.when.clone(), over: self.over.clone(), at };
        self.step.effects.push(effect);
    }

    /// Runs them; whether they end in an `ABORT` for certain.
    fn actions(&mut self, list: &'a [Action], names: &mut Names<'a>) -> bool {
        for action in list {
            if self.action(action, names) {
                return true;
            }
        }
        false
    }

    fn action(&mut self, action: &'a Action, names: &mut Names<'a>) -> bool {
        match action {
            Action::Assign { place, path, value, meta } => {
                let value = self.follow.value(value, names);
                self.write(place, path, value, names, *meta);
            }
            Action::Send { to, message, payload, meta }
            | Action::Broadcast { to, message, payload, meta } => {
                let to = Some(self.follow.value(to, names));
                let payload = self.follow.value(payload, names);
                self.effect(EffectKind::Send { message, to, payload }, *meta);
            }
            Action::Gossip { message, payload, meta } => {
                let payload = self.follow.value(payload, names);
                self.effect(EffectKind::Send { message, to: None, payload }, *meta);
            }
            Action::Append { into, block, payload, meta } => {
                let payload = self.follow.value(payload, names);
                self.effect(EffectKind::Append { block, payload: Arc::clone(&payload) }, *meta);
                if let Some(place) = into {
                    let author = Node::new(Kind::Root(Root::Own), None, *meta);
                    let block =
                        Node::new(Kind::Record(vec![("payload", payload), ("author", author)]), None, *meta);
                    self.write(place, &[], block, names, *meta);
                }
            }
            Action::Let { slot, value, meta: _ } => {
                let value = self.follow.value(value, names);
                names.locals.insert(*slot, value);
            }
            Action::If { condition, then, otherwise, meta } => {
                let condition = self.follow.value(condition, names);
                let mut branch = |holds: bool, list: &'a [Action]| {
                    let mut inside = names.clone();
                    self.when.push(Condition { value: Arc::clone(&condition), holds });
                    let aborts = self.actions(list, &mut inside);
                    self.when.pop();
                    (inside, aborts)
                };
                let (one, first) = branch(true, then);
                let (two, second) = branch(false, otherwise);
                match (first, second) {
                    (true, true) => return true,
                    (true, false) => {
                        *names = two;
                        self.assert(condition, false);
                    }
                    (false, true) => {
                        *names = one;
                        self.assert(condition, true);
                    }
                    (false, false) => merge(names, &condition, one, two, *meta),
                }
            }
            Action::For { slot, list, body, meta } => {
                let list = self.follow.value(list, names);
                let mut inside = names.clone();
                let around = self.over.replace(Arc::clone(&list));
                self.looped(&list, *slot, body, &mut inside, *meta);
                self.over = around;
                join(names, inside, |old, new| Node::mix(vec![old, new], None, *meta));
            }
            Action::Abort { reason: _, meta } => {
                self.effect(EffectKind::Abort, *meta);
                return true;
            }
            Action::Start { task: _, arguments, meta } => {
                let arguments = arguments.iter().map(|e| self.follow.value(e, names)).collect();
                self.effect(EffectKind::Start { arguments }, *meta);
            }
        }
        false
    }

    fn looped(&mut self, list: &Value<'a>, slot: u32, body: &'a [Action], inside: &mut Names<'a>, at: At) {
        let Run { follow, step, when, over } = self;
        follow.each(list, at, |follow, item| {
            inside.locals.insert(slot, item);
            let mut run = Run { follow, step, when: std::mem::take(when), over: over.clone() };
            run.actions(body, inside);
            *when = run.when;
        });
    }

    /// What follows is reached only if this is so. Within other `IF`s it says nothing about the step as a whole.
    fn assert(&mut self, value: Value<'a>, holds: bool) {
        if self.when.is_empty() {
            self.step.conditions.push(Condition { value, holds });
        }
    }

    fn write(
        &mut self,
        place: &'a Place,
        path: &'a [Selector],
        value: Value<'a>,
        names: &mut Names<'a>,
        at: At,
    ) {
        let (root, field) = match place {
            Place::Store(name) => (Root::Store(name), self.step.machine.store.get(name)),
            Place::Shared(name) => (Root::Shared(name), self.step.machine.shared.get(name)),
            Place::View(name) => (Root::View(name), None),
            Place::Local(slot) => {
                let old = names.locals.get(slot).cloned();
                let new = self.follow.put(old, path, value, names, at);
                names.locals.insert(*slot, new);
                return;
            }
        };
        let field = field.map(|f| &f.ty);
        let keys = path.iter().map(|selector| self.follow.value(&selector.key, names)).collect();
        self.effect(EffectKind::Write { root, keys, value: Arc::clone(&value), field }, at);
        let old = names.store.get(&root).cloned().unwrap_or_else(|| Node::new(Kind::Root(root), field, at));
        let new = self.follow.put(Some(old), path, value, names, at);
        names.store.insert(root, new);
    }
}

impl<'a> Step<'a> {
    /// Is it taken in the initial state: does a message that causes it create the instance?
    pub(in crate::check::security) fn creates(&self) -> bool {
        self.state == self.machine.initial
    }

    /// The name of the message that causes it.
    pub(in crate::check::security) fn message_name(&self) -> Option<&'a str> {
        match self.cause {
            Source::Message(name) => Some(name),
            Source::Auto | Source::Trigger(_) | Source::Task(_) | Source::Time(_) => None,
        }
    }

    /// What it writes: the field, the keys, the value.
    pub(in crate::check::security) fn writes(
        &self,
    ) -> impl Iterator<Item = (&Effect<'a>, Root<'a>, &Vec<Value<'a>>, &Value<'a>)> {
        self.effects.iter().filter_map(|effect| match &effect.kind {
            EffectKind::Write { root, keys, value, field: _ } => Some((effect, *root, keys, value)),
            EffectKind::Send { .. }
            | EffectKind::Append { .. }
            | EffectKind::Start { .. }
            | EffectKind::Abort => None,
        })
    }
}

impl<'a> Step<'a> {
    /// What it writes to one field.
    pub(in crate::check::security) fn written(&self, to: Root<'_>) -> impl Iterator<Item = &Value<'a>> {
        self.writes().filter(move |(_, root, _, _)| *root == to).map(|(_, _, _, value)| value)
    }

    /// Does nothing at all: the message is taken note of, and dropped.
    pub(in crate::check::security) fn is_idle(&self) -> bool {
        self.to == self.state && self.effects.is_empty() && self.collect.is_none()
    }

    /// Everything that it stores, appends or sends.
    pub(in crate::check::security) fn made(&self) -> impl Iterator<Item = &Value<'a>> {
        self.effects.iter().flat_map(|effect| match &effect.kind {
            EffectKind::Write { root: _, keys, value, field: _ } => keys.iter().chain([value]).collect(),
            EffectKind::Send { message: _, to, payload } => to.iter().chain([payload]).collect(),
            EffectKind::Append { block: _, payload } => vec![payload],
            EffectKind::Start { arguments } => arguments.iter().collect::<Vec<_>>(),
            EffectKind::Abort => Vec::new(),
        })
    }

    /// Everything that it stores or appends: what outlives the step here.
    pub(in crate::check::security) fn kept(&self) -> impl Iterator<Item = &Value<'a>> {
        self.effects.iter().flat_map(|effect| match &effect.kind {
            EffectKind::Write { root: _, keys, value, field: _ } => keys.iter().chain([value]).collect(),
            EffectKind::Append { block: _, payload } => vec![payload],
            EffectKind::Send { .. } | EffectKind::Start { .. } | EffectKind::Abort => Vec::new(),
        })
    }

    /// Who may send the message, as far as the actor knows.
    pub(in crate::check::security) fn sender(&self) -> Sender<'a> {
        let mut known = Sender::One("");
        for role in self.message.into_iter().flat_map(|message| &message.from) {
            let Some((name, field)) =
                self.machine.peers.get(role).and_then(|f| self.machine.store.get_key_value(f))
            else {
                // Two parties that tell each other the same: nobody else plays the receiver's own role.
                if role == self.actor && self.message.is_some_and(|message| message.from.len() > 1) {
                    continue;
                }
                return Sender::Anyone(role);
            };
            known = match (field.ty.plain(), known) {
                (Type::PeerId, Sender::One("")) => Sender::One(name),
                _ => Sender::Many(name),
            };
        }
        known
    }
}

/// Who may send a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::check::security) enum Sender<'a> {
    /// The peer that this field of the store names.
    One(&'a str),
    /// Several peers, those that this field names among them.
    Many(&'a str),
    /// Whoever says to be of this role.
    Anyone(&'a str),
}
