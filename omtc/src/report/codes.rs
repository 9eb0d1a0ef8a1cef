//! W0901–W0909: allowances.

use crate::diagnostic::Code;
use crate::diagnostic::codes::warning;

/// A comment that was meant to be an allowance and is none.
pub const MALFORMED: Code = warning("W0901", "no allowance", include_str!("pages/W0901.md"));

/// An allowance that silences nothing.
pub const SUPERFLUOUS: Code = warning("W0902", "superfluous allowance", include_str!("pages/W0902.md"));

/// An allowance of what cannot be allowed.
pub const FORBIDDEN: Code = warning("W0903", "cannot be allowed", include_str!("pages/W0903.md"));

/// All of them.
pub const ALL: &[Code] = &[MALFORMED, SUPERFLUOUS, FORBIDDEN];
