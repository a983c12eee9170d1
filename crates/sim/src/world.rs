//! The network at work: an event queue in virtual time.
//!
//! Three kinds of event: a frame arrives at a node, a node asked to be woken, or a fault changes routes. They are taken in the
//! order of their times, and at the same time in the order in which they were caused; nothing else decides what happens next.

use crate::cable::{Direction, Passage};
use crate::capture::Captures;
use crate::event::{Event, What};
use crate::faults::{Cuts, Faults};
use crate::hub::Hub;
use crate::ip::{Out, Stack};
use crate::program::Belongings;
use crate::switch::Switch;
use crate::topology::{Effect, Medium, Nature, Net, RouteChange};
use crate::trace::Trace;
use host::{Call, Program, Reply, Result, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many frames may be under way at once: far more than any course's network needs, and less than 400 MB of them.
///
/// Where a loop meets a cable that doubles, each round has twice the frames of the one before it, as on a real Ethernet with a
/// loop; there the cards' speed is the end of it, and here it is this.
const UNDER_WAY: usize = 250_000;

/// A network, its nodes' tables, and what is under way on its links.
pub struct World {
    pub(crate) now: Time,
    queue: BinaryHeap<Reverse<Event>>,
    caused: u64,
    taken: u64,
    /// How many frames are in the queue.
    under_way: usize,
    /// Whether there were too many: then nothing more happens, and no call is answered.
    flooded: bool,
    nodes: Vec<Node>,
    wires: Vec<Wire>,
    pub(crate) programs: Vec<Running>,
    faults: Faults,
    /// Changes of routes that are still to come, the earliest first: when, at which node, what.
    changes: VecDeque<(Time, usize, RouteChange)>,
    captures: Captures,
    trace: Trace,
    hands: BTreeMap<String, Hand>,
    stop: Option<Arc<AtomicBool>>,
}

/// A node: its place in the network, and what it does there.
struct Node {
    name: String,
    body: Body,
    /// The outgoing wire of each interface or port.
    outgoing: Vec<usize>,
    /// The earliest wake that is in the queue.
    wake: Option<Time>,
}

enum Body {
    Stack(Box<Stack>),
    Switch(Switch),
    Hub(Hub),
}

/// One direction of a cable, and what it is called.
struct Wire {
    direction: Direction,
    /// The cable: `net1`, or `lan-host2` where a switch has many.
    cable: String,
    /// `client>r1`.
    name: String,
    from: (usize, usize),
    cuts: Cuts,
}

/// A program in lockstep, and what it waits for.
pub(crate) struct Running {
    pub(crate) node: usize,
    pub(crate) line: Program,
    /// `None`: it ended.
    pub(crate) pending: Option<Call>,
    pub(crate) sockets: Belongings,
}

/// What came next.
pub(crate) enum Moment {
    /// Something happened at this node.
    Event(usize),
    /// Nothing until the time that was asked for.
    Deadline,
    /// Nothing will ever happen again.
    Never,
}

/// What a hand on a cable does with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Lets it go on.
    Pass,
    /// Takes it out.
    Lose,
    /// Lets it go on, and once more so much later.
    Twice(Duration),
    /// Holds it back for so long.
    Late(Duration),
}

/// A hand on a cable: it sees each frame as it is sent, in both directions, and may change it.
pub type Hand = Box<dyn FnMut(Time, &mut Vec<u8>) -> Fate>;

impl World {
    /// The network at time zero, with empty tables. `seed` decides all that is random.
    #[must_use]
    pub fn new(net: &Net, seed: u64) -> Self {
        let mut world = World {
            now: Time::START,
            queue: BinaryHeap::new(),
            caused: 0,
            taken: 0,
            under_way: 0,
            flooded: false,
            nodes: vec![],
            wires: vec![],
            programs: vec![],
            faults: Faults::default(),
            changes: VecDeque::new(),
            captures: Captures::default(),
            trace: Trace::default(),
            hands: BTreeMap::new(),
            stop: None,
        };
        for node in &net.nodes {
            let stack = Stack::new(net, node, seed);
            world.add(&node.name, Body::Stack(Box::new(stack)), node.interfaces.len());
        }
        for link in &net.links {
            let ends: Vec<(usize, usize)> = net
                .nodes
                .iter()
                .enumerate()
                .filter_map(|(index, node)| {
                    Some((index, node.interfaces.iter().position(|own| own.link == link.name)?))
                })
                .collect();
            let body = match link.medium {
                Medium::Cable => {
                    if let [a, b] = ends[..] {
                        world.connect(&link.name, &link.nature, a, b, seed);
                    }
                    continue;
                }
                Medium::Switch => Body::Switch(Switch::new(ends.len())),
                Medium::Hub => Body::Hub(Hub::new(ends.len())),
            };
            let centre = world.add(&link.name, body, ends.len());
            for (port, end) in ends.into_iter().enumerate() {
                let node = world.name(end.0).to_string();
                world.connect(&link.cable(&node), link.nature(&node), end, (centre, port), seed);
            }
        }
        world.arm(net);
        (0..world.nodes.len()).for_each(|node| world.schedule_wake(node));
        world
    }

    /// Makes ready what will go wrong.
    fn arm(&mut self, net: &Net) {
        for wire in &mut self.wires {
            wire.cuts = Cuts::new(net, &wire.cable, &wire.name);
        }
        let wires: Vec<(&str, &str)> =
            self.wires.iter().map(|wire| (wire.cable.as_str(), wire.name.as_str())).collect();
        self.faults = Faults::new(net, &wires);
        for fault in &net.faults {
            if let Effect::Route { node, change } = &fault.effect
                && let Some(node) = self.node_named(node)
            {
                self.changes.push_back((fault.span.from, node, change.clone()));
            }
        }
        self.changes.make_contiguous().sort_by_key(|(at, ..)| *at);
        self.change_routes();
        // Before any wake is scheduled: of what happens at one time, a fault comes first.
        let times: Vec<Time> = self.changes.iter().map(|(at, ..)| *at).collect();
        times.into_iter().for_each(|at| self.cause(at, What::Change));
    }

    /// Makes the changes of routes that are due.
    fn change_routes(&mut self) {
        while let Some((_, node, change)) = self.changes.pop_front_if(|(at, ..)| *at <= self.now) {
            if let Some(Body::Stack(stack)) = self.nodes.get_mut(node).map(|node| &mut node.body) {
                stack.change_route(&change);
            }
        }
    }

    fn add(&mut self, name: &str, body: Body, interfaces: usize) -> usize {
        self.nodes.push(Node { name: name.into(), body, outgoing: vec![usize::MAX; interfaces], wake: None });
        self.nodes.len() - 1
    }

    fn connect(&mut self, cable: &str, nature: &Nature, a: (usize, usize), b: (usize, usize), seed: u64) {
        for (from, to) in [(a, b), (b, a)] {
            let name = format!("{}>{}", self.name(from.0), self.name(to.0));
            let direction = Direction::new(to, nature.clone(), seed, &format!("{cable} {name}"));
            let wire = self.wires.len();
            self.wires.push(Wire { direction, cable: cable.into(), name, from, cuts: Cuts::default() });
            if let Some(outgoing) = self.nodes.get_mut(from.0).and_then(|node| node.outgoing.get_mut(from.1)) {
                *outgoing = wire;
            }
        }
    }

    fn name(&self, node: usize) -> &str {
        self.nodes.get(node).map_or("", |node| &node.name)
    }

    /// The time in this network.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many events happened so far.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.taken
    }

    /// All nodes at which programs can run, by name.
    pub(crate) fn stacks(&mut self) -> impl Iterator<Item = (&str, &mut Stack)> {
        self.nodes.iter_mut().filter_map(|node| match &mut node.body {
            Body::Stack(stack) => Some((node.name.as_str(), stack.as_mut())),
            Body::Switch(_) | Body::Hub(_) => None,
        })
    }

    /// What runs at this node, if programs can.
    pub(crate) fn stack(&mut self, node: usize) -> Option<&mut Stack> {
        match &mut self.nodes.get_mut(node)?.body {
            Body::Stack(stack) => Some(stack),
            Body::Switch(_) | Body::Hub(_) => None,
        }
    }

    /// The number of the node named `name`, if programs can run there.
    pub(crate) fn node_named(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name && matches!(node.body, Body::Stack(_)))
    }

    /// Writes what the node `host` sends and receives to `sink`, as pcapng with an interface for each of its own.
    ///
    /// # Errors
    /// When the beginning of the file cannot be written.
    pub fn capture_host(&mut self, host: &str, sink: Box<dyn io::Write>) -> io::Result<()> {
        let Some(node) = self.node_named(host) else { return Ok(()) };
        let interfaces: Vec<&str> =
            self.wires.iter().filter(|wire| wire.from.0 == node).map(|wire| wire.cable.as_str()).collect();
        self.captures.host(node, host, &interfaces, sink)
    }

    /// Writes what is sent into each cable, in both directions, to the sink that `open` gives for the cable's name.
    ///
    /// # Errors
    /// What `open` says, or when the beginning of a file cannot be written.
    pub fn capture_links(&mut self, open: &mut dyn FnMut(&str) -> io::Result<Box<dyn io::Write>>) -> io::Result<()> {
        let mut cables: Vec<&str> = self.wires.iter().map(|wire| wire.cable.as_str()).collect();
        cables.dedup();
        for cable in cables {
            let sink = open(cable)?;
            self.captures.cable(cable, sink)?;
        }
        Ok(())
    }

    /// Writes a line an event to `sink`: `+` sent, `r` received, `d` dropped because the queue is full, `x` lost on the way.
    pub fn trace(&mut self, sink: Box<dyn io::Write>) {
        self.trace.to(sink);
    }

    /// Puts a hand on a cable (`net1`; `lan-host2` where a switch has many), for tests.
    pub fn tamper(&mut self, cable: &str, hand: Hand) {
        self.hands.insert(cable.to_string(), hand);
    }

    /// Makes waits end with [`host::Error::Interrupted`] once `flag` is set.
    pub fn stop_on(&mut self, flag: Arc<AtomicBool>) {
        self.stop = Some(flag);
    }

    /// Whether the run is over because there were too many frames: [`World::attempt`] says so.
    pub(crate) fn is_flooded(&self) -> bool {
        self.flooded
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Completes captures and trace.
    ///
    /// # Errors
    /// The first error that writing them had, now or before.
    pub fn finish(&mut self) -> io::Result<()> {
        self.captures.finish().and(self.trace.finish())
    }

    /// The node's answer to `call`, or `None` while it has none. What it sends is on its way then.
    pub(crate) fn attempt(&mut self, node: usize, call: &Call) -> Option<Result<Reply>> {
        if self.flooded {
            let error =
                format!("more than {UNDER_WAY} frames are under way: something in this network multiplies packets");
            return Some(Err(host::Error::Other(error)));
        }
        if let Call::Account(_) | Call::LastAccount(_) = call {
            return Some(self.account(node, call));
        }
        if Self::asks_for_record(call) {
            self.record_connections();
        }
        let mut out = vec![];
        let now = self.now;
        let reply = match self.stack(node) {
            Some(stack) => stack.attempt(now, call, &mut out),
            None => Some(Err(host::Error::Gone)),
        };
        self.send(node, out);
        reply
    }

    /// Takes the next event, or the next deadline of a program in lockstep, if it is not after `limit`.
    pub(crate) fn advance(&mut self, limit: Time) -> Moment {
        let next = self.queue.peek().map_or(Time::NEVER, |Reverse(event)| event.at);
        let deadline = self.next_deadline();
        if next == Time::NEVER && deadline == Time::NEVER && limit == Time::NEVER {
            return Moment::Never;
        }
        if next <= deadline
            && next <= limit
            && let Some(Reverse(event)) = self.queue.pop()
        {
            self.now = event.at;
            let node = self.happen(event.what);
            self.run_programs_at(node);
            return Moment::Event(node);
        }
        self.now = deadline.min(limit);
        if deadline <= limit {
            self.expire_programs();
        }
        if self.now == limit { Moment::Deadline } else { Moment::Event(usize::MAX) }
    }

    /// Lets an event happen; the answer is the node that it happened to.
    fn happen(&mut self, what: What) -> usize {
        self.taken += 1;
        let mut out = vec![];
        let node = match what {
            What::Wake { node } => {
                let now = self.now;
                if let Some(node) = self.nodes.get_mut(node) {
                    node.wake = None;
                    if let Body::Stack(stack) = &mut node.body {
                        stack.wake(now, &mut out);
                    }
                }
                node
            }
            What::Arrive { wire, frame } => self.arrive(wire, frame, &mut out),
            What::Change => {
                self.change_routes();
                usize::MAX
            }
        };
        self.send(node, out);
        node
    }

    fn arrive(&mut self, wire: usize, frame: Vec<u8>, out: &mut Out) -> usize {
        self.under_way -= 1;
        let Some(wire) = self.wires.get(wire) else { return usize::MAX };
        let (node, interface) = wire.direction.to;
        self.trace.note('r', self.now, &wire.cable, &wire.name, &frame);
        let let_in = !self.faults.discards_arriving(self.now, node, &frame);
        self.captures.received(self.now, node, interface, &frame, let_in);
        if !let_in {
            return node;
        }
        match self.nodes.get_mut(node).map(|node| &mut node.body) {
            Some(Body::Stack(stack)) => stack.receive(self.now, interface, &frame, out),
            Some(Body::Switch(switch)) => switch.receive(interface, frame, out),
            Some(Body::Hub(hub)) => hub.receive(interface, &frame, out),
            None => {}
        }
        node
    }

    /// Sends what `node` wants to send, and sees to it that it is woken in time.
    fn send(&mut self, node: usize, out: Out) {
        for departure in out {
            if self.faults.discards_leaving(self.now, node, &departure.frame) {
                continue;
            }
            self.depart(node, departure.interface, departure.frame);
        }
        self.schedule_wake(node);
    }

    fn depart(&mut self, node: usize, interface: usize, mut frame: Vec<u8>) {
        let Some(number) = self.nodes.get(node).and_then(|node| node.outgoing.get(interface)).copied() else { return };
        let Some(wire) = self.wires.get_mut(number) else { return };
        self.captures.sent(self.now, node, interface, &frame);
        if let Some(Body::Stack(stack)) = self.nodes.get_mut(node).map(|node| &mut node.body) {
            stack.sends(self.now, interface, &frame);
        }
        let fate = match self.hands.get_mut(&wire.cable).map_or(Fate::Pass, |hand| hand(self.now, &mut frame)) {
            Fate::Pass => self.faults.strike(self.now, number, &frame),
            fate => fate,
        };
        let passage = wire.direction.send(self.now, frame.len());
        let (kind, at, again) = match (passage, fate) {
            (Passage::Dropped, _) => ('d', None, None),
            (Passage::Lost, _) | (_, Fate::Lose) => ('x', None, None),
            (Passage::Arrives { at, again }, Fate::Pass) => ('+', Some(at), again),
            (Passage::Arrives { at, .. }, Fate::Twice(later)) => ('+', Some(at), Some(at + later)),
            (Passage::Arrives { at, again }, Fate::Late(by)) => ('+', Some(at + by), again),
        };
        let again = again.filter(|again| !wire.cuts.meet(self.now, *again));
        let (kind, at) = match at {
            Some(at) if wire.cuts.meet(self.now, at) => ('x', None),
            at => (kind, at),
        };
        self.trace.note(kind, self.now, &wire.cable, &wire.name, &frame);
        self.captures.passed(self.now, &wire.cable, &frame, kind);
        if let Some(again) = again {
            self.set_out(again, number, frame.clone());
        }
        if let Some(at) = at {
            self.set_out(at, number, frame);
        }
    }

    /// A frame is on its way, and arrives at `at`; if it is one too many, the run ends.
    fn set_out(&mut self, at: Time, wire: usize, frame: Vec<u8>) {
        if self.under_way >= UNDER_WAY {
            self.flooded = true;
            self.queue.clear();
            self.under_way = 0;
        }
        if !self.flooded {
            self.under_way += 1;
            self.cause(at, What::Arrive { wire, frame });
        }
    }

    fn schedule_wake(&mut self, number: usize) {
        let Some(node) = self.nodes.get_mut(number) else { return };
        let Body::Stack(stack) = &node.body else { return };
        let Some(at) = stack.next_wake() else { return };
        if node.wake.is_none_or(|wake| at < wake) {
            node.wake = Some(at);
            let at = at.max(self.now);
            self.cause(at, What::Wake { node: number });
        }
    }

    fn cause(&mut self, at: Time, what: What) {
        self.caused += 1;
        self.queue.push(Reverse(Event { at, order: self.caused, what }));
    }
}
