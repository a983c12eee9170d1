//! The keys of a NAT: which sides it has, and how it behaves.

use super::reader::{Table, Value};
use super::{Net, NetError, Node, known, units};
use nat::{Behaviour, Config, Forward, Nat, Protocol};
use std::net::SocketAddrV4;

/// What a NAT translates between, and how.
#[derive(Debug, Clone)]
pub(crate) struct Translation {
    /// The links of the private network.
    pub(crate) inside: Vec<String>,
    /// The link to everything else. The node's address there is what stands for all inside.
    pub(crate) outside: String,
    /// Its choices; the outside address is not in it.
    config: Config,
    /// Whether a SYN announces no more than fits the outside link.
    clamps_to_mtu: bool,
}

const BEHAVIOURS: &[(&str, Behaviour)] = &[
    ("endpoint-independent", Behaviour::EndpointIndependent),
    ("address", Behaviour::AddressDependent),
    ("address-and-port", Behaviour::AddressAndPortDependent),
];

/// The IP and TCP headers without options: RFC 9293 section 3.7.1.
const HEADERS: u16 = 40;

impl Translation {
    /// What the keys of a NAT say.
    pub(super) fn take(node: &Node, table: &mut Table<'_>) -> Result<Self, NetError> {
        let inside = table.need("inside", "[\"lan\"]")?;
        let inside = inside.list()?.iter().map(|value| side(node, value)).collect::<Result<Vec<_>, _>>()?;
        let outside = table.need("outside", "\"access\"")?;
        let link = side(node, &outside)?;
        if inside.contains(&link) {
            return Err(outside.error(&format!("'{link}' is inside as well"), "a NAT stands between two sides"));
        }
        let mut own =
            Self { inside, outside: link, config: Config::new(std::net::Ipv4Addr::UNSPECIFIED), clamps_to_mtu: false };
        let config = &mut own.config;
        if let Some(value) = table.take("mapping") {
            config.mapping = behaviour(&value)?;
        }
        if let Some(value) = table.take("filtering") {
            config.filtering = behaviour(&value)?;
        }
        if let Some(value) = table.take("hairpin") {
            config.hairpin = value.truth()?;
        }
        if let Some(value) = table.take("first_port") {
            config.first_port = Some(value.number(1, u16::MAX)?);
        }
        if let Some(value) = table.take("clamp_mss") {
            match value.value.as_str() {
                Some("pmtu") => own.clamps_to_mtu = true,
                _ => config.clamp_mss = Some(value.number(88, 65_495)?),
            }
        }
        if let Some(value) = table.take("forward") {
            config.forwards = value.list()?.iter().map(forward).collect::<Result<_, _>>()?;
        }
        if let Some(value) = table.take("timers") {
            let mut table = value.table()?;
            let timers = &mut config.timers;
            for (key, timer) in [
                ("udp", &mut timers.udp),
                ("icmp", &mut timers.icmp),
                ("tcp_established", &mut timers.tcp_established),
                ("tcp_transitory", &mut timers.tcp_transitory),
                ("tcp_closing", &mut timers.tcp_closing),
            ] {
                if let Some(value) = table.take(key) {
                    *timer = value.quantity(units::duration, "time", "\"300 s\"")?;
                }
            }
            table.done()?;
        }
        if let Some(value) = table.take("sessions") {
            config.limits.sessions = value.number(1, 1 << 20)?;
        }
        if let Some(value) = table.take("sessions_of_a_host") {
            config.limits.sessions_of_a_host = value.number(1, 1 << 20)?;
        }
        Ok(own)
    }

    /// The translator for this node, whose chance is drawn from `secret`.
    pub(crate) fn translator(&self, net: &Net, node: &Node, secret: u64) -> Result<Nat, NetError> {
        let outside = node.interfaces.iter().find(|interface| interface.link == self.outside);
        let public = outside.and_then(|interface| interface.address).map(|(address, _)| address);
        let mtu = net.link(&self.outside).map_or(u16::MAX, |link| link.nature(&node.name).mtu);
        let clamp_mss = if self.clamps_to_mtu { Some(mtu.saturating_sub(HEADERS)) } else { self.config.clamp_mss };
        let config = Config { public: public.into_iter().collect(), clamp_mss, secret, ..self.config.clone() };
        Nat::new(config).map_err(|error| {
            NetError::new(format!("{}: {error}", node.name), "an outside port leads to one place, which is inside")
        })
    }

    /// What it does, in words.
    pub(super) fn remarks(&self) -> Vec<String> {
        let config = &self.config;
        let standard = Config::new(std::net::Ipv4Addr::UNSPECIFIED);
        let mut remarks = vec![format!("translates what goes from {} to {}", self.inside.join(", "), self.outside)];
        if config.mapping != standard.mapping {
            remarks.push(format!("maps {}", config.mapping));
        }
        if config.filtering != standard.filtering {
            remarks.push(format!("filters {}", config.filtering));
        }
        if !config.hairpin {
            remarks.push("lets nothing turn back inside".into());
        }
        if let Some(port) = config.first_port {
            remarks.push(format!("gives ports from {port} on"));
        }
        if self.clamps_to_mtu || config.clamp_mss.is_some() {
            let most = config.clamp_mss.map_or(format!("what fits {}", self.outside), |most| format!("{most} bytes"));
            remarks.push(format!("lowers the segment size that a SYN announces to {most}"));
        }
        for Forward { protocol, port, to } in &config.forwards {
            remarks.push(format!("forwards {protocol} {port} to {to}"));
        }
        if config.timers != standard.timers {
            let nat::Timers { udp, icmp, tcp_established, tcp_transitory, tcp_closing } = config.timers;
            remarks.push(format!(
                "forgets udp after {} s, icmp after {} s, tcp after {} s, tcp that opens after {} s, tcp that closes after {} s",
                udp.as_secs(),
                icmp.as_secs(),
                tcp_established.as_secs(),
                tcp_transitory.as_secs(),
                tcp_closing.as_secs()
            ));
        }
        if config.limits != standard.limits {
            let nat::Limits { sessions, sessions_of_a_host, .. } = config.limits;
            remarks.push(format!("has room for {sessions} sessions, {sessions_of_a_host} of a host"));
        }
        remarks
    }
}

/// The link on a NAT's inner or outer side must be one of its own.
fn side(node: &Node, value: &Value<'_>) -> Result<String, NetError> {
    let link = value.text("name of a link", "\"lan\"")?;
    let links = node.interfaces.iter().map(|interface| interface.link.as_str());
    if links.clone().any(|own| own == link) {
        return Ok(link.to_string());
    }
    Err(value.error(
        &format!("'{}' has no interface on '{}'", node.name, link.escape_debug()),
        format!("it is on {}", known(link, links)),
    ))
}

fn behaviour(value: &Value<'_>) -> Result<Behaviour, NetError> {
    let word = value.text("behaviour", "\"endpoint-independent\"")?;
    let found = BEHAVIOURS.iter().find(|(name, _)| *name == word).map(|(_, behaviour)| *behaviour);
    found.ok_or_else(|| {
        let hint = format!("behaviours are {}", known(word, BEHAVIOURS.iter().map(|(name, _)| *name)));
        value.error(&format!("unknown behaviour '{}'", word.escape_debug()), hint)
    })
}

/// `tcp 8080 -> 192.168.1.4:8080`.
fn forward(value: &Value<'_>) -> Result<Forward, NetError> {
    let (expected, example) = ("forwarded port", "\"tcp 8080 -> 192.168.1.4:8080\"");
    let words: Vec<&str> = value.text(expected, example)?.split_whitespace().collect();
    let read = || {
        let [protocol, port, "->", to] = words[..] else { return None };
        let protocol = [Protocol::Tcp, Protocol::Udp].into_iter().find(|known| known.to_string() == protocol)?;
        let port = port.parse().ok().filter(|port: &u16| *port > 0)?;
        let to = to.parse().ok().filter(|to: &SocketAddrV4| to.port() > 0)?;
        Some(Forward { protocol, port, to })
    };
    read().ok_or_else(|| value.expected(expected, example))
}
