//! Actions of transitions, collects and folds.

use super::codes;
use super::context::{BindingKind, CauseInfo, Elab, Place};
use super::convert::{Wanted, is_open};
use super::facts::facts;
use super::roles::Roles;
use super::scope::TypeDecl;
use super::signature::Slot;
use super::types::{has_zero, show};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Action, At, BinaryOp, Expr, ExprKind, Place as Target, Selector, Type};

impl<'t> Elab<'t, '_> {
    /// Actions in order; `None` when one of them is wrong.
    pub fn actions(&mut self, list: &ast::Actions) -> Option<Vec<Action>> {
        let mut out = Vec::new();
        let mut complete = true;
        for action in &list.list {
            complete &= self.action(action, &mut out).is_some();
        }
        complete.then_some(out)
    }

    fn action(&mut self, action: &ast::Action, out: &mut Vec<Action>) -> Option<()> {
        let meta = self.at(action.span);
        match &action.kind {
            ast::ActionKind::Store(names) => {
                let done: Vec<Option<()>> = names.iter().map(|name| self.store_named(name, out)).collect();
                done.into_iter().collect()
            }
            ast::ActionKind::Assign { target, value }
            | ast::ActionKind::StoreCall { target, value }
            | ast::ActionKind::Lookup { target, value } => self.assign(target, value, meta, out),
            ast::ActionKind::AssignIndex { target, indices, value } => {
                self.assign_path(target, indices, value, meta, out)
            }
            ast::ActionKind::Let { name, value } => {
                let (slot, value) = self.let_value(name, value);
                out.push(Action::Let { slot, value: value?, meta });
                Some(())
            }
            ast::ActionKind::Append { target, value } => self.append(target, value, meta, out),
            ast::ActionKind::AppendBlock { result, block, record } => {
                self.append_block(result.as_ref(), block, record.as_ref(), action.span, out)
            }
            ast::ActionKind::Send { to, message, record } => {
                self.only_in_machine("SEND", action.span)?;
                let to_ir = self.check(to, &Type::PeerId, &Wanted::new("the receiver of `SEND`"));
                let found = self.message_named(message);
                if let Some(found) = found {
                    self.check_sender(found, message);
                    self.check_recipient(found, message, to);
                }
                let payload = self.payload(found.is_some(), message, record.as_ref(), action.span);
                out.push(Action::Send { to: to_ir?, message: message.text.clone(), payload: payload?, meta });
                Some(())
            }
            ast::ActionKind::Broadcast { to, message, record } => {
                self.broadcast(to, message, record.as_ref(), action.span, out)
            }
            ast::ActionKind::If { condition, then, otherwise } => {
                let condition = self.condition(condition);
                let before = self.known.clone();
                if let Some(c) = &condition {
                    self.known.learn(facts(c, true));
                }
                let then = self.scoped(|this| this.actions(then));
                let after_then = std::mem::replace(&mut self.known, before);
                if let Some(c) = &condition {
                    self.known.learn(facts(c, false));
                }
                let otherwise = match otherwise {
                    Some(otherwise) => self.scoped(|this| this.actions(otherwise)),
                    None => Some(Vec::new()),
                };
                let after_else = std::mem::take(&mut self.known);
                self.known = after_then.join(after_else);
                out.push(Action::If { condition: condition?, then: then?, otherwise: otherwise?, meta });
                Some(())
            }
            ast::ActionKind::For { var, list, body } => {
                let (list, item) = self.loop_list(list);
                let mut assigned = Vec::new();
                assigned_names(&body.list, &mut assigned);
                for name in assigned {
                    for root in ["store", "shared", "view"] {
                        self.known.forget(&format!("{root}.{name}"));
                    }
                }
                let before = self.known.clone();
                let (slot, body) = self.scoped(|this| {
                    let slot = this.bind(var, item, BindingKind::Loop);
                    (slot, this.actions(body))
                });
                let after = std::mem::take(&mut self.known);
                self.known = before.join(after);
                self.known.dead = false;
                out.push(Action::For { slot, list: list?, body: body?, meta });
                Some(())
            }
            ast::ActionKind::Abort(reason) => {
                let reason = self.check(reason, &Type::String, &Wanted::new("the reason of `ABORT`"));
                self.known.dead = true;
                out.push(Action::Abort { reason: reason?, meta });
                Some(())
            }
            ast::ActionKind::Start { task, args } => {
                self.only_in_machine("START", action.span)?;
                if self.tables.scope.task(&task.text).is_none() {
                    for arg in args {
                        self.infer(arg, None);
                    }
                    self.unknown_task(task);
                    return None;
                }
                let arguments = self.declared_args(task, args, action.span)?;
                out.push(Action::Start { task: task.text.clone(), arguments, meta });
                Some(())
            }
        }
    }

    fn unknown_task(&mut self, task: &ast::Ident) {
        use super::scope::Callable;
        let known: Vec<&str> = self
            .tables
            .scope
            .callables
            .iter()
            .filter(|(_, d)| matches!(d, Callable::Task(_)))
            .map(|(n, _)| *n)
            .collect();
        let mut diagnostic = Diagnostic::new(
            codes::UNKNOWN_DECLARATION,
            task.span,
            format!("there is no task `{}`", task.text),
        )
        .with_label("`START` begins a task");
        if let Some(other) = self.tables.scope.callables.get(task.text.as_str()) {
            diagnostic = diagnostic
                .with_secondary(other.name().span, "declared here, but not as a task")
                .with_note("a function is answered at once: call it where its value is needed");
        }
        self.report(diagnostic.with_did_you_mean(&task.text, known));
    }

    /// A `let`, as an action or after a cause.
    pub fn let_value(&mut self, name: &ast::Ident, value: &ast::Expr) -> (u32, Option<Expr>) {
        let value = self.infer(value, None).and_then(|found| {
            if matches!(found.ty, Type::Rng | Type::Function(..)) {
                self.report(
                    Diagnostic::new(
                        codes::TYPE_NOT_ALLOWED,
                        value.span,
                        "a generator is a local of a function",
                    )
                    .with_label(format!("this is {}", show(&found.ty)))
                    .with_note("it is advanced by each draw, so it can be neither kept nor passed on")
                    .with_help("draw in a function that takes the seed"),
                );
                return None;
            }
            let found = if found.ty == Type::Decimal { self.keep(found) } else { found };
            self.closed(found, value.span)
        });
        let slot = self.bind(name, value.as_ref().map(|v| v.ty.clone()), BindingKind::Let);
        (slot, value)
    }

    fn only_in_machine(&mut self, what: &str, span: Span) -> Option<()> {
        if matches!(self.place, Place::Machine { .. }) {
            return Some(());
        }
        self.report(
            Diagnostic::new(codes::NOT_HERE, span, format!("a view has no effects, so no `{what}`"))
                .with_label("not in a view")
                .with_note(
                    "a view only says what a chain amounts to; whoever reads it must come to the same result",
                ),
        );
        None
    }

    /// `store k`: from the message or the trigger.
    fn store_named(&mut self, name: &ast::Ident, out: &mut Vec<Action>) -> Option<()> {
        let meta = self.at(name.span);
        self.only_in_machine("store", name.span)?;
        let source = match self.cause() {
            CauseInfo::Message(message) => {
                let of = message.name.text.clone();
                let shape = self.tables.signatures.shapes.get(of.as_str())?;
                match shape.get(&name.text) {
                    Some(slot) => {
                        let payload = self.make(ExprKind::Payload, Type::Message(of), name.span);
                        let kind = ExprKind::Field(Box::new(payload), name.text.clone());
                        let field = self.make(kind, slot.ty.clone()?, name.span);
                        Some((self.narrowed(field), slot.span))
                    }
                    None => {
                        let known: Vec<&str> = shape.keys().map(String::as_str).collect();
                        self.nothing_to_store(
                            name,
                            format!("the message {of}"),
                            &known,
                            Some(message.name.span),
                        );
                        None
                    }
                }
            }
            CauseInfo::Trigger(trigger) => match trigger.arguments.iter().find(|(n, _)| *n == name.text) {
                Some((_, slot)) => {
                    let argument =
                        self.make(ExprKind::Argument(name.text.clone()), slot.ty.clone()?, name.span);
                    Some((self.narrowed(argument), slot.span))
                }
                None => {
                    let known: Vec<&str> = trigger.arguments.iter().map(|(n, _)| n.as_str()).collect();
                    let what = format!("the trigger {}", trigger.decl.name.text);
                    self.nothing_to_store(name, what, &known, Some(trigger.decl.name.span));
                    None
                }
            },
            CauseInfo::Nothing | CauseInfo::Task(_) | CauseInfo::Time => {
                self.nothing_to_store(name, "this cause".to_owned(), &[], None);
                None
            }
        };
        let target = self.kept_in(name);
        let ((value, declared), (place, ty)) = (source?, target?);
        let wanted = Wanted::new(format!("`{}`", name.text)).declared(declared, "taken from here");
        let value = self.coerce(
            value,
            &ty,
            name.span,
            &Wanted { slot: self.slot_of(&name.text), ..wanted.in_field() },
        )?;
        if self.is_session_again(&name.text) {
            self.session_again(name, &value);
            return Some(());
        }
        self.assigned(&place, &value, name)?;
        out.push(Action::Assign { place, path: Vec::new(), value, meta });
        Some(())
    }

    fn nothing_to_store(&mut self, name: &ast::Ident, what: String, known: &[&str], at: Option<Span>) {
        let mut diagnostic = Diagnostic::new(
            codes::NOTHING_TO_STORE,
            name.span,
            format!("{what} has no `{}` to store", name.text),
        )
        .with_label("nothing of that name comes with it")
        .with_note("`store k` keeps the field `k` of the message, or the argument `k` of the trigger")
        .with_did_you_mean(&name.text, known.iter().copied());
        if let Some(at) = at {
            diagnostic = diagnostic.with_secondary(at, "declared here");
        }
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.with_help(format!("write `{} = …` to store something else", name.text));
        }
        self.report(diagnostic);
    }

    /// The field in which `store k` keeps `k`. That the trigger has an argument of that name is what is meant.
    fn kept_in(&mut self, name: &ast::Ident) -> Option<(Target, Type)> {
        let text = name.text.as_str();
        let is_field = self.store().is_some_and(|s| s.contains_key(text))
            || self.shared().is_some_and(|s| s.contains_key(text));
        let argument = self.arguments().iter().find(|(n, _)| n == text).map(|(_, slot)| slot);
        let (false, false, Some(slot)) = (is_field, self.is_lenient(), argument) else {
            return self.target(name);
        };
        let known: Vec<&str> = self.assignable().map(|(n, _)| n.as_str()).collect();
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("there is no `{text}` in the store"))
                .with_label("nowhere to keep it")
                .with_secondary(slot.span, "taken from here")
                .with_note("`store k` keeps the argument `k` in the field `k`")
                .with_did_you_mean(text, known);
        if diagnostic.help.is_none() {
            let ty = slot.ty.as_ref().map_or_else(|| "…".to_owned(), show);
            diagnostic = diagnostic.with_help(format!("declare it: `store ( {text} {ty} )`"));
        }
        self.report(diagnostic);
        None
    }

    /// What a name on the left of `=` is, and which type it takes.
    fn target(&mut self, name: &ast::Ident) -> Option<(Target, Type)> {
        let text = name.text.as_str();
        if let Some(binding) = self.binding(text).cloned() {
            self.not_assignable(name, binding.kind.word(), Some(binding.span));
            return None;
        }
        if let Some(slot) = self.store().and_then(|s| s.get(text)) {
            return Some((Target::Store(text.to_owned()), slot.ty.clone()?));
        }
        if let Some(slot) = self.shared().and_then(|s| s.get(text)) {
            return Some((Target::Shared(text.to_owned()), slot.ty.clone()?));
        }
        if let Place::View { shape, .. } = &self.place
            && let Some(slot) = shape.get(text)
        {
            return Some((Target::View(text.to_owned()), slot.ty.clone()?));
        }
        if let Some(ty) = self.undeclared_target(name, None) {
            return Some((Target::Store(text.to_owned()), ty));
        }
        let argument = self.arguments().iter().find(|(n, _)| n == text).map(|(_, s)| s.span);
        if let Some(span) = argument {
            self.not_assignable(name, "an argument of the trigger", Some(span));
            return None;
        }
        if let Some(parameter) = self.tables.scope.parameters.get(text) {
            self.not_assignable(name, "a parameter", Some(parameter.name.span));
            return None;
        }
        let known: Vec<String> = self.assignable().map(|(n, _)| n.clone()).collect();
        let place = if matches!(self.place, Place::View { .. }) { "view" } else { "store" };
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("there is no `{text}` in the {place}"))
                .with_label("not declared")
                .with_did_you_mean(text, known.iter().map(String::as_str));
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.with_help(format!(
                "declare it in the {place}, or write `let {text} = …` for a value of this step"
            ));
        }
        self.report(diagnostic);
        None
    }

    /// Everything that could be assigned here.
    fn assignable(&self) -> impl Iterator<Item = (&'t String, &'t Slot)> {
        let view = if let Place::View { shape, .. } = &self.place { Some(*shape) } else { None };
        self.store().into_iter().chain(self.shared()).chain(view).flatten()
    }

    fn not_assignable(&mut self, name: &ast::Ident, what: &str, span: Option<Span>) {
        let mut diagnostic = Diagnostic::new(
            codes::NOT_ASSIGNABLE,
            name.span,
            format!("`{}` is {what} and keeps its value", name.text),
        )
        .with_label("cannot be assigned")
        .with_help("assign a field of the store, or bind another name with `let`");
        if let Some(span) = span {
            diagnostic = diagnostic.with_secondary(span, "declared here");
        }
        self.report(diagnostic);
    }

    /// What an assignment changes in what is known; and the rule of the session key.
    pub(super) fn assigned(&mut self, place: &Target, value: &Expr, name: &ast::Ident) -> Option<()> {
        let root = match place {
            Target::Store(field) => {
                if value.ty == Type::Any {
                    self.wrote(field, value);
                }
                self.check_session_key(field, name)?;
                self.known.set.insert(field.clone());
                format!("store.{field}")
            }
            Target::Shared(field) => format!("shared.{field}"),
            Target::View(field) => format!("view.{field}"),
            Target::Local(slot) => format!("%{slot}"),
        };
        self.known.forget(&root);
        self.learn_some(&root, value);
        // A shared field without a zero is `T?` until it is written.
        if matches!(place, Target::Shared(_)) && !has_zero(&value.ty) {
            self.known.paths.insert(root.clone(), [root].into());
        }
        Some(())
    }

    pub(super) fn check_session_key(&mut self, field: &str, name: &ast::Ident) -> Option<()> {
        if field != self.tables.signatures.session_key {
            return Some(());
        }
        if let Place::Machine { creating: true, .. } = &self.place {
            return Some(());
        }
        self.report(
            Diagnostic::new(codes::SESSION_KEY, name.span, format!("`{field}` is the session key"))
                .with_label("it cannot change here")
                .with_note("the session id routes every message; only the step that creates the instance by a trigger may choose it")
                .with_help("it is set already: in an instance that a message created, it is that message's session"),
        );
        None
    }

    fn assign(
        &mut self,
        target: &ast::Ident,
        value: &ast::Expr,
        meta: At,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        let Some((place, ty)) = self.target(target) else {
            self.look_at(value);
            // The name is treated as set, so that its uses are not reported again.
            self.known.set.insert(target.text.clone());
            return None;
        };
        let slot = self.assignable().find(|(n, _)| **n == target.text).map(|(_, s)| s.span);
        let mut wanted = Wanted::new(format!("`{}`", target.text)).in_field();
        if let Some(span) = slot {
            wanted = wanted.declared(span, format!("declared as {}", show(&ty)));
        }
        let value = self.check(value, &ty, &wanted);
        if let Target::Store(field) = &place {
            self.known.set.insert(field.clone());
        }
        let value = value?;
        if self.is_session_again(&target.text) && self.is_session(&value) {
            self.session_again(target, &value);
            return Some(());
        }
        self.assigned(&place, &value, target)?;
        out.push(Action::Assign { place, path: Vec::new(), value, meta });
        Some(())
    }

    /// The place of the declaration of something that can be assigned.
    fn slot_of(&self, name: &str) -> Option<Span> {
        self.assignable().find(|(n, _)| *n == name).map(|(_, s)| s.span)
    }

    /// Looks at an expression for its own mistakes only.
    fn look_at(&mut self, value: &ast::Expr) {
        self.infer(value, None);
    }

    fn assign_path(
        &mut self,
        target: &ast::Ident,
        indices: &[ast::Expr],
        value: &ast::Expr,
        meta: At,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        let Some((place, mut ty)) = self.target(target) else {
            indices.iter().chain([value]).for_each(|e| self.look_at(e));
            return None;
        };
        if self.is_lenient() && matches!(ty, Type::Any | Type::Dict) {
            return self.assign_dynamic_item(target, (place, ty), indices, value, meta, out);
        }
        let mut path = Vec::new();
        for index in indices {
            if ty.is_optional() {
                self.report(
                    Diagnostic::new(codes::MAY_BE_NULL, target.span, "an item of something that may be null")
                        .with_label(format!("this is {}", show(&ty)))
                        .with_help("assign the whole list or map"),
                );
                return None;
            }
            let (key, item) = self.item_type(&ty, target.span)?;
            let wanted = Wanted::new(format!("a key of `{}`", target.text));
            let key = self.check(index, &key, &wanted)?;
            path.push(Selector { key, ty: item.clone() });
            ty = item;
        }
        let wanted = Wanted::new(format!("an item of `{}`", target.text));
        let value = self.check(value, &ty, &wanted)?;
        let root = match &place {
            Target::Store(field) => format!("store.{field}"),
            Target::Shared(field) => format!("shared.{field}"),
            Target::View(field) => format!("view.{field}"),
            Target::Local(slot) => format!("%{slot}"),
        };
        self.known.forget(&root);
        out.push(Action::Assign { place, path, value, meta });
        Some(())
    }

    /// `APPEND(list, e)`.
    fn append(
        &mut self,
        target: &ast::Ident,
        value: &ast::Expr,
        meta: At,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        let Some((place, ty)) = self.target(target) else {
            self.look_at(value);
            return None;
        };
        if self.is_lenient() && ty == Type::Any {
            return self.append_dynamic(target, place, value, meta, out);
        }
        if self.is_lenient() && ty.is_optional() && matches!(ty.plain(), Type::List(_)) {
            return self.append_optional(target, (place, ty), value, meta, out);
        }
        let Type::List(item) = &ty else {
            self.look_at(value);
            self.report(
                Diagnostic::new(codes::MISMATCH, target.span, "`APPEND` adds to a list or to `chain`")
                    .with_label(format!("this is {}", show(&ty))),
            );
            return None;
        };
        let value = self.check(value, item, &Wanted::new(format!("an item of `{}`", target.text)))?;
        let span = value.meta;
        let kind = match &place {
            Target::Store(field) => ExprKind::Store(field.clone()),
            Target::Shared(field) => ExprKind::Shared(field.clone()),
            Target::View(field) => ExprKind::ViewField(field.clone()),
            Target::Local(slot) => ExprKind::Local(*slot),
        };
        let list = Expr::new(kind, ty.clone(), span);
        let more = Expr::new(ExprKind::List(vec![value]), ty.clone(), span);
        let whole = Expr::new(ExprKind::Binary(BinaryOp::Concat, Box::new(list), Box::new(more)), ty, meta);
        self.assigned(&place, &whole, target)?;
        out.push(Action::Assign { place, path: Vec::new(), value: whole, meta });
        Some(())
    }

    /// `b = APPEND(chain, B { … })`.
    fn append_block(
        &mut self,
        result: Option<&ast::Ident>,
        block: &ast::Ident,
        record: Option<&ast::Record>,
        span: Span,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        self.only_in_machine("APPEND", span)?;
        let meta = self.at(span);
        let Some(found) = self.tables.scope.block(&block.text) else {
            self.unknown_declaration("block", block, |d| matches!(d, TypeDecl::Block(_)));
            return None;
        };
        let authors = Roles::authors(found);
        if let Some(actor) = self.actor()
            && !authors.allow(&self.tables.scope, &actor.decl.name.text)
        {
            let own = actor.decl.name.text.clone();
            let message = format!("{own} may not append `{}`", block.text);
            self.report(
                authors
                    .finding(self.tables.sources, codes::WRONG_AUTHOR, block.span, message, &own)
                    .with_label(format!("{own} is not among its authors")),
            );
        }
        let ty = Type::BlockPayload(block.text.clone());
        let payload = self.record_of(&ty, record, span, true);
        let into = match result {
            None => None,
            Some(name) => {
                let whole = Type::Block(block.text.clone());
                let declared = self.assignable().any(|(n, _)| **n == name.text);
                let undeclared =
                    if declared { None } else { self.undeclared_target(name, Some(whole.clone())) };
                let (place, ty) = match undeclared {
                    Some(ty) => (Target::Store(name.text.clone()), ty),
                    None => self.target(name)?,
                };
                if *ty.plain() != whole || ty.is_optional() {
                    let declared = self.assignable().find(|(n, _)| **n == name.text).map(|(_, s)| s.span);
                    let mut diagnostic = Diagnostic::new(
                        codes::MISMATCH,
                        name.span,
                        format!("`{}` cannot hold the block", name.text),
                    )
                    .with_label(format!("the block is of type block<{}>", block.text))
                    .with_help(format!("declare it as `{} block<{}>`", name.text, block.text));
                    if let Some(declared) = declared {
                        diagnostic =
                            diagnostic.with_secondary(declared, format!("declared as {}", show(&ty)));
                    }
                    self.report(diagnostic);
                    return None;
                }
                let value = Expr::new(ExprKind::Null, whole, meta);
                self.assigned(&place, &value, name)?;
                Some(place)
            }
        };
        out.push(Action::Append { into, block: block.text.clone(), payload: payload?, meta });
        Some(())
    }

    fn payload(
        &mut self,
        known: bool,
        message: &ast::Ident,
        record: Option<&ast::Record>,
        span: Span,
    ) -> Option<Expr> {
        if known {
            return self.record_of(&Type::Message(message.text.clone()), record, span, true);
        }
        for entry in record.map(|r| r.entries.as_slice()).unwrap_or_default() {
            let (ast::RecordEntry::Field { value, .. } | ast::RecordEntry::Spread { value, .. }) = entry;
            self.infer(value, None);
        }
        None
    }

    fn broadcast(
        &mut self,
        to: &ast::Expr,
        message: &ast::Ident,
        record: Option<&ast::Record>,
        span: Span,
        out: &mut Vec<Action>,
    ) -> Option<()> {
        self.only_in_machine("BROADCAST", span)?;
        let meta = self.at(span);
        let found = self.message_named(message);
        if let Some(found) = found {
            self.check_sender(found, message);
        }
        let gossip = to.as_name().is_some_and(|n| n.text == "network" && self.binding("network").is_none());
        if gossip {
            if let Some(found) = found
                && !found.to.iter().any(|n| n.text == "Network")
            {
                self.wrong_recipient(found, message, to.span, "Network");
            }
            let payload = self.payload(found.is_some(), message, record, span);
            out.push(Action::Gossip { message: message.text.clone(), payload: payload?, meta });
            return Some(());
        }
        let list = Type::List(Box::new(Type::PeerId));
        let to_ir = self.infer(to, Some(&list)).and_then(|value| {
            let value = self.present(value, to.span, "the receivers of `BROADCAST`")?;
            let value = match &value.ty {
                Type::Any if self.is_lenient() => match self.written_as(&value) {
                    Some(Type::Map(..)) => self.as_map(value, Type::PeerId, to.span),
                    _ => {
                        let any = self.as_list(value, to.span);
                        self.recast(any, &list).ok()?
                    }
                },
                Type::List(item) if self.is_lenient() && **item == Type::Any => {
                    self.recast(value, &list).ok()?
                }
                _ => value,
            };
            let fits = match &value.ty {
                Type::Map(key, _) => **key == Type::PeerId,
                ty => *ty == list || is_open(ty),
            };
            if !fits {
                let mut diagnostic = Diagnostic::new(
                    codes::MISMATCH,
                    to.span,
                    "`BROADCAST` goes to a list of peers, or to the keys of a map",
                )
                .with_label(format!("this is {}", show(&value.ty)));
                if value.ty == Type::PeerId {
                    diagnostic =
                        diagnostic.with_help(format!("write `SEND(…, {})` for one peer", message.text));
                }
                self.report(diagnostic);
                return None;
            }
            if is_open(&value.ty) {
                return self.coerce(value, &list, to.span, &Wanted::new("the receivers"));
            }
            Some(value)
        });
        if let Some(found) = found {
            self.check_recipient(found, message, to);
        }
        let payload = self.payload(found.is_some(), message, record, span);
        out.push(Action::Broadcast { to: to_ir?, message: message.text.clone(), payload: payload?, meta });
        Some(())
    }

    /// The sender is a declared `from`.
    fn check_sender(&mut self, message: &ast::Message, at: &ast::Ident) {
        let Some(actor) = self.actor() else { return };
        let own = actor.decl.name.text.clone();
        let senders = Roles::senders(message);
        if senders.allow(&self.tables.scope, &own) {
            return;
        }
        let text = format!("{own} may not send `{}`", at.text);
        self.report(
            senders
                .finding(self.tables.sources, codes::WRONG_SENDER, at.span, text, &own)
                .with_label(format!("{own} is not among its senders")),
        );
    }

    /// Where the expression names a roster field, its role is a declared `to`.
    fn check_recipient(&mut self, message: &ast::Message, at: &ast::Ident, to: &ast::Expr) {
        let to = to.unparenthesized();
        match &to.kind {
            ast::ExprKind::List(items) => {
                for item in items {
                    self.check_recipient(message, at, item);
                }
                return;
            }
            ast::ExprKind::Call { callee, args } if callee.text == "CONCAT" => {
                for arg in args {
                    self.check_recipient(message, at, arg);
                }
                return;
            }
            ast::ExprKind::Binary { op: ast::BinaryOp::Add, left, right, .. } => {
                self.check_recipient(message, at, left);
                self.check_recipient(message, at, right);
                return;
            }
            _ => {}
        }
        let roles: Vec<String> = if let Some(name) = to.as_name() {
            if self.binding(&name.text).is_some() || self.arguments().iter().any(|(n, _)| *n == name.text) {
                return;
            }
            let Some(actor) = self.actor() else { return };
            actor
                .peers
                .values()
                .filter(|entry| entry.field.text == name.text)
                .map(|entry| entry.role.text.clone())
                .collect()
        } else if let ast::ExprKind::Field { base, name } = &to.kind
            && name.text == "sender"
            && base.as_name().is_some_and(|b| b.text == "message")
            && let CauseInfo::Message(cause) = self.cause()
        {
            cause.from.iter().map(|n| n.text.clone()).collect()
        } else {
            return;
        };
        let Some(first) = roles.first() else { return };
        let receivers = Roles::receivers(message);
        if !roles.iter().any(|role| receivers.allow(&self.tables.scope, role)) {
            self.wrong_recipient(message, at, to.span, first);
        }
    }

    fn wrong_recipient(&mut self, message: &ast::Message, at: &ast::Ident, to: Span, role: &str) {
        let (who, note) = if role == "Network" {
            ("the network", "only a message that names `Network` in `to` is handed to gossip".to_owned())
        } else {
            (role, format!("no {role} handles `{}`", at.text))
        };
        let text = format!("`{}` does not go to {who}", at.text);
        self.report(
            Roles::receivers(message)
                .finding(self.tables.sources, codes::WRONG_RECIPIENT, to, text, role)
                .with_label(format!("this is {who}"))
                .with_note(note),
        );
    }
}

fn assigned_names<'a>(list: &'a [ast::Action], out: &mut Vec<&'a str>) {
    for action in list {
        match &action.kind {
            ast::ActionKind::Store(names) => out.extend(names.iter().map(|n| n.text.as_str())),
            ast::ActionKind::Assign { target, .. }
            | ast::ActionKind::StoreCall { target, .. }
            | ast::ActionKind::Lookup { target, .. }
            | ast::ActionKind::AssignIndex { target, .. }
            | ast::ActionKind::Append { target, .. } => out.push(&target.text),
            ast::ActionKind::AppendBlock { result, .. } => out.extend(result.iter().map(|n| n.text.as_str())),
            ast::ActionKind::If { then, otherwise, .. } => {
                assigned_names(&then.list, out);
                otherwise.iter().for_each(|a| assigned_names(&a.list, out));
            }
            ast::ActionKind::For { body, .. } => assigned_names(&body.list, out),
            ast::ActionKind::Let { .. }
            | ast::ActionKind::Send { .. }
            | ast::ActionKind::Broadcast { .. }
            | ast::ActionKind::Abort(_)
            | ast::ActionKind::Start { .. } => {}
        }
    }
}
