//! Going through expressions, actions and statements without knowing each kind.

use super::{Action, Expr, ExprKind, Selector, Stmt};

impl Expr {
    /// Direct operands, in the order of evaluation. The body of a lambda is one.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Null
            | ExprKind::EnumValue(..)
            | ExprKind::Parameter(_)
            | ExprKind::Local(_)
            | ExprKind::Store(_)
            | ExprKind::Load(_)
            | ExprKind::Shared(_)
            | ExprKind::ViewField(_)
            | ExprKind::CurrentBlock
            | ExprKind::Argument(_)
            | ExprKind::TaskResult
            | ExprKind::Payload
            | ExprKind::Sender
            | ExprKind::SignedMessage
            | ExprKind::Session
            | ExprKind::SelfId
            | ExprKind::OwnChain => Vec::new(),
            ExprKind::Field(operand, _)
            | ExprKind::Unary(_, operand)
            | ExprKind::View(_, operand)
            | ExprKind::Lambda(_, operand)
            | ExprKind::Convert(_, operand) => vec![operand],
            ExprKind::Index(left, right)
            | ExprKind::Let(_, left, right)
            | ExprKind::Binary(_, left, right) => vec![left, right],
            ExprKind::Record(fields) => fields.iter().map(|(_, value)| value).collect(),
            ExprKind::List(items)
            | ExprKind::Call(_, items)
            | ExprKind::CallLocal(_, items)
            | ExprKind::Native(_, items)
            | ExprKind::Builtin(_, items) => items.iter().collect(),
            ExprKind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            ExprKind::CompareFraction { op: _, numerator, denominator, fraction } => {
                vec![numerator, denominator, fraction]
            }
            ExprKind::If(condition, then, otherwise) => vec![condition, then, otherwise],
        }
    }

    /// Calls `visit` for this expression and everything in it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}

fn selectors(path: &[Selector]) -> impl Iterator<Item = &Expr> {
    path.iter().map(|selector| &selector.key)
}

impl Action {
    /// Its own expressions, in the order of evaluation, without those of the actions in it.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Action::Assign { place: _, path, value, meta: _ } => selectors(path).chain([value]).collect(),
            Action::Send { to, message: _, payload, meta: _ }
            | Action::Broadcast { to, message: _, payload, meta: _ } => vec![to, payload],
            Action::Gossip { message: _, payload, meta: _ }
            | Action::Append { into: _, block: _, payload, meta: _ } => vec![payload],
            Action::Let { slot: _, value, meta: _ } => vec![value],
            Action::If { condition, then: _, otherwise: _, meta: _ } => vec![condition],
            Action::For { slot: _, list, body: _, meta: _ } => vec![list],
            Action::Abort { reason, meta: _ } => vec![reason],
            Action::Start { task: _, arguments, meta: _ } => arguments.iter().collect(),
        }
    }

    /// Actions in it.
    pub fn nested(&self) -> [&[Action]; 2] {
        match self {
            Action::If { condition: _, then, otherwise, meta: _ } => [then, otherwise],
            Action::For { slot: _, list: _, body, meta: _ } => [body, &[]],
            Action::Assign { .. }
            | Action::Send { .. }
            | Action::Broadcast { .. }
            | Action::Gossip { .. }
            | Action::Append { .. }
            | Action::Let { .. }
            | Action::Abort { .. }
            | Action::Start { .. } => [&[], &[]],
        }
    }

    /// Calls `visit` for this action and every action in it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Action)) {
        visit(self);
        for action in self.nested().into_iter().flatten() {
            action.walk(visit);
        }
    }
}

impl Stmt {
    /// Its own expressions, in the order of evaluation, without those of the statements in it.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Stmt::Return { value, meta: _ } => vec![value],
            Stmt::Assign { slot: _, path, value, meta: _ } => selectors(path).chain([value]).collect(),
            Stmt::For { slot: _, list, body: _, meta: _ } => vec![list],
            Stmt::If { condition, then: _, otherwise: _, meta: _ } => vec![condition],
            Stmt::Fail { meta: _ } => Vec::new(),
        }
    }

    /// Statements in it.
    pub fn nested(&self) -> [&[Stmt]; 2] {
        match self {
            Stmt::If { condition: _, then, otherwise, meta: _ } => [then, otherwise],
            Stmt::For { slot: _, list: _, body, meta: _ } => [body, &[]],
            Stmt::Return { .. } | Stmt::Assign { .. } | Stmt::Fail { .. } => [&[], &[]],
        }
    }

    /// Calls `visit` for this statement and every statement in it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Stmt)) {
        visit(self);
        for statement in self.nested().into_iter().flatten() {
            statement.walk(visit);
        }
    }
}
