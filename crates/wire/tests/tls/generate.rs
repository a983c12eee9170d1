//! Valid messages and records of TLS, written here byte by byte; the same for the same seed.

use super::Rng;

/// Behind a length of two bytes.
fn two(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

/// Behind a length of one byte.
fn one(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8], bytes].concat()
}

/// Behind a length of three bytes.
fn three(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat()
}

fn some(rng: &mut Rng, most: usize) -> Vec<u8> {
    let len = rng.below(most + 1);
    rng.bytes(len)
}

/// A few numbers of two bytes out of these.
fn few(rng: &mut Rng, from: &[u16]) -> Vec<u8> {
    let count = 1 + rng.below(6);
    (0..count).flat_map(|_| rng.pick(from).to_be_bytes()).collect()
}

const SUITES: &[u16] = &[0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xcca8, 0x002f, 0x00ff, 0x0a0a, 0xfafa, 0x1234];
const GROUPS: &[u16] = &[23, 24, 25, 29, 30, 256, 0x11ec, 0x1a1a];
const SCHEMES: &[u16] = &[0x0401, 0x0403, 0x0503, 0x0804, 0x0805, 0x0807];
const VERSIONS: &[u16] = &[0x0304, 0x0303, 0x0302, 0x2a2a];

/// A message with its header.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &three(body)[..]].concat()
}

/// A record around a fragment.
pub(crate) fn record(kind: u8, version: u16, fragment: &[u8]) -> Vec<u8> {
    [&[kind], &version.to_be_bytes()[..], &two(fragment)].concat()
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), &two(data)[..]].concat()
}

fn name(rng: &mut Rng) -> Vec<u8> {
    let labels = ["www", "shop", "a", "example", "xn--bcher-kva", "test"];
    let name: Vec<&str> = (0..1 + rng.below(3)).map(|_| rng.pick(&labels)).collect();
    name.join(".").into_bytes()
}

fn share(rng: &mut Rng) -> Vec<u8> {
    let group = rng.pick(GROUPS).to_be_bytes();
    let key = 1 + rng.below(97);
    [&group, &two(&rng.bytes(key))[..]].concat()
}

/// Some extensions of a `ClientHello`, each once, in a random order.
fn of_client(rng: &mut Rng) -> Vec<u8> {
    let mut kinds = vec![0u16, 10, 11, 13, 16, 23, 42, 43, 45, 51, 0x0a0a, 0xff01, 44];
    let mut all = vec![];
    for _ in 0..rng.below(kinds.len() + 1) {
        let kind = kinds.swap_remove(rng.below(kinds.len()));
        let data = match kind {
            0 => two(&[&[0], &two(&name(rng))[..]].concat()),
            10 => two(&few(rng, GROUPS)),
            11 => one(&[0]),
            13 => two(&few(rng, SCHEMES)),
            16 => two(&[&one(b"h2")[..], &one(b"http/1.1")].concat()),
            43 => one(&few(rng, VERSIONS)),
            44 => two(&rng.bytes(20)),
            45 => one(&[1]),
            51 => two(&[share(rng), share(rng)].concat()),
            0xff01 => one(&[]),
            _ => vec![],
        };
        all.extend(extension(kind, &data));
    }
    if rng.once_in(4) {
        // RFC 8446 section 4.2.11: this one "MUST be the last extension in the ClientHello".
        let identity = [&two(&rng.bytes(32))[..], &rng.bytes(4)].concat();
        let data = [two(&identity), two(&one(&rng.bytes(48)))].concat();
        all.extend(extension(41, &data));
    }
    all
}

pub(crate) fn client_hello(rng: &mut Rng) -> Vec<u8> {
    let session_id = if rng.once_in(3) { vec![] } else { rng.bytes(32) };
    let head = [&[3, 3], &rng.bytes(32)[..], &one(&session_id), &two(&few(rng, SUITES)), &one(&[0])].concat();
    message(1, &[head, two(&of_client(rng))].concat())
}

/// A `ServerHello`, or a `HelloRetryRequest`.
pub(crate) fn server_hello(rng: &mut Rng) -> Vec<u8> {
    let is_retry = rng.once_in(4);
    let random = if is_retry { wire::tls::RETRY_RANDOM.to_vec() } else { rng.bytes(32) };
    let shared = if is_retry { rng.pick(GROUPS).to_be_bytes().to_vec() } else { share(rng) };
    let suite = rng.pick(&[0x1301u16, 0x1302, 0x1303]).to_be_bytes();
    let extensions = [extension(43, &[3, 4]), extension(51, &shared)].concat();
    let body = [&[3, 3], &random[..], &one(&rng.bytes(32)), &suite, &[0], &two(&extensions)].concat();
    message(2, &body)
}

/// A message of another type, of TLS 1.3 or of TLS 1.2.
pub(crate) fn another(rng: &mut Rng, is_13: bool) -> Vec<u8> {
    match rng.below(9) {
        0 => message(8, &two(&[extension(0, &[]), extension(16, &two(&one(b"h2")))].concat())),
        1 => {
            let entry = |rng: &mut Rng| {
                let certificate = three(&some(rng, 400));
                if is_13 { [certificate, two(&[])].concat() } else { certificate }
            };
            let list = three(&[entry(rng), entry(rng)].concat());
            message(11, &if is_13 { [one(&[]), list].concat() } else { list })
        }
        2 => message(15, &[&rng.pick(SCHEMES).to_be_bytes(), &two(&some(rng, 100))[..]].concat()),
        3 => message(20, &some(rng, 48)),
        4 if is_13 => {
            let data = [one(&[0; 8]), two(&rng.bytes(32)), two(&extension(42, &[0, 0, 64, 0]))].concat();
            message(4, &[rng.bytes(8), data].concat())
        }
        4 => message(4, &[rng.bytes(4), two(&rng.bytes(32))].concat()),
        5 => {
            let signed = [&rng.pick(SCHEMES).to_be_bytes(), &two(&rng.bytes(64))[..]].concat();
            message(12, &[&[3, 0, 29], &one(&rng.bytes(32))[..], &signed].concat())
        }
        6 => message(14, &[]),
        7 if is_13 => message(13, &[one(&[]), two(&extension(13, &two(&few(rng, SCHEMES))))].concat()),
        7 => message(13, &[one(&[1, 64]), two(&few(rng, SCHEMES)), two(&two(b"authority"))].concat()),
        _ => message(24, &[rng.u8() & 1]),
    }
}

/// Records of a segment: each kind by itself, for what comes behind a hello is read by what the hello chose.
pub(crate) fn segment(rng: &mut Rng) -> Vec<u8> {
    match rng.below(8) {
        0 => record(21, 0x0303, &[rng.pick(&[1, 2]), rng.pick(&[0, 10, 20, 40, 42, 48, 50, 70, 80, 112, 120])]),
        1 => record(20, 0x0303, &[1]),
        2 => record(23, 0x0303, &[rng.bytes(17), some(rng, 400)].concat()),
        3 | 4 => record(22, 0x0303, &server_hello(rng)),
        _ => record(22, rng.pick(&[0x0301, 0x0303]), &client_hello(rng)),
    }
}
