//! A host's methods as data, so that one [`crate::Guest`] serves every world that is not the real machine.

use crate::{Account, Interest, Interface, Neighbour, Opt, Packet, Result, Route, SocketId, TcpInfo, Time};
use std::net::{IpAddr, SocketAddr};

/// What a program asks: one variant a method of [`crate::Host`] or of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the method of the same name in `traits`")]
pub enum Call {
    Random(usize),
    Interfaces,
    Route(IpAddr),
    Resolve(String),
    NameServers,
    Neighbours,
    OpenLink(String),
    OpenRaw(u8),
    OpenPing(Vec<Opt>),
    OpenTranslations,
    BindUdp(SocketAddr, Vec<Opt>),
    Connect(SocketAddr, Vec<Opt>),
    Connected(SocketId, Time),
    Listen(SocketAddr, Vec<Opt>),
    Accept(SocketId, Time),
    Send(SocketId, Option<SocketAddr>, Vec<u8>),
    Recv(SocketId, Time),
    Read(SocketId, usize, Time),
    Write(SocketId, Vec<u8>, Time),
    Finish(SocketId),
    Info(SocketId),
    Account(SocketId),
    LastAccount(SocketAddr),
    Set(SocketId, Opt),
    Close(SocketId),
    Wait(Vec<Interest>, Time),
    /// The program is done with this host.
    Exit,
}

impl Call {
    /// When this call gives up; [`Time::NEVER`] for calls that are answered at once.
    #[must_use]
    pub fn until(&self) -> Time {
        match self {
            Self::Connected(_, until) | Self::Accept(_, until) | Self::Recv(_, until) => *until,
            Self::Read(_, _, until) | Self::Write(_, _, until) | Self::Wait(_, until) => *until,
            _ => Time::NEVER,
        }
    }
}

/// What a world answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what the method of a call returns")]
pub enum Reply {
    Done,
    Bytes(Vec<u8>),
    Count(usize),
    /// A socket with its number, its own address and its peer's.
    Socket(SocketId, SocketAddr, SocketAddr),
    Packet(Packet),
    /// The call's `until` came first.
    Late,
    Ready(Vec<usize>),
    Interfaces(Vec<Interface>),
    Route(Route),
    Addresses(Vec<IpAddr>),
    Neighbours(Vec<Neighbour>),
    Info(Box<TcpInfo>),
    Account(Account),
}

/// Takes a call to a world and brings its answer, with the world's time. It blocks until there is one.
pub trait Carrier {
    /// The world's time after the call, and its answer.
    fn call(&mut self, call: Call) -> (Time, Result<Reply>);
}
