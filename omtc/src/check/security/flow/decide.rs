//! What conditions say, and what they ask about.

#![allow(clippy::wildcard_enum_match_arm, reason = "a value that is not of the kind asked for is none of it")]

use super::step::{Condition, EffectKind, Step};
use super::value::{Atom, Constant, ELEMENT, Kind, Node, Root, SIZE, Value, atoms};
use omt_runtime::ir::BinaryOp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many parts of conditions are looked at; what comes after them says nothing.
const LITERALS_MAX: usize = 4_096;

/// One thing that a condition asks, and how the answer would have to be.
pub(in crate::check::security) struct Literal<'a> {
    /// A comparison, a call, a field: anything that is neither `and` nor `or` nor `not`.
    pub value: Value<'a>,
    /// The answer.
    pub holds: bool,
    /// It holds whenever the condition does; otherwise it is one of several ways in which the condition may hold.
    pub certain: bool,
}

/// Everything that conditions ask, with the answers that are in favour of them: the leaves of their negation normal form.
/// `f(x) == null` is followed through what `f` returns.
pub(in crate::check::security) fn literals<'a, 'c>(
    conditions: impl IntoIterator<Item = &'c Condition<'a>>,
) -> Vec<Literal<'a>>
where
    'a: 'c,
{
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for condition in conditions {
        let mut gather = Gather { out: &mut out, seen: &mut seen };
        gather.value(&condition.value, condition.holds, true);
    }
    out
}

struct Gather<'g, 'a> {
    out: &'g mut Vec<Literal<'a>>,
    seen: &'g mut BTreeSet<(usize, bool, bool, u8)>,
}

impl<'a> Gather<'_, 'a> {
    /// Has this been looked at in the same way before?
    fn again(&mut self, value: &Value<'a>, holds: bool, certain: bool, way: u8) -> bool {
        self.out.len() >= LITERALS_MAX
            || !self.seen.insert((Arc::as_ptr(value) as usize, holds, certain, way))
    }

    fn value(&mut self, value: &Value<'a>, holds: bool, certain: bool) {
        if self.again(value, holds, certain, 0) {
            return;
        }
        match &value.kind {
            Kind::Not(of) => self.value(of, !holds, certain),
            Kind::And(a, b) => {
                self.value(a, holds, certain && holds);
                self.value(b, holds, certain && holds);
            }
            Kind::Or(a, b) => {
                self.value(a, holds, certain && !holds);
                self.value(b, holds, certain && !holds);
            }
            Kind::If(condition, a, b) => {
                let (yes, no) = (truth(a), truth(b));
                let fits = |known: Option<bool>| known.is_none_or(|known| known == holds);
                match (fits(yes), fits(no)) {
                    (true, false) => {
                        self.value(condition, true, certain);
                        self.value(a, holds, certain);
                    }
                    (false, true) => {
                        self.value(condition, false, certain);
                        self.value(b, holds, certain);
                    }
                    _ => {
                        self.either(condition, yes == Some(holds), no == Some(holds));
                        self.value(a, holds, false);
                        self.value(b, holds, false);
                    }
                }
            }
            Kind::Compare(op @ (BinaryOp::Equal | BinaryOp::NotEqual), a, b) => {
                let equal = (*op == BinaryOp::Equal) == holds;
                match (&a.kind, &b.kind) {
                    (_, Kind::Constant(wanted)) if branches(a) => self.equals(a, *wanted, equal, certain),
                    (Kind::Constant(wanted), _) if branches(b) => self.equals(b, *wanted, equal, certain),
                    _ => self.leaf(value, holds, certain),
                }
                // `x == true`, where x asks something
                for (asked, truth) in [(a, b), (b, a)] {
                    if let Kind::Constant(Constant::Bool(truth)) = truth.kind {
                        self.value(asked, truth == equal, certain);
                    }
                }
            }
            Kind::Constant(_) => {}
            _ => self.leaf(value, holds, certain),
        }
    }

    /// A choice between two things that may both be as wanted.
    fn either(&mut self, condition: &Value<'a>, yes_is: bool, no_is: bool) {
        match (yes_is, no_is) {
            (true, false) => self.value(condition, true, false),
            (false, true) => self.value(condition, false, false),
            _ => {
                self.value(condition, true, false);
                self.value(condition, false, false);
            }
        }
    }

    /// Whether a choice is a constant, or is not.
    fn equals(&mut self, value: &Value<'a>, wanted: Constant<'a>, equal: bool, certain: bool) {
        if self.again(value, equal, certain, way(wanted)) {
            return;
        }
        let Kind::If(condition, a, b) = &value.kind else {
            self.leaf(value, equal, false);
            return;
        };
        let (yes, no) = (is(a, wanted), is(b, wanted));
        let fits = |known: Option<bool>| known.is_none_or(|known| known == equal);
        match (fits(yes), fits(no)) {
            (true, false) => {
                self.value(condition, true, certain);
                self.deeper(a, wanted, equal, certain);
            }
            (false, true) => {
                self.value(condition, false, certain);
                self.deeper(b, wanted, equal, certain);
            }
            _ => {
                self.either(condition, yes == Some(equal), no == Some(equal));
                self.deeper(a, wanted, equal, false);
                self.deeper(b, wanted, equal, false);
            }
        }
    }

    fn deeper(&mut self, value: &Value<'a>, wanted: Constant<'a>, equal: bool, certain: bool) {
        if branches(value) {
            self.equals(value, wanted, equal, certain);
        }
    }

    fn leaf(&mut self, value: &Value<'a>, holds: bool, certain: bool) {
        self.out.push(Literal { value: Arc::clone(value), holds, certain });
    }
}

fn way(wanted: Constant<'_>) -> u8 {
    match wanted {
        Constant::Null => 1,
        Constant::Bool(true) => 2,
        Constant::Bool(false) => 3,
        Constant::Integer(_) => 4,
        Constant::Enum(..) => 5,
        Constant::Other => 6,
    }
}

fn branches(value: &Value<'_>) -> bool {
    matches!(value.kind, Kind::If(..))
}

fn truth(value: &Value<'_>) -> Option<bool> {
    match value.kind {
        Kind::Constant(Constant::Bool(truth)) => Some(truth),
        _ => None,
    }
}

/// Is it that constant? Nothing, if that is not known.
fn is(value: &Value<'_>, wanted: Constant<'_>) -> Option<bool> {
    match &value.kind {
        Kind::Constant(Constant::Other) => (wanted == Constant::Null).then_some(false),
        Kind::Constant(constant) => Some(*constant == wanted),
        Kind::Record(_) if wanted == Constant::Null => Some(false),
        _ => None,
    }
}

/// What the conditions of an actor ask about.
#[derive(Default)]
pub(super) struct Looked<'a> {
    /// Parts of the store that some condition, or a value that a condition depends on, is computed from.
    store: BTreeSet<Atom<'a>>,
}

impl<'a> Looked<'a> {
    pub fn of<'s>(steps: impl Iterator<Item = &'s Step<'a>> + Clone) -> Looked<'a>
    where
        'a: 's,
    {
        let mut store = BTreeSet::new();
        let mut open = Vec::new();
        let mut written: BTreeMap<Root<'a>, Vec<Value<'a>>> = BTreeMap::new();
        for step in steps {
            let ifs = step.effects.iter().flat_map(|effect| &effect.when);
            open.extend(step.conditions.iter().chain(ifs).flat_map(|c| atoms(&c.value)));
            for effect in &step.effects {
                if let EffectKind::Write { root, value, keys, field: _ } = &effect.kind {
                    written.entry(*root).or_default().extend(keys.iter().chain([value]).cloned());
                }
            }
        }
        while let Some(atom) = open.pop() {
            if matches!(atom.root, Root::Store(_) | Root::Shared(_)) && store.insert(atom.clone()) {
                let sources = written.get(&atom.root).into_iter().flatten();
                open.extend(sources.flat_map(|value| atoms(&within(value, &atom.path))));
            }
        }
        Looked { store }
    }

    /// What later conditions are made to depend on by what the step writes: the values, as far as they are asked about.
    pub fn later(&self, step: &Step<'a>, out: &mut Vec<Value<'a>>) {
        for atom in &self.store {
            for (_, root, keys, value) in step.writes() {
                if atom.root != root {
                    continue;
                }
                // What is written under a key is an element.
                let inside = atom.path.get(keys.len()..).unwrap_or_default();
                if atom.path.first() != Some(&SIZE) {
                    out.push(within(value, inside));
                }
            }
            let Some(collect) = step.collect else { continue };
            if atom.root == Root::Store(&collect.into) && atom.path.first() == Some(&ELEMENT) {
                let inside = atom.path.get(1..).unwrap_or_default();
                let payload = Node::new(Kind::Root(Root::Payload), None, step.at);
                let inside = if inside.first() == Some(&"payload") { inside.get(1..) } else { Some(inside) };
                out.push(within(&payload, inside.unwrap_or_default()));
            }
        }
    }
}

/// The part of a value that a path leads to, as far as it can be told.
pub(in crate::check::security) fn within<'a>(value: &Value<'a>, path: &[&'a str]) -> Value<'a> {
    let mut value = Arc::clone(value);
    for name in path {
        value = if *name == SIZE {
            return value;
        } else if *name == ELEMENT {
            Node::item(&value, None, None, value.at)
        } else {
            Node::field(&value, name, None, value.at)
        };
    }
    value
}
