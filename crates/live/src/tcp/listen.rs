//! A socket that waits for connections: the kernel shakes hands, and queues them.

use super::connect::no_source;
use super::options::{self, Role, Wishes};
use super::stream::Stream;
use super::{Handle, cannot, open};
use crate::endpoint::{Kind, target};
use crate::kernel::Kernel;
use host::{Opt, Result, SocketId, Time};
use rustix::event::PollFlags;
use rustix::io::Errno;
use socket2::Socket;
use std::net::SocketAddr;
use std::rc::Rc;

/// A socket that waits for connections.
pub(crate) struct Listener {
    handle: Handle,
    local: SocketAddr,
    wishes: Wishes,
}

/// Opens a socket that waits for connections at `at`; port 0 takes a free one.
///
/// Most of its options are those of its connections too.
///
/// # Errors
/// `AddressInUse`; `NoPermission` for a low port; those of the options.
pub(crate) fn listen(kernel: &Rc<Kernel>, at: SocketAddr, options: &[Opt]) -> Result<Listener> {
    let address = target(Some(at), Kind::Tcp)?;
    let socket = open()?;
    let wishes = Wishes::tell(&socket, Role::Listens, options)?;
    socket.bind(&address.into()).map_err(|error| no_source(&error, at))?;
    // listen(2): what is more than the system allows is cut to that.
    let backlog = wishes.backlog.map_or(i32::MAX, |connections| i32::from(connections.max(1)));
    if wishes.fast_open {
        fast_open(&socket, backlog)?;
    }
    // Two sockets may be bound to one port as long as neither listens (`ReuseAddress`), so this too can find it taken.
    socket.listen(backlog).map_err(|error| no_source(&error, at))?;
    let handle = Handle::new(kernel, socket);
    Ok(Listener { local: handle.local(), handle, wishes })
}

/// Takes data out of SYNs whose cookie is right: tcp(7), `TCP_FASTOPEN`. Whether it does so at all is for the sysctl
/// `net.ipv4.tcp_fastopen` to say, and nobody is told.
#[cfg(target_os = "linux")]
fn fast_open(socket: &Socket, pending: i32) -> Result<()> {
    crate::message::set(socket, libc::IPPROTO_TCP, libc::TCP_FASTOPEN, pending)
        .map_err(|error| cannot("set TCP_FASTOPEN of", &error))
}

#[cfg(not(target_os = "linux"))]
fn fast_open(_: &Socket, _: i32) -> Result<()> {
    crate::options::lacks(Kind::Tcp, &Opt::FastOpen(true))
}

impl host::Socket for Listener {
    fn id(&self) -> SocketId {
        self.handle.id
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        options::set(&self.handle.socket, &option)
    }
}

impl host::Listener for Listener {
    fn accept(&mut self, until: Time) -> Result<Option<Box<dyn host::Stream>>> {
        loop {
            self.handle.check_stop(until)?;
            let error = match self.handle.socket.accept() {
                Ok((socket, peer)) => {
                    let Some(peer) = peer.as_socket() else { continue };
                    let mut stream = Stream::new(Handle::new(&self.handle.kernel, socket), peer, false);
                    stream.settle(&self.wishes)?;
                    return Ok(Some(Box::new(stream)));
                }
                Err(error) => error,
            };
            match Errno::from_io_error(&error) {
                Some(Errno::AGAIN) if !self.handle.wait(PollFlags::IN, until)? => return Ok(None),
                Some(Errno::AGAIN | Errno::INTR) => {}
                // accept(2): errors of the connection that is next, which is gone; the others still wait.
                Some(Errno::CONNABORTED | Errno::PROTO | Errno::NETDOWN | Errno::NETUNREACH | Errno::HOSTUNREACH) => {}
                _ => return Err(cannot("accept", &error)),
            }
        }
    }
}
