//! LANGUAGE 6.1, 6.5, 6.7: instances, their limits, faults and ends.

use super::*;

#[test]
fn a_refused_input_creates_nothing() {
    for reply in [Some(Refusal::Guard), Some(Refusal::Stranger), None] {
        let mut bench = Bench::new(move |_, _, _| Ok(reply.map(Reply::Refuse)));
        let hello = bench.say("HELLO", 1);
        assert!(bench.peer.instances().is_empty());
        assert!(bench.journal.len(Table::Instance) == 0 && bench.journal.len(Table::Taken) == 0);
        // It is settled: the sender need not go on.
        assert_eq!(bench.acks(), [hello.id()]);
    }
}

#[test]
fn a_fault_creates_nothing_and_undoes_what_the_step_did() {
    let mut bench = Bench::new(|_, _, env| {
        env.set_shared("total", wire::to_bytes(&1u64));
        env.append("NOTE", payload(1))?;
        Err(FaultKind::DivisionByZero)
    });
    bench.say("HELLO", 1);
    assert!(bench.peer.instances().is_empty() && bench.journal.is_empty());
    assert!(bench.peer.chain().is_empty());
    assert_eq!((bench.peer.shared(&bench.id(), "B", "total"), bench.count(Reason::Fault)), (None, 1));
}

#[test]
fn a_trigger_creates_a_session_that_its_argument_names() {
    let mut bench = Bench::new(|robot, input, _| robot.seen("OPEN", said(input).1).fire());
    let call = bench.call("A", "begin", vec![wire::to_bytes(&SESSION), wire::to_bytes(&4u64)]);
    assert_eq!(bench.peer.trigger(START, call), Ok(SESSION));
    assert_eq!(bench.seen(), [4]);
}

#[test]
fn without_such_an_argument_it_is_random_and_the_creating_step_may_assign_it() {
    let mut bench = Bench::new(|_, _, _| Move::to("OPEN").fire());
    let arguments = vec![wire::to_bytes(&bench.me()), wire::to_bytes(&1u64)];
    let call = bench.call("A", "go", arguments.clone());
    let (one, two) =
        (bench.peer.trigger(START, call.clone()).unwrap(), bench.peer.trigger(START, call).unwrap());
    assert!(one != two && one != Hash::ZERO);

    let assigned = named("assigned");
    let mut bench = Bench::new(move |_, _, _| Move::to("OPEN").session(assigned).fire());
    let call = bench.call("A", "go", arguments);
    assert_eq!(bench.peer.trigger(START, call.clone()), Ok(assigned));
    assert!(bench.peer.instance(&Key { protocol: bench.id(), session: assigned }).is_some());
    // The second one would be the same session.
    assert_eq!(bench.peer.trigger(START, call), Err(TriggerError::Refused(Reason::SecondRole)));
}

#[test]
fn no_other_step_may_assign_the_session() {
    let mut bench = Bench::new(|_, _, _| Move::to("OPEN").session(named("elsewhere")).fire());
    bench.say("HELLO", 1);
    assert!(bench.peer.instances().is_empty());
    assert_eq!(bench.count(Reason::Fault), 1);
}

#[test]
fn a_peer_plays_one_role_in_a_session() {
    let mut bench = Bench::new(|robot, input, _| robot.seen("OPEN", said(input).1).fire());
    bench.say("HELLO", 1);
    let call = bench.call("A", "begin", vec![wire::to_bytes(&SESSION), wire::to_bytes(&2u64)]);
    assert_eq!(bench.peer.trigger(START, call), Err(TriggerError::Refused(Reason::SecondRole)));
    // A message to the other role does not reach this one.
    bench.say("REPLY", 3);
    assert_eq!((bench.seen(), bench.count(Reason::SecondRole)), (vec![1], 2));
    // One to both does.
    bench.say("BOTH", 4);
    assert_eq!(bench.seen(), [1, 4]);
}

#[test]
fn the_table_of_instances_has_limits_for_all_and_for_each_creator() {
    let mut bench = Bench::with(Robots::program(protocol("99"), plain), |config| {
        (config.instance_max, config.instance_per_peer_max) = (3, 2);
    });
    let hello = |bench: &mut Bench, key: &Keypair, session: &str| {
        let mut envelope = bench.raw("HELLO", payload(1));
        (envelope.from, envelope.session) = (key.peer_id(), named(session));
        let id = envelope.id();
        bench.deliver(&envelope.signed_by(key));
        bench.acks().contains(&id)
    };
    let (one, two) = (Keypair::from_seed(&[3; 32]), Keypair::from_seed(&[4; 32]));
    assert!(hello(&mut bench, &one, "a") && hello(&mut bench, &one, "b"));
    // Not acknowledged, so it comes again when there is room.
    assert!(!hello(&mut bench, &one, "c"));
    assert_eq!(bench.count(Reason::InstancePerPeerMax), 1);
    assert!(hello(&mut bench, &two, "d"));
    assert!(!hello(&mut bench, &two, "e"));
    assert_eq!((bench.count(Reason::InstanceMax), bench.peer.instances().len()), (1, 3));
}

#[test]
fn a_completed_instance_leaves_a_tombstone_until_its_last_deadline_and_24_hours() {
    let deadline = START + limits::HOUR;
    let mut bench =
        Bench::new(move |robot, input, env| match (robot.state.as_str(), said(input).0.as_str()) {
            ("IDLE", "HELLO") => robot.seen("OPEN", 1).timers(&[(deadline, 0, None)]).fire(),
            ("OPEN", "NEXT") => robot.seen("DONE", 2).timers(&[]).fire(),
            _ => plain(robot, input, env),
        });
    let hello = bench.say("HELLO", 1);
    bench.say("NEXT", 2);
    assert_eq!(bench.peer.instance(&bench.key()).unwrap().status, Status::Completed);
    // What arrives later is discarded, the first message above all.
    bench.say("NEXT", 3);
    assert_eq!(bench.count(Reason::Completed), 1);
    bench.restart();
    bench.deliver(&hello);
    assert_eq!((bench.seen(), bench.count(Reason::Replay)), (vec![1, 2], 1));
    bench.tick(limits::HOUR + limits::TOMBSTONE_AFTER - 1);
    assert_eq!(bench.peer.instances().len(), 1);
    bench.tick(1);
    assert!(bench.peer.instances().is_empty());
    // By then the first message is too old to begin anything.
    bench.deliver(&hello);
    assert!(bench.peer.instances().is_empty());
    assert_eq!(bench.count(Reason::Time), 1);
    bench.peer.append(bench.now, "NOTE", payload(1)).unwrap();
    assert_eq!(bench.journal.len(Table::Instance) + bench.journal.len(Table::Taken), 0);
}

#[test]
fn a_fault_by_a_message_discards_it_by_a_trigger_is_returned_by_a_timer_stops_the_instance() {
    let script = |robot: &Robot, input: &Input, env: &mut dyn Env| match (
        robot.state.as_str(),
        said(input).0.as_str(),
    ) {
        ("IDLE", "HELLO") => robot.seen("OPEN", 1).timers(&[(START + 10, 3, None)]).fire(),
        ("OPEN", "NEXT" | "poke" | "timeout") => Err(FaultKind::Index),
        _ => plain(robot, input, env),
    };
    let mut bench = Bench::new(script);
    bench.say("HELLO", 1);
    let next = bench.say("NEXT", 1);
    assert_eq!(bench.state().as_deref(), Some("OPEN"));
    assert!(bench.acks().contains(&next.id()));
    match bench.poke(1) {
        Err(TriggerError::Fault(fault)) => assert_eq!(fault.kind, FaultKind::Index),
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.peer.instance(&bench.key()).unwrap().status, Status::Running);
    bench.tick(10);
    let view = bench.peer.instance(&bench.key()).unwrap();
    assert_eq!((view.status, view.timers.len()), (Status::Faulted, 0));
    assert!(view.fault.unwrap().contains("index"));
    // No further input, not after a restart either.
    bench.restart();
    bench.say("HELLO", 2);
    assert_eq!((bench.seen(), bench.count(Reason::Faulted)), (vec![1], 1));
}

#[test]
fn a_protocol_whose_natives_are_missing_is_refused_by_name() {
    let program = Robots::program(protocol("99"), plain);
    let refused =
        Peer::open(Bench::config(0), vec![program], Natives::new(), Box::new(MemoryJournal::new()), START);
    let missing = vec!["test.work".to_owned()];
    assert_eq!(refused.unwrap_err(), OpenError::MissingNatives { number: "99".to_owned(), missing });
}

#[test]
fn arguments_of_another_type_or_number_are_refused() {
    let mut bench = Bench::new(plain);
    bench.say("HELLO", 1);
    for arguments in [vec![], vec![wire::to_bytes(&SESSION), wire::to_bytes(&"x".to_owned())]] {
        let call = bench.call("B", "poke", arguments);
        assert!(matches!(bench.peer.trigger(START, call), Err(TriggerError::Arguments { .. })));
    }
}

#[test]
fn a_trigger_with_one_request_id_is_taken_once_also_after_a_restart() {
    let mut bench = Bench::new(|robot, input, _| robot.seen("OPEN", said(input).1).fire());
    let mut call = bench.call("A", "go", vec![wire::to_bytes(&bench.me()), wire::to_bytes(&1u64)]);
    call.request = Some(named("request"));
    let session = bench.peer.trigger(START, call.clone()).unwrap();
    bench.restart();
    assert_eq!(bench.peer.trigger(START, call), Ok(session));
    assert_eq!(bench.peer.instances().len(), 1);
}
