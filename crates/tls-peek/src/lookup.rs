//! The address behind a name: a node of the network, or what the system says, or else what the host's name server says.

use cli::Failure;
use host::{Error, Host};
use mini_dig::ask::{Options, Outcome, ask};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use wire::dns::{Message, Name, PORT, Question, Type};

/// How long a name server is given, and how often it is asked.
const ASKED: Options = Options {
    tcp: false,
    secured: None,
    takes_truncated: false,
    timeout: Duration::from_secs(3),
    tries: 2,
    random_case: false,
};

/// The IPv4 address of a name. In the simulated network, hosts know each other as nodes; other names are asked for as on the
/// Internet.
pub(crate) fn address(host: &mut dyn Host, name: &str) -> Result<Ipv4Addr, Failure> {
    match host.resolve(name) {
        Err(unknown @ Error::UnknownName { .. }) => match name.parse::<Name>() {
            Ok(wanted) => asked(host, wanted)?.ok_or_else(|| unknown.into()),
            Err(_) => Err(unknown.into()),
        },
        _ => cli::ipv4_of(host, name),
    }
}

/// What the host's name server says; `None`: it knows no such address, or there is no server.
fn asked(host: &mut dyn Host, name: Name) -> Result<Option<Ipv4Addr>, Failure> {
    let Ok(servers) = host.name_servers() else { return Ok(None) };
    let Some(server) = servers.first().filter(|server| server.is_ipv4()) else { return Ok(None) };
    let mut id = [0; 2];
    host.random(&mut id);
    let query = Message::query(u16::from_be_bytes(id), true, Question::new(name, Type::A));
    let outcome = ask(host, SocketAddr::new(*server, PORT), &query, &ASKED, &mut |_| Ok::<(), Error>(()))?;
    let Outcome::Reply(reply) = outcome else {
        return Err(
            Failure::said(format!("the name server {server} does not answer")).hint("give the server's address")
        );
    };
    let addresses = reply.message.answers.iter().filter_map(|record| record.rdata.address());
    Ok(addresses.filter_map(|address| if let IpAddr::V4(address) = address { Some(address) } else { None }).next())
}
