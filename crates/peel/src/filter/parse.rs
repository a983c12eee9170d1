//! From words to a filter.

use super::{Filter, Prefix, Side, Test};
use cli::{Failure, escape, nearest};
use std::ops::RangeInclusive;
use wire::Mac;
use wire::dissect::Protocol;

/// The protocols by their words; the first word for each is the one that is shown.
const PROTOCOLS: &[(&str, Protocol)] = &[
    ("arp", Protocol::Arp),
    ("ip", Protocol::Ipv4),
    ("ipv6", Protocol::Ipv6),
    ("icmp", Protocol::Icmp),
    ("icmpv6", Protocol::Icmpv6),
    ("tcp", Protocol::Tcp),
    ("udp", Protocol::Udp),
    ("dhcp", Protocol::Dhcp),
    ("dns", Protocol::Dns),
    ("tls", Protocol::Tls),
    ("http", Protocol::Http),
    ("ssh", Protocol::Ssh),
    ("vlan", Protocol::Tag),
    ("ethernet", Protocol::Ethernet),
    // As tcpdump calls them.
    ("ip6", Protocol::Ipv6),
    ("icmp6", Protocol::Icmpv6),
    ("ipv4", Protocol::Ipv4),
];

/// All other words; `src` and `dst` are tcpdump's for `from` and `to`.
const OTHERS: &[&str] =
    &["and", "or", "not", "host", "net", "port", "from", "to", "problem", "lost", "comment", "interface", "src", "dst"];

/// No filter of a person is deeper than this.
const MOST_DEPTH: usize = 50;

impl Filter {
    /// The filter that these words say.
    ///
    /// # Errors
    /// The first word that says nothing here, with the nearest that would.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut words = Words { rest: spaced.split_whitespace().collect(), at: 0, depth: 0 };
        if words.rest.is_empty() {
            return Ok(Self::anything());
        }
        let filter = words.any()?;
        match words.peek() {
            None => Ok(filter),
            Some(")") => Err(Failure::said("the filter closes a parenthesis that it does not open")),
            Some(word) => Err(unknown(word)),
        }
    }
}

struct Words<'a> {
    rest: Vec<&'a str>,
    at: usize,
    depth: usize,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.peek();
        self.at += 1;
        word
    }

    /// Takes `word` if it is the next one.
    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self) -> Result<Filter, Failure> {
        let mut any = vec![self.all()?];
        while self.takes("or") {
            any.push(self.all()?);
        }
        Ok(one_or(any, Filter::Any))
    }

    fn all(&mut self) -> Result<Filter, Failure> {
        let mut all = vec![self.test()?];
        while self.takes("and") || self.peek().is_some_and(|next| !next.eq_ignore_ascii_case("or") && next != ")") {
            all.push(self.test()?);
        }
        Ok(one_or(all, Filter::All))
    }

    fn test(&mut self) -> Result<Filter, Failure> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(Failure::said("the filter has too many parentheses in one another"));
        }
        let Some(word) = self.next() else {
            return Err(Failure::said("the filter ends where a test should follow").hint(EXAMPLES));
        };
        let word = word.to_ascii_lowercase();
        let filter = match word.as_str() {
            "not" => Filter::Not(Box::new(self.test()?)),
            "(" => {
                let inner = self.any()?;
                if !self.takes(")") {
                    return Err(Failure::said("the filter opens a parenthesis that it does not close"));
                }
                inner
            }
            "from" | "src" => Filter::Test(self.end(Side::From, &word)?),
            "to" | "dst" => Filter::Test(self.end(Side::To, &word)?),
            "host" | "net" | "port" => Filter::Test(self.value(Side::Either, &word)?),
            "problem" => Filter::Test(Test::Problem),
            "lost" => Filter::Test(Test::Lost),
            "comment" => Filter::Test(Test::Comment),
            "interface" => match self.next() {
                Some(name) => Filter::Test(Test::Interface(name.into())),
                None => return Err(Failure::said("interface needs a name, as in: interface net1")),
            },
            word => match PROTOCOLS.iter().find(|(name, _)| *name == word) {
                Some((_, protocol)) => Filter::Test(Test::Protocol(*protocol)),
                None => Filter::Test(address(Side::Either, word).ok_or_else(|| unknown(word))?),
            },
        };
        self.depth -= 1;
        Ok(filter)
    }

    /// What stands behind `from` or `to`.
    fn end(&mut self, side: Side, word: &str) -> Result<Test, Failure> {
        match self.next() {
            Some(kind) if ["host", "net", "port"].iter().any(|known| kind.eq_ignore_ascii_case(known)) => {
                self.value(side, &kind.to_ascii_lowercase())
            }
            Some(other) => address(side, other).ok_or_else(|| wrong(word, "an address, or host, net or port", other)),
            None => Err(missing(word, "an address, or host, net or port")),
        }
    }

    /// What stands behind `host`, `net` or `port`.
    fn value(&mut self, side: Side, word: &str) -> Result<Test, Failure> {
        let (what, read): (_, fn(Side, &str) -> Option<Test>) = match word {
            "host" => ("an address, as in 10.0.0.5", host),
            "net" => ("a prefix, as in 10.0.0.0/24", |side, text| Prefix::read(text).map(|net| Test::Net(side, net))),
            _ => ("a number from 0 to 65535, or two as in 8000-8080", |side, text| {
                ports(text).map(|ports| Test::Port(side, ports))
            }),
        };
        let text = self.next().ok_or_else(|| missing(word, what))?;
        read(side, text).ok_or_else(|| wrong(word, what, text))
    }
}

const EXAMPLES: &str = "as in: tcp and port 80, or: host 10.0.0.5 and not arp";

/// The only filter, or what `several` makes of them.
fn one_or(mut filters: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            several(filters)
        }
        None => several(filters),
    }
}

fn host(side: Side, text: &str) -> Option<Test> {
    address(side, text).filter(|test| !matches!(test, Test::Net(_, net) if !net.is_host()))
}

/// An address of any kind, or a prefix.
fn address(side: Side, text: &str) -> Option<Test> {
    let net = Prefix::read(text).map(|net| Test::Net(side, net));
    net.or_else(|| text.parse::<Mac>().ok().map(|mac| Test::Station(side, mac)))
}

fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse::<u16>().ok(),
        false => None,
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (number(from)?, number(to)?);
    (from <= to).then_some(from..=to)
}

fn wrong(word: &str, what: &str, text: &str) -> Failure {
    Failure::said(format!("{word} needs {what}, and '{}' is none", escape(text))).hint(EXAMPLES)
}

fn missing(word: &str, what: &str) -> Failure {
    Failure::said(format!("{word} needs {what}, and nothing follows it"))
}

fn unknown(word: &str) -> Failure {
    let known = PROTOCOLS.iter().map(|(name, _)| *name).chain(OTHERS.iter().copied());
    let failure = Failure::said(format!("'{}' is no word of a filter", escape(word)));
    match nearest(word, known) {
        Some(nearest) => failure.hint(format!("did you mean '{nearest}'?")),
        None => failure.hint(EXAMPLES),
    }
}
