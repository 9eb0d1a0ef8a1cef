//! Messages that an instance need not remember to have taken, because nothing that it can come to would take them again.
//!
//! Which these are comes up while exploring. At first nothing is remembered. If a machine then takes a message that one it
//! can come from took before and forgot, messages of that name are remembered from then on, and exploring begins anew.
//! When nothing of the kind comes up any more, what is forgotten makes no difference: wherever it leads, the message would
//! be refused.

use super::table::QuickMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A transaction and a message of it.
pub(super) type Name = (u32, Arc<str>);

/// What machines take, and what they forget.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// By machine: those that a step of it led from.
    before: QuickMap<u32, BTreeSet<u32>>,
    /// By message: its name, machines of which it changed something, machines that took it and forgot.
    messages: BTreeMap<u32, Takers>,
    /// Messages that are remembered.
    kept: BTreeSet<Name>,
    /// Has something been forgotten that makes a difference?
    wrong: bool,
    /// Is everything known? What is computed from here on may be about states that nothing comes to.
    pub closed: bool,
}

#[derive(Debug)]
struct Takers {
    name: Name,
    takes: BTreeSet<u32>,
    forgot: BTreeSet<u32>,
}

impl Settled {
    /// A step led from a machine to another.
    pub fn step(&mut self, from: u32, to: u32) {
        if from != to && !self.closed {
            self.before.entry(to).or_default().insert(from);
        }
    }

    fn of(&mut self, message: u32, name: &Name) -> &mut Takers {
        self.messages.entry(message).or_insert_with(|| Takers {
            name: name.clone(),
            takes: BTreeSet::new(),
            forgot: BTreeSet::new(),
        })
    }

    /// A message changed something of a machine.
    pub fn takes(&mut self, machine: u32, message: u32, name: &Name) {
        if self.closed {
            return;
        }
        let new = self.of(message, name).takes.insert(machine);
        if new && !self.wrong && !self.kept.contains(name) {
            // At once, since a machine that counts would go on for ever.
            self.wrong = self.leads_to(message, [machine].into());
        }
    }

    /// Does a machine that a message led to remember it?
    pub fn remembers(&mut self, machine: u32, message: u32, name: &Name) -> bool {
        let kept = self.kept.contains(name);
        if !kept && !self.closed {
            self.of(message, name).forgot.insert(machine);
        }
        kept
    }

    /// Did one that forgot a message lead to one of these, which take it?
    fn leads_to(&self, message: u32, takers: BTreeSet<u32>) -> bool {
        let Some(forgot) = self.messages.get(&message).map(|of| &of.forgot) else { return false };
        let (mut open, mut leading): (Vec<u32>, _) = (takers.iter().copied().collect(), takers);
        while let Some(machine) = open.pop() {
            if forgot.contains(&machine) {
                return true;
            }
            for before in self.before.get(&machine).into_iter().flatten() {
                if leading.insert(*before) {
                    open.push(*before);
                }
            }
        }
        false
    }

    /// Has something been forgotten that makes a difference, as far as is known?
    pub fn may_be_wrong(&self) -> bool {
        self.wrong
    }

    /// Was something forgotten that makes a difference? It is remembered from now on.
    pub fn is_wrong(&mut self) -> bool {
        let wrong: Vec<Name> = self
            .messages
            .iter()
            .filter(|(message, of)| !of.forgot.is_empty() && self.leads_to(**message, of.takes.clone()))
            .map(|(_, of)| of.name.clone())
            .collect();
        for of in self.messages.values_mut().filter(|of| wrong.contains(&of.name)) {
            of.forgot.clear();
        }
        self.wrong = false;
        let any = !wrong.is_empty();
        self.kept.extend(wrong);
        any
    }
}
