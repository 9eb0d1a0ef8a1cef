// Written by `omtc build protocols/`. Edit the .omt files instead.

//! Views of Escrow Lock: what a chain adds up to.

use super::blocks::{
    BalanceLock, BalanceUnlock, Grant, LockClosed, LockOpen, PaymentReceived, PeerHash,
};

use super::functions::{epoch, genesis_root, settlement_valid};
use super::parameters::RELEASE_DELAY;
use super::types::{Commitment, GenesisEntry, Reservation, Sighting};
use omt_runtime::typed::prelude::*;

/// Balance, reservations and unfinished openings of the owner of a chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// the genesis file that the grant quotes
    pub genesis: Option<Hash>,
    /// with what is reserved
    pub balance: u64,
    /// paid to the owner; not spendable in this version, see PAYMENT_RECEIVED
    pub earned: u64,
    /// by session
    pub locks: Map<Hash, Reservation>,
    /// every session ever opened, so that none is opened twice
    pub opened: Map<Hash, i64>,
    /// every session that paid the owner, so that none pays twice
    pub paid: Map<Hash, i64>,
    /// day of the opening -> openings of that day that are not counter-signed
    pub unfinished: Map<u64, u64>,
}

wire_record!(Ledger "Ledger" {
    genesis,
    balance,
    earned,
    locks,
    opened,
    paid,
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
            library::abort("a chain holds one grant").at_in(2, 26, 35)?;
        }
        if genesis_root(&entry, block.payload.position, &block.payload.path)?
            != block.payload.genesis
        {
            library::abort(
                    "the grant is not an entry of the genesis file that it quotes",
                )
                .at_in(2, 28, 13)?;
        }
        self.genesis = Some(block.payload.genesis);
        self.balance = library::narrow_u64(
                i128::from(self.balance) + i128::from(block.payload.amount),
            )
            .at_in(2, 31, 19)?;
        Ok(())
    }

    /// A block `LOCK_OPEN`.
    fn on_lock_open(&mut self, block: &Block<LockOpen>) -> Result<(), Raised> {
        let opening = block.payload.clone();
        if self.opened.contains_key(&opening.session_id) {
            library::abort("a session is opened once").at_in(2, 36, 55)?;
        }
        self.opened.insert(opening.session_id, block.time());
        self.locks
            .insert(
                opening.session_id,
                Reservation {
                    amount: opening.amount,
                    opened_at: block.time(),
                    sign_by: opening.sign_by,
                    expires_at: opening.expires_at,
                    lock_result_hash: None,
                },
            );
        self.unfinished
            .insert(
                library::day(block.time()).at_in(2, 45, 20)?,
                library::narrow_u64(
                        i128::from(
                            library::get_or(
                                &self.unfinished,
                                &library::day(block.time()).at_in(2, 45, 55)?,
                                0,
                            ),
                        ) + 1,
                    )
                    .at_in(2, 45, 39)?,
            );
        Ok(())
    }

    /// A block `BALANCE_LOCK`.
    fn on_balance_lock(&mut self, block: &Block<BalanceLock>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            let held = library::entry(&self.locks, &block.payload.session_id)
                .at_in(2, 50, 20)?
                .clone();
            if held.lock_result_hash.is_none() && held.amount == block.payload.amount
                && block.time() <= held.sign_by
            {
                self.locks
                    .insert(
                        block.payload.session_id,
                        Reservation {
                            amount: held.amount,
                            opened_at: held.opened_at,
                            sign_by: held.sign_by,
                            expires_at: held.expires_at,
                            lock_result_hash: Some(block.payload.lock_result_hash),
                        },
                    );
                self.unfinished
                    .insert(
                        library::day(held.opened_at).at_in(2, 53, 24)?,
                        library::narrow_u64(
                                i128::from(
                                    library::get_or(
                                        &self.unfinished,
                                        &library::day(held.opened_at).at_in(2, 53, 63)?,
                                        1,
                                    ),
                                ) - 1,
                            )
                            .at_in(2, 53, 47)?,
                    );
            }
        }
        Ok(())
    }

    /// A block `LOCK_CLOSED`.
    fn on_lock_closed(&mut self, block: &Block<LockClosed>) -> Result<(), Raised> {
        if self.locks.contains_key(&block.payload.session_id) {
            if library::entry(&self.locks, &block.payload.session_id)
                .at_in(2, 59, 12)?
                .lock_result_hash
                .is_none()
            {
                self.locks = library::without(&self.locks, &block.payload.session_id);
            }
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
        if !self.locks.contains_key(&unlock.session_id) {
            library::abort("nothing is locked under this session").at_in(2, 67, 57)?;
        }
        let held = library::entry(&self.locks, &unlock.session_id)
            .at_in(2, 68, 20)?
            .clone();
        if held.lock_result_hash.is_none() {
            library::abort("an opening is closed, not unlocked").at_in(2, 69, 49)?;
        }
        if settlement.is_none() {
            if unlock.settlement_result_hash.is_some()
                || unlock.refund_amount != held.amount
            {
                library::abort(
                        "an expired lock returns its whole amount and names no settlement",
                    )
                    .at_in(2, 72, 17)?;
            }
            if i128::from(block.time())
                < i128::from(held.expires_at) + i128::from(RELEASE_DELAY)
            {
                library::abort("the lock has not expired long enough").at_in(2, 74, 68)?;
            }
        } else {
            if settlement.as_ref().needed().at_in(2, 76, 16)?.body.session_id
                != unlock.session_id
                || settlement.as_ref().needed().at_in(2, 77, 20)?.body.lock_result_hash
                    != held.lock_result_hash.needed().at_in(2, 77, 56)?
                || settlement.as_ref().needed().at_in(2, 78, 20)?.body.consumer
                    != block.author()
                || Some(
                    library::hash(
                        &[&settlement.as_ref().needed().at_in(2, 79, 25)?.body],
                    ),
                ) != unlock.settlement_result_hash
            {
                library::abort("the settlement is not of this lock").at_in(2, 80, 17)?;
            }
            if settlement.as_ref().needed().at_in(2, 82, 16)?.body.consumer_refund
                != unlock.refund_amount
            {
                library::abort("the refund is not the settlement's").at_in(2, 83, 17)?;
            }
            if !settlement_valid(
                context,
                settlement.as_ref().needed().at_in(2, 85, 37)?,
            )? {
                library::abort(
                        "the settlement is not signed by a quorum of the lock's cabal",
                    )
                    .at_in(2, 86, 17)?;
            }
        }
        self.balance = library::narrow_u64(
                i128::from(self.balance) - i128::from(held.amount)
                    + i128::from(unlock.refund_amount),
            )
            .at_in(2, 89, 19)?;
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
        if self.paid.contains_key(&payment.session_id) {
            library::abort("a session pays once").at_in(2, 97, 53)?;
        }
        if payment.settlement.body.session_id != payment.session_id
            || payment.settlement.body.provider != block.author()
            || library::hash(&[&payment.settlement.body])
                != payment.settlement_result_hash
            || payment.settlement.body.provider_payment != payment.payment_amount
        {
            library::abort("the payment is not the settlement's").at_in(2, 102, 13)?;
        }
        if !settlement_valid(context, &payment.settlement)? {
            library::abort(
                    "the settlement is not signed by a quorum of the lock's cabal",
                )
                .at_in(2, 105, 13)?;
        }
        self.paid.insert(payment.session_id, block.time());
        self.earned = library::narrow_u64(
                i128::from(self.earned) + i128::from(payment.payment_amount),
            )
            .at_in(2, 108, 18)?;
        Ok(())
    }
}

/// Meetings, checkpoints and commitments of the owner of a chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acquaintances {
    /// meetings; a head that was recorded before is not a new meeting
    pub met: Map<PeerId, u64>,
    /// `newest`.
    pub newest: Map<PeerId, Sighting>,
    /// the newest from an epoch before the epoch of `newest`
    pub earlier: Map<PeerId, Sighting>,
    /// by provider
    pub commitments: Map<PeerId, Commitment>,
}

wire_record!(Acquaintances "Acquaintances" { met, newest, earlier, commitments });

impl Fold for Acquaintances {
    fn fold(
        &mut self,
        _context: &Context<'_>,
        block: &Arc<RawBlock>,
    ) -> Result<(), Raised> {
        match block.kind() {
            "PEER_HASH" => self.on_peer_hash(&library::block::<PeerHash>(block)?)?,
            "LOCK_OPEN" => self.on_lock_open(&library::block::<LockOpen>(block)?)?,
            _ => {}
        }
        Ok(())
    }
}

impl Acquaintances {
    /// A block `PEER_HASH`.
    fn on_peer_hash(&mut self, block: &Block<PeerHash>) -> Result<(), Raised> {
        let peer = block.payload.peer;
        let seen = Sighting {
            head: block.payload.head,
            epoch: epoch(block.time())?,
        };
        if !self.newest.contains_key(&peer) {
            self.met.insert(peer, 1);
        } else {
            if library::entry(&self.newest, &peer).at_in(3, 31, 16)?.head != seen.head {
                self.met
                    .insert(
                        peer,
                        library::narrow_u64(
                                i128::from(library::get_or(&self.met, &peer, 0)) + 1,
                            )
                            .at_in(3, 31, 66)?,
                    );
            }
            if library::entry(&self.newest, &peer).at_in(3, 32, 16)?.epoch < seen.epoch {
                self.earlier
                    .insert(
                        peer,
                        library::entry(&self.newest, &peer).at_in(3, 32, 71)?.clone(),
                    );
            }
        }
        self.newest.insert(peer, seen.clone());
        Ok(())
    }

    /// A block `LOCK_OPEN`.
    fn on_lock_open(&mut self, block: &Block<LockOpen>) -> Result<(), Raised> {
        let provider = block.payload.provider;
        let made = Commitment {
            epoch: epoch(block.time())?,
            nonce_commitment: block.payload.nonce_commitment,
            changed: false,
        };
        if self.commitments.contains_key(&provider)
            && library::entry(&self.commitments, &provider).at_in(3, 44, 47)?.epoch
                == made.epoch
        {
            let same = library::entry(&self.commitments, &provider)
                .at_in(3, 45, 24)?
                .nonce_commitment == made.nonce_commitment;
            self.commitments
                .insert(
                    provider,
                    Commitment {
                        epoch: made.epoch,
                        nonce_commitment: made.nonce_commitment,
                        changed: library::entry(&self.commitments, &provider)
                            .at_in(3, 46, 67)?
                            .changed || !same,
                    },
                );
        } else {
            self.commitments.insert(provider, made.clone());
        }
        Ok(())
    }
}
