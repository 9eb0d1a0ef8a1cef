//! How deep expressions are, before anything walks them by recursion.

use super::codes;
use super::load::Loaded;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Deepest expression that is accepted, in nodes from the root to a leaf, parentheses not counted. The parser
/// bounds nesting, but a chain `a + a + …` is as deep as it is long. Everything behind this check (elaborator,
/// encoder, executors, generated code) walks expressions by recursion and may rely on it.
pub const EXPRESSION_DEPTH_MAX: usize = 256;

/// What is known of the trees of the last time.
#[derive(Default)]
pub(super) struct Depths(BTreeMap<FileId, (Arc<ast::File>, Vec<Span>)>);

/// Reports every expression that is too deep; returns the files that have one. They are not looked at further.
pub(super) fn check_all(loaded: &Loaded, depths: &mut Depths, out: &mut Vec<Diagnostic>) -> BTreeSet<FileId> {
    let mut files = BTreeSet::new();
    let before = std::mem::take(&mut depths.0);
    for file in &loaded.files {
        let known = before.get(&file.id).filter(|(tree, _)| Arc::ptr_eq(tree, &file.tree));
        let deep = known.map_or_else(|| deep_in(&file.tree), |(_, deep)| deep.clone());
        for span in &deep {
            files.insert(file.id);
            out.push(
                Diagnostic::new(
                    codes::TOO_DEEP,
                    *span,
                    format!("this expression is more than {EXPRESSION_DEPTH_MAX} operators deep"),
                )
                .with_label("too long to be one expression")
                .with_note("whatever walks an expression must be able to, on any stack")
                .with_help("split it with `let`, or fold a list with `SUM` or `REDUCE`"),
            );
        }
        depths.0.insert(file.id, (Arc::clone(&file.tree), deep));
    }
    files
}

fn deep_in(tree: &ast::File) -> Vec<Span> {
    let mut roots = Vec::new();
    tree.decls.iter().for_each(|decl| roots_of(decl, &mut roots));
    roots.into_iter().filter(|root| too_deep(root)).map(|root| root.span).collect()
}

fn too_deep(root: &ast::Expr) -> bool {
    let mut stack = vec![(root, 0usize)];
    while let Some((expr, depth)) = stack.pop() {
        if depth > EXPRESSION_DEPTH_MAX {
            return true;
        }
        let below = depth.saturating_add(1);
        match &expr.kind {
            ast::ExprKind::Error
            | ast::ExprKind::Bool(_)
            | ast::ExprKind::Null
            | ast::ExprKind::Number(_)
            | ast::ExprKind::Quantity { .. }
            | ast::ExprKind::String(_)
            | ast::ExprKind::Name(_) => {}
            ast::ExprKind::Paren(inner) => stack.push((inner, depth)),
            ast::ExprKind::Record(record) | ast::ExprKind::NamedRecord { record, .. } => {
                stack.extend(record.entries.iter().map(|e| (value_of(e), below)));
            }
            ast::ExprKind::List(items) => stack.extend(items.iter().map(|e| (e, below))),
            ast::ExprKind::Call { args, .. } => stack.extend(args.iter().map(|e| (e, below))),
            ast::ExprKind::Field { base, .. } => stack.push((base, below)),
            ast::ExprKind::Index { base, index, .. } => {
                stack.push((base, below));
                stack.push((index, below));
            }
            ast::ExprKind::Unary { operand, .. } => stack.push((operand, below)),
            ast::ExprKind::Binary { left, right, .. } => {
                stack.push((left, below));
                stack.push((right, below));
            }
            ast::ExprKind::If { condition, then, otherwise } => {
                stack.push((condition, below));
                stack.push((then, below));
                stack.push((otherwise, below));
            }
            ast::ExprKind::Lambda { body, .. } => stack.push((body, below)),
        }
    }
    false
}

fn value_of(entry: &ast::RecordEntry) -> &ast::Expr {
    match entry {
        ast::RecordEntry::Field { value, .. } | ast::RecordEntry::Spread { value, .. } => value,
    }
}

fn roots_of<'a>(decl: &'a ast::Decl, out: &mut Vec<&'a ast::Expr>) {
    match decl {
        ast::Decl::View(d) => {
            for item in &d.items {
                if let ast::ViewItem::Fold(fold) = item {
                    out.extend(&fold.guard);
                    actions(&fold.actions, out);
                }
            }
        }
        ast::Decl::Actor(d) => d.items.iter().for_each(|item| item_roots(item, out)),
        ast::Decl::Function(d) => d.body.iter().for_each(|s| statement(s, out)),
        ast::Decl::Property(d) => match &d.claim {
            ast::Claim::Always(e)
            | ast::Claim::Never(e)
            | ast::Claim::Eventually(e)
            | ast::Claim::Sometimes(e) => out.push(e),
            ast::Claim::Leads { from, to } => out.extend([from, to]),
        },
        ast::Decl::Scenario(d) => d.steps.iter().for_each(|s| step(s, out)),
        ast::Decl::Transaction(_)
        | ast::Decl::Imports(_)
        | ast::Decl::Uses(_)
        | ast::Decl::Parameters(_)
        | ast::Decl::Enum(_)
        | ast::Decl::Struct(_)
        | ast::Decl::Message(_)
        | ast::Decl::Block(_)
        | ast::Decl::Native(_)
        | ast::Decl::Task(_) => {}
    }
}

fn item_roots<'a>(item: &'a ast::Item, out: &mut Vec<&'a ast::Expr>) {
    match item {
        ast::Item::Transition(t) => {
            out.extend(t.lets.iter().map(|l| &l.value));
            out.extend(&t.guard);
            t.actions.iter().for_each(|a| actions(a, out));
            t.otherwise.iter().filter_map(|e| e.actions.as_ref()).for_each(|a| actions(a, out));
        }
        ast::Item::Override(o) => out.extend(&o.guard),
        ast::Item::Collect(c) => {
            out.extend(&c.guard);
            c.actions.iter().for_each(|a| actions(a, out));
        }
        ast::Item::Store(_)
        | ast::Item::Shared(_)
        | ast::Item::Peers(_)
        | ast::Item::Trigger(_)
        | ast::Item::State(_) => {}
    }
}

fn record<'a>(record: &'a Option<ast::Record>, out: &mut Vec<&'a ast::Expr>) {
    out.extend(record.iter().flat_map(|r| r.entries.iter().map(value_of)));
}

fn actions<'a>(list: &'a ast::Actions, out: &mut Vec<&'a ast::Expr>) {
    for action in &list.list {
        match &action.kind {
            ast::ActionKind::Store(_) => {}
            ast::ActionKind::Assign { value, .. }
            | ast::ActionKind::StoreCall { value, .. }
            | ast::ActionKind::Lookup { value, .. }
            | ast::ActionKind::Let { value, .. }
            | ast::ActionKind::Append { value, .. } => out.push(value),
            ast::ActionKind::AssignIndex { indices, value, .. } => {
                out.extend(indices);
                out.push(value);
            }
            ast::ActionKind::AppendBlock { record: r, .. } => record(r, out),
            ast::ActionKind::Send { to, record: r, .. }
            | ast::ActionKind::Broadcast { to, record: r, .. } => {
                out.push(to);
                record(r, out);
            }
            ast::ActionKind::If { condition, then, otherwise } => {
                out.push(condition);
                actions(then, out);
                otherwise.iter().for_each(|a| actions(a, out));
            }
            ast::ActionKind::For { list, body, .. } => {
                out.push(list);
                actions(body, out);
            }
            ast::ActionKind::Abort(e) => out.push(e),
            ast::ActionKind::Start { args, .. } => out.extend(args),
        }
    }
}

fn statement<'a>(stmt: &'a ast::Stmt, out: &mut Vec<&'a ast::Expr>) {
    match &stmt.kind {
        ast::StmtKind::Return(e) => out.push(e),
        ast::StmtKind::Assign { value, .. } => out.push(value),
        ast::StmtKind::AssignIndex { index, value, .. } => out.extend([index, value]),
        ast::StmtKind::For { list, body, .. } => {
            out.push(list);
            statement(body, out);
        }
        ast::StmtKind::Block(list) => list.iter().for_each(|s| statement(s, out)),
        ast::StmtKind::If { condition, then, otherwise } => {
            out.push(condition);
            statement(then, out);
            otherwise.iter().for_each(|s| statement(s, out));
        }
    }
}

fn step<'a>(step: &'a ast::Step, out: &mut Vec<&'a ast::Expr>) {
    match &step.kind {
        ast::StepKind::Cast(members) => members.iter().for_each(|m| record(&m.setup, out)),
        ast::StepKind::At { time, event } => {
            out.push(time);
            match event {
                ast::Event::Trigger { args, .. } => out.extend(args),
                ast::Event::Inject { record: r, .. } => record(r, out),
                ast::Event::Crash(_)
                | ast::Event::Restart(_)
                | ast::Event::Partition(..)
                | ast::Event::Heal => {}
            }
        }
        ast::StepKind::Disturb { filters, .. } => {
            for filter in filters {
                match filter {
                    ast::Filter::By(e) | ast::Filter::Times(e) | ast::Filter::Nth(e) => out.push(e),
                    ast::Filter::From(_) | ast::Filter::To(_) => {}
                }
            }
        }
        ast::StepKind::Expect { condition, within } => {
            out.push(condition);
            out.extend(within);
        }
        ast::StepKind::Parameters(_) | ast::StepKind::ExpectSequence(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    /// The parser has a limit of its own, which is the first to be met; this one does not rely on it.
    #[test]
    fn the_limit_is_that_of_operators() {
        let span = Span::default();
        let nested = |depth: usize| {
            (0..depth).fold(ast::Expr { span, kind: ast::ExprKind::Bool(true) }, |operand, _| {
                let kind =
                    ast::ExprKind::Unary { op: ast::UnaryOp::Not, op_span: span, operand: Box::new(operand) };
                ast::Expr { span, kind }
            })
        };
        assert!(!too_deep(&nested(EXPRESSION_DEPTH_MAX)));
        assert!(too_deep(&nested(EXPRESSION_DEPTH_MAX + 1)));
    }
}
