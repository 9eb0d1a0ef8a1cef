//! Settlements made by hand: the arithmetic written down a second time, and certificates under any keys.

use crate::forge::sign;
use crate::records::{
    AttestationBody, AttestationCertificate, LockBody, LockCertificate, PaymentReceived, PaymentRecord,
    PaymentWitnessed, SessionTerms, SettlementBody, SettlementCertificate, SignedPaymentRecord,
};
use omt_runtime::crypto::{self, Keypair};
use omt_runtime::id::Hash;
use omt_runtime::ir::Protocol;
use omt_runtime::wire::Wire;

/// Milli-trust at which half of a payment is income: K is 1/100.
pub const HALF: u64 = 100_000;

/// How an escrow is divided: to the provider, burned, back to the consumer.
pub fn parts(escrow: u64, seconds: u64, rate_per_hour: u64, trust: u64) -> (u64, u64, u64) {
    let due = u128::from(seconds) * u128::from(rate_per_hour) / 3600;
    let payment = due.min(u128::from(escrow));
    let weight = u128::from(trust.min(1_000_000_000_000));
    let to_provider = payment * weight / (100 * 1000 + weight);
    let narrow = |amount: u128| u64::try_from(amount).expect("no more than the escrow");
    (narrow(to_provider), narrow(payment - to_provider), narrow(u128::from(escrow) - payment))
}

/// Milli-trust of a grown chain with one service on it, a month of four cores attested by everybody, that many days after
/// it was recorded.
pub fn trust_after_a_month(days: u64) -> u64 {
    const LEFT: [(u64, u64); 8] = [
        (128, 704_205_592),
        (64, 839_169_585),
        (32, 916_061_998),
        (16, 957_111_278),
        (8, 978_320_642),
        (4, 989_100_926),
        (2, 994_535_533),
        (1, 997_264_024),
    ];
    let (mut left, mut rest) = (1_000_000_000, days);
    for (step, factor) in LEFT {
        if rest >= step {
            left = left * factor / 1_000_000_000;
            rest -= step;
        }
    }
    let credit = 100_000 * 30 * 24 * 4;
    credit * left / 1_000_000_000 / 1000
}

/// Who signs what: keys, and the protocol whose structs they sign.
#[derive(Clone, Copy)]
pub struct Cabal<'a> {
    /// The protocol.
    pub ir: &'a Protocol,
    /// The keys.
    pub keys: &'a [Keypair],
}

impl Cabal<'_> {
    /// Everybody's signature of a struct.
    fn signatures(
        &self,
        name: &str,
        body: &impl Wire,
    ) -> omt_runtime::value::Map<omt_runtime::id::PeerId, omt_runtime::id::Signature> {
        self.keys.iter().map(|key| (key.peer_id(), sign(self.ir, key, name, body))).collect()
    }

    /// A lock that these have signed, on these terms.
    pub fn lock(&self, session: Hash, terms: &SessionTerms, amount: u64) -> LockCertificate {
        let mut ids: Vec<_> = self.keys.iter().map(Keypair::peer_id).collect();
        ids.sort();
        let body = LockBody {
            session_id: session,
            open_hash: Hash([1; 32]),
            terms_hash: crypto::hash(&(terms.clone(),)),
            amount,
            cabal: ids,
            expires_at: terms.expires_at,
        };
        let signatures = self.signatures("LockBody", &body);
        LockCertificate { body, signatures }
    }

    /// A normal end after that many seconds, which these have signed.
    pub fn attested(&self, lock: &LockBody, seconds: u64) -> AttestationCertificate {
        let body = AttestationBody {
            session_id: lock.session_id,
            lock_result_hash: crypto::hash(&(lock.clone(),)),
            terms_hash: lock.terms_hash,
            rank: 0,
            connectivity_verified: true,
            actual_duration_seconds: seconds,
            termination_reason: "COMPLETED_NORMAL".into(),
        };
        let signatures = self.signatures("AttestationBody", &body);
        AttestationCertificate { body, signatures }
    }

    /// The settlement of a lock after that many seconds; `alter` may spoil its body before these sign it.
    pub fn settle(
        &self,
        lock: &LockCertificate,
        terms: &SessionTerms,
        seconds: u64,
        alter: impl FnOnce(&mut SettlementBody),
    ) -> SettlementCertificate {
        let attestation = self.attested(&lock.body, seconds);
        let (to_provider, burned, refund) =
            parts(lock.body.amount, seconds, terms.rate_per_hour, terms.provider_trust);
        let mut body = SettlementBody {
            session_id: lock.body.session_id,
            lock_result_hash: crypto::hash(&(lock.body.clone(),)),
            terms_hash: lock.body.terms_hash,
            attestation_hash: crypto::hash(&(attestation.body.clone(),)),
            consumer: terms.consumer,
            provider: terms.provider,
            escrowed_amount: lock.body.amount,
            provider_payment: to_provider,
            burn_amount: burned,
            consumer_refund: refund,
        };
        alter(&mut body);
        let signatures = self.signatures("SettlementBody", &body);
        SettlementCertificate {
            lock: lock.clone(),
            topups: Vec::new(),
            terms: terms.clone(),
            attestation,
            body,
            signatures,
        }
    }

    /// What a payee puts on its chain once these have recorded the payment's block at that time.
    pub fn witnessed(&self, payment: &PaymentReceived, block: Hash, at: i64) -> PaymentWitnessed {
        let record = |key: &Keypair| {
            let record = PaymentRecord {
                session_id: payment.session_id,
                member: key.peer_id(),
                head: block,
                record_hash: Hash([4; 32]),
                recorded_at: at,
            };
            let record_signature = sign(self.ir, key, "PaymentRecord", &record);
            SignedPaymentRecord { record, record_signature }
        };
        PaymentWitnessed {
            session_id: payment.session_id,
            records: self.keys.iter().map(record).collect(),
            timestamp: at,
        }
    }
}

/// What a payee puts on its chain when a settlement reaches it.
pub fn payment(settlement: &SettlementCertificate, time: i64) -> PaymentReceived {
    PaymentReceived {
        session_id: settlement.body.session_id,
        settlement_result_hash: crypto::hash(&(settlement.body.clone(),)),
        payment_amount: settlement.body.provider_payment,
        settlement: settlement.clone(),
        sources: Vec::new(),
        timestamp: time,
    }
}
