//! A host as a lab lends it: only the sockets of its `lab.toml`, only bytes and times, and all packets noted.

use crate::lab::Sockets;
use host::{Call, Carrier, Error, Packet, Reply, SocketId, Time};
use std::collections::BTreeSet;

/// A packet that the program sent or was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) at: Time,
    /// Whether the program sent it.
    pub(crate) sent: bool,
    pub(crate) bytes: Vec<u8>,
}

/// A carrier that opens what the lab allows, and notes what passes.
pub(crate) struct Watched<'a, C> {
    pub(super) inner: C,
    allowed: &'a [Sockets],
    pub(crate) log: Vec<Passed>,
    /// The UDP sockets among those that are open.
    udp: BTreeSet<SocketId>,
    /// The time of the last answer.
    pub(crate) now: Time,
}

impl<'a, C: Carrier> Watched<'a, C> {
    pub(crate) fn new(inner: C, allowed: &'a [Sockets]) -> Self {
        Self { inner, allowed, log: vec![], udp: BTreeSet::new(), now: Time::START }
    }

    fn take(&mut self, call: Call) -> (Time, Result<Reply, Error>) {
        let sent = if let Call::Send(_, _, bytes) = &call { Some(bytes.clone()) } else { None };
        let (now, mut reply) = self.inner.call(call.clone());
        // A notice about a packet of ours is no packet: who writes headers reads them, too.
        while let Ok(Reply::Packet(Packet { error: Some(_), .. })) = &reply {
            reply = self.inner.call(call.clone()).1;
        }
        if let (Call::BindUdp(..), Ok(Reply::Socket(id, ..))) = (&call, &reply) {
            self.udp.insert(*id);
        }
        if let (Some(bytes), Ok(Reply::Done)) = (sent, &reply) {
            self.log.push(Passed { at: now, sent: true, bytes });
        }
        if let Ok(Reply::Packet(packet)) = &mut reply {
            // What the socket knows of the sender, the learner's program is to find out by itself, where the headers are
            // there to tell it. Of a datagram they are not.
            let is_udp = matches!(&call, Call::Recv(id, _) if self.udp.contains(id));
            *packet = Packet { from: packet.from.filter(|_| is_udp), ttl: None, ..packet.clone() };
            self.log.push(Passed { at: packet.at, sent: false, bytes: packet.bytes.clone() });
        }
        (now, reply)
    }
}

impl<C: Carrier> Carrier for Watched<'_, C> {
    fn call(&mut self, call: Call) -> (Time, Result<Reply, Error>) {
        let what = match &call {
            Call::OpenLink(_) if !self.allowed.contains(&Sockets::Link) => "link sockets",
            Call::OpenRaw(_) if !self.allowed.contains(&Sockets::Raw) => "raw sockets",
            Call::OpenPing(_) => "ping sockets",
            Call::BindUdp(..) if !self.allowed.contains(&Sockets::Udp) => "UDP sockets",
            Call::OpenTranslations => "translation table to look into",
            Call::Connect(..) | Call::Listen(..) => "TCP sockets",
            Call::Neighbours => "neighbour table to look into",
            _ => {
                let answer = self.take(call);
                self.now = answer.0;
                return answer;
            }
        };
        (self.now, Err(Error::Unsupported { what: what.into(), world: "this lab".into() }))
    }
}
