//! The one owner of all state: a thread with an ordered queue.

mod arrivals;

use super::STACK_BYTES;
use super::analyst::{Analyst, Job};
use super::config::{Config, Mode};
use super::convert;
use super::parts::{self, Parts};
use super::publish::Publisher;
use super::snapshot::Snapshot;
use super::transport::Outbox;
use super::urgent::{Hold, Urgent};
use super::worker::Workers;
use crate::ide::chunks::Chunks;
use crate::ide::document::Changed;
use crate::ide::{Analysis, Document, Edit, Encoding, Range, Text, World};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use tower_lsp::lsp_types::{self as lsp, Url};

/// Where everybody posts.
pub(super) type Posts = Sender<Post>;

/// What the client can and wants.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub encoding: Encoding,
    pub config: Config,
    /// It asks for diagnostics.
    pub pulls: bool,
    /// It can ask for them.
    pub can_pull: bool,
    pub related: bool,
    pub tags: bool,
    pub code_description: bool,
    pub folders: Vec<PathBuf>,
    pub snippets: bool,
    /// It takes the range of completion once for all items.
    pub completion_range: bool,
    /// It asks what an item means when it shows it.
    pub completion_resolves: bool,
}

/// A change of a document: the whole text, or a range of it.
pub(super) type Change = (Option<lsp::Range>, String);

/// What an answer needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// The text of now and whatever else is known.
    Text,
    /// An analysis of the text of now.
    Analysis,
    /// The same; when the text changes meanwhile, that of the new text.
    Latest,
    /// The findings in the text of now, whether or not other files are looked at already; when the text changes meanwhile,
    /// those in the new text.
    Findings,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The text has changed meanwhile.
    Modified,
    /// The analysis failed.
    Failed,
}

/// A request.
pub(super) struct Ask {
    pub needs: Needs,
    /// Whether it may take seconds.
    pub is_long: bool,
    /// What it is about.
    pub uri: Option<Url>,
    pub work: Box<dyn FnOnce(Result<&Snapshot, Refused>) + Send>,
}

/// What is posted.
pub(super) enum Post {
    Begin(Box<Client>),
    Configure(Config),
    Folders {
        added: Vec<PathBuf>,
        removed: Vec<PathBuf>,
    },
    Open {
        uri: Url,
        version: i32,
        text: String,
    },
    Change {
        uri: Url,
        version: i32,
        changes: Vec<Change>,
    },
    Save(Url),
    Close(Url),
    /// Files that were written, made or removed on disk.
    Watched(Vec<PathBuf>),
    Ask(Ask),
    Analyzed {
        serial: u64,
        analysis: Arc<Analysis>,
    },
    Settled(u64),
    Failed(u64),
    /// The parts of a text; nothing, when that failed.
    Parsed {
        path: PathBuf,
        serial: u64,
        chunks: Option<Chunks>,
    },
    Stop,
}

/// The thread's other end.
pub(super) struct Owner(Posts);

impl Owner {
    pub fn start(outbox: Outbox, urgent: Urgent) -> io::Result<Owner> {
        let (posts, received) = channel();
        let state = State {
            world: World::default(),
            uris: BTreeMap::new(),
            client: Client::default(),
            serial: 0,
            settled: 0,
            dirty: false,
            last: None,
            analyses: BTreeMap::new(),
            named: BTreeMap::new(),
            edits: BTreeMap::new(),
            typing: BTreeMap::new(),
            parked: Vec::new(),
            publisher: Publisher::new(outbox.clone()),
            outbox,
            analyst: Analyst::start(posts.clone(), urgent.clone())?,
            parts: Parts::start(posts.clone())?,
            workers: Workers::start()?,
            urgent,
        };
        std::thread::Builder::new()
            .name("owner".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || state.run(&received))?;
        Ok(Owner(posts))
    }

    pub fn posts(&self) -> Posts {
        self.0.clone()
    }
}

/// A document while somebody types in it.
#[derive(Default)]
struct Typing {
    chunks: Chunks,
    /// What changed since the parts were parsed, or since they were given away to be parsed.
    open: Option<Changed>,
    /// They are being parsed; whose answer is waited for, urgently.
    busy: Option<(u64, Hold)>,
}

impl Typing {
    /// What words and grammar tell of the text of now, when that is known.
    fn now(&self) -> Option<&Chunks> {
        (self.busy.is_none() && self.open.is_none() && !self.chunks.is_empty()).then_some(&self.chunks)
    }
}

struct State {
    world: World,
    /// What the client calls its documents.
    uris: BTreeMap<PathBuf, Url>,
    client: Client,
    /// Counts the changes of the world.
    serial: u64,
    /// The change up to which everything is analysed.
    settled: u64,
    /// Something changed since the analyst was told.
    dirty: bool,
    /// The document that changed last.
    last: Option<PathBuf>,
    /// By project, with the change that each is of.
    analyses: BTreeMap<PathBuf, (u64, Arc<Analysis>)>,
    /// By project, the latest analysis before that one in which names were looked up.
    named: BTreeMap<PathBuf, Arc<Analysis>>,
    /// The changes since the oldest analysis, by document.
    edits: BTreeMap<PathBuf, Vec<(u64, Changed, Edit)>>,
    typing: BTreeMap<PathBuf, Typing>,
    parked: Vec<Ask>,
    publisher: Publisher,
    outbox: Outbox,
    analyst: Analyst,
    parts: Parts,
    workers: Workers,
    urgent: Urgent,
}

/// The path of a document. What is no file has its address as its path.
pub(super) fn path_of(uri: &Url) -> PathBuf {
    if uri.scheme() == "file"
        && let Ok(path) = uri.to_file_path()
    {
        return path;
    }
    PathBuf::from(uri.as_str())
}

impl State {
    fn run(mut self, received: &Receiver<Post>) {
        loop {
            let post = match received.try_recv() {
                Ok(post) => post,
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {
                    self.settle_down();
                    match received.recv() {
                        Ok(post) => post,
                        Err(_) => return,
                    }
                }
            };
            if matches!(post, Post::Stop) {
                return;
            }
            self.take(post);
        }
    }

    fn take(&mut self, post: Post) {
        match post {
            Post::Begin(client) => {
                self.client = *client;
                self.changed(None);
            }
            Post::Configure(config) => {
                self.client.pulls = match config.diagnostics.mode {
                    Mode::Auto => self.client.can_pull,
                    Mode::Push => false,
                    Mode::Pull => true,
                };
                self.client.config = config;
                self.analyses.clear();
                self.named.clear();
                self.changed(None);
            }
            Post::Folders { added, removed } => {
                self.client.folders.retain(|folder| !removed.contains(folder));
                self.client.folders.extend(added);
                self.changed(None);
            }
            Post::Open { uri, version, text } => self.open(uri, version, text),
            Post::Change { uri, version, changes } => self.change(&uri, version, changes),
            Post::Save(uri) => {
                self.world.files.forget(&path_of(&uri));
                self.changed(None);
            }
            Post::Close(uri) => self.close(&uri),
            Post::Watched(paths) => {
                paths.iter().for_each(|path| self.world.files.forget(path));
                self.changed(None);
            }
            Post::Ask(ask) => self.ask(ask),
            Post::Analyzed { serial, analysis } => self.analyzed(serial, analysis),
            Post::Settled(serial) => {
                if serial == self.serial {
                    self.settled = serial;
                    for ask in std::mem::take(&mut self.parked) {
                        self.dispatch(ask);
                    }
                }
            }
            Post::Failed(serial) => {
                if serial == self.serial {
                    self.outbox.notify(
                        "window/logMessage",
                        &convert::log("the analysis of this text failed; it goes on with the next change"),
                    );
                    for ask in std::mem::take(&mut self.parked) {
                        (ask.work)(Err(Refused::Failed));
                    }
                }
            }
            Post::Parsed { path, serial, chunks } => self.parsed(&path, serial, chunks),
            Post::Stop => {}
        }
    }

    /// Nothing more is in the queue: what was typed is looked at.
    fn settle_down(&mut self) {
        if !self.dirty {
            return;
        }
        self.dirty = false;
        self.parse_parts();
        if self.typing.values().all(|typing| typing.busy.is_none()) {
            self.publish();
        }
        let projects = self.projects();
        self.analyses.retain(|project, _| projects.contains(project));
        self.named.retain(|project, _| projects.contains(project));
        self.publisher.keep(&self.analyses.keys().cloned().collect());
        let job = Job {
            serial: self.serial,
            world: self.world.clone(),
            projects,
            first: self.last.clone(),
            options: self.client.config.options(),
        };
        self.analyst.take(job);
    }

    /// The projects of what is open; that of the document that changed last comes first.
    fn projects(&self) -> Vec<PathBuf> {
        let own = self.client.config.protocol_dir.clone();
        let of = |path: &Path| own.clone().unwrap_or_else(|| self.world.project_of(path));
        let mut found: Vec<PathBuf> = Vec::new();
        let opened = self.world.open.values().filter(|d| is_source(&d.path)).map(|d| d.path.as_path());
        for path in self.last.as_deref().into_iter().chain(opened) {
            if self.world.open.contains_key(path) {
                found.push(of(path));
            }
        }
        // A folder that is no project may hold some; one that is part of one stands for it.
        for folder in &self.client.folders {
            let inside = self.world.project_of(&folder.join("x"));
            if inside != folder.join("x") {
                found.push(inside);
            } else {
                found.extend(
                    ["protocol", "protocols"]
                        .map(|name| folder.join(name))
                        .into_iter()
                        .filter(|f| f.is_dir()),
                );
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|project| seen.insert(project.clone()));
        found
    }

    fn changed(&mut self, path: Option<PathBuf>) {
        self.serial += 1;
        self.dirty = true;
        self.analyst.give_up(self.serial);
        if path.is_some() {
            self.last = path;
        }
    }

    fn documents(&mut self) -> &mut BTreeMap<PathBuf, Arc<Document>> {
        Arc::make_mut(&mut self.world.open)
    }

    fn open(&mut self, uri: Url, version: i32, text: String) {
        let path = path_of(&uri);
        let id = self.world.files.id(&path);
        // What is on disk is parsed already, and so is what depends on it.
        let same = self.world.files.on_disk(&path).ok().filter(|source| source.file.text() == text);
        let text = Text::new(text);
        let document = Arc::new(match same {
            Some(source) => Document::of_source(path.clone(), version, text, source),
            None => Document::new(path.clone(), id, version, text),
        });
        self.typing.insert(path.clone(), Typing::default());
        self.edits.remove(&path);
        self.uris.insert(path.clone(), uri);
        self.documents().insert(path.clone(), document);
        self.changed(Some(path));
    }

    fn close(&mut self, uri: &Url) {
        let path = path_of(uri);
        if self.documents().remove(&path).is_none() {
            return;
        }
        self.uris.remove(&path);
        self.typing.remove(&path);
        self.edits.remove(&path);
        self.publisher.forget(&path, uri, &self.outbox);
        self.changed(None);
    }

    fn change(&mut self, uri: &Url, version: i32, changes: Vec<Change>) {
        let path = path_of(uri);
        let Some(document) = self.world.open.get(&path).cloned() else {
            let message = format!("{uri} was changed and is not open; open it first");
            self.outbox.notify("window/logMessage", &convert::log(&message));
            return;
        };
        if version < document.version {
            // The text follows the order in which changes arrive: that is what both sides agree on.
            let message = format!("{uri}: version {version} came after version {}", document.version);
            self.outbox.notify("window/logMessage", &convert::log(&message));
        }
        self.changed(Some(path.clone()));
        let mut text = document.text.clone();
        for (range, with) in changes {
            let range = match range {
                Some(range) => convert::range_in(&text, range, self.client.encoding),
                None => Range::new(0, text.len()),
            };
            let edit = Edit { range, text: with };
            text = text.replaced(range, &edit.text);
            self.record(&path, edit);
        }
        let changed = Arc::new(document.changed(version, text));
        self.documents().insert(path.clone(), changed);
        // Whoever asked about the text of before asked about something else.
        let (stale, kept): (Vec<Ask>, Vec<Ask>) = std::mem::take(&mut self.parked)
            .into_iter()
            .partition(|ask| ask.needs == Needs::Analysis && ask.uri.as_ref() == Some(uri));
        self.parked = kept;
        stale.into_iter().for_each(|ask| (ask.work)(Err(Refused::Modified)));
    }

    fn record(&mut self, path: &Path, edit: Edit) {
        if let Some(typing) = self.typing.get_mut(path) {
            typing.open = Some(match typing.open {
                Some(open) => open.then(&edit),
                None => Changed::of(&edit),
            });
        }
        let oldest = self.analyses.values().map(|(serial, _)| *serial).min().unwrap_or(self.serial);
        let list = self.edits.entry(path.to_owned()).or_default();
        list.retain(|(serial, _, _)| *serial > oldest);
        list.push((self.serial, Changed::of(&edit), Edit { range: edit.range, text: edit.text }));
    }

    /// Gives away what changed since its parts were parsed.
    fn parse_parts(&mut self) {
        let State { typing, world, parts, serial, urgent, .. } = self;
        for (path, typing) in typing {
            let Some(document) = world.open.get(path) else { continue };
            if document.is_too_large() || !is_source(path) || typing.busy.is_some() {
                continue;
            }
            let before = match typing.open.take() {
                Some(open) if !typing.chunks.is_empty() => Some((typing.chunks.clone(), open)),
                None if !typing.chunks.is_empty() => continue,
                _ => None,
            };
            typing.busy = Some((*serial, urgent.hold()));
            parts.take(parts::Text {
                path: path.clone(),
                serial: *serial,
                document: Arc::clone(document),
                before,
            });
        }
    }

    /// The parts of a text are there; what was typed meanwhile comes next.
    fn parsed(&mut self, path: &Path, serial: u64, chunks: Option<Chunks>) {
        // It may have been closed and opened again, or analysed as a whole before.
        let is_answer = |typing: &&mut Typing| typing.busy.as_ref().is_some_and(|(own, _)| *own == serial);
        let Some(typing) = self.typing.get_mut(path).filter(is_answer) else {
            return;
        };
        let Some(chunks) = chunks else {
            // Its findings come from the analysis alone.
            self.typing.remove(path);
            return;
        };
        // Until it is shown.
        let _shown = typing.busy.take();
        typing.chunks = chunks;
        self.parse_parts();
        self.publish();
    }

    fn ask(&mut self, ask: Ask) {
        let nothing_open = self.world.open.is_empty() && self.client.folders.is_empty();
        if ask.needs == Needs::Text || self.settled == self.serial || nothing_open || self.finds(&ask) {
            self.dispatch(ask);
        } else {
            self.parked.push(ask);
        }
    }

    fn dispatch(&mut self, ask: Ask) {
        let snapshot = self.snapshot();
        self.workers.take(ask.is_long, move || (ask.work)(Ok(&snapshot)));
    }
}

/// Whether a document is one of ours: a client may open anything.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension == "omt")
}
