//! Expressions.

#![allow(clippy::wildcard_enum_match_arm, reason = "of a value, only the kind that validation promises")]

use super::Store;
use crate::envelope::Signed;
use crate::fault::FaultKind;
use crate::id::{Hash, PeerId, SessionId};
use crate::ir::{
    Actor, At, BinaryOp, Conversion, Expr, ExprKind, Function, ParameterValue, Place, Protocol, Selector,
    Stmt, Type, UnaryOp,
};
use crate::library;
use crate::machine::{Effect, Env, Incoming, Raised, rules};
use crate::package::Package;
use crate::value::{Map, RecordValue, Value};
use crate::wire::{self, Types};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A step while it runs: a copy of the instance, and what it has to say so far.
pub(super) struct Exec<'p, 'e> {
    pub package: &'p Package,
    pub actor_name: &'p str,
    pub actor: &'p Actor,
    pub env: &'e mut dyn Env,
    pub session: SessionId,
    /// Did a trigger create the instance in this step? Then the step may assign its session.
    pub naming: bool,
    pub store: Store,
    /// Fields of the shared store that were looked at.
    pub shared: BTreeMap<String, Value>,
    pub shared_written: BTreeSet<String>,
    pub cause: Data,
    /// Frames, the newest last. A lambda refers to the frame it was written in, which is still there when it runs.
    pub slots: Vec<Slot<'p>>,
    /// Where the current frame begins.
    pub base: usize,
    /// The fold that is going on: fields of the view, and the block.
    pub fold: Option<Fold>,
    pub effects: Vec<Effect>,
}

/// A local.
#[derive(Clone, Default)]
pub(super) enum Slot<'p> {
    #[default]
    Unset,
    Value(Value),
    Lambda(Lambda<'p>),
}

/// A lambda that was passed to a function.
#[derive(Clone, Copy)]
pub(super) struct Lambda<'p> {
    /// Where the frame begins that it was written in.
    pub base: usize,
    pub parameters: &'p [u32],
    pub body: &'p Expr,
}

/// A view while it is folded.
pub(super) struct Fold {
    pub fields: RecordValue,
    pub block: Value,
}

/// What the cause of a step brought.
pub(super) enum Data {
    Nothing,
    Message { incoming: Arc<Incoming>, payload: Value },
    Trigger { arguments: BTreeMap<String, Value> },
    Task { result: Value },
}

/// Something that validation excludes.
fn internal(text: &str) -> Raised {
    FaultKind::internal(text).into()
}

impl<'p, 'e> Exec<'p, 'e> {
    /// What evaluates outside any step: there is no instance, so no store, and nothing caused it.
    pub(super) fn outside(package: &'p Package, env: &'e mut dyn Env) -> Result<Self, FaultKind> {
        let Some((actor_name, actor)) = package.protocol.actors.first_key_value() else {
            return Err(FaultKind::internal("a protocol without actors"));
        };
        Ok(Exec {
            package,
            actor_name,
            actor,
            env,
            session: Hash::ZERO,
            naming: false,
            store: Store::new(),
            shared: BTreeMap::new(),
            shared_written: BTreeSet::new(),
            cause: Data::Nothing,
            slots: Vec::new(),
            base: 0,
            fold: None,
            effects: Vec::new(),
        })
    }
}

impl<'p> Exec<'p, '_> {
    pub(super) fn protocol(&self) -> &'p Protocol {
        &self.package.protocol
    }

    pub(super) fn types(&self) -> Types<'p> {
        Types::new(&self.package.protocol, self.package.id)
    }

    /// Decodes bytes that the host has validated.
    pub(super) fn decode(&self, ty: &Type, bytes: &[u8]) -> Result<Value, Raised> {
        self.types().decode(ty, bytes).map_err(|error| FaultKind::internal(error.to_string()).into())
    }

    /// The value of an expression. A fault has the place of the innermost expression that faulted.
    ///
    /// Every kind has a function of its own, so that evaluation that nests takes little stack, also where the compiler
    /// does not optimise (a test holds how much).
    pub(super) fn eval(&mut self, expr: &'p Expr) -> Result<Value, Raised> {
        let mut result = self.compute(expr);
        if let Err(raised) = &mut result {
            raised.at.get_or_insert(expr.meta);
        }
        result
    }

    fn compute(&mut self, expr: &'p Expr) -> Result<Value, Raised> {
        match &expr.kind {
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Null
            | ExprKind::EnumValue(..)
            | ExprKind::Parameter(_)
            | ExprKind::Local(_)
            | ExprKind::Store(_)
            | ExprKind::Load(_)
            | ExprKind::Shared(_)
            | ExprKind::ViewField(_)
            | ExprKind::CurrentBlock
            | ExprKind::Argument(_)
            | ExprKind::TaskResult
            | ExprKind::Payload
            | ExprKind::Sender
            | ExprKind::SignedMessage
            | ExprKind::Session
            | ExprKind::SelfId
            | ExprKind::OwnChain => self.leaf(expr),
            ExprKind::Field(record, name) => self.field_of(record, name),
            ExprKind::Index(container, key) => self.element_of(container, key),
            ExprKind::Record(fields) => self.record(fields),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Let(slot, value, body) => self.bound(*slot, value, body),
            ExprKind::Unary(op, operand) => self.unary(*op, operand),
            ExprKind::Binary(BinaryOp::And, left, right) => self.both(left, right),
            ExprKind::Binary(BinaryOp::Or, left, right) => self.either(left, right),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
                self.compare_fraction(*op, numerator, denominator, fraction)
            }
            ExprKind::If(condition, then, otherwise) => self.choice(condition, then, otherwise),
            ExprKind::Call(name, arguments) => self.call(name, arguments),
            ExprKind::CallLocal(slot, arguments) => self.call_local(*slot, arguments),
            ExprKind::Native(name, arguments) => self.native(name, arguments),
            ExprKind::Builtin(builtin, arguments) => self.builtin(*builtin, arguments, &expr.ty),
            ExprKind::View(name, chain) => self.view_of(name, chain),
            ExprKind::Lambda(..) => Err(internal("a lambda that is no argument")),
            ExprKind::Convert(conversion, operand) => self.convert(*conversion, operand, &expr.ty),
        }
    }

    /// What has no operands.
    fn leaf(&mut self, expr: &'p Expr) -> Result<Value, Raised> {
        match &expr.kind {
            ExprKind::Integer(number) => Ok(Value::Int(*number)),
            ExprKind::Float(number) => Ok(Value::Float(*number)),
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Text(text) => Ok(Value::text(text.as_str())),
            ExprKind::Null => Ok(Value::Null),
            ExprKind::EnumValue(_, value) => Ok(Value::Enum(value.as_str().into())),
            ExprKind::Parameter(name) => self.parameter(name),
            ExprKind::Local(slot) => self.local(*slot),
            ExprKind::Store(name) | ExprKind::Load(name) => {
                present(self.store.get(name).cloned().unwrap_or(Value::Null), &expr.ty)
            }
            ExprKind::Shared(name) => present(self.shared(name)?, &expr.ty),
            ExprKind::ViewField(name) => {
                let value = self.fold.as_ref().and_then(|fold| fold.fields.get(name));
                value.cloned().ok_or_else(|| internal("a field of no view"))
            }
            ExprKind::CurrentBlock => {
                self.fold.as_ref().map(|fold| fold.block.clone()).ok_or_else(|| internal("no block"))
            }
            ExprKind::Session => Ok(Value::Hash(self.session_now())),
            ExprKind::SelfId => Ok(Value::Peer(self.env.peer_id())),
            ExprKind::OwnChain => Ok(Value::Segment(self.env.chain())),
            kind => self.cause_data(kind),
        }
    }

    fn field_of(&mut self, record: &'p Expr, name: &str) -> Result<Value, Raised> {
        let record = self.eval(record)?;
        field(&record, name)
    }

    fn element_of(&mut self, container: &'p Expr, key: &'p Expr) -> Result<Value, Raised> {
        let container = self.eval(container)?;
        let key = self.eval(key)?;
        element(&container, &key)
    }

    fn record(&mut self, fields: &'p [(String, Expr)]) -> Result<Value, Raised> {
        let mut record = RecordValue::default();
        for (name, value) in fields {
            record.set(name.as_str(), self.eval(value)?);
        }
        Ok(Value::Record(Arc::new(record)))
    }

    fn list(&mut self, items: &'p [Expr]) -> Result<Value, Raised> {
        Ok(Value::List(Arc::new(self.eval_all(items)?)))
    }

    fn map(&mut self, entries: &'p [(Expr, Expr)]) -> Result<Value, Raised> {
        let mut map = Map::new();
        for (key, value) in entries {
            let key = self.eval(key)?;
            let value = self.eval(value)?;
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }

    fn bound(&mut self, slot: u32, value: &'p Expr, body: &'p Expr) -> Result<Value, Raised> {
        let value = self.eval(value)?;
        self.set_local(slot, value)?;
        self.eval(body)
    }

    fn unary(&mut self, op: UnaryOp, operand: &'p Expr) -> Result<Value, Raised> {
        let operand = self.eval(operand)?;
        unary(op, &operand)
    }

    fn both(&mut self, left: &'p Expr, right: &'p Expr) -> Result<Value, Raised> {
        if self.holds(left)? { self.eval(right) } else { Ok(Value::Bool(false)) }
    }

    fn either(&mut self, left: &'p Expr, right: &'p Expr) -> Result<Value, Raised> {
        if self.holds(left)? { Ok(Value::Bool(true)) } else { self.eval(right) }
    }

    fn binary(&mut self, op: BinaryOp, left: &'p Expr, right: &'p Expr) -> Result<Value, Raised> {
        let left = self.eval(left)?;
        let right = self.eval(right)?;
        binary(op, &left, &right)
    }

    fn compare_fraction(
        &mut self,
        op: BinaryOp,
        numerator: &'p Expr,
        denominator: &'p Expr,
        fraction: &'p Expr,
    ) -> Result<Value, Raised> {
        let numerator = self.integer(numerator)?;
        let denominator = self.integer(denominator)?;
        let (digits, scale) = self.decimal(fraction)?;
        let order = library::compare_fraction(numerator, denominator, digits, scale)?;
        Ok(Value::Bool(compares(op, order)?))
    }

    fn choice(&mut self, condition: &'p Expr, then: &'p Expr, otherwise: &'p Expr) -> Result<Value, Raised> {
        if self.holds(condition)? { self.eval(then) } else { self.eval(otherwise) }
    }

    fn call_local(&mut self, slot: u32, arguments: &'p [Expr]) -> Result<Value, Raised> {
        let Some(Slot::Lambda(lambda)) = self.slot(slot).cloned() else {
            return Err(internal("a slot that is no function is called"));
        };
        let arguments = self.eval_all(arguments)?;
        self.apply(lambda, arguments)
    }

    fn view_of(&mut self, name: &str, chain: &'p Expr) -> Result<Value, Raised> {
        let Value::Segment(chain) = self.eval(chain)? else { return Err(internal("a view of no chain")) };
        self.view(name, &chain)
    }

    /// Expressions, left to right.
    pub(super) fn eval_all(&mut self, exprs: &'p [Expr]) -> Result<Vec<Value>, Raised> {
        let mut values = Vec::with_capacity(exprs.len());
        for expr in exprs {
            values.push(self.eval(expr)?);
        }
        Ok(values)
    }

    /// A condition.
    pub(super) fn holds(&mut self, expr: &'p Expr) -> Result<bool, Raised> {
        match self.eval(expr)? {
            Value::Bool(value) => Ok(value),
            other => Err(internal(other.kind())),
        }
    }

    pub(super) fn integer(&mut self, expr: &'p Expr) -> Result<i128, Raised> {
        int(&self.eval(expr)?)
    }

    /// The session; a trigger's step may assign it before it fires.
    pub(super) fn session_now(&self) -> SessionId {
        match self.store.get(&self.protocol().session_key) {
            Some(Value::Hash(session)) if self.naming => *session,
            _ => self.session,
        }
    }

    fn parameter(&self, name: &str) -> Result<Value, Raised> {
        match self.protocol().parameters.get(name).map(|parameter| &parameter.value) {
            Some(ParameterValue::Uint(value)) => Ok(Value::from(*value)),
            Some(ParameterValue::Int(value) | ParameterValue::Duration(value)) => Ok(Value::from(*value)),
            Some(ParameterValue::Text(text)) => Ok(Value::text(text.as_str())),
            // Decimals are operands of two kinds of expressions, which read them themselves.
            Some(ParameterValue::Decimal { .. }) | None => Err(internal("a parameter without a value")),
        }
    }

    fn decimal(&self, expr: &'p Expr) -> Result<(i64, u32), Raised> {
        let ExprKind::Parameter(name) = &expr.kind else { return Err(internal("a fraction is a parameter")) };
        match self.protocol().parameters.get(name).map(|parameter| &parameter.value) {
            Some(ParameterValue::Decimal { numerator, scale }) => Ok((*numerator, *scale)),
            _ => Err(internal("a fraction is a decimal")),
        }
    }

    fn cause_data(&self, kind: &ExprKind) -> Result<Value, Raised> {
        match (kind, &self.cause) {
            (ExprKind::Payload, Data::Message { payload, .. }) => Ok(payload.clone()),
            (ExprKind::Sender, Data::Message { incoming, .. }) => Ok(Value::Peer(incoming.sender)),
            (ExprKind::SignedMessage, Data::Message { incoming, payload }) => {
                let envelope = Arc::new(incoming.envelope.clone());
                Ok(Value::Signed(Arc::new(Signed::new(envelope, payload.clone()))))
            }
            (ExprKind::Argument(name), Data::Trigger { arguments }) => {
                arguments.get(name).cloned().ok_or_else(|| internal("no such argument"))
            }
            (ExprKind::TaskResult, Data::Task { result }) => Ok(result.clone()),
            _ => Err(internal("the cause has no such part")),
        }
    }

    /// A field of the shared store.
    pub(super) fn shared(&mut self, name: &str) -> Result<Value, Raised> {
        if let Some(value) = self.shared.get(name) {
            return Ok(value.clone());
        }
        let field = self.actor.shared.get(name).ok_or_else(|| internal("no such shared field"))?;
        let value = match self.env.shared(name) {
            Some(bytes) => self.decode(&field.ty, &bytes)?,
            None => super::zero(&field.ty),
        };
        self.shared.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    fn index_of(&self, slot: u32) -> usize {
        usize::try_from(slot).map_or(usize::MAX, |slot| self.base.saturating_add(slot))
    }

    pub(super) fn slot(&self, slot: u32) -> Option<&Slot<'p>> {
        self.slots.get(self.index_of(slot))
    }

    pub(super) fn local(&self, slot: u32) -> Result<Value, Raised> {
        match self.slot(slot) {
            Some(Slot::Value(value)) => Ok(value.clone()),
            // A local that no path has written yet.
            Some(Slot::Unset) => Err(FaultKind::Null.into()),
            Some(Slot::Lambda(_)) | None => Err(internal("a slot that holds no value")),
        }
    }

    pub(super) fn local_mut(&mut self, slot: u32) -> Result<&mut Value, Raised> {
        let index = self.index_of(slot);
        match self.slots.get_mut(index) {
            Some(Slot::Value(value)) => Ok(value),
            Some(Slot::Unset) => Err(FaultKind::Null.into()),
            Some(Slot::Lambda(_)) | None => Err(internal("a slot that holds no value")),
        }
    }

    pub(super) fn set_local(&mut self, slot: u32, value: Value) -> Result<(), Raised> {
        let index = self.index_of(slot);
        let place = self.slots.get_mut(index).ok_or_else(|| internal("no such slot"))?;
        *place = Slot::Value(value);
        Ok(())
    }

    /// Runs with a new frame that begins with these locals.
    pub(super) fn framed<T>(
        &mut self,
        frame: usize,
        locals: Vec<Slot<'p>>,
        run: impl FnOnce(&mut Self) -> Result<T, Raised>,
    ) -> Result<T, Raised> {
        let outer = self.push_frame(frame, locals);
        let result = run(self);
        self.pop_frame(outer);
        result
    }

    /// Begins a frame; gives where the one around it began.
    fn push_frame(&mut self, frame: usize, locals: Vec<Slot<'p>>) -> usize {
        let outer = std::mem::replace(&mut self.base, self.slots.len());
        self.slots.extend(locals);
        self.slots.resize_with(self.base.saturating_add(frame), Slot::default);
        outer
    }

    fn pop_frame(&mut self, outer: usize) {
        self.slots.truncate(self.base);
        self.base = outer;
    }

    /// Runs a lambda in the frame that it was written in.
    pub(super) fn apply(&mut self, lambda: Lambda<'p>, arguments: Vec<Value>) -> Result<Value, Raised> {
        let base = std::mem::replace(&mut self.base, lambda.base);
        let mut result = Ok(());
        for (slot, argument) in lambda.parameters.iter().zip(arguments) {
            result = result.and_then(|()| self.set_local(*slot, argument));
        }
        let result = result.and_then(|()| self.eval(lambda.body));
        self.base = base;
        result
    }

    /// A lambda, or a parameter of type function, that is about to be used.
    pub(super) fn lambda(&self, expr: &'p Expr) -> Result<Lambda<'p>, Raised> {
        match &expr.kind {
            ExprKind::Lambda(parameters, body) => Ok(Lambda { base: self.base, parameters, body }),
            ExprKind::Local(slot) => match self.slot(*slot) {
                Some(Slot::Lambda(lambda)) => Ok(*lambda),
                _ => Err(internal("a slot that is no function")),
            },
            _ => Err(internal("an argument that is no function")),
        }
    }

    fn call(&mut self, name: &str, arguments: &'p [Expr]) -> Result<Value, Raised> {
        let protocol = self.protocol();
        let function = protocol.functions.get(name).ok_or_else(|| internal("no such function"))?;
        let mut locals = Vec::with_capacity(function.frame.len());
        for argument in arguments {
            locals.push(match argument.ty {
                Type::Function(..) => Slot::Lambda(self.lambda(argument)?),
                _ => Slot::Value(self.eval(argument)?),
            });
        }
        self.run(function, locals)
    }

    /// Runs a function on its arguments.
    pub(super) fn run(&mut self, function: &'p Function, locals: Vec<Slot<'p>>) -> Result<Value, Raised> {
        let outer = self.push_frame(function.frame.len(), locals);
        let result = self.statements(&function.body);
        self.pop_frame(outer);
        match result {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(internal("a function ended without a result")),
            Err(raised) => Err(raised),
        }
    }

    /// Runs statements; `Some` when one of them returned.
    fn statements(&mut self, body: &'p [Stmt]) -> Result<Option<Value>, Raised> {
        for statement in body {
            if let Some(value) = self.statement(statement)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn statement(&mut self, statement: &'p Stmt) -> Result<Option<Value>, Raised> {
        match statement {
            Stmt::Return { value, meta: _ } => match self.eval(value) {
                Ok(value) => Ok(Some(value)),
                Err(raised) => Err(raised),
            },
            Stmt::Assign { slot, path, value, meta } => self.assign_local(*slot, path, value, *meta),
            Stmt::For { slot, list, body, meta: _ } => self.each(*slot, list, body),
            Stmt::If { condition, then, otherwise, meta: _ } => {
                if self.holds(condition)? {
                    self.statements(then)
                } else {
                    self.statements(otherwise)
                }
            }
            Stmt::Fail { meta } => {
                Err(Raised::from(FaultKind::internal("a function ended without a value")).innermost(*meta))
            }
        }
    }

    fn assign_local(
        &mut self,
        slot: u32,
        path: &'p [Selector],
        value: &'p Expr,
        at: At,
    ) -> Result<Option<Value>, Raised> {
        self.assign(&Place::Local(slot), path, value).map_err(|raised| raised.innermost(at))?;
        Ok(None)
    }

    fn each(&mut self, slot: u32, list: &'p Expr, body: &'p [Stmt]) -> Result<Option<Value>, Raised> {
        for element in self.elements(list)?.iter() {
            self.set_local(slot, element.clone())?;
            if let Some(value) = self.statements(body)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The elements of a list.
    pub(super) fn elements(&mut self, list: &'p Expr) -> Result<Arc<Vec<Value>>, Raised> {
        match self.eval(list)? {
            Value::List(list) => Ok(list),
            other => Err(internal(other.kind())),
        }
    }

    fn native(&mut self, name: &str, arguments: &'p [Expr]) -> Result<Value, Raised> {
        let protocol = self.protocol();
        let native = protocol.natives.get(name).ok_or_else(|| internal("no such native"))?;
        let arguments: Vec<Vec<u8>> = self.eval_all(arguments)?.iter().map(wire::to_bytes).collect();
        let answer = self.env.native(name, &arguments)?;
        self.decode(&native.returns, &answer)
    }

    fn convert(&mut self, conversion: Conversion, operand: &'p Expr, to: &Type) -> Result<Value, Raised> {
        match conversion {
            Conversion::Some | Conversion::ToAny | Conversion::ToSecret | Conversion::Widen => {
                self.eval(operand)
            }
            Conversion::Unwrap => present(self.eval(operand)?, to),
            Conversion::Narrow => {
                let number = self.integer(operand)?;
                Ok(match to {
                    Type::Uint => Value::from(library::narrow_u64(number)?),
                    _ => Value::from(library::narrow_i64(number)?),
                })
            }
            Conversion::ToFloat => Ok(Value::Float(library::int_to_float(self.integer(operand)?)?)),
            Conversion::DecimalToFloat => {
                let (digits, scale) = self.decimal(operand)?;
                Ok(Value::Float(library::decimal_to_float(digits, scale)?))
            }
            Conversion::FromAny => {
                let value = self.eval(operand)?;
                self.types().decode(to, &wire::to_bytes(&value)).map_err(|_| rules::misfit(to).into())
            }
        }
    }
}

/// Null where the type has none is a fault.
fn present(value: Value, ty: &Type) -> Result<Value, Raised> {
    if value.is_null() && !matches!(ty, Type::Optional(_) | Type::Null | Type::Any) {
        return Err(FaultKind::Null.into());
    }
    Ok(value)
}

pub(super) fn int(value: &Value) -> Result<i128, Raised> {
    match value {
        Value::Int(number) => Ok(*number),
        other => Err(internal(other.kind())),
    }
}

/// A field of any kind of record.
fn field(record: &Value, name: &str) -> Result<Value, Raised> {
    let found = match (record, name) {
        (Value::Record(record), _) => record.get(name).cloned(),
        (Value::Block(block), "author") => Some(block.author().into()),
        (Value::Block(block), "height") => Some(block.height().into()),
        (Value::Block(block), "previous") => Some(block.previous().into()),
        (Value::Block(block), "time") => Some(block.time().into()),
        (Value::Block(block), "hash") => Some(block.hash().into()),
        (Value::Block(block), "payload") => Some(block.payload.clone()),
        (Value::Signed(signed), "sender") => Some(signed.sender().into()),
        (Value::Signed(signed), "session") => Some(signed.session().into()),
        (Value::Signed(signed), "sequence") => Some(signed.sequence().into()),
        (Value::Signed(signed), "payload") => Some(signed.payload.clone()),
        (Value::Segment(segment), "author") => Some(segment.author().into()),
        (Value::Segment(segment), "head") => Some(segment.head_hash().into()),
        (Value::Segment(segment), "height") => Some(segment.height().into()),
        (Value::Equivocation(proof), "author") => Some(proof.author().into()),
        _ => None,
    };
    // Only a dict can lack a field.
    found.ok_or_else(|| FaultKind::MissingKey.into())
}

/// `container[key]`.
fn element(container: &Value, key: &Value) -> Result<Value, Raised> {
    match (container, key) {
        (Value::List(list), Value::Int(index)) => Ok(library::index(list, *index)?.clone()),
        (Value::Map(map), key) => Ok(library::entry(map, key)?.clone()),
        // A map with text keys that came through `any` is a record.
        (Value::Record(record), Value::Text(name)) => {
            record.get(name).cloned().ok_or_else(|| FaultKind::MissingKey.into())
        }
        (other, _) => Err(internal(other.kind())),
    }
}

fn unary(op: UnaryOp, operand: &Value) -> Result<Value, Raised> {
    match (op, operand) {
        (UnaryOp::Not, Value::Bool(value)) => Ok(Value::Bool(!value)),
        (UnaryOp::Negate, Value::Int(number)) => Ok(Value::Int(library::neg(*number)?)),
        (UnaryOp::Negate, Value::Float(number)) => Ok(Value::Float(library::float_neg(*number)?)),
        (_, other) => Err(internal(other.kind())),
    }
}

fn binary(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, Raised> {
    use BinaryOp as Op;
    Ok(match (op, left, right) {
        (Op::Equal, a, b) => Value::Bool(a == b),
        (Op::NotEqual, a, b) => Value::Bool(a != b),
        (Op::Add, Value::Int(a), Value::Int(b)) => Value::Int(library::add(*a, *b)?),
        (Op::Subtract, Value::Int(a), Value::Int(b)) => Value::Int(library::sub(*a, *b)?),
        (Op::Multiply, Value::Int(a), Value::Int(b)) => Value::Int(library::mul(*a, *b)?),
        (Op::FloorDivide, Value::Int(a), Value::Int(b)) => Value::Int(library::div_floor(*a, *b)?),
        (Op::Remainder, Value::Int(a), Value::Int(b)) => Value::Int(library::rem_floor(*a, *b)?),
        (Op::Add, Value::Float(a), Value::Float(b)) => Value::Float(library::float_add(*a, *b)?),
        (Op::Subtract, Value::Float(a), Value::Float(b)) => Value::Float(library::float_sub(*a, *b)?),
        (Op::Multiply, Value::Float(a), Value::Float(b)) => Value::Float(library::float_mul(*a, *b)?),
        (Op::Divide, Value::Float(a), Value::Float(b)) => Value::Float(library::float_div(*a, *b)?),
        (Op::Concat, Value::Text(a), Value::Text(b)) => Value::text(library::concat_text(a, b)),
        (Op::Concat, Value::List(a), Value::List(b)) => Value::List(Arc::new(library::concat(a, b))),
        (Op::In, item, Value::List(list)) => Value::Bool(library::contains(list, item)),
        (Op::In, key, Value::Map(map)) => Value::Bool(library::has_key(map, key)),
        (Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual, a, b) => {
            Value::Bool(compares(op, order(a, b)?)?)
        }
        (_, other, _) => return Err(internal(other.kind())),
    })
}

/// Order of `<`: numbers by value, texts by their code points.
fn order(a: &Value, b: &Value) -> Result<Ordering, Raised> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => Ok(a.total_cmp(b)),
        (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
        (other, _) => Err(internal(other.kind())),
    }
}

fn compares(op: BinaryOp, order: Ordering) -> Result<bool, Raised> {
    Ok(match op {
        BinaryOp::Equal => order.is_eq(),
        BinaryOp::NotEqual => order.is_ne(),
        BinaryOp::Less => order.is_lt(),
        BinaryOp::LessEqual => order.is_le(),
        BinaryOp::Greater => order.is_gt(),
        BinaryOp::GreaterEqual => order.is_ge(),
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::FloorDivide
        | BinaryOp::Remainder
        | BinaryOp::Concat
        | BinaryOp::In
        | BinaryOp::And
        | BinaryOp::Or => return Err(internal("no comparison")),
    })
}

pub(super) fn peer(value: &Value) -> Result<PeerId, Raised> {
    match value {
        Value::Peer(peer) => Ok(*peer),
        other => Err(internal(other.kind())),
    }
}

pub(super) fn hash(value: &Value) -> Result<Hash, Raised> {
    match value {
        Value::Hash(hash) => Ok(*hash),
        other => Err(internal(other.kind())),
    }
}
