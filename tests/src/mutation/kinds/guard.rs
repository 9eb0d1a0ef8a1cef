//! Mistakes in conditions.

use super::Kind;
use crate::mutation::mutant::Mutant;
use crate::mutation::subject::Subject;
use crate::mutation::walk::{Guard, GuardOf, body, of_statement};
use omtc::syntax::ast::{ActionKind, BinaryOp, Expr, ExprKind, StmtKind, UnaryOp};

pub const KINDS: &[Kind] = &[
    Kind { name: "drop-guard", what: "a transition or fold without its guard", places: drop_guard },
    Kind { name: "negate-guard", what: "a guard that says the opposite", places: negate_guard },
    Kind { name: "drop-conjunct", what: "one condition of several forgotten", places: drop_conjunct },
    Kind { name: "and-or", what: "AND for OR, OR for AND", places: and_or },
    Kind { name: "off-by-one", what: "`>=` for `>` and the like", places: off_by_one },
    Kind { name: "flip-comparison", what: "`==` for `!=`, `<` for `>`", places: flip_comparison },
    Kind { name: "drop-not", what: "a NOT forgotten", places: drop_not },
    Kind { name: "drop-null-check", what: "a test for null forgotten", places: drop_null_check },
    Kind {
        name: "drop-check", what: "an `IF … THEN RETURN …` of a function forgotten", places: drop_check
    },
    Kind { name: "drop-disjunct", what: "one way of several to be right forgotten", places: drop_disjunct },
    Kind { name: "negate-condition", what: "an IF that says the opposite", places: negate_condition },
    Kind { name: "negate-result", what: "a function that says the opposite", places: negate_result },
];

/// Without the guard, and without the `else` that can only stand behind one.
pub(super) fn without_guard(subject: &Subject, guard: &Guard<'_>) -> Mutant {
    let what = format!("drops the guard `{}`", one_line(subject, guard.expr));
    let mut mutant =
        Mutant::new(guard.expr.span, what).remove_range(subject, guard.when..guard.expr.span.end as usize);
    if let Some(otherwise) = guard.otherwise {
        mutant = mutant.remove(subject, otherwise.span);
    }
    mutant
}

/// An expression in one line, shortened.
pub(super) fn one_line(subject: &Subject, e: &Expr) -> String {
    let words: Vec<&str> = subject.slice(e.span).split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}

fn drop_guard(subject: &Subject) -> Vec<Mutant> {
    let guards = subject.guards().into_iter();
    let wanted = guards.filter(|g| [GuardOf::Transition, GuardOf::Fold].contains(&g.of));
    wanted.map(|g| without_guard(subject, &g)).collect()
}

fn negate_guard(subject: &Subject) -> Vec<Mutant> {
    let negate = |g: Guard<'_>| {
        let what = format!("negates the guard `{}`", one_line(subject, g.expr));
        Mutant::new(g.expr.span, what).replace(g.expr.span, format!("NOT ({})", subject.slice(g.expr.span)))
    };
    subject.guards().into_iter().map(negate).collect()
}

/// An operand of AND and OR with what is left when it is forgotten.
pub(super) struct Operand<'a> {
    pub whole: &'a Expr,
    pub gone: &'a Expr,
    pub left_over: &'a Expr,
    pub op: BinaryOp,
}

pub(super) fn operands(subject: &Subject) -> Vec<Operand<'_>> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        let ExprKind::Binary { op, left, right, .. } = &e.kind else { continue };
        if ![BinaryOp::And, BinaryOp::Or].contains(op) {
            continue;
        }
        for (gone, left_over) in [(left, right), (right, left)] {
            // `a AND b` in `a AND b AND c` is two operands, each with its own place.
            let chain = matches!(&gone.kind, ExprKind::Binary { op: inner, .. } if inner == op);
            if !chain {
                found.push(Operand { whole: e, gone, left_over, op: *op });
            }
        }
    }
    found
}

pub(super) fn without_operand(subject: &Subject, operand: &Operand<'_>) -> Mutant {
    Mutant::new(operand.gone.span, format!("drops `{}`", one_line(subject, operand.gone)))
        .replace(operand.whole.span, subject.slice(operand.left_over.span))
}

fn drop_conjunct(subject: &Subject) -> Vec<Mutant> {
    let all = operands(subject);
    let and = all.iter().filter(|o| o.op == BinaryOp::And && !is_null_check(o.gone));
    and.map(|o| without_operand(subject, o)).collect()
}

fn drop_disjunct(subject: &Subject) -> Vec<Mutant> {
    let all = operands(subject);
    let or = all.iter().filter(|o| o.op == BinaryOp::Or && !is_null_check(o.gone));
    or.map(|o| without_operand(subject, o)).collect()
}

fn negated(subject: &Subject, e: &Expr) -> Mutant {
    let what = format!("negates `{}`", one_line(subject, e));
    Mutant::new(e.span, what).replace(e.span, format!("NOT ({})", subject.slice(e.span)))
}

fn negate_condition(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        if let ExprKind::If { condition, .. } = &e.kind {
            found.push(negated(subject, condition));
        }
    }
    for (_, action) in subject.actions() {
        if let ActionKind::If { condition, .. } = &action.kind {
            found.push(negated(subject, condition));
        }
    }
    for function in subject.functions() {
        for statement in body(function) {
            if let StmtKind::If { condition, .. } = &statement.kind {
                found.push(negated(subject, condition));
            }
        }
    }
    found
}

fn negate_result(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for function in subject.functions().into_iter().filter(|f| f.result.name.text == "bool") {
        for statement in body(function) {
            if let StmtKind::Return(e) = &statement.kind {
                found.push(negated(subject, e));
            }
        }
    }
    found
}

fn and_or(subject: &Subject) -> Vec<Mutant> {
    operators(subject, |op| match op {
        BinaryOp::And => Some("OR"),
        BinaryOp::Or => Some("AND"),
        _ => None,
    })
}

fn off_by_one(subject: &Subject) -> Vec<Mutant> {
    operators(subject, |op| match op {
        BinaryOp::Ge => Some(">"),
        BinaryOp::Gt => Some(">="),
        BinaryOp::Le => Some("<"),
        BinaryOp::Lt => Some("<="),
        _ => None,
    })
}

fn flip_comparison(subject: &Subject) -> Vec<Mutant> {
    operators(subject, |op| match op {
        BinaryOp::Eq => Some("!="),
        BinaryOp::Ne => Some("=="),
        BinaryOp::Ge => Some("<="),
        BinaryOp::Gt => Some("<"),
        BinaryOp::Le => Some(">="),
        BinaryOp::Lt => Some(">"),
        _ => None,
    })
}

fn operators(subject: &Subject, other: impl Fn(BinaryOp) -> Option<&'static str>) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        if let ExprKind::Binary { op, op_span, .. } = &e.kind
            && let Some(with) = other(*op)
        {
            let what = format!("`{with}` for `{}` in `{}`", op.symbol(), one_line(subject, e));
            found.push(Mutant::new(*op_span, what).replace(*op_span, with));
        }
    }
    found
}

fn drop_not(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (_, e) in subject.expressions() {
        if let ExprKind::Unary { op: UnaryOp::Not, operand, .. } = &e.kind {
            let what = format!("drops the NOT of `{}`", one_line(subject, e));
            found.push(Mutant::new(e.span, what).replace(e.span, subject.slice(operand.span)));
        }
    }
    found
}

fn is_null_check(e: &Expr) -> bool {
    match &e.unparenthesized().kind {
        ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Ne, left, right, .. } => {
            [left, right].iter().any(|side| matches!(side.kind, ExprKind::Null))
        }
        _ => false,
    }
}

fn drop_null_check(subject: &Subject) -> Vec<Mutant> {
    let all = operands(subject);
    let checks = all.iter().filter(|o| is_null_check(o.gone));
    let guards = subject.guards();
    let whole = guards.iter().filter(|g| is_null_check(g.expr));
    checks.map(|o| without_operand(subject, o)).chain(whole.map(|g| without_guard(subject, g))).collect()
}

fn drop_check(subject: &Subject) -> Vec<Mutant> {
    let mut found = Vec::new();
    for function in subject.functions() {
        for statement in &function.body {
            if let StmtKind::If { then, otherwise: None, .. } = &statement.kind
                && matches!(then.kind, StmtKind::Return(_))
            {
                let condition = of_statement(statement)[0];
                let what = format!("drops the check `{}`", one_line(subject, condition));
                found.push(Mutant::new(statement.span, what).remove(subject, statement.span));
            }
        }
    }
    found
}
