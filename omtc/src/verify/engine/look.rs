//! What a local state can do by itself, and what it waits for.

use super::super::local::{ANY_TIME, Instance, Local, Status};
use super::super::step::Work;
use super::super::table::index;
use super::{Engine, Inner, LocalInfo, Move};
use std::sync::Arc;

impl Engine<'_> {
    /// What is known of a local state.
    pub fn info(&mut self, number: u32) -> Arc<LocalInfo> {
        if let Some(Some(info)) = self.infos.get(index(number)) {
            return Arc::clone(info);
        }
        let info = Arc::new(self.look_into(number));
        if let Some(slot) = self.infos.get_mut(index(number)) {
            *slot = Some(Arc::clone(&info));
        }
        info
    }

    fn look_into(&mut self, number: u32) -> LocalInfo {
        let mut info = LocalInfo {
            clock: 0,
            moves: Arc::new([]),
            deadlines: Arc::new([]),
            deadline: None,
            sent_to: Arc::new([]),
            ended: true,
            stuck: None,
            fault: 0,
            broken: 0,
        };
        let Some(local) = self.local_of(number).map(Arc::clone) else { return info };
        let ahead = self.model.peers.get(index(local.peer)).map_or(0, |peer| peer.ahead);
        let now = local.clock.saturating_add(ahead);
        info.clock = local.clock;
        info.fault = local.fault;
        info.broken = local.broken;
        let mut due: Option<(i64, usize, u32)> = None;
        let mut free: Vec<(usize, u32)> = Vec::new();
        let mut ending: Vec<(usize, String)> = Vec::new();
        let mut deadlines: Vec<i64> = Vec::new();
        for (at, instance) in local.instances.iter().enumerate() {
            let Some(instance) = self.instance_of(*instance).map(Arc::clone) else { continue };
            if instance.status != Status::Running {
                continue;
            }
            for timer in &instance.timers {
                if timer.at == ANY_TIME {
                    free.push((at, timer.limit));
                    continue;
                }
                let deadline = timer.at.saturating_sub(ahead);
                deadlines.push(deadline);
                if timer.at <= now {
                    let key = (timer.at, at, timer.limit);
                    due = Some(due.map_or(key, |first| first.min(key)));
                }
            }
            let ends: Vec<String> = self.ending(&local, &instance).collect();
            let waits = !instance.timers.is_empty() || !ends.is_empty();
            ending.extend(ends.into_iter().map(|name| (at, name)));
            if !self.may_stay(&instance) {
                info.ended = false;
                if !waits {
                    info.stuck = info.stuck.or(Some(at));
                }
            }
        }
        deadlines.sort_unstable();
        info.deadline = deadlines.first().copied();
        info.deadlines = deadlines.into();
        let mut moves = Vec::new();
        for (at, limit) in due.map(|(_, at, limit)| (at, limit)).into_iter().chain(free) {
            let Some(mut work) = Work::begin(self, number) else { continue };
            work.timer(at, limit);
            let next = work.end();
            // A period in which nothing happens is none.
            if next != number {
                moves.push(Move { cause: Inner::Timer(at, limit), next });
            }
        }
        for (at, name) in ending {
            if let Some(mut work) = Work::begin(self, number) {
                work.task(at, &name);
                moves.push(Move { cause: Inner::Task(at, name), next: work.end() });
            }
        }
        info.moves = moves.into();
        info.sent_to = self.sent_to(number);
        info
    }

    /// Tasks of an instance whose end the scope knows.
    fn ending<'i>(&self, local: &Local, instance: &'i Instance) -> impl Iterator<Item = String> + use<'i> {
        let (peer, protocol) = (index(local.peer), index(instance.protocol));
        let ends: Vec<String> = instance
            .tasks
            .iter()
            .filter(|(name, arguments)| self.model.task(peer, protocol, name, arguments).is_some())
            .map(|(name, _)| name.clone())
            .collect();
        ends.into_iter()
    }

    /// Is it in a state in which waiting for ever is meant?
    fn may_stay(&self, instance: &Instance) -> bool {
        let machine = self.machine_of(instance.machine);
        let actor =
            self.model.program(instance.protocol).and_then(|p| p.protocol().actors.get(&*instance.actor));
        let (Some(machine), Some(actor)) = (machine, actor) else { return true };
        let state = actor.states.get(machine.state());
        machine.state() == actor.initial || state.is_none_or(|state| state.terminal || state.rest)
    }
}
