//! What this crate has no table for.

use crate::WireError;
use crate::dissect::{Layer, Protocol};
use crate::ethernet::{self, Ethernet, Tag};
use crate::ipv4::Ipv4;
use crate::ipv6::Ipv6;
use crate::ipv6::extension::{Esp, Fragment};
use crate::linux_cooked::{LinuxCooked, LinuxCooked2};
use std::fmt::{self, Formatter};

pub(super) fn esp(f: &mut Formatter<'_>, layer: Layer<'_>) -> fmt::Result {
    match Esp::take(layer.bytes()) {
        Ok((esp, _)) => {
            write!(f, " ESP {:#010x} sequence {}, {} bytes", esp.spi, esp.sequence_number, layer.payload_len())
        }
        Err(_) => f.write_str(" ESP, cut short"),
    }
}

/// Data, by what the layer `around` says that they are.
pub(super) fn data(f: &mut Formatter<'_>, layer: Layer<'_>, around: Option<Layer<'_>>) -> fmt::Result {
    let len = layer.payload_len();
    let Some(around) = around else { return write!(f, "{len} bytes") };
    let bytes = around.bytes();
    match around.protocol() {
        Protocol::Ethernet => by_ethertype(f, Ethernet::take(bytes).map(|(frame, _)| frame.ethertype), len),
        Protocol::Tag => by_ethertype(f, Tag::take(bytes).map(|(tag, _)| tag.ethertype), len),
        Protocol::LinuxCooked => by_ethertype(f, LinuxCooked::take(bytes).map(|(cooked, _)| cooked.protocol), len),
        Protocol::LinuxCooked2 => by_ethertype(f, LinuxCooked2::take(bytes).map(|(cooked, _)| cooked.protocol), len),
        Protocol::Ipv4 => match Ipv4::take(bytes) {
            Ok((ip, _)) if ip.version != 4 => write!(f, " IPv4 with version {}, {len} bytes", ip.version),
            Ok((ip, _)) if ip.fragment_offset > 0 => {
                later_fragment(f, ip.identification.into(), ip.fragment_offset, ip.more_fragments, len)
            }
            Ok((ip, _)) => write!(f, " protocol {}, {len} bytes", ip.protocol),
            Err(_) => f.write_str(" IPv4, cut short"),
        },
        Protocol::Ipv6 => match Ipv6::take(bytes) {
            Ok((ip, _)) if ip.version != 6 => write!(f, " IPv6 with version {}, {len} bytes", ip.version),
            Ok((ip, _)) => write!(f, " next header {}, {len} bytes", ip.next_header),
            Err(_) => f.write_str(" IPv6, cut short"),
        },
        Protocol::Ipv6Fragment => match Fragment::take(bytes) {
            Ok((ip, _)) if ip.fragment_offset > 0 => {
                later_fragment(f, ip.identification, ip.fragment_offset, ip.more_fragments, len)
            }
            Ok((ip, _)) => write!(f, " next header {}, {len} bytes", ip.next_header),
            Err(_) => f.write_str(" IPv6 fragment, cut short"),
        },
        Protocol::HopByHop | Protocol::DestinationOptions | Protocol::Routing | Protocol::Ah => {
            write!(f, " next header {}, {len} bytes", bytes.first().copied().unwrap_or_default())
        }
        _ => write!(f, " {len} bytes"),
    }
}

/// A fragment that is not the first one; the offset is in units of 8 bytes.
fn later_fragment(f: &mut Formatter<'_>, identification: u32, offset: u16, more: bool, len: usize) -> fmt::Result {
    let more = if more { "more to come" } else { "the last" };
    write!(f, " fragment {identification:#06x} from byte {}, {more}, {len} bytes", u32::from(offset) * 8)
}

fn by_ethertype(f: &mut Formatter<'_>, ethertype: Result<u16, WireError>, len: usize) -> fmt::Result {
    match ethertype {
        Ok(length) if length < ethernet::LEAST_TYPE => write!(f, "802.3 frame, {len} bytes"),
        Ok(ethertype) => write!(f, "EtherType {ethertype:#06x}, {len} bytes"),
        Err(_) => write!(f, "{len} bytes"),
    }
}
