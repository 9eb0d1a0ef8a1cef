//! References of expressions.

use super::resolve::Resolver;
use super::{Access, Id, Kind};
use omt_runtime::ir;
use omtc::syntax::ast::{BinaryOp, Expr, ExprKind, Ident};

/// The declared record that a value of the type is, or holds as its payload.
pub(super) fn record_of(ty: &ir::Type) -> Option<&str> {
    match ty.plain() {
        ir::Type::Struct(name)
        | ir::Type::Message(name)
        | ir::Type::BlockPayload(name)
        | ir::Type::View(name) => Some(name),
        _ => None,
    }
}

/// The actor of which a value is an instance, in a property or a scenario.
fn instance_of(ty: &ir::Type) -> Option<&str> {
    let ir::Type::Struct(name) = ty.plain() else { return None };
    name.strip_prefix("instance of ").or_else(|| name.strip_prefix("newest instance of "))
}

impl Resolver<'_, '_> {
    pub fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Error
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Number(_)
            | ExprKind::Quantity { .. }
            | ExprKind::String(_) => {}
            ExprKind::Name(name) => self.name(name),
            ExprKind::Paren(inner) => self.expression(inner),
            ExprKind::Record(record) => {
                let name = self.noted(expr.span).and_then(record_of).map(str::to_owned);
                let declared = name.and_then(|name| self.scope.ty(&name));
                self.record(record, declared);
            }
            ExprKind::NamedRecord { name, record } => {
                let declared = self.scope.ty(&name.text);
                self.refer(name, declared, Access::Read);
                self.record(record, declared);
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.expression(item)),
            ExprKind::Call { callee, args } => self.call(callee, args),
            ExprKind::Field { base, name } => self.field(base, name),
            ExprKind::Index { base, index, .. } => {
                self.expression(base);
                self.expression(index);
            }
            ExprKind::Unary { operand, .. } => self.expression(operand),
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right),
            ExprKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.expression(then);
                self.expression(otherwise);
            }
            ExprKind::Lambda { param, body } => self.scoped(|this| {
                this.bind(param);
                this.expression(body);
            }),
        }
    }

    /// A bare name, in the order of the language.
    fn name(&mut self, name: &Ident) {
        let text = name.text.as_str();
        let found = self.local(text).or_else(|| self.in_sight(text));
        let found = self.meant(name, found);
        self.refer(name, found, Access::Read);
    }

    fn local(&self, name: &str) -> Option<Id> {
        self.place.locals.iter().rev().find(|(local, _)| local == name).map(|(_, id)| *id)
    }

    fn in_sight(&self, name: &str) -> Option<Id> {
        let scope = self.scope;
        let argument = |owner: Option<Id>| scope.member(owner?, Kind::Argument, name);
        argument(self.place.trigger)
            .or_else(|| argument(self.place.function))
            .or_else(|| self.place.cast.get(name).map(|(id, _)| *id))
            .or_else(|| self.own_member(Kind::StoreField, name))
            .or_else(|| self.own_member(Kind::SharedField, name))
            .or_else(|| scope.member(self.place.view?, Kind::Field, name))
            .or_else(|| scope.parameter(name))
            .or_else(|| self.value(name))
            .or_else(|| scope.actor(name).filter(|_| self.place.actor.is_none()))
            .or_else(|| scope.used(name))
            .or_else(|| scope.callable(name))
            .or_else(|| scope.ty(name))
    }

    /// Of several enums that have the value, the one that the type tells.
    fn meant(&self, name: &Ident, found: Option<Id>) -> Option<Id> {
        let several = self.scope.values(&name.text);
        if several.len() < 2 || !several.contains(&found?) {
            return found;
        }
        let Some(ir::Type::Enum(wanted)) = self.noted(name.span).map(ir::Type::plain) else { return found };
        let is_wanted = |id: &Id| {
            let owner = self.index.symbol(*id).and_then(|symbol| symbol.owner);
            owner.and_then(|owner| self.index.symbol(owner)).is_some_and(|owner| owner.name == *wanted)
        };
        several.iter().copied().find(is_wanted).or(found)
    }

    /// A value of an enum; which enum, if several have it, the type tells.
    fn value(&self, name: &str) -> Option<Id> {
        self.scope.values(name).first().copied()
    }

    fn call(&mut self, callee: &Ident, args: &[Expr]) {
        let found = self.local(&callee.text).or_else(|| {
            let argument = |owner: Option<Id>| self.scope.member(owner?, Kind::Argument, &callee.text);
            argument(self.place.function).or_else(|| self.scope.callable(&callee.text))
        });
        self.refer(callee, found, Access::Read);
        let mut args = args.iter();
        match callee.text.as_str() {
            // What is named is a field of whoever calls.
            "LOAD" if found.is_none() => {
                args.next();
            }
            "VIEW" if found.is_none() => {
                if let Some(view) = args.next().and_then(Expr::as_name) {
                    let declared = self.scope.ty(&view.text);
                    self.refer(view, declared, Access::Read);
                }
            }
            _ => {}
        }
        args.for_each(|arg| self.expression(arg));
    }

    fn field(&mut self, base: &Expr, name: &Ident) {
        let word = base.as_name().map(|n| n.text.clone());
        if word.as_deref() == Some("message") && self.local("message").is_none() {
            let field = self.place.message.and_then(|m| self.scope.member(m, Kind::Field, &name.text));
            self.refer(name, field, Access::Read);
            return;
        }
        // `Lock.Consumer` in a property.
        if let Some(word) = &word
            && self.local(word).is_none()
            && let Some(used) = self.used.get(word)
        {
            self.expression(base);
            let actor = used.actor(&name.text);
            self.refer(name, actor, Access::Read);
            return;
        }
        self.expression(base);
        let found = self.field_of(base, &name.text);
        self.refer(name, found, Access::Read);
    }

    fn field_of(&self, base: &Expr, name: &str) -> Option<Id> {
        if let Some(actor) = self.actor_of(base) {
            let own = self.scope.member(actor, Kind::StoreField, name);
            return own.or_else(|| self.scope.member(actor, Kind::SharedField, name));
        }
        let base = base.unparenthesized();
        let record = match self.noted(base.span) {
            Some(ty) => record_of(ty)?,
            // `message.payload` and `block.payload` are what they are wherever they stand.
            None => return self.payload_of(base).and_then(|r| self.scope.member(r, Kind::Field, name)),
        };
        self.scope.member(self.scope.ty(record)?, Kind::Field, name)
    }

    fn payload_of(&self, base: &Expr) -> Option<Id> {
        let ExprKind::Field { base, name } = &base.kind else { return None };
        match (base.as_name()?.text.as_str(), name.text.as_str()) {
            ("message", "payload") => self.place.message,
            ("block", "payload") => self.place.block,
            _ => None,
        }
    }

    /// The actor whose instance it is, in a property or a scenario.
    fn actor_of(&self, expr: &Expr) -> Option<Id> {
        let expr = expr.unparenthesized();
        if let Some(name) = expr.as_name()
            && let Some((_, actor)) = self.place.cast.get(&name.text)
        {
            return *actor;
        }
        self.noted(expr.span).and_then(instance_of).and_then(|actor| self.scope.actor(actor))
    }

    /// `c.state == WAITING`, `c IN [WAITING, TOLD]`: the names are states.
    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        let whose = match (&left.unparenthesized().kind, op) {
            (ExprKind::Field { base, name }, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::In)
                if name.text == "state" =>
            {
                self.actor_of(base)
            }
            (_, BinaryOp::In) => self.actor_of(left),
            _ => None,
        };
        self.expression(left);
        match whose {
            Some(actor) => self.states_of(actor, right),
            None => self.expression(right),
        }
    }

    fn states_of(&mut self, actor: Id, expr: &Expr) {
        match &expr.unparenthesized().kind {
            ExprKind::Name(name) => {
                let state = self.scope.member(actor, Kind::State, &name.text);
                match state {
                    Some(state) => self.refer(name, Some(state), Access::Read),
                    None => self.name(name),
                }
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.states_of(actor, item)),
            _ => self.expression(expr),
        }
    }
}
