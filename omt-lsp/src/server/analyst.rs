//! The thread that analyses. It works on the latest sources only: what was begun for earlier ones is given up.

use super::STACK_BYTES;
use super::owner::{Post, Posts};
use super::urgent::Urgent;
use crate::ide::engine::Scope;
use crate::ide::{Analysis, Engine, World};
use omtc::sema::Options;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Names are looked up when nothing has been typed for so long after an analysis. A person does not see it; a key that is held
/// comes every 30 ms.
const QUIET: Duration = Duration::from_millis(20);

/// The analyses of all projects, and the change of the world that they are of.
type Known = (u64, Vec<Arc<Analysis>>);

/// What is to be analysed.
pub(super) struct Job {
    /// Counts the changes of the world.
    pub serial: u64,
    pub world: World,
    /// The first one first.
    pub projects: Vec<PathBuf>,
    /// What the person looks at: its unit comes first.
    pub first: Option<PathBuf>,
    pub options: Options,
}

/// The job that waits, and the number of the latest one.
#[derive(Default)]
struct Desk {
    job: Mutex<(Option<Job>, bool)>,
    new: Condvar,
    latest: AtomicU64,
}

/// Hands out jobs.
pub(super) struct Analyst(Arc<Desk>);

impl Analyst {
    pub fn start(posts: Posts, urgent: Urgent) -> io::Result<Analyst> {
        let desk = Arc::new(Desk::default());
        let (own, asked) = (Arc::clone(&desk), Arc::clone(&desk));
        let (named, analyses) = channel();
        std::thread::Builder::new()
            .name("analyst".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || work(&own, &posts, &named, &urgent))?;
        std::thread::Builder::new()
            .name("names".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || look_up(&asked, &analyses))?;
        Ok(Analyst(desk))
    }

    /// Gives up whatever is under way for this.
    pub fn take(&self, job: Job) {
        self.0.latest.store(job.serial, Ordering::SeqCst);
        let mut slot = self.0.job.lock().unwrap_or_else(PoisonError::into_inner);
        slot.0 = Some(job);
        self.0.new.notify_one();
    }

    /// What is under way is of no use any more; something else will come.
    pub fn give_up(&self, serial: u64) {
        self.0.latest.store(serial, Ordering::SeqCst);
    }
}

impl Drop for Analyst {
    fn drop(&mut self) {
        self.0.latest.store(u64::MAX, Ordering::SeqCst);
        self.0.job.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.0.new.notify_one();
    }
}

/// Looks names up beside the thread that analyses: findings do not wait for it, the next key does not either, and whoever
/// completes names takes those of before until it is there. While somebody types on, nobody looks: that would take a core from
/// the analysis of the next key.
fn look_up(desk: &Desk, analyses: &Receiver<Known>) {
    while let Ok(mut latest) = analyses.recv() {
        loop {
            match analyses.recv_timeout(QUIET) {
                Ok(newer) => latest = newer,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let (serial, latest) = latest;
        if desk.latest.load(Ordering::SeqCst) != serial {
            continue;
        }
        // A request that wants to know hears of a panic itself.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            latest.iter().for_each(|analysis| {
                analysis.index();
            });
        }));
    }
}

fn work(desk: &Desk, posts: &Posts, named: &Sender<Known>, urgent: &Urgent) {
    let mut engine = Engine::new();
    loop {
        let mut slot = desk.job.lock().unwrap_or_else(PoisonError::into_inner);
        let job = loop {
            if slot.1 {
                return;
            }
            if let Some(job) = slot.0.take() {
                break job;
            }
            slot = desk.new.wait(slot).unwrap_or_else(PoisonError::into_inner);
        };
        drop(slot);
        urgent.wait();
        if desk.latest.load(Ordering::SeqCst) != job.serial {
            continue;
        }
        let done = catch_unwind(AssertUnwindSafe(|| analyze(&mut engine, desk, &job, posts, named)));
        if done.is_err() {
            // What the engine remembers may be half of something.
            engine = Engine::new();
            let _ = posts.send(Post::Failed(job.serial));
        }
    }
}

fn analyze(engine: &mut Engine, desk: &Desk, job: &Job, posts: &Posts, named: &Sender<Known>) {
    let cancelled = || desk.latest.load(Ordering::SeqCst) != job.serial;
    engine.retain(&|project| job.projects.iter().any(|p| p == project));
    let mut complete = Vec::new();
    for (rank, project) in job.projects.iter().enumerate() {
        let first = job.first.as_deref().filter(|_| rank == 0);
        let path = first.unwrap_or(project);
        let mut next = Some(if first.is_some() { Scope::Own } else { Scope::All });
        while let Some(scope) = next {
            let Some(analysis) = engine.analyze(&job.world, project, &job.options, (scope, path), &cancelled)
            else {
                return;
            };
            next = match scope {
                Scope::All => None,
                Scope::Own if !analysis.is_fresh(path) => Some(Scope::Parts),
                Scope::Own | Scope::Parts => Some(Scope::All),
            };
            let analysis = Arc::new(analysis);
            if analysis.complete {
                complete.push(Arc::clone(&analysis));
                next = None;
            }
            if posts.send(Post::Analyzed { serial: job.serial, analysis }).is_err() {
                return;
            }
        }
    }
    if cancelled() {
        return;
    }
    let _ = posts.send(Post::Settled(job.serial));
    // Its other end is there as long as this one.
    let _ = named.send((job.serial, complete));
}
