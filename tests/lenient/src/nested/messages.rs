// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Nested.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `PLAN`.
    Plan(Box<Received<Plan>>),
    /// `REPORT`.
    Report(Box<Received<Report>>),
}

messages!(Message { Plan, Report });

/// `PLAN`.
///
/// From Planner to Worker, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// `tasks`.
    pub tasks: Value,
    /// `weights`.
    pub weights: Map<String, u64>,
}

wire_record!(Plan "PLAN" { tasks, weights });

/// `REPORT`.
///
/// From Worker to Planner, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `results`.
    pub results: Value,
}

wire_record!(Report "REPORT" { results });
