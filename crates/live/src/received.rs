//! What one `recvmsg` brought: who sent it, when it arrived, with which TTL, or which error it is.

#[cfg(target_os = "linux")]
use crate::error_queue::Queued;
use crate::message;
use libc::c_int;
use socket2::Socket;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// One message, without its bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// How many bytes were put in the buffer.
    pub(crate) len: usize,
    /// Who sent it; of an error: whom the message that it is about was sent to.
    pub(crate) from: Option<SocketAddr>,
    /// When it arrived, by the wall clock.
    pub(crate) stamp: Option<Duration>,
    /// The TTL of the IP header it came in.
    pub(crate) ttl: Option<u8>,
    /// Why a message that was sent did not arrive.
    #[cfg(target_os = "linux")]
    pub(crate) error: Option<Queued>,
    /// The 802.1Q tag that the kernel took out of the frame: type and control information, in network byte order.
    pub(crate) tag: Option<[u8; 4]>,
}

/// Takes the next message, or error, into `buffer`.
///
/// # Errors
/// As recvmsg(2); `WouldBlock` if there is none.
pub(crate) fn receive(socket: &Socket, flags: c_int, buffer: &mut [u8]) -> io::Result<Received> {
    let mut received = Received::default();
    let (len, name) = message::receive(socket, flags, buffer, |level, kind, value| received.note(level, kind, value))?;
    Ok(Received { len, from: name.as_socket(), ..received })
}

impl Received {
    /// Takes in one control message. What is unknown or cut short is passed over.
    #[cfg(target_os = "linux")]
    fn note(&mut self, level: c_int, kind: c_int, value: &[u8]) {
        match (level, kind) {
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => self.stamp = timespec(value),
            (libc::IPPROTO_IP, libc::IP_TTL) => self.ttl = native_u32(value, 0).and_then(|ttl| u8::try_from(ttl).ok()),
            (libc::IPPROTO_IP, libc::IP_RECVERR) => self.error = Queued::parse(value),
            (libc::SOL_PACKET, libc::PACKET_AUXDATA) => self.tag = tag(value),
            _ => {}
        }
    }

    /// Takes in one control message. What is unknown or cut short is passed over.
    #[cfg(not(target_os = "linux"))]
    fn note(&mut self, level: c_int, kind: c_int, value: &[u8]) {
        match (level, kind) {
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMP) => self.stamp = timeval(value),
            (libc::IPPROTO_IP, libc::IP_RECVTTL) => self.ttl = value.first().copied(),
            _ => {}
        }
    }
}

/// `struct timespec`: seconds and nanoseconds, each as wide as the machine's `long`.
#[cfg(target_os = "linux")]
fn timespec(value: &[u8]) -> Option<Duration> {
    let (seconds, nanoseconds) = two_longs(value)?;
    Some(Duration::new(seconds, u32::try_from(nanoseconds).ok()?))
}

/// `struct timeval`: seconds, and microseconds in 32 bits or more, whose low half comes first on the machines that have it.
#[cfg(not(target_os = "linux"))]
fn timeval(value: &[u8]) -> Option<Duration> {
    let (seconds, microseconds) = two_longs(value)?;
    Some(Duration::from_secs(seconds) + Duration::from_micros(microseconds & 0xffff_ffff))
}

fn two_longs(value: &[u8]) -> Option<(u64, u64)> {
    let (first, rest) = value.split_first_chunk::<{ size_of::<usize>() }>()?;
    let second = rest.first_chunk::<{ size_of::<usize>() }>()?;
    Some((usize::from_ne_bytes(*first) as u64, usize::from_ne_bytes(*second) as u64))
}

/// The number in native byte order that begins at `byte`.
#[cfg(target_os = "linux")]
pub(crate) fn native_u32(value: &[u8], byte: usize) -> Option<u32> {
    value.get(byte..)?.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

/// The tag in `struct tpacket_auxdata`, if it says that there is one.
#[cfg(target_os = "linux")]
fn tag(value: &[u8]) -> Option<[u8; 4]> {
    const ETHERTYPE_802_1Q: u16 = 0x8100;
    let status = native_u32(value, 0)?;
    let (tci, tpid) = value.get(16..)?.split_first_chunk::<2>()?;
    let tpid = if status & libc::TP_STATUS_VLAN_TPID_VALID == 0 {
        ETHERTYPE_802_1Q
    } else {
        u16::from_ne_bytes(*tpid.first_chunk()?)
    };
    let [a, b] = tpid.to_be_bytes();
    let [c, d] = u16::from_ne_bytes(*tci).to_be_bytes();
    (status & libc::TP_STATUS_VLAN_VALID != 0).then_some([a, b, c, d])
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn tag_that_the_kernel_took_out_is_in_network_byte_order() {
        let auxdata = |status: u32, tpid: u16| {
            [&status.to_ne_bytes()[..], &[0; 12], &0x2005_u16.to_ne_bytes(), &tpid.to_ne_bytes()].concat()
        };
        let both = libc::TP_STATUS_VLAN_VALID | libc::TP_STATUS_VLAN_TPID_VALID;
        assert_eq!(tag(&auxdata(both, 0x88a8)), Some([0x88, 0xa8, 0x20, 0x05]));
        assert_eq!(tag(&auxdata(libc::TP_STATUS_VLAN_VALID, 0)), Some([0x81, 0x00, 0x20, 0x05]));
        assert_eq!(tag(&auxdata(0, 0x8100)), None);
    }
}
