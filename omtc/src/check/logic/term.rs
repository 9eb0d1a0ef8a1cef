//! From expressions to terms and formulas.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not listed is opaque, and so would a new kind be"
)]

mod arithmetic;

use super::linear::{Linear, TermId};
use super::{Parameters, asking, asks};
use omt_runtime::ir::{
    BinaryOp, Builtin, Conversion, Expr, ExprKind, ParameterValue, Protocol, Stmt, Type, UnaryOp,
};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Expressions that one question may look at, those of functions and `let`s as often as they are put in. Guards have
/// tens; beyond this the rest of a condition is taken as unknown.
const EXPRESSION_COUNT_MAX: usize = 20_000;

/// How deep functions are put into each other before a call is opaque.
const INLINE_DEPTH_MAX: u32 = 8;

/// What a term is. Two terms are the same when they are built alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Constant(Constant),
    /// A field, an argument, a local and so on, by a text that says which.
    Leaf(String),
    Apply(String, Vec<TermId>),
    /// Whole numbers in a sum, where the sum is part of something else.
    Sum(Linear),
    /// What the world answers at one place of the source: place (by address) within one condition.
    Answer(u32, usize),
    /// Like nothing else.
    Unknown(usize),
}

/// A value of which it is known that it differs from every other constant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Enum(String, String),
    Text(String),
    Number(i128),
    /// Bits of a float, of which the sign of zero has been removed.
    Float(u64),
}

/// What is known about a term.
#[derive(Clone, Debug)]
pub(super) struct Info {
    pub constant: Option<Constant>,
    /// Its type, without `?`.
    pub ty: Type,
    /// Forms that are at most zero wherever the term has a value.
    pub sides: Vec<Linear>,
}

/// A statement about terms.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    /// Two terms are the same value, or not. With `plain`, neither is null.
    Same { a: TermId, b: TermId, same: bool, plain: bool },
    /// The form is at most zero (or less, if strict).
    Below { form: Linear, strict: bool, dense: bool },
    /// The form is zero, or not.
    Zero { form: Linear, zero: bool, dense: bool },
}

/// A condition in negation normal form.
#[derive(Clone, Debug)]
pub(super) enum Formula {
    True,
    False,
    Literal(Literal),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

impl Formula {
    fn of(value: bool) -> Formula {
        if value { Formula::True } else { Formula::False }
    }

    fn both(a: Formula, b: Formula) -> Formula {
        match (a, b) {
            (Formula::False, _) | (_, Formula::False) => Formula::False,
            (Formula::True, other) | (other, Formula::True) => other,
            (Formula::All(mut list), other) => {
                list.push(other);
                Formula::All(list)
            }
            (a, b) => Formula::All(vec![a, b]),
        }
    }

    fn either(a: Formula, b: Formula) -> Formula {
        match (a, b) {
            (Formula::True, _) | (_, Formula::True) => Formula::True,
            (Formula::False, other) | (other, Formula::False) => other,
            (Formula::Any(mut list), other) => {
                list.push(other);
                Formula::Any(list)
            }
            (a, b) => Formula::Any(vec![a, b]),
        }
    }

    /// `and` when it is claimed to hold, `or` when not.
    fn join(all: bool, a: Formula, b: Formula) -> Formula {
        if all { Formula::both(a, b) } else { Formula::either(a, b) }
    }
}

/// What a slot stands for.
#[derive(Clone)]
enum Meaning<'a> {
    /// An expression, in what was known where it stood.
    Expr(&'a Expr, Rc<Env<'a>>),
    /// The parameter of a lambda, counted from outside.
    Bound(u32),
}

#[derive(Clone, Default)]
pub(super) struct Env<'a> {
    slots: BTreeMap<u32, Meaning<'a>>,
    /// Which frame other slots belong to.
    frame: String,
    condition: u32,
    lambdas: u32,
    inlined: u32,
}

pub(super) const NULL: TermId = 0;
pub(super) const TRUE: TermId = 1;
pub(super) const FALSE: TermId = 2;

/// The terms of one question.
pub(super) struct Terms<'a> {
    pub protocol: &'a Protocol,
    parameters: Parameters,
    known: BTreeMap<Node, TermId>,
    pub info: Vec<Info>,
    left: usize,
}

impl<'a> Terms<'a> {
    pub fn new(protocol: &'a Protocol, parameters: Parameters) -> Self {
        let mut terms = Terms {
            protocol,
            parameters,
            known: BTreeMap::new(),
            info: Vec::new(),
            left: EXPRESSION_COUNT_MAX,
        };
        terms.constant(Constant::Null, &Type::Null);
        terms.constant(Constant::Bool(true), &Type::Bool);
        terms.constant(Constant::Bool(false), &Type::Bool);
        terms
    }

    /// A condition with its `let`s, claimed to hold or not to.
    pub fn claim(
        &mut self,
        lets: &'a [(u32, Expr)],
        condition: Option<&'a Expr>,
        when: bool,
        frame: u32,
    ) -> Formula {
        let Some(condition) = condition else { return Formula::of(when) };
        let mut env = Rc::new(Env { frame: frame.to_string(), condition: frame, ..Env::default() });
        for (slot, value) in lets {
            env = bind(&env, *slot, value, &env);
        }
        self.formula(condition, when, &env)
    }

    fn intern(&mut self, node: Node, ty: &Type, constant: Option<Constant>) -> TermId {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = TermId::try_from(self.info.len()).unwrap_or(TermId::MAX);
        let ty = ty.plain().clone();
        let mut sides = Vec::new();
        if constant.is_none()
            && let Some((low, high)) = range(&ty)
        {
            let term = Linear::term(id);
            sides.extend(term.offset(-high));
            sides.extend(term.times(-1).and_then(|t| t.offset(low)));
        }
        self.known.insert(node, id);
        self.info.push(Info { constant, ty, sides });
        id
    }

    pub fn constant(&mut self, constant: Constant, ty: &Type) -> TermId {
        self.intern(Node::Constant(constant.clone()), ty, Some(constant))
    }

    fn leaf(&mut self, text: String, ty: &Type) -> TermId {
        self.intern(Node::Leaf(text), ty, None)
    }

    fn apply(&mut self, text: impl Into<String>, arguments: Vec<TermId>, ty: &Type) -> TermId {
        self.intern(Node::Apply(text.into(), arguments), ty, None)
    }

    fn spent(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left == 0
    }

    /// A condition, claimed to hold or not to.
    fn formula(&mut self, expr: &'a Expr, when: bool, env: &Rc<Env<'a>>) -> Formula {
        if self.spent() {
            return Formula::True;
        }
        let (expr, env) = &resolve(expr, env);
        match &expr.kind {
            ExprKind::Bool(value) => Formula::of(*value == when),
            ExprKind::Unary(UnaryOp::Not, inner) => self.formula(inner, !when, env),
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
                let (a, b) = (self.formula(a, when, env), self.formula(b, when, env));
                Formula::join((*op == BinaryOp::And) == when, a, b)
            }
            ExprKind::Binary(op @ (BinaryOp::Equal | BinaryOp::NotEqual), a, b) => {
                self.equality(a, b, (*op == BinaryOp::Equal) == when, env)
            }
            ExprKind::Binary(op, a, b) if is_order(*op) => self.order(*op, a, b, when, env),
            ExprKind::Binary(BinaryOp::In, item, container) => self.membership(item, container, when, env),
            ExprKind::Builtin(Builtin::HasKey, arguments) => match arguments.as_slice() {
                [container, item] => self.membership(item, container, when, env),
                _ => Formula::True,
            },
            ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
                self.fraction(*op, [numerator, denominator, fraction], when, env)
            }
            ExprKind::If(test, then, otherwise) => {
                let yes = Formula::both(self.formula(test, true, env), self.formula(then, when, env));
                let no = Formula::both(self.formula(test, false, env), self.formula(otherwise, when, env));
                Formula::either(yes, no)
            }
            ExprKind::Let(slot, value, body) => {
                let env = bind(env, *slot, value, env);
                self.formula(body, when, &env)
            }
            ExprKind::Call(name, arguments) => match self.inlined(expr, name, arguments, env) {
                Some((body, env)) => {
                    self.body(body, &[], when, &env).unwrap_or_else(|| self.atom(expr, when, &env))
                }
                None => self.atom(expr, when, env),
            },
            _ => self.atom(expr, when, env),
        }
    }

    /// A condition of which nothing is known but that it is the same wherever it is written alike.
    fn atom(&mut self, expr: &'a Expr, when: bool, env: &Rc<Env<'a>>) -> Formula {
        let a = self.term(expr, env);
        Formula::Literal(Literal::Same { a, b: if when { TRUE } else { FALSE }, same: true, plain: true })
    }

    /// The body of a function of which the result is a condition; `None` if it loops or computes in steps.
    fn body(
        &mut self,
        statements: &'a [Stmt],
        rest: &[&'a [Stmt]],
        when: bool,
        env: &Rc<Env<'a>>,
    ) -> Option<Formula> {
        let Some((first, after)) = statements.split_first() else {
            let (next, rest) = rest.split_first()?;
            return self.body(next, rest, when, env);
        };
        if self.spent() {
            return Some(Formula::True);
        }
        match first {
            Stmt::Return { value, meta: _ } => Some(self.formula(value, when, env)),
            Stmt::Assign { slot, path, value, meta: _ } if path.is_empty() => {
                let env = bind(env, *slot, value, env);
                self.body(after, rest, when, &env)
            }
            Stmt::If { condition, then, otherwise, meta: _ } => {
                let mut rest = rest.to_vec();
                rest.insert(0, after);
                let yes = self.body(then, &rest, when, env)?;
                let no = self.body(otherwise, &rest, when, env)?;
                Some(Formula::either(
                    Formula::both(self.formula(condition, true, env), yes),
                    Formula::both(self.formula(condition, false, env), no),
                ))
            }
            Stmt::Assign { .. } | Stmt::For { .. } | Stmt::Fail { .. } => None,
        }
    }

    /// The body of a function that is called, with its parameters bound; `None` if the call stays opaque.
    fn inlined(
        &mut self,
        call: &'a Expr,
        name: &str,
        arguments: &'a [Expr],
        env: &Rc<Env<'a>>,
    ) -> Option<(&'a [Stmt], Rc<Env<'a>>)> {
        if env.inlined >= INLINE_DEPTH_MAX || asking(self.protocol, call) {
            return None;
        }
        let function = self.protocol.functions.get(name)?;
        let mut inner = Env {
            slots: BTreeMap::new(),
            // A local that is not bound is never read: it is assigned first (5.4).
            frame: format!("{}/{name}", env.frame),
            condition: env.condition,
            lambdas: env.lambdas,
            inlined: env.inlined.saturating_add(1),
        };
        for (slot, argument) in (0..function.parameters).zip(arguments) {
            inner.slots.insert(slot, Meaning::Expr(argument, Rc::clone(env)));
        }
        Some((&function.body, Rc::new(inner)))
    }

    fn equality(&mut self, a: &'a Expr, b: &'a Expr, equal: bool, env: &Rc<Env<'a>>) -> Formula {
        let (a, a_env) = &resolve(a, env);
        let (b, b_env) = &resolve(b, env);
        match (&a.kind, &b.kind) {
            (ExprKind::Null, ExprKind::Null) => return Formula::of(equal),
            (ExprKind::Null, _) => return self.null(b, equal, b_env),
            (_, ExprKind::Null) => return self.null(a, equal, a_env),
            _ => {}
        }
        let (some_a, some_b) = (never_null(a), never_null(b));
        if !some_a && !some_b {
            let (a, b) = (self.term(a, a_env), self.term(b, b_env));
            return Formula::Literal(Literal::Same { a, b, same: equal, plain: false });
        }
        let values = self.same_value((a, a_env), (b, b_env), equal);
        if some_a && some_b {
            return values;
        }
        // One of them may be null, and is then not the other.
        let (maybe, env) = if some_a { (b, b_env) } else { (a, a_env) };
        let present = self.null(maybe, !equal, env);
        Formula::join(equal, present, values)
    }

    fn null(&mut self, expr: &'a Expr, null: bool, env: &Rc<Env<'a>>) -> Formula {
        if never_null(expr) {
            return Formula::of(!null);
        }
        let a = self.term(expr, env);
        Formula::Literal(Literal::Same { a, b: NULL, same: null, plain: false })
    }

    /// Equality of two values of which neither is null.
    fn same_value(
        &mut self,
        (a, a_env): (&'a Expr, &Rc<Env<'a>>),
        (b, b_env): (&'a Expr, &Rc<Env<'a>>),
        equal: bool,
    ) -> Formula {
        let (a, b) = (bare(a), bare(b));
        let ty = a.ty.plain();
        if *ty == Type::Bool && !a.ty.is_optional() && !b.ty.is_optional() {
            let yes = Formula::both(self.formula(a, true, a_env), self.formula(b, equal, b_env));
            let no = Formula::both(self.formula(a, false, a_env), self.formula(b, !equal, b_env));
            return Formula::either(yes, no);
        }
        if ty.dimension().is_some() {
            let form = self.difference((a, a_env), (b, b_env));
            return form.map_or(Formula::True, |form| match form.number() {
                Some(number) => Formula::of((number == 0) == equal),
                None => Formula::Literal(Literal::Zero { form, zero: equal, dense: false }),
            });
        }
        let (a, b) = (self.term(a, a_env), self.term(b, b_env));
        if is_dense(ty) {
            let form = Linear::term(a).plus(-1, &Linear::term(b)).unwrap_or_default();
            return match form.number() {
                Some(number) => Formula::of((number == 0) == equal),
                None => Formula::Literal(Literal::Zero { form, zero: equal, dense: true }),
            };
        }
        if a == b {
            return Formula::of(equal);
        }
        Formula::Literal(Literal::Same { a, b, same: equal, plain: true })
    }

    fn difference(
        &mut self,
        (a, a_env): (&'a Expr, &Rc<Env<'a>>),
        (b, b_env): (&'a Expr, &Rc<Env<'a>>),
    ) -> Option<Linear> {
        let (a, b) = (self.linear(a, a_env), self.linear(b, b_env));
        a.plus(-1, &b)
    }

    fn order(&mut self, op: BinaryOp, a: &'a Expr, b: &'a Expr, when: bool, env: &Rc<Env<'a>>) -> Formula {
        let form = if a.ty.dimension().is_some() {
            self.difference((a, env), (b, env))
        } else {
            let (a, b) = (self.term(a, env), self.term(b, env));
            Linear::term(a).plus(-1, &Linear::term(b))
        };
        let dense = a.ty.dimension().is_none();
        form.map_or(Formula::True, |form| compared(op, form, when, dense))
    }

    /// `numerator / denominator OP fraction`.
    fn fraction(
        &mut self,
        op: BinaryOp,
        [numerator, denominator, fraction]: [&'a Expr; 3],
        when: bool,
        env: &Rc<Env<'a>>,
    ) -> Formula {
        let (above, below) = (self.linear(numerator, env), self.linear(denominator, env));
        // Below zero the comparison would turn round; zero is a fault.
        let positive =
            below.constant >= 0 && below.terms.iter().all(|(term, c)| *c > 0 && self.never_negative(*term));
        if let (true, Some((digits, unit))) = (positive, self.decimal(fraction)) {
            let form = above.times(unit).and_then(|form| form.plus(digits.checked_neg()?, &below));
            let at_least_one = below.times(-1).and_then(|form| form.offset(1));
            if let (Some(form), Some(at_least_one)) = (form, at_least_one) {
                return Formula::both(
                    compared(BinaryOp::LessEqual, at_least_one, true, false),
                    compared(op, form, when, false),
                );
            }
        }
        let (above, below) = (self.sum(above), self.sum(below));
        let ratio = self.apply("/", vec![above, below], &Type::Decimal);
        let fraction = self.term(fraction, env);
        let form = Linear::term(ratio).plus(-1, &Linear::term(fraction));
        form.map_or(Formula::True, |form| compared(op, form, when, true))
    }

    fn decimal(&self, fraction: &Expr) -> Option<(i128, i128)> {
        let ExprKind::Parameter(name) = &fraction.kind else { return None };
        match (&self.protocol.parameters.get(name)?.value, self.parameters) {
            (ParameterValue::Decimal { numerator, scale }, Parameters::Folded) => {
                Some((i128::from(*numerator), 10i128.checked_pow(*scale)?))
            }
            _ => None,
        }
    }

    fn never_negative(&self, term: TermId) -> bool {
        self.info.get(term as usize).is_some_and(|info| info.ty == Type::Uint)
    }

    /// `x in [a, b]` is `x == a or x == b`; anything else is looked up in an opaque container.
    fn membership(&mut self, item: &'a Expr, container: &'a Expr, when: bool, env: &Rc<Env<'a>>) -> Formula {
        let (list, list_env) = &resolve(container, env);
        let (item, item_env) = &resolve(item, env);
        if let ExprKind::List(items) = &list.kind {
            let mut found = Formula::of(!when);
            for other in items {
                let (other, other_env) = &resolve(other, list_env);
                let one = if item.kind == ExprKind::Null || other.kind == ExprKind::Null || !never_null(item)
                {
                    let (a, b) = (self.term(item, item_env), self.term(other, other_env));
                    if a == b {
                        Formula::of(when)
                    } else {
                        Formula::Literal(Literal::Same { a, b, same: when, plain: false })
                    }
                } else {
                    self.same_value((item, item_env), (other, other_env), when)
                };
                found = Formula::join(!when, found, one);
            }
            return found;
        }
        let (item, container) = (self.term(item, item_env), self.term(list, list_env));
        let a = self.apply("in", vec![item, container], &Type::Bool);
        Formula::Literal(Literal::Same { a, b: if when { TRUE } else { FALSE }, same: true, plain: true })
    }

    /// A sum as one term.
    fn sum(&mut self, form: Linear) -> TermId {
        if let Some(number) = form.number() {
            return self.constant(Constant::Number(number), &Type::Exact(omt_runtime::ir::Dimension::Count));
        }
        if form.constant == 0
            && let Some((term, 1)) = form.terms.iter().next().map(|(t, c)| (*t, *c))
            && form.terms.len() == 1
        {
            return term;
        }
        let ty = Type::Exact(omt_runtime::ir::Dimension::Count);
        let id = self.intern(Node::Sum(form.clone()), &ty, None);
        // As a term it is still that sum.
        let term = Linear::term(id);
        let sides: Vec<Linear> = [term.plus(-1, &form), form.plus(-1, &term)].into_iter().flatten().collect();
        self.about(id, sides);
        id
    }

    /// Keeps what holds of a term wherever it has a value.
    fn about(&mut self, term: TermId, sides: Vec<Linear>) {
        let Some(info) = self.info.get_mut(term as usize) else { return };
        for side in sides {
            if !info.sides.contains(&side) {
                info.sides.push(side);
            }
        }
    }

    /// Any expression as a term.
    fn term(&mut self, expr: &'a Expr, env: &Rc<Env<'a>>) -> TermId {
        let (expr, env) = &resolve(expr, env);
        if expr.kind != ExprKind::Null && expr.ty.plain().dimension().is_some() {
            let form = self.linear(expr, env);
            return self.sum(form);
        }
        self.opaque(expr, env)
    }

    fn all(&mut self, label: impl Into<String>, parts: &[&'a Expr], ty: &Type, env: &Rc<Env<'a>>) -> TermId {
        let parts = parts.iter().map(|part| self.term(part, env)).collect();
        self.apply(label, parts, ty)
    }

    fn answer(&mut self, expr: &Expr, env: &Env<'_>) -> TermId {
        let address = std::ptr::from_ref(expr).addr();
        self.intern(Node::Answer(env.condition, address), &expr.ty, None)
    }

    /// A term by how it is written.
    fn opaque(&mut self, expr: &'a Expr, env: &Rc<Env<'a>>) -> TermId {
        let ty = &expr.ty;
        if self.spent() {
            return self.intern(Node::Unknown(self.info.len()), ty, None);
        }
        if asks(expr) {
            return self.answer(expr, env);
        }
        match &expr.kind {
            ExprKind::Integer(n) => self.constant(Constant::Number(*n), ty),
            ExprKind::Float(f) => self.constant(Constant::Float((*f + 0.0).to_bits()), ty),
            ExprKind::Bool(b) => self.constant(Constant::Bool(*b), ty),
            ExprKind::Text(t) => self.constant(Constant::Text(t.clone()), ty),
            ExprKind::Null => NULL,
            ExprKind::EnumValue(of, value) => self.constant(Constant::Enum(of.clone(), value.clone()), ty),
            ExprKind::Parameter(name) => self.leaf(format!("parameter {name}"), ty),
            ExprKind::Local(slot) | ExprKind::CallLocal(slot, _) => {
                let arguments = match &expr.kind {
                    ExprKind::CallLocal(_, arguments) => arguments.as_slice(),
                    _ => &[],
                };
                let callee = match env.slots.get(slot).cloned() {
                    Some(Meaning::Bound(level)) => self.leaf(format!("bound {level}"), ty),
                    Some(Meaning::Expr(value, env)) if !arguments.is_empty() => self.term(value, &env),
                    _ => self.leaf(format!("local {} {slot}", env.frame), ty),
                };
                if arguments.is_empty() {
                    return callee;
                }
                let mut parts = vec![callee];
                parts.extend(arguments.iter().map(|a| self.term(a, env)));
                self.apply("apply", parts, ty)
            }
            ExprKind::Store(name) | ExprKind::Load(name) => self.leaf(format!("store {name}"), ty),
            ExprKind::Shared(name) => self.leaf(format!("shared {name}"), ty),
            ExprKind::ViewField(name) => self.leaf(format!("view {name}"), ty),
            ExprKind::Argument(name) => self.leaf(format!("argument {name}"), ty),
            ExprKind::CurrentBlock => self.leaf("block".to_owned(), ty),
            ExprKind::TaskResult => self.leaf("result".to_owned(), ty),
            ExprKind::Payload => self.leaf("message".to_owned(), ty),
            ExprKind::Sender => self.leaf("sender".to_owned(), ty),
            ExprKind::SignedMessage => self.leaf("signed".to_owned(), ty),
            ExprKind::Session => self.leaf("session".to_owned(), ty),
            ExprKind::SelfId => self.leaf("self".to_owned(), ty),
            ExprKind::OwnChain => self.leaf("chain".to_owned(), ty),
            ExprKind::Field(of, name) => self.all(format!(".{name}"), &[of], ty, env),
            ExprKind::Index(a, b) => self.all("[]", &[a, b], ty, env),
            ExprKind::Record(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                let values: Vec<&Expr> = fields.iter().map(|(_, value)| value).collect();
                self.all(format!("{ty} {{{}}}", names.join(" ")), &values, ty, env)
            }
            ExprKind::List(items) => self.all("list", &items.iter().collect::<Vec<_>>(), ty, env),
            ExprKind::Map(entries) => {
                let parts: Vec<&Expr> = entries.iter().flat_map(|(k, v)| [k, v]).collect();
                self.all("map", &parts, ty, env)
            }
            ExprKind::Let(slot, value, body) => {
                let env = bind(env, *slot, value, env);
                self.term(body, &env)
            }
            ExprKind::Unary(op, inner) => self.all(format!("{op:?}"), &[inner], ty, env),
            ExprKind::Binary(op, a, b) => self.all(format!("{op:?}"), &[a, b], ty, env),
            ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
                self.all(format!("fraction {op:?}"), &[numerator, denominator, fraction], ty, env)
            }
            ExprKind::If(a, b, c) => self.all("if", &[a, b, c], ty, env),
            ExprKind::Call(name, arguments) => {
                if asking(self.protocol, expr) {
                    return self.answer(expr, env);
                }
                let arguments: Vec<&Expr> = arguments.iter().collect();
                self.all(format!("{name}()"), &arguments, ty, env)
            }
            ExprKind::Native(..) => self.answer(expr, env),
            ExprKind::Builtin(builtin, arguments) => {
                let arguments: Vec<&Expr> = arguments.iter().collect();
                self.all(builtin.name(), &arguments, ty, env)
            }
            ExprKind::View(name, of) => self.all(format!("view {name}"), &[of], ty, env),
            ExprKind::Lambda(slots, body) => {
                let mut inner = (**env).clone();
                for slot in slots {
                    inner.slots.insert(*slot, Meaning::Bound(inner.lambdas));
                    inner.lambdas = inner.lambdas.saturating_add(1);
                }
                let inner = Rc::new(inner);
                let body = self.term(body, &inner);
                self.apply(format!("lambda {}", slots.len()), vec![body], ty)
            }
            ExprKind::Convert(Conversion::Some | Conversion::Unwrap, inner) => self.term(inner, env),
            ExprKind::Convert(conversion, inner) => {
                self.all(format!("{conversion:?} {ty}"), &[inner], ty, env)
            }
        }
    }
}

/// `form OP 0`, or its contrary.
fn compared(op: BinaryOp, form: Linear, when: bool, dense: bool) -> Formula {
    let op = if when { op } else { contrary(op) };
    let negated = |form: Linear| form.times(-1);
    let (form, strict) = match op {
        BinaryOp::Less => (Some(form), true),
        BinaryOp::LessEqual => (Some(form), false),
        BinaryOp::Greater => (negated(form), true),
        BinaryOp::GreaterEqual => (negated(form), false),
        BinaryOp::Equal | BinaryOp::NotEqual => {
            let zero = op == BinaryOp::Equal;
            return match form.number() {
                Some(number) => Formula::of((number == 0) == zero),
                None => Formula::Literal(Literal::Zero { form, zero, dense }),
            };
        }
        _ => (None, false),
    };
    let Some(form) = form else { return Formula::True };
    match form.number() {
        Some(number) => Formula::of(if strict { number < 0 } else { number <= 0 }),
        None => Formula::Literal(Literal::Below { form, strict, dense }),
    }
}

fn contrary(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::GreaterEqual,
        BinaryOp::LessEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessEqual,
        BinaryOp::GreaterEqual => BinaryOp::Less,
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        other => other,
    }
}

fn is_order(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual)
}

/// Types of which the values are ordered, and nothing more is known about them here.
fn is_dense(ty: &Type) -> bool {
    matches!(ty, Type::Float | Type::String | Type::Decimal)
}

/// Can an expression not be null, where it has a value?
fn never_null(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Convert(Conversion::Some, inner) => never_null(inner),
        _ => !expr.ty.is_optional() && expr.ty != Type::Null,
    }
}

/// Without conversions between `T` and `T?`.
fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Convert(Conversion::Some, inner) => bare(inner),
        _ => expr,
    }
}

fn range(ty: &Type) -> Option<(i128, i128)> {
    match ty {
        Type::Uint => Some((0, i128::from(u64::MAX))),
        Type::Int | Type::Timestamp | Type::Duration => Some((i128::from(i64::MIN), i128::from(i64::MAX))),
        _ => None,
    }
}

fn bind<'a>(env: &Rc<Env<'a>>, slot: u32, value: &'a Expr, of: &Rc<Env<'a>>) -> Rc<Env<'a>> {
    let mut inner = (**env).clone();
    inner.slots.insert(slot, Meaning::Expr(value, Rc::clone(of)));
    Rc::new(inner)
}

/// What a local stands for, as far as that is known.
fn resolve<'a>(expr: &'a Expr, env: &Rc<Env<'a>>) -> (&'a Expr, Rc<Env<'a>>) {
    let (mut expr, mut env) = (expr, Rc::clone(env));
    while let ExprKind::Local(slot) = &expr.kind
        && let Some(Meaning::Expr(value, of)) = env.slots.get(slot)
    {
        (expr, env) = (value, Rc::clone(of));
    }
    (expr, env)
}
