//! All TCP sockets at a port: `/proc/net/tcp` and its kin for IPv6, whose sockets take ports of IPv4 too.
//!
//! Sockets that are bound and neither listen nor are connected do not stand there.

use super::info;
use host::{Error, Result, TcpSocket};
use std::fs;
use std::net::{IpAddr, SocketAddr};

/// The sockets at `port`, those that listen first.
///
/// # Errors
/// When the kernel does not show them.
pub(crate) fn at(port: u16) -> Result<Vec<TcpSocket>> {
    let read =
        |file: &str| fs::read_to_string(file).map_err(|error| Error::Other(format!("cannot read {file}: {error}")));
    let v4 = read("/proc/net/tcp")?;
    // A kernel without IPv6 has no such file.
    let v6 = read("/proc/net/tcp6").unwrap_or_default();
    let mut all: Vec<TcpSocket> =
        v4.lines().chain(v6.lines()).filter_map(socket).filter(|socket| socket.local.port() == port).collect();
    all.sort_by_key(|socket| socket.peer.is_some());
    Ok(all)
}

/// A line of the table; `None` for its head.
fn socket(line: &str) -> Option<TcpSocket> {
    let mut words = line.split_whitespace().skip(1);
    let local = address(words.next()?)?;
    let peer = address(words.next()?)?;
    let state = info::state(u8::from_str_radix(words.next()?, 16).ok()?)?;
    // Queues, timers and retransmissions come before the user.
    let user = words.nth(3)?.parse().ok()?;
    // Of an old connection the kernel keeps no user.
    let user = Some(user).filter(|_| state != "TIME-WAIT");
    Some(TcpSocket { local, peer: Some(peer).filter(|peer| peer.port() != 0), state, user })
}

/// `0100007F:1B5F`: the address in words of the machine's own byte order, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |digits: &[u8]| Some(u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?.to_ne_bytes());
    let bytes: Vec<u8> = address.as_bytes().chunks(8).map(word).collect::<Option<Vec<_>>>()?.concat();
    let address = match bytes.first_chunk::<16>() {
        Some(v6) => IpAddr::from(*v6).to_canonical(),
        None => IpAddr::from(*bytes.first_chunk::<4>()?),
    };
    Some(SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_the_table_is_a_socket_and_its_head_is_none() {
        let native = |address: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(address));
        let [home, any, mapped] = [[127, 0, 0, 1], [0; 4], [0, 0, 0xff, 0xff]].map(native);
        let line = |local: &str, peer: &str, state: &str| {
            format!("   0: {local} {peer} {state} 00000000:00000000 00:00000000 00000000  1000        0 1593 1 0")
        };
        let listens = socket(&line(&format!("{any}:1B5F"), &format!("{any}:0000"), "0A")).unwrap();
        assert_eq!((listens.local, listens.peer), (SocketAddr::from(([0; 4], 7007)), None));
        assert_eq!((listens.state.as_ref(), listens.user), ("LISTEN", Some(1000)));
        let old = socket(&line(&format!("{home}:1B5F"), &format!("{home}:97E8"), "06")).unwrap();
        assert_eq!(
            (old.peer, old.state.as_ref(), old.user),
            (Some(([127, 0, 0, 1], 38_888).into()), "TIME-WAIT", None)
        );
        let both = socket(&line(&format!("{any}{any}{mapped}{home}:1B5F"), &format!("{any}:0000"), "0A")).unwrap();
        assert_eq!(both.local, SocketAddr::from(([127, 0, 0, 1], 7007)), "IPv4 at a socket of IPv6");
        assert_eq!(socket("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"), None);
        assert_eq!(socket(""), None);
    }
}
