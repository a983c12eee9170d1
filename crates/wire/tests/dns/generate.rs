//! Valid messages of all types that are known here, the same for the same seed.

use super::Rng;
use std::net::{Ipv4Addr, Ipv6Addr};
use wire::dns::rdata::{
    A, Aaaa, Base64, Caa, CharacterString, CharacterStrings, Cname, Dnskey, Ds, HashedName, Hex, Mx, Ns, Nsec, Nsec3,
    Property, PropertyTag, Ptr, Rrsig, Salt, Soa, Srv, SvcParam, SvcParams, Svcb, Time, Txt, TypeBitMaps,
};
use wire::dns::{
    Class, ClientSubnet, Edns, EdnsOption, Header, MOST_NAME, Message, Name, Question, Rdata, Record, Type,
};

/// The types that this crate has tables for, but OPT, and one that nobody has.
pub(crate) const TYPES: [Type; 18] = [
    Type::A,
    Type::AAAA,
    Type::NS,
    Type::CNAME,
    Type::SOA,
    Type::PTR,
    Type::MX,
    Type::TXT,
    Type::SRV,
    Type::CAA,
    Type::DS,
    Type::DNSKEY,
    Type::RRSIG,
    Type::NSEC,
    Type::NSEC3,
    Type::SVCB,
    Type::HTTPS,
    Type(65_280),
];

pub(crate) fn message(rng: &mut Rng) -> Message {
    let mut header = Header::query(rng.u16(), rng.once_in(2));
    if rng.once_in(4) {
        // Half of all headers are answers; a few are of another operation.
        header.opcode = rng.pick(&[2, 4]);
    }
    (header.qr, header.aa, header.tc) = (rng.once_in(2), rng.once_in(2), rng.once_in(8));
    (header.ra, header.ad, header.cd) = (rng.once_in(2), rng.once_in(4), rng.once_in(4));
    header.rcode = rng.pick(&[0, 0, 0, 2, 3, 5]);
    let mut message = Message::new(header);
    message.questions = (0..rng.pick(&[0, 1, 1, 1, 1, 2])).map(|_| question(rng)).collect();
    message.answers = records(rng);
    message.authorities = records(rng);
    message.additionals = records(rng);
    if rng.once_in(2) {
        message.additionals.push(edns(rng).record());
    }
    message.sealed()
}

fn question(rng: &mut Rng) -> Question {
    let qtype = match rng.below(8) {
        0 => Type::ANY,
        1 => Type(rng.u16()),
        _ => rng.pick(&TYPES),
    };
    Question { qname: name(rng), qtype, qclass: rng.pick(&[Class::IN, Class::IN, Class::CH, Class::ANY]) }
}

fn records(rng: &mut Rng) -> Vec<Record> {
    (0..rng.pick(&[0, 0, 1, 1, 2, 3, 5]))
        .map(|_| {
            let rrtype = rng.pick(&TYPES);
            Record {
                name: name(rng),
                class: rng.pick(&[Class::IN, Class::CH]),
                ttl: ttl(rng),
                rdata: rdata(rrtype, rng),
            }
        })
        .collect()
}

fn ttl(rng: &mut Rng) -> u32 {
    rng.next() as u32 >> rng.below(32)
}

/// Names share their ends, differ in case, and now and then are as long as they can be.
pub(crate) fn name(rng: &mut Rng) -> Name {
    let mut name: Name = rng
        .pick(&["example.com", "Example.COM", "example.org", "com", ".", "a.b.c.d.e.example.net"])
        .parse()
        .expect("a name");
    let more = if rng.once_in(40) { 130 } else { rng.below(4) };
    for _ in 0..more {
        let label = match rng.below(8) {
            0 => {
                let most = rng.pick(&[3, 63]);
                let len = 1 + rng.below(most);
                rng.bytes(len)
            }
            _ => rng.pick(&["www", "WWW", "ns1", "mail", "_tcp", "*", "a"]).as_bytes().to_vec(),
        };
        // A label that is too much is left out.
        name = name.child(&label).unwrap_or(name);
    }
    assert!(name.wire().len() <= MOST_NAME);
    name
}

fn some(rng: &mut Rng, most: usize) -> Vec<u8> {
    let len = rng.below(most + 1);
    rng.bytes(len)
}

fn types(rng: &mut Rng) -> TypeBitMaps {
    TypeBitMaps(
        (0..1 + rng.below(6)).map(|_| if rng.once_in(3) { Type(rng.u16()) } else { rng.pick(&TYPES) }).collect(),
    )
}

pub(crate) fn rdata(rrtype: Type, rng: &mut Rng) -> Rdata {
    match rrtype {
        Type::A => Rdata::A(A { address: Ipv4Addr::from(rng.next() as u32) }),
        Type::AAAA => {
            Rdata::Aaaa(Aaaa { address: Ipv6Addr::from(u128::from(rng.next()) << 64 | u128::from(rng.next())) })
        }
        Type::NS => Rdata::Ns(Ns { nsdname: name(rng) }),
        Type::CNAME => Rdata::Cname(Cname { cname: name(rng) }),
        Type::PTR => Rdata::Ptr(Ptr { ptrdname: name(rng) }),
        Type::MX => Rdata::Mx(Mx { preference: rng.u16(), exchange: name(rng) }),
        Type::SOA => Rdata::Soa(Soa {
            mname: name(rng),
            rname: name(rng),
            serial: rng.next() as u32,
            refresh: ttl(rng) >> 1,
            retry: ttl(rng) >> 1,
            expire: ttl(rng) >> 1,
            minimum: ttl(rng),
        }),
        Type::TXT => {
            let strings = (0..=rng.below(3)).map(|_| CharacterString(some(rng, 255))).collect();
            Rdata::Txt(Txt { txt_data: CharacterStrings(strings) })
        }
        Type::SRV => Rdata::Srv(Srv { priority: rng.u16(), weight: rng.u16(), port: rng.u16(), target: name(rng) }),
        Type::CAA => Rdata::Caa(Caa {
            flags: rng.pick(&[0, 128, 1]),
            tag: PropertyTag(rng.pick(&["issue", "issuewild", "iodef", "contactemail"]).as_bytes().to_vec()),
            value: Property(some(rng, 40)),
        }),
        Type::DS => {
            Rdata::Ds(Ds { key_tag: rng.u16(), algorithm: rng.u8(), digest_type: rng.u8(), digest: Hex(some(rng, 48)) })
        }
        Type::DNSKEY => Rdata::Dnskey(Dnskey {
            flags: rng.pick(&[256, 257]),
            protocol: 3,
            algorithm: rng.u8(),
            public_key: Base64(some(rng, 200)),
        }),
        Type::RRSIG => Rdata::Rrsig(Rrsig {
            type_covered: rng.pick(&TYPES),
            algorithm: rng.u8(),
            labels: rng.u8(),
            original_ttl: ttl(rng),
            expiration: Time(rng.next() as u32),
            inception: Time(rng.next() as u32),
            key_tag: rng.u16(),
            signer_name: name(rng),
            signature: Base64(some(rng, 100)),
        }),
        Type::NSEC => Rdata::Nsec(Nsec { next_domain_name: name(rng), type_bit_maps: types(rng) }),
        Type::NSEC3 => Rdata::Nsec3(Nsec3 {
            hash_algorithm: 1,
            flags: rng.pick(&[0, 1]),
            iterations: rng.u16(),
            salt: Salt(some(rng, 16)),
            next_hashed: HashedName(rng.bytes(20)),
            type_bit_maps: types(rng),
        }),
        Type::SVCB => Rdata::Svcb(service(rng)),
        Type::HTTPS => Rdata::Https(service(rng)),
        other => {
            let len = 1 + rng.below(40);
            Rdata::Unknown(other, rng.bytes(len))
        }
    }
}

fn service(rng: &mut Rng) -> Svcb {
    let mut params = vec![];
    for key in [0, 1, 2, 3, 4, 5, 6, 7, 8, 667] {
        if rng.once_in(3) {
            let value = match key {
                0 => [0, 1, 0, 4].to_vec(),
                1 => rng.pick(&[b"\x02h2".as_slice(), b"\x02h3\x02h2", b"\x03a,b\x04c\\\"d"]).to_vec(),
                2 | 8 => vec![],
                3 => rng.bytes(2),
                4 | 6 => {
                    let len = (1 + rng.below(3)) * if key == 4 { 4 } else { 16 };
                    rng.bytes(len)
                }
                _ => some(rng, 30),
            };
            params.push(SvcParam { key, value });
        }
    }
    Svcb { svc_priority: rng.u16(), target_name: name(rng), svc_params: SvcParams(params) }
}

fn edns(rng: &mut Rng) -> Edns {
    let mut options = vec![];
    for kind in 0..6 {
        if rng.once_in(4) {
            options.push(match kind {
                0 => EdnsOption::Nsid(some(rng, 20)),
                1 if rng.once_in(2) => {
                    let bits = rng.below(33) as u8;
                    EdnsOption::ClientSubnet(ClientSubnet::of(Ipv4Addr::from(rng.next() as u32).into(), bits))
                }
                1 => {
                    let bits = rng.below(129) as u8;
                    EdnsOption::ClientSubnet(ClientSubnet::of(
                        Ipv6Addr::from(u128::from(rng.next()) << 64).into(),
                        bits,
                    ))
                }
                2 => {
                    let len = rng.pick(&[0, 8, 16, 32]);
                    EdnsOption::Cookie { client: rng.next().to_be_bytes(), server: rng.bytes(len) }
                }
                3 => EdnsOption::Padding(vec![0; rng.below(40)]),
                4 => EdnsOption::ExtendedError { info_code: rng.below(30) as u16, extra_text: b"a reason".to_vec() },
                _ => EdnsOption::Other(65_001, some(rng, 8)),
            });
        }
    }
    Edns {
        payload_size: 512 + rng.u16() % 4096,
        extended_rcode: rng.pick(&[0, 0, 1]),
        version: 0,
        dnssec_ok: rng.once_in(2),
        z: 0,
        options,
    }
}
