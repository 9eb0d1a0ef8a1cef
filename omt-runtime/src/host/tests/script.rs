//! What a script asks of a world: tasks and answers of one member alone, members that run nothing, statements that no
//! machine makes, instants that begin and end, and a look at every step.

use super::*;

fn working() -> Arc<dyn Program> {
    Robots::program(protocol("99"), |robot, input, env| match said(input).0.as_str() {
        "begin" => {
            let arguments = vec![wire::to_bytes(&said(input).1)];
            Move::to("OPEN").effect(Effect::Start { task: "work".to_owned(), arguments }).fire()
        }
        "work" => {
            env.append("NOTE", payload(said(input).1))?;
            robot.seen("OPEN", said(input).1).send(env.peer_id(), "BOTH", 7).fire()
        }
        "BOTH" => robot.seen("DONE", said(input).1).fire(),
        _ => Ok(None),
    })
}

fn begin(world: &mut World, program: &Arc<dyn Program>, who: &str, n: u64) {
    let arguments = vec![wire::to_bytes(&SESSION), wire::to_bytes(&n)];
    let (protocol, actor, trigger) = (program.package().id, "A".to_owned(), "begin".to_owned());
    world.trigger(0, who, TriggerCall { protocol, actor, trigger, arguments, session: None, request: None });
}

#[test]
fn each_member_has_tasks_of_its_own_and_one_without_a_script_never_ends() {
    let program = working();
    let mut world = World::new(0, Network::exact(50_000));
    let cast = || Cast::new(vec![Arc::clone(&program)]);
    let answers = |n: u64| move |_: &TaskStart| (100_000, Some(wire::to_bytes(&n)));
    world.add("alice", cast().task("test.work", answers(1))).unwrap();
    world.add("bob", cast().task("test.work", answers(2))).unwrap();
    world.add("carol", Cast { natives: Natives::new().task("test.work"), ..cast() }).unwrap();
    for name in ["alice", "bob", "carol"] {
        begin(&mut world, &program, name, 0);
    }
    world.pass(limits::HOUR);
    let seen = |name: &str| {
        let peer = world.peer(name).unwrap();
        peer.field(&Key { protocol: program.package().id, session: SESSION }, "seen")
    };
    assert_eq!(seen("alice"), Some(wire::to_bytes(&vec![1u64, 7])));
    assert_eq!(seen("bob"), Some(wire::to_bytes(&vec![2u64, 7])));
    assert_eq!(seen("carol"), None);
}

#[test]
fn a_watched_peer_tells_what_every_step_left_behind_and_others_do_not() {
    let program = working();
    let mut world = World::new(0, Network::exact(50_000));
    let cast = |n: u64| {
        Cast::new(vec![Arc::clone(&program)]).task("test.work", move |_| (100_000, Some(wire::to_bytes(&n))))
    };
    world.add("alice", cast(1).watched()).unwrap();
    world.add("bob", cast(2)).unwrap();
    begin(&mut world, &program, "alice", 0);
    begin(&mut world, &program, "bob", 0);
    world.pass(limits::SECOND);
    let steps = |name: &str| -> Vec<Option<(u64, Vec<u8>)>> {
        let events = world.events(name).iter();
        let seen = events.filter_map(|event| match &event.kind {
            EventKind::Stepped { seen, .. } => Some(seen.clone()),
            _ => None,
        });
        seen.map(|seen| seen.map(|seen| (seen.chain.next_height(), seen.snapshot.clone()))).collect()
    };
    assert_eq!(steps("bob"), [None, None, None]);
    // The second and the third step are of one instant: each shows its own end, not that of the instant.
    let snapshot = |state: &str, seen: Option<Vec<u64>>| {
        let fields: Vec<(String, wire::Bytes)> =
            seen.iter().map(|seen| ("seen".to_owned(), wire::to_bytes(seen).into())).collect();
        wire::to_bytes(&(SESSION, state.to_owned(), fields))
    };
    assert_eq!(
        steps("alice"),
        [
            Some((0, snapshot("OPEN", None))),
            Some((1, snapshot("OPEN", Some(vec![1])))),
            Some((1, snapshot("DONE", Some(vec![1, 7])))),
        ]
    );
}

#[test]
fn somebody_who_runs_nothing_says_what_is_said_for_it_and_hears_nothing() {
    let program = Robots::program(protocol("99"), |robot, input, _| match (said(input).0.as_str(), input) {
        ("HELLO", Input::Message(incoming)) => {
            robot.seen("OPEN", said(input).1).send(incoming.sender, "REPLY", 1).fire()
        }
        ("NEXT", _) => robot.seen("OPEN", said(input).1).fire(),
        _ => Ok(None),
    });
    let mut world = World::new(0, Network::exact(50_000));
    world.task("test.work", |_| (0, None));
    world.add("alice", Cast::new(vec![Arc::clone(&program)])).unwrap();
    let mallory = world.add_mute("mallory");
    assert_eq!(mallory, world.key("mallory").peer_id());
    let say = |world: &mut World, message: &str, sequence: u64| {
        let envelope = Envelope {
            from: mallory,
            session: SESSION,
            protocol: program.package().id,
            message: message.into(),
            sequence,
            time: world.now(),
            payload: payload(sequence).into(),
            signature: None,
        };
        let (alice, key) = (world.id("alice"), world.key("mallory"));
        world.say(&mallory, &alice, envelope.signed_by(&key));
    };
    say(&mut world, "HELLO", 0);
    // What nobody acknowledges keeps nothing going, and whoever runs nothing is not started either.
    world.restart(0, "mallory");
    assert_eq!(world.run(limits::MINUTE), RunEnd::Quiet);
    assert!(world.peer("mallory").is_none());
    assert_eq!(world.events("alice").first().map(|event| event.at), Some(WORLD_START + 50_000));
    // It takes the way of every message.
    world.partition(0, &["mallory"], &["alice"]);
    world.pass(0);
    say(&mut world, "NEXT", 1);
    world.pass(limits::SECOND);
    world.heal(0);
    world.pass(0);
    say(&mut world, "NEXT", 2);
    world.pass(limits::SECOND);
    let key = Key { protocol: program.package().id, session: SESSION };
    assert_eq!(world.peer("alice").unwrap().field(&key, "seen"), Some(wire::to_bytes(&vec![0u64, 2])));
}

#[test]
fn an_instant_is_approached_with_what_arrives_and_without_its_timers() {
    let program = Robots::program(protocol("99"), |robot, input, _| match (said(input).0.as_str(), input) {
        ("begin", _) => Move::to("OPEN").timers(&[(WORLD_START + 50_000, 0, None)]).fire(),
        ("BOTH", _) => robot.seen("OPEN", said(input).1).fire(),
        (_, Input::Timeout { .. }) => robot.seen("OPEN", 99).fire(),
        _ => Ok(None),
    });
    let mut world = World::new(0, Network::exact(50_000));
    world.task("test.work", |_| (0, None));
    world.add("alice", Cast::new(vec![Arc::clone(&program)])).unwrap();
    let mallory = world.add_mute("mallory");
    begin(&mut world, &program, "alice", 0);
    world.approach(WORLD_START);
    let envelope = Envelope {
        from: mallory,
        session: SESSION,
        protocol: program.package().id,
        message: "BOTH".into(),
        sequence: 0,
        time: world.now(),
        payload: payload(5).into(),
        signature: None,
    };
    let (alice, signer) = (world.id("alice"), world.key("mallory"));
    world.say(&mallory, &alice, envelope.signed_by(&signer));
    assert_eq!(world.next(), Some(WORLD_START + 50_000));
    world.approach(WORLD_START + 50_000);
    let key = Key { protocol: program.package().id, session: SESSION };
    let seen = |world: &World| world.peer("alice").unwrap().field(&key, "seen");
    assert_eq!(seen(&world), Some(wire::to_bytes(&vec![5u64])));
    assert_eq!(world.next(), Some(WORLD_START + 50_000));
    world.step(world.now());
    assert_eq!(seen(&world), Some(wire::to_bytes(&vec![5u64, 99])));
    // The acknowledgement is under way; after it nothing is left to happen.
    assert_eq!(world.next(), Some(WORLD_START + 100_000));
    world.step(i64::MAX);
    assert_eq!(world.next(), None);
}

#[test]
fn a_datagram_can_be_late_and_double() {
    let program = Robots::program(protocol("99"), |robot, input, _| match (said(input).0.as_str(), input) {
        ("go", Input::Trigger { arguments, .. }) => {
            let to: PeerId = wire::decode_checked(&arguments[0]).unwrap();
            Move::to("OPEN").send(to, "HELLO", 0).fire()
        }
        ("HELLO", _) => robot.seen("OPEN", 0).fire(),
        _ => Ok(None),
    });
    let mut world = World::new(0, Network::exact(50_000));
    world.task("test.work", |_| (0, None));
    for name in ["alice", "bob"] {
        world.add(name, Cast::new(vec![Arc::clone(&program)])).unwrap();
    }
    let hello = |passing: &Passing<'_>| passing.message() == Some("HELLO");
    world.filter(move |passing| if hello(passing) { Fate::DelayTwice(limits::SECOND) } else { Fate::Pass });
    let arguments = vec![wire::to_bytes(&world.id("bob")), wire::to_bytes(&0u64)];
    let (protocol, actor, trigger) = (program.package().id, "A".to_owned(), "go".to_owned());
    world.trigger(
        0,
        "alice",
        TriggerCall { protocol, actor, trigger, arguments, session: None, request: None },
    );
    world.run(limits::SECOND + 49_999);
    assert_eq!(world.summary().datagrams, 0);
    world.run(1);
    assert_eq!(world.summary().datagrams, 2);
    assert_eq!(world.peer("bob").unwrap().count(Reason::Replay), 1);
}
