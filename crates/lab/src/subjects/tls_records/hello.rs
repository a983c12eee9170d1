//! What a client says first.

use super::{asked, first, malformed, vector};
use crate::check::ask::Ask;
use crate::subjects::draw::Draw;
use host::lab::Value;

const HELLO: &str = "RFC 8446 section 4.1.2: legacy_version (2 bytes), random (32), legacy_session_id<0..32>, \
                     cipher_suites<2..2^16-2>, legacy_compression_methods<1..2^8-1>, extensions";
const VECTOR: &str =
    "RFC 8446 section 3.4: a vector stands behind its length, which has as many bytes as its longest needs";
const NONE: &str =
    "RFC 5246 section 7.4.1.2: whether there are extensions is told by whether bytes follow the compression methods";
const EXTENSION: &str = "RFC 8446 section 4.2: extension_type (2 bytes), then extension_data<0..2^16-1>";
const TWICE: &str = "RFC 8446 section 4.2: no more than one extension of the same type in a block";
const DECODE: &str = "RFC 8446 section 6.2: what cannot be parsed, with a length out of range or a field that ends too early, is a decode_error";
const NAME: &str = "RFC 6066 section 3: a list<1..2^16-1> of names, each of a type (1 byte) and data<1..2^16-1>";
const OTHER_NAME: &str =
    "RFC 6066 section 3: names of all types begin with a length of 16 bits, so that one can step over them";
const ONE_NAME: &str =
    "RFC 6066 section 3: no more than one name of the same type; a host name is ASCII, and not empty";
const VERSIONS: &str = "RFC 8446 section 4.2.1: where supported_versions is present, legacy_version says nothing; the list has a length of 1 byte";
const NO_VERSIONS: &str =
    "RFC 8446 section 4.2.1: without supported_versions, legacy_version is what the client offers";
const GREASE: &str = "RFC 8701 section 2: values of GREASE are 0x0a0a, 0x1a1a, 0x2a2a … 0xfafa, and mean nothing";

/// A `ClientHello`, before it is bytes.
#[derive(Debug, Clone)]
pub(super) struct Hello {
    version: u16,
    random: Vec<u8>,
    session_id: Vec<u8>,
    suites: Vec<u16>,
    compression: Vec<u8>,
    extensions: Option<Vec<(u16, Vec<u8>)>>,
}

impl Hello {
    pub(super) fn drawn(draw: &mut Draw) -> Self {
        let suites = 1 + draw.index(6);
        Self {
            version: 0x0303,
            random: draw.bytes(32),
            session_id: draw.bytes(32),
            suites: (0..suites).map(|_| draw.word()).collect(),
            compression: vec![0],
            extensions: None,
        }
    }

    fn with(mut self, extensions: &[(u16, Vec<u8>)]) -> Self {
        self.extensions = Some(extensions.into());
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let extensions = self.extensions.as_ref().map(|all| vector(2, &block(all)));
        self.around(&vector(1, &self.session_id), &vector(2, &words(&self.suites)), &extensions.unwrap_or_default())
    }

    /// With these bytes in the place of the session ID, the suites and the extensions.
    fn around(&self, session_id: &[u8], suites: &[u8], extensions: &[u8]) -> Vec<u8> {
        let version = self.version.to_be_bytes();
        [&version[..], &self.random, session_id, suites, &vector(1, &self.compression), extensions].concat()
    }

    fn told(&self) -> Value {
        let suites: Vec<Value> = self.suites.iter().map(|suite| Value::Word(*suite)).collect();
        Value::record(
            "ClientHello",
            [
                ("legacy_version", Value::Word(self.version)),
                ("random", self.random.clone().into()),
                ("session_id", self.session_id.clone().into()),
                ("cipher_suites", suites.into()),
                ("extensions", values(self.extensions.as_deref().unwrap_or_default())),
            ],
        )
    }

    fn read(&self, why: &'static str) -> Ask {
        asked("client_hello", [("body", self.bytes().into())], self.told(), why)
    }
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn block(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    extensions.iter().flat_map(|(kind, data)| [&kind.to_be_bytes()[..], &vector(2, data)].concat()).collect()
}

fn values(extensions: &[(u16, Vec<u8>)]) -> Value {
    let one = |(kind, data): &(u16, Vec<u8>)| {
        Value::record("extension", [("type", (*kind).into()), ("data", data.clone().into())])
    };
    extensions.iter().map(one).collect::<Vec<_>>().into()
}

pub(super) fn hello(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for (session_id, suites, compression) in
        [(0, 1, 1), (32, 1, 1), (0, 2, 1), (8, 3, 1), (1, 1, 2), (16, 5, 3), (31, 130, 1), (32, 300, 2)]
    {
        let hello = Hello {
            version: 0x0301 + draw.word() % 3,
            session_id: draw.bytes(session_id),
            suites: (0..suites).map(|_| draw.word()).collect(),
            compression: draw.bytes(compression),
            ..Hello::drawn(&mut draw)
        };
        asks.push(hello.read(if asks.is_empty() { NONE } else { HELLO }));
    }
    asks
}

pub(super) fn extensions(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    let built: [&[(u16, usize)]; 8] = [
        &[],
        &[(43, 3)],
        &[(0, 20), (43, 5)],
        &[(23, 0)],
        &[(35, 0), (23, 0), (51, 38)],
        &[(0x1a1a, 1), (0, 12), (0xfafa, 0)],
        &[(21, 300), (10, 4)],
        &[(65_281, 1), (41, 260), (13, 2), (0, 9)],
    ];
    for lens in built {
        let all: Vec<_> = lens.iter().map(|(kind, len)| (*kind, draw.bytes(*len))).collect();
        asks.push(Hello::drawn(&mut draw).with(&all).read(EXTENSION));
    }
    asks
}

pub(super) fn lengths(mut draw: Draw) -> Vec<Ask> {
    let bad = |body: Vec<u8>, why| malformed("client_hello", [("body", body.into())], why);
    let all = [(43, draw.bytes(3)), (23, vec![]), (0, draw.bytes(9))];
    let plain = Hello::drawn(&mut draw);
    let hello = plain.clone().with(&all);
    let mut asks = vec![plain.read(NONE), hello.read(DECODE)];
    // Cut before each byte. Only where the extensions would begin it is a whole one.
    let (bytes, end) = (hello.bytes(), plain.bytes().len());
    asks.extend((0..bytes.len()).filter(|cut| *cut != end).map(|cut| bad(first(&bytes, cut), DECODE)));
    let of = |session_id: usize, suites: &[u8], extensions: &[u8]| {
        plain.around(&vector(1, &vec![7; session_id]), &vector(2, suites), extensions)
    };
    let some = vector(2, &block(&all));
    asks.extend([
        bad([bytes.clone(), vec![0]].concat(), DECODE),
        bad([bytes.clone(), draw.bytes(9)].concat(), DECODE),
        bad(of(33, &[0x13, 1], &some), HELLO),
        bad(of(255, &[0x13, 1], &some), HELLO),
        bad(of(32, &[], &some), HELLO),
        bad(of(32, &[0x13], &some), HELLO),
        bad(of(0, &[0x13, 1, 0x13], &some), HELLO),
        bad(Hello { compression: vec![], ..hello.clone() }.bytes(), HELLO),
        // A list that is longer or shorter than what is in it, and data that reach beyond it.
        bad(of(32, &[0x13, 1], &[&[0, 5][..], &[0, 23, 0, 0]].concat()), VECTOR),
        bad(of(32, &[0x13, 1], &[&[0, 3][..], &[0, 23, 0, 0]].concat()), VECTOR),
        bad(of(32, &[0x13, 1], &vector(2, &[0, 23, 0, 1])), VECTOR),
        bad(of(32, &[0x13, 1], &vector(2, &[0, 43, 0, 3, 2, 3, 4, 0])), VECTOR),
        bad(of(32, &[0x13, 1], &vector(2, &[0, 43, 0xff, 0xff, 2])), VECTOR),
    ]);
    let twice = [(23, vec![]), (23, vec![])];
    let apart = [(0, draw.bytes(4)), (23, vec![]), (0, draw.bytes(6))];
    asks.extend([&twice[..], &apart].map(|all| bad(plain.clone().with(all).bytes(), TWICE)));
    asks.push(hello.read(DECODE));
    asks
}

/// A list of names, each with its type.
fn names(names: &[(u8, &[u8])]) -> Vec<u8> {
    let list: Vec<u8> = names.iter().flat_map(|(kind, name)| [&[*kind][..], &vector(2, name)].concat()).collect();
    vector(2, &list)
}

fn host(draw: &mut Draw) -> String {
    let mut label = || {
        let len = 1 + draw.index(9);
        (0..len).map(|_| char::from(b'a' + draw.byte() % 26)).collect::<String>()
    };
    [label(), label(), label()].join(".")
}

fn named(extensions: &[(u16, Vec<u8>)], name: Option<&str>, why: &'static str) -> Ask {
    asked("server_name", [("extensions", values(extensions))], name.into(), why)
}

pub(super) fn server_name(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![named(&[(0, names(&[(0, b"www.example.com")]))], Some("www.example.com"), NAME)];
    let (a, b) = ((23, vec![]), (43, vec![4, 3, 4, 3, 3]));
    asks.push(named(&[], None, NAME));
    asks.push(named(&[a.clone(), b.clone(), (1, names(&[(0, b"no.example")]))], None, NAME));
    for _ in 0..4 {
        let name = host(&mut draw);
        let sni = (0, names(&[(0, name.as_bytes())]));
        asks.push(named(&[sni.clone(), a.clone()], Some(&name), NAME));
        asks.push(named(&[b.clone(), sni.clone(), a.clone()], Some(&name), NAME));
    }
    let long = [host(&mut draw), "x".repeat(240)].join(".");
    asks.push(named(&[(0, names(&[(0, long.as_bytes())]))], Some(&long), NAME));
    let name = host(&mut draw).to_ascii_uppercase();
    asks.push(named(&[(0, names(&[(0, name.as_bytes())]))], Some(&name), NAME));
    // Names of another type, before it, behind it, alone; and whatever is in them.
    for other in [vec![0xff, 0, 10], vec![], draw.bytes(7)] {
        let name = host(&mut draw);
        asks.push(named(&[(0, names(&[(7, &other), (0, name.as_bytes())]))], Some(&name), OTHER_NAME));
        asks.push(named(&[(0, names(&[(0, name.as_bytes()), (7, &other)]))], Some(&name), OTHER_NAME));
        asks.push(named(&[(0, names(&[(7, &other)]))], None, OTHER_NAME));
    }
    asks
}

pub(super) fn name_limits(mut draw: Draw) -> Vec<Ask> {
    let bad = |data: Vec<u8>, why| malformed("server_name", [("extensions", values(&[(0, data)]))], why);
    let name = host(&mut draw);
    let right = names(&[(0, name.as_bytes())]);
    let mut asks = vec![named(&[(0, right.clone())], Some(&name), NAME)];
    asks.extend((0..right.len()).map(|cut| bad(first(&right, cut), NAME)));
    let of = |name: &[u8]| names(&[(0, name)]);
    asks.extend([
        bad([&right[..], &[0]].concat(), NAME),
        bad(vec![0, 0], NAME),
        bad(vec![0, 2, 0, 0], NAME),
        bad(vec![0, 7, 0, 0, 5, b'a', b'.', b'b', b'c'], NAME),
        bad(vec![0, 4, 7, 0, 2, 1], OTHER_NAME),
        bad(of(&[]), ONE_NAME),
        bad(names(&[(0, b"a.example"), (0, b"b.example")]), ONE_NAME),
        bad(names(&[(0, b"a.example"), (7, b"x"), (0, b"a.example")]), ONE_NAME),
        bad(of("b\u{fc}cher.example".as_bytes()), ONE_NAME),
        bad(of(b"www.example.com\n"), ONE_NAME),
        bad(of(b"\x1b[2Jwww.example.com"), ONE_NAME),
        bad(of(b"www example.com"), ONE_NAME),
        bad(of(b"www.example.com\0"), ONE_NAME),
        bad(of(&[0xff, b'a']), ONE_NAME),
    ]);
    asks.push(named(&[(0, of(b"xn--bcher-kva.example"))], Some("xn--bcher-kva.example"), ONE_NAME));
    asks.push(named(&[(0, of(b"_dmarc~!.example"))], Some("_dmarc~!.example"), ONE_NAME));
    asks
}

pub(super) fn versions(mut draw: Draw) -> Vec<Ask> {
    let ask = |legacy: u16, all: &[(u16, Vec<u8>)], offered: &[u16], why| {
        let offered: Vec<Value> = offered.iter().map(|version| Value::Word(*version)).collect();
        asked("versions", [("legacy_version", Value::Word(legacy)), ("extensions", values(all))], offered.into(), why)
    };
    let list = |offered: &[u16]| (43, vector(1, &words(offered)));
    let of = |offered: &[u16], left: &[u16], why| ask(0x0303, &[(23, vec![]), list(offered)], left, why);
    let mut asks = vec![
        of(&[0x0304, 0x0303], &[0x0304, 0x0303], VERSIONS),
        of(&[0x0304], &[0x0304], VERSIONS),
        of(&[0x0303, 0x0304], &[0x0303, 0x0304], VERSIONS),
        ask(0x0301, &[list(&[0x0304, 0x7f1c, 0x0303])], &[0x0304, 0x7f1c, 0x0303], VERSIONS),
        ask(0x0303, &[], &[0x0303], NO_VERSIONS),
        ask(0x0301, &[(10, vec![0, 2, 0, 29])], &[0x0301], NO_VERSIONS),
        of(&[0x0a0a, 0x0304], &[0x0304], GREASE),
        of(&[0xfafa, 0x0304, 0x0303, 0x1a1a], &[0x0304, 0x0303], GREASE),
        of(&[0x5a5a], &[], GREASE),
        // Nearly GREASE: other nibbles, or two bytes that differ.
        of(
            &[0x0404, 0x0b0b, 0x1a2a, 0x0a1a, 0xa0a0, 0x0304],
            &[0x0404, 0x0b0b, 0x1a2a, 0x0a1a, 0xa0a0, 0x0304],
            GREASE,
        ),
    ];
    for _ in 0..4 {
        let grease = (u16::from(draw.byte()) & 0xf0 | 0x0a) * 0x0101;
        let version = 0x0300 | draw.word() & 0x0f;
        asks.push(of(&[version, grease, 0x0303], &[version, 0x0303], GREASE));
    }
    let bad = |data: &[u8]| {
        let arguments = [("legacy_version", Value::Word(0x0303)), ("extensions", values(&[(43, data.to_vec())]))];
        malformed("versions", arguments, DECODE)
    };
    asks.extend([&[][..], &[0], &[1, 3], &[3, 3, 4, 3], &[4, 3, 4], &[2, 3, 4, 0], &[2, 3, 4, 3, 3]].map(bad));
    asks
}
