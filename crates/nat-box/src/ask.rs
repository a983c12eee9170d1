//! `nat-box ask`: how a server sees this host.

use crate::asker;
use crate::flags::Ask;
use crate::json::Line;
use crate::stun::Request;
use cli::{Failure, Session, Verdict};
use std::net::{IpAddr, SocketAddrV4};

/// Runs `nat-box ask`.
pub(crate) fn run(flags: &Ask, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let (host, out) = (&mut *session.host, &mut session.out);
    let server = crate::server(host, &flags.server)?;
    let IpAddr::V4(own) = host.route(IpAddr::V4(*server.ip()))?.source else {
        return Err(Failure::said("the way to the server has no IPv4 address"));
    };
    let mut asking = asker::open(host, own, flags.sport.unwrap_or(0))?;
    let request = Request { transaction: asker::transaction(host), ..Request::default() };
    let answer = asker::ask(host, &mut asking, server, &request, flags.wait)?;
    let from = SocketAddrV4::new(own, asking.own.port());
    let Some((response, rtt)) = answer else {
        match out.is_json() {
            true => out.json(&Line::Silence { from, server })?,
            false => out.line(&format!("no answer from {server} to {from}"))?,
        }
        return Ok(Verdict::No);
    };
    let mapped = response.mapped;
    if out.is_json() {
        let rtt_ns = u64::try_from(rtt.as_nanos()).unwrap_or(u64::MAX);
        out.json(&Line::Seen { from, server, mapped, rtt_ns })?;
    } else {
        let seen = if mapped == from { "itself".to_string() } else { mapped.to_string() };
        out.line(&format!("{from} is seen as {seen} by {server}, time={} ms", cli::three_digits(rtt)))?;
        if out.explains() {
            out.line(&format!(
                "    a Binding request (RFC 8489 section 6); the answer came from {} and has the end that it saw in \
                 XOR-MAPPED-ADDRESS (section 14.2)",
                response.origin
            ))?;
        }
    }
    Ok(Verdict::Yes)
}
