//! Pictures of a capture, each in a file of its own. What they look like is for [`figure`] to say.

use crate::capture::{Direction, Record};
use crate::file::Source;
use crate::flags::Plan;
use crate::marks::is_lost;
use crate::shown::dissected;
use crate::stamp::Stamp;
use cli::{Failure, Output, Verdict, escape};
use figure::{Caption, Captured, Ladder, Refusal, Way, grid, hexdump};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wire::dissect::{Dissection, Layer, Protocol, dissect_captured};

/// A picture, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) kind: Kind,
    /// A file; `-` is standard output.
    pub(crate) out: PathBuf,
}

/// What a picture is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All packets that are wanted; or those of one packet's conversation.
    Ladder(Option<u64>),
    /// A header of this packet: of this protocol, or the innermost.
    Grid(u64, Option<String>),
    /// All bytes of this packet.
    Hexdump(u64),
}

/// A packet as pictures need it, with its time since `began`; `None`: nobody knows what its bytes begin with.
#[must_use]
pub fn captured(record: &Record<'_>, began: Stamp) -> Option<Captured> {
    let packet = &record.packet;
    let since = packet.at.map_or(0, |at| at.since(began)).max(0).unsigned_abs();
    Some(Captured {
        at: Duration::from_nanos(since),
        bytes: packet.bytes.to_vec(),
        original_len: packet.original_len as usize,
        link: record.link()?,
        way: match packet.direction {
            Some(Direction::Out) => Way::Sent,
            Some(Direction::In) => Way::Received,
            None => Way::Unknown,
        },
        lost: is_lost(record),
    })
}

/// Draws a picture of what is in `file`.
pub(crate) fn draw(plan: &Plan, picture: &Picture, file: &str, out: &mut Output) -> Result<Verdict, Failure> {
    let drawn = match &picture.kind {
        Kind::Ladder(follow) => ladder(plan, *follow, file, &picture.out, out)?,
        Kind::Grid(number, layer) => {
            let packet = one(*number, file, out)?;
            let dissection = dissect(&packet);
            let layer = wanted(&dissection, *number, layer.as_deref())?;
            let title = format!("The {} header of packet {number} of {}", layer.protocol(), escape(file));
            Some(grid(&caption(&picture.out, &title), layer).map_err(|refusal| refused(&refusal))?)
        }
        Kind::Hexdump(number) => {
            let packet = one(*number, file, out)?;
            let title = format!("Packet {number} of {}, byte by byte", escape(file));
            Some(hexdump(&caption(&picture.out, &title), &dissect(&packet)))
        }
    };
    match drawn {
        Some(drawn) => write(&drawn, &picture.out, out),
        None => Ok(Verdict::No),
    }
}

/// Leaves a picture where it belongs; `-` is standard output.
pub(crate) fn write(drawn: &str, path: &Path, out: &mut Output) -> Result<Verdict, Failure> {
    if path == Path::new("-") {
        out.raw(drawn)?;
        return Ok(Verdict::Yes);
    }
    std::fs::write(path, drawn).map_err(|error| {
        let path = escape(&path.to_string_lossy());
        Failure::said(format!("cannot write '{path}': {}", cli::reason(&error)))
    })?;
    Ok(Verdict::Yes)
}

/// The ladder of what is wanted; `None`: nothing is.
fn ladder(
    plan: &Plan,
    follow: Option<u64>,
    file: &str,
    path: &Path,
    out: &mut Output,
) -> Result<Option<String>, Failure> {
    let mut source = Source::new(file);
    let mut conversation = follow.map(|number| source.conversation(number, out)).transpose()?;
    let most = usize::try_from(plan.count).unwrap_or(usize::MAX).min(Ladder::MOST_PACKETS);
    let mut began = None;
    let mut packets = vec![];
    let mut there_are_more = false;
    let read = source.each(
        &mut |record, _| {
            let began = *began.get_or_insert(record.packet.at.unwrap_or(Stamp(0)));
            let Some(packet) = dissected(record).filter(|packet| plan.filter.passes(record, Some(packet))) else {
                return Ok(ControlFlow::Continue(()));
            };
            if conversation.as_mut().is_some_and(|conversation| !conversation.includes(&packet)) {
                return Ok(ControlFlow::Continue(()));
            }
            if packets.len() == most {
                there_are_more = plan.count > most as u64;
                return Ok(ControlFlow::Break(()));
            }
            packets.extend(captured(record, began));
            Ok(ControlFlow::Continue(()))
        },
        out,
    )?;
    if there_are_more {
        out.note(&format!("the ladder has the first {most} packets; a filter chooses others"));
    }
    if let Some(stop) = read.stop {
        return Err(source.failure(stop));
    }
    if packets.is_empty() {
        return Ok(None);
    }
    let title = match follow {
        Some(number) => format!("The conversation of packet {number} of {}", escape(file)),
        None => format!("Packets of {}", escape(file)),
    };
    let drawn = Ladder::of_one_side(&packets).draw(&caption(path, &title));
    drawn.map(Some).map_err(|refusal| refused(&refusal))
}

/// Packet `number` of a file.
fn one(number: u64, file: &str, out: &mut Output) -> Result<Captured, Failure> {
    let source = Source::new(file);
    let mut found = None;
    let read = source.each(
        &mut |record, _| {
            if record.number < number {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some(captured(record, Stamp(0)).ok_or(record.interface.link));
            Ok(ControlFlow::Break(()))
        },
        out,
    )?;
    match (found, read.stop) {
        (Some(Ok(packet)), _) => Ok(packet),
        (Some(Err(link)), _) => Err(Failure::said(format!(
            "no picture of packet {number}: what its bytes are is not known, link type {link}"
        ))),
        (None, Some(stop)) => Err(source.failure(stop)),
        (None, None) => Err(source.no_packet(number, read.packets)),
    }
}

fn dissect(packet: &Captured) -> Dissection<'_> {
    dissect_captured(&packet.bytes, packet.original_len, packet.link)
}

/// The header of this protocol, or the innermost that is one.
fn wanted<'d>(dissection: &'d Dissection<'_>, number: u64, name: Option<&str>) -> Result<Layer<'d>, Failure> {
    let is_header = |layer: &Layer<'_>| !layer.is_quoted() && !layer.header().is_empty();
    let found = match name {
        Some(name) => dissection
            .layers()
            .find(|layer| !layer.header().is_empty() && layer.protocol().name().eq_ignore_ascii_case(name)),
        None => dissection.layers().rfind(|layer| is_header(layer) && layer.protocol() != Protocol::Extensions),
    };
    found.ok_or_else(|| {
        let names: Vec<String> = dissection
            .layers()
            .filter(|layer| !layer.header().is_empty())
            .map(|layer| layer.protocol().name().to_lowercase())
            .collect();
        let names = if names.is_empty() { "none".to_string() } else { names.join(", ") };
        let what = name.map_or_else(String::new, |name| format!(" of '{}'", escape(name)));
        Failure::said(format!("packet {number} has no header{what}")).hint(format!("those that it has: {names}"))
    })
}

/// The picture's name is that of its file.
pub(crate) fn caption(path: &Path, title: &str) -> Caption {
    let name = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Caption::new(&name, title)
}

pub(crate) fn refused(refusal: &Refusal) -> Failure {
    let failure = Failure::said(escape(&refusal.to_string()));
    match refusal {
        Refusal::TooManyCourses(..) => failure.hint("draw the others in a picture of their own"),
        Refusal::TooManyParties(..) => {
            failure.hint("a filter leaves some out, as in `peel FILE host 10.0.0.5 --ladder OUT`")
        }
        _ => failure,
    }
}
