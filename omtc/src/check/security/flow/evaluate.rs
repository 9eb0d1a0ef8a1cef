//! From expressions and functions to values.

#![allow(clippy::wildcard_enum_match_arm, reason = "only some kinds are treated in a way of their own")]

use super::value::{Constant, Kind, Node, Op, Root, Value};
use omt_runtime::ir::{
    At, BinaryOp, Builtin, Conversion, Expr, ExprKind, Protocol, Selector, Stmt, Type, UnaryOp,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many expressions of one transition are followed, those of the functions that it calls counted at each call. The
/// largest one in `protocols/` has some thousands.
const FOLLOWED_MAX: u32 = 60_000;

/// What the names stand for.
#[derive(Clone, Default)]
pub(super) struct Names<'a> {
    /// Slots of the frame.
    pub locals: BTreeMap<u32, Value<'a>>,
    /// Slots that hold a function.
    lambdas: BTreeMap<u32, Arc<Lambda<'a>>>,
    /// What the step has written so far.
    pub store: BTreeMap<Root<'a>, Value<'a>>,
}

/// A function that was passed, and what its names stand for.
struct Lambda<'a> {
    slots: &'a [u32],
    body: &'a Expr,
    names: Names<'a>,
}

/// Two lists, both gone through within one another.
pub(in crate::check::security) struct Nested<'a> {
    /// The outer one.
    pub outer: Value<'a>,
    /// The inner one.
    pub inner: Value<'a>,
    /// Where the inner one is gone through.
    pub at: At,
}

/// Follows expressions.
pub(super) struct Evaluator<'a> {
    protocol: &'a Protocol,
    left: u32,
    /// Lists that are being gone through.
    around: Vec<Value<'a>>,
    /// What was gone through within something else.
    pub nested: Vec<Nested<'a>>,
}

impl<'a> Evaluator<'a> {
    /// For one step.
    pub fn new(protocol: &'a Protocol) -> Evaluator<'a> {
        Evaluator { protocol, left: FOLLOWED_MAX, around: Vec::new(), nested: Vec::new() }
    }

    /// Was there more than is followed?
    pub fn lost(&self) -> bool {
        self.left == 0
    }

    /// The value of an expression.
    pub fn value(&mut self, expr: &'a Expr, names: &Names<'a>) -> Value<'a> {
        let (ty, at) = (Some(&expr.ty), expr.meta);
        if self.left == 0 {
            return Node::mix(Vec::new(), ty, at);
        }
        self.left = self.left.saturating_sub(1);
        let root = |root| Node::new(Kind::Root(root), ty, at);
        let constant = |constant| Node::new(Kind::Constant(constant), ty, at);
        match &expr.kind {
            ExprKind::Integer(number) => constant(Constant::Integer(*number)),
            ExprKind::Float(_) | ExprKind::Text(_) => constant(Constant::Other),
            ExprKind::Bool(truth) => constant(Constant::Bool(*truth)),
            ExprKind::Null => constant(Constant::Null),
            ExprKind::EnumValue(of, name) => constant(Constant::Enum(of, name)),
            ExprKind::Parameter(name) => Node::new(Kind::Parameter(name), ty, at),
            ExprKind::Local(slot) => match names.locals.get(slot) {
                Some(value) => Arc::clone(value),
                None => Node::mix(Vec::new(), ty, at),
            },
            ExprKind::Store(name) | ExprKind::Load(name) => {
                if *name == self.protocol.session_key {
                    return root(Root::Session);
                }
                self.written(Root::Store(name), names).unwrap_or_else(|| root(Root::Store(name)))
            }
            ExprKind::Shared(name) => {
                self.written(Root::Shared(name), names).unwrap_or_else(|| root(Root::Shared(name)))
            }
            ExprKind::ViewField(name) => {
                self.written(Root::View(name), names).unwrap_or_else(|| root(Root::View(name)))
            }
            ExprKind::CurrentBlock => root(Root::Block),
            ExprKind::Argument(name) => root(Root::Argument(name)),
            ExprKind::TaskResult => root(Root::Result),
            ExprKind::Payload => root(Root::Payload),
            ExprKind::Sender => root(Root::Sender),
            ExprKind::SignedMessage => root(Root::Envelope),
            ExprKind::Session => root(Root::Session),
            ExprKind::SelfId => root(Root::Own),
            ExprKind::OwnChain => root(Root::Chain),
            ExprKind::Field(of, name) => {
                let of = self.value(of, names);
                Node::field(&of, name, ty, at)
            }
            ExprKind::Index(of, key) => {
                let of = self.value(of, names);
                let key = self.value(key, names);
                Node::item(&of, Some(key), ty, at)
            }
            ExprKind::Record(fields) => {
                let fields = fields.iter().map(|(name, e)| (name.as_str(), self.value(e, names))).collect();
                Node::new(Kind::Record(fields), ty, at)
            }
            ExprKind::List(items) => {
                let items = items.iter().map(|e| self.value(e, names)).collect();
                Node::new(Kind::Op(Op::List, items), ty, at)
            }
            ExprKind::Map(entries) => {
                let both = entries.iter().flat_map(|(key, value)| [key, value]);
                let entries = both.map(|e| self.value(e, names)).collect();
                Node::new(Kind::Op(Op::Map, entries), ty, at)
            }
            ExprKind::Let(slot, value, body) => {
                let value = self.value(value, names);
                let mut names = names.clone();
                names.locals.insert(*slot, value);
                self.value(body, &names)
            }
            ExprKind::Unary(UnaryOp::Not, of) => Node::new(Kind::Not(self.value(of, names)), ty, at),
            ExprKind::Unary(UnaryOp::Negate, of) => {
                Node::new(Kind::Op(Op::Negate, vec![self.value(of, names)]), ty, at)
            }
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.value(a, names), self.value(b, names));
                self.binary(*op, a, b, ty, at)
            }
            ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
                let parts = [numerator, denominator].map(|e| self.value(e, names));
                let quotient = Node::new(Kind::Op(Op::Binary(BinaryOp::Divide), parts.into()), None, at);
                let fraction = self.value(fraction, names);
                Node::new(Kind::Compare(*op, quotient, fraction), ty, at)
            }
            ExprKind::If(condition, then, otherwise) => {
                let [c, a, b] = [condition, then, otherwise].map(|e| self.value(e, names));
                choice(c, a, b, ty, at)
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, names, ty, at),
            ExprKind::CallLocal(slot, arguments) => {
                let values: Vec<Value<'a>> = arguments.iter().map(|e| self.value(e, names)).collect();
                match names.lambdas.get(slot).cloned() {
                    Some(lambda) => self.apply(&lambda, &values),
                    None => Node::mix(values, ty, at),
                }
            }
            ExprKind::Native(name, arguments) => {
                let values = arguments.iter().map(|e| self.value(e, names)).collect();
                Node::new(Kind::Op(Op::Native(name), values), ty, at)
            }
            ExprKind::Builtin(builtin, arguments) => self.builtin(*builtin, arguments, names, ty, at),
            ExprKind::View(name, chain) => {
                Node::new(Kind::Op(Op::View(name), vec![self.value(chain, names)]), ty, at)
            }
            // Met only where no function is expected: it depends on what its body depends on.
            ExprKind::Lambda(slots, body) => {
                let lambda = Lambda { slots, body, names: names.clone() };
                self.apply(&lambda, &[])
            }
            ExprKind::Convert(conversion, of) => match conversion {
                Conversion::Some
                | Conversion::Unwrap
                | Conversion::Widen
                | Conversion::Narrow
                | Conversion::ToFloat
                | Conversion::DecimalToFloat
                | Conversion::ToAny
                | Conversion::FromAny => self.value(of, names),
                Conversion::ToSecret => Node::of_type(&self.value(of, names), &expr.ty),
            },
        }
    }

    fn written(&self, root: Root<'a>, names: &Names<'a>) -> Option<Value<'a>> {
        names.store.get(&root).cloned()
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        a: Value<'a>,
        b: Value<'a>,
        ty: Option<&'a Type>,
        at: At,
    ) -> Value<'a> {
        match op {
            BinaryOp::And => Node::new(Kind::And(a, b), ty, at),
            BinaryOp::Or => Node::new(Kind::Or(a, b), ty, at),
            BinaryOp::In => {
                if matches!(b.plain(), Some(Type::List(_))) {
                    self.through(&b, at);
                }
                Node::new(Kind::Compare(op, a, b), ty, at)
            }
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => Node::new(Kind::Compare(op, a, b), ty, at),
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::FloorDivide
            | BinaryOp::Remainder
            | BinaryOp::Concat => Node::new(Kind::Op(Op::Binary(op), vec![a, b]), ty, at),
        }
    }

    /// A list is gone through here; remembers it if another one is being gone through.
    pub(super) fn through(&mut self, list: &Value<'a>, at: At) {
        if let Some(outer) = self.around.last() {
            self.nested.push(Nested { outer: Arc::clone(outer), inner: Arc::clone(list), at });
        }
    }

    /// Does something for an element of a list.
    pub(super) fn each<T>(
        &mut self,
        list: &Value<'a>,
        at: At,
        then: impl FnOnce(&mut Self, Value<'a>) -> T,
    ) -> T {
        self.through(list, at);
        let ty = match list.plain() {
            Some(Type::List(item)) => Some(&**item),
            _ => None,
        };
        let item = Node::item(list, None, ty, at);
        self.around.push(Arc::clone(list));
        let done = then(self, item);
        self.around.pop();
        done
    }

    fn apply(&mut self, lambda: &Lambda<'a>, arguments: &[Value<'a>]) -> Value<'a> {
        let mut names = lambda.names.clone();
        for (index, slot) in lambda.slots.iter().enumerate() {
            let value =
                arguments.get(index).cloned().unwrap_or_else(|| Node::mix(Vec::new(), None, At::default()));
            names.locals.insert(*slot, value);
        }
        // `a => b => c` takes what is left.
        match &lambda.body.kind {
            ExprKind::Lambda(slots, body) if arguments.len() > lambda.slots.len() => {
                let rest = arguments.get(lambda.slots.len()..).unwrap_or_default();
                self.apply(&Lambda { slots, body, names }, rest)
            }
            _ => self.value(lambda.body, &names),
        }
    }

    fn call(
        &mut self,
        name: &'a str,
        arguments: &'a [Expr],
        names: &Names<'a>,
        ty: Option<&'a Type>,
        at: At,
    ) -> Value<'a> {
        let Some(function) = self.protocol.functions.get(name) else {
            let values = arguments.iter().map(|e| self.value(e, names)).collect();
            return Node::mix(values, ty, at);
        };
        let mut inner = Names { store: names.store.clone(), ..Names::default() };
        for (slot, argument) in (0u32..).zip(arguments) {
            if let ExprKind::Lambda(slots, body) = &argument.kind {
                inner.lambdas.insert(slot, Arc::new(Lambda { slots, body, names: names.clone() }));
            } else if let ExprKind::Local(passed) = &argument.kind
                && let Some(lambda) = names.lambdas.get(passed)
            {
                inner.lambdas.insert(slot, Arc::clone(lambda));
            } else {
                let value = self.value(argument, names);
                inner.locals.insert(slot, value);
            }
        }
        let mut returns = Vec::new();
        self.body(&function.body, &mut inner, &mut Vec::new(), &mut returns);
        let (mut result, rest) = match returns.pop() {
            Some((_, last)) => (last, returns),
            None => (Node::mix(Vec::new(), ty, at), Vec::new()),
        };
        for (condition, value) in rest.into_iter().rev() {
            result = match condition {
                Some(condition) => choice(condition, value, result, ty, at),
                None => value,
            };
        }
        result
    }

    /// Runs statements. `returns` gets what is returned and when, in the order of trying; says whether a return is certain.
    fn body(
        &mut self,
        statements: &'a [Stmt],
        names: &mut Names<'a>,
        when: &mut Vec<Value<'a>>,
        returns: &mut Vec<(Option<Value<'a>>, Value<'a>)>,
    ) -> bool {
        for statement in statements {
            let ended = match statement {
                Stmt::Return { value, meta: _ } => {
                    let value = self.value(value, names);
                    returns.push((all(when), value));
                    true
                }
                Stmt::Assign { slot, path, value, meta } => {
                    let value = self.value(value, names);
                    let old = names.locals.get(slot).cloned();
                    let new = self.put(old, path, value, names, *meta);
                    names.locals.insert(*slot, new);
                    false
                }
                Stmt::For { slot, list, body, meta } => {
                    let list = self.value(list, names);
                    let mut inside = names.clone();
                    self.each(&list, *meta, |this, item| {
                        inside.locals.insert(*slot, item.clone());
                        // Whether it comes to the body at all depends on the list.
                        when.push(Node::mix(vec![item], None, *meta));
                        this.body(body, &mut inside, when, returns);
                        when.pop();
                    });
                    join(names, inside, |old, new| Node::mix(vec![old, new], None, *meta));
                    false
                }
                Stmt::If { condition, then, otherwise, meta } => {
                    let condition = self.value(condition, names);
                    let mut one = names.clone();
                    when.push(Arc::clone(&condition));
                    let first = self.body(then, &mut one, when, returns);
                    when.pop();
                    let mut two = names.clone();
                    when.push(Node::new(Kind::Not(Arc::clone(&condition)), None, *meta));
                    let second = self.body(otherwise, &mut two, when, returns);
                    when.pop();
                    if first {
                        *names = two;
                    } else if second {
                        *names = one;
                    } else {
                        merge(names, &condition, one, two, *meta);
                    }
                    first && second
                }
                Stmt::Fail { meta: _ } => true,
            };
            if ended {
                return true;
            }
        }
        false
    }

    /// A value with a part of it replaced.
    pub fn put(
        &mut self,
        old: Option<Value<'a>>,
        path: &'a [Selector],
        value: Value<'a>,
        names: &Names<'a>,
        at: At,
    ) -> Value<'a> {
        if path.is_empty() {
            return value;
        }
        let ty = old.as_ref().and_then(|old| old.ty);
        let mut operands: Vec<Value<'a>> = old.into_iter().collect();
        operands.extend(path.iter().map(|selector| self.value(&selector.key, names)));
        operands.push(value);
        Node::new(Kind::Op(Op::Builtin(Builtin::With), operands), ty, at)
    }

    fn builtin(
        &mut self,
        builtin: Builtin,
        arguments: &'a [Expr],
        names: &Names<'a>,
        ty: Option<&'a Type>,
        at: At,
    ) -> Value<'a> {
        use Builtin as B;
        let mut values: Vec<Value<'a>> = Vec::new();
        for argument in arguments {
            let value = match (&argument.kind, values.first().cloned()) {
                (ExprKind::Lambda(slots, body), Some(list)) => {
                    let lambda = Lambda { slots, body, names: names.clone() };
                    let state = values.get(1).cloned();
                    self.each(&list, at, |this, item| {
                        let given: Vec<Value<'a>> = state.into_iter().chain([item]).collect();
                        this.apply(&lambda, &given)
                    })
                }
                (ExprKind::Local(slot), Some(list)) if names.lambdas.contains_key(slot) => {
                    let lambda = names.lambdas.get(slot).cloned();
                    self.each(&list, at, |this, item| match lambda {
                        Some(lambda) => this.apply(&lambda, &[item]),
                        None => item,
                    })
                }
                _ => self.value(argument, names),
            };
            values.push(value);
        }
        match (builtin, values.as_slice()) {
            (B::Find, [list, condition]) => Node::item(list, Some(Arc::clone(condition)), ty, at),
            (B::Get, [map, key]) => Node::item(map, Some(Arc::clone(key)), ty, at),
            (B::Get, [map, key, default]) => {
                let item = Node::item(map, Some(Arc::clone(key)), ty, at);
                if default.is_fixed() { item } else { Node::mix(vec![item, Arc::clone(default)], ty, at) }
            }
            _ => Node::new(Kind::Op(Op::Builtin(builtin), values), ty, at),
        }
    }
}

/// `if`, decided where it is.
fn choice<'a>(condition: Value<'a>, a: Value<'a>, b: Value<'a>, ty: Option<&'a Type>, at: At) -> Value<'a> {
    match condition.kind {
        Kind::Constant(Constant::Bool(true)) => a,
        Kind::Constant(Constant::Bool(false)) => b,
        _ if Arc::ptr_eq(&a, &b) => a,
        _ => Node::new(Kind::If(condition, a, b), ty, at),
    }
}

/// All of them; none if there are none.
fn all<'a>(when: &[Value<'a>]) -> Option<Value<'a>> {
    let (first, rest) = when.split_first()?;
    Some(
        rest.iter()
            .fold(Arc::clone(first), |all, next| Node::new(Kind::And(all, Arc::clone(next)), None, next.at)),
    )
}

/// After an `if`: what either branch has changed depends on the condition.
pub(super) fn merge<'a>(
    names: &mut Names<'a>,
    condition: &Value<'a>,
    one: Names<'a>,
    two: Names<'a>,
    at: At,
) {
    let pick = |a: Value<'a>, b: Value<'a>| {
        let ty = a.ty;
        choice(Arc::clone(condition), a, b, ty, at)
    };
    names.locals = both(&names.locals, one.locals, two.locals, &pick, |_| None);
    names.store =
        both(&names.store, one.store, two.store, &pick, |root| Some(Node::new(Kind::Root(*root), None, at)));
}

fn both<'a, K: Ord + Copy>(
    before: &BTreeMap<K, Value<'a>>,
    one: BTreeMap<K, Value<'a>>,
    mut two: BTreeMap<K, Value<'a>>,
    pick: &dyn Fn(Value<'a>, Value<'a>) -> Value<'a>,
    initial: impl Fn(&K) -> Option<Value<'a>>,
) -> BTreeMap<K, Value<'a>> {
    let mut result = BTreeMap::new();
    let missing = |key: &K| before.get(key).cloned().or_else(|| initial(key));
    for (key, a) in one {
        let merged = match two.remove(&key).or_else(|| missing(&key)) {
            Some(b) => pick(a, b),
            None => a,
        };
        result.insert(key, merged);
    }
    for (key, b) in two {
        let merged = match missing(&key) {
            Some(a) => pick(a, b),
            None => b,
        };
        result.insert(key, merged);
    }
    result
}

/// After a loop: what its body has changed is the old or the new.
pub(super) fn join<'a>(
    names: &mut Names<'a>,
    inside: Names<'a>,
    mix: impl Fn(Value<'a>, Value<'a>) -> Value<'a>,
) {
    for (slot, new) in inside.locals {
        let joined = match names.locals.get(&slot) {
            Some(old) if !Arc::ptr_eq(old, &new) => mix(Arc::clone(old), new),
            Some(_) | None => new,
        };
        names.locals.insert(slot, joined);
    }
    for (root, new) in inside.store {
        let joined = match names.store.get(&root) {
            Some(old) if !Arc::ptr_eq(old, &new) => mix(Arc::clone(old), new),
            Some(_) => new,
            None => mix(Node::new(Kind::Root(root), None, At::default()), new),
        };
        names.store.insert(root, joined);
    }
}
