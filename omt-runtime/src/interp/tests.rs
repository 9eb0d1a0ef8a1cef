//! The rules of LANGUAGE 4, 5.3, 6 and 7, each with the smallest protocol that shows it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod choice;
mod probe;
mod stack;
mod step;
mod value;

use super::Interpreter;
use crate::crypto::Keypair;
use crate::fault::FaultKind;
use crate::id::Hash;
use crate::ir::Protocol;
use crate::machine::{Effect, Fault, Fired, Input, Machine, Program, Reaction, Refusal};
use crate::package::Package;
use crate::testing::{TestEnv, keypair};
use crate::value::Value;
use crate::wire;
use std::sync::Arc;

const SESSION: Hash = Hash([7; 32]);

/// One instance of actor `A`, its world, and what it did.
struct Run {
    program: Interpreter,
    machine: Box<dyn Machine>,
    env: TestEnv,
    effects: Vec<Effect>,
}

/// What a step came to, in a form that compares.
#[derive(Debug, PartialEq)]
enum Came {
    /// States entered.
    To(Vec<String>),
    Refused(Refusal),
    Deferred,
    Discarded,
    Fault(FaultKind),
}

impl Run {
    fn of(protocol: Protocol) -> Run {
        let package = Package::from_protocol(protocol).unwrap_or_else(|error| panic!("{error}"));
        let program = Interpreter::new(Arc::new(package));
        let machine = program.start("A", SESSION).unwrap();
        Run { program, machine, env: TestEnv::new(1), effects: Vec::new() }
    }

    fn try_input(&mut self, input: &Input) -> Result<Reaction, Fault> {
        self.env.step(&*self.machine, input)
    }

    /// A step that must fire.
    fn fire(&mut self, input: &Input) -> Fired {
        match self.try_input(input) {
            Ok(Reaction::Fired(fired)) => fired,
            Ok(Reaction::Refused(refusal)) => panic!("refused: {refusal}"),
            Ok(Reaction::Deferred) => panic!("deferred"),
            Ok(Reaction::Discarded) => panic!("discarded"),
            Err(fault) => panic!("{fault}"),
        }
    }

    /// A step, taken.
    fn input(&mut self, input: &Input) -> Came {
        match self.try_input(input) {
            Ok(Reaction::Fired(fired)) => {
                self.machine = fired.machine;
                self.effects.extend(fired.effects);
                Came::To(fired.taken.into_iter().map(|taken| taken.to).collect())
            }
            Ok(Reaction::Refused(refusal)) => Came::Refused(refusal),
            Ok(Reaction::Deferred) => Came::Deferred,
            Ok(Reaction::Discarded) => Came::Discarded,
            Err(fault) => Came::Fault(fault.kind),
        }
    }

    fn message_input(&mut self, from: u64, message: &str, payload: Value) -> Input {
        let id = self.program.package().id;
        self.env.message(id, SESSION, &keypair(from), message, wire::to_bytes(&payload))
    }

    /// A message from the peer of that seed.
    fn hears(&mut self, from: u64, message: &str, fields: &[(&str, Value)]) -> Came {
        let payload = Value::record(fields.iter().map(|(name, value)| (*name, value.clone())));
        let input = self.message_input(from, message, payload);
        self.input(&input)
    }

    fn triggered(&mut self, name: &str, arguments: &[Value]) -> Came {
        let arguments = arguments.iter().map(wire::to_bytes).collect();
        self.input(&Input::Trigger { name: name.to_owned(), arguments })
    }

    /// A field of the store, as bytes decode without a type.
    fn field(&self, name: &str) -> Option<Value> {
        self.machine.field(name).map(|bytes| wire::from_bytes(&bytes).unwrap())
    }
}

fn to(states: &[&str]) -> Came {
    Came::To(states.iter().map(ToString::to_string).collect())
}

fn peer(seed: u64) -> Value {
    Value::Peer(key(seed).peer_id())
}

fn key(seed: u64) -> Keypair {
    keypair(seed)
}
