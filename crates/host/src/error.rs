//! Why a host did not do what it was asked.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

/// A text that is mostly known at compile time.
pub type Text = Cow<'static, str>;

/// What a host answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a host did not do what it was asked. It can be sent to another process, hence no `io::Error` inside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The system does not let this user do it. `needs` is the capability or the setting that would.
    NoPermission {
        /// What was asked, as in "open a raw socket".
        what: Text,
        /// The capability, or the sysctl with its value.
        needs: Text,
    },
    /// No interface is called so.
    NoSuchInterface {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// This world cannot do it.
    Unsupported {
        /// What was asked, as in "IPv6".
        what: Text,
        /// Which world, as in "the simulated network".
        world: Text,
    },
    /// A name that stands for no address.
    UnknownName {
        /// What was asked for.
        name: String,
        /// Names that there are, where the world knows them all.
        known: Vec<String>,
    },
    /// Somebody has this address and port already.
    AddressInUse(SocketAddr),
    /// The routing table has no way to this address.
    NoRoute(IpAddr),
    /// A message longer than what can be sent at once. Both lengths are in bytes of what the program hands to the socket: a
    /// frame, an IP packet, an ICMP message or a UDP payload, without the headers that the host puts before it.
    TooLong {
        /// How long it is.
        have: usize,
        /// How long it may be.
        most: usize,
    },
    /// The other side refused.
    Refused,
    /// The other side broke the connection off.
    Reset,
    /// Somebody on the way says that there is no way.
    Unreachable {
        /// Who said it, if known.
        by: Option<IpAddr>,
        /// The code of the ICMP message.
        code: u8,
    },
    /// A deadline came where an answer was needed.
    TimedOut,
    /// Ctrl-C: finish with what is known.
    Interrupted,
    /// A wait without deadline in a simulated network where nothing will ever happen again.
    Idle,
    /// The world is gone: the checker hung up, or the run ended.
    Gone,
    /// Anything else, in the system's words.
    Other(String),
}

/// The answer of a world that cannot do `what`.
///
/// # Errors
/// Always.
pub fn unsupported<T>(what: impl Into<Text>, world: impl Into<Text>) -> Result<T> {
    Err(Error::Unsupported { what: what.into(), world: world.into() })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPermission { what, needs } => write!(f, "cannot {what}: this needs {needs}"),
            Self::NoSuchInterface { name, .. } => write!(f, "no interface named '{}'", name.escape_debug()),
            Self::Unsupported { what, world } => write!(f, "{world} has no {what}"),
            Self::UnknownName { name, .. } => write!(f, "no host named '{}'", name.escape_debug()),
            Self::AddressInUse(at) => write!(f, "{at} is in use already"),
            Self::NoRoute(to) => write!(f, "no route to {to}"),
            Self::TooLong { have, most } => write!(f, "message too long: {have} bytes, and {most} is the most"),
            Self::Refused => f.write_str("the other side refused"),
            Self::Reset => f.write_str("the other side broke the connection off"),
            Self::Unreachable { by: Some(by), code } => write!(f, "{by} says unreachable, code {code}"),
            Self::Unreachable { by: None, code } => write!(f, "unreachable, code {code}"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Idle => f.write_str("nothing more will happen in this network"),
            Self::Gone => f.write_str("the network is gone: the run ended"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if let Some(ours) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            return ours.clone();
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Reset,
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::TimedOut,
            io::ErrorKind::Interrupted => Self::Interrupted,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// For `Read` and `Write`: a kind that libraries such as rustls understand, with our own error still inside.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Refused => io::ErrorKind::ConnectionRefused,
            Error::Reset | Error::Gone => io::ErrorKind::ConnectionReset,
            Error::TimedOut => io::ErrorKind::TimedOut,
            // Ctrl-C must not become `ErrorKind::Interrupted`: std's `read_exact` and `write_all` retry that for ever.
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_comes_back_whole_from_a_read_or_write() {
        for error in [Error::Interrupted, Error::Idle, Error::Refused, Error::TooLong { have: 2, most: 1 }] {
            assert_eq!(Error::from(io::Error::from(error.clone())), error);
        }
        assert_ne!(io::Error::from(Error::Interrupted).kind(), io::ErrorKind::Interrupted);
    }
}
