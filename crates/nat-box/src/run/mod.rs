//! `nat-box run`: a NAT between two interfaces of this machine, or between two taps that it makes.
//!
//! The order to read in: this loop; [`gateway`], what happens to a frame; beside it [`neighbours`], [`errors`] and [`offload`], the
//! note in front of a frame; [`setup`], what the command line asks for and what cannot be.

mod errors;
mod gateway;
mod neighbours;
mod offload;
mod setup;
#[cfg(test)]
mod tests;

use crate::flags::Run;
use crate::json;
use crate::watch::{Ended, Watching};
use cli::{Failure, Output, Session, Verdict};
use gateway::{Door, Gateway, Loss, Passed};
use host::{Error, Frame, Frames, Host, Interest, Time};
use nat::Side;

/// So many frames are taken at once.
const BATCH: usize = 64;

/// Runs `nat-box run`.
pub(crate) fn run(flags: &Run, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let (host, out) = (&mut *session.host, &mut session.out);
    let setup::Open { mut gateway, mut ports } = setup::open(flags, host)?;
    tell_between(flags, &gateway, out)?;
    let until = flags.watch.deadline.map_or(Time::NEVER, |deadline| host.now() + deadline);
    let mut watching = Watching::new(&flags.watch);
    let mut batch: Vec<Frame> = (0..BATCH).map(|_| Frame::empty()).collect();
    let ended = loop {
        for change in gateway.take_changes() {
            watching.hear(&change, out)?;
        }
        if watching.is_enough() {
            break Ended::Count;
        }
        match pass_on(host, &mut gateway, &mut ports, &mut batch, until) {
            Ok(true) => {}
            Ok(false) => break Ended::Deadline,
            Err(Error::Interrupted) => break Ended::Interrupted,
            Err(error) => return Err(error.into()),
        }
    };
    tell_traffic(&gateway, out)?;
    watching.finish(ended, host.now(), out)
}

/// Waits for frames and passes them on; `false`: `until` has come.
fn pass_on(
    host: &mut dyn Host,
    gateway: &mut Gateway,
    ports: &mut [Box<dyn Frames>; 2],
    batch: &mut [Frame],
    until: Time,
) -> host::Result<bool> {
    let interests = [Interest::read(ports[0].id()), Interest::read(ports[1].id())];
    let ready = host.wait(&interests, until.min(gateway.next()))?;
    let now = host.now();
    for index in ready {
        let side = if index == 0 { Side::Inside } else { Side::Outside };
        let Some(port) = ports.get_mut(index) else { continue };
        let came = port.take(batch)?;
        gateway.look_ahead(side, batch.get(..came).unwrap_or_default());
        let (mut inward, mut outward) = (vec![], vec![]);
        for frame in batch.iter_mut().take(came) {
            match gateway.step(side, frame, now) {
                Some(Side::Inside) => inward.push(frame.whole()),
                Some(Side::Outside) => outward.push(frame.whole()),
                None => {}
            }
        }
        for (port, frames) in ports.iter_mut().zip([inward, outward]) {
            give(gateway, port, &frames)?;
        }
    }
    gateway.tick(now);
    let own = gateway.take_frames();
    for (port, side) in ports.iter_mut().zip([Side::Inside, Side::Outside]) {
        let frames: Vec<&[u8]> = own.iter().filter(|(to, _)| *to == side).map(|(_, frame)| &frame[..]).collect();
        give(gateway, port, &frames)?;
    }
    Ok(now < until)
}

fn give(gateway: &mut Gateway, port: &mut Box<dyn Frames>, frames: &[&[u8]]) -> host::Result<()> {
    if !frames.is_empty() {
        let went = port.give(frames)?;
        gateway.lose(Loss::Queue, (frames.len() - went.min(frames.len())) as u64);
    }
    Ok(())
}

/// The first lines: between what.
fn tell_between(flags: &Run, gateway: &Gateway, out: &mut Output) -> Result<(), Failure> {
    let link = |tap: &Option<String>, interface: &Option<String>, door: &Door| json::Link {
        interface: tap.as_ref().or(interface.as_ref()).cloned().unwrap_or_default(),
        is_tap: tap.is_some(),
        address: door.address,
        prefix: door.prefix,
        mac: door.mac.to_string(),
        mtu: door.mtu,
    };
    let inside = link(&flags.inside_tap, &flags.inside, &gateway.inside);
    let outside = link(&flags.outside_tap, &flags.outside, &gateway.outside);
    if out.is_json() {
        return out.json(&json::Line::Between { inside, outside });
    }
    for (name, link, door) in [("inside", inside, &gateway.inside), ("outside", outside, &gateway.outside)] {
        let json::Link { interface, is_tap, address, prefix, mac, .. } = link;
        let tap = if is_tap { "tap " } else { "" };
        let via = door.via.map_or(String::new(), |via| format!(", the rest by {via}"));
        out.line(&format!("{name:7}  {tap}{interface}, {address}/{prefix} at {mac}{via}"))?;
    }
    Ok(())
}

/// What went through, and what did not for other reasons than the translator's.
fn tell_traffic(gateway: &Gateway, out: &mut Output) -> Result<(), Failure> {
    let (Passed { frames, bytes }, back) = (gateway.passed_out, gateway.passed_in);
    if out.is_json() {
        let lost = gateway.lost.iter().map(|(loss, count)| (loss.name(), *count)).collect();
        return out.json(&json::Line::Traffic {
            frames_out: frames,
            bytes_out: bytes,
            frames_in: back.frames,
            bytes_in: back.bytes,
            lost,
        });
    }
    let lost: Vec<String> = gateway.lost.iter().map(|(loss, count)| format!("{count} {}", loss.name())).collect();
    let lost = if lost.is_empty() { String::new() } else { format!("; frames lost: {}", lost.join(", ")) };
    out.line(&format!(
        "\npassed: {frames} frames, {bytes} bytes out; {} frames, {} bytes in{lost}",
        back.frames, back.bytes
    ))
}
