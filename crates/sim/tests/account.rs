//! What the simulated network tells a program of its connections that no real machine could: why bytes waited, and both
//! ends' states.

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

use asking::{at, ms};
use host::{Account, Error, Held, Host, Nagle, Opt, Rule, Step, Stream, Time};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;
use two_hosts::{B, pair};

fn echo() -> SocketAddr {
    at(B, 22)
}

fn millis(count: u64) -> Time {
    Time::START + Duration::from_millis(count)
}

/// Which states there were, each once where it lasted.
fn states(steps: &[Step]) -> Vec<&str> {
    let mut states: Vec<&str> = steps.iter().map(|step| step.state.as_ref()).collect();
    states.dedup();
    states
}

/// Writes `len` bytes and reads their echo.
fn talk(host: &mut dyn Host, stream: &mut dyn Stream, len: usize) {
    let mut piece = [0; 8192];
    let (mut left, mut back) = (len, 0);
    while back < len {
        let room = host::Interest { socket: stream.id(), read: true, write: left > 0 };
        host.wait(&[room], Time::NEVER).unwrap();
        stream.set_deadline(host.now());
        left -= stream.write(&piece[..left.min(8192)]).unwrap_or(0);
        back += stream.read(&mut piece).unwrap_or(0);
    }
}

#[test]
fn account_tells_what_left_what_had_held_it_and_both_ends_states() {
    let world = pair(&[], &[], 1);
    let mut a = world.guest("a");
    let options = [Opt::Record(true), Opt::Nagle(Nagle::Rfc896)];
    let mut stream = a.connect_tcp(echo(), &options, Time::NEVER).unwrap();
    stream.write_all(&[1; 500]).unwrap();
    stream.write_all(&[2; 960]).unwrap();
    let Account { departures, held, own, peer } = stream.account().unwrap();
    assert_eq!((departures[0].at, &departures[0].bytes, departures[0].held.len()), (millis(40), &(0..500), 0));
    assert_eq!(held, [Held { bytes: 500..1460, rule: Rule::Nagle, since: millis(40), until: Time::NEVER }]);
    assert_eq!(states(&own), ["CLOSED", "SYN-SENT", "ESTABLISHED"]);
    // The last acknowledgment of the handshake has not come yet.
    assert_eq!(states(&peer), ["LISTEN", "SYN-RECEIVED"]);
    stream.read_exact(&mut [0; 1460]).unwrap();
    let Account { departures, held, peer, .. } = stream.account().unwrap();
    let [departure] = &departures[..] else { panic!("{departures:?}") };
    assert_eq!((departure.at, &departure.bytes, departure.again), (millis(60), &(500..1460), false));
    assert_eq!(departure.held, [Held { bytes: 500..1460, rule: Rule::Nagle, since: millis(40), until: millis(60) }]);
    assert!(held.is_empty());
    assert_eq!(states(&peer), ["ESTABLISHED"]);
    assert_eq!(stream.account().unwrap(), Account::default(), "it is told once");
    stream.finish().unwrap();
    drop(stream);
    a.sleep(millis(70_000)).unwrap();
    let Account { own, peer, .. } = a.last_account(echo()).unwrap();
    assert!(states(&own).ends_with(&["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"]), "{own:?}");
    assert!(states(&peer).ends_with(&["CLOSE-WAIT", "LAST-ACK", "CLOSED"]), "{peer:?}");
}

#[test]
fn steps_have_the_packets_that_were_on_the_wire() {
    let world = pair(&[], &[], 1);
    let mut a = world.guest("a");
    let stream = a.connect_tcp(echo(), &[Opt::Record(true), Opt::Source(at([0; 4], 5555))], Time::NEVER);
    let Account { own, peer, .. } = stream.unwrap().account().unwrap();
    let sent: Vec<_> = own.iter().filter_map(|step| step.segment.as_ref()).filter(|segment| !segment.came).collect();
    let came: Vec<_> = peer.iter().filter_map(|step| step.segment.as_ref()).filter(|segment| segment.came).collect();
    assert_eq!((sent.len(), came.len()), (2, 1), "the SYN has come, and the ACK is on its way");
    assert_eq!(sent[0].packet, came[0].packet);
    let (ip, _, segment, _) = wire::ipv4::Ipv4::parse(&sent[0].packet).unwrap();
    assert!(ip.identification != 0 && wire::ipv4::Ipv4::is_intact(&sent[0].packet));
    let (header, options, data) = wire::tcp::Tcp::parse(segment).unwrap();
    assert_eq!((header.source_port, header.destination_port, header.syn, data.len()), (5555, 22, true, 0));
    assert!(!options.is_empty());
}

#[test]
fn both_ends_are_told_all_and_what_came_for_a_connection_that_is_over() {
    let world = pair(&[], &["lose the first rst b>a"], 1);
    let mut a = world.guest("a");
    let server = sim::spawn(&world.0, "b", |host| {
        let mut listener = host.listen_tcp(at([0; 4], 7), &[Opt::Record(true)])?;
        let mut stream = listener.accept(Time::NEVER)?.unwrap();
        stream.set(Opt::Linger(Some(Duration::ZERO)))?;
        let peer = stream.peer();
        drop(stream);
        host.sleep(host.now() + ms(1000.0))?;
        let Account { own, peer, .. } = host.last_account(peer)?;
        assert_eq!(states(&own), ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSED"]);
        assert!(states(&peer).starts_with(&["CLOSED", "SYN-SENT", "ESTABLISHED"]), "{peer:?}");
        Ok(())
    });
    let mut stream = a.connect_tcp(at(B, 7), &[Opt::Record(true)], Time::NEVER).unwrap();
    a.sleep(a.now() + ms(100.0)).unwrap();
    // Its RST was lost: what is sent now comes to an end that is closed, and is answered by another.
    stream.write_all(b"anybody there?").unwrap();
    assert_eq!(stream.read(&mut [0]).map_err(Error::from), Err(Error::Reset));
    a.sleep(a.now() + ms(2000.0)).unwrap();
    let Account { own, peer, .. } = a.last_account(at(B, 7)).unwrap();
    server.unwrap().join().unwrap().unwrap();
    assert_eq!(states(&own), ["CLOSED", "SYN-SENT", "ESTABLISHED", "CLOSED"]);
    let last: Vec<_> =
        peer.iter().rev().take(2).map(|step| (&*step.state, step.segment.as_ref().unwrap().len)).collect();
    assert_eq!(last, [("CLOSED", 0), ("CLOSED", 14)], "the data came, and the RST left");
}

#[test]
fn connection_that_never_came_about_has_an_account_too() {
    let world = pair(&[], &[], 1);
    let mut a = world.guest("a");
    assert_eq!(a.connect_tcp(at(B, 9), &[Opt::Record(true)], Time::NEVER).err(), Some(Error::Refused));
    let Account { own, peer, .. } = a.last_account(at(B, 9)).unwrap();
    assert_eq!(states(&own), ["CLOSED", "SYN-SENT", "CLOSED"]);
    assert_eq!((states(&peer), peer.len()), (vec!["CLOSED"], 3), "a SYN came, and a RST left");
    assert!(a.last_account(at(B, 10)).unwrap().is_empty());
}

#[test]
fn who_asks_for_no_record_has_an_empty_account() {
    let world = pair(&[], &[], 1);
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(echo(), &[], Time::NEVER).unwrap();
    talk(&mut a, &mut *stream, 10_000);
    assert_eq!(stream.account().unwrap(), Account::default());
}

#[test]
fn long_account_comes_whole_although_in_pieces() {
    let world = pair(&["link.loss=1%"], &[], 1);
    let mut a = world.guest("a");
    let mut stream = a.connect_tcp(echo(), &[Opt::Record(true)], Time::NEVER).unwrap();
    let len = 2_000_000;
    talk(&mut a, &mut *stream, len);
    let Account { departures, own, peer, .. } = stream.account().unwrap();
    let mut next = 0;
    for departure in departures.iter().filter(|departure| !departure.again) {
        assert_eq!(departure.bytes.start, next);
        next = departure.bytes.end;
    }
    assert_eq!(next, len as u64);
    assert!(departures.iter().any(|departure| departure.again));
    for steps in [own, peer] {
        assert!(steps.is_sorted_by_key(|step| step.at) && steps.len() > 2000, "{}", steps.len());
    }
}
