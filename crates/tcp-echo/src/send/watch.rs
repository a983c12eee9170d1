//! What left when, and why it waited, on a machine that keeps no record of it.
//!
//! Two witnesses are asked. `TCP_INFO` says after each write, and every millisecond while something waits, how much has left, and
//! how far the windows are filled: from that follows the rule in force. A link socket sees the segments themselves, with the
//! time at which each left; where this user may open none, what waited left between two looks. What neither tells is not known.

use super::sight::{Sight, Sighting};
use host::{Departure, Error, Held, Host, Rule, Stream, TcpInfo, Time};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

/// How long from one look to the next while something waits.
pub(crate) const EVERY: Duration = Duration::from_millis(1);

/// Who saw what left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witness {
    /// The host's own record: complete and exact.
    Record,
    /// A link socket on the interface of this name saw each segment, and `TCP_INFO` says why it waited.
    Link(String),
    /// `TCP_INFO` alone, for the link socket could not be had, or missed something, as is said here. When something left that
    /// waited is known to a millisecond.
    Info(String),
}

/// What left since a request began.
pub(super) struct Seen {
    pub(super) departures: Vec<Departure>,
    /// Segments with data.
    pub(super) segments: usize,
    /// Those that were sent again.
    pub(super) resent: usize,
    pub(super) witness: Witness,
}

/// Who looks at one connection.
pub(super) struct Watch {
    sight: Result<Sight, Error>,
    /// Whether a rule of this end holds small segments behind others.
    nagle: bool,
    /// Whether what fills no segment was told to wait.
    corked: bool,
    /// Bytes that the program has written, and those of them that have left, as was looked last.
    written: u64,
    left: u64,
    /// What waits; without a rule it is not known why.
    waits: Option<Waits>,
    /// What waited before.
    held: Vec<Held>,
    /// What left by each look at which more had.
    looks: Vec<(Time, Range<u64>)>,
    sightings: Vec<Sighting>,
    /// What was known when the request began.
    before: TcpInfo,
}

#[derive(Debug, Clone, Copy)]
struct Waits {
    since: Time,
    rule: Option<Rule>,
}

impl Watch {
    /// Looks from now on, which is to be before the SYN to `peer`.
    pub(super) fn open(host: &mut dyn Host, peer: SocketAddr, nagle: bool) -> Self {
        Self::with(Sight::open(host, peer), nagle)
    }

    fn with(sight: Result<Sight, Error>, nagle: bool) -> Self {
        Self {
            sight,
            nagle,
            corked: false,
            written: 0,
            left: 0,
            waits: None,
            held: vec![],
            looks: vec![],
            sightings: vec![],
            before: TcpInfo::default(),
        }
    }

    /// The connection is open, or will be with its first write.
    pub(super) fn follow(&mut self, stream: &dyn Stream) {
        if let Ok(sight) = &mut self.sight {
            sight.follow(stream.local().port());
        }
    }

    /// A request begins: what was before it is forgotten.
    pub(super) fn begin(&mut self, now: Time, stream: &mut dyn Stream) {
        self.look(now, stream);
        // Between requests too, a link socket hears whatever passes.
        self.see_segments(now);
        self.held.clear();
        self.looks.clear();
        self.sightings.clear();
        self.before = stream.info().unwrap_or_default();
    }

    /// From now on what fills no segment waits for more, or not.
    pub(super) fn cork(&mut self, corked: bool) {
        self.corked = corked;
    }

    /// So many bytes more were written at `at`, and it is `now`.
    pub(super) fn wrote(&mut self, at: Time, count: u64, now: Time, stream: &mut dyn Stream) {
        self.written += count;
        self.see_segments(now);
        if let Ok(info) = stream.info() {
            self.note(at, now, &info);
        }
    }

    /// Whether something waits, so that it is to be looked at again soon.
    pub(super) fn is_waiting(&self) -> bool {
        self.waits.is_some()
    }

    /// Looks whether what waited has left, and why it waits if it has not.
    pub(super) fn look(&mut self, now: Time, stream: &mut dyn Stream) {
        if self.is_waiting() {
            self.see_segments(now);
            if let Ok(info) = stream.info() {
                self.note(now, now, &info);
            }
        }
    }

    /// How many bytes wait, and by which rule.
    pub(super) fn waiting(&self) -> Option<(u64, Rule)> {
        Some((self.written - self.left, self.waits?.rule?))
    }

    /// Takes note of what is known `now`. What begins to wait does so since `since`.
    fn note(&mut self, since: Time, now: Time, info: &TcpInfo) {
        let Some(queued) = info.queued.map(u64::from) else { return };
        let rule = rule(info, self.nagle, self.corked);
        let left = self.written.saturating_sub(queued).max(self.left);
        let mut waits = Waits { since, rule };
        if let Some(Waits { since, rule: was }) = self.waits {
            let is_other = queued == 0 || rule != was;
            // Of one rule only what has left by now is over.
            let bytes = self.left..if is_other { self.written } else { left };
            if let Some(rule) = was.filter(|_| !bytes.is_empty()) {
                self.held.push(Held { bytes, rule, since, until: now });
            }
            waits.since = if is_other { now } else { since };
        }
        self.waits = (queued > 0).then_some(waits);
        if left > self.left {
            self.looks.push((now, self.left..left));
            self.left = left;
        }
    }

    fn see_segments(&mut self, now: Time) {
        let taken = self.sight.as_mut().map(|sight| sight.take(now));
        match taken {
            Ok(Ok(seen)) => self.sightings.extend(seen),
            Ok(Err(error)) => self.sight = Err(error),
            Err(_) => {}
        }
    }

    /// What left of these bytes, all of which have by now; `None`: nobody can tell.
    pub(super) fn seen(&mut self, bytes: &Range<u64>, now: Time, stream: &mut dyn Stream) -> Option<Seen> {
        self.see_segments(now);
        let info = stream.info().ok()?;
        self.note(now, now, &info);
        let mss = info.queued.and(info.snd_mss)?.into();
        let by_link = match &self.sight {
            Ok(sight) if covers(&self.sightings, bytes) => Ok(sight.interface.clone()),
            Ok(sight) => Err(format!("a link socket on '{}' missed some of the segments", sight.interface)),
            Err(error @ Error::NoPermission { .. }) => Err(format!("{error} (`just setcap tcp-echo` gives it)")),
            Err(error) => Err(error.to_string()),
        };
        let count = |number: fn(&TcpInfo) -> Option<u32>| {
            usize::try_from(number(&info)?.saturating_sub(number(&self.before)?)).ok()
        };
        let (segments, resent) = (count(|info| info.data_segments_sent), count(|info| info.retransmits));
        let departures: Vec<Departure> = match &by_link {
            Ok(_) => self.sightings.iter().flat_map(|seen| self.departures(seen, mss)).collect(),
            Err(_) => self.looks.iter().flat_map(|look| self.between_looks(look, mss, segments)).collect(),
        };
        Some(match by_link {
            Ok(interface) => Seen {
                segments: departures.len(),
                resent: departures.iter().filter(|departure| departure.again).count(),
                departures,
                witness: Witness::Link(interface),
            },
            Err(why) => Seen {
                segments: segments.unwrap_or(departures.len()),
                resent: resent.unwrap_or(0),
                departures,
                witness: Witness::Info(why),
            },
        })
    }

    /// The segments of what was seen at once: the kernel hands a card many of them in one piece, to be cut.
    fn departures(&self, seen: &Sighting, mss: u64) -> Vec<Departure> {
        // A stamp is no later than the look that knows it: the kernel may be late in beginning to stamp.
        let known = self.looks.iter().find(|(_, bytes)| bytes.end >= seen.bytes.end).map(|(at, _)| *at);
        let at = known.filter(|_| !seen.again).map_or(seen.at, |known| known.min(seen.at));
        let departure = |bytes: Range<u64>| Departure { at, held: self.held_of(&bytes), bytes, again: seen.again };
        cut(&seen.bytes, mss).into_iter().map(departure).collect()
    }

    /// What left by a look. It is cut where the number of segments leaves no choice.
    fn between_looks(&self, (at, bytes): &(Time, Range<u64>), mss: u64, segments: Option<usize>) -> Vec<Departure> {
        let all = cut(bytes, mss);
        let is_all = self.looks.len() == 1 && segments == Some(all.len());
        let parts = if is_all { all } else { vec![bytes.clone()] };
        let departure = |bytes: Range<u64>| Departure { at: *at, held: self.held_of(&bytes), bytes, again: false };
        parts.into_iter().map(departure).collect()
    }

    /// What had held some of these bytes.
    fn held_of(&self, bytes: &Range<u64>) -> Vec<Held> {
        self.held.iter().filter(|held| held.bytes.start < bytes.end && bytes.start < held.bytes.end).cloned().collect()
    }
}

/// Which rule holds back what was written and has not left; `None`: it is none of those that can be told from here.
///
/// `nagle`: this end has a rule for small segments; `corked`: it told what fills no segment to wait.
fn rule(info: &TcpInfo, nagle: bool, corked: bool) -> Option<Rule> {
    let (queued, unacked, mss) = (info.queued?, info.unacked?, info.snd_mss?);
    let next = queued.min(mss);
    if info.state.as_deref() == Some("SYN-SENT") {
        return Some(Rule::Handshake);
    }
    if info.rwnd.is_some_and(|rwnd| rwnd.saturating_sub(unacked) < next) {
        return Some(Rule::ReceiveWindow);
    }
    if info.cwnd.is_some_and(|cwnd| cwnd.saturating_sub(unacked) < next) {
        return Some(Rule::CongestionWindow);
    }
    // Congestion control such as bbr lets segments leave at a pace. That is what may hold this one, unless at that pace it would
    // have left before the next look.
    let bytes = (u64::from(unacked) + u64::from(mss)) * 1000;
    let paced = info.pacing_rate.is_some_and(|rate| bytes > rate) && !is_unpaced(info);
    match queued < mss {
        true if corked => Some(Rule::Cork),
        true if nagle && unacked > 0 && !paced => Some(Rule::Nagle),
        _ => None,
    }
}

/// Whether congestion control is one of those that Linux does not pace by itself.
fn is_unpaced(info: &TcpInfo) -> bool {
    matches!(info.congestion.as_deref(), Some("reno" | "cubic"))
}

/// Whether all of these bytes were seen to leave.
fn covers(seen: &[Sighting], bytes: &Range<u64>) -> bool {
    let mut parts: Vec<&Range<u64>> = seen.iter().map(|seen| &seen.bytes).collect();
    parts.sort_by_key(|part| part.start);
    let end = parts.iter().fold(bytes.start, |end, part| if part.start <= end { end.max(part.end) } else { end });
    end >= bytes.end
}

/// Bytes in segments of this size, but for the last.
fn cut(bytes: &Range<u64>, size: u64) -> Vec<Range<u64>> {
    let mut parts = vec![];
    let mut start = bytes.start;
    while start < bytes.end {
        let end = bytes.end.min(start.saturating_add(size.max(1)));
        parts.push(start..end);
        start = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four bytes written behind four that are under way, and room for more.
    fn waiting() -> TcpInfo {
        TcpInfo {
            state: Some("ESTABLISHED".into()),
            queued: Some(4),
            unacked: Some(4),
            snd_mss: Some(1448),
            rwnd: Some(65_535),
            cwnd: Some(14_480),
            congestion: Some("reno".into()),
            ..TcpInfo::default()
        }
    }

    #[test]
    fn rule_follows_from_windows_and_from_what_this_end_asked_for() {
        let info = waiting();
        assert_eq!(rule(&info, true, false), Some(Rule::Nagle));
        assert_eq!(rule(&info, true, true), Some(Rule::Cork));
        let paced = TcpInfo { congestion: Some("bbr".into()), pacing_rate: Some(100_000_000), ..waiting() };
        assert_eq!(rule(&paced, true, false), Some(Rule::Nagle), "no pace holds it as long as this");
        assert_eq!(rule(&TcpInfo { rwnd: Some(7), ..waiting() }, true, false), Some(Rule::ReceiveWindow));
        assert_eq!(rule(&TcpInfo { cwnd: Some(4), ..waiting() }, true, false), Some(Rule::CongestionWindow));
        let opening = TcpInfo { state: Some("SYN-SENT".into()), ..waiting() };
        assert_eq!(rule(&opening, true, false), Some(Rule::Handshake));
    }

    #[test]
    fn what_no_witness_tells_is_not_known() {
        let info = waiting();
        for (info, nagle) in [
            (info.clone(), false),
            (TcpInfo { queued: Some(2000), ..info.clone() }, true),
            (TcpInfo { unacked: Some(0), ..info.clone() }, true),
            (TcpInfo { congestion: Some("bbr".into()), pacing_rate: Some(1_000_000), ..info.clone() }, true),
            (TcpInfo { queued: None, ..info.clone() }, true),
            (TcpInfo::default(), true),
        ] {
            assert_eq!(rule(&info, nagle, false), None, "{info:?}");
        }
    }

    /// A watch that has written four bytes, which left at once, and 2,000 behind them at 2, of which nothing has left at 3.
    fn watch() -> Watch {
        let mut watch = Watch::with(Err(Error::Gone), true);
        watch.written = 4;
        watch.note(Time(1), Time(1), &TcpInfo { queued: Some(0), ..waiting() });
        watch.written += 2000;
        watch.note(Time(2), Time(3), &TcpInfo { queued: Some(2000), rwnd: Some(4), ..waiting() });
        watch
    }

    fn held(watch: &Watch, bytes: &Range<u64>) -> Vec<(Rule, u64, u64)> {
        watch.held_of(bytes).iter().map(|held| (held.rule, held.since.0, held.until.0)).collect()
    }

    #[test]
    fn what_waits_has_waited_since_it_was_written_whenever_its_parts_leave() {
        let mut watch = watch();
        watch.note(Time(5), Time(5), &TcpInfo { queued: Some(500), rwnd: Some(4), ..waiting() });
        assert_eq!(watch.waiting(), Some((500, Rule::ReceiveWindow)));
        watch.note(Time(9), Time(9), &TcpInfo { queued: Some(0), ..waiting() });
        assert_eq!((watch.waiting(), watch.is_waiting()), (None, false));
        assert_eq!(watch.looks, [(Time(1), 0..4), (Time(5), 4..1504), (Time(9), 1504..2004)]);
        assert_eq!(held(&watch, &(0..4)), []);
        assert_eq!(held(&watch, &(4..1504)), [(Rule::ReceiveWindow, 2, 5)]);
        assert_eq!(held(&watch, &(1504..2004)), [(Rule::ReceiveWindow, 2, 9)]);
    }

    #[test]
    fn one_rule_may_hold_what_another_has_let_go() {
        let mut watch = watch();
        watch.note(Time(5), Time(5), &TcpInfo { queued: Some(500), ..waiting() });
        watch.note(Time(9), Time(9), &TcpInfo { queued: Some(0), ..waiting() });
        assert_eq!(held(&watch, &(4..1504)), [(Rule::ReceiveWindow, 2, 5)]);
        assert_eq!(held(&watch, &(1504..2004)), [(Rule::ReceiveWindow, 2, 5), (Rule::Nagle, 5, 9)]);
    }

    #[test]
    fn request_of_which_a_segment_was_missed_was_not_seen() {
        let seen = |parts: &[Range<u64>]| -> Vec<Sighting> {
            parts.iter().map(|bytes| Sighting { at: Time::START, bytes: bytes.clone(), again: false }).collect()
        };
        assert!(covers(&seen(&[4..8, 0..4, 8..20]), &(2..20)));
        assert!(!covers(&seen(&[0..4, 8..20]), &(2..20)));
        assert!(!covers(&seen(&[0..4, 2..6]), &(2..20)));
        assert_eq!(cut(&(10..5010), 1460), [10..1470, 1470..2930, 2930..4390, 4390..5010]);
    }
}
