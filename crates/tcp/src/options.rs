//! The options of a segment that a connection acts on, and what both ends agree on in their SYNs.
//!
//! Obeys RFC 9293 section 3.7.1 (maximum segment size) and RFC 7323 sections 2 (window scale) and 3 (timestamps). An
//! option beyond the SYNs' is in force only if both SYNs had it. The bytes are [`wire::tcp::options`]' matter.
//!
//! Selective acknowledgment (RFC 2018) will be agreed on here, with its blocks beside the timestamps.

use crate::config::Config;
use wire::tcp::options::{self, TcpOption, TcpOptions};

/// RFC 9293 section 3.7.1: without the option, one "MUST assume a default send MSS of 536 (576 - 40) for IPv4"
/// (MUST-15). That is the least that IPv6 hosts say too, whose default is 1220.
pub(crate) const DEFAULT_MSS: u16 = 536;

/// A peer that says 0 would have us send nothing for ever. Linux takes 48 at the least, by `tcp_min_snd_mss`.
pub(crate) const LEAST_MSS: u16 = 48;

/// RFC 7323 section 2.3: of a larger count, one "MUST use 14 instead of the specified value".
pub(crate) const MOST_SHIFT: u8 = 14;

/// What the option "timestamps" takes of each segment, with two bytes that align it.
pub(crate) const TIMESTAMPS_LEN: u16 = 12;

/// What a segment's options say, of those that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The longest payload, in bytes, that the sender of this wants to receive in one segment. Only in a SYN.
    pub mss: Option<u16>,
    /// By how many bits the sender of this shifts the windows that it tells. Only in a SYN.
    pub window_scale: Option<u8>,
    /// A clock of the sender's, and an echo of the receiver's.
    pub timestamps: Option<Timestamps>,
}

/// RFC 7323 section 3.2: `TSval` and `TSecr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamps {
    /// The sender's clock, `TSval`.
    pub value: u32,
    /// What the other side's clock said, `TSecr`.
    pub echo_reply: u32,
}

impl Options {
    /// Reads the options' bytes. Unknown kinds are passed over; a broken list counts up to the place where it breaks.
    ///
    /// RFC 9293 section 3.1: implementations "MUST be prepared to handle an illegal option length (e.g., zero)"
    /// (MUST-7).
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        for option in TcpOptions::new(bytes).map_while(Result::ok) {
            match option {
                TcpOption::MaximumSegmentSize(mss) => found.mss = Some(mss),
                TcpOption::WindowScale(shift) => found.window_scale = Some(shift),
                TcpOption::Timestamps { value, echo_reply } => {
                    found.timestamps = Some(Timestamps { value, echo_reply });
                }
                _ => {}
            }
        }
        found
    }

    /// The bytes of these options, each at a boundary of four.
    #[must_use]
    pub fn emit(&self) -> Vec<u8> {
        let mut list = vec![];
        list.extend(self.mss.map(TcpOption::MaximumSegmentSize));
        if let Some(Timestamps { value, echo_reply }) = self.timestamps {
            let timestamps = TcpOption::Timestamps { value, echo_reply };
            list.extend([TcpOption::NoOperation, TcpOption::NoOperation, timestamps]);
        }
        if let Some(shift) = self.window_scale {
            list.extend([TcpOption::NoOperation, TcpOption::WindowScale(shift)]);
        }
        options::emit(&list)
    }
}

/// What both SYNs together say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agreed {
    /// RFC 9293's `SendMSS`: what the other side said, or the default.
    pub(crate) send_mss: u16,
    /// Whether both sides scale their windows.
    pub(crate) scale: bool,
    /// RFC 7323's `Snd.Wind.Shift`: by how much the other side's windows are to be shifted up.
    pub(crate) snd_wind_shift: u8,
    /// RFC 7323's `Rcv.Wind.Shift`: by how much our own are shifted down.
    pub(crate) rcv_wind_shift: u8,
    /// RFC 7323's `Snd.TS.OK`: whether each segment carries timestamps.
    pub(crate) timestamps: bool,
}

impl Agreed {
    /// Before the other side's SYN came.
    pub(crate) const NOTHING: Self =
        Self { send_mss: DEFAULT_MSS, scale: false, snd_wind_shift: 0, rcv_wind_shift: 0, timestamps: false };

    /// What holds between an end with this `config` and one whose SYN had `theirs`.
    ///
    /// RFC 7323 section 2.2: "Both sides MUST send Window Scale options in their `<SYN>` segments to enable window
    /// scaling in either direction."
    pub(crate) fn new(config: &Config, theirs: &Options) -> Self {
        let scale = if config.window_scale { theirs.window_scale } else { None };
        Self {
            send_mss: theirs.mss.map_or(DEFAULT_MSS, |mss| mss.max(LEAST_MSS)),
            scale: scale.is_some(),
            snd_wind_shift: scale.map_or(0, |shift| shift.min(MOST_SHIFT)),
            rcv_wind_shift: scale.map_or(0, |_| config.shift()),
            timestamps: config.timestamps && theirs.timestamps.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYN: Options =
        Options { mss: Some(1460), window_scale: Some(7), timestamps: Some(Timestamps { value: 1, echo_reply: 2 }) };

    #[test]
    fn options_come_back_from_their_bytes() {
        for options in [SYN, Options::default(), Options { mss: None, window_scale: None, ..SYN }] {
            assert_eq!(Options::parse(&options.emit()), options);
            assert_eq!(options.emit().len() % 4, 0);
        }
        let data_segment = Options { timestamps: SYN.timestamps, ..Options::default() };
        assert_eq!(data_segment.emit().len(), usize::from(TIMESTAMPS_LEN));
    }

    #[test]
    fn broken_list_counts_up_to_where_it_breaks() {
        assert_eq!(Options::parse(&[2, 4, 5, 0xb4, 3, 0, 7]), Options { mss: Some(1460), ..Options::default() });
        assert_eq!(Options::parse(&[34, 2, 1, 2, 4, 5, 0xb4]), Options { mss: Some(1460), ..Options::default() });
    }

    #[test]
    fn what_one_side_does_not_offer_neither_side_uses() {
        let config = Config { receive_buffer: 1 << 20, timestamps: true, ..Config::default() };
        let both = Agreed::new(&config, &SYN);
        assert_eq!((both.snd_wind_shift, both.rcv_wind_shift, both.timestamps), (7, 5, true));
        assert_eq!(Agreed::new(&config, &Options::default()), Agreed::NOTHING);
        let without = Config { window_scale: false, timestamps: false, ..config };
        assert_eq!(Agreed::new(&without, &SYN), Agreed { send_mss: 1460, ..Agreed::NOTHING });
        assert_eq!(Agreed::new(&config, &Options { window_scale: Some(200), ..SYN }).snd_wind_shift, 14);
    }
}
