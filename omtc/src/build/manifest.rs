//! Two files beside the outputs: `manifest.json`, which is an output itself and says what the others are, and
//! `.omtc-build.json`, which is not to be committed and says what they were made from.

use super::record::Record;
use super::{Emit, OutputError, OutputFiles};
use omt_runtime::crypto::sha256;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Version of both files; a file of another version is not used.
const VERSION: u32 = 1;

/// Name of the manifest in the output folder.
pub const MANIFEST: &str = "manifest.json";

/// Name of the memory of the last build in the output folder.
pub const MEMORY: &str = ".omtc-build.json";

/// What the output folder holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    version: u32,
    /// In the order of their numbers and paths.
    pub transactions: Vec<Transaction>,
    /// SHA-256 of every other file, by path below the output folder.
    pub files: BTreeMap<String, String>,
}

/// A transaction that was built.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transaction {
    /// Number in its header.
    pub number: String,
    /// Path below the protocol folder.
    pub path: String,
    /// Title in its header.
    pub name: String,
    /// Protocol id.
    pub id: String,
}

impl Manifest {
    /// Of a set of outputs.
    pub fn new(transactions: Vec<Transaction>, outputs: &BTreeMap<String, Vec<u8>>) -> Manifest {
        let files = outputs.iter().map(|(path, bytes)| (path.clone(), sha256(bytes).to_string())).collect();
        Manifest { version: VERSION, transactions, files }
    }

    /// The one in an output folder; none when there is none of this version.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(files: &dyn OutputFiles, out: &Path) -> Result<Option<Manifest>, OutputError> {
        let manifest = files.read(&out.join(MANIFEST))?;
        let manifest = manifest.and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
        Ok(manifest.filter(|m| m.version == VERSION))
    }

    /// Its text.
    pub fn bytes(&self) -> Vec<u8> {
        text(self)
    }
}

/// What the outputs were made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    version: u32,
    /// Fingerprint of the compiler.
    compiler: String,
    /// What was asked for.
    paths: Vec<PathBuf>,
    emit: BTreeSet<Emit>,
    protocol_folder: Option<PathBuf>,
    #[serde(default)]
    lenient: bool,
    /// What was read.
    read: Record,
    /// SHA-256 of every output, the manifest included.
    outputs: BTreeMap<String, String>,
    /// Findings that were shown: a run that has nothing to do has shown them already.
    pub warnings: usize,
}

impl Memory {
    /// Of a build that has just been made.
    pub fn new(
        request: &super::Request,
        read: Record,
        outputs: BTreeMap<String, String>,
        warnings: usize,
    ) -> Memory {
        Memory {
            version: VERSION,
            compiler: request.compiler.clone(),
            paths: request.paths.clone(),
            emit: request.emit.clone(),
            protocol_folder: request.protocol_folder.clone(),
            lenient: request.lenient,
            read,
            outputs,
            warnings,
        }
    }

    /// The one in an output folder, if it is of this version.
    pub fn load(files: &dyn OutputFiles, out: &Path) -> Option<Memory> {
        let bytes = files.read(&out.join(MEMORY)).ok()??;
        serde_json::from_slice::<Memory>(&bytes).ok().filter(|m| m.version == VERSION)
    }

    /// Whether the same request would come to what is there: same compiler, same sources, untouched outputs.
    pub fn still_holds(
        &self,
        request: &super::Request,
        sources: &dyn crate::source::SourceProvider,
        files: &dyn OutputFiles,
    ) -> bool {
        self.compiler == request.compiler
            && self.paths == request.paths
            && self.emit == request.emit
            && self.protocol_folder == request.protocol_folder
            && self.lenient == request.lenient
            && self.outputs.iter().all(|(path, hash)| {
                let bytes = files.read(&request.out.join(path));
                bytes.is_ok_and(|b| b.is_some_and(|b| sha256(&b).to_string() == *hash))
            })
            && self.read.still_holds(sources)
    }

    /// How many outputs there are.
    pub fn output_count(&self) -> usize {
        self.outputs.len()
    }

    /// How many files were read.
    pub fn source_count(&self) -> usize {
        self.read.files()
    }

    /// Its text.
    pub fn bytes(&self) -> Vec<u8> {
        text(self)
    }
}

fn text<T: Serialize>(value: &T) -> Vec<u8> {
    // Strings, numbers and maps with string keys always have a JSON form.
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
