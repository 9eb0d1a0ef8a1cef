//! The value of a query in a situation.

use super::{Input, Query, Role, Specification, record};
use crate::source::Span;
use omt_runtime::chain::{Equivocation, RawBlock, Segment};
use omt_runtime::crypto;
use omt_runtime::fault::FaultKind;
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::interp::Interpreter;
use omt_runtime::ir::{At, Expr};
use omt_runtime::machine::{Env, PeerHead, ViewCache, ViewKey};
use omt_runtime::value::{Map, Value};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// States of views that are remembered between queries.
const VIEWS_MAX: usize = 65_536;

/// What queries are asked about: one instant of a run.
pub trait Situation {
    /// All instances of a role on all peers, oldest first: a list of [`instance`](super::instance) records.
    fn instances(&self, role: &Role) -> Value;

    /// The newest instance that a member has of any of the roles.
    fn newest(&self, member: &str, roles: &[Role]) -> Option<Value>;

    /// All peers of the cast, in its order: a list of [`peer`](super::peer) records.
    fn peers(&self) -> Value;

    /// The id of a member of the cast.
    fn peer(&self, member: &str) -> Option<PeerId>;

    /// The [`peer`](super::peer) record of a member of the cast: that of its own process, where several have one id.
    fn member(&self, member: &str) -> Option<Value> {
        let id = self.peer(member)?;
        let Value::List(peers) = self.peers() else { return None };
        let of = |peer: &&Value| {
            let Value::Record(peer) = peer else { return false };
            peer.get("peer") == Some(&Value::Peer(id))
        };
        peers.iter().find(of).cloned()
    }

    /// The instant, in microseconds since 1970.
    fn now(&self) -> i64;

    /// Signs a digest with the key of a member.
    fn sign(&self, member: &str, digest: &Hash) -> Option<Signature>;

    /// Whether a signature is that peer's. Whoever has made all signatures there are may know without computing.
    fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        crypto::verify(peer, digest, signature)
    }

    /// Hears what `VERIFY_MULTI` is asked.
    fn quorum(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        let _ = (digest, members, enough);
    }

    /// Hears that something else looks into a map of signatures, and whether it only counts them.
    fn looks_into(&self, expr: &Expr, signatures: &Map<Value, Value>, counts: bool) {
        let _ = (expr, signatures, counts);
    }
}

/// An expression that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// The innermost expression where it did.
    pub at: Span,
}

/// Evaluates queries of one specification; one for each thread.
#[derive(Debug)]
pub struct Evaluator {
    specification: Arc<Specification>,
    interpreter: Interpreter,
    views: Views,
}

impl Evaluator {
    /// Evaluates the queries of that specification.
    pub fn new(specification: Arc<Specification>) -> Evaluator {
        let interpreter = Interpreter::new(Arc::clone(&specification.package));
        Evaluator { specification, interpreter, views: Views::default() }
    }

    /// What it evaluates.
    pub fn specification(&self) -> &Arc<Specification> {
        &self.specification
    }

    /// The value of a query.
    ///
    /// # Errors
    /// It faults, like the same expression in a guard would: null where a value is needed, an index outside a list, …
    pub fn evaluate(&self, query: &Query, situation: &dyn Situation) -> Result<Value, Fault> {
        self.answer(query, situation, &[])
    }

    /// Is it true? For queries of type bool.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`].
    pub fn holds(&self, query: &Query, situation: &dyn Situation) -> Result<bool, Fault> {
        let value = self.evaluate(query, situation)?;
        let Value::Bool(value) = value else {
            return Err(Fault { kind: FaultKind::internal(value.kind()), at: query.at });
        };
        Ok(value)
    }

    /// Is what a scenario expects true? Null where a value is needed is not (yet) what is expected.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`], any other fault.
    pub fn expected(&self, query: &Query, situation: &dyn Situation) -> Result<bool, Fault> {
        match self.holds(query, situation) {
            Err(Fault { kind: FaultKind::Null, .. }) => Ok(false),
            result => result,
        }
    }

    /// The value of a query that stands for a native function, on the arguments of the call.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`].
    pub fn answer(
        &self,
        query: &Query,
        situation: &dyn Situation,
        arguments: &[Value],
    ) -> Result<Value, Fault> {
        let missing = |what: &str| Fault { kind: FaultKind::internal(what), at: query.at };
        let mut values = Vec::with_capacity(query.inputs.len());
        for input in &query.inputs {
            values.push(match input {
                Input::Peer(member) => {
                    let id = situation.peer(member);
                    Value::Peer(id.ok_or_else(|| missing(&format!("nobody is called {member}")))?)
                }
                Input::Member(member) => {
                    situation.member(member).ok_or_else(|| missing(&format!("nobody is called {member}")))?
                }
                Input::Peers => situation.peers(),
                Input::Instances(role) => situation.instances(role),
                Input::Newest { member, roles } => match situation.newest(member, roles) {
                    Some(instance) => instance,
                    None => {
                        let ty = self.specification.package.protocol.functions.get(&query.function);
                        let slot = values.len();
                        let ty = ty.and_then(|function| function.frame.get(slot)).map(|local| &local.ty);
                        record::nothing(&self.specification.package.protocol, ty)
                    }
                },
                Input::Argument(index) => {
                    arguments.get(*index).cloned().ok_or_else(|| missing("an argument is missing"))?
                }
                Input::Constant(value) => value.clone(),
            });
        }
        let mut env = Surroundings { situation, signer: query.signer.as_deref(), views: &self.views };
        let result = self.interpreter.call(&query.function, values, &mut env);
        result.map_err(|raised| Fault { kind: raised.kind, at: self.place(raised.at).unwrap_or(query.at) })
    }

    /// A place of the IR as a place of the sources.
    fn place(&self, at: Option<At>) -> Option<Span> {
        let at = at.filter(|at| at.line > 0)?;
        let file = self.specification.files.get(usize::try_from(at.file).ok()?)?;
        Some(Span::new(*file, at.start, at.end))
    }
}

/// States of views, by the block they have been folded to. All are forgotten when there are too many.
#[derive(Debug, Default)]
struct Views(Mutex<BTreeMap<ViewKey, Arc<dyn Any + Send + Sync>>>);

impl ViewCache for Views {
    fn get(&self, key: &ViewKey) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(Arc::clone)
    }

    fn put(&self, key: ViewKey, state: Arc<dyn Any + Send + Sync>) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= VIEWS_MAX {
            views.clear();
        }
        views.insert(key, state);
    }
}

/// What a query may ask for beside its arguments; the checker lets nothing else through.
struct Surroundings<'a> {
    situation: &'a dyn Situation,
    signer: Option<&'a str>,
    views: &'a Views,
}

impl Env for Surroundings<'_> {
    fn now(&self) -> i64 {
        self.situation.now()
    }

    fn peer_id(&self) -> PeerId {
        self.signer.and_then(|signer| self.situation.peer(signer)).unwrap_or(PeerId([0; 32]))
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        vec![0; count]
    }

    fn sign(&mut self, digest: &Hash) -> Signature {
        let signature = self.signer.and_then(|signer| self.situation.sign(signer, digest));
        signature.unwrap_or(Signature([0; 64]))
    }

    fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        self.situation.verify(peer, digest, signature)
    }

    fn quorum(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        self.situation.quorum(digest, members, enough);
    }

    fn looks_into(&self, expr: &Expr, signatures: &Map<Value, Value>, counts: bool) {
        self.situation.looks_into(expr, signatures, counts);
    }

    fn native(&mut self, name: &str, _: &[Vec<u8>]) -> Result<Vec<u8>, FaultKind> {
        Err(FaultKind::Native(name.to_owned()))
    }

    fn shared(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn set_shared(&mut self, _: &str, _: Vec<u8>) {}

    fn chain(&self) -> Segment {
        Segment::empty(self.peer_id())
    }

    fn append(&mut self, _: &str, _: Vec<u8>) -> Result<Arc<RawBlock>, FaultKind> {
        Err(FaultKind::internal("a query appends nothing"))
    }

    fn read(&self, _: &PeerId) -> Option<PeerHead> {
        None
    }

    fn equivocation(&self, _: &PeerId) -> Option<Arc<Equivocation>> {
        None
    }

    fn views(&self) -> &dyn ViewCache {
        self.views
    }
}
