// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Functions of Ping Pong.

use omt_runtime::typed::prelude::*;

/// The id of a session contains its initiator, so nobody can occupy a session of somebody else.
pub fn session_of(asker: PeerId, asked: PeerId, question: u64, salt: &Bytes) -> Hash {
    library::hash(&[&asker, &asked, &question, salt])
}
