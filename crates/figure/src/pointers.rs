//! Names in a message and what their pointers lead to: its bytes, twelve a row as many as the header has, and an arrow from each
//! compression pointer to its target.
//!
//! ```text
//!    12 │03 77 77 77│07 65 78 61 6d 70 6c 65│
//!       │   3 www   │       7 example       │
//!                    ▲
//!                    ╰─────────────╮
//!    24 │03 63 6f 6d│00│00 01 00 01│c0 10│
//!       │   3 com   │ 0│           │→ 16 │
//! ```
//!
//! Arrows run between the rows and in the margin, so they cross no byte.

use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::{Caption, Refusal};
use std::ops::Range;
use wire::dissect::{Dissection, Protocol};
use wire::dns::{Anatomy, Header, Pointer};
use wire::fields::Show;

/// Bytes a row: the header is the first one.
const COLUMNS: usize = Header::LEN;
/// More rows are not drawn; how many bytes follow is said.
const MOST_ROWS: usize = 16;

/// How wide a byte is, and how high a row.
const BYTE: f64 = 25.0;
const ROW: f64 = 31.0;
/// The lines of text in a row.
const HEX: f64 = 13.0;
const WORDS: f64 = 26.0;
/// Where the first byte of a row begins; left of it stands its number.
const LEFT: f64 = 26.0;
/// Where the first row begins.
const TOP: f64 = 26.0;
/// Between two arrows that run beside each other.
const LANE: f64 = 4.5;
/// Between rows, where no arrow runs.
const BETWEEN: f64 = 4.0;
/// The margin's lanes: as many as there is room for.
const LANES: usize = 7;

/// Some bytes that are one thing: a label behind its length, a pointer, the root.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    bytes: Range<usize>,
    says: Says,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Says {
    Label(String),
    /// To this byte.
    Pointer(usize),
    Root,
}

/// Draws the DNS message of this packet.
///
/// # Errors
/// When there is none, or no pointer in it.
pub fn pointers(caption: &Caption, dissection: &Dissection<'_>) -> Result<String, Refusal> {
    let message = dissection.layer(Protocol::Dns).ok_or(Refusal::NoPointers)?;
    let bytes = dissection.bytes().get(message.header()).unwrap_or_default();
    let anatomy = Anatomy::of(bytes);
    if anatomy.pointers.is_empty() {
        return Err(Refusal::NoPointers);
    }
    let drawn = bytes.len().div_ceil(COLUMNS).min(MOST_ROWS);
    let shown = bytes.get(..drawn * COLUMNS).unwrap_or(bytes);
    let runs = runs(bytes, &anatomy);
    let arrows: Vec<&Pointer> = anatomy.pointers.iter().filter(|pointer| pointer.at + 2 <= shown.len()).collect();
    let ways = Ways::of(&arrows, drawn);

    let mut canvas = Canvas::new();
    canvas.text((LEFT, 14.0), Text::Title, Anchor::Start, "DNS message");
    canvas.text((LEFT + BYTE * 12.0, 14.0), Text::Muted, Anchor::End, &format!("{} bytes", bytes.len()));
    let mut at = 0;
    for run in runs.iter().filter(|run| run.bytes.end <= shown.len()) {
        plain(&mut canvas, shown, at..run.bytes.start, &ways);
        run.draw(&mut canvas, shown, &ways);
        at = run.bytes.end;
    }
    plain(&mut canvas, shown, at..shown.len(), &ways);
    canvas.text((LEFT + BYTE * 6.0, ways.top(0) + WORDS), Text::Muted, Anchor::Middle, "the header");
    for row in 0..drawn {
        let number = (row * COLUMNS).to_string();
        canvas.text((LEFT - 5.0, ways.top(row) + HEX), Text::Number, Anchor::End, &number);
    }
    for (pointer, way) in arrows.iter().zip(&ways.each) {
        let told = told(pointer);
        canvas.group(&told, |canvas| canvas.path("w s-ink", ways.line(pointer, way)));
    }
    let mut height = ways.top(drawn) + 2.0;
    if shown.len() < bytes.len() {
        height += 14.0;
        let more = format!("and {} more bytes", bytes.len() - shown.len());
        canvas.text((LEFT, height - 4.0), Text::Muted, Anchor::Start, &more);
    }
    let all: Vec<String> = anatomy.pointers.iter().map(self::told).collect();
    let told = format!("{} bytes of a DNS message in rows of 12: {}.", bytes.len(), all.join("; "));
    Ok(canvas.finish(caption, height, &caption.description(&told)))
}

impl Run {
    /// A box, its bytes, and what they say where there is most room for it.
    fn draw(&self, canvas: &mut Canvas, bytes: &[u8], ways: &Ways) {
        let (told, words) = match &self.says {
            Says::Label(label) => {
                (format!("a label of {} bytes", self.bytes.len() - 1), format!("{} {label}", self.bytes.len() - 1))
            }
            Says::Pointer(to) => (format!("a pointer to byte {to}"), format!("→ {to}")),
            Says::Root => ("the root: the name ends".into(), "0".into()),
        };
        let pieces = pieces(&self.bytes);
        let widest = pieces.iter().map(|(_, columns)| columns.len()).max();
        let widest = pieces.iter().position(|(_, columns)| Some(columns.len()) == widest);
        canvas.group(&told, |canvas| {
            for (number, (row, columns)) in pieces.iter().enumerate() {
                let (left, width) = (column(columns.start), BYTE * units(columns.len()));
                canvas.rect("f-app", (left, ways.top(*row)), (width, ROW), 3.0);
                hex(canvas, bytes, *row, columns, ways);
                let fits = Text::Value.shortened(&words, width - 2.0).filter(|_| Some(number) == widest);
                if let Some(words) = fits {
                    canvas.text((left + width / 2.0, ways.top(*row) + WORDS), Text::Value, Anchor::Middle, &words);
                }
            }
        });
    }
}

/// Bytes that belong to no name.
fn plain(canvas: &mut Canvas, bytes: &[u8], range: Range<usize>, ways: &Ways) {
    if !range.is_empty() {
        for (row, columns) in pieces(&range) {
            hex(canvas, bytes, row, &columns, ways);
        }
    }
}

/// The bytes in these columns of a row.
fn hex(canvas: &mut Canvas, bytes: &[u8], row: usize, columns: &Range<usize>, ways: &Ways) {
    let start = row * COLUMNS;
    let line = bytes.get(start + columns.start..start + columns.end).unwrap_or_default();
    let text: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
    let middle = column(columns.start) + BYTE * units(columns.len()) / 2.0;
    canvas.text((middle, ways.top(row) + HEX), Text::Number, Anchor::Middle, &text.join(" "));
}

fn told(pointer: &Pointer) -> String {
    format!("byte {} points to byte {}, {}", pointer.at, pointer.to, pointer.name)
}

/// The labels, pointers and ends of all names.
fn runs(bytes: &[u8], anatomy: &Anatomy) -> Vec<Run> {
    let mut runs = vec![];
    for part in anatomy.parts.iter().filter(|part| part.row.show == Show::Bytes && part.bits.start >= Header::LEN * 8) {
        let place = part.bits.start / 8..part.bits.end / 8;
        if let Some(found) = name(bytes, &place) {
            runs.extend(found);
        }
    }
    runs.sort_by_key(|run: &Run| run.bytes.start);
    runs.dedup_by_key(|run| run.bytes.start);
    runs
}

/// The labels of a name that fills these bytes; `None`: they are no name.
fn name(bytes: &[u8], place: &Range<usize>) -> Option<Vec<Run>> {
    let (mut at, mut runs) = (place.start, vec![]);
    loop {
        let first = *bytes.get(at).filter(|_| at < place.end)?;
        let len = usize::from(first);
        let (end, says) = match first >> 6 {
            0 if len == 0 => (at + 1, Says::Root),
            0 => (at + 1 + len, Says::Label(bytes.get(at + 1..at + 1 + len)?.escape_ascii().to_string())),
            3 => {
                let low = *bytes.get(at + 1)?;
                (at + 2, Says::Pointer(usize::from(u16::from_be_bytes([first & 0x3f, low]))))
            }
            _ => return None,
        };
        let is_last = !matches!(says, Says::Label(_));
        runs.push(Run { bytes: at..end, says });
        at = end;
        if is_last {
            return (at == place.end).then_some(runs);
        }
    }
}

/// Rows, and the columns in them, over which these bytes reach.
fn pieces(bytes: &Range<usize>) -> Vec<(usize, Range<usize>)> {
    let rows = bytes.start / COLUMNS..bytes.end.div_ceil(COLUMNS);
    rows.map(|row| {
        let from = bytes.start.max(row * COLUMNS) - row * COLUMNS;
        (row, from..bytes.end.min((row + 1) * COLUMNS) - row * COLUMNS)
    })
    .collect()
}

fn place(byte: usize) -> (usize, usize) {
    (byte / COLUMNS, byte % COLUMNS)
}

/// Where a column begins.
fn column(number: usize) -> f64 {
    LEFT + BYTE * units(number)
}

/// How an arrow runs: above its pointer's row in one lane; if its target is further up than the row before, in the margin; and
/// below its target's row in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    leaves: usize,
    margin: usize,
    arrives: usize,
}

/// All arrows, and the room that they need between rows.
struct Ways {
    each: Vec<Way>,
    /// Where each row begins, and where the last one ends.
    tops: Vec<f64>,
}

impl Ways {
    fn of(arrows: &[&Pointer], rows: usize) -> Self {
        // Lanes are counted above each row.
        let mut used = vec![0; rows + 1];
        let mut lane = |row: usize| {
            let used = used.get_mut(row);
            used.map_or(0, |used| {
                *used += 1;
                *used - 1
            })
        };
        let mut margin = 0;
        let mut each = vec![];
        for pointer in arrows {
            let ((from, _), (to, _)) = (place(pointer.at), place(pointer.to));
            let leaves = lane(from);
            let is_far = from > to + 1;
            each.push(Way { leaves, margin: margin % LANES, arrives: if is_far { lane(to + 1) } else { leaves } });
            margin += usize::from(is_far);
        }
        let mut tops = vec![];
        let mut y = TOP;
        for used in used {
            // A head needs room too.
            y += if used > 0 { BETWEEN + 5.0 + LANE * units(used) } else { BETWEEN };
            tops.push(y);
            y += ROW;
        }
        Self { each, tops }
    }

    /// Where a row begins.
    fn top(&self, row: usize) -> f64 {
        self.tops.get(row).copied().unwrap_or(TOP)
    }

    /// The line of an arrow, with its head.
    fn line(&self, pointer: &Pointer, way: &Way) -> String {
        let ((from, start), (to, end)) = (place(pointer.at), place(pointer.to));
        let start = column(start) + if start + 1 < COLUMNS { BYTE } else { BYTE / 2.0 };
        let end = column(end) + BYTE / 2.0;
        let lane = |row: usize, number: usize| self.top(row) - BETWEEN - LANE * units(number);
        let leaves = lane(from, way.leaves);
        let begin = format!("M{} {}V{}", Num(start), Num(self.top(from)), Num(leaves));
        if from == to {
            // Its target is in the same row: down upon it.
            let tip = self.top(to);
            return format!("{begin}H{}V{}{}", Num(end), Num(tip), head(end, tip, -1.0));
        }
        let tip = self.top(to) + ROW;
        let head = head(end, tip, 1.0);
        if from == to + 1 {
            return format!("{begin}H{}V{}{head}", Num(end), Num(tip));
        }
        let margin = column(COLUMNS) + 3.0 + LANE * units(way.margin);
        let arrives = lane(to + 1, way.arrives);
        format!("{begin}H{}V{}H{}V{}{head}", Num(margin), Num(arrives), Num(end), Num(tip))
    }
}

/// The head of an arrow whose tip is here and whose line comes from below (1) or from above (-1).
fn head(x: f64, y: f64, from: f64) -> String {
    format!(
        "M{} {}L{} {}L{} {}",
        Num(x - 3.0),
        Num(y + 4.0 * from),
        Num(x),
        Num(y + 0.5 * from),
        Num(x + 3.0),
        Num(y + 4.0 * from)
    )
}

#[expect(clippy::cast_precision_loss, reason = "a message has 65,535 bytes at most")]
fn units(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::overlap::Seen;
    use wire::dissect::{LinkType, dissect};
    use wire::dns::{Message, Name, Question, Rdata, Record, Type};
    use wire::ipv4::{self, Ipv4};
    use wire::udp::Udp;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// The figure of a message on its way.
    fn drawn(message: &Message) -> Result<String, Refusal> {
        let (server, client) = ([192, 0, 2, 53], [192, 0, 2, 10]);
        let datagram = Udp::new(53, 40_000).datagram(server.into(), client.into(), &message.clone().sealed().bytes());
        let packet = Ipv4::new(server.into(), client.into(), ipv4::UDP).packet(&datagram);
        pointers(&Caption::new("any", "Pointers"), &dissect(&packet, LinkType::RawIp))
    }

    fn answer(owners: &[&str]) -> Message {
        let query = Message::query(7, true, Question::new(name("www.example.com"), Type::A));
        let mut answer = Message { questions: query.questions, ..Message::new(query.header.answer()) };
        for owner in owners {
            answer.answers.push(Record::new(name(owner), 300, Rdata::of_address([203, 0, 113, 10].into())));
        }
        answer
    }

    #[test]
    fn each_pointer_is_told_with_its_target_and_the_name_there() {
        let figure = drawn(&answer(&["www.example.com", "mail.example.com"])).unwrap();
        assert!(figure.contains("byte 33 points to byte 12, www.example.com."), "{figure}");
        assert!(figure.contains("byte 54 points to byte 16, example.com."), "{figure}");
        assert!(figure.contains(">→ 12</text>") && figure.contains(">→ 16</text>"));
        assert_eq!(figure.matches("class=\"w s-ink\"").count(), 2);
    }

    #[test]
    fn message_without_pointers_has_no_picture() {
        assert_eq!(drawn(&answer(&[])), Err(Refusal::NoPointers));
    }

    #[test]
    fn text_of_random_messages_stays_within_the_picture_and_off_the_borders() {
        let mut chance = Chance(0x0123_4567_89ab_cdef);
        for _ in 0..100 {
            let owners: Vec<String> = (0..1 + chance.below(20))
                .map(|_| match chance.below(4) {
                    0 => "www.example.com".into(),
                    1 => format!("{}.example.com", "x".repeat(1 + chance.below(40))),
                    2 => format!("a{}.net", chance.below(3)),
                    _ => "com".into(),
                })
                .collect();
            let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
            let figure = match drawn(&answer(&owners)) {
                Ok(figure) => figure,
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::NoPointers);
                    continue;
                }
            };
            Seen::of(&figure).hold_texts_apart();
            Seen::of(&figure).hold_borders_free();
            assert!(!figure.contains("\n\n") && figure.len() < 40_000, "{}", figure.len());
        }
    }
}
