//! Pieces: what one IP packet became on each link of its way. A row a link, and in it each fragment where its bytes belong in the
//! packet, all to one scale.

use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};
use crate::{Caption, Captured, Refusal};
use wire::dissect::Protocol;

/// Where rows begin, and how high their parts are.
const LEFT: f64 = 8.0;
const RIGHT: f64 = 352.0;
const ROW: f64 = 74.0;
const NAME: f64 = 14.0;
const LENGTH: f64 = 30.0;
const BAR: (f64, f64) = (35.0, 18.0);
const OFFSET: f64 = 65.0;
/// Between two pieces.
const GAP: f64 = 4.0;

/// A link of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its name, and who is at its ends.
    pub name: String,
    /// The longest packet that it takes, in bytes.
    pub mtu: u16,
    /// What went into it.
    pub packets: Vec<Captured>,
}

/// A fragment, or a whole packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    /// Where its data begins in the packet's.
    offset: usize,
    /// How many bytes of data it has, and how many of header.
    len: usize,
    header: usize,
    more: bool,
}

/// Draws what became of a packet: of each link those packets that have its addresses, protocol and identification.
///
/// # Errors
/// When `packet` is no IPv4 packet, or no link has a piece of it.
pub fn pieces(caption: &Caption, packet: &Captured, way: &[Stretch]) -> Result<String, Refusal> {
    let Some((_, identity)) = piece(packet) else { return Err(Refusal::NothingFlew) };
    let rows: Vec<(&Stretch, Vec<Piece>)> = way
        .iter()
        .map(|stretch| {
            let found = stretch.packets.iter().filter_map(piece).filter(|(_, other)| *other == identity);
            let mut pieces: Vec<Piece> = found.map(|(piece, _)| piece).collect();
            pieces.sort_unstable();
            pieces.dedup();
            (stretch, pieces)
        })
        .collect();
    let all = || rows.iter().flat_map(|(_, pieces)| pieces);
    let total = all().map(|piece| piece.offset + piece.len).max().unwrap_or(0);
    if total == 0 {
        return Err(Refusal::NothingFlew);
    }
    // The row with the most pieces has the most headers and gaps.
    let besides = rows.iter().map(|(_, pieces)| (pieces.iter().map(|piece| piece.header).sum::<usize>(), pieces.len()));
    let (headers, most) = besides.max_by_key(|(_, pieces)| *pieces).unwrap_or((0, 1));
    let scale = (RIGHT - LEFT - GAP * units(most.saturating_sub(1))) / units(total + headers);

    let mut canvas = Canvas::new();
    let mut told = vec![];
    let mut y = 0.0;
    for (stretch, pieces) in &rows {
        row(&mut canvas, y, stretch, pieces, scale);
        let words: Vec<String> = pieces.iter().map(Piece::told).collect();
        let words = if words.is_empty() { "nothing".to_string() } else { words.join(", ") };
        told.push(format!("{}, MTU {}: {words}.", stretch.name, stretch.mtu));
        y += ROW;
    }
    Ok(canvas.finish(caption, y, &caption.description(&told.join(" "))))
}

fn row(canvas: &mut Canvas, y: f64, stretch: &Stretch, pieces: &[Piece], scale: f64) {
    let mtu = format!("MTU {}", stretch.mtu);
    let room = WIDTH - 2.0 * LEFT - Text::Number.width(&mtu) - 8.0;
    if let Some(name) = Text::Strong.shortened(&stretch.name, room) {
        canvas.text((LEFT, y + NAME), Text::Strong, Anchor::Start, &name);
    }
    canvas.text((RIGHT, y + NAME), Text::Number, Anchor::End, &mtu);
    let mut headers = 0;
    let (mut length_from, mut offset_from) = (0.0, 0.0);
    for (number, piece) in pieces.iter().enumerate() {
        let left = LEFT + units(piece.offset + headers) * scale + GAP * units(number);
        headers += piece.header;
        let (header, data) = (units(piece.header) * scale, units(piece.len) * scale);
        canvas.group(&piece.told(), |canvas| {
            canvas.rect("f-net", (left, y + BAR.0), (header, BAR.1), 0.0);
            canvas.rect("f-app", (left + header, y + BAR.0), (data, BAR.1), 0.0);
            // A number stands where its piece begins, if the one before it leaves room.
            let length = (piece.header + piece.len).to_string();
            if left >= length_from && left + Text::Value.width(&length) <= WIDTH {
                canvas.text((left, y + LENGTH), Text::Value, Anchor::Start, &length);
                length_from = left + Text::Value.width(&length) + 4.0;
            }
            let offset = piece.offset.to_string();
            let begin = left + header;
            if begin >= offset_from && begin + Text::Number.width(&offset) <= WIDTH {
                canvas.text((begin, y + OFFSET), Text::Number, Anchor::Start, &offset);
                offset_from = begin + Text::Number.width(&offset) + 4.0;
            }
        });
    }
    canvas.path("gr", format!("M{} {}H{}", Num(LEFT), Num(y + ROW - 3.0), Num(RIGHT)));
}

impl Piece {
    fn told(&self) -> String {
        let Piece { offset, len, header, more } = self;
        let whole = *offset == 0 && !more;
        let bytes = header + len;
        if whole {
            return format!("a whole packet of {bytes} bytes");
        }
        let end = (offset + len).saturating_sub(1);
        let more = if *more { "more to come" } else { "the last" };
        format!("a fragment of {bytes} bytes with bytes {offset} to {end}, {more}")
    }
}

/// The piece that a packet is, and what all pieces of one packet have in common.
fn piece(packet: &Captured) -> Option<(Piece, Vec<u64>)> {
    let dissection = packet.dissect();
    let ip = dissection.layer(Protocol::Ipv4)?;
    let number = |name: &str| ip.field(name).map(|field| field.number());
    let offset = usize::try_from(number("fragment_offset")? * 8).ok()?;
    let piece =
        Piece { offset, len: ip.payload_len(), header: ip.header().len(), more: number("more_fragments")? == 1 };
    let identity =
        ["source", "destination", "protocol", "identification"].into_iter().map(number).collect::<Option<_>>()?;
    Some((piece, identity))
}

#[expect(clippy::cast_precision_loss, reason = "a packet has 65,535 bytes at most")]
fn units(bytes: usize) -> f64 {
    bytes as f64
}
