//! Messages, decoded once and passed on by reference.

use crate::envelope::{Envelope, Signed};
use crate::fault::FaultKind;
use crate::id::PeerId;
use crate::machine::Incoming;
use crate::wire::{self, Record};
use std::sync::Arc;

/// A message with its decoded payload.
#[derive(Clone, Debug)]
pub struct Received<M> {
    /// `message.sender`.
    pub sender: PeerId,
    /// `message.payload`.
    pub payload: M,
    envelope: Envelope,
}

impl<M: Record> Received<M> {
    /// Decodes the payload.
    ///
    /// # Errors
    /// It does not fit; the host has let through what it should not.
    pub fn decode(incoming: &Incoming) -> Result<Self, FaultKind> {
        let envelope = incoming.envelope.clone();
        let payload = wire::decode_checked(&envelope.payload)
            .map_err(|error| FaultKind::internal(error.to_string()))?;
        Ok(Received { sender: incoming.sender, payload, envelope })
    }
}

impl<M: Clone> Received<M> {
    /// `message.signed`.
    pub fn signed(&self) -> Signed<M> {
        Signed::new(Arc::new(self.envelope.clone()), self.payload.clone())
    }
}

/// The messages of a protocol.
pub trait Messages: Sized {
    /// Decodes a message; `None` if the protocol has none of that name.
    ///
    /// # Errors
    /// The payload does not fit.
    fn decode(incoming: &Incoming) -> Result<Option<Self>, FaultKind>;
}

/// Makes an enum of payload types the messages of a protocol.
#[macro_export]
macro_rules! messages {
    ($type:ident { $($variant:ident),* $(,)? }) => {
        impl $crate::typed::Messages for $type {
            fn decode(
                incoming: &$crate::machine::Incoming,
            ) -> ::core::result::Result<::core::option::Option<Self>, $crate::fault::FaultKind> {
                let name: &str = &incoming.envelope.message;
                let _ = name;
                $(if name == <$variant as $crate::wire::Record>::NAME {
                    let message = $crate::typed::Received::decode(incoming)?;
                    return ::core::result::Result::Ok(::core::option::Option::Some(
                        $type::$variant(::std::boxed::Box::new(message)),
                    ));
                })*
                ::core::result::Result::Ok(::core::option::Option::None)
            }
        }
    };
}
