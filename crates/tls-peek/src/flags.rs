//! The command line.

use crate::compare::{self, Kind};
use crate::dh::Dh;
use crate::ends::Wishes;
use crate::http::{Request, Wanted};
use crate::pair::Flip;
use crate::read::flags::Read;
use crate::serve::flags::Serve;
use crate::view::Views;
use cli::{Failure, NotANumber, Show, World};
use std::path::PathBuf;
use std::time::Duration;
use wire::tls::{CipherSuite, Group, Version};

const OFFERED: &str = "What is offered";
const ASKED: &str = "What is asked";
const BELIEVED: &str = "Whom to believe";
const SHOWN: &str = "What is shown";

const USAGE: &str = "tls-peek [OPTIONS] TARGET
       tls-peek [OPTIONS] --demo
       tls-peek serve [OPTIONS]
       tls-peek read [OPTIONS] FILE
       tls-peek dh [OPTIONS]";

const EXAMPLES: &str = "\
Examples, which need no network of yours:
  tls-peek --demo                            a client and a server in memory
  tls-peek --demo --early-data --observer    what somebody on the path sees
  tls-peek --demo --compare full,early,1.2   what each kind costs
  tls-peek --net names www.example.com -e    in the simulated network, by bytes
  tls-peek --net names www.example.com --get /slow --get / --pipeline
";

const AFTER: &str = "\
In the list, {message} is sealed with the handshake's keys, [message] with those
of the data, (message) with those of early data; <record> stays closed.

On this machine and with --demo, --pcap writes the records with their secrets;
the TCP segments around them are made up, and the file says so.

Exit status: 0 the handshake went well, 1 it did not, 2 it could not run.
";

/// Open your own TLS handshake: every record, message and key
#[derive(Debug, Clone, clap::Parser)]
#[command(before_help = EXAMPLES, after_help = AFTER, override_usage = USAGE, subcommand_negates_reqs = true)]
#[command(mut_args(|arg| if is_of_all(&arg) { arg.global(true) } else { arg }))]
pub struct TlsPeek {
    #[command(subcommand)]
    pub(crate) what: Option<What>,

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
    /// With --early-data: send the client's first flight once more, as somebody
    /// on the path can, and see what the server does
    #[arg(long, help_heading = OFFERED, requires = "early_data")]
    pub(crate) replay: bool,
    /// Make a handshake of each kind, and compare: full, resumed, early, retry,
    /// 1.2, 1.2-resumed
    #[arg(long, value_name = "KINDS", help_heading = OFFERED, value_delimiter = ',', value_parser = compare::kind,
          conflicts_with_all = ["tls", "resume", "early_data", "replay", "flip", "keys", "ladder", "observer", "keylog"])]
    pub(crate) compare: Vec<Kind>,
    /// Make so many handshakes, one after the other, and say how long they take
    #[arg(short, long, value_name = "N", help_heading = OFFERED, value_parser = cli::whole(1..=1_000_000_u32),
          conflicts_with_all = ["demo", "resume", "early_data", "compare", "get", "post", "pipeline", "plain",
                                "keys", "ladder", "observer", "keylog"])]
    pub(crate) count: Option<u32>,
    /// Ask for this page by HTTP once the handshake is done, and for more pages
    /// on the same connection if given again [default with --early-data, --plain
    /// and --demo: /]
    #[arg(long, value_name = "PATH", help_heading = ASKED, value_parser = path)]
    pub(crate) get: Vec<String>,
    /// Bring these data to this page by HTTP, behind what is to be got; can be
    /// given again
    #[arg(long, num_args = 2, value_names = ["PATH", "DATA"], help_heading = ASKED)]
    pub(crate) post: Vec<String>,
    /// Send all requests at once, and not each when the answer before is whole
    #[arg(long, help_heading = ASKED)]
    pub(crate) pipeline: bool,
    /// Ask without TLS, at port 80 unless TARGET has another, and show what is
    /// said
    #[arg(long, help_heading = ASKED,
          conflicts_with_all = ["demo", "tls", "groups", "suites", "alpn", "no_sni", "resume", "early_data", "compare",
                                "count", "flip", "ca", "insecure", "keys", "ladder", "observer", "keylog", "explain"])]
    pub(crate) plain: bool,
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

    #[command(flatten)]
    pub(crate) seen: Seen,
    /// Write the secrets to this file, for Wireshark
    #[arg(long, value_name = "FILE", help_heading = SHOWN)]
    pub(crate) keylog: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) show: Show,
}

/// Views of a connection, besides the list.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Seen {
    /// Show keys, where they come from, and how they open each record
    #[arg(long, help_heading = SHOWN)]
    keys: bool,
    /// Draw both ends, and an arrow for each record
    #[arg(long, help_heading = SHOWN)]
    ladder: bool,
    /// Show what somebody on the path sees, too
    #[arg(long, help_heading = SHOWN)]
    observer: bool,
}

impl Seen {
    /// With each message by its bytes, if `explains`.
    pub(crate) fn views(&self, explains: bool) -> Views {
        Views { bytes: explains, keys: self.keys, ladder: self.ladder, observer: self.observer, http: false }
    }

    fn given(&self) -> Option<&'static str> {
        let options = [("--keys", self.keys), ("--ladder", self.ladder), ("--observer", self.observer)];
        options.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }
}

/// Whether an option may stand before a command or behind it: where it runs, and how its output looks.
fn is_of_all(arg: &clap::Arg) -> bool {
    let of_some = ["keys", "ladder", "observer", "keylog"];
    matches!(arg.get_help_heading(), Some("Where" | SHOWN)) && !of_some.contains(&arg.get_id().as_str())
}

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum What {
    /// Be the server, for any client, and see what it says
    Serve(Serve),
    /// Read a capture, and open the TLS in it as far as the secrets reach
    Read(Read),
    /// Agree on a secret in public: with small numbers, and as TLS does
    Dh(Dh),
}

impl TlsPeek {
    /// What was given that is for a connection of one's own, and so not for a command.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [
            ("TARGET", self.target.is_some()),
            ("--demo", self.demo),
            ("--tls", self.tls.is_some()),
            ("--groups", !self.groups.is_empty()),
            ("--suites", !self.suites.is_empty()),
            ("--alpn", !self.alpn.is_empty()),
            ("--no-sni", self.no_sni),
            ("--resume", self.resume),
            ("--early-data", self.early_data),
            ("--replay", self.replay),
            ("--count", self.count.is_some()),
            ("--compare", !self.compare.is_empty()),
            ("--get", !self.get.is_empty()),
            ("--post", !self.post.is_empty()),
            ("--pipeline", self.pipeline),
            ("--plain", self.plain),
            ("--flip", self.flip.is_some()),
            ("--ca", self.ca.is_some()),
            ("--insecure", self.insecure),
            ("--name", self.name.is_some()),
            ("--keylog", self.keylog.is_some()),
        ];
        options.into_iter().find(|(_, given)| *given).map(|(option, _)| option).or_else(|| self.seen.given())
    }

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

    /// What is to be asked; without a word of it `or_else`.
    ///
    /// # Errors
    /// A path that is none.
    pub(crate) fn wanted(&self, or_else: Option<&str>) -> Result<Wanted, Failure> {
        let got = self.get.iter().map(|path| Request { path: path.clone(), content: None });
        let mut requests: Vec<Request> = got.collect();
        for pair in self.post.chunks_exact(2) {
            let [to, data] = pair else { continue };
            let to = path(to).map_err(|error| {
                let failure = Failure::said(format!("--post {}", error.sentence));
                match error.hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            })?;
            requests.push(Request { path: to, content: Some(data.clone().into_bytes()) });
        }
        if requests.is_empty() {
            requests.extend(or_else.map(|path| Request { path: path.into(), content: None }));
        }
        Ok(Wanted { requests, pipelined: self.pipeline })
    }

    /// Whether it is worth telling what was asked and answered: one page shows in the list.
    pub(crate) fn tells_http(&self) -> bool {
        self.plain || self.pipeline || self.get.len() > 1 || !self.post.is_empty()
    }

    pub(crate) fn views(&self, explains: bool) -> Views {
        Views { http: self.tells_http(), ..self.seen.views(explains) }
    }
}

pub(crate) fn version(text: &str) -> Result<Version, NotANumber> {
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

pub(crate) fn group(text: &str) -> Result<Group, NotANumber> {
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

pub(crate) fn suite(text: &str) -> Result<CipherSuite, NotANumber> {
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
