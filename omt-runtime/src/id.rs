//! Names of things: hashes, peer ids, session ids, signatures.
//!
//! A peer id *is* the Ed25519 public key, so whoever holds one can verify what its owner signed without asking
//! anybody. Text forms: a hash or a signature is lower-case hexadecimal; a peer id is lower-case base32 without
//! padding (52 characters), its short form the first 10 of them.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Characters of the short form of a peer id: 50 bits, enough that a person does not meet two that agree.
pub const PEER_ID_SHORT_CHARS: usize = 10;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// The text holds characters that the encoding does not have.
    #[error("`{0}` is not {1}")]
    Encoding(String, &'static str),
    /// The text decodes to the wrong number of bytes.
    #[error("expected {expected} bytes, found {found}")]
    Length {
        /// Bytes such an identifier has.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
}

macro_rules! byte_id {
    ($(#[$meta:meta])* $name:ident, $len:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Bytes of such an identifier.
            pub const LEN: usize = $len;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// From a slice of exactly the right length.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, ParseIdError> {
                <[u8; $len]>::try_from(bytes)
                    .map($name)
                    .map_err(|_| ParseIdError::Length { expected: $len, found: bytes.len() })
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                $name(bytes)
            }
        }

        /// In text formats (JSON) the text form, in binary ones (CBOR) a byte string.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, "{} bytes, or their text form", $len)
                    }
                    fn visit_bytes<E: serde::de::Error>(self, v: &[u8]) -> Result<$name, E> {
                        $name::from_slice(v).map_err(E::custom)
                    }
                    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<$name, E> {
                        v.parse().map_err(E::custom)
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(Visitor)
                } else {
                    deserializer.deserialize_bytes(Visitor)
                }
            }
        }
    };
}

byte_id!(
    /// A SHA-256 hash: of a block, an envelope, a protocol, a value.
    Hash,
    32
);
byte_id!(
    /// A peer: its Ed25519 public key. Not every 32 bytes are a usable key; see [`crate::crypto::check_peer_id`].
    PeerId,
    32
);
byte_id!(
    /// An Ed25519 signature (RFC 8032).
    Signature,
    64
);

/// Names a session; in the envelope of every message.
pub type SessionId = Hash;

impl Hash {
    /// 32 zero bytes: what the first block of a chain has for its predecessor.
    pub const ZERO: Hash = Hash([0; 32]);

    /// The first 10 hexadecimal characters, for people.
    pub fn short(&self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl PeerId {
    /// The first [`PEER_ID_SHORT_CHARS`] characters of the text form, for people.
    pub fn short(&self) -> String {
        self.to_string().chars().take(PEER_ID_SHORT_CHARS).collect()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE32_NOPAD.encode(&self.0).to_ascii_lowercase())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({})", self.short())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", self.to_string().chars().take(10).collect::<String>())
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({})", self.short())
    }
}

fn from_hex(text: &str) -> Result<Vec<u8>, ParseIdError> {
    HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .map_err(|_| ParseIdError::Encoding(text.to_owned(), "hexadecimal"))
}

impl FromStr for Hash {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Hash::from_slice(&from_hex(text)?)
    }
}

impl FromStr for Signature {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Signature::from_slice(&from_hex(text)?)
    }
}

impl FromStr for PeerId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let bytes = BASE32_NOPAD
            .decode(text.to_ascii_uppercase().as_bytes())
            .map_err(|_| ParseIdError::Encoding(text.to_owned(), "base32 without padding"))?;
        PeerId::from_slice(&bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_peer_id_is_52_lower_case_base32_characters_and_reads_back() {
        let peer = PeerId([0xa7; 32]);
        let text = peer.to_string();
        assert_eq!(text.len(), 52);
        assert!(text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        assert_eq!(text.parse::<PeerId>().unwrap(), peer);
        assert_eq!(peer.short(), &text[..10]);
    }

    #[test]
    fn a_hash_is_hexadecimal_and_a_short_one_is_refused_with_its_length() {
        let hash = Hash([0x0f; 32]);
        assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        assert_eq!("0f0f".parse::<Hash>(), Err(ParseIdError::Length { expected: 32, found: 2 }));
        assert!("zz".parse::<Hash>().is_err());
    }

    #[test]
    fn identifiers_survive_json_as_text_and_cbor_as_bytes() {
        let peer = PeerId([9; 32]);
        let json = serde_json::to_string(&peer).unwrap();
        assert_eq!(json, format!("\"{peer}\""));
        assert_eq!(serde_json::from_str::<PeerId>(&json).unwrap(), peer);
        let mut cbor = Vec::new();
        ciborium::into_writer(&peer, &mut cbor).unwrap();
        assert_eq!(cbor[..2], [0x58, 32]);
        assert_eq!(ciborium::from_reader::<PeerId, _>(&cbor[..]).unwrap(), peer);
    }
}
