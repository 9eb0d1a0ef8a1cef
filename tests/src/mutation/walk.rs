//! Everything in a source that a mistake can be made in, with the place at which it stands.
//!
//! Scenarios and properties say what is wanted and are never changed; neither is what only they use.

use super::subject::Subject;
use omtc::syntax::ast::{
    Action, ActionKind, Actions, Actor, CauseKind, Collect, Decl, Else, Expr, ExprKind, File, Function, Item,
    Override, Record, RecordEntry, Stmt, StmtKind, Transition, ViewItem,
};
use omtc::syntax::mentions;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where something stands.
#[derive(Clone, Copy, Default)]
pub struct At<'a> {
    /// The actor, unless it is a function or a view.
    pub actor: Option<&'a Actor>,
    /// The transition.
    pub transition: Option<&'a Transition>,
    /// The function.
    pub function: Option<&'a Function>,
    /// The message that `message` stands for.
    pub message: Option<&'a str>,
    /// The block that `block` stands for, in a view.
    pub block: Option<&'a str>,
}

/// Whose guard it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum GuardOf {
    /// A transition.
    Transition,
    /// A collect.
    Collect,
    /// An `ignore` or `defer`.
    Override,
    /// A fold of a view.
    Fold,
}

/// A guard with what belongs to it.
pub struct Guard<'a> {
    /// Where.
    pub at: At<'a>,
    /// The condition.
    pub expr: &'a Expr,
    /// The byte at which its `when` begins.
    pub when: usize,
    /// The `else` clause, which stands only behind a guard.
    pub otherwise: Option<&'a Else>,
    /// Whose guard it is.
    pub of: GuardOf,
}

/// A list of actions, with what may be left out when it becomes empty.
pub struct Block<'a> {
    /// Where.
    pub at: At<'a>,
    /// The actions.
    pub actions: &'a Actions,
    /// Whether the parentheses may go when nothing is left.
    pub optional: bool,
}

/// The names that machines use, directly or through functions, views and records.
pub fn running(trees: &[Arc<File>]) -> BTreeSet<String> {
    let mut by_name: BTreeMap<&str, Vec<&Decl>> = BTreeMap::new();
    let mut open: Vec<&Decl> = Vec::new();
    for decl in trees.iter().flat_map(|tree| &tree.decls) {
        match decl {
            Decl::Actor(_) => open.push(decl),
            Decl::Function(f) => by_name.entry(&f.name.text).or_default().push(decl),
            Decl::View(v) => by_name.entry(&v.name.text).or_default().push(decl),
            Decl::Struct(s) => by_name.entry(&s.name.text).or_default().push(decl),
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    while let Some(decl) = open.pop() {
        mentions::declaration(decl, &mut |_, name| {
            if names.insert(name.text.clone()) {
                open.extend(by_name.get(name.text.as_str()).into_iter().flatten());
            }
        });
    }
    names
}

impl Subject {
    /// Whether machines use that name.
    pub fn runs(&self, name: &str) -> bool {
        self.running.contains(name)
    }

    /// The actors of the source.
    pub fn actors(&self) -> Vec<&Actor> {
        self.decls().iter().filter_map(|d| if let Decl::Actor(a) = d { Some(a) } else { None }).collect()
    }

    fn items<'a, T>(&'a self, pick: impl Fn(&'a Item) -> Option<&'a T>) -> Vec<(&'a Actor, &'a T)> {
        let actors = self.actors().into_iter();
        actors.flat_map(|a| a.items.iter().filter_map(&pick).map(move |i| (a, i))).collect()
    }

    /// Every transition with its actor.
    pub fn transitions(&self) -> Vec<(&Actor, &Transition)> {
        self.items(|i| if let Item::Transition(t) = i { Some(t) } else { None })
    }

    /// Every collect with its actor.
    pub fn collects(&self) -> Vec<(&Actor, &Collect)> {
        self.items(|i| if let Item::Collect(c) = i { Some(c) } else { None })
    }

    /// Every `ignore` and `defer` with its actor.
    pub fn overrides(&self) -> Vec<(&Actor, &Override)> {
        self.items(|i| if let Item::Override(o) = i { Some(o) } else { None })
    }

    /// Whether a message of that name is declared.
    pub fn is_message(&self, name: &str) -> bool {
        self.all_decls().any(|d| matches!(d, Decl::Message(m) if m.name.text == name))
    }

    /// The place that a transition is.
    pub fn at_transition<'a>(&'a self, actor: &'a Actor, t: &'a Transition) -> At<'a> {
        let message = match &t.cause.kind {
            CauseKind::On(name) if self.is_message(&name.text) => Some(name.text.as_str()),
            CauseKind::On(_) | CauseKind::Auto | CauseKind::Timeout(_) | CauseKind::Every(_) => None,
        };
        At { actor: Some(actor), transition: Some(t), message, ..At::default() }
    }

    /// Every guard.
    pub fn guards(&self) -> Vec<Guard<'_>> {
        let mut found = Vec::new();
        for (actor, t) in self.transitions() {
            if let Some(expr) = &t.guard {
                let at = self.at_transition(actor, t);
                found.push(self.guard(at, expr, t.otherwise.as_ref(), GuardOf::Transition));
            }
        }
        for (actor, c) in self.collects() {
            if let Some(expr) = &c.guard {
                let at = At { actor: Some(actor), message: Some(&c.message.text), ..At::default() };
                found.push(self.guard(at, expr, None, GuardOf::Collect));
            }
        }
        for (actor, o) in self.overrides() {
            if let Some(expr) = &o.guard {
                let at = At { actor: Some(actor), message: Some(&o.message.text), ..At::default() };
                found.push(self.guard(at, expr, None, GuardOf::Override));
            }
        }
        for fold in self.folds() {
            if let Some(expr) = &fold.guard {
                let at = At { block: Some(&fold.block.text), ..At::default() };
                found.push(self.guard(at, expr, None, GuardOf::Fold));
            }
        }
        found
    }

    fn guard<'a>(&self, at: At<'a>, expr: &'a Expr, otherwise: Option<&'a Else>, of: GuardOf) -> Guard<'a> {
        let when = self.text[..expr.span.start as usize].rfind("when").unwrap();
        Guard { at, expr, when, otherwise, of }
    }

    fn folds(&self) -> Vec<&omtc::syntax::ast::Fold> {
        let mut found = Vec::new();
        for decl in self.decls() {
            if let Decl::View(view) = decl
                && self.runs(&view.name.text)
            {
                found.extend(
                    view.items
                        .iter()
                        .filter_map(|i| if let ViewItem::Fold(fold) = i { Some(fold) } else { None }),
                );
            }
        }
        found
    }

    /// Every list of actions, those inside of `IF` and `FOR` too.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut found = Vec::new();
        for (actor, t) in self.transitions() {
            let at = self.at_transition(actor, t);
            let lists = t.actions.iter().chain(t.otherwise.iter().filter_map(|o| o.actions.as_ref()));
            for actions in lists {
                nested(at, actions, true, &mut found);
            }
        }
        for (actor, c) in self.collects() {
            let at = At { actor: Some(actor), message: Some(&c.message.text), ..At::default() };
            if let Some(actions) = &c.actions {
                nested(at, actions, true, &mut found);
            }
        }
        for fold in self.folds() {
            let at = At { block: Some(&fold.block.text), ..At::default() };
            nested(at, &fold.actions, false, &mut found);
        }
        found
    }

    /// Every action.
    pub fn actions(&self) -> Vec<(At<'_>, &Action)> {
        self.blocks().into_iter().flat_map(|b| b.actions.list.iter().map(move |a| (b.at, a))).collect()
    }

    /// The outermost expressions of machines and views.
    fn machine_code(&self) -> Vec<(At<'_>, &Expr)> {
        let mut found: Vec<(At<'_>, &Expr)> = self.guards().into_iter().map(|g| (g.at, g.expr)).collect();
        for (actor, t) in self.transitions() {
            let at = self.at_transition(actor, t);
            found.extend(t.lets.iter().map(|l| (at, &l.value)));
        }
        for (at, action) in self.actions() {
            found.extend(of_action(action).into_iter().map(|e| (at, e)));
        }
        found
    }

    /// The functions of the source that machines call, directly or not.
    pub fn functions(&self) -> Vec<&Function> {
        let functions =
            self.decls().iter().filter_map(|d| if let Decl::Function(f) = d { Some(f) } else { None });
        functions.filter(|f| self.runs(&f.name.text)).collect()
    }

    /// The outermost expressions of everything that runs, in the order in which they stand.
    pub fn code(&self) -> Vec<(At<'_>, &Expr)> {
        let mut found = self.machine_code();
        for function in self.functions() {
            let at = At { function: Some(function), ..At::default() };
            for statement in body(function) {
                found.extend(of_statement(statement).into_iter().map(|e| (at, e)));
            }
        }
        found.sort_by_key(|(_, e)| e.span.start);
        found
    }

    /// Every expression of everything that runs, inner ones after the outer ones.
    pub fn expressions(&self) -> Vec<(At<'_>, &Expr)> {
        self.code().into_iter().flat_map(|(at, e)| below(e).into_iter().map(move |e| (at, e))).collect()
    }

    /// Every record with the name of what it makes, as far as it is written there.
    pub fn records(&self) -> Vec<(At<'_>, &str, &Record)> {
        let mut found = Vec::new();
        for (at, action) in self.actions() {
            match &action.kind {
                ActionKind::Send { message, record: Some(record), .. }
                | ActionKind::Broadcast { message, record: Some(record), .. } => {
                    found.push((at, message.text.as_str(), record));
                }
                ActionKind::AppendBlock { block, record: Some(record), .. } => {
                    found.push((at, block.text.as_str(), record));
                }
                _ => {}
            }
        }
        for (at, e) in self.expressions() {
            if let ExprKind::NamedRecord { name, record } = &e.kind {
                found.push((at, name.text.as_str(), record));
            }
        }
        found
    }
}

fn nested<'a>(at: At<'a>, actions: &'a Actions, optional: bool, found: &mut Vec<Block<'a>>) {
    found.push(Block { at, actions, optional });
    for action in &actions.list {
        match &action.kind {
            ActionKind::If { then, otherwise, .. } => {
                nested(at, then, false, found);
                if let Some(otherwise) = otherwise {
                    nested(at, otherwise, false, found);
                }
            }
            ActionKind::For { body, .. } => nested(at, body, false, found),
            _ => {}
        }
    }
}

/// The statements of a function, those inside of others too.
pub fn body(function: &Function) -> Vec<&Stmt> {
    let mut found = Vec::new();
    let mut open: Vec<&Stmt> = function.body.iter().rev().collect();
    while let Some(statement) = open.pop() {
        found.push(statement);
        match &statement.kind {
            StmtKind::For { body, .. } => open.push(body),
            StmtKind::Block(list) => open.extend(list.iter().rev()),
            StmtKind::If { then, otherwise, .. } => {
                open.extend(otherwise.as_deref());
                open.push(then);
            }
            StmtKind::Return(_) | StmtKind::Assign { .. } | StmtKind::AssignIndex { .. } => {}
        }
    }
    found
}

/// The outermost expressions of a statement itself.
pub fn of_statement(statement: &Stmt) -> Vec<&Expr> {
    match &statement.kind {
        StmtKind::Return(e) => vec![e],
        StmtKind::Assign { value, .. } => vec![value],
        StmtKind::AssignIndex { index, value, .. } => vec![index, value],
        StmtKind::For { list, .. } => vec![list],
        StmtKind::Block(_) => Vec::new(),
        StmtKind::If { condition, .. } => vec![condition],
    }
}

/// The outermost expressions of an action itself.
pub fn of_action(action: &Action) -> Vec<&Expr> {
    match &action.kind {
        ActionKind::Store(_) => Vec::new(),
        ActionKind::Assign { value, .. }
        | ActionKind::StoreCall { value, .. }
        | ActionKind::Lookup { value, .. }
        | ActionKind::Let { value, .. }
        | ActionKind::Append { value, .. }
        | ActionKind::Abort(value) => vec![value],
        ActionKind::AssignIndex { indices, value, .. } => indices.iter().chain([value]).collect(),
        ActionKind::AppendBlock { record, .. } => record.iter().flat_map(of_record).collect(),
        ActionKind::Send { to, record, .. } | ActionKind::Broadcast { to, record, .. } => {
            std::iter::once(to).chain(record.iter().flat_map(of_record)).collect()
        }
        ActionKind::If { condition, .. } => vec![condition],
        ActionKind::For { list, .. } => vec![list],
        ActionKind::Start { args, .. } => args.iter().collect(),
    }
}

fn of_record(record: &Record) -> Vec<&Expr> {
    let value = |e| match e {
        &RecordEntry::Field { ref value, .. } | &RecordEntry::Spread { ref value, .. } => value,
    };
    record.entries.iter().map(value).collect()
}

/// An expression and everything in it, outer before inner, in the order in which they stand.
pub fn below(top: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut open = vec![top];
    while let Some(e) = open.pop() {
        found.push(e);
        let inner: Vec<&Expr> = match &e.kind {
            ExprKind::Error
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Number(_)
            | ExprKind::Quantity { .. }
            | ExprKind::String(_)
            | ExprKind::Name(_) => Vec::new(),
            ExprKind::Paren(inner) => vec![inner],
            ExprKind::Record(record) | ExprKind::NamedRecord { record, .. } => of_record(record),
            ExprKind::List(list) | ExprKind::Call { args: list, .. } => list.iter().collect(),
            ExprKind::Field { base, .. } => vec![base],
            ExprKind::Index { base, index, .. } => vec![base, index],
            ExprKind::Unary { operand, .. } => vec![operand],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::If { condition, then, otherwise } => vec![condition, then, otherwise],
            ExprKind::Lambda { body, .. } => vec![body],
        };
        open.extend(inner.into_iter().rev());
    }
    found
}
