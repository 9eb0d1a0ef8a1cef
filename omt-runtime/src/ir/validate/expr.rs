//! Expressions: what they refer to exists, and their types are what they say.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed does not fit, nor would a new kind")]

use super::{Body, Caused, Checker, Scope};
use crate::ir::signature::{builtin_type, exact_dimension, field_type, is_data};
use crate::ir::{At, BinaryOp, Builtin, Conversion, Dimension, Expr, ExprKind, Selector, Type, UnaryOp};
use std::collections::BTreeSet;

impl<'p> Checker<'p> {
    /// Two types that must agree.
    pub(super) fn same(&mut self, found: &Type, expected: &Type, what: &str, at: At) {
        if found != expected {
            self.report(at, format!("{what}: {found} where {expected} is needed"));
        }
    }

    /// Type of a slot.
    pub(super) fn slot(&mut self, slot: u32, scope: Scope<'p>, at: At) -> Option<Type> {
        let local = usize::try_from(slot).ok().and_then(|slot| scope.frame.get(slot));
        if local.is_none() {
            self.report(at, format!("no slot {slot}"));
        }
        local.map(|local| local.ty.clone())
    }

    /// A condition, if there is one.
    pub(super) fn guard(&mut self, guard: Option<&'p Expr>, scope: Scope<'p>) {
        if let Some(guard) = guard {
            self.expr(guard, scope);
            self.same(&guard.ty, &Type::Bool, "guard", guard.meta);
        }
    }

    /// The list and the variable of a loop.
    pub(super) fn each(&mut self, slot: u32, list: &'p Expr, scope: Scope<'p>, at: At) {
        self.expr(list, scope);
        let Some(element) = self.slot(slot, scope, at) else { return };
        self.same(&list.ty, &Type::List(Box::new(element)), "loop", at);
    }

    /// `place[path]… = value`, the place being of type `root`.
    pub(super) fn assignment(
        &mut self,
        root: &Type,
        path: &'p [Selector],
        value: &'p Expr,
        scope: Scope<'p>,
        at: At,
    ) {
        let mut ty = root.clone();
        for selector in path {
            self.expr(&selector.key, scope);
            match self.element(&ty, &selector.key.ty) {
                Some(element) => {
                    self.same(&selector.ty, &element, "element", at);
                    ty = element;
                }
                None => {
                    self.report(at, format!("{ty} has no elements by {}", selector.key.ty));
                    return;
                }
            }
        }
        self.expr(value, scope);
        self.same(&value.ty, &ty, "assignment", at);
    }

    /// Type of an element of a list or map.
    fn element(&self, container: &Type, key: &Type) -> Option<Type> {
        match container {
            Type::List(item) => key.dimension().map(|_| (**item).clone()),
            Type::Map(expected, value) => (**expected == *key).then(|| (**value).clone()),
            _ => None,
        }
    }

    /// Checks an expression and everything in it.
    pub(super) fn expr(&mut self, expr: &'p Expr, scope: Scope<'p>) {
        if let Some(ty) = self.computed(expr, scope) {
            self.same(&expr.ty, &ty, "expression", expr.meta);
        }
    }

    fn exprs(&mut self, exprs: impl IntoIterator<Item = &'p Expr>, scope: Scope<'p>) {
        for expr in exprs {
            self.expr(expr, scope);
        }
    }

    /// Arguments of a call: lambdas are allowed here and nowhere else.
    fn arguments(&mut self, arguments: &'p [Expr], scope: Scope<'p>) {
        for argument in arguments {
            match &argument.kind {
                ExprKind::Lambda(slots, body) => {
                    let mut parameters = Vec::new();
                    for slot in slots {
                        let Some(ty) = self.slot(*slot, scope, argument.meta) else { return };
                        parameters.push(ty);
                    }
                    if slots.iter().collect::<BTreeSet<_>>().len() != slots.len() {
                        self.report(argument.meta, "two parameters of a lambda in one slot");
                    }
                    self.expr(body, scope);
                    let ty = Type::Function(parameters, Box::new(body.ty.clone()));
                    self.same(&argument.ty, &ty, "lambda", argument.meta);
                }
                ExprKind::Local(slot) if matches!(argument.ty, Type::Function(..)) => {
                    if let Some(ty) = self.slot(*slot, scope, argument.meta) {
                        self.same(&argument.ty, &ty, "lambda", argument.meta);
                    }
                }
                _ => self.expr(argument, scope),
            }
        }
    }

    fn call(&mut self, what: &str, parameters: &[&Type], arguments: &'p [Expr], scope: Scope<'p>, at: At) {
        self.arguments(arguments, scope);
        if parameters.len() != arguments.len() {
            self.report(at, format!("{what} takes {} arguments, not {}", parameters.len(), arguments.len()));
        }
        for (parameter, argument) in parameters.iter().zip(arguments) {
            self.same(&argument.ty, parameter, what, argument.meta);
        }
    }

    /// Arguments of a task or native function.
    pub(super) fn native_call(
        &mut self,
        what: &str,
        native: &'p crate::ir::Native,
        arguments: &'p [Expr],
        scope: Scope<'p>,
        at: At,
    ) {
        let parameters: Vec<&Type> = native.parameters.iter().map(|parameter| &parameter.ty).collect();
        self.call(what, &parameters, arguments, scope, at);
    }

    /// The type that an expression has; reports and gives `None` if it has none.
    fn computed(&mut self, expr: &'p Expr, scope: Scope<'p>) -> Option<Type> {
        let at = expr.meta;
        let refuse = |c: &mut Self, reason: &str| {
            c.report(at, reason);
            None
        };
        match &expr.kind {
            ExprKind::Integer(number) => {
                let fits = match expr.ty {
                    Type::Exact(_) => true,
                    Type::Uint => u64::try_from(*number).is_ok(),
                    Type::Int | Type::Timestamp | Type::Duration => i64::try_from(*number).is_ok(),
                    _ => false,
                };
                if !fits {
                    return refuse(self, &format!("{number} is no {}", expr.ty));
                }
                Some(expr.ty.clone())
            }
            ExprKind::Float(number) if !number.is_finite() => refuse(self, "a float that is not finite"),
            ExprKind::Float(_) => Some(Type::Float),
            ExprKind::Bool(_) => Some(Type::Bool),
            ExprKind::Text(_) => Some(Type::String),
            ExprKind::Null if matches!(expr.ty, Type::Optional(_) | Type::Null) => Some(expr.ty.clone()),
            ExprKind::Null => refuse(self, &format!("null is no {}", expr.ty)),
            ExprKind::EnumValue(name, value) => {
                let known = self.protocol.enums.get(name).is_some_and(|e| e.values.contains_key(value));
                if !known {
                    return refuse(self, &format!("enum {name} has no value {value}"));
                }
                Some(Type::Enum(name.clone()))
            }
            ExprKind::Parameter(name) => match self.protocol.parameters.get(name) {
                Some(parameter) => Some(parameter.value.ty()),
                None => refuse(self, &format!("parameter {name} is not declared")),
            },
            ExprKind::Local(slot) => {
                let ty = self.slot(*slot, scope, at)?;
                if matches!(ty, Type::Rng | Type::Function(..)) {
                    return refuse(self, &format!("{ty} is no value"));
                }
                Some(ty)
            }
            ExprKind::Store(_)
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
            | ExprKind::OwnChain => self.reference(expr, scope),
            ExprKind::Field(record, name) => {
                self.expr(record, scope);
                let ty = field_type(self.protocol, &record.ty, name);
                if ty.is_none() {
                    self.report(at, format!("{} has no field {name}", record.ty));
                }
                ty
            }
            ExprKind::Index(container, key) => {
                self.exprs([&**container, &**key], scope);
                let ty = self.element(&container.ty, &key.ty);
                if ty.is_none() {
                    self.report(at, format!("{} has no elements by {}", container.ty, key.ty));
                }
                ty
            }
            ExprKind::Record(fields) => self.record(expr, fields, scope),
            ExprKind::List(items) => {
                self.exprs(items, scope);
                let Type::List(item) = &expr.ty else {
                    return refuse(self, &format!("a list is no {}", expr.ty));
                };
                for value in items {
                    self.same(&value.ty, item, "element", value.meta);
                }
                Some(expr.ty.clone())
            }
            ExprKind::Map(entries) => {
                let Type::Map(key, value) = &expr.ty else {
                    return refuse(self, &format!("a map is no {}", expr.ty));
                };
                for (k, v) in entries {
                    self.exprs([k, v], scope);
                    self.same(&k.ty, key, "key", k.meta);
                    self.same(&v.ty, value, "value", v.meta);
                }
                Some(expr.ty.clone())
            }
            ExprKind::Let(slot, value, body) => {
                self.expr(value, scope);
                let ty = self.slot(*slot, scope, at)?;
                self.same(&value.ty, &ty, "let", at);
                self.expr(body, scope);
                Some(body.ty.clone())
            }
            ExprKind::Unary(op, operand) => {
                self.expr(operand, scope);
                match (op, &operand.ty) {
                    (UnaryOp::Not, Type::Bool) => Some(Type::Bool),
                    (UnaryOp::Negate, ty @ (Type::Exact(_) | Type::Float)) => Some(ty.clone()),
                    (_, ty) => refuse(self, &format!("{op:?} does not take {ty}")),
                }
            }
            ExprKind::Binary(op, left, right) => {
                self.exprs([&**left, &**right], scope);
                let ty = binary_type(*op, &left.ty, &right.ty, &expr.ty);
                if ty.is_none() {
                    self.report(at, format!("{op:?} does not take {} and {}", left.ty, right.ty));
                }
                ty
            }
            ExprKind::CompareFraction { op, numerator, denominator, fraction } => {
                self.exprs([&**numerator, &**denominator, &**fraction], scope);
                self.same(&numerator.ty, &Type::Exact(Dimension::Count), "numerator", numerator.meta);
                self.same(&denominator.ty, &Type::Exact(Dimension::Count), "denominator", denominator.meta);
                self.same(&fraction.ty, &Type::Decimal, "fraction", fraction.meta);
                if !is_comparison(*op) {
                    return refuse(self, &format!("{op:?} is no comparison"));
                }
                Some(Type::Bool)
            }
            ExprKind::If(condition, then, otherwise) => {
                self.exprs([&**condition, &**then, &**otherwise], scope);
                self.same(&condition.ty, &Type::Bool, "condition", condition.meta);
                self.same(&otherwise.ty, &then.ty, "branches", otherwise.meta);
                Some(then.ty.clone())
            }
            ExprKind::Call(name, arguments) => {
                let Some(function) = self.protocol.functions.get(name) else {
                    return refuse(self, &format!("function {name} is not declared"));
                };
                let count = usize::try_from(function.parameters).unwrap_or(usize::MAX);
                let parameters: Vec<&Type> =
                    function.frame.iter().take(count).map(|local| &local.ty).collect();
                self.call(name, &parameters, arguments, scope, at);
                Some(function.returns.clone())
            }
            ExprKind::CallLocal(slot, arguments) => {
                let Type::Function(parameters, returns) = self.slot(*slot, scope, at)? else {
                    return refuse(self, &format!("slot {slot} is no function"));
                };
                self.call("lambda", &parameters.iter().collect::<Vec<_>>(), arguments, scope, at);
                Some(*returns)
            }
            ExprKind::Native(name, arguments) => {
                let Some(native) = self.protocol.natives.get(name) else {
                    return refuse(self, &format!("native function {name} is not declared"));
                };
                self.native_call(name, native, arguments, scope, at);
                Some(native.returns.clone())
            }
            ExprKind::Builtin(builtin, arguments) => self.builtin(*builtin, arguments, scope, at),
            ExprKind::View(name, chain) => {
                self.expr(chain, scope);
                self.same(&chain.ty, &Type::Segment, "view", chain.meta);
                if !self.protocol.views.contains_key(name) {
                    return refuse(self, &format!("view {name} is not declared"));
                }
                Some(Type::View(name.clone()))
            }
            ExprKind::Lambda(..) => refuse(self, "a lambda that is no argument"),
            ExprKind::Convert(conversion, operand) => {
                self.expr(operand, scope);
                let ty = converted(*conversion, &operand.ty, &expr.ty);
                if ty.is_none() {
                    let reason = format!("{conversion:?} does not make {} of {}", expr.ty, operand.ty);
                    self.report(at, reason);
                }
                if let Some(
                    Type::Enum(_) | Type::Struct(_) | Type::List(_) | Type::Map(..) | Type::Optional(_),
                ) = ty
                {
                    self.ty(&expr.ty, super::types::Use::Local, at);
                }
                ty
            }
        }
    }

    /// Names of what surrounds the body.
    fn reference(&mut self, expr: &'p Expr, scope: Scope<'p>) -> Option<Type> {
        let at = expr.meta;
        // A field of the store may be read as certainly set or as perhaps unset.
        let either = |declared: &Type| {
            if expr.ty == declared.clone().optional() { expr.ty.clone() } else { declared.clone() }
        };
        let found = match (&expr.kind, scope.body) {
            (ExprKind::Store(name), Body::Actor { actor, .. }) => {
                actor.store.get(name).map(|f| either(&f.ty))
            }
            (ExprKind::Shared(name), Body::Actor { actor, .. }) => {
                actor.shared.get(name).map(|f| either(&f.ty))
            }
            // Which actors run the function is known when calls are followed.
            (ExprKind::Load(_), Body::Function) => Some(expr.ty.clone()),
            (ExprKind::Load(name), Body::Actor { actor, .. }) => actor.store.get(name).map(|f| either(&f.ty)),
            (ExprKind::ViewField(name), Body::View { view, .. }) => {
                view.fields.get(name).map(|f| f.ty.clone())
            }
            (ExprKind::CurrentBlock, Body::View { block, .. }) => Some(Type::Block(block.to_owned())),
            (ExprKind::Argument(name), Body::Actor { actor, cause: Caused::Trigger(trigger), .. }) => {
                let arguments = actor.triggers.get(trigger).map(|t| t.arguments.as_slice());
                arguments.unwrap_or_default().iter().find(|a| a.name == *name).map(|a| a.ty.clone())
            }
            (ExprKind::TaskResult, Body::Actor { cause: Caused::Task(task), .. }) => {
                self.protocol.tasks.get(task).map(|task| task.returns.clone().optional())
            }
            (ExprKind::Payload, Body::Actor { cause: Caused::Message(message), .. }) => {
                Some(Type::Message(message.to_owned()))
            }
            (ExprKind::Sender, Body::Actor { cause: Caused::Message(_), .. }) => Some(Type::PeerId),
            (ExprKind::SignedMessage, Body::Actor { cause: Caused::Message(message), .. }) => {
                let signed = self.protocol.messages.get(message).is_some_and(|m| m.signed);
                signed.then(|| Type::Signed(message.to_owned()))
            }
            (ExprKind::Session, Body::Actor { .. }) => Some(Type::Hash),
            (ExprKind::SelfId, Body::Actor { .. } | Body::Function) => Some(Type::PeerId),
            (ExprKind::OwnChain, Body::Actor { .. } | Body::Function) => Some(Type::Segment),
            _ => None,
        };
        if found.is_none() {
            self.report(at, format!("{:?} means nothing here", expr.kind));
        }
        found
    }

    fn record(&mut self, expr: &'p Expr, fields: &'p [(String, Expr)], scope: Scope<'p>) -> Option<Type> {
        let at = expr.meta;
        let mut given = BTreeSet::new();
        for (name, value) in fields {
            self.expr(value, scope);
            if !given.insert(name.as_str()) {
                self.report(at, format!("field {name} is given twice"));
            }
        }
        let protocol = self.protocol;
        let declared = match &expr.ty {
            Type::Struct(name) => protocol.structs.get(name).map(|record| &record.fields),
            Type::Message(name) => protocol.messages.get(name).map(|message| &message.fields),
            Type::BlockPayload(name) => protocol.blocks.get(name).map(|block| &block.fields),
            Type::Dict => {
                for (_, value) in fields {
                    self.same(&value.ty, &Type::Any, "field of a dict", value.meta);
                }
                return Some(Type::Dict);
            }
            _ => None,
        };
        let Some(declared) = declared else {
            self.report(at, format!("a record is no {}", expr.ty));
            return None;
        };
        for (name, value) in fields {
            match declared.get(name) {
                Some(field) => self.same(&value.ty, &field.ty, name, value.meta),
                None => self.report(value.meta, format!("{} has no field {name}", expr.ty)),
            }
        }
        for name in declared.keys().filter(|name| !given.contains(name.as_str())) {
            self.report(at, format!("{} lacks its field {name}", expr.ty));
        }
        Some(expr.ty.clone())
    }

    fn builtin(&mut self, builtin: Builtin, arguments: &'p [Expr], scope: Scope<'p>, at: At) -> Option<Type> {
        let draws = matches!(builtin, Builtin::SeededSample | Builtin::SeededShuffle);
        match arguments {
            // A generator is used where it lies, it is never a value.
            [Expr { kind: ExprKind::Local(slot), ty: Type::Rng, .. }, rest @ ..] if draws => {
                let ty = self.slot(*slot, scope, at)?;
                self.same(&ty, &Type::Rng, "generator", at);
                self.arguments(rest, scope);
            }
            _ => self.arguments(arguments, scope),
        }
        match builtin_type(builtin, arguments) {
            Ok(ty) => {
                // The result of LAST_PEER_HASH names a block that must exist, with the fields that are read.
                if builtin == Builtin::LastPeerHash {
                    self.peer_hash_block(at);
                }
                Some(ty)
            }
            Err(reason) => {
                self.report(at, reason);
                None
            }
        }
    }

    fn peer_hash_block(&mut self, at: At) {
        let block = self.protocol.blocks.get(crate::ir::signature::PEER_HASH_BLOCK);
        let has = |name: &str, ty: &Type| {
            block.is_some_and(|block| block.fields.get(name).is_some_and(|field| field.ty == *ty))
        };
        if !has("peer", &Type::PeerId) || !has("head", &Type::Hash) {
            self.report(at, "LAST_PEER_HASH needs a block PEER_HASH with `peer peer_id` and `head hash`");
        }
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
    )
}

/// Type of an operator's result; `claimed` decides where the operands leave a choice of dimension.
fn binary_type(op: BinaryOp, left: &Type, right: &Type, claimed: &Type) -> Option<Type> {
    use BinaryOp as Op;
    match (op, left, right) {
        (
            Op::Add | Op::Subtract | Op::Multiply | Op::FloorDivide | Op::Remainder,
            Type::Exact(a),
            Type::Exact(b),
        ) => {
            // Where the language gives no dimension (an instant // a span, a literal among times) the compiler's stands.
            let dimension = exact_dimension(op, *a, *b);
            match claimed {
                Type::Exact(_) if dimension.is_none() => Some(claimed.clone()),
                _ => dimension.map(Type::Exact),
            }
        }
        (Op::Add | Op::Subtract | Op::Multiply | Op::Divide, Type::Float, Type::Float) => Some(Type::Float),
        (Op::Concat, Type::String, Type::String) => Some(Type::String),
        (Op::Concat, Type::List(a), Type::List(b)) if a == b => Some(left.clone()),
        (Op::Equal | Op::NotEqual, a, b) if a == b && is_data(a) => Some(Type::Bool),
        (Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual, a, b) if a == b => {
            (a.dimension().is_some() || matches!(a, Type::Float | Type::String)).then_some(Type::Bool)
        }
        (Op::In, item, Type::List(of)) if *item == **of && is_data(item) => Some(Type::Bool),
        (Op::In, key, Type::Map(of, _)) if *key == **of => Some(Type::Bool),
        (Op::And | Op::Or, Type::Bool, Type::Bool) => Some(Type::Bool),
        _ => None,
    }
}

/// Type that a conversion makes; `to` decides where it has a choice.
fn converted(conversion: Conversion, from: &Type, to: &Type) -> Option<Type> {
    let integer = |ty: &Type| matches!(ty, Type::Uint | Type::Int | Type::Timestamp | Type::Duration);
    match (conversion, from) {
        (Conversion::Some, ty) => (is_data(ty)
            && !matches!(ty, Type::Optional(_) | Type::Null | Type::Exact(_)))
        .then(|| ty.clone().optional()),
        (Conversion::Unwrap, Type::Optional(inner)) => Some((**inner).clone()),
        (Conversion::Widen, ty) if integer(ty) => ty.dimension().map(Type::Exact),
        (Conversion::Narrow, Type::Exact(_)) if integer(to) => Some(to.clone()),
        (Conversion::ToFloat, Type::Exact(_)) | (Conversion::DecimalToFloat, Type::Decimal) => {
            Some(Type::Float)
        }
        (Conversion::ToAny, ty) => {
            (is_data(ty) && !matches!(ty, Type::Secret(_) | Type::Exact(_))).then_some(Type::Any)
        }
        (Conversion::FromAny, Type::Any | Type::Dict) => (is_data(to)
            && !matches!(to, Type::Exact(_) | Type::Null | Type::Secret(_) | Type::View(_)))
        .then(|| to.clone()),
        (Conversion::ToSecret, ty) => (is_data(ty) && !matches!(ty, Type::Secret(_) | Type::Exact(_)))
            .then(|| Type::Secret(Box::new(ty.clone()))),
        _ => None,
    }
}
