//! An expression becomes a function.

use super::{Action, At, Sort};
use crate::ide::index::Kind;
use crate::ide::rename::Edits;
use crate::ide::{Edit, Range, enclosing, folding};
use omt_runtime::ir;
use omtc::sema::Notes;
use omtc::source::Span;
use omtc::syntax::ast::{
    ActionKind, Actions, Decl, Expr, ExprKind, Item, Record, RecordEntry, Stmt, StmtKind,
};

/// The selected expression as a function, with what it names as arguments.
pub(super) fn function(at: &At<'_>) -> Option<Action> {
    if at.range.start == at.range.end {
        return None;
    }
    let decl = enclosing::declaration(at.tree, at.range.start)?;
    let expr = selected(decl, at.range)?;
    let units = at.analysis.units_with(at.file);
    let notes = &units.first()?.notes;
    let result = written(notes.value(expr.span)?)?;
    let mut arguments: Vec<(String, String, String)> = Vec::new();
    let mut replaced: Vec<(Span, String)> = Vec::new();
    collect(at, notes, expr, &mut arguments, &mut replaced)?;
    let mut body = String::new();
    let mut from = expr.span.start;
    replaced.sort();
    for (span, name) in &replaced {
        body.push_str(at.analysis.text(Span { start: from, end: span.start, ..expr.span }));
        body.push_str(name);
        from = span.end;
    }
    body.push_str(at.analysis.text(Span { start: from, ..expr.span }));
    let known = |name: &str| at.analysis.index().symbols.iter().any(|symbol| symbol.name == name);
    let name = if known("EXTRACTED") {
        (2_u32..).map(|n| format!("EXTRACTED_{n}")).find(|name| !known(name))?
    } else {
        "EXTRACTED".to_owned()
    };
    let parameters: Vec<String> = arguments.iter().map(|(name, ty, _)| format!("{name} {ty}")).collect();
    let values: Vec<&str> = arguments.iter().map(|(_, _, value)| value.as_str()).collect();
    let function =
        format!("function {name}({}) -> {result} (\n    RETURN {body}\n)\n\n", parameters.join(", "));
    let start = doc_start(decl);
    let edits: Edits = [(
        at.path.to_owned(),
        vec![
            Edit { range: Range::new(start, start), text: function },
            Edit { range: expr.span.into(), text: format!("{name}({})", values.join(", ")) },
        ],
    )]
    .into_iter()
    .collect();
    Some(at.action("Extract a function".to_owned(), Sort::Extract, edits))
}

fn doc_start(decl: &Decl) -> u32 {
    let doc = match decl {
        Decl::Actor(d) => &d.doc,
        Decl::Function(d) => &d.doc,
        Decl::View(d) => &d.doc,
        Decl::Property(d) => &d.doc,
        Decl::Scenario(d) => &d.doc,
        _ => &None,
    };
    doc.as_ref().map_or(decl.span().start, |doc| doc.span.start)
}

/// A type as a source writes it; nothing, when no source can.
fn written(ty: &ir::Type) -> Option<String> {
    let text = match ty {
        ir::Type::Exact(ir::Dimension::Count) => "int".to_owned(),
        ir::Type::Decimal | ir::Type::Null | ir::Type::Rng | ir::Type::Function(..) => return None,
        other => other.to_string(),
    };
    (!text.contains(' ') || text.starts_with("map<")).then_some(text)
}

/// What the expression names: each name once, with its type and how it is written where it is called.
fn collect(
    at: &At<'_>,
    notes: &Notes,
    expr: &Expr,
    arguments: &mut Vec<(String, String, String)>,
    replaced: &mut Vec<(Span, String)>,
) -> Option<()> {
    let mut argument = |name: &str, span: Span, ty: &ir::Type| {
        let value = at.analysis.text(span).to_owned();
        let known = arguments.iter().find(|(_, _, other)| *other == value).map(|(name, _, _)| name.clone());
        let name = match known {
            Some(name) => name,
            None => {
                let mut name = name.to_owned();
                while arguments.iter().any(|(other, _, _)| *other == name) {
                    name.push('_');
                }
                arguments.push((name.clone(), written(ty)?, value));
                name
            }
        };
        replaced.push((span, name));
        Some(())
    };
    match &expr.kind {
        // `message.x` is known in a transition only.
        ExprKind::Field { base, name } if base.as_name().is_some_and(|n| n.text == "message") => {
            argument(&name.text, expr.span, notes.value(expr.span)?)
        }
        ExprKind::Name(name) => {
            let symbol =
                at.analysis.index().at(at.file, name.span.start).into_iter().find(|r| r.span == name.span);
            let kind = symbol.and_then(|r| at.analysis.index().symbol(r.symbol)).map(|symbol| symbol.kind);
            match (kind, name.text.as_str()) {
                (Some(Kind::Parameter | Kind::EnumValue | Kind::View | Kind::Block), _) => Some(()),
                (Some(_), _) => argument(&name.text, name.span, notes.value(expr.span)?),
                (None, "peer_id") => argument("peer", name.span, &ir::Type::PeerId),
                (None, "chain") => argument("blocks", name.span, &ir::Type::Segment),
                (None, "result") => argument("outcome", name.span, notes.value(expr.span)?),
                (None, _) => None,
            }
        }
        // Its parameter is no argument: such an expression stays where it is.
        ExprKind::Lambda { .. } | ExprKind::Error => None,
        ExprKind::Record(record) | ExprKind::NamedRecord { record, .. } => record
            .entries
            .iter()
            .try_for_each(|entry| collect(at, notes, of_entry(entry), arguments, replaced)),
        _ => {
            let mut inner = Vec::new();
            folding::children(expr, &mut |child| inner.push(child));
            inner.into_iter().try_for_each(|child| collect(at, notes, child, arguments, replaced))
        }
    }
}

fn of_entry(entry: &RecordEntry) -> &Expr {
    let (RecordEntry::Field { value, .. } | RecordEntry::Spread { value, .. }) = entry;
    value
}

/// The expression that is selected, white space around it aside.
fn selected(decl: &Decl, range: Range) -> Option<&Expr> {
    let mut found = None;
    let mut all: Vec<&Expr> = Vec::new();
    match decl {
        Decl::Actor(actor) => {
            for item in actor.items.iter().filter(|item| Range::from(item.span()).holds(range)) {
                match item {
                    Item::Transition(t) => {
                        all.extend(t.lets.iter().map(|l| &l.value));
                        all.extend(&t.guard);
                        t.actions.iter().for_each(|a| of_actions(a, &mut all));
                        if let Some(list) = t.otherwise.as_ref().and_then(|o| o.actions.as_ref()) {
                            of_actions(list, &mut all);
                        }
                    }
                    Item::Collect(c) => {
                        all.extend(&c.guard);
                        c.actions.iter().for_each(|a| of_actions(a, &mut all));
                    }
                    _ => {}
                }
            }
        }
        Decl::Function(f) => f.body.iter().for_each(|stmt| of_statement(stmt, &mut all)),
        _ => {}
    }
    while let Some(expr) = all.pop() {
        let own = Range::from(expr.span);
        if own == range {
            found = Some(expr);
        } else if own.holds(range) {
            folding::children(expr, &mut |child| all.push(child));
            if let ExprKind::Record(record) | ExprKind::NamedRecord { record, .. } = &expr.kind {
                all.extend(of_record(record));
            }
        }
    }
    found
}

fn of_record(record: &Record) -> impl Iterator<Item = &Expr> {
    record.entries.iter().map(of_entry)
}

fn of_actions<'a>(actions: &'a Actions, all: &mut Vec<&'a Expr>) {
    enclosing::actions(actions, &mut |action| match &action.kind {
        ActionKind::Assign { value, .. }
        | ActionKind::StoreCall { value, .. }
        | ActionKind::Lookup { value, .. }
        | ActionKind::AssignIndex { value, .. }
        | ActionKind::Let { value, .. }
        | ActionKind::Append { value, .. }
        | ActionKind::Abort(value) => all.push(value),
        ActionKind::Send { to, record, .. } | ActionKind::Broadcast { to, record, .. } => {
            all.push(to);
            record.iter().for_each(|record| all.extend(of_record(record)));
        }
        ActionKind::AppendBlock { record, .. } => {
            record.iter().for_each(|record| all.extend(of_record(record)))
        }
        ActionKind::If { condition, .. } => all.push(condition),
        ActionKind::For { list, .. } => all.push(list),
        ActionKind::Start { args, .. } => all.extend(args),
        ActionKind::Store(_) => {}
    });
}

fn of_statement<'a>(stmt: &'a Stmt, all: &mut Vec<&'a Expr>) {
    match &stmt.kind {
        StmtKind::Return(value) | StmtKind::Assign { value, .. } | StmtKind::AssignIndex { value, .. } => {
            all.push(value)
        }
        StmtKind::For { list, body, .. } => {
            all.push(list);
            of_statement(body, all);
        }
        StmtKind::Block(list) => list.iter().for_each(|stmt| of_statement(stmt, all)),
        StmtKind::If { condition, then, otherwise } => {
            all.push(condition);
            of_statement(then, all);
            otherwise.iter().for_each(|stmt| of_statement(stmt, all));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_that_a_source_can_write_are_written() {
        assert_eq!(written(&ir::Type::List(Box::new(ir::Type::Uint))).as_deref(), Some("list<uint>"));
        assert_eq!(written(&ir::Type::Struct("instance of Asker".to_owned())), None);
        assert_eq!(written(&ir::Type::Null), None);
    }
}
