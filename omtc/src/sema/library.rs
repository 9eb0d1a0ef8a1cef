//! Calls: functions (generic ones instantiated), natives, the library of LANGUAGE section 7, lambdas.

use super::codes;
use super::context::{BindingKind, Elab, Instance, Place};
use super::convert::{Wanted, a_type, is_open, merge_empty};
use super::scope::Callable;
use super::types::{self, is_integer, plural, show, substitute, variable_name};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::signature::{PEER_HASH_BLOCK, READ_QUERIES};
use omt_runtime::ir::{Builtin, Dimension, Expr, ExprKind, Type};
use std::collections::BTreeMap;

/// Things of the library that are no [`Builtin`].
pub const SPECIAL: &[&str] = &["LOAD", "VIEW"];

impl Elab<'_, '_> {
    /// `f(a, b)`.
    pub fn call(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let name = callee.text.as_str();
        if let Some(binding) = self.binding(name).cloned() {
            return self.call_local(callee, &binding, args, span);
        }
        if let Some(observed) = self.observed_call(callee, args, span) {
            return observed;
        }
        if let Some(signature) = self.tables.signatures.callables.get(name) {
            return match signature.decl {
                Callable::Function(_) => self.call_function(callee, args, span, hint),
                Callable::Native(_) => self.call_native(callee, args, span),
                Callable::Task(task) => {
                    self.discard(args);
                    self.report(
                        Diagnostic::new(
                            codes::NOT_HERE,
                            callee.span,
                            format!("`{name}` is a task, not a function"),
                        )
                        .with_label("its result comes later, as an input of its own")
                        .with_secondary(task.name.span, "declared here")
                        .with_help(format!(
                            "start it as an action: `START({name}(…))`, and react `on {name}`"
                        )),
                    );
                    None
                }
            };
        }
        match name {
            "VIEW" => return self.view_call(callee, args, span),
            "LOAD" => return self.load(callee, args, span),
            _ => {}
        }
        if let Some(builtin) = Builtin::named(name) {
            return self.builtin(builtin, callee, args, span, hint);
        }
        self.discard(args);
        let known: Vec<&str> = self
            .tables
            .scope
            .callables
            .keys()
            .copied()
            .chain(Builtin::ALL.iter().map(|(n, _)| *n))
            .chain(SPECIAL.iter().copied())
            .collect();
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_FUNCTION, callee.span, format!("there is no function `{name}`"))
                .with_label("not declared here, imported, or part of the library")
                .with_did_you_mean(name, known);
        if diagnostic.help.is_none() && ["CONTAINS", "REMOVE", "SET_EQUALS", "COUNT_MATCHING"].contains(&name)
        {
            diagnostic = diagnostic.with_help("write `imports shared/common`: it is declared there");
        }
        self.report(diagnostic);
        None
    }

    /// Looks at arguments whose call is wrong, for their own mistakes.
    fn discard(&mut self, args: &[ast::Expr]) {
        for arg in args {
            if !matches!(arg.unparenthesized().kind, ast::ExprKind::Lambda { .. }) {
                self.infer(arg, None);
            }
        }
    }

    fn count_args(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        want: usize,
        span: Span,
        declared: Option<Span>,
    ) -> bool {
        if args.len() == want {
            return true;
        }
        let mut diagnostic = Diagnostic::new(
            codes::ARGUMENT_COUNT,
            span,
            format!("`{}` takes {}, found {}", callee.text, plural(want, "argument"), args.len()),
        )
        .with_label(if args.len() < want { "something is missing" } else { "something is too much" });
        if let Some(declared) = declared {
            diagnostic = diagnostic.with_secondary(declared, "declared here");
        }
        if let Some(signature) = self.tables.signatures.callables.get(callee.text.as_str()) {
            let names: Vec<&str> = signature.decl.params().iter().map(|p| p.name.text.as_str()).collect();
            diagnostic = diagnostic.with_help(format!("write `{}({})`", callee.text, names.join(", ")));
        }
        self.report(diagnostic);
        self.discard(args);
        false
    }

    fn call_local(
        &mut self,
        callee: &ast::Ident,
        binding: &super::context::Binding,
        args: &[ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        match binding.ty.clone()? {
            Type::Function(parameters, returns) => {
                if !self.count_args(callee, args, parameters.len(), span, Some(binding.span)) {
                    return None;
                }
                let wanted = Wanted::new(format!("an argument of `{}`", callee.text));
                let all: Vec<Option<Expr>> =
                    args.iter().zip(&parameters).map(|(a, p)| self.check(a, p, &wanted)).collect();
                let all: Option<Vec<Expr>> = all.into_iter().collect();
                Some(self.make(ExprKind::CallLocal(binding.slot, all?), *returns, span))
            }
            other => {
                self.discard(args);
                self.report(
                    Diagnostic::new(
                        codes::UNKNOWN_FUNCTION,
                        callee.span,
                        format!("`{}` is not a function", callee.text),
                    )
                    .with_label(format!("this is {}", a_type(&other)))
                    .with_secondary(binding.span, format!("{} of that name", binding.kind.word())),
                );
                None
            }
        }
    }

    fn call_native(&mut self, callee: &ast::Ident, args: &[ast::Expr], span: Span) -> Option<Expr> {
        if matches!(self.place, Place::View { .. }) {
            self.not_in_view(&callee.text, callee.span);
        }
        if self.view().is_some() {
            self.report(super::observe::not_observed(&callee.text, callee.span));
        }
        let args = self.declared_args(callee, args, span)?;
        let returns = self.tables.signatures.callables.get(callee.text.as_str())?.returns.clone()?;
        Some(self.make(ExprKind::Native(callee.text.clone(), args), returns, span))
    }

    /// Arguments of something that is declared and not generic.
    pub fn declared_args(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
    ) -> Option<Vec<Expr>> {
        let signature = self.tables.signatures.callables.get(callee.text.as_str())?;
        let decl = signature.decl;
        if !self.count_args(callee, args, signature.params.len(), span, Some(decl.name().span)) {
            return None;
        }
        let mut all = Vec::new();
        for ((arg, param), field) in args.iter().zip(&signature.params).zip(decl.params()) {
            let wanted = Wanted::new(format!("`{}` of `{}`", field.name.text, callee.text))
                .declared(field.span, "declared here");
            all.push(match param {
                Some(param) => self.check(arg, param, &wanted),
                None => self.infer(arg, None).and(None),
            });
        }
        all.into_iter().collect()
    }

    fn call_function(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let signature = self.tables.signatures.callables.get(callee.text.as_str())?;
        if signature.variables.is_empty() {
            self.calls
                .entry(Instance { function: callee.text.clone(), variables: BTreeMap::new() })
                .or_insert(callee.span);
            let args = self.declared_args(callee, args, span)?;
            let returns = signature.returns.clone()?;
            return Some(self.make(ExprKind::Call(callee.text.clone(), args), returns, span));
        }
        self.call_generic(callee, args, span, hint)
    }

    /// Binds the type variables by the arguments, first those that are no lambdas.
    fn call_generic(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let signature = self.tables.signatures.callables.get(callee.text.as_str())?;
        let decl = signature.decl;
        if !self.count_args(callee, args, signature.params.len(), span, Some(decl.name().span)) {
            return None;
        }
        let params: Option<Vec<Type>> = signature.params.iter().cloned().collect();
        let params = params?;
        let mut bindings: BTreeMap<String, Type> = BTreeMap::new();
        if let (Some(returns), Some(hint)) = (&signature.returns, hint) {
            bind(returns, hint, &mut bindings);
            // A hint is no demand: arguments may say better.
        }
        let from_hint = std::mem::take(&mut bindings);
        let mut values: Vec<Option<Expr>> = vec![None; args.len()];
        let mut failed = false;
        for (index, (arg, param)) in args.iter().zip(&params).enumerate() {
            if matches!(param, Type::Function(..)) {
                continue;
            }
            let want = substitute(param, &bindings);
            let value = match self.infer(arg, Some(&want).filter(|w| !has_variable(w))) {
                Some(value) => self.keep(value),
                None => {
                    failed = true;
                    continue;
                }
            };
            bind(param, &value.ty, &mut bindings);
            if let Some(slot) = values.get_mut(index) {
                *slot = Some(value);
            }
        }
        for (name, ty) in from_hint {
            bindings.entry(name).or_insert(ty);
        }
        for (index, (arg, param)) in args.iter().zip(&params).enumerate() {
            let Type::Function(parameters, returns) = param else { continue };
            if failed {
                continue;
            }
            let inputs: Vec<Type> = parameters.iter().map(|p| substitute(p, &bindings)).collect();
            let result = substitute(returns, &bindings);
            let what = format!("an argument of `{}`", callee.text);
            let result = Some(&result).filter(|r| !has_variable(r));
            let value = self.function_argument(arg, &inputs, result, &what);
            if let Some(value) = &value
                && let Type::Function(_, found) = &value.ty
            {
                bind(returns, found, &mut bindings);
            }
            failed |= value.is_none();
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        }
        if failed {
            return None;
        }
        let mut all = Vec::new();
        for (((arg, param), value), field) in args.iter().zip(&params).zip(values).zip(decl.params()) {
            let want = substitute(param, &bindings);
            if has_variable(&want) {
                self.report(
                    Diagnostic::new(
                        codes::CANNOT_INFER,
                        arg.span,
                        format!("nothing says which types `{}` is for", callee.text),
                    )
                    .with_label("this leaves it open")
                    .with_secondary(field.span, "declared here"),
                );
                return None;
            }
            let wanted = Wanted::new(format!("`{}` of `{}`", field.name.text, callee.text))
                .declared(field.span, "declared here");
            all.push(self.coerce(value?, &want, arg.span, &wanted)?);
        }
        bindings.retain(|name, _| signature.variables.contains(name));
        let instance = Instance { function: callee.text.clone(), variables: bindings };
        let name = instance.name(&signature.variables);
        let returns = substitute(signature.returns.as_ref()?, &instance.variables);
        self.calls.entry(instance).or_insert(callee.span);
        Some(self.make(ExprKind::Call(name, all), returns, span))
    }

    /// A lambda, or the name of a function, where a function is expected.
    pub fn function_argument(
        &mut self,
        arg: &ast::Expr,
        inputs: &[Type],
        result: Option<&Type>,
        what: &str,
    ) -> Option<Expr> {
        let arg = arg.unparenthesized();
        match &arg.kind {
            ast::ExprKind::Lambda { .. } => self.lambda(arg, inputs, result, what),
            ast::ExprKind::Name(name) => self.function_value(name, inputs, result, what),
            _ => {
                let value = self.infer(arg, None)?;
                self.report(
                    Diagnostic::new(codes::LAMBDA, arg.span, format!("expected a function for {what}"))
                        .with_label(format!("this is {}", a_type(&value.ty)))
                        .with_help(format!("write a lambda: `x => {}`", self.tables.sources.slice(arg.span))),
                );
                None
            }
        }
    }

    /// `a => b => e` with the types that its parameters get.
    pub fn lambda(
        &mut self,
        lambda: &ast::Expr,
        inputs: &[Type],
        result: Option<&Type>,
        what: &str,
    ) -> Option<Expr> {
        let mut body = lambda;
        let mut names = Vec::new();
        while names.len() < inputs.len()
            && let ast::ExprKind::Lambda { param, body: inner } = &body.kind
        {
            names.push(param);
            body = inner;
        }
        if names.len() < inputs.len() || matches!(body.kind, ast::ExprKind::Lambda { .. }) {
            self.report(
                Diagnostic::new(
                    codes::LAMBDA,
                    lambda.span,
                    format!("{what} takes a lambda with {}", plural(inputs.len(), "parameter")),
                )
                .with_label("another number of parameters")
                .with_help(if inputs.len() == 2 {
                    "write it like `a => b => …`"
                } else {
                    "write it like `a => …`"
                }),
            );
            return None;
        }
        self.scoped(|this| {
            let slots: Vec<u32> = names
                .iter()
                .zip(inputs)
                .map(|(name, ty)| {
                    super::scope::identifier("parameter of a lambda", name, &mut this.out);
                    this.bind(name, Some(ty.clone()), BindingKind::Lambda)
                })
                .collect();
            let value = match result {
                Some(result) => this.check(body, result, &Wanted::new("the result of this lambda"))?,
                None => {
                    let value = this.infer(body, None)?;
                    this.no_generator(&value, body.span)?;
                    this.keep(value)
                }
            };
            let ty = Type::Function(inputs.to_vec(), Box::new(value.ty.clone()));
            Some(this.make(ExprKind::Lambda(slots, Box::new(value)), ty, lambda.span))
        })
    }

    /// The name of a function where a function is expected: a parameter is handed on, a declared one is wrapped.
    pub fn function_value(
        &mut self,
        name: &ast::Ident,
        inputs: &[Type],
        result: Option<&Type>,
        what: &str,
    ) -> Option<Expr> {
        if let Some(binding) = self.binding(&name.text).cloned() {
            let ty = binding.ty?;
            let fits = match &ty {
                Type::Function(p, r) => p == inputs && result.is_none_or(|want| *want == **r),
                _ => false,
            };
            if fits {
                return Some(self.make(ExprKind::Local(binding.slot), ty, name.span));
            }
            self.report(
                Diagnostic::new(codes::LAMBDA, name.span, format!("expected a function for {what}"))
                    .with_label(format!("this is {}", a_type(&ty)))
                    .with_secondary(binding.span, "declared here"),
            );
            return None;
        }
        if self.tables.signatures.callables.contains_key(name.text.as_str())
            || Builtin::named(&name.text).is_some()
        {
            // `f` stands for `a => f(a)`.
            let idents: Vec<ast::Ident> = (0..inputs.len())
                .map(|i| ast::Ident { text: format!("{}{i}", name.text), span: name.span })
                .collect();
            let name_of =
                |i: &ast::Ident| ast::Expr { span: name.span, kind: ast::ExprKind::Name(i.clone()) };
            let call =
                ast::ExprKind::Call { callee: name.clone(), args: idents.iter().map(name_of).collect() };
            let mut lambda = ast::Expr { span: name.span, kind: call };
            for param in idents.iter().rev() {
                let kind = ast::ExprKind::Lambda { param: param.clone(), body: Box::new(lambda) };
                lambda = ast::Expr { span: name.span, kind };
            }
            return self.lambda(&lambda, inputs, result, what);
        }
        let known: Vec<&str> = self.tables.scope.callables.keys().copied().collect();
        self.report(
            Diagnostic::new(
                codes::UNKNOWN_FUNCTION,
                name.span,
                format!("there is no function `{}`", name.text),
            )
            .with_label(format!("a function is expected for {what}"))
            .with_did_you_mean(&name.text, known),
        );
        None
    }

    /// `VIEW(V, c)`.
    fn view_call(&mut self, callee: &ast::Ident, args: &[ast::Expr], span: Span) -> Option<Expr> {
        let [view, chain] = args else {
            self.count_args(callee, args, 2, span, None);
            return None;
        };
        let chain = self.check(chain, &Type::Segment, &Wanted::new("the chain of a view"));
        let Some(name) = view.as_name() else {
            self.infer(view, None);
            self.report(
                Diagnostic::new(
                    codes::UNKNOWN_DECLARATION,
                    view.span,
                    "the first argument of `VIEW` is the name of a view",
                )
                .with_label("not a name")
                .with_help("write it like `VIEW(Ledger, chain)`"),
            );
            return None;
        };
        if self.tables.scope.view(&name.text).is_none() {
            self.unknown_declaration("view", name, |d| matches!(d, super::scope::TypeDecl::View(_)));
            return None;
        }
        let ty = Type::View(name.text.clone());
        Some(self.make(ExprKind::View(name.text.clone(), Box::new(chain?)), ty, span))
    }

    /// `LOAD(k)`: a field of the store, for functions.
    fn load(&mut self, callee: &ast::Ident, args: &[ast::Expr], span: Span) -> Option<Expr> {
        let [field] = args else {
            self.count_args(callee, args, 1, span, None);
            return None;
        };
        let Some(name) = field.as_name() else {
            self.report(
                Diagnostic::new(codes::UNKNOWN_FIELD, field.span, "`LOAD` takes the name of a store field")
                    .with_label("not a name"),
            );
            return None;
        };
        if let Some(store) = self.store() {
            return match store.get(&name.text) {
                Some(slot) => self.store_field(&name.text, slot, span),
                None => {
                    self.no_store_field(name, store.keys());
                    None
                }
            };
        }
        if matches!(self.place, Place::View { .. }) {
            self.not_in_view("LOAD", callee.span);
            return None;
        }
        if self.view().is_some() {
            self.report(super::observe::not_observed("LOAD", callee.span));
            return None;
        }
        let mut found: Option<(Type, Span)> = None;
        let actors: Vec<_> = self.tables.signatures.actors.values().collect();
        for actor in &actors {
            let Some(slot) = actor.store.get(&name.text) else { continue };
            let ty = slot.ty.clone()?;
            match &found {
                Some((first, at)) if *first != ty => {
                    self.report(
                        Diagnostic::new(
                            codes::MISMATCH,
                            name.span,
                            format!("`{}` has different types", name.text),
                        )
                        .with_label("which actor runs this function is not known")
                        .with_secondary(*at, show(first))
                        .with_secondary(slot.span, show(&ty))
                        .with_help("pass the value as an argument instead"),
                    );
                    return None;
                }
                Some(_) => {}
                None => found = Some((ty, slot.span)),
            }
        }
        let Some((ty, _)) = found else {
            let fields: Vec<String> = actors.iter().flat_map(|a| a.store.keys().cloned()).collect();
            self.no_store_field(name, fields.iter());
            return None;
        };
        self.loads.entry(name.text.clone()).or_insert(name.span);
        let set = ty.begins_empty() || name.text == self.tables.signatures.session_key;
        let ty = if set { ty } else { ty.optional() };
        let load = self.make(ExprKind::Load(name.text.clone()), ty, span);
        Some(self.narrowed(load))
    }

    pub fn no_store_field<'k>(&mut self, name: &ast::Ident, known: impl Iterator<Item = &'k String>) {
        let known: Vec<&str> = known.map(String::as_str).collect();
        self.report(
            Diagnostic::new(
                codes::UNKNOWN_FIELD,
                name.span,
                format!("there is no store field `{}`", name.text),
            )
            .with_label("not in the store")
            .with_did_you_mean(&name.text, known),
        );
    }

    /// An argument of a declared type.
    pub(super) fn arg(&mut self, builtin: Builtin, arg: &ast::Expr, want: &Type) -> Option<Expr> {
        self.check(arg, want, &Wanted::new(format!("`{}`", builtin.name())))
    }

    /// An argument that must not be null, kept in storable form.
    pub(super) fn value_arg(
        &mut self,
        builtin: Builtin,
        arg: &ast::Expr,
        hint: Option<&Type>,
    ) -> Option<Expr> {
        let value = self.infer(arg, hint)?;
        let value = self.present(value, arg.span, &format!("`{}`", builtin.name()))?;
        Some(self.keep(value))
    }

    pub(super) fn wrong_arg(&mut self, builtin: Builtin, span: Span, ty: &Type, want: &str) {
        self.report(
            Diagnostic::new(codes::MISMATCH, span, format!("`{}` takes {want}", builtin.name()))
                .with_label(format!("this is {}", a_type(ty))),
        );
    }

    /// A list and the type of its items.
    pub(super) fn list_arg(
        &mut self,
        builtin: Builtin,
        arg: &ast::Expr,
        hint: Option<&Type>,
    ) -> Option<(Expr, Type)> {
        let value = self.value_arg(builtin, arg, hint)?;
        let value = if value.ty == Type::Any && self.is_lenient() {
            let list = self.as_list(value, arg.span);
            match (builtin, hint.map(Type::plain)) {
                (Builtin::Sum, _) => self.recast(list, &Type::List(Box::new(Type::Int))).ok()?,
                (_, Some(want @ Type::List(_))) if !is_open(want) => self.recast(list, want).ok()?,
                _ => list,
            }
        } else {
            value
        };
        match &value.ty {
            Type::List(item) => {
                let item = (**item).clone();
                Some((value, item))
            }
            other => {
                let other = other.clone();
                self.wrong_arg(builtin, arg.span, &other, "a list");
                None
            }
        }
    }

    /// A map and the types of its keys and values; `key` is what it is asked for.
    pub(super) fn map_arg(
        &mut self,
        builtin: Builtin,
        arg: &ast::Expr,
        key: Option<&ast::Expr>,
        hint: Option<&Type>,
    ) -> Option<(Expr, Type, Type)> {
        let value = self.value_arg(builtin, arg, hint)?;
        let value = if self.is_lenient() && matches!(value.ty, Type::Any | Type::Dict) {
            let any = self.loose(value).ok()?;
            let key = self.key_of(&any, key);
            self.as_map(any, key, arg.span)
        } else {
            value
        };
        match &value.ty {
            Type::Map(key, item) => {
                let (key, item) = ((**key).clone(), (**item).clone());
                Some((value, key, item))
            }
            other => {
                let other = other.clone();
                self.wrong_arg(builtin, arg.span, &other, "a map");
                None
            }
        }
    }

    pub(super) fn built(&self, builtin: Builtin, args: Vec<Expr>, ty: Type, span: Span) -> Option<Expr> {
        Some(self.make(ExprKind::Builtin(builtin, args), ty, span))
    }

    pub(super) fn expect_count(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        want: usize,
        span: Span,
    ) -> Option<()> {
        self.count_args(callee, args, want, span, None).then_some(())
    }

    /// `READ(peer, "height")`.
    pub(super) fn read(&mut self, peer: &ast::Expr, query: &ast::Expr, span: Span) -> Option<Expr> {
        let peer = self.arg(Builtin::Read, peer, &Type::PeerId);
        let text = match &query.unparenthesized().kind {
            ast::ExprKind::String(text) => text.as_str(),
            ast::ExprKind::Name(name)
                if self.is_lenient()
                    && READ_QUERIES.contains(&name.text.as_str())
                    && self.binding(&name.text).is_none() =>
            {
                self.bare_text(name);
                name.text.as_str()
            }
            _ => "",
        };
        let ty = match text {
            "head_hash" => Type::Hash,
            "height" => Type::Uint,
            "last_seen" => Type::Timestamp,
            _ => {
                self.report(
                    Diagnostic::new(codes::MISMATCH, query.span, "`READ` cannot be asked this")
                        .with_label("one of the known questions, as a text")
                        .with_did_you_mean(text, READ_QUERIES.iter().copied())
                        .with_note(format!("the questions: {}", READ_QUERIES.join(", "))),
                );
                return None;
            }
        };
        let query = self.make(ExprKind::Text(text.to_owned()), Type::String, query.span);
        self.built(Builtin::Read, vec![peer?, query], ty.optional(), span)
    }

    /// The block that `LAST_PEER_HASH` gives the payload of.
    pub(super) fn peer_hash(&mut self, span: Span) -> Option<Type> {
        let shape = self
            .tables
            .scope
            .block(PEER_HASH_BLOCK)
            .and_then(|b| self.tables.signatures.shapes.get(b.name.text.as_str()));
        let has = |field: &str, ty: &Type| {
            shape.and_then(|s| s.get(field)).is_some_and(|slot| slot.ty.as_ref() == Some(ty))
        };
        if has("peer", &Type::PeerId) && has("head", &Type::Hash) {
            return Some(Type::BlockPayload(PEER_HASH_BLOCK.to_owned()).optional());
        }
        self.report(
            Diagnostic::new(codes::UNKNOWN_DECLARATION, span, "meetings are recorded in a block that is not declared")
                .with_label("looks for blocks `PEER_HASH`")
                .with_help("declare `block PEER_HASH by […] ( peer peer_id  head hash  timestamp timestamp )`, or import it"),
        );
        None
    }

    /// Numbers of `MIN`, `MAX`, `CLAMP`: all exact of one dimension, or all float.
    pub(super) fn numbers(&mut self, builtin: Builtin, args: &[ast::Expr]) -> Option<(Vec<Expr>, Type)> {
        let values: Vec<Option<Expr>> = args
            .iter()
            .map(|a| {
                let value = self.infer(a, None)?;
                let value = self.present(value, a.span, &format!("`{}`", builtin.name()))?;
                let at = a.span;
                let value = if self.is_lenient() { self.as_written(value, at) } else { value };
                let value = if value.ty == Type::Any && self.is_lenient() {
                    self.needed_as(value, &Type::Int, a.span)
                } else {
                    value
                };
                if !types::is_number(&value.ty) {
                    self.wrong_arg(builtin, a.span, &value.ty, "numbers");
                    return None;
                }
                Some(value)
            })
            .collect();
        let values: Option<Vec<Expr>> = values.into_iter().collect();
        let values = values?;
        let float = values.iter().any(|v| matches!(v.ty, Type::Float | Type::Decimal));
        let first = values.first().and_then(|v| v.ty.dimension()).unwrap_or(Dimension::Count);
        let mut all = Vec::new();
        for (value, arg) in values.into_iter().zip(args) {
            let mixed = value.clone();
            let value = if float {
                self.float(value)
            } else {
                Some(self.exact(value)).filter(|v| v.ty.dimension() == Some(first))
            };
            let Some(value) = value else {
                let at = args.first().map_or(arg.span, |a| a.span);
                self.report(
                    Diagnostic::new(
                        codes::OPERANDS,
                        arg.span,
                        format!("`{}` takes numbers of one kind", builtin.name()),
                    )
                    .with_label(format!("this is {}", show(&mixed.ty)))
                    .with_secondary(at, "compared with this")
                    .with_note("points in time, spans of time and plain numbers do not mix"),
                );
                return None;
            };
            all.push(value);
        }
        let ty = if float { Type::Float } else { Type::Exact(first) };
        Some((all, ty))
    }

    /// The type of items when it is an integer or float type that can be added up.
    pub(super) fn summed(&self, item: &Type) -> Option<Type> {
        match item {
            Type::Float => Some(Type::Float),
            other if is_integer(other) => other.dimension().map(Type::Exact),
            _ => None,
        }
    }
}

fn has_variable(ty: &Type) -> bool {
    types::mentions(ty, &|t| variable_name(t).is_some())
}

/// Binds the variables of a declared type to what stands in their place.
fn bind(declared: &Type, found: &Type, bindings: &mut BTreeMap<String, Type>) {
    if let Some(name) = variable_name(declared) {
        match bindings.get(name) {
            Some(known) if is_open(known) => {
                if let Some(better) = merge_empty(known, found) {
                    bindings.insert(name.to_owned(), better);
                }
            }
            Some(_) => {}
            None => {
                bindings.insert(name.to_owned(), found.clone());
            }
        }
        return;
    }
    match (declared, found) {
        (Type::List(a), Type::List(b))
        | (Type::Optional(a), Type::Optional(b))
        | (Type::Secret(a), Type::Secret(b)) => bind(a, b, bindings),
        (Type::Optional(a), other) => bind(a, other, bindings),
        (Type::Map(k, v), Type::Map(l, w)) => {
            bind(k, l, bindings);
            bind(v, w, bindings);
        }
        _ => {}
    }
}
