//! A piece of Rust that computes a value, with what must be known to put it into a larger one.

/// How a piece of code holds its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It is the value: a call, an operator, a literal.
    Owned,
    /// It is a place that holds the value: a local, a field.
    Place,
    /// It is a reference to the value.
    Ref,
    /// It is a reference to the borrowed form: `&str`, `&[T]`, a view without its `Arc`.
    Bare,
    /// It is a place that dereferences to the value and notes writing: a shared field.
    Tracked,
}

/// How tightly the outermost operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bind {
    /// Closures, blocks, `if`.
    Loose,
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==` and its like.
    Compare,
    /// `+`, `-`.
    Sum,
    /// `*`.
    Product,
    /// `-`, `!`, `*`, `&`.
    Unary,
    /// Calls, fields, names.
    Tight,
}

/// The piece.
#[derive(Clone, Debug)]
pub struct Code {
    /// Its text.
    pub text: String,
    /// What it holds.
    pub form: Form,
    /// Its outermost operator.
    pub bind: Bind,
    /// For a number whose type Rust would have to guess: the suffix that says it.
    pub suffix: Option<&'static str>,
    /// Does the text end in a `?` that could be left out where a `Result` is wanted?
    pub question: bool,
}

impl Code {
    /// A value from a call, a name, a literal.
    pub fn owned(text: impl Into<String>) -> Self {
        Code { text: text.into(), form: Form::Owned, bind: Bind::Tight, suffix: None, question: false }
    }

    /// A place.
    pub fn place(text: impl Into<String>) -> Self {
        Code { form: Form::Place, ..Code::owned(text) }
    }

    /// A reference.
    pub fn reference(text: impl Into<String>) -> Self {
        Code { form: Form::Ref, ..Code::owned(text) }
    }

    /// A reference to the borrowed form.
    pub fn bare(text: impl Into<String>) -> Self {
        Code { form: Form::Bare, ..Code::owned(text) }
    }

    /// A value whose outermost operator is given.
    pub fn operator(text: impl Into<String>, bind: Bind) -> Self {
        Code { bind, ..Code::owned(text) }
    }

    /// The text, in parentheses unless it binds at least that tightly.
    pub fn within(&self, bind: Bind) -> String {
        if self.bind >= bind { self.text.clone() } else { format!("({})", self.text) }
    }

    /// As receiver of a method or field: references and tracked places are followed by themselves.
    pub fn receiver(&self) -> String {
        match self.suffix {
            Some(suffix) => format!("{}{suffix}", self.within(Bind::Tight)),
            None => self.within(Bind::Tight),
        }
    }
}
