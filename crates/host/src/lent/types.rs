//! How the types of a call and its answer are written in a message: a table of each.
//!
//! An enum's table has a row per variant, with its number; a struct's has its fields. A variant or field that is missing here
//! does not compile.

use super::coding::{Coded, Garbled, Reader, coded, put_len, take_len};
use crate::lab::{LabError, Question, Value};
use crate::{
    Account, Call, Departure, Error, Held, IcmpError, Interest, Interface, Nagle, Neighbour, Opt, Packet, Reply, Route,
    Rule, Seen, Step, TcpInfo,
};
use std::net::IpAddr;

/// Structs: their fields in this order.
macro_rules! structs {
    ($($name:ident { $($field:ident),* })*) => {$(
        impl Coded for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($field.put(out);)*
            }
            fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
                $(let $field = Coded::take(from)?;)*
                Ok(Self { $($field),* })
            }
        }
    )*};
}

/// Enums: a number for each variant, and what it holds.
macro_rules! enums {
    ($($name:ident: $what:literal {
        $($number:literal $variant:ident $(($($part:ident),*))? $({ $($field:ident),* })?;)*
    })*) => {$(
        impl Coded for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($($part),*))? $({ $($field),* })? => {
                        out.push($number);
                        $($($part.put(out);)*)?
                        $($($field.put(out);)*)?
                    })*
                }
            }
            fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
                Ok(match u8::take(from)? {
                    $($number => {
                        $($(let $part = Coded::take(from)?;)*)?
                        $($(let $field = Coded::take(from)?;)*)?
                        Self::$variant $(($($part),*))? $({ $($field),* })?
                    })*
                    other => return Err(Garbled::Number($what, other)),
                })
            }
        }
    )*};
}

enums! {
    Call: "call" {
        0 Random(len);
        1 Interfaces;
        2 Route(to);
        3 Resolve(name);
        4 Neighbours;
        5 OpenLink(interface);
        6 OpenRaw(protocol);
        7 OpenPing(options);
        8 BindUdp(at, options);
        9 Connect(to, options);
        10 Connected(id, until);
        11 Listen(at, options);
        12 Accept(id, until);
        13 Send(id, to, bytes);
        14 Recv(id, until);
        15 Read(id, len, until);
        16 Write(id, bytes, until);
        17 Finish(id);
        18 Info(id);
        19 Set(id, option);
        20 Close(id);
        21 Wait(on, until);
        22 Exit;
        23 Account(id);
        24 LastAccount(to);
        25 NameServers;
    }
    Reply: "reply" {
        0 Done;
        1 Bytes(bytes);
        2 Count(count);
        3 Socket(id, local, peer);
        4 Packet(packet);
        5 Late;
        6 Ready(ready);
        7 Interfaces(interfaces);
        8 Route(route);
        9 Addresses(addresses);
        10 Neighbours(neighbours);
        11 Info(info);
        12 Account(account);
    }
    Error: "error" {
        0 NoPermission { what, needs };
        1 NoSuchInterface { name, known };
        2 Unsupported { what, world };
        3 UnknownName { name, known };
        4 AddressInUse(at);
        5 NoRoute(to);
        6 TooLong { have, most };
        7 Refused;
        8 Reset;
        9 Unreachable { by, code };
        10 TimedOut;
        11 Interrupted;
        12 Idle;
        13 Gone;
        14 Other(text);
    }
    Opt: "socket option" {
        0 NoDelay(on);
        1 Cork(on);
        2 QuickAck(on);
        3 MaxSegment(bytes);
        4 SendBuffer(bytes);
        5 RecvBuffer(bytes);
        6 Congestion(name);
        7 FastOpen(on);
        8 Linger(time);
        9 KeepAlive(time);
        10 UserTimeout(time);
        11 ReuseAddress(on);
        12 ReusePort(on);
        13 Source(at);
        14 Interface(name);
        15 Ttl(ttl);
        16 Tos(tos);
        17 DontFragment(on);
        18 Backlog(connections);
        19 AckDelay(time);
        20 Nagle(rule);
        21 Outgoing(on);
        22 Peer(at);
        23 Checksum(on);
        24 Record(on);
        25 MsgMore(on);
        26 KeepAliveInterval(time);
        27 KeepAliveProbes(probes);
    }
    Nagle: "Nagle rule" {
        0 Off;
        1 Rfc896;
        2 Minshall;
    }
    Rule: "rule" {
        0 Handshake;
        1 ReceiveWindow;
        2 SillyWindow;
        3 CongestionWindow;
        4 Retransmission;
        5 Nagle;
        6 Cork;
    }
    LabError: "kind of failure" {
        0 NotYet;
        1 Malformed;
        2 Host(error);
    }
}

structs! {
    Packet { at, from, ttl, bytes, error }
    IcmpError { by, kind, code, mtu }
    Interest { socket, read, write }
    Interface { name, mac, addresses, mtu, up }
    Route { interface, source, next_hop }
    Neighbour { interface, address, mac, age }
    TcpInfo {
        state, cwnd, ssthresh, rtt, unacked, rwnd, retransmits, queued, snd_mss, rcv_mss, rttvar, min_rtt, rto, ack_delay,
        congestion, ca_state, reordering, delivered, lost, bytes_sent, bytes_received, segments_sent, segments_received,
        data_segments_sent, data_segments_received, pacing_rate, delivery_rate, busy, rwnd_limited, sndbuf_limited, syn_data, syn_data_failure, timestamps, sack, ecn
    }
    Account { departures, held, own, peer }
    Departure { at, bytes, again, held }
    Held { bytes, rule, since, until }
    Step { at, state, segment }
    Seen { came, packet, len }
    Question { function, arguments }
}

impl Coded for Value {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nothing => out.push(0),
            Self::Flag(flag) => coded(out, 1, flag),
            Self::Number(number) => coded(out, 2, number),
            Self::Word(word) => coded(out, 3, word),
            Self::Time(time) => coded(out, 4, time),
            Self::Address(address) => coded(out, 5, &u32::from(*address)),
            Self::Bytes(bytes) => coded(out, 6, bytes),
            Self::Text(text) => coded(out, 7, text),
            Self::List(values) => coded(out, 8, values),
            Self::Record(name, fields) => {
                coded(out, 9, name);
                fields.put(out);
            }
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok(match u8::take(from)? {
            0 => Self::Nothing,
            1 => Self::Flag(Coded::take(from)?),
            2 => Self::Number(Coded::take(from)?),
            3 => Self::Word(Coded::take(from)?),
            4 => Self::Time(Coded::take(from)?),
            5 => Self::Address(u32::take(from)?.into()),
            6 => Self::Bytes(Coded::take(from)?),
            7 => Self::Text(Coded::take(from)?),
            8 => Self::List(from.nested()?),
            9 => Self::Record(Coded::take(from)?, from.nested()?),
            other => return Err(Garbled::Number("value", other)),
        })
    }
}

macro_rules! lists {
    ($($item:ty),*) => {$(
        impl Coded for Vec<$item> {
            fn put(&self, out: &mut Vec<u8>) {
                put_len(self.len(), out);
                self.iter().for_each(|item| item.put(out));
            }
            fn take(from: &mut Reader<'_>) -> Result<Self, Garbled> {
                // Nothing is set aside for the length that is told: each item takes a byte of the message at least.
                let len = take_len(from)?;
                (0..len).map(|_| Coded::take(from)).collect()
            }
        }
    )*};
}

lists!(
    Departure,
    Held,
    Step,
    usize,
    String,
    IpAddr,
    Opt,
    Interest,
    Interface,
    Neighbour,
    (IpAddr, u8),
    Value,
    (String, Value)
);
