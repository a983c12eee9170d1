//! The tracer's decisions against networks drawn at random: routers that limit their errors, stay silent or quote oddly, ways
//! of any length. No socket and no clock: answers are made from what left.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use host::Time;
use mytraceroute::answer::{Answer, Says};
use mytraceroute::hop::Silence;
use mytraceroute::tracer::{Plan, Step, Tracer};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Somebody who answers: after this time, with so many errors at once and then one a second.
struct Node {
    delay: Duration,
    silent: bool,
    tokens: Duration,
    updated: Time,
}

/// Linux has a host's errors cost a second each, and lets six seconds gather.
const COST: Duration = Duration::from_secs(1);

impl Node {
    fn has_token(&mut self, now: Time) -> bool {
        self.tokens = (self.tokens + (now - self.updated)).min(COST * 6);
        self.updated = now;
        let has = self.tokens >= COST;
        if has {
            self.tokens -= COST;
        }
        has
    }
}

struct Network {
    /// Routers, and last the target.
    nodes: Vec<Node>,
    limited: bool,
    quotes: bool,
    /// Whether it is errors that end the way, though nothing of them can be read but who sent them.
    blind: bool,
}

fn address(hop: usize) -> IpAddr {
    IpAddr::from([10, 0, 0, hop as u8])
}

impl Network {
    /// What comes of a probe that leaves now, and when.
    fn answer(&mut self, now: Time, number: u16, ttl: u8) -> Option<(Time, Answer)> {
        let hop = usize::from(ttl).min(self.nodes.len());
        let is_target = hop == self.nodes.len();
        let (limited, quotes) = (self.limited, self.quotes || self.blind);
        let node = &mut self.nodes[hop - 1];
        // Echo replies and SYN-ACKs, which quote nothing, are not limited.
        let spoken = !node.silent && (!limited || is_target && !quotes || node.has_token(now));
        let says = match (is_target, quotes) {
            (false, _) => Says::TimeExceeded,
            (true, true) => Says::Unreachable { code: 3, mtu: 0 },
            (true, false) => Says::EchoReply,
        };
        let quoted_ttl = (!self.blind && (quotes || !is_target)).then(|| ttl - (hop as u8 - 1));
        let answer = Answer { number, from: address(hop), says, ttl: Some(60), quoted_ttl, told: vec![] };
        spoken.then(|| (now + node.delay, answer))
    }
}

/// What a run amounted to.
struct Run {
    addresses: Vec<Option<IpAddr>>,
    limited: usize,
    sent: usize,
    beyond: usize,
    /// How many probes were on their way at once.
    most: usize,
    took: Duration,
}

fn run(network: &mut Network, start: Time, answers: usize) -> Run {
    run_with(network, start, answers, 16)
}

fn run_with(network: &mut Network, start: Time, answers: usize, in_flight: usize) -> Run {
    let last = 30;
    let plan = Plan {
        target: address(network.nodes.len()),
        first: 1,
        last,
        answers,
        in_flight,
        pause: Duration::ZERO,
        wait: Duration::from_secs(2),
        quoted: network.quotes,
    };
    let mut tracer = Tracer::new(plan, start);
    let (mut now, mut sent, mut beyond, mut most) = (start, 0, 0, 0);
    let mut coming: BTreeMap<(Time, u16), Answer> = BTreeMap::new();
    loop {
        match tracer.next(now) {
            Step::Send { ttl } => {
                sent += 1;
                beyond += usize::from(usize::from(ttl) > network.nodes.len());
                tracer.sent(now, sent as u16, ttl);
                if let Some((at, answer)) = network.answer(now, sent as u16, ttl) {
                    coming.insert((at, sent as u16), answer);
                    most = most.max(coming.len());
                }
            }
            Step::Wait(until) => match coming.first_key_value().map(|(key, _)| *key) {
                Some((at, number)) if at <= until => {
                    now = at;
                    tracer.hear(&coming.remove(&(at, number)).unwrap(), at);
                }
                _ => now = until,
            },
            Step::Done => break,
        }
        assert!(sent < 1000 && now - start < Duration::from_secs(60), "it comes to no end");
    }
    let (hops, _) = tracer.hops(now);
    Run {
        addresses: hops.iter().map(|hop| hop.addresses().first().copied()).collect(),
        limited: hops.iter().filter(|hop| hop.silence() == Silence::RateLimit).count(),
        sent,
        beyond,
        most,
        took: now - start,
    }
}

fn network(dice: &mut Dice, limited: bool) -> Network {
    let distance = 1 + dice.roll(20) as usize;
    let mut delay = Duration::ZERO;
    let nodes = (0..distance).map(|_| {
        delay += Duration::from_micros(10 + dice.roll(8_000));
        Node { delay, silent: false, tokens: COST * 6, updated: Time::START }
    });
    let nodes = nodes.collect();
    Network { nodes, limited, quotes: dice.roll(2) == 0, blind: false }
}

#[test]
fn hops_are_right_however_often_a_limited_way_is_traced() {
    let mut dice = Dice(1);
    let mut limited = 0;
    for round in 0..100 {
        let mut network = network(&mut dice, true);
        let answers = 1 + dice.roll(3) as usize;
        let expected: Vec<_> = (1..=network.nodes.len()).map(|hop| Some(address(hop))).collect();
        let mut now = Time::START;
        for repeat in 0..10 {
            let run = run(&mut network, now, answers);
            assert_eq!(run.addresses, expected, "network {round}, run {repeat}");
            assert!(run.took < Duration::from_millis(2600), "network {round}, run {repeat} took {:?}", run.took);
            now = now + run.took;
            limited += run.limited;
        }
    }
    assert!(limited > 500, "limits are met and told: {limited}");
}

#[test]
fn distance_is_right_although_no_quote_tells_it_and_the_limit_hides_it() {
    let mut dice = Dice(5);
    for round in 0..60 {
        let mut network = network(&mut dice, true);
        (network.quotes, network.blind) = (false, true);
        let expected: Vec<_> = (1..=network.nodes.len()).map(|hop| Some(address(hop))).collect();
        let mut now = Time::START;
        for repeat in 0..10 {
            let run = run(&mut network, now, 1 + dice.roll(3) as usize);
            assert_eq!(run.addresses.len(), expected.len(), "network {round}, run {repeat}: {:?}", run.addresses);
            assert_eq!(run.addresses.last(), expected.last(), "network {round}, run {repeat}");
            now = now + run.took;
        }
    }
}

#[test]
fn target_that_quotes_is_asked_by_no_probe_too_many() {
    let mut dice = Dice(2);
    for round in 0..200 {
        let mut network = network(&mut dice, false);
        network.quotes = true;
        let distance = network.nodes.len();
        let run = run(&mut network, Time::START, 3);
        // The first probe goes far, and with it a few of the first hops' probes may overshoot a near target.
        assert!(run.beyond <= 4, "{} beyond, network {round}", run.beyond);
        assert!(run.sent <= distance * 3 + 4, "{} sent for {distance} hops, network {round}", run.sent);
    }
}

#[test]
fn no_more_probes_are_on_their_way_than_may_be() {
    let mut dice = Dice(6);
    for round in 0..100 {
        let mut network = network(&mut dice, false);
        let allowed = 1 + dice.roll(4) as usize;
        let run = run_with(&mut network, Time::START, 3, allowed);
        assert!(run.most <= allowed, "network {round}: {} of {allowed}", run.most);
        assert!(
            run.most == allowed || network.nodes.len() < 4,
            "network {round} asks one after the other: {}",
            run.most
        );
    }
}

#[test]
fn silent_routers_are_stars_and_shift_nothing() {
    let mut dice = Dice(3);
    for round in 0..300 {
        let mut network = network(&mut dice, false);
        let target = network.nodes.len() - 1;
        for node in &mut network.nodes[..target] {
            node.silent = dice.roll(3) == 0;
        }
        let expected: Vec<_> =
            network.nodes.iter().enumerate().map(|(hop, node)| (!node.silent).then(|| address(hop + 1))).collect();
        let run = run(&mut network, Time::START, 3);
        assert_eq!(run.addresses, expected, "network {round}");
    }
}

#[test]
fn silent_end_is_given_up_after_two_seconds_wherever_it_begins() {
    let mut dice = Dice(4);
    for round in 0..200 {
        let mut network = network(&mut dice, false);
        let from = dice.roll(network.nodes.len() as u64) as usize;
        for node in &mut network.nodes[from..] {
            node.silent = true;
        }
        let heard = network.nodes[..from].last().map_or(Duration::ZERO, |node| node.delay);
        let run = run(&mut network, Time::START, 3);
        assert_eq!(run.addresses.len(), from, "network {round}");
        let most = Duration::from_millis(2_700) + heard * 4;
        assert!(run.took <= most, "network {round} took {:?}, {from} hops, {heard:?}", run.took);
    }
}
