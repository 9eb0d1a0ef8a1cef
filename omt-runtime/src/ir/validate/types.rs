//! Declarations: types, records, parameters, functions, views.

#![allow(clippy::wildcard_enum_match_arm, reason = "what is not listed does not fit, nor would a new kind")]

use super::{Body, Checker, FRAME_SLOTS_MAX, Scope, TYPE_DEPTH_MAX};
use crate::ir::{At, Fields, Function, IR_VERSION, Local, ParameterValue, Stmt, Type, View};
use std::collections::BTreeSet;

/// Digits behind the point of a parameter: 10^18 is the largest power of ten that an `int` holds.
const DECIMAL_SCALE_MAX: u32 = 18;

/// What a type is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Field of a message or block: it travels.
    Wire,
    /// Field of a struct or store, argument of a trigger, native or task: it is kept.
    Stored,
    /// Field of a view.
    View,
    /// Slot of a frame, type of an expression.
    Local,
}

impl<'p> Checker<'p> {
    pub(super) fn declarations(&mut self) {
        let protocol = self.protocol;
        self.within(format!("protocol {}", protocol.number), |c| {
            if protocol.ir_version != IR_VERSION {
                c.report(At::default(), format!("IR version {}, not {IR_VERSION}", protocol.ir_version));
            }
            c.parameters();
            for (name, record) in &protocol.structs {
                c.within(format!("struct {name}"), |c| c.fields(&record.fields, Use::Stored));
            }
            for (name, message) in &protocol.messages {
                c.within(format!("message {name}"), |c| c.fields(&message.fields, Use::Wire));
            }
            for (name, block) in &protocol.blocks {
                c.within(format!("block {name}"), |c| c.fields(&block.fields, Use::Wire));
            }
            c.finite_records();
            for (name, native) in protocol.natives.iter().chain(&protocol.tasks) {
                c.within(format!("native {name}"), |c| {
                    for parameter in &native.parameters {
                        c.ty(&parameter.ty, Use::Stored, native.meta.at);
                    }
                    c.ty(&native.returns, Use::Stored, native.meta.at);
                });
            }
            for (name, view) in &protocol.views {
                c.within(format!("view {name}"), |c| c.view(view));
            }
            for (name, function) in &protocol.functions {
                c.within(format!("function {name}"), |c| c.function(function));
            }
            for (name, actor) in &protocol.actors {
                c.within(format!("actor {name}"), |c| c.actor(name, actor));
            }
        });
    }

    fn parameters(&mut self) {
        for (name, parameter) in &self.protocol.parameters {
            if let ParameterValue::Decimal { numerator: _, scale } = parameter.value
                && scale > DECIMAL_SCALE_MAX
            {
                let reason =
                    format!("parameter {name} has more than {DECIMAL_SCALE_MAX} digits behind the point");
                self.report(parameter.meta.base.at, reason);
            }
        }
    }

    pub(super) fn fields(&mut self, fields: &Fields, usage: Use) {
        for (name, field) in fields {
            self.within(format!("field {name}"), |c| c.ty(&field.ty, usage, field.meta.at));
        }
    }

    /// Checks a type: declared names, sensible nesting, allowed where it is used.
    pub(super) fn ty(&mut self, ty: &Type, usage: Use, at: At) {
        if let Err(reason) = self.ty_at(ty, usage, TYPE_DEPTH_MAX, &mut BTreeSet::new()) {
            self.report(at, reason);
        }
    }

    /// `seen`: records whose fields are being, or have been, looked through for what may not travel.
    fn ty_at(&self, ty: &Type, usage: Use, depth: u32, seen: &mut BTreeSet<Type>) -> Result<(), String> {
        let protocol = self.protocol;
        let declared = |kind: &str, name: &str, known: bool| {
            if known { Ok(()) } else { Err(format!("{kind} {name} is not declared")) }
        };
        let only_local = |allowed: bool| {
            if allowed { Ok(()) } else { Err(format!("type {ty} may not be used here")) }
        };
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!("types nest deeper than {TYPE_DEPTH_MAX}"));
        };
        match ty {
            Type::Uint
            | Type::Int
            | Type::Float
            | Type::Bool
            | Type::String
            | Type::Bytes
            | Type::Hash
            | Type::Signature
            | Type::PeerId
            | Type::Timestamp
            | Type::Duration
            | Type::Any
            | Type::Dict
            | Type::Segment
            | Type::Equivocation => Ok(()),
            Type::ChainState => only_local(usage != Use::Wire),
            Type::List(item) => self.ty_at(item, usage, depth, seen),
            Type::Map(key, value) => {
                self.ty_at(key, usage, depth, seen)?;
                self.ty_at(value, usage, depth, seen)
            }
            Type::Optional(inner) => {
                if matches!(**inner, Type::Optional(_) | Type::Null) {
                    return Err(format!("{ty} is null in two ways"));
                }
                self.ty_at(inner, usage, depth, seen)
            }
            Type::Enum(name) => declared("enum", name, protocol.enums.contains_key(name)),
            Type::Struct(name) => {
                declared("struct", name, protocol.structs.contains_key(name))?;
                if usage == Use::Wire && seen.insert(ty.clone()) {
                    let fields = protocol.structs.get(name).map(|record| &record.fields);
                    for field in fields.into_iter().flat_map(|fields| fields.values()) {
                        self.ty_at(&field.ty, usage, TYPE_DEPTH_MAX, seen)
                            .map_err(|reason| format!("{reason} (in struct {name})"))?;
                    }
                }
                Ok(())
            }
            Type::Message(name) => declared("message", name, protocol.messages.contains_key(name)),
            Type::Signed(name) => match protocol.messages.get(name) {
                Some(message) if message.signed => Ok(()),
                Some(_) => Err(format!("message {name} is not signed")),
                None => Err(format!("message {name} is not declared")),
            },
            Type::BlockPayload(name) | Type::Block(name) => {
                declared("block", name, protocol.blocks.contains_key(name))
            }
            Type::View(name) => {
                declared("view", name, protocol.views.contains_key(name))?;
                only_local(usage == Use::Local || usage == Use::Stored)
            }
            Type::Secret(inner) => {
                only_local(usage == Use::Stored || usage == Use::Local)?;
                self.ty_at(inner, usage, depth, seen)
            }
            Type::Rng | Type::Exact(_) | Type::Decimal | Type::Null => only_local(usage == Use::Local),
            Type::Function(parameters, returns) => {
                only_local(usage == Use::Local)?;
                for ty in parameters.iter().chain([&**returns]) {
                    if matches!(ty, Type::Function(..) | Type::Rng) {
                        return Err(format!("a lambda may not take or return {ty}"));
                    }
                    self.ty_at(ty, usage, depth, seen)?;
                }
                Ok(())
            }
        }
    }

    /// A record that holds itself, not through a list, map or `?`, has no value.
    fn finite_records(&mut self) {
        let protocol = self.protocol;
        // The types that a value of a type holds in any case.
        let held = |ty: &Type| -> Vec<Type> {
            let fields = |fields: Option<&Fields>| {
                fields.into_iter().flat_map(|fields| fields.values()).map(|field| field.ty.clone()).collect()
            };
            match ty {
                Type::Struct(name) => fields(protocol.structs.get(name).map(|record| &record.fields)),
                Type::Message(name) | Type::Signed(name) => {
                    fields(protocol.messages.get(name).map(|message| &message.fields))
                }
                Type::BlockPayload(name) | Type::Block(name) => {
                    fields(protocol.blocks.get(name).map(|block| &block.fields))
                }
                Type::View(name) => fields(protocol.views.get(name).map(|view| &view.fields)),
                Type::Secret(inner) => vec![(**inner).clone()],
                _ => Vec::new(),
            }
        };
        let roots = protocol.structs.keys().map(|name| Type::Struct(name.clone()));
        let roots = roots.chain(protocol.messages.keys().map(|name| Type::Message(name.clone())));
        let roots = roots.chain(protocol.blocks.keys().map(|name| Type::BlockPayload(name.clone())));
        for root in roots {
            // `signed<M>` and `block<B>` hold what M and B hold.
            let same = |ty: &Type| match (ty, &root) {
                (Type::Signed(a), Type::Message(b)) | (Type::Block(a), Type::BlockPayload(b)) => a == b,
                (a, b) => a == b,
            };
            let mut seen = BTreeSet::new();
            let mut open = held(&root);
            while let Some(ty) = open.pop() {
                if same(&ty) {
                    self.report(At::default(), format!("{root} holds itself"));
                    return;
                }
                if seen.insert(ty.clone()) {
                    open.extend(held(&ty));
                }
            }
        }
    }

    /// Checks the slots of a frame; only parameters of functions, the first of them, may be lambdas.
    pub(super) fn frame(&mut self, frame: &[Local], parameters: usize, at: At) {
        if frame.len() > FRAME_SLOTS_MAX {
            self.report(at, format!("more than {FRAME_SLOTS_MAX} locals"));
            return;
        }
        for (slot, local) in frame.iter().enumerate() {
            self.ty(&local.ty, Use::Local, at);
            let parameter = slot < parameters;
            let allowed = match local.ty {
                Type::Function(..) => parameter,
                Type::Rng | Type::Exact(_) | Type::Decimal | Type::Null => !parameter,
                _ => true,
            };
            if !allowed {
                self.report(at, format!("slot {slot} may not hold {}", local.ty));
            }
        }
    }

    fn view(&mut self, view: &'p View) {
        for (name, field) in &view.fields {
            self.within(format!("field {name}"), |c| {
                c.ty(&field.ty, Use::View, field.meta.at);
                if !field.ty.has_zero() {
                    c.report(field.meta.at, format!("{} has no zero to begin with", field.ty));
                }
            });
        }
        for (index, handler) in view.handlers.iter().enumerate() {
            self.within(format!("handler {index} on {}", handler.block), |c| {
                if !c.protocol.blocks.contains_key(&handler.block) {
                    c.report(handler.meta.at, format!("block {} is not declared", handler.block));
                    return;
                }
                c.frame(&handler.frame, 0, handler.meta.at);
                let body = Body::View { view, block: &handler.block };
                let scope = Scope { frame: &handler.frame, body };
                c.guard(handler.guard.as_ref(), scope);
                c.actions(&handler.actions, scope);
            });
        }
    }

    fn function(&mut self, function: &'p Function) {
        let at = function.meta.at;
        let parameters = usize::try_from(function.parameters).unwrap_or(usize::MAX);
        if parameters > function.frame.len() {
            self.report(at, "more parameters than slots");
            return;
        }
        self.frame(&function.frame, parameters, at);
        self.ty(&function.returns, Use::Stored, at);
        let scope = Scope { frame: &function.frame, body: Body::Function };
        self.statements(&function.body, &function.returns, scope);
        if !returns(&function.body) {
            self.report(at, "does not return on every path");
        }
    }

    fn statements(&mut self, body: &'p [Stmt], returns: &Type, scope: Scope<'p>) {
        for statement in body {
            match statement {
                Stmt::Return { value, meta } => {
                    self.expr(value, scope);
                    self.same(&value.ty, returns, "result", *meta);
                }
                Stmt::Assign { slot, path, value, meta } => {
                    if let Some(ty) = self.slot(*slot, scope, *meta) {
                        self.assignment(&ty, path, value, scope, *meta);
                    }
                }
                Stmt::For { slot, list, body, meta } => {
                    self.each(*slot, list, scope, *meta);
                    self.statements(body, returns, scope);
                }
                Stmt::If { condition, then, otherwise, meta } => {
                    self.expr(condition, scope);
                    self.same(&condition.ty, &Type::Bool, "condition", *meta);
                    self.statements(then, returns, scope);
                    self.statements(otherwise, returns, scope);
                }
                Stmt::Fail { meta: _ } => {}
            }
        }
    }
}

/// Does every path through these statements return? A loop may not run at all.
fn returns(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Return { .. } | Stmt::Fail { .. } => true,
        Stmt::If { condition: _, then, otherwise, meta: _ } => returns(then) && returns(otherwise),
        Stmt::Assign { .. } | Stmt::For { .. } => false,
    })
}
