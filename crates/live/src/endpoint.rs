//! One socket of any kind: how it receives, waits and sends.
//!
//! Receiving waits for a moment in the receiving call itself, and only then at poll(2): on a quick link a ping then costs two
//! system calls, to send and to receive.

use crate::kernel::Kernel;
use crate::options;
use crate::patience::Patience;
use crate::received::{self, Received};
use host::{Error, Opt, Packet, Result, SocketId, Time};
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::net::{SendFlags, send, sendto};
use socket2::Socket;
use std::cell::Cell;
use std::io::ErrorKind::{Interrupted, WouldBlock};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;
use std::time::Duration;

/// How often a full queue is given a millisecond to drain before the send fails: a second in all.
const FULL_QUEUE_PATIENCE: u32 = 1000;
const PAUSE: Duration = Duration::from_millis(1);

/// How many errors about other messages a call may meet before an error is taken for its own.
///
/// One is enough most of the time; a raw socket is told of everybody's errors, and they may come quickly.
const PENDING_ERRORS: u32 = 16;

/// What a socket is, as far as its options and errors differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    #[cfg(target_os = "linux")]
    Link,
    #[cfg(target_os = "linux")]
    Raw,
    /// `identifier`: the one to compare; `None`: the kernel owns it and does so.
    Ping {
        identifier: Option<u16>,
    },
    Udp,
    Tcp,
}

impl Kind {
    /// As in "a ping socket of this machine has no option ...".
    pub(crate) fn of_this_machine(self) -> &'static str {
        match self {
            #[cfg(target_os = "linux")]
            Self::Link => "a link socket of this machine",
            #[cfg(target_os = "linux")]
            Self::Raw => "a raw socket of this machine",
            Self::Ping { .. } => "a ping socket of this machine",
            Self::Udp => "a UDP socket of this machine",
            Self::Tcp => "a TCP socket of this machine",
        }
    }

    /// Whether ICMP errors come by the socket's error queue; else they come as messages or not at all.
    pub(crate) fn queues_errors(self) -> bool {
        cfg!(target_os = "linux") && matches!(self, Self::Udp | Self::Ping { .. })
    }
}

/// A socket that is open. Dropped, it is closed.
pub(crate) struct Endpoint {
    pub(crate) kernel: Rc<Kernel>,
    pub(crate) socket: Rc<Socket>,
    pub(crate) id: SocketId,
    pub(crate) kind: Kind,
    /// Not earlier than this came what is received next: a time at which there was nothing, or that of what came before.
    floor: Cell<Time>,
    patience: Patience,
    /// Whether a send was told of an error that lies in the queue: a receive is told no more, and would wait beside it.
    owes_error: Cell<bool>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.kernel.forget(self.id);
    }
}

impl Endpoint {
    /// Sets a new socket up to tell arrival times, TTLs and errors.
    pub(crate) fn new(kernel: &Rc<Kernel>, socket: Socket, kind: Kind) -> Result<Self> {
        options::tell_all(&socket, kind).map_err(|error| Error::Other(error.to_string()))?;
        let socket = Rc::new(socket);
        let id = kernel.register(&socket);
        let floor = Cell::new(kernel.clock.now());
        let (patience, owes_error) = (Patience::default(), Cell::new(false));
        Ok(Self { kernel: Rc::clone(kernel), socket, id, kind, floor, patience, owes_error })
    }

    pub(crate) fn set(&self, option: &Opt) -> Result<()> {
        options::set(&self.socket, self.kind, option)
    }

    /// The address it is bound to; unspecified if it is to none.
    pub(crate) fn bound_to(&self) -> SocketAddr {
        let address = self.socket.local_addr().ok().and_then(|address| address.as_socket());
        address.unwrap_or((Ipv4Addr::UNSPECIFIED, 0).into())
    }

    /// The next message that `take` makes a packet of, or the next error, or `None` when `until` came first.
    ///
    /// # Errors
    /// `Interrupted` on Ctrl-C. What had arrived by then can still be had by asking without waiting.
    pub(crate) fn recv(
        &self,
        until: Time,
        take: impl Fn(&Received, &[u8], Time) -> Option<Packet>,
    ) -> Result<Option<Packet>> {
        // What has a stamp came no later than what lies behind it.
        let take = |received: &Received, bytes: &[u8], at: Time| {
            if received.stamp.is_some() {
                self.floor.set(at);
            }
            take(received, bytes, at)
        };
        let mut pending = 0;
        let is_patient = !self.owes_error.take() && self.patience.is_for(&self.socket, &self.kernel.clock, until);
        let mut flags = if is_patient { 0 } else { libc::MSG_DONTWAIT };
        loop {
            if self.kernel.stop.is_raised() && self.kernel.clock.now() < until {
                return Err(Error::Interrupted);
            }
            let asked = self.kernel.clock.latest();
            let failed = match self.next(std::mem::replace(&mut flags, libc::MSG_DONTWAIT), take) {
                Ok(Some(packet)) => return Ok(Some(packet)),
                // Not for us; the kernel's filters keep most of these away, so this does not go on for long.
                Ok(None) => continue,
                Err(error) => error,
            };
            match failed.kind() {
                WouldBlock => {
                    self.floor.set(asked);
                    let ready = self.wait(until)?;
                    if ready.is_empty() {
                        return Ok(None);
                    }
                    if !ready.contains(PollFlags::ERR) {
                        continue;
                    }
                }
                Interrupted => continue,
                // It says that there is something in the queue.
                _ if self.kind.queues_errors() && pending < PENDING_ERRORS => {}
                _ => return Err(Error::Other(format!("cannot receive: {}", reason(&failed)))),
            }
            match self.next_error() {
                Ok(Some(packet)) => return Ok(Some(packet)),
                Ok(None) => pending = 0,
                Err(error) if error.kind() == WouldBlock => pending += 1,
                Err(error) => return Err(Error::Other(format!("cannot read errors: {}", reason(&error)))),
            }
        }
    }

    /// The next message, if `take` makes a packet of it.
    pub(crate) fn next(
        &self,
        flags: libc::c_int,
        take: impl Fn(&Received, &[u8], Time) -> Option<Packet>,
    ) -> std::io::Result<Option<Packet>> {
        let mut buffer = self.kernel.buffer.borrow_mut();
        let received = received::receive(&self.socket, flags, &mut buffer)?;
        let at = self.kernel.clock.arrival(received.stamp, self.floor.get());
        let bytes = buffer.get(..received.len).unwrap_or_default();
        Ok(take(&received, bytes, at))
    }

    /// There are no queues of errors here.
    #[cfg(not(target_os = "linux"))]
    fn next_error(&self) -> std::io::Result<Option<Packet>> {
        Err(WouldBlock.into())
    }

    /// Waits until there is something to receive, or an error, or `until`; empty: `until` came first.
    fn wait(&self, until: Time) -> Result<PollFlags> {
        let mut on = Vec::with_capacity(2);
        on.push(PollFd::new(&self.socket, PollFlags::IN));
        self.kernel.poll(&mut on, until)?;
        Ok(on.first().map_or(PollFlags::empty(), PollFd::revents))
    }

    /// Sends `bytes`, to `to` or whither the socket is bound. `most` tells how long a message may be, if it was too long.
    ///
    /// A full queue (the socket's or the interface's) is waited for, up to a second: a flood is slowed down by it and does not
    /// die of it. An error about an earlier message stays where `recv` finds it, and the send is tried again.
    pub(crate) fn send(
        &self,
        to: Option<SocketAddrV4>,
        bytes: &[u8],
        most: impl FnOnce() -> Option<usize>,
    ) -> Result<()> {
        let (mut pauses, mut pending) = (0, 0);
        loop {
            let sent = match to {
                Some(to) => sendto(&self.socket, bytes, SendFlags::DONTWAIT, &to),
                None => send(&self.socket, bytes, SendFlags::DONTWAIT),
            };
            match sent {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN | Errno::NOBUFS) if pauses < FULL_QUEUE_PATIENCE => {
                    pauses += 1;
                    // Not by asking for room: an interface's queue does not tell, and a queued error would answer at once.
                    self.kernel.poll(&mut Vec::new(), self.kernel.clock.now() + PAUSE)?;
                }
                // RFC 1122 section 4.1.3.3: errors are passed to the program; Linux hands the latest to whoever calls next.
                Err(_) if self.kind.queues_errors() && pending < PENDING_ERRORS => {
                    pending += 1;
                    self.owes_error.set(true);
                }
                Err(error) => return Err(refusal(error, to, bytes.len(), most)),
            }
        }
    }
}

/// Why the kernel did not send.
fn refusal(error: Errno, to: Option<SocketAddrV4>, have: usize, most: impl FnOnce() -> Option<usize>) -> Error {
    let towards = to.map_or(String::new(), |to| format!(" to {}", to.ip()));
    Error::Other(match error {
        Errno::MSGSIZE => match most() {
            Some(most) if most < have => return Error::TooLong { have, most },
            _ => format!("{have} bytes are too long for the way{towards}"),
        },
        Errno::NETUNREACH | Errno::HOSTUNREACH => match to {
            Some(to) => return Error::NoRoute(IpAddr::V4(*to.ip())),
            None => "no route".into(),
        },
        Errno::PERM => format!("cannot send{towards}: a firewall of this machine forbids it"),
        Errno::ACCESS => {
            format!("cannot send{towards}: it is a broadcast address, or a route of this machine forbids it")
        }
        Errno::NOBUFS | Errno::AGAIN => format!("cannot send{towards}: the interface's queue stays full"),
        Errno::INVAL => format!("cannot send{towards}: the system does not take such a message"),
        error => format!("cannot send{towards}: {}", reason(&error.into())),
    })
}

/// What went wrong, in words and without the system's number for it.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match Errno::from_io_error(error) {
        Some(Errno::NETDOWN) => "the interface is down".into(),
        Some(Errno::NODEV | Errno::NXIO) => "the interface is gone".into(),
        _ => error.to_string().split(" (os error").next().unwrap_or_default().to_string(),
    }
}

/// The IPv4 address that a message is to be sent to.
///
/// # Errors
/// When there is none, or it is one of IPv6.
pub(crate) fn target(to: Option<SocketAddr>, kind: Kind) -> Result<SocketAddrV4> {
    match to {
        Some(SocketAddr::V4(to)) => Ok(to),
        Some(SocketAddr::V6(_)) => no_ipv6(),
        None => Err(Error::Other(format!("{} must be told where to send", kind.of_this_machine()))),
    }
}

/// The answer to an IPv6 address, until there is IPv6.
pub(crate) fn no_ipv6<T>() -> Result<T> {
    host::unsupported("IPv6 yet", "this program")
}
