//! Properties and scenarios.

use super::{Doc, Expr, Ident, Parameter, Record, Span, Text};

/// `property name "text" always ( e )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The description.
    pub text: Option<Text>,
    /// What it claims.
    pub claim: Claim,
}

/// What a property claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// In every reachable state.
    Always(Expr),
    /// In no reachable state.
    Never(Expr),
    /// On every run at some point.
    Eventually(Expr),
    /// In some reachable state.
    Sometimes(Expr),
    /// `leads ( from ) eventually ( to )`
    Leads {
        /// Whenever this holds,
        from: Expr,
        /// this holds later.
        to: Expr,
    },
}

/// `scenario name "text" ( steps )`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The `##` lines before it.
    pub doc: Option<Doc>,
    /// The whole declaration.
    pub span: Span,
    /// Its name.
    pub name: Ident,
    /// The description.
    pub text: Option<Text>,
    /// In source order.
    pub steps: Vec<Step>,
}

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The whole step.
    pub span: Span,
    /// Which kind.
    pub kind: StepKind,
}

/// The kinds of step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// `parameters ( NAME = value unit … )`: values of this run alone, without texts.
    Parameters(Vec<Parameter>),
    /// `cast ( alice Consumer { … } … )`
    Cast(Vec<CastMember>),
    /// `at e EVENT`
    At {
        /// When.
        time: Expr,
        /// What happens.
        event: Event,
    },
    /// `drop M from a to b times 1`
    Disturb {
        /// What is done to the message.
        kind: Disturbance,
        /// Which message.
        message: Ident,
        /// In source order.
        filters: Vec<Filter>,
    },
    /// `expect e within d`
    Expect {
        /// What is expected.
        condition: Expr,
        /// By when.
        within: Option<Expr>,
    },
    /// `expect sequence ( a -> b M … )`
    ExpectSequence(Vec<Arrow>),
}

/// `alice Consumer byzantine { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CastMember {
    /// The whole entry.
    pub span: Span,
    /// Its name in the scenario, which is also its peer id.
    pub name: Ident,
    /// What it plays.
    pub actor: Ident,
    /// Where `byzantine` stands, if it does.
    pub byzantine: Option<Span>,
    /// Chain, shared store, natives, clock.
    pub setup: Option<Record>,
}

/// What happens at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `alice.trigger(args)`
    Trigger {
        /// Whose.
        peer: Ident,
        /// Which trigger.
        trigger: Ident,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `a -> b M { … }`, signed by a.
    Inject {
        /// From whom to whom, and which.
        arrow: Arrow,
        /// Its fields.
        record: Option<Record>,
    },
    /// `crash a`
    Crash(Ident),
    /// `restart a`
    Restart(Ident),
    /// `partition [a] [b, c]`
    Partition(Vec<Ident>, Vec<Ident>),
    /// `heal`
    Heal,
}

/// `a -> b M`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The whole arrow.
    pub span: Span,
    /// The sender.
    pub from: Ident,
    /// The receiver.
    pub to: Ident,
    /// The message.
    pub message: Ident,
}

/// What a scenario does to messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// It never arrives.
    Drop,
    /// It arrives later.
    Delay,
    /// It arrives twice.
    Duplicate,
}

/// Which messages are disturbed, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `from a`
    From(Ident),
    /// `to a`
    To(Ident),
    /// `by e`
    By(Expr),
    /// `times e`
    Times(Expr),
    /// `nth e`
    Nth(Expr),
}
