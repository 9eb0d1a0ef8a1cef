//! The draw of mutants, and what becomes of each.

use super::kinds::Kind;
use super::mutant::Mutant;
use super::scopes::Reached;
use super::subject::{Said, Subject, look};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The seed unless another is given.
pub const SEED: u64 = 1;

/// Random places for each kind unless another number is given.
pub const SITES: usize = 5;

/// What became of a mutant.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The compiler says this about it and did not say it before.
    Caught(Vec<Said>),
    /// It says what it said before, and this scenario is not fulfilled any more.
    Failed(String),
    /// All scenarios are fulfilled, and this property does not hold in a scope any more.
    Refuted(String),
    /// Nobody notices, because nobody can: the reason why, and what the scopes say to it.
    Argued(String, Reached),
    /// Nobody notices, and the machine is another one.
    Survived(Reached),
    /// It has the protocol id of the original: no mistake at all.
    Equivalent,
    /// It is no source: the kind has a defect.
    Broken(Vec<Said>),
}

/// A mutant that was drawn, and what became of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which subject.
    pub subject: usize,
    /// The mistake.
    pub mutant: Mutant,
    /// What became of it.
    pub verdict: Verdict,
}

/// What a kind came to.
pub struct Row {
    /// The kind.
    pub kind: &'static Kind,
    /// How many places there are in all subjects.
    pub places: usize,
    /// What was drawn, equivalent mutants left out.
    pub outcomes: Vec<Outcome>,
}

/// Asks the compiler about a mutant.
pub fn judge(subject: &Subject, mutant: &Mutant) -> Verdict {
    let looked = look(&subject.root, &subject.path, &mutant.text(subject));
    let new: Vec<Said> = looked.said.difference(&subject.said).cloned().collect();
    // Codes E00xx are those of words and grammar.
    if new.iter().any(|s| s.code.starts_with("E00")) {
        return Verdict::Broken(new);
    }
    match (new.is_empty(), looked.id == subject.id) {
        (false, _) => Verdict::Caught(new),
        (true, true) => Verdict::Equivalent,
        (true, false) => Verdict::Survived(Reached::default()),
    }
}

/// Stack of a thread that judges: scenarios evaluate expressions as deep as the checker allows, in a debug build, too.
const STACK_BYTES: usize = 64 << 20;

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    /// A stream of its own for each kind, so that a new kind changes nothing for the others.
    fn of(seed: u64, name: &str) -> Random {
        let hash = name
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
        Random(seed ^ hash)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Every way to make a mistake in a source, whichever transaction is meant by it.
pub fn places_of(kind: &Kind, subject: &Subject) -> Vec<Mutant> {
    let mut found: Vec<Mutant> = Vec::new();
    for part in subject.all() {
        for mutant in (kind.places)(part) {
            if subject.others.is_empty() || !found.contains(&mutant) {
                found.push(mutant);
            }
        }
    }
    found
}

/// Draws for one kind: places at random, one of the ways to be wrong at each, until there are `sites` that are
/// mistakes. Zero takes every place.
pub fn draw(
    kind: &'static Kind,
    subjects: &[Subject],
    seed: u64,
    sites: usize,
    judge: &(dyn Fn(&Subject, &Mutant) -> Verdict + Sync),
) -> Row {
    let mut places: BTreeMap<(usize, usize), Vec<Mutant>> = BTreeMap::new();
    for (index, subject) in subjects.iter().enumerate() {
        for mutant in places_of(kind, subject) {
            places.entry((index, mutant.site)).or_default().push(mutant);
        }
    }
    let count = places.len();
    let mut open: Vec<((usize, usize), Vec<Mutant>)> = places.into_iter().collect();
    let mut random = Random::of(seed, kind.name);
    let mut outcomes = Vec::new();
    while !open.is_empty() && (sites == 0 || outcomes.len() < sites) {
        let ((subject, _), mut ways) = open.swap_remove(random.below(open.len()));
        while !ways.is_empty() {
            let mutant = ways.swap_remove(random.below(ways.len()));
            let verdict = judge(&subjects[subject], &mutant);
            if !matches!(verdict, Verdict::Equivalent) {
                outcomes.push(Outcome { subject, mutant, verdict });
                break;
            }
        }
    }
    outcomes.sort_by_key(|o| (o.subject, o.mutant.site));
    Row { kind, places: count, outcomes }
}

/// Does something with every item, on all cores; the results are in the order of the items.
pub fn on_all_cores<T: Sync, R: Send>(items: &[T], work: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            let work = || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    results.lock().unwrap().push((index, result));
                }
            };
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).unwrap();
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Draws for all kinds, on all cores; the result does not depend on how many there are.
pub fn study(
    kinds: &[&'static Kind],
    subjects: &[Subject],
    seed: u64,
    sites: usize,
    judge: &(dyn Fn(&Subject, &Mutant) -> Verdict + Sync),
) -> Vec<Row> {
    on_all_cores(kinds, &|kind| draw(kind, subjects, seed, sites, judge))
}

/// Draws first, each mistake once, also where two kinds come to the same; then has each judged, and tells how many are.
pub fn judge_drawn(
    kinds: &[&'static Kind],
    subjects: &[Subject],
    seed: u64,
    sites: usize,
    judge: &(dyn Fn(&Kind, &Subject, &Mutant) -> Verdict + Sync),
    told: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Row> {
    let unseen = |_: &Subject, _: &Mutant| Verdict::Survived(Reached::default());
    let mut rows = study(kinds, subjects, seed, sites, &unseen);
    let mut known = BTreeSet::new();
    for row in &mut rows {
        row.outcomes.retain(|o| {
            let mut hasher = DefaultHasher::new();
            o.mutant.text(&subjects[o.subject]).hash(&mut hasher);
            known.insert((o.subject, hasher.finish()))
        });
    }
    let drawn: Vec<(&Kind, &Outcome)> =
        rows.iter().flat_map(|row| row.outcomes.iter().map(|outcome| (row.kind, outcome))).collect();
    let done = AtomicUsize::new(0);
    let verdicts = on_all_cores(&drawn, &|(kind, outcome)| {
        let verdict = judge(kind, &subjects[outcome.subject], &outcome.mutant);
        told(done.fetch_add(1, Ordering::Relaxed) + 1, drawn.len());
        verdict
    });
    let mut verdicts = verdicts.into_iter();
    for row in &mut rows {
        row.outcomes.iter_mut().zip(&mut verdicts).for_each(|(outcome, verdict)| outcome.verdict = verdict);
        row.outcomes.retain(|outcome| !matches!(outcome.verdict, Verdict::Equivalent));
    }
    rows
}
