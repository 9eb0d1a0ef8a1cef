//! LANGUAGE 6.10 and ARCHITECTURE 3: optimistic commits, and journals that fail.

use super::*;
use crate::wire::Bytes;
use std::sync::Mutex;

/// Adds the number of each message to the shared `total`, with a random number in its store.
fn adding(robot: &Robot, input: &Input, env: &mut dyn Env) -> Answer {
    let (what, n) = said(input);
    if !["HELLO", "NEXT"].contains(&what.as_str()) {
        return Ok(None);
    }
    let total = env.shared("total").map_or(0, |bytes| wire::decode_checked::<u64>(&bytes).unwrap());
    env.set_shared("total", wire::to_bytes(&(total + n)));
    let random: Bytes = env.random_bytes(8).into();
    let now = env.now();
    robot.seen("OPEN", n).set("random", &random).set("now", &now).fire()
}

fn total(peer: &Peer, protocol: &Hash) -> Option<u64> {
    peer.shared(protocol, "B", "total").map(|bytes| wire::decode_checked(&bytes).unwrap())
}

/// A journal in which somebody else moves the shared store just before each of the first commits.
#[derive(Clone)]
struct Rival {
    inner: MemoryJournal,
    protocol: Hash,
    state: Arc<Mutex<(u64, bool, Vec<bool>)>>,
}

impl Journal for Rival {
    fn commit(&mut self, commit: &Commit) -> Result<(), CommitError> {
        let mut state = self.state.lock().unwrap();
        let exclusive = state.1;
        state.2.push(exclusive);
        let shared = commit.writes.iter().any(|((table, _), _)| *table == Table::Instance);
        if state.0 > 0 && shared && !exclusive {
            state.0 -= 1;
            let row = super::super::step::shared_row(&(self.protocol, "B".to_owned()));
            let version =
                super::super::step::read_version(self.inner.get(Table::SharedVersion, &row)?.as_deref());
            let mut field = row.clone();
            field.extend(b"\0total");
            let total = self.inner.get(Table::Shared, &field)?;
            let total: u64 = total.map_or(0, |bytes| wire::decode_checked(&bytes).unwrap());
            let mut theirs = Commit::default();
            theirs.put(Table::SharedVersion, row, (version + 1).to_be_bytes().to_vec());
            theirs.put(Table::Shared, field, wire::to_bytes(&(total + 1_000)));
            self.inner.commit(&theirs)?;
        }
        self.inner.commit(commit)
    }
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, JournalError> {
        self.inner.get(table, key)
    }
    fn scan(&self, table: Table, prefix: &[u8]) -> Result<Vec<Pair>, JournalError> {
        self.inner.scan(table, prefix)
    }
    fn exclusive(&mut self) -> Result<(), JournalError> {
        self.state.lock().unwrap().1 = true;
        Ok(())
    }
    fn release(&mut self) {
        self.state.lock().unwrap().1 = false;
    }
}

fn with_rival(times: u64) -> (Bench, Rival) {
    let mut bench = Bench::new(adding);
    let state = Arc::new(Mutex::new((times, false, Vec::new())));
    let rival = Rival { inner: bench.journal.clone(), protocol: bench.id(), state };
    let programs = vec![Arc::clone(&bench.program)];
    bench.peer = Bench::open_with(Bench::config(0), programs, Box::new(rival.clone()), START);
    (bench, rival)
}

fn attempts(bench: &mut Bench) -> Vec<u32> {
    let events = bench.peer.take_events().into_iter();
    events
        .filter_map(|e| if let EventKind::Stepped { attempts, .. } = e.kind { Some(attempts) } else { None })
        .collect()
}

#[test]
fn a_step_that_lost_a_race_is_run_again_with_the_same_answers() {
    let (mut calm, _) = with_rival(0);
    calm.say("HELLO", 5);
    let (mut bench, _) = with_rival(3);
    bench.say("HELLO", 5);
    assert_eq!(attempts(&mut bench), [4]);
    assert_eq!(total(&bench.peer, &bench.id()), Some(3_005), "nobody's update is lost");
    for field in ["random", "now", "seen"] {
        assert_eq!(bench.peer.field(&bench.key(), field), calm.peer.field(&calm.key(), field), "{field}");
    }
}

#[test]
fn a_step_that_only_read_the_shared_store_is_run_again_too() {
    let (mut bench, _) = with_rival(2);
    let journal = bench.journal.clone();
    let program = Robots::program(protocol("99"), |robot, _, env| {
        let total = env.shared("total").map_or(0, |bytes| wire::decode_checked::<u64>(&bytes).unwrap());
        robot.seen("OPEN", total).fire()
    });
    let state = Arc::new(Mutex::new((2, false, Vec::new())));
    let rival = Rival { inner: journal, protocol: bench.id(), state };
    bench.peer = Bench::open_with(Bench::config(0), vec![program], Box::new(rival), START);
    bench.say("HELLO", 5);
    assert_eq!((bench.seen(), attempts(&mut bench)), (vec![2_000], vec![3]));
}

#[test]
fn after_16_attempts_it_runs_exclusively() {
    let (mut bench, rival) = with_rival(1_000);
    bench.say("HELLO", 5);
    assert_eq!(attempts(&mut bench), [limits::COMMIT_ATTEMPTS_MAX + 1]);
    assert_eq!(total(&bench.peer, &bench.id()), Some(16_005));
    let state = rival.state.lock().unwrap();
    assert_eq!(state.2, [vec![false; 16], vec![true]].concat());
    assert!(!state.1, "and lets the others in again");
}

#[test]
fn a_step_that_loses_the_head_of_the_chain_appends_to_the_new_one() {
    let mut bench = Bench::new(|robot, input, env| match said(input).0.as_str() {
        "HELLO" => {
            env.append("NOTE", payload(said(input).1))?;
            robot.seen("OPEN", 0).fire()
        }
        _ => Ok(None),
    });
    let twin = Bench::open_with(
        Bench::config(1),
        vec![Arc::clone(&bench.program)],
        Box::new(bench.journal.clone()),
        START,
    );
    let mut twin = twin;
    twin.append(START, "NOTE", payload(1)).unwrap();
    bench.say("HELLO", 2);
    assert_eq!(attempts(&mut bench), [2]);
    let chain = bench.peer.chain();
    assert_eq!((chain.len(), chain.verify().is_ok()), (2, true));
    // What both wrote is one chain: no equivocation.
    bench.restart();
    assert_eq!(bench.peer.chain().len(), 2);
}

#[test]
fn shared_store_and_chain_are_read_back_after_a_restart() {
    let mut bench = Bench::new(|robot, input, env| {
        env.append("NOTE", payload(said(input).1))?;
        adding(robot, input, env)
    });
    bench.say("HELLO", 5);
    bench.say("NEXT", 6);
    let head = bench.peer.chain().head_hash();
    bench.restart();
    assert_eq!((total(&bench.peer, &bench.id()), bench.peer.chain().head_hash()), (Some(11), head));
    bench.say("NEXT", 7);
    assert_eq!((total(&bench.peer, &bench.id()), bench.peer.chain().len()), (Some(18), 3));
    assert!(bench.peer.chain().verify().is_ok());
}

#[test]
fn a_host_initialises_a_shared_store_with_values_of_its_type() {
    let mut bench = Bench::new(adding);
    let id = bench.id();
    assert!(bench.peer.set_shared(&id, "B", "total", wire::to_bytes(&true)).is_err());
    assert!(bench.peer.set_shared(&id, "B", "sum", wire::to_bytes(&1u64)).is_err());
    bench.peer.set_shared(&id, "B", "total", wire::to_bytes(&100u64)).unwrap();
    bench.restart();
    bench.say("HELLO", 5);
    assert_eq!(total(&bench.peer, &id), Some(105));
}

/// A whole life: begin, defer, go on, hear the deferred one, a task, a reply, a time limit, the end.
fn life(robot: &Robot, input: &Input, env: &mut dyn Env) -> Answer {
    let (what, n) = said(input);
    match (robot.state.as_str(), what.as_str()) {
        ("IDLE", "HELLO") => {
            let Input::Message(incoming) = input else { return Ok(None) };
            adding(robot, input, env)?;
            let start = Effect::Start { task: "work".to_owned(), arguments: vec![payload(n)] };
            let go = robot.seen("OPEN", n).set("asker", &incoming.sender);
            go.send(incoming.sender, "REPLY", n).effect(start).timers(&[(START + 1_000_000, 0, None)]).fire()
        }
        ("OPEN", "LATE") => Ok(Some(Reply::Defer)),
        ("OPEN", "work") => {
            env.append("NOTE", payload(n))?;
            robot.seen("LATER", n).send(env.peer_id(), "BOTH", 50).fire()
        }
        ("LATER", "LATE" | "BOTH") => robot.seen("LATER", n).fire(),
        ("LATER", "timeout") => robot.seen("DONE", 99).timers(&[]).fire(),
        _ => Ok(None),
    }
}

/// Plays the life against a journal that fails once, with a sender that repeats what is not acknowledged, and gives
/// everything that is durable at the end, and the replies that the other one has, each once.
fn play(fail: Option<(u64, FaultPoint)>) -> (u64, Vec<Vec<u64>>, u64, usize, Vec<u64>) {
    let mut bench = Bench::new(life);
    let faulty = FaultyJournal::new(bench.journal.clone(), fail);
    let open = |faulty: &FaultyJournal, run: u8, now: i64, program: &Arc<dyn Program>| {
        Bench::open_with(Bench::config(run), vec![Arc::clone(program)], Box::new(faulty.clone()), now)
    };
    let program = Arc::clone(&bench.program);
    bench.peer = open(&faulty, 0, START, &program);
    let (hello, late) = (bench.message("HELLO", 1), bench.message("LATE", 2));
    let from = bench.other.peer_id();
    let mut unheard = vec![hello, late];
    let mut replies: BTreeMap<Hash, u64> = BTreeMap::new();
    let mut tasks: Vec<TaskKey> = Vec::new();
    for round in 0..40u8 {
        let mut failed = false;
        let now = START + i64::from(round) * 100_000;
        for envelope in unheard.clone() {
            let bytes = wire::to_bytes(&Packet::Message(envelope));
            failed |= bench.peer.handle(now, PeerInput::Datagram { from, bytes: &bytes }).is_err();
        }
        for task in std::mem::take(&mut tasks) {
            let result = Some(wire::to_bytes(&7u64));
            failed |= bench.peer.handle(now, PeerInput::TaskEnded { task, result }).is_err();
        }
        failed |= bench.peer.handle(now, PeerInput::Tick).is_err();
        if failed {
            tasks.clear();
            bench.peer = open(&faulty, round + 1, now, &program);
        }
        while let Some(output) = bench.peer.poll_output(now) {
            match output {
                Output::StartTask(start) => tasks.push(start.key),
                Output::CancelTask(_) => {}
                Output::Datagram { bytes, .. } => match wire::from_bytes::<Packet>(&bytes).unwrap() {
                    Packet::Ack(ids) => unheard.retain(|envelope| !ids.contains(&envelope.id())),
                    Packet::Message(envelope) => {
                        let n = wire::decode_checked::<N>(&envelope.payload).unwrap().n;
                        replies.insert(envelope.id(), n);
                        let bytes = wire::to_bytes(&Packet::Ack(vec![envelope.id()]));
                        bench.peer.handle(now, PeerInput::Datagram { from, bytes: &bytes }).unwrap();
                    }
                    other => panic!("{other:?}"),
                },
            }
        }
    }
    assert!(unheard.is_empty(), "the sender still repeats {unheard:?} with {fail:?}");
    assert_eq!(faulty.has_failed(), fail.is_some());
    let seen = bench.seen();
    let view = bench.peer.instance(&bench.key()).unwrap();
    assert_eq!(view.status, Status::Completed, "{fail:?}");
    let notes = bench.peer.chain().len();
    assert!(bench.peer.chain().verify().is_ok());
    let shared = total(&bench.peer, &bench.id()).unwrap();
    (faulty.commits(), vec![seen], shared, notes, replies.into_values().collect())
}

#[test]
fn a_journal_that_fails_before_during_or_after_any_commit_loses_and_doubles_nothing() {
    let (commits, seen, shared, notes, replies) = play(None);
    assert_eq!(seen, [vec![1, 7, 2, 50, 99]]);
    assert_eq!((shared, notes, replies.clone()), (1, 1, vec![1]));
    assert!(commits >= 5, "{commits}");
    for at in 0..commits {
        for point in [FaultPoint::Before, FaultPoint::During, FaultPoint::After] {
            let (_, seen_now, shared_now, notes_now, replies_now) = play(Some((at, point)));
            // The order of what was heard may differ, nothing else.
            let sorted = |mut seen: Vec<Vec<u64>>| {
                seen.iter_mut().for_each(|seen| seen.sort_unstable());
                seen
            };
            assert_eq!(sorted(seen_now), sorted(seen.clone()), "commit {at}, {point:?}");
            assert_eq!((shared_now, notes_now), (shared, notes), "commit {at}, {point:?}");
            assert_eq!(replies_now, replies, "commit {at}, {point:?}");
        }
    }
}

#[test]
fn after_a_failure_nothing_leaves_and_nothing_enters() {
    let mut bench = Bench::new(life);
    let faulty = FaultyJournal::new(bench.journal.clone(), Some((0, FaultPoint::After)));
    bench.peer =
        Bench::open_with(Bench::config(0), vec![Arc::clone(&bench.program)], Box::new(faulty), START);
    let envelope = bench.message("HELLO", 1);
    let bytes = wire::to_bytes(&Packet::Message(envelope));
    let from = bench.other.peer_id();
    assert!(bench.peer.handle(START, PeerInput::Datagram { from, bytes: &bytes }).is_err());
    assert!(bench.outputs().is_empty());
    assert!(bench.peer.handle(START, PeerInput::Tick).is_err());
    bench.restart();
    assert_eq!(bench.outputs().len(), 2, "the reply and the task");
}

#[test]
fn an_effect_is_not_visible_before_its_step_is_durable() {
    // Whatever is in the outbox of the peer is in the journal too.
    let mut bench = Bench::new(life);
    bench.say("HELLO", 1);
    let peer: Vec<_> = bench.peer.outbox().map(|(order, row)| (order, row.clone())).collect();
    assert_eq!(bench.journal.outstanding().unwrap(), peer);
    assert_eq!(bench.journal.own_chain(bench.me()).unwrap(), *bench.peer.chain());
}
