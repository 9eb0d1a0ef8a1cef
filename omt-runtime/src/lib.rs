//! What generated machines run on.
