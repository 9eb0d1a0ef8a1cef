//! Which transaction of one version is which of the other, and the two halves of such a pair.

use super::rename::{Renames, Thing};
use super::report::{Change, Direction, Place};
use super::{Half, Kind, Side};
use crate::sema::UnitFile;
use crate::syntax::ast::Decl;
use omt_runtime::ir::{At, Protocol};
use std::collections::BTreeSet;

/// Both versions of a transaction.
pub struct Pair<'a> {
    /// The old version, as it is.
    pub old_half: Half<'a>,
    /// The new version.
    pub new_half: Half<'a>,
    /// The old one with the names of the new one.
    pub old: &'a Protocol,
    /// The new one.
    pub new: &'a Protocol,
    /// What was renamed.
    pub renames: &'a Renames,
}

impl Pair<'_> {
    /// A place of the old sources.
    pub fn old_at(&self, at: At) -> Option<Place> {
        self.old_half.place(at)
    }

    /// A place of the new sources.
    pub fn new_at(&self, at: At) -> Option<Place> {
        self.new_half.place(at)
    }

    /// What something was called in the old version.
    pub fn before<'n>(&'n self, thing: &Thing, new: &'n str) -> &'n str {
        self.renames.before(thing, new)
    }
}

/// `an OFFER`, `a PING`.
pub fn an(name: &str) -> String {
    let vowel = name.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o', 'u']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}

/// A change that is being written down.
pub struct Draft(Change);

impl Draft {
    /// What has changed, and why that matters.
    pub fn new(kind: Kind, what: impl Into<String>, why: impl Into<String>) -> Draft {
        Draft(Change {
            kind,
            actor: None,
            states: Vec::new(),
            what: what.into(),
            why: why.into(),
            affects: Vec::new(),
            old: None,
            new: None,
            old_with_new: Direction::works(NOTHING),
            new_with_old: Direction::works(NOTHING),
        })
    }

    /// Where it happens.
    pub fn within(mut self, actor: &str, state: Option<&str>) -> Draft {
        self.0.actor = Some(actor.to_owned());
        self.0.states = state.map(str::to_owned).into_iter().collect();
        self
    }

    /// Where it stands.
    pub fn at(mut self, old: Option<Place>, new: Option<Place>) -> Draft {
        self.0.old = old;
        self.0.new = new;
        self
    }

    /// What follows from it.
    pub fn affects(mut self, list: Vec<String>) -> Draft {
        self.0.affects = list;
        self
    }

    /// Old with new, then new with old.
    pub fn meets(mut self, old_with_new: Direction, new_with_old: Direction) -> Change {
        self.0.old_with_new = old_with_new;
        self.0.new_with_old = new_with_old;
        self.0
    }

    /// Both directions are alike.
    pub fn either(self, direction: &Direction) -> Change {
        self.meets(direction.clone(), direction.clone())
    }
}

const NOTHING: &str = "nothing changes";

/// The transactions of both versions, paired, in the order of the new ones, then those that are gone.
///
/// In this order: the same path and number; the same number and title; the same path; the same number; the same title; the
/// only ones that are left, because whoever names one file on each side means that they belong together.
pub fn transactions<'a>(old: Side<'a>, new: Side<'a>) -> Vec<(Option<Half<'a>>, Option<Half<'a>>)> {
    let halves = |side: Side<'a>| -> Vec<Half<'a>> {
        let mut seen = BTreeSet::new();
        side.units
            .iter()
            .filter_map(|unit| Some(Half { side, unit, protocol: unit.protocol.as_ref()? }))
            .filter(|half| half.unit.is_transaction && seen.insert(half.protocol.meta.path.clone()))
            .collect()
    };
    let same: [fn(&Protocol, &Protocol) -> bool; RULES] = [
        |a, b| a.meta.path == b.meta.path && a.number == b.number,
        |a, b| a.number == b.number && a.meta.name == b.meta.name,
        |a, b| a.meta.path == b.meta.path,
        |a, b| a.number == b.number,
        |a, b| a.meta.name == b.meta.name,
        |_, _| true,
    ];
    let same = |rule: usize, a: &Half<'a>, b: &Half<'a>| {
        same.get(rule).is_some_and(|rule| rule(a.protocol, b.protocol))
    };
    paired(halves(old), halves(new), same)
}

/// The files without a header of both versions, paired.
pub fn libraries<'a>(old: Side<'a>, new: Side<'a>) -> Vec<(Option<&'a UnitFile>, Option<&'a UnitFile>)> {
    let files = |side: Side<'a>| -> Vec<&'a UnitFile> {
        let header = |file: &UnitFile| file.tree.decls.iter().any(|d| matches!(d, Decl::Transaction(_)));
        side.files.iter().filter(|file| !header(file)).collect()
    };
    let names = |file: &UnitFile| -> BTreeSet<String> {
        file.tree.decls.iter().filter_map(Decl::name).map(|name| name.text.clone()).collect()
    };
    let base = |file: &UnitFile| file.name.rsplit('/').next().map(str::to_owned);
    paired(files(old), files(new), |rule, a, b| match rule {
        0 => a.name == b.name,
        1 => base(a) == base(b) && !names(a).is_disjoint(&names(b)),
        2 => !names(a).is_empty() && names(a) == names(b),
        _ => false,
    })
}

/// Rules by which transactions or libraries are paired, the surest first.
const RULES: usize = 6;

/// Pairs what a rule says is one, rule after rule; the last rule is for lone ones.
fn paired<T>(old: Vec<T>, new: Vec<T>, same: impl Fn(usize, &T, &T) -> bool) -> Vec<(Option<T>, Option<T>)> {
    let mut old: Vec<Option<T>> = old.into_iter().map(Some).collect();
    let mut new: Vec<(Option<T>, Option<T>)> = new.into_iter().map(|b| (None, Some(b))).collect();
    for rule in 0..RULES {
        let left = old.iter().flatten().count();
        let open = new.iter().filter(|(a, _)| a.is_none()).count();
        if rule == RULES.saturating_sub(1) && (left != 1 || open != 1) {
            break;
        }
        for (slot, b) in &mut new {
            if let (None, Some(b)) = (&slot, &b) {
                let twin = old.iter_mut().find(|a| a.as_ref().is_some_and(|a| same(rule, a, b)));
                *slot = twin.and_then(Option::take);
            }
        }
    }
    new.into_iter().chain(old.into_iter().flatten().map(|a| (Some(a), None))).collect()
}
