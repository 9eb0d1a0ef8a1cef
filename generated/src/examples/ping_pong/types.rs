// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Enums and structs of Ping Pong.

use omt_runtime::typed::prelude::*;

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PingRefusal {
    /// this asker has had its QUESTIONS_MAX answers
    TooManyQuestions,
}

wire_enum!(PingRefusal { TOO_MANY_QUESTIONS => TooManyQuestions });
