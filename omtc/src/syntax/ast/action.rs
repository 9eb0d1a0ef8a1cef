//! Actions of transitions, folds and collects.

use super::{Actions, Expr, Ident, Record, Span};

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The whole action.
    pub span: Span,
    /// Which kind.
    pub kind: ActionKind,
}

/// The kinds of action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// `store a, b`
    Store(Vec<Ident>),
    /// `k = e`
    Assign {
        /// What is assigned.
        target: Ident,
        /// Its new value.
        value: Expr,
    },
    /// `STORE(k, e)`, the same as `k = e`.
    StoreCall {
        /// What is assigned.
        target: Ident,
        /// Its new value.
        value: Expr,
    },
    /// `lookup k = e`
    Lookup {
        /// What is assigned.
        target: Ident,
        /// Computed from chain data.
        value: Expr,
    },
    /// `m[k][l] = e`
    AssignIndex {
        /// The list or map.
        target: Ident,
        /// At least one.
        indices: Vec<Expr>,
        /// The new value.
        value: Expr,
    },
    /// `let x = e`
    Let {
        /// Its name.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `APPEND(list, e)`; the list is never called `chain`.
    Append {
        /// The list.
        target: Ident,
        /// What is appended.
        value: Expr,
    },
    /// `b = APPEND(chain, B { … })`
    AppendBlock {
        /// The field that takes the block.
        result: Option<Ident>,
        /// Which block.
        block: Ident,
        /// Its fields.
        record: Option<Record>,
    },
    /// `SEND(to, M { … })`
    Send {
        /// To whom.
        to: Expr,
        /// Which message.
        message: Ident,
        /// Its fields.
        record: Option<Record>,
    },
    /// `BROADCAST(to, M { … })`
    Broadcast {
        /// To whom; the name `network` is gossip.
        to: Expr,
        /// Which message.
        message: Ident,
        /// Its fields.
        record: Option<Record>,
    },
    /// `IF e THEN ( … ) ELSE ( … )`
    If {
        /// The condition.
        condition: Expr,
        /// When it holds.
        then: Actions,
        /// When it does not.
        otherwise: Option<Actions>,
    },
    /// `FOR x IN e ( … )`
    For {
        /// The loop variable.
        var: Ident,
        /// What it ranges over.
        list: Expr,
        /// What is done for each.
        body: Actions,
    },
    /// `ABORT(e)`
    Abort(Expr),
    /// `START(task(args))`
    Start {
        /// The task.
        task: Ident,
        /// Its arguments.
        args: Vec<Expr>,
    },
}
