//! What guards imply, exclude and cover: a sound decision helper over conditions of the IR.
//!
//! Every question comes down to one: *can these conditions hold together?* Conditions are put into negation normal
//! form over three kinds of atoms: equality of opaque terms (with `null`, the truth values and the values of enums
//! as constants that differ), linear inequalities over whole numbers, points and spans of time, and order of floats
//! and texts. Terms are equal when they are written alike after `let`s and small functions have been put in. A
//! tableau splits the alternatives; each branch is closed by congruence of constants, by exhausted enums, or by
//! Fourier–Motzkin elimination (R. Bradley, Z. Manna, *The Calculus of Computation*, chapters 2 and 9).
//!
//! An answer *yes* is certain; everything else is *unknown*. Faults are on the safe side: a condition that faults
//! fires nothing, so only worlds are considered in which what is evaluated has a value. What the world answers
//! (natives, `READ`, `EQUIVOCATION`, `RANDOM_BYTES`, `GENERATE_ID`) is another unknown each time it is asked;
//! `NOW()` is one instant, because all guards of a choice are judged in one step.

use super::walk;
pub use answers::{Answers, Remembered};
use omt_runtime::ir::{Builtin, Expr, ExprKind, Protocol, Transition};

mod answers;
mod linear;
mod solve;
mod term;
#[cfg(test)]
mod tests;

/// A condition and the `let`s before it.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    lets: &'a [(u32, Expr)],
    condition: Option<&'a Expr>,
}

impl<'a> Guard<'a> {
    /// The guard of a transition; one without a guard always holds.
    pub fn of(transition: &'a Transition) -> Guard<'a> {
        Guard::after(&transition.lets, transition.guard.as_ref())
    }

    /// A condition behind `let`s; without a condition it always holds.
    pub fn after(lets: &'a [(u32, Expr)], condition: Option<&'a Expr>) -> Guard<'a> {
        Guard { lets, condition }
    }

    /// The condition alone.
    pub fn condition(&self) -> Option<&'a Expr> {
        self.condition
    }

    /// The condition and the values of the `let`s.
    pub fn parts(&self) -> impl Iterator<Item = &'a Expr> + use<'a> {
        self.lets.iter().map(|(_, value)| value).chain(self.condition)
    }
}

impl<'a> From<&'a Expr> for Guard<'a> {
    fn from(condition: &'a Expr) -> Guard<'a> {
        Guard { lets: &[], condition: Some(condition) }
    }
}

/// What is taken for granted about parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// Their values: the answer holds for this source as it stands.
    Folded,
    /// Their types alone: the answer holds whatever their values are.
    Open,
}

/// Answers questions about conditions of one transaction.
#[derive(Clone, Copy)]
pub struct Logic<'a> {
    protocol: &'a Protocol,
    parameters: Parameters,
    one_frame: bool,
    remembered: Option<&'a Remembered<'a>>,
}

impl<'a> Logic<'a> {
    /// With the values of the parameters. The conditions of a question may come from different handlers, so a local
    /// that no `let` of its own condition explains is another one in each.
    pub fn new(protocol: &'a Protocol) -> Logic<'a> {
        Logic { protocol, parameters: Parameters::Folded, one_frame: false, remembered: None }
    }

    /// With what is known of the same protocol, or an earlier state of it.
    #[must_use]
    pub fn remembering(mut self, remembered: Option<&'a Remembered<'a>>) -> Logic<'a> {
        self.remembered = remembered;
        self
    }

    /// The protocol.
    pub fn protocol(&self) -> &'a Protocol {
        self.protocol
    }

    /// With other knowledge about parameters.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Logic<'a> {
        self.parameters = parameters;
        self
    }

    /// For conditions of one handler, between which no local changes: a local is the same in all of them.
    #[must_use]
    pub fn in_one_frame(mut self) -> Logic<'a> {
        self.one_frame = true;
        self
    }

    /// Is it impossible that each of these conditions turns out as claimed, all judged at one instant over one store?
    pub fn impossible(&self, claims: &[(Guard<'a>, bool)]) -> bool {
        let find = || self.decide(claims);
        match self.remembered {
            Some(remembered) => remembered.answer(claims, (self.parameters, self.one_frame), find),
            None => find(),
        }
    }

    fn decide(&self, claims: &[(Guard<'a>, bool)]) -> bool {
        let mut terms = term::Terms::new(self.protocol, self.parameters);
        let formulas: Vec<term::Formula> = claims
            .iter()
            .enumerate()
            .map(|(index, (guard, when))| {
                let frame = if self.one_frame { 0 } else { u32::try_from(index).unwrap_or(u32::MAX) };
                terms.claim(guard.lets, guard.condition, *when, frame)
            })
            .collect();
        solve::unsatisfiable(&terms, formulas)
    }

    /// Whenever the first holds, so does the second.
    pub fn implies(&self, first: impl Into<Guard<'a>>, second: impl Into<Guard<'a>>) -> bool {
        self.impossible(&[(first.into(), true), (second.into(), false)])
    }

    /// They never hold together.
    pub fn contradicts(&self, first: impl Into<Guard<'a>>, second: impl Into<Guard<'a>>) -> bool {
        self.impossible(&[(first.into(), true), (second.into(), true)])
    }

    /// It holds in every case.
    pub fn always_true(&self, guard: impl Into<Guard<'a>>) -> bool {
        self.impossible(&[(guard.into(), false)])
    }

    /// It holds in no case.
    pub fn always_false(&self, guard: impl Into<Guard<'a>>) -> bool {
        self.impossible(&[(guard.into(), true)])
    }

    /// In every case one of them holds.
    pub fn covers(&self, guards: &[Guard<'a>]) -> bool {
        let claims: Vec<_> = guards.iter().map(|guard| (*guard, false)).collect();
        self.impossible(&claims)
    }
}

/// Does an expression itself ask the world, so that the answer may be another one next time?
fn asks(expr: &Expr) -> bool {
    if let ExprKind::Builtin(builtin, _) = &expr.kind {
        return matches!(
            builtin,
            Builtin::Read | Builtin::Equivocation | Builtin::RandomBytes | Builtin::GenerateId
        );
    }
    matches!(expr.kind, ExprKind::Native(..))
}

/// Does a function ask the world, itself or through others?
fn asking(protocol: &Protocol, call: &Expr) -> bool {
    let mut found = false;
    for name in walk::reached(protocol, call) {
        if let Some(function) = protocol.functions.get(name) {
            walk::body(&function.body, &mut |e| found |= asks(e));
        }
    }
    found
}
