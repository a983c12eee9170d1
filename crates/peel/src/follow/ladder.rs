//! The drawing of a conversation.
//!
//! ```text
//!                192.168.1.3                                      192.168.10.3
//!    3  0.000000 │ ── ICMP echo request 1 ────────────────────────────────▶ │
//!    4  0.071000 │ ◀ ────────────────────────────────── ICMP echo reply 1 ─ │
//! ```

use super::again::Order;
use super::label::{Directions, Ports};
use super::{Conversation, Party};
use crate::capture::Record;
use crate::marks::is_lost;
use crate::stamp::{Seconds, Stamp};
use crate::wrap::wrapped;
use cli::{Failure, Output, escape, style};
use wire::dissect::Dissection;

/// From the beginning of a line to the first column.
const LEFT: usize = 16;
/// Between both columns.
const BETWEEN: usize = 80 - LEFT - 2;
/// An arrow without its label has so many characters at the least.
const ARROW: usize = 8;
/// A pause that is as long as this is said.
const PAUSE_NS: i64 = 100_000_000;

/// Draws a conversation packet by packet.
#[derive(Debug)]
pub struct Ladder {
    conversation: Conversation,
    directions: Directions,
    /// Who spoke first, and when.
    first: Option<(Party, Option<Stamp>)>,
    previous: Option<Stamp>,
    last: Option<Stamp>,
    packets: u64,
    lost: u64,
    again: u64,
    forwarded: u64,
}

/// The characters of a drawing.
struct Pen {
    lane: char,
    line: char,
    thick: char,
    dashed: char,
    right: &'static str,
    left: &'static str,
    cross: char,
}

const DRAWN: Pen = Pen { lane: '│', line: '─', thick: '═', dashed: '╌', right: "▶", left: "◀", cross: '✗' };
const TYPED: Pen = Pen { lane: '|', line: '-', thick: '=', dashed: '.', right: ">", left: "<", cross: 'x' };

impl Ladder {
    /// A ladder of this conversation, nothing drawn.
    #[must_use]
    pub fn new(conversation: Conversation) -> Self {
        Self {
            conversation,
            directions: Directions::default(),
            first: None,
            previous: None,
            last: None,
            packets: 0,
            lost: 0,
            again: 0,
            forwarded: 0,
        }
    }

    /// Draws a packet if it belongs to the conversation; the answer is whether it does.
    ///
    /// # Errors
    /// Those of the output.
    pub fn draw(&mut self, out: &mut Output, record: &Record<'_>, packet: &Dissection<'_>) -> Result<bool, Failure> {
        let Some(part) = self.conversation.part(packet) else { return Ok(false) };
        if self.directions.is_forwarded(packet, record.packet.interface) {
            self.forwarded += 1;
            return Ok(false);
        }
        let pen = if out.ascii() { &TYPED } else { &DRAWN };
        let (first, began) = match self.first {
            Some(first) => first,
            None => {
                let first = (part.sender, record.packet.at);
                self.first = Some(first);
                self.columns(out, part.sender)?;
                first
            }
        };
        self.pause(out, pen, record)?;
        // An error is told to who sent what it is about.
        let is_back = Conversation::is_back(&part, first);
        let goes_left = is_back != part.error_by.is_some();
        let ports = if self.conversation.has_ports() { Ports::Above } else { Ports::Told };
        let label = self.directions.label(packet, record.number, is_back, ports);
        let (fate, order) = (is_lost(record), label.order);
        self.packets += 1;
        self.lost += u64::from(fate);
        self.again += u64::from(order == Order::Again);

        let comment = record.packet.comment.as_deref().map(escape).unwrap_or_default();
        let mut text = escape(&label.text);
        text += match order {
            Order::Again => ", sent\u{a0}again", // in one line
            Order::Late => ", late",
            Order::New => "",
        };
        if !fate && !comment.is_empty() {
            text += &format!(" # {comment}");
        }
        let arrow = Arrow {
            line: if fate { pen.dashed } else if order == Order::Again { pen.thick } else { pen.line },
            end: if fate { format!("{} {comment}", pen.cross) } else { String::new() },
            goes_left,
            starts_between: part.error_by.is_some_and(|by| self.conversation.key.parties.iter().all(|end| end.address != by)),
        };
        let time = match (record.packet.at, began) {
            (Some(at), Some(began)) => Seconds(at.since(began), 6).to_string(),
            _ => "-".into(),
        };
        let rows = arrow.rows(pen, &text);
        for (number, row) in rows.iter().enumerate() {
            let left = if number == 0 { format!("{:>4} {time:>9}", record.number) } else { String::new() };
            let row = if fate || order == Order::Again { out.paint(style::WARNING, row) } else { row.clone() };
            out.line(&format!("{left:>14}  {}{row}{}", pen.lane, pen.lane))?;
        }
        Ok(true)
    }

    /// Both ends, above their columns.
    fn columns(&self, out: &mut Output, first: Party) -> Result<(), Failure> {
        let [a, b] = self.conversation.key.parties;
        let second = if a == first { b } else { a };
        let (left, right) = (first.to_string(), second.to_string());
        if left.len() + right.len() + 2 <= BETWEEN + 2 {
            return out.line(&format!("{:LEFT$}{left}{right:>width$}", "", width = BETWEEN + 2 - left.len()));
        }
        out.line(&format!("{:LEFT$}{left}", ""))?;
        out.line(&format!("{:LEFT$}{right:>width$}", "", width = BETWEEN + 2))
    }

    /// Says how long nobody spoke, where that is long.
    fn pause(&mut self, out: &mut Output, pen: &Pen, record: &Record<'_>) -> Result<(), Failure> {
        let Some(at) = record.packet.at else { return Ok(()) };
        let pause = self.previous.map_or(0, |previous| at.since(previous));
        (self.previous, self.last) = (Some(at), Some(at));
        if pause < PAUSE_NS {
            return Ok(());
        }
        let text = format!("+ {}", Seconds(pause, 3));
        out.line(&format!("{text:>14}  {}{:BETWEEN$}{}", pen.lane, "", pen.lane))
    }

    /// Says how many packets it was.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(&self, out: &mut Output) -> Result<(), Failure> {
        let count = |number: u64, what: &str| match number {
            0 => String::new(),
            number => format!(", {number} {what}"),
        };
        let packets = if self.packets == 1 { "1 packet".to_string() } else { format!("{} packets", self.packets) };
        let took = match (self.first.and_then(|(_, began)| began), self.last) {
            (Some(began), Some(last)) => format!(", in {} s", Seconds(last.since(began), 6)),
            _ => String::new(),
        };
        let (lost, again) = (count(self.lost, "lost"), count(self.again, "sent again"));
        out.line("")?;
        out.line(&format!("{packets}{lost}{again}{took}"))?;
        if self.forwarded > 0 {
            let forwarded = self.forwarded;
            out.note(&format!("left out: {forwarded} of the same packets on another interface, or one router later"));
        }
        Ok(())
    }

    /// How many packets were drawn.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }
}

/// An arrow between the columns.
struct Arrow {
    line: char,
    /// What it ends with, if it does not reach the other column.
    end: String,
    goes_left: bool,
    /// It starts at neither column.
    starts_between: bool,
}

impl Arrow {
    /// The rows it takes: the arrow with as much of the text as fits on it, and below it the rest.
    fn rows(&self, pen: &Pen, text: &str) -> Vec<String> {
        let end = self.end.chars().count();
        let most = BETWEEN - ARROW - if end == 0 { 0 } else { (end + 2).min(BETWEEN / 2) };
        let lines = wrapped(text, most);
        let mut rows = vec![];
        for (number, line) in lines.iter().enumerate() {
            let line = &line.replace('\u{a0}', " ");
            rows.push(if number == 0 { self.row(pen, line) } else { aside(line, self.goes_left) });
        }
        rows
    }

    fn row(&self, pen: &Pen, text: &str) -> String {
        let line = |len: usize| pen.line_of(self.line, len);
        let room = BETWEEN.saturating_sub(text.chars().count());
        // Blank, start of the line, blank, text, blank, rest of the line, head, blank.
        let start = if self.starts_between { String::from("  ") } else { line(2) };
        let rest = room.saturating_sub(7);
        match (self.goes_left, self.end.as_str()) {
            (false, "") => format!(" {start} {text} {}{} ", line(rest), pen.right),
            (true, "") => format!(" {}{} {text} {start} ", pen.left, line(rest)),
            (goes_left, end) => {
                let end: String = end.chars().take(room.saturating_sub(ARROW)).collect();
                let dashes = (room.saturating_sub(6 + end.chars().count())).min(4);
                let blank = " ".repeat(room.saturating_sub(6 + dashes + end.chars().count()));
                match goes_left {
                    false => format!(" {start} {text} {} {end}{blank}", line(dashes)),
                    true => format!("{blank}{} {} {text} {start} ", mirrored(&end), line(dashes)),
                }
            }
        }
    }
}

impl Pen {
    fn line_of(&self, character: char, len: usize) -> String {
        let dash = |number: usize| if character == '.' && number % 2 == 1 { ' ' } else { character };
        (0..len).map(dash).collect()
    }
}

/// `✗ lost on the way` as it stands at the left end of an arrow: `lost on the way ✗`.
fn mirrored(end: &str) -> String {
    end.split_once(' ').map_or_else(|| end.to_string(), |(cross, words)| format!("{words} {cross}"))
}

/// Text below an arrow.
fn aside(text: &str, goes_left: bool) -> String {
    let room = BETWEEN.saturating_sub(text.chars().count() + 4);
    let blank = " ".repeat(room);
    if goes_left { format!("{blank}{text}    ") } else { format!("    {text}{blank}") }
}
