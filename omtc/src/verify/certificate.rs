//! Any quorum is as good as another.
//!
//! A map of signatures that machines do nothing with but pass on and ask `VERIFY_MULTI` about says no more than what
//! those questions come to. So of all maps over one digest that answer every question alike one stands for all. The
//! questions are collected while exploring; if one turns up that tells maps apart which were taken for the same,
//! exploring begins anew, with that question known.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of types and values, those that hold signatures are named"
)]

use super::env::Signatures;
use super::observe::Observed;
use omt_runtime::crypto;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::{
    Action, BinaryOp, Builtin, Expr, ExprKind, Fields, Function, Handler, Place, Protocol, Stmt, Type,
};
use omt_runtime::value::{Map, RecordValue, Value};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something that is asked about a map of signatures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// Whose signatures count, and how many are enough: `VERIFY_MULTI`.
    Quorum(Vec<PeerId>, u64),
    /// How many there are.
    Count,
    /// Whose they are.
    Signers,
}

/// What a question comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    Quorum(bool),
    Count(usize),
    Signers(BTreeSet<PeerId>),
}

/// What all questions about a digest come to for a map.
pub(super) type Answers = Vec<Answer>;

/// Questions, and which map stands for which.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    /// Are maps of signatures used in ways that are followed here?
    pub sound: bool,
    /// Fields that are put together signature by signature: they keep what is in them.
    built: BTreeSet<String>,
    /// By digest; those about all under zero.
    questions: RefCell<BTreeMap<Hash, BTreeSet<Question>>>,
    /// By digest: what questions came to for the signers of maps.
    met: RefCell<BTreeMap<Hash, BTreeMap<BTreeSet<PeerId>, Answers>>>,
    /// The map that stands for all of the same answers.
    first: RefCell<BTreeMap<(Hash, Answers), Map<Value, Value>>>,
    /// Were maps taken for the same that are not?
    split: Cell<bool>,
}

impl Certificates {
    /// No questions yet.
    pub fn new(uses: &Uses) -> Certificates {
        Certificates { sound: uses.sound, built: uses.built.clone(), ..Certificates::default() }
    }

    /// Does a field keep the signatures that are put into it?
    pub fn keeps(&self, field: &str) -> bool {
        self.built.contains(field)
    }

    /// `VERIFY_MULTI` asks.
    pub fn asked(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        let mut members = members.to_vec();
        members.sort_unstable();
        members.dedup();
        self.ask(digest, Question::Quorum(members, enough));
    }

    /// Something else looks into a map.
    pub fn looked_into(&self, signatures: &Signatures, expr: &Expr, map: &Map<Value, Value>, counts: bool) {
        let keeps = match &expr.kind {
            // What a function has just put together from single signatures; see `Uses`.
            ExprKind::Call(..) => true,
            ExprKind::Store(field) | ExprKind::Load(field) => self.keeps(field),
            _ => false,
        };
        if self.sound
            && !keeps
            && let Some((digest, _)) = signed(signatures, map)
        {
            self.ask(&digest, if counts { Question::Count } else { Question::Signers });
        }
    }

    fn ask(&self, digest: &Hash, question: Question) {
        // Who is asked about one body is asked about others of its kind: quorums are asked of all.
        let of_all = matches!(question, Question::Quorum(..));
        let mut questions = self.questions.borrow_mut();
        let known = questions.entry(if of_all { Hash::ZERO } else { *digest }).or_default();
        if !known.insert(question.clone()) {
            return;
        }
        let met = self.met.borrow();
        let splits = met.iter().filter(|(met, _)| of_all || *met == digest).any(|(_, by_signers)| {
            let mut by_answers: BTreeMap<&Answers, BTreeSet<Answer>> = BTreeMap::new();
            for (signers, answers) in by_signers {
                by_answers.entry(answers).or_default().insert(answer(signers, &question));
            }
            by_answers.values().any(|answers| answers.len() > 1)
        });
        if splits {
            self.split.set(true);
        }
    }

    /// Must exploring begin anew? Then it may.
    pub fn begin_anew(&self) -> bool {
        if !self.split.replace(false) {
            return false;
        }
        self.met.borrow_mut().clear();
        self.first.borrow_mut().clear();
        true
    }

    /// Has it turned out that exploring must begin anew?
    pub fn is_split(&self) -> bool {
        self.split.get()
    }

    /// What every question about a digest comes to for these signers.
    pub fn answers(&self, digest: &Hash, signers: &BTreeSet<PeerId>) -> Answers {
        let questions = self.questions.borrow();
        let asked = [&Hash::ZERO, digest].into_iter().filter_map(|of| questions.get(of)).flatten();
        asked.map(|question| answer(signers, question)).collect()
    }

    /// The map that stands for a map.
    fn representative(&self, signatures: &Signatures, map: &Map<Value, Value>) -> Option<Map<Value, Value>> {
        let (digest, signers) = signed(signatures, map)?;
        let answers = self.answers(&digest, &signers);
        self.met.borrow_mut().entry(digest).or_default().insert(signers, answers.clone());
        let mut first = self.first.borrow_mut();
        Some(first.entry((digest, answers)).or_insert_with(|| map.clone()).clone())
    }

    /// The value with all maps of signatures in it replaced by those that stand for them; `None` if that changes
    /// nothing.
    pub fn normal(
        &self,
        signatures: &Signatures,
        protocol: &Protocol,
        ty: &Type,
        value: &Value,
    ) -> Option<Value> {
        if !self.sound {
            return None;
        }
        match (ty.plain(), value) {
            (ty, Value::Map(map)) if is_certificate(ty) => {
                let stands = self.representative(signatures, map)?;
                (stands != *map).then_some(Value::Map(stands))
            }
            (Type::Map(_, item), Value::Map(map)) => {
                let mut changed = false;
                let mut items = Map::new();
                for (key, value) in map.iter() {
                    let normal = self.normal(signatures, protocol, item, value);
                    changed |= normal.is_some();
                    items.insert(key.clone(), normal.unwrap_or_else(|| value.clone()));
                }
                changed.then_some(Value::Map(items))
            }
            (Type::List(item), Value::List(list)) => {
                let normal: Vec<Option<Value>> =
                    list.iter().map(|value| self.normal(signatures, protocol, item, value)).collect();
                if normal.iter().all(Option::is_none) {
                    return None;
                }
                let items = normal.into_iter().zip(list.iter()).map(|(n, v)| n.unwrap_or_else(|| v.clone()));
                Some(Value::list(items))
            }
            (ty, Value::Record(record)) => {
                let fields = fields_of(protocol, ty)?;
                let mut changed: Option<RecordValue> = None;
                for (name, field) in fields {
                    let Some(value) = record.get(name) else { continue };
                    if let Some(normal) = self.normal(signatures, protocol, &field.ty, value) {
                        changed.get_or_insert_with(|| (**record).clone()).set(name.as_str(), normal);
                    }
                }
                changed.map(|record| Value::Record(Arc::new(record)))
            }
            _ => None,
        }
    }
}

fn answer(signers: &BTreeSet<PeerId>, question: &Question) -> Answer {
    match question {
        Question::Quorum(members, enough) => {
            let signatures: Map<PeerId, Signature> =
                signers.iter().map(|signer| (*signer, Signature([0; 64]))).collect();
            Answer::Quorum(crypto::verify_multi_by(&signatures, members, *enough, |_, _| true))
        }
        Question::Count => Answer::Count(signers.len()),
        Question::Signers => Answer::Signers(signers.clone()),
    }
}

/// What all signatures of a map are over, and by whom; nothing if one of them is not what it says.
fn signed(signatures: &Signatures, map: &Map<Value, Value>) -> Option<(Hash, BTreeSet<PeerId>)> {
    let mut over: Option<Hash> = None;
    let mut signers = BTreeSet::new();
    for (by, signature) in map.iter() {
        let (Value::Peer(by), Value::Signature(signature)) = (by, signature) else { return None };
        let (maker, digest) = signatures.made_by(signature)?;
        if maker != *by || over.is_some_and(|over| over != digest) {
            return None;
        }
        over = Some(digest);
        signers.insert(maker);
    }
    Some((over?, signers))
}

/// Is it a map of signatures by signer?
fn is_certificate(ty: &Type) -> bool {
    matches!(ty.plain(), Type::Map(key, item) if **key == Type::PeerId && **item == Type::Signature)
}

fn fields_of<'p>(protocol: &'p Protocol, ty: &Type) -> Option<&'p Fields> {
    match ty {
        Type::Struct(name) => protocol.structs.get(name).map(|record| &record.fields),
        Type::Message(name) => protocol.messages.get(name).map(|message| &message.fields),
        Type::BlockPayload(name) => protocol.blocks.get(name).map(|block| &block.fields),
        _ => None,
    }
}

/// Does a value of this type hold a map of signatures, outside of what somebody has signed as a whole?
pub(super) fn holds_certificates(protocol: &Protocol, ty: &Type) -> bool {
    holds(protocol, ty, &mut BTreeSet::new())
}

fn holds(protocol: &Protocol, ty: &Type, open: &mut BTreeSet<Type>) -> bool {
    let ty = ty.plain();
    if is_certificate(ty) {
        return true;
    }
    match ty {
        Type::List(item) | Type::Map(_, item) => holds(protocol, item, open),
        Type::Struct(_) | Type::Message(_) | Type::BlockPayload(_) => {
            open.insert(ty.clone())
                && fields_of(protocol, ty)
                    .is_some_and(|fields| fields.values().any(|field| holds(protocol, &field.ty, open)))
        }
        _ => false,
    }
}

/// How protocols and properties use maps of signatures.
#[derive(Debug)]
pub(super) struct Uses {
    /// In no other way than is followed here: passed on whole, verified, looked into, put together one by one.
    pub sound: bool,
    /// Fields of stores that are put together signature by signature.
    built: BTreeSet<String>,
}

impl Uses {
    /// Looks through everything.
    pub fn of<'p>(
        protocols: impl Iterator<Item = &'p Protocol>,
        observed: &Observed,
        queries: &'p Protocol,
    ) -> Uses {
        let mut uses = Uses { sound: true, built: BTreeSet::new() };
        let mut given: Vec<(&'p str, &'p Expr)> = Vec::new();
        for protocol in protocols {
            super::model::every_expr(protocol, &mut |expr| uses.sound &= followed(protocol, expr));
            every_action(protocol, &mut |action| {
                if let Action::Assign {
                    place: Place::Store(field) | Place::Shared(field), path, value, ..
                } = action
                {
                    if path.is_empty() {
                        given.push((field, value));
                    } else {
                        uses.built.insert(field.clone());
                    }
                }
            });
            for function in protocol.functions.values() {
                uses.sound &= built_from_nothing(function);
            }
        }
        observed.expressions(queries, &mut |expr| uses.sound &= followed(queries, expr));
        // Whatever is built on begins empty.
        for (field, value) in given {
            uses.sound &= !uses.built.contains(field) || !is_certificate(&value.ty) || is_empty(value);
        }
        uses
    }
}

fn every_action<'p>(protocol: &'p Protocol, visit: &mut dyn FnMut(&'p Action)) {
    let states = protocol.actors.values().flat_map(|actor| actor.states.values());
    for handler in states.flat_map(|state| &state.handlers) {
        let actions: Vec<&[Action]> = match handler {
            Handler::Transition(t) => {
                std::iter::once(&t.then).chain(&t.otherwise).map(|branch| branch.actions.as_slice()).collect()
            }
            Handler::Collect(c) => vec![&c.actions],
        };
        actions.into_iter().flatten().for_each(|action| action.walk(visit));
    }
}

/// Does a function build on no map of signatures but on empty ones?
fn built_from_nothing(function: &Function) -> bool {
    let mut built: BTreeSet<u32> = BTreeSet::new();
    let mut given: Vec<(u32, &Expr)> = Vec::new();
    for statement in &function.body {
        statement.walk(&mut |statement| {
            if let Stmt::Assign { slot, path, value, .. } = statement {
                if path.is_empty() {
                    given.push((*slot, value));
                } else {
                    built.insert(*slot);
                }
            }
        });
    }
    let certificate = |slot: u32| {
        let local = function.frame.get(super::table::index(slot));
        local.is_none_or(|local| is_certificate(&local.ty))
    };
    given
        .into_iter()
        .all(|(slot, value)| !built.contains(&slot) || !is_certificate(&value.ty) || is_empty(value))
        && built.iter().all(|slot| *slot >= function.parameters || !certificate(*slot))
}

fn is_empty(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Map(entries) if entries.is_empty())
}

/// Is what an expression does with maps of signatures followed?
fn followed(protocol: &Protocol, expr: &Expr) -> bool {
    let opaque = |ty: &Type| !holds_certificates(protocol, ty);
    match &expr.kind {
        ExprKind::Index(of, _) => !is_certificate(&of.ty),
        ExprKind::Map(entries) => entries.is_empty() || !is_certificate(&expr.ty),
        ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, left, right) => {
            left.kind == ExprKind::Null
                || right.kind == ExprKind::Null
                || (opaque(&left.ty) && opaque(&right.ty))
        }
        ExprKind::Builtin(Builtin::VerifyMulti, arguments) => {
            arguments.iter().enumerate().all(|(at, argument)| at == 1 || opaque(&argument.ty))
        }
        ExprKind::Builtin(
            Builtin::Hash
            | Builtin::Sign
            | Builtin::VerifySig
            | Builtin::SeededRng
            | Builtin::Sort
            | Builtin::Unique
            | Builtin::With
            | Builtin::Without
            | Builtin::ToString,
            arguments,
        ) => arguments.iter().all(|argument| opaque(&argument.ty)),
        ExprKind::Native(_, arguments) => arguments.iter().all(|argument| opaque(&argument.ty)),
        // What is looked into is told at run time, but for what a function has just put together: that is nobody
        // else's, if the function was given no such map.
        ExprKind::Builtin(_, arguments) => arguments.iter().all(|argument| match &argument.kind {
            ExprKind::Call(_, given) if is_certificate(&argument.ty) => {
                given.iter().all(|given| opaque(&given.ty))
            }
            _ => true,
        }),
        _ => true,
    }
}
