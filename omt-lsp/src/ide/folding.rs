//! What can be folded, and what a selection grows to.

use super::{Range, Text, slice};
use omtc::syntax::ast::{
    self, Action, ActionKind, Actions, Decl, Expr, ExprKind, Item, RecordEntry, Stmt, StmtKind, ViewItem,
};
use omtc::syntax::{LexemeKind, lexemes};

/// Something that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    /// From here to there, more than one line.
    pub range: Range,
    /// What it is.
    pub kind: FoldKind,
}

/// What is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldKind {
    /// Comments.
    Comment,
    /// `imports` and `uses`.
    Imports,
    /// Anything in brackets.
    Brackets,
}

/// Everything that can be folded, in the order of the text. Brackets need no sense: it works on any text.
pub fn folds(text: &Text, tree: &ast::File) -> Vec<Fold> {
    let content = text.content();
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut comments: Option<Range> = None;
    for lexeme in lexemes(content) {
        let range = Range::new(lexeme.start, lexeme.end);
        if lexeme.kind == LexemeKind::Comment {
            let alone = text.indent_of(range.start).len() as u32 + text.line(text.line_of(range.start)).start
                == range.start;
            let follows = comments.is_some_and(|c| text.line_of(c.end) + 1 == text.line_of(range.start));
            comments = match comments {
                Some(c) if alone && follows => Some(Range::new(c.start, range.end)),
                before => {
                    found.extend(before.map(|range| Fold { range, kind: FoldKind::Comment }));
                    alone.then_some(range)
                }
            };
            continue;
        }
        match lexeme.kind {
            LexemeKind::Open => open.push(range.start),
            LexemeKind::Close => {
                if let Some(start) = open.pop() {
                    found.push(Fold { range: Range::new(start, range.end), kind: FoldKind::Brackets });
                }
            }
            _ => {}
        }
    }
    found.extend(comments.map(|range| Fold { range, kind: FoldKind::Comment }));
    let mut imports: Option<Range> = None;
    for decl in &tree.decls {
        let range = Range::from(decl.span());
        match decl {
            Decl::Imports(_) | Decl::Uses(_) => {
                imports = Some(imports.map_or(range, |run| Range::new(run.start, range.end)));
            }
            _ => found.extend(imports.take().map(|range| Fold { range, kind: FoldKind::Imports })),
        }
    }
    found.extend(imports.map(|range| Fold { range, kind: FoldKind::Imports }));
    found.retain(|fold| text.line_of(fold.range.start) < text.line_of(fold.range.end));
    found.sort();
    found
}

/// What a selection at a place grows to, from the smallest on.
pub fn selections(text: &Text, tree: &ast::File, at: u32) -> Vec<Range> {
    let mut found = vec![Range::new(0, text.len())];
    for decl in &tree.decls {
        walk_declaration(decl, at, &mut found);
    }
    let word = text.word(at);
    if word.start < word.end {
        found.push(word);
    }
    // Strings and comments are no part of the tree.
    for lexeme in super::lexemes::on_line(text.content(), at) {
        let range = Range::new(lexeme.start, lexeme.end);
        if range.touches(at) && matches!(lexeme.kind, LexemeKind::Comment | LexemeKind::Text) {
            found.push(range);
        }
    }
    found.push(text.line(text.line_of(at)));
    found.retain(|range| range.touches(at));
    found.sort_by_key(|range| (range.end - range.start, range.start));
    found.dedup();
    // Each holds the one before it: what does not nest is left out.
    let mut nested: Vec<Range> = Vec::new();
    for range in found {
        if nested.last().is_none_or(|last| range.holds(*last) && range != *last)
            && (range.start < range.end || nested.is_empty())
        {
            nested.push(range);
        }
    }
    nested
}

fn add(span: omtc::source::Span, at: u32, found: &mut Vec<Range>) -> bool {
    let touches = span.touches(at);
    if touches {
        found.push(span.into());
    }
    touches
}

fn walk_declaration(decl: &Decl, at: u32, found: &mut Vec<Range>) {
    if !add(decl.span(), at, found) {
        return;
    }
    let fields = |list: &[ast::Field], found: &mut Vec<Range>| {
        list.iter().for_each(|field| {
            add(field.span, at, found);
        });
    };
    match decl {
        Decl::Struct(d) => fields(&d.fields.list, found),
        Decl::Message(d) => fields(&d.fields.list, found),
        Decl::Block(d) => fields(&d.fields.list, found),
        Decl::Parameters(d) => d.entries.iter().for_each(|entry| {
            add(entry.span, at, found);
        }),
        Decl::View(d) => {
            for item in &d.items {
                match item {
                    ViewItem::Field(field) => fields(std::slice::from_ref(field), found),
                    ViewItem::Fold(fold) => {
                        add(fold.span, at, found);
                        fold.guard.iter().for_each(|e| walk(e, at, found));
                        walk_actions(&fold.actions, at, found);
                    }
                }
            }
        }
        Decl::Actor(d) => d.items.iter().for_each(|item| walk_item(item, at, found)),
        Decl::Function(d) => {
            add(d.body_span, at, found);
            fields(&d.params, found);
            d.body.iter().for_each(|stmt| walk_statement(stmt, at, found));
        }
        Decl::Property(d) => match &d.claim {
            ast::Claim::Always(e)
            | ast::Claim::Never(e)
            | ast::Claim::Eventually(e)
            | ast::Claim::Sometimes(e) => walk(e, at, found),
            ast::Claim::Leads { from, to } => {
                walk(from, at, found);
                walk(to, at, found);
            }
        },
        Decl::Scenario(d) => {
            for step in &d.steps {
                add(step.span, at, found);
                if let ast::StepKind::Expect { condition, .. } = &step.kind {
                    walk(condition, at, found);
                }
            }
        }
        _ => {}
    }
}

fn walk_item(item: &Item, at: u32, found: &mut Vec<Range>) {
    if !add(item.span(), at, found) {
        return;
    }
    match item {
        Item::Store(block) | Item::Shared(block) => {
            add(block.fields.span, at, found);
            block.fields.list.iter().for_each(|field| {
                add(field.span, at, found);
            });
        }
        Item::Transition(t) => {
            add(super::enclosing::head(t), at, found);
            t.lets.iter().for_each(|l| walk(&l.value, at, found));
            t.guard.iter().for_each(|e| walk(e, at, found));
            t.actions.iter().for_each(|a| walk_actions(a, at, found));
            if let Some(otherwise) = &t.otherwise {
                add(otherwise.span, at, found);
                otherwise.actions.iter().for_each(|a| walk_actions(a, at, found));
            }
        }
        Item::Collect(c) => {
            c.guard.iter().for_each(|e| walk(e, at, found));
            c.actions.iter().for_each(|a| walk_actions(a, at, found));
        }
        Item::Override(o) => o.guard.iter().for_each(|e| walk(e, at, found)),
        Item::Peers(_) | Item::Trigger(_) | Item::State(_) => {}
    }
}

fn walk_actions(actions: &Actions, at: u32, found: &mut Vec<Range>) {
    if add(actions.span, at, found) {
        actions.list.iter().for_each(|action| walk_action(action, at, found));
    }
}

fn walk_action(action: &Action, at: u32, found: &mut Vec<Range>) {
    if !add(action.span, at, found) {
        return;
    }
    match &action.kind {
        ActionKind::Assign { value, .. }
        | ActionKind::StoreCall { value, .. }
        | ActionKind::Lookup { value, .. }
        | ActionKind::Let { value, .. }
        | ActionKind::Append { value, .. }
        | ActionKind::AssignIndex { value, .. }
        | ActionKind::Abort(value) => walk(value, at, found),
        ActionKind::Send { to, record, .. } | ActionKind::Broadcast { to, record, .. } => {
            walk(to, at, found);
            record.iter().for_each(|record| walk_record(record, at, found));
        }
        ActionKind::AppendBlock { record, .. } => record.iter().for_each(|r| walk_record(r, at, found)),
        ActionKind::If { condition, then, otherwise } => {
            walk(condition, at, found);
            walk_actions(then, at, found);
            otherwise.iter().for_each(|a| walk_actions(a, at, found));
        }
        ActionKind::For { list, body, .. } => {
            walk(list, at, found);
            walk_actions(body, at, found);
        }
        ActionKind::Start { args, .. } => args.iter().for_each(|e| walk(e, at, found)),
        ActionKind::Store(_) => {}
    }
}

fn walk_statement(stmt: &Stmt, at: u32, found: &mut Vec<Range>) {
    if !add(stmt.span, at, found) {
        return;
    }
    match &stmt.kind {
        StmtKind::Return(value) | StmtKind::Assign { value, .. } => walk(value, at, found),
        StmtKind::AssignIndex { index, value, .. } => {
            walk(index, at, found);
            walk(value, at, found);
        }
        StmtKind::For { list, body, .. } => {
            walk(list, at, found);
            walk_statement(body, at, found);
        }
        StmtKind::Block(list) => list.iter().for_each(|stmt| walk_statement(stmt, at, found)),
        StmtKind::If { condition, then, otherwise } => {
            walk(condition, at, found);
            walk_statement(then, at, found);
            otherwise.iter().for_each(|stmt| walk_statement(stmt, at, found));
        }
    }
}

fn walk_record(record: &ast::Record, at: u32, found: &mut Vec<Range>) {
    if !add(record.span, at, found) {
        return;
    }
    for entry in &record.entries {
        let (RecordEntry::Field { span, value, .. } | RecordEntry::Spread { span, value }) = entry;
        add(*span, at, found);
        walk(value, at, found);
    }
}

/// Expressions that touch a place, from the outermost on.
fn walk(expr: &Expr, at: u32, found: &mut Vec<Range>) {
    if !add(expr.span, at, found) {
        return;
    }
    children(expr, &mut |child| walk(child, at, found));
    if let ExprKind::Record(record) | ExprKind::NamedRecord { record, .. } = &expr.kind {
        walk_record(record, at, found);
    }
}

/// The expressions directly inside of one; fields of records are none.
pub fn children<'e>(expr: &'e Expr, see: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        ExprKind::Paren(inner)
        | ExprKind::Unary { operand: inner, .. }
        | ExprKind::Lambda { body: inner, .. } => see(inner),
        ExprKind::Field { base, .. } => see(base),
        ExprKind::List(items) => items.iter().for_each(see),
        ExprKind::Call { args, .. } => args.iter().for_each(see),
        ExprKind::Index { base, index, .. } => {
            see(base);
            see(index);
        }
        ExprKind::Binary { left, right, .. } => {
            see(left);
            see(right);
        }
        ExprKind::If { condition, then, otherwise } => {
            see(condition);
            see(then);
            see(otherwise);
        }
        _ => {}
    }
}

/// The text of a range, in one line.
pub fn shown(text: &Text, range: Range) -> String {
    slice(text.content(), range).split_whitespace().collect::<Vec<_>>().join(" ")
}
