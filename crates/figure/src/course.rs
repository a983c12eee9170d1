//! The course of a TCP connection: its windows over time, and below them its round trip time.

use crate::{Caption, Join, Line, Mark, Panel, Panels, Refusal, Role};
use std::time::Duration;

/// From this time on the axis has seconds.
const LONG: Duration = Duration::from_secs(10);
/// From this many bytes on the axis has thousands of them.
const LARGE: u64 = 10_000;
/// What is sent again within this share of all the time has one mark.
const NEAR: f64 = 0.04;
/// The roles of connections that share a picture, and so the most of them.
const ROLES: [Role; 4] = [Role::Data, Role::Again, Role::Answer, Role::Control];

/// What a host knew of a connection at a moment; `None`: it did not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Duration,
    /// The congestion window, bytes.
    pub cwnd: Option<u64>,
    /// The slow start threshold, bytes; `None` also before the first loss.
    pub ssthresh: Option<u64>,
    /// Sent and not acknowledged, bytes.
    pub unacked: Option<u64>,
    /// The smoothed round trip time.
    pub rtt: Option<Duration>,
    /// How many segments have been sent again.
    pub retransmits: Option<u64>,
}

/// A connection, sampled in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// What it is called, where there are several.
    pub name: String,
    /// The samples.
    pub samples: Vec<Sample>,
}

/// Draws a connection, or several over each other: then without what is under way, which would hide the rest.
///
/// # Errors
/// When no sample knows a window, or there are more connections than can be told apart.
pub fn course(caption: &Caption, courses: &[Course]) -> Result<String, Refusal> {
    if courses.len() > ROLES.len() {
        return Err(Refusal::TooManyCourses(courses.len(), ROLES.len()));
    }
    let samples = || courses.iter().flat_map(|course| &course.samples);
    let is_long = samples().map(|sample| sample.at).max().unwrap_or_default() >= LONG;
    let windows = samples().flat_map(|sample| [sample.cwnd, sample.ssthresh, sample.unacked]).flatten();
    let is_large = windows.max().unwrap_or(0) >= LARGE;
    let scale = Scale { seconds: if is_long { 1.0 } else { 1e-3 }, bytes: if is_large { 1e3 } else { 1.0 } };
    let mut upper =
        Panel { y: format!("Window in {}", if is_large { "kB" } else { "bytes" }), lines: vec![], marks: vec![] };
    let mut lower = Panel { y: "Smoothed round trip time in ms".into(), lines: vec![], marks: vec![] };
    for (course, role) in courses.iter().zip(ROLES) {
        let is_alone = courses.len() == 1;
        let named = |what: &str| if is_alone { what.to_string() } else { format!("{} {what}", course.name) };
        let bytes =
            |of: fn(&Sample) -> Option<u64>| scale.line(course, |sample| Some(number(of(sample)?) / scale.bytes));
        let mut add = |what: &str, role, join, points: Vec<(f64, f64)>| {
            if !points.is_empty() {
                upper.lines.push(Line { name: named(what), role, join, points });
            }
        };
        if is_alone {
            add("unacked", Role::Answer, Join::Steps, bytes(|sample| sample.unacked));
        }
        let threshold = if is_alone { Role::Control } else { role };
        add("ssthresh", threshold, Join::DottedSteps, bytes(|sample| sample.ssthresh));
        add("cwnd", role, Join::Steps, bytes(|sample| sample.cwnd));
        upper.marks.extend(scale.marks(course));
        let rtt = scale.line(course, |sample| Some(sample.rtt?.as_secs_f64() * 1e3));
        if !rtt.is_empty() {
            lower.lines.push(Line { name: named("rtt"), role, join: Join::Steps, points: rtt });
        }
    }
    let x = if is_long { "seconds since the start" } else { "ms since the start" };
    let panels = [upper, lower].into_iter().filter(|panel| !panel.lines.is_empty()).collect();
    Panels { x: x.into(), panels }.draw(caption)
}

/// What a unit of the axes is.
struct Scale {
    seconds: f64,
    bytes: f64,
}

impl Scale {
    fn at(&self, sample: &Sample) -> f64 {
        sample.at.as_secs_f64() / self.seconds
    }

    /// What is known, and for as long as the samples last.
    fn line(&self, course: &Course, of: impl Fn(&Sample) -> Option<f64>) -> Vec<(f64, f64)> {
        course.samples.iter().filter_map(|sample| Some((self.at(sample), of(sample)?))).collect()
    }

    /// A mark where segments were sent again, at the window that was left; those that are near have one.
    fn marks(&self, course: &Course) -> Vec<Mark> {
        let span = course.samples.last().map_or(0.0, |sample| self.at(sample));
        let mut marks: Vec<(f64, f64, u64)> = vec![];
        let mut before = 0;
        for sample in &course.samples {
            let Some(retransmits) = sample.retransmits else { continue };
            let more = retransmits.saturating_sub(before);
            before = retransmits;
            if more == 0 {
                continue;
            }
            let at = self.at(sample);
            match marks.last_mut() {
                Some((first, _, count)) if at - *first <= span * NEAR => *count += more,
                _ => marks.push((at, number(sample.cwnd.unwrap_or(0)) / self.bytes, more)),
            }
        }
        let word = |count: u64| if count == 1 { "sent again".to_string() } else { format!("{count} sent again") };
        marks.into_iter().map(|(at, window, count)| Mark { at: (at, window), word: word(count) }).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a window has less than 2^53 bytes")]
fn number(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::overlap::Seen;

    fn sample(millis: u64, cwnd: u64, retransmits: u64) -> Sample {
        let rtt = Some(Duration::from_millis(20));
        Sample {
            at: Duration::from_millis(millis),
            cwnd: Some(cwnd),
            rtt,
            retransmits: Some(retransmits),
            ..Sample::default()
        }
    }

    fn of(name: &str, samples: Vec<Sample>) -> Course {
        Course { name: name.into(), samples }
    }

    #[test]
    fn losses_that_lie_near_together_have_one_mark_that_counts_them() {
        let samples = [(0, 0), (100, 1), (110, 3), (500, 4), (1000, 4)].map(|(at, resent)| sample(at, 1460, resent));
        let marks = Scale { seconds: 1e-3, bytes: 1.0 }.marks(&of("", samples.to_vec()));
        let told: Vec<(f64, &str)> = marks.iter().map(|mark| (mark.at.0, mark.word.as_str())).collect();
        assert_eq!(told, [(100.0, "3 sent again"), (500.0, "sent again")]);
    }

    #[test]
    fn axes_say_their_units() {
        let draw = |samples| course(&Caption::new("x", "X"), &[of("", samples)]).unwrap();
        let small = draw(vec![sample(0, 1460, 0), sample(900, 2920, 0)]);
        assert!(small.contains(">Window in bytes<") && small.contains(">ms since the start<"));
        let large = draw(vec![sample(0, 14_600, 0), sample(90_000, 29_200, 0)]);
        assert!(large.contains(">Window in kB<") && large.contains(">seconds since the start<"));
    }

    #[test]
    fn samples_of_hours_make_a_small_file() {
        let samples = (0..100_000_u64).map(|at| sample(at * 40, 14_600 + at % 50 * 1460, at / 1000)).collect();
        let drawn = course(&Caption::new("x", "X"), &[of("", samples)]).unwrap();
        assert!(drawn.len() < 30_000, "{}", drawn.len());
    }

    #[test]
    fn unknown_and_too_many_are_refused() {
        assert_eq!(course(&Caption::new("x", "X"), &[of("", vec![])]), Err(Refusal::NoPoints));
        let unknown = vec![Sample::default(); 3];
        assert_eq!(course(&Caption::new("x", "X"), &[of("", unknown)]), Err(Refusal::NoPoints));
        let many = vec![of("a", vec![sample(0, 1, 0)]); 5];
        assert_eq!(course(&Caption::new("x", "X"), &many), Err(Refusal::TooManyCourses(5, 4)));
    }

    #[test]
    fn labels_of_random_connections_lie_over_no_other() {
        let mut chance = Chance(0x0bad_5eed_0bad_5eed);
        for _ in 0..30 {
            let mut one = |name: &str| {
                let (mut at, mut resent) = (Duration::ZERO, 0);
                let samples = (0..chance.below(150) + 1).map(|_| {
                    at += Duration::from_millis(chance.next() % 200);
                    resent += chance.next() % 20 / 18;
                    let mut window = || Some(chance.next() % 100_000).filter(|bytes| bytes % 10 > 0);
                    let [cwnd, ssthresh, unacked] = [window(), window(), window()];
                    let rtt = Some(Duration::from_micros(chance.next() % 300_000));
                    Sample { at, cwnd, ssthresh, unacked, rtt, retransmits: Some(resent) }
                });
                Course { name: name.into(), samples: samples.collect() }
            };
            let all = ["reno", "cubic", "bbr with a long name", "d"].map(&mut one);
            for few in [&all[..1], &all[..2], &all] {
                Seen::of(&course(&Caption::new("any", "Random connections"), few).unwrap()).hold_texts_apart();
            }
        }
    }
}
