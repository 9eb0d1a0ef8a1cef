//! Values that are not known: the tree of how something is computed.

#![allow(clippy::wildcard_enum_match_arm, reason = "a value that is not of the kind asked for is none of it")]

use omt_runtime::ir::{At, BinaryOp, Builtin, Type};
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// A value is shared by everything that is computed from it, so a tree is in truth a graph without circles.
pub(in crate::check::security) type Value<'a> = Arc<Node<'a>>;

/// How deep values nest before they are no longer followed: each action may wrap what the one before it has stored.
pub(super) const VALUE_DEPTH_MAX: u32 = 256;

/// One computation.
pub(in crate::check::security) struct Node<'a> {
    /// What is computed.
    pub kind: Kind<'a>,
    /// Its type, as the language has it; that of an operand where a conversion lies between.
    pub ty: Option<&'a Type>,
    /// Where it is computed.
    pub at: At,
    depth: u32,
}

/// Kinds of computations.
#[derive(Clone)]
pub(in crate::check::security) enum Kind<'a> {
    /// Where a value comes into the step.
    Root(Root<'a>),
    /// A field of a record.
    Field(Value<'a>, &'a str),
    /// An element of a list or a map; the key if it was asked for by one.
    Item(Value<'a>, Option<Value<'a>>),
    /// A value that is written down.
    Constant(Constant<'a>),
    /// A parameter of the transaction.
    Parameter(&'a str),
    /// A record.
    Record(Vec<(&'a str, Value<'a>)>),
    /// One or the other.
    If(Value<'a>, Value<'a>, Value<'a>),
    /// `not`
    Not(Value<'a>),
    /// `and`
    And(Value<'a>, Value<'a>),
    /// `or`
    Or(Value<'a>, Value<'a>),
    /// `== != < <= > >= in`
    Compare(BinaryOp, Value<'a>, Value<'a>),
    /// Anything else.
    Op(Op<'a>, Vec<Value<'a>>),
}

/// Where a value comes into a step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::check::security) enum Root<'a> {
    /// The payload of the message.
    Payload,
    /// Who sent the message.
    Sender,
    /// The whole message, as `signed<M>`.
    Envelope,
    /// The session.
    Session,
    /// A field of the store, as it was before the step.
    Store(&'a str),
    /// A field of the shared store.
    Shared(&'a str),
    /// An argument of the trigger.
    Argument(&'a str),
    /// What the task answered.
    Result,
    /// The peer itself.
    Own,
    /// Its chain.
    Chain,
    /// The block that is being folded, or that was just appended.
    Block,
    /// A field of the view.
    View(&'a str),
}

/// A value that is written down.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::check::security) enum Constant<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A value of an enum.
    Enum(&'a str, &'a str),
    /// A text, a float.
    Other,
}

/// Operations that are not looked into.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::check::security) enum Op<'a> {
    /// Of the library.
    Builtin(Builtin),
    /// Arithmetic and `+`.
    Binary(BinaryOp),
    /// `-`
    Negate,
    /// A native function.
    Native(&'a str),
    /// `VIEW(V, c)`
    View(&'a str),
    /// `[a, b]`
    List,
    /// `{k: v}`: keys and values in turn.
    Map,
    /// Depends on all of these in some way.
    Mix,
}

impl<'a> Node<'a> {
    /// A value of that kind.
    pub fn new(kind: Kind<'a>, ty: Option<&'a Type>, at: At) -> Value<'a> {
        let mut depth = 0;
        kind.each_operand(&mut |operand| depth = depth.max(operand.depth));
        let depth = depth.saturating_add(1);
        if depth > VALUE_DEPTH_MAX {
            // What it was made of is given up, so that no walk over values is deeper than this.
            return Arc::new(Node { kind: Kind::Op(Op::Mix, Vec::new()), ty, at, depth: 1 });
        }
        Arc::new(Node { kind, ty, at, depth })
    }

    /// A field of a value. Of a record that was just built it is the field's own value.
    pub fn field(of: &Value<'a>, name: &'a str, ty: Option<&'a Type>, at: At) -> Value<'a> {
        match &of.kind {
            Kind::Record(fields) => match fields.iter().find(|(field, _)| *field == name) {
                Some((_, value)) => Arc::clone(value),
                None => Node::new(Kind::Field(Arc::clone(of), name), ty, at),
            },
            Kind::If(condition, a, b) if a.is_record() || b.is_record() => Node::new(
                Kind::If(Arc::clone(condition), Node::field(a, name, ty, at), Node::field(b, name, ty, at)),
                ty,
                at,
            ),
            // The payload of the message as a whole is the payload.
            Kind::Root(Root::Envelope) => match name {
                "payload" => Node::new(Kind::Root(Root::Payload), ty, at),
                "sender" => Node::new(Kind::Root(Root::Sender), ty, at),
                "session" => Node::new(Kind::Root(Root::Session), ty, at),
                _ => Node::new(Kind::Field(Arc::clone(of), name), ty, at),
            },
            _ => Node::new(Kind::Field(Arc::clone(of), name), ty, at),
        }
    }

    /// Some element of a list or map, or the one under a key.
    pub fn item(of: &Value<'a>, key: Option<Value<'a>>, ty: Option<&'a Type>, at: At) -> Value<'a> {
        use Builtin as B;
        match &of.kind {
            Kind::Op(Op::Builtin(B::Filter | B::Sort | B::SortBy | B::Unique | B::Values), operands) => {
                match operands.first() {
                    Some(list) => Node::item(list, key, ty, at),
                    None => Node::new(Kind::Item(Arc::clone(of), key), ty, at),
                }
            }
            // The body of the lambda was computed for an element of the list.
            Kind::Op(Op::Builtin(B::Map), operands) => match operands.get(1) {
                Some(body) => Arc::clone(body),
                None => Node::new(Kind::Item(Arc::clone(of), key), ty, at),
            },
            Kind::Op(Op::List, operands) if operands.len() == 1 => match operands.first() {
                Some(only) => Arc::clone(only),
                None => Node::new(Kind::Item(Arc::clone(of), key), ty, at),
            },
            _ => Node::new(Kind::Item(Arc::clone(of), key), ty, at),
        }
    }

    /// The same value, as one of another type.
    pub fn of_type(value: &Value<'a>, ty: &'a Type) -> Value<'a> {
        Node::new(value.kind.clone(), Some(ty), value.at)
    }

    /// A value that depends on these.
    pub fn mix(of: Vec<Value<'a>>, ty: Option<&'a Type>, at: At) -> Value<'a> {
        Node::new(Kind::Op(Op::Mix, of), ty, at)
    }

    fn is_record(&self) -> bool {
        match &self.kind {
            Kind::Record(_) => true,
            Kind::If(_, a, b) => a.is_record() || b.is_record(),
            _ => false,
        }
    }

    /// What it is computed from directly.
    pub fn operands(&self) -> Vec<&Value<'a>> {
        self.kind.operands()
    }

    /// The type, without `T?`.
    pub fn plain(&self) -> Option<&'a Type> {
        self.ty.map(Type::plain)
    }

    /// Is it written down, or a parameter: the same in every step?
    pub fn is_fixed(&self) -> bool {
        match &self.kind {
            Kind::Constant(_) | Kind::Parameter(_) => true,
            Kind::Op(Op::Binary(_) | Op::Negate, operands) => operands.iter().all(|v| v.is_fixed()),
            _ => false,
        }
    }

    /// Is it a number that is written down?
    pub fn is_fixed_number(&self) -> bool {
        matches!(self.kind, Kind::Constant(Constant::Integer(_)))
    }

    /// Is it null whatever happens?
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Constant(Constant::Null))
    }
}

impl<'a> Kind<'a> {
    fn operands(&self) -> Vec<&Value<'a>> {
        let mut found = Vec::new();
        self.each_operand(&mut |operand| found.push(operand));
        found
    }

    fn each_operand<'v>(&'v self, see: &mut dyn FnMut(&'v Value<'a>)) {
        match self {
            Kind::Root(_) | Kind::Constant(_) | Kind::Parameter(_) => {}
            Kind::Field(of, _) | Kind::Not(of) | Kind::Item(of, None) => see(of),
            Kind::Item(a, Some(b)) | Kind::And(a, b) | Kind::Or(a, b) | Kind::Compare(_, a, b) => {
                see(a);
                see(b);
            }
            Kind::If(a, b, c) => {
                see(a);
                see(b);
                see(c);
            }
            Kind::Record(fields) => fields.iter().for_each(|(_, value)| see(value)),
            Kind::Op(_, operands) => operands.iter().for_each(see),
        }
    }
}

/// A part of something that came into the step: `message.terms.amount` is the payload with the path `terms`, `amount`.
/// An element of a list or map is [`ELEMENT`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::check::security) struct Atom<'a> {
    /// Where it came in.
    pub root: Root<'a>,
    /// Which part.
    pub path: Vec<&'a str>,
}

/// The step of a path that leads to an element of a list or a map.
pub(in crate::check::security) const ELEMENT: &str = "[]";

impl<'a> Atom<'a> {
    /// Is `path` of `root` this part, or lies within it?
    pub fn covers(&self, root: Root<'_>, path: &[&str]) -> bool {
        self.root == root && self.path.len() <= path.len() && self.path.iter().zip(path).all(|(a, b)| a == b)
    }

    /// Have the two something in common?
    pub fn meets(&self, root: Root<'_>, path: &[&str]) -> bool {
        self.root == root && self.path.iter().zip(path).all(|(a, b)| a == b)
    }

    /// As it is written: `message.terms.amount`.
    pub fn text(&self) -> String {
        let mut text = match self.root {
            Root::Payload => "message".to_owned(),
            Root::Sender => "message.sender".to_owned(),
            Root::Envelope => "message.signed".to_owned(),
            Root::Session => "message.session".to_owned(),
            Root::Store(name) | Root::Shared(name) | Root::Argument(name) | Root::View(name) => {
                name.to_owned()
            }
            Root::Result => "result".to_owned(),
            Root::Own => "peer_id".to_owned(),
            Root::Chain => "chain".to_owned(),
            Root::Block => "block".to_owned(),
        };
        for part in &self.path {
            if *part == ELEMENT {
                text.push_str("[…]");
            } else {
                text.push('.');
                text.push_str(part);
            }
        }
        text
    }
}

/// The part of what came into the step that a value is, if it is nothing but that.
pub(in crate::check::security) fn part<'a>(value: &Node<'a>) -> Option<Atom<'a>> {
    match &value.kind {
        Kind::Root(root) => Some(Atom { root: *root, path: Vec::new() }),
        Kind::Field(of, name) => {
            let mut atom = part(of)?;
            atom.path.push(name);
            Some(atom)
        }
        Kind::Item(of, _) => {
            let mut atom = part(of)?;
            atom.path.push(ELEMENT);
            Some(atom)
        }
        _ => None,
    }
}

/// Values that were seen, each by where it is, with one bit more. Most values that are walked over are few: these are kept
/// in a list; only many are worth a set.
#[derive(Default)]
pub(in crate::check::security) struct Visited {
    few: Vec<usize>,
    many: HashSet<usize, BuildHasherDefault<Places>>,
}

/// Values in a list that is searched from one end to the other.
const FEW_VALUES_MAX: usize = 16;

impl Visited {
    fn first_time(&mut self, value: &Value<'_>, bit: bool) -> bool {
        // A node is larger than two bytes, so the lowest bit of its place is free.
        let place = Arc::as_ptr(value) as usize | usize::from(bit);
        if self.many.is_empty() {
            if self.few.contains(&place) {
                return false;
            }
            if self.few.len() < FEW_VALUES_MAX {
                self.few.push(place);
                return true;
            }
            self.many.extend(self.few.drain(..));
        }
        self.many.insert(place)
    }
}

/// Spreads places in memory. Nobody chooses them, so nothing need be kept secret.
#[derive(Default)]
struct Places(u64);

impl Hasher for Places {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, n: u64) {
        // The fractional part of the golden ratio, times 2^64 (Knuth, The Art of Computer Programming 3, 6.4).
        self.0 = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// Calls `see` for a value and everything that it is computed from, each once; `see` says whether to look into it.
pub(in crate::check::security) fn walk<'v, 'a>(
    value: &'v Value<'a>,
    see: &mut dyn FnMut(&'v Value<'a>) -> bool,
) {
    walk_new(&mut Visited::default(), value, see);
}

/// The same for several values: what they share is seen once.
pub(in crate::check::security) fn walk_all<'v, 'a: 'v>(
    values: impl IntoIterator<Item = &'v Value<'a>>,
    see: &mut dyn FnMut(&'v Value<'a>) -> bool,
) {
    let mut seen = Visited::default();
    values.into_iter().for_each(|value| walk_new(&mut seen, value, see));
}

/// The same without what has been seen before. The values must stay where they are meanwhile.
pub(in crate::check::security) fn walk_new<'v, 'a>(
    seen: &mut Visited,
    value: &'v Value<'a>,
    see: &mut dyn FnMut(&'v Value<'a>) -> bool,
) {
    let mut open = vec![value];
    while let Some(next) = open.pop() {
        if seen.first_time(next, false) && see(next) {
            let from = open.len();
            next.kind.each_operand(&mut |operand| open.push(operand));
            // The first one is looked at first.
            open.get_mut(from..).unwrap_or_default().reverse();
        }
    }
}

/// The step of a path that stands for how many there are of something, not for what they are.
pub(in crate::check::security) const SIZE: &str = "#";

/// The parts of what came into the step that a value depends on, the largest ones that it uses as they are. How many elements
/// something has, or under which keys, is a part of it that ends in [`SIZE`].
pub(in crate::check::security) fn atoms<'a>(value: &Value<'a>) -> BTreeSet<Atom<'a>> {
    parts(value, true)
}

/// The same, but for what only the hash of is used, or a signature over it: that it is the same as before is known then, not what
/// it says.
pub(in crate::check::security) fn open_atoms<'a>(value: &Value<'a>) -> BTreeSet<Atom<'a>> {
    parts(value, false)
}

fn parts<'a>(value: &Value<'a>, hashed: bool) -> BTreeSet<Atom<'a>> {
    use Builtin as B;
    let mut found = BTreeSet::new();
    let mut seen = Visited::default();
    let mut open: Vec<(&Value<'a>, bool)> = vec![(value, false)];
    while let Some((v, size)) = open.pop() {
        if !seen.first_time(v, size) {
            continue;
        }
        if let Some(mut atom) = part(v) {
            if size {
                atom.path.push(SIZE);
            }
            found.insert(atom);
            // It may have been chosen by a key that came from elsewhere.
            path_keys(v, &mut open);
            continue;
        }
        match &v.kind {
            Kind::Op(Op::Builtin(B::Hash | B::Sign | B::VerifySig | B::VerifyMulti), _) if !hashed => {}
            Kind::Op(Op::Builtin(B::Length | B::Count | B::Any | B::All | B::HasKey), operands) => {
                open.extend(operands.iter().enumerate().map(|(i, v)| (v, i == 0)));
            }
            Kind::Op(
                Op::Builtin(B::Filter | B::Map | B::Keys | B::Values | B::Sort | B::SortBy | B::Unique),
                operands,
            ) if size => open.extend(operands.iter().enumerate().map(|(i, v)| (v, i == 0))),
            _ => v.kind.each_operand(&mut |operand| open.push((operand, size))),
        }
    }
    found
}

fn path_keys<'v, 'a>(value: &'v Value<'a>, open: &mut Vec<(&'v Value<'a>, bool)>) {
    let mut value = value;
    loop {
        match &value.kind {
            Kind::Field(of, _) => value = of,
            Kind::Item(of, key) => {
                open.extend(key.iter().map(|key| (key, false)));
                value = of;
            }
            _ => return,
        }
    }
}

/// Does anything in it satisfy `ask`?
pub(in crate::check::security) fn any<'a>(value: &Value<'a>, ask: &dyn Fn(&Node<'a>) -> bool) -> bool {
    let mut found = false;
    walk(value, &mut |v| {
        found |= ask(v);
        !found
    });
    found
}

/// Does anything in one of them satisfy `ask`?
pub(in crate::check::security) fn any_of<'v, 'a: 'v>(
    values: impl IntoIterator<Item = &'v Value<'a>>,
    ask: &dyn Fn(&Node<'a>) -> bool,
) -> bool {
    let mut found = false;
    walk_all(values, &mut |v| {
        found = found || ask(v);
        !found
    });
    found
}

/// Does it depend on a part of the payload that covers, or lies in, `path`?
pub(in crate::check::security) fn uses_payload(value: &Value<'_>, path: &[&str]) -> bool {
    atoms(value).iter().any(|atom| atom.meets(Root::Payload, path))
}

/// How many computations are compared before two values count as different: shared parts make a graph look like a huge tree.
const SAME_MAX: u32 = 4_096;

/// Computed in the same way from the same things?
pub(in crate::check::security) fn same(a: &Value<'_>, b: &Value<'_>) -> bool {
    alike(a, b, &mut SAME_MAX.clone())
}

fn alike(a: &Value<'_>, b: &Value<'_>, left: &mut u32) -> bool {
    if std::ptr::eq(Arc::as_ptr(a).cast::<u8>(), Arc::as_ptr(b).cast::<u8>()) {
        return true;
    }
    if *left == 0 || a.depth != b.depth {
        return false;
    }
    *left = left.saturating_sub(1);
    let heads = match (&a.kind, &b.kind) {
        (Kind::Root(a), Kind::Root(b)) => a == b,
        (Kind::Field(_, a), Kind::Field(_, b)) | (Kind::Parameter(a), Kind::Parameter(b)) => a == b,
        (Kind::Constant(a), Kind::Constant(b)) => a == b && *a != Constant::Other,
        (Kind::Compare(a, ..), Kind::Compare(b, ..)) => a == b,
        (Kind::Op(a, _), Kind::Op(b, _)) => a == b && *a != Op::Mix,
        (Kind::Record(a), Kind::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((a, _), (b, _))| a == b)
        }
        (Kind::Item(_, a), Kind::Item(_, b)) => a.is_some() == b.is_some(),
        (Kind::If(..), Kind::If(..))
        | (Kind::Not(_), Kind::Not(_))
        | (Kind::And(..), Kind::And(..))
        | (Kind::Or(..), Kind::Or(..)) => true,
        _ => false,
    };
    let (one, two) = (a.operands(), b.operands());
    heads && one.len() == two.len() && one.iter().zip(two).all(|(a, b)| alike(a, b, left))
}
