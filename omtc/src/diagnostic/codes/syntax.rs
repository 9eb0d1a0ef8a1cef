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
pub const UNREADABLE: Code = error(
    "E0001",
    "characters outside of the language",
    r##"# What it checks
Outside of strings and comments a source consists of ASCII names, numbers, strings in double quotes, brackets and operators.

# Why it matters
A character that only looks like a known one would make two sources look alike and mean different things.

# Example
```omt
function f(a uint) -> uint ( RETURN a § 2 )
```

# Instead
```omt
function f(a uint) -> uint ( RETURN a * 2 )
```
"##,
);

/// String without an end.
pub const OPEN_STRING: Code = error(
    "E0002",
    "string without an end",
    r##"# What it checks
Every string is closed on the line on which it begins.

# Why it matters
Strings have no escapes and span no lines, so a forgotten quote would swallow the rest of the line.

# Example
```omt
transaction 01 "Escrow
```

# Instead
```omt
transaction 01 "Escrow"
```
"##,
);

/// Operator of another language.
pub const FOREIGN_OPERATOR: Code = error(
    "E0003",
    "operator of another language",
    r##"# What it checks
Logic is written in words.

# Why it matters
One spelling for one thing keeps protocols readable for people who do not program.

# Example
```omt
property p always ( a && !b )
```

# Instead
```omt
property p always ( a AND NOT b )
```
"##,
);

/// Separator without a meaning.
pub const SUPERFLUOUS: Code = error(
    "E0004",
    "separator without a meaning",
    r##"# What it checks
Nothing separates declarations, fields, actions and statements; a name and its type stand side by side.

# Why it matters
A sign without a meaning invites the belief that it has one.

# Example
```omt
struct Point ( x: int, y: int )
```

# Instead
```omt
struct Point ( x int  y int )
```
"##,
);

/// Number and word run together.
pub const GLUED: Code = error(
    "E0005",
    "number and word run together",
    r##"# What it checks
A number and the word after it are apart.

# Why it matters
A name cannot begin with a digit; `30seconds` could be read as either.

# Example
```omt
parameters ( LIMIT = 30seconds )
```

# Instead
```omt
parameters ( LIMIT = 30 seconds )
```
"##,
);

/// Not UTF-8.
pub const NOT_UTF8: Code = error(
    "E0006",
    "not UTF-8",
    r##"# What it checks
A source is valid UTF-8.

# Why it matters
Other encodings would make strings, and with them protocol ids, depend on the editor.

# Example
There is no short one.

# Instead
Save the file as UTF-8.
"##,
);

/// File too large.
pub const TOO_LARGE: Code = error(
    "E0007",
    "file too large",
    r##"# What it checks
A source has at most 64 MiB.

# Why it matters
Positions are 32-bit numbers, and a mistaken path must not exhaust the memory.

# Example
There is no short one.

# Instead
Split the file; `imports` puts the parts together.
"##,
);

/// Too many findings.
pub const TOO_MANY: Code = error(
    "E0008",
    "too many findings",
    r##"# What it checks
At most 500 findings of one file are kept.

# Why it matters
More help nobody, and noise would otherwise become a flood.

# Example
There is no short one.

# Instead
Repair the first findings.
"##,
);

/// Unexpected token.
pub const UNEXPECTED: Code = error(
    "E0010",
    "unexpected token",
    r##"# What it checks
The source follows the grammar.

# Why it matters
What cannot be read has no meaning.

# Example
```omt
enum Verdict ( ACCEPT 1 )
```

# Instead
```omt
enum Verdict ( ACCEPT )
```
"##,
);

/// Bracket never closed.
pub const UNCLOSED: Code = error(
    "E0011",
    "bracket never closed",
    r##"# What it checks
Every bracket is closed.

# Why it matters
Everything after it would belong to it.

# Example
```omt
struct A ( x int
struct B ( y int )
```

# Instead
```omt
struct A ( x int )
struct B ( y int )
```
"##,
);

/// Bracket closes nothing.
pub const UNOPENED: Code = error(
    "E0012",
    "bracket closes nothing",
    r##"# What it checks
Every closing bracket has an opening one.

# Why it matters
Usually there is one too many further above.

# Example
```omt
struct A ( x int ) )
```

# Instead
```omt
struct A ( x int )
```
"##,
);

/// Nested too deeply.
pub const TOO_DEEP: Code = error(
    "E0013",
    "nested too deeply",
    r##"# What it checks
Brackets, blocks, types and operators nest at most 256 levels deep; a chain of operators nests once per operator.

# Why it matters
Every later pass walks over the tree; the limit keeps it within its stack.

# Example
There is no short one.

# Instead
Give a part of it a name of its own: a function, a `let`, or a field.
"##,
);

/// Block without a statement.
pub const EMPTY_BLOCK: Code = error(
    "E0014",
    "block without a statement",
    r##"# What it checks
A function, and parentheses around statements, hold at least one statement.

# Why it matters
A function that returns nothing has no value.

# Example
```omt
function f() -> uint ( )
```

# Instead
```omt
function f() -> uint ( RETURN 0 )
```
"##,
);

/// Extension in a path.
pub const PATH_EXTENSION: Code = error(
    "E0015",
    "extension in a path",
    r##"# What it checks
Paths of `imports` and `uses` have no extension.

# Why it matters
`imports X` means `X.omt` or `X/transaction.omt`, whichever exists.

# Example
```omt
imports shared/common.omt
```

# Instead
```omt
imports shared/common
```
"##,
);

/// Branch of an IF needs parentheses.
pub const BRANCH_PARENTHESES: Code = error(
    "E0020",
    "branch of an IF needs parentheses",
    r##"# What it checks
AND, OR, NOT and lambdas inside the branches of an IF expression stand in parentheses.

# Why it matters
Without them it cannot be seen where a branch ends.

# Example
```omt
function f(a bool, b bool) -> bool ( RETURN IF a THEN a AND b ELSE b )
```

# Instead
```omt
function f(a bool, b bool) -> bool ( RETURN IF a THEN (a AND b) ELSE b )
```
"##,
);

/// Operand needs parentheses.
pub const OPERAND_PARENTHESES: Code = error(
    "E0021",
    "operand needs parentheses",
    r##"# What it checks
An IF, a NOT or a lambda that is the operand of a comparison or of arithmetic stands in parentheses.

# Why it matters
They bind weaker than the operator beside them.

# Example
```omt
function f(a bool) -> uint ( RETURN 1 + IF a THEN 1 ELSE 2 )
```

# Instead
```omt
function f(a bool) -> uint ( RETURN 1 + (IF a THEN 1 ELSE 2) )
```
"##,
);

/// Chained comparison.
pub const CHAINED_COMPARISON: Code = error(
    "E0022",
    "chained comparison",
    r##"# What it checks
A comparison has two sides.

# Why it matters
`a < b < c` would compare the answer of `a < b` with `c`.

# Example
```omt
function f(a int) -> bool ( RETURN 0 < a < 9 )
```

# Instead
```omt
function f(a int) -> bool ( RETURN 0 < a AND a < 9 )
```
"##,
);

/// `=` in an expression.
pub const ASSIGN_FOR_COMPARE: Code = error(
    "E0023",
    "`=` in an expression",
    r##"# What it checks
Expressions compare with `==`; `=` assigns.

# Why it matters
One sign for both would make a slip a meaning.

# Example
```omt
property p always ( a = b )
```

# Instead
```omt
property p always ( a == b )
```
"##,
);

/// Not a function's name.
pub const NOT_CALLABLE: Code = error(
    "E0024",
    "not a function's name",
    r##"# What it checks
What is called is a name.

# Why it matters
Functions are no values: there are no methods and no functions in fields.

# Example
```omt
function f(a Box) -> uint ( RETURN a.size() )
```

# Instead
```omt
function f(a Box) -> uint ( RETURN SIZE(a) )
```
"##,
);

/// Line continues the one before.
pub const CONTINUED: Code = warning(
    "W0001",
    "line continues the one before",
    r##"# What it checks
A line outside of brackets begins with `[`, `-` or a `(` that continues the expression of the line before.

# Why it matters
Line ends have no meaning; the line looks as if it began something new.

# Example
```omt
function f(a int, b int) -> int (
    RETURN a
    - b
)
```

# Instead
```omt
function f(a int, b int) -> int (
    RETURN a - b
)
```
"##,
);

/// AND or OR after an IF.
pub const IF_THEN_LOGIC: Code = warning(
    "W0002",
    "AND or OR after an IF",
    r##"# What it checks
An IF expression without parentheses is the left side of AND or OR.

# Why it matters
The operator takes the whole IF, not only its last branch, which is rarely what the eye reads.

# Example
```omt
function f(a bool, b bool) -> bool ( RETURN IF a THEN b ELSE a AND b )
```

# Instead
```omt
function f(a bool, b bool) -> bool ( RETURN (IF a THEN b ELSE a) AND b )
```
"##,
);
