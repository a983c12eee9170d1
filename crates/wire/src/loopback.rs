//! What BSD and macOS put in front of a packet that they captured on the loopback interface: which family it is of.
//!
//! The layout is that of the capture formats with the numbers 0, in the order of bytes of the machine that captured, and 108, in
//! network byte order. The families' own numbers differ from system to system, but for IPv4.
//!
//! ```text
#![doc = include_str!("loopback.txt")]
//! ```

use crate::fields::Show::Hex;
use crate::header;

header! {
    /// All there is of it.
    Loopback, "loopback", 4 bytes;
    32 family: u32, "Family", Hex;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::tests::check_figure;

    #[test]
    fn figure_in_the_docs_is_the_table() {
        check_figure("loopback", include_str!("loopback.txt"), Loopback::FIELDS);
    }
}
