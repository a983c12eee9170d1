//! A host with an echo at its side: whenever the program waits at it, the echo is served. In a read that waits it is not, so the
//! program must be one that does not ask a read to.
//!
//! So both ends of a connection are one program, in one order. The segments between them are the host's, and so are its delays.

use crate::manners::Manners;
use host::{Error, Host, Interest, Interface, Listener, Opt, Packets, Result, Route, Seed, Stream, Time};
use std::net::{IpAddr, SocketAddr};

/// How many bytes are read at once.
const AT_ONCE: usize = 1 << 16;

/// A host with an echo at its side.
pub(super) struct Beside<'a> {
    host: &'a mut dyn Host,
    listener: Box<dyn Listener>,
    echo: Option<Echo>,
    /// How many bytes make a request.
    reads: usize,
    manners: Manners,
}

/// The echo's end of the connection.
struct Echo {
    stream: Box<dyn Stream>,
    gathered: Vec<u8>,
    pending: Vec<u8>,
}

impl<'a> Beside<'a> {
    /// Opens the echo's port at `address`, whichever is free. It answers a request once that is whole.
    ///
    /// # Errors
    /// What the host says of the port or of the manners.
    pub(super) fn open(host: &'a mut dyn Host, address: IpAddr, reads: usize, manners: Manners) -> Result<Self> {
        let listener = host.listen_tcp(SocketAddr::new(address, 0), &manners.options())?;
        Ok(Self { host, listener, echo: None, reads, manners })
    }

    /// Where the echo listens.
    pub(super) fn at(&self) -> SocketAddr {
        self.listener.local()
    }

    /// The echo takes the connection that has come about.
    fn accept(&mut self) -> Result<()> {
        let Some(mut stream) = self.listener.accept(self.host.now())? else { return Ok(()) };
        self.manners.on_open(&mut *stream)?;
        self.echo = Some(Echo { stream, gathered: vec![], pending: vec![] });
        Ok(())
    }
}

impl Echo {
    fn interest(&self) -> Interest {
        let write = !self.pending.is_empty();
        Interest { socket: self.stream.id(), read: !write, write }
    }

    /// Reads once and writes what there is room for; the answer is whether that was its end.
    fn turn(&mut self, now: Time, reads: usize, manners: &Manners) -> Result<bool> {
        self.stream.set_deadline(now);
        if self.pending.is_empty() {
            let mut bytes = vec![0; reads.saturating_sub(self.gathered.len()).clamp(1, AT_ONCE)];
            let count = self.stream.read(&mut bytes)?;
            if count == 0 {
                return Ok(true);
            }
            manners.after_read(&mut *self.stream)?;
            self.gathered.extend(bytes.iter().take(count));
            if self.gathered.len() >= reads {
                self.pending = std::mem::take(&mut self.gathered);
            }
        }
        if !self.pending.is_empty() {
            let count = self.stream.write(&self.pending)?;
            self.pending.drain(..count);
        }
        Ok(false)
    }
}

impl Host for Beside<'_> {
    fn now(&self) -> Time {
        self.host.now()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.host.random(bytes);
    }

    fn seed(&mut self) -> Option<Seed> {
        self.host.seed()
    }

    fn interfaces(&mut self) -> Result<Vec<Interface>> {
        self.host.interfaces()
    }

    fn route(&mut self, to: IpAddr) -> Result<Route> {
        self.host.route(to)
    }

    fn resolve(&mut self, name: &str) -> Result<Vec<IpAddr>> {
        self.host.resolve(name)
    }

    fn open_link(&mut self, interface: &str) -> Result<Box<dyn Packets>> {
        self.host.open_link(interface)
    }

    /// The echo has the connection before the first byte of it leaves.
    fn connect_tcp(&mut self, to: SocketAddr, options: &[Opt], until: Time) -> Result<Box<dyn Stream>> {
        let stream = self.host.connect_tcp(to, options, until)?;
        self.accept()?;
        Ok(stream)
    }

    fn wait(&mut self, on: &[Interest], until: Time) -> Result<Vec<usize>> {
        loop {
            let echo = self.echo.as_ref().map(Echo::interest);
            let all: Vec<Interest> = on.iter().copied().chain(echo).collect();
            let ready = self.host.wait(&all, until)?;
            let now = self.host.now();
            if ready.contains(&on.len())
                && let Some(echo) = &mut self.echo
            {
                match echo.turn(now, self.reads, &self.manners) {
                    Ok(false) | Err(Error::TimedOut) => {}
                    // The other end tells what became of the connection.
                    Ok(true) | Err(_) => self.echo = None,
                }
            }
            let own: Vec<usize> = ready.iter().copied().filter(|index| *index < on.len()).collect();
            if !own.is_empty() || ready.is_empty() {
                return Ok(own);
            }
        }
    }
}
