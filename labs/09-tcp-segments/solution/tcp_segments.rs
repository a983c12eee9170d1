//! Lab 9, solved: what a receiver does with segments, by RFC 9293.

use host::lab::{Lab, LabError};

/// Whether sequence number `a` comes before `b`; they are less than 2³¹ apart.
pub fn before(a: u32, b: u32) -> Lab<bool> {
    Ok(a != b && b.wrapping_sub(a) < 1 << 31)
}

/// How many sequence numbers a segment takes: SEG.LEN.
pub fn length(syn: bool, fin: bool, data: u32) -> Lab<u32> {
    Ok(data + u32::from(syn) + u32::from(fin))
}

/// Whether a segment of `len` numbers from `seq` on has any that is expected: of the `wnd` numbers from `nxt` on.
pub fn acceptable(nxt: u32, wnd: u32, seq: u32, len: u32) -> Lab<bool> {
    let is_in_window = |number: u32| number.wrapping_sub(nxt) < wnd;
    Ok(match (len, wnd) {
        (0, 0) => seq == nxt,
        (0, _) => is_in_window(seq),
        (_, 0) => false,
        _ => is_in_window(seq) || is_in_window(seq.wrapping_add(len - 1)),
    })
}

/// The part of `data` that lies in the window, with the number of its first byte; `None`: no byte does.
pub fn trim(nxt: u32, wnd: u32, seq: u32, data: &[u8]) -> Lab<Option<(u32, &[u8])>> {
    let (mut seq, mut data) = (seq, data);
    if before(seq, nxt)? {
        let old = nxt.wrapping_sub(seq) as usize;
        data = data.get(old..).unwrap_or_default();
        seq = nxt;
    }
    let room = wnd.saturating_sub(seq.wrapping_sub(nxt)) as usize;
    data = data.get(..room).unwrap_or(data);
    Ok(if data.is_empty() { None } else { Some((seq, data)) })
}

/// The receiving side of a connection. Its program reads at once, so the window is always `wnd` numbers from `nxt` on.
pub struct Receiver {
    /// RCV.NXT: the number of the byte that is missing first.
    pub nxt: u32,
    /// RCV.WND.
    pub wnd: u32,
    /// What came and cannot be handed to the program yet: where it begins, and the bytes. Another type that has a default will
    /// do as well; it is empty at first.
    pub held: Vec<(u32, Vec<u8>)>,
}

/// What comes of a segment.
pub struct Arrival {
    /// Bytes that the program can have now.
    pub bytes: Vec<u8>,
    /// The acknowledgment number that goes back; `None`: nothing goes back.
    pub ack: Option<u32>,
}

impl Receiver {
    /// A segment has come: `data` from `seq` on, without SYN and FIN.
    ///
    /// What has data is acknowledged at once, and so is what is not acceptable; an acceptable segment without data is not. What
    /// is beyond the window is not kept.
    pub fn arrive(&mut self, seq: u32, data: &[u8]) -> Lab<Arrival> {
        let mut bytes = vec![];
        if !acceptable(self.nxt, self.wnd, seq, data.len() as u32)? {
            return Ok(Arrival { bytes, ack: Some(self.nxt) });
        }
        if data.is_empty() {
            return Ok(Arrival { bytes, ack: None });
        }
        if let Some((seq, data)) = trim(self.nxt, self.wnd, seq, data)? {
            self.held.push((seq, data.to_vec()));
        }
        while let Some(at) = self.due()? {
            let (seq, data) = self.held.remove(at);
            if let Some((_, new)) = trim(self.nxt, self.wnd, seq, &data)? {
                bytes.extend(new);
                self.nxt = self.nxt.wrapping_add(new.len() as u32);
            }
        }
        Ok(Arrival { bytes, ack: Some(self.nxt) })
    }

    /// Which of what is held begins at `nxt` or before it: each one that is taken may make the next one due.
    fn due(&self) -> Lab<Option<usize>> {
        for (at, (seq, _)) in self.held.iter().enumerate() {
            if !before(self.nxt, *seq)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

/// What an acknowledgment says to a sender.
pub enum Ack {
    /// So many numbers are acknowledged that were not before.
    New(u32),
    /// Nothing that was not known.
    Old,
    /// It acknowledges what was never sent.
    NeverSent,
}

/// What `ack` says to a sender who has sent all numbers before `nxt`, and of those all before `una` are acknowledged.
pub fn acknowledged(una: u32, nxt: u32, ack: u32) -> Lab<Ack> {
    if before(nxt, ack)? {
        return Ok(Ack::NeverSent);
    }
    Ok(if before(una, ack)? { Ack::New(ack.wrapping_sub(una)) } else { Ack::Old })
}

/// The maximum segment size among the options of a SYN; `None`: there is none.
///
/// Malformed is: an option whose length is below 2 or beyond the end. What is behind the end of the list is not looked at.
pub fn mss(options: &[u8]) -> Lab<Option<u16>> {
    let mut rest = options;
    loop {
        rest = match *rest {
            [] | [0, ..] => return Ok(None),
            [1, ref rest @ ..] => rest,
            [2, 4, high, low, ..] => return Ok(Some(u16::from_be_bytes([high, low]))),
            [_, length, ..] if length >= 2 => rest.get(usize::from(length)..).ok_or(LabError::Malformed)?,
            _ => return Err(LabError::Malformed),
        }
    }
}
