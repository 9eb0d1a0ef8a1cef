//! What properties look at: which fields of which roles in whole states, and which conditions are about one instance
//! alone.
//!
//! A condition like `ALL(Witness, w => …)` that reads nothing but `w` is judged when a step of a witness ends, on the
//! store as the step left it. So the fields that it reads need not be kept for it once no step can change them any
//! more, and states that differ in them alone become one.

#![allow(clippy::wildcard_enum_match_arm, reason = "of expressions, those that look at instances are named")]

use super::model::Model;
use crate::spec::{Claim, Input, Property, Query, Role, Situation, Specification};
use omt_runtime::id::{Hash, PeerId, Signature};
use omt_runtime::ir::{BinaryOp, Builtin, Expr, ExprKind, Function, Protocol, Stmt, Type};
use omt_runtime::value::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Conditions about one instance that are looked at; each has a bit.
pub(super) const LOCAL_MAX: usize = 64;

/// A condition about one instance of a role.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// Whose instances.
    pub role: Role,
    /// The fields of it that the condition reads.
    pub fields: BTreeSet<String>,
    /// Does it read the state?
    pub reads_state: bool,
    /// The bit of the property that it belongs to.
    pub bit: u64,
    /// The property's query.
    pub query: Query,
    /// What the query gives when the property is violated.
    pub wrong: bool,
}

/// What properties look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    /// Fields that are read in whole states, by role.
    fields: BTreeMap<Role, BTreeSet<String>>,
    /// Are chains?
    pub chains: bool,
    /// Conditions about one instance.
    pub watches: Vec<Watch>,
    /// Properties that are judged by their watches, by name: the bit.
    pub local: BTreeMap<String, u64>,
    /// Roles whose instances queries are given.
    roles: BTreeSet<Role>,
    /// The functions of all queries.
    functions: BTreeSet<String>,
}

impl Observed {
    /// What these properties look at.
    pub fn of<'p>(
        specification: &Specification,
        properties: impl Iterator<Item = &'p Property>,
        eager: bool,
    ) -> Observed {
        let protocol = &specification.package.protocol;
        let mut observed = Observed::default();
        for property in properties {
            observed.roles.extend(property.claim.queries().flat_map(Query::roles).cloned());
            observed.functions.extend(property.claim.queries().map(|query| query.function.clone()));
            let watches = if eager { local(protocol, property) } else { None };
            match watches {
                Some(watches) if observed.local.len() < LOCAL_MAX => {
                    let bit = 1u64 << observed.local.len();
                    observed.local.insert(property.name.clone(), bit);
                    observed.watches.extend(watches.into_iter().map(|watch| Watch { bit, ..watch }));
                }
                _ => property.claim.queries().for_each(|query| observed.whole(protocol, query)),
            }
        }
        observed
    }

    /// Fields of a role that are read in whole states.
    pub fn fields(&self, transaction: usize, actor: &str) -> impl Iterator<Item = &String> {
        let of_it = move |role: &Role| role.transaction == transaction && role.actor == actor;
        self.fields.iter().filter(move |(role, _)| of_it(role)).flat_map(|(_, fields)| fields)
    }

    /// Is anything of the instances of a role looked at, if only how many there are?
    pub fn looks_at(&self, transaction: usize, actor: &str) -> bool {
        self.roles.iter().any(|role| role.transaction == transaction && role.actor == actor)
    }

    /// Every expression of the queries, and of the functions that they call.
    pub fn expressions<'p>(&'p self, protocol: &'p Protocol, visit: &mut dyn FnMut(&'p Expr)) {
        let mut seen = BTreeSet::new();
        for function in &self.functions {
            function_exprs(protocol, function, &mut seen, visit);
        }
    }

    /// Watches of a role.
    pub fn watches(&self, transaction: usize, actor: &str) -> impl Iterator<Item = &Watch> {
        self.watches.iter().filter(move |w| w.role.transaction == transaction && w.role.actor == actor)
    }

    fn whole(&mut self, protocol: &Protocol, query: &Query) {
        let Some(function) = protocol.functions.get(&query.function) else { return };
        let roles = roles(function, query);
        if query.reads_peers() {
            self.chains = true;
        }
        let mut seen = BTreeSet::new();
        let fields = &mut self.fields;
        let chains = &mut self.chains;
        function_exprs(protocol, &query.function, &mut seen, &mut |expr| {
            reads(expr, &roles, &mut |role, field| {
                let fields = fields.entry(role.clone()).or_default();
                match field {
                    Some(field) => {
                        *chains |= field == "chain";
                        fields.insert(field.to_owned());
                    }
                    None => {
                        *chains = true;
                        fields.extend(fields_of(protocol, expr));
                    }
                }
            });
        });
    }
}

/// Reports fields of instances that an expression reads itself; `None`: all of them.
fn reads<'r>(
    expr: &Expr,
    roles: &'r BTreeMap<String, Vec<Role>>,
    found: &mut dyn FnMut(&'r Role, Option<&str>),
) {
    let of = |ty: &Type| match ty.plain() {
        Type::Struct(name) => roles.get(name).map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    match &expr.kind {
        ExprKind::Field(record, name) => {
            of(&record.ty).iter().for_each(|role| found(role, Some(name)));
        }
        ExprKind::Binary(BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, left, right)
            if left.kind != ExprKind::Null && right.kind != ExprKind::Null =>
        {
            of(&left.ty).iter().for_each(|role| found(role, None));
        }
        ExprKind::Builtin(Builtin::Hash | Builtin::Sort | Builtin::Unique | Builtin::ToString, arguments) => {
            for argument in arguments {
                let item = match argument.ty.plain() {
                    Type::List(item) => item,
                    other => other,
                };
                of(item).iter().for_each(|role| found(role, None));
            }
        }
        _ => {}
    }
}

/// All fields of the record of an instance.
fn fields_of(protocol: &Protocol, expr: &Expr) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    expr.walk(&mut |inner| {
        if let Type::Struct(name) = inner.ty.plain()
            && let Some(record) = protocol.structs.get(name)
        {
            fields.extend(record.fields.keys().cloned());
        }
    });
    fields
}

/// The names of the records of the instances that a query is given, and whose they are.
fn roles(function: &Function, query: &Query) -> BTreeMap<String, Vec<Role>> {
    let mut roles: BTreeMap<String, Vec<Role>> = BTreeMap::new();
    for (input, local) in query.inputs.iter().zip(&function.frame) {
        let of: &[Role] = match input {
            Input::Instances(role) => std::slice::from_ref(role),
            Input::Newest { roles, .. } => roles,
            Input::Peer(_) | Input::Member(_) | Input::Peers | Input::Argument(_) | Input::Constant(_) => &[],
        };
        let ty = match local.ty.plain() {
            Type::List(item) => item.plain(),
            other => other,
        };
        if let Type::Struct(name) = ty
            && !of.is_empty()
        {
            roles.entry(name.clone()).or_default().extend(of.iter().cloned());
        }
    }
    roles
}

/// Every expression of a function and of those that it calls.
fn function_exprs<'p>(
    protocol: &'p Protocol,
    name: &'p str,
    seen: &mut BTreeSet<&'p str>,
    visit: &mut dyn FnMut(&'p Expr),
) {
    if !seen.insert(name) {
        return;
    }
    let mut calls: Vec<&'p str> = Vec::new();
    for statement in protocol.functions.get(name).into_iter().flat_map(|function| &function.body) {
        statement.walk(&mut |statement| {
            for expr in statement.expressions() {
                expr.walk(&mut |inner| {
                    if let ExprKind::Call(function, _) = &inner.kind {
                        calls.push(function.as_str());
                    }
                    visit(inner);
                });
            }
        });
    }
    for call in calls {
        function_exprs(protocol, call, seen, visit);
    }
}

/// The watches of a property that says something of every single instance, and nothing else.
fn local(protocol: &Protocol, property: &Property) -> Option<Vec<Watch>> {
    let (query, joint, quantifier, wrong) = match &property.claim {
        Claim::Always(query) => (query, BinaryOp::And, Builtin::All, false),
        Claim::Never(query) => (query, BinaryOp::Or, Builtin::Any, true),
        Claim::Eventually(_) | Claim::Sometimes(_) | Claim::Leads(..) => return None,
    };
    if query.reads_now || query.reads_peers() || query.signer.is_some() {
        return None;
    }
    let function = protocol.functions.get(&query.function)?;
    let [Stmt::Return { value, .. }] = function.body.as_slice() else { return None };
    let mut parts = Vec::new();
    conjuncts(value, joint, &mut parts);
    let roles = roles(function, query);
    let mut watches: Vec<Watch> = Vec::new();
    for part in parts {
        let ExprKind::Builtin(found, arguments) = &part.kind else { return None };
        let [list, condition] = arguments.as_slice() else { return None };
        let (ExprKind::Local(slot), ExprKind::Lambda(_, body)) = (&list.kind, &condition.kind) else {
            return None;
        };
        let Some(Input::Instances(role)) = query.inputs.get(super::table::index(*slot)) else { return None };
        if *found != quantifier || !reads_itself_alone(body, query) {
            return None;
        }
        let mut watch = Watch {
            role: role.clone(),
            fields: BTreeSet::new(),
            reads_state: false,
            bit: 0,
            query: query.clone(),
            wrong,
        };
        let mut whole = false;
        body.walk(&mut |expr| {
            reads(expr, &roles, &mut |_, field| match field {
                Some("state") => watch.reads_state = true,
                Some("chain") | None => whole = true,
                Some(field) => {
                    watch.fields.insert(field.to_owned());
                }
            });
        });
        // Another instance of the same peer may write what is shared.
        let shared = protocol.actors.get(&role.actor).map(|actor| &actor.shared);
        let shared = shared.is_none_or(|shared| watch.fields.iter().any(|field| shared.contains_key(field)));
        if whole || shared || role.transaction != 0 {
            return None;
        }
        watches.push(watch);
    }
    Some(watches)
}

fn conjuncts<'e>(expr: &'e Expr, joint: BinaryOp, parts: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Binary(op, left, right) if *op == joint => {
            conjuncts(left, joint, parts);
            conjuncts(right, joint, parts);
        }
        _ => parts.push(expr),
    }
}

/// Does the condition name no instances but the one it is about?
fn reads_itself_alone(body: &Expr, query: &Query) -> bool {
    let mut alone = true;
    body.walk(&mut |expr| {
        if let ExprKind::Local(slot) = &expr.kind {
            let input = query.inputs.get(super::table::index(*slot));
            alone &= matches!(input, None | Some(Input::Constant(_) | Input::Peer(_)));
        }
    });
    alone
}

/// One instance and nothing else.
pub(super) struct Single<'a> {
    pub role: &'a Role,
    pub record: Value,
    pub model: &'a Model,
}

impl Situation for Single<'_> {
    fn instances(&self, role: &Role) -> Value {
        Value::list((role == self.role).then(|| self.record.clone()))
    }

    fn newest(&self, _: &str, _: &[Role]) -> Option<Value> {
        None
    }

    fn peers(&self) -> Value {
        Value::list([])
    }

    fn peer(&self, member: &str) -> Option<PeerId> {
        self.model.peers.iter().find(|peer| peer.name == member).map(|peer| peer.id)
    }

    fn now(&self) -> i64 {
        0
    }

    fn sign(&self, _: &str, _: &Hash) -> Option<Signature> {
        None
    }

    fn verify(&self, peer: &PeerId, digest: &Hash, signature: &Signature) -> bool {
        self.model.signatures.verify(peer, digest, signature)
    }

    fn quorum(&self, digest: &Hash, members: &[PeerId], enough: u64) {
        self.model.certificates.asked(digest, members, enough);
    }

    fn looks_into(&self, expr: &Expr, signatures: &Map<Value, Value>, counts: bool) {
        self.model.certificates.looked_into(&self.model.signatures, expr, signatures, counts);
    }
}
