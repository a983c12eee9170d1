//! The first twelve bytes of every message: who asked, what the answer is worth, and how many records follow.
//!
//! Obeys RFC 1035 section 4.1.1, and RFC 4035 section 3.1.6 for AD and CD, which were two of the three bits of Z.
//!
//! ```text
#![doc = include_str!("header.txt")]
//! ```

use super::numbers::{OPCODES, RCODES};
use crate::fields::Show::{Dec, Flag, Hex, Named};
use crate::header;

header! {
    /// The header section of a message.
    Header, "DNS", 12 bytes;
    16 id:      u16,  "ID",      Hex;
     1 qr:      bool, "QR",      Flag;
     4 opcode:  u8,   "Opcode",  Named(OPCODES);
     1 aa:      bool, "AA",      Flag;
     1 tc:      bool, "TC",      Flag;
     1 rd:      bool, "RD",      Flag;
     1 ra:      bool, "RA",      Flag;
     1 z:       bool, "Z",       Flag;
     1 ad:      bool, "AD",      Flag;
     1 cd:      bool, "CD",      Flag;
     4 rcode:   u8,   "RCODE",   Named(RCODES);
    16 qdcount: u16,  "QDCOUNT", Dec;
    16 ancount: u16,  "ANCOUNT", Dec;
    16 nscount: u16,  "NSCOUNT", Dec;
    16 arcount: u16,  "ARCOUNT", Dec;
}

impl Header {
    /// Of a standard query: nothing is set but its number, and whether recursion is desired.
    #[must_use]
    pub fn query(id: u16, rd: bool) -> Self {
        let mut header = Self::read(&[0; Self::LEN]);
        (header.id, header.rd) = (id, rd);
        header
    }

    /// Of the answer to this query: the same number, opcode and RD, as RFC 1035 section 4.1.1 says ("copied").
    #[must_use]
    pub fn answer(&self) -> Self {
        Self { qr: true, opcode: self.opcode, cd: self.cd, ..Self::query(self.id, self.rd) }
    }

    /// The names of the flags that are set, as dig writes them: `qr`, `aa`, `tc`, `rd`, `ra`, `ad`, `cd`.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        let flags = [
            (self.qr, "qr"),
            (self.aa, "aa"),
            (self.tc, "tc"),
            (self.rd, "rd"),
            (self.ra, "ra"),
            (self.ad, "ad"),
            (self.cd, "cd"),
        ];
        flags.into_iter().filter_map(|(is_set, name)| is_set.then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("dns/header", include_str!("header.txt"), Header::FIELDS);
    }

    #[test]
    fn flags_stand_where_the_rfc_has_them() {
        let header = Header { aa: true, ra: true, rcode: 3, ..Header::query(0x1234, true).answer() };
        assert_eq!(header.bytes(), [0x12, 0x34, 0x85, 0x83, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(header.flags().collect::<Vec<_>>(), ["qr", "aa", "rd", "ra"]);
    }
}
