//! Views: pure folds over the blocks of a chain, remembered by the hash of the last block.

use super::context::Context;
use crate::chain::{RawBlock, Segment};
use crate::machine::{Raised, ViewKey, rules};
use crate::wire::Record;
use std::sync::Arc;

/// What the back end writes for a view.
pub trait Fold: Record + Clone + Default + Send + Sync + 'static {
    /// Applies the first handler that fits the block; one that none fits changes nothing.
    ///
    /// # Errors
    /// The handler faulted: the chain is invalid.
    fn fold(&mut self, context: &Context<'_>, block: &Arc<RawBlock>) -> Result<(), Raised>;
}

/// The state of the view after the last block of the chain.
pub(super) fn fold<V: Fold>(context: &Context<'_>, chain: &Segment) -> Result<Arc<V>, Raised> {
    if !chain.is_complete() {
        return Err(rules::headless_segment(V::NAME).into());
    }
    let key = |block: &RawBlock| ViewKey {
        protocol: context.package().id,
        executor: super::program::EXECUTOR,
        view: V::NAME.to_owned(),
        block: block.hash(),
    };
    let mut remembered: Option<Arc<V>> = None;
    let (_, blocks) = chain.blocks_above(|block| {
        remembered = context.cached(&key(block)).and_then(|known| known.downcast::<V>().ok());
        remembered.is_some()
    });
    let state = remembered.unwrap_or_default();
    if blocks.is_empty() {
        return Ok(state);
    }
    let mut state = Arc::unwrap_or_clone(state);
    for block in blocks {
        let broken =
            |raised: Raised| Raised { kind: rules::broken_view(V::NAME, block, &raised.kind), ..raised };
        state.fold(context, block).map_err(broken)?;
    }
    let state = Arc::new(state);
    if let Some(head) = chain.head() {
        context.remember(key(head), Arc::<V>::clone(&state));
    }
    Ok(state)
}
