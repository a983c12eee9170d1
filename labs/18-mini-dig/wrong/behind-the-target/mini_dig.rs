// Fails `pointer`: what follows begins behind the place that is pointed to.
//! Lab 18, solved: a DNS query, its answer, and whom to ask next.

use host::lab::{Lab, LabError};
use std::net::{Ipv4Addr, SocketAddrV4};

/// A name: its labels from the left, without dots. The root has none.
pub type Name = Vec<Vec<u8>>;

/// The bytes of `text` as they stand in a message without compression. `text` is `www.example.com`, with a dot at its end or
/// not; `.` is the root. There is nothing to escape in it.
///
/// Malformed is: an empty label, a label of more than 63 bytes, a name of more than 255 bytes in the message.
pub fn encode_name(text: &str) -> Lab<Vec<u8>> {
    let mut bytes = vec![];
    if text != "." {
        for label in text.strip_suffix('.').unwrap_or(text).split('.') {
            if !(1..=63).contains(&label.len()) {
                return Err(LabError::Malformed);
            }
            bytes.push(label.len() as u8);
            bytes.extend(label.bytes());
        }
    }
    bytes.push(0);
    if bytes.len() > 255 { Err(LabError::Malformed) } else { Ok(bytes) }
}

/// A whole query: the header, and one question of class IN (1). Nothing is set in it but RD, if recursion is desired.
pub fn encode_query(id: u16, recursion_desired: bool, name: &str, qtype: u16) -> Lab<Vec<u8>> {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend([u8::from(recursion_desired), 0]);
    bytes.extend([0, 1, 0, 0, 0, 0, 0, 0]);
    bytes.extend(encode_name(name)?);
    bytes.extend(qtype.to_be_bytes());
    bytes.extend([0, 1]);
    Ok(bytes)
}

/// What the first twelve bytes of a message say. AD, CD and Z are left out.
pub struct Header {
    pub id: u16,
    /// QR.
    pub response: bool,
    pub opcode: u8,
    /// AA.
    pub authoritative: bool,
    /// TC.
    pub truncated: bool,
    /// RD.
    pub recursion_desired: bool,
    /// RA.
    pub recursion_available: bool,
    pub rcode: u8,
    /// QDCOUNT.
    pub questions: u16,
    /// ANCOUNT.
    pub answers: u16,
    /// NSCOUNT.
    pub authorities: u16,
    /// ARCOUNT.
    pub additionals: u16,
}

/// The header of a message. Malformed is what is too short for one.
pub fn header(message: &[u8]) -> Lab<Header> {
    let word = |at: usize| two(message, at);
    let [high, low] = word(2)?.to_be_bytes();
    Ok(Header {
        id: word(0)?,
        response: high & 0x80 != 0,
        opcode: high >> 3 & 0xf,
        authoritative: high & 0x04 != 0,
        truncated: high & 0x02 != 0,
        recursion_desired: high & 0x01 != 0,
        recursion_available: low & 0x80 != 0,
        rcode: low & 0xf,
        questions: word(4)?,
        answers: word(6)?,
        authorities: word(8)?,
        additionals: word(10)?,
    })
}

fn two(message: &[u8], at: usize) -> Lab<u16> {
    let bytes = message.get(at..).and_then(|bytes| bytes.first_chunk()).ok_or(LabError::Malformed)?;
    Ok(u16::from_be_bytes(*bytes))
}

fn four(message: &[u8], at: usize) -> Lab<u32> {
    let bytes = message.get(at..).and_then(|bytes| bytes.first_chunk()).ok_or(LabError::Malformed)?;
    Ok(u32::from_be_bytes(*bytes))
}

/// The name that stands at byte `at` of a message, its letters in the case they came in; and where what follows it begins.
///
/// Malformed is: a name that is cut short, a length that begins with bits 01 or 10, a pointer that does not lead to before
/// the labels that it ends, a name of more than 255 bytes (as it would be without compression).
pub fn read_name(message: &[u8], at: usize) -> Lab<(Name, usize)> {
    let (mut name, mut size) = (vec![], 1);
    let (mut at, mut start, mut behind) = (at, at, None);
    loop {
        let length = usize::from(*message.get(at).ok_or(LabError::Malformed)?);
        match length >> 6 {
            0 if length == 0 => return Ok((name, at + 1)),
            0 => {
                let label = message.get(at + 1..at + 1 + length).ok_or(LabError::Malformed)?;
                size += 1 + length;
                if size > 255 {
                    return Err(LabError::Malformed);
                }
                name.push(label.to_vec());
                at += 1 + length;
            }
            3 => {
                let to = usize::from(two(message, at)? & 0x3fff);
                if to >= start {
                    return Err(LabError::Malformed);
                }
                behind = behind.or(Some(0));
                (at, start) = (to, to);
            }
            _ => return Err(LabError::Malformed),
        }
    }
}

/// A resource record. Its class is IN, and you need not look at it.
pub struct Record {
    pub name: Name,
    pub ttl: u32,
    pub data: Data,
}

/// What a record says.
pub enum Data {
    /// Type 1.
    A(Ipv4Addr),
    /// Type 2: the name of a server that has authority for a zone.
    Ns(Name),
    /// Type 5: the name for which this one is an alias.
    Cname(Name),
    /// Type 6: two names and five numbers, of which the last is of use here.
    Soa { minimum: u32 },
    /// Any other type, with its RDATA as it came.
    Other(u16, Vec<u8>),
}

impl Data {
    /// The number of its type. This one is written.
    pub fn rtype(&self) -> u16 {
        match self {
            Data::A(_) => 1,
            Data::Ns(_) => 2,
            Data::Cname(_) => 5,
            Data::Soa { .. } => 6,
            Data::Other(rtype, _) => *rtype,
        }
    }
}

/// The record that stands at byte `at` of a message, and where what follows it begins.
///
/// Malformed is: a record that is cut short, and RDATA of a known type that does not end where RDLENGTH says.
pub fn read_record(message: &[u8], at: usize) -> Lab<(Record, usize)> {
    let (name, at) = read_name(message, at)?;
    let (rtype, ttl, length) = (two(message, at)?, four(message, at + 4)?, usize::from(two(message, at + 8)?));
    let start = at + 10;
    let end = start + length;
    let rdata = message.get(start..end).ok_or(LabError::Malformed)?;
    let (data, behind) = match rtype {
        1 => (Data::A(four(message, start)?.into()), start + 4),
        2 => {
            let (name, behind) = read_name(message, start)?;
            (Data::Ns(name), behind)
        }
        5 => {
            let (name, behind) = read_name(message, start)?;
            (Data::Cname(name), behind)
        }
        6 => {
            let (_, rname) = read_name(message, start)?;
            let (_, numbers) = read_name(message, rname)?;
            (Data::Soa { minimum: four(message, numbers + 16)? }, numbers + 20)
        }
        _ => (Data::Other(rtype, rdata.to_vec()), end),
    };
    if behind == end { Ok((Record { name, ttl, data }, end)) } else { Err(LabError::Malformed) }
}

/// Whether `name` is `zone` or below it. Letters of ASCII are the same in either case.
pub fn is_within(name: &Name, zone: &Name) -> Lab<bool> {
    let Some(above) = name.len().checked_sub(zone.len()) else { return Ok(false) };
    Ok(name.iter().skip(above).zip(zone).all(|(a, b)| a.eq_ignore_ascii_case(b)))
}

fn is_same(a: &Name, b: &Name) -> Lab<bool> {
    Ok(a.len() == b.len() && is_within(a, b)?)
}

/// Whether `answer`, which came from `from`, answers `query`, which was sent to `to`. What cannot be read answers nothing.
pub fn is_mine(query: &[u8], to: SocketAddrV4, answer: &[u8], from: SocketAddrV4) -> Lab<bool> {
    let Ok(came) = header(answer) else { return Ok(false) };
    if from != to || !came.response || came.id != header(query)?.id || came.questions != 1 {
        return Ok(false);
    }
    let (asked, behind) = read_name(query, 12)?;
    let Ok((name, end)) = read_name(answer, 12) else { return Ok(false) };
    Ok(is_same(&asked, &name)? && query.get(behind..behind + 4) == answer.get(end..end + 4))
}

/// An answer that was read, as far as it says what became of the question.
pub struct Response {
    /// The name that was asked for.
    pub name: Name,
    /// The type that was asked for.
    pub qtype: u16,
    /// TC.
    pub truncated: bool,
    pub rcode: u8,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
}

/// What an answer comes to.
pub enum Verdict {
    /// There is a record of the type that was asked for: at the name itself, or at the end of its aliases.
    Answer,
    /// The name is an alias; ask for this one.
    Follow(Name),
    /// Others know more: the servers of this zone.
    Referral { zone: Name, servers: Vec<Name> },
    /// There is no such name.
    NoName,
    /// The name is there, but has no record of that type.
    NoData,
    /// A referral that leads nowhere: not down from the zone of this server towards the name.
    Lame,
    /// Not all of it is here: ask again over TCP.
    Truncated,
    /// The server cannot or will not: its RCODE.
    Failed(u8),
}

/// What became of a question that was put to a server of `zone`.
///
/// What the server says of names that are not within `zone` does not count, as if it were not there. Aliases that go in a
/// circle are Malformed.
pub fn classify(response: &Response, zone: &Name) -> Lab<Verdict> {
    if response.truncated {
        return Ok(Verdict::Truncated);
    }
    if response.rcode != 0 && response.rcode != 3 {
        return Ok(Verdict::Failed(response.rcode));
    }
    let (mut name, mut aliases) = (&response.name, 0);
    loop {
        let mut alias = None;
        for record in &response.answers {
            if is_same(&record.name, name)? && is_within(name, zone)? {
                if record.data.rtype() == response.qtype {
                    return Ok(Verdict::Answer);
                }
                if let Data::Cname(to) = &record.data {
                    alias = Some(to);
                }
            }
        }
        let Some(to) = alias else { break };
        (name, aliases) = (to, aliases + 1);
        if aliases > response.answers.len() {
            return Err(LabError::Malformed);
        }
    }
    if !is_within(name, zone)? {
        return Ok(Verdict::Follow(name.clone()));
    }
    if response.rcode == 3 {
        return Ok(Verdict::NoName);
    }
    if response.authorities.iter().any(|record| matches!(record.data, Data::Soa { .. })) {
        return Ok(Verdict::NoData);
    }
    if aliases > 0 {
        return Ok(Verdict::Follow(name.clone()));
    }
    let mut referral: Option<(&Name, Vec<Name>)> = None;
    for record in &response.authorities {
        let Data::Ns(server) = &record.data else { continue };
        let (owner, servers) = referral.get_or_insert((&record.name, vec![]));
        if is_same(owner, &record.name)? {
            servers.push(server.clone());
        }
    }
    let Some((owner, servers)) = referral else { return Ok(Verdict::NoData) };
    let leads_down = is_within(owner, zone)? && owner.len() > zone.len() && is_within(name, owner)?;
    Ok(if leads_down { Verdict::Referral { zone: owner.clone(), servers } } else { Verdict::Lame })
}

/// Whom to ask next.
pub enum Next {
    /// A server, at this address.
    Ask(Ipv4Addr),
    /// The address of this server has to be found first.
    Find(Name),
    /// Nobody.
    Nobody,
}

/// Whom to ask after a server of `zone` has referred to the `servers` of `to`, with these records in the additional section.
///
/// The first of the servers whose address is there; if there is none, the first one whose address can be found. An address
/// does not count if its name is not within `zone`; and what is within `to` cannot be found without a server of `to`.
pub fn next(zone: &Name, to: &Name, servers: &[Name], additionals: &[Record]) -> Lab<Next> {
    for server in servers {
        for record in additionals {
            if let Data::A(address) = record.data
                && is_same(&record.name, server)?
                && is_within(server, zone)?
            {
                return Ok(Next::Ask(address));
            }
        }
    }
    for server in servers {
        if !is_within(server, to)? {
            return Ok(Next::Find(server.clone()));
        }
    }
    Ok(Next::Nobody)
}

/// For how many seconds one may remember that there is no `name`, or no such record of it, from the authority section of the
/// answer that said so; `None`: not at all.
///
/// A time to live whose first bit is set counts as zero.
pub fn negative_ttl(name: &Name, authorities: &[Record]) -> Lab<Option<u32>> {
    for record in authorities {
        if let Data::Soa { minimum } = record.data
            && is_within(name, &record.name)?
        {
            let ttl = if record.ttl >> 31 == 1 { 0 } else { record.ttl };
            return Ok(Some(ttl.min(minimum)));
        }
    }
    Ok(None)
}
