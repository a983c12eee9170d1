//! Records in messages, right and wrong.

use super::layout::{CUT, Layout, labels_of, pointing, whole};
use super::{A, AAAA, CNAME, NS, SOA, TXT, asked, malformed};
use crate::check::ask::Ask;
use crate::subjects::draw::Draw;
use host::lab::Value;

const RECORD: &str = "RFC 1035 section 4.1.3: NAME, TYPE, CLASS, TTL (32 bits), RDLENGTH, and so many bytes of RDATA";
const RDATA: &str =
    "RFC 3597 section 4: names in the RDATA of the types of RFC 1035, such as NS, CNAME and SOA, may be compressed";
const RDLENGTH: &str =
    "RFC 1035 section 4.1.3: RDLENGTH is the length of RDATA in octets, and the data have exactly that";
const UNKNOWN: &str = "RFC 3597 section 3: the RDATA of a type that is not known is opaque, and kept as it came";

/// A record's data: its type, the bytes, and what is read from them.
struct Sample {
    rtype: u16,
    rdata: Vec<u8>,
    read: Vec<(&'static str, Value)>,
    kind: &'static str,
}

/// Records as they stand in a message whose question is `ab.c`, at byte 12.
fn samples(draw: &mut Draw) -> Vec<Sample> {
    let address = draw.address();
    let server = labels_of("ns1");
    let text = |text: &str| vec![("data", text.into())];
    let numbers = [(); 5].map(|()| u32::from(draw.word()));
    let minimum = vec![("minimum", numbers.last().copied().into())];
    let soa =
        [pointing(&server, 12), pointing(&labels_of("admin"), 12), numbers.map(u32::to_be_bytes).concat()].concat();
    let plain = [whole(&labels_of("a.root")), whole(&[]), numbers.map(u32::to_be_bytes).concat()].concat();
    let unknown = |rtype: u16, rdata: Vec<u8>| Sample {
        rtype,
        read: vec![("data", rdata.clone().into()), ("type", rtype.into())],
        rdata,
        kind: "Other",
    };
    let known = |kind, rtype, rdata, read| Sample { rtype, rdata, read, kind };
    vec![
        known("A", A, address.octets().to_vec(), vec![("data", address.into())]),
        known("NS", NS, whole(&labels_of("ns.example.net")), text("ns.example.net.")),
        known("NS", NS, pointing(&server, 12), text("ns1.ab.c.")),
        known("CNAME", CNAME, whole(&labels_of("web")), text("web.")),
        known("CNAME", CNAME, pointing(&[], 15), text("c.")),
        known("SOA", SOA, soa, minimum.clone()),
        known("SOA", SOA, plain, minimum),
        unknown(TXT, b"\x05hello".to_vec()),
        unknown(AAAA, draw.bytes(16)),
        unknown(65_280, vec![]),
        unknown(65_281, b"\xc0\x0c".to_vec()),
    ]
}

pub(super) fn record(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let owners = [(pointing(&[], 12), "ab.c."), (whole(&[]), "."), (pointing(&labels_of("Www"), 12), "Www.ab.c.")];
    for (owner, name) in owners {
        for sample in samples(&mut draw) {
            let why = match sample.kind {
                "Other" => UNKNOWN,
                "A" => RECORD,
                _ => RDATA,
            };
            let ttl = u32::from(draw.word()) << draw.index(16);
            let mut layout = Layout::new();
            layout.name(&whole(&labels_of("ab.c")));
            let at = layout.record(&owner, sample.rtype, ttl, &sample.rdata);
            let behind = layout.end();
            layout.record(&pointing(&[], 12), A, 1, &[192, 0, 2, 1]);
            let head = vec![("name", name.into()), ("ttl", ttl.into())];
            let fields = [head, sample.read, vec![("behind", behind.into())]].concat();
            let fields = fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
            let expected = Value::Record(sample.kind.into(), fields);
            asks.push(asked("read_record", [("message", layout.bytes.into()), ("at", at.into())], expected, why));
        }
    }
    asks
}

pub(super) fn rdata(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let wrong = |layout: &Layout, at: usize, why| {
        malformed("read_record", [("message", layout.bytes.clone().into()), ("at", at.into())], why)
    };
    let all = samples(&mut draw);
    let says = |sample: &Sample, rdata: &[u8], length: usize| {
        let mut layout = Layout::new();
        layout.name(&whole(&labels_of("ab.c")));
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        let at = layout.record_that_says(&pointing(&[], 12), sample.rtype, 300, rdata, length);
        layout.record(&whole(&[]), TXT, 1, &[0; 40]);
        (layout, at)
    };
    for sample in all.iter().filter(|sample| sample.kind != "Other") {
        let length = sample.rdata.len();
        let more = [sample.rdata.as_slice(), &[0]].concat();
        let [(short, at), (shorter, _), (longer, _)] =
            [says(sample, &sample.rdata, length - 1), says(sample, &sample.rdata, 0), says(sample, &more, length + 1)];
        asks.extend([short, shorter, longer].map(|layout| wrong(&layout, at, RDLENGTH)));
    }
    // Less is here than is said, or than a record has before its data.
    for sample in &all {
        let mut layout = Layout::new();
        layout.name(&whole(&labels_of("ab.c")));
        let at = layout.record(&pointing(&labels_of("www"), 12), sample.rtype, 300, &sample.rdata);
        asks.extend((at..layout.end()).map(|end| wrong(&layout.cut(end), at, CUT)));
    }
    // And more than any message has.
    for sample in all.iter().filter(|sample| sample.kind == "Other") {
        let (layout, at) = says(sample, &sample.rdata, usize::from(u16::MAX));
        asks.push(wrong(&layout, at, CUT));
    }
    asks
}
