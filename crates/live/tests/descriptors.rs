//! A test alone in its process, because what it counts is of the whole process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use host::{Error, Host, Opt};
use live::{Live, Stop};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Nobody listens there, and no port that the system chooses is so low.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_hundred_thousand_connects_leave_no_descriptor_open() {
    let mut host = Live::new(Stop::never());
    // A reset frees the port at once; TIME-WAIT would use up all that there are.
    let break_off = [Opt::Linger(Some(Duration::ZERO))];
    let mut listener = host.listen_tcp(ANY_PORT, &[]).unwrap();
    let until = host.now() + LONG;
    let before = descriptors();
    for number in 0..100_000 {
        let ours = host.connect_tcp(listener.local(), &break_off, until).unwrap();
        let theirs = listener.accept(until).unwrap().unwrap();
        drop((ours, theirs));
        if number % 10 == 0 {
            assert_eq!(host.connect_tcp(NOBODY, &[], until).err(), Some(Error::Refused));
        }
    }
    assert_eq!(descriptors(), before);
}
