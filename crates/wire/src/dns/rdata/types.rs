//! The types that a resolver meets every day.

use super::text::{CharacterStrings, Property, PropertyTag};
use crate::dns::Name;
use crate::fields::Show::{Addr, Addr6, Bytes, Dec, Text};
use std::net::{Ipv4Addr, Ipv6Addr};

table! {
    /// An IPv4 address, RFC 1035 section 3.4.1.
    A, Compressed;
    address: Ipv4Addr, "ADDRESS", Addr;
}

table! {
    /// An IPv6 address, RFC 3596 section 2.2.
    Aaaa, Compressed;
    address: Ipv6Addr, "ADDRESS", Addr6;
}

table! {
    /// A server that has authority for a zone, RFC 1035 section 3.3.11.
    Ns, Compressed;
    nsdname: Name, "NSDNAME", Bytes;
}

table! {
    /// The name for which this one is an alias, RFC 1035 section 3.3.1.
    Cname, Compressed;
    cname: Name, "CNAME", Bytes;
}

table! {
    /// The name that an address has, RFC 1035 section 3.3.12.
    Ptr, Compressed;
    ptrdname: Name, "PTRDNAME", Bytes;
}

table! {
    /// The start of a zone, RFC 1035 section 3.3.13. Times are in seconds.
    ///
    /// RFC 2308 section 4 gives MINIMUM its meaning: how long a resolver may keep that there is *no* record.
    Soa, Compressed;
    mname:   Name, "MNAME",   Bytes;
    rname:   Name, "RNAME",   Bytes;
    serial:  u32,  "SERIAL",  Dec;
    refresh: u32,  "REFRESH", Dec;
    retry:   u32,  "RETRY",   Dec;
    expire:  u32,  "EXPIRE",  Dec;
    minimum: u32,  "MINIMUM", Dec;
}

table! {
    /// A host that takes mail for a name, RFC 1035 section 3.3.9; the least preference first.
    Mx, Compressed;
    preference: u16,  "PREFERENCE", Dec;
    exchange:   Name, "EXCHANGE",   Bytes;
}

table! {
    /// Text, RFC 1035 section 3.3.14: strings of 255 bytes at most, and one at least.
    Txt, Compressed;
    txt_data: CharacterStrings, "TXT-DATA", Text;
}

table! {
    /// A host and a port for a service, RFC 2782; the least priority first, and the larger weight more often.
    Srv, Whole;
    priority: u16,  "Priority", Dec;
    weight:   u16,  "Weight",   Dec;
    port:     u16,  "Port",     Dec;
    target:   Name, "Target",   Bytes;
}

table! {
    /// Who may make certificates for a name, RFC 8659 section 4.1.
    Caa, Whole;
    flags: u8,          "Flags", Dec;
    tag:   PropertyTag, "Tag",   Text;
    value: Property,    "Value", Text;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::rdata::{CharacterString, Rdata};

    #[test]
    fn data_read_as_in_a_master_file() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let soa = Soa {
            mname: name("ns1.example.com"),
            rname: name("hostmaster.example.com"),
            serial: 2_024_010_101,
            refresh: 7200,
            retry: 3600,
            expire: 1_209_600,
            minimum: 300,
        };
        let txt = CharacterStrings(vec![CharacterString(b"v=spf1 \"-all\"".to_vec()), CharacterString(vec![0, 0xff])]);
        let caa =
            Caa { flags: 128, tag: PropertyTag(b"issue".to_vec()), value: Property(b"ca.example; a=\"b\"".to_vec()) };
        for (data, text) in [
            (Rdata::of_address([203, 0, 113, 10].into()), "203.0.113.10"),
            (Rdata::Mx(Mx { preference: 10, exchange: name("mail.example.com") }), "10 mail.example.com."),
            (Rdata::Soa(soa), "ns1.example.com. hostmaster.example.com. 2024010101 7200 3600 1209600 300"),
            (Rdata::Txt(Txt { txt_data: txt }), r#""v=spf1 \"-all\"" "\000\255""#),
            (
                Rdata::Srv(Srv { priority: 0, weight: 5, port: 5060, target: name("sip.example.com") }),
                "0 5 5060 sip.example.com.",
            ),
            (Rdata::Caa(caa), r#"128 issue "ca.example; a=\"b\"""#),
            (Rdata::Unknown(crate::dns::Type(65534), vec![10, 0, 0, 1]), "\\# 4 0A000001"),
            (Rdata::Unknown(crate::dns::Type(65534), vec![]), "\\# 0"),
        ] {
            assert_eq!(data.to_string(), text);
        }
    }
}
