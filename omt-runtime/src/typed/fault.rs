//! Faults get their place where they arise.

use crate::fault::FaultKind;
use crate::ir::At;
use crate::machine::Raised;

/// Gives a fault the place of the expression that faulted.
pub trait FaultAt<T> {
    /// In the first source of the protocol: its own file.
    fn at(self, line: u32, column: u32) -> Result<T, Raised>;

    /// In another source: an imported one.
    fn at_in(self, file: u32, line: u32, column: u32) -> Result<T, Raised>;
}

impl<T, E: Into<Raised>> FaultAt<T> for Result<T, E> {
    fn at(self, line: u32, column: u32) -> Result<T, Raised> {
        self.at_in(0, line, column)
    }

    fn at_in(self, file: u32, line: u32, column: u32) -> Result<T, Raised> {
        self.map_err(|fault| fault.into().innermost(At { file, line, column, start: 0, end: 0 }))
    }
}

/// A value that may be unset, where it is needed.
pub trait Needed<T> {
    /// The value; null is a fault.
    fn needed(self) -> Result<T, FaultKind>;
}

impl<T> Needed<T> for Option<T> {
    fn needed(self) -> Result<T, FaultKind> {
        self.ok_or(FaultKind::Null)
    }
}
