//! TCP between programs of the simulated network, as they see it through their hosts and as it is on the wire.

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
mod two_hosts;

use asking::{World, at, ms};
use host::{Call, Carrier, Error, Host, Interest, Nagle, Opt, Reply, Time};
use sim::Net;
use std::io::{Read, Write};
use std::time::Duration;
use two_hosts::{A, B, Said, after, lines, pair, tap, text};

/// Sends back what comes until the end, and then closes.
fn echo(host: &mut dyn Host, port: u16) -> host::Result<()> {
    let mut listener = host.listen_tcp(at([0; 4], port), &[])?;
    let mut stream = listener.accept(Time::NEVER)?.unwrap();
    let mut bytes = [0; 5000];
    loop {
        match stream.read(&mut bytes)? {
            0 => return Ok(()),
            count => stream.write_all(&bytes[..count])?,
        }
    }
}

#[test]
fn hundred_kilobytes_come_back_right_whatever_the_cable_does() {
    let (mut lost, mut retransmits) = (0, 0);
    for seed in 1..=20 {
        let bends = ["link.loss=3%", "link.duplicate=2%", "link.reorder=5%", "link.jitter=2ms"];
        let world = pair(&bends, &[], seed);
        let tap = tap(&world, "link");
        let server = sim::spawn(&world.0, "b", |host| echo(host, 7)).unwrap();
        let mut host = world.guest("a");
        let mut stream = host.connect_tcp(at(B, 7), &[], Time::NEVER).unwrap();
        let (sent, mut back) = (text(100_000), vec![]);
        let mut left = &sent[..];
        let mut piece = [0; 3000];
        while back.len() < sent.len() {
            let interest = Interest { socket: stream.id(), read: true, write: !left.is_empty() };
            host.wait(&[interest], Time::NEVER).unwrap();
            stream.set_deadline(host.now());
            if let Ok(count) = stream.write(left) {
                left = &left[count..];
            }
            if let Ok(count) = stream.read(&mut piece) {
                back.extend_from_slice(&piece[..count]);
            }
            if left.is_empty() {
                stream.set_deadline(Time::NEVER);
            }
        }
        assert!(back == sent, "seed {seed}");
        stream.finish().unwrap();
        assert_eq!(stream.read(&mut piece).unwrap(), 0, "seed {seed}");
        retransmits += stream.info().unwrap().retransmits.unwrap();
        server.join().unwrap().unwrap();
        lost += tap.borrow().iter().filter(|said| said.len > 0).count();
    }
    assert!(retransmits > 60, "{retransmits} segments were sent again");
    assert!(lost > 20 * 2 * 100_000 / 1460, "{lost} data segments");
}

#[test]
fn connect_that_comes_to_nothing_says_what_came_of_it_and_who_said_so() {
    let connect = |world: &World, to: [u8; 4], port, until| {
        let mut client = world.guest("client");
        let error = client.connect_tcp(at(to, port), &[], until).err().unwrap();
        (error, client.now())
    };
    let unreachable = |by: [u8; 4], code| Error::Unreachable { by: Some(by.into()), code };
    let mtu = || World::of("mtu");
    let server = [10, 1, 3, 2];
    assert_eq!(connect(&mtu(), server, 81, Time::NEVER), (Error::Refused, after(24.0)), "ARP on the way, too");
    assert_eq!(connect(&mtu(), [10, 9, 9, 9], 80, Time::NEVER), (unreachable([10, 1, 1, 2], 0), after(12.0)));
    let (error, then) = connect(&mtu(), [10, 1, 3, 9], 80, Time::NEVER);
    assert_eq!(error, unreachable([10, 1, 2, 2], 1));
    assert!(after(3000.0) < then && then < after(3050.0), "r3 asks three times: {then:?}");
    let nobody = connect(&mtu(), [10, 1, 0, 77], 80, Time::NEVER);
    assert_eq!(nobody, (unreachable([10, 1, 0, 2], 1), after(3000.0)), "the host itself says so");

    let mut silent = Net::load("mtu").unwrap();
    silent.fault("drop tcp to server").unwrap();
    let silent = || World::new(&silent, 1);
    assert_eq!(connect(&silent(), server, 80, after(5000.0)), (Error::TimedOut, after(5000.0)));
    // RFC 9293 section 3.8.3: a SYN is repeated for "at least 3 minutes".
    assert_eq!(connect(&silent(), server, 80, Time::NEVER), (Error::TimedOut, after(180_000.0)));

    let mut a = pair(&[], &[], 1).guest("a");
    let to_everybody = [[10, 0, 0, 255], [255; 4], [224, 0, 0, 1], [0; 4], [1, 2, 3, 4]];
    for to in to_everybody {
        let error = a.connect_tcp(at(to, 80), &[], Time::NEVER).err().unwrap();
        assert_eq!(error, Error::NoRoute(at(to, 0).ip()), "{to:?}");
    }
}

#[test]
fn small_write_waits_for_the_acknowledgment_and_each_option_lets_it_go_in_its_way() {
    // b acknowledges late from the start: as Linux does once a program has answered.
    let sent = |client: &[Opt], late: bool| {
        let world = pair(&[], &[], 1);
        let tap = tap(&world, "link");
        let options = if late { vec![Opt::QuickAck(false)] } else { vec![] };
        let server = sim::spawn(&world.0, "b", move |host| {
            let mut stream = host.listen_tcp(at([0; 4], 7), &options)?.accept(Time::NEVER)?.unwrap();
            Ok(stream.read_exact(&mut [0; 1460])?)
        });
        let mut a = world.guest("a");
        let mut stream = a.connect_tcp(at(B, 7), client, Time::NEVER).unwrap();
        assert_eq!(a.now(), after(40.0), "a round trip for ARP, and one for the handshake");
        stream.write_all(&[1; 500]).unwrap();
        stream.write_all(&[2; 960]).unwrap();
        a.sleep(after(1000.0)).unwrap();
        server.unwrap().join().unwrap().unwrap();
        let data = |said: &Said| (said.by == 1 && said.len > 0).then(|| said.to_string());
        tap.borrow().iter().filter_map(data).collect::<Vec<_>>()
    };
    assert_eq!(sent(&[], true), ["40ms 1> . 500", "100ms 1> . 960"], "40 ms of delay and a round trip");
    assert_eq!(sent(&[], false), ["40ms 1> . 500", "60ms 1> . 960"], "a round trip");
    assert_eq!(sent(&[Opt::Nagle(Nagle::Rfc896)], true), ["40ms 1> . 500", "100ms 1> . 960"]);
    assert_eq!(sent(&[Opt::NoDelay(true)], true), ["40ms 1> . 500", "40ms 1> . 960"]);
    assert_eq!(sent(&[Opt::Nagle(Nagle::Off)], true), ["40ms 1> . 500", "40ms 1> . 960"]);
    assert_eq!(sent(&[Opt::Cork(true)], true), ["40ms 1> . 1460"]);
    assert_eq!(sent(&[Opt::MaxSegment(500)], true)[..2], ["40ms 1> . 500", "40ms 1> . 500"]);
}

#[test]
fn after_half_close_the_other_direction_goes_on() {
    let world = pair(&[], &[], 1);
    let server = sim::spawn(&world.0, "b", |host| {
        let mut stream = host.listen_tcp(at([0; 4], 7), &[])?.accept(Time::NEVER)?.unwrap();
        let mut question = String::new();
        stream.read_to_string(&mut question)?;
        host.sleep(host.now() + ms(500.0))?;
        Ok(stream.write_all(format!("{question}? yes").as_bytes())?)
    });
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(at(B, 7), &[], Time::NEVER).unwrap();
    stream.write_all(b"all").unwrap();
    stream.finish().unwrap();
    let refused = stream.write(b"more").unwrap_err();
    assert_eq!(refused.to_string(), "nothing can be sent any more: this side has sent its FIN");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!((answer.as_str(), a.now()), ("all? yes", after(560.0)));
    server.unwrap().join().unwrap().unwrap();
}

#[test]
fn peer_that_never_reads_stops_the_writer_and_a_deadline_frees_it() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let server = sim::spawn(&world.0, "b", |host| {
        let options = [Opt::RecvBuffer(20_000)];
        let mut stream = host.listen_tcp(at([0; 4], 7), &options)?.accept(Time::NEVER)?.unwrap();
        host.sleep(Time::START + ms(30_000.0))?;
        let mut all = vec![];
        stream.read_to_end(&mut all)?;
        assert!(all == text(all.len()) && all.len() > 49_000);
        Ok(())
    });
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(at(B, 7), &[Opt::SendBuffer(30_000)], Time::NEVER).unwrap();
    stream.set_deadline(after(10_000.0));
    let bytes = text(100_000);
    let mut written = 0;
    let stopped = loop {
        match stream.write(&bytes[written..]) {
            Ok(count) => written += count,
            Err(error) => break Error::from(error),
        }
    };
    assert_eq!((stopped, a.now()), (Error::TimedOut, after(10_000.0)));
    // The window is full, and so is the buffer, but for less than a third.
    assert!((40_000..=50_000).contains(&written), "{written}");
    let info = stream.info().unwrap();
    assert_eq!((info.rwnd, info.state.as_deref()), (Some(0), Some("ESTABLISHED")));
    assert_eq!(a.wait(&[Interest { socket: stream.id(), read: true, write: true }], after(11_000.0)).unwrap(), []);
    // It reads at last, and all goes on.
    stream.set_deadline(Time::NEVER);
    stream.write_all(&bytes[written..50_000]).unwrap();
    stream.finish().unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    server.unwrap().join().unwrap().unwrap();
    let probes = tap.borrow().iter().filter(|said| said.by == 1 && said.len == 1).count();
    assert!((3..20).contains(&probes), "a closed window is probed, and seldom: {probes}");
}

#[test]
fn who_leaves_without_reading_all_breaks_the_connection_off() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let server = sim::spawn(&world.0, "b", move |host| {
        let _stream = host.listen_tcp(at([0; 4], 7), &[])?.accept(Time::NEVER)?.unwrap();
        host.sleep(after(100.0))
    });
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(at(B, 7), &[], Time::NEVER).unwrap();
    stream.write_all(b"nobody reads this").unwrap();
    let error = Error::from(stream.read(&mut [0]).unwrap_err());
    assert_eq!((error, a.now()), (Error::Reset, after(110.0)));
    assert_eq!(Error::from(stream.write(b"more").unwrap_err()), Error::Reset);
    assert_eq!(lines(&tap).last().unwrap(), "100ms 2> R");
    server.unwrap().join().unwrap().unwrap();
}

#[test]
fn program_that_ends_leaves_no_socket_behind() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let mut program = sim::driver(&world.0, "a").unwrap();
    let mut ask = |call| program.call(call).1.unwrap();
    ask(Call::Listen(at([0; 4], 99), vec![]));
    let Reply::Socket(id, ..) = ask(Call::Connect(at(B, 22), vec![])) else { panic!() };
    ask(Call::Connected(id, Time::NEVER));
    ask(Call::Exit);
    let mut a = world.guest("a");
    a.sleep(after(100.0)).unwrap();
    assert_eq!(lines(&tap)[3..], ["40ms 1> F.", "50ms 2> .", "50ms 2> F.", "60ms 1> ."]);
    assert!(a.listen_tcp(at([0; 4], 99), &[]).is_ok());
}

#[test]
fn closing_without_linger_is_a_reset_and_else_a_fin() {
    let last = |options: &[Opt]| {
        let world = pair(&[], &[], 1);
        let tap = tap(&world, "link");
        let mut a = world.guest("a");
        let stream = a.connect_tcp(at(B, 22), options, Time::NEVER).unwrap();
        drop(stream);
        a.sleep(after(200.0)).unwrap();
        let lines = lines(&tap);
        lines[3..].to_vec()
    };
    assert_eq!(last(&[Opt::Linger(Some(Duration::ZERO))]), ["40ms 1> R"]);
    assert_eq!(last(&[]), ["40ms 1> F.", "50ms 2> .", "50ms 2> F.", "60ms 1> ."]);
    let mut a = pair(&[], &[], 1).guest("a");
    let waits = a.connect_tcp(at(B, 22), &[Opt::Linger(Some(ms(1.0)))], Time::NEVER).err().unwrap();
    let told = "the simulated network has no closing that waits; finish, then read to the end";
    assert_eq!(waits.to_string(), told);
}

#[test]
fn both_may_close_at_once_and_both_wait_then() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let server = sim::spawn(&world.0, "b", |host| {
        let mut stream = host.listen_tcp(at([0; 4], 7), &[])?.accept(Time::NEVER)?.unwrap();
        host.sleep(after(100.0))?;
        stream.finish()?;
        let ended = stream.read(&mut [0])?;
        let state = stream.info()?.state;
        assert_eq!((ended, state.as_deref(), host.now()), (0, Some("CLOSING"), after(110.0)));
        host.sleep(after(120.0))?;
        assert_eq!(stream.info()?.state.as_deref(), Some("TIME-WAIT"));
        Ok(())
    });
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(at(B, 7), &[], Time::NEVER).unwrap();
    a.sleep(after(100.0)).unwrap();
    stream.finish().unwrap();
    assert_eq!(stream.info().unwrap().state.as_deref(), Some("FIN-WAIT-1"));
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    a.sleep(after(200.0)).unwrap();
    assert_eq!(stream.info().unwrap().state.as_deref(), Some("TIME-WAIT"));
    server.unwrap().join().unwrap().unwrap();
    let lines = lines(&tap);
    assert_eq!(lines[3..], ["100ms 2> F.", "100ms 1> F.", "110ms 1> .", "110ms 2> ."]);
}

#[test]
fn one_port_has_connections_to_several_peers_at_once() {
    // RFC 9293 section 3.4: it is the pair of ends that makes a connection.
    let world = pair(&[], &[], 1);
    let mut a = world.guest("a");
    let own = [Opt::Source(at([0; 4], 5555))];
    let mut first = a.connect_tcp(at(B, 22), &own, Time::NEVER).unwrap();
    let mut second = a.connect_tcp(at(B, 80), &own, Time::NEVER).unwrap();
    assert_eq!([first.local(), second.local()], [at(A, 5555); 2]);
    assert_eq!(a.connect_tcp(at(B, 22), &own, Time::NEVER).map(drop), Err(Error::AddressInUse(at(A, 5555))));
    first.write_all(b"to 22").unwrap();
    second.write_all(b"to 80").unwrap();
    let mut echoes = [[0; 5]; 2];
    first.read_exact(&mut echoes[0]).unwrap();
    second.read_exact(&mut echoes[1]).unwrap();
    assert_eq!(echoes, [*b"to 22", *b"to 80"]);
    // A port where somebody listens is nobody's to connect from.
    let _listener = a.listen_tcp(at([0; 4], 6666), &[]).unwrap();
    let taken = a.connect_tcp(at(B, 22), &[Opt::Source(at([0; 4], 6666))], Time::NEVER).map(drop);
    assert_eq!(taken, Err(Error::AddressInUse(at(A, 6666))));
}

#[test]
fn time_wait_keeps_the_port_for_a_minute_after_the_program_is_gone() {
    let world = pair(&[], &[], 1);
    let own = Opt::Source(at([0; 4], 5555));
    let again = |options: Vec<Opt>| {
        let mut a = world.guest("a");
        let stream = a.connect_tcp(at(B, 22), &options, Time::NEVER).map(drop);
        a.sleep(a.now() + ms(100.0)).unwrap();
        stream
    };
    let taken = Err(Error::AddressInUse(at(A, 5555)));
    assert_eq!(again(vec![own.clone()]), Ok(()));
    assert_eq!(again(vec![own.clone()]), taken);
    assert_eq!(again(vec![own.clone(), Opt::ReuseAddress(true)]), taken, "both ends would be the same");
    let mut a = world.guest("a");
    assert_eq!(a.listen_tcp(at([0; 4], 5555), &[]).map(drop), Err(Error::AddressInUse(at([0; 4], 5555))));
    a.listen_tcp(at([0; 4], 5555), &[Opt::ReuseAddress(true)]).map(drop).unwrap();
    a.sleep(after(60_100.0)).unwrap();
    assert_eq!(again(vec![own]), Ok(()));
}

#[test]
fn ports_are_given_in_a_row_and_the_row_depends_on_the_seed_and_the_peer() {
    let ports = |seed, port| {
        let world = pair(&[], &[], seed);
        let mut a = world.guest("a");
        [(); 3].map(|()| a.connect_tcp(at(B, port), &[], Time::NEVER).unwrap().local().port())
    };
    let [first, second, third] = ports(1, 22);
    assert_eq!((second, third), (first + 1, first + 2), "RFC 6056 section 3.3.3: a count behind a secret offset");
    assert!((49_152..).contains(&first));
    assert_ne!(ports(2, 22)[0], first);
    assert_ne!(ports(1, 80)[0], first);
    assert_eq!(ports(1, 22)[0], first);
}

#[test]
fn listener_holds_as_many_connections_as_its_backlog_and_a_syn_too_many_comes_again() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let mut b = world.guest("b");
    let mut listener = b.listen_tcp(at(B, 7), &[Opt::Backlog(2)]).unwrap();
    assert_eq!(listener.accept(b.now()).map(|stream| stream.is_none()), Ok(true));
    let mut a = world.guest("a");
    let mut connect = |until| a.connect_tcp(at(B, 7), &[], until);
    let first = connect(after(200.0)).unwrap();
    let second = connect(after(200.0)).unwrap();
    assert_eq!(connect(after(200.0)).map(drop), Err(Error::TimedOut));
    assert_eq!(b.wait(&[Interest::read(listener.id())], Time::NEVER).unwrap(), [0]);
    let peers = [(); 2].map(|()| listener.accept(Time::NEVER).unwrap().unwrap().peer());
    assert_eq!(peers, [first.local(), second.local()], "in their order");
    let syns = || tap.borrow().iter().filter(|said| said.segment.syn && said.by == 1).count();
    let before = syns();
    connect(after(5000.0)).unwrap();
    assert_eq!(syns(), before + 1);
    // Who stops listening breaks off what it has not accepted.
    let mut waiting = connect(after(5000.0)).unwrap();
    drop(listener);
    assert_eq!(Error::from(waiting.read(&mut [0]).unwrap_err()), Error::Reset);
    assert_eq!(connect(after(5000.0)).map(drop), Err(Error::Refused));
}

#[test]
fn port_is_listened_at_once_and_services_have_theirs() {
    let world = pair(&[], &[], 1);
    let mut b = world.guest("b");
    let listen = |b: &mut host::Guest, address, port| b.listen_tcp(at(address, port), &[]);
    for (address, port) in [(B, 22), ([0; 4], 443), ([127, 0, 0, 1], 80)] {
        assert_eq!(listen(&mut b, address, port).map(drop), Err(Error::AddressInUse(at(address, port))));
    }
    assert_eq!(listen(&mut b, A, 7).err().unwrap().to_string(), "10.0.0.1 is no address of this host");
    let all = listen(&mut b, [0; 4], 7).unwrap();
    assert_eq!(listen(&mut b, B, 7).map(drop), Err(Error::AddressInUse(at(B, 7))));
    drop(all);
    let _one = listen(&mut b, B, 7).unwrap();
    let _other = listen(&mut b, [127, 0, 0, 1], 7).unwrap();
    assert!(listen(&mut b, B, 0).unwrap().local().port() >= 49_152);
    // UDP has ports of its own: RFC 9293 and RFC 768 number them apart.
    assert!(b.bind_udp(at(B, 7), &[]).is_ok());
}

#[test]
fn host_talks_to_itself_without_the_wire_and_in_no_time() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let server = sim::spawn(&world.0, "b", |host| echo(host, 7));
    let mut b = world.guest("b");
    for to in [B, [127, 0, 0, 1]] {
        let mut stream = b.connect_tcp(at(to, 22), &[], Time::NEVER).unwrap();
        assert_eq!(stream.local().ip(), at(to, 0).ip());
        let (sent, mut back) = (text(300_000), vec![0; 300_000]);
        for (sent, back) in sent.chunks(50_000).zip(back.chunks_mut(50_000)) {
            stream.write_all(sent).unwrap();
            stream.read_exact(back).unwrap();
        }
        assert!(sent == back);
    }
    let mut stream = b.connect_tcp(at(B, 7), &[], Time::NEVER).unwrap();
    stream.write_all(b"another program of this host").unwrap();
    stream.finish().unwrap();
    let mut back = String::new();
    stream.read_to_string(&mut back).unwrap();
    assert_eq!((back.as_str(), b.now() < after(1000.0)), ("another program of this host", true));
    server.unwrap().join().unwrap().unwrap();
    assert_eq!(lines(&tap), [""; 0]);
}

#[test]
fn options_are_what_the_wire_shows() {
    let world = pair(&[], &[], 1);
    let tap = tap(&world, "link");
    let mut a = world.guest("a");
    let connect = |a: &mut host::Guest, options: &[Opt]| a.connect_tcp(at(B, 22), options, Time::NEVER);
    let plain = connect(&mut a, &[]).unwrap();
    let options = [Opt::Ttl(9), Opt::Tos(16), Opt::MaxSegment(600), Opt::Source(at(A, 5555)), Opt::RecvBuffer(5000)];
    let mut stream = connect(&mut a, &options).unwrap();
    stream.set(Opt::Ttl(33)).unwrap();
    stream.write_all(&[0; 2000]).unwrap();
    a.sleep(after(200.0)).unwrap();
    let syns: Vec<_> = tap.borrow().iter().filter(|said| said.by == 1 && said.segment.syn).cloned().collect();
    let shown = |said: &Said| {
        let Said { ip, segment, ports, .. } = said;
        (ip.ttl, ip.dscp, ip.dont_fragment, segment.options.mss, segment.window, ports.0)
    };
    assert_eq!(shown(&syns[0]), (64, 0, true, Some(1460), 65_535, plain.local().port()));
    assert_eq!(shown(&syns[1]), (9, 4, true, Some(600), 5000, 5555));
    let data: Vec<_> =
        tap.borrow().iter().filter(|said| said.by == 1 && said.len > 0).map(|said| (said.len, said.ip.ttl)).collect();
    assert_eq!(data, [(600, 33), (600, 33), (600, 33), (200, 33)]);
    let identifications: std::collections::BTreeSet<u16> =
        tap.borrow().iter().filter(|said| said.by == 1).map(|said| said.ip.identification).collect();
    assert_eq!(
        identifications.len(),
        tap.borrow().iter().filter(|said| said.by == 1).count(),
        "each packet has its own"
    );
    for (wrong, said) in [
        (Opt::FastOpen(true), "the simulated network has no option TCP_FASTOPEN for TCP sockets"),
        (Opt::Congestion("cubic".into()), "the simulated network has no congestion control 'cubic', only reno"),
        (Opt::MaxSegment(87), "a segment of 87 bytes: 88 to 32767 are allowed"),
        (Opt::Source(at(B, 0)), "10.0.0.2 is no address of this host"),
    ] {
        assert_eq!(connect(&mut a, &[wrong]).err().unwrap().to_string(), said);
    }
}

#[test]
fn connection_to_a_host_that_is_gone_ends_when_its_options_say() {
    let ends = |options: &[Opt], writes: bool| {
        let world = pair(&[], &["b down from 1 s"], 1);
        let mut a = world.guest("a");
        let mut stream = a.connect_tcp(at(B, 22), options, Time::NEVER).unwrap();
        a.sleep(after(2000.0)).unwrap();
        if writes {
            stream.write_all(b"hello?").unwrap();
        }
        let error = Error::from(stream.read(&mut [0]).unwrap_err());
        (error, a.now().0 / 1_000_000_000)
    };
    assert_eq!(ends(&[], false), (Error::Idle, 2), "nothing will ever happen");
    let (error, second) = ends(&[Opt::UserTimeout(ms(20_000.0))], true);
    assert!(matches!(error, Error::TimedOut | Error::Unreachable { .. }), "{error}");
    assert_eq!(second, 22);
    // Ten seconds of silence, nine probes every 75 seconds.
    let (error, second) = ends(&[Opt::KeepAlive(Some(ms(10_000.0)))], false);
    assert!(matches!(error, Error::TimedOut | Error::Unreachable { .. }), "{error}");
    assert_eq!(second, 685);
}
