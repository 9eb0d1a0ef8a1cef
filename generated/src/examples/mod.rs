// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Transactions of `protocols/examples/`.

pub mod ping_pong;
pub mod workbench;
