//! How a resolver walks, among servers that are functions here.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use names::{Ask, Hint, Judged, Next, Origin, Outcome, Server, Unusable, Walk, Zone};
use std::collections::BTreeMap;
use std::net::IpAddr;
use wire::dns::{Message, Name, Question, Rcode, Rdata, Record, Type};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The servers of the network `names` by their addresses.
fn servers() -> BTreeMap<IpAddr, Server> {
    let zones: [(&str, &[&str]); 6] = [
        ("198.51.100.2", &[include_str!("../../../testdata/zones/root.zone")]),
        ("198.51.100.3", &[include_str!("../../../testdata/zones/com.zone")]),
        ("198.51.100.4", &[include_str!("../../../testdata/zones/org.zone")]),
        (
            "203.0.113.2",
            &[
                include_str!("../../../testdata/zones/example.com.zone"),
                include_str!("../../../testdata/zones/far.org.zone"),
            ],
        ),
        ("203.0.113.3", &[include_str!("../../../testdata/zones/example.org.zone")]),
        ("203.0.113.4", &[]),
    ];
    let server = |zones: &[&str]| Server::new(zones.iter().map(|zone| Zone::parse(zone).unwrap()).collect());
    zones.iter().map(|(address, zones)| (address.parse().unwrap(), server(zones))).collect()
}

/// Walks for `question`; what each server says goes through `bend`. The answer is who was asked with what came of it,
/// and the end.
fn walk(
    question: &str,
    rrtype: Type,
    mut bend: impl FnMut(&Ask, Message) -> Option<Message>,
) -> (Vec<(Ask, Judged)>, Outcome) {
    let servers = servers();
    let hint = Hint { name: name("a.root-servers."), address: "198.51.100.2".parse().unwrap() };
    let mut walk = Walk::new(Question::new(name(question), rrtype), &[hint]);
    let mut steps = vec![];
    loop {
        match walk.next_step() {
            Next::End(outcome) => return (steps, outcome),
            Next::Ask(ask) => {
                let query = Message::query(1, false, ask.question.clone());
                let answer = servers.get(&ask.address).map(|server| server.answer(&query));
                let answer = answer.and_then(|answer| bend(&ask, answer));
                steps.push((ask, walk.heard(answer.as_ref())));
            }
        }
        assert!(steps.len() <= 64, "it ends");
    }
}

fn straight(question: &str, rrtype: Type) -> (Vec<(Ask, Judged)>, Outcome) {
    walk(question, rrtype, |_, answer| Some(answer))
}

fn asked(steps: &[(Ask, Judged)]) -> Vec<String> {
    steps.iter().map(|(ask, _)| format!("{} {}", ask.server, ask.question.qname)).collect()
}

#[test]
fn walk_goes_from_the_root_by_hint_and_glue() {
    let (steps, outcome) = straight("www.example.com", Type::A);
    let origins: Vec<Origin> = steps.iter().map(|(ask, _)| ask.origin.clone()).collect();
    assert_eq!(origins, [Origin::Hint, Origin::Glue(name(".")), Origin::Glue(name("com"))]);
    assert_eq!(outcome.answers.first().unwrap().rdata, Rdata::of_address([203, 0, 113, 10].into()));
}

#[test]
fn server_without_glue_is_asked_for_by_its_name() {
    let (steps, outcome) = straight("www.far.org", Type::A);
    assert_eq!(
        asked(&steps),
        [
            "a.root-servers. www.far.org.",
            "a.org-servers.org. www.far.org.",
            "a.org-servers.org. ns2.example.org.",
            "ns1.example.org. ns2.example.org.",
            "ns2.example.org. www.far.org.",
        ]
    );
    assert_eq!(steps.last().unwrap().0.origin, Origin::Lookup);
    assert_eq!(outcome.rcode, Rcode::NOERROR);
}

#[test]
fn alias_into_another_zone_is_walked_to_from_what_is_known() {
    let (steps, outcome) = straight("help.example.com", Type::A);
    assert_eq!(asked(&steps).last().unwrap(), "ns1.example.org. www.example.org.");
    let types: Vec<Type> = outcome.answers.iter().map(Record::rrtype).collect();
    assert_eq!(types, [Type::CNAME, Type::A]);
    let (_, outcome) = straight("loop.example.com", Type::A);
    assert_eq!(outcome.failed, Some("an alias leads back to itself"));
}

#[test]
fn no_name_and_no_data_end_a_walk_with_the_soa() {
    for (question, rrtype, rcode, judged) in [
        ("nosuch.example.com", Type::A, Rcode::NXDOMAIN, Judged::NoName),
        ("www.example.com", Type::AAAA, Rcode::NOERROR, Judged::NoData),
        ("nosuch", Type::A, Rcode::NXDOMAIN, Judged::NoName),
    ] {
        let (steps, outcome) = straight(question, rrtype);
        assert_eq!((outcome.rcode, outcome.answers.len(), outcome.authorities.len()), (rcode, 0, 1), "{question}");
        assert_eq!(steps.last().unwrap().1, judged);
    }
}

#[test]
fn lame_server_is_left_for_the_next_one() {
    let (steps, outcome) = straight("www.lame.com", Type::A);
    assert_eq!(steps.last().unwrap().1, Judged::Unusable(Unusable::Refused(Rcode::REFUSED)));
    assert_eq!((outcome.rcode, outcome.failed.is_some()), (Rcode::SERVFAIL, true));

    // Nobody is at the address of the first of two; the second has a name only, and is walked to.
    let com: IpAddr = "198.51.100.3".parse().unwrap();
    let nobody = Record::new(name("ns1.example.com"), 60, Rdata::of_address([203, 0, 113, 9].into()));
    let (steps, outcome) = walk("www.example.com", Type::A, |ask, mut answer| {
        if ask.address == com {
            answer.additionals = vec![nobody.clone()];
        }
        Some(answer)
    });
    let judged: Vec<&Judged> = steps.iter().map(|(_, judged)| judged).collect();
    assert_eq!(judged.get(2), Some(&&Judged::Unusable(Unusable::Silence)));
    assert_eq!(asked(&steps).last().unwrap(), "ns2.example.org. www.example.com.");
    assert_eq!((outcome.rcode, outcome.answers.len()), (Rcode::NOERROR, 1));
}

#[test]
fn referral_upwards_is_of_no_use() {
    let com: IpAddr = "198.51.100.3".parse().unwrap();
    let (steps, outcome) = walk("www.example.com", Type::A, |ask, mut answer| {
        if ask.address == com {
            answer.authorities = vec![Record::new(name("."), 60, ns("a.root-servers."))];
        }
        Some(answer)
    });
    assert_eq!(steps.last().unwrap().1, Judged::Unusable(Unusable::Upwards));
    assert_eq!(outcome.rcode, Rcode::SERVFAIL);
}

#[test]
fn address_outside_of_the_senders_zone_is_not_taken() {
    let com: IpAddr = "198.51.100.3".parse().unwrap();
    let poison = Record::new(name("ns2.example.org"), 60, Rdata::of_address([203, 0, 113, 6].into()));
    let (steps, _) = walk("www.example.com", Type::A, |ask, mut answer| {
        if ask.address == com {
            answer.additionals = vec![poison.clone()];
        }
        Some(answer)
    });
    assert!(
        steps
            .iter()
            .any(|(_, judged)| matches!(judged, Judged::Referral { refused, .. } if *refused == [poison.clone()]))
    );
    assert!(steps.iter().all(|(ask, _)| ask.address != IpAddr::from([203, 0, 113, 6])), "{:?}", asked(&steps));
    assert_eq!(asked(&steps).last().unwrap(), "ns2.example.org. www.example.com.");
}

fn ns(text: &str) -> Rdata {
    Rdata::Ns(wire::dns::rdata::Ns { nsdname: name(text) })
}
