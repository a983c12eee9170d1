//! A language for conversations with one end of a connection, after the idea of packetdrill.
//!
//! A script in `testdata/tcp` has what is done to the end and what it does, line by line as it happens. The first
//! column is the time in milliseconds. Then comes either an event,
//!
//! ```text
//!       0  connect                                     the program calls
//!      10  < SYN,ACK 0 ack 1 win 65535 <mss 1460>      a segment arrives
//! ```
//!
//! or, indented, what follows from it, which the test compares and `BLESS=1` writes anew:
//!
//! ```text
//!      10    > ACK 1 ack 1 win 65535                   a segment leaves
//!      10    = ESTABLISHED                             the state changes
//! ```
//!
//! Sequence numbers count from each side's SYN, which is 0. A window that is not told is the one told last. Lines
//! before the first event that begin with `set` change the settings, `show` adds what is shown after each event.

use host::{Nagle, Time};
use std::fmt::Write;
use std::time::Duration;
use tcp::{Config, Connection, Error, Keepalive, Options, Received, Segment, Seq, State, Timestamps};

/// Both numbers go round the end of their circle after a few hundred bytes.
const ISS: Seq = Seq(u32::MAX - 499);
const IRS: Seq = Seq(u32::MAX - 299);

/// The byte at a place in either stream.
fn pattern(place: u64) -> u8 {
    (place % 251) as u8
}

/// Runs a script, and gives it back with what really follows from its events.
pub(crate) fn run(script: &str) -> String {
    let mut stage = Stage::default();
    for (number, line) in script.lines().enumerate() {
        stage.line(line).unwrap_or_else(|| panic!("line {}: cannot read '{line}'", number + 1));
    }
    stage.text
}

struct Stage {
    config: Config,
    connection: Option<Connection>,
    now: Time,
    /// The other side's window as told last.
    window: u16,
    written: u64,
    read: u64,
    state: State,
    show: Vec<String>,
    shown: Vec<String>,
    text: String,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            config: Config { receive_buffer: 65_535, window_scale: false, quick_acks: 0, ..Config::default() },
            connection: None,
            now: Time::START,
            window: 65_535,
            written: 0,
            read: 0,
            state: State::Closed,
            show: vec![],
            shown: vec![],
            text: String::new(),
        }
    }
}

fn milliseconds(word: &str) -> Option<Duration> {
    Some(Duration::from_secs_f64(word.parse::<f64>().ok()? / 1000.0))
}

fn is_on(word: &str) -> Option<bool> {
    match word {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn nagle(word: &str) -> Option<Nagle> {
    match word {
        "off" => Some(Nagle::Off),
        "original" => Some(Nagle::Rfc896),
        "minshall" => Some(Nagle::Minshall),
        _ => None,
    }
}

impl Stage {
    /// Takes a line of the script; `None`: it cannot be read.
    fn line(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            // What followed when the script was written: it is found out anew.
            [_, ">" | "=", ..] => return Some(()),
            [] | ["#", ..] => {}
            ["set", name, values @ ..] => self.set(name, values)?,
            ["show", what @ ..] => self.show.extend(what.iter().map(ToString::to_string)),
            [time, event @ ..] => {
                let at = Time::START + milliseconds(time)?;
                assert!(at >= self.now, "time goes back in '{line}'");
                self.pass(at);
                writeln!(self.text, "{line}").ok()?;
                self.event(event)?;
                self.follow();
                return Some(());
            }
        }
        writeln!(self.text, "{line}").ok()
    }

    fn set(&mut self, name: &str, values: &[&str]) -> Option<()> {
        let config = &mut self.config;
        match (name, values) {
            ("defaults", ["linux"]) => *config = Config::default(),
            ("defaults", ["standard"]) => *config = Config::by_the_rfcs(),
            ("nagle", [rule]) => config.nagle = nagle(rule)?,
            ("mss", [mss]) => config.mss = mss.parse().ok()?,
            ("receive-buffer", [bytes]) => config.receive_buffer = bytes.parse().ok()?,
            ("send-buffer", [bytes]) => config.send_buffer = bytes.parse().ok()?,
            ("window-scale", [on]) => config.window_scale = is_on(on)?,
            ("timestamps", [on]) => config.timestamps = is_on(on)?,
            ("quick-acks", [count]) => config.quick_acks = count.parse().ok()?,
            ("ack-delay", [time]) => config.ack_delay = milliseconds(time)?,
            ("initial-window", [segments]) => config.initial_window = segments.parse().ok()?,
            ("user-timeout", [time]) => config.user_timeout = milliseconds(time)?,
            ("msl", [time]) => config.msl = milliseconds(time)?,
            ("keepalive", [idle, interval, probes]) => {
                let (idle, interval) = (milliseconds(idle)?, milliseconds(interval)?);
                config.keepalive = Some(Keepalive { idle, interval, probes: probes.parse().ok()? });
            }
            _ => return None,
        }
        Some(())
    }

    fn event(&mut self, words: &[&str]) -> Option<()> {
        if let ["<", segment @ ..] = words {
            let segment = self.segment(segment)?;
            self.connection.as_mut()?.arrive(self.now, &segment);
            return Some(());
        }
        match words {
            ["connect"] => self.connection = Some(Connection::connect(self.now, self.config.clone(), ISS)),
            ["listen"] => self.connection = Some(Connection::listen(self.config.clone(), ISS)),
            ["send", count] => {
                let count: u64 = count.parse().ok()?;
                let bytes: Vec<u8> = (self.written..self.written + count).map(pattern).collect();
                match self.connection.as_mut()?.send(&bytes) {
                    Ok(taken) => {
                        self.written += taken as u64;
                        if taken < bytes.len() {
                            self.says(&format!("{taken} taken"));
                        }
                    }
                    Err(error) => self.says(&error.to_string()),
                }
            }
            ["read", count] => self.read(count.parse().ok()?),
            ["close"] => self.connection.as_mut()?.close(),
            ["leave"] => self.connection.as_mut()?.leave(self.now),
            ["abort"] => self.connection.as_mut()?.abort(),
            ["nagle", rule] => self.connection.as_mut()?.set_nagle(nagle(rule)?),
            ["cork", on] => self.connection.as_mut()?.set_cork(is_on(on)?),
            ["quick-ack", on] => self.connection.as_mut()?.set_quick_ack(is_on(on)?),
            ["ack-delay", time] => self.connection.as_mut()?.set_ack_delay(milliseconds(time)?),
            ["keepalive", "off"] => self.connection.as_mut()?.set_keepalive(None),
            ["segments", "of", mss] => self.connection.as_mut()?.limit_segments(mss.parse().ok()?),
            ["icmp", kind] => self.connection.as_mut()?.icmp_error(*kind == "hard"),
            // Nothing happens but time.
            ["wait"] => {}
            _ => return None,
        }
        Some(())
    }

    fn read(&mut self, count: usize) {
        let mut bytes = vec![0; count];
        let said = match self.connection.as_mut().unwrap().receive(&mut bytes) {
            Ok(Received::Bytes(count)) => {
                for (place, byte) in (self.read..).zip(&bytes[..count]) {
                    assert_eq!(*byte, pattern(place), "byte {place}");
                }
                self.read += count as u64;
                format!("{count} bytes")
            }
            Ok(Received::Nothing) => "nothing yet".to_string(),
            Ok(Received::End) => "the end".to_string(),
            Err(error) => error.to_string(),
        };
        self.says(&said);
    }

    /// `PSH,ACK 1:501 ack 1 win 65535 <ts 5 ecr 1>`, as [`Segment`] shows itself.
    fn segment(&mut self, words: &[&str]) -> Option<Segment> {
        let [flags, numbers, rest @ ..] = words else { return None };
        let (seq, end) = numbers.split_once(':').unwrap_or((numbers, numbers));
        let (seq, end): (u32, u32) = (seq.parse().ok()?, end.parse().ok()?);
        let has = |flag| flags.split(',').any(|name| name == flag);
        let (mut ack, mut options) = (None, Options::default());
        let words: Vec<&str> = rest.iter().map(|word| word.trim_matches(['<', '>', ','])).collect();
        let (pairs, []) = words.as_chunks() else { return None };
        for [name, value] in pairs {
            let value: u32 = value.parse().ok()?;
            match *name {
                "ack" => ack = Some(ISS + value),
                "win" => self.window = value.try_into().ok()?,
                "mss" => options.mss = Some(value.try_into().ok()?),
                "wscale" => options.window_scale = Some(value.try_into().ok()?),
                "ts" => options.timestamps = Some(Timestamps { value, echo_reply: 0 }),
                "ecr" => options.timestamps.as_mut()?.echo_reply = value,
                _ => return None,
            }
        }
        assert_eq!(ack.is_some(), has("ACK"), "flag and number of the acknowledgment");
        let data = (u64::from(seq)..u64::from(end)).map(|place| pattern(place.wrapping_sub(1))).collect();
        let (syn, rst, psh, fin) = (has("SYN"), has("RST"), has("PSH"), has("FIN"));
        Some(Segment { seq: IRS + seq, ack, syn, rst, psh, fin, window: self.window, options, data })
    }

    /// Lets time pass until `until`, with all that becomes due on the way.
    fn pass(&mut self, until: Time) {
        while let Some(at) = self.connection.as_ref().map(Connection::wake_at)
            && at <= until
        {
            assert!(at > self.now, "a wake-up at {:?} changed nothing", self.now);
            self.now = at;
            self.follow();
        }
        self.now = until;
    }

    /// What leaves now, and what has changed.
    fn follow(&mut self) {
        while let Some(segment) = self.connection.as_mut().and_then(|connection| connection.poll(self.now)) {
            let shown = self.checked(&segment).to_string();
            let time = self.time();
            writeln!(self.text, "{time:>7}    > {shown}").unwrap();
        }
        let Some(connection) = &self.connection else { return };
        let info = connection.info();
        let piece = |held: &tcp::Held| format!("{}..{} {}", held.bytes.start, held.bytes.end, held.rule);
        let held: Vec<String> = connection.held().iter().map(piece).collect();
        if self.state != info.state {
            self.state = info.state;
            let failure = connection.failure().filter(|_| info.state == State::Closed);
            let why =
                failure.filter(|failure| *failure != Error::Aborted).map_or(String::new(), |why| format!(": {why}"));
            self.says(&format!("{}{why}", info.state));
        }
        let shown: Vec<String> = self
            .show
            .iter()
            .map(|what| match what.as_str() {
                "cwnd" if info.ssthresh == u32::MAX => format!("cwnd {}", info.cwnd),
                "cwnd" => format!("cwnd {} ssthresh {}", info.cwnd, info.ssthresh),
                "rto" => format!("rto {}", info.rto.as_secs_f64() * 1000.0),
                "held" if held.is_empty() => "nothing held".to_string(),
                "held" => format!("held {}", held.join(", ")),
                other => panic!("cannot show '{other}'"),
            })
            .collect();
        let changed: Vec<String> = shown.iter().filter(|line| !self.shown.contains(line)).cloned().collect();
        self.shown = shown;
        changed.iter().for_each(|line| self.says(line));
    }

    /// The segment with its numbers counted from the SYNs; its data must be what was written in this place.
    fn checked(&self, segment: &Segment) -> Segment {
        // A reset may answer a segment from nowhere, and then has that one's numbers.
        let own = Seq(segment.seq.since(ISS));
        for (place, byte) in (u64::from(own.0)..).zip(&segment.data) {
            assert_eq!(*byte, pattern(place - 1), "byte {place} of our stream");
        }
        Segment { seq: own, ack: segment.ack.map(|ack| Seq(ack.since(IRS))), ..segment.clone() }
    }

    fn says(&mut self, what: &str) {
        let time = self.time();
        writeln!(self.text, "{time:>7}    = {what}").unwrap();
    }

    /// In milliseconds, with as many digits as it takes.
    fn time(&self) -> String {
        format!("{}", self.now.0 as f64 / 1e6)
    }
}
