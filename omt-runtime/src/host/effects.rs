//! What a step that fired asks for, as rows of the outbox.

use super::event::{EventKind, Reason, Refused};
use super::instance::Meta;
use super::journal::Table;
use super::limits::{GOSSIP_RESEND_FOR, RESEND_FOR};
use super::outbox::{Firing, OutboxRow};
use super::peer::Output;
use super::plan::{Plan, Planner};
use super::task::{TaskRow, TaskStart};
use crate::envelope::Envelope;
use crate::id::PeerId;
use crate::machine::{Effect, Fired};
use crate::wire::{self, Bytes};
use std::collections::BTreeSet;

/// Messages of one step, with those who get them; `None` is the network.
type Made = Vec<(Envelope, BTreeSet<Option<PeerId>>)>;

impl Planner<'_> {
    /// Puts the effects of a step into its plan, in order.
    pub(super) fn effects(&self, plan: &mut Plan, meta: &mut Meta, effects: &[Effect], completed: bool) {
        let mut made = Made::new();
        for effect in effects {
            match effect {
                Effect::Send { to, message, payload } => {
                    let envelope = self.envelope(&mut made, plan, meta, Some(*to), message, payload);
                    let id = envelope.id();
                    plan.events.push(EventKind::Sent {
                        key: plan.key,
                        to: *to,
                        message: message.clone(),
                        id,
                        payload: envelope.payload.clone(),
                    });
                    let expires = self.peer.clock.saturating_add(RESEND_FOR);
                    let envelope = Some(envelope);
                    self.post(plan, OutboxRow { to: *to, envelope, gossip: false, firing: None, expires });
                }
                Effect::Gossip { message, payload } => self.gossip(plan, &mut made, meta, message, payload),
                Effect::Start { task, arguments } => {
                    if !completed {
                        self.start(plan, meta, task, arguments);
                    }
                }
            }
        }
    }

    /// One envelope for one message to several receivers: they hold the same statement.
    fn envelope(
        &self,
        made: &mut Made,
        plan: &Plan,
        meta: &mut Meta,
        to: Option<PeerId>,
        message: &str,
        payload: &[u8],
    ) -> Envelope {
        let same = |(envelope, receivers): &&mut (Envelope, BTreeSet<Option<PeerId>>)| {
            &*envelope.message == message && *envelope.payload == *payload && !receivers.contains(&to)
        };
        if let Some((envelope, receivers)) = made.iter_mut().find(same) {
            receivers.insert(to);
            return envelope.clone();
        }
        let envelope = Envelope {
            from: self.peer.me,
            session: plan.key.session,
            protocol: plan.key.protocol,
            message: message.into(),
            sequence: meta.next_sequence,
            time: self.peer.clock,
            payload: payload.into(),
            signature: None,
        };
        meta.next_sequence += 1;
        let signed = self.loaded.protocol().messages.get(message).is_some_and(|declared| declared.signed);
        let envelope = if signed { envelope.signed_by(&self.peer.books.key) } else { envelope };
        made.push((envelope.clone(), BTreeSet::from([to])));
        envelope
    }

    fn gossip(&self, plan: &mut Plan, made: &mut Made, meta: &mut Meta, message: &str, payload: &[u8]) {
        let declared = self.loaded.protocol().messages.get(message);
        if !declared.is_some_and(|declared| declared.signed) && !self.loaded.proving.contains(message) {
            let detail = "neither signed nor with a certificate";
            let refused = Refused::new(self.peer.me, Reason::GossipUnproven, detail);
            plan.refused.push(refused.of(&message.into(), plan.key.session));
            return;
        }
        let envelope = self.envelope(made, plan, meta, None, message, payload);
        let id = envelope.id();
        plan.commit.put(Table::Gossip, id.0.to_vec(), wire::to_bytes(&envelope));
        let expires = self.peer.clock.saturating_add(GOSSIP_RESEND_FOR);
        for to in self.peer.config.neighbours.iter().filter(|to| **to != self.peer.me) {
            let envelope = Some(envelope.clone());
            self.post(plan, OutboxRow { to: *to, envelope, gossip: true, firing: None, expires });
        }
        let (message, payload) = (message.to_owned(), envelope.payload.clone());
        plan.events.push(EventKind::Gossiped { key: plan.key, message, id, payload });
        plan.gossip.push(envelope);
    }

    fn start(&self, plan: &mut Plan, meta: &mut Meta, task: &str, arguments: &[Vec<u8>]) {
        let Some(native) = self.loaded.protocol().tasks.get(task) else { return };
        if let Some(replaced) = meta.tasks.get(task) {
            plan.outputs.push(Output::CancelTask(self.task_key(plan.key, task, replaced.generation)));
        }
        let generation = meta.tasks_started;
        meta.tasks_started += 1;
        let row = TaskRow { generation, arguments: arguments.iter().map(|a| a.as_slice().into()).collect() };
        plan.commit.put(Table::Task, plan.key.row_of(task.as_bytes()), wire::to_bytes(&row));
        meta.tasks.insert(task.to_owned(), row);
        let key = self.task_key(plan.key, task, generation);
        plan.events.push(EventKind::TaskStarted { task: key.clone() });
        let (library, arguments) = (native.library.clone(), arguments.to_vec());
        plan.outputs.push(Output::StartTask(TaskStart { key, library, arguments }));
    }

    /// Triggers of other transactions that wait for a state which this step entered.
    pub(super) fn after(&self, plan: &mut Plan, fired: &Fired, actor: &str) {
        let number = &self.loaded.protocol().number;
        let mut entered: Vec<&str> = Vec::new();
        for taken in fired.taken.iter().filter(|taken| taken.from != taken.to) {
            if !entered.contains(&taken.to.as_str()) {
                entered.push(&taken.to);
            }
        }
        for state in entered {
            for (protocol, loaded) in &self.peer.programs {
                for (other, declared) in &loaded.protocol().actors {
                    for (name, trigger) in &declared.triggers {
                        let waits = trigger.after.as_ref().is_some_and(|after| {
                            after.transaction == *number && after.actor == actor && after.state == state
                        });
                        if !waits {
                            continue;
                        }
                        // What is unset is null; whether null fits is judged when the trigger is fired.
                        let field = |name: &str| {
                            fired.machine.field(name).unwrap_or_else(|| wire::to_bytes(&None::<u64>))
                        };
                        let arguments: Vec<Bytes> =
                            trigger.arguments.iter().map(|argument| field(&argument.name).into()).collect();
                        let firing = Firing {
                            protocol: *protocol,
                            actor: other.clone(),
                            trigger: name.clone(),
                            arguments,
                        };
                        let (to, expires) = (self.peer.me, i64::MAX);
                        self.post(
                            plan,
                            OutboxRow { to, envelope: None, gossip: false, firing: Some(firing), expires },
                        );
                    }
                }
            }
        }
    }

    fn post(&self, plan: &mut Plan, row: OutboxRow) {
        let order = self.peer.outbox.next_order().saturating_add(plan.outbox.len() as u64);
        plan.commit.put(Table::Outbox, order.to_be_bytes().to_vec(), wire::to_bytes(&row));
        plan.outbox.push((order, row));
    }
}
