//! One question about a function, and what should come out.

use host::lab::{Question, Value};

/// One question about a function, and what should come out.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) function: &'static str,
    /// Each argument with its name.
    pub(crate) arguments: Vec<(&'static str, Value)>,
    pub(crate) expected: Expected,
    /// Who says so, and what: an RFC with its section.
    pub(crate) why: &'static str,
}

/// A question with an answer.
pub(crate) fn asked<const N: usize>(
    function: &'static str,
    arguments: [(&'static str, Value); N],
    expected: Value,
    why: &'static str,
) -> Ask {
    Ask { function, arguments: arguments.into(), expected: Expected::Is(expected), why }
}

/// A question whose bytes are to be refused.
pub(crate) fn malformed<const N: usize>(
    function: &'static str,
    arguments: [(&'static str, Value); N],
    why: &'static str,
) -> Ask {
    Ask { function, arguments: arguments.into(), expected: Expected::Malformed, why }
}

/// What should come out.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    /// This.
    Is(Value),
    /// These bytes, which are laid out so.
    Bytes(Vec<u8>, &'static [Place]),
    /// One of these, which are laid out so; the first is shown.
    OneOf(Vec<Vec<u8>>, &'static [Place]),
    /// `Malformed`.
    Malformed,
    /// This, or `Malformed`.
    IsOrMalformed(Value),
}

/// A field within bytes: its name, where it begins, and how many bytes it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(pub(crate) &'static str, pub(crate) usize, pub(crate) usize);

/// An IPv4 header without options.
pub(crate) const IPV4: &[Place] = &[
    Place("version and IHL", 0, 1),
    Place("type of service", 1, 1),
    Place("total length", 2, 2),
    Place("identification", 4, 2),
    Place("flags and fragment offset", 6, 2),
    Place("time to live", 8, 1),
    Place("protocol", 9, 1),
    Place("header checksum", 10, 2),
    Place("source address", 12, 4),
    Place("destination address", 16, 4),
];

/// An ICMP echo message.
pub(crate) const ECHO: &[Place] = &[
    Place("type", 0, 1),
    Place("code", 1, 1),
    Place("checksum", 2, 2),
    Place("identifier", 4, 2),
    Place("sequence number", 6, 2),
];

/// The header of a user datagram.
pub(crate) const UDP: &[Place] =
    &[Place("source port", 0, 2), Place("destination port", 2, 2), Place("length", 4, 2), Place("checksum", 6, 2)];

/// The pseudo-header of a transport protocol over IPv4.
pub(crate) const PSEUDO_HEADER: &[Place] = &[
    Place("source address", 0, 4),
    Place("destination address", 4, 4),
    Place("zero", 8, 1),
    Place("protocol", 9, 1),
    Place("UDP length", 10, 2),
];

impl Ask {
    pub(crate) fn question(&self) -> Question {
        let arguments = self.arguments.iter().map(|(_, value)| value.clone()).collect();
        Question { function: self.function.into(), arguments }
    }
}
