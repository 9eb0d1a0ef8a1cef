//! Is this IR well-formed? Everything that an executor takes for granted is checked here, so that a package from
//! anywhere can be loaded: names resolve, slots exist, every expression has the type it claims, nothing recurses.
//!
//! What makes a protocol *good* (LANGUAGE 5.5 to 5.8) is judged by the compiler, not here.

mod calls;
mod expr;
mod machine;
mod types;

use super::{Actor, At, Local, Protocol, View};
use std::fmt;

/// Nodes of the IR that one step evaluates inside each other, through calls and views: what an executor's stack must
/// bear, also in a build without optimisation and on a thread of 2 MiB. Hand-written protocols need about fifty.
pub const EVALUATION_DEPTH_MAX: u32 = 400;

/// Slots of a frame: more than any person writes, and little enough to allocate per call.
pub const FRAME_SLOTS_MAX: usize = 4_096;

/// Types inside each other. The wire allows 32 levels of nesting.
pub const TYPE_DEPTH_MAX: u32 = 16;

/// Findings that one run reports: enough to see what is wrong with a compiler, not a flood.
const FINDINGS_MAX: usize = 32;

/// Something that is not well-formed, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Malformed {
    /// Declaration, and position in the source as far as the IR tells.
    pub place: String,
    /// What is wrong.
    pub reason: String,
}

/// Checks the whole protocol.
///
/// # Errors
/// What is wrong with it, at most 32 findings, never none.
pub fn validate(protocol: &Protocol) -> Result<(), Vec<Malformed>> {
    let mut checker = Checker { protocol, findings: Vec::new(), place: Vec::new() };
    checker.declarations();
    // Calls are followed by name and bodies by depth: only where names resolve.
    if checker.findings.is_empty() {
        checker.calls();
    }
    if checker.findings.is_empty() { Ok(()) } else { Err(checker.findings) }
}

struct Checker<'p> {
    protocol: &'p Protocol,
    findings: Vec<Malformed>,
    /// Declarations around the place that is being checked, outermost first.
    place: Vec<String>,
}

/// What an expression or action may refer to where it stands.
#[derive(Clone, Copy)]
struct Scope<'p> {
    frame: &'p [Local],
    body: Body<'p>,
}

/// The kind of body.
#[derive(Clone, Copy)]
enum Body<'p> {
    /// Guards and actions of an actor.
    Actor { actor: &'p Actor, name: &'p str, cause: Caused<'p> },
    /// A function.
    Function,
    /// A handler of a view.
    View { view: &'p View, block: &'p str },
}

/// What caused the step, where it can be named.
#[derive(Clone, Copy)]
enum Caused<'p> {
    /// Nothing that has data.
    Nothing,
    Message(&'p str),
    Trigger(&'p str),
    Task(&'p str),
}

impl<'p> Checker<'p> {
    fn report(&mut self, at: At, reason: impl fmt::Display) {
        if self.findings.len() >= FINDINGS_MAX {
            return;
        }
        let mut place = self.place.join(", ");
        if at.line > 0 {
            let file = usize::try_from(at.file).ok().and_then(|file| self.protocol.meta.sources.get(file));
            let file = file.map_or("?", String::as_str);
            place.push_str(&format!(" ({file}:{}:{})", at.line, at.column));
        }
        self.findings.push(Malformed { place, reason: reason.to_string() });
    }

    fn within(&mut self, place: impl Into<String>, check: impl FnOnce(&mut Self)) {
        // Enough has been seen; a hostile package must not make this run long.
        if self.findings.len() >= FINDINGS_MAX {
            return;
        }
        self.place.push(place.into());
        check(self);
        self.place.pop();
    }
}

#[cfg(test)]
mod tests;
