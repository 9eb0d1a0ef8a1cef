// Written by `omtc build protocols/`. Edit the .omt files instead.

//! State machines that `omtc build protocols/` wrote, one folder per transaction.
//!
//! What they run on is `omt_runtime::typed`; how they are hosted, `omt_runtime::host`.

#![allow(
    clippy::collapsible_if,
    clippy::collapsible_else_if,
    clippy::needless_late_init,
    clippy::needless_return,
    clippy::comparison_to_empty,
    reason = "conditions stand as in the source"
)]
pub mod examples;
pub mod transactions;

use omt_runtime::machine::Program;
use std::sync::Arc;

/// Every transaction, in the order of the paths of their sources.
pub fn programs() -> Vec<Arc<dyn Program>> {
    vec![
        examples::ping_pong::program(), examples::workbench::program(),
        transactions::escrow_lock::program(),
    ]
}
