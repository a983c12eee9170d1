//! When there is colour, and which.
//!
//! Sixteen colours only, so that a terminal's own theme decides how they look; no backgrounds; and never a meaning that the words
//! do not have too.

use anstream::{AutoStream, ColorChoice, stream::RawStream};

/// Styles with a meaning each.
pub mod style {
    use anstyle::{AnsiColor, Style};

    /// What failed.
    pub const ERROR: Style = AnsiColor::Red.on_default().bold();
    /// What is odd, and may be meant so.
    pub const WARNING: Style = AnsiColor::Yellow.on_default();
    /// Remarks and addresses.
    pub const NOTE: Style = AnsiColor::Cyan.on_default();
    /// What went well.
    pub const OK: Style = AnsiColor::Green.on_default();
    /// What did not change.
    pub const DIM: Style = Style::new().dimmed();
    /// What a packet does, in one line.
    pub const TITLE: Style = Style::new().bold();
    /// Bytes of the link layer.
    pub const LINK: Style = AnsiColor::Magenta.on_default();
    /// Bytes of the Internet layer.
    pub const NETWORK: Style = AnsiColor::Blue.on_default();
    /// Bytes of the transport layer, and of ICMP.
    pub const TRANSPORT: Style = AnsiColor::Yellow.on_default();
    /// Bytes that all of this is for.
    pub const PAYLOAD: Style = AnsiColor::Green.on_default();
}

/// `--color`: it beats `NO_COLOR`, which beats `CLICOLOR_FORCE`, which beats what the terminal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Also into a pipe or a file
    Always,
    /// Nowhere
    Never,
}

impl Colour {
    /// Whether to colour what goes to `stream`.
    pub(crate) fn on(self, stream: &impl RawStream) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        }
    }
}
