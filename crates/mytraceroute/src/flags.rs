//! The command line, and what it asks for.

use crate::probe::{Flow, Method, Shape};
use crate::sockets::Sending;
use crate::trace::Flows;
use crate::tracer::Plan;
use cli::{Failure, Session, Show, World};
use host::{Error, Host, Route};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const SENT: &str = "What is sent";
const WHEN: &str = "When";
const WHERE: &str = "Where";
const SHOWN: &str = "What is shown";

const HOUR: u32 = 3_600;

const EXAMPLES: &str = "\
Examples, all in the simulated network:
  mytraceroute --net routers server      four routers, and how far each is
  mytraceroute --net mtu --mtu server    where packets must become smaller
  mytraceroute --net diamond --multipath server
                                         all ways, and links that are none
";

const EXIT: &str = "\
Exit status: 0 the target answered, 1 it did not, 2 it could not run.";

/// Show the routers on the way to a host, and what each says
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = EXIT)]
pub struct Mytraceroute {
    /// A node's name, a host's name or an IPv4 address
    target: String,

    /// What probes are: udp, icmp or tcp [default: udp]
    #[arg(short = 'P', value_name = "METHOD", help_heading = SENT, value_enum, hide_possible_values = true)]
    method: Option<Method>,
    /// Short for -P icmp
    #[arg(short = 'I', help_heading = SENT, conflicts_with_all = ["method", "tcp"])]
    icmp: bool,
    /// Short for -P tcp
    #[arg(short = 'T', help_heading = SENT, conflicts_with = "method")]
    tcp: bool,
    /// The target's port [default: 33434 for UDP, 80 for TCP]
    #[arg(short, value_name = "PORT", help_heading = SENT, value_parser = cli::whole(1..=u16::MAX))]
    port: Option<u16>,
    /// Answers wanted of each hop, 1 to 10
    #[arg(short, value_name = "COUNT", help_heading = SENT, default_value = "3", value_parser = cli::whole(1..=10_u8),
          conflicts_with_all = ["multipath", "mtu"])]
    queries: u8,
    /// The first time to live
    #[arg(short, value_name = "TTL", help_heading = SENT, default_value = "1", value_parser = cli::whole(1..=u8::MAX))]
    first: u8,
    /// The last time to live
    #[arg(short, value_name = "TTL", help_heading = SENT, default_value = "30", value_parser = cli::whole(1..=u8::MAX))]
    max: u8,
    /// Bytes of a probe, headers included; a TCP probe has 60 or 40
    #[arg(short, value_name = "BYTES", help_heading = SENT, value_parser = cli::whole(30..=u16::MAX))]
    size: Option<u16>,
    /// The second byte of the IP header: DSCP and ECN
    #[arg(short, value_name = "TOS", help_heading = SENT, default_value = "0", hide_default_value = true,
          value_parser = cli::whole(0..=u8::MAX))]
    tos: u8,
    /// Do not let routers cut probes to fit (DF)
    #[arg(short = 'F', help_heading = SENT)]
    uncut: bool,
    /// Find all ways that a balanced way has
    #[arg(long, help_heading = SENT, conflicts_with_all = ["classic", "mtu"])]
    multipath: bool,
    /// Find the longest packet that reaches each hop uncut
    #[arg(long, help_heading = SENT, conflicts_with = "classic")]
    pub(crate) mtu: bool,
    /// A port of its own for each UDP probe, as in the first traceroute,
    /// which shows links that are not there
    #[arg(long, help_heading = SENT, conflicts_with_all = ["icmp", "tcp"])]
    classic: bool,

    /// Seconds until a silent end of the way is given up
    #[arg(short, value_name = "SECONDS", help_heading = WHEN, default_value = "2",
          value_parser = cli::seconds_above_zero(HOUR))]
    wait: Duration,
    /// Seconds from one probe to the next at the least
    #[arg(short = 'z', value_name = "SECONDS", help_heading = WHEN, default_value = "0", hide_default_value = true,
          value_parser = cli::seconds(0, HOUR))]
    pause: Duration,
    /// Probes on their way at once
    #[arg(short = 'N', value_name = "COUNT", help_heading = WHEN, default_value = "16", value_parser = cli::whole(1..=64_u8))]
    in_flight: u8,

    /// Send by this interface
    #[arg(short = 'i', long, value_name = "INTERFACE", help_heading = WHERE)]
    interface: Option<String>,
    #[command(flatten)]
    pub(crate) world: World,

    /// Accepted as a habit: names are never looked up
    #[arg(short, help_heading = SHOWN)]
    numeric: bool,
    #[command(flatten)]
    pub(crate) show: Show,
}

impl clap::ValueEnum for Method {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Udp, Self::Icmp, Self::Tcp]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}

impl Method {
    /// As the command line and JSON call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Tcp => "tcp",
        }
    }
}

/// What to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// The way of one flow.
    Way(Flows),
    /// The ways of all flows.
    Ways,
    /// How long a packet may be on the way.
    Mtu,
}

/// What a run does.
pub(crate) struct Call {
    pub(crate) question: Question,
    pub(crate) plan: Plan,
    pub(crate) sending: Sending,
}

impl Mytraceroute {
    /// What to do, after everything was checked that can be checked before the first probe.
    pub(crate) fn call(&self, session: &mut Session<'_>) -> Result<Call, Failure> {
        if self.first > self.max {
            let error = format!("-f {} is beyond -m {}: no hop lies between", self.first, self.max);
            return Err(Failure::said(error).hint("the first time to live must not be above the last"));
        }
        if self.mtu && self.method() == Method::Tcp {
            let error = "--mtu sends packets as long as links take, and a TCP probe is a SYN of 60 bytes";
            return Err(Failure::said(error).hint("give it UDP, or -I for ICMP"));
        }
        let host = &mut *session.host;
        let target = cli::ipv4_of(host, &self.target)?;
        cli::one_host(host, target, "mytraceroute")?;
        let method = self.method();
        let route = host.route(target.into())?;
        let (source, interface) = self.origin(host, &route)?;
        let longest = host.interfaces().ok().and_then(|interfaces| {
            let by = interface.as_ref().unwrap_or(&route.interface);
            interfaces.into_iter().find(|interface| interface.name == *by).map(|interface| interface.mtu)
        });
        // Loopback takes packets of 65,536 bytes, one more than there can be.
        let longest = longest.map_or(1500, |mtu| u16::try_from(mtu).unwrap_or(u16::MAX));
        let mut drawn = [0; 4];
        host.random(&mut drawn);
        let [a, b, c, d] = drawn;
        let flow = Flow {
            // RFC 6335 section 6: dynamic ports, which belong to no service.
            source_port: u16::from_be_bytes([a, b]) | 0xc000,
            destination_port: self.port.unwrap_or(method.port()),
        };
        let shape = Shape { method, source, target, tos: self.tos, nonce: u16::from_be_bytes([c, d]) };
        let question = match (self.multipath, self.mtu, self.classic) {
            (true, ..) => Question::Ways,
            (_, true, _) => Question::Mtu,
            (.., true) => Question::Way(Flows::Classic),
            _ => Question::Way(Flows::One),
        };
        Ok(Call {
            question,
            plan: Plan {
                target: target.into(),
                first: self.first,
                last: self.max,
                answers: self.queries.into(),
                in_flight: self.in_flight.into(),
                pause: self.pause,
                wait: self.wait,
                quoted: method == Method::Udp,
            },
            sending: Sending {
                shape,
                size: shape.size(self.size.unwrap_or(if self.mtu { longest } else { 60 })),
                dont_fragment: self.mtu || self.uncut,
                interface,
                flow,
            },
        })
    }

    fn method(&self) -> Method {
        match (self.icmp, self.tcp) {
            (true, _) => Method::Icmp,
            (_, true) => Method::Tcp,
            _ => self.method.unwrap_or(Method::Udp),
        }
    }

    /// The address that probes leave with, and the interface to be bound to where the route leads elsewhere.
    fn origin(&self, host: &mut dyn Host, route: &Route) -> Result<(Ipv4Addr, Option<String>), Failure> {
        let v4 = |address: IpAddr| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        };
        let by_route = || {
            let source = v4(route.source);
            source.ok_or_else(|| Failure::said(format!("the route to {} has no IPv4 address", self.target())))
        };
        let Some(wanted) = self.interface.as_ref().filter(|name| **name != route.interface) else {
            return Ok((by_route()?, None));
        };
        let interfaces = host.interfaces()?;
        let Some(interface) = interfaces.iter().find(|interface| interface.name == *wanted) else {
            let known = interfaces.into_iter().map(|interface| interface.name).collect();
            return Err(Error::NoSuchInterface { name: wanted.clone(), known }.into());
        };
        let own = interface.addresses.iter().find_map(|(address, _)| v4(*address));
        Ok((own.map_or_else(by_route, Ok)?, Some(wanted.clone())))
    }

    /// As it was typed, safe to print.
    pub(crate) fn target(&self) -> String {
        cli::escape(&self.target)
    }
}
