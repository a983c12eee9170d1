//! Domain names: labels from the leaf to the root.
//!
//! Obeys RFC 1035 section 3.1 (the bytes) and section 2.3.4 (the limits), RFC 1034 section 3.1 and RFC 4343 (case), RFC 4034 section 6.1
//! (order). How names are written for people is in `dns/name/text.rs`; how they are cut from messages, pointers and
//! all, in `dns/cursor.rs`.
//!
//! ```
//! use wire::dns::Name;
//!
//! let www: Name = "www.Example.COM".parse()?;
//! assert_eq!(www.wire(), b"\x03www\x07Example\x03COM\0");
//! assert_eq!(www, "WWW.example.com.".parse::<Name>()?);
//! assert_eq!(www.to_string(), "www.Example.COM.");
//! assert!(www.is_within(&"example.com".parse()?));
//! # Ok::<(), wire::dns::NameError>(())
//! ```

mod text;

pub use text::{NameError, NameRule};

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

/// The most bytes of a name, those of lengths included. RFC 1035 section 2.3.4: "names 255 octets or less".
pub const MOST_NAME: usize = 255;
/// The most bytes of a label. RFC 1035 section 2.3.4: "labels 63 octets or less".
pub const MOST_LABEL: usize = 63;

/// A whole name; the root is its end. The case of letters is kept, and makes no difference between names.
///
/// RFC 4343 section 3: "comparisons on name lookup for DNS queries should be case insensitive". For a query whose case was
/// chosen at random there is [`Name::is_spelled_like`].
#[derive(Clone)]
pub struct Name {
    /// As in a message without compression: a length before each label, and a zero at the end.
    wire: Vec<u8>,
}

impl Name {
    /// The name without labels.
    #[must_use]
    pub fn root() -> Self {
        Self { wire: vec![0] }
    }

    /// The name with this label in front; `None` if label or name would be too long, or the label is empty.
    #[must_use]
    pub fn child(&self, label: &[u8]) -> Option<Self> {
        let len = u8::try_from(label.len()).ok().filter(|len| (1..=MOST_LABEL).contains(&usize::from(*len)))?;
        let wire = [&[len], label, &self.wire].concat();
        (wire.len() <= MOST_NAME).then_some(Self { wire })
    }

    /// The name whose PTR record tells the name of `address`.
    ///
    /// RFC 1035 section 3.5: its bytes in reverse, in decimal, under `in-addr.arpa`; RFC 3596 section 2.5: its half bytes in
    /// reverse, in hexadecimal, under `ip6.arpa`.
    #[must_use]
    pub fn reverse(address: IpAddr) -> Self {
        let (labels, under): (Vec<String>, &[&str]) = match address {
            IpAddr::V4(v4) => (v4.octets().iter().rev().map(u8::to_string).collect(), &["in-addr", "arpa"]),
            IpAddr::V6(v6) => {
                let halves = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
                (halves.map(|half| format!("{half:x}")).collect(), &["ip6", "arpa"])
            }
        };
        Self::of_labels(labels.iter().map(String::as_str).chain(under.iter().copied()))
    }

    /// Of labels that are known to be short enough; one that is not is left out.
    fn of_labels<'l>(labels: impl DoubleEndedIterator<Item = &'l str>) -> Self {
        labels.rev().fold(Self::root(), |name, label| name.child(label.as_bytes()).unwrap_or(name))
    }

    /// Of bytes that were checked when they were cut from a message.
    pub(super) fn of_wire(wire: Vec<u8>) -> Self {
        Self { wire }
    }

    /// The bytes of a message without compression: each label behind its length, and the zero of the root.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The labels, the leaf first, without the root.
    #[must_use]
    pub fn labels(&self) -> Labels<'_> {
        Labels(&self.wire)
    }

    /// Whether it has no labels.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }

    /// The name without its first label; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let first = self.labels().next()?.len() + 1;
        self.wire.get(first..).map(|wire| Self { wire: wire.to_vec() })
    }

    /// Whether it is `zone` or below it.
    #[must_use]
    pub fn is_within(&self, zone: &Self) -> bool {
        let (own, labels) = (self.labels().count(), zone.labels().count());
        own.checked_sub(labels)
            .is_some_and(|above| self.labels().skip(above).zip(zone.labels()).all(|(a, b)| same(a, b)))
    }

    /// Whether it is the same name in the same case: what a resolver checks that chose the case of its question at random.
    #[must_use]
    pub fn is_spelled_like(&self, other: &Self) -> bool {
        self.wire == other.wire
    }
}

impl Name {
    /// How many of its bytes are letters: each may be of either case.
    #[must_use]
    pub fn letters(&self) -> usize {
        self.wire.iter().filter(|byte| byte.is_ascii_alphabetic()).count()
    }

    /// The same name, each letter in upper case where `upper` says so, the first first: see [`Name::is_spelled_like`].
    #[must_use]
    pub fn spelled(&self, mut upper: impl FnMut() -> bool) -> Self {
        // Lengths are below 64 and so no letters.
        let spell = |byte: &u8| match byte.is_ascii_alphabetic() {
            true if upper() => byte.to_ascii_uppercase(),
            true => byte.to_ascii_lowercase(),
            false => *byte,
        };
        Self { wire: self.wire.iter().map(spell).collect() }
    }
}

/// RFC 4343 section 3: only the 26 letters of ASCII have a case.
fn same(label: &[u8], other: &[u8]) -> bool {
    label.eq_ignore_ascii_case(other)
}

/// Walks the labels of a name, the leaf first.
#[derive(Debug, Clone)]
pub struct Labels<'n>(&'n [u8]);

impl<'n> Iterator for Labels<'n> {
    type Item = &'n [u8];

    fn next(&mut self) -> Option<&'n [u8]> {
        let (len, rest) = self.0.split_first().filter(|(len, _)| **len > 0)?;
        let (label, rest) = rest.split_at_checked((*len).into())?;
        self.0 = rest;
        Some(label)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        // Lengths are below 64 and so no letters: they can be compared like them.
        same(&self.wire, &other.wire)
    }
}

impl Eq for Name {}

impl Ord for Name {
    /// The order of zones, RFC 4034 section 6.1: by the last label first, and "uppercase US-ASCII letters are treated as if
    /// they were lowercase".
    fn cmp(&self, other: &Self) -> Ordering {
        let from_root = |name: &Self| {
            let mut labels: Vec<Vec<u8>> = name.labels().map(<[u8]>::to_ascii_lowercase).collect();
            labels.reverse();
            labels
        };
        from_root(self).cmp(&from_root(other))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn names_stand_in_the_order_of_the_rfc() {
        // RFC 4034 section 6.1's own list.
        let listed = [
            "example",
            "a.example",
            "yljkjljk.a.example",
            "Z.a.example",
            "zABC.a.EXAMPLE",
            "z.example",
            "\\001.z.example",
            "*.z.example",
            "\\200.z.example",
        ];
        let mut sorted: Vec<Name> = listed.iter().rev().map(|text| name(text)).collect();
        sorted.sort();
        assert_eq!(sorted, listed.map(name));
    }

    #[test]
    fn address_is_asked_for_backwards() {
        assert_eq!(Name::reverse([192, 0, 2, 10].into()), name("10.2.0.192.in-addr.arpa"));
        let v6 = name("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
        // RFC 3596 section 2.5's own example.
        assert_eq!(Name::reverse(IpAddr::V6("4321:0:1:2:3:4:567:89ab".parse().unwrap())), v6);
    }

    #[test]
    fn zone_holds_whole_labels_only() {
        assert!(name("a.b.EXAMPLE.com").is_within(&name("example.com")));
        assert!(name("example.com").is_within(&Name::root()));
        assert!(!name("badexample.com").is_within(&name("example.com")));
        assert!(!name("com").is_within(&name("example.com")));
        assert!(!name("www.example.com").is_spelled_like(&name("wWw.example.com")));
    }

    #[test]
    fn each_letter_has_a_case_of_its_own_and_nothing_else_has_one() {
        let mut upper = [true, false].into_iter().cycle();
        let spelled = name("a1-B.c\\065").spelled(|| upper.next().unwrap_or_default());
        assert!(spelled.is_spelled_like(&name("A1-b.Ca")));
        assert_eq!((spelled.letters(), Name::root().letters()), (4, 0));
    }
}
