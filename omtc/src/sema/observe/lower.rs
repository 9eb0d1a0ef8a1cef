//! From queries to a specification: the protocol with the functions of all queries and the records that they read.

use super::super::context::Tables;
use super::super::emit;
use super::super::load::Loaded;
use super::super::{after, name_below};
use super::{Observation, World};
use crate::source::FileId;
use crate::spec::{Claim, Event, Property, Query, Scenario, Specification, StepKind, Transaction};
use omt_runtime::ir::analysis::Analysis;
use omt_runtime::ir::{self, Builtin, Expr, ExprKind};
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every expression of a function, outermost first.
pub(super) fn expressions<'f>(function: &'f ir::Function, visit: &mut dyn FnMut(&'f Expr)) {
    for statement in &function.body {
        statement.walk(&mut |statement| {
            for expr in statement.expressions() {
                expr.walk(&mut |expr| visit(expr));
            }
        });
    }
}

/// What is needed of a unit that has no error.
pub(in crate::sema) struct Whole<'w, 'a> {
    pub loaded: &'a Loaded,
    pub files: &'w [usize],
    pub tables: &'w Tables<'a>,
    pub world: &'w World<'a>,
    pub protocol: &'w ir::Protocol,
    pub functions: BTreeMap<String, ir::Function>,
    pub views: BTreeMap<String, Vec<ir::ViewHandler>>,
}

/// Puts the specification together. Errors are defects of the compiler, in words.
pub(in crate::sema) fn specification(
    whole: Whole<'_, '_>,
    observation: Observation,
) -> Result<Specification, String> {
    let Whole { loaded, files, tables, world, protocol, functions, views } = whole;
    let extended = emit::extend(protocol, tables, world, &observation.functions, functions, views)
        .ok_or_else(|| "a part of the specification is missing".to_owned())?;
    ir::validate::validate(&extended)
        .map_err(|findings| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let own = Package::from_protocol(protocol.clone()).map_err(|error| error.to_string())?;
    let timed = timed(&extended);
    let package = Package { id: own.id, analysis: Analysis::of(protocol), protocol: extended };
    let Observation { mut properties, mut scenarios, .. } = observation;
    each_query(&mut properties, &mut scenarios, &mut |query| {
        query.reads_now = timed.contains(&query.function);
    });
    let transactions = (0..world.parties.len())
        .filter_map(|index| {
            let party = world.parties.get(index)?;
            let file = loaded.files.get(party.file)?;
            Some(Transaction {
                alias: party.alias.map(str::to_owned),
                number: world.scope(tables, index).header.map(after::number).unwrap_or_default(),
                name: name_below(&file.folder, &file.path),
                path: file.path.clone(),
            })
        })
        .collect();
    let files: Vec<FileId> =
        files.iter().filter_map(|index| loaded.files.get(*index)).map(|file| file.id).collect();
    Ok(Specification { package: Arc::new(package), transactions, properties, scenarios, files })
}

/// Functions that ask for the time, themselves or through others.
fn timed(protocol: &ir::Protocol) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut callers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut work = Vec::new();
    for (name, function) in &protocol.functions {
        expressions(function, &mut |expr| match &expr.kind {
            ExprKind::Builtin(Builtin::Now, _) => work.push(name.as_str()),
            ExprKind::Call(called, _) => callers.entry(called).or_default().push(name),
            _ => {}
        });
    }
    while let Some(name) = work.pop() {
        if found.insert(name.to_owned()) {
            work.extend(callers.get(name).into_iter().flatten());
        }
    }
    found
}

/// All queries of properties and scenarios.
fn each_query(properties: &mut [Property], scenarios: &mut [Scenario], visit: &mut dyn FnMut(&mut Query)) {
    for property in properties {
        match &mut property.claim {
            Claim::Always(query)
            | Claim::Never(query)
            | Claim::Eventually(query)
            | Claim::Sometimes(query) => visit(query),
            Claim::Leads(from, to) => {
                visit(from);
                visit(to);
            }
        }
    }
    for scenario in scenarios {
        for member in &mut scenario.cast {
            member.chain.iter_mut().for_each(|blocks| visit(&mut blocks.payload));
            member.shared.iter_mut().for_each(|shared| visit(&mut shared.value));
            member.natives.iter_mut().for_each(|answer| visit(&mut answer.value));
        }
        for step in &mut scenario.steps {
            match &mut step.kind {
                StepKind::At { event: Event::Trigger { arguments, .. }, .. } => {
                    arguments.iter_mut().for_each(&mut *visit);
                }
                StepKind::At { event: Event::Say(say), .. } => {
                    visit(&mut say.payload);
                    say.session.iter_mut().for_each(&mut *visit);
                    say.sequence.iter_mut().for_each(&mut *visit);
                }
                StepKind::Expect { condition, .. } => visit(condition),
                StepKind::At { .. } | StepKind::Disturb(_) | StepKind::Sequence(_) => {}
            }
        }
    }
}
