//! The cast of a scenario, and what its members begin with.

use super::super::codes;
use super::super::context::Tables;
use super::super::convert::{Wanted, a_type};
use super::super::scope::{Callable, TypeDecl};
use super::expr::{Person, is_honest, nobody, unknown_actor};
use super::{Asked, Observer, step_finding};
use crate::diagnostic::Diagnostic;
use crate::spec::{Answer, Blocks, Member, Role, Shared};
use crate::syntax::ast;
use omt_runtime::ir::Type;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What may stand in the setup of a member of the cast.
const SETUP: &[&str] = &["budget", "identity", "chain", "shared", "natives", "clock"];

/// The largest budget of a byzantine member.
const BUDGET_MAX: u32 = 1_000;

/// The members of a cast, each once.
pub(super) fn people(
    tables: &Tables<'_>,
    scenario: &ast::Scenario,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Person> {
    let mut found: BTreeMap<String, Person> = BTreeMap::new();
    for step in &scenario.steps {
        let ast::StepKind::Cast(members) = &step.kind else { continue };
        for member in members {
            let name = &member.name;
            if let Some(first) = found.get(&name.text) {
                out.push(
                    Diagnostic::new(codes::DUPLICATE, name.span, format!("`{}` is cast twice", name.text))
                        .with_label("again here")
                        .with_secondary(first.span, "first cast here"),
                );
            }
            let known = tables.signatures.actors.contains_key(member.actor.text.as_str());
            if !known {
                let actors: Vec<&str> = tables.signatures.actors.keys().copied().collect();
                out.push(unknown_actor(&member.actor, &actors));
            }
            let actor = known.then(|| member.actor.text.clone());
            found.entry(name.text.clone()).or_insert(Person {
                actor,
                byzantine: member.byzantine.is_some(),
                identity: identity(member).map(|of| of.text.clone()),
                span: name.span,
            });
        }
    }
    found
}

/// The name behind `identity` in the setup of a member.
fn identity(member: &ast::CastMember) -> Option<&ast::Ident> {
    let given = member.setup.iter().flat_map(entries).find(|(name, _)| name.text == "identity");
    given.and_then(|(_, value)| value.as_name())
}

/// The entries of a record that are no spreads.
fn entries(record: &ast::Record) -> impl Iterator<Item = (&ast::Ident, &ast::Expr)> {
    record.entries.iter().filter_map(|entry| match entry {
        ast::RecordEntry::Field { name, value, .. } => Some((name, value)),
        ast::RecordEntry::Spread { .. } => None,
    })
}

impl Observer<'_, '_, '_> {
    /// A member with all it begins with; `None` when something of it is wrong. `before`: those that are cast before it.
    pub(super) fn member(&mut self, decl: &ast::CastMember, before: &[Member]) -> Option<Member> {
        let mut member = Member {
            name: decl.name.text.clone(),
            actor: decl.actor.text.clone(),
            byzantine: decl.byzantine.is_some(),
            budget: None,
            identity: None,
            honest: is_honest(&decl.name.text, self.cast),
            same_chain: false,
            chain: Vec::new(),
            shared: Vec::new(),
            natives: Vec::new(),
            clock: 0,
            at: decl.name.span,
        };
        let mut complete = true;
        let mut given: Vec<&ast::Ident> = Vec::new();
        for entry in decl.setup.iter().flat_map(|record| &record.entries) {
            let (name, value) = match entry {
                ast::RecordEntry::Field { name, value, .. } => (name, value),
                ast::RecordEntry::Spread { span, .. } => {
                    self.out.push(
                        Diagnostic::new(
                            codes::RECORD_FIELD,
                            *span,
                            "a member of the cast has no fields to copy",
                        )
                        .with_label("a spread copies the fields of a record")
                        .with_help("write its chain, shared store, natives and clock down"),
                    );
                    complete = false;
                    continue;
                }
            };
            if let Some(first) = given.iter().find(|first| first.text == name.text) {
                self.twice(name, first);
                complete = false;
                continue;
            }
            given.push(name);
            complete &= match name.text.as_str() {
                "budget" => match self.budget(decl, value) {
                    Some(budget) => {
                        member.budget = Some(budget);
                        true
                    }
                    None => false,
                },
                "identity" => match self.identity(decl, value, before) {
                    Some(of) => {
                        member.identity = Some(of.name.clone());
                        true
                    }
                    None => false,
                },
                "chain" => self.chain(&member.name, value, &mut member.chain).is_some(),
                "shared" => self.all(value, name, &mut |this, field, value| {
                    this.shared(&decl.actor.text, field, value, &mut member.shared)
                }),
                "natives" => self.all(value, name, &mut |this, native, value| {
                    this.native(native, value, &mut member.natives)
                }),
                "clock" => match self.span_of_time(value, "how far a clock is ahead") {
                    Some(ahead) => {
                        member.clock = ahead;
                        true
                    }
                    None => false,
                },
                _ => {
                    self.out.push(
                        Diagnostic::new(
                            codes::UNKNOWN_FIELD,
                            name.span,
                            format!("there is no setting `{}`", name.text),
                        )
                        .with_label("a member of the cast has a budget, an identity, a chain, a shared store, natives and a clock")
                        .with_did_you_mean(&name.text, SETUP.iter().copied()),
                    );
                    false
                }
            };
        }
        // What is not given to a second process is as for the first.
        let of = before.iter().find(|of| Some(&of.name) == member.identity.as_ref());
        if let Some(of) = of {
            let given = |setting: &str| given.iter().find(|name| name.text == setting);
            member.same_chain = given("chain").is_none();
            if given("shared").is_none() {
                member.shared.clone_from(&of.shared);
            }
            if given("natives").is_none() {
                member.natives.clone_from(&of.natives);
            }
            match given("clock") {
                None => member.clock = of.clock,
                Some(clock) if member.same_chain && member.clock != of.clock => {
                    let text =
                        format!("the chain of `{}` cannot begin as that of `{}`", member.name, of.name);
                    self.out.push(
                        step_finding(clock.span, text)
                            .with_label("its blocks would have other times")
                            .with_secondary(of.at, "the first process, with its clock")
                            .with_help("give it a chain of its own, or the clock of the first process"),
                    );
                    complete = false;
                }
                Some(_) => {}
            }
        }
        complete.then_some(member)
    }

    /// How many messages of a byzantine member `omtc verify` lets others hear.
    fn budget(&mut self, decl: &ast::CastMember, value: &ast::Expr) -> Option<u32> {
        let given = match &value.kind {
            ast::ExprKind::Number(number) => number.text.parse().ok().filter(|given| *given <= BUDGET_MAX),
            _ => None,
        };
        if given.is_none() {
            let text = format!("a budget is a number of messages from 0 to {BUDGET_MAX}");
            self.out.push(step_finding(value.span, text).with_label("this is none").with_help(
                "write how many messages of this member may be heard in one run of `omtc verify`",
            ));
        } else if decl.byzantine.is_none() {
            self.out.push(
                step_finding(value.span, format!("`{}` is not byzantine", decl.name.text))
                    .with_label("a budget is for one that is")
                    .with_note("who runs a machine says what the machine says"),
            );
            return None;
        }
        given
    }

    /// The member of which this one is a second process.
    fn identity<'m>(
        &mut self,
        decl: &ast::CastMember,
        value: &ast::Expr,
        before: &'m [Member],
    ) -> Option<&'m Member> {
        let Some(name) = value.as_name() else {
            self.out.push(
                Diagnostic::new(codes::MISMATCH, value.span, "`identity` names a member of the cast")
                    .with_label("this is no name")
                    .with_help("write the name of the member under whose key this one runs, too"),
            );
            return None;
        };
        let finding = |message: String, label: &str| step_finding(name.span, message).with_label(label);
        if decl.byzantine.is_some() {
            self.out.push(
                finding(format!("`{}` runs nothing under any key", decl.name.text), "whose key?")
                    .with_note("a byzantine member runs no machine; `identity` is for one that does")
                    .with_help(
                        "leave out `byzantine`: with a second process no process of the key is HONEST",
                    ),
            );
            return None;
        }
        let Some(person) = self.cast.get(&name.text) else {
            self.out.push(nobody(name, self.cast));
            return None;
        };
        if person.identity.is_some() {
            self.out.push(
                finding(format!("`{}` has no key of its own", name.text), "a second process itself")
                    .with_secondary(person.span, "cast here")
                    .with_help("name the member whose key it is"),
            );
            return None;
        }
        let found = before.iter().find(|member| member.name == name.text);
        if found.is_none() && decl.name.span.start < person.span.start {
            self.out.push(
                finding(format!("`{}` is cast after this", name.text), "not cast yet")
                    .with_secondary(person.span, "cast here")
                    .with_help("cast the member whose key it is first"),
            );
        }
        found
    }

    fn twice(&mut self, name: &ast::Ident, first: &ast::Ident) {
        self.out.push(
            Diagnostic::new(codes::RECORD_FIELD, name.span, format!("`{}` is given twice", name.text))
                .with_label("again here")
                .with_secondary(first.span, "first given here")
                .with_note("of two values one would be lost"),
        );
    }

    /// Every entry of a record, each name once.
    fn all(
        &mut self,
        value: &ast::Expr,
        of: &ast::Ident,
        each: &mut dyn FnMut(&mut Self, &ast::Ident, &ast::Expr) -> Option<()>,
    ) -> bool {
        let ast::ExprKind::Record(record) = &value.kind else {
            self.out.push(
                Diagnostic::new(codes::MISMATCH, value.span, format!("`{}` takes names and values", of.text))
                    .with_label("this is no record")
                    .with_help(format!("write `{} {{ name value, … }}`", of.text)),
            );
            return false;
        };
        let mut complete = true;
        let mut given: Vec<&ast::Ident> = Vec::new();
        for (name, value) in entries(record) {
            if let Some(first) = given.iter().find(|first| first.text == name.text) {
                self.twice(name, first);
                complete = false;
                continue;
            }
            given.push(name);
            complete &= each(self, name, value).is_some();
        }
        complete
    }

    /// A list of blocks: records of blocks in brackets, lists of one kind of block, sums of these.
    fn chain(&mut self, member: &str, expr: &ast::Expr, out: &mut Vec<Blocks>) -> Option<()> {
        match &expr.unparenthesized().kind {
            ast::ExprKind::Binary { op: ast::BinaryOp::Add, left, right, .. } => {
                let left = self.chain(member, left, out);
                let right = self.chain(member, right, out);
                left.and(right)
            }
            ast::ExprKind::List(items) => {
                let mut complete = Some(());
                for item in items {
                    let blocks = self.blocks(member, item, false);
                    complete = complete.and(blocks.is_some().then_some(()));
                    out.extend(blocks);
                }
                complete
            }
            _ => {
                out.push(self.blocks(member, expr, true)?);
                Some(())
            }
        }
    }

    fn blocks(&mut self, member: &str, expr: &ast::Expr, many: bool) -> Option<Blocks> {
        let kind = RefCell::new(None);
        let asked = Asked { signer: Some(member), ..Asked::at(expr.span) };
        let payload = self.query(&asked, &|elab| {
            let value = match &expr.unparenthesized().kind {
                // What is not given of a block is its time.
                ast::ExprKind::NamedRecord { name, record }
                    if !many && elab.tables.scope.block(&name.text).is_some() =>
                {
                    let ty = Type::BlockPayload(name.text.clone());
                    elab.record_of(&ty, Some(record), expr.span, true)?
                }
                _ => elab.infer(expr, None)?,
            };
            let block = match (&value.ty, many) {
                (Type::BlockPayload(block), false) => Some(block.clone()),
                (Type::List(item), true) => match item.as_ref() {
                    Type::BlockPayload(block) => Some(block.clone()),
                    _ => None,
                },
                _ => None,
            };
            if block.is_none() {
                let what = if many { "a chain is a list of blocks" } else { "a chain consists of blocks" };
                elab.report(
                    Diagnostic::new(codes::MISMATCH, expr.span, what)
                        .with_label(format!("this is {}", a_type(&value.ty)))
                        .with_help("write `[BLOCK { field value, … }, …]`, and join lists with `+`"),
                );
            }
            *kind.borrow_mut() = block;
            Some(value)
        })?;
        Some(Blocks { block: kind.into_inner()?, payload, many })
    }

    fn shared(
        &mut self,
        actor: &str,
        field: &ast::Ident,
        value: &ast::Expr,
        out: &mut Vec<Shared>,
    ) -> Option<()> {
        let world = self.world;
        let found = (0..world.parties.len()).find_map(|transaction| {
            let mut actors = world.signatures(self.tables, transaction).actors.iter();
            let (name, slot) = actors.find_map(|(name, info)| {
                let playing = transaction > 0 || *name == actor;
                let slot = info.shared.get(&field.text).filter(|_| playing)?;
                Some((*name, slot))
            })?;
            let ty = slot.ty.as_ref().map(|ty| world.translate(transaction, ty));
            Some((Role { transaction, actor: name.to_owned() }, ty, slot.span))
        });
        let Some((role, ty, declared)) = found else {
            let info = self.tables.signatures.actors.get(actor);
            if let Some(info) = info.filter(|_| !world.incomplete) {
                let known: Vec<&str> = info.shared.keys().map(String::as_str).collect();
                self.unknown(codes::UNKNOWN_FIELD, field, "shared field", "not in its shared store", known);
            }
            return None;
        };
        let ty = ty?;
        let what = format!("the shared field `{}`", field.text);
        let wanted = Wanted::new(what).declared(declared, "declared here");
        let value = self.query(&Asked::at(value.span), &|elab| elab.check(value, &ty, &wanted))?;
        out.push(Shared { role, field: field.text.clone(), value });
        Some(())
    }

    /// What a native function answers, or a task comes to.
    fn native(&mut self, name: &ast::Ident, value: &ast::Expr, out: &mut Vec<Answer>) -> Option<()> {
        let world = self.world;
        let found = (0..world.parties.len()).find_map(|transaction| {
            let signatures = world.signatures(self.tables, transaction);
            let signature = signatures.callables.get(name.text.as_str())?;
            let (decl, task) = match signature.decl {
                Callable::Native(decl) => (decl, false),
                Callable::Task(decl) => (decl, true),
                Callable::Function(_) => return None,
            };
            Some((transaction, signature, decl, task))
        });
        let Some((transaction, signature, decl, task)) = found else {
            if !world.incomplete {
                let natives = |index| {
                    let callables = &world.scope(self.tables, index).callables;
                    callables.iter().filter(|(_, d)| !matches!(d, Callable::Function(_))).map(|(n, _)| *n)
                };
                let known: Vec<&str> = (0..world.parties.len()).flat_map(natives).collect();
                self.unknown(codes::UNKNOWN_FUNCTION, name, "native", "not declared", known);
            }
            return None;
        };
        let returns = signature.returns.as_ref().map(|ty| world.translate(transaction, ty))?;
        let params: Vec<Option<Type>> = signature
            .params
            .iter()
            .map(|ty| ty.as_ref().map(|ty| world.translate(transaction, ty)))
            .collect();
        let returns = if task { returns.optional() } else { returns };
        let what = format!("what `{}` {}", name.text, if task { "comes to" } else { "answers" });
        let wanted = Wanted::new(what).declared(decl.name.span, "declared here");
        let (arguments, body) = self.parameters(name, value, &params, decl)?;
        let asked = Asked { arguments: &arguments, ..Asked::at(value.span) };
        let value = self.query(&asked, &|elab| elab.check(body, &returns, &wanted))?;
        let library = decl.library.text.clone();
        out.push(Answer { transaction, name: name.text.clone(), library, task, value });
        Some(())
    }

    /// `a => b => e`: the names of the arguments, and the answer. What is no lambda answers whatever is asked.
    fn parameters<'e>(
        &mut self,
        native: &ast::Ident,
        value: &'e ast::Expr,
        params: &[Option<Type>],
        decl: &ast::Native,
    ) -> Option<(Vec<(&'e ast::Ident, Option<Type>)>, &'e ast::Expr)> {
        let mut names = Vec::new();
        let mut body = value;
        while let ast::ExprKind::Lambda { param, body: inner } = &body.unparenthesized().kind {
            names.push(param);
            body = inner;
        }
        if names.is_empty() {
            return Some((Vec::new(), value));
        }
        if names.len() != params.len() {
            let count = super::super::types::plural(params.len(), "argument");
            self.out.push(
                Diagnostic::new(codes::LAMBDA, value.span, format!("`{}` takes {count}", native.text))
                    .with_label(format!("this has {}", names.len()))
                    .with_secondary(decl.name.span, "declared here")
                    .with_help(
                        "name every argument: `a => b => …`, or give a value that is always the answer",
                    ),
            );
            return None;
        }
        Some((names.into_iter().zip(params.iter().cloned()).collect(), body))
    }

    /// Something that is not declared.
    pub(super) fn unknown<'k>(
        &mut self,
        code: crate::diagnostic::Code,
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

    /// All messages that can be named, for did-you-mean.
    pub(super) fn message_names(&self) -> Vec<&str> {
        (0..self.world.parties.len())
            .flat_map(|index| {
                self.world.scope(self.tables, index).type_names(|d| matches!(d, TypeDecl::Message(_)))
            })
            .collect()
    }
}
