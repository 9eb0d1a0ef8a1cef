//! The syntax tree of one `.omt` file: every production of LANGUAGE section 2, with a span on every node.
//!
//! The tree is what was written, not what it means: names are not resolved, `map<K, V>` is a name with
//! arguments, several source states of a transition are one node, parentheses are kept. Everything that
//! could not be parsed was reported and left out, or stands as an `Error` node: later passes skip those
//! silently, since the user has been told.
//!
//! Equality of trees that ignores positions and documentation is that of [`crate::fuzz::meaning`].

pub use crate::source::Span;

mod action;
mod actor;
mod expr;
mod scenario;

pub use action::*;
pub use actor::*;
pub use expr::*;
pub use scenario::*;

/// A name as written. Keywords are names wherever the grammar wants a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ident {
    /// The letters, case kept.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The contents of a string literal, without the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The characters between the quotes; there are no escapes.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A run of `##` lines before a declaration or an item, or the comment after an enum value or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    /// The lines without `#` and the space after it, joined with line feeds.
    pub text: String,
    /// From the first `#` to the end of the last line.
    pub span: Span,
}

/// A number: digits with an optional fraction, and a minus sign where one belongs to it (a parameter's value,
/// the number of a transaction; never in expressions).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// As written, with leading zeros and sign. Always matches `-?[0-9]+(\.[0-9]+)?`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Number {
    /// Whether it has a fraction.
    pub fn is_fraction(&self) -> bool {
        self.text.contains('.')
    }

    /// The value of a number without a fraction, if it fits.
    pub fn integer(&self) -> Option<i128> {
        self.text.parse().ok()
    }
}

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// From the first byte to the last.
    pub span: Span,
    /// In source order; a declaration that could not be parsed is missing.
    pub decls: Vec<Decl>,
}

/// A declaration at the top level of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // each variant is documented by its payload
pub enum Decl {
    Transaction(Transaction),
    Imports(Imports),
    Uses(Uses),
    Parameters(Parameters),
    Enum(Enum),
    Struct(Struct),
    Message(Message),
    Block(Block),
    View(View),
    Actor(Actor),
    Function(Function),
    Native(Native),
    Task(Native),
    Property(Property),
    Scenario(Scenario),
}

impl Decl {
    /// The whole declaration, without its documentation.
    pub fn span(&self) -> Span {
        match self {
            Decl::Transaction(d) => d.span,
            Decl::Imports(d) => d.span,
            Decl::Uses(d) => d.span,
            Decl::Parameters(d) => d.span,
            Decl::Enum(d) => d.span,
            Decl::Struct(d) => d.span,
            Decl::Message(d) => d.span,
            Decl::Block(d) => d.span,
            Decl::View(d) => d.span,
            Decl::Actor(d) => d.span,
            Decl::Function(d) => d.span,
            Decl::Native(d) | Decl::Task(d) => d.span,
            Decl::Property(d) => d.span,
            Decl::Scenario(d) => d.span,
        }
    }

    /// The name it declares; none for `transaction`, `imports`, `parameters`.
    pub fn name(&self) -> Option<&Ident> {
        match self {
            Decl::Transaction(_) | Decl::Imports(_) | Decl::Parameters(_) => None,
            Decl::Uses(d) => Some(&d.alias),
            Decl::Enum(d) => Some(&d.name),
            Decl::Struct(d) => Some(&d.name),
            Decl::Message(d) => Some(&d.name),
            Decl::Block(d) => Some(&d.name),
            Decl::View(d) => Some(&d.name),
            Decl::Actor(d) => Some(&d.name),
            Decl::Function(d) => Some(&d.name),
            Decl::Native(d) | Decl::Task(d) => Some(&d.name),
            Decl::Property(d) => Some(&d.name),
            Decl::Scenario(d) => Some(&d.name),
        }
    }
}

/// `transaction 00 "Title" "Description" session query_id`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole header.
    pub span: Span,
    /// `00`, `-1` or `M02`.
    pub number: TransactionNumber,
    /// The first string.
    pub title: Text,
    /// The second string.
    pub description: Option<Text>,
    /// The name of the session key; `session_id` when absent.
    pub session: Option<Ident>,
}

/// What follows `transaction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionNumber {
    /// `00`; leading zeros are kept, a sign is allowed.
    Number(Number),
    /// `M02`.
    Name(Ident),
}

/// A path of `imports` or `uses`: `transactions/00_escrow_lock/transaction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The whole path.
    pub span: Span,
    /// The segments; each has at least one character and no `/`.
    pub segments: Vec<Ident>,
}

impl Path {
    /// The segments joined with `/`.
    pub fn text(&self) -> String {
        let parts: Vec<&str> = self.segments.iter().map(|s| s.text.as_str()).collect();
        parts.join("/")
    }
}

/// `imports path`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imports {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// What is imported.
    pub path: Path,
}

/// `uses path as Alias`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// The other transaction.
    pub path: Path,
    /// Its name here.
    pub alias: Ident,
}

/// `parameters ( … )`; several blocks of a file add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole block.
    pub span: Span,
    /// In source order.
    pub entries: Vec<Parameter>,
}

/// `WITNESS_COUNT = 5 count "text"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// From the name to the text.
    pub span: Span,
    /// The `##` lines before it, or the comment after it.
    pub doc: Option<Doc>,
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: ParameterValue,
    /// `seconds`, `count`, `fraction` or a word that documents.
    pub unit: Option<Ident>,
    /// The description.
    pub text: Option<Text>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterValue {
    /// `-1`, `0.67`
    Number(Number),
    /// `true`, or the name of an enum value.
    Name(Ident),
}

/// `enum Verdict "text" ( ACCEPT REJECT )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The description.
    pub text: Option<Text>,
    /// In source order.
    pub values: Vec<EnumValue>,
}

/// One value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// Its name.
    pub name: Ident,
    /// The comment after it on its line.
    pub doc: Option<Doc>,
}

/// `struct Name "text" ( fields )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struct {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The description.
    pub text: Option<Text>,
    /// Its fields.
    pub fields: Fields,
}

/// `( name type … )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Parentheses included.
    pub span: Span,
    /// In source order; duplicates are not removed.
    pub list: Vec<Field>,
}

/// `name type`: a field, or a parameter of a function, trigger or native.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name and type.
    pub span: Span,
    /// The `##` lines before it, or the comment after it on its line.
    pub doc: Option<Doc>,
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: Type,
}

/// `ID [ "<" type% ">" ] [ "?" ]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// The whole type.
    pub span: Span,
    /// `uint`, `list`, `Invite`.
    pub name: Ident,
    /// What stands between `<` and `>`; empty when nothing does.
    pub args: Vec<Type>,
    /// Whether a `?` follows.
    pub optional: bool,
}

/// `message NAME from Sender to [Receiver] signed ( fields )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The actors that send it, at least one.
    pub from: Vec<Ident>,
    /// The roles that receive it, at least one; `Network` stands for gossip.
    pub to: Vec<Ident>,
    /// Where `signed` stands, if it does.
    pub signed: Option<Span>,
    /// Its payload.
    pub fields: Fields,
}

/// `block NAME by [Author] ( fields )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// Who may append it, at least one.
    pub by: Vec<Ident>,
    /// Its payload.
    pub fields: Fields,
}

/// `view Name "text" ( fields and folds )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The description.
    pub text: Option<Text>,
    /// Fields and folds in source order.
    pub items: Vec<ViewItem>,
}

/// What stands in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewItem {
    /// Part of the folded value.
    Field(Field),
    /// What a block does to it.
    Fold(Fold),
}

/// `on GRANT when expr ( actions )` in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The whole fold.
    pub span: Span,
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The block it folds.
    pub block: Ident,
    /// Its guard.
    pub guard: Option<Expr>,
    /// What it assigns.
    pub actions: Actions,
}

/// `function name(params) -> type ( statements )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<Field>,
    /// What it returns.
    pub result: Type,
    /// At least one.
    pub body: Vec<Stmt>,
    /// The body with its parentheses.
    pub body_span: Span,
}

/// `native function name(params) -> type "library.path"` or `native task …`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Native {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<Field>,
    /// What it returns.
    pub result: Type,
    /// Where the host finds it.
    pub library: Text,
}

/// One statement of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stmt {
    /// The whole statement.
    pub span: Span,
    /// Which kind.
    pub kind: StmtKind,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StmtKind {
    /// `return e`
    Return(Expr),
    /// `x = e`
    Assign {
        /// What is assigned.
        target: Ident,
        /// Its new value.
        value: Expr,
    },
    /// `x[i] = e`
    AssignIndex {
        /// The list or map.
        target: Ident,
        /// Where.
        index: Expr,
        /// The new value.
        value: Expr,
    },
    /// `for x in e stmt`
    For {
        /// The loop variable.
        var: Ident,
        /// What it ranges over.
        list: Expr,
        /// What is done for each.
        body: Box<Stmt>,
    },
    /// `( stmt … )`, at least one unless an error was reported.
    Block(Vec<Stmt>),
    /// `if e then stmt else stmt`
    If {
        /// The condition.
        condition: Expr,
        /// When it holds.
        then: Box<Stmt>,
        /// When it does not.
        otherwise: Option<Box<Stmt>>,
    },
}
