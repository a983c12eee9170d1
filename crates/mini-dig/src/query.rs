//! The question, and the message that it leaves in.

use crate::ask::Options;
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
            port: flags.port,
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
                takes_truncated: false,
                timeout: Duration::from_secs(5),
                tries: 3,
                random_case: false,
            },
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
        Ok(wanted)
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
        }
        query.sealed()
    }
}
