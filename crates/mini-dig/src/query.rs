//! The question, and the message that it leaves in.

use crate::ask::{HTTPS_PORT, Options, TLS_PORT};
use crate::compare::Way;
use crate::flags::MiniDig;
use crate::words;
use cli::Failure;
use host::Host;
use std::net::IpAddr;
use std::time::Duration;
use wire::dns::{ClientSubnet, Edns, EdnsOption, Message, Name, Question, Type};

/// The longest answer that is taken by UDP, bytes: what passes every link without being cut, as the operators of
/// servers have agreed.
pub const PAYLOAD: u16 = 1232;

/// To a multiple of how many bytes a question is padded.
const BLOCK: usize = 128;

/// A part of the network, as it is told to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    /// An address in it.
    pub address: IpAddr,
    /// How many of its bits are told.
    pub bits: u8,
}

/// What the command line asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The server by name or address; `None`: the host's own.
    pub server: Option<String>,
    /// Its port.
    pub port: u16,
    /// The question.
    pub question: Question,
    /// Whether it has a name that somebody typed.
    pub(crate) named: bool,
    /// RD: whether the server is to ask others.
    pub recursion: bool,
    /// Whether the message has an OPT record.
    pub edns: bool,
    /// The longest answer that is taken by UDP, bytes.
    pub payload: u16,
    /// DO.
    pub dnssec: bool,
    /// Whether the server is asked which one it is.
    pub nsid: bool,
    /// Whether a cookie is sent.
    pub cookie: bool,
    /// This one; `None`: eight bytes at random.
    pub(crate) given_cookie: Option<[u8; 8]>,
    /// For which part of the network an answer is wanted.
    pub subnet: Option<Subnet>,
    /// How it is asked.
    pub options: Options,
    /// Whether a question by TLS or HTTPS is made longer, so that its length says nothing.
    pub padding: bool,
    /// In which ways it is asked, side by side; none: in one way.
    pub compare: Vec<Way>,
    /// From the root down.
    pub trace: bool,
    /// How long after the answer the question is asked again, and answered from what was kept; `None`: it is not.
    pub cache: Option<Duration>,
    /// Only the data.
    pub short: bool,
    /// Whether the exit status tells why there is no answer.
    pub exits: bool,
}

impl Wanted {
    pub(crate) fn of(flags: &MiniDig) -> Result<Self, Failure> {
        let mut wanted = Self {
            server: None,
            port: flags.port.unwrap_or(wire::dns::PORT),
            question: Question::new(Name::root(), Type::A),
            named: false,
            recursion: true,
            edns: true,
            payload: PAYLOAD,
            dnssec: false,
            nsid: false,
            cookie: false,
            given_cookie: None,
            subnet: None,
            options: Options {
                tcp: false,
                secured: None,
                takes_truncated: false,
                timeout: Duration::from_secs(5),
                tries: 3,
                random_case: false,
            },
            padding: true,
            compare: vec![],
            trace: false,
            cache: None,
            short: false,
            exits: false,
        };
        if let Some(name) = &flags.name {
            wanted.question.qname = words::name_of(name)?;
            wanted.named = true;
        }
        if let Some(address) = flags.reverse {
            if wanted.named {
                return Err(Failure::said("-x and -q both say what to ask for").hint("leave one of them out"));
            }
            wanted.question = Question::new(Name::reverse(address), Type::PTR);
            wanted.named = true;
        }
        words::take(&flags.words, &mut wanted)?;
        if let Some(rrtype) = flags.rrtype {
            wanted.question.qtype = rrtype;
        }
        wanted.secure(flags.port, flags.file.is_some())?;
        Ok(wanted)
    }

    /// Whom TLS is spoken with, and at which port.
    fn secure(&mut self, port: Option<u16>, is_list: bool) -> Result<(), Failure> {
        if self.options.secured.is_some() && (self.trace || is_list) {
            let what = if self.trace { "+trace asks servers" } else { "-f asks" };
            return Err(Failure::said(format!("{what} by UDP and TCP only")).hint("leave +tls and +https out"));
        }
        if !self.compare.is_empty() && (self.trace || is_list || self.cache.is_some()) {
            return Err(Failure::said("+compare asks one question in several ways, and nothing else")
                .hint("leave +trace, +cache and -f out"));
        }
        let Some(secured) = &mut self.options.secured else { return Ok(()) };
        // Who names the server at the command line knows it by this name; who does not, by its address alone.
        secured.name = secured.name.take().or_else(|| self.server.clone());
        let usual = if secured.https.is_some() { HTTPS_PORT } else { TLS_PORT };
        self.port = port.unwrap_or(usual);
        Ok(())
    }

    /// The message for this question, with a number of its own; one that asks for what the server itself knows where
    /// `recursion` is off.
    pub fn query(&self, host: &mut dyn Host) -> Message {
        self.query_for(host, self.question.clone(), self.recursion)
    }

    /// The same for another question.
    pub(crate) fn query_for(&self, host: &mut dyn Host, question: Question, recursion: bool) -> Message {
        let mut query = Message::query(0, recursion, question);
        if self.edns {
            let mut edns = Edns { dnssec_ok: self.dnssec, ..Edns::new(self.payload) };
            if self.nsid {
                edns.options.push(EdnsOption::Nsid(vec![]));
            }
            edns.options.extend(
                self.subnet.map(|subnet| EdnsOption::ClientSubnet(ClientSubnet::of(subnet.address, subnet.bits))),
            );
            if self.cookie {
                let mut client = [0; 8];
                host.random(&mut client);
                edns.options.push(EdnsOption::Cookie { client: self.given_cookie.unwrap_or(client), server: vec![] });
            }
            query.additionals.push(edns.record());
            if self.options.secured.is_some() && self.padding {
                query.additionals.pop();
                edns.options.push(EdnsOption::Padding(vec![0; self.missing(&query, &edns)]));
                query.additionals.push(edns.record());
            }
        }
        query.sealed()
    }

    /// How many bytes of padding the message needs. RFC 8467 section 4.1: "clients SHOULD pad queries to the closest
    /// multiple of 128 octets".
    fn missing(&self, query: &Message, edns: &Edns) -> usize {
        let mut edns = edns.clone();
        edns.options.push(EdnsOption::Padding(vec![]));
        let mut query = query.clone();
        query.additionals.push(edns.record());
        query.sealed().bytes().len().wrapping_neg() % BLOCK
    }
}
