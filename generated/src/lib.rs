// Written by `omtc build protocols/`. Edit the .omt files instead.

//! State machines that `omtc build protocols/` wrote, one folder per transaction.
//!
//! What they run on is `omt_runtime::typed`; how they are hosted, `omt_runtime::host`.

#![allow(
    unused_comparisons,
    clippy::absurd_extreme_comparisons,
    clippy::collapsible_else_if,
    clippy::collapsible_if,
    clippy::comparison_to_empty,
    clippy::doc_lazy_continuation,
    clippy::doc_overindented_list_items,
    clippy::eq_op,
    clippy::erasing_op,
    clippy::identity_op,
    clippy::if_same_then_else,
    clippy::ifs_same_cond,
    clippy::int_plus_one,
    clippy::module_inception,
    clippy::needless_late_init,
    clippy::needless_return,
    clippy::nonminimal_bool,
    clippy::overly_complex_bool_expr,
    clippy::useless_vec,
    reason = "what is said stands as in the source"
)]
pub mod examples;
pub mod transactions;

use omt_runtime::machine::Program;
use std::sync::Arc;

/// Every transaction, in the order of the paths of their sources.
pub fn programs() -> Vec<Arc<dyn Program>> {
    vec![
        examples::paxos::program(), examples::ping_pong::program(),
        examples::two_phase_commit::program(), examples::workbench::program(),
        transactions::escrow_lock::program(), transactions::cabal_attestation::program(),
        transactions::escrow_settle::program(),
    ]
}
