//! Messages under way that can make no difference any more.
//!
//! A message to one peer that has taken it, or that will never handle it, is the same as one that was never sent: neither
//! its sender nor its receiver keeps it. So runs that differ in what was said long ago meet again.

use super::engine::Engine;
use super::local::{Instance, Local, Status};
use super::table::{QuickMap, index};
use omt_runtime::ir::analysis::Disposition;

/// What is spent, remembered.
#[derive(Default)]
pub(super) struct Spent {
    /// Which of a set of messages are spent for a local state, by their numbers: a set again.
    known: QuickMap<(u32, u32), u32>,
}

impl Spent {
    /// Clears what the change of one local state spends, in all of them.
    pub fn clear(&mut self, engine: &mut Engine<'_>, locals: &mut [u32], changed: usize) {
        for other in (0..locals.len()).filter(|other| *other != changed) {
            self.between(engine, locals, changed, other);
            self.between(engine, locals, other, changed);
        }
    }

    /// What one has sent to another.
    fn between(&mut self, engine: &mut Engine<'_>, locals: &mut [u32], from: usize, to: usize) {
        let (Some(sender), Some(receiver)) = (locals.get(from).copied(), locals.get(to).copied()) else {
            return;
        };
        let Some(peer) = engine.model.running.get(to).copied() else { return };
        // What is said to a key that runs twice arrives at both.
        let shared = engine.model.peers.iter().filter(|other| index(other.home) == peer).count() != 1;
        if shared || engine.model.peers.get(peer).is_none_or(|other| index(other.home) != peer) {
            return;
        }
        let set = engine.sent_to(sender).get(peer).copied().unwrap_or(0);
        if set == 0 {
            return;
        }
        let core = engine.core(receiver);
        let spent = match self.known.get(&(set, core)) {
            Some(spent) => *spent,
            None => {
                let spent = of(engine, set, receiver);
                self.known.insert((set, core), spent);
                spent
            }
        };
        if spent == 0 {
            return;
        }
        let (without_it, not_taken) = (unsent(engine, sender, spent), untaken(engine, receiver, spent));
        for (place, local) in [(from, without_it), (to, not_taken)] {
            if let Some(slot) = locals.get_mut(place) {
                *slot = local;
            }
        }
    }
}

/// Which of a set of messages to a peer it has taken, or will never handle.
fn of(engine: &mut Engine<'_>, set: u32, receiver: u32) -> u32 {
    let Some(members) = engine.sets.get(set).cloned() else { return 0 };
    let Some(local) = engine.local_of(receiver).cloned() else { return 0 };
    let spent: Vec<u32> =
        members.iter().copied().filter(|number| is_spent(engine, *number, &local)).collect();
    engine.sets.add(spent).0
}

fn is_spent(engine: &Engine<'_>, number: u32, local: &Local) -> bool {
    let Some(message) = engine.message_of(number) else { return false };
    let key = &message.key;
    // Who hears it remembers what it proves, whatever its machines make of it.
    if key.to.is_none() || engine.evidence.tells(number) {
        return false;
    }
    let instances = local.instances.iter().filter_map(|number| engine.instance_of(*number));
    let Some(instance) =
        instances.into_iter().find(|i| i.protocol == key.protocol && i.session == key.session)
    else {
        return false;
    };
    if instance.status != Status::Running || engine.contains(instance.taken, number) {
        return true;
    }
    let (program, machine) = (engine.model.program(key.protocol), engine.machine_of(instance.machine));
    let (Some(program), Some(machine)) = (program, machine) else { return false };
    let analysis = &program.package.analysis;
    analysis.disposition(&instance.actor, machine.state(), &key.name) == Disposition::Discarded
}

fn unsent(engine: &mut Engine<'_>, sender: u32, spent: u32) -> u32 {
    let Some(local) = engine.local_of(sender).cloned() else { return sender };
    let sent = engine.minus(local.sent, spent);
    engine.local(Local { sent, ..Local::clone(&local) })
}

fn untaken(engine: &mut Engine<'_>, receiver: u32, spent: u32) -> u32 {
    let Some(local) = engine.local_of(receiver).cloned() else { return receiver };
    let mut left = Local::clone(&local);
    for number in &mut left.instances {
        let Some(instance) = engine.instance_of(*number).cloned() else { continue };
        let taken = engine.minus(instance.taken, spent);
        if taken != instance.taken {
            *number = engine.instances.add(Instance { taken, ..Instance::clone(&instance) }).0;
        }
    }
    engine.local(left)
}
