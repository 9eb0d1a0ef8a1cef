//! Old-style protocols, read leniently: each runs to its end on the interpreter and as generated Rust, step for step
//! the same; what is generated from them is fresh; and random inputs find no difference and no defect.
//!
//! The head of a source is its script. `# run PEER TRIGGER ARGUMENT …` fires a trigger (`# later SECONDS PEER …`
//! after a while), `# ends PEER STATE` says where an instance of that peer must be at the end. Peers are alice, bob,
//! carol and dave, all of whom run the protocol.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use omerta_tests::differential::twin::{Record, Sights, Twin};
use omerta_tests::differential::walk::Walker;
use omt_runtime::fault::FaultKind;
use omt_runtime::host::{Cast, EventKind, Network, TriggerCall, World};
use omt_runtime::id::Hash;
use omt_runtime::interp::Interpreter;
use omt_runtime::ir::Protocol;
use omt_runtime::ir::validate::validate;
use omt_runtime::machine::Program;
use omt_runtime::package::Package;
use omt_runtime::value::Value;
use omt_runtime::wire;
use omtc::diagnostic::{Applicability, render_all};
use omtc::fix::{Wanted, fix};
use omtc::report::{Reported, report};
use omtc::sema::Options;
use omtc::source::{DiskSources, MemorySources};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

const PEERS: &[&str] = &["alice", "bob", "carol", "dave"];

/// A day: every time limit of the fixtures is shorter.
const LONG_ENOUGH: i64 = 86_400_000_000;

/// Steps of the random walk of one protocol.
const STEPS: u64 = 1_500;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lenient/protocols")
}

fn sources() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "omt"))
        .collect();
    all.sort();
    all
}

fn read(path: &Path, lenient: bool) -> Reported {
    report(&DiskSources, &[path.to_owned()], &Options { lenient, ..Options::default() })
}

/// The interpreter and the generated program of every fixture, with its source.
fn pairs() -> Vec<(PathBuf, Arc<dyn Program>, Arc<dyn Program>)> {
    let programs = omt_lenient::programs();
    let found = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let rust = programs.iter().find(|p| p.package().protocol.meta.path == name);
        Arc::clone(rust.unwrap_or_else(|| panic!("{name} is not generated: omtc build --lenient tests/lenient/protocols --out tests/lenient --emit rust,package")))
    };
    sources()
        .into_iter()
        .map(|path| {
            let rust = found(&path);
            let interpreter = Arc::new(Interpreter::new(Arc::clone(rust.package()))) as Arc<dyn Program>;
            (path, interpreter, rust)
        })
        .collect()
}

/// A value of a script: a number, a text, a peer, a list, a bare word.
fn value(world: &World, token: &str) -> Value {
    if let Some(items) = token.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Value::list(items.split(',').filter(|t| !t.is_empty()).map(|t| value(world, t)));
    }
    if let Ok(number) = token.parse::<i64>() {
        return Value::from(number);
    }
    match token {
        "true" | "false" => Value::Bool(token == "true"),
        "null" => Value::Null,
        "record" => Value::record([("kind", Value::text("disk")), ("size", Value::from(7_i64))]),
        name if PEERS.contains(&name) => Value::from(world.id(name)),
        text => Value::text(text.trim_matches('"')),
    }
}

/// What a run of the script of a source came to: all messages, and where everybody is.
fn run(path: &Path, program: &Arc<dyn Program>) -> (Hash, String, Vec<(String, String, String)>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut world = World::new(7, Network::exact(20_000));
    for name in PEERS {
        world.add(name, Cast::new(vec![Arc::clone(program)])).unwrap();
    }
    let mut ends = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (after, call) = match words.as_slice() {
            ["run", call @ ..] => (0, call),
            ["later", seconds, call @ ..] => (seconds.parse::<i64>().unwrap() * 1_000_000, call),
            ["ends", peer, state] => {
                ends.push(((*peer).to_owned(), (*state).to_owned()));
                continue;
            }
            _ => continue,
        };
        let [peer, trigger, arguments @ ..] = call else { panic!("{line}") };
        let protocol = &program.package().protocol;
        let (actor, _) =
            protocol.actors.iter().find(|(_, a)| a.triggers.contains_key(*trigger)).expect(trigger);
        let arguments = arguments.iter().map(|token| wire::to_bytes(&value(&world, token))).collect();
        let call = TriggerCall {
            protocol: program.package().id,
            actor: actor.clone(),
            trigger: (*trigger).to_owned(),
            arguments,
            session: None,
            request: None,
        };
        // What comes later may name the session that is there then.
        if after > 0 {
            world.pass(after);
        }
        let session = session_of(&world, peer);
        world.trigger(0, peer, TriggerCall { session, ..call });
    }
    world.run(LONG_ENOUGH);
    let name = path.display();
    for (who, trigger, result) in world.triggered() {
        assert!(result.is_ok(), "{name}: {who} {trigger}: {result:?}");
    }
    let summary = world.summary();
    let mut at = Vec::new();
    for peer in &summary.peers {
        for instance in &peer.instances {
            at.push((peer.name.clone(), instance.state.clone(), instance.status.clone()));
        }
    }
    let lines: String =
        world.lines().iter().map(|l| format!("{} -> {} {}\n", l.from, l.to, l.message)).collect();
    let refused: Vec<String> = PEERS
        .iter()
        .flat_map(|name| world.events(name))
        .filter_map(|event| match &event.kind {
            EventKind::Refused { what, detail, .. } => Some(format!("{what}: {detail}")),
            _ => None,
        })
        .collect();
    assert!(!ends.is_empty(), "{name} says nowhere how it ends");
    for (peer, state) in ends {
        let there = at.iter().any(|(who, now, status)| *who == peer && *now == state && status != "faulted");
        assert!(there, "{name}: {peer} is not in {state}, but {at:?}; refused {refused:?}\n{lines}");
    }
    (world.trace(), lines, at)
}

fn session_of(world: &World, peer: &str) -> Option<Hash> {
    world.peer(peer).into_iter().flat_map(|p| p.instances()).next().map(|instance| instance.key.session)
}

#[test]
fn thirty_fixtures_are_read_with_warnings_alone() {
    let all = sources();
    assert!(all.len() >= 30, "{} fixtures", all.len());
    let mut fired = std::collections::BTreeSet::new();
    for path in all {
        let reported = read(&path, true);
        let shown = render_all(&reported.sources, &reported.diagnostics, false);
        assert!(!reported.has_errors(), "{shown}");
        let protocol = reported.units[0].protocol.as_ref().expect("a protocol");
        assert_eq!(validate(protocol), Ok(()), "{}", path.display());
        let readings = reported.diagnostics.iter().filter(|d| d.code.id.starts_with("W08"));
        let codes: Vec<&str> = readings.map(|d| d.code.id).collect();
        assert!(!codes.is_empty(), "{} needs no reading", path.display());
        fired.extend(codes);
        assert!(
            read(&path, false).has_errors() || fired.len() > 1,
            "{} is no old file: strict reading accepts it",
            path.display()
        );
    }
    let never: Vec<&str> = omtc::sema::codes::ALL
        .iter()
        .map(|c| c.id)
        .filter(|id| id.starts_with("W08") && !fired.contains(id))
        .collect();
    assert!(never.is_empty(), "no fixture needs {never:?}");
}

#[test]
fn what_is_generated_is_fresh() {
    let request = omtc::build::Request {
        paths: vec![folder()],
        out: Path::new(env!("CARGO_MANIFEST_DIR")).join("lenient"),
        emit: [omtc::build::Emit::Rust, omtc::build::Emit::Package].into(),
        check: true,
        protocol_folder: None,
        lenient: true,
        compiler: "test".to_owned(),
        suffix: "tmp".to_owned(),
    };
    let mut files = omtc::cli::disk::DiskFiles;
    let made = omtc::build::build(&request, &DiskSources, &mut files, &|| std::time::Duration::ZERO).unwrap();
    assert!(
        made.stale.is_empty(),
        "omtc build --lenient tests/lenient/protocols --out tests/lenient --emit rust,package: {:?}",
        made.stale
    );
}

#[test]
fn each_runs_to_its_end_and_both_executors_agree() {
    for (path, interpreter, rust) in pairs() {
        let on_interpreter = run(&path, &interpreter);
        let on_rust = run(&path, &rust);
        assert_eq!(on_interpreter, on_rust, "{}", path.display());
        // Every step of the run on both, compared to the byte.
        let record = Record::default();
        let twin = Twin::new(Arc::clone(&interpreter), Arc::clone(&rust), Arc::clone(&record));
        let twin: Arc<dyn Program> = Arc::new(twin);
        assert_eq!(run(&path, &twin), on_rust, "{}", path.display());
    }
}

#[test]
fn random_inputs_find_no_difference_and_no_defect() {
    for (path, interpreter, rust) in pairs() {
        let record = Record::default();
        let twin = Twin::new(Arc::clone(&interpreter), Arc::clone(&rust), Arc::clone(&record));
        let twin: Arc<dyn Program> = Arc::new(twin);
        run(&path, &twin);
        let sights: Sights = std::mem::take(&mut *record.lock().unwrap_or_else(PoisonError::into_inner));
        let mut walker = Walker::new(&*interpreter, &*rust, &sights, 11);
        walker.walk(STEPS).unwrap_or_else(|text| panic!("{}: {text}", path.display()));
        let internal = FaultKind::internal("").to_string();
        let word = internal.split(':').next().unwrap().to_owned();
        let defects: Vec<_> = walker.coverage.faults.keys().filter(|f| f.contains(&word)).collect();
        assert!(defects.is_empty(), "{}: {defects:?}", path.display());
    }
}

/// A fixture with its readings written out, as `omtc fmt --migrate` does.
fn migrated(path: &Path) -> String {
    let codes: Vec<String> = omtc::sema::codes::ALL
        .iter()
        .filter(|code| code.id.starts_with("W08"))
        .map(|code| code.id.to_owned())
        .collect();
    let files = [path.to_owned()];
    let wanted = Wanted { applicability: Applicability::Safe, codes: &codes, files: &files };
    let options = Options { lenient: true, ..Options::default() };
    let mut fixed = fix(&DiskSources, &files, &options, wanted);
    assert!(fixed.rounds < omtc::fix::ROUNDS_MAX, "{} never ends", path.display());
    fixed.changes.pop().map_or_else(|| std::fs::read_to_string(path).unwrap(), |change| change.after)
}

#[test]
fn what_is_migrated_runs_to_the_same_end() {
    for path in sources() {
        let name = PathBuf::from("protocols").join(path.file_name().unwrap());
        let sources = MemorySources::new().with(&name, migrated(&path));
        let options = Options { lenient: true, ..Options::default() };
        let reported = report(&sources, &[name], &options);
        let shown = render_all(&reported.sources, &reported.diagnostics, false);
        assert!(!reported.has_errors(), "{shown}");
        let interpreter = |protocol: &Protocol| {
            let package = Package::from_protocol(protocol.clone()).unwrap();
            Arc::new(Interpreter::new(Arc::new(package))) as Arc<dyn Program>
        };
        let before = read(&path, true);
        let before = run(&path, &interpreter(before.units[0].protocol.as_ref().unwrap()));
        let after = run(&path, &interpreter(reported.units[0].protocol.as_ref().unwrap()));
        assert_eq!((before.1, before.2), (after.1, after.2), "{}", path.display());
    }
}
