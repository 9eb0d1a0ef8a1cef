//! LANGUAGE 6.1, 6.9 and the additions of section 4: messages, gossip, tasks, composition.

use super::*;

/// Answers `HELLO` and `NEXT` with `REPLY` of the same number.
fn replying(robot: &Robot, input: &Input, _env: &mut dyn Env) -> Answer {
    let (what, n) = said(input);
    match (what.as_str(), input) {
        ("HELLO" | "NEXT", Input::Message(incoming)) => {
            robot.seen("OPEN", n).send(incoming.sender, "REPLY", n).fire()
        }
        _ => Ok(None),
    }
}

fn messages(packets: Vec<(PeerId, Packet)>) -> Vec<Envelope> {
    let message = |(_, packet)| if let Packet::Message(envelope) = packet { Some(envelope) } else { None };
    packets.into_iter().filter_map(message).collect()
}

#[test]
fn what_is_sent_is_signed_numbered_and_dated() {
    let mut bench = Bench::new(replying);
    bench.say("HELLO", 4);
    bench.say("NEXT", 5);
    let sent = messages(bench.packets());
    assert_eq!(sent.len(), 2);
    for (n, envelope) in (0..).zip(&sent) {
        assert_eq!((envelope.from, envelope.session, envelope.protocol), (bench.me(), SESSION, bench.id()));
        assert_eq!((&*envelope.message, envelope.sequence, envelope.time), ("REPLY", n, START));
        assert!(envelope.verify().is_ok());
    }
}

#[test]
fn a_message_is_sent_again_under_its_id_until_it_is_acknowledged() {
    let mut bench = Bench::new(replying);
    bench.say("HELLO", 4);
    let first = messages(bench.packets());
    assert_eq!((first.len(), bench.packets().len()), (1, 0));
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let next = bench.peer.next_deadline().unwrap();
        pauses.push((next - bench.now) / limits::SECOND);
        bench.now = next;
        assert_eq!(messages(bench.packets()), first);
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60, 60], "longer and longer");
    bench.restart();
    assert_eq!(messages(bench.packets()), first, "also after a restart");
    let ack = wire::to_bytes(&Packet::Ack(vec![first[0].id()]));
    bench.bytes(&ack);
    assert_eq!((bench.peer.next_deadline(), bench.peer.outbox().count()), (None, 0));
}

#[test]
fn only_the_receiver_can_acknowledge() {
    let mut bench = Bench::new(replying);
    bench.say("HELLO", 4);
    let id = messages(bench.packets())[0].id();
    let bytes = wire::to_bytes(&Packet::Ack(vec![id]));
    bench.peer.handle(START, PeerInput::Datagram { from: PeerId([8; 32]), bytes: &bytes }).unwrap();
    assert_eq!(bench.peer.outbox().count(), 1);
}

#[test]
fn what_is_never_acknowledged_is_given_up_after_24_hours_and_counted() {
    let mut bench = Bench::new(replying);
    bench.say("HELLO", 4);
    bench.packets();
    bench.now += limits::RESEND_FOR;
    assert!(bench.packets().is_empty());
    assert_eq!((bench.count(Reason::Unacknowledged), bench.peer.outbox().count()), (1, 0));
}

#[test]
fn a_peer_without_the_protocol_is_not_asked_again() {
    let mut bench = Bench::new(replying);
    bench.say("HELLO", 4);
    bench.packets();
    let (protocol, loaded) = (bench.id(), vec![named("theirs")]);
    bench.bytes(&wire::to_bytes(&Packet::Mismatch { protocol, loaded: loaded.clone() }));
    assert_eq!(bench.peer.outbox().count(), 0);
    let by = bench.other.peer_id();
    let said = EventKind::ProtocolRefused { by, ours: protocol, theirs: loaded };
    assert!(bench.peer.take_events().iter().any(|event| event.kind == said));
}

#[test]
fn one_message_to_several_peers_is_one_statement() {
    let peers = [PeerId([3; 32]), PeerId([4; 32])];
    let mut bench = Bench::new(move |robot, input, _| match said(input).0.as_str() {
        "HELLO" => {
            let go = robot.seen("OPEN", 0);
            // The second one to the first peer is another message.
            go.send(peers[0], "REPLY", 1).send(peers[1], "REPLY", 1).send(peers[0], "REPLY", 1).fire()
        }
        _ => Ok(None),
    });
    bench.say("HELLO", 0);
    let sent = messages(bench.packets());
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0], sent[1]);
    assert!(sent[2].id() != sent[0].id() && sent[2].sequence == 1);
}

#[test]
fn a_message_to_oneself_is_delivered_after_the_step_and_never_lost() {
    let script = |robot: &Robot, input: &Input, env: &mut dyn Env| {
        let (what, n) = said(input);
        match (what.as_str(), n) {
            ("HELLO", _) => robot.seen("OPEN", 0).send(env.peer_id(), "BOTH", 3).fire(),
            ("BOTH", 0) => robot.seen("OPEN", 0).fire(),
            ("BOTH", n) => robot.seen("OPEN", n).send(env.peer_id(), "BOTH", n - 1).fire(),
            _ => Ok(None),
        }
    };
    let mut bench = Bench::new(script);
    bench.say("HELLO", 0);
    assert_eq!(bench.seen(), [0, 3, 2, 1, 0]);
    assert!(messages(bench.packets()).is_empty(), "it does not use the network");
    assert_eq!(bench.peer.outbox().count(), 0);

    // Killed between the step and the delivery: after the commit, before anything else.
    let memory = MemoryJournal::new();
    let faulty = FaultyJournal::new(memory.clone(), Some((0, FaultPoint::After)));
    let mut bench = Bench::new(script);
    bench.peer =
        Bench::open_with(Bench::config(0), vec![Arc::clone(&bench.program)], Box::new(faulty), START);
    bench.journal = memory;
    let envelope = bench.message("HELLO", 0);
    let (from, bytes) = (bench.other.peer_id(), wire::to_bytes(&Packet::Message(envelope)));
    assert!(bench.peer.handle(START, PeerInput::Datagram { from, bytes: &bytes }).is_err());
    bench.restart();
    bench.tick(0);
    assert_eq!(bench.seen(), [0, 3, 2, 1, 0]);
}

#[test]
fn two_instances_that_answer_each_other_for_ever_do_not_stop_the_host() {
    let mut bench = Bench::new(|_, input, env| match said(input).0.as_str() {
        "HELLO" | "BOTH" => Move::to("OPEN").send(env.peer_id(), "BOTH", 1).fire(),
        _ => Ok(None),
    });
    bench.say("HELLO", 0);
    assert_eq!(bench.peer.next_deadline(), Some(START), "it goes on at the next tick");
}

#[test]
fn gossip_is_kept_once_handed_on_and_offered_to_the_instance_of_its_session() {
    let neighbours = [PeerId([3; 32]), PeerId([4; 32])];
    let script = |robot: &Robot, input: &Input, env: &mut dyn Env| match said(input).0.as_str() {
        "NEWS" => robot.seen("OPEN", said(input).1).fire(),
        _ => plain(robot, input, env),
    };
    let mut bench = Bench::with(Robots::program(protocol("99"), script), |config| {
        config.neighbours = neighbours.to_vec();
    });
    bench.say("HELLO", 0);
    bench.packets();
    let news = bench.message("NEWS", 6);
    let item = wire::to_bytes(&Packet::Gossip(news.clone()));
    bench.bytes(&item);
    assert_eq!(bench.seen(), [0, 6]);
    let handed: Vec<PeerId> = bench
        .packets()
        .into_iter()
        .filter(|(_, packet)| *packet == Packet::Gossip(news.clone()))
        .map(|(to, _)| to)
        .collect();
    assert_eq!(handed, neighbours);
    // Again, from elsewhere, and after a restart: once.
    bench.bytes(&item);
    bench.restart();
    bench.peer.set_neighbours(vec![]);
    bench.bytes(&item);
    assert_eq!((bench.seen(), bench.peer.gossip().len()), (vec![0, 6], 1));
}

#[test]
fn gossip_never_creates_an_instance() {
    let mut bench = Bench::new(|robot, _, _| robot.seen("OPEN", 1).fire());
    let news = bench.message("NEWS", 6);
    bench.bytes(&wire::to_bytes(&Packet::Gossip(news.clone())));
    assert_eq!((bench.peer.instances().len(), bench.peer.gossip().len()), (0, 1));
    assert_eq!(bench.acks(), [news.id()]);
}

#[test]
fn only_what_is_signed_or_carries_a_proof_may_be_gossiped() {
    let mut bench = Bench::new(plain);
    let rumour = bench.raw("RUMOUR", payload(1));
    bench.bytes(&wire::to_bytes(&Packet::Gossip(rumour)));
    assert_eq!((bench.count(Reason::GossipUnproven), bench.peer.gossip().len()), (1, 0));
    let block = crate::chain::Segment::empty(bench.other.peer_id()).next(START, "NOTE", payload(1));
    let proof = block.clone().signed_by(&bench.other);
    let certified = bench.raw("CERTIFIED", wire::to_bytes(&Certified { proof, n: 1 }));
    bench.bytes(&wire::to_bytes(&Packet::Gossip(certified)));
    assert_eq!(bench.peer.gossip().len(), 1);
    // A false certificate is not marked as seen: the true one would be dropped.
    let proof = block.signed_by(&Keypair::from_seed(&[9; 32]));
    let certified = bench.raw("CERTIFIED", wire::to_bytes(&Certified { proof, n: 1 }));
    bench.bytes(&wire::to_bytes(&Packet::Gossip(certified)));
    assert_eq!((bench.peer.gossip().len(), bench.count(Reason::Signature)), (1, 1));
    // The own machine is held to the same.
    let mut bench = Bench::new(|_, _, _| {
        let (message, payload) = ("RUMOUR".to_owned(), payload(1));
        Move::to("OPEN").effect(Effect::Gossip { message, payload }).fire()
    });
    bench.say("HELLO", 1);
    assert_eq!((bench.count(Reason::GossipUnproven), bench.peer.gossip().len()), (1, 0));
}

struct Certified {
    proof: crate::chain::RawBlock,
    n: u64,
}
crate::wire_record!(Certified { proof, n });

/// Starts `work` on `HELLO` and `NEXT`, and remembers what it comes to; null is 999.
fn working(robot: &Robot, input: &Input, _env: &mut dyn Env) -> Answer {
    let (what, n) = said(input);
    match (what.as_str(), input) {
        ("HELLO" | "NEXT", _) => {
            let arguments = vec![wire::to_bytes(&n)];
            Move::to("OPEN").effect(Effect::Start { task: "work".to_owned(), arguments }).fire()
        }
        ("poke", _) => Move::to("LATER").fire(),
        (_, Input::TaskResult { result: None, .. }) => robot.seen("OPEN", 999).fire(),
        ("work", _) if robot.state == "OPEN" => robot.seen("OPEN", n).fire(),
        _ => Ok(None),
    }
}

fn started(outputs: Vec<Output>) -> Vec<TaskStart> {
    outputs
        .into_iter()
        .filter_map(|o| if let Output::StartTask(start) = o { Some(start) } else { None })
        .collect()
}

fn end(bench: &mut Bench, start: &TaskStart, result: Option<Vec<u8>>) {
    let task = start.key.clone();
    bench.peer.handle(bench.now, PeerInput::TaskEnded { task, result }).unwrap();
}

#[test]
fn a_task_is_started_after_its_step_and_its_result_is_an_input() {
    let mut bench = Bench::new(working);
    bench.say("HELLO", 3);
    let start = started(bench.outputs());
    assert_eq!((start.len(), start[0].library.as_str()), (1, "test.work"));
    assert_eq!(start[0].arguments, [wire::to_bytes(&3u64)]);
    end(&mut bench, &start[0], Some(wire::to_bytes(&6u64)));
    // Reported twice: once.
    end(&mut bench, &start[0], Some(wire::to_bytes(&6u64)));
    assert_eq!((bench.seen(), bench.count(Reason::StaleTask)), (vec![6], 1));
    assert_eq!(bench.journal.len(Table::Task), 0);
}

#[test]
fn a_second_start_replaces_the_first_whose_result_is_dropped() {
    let mut bench = Bench::new(working);
    bench.say("HELLO", 3);
    bench.say("NEXT", 4);
    let outputs = bench.outputs();
    let starts = started(outputs.clone());
    assert!(outputs.contains(&Output::CancelTask(starts[0].key.clone())));
    end(&mut bench, &starts[0], Some(wire::to_bytes(&1u64)));
    end(&mut bench, &starts[1], Some(wire::to_bytes(&2u64)));
    assert_eq!((bench.seen(), bench.count(Reason::StaleTask)), (vec![2], 1));
}

#[test]
fn a_task_is_started_again_after_a_restart_and_its_result_counts_once() {
    let mut bench = Bench::new(working);
    bench.say("HELLO", 3);
    let before = started(bench.outputs());
    bench.restart();
    assert_eq!(started(bench.outputs()), before);
    end(&mut bench, &before[0], Some(wire::to_bytes(&6u64)));
    bench.restart();
    assert!(started(bench.outputs()).is_empty());
    assert_eq!(bench.seen(), [6]);
}

#[test]
fn a_failed_task_and_one_with_a_result_of_another_type_are_null() {
    for result in [None, Some(wire::to_bytes(&"six".to_owned())), Some(vec![0xff])] {
        let mut bench = Bench::new(working);
        bench.say("HELLO", 3);
        let start = started(bench.outputs());
        let wrong = u64::from(result.is_some());
        end(&mut bench, &start[0], result);
        assert_eq!((bench.seen(), bench.count(Reason::TaskResult)), (vec![999], wrong));
    }
}

#[test]
fn a_result_that_the_state_does_not_handle_is_dropped() {
    let mut bench = Bench::new(working);
    bench.say("HELLO", 3);
    bench.poke(0).unwrap();
    let start = started(bench.outputs());
    end(&mut bench, &start[0], Some(wire::to_bytes(&6u64)));
    assert_eq!((bench.seen(), bench.count(Reason::Discarded)), (vec![], 1));
    assert_eq!(bench.journal.len(Table::Task), 0);
}

/// `99` in state LATER begins `98`, which says so to nobody.
fn composed(
    second: impl Fn(&Robot, &Input, &mut dyn Env) -> Answer + Send + Sync + 'static,
) -> (Bench, Hash) {
    let mut bench = Bench::new(|robot, input, _| match said(input).0.as_str() {
        "HELLO" => Move::to("OPEN").set("n", &said(input).1).fire(),
        "poke" => Move::to("LATER").fire(),
        _ => plain(robot, input, &mut crate::testing::TestEnv::new(1)),
    });
    let second = Robots::program(follower("98", ("99", "B", "LATER")), second);
    let id = second.package().id;
    let journal = Box::new(bench.journal.clone());
    bench.peer = Bench::open_with(Bench::config(0), vec![Arc::clone(&bench.program), second], journal, START);
    (bench, id)
}

#[test]
fn a_state_of_one_transaction_fires_the_trigger_of_another_exactly_once() {
    let (mut bench, second) = composed(|robot, input, _| robot.seen("OPEN", said(input).1).fire());
    bench.say("HELLO", 5);
    assert_eq!(bench.peer.instances().len(), 1);
    bench.poke(0).unwrap();
    let key = Key { protocol: second, session: SESSION };
    assert_eq!(bench.peer.field(&key, "seen"), Some(wire::to_bytes(&vec![5u64])));
    assert_eq!((bench.peer.outbox().count(), bench.journal.len(Table::Outbox)), (0, 0));
}

#[test]
fn it_is_fired_after_a_crash_and_not_twice() {
    for point in [FaultPoint::Before, FaultPoint::During, FaultPoint::After] {
        // Commit 0 is HELLO, 1 the poke, 2 the firing.
        let (mut bench, second) = composed(|robot, input, _| robot.seen("OPEN", said(input).1).fire());
        let second_program = Arc::clone(bench.peer.program(&second).unwrap());
        let programs = || vec![Arc::clone(&bench.program), Arc::clone(&second_program)];
        let faulty = FaultyJournal::new(bench.journal.clone(), Some((2, point)));
        let mut peer = Bench::open_with(Bench::config(0), programs(), Box::new(faulty), START);
        std::mem::swap(&mut bench.peer, &mut peer);
        bench.say("HELLO", 5);
        assert!(matches!(bench.poke(0), Err(TriggerError::Host(_))));
        let programs = vec![Arc::clone(&bench.program), second_program];
        bench.peer = Bench::open_with(Bench::config(1), programs, Box::new(bench.journal.clone()), START);
        bench.tick(0);
        bench.tick(0);
        let key = Key { protocol: second, session: SESSION };
        assert_eq!(bench.peer.field(&key, "seen"), Some(wire::to_bytes(&vec![5u64])), "{point:?}");
        assert_eq!(bench.peer.outbox().count(), 0);
    }
}

#[test]
fn a_trigger_that_is_refused_or_not_loaded_is_counted_and_not_tried_again() {
    let (mut bench, _) = composed(|_, _, _| Ok(Some(Reply::Refuse(Refusal::Guard))));
    bench.say("HELLO", 5);
    bench.poke(0).unwrap();
    assert_eq!((bench.count(Reason::TriggerRefused), bench.peer.outbox().count()), (1, 0));

    let (mut bench, second) = composed(|robot, _, _| robot.seen("OPEN", 1).fire());
    let programs = vec![Arc::clone(&bench.program), Arc::clone(bench.peer.program(&second).unwrap())];
    let faulty = FaultyJournal::new(bench.journal.clone(), Some((1, FaultPoint::After)));
    bench.peer = Bench::open_with(Bench::config(0), programs, Box::new(faulty), START);
    bench.say("HELLO", 5);
    assert!(bench.poke(0).is_err());
    // The next run has only the first protocol.
    bench.restart();
    bench.tick(0);
    assert_eq!((bench.count(Reason::NotLoaded), bench.peer.outbox().count()), (1, 0));
}
