//! What people are told of DNS.

use crate::told::{ME, YOU, all};
use insta::assert_snapshot;
use wire::dissect::{LinkType, dissect};
use wire::dns::rdata::{Base64, CharacterStrings, HashedName, Nsec3, Rrsig, Salt, Time};
use wire::dns::rdata::{Cname, Mx, Ns, Nsec, Soa, SvcParam, SvcParams, Svcb, Txt, TypeBitMaps};
use wire::dns::{Class, Edns, EdnsOption, Header, Message, Name, PORT, Question, Rdata, Record, Type, framing};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;
use wire::udp::Udp;

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn query(qtype: Type) -> Message {
    Message::query(0x1234, true, Question::new(name("www.example.com"), qtype))
}

fn answer(query: &Message, records: Vec<Record>) -> Message {
    let header = Header { ra: true, ..query.header.answer() };
    Message { header, answers: records, ..query.clone() }.sealed()
}

fn to_server(message: &Message) -> Vec<u8> {
    let udp = Udp::new(49_152, PORT).datagram(ME.into(), YOU.into(), &message.bytes());
    Ipv4::new(ME, YOU, ipv4::UDP).packet(&udp)
}

fn from_server(message: &Message) -> Vec<u8> {
    let udp = Udp::new(PORT, 49_152).datagram(YOU.into(), ME.into(), &message.bytes());
    Ipv4::new(YOU, ME, ipv4::UDP).packet(&udp)
}

#[test]
fn answer_with_an_alias_whose_names_point_into_the_question() {
    let mut question = query(Type::A);
    question.questions[0].qname = name("shop.example.com");
    let alias = Rdata::Cname(Cname { cname: name("www.example.com") });
    let mut message = answer(
        &question,
        vec![
            Record::new(name("shop.example.com"), 300, alias),
            Record::new(name("www.example.com"), 300, Rdata::of_address([203, 0, 113, 10].into())),
        ],
    );
    let options = vec![
        EdnsOption::Cookie { client: [1, 2, 3, 4, 5, 6, 7, 8], server: vec![9; 8] },
        EdnsOption::ExtendedError { info_code: 3, extra_text: b"old".to_vec() },
    ];
    message.additionals.push(Edns { options, ..Edns::new(1232) }.record());
    assert_snapshot!(all(&from_server(&message.sealed()), LinkType::RawIp));
}

#[test]
fn messages_in_a_segment_each_behind_its_length() {
    let mx = Rdata::Mx(Mx { preference: 10, exchange: name("mail.example.com") });
    let answers = [
        answer(&query(Type::MX), vec![Record::new(name("www.example.com"), 60, mx)]),
        answer(&query(Type::TXT), vec![Record::new(name("www.example.com"), 60, text(b"a \"b\" \x1b"))]),
    ];
    let stream: Vec<u8> = answers.iter().flat_map(|message| framing::framed(&message.bytes())).collect();
    let tcp = Tcp { psh: true, ack: true, ..Tcp::new(PORT, 49_152) };
    let segment = tcp.segment(YOU.into(), ME.into(), &[], &[&stream[..], &[0, 50, 1]].concat());
    assert_snapshot!(all(&Ipv4::new(YOU, ME, ipv4::TCP).packet(&segment), LinkType::RawIp));
}

fn text(bytes: &[u8]) -> Rdata {
    Rdata::Txt(Txt { txt_data: CharacterStrings::of(bytes) })
}

#[test]
fn proof_that_a_name_is_not_there() {
    let mut message = answer(&query(Type::A), vec![]);
    message.header.rcode = 3;
    let types = |types: &[Type]| TypeBitMaps(types.iter().copied().collect());
    let nsec =
        Nsec { next_domain_name: name("x.example.com"), type_bit_maps: types(&[Type::A, Type::RRSIG, Type::CAA]) };
    let nsec3 = Nsec3 {
        hash_algorithm: 1,
        flags: 1,
        iterations: 0,
        salt: Salt(vec![]),
        next_hashed: HashedName(vec![0xab; 20]),
        type_bit_maps: types(&[Type::NS, Type::DS]),
    };
    let rrsig = Rrsig {
        type_covered: Type::NSEC,
        algorithm: 13,
        labels: 2,
        original_ttl: 300,
        expiration: Time(1_704_067_200),
        inception: Time(1_701_388_800),
        key_tag: 12_345,
        signer_name: name("example.com"),
        signature: Base64(vec![7; 64]),
    };
    message.authorities = [Rdata::Nsec(nsec), Rdata::Nsec3(nsec3), Rdata::Rrsig(rrsig)]
        .map(|rdata| Record::new(name("w.example.com"), 300, rdata))
        .to_vec();
    let param = |key, value: &[u8]| SvcParam { key, value: value.to_vec() };
    let https = Svcb {
        svc_priority: 1,
        target_name: Name::root(),
        svc_params: SvcParams(vec![param(1, b"\x02h3\x02h2"), param(3, &[1, 187]), param(4, &[192, 0, 2, 1])]),
    };
    message.additionals = vec![Record::new(name("www.example.com"), 300, Rdata::Https(https))];
    assert_snapshot!(all(&from_server(&message.sealed()), LinkType::RawIp));
}

#[test]
fn messages_in_one_line() {
    let www = |rdata| Record::new(name("www.example.com"), 300, rdata);
    let address = |last| www(Rdata::of_address([203, 0, 113, last].into()));
    let soa = Rdata::Soa(Soa {
        mname: name("ns1.example.com"),
        rname: name("hostmaster.example.com"),
        serial: 1,
        refresh: 2,
        retry: 3,
        expire: 4,
        minimum: 5,
    });
    let with = |change: &dyn Fn(&mut Message)| {
        let mut message = answer(&query(Type::A), vec![]);
        change(&mut message);
        from_server(&message.sealed())
    };
    let whole = from_server(&answer(&query(Type::A), vec![address(10)]));
    let lines = [
        to_server(&query(Type::A)),
        whole.clone(),
        with(&|message| message.answers = (1..6).map(address).collect()),
        with(&|message| (message.header.rcode, message.authorities) = (3, vec![www(soa.clone())])),
        with(&|message| message.header.aa = true),
        with(&|message| {
            message.authorities =
                vec![Record::new(name("com"), 1, Rdata::Ns(Ns { nsdname: name("a.com-servers.com") }))];
        }),
        with(&|message| message.header.tc = true),
        with(&|message| {
            (message.header.rcode, message.additionals) =
                (0, vec![Edns { extended_rcode: 1, ..Edns::new(512) }.record()]);
        }),
        with(&|message| message.header.opcode = 4),
        with(&|message| {
            message.questions[0] = Question { qname: Name::root(), qtype: Type(65_280), qclass: Class::CH }
        }),
        // What is no message: a probe that goes to this port.
        Ipv4::new(ME, YOU, ipv4::UDP).packet(&Udp::new(5, PORT).datagram(
            ME.into(),
            YOU.into(),
            b"@ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        )),
    ];
    let told: Vec<String> = lines.iter().map(|packet| dissect(packet, LinkType::RawIp).summary().to_string()).collect();
    let cut = wire::dissect::dissect_captured(&whole[..whole.len() - 3], whole.len(), LinkType::RawIp);
    let cut = format!(
        "{}, problems: {:?}",
        cut.summary(),
        cut.problems().iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    assert_snapshot!(told.join("\n") + "\n" + &cut);
}
