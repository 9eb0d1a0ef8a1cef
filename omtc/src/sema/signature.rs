//! What every declaration of a unit looks like from outside: fields and their types, parameters and results.

use super::codes;
use super::lenient::{self, Readings, Written};
use super::scope::{Callable, Scope, TypeDecl, view_field};
use super::types::{self, Resolver, has_zero, mentions, not_allowed, show};
use crate::diagnostic::{Applicability, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast;
use omt_runtime::ir::{ParameterValue, Type};
use std::collections::{BTreeMap, BTreeSet};

/// A field, or an argument.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// `None` when its type is wrong (and has been reported).
    pub ty: Option<Type>,
    pub span: Span,
    pub order: u32,
    pub doc: String,
}

/// Fields by name.
pub(super) type Shape = BTreeMap<String, Slot>;

/// Parameters and result of something that can be called.
pub(super) struct Signature<'a> {
    pub decl: Callable<'a>,
    pub variables: Vec<String>,
    pub params: Vec<Option<Type>>,
    pub returns: Option<Type>,
}

/// A state of an actor.
pub(super) struct StateInfo<'a> {
    pub decl: &'a ast::State,
    pub order: u32,
    /// Does it complete the instance?
    pub terminal: bool,
    /// Is waiting for ever meant?
    pub rest: bool,
}

/// A trigger of an actor.
pub(super) struct TriggerInfo<'a> {
    pub decl: &'a ast::Trigger,
    pub order: u32,
    pub arguments: Vec<(String, Slot)>,
}

/// An actor from outside.
pub(super) struct ActorInfo<'a> {
    pub decl: &'a ast::Actor,
    pub store: Shape,
    pub shared: Shape,
    /// Role to field.
    pub peers: BTreeMap<&'a str, &'a ast::PeerEntry>,
    pub triggers: BTreeMap<&'a str, TriggerInfo<'a>>,
    pub states: BTreeMap<&'a str, StateInfo<'a>>,
    pub initial: Option<&'a str>,
}

/// All signatures of a unit.
pub(super) struct Signatures<'a> {
    pub shapes: BTreeMap<&'a str, Shape>,
    pub callables: BTreeMap<&'a str, Signature<'a>>,
    pub parameters: BTreeMap<&'a str, Option<ParameterValue>>,
    pub actors: BTreeMap<&'a str, ActorInfo<'a>>,
    pub session_key: String,
}

impl<'a> Signatures<'a> {
    /// Resolves the types of every declaration and reports what is wrong with them.
    pub fn new(scope: &Scope<'a>, lenient: Option<&Readings>, out: &mut Vec<Diagnostic>) -> Self {
        let session_key = scope
            .header
            .and_then(|h| h.session.as_ref())
            .map_or_else(|| "session_id".to_owned(), |name| name.text.clone());
        let mut this = Signatures {
            shapes: BTreeMap::new(),
            callables: BTreeMap::new(),
            parameters: BTreeMap::new(),
            actors: BTreeMap::new(),
            session_key,
        };
        let resolver = Resolver { scope, generic: false, lenient };
        for (name, decl) in &scope.types {
            let shape = match decl {
                TypeDecl::Enum(_) => continue,
                TypeDecl::Struct(d) => shape(&resolver, d.fields.list.iter(), out),
                TypeDecl::Message(d) => shape(&resolver, d.fields.list.iter(), out),
                TypeDecl::Block(d) => shape(&resolver, d.fields.list.iter(), out),
                TypeDecl::View(d) => shape(&resolver, d.items.iter().filter_map(view_field), out),
            };
            this.shapes.insert(name, shape);
        }
        for (name, decl) in &scope.callables {
            let signature = callable(scope, lenient, *decl, out);
            this.callables.insert(name, signature);
        }
        for (name, entry) in &scope.parameters {
            this.parameters.insert(name, parameter(entry, out));
        }
        for (name, decl) in &scope.actors {
            let info = actor(&resolver, decl, &this.session_key, out);
            this.actors.insert(name, info);
        }
        this.check_shapes(scope, lenient.is_some(), out);
        this.check_roles(scope, out);
        this
    }

    /// Does a value of the type hold something for which `bad` is true, however deep?
    pub fn holds(&self, ty: &Type, bad: &dyn Fn(&Type) -> bool) -> bool {
        self.holds_within(ty, bad, &mut BTreeSet::new())
    }

    fn holds_within(&self, ty: &Type, bad: &dyn Fn(&Type) -> bool, seen: &mut BTreeSet<String>) -> bool {
        if bad(ty) {
            return true;
        }
        match ty {
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => {
                self.holds_within(inner, bad, seen)
            }
            Type::Map(key, value) => self.holds_within(key, bad, seen) || self.holds_within(value, bad, seen),
            Type::Struct(name) | Type::Message(name) | Type::BlockPayload(name) | Type::View(name) => {
                seen.insert(name.clone())
                    && self.shapes.get(name.as_str()).is_some_and(|shape| {
                        shape
                            .values()
                            .filter_map(|slot| slot.ty.as_ref())
                            .any(|ty| self.holds_within(ty, bad, seen))
                    })
            }
            _ => false,
        }
    }

    /// The field of a declared record inside of a type that makes `bad` true for it.
    fn culprit(
        &self,
        ty: &Type,
        bad: &dyn Fn(&Type) -> bool,
        seen: &mut BTreeSet<String>,
    ) -> Option<(Span, Type)> {
        match ty {
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) => self.culprit(inner, bad, seen),
            Type::Map(key, value) => self.culprit(key, bad, seen).or_else(|| self.culprit(value, bad, seen)),
            Type::Struct(name) | Type::Message(name) | Type::BlockPayload(name) | Type::View(name) => {
                if !seen.insert(name.clone()) {
                    return None;
                }
                self.shapes.get(name.as_str())?.values().find_map(|slot| {
                    let ty = slot.ty.as_ref()?;
                    if mentions(ty, bad) {
                        Some((slot.span, ty.clone()))
                    } else {
                        self.culprit(ty, bad, seen)
                    }
                })
            }
            _ => None,
        }
    }

    fn check_shapes(&self, scope: &Scope<'a>, lenient: bool, out: &mut Vec<Diagnostic>) {
        for (name, decl) in &scope.types {
            let Some(shape) = self.shapes.get(name) else { continue };
            for (field, slot) in shape {
                let Some(ty) = &slot.ty else { continue };
                if mentions(ty, &|t| matches!(t, Type::Function(..))) {
                    out.push(not_allowed(
                        slot.span,
                        ty,
                        "a record",
                        "a function is not a value that can be stored or sent",
                        "pass it to a function instead",
                    ));
                    continue;
                }
                match decl {
                    TypeDecl::Message(d) => {
                        self.check_wire(field, slot, ty, ("message", d.signed.is_some()), lenient, out)
                    }
                    TypeDecl::Block(_) => self.check_wire(field, slot, ty, ("block", true), lenient, out),
                    TypeDecl::View(_) if !has_zero(ty) => out.push(
                        Diagnostic::new(
                            codes::TYPE_NOT_ALLOWED,
                            slot.span,
                            format!("`{field}` has no value to begin with"),
                        )
                        .with_label(format!("{} has no zero", show(ty)))
                        .with_note(
                            "a view is folded from an empty chain, where nothing has set the field yet",
                        )
                        .with_help(format!("declare it as `{field} {}?`", show(ty))),
                    ),
                    TypeDecl::View(_) if self.holds(ty, &|t| matches!(t, Type::Secret(_))) => out.push(
                        Diagnostic::new(
                            codes::SECRET,
                            slot.span,
                            format!("`{field}` would put a secret into a view"),
                        )
                        .with_label("a chain holds no secrets, so a view has none"),
                    ),
                    TypeDecl::View(_) | TypeDecl::Struct(_) | TypeDecl::Enum(_) => {}
                }
            }
            if let TypeDecl::Struct(d) = decl
                && let Some(path) = self.cycle(name)
            {
                let next = path.get(1).map(String::as_str).unwrap_or_default();
                let through = shape.values().find(|slot| match &slot.ty {
                    Some(Type::Struct(n) | Type::Message(n) | Type::BlockPayload(n)) => n == next,
                    _ => false,
                });
                let mut finding = Diagnostic::new(
                    codes::RECURSIVE_TYPE,
                    d.name.span,
                    format!("`{name}` contains itself: {}", path.join(" → ")),
                )
                .with_label("a value of it would never end")
                .with_note("a struct may contain itself only through a list, a map or `?`")
                .with_help("put a `?` behind the type of one of these fields");
                if let Some(slot) = through {
                    finding = finding.with_secondary(slot.span, format!("holds a {next}")).with_fix(
                        Fix::new(Applicability::Unsafe, "let the field be null").insert_after(slot.span, "?"),
                    );
                }
                out.push(finding);
            }
        }
    }

    fn check_wire(
        &self,
        field: &str,
        slot: &Slot,
        ty: &Type,
        (kind, signed): (&str, bool),
        lenient: bool,
        out: &mut Vec<Diagnostic>,
    ) {
        if self.holds(ty, &|t| matches!(t, Type::Secret(_))) {
            out.push(
                Diagnostic::new(
                    codes::SECRET,
                    slot.span,
                    format!("`{field}` would put a secret into a {kind}"),
                )
                .with_label("a secret is never sent or appended")
                .with_note("everybody who reads it would know it")
                .with_help(
                    "declare the field without `secret<…>` and give it `REVEAL(…)`, or send `HASH(…)` of it",
                ),
            );
        } else if signed && self.holds(ty, &|t| matches!(t, Type::Float | Type::Any | Type::Dict)) {
            let place = if kind == "message" { "a signed message" } else { "a block" };
            if lenient {
                out.push(
                    lenient::at(
                        codes::DYNAMIC_SIGNED,
                        slot.span,
                        format!("{} in {place} is signed as it is written on the wire", show(ty)),
                    )
                    .with_label(format!("`{field}` has no type that everybody checks"))
                    .with_note(
                        "canonical encoding makes the bytes well-defined; what they mean is for each reader",
                    )
                    .with_help("use an integer in a smaller unit, or a struct with declared fields"),
                );
                return;
            }
            let mut finding = not_allowed(
                slot.span,
                ty,
                place,
                "signed bytes must be the same on every machine",
                "use an integer in a smaller unit, or a struct with declared fields",
            );
            let inner = |t: &Type| matches!(t, Type::Float | Type::Any | Type::Dict);
            if let Some((span, ty)) = self.culprit(ty, &inner, &mut BTreeSet::new()) {
                finding = finding.with_secondary(span, format!("holds {}", show(&ty)));
            }
            out.push(finding);
        } else if self.holds(ty, &|t| matches!(t, Type::View(_) | Type::ChainState)) {
            out.push(not_allowed(
                slot.span,
                ty,
                &format!("a {kind}"),
                "what a chain amounts to is computed by whoever needs it, and believed from nobody",
                "send the segment",
            ));
        }
    }

    /// A cycle of structs that contain each other, beginning and ending with `start`.
    fn cycle(&self, start: &str) -> Option<Vec<String>> {
        let mut work = vec![vec![start.to_owned()]];
        let mut seen = BTreeSet::new();
        while let Some(path) = work.pop() {
            let Some(shape) = path.last().and_then(|name| self.shapes.get(name.as_str())) else { continue };
            for slot in shape.values() {
                let (Some(Type::Struct(next)) | Some(Type::Message(next)) | Some(Type::BlockPayload(next))) =
                    &slot.ty
                else {
                    continue;
                };
                let mut longer = path.clone();
                longer.push(next.clone());
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next.clone()) {
                    work.push(longer);
                }
            }
        }
        None
    }

    /// `from`, `to`, `by`, `peers` name actors. A library may leave that to its importers.
    fn check_roles(&self, scope: &Scope<'a>, out: &mut Vec<Diagnostic>) {
        let known: Vec<&str> = scope.actors.keys().copied().collect();
        let mut check = |name: &ast::Ident, network: bool, what: &str| {
            let is_known =
                scope.actors.contains_key(name.text.as_str()) || (network && name.text == "Network");
            // What an imported file says about roles concerns the transactions that have them.
            if is_known || name.span.file != scope.root || scope.header.is_none() {
                return;
            }
            out.push(
                Diagnostic::new(
                    codes::UNKNOWN_ACTOR,
                    name.span,
                    format!("there is no actor `{}`", name.text),
                )
                .with_label(format!("{what} names an actor of this transaction"))
                .with_did_you_mean(
                    &name.text,
                    known.iter().copied().chain(if network { Some("Network") } else { None }),
                ),
            );
        };
        for decl in scope.types.values() {
            match decl {
                TypeDecl::Message(d) => {
                    d.from.iter().for_each(|n| check(n, false, "`from`"));
                    d.to.iter().for_each(|n| check(n, true, "`to`"));
                }
                TypeDecl::Block(d) => d.by.iter().for_each(|n| check(n, false, "`by`")),
                TypeDecl::Enum(_) | TypeDecl::Struct(_) | TypeDecl::View(_) => {}
            }
        }
        for info in self.actors.values() {
            info.peers.values().for_each(|entry| check(&entry.role, false, "`peers`"));
        }
    }
}

fn order(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Text of a documentation comment.
pub(super) fn doc(doc: &Option<ast::Doc>) -> String {
    doc.as_ref().map_or_else(String::new, |d| d.text.clone())
}

/// The type of a field or parameter, as it is read.
fn declared(resolver: &Resolver<'_, '_>, field: &ast::Field, out: &mut Vec<Diagnostic>) -> Option<Type> {
    let ty = resolver.resolve(&field.ty, out);
    match resolver.lenient {
        Some(readings) => readings.adjust(ty, &[field.span, field.name.span], &field.ty, out),
        None => ty,
    }
}

fn shape<'f>(
    resolver: &Resolver<'_, '_>,
    fields: impl Iterator<Item = &'f ast::Field>,
    out: &mut Vec<Diagnostic>,
) -> Shape {
    let mut shape = Shape::new();
    for (index, field) in fields.enumerate() {
        let ty = declared(resolver, field, out);
        let slot = Slot { ty, span: field.span, order: order(index), doc: doc(&field.doc) };
        shape.entry(field.name.text.clone()).or_insert(slot);
    }
    shape
}

fn callable<'a>(
    scope: &Scope<'a>,
    lenient: Option<&Readings>,
    decl: Callable<'a>,
    out: &mut Vec<Diagnostic>,
) -> Signature<'a> {
    let generic = matches!(decl, Callable::Function(_));
    let resolver = Resolver { scope, generic, lenient };
    let params: Vec<Option<Type>> = decl.params().iter().map(|p| declared(&resolver, p, out)).collect();
    let returns = resolver.resolve(decl.result(), out);
    let returns = match lenient {
        Some(readings) => readings.adjust(returns, &[decl.result().span], decl.result(), out),
        None => returns,
    };
    let mut variables = Vec::new();
    // What such a function returns cannot be judged.
    let mut untold = false;
    params.iter().flatten().for_each(|ty| types::variables(ty, &mut variables));
    if let Some(returns) = &returns {
        let mut wanted = Vec::new();
        types::variables(returns, &mut wanted);
        for name in wanted.iter().filter(|n| !variables.contains(n)) {
            out.push(
                Diagnostic::new(
                    codes::CANNOT_INFER,
                    decl.result().span,
                    format!("no parameter says what `{name}` is"),
                )
                .with_label("a type variable of the result is one of a parameter, too")
                .with_note("each call decides what the type variables are by its arguments")
                .with_help(format!("add a parameter whose type mentions `{name}`")),
            );
            untold = true;
        }
        if mentions(returns, &|t| matches!(t, Type::Function(..))) {
            out.push(not_allowed(
                decl.result().span,
                returns,
                "a result",
                "a function is not a value that can be kept",
                "return what the function would compute",
            ));
        }
    }
    for (field, ty) in decl.params().iter().zip(&params) {
        let Some(ty) = ty else { continue };
        let nested = match ty {
            Type::Function(parameters, returns) => parameters
                .iter()
                .chain([&**returns])
                .any(|t| mentions(t, &|t| matches!(t, Type::Function(..)))),
            other => mentions(other, &|t| matches!(t, Type::Function(..))),
        };
        if nested || (!generic && matches!(ty, Type::Function(..))) {
            out.push(not_allowed(
                field.ty.span,
                ty,
                "this parameter",
                "only a function takes functions, and only directly",
                "take the values that it would compute",
            ));
        }
    }
    Signature { decl, variables, params, returns: returns.filter(|_| !untold) }
}

/// Value of a parameter by its unit.
pub(super) fn parameter(entry: &ast::Parameter, out: &mut Vec<Diagnostic>) -> Option<ParameterValue> {
    let number = match &entry.value {
        ast::ParameterValue::Name(name) => return Some(ParameterValue::Text(name.text.clone())),
        ast::ParameterValue::Number(number) => number,
    };
    let unit = entry.unit.as_ref().map(|u| u.text.as_str());
    let mut wrong = |message: String, note: &str| {
        let mut diagnostic = Diagnostic::new(codes::PARAMETER, number.span, message).with_label("this value");
        if let Some(unit) = &entry.unit {
            diagnostic = diagnostic.with_secondary(unit.span, "its unit");
        }
        out.push(diagnostic.with_note(note));
        None
    };
    if let Some(time) = unit.and_then(ast::Unit::from_word) {
        let Some(count) = number.integer() else {
            return wrong(
                format!("a duration of {} {} is not a whole number", number.text, time.word()),
                "durations are counted in whole units; use a smaller one",
            );
        };
        let micros = count.checked_mul(i128::from(time.microseconds())).and_then(|m| i64::try_from(m).ok());
        return match micros {
            Some(micros) => Some(ParameterValue::Duration(micros)),
            None => wrong(
                format!("{} {} is too long", number.text, time.word()),
                "a duration has at most 2^63 − 1 microseconds, some 292,000 years",
            ),
        };
    }
    match unit {
        Some("count") => match number.integer().map(u64::try_from) {
            Some(Ok(value)) => Some(ParameterValue::Uint(value)),
            _ => wrong(
                format!("a count of {} is not possible", number.text),
                "a count is a whole number from 0 to 2^64 − 1",
            ),
        },
        Some("fraction") => match decimal(&number.text) {
            Some((numerator, scale)) if numerator >= 0 && numerator <= 10i64.pow(scale) => {
                Some(ParameterValue::Decimal { numerator, scale })
            }
            _ => {
                let nothing = wrong(
                    format!("a fraction of {} is not possible", number.text),
                    "a fraction lies between 0.0 and 1.0, with at most 18 digits behind the point",
                );
                // Whoever writes 60 probably means 60 percent.
                if let (Some(percent @ 2..=100), Some(found)) = (number.integer(), out.last_mut()) {
                    let share = if percent == 100 {
                        "1.0".to_owned()
                    } else {
                        format!("0.{percent:02}").trim_end_matches('0').to_owned()
                    };
                    found.help = Some(format!("write {percent} percent as `{share} fraction`"));
                    found.fixes.push(
                        Fix::new(Applicability::Unsafe, format!("write `{share}`"))
                            .replace(number.span, share),
                    );
                }
                nothing
            }
        },
        _ if number.is_fraction() => match decimal(&number.text) {
            Some((numerator, scale)) => Some(ParameterValue::Decimal { numerator, scale }),
            None => wrong(format!("{} has too many digits", number.text), "a decimal has at most 18 digits"),
        },
        _ => {
            let value = number.integer();
            let unsigned = value.and_then(|v| u64::try_from(v).ok()).map(ParameterValue::Uint);
            let signed = value.and_then(|v| i64::try_from(v).ok()).map(ParameterValue::Int);
            match unsigned.or(signed) {
                Some(value) => Some(value),
                None => wrong(
                    format!("{} does not fit into 64 bits", number.text),
                    "a whole number lies between −2^63 and 2^64 − 1",
                ),
            }
        }
    }
}

/// `0.67` is 67 and 2.
fn decimal(text: &str) -> Option<(i64, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let scale = u32::try_from(fraction.len()).ok().filter(|s| *s <= 18)?;
    format!("{whole}{fraction}").parse().ok().map(|numerator| (numerator, scale))
}

fn actor<'a>(
    resolver: &Resolver<'_, 'a>,
    decl: &'a ast::Actor,
    session_key: &str,
    out: &mut Vec<Diagnostic>,
) -> ActorInfo<'a> {
    let mut info = ActorInfo {
        decl,
        store: Shape::new(),
        shared: Shape::new(),
        peers: BTreeMap::new(),
        triggers: BTreeMap::new(),
        states: BTreeMap::new(),
        initial: None,
    };
    for (index, item) in decl.items.iter().enumerate() {
        match item {
            ast::Item::Store(b) => add(&mut info.store, shape(resolver, b.fields.list.iter(), out)),
            ast::Item::Shared(b) => add(&mut info.shared, shape(resolver, b.fields.list.iter(), out)),
            ast::Item::Peers(p) => {
                for entry in &p.entries {
                    info.peers.entry(&entry.role.text).or_insert(entry);
                }
            }
            ast::Item::Trigger(t) => {
                let arguments = t
                    .params
                    .iter()
                    .enumerate()
                    .map(|(i, p)| {
                        let ty = declared(resolver, p, out);
                        (p.name.text.clone(), Slot { ty, span: p.span, order: order(i), doc: doc(&p.doc) })
                    })
                    .collect();
                let trigger = TriggerInfo { decl: t, order: order(index), arguments };
                info.triggers.entry(&t.name.text).or_insert(trigger);
            }
            ast::Item::State(s) => {
                let rank = order(info.states.len());
                let (terminal, rest) = (s.has(ast::StateFlag::Terminal), s.has(ast::StateFlag::Rest));
                info.states.entry(&s.name.text).or_insert(StateInfo { decl: s, order: rank, terminal, rest });
            }
            ast::Item::Transition(_) | ast::Item::Override(_) | ast::Item::Collect(_) => {}
        }
    }
    let arguments = info.triggers.values().flat_map(|t| t.arguments.iter().map(|(_, slot)| slot));
    for slot in info.store.values().chain(info.shared.values()).chain(arguments) {
        if let Some(ty) = &slot.ty
            && mentions(ty, &|t| matches!(t, Type::Function(..)))
        {
            out.push(not_allowed(
                slot.span,
                ty,
                "a store or a trigger",
                "a function is not a value that can be stored",
                "store what the function would compute",
            ));
        }
    }
    if let Some(readings) = resolver.lenient {
        undeclared(&mut info, readings, session_key, out);
        left_states(&mut info, out);
    }
    find_initial(&mut info, out);
    info
}

/// Names that are written without a declaration are fields of the store.
fn undeclared(info: &mut ActorInfo<'_>, readings: &Readings, session_key: &str, out: &mut Vec<Diagnostic>) {
    let actor = info.decl.name.text.as_str();
    let mut fields: Vec<(&String, &Written)> = readings.fields.get(actor).into_iter().flatten().collect();
    fields.sort_by_key(|(_, written)| written.span);
    for (name, written) in fields {
        if info.store.contains_key(name) || info.shared.contains_key(name) {
            continue;
        }
        let better = readings.only_type(actor, name).filter(|_| written.ty == Type::Any);
        out.push(lenient::undeclared_field(info.decl, name, written, better, name == session_key));
        let rank = order(info.store.len());
        let slot = Slot { ty: Some(written.ty.clone()), span: written.span, order: rank, doc: String::new() };
        info.store.insert(name.clone(), slot);
    }
}

/// Terminal states in which something happens are rest states.
fn left_states(info: &mut ActorInfo<'_>, out: &mut Vec<Diagnostic>) {
    for item in &info.decl.items {
        let left: &[ast::Ident] = match item {
            ast::Item::Transition(t) => &t.from,
            ast::Item::Override(o) => &o.states,
            ast::Item::Collect(c) => &c.states,
            ast::Item::Store(_)
            | ast::Item::Shared(_)
            | ast::Item::Peers(_)
            | ast::Item::Trigger(_)
            | ast::Item::State(_) => &[],
        };
        for name in left {
            let Some(state) = info.states.get_mut(name.text.as_str()) else { continue };
            if !state.terminal {
                continue;
            }
            (state.terminal, state.rest) = (false, true);
            let text = &name.text;
            let mut diagnostic = lenient::at(
                codes::TERMINAL_LEFT,
                name.span,
                format!("`{text}` is terminal and something happens in it, so it is read as a rest state"),
            )
            .with_label("a terminal state would react to nothing")
            .with_note(
                "a terminal state completes the instance; one that waits for ever and may be left is `rest`",
            )
            .with_help(format!("declare it as `state {text} rest`"));
            if let Some((_, span)) = state.decl.flags.iter().find(|(f, _)| *f == ast::StateFlag::Terminal) {
                let fix = lenient::safe(format!("declare it as `state {text} rest`"));
                let fix = if state.decl.has(ast::StateFlag::Rest) {
                    fix.replace(*span, "")
                } else {
                    fix.replace(*span, "rest")
                };
                diagnostic = diagnostic.with_secondary(*span, "declared terminal here").with_fix(fix);
            }
            out.push(diagnostic);
        }
    }
}

/// Several `store` blocks add up.
fn add(shape: &mut Shape, more: Shape) {
    let offset = order(shape.len());
    for (name, mut slot) in more {
        slot.order = slot.order.saturating_add(offset);
        shape.entry(name).or_insert(slot);
    }
}

fn find_initial(info: &mut ActorInfo<'_>, out: &mut Vec<Diagnostic>) {
    let mut initial: Vec<_> = info.states.values().filter(|s| s.decl.has(ast::StateFlag::Initial)).collect();
    initial.sort_by_key(|s| s.order);
    let name = &info.decl.name;
    match initial.split_first() {
        None => {
            let mut states: Vec<_> = info.states.values().collect();
            states.sort_by_key(|s| s.order);
            let help = match states.first() {
                Some(first) => format!("write `state {} initial`", first.decl.name.text),
                None => "add `state IDLE initial`".to_owned(),
            };
            out.push(
                Diagnostic::new(codes::INITIAL, name.span, format!("`{}` has no initial state", name.text))
                    .with_label("an instance would not know where to begin")
                    .with_help(help),
            );
        }
        Some((first, rest)) => {
            for other in rest {
                out.push(
                    Diagnostic::new(
                        codes::INITIAL,
                        other.decl.name.span,
                        format!("`{}` has a second initial state", name.text),
                    )
                    .with_label("also marked `initial`")
                    .with_secondary(first.decl.name.span, "the first one")
                    .with_note("an instance begins in exactly one state"),
                );
            }
            info.initial = Some(&first.decl.name.text);
        }
    }
}
