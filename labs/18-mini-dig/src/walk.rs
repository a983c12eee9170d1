//! Handed out: nothing to write here. A walk from the root to an answer, in which your functions decide what is asked, what an
//! answer comes to and who is asked next; here are only the datagrams between.

use crate::mini_dig::{self, Data, Header, Name, Next, Record, Response, Verdict};
use crate::{of_name, of_record, tell};
use host::lab::{Lab, LabError, Value};
use host::{Error, Host, Packets};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// More questions are not asked, whatever the answers say.
const MOST_QUESTIONS: u32 = 40;

/// `NAME [TYPE] [@ROOT]`: the root is the host of that name, or at that address.
pub fn run(host: &mut dyn Host, words: &[String]) -> Lab<()> {
    let (mut name, mut qtype, mut root) = (None, 1, "root");
    for word in words {
        match word.strip_prefix('@') {
            Some(server) => root = server,
            None if name.is_none() => name = Some(word),
            None => qtype = number(word).ok_or_else(|| said("a type is A, NS, CNAME, SOA, AAAA or a number"))?,
        }
    }
    let name = name.ok_or_else(|| said("say which name, as in: walk www.far.org"))?;
    let root = match root.parse() {
        Ok(address) => address,
        Err(_) => address_of(host, root)?,
    };
    let socket = host.bind_udp((Ipv4Addr::UNSPECIFIED, 0).into(), &[])?;
    let name: Name = name.split('.').filter(|label| !label.is_empty()).map(|label| label.as_bytes().to_vec()).collect();
    Walk { host, socket, root, asked: 0 }.to(&name, qtype).map(|_| ())
}

fn address_of(host: &mut dyn Host, name: &str) -> Lab<Ipv4Addr> {
    let v4 = host.resolve(name)?.into_iter().find_map(|address| match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    v4.ok_or_else(|| said("the root has no IPv4 address"))
}

struct Walk<'a> {
    host: &'a mut dyn Host,
    socket: Box<dyn Packets>,
    root: Ipv4Addr,
    asked: u32,
}

impl Walk<'_> {
    /// From the root to the records of a name.
    fn to(&mut self, name: &Name, qtype: u16) -> Lab<Vec<Record>> {
        let (mut name, mut server, mut zone) = (name.clone(), self.root, Name::new());
        loop {
            let (response, additionals) = self.ask(server, &zone, &name, qtype)?;
            match mini_dig::classify(&response, &zone)? {
                Verdict::Answer => {
                    response.answers.iter().for_each(|record| tell(&of_record(record)));
                    return Ok(response.answers);
                }
                Verdict::Follow(to) => {
                    response.answers.iter().for_each(|record| tell(&of_record(record)));
                    println!("  an alias: from the root again, for {}", shown(&to));
                    (name, server, zone) = (to, self.root, Name::new());
                }
                Verdict::Referral { zone: to, servers } => {
                    let names: Vec<String> = servers.iter().map(shown).collect();
                    println!("  a referral: {} is served by {}", shown(&to), names.join(", "));
                    server = match mini_dig::next(&zone, &to, &servers, &additionals)? {
                        Next::Ask(address) => address,
                        Next::Find(server) => {
                            println!("  no address stands beside it: look for {} first", shown(&server));
                            let found = self.to(&server, 1)?;
                            let address = found.iter().find_map(|record| match record.data {
                                Data::A(address) => Some(address),
                                _ => None,
                            });
                            address.ok_or_else(|| said("the server has no address"))?
                        }
                        Next::Nobody => return Err(said("nobody can be asked: no address, and no way to find one")),
                    };
                    zone = to;
                }
                Verdict::NoName => return self.nothing("there is no such name", &response),
                Verdict::NoData => return self.nothing("the name has no such records", &response),
                Verdict::Lame => return Err(said("a lame server: its referral leads nowhere")),
                Verdict::Truncated => return Err(said("the answer is cut, and this walk knows no TCP")),
                Verdict::Failed(rcode) => return Err(said(&format!("the server will not or cannot: RCODE {rcode}"))),
            }
        }
    }

    fn nothing(&self, what: &str, response: &Response) -> Lab<Vec<Record>> {
        match mini_dig::negative_ttl(&response.name, &response.authorities)? {
            Some(seconds) => println!("  {what}; that may be kept for {seconds} s"),
            None => println!("  {what}, and nothing says for how long that may be kept"),
        }
        Ok(vec![])
    }

    /// The answer of one server, and its additional records.
    fn ask(&mut self, server: Ipv4Addr, zone: &Name, name: &Name, qtype: u16) -> Lab<(Response, Vec<Record>)> {
        self.asked += 1;
        if self.asked > MOST_QUESTIONS {
            return Err(said("forty questions, and no end: this walk goes in circles"));
        }
        println!("{}. ask {server}, who serves {}, for {} type {qtype}", self.asked, shown(zone), shown(name));
        let mut id = [0; 2];
        self.host.random(&mut id);
        let text: Vec<String> = name.iter().map(|label| String::from_utf8_lossy(label).into_owned()).collect();
        let text = if text.is_empty() { ".".into() } else { text.join(".") };
        let query = mini_dig::encode_query(u16::from_be_bytes(id), false, &text, qtype)?;
        let to = SocketAddrV4::new(server, 53);
        self.socket.send(Some(to.into()), &query)?;
        let until = self.host.now() + PATIENCE;
        while let Some(packet) = self.socket.recv(until)? {
            let Some(SocketAddr::V4(from)) = packet.from else { continue };
            if mini_dig::is_mine(&query, to, &packet.bytes, from)? {
                return read(name, qtype, &packet.bytes);
            }
            println!("  not the answer: {} bytes from {from}", packet.bytes.len());
        }
        Err(said("no answer within two seconds"))
    }
}

/// What stands in an answer.
fn read(name: &Name, qtype: u16, message: &[u8]) -> Lab<(Response, Vec<Record>)> {
    let Header { truncated, rcode, questions, answers, authorities, additionals, .. } = mini_dig::header(message)?;
    let mut at = 12;
    for _ in 0..questions {
        at = mini_dig::read_name(message, at)?.1 + 4;
    }
    let mut section = |count: u16| {
        let mut records = vec![];
        for _ in 0..count {
            let (record, behind) = mini_dig::read_record(message, at)?;
            records.push(record);
            at = behind;
        }
        Ok::<_, LabError>(records)
    };
    let (answers, authorities, additionals) = (section(answers)?, section(authorities)?, section(additionals)?);
    Ok((Response { name: name.clone(), qtype, truncated, rcode, answers, authorities }, additionals))
}

fn number(word: &str) -> Option<u16> {
    let known = [("A", 1), ("NS", 2), ("CNAME", 5), ("SOA", 6), ("MX", 15), ("TXT", 16), ("AAAA", 28)];
    known.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, number)| *number).or(word.parse().ok())
}

fn shown(name: &Name) -> String {
    match of_name(name) {
        Value::Text(text) => text,
        _ => String::new(),
    }
}

fn said(what: &str) -> LabError {
    Error::Other(what.into()).into()
}
