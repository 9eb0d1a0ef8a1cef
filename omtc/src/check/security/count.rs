//! How many: comparisons of the number of votes with what is enough.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is no comparison counts nothing")]

use super::flow::decide::Literal;
use super::flow::value::{Atom, Kind, Op, Root, SIZE, Value, atoms, part};
use omt_runtime::ir::{BinaryOp, Builtin};

/// `count >= enough`, however it is written.
pub(super) struct AtLeast<'a> {
    /// What is counted: a list or a map.
    pub of: Value<'a>,
    /// Only those that fit are counted.
    pub fitting: bool,
    /// The count, as it stands there.
    pub count: Value<'a>,
    /// What it is compared with.
    pub enough: Value<'a>,
    /// The count must be greater, not only equal.
    pub strict: bool,
    /// It is the other way round: the count must be less than that.
    pub at_most: bool,
}

/// The comparison of a count that a literal is, if it is one.
pub(super) fn at_least<'a>(literal: &Literal<'a>) -> Option<AtLeast<'a>> {
    let Kind::Compare(op, a, b) = &literal.value.kind else { return None };
    let found = |count: &Value<'a>, enough: &Value<'a>, op: BinaryOp| {
        let (of, fitting) = counted(count)?;
        let (up, strict) = match (op, literal.holds) {
            (BinaryOp::GreaterEqual, true) | (BinaryOp::Less, false) => (true, false),
            (BinaryOp::Greater, true) | (BinaryOp::LessEqual, false) => (true, true),
            (BinaryOp::GreaterEqual, false) | (BinaryOp::Less, true) => (false, true),
            (BinaryOp::Greater, false) | (BinaryOp::LessEqual, true) => (false, false),
            (BinaryOp::Equal, true) => (true, false),
            _ => return None,
        };
        Some(AtLeast { of, fitting, count: count.clone(), enough: enough.clone(), strict, at_most: !up })
    };
    found(a, b, *op).or_else(|| found(b, a, turned(*op)))
}

fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        other => other,
    }
}

/// What a number counts, and whether only some of it.
pub(super) fn counted<'a>(value: &Value<'a>) -> Option<(Value<'a>, bool)> {
    match &value.kind {
        Kind::Op(Op::Builtin(Builtin::Length), operands) => Some(stripped(operands.first()?, false)),
        Kind::Op(Op::Builtin(Builtin::Count), operands) => Some(stripped(operands.first()?, true)),
        // a share: `COUNT(…) / LENGTH(…)`
        Kind::Op(Op::Binary(BinaryOp::Divide), operands) => counted(operands.first()?),
        _ => None,
    }
}

fn stripped<'a>(value: &Value<'a>, fitting: bool) -> (Value<'a>, bool) {
    match &value.kind {
        Kind::Op(Op::Builtin(Builtin::Values | Builtin::Keys | Builtin::Map | Builtin::Sort), operands) => {
            match operands.first() {
                Some(inner) => stripped(inner, fitting),
                None => (value.clone(), fitting),
            }
        }
        Kind::Op(Op::Builtin(Builtin::Filter), operands) => match operands.first() {
            Some(inner) => stripped(inner, true),
            None => (value.clone(), fitting),
        },
        _ => (value.clone(), fitting),
    }
}

impl<'a> AtLeast<'a> {
    /// The field of the store that is counted.
    pub fn field(&self) -> Option<&'a str> {
        match part(&self.of)? {
            Atom { root: Root::Store(name), path } if path.is_empty() => Some(name),
            _ => None,
        }
    }

    /// Does what is enough depend on how many there are of that field?
    pub fn relative_to(&self, field: &str) -> bool {
        let depends = |v: &Value<'a>| {
            atoms(v)
                .iter()
                .any(|atom| atom.root == Root::Store(field) && matches!(atom.path.as_slice(), [] | [SIZE]))
        };
        depends(&self.enough)
            || matches!(&self.count.kind, Kind::Op(Op::Binary(BinaryOp::Divide), operands)
                if operands.get(1).is_some_and(depends))
    }

    /// Does it depend on anything besides that field and parameters?
    pub fn relative_to_others(&self, field: &str) -> bool {
        let other = |v: &Value<'a>| atoms(v).iter().any(|atom| atom.root != Root::Store(field));
        other(&self.enough)
            || matches!(&self.count.kind, Kind::Op(Op::Binary(BinaryOp::Divide), operands)
                if operands.get(1).is_some_and(other))
    }
}
