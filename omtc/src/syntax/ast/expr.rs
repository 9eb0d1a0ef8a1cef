//! Expressions.

use super::{Ident, Number, Span};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// The whole expression.
    pub span: Span,
    /// Which kind.
    pub kind: ExprKind,
}

impl Expr {
    /// The expression without the parentheses around it.
    pub fn unparenthesized(&self) -> &Expr {
        let mut e = self;
        while let ExprKind::Paren(inner) = &e.kind {
            e = inner;
        }
        e
    }

    /// The name, if it is nothing but one (in parentheses or not).
    pub fn as_name(&self) -> Option<&Ident> {
        if let ExprKind::Name(name) = &self.unparenthesized().kind { Some(name) } else { None }
    }
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// Something that was reported already; stands for a value of any type.
    Error,
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// `12`, `0.67`; never with a sign.
    Number(Number),
    /// `12 seconds`
    Quantity {
        /// How many.
        number: Number,
        /// Of what.
        unit: Unit,
        /// Where the unit stands.
        unit_span: Span,
    },
    /// `"text"`
    String(String),
    /// `x`
    Name(Ident),
    /// `( e )`
    Paren(Box<Expr>),
    /// `{ a 1, ...b }`
    Record(Record),
    /// `M { a 1 }`
    NamedRecord {
        /// The struct, message or block.
        name: Ident,
        /// Its fields.
        record: Record,
    },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `f(a, b)`, `(f)(a)`: a callee is a name.
    Call {
        /// The function.
        callee: Ident,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `e.name`
    Field {
        /// Of what.
        base: Box<Expr>,
        /// Which.
        name: Ident,
    },
    /// `e[i]`, also written `e.[i]`.
    Index {
        /// Of what.
        base: Box<Expr>,
        /// Which.
        index: Box<Expr>,
        /// Written with a dot.
        dotted: bool,
    },
    /// `not e`, `-e`
    Unary {
        /// Which.
        op: UnaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Of what.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// To the left of it.
        left: Box<Expr>,
        /// To the right of it.
        right: Box<Expr>,
    },
    /// `IF c THEN a ELSE b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// When it holds.
        then: Box<Expr>,
        /// When it does not.
        otherwise: Box<Expr>,
    },
    /// `x => e`
    Lambda {
        /// Its parameter; several are nested lambdas.
        param: Ident,
        /// Its value.
        body: Box<Expr>,
    },
}

/// `{ field expr, ...expr }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Braces included.
    pub span: Span,
    /// In source order: spreads apply in order, later fields win.
    pub entries: Vec<RecordEntry>,
}

/// What stands in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordEntry {
    /// `name expr`
    Field {
        /// Name and value.
        span: Span,
        /// The field.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `...expr`
    Spread {
        /// Dots and value.
        span: Span,
        /// A record.
        value: Expr,
    },
}

/// A word after a number that makes it a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the names say it
pub enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    /// All units.
    pub const ALL: [Unit; 6] =
        [Unit::Microseconds, Unit::Milliseconds, Unit::Seconds, Unit::Minutes, Unit::Hours, Unit::Days];

    /// As written.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Microseconds => "microseconds",
            Unit::Milliseconds => "milliseconds",
            Unit::Seconds => "seconds",
            Unit::Minutes => "minutes",
            Unit::Hours => "hours",
            Unit::Days => "days",
        }
    }

    /// The unit of that word. Units are lower case only.
    pub fn from_word(word: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|u| u.word() == word)
    }

    /// How many microseconds one is.
    pub fn microseconds(self) -> i64 {
        match self {
            Unit::Microseconds => 1,
            Unit::Milliseconds => 1_000,
            Unit::Seconds => 1_000_000,
            Unit::Minutes => 60_000_000,
            Unit::Hours => 3_600_000_000,
            Unit::Days => 86_400_000_000,
        }
    }
}

/// Operators before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnaryOp {
    /// `not`, in any case.
    Not,
    /// `-`
    Neg,
}

/// Operators between operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // `symbol` says it
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Le,
    Ge,
    Lt,
    Gt,
    In,
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
}

impl BinaryOp {
    /// As the formatter writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "OR",
            BinaryOp::And => "AND",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Le => "<=",
            BinaryOp::Ge => ">=",
            BinaryOp::Lt => "<",
            BinaryOp::Gt => ">",
            BinaryOp::In => "IN",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
        }
    }
}
