// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Queue.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `JOB`.
    Job(Box<Received<Job>>),
    /// `DONE_JOB`.
    DoneJob(Box<Received<DoneJob>>),
}

messages!(Message { Job, DoneJob });

/// `JOB`.
///
/// From Client to Runner, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// `sizes`.
    pub sizes: Option<Vec<u64>>,
    /// `tags`.
    pub tags: Option<Vec<String>>,
}

wire_record!(Job "JOB" { sizes, tags });

/// `DONE_JOB`.
///
/// From Runner to Client, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct DoneJob {
    /// `size`.
    pub size: u64,
    /// `left`.
    pub left: u64,
}

wire_record!(DoneJob "DONE_JOB" { size, left });
