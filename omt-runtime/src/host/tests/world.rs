//! Several peers, an unreliable network, crashes: what arrives, arrives once, and the same seed gives the same bytes.

use super::*;

/// `A` asks with `HELLO` and then nine times with `NEXT`, each after the reply to the one before; both count.
fn talk(robot: &Robot, input: &Input, env: &mut dyn Env) -> Answer {
    let (what, n) = said(input);
    match (what.as_str(), input) {
        ("go", Input::Trigger { arguments, .. }) => {
            let to: PeerId = wire::decode_checked(&arguments[0]).unwrap();
            Move::to("OPEN").set("to", &to).send(to, "HELLO", 0).fire()
        }
        ("HELLO" | "NEXT", Input::Message(incoming)) => {
            env.append("NOTE", payload(n))?;
            let done = if n == 9 { "DONE" } else { "OPEN" };
            robot.seen(done, n).send(incoming.sender, "REPLY", n).fire()
        }
        ("REPLY", Input::Message(incoming)) if n < 9 => {
            robot.seen("OPEN", n).send(incoming.sender, "NEXT", n + 1).fire()
        }
        ("REPLY", _) => robot.seen("DONE", n).fire(),
        _ => Ok(None),
    }
}

fn world(seed: u64, network: Network) -> (World, Hash) {
    let program = Robots::program(protocol("99"), talk);
    let id = program.package().id;
    let mut world = World::new(seed, network);
    world.task("test.work", |_| (0, None));
    for name in ["alice", "bob", "carol"] {
        world.add(name, Cast::new(vec![Arc::clone(&program)])).unwrap();
    }
    (world, id)
}

fn ask(world: &mut World, protocol: Hash, who: &str, whom: &str) {
    let arguments = vec![wire::to_bytes(&world.id(whom)), wire::to_bytes(&0u64)];
    let (actor, trigger) = ("A".to_owned(), "go".to_owned());
    world.trigger(0, who, TriggerCall { protocol, actor, trigger, arguments, session: None, request: None });
}

/// Every conversation ended, and everybody heard every number once.
fn all_ended(world: &World, names: &[&str], conversations: usize) {
    for name in names {
        let peer = world.peer(name).unwrap();
        let instances = peer.instances();
        assert_eq!(instances.len(), conversations, "{name}");
        for view in instances {
            assert_eq!((view.state.as_str(), view.status), ("DONE", Status::Completed), "{name}");
            let seen: Vec<u64> = wire::decode_checked(&peer.field(&view.key, "seen").unwrap()).unwrap();
            assert_eq!(seen, (0..10).collect::<Vec<_>>(), "{name}");
        }
        assert_eq!(peer.outbox().count(), 0, "{name}");
        assert!(peer.chain().verify().is_ok());
    }
}

#[test]
fn a_conversation_over_a_good_network() {
    let (mut world, id) = world(1, Network::good());
    ask(&mut world, id, "alice", "bob");
    assert_eq!(world.run(limits::MINUTE), RunEnd::Quiet);
    all_ended(&world, &["alice", "bob"], 1);
    assert_eq!(world.lines().len(), 20);
    let first = &world.lines()[0];
    assert_eq!((first.from.as_str(), first.to.as_str(), first.message.as_str()), ("alice", "bob", "HELLO"));
    assert_eq!(world.peer("bob").unwrap().chain().len(), 10);
}

#[test]
fn loss_duplication_delay_and_reordering_lose_and_double_nothing() {
    for seed in 0..20 {
        let (mut world, id) = world(seed, Network::bad());
        ask(&mut world, id, "alice", "bob");
        ask(&mut world, id, "bob", "carol");
        ask(&mut world, id, "carol", "alice");
        assert_eq!(world.run(limits::HOUR), RunEnd::Quiet, "seed {seed}");
        all_ended(&world, &["alice", "bob", "carol"], 2);
        // Each number was noted once.
        assert_eq!(world.peer("alice").unwrap().chain().len(), 10);
    }
}

#[test]
fn one_seed_gives_one_trace_and_another_seed_another() {
    let run = |seed| {
        let (mut world, id) = world(seed, Network::bad());
        ask(&mut world, id, "alice", "bob");
        world.crash(300_000, "bob");
        world.restart(2_000_000, "bob");
        world.run(limits::HOUR);
        serde_json::to_string(&world.summary()).unwrap()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

#[test]
fn a_partition_is_waited_out() {
    let (mut world, id) = world(3, Network::good());
    world.partition(300_000, &["alice"], &["bob", "carol"]);
    ask(&mut world, id, "alice", "bob");
    assert_eq!(world.run(30 * limits::SECOND), RunEnd::Limit);
    let arrived = world.peer("bob").unwrap().chain().len();
    assert!(arrived < 10);
    world.heal(0);
    assert_eq!(world.run(5 * limits::MINUTE), RunEnd::Quiet);
    all_ended(&world, &["alice", "bob"], 1);
}

#[test]
fn crashes_at_any_time_are_survived() {
    for at in (0..2_500_000).step_by(100_000) {
        let (mut world, id) = world(at as u64, Network::good());
        ask(&mut world, id, "alice", "bob");
        world.crash(at, "bob");
        world.restart(at + 500_000, "bob");
        world.crash(at + 50_000, "alice");
        world.restart(at + 1_000_000, "alice");
        assert_eq!(world.run(limits::HOUR), RunEnd::Quiet);
        all_ended(&world, &["alice", "bob"], 1);
    }
}

#[test]
fn a_journal_that_fails_at_any_commit_of_either_peer_is_survived() {
    let run = |fail: Option<(u64, FaultPoint)>, whose: &str| {
        let program = Robots::program(protocol("99"), talk);
        let id = program.package().id;
        let mut world = World::new(11, Network::good());
        world.task("test.work", |_| (0, None));
        let mut commits = Vec::new();
        for name in ["alice", "bob"] {
            let journal = FaultyJournal::new(MemoryJournal::new(), fail.filter(|_| name == whose));
            commits.push(journal.clone());
            let cast = Cast::new(vec![Arc::clone(&program)]).journal(move || Box::new(journal.clone()));
            world.add(name, cast).unwrap();
        }
        ask(&mut world, id, "alice", "bob");
        assert_eq!(world.run(limits::HOUR), RunEnd::Quiet, "{fail:?} of {whose}");
        all_ended(&world, &["alice", "bob"], 1);
        assert_eq!(world.peer("bob").unwrap().chain().len(), 10, "{fail:?} of {whose}");
        [commits[0].commits(), commits[1].commits()]
    };
    let commits = run(None, "nobody");
    for (whose, commits) in ["alice", "bob"].into_iter().zip(commits) {
        for at in 0..commits {
            for point in [FaultPoint::Before, FaultPoint::During, FaultPoint::After] {
                run(Some((at, point)), whose);
            }
        }
    }
}

#[test]
fn gossip_reaches_everybody_once() {
    let program = Robots::program(protocol("99"), |_, input, _| match said(input).0.as_str() {
        "begin" => {
            let effect = Effect::Gossip { message: "NEWS".to_owned(), payload: payload(1) };
            Move::to("OPEN").effect(effect).fire()
        }
        _ => Ok(None),
    });
    let mut world = World::new(4, Network::bad());
    world.task("test.work", |_| (0, None));
    let names: Vec<String> = (0..12).map(|n| format!("peer {n}")).collect();
    for name in &names {
        world.add(name, Cast::new(vec![Arc::clone(&program)])).unwrap();
    }
    let arguments = vec![wire::to_bytes(&SESSION), wire::to_bytes(&0u64)];
    let (protocol, actor, trigger) = (program.package().id, "A".to_owned(), "begin".to_owned());
    world.trigger(
        0,
        "peer 0",
        TriggerCall { protocol, actor, trigger, arguments, session: None, request: None },
    );
    assert_eq!(world.run(limits::HOUR), RunEnd::Quiet);
    for name in &names {
        assert_eq!(world.peer(name).unwrap().gossip().len(), 1, "{name}");
    }
    assert_eq!(world.lines().len(), 1);
}

#[test]
fn a_filter_can_silence_a_message_and_an_attacker_can_say_anything() {
    let (mut world, id) = world(9, Network::exact(10_000));
    world.filter(|passing| if passing.message() == Some("REPLY") { Fate::Drop } else { Fate::Pass });
    ask(&mut world, id, "alice", "bob");
    assert_eq!(world.run(10 * limits::SECOND), RunEnd::Limit);
    let session = world.lines()[0].session;
    let mallory = world.key("mallory");
    let forged = Envelope {
        from: world.id("bob"),
        session,
        protocol: id,
        message: "REPLY".into(),
        sequence: 77,
        time: world.now(),
        payload: payload(0).into(),
        signature: None,
    };
    world.inject_message(0, mallory.peer_id(), "alice", forged.signed_by(&mallory));
    world.inject(0, mallory.peer_id(), "alice", vec![1, 2, 3]);
    world.run(limits::SECOND);
    let alice = world.peer("alice").unwrap();
    assert_eq!((alice.count(Reason::Signature), alice.count(Reason::Encoding)), (1, 1));
    world.unfilter();
    assert_eq!(world.run(limits::HOUR), RunEnd::Quiet);
    all_ended(&world, &["alice", "bob"], 1);
}

#[test]
fn a_clock_that_is_ahead_is_its_own_affair() {
    let program = Robots::program(protocol("99"), talk);
    let mut world = World::new(2, Network::good());
    world.task("test.work", |_| (0, None));
    world.add("alice", Cast::new(vec![Arc::clone(&program)])).unwrap();
    let ahead = Cast { clock: 5 * limits::MINUTE, ..Cast::new(vec![Arc::clone(&program)]) };
    world.add("bob", ahead).unwrap();
    ask(&mut world, program.package().id, "alice", "bob");
    assert_eq!(world.run(limits::HOUR), RunEnd::Quiet);
    all_ended(&world, &["alice", "bob"], 1);
}

#[test]
fn a_scripted_task_takes_its_time() {
    let program = Robots::program(protocol("99"), |robot, input, _| match said(input).0.as_str() {
        "begin" => {
            let arguments = vec![wire::to_bytes(&said(input).1)];
            Move::to("OPEN").effect(Effect::Start { task: "work".to_owned(), arguments }).fire()
        }
        "work" => robot.seen("DONE", said(input).1).fire(),
        _ => Ok(None),
    });
    let mut world = World::new(2, Network::good());
    world.task("test.work", |start| {
        let n: u64 = wire::decode_checked(&start.arguments[0]).unwrap();
        (3 * limits::SECOND, Some(wire::to_bytes(&(2 * n))))
    });
    world.add("alice", Cast::new(vec![Arc::clone(&program)])).unwrap();
    let arguments = vec![wire::to_bytes(&SESSION), wire::to_bytes(&21u64)];
    let (protocol, actor, trigger) = (program.package().id, "A".to_owned(), "begin".to_owned());
    world.trigger(
        0,
        "alice",
        TriggerCall { protocol, actor, trigger, arguments, session: None, request: None },
    );
    // Killed while it runs: the next run starts it again.
    world.crash(limits::SECOND, "alice");
    world.restart(2 * limits::SECOND, "alice");
    assert_eq!(world.run(4 * limits::SECOND), RunEnd::Limit);
    assert_eq!(world.peer("alice").unwrap().instances()[0].state, "OPEN");
    assert_eq!(world.run(limits::MINUTE), RunEnd::Quiet);
    let peer = world.peer("alice").unwrap();
    assert_eq!(peer.field(&Key { protocol, session: SESSION }, "seen"), Some(wire::to_bytes(&vec![42u64])));
}
