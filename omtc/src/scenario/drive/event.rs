//! What a scenario lets happen at an instant.

use super::{Drive, Outcome, names};
use crate::scenario::deviation::Kind;
use crate::scenario::picture::Figure;
use crate::scenario::stage::lock;
use crate::scenario::story::EntryKind;
use crate::spec::{Event, Query, Role, Say};
use omt_runtime::envelope::Envelope;
use omt_runtime::host::{Key, TriggerCall, TriggerError};
use omt_runtime::id::SessionId;
use omt_runtime::value::Value;
use omt_runtime::wire;

/// Sequence numbers of what the scenario says for somebody who also runs machines: far from theirs, so that it is
/// another statement and not a contradiction.
const SAID_FROM: u64 = 1 << 32;

impl Drive<'_> {
    pub(super) fn happen(&mut self, event: &Event) -> Outcome {
        match event {
            Event::Trigger { member, roles, trigger, arguments, session } => {
                self.fire(member, roles, trigger, arguments, *session)
            }
            Event::Say(say) => self.say(say),
            Event::Crash(member) => {
                self.tell(EntryKind::Crashed(member.clone()));
                self.stage.world.crash(0, member);
                Ok(())
            }
            Event::Restart(member) => {
                self.tell(EntryKind::Restarted(member.clone()));
                self.stage.world.restart(0, member);
                self.stage.world.approach(self.stage.world.now());
                if self.stage.world.peer(member).is_none() && self.runs(member) {
                    let message = format!("{member} cannot go on from its journal");
                    return Err(Box::new(self.deviation(Kind::Step, message).label("started again here")));
                }
                Ok(())
            }
            Event::Partition(one, other) => {
                self.tell(EntryKind::Parted(one.clone(), other.clone()));
                let ids = |names: &[String]| {
                    names
                        .iter()
                        .filter_map(|name| self.picture().player(name))
                        .map(|player| player.id)
                        .collect()
                };
                let (one, other) = (ids(one), ids(other));
                lock(&self.stage.rules).part(one, other);
                Ok(())
            }
            Event::Heal => {
                self.tell(EntryKind::Healed);
                lock(&self.stage.rules).heal();
                Ok(())
            }
        }
    }

    fn runs(&self, member: &str) -> bool {
        self.picture().player(member).is_some_and(|player| player.runs)
    }

    /// Fires a trigger. What the machine refuses is told and is no deviation: expectations say what must come of it.
    fn fire(
        &mut self,
        member: &str,
        roles: &[Role],
        trigger: &str,
        arguments: &[Query],
        session: Option<usize>,
    ) -> Outcome {
        if !self.runs(member) {
            let message = format!("{member} is byzantine and runs no machine that could be triggered");
            return Err(Box::new(self.deviation(Kind::Step, message).label("triggered here")));
        }
        let mut bytes = Vec::with_capacity(arguments.len());
        for argument in arguments {
            bytes.push(wire::to_bytes(&self.value(argument)?));
        }
        let Some((role, target)) = self.target(member, roles, trigger, session.is_some()) else {
            return Ok(());
        };
        let Some(package) = self.picture().packages().get(role.transaction) else { return Ok(()) };
        let call = TriggerCall {
            protocol: package.id,
            actor: role.actor.clone(),
            trigger: trigger.to_owned(),
            arguments: bytes,
            session: target,
            request: None,
        };
        let place = self.story.len();
        let (peer, trigger) = (member.to_owned(), trigger.to_owned());
        self.tell(EntryKind::Fired { peer, trigger: trigger.clone(), refused: None });
        let before = self.stage.world.triggered().len();
        self.stage.world.trigger(0, member, call);
        self.stage.world.approach(self.stage.world.now());
        let refused = match self.stage.world.triggered().get(before) {
            Some((_, _, Ok(_))) => None,
            Some((_, _, Err(error @ (TriggerError::Refused(_) | TriggerError::Fault(_))))) => {
                Some(error.to_string())
            }
            Some((_, _, Err(error))) => {
                let message = format!("{trigger} cannot be fired on {member}: {error}");
                return Err(Box::new(self.deviation(Kind::Step, message).label("fired here")));
            }
            None => Some(format!("{member} is down; it is fired when it runs again")),
        };
        if let Some(EntryKind::Fired { refused: entry, .. }) = self.story.get_mut(place).map(|e| &mut e.kind)
        {
            *entry = refused;
        }
        self.firing = Some(trigger);
        let absorbed = self.absorb(None);
        self.firing = None;
        absorbed.map(|_| ())
    }

    /// The role and the session that a trigger is for: the one that an argument names; else the newest instance that is
    /// in a state for it; else a new one, if it may begin one; else the newest instance.
    fn target(
        &self,
        member: &str,
        roles: &[Role],
        trigger: &str,
        named: bool,
    ) -> Option<(Role, Option<SessionId>)> {
        let player = self.picture().index(member)?;
        let of = |role: &Role, figure: &Figure| figure.role == *role;
        let declared = |role: &Role| {
            let package = self.picture().packages().get(role.transaction)?;
            let actor = package.protocol.actors.get(&role.actor)?;
            Some((actor, actor.triggers.get(trigger)?))
        };
        let waits = |role: &Role, figure: &Figure| {
            of(role, figure)
                && declared(role).is_some_and(|(_, trigger)| trigger.states.contains(&figure.state))
        };
        if !named {
            let fitting =
                self.picture().newest_of(player, |figure| roles.iter().any(|role| waits(role, figure)));
            if let Some(figure) = fitting {
                return Some((figure.role.clone(), Some(figure.session)));
            }
        }
        let begins = |role: &&Role| {
            declared(role).is_some_and(|(actor, trigger)| trigger.states.contains(&actor.initial))
        };
        if let Some(role) = roles.iter().find(begins) {
            return Some((role.clone(), None));
        }
        let newest = self.picture().newest_of(player, |figure| roles.iter().any(|role| of(role, figure)));
        match newest {
            Some(figure) if !named => Some((figure.role.clone(), Some(figure.session))),
            Some(figure) => Some((figure.role.clone(), None)),
            None => Some((roles.first()?.clone(), None)),
        }
    }

    /// Says a message in somebody's name, whatever its machine thinks of it.
    fn say(&mut self, say: &Say) -> Outcome {
        let Say { from, to, message, payload, session, sequence } = say;
        let payload = wire::to_bytes(&self.value(payload)?);
        let given = match session {
            Some(query) => {
                let value = self.value(query)?;
                let Value::Hash(session) = value else {
                    let message = format!("{} names no session", names(self.picture()).value(&value));
                    return Err(Box::new(self.deviation(Kind::Step, message)));
                };
                Some(session)
            }
            None => None,
        };
        let numbered = match sequence {
            Some(query) => {
                let value = self.value(query)?;
                let Value::Int(number) = value else {
                    let message = format!("{} numbers no message", names(self.picture()).value(&value));
                    return Err(Box::new(self.deviation(Kind::Step, message)));
                };
                u64::try_from(number).ok()
            }
            None => None,
        };
        let transaction = message.transaction;
        let in_it = |figure: &Figure| figure.role.transaction == transaction;
        let receiver = self.picture().index(to);
        let newest = receiver.and_then(|player| self.picture().newest_of(player, in_it));
        let newest = newest.or_else(|| self.picture().figures.iter().rev().find(|figure| in_it(figure)));
        let Some(session) = given.or(newest.map(|figure| figure.session)) else {
            let text = format!("there is no session in which {from} could say {}", message.name);
            let deviation = self.deviation(Kind::Step, text).label("said here");
            return Err(Box::new(deviation.help("name one: `session HASH(\"mine\")` among the fields")));
        };
        let picture = self.picture();
        let (Some(speaker), Some(receiver)) = (picture.player(from), picture.player(to)) else {
            return Ok(());
        };
        let Some(package) = picture.packages().get(transaction) else { return Ok(()) };
        let count = self.spoken.get(&(speaker.id, transaction, session)).copied().unwrap_or(0);
        let envelope = Envelope {
            from: speaker.id,
            session,
            protocol: package.id,
            message: message.name.as_str().into(),
            sequence: numbered.unwrap_or(if speaker.runs { SAID_FROM.saturating_add(count) } else { count }),
            time: self.stage.world.now().saturating_add(speaker.clock),
            payload: payload.as_slice().into(),
            signature: None,
        };
        let signed = package.protocol.messages.get(&message.name).is_some_and(|declared| declared.signed);
        let envelope = if signed { envelope.signed_by(&speaker.key) } else { envelope };
        let (id, speaker, receiver, protocol) = (envelope.id(), speaker.id, receiver.id, package.id);
        if numbered.is_none() {
            self.spoken.insert((speaker, transaction, session), count.saturating_add(1));
        }
        self.stage.world.say(&speaker, &receiver, envelope);
        let way = lock(&self.stage.rules).way(&id, &receiver);
        let key = Key { protocol, session };
        self.said(from.to_owned(), Some(to.to_owned()), &key, message.name.clone(), id, &payload, way, true);
        Ok(())
    }
}
