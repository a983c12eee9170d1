//! [`Guest`]: a host whose every method is a [`Call`] that a [`Carrier`] takes to its world.

use crate::{
    Account, Call, Carrier, Error, Host, Interest, Interface, Listener, Neighbour, Opt, Packet, Packets, Reply, Result,
    Route, Seed, Socket, SocketId, Stream, TcpInfo, Time,
};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// The most bytes that one write hands over; who has more writes again, as `write_all` does. It is more than what usually finds
/// room at once, and each attempt copies what it hands over.
const MOST_WRITTEN: usize = 1 << 16;

/// A program's view of a host in a world that is not the real machine.
///
/// When it and all its sockets are dropped, it takes its leave ([`Call::Exit`]).
pub struct Guest(Rc<RefCell<Line>>);

/// The one line to the world, shared by a guest and its sockets.
struct Line {
    carrier: Box<dyn Carrier>,
    now: Time,
}

impl Line {
    fn ask(&mut self, call: Call) -> Result<Reply> {
        let (now, reply) = self.carrier.call(call);
        self.now = now;
        reply
    }
}

/// A world that answers with the wrong kind of reply is broken or lying; the program ends, it does not panic.
fn odd<T>(_: Reply) -> Result<T> {
    Err(Error::Gone)
}

/// An account, which comes in pieces: each fits into a message, and an empty one is the last.
fn whole_account(line: &RefCell<Line>, call: &Call) -> Result<Account> {
    let mut whole = Account::default();
    loop {
        match line.borrow_mut().ask(call.clone())? {
            Reply::Account(piece) => {
                let is_last = piece.is_empty();
                whole.extend(piece);
                if is_last {
                    return Ok(whole);
                }
            }
            reply => return odd(reply),
        }
    }
}

impl Guest {
    /// A host at the other end of `carrier`.
    #[must_use]
    pub fn new(carrier: impl Carrier + 'static) -> Self {
        Guest(Rc::new(RefCell::new(Line { carrier: Box::new(carrier), now: Time::START })))
    }

    fn ask(&self, call: Call) -> Result<Reply> {
        self.0.borrow_mut().ask(call)
    }

    fn open(&self, call: Call) -> Result<Box<Handle>> {
        Handle::open(&self.0, call)?.ok_or(Error::TimedOut)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Whoever hears no leave-taking sees the line closed instead.
        let _ = self.ask(Call::Exit);
    }
}

impl Host for Guest {
    fn now(&self) -> Time {
        self.0.borrow().now
    }

    fn random(&mut self, bytes: &mut [u8]) {
        if let Ok(Reply::Bytes(drawn)) = self.ask(Call::Random(bytes.len())) {
            bytes.iter_mut().zip(drawn).for_each(|(byte, drawn)| *byte = drawn);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the world behind a guest is a simulated network")]
    fn seed(&mut self) -> Option<Seed> {
        let Ok(Reply::Bytes(drawn)) = self.ask(Call::Random(32)) else { return None };
        drawn.try_into().ok().map(Seed::of_simulation)
    }

    fn interfaces(&mut self) -> Result<Vec<Interface>> {
        match self.ask(Call::Interfaces)? {
            Reply::Interfaces(interfaces) => Ok(interfaces),
            reply => odd(reply),
        }
    }

    fn route(&mut self, to: IpAddr) -> Result<Route> {
        match self.ask(Call::Route(to))? {
            Reply::Route(route) => Ok(route),
            reply => odd(reply),
        }
    }

    fn resolve(&mut self, name: &str) -> Result<Vec<IpAddr>> {
        match self.ask(Call::Resolve(name.into()))? {
            Reply::Addresses(addresses) => Ok(addresses),
            reply => odd(reply),
        }
    }

    fn name_servers(&mut self) -> Result<Vec<IpAddr>> {
        match self.ask(Call::NameServers)? {
            Reply::Addresses(addresses) => Ok(addresses),
            reply => odd(reply),
        }
    }

    fn neighbours(&mut self) -> Result<Vec<Neighbour>> {
        match self.ask(Call::Neighbours)? {
            Reply::Neighbours(neighbours) => Ok(neighbours),
            reply => odd(reply),
        }
    }

    fn open_link(&mut self, interface: &str) -> Result<Box<dyn Packets>> {
        Ok(self.open(Call::OpenLink(interface.into()))?)
    }

    fn open_raw(&mut self, protocol: u8) -> Result<Box<dyn Packets>> {
        Ok(self.open(Call::OpenRaw(protocol))?)
    }

    fn open_ping(&mut self, options: &[Opt]) -> Result<Box<dyn Packets>> {
        Ok(self.open(Call::OpenPing(options.into()))?)
    }

    fn bind_udp(&mut self, at: SocketAddr, options: &[Opt]) -> Result<Box<dyn Packets>> {
        Ok(self.open(Call::BindUdp(at, options.into()))?)
    }

    fn connect_tcp(&mut self, to: SocketAddr, options: &[Opt], until: Time) -> Result<Box<dyn Stream>> {
        // If the handshake fails, the handle is dropped, which closes the socket.
        let stream = self.open(Call::Connect(to, options.into()))?;
        match self.ask(Call::Connected(stream.id, until))? {
            Reply::Done => Ok(stream),
            Reply::Late => Err(Error::TimedOut),
            reply => odd(reply),
        }
    }

    fn begin_tcp(&mut self, to: SocketAddr, options: &[Opt], _until: Time) -> Result<Box<dyn Stream>> {
        Ok(self.open(Call::Connect(to, options.into()))?)
    }

    fn last_account(&mut self, to: SocketAddr) -> Result<Account> {
        whole_account(&self.0, &Call::LastAccount(to))
    }

    fn listen_tcp(&mut self, at: SocketAddr, options: &[Opt]) -> Result<Box<dyn Listener>> {
        Ok(self.open(Call::Listen(at, options.into()))?)
    }

    fn wait(&mut self, on: &[Interest], until: Time) -> Result<Vec<usize>> {
        match self.ask(Call::Wait(on.into(), until))? {
            Reply::Ready(ready) => Ok(ready),
            Reply::Late => Ok(vec![]),
            reply => odd(reply),
        }
    }
}

/// A socket of a guest. Dropped, it is closed.
struct Handle {
    line: Rc<RefCell<Line>>,
    id: SocketId,
    local: SocketAddr,
    peer: SocketAddr,
    deadline: Time,
}

impl Handle {
    /// The socket that `call` opens, or `None` when its time came first.
    fn open(line: &Rc<RefCell<Line>>, call: Call) -> Result<Option<Box<Handle>>> {
        let reply = line.borrow_mut().ask(call)?;
        match reply {
            Reply::Socket(id, local, peer) => {
                Ok(Some(Box::new(Handle { line: Rc::clone(line), id, local, peer, deadline: Time::NEVER })))
            }
            Reply::Late => Ok(None),
            reply => odd(reply),
        }
    }

    fn ask(&self, call: Call) -> Result<Reply> {
        self.line.borrow_mut().ask(call)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _ = self.ask(Call::Close(self.id));
    }
}

impl Socket for Handle {
    fn id(&self) -> SocketId {
        self.id
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn set(&mut self, option: Opt) -> Result<()> {
        self.ask(Call::Set(self.id, option)).map(drop)
    }
}

impl Packets for Handle {
    fn send(&mut self, to: Option<SocketAddr>, bytes: &[u8]) -> Result<()> {
        self.ask(Call::Send(self.id, to, bytes.into())).map(drop)
    }

    fn recv(&mut self, until: Time) -> Result<Option<Packet>> {
        match self.ask(Call::Recv(self.id, until))? {
            Reply::Packet(packet) => Ok(Some(packet)),
            Reply::Late => Ok(None),
            reply => odd(reply),
        }
    }
}

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.ask(Call::Read(self.id, buffer.len(), self.deadline))? {
            Reply::Bytes(bytes) => {
                let Some(front) = buffer.get_mut(..bytes.len()) else { return Err(Error::Gone.into()) };
                front.copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Reply::Late => Err(Error::TimedOut.into()),
            reply => Ok(odd(reply)?),
        }
    }
}

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = bytes.get(..MOST_WRITTEN).unwrap_or(bytes);
        match self.ask(Call::Write(self.id, bytes.into(), self.deadline))? {
            Reply::Count(count) if count <= bytes.len() => Ok(count),
            Reply::Late => Err(Error::TimedOut.into()),
            reply => Ok(odd(reply)?),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Handle {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn set_deadline(&mut self, until: Time) {
        self.deadline = until;
    }

    fn finish(&mut self) -> Result<()> {
        self.ask(Call::Finish(self.id)).map(drop)
    }

    fn info(&mut self) -> Result<TcpInfo> {
        match self.ask(Call::Info(self.id))? {
            Reply::Info(info) => Ok(*info),
            reply => odd(reply),
        }
    }

    fn account(&mut self) -> Result<Account> {
        whole_account(&self.line, &Call::Account(self.id))
    }
}

impl Listener for Handle {
    fn accept(&mut self, until: Time) -> Result<Option<Box<dyn Stream>>> {
        Ok(Handle::open(&self.line, Call::Accept(self.id, until))?.map(|handle| handle as Box<dyn Stream>))
    }
}
