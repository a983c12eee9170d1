//! All labs of the course, those that are still to come too.

/// A lab's place in the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u8,
    pub(crate) name: &'static str,
    /// The chapter of the book that it belongs to.
    pub(crate) chapter: u8,
    pub(crate) about: &'static str,
}

/// The labs in their order.
pub(crate) const LABS: &[Entry] = &[
    entry(1, "peel", 1, "read a frame by hand"),
    entry(2, "subnet", 3, "mask, same subnet, next hop"),
    entry(3, "checksum", 4, "the Internet checksum, and an IPv4 header"),
    entry(4, "arping", 5, "ask a link who has an address"),
    entry(5, "myping", 6, "ping: requests, answers, statistics"),
    entry(6, "mytraceroute", 7, "which routers are on the way"),
    entry(7, "route", 8, "longest prefix, and a router's step"),
    entry(8, "udp-demux", 9, "which socket a datagram is for"),
    entry(9, "tcp-segments", 10, "sequence arithmetic, reassembly, ACK"),
    entry(10, "tcp-states", 11, "the eleven states of a connection"),
    entry(11, "pmtud", 12, "how long a packet may be on a path"),
    entry(12, "sliding-window", 13, "flow control"),
    entry(13, "congestion", 14, "Reno from ACK and loss events"),
    entry(14, "nagle", 15, "when a small segment may leave"),
    entry(15, "pool", 16, "connections kept for the next request"),
    entry(16, "hol", 18, "head-of-line blocking"),
    entry(17, "nat-box", 19, "one address for many hosts"),
    entry(18, "mini-dig", 20, "a DNS query and its answer"),
    entry(19, "tls-records", 22, "what a TLS connection shows"),
    entry(20, "balance", 23, "a load balancer"),
    entry(21, "capstone", 24, "ten faults to find"),
];

const fn entry(number: u8, name: &'static str, chapter: u8, about: &'static str) -> Entry {
    Entry { number, name, chapter, about }
}

impl Entry {
    /// The name of its folder: `03-checksum`.
    pub(crate) fn folder(&self) -> String {
        format!("{:02}-{}", self.number, self.name)
    }
}

/// The lab that `word` names: by its number, its name, or both.
pub(crate) fn find(word: &str) -> Option<&'static Entry> {
    LABS.iter().find(|entry| word.parse() == Ok(entry.number) || word == entry.name || word == entry.folder())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_is_found_by_number_name_and_folder() {
        for word in ["3", "03", "checksum", "03-checksum"] {
            assert_eq!(find(word).map(|entry| entry.number), Some(3), "{word}");
        }
        assert!(["", "0", "22", "check", "3-checksum", "-3"].iter().all(|word| find(word).is_none()));
    }

    #[test]
    fn labs_are_numbered_from_1_to_21() {
        assert!(LABS.iter().map(|entry| entry.number).eq(1..=21));
    }
}
