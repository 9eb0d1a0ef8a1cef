//! Progress on a terminal.

use crate::verify::{Clock, Meter, Progress, Watch};
use std::rc::Rc;
use std::time::Duration;

/// Shows progress on a terminal.
pub(super) struct OnTerminal<'a> {
    pub clock: Clock,
    pub begun: Duration,
    pub meter: Option<Meter>,
    pub line: Option<&'a dyn Fn(&str)>,
    pub scope: &'a str,
    /// What is counted.
    pub what: &'static str,
}

impl Watch for OnTerminal<'_> {
    fn elapsed(&self) -> Duration {
        (self.clock)().saturating_sub(self.begun)
    }

    fn progress(&mut self, progress: &Progress) {
        let Some(line) = self.line else { return };
        let Progress { states, queue, depth, memory } = *progress;
        let seconds = self.elapsed().as_secs_f64().max(0.001);
        #[allow(clippy::cast_precision_loss, reason = "for people")]
        let rate = states as f64 / seconds;
        let (scope, what, mib) = (self.scope, self.what, memory >> 20);
        let rest =
            if queue == 0 && depth == 0 { String::new() } else { format!(", {queue} to go, depth {depth}") };
        line(&format!("{scope}: {states} {what}, {rate:.0}/s{rest}, {mib} MiB"));
    }

    fn clock(&self) -> Option<Clock> {
        let (clock, begun) = (Rc::clone(&self.clock), self.begun);
        Some(Rc::new(move || clock().saturating_sub(begun)))
    }

    fn meter(&self) -> Option<Meter> {
        self.meter.clone()
    }
}
