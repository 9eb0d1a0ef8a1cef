//! What both executors do alike, to the letter: timers, limits of effects, faults of views. Names in faults are
//! [`crate::ir::describe`]'s.

use super::{Fault, Raised, Timer};
use crate::chain::RawBlock;
use crate::fault::FaultKind;
use crate::ir::{Limit, LimitKind, Protocol, Type};
use crate::wire::{self, Limits, Wire};

/// Octets that one `RANDOM_BYTES` gives: what fits into a message.
pub const RANDOM_BYTES_MAX: u64 = wire::SIZE_MAX as u64;

/// The timer that a limit arms when its value has been read: a duration counts from now, a timestamp is absolute, a
/// period is at least a microsecond.
pub fn timer(limit: &Limit, index: u32, value: i64, now: i64) -> Timer {
    match limit.kind {
        LimitKind::Period => {
            let period = value.max(1);
            Timer { at: now.saturating_add(period), limit: index, period: Some(period) }
        }
        LimitKind::Timeout if *limit.value.ty.plain() == Type::Timestamp => {
            Timer { at: value, limit: index, period: None }
        }
        LimitKind::Timeout => Timer { at: now.saturating_add(value), limit: index, period: None },
    }
}

/// Whether the roster cannot judge the senders of a message yet: a field that names who plays one of its roles is
/// still unset or empty. Such a message is kept if a later state handles it, for the roster is judged when a message
/// is taken, and whoever was drawn may speak before this instance knows the draw. `field` gives canonical bytes.
pub fn roster_is_open(
    protocol: &Protocol,
    actor: &str,
    message: &str,
    field: impl Fn(&str) -> Option<Vec<u8>>,
) -> bool {
    const UNSET: [[u8; 1]; 3] = [[0xf6], [0x80], [0xa0]];
    let peers = protocol.actors.get(actor).map(|actor| &actor.peers);
    let roles = protocol.messages.get(message).map(|message| message.from.as_slice()).unwrap_or_default();
    roles
        .iter()
        .filter_map(|role| peers?.get(role))
        .any(|name| field(name).is_none_or(|bytes| UNSET.iter().any(|unset| bytes == unset)))
}

/// Bytes of a payload that leaves or is appended; what nobody would accept is a fault.
///
/// # Errors
/// More than a message may hold (LANGUAGE 6.2).
pub fn payload_bytes<T: Wire>(payload: &T) -> Result<Vec<u8>, FaultKind> {
    let bytes = wire::to_bytes(payload);
    wire::check(&bytes, &Limits::MESSAGE).map_err(|_| FaultKind::TooLarge)?;
    Ok(bytes)
}

/// How many octets `RANDOM_BYTES(count)` asks for.
///
/// # Errors
/// More than [`RANDOM_BYTES_MAX`].
pub fn random_count(count: u64) -> Result<usize, FaultKind> {
    if count > RANDOM_BYTES_MAX {
        return Err(FaultKind::TooLarge);
    }
    usize::try_from(count).map_err(|_| FaultKind::TooLarge)
}

/// A block whose payload is not what its kind says.
pub fn unreadable_block(block: &RawBlock) -> FaultKind {
    let text = format!("the block at height {} holds no {}", block.height(), block.kind());
    FaultKind::InvalidChain(text)
}

/// A view that faults on a block: the chain is invalid, and so it has no value.
pub fn broken_view(view: &str, block: &RawBlock, kind: &FaultKind) -> FaultKind {
    FaultKind::InvalidChain(format!("view {view} at height {}: {kind}", block.height()))
}

/// A view of a segment that does not begin at genesis.
pub fn headless_segment(view: &str) -> FaultKind {
    FaultKind::InvalidChain(format!("view {view}: the segment does not begin at the first block"))
}

/// A value that does not have the type that it is converted to.
pub fn misfit(ty: &Type) -> FaultKind {
    FaultKind::abort(format!("the value is no {ty}"))
}

/// Completes a fault with what is known at the top.
pub fn fault(protocol: &Protocol, actor: &str, state: &str, handler: String, raised: Raised) -> Fault {
    let at = raised.at.unwrap_or_default();
    let source = usize::try_from(at.file).ok().and_then(|file| protocol.meta.sources.get(file));
    Fault {
        kind: raised.kind,
        protocol: protocol.number.clone(),
        actor: actor.to_owned(),
        state: state.to_owned(),
        transition: handler,
        source_path: source.cloned().unwrap_or_default(),
        line: at.line,
        column: at.column,
    }
}
