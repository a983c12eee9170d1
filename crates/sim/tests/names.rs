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

/// The port, id and name of the questions that came to `address` about names of liar.org, when `resolver` was asked for them.
fn questions_of(resolver: [u8; 4], count: u32) -> Vec<(u16, u16, String)> {
    let world = World::of("names-poisoned");
    let mut liar = world.guest("liar");
    let mut served = liar.bind_udp(at([0; 4], 53), &[]).unwrap();
    let mut asking = liar.bind_udp(at([0; 4], 0), &[]).unwrap();
    let one = |number: u32| {
        let name = format!("r{number}.liar.org").parse().unwrap();
        asking.send(Some(at(resolver, 53)), &Message::query(7, true, Question::new(name, Type::A)).bytes()).unwrap();
        let packet = served.recv(liar.now() + Duration::from_secs(9)).unwrap().expect("a question");
        let query = Message::parse(&packet.bytes).unwrap().0;
        (packet.from.unwrap().port(), query.header.id, query.questions[0].qname.to_string())
    };
    (0..count).map(one).collect()
}

#[test]
fn questions_of_a_resolver_are_as_different_as_its_file_says() {
    let ids = |seen: &[(u16, u16, String)]| seen.iter().map(|seen| seen.1).collect::<Vec<_>>();
    let counted = questions_of([192, 0, 2, 54], 4);
    assert!(counted.iter().all(|seen| seen.0 == 53_000));
    assert_eq!(ids(&counted), [3, 6, 9, 12], "each of them is the third of a walk");
    let few = questions_of([192, 0, 2, 57], 40);
    assert!(few.iter().all(|seen| (53_008..=53_015).contains(&seen.0) && seen.1 < 256), "{few:?}");
    assert!(few.iter().any(|seen| seen.0 != few[0].0) && ids(&few).iter().any(|id| *id > 127), "{few:?}");
    let cased = questions_of([192, 0, 2, 58], 2);
    assert!(cased.iter().all(|seen| seen.2 != seen.2.to_lowercase() && seen.2 != seen.2.to_uppercase()), "{cased:?}");
    let all = questions_of(RESOLVER, 40);
    assert!(all.iter().all(|seen| seen.0 >= 1024 && seen.2 == seen.2.to_lowercase()));
    assert!(ids(&all).iter().any(|id| *id > 0x7fff) && all.iter().any(|seen| seen.0 > 0x7fff), "{all:?}");
}

#[test]
fn answer_in_other_letters_is_taken_only_where_they_do_not_count() {
    let world = World::of("names-poisoned");
    let mut client = world.guest("client");
    for resolver in [RESOLVER, [192, 0, 2, 58]] {
        let (message, _) = ask_for(&mut client, resolver, "www.example.com", true);
        assert_eq!(
            address(&message),
            Some([203, 0, 113, 10].into()),
            "the true server sends letters back as they came"
        );
    }
}

#[test]
fn wrong_way_to_ask_is_told_with_what_may_stand_there() {
    let error = |from: &str, to: &str| {
        let text = builtin("names-poisoned").replacen(from, to, 1);
        let error = Net::parse("mine.toml", &text).unwrap_err();
        format!("{} / {}", error.error, error.hint.unwrap_or_default())
    };
    let from = "{ from = \"53000\", ids = \"counted\" }";
    assert!(
        error(from, "{ from = \"53015-53000\" }")
            .ends_with("'53015-53000' is no port or range of them / write it as in \"53000\" or \"53000-53015\""),
        "{}",
        error(from, "{ from = \"53015-53000\" }")
    );
    assert!(error(from, "{ ids = \"guessed\" }").contains("'guessed' is no range of ids"));
    assert!(error(from, "{ case = \"small\" }").contains("'small' is no way to write names"));
    assert!(error(from, "{ port = \"53000\" }").contains("unknown key 'port'"));
}
