//! The header grid: rows of 32 bits, a cell a field, with the values of one packet.
//!
//! ```text
//!   0       8       16              24            31
//!   ╭───┬───┬───────┬──────────────────────────────╮
//! 0 │Ver│IHL│ DSCP …│         Total Length         │
//!   │ 4 │ 5 │ 0 0x00│         84  0x0054           │
//! ```

mod cell;
mod label;
mod words;

use crate::Caption;
use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::palette::Hue;
use crate::refusal::Refusal;
use cell::Cell;
use std::fmt::Write;
use wire::dissect::{Layer, Protocol};
pub(crate) use words::said;

/// Bits a row, as the RFCs draw them.
const COLUMNS: usize = 32;
/// More rows are not drawn; how many bytes follow is said.
const MOST_ROWS: usize = 20;

/// How wide a bit is.
const BIT: f64 = 10.4;
/// Where the first bit begins; left of it stands the number of each row's first byte.
const LEFT: f64 = 26.0;
/// Where the first row begins.
const TOP: f64 = 44.0;
/// A row in which no text stands: all of it belongs to fields whose text is in another row.
const EMPTY_ROW: f64 = 16.0;

/// Draws the header of `layer` with its values.
///
/// # Errors
/// When the layer has no header, as data has none.
pub fn grid(caption: &Caption, layer: Layer<'_>) -> Result<String, Refusal> {
    let header = layer.header();
    let first = header.start * 8;
    let fields: Vec<_> = layer.fields().filter(|field| field.bits().end <= header.end * 8).collect();
    if fields.is_empty() {
        return Err(Refusal::NoHeader(layer.protocol()));
    }
    let mut cells = vec![];
    let mut tall = 0;
    for field in &fields {
        let from = field.bits().start - first - tall;
        let cell = Cell::new(field, from);
        tall += cell.hidden_bits();
        cells.push(cell);
    }
    let rows = cells.iter().map(Cell::rows_end).max().unwrap_or(0);
    cells.retain(|cell| cell.rows_end() <= MOST_ROWS);
    let drawn = cells.iter().map(Cell::rows_end).max().unwrap_or(0);
    let tops = tops(&cells, drawn);
    let bottom = tops.last().copied().unwrap_or(TOP);

    let mut canvas = Canvas::new();
    canvas.text((LEFT, 14.0), Text::Title, Anchor::Start, &title(layer.protocol()));
    let right = LEFT + BIT * 32.0;
    canvas.text((right, 14.0), Text::Muted, Anchor::End, &bytes(header.len()));
    ruler(&mut canvas);
    let mut byte = 0;
    let mut hidden = cells.iter().filter(|cell| cell.hidden_bits() > 0).peekable();
    for (row, top) in tops.iter().take(drawn).enumerate() {
        canvas.text((LEFT - 5.0, top + 13.0), Text::Number, Anchor::End, &byte.to_string());
        byte += COLUMNS / 8;
        if let Some(cell) = hidden.next_if(|cell| cell.rows_end() == row + 1) {
            byte += cell.hidden_bits() / 8;
        }
    }
    // What is wrong is drawn last, so that its border is over its neighbours'.
    let (wrong, right): (Vec<&Cell>, Vec<&Cell>) = cells.iter().partition(|cell| cell.is_wrong());
    let hue = hue(layer.protocol());
    right.into_iter().chain(wrong).for_each(|cell| cell.draw(&mut canvas, &tops, hue));
    let mut height = bottom + 4.0;
    if drawn < rows {
        height += 14.0;
        canvas.text(
            (LEFT, bottom + 13.0),
            Text::Muted,
            Anchor::Start,
            &format!("and {} more", bytes(header.len() - byte)),
        );
    }
    let told: Vec<String> = fields.iter().map(words::told).collect();
    let told =
        format!("{} of {} in rows of 32 bits: {}.", title(layer.protocol()), bytes(header.len()), told.join("; "));
    Ok(canvas.finish(caption, height, &caption.description(&told)))
}

/// Where each row begins, and where the last one ends.
fn tops(cells: &[Cell], rows: usize) -> Vec<f64> {
    let mut top = TOP;
    let mut tops = vec![top];
    for row in 0..rows {
        let height = cells.iter().filter(|cell| cell.text_row() == row).map(Cell::height).fold(EMPTY_ROW, f64::max);
        top += height;
        tops.push(top);
    }
    tops
}

/// A tick a bit, a longer one a byte, and the number of each byte's first bit.
fn ruler(canvas: &mut Canvas) {
    let mut ticks = String::new();
    for bit in 0..=COLUMNS {
        let length = if bit % 8 == 0 { 8 } else { 3 };
        let _ = write!(ticks, "M{} {}v-{length}", Num(at(bit)), Num(TOP - 2.0));
    }
    canvas.path("ax", ticks);
    for bit in [0, 8, 16, 24] {
        canvas.text((at(bit) + 3.0, TOP - 8.0), Text::Number, Anchor::Start, &bit.to_string());
    }
    canvas.text((at(COLUMNS) - 3.0, TOP - 8.0), Text::Number, Anchor::End, "31");
}

/// Where a bit of a row begins.
#[expect(clippy::cast_precision_loss, reason = "32 at most")]
fn at(bit: usize) -> f64 {
    LEFT + BIT * bit as f64
}

fn bytes(number: usize) -> String {
    if number == 1 { "1 byte".to_string() } else { format!("{number} bytes") }
}

/// What a figure of this header says above it.
fn title(protocol: Protocol) -> String {
    match protocol {
        Protocol::Arp | Protocol::Dhcp | Protocol::Dns => format!("{protocol} message"),
        Protocol::Tls => format!("{protocol} record"),
        Protocol::Http => format!("{protocol} message"),
        Protocol::Ssh => format!("{protocol} packet"),
        Protocol::LinuxCooked | Protocol::LinuxCooked2 | Protocol::Routing | Protocol::Ipv6Fragment => {
            protocol.to_string()
        }
        Protocol::HopByHop | Protocol::DestinationOptions => protocol.to_string(),
        Protocol::Tag => format!("{protocol} tag"),
        _ => format!("{protocol} header"),
    }
}

/// The colour of a layer in pictures of bytes.
pub(crate) fn hue(protocol: Protocol) -> Hue {
    match protocol {
        Protocol::Loopback | Protocol::LinuxCooked | Protocol::LinuxCooked2 | Protocol::Ethernet | Protocol::Tag => {
            Hue::Link
        }
        Protocol::Arp
        | Protocol::Ipv4
        | Protocol::Ipv6
        | Protocol::HopByHop
        | Protocol::DestinationOptions
        | Protocol::Routing
        | Protocol::Ipv6Fragment
        | Protocol::Ah => Hue::Net,
        Protocol::Esp | Protocol::Icmp | Protocol::Icmpv6 | Protocol::Extensions | Protocol::Udp | Protocol::Tcp => {
            Hue::Transport
        }
        Protocol::Dhcp | Protocol::Dns | Protocol::Tls | Protocol::Http | Protocol::Ssh | Protocol::Data => {
            Hue::Payload
        }
    }
}
