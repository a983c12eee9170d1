//! How probes leave and answers come in: by whole packets where the host lets us, else by what it lets everybody.
//!
//! | carrier | probes | needs |
//! |---|---|---|
//! | raw | all, every byte of them ours | permission for raw sockets |
//! | ping | ICMP; the identifier and the IP header are the host's, the time to live is set for each | a ping socket |
//! | ports | UDP, a socket for each probe; its port tells which probe an error is about, so each is a flow of its own | nothing |

use crate::answer::{Answer, Asked};
use crate::foreign::Foreign;
use crate::probe::{Flow, Method, Shape};
use host::{Error, Host, Interest, Opt, Packet, Packets, Result, Time};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// The sockets of a trace, and the probes that left by them.
pub struct Sockets {
    asked: Asked,
    carrier: Carrier,
    size: u16,
    dont_fragment: bool,
    interface: Option<String>,
}

enum Carrier {
    /// Whole packets. `answers` receives what the target says by the probes' own protocol, where that is not ICMP.
    Raw { icmp: Box<dyn Packets>, answers: Option<Box<dyn Packets>> },
    /// Echo requests.
    Ping(Box<dyn Packets>),
    /// Datagrams, by the number of the probe.
    Ports(BTreeMap<u16, Box<dyn Packets>>),
}

/// What the sockets are to send.
#[derive(Debug, Clone)]
pub struct Sending {
    /// What all probes have in common.
    pub shape: Shape,
    /// Bytes of a whole packet.
    pub size: u16,
    /// Whether routers must not cut it.
    pub dont_fragment: bool,
    /// The interface to be bound to.
    pub interface: Option<String>,
    /// The flow of the first probe.
    pub flow: Flow,
}

/// A probe that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Its number.
    pub number: u16,
    /// Its flow.
    pub flow: Flow,
    /// Its time to live.
    pub ttl: u8,
    /// When it left.
    pub at: Time,
    /// Its bytes, as far as they are ours.
    pub bytes: Vec<u8>,
    /// Which part of the packet these are.
    pub part: Part,
}

/// Which part of a packet a carrier has; the rest is the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Packet,
    /// The ICMP message.
    Icmp,
    /// The data of a datagram.
    Data,
}

/// What came.
#[derive(Debug)]
pub enum Heard {
    /// An answer, and the packet that it came in.
    Answer(Answer, Packet),
    /// Something else.
    Foreign(Foreign),
}

/// A packet that passed through the sockets.
#[derive(Debug, Clone, Copy)]
pub enum Passed<'a> {
    /// A probe left.
    Left(&'a Probe),
    /// An answer came.
    Came {
        /// What it says.
        answer: &'a Answer,
        /// The packet.
        packet: &'a Packet,
    },
}

impl Sockets {
    /// Opens what the method needs.
    ///
    /// # Errors
    /// `NoPermission` where there is no way around it: for TCP, and where not even a ping socket is allowed.
    pub fn open(host: &mut dyn Host, sending: &Sending) -> Result<Self> {
        let Sending { shape, size, dont_fragment, ref interface, .. } = *sending;
        let carrier = match (Self::raw(host, shape.method, interface.as_deref()), shape.method) {
            (Err(Error::NoPermission { .. }), Method::Icmp) => {
                let mut options = vec![Opt::Tos(shape.tos), Opt::DontFragment(dont_fragment)];
                options.extend(interface.clone().map(Opt::Interface));
                Carrier::Ping(host.open_ping(&options)?)
            }
            (Err(Error::NoPermission { .. }), Method::Udp) => Carrier::Ports(BTreeMap::new()),
            (carrier, _) => carrier?,
        };
        let interface = interface.clone();
        Ok(Self { asked: Asked::new(shape), carrier, size: shape.size(size), dont_fragment, interface })
    }

    fn raw(host: &mut dyn Host, method: Method, interface: Option<&str>) -> Result<Carrier> {
        let mut icmp = host.open_raw(ipv4::ICMP)?;
        let mut answers = match method {
            Method::Icmp => None,
            Method::Udp | Method::Tcp => Some(host.open_raw(method.protocol())?),
        };
        if let Some(interface) = interface {
            for socket in [Some(&mut icmp), answers.as_mut()].into_iter().flatten() {
                socket.set(Opt::Interface(interface.to_string()))?;
            }
        }
        Ok(Carrier::Raw { icmp, answers })
    }

    /// Whether all probes are one flow; where each needs a socket of its own they are not.
    #[must_use]
    pub fn keep_the_flow(&self) -> bool {
        !matches!(self.carrier, Carrier::Ports(_))
    }

    /// Whether the flow of a probe is ours to choose.
    #[must_use]
    pub fn choose_the_flow(&self) -> bool {
        matches!(self.carrier, Carrier::Raw { .. })
    }

    /// Whether whole quotes come in, from which a distance can be told.
    #[must_use]
    pub fn hear_quotes(&self) -> bool {
        matches!(self.carrier, Carrier::Raw { .. })
    }

    /// How long packets are from now on, in bytes.
    pub fn resize(&mut self, size: u16) {
        self.size = self.asked.shape.size(size);
    }

    /// Sends one more probe.
    ///
    /// # Errors
    /// What kept it from leaving.
    pub fn send(&mut self, host: &mut dyn Host, flow: Flow, ttl: u8) -> Result<Probe> {
        let shape = self.asked.shape;
        let at = host.now(); // before: on a quick link the answer is here when the send returns
        let (size, to) = (self.size, Some(SocketAddr::from((shape.target, flow.destination_port))));
        match &mut self.carrier {
            Carrier::Raw { icmp, answers } => {
                let number = self.asked.add(flow);
                let bytes = shape.packet(flow, number, ttl, size, self.dont_fragment);
                answers.as_mut().unwrap_or(icmp).send(to, &bytes)?;
                Ok(Probe { number, flow, ttl, at, bytes, part: Part::Packet })
            }
            Carrier::Ping(socket) => {
                let flow = Flow { source_port: socket.local().port(), ..flow };
                let number = self.asked.add(flow);
                socket.set(Opt::Ttl(ttl))?;
                let bytes = shape.message(flow, number, usize::from(size) - Ipv4::LEN);
                socket.send(to, &bytes).map_err(|error| of_a_packet(error, Ipv4::LEN))?;
                Ok(Probe { number, flow, ttl, at, bytes, part: Part::Icmp })
            }
            Carrier::Ports(sockets) => {
                let mut options = vec![Opt::Ttl(ttl), Opt::Tos(shape.tos), Opt::DontFragment(self.dont_fragment)];
                options.extend(self.interface.clone().map(Opt::Interface));
                // Whoever was asked so long ago is not awaited any more; a process may have only so many sockets.
                while sockets.len() >= MOST_SOCKETS {
                    sockets.pop_first();
                }
                let mut socket = host.bind_udp((Ipv4Addr::UNSPECIFIED, 0).into(), &options)?;
                let flow = Flow { source_port: socket.local().port(), ..flow };
                let number = self.asked.add(flow);
                let bytes = vec![0; usize::from(size) - Ipv4::LEN - Udp::LEN];
                socket.send(to, &bytes).map_err(|error| of_a_packet(error, Ipv4::LEN + Udp::LEN))?;
                sockets.insert(number, socket);
                Ok(Probe { number, flow, ttl, at, bytes, part: Part::Data })
            }
        }
    }

    /// What comes next; `None`: nothing until then.
    ///
    /// # Errors
    /// As [`Packets::recv`].
    pub fn recv(&mut self, host: &mut dyn Host, until: Time) -> Result<Option<Heard>> {
        let asked = &self.asked;
        match &mut self.carrier {
            Carrier::Raw { icmp, answers: None } => heard(icmp.recv(until)?, |packet| asked.read_icmp(packet)),
            Carrier::Raw { icmp, answers: Some(answers) } => {
                let on = [Interest::read(icmp.id()), Interest::read(answers.id())];
                match host.wait(&on, until)?.first() {
                    Some(0) => heard(icmp.recv(Time::START)?, |packet| asked.read_icmp(packet)),
                    Some(_) => heard(answers.recv(Time::START)?, |packet| match asked.shape.method {
                        _ if packet.error.is_some() => asked.read_icmp(packet),
                        Method::Tcp => asked.read_tcp(packet),
                        Method::Udp | Method::Icmp => asked.read_udp(packet),
                    }),
                    None => Ok(None),
                }
            }
            Carrier::Ping(socket) => heard(socket.recv(until)?, |packet| asked.read_ping(packet)),
            Carrier::Ports(sockets) => {
                let (numbers, on): (Vec<u16>, Vec<Interest>) =
                    sockets.iter().map(|(number, socket)| (*number, Interest::read(socket.id()))).unzip();
                let ready = host.wait(&on, until)?;
                let number = ready.first().and_then(|index| numbers.get(*index));
                let Some((number, socket)) = number.and_then(|number| Some((*number, sockets.get_mut(number)?))) else {
                    return Ok(None);
                };
                heard(socket.recv(Time::START)?, |packet| asked.read_error(number, packet))
            }
        }
    }
}

/// How many probes have a socket each, where they need one.
const MOST_SOCKETS: usize = 128;

/// The error in lengths of whole packets, where the socket's messages go without `headers` bytes of them.
fn of_a_packet(error: Error, headers: usize) -> Error {
    match error {
        Error::TooLong { have, most } => Error::TooLong { have: have + headers, most: most + headers },
        error => error,
    }
}

fn heard(packet: Option<Packet>, read: impl Fn(&Packet) -> Result<Answer, Foreign>) -> Result<Option<Heard>> {
    Ok(packet.map(|packet| match read(&packet) {
        Ok(answer) => Heard::Answer(answer, packet),
        Err(foreign) => Heard::Foreign(foreign),
    }))
}
