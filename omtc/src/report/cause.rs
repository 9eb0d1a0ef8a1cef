//! One cause, one finding: what follows from another finding is left out, and what is said several times about one
//! mistake is said once.

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::sema::{Unit, UnitFile, codes};
use crate::source::{FileId, Span};
use omt_runtime::ir::{At, Handler};
use std::collections::{BTreeMap, BTreeSet};

/// How many places a finding shows. The first few tell where it comes from; more bury it.
const LABELS_MAX: usize = 10;

/// A finding of `cause` makes those of `effects` beside it superfluous: they go away with it.
struct Rule {
    cause: &'static [&'static str],
    /// First and last code.
    effects: &'static [(&'static str, &'static str)],
    beside: Beside,
}

/// Where an effect stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// At the same place.
    Place,
    /// In the declaration that the cause names.
    Declaration,
    /// In the state that the cause names, or in a transition that leaves no other state.
    State,
}

/// A finding explains only findings that are no graver than itself.
const RULES: &[Rule] = &[
    // What is written for a state that is never entered never happens.
    Rule {
        cause: &["W0450"],
        effects: &[("W0451", "W0479"), ("W0550", "W0579"), ("S0701", "S0799")],
        beside: Beside::State,
    },
    // Nobody reads the fields of a message that nobody sends or handles.
    Rule {
        cause: &["E0550", "E0551"],
        effects: &[("W0101", "W0101"), ("W0550", "W0579")],
        beside: Beside::Declaration,
    },
    // Nor those of a record, or the values of an enum, that nobody uses.
    Rule {
        cause: &["W0101"],
        effects: &[("W0101", "W0101"), ("W0556", "W0569")],
        beside: Beside::Declaration,
    },
    // What nobody sends, or has no use for, nobody sends to one role either.
    Rule { cause: &["E0550", "E0551", "W0551"], effects: &[("W0552", "W0552")], beside: Beside::Place },
    // A peer in the place of another role is why the value is not what the name says.
    Rule { cause: &["W0562"], effects: &[("W0557", "W0557")], beside: Beside::Place },
    // What is named nowhere else is neither read nor written.
    Rule { cause: &["W0101"], effects: &[("W0550", "W0579")], beside: Beside::Place },
    // What is compared with itself always turns out the same.
    Rule { cause: &["W0560"], effects: &[("W0454", "W0454")], beside: Beside::Place },
];

/// For each finding, whether another one explains it.
pub(super) fn explained(units: &[&Unit], files: &[UnitFile], diagnostics: &[Diagnostic]) -> Vec<bool> {
    let mut found = vec![false; diagnostics.len()];
    for rule in RULES {
        let causes: Vec<&Diagnostic> =
            diagnostics.iter().filter(|d| rule.cause.contains(&d.code.id)).collect();
        let Some(gravest) = causes.iter().map(|d| d.severity).min() else { continue };
        let is_effect = |d: &Diagnostic| {
            let id = d.code.id;
            d.severity >= gravest && rule.effects.iter().any(|(first, last)| *first <= id && id <= *last)
        };
        if !diagnostics.iter().any(is_effect) {
            continue;
        }
        let reach = match rule.beside {
            Beside::Place => causes.iter().map(|d| (d.span(), d.severity)).collect(),
            Beside::Declaration => declarations(files, &causes),
            Beside::State => states(units, &causes),
        };
        let reach = Reach::new(reach);
        for (slot, d) in found.iter_mut().zip(diagnostics).filter(|(_, d)| is_effect(d)) {
            *slot |= reach.holds(d.span(), d.severity);
        }
    }
    found
}

/// Ranges, none of which begins where another does.
struct Reach(BTreeMap<(FileId, u32), (u32, Severity)>);

impl Reach {
    fn new(spans: Vec<(Span, Severity)>) -> Reach {
        Reach(spans.into_iter().map(|(s, severity)| ((s.file, s.start), (s.end, severity))).collect())
    }

    /// Whether the innermost range before a place holds it, and is about something as grave.
    fn holds(&self, span: Span, severity: Severity) -> bool {
        let before = self.0.range(..=(span.file, span.start)).next_back();
        before.is_some_and(|((file, start), (end, cause))| {
            *file == span.file && (span.start < *end || span.start == *start) && severity >= *cause
        })
    }
}

/// What stands in the declarations that findings name, behind the name.
fn declarations(files: &[UnitFile], causes: &[&Diagnostic]) -> Vec<(Span, Severity)> {
    let named: BTreeMap<(FileId, u32), Severity> =
        causes.iter().map(|d| ((d.span().file, d.span().start), d.severity)).collect();
    let mut found = Vec::new();
    for decl in files.iter().flat_map(|file| &file.tree.decls) {
        let Some(name) = decl.name() else { continue };
        let of = |at: u32| named.get(&(name.span.file, at));
        if let Some(severity) = of(name.span.start).or(of(decl.span().start)) {
            found.push((Span { start: name.span.end, ..decl.span() }, *severity));
        }
    }
    found
}

/// The states that findings name, and the transitions that leave only such states.
fn states(units: &[&Unit], causes: &[&Diagnostic]) -> Vec<(Span, Severity)> {
    let named: BTreeMap<Span, Severity> = causes.iter().map(|d| (d.span(), d.severity)).collect();
    let mut found = BTreeMap::new();
    for unit in units {
        let span = |at: At| {
            let file = unit.files.get(at.file as usize).map(|file| file.id);
            Span::new(file.unwrap_or_default(), at.start, at.end)
        };
        for actor in unit.protocol.iter().flat_map(|protocol| protocol.actors.values()) {
            let mut alive = BTreeSet::new();
            let mut dead = BTreeMap::new();
            for state in actor.states.values() {
                let handlers = state.handlers.iter().map(|handler| match handler {
                    Handler::Transition(t) => span(t.meta.at),
                    Handler::Collect(c) => span(c.meta.at),
                });
                match named.get(&span(state.meta.at)) {
                    Some(severity) => {
                        dead.insert(span(state.meta.at), *severity);
                        dead.extend(handlers.map(|h| (h, *severity)));
                    }
                    None => alive.extend(handlers),
                }
            }
            found.extend(dead.into_iter().filter(|(span, _)| !alive.contains(span)));
        }
    }
    found.into_iter().collect()
}

/// Codes of names that are looked up in the whole file: one declaration is missing, however often it is named.
const EVERYWHERE: &[&str] = &[
    codes::UNKNOWN_TYPE.id,
    codes::UNKNOWN_FUNCTION.id,
    codes::UNKNOWN_DECLARATION.id,
    codes::UNKNOWN_ACTOR.id,
];

/// Codes of names that are looked up in one declaration.
const WITHIN: &[&str] = &[
    codes::UNKNOWN_NAME.id,
    codes::UNKNOWN_FIELD.id,
    codes::UNKNOWN_STATE.id,
    codes::UNKNOWN_CAUSE.id,
    codes::DUPLICATE.id,
];

/// Says once what several findings say about one place, or about one name. The findings are in the order of their
/// places, and stay so.
pub(super) fn merge(files: &[UnitFile], diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut starts: BTreeMap<FileId, Vec<u32>> = BTreeMap::new();
    for file in files {
        let mut list: Vec<u32> = file.tree.decls.iter().map(|decl| decl.span().start).collect();
        list.sort_unstable();
        starts.insert(file.id, list);
    }
    // The declaration in which a place lies.
    let declaration = |span: Span| {
        starts.get(&span.file).map_or(0, |list| list.partition_point(|start| *start <= span.start))
    };
    let mut kept: Vec<Merged> = Vec::new();
    let mut places: BTreeMap<(&str, Span), usize> = BTreeMap::new();
    let mut names: BTreeMap<(&str, FileId, usize, String), usize> = BTreeMap::new();
    for d in diagnostics {
        let id = d.code.id;
        if let Some(index) = places.get(&(id, d.span())) {
            kept.get_mut(*index).into_iter().for_each(|first| first.same_place(&d));
            continue;
        }
        let scope = if EVERYWHERE.contains(&id) {
            Some(0)
        } else {
            WITHIN.contains(&id).then(|| declaration(d.span()))
        };
        if let Some(scope) = scope {
            let key = (id, d.span().file, scope, d.message.clone());
            if let Some(first) = names.get(&key).and_then(|index| kept.get_mut(*index)) {
                first.same_name(d);
                continue;
            }
            names.insert(key, kept.len());
        }
        places.insert((id, d.span()), kept.len());
        kept.push(Merged { diagnostic: d, further: 0 });
    }
    kept.into_iter().map(Merged::finish).collect()
}

/// A finding that others have been joined to.
struct Merged {
    diagnostic: Diagnostic,
    /// Places of the same name that have no label.
    further: usize,
}

impl Merged {
    /// Something else about the same place.
    fn same_place(&mut self, other: &Diagnostic) {
        if other.message != self.diagnostic.message {
            self.label(other.span(), format!("also: {}", other.message));
        }
        for label in &other.secondary {
            if !self.diagnostic.secondary.contains(label) {
                self.label(label.span, label.message.clone());
            }
        }
    }

    /// The same name at another place: the same repair, in both places.
    fn same_name(&mut self, other: Diagnostic) {
        self.label(other.span(), "and here".to_owned());
        for fix in other.fixes {
            let same = self
                .diagnostic
                .fixes
                .iter_mut()
                .find(|f| f.message == fix.message && f.applicability == fix.applicability);
            if let Some(same) = same {
                same.edits.extend(fix.edits.into_iter().filter(|e| e.span == other.primary.span));
            }
        }
    }

    fn label(&mut self, span: Span, message: String) {
        if self.diagnostic.secondary.len() < LABELS_MAX {
            self.diagnostic.secondary.push(Label { span, message });
        } else {
            self.further = self.further.saturating_add(1);
        }
    }

    fn finish(mut self) -> Diagnostic {
        let d = &mut self.diagnostic;
        let cut = d.secondary.len().saturating_sub(LABELS_MAX);
        d.secondary.truncate(LABELS_MAX);
        let further = self.further.saturating_add(cut);
        if further > 0 {
            let more = format!("there are {further} further places that are not shown");
            d.note = Some(match d.note.take() {
                Some(note) => format!("{note}; {more}"),
                None => more,
            });
        }
        self.diagnostic
    }
}
