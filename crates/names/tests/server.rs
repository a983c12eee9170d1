//! What a server answers from its zones.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use names::{Server, Zone};
use wire::dns::{Edns, EdnsOption, Message, Question, Rcode, Type};

const EXAMPLE_COM: &str = include_str!("../../../testdata/zones/example.com.zone");
const EXAMPLE_ORG: &str = include_str!("../../../testdata/zones/example.org.zone");
const COM: &str = include_str!("../../../testdata/zones/com.zone");
const BIG: &str = include_str!("../../../testdata/zones/big.example.org.zone");

fn server(zones: &[&str]) -> Server {
    Server::new(zones.iter().map(|zone| Zone::parse(zone).unwrap()).collect()).identified_by("here")
}

fn query(name: &str, rrtype: Type) -> Message {
    Message::query(7, false, Question::new(name.parse().unwrap(), rrtype))
}

/// The sections, a line a record, with what the header says before them.
fn asked(zones: &[&str], name: &str, rrtype: Type) -> Vec<String> {
    let answer = server(zones).answer(&query(name, rrtype));
    let flags: Vec<&str> = answer.header.flags().collect();
    let mut lines = vec![format!("{} {}", answer.rcode(), flags.join(" "))];
    for (letter, records) in [("=", &answer.answers), ("@", &answer.authorities), ("+", &answer.additionals)] {
        lines.extend(records.iter().map(|record| format!("{letter} {}", record.to_string().replace('\t', " "))));
    }
    lines
}

#[test]
fn records_are_answered_with_authority() {
    assert_eq!(
        asked(&[EXAMPLE_COM], "www.EXAMPLE.com", Type::A),
        ["NOERROR qr aa", "= www.example.com. 300 IN A 203.0.113.10"]
    );
    assert_eq!(asked(&[EXAMPLE_COM], "many.example.com", Type::A).len(), 4, "all of a set");
}

#[test]
fn mail_server_comes_with_its_address() {
    assert_eq!(
        asked(&[EXAMPLE_COM], "example.com", Type::MX),
        [
            "NOERROR qr aa",
            "= example.com. 3600 IN MX 10 mail.example.com.",
            "+ mail.example.com. 3600 IN A 203.0.113.10"
        ]
    );
}

#[test]
fn alias_is_followed_as_far_as_the_zones_go() {
    assert_eq!(
        asked(&[EXAMPLE_COM], "shop.example.com", Type::A)[1..],
        ["= shop.example.com. 300 IN CNAME www.example.com.", "= www.example.com. 300 IN A 203.0.113.10"]
    );
    assert_eq!(
        asked(&[EXAMPLE_COM], "help.example.com", Type::A),
        ["NOERROR qr aa", "= help.example.com. 300 IN CNAME www.example.org."]
    );
    assert_eq!(asked(&[EXAMPLE_COM, EXAMPLE_ORG], "help.example.com", Type::A).len(), 3);
    assert_eq!(asked(&[EXAMPLE_COM], "shop.example.com", Type::CNAME).len(), 2, "the alias itself was asked for");
    assert_eq!(
        asked(&[EXAMPLE_COM], "loop.example.com", Type::A),
        [
            "NOERROR qr aa",
            "= loop.example.com. 300 IN CNAME pool.example.com.",
            "= pool.example.com. 300 IN CNAME loop.example.com."
        ]
    );
}

#[test]
fn no_name_and_no_data_have_the_soa_with_the_time_that_they_may_be_kept() {
    // RFC 2308 section 3: 60 is the MINIMUM, below the SOA's own 3600.
    let soa = "@ example.com. 60 IN SOA ns1.example.com. hostmaster.example.com. 2026112601 7200 3600 1209600 60";
    assert_eq!(asked(&[EXAMPLE_COM], "nosuch.example.com", Type::A), ["NXDOMAIN qr aa", soa]);
    assert_eq!(asked(&[EXAMPLE_COM], "www.example.com", Type::AAAA), ["NOERROR qr aa", soa]);
    assert_eq!(
        asked(&[EXAMPLE_COM], "_tcp.example.com", Type::A),
        ["NOERROR qr aa", soa],
        "a name that only others stand below"
    );
    assert_eq!(asked(&[EXAMPLE_COM], "x.www.example.com", Type::A), ["NXDOMAIN qr aa", soa]);
}

#[test]
fn wildcard_stands_for_names_that_are_not_there() {
    for name in ["a.dyn.example.com", "a.b.dyn.example.com"] {
        assert_eq!(asked(&[EXAMPLE_COM], name, Type::A)[1..], [format!("= {name}. 300 IN A 203.0.113.10")]);
    }
    assert_eq!(asked(&[EXAMPLE_COM], "a.dyn.example.com", Type::TXT)[0], "NOERROR qr aa", "no records of this type");
    assert_eq!(asked(&[EXAMPLE_COM], "dyn.example.com", Type::A).len(), 2, "it does not stand for the name above it");
}

#[test]
fn referral_has_no_authority_and_the_glue_that_its_zone_has() {
    assert_eq!(
        asked(&[COM], "www.example.com", Type::A),
        [
            "NOERROR qr",
            "@ example.com. 86400 IN NS ns1.example.com.",
            "@ example.com. 86400 IN NS ns2.example.org.",
            "+ ns1.example.com. 86400 IN A 203.0.113.2",
        ]
    );
    assert_eq!(asked(&[COM], "example.com", Type::DS)[0], "NOERROR qr aa", "DS is the parent's to tell");
}

#[test]
fn question_about_what_is_not_here_is_refused() {
    assert_eq!(asked(&[COM], "example.org", Type::A), ["REFUSED qr"]);
    assert_eq!(asked(&[], ".", Type::NS), ["REFUSED qr"]);
}

#[test]
fn answer_that_does_not_fit_is_cut_and_says_so() {
    let server = server(&[BIG]);
    let mut query = query("big.example.org", Type::TXT);
    let bytes = |query: &Message| server.datagram(&query.clone().sealed().bytes()).unwrap();
    let cut = bytes(&query);
    let (read, _) = Message::parse(&cut).unwrap();
    assert!(cut.len() <= 512 && read.header.tc && read.answers.is_empty());
    query.additionals.push(Edns::new(1232).record());
    let (read, _) = Message::parse(&bytes(&query)).unwrap();
    assert!(read.header.tc && read.edns().is_some());
    query.additionals[0] = Edns::new(4096).record();
    let (read, _) = Message::parse(&bytes(&query)).unwrap();
    assert_eq!((read.header.tc, read.answers.len()), (false, 1));
    assert!(server.stream(&query.sealed().bytes()).unwrap().len() > 3000);
}

#[test]
fn edns_is_answered_by_edns_and_another_version_by_badvers() {
    let server = server(&[EXAMPLE_COM]);
    let mut query = query("www.example.com", Type::A);
    query
        .additionals
        .push(Edns { dnssec_ok: true, options: vec![EdnsOption::Nsid(vec![])], ..Edns::new(1232) }.record());
    let edns = server.answer(&query).edns().unwrap();
    assert_eq!((edns.dnssec_ok, edns.options), (true, vec![EdnsOption::Nsid(b"here".to_vec())]));
    query.additionals[0] = Edns { version: 1, ..Edns::new(1232) }.record();
    let answer = server.answer(&query);
    assert_eq!((answer.rcode(), answer.answers.len()), (Rcode::BADVERS, 0));
}

#[test]
fn what_is_no_question_is_told_so_or_left_without_an_answer() {
    let server = server(&[EXAMPLE_COM]);
    let rcode = |bytes: &[u8]| Message::parse(&server.datagram(bytes)?).ok().map(|(answer, _)| answer.rcode());
    let query = query("www.example.com", Type::A);
    assert_eq!(rcode(&query.bytes()), Some(Rcode::NOERROR));
    assert_eq!(rcode(&query.bytes()[..20]), Some(Rcode::FORMERR));
    assert_eq!(rcode(&query.bytes()[..11]), None);
    let two = Message { questions: [query.questions.clone(), query.questions.clone()].concat(), ..query.clone() };
    assert_eq!(rcode(&two.sealed().bytes()), Some(Rcode::FORMERR), "RFC 9619");
    let mut other = query.clone();
    other.header.opcode = 2;
    assert_eq!(rcode(&other.bytes()), Some(Rcode::NOTIMP));
    other.header.qr = true;
    assert_eq!(rcode(&other.bytes()), None, "an answer is not answered");
}
