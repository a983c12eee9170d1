//! Events as JSON objects, one a line; docs/json.md has the table.

use super::door::{Door, Fit};
use super::engine::{Echo, Ended, Event, Summary};
use crate::words::{self, About};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

/// One line. Times are in nanoseconds, lengths in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line {
    Start {
        sockets: Vec<Socket>,
    },
    Datagram {
        at_ns: u64,
        number: u64,
        socket: usize,
        port: u16,
        program: Option<String>,
        from: SocketAddr,
        bytes: usize,
        read_bytes: usize,
        ttl: Option<u8>,
        because: &'static str,
        echo: &'static str,
        words: Option<String>,
    },
    Error {
        at_ns: u64,
        socket: usize,
        by: IpAddr,
        #[serde(rename = "type")]
        kind: u8,
        code: u8,
        words: String,
        reason: String,
    },
    Summary {
        ended: &'static str,
        received: u64,
        echoed: u64,
        errors: u64,
        span_ns: u64,
        sockets: Vec<Total>,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Socket {
    socket: usize,
    address: Option<Ipv4Addr>,
    port: u16,
    peer: Option<SocketAddrV4>,
    program: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Total {
    socket: usize,
    port: u16,
    datagrams: u64,
    bytes: u64,
    senders: usize,
    echoed: u64,
}

/// The line of an event.
pub(crate) fn line(doors: &[Door], event: &Event<'_>) -> Option<Line> {
    Some(match event {
        Event::Start => {
            let socket = |(number, door): (usize, &Door)| Socket {
                socket: number + 1,
                address: Some(door.address).filter(|address| !address.is_unspecified()),
                port: door.port,
                peer: door.peer,
                program: door.program.clone(),
            };
            Line::Start { sockets: doors.iter().enumerate().map(socket).collect() }
        }
        Event::Datagram(heard, echo) => {
            let door = doors.get(heard.door)?;
            Line::Datagram {
                at_ns: heard.at.0,
                number: heard.number,
                socket: heard.door + 1,
                port: door.port,
                program: door.program.clone(),
                from: heard.from,
                bytes: heard.whole,
                read_bytes: heard.data.len(),
                ttl: heard.ttl,
                because: match door.fit() {
                    Fit::Alone => "alone",
                    Fit::Peer => "peer",
                    Fit::Address => "address",
                    Fit::Rest => "rest",
                    Fit::Hash => "hash",
                },
                echo: match echo {
                    Echo::Sent => "sent",
                    Echo::Endless => "endless",
                    Echo::Unsent(_) => "unsent",
                },
                words: match echo {
                    Echo::Unsent(error) => Some(words::local(error)),
                    Echo::Sent | Echo::Endless => None,
                },
            }
        }
        Event::Trouble { door, error, at, quote } => Line::Error {
            at_ns: at.0,
            socket: door + 1,
            by: error.by,
            kind: error.kind,
            code: error.code,
            words: cli::explain::error_title(error.kind, error.code),
            reason: words::reason(error, &About { target: None, own: None, next_hop: None, size: quote.len() }),
        },
    })
}

/// The line that comes last.
pub(crate) fn summary(summary: &Summary) -> Line {
    let total = |(number, (door, count)): (usize, &(Door, super::engine::Count))| Total {
        socket: number + 1,
        port: door.port,
        datagrams: count.datagrams,
        bytes: count.bytes,
        senders: count.peers.len(),
        echoed: count.echoed,
    };
    Line::Summary {
        ended: match summary.ended {
            Ended::Count => "count",
            Ended::Deadline => "deadline",
            Ended::Interrupted => "interrupted",
            Ended::Idle => "idle",
        },
        received: summary.received,
        echoed: summary.echoed,
        errors: summary.errors,
        span_ns: crate::send::nanos(summary.span),
        sockets: summary.doors.iter().enumerate().map(total).collect(),
    }
}
