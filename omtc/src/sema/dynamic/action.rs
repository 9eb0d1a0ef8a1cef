//! Actions of old files: items of values of unknown type, lists that may be unset, the session key assigned again.

use super::super::codes;
use super::super::context::{Elab, Place};
use super::super::convert::Wanted;
use super::super::lenient;
use super::super::types::show;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast;
use omt_runtime::ir::{Action, At, BinaryOp, Expr, ExprKind, Place as Target, Type};

impl Elab<'_, '_> {
    /// Leniently: is the session key assigned where it is set already?
    pub(in super::super) fn is_session_again(&self, name: &str) -> bool {
        self.is_lenient()
            && name == self.tables.signatures.session_key
            && !matches!(self.place, Place::Machine { creating: true, .. })
    }

    /// Is it certainly the id of this session?
    pub(in super::super) fn is_session(&self, value: &Expr) -> bool {
        let key = &self.tables.signatures.session_key;
        match &value.kind {
            ExprKind::Session => true,
            ExprKind::Store(name) => name == key,
            ExprKind::Field(base, name) => base.kind == ExprKind::Payload && name == key,
            ExprKind::Convert(_, inner) => self.is_session(inner),
            _ => false,
        }
    }

    pub(in super::super) fn session_again(&mut self, name: &ast::Ident, value: &Expr) {
        let key = &name.text;
        if !self.is_session(value) {
            self.check_session_key(key, name);
            return;
        }
        self.report(
            lenient::at(
                codes::SESSION_ASSIGNED,
                name.span,
                format!("`{key}` is the session key and set already, so this is left out"),
            )
            .with_label("it has this value before the first guard")
            .with_note("the session id routes every message; an instance that a message creates has the id of that message")
            .with_help("remove the assignment"),
        );
    }

    /// `x[k] = e` where `x` is of unknown type: it is a map, which is empty while it is unset.
    pub(in super::super) fn assign_dynamic_item(
        &mut self,
        target: &ast::Ident,
        (place, ty): (Target, Type),
        indices: &[ast::Expr],
        value: &ast::Expr,
        meta: At,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        let [index] = indices else {
            self.report(
                Diagnostic::new(
                    codes::OPERANDS,
                    target.span,
                    "an item of an item of a value of unknown type",
                )
                .with_label(format!("this is {}", show(&ty)))
                .with_help(format!("declare it: `{} map<…, map<…, …>>`", target.text)),
            );
            return None;
        };
        let whole = self.name(target, None).unwrap_or_else(|| {
            Expr::new(ExprKind::Store(target.text.clone()), ty.clone(), self.at(target.span))
        });
        let whole = self.loose(whole).ok()?;
        let key_ty = self.key_of(&whole, Some(index));
        let map_ty = Type::Map(Box::new(key_ty.clone()), Box::new(Type::Any));
        let map = self.as_map(whole, key_ty.clone(), target.span);
        let key = self.check(index, &key_ty, &Wanted::new(format!("a key of `{}`", target.text)));
        let value = self.check(value, &Type::Any, &Wanted::new(format!("an item of `{}`", target.text)));
        let value = value?;
        if let (Target::Store(field), Some(actor)) = (&place, self.actor()) {
            let written = Type::Map(Box::new(key_ty), Box::new(before_any(&value)));
            self.wrote_type(actor.decl.name.text.clone(), field, written);
        }
        let with = ExprKind::Builtin(omt_runtime::ir::Builtin::With, vec![map, key?, value]);
        let with = Expr::new(with, map_ty, meta);
        let with = self.recast(with, &ty).ok()?;
        if let Target::Store(field) = &place {
            self.known.set.insert(field.clone());
        }
        out.push(Action::Assign { place, path: Vec::new(), value: with, meta });
        Some(())
    }

    /// `APPEND(list, e)` where the list is of unknown type.
    pub(in super::super) fn append_dynamic(
        &mut self,
        target: &ast::Ident,
        place: Target,
        value: &ast::Expr,
        meta: At,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        let list_ty = Type::List(Box::new(Type::Any));
        let value = self.check(value, &Type::Any, &Wanted::new(format!("an item of `{}`", target.text)))?;
        let item = before_any(&value);
        let whole = self.name(target, None).unwrap_or_else(|| {
            Expr::new(ExprKind::Store(target.text.clone()), Type::Any, self.at(target.span))
        });
        let whole = self.loose(whole).ok()?;
        let list = self.as_list(whole, target.span);
        let more = Expr::new(ExprKind::List(vec![value]), list_ty.clone(), meta);
        let more = ExprKind::Binary(BinaryOp::Concat, Box::new(list), Box::new(more));
        let value = self.loose(Expr::new(more, list_ty, meta)).ok()?;
        self.appended(&place, &item);
        self.known.set.insert(target.text.clone());
        out.push(Action::Assign { place, path: Vec::new(), value, meta });
        Some(())
    }

    /// `APPEND(list, e)` where the list may be unset: it is empty then.
    pub(in super::super) fn append_optional(
        &mut self,
        target: &ast::Ident,
        (place, ty): (Target, Type),
        value: &ast::Expr,
        meta: At,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        let list_ty = ty.plain().clone();
        let Type::List(item) = &list_ty else { return None };
        let value = self.check(value, item, &Wanted::new(format!("an item of `{}`", target.text)))?;
        let whole = self.name(target, None)?;
        let list = self.present(whole, target.span, "`APPEND`")?;
        let more = Expr::new(ExprKind::List(vec![value]), list_ty.clone(), meta);
        let more = ExprKind::Binary(BinaryOp::Concat, Box::new(list), Box::new(more));
        let value = self.fit(Expr::new(more, list_ty, meta), &ty).ok()?;
        self.assigned(&place, &value, target)?;
        out.push(Action::Assign { place, path: Vec::new(), value, meta });
        Some(())
    }

    /// Remembers that a field of unknown type is a list of such items.
    fn appended(&mut self, place: &Target, item: &Type) {
        if let (Target::Store(field), Some(actor)) = (place, self.actor()) {
            let written = Type::List(Box::new(item.clone()));
            self.wrote_type(actor.decl.name.text.clone(), field, written);
        }
    }
}

/// The type of a value before it became `any`.
fn before_any(value: &Expr) -> Type {
    match &value.kind {
        ExprKind::Convert(omt_runtime::ir::Conversion::ToAny, inner) => inner.ty.clone(),
        _ => value.ty.clone(),
    }
}
