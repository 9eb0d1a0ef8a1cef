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
pub mod auction;
pub mod chain_check;
pub mod coin;
pub mod counter;
pub mod escrow;
pub mod functions;
pub mod gather;
pub mod handshake;
pub mod head_hash;
pub mod lease;
pub mod ledger;
pub mod mirror;
pub mod mixed_text;
pub mod nested;
pub mod optional_answer;
pub mod order;
pub mod profile;
pub mod queue;
pub mod relay;
pub mod reputation;
pub mod retry;
pub mod router;
pub mod sensor;
pub mod sessions;
pub mod shared_memory;
pub mod signature;
pub mod stock;
pub mod swap;
pub mod three_way;
pub mod tickets;
pub mod vote;

use omt_runtime::machine::Program;
use std::sync::Arc;

/// Every transaction, in the order of the paths of their sources.
pub fn programs() -> Vec<Arc<dyn Program>> {
    vec![
        auction::program(), chain_check::program(), coin::program(), counter::program(),
        escrow::program(), functions::program(), gather::program(), handshake::program(),
        head_hash::program(), lease::program(), ledger::program(), mirror::program(),
        mixed_text::program(), nested::program(), optional_answer::program(),
        order::program(), profile::program(), queue::program(), relay::program(),
        reputation::program(), retry::program(), router::program(), sensor::program(),
        sessions::program(), shared_memory::program(), signature::program(),
        stock::program(), swap::program(), three_way::program(), tickets::program(),
        vote::program(),
    ]
}
