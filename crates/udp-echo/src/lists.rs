//! Lists on the command line: sizes, ports with the names of programs, addresses with ports.

use cli::{NotANumber, escape};
use std::net::SocketAddrV4;

/// More sizes than this are no list that somebody wanted.
const MOST_SIZES: usize = 100_000;
/// The longest datagram that can be asked for, bytes. It is more than UDP has room for, so that one can see that
/// refused.
const LONGEST: usize = 70_000;

/// `56`, `0,56,1472` or `1400-1500`, also with a step: `1400-1500/20`. Bytes, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sizes(pub(crate) Vec<usize>);

impl Sizes {
    /// # Errors
    /// What is no size, with what would be.
    pub(crate) fn parse(text: &str) -> Result<Self, NotANumber> {
        let wrong = || NotANumber {
            sentence: format!(
                "takes sizes from 0 to {LONGEST} bytes, as in 56 or 0,56,1472 or 1400-1500/20, and '{}' is not that",
                escape(text)
            ),
            hint: None,
        };
        let parts = text.split(',').map(|part| range(part).ok_or_else(wrong));
        let sizes: Vec<usize> = parts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().take(MOST_SIZES).collect();
        Ok(Self(sizes))
    }
}

/// `56`, `1400-1500` or `1400-1500/20`.
fn range(text: &str) -> Option<impl Iterator<Item = usize>> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, number(step).filter(|step| *step > 0)?),
        None => (text, 1),
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None if range == text => (number(range)?, number(range)?),
        None => return None,
    };
    (first <= last && last <= LONGEST).then(|| (first..=last).step_by(step))
}

fn number(digits: &str) -> Option<usize> {
    digits.chars().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A port, and the name of the program that is said to be behind it: `53` or `53=AppX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) program: Option<String>,
}

/// `7,53=AppX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ports(pub(crate) Vec<Port>);

impl Ports {
    /// # Errors
    /// What is no port, with what would be.
    pub(crate) fn parse(text: &str) -> Result<Self, NotANumber> {
        let port = |part: &str| {
            let (number, program) = match part.split_once('=') {
                Some((number, program)) => (number, Some(program.to_string()).filter(|program| !program.is_empty())),
                None => (part, None),
            };
            let digits = number.chars().all(|c| c.is_ascii_digit());
            let number = number.parse().ok().filter(|number| digits && *number > 0)?;
            (program.is_some() || !part.contains('=')).then_some(Port { number, program })
        };
        let ports: Option<Vec<Port>> = text.split(',').map(port).collect();
        ports.map(Self).ok_or_else(|| NotANumber {
            sentence: format!(
                "takes ports from 1 to 65535, each with a name if you like, as in 7 or 53=AppX,68, and '{}' is not \
                 that",
                escape(text)
            ),
            hint: None,
        })
    }
}

/// `10.0.0.1:5555`.
///
/// # Errors
/// Anything else.
pub(crate) fn address_and_port(text: &str) -> Result<SocketAddrV4, NotANumber> {
    text.parse().ok().filter(|peer: &SocketAddrV4| peer.port() > 0).ok_or_else(|| NotANumber {
        sentence: format!("takes an IPv4 address and a port, as in 10.0.0.1:5555, and '{}' is not that", escape(text)),
        hint: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_and_ranges_in_their_order() {
        for (text, sizes) in [
            ("56", &[56][..]),
            ("0,56,12", &[0, 56, 12]),
            ("3-6", &[3, 4, 5, 6]),
            ("1400-1460/20,7", &[1400, 1420, 1440, 1460, 7]),
            ("65508", &[65_508]),
        ] {
            assert_eq!(Sizes::parse(text), Ok(Sizes(sizes.to_vec())), "{text}");
        }
        for wrong in
            ["", ",", "-1", "1-", "6-3", "70001", "5/2", "1-9/0", "1-9/", "+1", "5 ", "0x10", "99999999999999999999"]
        {
            assert!(Sizes::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn port_may_have_the_name_of_its_program() {
        let port = |number, program: Option<&str>| Port { number, program: program.map(String::from) };
        assert_eq!(Ports::parse("53=AppX,68"), Ok(Ports(vec![port(53, Some("AppX")), port(68, None)])));
        for wrong in ["", "0", "65536", "53=", "=AppX", "-1", "+5", "7,,9", "echo"] {
            assert!(Ports::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn peer_has_an_address_and_a_port() {
        assert_eq!(address_and_port("10.0.0.1:5555"), Ok("10.0.0.1:5555".parse().unwrap()));
        for wrong in ["10.0.0.1", "10.0.0.1:0", "10.0.0.1:70000", "a:5555", "[::1]:5", ""] {
            assert!(address_and_port(wrong).is_err(), "{wrong}");
        }
    }
}
