//! The network between the peers of a world.

use super::{Happening, World};
use crate::host::packet::Packet;
use crate::id::PeerId;
use crate::wire;

/// What a network does to datagrams. Probabilities are in 1/1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Shortest latency, microseconds.
    pub latency_min: i64,
    /// Longest latency.
    pub latency_max: i64,
    /// How many are lost.
    pub loss: u64,
    /// How many arrive twice.
    pub duplicate: u64,
    /// How many take up to [`Network::REORDER_FACTOR`] times as long, and are overtaken.
    pub reorder: u64,
}

impl Network {
    /// How much longer a reordered datagram may take.
    pub const REORDER_FACTOR: i64 = 8;

    /// Nothing is lost; 20 to 120 ms.
    pub fn good() -> Self {
        Network { latency_min: 20_000, latency_max: 120_000, loss: 0, duplicate: 0, reorder: 0 }
    }

    /// Everything at once, badly.
    pub fn bad() -> Self {
        Network { latency_min: 20_000, latency_max: 400_000, loss: 150, duplicate: 100, reorder: 200 }
    }

    /// Everything takes exactly that long.
    pub fn exact(latency: i64) -> Self {
        Network { latency_min: latency, latency_max: latency, loss: 0, duplicate: 0, reorder: 0 }
    }
}

/// A datagram that is about to be sent.
#[derive(Debug)]
pub struct Passing<'a> {
    /// When, microseconds.
    pub at: i64,
    /// Sender.
    pub from: PeerId,
    /// Receiver.
    pub to: PeerId,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What it is.
    pub packet: Packet,
}

impl Passing<'_> {
    /// Name of the message that it carries, if it carries one.
    pub fn message(&self) -> Option<&str> {
        match &self.packet {
            Packet::Message(envelope) | Packet::Gossip(envelope) => Some(&envelope.message),
            Packet::Ack(_) | Packet::Want { .. } | Packet::Have(_) | Packet::Mismatch { .. } => None,
        }
    }
}

/// What becomes of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The network decides.
    Pass,
    /// It is lost.
    Drop,
    /// It takes that much longer.
    Delay(i64),
    /// It arrives twice.
    Duplicate,
    /// It takes that much longer, and arrives twice.
    DelayTwice(i64),
}

/// Decides about datagrams.
pub(super) type Filter = Box<dyn FnMut(&Passing<'_>) -> Fate + Send>;

impl World {
    fn draw(&mut self, below: i64) -> i64 {
        let below = u64::try_from(below).unwrap_or(1).max(1);
        self.rng.below(below).ok().and_then(|draw| i64::try_from(draw).ok()).unwrap_or(0)
    }

    fn chance(&mut self, thousandths: u64) -> bool {
        self.rng.below(1_000).is_ok_and(|draw| draw < thousandths)
    }

    pub(super) fn transmit(&mut self, from: PeerId, to: PeerId, bytes: Vec<u8>) {
        let fate = match (&mut self.filter, wire::decode_checked::<Packet>(&bytes)) {
            (Some(filter), Ok(packet)) => filter(&Passing { at: self.now, from, to, bytes: &bytes, packet }),
            _ => Fate::Pass,
        };
        // Every datagram draws the same number of times, so that one fault more does not change all others.
        let network = self.network;
        let span = network.latency_max.saturating_sub(network.latency_min).saturating_add(1);
        let (latency, again) = (network.latency_min + self.draw(span), network.latency_min + self.draw(span));
        let (lost, doubled, late) =
            (self.chance(network.loss), self.chance(network.duplicate), self.chance(network.reorder));
        let extra = self.draw(network.latency_max.saturating_mul(Network::REORDER_FACTOR).saturating_add(1));
        let cut = self.cuts.iter().any(|(one, other)| {
            (one.contains(&from) && other.contains(&to)) || (other.contains(&from) && one.contains(&to))
        });
        let receivers = self.by_id.get(&to).cloned().unwrap_or_default();
        if fate == Fate::Drop || lost || cut {
            return;
        }
        let delay = if let Fate::Delay(delay) | Fate::DelayTwice(delay) = fate { delay } else { 0 };
        let again = if let Fate::DelayTwice(delay) = fate { again.saturating_add(delay) } else { again };
        let doubled = doubled || matches!(fate, Fate::Duplicate | Fate::DelayTwice(_));
        let latency = latency.saturating_add(delay).saturating_add(if late { extra } else { 0 });
        for receiver in receivers {
            let arrive = |bytes| Happening::Arrive { from, to: receiver, bytes };
            if doubled {
                self.schedule(self.now.saturating_add(again), arrive(bytes.clone()));
            }
            self.schedule(self.now.saturating_add(latency), arrive(bytes.clone()));
        }
    }
}
