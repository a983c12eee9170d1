//! Puts fragments together, in bounded memory and time.

use super::UNIT;
use crate::WireError;
use crate::ipv4::{self, Ipv4};
use crate::tcp::Tcp;
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

/// How much a [`Reassembler`] may hold, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory for all assemblies together, what each costs beside its data included.
    pub memory: usize,
    /// Assemblies at a time.
    pub assemblies: usize,
    /// From the arrival of a datagram's first fragment, whichever that is, until the assembly is given up.
    ///
    /// RFC 1122 section 3.3.2: "a fixed value, not set from the remaining TTL", and "between 60 seconds and 120 seconds".
    pub time_to_live: Duration,
}

impl Default for Limits {
    /// 4 MiB, 1024 assemblies, 60 seconds.
    fn default() -> Self {
        Self { memory: 4 << 20, assemblies: 1024, time_to_live: Duration::from_mins(1) }
    }
}

/// What became of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The whole packet, with a header for it: the one that was given, or the one that it completed.
    Whole(Vec<u8>),
    /// It is a fragment that is kept, or had been kept before; others are still to come.
    Waiting,
    /// It is dropped, and this is why.
    Refused(Refusal),
}

/// Why a fragment is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is no packet.
    Malformed(WireError),
    /// It is not the last, and its length in bytes is no multiple of 8; or it has no bytes.
    Uneven(usize),
    /// It ends beyond the longest packet.
    TooLong,
    /// Its only use is to hide parts of a TCP header from filters.
    Tiny,
    /// It has bytes that are there already, and is not the same fragment again. The datagram is given up.
    Overlap,
    /// It says that the datagram ends elsewhere than another fragment says. The datagram is given up.
    OtherEnd,
    /// The datagram was given up before, for one of the two reasons above.
    GivenUp,
    /// It completes a datagram of which some fragments were marked by a router and others could not be marked.
    MixedEcn,
    /// The datagram's time is over.
    TooLate,
    /// It does not fit into the memory, even without all older datagrams.
    NoRoom,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::Uneven(0) => f.write_str("a fragment without data"),
            Self::Uneven(len) => write!(f, "a fragment of {len} bytes that is not the last: no multiple of 8"),
            Self::TooLong => f.write_str("a fragment that ends beyond 65,535 bytes"),
            Self::Tiny => f.write_str("a fragment that cuts a TCP header in two"),
            Self::Overlap => f.write_str("a fragment that overlaps another one"),
            Self::OtherEnd => f.write_str("a fragment that contradicts the end of its datagram"),
            Self::GivenUp => f.write_str("a fragment of a datagram with fragments that contradict each other"),
            Self::MixedEcn => f.write_str("fragments of which some are marked for congestion and some cannot be"),
            Self::TooLate => f.write_str("a fragment after its datagram's time"),
            Self::NoRoom => f.write_str("no room for one more fragment"),
        }
    }
}

/// Collects the fragments of many datagrams; time comes in as an argument, since any start that stays the same.
///
/// RFC 791 section 3.2: fragments belong together by source, destination, protocol and identification.
///
/// **Overlaps.** The same fragment may come twice (RFC 8200 section 4.5 calls these "exact duplicate fragments"), and is
/// ignored then. If fragments overlap in any other way, all of the datagram is dropped, with what of it is still to come: so
/// RFC 5722 section 4 demands for IPv6. RFC 791 would take the newer bytes, which lets an attacker replace those that a filter
/// has seen (RFC 1858 section 4, RFC 3128 section 2).
///
/// **Tiny fragments.** A first fragment must have a TCP header's 20 bytes, and no fragment may begin at byte 8 of one:
/// RFC 3128 section 3, where the least is the filter's choice.
///
/// **Limits.** A flood of fragments pushes out the oldest datagram each time, and never takes more memory than [`Limits`] says.
///
/// RFC 815 keeps a list of holes in a buffer of the datagram's length. Here the pieces are kept as they came, because a buffer
/// would let one fragment with a high offset take 64 KiB; what is between two pieces is a hole, and since none of them overlap,
/// there is no hole left when their lengths add up to the end.
#[derive(Debug)]
pub struct Reassembler {
    limits: Limits,
    /// By their number, which grows: the oldest is the first.
    assemblies: BTreeMap<u64, Assembly>,
    numbers: BTreeMap<Key, u64>,
    next_number: u64,
    memory: usize,
}

/// What fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    identification: u16,
    protocol: u8,
}

impl Reassembler {
    /// With nothing in it.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, assemblies: BTreeMap::new(), numbers: BTreeMap::new(), next_number: 0, memory: 0 }
    }

    /// Takes a packet that is for this host. The caller has seen that its header's checksum is right, and has called
    /// [`Reassembler::expire`] for everything that was due before `now`.
    pub fn add(&mut self, now: Duration, packet: &[u8]) -> Outcome {
        match self.whole(now, packet) {
            Ok(Some(packet)) => Outcome::Whole(packet),
            Ok(None) => Outcome::Waiting,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    /// Gives up what is due at `now`. The answer has the first fragments, those with offset 0, of datagrams of which these came.
    ///
    /// RFC 1122 section 3.3.2: "the partially-reassembled datagram MUST be discarded and an ICMP Time Exceeded message sent to
    /// the source host (if fragment zero has been received)". Its code is 1, and it quotes that fragment (RFC 792 page 6).
    pub fn expire(&mut self, now: Duration) -> Vec<Vec<u8>> {
        let mut first_fragments = vec![];
        while let Some((&number, assembly)) = self.assemblies.first_key_value()
            && assembly.due <= now
        {
            let assembly = self.remove(number);
            first_fragments.extend(assembly.and_then(|assembly| assembly.first_fragment()));
        }
        first_fragments
    }

    /// When [`Reassembler::expire`] has something to do, unless more fragments come.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        self.assemblies.first_key_value().map(|(_, assembly)| assembly.due)
    }

    /// The memory that is taken now, in bytes, as [`Limits::memory`] counts it.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// How many datagrams wait for fragments, those that were given up included.
    #[must_use]
    pub fn assemblies(&self) -> usize {
        self.assemblies.len()
    }

    fn whole(&mut self, now: Duration, packet: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        let (header, options, payload, trailer) = Ipv4::parse(packet).map_err(Refusal::Malformed)?;
        if header.is_whole() {
            return Ok(packet.get(..packet.len() - trailer.len()).map(<[u8]>::to_vec));
        }
        let fragment = Fragment::new(header, options, payload)?;
        let key = fragment.key();
        let number = self.numbers.get(&key).copied();
        if let Some(assembly) = number.and_then(|number| self.assemblies.get_mut(&number)) {
            match assembly.judge(now, &fragment) {
                Ok(Verdict::New) => {}
                Ok(Verdict::Duplicate) => return Ok(None),
                Err(refusal) => {
                    if matches!(refusal, Refusal::Overlap | Refusal::OtherEnd) {
                        self.memory -= assembly.give_up();
                    }
                    return Err(refusal);
                }
            }
        }
        self.make_room(&fragment, number)?;
        let number = number.unwrap_or_else(|| self.open(key, fragment.header, now));
        let assembly = self.assemblies.get_mut(&number).ok_or(Refusal::NoRoom)?;
        assembly.take(&fragment);
        self.memory += fragment.cost();
        if !assembly.is_complete() {
            return Ok(None);
        }
        self.remove(number).map(Assembly::packet).transpose()
    }

    /// Makes room for `fragment`, of the assembly with this `number` or of a new one, by giving up the oldest.
    fn make_room(&mut self, fragment: &Fragment<'_>, number: Option<u64>) -> Result<(), Refusal> {
        let is_new = number.is_none();
        let cost = fragment.cost() + if is_new { Assembly::COST } else { 0 };
        if cost > self.limits.memory {
            return Err(Refusal::NoRoom);
        }
        while self.memory + cost > self.limits.memory || is_new && self.assemblies.len() >= self.limits.assemblies {
            let (&oldest, _) = self.assemblies.first_key_value().ok_or(Refusal::NoRoom)?;
            self.remove(oldest);
            if number == Some(oldest) {
                return Err(Refusal::NoRoom);
            }
        }
        Ok(())
    }

    /// A new assembly, for which there is room.
    fn open(&mut self, key: Key, header: Ipv4, now: Duration) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let due = now.saturating_add(self.limits.time_to_live);
        self.numbers.insert(key, number);
        self.assemblies.insert(number, Assembly::new(key, header, due));
        self.memory += Assembly::COST;
        number
    }

    fn remove(&mut self, number: u64) -> Option<Assembly> {
        let assembly = self.assemblies.remove(&number)?;
        self.numbers.remove(&assembly.key);
        self.memory -= assembly.memory;
        Some(assembly)
    }
}

/// A fragment that could be part of a datagram.
struct Fragment<'a> {
    header: Ipv4,
    options: &'a [u8],
    payload: &'a [u8],
    /// Where the payload begins and ends in the datagram's, in bytes.
    start: usize,
    end: usize,
}

impl<'a> Fragment<'a> {
    fn new(header: Ipv4, options: &'a [u8], payload: &'a [u8]) -> Result<Self, Refusal> {
        let start = usize::from(header.fragment_offset) * UNIT;
        let end = start + payload.len();
        if payload.is_empty() || header.more_fragments && !payload.len().is_multiple_of(UNIT) {
            return Err(Refusal::Uneven(payload.len()));
        }
        if Ipv4::LEN + options.len() + end > ipv4::MAX_PACKET {
            return Err(Refusal::TooLong);
        }
        if header.protocol == ipv4::TCP && (start == UNIT || start == 0 && end < Tcp::LEN) {
            return Err(Refusal::Tiny);
        }
        Ok(Self { header, options, payload, start, end })
    }

    fn key(&self) -> Key {
        let Ipv4 { source, destination, identification, protocol, .. } = self.header;
        Key { source, destination, identification, protocol }
    }

    fn is_last(&self) -> bool {
        !self.header.more_fragments
    }

    /// The memory that it takes: its bytes, its entry in a map of which the nodes may be half empty, and the allocator's share.
    fn cost(&self) -> usize {
        const ENTRY: usize = 3 * size_of::<(usize, Box<[u8]>)>() + ALLOCATION;
        ENTRY + self.payload.len() + if self.start == 0 { ALLOCATION + self.options.len() } else { 0 }
    }
}

/// What an allocator adds to each piece that it gives, in bytes: by its own bookkeeping, and by rounding up.
const ALLOCATION: usize = 24;

enum Verdict {
    New,
    Duplicate,
}

/// The fragments of one datagram.
#[derive(Debug)]
struct Assembly {
    key: Key,
    due: Duration,
    memory: usize,
    /// Those of the fragment with offset 0, once it came: RFC 791 section 3.2 makes them the packet's.
    header: Ipv4,
    options: Box<[u8]>,
    /// The payloads by where they begin.
    pieces: BTreeMap<usize, Box<[u8]>>,
    /// The sum of their lengths.
    received: usize,
    /// Where the datagram's payload ends, once its last fragment came.
    end: Option<usize>,
    /// Which of the four ECN codepoints came, a bit for each.
    ecn: u8,
    is_given_up: bool,
}

impl Assembly {
    /// The memory that one takes before there is anything in it: entries in two maps, of which the nodes may be half empty, and
    /// one node for its pieces.
    const COST: usize = 3 * (size_of::<Self>() + size_of::<Key>() + 2 * size_of::<u64>())
        + 12 * size_of::<(usize, Box<[u8]>)>()
        + 2 * ALLOCATION;

    fn new(key: Key, header: Ipv4, due: Duration) -> Self {
        Self {
            key,
            due,
            memory: Self::COST,
            header,
            options: Box::default(),
            pieces: BTreeMap::new(),
            received: 0,
            end: None,
            ecn: 0,
            is_given_up: false,
        }
    }

    /// Whether `fragment` may join.
    fn judge(&self, now: Duration, fragment: &Fragment<'_>) -> Result<Verdict, Refusal> {
        if now >= self.due {
            return Err(Refusal::TooLate);
        }
        if self.is_given_up {
            return Err(Refusal::GivenUp);
        }
        let same_piece = self.pieces.get(&fragment.start).is_some_and(|piece| **piece == *fragment.payload);
        if same_piece && fragment.is_last() == (self.end == Some(fragment.end)) {
            return Ok(Verdict::Duplicate);
        }
        // Pieces do not overlap each other, so the last that begins before the fragment's end also ends last.
        let before = self.pieces.range(..fragment.end).next_back();
        if before.is_some_and(|(start, piece)| start + piece.len() > fragment.start) {
            return Err(Refusal::Overlap);
        }
        // Where an end is known, the piece that told it is there.
        let is_beyond = self.end.is_some_and(|end| fragment.end > end);
        let is_not_last = fragment.is_last() && self.pieces.range(fragment.end..).next().is_some();
        if is_beyond || is_not_last { Err(Refusal::OtherEnd) } else { Ok(Verdict::New) }
    }

    /// Takes a fragment that may join.
    fn take(&mut self, fragment: &Fragment<'_>) {
        if fragment.start == 0 {
            (self.header, self.options) = (fragment.header, fragment.options.into());
        }
        if fragment.is_last() {
            self.end = Some(fragment.end);
        }
        self.pieces.insert(fragment.start, fragment.payload.into());
        self.received += fragment.payload.len();
        self.ecn |= 1 << fragment.header.ecn;
        self.memory += fragment.cost();
    }

    fn is_complete(&self) -> bool {
        self.end == Some(self.received)
    }

    /// Lets all fragments go, and keeps only the memory of them; the answer is how much less is taken.
    fn give_up(&mut self) -> usize {
        let freed = self.memory - Self::COST;
        *self = Self { is_given_up: true, ..Self::new(self.key, self.header, self.due) };
        freed
    }

    /// The packet of a complete assembly.
    fn packet(self) -> Result<Vec<u8>, Refusal> {
        const NOT_ECT: u8 = 1 << 0;
        const CE: u8 = 1 << 3;
        // RFC 3168 section 5.3: "if any fragment of an IP packet to be reassembled has the CE codepoint set", the packet gets it,
        // but "this MUST NOT occur if any of the other fragments contributing to this reassembly carries the Not-ECT codepoint".
        if self.ecn & CE != 0 && self.ecn & NOT_ECT != 0 {
            return Err(Refusal::MixedEcn);
        }
        let is_marked = self.ecn & CE != 0;
        let Self { header, options, .. } = self;
        if Ipv4::LEN + options.len() + self.received > ipv4::MAX_PACKET {
            return Err(Refusal::TooLong);
        }
        let ecn = if is_marked { 3 } else { header.ecn };
        let header = Ipv4 { more_fragments: false, ecn, ..header }.sealed(&options, self.received);
        let mut packet = Vec::with_capacity(Ipv4::LEN + options.len() + self.received);
        packet.extend(header.bytes());
        packet.extend(&options);
        self.pieces.values().for_each(|piece| packet.extend(piece));
        Ok(packet)
    }

    /// The fragment with offset 0 as it came, if it did.
    fn first_fragment(&self) -> Option<Vec<u8>> {
        let piece = self.pieces.get(&0)?;
        Some([&self.header.bytes(), &*self.options, piece].concat())
    }
}
