#![doc = include_str!("../pages/W0566.md")]

use crate::check::Check;
use crate::diagnostic::Code;
use crate::diagnostic::codes::warning;

/// Its code.
pub const CODE: Code =
    warning("W0566", "messages that are collected and never counted", include_str!("../pages/W0566.md"));

/// The check: found together with fields that nobody reads, in `unread_store`.
pub const CHECK: Check = Check { code: CODE, run: |_, _| {} };
