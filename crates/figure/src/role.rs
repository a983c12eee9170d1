//! What something is there for, in pictures over time.

/// The role of a packet or of a line. It has a colour, and the colour is never alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It sees to it that others can fly: ARP, the SYN and the FIN.
    Control,
    /// What the matter is: a request, data.
    Data,
    /// What comes back: a reply, an acknowledgment.
    Answer,
    /// The same once more.
    Again,
    /// It tells of a failure.
    Error,
}

impl Role {
    /// The classes of its line.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Control => "w s-ink",
            Self::Data => "w s-net",
            Self::Answer => "w s-app",
            Self::Again => "w s-tra",
            Self::Error => "w s-bad",
        }
    }
}
