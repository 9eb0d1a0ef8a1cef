//! The same sources reported on again and again: what is reused is what would be found out anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use omtc::report::{Known, Session, report};
use omtc::sema::Options;
use omtc::source::{FileId, MemorySources, Source, SourceError, SourceProvider};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const PING: &str = include_str!("../../protocols/examples/ping_pong/transaction.omt");

/// Begins when somebody was answered, and claims something about it.
const THANKS: &str = "transaction thanks \"Thanks\"
uses ping as Ping

message THANKS from Thanker to [Thanked] signed ( answer uint )

actor Thanker \"Says thanks\" (
    store ( session_id hash  responder peer_id  answer uint )
    peers ( Thanked responder )
    trigger thank(session_id hash, responder peer_id, answer uint) in [IDLE]
        after Ping.Requester at ANSWERED \"Somebody was answered\"
    state IDLE initial \"Nothing to thank for\"
    state DONE terminal \"Said\"
    IDLE -> DONE on thank (
        store responder, answer
        SEND(responder, THANKS)
    )
)

actor Thanked \"Hears it\" (
    store ( session_id hash  thanker peer_id  answer uint )
    peers ( Thanker thanker )
    state IDLE initial \"Nothing heard\"
    state DONE terminal \"Heard\"
    IDLE -> DONE on THANKS when message.answer > 0 (
        thanker = message.sender
        store answer
    )
)

scenario said \"Who was answered says thanks\" (
    cast (
        alice Thanker
        bob Thanked
    )
    at 0 seconds alice.thank(HASH(1), bob, 42)
    expect bob IN DONE within 1 seconds
    expect bob.answer == 42
)
";

/// Sources that are parsed once.
struct Kept(BTreeMap<PathBuf, Arc<Source>>);

impl Kept {
    fn put(&mut self, id: u32, path: &str, text: &str) {
        let source = Source::of_text(FileId(id), path.to_owned(), text.into(), None);
        self.0.insert(path.into(), Arc::new(source));
    }

    fn memory(&self) -> MemorySources {
        let add = |sources: MemorySources, (path, source): (&PathBuf, &Arc<Source>)| {
            sources.with(path.clone(), source.file.text())
        };
        self.0.iter().fold(MemorySources::new(), add)
    }
}

impl SourceProvider for Kept {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        self.memory().read(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.memory().is_folder(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, SourceError> {
        self.memory().list(path)
    }

    fn parsed(&self, path: &Path) -> Option<Result<Arc<Source>, SourceError>> {
        let missing = || SourceError::NotFound(path.to_owned());
        Some(self.0.get(path).cloned().ok_or_else(missing))
    }
}

/// Two transactions in a session, and what a fresh report would say.
struct Both {
    sources: Kept,
    session: Session,
}

impl Both {
    fn new() -> Both {
        let mut sources = Kept(BTreeMap::new());
        sources.put(0, "protocols/ping.omt", PING);
        sources.put(1, "protocols/thanks.omt", THANKS);
        Both { sources, session: Session::new() }
    }

    /// Reports on a text of the first transaction, asserts that both say the same, and gives the second unit.
    fn say(&mut self, ping: &str) -> Arc<Known> {
        self.sources.put(0, "protocols/ping.omt", ping);
        let (roots, options) = ([PathBuf::from("protocols")], Options::default());
        let again = self.session.report(&self.sources, &roots, &options, &|_| true, &|| false).unwrap();
        let fresh = report(&self.sources, &roots, &options);
        assert_eq!(again.diagnostics, fresh.diagnostics, "{ping}");
        assert!(again.is_complete());
        for (known, unit) in again.units().zip(&fresh.units) {
            assert_eq!(known.unit.protocol, unit.protocol);
        }
        let thanks = again.units().find(|known| known.unit.path.ends_with("thanks.omt"));
        Arc::clone(thanks.unwrap())
    }
}

fn replaced(from: &str, to: &str) -> String {
    assert!(PING.contains(from), "{from}");
    PING.replacen(from, to, 1)
}

#[test]
fn what_nobody_else_can_see_leaves_others_as_they_are() {
    let mut both = Both::new();
    let first = both.say(PING);
    assert!(first.unit.protocol.is_some());
    // A reaction, a wrong one, one that sets the same, a scenario, a property, a comment.
    let edits = [
        ("answer = question + 1", "answer = question + 2"),
        ("answer = question + 1", "answer = question + nobody"),
        ("        store reason\n", "        reason = message.reason\n"),
        ("expect alice.answer == 42", "expect alice.answer == 43"),
        ("expect alice.answer == 42", "expect alice.answr == 42"),
        ("r.answer == r.question + 1", "r.answer == r.question + 2"),
        ("## The smallest", "## The very smallest"),
    ];
    for (from, to) in edits {
        let now = both.say(&replaced(from, to));
        assert!(Arc::ptr_eq(&first, &now), "{from} → {to}");
        assert!(Arc::ptr_eq(&first, &both.say(PING)));
    }
}

#[test]
fn what_others_can_see_is_seen() {
    let mut both = Both::new();
    let mut last = both.say(PING);
    let edits = [
        // The trigger is filled from this field.
        ("question uint  salt bytes  answer uint  reason", "question uint  salt bytes  answer int  reason"),
        ("state ANSWERED terminal \"The answer is in the store\"", "state KNOWN terminal \"The answer\""),
        ("actor Requester", "actor Asker"),
        // It may be unset then.
        ("message.question == question (\n        store answer\n    )", "message.question == question"),
    ];
    for (from, to) in edits {
        let now = both.say(&replaced(from, to));
        assert!(now.unit.protocol.is_none() && !Arc::ptr_eq(&last, &now), "{from} → {to}");
        last = both.say(PING);
        assert!(last.unit.protocol.is_some());
    }
}

/// What is known of a scenario is told at the place where it stands now, and again when what it names has changed.
#[test]
fn scenarios_are_told_again_where_they_stand() {
    let mut both = Both::new();
    both.say(PING);
    // One that is wrong, moved by what is typed before it, beside one that becomes wrong.
    let wrong = PING.replacen("alice.answer == 42", "alice.answer == \"x\"", 1);
    both.say(&wrong);
    for (from, to) in [
        ("store answer\n", "store answer\n        # somebody types\n"),
        ("store answer\n", "store answer\n        answer = answer + (\n"),
        ("QUESTIONS_MAX  = 3 count", "QUESTIONS_MAX  = 30 count"),
        ("REFUSED terminal", "TURNED_AWAY terminal"),
        ("salt bytes ) -> hash", "salt hash ) -> hash"),
        ("scenario no_answer", "scenario answered_once"),
        ("alice Requester\n        bob", "carol Requester\n        bob"),
        ("    at 0 seconds alice.ask(bob, 41)\n", ""),
    ] {
        both.say(&wrong.replacen(from, to, 1));
        both.say(&wrong.replacen('\n', "\n\n# another line\n", 1).replacen(from, to, 1));
    }
    both.say(PING);
}
