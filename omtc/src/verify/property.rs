//! Properties: their values in states, remembered by what they read.

use super::explore::Explorer;
use super::observe::Observed;
use super::record::Records;
use super::table::QuickMap;
use crate::spec::{Claim, Property, Query};

/// Queries of all properties that one run can look at; a state has a bit for each.
pub(super) const QUERIES_MAX: usize = 64;

/// The values of all queries in a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    /// Which are true.
    pub holds: u64,
    /// Which have no value: they fault.
    pub faults: u64,
}

/// A property and the places of its queries among all.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub property: Property,
    /// Its first query, if it is judged in whole states.
    pub first: usize,
    /// The bit that says that a step has violated it, if steps judge it.
    pub local: Option<u64>,
}

/// All properties that are looked at.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub watched: Vec<Watched>,
    queries: Vec<Query>,
    reads_now: bool,
    known: QuickMap<Vec<u32>, Values>,
    /// What the first fault of a query was.
    pub fault: Option<String>,
}

impl Properties {
    /// These.
    pub fn new<'p>(properties: impl Iterator<Item = &'p Property>, observed: &Observed) -> Properties {
        let mut all = Properties::default();
        for property in properties {
            let first = all.queries.len();
            let local = observed.local.get(&property.name).copied();
            if local.is_some() {
                all.watched.push(Watched { property: property.clone(), first, local });
                continue;
            }
            for query in property.claim.queries() {
                all.reads_now |= query.reads_now;
                all.queries.push(query.clone());
            }
            all.watched.push(Watched { property: property.clone(), first, local });
        }
        all
    }

    /// Forgets the values of all states.
    pub fn forget(&mut self) {
        self.known = QuickMap::default();
    }

    /// How many queries there are.
    pub fn query_count(&self) -> usize {
        self.queries.len()
    }

    /// The values of all queries in a state.
    pub fn values(&mut self, explorer: &mut Explorer<'_>, records: &mut Records, state: &[u32]) -> Values {
        if self.queries.is_empty() {
            return Values::default();
        }
        let now = explorer.front(state);
        let locals = explorer.locals(state);
        let mut key: Vec<u32> = Vec::with_capacity(locals.len() + 2);
        for local in locals {
            key.push(records.of(&explorer.engine, *local).seen);
        }
        if self.reads_now {
            // Two halves of the instant.
            let bytes = now.to_le_bytes();
            key.extend(
                bytes
                    .chunks_exact(4)
                    .filter_map(|half| <[u8; 4]>::try_from(half).ok().map(u32::from_le_bytes)),
            );
        }
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let situation = records.situation(&explorer.engine, locals, now);
        let mut values = Values::default();
        for (number, query) in self.queries.iter().enumerate() {
            match explorer.model.evaluator.holds(query, &situation) {
                Ok(true) => values.holds |= bit(number),
                Ok(false) => {}
                Err(fault) => {
                    values.faults |= bit(number);
                    self.fault.get_or_insert(fault.kind.to_string());
                }
            }
        }
        self.known.insert(key, values);
        values
    }
}

/// The bit of a query.
pub(super) fn bit(number: usize) -> u64 {
    u32::try_from(number).ok().and_then(|number| 1u64.checked_shl(number)).unwrap_or(0)
}

/// What a state says about a property that states alone decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// It is violated.
    Violated,
    /// It is witnessed (`sometimes`).
    Witnessed,
}

impl Watched {
    /// What a state with these values says.
    pub fn judge(&self, values: Values, broken: u64) -> Said {
        if let Some(bit) = self.local {
            return if broken & bit != 0 { Said::Violated } else { Said::Nothing };
        }
        said(&self.property.claim, values, self.first)
    }
}

/// What values say about a claim that states alone decide; its query is at that place.
pub(super) fn said(claim: &Claim, values: Values, first: usize) -> Said {
    let holds = values.holds & bit(first) != 0;
    let faults = values.faults & bit(first) != 0;
    match claim {
        Claim::Always(_) if !holds => Said::Violated,
        Claim::Never(_) if holds || faults => Said::Violated,
        Claim::Sometimes(_) if holds => Said::Witnessed,
        Claim::Always(_)
        | Claim::Never(_)
        | Claim::Sometimes(_)
        | Claim::Eventually(_)
        | Claim::Leads(..) => Said::Nothing,
    }
}
