//! What queries see of a run: the cast, its instances, its chains, after every step.

use crate::spec::{self, InstanceParts, Member, Role, START, Situation};
use omt_runtime::chain::Segment;
use omt_runtime::crypto::Keypair;
use omt_runtime::host::{Key, Seen};
use omt_runtime::id::{Hash, PeerId, SessionId, Signature};
use omt_runtime::interp::Interpreter;
use omt_runtime::machine::{Machine, Program};
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A peer of the cast.
pub(super) struct Player {
    pub name: String,
    pub key: Keypair,
    pub id: PeerId,
    /// Does it run machines?
    pub runs: bool,
    /// Does it, and nothing else under its key?
    pub honest: bool,
    pub clock: i64,
    pub chain: Segment,
    /// Fields of shared stores that were written, by transaction and actor.
    shared: BTreeMap<(usize, String), BTreeMap<String, Vec<u8>>>,
}

/// An instance of a peer.
pub(super) struct Figure {
    pub player: usize,
    pub role: Role,
    pub session: SessionId,
    pub state: String,
    machine: Box<dyn Machine>,
    record: Value,
}

impl Figure {
    /// As queries read it.
    pub fn record(&self) -> &Value {
        &self.record
    }
}

/// What a step changed, for whoever asks again only what may have another answer.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub roles: BTreeSet<Role>,
    pub chains: bool,
}

/// The picture. See the [module documentation](self).
pub(super) struct Picture {
    pub players: Vec<Player>,
    /// Oldest first.
    pub figures: Vec<Figure>,
    places: BTreeMap<(usize, usize, SessionId), usize>,
    /// Restores machines from what steps leave behind, whatever executor made them.
    readers: Vec<Interpreter>,
    packages: Vec<Arc<Package>>,
    pub now: i64,
}

impl Picture {
    pub fn new(programs: &[Arc<dyn Program>]) -> Picture {
        let packages: Vec<_> = programs.iter().map(|program| Arc::clone(program.package())).collect();
        Picture {
            players: Vec::new(),
            figures: Vec::new(),
            places: BTreeMap::new(),
            readers: packages.iter().map(|package| Interpreter::new(Arc::clone(package))).collect(),
            packages,
            now: START,
        }
    }

    pub fn packages(&self) -> &[Arc<Package>] {
        &self.packages
    }

    pub fn transaction(&self, protocol: &Hash) -> Option<usize> {
        self.packages.iter().position(|package| package.id == *protocol)
    }

    pub fn add(&mut self, member: &Member, key: Keypair) {
        let id = key.peer_id();
        self.players.push(Player {
            name: member.name.clone(),
            key,
            id,
            runs: !member.byzantine,
            honest: member.honest,
            clock: member.clock,
            chain: Segment::empty(id),
            shared: BTreeMap::new(),
        });
    }

    pub fn player(&self, name: &str) -> Option<&Player> {
        self.players.iter().find(|player| player.name == name)
    }

    pub fn index(&self, name: &str) -> Option<usize> {
        self.players.iter().position(|player| player.name == name)
    }

    /// A name of the cast, else the short form of the id.
    pub fn name(&self, id: &PeerId) -> String {
        let player = self.players.iter().find(|player| player.id == *id);
        player.map_or_else(|| id.short(), |player| player.name.clone())
    }

    /// Fields of a shared store that the scenario gives.
    pub fn share(&mut self, player: usize, role: &Role, field: &str, value: Vec<u8>) {
        if let Some(player) = self.players.get_mut(player) {
            let store = player.shared.entry((role.transaction, role.actor.clone())).or_default();
            store.insert(field.to_owned(), value);
        }
    }

    /// The newest instance of a member among those that fit.
    pub fn newest_of(&self, player: usize, fits: impl Fn(&Figure) -> bool) -> Option<&Figure> {
        self.figures.iter().rev().find(|figure| figure.player == player && fits(figure))
    }

    /// Takes in what a step left behind.
    ///
    /// # Errors
    /// The instance cannot be read, which no machine of its package brings about.
    pub fn take(
        &mut self,
        player: usize,
        key: &Key,
        actor: &str,
        state: &str,
        seen: &Seen,
    ) -> Result<Changed, String> {
        let mut changed = Changed::default();
        let transaction = self.transaction(&key.protocol).ok_or("a step of an unknown transaction")?;
        let role = Role { transaction, actor: actor.to_owned() };
        let reader = self.readers.get(transaction).ok_or("a step of an unknown transaction")?;
        let machine = reader.restore(actor, &seen.snapshot).map_err(|error| error.to_string())?;
        let owner = self.players.get_mut(player).ok_or("a step of nobody")?;
        changed.chains = owner.chain.head_hash() != seen.chain.head_hash();
        owner.chain = seen.chain.clone();
        let store = owner.shared.entry((transaction, actor.to_owned())).or_default();
        let shared = *store != seen.shared;
        store.clone_from(&seen.shared);
        changed.roles.insert(role.clone());
        let place = (player, transaction, key.session);
        match self.places.get(&place).and_then(|index| self.figures.get_mut(*index)) {
            Some(figure) => (figure.machine, figure.state) = (machine, state.to_owned()),
            None => {
                self.places.insert(place, self.figures.len());
                self.figures.push(Figure {
                    player,
                    role: role.clone(),
                    session: key.session,
                    state: state.to_owned(),
                    machine,
                    record: Value::Null,
                });
            }
        }
        for index in 0..self.figures.len() {
            let Some(figure) = self.figures.get(index).filter(|figure| figure.player == player) else {
                continue;
            };
            let itself = figure.role.transaction == transaction && figure.session == key.session;
            if itself || changed.chains || (shared && figure.role == role) {
                changed.roles.insert(figure.role.clone());
                let record = self.record(figure)?;
                if let Some(figure) = self.figures.get_mut(index) {
                    figure.record = record;
                }
            }
        }
        Ok(changed)
    }

    fn record(&self, figure: &Figure) -> Result<Value, String> {
        let player = self.players.get(figure.player).ok_or("an instance of nobody")?;
        let package = self.packages.get(figure.role.transaction).ok_or("an instance of nothing")?;
        let store = player.shared.get(&(figure.role.transaction, figure.role.actor.clone()));
        spec::instance(&InstanceParts {
            package,
            machine: figure.machine.as_ref(),
            shared: &|field| store.and_then(|store| store.get(field)).cloned(),
            peer: player.id,
            honest: player.honest,
            chain: &player.chain,
        })
    }
}

impl Situation for Picture {
    fn instances(&self, role: &Role) -> Value {
        let own = self.figures.iter().filter(|figure| figure.role == *role);
        Value::list(own.map(|figure| figure.record.clone()))
    }

    fn newest(&self, member: &str, roles: &[Role]) -> Option<Value> {
        let figure = self.newest_of(self.index(member)?, |figure| roles.contains(&figure.role))?;
        Some(figure.record.clone())
    }

    fn peers(&self) -> Value {
        let peer = |player: &Player| spec::peer(player.id, player.honest, &player.chain);
        Value::list(self.players.iter().map(peer))
    }

    fn peer(&self, member: &str) -> Option<PeerId> {
        self.player(member).map(|player| player.id)
    }

    fn member(&self, member: &str) -> Option<Value> {
        self.player(member).map(|player| spec::peer(player.id, player.honest, &player.chain))
    }

    fn now(&self) -> i64 {
        self.now
    }

    fn sign(&self, member: &str, digest: &Hash) -> Option<Signature> {
        self.player(member).map(|player| player.key.sign(digest))
    }
}
