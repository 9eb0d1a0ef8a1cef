//! The `.omt` compiler.
