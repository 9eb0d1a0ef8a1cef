//! Expressions of properties and scenarios: what they can name that a machine cannot, and what they cannot.

use super::super::codes;
use super::super::context::{Elab, Place};
use super::super::convert::{Wanted, a_type};
use super::world::{World, instance_type, newest_type, newest_with, peer_type, state_of_used, state_type};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::spec::{HONEST, Input, Role};
use crate::syntax::ast;
use omt_runtime::ir::{BinaryOp, Builtin, Conversion, Expr, ExprKind, Type, UnaryOp};
use omt_runtime::value::Value;
use std::collections::BTreeMap;

/// Functions of the library that take an actor and what to look for in its instances.
const QUANTIFIERS: &[&str] = &["ALL", "ANY", "COUNT"];

/// A member of the cast.
#[derive(Clone, Debug)]
pub(in crate::sema) struct Person {
    /// What it plays, where that exists.
    pub actor: Option<String>,
    pub byzantine: bool,
    /// The member of which it is a second process.
    pub identity: Option<String>,
    pub span: Span,
}

/// Does a member run its machine, and nothing else under its key?
pub(in crate::sema) fn is_honest(name: &str, cast: &BTreeMap<String, Person>) -> bool {
    let runs = cast.get(name).is_some_and(|person| !person.byzantine && person.identity.is_none());
    runs && !cast.values().any(|other| other.identity.as_deref() == Some(name))
}

/// What an expression of a property or scenario knows.
#[derive(Clone, Copy)]
pub(in crate::sema) struct View<'t, 'a> {
    pub world: &'t World<'a>,
    pub cast: &'t BTreeMap<String, Person>,
    /// In whose name `SIGN` signs.
    pub signer: Option<&'t str>,
    /// A step of a scenario is about one run: null where a value is needed is a fault there, and the step fails.
    pub unwraps: bool,
}

impl<'t, 'a> Elab<'t, 'a> {
    /// Where a property or scenario is read, what it knows.
    pub fn view(&self) -> Option<View<'t, 'a>> {
        if let Place::Observe(view) = &self.place { Some(*view) } else { None }
    }

    /// What may be null where a value is needed: in a step of a scenario, null is a fault there.
    pub(in crate::sema) fn unwrapped(&self, value: Expr) -> Result<Expr, Expr> {
        if !value.ty.is_optional() || !self.view().is_some_and(|view| view.unwraps) {
            return Err(value);
        }
        let plain = value.ty.plain().clone();
        Ok(self.convert(Conversion::Unwrap, value, plain))
    }

    /// The slot of something that the expression is given.
    pub(super) fn given(&mut self, input: Input, ty: Type, span: Span) -> Expr {
        let known = self.inputs.iter().find(|(known, _)| *known == input).map(|(_, slot)| *slot);
        let slot = known.unwrap_or_else(|| {
            let slot = self.slot("", ty);
            self.inputs.push((input, slot));
            slot
        });
        self.local(slot, span)
    }

    /// A field of a record that only exists here, with what is known of it.
    fn part(&self, of: Expr, field: &str, ty: Type, span: Span) -> Expr {
        let field = self.make(ExprKind::Field(Box::new(of), field.to_owned()), ty, span);
        self.narrowed(field)
    }

    /// Octets that are written as a text.
    pub(in crate::sema) fn octets(&mut self, expr: &Expr) -> Option<Expr> {
        self.view()?;
        let ExprKind::Text(text) = &expr.kind else { return None };
        let value = Value::Bytes(text.as_bytes().to_vec().into());
        let octets = self.given(Input::Constant(value), Type::Bytes, Span::default());
        Some(Expr { meta: expr.meta, ..octets })
    }

    /// A bare name with a meaning here; `Some(None)` when it has been reported.
    pub(in crate::sema) fn observed_name(
        &mut self,
        name: &ast::Ident,
        hint: Option<&Type>,
    ) -> Option<Option<Expr>> {
        let View { world, cast, .. } = self.view()?;
        let text = name.text.as_str();
        if let Some(Type::Enum(wanted)) = hint.map(Type::plain)
            && let Some(values) = world.values(wanted)
            && values.iter().any(|value| value == text)
        {
            let kind = ExprKind::EnumValue(wanted.clone(), text.to_owned());
            return Some(Some(self.make(kind, Type::Enum(wanted.clone()), name.span)));
        }
        if cast.contains_key(text) {
            return Some(Some(self.given(Input::Peer(text.to_owned()), Type::PeerId, name.span)));
        }
        match text {
            "network" => {
                let ty = Type::List(Box::new(peer_type()));
                return Some(Some(self.given(Input::Peers, ty, name.span)));
            }
            "peer_id" | "chain" => {
                self.report(
                    Diagnostic::new(codes::NOT_HERE, name.span, format!("there is no `{text}` here"))
                        .with_label("of which instance?")
                        .with_note("properties and scenarios look at all peers from outside")
                        .with_help(
                            "write `c.peer` or `c.chain` of an instance, or the name of a member of the cast",
                        ),
                );
                return Some(None);
            }
            _ => {}
        }
        let is_value = self.tables.scope.values.contains_key(text);
        let is_parameter = self.tables.signatures.parameters.contains_key(text);
        if !is_value && !is_parameter && self.tables.signatures.actors.contains_key(text) {
            return Some(Some(self.instances(0, text, name.span)));
        }
        if let Some(Type::Enum(wanted)) = hint.map(Type::plain)
            && let Some(actor) = wanted.strip_prefix("state of ")
            && !is_value
            && !is_parameter
        {
            self.unknown_state(name, actor, world.values(wanted).unwrap_or_default());
            return Some(None);
        }
        None
    }

    fn unknown_state(&mut self, name: &ast::Ident, actor: &str, known: &[String]) {
        self.report(
            Diagnostic::new(codes::UNKNOWN_STATE, name.span, format!("there is no state `{}`", name.text))
                .with_label(format!("a state of {actor}"))
                .with_did_you_mean(&name.text, known.iter().map(String::as_str))
                .with_note("an instance is in one of the states of its actor"),
        );
    }

    /// All instances of an actor.
    fn instances(&mut self, transaction: usize, actor: &str, span: Span) -> Expr {
        let name = self.view().map_or_else(String::new, |view| view.world.actor_name(transaction, actor));
        let ty = Type::List(Box::new(instance_type(&name)));
        self.given(Input::Instances(Role { transaction, actor: actor.to_owned() }), ty, span)
    }

    /// `alice.field`, `Alias.Actor`; `Some(None)` when it has been reported.
    pub(in crate::sema) fn observed_field(
        &mut self,
        base: &ast::Expr,
        name: &ast::Ident,
        span: Span,
    ) -> Option<Option<Expr>> {
        let View { world, cast, .. } = self.view()?;
        let word = base.as_name()?;
        if self.binding(&word.text).is_some() {
            return None;
        }
        if let Some(person) = cast.get(&word.text) {
            return Some(self.member_field(word, person, name, span));
        }
        let transaction = world.party_called(&word.text);
        if transaction.is_none() && !self.tables.scope.uses.contains_key(word.text.as_str()) {
            return None;
        }
        let Some(transaction) = transaction else {
            if !world.incomplete {
                self.report(
                    Diagnostic::new(
                        codes::UNKNOWN_ACTOR,
                        word.span,
                        format!("`{}` is no transaction", word.text),
                    )
                    .with_label("the file that `uses` names has no `transaction` header"),
                );
            }
            return Some(None);
        };
        let actors = &world.signatures(self.tables, transaction).actors;
        if actors.contains_key(name.text.as_str()) {
            return Some(Some(self.instances(transaction, &name.text, span)));
        }
        let known: Vec<&str> = actors.keys().copied().collect();
        self.report(
            Diagnostic::new(
                codes::UNKNOWN_ACTOR,
                name.span,
                format!("{} has no actor `{}`", word.text, name.text),
            )
            .with_label("no such actor there")
            .with_did_you_mean(&name.text, known),
        );
        Some(None)
    }

    /// A member that runs machines.
    fn runs(&mut self, word: &ast::Ident, person: &Person) -> Option<()> {
        if !person.byzantine {
            return Some(());
        }
        self.report(no_machine(word, person));
        None
    }

    /// A field of the newest instance of a member.
    fn member_field(
        &mut self,
        word: &ast::Ident,
        person: &Person,
        name: &ast::Ident,
        span: Span,
    ) -> Option<Expr> {
        let world = self.view()?.world;
        let (member, field) = (&word.text, name.text.as_str());
        match field {
            "peer" => return Some(self.given(Input::Peer(member.clone()), Type::PeerId, span)),
            "chain" => {
                let peer = self.given(Input::Member(member.clone()), peer_type(), word.span);
                return Some(self.part(peer, field, Type::Segment, span));
            }
            _ => {}
        }
        self.runs(word, person)?;
        let actor = person.actor.as_ref()?;
        let Type::Struct(record) = newest_type(actor) else { return None };
        if let Some(slot) = world.shape(&record).and_then(|shape| shape.get(field)) {
            let roles = vec![Role { transaction: 0, actor: actor.clone() }];
            let newest = self.newest(member, roles, newest_type(actor), word.span);
            return Some(self.part(newest, field, slot.ty.clone()?, span));
        }
        if let Some((roles, ty)) = world.used_field(field) {
            let newest = self.newest(member, roles.to_vec(), newest_with(field), word.span);
            return Some(self.part(newest, field, ty?, span));
        }
        if world.incomplete {
            return None;
        }
        let own = world.shape(&record).into_iter().flat_map(|shape| shape.keys().map(String::as_str));
        let known: Vec<&str> = own.filter(|n| *n != HONEST).chain(world.used_names()).collect();
        let mut finding =
            Diagnostic::new(codes::UNKNOWN_FIELD, name.span, format!("{actor} has no field `{field}`"))
                .with_label("not in its store");
        if let Some(info) = self.tables.signatures.actors.get(actor.as_str()) {
            finding = finding.with_secondary(info.decl.name.span, "the actor");
        }
        self.report(finding.with_did_you_mean(field, known));
        None
    }

    fn newest(&mut self, member: &str, roles: Vec<Role>, ty: Type, span: Span) -> Expr {
        self.given(Input::Newest { member: member.to_owned(), roles }, ty, span)
    }

    /// `x in STATE`, `x in [A, B]`, `alice.state == STATE`; `None` when it is none of these.
    pub(in crate::sema) fn state_test(
        &mut self,
        op: ast::BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Option<Option<Expr>> {
        let View { cast, .. } = self.view()?;
        let (word, of_state) = match &left.unparenthesized().kind {
            ast::ExprKind::Field { base, name } if name.text == "state" => (base.as_name()?, true),
            ast::ExprKind::Name(name) if op == ast::BinaryOp::In => (name, false),
            _ => return None,
        };
        let names: Vec<&ast::Ident> = match &right.unparenthesized().kind {
            ast::ExprKind::Name(name) => vec![name],
            ast::ExprKind::List(items) if op == ast::BinaryOp::In => {
                items.iter().map(ast::Expr::as_name).collect::<Option<_>>()?
            }
            _ => return None,
        };
        let is_other =
            |name: &ast::Ident| self.binding(&name.text).is_some() || cast.contains_key(&name.text);
        if names.iter().any(|name| is_other(name)) {
            return None;
        }
        if let Some(binding) = self.binding(&word.text).cloned() {
            // `c.state == …` of an instance is an ordinary comparison.
            if of_state {
                return None;
            }
            let Some(Type::Struct(record)) = &binding.ty else { return None };
            let actor = record.strip_prefix("instance of ")?;
            let instance = self.make(ExprKind::Local(binding.slot), Type::Struct(record.clone()), word.span);
            let state = self.part(instance, "state", state_type(actor), word.span);
            return Some(self.one_of(&state, actor, &names, span));
        }
        let Some(person) = cast.get(&word.text) else {
            return self.nobody_in(word, &names);
        };
        let tested = self.member_in(word, person, &names, span);
        Some(tested.map(|test| match op {
            ast::BinaryOp::Ne => self.make(ExprKind::Unary(UnaryOp::Not, Box::new(test)), Type::Bool, span),
            _ => test,
        }))
    }

    /// `dave in DONE`, where nobody is called dave: that is what is wrong, not the state.
    fn nobody_in(&mut self, word: &ast::Ident, names: &[&ast::Ident]) -> Option<Option<Expr>> {
        let View { world, cast, .. } = self.view()?;
        let text = word.text.as_str();
        let known = self.tables.scope.values.contains_key(text)
            || self.tables.scope.parameters.contains_key(text)
            || self.tables.scope.actors.contains_key(text)
            || world.is_state(text);
        if known || cast.is_empty() || !names.iter().all(|name| world.is_state(&name.text)) {
            return None;
        }
        self.report(nobody(word, cast));
        Some(None)
    }

    /// Is the newest instance of a member in one of these states?
    fn member_in(
        &mut self,
        word: &ast::Ident,
        person: &Person,
        names: &[&ast::Ident],
        span: Span,
    ) -> Option<Expr> {
        let world = self.view()?.world;
        self.runs(word, person)?;
        let actor = person.actor.as_ref()?;
        let Type::Enum(own) = state_type(actor) else { return None };
        let own = world.values(&own).unwrap_or_default();
        let mut tests: Vec<Option<Expr>> = Vec::new();
        for name in names {
            if own.contains(&name.text) {
                let roles = vec![Role { transaction: 0, actor: actor.clone() }];
                let newest = self.newest(&word.text, roles, newest_type(actor), word.span);
                let state = self.part(newest, "state", state_type(actor).optional(), word.span);
                tests.push(Some(self.equals(state, state_type(actor), name, span)));
            } else if let Some(roles) = world.used_state(&name.text) {
                let newest = self.newest(&word.text, roles.to_vec(), newest_with("state"), word.span);
                let state = self.part(newest, "state", state_of_used().optional(), word.span);
                tests.push(Some(self.equals(state, state_of_used(), name, span)));
            } else {
                if !world.incomplete {
                    let used = world.used_names().into_iter().map(str::to_owned);
                    let known: Vec<String> = own.iter().cloned().chain(used).collect();
                    self.unknown_state(name, actor, &known);
                }
                tests.push(None);
            }
        }
        self.any_of(tests, span)
    }

    /// Is the state of an instance one of these?
    fn one_of(&mut self, state: &Expr, actor: &str, names: &[&ast::Ident], span: Span) -> Option<Expr> {
        let world = self.view()?.world;
        let Type::Enum(of) = state_type(actor) else { return None };
        let known = world.values(&of).unwrap_or_default();
        let mut tests = Vec::new();
        for name in names {
            if known.contains(&name.text) {
                tests.push(Some(self.equals(state.clone(), state_type(actor), name, span)));
            } else {
                self.unknown_state(name, actor, known);
                tests.push(None);
            }
        }
        self.any_of(tests, span)
    }

    fn any_of(&self, tests: Vec<Option<Expr>>, span: Span) -> Option<Expr> {
        let tests: Option<Vec<Expr>> = tests.into_iter().collect();
        let mut tests = tests?.into_iter();
        let Some(first) = tests.next() else {
            return Some(self.make(ExprKind::Bool(false), Type::Bool, span));
        };
        Some(tests.fold(first, |all, test| {
            let kind = ExprKind::Binary(BinaryOp::Or, Box::new(all), Box::new(test));
            self.make(kind, Type::Bool, span)
        }))
    }

    fn equals(&self, state: Expr, ty: Type, name: &ast::Ident, span: Span) -> Expr {
        let Type::Enum(of) = &ty else { return state };
        let value = ExprKind::EnumValue(of.clone(), name.text.clone());
        let mut value = self.make(value, ty.clone(), name.span);
        if state.ty.is_optional() {
            value = self.convert(Conversion::Some, value, ty.optional());
        }
        let kind = ExprKind::Binary(BinaryOp::Equal, Box::new(state), Box::new(value));
        self.make(kind, Type::Bool, span)
    }

    /// Calls that mean something else here; `Some(None)` when it has been reported.
    pub(in crate::sema) fn observed_call(
        &mut self,
        callee: &ast::Ident,
        args: &[ast::Expr],
        span: Span,
    ) -> Option<Option<Expr>> {
        let View { cast, .. } = self.view()?;
        let text = callee.text.as_str();
        let declared = self.tables.signatures.callables.contains_key(text);
        match args {
            [of] if text == "HONEST" && !declared => Some(self.honest(of, cast, span)),
            _ if text == "HONEST" && !declared => {
                self.expect_count(callee, args, 1, span);
                Some(None)
            }
            [domain, predicate]
                if QUANTIFIERS.contains(&text)
                    && !declared
                    && matches!(predicate.unparenthesized().kind, ast::ExprKind::Lambda { .. }) =>
            {
                let name = domain.as_name()?;
                let known = self.binding(&name.text).is_some()
                    || name.text == "network"
                    || cast.contains_key(&name.text)
                    || self.tables.scope.parameters.contains_key(name.text.as_str())
                    || self.tables.scope.values.contains_key(name.text.as_str())
                    || self.tables.signatures.actors.contains_key(name.text.as_str());
                if known {
                    return None;
                }
                let actors: Vec<&str> = self.tables.signatures.actors.keys().copied().collect();
                self.report(unknown_actor(name, &actors));
                Some(None)
            }
            _ => None,
        }
    }

    /// `HONEST(c)` of an instance, of a peer of `network`, of a peer id.
    fn honest(&mut self, of: &ast::Expr, cast: &BTreeMap<String, Person>, span: Span) -> Option<Expr> {
        if let Some(name) = of.as_name()
            && self.binding(&name.text).is_none()
            && cast.contains_key(&name.text)
        {
            return Some(self.make(ExprKind::Bool(is_honest(&name.text, cast)), Type::Bool, span));
        }
        let value = self.infer(of, None)?;
        let value = self.present(value, of.span, "`HONEST`")?;
        let world = self.view()?.world;
        match &value.ty {
            Type::Struct(record) if world.shape(record).is_some_and(|shape| shape.contains_key(HONEST)) => {
                Some(self.part(value, HONEST, Type::Bool, span))
            }
            Type::PeerId => Some(self.honest_peer(value, span)),
            other => {
                let ty = a_type(other);
                self.report(
                    Diagnostic::new(codes::MISMATCH, of.span, "`HONEST` takes an instance or a peer")
                        .with_label(format!("this is {ty}"))
                        .with_help("write `HONEST(c)` of an instance `c`, or of a `peer_id`"),
                );
                None
            }
        }
    }

    /// Is a peer of that id among the honest ones of the cast?
    fn honest_peer(&mut self, id: Expr, span: Span) -> Expr {
        let peers = self.given(Input::Peers, Type::List(Box::new(peer_type())), span);
        let bound = self.slot("", Type::PeerId);
        let slot = self.slot("", peer_type());
        let wanted = self.local(bound, span);
        let peer = self.local(slot, span);
        let theirs = self.part(peer.clone(), "peer", Type::PeerId, span);
        let honest = self.part(peer, HONEST, Type::Bool, span);
        let same = ExprKind::Binary(BinaryOp::Equal, Box::new(theirs), Box::new(wanted));
        let same = self.make(same, Type::Bool, span);
        let both = ExprKind::Binary(BinaryOp::And, Box::new(same), Box::new(honest));
        let both = self.make(both, Type::Bool, span);
        let ty = Type::Function(vec![peer_type()], Box::new(Type::Bool));
        let lambda = self.make(ExprKind::Lambda(vec![slot], Box::new(both)), ty, span);
        let any = self.make(ExprKind::Builtin(Builtin::Any, vec![peers, lambda]), Type::Bool, span);
        self.make(ExprKind::Let(bound, Box::new(id), Box::new(any)), Type::Bool, span)
    }

    /// What of the library asks a machine's host, which nobody is here.
    pub(in crate::sema) fn asks_here(&mut self, builtin: Builtin, callee: &ast::Ident) {
        let Some(view) = self.view() else { return };
        let asks = match builtin {
            Builtin::Sign => view.signer.is_none(),
            Builtin::Equivocation | Builtin::RandomBytes | Builtin::GenerateId | Builtin::Read => true,
            _ => false,
        };
        if asks {
            self.report(not_observed(builtin.name(), callee.span));
        }
    }

    /// A key of a map that is written like a field: a member of the cast, a value of an enum.
    pub(in crate::sema) fn key_named(&mut self, name: &ast::Ident, ty: &Type) -> Option<Expr> {
        let written = ast::Expr { span: name.span, kind: ast::ExprKind::Name(name.clone()) };
        self.check(&written, ty, &Wanted::new("a key of the map"))
    }
}

/// Nobody of that name is cast.
pub(in crate::sema) fn nobody(name: &ast::Ident, cast: &BTreeMap<String, Person>) -> Diagnostic {
    let finding =
        Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("nobody called `{}` is cast", name.text))
            .with_label("not in the cast")
            .with_note("who takes part in a scenario is in its `cast`")
            .with_did_you_mean(&name.text, cast.keys().map(String::as_str));
    match finding.help {
        Some(_) => finding,
        None => finding.with_help(format!("add it to the cast: `{} ACTOR`", name.text)),
    }
}

/// Nobody runs a machine for a byzantine member.
pub(in crate::sema) fn no_machine(word: &ast::Ident, person: &Person) -> Diagnostic {
    Diagnostic::new(codes::NOT_HERE, word.span, format!("`{}` is byzantine and runs no machine", word.text))
        .with_label("there is nothing of it to look at, or to fire")
        .with_secondary(person.span, "cast as byzantine")
        .with_note("a byzantine member has a key, and says what the steps of the scenario say")
        .with_help("leave out `byzantine`, or say a message in its name: `at t a -> b M { … }`")
}

/// An actor that is not declared.
pub(in crate::sema) fn unknown_actor(name: &ast::Ident, known: &[&str]) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_ACTOR, name.span, format!("there is no actor `{}`", name.text))
        .with_label("an actor of this transaction")
        .with_did_you_mean(&name.text, known.iter().copied())
}

/// Something that only a machine on a host has.
pub(in crate::sema) fn not_observed(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::NOT_HERE, span, format!("`{what}` is not available in properties and scenarios"))
        .with_label("no machine runs here that could ask its host")
        .with_note("a property looks at all peers from outside, and means the same on every run")
        .with_help("compute it from the fields and chains of instances, or write the value down")
}
