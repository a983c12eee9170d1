//! The liar's packets: questions that make a resolver ask, and answers in another's name.

use super::habits::{Guess, Habits, Sighting};
use super::{Outcome, Plan};
use cli::Failure;
use host::{Host, Packets, Time};
use names::{Server, Zone};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use wire::dns::{Message, Name, PORT, Question, Rdata, Record, Type};
use wire::ipv4::{self, Ipv4};
use wire::udp::Udp;

/// How many questions are looked at.
const SIGHTINGS: u32 = 16;
/// How long an answer is waited for: a resolver that waits for others waits a second for each.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long before the true answer the guesses are to be there.
const LEAD: Duration = Duration::from_millis(1);
/// For how long the lie is to be kept, seconds: a day.
const TTL: u32 = 86_400;

/// Somebody with a zone, and sockets.
pub(super) struct Liar {
    address: Ipv4Addr,
    /// Where questions about the own zone come in.
    served: Box<dyn Packets>,
    server: Server,
    /// Where questions leave from.
    asking: Box<dyn Packets>,
    /// Where packets leave in which all is of the liar's choice.
    raw: Box<dyn Packets>,
    /// How many names were asked for.
    names: u32,
}

impl Liar {
    pub(super) fn new(host: &mut dyn Host, zone: &Name, own: &Name) -> Result<Self, Failure> {
        let addresses = host.interfaces()?.into_iter().flat_map(|interface| interface.addresses);
        let address = addresses.filter_map(|(address, _)| match address {
            IpAddr::V4(address) if !address.is_loopback() => Some(address),
            _ => None,
        });
        let address = address.into_iter().next().ok_or_else(|| Failure::said("this host has no IPv4 address"))?;
        if own.is_within(zone) || zone.is_within(own) {
            return Err(Failure::said(format!("{own} is of {zone}: nobody need guess what is about their own zone"))
                .hint("lie about a zone of somebody else, as in +zone=example.com"));
        }
        let text = format!("$ORIGIN {own}\n$TTL 0\n@ SOA ns {own} 1 1 1 1 0\n@ NS ns\nns A {address}\n* A {address}\n");
        let zone = Zone::parse(&text).map_err(|error| Failure::said(format!("{own}: {error}")))?;
        let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Ok(Self {
            address,
            served: host.bind_udp((any, PORT).into(), &[])?,
            server: Server::new(vec![zone]),
            asking: host.bind_udp((any, 0).into(), &[])?,
            raw: host.open_raw(ipv4::UDP)?,
            names: 0,
        })
    }

    pub(super) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// All races with one resolver.
    pub(super) fn races(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, plan: &Plan) -> Result<Outcome, Failure> {
        let mut habits = self.watch(host, resolver, &plan.own)?;
        let (_, server) = self.server_of(host, resolver, &plan.zone)?;
        // The answer is due a way back after it got to the resolver, and the guesses take that way too.
        let (walk, way_and_back) = self.times(host, resolver, &plan.zone)?;
        let wait = walk.saturating_sub(way_and_back + LEAD);
        if let Some(last) = self.sighting(host, resolver, &plan.own)? {
            habits.hear(&last);
        }
        let space = habits.space(&self.next_name(&plan.zone)?);
        let is_counted = habits.is_counted();
        let (mut won, mut example) = (0, None);
        let begun = host.now();
        for _ in 0..plan.races {
            let name = self.next_name(&plan.zone)?;
            let asked = self.ask(host, resolver, &name)?;
            let mut draw = || {
                let mut bytes = [0; 8];
                host.random(&mut bytes);
                u64::from_be_bytes(bytes)
            };
            let guesses = habits.guesses(&name, plan.guesses, &mut draw);
            host.sleep(asked + wait)?;
            for guess in &guesses {
                self.lie(server, resolver, guess)?;
            }
            let answer = self.answer(host, resolver, &name)?;
            let is_lie = |record: &Record| record.rdata.address() == Some(self.address.into());
            if answer.answers.iter().any(is_lie) {
                won += 1;
                example.get_or_insert(name);
            }
        }
        let race = (host.now() - begun) / plan.races;
        Ok(Outcome { space, is_counted, won, example, race })
    }

    /// What the resolver's questions to this host have in common.
    fn watch(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, own: &Name) -> Result<Habits, Failure> {
        let mut seen = vec![];
        for _ in 0..SIGHTINGS {
            seen.extend(self.sighting(host, resolver, own)?);
        }
        Habits::of(&seen).ok_or_else(|| {
            Failure::said(format!("{resolver} does not come to {} to ask for names of {own}", self.address))
                .hint("somebody must have handed this zone to this host, as org does in `--net names-poisoned`")
        })
    }

    /// Has the resolver ask this host, and sees the question.
    fn sighting(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, own: &Name) -> Result<Option<Sighting>, Failure> {
        let name = self.next_name(own)?;
        self.ask(host, resolver, &name)?;
        let Some(packet) = self.served.recv(host.now() + PATIENCE)? else { return Ok(None) };
        let Some(from) = packet.from else { return Ok(None) };
        if let Some(answer) = self.server.datagram(&packet.bytes) {
            self.served.send(Some(from), &answer)?;
        }
        self.answer(host, resolver, &name)?;
        let Ok((query, _)) = Message::parse(&packet.bytes) else { return Ok(None) };
        let question = query.questions.into_iter().next();
        Ok(question.map(|question| Sighting { port: from.port(), id: query.header.id, name: question.qname }))
    }

    /// The first server of the zone, by name and address, as the resolver tells.
    fn server_of(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, zone: &Name) -> Result<(Name, Ipv4Addr), Failure> {
        let unknown = || Failure::said(format!("{resolver} does not tell who serves {zone}"));
        let servers = self.look_up(host, resolver, Question::new(zone.clone(), Type::NS))?;
        let server = servers.iter().find_map(|record| record.rdata.target()).ok_or_else(unknown)?.clone();
        let addresses = self.look_up(host, resolver, Question::new(server.clone(), Type::A))?;
        let address = addresses.iter().find_map(|record| match record.rdata.address() {
            Some(IpAddr::V4(address)) => Some(address),
            _ => None,
        });
        Ok((server, address.ok_or_else(unknown)?))
    }

    fn look_up(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, question: Question) -> Result<Vec<Record>, Failure> {
        let name = question.qname.clone();
        self.send_question(resolver, question)?;
        Ok(self.answer(host, resolver, &name)?.answers)
    }

    /// How long the resolver takes for a name that it has to ask for, and for one that it knows.
    fn times(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, zone: &Name) -> Result<(Duration, Duration), Failure> {
        let mut time = |liar: &mut Self, name: &Name| {
            let asked = liar.ask(host, resolver, name)?;
            liar.answer(host, resolver, name)?;
            Ok::<Duration, Failure>(host.now() - asked)
        };
        // The first one waits for ARP on new links.
        let (first, second) = (self.next_name(zone)?, self.next_name(zone)?);
        time(self, &first)?;
        Ok((time(self, &second)?, time(self, &second)?))
    }

    /// `r17.example.com`: a name that nobody has asked for.
    fn next_name(&mut self, zone: &Name) -> Result<Name, Failure> {
        self.names += 1;
        let label = format!("r{}", self.names);
        zone.child(label.as_bytes()).ok_or_else(|| Failure::said(format!("{zone} is too long for a name below it")))
    }

    fn ask(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, name: &Name) -> Result<Time, Failure> {
        self.send_question(resolver, Question::new(name.clone(), Type::A))?;
        Ok(host.now())
    }

    fn send_question(&mut self, resolver: Ipv4Addr, question: Question) -> Result<(), Failure> {
        let query = Message::query(0, true, question);
        Ok(self.asking.send(Some(SocketAddr::from((resolver, PORT))), &query.bytes())?)
    }

    /// The resolver's answer about `name`.
    fn answer(&mut self, host: &mut dyn Host, resolver: Ipv4Addr, name: &Name) -> Result<Message, Failure> {
        let until = host.now() + PATIENCE;
        while let Some(packet) = self.asking.recv(until)? {
            let Ok((message, _)) = Message::parse(&packet.bytes) else { continue };
            if message.header.qr && message.questions.iter().any(|question| question.qname == *name) {
                return Ok(message);
            }
        }
        Err(Failure::said(format!("{resolver} does not answer questions of others")).hint("it must be a resolver"))
    }

    /// An answer in the name of `server` that says: the name is at the liar's address.
    fn lie(&mut self, server: Ipv4Addr, resolver: Ipv4Addr, guess: &Guess) -> Result<(), Failure> {
        let question = Question::new(guess.name.clone(), Type::A);
        let query = Message::query(guess.id, false, question.clone());
        let mut lie = Message { questions: vec![question], ..Message::new(query.header.answer()) };
        lie.header.aa = true;
        lie.answers.push(Record::new(guess.name.clone(), TTL, Rdata::of_address(self.address.into())));
        let datagram = Udp::new(PORT, guess.port).datagram(server.into(), resolver.into(), &lie.sealed().bytes());
        let packet = Ipv4::new(server, resolver, ipv4::UDP).packet(&datagram);
        Ok(self.raw.send(Some((resolver, 0).into()), &packet)?)
    }
}
