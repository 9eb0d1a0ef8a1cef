// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transactions of `protocols/transactions/`.

pub mod cabal_attestation;
pub mod escrow_lock;
pub mod escrow_settle;
