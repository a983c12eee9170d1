//! The states of the end that opens a connection, from the segments that it sends and gets: RFC 9293 section 3.3.2.
//!
//! The host is not asked. It is taken to obey the RFC, and each segment that comes to be the one that it waits for; so where
//! segments overtake each other, a FIN may count here a moment too soon.

use wire::tcp::Tcp;

/// How far a connection is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    state: &'static str,
    /// The number behind this end's FIN, once that has left.
    behind_fin: Option<u32>,
}

impl Default for Life {
    fn default() -> Self {
        Self { state: "CLOSED", behind_fin: None }
    }
}

impl Life {
    /// The state, by the RFC's name.
    pub(super) fn state(self) -> &'static str {
        self.state
    }

    /// A segment with so many bytes of data leaves, or comes.
    pub(super) fn pass(&mut self, came: bool, tcp: &Tcp, len: usize) {
        if tcp.rst {
            self.state = "CLOSED";
        } else if came {
            self.hear(tcp);
        } else {
            self.say(tcp, len);
        }
    }

    fn say(&mut self, tcp: &Tcp, len: usize) {
        if tcp.fin {
            let takes = u32::try_from(len).unwrap_or(0) + u32::from(tcp.syn) + 1;
            self.behind_fin = Some(tcp.sequence_number.wrapping_add(takes));
        }
        self.state = match self.state {
            "CLOSED" if tcp.syn => "SYN-SENT",
            "ESTABLISHED" | "SYN-RECEIVED" if tcp.fin => "FIN-WAIT-1",
            "CLOSE-WAIT" if tcp.fin => "LAST-ACK",
            state => state,
        };
    }

    fn hear(&mut self, tcp: &Tcp) {
        let acknowledges_fin = tcp.ack && self.behind_fin == Some(tcp.acknowledgment_number);
        self.state = match self.state {
            "SYN-SENT" if tcp.syn && tcp.ack => "ESTABLISHED",
            "SYN-SENT" if tcp.syn => "SYN-RECEIVED",
            "SYN-RECEIVED" if tcp.ack => "ESTABLISHED",
            "FIN-WAIT-1" if acknowledges_fin => "FIN-WAIT-2",
            "CLOSING" if acknowledges_fin => "TIME-WAIT",
            "LAST-ACK" if acknowledges_fin => "CLOSED",
            state => state,
        };
        self.state = match self.state {
            "ESTABLISHED" if tcp.fin => "CLOSE-WAIT",
            "FIN-WAIT-1" if tcp.fin => "CLOSING",
            "FIN-WAIT-2" if tcp.fin => "TIME-WAIT",
            state => state,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment without data, by what is set in it: `S`YN, `F`IN, `R`ST, and an acknowledgment of this number.
    fn segment(flags: &str, acknowledgment_number: u32) -> Tcp {
        let [syn, fin, rst] = ['S', 'F', 'R'].map(|flag| flags.contains(flag));
        let ack = acknowledgment_number > 0;
        // The SYN is number 100, and one request of 4 bytes is behind it.
        let sequence_number = if syn { 100 } else { 105 };
        Tcp { syn, fin, rst, ack, sequence_number, acknowledgment_number, ..Tcp::new(1, 2) }
    }

    /// The states behind segments that leave (`>`) and come (`<`).
    fn states(segments: &[(char, &str, u32)]) -> Vec<&'static str> {
        let mut life = Life::default();
        let mut after = |(way, flags, ack): &(char, &str, u32)| {
            life.pass(*way == '<', &segment(flags, *ack), 0);
            life.state()
        };
        segments.iter().map(&mut after).collect()
    }

    const OPEN: [(char, &str, u32); 3] = [('>', "S", 0), ('<', "S", 101), ('>', "", 1)];

    fn then(more: &[(char, &str, u32)]) -> Vec<&'static str> {
        states(&[&OPEN, more].concat()).split_off(OPEN.len())
    }

    #[test]
    fn connection_that_this_end_opens_goes_the_ways_of_figure_5() {
        assert_eq!(states(&OPEN), ["SYN-SENT", "ESTABLISHED", "ESTABLISHED"]);
        assert_eq!(
            states(&[('>', "S", 0), ('<', "S", 0), ('<', "", 101)]),
            ["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]
        );
        assert_eq!(states(&[('>', "S", 0), ('<', "R", 101)]), ["SYN-SENT", "CLOSED"]);
        // This end closes first; the other one acknowledges, and closes later or with the same segment.
        assert_eq!(then(&[('>', "F", 1), ('<', "", 106), ('<', "F", 106)]), ["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]);
        assert_eq!(then(&[('>', "F", 1), ('<', "F", 106)]), ["FIN-WAIT-1", "TIME-WAIT"]);
        // Both at once.
        assert_eq!(then(&[('>', "F", 1), ('<', "F", 105), ('<', "", 106)]), ["FIN-WAIT-1", "CLOSING", "TIME-WAIT"]);
        // The other end closes first.
        assert_eq!(then(&[('<', "F", 105), ('>', "F", 2), ('<', "", 106)]), ["CLOSE-WAIT", "LAST-ACK", "CLOSED"]);
        assert_eq!(then(&[('>', "R", 0)]), ["CLOSED"]);
    }
}
