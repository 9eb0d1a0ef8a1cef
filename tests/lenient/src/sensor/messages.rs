// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Messages of Sensor.

use omt_runtime::typed::prelude::*;

/// A message of this transaction, decoded.
#[derive(Clone, Debug)]
pub enum Message {
    /// `READING`.
    Reading(Box<Received<Reading>>),
    /// `ALARM`.
    Alarm(Box<Received<Alarm>>),
}

messages!(Message { Reading, Alarm });

/// `READING`.
///
/// From Sensor to Monitor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// `celsius`.
    pub celsius: f64,
    /// `weight`.
    pub weight: f64,
}

wire_record!(Reading "READING" { celsius, weight });

/// `ALARM`.
///
/// From Monitor to Sensor, signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// `fahrenheit`.
    pub fahrenheit: f64,
    /// `severe`.
    pub severe: bool,
}

wire_record!(Alarm "ALARM" { fahrenheit, severe });
