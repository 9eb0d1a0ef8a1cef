//! A program that takes every step on two executors.

use super::compare::difference;
use super::scratch::{Known, Recorder, Scratch};
use omt_runtime::id::{PeerId, SessionId};
use omt_runtime::machine::{Env, Fault, Fired, Input, Machine, Program, ProgramError, Reaction};
use omt_runtime::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// A step that was taken: where a random walk can begin.
#[derive(Clone)]
pub struct Seen {
    /// Actor of the instance.
    pub actor: String,
    /// Its session.
    pub session: SessionId,
    /// What it was before; `None` if this step was to create it.
    pub before: Option<Vec<u8>>,
    /// What could be seen.
    pub known: Known,
    /// What came.
    pub input: Input,
}

/// Everything that twins have seen.
#[derive(Default)]
pub struct Sights {
    /// Steps in order.
    pub seen: Vec<Seen>,
    /// Answers of native functions by name.
    pub natives: BTreeMap<String, Vec<Vec<u8>>>,
    /// Peers that took part.
    pub peers: BTreeSet<PeerId>,
}

/// What all machines of a twin share.
pub type Record = Arc<Mutex<Sights>>;

/// Steps kept; a long run repeats itself.
const SEEN_MAX: usize = 4_096;

/// Two programs of one package as one.
pub struct Twin {
    first: Arc<dyn Program>,
    second: Arc<dyn Program>,
    record: Record,
}

impl Twin {
    /// Compares the two; what is seen goes to the record.
    pub fn new(first: Arc<dyn Program>, second: Arc<dyn Program>, record: Record) -> Twin {
        Twin { first, second, record }
    }

    fn pair(&self, first: Box<dyn Machine>, second: Box<dyn Machine>, fresh: bool) -> Box<dyn Machine> {
        assert_eq!(first.save(), second.save(), "machines begin alike");
        Box::new(Pair {
            package: Arc::clone(self.first.package()),
            first,
            second,
            fresh,
            record: Arc::clone(&self.record),
        })
    }
}

impl Program for Twin {
    fn package(&self) -> &Arc<Package> {
        self.first.package()
    }

    fn executor(&self) -> &'static str {
        "twin"
    }

    fn start(&self, actor: &str, session: SessionId) -> Result<Box<dyn Machine>, ProgramError> {
        Ok(self.pair(self.first.start(actor, session)?, self.second.start(actor, session)?, true))
    }

    fn restore(&self, actor: &str, snapshot: &[u8]) -> Result<Box<dyn Machine>, ProgramError> {
        Ok(self.pair(self.first.restore(actor, snapshot)?, self.second.restore(actor, snapshot)?, false))
    }
}

struct Pair {
    package: Arc<Package>,
    first: Box<dyn Machine>,
    second: Box<dyn Machine>,
    fresh: bool,
    record: Record,
}

impl Machine for Pair {
    fn actor(&self) -> &str {
        self.first.actor()
    }

    fn state(&self) -> &str {
        self.first.state()
    }

    fn session(&self) -> SessionId {
        self.first.session()
    }

    fn field(&self, name: &str) -> Option<Vec<u8>> {
        let field = self.first.field(name);
        assert_eq!(field, self.second.field(name), "field {name} of {}", self.actor());
        field
    }

    fn save(&self) -> Vec<u8> {
        self.first.save()
    }

    fn step(&self, input: &Input, env: &mut dyn Env) -> Result<Reaction, Fault> {
        let known = Known::of(env, &self.package, self.actor(), &[]);
        self.remember(input, &known);
        let mut recorder = Recorder::new(env);
        let first = self.first.step(input, &mut recorder);
        let (asked, answers) = (recorder.asked, recorder.answers);
        self.remember_natives(&asked, &answers);
        let mut replay = Scratch::replay(known, answers, &*env);
        let second = self.second.step(input, &mut replay);
        let (first, second) = ((first, asked), (second, replay.known().1));
        if let Some(text) = difference(&first, &second) {
            panic!("{} in {} on {input:?}: the executors differ:\n{text}", self.actor(), self.state());
        }
        match (first.0, second.0) {
            (Ok(Reaction::Fired(first)), Ok(Reaction::Fired(second))) => {
                let machine = Box::new(Pair {
                    package: Arc::clone(&self.package),
                    first: first.machine,
                    second: second.machine,
                    fresh: false,
                    record: Arc::clone(&self.record),
                });
                Ok(Reaction::Fired(Fired { machine, ..first }))
            }
            (first, _) => first,
        }
    }
}

impl Pair {
    fn remember(&self, input: &Input, known: &Known) {
        let mut sights = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        sights.peers.insert(known.peer);
        if let Input::Message(incoming) = input {
            sights.peers.insert(incoming.sender);
        }
        if sights.seen.len() < SEEN_MAX {
            sights.seen.push(Seen {
                actor: self.actor().to_owned(),
                session: self.session(),
                before: (!self.fresh).then(|| self.save()),
                known: known.clone(),
                input: input.clone(),
            });
        }
    }

    fn remember_natives(&self, asked: &[super::scratch::Asked], answers: &[super::scratch::Answer]) {
        use super::scratch::{Answer, Asked};
        let mut sights = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let names = asked
            .iter()
            .filter_map(|asked| if let Asked::Native(name, _) = asked { Some(name) } else { None });
        let given =
            answers.iter().filter_map(|a| if let Answer::Native(answer) = a { Some(answer) } else { None });
        for (name, answer) in names.zip(given) {
            let known = sights.natives.entry(name.clone()).or_default();
            if let Ok(answer) = answer
                && known.len() < 32
                && !known.contains(answer)
            {
                known.push(answer.clone());
            }
        }
    }
}
