//! TCP sockets. The kernel speaks TCP; here is how it is asked.
//!
//! The order to read in: [`options`] (what is set before the SYN), [`mod@connect`] (a handshake and its ends), [`mod@listen`]
//! (the queue of those that others began), [`stream`] (a connection), [`info`] (what the kernel knows of one), [`table`] (all of
//! them).
//!
//! Every call leaves the socket without blocking and waits, if it must, as all waits here do: so that Ctrl-C and deadlines end
//! it. A call that is told not to wait is one system call.

mod connect;
#[cfg(target_os = "linux")]
mod info;
mod listen;
mod options;
mod stream;
#[cfg(target_os = "linux")]
pub(crate) mod table;

pub(crate) use connect::connect;
pub(crate) use listen::listen;

use crate::endpoint::reason;
use crate::kernel::Kernel;
use host::{Error, Result, SocketId, Time};
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

/// A TCP socket that is open. Dropped, it is closed.
struct Handle {
    kernel: Rc<Kernel>,
    socket: Rc<Socket>,
    id: SocketId,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.kernel.forget(self.id);
    }
}

impl Handle {
    fn new(kernel: &Rc<Kernel>, socket: Socket) -> Self {
        let socket = Rc::new(socket);
        let id = kernel.register(&socket);
        Self { kernel: Rc::clone(kernel), socket, id }
    }

    /// Waits until the socket is ready for one of `events`, or has an error; whether it is, or else `until` came first.
    fn wait(&self, events: PollFlags, until: Time) -> Result<bool> {
        let mut on = Vec::with_capacity(2);
        on.push(PollFd::new(&self.socket, events));
        self.kernel.poll(&mut on, until)?;
        Ok(on.first().is_some_and(|fd| !fd.revents().is_empty()))
    }

    /// Its own address and port; unspecified where it has none.
    fn local(&self) -> SocketAddr {
        let address = self.socket.local_addr().ok().and_then(|address| address.as_socket());
        address.unwrap_or((Ipv4Addr::UNSPECIFIED, 0).into())
    }

    /// Whether Ctrl-C ends a call that may wait until `until`. What is there already can still be had without waiting.
    fn check_stop(&self, until: Time) -> Result<()> {
        if self.kernel.stop.is_raised() && self.kernel.clock.now() < until {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

/// A new TCP socket.
fn open() -> Result<Socket> {
    let socket =
        Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).map_err(|error| cannot("open", &error))?;
    socket.set_nonblocking(true).map_err(|error| cannot("open", &error))?;
    Ok(socket)
}

/// Why a TCP socket could not be opened, bound or the like.
fn cannot(what: &str, error: &io::Error) -> Error {
    match Errno::from_io_error(error) {
        Some(Errno::MFILE) => Error::Other(format!(
            "cannot {what} a TCP socket: this program has as many descriptors as its limit allows (`ulimit -n`)"
        )),
        _ => Error::Other(format!("cannot {what} a TCP socket: {}", reason(error))),
    }
}
