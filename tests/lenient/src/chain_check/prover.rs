// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Prover of Chain check.

use super::blocks::Greeting;
use super::messages::{Chain, Message, Verdict};
use super::parameters::WAIT;
use omt_runtime::typed::prelude::*;

/// States of [`Prover`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `IDLE`.
    Idle,
    /// `SHOWN`.
    Shown,
    /// `TRUSTED`.
    Trusted,
    /// `DOUBTED`.
    Doubted,
}
states!(State { IDLE => Idle, SHOWN => Shown, TRUSTED => Trusted, DOUBTED => Doubted });

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `verifier`.
    pub verifier: Option<PeerId>,
    /// `greeting`.
    pub greeting: Option<Block<Greeting>>,
    /// `segment_bytes`.
    pub segment_bytes: Option<Value>,
    /// `height`.
    pub height: Option<Value>,
}

store_fields!(Store { verifier, greeting, segment_bytes, height });

/// Actor `Prover`.
pub struct Prover;

impl Actor for Prover {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Prover";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::Trusted, State::Doubted];

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::Shown, Message::Verdict(message)) => shown_on_verdict(step, message),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "show") => idle_on_show(step, arguments.get(0)?),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Shown, 0) => shown_on_timeout_wait(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        if step.state() == State::Shown {
            timers.after(0, WAIT);
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `show`.
fn idle_on_show(
    step: &mut Step<'_, Prover>,
    verifier: PeerId,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> SHOWN on show");
    step.store.verifier = Some(verifier);
    let greeting = Greeting {
        guest: verifier,
        text: "hello".to_owned(),
    };
    step.store.greeting = Some(step.append(greeting).at(22, 9)?);
    step.store.segment_bytes = library::any_field(
        library::to_any(
                &library::chain_segment(&step.chain(), &step.chain().head_hash())
                    .at(23, 25)?,
            )
            .at(23, 25)?,
    );
    let chain = Chain {
        head: step.chain().head_hash(),
        segment_bytes: library::from_any::<
            Segment,
        >(&library::any_or_null(&step.store.segment_bytes), "segment")
            .at(24, 9)?,
    };
    step.send(verifier, &chain).at(24, 9)?;
    step.enter(State::Shown)
}

/// In SHOWN, on the message `VERDICT`.
fn shown_on_verdict(
    step: &mut Step<'_, Prover>,
    message: &Received<Verdict>,
) -> Result<Outcome, Raised> {
    step.consider(0, "SHOWN -> TRUSTED on VERDICT");
    if message.payload.valid && message.payload.height == 0 {
        step.store.height = library::any_field(
            library::to_any(&message.payload.height).at(26, 84)?,
        );
        return step.enter(State::Trusted);
    }

    step.consider(1, "SHOWN -> DOUBTED on VERDICT");
    step.enter(State::Doubted)
}

/// In SHOWN, on `timeout(WAIT)`.
fn shown_on_timeout_wait(step: &mut Step<'_, Prover>) -> Result<Outcome, Raised> {
    step.consider(2, "SHOWN -> DOUBTED on timeout(WAIT)");
    step.enter(State::Doubted)
}
