//! What a simulated world promises whatever the network: one order, one result, and no knowledge but bytes off a link.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod asking;

use asking::{Answer, Sink, World, ask, at, ms};
use host::{Error, Host, Interest, Time};
use sim::{Fate, Net};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wire::icmp;

const SERVER: [u8; 4] = [192, 168, 10, 3];

/// The trace of 20 echoes a second apart on `routers`, bent by `set`.
fn trace(set: &str, seed: u64) -> String {
    let mut net = Net::load("routers").unwrap();
    net.set(set).unwrap();
    let world = World::new(&net, seed);
    let sink = Sink::default();
    world.0.borrow_mut().trace(Box::new(sink.clone()));
    let mut client = world.guest("client");
    for sequence in 1..=20 {
        ask(&mut client, SERVER, sequence, &[]);
    }
    world.0.borrow_mut().finish().unwrap();
    sink.text()
}

#[test]
fn same_seed_has_the_same_trace_200_times_and_another_seed_loses_others() {
    let first = trace("net5.loss=20%", 1);
    assert!(first.contains("\nx "), "some are lost");
    for run in 0..200 {
        assert_eq!(trace("net5.loss=20%", 1), first, "run {run}, seed 1");
    }
    assert_ne!(trace("net5.loss=20%", 2), first);
}

#[test]
fn losses_of_one_link_do_not_move_when_another_is_changed() {
    let lost_on_net5 = |set: &str| {
        let mut net = Net::load("routers").unwrap();
        net.set("net5.loss=20%").unwrap();
        net.set(set).unwrap();
        let world = World::new(&net, 1);
        let mut client = world.guest("client");
        (1..=50)
            .filter(|sequence| matches!(ask(&mut client, SERVER, *sequence, &[]), Answer::Silence))
            .collect::<Vec<u16>>()
    };
    assert_eq!(lost_on_net5("net1.delay=9ms"), lost_on_net5("net1.rate=1Mbit/s"));
}

#[test]
fn one_flipped_bit_in_a_frame_makes_the_answer_vanish() {
    // Ethernet, IP and ICMP headers and the data; but not the sender's hardware address, at which nobody on a cable looks.
    let len = 14 + 20 + 8 + 56;
    for bit in (0..len * 8).filter(|bit| !(48..96).contains(bit)) {
        let world = World::of("routers");
        let mut client = world.guest("client");
        ask(&mut client, SERVER, 1, &[]).reply();
        let mut armed = true;
        let hand = move |_: Time, frame: &mut Vec<u8>| {
            if std::mem::take(&mut armed) {
                assert_eq!(frame.len(), len);
                frame[bit / 8] ^= 0x80 >> (bit % 8);
            }
            Fate::Pass
        };
        world.0.borrow_mut().tamper("net5", Box::new(hand));
        assert!(matches!(ask(&mut client, SERVER, 2, &[]), Answer::Silence), "bit {bit}");
        ask(&mut client, SERVER, 3, &[]).reply();
    }
}

#[test]
fn ten_thousand_echoes_a_second_apart_lose_none_to_the_ageing_of_arp() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    let polls = world.arp_requests("net1");
    for number in 0..10_000_u32 {
        let reply = ask(&mut client, SERVER, 1, &[]).reply();
        assert_eq!(reply.rtt, if number == 0 { ms(72.0) } else { ms(36.0) }, "echo {number}");
        client.sleep(Time::START + Duration::from_secs(u64::from(number) + 1)).unwrap();
    }
    assert!(polls.borrow().len() > 300, "entries were confirmed on the way: {}", polls.borrow().len());
}

#[test]
fn jitter_keeps_the_order_of_a_hundred_echoes_and_reordering_does_not() {
    let sequences = |sets: &[&str]| {
        let mut net = Net::load("routers").unwrap();
        sets.iter().for_each(|set| net.set(set).unwrap());
        let world = World::new(&net, 1);
        let mut client = world.guest("client");
        ask(&mut client, SERVER, 0, &[]).reply();
        let mut socket = client.open_ping(&[]).unwrap();
        for sequence in 1..=100 {
            socket.send(Some(at(SERVER, 0)), &wire::icmp::echo_request(0, sequence, &[])).unwrap();
            client.sleep(client.now() + ms(1.0)).unwrap();
        }
        let end = client.now() + Duration::from_secs(1);
        let replies = std::iter::from_fn(|| socket.recv(end).unwrap());
        replies.map(|reply| u16::from_be_bytes([reply.bytes[6], reply.bytes[7]])).collect::<Vec<u16>>()
    };
    let sorted: Vec<u16> = (1..=100).collect();
    assert_eq!(sequences(&["net5.jitter=20ms", "net3.jitter=20ms"]), sorted);
    let mut reordered = sequences(&["net5.reorder=10%"]);
    assert_ne!(reordered, sorted);
    reordered.sort_unstable();
    assert_eq!(reordered, sorted, "none is lost");
}

#[test]
fn duplicated_frame_is_answered_twice() {
    let mut net = Net::load("routers").unwrap();
    net.set("net10.duplicate=100%").unwrap();
    let world = World::new(&net, 1);
    let mut client = world.guest("client");
    let mut socket = client.open_ping(&[]).unwrap();
    socket.send(Some(at(SERVER, 0)), &wire::icmp::echo_request(0, 1, &[])).unwrap();
    let mut replies = 0;
    while socket.recv(client.now() + Duration::from_secs(1)).unwrap().is_some() {
        replies += 1;
    }
    assert_eq!(replies, 4, "two requests arrive, and each reply is doubled");
}

#[test]
fn packet_that_does_not_fit_is_refused_at_home_and_told_of_on_the_way() {
    let mut net = Net::load("routers").unwrap();
    net.set("net5.mtu=1400").unwrap();
    let world = World::new(&net, 1);
    let mut client = world.guest("client");
    let mut socket = client.open_ping(&[host::Opt::DontFragment(true)]).unwrap();
    let echo = |len| wire::icmp::echo_request(0, 1, &vec![0; len]);
    assert_eq!(socket.send(Some(at(SERVER, 0)), &echo(1473)), Err(Error::TooLong { have: 1481, most: 1480 }));
    socket.send(Some(at(SERVER, 0)), &echo(1472)).unwrap();
    let said = socket.recv(client.now() + Duration::from_secs(1)).unwrap().unwrap().error.unwrap();
    assert_eq!((said.by, said.kind, said.code, said.mtu), ([192, 168, 3, 100].into(), 3, 4, 1400));
}

#[test]
fn socket_bound_to_an_interface_or_an_address_keeps_to_it() {
    let world = World::of("subnets");
    let mut gw = world.guest("gw");
    let lan2 = || host::Opt::Interface("lan2".into());
    ask(&mut gw, [192, 168, 2, 2], 1, &[lan2()]).reply();
    let mut socket = gw.open_ping(&[lan2()]).unwrap();
    let near = Some(at([192, 168, 1, 2], 0));
    assert_eq!(socket.send(near, &wire::icmp::echo_request(0, 1, &[])), Err(Error::NoRoute([192, 168, 1, 2].into())));
    assert!(matches!(gw.open_ping(&[host::Opt::Interface("eth0".into())]), Err(Error::NoSuchInterface { .. })));

    // The far host has no route to .1.100 but its gateway, so the answer shows that it was asked from there.
    ask(&mut gw, [192, 168, 2, 2], 1, &[host::Opt::Source(at([192, 168, 1, 100], 0))]).reply();
    assert!(gw.open_ping(&[host::Opt::Source(at([10, 0, 0, 1], 0))]).is_err());
}

#[test]
fn programs_in_lockstep_have_one_order() {
    let run = || {
        let world = World::of("routers");
        let order = Arc::new(std::sync::Mutex::new(vec![]));
        let seen = Arc::clone(&order);
        let server = sim::spawn(&world.0, "server", move |host| {
            let mut socket = host.bind_udp(at([0; 4], 9000), &[])?;
            for _ in 0..3 {
                let packet = socket.recv(Time::NEVER)?.ok_or(Error::TimedOut)?;
                seen.lock().unwrap().push((host.now(), packet.bytes.clone()));
                socket.send(packet.from, &packet.bytes)?;
            }
            Ok(())
        });
        let mut client = world.guest("client");
        let mut socket = client.bind_udp(at([0; 4], 0), &[]).unwrap();
        for text in [b"one", b"two"] {
            socket.send(Some(at(SERVER, 9000)), text).unwrap();
            assert_eq!(socket.recv(Time::NEVER).unwrap().unwrap().bytes, text);
        }
        drop((client, socket));
        drop(world);
        assert_eq!(server.unwrap().join().unwrap(), Err(Error::Gone), "it waits for a third, and the world ends");
        order.lock().unwrap().clone()
    };
    let first = run();
    assert_eq!(first, [(Time(54_000_000), b"one".to_vec()), (Time(90_000_000), b"two".to_vec())]);
    assert!((0..20).all(|_| run() == first));
}

#[test]
fn wait_without_deadline_ends_when_nothing_will_happen() {
    let world = World::of("routers");
    let mut client = world.guest("client");
    let mut socket = client.open_raw(1).unwrap();
    assert_eq!(socket.recv(Time::NEVER), Err(Error::Idle));
    assert_eq!(client.wait(&[Interest::read(socket.id())], client.now() + ms(5.0)), Ok(vec![]));
    assert_eq!(client.now(), Time::START + ms(5.0));
}

#[test]
fn wait_ends_on_ctrl_c() {
    let world = World::of("routers");
    let stop = Arc::new(AtomicBool::new(false));
    world.0.borrow_mut().stop_on(Arc::clone(&stop));
    let mut client = world.guest("client");
    stop.store(true, Ordering::Relaxed);
    assert_eq!(client.sleep(Time::START + Duration::from_secs(1)), Err(Error::Interrupted));
}

#[test]
fn capture_has_all_that_the_host_sent_and_received_with_its_times() {
    let world = World::of("routers");
    let sink = Sink::default();
    world.0.borrow_mut().capture_host("client", Box::new(sink.clone())).unwrap();
    ask(&mut world.guest("client"), SERVER, 1, &[]).reply();
    world.0.borrow_mut().finish().unwrap();
    let bytes = sink.0.borrow().clone();
    let mut reader = pcap_file::pcapng::PcapNgReader::new(&bytes[..]).unwrap();
    let mut times = vec![];
    while let Some(block) = reader.next_block() {
        if let pcap_file::pcapng::Block::EnhancedPacket(packet) = block.unwrap() {
            times.push((packet.timestamp, packet.data.len()));
        }
    }
    // ARP request and reply, echo request, echo reply.
    assert_eq!(times, [(ms(0.0), 60), (ms(1.0), 60), (ms(1.0), 98), (ms(72.0), 98)]);
}

#[test]
fn network_that_multiplies_packets_ends_the_run_and_says_so() {
    // Each time around the loop there are twice as many, until the TTL of 100 has ended.
    let mut doubling = Net::load("hostile-loop").unwrap();
    doubling.set("net5.duplicate=100%").unwrap();
    let mut faulty = Net::load("hostile-loop").unwrap();
    faulty.fault("double every ip on net5").unwrap();
    for net in [doubling, faulty] {
        let world = World::new(&net, 1);
        let mut client = world.guest("client");
        let mut socket = client.open_ping(&[]).unwrap();
        socket.send(Some(at([192, 168, 10, 3], 0)), &icmp::echo_request(0, 1, b"")).unwrap();
        let said = "more than 250000 frames are under way: something in this network multiplies packets";
        assert_eq!(socket.recv(Time::NEVER), Err(Error::Other(said.into())));
        assert_eq!(client.sleep(Time::NEVER), Err(Error::Other(said.into())), "and it stays ended");
        assert!(client.now() < Time::START + Duration::from_secs(1));
    }
}
