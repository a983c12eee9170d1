//! "Why is this silent?": a verdict, with the evidence for it and with what was not tested.
//!
//! Silence itself says nothing; what somebody else said does. So a tool collects what it knows ([`Evidence`]) and [`judge`] names
//! what explains it, the surest first: an error says it; who does not answer ARP is not there; who answers ARP and not this drops
//! it; short packets that pass where long ones vanish are a black hole. RFC 1122 section 3.2.2.1: errors are "only a hint, not
//! proof", and a verdict is no more than its evidence.

use super::pen::{Line, Pen, WIDTH, wrap};
use super::{Remark, Topic};
use crate::style;
use host::{Host, IcmpError, Neighbour, Time};
use std::net::IpAddr;
use std::time::Duration;
use wire::Mac;
use wire::icmp::{TIME_EXCEEDED, UNREACHABLE};

/// What a tool knows of a silence.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// Who was asked.
    pub target: IpAddr,
    /// The hop that is silent, if it is not the target.
    pub hop: Option<u8>,
    /// What was sent, as `echo requests`.
    pub what: &'a str,
    /// How many.
    pub sent: u64,
    /// How many were answered.
    pub answered: u64,
    /// The address that they left with.
    pub own: Option<IpAddr>,
    /// Whom this host asks for by ARP: the target, or a gateway. `None`: the host does not tell.
    pub next_hop: Option<IpAddr>,
    /// What its ARP table has of the next hop. `None`: the host does not show one.
    pub arp: Option<Arp>,
    /// Errors that came.
    pub errors: Vec<IcmpError>,
    /// The last router that answered, and how far it is.
    pub farthest: Option<(u8, IpAddr)>,
    /// Somebody behind the silent hop who answered, and how far that is.
    pub behind: Option<(u8, IpAddr)>,
    /// Whether answers came once a second, however fast was asked.
    pub once_a_second: bool,
    /// Whether what was sent is ARP.
    pub by_arp: bool,
    /// Stations that told others that they have the target's address.
    pub claimed: Vec<Mac>,
    /// The longest that passed and the shortest that vanished, in bytes, where lengths were tried.
    pub lengths: Option<(usize, usize)>,
    /// Commands that would tell more: what, and which.
    pub further: Vec<(&'a str, String)>,
}

/// What an ARP table has of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arp {
    /// Nothing.
    Nothing,
    /// It is asked for, and nobody answered so far.
    Asked,
    /// Its station.
    At(Mac),
}

/// What explains a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Somebody has no route.
    NoRoute,
    /// A filter, which says so.
    Forbidden,
    /// Nobody has the address, or its host is off.
    Dead,
    /// The same of it, or of a router before it.
    DeadOnTheWay,
    /// The same of the gateway.
    DeadGateway,
    /// Packets are too long for a link, and a router does not say so.
    BlackHole,
    /// It answers so many and no more.
    RateLimited,
    /// It is there, and what was sent is dropped.
    Filtered,
    /// The way is known up to a router, and nothing behind it.
    Behind,
    /// Packets go round until their time to live is used up, or it is too small.
    UsedUp,
    /// Packets are too long for a link, and a router says so.
    TooLong,
    /// It passes packets on, and does not speak itself.
    PassesOn,
    /// It is not on the link that was asked.
    Elsewhere,
    /// Nothing tells.
    Unknown,
}

/// A cause, and what there is to say for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What explains it.
    pub cause: Cause,
    /// Who is silent, and why, in a line.
    pub headline: String,
    /// Why that is thought.
    pub because: Vec<String>,
    /// What was not tested, and which command would.
    pub untested: Vec<String>,
}

impl Arp {
    /// What `table` has of `address`.
    #[must_use]
    pub fn of(table: &[Neighbour], address: IpAddr) -> Self {
        match table.iter().find(|entry| entry.address == address).map(|entry| entry.mac) {
            None => Self::Nothing,
            Some(None) => Self::Asked,
            Some(Some(mac)) => Self::At(mac),
        }
    }
}

impl<'a> Evidence<'a> {
    /// Nothing but that `sent` of `what` went to `target` and came to nothing.
    #[must_use]
    pub fn new(target: IpAddr, what: &'a str, sent: u64) -> Self {
        Self {
            target,
            hop: None,
            what,
            sent,
            answered: 0,
            own: None,
            next_hop: None,
            arp: None,
            errors: vec![],
            farthest: None,
            behind: None,
            once_a_second: false,
            by_arp: false,
            claimed: vec![],
            lengths: None,
            further: vec![],
        }
    }

    /// With what this host itself knows: the way to the target, and whether the next hop answered ARP.
    #[must_use]
    pub fn seen_from(self, host: &mut dyn Host) -> Self {
        let Ok(route) = host.route(self.target) else { return self };
        let arp = host.neighbours().ok().map(|table| Arp::of(&table, route.next_hop));
        Self { own: Some(route.source), next_hop: Some(route.next_hop), arp, ..self }
    }

    /// The gateway, where one is between.
    fn gateway(&self) -> Option<IpAddr> {
        self.next_hop.filter(|next_hop| *next_hop != self.target)
    }

    /// `4 echo requests`, as what became of them goes on.
    fn all(&self) -> String {
        let what = if self.sent == 1 { self.what.trim_end_matches('s') } else { self.what };
        format!("{} {what}", self.sent)
    }
}

/// A limit of one answer a second has another one to give after so long at the earliest.
const REFILL: Duration = Duration::from_millis(900);

/// Whether answers came once a second, by when each request left and whether it was answered.
///
/// Who limits its answers has none left when it falls silent, and then gives one a second, however many ask.
#[must_use]
pub fn is_once_a_second(asked: &[(Time, bool)]) -> bool {
    let since: Vec<_> = asked.iter().skip_while(|(_, answered)| *answered).collect();
    let answered: Vec<Time> = since.iter().filter(|(_, answered)| *answered).map(|(sent, _)| *sent).collect();
    let spaced = answered.windows(2).all(|pair| matches!(*pair, [one, next] if next - one >= REFILL));
    spaced && answered.len() >= 2 && since.len() >= answered.len() * 3
}

/// What explains a silence best, by what is known.
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let (cause, mut because) = cause(evidence);
    let subject = evidence.hop.map_or_else(|| evidence.target.to_string(), |hop| format!("hop {hop}"));
    let why = match cause {
        Cause::NoRoute => "no route",
        Cause::Forbidden => "filtered, and the filter says so",
        Cause::Dead => "dead, or nobody has this address",
        Cause::DeadOnTheWay => "it, or a router before it, is dead or away",
        Cause::DeadGateway => "the gateway is dead, or away",
        Cause::BlackHole => "a black hole: too long for a link on the way",
        Cause::RateLimited => "rate-limited",
        Cause::Filtered => "filtered, most likely",
        Cause::Behind => "filtered, dead or away",
        Cause::UsedUp => "the time to live was used up",
        Cause::Unknown => "lost, filtered or dead: nothing here tells which",
        Cause::TooLong => "too long for a link, and not to be cut",
        Cause::PassesOn => "it passes packets on, and does not speak",
        Cause::Elsewhere => "it is not on this link",
    };
    match evidence.answered {
        0 if evidence.errors.is_empty() => {
            because.push(format!("{}: no answer, and nobody said why", evidence.all()));
        }
        0 => {}
        answered => because.push(format!("{}: {answered} answered", evidence.all())),
    }
    let mut untested: Vec<String> =
        evidence.further.iter().map(|(what, command)| format!("not tested: {what}: {command}")).collect();
    if evidence.arp.is_none() && matches!(cause, Cause::Unknown) {
        untested.insert(0, "not known: whether the next hop answers ARP, for this host does not show its table".into());
    }
    Verdict { cause, headline: format!("why is {subject} silent? {why}"), because, untested }
}

/// The cause and what speaks for it, the surest evidence first.
fn cause(evidence: &Evidence<'_>) -> (Cause, Vec<String>) {
    if let Some(said) = evidence.errors.iter().find_map(|error| said(error, evidence)) {
        return said;
    }
    if evidence.once_a_second && evidence.answered > 0 {
        let because = "answers came one a second, however fast was asked; loss has no such clock".into();
        return (Cause::RateLimited, vec![because]);
    }
    if let Some((ttl, router)) = evidence.behind {
        let because = format!("hop {ttl}, {router}, answers, so packets get through; routers need not answer");
        return (Cause::PassesOn, vec![because]);
    }
    if !evidence.claimed.is_empty() {
        let macs: Vec<String> = evidence.claimed.iter().map(ToString::to_string).collect();
        let because = format!("it is there: {} told others so, and gave us no answer", macs.join(" and "));
        return (Cause::Filtered, vec![because]);
    }
    if evidence.by_arp {
        return match evidence.gateway() {
            Some(gateway) => {
                let because = format!("packets to it go to the gateway {gateway}, and ARP asks one link only");
                (Cause::Elsewhere, vec![because])
            }
            None => (Cause::Dead, vec!["who has an address must answer ARP, or nobody could talk to it".into()]),
        };
    }
    if let Some((passed, vanished)) = evidence.lengths {
        let because = format!("packets of {passed} bytes pass, and those of {vanished} vanish without a word");
        return (Cause::BlackHole, vec![because]);
    }
    if let Some((ttl, router)) = evidence.farthest {
        let because = format!("hop {ttl}, {router}, answers, and nothing behind it does");
        return (Cause::Behind, vec![because]);
    }
    let (Some(next_hop), Some(arp)) = (evidence.next_hop, evidence.arp) else { return (Cause::Unknown, vec![]) };
    match (arp, evidence.gateway()) {
        (Arp::At(mac), None) => {
            let because = format!("it is there: {next_hop} answered ARP, and is at {mac}");
            (Cause::Filtered, vec![because])
        }
        (Arp::At(mac), Some(gateway)) => {
            let because = format!("this host's gateway {gateway} answered ARP, and is at {mac}: packets leave");
            (Cause::Unknown, vec![because])
        }
        (Arp::Nothing | Arp::Asked, gateway) => {
            let cause = if gateway.is_some() { Cause::DeadGateway } else { Cause::Dead };
            (cause, vec![format!("this host asks by ARP who has {next_hop}, and nobody answers")])
        }
    }
}

/// What an error says; `None`: nothing that would explain silence.
fn said(error: &IcmpError, evidence: &Evidence<'_>) -> Option<(Cause, Vec<String>)> {
    let IcmpError { by, kind, code, mtu } = *error;
    let target = evidence.target;
    let is_own = evidence.own == Some(by);
    let (cause, sentence) = match (kind, code) {
        (UNREACHABLE, 0 | 6 | 11) => (Cause::NoRoute, format!("{by} has no route to {target}")),
        (UNREACHABLE, 1 | 7 | 12) if is_own => match evidence.gateway() {
            Some(gateway) => {
                (Cause::DeadGateway, format!("this host asked by ARP who has its gateway {gateway}, and nobody answered"))
            }
            None => (Cause::Dead, format!("this host asked by ARP who has {target}, and nobody answered")),
        },
        (UNREACHABLE, 1 | 7 | 12) => {
            (Cause::DeadOnTheWay, format!("{by} asked by ARP who has {target} or the next router, and nobody answered"))
        }
        (UNREACHABLE, 4) => {
            (Cause::TooLong, format!("{by} drops what must not be cut, for its next link takes {mtu} bytes"))
        }
        (UNREACHABLE, 9 | 10 | 13) => (Cause::Forbidden, format!("a filter at {by} lets no such packet pass")),
        (TIME_EXCEEDED, 0) => (Cause::UsedUp, format!("{by} dropped it when its time to live was used up")),
        _ => return None,
    };
    Some((cause, vec![format!("{sentence} (type {kind} code {code})")]))
}

impl Verdict {
    /// Its lines, none wider than [`super::WIDTH`]. `tool` is asked for more.
    #[must_use]
    pub fn lines(&self, tool: &str, pen: Pen) -> Vec<String> {
        let headline = |text: String| {
            let mut line = Line::default();
            line.put(style::TITLE, &text);
            line.drawn(pen)
        };
        let headlines = wrap(&self.headline, WIDTH, 2).into_iter().map(headline);
        let facts = self.because.iter().cloned().map(Remark::Fact);
        let open = self.untested.iter().cloned().map(Remark::Open);
        let more = Remark::More(format!("what silence can mean: {tool} --explain={}", Topic::Silence.name()));
        let remarks = facts.chain(open).chain([more]);
        headlines.chain(remarks.flat_map(|remark| remark.lines(pen))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 10, 3));
    const GATEWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 100));
    const OWN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 3));
    const MAC: Mac = Mac([2, 0, 0, 0, 0, 0xdd]);

    fn asked() -> Evidence<'static> {
        Evidence { own: Some(OWN), next_hop: Some(GATEWAY), ..Evidence::new(TARGET, "echo requests", 4) }
    }

    fn on_the_link(arp: Arp) -> Evidence<'static> {
        Evidence { next_hop: Some(TARGET), arp: Some(arp), ..asked() }
    }

    fn error(by: IpAddr, kind: u8, code: u8) -> Evidence<'static> {
        Evidence { errors: vec![IcmpError { by, kind, code, mtu: 1400 }], ..asked() }
    }

    #[test]
    fn each_cause_is_named_by_the_evidence_for_it_and_by_nothing_else() {
        let limited = Evidence { once_a_second: true, ..asked() };
        for (evidence, cause) in [
            (asked(), Cause::Unknown),
            (on_the_link(Arp::At(MAC)), Cause::Filtered),
            (on_the_link(Arp::Asked), Cause::Dead),
            (on_the_link(Arp::Nothing), Cause::Dead),
            (Evidence { arp: Some(Arp::At(MAC)), ..asked() }, Cause::Unknown),
            (Evidence { arp: Some(Arp::Asked), ..asked() }, Cause::DeadGateway),
            (Evidence { farthest: Some((4, GATEWAY)), ..asked() }, Cause::Behind),
            (Evidence { lengths: Some((1380, 1400)), farthest: Some((4, GATEWAY)), ..asked() }, Cause::BlackHole),
            (Evidence { behind: Some((4, GATEWAY)), ..asked() }, Cause::PassesOn),
            (Evidence { answered: 3, ..limited.clone() }, Cause::RateLimited),
            (limited, Cause::Unknown),
            (Evidence { by_arp: true, next_hop: Some(TARGET), ..asked() }, Cause::Dead),
            (Evidence { by_arp: true, ..asked() }, Cause::Elsewhere),
            (Evidence { by_arp: true, claimed: vec![MAC], ..asked() }, Cause::Filtered),
            (error(GATEWAY, 3, 0), Cause::NoRoute),
            (error(GATEWAY, 3, 1), Cause::DeadOnTheWay),
            (error(OWN, 3, 1), Cause::DeadGateway),
            (Evidence { next_hop: Some(TARGET), ..error(OWN, 3, 1) }, Cause::Dead),
            (error(GATEWAY, 3, 4), Cause::TooLong),
            (error(GATEWAY, 3, 13), Cause::Forbidden),
            (error(GATEWAY, 11, 0), Cause::UsedUp),
            (error(GATEWAY, 3, 3), Cause::Unknown),
        ] {
            assert_eq!(judge(&evidence).cause, cause, "{evidence:?}");
        }
    }

    #[test]
    fn error_that_was_heard_outweighs_what_is_only_concluded() {
        let evidence = Evidence { arp: Some(Arp::At(MAC)), farthest: Some((3, GATEWAY)), ..error(GATEWAY, 3, 13) };
        assert_eq!(judge(&evidence).because, ["a filter at 192.168.1.100 lets no such packet pass (type 3 code 13)"]);
    }

    #[test]
    fn verdict_is_told_with_its_evidence_and_with_what_would_tell_more() {
        let further = vec![("other protocols", "mytraceroute -T 192.168.10.3".to_string())];
        let verdict = judge(&Evidence { further, ..on_the_link(Arp::At(MAC)) });
        assert_eq!(
            verdict.lines("myping", Pen::default()).join("\n"),
            "why is 192.168.10.3 silent? filtered, most likely\n\
             \u{20} = it is there: 192.168.10.3 answered ARP, and is at 02:00:00:00:00:dd\n\
             \u{20} = 4 echo requests: no answer, and nobody said why\n\
             \u{20} - not tested: other protocols: mytraceroute -T 192.168.10.3\n\
             \u{20} ? what silence can mean: myping --explain=silence"
        );
    }

    #[test]
    fn limit_is_known_by_its_clock_and_loss_has_none() {
        let asked = |pattern: &str, every: u64| -> Vec<(Time, bool)> {
            pattern.chars().zip(0..).map(|(mark, n)| (Time(n * every * 1_000_000), mark == '+')).collect()
        };
        assert!(is_once_a_second(&asked("++++++....+.........+.........+", 100)));
        for (pattern, every) in [("++++++", 100), ("+.+.+.+.+.", 100), ("......", 100), (".+.+.+", 1000), ("..+...", 100)] {
            assert!(!is_once_a_second(&asked(pattern, every)), "{pattern}");
        }
    }

    #[test]
    fn table_tells_who_answered_and_who_is_asked_in_vain() {
        let entry = |mac| Neighbour { interface: "e0".into(), address: TARGET, mac, age: None };
        assert_eq!(Arp::of(&[entry(Some(MAC))], TARGET), Arp::At(MAC));
        assert_eq!(Arp::of(&[entry(None)], TARGET), Arp::Asked);
        assert_eq!(Arp::of(&[entry(None)], GATEWAY), Arp::Nothing);
    }
}
