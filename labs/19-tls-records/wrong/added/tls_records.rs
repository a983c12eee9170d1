// Fails `nonce`: the number is added, byte by byte.
//! Lab 19, solved: TLS as somebody on the path reads it, and the numbers that keep it closed to him.

use crate::sha256::hmac;
use host::lab::{Lab, LabError};

/// Bytes behind one another, of which each taken one is gone.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Lab<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(LabError::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, bytes: usize) -> Lab<usize> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn word(&mut self) -> Lab<u16> {
        Ok(self.number(2)? as u16)
    }

    /// What stands behind its own length, which has so many bytes.
    fn vector(&mut self, bytes: usize) -> Lab<&'a [u8]> {
        let length = self.number(bytes)?;
        self.take(length)
    }
}

fn must(holds: bool) -> Lab<()> {
    if holds { Ok(()) } else { Err(LabError::Malformed) }
}

/// A record, as it stands in the stream of one direction.
pub struct Record<'a> {
    /// 20 change_cipher_spec, 21 alert, 22 handshake, 23 application data.
    pub content_type: u8,
    pub fragment: &'a [u8],
}

/// The record at the beginning of `stream`, and how many bytes of the stream it takes; `None`: the rest of it is still to come.
///
/// Malformed is: a type that is not one of the four, a fragment of more than 16,640 bytes. Both as soon as it can be seen.
pub fn record(stream: &[u8]) -> Lab<Option<(Record<'_>, usize)>> {
    let Some(content_type) = stream.first() else { return Ok(None) };
    must((20..=23).contains(content_type))?;
    let Some([_, _, _, high, low]) = stream.get(..5) else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    must(length <= 16_640)?;
    Ok(stream.get(5..5 + length).map(|fragment| (Record { content_type: *content_type, fragment }, 5 + length)))
}

/// A handshake message.
pub struct Message {
    /// 1 ClientHello, 2 ServerHello, 11 Certificate …
    pub msg_type: u8,
    /// What is behind the four bytes of its header.
    pub body: Vec<u8>,
}

/// Handshake messages out of the fragments of records: a message may go over several, and a fragment may hold several.
pub struct Messages {
    /// What came of a message that is not whole yet. Another type that has a default will do as well; it is empty at first.
    pub held: Vec<u8>,
}

impl Messages {
    /// The fragment of the next handshake record: the messages that are whole now.
    ///
    /// Malformed is: an empty fragment, a message of more than 65,536 bytes behind its header, as soon as its length is there.
    pub fn arrive(&mut self, fragment: &[u8]) -> Lab<Vec<Message>> {
        must(!fragment.is_empty())?;
        self.held.extend(fragment);
        let mut whole = vec![];
        while let Some([msg_type, a, b, c]) = self.held.get(..4) {
            let (msg_type, length) = (*msg_type, u32::from_be_bytes([0, *a, *b, *c]) as usize);
            must(length <= 65_536)?;
            let Some(body) = self.held.get(4..4 + length) else { break };
            whole.push(Message { msg_type, body: body.to_vec() });
            self.held.drain(..4 + length);
        }
        Ok(whole)
    }
}

/// An extension: its type, and its data.
pub type Extension<'a> = (u16, &'a [u8]);

/// What a client says first.
pub struct ClientHello<'a> {
    pub legacy_version: u16,
    pub random: &'a [u8],
    pub session_id: &'a [u8],
    pub cipher_suites: Vec<u16>,
    /// In their order.
    pub extensions: Vec<Extension<'a>>,
}

/// Reads the body of a ClientHello. It may end where the extensions would begin.
///
/// Malformed is: what ends too early, or has anything behind its end; a session ID of more than 32 bytes; no cipher suite, or
/// half of one; no compression method; two extensions of one type.
pub fn client_hello(body: &[u8]) -> Lab<ClientHello<'_>> {
    let mut hello = Reader(body);
    let legacy_version = hello.word()?;
    let random = hello.take(32)?;
    let session_id = hello.vector(1)?;
    must(session_id.len() <= 32)?;
    let cipher_suites = words(hello.vector(2)?)?;
    must(!hello.vector(1)?.is_empty())?;
    let mut extensions: Vec<Extension> = vec![];
    if !hello.0.is_empty() {
        let mut list = Reader(hello.vector(2)?);
        must(hello.0.is_empty())?;
        while !list.0.is_empty() {
            let (extension_type, data) = (list.word()?, list.vector(2)?);
            must(extensions.iter().all(|(other, _)| *other != extension_type))?;
            extensions.push((extension_type, data));
        }
    }
    Ok(ClientHello { legacy_version, random, session_id, cipher_suites, extensions })
}

/// One number of 16 bits, or more of them.
fn words(bytes: &[u8]) -> Lab<Vec<u16>> {
    must(!bytes.is_empty() && bytes.len() % 2 == 0)?;
    Ok(bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect())
}

fn of_type<'a>(extensions: &[Extension<'a>], wanted: u16) -> Option<&'a [u8]> {
    extensions.iter().find(|(extension_type, _)| *extension_type == wanted).map(|(_, data)| *data)
}

/// The host that a client asks for in the extension server_name (0); `None`: it names none.
///
/// Malformed is: lengths that do not agree, an empty list, two names of type host_name (0), a host name that is empty or has
/// bytes other than those of ASCII that can be seen. What names of other types hold is no matter.
pub fn server_name(extensions: &[Extension]) -> Lab<Option<String>> {
    let Some(data) = of_type(extensions, 0) else { return Ok(None) };
    let mut data = Reader(data);
    let mut list = Reader(data.vector(2)?);
    must(data.0.is_empty() && !list.0.is_empty())?;
    let mut host = None;
    while !list.0.is_empty() {
        let (name_type, name) = (list.number(1)?, list.vector(2)?);
        if name_type == 0 {
            must(host.is_none() && !name.is_empty() && name.iter().all(u8::is_ascii_graphic))?;
            host = Some(name.iter().copied().map(char::from).collect());
        }
    }
    Ok(host)
}

/// The versions that a client offers, in its order: those of the extension supported_versions (43), or `legacy_version` where
/// there is no such extension. Values of GREASE are no versions.
///
/// Malformed is: an empty list, half a version, a length that does not agree.
pub fn versions(legacy_version: u16, extensions: &[Extension]) -> Lab<Vec<u16>> {
    let Some(data) = of_type(extensions, 43) else { return Ok(vec![legacy_version]) };
    let mut data = Reader(data);
    let offered = words(data.vector(1)?)?;
    must(data.0.is_empty())?;
    let is_grease = |version: &u16| version & 0x0f0f == 0x0a0a && version >> 8 == version & 0xff;
    Ok(offered.into_iter().filter(|version| !is_grease(version)).collect())
}

/// `base` to the power of `exponent`, modulo `modulus`, which is at least 2.
pub fn power(base: u32, exponent: u32, modulus: u32) -> Lab<u32> {
    let modulus = u64::from(modulus);
    let (mut square, mut left, mut product) = (u64::from(base) % modulus, exponent, 1);
    while left > 0 {
        if left % 2 == 1 {
            product = product * square % modulus;
        }
        square = square * square % modulus;
        left /= 2;
    }
    Ok(product as u32)
}

/// The number that both ends have in the end: from the one that the other has published, and one's own secret.
///
/// Malformed is a public number that is not above 1 and below `modulus` - 1.
pub fn shared(public: u32, secret: u32, modulus: u32) -> Lab<u32> {
    must(public > 1 && public < modulus - 1)?;
    power(public, secret, modulus)
}

/// What an eavesdropper does: the smallest secret from 1 on that leads from `base` to `public`; `None`: below `modulus` there
/// is none. The numbers are small ones.
pub fn crack(base: u32, modulus: u32, public: u32) -> Lab<Option<u32>> {
    for secret in 1..modulus {
        if power(base, secret, modulus)? == public {
            return Ok(Some(secret));
        }
    }
    Ok(None)
}

/// HKDF-Expand with SHA-256: `length` bytes from a key and what they are for. `hmac(key, message)` is handed out.
///
/// Malformed is more than 255 blocks of 32 bytes.
pub fn expand(key: &[u8], info: &[u8], length: usize) -> Lab<Vec<u8>> {
    let (mut all, mut block, mut counter) = (vec![], vec![], 0_u8);
    while all.len() < length {
        counter = counter.checked_add(1).ok_or(LabError::Malformed)?;
        block = hmac(key, &[&block, info, &[counter]].concat()).to_vec();
        all.extend(&block);
    }
    all.truncate(length);
    Ok(all)
}

/// HKDF-Expand-Label of TLS 1.3: `expand`, with the struct HkdfLabel as what the bytes are for. `label` is without `tls13 `.
pub fn expand_label(secret: &[u8], label: &str, context: &[u8], length: u16) -> Lab<Vec<u8>> {
    let label = ["tls13 ", label].concat();
    let mut info = length.to_be_bytes().to_vec();
    info.push(label.len() as u8);
    info.extend(label.bytes());
    info.push(context.len() as u8);
    info.extend(context);
    expand(secret, &info, length.into())
}

/// The nonce of a record: the IV of its direction, and the record's number, counted from 0 since the key is in use.
pub fn nonce(iv: [u8; 12], sequence: u64) -> Lab<[u8; 12]> {
    let mut nonce = iv;
    nonce.iter_mut().skip(4).zip(sequence.to_be_bytes()).for_each(|(byte, number)| *byte = byte.wrapping_add(number));
    Ok(nonce)
}

/// What an opened record holds: its true content type, and its content. The type stands behind the content, and behind it
/// there may be zeros.
///
/// Malformed is what has nothing but zeros.
pub fn inner(plaintext: &[u8]) -> Lab<(u8, &[u8])> {
    let at = plaintext.iter().rposition(|byte| *byte != 0).ok_or(LabError::Malformed)?;
    let (content, rest) = plaintext.split_at(at);
    Ok((rest[0], content))
}
