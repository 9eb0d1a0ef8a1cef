//! `expect sequence ( … )`: judged at the end, over everything that was said.

use super::{Drive, Outcome};
use crate::scenario::deviation::{Deviation, Kind};
use crate::scenario::show::seconds;
use crate::scenario::story::{Entry, EntryKind};
use crate::spec::Arrow;

impl Drive<'_> {
    /// Others may lie between; each message is found after the one before it.
    pub(super) fn judge_sequences(&self) -> Outcome {
        for (place, arrows) in &self.sequences {
            let mut rest = self.story.iter();
            let mut before: Option<(&Arrow, i64)> = None;
            for arrow in arrows {
                match rest.find(|entry| is(entry, arrow)) {
                    Some(entry) => before = Some((arrow, entry.at)),
                    None => {
                        return Err(Box::new(self.missing(arrow, before).also(*place, "of this sequence")));
                    }
                }
            }
        }
        Ok(())
    }

    fn missing(&self, arrow: &Arrow, before: Option<(&Arrow, i64)>) -> Deviation {
        let what = text(arrow);
        let after = before
            .map_or_else(String::new, |(arrow, at)| format!(" after {} of {} s", text(arrow), seconds(at)));
        let others: Vec<String> = self
            .story
            .iter()
            .filter(|entry| is(entry, arrow))
            .map(|entry| format!("{} s", seconds(entry.at)))
            .collect();
        let fact = if others.is_empty() {
            format!("{what} was never said")
        } else {
            format!("{what} was said at {}", others.join(", "))
        };
        let message = format!("{what} was not said{after}");
        Deviation::new(Kind::Sequence, self.at(), arrow.at, message).label("not said").facts(vec![fact])
    }
}

fn text(arrow: &Arrow) -> String {
    format!("{} -> {} {}", arrow.from, arrow.to, arrow.message.name)
}

/// Gossip is for everybody.
fn is(entry: &Entry, arrow: &Arrow) -> bool {
    let EntryKind::Said { from, to, message, .. } = &entry.kind else { return false };
    *from == arrow.from && to.as_ref().is_none_or(|to| *to == arrow.to) && *message == arrow.message
}
