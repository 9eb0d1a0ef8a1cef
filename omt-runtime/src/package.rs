//! A transaction as a file: `.omtp`.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `omtp` |
//! | 4 | version of this layout, big-endian |
//! | 4 | [`IR_VERSION`], big-endian |
//! | 32 | protocol id |
//! | rest | the [`Protocol`] in canonical CBOR |
//!
//! The **protocol id** is the SHA-256 of the canonical CBOR (RFC 8949, 4.2.1) of the [`Protocol`] without the fields
//! called `meta` of its structures, at any depth: documentation, positions and local names do not reach it, everything
//! that changes behaviour or wire form does.
//!
//! A package may come from anywhere. [`Package::load`] refuses what is not exactly what [`Package::to_bytes`] writes
//! for a well-formed protocol.

mod canonical;

use crate::id::Hash;
use crate::ir::analysis::Analysis;
use crate::ir::validate::{EVALUATION_DEPTH_MAX, Malformed, validate};
use crate::ir::{IR_VERSION, Protocol};
use canonical::Part;
use sha2::{Digest, Sha256};
use std::thread;

/// First bytes of a package.
pub const MAGIC: [u8; 4] = *b"omtp";

/// Version of the layout around the IR.
pub const FORMAT_VERSION: u32 = 1;

/// Bytes of a package: a hundred times the largest protocol we know, and quickly read.
pub const SIZE_MAX: usize = 16 * 1024 * 1024;

/// Bytes before the IR.
const HEADER_BYTES: usize = 44;

/// CBOR containers inside each other: an expression of the IR takes up to four, and around the outermost one are a few.
const CBOR_DEPTH_MAX: usize = 4 * EVALUATION_DEPTH_MAX as usize + 96;

/// Stack for reading and checking an IR of the greatest depth, with room to spare; only what is used is ever backed by
/// memory.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// A protocol that has been checked, with its id and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Protocol id.
    pub id: Hash,
    /// The IR.
    pub protocol: Protocol,
    /// What becomes of which message in which state.
    pub analysis: Analysis,
}

/// Why bytes are no package, or a protocol cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// The first bytes are others.
    #[error("not a package: it does not begin with `omtp`")]
    NotAPackage,
    /// Written in another layout.
    #[error("package format {found}; this program reads format {FORMAT_VERSION}")]
    FormatVersion {
        /// Version in the file.
        found: u32,
    },
    /// Written by a compiler of another version.
    #[error(
        "package of IR version {found}; this program runs version {IR_VERSION}: build the protocol again"
    )]
    IrVersion {
        /// Version in the file.
        found: u32,
    },
    /// More bytes than are read.
    #[error("package of {bytes} bytes; at most {SIZE_MAX} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The file ends early.
    #[error("the package ends inside its header")]
    Truncated,
    /// The bytes are no IR.
    #[error("the package holds no protocol: {0}")]
    Encoding(String),
    /// Another encoding of the same protocol, or fields that this version does not know.
    #[error("the package is not in canonical form")]
    NotCanonical,
    /// The IR is not what the id says.
    #[error("the package says it is protocol {claimed} but it is {computed}")]
    Id {
        /// Id in the header.
        claimed: Hash,
        /// Id of what follows.
        computed: Hash,
    },
    /// The IR is not well-formed.
    #[error("the protocol is not well-formed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Malformed(Vec<Malformed>),
    /// No thread could be started to read it.
    #[error("no memory to read a package: {0}")]
    Resources(String),
}

impl Package {
    /// Checks a protocol, and computes its id.
    ///
    /// # Errors
    /// The protocol is not well-formed.
    pub fn from_protocol(protocol: Protocol) -> Result<Package, PackageError> {
        on_large_stack(move || {
            let id = protocol_id(&protocol)?;
            checked(protocol, id)
        })
    }

    /// Reads a package.
    ///
    /// # Errors
    /// The reason why these bytes are none that this program can run.
    pub fn load(bytes: &[u8]) -> Result<Package, PackageError> {
        if bytes.len() > SIZE_MAX {
            return Err(PackageError::TooLarge { bytes: bytes.len() });
        }
        let rest = bytes.strip_prefix(&MAGIC).ok_or(PackageError::NotAPackage)?;
        let (format, rest) = version(rest)?;
        if format != FORMAT_VERSION {
            return Err(PackageError::FormatVersion { found: format });
        }
        let (ir, rest) = version(rest)?;
        if ir != IR_VERSION {
            return Err(PackageError::IrVersion { found: ir });
        }
        let (claimed, body) = rest.split_first_chunk::<32>().ok_or(PackageError::Truncated)?;
        let claimed = Hash(*claimed);
        on_large_stack(move || {
            let protocol = decode(body)?;
            let computed = protocol_id(&protocol)?;
            if computed != claimed {
                return Err(PackageError::Id { claimed, computed });
            }
            checked(protocol, computed)
        })
    }

    /// Reads what lies behind the header, whatever id the header claims: so that a fuzzer that changes a protocol
    /// reaches what is behind the id.
    pub(crate) fn load_any_id(bytes: &[u8]) -> Result<Package, PackageError> {
        let body = bytes.get(HEADER_BYTES..).ok_or(PackageError::Truncated)?;
        // The first byte of a map, or no thread is worth it.
        if body.first().is_none_or(|byte| byte >> 5 != 5) {
            return Err(PackageError::Encoding("no map".to_owned()));
        }
        on_large_stack(move || {
            let protocol = decode(body)?;
            let id = protocol_id(&protocol)?;
            checked(protocol, id)
        })
    }

    /// The bytes of the package; the same ones every time.
    ///
    /// # Errors
    /// No memory, or more bytes than [`SIZE_MAX`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, PackageError> {
        let body = on_large_stack(|| encode(&self.protocol, Part::Whole))?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        bytes.extend_from_slice(&self.protocol.ir_version.to_be_bytes());
        bytes.extend_from_slice(self.id.as_ref());
        bytes.extend_from_slice(&body);
        if bytes.len() > SIZE_MAX {
            return Err(PackageError::TooLarge { bytes: bytes.len() });
        }
        Ok(bytes)
    }
}

/// The protocol in these bytes, if they are the one form of it.
fn decode(body: &[u8]) -> Result<Protocol, PackageError> {
    let protocol: Protocol = ciborium::de::from_reader_with_recursion_limit(body, CBOR_DEPTH_MAX)
        .map_err(|error| PackageError::Encoding(error.to_string()))?;
    if encode(&protocol, Part::Whole)? != body {
        return Err(PackageError::NotCanonical);
    }
    Ok(protocol)
}

/// The package of a protocol that is well-formed.
fn checked(protocol: Protocol, id: Hash) -> Result<Package, PackageError> {
    validate(&protocol).map_err(PackageError::Malformed)?;
    let analysis = Analysis::of(&protocol);
    Ok(Package { id, protocol, analysis })
}

/// SHA-256 of the canonical CBOR of what behaves.
fn protocol_id(protocol: &Protocol) -> Result<Hash, PackageError> {
    Ok(Hash(Sha256::digest(encode(protocol, Part::Behaviour)?).into()))
}

fn encode(protocol: &Protocol, part: Part) -> Result<Vec<u8>, PackageError> {
    canonical::encode(protocol, part).map_err(|error| PackageError::Encoding(error.to_string()))
}

fn version(bytes: &[u8]) -> Result<(u32, &[u8]), PackageError> {
    let (version, rest) = bytes.split_first_chunk::<4>().ok_or(PackageError::Truncated)?;
    Ok((u32::from_be_bytes(*version), rest))
}

/// Runs what recurses over an IR of untrusted depth where the stack is large enough; that includes dropping it when it
/// is refused.
fn on_large_stack<T: Send>(work: impl FnOnce() -> Result<T, PackageError> + Send) -> Result<T, PackageError> {
    thread::scope(|scope| {
        let spawned = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        match spawned.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            // The work does not panic; should it, the package is refused rather than the host stopped.
            Ok(Err(_)) => Err(PackageError::Resources("reading it panicked".to_owned())),
            Err(error) => Err(PackageError::Resources(error.to_string())),
        }
    })
}

#[cfg(test)]
mod tests;
