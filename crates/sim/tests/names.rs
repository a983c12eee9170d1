//! The network `names`: who answers what about names, and how long it takes.

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

use asking::{World, at, builtin, ms};
use host::{Host, Time};
use sim::Net;
use std::net::IpAddr;
use std::time::Duration;
use wire::dns::{Message, Question, Rcode, Record, Type};

const RESOLVER: [u8; 4] = [192, 0, 2, 53];
const COM: [u8; 4] = [198, 51, 100, 3];

/// The answer of `server`, and how long it took.
fn ask_for(host: &mut dyn Host, server: [u8; 4], name: &str, recursion: bool) -> (Message, Duration) {
    let mut socket = host.bind_udp(at([0; 4], 0), &[]).unwrap();
    let query = Message::query(7, recursion, Question::new(name.parse().unwrap(), Type::A));
    let sent = host.now();
    socket.send(Some(at(server, 53)), &query.bytes()).unwrap();
    let packet = socket.recv(host.now() + Duration::from_secs(30)).unwrap().expect("an answer");
    assert_eq!(packet.from, Some(at(server, 53)));
    (Message::parse(&packet.bytes).unwrap().0, packet.at - sent)
}

fn address(message: &Message) -> Option<IpAddr> {
    message.answers.iter().find_map(|record| record.rdata.address())
}

#[test]
fn client_asks_the_resolver_of_its_file() {
    let world = World::of("names");
    assert_eq!(world.guest("client").name_servers().unwrap(), [IpAddr::from(RESOLVER)]);
    assert_eq!(world.guest("web").name_servers().unwrap(), [] as [IpAddr; 0]);
}

#[test]
fn resolver_walks_from_the_root_and_keeps_what_it_heard() {
    let world = World::of("names");
    let mut client = world.guest("client");
    let (first, took) = ask_for(&mut client, RESOLVER, "www.example.com", true);
    assert_eq!((address(&first), first.header.aa, first.header.ra), (Some([203, 0, 113, 10].into()), false, true));
    assert_eq!((first.answers[0].ttl, took), (300, ms(158.4)), "three servers, and ARP on each new link");
    client.sleep(Time::START + Duration::from_secs(50)).unwrap();
    let (again, took) = ask_for(&mut client, RESOLVER, "WWW.example.com", true);
    assert_eq!((again.answers[0].ttl, took), (251, ms(1.2)), "its own link, 0.1 and 0.5 ms each way");
    client.sleep(Time::START + Duration::from_secs(400)).unwrap();
    let (late, took) = ask_for(&mut client, RESOLVER, "www.example.com", true);
    assert_eq!(late.answers[0].ttl, 300);
    assert!(took > ms(100.0), "{took:?}: it has to be asked for again");
}

#[test]
fn resolver_keeps_that_there_is_no_such_name_for_the_time_of_the_zone() {
    let world = World::of("names");
    let mut client = world.guest("client");
    let (first, _) = ask_for(&mut client, RESOLVER, "nosuch.example.com", true);
    assert_eq!((first.rcode(), first.authorities[0].ttl), (Rcode::NXDOMAIN, 60));
    client.sleep(client.now() + Duration::from_secs(50)).unwrap();
    let (_, took) = ask_for(&mut client, RESOLVER, "nosuch.example.com", true);
    assert_eq!(took, ms(1.2));
    client.sleep(client.now() + Duration::from_secs(20)).unwrap();
    assert!(ask_for(&mut client, RESOLVER, "nosuch.example.com", true).1 > ms(20.0));
}

#[test]
fn resolver_asks_nobody_for_who_does_not_want_it_and_gives_up_where_nobody_knows() {
    let world = World::of("names");
    let mut client = world.guest("client");
    assert_eq!(ask_for(&mut client, RESOLVER, "www.example.com", false).0.rcode(), Rcode::REFUSED);
    assert_eq!(ask_for(&mut client, RESOLVER, "www.lame.com", true).0.rcode(), Rcode::SERVFAIL);
}

#[test]
fn silent_server_costs_the_resolver_a_second() {
    let text = builtin("names").replace("= \"com.zone\"", "= \"com.zone\"\nanswers = \"never\"");
    let world = World::parse(&text);
    let (message, took) = ask_for(&mut world.guest("client"), RESOLVER, "www.example.com", true);
    assert_eq!(message.rcode(), Rcode::SERVFAIL);
    assert!((1.0..1.2).contains(&took.as_secs_f64()), "{took:?}");
}

#[test]
fn server_of_a_zone_above_refers_and_names_only_what_is_its_own() {
    let world = World::of("names");
    let (message, _) = ask_for(&mut world.guest("client"), COM, "www.example.com", false);
    let shown = |records: &[Record]| records.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    assert!(!message.header.aa && message.answers.is_empty());
    assert_eq!(
        shown(&message.authorities).replace('\t', " "),
        "example.com. 86400 IN NS ns1.example.com.; example.com. 86400 IN NS ns2.example.org."
    );
    assert_eq!(shown(&message.additionals).replace('\t', " "), "ns1.example.com. 86400 IN A 203.0.113.2");
}

#[test]
fn zone_that_is_not_there_is_told_with_those_that_are() {
    let text = builtin("names").replace("\"org.zone\"", "\"org.zon\"");
    let error = Net::parse("mine.toml", &text).unwrap_err();
    assert!(error.error.ends_with("hosts.org.dns: no zone named 'org.zon'"), "{}", error.error);
    let hint = error.hint.unwrap();
    assert!(hint.contains("did you mean 'org.zone'?"), "{hint}");
    let text = builtin("names").replace("\"org.zone\"", "\"./nowhere.zone\"");
    let error = Net::parse("mine.toml", &text).unwrap_err().error;
    assert!(error.contains("cannot read the zone file './nowhere.zone': No such file or directory"), "{error}");
}
