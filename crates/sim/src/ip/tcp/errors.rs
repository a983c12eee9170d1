//! What ICMP errors do to a connection: RFC 9293 section 3.9.2.2, RFC 1122 section 4.2.3.9, RFC 1191 section 6.4.
//!
//! Anybody can send such a message. So it counts only if what it quotes is under way: RFC 5927 section 4.1 has it checked that
//! the quoted sequence number is one of those that were sent and are not acknowledged.

use super::super::{Out, Stack};
use super::HEADERS;
use super::ends::Ends;
use host::Time;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use tcp::Seq;
use wire::icmp::{self, Icmp};
use wire::ipv4::{self, Ipv4};
use wire::tcp::QuotedTcp;

impl Stack {
    /// `by` says that `quote`, the beginning of a packet that this host sent, was not delivered.
    pub(in crate::ip) fn tcp_error(&mut self, now: Time, by: Ipv4Addr, icmp: Icmp, quote: &[u8], out: &mut Out) {
        let Some(number) = self.quoted_connection(quote) else { return };
        let Some(entry) = self.tcp.entries.get_mut(&number) else { return };
        // Of the other kinds RFC 1122 section 4.2.3.9 and RFC 6633 have none do anything to the connection.
        if icmp.kind != icmp::UNREACHABLE {
            return;
        }
        // "Fragmentation needed" is no trouble: the segments become smaller, as `heed_path` finds.
        if icmp.code != 4 {
            entry.trouble = Some((IpAddr::V4(by), icmp.code));
            // Before a connection is established any of them ends it, as in Linux: RFC 5461 section 4.1 tells why many hosts do so,
            // against RFC 1122's "MUST NOT abort the connection" for codes 0, 1 and 5. Afterwards none does.
            entry.connection.icmp_error(true);
        }
        self.flush(now, number, out);
    }

    /// Whether this host believes what is said of a TCP segment: one of its connections has it under way, or a program that writes
    /// its own segments may have sent it.
    pub(in crate::ip) fn may_have_sent(&self, quote: &[u8]) -> bool {
        self.sockets.has_raw(ipv4::TCP) || self.quoted_connection(quote).is_some()
    }

    /// The connection that has the quoted segment under way.
    fn quoted_connection(&self, quote: &[u8]) -> Option<u32> {
        let (header, _, payload) = Ipv4::split(quote).ok()?;
        if header.protocol != ipv4::TCP || header.fragment_offset != 0 {
            return None;
        }
        let (quoted, _) = QuotedTcp::take(payload).ok()?;
        let own = SocketAddrV4::new(header.source, quoted.source_port);
        let peer = SocketAddrV4::new(header.destination, quoted.destination_port);
        let number = *self.tcp.by_ends.get(&Ends { own, peer })?;
        let info = self.tcp.entries.get(&number)?.connection.info();
        let seq = Seq(quoted.sequence_number);
        (info.snd_una.is_at_or_before(seq) && seq.is_before(info.snd_nxt)).then_some(number)
    }

    /// Tells the engine what the path takes, if that has changed: less, when a router said so; more, when that is forgotten.
    pub(super) fn heed_path(&mut self, now: Time, number: u32) {
        let Some(entry) = self.tcp.entries.get(&number) else { return };
        let peer = *entry.ends.peer.ip();
        let link = self.link_mtu(peer, entry.sending);
        let known = if entry.sending.dont_fragment { self.path_mtus.towards(now, peer) } else { None };
        let mtu = known.map_or(link, |path| path.min(link));
        if let Some(entry) = self.tcp.entries.get_mut(&number)
            && entry.path_mtu != mtu
        {
            entry.path_mtu = mtu;
            entry.connection.limit_segments(mtu.saturating_sub(HEADERS));
        }
    }
}
