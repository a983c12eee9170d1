//! UDP, TCP, and DHCP.

use crate::dhcp::Dhcp;
use crate::dhcp::options::{self, DhcpOptions};
use crate::dissect::Layer;
use crate::tcp::options::{FAST_OPEN, TcpOption, TcpOptions};
use crate::tcp::{QuotedTcp, Tcp};
use crate::udp::Udp;
use std::fmt::{self, Formatter};
use std::net::Ipv4Addr;

pub(super) fn udp(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match Udp::take(layer.bytes()) {
        Ok((udp, _)) => {
            let len = usize::from(udp.length).saturating_sub(Udp::LEN);
            write!(f, " UDP {} > {}, {len} bytes", udp.source_port, udp.destination_port)
        }
        Err(_) => f.write_str(" UDP, cut short"),
    }
}

pub(super) fn tcp(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((tcp, rest)) = Tcp::take(layer.bytes()) else {
        return match QuotedTcp::take(layer.bytes()) {
            Ok((tcp, _)) => write!(f, " TCP {} > {}, cut short", tcp.source_port, tcp.destination_port),
            Err(_) => f.write_str(" TCP, cut short"),
        };
    };
    write!(f, " TCP {} > {} [", tcp.source_port, tcp.destination_port)?;
    let mut blank = "";
    for name in tcp.flags() {
        f.write_str(blank)?;
        f.write_str(name)?;
        blank = " ";
    }
    write!(f, "] seq {}", tcp.sequence_number)?;
    if tcp.ack {
        write!(f, " ack {}", tcp.acknowledgment_number)?;
    }
    write!(f, " win {}", tcp.window)?;
    let options = rest.get(..layer.header().len().saturating_sub(Tcp::LEN)).unwrap_or_default();
    for option in TcpOptions::new(options).map_while(Result::ok) {
        match option {
            TcpOption::MaximumSegmentSize(size) => write!(f, " mss {size}")?,
            TcpOption::WindowScale(shift) => write!(f, " wscale {shift}")?,
            TcpOption::Sack(blocks) => {
                for block in blocks.as_slice() {
                    write!(f, " sack {}-{}", block.left_edge, block.right_edge)?;
                }
            }
            TcpOption::Other { kind: FAST_OPEN, data: [] } => f.write_str(" cookie?")?,
            TcpOption::Other { kind: FAST_OPEN, data } => {
                f.write_str(" cookie ")?;
                data.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            }
            _ => {}
        }
    }
    match layer.payload_len() {
        0 => Ok(()),
        len => write!(f, " len {len}"),
    }
}

/// `DHCP discover from 02:…`, `DHCP offer 10.0.0.7 to 02:…`.
pub(super) fn dhcp(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    let Ok((dhcp, rest)) = Dhcp::take(layer.bytes()) else { return f.write_str(" DHCP, cut short") };
    let options = rest.get(..layer.header().len().saturating_sub(Dhcp::LEN)).unwrap_or_default();
    let kind = options::message_type(options).unwrap_or_default();
    let name = options::MESSAGE_TYPES.iter().find(|(number, _)| *number == u64::from(kind)).map(|(_, name)| *name);
    let is_from_client = dhcp.op != crate::dhcp::BOOTREPLY;
    let address = if is_from_client { requested(options) } else { Some(dhcp.yiaddr) };
    write!(
        f,
        " DHCP {}",
        name.unwrap_or(if is_from_client { "message from a client" } else { "message from a server" })
    )?;
    match address.filter(|address| !address.is_unspecified()) {
        Some(address) if is_from_client => write!(f, " for {address}")?,
        Some(address) => write!(f, " {address}")?,
        None => {}
    }
    let preposition = if is_from_client { "from" } else { "to" };
    match dhcp.client_mac() {
        Some(mac) if name.is_some() => write!(f, " {preposition} {mac}"),
        _ => Ok(()),
    }
}

fn requested(options: &[u8]) -> Option<Ipv4Addr> {
    let mut walk = DhcpOptions::new(options).map_while(Result::ok);
    let found = walk.find(|option| option.code == options::REQUESTED_ADDRESS)?;
    found.data.as_array().map(|octets| Ipv4Addr::from(*octets))
}
