// Written by `omtc build protocols/`. Edit the .omt files instead.

//! The Consumer of Cabal Attestation.

use super::functions::attestation_valid;
use super::messages::{AttestationResult, CancelRequest, ConsumerAlive, Message, VmReady};
use super::parameters::{
    CONNECTIVITY_CHECK_TIMEOUT, CONSUMER_HEARTBEAT_INTERVAL, VM_READY_TIMEOUT,
};

use super::types::{AttestationCertificate, LockBody, SessionTerms, VmAddress};
use omt_runtime::typed::prelude::*;

/// States of [`Consumer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No session.
    Idle,
    /// The provider starts a machine.
    WaitingForVm,
    /// The witnesses reach it; does this node?
    Connecting,
    /// In use.
    Connected,
    /// Passed through.
    RequestingCancel,
    /// Asked for the end; the witnesses sign.
    Cancelling,
    /// Attested.
    SessionEnded,
    /// No attestation by the deadline of the terms: the lock will be released.
    Expired,
}
states!(State {
    IDLE => Idle,
    WAITING_FOR_VM => WaitingForVm,
    CONNECTING => Connecting,
    CONNECTED => Connected,
    REQUESTING_CANCEL => RequestingCancel,
    CANCELLING => Cancelling,
    SESSION_ENDED => SessionEnded,
    EXPIRED => Expired,
});

/// What one instance remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// `session_id`.
    pub session_id: Option<Hash>,
    /// `terms`.
    pub terms: Option<SessionTerms>,
    /// `provider`.
    pub provider: Option<PeerId>,
    /// of the lock, from 00
    pub body: Option<LockBody>,
    /// the lock's cabal
    pub witnesses: Vec<PeerId>,
    /// `vm`.
    pub vm: Option<VmAddress>,
    /// for the end
    pub asked: Option<bool>,
    /// `attestation`.
    pub attestation: Option<AttestationCertificate>,
}

store_fields!(Store {
    session_id,
    terms,
    provider,
    body,
    witnesses,
    vm,
    asked,
    attestation,
});

/// Uses the machine.
pub struct Consumer;

impl Actor for Consumer {
    type State = State;
    type Store = Store;
    type Shared = ();
    type Message = Message;

    const NAME: &'static str = "Consumer";
    const INITIAL: State = State::Idle;
    const TERMINAL: &'static [State] = &[State::SessionEnded, State::Expired];

    fn session(store: &Store) -> Option<SessionId> {
        store.session_id
    }

    fn set_session(store: &mut Store, session: SessionId) {
        store.session_id = Some(session);
    }

    fn admits(store: &Store, message: &str, sender: &PeerId) -> bool {
        match message {
            "VM_ALLOCATED" | "VM_READY" | "VM_CANCELLED" | "MISUSE_ACCUSATION" => {
                store.provider.names(sender)
            }
            "VM_CONNECTIVITY_VOTE" | "ABORT_VOTE" | "ABORT_PROPOSAL"
            | "ATTESTATION_SHARE" | "ATTESTATION_RESULT" => store.witnesses.names(sender),
            _ => true,
        }
    }

    fn bind(store: &mut Store, message: &str, sender: PeerId) -> bool {
        match message {
            "VM_ALLOCATED" | "VM_READY" | "VM_CANCELLED" | "MISUSE_ACCUSATION" => {
                library::bind(&mut store.provider, sender)
            }
            _ => false,
        }
    }

    fn on_message(
        step: &mut Step<'_, Self>,
        message: &Message,
    ) -> Result<Outcome, Raised> {
        match (step.state(), message) {
            (State::WaitingForVm, Message::VmReady(message)) => {
                waiting_for_vm_on_vm_ready(step, message)
            }
            (State::WaitingForVm, Message::AttestationResult(message)) => {
                waiting_for_vm_on_attestation_result(step, message)
            }
            (State::Connecting, Message::AttestationResult(message)) => {
                connecting_on_attestation_result(step, message)
            }
            (State::Connected, Message::AttestationResult(message)) => {
                connected_on_attestation_result(step, message)
            }
            (State::Cancelling, Message::AttestationResult(message)) => {
                cancelling_on_attestation_result(step, message)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_trigger(
        step: &mut Step<'_, Self>,
        name: &str,
        arguments: Arguments<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Idle, "setup_session") => {
                idle_on_setup_session(
                    step,
                    arguments.get(0)?,
                    arguments.get(1)?,
                    arguments.get(2)?,
                )
            }
            (State::WaitingForVm, "request_cancel") => {
                waiting_for_vm_on_request_cancel(step)
            }
            (State::Connecting, "request_cancel") => connecting_on_request_cancel(step),
            (State::Connected, "request_cancel") => connected_on_request_cancel(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_task(
        step: &mut Step<'_, Self>,
        name: &str,
        result: TaskResult<'_>,
    ) -> Result<Outcome, Raised> {
        match (step.state(), name) {
            (State::Connecting, "connect_vm") => {
                connecting_on_connect_vm(step, result.get()?)
            }
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_timeout(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::WaitingForVm, 0) => waiting_for_vm_on_timeout_vm_ready_timeout(step),
            (State::WaitingForVm, 1) => waiting_for_vm_on_timeout_1(step),
            (State::Connecting, 0) => {
                connecting_on_timeout_connectivity_check_timeout(step)
            }
            (State::Connecting, 1) => connecting_on_timeout_1(step),
            (State::Connected, 1) => connected_on_timeout_1(step),
            (State::Cancelling, 0) => cancelling_on_timeout_0(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_period(step: &mut Step<'_, Self>, limit: u32) -> Result<Outcome, Raised> {
        match (step.state(), limit) {
            (State::Connected, 0) => connected_every_consumer_heartbeat_interval(step),
            _ => Ok(Outcome::Unhandled),
        }
    }

    fn on_auto(step: &mut Step<'_, Self>) -> Result<Outcome, Raised> {
        match step.state() {
            State::RequestingCancel => requesting_cancel_at_once(step),
            State::Idle
            | State::WaitingForVm
            | State::Connecting
            | State::Connected
            | State::Cancelling
            | State::SessionEnded
            | State::Expired => Ok(Outcome::Unhandled),
        }
    }

    fn arm(step: &Step<'_, Self>, timers: &mut Timers) -> Result<(), Raised> {
        match step.state() {
            State::WaitingForVm => {
                timers.after(0, VM_READY_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(524, 31)?.expires_at,
                        ))?,
                    );
            }
            State::Connecting => {
                timers.after(0, CONNECTIVITY_CHECK_TIMEOUT);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(524, 31)?.expires_at,
                        ))?,
                    );
            }
            State::Connected => {
                timers.every(0, CONSUMER_HEARTBEAT_INTERVAL);
                timers
                    .at(
                        1,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(524, 31)?.expires_at,
                        ))?,
                    );
            }
            State::Cancelling => {
                timers
                    .at(
                        0,
                        library::if_set(|| Ok(
                            step.store.terms.as_ref().needed().at(524, 31)?.expires_at,
                        ))?,
                    );
            }
            State::Idle
            | State::RequestingCancel
            | State::SessionEnded
            | State::Expired => {}
        }
        Ok(())
    }
}

/// In IDLE, on the trigger `setup_session`.
fn idle_on_setup_session(
    step: &mut Step<'_, Consumer>,
    session_id: Hash,
    terms: SessionTerms,
    body: LockBody,
) -> Result<Outcome, Raised> {
    step.consider(0, "IDLE -> WAITING_FOR_VM on setup_session");
    if step.now() < terms.expires_at {
        step.store.session_id = Some(session_id);
        step.store.terms = Some(terms.clone());
        step.store.body = Some(body.clone());
        step.store.provider = Some(terms.provider);
        step.store.witnesses = body.cabal.clone();
        step.store.asked = Some(false);
        return step.enter(State::WaitingForVm);
    }
    step.refuse()
}

/// In WAITING_FOR_VM, on the message `VM_READY`.
fn waiting_for_vm_on_vm_ready(
    step: &mut Step<'_, Consumer>,
    message: &Received<VmReady>,
) -> Result<Outcome, Raised> {
    step.consider(0, "WAITING_FOR_VM -> CONNECTING on VM_READY");
    step.store.vm = Some(message.payload.vm.clone());
    step.start("connect_vm", &[step.store.vm.as_ref().needed().at(506, 26)?]);
    step.enter(State::Connecting)
}

/// In WAITING_FOR_VM, on `timeout(VM_READY_TIMEOUT)`.
fn waiting_for_vm_on_timeout_vm_ready_timeout(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(1, "WAITING_FOR_VM -> REQUESTING_CANCEL on timeout(VM_READY_TIMEOUT)");
    step.enter(State::RequestingCancel)
}

/// In WAITING_FOR_VM, on the trigger `request_cancel`.
fn waiting_for_vm_on_request_cancel(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(2, "WAITING_FOR_VM -> REQUESTING_CANCEL on request_cancel");
    step.enter(State::RequestingCancel)
}

/// In WAITING_FOR_VM, on the message `ATTESTATION_RESULT`.
fn waiting_for_vm_on_attestation_result(
    step: &mut Step<'_, Consumer>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(3, "WAITING_FOR_VM -> SESSION_ENDED on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(521, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::SessionEnded);
    }
    step.refuse()
}

/// In WAITING_FOR_VM, on `timeout(terms.expires_at)`.
fn waiting_for_vm_on_timeout_1(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(4, "WAITING_FOR_VM -> EXPIRED on timeout(terms.expires_at)");
    step.enter(State::Expired)
}

/// In CONNECTING, when the task `connect_vm` has ended.
fn connecting_on_connect_vm(
    step: &mut Step<'_, Consumer>,
    task_result: Option<bool>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CONNECTING -> CONNECTED on connect_vm");
    if task_result == Some(true) {
        return step.enter(State::Connected);
    }
    step.otherwise(0, "CONNECTING -> CONNECTED on connect_vm");
    step.enter(State::RequestingCancel)
}

/// In CONNECTING, on `timeout(CONNECTIVITY_CHECK_TIMEOUT)`.
fn connecting_on_timeout_connectivity_check_timeout(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(
        1,
        "CONNECTING -> REQUESTING_CANCEL on timeout(CONNECTIVITY_CHECK_TIMEOUT)",
    );
    step.enter(State::RequestingCancel)
}

/// In CONNECTING, on the trigger `request_cancel`.
fn connecting_on_request_cancel(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(2, "CONNECTING -> REQUESTING_CANCEL on request_cancel");
    step.enter(State::RequestingCancel)
}

/// In CONNECTING, on the message `ATTESTATION_RESULT`.
fn connecting_on_attestation_result(
    step: &mut Step<'_, Consumer>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(3, "CONNECTING -> SESSION_ENDED on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(521, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::SessionEnded);
    }
    step.refuse()
}

/// In CONNECTING, on `timeout(terms.expires_at)`.
fn connecting_on_timeout_1(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(4, "CONNECTING -> EXPIRED on timeout(terms.expires_at)");
    step.enter(State::Expired)
}

/// In CONNECTED, on `every(CONSUMER_HEARTBEAT_INTERVAL)`.
fn connected_every_consumer_heartbeat_interval(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CONNECTED -> CONNECTED on every(CONSUMER_HEARTBEAT_INTERVAL)");
    let consumer_alive = ConsumerAlive {
        timestamp: step.now(),
    };
    step.broadcast(&step.store.witnesses, &consumer_alive).at(513, 9)?;
    step.enter(State::Connected)
}

/// In CONNECTED, on the trigger `request_cancel`.
fn connected_on_request_cancel(
    step: &mut Step<'_, Consumer>,
) -> Result<Outcome, Raised> {
    step.consider(1, "CONNECTED -> REQUESTING_CANCEL on request_cancel");
    step.enter(State::RequestingCancel)
}

/// In CONNECTED, on the message `ATTESTATION_RESULT`.
fn connected_on_attestation_result(
    step: &mut Step<'_, Consumer>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(2, "CONNECTED -> SESSION_ENDED on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(521, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::SessionEnded);
    }
    step.refuse()
}

/// In CONNECTED, on `timeout(terms.expires_at)`.
fn connected_on_timeout_1(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(3, "CONNECTED -> EXPIRED on timeout(terms.expires_at)");
    step.enter(State::Expired)
}

/// In REQUESTING_CANCEL, at once.
fn requesting_cancel_at_once(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(0, "REQUESTING_CANCEL -> CANCELLING auto");
    step.proceed().at(516, 5)?;
    step.store.asked = Some(true);
    let to = &library::concat(
        &step.store.witnesses,
        &[step.store.provider.needed().at(518, 38)?],
    );
    let cancel_request = CancelRequest {
        timestamp: step.now(),
    };
    step.broadcast(to, &cancel_request).at(518, 9)?;
    step.enter(State::Cancelling)
}

/// In CANCELLING, on the message `ATTESTATION_RESULT`.
fn cancelling_on_attestation_result(
    step: &mut Step<'_, Consumer>,
    message: &Received<AttestationResult>,
) -> Result<Outcome, Raised> {
    step.consider(0, "CANCELLING -> SESSION_ENDED on ATTESTATION_RESULT");
    if attestation_valid(
        &step.context,
        &message.payload.attestation,
        step.store.body.as_ref().needed().at(521, 53)?,
    )? {
        step.store.attestation = Some(message.payload.attestation.clone());
        return step.enter(State::SessionEnded);
    }
    step.refuse()
}

/// In CANCELLING, on `timeout(terms.expires_at)`.
fn cancelling_on_timeout_0(step: &mut Step<'_, Consumer>) -> Result<Outcome, Raised> {
    step.consider(1, "CANCELLING -> EXPIRED on timeout(terms.expires_at)");
    step.enter(State::Expired)
}
