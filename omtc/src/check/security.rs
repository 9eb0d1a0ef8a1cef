//! Checks of what a dishonest party could do (LANGUAGE 5.7). Codes S07xx.

use super::Check;

mod before_the_vote;
mod borrowed_session;
mod count;
mod counted_twice;
mod deniable_vote;
pub(super) mod flow;
mod foreign_deadline;
mod foreign_record;
mod growth;
mod idle_threshold;
mod lonely_quorum;
mod message;
mod nested_lists;
mod old_chain;
mod own_judge;
mod own_signer;
mod predictable_nonce;
mod reusable_signature;
mod reveal_first;
mod secret_to_host;
mod taken_over;
mod unchecked_echo;
mod unchecked_name;
mod underflow;
mod unknown_sender;
mod unopened;
mod unverified_signature;

/// Ascending.
pub const CHECKS: &[Check] = &[
    unknown_sender::CHECK,
    counted_twice::CHECK,
    lonely_quorum::CHECK,
    unverified_signature::CHECK,
    own_signer::CHECK,
    before_the_vote::CHECK,
    idle_threshold::CHECK,
    growth::CHECK,
    nested_lists::CHECK,
    own_judge::CHECK,
    reveal_first::CHECK,
    predictable_nonce::CHECK,
    unopened::CHECK,
    underflow::CHECK,
    foreign_deadline::CHECK,
    taken_over::CHECK,
    reusable_signature::CHECK,
    deniable_vote::CHECK,
    unchecked_echo::CHECK,
    unchecked_name::CHECK,
    borrowed_session::CHECK,
    foreign_record::CHECK,
    old_chain::CHECK,
    secret_to_host::CHECK,
];
