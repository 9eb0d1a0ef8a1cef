//! What the elaborator carries along: names in sight, the frame of locals, what is known to be set.

use super::codes;
use super::facts::Known;
use super::lenient::Readings;
use super::notes::Notes;
use super::scope::{IDENTIFIERS, Scope};
use super::signature::{ActorInfo, Shape, Signatures, TriggerInfo};
use super::types::show;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast;
use omt_runtime::ir::{At, Expr, ExprKind, Local, LocalMeta, Type};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Everything that elaboration looks up and never changes.
pub(super) struct Tables<'a> {
    pub scope: Scope<'a>,
    pub signatures: Signatures<'a>,
    pub sources: &'a SourceMap,
    /// Rank of a file among the unit's sources.
    pub files: BTreeMap<FileId, u32>,
    /// Rank of a declaration among those of all files, by the place of its name.
    pub ranks: BTreeMap<Span, u32>,
    /// What is known of an old file that is given a meaning; `None` when reading is strict.
    pub lenient: Option<Readings>,
    /// What this round finds out, beginning with what is known.
    pub found: &'a RefCell<Readings>,
    /// Where types are noted, if somebody wants to know them.
    pub notes: Option<&'a RefCell<Notes>>,
}

impl Tables<'_> {
    /// Rank of a declaration in the sources.
    pub fn rank(&self, name: Span) -> u32 {
        self.ranks.get(&name).copied().unwrap_or(u32::MAX)
    }

    /// The place of a span, for the IR.
    pub fn at(&self, span: Span) -> At {
        let file = self.files.get(&span.file).copied().unwrap_or(0);
        let Some(source) = self.sources.get(span.file) else { return At::default() };
        let position = source.position(span.start);
        At { file, line: position.line, column: position.column, start: span.start, end: span.end }
    }
}

/// What a name in sight is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BindingKind {
    Parameter,
    Local,
    Let,
    Loop,
    Lambda,
}

impl BindingKind {
    pub fn word(self) -> &'static str {
        match self {
            BindingKind::Parameter => "a parameter of the function",
            BindingKind::Local => "a local",
            BindingKind::Let => "a `let`",
            BindingKind::Loop => "a loop variable",
            BindingKind::Lambda => "a parameter of the lambda",
        }
    }
}

/// A name in sight.
#[derive(Clone)]
pub(super) struct Binding {
    pub name: String,
    pub slot: u32,
    /// `None` when its value is wrong (and has been reported).
    pub ty: Option<Type>,
    pub kind: BindingKind,
    pub span: Span,
}

/// What caused the handler that is being elaborated.
#[derive(Clone, Copy)]
pub(super) enum CauseInfo<'t, 'a> {
    Nothing,
    Message(&'a ast::Message),
    Trigger(&'t TriggerInfo<'a>),
    Task(&'a ast::Native),
    /// A time limit; nothing comes with it.
    Time,
}

/// Where an expression stands.
#[derive(Clone)]
pub(super) enum Place<'t, 'a> {
    Function {
        returns: Option<Type>,
        /// Where the type of the result is written.
        result: Span,
    },
    Machine {
        actor: &'t ActorInfo<'a>,
        cause: CauseInfo<'t, 'a>,
        /// The states it may be in, for messages about what is unset there.
        states: Vec<String>,
        /// The step that creates the instance, by a trigger.
        creating: bool,
    },
    View {
        shape: &'t Shape,
        block: &'a str,
    },
    /// A property or a scenario, which looks at all peers from outside.
    Observe(super::observe::View<'t, 'a>),
}

/// A generic function with its type variables bound, or a plain one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instance {
    pub function: String,
    pub variables: BTreeMap<String, Type>,
}

impl Instance {
    /// `NAME` or `NAME<uint,hash>`.
    pub fn name(&self, order: &[String]) -> String {
        if order.is_empty() {
            return self.function.clone();
        }
        let types: Vec<String> =
            order.iter().map(|v| self.variables.get(v).map_or_else(String::new, show)).collect();
        format!("{}<{}>", self.function, types.join(","))
    }
}

/// Elaborates expressions, actions and statements of one frame.
pub(super) struct Elab<'t, 'a> {
    pub tables: &'t Tables<'a>,
    pub flows: &'t super::flow::Flows,
    pub place: Place<'t, 'a>,
    pub out: Vec<Diagnostic>,
    pub frame: Vec<Local>,
    pub names: Vec<Binding>,
    pub known: Known,
    /// What an expression of a property or scenario is given, with its slots.
    pub inputs: Vec<(crate::spec::Input, u32)>,
    /// Functions called so far, with the place of the first call.
    pub calls: BTreeMap<Instance, Span>,
    /// Store fields read by `LOAD`.
    pub loads: BTreeMap<String, Span>,
    /// Types of locals of a function, by the place of their first assignment, as far as later assignments told.
    pub hints: BTreeMap<Span, Type>,
    pub hints_changed: bool,
    /// How many trials of an expression are under way inside each other.
    trials: u32,
    /// Reads strictly for a moment, to see whether a lenient reading is needed.
    pub strictly: bool,
}

/// Trials inside trials: each level tries its operands again, so without a bound the work would double with every
/// level of nesting. Deeper ones do without the hint that a trial gives.
const TRIALS_MAX: u32 = 2;

impl<'t, 'a> Elab<'t, 'a> {
    pub fn new(tables: &'t Tables<'a>, flows: &'t super::flow::Flows, place: Place<'t, 'a>) -> Self {
        Elab {
            tables,
            flows,
            place,
            out: Vec::new(),
            frame: Vec::new(),
            names: Vec::new(),
            known: Known::default(),
            inputs: Vec::new(),
            calls: BTreeMap::new(),
            loads: BTreeMap::new(),
            hints: BTreeMap::new(),
            hints_changed: false,
            trials: 0,
            strictly: false,
        }
    }

    pub fn at(&self, span: Span) -> At {
        self.tables.at(span)
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    pub fn make(&self, kind: ExprKind, ty: Type, span: Span) -> Expr {
        Expr::new(kind, ty, self.at(span))
    }

    /// A new slot of the frame.
    pub fn slot(&mut self, name: &str, ty: Type) -> u32 {
        let slot = u32::try_from(self.frame.len()).unwrap_or(u32::MAX);
        self.frame.push(Local { ty, meta: LocalMeta { name: name.to_owned() } });
        slot
    }

    /// Binds a name to a new slot. A value that is wrong binds the name, so that its uses are not reported.
    pub fn bind(&mut self, name: &ast::Ident, ty: Option<Type>, kind: BindingKind) -> u32 {
        if kind != BindingKind::Parameter && kind != BindingKind::Lambda {
            self.check_hiding(name, kind);
        }
        let slot = self.slot(&name.text, ty.clone().unwrap_or(Type::Null));
        if let (Some(notes), Some(ty)) = (self.tables.notes, &ty) {
            notes.borrow_mut().note_name(name.span, ty);
        }
        self.names.push(Binding { name: name.text.clone(), slot, ty, kind, span: name.span });
        self.known.locals.insert(slot);
        slot
    }

    pub fn binding(&self, name: &str) -> Option<&Binding> {
        self.names.iter().rev().find(|b| b.name == name)
    }

    /// The IR local of a slot.
    pub fn local(&self, slot: u32, span: Span) -> Expr {
        let ty =
            usize::try_from(slot).ok().and_then(|i| self.frame.get(i)).map_or(Type::Null, |l| l.ty.clone());
        self.make(ExprKind::Local(slot), ty, span)
    }

    /// Runs `work` with the names of now, and forgets those it binds.
    pub fn scoped<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let names = self.names.len();
        let result = work(self);
        self.names.truncate(names);
        result
    }

    /// Runs `work`, and takes back everything it reported and bound. `None` when too many trials are under way.
    pub fn trial<T>(&mut self, work: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.trials >= TRIALS_MAX {
            return None;
        }
        self.trials = self.trials.saturating_add(1);
        let (names, frame, out) = (self.names.len(), self.frame.len(), self.out.len());
        let inputs = self.inputs.len();
        let known = self.known.clone();
        let hints = self.hints.clone();
        let changed = self.hints_changed;
        let result = work(self);
        self.names.truncate(names);
        self.frame.truncate(frame);
        self.out.truncate(out);
        self.inputs.truncate(inputs);
        self.known = known;
        self.hints = hints;
        self.hints_changed = changed;
        self.trials = self.trials.saturating_sub(1);
        result
    }

    /// Whether what is reported and found now counts, because nothing is only tried.
    pub fn in_earnest(&self) -> bool {
        self.trials == 0 && !self.hints_changed
    }

    /// Whether one more trial would be carried out.
    pub fn can_try(&self) -> bool {
        self.trials < TRIALS_MAX
    }

    /// Would the expression fit the type?
    pub fn fits(&mut self, expr: Expr, want: &Type) -> bool {
        let hints = self.hints.clone();
        let changed = self.hints_changed;
        let fits = self.fit(expr, want).is_ok();
        self.hints = hints;
        self.hints_changed = changed;
        fits
    }

    /// The fields of a record, also of one that only properties and scenarios know.
    pub fn shape_of(&self, record: &str) -> Option<&'t Shape> {
        let declared = self.tables.signatures.shapes.get(record);
        declared.or_else(|| self.view().and_then(|view| view.world.shape(record)))
    }

    /// The store of the actor, where there is one.
    pub fn store(&self) -> Option<&'t Shape> {
        if let Place::Machine { actor, .. } = &self.place { Some(&actor.store) } else { None }
    }

    /// The shared store of the actor, where there is one.
    pub fn shared(&self) -> Option<&'t Shape> {
        if let Place::Machine { actor, .. } = &self.place { Some(&actor.shared) } else { None }
    }

    pub fn actor(&self) -> Option<&'t ActorInfo<'a>> {
        if let Place::Machine { actor, .. } = &self.place { Some(*actor) } else { None }
    }

    pub fn cause(&self) -> CauseInfo<'t, 'a> {
        if let Place::Machine { cause, .. } = &self.place { *cause } else { CauseInfo::Nothing }
    }

    /// Arguments of the trigger, where one is the cause.
    pub fn arguments(&self) -> &'t [(String, super::signature::Slot)] {
        if let CauseInfo::Trigger(trigger) = self.cause() { &trigger.arguments } else { &[] }
    }

    /// A `let`, local or loop variable that hides anything is an error (LANGUAGE 5.2).
    fn check_hiding(&mut self, name: &ast::Ident, kind: BindingKind) {
        let text = name.text.as_str();
        if IDENTIFIERS.contains(&text) || super::scope::is_reserved(text) {
            super::scope::identifier(kind.word().trim_start_matches("a "), name, &mut self.out);
            if super::scope::is_reserved(text) {
                self.report(
                    Diagnostic::new(
                        codes::RESERVED_NAME,
                        name.span,
                        format!("`{text}` is a word of the language"),
                    )
                    .with_label("choose another name"),
                );
            }
            return;
        }
        let hidden: Option<(Option<Span>, &str)> = if let Some(binding) = self.binding(text) {
            Some((Some(binding.span), binding.kind.word()))
        } else if let Some((_, slot)) = self.arguments().iter().find(|(n, _)| n == text) {
            Some((Some(slot.span), "an argument of the trigger"))
        } else if let Some(slot) = self.store().and_then(|s| s.get(text)) {
            Some((Some(slot.span), "a field of the store"))
        } else if let Some(slot) = self.shared().and_then(|s| s.get(text)) {
            Some((Some(slot.span), "a field of the shared store"))
        } else if let Place::View { shape, .. } = &self.place
            && let Some(slot) = shape.get(text)
        {
            Some((Some(slot.span), "a field of the view"))
        } else if let Some(entry) = self.tables.scope.parameters.get(text) {
            Some((Some(entry.name.span), "a parameter"))
        } else if let Some(owners) = self.tables.scope.values.get(text) {
            let owner = owners.first().and_then(|n| self.tables.scope.enumeration(n));
            Some((owner.map(|e| e.name.span), "a value of an enum"))
        } else {
            None
        };
        if let Some((span, what)) = hidden {
            let mut diagnostic =
                Diagnostic::new(codes::HIDES, name.span, format!("`{text}` is the name of {what} already"))
                    .with_label(format!("this would be {} of the same name", kind.word()))
                    .with_note("one word would mean two things a line apart")
                    .with_help("choose another name");
            if let Some(span) = span {
                diagnostic = diagnostic.with_secondary(span, "declared here");
            }
            self.report(diagnostic);
        }
    }
}
