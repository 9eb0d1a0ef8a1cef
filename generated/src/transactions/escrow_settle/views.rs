// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Views of Escrow Settle: what a chain adds up to.

use super::blocks::{
    BalanceLock, BalanceTopup, BalanceUnlock, Grant, LockClosed, LockOpen,
    PaymentReceived, PaymentWitnessed, TopupClosed, TopupOpen,
};

use super::functions::{genesis_root, recorded, release_proven, settlement_valid};
use super::parameters::RELEASE_DELAY;
use super::types::{GenesisEntry, Payment, Reservation};
use omt_runtime::typed::prelude::*;

/// Balance, reservations, payments and unfinished openings of the owner of a chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// the genesis file that the grant quotes
    pub genesis: Option<Hash>,
    /// `granted`.
    pub granted: u64,
    /// granted and not spent, with what is reserved, without what was earned; may be below 0 then
    pub balance: i64,
    /// to providers, by settlements
    pub paid: u64,
    /// by settlements
    pub burned: u64,
    /// of payments that count
    pub earned: u64,
    /// by session
    pub locks: Map<Hash, Reservation>,
    /// by session: settlements that the owner has recorded as their payer
    pub settled: Map<Hash, Hash>,
    /// by session: locks that ended by expiry
    pub released: Map<Hash, i64>,
    /// every session ever opened, so that none is opened twice
    pub opened: Map<Hash, i64>,
    /// every session that paid the owner, so that none pays twice
    pub payments: Map<Hash, Payment>,
    /// day of the opening -> openings of that day that are not counter-signed
    pub unfinished: Map<u64, u64>,
}

wire_record!(Ledger "Ledger" {
    genesis,
    granted,
    balance,
    paid,
    burned,
    earned,
    locks,
    settled,
    released,
    opened,
    payments,
    unfinished,
});

impl Fold for Ledger {
    fn fold(
        &mut self,
        context: &Context<'_>,
        block: &Arc<RawBlock>,
    ) -> Result<(), Raised> {
        match block.kind() {
            "GRANT" => self.on_grant(&library::block::<Grant>(block)?)?,
            "LOCK_OPEN" => self.on_lock_open(&library::block::<LockOpen>(block)?)?,
            "BALANCE_LOCK" => {
                self.on_balance_lock(&library::block::<BalanceLock>(block)?)?
            }
            "LOCK_CLOSED" => self.on_lock_closed(&library::block::<LockClosed>(block)?)?,
            "TOPUP_OPEN" => self.on_topup_open(&library::block::<TopupOpen>(block)?)?,
            "BALANCE_TOPUP" => {
                self.on_balance_topup(&library::block::<BalanceTopup>(block)?)?
            }
            "TOPUP_CLOSED" => {
                self.on_topup_closed(&library::block::<TopupClosed>(block)?)?
            }
            "BALANCE_UNLOCK" => {
                self.on_balance_unlock(
                    context,
                    &library::block::<BalanceUnlock>(block)?,
                )?
            }
            "PAYMENT_RECEIVED" => {
                self.on_payment_received(
                    context,
                    &library::block::<PaymentReceived>(block)?,
                )?
            }
            "PAYMENT_WITNESSED" => {
                self.on_payment_witnessed(
                    context,
                    &library::block::<PaymentWitnessed>(block)?,
                )?
            }
            _ => {}
        }
        Ok(())
    }
}

impl Ledger {
    /// A block `GRANT`.
    fn on_grant(&mut self, block: &Block<Grant>) -> Result<(), Raised> {
        let entry = GenesisEntry {
            peer: block.author(),
            amount: block.payload.amount,
        };
        if self.genesis.is_some() {
            library::abort("a chain holds one grant").at_in(2, 45, 35)?;
        }
        if genesis_root(&entry, block.payload.position, &block.payload.path)?
            != block.payload.genesis
        {
            library::abort(
                    "the grant is not an entry of the genesis file that it quotes",
                )
                .at_in(2, 47, 13)?;
        }
        self.genesis = Some(block.payload.genesis);
        self.granted = block.payload.amount;
        self.balance = library::narrow_i64(
                i128::from(self.balance) + i128::from(block.payload.amount),
            )
            .at_in(2, 51, 19)?;
        Ok(())
    }

    /// A block `LOCK_OPEN`.
    fn on_lock_open(&mut self, block: &Block<LockOpen>) -> Result<(), Raised> {
        let opening = block.payload.clone();
        if self.opened.contains_key(&opening.session_id) {
            library::abort("a session is opened once").at_in(2, 56, 55)?;
        }
        self.opened.insert(opening.session_id, block.time());
        self.locks
            .insert(
                opening.session_id,
                Reservation {
                    amount: opening.amount,
                    pending: 0,
                    unfinished_topups: 0,
                    opened_at: block.time(),
                    sign_by: opening.sign_by,
                    expires_at: opening.expires_at,
                    lock_result_hash: None,
                },
            );
        self.unfinished
            .insert(
                library::day(block.time()).at_in(2, 67, 20)?,
                library::narrow_u64(
                        i128::from(
                            library::get_or(
                                &self.unfinished,
                                &library::day(block.time()).at_in(2, 67, 55)?,
                                0,
                            ),
                        ) + 1,
                    )
                    .at_in(2, 67, 39)?,
            );
        Ok(())
    }

    /// A block `BALANCE_LOCK`.
    fn on_balance_lock(&mut self, block: &Block<BalanceLock>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            let held = library::entry(&self.locks, &block.payload.session_id)
                .at_in(2, 72, 20)?
                .clone();
            if held.lock_result_hash.is_none() && held.amount == block.payload.amount
                && block.time() <= held.sign_by
            {
                self.locks
                    .insert(
                        block.payload.session_id,
                        Reservation {
                            amount: held.amount,
                            pending: held.pending,
                            unfinished_topups: held.unfinished_topups,
                            opened_at: held.opened_at,
                            sign_by: held.sign_by,
                            expires_at: held.expires_at,
                            lock_result_hash: Some(block.payload.lock_result_hash),
                        },
                    );
                self.unfinished
                    .insert(
                        library::day(held.opened_at).at_in(2, 75, 24)?,
                        library::narrow_u64(
                                i128::from(
                                    library::get_or(
                                        &self.unfinished,
                                        &library::day(held.opened_at).at_in(2, 75, 63)?,
                                        1,
                                    ),
                                ) - 1,
                            )
                            .at_in(2, 75, 47)?,
                    );
            }
        }
        Ok(())
    }

    /// A block `LOCK_CLOSED`.
    fn on_lock_closed(&mut self, block: &Block<LockClosed>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            if library::entry(&self.locks, &block.payload.session_id)
                .at_in(2, 81, 12)?
                .lock_result_hash
                .is_none()
            {
                self.locks = library::without(&self.locks, &block.payload.session_id);
            }
        }
        Ok(())
    }

    /// A block `TOPUP_OPEN`.
    fn on_topup_open(&mut self, block: &Block<TopupOpen>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            let before = library::entry(&self.locks, &block.payload.session_id)
                .at_in(2, 88, 22)?
                .clone();
            let held = Reservation {
                amount: before.amount,
                pending: before.pending,
                opened_at: before.opened_at,
                sign_by: before.sign_by,
                expires_at: before.expires_at,
                lock_result_hash: before.lock_result_hash,
                unfinished_topups: library::narrow_u64(
                        i128::from(before.unfinished_topups) + 1,
                    )
                    .at_in(2, 89, 63)?,
            };
            if held.lock_result_hash.is_some() && held.pending == 0
                && held.amount == block.payload.previous_total
            {
                self.locks
                    .insert(
                        block.payload.session_id,
                        Reservation {
                            amount: held.amount,
                            unfinished_topups: held.unfinished_topups,
                            opened_at: held.opened_at,
                            expires_at: held.expires_at,
                            lock_result_hash: held.lock_result_hash,
                            pending: block.payload.additional_amount,
                            sign_by: block.payload.sign_by,
                        },
                    );
            } else {
                self.locks.insert(block.payload.session_id, held.clone());
            }
        }
        Ok(())
    }

    /// A block `BALANCE_TOPUP`.
    fn on_balance_topup(&mut self, block: &Block<BalanceTopup>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            let topup = block.payload.clone();
            let held = library::entry(&self.locks, &topup.session_id)
                .at_in(2, 103, 20)?
                .clone();
            if held.pending > 0 && held.pending == topup.topup_amount
                && held.amount == topup.previous_total
                && i128::from(held.amount) + i128::from(held.pending)
                    == i128::from(topup.new_total) && block.time() <= held.sign_by
            {
                self.locks
                    .insert(
                        topup.session_id,
                        Reservation {
                            opened_at: held.opened_at,
                            sign_by: held.sign_by,
                            expires_at: held.expires_at,
                            lock_result_hash: held.lock_result_hash,
                            amount: topup.new_total,
                            pending: 0,
                            unfinished_topups: library::narrow_u64(
                                    i128::from(held.unfinished_topups) - 1,
                                )
                                .at_in(2, 113, 35)?,
                        },
                    );
            }
        }
        Ok(())
    }

    /// A block `TOPUP_CLOSED`.
    fn on_topup_closed(&mut self, block: &Block<TopupClosed>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            self.locks
                .insert(
                    block.payload.session_id,
                    Reservation {
                        amount: library::entry(&self.locks, &block.payload.session_id)
                            .at_in(2, 119, 60)?
                            .amount,
                        unfinished_topups: library::entry(
                                &self.locks,
                                &block.payload.session_id,
                            )
                            .at_in(2, 119, 60)?
                            .unfinished_topups,
                        opened_at: library::entry(&self.locks, &block.payload.session_id)
                            .at_in(2, 119, 60)?
                            .opened_at,
                        sign_by: library::entry(&self.locks, &block.payload.session_id)
                            .at_in(2, 119, 60)?
                            .sign_by,
                        expires_at: library::entry(
                                &self.locks,
                                &block.payload.session_id,
                            )
                            .at_in(2, 119, 60)?
                            .expires_at,
                        lock_result_hash: library::entry(
                                &self.locks,
                                &block.payload.session_id,
                            )
                            .at_in(2, 119, 60)?
                            .lock_result_hash,
                        pending: 0,
                    },
                );
        }
        Ok(())
    }

    /// A block `BALANCE_UNLOCK`.
    fn on_balance_unlock(
        &mut self,
        context: &Context<'_>,
        block: &Block<BalanceUnlock>,
    ) -> Result<(), Raised> {
        let unlock = block.payload.clone();
        let settlement = block.payload.settlement.clone();
        let evidence = block.payload.evidence.clone();
        if !self.locks.contains_key(&unlock.session_id) {
            library::abort("nothing is locked under this session").at_in(2, 127, 57)?;
        }
        let held = library::entry(&self.locks, &unlock.session_id)
            .at_in(2, 128, 20)?
            .clone();
        if held.lock_result_hash.is_none() {
            library::abort("an opening is closed, not unlocked").at_in(2, 129, 49)?;
        }
        if settlement.is_none() {
            if unlock.settlement_result_hash.is_some()
                || unlock.refund_amount != held.amount
            {
                library::abort(
                        "an expired lock returns its whole amount and names no settlement",
                    )
                    .at_in(2, 132, 17)?;
            }
            if i128::from(block.time())
                < i128::from(held.expires_at) + i128::from(RELEASE_DELAY)
            {
                library::abort("the lock has not expired long enough")
                    .at_in(2, 134, 68)?;
            }
            if evidence.is_none() {
                library::abort("nobody says that no payment counts").at_in(2, 135, 40)?;
            }
            if library::hash(&[&evidence.as_ref().needed().at_in(2, 136, 21)?.lock])
                != held.lock_result_hash.needed().at_in(2, 136, 39)?
                || !release_proven(
                    context,
                    evidence.as_ref().needed().at_in(2, 136, 83)?,
                )?
            {
                library::abort("too few members of the cabal say that no payment counts")
                    .at_in(2, 137, 17)?;
            }
            self.released.insert(unlock.session_id, block.time());
        } else {
            if settlement.as_ref().needed().at_in(2, 141, 16)?.body.session_id
                != unlock.session_id
                || settlement.as_ref().needed().at_in(2, 142, 20)?.body.lock_result_hash
                    != held.lock_result_hash.needed().at_in(2, 142, 56)?
                || settlement.as_ref().needed().at_in(2, 143, 20)?.body.consumer
                    != block.author()
                || Some(
                    library::hash(
                        &[&settlement.as_ref().needed().at_in(2, 144, 25)?.body],
                    ),
                ) != unlock.settlement_result_hash
            {
                library::abort("the settlement is not of this lock").at_in(2, 145, 17)?;
            }
            if settlement.as_ref().needed().at_in(2, 147, 16)?.body.consumer_refund
                != unlock.refund_amount
                || settlement.as_ref().needed().at_in(2, 148, 20)?.body.escrowed_amount
                    > held.amount
            {
                library::abort("the refund is not the settlement's").at_in(2, 149, 17)?;
            }
            if !settlement_valid(
                context,
                settlement.as_ref().needed().at_in(2, 151, 37)?,
            )? {
                library::abort(
                        "the settlement is not signed by a quorum of the lock's cabal",
                    )
                    .at_in(2, 152, 17)?;
            }
            self.balance = library::narrow_i64(
                    i128::from(self.balance)
                        - i128::from(
                            settlement
                                .as_ref()
                                .needed()
                                .at_in(2, 154, 33)?
                                .body
                                .provider_payment,
                        )
                        - i128::from(
                            settlement
                                .as_ref()
                                .needed()
                                .at_in(2, 154, 68)?
                                .body
                                .burn_amount,
                        ),
                )
                .at_in(2, 154, 23)?;
            self.paid = library::narrow_u64(
                    i128::from(self.paid)
                        + i128::from(
                            settlement
                                .as_ref()
                                .needed()
                                .at_in(2, 155, 27)?
                                .body
                                .provider_payment,
                        ),
                )
                .at_in(2, 155, 20)?;
            self.burned = library::narrow_u64(
                    i128::from(self.burned)
                        + i128::from(
                            settlement
                                .as_ref()
                                .needed()
                                .at_in(2, 156, 31)?
                                .body
                                .burn_amount,
                        ),
                )
                .at_in(2, 156, 22)?;
            self.settled
                .insert(
                    unlock.session_id,
                    library::hash(
                        &[&settlement.as_ref().needed().at_in(2, 157, 47)?.body],
                    ),
                );
        }
        self.locks = library::without(&self.locks, &unlock.session_id);
        Ok(())
    }

    /// A block `PAYMENT_RECEIVED`.
    fn on_payment_received(
        &mut self,
        context: &Context<'_>,
        block: &Block<PaymentReceived>,
    ) -> Result<(), Raised> {
        let payment = block.payload.clone();
        let division = payment.settlement.body.clone();
        if self.payments.contains_key(&payment.session_id) {
            library::abort("a session pays once").at_in(2, 168, 57)?;
        }
        if division.session_id != payment.session_id
            || division.provider != block.author()
            || library::hash(&[&division]) != payment.settlement_result_hash
            || division.provider_payment != payment.payment_amount
        {
            library::abort("the payment is not the settlement's").at_in(2, 173, 13)?;
        }
        if !settlement_valid(context, &payment.settlement)? {
            library::abort(
                    "the settlement is not signed by a quorum of the lock's cabal",
                )
                .at_in(2, 176, 13)?;
        }
        self.payments
            .insert(
                payment.session_id,
                Payment {
                    payer: division.consumer,
                    settlement_result_hash: payment.settlement_result_hash,
                    amount: division.provider_payment,
                    received: block.hash(),
                    lock: payment.settlement.lock.body.clone(),
                    sources: payment.sources.clone(),
                    counts: false,
                },
            );
        Ok(())
    }

    /// A block `PAYMENT_WITNESSED`.
    fn on_payment_witnessed(
        &mut self,
        context: &Context<'_>,
        block: &Block<PaymentWitnessed>,
    ) -> Result<(), Raised> {
        let session = block.payload.session_id;
        if !self.payments.contains_key(&session) {
            library::abort("no payment was received under this session")
                .at_in(2, 191, 50)?;
        }
        let payment = library::entry(&self.payments, &session)
            .at_in(2, 192, 23)?
            .clone();
        if payment.counts {
            library::abort("a payment is witnessed once").at_in(2, 193, 34)?;
        }
        if !recorded(context, &block.payload.records, &payment.lock, payment.received)? {
            library::abort("too few members of the cabal recorded the payment in time")
                .at_in(2, 195, 13)?;
        }
        self.payments
            .insert(
                session,
                Payment {
                    payer: payment.payer,
                    settlement_result_hash: payment.settlement_result_hash,
                    amount: payment.amount,
                    received: payment.received,
                    lock: payment.lock.clone(),
                    sources: payment.sources.clone(),
                    counts: true,
                },
            );
        self.earned = library::narrow_u64(
                i128::from(self.earned) + i128::from(payment.amount),
            )
            .at_in(2, 198, 18)?;
        Ok(())
    }
}
