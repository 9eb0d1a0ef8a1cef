//! Looks through expressions, actions and statements.

use omt_runtime::ir::{Action, Expr, ExprKind, Place, Stmt};

/// Calls `see` with the expression and everything in it.
pub fn expr(e: &Expr, see: &mut dyn FnMut(&Expr)) {
    see(e);
    let mut all = |list: &[Expr]| list.iter().for_each(|item| expr(item, see));
    match &e.kind {
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
        | ExprKind::OwnChain => {}
        ExprKind::Field(a, _)
        | ExprKind::Unary(_, a)
        | ExprKind::View(_, a)
        | ExprKind::Lambda(_, a)
        | ExprKind::Convert(_, a) => expr(a, see),
        ExprKind::Index(a, b) | ExprKind::Let(_, a, b) | ExprKind::Binary(_, a, b) => {
            expr(a, see);
            expr(b, see);
        }
        ExprKind::If(a, b, c) => {
            expr(a, see);
            expr(b, see);
            expr(c, see);
        }
        ExprKind::CompareFraction { numerator, denominator, fraction, .. } => {
            expr(numerator, see);
            expr(denominator, see);
            expr(fraction, see);
        }
        ExprKind::Record(fields) => fields.iter().for_each(|(_, value)| expr(value, see)),
        ExprKind::Map(entries) => entries.iter().for_each(|(key, value)| {
            expr(key, see);
            expr(value, see);
        }),
        ExprKind::List(list)
        | ExprKind::Call(_, list)
        | ExprKind::CallLocal(_, list)
        | ExprKind::Native(_, list)
        | ExprKind::Builtin(_, list) => all(list),
    }
}

/// Calls `see` with every expression of the actions.
pub fn actions(list: &[Action], see: &mut dyn FnMut(&Expr)) {
    for action in list {
        match action {
            Action::Assign { path, value, .. } => {
                path.iter().for_each(|selector| expr(&selector.key, see));
                expr(value, see);
            }
            Action::Send { to, payload, .. } | Action::Broadcast { to, payload, .. } => {
                expr(to, see);
                expr(payload, see);
            }
            Action::Gossip { payload, .. } | Action::Append { payload, .. } => expr(payload, see),
            Action::Let { value, .. } => expr(value, see),
            Action::If { condition, then, otherwise, .. } => {
                expr(condition, see);
                actions(then, see);
                actions(otherwise, see);
            }
            Action::For { list, body, .. } => {
                expr(list, see);
                actions(body, see);
            }
            Action::Abort { reason, .. } => expr(reason, see),
            Action::Start { arguments, .. } => arguments.iter().for_each(|argument| expr(argument, see)),
        }
    }
}

/// Calls `see` with every expression of the statements.
pub fn statements(list: &[Stmt], see: &mut dyn FnMut(&Expr)) {
    for stmt in list {
        match stmt {
            Stmt::Return { value, .. } => expr(value, see),
            Stmt::Assign { path, value, .. } => {
                path.iter().for_each(|selector| expr(&selector.key, see));
                expr(value, see);
            }
            Stmt::For { list, body, .. } => {
                expr(list, see);
                statements(body, see);
            }
            Stmt::If { condition, then, otherwise, .. } => {
                expr(condition, see);
                statements(then, see);
                statements(otherwise, see);
            }
            Stmt::Fail { .. } => {}
        }
    }
}

/// Is the slot read in the expression?
pub fn reads(e: &Expr, slot: u32) -> bool {
    let mut found = false;
    expr(e, &mut |e| found |= names_slot(e, slot));
    found
}

/// Does the expression itself name the slot?
pub fn names_slot(e: &Expr, slot: u32) -> bool {
    matches!(&e.kind, ExprKind::Local(s) | ExprKind::CallLocal(s, _) if *s == slot)
}

/// How often each slot is written by the statements: plain assignments, and changes in place.
pub fn writes(list: &[Stmt], slot: u32) -> (usize, usize) {
    let (mut plain, mut in_place) = (0, 0);
    for stmt in list {
        match stmt {
            Stmt::Assign { slot: s, path, .. } if *s == slot => {
                if path.is_empty() {
                    plain += 1;
                } else {
                    in_place += 1;
                }
            }
            Stmt::For { body, .. } => {
                let (p, i) = writes(body, slot);
                plain += p;
                in_place += i;
            }
            Stmt::If { then, otherwise, .. } => {
                let (p, i) = writes(then, slot);
                let (q, j) = writes(otherwise, slot);
                plain += p + q;
                in_place += i + j;
            }
            Stmt::Return { .. } | Stmt::Assign { .. } | Stmt::Fail { .. } => {}
        }
    }
    (plain, in_place)
}

/// Is a local slot written by the actions after its `let`?
pub fn action_writes(list: &[Action], slot: u32) -> bool {
    list.iter().any(|action| match action {
        Action::Assign { place, .. } => *place == Place::Local(slot),
        Action::Append { into, .. } => *into == Some(Place::Local(slot)),
        Action::If { then, otherwise, .. } => action_writes(then, slot) || action_writes(otherwise, slot),
        Action::For { body, .. } => action_writes(body, slot),
        Action::Send { .. }
        | Action::Broadcast { .. }
        | Action::Gossip { .. }
        | Action::Let { .. }
        | Action::Abort { .. }
        | Action::Start { .. } => false,
    })
}

/// Does a path through the statements write the slot twice, once it is declared?
pub fn writes_twice(list: &[Stmt], slot: u32) -> bool {
    fn longest(list: &[Stmt], slot: u32) -> usize {
        list.iter()
            .map(|stmt| match stmt {
                Stmt::Assign { slot: s, path, .. } if *s == slot && path.is_empty() => 1,
                // A second round writes again.
                Stmt::For { body, .. } => 2 * longest(body, slot),
                Stmt::If { then, otherwise, .. } => longest(then, slot).max(longest(otherwise, slot)),
                Stmt::Return { .. } | Stmt::Assign { .. } | Stmt::Fail { .. } => 0,
            })
            .sum()
    }
    let names = |stmt: &Stmt| {
        let one = std::slice::from_ref(stmt);
        let mut read = false;
        statements(one, &mut |e| read |= names_slot(e, slot));
        read || writes(one, slot) != (0, 0)
    };
    let mut naming = list.iter().filter(|stmt| names(stmt));
    // A local of a loop is declared anew in each round.
    if let (Some(Stmt::For { list: of, body, .. }), None) = (naming.next(), naming.next())
        && !reads(of, slot)
    {
        return writes_twice(body, slot);
    }
    longest(list, slot) > 1
}
