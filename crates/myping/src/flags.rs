//! The command line, and what it asks the engine for.

use crate::engine::{Options, WAIT, Wait};
use crate::words::Asked;
use cli::{Failure, NotANumber, Session, Show, World};
use host::{Error, Host, Interface, Opt, Route};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const SENT: &str = "What is sent";
const WHEN: &str = "When";
const WHERE: &str = "Where";
const SHOWN: &str = "What is shown";

/// The least interval for those who may not flood: as iputils' ping.
const LEAST_INTERVAL: Duration = Duration::from_millis(2);
/// A year, in seconds: the most that options about time take.
const YEAR: u32 = 31_536_000;

/// The most data that one IP packet has room for, bytes.
const MAX_SIZE: u16 = 65_507;

const EXAMPLES: &str = "\
Examples, all in the simulated network:
  myping --net routers -c 3 server         four routers make TTL 100 a 96
  myping --net routers -c 1 192.168.66.1   a loop, and the router where it ends
  myping --net routers --set net5.loss=20% -c 9 server   some of them get lost
";

const EXIT: &str = "\
Exit status: 0 somebody answered (with -c and -w: often enough), 1 nobody did,
2 it could not run.";

/// Ask a host by ICMP echo whether it is there
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = EXIT)]
pub struct Myping {
    /// A node's name, a host's name or an IPv4 address
    target: String,

    /// Bytes of data in a request, 0 to 65507
    #[arg(short, value_name = "SIZE", help_heading = SENT, default_value = "56", value_parser = cli::whole(0..=MAX_SIZE))]
    size: u16,
    /// Fill the data with these bytes, as in ff00
    #[arg(short, value_name = "PATTERN", help_heading = SENT, value_parser = pattern)]
    pattern: Option<Pattern>,
    /// Time to live, of which each router takes one
    #[arg(short, value_name = "TTL", help_heading = SENT, value_parser = cli::whole(1..=u8::MAX))]
    ttl: Option<u8>,
    /// The second byte of the IP header: DSCP and ECN
    #[arg(short = 'Q', value_name = "TOS", help_heading = SENT, value_parser = cli::whole(0..=u8::MAX))]
    tos: Option<u8>,
    /// Do not let routers cut requests to fit (DF)
    #[arg(long, help_heading = SENT)]
    df: bool,

    /// Stop after so many requests; with -w, after so many answers
    #[arg(short, value_name = "COUNT", help_heading = WHEN, value_parser = cli::whole(1..=u32::MAX))]
    count: Option<u32>,
    /// Seconds from one request to the next; 0: as answers come [default: 1]
    #[arg(short, value_name = "INTERVAL", help_heading = WHEN, value_parser = cli::seconds(0, YEAR))]
    interval: Option<Duration>,
    /// Flood: -i 0, and a dot for each request without an answer
    #[arg(short, help_heading = WHEN)]
    pub(crate) flood: bool,
    /// End after so many seconds, or at the first error
    #[arg(short = 'w', value_name = "DEADLINE", help_heading = WHEN, value_parser = cli::seconds_above_zero(YEAR))]
    deadline: Option<Duration>,
    /// Seconds until an answer is late, and until the last ones are given up,
    /// but not before 1 s; 0: never [default: 10]
    #[arg(short = 'W', value_name = "WAIT", help_heading = WHEN, value_parser = cli::seconds(0, YEAR))]
    wait: Option<Duration>,

    /// Send by this interface, or from this address
    #[arg(short = 'I', long, value_name = "INTERFACE", help_heading = WHERE)]
    interface: Option<String>,
    #[command(flatten)]
    pub(crate) world: World,

    /// Only the first line and the statistics
    #[arg(short, help_heading = SHOWN, conflicts_with = "explain")]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) show: Show,
}

/// What a run does, as far as the command line and the host say it.
pub(crate) struct Plan {
    pub(crate) target: IpAddr,
    pub(crate) options: Options,
    pub(crate) asked: Asked,
    /// What `-I` asks for, with the address that requests leave with: `192.168.1.3 net1`.
    pub(crate) origin: Option<String>,
    /// Whether the count is that of a simulated run to which none was given.
    pub(crate) count_is_usual: bool,
}

impl Plan {
    /// How long an answer is in time.
    pub(crate) fn wait(&self) -> Duration {
        match self.options.wait {
            Wait::Usual => WAIT,
            Wait::For(wait) => wait,
            Wait::Endless => Duration::MAX,
        }
    }
}

impl Myping {
    /// What to do, after everything was checked that can be checked before the first request.
    pub(crate) fn plan(&self, session: &mut Session<'_>) -> Result<Plan, Failure> {
        let interval = self.interval(session.privileged)?;
        let host = &mut *session.host;
        let target = cli::ipv4_of(host, &self.target)?;
        cli::one_host(host, target, "myping")?;
        let route = match host.route(target.into()) {
            Ok(route) => Some(route),
            Err(error @ Error::NoRoute(_)) if self.interface.is_none() => return Err(error.into()),
            Err(_) => None,
        };
        let (bound, origin, own) = self.origin(host, route.as_ref())?;
        let (first_link, widest_link) = self.links(host, route.as_ref(), target.into());
        let usual = session.probes.filter(|_| self.count.is_none() && self.deadline.is_none());
        let options = Options {
            count: self.count.or(usual).map(u64::from),
            interval,
            wait: match self.wait {
                None => Wait::Usual,
                Some(Duration::ZERO) => Wait::Endless,
                Some(wait) => Wait::For(wait),
            },
            deadline: self.deadline,
            size: self.size.into(),
            pattern: self.pattern.as_ref().map_or(vec![], |pattern| pattern.0.clone()),
            socket: [bound, self.ttl.map(Opt::Ttl), self.tos.map(Opt::Tos), self.df.then_some(Opt::DontFragment(true))]
                .into_iter()
                .flatten()
                .collect(),
        };
        let asked = Asked {
            target: target.into(),
            own,
            next_hop: route.map(|route| route.next_hop),
            ttl: self.ttl,
            size: self.size.into(),
            uncut: self.df,
            first_link,
            widest_link,
        };
        Ok(Plan { target: target.into(), options, asked, origin, count_is_usual: usual.is_some() })
    }

    /// From one request to the next; who may not flood is told the least.
    fn interval(&self, privileged: bool) -> Result<Duration, Failure> {
        let usual = if self.flood { Duration::ZERO } else { Duration::from_secs(1) };
        let interval = self.interval.unwrap_or(usual);
        if privileged || interval >= LEAST_INTERVAL {
            return Ok(interval);
        }
        let least = LEAST_INTERVAL.as_secs_f64();
        let error = match self.interval {
            Some(interval) => {
                let interval = interval.as_secs_f64();
                format!("-i takes seconds from {least} for all but root, and '{interval}' is less: it would be a flood")
            }
            None => format!("-f floods, which is for root; others may send every {least} seconds"),
        };
        let hint = format!("`-i {least}` is allowed; in a simulated network, with `--net NAME`, any interval is");
        Err(Failure::said(error).hint(hint))
    }

    /// What `-I` binds the socket to, how the first line tells it, and which address requests leave with.
    fn origin(&self, host: &mut dyn Host, route: Option<&Route>) -> Result<Origin, Failure> {
        let by_route = route.map(|route| route.source);
        let Some(from) = &self.interface else { return Ok((None, None, by_route)) };
        if let Ok(address) = from.parse::<IpAddr>() {
            // Where the route leads there anyway, nothing needs to be bound; not every world can.
            let bound = (by_route != Some(address)).then(|| Opt::Source(SocketAddr::new(address, 0)));
            return Ok((bound, Some(format!("{address} ")), Some(address)));
        }
        let interfaces = host.interfaces()?;
        let Some(interface) = interfaces.iter().find(|interface| interface.name == *from) else {
            let known = interfaces.into_iter().map(|interface| interface.name).collect();
            return Err(Error::NoSuchInterface { name: from.clone(), known }.into());
        };
        let own = match route {
            Some(route) if route.interface == *from => Some(route.source),
            _ => interface.addresses.iter().map(|(address, _)| *address).find(IpAddr::is_ipv4),
        };
        let shown = own.map_or_else(|| cli::escape(from), |own| format!("{own} {}", cli::escape(from)));
        let bound = route.is_none_or(|route| route.interface != *from).then(|| Opt::Interface(from.clone()));
        Ok((bound, Some(shown), own))
    }

    /// The MTU of the interface by which requests leave, and the largest of all interfaces by which answers could come.
    ///
    /// Neither for an address of this host's own, to which nothing leaves.
    fn links(&self, host: &mut dyn Host, route: Option<&Route>, target: IpAddr) -> (Option<usize>, Option<usize>) {
        if route.is_none_or(|route| route.source == target) {
            return (None, None);
        }
        let interfaces = host.interfaces().unwrap_or_default();
        let mtu = |interface: &Interface| usize::try_from(interface.mtu).ok().filter(|mtu| *mtu > 0);
        let named = |name: &str| interfaces.iter().find(|interface| interface.name == name).and_then(mtu);
        let chosen = self.interface.as_deref().and_then(named);
        let is_loopback = |interface: &&Interface| interface.addresses.iter().any(|(address, _)| address.is_loopback());
        let widest = interfaces.iter().filter(|interface| !is_loopback(interface)).filter_map(mtu).max();
        (chosen.or_else(|| named(&route?.interface)), widest)
    }

    /// As it was typed, safe to print.
    pub(crate) fn target(&self) -> String {
        cli::escape(&self.target)
    }
}

/// What `-I` comes to: the socket's option, the words of the first line, the own address.
type Origin = (Option<Opt>, Option<String>, Option<IpAddr>);

/// The bytes of `-p`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern(Vec<u8>);

/// The bytes that hexadecimal digits stand for, two digits a byte; a last digit alone is a byte too, as in iputils' ping.
fn pattern(text: &str) -> Result<Pattern, NotANumber> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| (1..=32).contains(&digits.len())).ok_or_else(|| NotANumber {
        sentence: format!("takes 1 to 32 hexadecimal digits, as in ff00, and '{}' is not that", cli::escape(text)),
        hint: None,
    })?;
    let byte = |pair: &[u32]| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).unwrap_or(0);
    Ok(Pattern(digits.chunks(2).map(byte).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_read_as_iputils_reads_it() {
        for (text, bytes) in [("ff00", &[0xff, 0][..]), ("f", &[0xf]), ("abc", &[0xab, 0xc]), ("00", &[0])] {
            assert_eq!(pattern(text), Ok(Pattern(bytes.to_vec())));
        }
        for wrong in ["", "zz", "0x10", "-1", "ff ", &"0".repeat(33)] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn flood_is_for_root_and_for_simulated_networks() {
        let interval = |args: &[&str], privileged| {
            let tool = <Myping as clap::Parser>::parse_from([&["myping", "server"], args].concat());
            tool.interval(privileged).map_err(|failure| match failure {
                Failure::Said { error, .. } => error,
                failure => panic!("{failure:?}"),
            })
        };
        let micros = |micros| Ok(Duration::from_micros(micros));
        assert_eq!(interval(&[], false), micros(1_000_000));
        assert_eq!(interval(&["-f"], true), micros(0));
        assert_eq!(interval(&["-i", "0.000001"], true), micros(1));
        assert_eq!(interval(&["-f", "-i", "0.002"], false), micros(2_000));
        assert_eq!(
            interval(&["-i", "0.001"], false).unwrap_err(),
            "-i takes seconds from 0.002 for all but root, and '0.001' is less: it would be a flood"
        );
        assert_eq!(
            interval(&["-f"], false).unwrap_err(),
            "-f floods, which is for root; others may send every 0.002 seconds"
        );
    }

    #[test]
    fn command_line_is_sound() {
        <Myping as clap::CommandFactory>::command().debug_assert();
        assert_eq!(usize::from(MAX_SIZE), crate::request::MAX_SIZE);
    }
}
