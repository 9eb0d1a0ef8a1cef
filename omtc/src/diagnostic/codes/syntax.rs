//! E0001–E0099 and W0001–W0009: words and grammar.

use super::{Code, error, warning};

/// All of them, in ascending order.
pub const ALL: &[Code] = &[
    UNREADABLE,
    OPEN_STRING,
    FOREIGN_OPERATOR,
    SUPERFLUOUS,
    GLUED,
    NOT_UTF8,
    TOO_LARGE,
    TOO_MANY,
    FOREIGN_COMMENT,
    UNEXPECTED,
    UNCLOSED,
    UNOPENED,
    TOO_DEEP,
    EMPTY_BLOCK,
    PATH_EXTENSION,
    BRANCH_PARENTHESES,
    OPERAND_PARENTHESES,
    CHAINED_COMPARISON,
    ASSIGN_FOR_COMPARE,
    NOT_CALLABLE,
    CONTINUED,
    IF_THEN_LOGIC,
];

/// Characters outside of the language.
pub const UNREADABLE: Code =
    error("E0001", "characters outside of the language", include_str!("../pages/E0001.md"));

/// String without an end.
pub const OPEN_STRING: Code = error("E0002", "string without an end", include_str!("../pages/E0002.md"));

/// Operator of another language.
pub const FOREIGN_OPERATOR: Code =
    error("E0003", "operator of another language", include_str!("../pages/E0003.md"));

/// Separator without a meaning.
pub const SUPERFLUOUS: Code =
    error("E0004", "separator without a meaning", include_str!("../pages/E0004.md"));

/// Number and word run together.
pub const GLUED: Code = error("E0005", "number and word run together", include_str!("../pages/E0005.md"));

/// Not UTF-8.
pub const NOT_UTF8: Code = error("E0006", "not UTF-8", include_str!("../pages/E0006.md"));

/// File too large.
pub const TOO_LARGE: Code = error("E0007", "file too large", include_str!("../pages/E0007.md"));

/// Too many findings.
pub const TOO_MANY: Code = error("E0008", "too many findings", include_str!("../pages/E0008.md"));

/// Comment of another language.
pub const FOREIGN_COMMENT: Code =
    error("E0009", "comment of another language", include_str!("../pages/E0009.md"));

/// Unexpected token.
pub const UNEXPECTED: Code = error("E0010", "unexpected token", include_str!("../pages/E0010.md"));

/// Bracket never closed.
pub const UNCLOSED: Code = error("E0011", "bracket never closed", include_str!("../pages/E0011.md"));

/// Bracket closes nothing.
pub const UNOPENED: Code = error("E0012", "bracket closes nothing", include_str!("../pages/E0012.md"));

/// Nested too deeply.
pub const TOO_DEEP: Code = error("E0013", "nested too deeply", include_str!("../pages/E0013.md"));

/// Block without a statement.
pub const EMPTY_BLOCK: Code = error("E0014", "block without a statement", include_str!("../pages/E0014.md"));

/// Extension in a path.
pub const PATH_EXTENSION: Code = error("E0015", "extension in a path", include_str!("../pages/E0015.md"));

/// Branch of an IF needs parentheses.
pub const BRANCH_PARENTHESES: Code =
    error("E0020", "branch of an IF needs parentheses", include_str!("../pages/E0020.md"));

/// Operand needs parentheses.
pub const OPERAND_PARENTHESES: Code =
    error("E0021", "operand needs parentheses", include_str!("../pages/E0021.md"));

/// Chained comparison.
pub const CHAINED_COMPARISON: Code = error("E0022", "chained comparison", include_str!("../pages/E0022.md"));

/// `=` in an expression.
pub const ASSIGN_FOR_COMPARE: Code =
    error("E0023", "`=` in an expression", include_str!("../pages/E0023.md"));

/// Not a function's name.
pub const NOT_CALLABLE: Code = error("E0024", "not a function's name", include_str!("../pages/E0024.md"));

/// Line continues the one before.
pub const CONTINUED: Code =
    warning("W0001", "line continues the one before", include_str!("../pages/W0001.md"));

/// AND or OR after an IF.
pub const IF_THEN_LOGIC: Code = warning("W0002", "AND or OR after an IF", include_str!("../pages/W0002.md"));
