//! A sealed record of TLS 1.3, and how it is opened: nonce, what is vouched for beside, sealed bytes, tag; and what was in it.

use crate::Caption;
use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};

const LEFT: f64 = 8.0;
/// How wide a byte in hexadecimal is, with the blank behind it; and how many have room in a row.
const BYTE: f64 = 21.6;
const FEW: usize = 12;
/// How high a row of bytes is, and the words above it.
const BOX: f64 = 22.0;
const WORDS: f64 = 16.0;
const ROW: f64 = 46.0;

/// A record that was opened. All bytes are as they are on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The five bytes before the fragment.
    pub header: Vec<u8>,
    /// The fragment: what is hidden, and the tag behind it.
    pub fragment: Vec<u8>,
    /// What the number is mixed into: 12 bytes.
    pub iv: Vec<u8>,
    /// The record's number under its key.
    pub sequence: u64,
    /// What came out: the content, its type, and zeros.
    pub inner: Vec<u8>,
    /// The content in a few words.
    pub content: String,
}

/// Bytes of the tag, in all suites of TLS 1.3.
const TAG: usize = 16;

/// Draws it, from the top down.
#[must_use]
pub fn sealed(caption: &Caption, sealed: &Sealed) -> String {
    let hidden = sealed.fragment.len().saturating_sub(TAG);
    let (body, tag) = sealed.fragment.split_at(hidden);
    let number: Vec<u8> = [&[0; 4][..], &sealed.sequence.to_be_bytes()].concat();
    let nonce: Vec<u8> = sealed.iv.iter().zip(&number).map(|(iv, number)| iv ^ number).collect();
    let end = sealed.inner.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let (content, content_type) = sealed.inner.split_at(end);
    let zeros = content_type.len().saturating_sub(1);
    let type_words = match content_type.first() {
        Some(21) => "alert",
        Some(22) => "handshake",
        Some(23) => "application data",
        _ => "unknown",
    };

    let rows = [
        Row::new("header", "everybody reads it, nobody may change it", &sealed.header, "f-net"),
        Row::new("sealed", &format!("{} bytes", body.len()), body, "f-tra"),
        Row::new("tag", "16 bytes that fit all above, or nothing opens", tag, "f-tra"),
        Row::new("IV", "from the traffic secret, not on the wire", &sealed.iv, "f-link"),
        Row::new("record number", &format!("{}, counted at both ends", sealed.sequence), &number, "f-link"),
        Row::new("nonce", "IV XOR number", &nonce, "f-link"),
        Row::new("content", &sealed.content, content, "f-app"),
        Row::new(
            "type",
            &format!("{type_words}; {zeros} zeros behind it"),
            content_type.get(..1).unwrap_or_default(),
            "f-app",
        ),
    ];
    let mut canvas = Canvas::new();
    let (mut y, mut told) = (0.0, vec![]);
    for (at, row) in rows.iter().enumerate() {
        let title = match at {
            0 => Some("On the wire"),
            3 => Some("What both ends know besides"),
            6 => Some("Opened with key and nonce"),
            _ => None,
        };
        if let Some(title) = title {
            y += if at == 0 { 0.0 } else { 10.0 };
            canvas.text((LEFT, y + 13.0), Text::Title, Anchor::Start, title);
            y += 20.0;
            told.push(format!("{title}:"));
        }
        canvas.group(&row.told(), |canvas| row.draw(canvas, y));
        told.push(row.told() + ".");
        y += ROW;
    }
    canvas.finish(caption, y, &caption.description(&told.join(" ")))
}

struct Row<'a> {
    name: &'a str,
    words: String,
    bytes: &'a [u8],
    class: &'a str,
}

impl<'a> Row<'a> {
    fn new(name: &'a str, words: &str, bytes: &'a [u8], class: &'a str) -> Self {
        Self { name, words: words.into(), bytes, class }
    }

    /// The bytes: all, or the first of them and dots.
    fn hex(&self) -> String {
        let most = if self.bytes.len() > FEW { FEW - 1 } else { FEW };
        let mut hex: Vec<String> = self.bytes.iter().take(most).map(|byte| format!("{byte:02x}")).collect();
        if self.bytes.len() > most {
            hex.push("..".into());
        }
        hex.join(" ")
    }

    fn told(&self) -> String {
        format!("{}, {}: {}", self.name, self.words, self.hex())
    }

    fn draw(&self, canvas: &mut Canvas, y: f64) {
        let name_width = Text::Strong.width(self.name);
        canvas.text((LEFT, y + WORDS - 4.0), Text::Strong, Anchor::Start, self.name);
        let room = WIDTH - 2.0 * LEFT - name_width - 8.0;
        if let Some(words) = Text::Muted.shortened(&self.words, room) {
            canvas.text((LEFT + name_width + 8.0, y + WORDS - 4.0), Text::Muted, Anchor::Start, &words);
        }
        let hex = self.hex();
        let width = if self.bytes.len() > FEW { WIDTH - 2.0 * LEFT } else { Text::Value.width(&hex) + 10.0 };
        canvas.rect(self.class, (LEFT, y + WORDS), (width.max(BYTE), BOX), 2.0);
        canvas.text((LEFT + 5.0, y + WORDS + 15.0), Text::Value, Anchor::Start, &hex);
        if self.bytes.len() > FEW {
            // It goes on beyond what is shown.
            let x = WIDTH - LEFT - 8.0;
            canvas.path("ax", format!("M{} {}l4 {}l-4 {}", Num(x), Num(y + WORDS + 4.0), Num(7.0), Num(7.0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::overlap::Seen;

    #[test]
    fn type_stands_behind_the_content_and_zeros_behind_it() {
        let record = Sealed {
            header: vec![23, 3, 3, 0, 21],
            fragment: (0..21).collect(),
            iv: vec![0xff; 12],
            sequence: 0x0102,
            inner: vec![1, 0, 21, 0, 0],
            content: "close_notify".into(),
        };
        let figure = sealed(&Caption::new("any", "A record"), &record);
        assert!(figure.contains("nonce, IV XOR number: ff ff ff ff ff ff ff ff ff ff fe fd."), "{figure}");
        assert!(figure.contains("content, close_notify: 01 00."), "{figure}");
        assert!(figure.contains("type, alert; 2 zeros behind it: 15."), "{figure}");
        assert!(figure.contains("tag, 16 bytes that fit all above, or nothing opens: 05 06"), "{figure}");
    }

    #[test]
    fn random_records_have_pictures_whose_texts_lie_over_no_other() {
        let mut chance = Chance(0x5ea1_ed00_5ea1_ed01);
        for _ in 0..50 {
            let mut bytes = |most: usize| {
                let len = chance.below(most);
                chance.bytes(len)
            };
            let (header, fragment, iv, inner) = (bytes(9), bytes(80), bytes(20), bytes(60));
            let record = Sealed {
                header,
                fragment,
                iv,
                sequence: chance.next(),
                inner,
                content: "words ".repeat(chance.below(30)),
            };
            let figure = sealed(&Caption::new("any", "A record"), &record);
            Seen::of(&figure).hold_texts_apart();
            assert!(!figure.contains("\n\n"));
        }
    }
}
