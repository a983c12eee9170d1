//! The command line.

use crate::compare::{self, Kind};
use crate::ends::Wishes;
use crate::pair::Flip;
use crate::view::Views;
use cli::{NotANumber, Show, World};
use std::path::PathBuf;
use std::time::Duration;
use wire::tls::{CipherSuite, Group, Version};

const OFFERED: &str = "What is offered";
const BELIEVED: &str = "Whom to believe";
const SHOWN: &str = "What is shown";

const EXAMPLES: &str = "\
Examples, which need no network of yours:
  tls-peek --demo                            a client and a server in memory
  tls-peek --demo --early-data --observer    what somebody on the path sees
  tls-peek --demo --compare full,early,1.2   what each kind costs
  tls-peek --net names www.example.com -e    in the simulated network, by bytes
";

const AFTER: &str = "\
In the list, {message} is sealed with the handshake's keys, [message] with those
of the data, (message) with those of early data; <record> stays closed.

Exit status: 0 the handshake went well, 1 it did not, 2 it could not run.
";

/// Open your own TLS handshake: every record, message and key
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = AFTER)]
pub struct TlsPeek {
    /// A server: a name or an address, with a port unless it is 443, as in
    /// www.example.com:443
    #[arg(value_name = "TARGET", required_unless_present = "demo", conflicts_with = "demo")]
    pub(crate) target: Option<String>,
    /// Let a client and a server talk in memory
    #[arg(long)]
    pub(crate) demo: bool,

    /// Speak this version only: 1.2 or 1.3
    #[arg(long, value_name = "VERSION", help_heading = OFFERED, value_parser = version)]
    pub(crate) tls: Option<Version>,
    /// Offer these groups, the first as a share, as in x25519,secp384r1; the
    /// demo's server takes the last of them only
    #[arg(long, value_name = "GROUPS", help_heading = OFFERED, value_delimiter = ',', value_parser = group)]
    pub(crate) groups: Vec<Group>,
    /// Offer these cipher suites only, by the names that the RFCs have for them
    #[arg(long, value_name = "SUITES", help_heading = OFFERED, value_delimiter = ',', value_parser = suite)]
    pub(crate) suites: Vec<CipherSuite>,
    /// Offer to speak this inside, as in h2,http/1.1
    #[arg(long, value_name = "NAMES", help_heading = OFFERED, value_delimiter = ',')]
    pub(crate) alpn: Vec<String>,
    /// Do not say which server is asked for
    #[arg(long, help_heading = OFFERED)]
    pub(crate) no_sni: bool,
    /// Connect twice, and show the second time, which begins from a ticket
    #[arg(long, help_heading = OFFERED)]
    pub(crate) resume: bool,
    /// Send the request before the handshake is over (implies --resume)
    #[arg(long, help_heading = OFFERED)]
    pub(crate) early_data: bool,
    /// Make a handshake of each kind, and compare: full, resumed, early, retry,
    /// 1.2, 1.2-resumed
    #[arg(long, value_name = "KINDS", help_heading = OFFERED, value_delimiter = ',', value_parser = compare::kind,
          conflicts_with_all = ["tls", "resume", "early_data", "flip", "keys", "ladder", "observer", "keylog"])]
    pub(crate) compare: Vec<Kind>,
    /// Make so many handshakes, one after the other, and say how long they take
    #[arg(short, long, value_name = "N", help_heading = OFFERED, value_parser = cli::whole(1..=1_000_000_u32),
          conflicts_with_all = ["demo", "resume", "early_data", "compare", "get", "keys", "ladder", "observer", "keylog"])]
    pub(crate) count: Option<u32>,
    /// Ask for this page by HTTP once the handshake is done [default with
    /// --early-data and --demo: /]
    #[arg(long, value_name = "PATH", help_heading = OFFERED, value_parser = path)]
    pub(crate) get: Option<String>,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", help_heading = OFFERED, default_value = "10", value_parser = cli::seconds_above_zero(3600))]
    pub(crate) timeout: Duration,
    /// With --demo: change one bit of this byte of this record on its way, as
    /// in 4:20
    #[arg(long, value_name = "RECORD:BYTE", help_heading = OFFERED, conflicts_with = "target", value_parser = flip)]
    pub(crate) flip: Option<Flip>,

    /// Believe the authorities in this file of PEM certificates, and no others
    #[arg(long, value_name = "FILE", help_heading = BELIEVED)]
    pub(crate) ca: Option<PathBuf>,
    /// Believe any certificate
    #[arg(long, help_heading = BELIEVED, conflicts_with = "ca")]
    pub(crate) insecure: bool,
    /// Ask for this name, and want a certificate for it
    #[arg(long, value_name = "HOST", help_heading = BELIEVED, conflicts_with = "demo")]
    pub(crate) name: Option<String>,

    /// Show keys, where they come from, and how they open each record
    #[arg(long, help_heading = SHOWN)]
    pub(crate) keys: bool,
    /// Draw both ends, and an arrow for each record
    #[arg(long, help_heading = SHOWN)]
    pub(crate) ladder: bool,
    /// Show what somebody on the path sees, too
    #[arg(long, help_heading = SHOWN)]
    pub(crate) observer: bool,
    /// Write the secrets to this file, for Wireshark
    #[arg(long, value_name = "FILE", help_heading = SHOWN)]
    pub(crate) keylog: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

impl TlsPeek {
    pub(crate) fn wishes(&self) -> Wishes {
        let usual = Wishes::default();
        Wishes {
            version: self.tls,
            groups: self.groups.clone(),
            suites: self.suites.clone(),
            alpn: if self.alpn.is_empty() { usual.alpn } else { self.alpn.clone() },
            sni: !self.no_sni,
            early_data: self.early_data,
            remembers: self.count.is_none(),
        }
    }

    pub(crate) fn views(&self, explains: bool) -> Views {
        Views { bytes: explains, keys: self.keys, ladder: self.ladder, observer: self.observer }
    }
}

fn version(text: &str) -> Result<Version, NotANumber> {
    match text {
        "1.2" => Ok(Version::TLS_1_2),
        "1.3" => Ok(Version::TLS_1_3),
        _ => Err(NotANumber {
            sentence: format!("takes 1.2 or 1.3, and '{}' is neither", cli::escape(text)),
            hint: Some("older versions are not spoken any more, RFC 8996".into()),
        }),
    }
}

/// The groups that the library can.
pub(crate) const GROUPS: [Group; 3] = [Group::X25519, Group::SECP256R1, Group::SECP384R1];

fn group(text: &str) -> Result<Group, NotANumber> {
    GROUPS.into_iter().find(|group| group.to_string() == text).ok_or_else(|| NotANumber {
        sentence: format!("takes groups, and '{}' is none that is built in here", cli::escape(text)),
        hint: Some(format!("groups are {}", GROUPS.map(|group| group.to_string()).join(", "))),
    })
}

/// The suites that the library can, in its order.
const SUITES: [CipherSuite; 9] = [
    CipherSuite::AES_256_GCM_SHA384,
    CipherSuite::AES_128_GCM_SHA256,
    CipherSuite::CHACHA20_POLY1305_SHA256,
    CipherSuite::ECDHE_ECDSA_AES_256_GCM_SHA384,
    CipherSuite::ECDHE_ECDSA_AES_128_GCM_SHA256,
    CipherSuite::ECDHE_ECDSA_CHACHA20_POLY1305,
    CipherSuite::ECDHE_RSA_AES_256_GCM_SHA384,
    CipherSuite::ECDHE_RSA_AES_128_GCM_SHA256,
    CipherSuite::ECDHE_RSA_CHACHA20_POLY1305,
];

fn suite(text: &str) -> Result<CipherSuite, NotANumber> {
    SUITES.into_iter().find(|suite| suite.to_string() == text).ok_or_else(|| NotANumber {
        sentence: format!("takes cipher suites, and '{}' is none that is built in here", cli::escape(text)),
        hint: Some(format!(
            "those of TLS 1.3 are {}",
            SUITES.map(|suite| suite.to_string()).get(..3).unwrap_or_default().join(", ")
        )),
    })
}

fn path(text: &str) -> Result<String, NotANumber> {
    if text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_string());
    }
    Err(NotANumber {
        sentence: format!("takes a path, and '{}' is none", cli::escape(text)),
        hint: Some("a path begins with /, and has no blanks".into()),
    })
}

fn flip(text: &str) -> Result<Flip, NotANumber> {
    let numbers = text.split_once(':').and_then(|(record, byte)| Some((record.parse().ok()?, byte.parse().ok()?)));
    match numbers {
        Some((record @ 1.., byte)) => Ok(Flip { record, byte }),
        _ => Err(NotANumber {
            sentence: format!("takes RECORD:BYTE, and '{}' is not that", cli::escape(text)),
            hint: Some("records are numbered from 1 as in the list, and bytes of a record from 0".into()),
        }),
    }
}
