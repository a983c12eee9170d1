//! Why a tool could not run, in two lines: what failed, and what to do.

use crate::nearest;
use host::Error;
use std::io;

/// Why a tool could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A sentence, and the way out where there is one. Exit 2.
    Said {
        /// What failed on what.
        error: String,
        /// What to do.
        hint: Option<String>,
    },
    /// What the host said; [`crate::main`] puts it in words, since the way out depends on tool and world. Exit 2.
    Host(Error),
    /// Nobody reads standard output any more. Quiet; exit 0.
    PipeClosed,
}

impl Failure {
    /// A sentence without a way out.
    pub fn said(error: impl Into<String>) -> Self {
        Self::Said { error: error.into(), hint: None }
    }

    /// This failure with this way out.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Said { error, .. } => Self::Said { error, hint: Some(hint.into()) },
            Self::Host(error) => Self::Said { error: error.to_string(), hint: Some(hint.into()) },
            Self::PipeClosed => Self::PipeClosed,
        }
    }

    /// The two lines; `None` for what passes in silence.
    pub(crate) fn lines(self, place: &Place<'_>) -> Option<(String, Option<String>)> {
        match self {
            Self::Said { error, hint } => Some((error, hint)),
            Self::Host(error) => Some((place.sentence(&error), place.way_out(&error))),
            Self::PipeClosed => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

/// An error of standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::said(format!("cannot write to standard output: {}", reason(&error))),
        }
    }
}

/// What went wrong, in the system's words but without its number for it.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_string()
}

/// Which tool failed, and in which network; `None`: on this machine.
pub(crate) struct Place<'a> {
    pub(crate) tool: &'a str,
    pub(crate) net: Option<&'a str>,
}

impl Place<'_> {
    fn sentence(&self, error: &Error) -> String {
        match (error, self.net) {
            (Error::UnknownName { .. }, Some(net)) => format!("{error} in network '{net}'"),
            (Error::Interrupted, _) => "interrupted before there was anything to tell".into(),
            _ => error.to_string(),
        }
    }

    fn way_out(&self, error: &Error) -> Option<String> {
        let live = self.net.is_none();
        match error {
            Error::NoPermission { .. } => Some(format!(
                "run `just setcap {}`, or stay in the simulated network with `--net NAME` (`--net list` shows them)",
                self.tool
            )),
            Error::NoSuchInterface { name, known } => choice("interfaces", name, known),
            Error::UnknownName { name, .. } if looks_like_an_address(name) => {
                Some("an IPv4 address has four numbers from 0 to 255, as in 10.0.0.5".into())
            }
            Error::UnknownName { known, .. } if live && known.is_empty() => {
                Some("the system's resolver does not know it; nodes of a simulated network need `--net NAME`".into())
            }
            Error::UnknownName { name, known } => choice("hosts", name, known),
            // No world has it yet, so there is no way out to name but the addresses that all worlds have.
            Error::Unsupported { what, .. } if what.starts_with("IPv6") => Some("give an IPv4 address".into()),
            Error::Unsupported { .. } if live => Some("the simulated network may have it: `--net list`".into()),
            Error::NoRoute(to) if live => Some(format!("`ip route get {to}` asks the same table")),
            Error::NoRoute(_) => Some("`--net list` shows who is on which link".into()),
            Error::AddressInUse(_) => Some("take another port, or 0 for any that is free".into()),
            _ => None,
        }
    }
}

/// "hosts are client, server; did you mean 'server'?"
pub(crate) fn choice(what: &str, word: &str, known: &[String]) -> Option<String> {
    let list = match known {
        [] => return None,
        [one] => format!("the only one is {one}"),
        many => format!("{what} are {}", many.join(", ")),
    };
    Some(match nearest(word, known.iter().map(String::as_str)) {
        Some(nearest) => format!("{list}; did you mean '{nearest}'?"),
        None => list,
    })
}

fn looks_like_an_address(name: &str) -> bool {
    name.contains('.') && name.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(error: Error, net: Option<&str>) -> String {
        let (error, hint) = Failure::from(error).lines(&Place { tool: "myping", net }).unwrap();
        format!("error: {error}\nhint: {}", hint.unwrap_or_default())
    }

    #[test]
    fn missing_permission_names_the_capability_and_two_ways_out() {
        let error = Error::NoPermission { what: "open a raw socket".into(), needs: "CAP_NET_RAW".into() };
        assert_eq!(
            lines(error, None),
            "error: cannot open a raw socket: this needs CAP_NET_RAW\n\
             hint: run `just setcap myping`, or stay in the simulated network with `--net NAME` (`--net list` shows them)"
        );
    }

    #[test]
    fn unknown_name_lists_the_hosts_of_the_network_and_the_nearest() {
        let known = vec!["client".to_string(), "server".to_string()];
        assert_eq!(
            lines(Error::UnknownName { name: "sever".into(), known }, Some("routers")),
            "error: no host named 'sever' in network 'routers'\nhint: hosts are client, server; did you mean 'server'?"
        );
    }

    #[test]
    fn unknown_name_on_this_machine_says_what_a_simulated_node_needs() {
        let hint = lines(Error::UnknownName { name: "server".into(), known: vec![] }, None);
        assert!(hint.ends_with("nodes of a simulated network need `--net NAME`"), "{hint}");
        let hint = lines(Error::UnknownName { name: "10.0.0.256".into(), known: vec![] }, None);
        assert!(hint.ends_with("four numbers from 0 to 255, as in 10.0.0.5"), "{hint}");
    }

    #[test]
    fn unknown_interface_lists_those_there_are() {
        let error = |known: &[&str]| Error::NoSuchInterface {
            name: "eth".into(),
            known: known.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(
            lines(error(&["lo", "eth0"]), None),
            "error: no interface named 'eth'\nhint: interfaces are lo, eth0; did you mean 'eth0'?"
        );
        assert_eq!(lines(error(&["lan"]), Some("lan")), "error: no interface named 'eth'\nhint: the only one is lan");
        assert_eq!(lines(error(&[]), None), "error: no interface named 'eth'\nhint: ");
    }

    #[test]
    fn address_without_a_way_says_where_to_look() {
        let to = "192.0.2.1".parse().unwrap();
        assert_eq!(
            lines(Error::NoRoute(to), None),
            "error: no route to 192.0.2.1\nhint: `ip route get 192.0.2.1` asks the same table"
        );
        assert!(lines(Error::NoRoute(to), Some("lan")).ends_with("`--net list` shows who is on which link"));
    }

    #[test]
    fn closed_pipe_passes_in_silence() {
        assert_eq!(Failure::PipeClosed.hint("x").lines(&Place { tool: "myping", net: None }), None);
    }
}
