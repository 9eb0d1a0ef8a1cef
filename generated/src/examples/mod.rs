// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transactions of `protocols/examples/`.

pub mod paxos;
pub mod ping_pong;
pub mod two_phase_commit;
pub mod workbench;
