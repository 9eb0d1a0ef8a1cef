//! E0001–E0099 and W0001–W0009: words and grammar.

use super::{Code, error};

/// All of them.
pub const ALL: &[Code] = &[UNEXPECTED];

/// A token that the grammar does not allow here.
pub const UNEXPECTED: Code = error(
    "E0010",
    "unexpected token",
    "# What it checks\nThe source follows the grammar.\n\n# Why it matters\nWhat cannot be read has no meaning.\n\n\
     # Example\n```omt\nenum Verdict ( ACCEPT 1 )\n```\n\n# Instead\n```omt\nenum Verdict ( ACCEPT )\n```\n",
);
