//! What a new version of a transaction means for nodes, sessions in flight, chains and hosts as a whole.

use super::kind;
use super::pair::Pair;
use super::report::{Change, Outcome, Version};

/// Sentences, the most important first.
pub fn of(pair: &Pair<'_>, changes: &[Change], old: &Version, new: &Version) -> Vec<String> {
    let mut said = Vec::new();
    let (Some(old_id), Some(new_id)) = (&old.id, &new.id) else { return said };
    if old_id == new_id {
        said.push("the protocol id stays: nodes of both versions run this transaction together, and sessions in flight go on".to_owned());
        return said;
    }
    let short = |id: &str| id.get(..16).unwrap_or(id).to_owned();
    let (old_id, new_id) = (short(old_id), short(new_id));
    said.push(format!(
        "new sessions: a node that has only {old_id} and one that has only {new_id} refuse each other's messages and name both ids"
    ));
    said.push(format!(
        "sessions in flight end under {old_id}: a node keeps that package until the last of them has ended"
    ));
    if !pair.old.blocks.is_empty() {
        let of_blocks = |change: &&Change| {
            change.kind.category == super::Category::Wire
                && (change.what.contains("block") || change.old_with_new.text.contains("chain"))
        };
        let worst = changes.iter().filter(of_blocks).map(|change| change.new_with_old.outcome).max();
        said.push(match worst {
            Some(Outcome::Fails) => {
                "chains: the new version does not read all blocks that the old one wrote".to_owned()
            }
            Some(Outcome::Depends) => {
                "chains: the new version may not read all blocks that the old one wrote".to_owned()
            }
            Some(Outcome::Works) | None if changes.iter().any(|c| c.kind == kind::VIEW_CHANGED) => {
                "chains: the new version reads blocks of the old one, and makes something else of them"
                    .to_owned()
            }
            Some(Outcome::Works) | None => "chains: the new version reads what the old one wrote".to_owned(),
        });
    }
    let shared: Vec<&str> =
        pair.new.actors.iter().filter(|(_, a)| !a.shared.is_empty()).map(|(name, _)| name.as_str()).collect();
    if !shared.is_empty() {
        said.push(format!(
            "shared stores are kept for each protocol id: that of {} begins empty under {new_id} unless the host copies it",
            shared.join(" and ")
        ));
    }
    said
}
