//! TCP connections of a capture, each put together: what both ends said, in the order in which it came.
//!
//! Obeys RFC 9293 section 3.4 (sequence numbers) and section 3.10.7.4 (segments that come too early or twice). What came to the end
//! that recorded is what counts here: a segment in its place is passed on, one that is too early waits for those before it, and of
//! one that came before only what is new is taken.
//!
//! Leaves out: checksums, which are wrong at a sender that lets its network card fill them in; fragments of IP.

use crate::{Recording, Side};
use host::Time;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use wire::tcp::Tcp;
use wire::tls::{ContentType, HandshakeType, RecordHeader};

/// So many bytes of all connections are kept.
const MOST_KEPT: usize = 1 << 26;
/// So many bytes of one direction wait for those before them.
const MOST_WAITING: usize = 1 << 22;

/// All TCP connections of a capture.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// In the order of their first segments.
    pub(crate) all: Vec<Stream>,
    /// The last one of each pair of ends.
    by_ends: BTreeMap<[SocketAddr; 2], usize>,
    kept: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Who sent its first segment, and the other.
    ends: [SocketAddr; 2],
    ways: [Way; 2],
    /// Which of both opened it; `None`: that is not in the capture.
    opener: Option<usize>,
    /// When its SYN passed, and when the client acknowledged the server's.
    opened: [Option<Time>; 2],
    /// What came in its place, the number of the sender before it.
    pieces: Vec<(usize, Time, Vec<u8>)>,
    /// Whether something is left out, for it is too much.
    pub(crate) is_cut: bool,
    /// Whether it begins as TLS does; `None`: that is not known yet. Of other connections nothing is kept.
    is_tls: Option<bool>,
}

/// What one end says.
#[derive(Debug, Default)]
struct Way {
    /// The sequence number of its first byte.
    first: Option<u32>,
    /// How many bytes are in their place.
    there: u64,
    /// What came too early, by its place.
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_len: usize,
    has_syn: bool,
}

impl Streams {
    /// Takes in a segment.
    pub(crate) fn hear(&mut self, at: Time, from: SocketAddr, to: SocketAddr, tcp: &Tcp, payload: &[u8]) {
        let key = if from < to { [from, to] } else { [to, from] };
        let known = self.by_ends.get(&key).copied().filter(|known| {
            // The same ends may meet again.
            let again = tcp.syn && !tcp.ack && self.all.get(*known).is_some_and(|it| it.is_another(from, tcp));
            !again
        });
        let index = known.unwrap_or_else(|| {
            self.by_ends.insert(key, self.all.len());
            self.all.push(Stream::new(from, to));
            self.all.len() - 1
        });
        if let Some(stream) = self.all.get_mut(index) {
            let room = MOST_KEPT.saturating_sub(self.kept);
            self.kept += stream.hear(at, from, tcp, payload, room);
        }
    }
}

impl Stream {
    fn new(from: SocketAddr, to: SocketAddr) -> Self {
        Self {
            ends: [from, to],
            ways: [Way::default(), Way::default()],
            opener: None,
            opened: [None; 2],
            pieces: vec![],
            is_cut: false,
            is_tls: None,
        }
    }

    /// Whether this SYN begins another connection between the same ends.
    fn is_another(&self, from: SocketAddr, tcp: &Tcp) -> bool {
        let index = usize::from(from != self.ends[0]);
        let first = tcp.sequence_number.wrapping_add(1);
        self.ways.get(index).is_some_and(|way| way.first.is_some_and(|it| it != first))
    }

    /// Takes in a segment, and says how many bytes are kept of it.
    fn hear(&mut self, at: Time, from: SocketAddr, tcp: &Tcp, payload: &[u8], room: usize) -> usize {
        let index = usize::from(from != self.ends[0]);
        let Some(way) = self.ways.get_mut(index) else { return 0 };
        // RFC 9293 section 3.4: the SYN has the first number, and data the next ones.
        let first = tcp.sequence_number.wrapping_add(u32::from(tcp.syn));
        if tcp.syn {
            way.has_syn = true;
            way.first.get_or_insert(first);
            self.opener.get_or_insert(if tcp.ack { 1 - index } else { index });
            if !tcp.ack {
                self.opened[0].get_or_insert(at);
            }
        } else if tcp.ack && self.opener == Some(index) && self.ways.iter().all(|way| way.has_syn) {
            self.opened[1].get_or_insert(at);
        }
        if payload.is_empty() || self.is_tls == Some(false) {
            return 0;
        }
        if payload.len() > room {
            self.is_cut = true;
            return 0;
        }
        let Some(way) = self.ways.get_mut(index) else { return 0 };
        let (taken, is_cut) = way.take(first, payload);
        self.is_cut |= is_cut;
        let kept = taken.iter().map(Vec::len).sum();
        self.pieces.extend(taken.into_iter().map(|piece| (index, at, piece)));
        if self.is_tls.is_none() {
            self.is_tls = self.begins_as_tls(index);
            if self.is_tls == Some(false) {
                self.pieces.clear();
            }
        }
        kept
    }

    /// Whether the first bytes of an end could be a record of TLS; `None`: there are too few of them.
    fn begins_as_tls(&self, way: usize) -> Option<bool> {
        let own = self.pieces.iter().filter(|(index, ..)| *index == way);
        let first: Vec<u8> = own.flat_map(|(_, _, bytes)| bytes.iter().copied()).take(RecordHeader::LEN).collect();
        let (header, _) = RecordHeader::take(&first).ok()?;
        Some(header.is_plausible())
    }

    /// What passed, with the client known from the server.
    pub(crate) fn recording(&self) -> Recording {
        let client = self.client();
        let mut recording = Recording::default();
        for (index, at, bytes) in &self.pieces {
            recording.add(if *index == client { Side::Client } else { Side::Server }, *at, bytes);
        }
        recording
    }

    /// The client's address and port, and the server's.
    pub(crate) fn sides(&self) -> [SocketAddr; 2] {
        let [one, other] = self.ends;
        if self.client() == 0 { [one, other] } else { [other, one] }
    }

    /// Which end is the client: who opened the connection, or else who says a `ClientHello`, or else who was heard first.
    fn client(&self) -> usize {
        let says_hello = || {
            let is_hello = |bytes: &[u8]| {
                let header = RecordHeader::take(bytes).ok();
                header.is_some_and(|(header, rest)| {
                    header.content_type == ContentType::HANDSHAKE.0
                        && rest.first() == Some(&HandshakeType::CLIENT_HELLO.0)
                })
            };
            self.pieces.iter().find(|(_, _, bytes)| is_hello(bytes)).map(|(index, ..)| *index)
        };
        self.opener.or_else(says_hello).unwrap_or(0)
    }

    /// Whether who spoke first began as TLS does.
    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls == Some(true)
    }

    /// How long TCP's handshake took, where it is in the capture.
    pub(crate) fn connected(&self) -> Option<Duration> {
        let [syn, acknowledged] = self.opened;
        Some(acknowledged? - syn?)
    }

    /// What is not there of an end's bytes: so many, behind so many that are.
    pub(crate) fn missing(&self) -> impl Iterator<Item = (Side, u64, u64)> {
        let client = self.client();
        self.ways.iter().enumerate().filter_map(move |(index, way)| {
            let side = if index == client { Side::Client } else { Side::Server };
            way.gap().map(|missing| (side, missing, way.there))
        })
    }

    /// Whether the beginning of the connection is in the capture.
    pub(crate) fn is_whole(&self) -> bool {
        self.ways.iter().all(|way| way.has_syn || way.first.is_none())
    }
}

impl Way {
    /// What can be passed on with this segment: itself, as far as it is new and in its place, and what waited for it; and whether
    /// something was left out.
    fn take(&mut self, sequence: u32, payload: &[u8]) -> (Vec<Vec<u8>>, bool) {
        let first = *self.first.get_or_insert(sequence);
        let expected = first.wrapping_add(u32::try_from(self.there & u64::from(u32::MAX)).unwrap_or(0));
        // RFC 9293 section 3.4: "all arithmetic dealing with sequence numbers must be performed modulo 2^32".
        let ahead = sequence.wrapping_sub(expected).cast_signed();
        let start = self.there.cast_signed() + i64::from(ahead);
        // What is before the first byte is no data: the number of the SYN, sent again to keep a connection alive.
        let before = usize::try_from(-start).unwrap_or(0);
        let Some(payload) = payload.get(before..) else { return (vec![], false) };
        let place = u64::try_from(start).unwrap_or(0);
        if place > self.there {
            let fits = self.waiting_len + payload.len() <= MOST_WAITING;
            if fits && self.waiting.get(&place).is_none_or(|known| known.len() < payload.len()) {
                let before = self.waiting.insert(place, payload.to_vec());
                self.waiting_len = self.waiting_len + payload.len() - before.map_or(0, |before| before.len());
            }
            return (vec![], !fits);
        }
        let mut taken = vec![];
        self.pass(place, payload, &mut taken);
        while let Some((place, piece)) = self.waiting.pop_first() {
            if place > self.there {
                self.waiting.insert(place, piece);
                break;
            }
            self.waiting_len -= piece.len();
            self.pass(place, &piece, &mut taken);
        }
        (taken, false)
    }

    /// How many bytes are missing before the first that waits.
    fn gap(&self) -> Option<u64> {
        self.waiting.keys().next().map(|next| next.saturating_sub(self.there))
    }

    /// Passes on what is new of a piece that is not too early.
    fn pass(&mut self, place: u64, piece: &[u8], to: &mut Vec<Vec<u8>>) {
        let old = usize::try_from(self.there - place).unwrap_or(usize::MAX);
        if let Some(new) = piece.get(old..).filter(|new| !new.is_empty()) {
            self.there += new.len() as u64;
            to.push(new.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> [SocketAddr; 2] {
        ["192.0.2.10:50001".parse().unwrap(), "203.0.113.10:443".parse().unwrap()]
    }

    /// What is put together of segments behind a SYN whose number is the last but two: (sequence number, data); and what is missing.
    fn together(segments: &[(u32, &str)]) -> (String, Option<u64>) {
        let mut way = Way { first: Some(u32::MAX - 1), ..Way::default() };
        let all =
            segments.iter().flat_map(|(sequence, data)| way.take(*sequence, data.as_bytes()).0).flatten().collect();
        (String::from_utf8(all).unwrap(), way.gap())
    }

    #[test]
    fn segments_are_put_together_in_any_order_twice_and_over_the_end_of_the_numbers() {
        let first = u32::MAX - 1;
        assert_eq!(together(&[(first, "abc"), (1, "def"), (4, "g")]).0, "abcdefg");
        assert_eq!(together(&[(1, "def"), (4, "g"), (first, "abc")]).0, "abcdefg");
        assert_eq!(together(&[(first, "abc"), (first, "abc"), (u32::MAX, "bcde"), (3, "fg")]).0, "abcdefg");
        // Before the first byte there is none.
        assert_eq!(together(&[(first, "abc"), (first - 5, "zz"), (first - 1, "yabcd")]).0, "abcd");
    }

    #[test]
    fn what_is_missing_is_told_and_what_is_behind_it_waits() {
        assert_eq!(together(&[(u32::MAX - 1, "abc"), (4, "g"), (9, "h")]), ("abc".into(), Some(3)));
    }

    #[test]
    fn nothing_is_kept_of_what_does_not_begin_as_tls() {
        let [client, server] = ends();
        let mut streams = Streams::default();
        let tcp = |sequence_number| Tcp { ack: true, sequence_number, ..Tcp::new(50001, 443) };
        streams.hear(Time(0), client, server, &tcp(0), b"GET ");
        assert_eq!(streams.all[0].recording().bytes(Side::Client), 4, "so far it could be anything");
        streams.hear(Time(1), client, server, &tcp(4), b"/ HTTP/1.1\r\n\r\n");
        streams.hear(Time(2), server, client, &tcp(0), &[22, 3, 1, 0, 4, 1, 0, 0, 0]);
        assert!(!streams.all[0].is_tls() && streams.all[0].recording().flights.is_empty());
    }

    #[test]
    fn same_ends_may_meet_again() {
        let [client, server] = ends();
        let mut streams = Streams::default();
        for sequence_number in [10, 10, 5000] {
            let syn = Tcp { syn: true, sequence_number, ..Tcp::new(50001, 443) };
            streams.hear(Time(0), client, server, &syn, &[]);
        }
        assert_eq!(streams.all.len(), 2, "a SYN that was sent again is the same connection");
    }

    #[test]
    fn server_is_known_by_its_answer_where_the_beginning_is_missing() {
        let [client, server] = ends();
        let mut streams = Streams::default();
        let tcp = Tcp { ack: true, ..Tcp::new(443, 50001) };
        streams.hear(Time(0), server, client, &tcp, &[]);
        let tcp = Tcp { ack: true, ..Tcp::new(50001, 443) };
        streams.hear(Time(1), client, server, &tcp, &[22, 3, 1, 0, 4, 1, 0, 0, 0]);
        assert_eq!(streams.all[0].sides(), [client, server]);
        assert!(streams.all[0].is_tls() && !streams.all[0].is_whole());
    }
}
