//! What an exploration came to.

use crate::scenario::coverage::Part;
use std::rc::Rc;
use std::time::Duration;

/// Whoever watches.
pub trait Watch {
    /// Time since some moment, never going back.
    fn elapsed(&self) -> Duration;
    /// How far the search is, from time to time.
    fn progress(&mut self, progress: &Progress);
    /// The clock of [`Watch::elapsed`], for who must look at it in the middle of something; without one, time is looked
    /// at between steps.
    fn clock(&self) -> Option<Clock> {
        None
    }
    /// What the process takes; without one, memory is an estimate.
    fn meter(&self) -> Option<Meter> {
        None
    }
}

/// Time since some moment.
pub type Clock = Rc<dyn Fn() -> Duration>;
/// Bytes, if they are known.
pub type Meter = Rc<dyn Fn() -> Option<usize>>;

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// States so far.
    pub states: usize,
    /// Of which that many have not been looked at.
    pub queue: usize,
    /// Steps from the start.
    pub depth: u32,
    /// Bytes.
    pub memory: usize,
}

/// Exact figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// States.
    pub states: usize,
    /// Steps between them, those that lead back included; not counted with sets.
    pub transitions: u64,
    /// Steps of the longest shortest path; with sets, how many phases there are.
    pub depth: u32,
    /// Nodes of the decision diagrams, if sets of states were explored.
    pub nodes: Option<usize>,
    /// States that were reached and whose successors were not computed.
    pub open: usize,
    /// Local states of each honest peer; with sets, without what it has said.
    pub locals: Vec<(String, usize)>,
    /// Different machines: states with stores.
    pub machines: usize,
    /// Different messages, those of byzantine members included.
    pub messages: usize,
    /// Messages that byzantine members may say.
    pub universe: usize,
    /// Steps that the interpreter computed.
    pub computed: u64,
    /// Deliveries that a table answered.
    pub remembered: u64,
    /// Bytes of states and tables, about.
    pub memory: usize,
}

/// How large a scope may be of which only a part was explored: how it grew, and what random runs came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// New states at each depth; of the last depth, as far as it was reached. Empty with sets.
    pub levels: Vec<usize>,
    /// Random runs.
    pub runs: usize,
    /// Steps of the longest.
    pub steps_max: usize,
    /// Different states that they came to.
    pub met: usize,
    /// How many of these had been reached before.
    pub known: usize,
}

impl Estimate {
    /// States of the scope, from the share of known states among those of random runs. Runs prefer what is near the
    /// start, as exploring did: it is rather too low than too high.
    pub fn states(&self, reached: usize) -> Option<usize> {
        reached.saturating_mul(self.met).checked_div(self.known)
    }

    /// By how much the last depth that was completed had more new states than the one before, in percent.
    pub fn growth_percent(&self) -> Option<usize> {
        let complete = self.levels.len().checked_sub(2)?;
        let (last, before) = (self.levels.get(complete)?, self.levels.get(complete.checked_sub(1)?)?);
        last.saturating_mul(100).checked_div(*before)
    }
}

/// How many messages of byzantine members are heard in one run, at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// As many as were asked for.
    pub asked: u32,
    /// What was explored to its end, the fewest messages first.
    pub levels: Vec<Level>,
}

impl Budget {
    /// The most messages with which every run was explored.
    pub fn complete(&self) -> Option<u32> {
        self.levels.last().map(|level| level.messages)
    }
}

/// What came of exploring with so many messages of byzantine members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// In one run, at most.
    pub messages: u32,
    /// States.
    pub states: usize,
    /// Steps between them.
    pub transitions: u64,
    /// Steps of the longest shortest path.
    pub depth: u32,
}

/// Why a search stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `--depth`.
    Depth,
    /// `--time`.
    Time,
    /// `--memory`.
    Memory,
    /// There are too many states to go through them one by one; or, with sets, these are no help here.
    Sets,
}

/// What is known of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It holds in the whole scope.
    Holds,
    /// It holds as far as was explored.
    NotRefuted,
    /// It does not hold.
    Violated(Box<Counterexample>),
    /// `sometimes`, and no state is so.
    Never,
    /// It is not known, and why.
    NotDecided(String),
}

/// A property and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Its name.
    pub property: String,
    /// `always`, `never`, …; `built-in` for those that every protocol has.
    pub kind: &'static str,
    /// What it says, if it says so.
    pub title: Option<String>,
    /// What is known.
    pub result: Finding,
    /// A run that shows it, of `sometimes`, where that was asked for.
    pub witness: Option<Box<Counterexample>>,
}

impl Verdict {
    /// Does it hold in the whole scope?
    pub fn holds(&self) -> bool {
        self.result == Finding::Holds
    }

    /// Is it refuted?
    pub fn refuted(&self) -> bool {
        matches!(self.result, Finding::Violated(_) | Finding::Never)
    }
}

/// A run that breaks a property, or witnesses it, as short as there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What is wrong at its end.
    pub reason: String,
    /// Its steps.
    pub steps: Vec<Line>,
    /// Its steps as a scenario says them, the most faithful first; see [`super::reproduce`].
    pub scripts: Vec<super::Script>,
}

/// A step of a counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The instant on the peer's clock, after the start.
    pub at: String,
    /// The same in microseconds.
    pub micros: i64,
    /// In whom.
    pub peer: String,
    /// What came: a message and its sender, a trigger, a time limit, a task.
    pub input: String,
    /// The message that came, if it was one.
    pub heard: Option<Heard>,
    /// Messages that the peer said, and to whom.
    pub says: Vec<(String, String)>,
    /// What changed: states, fields, what was sent.
    pub changes: Vec<String>,
}

/// A message between two peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its name.
    pub message: String,
    /// Who said it.
    pub from: String,
    /// Its payload, for people; empty if there is none.
    pub payload: String,
}

/// Everything about one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The scope.
    pub scope: String,
    /// Exact figures.
    pub counts: Counts,
    /// Why it stopped early, if it did.
    pub limit: Option<Limit>,
    /// How much of byzantine members is heard, where that is counted.
    pub budget: Option<Budget>,
    /// How large the scope may be, if it stopped early.
    pub estimate: Option<Estimate>,
    /// Transitions of the protocol that fired.
    pub fired: Part,
    /// In the order of the source, then the built-in ones.
    pub verdicts: Vec<Verdict>,
    /// What the model leaves out or makes coarser here.
    pub abstractions: Vec<String>,
}

impl Outcome {
    /// Was everything explored, and does every property hold? That byzantine members have too few messages to show what
    /// `sometimes` asks for is no failure.
    pub fn proven(&self) -> bool {
        let needs_more = |verdict: &Verdict| {
            let open = matches!(verdict.result, Finding::NotDecided(_));
            open && self.budget.is_some() && verdict.kind == super::search::SOMETIMES
        };
        self.limit.is_none() && self.verdicts.iter().all(|verdict| verdict.holds() || needs_more(verdict))
    }
}
