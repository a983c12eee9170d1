//! Many questions on their way at once: which message answers which, and which has waited too long.
//!
//! Obeys RFC 5452 section 9.1 (number, address and question of an answer), RFC 6298 section 3 (whose time is a measure).
//! Bytes and times go in, decisions come out: one rule for whoever runs it. **What [`Flights::begin`], [`Flights::hear`],
//! [`Flights::trouble`] or [`Flights::due`] says is to be sent, by its number, is fetched with [`Flights::leave`] and
//! sent.**
//!
//! All leave from one port, and each has a number of its own among those that are on their way. A question that goes out
//! again is the same message: with another number, a forger would have two to guess one of.

use crate::ask::{self, Foreign, Options, Outcome, Reply, Transport};
use host::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use wire::dns::{Header, Question};

/// The most questions that are on their way at once: then a number at random is seldom one that is taken.
pub(super) const MOST: u16 = 10_000;

/// A question that is to be asked.
pub(super) struct Entry {
    /// Its place among the questions, from 0.
    pub(super) number: u64,
    /// The line where it stands.
    pub(super) line: usize,
    /// What is asked.
    pub(super) question: Question,
    /// The message, with the question behind its header; its number is drawn here.
    pub(super) bytes: Vec<u8>,
    /// How it is asked.
    pub(super) options: Options,
    /// Whether only its data are shown.
    pub(super) short: bool,
}

/// What came of a question.
pub(crate) struct Finished {
    pub(crate) number: u64,
    pub(crate) line: usize,
    pub(crate) question: Question,
    pub(crate) short: bool,
    /// The answer, with the time since the question left first.
    pub(crate) outcome: Outcome,
    /// Why there is none, where anybody said so.
    pub(crate) words: Option<String>,
    /// How often it left.
    pub(crate) attempts: u32,
}

/// What a message, or time, has brought about.
pub(super) enum Turn {
    /// The question with this number is to be sent.
    Leave(u16),
    /// A question has come to its end.
    Over(Box<Finished>),
    /// Not the answer to anything.
    Foreign(Foreign),
}

/// What left, and what of it was for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Messages that left.
    pub(super) sent: u64,
    /// Of these: again, since no answer came.
    pub(super) again: u64,
    /// Of these: by TCP, since the answer was cut.
    pub(super) by_tcp: u64,
    /// Messages that came and were not the answer to anything.
    pub(super) foreign: u64,
}

struct Flight {
    entry: Entry,
    transport: Transport,
    attempts: u32,
    /// When it left first.
    first: Time,
    /// Until when an answer is waited for.
    until: Time,
}

/// The questions that are on their way to one server.
pub(super) struct Flights {
    to: SocketAddr,
    flights: BTreeMap<u16, Box<Flight>>,
    deadlines: BTreeSet<(Time, u16)>,
    pub(super) counts: Counts,
}

impl Flights {
    pub(super) fn new(to: SocketAddr) -> Self {
        Self { to, flights: BTreeMap::new(), deadlines: BTreeSet::new(), counts: Counts::default() }
    }

    /// How many are on their way.
    pub(super) fn len(&self) -> usize {
        self.flights.len()
    }

    /// When the next one has waited long enough.
    pub(super) fn next_deadline(&self) -> Time {
        self.deadlines.first().map_or(Time::NEVER, |(until, _)| *until)
    }

    /// Takes a question, and gives it a number that is free, drawn by `draw`. It is to be sent.
    pub(super) fn begin(&mut self, mut entry: Entry, mut draw: impl FnMut() -> u16) -> u16 {
        let mut id = draw();
        while self.flights.contains_key(&id) {
            id = draw();
        }
        if entry.options.random_case {
            let letters = entry.question.qname.letters();
            let chance: Vec<u8> = (0..letters.div_ceil(16)).flat_map(|_| draw().to_be_bytes()).collect();
            entry.question.qname = ask::respelled(&entry.question.qname, &chance);
            put(&mut entry.bytes, Header::LEN, entry.question.qname.wire());
        }
        put(&mut entry.bytes, 0, &id.to_be_bytes());
        let transport = if entry.options.tcp { Transport::Tcp } else { Transport::Udp };
        let flight = Flight { entry, transport, attempts: 0, first: Time::NEVER, until: Time::NEVER };
        self.flights.insert(id, Box::new(flight));
        id
    }

    /// The bytes of the question with this number, which leaves now.
    pub(super) fn leave(&mut self, id: u16, now: Time) -> Option<(Transport, &[u8])> {
        let flight = self.flights.get_mut(&id)?;
        self.deadlines.remove(&(flight.until, id));
        flight.first = flight.first.min(now);
        flight.until = now + flight.entry.options.timeout;
        flight.attempts = flight.attempts.max(1);
        self.deadlines.insert((flight.until, id));
        self.counts.sent += 1;
        Some((flight.transport, &flight.entry.bytes))
    }

    /// A message came.
    pub(super) fn hear(&mut self, at: Time, by: Transport, from: Option<SocketAddr>, bytes: Vec<u8>) -> Turn {
        let turn = self.judged(at, by, from, bytes);
        self.counts.foreign += u64::from(matches!(turn, Turn::Foreign(_)));
        turn
    }

    fn judged(&mut self, at: Time, by: Transport, from: Option<SocketAddr>, bytes: Vec<u8>) -> Turn {
        if let Some(from) = from.filter(|from| *from != self.to) {
            return Turn::Foreign(Foreign::Address(from));
        }
        let Ok((Header { id, .. }, _)) = Header::take(&bytes) else {
            return Turn::Foreign(Foreign::Short(bytes.len()));
        };
        let Some(flight) = self.flights.get_mut(&id).filter(|flight| flight.transport == by) else {
            return Turn::Foreign(Foreign::Unasked(id));
        };
        let Entry { question, options, .. } = &flight.entry;
        let asked = std::slice::from_ref(question);
        let read = ask::judge_message(id, asked, &bytes).and_then(|(message, behind)| match options.random_case {
            true => ask::judge_case(asked, &message).map(|()| (message, behind)),
            false => Ok((message, behind)),
        });
        let (message, behind) = match read {
            Ok(read) => read,
            Err(Foreign::Malformed(error)) => {
                self.counts.foreign += 1;
                return self.end(id, Outcome::Malformed(error), Some(Foreign::Malformed(error).to_string()));
            }
            Err(foreign) => return Turn::Foreign(foreign),
        };
        if message.header.tc && by == Transport::Udp && !options.takes_truncated {
            flight.transport = Transport::Tcp;
            self.counts.by_tcp += 1;
            return Turn::Leave(id);
        }
        let (from, rtt) = (from.unwrap_or(self.to), at - flight.first);
        let reply = Reply { message, behind, transport: by, from, rtt, at, bytes };
        self.end(id, Outcome::Reply(Box::new(reply)), None)
    }

    /// The question with this number did not arrive, or could not leave: it is sent again, or is over.
    pub(super) fn trouble(&mut self, id: u16, words: String) -> Option<Turn> {
        let flight = self.flights.get_mut(&id)?;
        if flight.attempts >= flight.entry.options.tries {
            return Some(self.end(id, Outcome::Silence, Some(words)));
        }
        flight.attempts += 1;
        self.counts.again += 1;
        Some(Turn::Leave(id))
    }

    /// One that has waited long enough at `heard`, the time up to which everything was heard.
    pub(super) fn due(&mut self, heard: Time) -> Option<Turn> {
        let (_, id) = *self.deadlines.first().filter(|(until, _)| *until <= heard)?;
        let timeout = self.flights.get(&id)?.entry.options.timeout;
        self.trouble(id, format!("no answer in {} s", timeout.as_secs_f64()))
    }

    /// How the question with this number travels.
    pub(super) fn travels_by(&self, id: u16) -> Option<Transport> {
        self.flights.get(&id).map(|flight| flight.transport)
    }

    /// The numbers of those that travel by TCP: whose connection is gone.
    pub(super) fn by_tcp(&self) -> Vec<u16> {
        let by_tcp = self.flights.iter().filter(|(_, flight)| flight.transport == Transport::Tcp);
        by_tcp.map(|(id, _)| *id).collect()
    }

    fn end(&mut self, id: u16, outcome: Outcome, words: Option<String>) -> Turn {
        let Some(flight) = self.flights.remove(&id) else { return Turn::Foreign(Foreign::Unasked(id)) };
        self.deadlines.remove(&(flight.until, id));
        let Flight { entry, attempts, .. } = *flight;
        let Entry { number, line, question, short, .. } = entry;
        Turn::Over(Box::new(Finished { number, line, question, short, outcome, words, attempts }))
    }
}

/// Overwrites what stands at `at`.
fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + new.len()) {
        place.copy_from_slice(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use wire::dns::{Message, Type};

    const SERVER: &str = "192.0.2.53:53";

    fn ms(ms: u64) -> Time {
        Time::START + Duration::from_millis(ms)
    }

    /// Two questions on their way, with these numbers; each waits 100 ms, and is sent twice at most.
    fn two(change: impl Fn(&mut Options)) -> Flights {
        let mut flights = Flights::new(SERVER.parse().unwrap());
        let mut ids = [7, 7, 9].into_iter();
        for (number, name) in [(0, "a.example.com"), (1, "b.example.com")] {
            let mut options = Options {
                tcp: false,
                takes_truncated: false,
                timeout: Duration::from_millis(100),
                tries: 2,
                random_case: false,
            };
            change(&mut options);
            let question = Question::new(name.parse().unwrap(), Type::A);
            let bytes = Message::query(0, true, question.clone()).bytes();
            let entry = Entry { number, line: 1, question, bytes, options, short: false };
            let id = flights.begin(entry, || ids.next().unwrap_or(0xffff));
            assert!(flights.leave(id, ms(number)).is_some());
        }
        flights
    }

    fn answer(flights: &Flights, id: u16, change: impl FnOnce(&mut Message)) -> Vec<u8> {
        let (query, _) = Message::parse(&flights.flights[&id].entry.bytes).unwrap();
        let mut answer = Message { header: query.header.answer(), ..query };
        change(&mut answer);
        answer.sealed().bytes()
    }

    fn hear(flights: &mut Flights, by: Transport, bytes: Vec<u8>) -> String {
        let from = (by == Transport::Udp).then(|| SERVER.parse().unwrap());
        told(flights.hear(ms(30), by, from, bytes))
    }

    fn told(turn: Turn) -> String {
        match turn {
            Turn::Leave(id) => format!("leave {id}"),
            Turn::Foreign(foreign) => foreign.to_string(),
            Turn::Over(finished) => {
                let rtt = match &finished.outcome {
                    Outcome::Reply(reply) => format!("answered in {} ms", reply.rtt.as_millis()),
                    _ => finished.words.clone().unwrap_or_default(),
                };
                format!("{} {rtt}, left {} times", finished.number, finished.attempts)
            }
        }
    }

    #[test]
    fn each_answer_finds_its_question_in_whatever_order_they_come() {
        let mut flights = two(|_| {});
        let [seven, nine] = [7, 9].map(|id| answer(&flights, id, |_| {}));
        assert_eq!(hear(&mut flights, Transport::Udp, nine.clone()), "1 answered in 29 ms, left 1 times");
        assert_eq!(hear(&mut flights, Transport::Udp, seven), "0 answered in 30 ms, left 1 times");
        assert_eq!(
            hear(&mut flights, Transport::Udp, nine),
            "its number is 9, and no question with it is on its way: late, or a guess"
        );
        assert_eq!((flights.len(), flights.next_deadline()), (0, Time::NEVER));
        assert_eq!(flights.counts, Counts { sent: 2, foreign: 1, ..Counts::default() });
    }

    #[test]
    fn what_is_not_the_answer_is_counted_and_the_question_stays() {
        let mut flights = two(|_| {});
        let seven = answer(&flights, 7, |_| {});
        let swapped = answer(&flights, 7, |answer| answer.header.id = 9);
        let query = flights.flights[&7].entry.bytes.clone();
        assert_eq!(
            hear(&mut flights, Transport::Udp, swapped),
            "it answers another question: a.example.com. IN A",
            "the number of one and the question of the other"
        );
        assert_eq!(hear(&mut flights, Transport::Udp, query), "it is a question itself (qr is not set)");
        assert!(hear(&mut flights, Transport::Tcp, seven.clone()).contains("no question with it is on its way"));
        let stranger = Some("192.0.2.66:53".parse().unwrap());
        assert_eq!(
            told(flights.hear(ms(30), Transport::Udp, stranger, seven)),
            "it comes from 192.0.2.66#53, who was not asked"
        );
        assert_eq!((flights.len(), flights.counts.foreign), (2, 4));
    }

    #[test]
    fn question_without_an_answer_leaves_again_and_is_given_up_at_last() {
        let mut flights = two(|_| {});
        assert!(flights.due(ms(99)).is_none());
        assert_eq!(told(flights.due(ms(100)).unwrap()), "leave 7");
        let first = flights.flights[&7].entry.bytes.clone();
        assert_eq!(flights.leave(7, ms(100)), Some((Transport::Udp, &first[..])), "the same message");
        assert_eq!(told(flights.due(ms(101)).unwrap()), "leave 9");
        flights.leave(9, ms(101));
        let answer = answer(&flights, 9, |_| {});
        assert!(flights.due(ms(101)).is_none());
        assert_eq!(told(flights.due(ms(200)).unwrap()), "0 no answer in 0.1 s, left 2 times");
        assert_eq!(
            told(flights.hear(ms(150), Transport::Udp, None, answer)),
            "1 answered in 149 ms, left 2 times",
            "since it left first"
        );
        assert_eq!(flights.counts, Counts { sent: 4, again: 2, ..Counts::default() });
    }

    #[test]
    fn answer_that_was_cut_is_asked_for_by_tcp() {
        let mut flights = two(|_| {});
        let cut = answer(&flights, 7, |answer| answer.header.tc = true);
        assert_eq!(hear(&mut flights, Transport::Udp, cut.clone()), "leave 7");
        assert_eq!(flights.by_tcp(), [7]);
        assert_eq!(flights.leave(7, ms(30)).map(|(transport, _)| transport), Some(Transport::Tcp));
        assert!(hear(&mut flights, Transport::Udp, cut.clone()).contains("on its way"), "doubled on the way");
        assert_eq!(hear(&mut flights, Transport::Tcp, cut), "0 answered in 30 ms, left 1 times");
        let mut flights = two(|options| options.takes_truncated = true);
        let cut = answer(&flights, 7, |answer| answer.header.tc = true);
        assert_eq!(hear(&mut flights, Transport::Udp, cut), "0 answered in 30 ms, left 1 times");
    }

    #[test]
    fn answer_spells_the_name_as_its_question_where_that_is_wanted() {
        let mut flights = two(|options| options.random_case = true);
        let spelled = &flights.flights[&9].entry.question.qname;
        assert!(spelled.is_spelled_like(&"B.EXAMPLE.COM".parse().unwrap()), "all ones were drawn");
        let lower = answer(&flights, 9, |answer| answer.questions[0].qname = "b.example.com".parse().unwrap());
        assert!(hear(&mut flights, Transport::Udp, lower).starts_with("it spells the name b.example.com."));
        let nine = answer(&flights, 9, |_| {});
        assert_eq!(hear(&mut flights, Transport::Udp, nine), "1 answered in 29 ms, left 1 times");
    }
}
