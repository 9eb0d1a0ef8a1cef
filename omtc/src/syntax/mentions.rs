//! Every place of a tree where a name is used rather than declared, and what it is used as.
//!
//! Nothing is resolved here: `open` in an expression is a [`Use::Value`] whether it is a local or a field. Since the
//! language forbids hiding, that is enough to tell what is never used.

use super::ast::{
    Action, ActionKind, Actions, Arrow, CauseKind, Claim, Decl, Event, Expr, ExprKind, Field, Filter, Ident,
    Item, Record, RecordEntry, StepKind, Stmt, StmtKind, Transition, Type, ViewItem,
};

/// What a name is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Read in an expression, or as a time limit.
    Value,
    /// Behind a dot: a field, a value of an enum, a state.
    Member,
    /// Called.
    Callee,
    /// As a type, or before a record.
    Type,
    /// Given in a record.
    Given,
    /// Assigned, also in part.
    Target,
    /// `store NAME`: assigned from the message or the trigger.
    Bind,
    /// Cause of a transition, message of a `collect`, `ignore` or `defer`.
    Cause,
    /// Sent, appended, started, folded.
    Effect,
    /// As an actor.
    Actor,
    /// Field that holds a role, or that a `collect` fills.
    Holder,
    /// As a state.
    State,
}

/// Calls `see` for every use in a declaration.
pub fn declaration<'a>(decl: &'a Decl, see: &mut dyn FnMut(Use, &'a Ident)) {
    match decl {
        Decl::Transaction(_) | Decl::Imports(_) | Decl::Uses(_) | Decl::Parameters(_) | Decl::Enum(_) => {}
        Decl::Struct(d) => fields(&d.fields.list, see),
        Decl::Message(d) => {
            d.from.iter().chain(&d.to).for_each(|n| see(Use::Actor, n));
            fields(&d.fields.list, see);
        }
        Decl::Block(d) => {
            d.by.iter().for_each(|n| see(Use::Actor, n));
            fields(&d.fields.list, see);
        }
        Decl::View(d) => {
            for item in &d.items {
                match item {
                    ViewItem::Field(f) => ty(&f.ty, see),
                    ViewItem::Fold(fold) => {
                        see(Use::Effect, &fold.block);
                        fold.guard.iter().for_each(|g| expression(g, see));
                        actions(&fold.actions, see);
                    }
                }
            }
        }
        Decl::Actor(d) => d.items.iter().for_each(|i| item(i, see)),
        Decl::Function(d) => {
            fields(&d.params, see);
            ty(&d.result, see);
            d.body.iter().for_each(|s| statement(s, see));
        }
        Decl::Native(d) | Decl::Task(d) => {
            fields(&d.params, see);
            ty(&d.result, see);
        }
        Decl::Property(d) => match &d.claim {
            Claim::Always(e) | Claim::Never(e) | Claim::Eventually(e) | Claim::Sometimes(e) => {
                expression(e, see);
            }
            Claim::Leads { from, to } => {
                expression(from, see);
                expression(to, see);
            }
        },
        Decl::Scenario(d) => d.steps.iter().for_each(|s| step(&s.kind, see)),
    }
}

fn fields<'a>(list: &'a [Field], see: &mut dyn FnMut(Use, &'a Ident)) {
    list.iter().for_each(|f| ty(&f.ty, see));
}

fn ty<'a>(t: &'a Type, see: &mut dyn FnMut(Use, &'a Ident)) {
    see(Use::Type, &t.name);
    t.args.iter().for_each(|a| ty(a, see));
}

/// Calls `see` for every use in an item of an actor.
pub fn item<'a>(item: &'a Item, see: &mut dyn FnMut(Use, &'a Ident)) {
    match item {
        Item::Store(b) | Item::Shared(b) => fields(&b.fields.list, see),
        Item::Peers(p) => {
            for entry in &p.entries {
                see(Use::Actor, &entry.role);
                see(Use::Holder, &entry.field);
            }
        }
        Item::Trigger(t) => {
            fields(&t.params, see);
            t.states.iter().for_each(|n| see(Use::State, n));
        }
        Item::State(_) => {}
        Item::Transition(t) => transition(t, see),
        Item::Override(o) => {
            see(Use::Cause, &o.message);
            o.states.iter().for_each(|n| see(Use::State, n));
            o.guard.iter().for_each(|g| expression(g, see));
        }
        Item::Collect(c) => {
            see(Use::Cause, &c.message);
            see(Use::Holder, &c.into);
            c.states.iter().for_each(|n| see(Use::State, n));
            c.guard.iter().for_each(|g| expression(g, see));
            c.actions.iter().for_each(|a| actions(a, see));
        }
    }
}

/// Calls `see` for every use in a transition.
pub fn transition<'a>(t: &'a Transition, see: &mut dyn FnMut(Use, &'a Ident)) {
    t.from.iter().for_each(|n| see(Use::State, n));
    see(Use::State, &t.to);
    match &t.cause.kind {
        CauseKind::Auto => {}
        CauseKind::On(name) => see(Use::Cause, name),
        CauseKind::Timeout(path) => {
            for (rank, part) in path.iter().enumerate() {
                see(if rank == 0 { Use::Value } else { Use::Member }, part);
            }
        }
        CauseKind::Every(name) => see(Use::Value, name),
    }
    t.lets.iter().for_each(|l| expression(&l.value, see));
    t.guard.iter().for_each(|g| expression(g, see));
    t.actions.iter().for_each(|a| actions(a, see));
    if let Some(otherwise) = &t.otherwise {
        see(Use::State, &otherwise.to);
        otherwise.actions.iter().for_each(|a| actions(a, see));
    }
}

/// Calls `see` for every use in a list of actions.
pub fn actions<'a>(list: &'a Actions, see: &mut dyn FnMut(Use, &'a Ident)) {
    list.list.iter().for_each(|a| action(a, see));
}

fn action<'a>(action: &'a Action, see: &mut dyn FnMut(Use, &'a Ident)) {
    match &action.kind {
        ActionKind::Store(names) => names.iter().for_each(|n| see(Use::Bind, n)),
        ActionKind::Assign { target, value }
        | ActionKind::StoreCall { target, value }
        | ActionKind::Lookup { target, value }
        | ActionKind::Append { target, value } => {
            see(Use::Target, target);
            expression(value, see);
        }
        ActionKind::AssignIndex { target, indices, value } => {
            see(Use::Target, target);
            indices.iter().for_each(|i| expression(i, see));
            expression(value, see);
        }
        ActionKind::Let { name: _, value } => expression(value, see),
        ActionKind::AppendBlock { result, block, record: given } => {
            result.iter().for_each(|n| see(Use::Target, n));
            see(Use::Effect, block);
            given.iter().for_each(|r| record(r, see));
        }
        ActionKind::Send { to, message, record: given }
        | ActionKind::Broadcast { to, message, record: given } => {
            expression(to, see);
            see(Use::Effect, message);
            given.iter().for_each(|r| record(r, see));
        }
        ActionKind::If { condition, then, otherwise } => {
            expression(condition, see);
            actions(then, see);
            otherwise.iter().for_each(|a| actions(a, see));
        }
        ActionKind::For { var: _, list, body } => {
            expression(list, see);
            actions(body, see);
        }
        ActionKind::Abort(reason) => expression(reason, see),
        ActionKind::Start { task, args } => {
            see(Use::Effect, task);
            args.iter().for_each(|a| expression(a, see));
        }
    }
}

/// Calls `see` for every use in a statement of a function.
pub fn statement<'a>(stmt: &'a Stmt, see: &mut dyn FnMut(Use, &'a Ident)) {
    match &stmt.kind {
        StmtKind::Return(value) => expression(value, see),
        StmtKind::Assign { target, value } => {
            see(Use::Target, target);
            expression(value, see);
        }
        StmtKind::AssignIndex { target, index, value } => {
            see(Use::Target, target);
            expression(index, see);
            expression(value, see);
        }
        StmtKind::For { var: _, list, body } => {
            expression(list, see);
            statement(body, see);
        }
        StmtKind::Block(list) => list.iter().for_each(|s| statement(s, see)),
        StmtKind::If { condition, then, otherwise } => {
            expression(condition, see);
            statement(then, see);
            otherwise.iter().for_each(|s| statement(s, see));
        }
    }
}

/// Calls `see` for every use in an expression.
pub fn expression<'a>(expr: &'a Expr, see: &mut dyn FnMut(Use, &'a Ident)) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Number(_)
        | ExprKind::Quantity { .. }
        | ExprKind::String(_) => {}
        ExprKind::Name(name) => see(Use::Value, name),
        ExprKind::Paren(inner) => expression(inner, see),
        ExprKind::Record(r) => record(r, see),
        ExprKind::NamedRecord { name, record: r } => {
            see(Use::Type, name);
            record(r, see);
        }
        ExprKind::List(items) => items.iter().for_each(|e| expression(e, see)),
        ExprKind::Call { callee, args } => {
            see(Use::Callee, callee);
            args.iter().for_each(|a| expression(a, see));
        }
        ExprKind::Field { base, name } => {
            expression(base, see);
            see(Use::Member, name);
        }
        ExprKind::Index { base, index, dotted: _ } => {
            expression(base, see);
            expression(index, see);
        }
        ExprKind::Unary { operand, .. } => expression(operand, see),
        ExprKind::Binary { left, right, .. } => {
            expression(left, see);
            expression(right, see);
        }
        ExprKind::If { condition, then, otherwise } => {
            expression(condition, see);
            expression(then, see);
            expression(otherwise, see);
        }
        ExprKind::Lambda { param: _, body } => expression(body, see),
    }
}

fn record<'a>(record: &'a Record, see: &mut dyn FnMut(Use, &'a Ident)) {
    for entry in &record.entries {
        match entry {
            RecordEntry::Field { name, value, .. } => {
                see(Use::Given, name);
                expression(value, see);
            }
            RecordEntry::Spread { value, .. } => expression(value, see),
        }
    }
}

fn arrow<'a>(arrow: &'a Arrow, see: &mut dyn FnMut(Use, &'a Ident)) {
    see(Use::Value, &arrow.from);
    see(Use::Value, &arrow.to);
    see(Use::Effect, &arrow.message);
}

fn step<'a>(kind: &'a StepKind, see: &mut dyn FnMut(Use, &'a Ident)) {
    match kind {
        StepKind::Parameters(_) => {}
        StepKind::Cast(members) => {
            for member in members {
                see(Use::Actor, &member.actor);
                member.setup.iter().for_each(|r| record(r, see));
            }
        }
        StepKind::At { time, event } => {
            expression(time, see);
            match event {
                Event::Trigger { peer: _, trigger, args } => {
                    see(Use::Cause, trigger);
                    args.iter().for_each(|a| expression(a, see));
                }
                Event::Inject { arrow: a, record: given } => {
                    arrow(a, see);
                    given.iter().for_each(|r| record(r, see));
                }
                Event::Crash(_) | Event::Restart(_) | Event::Partition(..) | Event::Heal => {}
            }
        }
        StepKind::Disturb { kind: _, message, filters } => {
            see(Use::Effect, message);
            for filter in filters {
                match filter {
                    Filter::From(_) | Filter::To(_) => {}
                    Filter::By(e) | Filter::Times(e) | Filter::Nth(e) => expression(e, see),
                }
            }
        }
        StepKind::Expect { condition, within } => {
            expression(condition, see);
            within.iter().for_each(|e| expression(e, see));
        }
        StepKind::ExpectSequence(arrows) => arrows.iter().for_each(|a| arrow(a, see)),
    }
}
