//! What peers remember of others in order to convict them of contradicting themselves: two blocks of one author at one
//! height, two signed messages of one sender under one number in one session.
//!
//! A host keeps every verified statement. Here only those matter that something contradicts: the blocks of a chain from
//! the height on at which two branches were met, the messages of a session in which two under one number were met.
//! Which these are comes up while exploring; then exploring begins anew, so that no state forgets what it should know.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "of values, those are named that prove something or hold what does"
)]

use super::event::SAID_FROM;
use super::local::Message;
use super::model::Model;
use super::table::{Interner, QuickMap, index};
use omt_runtime::chain::{Equivocation, RawBlock};
use omt_runtime::envelope::Envelope;
use omt_runtime::id::{Hash, PeerId};
use omt_runtime::ir::Type;
use omt_runtime::value::Value;
use omt_runtime::wire::Types;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Statements of one author that are numbered together: of two under one number one is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Series {
    /// Its chain, by height.
    Chain(PeerId),
    /// What it says in a session of a protocol, by number.
    Session(PeerId, Hash, Hash),
}

impl Series {
    fn author(&self) -> PeerId {
        match self {
            Series::Chain(author) | Series::Session(author, ..) => *author,
        }
    }
}

/// A statement that may contradict another.
#[derive(Clone, Debug)]
struct Statement {
    series: Series,
    number: u64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Block(Arc<RawBlock>),
    Message(Arc<Envelope>),
}

/// What a peer remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Heard {
    /// Whom it can convict, and by which two statements.
    proofs: BTreeMap<PeerId, (u32, u32)>,
    /// Contested statements of all others: numbers, sorted.
    statements: Vec<u32>,
}

/// What a message tells, beside what the machine makes of it.
#[derive(Debug, Default)]
struct Told {
    statements: Vec<u32>,
    proofs: Vec<(u32, u32)>,
}

/// All statements that may contradict others, and what peers remember of them.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    statements: Vec<Statement>,
    numbers: QuickMap<Hash, u32>,
    /// The first statement under each number.
    first: QuickMap<(Series, u64), u32>,
    /// Series in which two statements contradict each other, and the lowest number under which they do.
    contested: BTreeMap<Series, u64>,
    /// Was more contested since it was last asked?
    grown: bool,
    /// By message.
    told: QuickMap<u32, Arc<Told>>,
    heard: Interner<Heard>,
    noted: QuickMap<(u32, u32), u32>,
    proofs: QuickMap<(u32, u32), Arc<Equivocation>>,
}

impl Evidence {
    /// Nothing is known: number 0 of what is heard.
    pub fn new() -> Evidence {
        let mut evidence = Evidence::default();
        evidence.heard.add(Heard::default());
        evidence
    }

    /// A message that came to be.
    pub fn learn(&mut self, model: &Model, number: u32, message: &Message) {
        if !model.evidence {
            return;
        }
        let mut told = Told::default();
        let envelope = &message.incoming.envelope;
        if envelope.signature.is_some() {
            self.message(model, envelope, &mut told);
        }
        let ty = Type::Message(message.key.name.to_string());
        let value = model.program(message.key.protocol).and_then(|program| {
            Types::new(program.protocol(), program.package.id).decode(&ty, &message.key.payload).ok()
        });
        if let Some(value) = value {
            self.within(model, &value, &mut told);
        }
        if !(told.statements.is_empty() && told.proofs.is_empty()) {
            self.told.insert(number, Arc::new(told));
        }
    }

    /// Everything in a value that its author can be held to.
    fn within(&mut self, model: &Model, value: &Value, told: &mut Told) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.within(model, item, told)),
            Value::Map(map) => map.iter().for_each(|(key, item)| {
                self.within(model, key, told);
                self.within(model, item, told);
            }),
            Value::Record(record) => record.iter().for_each(|(_, item)| self.within(model, item, told)),
            Value::Block(block) => self.block(model, block.raw(), told),
            Value::Segment(segment) => {
                segment.blocks().into_iter().for_each(|block| self.block(model, block, told));
            }
            Value::Signed(signed) => {
                self.message(model, signed.envelope(), told);
                self.within(model, &signed.payload, told);
            }
            Value::Equivocation(proof) => {
                let mut both = Told::default();
                match &**proof {
                    Equivocation::Blocks(a, b) => {
                        self.block(model, a, &mut both);
                        self.block(model, b, &mut both);
                    }
                    Equivocation::Messages(a, b) => {
                        self.message(model, a, &mut both);
                        self.message(model, b, &mut both);
                    }
                }
                if let [a, b] = both.statements.as_slice() {
                    told.proofs.push((*a, *b));
                    self.proofs.entry((*a, *b)).or_insert_with(|| Arc::clone(proof));
                }
            }
            _ => {}
        }
    }

    fn block(&mut self, model: &Model, block: &Arc<RawBlock>, told: &mut Told) {
        if model.may_contradict(&block.author()) && !model.at_the_start(block) {
            let what = What::Block(Arc::clone(block));
            let series = Series::Chain(block.author());
            self.state(block.hash(), Statement { series, number: block.height(), what }, told);
        }
    }

    fn message(&mut self, model: &Model, envelope: &Envelope, told: &mut Told) {
        // What byzantine members say by themselves has numbers of its own each, see the module on what they may say.
        if model.may_contradict(&envelope.from) && envelope.sequence < SAID_FROM {
            let series = Series::Session(envelope.from, envelope.protocol, envelope.session);
            let what = What::Message(Arc::new(envelope.clone()));
            self.state(envelope.id(), Statement { series, number: envelope.sequence, what }, told);
        }
    }

    fn state(&mut self, id: Hash, statement: Statement, told: &mut Told) {
        let (series, under) = (statement.series, statement.number);
        let number = match self.numbers.get(&id) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.statements.len()).unwrap_or(u32::MAX);
                self.statements.push(statement);
                self.numbers.insert(id, number);
                number
            }
        };
        if !told.statements.contains(&number) {
            told.statements.push(number);
        }
        if *self.first.entry((series, under)).or_insert(number) != number {
            let lowest = self.contested.get(&series).copied();
            if lowest.is_none_or(|lowest| under < lowest) {
                self.contested.insert(series, under);
                self.grown = true;
            }
        }
    }

    /// Does a message tell anything that may contradict something else?
    pub fn tells(&self, message: u32) -> bool {
        self.told.contains_key(&message)
    }

    /// Is more contested than when this was asked last? Then what was computed before knows too little.
    pub fn take_grown(&mut self) -> bool {
        if self.grown {
            self.noted = QuickMap::default();
        }
        std::mem::take(&mut self.grown)
    }

    /// Was more contested since [`Evidence::take_grown`]?
    pub fn has_grown(&self) -> bool {
        self.grown
    }

    /// What a peer remembers after a message has arrived, whatever its machines made of it.
    pub fn note(&mut self, heard: u32, message: u32, me: &PeerId) -> u32 {
        if self.contested.is_empty() {
            return heard;
        }
        let Some(told) = self.told.get(&message).map(Arc::clone) else { return heard };
        if let Some(known) = self.noted.get(&(heard, message)) {
            return *known;
        }
        let Some(before) = self.heard.get(heard) else { return heard };
        let mut after = Heard::clone(before);
        for number in &told.statements {
            self.remember(&mut after, *number, me);
        }
        for (a, b) in &told.proofs {
            if let Some(author) = self.statement(*a).map(|statement| statement.series.author())
                && author != *me
            {
                after.convict(author, (*a, *b));
            }
        }
        after.statements.retain(|number| {
            let author = self.statement(*number).map(|statement| statement.series.author());
            author.is_some_and(|author| !after.proofs.contains_key(&author))
        });
        let after = self.heard.add(after).0;
        // A peer does not convict itself; everybody else remembers the same.
        if self.told_of(&told, me) {
            return after;
        }
        self.noted.insert((heard, message), after);
        after
    }

    fn told_of(&self, told: &Told, me: &PeerId) -> bool {
        let both = told.proofs.iter().map(|(a, _)| a);
        let mut all = told.statements.iter().chain(both).filter_map(|number| self.statement(*number));
        all.any(|statement| statement.series.author() == *me)
    }

    fn statement(&self, number: u32) -> Option<&Statement> {
        self.statements.get(index(number))
    }

    fn remember(&self, heard: &mut Heard, number: u32, me: &PeerId) {
        let Some(statement) = self.statement(number) else { return };
        let author = statement.series.author();
        let matters = self.contested.get(&statement.series).is_some_and(|lowest| statement.number >= *lowest);
        if !matters || author == *me || heard.proofs.contains_key(&author) {
            return;
        }
        let contradicts = |other: &&u32| {
            self.statement(**other)
                .is_some_and(|other| (other.series, other.number) == (statement.series, statement.number))
        };
        if heard.statements.contains(&number) {
            return;
        }
        match heard.statements.iter().find(contradicts).copied() {
            Some(other) => heard.convict(author, (other, number)),
            None => {
                let at = heard.statements.partition_point(|known| *known < number);
                heard.statements.insert(at, number);
            }
        }
    }

    /// Whom a peer can convict, and how.
    pub fn convicted(&mut self, heard: u32) -> Vec<(PeerId, Arc<Equivocation>)> {
        let Some(heard) = self.heard.get(heard).map(Arc::clone) else { return Vec::new() };
        let proofs = heard.proofs.iter();
        proofs.filter_map(|(author, pair)| Some((*author, self.proof(*pair)?))).collect()
    }

    /// Whom a peer can convict.
    pub fn convicts(&self, heard: u32) -> Vec<PeerId> {
        self.heard.get(heard).map_or_else(Vec::new, |heard| heard.proofs.keys().copied().collect())
    }

    fn proof(&mut self, pair: (u32, u32)) -> Option<Arc<Equivocation>> {
        if let Some(known) = self.proofs.get(&pair) {
            return Some(Arc::clone(known));
        }
        let (a, b) = (self.statement(pair.0)?, self.statement(pair.1)?);
        let proof = match (&a.what, &b.what) {
            (What::Block(a), What::Block(b)) => Equivocation::of_blocks(Arc::clone(a), Arc::clone(b)),
            (What::Message(a), What::Message(b)) => Equivocation::of_messages(Arc::clone(a), Arc::clone(b)),
            _ => return None,
        };
        let proof = Arc::new(proof.ok()?);
        self.proofs.insert(pair, Arc::clone(&proof));
        Some(proof)
    }

    /// Can it convict the same peers by the same statements before and after? Then nobody can tell them apart yet.
    pub fn same_proofs(&self, before: u32, after: u32) -> bool {
        let proofs = |heard: u32| self.heard.get(heard).map(|heard| &heard.proofs);
        before == after || proofs(before) == proofs(after)
    }
}

impl Heard {
    /// The first proof is kept, as hosts do.
    fn convict(&mut self, author: PeerId, pair: (u32, u32)) {
        self.proofs.entry(author).or_insert((pair.0.min(pair.1), pair.0.max(pair.1)));
    }
}
