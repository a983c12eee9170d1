//! Handed out: nothing to write here. What passes this host to and from port 443, read with your functions; here are only the
//! packets around it.
//!
//! `watch [-i INTERFACE] [SECRET…]`: with a secret of the key log, as hexadecimal, it opens what is sealed with that secret, if the
//! suite is TLS_CHACHA20_POLY1305_SHA256: your `expand_label` makes key and IV of it, your `nonce` the nonce, and your `inner` says
//! what it was.

use crate::tls_records::{self, Message, Messages};
use crate::{chacha, said};
use host::lab::{Lab, LabError};
use host::{Error, Host, Opt, Time};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

const HTTPS: u16 = 443;

pub fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    let (mut interface, mut secrets) = (None, vec![]);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-i" => interface = words.next().cloned(),
            word => secrets.push(secret(word).ok_or_else(|| said("a secret is 64 digits of hexadecimal"))?),
        }
    }
    let interface = match interface {
        Some(interface) => interface,
        None => host.interfaces()?.into_iter().find(|one| one.mac.is_some()).ok_or_else(|| said("no interface"))?.name,
    };
    let mut link = host.open_link(&interface)?;
    link.set(Opt::Outgoing(true))?;
    let mut sides = BTreeMap::new();
    loop {
        match link.recv(Time::NEVER) {
            Ok(Some(frame)) => {
                let Some(segment) = Segment::of(&frame.bytes) else { continue };
                let side = sides.entry((segment.from, segment.to)).or_insert_with(|| Side::new(&secrets));
                side.hear(&segment)?;
            }
            Ok(None) | Err(Error::Idle) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn secret(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if !text.is_ascii() || text.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// A TCP segment to or from port 443.
struct Segment<'a> {
    from: SocketAddrV4,
    to: SocketAddrV4,
    syn: bool,
    sequence: u32,
    data: &'a [u8],
}

impl<'a> Segment<'a> {
    fn of(frame: &'a [u8]) -> Option<Self> {
        let word = |bytes: &[u8], at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        let address = |bytes: &[u8], at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(at..at + 4)?).ok()?));
        let packet = frame.get(14..).filter(|_| word(frame, 12) == Some(0x0800))?;
        let packet = packet.get(..usize::from(word(packet, 2)?))?;
        let tcp = packet.get(usize::from(packet.first()? & 0xf) * 4..).filter(|_| packet.get(9) == Some(&6))?;
        let from = SocketAddrV4::new(address(packet, 12)?, word(tcp, 0)?);
        let to = SocketAddrV4::new(address(packet, 16)?, word(tcp, 2)?);
        if from.port() != HTTPS && to.port() != HTTPS {
            return None;
        }
        let sequence = u32::from_be_bytes(<[u8; 4]>::try_from(tcp.get(4..8)?).ok()?);
        let data = tcp.get(usize::from(tcp.get(12)? >> 4) * 4..)?;
        Some(Self { from, to, syn: tcp.get(13)? & 2 != 0, sequence, data })
    }
}

/// What one side of a connection has sent.
struct Side {
    /// The number of the byte that comes next; `None`: its beginning was not seen.
    next: Option<u32>,
    stream: Vec<u8>,
    is_readable: bool,
    clear: Messages,
    keys: Vec<Keys>,
}

impl Side {
    fn new(secrets: &[[u8; 32]]) -> Self {
        let keys = secrets.iter().map(|secret| Keys { secret: *secret, sequence: 0, messages: messages() }).collect();
        Self { next: None, stream: vec![], is_readable: true, clear: messages(), keys }
    }

    fn hear(&mut self, segment: &Segment) -> Lab<()> {
        if segment.syn {
            self.next = Some(segment.sequence.wrapping_add(1));
        }
        // What comes again is left out, and so is all behind a segment that is missing.
        if self.next != Some(segment.sequence) || !self.is_readable {
            return Ok(());
        }
        self.next = Some(segment.sequence.wrapping_add(segment.data.len() as u32));
        self.stream.extend(segment.data);
        loop {
            let stream = std::mem::take(&mut self.stream);
            match tls_records::record(&stream) {
                Ok(Some((record, takes))) => {
                    self.stream = stream.get(takes..).unwrap_or_default().to_vec();
                    let header = stream.get(..5).unwrap_or_default();
                    self.record(segment, header, record.content_type, record.fragment)?;
                }
                Ok(None) => {
                    self.stream = stream;
                    return Ok(());
                }
                Err(LabError::Malformed) => {
                    println!("{} says something that is not TLS", segment.from);
                    self.is_readable = false;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn record(&mut self, segment: &Segment, header: &[u8], content_type: u8, fragment: &[u8]) -> Lab<()> {
        let side = if segment.to.port() == HTTPS { "client" } else { "server" };
        let tell = |what: &str| println!("{side}  {what}");
        match content_type {
            22 => match self.clear.arrive(fragment) {
                Ok(messages) => messages.iter().try_for_each(|message| clear(message, tell))?,
                // In TLS 1.2 what is sealed has the type that it had before.
                Err(LabError::Malformed) => {
                    self.clear = messages();
                    tell(&format!("{} sealed bytes", fragment.len()));
                }
                Err(error) => return Err(error),
            },
            23 => {
                let opened = self.keys.iter_mut().find_map(|keys| keys.open(header, fragment).transpose());
                match opened.transpose()? {
                    Some(words) => words.iter().for_each(|words| tell(words)),
                    None => tell(&format!("{} sealed bytes", fragment.len())),
                }
            }
            21 if fragment.len() == 2 => tell(&format!("alert {fragment:?}")),
            21 => tell(&format!("{} sealed bytes", fragment.len())),
            _ => tell("change_cipher_spec"),
        }
        Ok(())
    }
}

/// A handshake message that anybody can read.
fn clear(message: &Message, tell: impl Fn(&str)) -> Lab<()> {
    tell(&format!("{}, {} bytes", name(message.msg_type), message.body.len()));
    if message.msg_type != 1 {
        return Ok(());
    }
    let read = || {
        let hello = tls_records::client_hello(&message.body)?;
        let asked = tls_records::server_name(&hello.extensions)?;
        Ok((asked, tls_records::versions(hello.legacy_version, &hello.extensions)?))
    };
    match read() {
        Ok((asked, versions)) => {
            tell(&asked.map_or("  does not say whom it asks for".into(), |host| format!("  asks for {host}")));
            let versions: Vec<String> = versions.iter().map(|version| format!("0x{version:04x}")).collect();
            tell(&format!("  offers versions {}", versions.join(", ")));
        }
        Err(LabError::Malformed) => tell("  which is malformed"),
        Err(error) => return Err(error),
    }
    Ok(())
}

fn messages() -> Messages {
    Messages { held: Default::default() }
}

/// What a secret opens, and how many records it has opened.
struct Keys {
    secret: [u8; 32],
    sequence: u64,
    messages: Messages,
}

impl Keys {
    /// What is in a record, in words; `None`: it was not sealed with this.
    fn open(&mut self, header: &[u8], fragment: &[u8]) -> Lab<Option<Vec<String>>> {
        let key = tls_records::expand_label(&self.secret, "key", &[], 32)?.try_into();
        let iv = tls_records::expand_label(&self.secret, "iv", &[], 12)?.try_into();
        let (Ok(key), Ok(iv)) = (key, iv) else { return Err(said("the key has not 32 bytes, or the IV not 12")) };
        let nonce = tls_records::nonce(iv, self.sequence)?;
        let Some(plaintext) = chacha::open(&key, &nonce, header, fragment) else { return Ok(None) };
        self.sequence += 1;
        let (content_type, content) = tls_records::inner(&plaintext)?;
        Ok(Some(match content_type {
            22 => {
                let named =
                    |message: Message| format!("opened: {}, {} bytes", name(message.msg_type), message.body.len());
                self.messages.arrive(content)?.into_iter().map(named).collect()
            }
            21 => vec![format!("opened: alert {content:?}")],
            _ => String::from_utf8_lossy(content).lines().map(|line| format!("opened: {line}")).collect(),
        }))
    }
}

fn name(msg_type: u8) -> String {
    let known = [
        (1, "ClientHello"),
        (2, "ServerHello"),
        (4, "NewSessionTicket"),
        (8, "EncryptedExtensions"),
        (11, "Certificate"),
        (12, "ServerKeyExchange"),
        (14, "ServerHelloDone"),
        (15, "CertificateVerify"),
        (16, "ClientKeyExchange"),
        (20, "Finished"),
    ];
    known
        .iter()
        .find(|(number, _)| *number == msg_type)
        .map_or(format!("handshake message {msg_type}"), |(_, name)| name.to_string())
}
