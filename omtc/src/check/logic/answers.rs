//! Answers that are remembered from one run to the next: most conditions of a transaction are those of the text before.
//!
//! A question is known again by what is asked, and by everything that the answer may depend on: the conditions and the `let`s
//! before them without their places, the functions, enums and parameters of the protocol. What asks the world is like nothing
//! else wherever it stands, so what depends on that is not remembered.

use super::{Guard, Parameters, asks};
use crate::check::walk;
use omt_runtime::crypto::sha256;
use omt_runtime::ir::{Expr, ExprKind, Protocol, Selector, Stmt};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many answers are kept; the largest transaction has some thousands.
const ANSWERS_MAX: usize = 1 << 16;

/// An answer that was not asked for in so many runs is forgotten: somebody who types goes back and forth.
const RUNS_MAX: u32 = 4;

type Digest = [u8; 32];

/// What was found out about the conditions of a transaction.
#[derive(Default)]
pub struct Answers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Counts the runs.
    run: u32,
    /// Each answer, and the latest run that asked for it.
    known: BTreeMap<Digest, (bool, u32)>,
}

impl Answers {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change is one insertion.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run has come to its end: what nobody asks any more is forgotten.
    pub fn end_run(&self) {
        let mut kept = self.kept();
        let now = kept.run;
        kept.known.retain(|_, (_, run)| now.saturating_sub(*run) < RUNS_MAX);
        kept.run = now.saturating_add(1);
    }

    /// How many answers are kept.
    pub fn count(&self) -> usize {
        self.kept().known.len()
    }
}

/// One protocol and the answers that are known.
pub struct Remembered<'a> {
    answers: &'a Answers,
    /// Functions, enums and parameters.
    environment: Digest,
    /// Functions that ask the world, themselves or through others.
    asking: BTreeSet<&'a str>,
}

impl<'a> Remembered<'a> {
    /// Answers about this protocol.
    pub fn new(protocol: &'a Protocol, answers: &'a Answers) -> Remembered<'a> {
        let mut bytes = Bytes::default();
        for (name, function) in &protocol.functions {
            (name, function.parameters).hash(&mut bytes);
            statements(&function.body, &mut bytes);
        }
        for (name, declared) in &protocol.enums {
            name.hash(&mut bytes);
            declared.values.keys().collect::<Vec<_>>().hash(&mut bytes);
        }
        for (name, parameter) in &protocol.parameters {
            (name, format!("{:?}", parameter.value)).hash(&mut bytes);
        }
        Remembered { answers, environment: bytes.digest(), asking: asking(protocol) }
    }

    /// The answer to a question, which `find` finds out when it is not known.
    pub(super) fn answer(
        &self,
        claims: &[(Guard<'_>, bool)],
        how: (Parameters, bool),
        find: impl FnOnce() -> bool,
    ) -> bool {
        let Some(question) = self.question(claims, how) else { return find() };
        {
            let mut kept = self.answers.kept();
            let now = kept.run;
            if let Some((answer, run)) = kept.known.get_mut(&question) {
                *run = now;
                return *answer;
            }
        }
        let answer = find();
        let mut kept = self.answers.kept();
        if kept.known.len() < ANSWERS_MAX {
            let now = kept.run;
            kept.known.insert(question, (answer, now));
        }
        answer
    }

    fn question(
        &self,
        claims: &[(Guard<'_>, bool)],
        (parameters, one_frame): (Parameters, bool),
    ) -> Option<Digest> {
        let mut bytes = Bytes(self.environment.to_vec());
        (parameters == Parameters::Open, one_frame, claims.len()).hash(&mut bytes);
        for (guard, when) in claims {
            (*when, guard.lets.len(), guard.condition.is_some()).hash(&mut bytes);
            for (slot, _) in guard.lets {
                slot.hash(&mut bytes);
            }
            for part in guard.parts() {
                let mut certain = true;
                expression(part, &mut bytes, &mut |e| certain &= !self.asks(e));
                if !certain {
                    return None;
                }
            }
        }
        Some(bytes.digest())
    }

    fn asks(&self, expr: &Expr) -> bool {
        if let ExprKind::Call(name, _) = &expr.kind {
            self.asking.contains(name.as_str())
        } else {
            asks(expr)
        }
    }
}

/// Functions that ask the world, themselves or through others.
fn asking(protocol: &Protocol) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut callers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open = Vec::new();
    for (name, function) in &protocol.functions {
        walk::body(&function.body, &mut |e| {
            if let ExprKind::Call(called, _) = &e.kind {
                callers.entry(called).or_default().push(name);
            } else if asks(e) {
                open.push(name.as_str());
            }
        });
    }
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(callers.get(name).into_iter().flatten());
        }
    }
    found
}

/// Everything that is written into it, so that different things are different bytes.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn digest(&self) -> Digest {
        *sha256(&self.0).as_bytes()
    }
}

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// An expression without places; `see` sees all of it.
fn expression(expr: &Expr, bytes: &mut Bytes, see: &mut dyn FnMut(&Expr)) {
    see(expr);
    discriminant(&expr.kind).hash(bytes);
    expr.ty.hash(bytes);
    match &expr.kind {
        ExprKind::Integer(number) => number.hash(bytes),
        ExprKind::Float(number) => number.to_bits().hash(bytes),
        ExprKind::Bool(value) => value.hash(bytes),
        ExprKind::Text(text)
        | ExprKind::Parameter(text)
        | ExprKind::Store(text)
        | ExprKind::Load(text)
        | ExprKind::Shared(text)
        | ExprKind::ViewField(text)
        | ExprKind::Argument(text)
        | ExprKind::Field(_, text)
        | ExprKind::View(text, _) => text.hash(bytes),
        ExprKind::EnumValue(of, value) => (of, value).hash(bytes),
        ExprKind::Local(slot) | ExprKind::Let(slot, ..) => slot.hash(bytes),
        ExprKind::Null
        | ExprKind::CurrentBlock
        | ExprKind::TaskResult
        | ExprKind::Payload
        | ExprKind::Sender
        | ExprKind::SignedMessage
        | ExprKind::Session
        | ExprKind::SelfId
        | ExprKind::OwnChain
        | ExprKind::Index(..)
        | ExprKind::If(..) => {}
        ExprKind::Record(fields) => {
            fields.len().hash(bytes);
            fields.iter().for_each(|(name, _)| name.hash(bytes));
        }
        ExprKind::List(items) => items.len().hash(bytes),
        ExprKind::Map(entries) => entries.len().hash(bytes),
        ExprKind::Unary(op, _) => discriminant(op).hash(bytes),
        ExprKind::Binary(op, ..) | ExprKind::CompareFraction { op, .. } => discriminant(op).hash(bytes),
        ExprKind::Call(name, arguments) | ExprKind::Native(name, arguments) => {
            (name, arguments.len()).hash(bytes);
        }
        ExprKind::CallLocal(slot, arguments) => (slot, arguments.len()).hash(bytes),
        ExprKind::Builtin(builtin, arguments) => (builtin, arguments.len()).hash(bytes),
        ExprKind::Lambda(slots, _) => slots.hash(bytes),
        ExprKind::Convert(conversion, _) => discriminant(conversion).hash(bytes),
    }
    walk::children(expr, &mut |part| expression(part, bytes, see));
}

/// Statements without places.
fn statements(list: &[Stmt], bytes: &mut Bytes) {
    let all = &mut |_: &Expr| {};
    list.len().hash(bytes);
    for statement in list {
        discriminant(statement).hash(bytes);
        match statement {
            Stmt::Return { value, meta: _ } => expression(value, bytes, all),
            Stmt::Assign { slot, path, value, meta: _ } => {
                (slot, path.len()).hash(bytes);
                for Selector { key, ty } in path {
                    ty.hash(bytes);
                    expression(key, bytes, all);
                }
                expression(value, bytes, all);
            }
            Stmt::For { slot, list, body, meta: _ } => {
                slot.hash(bytes);
                expression(list, bytes, all);
                statements(body, bytes);
            }
            Stmt::If { condition, then, otherwise, meta: _ } => {
                expression(condition, bytes, all);
                statements(then, bytes);
                statements(otherwise, bytes);
            }
            Stmt::Fail { meta: _ } => {}
        }
    }
}
