//! LANGUAGE 5.3: segments that are completed before the step; what is learned from what is verified.

use super::*;
use crate::chain::Segment;

struct History {
    history: Segment,
}
crate::wire_record!(History { history });

fn chain(key: &Keypair, blocks: u64) -> Segment {
    extend(Segment::empty(key.peer_id()), key, blocks)
}

fn extend(chain: Segment, key: &Keypair, blocks: u64) -> Segment {
    (0..blocks).fold(chain, |chain, n| {
        let block = chain.next(START - 1_000 + n as i64, "NOTE", payload(n)).signed_by(key);
        chain.append(block).unwrap()
    })
}

/// Remembers the height of every history.
fn reading(robot: &Robot, input: &Input, env: &mut dyn Env) -> Answer {
    let Input::Message(incoming) = input else { return Ok(None) };
    let History { history } = wire::decode_checked(&incoming.envelope.payload).unwrap();
    assert!(history.is_complete() && history.verify().is_ok(), "a machine sees whole segments only");
    let head = env.read(&history.author()).unwrap();
    robot.seen("OPEN", head.height).fire()
}

/// An envelope over the whole, and the same with another segment on the wire.
fn history(bench: &mut Bench, whole: &Segment, sent: &Segment) -> (Hash, Vec<u8>) {
    let full = bench.raw("HISTORY", wire::to_bytes(&History { history: whole.clone() }));
    let signed = full.signed_by(&bench.other.clone());
    let id = signed.id();
    let payload = wire::to_bytes(&History { history: sent.clone() }).into();
    (id, wire::to_bytes(&Packet::Message(Envelope { payload, ..signed })))
}

fn heights(bench: &Bench) -> Vec<u64> {
    bench
        .peer
        .instances()
        .iter()
        .flat_map(|view| {
            bench
                .peer
                .field(&view.key, "seen")
                .map_or_else(Vec::new, |b| wire::decode_checked::<Vec<u64>>(&b).unwrap())
        })
        .collect()
}

#[test]
fn a_segment_that_begins_above_what_is_known_is_completed_from_the_cache() {
    let mut bench = Bench::new(reading);
    let other = bench.other.clone();
    let short = chain(&other, 3);
    let (_, bytes) = history(&mut bench, &short, &short);
    bench.bytes(&bytes);
    let long = extend(short, &other, 4);
    let (id, bytes) = history(&mut bench, &long, &long.from_height_on(3));
    bench.restart();
    bench.bytes(&bytes);
    assert_eq!(heights(&bench), [2, 6]);
    assert!(bench.acks().contains(&id), "the id is that of the whole");
    assert_eq!(bench.peer.cached_chain(&other.peer_id()), Some(&long));
}

#[test]
fn blocks_that_are_missing_are_asked_for_and_the_message_is_heard_when_they_come() {
    let mut bench = Bench::new(reading);
    let other = bench.other.clone();
    let whole = chain(&other, 7);
    let (id, bytes) = history(&mut bench, &whole, &whole.from_height_on(5));
    bench.bytes(&bytes);
    assert_eq!((heights(&bench), bench.peer.instances().len()), (vec![], 0));
    let base = whole.at(4).unwrap().hash();
    let wants: Vec<_> = bench.packets();
    assert_eq!(wants, [(other.peer_id(), Packet::Want { author: other.peer_id(), from: 0, to: base })]);
    // In parts.
    let first = whole.prefix(&whole.at(1).unwrap().hash()).unwrap();
    bench.bytes(&wire::to_bytes(&Packet::Have(first)));
    assert_eq!(
        bench.packets(),
        [(other.peer_id(), Packet::Want { author: other.peer_id(), from: 2, to: base })]
    );
    let second = whole.prefix(&base).unwrap().from_height_on(2);
    bench.bytes(&wire::to_bytes(&Packet::Have(second)));
    assert_eq!((heights(&bench), bench.acks()), (vec![6], vec![id]));
}

#[test]
fn blocks_that_do_not_come_are_waited_for_so_long() {
    let mut bench = Bench::new(reading);
    let whole = chain(&bench.other.clone(), 7);
    let (_, bytes) = history(&mut bench, &whole, &whole.from_height_on(5));
    bench.bytes(&bytes);
    bench.tick(limits::AWAITING_FOR);
    assert_eq!(bench.count(Reason::Incomplete), 1);
    // Sent again in full, as a sender does whose part was not understood.
    let (_, bytes) = history(&mut bench, &whole, &whole);
    bench.bytes(&bytes);
    assert_eq!(heights(&bench), [6]);
}

#[test]
fn a_block_with_a_false_signature_is_refused_in_a_message_and_in_an_answer() {
    let mut bench = Bench::new(reading);
    let (other, stranger) = (bench.other.clone(), Keypair::from_seed(&[9; 32]));
    let forged = Segment::empty(other.peer_id());
    let block = forged.next(START, "NOTE", payload(1)).signed_by(&stranger);
    let forged = forged.append(block).unwrap();
    let (_, bytes) = history(&mut bench, &forged, &forged);
    bench.bytes(&bytes);
    assert_eq!(bench.count(Reason::Signature), 1);
    bench.bytes(&wire::to_bytes(&Packet::Have(forged)));
    assert_eq!((bench.count(Reason::Incomplete), bench.peer.cached_chain(&other.peer_id())), (1, None));
}

#[test]
fn two_branches_are_a_proof_that_verifies_alone() {
    let mut bench = Bench::new(reading);
    let other = bench.other.clone();
    let base = chain(&other, 2);
    let (one, two) = (
        extend(base.clone(), &other, 1),
        base.append(base.next(START, "NOTE", payload(77)).signed_by(&other)).unwrap(),
    );
    for branch in [&one, &two] {
        let (_, bytes) = history(&mut bench, branch, branch);
        bench.bytes(&bytes);
    }
    let proofs = bench.peer.proofs();
    assert_eq!((proofs.len(), proofs[0].author(), proofs[0].verify().is_ok()), (1, other.peer_id(), true));
    // The cache keeps the first branch; the second still reaches the machine.
    assert_eq!(bench.peer.cached_chain(&other.peer_id()), Some(&one));
    assert_eq!(heights(&bench), [2, 2]);
}

#[test]
fn a_sender_leaves_out_what_the_receiver_acknowledged_and_sends_all_when_asked() {
    let receiver = PeerId([3; 32]);
    let mut bench = Bench::new(move |_, input, env| {
        for _ in 0..3 {
            env.append("NOTE", payload(said(input).1))?;
        }
        let payload = wire::to_bytes(&History { history: env.chain() });
        Move::to("OPEN").effect(Effect::Send { to: receiver, message: "HISTORY".to_owned(), payload }).fire()
    });
    let sent = |bench: &mut Bench| -> (Hash, Segment) {
        let carried = bench.packets().into_iter().find_map(|(to, packet)| match packet {
            Packet::Message(envelope) if to == receiver => {
                let History { history } = wire::decode_checked(&envelope.payload).unwrap();
                let whole = History { history: history.complete(bench.peer.chain()).unwrap() };
                let payload = wire::to_bytes(&whole).into();
                Some((Envelope { payload, ..envelope }.id(), history))
            }
            _ => None,
        });
        carried.unwrap()
    };
    bench.say("HELLO", 1);
    let (id, history) = sent(&mut bench);
    assert_eq!((history.from_height(), history.len()), (0, 3));
    let ack = wire::to_bytes(&Packet::Ack(vec![id]));
    bench.peer.handle(START, PeerInput::Datagram { from: receiver, bytes: &ack }).unwrap();
    bench.say("NEXT", 2);
    let (_, history) = sent(&mut bench);
    assert_eq!((history.from_height(), history.len()), (3, 3));
    // The receiver lost its cache.
    let want = Packet::Want { author: bench.me(), from: 0, to: history.base() };
    bench.peer.handle(START, PeerInput::Datagram { from: receiver, bytes: &wire::to_bytes(&want) }).unwrap();
    let (to, answer) = bench.packets().remove(0);
    assert_eq!(to, receiver);
    let Packet::Have(part) = answer else { panic!("{answer:?}") };
    assert_eq!((part.from_height(), part.len(), part.verify().is_ok()), (0, 3, true));
    bench.now += limits::RETRY_FIRST;
    let (_, history) = sent(&mut bench);
    assert_eq!((history.from_height(), history.len()), (0, 6));
}

#[test]
fn what_read_knows_survives_a_restart() {
    let mut bench = Bench::new(reading);
    let whole = chain(&bench.other.clone(), 5);
    let (_, bytes) = history(&mut bench, &whole, &whole);
    bench.bytes(&bytes);
    bench.restart();
    assert_eq!(bench.peer.cached_chain(&whole.author()), Some(&whole));
}

#[test]
fn requests_for_blocks_are_answered_so_often_a_second() {
    let mut bench = Bench::new(reading);
    let block = bench.peer.append(START, "NOTE", payload(1)).unwrap();
    let want = wire::to_bytes(&Packet::Want { author: bench.me(), from: 0, to: block.hash() });
    for _ in 0..100 {
        bench.bytes(&want);
    }
    assert_eq!(bench.packets().len(), limits::WANTS_PER_SECOND_MAX as usize);
    bench.now += limits::SECOND;
    bench.bytes(&want);
    assert_eq!(bench.packets().len(), 1);
}

/// A peer that begins with a timer, appends when it fires, and is opened on an old copy of its journal.
fn restored(patience: Option<i64>) -> (Bench, Segment) {
    let script = |robot: &Robot, input: &Input, env: &mut dyn Env| match said(input).0.as_str() {
        "HELLO" => robot.seen("OPEN", 0).timers(&[(START + 1, 0, None)]).fire(),
        "NEXT" | "timeout" => {
            let block = env.append("NOTE", payload(1))?;
            robot.seen("OPEN", block.height()).fire()
        }
        _ => plain(robot, input, env),
    };
    let mut bench = Bench::new(script);
    bench.peer.append(START, "NOTE", payload(0)).unwrap();
    bench.say("HELLO", 0);
    let old = bench.peer.chain().clone();
    // What happened after the backup.
    let newer = extend(old, &Keypair::from_seed(&[1; 32]), 3);
    let mut config = Bench::config(1);
    (config.neighbours, config.own_head_patience) = (vec![bench.other.peer_id()], patience);
    let journal = Box::new(bench.journal.clone());
    bench.peer = Bench::open_with(config, vec![Arc::clone(&bench.program)], journal, START);
    (bench, newer)
}

#[test]
fn a_host_restored_from_a_backup_takes_its_own_blocks_back_before_it_appends() {
    let (mut bench, newer) = restored(Some(limits::SECOND));
    let want = Packet::Want { author: bench.me(), from: 1, to: Hash::ZERO };
    assert_eq!(bench.packets(), [(bench.other.peer_id(), want)]);
    // Meanwhile nothing appends: not a message, a time limit, a trigger, nor the host.
    bench.now += 10;
    let next = bench.say("NEXT", 1);
    bench.tick(0);
    assert_eq!((bench.poke(0), bench.acks()), (Err(TriggerError::Refused(Reason::Starting)), vec![]));
    assert_eq!(bench.peer.append(bench.now, "NOTE", payload(5)), Err(HostError::Starting));
    assert_eq!(bench.peer.chain().len(), 1);
    bench.bytes(&wire::to_bytes(&Packet::Have(newer.from_height_on(1))));
    assert_eq!(bench.peer.chain(), &newer);
    // It asks on until there is no more.
    bench.bytes(&wire::to_bytes(&Packet::Have(newer.from_height_on(4))));
    bench.tick(0);
    bench.deliver(&next);
    assert_eq!(bench.seen(), [0, 4, 5]);
    bench.restart();
    assert!(bench.peer.chain().prefix(&newer.head_hash()).is_some() && bench.peer.chain().verify().is_ok());
}

#[test]
fn it_does_not_wait_for_ever_and_takes_no_blocks_that_it_did_not_sign() {
    let (mut bench, _) = restored(Some(limits::SECOND));
    bench.packets();
    let forged = extend(bench.peer.chain().clone(), &bench.other.clone(), 2);
    bench.bytes(&wire::to_bytes(&Packet::Have(forged.from_height_on(1))));
    assert_eq!(bench.peer.chain().len(), 1);
    let (mut bench, _) = restored(Some(limits::SECOND));
    assert_eq!(bench.peer.next_deadline(), Some(START + limits::SECOND));
    bench.tick(limits::SECOND);
    assert_eq!(bench.seen(), [0, 1], "the time limit that waited");
}

#[test]
fn a_peer_is_told_what_is_known_of_its_own_chain() {
    let mut bench = Bench::new(reading);
    let other = bench.other.clone();
    let whole = chain(&other, 5);
    let want = |from| wire::to_bytes(&Packet::Want { author: other.peer_id(), from, to: Hash::ZERO });
    bench.bytes(&want(2));
    let nothing = Packet::Have(Segment::empty(other.peer_id()));
    assert_eq!(bench.packets(), [(other.peer_id(), nothing)]);
    assert!(bench.peer.learn_chain(&whole));
    bench.bytes(&want(2));
    assert_eq!(bench.packets(), [(other.peer_id(), Packet::Have(whole.from_height_on(2)))]);
}
