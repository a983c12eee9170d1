//! ICMP errors: RFC 5508 section 4.
//!
//! An error quotes the packet that it is about, as that was where the trouble was: behind the NAT's outside address. So
//! what is quoted must be turned back as well, or the host inside would not know it for its own. That makes up to nine
//! changes in one packet, and each of them under one checksum or more:
//!
//! ```text
//!   outer IP   destination ········· header checksum
//!   ICMP       ····················· checksum, over all that follows
//!     quoted IP   source ··········· header checksum
//!     quoted UDP  source port ······ checksum (of the pseudo-header too), if it is there
//! ```

use crate::packet::Look;
use crate::rewrite::{self, Bytes, CHECKSUM_AT, End};
use crate::table::Table;
use crate::{Reason, Side, Verdict};
use host::Time;
use std::net::SocketAddrV4;
use wire::icmp;

/// Where the quote begins, behind the ICMP header.
const QUOTE: usize = 8;

/// Translates an error in place. RFC 5508 section 4.2, REQ-6: that refreshes nothing, and ends nothing.
pub(crate) fn translate(
    table: &mut Table,
    bytes: &mut Bytes<'_>,
    look: &Look,
    side: Side,
    now: Time,
) -> Result<Verdict, Reason> {
    let message = bytes.0.get(look.place.transport..look.len).ok_or(Reason::Malformed)?;
    // RFC 5508 section 4.1, REQ-3: "if the ICMP checksum fails to validate, the NAT SHOULD silently drop" it.
    if !icmp::is_intact(message) {
        return Err(Reason::Checksum);
    }
    let end = look.len;
    let quote = Look::quoted(bytes.0.get(..end).ok_or(Reason::Malformed)?, look.place.transport + QUOTE)?;
    match side {
        Side::Outside => {
            inward(table, bytes, look, &quote, now).map(|found| found.map_or(Verdict::Local, |()| Verdict::Pass))
        }
        Side::Inside if !table.is_outside_address(*look.destination.ip()) => {
            outward(table, bytes, look, &quote, now)?;
            Ok(Verdict::Pass)
        }
        // RFC 5508 section 5, REQ-7: an error about a packet that had turned back turns back as well. What it quotes has
        // the outside end of its sender as its source.
        Side::Inside => {
            if table.mapping_behind(quote.protocol(), quote.source, now).is_none() {
                return Ok(Verdict::Local);
            }
            outward(table, bytes, look, &quote, now)?;
            inward(table, bytes, look, &quote, now)?;
            Ok(Verdict::Hairpin)
        }
    }
}

/// Of a packet that went out: section 4.2.1. `None`: it was the NAT's own.
fn inward(
    table: &mut Table,
    bytes: &mut Bytes<'_>,
    look: &Look,
    quote: &Look,
    now: Time,
) -> Result<Option<()>, Reason> {
    let Some(mapping) = table.mapping_behind(quote.protocol(), quote.source, now) else { return Ok(None) };
    let inside = table.mapping(mapping).ok_or(Reason::NoMapping)?.inside;
    turn(bytes, look, quote, (End::Source, inside), (End::Destination, inside));
    Ok(Some(()))
}

/// Of a packet that came in: section 4.2.2. The error may be from a router inside, and gets the NAT's address, too.
fn outward(table: &mut Table, bytes: &mut Bytes<'_>, look: &Look, quote: &Look, now: Time) -> Result<(), Reason> {
    let peer = quote.source;
    let dependent = [SocketAddrV4::new([0; 4].into(), 0), SocketAddrV4::new(*peer.ip(), 0), peer];
    let known = dependent.iter().find_map(|only| table.mapping_of(quote.protocol(), quote.destination, *only, now));
    let outside = known.and_then(|mapping| table.mapping(mapping)).ok_or(Reason::NoMapping)?.outside;
    turn(bytes, look, quote, (End::Destination, outside), (End::Source, outside));
    Ok(())
}

/// Sets one end of the quote and the other end of the packet around it.
fn turn(bytes: &mut Bytes<'_>, look: &Look, quote: &Look, inner: (End, SocketAddrV4), outer: (End, SocketAddrV4)) {
    let all = rewrite::set_end(bytes, quote.place, inner.0, inner.1);
    bytes.mend(look.place.transport + 2, all);
    let address = bytes.change_address(outer.0.address_at(), *outer.1.ip());
    bytes.mend(CHECKSUM_AT, address);
}
