//! One root file with its imports: all passes in order.

use super::after::{self, Used};
use super::codes;
use super::context::{Instance, Tables};
use super::emit::{self, Parts};
use super::flow::Flows;
use super::lenient::{self, Readings};
use super::load::Loaded;
use super::notes::Notes;
use super::observe::{Memory, Observation, World};
use super::scope::{Callable, Scope, TypeDecl};
use super::signature::Signatures;
use super::{Unit, UnitFile, actor, function, interface, observe, types, unused, view};
use crate::diagnostic::{self, Diagnostic};
use crate::source::{FileId, Span};
use crate::spec::Specification;
use crate::syntax::ast;
use omt_runtime::ir;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// Instances of generic functions that one unit may need. Recursion is an error, so real units have a handful.
const INSTANCES_MAX: usize = 10_000;

/// Types inside each other that an instance may be made for; the validator accepts no more either.
const TYPE_DEPTH_MAX: u32 = ir::validate::TYPE_DEPTH_MAX;

/// Analyses one root.
pub(super) fn analyze(
    loaded: &Loaded,
    root: usize,
    too_deep: &BTreeSet<FileId>,
    notes: Option<&RefCell<Notes>>,
    memory: Option<&Mutex<Memory>>,
    out: &mut Vec<Diagnostic>,
) -> Option<Unit> {
    let files = loaded.with_imports(root);
    let first = loaded.files.get(root)?;
    let unit_files: Vec<UnitFile> = files
        .iter()
        .filter_map(|index| loaded.files.get(*index))
        .map(|file| file.of_unit(&first.folder))
        .collect();
    let mut findings = Vec::new();
    let scope = Scope::new(loaded, &files, &mut findings);
    let is_transaction = scope.header.is_some();
    let whole = Whole { loaded, files: &files, notes, memory };
    let deep = unit_files.iter().any(|f| too_deep.contains(&f.id));
    let (protocol, specification) = if deep { (None, None) } else { whole.run(scope, &mut findings) };
    whole.drop_cascades(&mut findings);
    let broken = deep || whole.is_broken() || diagnostic::has_errors(&findings);
    out.append(&mut findings);
    Some(Unit {
        path: first.path.clone(),
        is_transaction,
        protocol: protocol.filter(|_| !broken),
        specification: specification.filter(|_| !broken).map(Arc::new),
        files: unit_files,
    })
}

/// What was found out about files of `uses`, by index.
type Cache<'l> = RefCell<BTreeMap<usize, Rc<Used<'l>>>>;

/// A protocol and, where it was asked for, what is claimed of it.
type Made = (Option<ir::Protocol>, Option<Specification>);

/// A unit on its way.
struct Whole<'l> {
    loaded: &'l Loaded,
    files: &'l [usize],
    notes: Option<&'l RefCell<Notes>>,
    /// What was found out about its properties and scenarios before.
    memory: Option<&'l Mutex<Memory>>,
}

/// What is known of the functions.
#[derive(Default)]
struct Functions {
    done: BTreeMap<String, ir::Function>,
    /// By name of the instance.
    calls: BTreeMap<String, BTreeMap<String, Span>>,
    loads: BTreeMap<String, BTreeMap<String, Span>>,
}

impl<'l> Whole<'l> {
    /// Elaborates the unit; leniently, until nothing new is found out about its declarations.
    fn run(&self, scope: Scope<'l>, out: &mut Vec<Diagnostic>) -> Made {
        let mut readings = Readings::default();
        for _ in 0..lenient::ROUNDS_MAX {
            if !self.loaded.lenient {
                break;
            }
            let mut findings = out.clone();
            let (made, found) = self.round(scope.clone(), Some(&readings), &mut findings);
            if readings == found {
                *out = findings;
                return made;
            }
            readings = readings.grown(found);
        }
        // Readings only grow, so this many rounds are for sources that no person wrote: they are read strictly.
        self.round(scope, None, out).0
    }

    /// Elaborates the unit with the readings that are known; gives those that it found, too.
    fn round(
        &self,
        scope: Scope<'l>,
        readings: Option<&Readings>,
        out: &mut Vec<Diagnostic>,
    ) -> (Made, Readings) {
        let found = RefCell::new(readings.map(Readings::begun).unwrap_or_default());
        let made = self.elaborated(scope, readings.cloned(), &found, out).unwrap_or_default();
        (made, found.into_inner())
    }

    fn elaborated(
        &self,
        scope: Scope<'l>,
        readings: Option<Readings>,
        found: &RefCell<Readings>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Made> {
        let signatures = Signatures::new(&scope, readings.as_ref(), out);
        let flows = Flows::new(&scope, &signatures);
        let mut ranks = BTreeMap::new();
        let mut ids = BTreeMap::new();
        for (rank, file) in self.files.iter().filter_map(|i| self.loaded.files.get(*i)).enumerate() {
            ids.insert(file.id, u32::try_from(rank).unwrap_or(u32::MAX));
            for decl in &file.tree.decls {
                let mut add = |span: Span| {
                    let next = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
                    ranks.entry(span).or_insert(next);
                };
                decl.name().into_iter().for_each(|n| add(n.span));
                if let ast::Decl::Parameters(p) = decl {
                    p.entries.iter().for_each(|e| add(e.name.span));
                }
            }
        }
        let sources = &self.loaded.sources;
        let notes = self.notes;
        let tables =
            Tables { scope, signatures, sources, files: ids, ranks, lenient: readings, found, notes };

        let mut wanted: BTreeMap<Instance, Span> = BTreeMap::new();
        let mut complete = true;
        let mut actors = BTreeMap::new();
        let mut called_by: BTreeMap<String, BTreeMap<String, Span>> = BTreeMap::new();
        for (name, info) in &tables.signatures.actors {
            let mut made = actor::elaborate(&tables, &flows, info, tables.rank(info.decl.name.span));
            out.append(&mut made.diagnostics);
            called_by.insert((*name).to_owned(), named(&tables, &made.calls));
            wanted.extend(made.calls);
            match made.actor {
                Some(made) => {
                    actors.insert((*name).to_owned(), made);
                }
                None => complete = false,
            }
        }
        let mut views = BTreeMap::new();
        let mut view_calls = BTreeMap::new();
        for (name, decl) in &tables.scope.types {
            let TypeDecl::View(decl) = decl else { continue };
            let mut made = view::elaborate(&tables, &flows, decl);
            out.append(&mut made.diagnostics);
            view_calls.insert(decl.name.text.clone(), named(&tables, &made.calls));
            wanted.extend(made.calls);
            match made.handlers {
                Some(handlers) => {
                    views.insert((*name).to_owned(), handlers);
                }
                None => complete = false,
            }
        }
        let cache = RefCell::new(BTreeMap::new());
        let observed = self.observe(&tables, &flows, &cache, out);
        if let Some((_, observation)) = &observed {
            wanted.extend(observation.calls.clone());
        }
        let functions = self.functions(&tables, &flows, wanted, out);
        if tables.lenient.as_ref().is_some_and(|known| *known != *found.borrow()) {
            return None;
        }
        check_shadowing(&tables, out);
        check_recursion(&functions, out);
        check_views(&functions, &view_calls, out);
        check_loads(&tables, &functions, &called_by, out);
        let afters = self.afters(&tables, &cache, out);
        if let Some((_, observation)) = &observed {
            observe::check_functions(observation, &functions.done, &|calls| named(&tables, calls), out);
        }
        // Where something is wrong, what is missing may be what would have used it.
        if !self.is_broken() && !diagnostic::has_errors(out) {
            unused::check(self.loaded, self.files, &tables, out);
        }
        if !complete || diagnostic::has_errors(out) || self.is_broken() {
            return None;
        }
        let kept = self.loaded.specify.then(|| (functions.done.clone(), views.clone()));
        let parts = Parts { actors, functions: functions.done, views };
        let mut find =
            |actor: &str, trigger: &str| afters.get(&(actor.to_owned(), trigger.to_owned())).cloned();
        let at = tables.scope.header.map(|h| h.span)?;
        let Some(protocol) = emit::emit(self.loaded, self.files, &tables, parts, &mut find) else {
            out.push(emit::incomplete(at));
            return None;
        };
        let defects = emit::defects(&protocol, at);
        if !defects.is_empty() {
            // What the validator refuses, a check of the machine may say in terms of the source.
            let files: Vec<FileId> =
                self.files.iter().filter_map(|i| self.loaded.files.get(*i)).map(|f| f.id).collect();
            let mut found = crate::check::check(&protocol, &files, &crate::check::Observed::default());
            found.retain(Diagnostic::is_error);
            out.extend(if found.is_empty() { defects } else { found });
            return Some((Some(protocol), None));
        }
        let specification = kept.and_then(|(functions, views)| {
            let (world, observation) = observed?;
            let (loaded, files) = (self.loaded, self.files);
            let (tables, world, protocol) = (&tables, &world, &protocol);
            let whole = observe::Whole { loaded, files, tables, world, protocol, functions, views };
            observe::specification(whole, observation)
                .map_err(|defect| out.push(emit::incomplete(at).with_note(defect)))
                .ok()
        });
        Some((Some(protocol), specification))
    }

    /// All functions: those that are not generic, and every instance that is called.
    fn functions(
        &self,
        tables: &Tables<'_>,
        flows: &Flows,
        mut wanted: BTreeMap<Instance, Span>,
        out: &mut Vec<Diagnostic>,
    ) -> Functions {
        for (name, signature) in &tables.signatures.callables {
            if let Callable::Function(decl) = signature.decl
                && signature.variables.is_empty()
            {
                let instance = Instance { function: (*name).to_owned(), variables: BTreeMap::new() };
                wanted.entry(instance).or_insert(decl.name.span);
            }
        }
        let mut functions = Functions::default();
        let mut seen: BTreeSet<Instance> = BTreeSet::new();
        let mut instances = 0_usize;
        while let Some((instance, span)) = wanted.pop_first() {
            let deep = instance.variables.values().any(|ty| types::depth(ty) > TYPE_DEPTH_MAX);
            let generic = !instance.variables.is_empty();
            if deep || (generic && instances >= INSTANCES_MAX) || !seen.insert(instance.clone()) {
                continue;
            }
            instances += usize::from(generic);
            let Some(signature) = tables.signatures.callables.get(instance.function.as_str()) else {
                continue;
            };
            let name = instance.name(&signature.variables);
            let order = tables.rank(signature.decl.name().span);
            let Some(mut made) = function::elaborate(tables, flows, &instance, order) else { continue };
            if !instance.variables.is_empty() {
                // What is wrong with an instance may be right with another: say which one it is.
                let bound: Vec<String> =
                    instance.variables.iter().map(|(v, ty)| format!("{v} = {}", types::show(ty))).collect();
                for finding in &mut made.diagnostics {
                    let label = format!("called here, with {}", bound.join(", "));
                    *finding = finding.clone().with_secondary(span, label);
                }
            }
            out.append(&mut made.diagnostics);
            functions.calls.insert(name.clone(), named(tables, &made.calls));
            functions.loads.insert(name.clone(), made.loads);
            if let Some(function) = made.function {
                functions.done.insert(name, function);
            }
            wanted.extend(made.calls.into_iter().filter(|(i, _)| !seen.contains(i)));
        }
        self.unused_generics(tables, flows, &seen, out);
        functions
    }

    /// Generic functions that nobody calls: what does not depend on their type variables is checked nevertheless.
    fn unused_generics(
        &self,
        tables: &Tables<'_>,
        flows: &Flows,
        seen: &BTreeSet<Instance>,
        out: &mut Vec<Diagnostic>,
    ) {
        const INDEPENDENT: &[&str] = &[
            codes::UNKNOWN_NAME.id,
            codes::UNKNOWN_FUNCTION.id,
            codes::UNKNOWN_DECLARATION.id,
            codes::ARGUMENT_COUNT.id,
            codes::HIDES.id,
            codes::RESERVED_NAME.id,
            codes::NOT_HERE.id,
            codes::LOCAL_UNSET.id,
            codes::NO_RETURN.id,
            codes::NOT_ASSIGNABLE.id,
        ];
        for (name, signature) in &tables.signatures.callables {
            let called = seen.iter().any(|i| i.function == *name);
            if called || signature.variables.is_empty() {
                continue;
            }
            let variables = signature.variables.iter().map(|v| (v.clone(), types::variable(v))).collect();
            let instance = Instance { function: (*name).to_owned(), variables };
            if let Some(made) = function::elaborate(tables, flows, &instance, 0) {
                out.extend(made.diagnostics.into_iter().filter(|d| INDEPENDENT.contains(&d.code.id)));
            }
        }
    }

    /// What a file of `uses` declares. What is wrong with it is reported when it is analysed itself.
    fn used(&self, index: usize, cache: &Cache<'l>) -> Rc<Used<'l>> {
        if let Some(known) = cache.borrow().get(&index) {
            return Rc::clone(known);
        }
        let mut muted = Vec::new();
        let files = self.loaded.with_imports(index);
        let scope = Scope::new(self.loaded, &files, &mut muted);
        let known = self.loaded.lenient.then(Readings::default);
        let signatures = Signatures::new(&scope, known.as_ref(), &mut muted);
        let flows = Flows::new(&scope, &signatures);
        let made = Rc::new(Used { scope, signatures, flows });
        cache.borrow_mut().insert(index, Rc::clone(&made));
        made
    }

    /// Properties and scenarios of the root file, if it has any.
    fn observe(
        &self,
        tables: &Tables<'l>,
        flows: &Flows,
        cache: &Cache<'l>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<(World<'l>, Observation)> {
        let root = *self.files.first()?;
        let of_root = |span: Span| span.file == tables.scope.root;
        let any = tables.scope.properties.iter().any(|p| of_root(p.span))
            || tables.scope.scenarios.iter().any(|s| of_root(s.span));
        // Without a header there are no actors to look at; that has been reported where it matters.
        if !(any || self.loaded.specify) || tables.scope.header.is_none() {
            return None;
        }
        let uses = |file: usize| {
            let uses = self.loaded.files.get(file).map(|file| file.uses.as_slice()).unwrap_or_default();
            uses.iter().map(|(alias, _, target)| (alias.as_str(), *target)).collect()
        };
        let world = World::new(tables, root, &uses, &|index| self.used(index, cache));
        // What they say is no reading of the protocol.
        let before = tables.lenient.as_ref().map(|_| tables.found.borrow().clone());
        // Whoever wants a specification wants the places of its queries, too; readings may change with every round.
        let memory = self.memory.filter(|_| !self.loaded.specify && tables.lenient.is_none());
        let mut memory = memory.map(|memory| memory.lock().unwrap_or_else(PoisonError::into_inner));
        let known = memory.as_deref_mut().map(|memory| {
            let interface = interface::of_observers(self.loaded, root);
            let texts = memory.take(&interface);
            (interface, texts)
        });
        let (interface, mut texts) = known.unzip();
        let observation = observe::elaborate(tables, flows, &world, texts.as_mut(), out);
        if let (Some(memory), Some(interface), Some(texts)) = (memory.as_deref_mut(), interface, texts) {
            memory.keep(interface, texts);
        }
        if let Some(before) = before {
            *tables.found.borrow_mut() = before;
        }
        Some((world, observation))
    }

    /// The `after` clauses of all triggers, by actor and trigger.
    fn afters(
        &self,
        tables: &Tables<'_>,
        cache: &Cache<'l>,
        out: &mut Vec<Diagnostic>,
    ) -> BTreeMap<(String, String), ir::After> {
        let used = |alias: &str| {
            let target = *tables.scope.uses.get(alias)?;
            let Some(index) = target else { return Some(None) };
            Some(Some(self.used(index, cache)))
        };
        let mut found = BTreeMap::new();
        for (name, info) in &tables.signatures.actors {
            for (trigger_name, trigger) in &info.triggers {
                if let Some(after) = after::check(&tables.signatures, &tables.scope, &used, trigger, out) {
                    found.insert(((*name).to_owned(), (*trigger_name).to_owned()), after);
                }
            }
        }
        found
    }

    /// Did a file of the unit not parse, or is one missing or in a cycle?
    fn is_broken(&self) -> bool {
        self.files.iter().any(|index| {
            self.loaded.cyclic.contains(index)
                || self.loaded.files.get(*index).is_none_or(|f| {
                    f.broken
                        || f.imports.iter().any(|(_, target)| target.is_none())
                        || f.uses.iter().any(|(_, _, target)| target.is_none())
                })
        })
    }

    /// Removes findings that only follow from something that could not be read.
    fn drop_cascades(&self, findings: &mut Vec<Diagnostic>) {
        const UNKNOWN: &[&str] = &[
            codes::UNKNOWN_NAME.id,
            codes::UNKNOWN_TYPE.id,
            codes::UNKNOWN_FUNCTION.id,
            codes::UNKNOWN_FIELD.id,
            codes::UNKNOWN_DECLARATION.id,
            codes::UNKNOWN_ACTOR.id,
            codes::UNKNOWN_STATE.id,
            codes::UNKNOWN_CAUSE.id,
            codes::NOTHING_TO_STORE.id,
            codes::ROSTER.id,
        ];
        const FOLLOWING: &[&str] = &[
            codes::MAY_BE_UNSET.id,
            codes::NO_SOURCE.id,
            codes::LOCAL_UNSET.id,
            codes::NO_RETURN.id,
            codes::INITIAL.id,
            codes::HEADER.id,
            codes::AFTER.id,
            codes::TRIGGER_STATE.id,
            codes::COLLECT.id,
        ];
        let files: Vec<_> = self.files.iter().filter_map(|i| self.loaded.files.get(*i)).collect();
        let missing = files.iter().any(|f| f.imports.iter().any(|(_, target)| target.is_none()));
        let broken: BTreeSet<FileId> = files.iter().filter(|f| f.broken).map(|f| f.id).collect();
        if !missing && broken.is_empty() {
            return;
        }
        let mut unread: BTreeSet<&str> = BTreeSet::new();
        for file in files.iter().filter(|f| f.broken) {
            let wrong = self.loaded.diagnostics.iter().filter(|d| d.is_error() && d.span().file == file.id);
            let wrong: Vec<u32> = wrong.map(|d| d.span().start).collect();
            unread.extend(words_outside(&self.loaded.sources, file.id, &file.tree, &wrong));
        }
        findings.retain(|finding| {
            let id = finding.code.id;
            if UNKNOWN.contains(&id) {
                let name = self.loaded.sources.slice(finding.span());
                return !missing && !unread.contains(name);
            }
            !(FOLLOWING.contains(&id) && broken.contains(&finding.span().file))
        });
    }
}

/// Words of a file outside everything that was read without an error.
fn words_outside<'s>(
    sources: &'s crate::source::SourceMap,
    id: FileId,
    tree: &ast::File,
    wrong: &[u32],
) -> BTreeSet<&'s str> {
    let mut read: Vec<Span> = Vec::new();
    let mut add = |span: Span| {
        if !wrong.iter().any(|at| span.start <= *at && *at <= span.end) {
            read.push(span);
        }
    };
    for decl in &tree.decls {
        match decl {
            ast::Decl::Actor(actor) => actor.items.iter().for_each(|item| add(item.span())),
            ast::Decl::Transaction(_)
            | ast::Decl::Imports(_)
            | ast::Decl::Uses(_)
            | ast::Decl::Parameters(_)
            | ast::Decl::Enum(_)
            | ast::Decl::Struct(_)
            | ast::Decl::Message(_)
            | ast::Decl::Block(_)
            | ast::Decl::View(_)
            | ast::Decl::Function(_)
            | ast::Decl::Native(_)
            | ast::Decl::Task(_)
            | ast::Decl::Property(_)
            | ast::Decl::Scenario(_) => add(decl.span()),
        }
    }
    let mut words = BTreeSet::new();
    let mut at = 0;
    let end = sources.get(id).map_or(0, |f| u32::try_from(f.text().len()).unwrap_or(u32::MAX));
    read.sort();
    for span in read.into_iter().chain([Span::new(id, end, end)]) {
        if at < span.start {
            let gap = sources.slice(Span::new(id, at, span.start));
            words.extend(
                gap.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|w| !w.is_empty()),
            );
        }
        at = at.max(span.end);
    }
    words
}

fn named(tables: &Tables<'_>, calls: &BTreeMap<Instance, Span>) -> BTreeMap<String, Span> {
    calls
        .iter()
        .map(|(instance, span)| {
            let variables = tables
                .signatures
                .callables
                .get(instance.function.as_str())
                .map(|s| s.variables.as_slice())
                .unwrap_or_default();
            (instance.name(variables), *span)
        })
        .collect()
}

/// A function that is called like one of the library takes and returns the same.
fn check_shadowing(tables: &Tables<'_>, out: &mut Vec<Diagnostic>) {
    for (name, signature) in &tables.signatures.callables {
        let Some(builtin) = ir::Builtin::named(name) else { continue };
        let params: Option<Vec<ir::Type>> = signature.params.iter().cloned().collect();
        let (Some(params), Some(returns)) = (params, &signature.returns) else { continue };
        let arguments: Vec<ir::Expr> =
            params.into_iter().map(|ty| ir::Expr::new(ir::ExprKind::Null, ty, ir::At::default())).collect();
        let agrees = ir::signature::builtin_type(builtin, &arguments).is_ok_and(|ty| ty == *returns);
        if !agrees {
            out.push(
                Diagnostic::new(
                    codes::SHADOWS_LIBRARY,
                    signature.decl.name().span,
                    format!("`{name}` is a function of the library, with another signature"),
                )
                .with_label("takes or returns something else")
                .with_note("readers expect the library's meaning")
                .with_help("give it another name"),
            );
        }
    }
}

/// No function calls itself, directly or through others.
fn check_recursion(functions: &Functions, out: &mut Vec<Diagnostic>) {
    // All instances of a generic function are one here: each call might make a new one, without end.
    let plain = |name: &str| name.split('<').next().unwrap_or(name).to_owned();
    let mut calls: BTreeMap<String, BTreeMap<String, Span>> = BTreeMap::new();
    for (name, called) in &functions.calls {
        let own = calls.entry(plain(name)).or_default();
        for (name, span) in called {
            own.entry(plain(name)).or_insert(*span);
        }
    }
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for start in calls.keys() {
        if reported.contains(start.as_str()) {
            continue;
        }
        // The shortest way from the function back to itself.
        let mut queue = std::collections::VecDeque::from([vec![start.as_str()]]);
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        'search: while let Some(way) = queue.pop_front() {
            let Some(last) = way.last() else { break };
            for (next, span) in calls.get(*last).into_iter().flatten() {
                if next == start {
                    reported.extend(&way);
                    let names: Vec<&str> = way.iter().copied().chain([start.as_str()]).collect();
                    out.push(
                        Diagnostic::new(codes::RECURSION, *span, format!("recursion: {}", names.join(" → ")))
                            .with_label("this call leads back")
                            .with_note("functions may not call themselves, so that every step ends")
                            .with_help("loop over a list with `for`, `MAP` or `REDUCE`"),
                    );
                    break 'search;
                }
                if seen.insert(next) {
                    let mut longer = way.clone();
                    longer.push(next);
                    queue.push_back(longer);
                }
            }
        }
    }
}

/// A view knows nothing but its chain, and neither do the functions that it calls.
fn check_views(
    functions: &Functions,
    views: &BTreeMap<String, BTreeMap<String, Span>>,
    out: &mut Vec<Diagnostic>,
) {
    for (view, calls) in views {
        for (first, span) in calls {
            let mut work = vec![first.as_str()];
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            while let Some(name) = work.pop() {
                if !seen.insert(name) {
                    continue;
                }
                if let Some(asked) = functions.done.get(name).and_then(asks_the_world) {
                    out.push(
                        Diagnostic::new(
                            codes::NOT_HERE,
                            *span,
                            format!("the view {view} calls `{first}`, which needs more than the chain"),
                        )
                        .with_label(if name == first {
                            format!("uses {asked}")
                        } else {
                            format!("calls `{name}`, which uses {asked}")
                        })
                        .with_note("everybody who folds the same blocks must come to the same result")
                        .with_help("use what is in `block`: `author height previous time hash payload`"),
                    );
                    break;
                }
                work.extend(functions.calls.get(name).into_iter().flat_map(|c| c.keys().map(String::as_str)));
            }
        }
    }
}

/// What a function itself asks for that is not in its arguments.
fn asks_the_world(function: &ir::Function) -> Option<String> {
    let mut found = None;
    for statement in &function.body {
        statement.walk(&mut |statement| {
            for expr in statement.expressions() {
                expr.walk(&mut |expr| {
                    let asked = match &expr.kind {
                        ir::ExprKind::SelfId => Some("`peer_id`".to_owned()),
                        ir::ExprKind::OwnChain => Some("`chain`".to_owned()),
                        ir::ExprKind::Load(field) => Some(format!("`LOAD({field})`")),
                        ir::ExprKind::Native(name, _) => Some(format!("the native `{name}`")),
                        ir::ExprKind::Builtin(
                            builtin @ (ir::Builtin::Now
                            | ir::Builtin::Sign
                            | ir::Builtin::Equivocation
                            | ir::Builtin::RandomBytes
                            | ir::Builtin::GenerateId
                            | ir::Builtin::Read),
                            _,
                        ) => Some(format!("`{}`", builtin.name())),
                        _ => None,
                    };
                    if found.is_none() {
                        found = asked;
                    }
                });
            }
        });
    }
    found
}

/// Every field that a function loads is in the store of the actors that call it.
fn check_loads(
    tables: &Tables<'_>,
    functions: &Functions,
    called_by: &BTreeMap<String, BTreeMap<String, Span>>,
    out: &mut Vec<Diagnostic>,
) {
    for (actor, calls) in called_by {
        let Some(info) = tables.signatures.actors.get(actor.as_str()) else { continue };
        for (first, span) in calls {
            let mut work = vec![first.as_str()];
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            while let Some(name) = work.pop() {
                if !seen.insert(name) {
                    continue;
                }
                for (field, at) in functions.loads.get(name).into_iter().flatten() {
                    if !info.store.contains_key(field) {
                        out.push(
                            Diagnostic::new(
                                codes::UNKNOWN_FIELD,
                                *span,
                                format!("`{first}` reads `{field}`, which {actor} has not"),
                            )
                            .with_label(format!("called by {actor}"))
                            .with_secondary(*at, "read here")
                            .with_secondary(info.decl.name.span, "its store has no such field")
                            .with_help(format!("pass `{field}` as an argument, or add it to the store")),
                        );
                    }
                }
                work.extend(functions.calls.get(name).into_iter().flat_map(|c| c.keys().map(String::as_str)));
            }
        }
    }
}
