//! Where a run was not as expected.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{SourceMap, Span};

/// Characters of a source that are quoted in a sentence.
const QUOTED_LENGTH_MAX: usize = 80;

/// Kinds of deviations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An `expect` was not met.
    Expectation,
    /// The messages of an `expect sequence` were not said in that order.
    Sequence,
    /// A property did not hold.
    Property,
    /// An expression had no value: null where a value is needed, an index outside a list, ….
    Value,
    /// A step of the scenario could not be done.
    Step,
    /// A host lacks a native function.
    Native,
    /// An instance was stopped by a fault: a defect of the protocol.
    Fault,
    /// A limit of the run was reached: it may never end.
    Limit,
    /// The cast cannot begin like that.
    Cast,
}

impl Kind {
    /// The word for it, in all forms.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Expectation => "expectation",
            Kind::Sequence => "sequence",
            Kind::Property => "property",
            Kind::Value => "value",
            Kind::Step => "step",
            Kind::Native => "native",
            Kind::Fault => "fault",
            Kind::Limit => "limit",
            Kind::Cast => "cast",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Kind::Expectation => "an expectation is not met",
            Kind::Sequence => "messages are not said in that order",
            Kind::Property => "a property does not hold",
            Kind::Value => "an expression has no value",
            Kind::Step => "a step cannot be done",
            Kind::Native => "a native function has no answer",
            Kind::Fault => "an instance was stopped by a fault",
            Kind::Limit => "the scenario does not end",
            Kind::Cast => "the cast cannot begin",
        }
    }
}

/// The first thing in a run that was not as expected; the run ends there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Which kind.
    pub kind: Kind,
    /// When, in microseconds after the start.
    pub at: i64,
    /// The part of the scenario, or the property, that was not kept.
    pub place: Span,
    /// A sentence about it; where [`Deviation::quotes`], about the text at the place, which [`Deviation::sentence`] puts
    /// before it.
    pub message: String,
    /// Is the text at the place the subject of the sentence?
    pub quotes: bool,
    /// What to say at the place.
    pub label: String,
    /// Other places, with what to say there.
    pub also: Vec<(Span, String)>,
    /// What was there instead.
    pub facts: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Deviation {
    pub(super) fn new(kind: Kind, at: i64, place: Span, message: impl Into<String>) -> Deviation {
        Deviation {
            kind,
            at,
            place,
            message: message.into(),
            quotes: false,
            label: String::new(),
            also: Vec::new(),
            facts: Vec::new(),
            help: None,
        }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Deviation {
        self.label = label.into();
        self
    }

    pub(super) fn also(mut self, place: Span, text: impl Into<String>) -> Deviation {
        self.also.push((place, text.into()));
        self
    }

    pub(super) fn facts(mut self, facts: Vec<String>) -> Deviation {
        self.facts = facts;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Deviation {
        self.help = Some(help.into());
        self
    }

    pub(super) fn quoting(mut self) -> Deviation {
        self.quotes = true;
        self
    }

    /// What is wrong, in a sentence.
    pub fn sentence(&self, sources: &SourceMap) -> String {
        if !self.quotes {
            return self.message.clone();
        }
        let text = sources.get(self.place.file).and_then(|file| {
            let range = usize::try_from(self.place.start).ok()?..usize::try_from(self.place.end).ok()?;
            file.text().get(range)
        });
        // One line, however it is laid out.
        let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
        let mut quoted = words.join(" ");
        if quoted.chars().count() > QUOTED_LENGTH_MAX {
            quoted = quoted.chars().take(QUOTED_LENGTH_MAX - 1).chain(['…']).collect();
        }
        format!("`{quoted}` {}", self.message)
    }

    /// As a finding, to be shown like any other.
    pub fn diagnostic(&self, sources: &SourceMap) -> Diagnostic {
        let code = Code {
            id: self.kind.word(),
            title: self.kind.title(),
            severity: Severity::Error,
            explanation: "",
        };
        let mut diagnostic =
            Diagnostic::new(code, self.place, self.sentence(sources)).with_label(self.label.as_str());
        for (place, text) in &self.also {
            diagnostic = diagnostic.with_secondary(*place, text.as_str());
        }
        if !self.facts.is_empty() {
            diagnostic = diagnostic.with_note(self.facts.join("; "));
        }
        match &self.help {
            Some(help) => diagnostic.with_help(help.as_str()),
            None => diagnostic,
        }
    }
}
