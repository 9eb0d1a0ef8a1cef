//! Properties and scenarios: the names in them exist. What their expressions mean is for the checker and the test
//! runner, which look at runs, not at one machine.

use super::codes;
use super::context::Tables;
use super::scope::{Callable, IDENTIFIERS, TypeDecl};
use super::signature::ActorInfo;
use super::types::plural;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::Builtin;
use std::collections::BTreeMap;

/// Words with a meaning in properties and scenarios only.
const QUANTIFIERS: &[&str] = &["ALL", "ANY", "COUNT"];

/// What may stand in the setup of a member of the cast.
const SETUP: &[&str] = &["chain", "shared", "natives", "clock"];

/// Checks the names of all properties and scenarios of the root file.
pub(super) fn check(tables: &Tables<'_>, out: &mut Vec<Diagnostic>) {
    let root = tables.scope.root;
    for property in tables.scope.properties.iter().filter(|p| p.span.file == root) {
        let mut observer = Observer { tables, people: BTreeMap::new(), out };
        match &property.claim {
            ast::Claim::Always(e)
            | ast::Claim::Never(e)
            | ast::Claim::Eventually(e)
            | ast::Claim::Sometimes(e) => observer.expr(e),
            ast::Claim::Leads { from, to } => {
                observer.expr(from);
                observer.expr(to);
            }
        }
    }
    for scenario in tables.scope.scenarios.iter().filter(|s| s.span.file == root) {
        let mut observer = Observer { tables, people: BTreeMap::new(), out };
        observer.cast(scenario);
        scenario.steps.iter().for_each(|step| observer.step(step));
    }
}

struct Observer<'t, 'a, 'o> {
    tables: &'t Tables<'a>,
    /// Lambda parameters and members of the cast: the actor they are, where that is known.
    people: BTreeMap<String, Option<&'t ActorInfo<'a>>>,
    out: &'o mut Vec<Diagnostic>,
}

impl<'t, 'a> Observer<'t, 'a, '_> {
    fn unknown<'k>(
        &mut self,
        code: Code,
        name: &ast::Ident,
        what: &str,
        label: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        self.out.push(
            Diagnostic::new(code, name.span, format!("there is no {what} `{}`", name.text))
                .with_label(label)
                .with_did_you_mean(&name.text, known),
        );
    }

    fn actor(&mut self, name: &ast::Ident) -> Option<&'t ActorInfo<'a>> {
        let found = self.tables.signatures.actors.get(name.text.as_str());
        if found.is_none() {
            let known: Vec<&str> = self.tables.signatures.actors.keys().copied().collect();
            self.unknown(codes::UNKNOWN_ACTOR, name, "actor", "an actor of this transaction", known);
        }
        found
    }

    fn expr(&mut self, expr: &ast::Expr) {
        match &expr.kind {
            ast::ExprKind::Error
            | ast::ExprKind::Bool(_)
            | ast::ExprKind::Null
            | ast::ExprKind::Number(_)
            | ast::ExprKind::Quantity { .. }
            | ast::ExprKind::String(_) => {}
            ast::ExprKind::Name(name) => self.name(name),
            ast::ExprKind::Paren(inner) => self.expr(inner),
            ast::ExprKind::Record(record) => self.record(record),
            ast::ExprKind::NamedRecord { name, record } => {
                if !self.tables.scope.types.contains_key(name.text.as_str()) {
                    let known = self.tables.scope.type_names(|_| true);
                    self.unknown(codes::UNKNOWN_DECLARATION, name, "record", "not declared", known);
                }
                self.record(record);
            }
            ast::ExprKind::List(items) => items.iter().for_each(|e| self.expr(e)),
            ast::ExprKind::Call { callee, args } => self.call(callee, args),
            ast::ExprKind::Field { base, name } => self.field(base, name),
            ast::ExprKind::Index { base, index, .. } => {
                self.expr(base);
                self.expr(index);
            }
            ast::ExprKind::Unary { operand, .. } => self.expr(operand),
            ast::ExprKind::Binary { op, left, right, .. } => {
                self.expr(left);
                if self.is_state_test(*op, left, right) {
                    return;
                }
                self.expr(right);
            }
            ast::ExprKind::If { condition, then, otherwise } => {
                self.expr(condition);
                self.expr(then);
                self.expr(otherwise);
            }
            ast::ExprKind::Lambda { param, body } => self.with(param, None, body),
        }
    }

    fn record(&mut self, record: &ast::Record) {
        for entry in &record.entries {
            let (ast::RecordEntry::Field { value, .. } | ast::RecordEntry::Spread { value, .. }) = entry;
            self.expr(value);
        }
    }

    fn with(&mut self, param: &ast::Ident, actor: Option<&'t ActorInfo<'a>>, body: &ast::Expr) {
        let before = self.people.insert(param.text.clone(), actor);
        self.expr(body);
        match before {
            Some(before) => self.people.insert(param.text.clone(), before),
            None => self.people.remove(&param.text),
        };
    }

    /// `x.state == NAME`, `x.state in [A, B]`, `x in STATE`: the names are states of that actor.
    fn is_state_test(&mut self, op: ast::BinaryOp, left: &ast::Expr, right: &ast::Expr) -> bool {
        let person = match &left.unparenthesized().kind {
            ast::ExprKind::Field { base, name }
                if name.text == "state"
                    && matches!(op, ast::BinaryOp::Eq | ast::BinaryOp::Ne | ast::BinaryOp::In) =>
            {
                base.as_name()
            }
            ast::ExprKind::Name(name) if op == ast::BinaryOp::In => Some(name),
            _ => None,
        };
        let Some(Some(Some(actor))) = person.map(|p| self.people.get(&p.text).copied()) else { return false };
        let names: Vec<&ast::Ident> = match &right.unparenthesized().kind {
            ast::ExprKind::Name(name) => vec![name],
            ast::ExprKind::List(items) => {
                let names: Vec<_> = items.iter().filter_map(ast::Expr::as_name).collect();
                if names.len() != items.len() {
                    return false;
                }
                names
            }
            _ => return false,
        };
        for name in names {
            if !actor.states.contains_key(name.text.as_str()) {
                let known: Vec<&str> = actor.states.keys().copied().collect();
                let label = format!("a state of {}", actor.decl.name.text);
                self.unknown(codes::UNKNOWN_STATE, name, "state", &label, known);
            }
        }
        true
    }

    fn name(&mut self, name: &ast::Ident) {
        let text = name.text.as_str();
        let scope = &self.tables.scope;
        let known = self.people.contains_key(text)
            || scope.parameters.contains_key(text)
            || scope.values.contains_key(text)
            || scope.actors.contains_key(text)
            || scope.types.contains_key(text)
            || IDENTIFIERS.contains(&text)
            || scope.callables.contains_key(text)
            || self.tables.signatures.actors.values().any(|a| a.states.contains_key(text));
        if !known {
            let candidates: Vec<String> = self
                .people
                .keys()
                .cloned()
                .chain(scope.parameters.keys().map(|n| (*n).to_owned()))
                .chain(scope.values.keys().map(|n| (*n).to_owned()))
                .chain(scope.actors.keys().map(|n| (*n).to_owned()))
                .collect();
            let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
            self.out.push(
                Diagnostic::new(codes::UNKNOWN_NAME, name.span, format!("there is no `{text}` here"))
                    .with_label("not declared")
                    .with_did_you_mean(text, candidates),
            );
        }
    }

    fn field(&mut self, base: &ast::Expr, name: &ast::Ident) {
        let person = base.as_name().and_then(|b| self.people.get(&b.text).copied());
        match person {
            Some(Some(actor)) => {
                let text = name.text.as_str();
                let known = text == "state"
                    || actor.store.contains_key(text)
                    || actor.shared.contains_key(text)
                    || IDENTIFIERS.contains(&text)
                    || text == self.tables.signatures.session_key;
                if !known {
                    let fields: Vec<&str> = actor
                        .store
                        .keys()
                        .chain(actor.shared.keys())
                        .map(String::as_str)
                        .chain(["state"])
                        .collect();
                    self.out.push(
                        Diagnostic::new(
                            codes::UNKNOWN_FIELD,
                            name.span,
                            format!("{} has no field `{text}`", actor.decl.name.text),
                        )
                        .with_label("not in its store")
                        .with_secondary(actor.decl.name.span, "the actor")
                        .with_did_you_mean(text, fields),
                    );
                }
            }
            Some(None) => {}
            None => self.expr(base),
        }
    }

    fn call(&mut self, callee: &ast::Ident, args: &[ast::Expr]) {
        let text = callee.text.as_str();
        if QUANTIFIERS.contains(&text)
            && let [domain, predicate] = args
            && let Some(name) = domain.as_name()
            && !self.people.contains_key(&name.text)
            && let ast::ExprKind::Lambda { param, body } = &predicate.unparenthesized().kind
        {
            let actor = self.actor(name);
            self.with(param, actor, body);
            return;
        }
        let known = text == "HONEST"
            || text == "VIEW"
            || text == "LOAD"
            || self.people.contains_key(text)
            || self.tables.scope.callables.contains_key(text)
            || Builtin::named(text).is_some();
        if !known {
            let names: Vec<&str> = self
                .tables
                .scope
                .callables
                .keys()
                .copied()
                .chain(Builtin::ALL.iter().map(|(n, _)| *n))
                .chain(["HONEST", "VIEW"])
                .collect();
            self.unknown(codes::UNKNOWN_FUNCTION, callee, "function", "not declared", names);
        }
        args.iter().for_each(|a| self.expr(a));
    }

    fn cast(&mut self, scenario: &ast::Scenario) {
        let mut places: BTreeMap<&str, Span> = BTreeMap::new();
        for step in &scenario.steps {
            let ast::StepKind::Cast(members) = &step.kind else { continue };
            for member in members {
                if let Some(first) = places.insert(&member.name.text, member.name.span) {
                    self.out.push(
                        Diagnostic::new(
                            codes::DUPLICATE,
                            member.name.span,
                            format!("`{}` is cast twice", member.name.text),
                        )
                        .with_label("again here")
                        .with_secondary(first, "first cast here"),
                    );
                }
                let actor = self.actor(&member.actor);
                self.people.insert(member.name.text.clone(), actor);
            }
        }
        for step in &scenario.steps {
            let ast::StepKind::Cast(members) = &step.kind else { continue };
            for member in members {
                self.setup(member);
            }
        }
    }

    fn setup(&mut self, member: &ast::CastMember) {
        let actor = self.people.get(&member.name.text).copied().flatten();
        for entry in member.setup.iter().flat_map(|r| &r.entries) {
            let ast::RecordEntry::Field { name, value, .. } = entry else { continue };
            let inner: Vec<(&ast::Ident, &ast::Expr)> = match &value.kind {
                ast::ExprKind::Record(record) => record
                    .entries
                    .iter()
                    .filter_map(|e| match e {
                        ast::RecordEntry::Field { name, value, .. } => Some((name, value)),
                        ast::RecordEntry::Spread { .. } => None,
                    })
                    .collect(),
                _ => Vec::new(),
            };
            match name.text.as_str() {
                "shared" => {
                    for (field, value) in inner {
                        if let Some(actor) = actor
                            && !actor.shared.contains_key(&field.text)
                        {
                            let known: Vec<&str> = actor.shared.keys().map(String::as_str).collect();
                            self.unknown(
                                codes::UNKNOWN_FIELD,
                                field,
                                "shared field",
                                "not in its shared store",
                                known,
                            );
                        }
                        self.setup_value(value);
                    }
                }
                "natives" => {
                    for (native, value) in inner {
                        let callables = &self.tables.scope.callables;
                        let known = matches!(
                            callables.get(native.text.as_str()),
                            Some(Callable::Native(_) | Callable::Task(_))
                        );
                        if !known {
                            let names: Vec<&str> = callables
                                .iter()
                                .filter(|(_, d)| !matches!(d, Callable::Function(_)))
                                .map(|(n, _)| *n)
                                .collect();
                            self.unknown(codes::UNKNOWN_FUNCTION, native, "native", "not declared", names);
                        }
                        self.setup_value(value);
                    }
                }
                "chain" | "clock" => self.setup_value(value),
                _ => self.unknown(
                    codes::UNKNOWN_FIELD,
                    name,
                    "setting",
                    "a member of the cast has a chain, a shared store, natives and a clock",
                    SETUP.iter().copied(),
                ),
            }
        }
    }

    /// Values of a setup: keys of maps stand where fields would, so only other names are looked at.
    fn setup_value(&mut self, value: &ast::Expr) {
        if !matches!(value.kind, ast::ExprKind::Record(_)) {
            self.expr(value);
        }
    }

    fn person(&mut self, name: &ast::Ident) -> Option<&'t ActorInfo<'a>> {
        match self.people.get(&name.text) {
            Some(actor) => *actor,
            None => {
                let known: Vec<String> = self.people.keys().cloned().collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                self.out.push(
                    Diagnostic::new(
                        codes::UNKNOWN_NAME,
                        name.span,
                        format!("nobody called `{}` is cast", name.text),
                    )
                    .with_label("not in the cast")
                    .with_did_you_mean(&name.text, known),
                );
                None
            }
        }
    }

    fn message(&mut self, name: &ast::Ident) {
        if self.tables.scope.message(&name.text).is_none() {
            let known = self.tables.scope.type_names(|d| matches!(d, TypeDecl::Message(_)));
            self.unknown(codes::UNKNOWN_DECLARATION, name, "message", "not declared", known);
        }
    }

    fn arrow(&mut self, arrow: &ast::Arrow) {
        self.person(&arrow.from);
        self.person(&arrow.to);
        self.message(&arrow.message);
    }

    fn step(&mut self, step: &ast::Step) {
        match &step.kind {
            ast::StepKind::Cast(_) => {}
            ast::StepKind::At { time, event } => {
                self.expr(time);
                self.event(event);
            }
            ast::StepKind::Disturb { message, filters, .. } => {
                self.message(message);
                for filter in filters {
                    match filter {
                        ast::Filter::From(name) | ast::Filter::To(name) => {
                            self.person(name);
                        }
                        ast::Filter::By(e) | ast::Filter::Times(e) | ast::Filter::Nth(e) => self.expr(e),
                    }
                }
            }
            ast::StepKind::Expect { condition, within } => {
                self.expr(condition);
                within.iter().for_each(|e| self.expr(e));
            }
            ast::StepKind::ExpectSequence(arrows) => arrows.iter().for_each(|a| self.arrow(a)),
        }
    }

    fn event(&mut self, event: &ast::Event) {
        match event {
            ast::Event::Trigger { peer, trigger, args } => {
                let actor = self.person(peer);
                args.iter().for_each(|a| self.expr(a));
                let Some(actor) = actor else { return };
                let Some(found) = actor.triggers.get(trigger.text.as_str()) else {
                    let known: Vec<&str> = actor.triggers.keys().copied().collect();
                    let label = format!("a trigger of {}", actor.decl.name.text);
                    self.unknown(codes::UNKNOWN_CAUSE, trigger, "trigger", &label, known);
                    return;
                };
                if found.arguments.len() != args.len() {
                    self.out.push(
                        Diagnostic::new(
                            codes::ARGUMENT_COUNT,
                            trigger.span,
                            format!(
                                "`{}` takes {}, found {}",
                                trigger.text,
                                plural(found.arguments.len(), "argument"),
                                args.len()
                            ),
                        )
                        .with_label("another number of arguments")
                        .with_secondary(found.decl.name.span, "declared here"),
                    );
                }
            }
            ast::Event::Inject { arrow, record } => {
                self.arrow(arrow);
                record.iter().for_each(|r| self.record(r));
            }
            ast::Event::Crash(name) | ast::Event::Restart(name) => {
                self.person(name);
            }
            ast::Event::Partition(left, right) => {
                for name in left.iter().chain(right) {
                    self.person(name);
                }
            }
            ast::Event::Heal => {}
        }
    }
}
