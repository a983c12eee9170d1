//! Handed out: time goes on, and your two ends hear what happens.

use crate::nagle::{Event, Heard, Nagle, Receiver, Segment, Sender, Threshold};
use host::lab::{Lab, LabError};
use std::collections::VecDeque;
use std::time::Duration;

/// How long a full segment is where nothing else is said.
const MSS: u64 = 1460;
/// How often something may happen until it is certain that it never ends.
const MOST: usize = 10_000;

/// A segment, and when it left.
pub struct Departure {
    pub at: Duration,
    pub segment: Segment,
}

/// Two ends and what is between them, and what their programs do.
pub struct Path {
    pub nagle: Nagle,
    /// Whether the program corks the connection around its writes.
    pub cork: bool,
    pub threshold: Threshold,
    pub delay: Duration,
    pub quick: u32,
    pub one_way: Duration,
    /// What a request is written in.
    pub writes: Vec<u64>,
    /// How many requests there are, each after the answer to the last.
    pub times: u64,
}

/// What came of it.
pub struct Seen {
    pub departures: Vec<Departure>,
    /// How long each request waited for its answer.
    pub waited: Vec<Duration>,
}

impl Path {
    /// As Linux has it, behind the first exchange.
    pub fn new(nagle: Nagle) -> Self {
        let ms = Duration::from_millis;
        let threshold = Threshold::MoreThanOne;
        Self { nagle, cork: false, threshold, delay: ms(40), quick: 0, one_way: ms(10), writes: vec![], times: 1 }
    }
}

/// What leaves a sender to which this happens.
pub fn departures(mut sender: Sender, events: &[(Duration, Event)]) -> Lab<Vec<Departure>> {
    let mut departures = vec![];
    for (now, event) in events {
        wake_sender(&mut sender, *now, &mut departures)?;
        leave(&mut sender, *now, *event, &mut departures)?;
    }
    wake_sender(&mut sender, Duration::MAX, &mut departures)?;
    Ok(departures)
}

/// When a receiver to which this happens acknowledges how many bytes.
pub fn acknowledgments(mut receiver: Receiver, events: &[(Duration, Heard)]) -> Lab<Vec<(Duration, u64)>> {
    let mut acks = vec![];
    let end = (Duration::MAX, None);
    for (now, heard) in events.iter().map(|(now, heard)| (*now, Some(*heard))).chain([end]) {
        for_ever(|| {
            let due = receiver.wake_at()?.filter(|due| *due <= now);
            let Some(due) = due else { return Ok(false) };
            acks.extend(receiver.event(due, Heard::Wake)?.map(|up_to| (due, up_to)));
            Ok(true)
        })?;
        if let Some(heard) = heard {
            acks.extend(receiver.event(now, heard)?.map(|up_to| (now, up_to)));
        }
    }
    Ok(acks)
}

/// Requests and answers, one after the other.
pub fn exchanges(path: &Path) -> Lab<Seen> {
    let mut sender = Sender::new(MSS, path.nagle);
    let mut receiver = Receiver::new(MSS, path.threshold, path.delay, path.quick);
    let mut seen = Seen { departures: vec![], waited: vec![] };
    let request: u64 = path.writes.iter().sum();
    let (mut began, mut came, mut on_its_way) = (Duration::ZERO, 0, 0);
    let mut to_receiver: VecDeque<(Duration, u64)> = VecDeque::new();
    let mut to_sender: VecDeque<(Duration, u64, bool)> = VecDeque::new();
    write(&mut sender, path, began, &mut seen.departures)?;
    for_ever(|| {
        for departure in seen.departures.iter().skip(on_its_way) {
            to_receiver.push_back((departure.at + path.one_way, departure.segment.length));
        }
        on_its_way = seen.departures.len();

        let arrivals = [to_receiver.front().map(|(at, ..)| *at), to_sender.front().map(|(at, ..)| *at)];
        let wakes = [sender.wake_at()?, receiver.wake_at()?];
        let Some(now) = arrivals.into_iter().chain(wakes).flatten().min() else { return Ok(false) };
        if let Some((_, length)) = to_receiver.pop_front_if(|(at, ..)| *at == now) {
            came += length;
            let ack = receiver.event(now, Heard::Data(length))?;
            to_sender.extend(ack.map(|up_to| (now + path.one_way, up_to, false)));
            if came == request * (seen.waited.len() as u64 + 1) {
                receiver.event(now, Heard::Answer)?;
                to_sender.push_back((now + path.one_way, came, true));
            }
        } else if let Some((_, up_to, is_answer)) = to_sender.pop_front_if(|(at, ..)| *at == now) {
            leave(&mut sender, now, Event::Ack(up_to), &mut seen.departures)?;
            if is_answer {
                seen.waited.push(now - began);
                began = now;
                if seen.waited.len() as u64 == path.times {
                    return Ok(false);
                }
                write(&mut sender, path, now, &mut seen.departures)?;
            }
        } else if sender.wake_at()? == Some(now) {
            leave(&mut sender, now, Event::Wake, &mut seen.departures)?;
        } else {
            let ack = receiver.event(now, Heard::Wake)?;
            to_sender.extend(ack.map(|up_to| (now + path.one_way, up_to, false)));
        }
        Ok(true)
    })?;
    Ok(seen)
}

/// The program writes a request.
fn write(sender: &mut Sender, path: &Path, now: Duration, departures: &mut Vec<Departure>) -> Lab<()> {
    if path.cork {
        leave(sender, now, Event::Cork(true), departures)?;
    }
    for length in &path.writes {
        leave(sender, now, Event::Write(*length), departures)?;
    }
    if path.cork {
        leave(sender, now, Event::Cork(false), departures)?;
    }
    Ok(())
}

fn leave(sender: &mut Sender, now: Duration, event: Event, departures: &mut Vec<Departure>) -> Lab<()> {
    let leaves = sender.event(now, event)?;
    departures.extend(leaves.into_iter().map(|segment| Departure { at: now, segment }));
    Ok(())
}

/// All that the sender asked to be woken for until then.
fn wake_sender(sender: &mut Sender, until: Duration, departures: &mut Vec<Departure>) -> Lab<()> {
    for_ever(|| {
        let due = sender.wake_at()?.filter(|due| *due <= until);
        let Some(due) = due else { return Ok(false) };
        leave(sender, due, Event::Wake, departures)?;
        Ok(true)
    })
}

/// Until it says that it is over; or an error, if it never does.
fn for_ever(mut step: impl FnMut() -> Lab<bool>) -> Lab<()> {
    for _ in 0..MOST {
        if !step()? {
            return Ok(());
        }
    }
    let what = format!("{MOST} things happened, and it is not over: does `wake_at` ask for a time that does nothing?");
    Err(LabError::from(host::Error::Other(what)))
}
