//! Properties and scenarios: their expressions get types like those of a machine, and become functions of the IR.
//!
//! ```text
//! world (what can be named) → expr (names, fields, state tests) → property, cast, scenario (queries) → lower
//! ```
//!
//! Every expression becomes a [`Query`]: its body is elaborated by the same code as a guard, so null is tracked by
//! paths and every type is checked alike; what it reads of a run arrives in the first slots of its frame.

mod cast;
mod constant;
mod expr;
mod lower;
mod memory;
mod property;
mod scenario;
mod setting;
mod world;

pub(super) use expr::{View, not_observed};
pub(super) use lower::{Whole, specification};
pub(super) use memory::{Memory, Texts};
pub(super) use world::World;

use super::codes;
use super::context::{Binding, BindingKind, Elab, Instance, Place, Tables};
use super::flow::Flows;
use crate::diagnostic::{self, Diagnostic};
use crate::source::Span;
use crate::spec::{self, Input, Query};
use crate::syntax::ast;
use expr::Person;
use memory::Made;
use omt_runtime::ir::{self, Builtin, Expr, ExprKind, Stmt, Type};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was made of the properties and scenarios of a file.
#[derive(Default)]
pub(super) struct Observation {
    properties: Vec<spec::Property>,
    scenarios: Vec<spec::Scenario>,
    /// The function of each query.
    functions: BTreeMap<String, ir::Function>,
    /// Functions that queries call.
    pub calls: BTreeMap<Instance, Span>,
    /// The same by query, and whether the query signs.
    asked: Vec<(BTreeMap<Instance, Span>, bool)>,
}

/// Elaborates all properties and scenarios of the root file.
pub(super) fn elaborate<'a>(
    tables: &Tables<'a>,
    flows: &Flows,
    world: &World<'a>,
    mut known: Option<&mut Texts>,
    out: &mut Vec<Diagnostic>,
) -> Observation {
    let mut made = Observation::default();
    let root = tables.scope.root;
    for decl in tables.scope.properties.iter().filter(|p| p.span.file == root) {
        again(tables, decl.span, known.as_deref_mut(), &mut made, out, &|made, out| {
            let cast = BTreeMap::new();
            let mut observer =
                Observer { tables, flows, world, cast: &cast, settings: Vec::new(), made, out };
            let before = observer.out.len();
            let property = observer.property(decl);
            observer.not_silently(property.is_some(), before, &decl.name);
            made.properties.extend(property);
        });
    }
    for decl in tables.scope.scenarios.iter().filter(|s| s.span.file == root) {
        again(tables, decl.span, known.as_deref_mut(), &mut made, out, &|made, out| {
            let before = out.len();
            let cast = cast::people(tables, decl, out);
            let mut observer =
                Observer { tables, flows, world, cast: &cast, settings: Vec::new(), made, out };
            let scenario = observer.scenario(decl);
            observer.not_silently(scenario.is_some(), before, &decl.name);
            made.scenarios.extend(scenario);
        });
    }
    made
}

/// Reads a declaration, or tells what is `known` of it.
fn again<'a>(
    tables: &Tables<'a>,
    span: Span,
    known: Option<&mut Texts>,
    all: &mut Observation,
    out: &mut Vec<Diagnostic>,
    read: &dyn Fn(&mut Observation, &mut Vec<Diagnostic>),
) {
    let Some(known) = known else { return read(all, out) };
    let text = tables.sources.slice(span);
    let made = known.known(text).unwrap_or_else(|| {
        let (mut own, mut found) = (Observation::default(), Vec::new());
        let others = tables.notes.map(RefCell::take);
        read(&mut own, &mut found);
        let notes = tables.notes.zip(others).map(|(notes, others)| notes.replace(others));
        let made = Arc::new(Made::new(span, found, notes.unwrap_or_default(), &own));
        known.learn(text, Arc::clone(&made));
        made
    });
    made.tell(span, tables.notes.map(RefCell::borrow_mut).as_deref_mut(), all, out);
}

/// Reads one property or scenario.
struct Observer<'c, 'a, 'o> {
    tables: &'c Tables<'a>,
    flows: &'c Flows,
    world: &'c World<'a>,
    cast: &'c BTreeMap<String, Person>,
    /// Parameters that the scenario changes.
    settings: Vec<spec::Setting>,
    made: &'o mut Observation,
    out: &'o mut Vec<Diagnostic>,
}

/// What an expression is read for.
struct Asked<'q> {
    /// Where it stands.
    span: Span,
    /// In whose name it signs.
    signer: Option<&'q str>,
    /// Is null a fault where a value is needed?
    unwraps: bool,
    /// Names of the arguments of a native function that it answers.
    arguments: &'q [(&'q ast::Ident, Option<Type>)],
}

impl<'q> Asked<'q> {
    fn at(span: Span) -> Asked<'q> {
        Asked { span, signer: None, unwraps: false, arguments: &[] }
    }
}

impl<'c, 'a> Observer<'c, 'a, '_> {
    /// Makes a query of what `work` elaborates. The inputs that it turns out to need become the first slots of its
    /// frame, so it may be gone through twice.
    fn query<'q>(
        &mut self,
        asked: &Asked<'q>,
        work: &dyn Fn(&mut Elab<'q, 'a>) -> Option<Expr>,
    ) -> Option<Query>
    where
        'c: 'q,
    {
        let elab = || {
            let view =
                View { world: self.world, cast: self.cast, signer: asked.signer, unwraps: asked.unwraps };
            Elab::new(self.tables, self.flows, Place::Observe(view))
        };
        let mut first: Elab<'q, 'a> = elab();
        bind_arguments(&mut first, asked.arguments);
        let body = work(&mut first);
        let wrong = diagnostic::has_errors(&first.out);
        self.out.append(&mut first.out);
        self.made.calls.extend(first.calls.clone());
        self.made.asked.push((std::mem::take(&mut first.calls), asked.signer.is_some()));
        let mut body = body?;
        if wrong {
            return None;
        }
        let in_front = (0u32..).zip(&first.inputs).all(|(at, (_, slot))| at == *slot);
        if !in_front {
            let mut again: Elab<'q, 'a> = elab();
            for (input, slot) in &first.inputs {
                let ty = first.local(*slot, asked.span).ty;
                let slot = again.slot("", ty);
                again.inputs.push((input.clone(), slot));
            }
            bind_arguments(&mut again, asked.arguments);
            body = work(&mut again)?;
            first = again;
        }
        let body = first.keep(body);
        let inputs: Vec<Input> =
            std::mem::take(&mut first.inputs).into_iter().map(|(input, _)| input).collect();
        Some(self.add(asked, body, inputs, first.frame))
    }

    /// What is wrong with a used transaction is told where that is checked; a property or scenario that nothing can be
    /// made of because of it is named here, or it would be missed by nobody.
    fn not_silently(&mut self, complete: bool, before: usize, name: &ast::Ident) {
        let told = self.out.iter().skip(before).any(Diagnostic::is_error);
        if complete || told || self.world.incomplete {
            return;
        }
        self.out.push(
            Diagnostic::new(codes::NOT_HERE, name.span, format!("`{}` cannot be checked", name.text))
                .with_label("it names something of which the declaration is wrong")
                .with_note("the mistake is told where the declaration is, perhaps in a transaction of `uses`")
                .with_help("run `omtc check` on the files that `uses` names"),
        );
    }

    fn add(&mut self, asked: &Asked<'_>, body: Expr, inputs: Vec<Input>, frame: Vec<ir::Local>) -> Query {
        // No source can write such a name.
        let function = format!("query {}", self.made.functions.len());
        let ty = body.ty.clone();
        let meta = self.tables.at(asked.span);
        let made = ir::Function {
            parameters: u32::try_from(inputs.len()).unwrap_or(u32::MAX),
            frame,
            returns: ty.clone(),
            body: vec![Stmt::Return { value: body, meta }],
            meta: ir::Meta { at: meta, ..ir::Meta::default() },
        };
        self.made.functions.insert(function.clone(), made);
        let signer = asked.signer.map(str::to_owned);
        Query { function, inputs, ty, reads_now: false, signer, at: asked.span }
    }

    /// An expression of a known type.
    fn value(&mut self, expr: &ast::Expr, ty: &Type, what: &str, asked: &Asked<'_>) -> Option<Query> {
        self.query(asked, &|elab| elab.check(expr, ty, &super::convert::Wanted::new(what)))
    }
}

/// The arguments of a native function are bound like parameters of a lambda.
fn bind_arguments(elab: &mut Elab<'_, '_>, arguments: &[(&ast::Ident, Option<Type>)]) {
    for (index, (name, ty)) in arguments.iter().enumerate() {
        super::scope::identifier("parameter of a lambda", name, &mut elab.out);
        let kept = ty.clone().unwrap_or(Type::Null);
        let given = elab.given(Input::Argument(index), kept, name.span);
        let ExprKind::Local(slot) = given.kind else { continue };
        elab.names.push(Binding {
            name: name.text.clone(),
            slot,
            ty: ty.clone(),
            kind: BindingKind::Lambda,
            span: name.span,
        });
    }
}

/// Functions that ask the host of a machine are not for queries: there is none.
pub(super) fn check_functions(
    observation: &Observation,
    functions: &BTreeMap<String, ir::Function>,
    named: &dyn Fn(&BTreeMap<Instance, Span>) -> BTreeMap<String, Span>,
    out: &mut Vec<Diagnostic>,
) {
    let mut reported: BTreeSet<Span> = BTreeSet::new();
    let mut looked_at: BTreeMap<&str, Asks<'_>> = BTreeMap::new();
    for (calls, signs) in &observation.asked {
        for (first, span) in named(calls) {
            let mut work = vec![first.as_str()];
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            while let Some(name) = work.pop() {
                let Some((name, function)) = functions.get_key_value(name) else { continue };
                if !seen.insert(name) {
                    continue;
                }
                let asks = looked_at.entry(name).or_insert_with(|| Asks::of(function, functions));
                let asked = if *signs { &asks.of_who_signs } else { &asks.of_nobody };
                if let Some(asked) = asked
                    && reported.insert(span)
                {
                    out.push(not_observed(&first, span).with_label(format!("it uses {asked}")));
                    break;
                }
                work.extend(&asks.calls);
            }
        }
    }
}

/// What a function needs.
struct Asks<'f> {
    /// What a query that signs in somebody's name has not.
    of_who_signs: Option<String>,
    /// What another query has not.
    of_nobody: Option<String>,
    /// The functions that it calls.
    calls: Vec<&'f str>,
}

impl<'f> Asks<'f> {
    fn of(function: &ir::Function, functions: &'f BTreeMap<String, ir::Function>) -> Asks<'f> {
        let mut calls = Vec::new();
        lower::expressions(function, &mut |expr| {
            if let ExprKind::Call(name, _) = &expr.kind
                && let Some((name, _)) = functions.get_key_value(name)
            {
                calls.push(name.as_str());
            }
        });
        Asks { of_who_signs: asks_the_host(function, true), of_nobody: asks_the_host(function, false), calls }
    }
}

/// What a function asks for that a query has not.
fn asks_the_host(function: &ir::Function, signs: bool) -> Option<String> {
    let mut found = None;
    lower::expressions(function, &mut |expr| {
        let asked = match &expr.kind {
            ExprKind::SelfId => Some("`peer_id`".to_owned()),
            ExprKind::OwnChain => Some("`chain`".to_owned()),
            ExprKind::Load(field) => Some(format!("`LOAD({field})`")),
            ExprKind::Native(name, _) => Some(format!("the native `{name}`")),
            ExprKind::Builtin(Builtin::Sign, _) if signs => None,
            ExprKind::Builtin(
                builtin @ (Builtin::Sign
                | Builtin::Equivocation
                | Builtin::RandomBytes
                | Builtin::GenerateId
                | Builtin::Read),
                _,
            ) => Some(format!("`{}`", builtin.name())),
            _ => None,
        };
        if found.is_none() {
            found = asked;
        }
    });
    found
}

/// A step of a scenario that cannot happen as it is written.
fn step_finding(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::SCENARIO, span, message)
}
