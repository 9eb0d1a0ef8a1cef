//! Functions: statements, locals whose types follow from all their assignments, a return on every path.

use super::codes;
use super::context::{BindingKind, Elab, Instance, Place, Tables};
use super::convert::{Wanted, a_type, is_open, join};
use super::facts::{facts, path};
use super::flow::Flows;
use super::scope::Callable;
use super::signature::doc;
use super::types::{show, substitute};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{self, Conversion, Expr, ExprKind, Selector, Stmt, Type};
use std::collections::BTreeMap;

/// How often a function is gone through until the types of its locals are known. Each round learns the type of at
/// least one local; real functions need two.
const ROUNDS_MAX: usize = 16;

/// A function, elaborated.
pub(super) struct Elaborated {
    pub function: Option<ir::Function>,
    pub diagnostics: Vec<Diagnostic>,
    pub calls: BTreeMap<Instance, Span>,
    pub loads: BTreeMap<String, Span>,
}

/// Elaborates one instance of a function.
pub(super) fn elaborate(
    tables: &Tables<'_>,
    flows: &Flows,
    instance: &Instance,
    order: u32,
) -> Option<Elaborated> {
    let signature = tables.signatures.callables.get(instance.function.as_str())?;
    let Callable::Function(decl) = signature.decl else { return None };
    let returns = signature.returns.as_ref().map(|ty| substitute(ty, &instance.variables));
    let mut hints = BTreeMap::new();
    let mut rounds = 0;
    loop {
        rounds += 1;
        let place = Place::Function { returns: returns.clone(), result: decl.result.span };
        let mut elab = Elab::new(tables, flows, place);
        elab.hints = std::mem::take(&mut hints);
        for (param, ty) in decl.params.iter().zip(&signature.params) {
            let ty = ty.as_ref().map(|ty| substitute(ty, &instance.variables));
            elab.bind(&param.name, ty, BindingKind::Parameter);
        }
        let mut body = Vec::new();
        let complete = elab.statements(&decl.body, &mut body);
        if elab.hints_changed && rounds < ROUNDS_MAX {
            hints = std::mem::take(&mut elab.hints);
            continue;
        }
        if !elab.known.dead && complete {
            elab.no_return(decl);
        }
        elab.open_locals();
        let parameters = u32::try_from(decl.params.len()).unwrap_or(u32::MAX);
        let at = tables.at(decl.name.span);
        let meta = ir::Meta { at, order, doc: doc(&decl.doc), title: None };
        let wrong = crate::diagnostic::has_errors(&elab.out) || !complete;
        let function = match (&returns, wrong || signature.params.iter().any(Option::is_none)) {
            (Some(returns), false) => Some(ir::Function {
                parameters,
                frame: std::mem::take(&mut elab.frame),
                returns: returns.clone(),
                body,
                meta,
            }),
            _ => None,
        };
        return Some(Elaborated { function, diagnostics: elab.out, calls: elab.calls, loads: elab.loads });
    }
}

impl Elab<'_, '_> {
    fn no_return(&mut self, decl: &ast::Function) {
        let last = decl.body.last().map_or(decl.body_span, |s| s.span);
        self.report(
            Diagnostic::new(
                codes::NO_RETURN,
                decl.name.span,
                format!("`{}` does not return on every path", decl.name.text),
            )
            .with_label("a path ends without a result")
            .with_secondary(last, "after this, nothing is returned")
            .with_help("end every path with `return …`"),
        );
    }

    /// Locals that are only ever empty or null.
    fn open_locals(&mut self) {
        if !self.out.is_empty() {
            return;
        }
        let open: Vec<(Span, String)> = self
            .names
            .iter()
            .filter(|b| b.kind == BindingKind::Local && b.ty.as_ref().is_some_and(is_open))
            .map(|b| (b.span, b.name.clone()))
            .collect();
        for (span, name) in open {
            self.report(
                Diagnostic::new(codes::CANNOT_INFER, span, format!("nothing says what `{name}` holds"))
                    .with_label("only ever empty")
                    .with_note("an empty list, an empty map or `null` alone does not say what it is for"),
            );
        }
    }

    /// Statements in order; false when one of them is wrong.
    fn statements(&mut self, list: &[ast::Stmt], out: &mut Vec<Stmt>) -> bool {
        let mut complete = true;
        for stmt in list {
            complete &= self.statement(stmt, out).is_some();
        }
        complete
    }

    fn statement(&mut self, stmt: &ast::Stmt, out: &mut Vec<Stmt>) -> Option<()> {
        let meta = self.at(stmt.span);
        match &stmt.kind {
            ast::StmtKind::Return(value) => {
                let (returns, result) = match &self.place {
                    Place::Function { returns, result } => (returns.clone(), Some(*result)),
                    Place::Machine { .. } | Place::View { .. } | Place::Observe(_) => (None, None),
                };
                let value = match &returns {
                    Some(ty) => self.check(value, ty, &Wanted { slot: result, ..Wanted::new("the result") }),
                    None => self.infer(value, None).and(None),
                };
                self.known.dead = true;
                out.push(Stmt::Return { value: value?, meta });
            }
            ast::StmtKind::Assign { target, value } => return self.assign_local(target, value, meta, out),
            ast::StmtKind::AssignIndex { target, index, value } => {
                return self.assign_item(target, index, value, meta, out);
            }
            ast::StmtKind::Block(list) => return self.statements(list, out).then_some(()),
            ast::StmtKind::For { var, list, body } => return self.for_statement(var, list, body, meta, out),
            ast::StmtKind::If { condition, then, otherwise } => {
                let condition = self.condition(condition);
                let before = self.known.clone();
                if let Some(c) = &condition {
                    self.known.learn(facts(c, true));
                }
                let mut first = Vec::new();
                let then = self.statement(then, &mut first);
                let after_then = std::mem::replace(&mut self.known, before);
                if let Some(c) = &condition {
                    self.known.learn(facts(c, false));
                }
                let mut second = Vec::new();
                let otherwise = match otherwise {
                    Some(otherwise) => self.statement(otherwise, &mut second),
                    None => Some(()),
                };
                let after_else = std::mem::take(&mut self.known);
                self.known = after_then.join(after_else);
                let (condition, ()) = (condition?, then.and(otherwise)?);
                out.push(Stmt::If { condition, then: first, otherwise: second, meta });
            }
        }
        Some(())
    }

    fn for_statement(
        &mut self,
        var: &ast::Ident,
        list: &ast::Expr,
        body: &ast::Stmt,
        meta: ir::At,
        out: &mut Vec<Stmt>,
    ) -> Option<()> {
        let (list, item) = self.loop_list(list);
        let slot = self.bind(var, item, BindingKind::Loop);
        let mut assigned = Vec::new();
        assigned_names(body, &mut assigned);
        for name in assigned {
            if let Some(slot) = self.binding(name).map(|b| b.slot) {
                self.known.forget(&format!("%{slot}"));
            }
        }
        let before = self.known.clone();
        let mut inner = Vec::new();
        let complete = self.statement(body, &mut inner);
        let after = std::mem::take(&mut self.known);
        self.known = before.join(after);
        self.known.dead = false;
        self.names.retain(|b| b.slot != slot);
        complete?;
        out.push(Stmt::For { slot, list: list?, body: inner, meta });
        Some(())
    }

    /// The list of a loop and the type of its items.
    pub fn loop_list(&mut self, list: &ast::Expr) -> (Option<Expr>, Option<Type>) {
        let Some(value) = self.infer_kept(list, None) else { return (None, None) };
        let Some(value) = self.present(value, list.span, "a loop") else { return (None, None) };
        let value = if value.ty == Type::Any && self.is_lenient() {
            match self.written_as(&value) {
                // What was meant are its members.
                Some(Type::Map(key, _)) => {
                    let map = self.as_map(value, (*key).clone(), list.span);
                    let keys = ExprKind::Builtin(ir::Builtin::Keys, vec![map]);
                    self.make(keys, Type::List(key), list.span)
                }
                _ => self.as_list(value, list.span),
            }
        } else {
            value
        };
        match &value.ty {
            Type::List(item) => {
                let item = (**item).clone();
                (Some(value), Some(item))
            }
            Type::Map(..) => {
                let text = self.tables.sources.slice(list.span).to_owned();
                self.report(
                    Diagnostic::new(codes::MISMATCH, list.span, "a loop goes over a list")
                        .with_label("this is a map")
                        .with_help(format!("write `KEYS({text})` or `VALUES({text})`")),
                );
                (None, None)
            }
            other => {
                let ty = a_type(other);
                self.report(
                    Diagnostic::new(codes::MISMATCH, list.span, "a loop goes over a list")
                        .with_label(format!("this is {ty}")),
                );
                (None, None)
            }
        }
    }

    fn assign_local(
        &mut self,
        target: &ast::Ident,
        value: &ast::Expr,
        meta: ir::At,
        out: &mut Vec<Stmt>,
    ) -> Option<()> {
        let Some(binding) = self.binding(&target.text).cloned() else {
            let hint = self.hints.get(&target.span).cloned();
            let value = self.infer(value, hint.as_ref()).and_then(|value| match &hint {
                Some(hint) => {
                    self.coerce(value, hint, target.span, &Wanted::new(format!("`{}`", target.text)))
                }
                None if value.ty == Type::Decimal => self.float(value),
                None => Some(value),
            });
            let slot = self.bind(target, value.as_ref().map(|v| v.ty.clone()), BindingKind::Local);
            let value = value?;
            self.learn_some(&format!("%{slot}"), &value);
            out.push(Stmt::Assign { slot, path: Vec::new(), value, meta });
            return Some(());
        };
        let slot = binding.slot;
        let value = match (binding.kind, &binding.ty) {
            (BindingKind::Parameter, Some(ty)) => {
                let wanted =
                    Wanted::new(format!("`{}`", target.text)).declared(binding.span, "declared here");
                self.check(value, ty, &wanted)
            }
            (BindingKind::Local, Some(ty)) => self.next_value(&binding, ty, value),
            (BindingKind::Parameter | BindingKind::Local, None) => self.infer(value, None).and(None),
            (BindingKind::Let | BindingKind::Loop | BindingKind::Lambda, _) => {
                self.infer(value, None);
                self.report(
                    Diagnostic::new(
                        codes::NOT_ASSIGNABLE,
                        target.span,
                        format!("{} keeps its value", binding.kind.word()),
                    )
                    .with_label("cannot be assigned")
                    .with_secondary(binding.span, "bound here")
                    .with_help("use a local of another name"),
                );
                None
            }
        };
        self.known.locals.insert(slot);
        self.known.forget(&format!("%{slot}"));
        let value = value?;
        self.learn_some(&format!("%{slot}"), &value);
        out.push(Stmt::Assign { slot, path: Vec::new(), value, meta });
        Some(())
    }

    /// A later value of a local: its type may widen that of the local.
    fn next_value(
        &mut self,
        binding: &super::context::Binding,
        ty: &Type,
        value: &ast::Expr,
    ) -> Option<Expr> {
        let found = self.infer(value, Some(ty))?;
        let keeps = found.ty == *ty
            || matches!(found.kind, ExprKind::Integer(_))
            || !matches!((ty.dimension(), found.ty.dimension()), (Some(_), Some(_)));
        if keeps && self.fits(found.clone(), ty) {
            return self.fit(found, ty).ok();
        }
        match join(ty, &found.ty).or_else(|| super::convert::merge_empty(ty, &found.ty)) {
            Some(wider) => {
                if wider != *ty {
                    self.hint(binding.slot, &wider);
                }
                self.fit(found, &wider).ok()
            }
            None if self.is_lenient()
                && (super::dynamic::is_dynamic(ty) || super::dynamic::is_dynamic(&found.ty)) =>
            {
                if *ty != Type::Any {
                    self.hint(binding.slot, &Type::Any);
                }
                self.loose(found).ok()
            }
            None => {
                self.report(
                    Diagnostic::new(
                        codes::MISMATCH,
                        value.span,
                        format!("`{}` holds values of one type", binding.name),
                    )
                    .with_label(format!("this is {}", a_type(&found.ty)))
                    .with_secondary(binding.span, format!("first assigned {} here", show(ty))),
                );
                None
            }
        }
    }

    /// After an assignment of something that is certainly not null.
    pub fn learn_some(&mut self, root: &str, value: &Expr) {
        if certainly_some(value) && value.ty.is_optional() {
            let roots = [root.to_owned()].into();
            self.known.paths.insert(root.to_owned(), roots);
        }
    }

    fn assign_item(
        &mut self,
        target: &ast::Ident,
        index: &ast::Expr,
        value: &ast::Expr,
        meta: ir::At,
        out: &mut Vec<Stmt>,
    ) -> Option<()> {
        let Some(binding) = self.binding(&target.text).cloned() else {
            self.infer(index, None);
            self.infer(value, None);
            let known: Vec<String> = self.names.iter().map(|b| b.name.clone()).collect();
            self.report(
                Diagnostic::new(
                    codes::UNKNOWN_NAME,
                    target.span,
                    format!("there is no local `{}`", target.text),
                )
                .with_label("not assigned before")
                .with_did_you_mean(&target.text, known.iter().map(String::as_str))
                .with_note("a list or map has a value before one of its items is replaced"),
            );
            return None;
        };
        if !matches!(binding.kind, BindingKind::Local | BindingKind::Parameter) {
            self.report(
                Diagnostic::new(
                    codes::NOT_ASSIGNABLE,
                    target.span,
                    format!("{} keeps its value", binding.kind.word()),
                )
                .with_label("cannot be assigned")
                .with_secondary(binding.span, "bound here"),
            );
            return None;
        }
        // That it is assigned on every path is checked like a read.
        let whole = self.name(target, None)?;
        let (mut key_ty, mut item_ty) = self.item_type(&whole.ty, target.span)?;
        if is_open(&whole.ty) {
            let key = self.infer_kept(index, None)?;
            let item = self.infer(value, None)?;
            let item = self.keep(item);
            let ty = match &whole.ty {
                Type::Map(..) => Type::Map(Box::new(key.ty.clone()), Box::new(item.ty.clone())),
                _ => Type::List(Box::new(item.ty.clone())),
            };
            self.hint(binding.slot, &ty);
            (key_ty, item_ty) = (key.ty, item.ty);
        }
        let key = self.check(index, &key_ty, &Wanted::new(format!("a key of `{}`", target.text)));
        let value = self.check(value, &item_ty, &Wanted::new(format!("an item of `{}`", target.text)));
        self.known.forget(&format!("%{}", binding.slot));
        let selector = Selector { key: key?, ty: item_ty };
        out.push(Stmt::Assign { slot: binding.slot, path: vec![selector], value: value?, meta });
        Some(())
    }
}

/// Is the value of a `T?` certainly not null?
fn certainly_some(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Convert(Conversion::Some, _) => true,
        ExprKind::If(_, then, otherwise) => certainly_some(then) && certainly_some(otherwise),
        ExprKind::Let(_, _, body) => certainly_some(body),
        _ => path(value).is_some() && !value.ty.is_optional(),
    }
}

fn assigned_names<'a>(stmt: &'a ast::Stmt, out: &mut Vec<&'a str>) {
    match &stmt.kind {
        ast::StmtKind::Assign { target, .. } | ast::StmtKind::AssignIndex { target, .. } => {
            out.push(&target.text)
        }
        ast::StmtKind::For { body, .. } => assigned_names(body, out),
        ast::StmtKind::Block(list) => list.iter().for_each(|s| assigned_names(s, out)),
        ast::StmtKind::If { then, otherwise, .. } => {
            assigned_names(then, out);
            otherwise.iter().for_each(|s| assigned_names(s, out));
        }
        ast::StmtKind::Return(_) => {}
    }
}
