//! What is around TCP in the simulated network: the services of a file, errors and MTUs of the path, faults that name segments, and
//! the record of all connections.

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

use asking::{Sink, World, at, ms};
use host::{Error, Host, Opt, Time};
use sim::Net;
use std::io::{Read, Write};
use two_hosts::{A, B, Said, after, pair, tap, text};
use wire::icmp;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// A host with each service.
fn services() -> World {
    let text = r#"
        title = "Services"
        at = "a"
        [hosts.a]
        on.link = "10.0.0.1/24"
        [hosts.b]
        on.link = "10.0.0.2/24"
        tcp = { 7 = "echo", 9 = "sink", 80 = "http", 99 = "slow 700 B/s", 100 = "slow" }
        [links]
        link = { delay = "10 ms" }
    "#;
    World::parse(text)
}

#[test]
fn services_do_what_their_names_say() {
    let world = services();
    let mut a = world.guest("a");
    let mut talk = |port, question: &[u8], finishes: bool| {
        let mut stream = a.connect_tcp(at(B, port), &[], Time::NEVER).unwrap();
        stream.write_all(question).unwrap();
        if finishes {
            stream.finish().unwrap();
        }
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        answer
    };
    assert!(talk(7, &text(10_000), true) == text(10_000));
    assert_eq!(talk(9, &text(10_000), true), b"");
    let page =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: close\r\n\r\nhello from b\n";
    for question in ["GET / HTTP/1.1\r\nHost: b\r\n\r\n", "\r\nGET /\n\n", "any\r\n\r\n"] {
        assert_eq!(String::from_utf8(talk(80, question.as_bytes(), false)).unwrap(), page);
    }
    assert_eq!(talk(80, b"GET / HTTP/1.1\r\nHost: b\r\n", true), b"", "no end of the head, no answer");
    assert_eq!(talk(99, b"short", true), b"");
}

#[test]
fn service_whose_answers_come_twice_and_late_is_served_all_the_same() {
    let text_of = |answers: &str| {
        format!(
            "title = \"Late\"\nat = \"a\"\nhosts.a = {{ on.link = \"10.0.0.1/24\" }}\nlinks.link = {{ delay = \"10 ms\" }}\n\
             hosts.b = {{ on.link = \"10.0.0.2/24\", tcp.7 = \"echo\", answers = \"{answers}\" }}"
        )
    };
    let world = World::parse(&text_of("twice and late by 300 ms"));
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(at(B, 7), &[], Time::NEVER).unwrap();
    assert_eq!(a.now(), after(340.0));
    let mut back = vec![0; 20_000];
    stream.write_all(&text(20_000)).unwrap();
    stream.read_exact(&mut back).unwrap();
    assert!(back == text(20_000));
    let mut a = World::parse(&text_of("never")).guest("a");
    assert_eq!(a.connect_tcp(at(B, 7), &[], after(5000.0)).map(drop), Err(Error::TimedOut));
}

#[test]
fn slow_reader_makes_the_writer_as_slow() {
    let world = services();
    let tap = tap(&world, "link");
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(at(B, 99), &[], Time::NEVER).unwrap();
    let until_written = |a: &mut host::Guest, stream: &mut dyn host::Stream, len| {
        stream.write_all(&text(len)).unwrap();
        (a.now() - Time::START).as_secs()
    };
    // 128 KiB of room at each end are filled at once. What comes then waits until 700 bytes a second have made room for it.
    assert_eq!(until_written(&mut a, &mut *stream, 2 << 17), 0);
    let seconds = until_written(&mut a, &mut *stream, 37_856);
    assert!((54..=70).contains(&seconds), "{seconds} s");
    assert!(tap.borrow().iter().any(|said| said.by == 2 && said.segment.ack.is_some() && said.segment.window == 0));
}

#[test]
fn segments_become_as_small_as_the_path_after_a_router_has_said_so() {
    let world = World::of("mtu");
    let tap = tap(&world, "net0");
    let mut client = world.guest("client");
    let mut stream = client.connect_tcp(at([10, 1, 3, 2], 9), &[], Time::NEVER).unwrap();
    stream.write_all(&text(100_000)).unwrap();
    stream.finish().unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    let seen = tap.borrow();
    let most = |from: usize| seen[from..].iter().filter(|said| said.by == 2 && said.len > 0).map(|said| said.len).max();
    assert_eq!((most(0), most(30)), (Some(1460), Some(1240)), "1280 bytes less the headers");
    let info = stream.info().unwrap();
    assert_eq!(info.state.as_deref(), Some("TIME-WAIT"));
    assert!(client.now() < after(1000.0), "no timeout was needed: {:?}", client.now());
    // The next connection knows it from the start.
    drop(seen);
    tap.borrow_mut().clear();
    let mut next = client.connect_tcp(at([10, 1, 3, 2], 9), &[], Time::NEVER).unwrap();
    next.write_all(&text(20_000)).unwrap();
    client.sleep(client.now() + ms(1000.0)).unwrap();
    assert_eq!(tap.borrow().iter().map(|said| said.len).max(), Some(1240));
}

/// An ICMP "destination unreachable" of this code, sent by b about a segment of a, whose sequence number is said to be so much higher.
fn forged(b: &mut host::Guest, about: &Said, code: u8, mtu: u16, higher: u32) {
    let seq = about.segment.seq + higher;
    let quote =
        [&about.ip.bytes()[..], &about.ports.0.to_be_bytes(), &about.ports.1.to_be_bytes(), &seq.0.to_be_bytes()]
            .concat();
    let [high, low] = mtu.to_be_bytes();
    let message = icmp::message(icmp::UNREACHABLE, code, [0, 0, high, low], &quote);
    let packet = Ipv4::new(B.into(), A.into(), ipv4::ICMP).packet(&message);
    b.open_raw(ipv4::ICMP).unwrap().send(None, &packet).unwrap();
}

#[test]
fn icmp_error_counts_if_it_quotes_what_is_under_way_and_ends_no_connection_that_is_established() {
    let handshake = |code, higher| {
        let world = pair(&[], &["drop tcp to b"], 1);
        let tap = tap(&world, "link");
        let client = sim::spawn(&world.0, "a", move |host| host.connect_tcp(at(B, 7), &[], after(2000.0)).map(drop));
        let mut b = world.guest("b");
        b.sleep(after(100.0)).unwrap();
        let syn = tap.borrow()[0].clone();
        forged(&mut b, &syn, code, 0, higher);
        b.sleep(after(3000.0)).unwrap();
        client.unwrap().join().unwrap().unwrap_err()
    };
    for code in [0, 1, 2, 3, 5, 13] {
        assert_eq!(handshake(code, 0), Error::Unreachable { by: Some(B.into()), code });
    }
    for higher in [1, u32::MAX] {
        assert_eq!(handshake(3, higher), Error::TimedOut, "RFC 5927 section 4.1");
    }

    let sizes = |code, mtu, higher| {
        // The acknowledgments are lost for a while, so that segments are under way.
        let world = pair(&[], &["lose every tcp b>a from 50 ms until 400 ms"], 1);
        let tap = tap(&world, "link");
        let client = sim::spawn(&world.0, "a", move |host| {
            let mut stream = host.connect_tcp(at(B, 22), &[], Time::NEVER)?;
            stream.write_all(&[7; 2000])?;
            host.sleep(after(1000.0))?;
            stream.write_all(&[7; 2000])?;
            stream.finish()?;
            Ok(stream.read_exact(&mut [0; 4000])?)
        });
        let mut b = world.guest("b");
        b.sleep(after(100.0)).unwrap();
        let first = tap.borrow().iter().find(|said| said.len == 1460).unwrap().clone();
        forged(&mut b, &first, code, mtu, higher);
        b.sleep(after(3000.0)).unwrap();
        client.unwrap().join().unwrap().unwrap();
        tap.borrow().iter().filter(|said| said.by == 1 && said.at > after(900.0)).map(|said| said.len).max().unwrap()
    };
    for code in [0, 2, 3] {
        assert_eq!(sizes(code, 0, 0), 1460, "code {code}");
    }
    assert_eq!(sizes(4, 1000, 0), 960);
    assert_eq!(sizes(4, 1000, 2000), 1460, "nothing of this number is under way");
    assert_eq!(sizes(4, 1000, u32::MAX), 1460);
}

/// What a fault does to ten full segments from `at` to an echo: which of them are sent again, and how many arrive.
fn struck(net: &str, server: [u8; 4], port: u16, fault: &str) -> (Vec<usize>, usize) {
    let mut net = Net::load(net).unwrap();
    net.fault(fault).unwrap_or_else(|error| panic!("{error} / {:?}", error.hint));
    let world = World::new(&net, 1);
    let cable = if port == 22 { "link" } else { "net3" };
    let (tap, trace) = (tap(&world, if port == 22 { "link" } else { "net0" }), Sink::default());
    world.0.borrow_mut().trace(Box::new(trace.clone()));
    let mut client = world.guest(net.at());
    let options = [Opt::MaxSegment(1000)];
    let mut stream = client.connect_tcp(at(server, port), &options, Time::NEVER).unwrap();
    let own = stream.local().ip();
    stream.write_all(&text(10_000)).unwrap();
    stream.finish().unwrap();
    stream.read_to_end(&mut vec![]).unwrap();
    client.sleep(client.now() + ms(100.0)).unwrap();
    world.0.borrow_mut().finish().unwrap();
    let arrived = |line: &&str| {
        line.starts_with('r') && line.contains(&format!("{cable}  ")) && line.contains(&format!("  {own} > "))
    };
    let data = |line: &&str| line.contains(" len 1000");
    let arrived = trace.text().lines().filter(arrived).filter(data).count();
    let numbers: Vec<u32> = tap
        .borrow()
        .iter()
        .filter(|said| said.ip.source == own && said.len > 0)
        .map(|said| said.segment.seq.0)
        .collect();
    let first = |index: usize| numbers.iter().position(|number| *number == numbers[index]).unwrap();
    let again = (0..numbers.len()).map(|index| (index, first(index))).filter(|(index, first)| first < index);
    (again.map(|(_, first)| first).collect(), arrived)
}

#[test]
fn fault_strikes_just_the_segments_that_its_sentence_names() {
    let struck_here = |fault: &str| struck("transport", B, 22, fault);
    assert_eq!(struck_here("lose the third data segment from a to b"), (vec![2], 10));
    assert_eq!(struck_here("lose the third data segment a>b"), (vec![2], 10));
    assert_eq!(struck_here("lose the 4th tcp a>b"), (vec![1], 10), "SYN, ACK, data, data");
    assert_eq!(struck_here("double the second data segment port 22 from a to b"), (vec![], 11));
    assert_eq!(struck_here("hold the first data segment from a to b for 5 ms"), (vec![0], 11), "nine overtake it");
    // Only what has the kind's flags: no acknowledgment is data, though its frame is filled up to 60 bytes.
    for fault in ["every rst from a to b", "every data segment port 23 from a to b", "every segment from b to b"] {
        assert_eq!(struck_here(&format!("lose {fault}")), (vec![], 10), "{fault}");
    }
    for fault in ["the first syn from a to b", "the first syn-ack from b to a", "the first fin from a to b"] {
        assert_eq!(struck_here(&format!("lose {fault}")), (vec![], 10), "{fault}");
    }
    assert_eq!(struck_here("lose every ack from b to a"), (vec![], 10), "what comes back acknowledges as well");
    // Routers between the two do not matter, and what they forward is not theirs.
    assert_eq!(struck("mtu", [10, 1, 3, 2], 9, "lose the third data segment from client to server"), (vec![2], 10));
    assert_eq!(struck("mtu", [10, 1, 3, 2], 9, "lose the third data segment from r1 to server"), (vec![], 10));
}

#[test]
fn peer_that_ends_at_any_byte_leaves_nothing_behind() {
    let request = b"GET / HTTP/1.1\r\nHost: b\r\n\r\nand more";
    for abort in [false, true] {
        let world = services();
        let mut a = world.guest("a");
        for port in [7, 9, 80, 99] {
            for cut in 0..=request.len() {
                let options = if abort { vec![Opt::Linger(Some(std::time::Duration::ZERO))] } else { vec![] };
                let mut stream = a.connect_tcp(at(B, port), &options, Time::NEVER).unwrap();
                stream.write_all(&request[..cut]).unwrap();
                a.sleep(a.now() + ms(f64::from(cut as u32 % 3) * 10.0)).unwrap();
            }
        }
        assert!(abort || world.0.borrow_mut().connections().len() > 5, "connections linger: they are seen");
        a.sleep(a.now() + ms(200_000.0)).unwrap();
        assert_eq!(world.0.borrow_mut().connections(), [""; 0], "abort {abort}");
    }
}

#[test]
fn segments_that_nobody_could_have_meant_do_no_harm() {
    for seed in 1..=20 {
        let world = World::new(&Net::load("transport").unwrap(), seed);
        let mut a = world.guest("a");
        let mut raw = a.open_raw(ipv4::TCP).unwrap();
        for _ in 0..500 {
            let mut dice = [0; 40];
            a.random(&mut dice);
            let number = |at: usize| u32::from_be_bytes(dice[at..at + 4].try_into().unwrap());
            let tcp = Tcp {
                sequence_number: number(0) % 3 * 1000,
                acknowledgment_number: number(4),
                syn: dice[8] % 2 == 0,
                ack: dice[9] % 3 == 0,
                fin: dice[10] % 4 == 0,
                rst: dice[11] % 5 == 0,
                window: number(12) as u16,
                ..Tcp::new(40_000 + u16::from(dice[16] % 4), [22, 80, 81][usize::from(dice[17] % 3)])
            };
            let (options, data) = (&dice[20..20 + usize::from(dice[18] % 4) * 4], &dice[..usize::from(dice[19] % 40)]);
            let segment = tcp.segment(A.into(), B.into(), options, data);
            raw.send(None, &Ipv4::new(A.into(), B.into(), ipv4::TCP).packet(&segment)).unwrap();
            if dice[16] >= 128 {
                a.sleep(a.now() + ms(f64::from(dice[17]))).unwrap();
            }
        }
        let mut stream = a.connect_tcp(at(B, 22), &[], Time::NEVER).unwrap();
        stream.write_all(b"still there?").unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        drop(stream);
        a.sleep(a.now() + ms(1_000_000.0)).unwrap();
        assert_eq!(world.0.borrow_mut().connections(), [""; 0], "seed {seed}");
    }
}

#[test]
fn service_that_there_is_not_is_told_with_those_that_there_are() {
    let said = |service: &str| {
        let text = format!(
            "title = \"x\"\nat = \"a\"\nhosts.a = {{ on.l = \"10.0.0.1/24\", {service} }}\n\
             hosts.b = {{ on.l = \"10.0.0.2/24\" }}\nlinks.l = {{}}"
        );
        let error = Net::parse("x.toml", &text).err()?;
        Some(format!("{} / {}", error.error, error.hint.unwrap()))
    };
    let here = "x.toml:3:43: hosts.a.tcp.7:";
    let example = "write it as in \"echo\", or \"slow 1000 B/s\"";
    for (service, error) in [
        (
            "tcp.7 = \"ecko\"",
            "unknown service 'ecko' / services here are echo, http, pages, sink, slow; did you mean 'echo'?",
        ),
        ("tcp.7 = \"slow 0 B/s\"", &format!("'slow 0 B/s' is no service / {example}")),
        ("tcp.7 = \"slow 5 kB/s\"", &format!("'slow 5 kB/s' is no service / {example}")),
        ("tcp.7 = \"echo twice\"", &format!("'echo twice' is no service / {example}")),
    ] {
        assert_eq!(said(service).as_deref(), Some(&*format!("{here} {error}")));
    }
    for service in ["tcp.7 = \"slow 5 B/s\"", "tcp.7 = { service = \"slow\", app = \"Slug\" }", "udp.7 = \"echo\""] {
        assert_eq!(said(service), None);
    }
    assert!(said("udp.7 = \"sink\"").unwrap().ends_with("services here are echo"));
}
