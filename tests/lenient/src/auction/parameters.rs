// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Parameters of Auction.

/// how long bids are taken.
///
/// As written: 20 seconds, in microseconds.
pub const BID_TIME: i64 = 20_000_000;
