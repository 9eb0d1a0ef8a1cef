//! Names: locals, arguments, fields, parameters, enum values, and the reserved ones (LANGUAGE 5.2).

use super::codes;
use super::context::{BindingKind, CauseInfo, Elab, Place};
use super::scope::IDENTIFIERS;
use super::signature::Slot;
use super::types::has_zero;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{Conversion, Expr, ExprKind, Type};

/// A body with more findings than this gets no more suggestions: nobody goes through them one by one, and each is
/// looked for among all names.
const SUGGESTED_MAX: usize = 1_000;

impl<'t> Elab<'t, '_> {
    /// A bare name.
    pub fn name(&mut self, name: &ast::Ident, hint: Option<&Type>) -> Option<Expr> {
        let text = name.text.as_str();
        if let Some(binding) = self.binding(text).cloned() {
            let ty = binding.ty?;
            if binding.kind == BindingKind::Local && !self.known.locals.contains(&binding.slot) {
                self.report(
                    Diagnostic::new(codes::LOCAL_UNSET, name.span, format!("`{text}` may be unset here"))
                        .with_label("not every path to this place assigns it")
                        .with_secondary(binding.span, "assigned here, on some paths only")
                        .with_help(format!("assign `{text}` in every branch, or before the `if` or `for`")),
                );
                return None;
            }
            if matches!(ty, Type::Rng | Type::Function(..)) {
                let what = if ty == Type::Rng { "a generator" } else { "a function" };
                self.report(
                    Diagnostic::new(codes::TYPE_NOT_ALLOWED, name.span, format!("{what} is not a value"))
                        .with_label("it can be neither kept, compared nor returned")
                        .with_secondary(binding.span, format!("{what}, bound here"))
                        .with_help(if ty == Type::Rng {
                            "draw from it: `SEEDED_SAMPLE(rng, list, n)`"
                        } else {
                            "call it, or hand it on to a function"
                        }),
                );
                return None;
            }
            let local = self.make(ExprKind::Local(binding.slot), ty, name.span);
            return Some(self.narrowed(local));
        }
        if let Some(observed) = self.observed_name(name, hint) {
            return observed;
        }
        match text {
            "peer_id" => return self.reserved(name, ExprKind::SelfId, Type::PeerId),
            "chain" => return self.reserved(name, ExprKind::OwnChain, Type::Segment),
            "message" => {
                self.bare_message(name);
                return None;
            }
            "result" => return self.task_result(name),
            "network" => {
                self.report(
                    Diagnostic::new(
                        codes::NOT_HERE,
                        name.span,
                        "`network` is only the target of a `BROADCAST`",
                    )
                    .with_label("not a value")
                    .with_help("write `BROADCAST(network, MESSAGE)`"),
                );
                return None;
            }
            "block" if matches!(self.place, Place::View { .. }) => {
                if let Place::View { block, .. } = &self.place {
                    let ty = Type::Block((*block).to_owned());
                    return Some(self.make(ExprKind::CurrentBlock, ty, name.span));
                }
            }
            _ => {}
        }
        if let Some((_, slot)) = self.arguments().iter().find(|(n, _)| n == text) {
            let argument = self.make(ExprKind::Argument(text.to_owned()), slot.ty.clone()?, name.span);
            return Some(self.narrowed(argument));
        }
        if let Some(slot) = self.store().and_then(|s| s.get(text)) {
            return self.store_field(text, slot, name.span);
        }
        if let Some(slot) = self.shared().and_then(|s| s.get(text)) {
            let ty = slot.ty.clone()?;
            let ty = if has_zero(&ty) { ty } else { ty.optional() };
            let shared = self.make(ExprKind::Shared(text.to_owned()), ty, name.span);
            let shared = self.narrowed(shared);
            return Some(if self.is_lenient() { self.loosened(shared) } else { shared });
        }
        if let Place::View { shape, .. } = &self.place
            && let Some(slot) = shape.get(text)
        {
            let field = self.make(ExprKind::ViewField(text.to_owned()), slot.ty.clone()?, name.span);
            return Some(self.narrowed(field));
        }
        if let Some(value) = self.tables.signatures.parameters.get(text) {
            let ty = value.as_ref()?.ty();
            return Some(self.make(ExprKind::Parameter(text.to_owned()), ty, name.span));
        }
        self.enum_value(name, hint)
    }

    /// Wraps a `T?` that is known not to be null.
    pub fn narrowed(&self, expr: Expr) -> Expr {
        if expr.ty.is_optional()
            && let Some((path, _)) = super::facts::path(&expr)
            && self.known.paths.contains_key(&path)
        {
            let plain = expr.ty.plain().clone();
            return self.convert(Conversion::Unwrap, expr, plain);
        }
        expr
    }

    /// A field of the store, as the flow knows it.
    pub fn store_field(&self, name: &str, slot: &Slot, span: Span) -> Option<Expr> {
        let ty = slot.ty.clone()?;
        let set = ty.is_optional()
            || ty.begins_empty()
            || name == self.tables.signatures.session_key
            || (ty == Type::Any && self.is_lenient())
            || self.known.set.contains(name);
        let ty = if set { ty } else { ty.optional() };
        let field = self.make(ExprKind::Store(name.to_owned()), ty, span);
        Some(self.narrowed(field))
    }

    fn reserved(&mut self, name: &ast::Ident, kind: ExprKind, ty: Type) -> Option<Expr> {
        if matches!(self.place, Place::View { .. }) {
            self.not_in_view(&name.text, name.span);
            return None;
        }
        Some(self.make(kind, ty, name.span))
    }

    pub fn not_in_view(&mut self, what: &str, span: Span) {
        self.report(
            Diagnostic::new(codes::NOT_HERE, span, format!("`{what}` is not available in a view"))
                .with_label("a view knows the blocks of one chain, nothing else")
                .with_note("everybody who folds the same blocks must come to the same result")
                .with_help("use what is in `block`: `author height previous time hash payload`"),
        );
    }

    fn bare_message(&mut self, name: &ast::Ident) {
        let help = match self.cause() {
            CauseInfo::Message(_) => {
                "write `message.FIELD`, `message.payload`, `message.sender` or `message.signed`".to_owned()
            }
            _ => "only a transition or `collect` on a message knows one".to_owned(),
        };
        self.report(
            Diagnostic::new(codes::NOT_HERE, name.span, "`message` alone is no value")
                .with_label("which part of it?")
                .with_help(help),
        );
    }

    fn task_result(&mut self, name: &ast::Ident) -> Option<Expr> {
        if let CauseInfo::Task(task) = self.cause() {
            let ty = self.tables.signatures.callables.get(task.name.text.as_str())?.returns.clone()?;
            let result = self.make(ExprKind::TaskResult, ty.optional(), name.span);
            return Some(self.narrowed(result));
        }
        self.report(
            Diagnostic::new(codes::NOT_HERE, name.span, "`result` is the result of a task")
                .with_label("no task caused this")
                .with_note("`result` is a reserved word, so a local cannot have that name")
                .with_help("only a transition `on TASK` has a `result`; call a local something else"),
        );
        None
    }

    /// A bare enum value: of the enum that the context wants if it has it, else of the only enum that has it.
    fn enum_value(&mut self, name: &ast::Ident, hint: Option<&Type>) -> Option<Expr> {
        let text = name.text.as_str();
        let owners = self.tables.scope.values.get(text);
        if let Some(Type::Enum(wanted)) = hint.map(Type::plain)
            && owners.is_some_and(|o| o.contains(&wanted.as_str()))
        {
            let kind = ExprKind::EnumValue(wanted.clone(), text.to_owned());
            return Some(self.make(kind, Type::Enum(wanted.clone()), name.span));
        }
        match owners.map(Vec::as_slice) {
            Some([only]) => {
                let kind = ExprKind::EnumValue((*only).to_owned(), text.to_owned());
                Some(self.make(kind, Type::Enum((*only).to_owned()), name.span))
            }
            Some(several) => {
                let mut diagnostic = Diagnostic::new(
                    codes::AMBIGUOUS_VALUE,
                    name.span,
                    format!("`{text}` is a value of {} enums", several.len()),
                )
                .with_label("which one is meant?")
                .with_note("values of different enums are never equal")
                .with_help(
                    "compare or assign it where the enum is known, or give one of the values another name",
                );
                for owner in several {
                    let place = self
                        .tables
                        .scope
                        .enumeration(owner)
                        .and_then(|e| e.values.iter().find(|v| v.name.text == text).map(|v| v.name.span));
                    if let Some(span) = place {
                        diagnostic = diagnostic.with_secondary(span, format!("a value of {owner}"));
                    }
                }
                self.report(diagnostic);
                None
            }
            None => {
                if self.is_lenient() && text == self.tables.signatures.session_key && self.actor().is_some() {
                    self.undeclared_target(name, None);
                    return Some(self.make(ExprKind::Session, Type::Hash, name.span));
                }
                if let Some(text) = self.bare_text(name) {
                    return Some(text);
                }
                self.unknown_name(name, hint);
                None
            }
        }
    }

    /// Everything that a bare name could have meant here.
    pub(super) fn candidates(&self, hint: Option<&Type>) -> Vec<String> {
        let mut all: Vec<String> = self.names.iter().map(|b| b.name.clone()).collect();
        all.extend(self.arguments().iter().map(|(n, _)| n.clone()));
        all.extend(self.store().into_iter().flat_map(|s| s.keys().cloned()));
        all.extend(self.shared().into_iter().flat_map(|s| s.keys().cloned()));
        if let Place::View { shape, .. } = &self.place {
            all.extend(shape.keys().cloned());
            all.push("block".to_owned());
        }
        all.extend(self.tables.scope.parameters.keys().map(|n| (*n).to_owned()));
        match hint.map(Type::plain).and_then(|h| if let Type::Enum(e) = h { Some(e) } else { None }) {
            Some(wanted) => all.extend(
                self.tables
                    .scope
                    .enumeration(wanted)
                    .into_iter()
                    .flat_map(|e| e.values.iter().map(|v| v.name.text.clone())),
            ),
            None => all.extend(self.tables.scope.values.keys().map(|n| (*n).to_owned())),
        }
        all.extend(IDENTIFIERS.iter().map(|n| (*n).to_owned()));
        all
    }

    fn unknown_name(&mut self, name: &ast::Ident, hint: Option<&Type>) {
        let text = name.text.as_str();
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("there is no `{text}` here"))
                .with_label("not declared");
        let field_of_message = match self.cause() {
            CauseInfo::Message(message) => message.fields.list.iter().find(|f| f.name.text == text),
            CauseInfo::Nothing | CauseInfo::Trigger(_) | CauseInfo::Task(_) | CauseInfo::Time => None,
        };
        if let Some(field) = field_of_message {
            diagnostic = diagnostic
                .with_secondary(field.span, "the message has such a field")
                .with_help(format!("write `message.{text}`"));
        } else if self.tables.scope.callables.contains_key(text)
            || omt_runtime::ir::Builtin::named(text).is_some()
        {
            diagnostic = Diagnostic::new(
                codes::UNKNOWN_NAME,
                name.span,
                format!("`{text}` is a function, not a value"),
            )
            .with_label("a value is needed here")
            .with_help(format!("call it: `{text}(…)`"));
        } else if let Place::Function { .. } = self.place
            && let Some(actor) = self.tables.signatures.actors.values().find(|a| a.store.contains_key(text))
        {
            diagnostic = diagnostic
                .with_note(format!(
                    "a function sees its parameters; `{text}` is in the store of {}",
                    actor.decl.name.text
                ))
                .with_help(format!("pass it as an argument, or write `LOAD({text})`"));
        } else {
            let all = if self.out.len() < SUGGESTED_MAX { self.candidates(hint) } else { Vec::new() };
            diagnostic = diagnostic
                .with_note("a name is a local, an argument, a field, a parameter or an enum value")
                .with_did_you_mean(text, all.iter().map(String::as_str));
        }
        self.report(diagnostic);
    }

    /// Looks up a declared message for `SEND` and `BROADCAST`.
    pub fn message_named(&mut self, name: &ast::Ident) -> Option<&'t ast::Message>
    where
        Self: Sized,
    {
        match self.tables.scope.message(&name.text) {
            Some(message) => Some(message),
            None => {
                self.unknown_declaration("message", name, |d| {
                    matches!(d, super::scope::TypeDecl::Message(_))
                });
                None
            }
        }
    }

    /// A name that should be a declaration of some kind.
    pub fn unknown_declaration(
        &mut self,
        kind: &str,
        name: &ast::Ident,
        keep: impl Fn(&super::scope::TypeDecl<'_>) -> bool,
    ) {
        let known: Vec<&str> =
            self.tables.scope.types.iter().filter(|(_, d)| keep(d)).map(|(n, _)| *n).collect();
        let mut diagnostic = Diagnostic::new(
            codes::UNKNOWN_DECLARATION,
            name.span,
            format!("there is no {kind} `{}`", name.text),
        )
        .with_label("not declared here or in an imported file");
        if let Some(other) = self.tables.scope.types.get(name.text.as_str()) {
            diagnostic =
                diagnostic.with_secondary(other.name().span, format!("declared here, but not as a {kind}"));
        }
        self.report(diagnostic.with_did_you_mean(&name.text, known));
    }
}
