//! The loop: does what the [`Tracer`] decides, over any [`Host`], and tells each hop as soon as it is known.

use crate::answer::Answer;
use crate::foreign::Foreign;
use crate::hop::{Hop, Silence};
use crate::probe::Flow;
use crate::sockets::{Heard, Passed, Sending, Sockets};
use crate::tracer::{Circle, Plan, Step, Tracer};
use host::{Error, Host, Time};
use std::time::Duration;

/// What happens in a trace.
#[derive(Debug)]
pub enum Event<'a> {
    /// The sockets are open.
    Start {
        /// Whether the host lets all probes be one flow.
        one_flow: bool,
    },
    /// A hop, known for good. They come in the order of the way.
    Hop {
        /// The hop.
        hop: &'a Hop,
        /// Whether probes to some hop got lost, so that silence of this one may be loss too.
        lossy: bool,
    },
    /// Something came that is no answer to us.
    Foreign(Foreign),
    /// One more answer to a probe that was answered already.
    Extra(&'a Answer),
    /// A probe left or an answer came, with its bytes.
    Passed(Passed<'a>),
}

/// How a trace ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// All hops up to the last that was heard of.
    pub hops: Vec<Hop>,
    /// Hops behind them that were asked and stayed silent: the first and the last.
    pub silent: Option<(u8, u8)>,
    /// The circle that the way went round in, if it did.
    pub circle: Option<Circle>,
    /// Whether Ctrl-C cut it short.
    pub interrupted: bool,
    /// What ended it before its end.
    pub failed: Option<Error>,
    /// How long it took.
    pub took: Duration,
}

/// Who is told what happens.
pub type Tell<'a, E> = dyn FnMut(&Event<'_>) -> Result<(), E> + 'a;

/// How the flow of a probe follows from its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flows {
    /// All probes are one flow.
    One,
    /// Each goes to the next port, as in the first traceroute: on a balanced way, each takes a way of its own.
    Classic,
}

/// Traces to `plan.target`.
///
/// # Errors
/// What the host says of the sockets and of the first probe; what `tell` fails with. A later error ends the trace with what is
/// known ([`Trace::failed`]). Silence and unreachable targets are no errors.
pub fn trace<E: From<Error>>(
    host: &mut dyn Host,
    plan: Plan,
    sending: &Sending,
    flows: Flows,
    tell: &mut Tell<'_, E>,
) -> Result<Trace, E> {
    let mut sockets = Sockets::open(host, sending)?;
    let start = host.now();
    let plan = Plan { quoted: plan.quoted && sockets.hear_quotes(), ..plan };
    let mut tracer = Tracer::new(plan, start);
    tell(&Event::Start { one_flow: sockets.keep_the_flow() })?;
    let (mut told, mut sent, mut interrupted, mut failed) = (0, 0_u16, false, None);
    loop {
        let now = host.now();
        match tracer.next(now) {
            Step::Send { ttl } => {
                let flow = match flows {
                    Flows::One => sending.flow,
                    Flows::Classic => classic(sending.flow, sent),
                };
                match sockets.send(host, flow, ttl) {
                    Ok(probe) => {
                        tracer.sent(probe.at, probe.number, ttl);
                        tell(&Event::Passed(Passed::Left(&probe)))?;
                    }
                    Err(Error::Interrupted) => interrupted = true,
                    Err(error) if sent == 0 => return Err(error.into()),
                    Err(error) => failed = Some(error),
                }
                sent = sent.wrapping_add(1);
            }
            Step::Wait(until) => match listen(&mut sockets, host, until) {
                Ok(Some(Heard::Answer(answer, packet))) => {
                    tell(&Event::Passed(Passed::Came { answer: &answer, packet: &packet }))?;
                    if !tracer.hear(&answer, packet.at) {
                        tell(&Event::Extra(&answer))?;
                    }
                }
                Ok(Some(Heard::Foreign(Foreign::Unnumbered(from, ttl)))) => {
                    tracer.hear_unnumbered(from, ttl, host.now());
                }
                Ok(Some(Heard::Foreign(foreign))) => tell(&Event::Foreign(foreign))?,
                Ok(None) => {}
                Err(Error::Interrupted) => interrupted = true,
                Err(error) => failed = Some(error),
            },
            Step::Done => break,
        }
        if interrupted || failed.is_some() {
            break;
        }
        for hop in tracer.settled(host.now()).iter().skip(told) {
            tell(&Event::Hop { hop, lossy: false })?;
            told += 1;
        }
    }
    let (hops, silent) = tracer.hops(host.now());
    let lossy = hops.iter().any(|hop| hop.silence() == Silence::Loss);
    for hop in hops.iter().skip(told) {
        tell(&Event::Hop { hop, lossy })?;
    }
    let asked = |hop: &&Hop| !hop.attempts.is_empty();
    let silent = silent.iter().find(asked).zip(silent.iter().rfind(asked)).map(|(first, last)| (first.ttl, last.ttl));
    Ok(Trace { hops, silent, circle: tracer.circle(), interrupted, failed, took: host.now() - start })
}

/// The flow of a classic probe: ports count up, and begin anew where there are no more. Port 0 is none.
fn classic(first: Flow, sent: u16) -> Flow {
    let room = u16::MAX - first.destination_port + 1;
    Flow { destination_port: first.destination_port + sent % room.max(1), ..first }
}

fn listen(sockets: &mut Sockets, host: &mut dyn Host, until: Time) -> host::Result<Option<Heard>> {
    match sockets.recv(host, until) {
        // In a network where nothing will happen any more, time passes all the same.
        Err(Error::Idle) => host.sleep(until).map(|()| None).or(Ok(None)),
        other => other,
    }
}
