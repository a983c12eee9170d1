//! A connection.

use super::Handle;
use super::connect::broken;
use super::options::{self, Wishes};
use crate::endpoint::reason;
use crate::patience::Patience;
use host::{Error, Opt, Result, SocketId, TcpInfo, Time};
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use socket2::Socket;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};

/// A TCP connection.
///
/// Dropped, it is closed: what was written still leaves, and FIN behind it; but if something lies there unread, RST leaves at
/// once, so that the peer learns that it was not taken. RFC 9293 section 3.6.1: "it SHOULD send a RST to show that data was
/// lost" (SHLD-3). With [`Opt::Linger`] of some time, dropping waits so long for the last acknowledgment, and Ctrl-C does not end
/// that.
pub(crate) struct Stream {
    handle: Handle,
    local: SocketAddr,
    peer: SocketAddr,
    deadline: Time,
    /// Whether each write says that more follows, which the kernel is told with each.
    more: bool,
    patience: Patience,
    /// Whether this side has sent its FIN.
    finished: bool,
    /// Whether this side sent the first SYN.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "TCP_INFO counts by it"))]
    began: bool,
}

impl Stream {
    pub(super) fn new(handle: Handle, peer: SocketAddr, began: bool) -> Self {
        let local = handle.local();
        let (deadline, patience) = (Time::NEVER, Patience::default());
        Self { handle, local, peer, deadline, more: false, patience, finished: false, began }
    }

    /// Tells the connection what had to wait until it was open.
    pub(super) fn settle(&mut self, wishes: &Wishes) -> Result<()> {
        wishes.once_open.iter().try_for_each(|option| self.change(option))
    }

    fn change(&mut self, option: &Opt) -> Result<()> {
        match option {
            Opt::MsgMore(more) => {
                self.more = *more;
                Ok(())
            }
            option => options::set(&self.handle.socket, option),
        }
    }

    /// Does `call` until it has an answer, waiting for `events` in between.
    fn attempt(
        &self,
        what: &str,
        events: PollFlags,
        mut call: impl FnMut(&Socket) -> rustix::io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            self.handle.check_stop(self.deadline)?;
            match call(&self.handle.socket) {
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                // In progress: the SYN has just left, and had no room for data.
                Err(Errno::AGAIN | Errno::INPROGRESS) => {
                    if !self.handle.wait(events, self.deadline)? {
                        return Err(Error::TimedOut.into());
                    }
                }
                Err(error) => return Err(self.failed(what, error).into()),
            }
        }
    }

    fn failed(&self, what: &str, error: Errno) -> Error {
        match error {
            Errno::PIPE if self.finished => {
                Error::Other(format!("cannot {what} {}: this side has closed its direction (FIN)", self.peer))
            }
            Errno::NOTCONN => Error::Gone,
            error => broken(error)
                .unwrap_or_else(|| Error::Other(format!("cannot {what} {}: {}", self.peer, reason(&error.into())))),
        }
    }
}

/// SIGPIPE would end a program that writes to a connection which the peer broke off.
#[cfg(target_os = "linux")]
fn send_flags(more: bool) -> SendFlags {
    let mut flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    flags.set(SendFlags::MORE, more);
    flags
}

/// Where there is no flag against SIGPIPE, there is an option, which socket2 has set.
#[cfg(not(target_os = "linux"))]
fn send_flags(_: bool) -> SendFlags {
    SendFlags::DONTWAIT
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Handle { kernel, socket, .. } = &self.handle;
        let is_patient = self.patience.is_for(socket, &kernel.clock, self.deadline);
        let mut flags = if is_patient { RecvFlags::empty() } else { RecvFlags::DONTWAIT };
        self.attempt("receive from", PollFlags::IN, |socket| {
            let flags = std::mem::replace(&mut flags, RecvFlags::DONTWAIT);
            recv(socket, &mut *buffer, flags).map(|(_, count)| count.min(buffer.len()))
        })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let flags = send_flags(self.more);
        self.attempt("send to", PollFlags::OUT, |socket| send(socket, bytes, flags))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl host::Socket for Stream {
    fn id(&self) -> SocketId {
        self.handle.id
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        self.change(&option)
    }
}

impl host::Stream for Stream {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn set_deadline(&mut self, until: Time) {
        self.deadline = until;
    }

    fn finish(&mut self) -> Result<()> {
        let Err(error) = self.handle.socket.shutdown(Shutdown::Write) else {
            self.finished = true;
            return Ok(());
        };
        // The connection is gone; why, its error says, if nobody has heard that yet.
        let reason = self.handle.socket.take_error().ok().flatten().unwrap_or(error);
        Err(Errno::from_io_error(&reason).map_or(Error::Gone, |error| self.failed("close", error)))
    }

    #[cfg(target_os = "linux")]
    fn info(&mut self) -> Result<TcpInfo> {
        super::info::of(&self.handle.socket, self.began).map_err(|error| super::cannot("look at", &error))
    }

    #[cfg(not(target_os = "linux"))]
    fn info(&mut self) -> Result<TcpInfo> {
        host::unsupported("TCP_INFO as Linux has it", "this machine's system")
    }
}
