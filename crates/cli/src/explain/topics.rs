//! `--explain=TOPIC`: ten lines about one thing. The book's chapters include the same files, so each fact has one place.

use super::Remark;
use crate::failure::choice;
use crate::{Failure, escape};
use std::collections::BTreeSet;

/// Declares the topics, each of which is a file of `book/topics`.
macro_rules! topics {
    ($($Topic:ident $name:literal),* $(,)?) => {
        /// What there is a text about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the words say it, and the texts themselves more")]
        pub enum Topic {
            $($Topic),*
        }

        impl Topic {
            const ALL: &[Topic] = &[$(Topic::$Topic),*];

            /// As it is asked for.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Topic::$Topic => $name),*
                }
            }

            fn text(self) -> &'static str {
                match self {
                    $(Topic::$Topic => include_str!(concat!("../../../../book/topics/", $name, ".md"))),*
                }
            }
        }
    };
}

topics! {
    MixedCase "0x20",
    Ack "ack",
    Alpn "alpn",
    Announcement "announcement",
    ArpProbe "arp-probe",
    ArpReply "arp-reply",
    ArpRequest "arp-request",
    Broadcast "broadcast",
    Checksum "checksum",
    CloseWait "close-wait",
    Cname "cname",
    ConnectedUdp "connected-udp",
    DelayedAck "delayed-ack",
    Df "df",
    DnsFlags "dns-flags",
    DnsTtl "dns-ttl",
    Duplicate "duplicate",
    EarlyData "early-data",
    Echo "echo",
    Filtering "filtering",
    Fin "fin",
    Flow "flow",
    Fragment "fragment",
    Glue "glue",
    Gratuitous "gratuitous",
    Hairpin "hairpin",
    Handshake "handshake",
    Identifier "identifier",
    KeepAlive "keep-alive",
    KeyShare "key-share",
    MacAddress "mac-address",
    Mapping "mapping",
    Mss "mss",
    Mtu "mtu",
    Nagle "nagle",
    NamePointer "name-pointer",
    Nonce "nonce",
    PathMtu "path-mtu",
    Port "port",
    PortUnreachable "port-unreachable",
    PseudoHeader "pseudo-header",
    QueryId "query-id",
    Question "question",
    RateLimit "rate-limit",
    Rcode "rcode",
    Retransmission "retransmission",
    Rst "rst",
    Sequence "sequence",
    Silence "silence",
    Sni "sni",
    TcpSyn "tcp-syn",
    Ticket "ticket",
    TimeExceeded "time-exceeded",
    TimeWait "time-wait",
    Truncation "truncation",
    Ttl "ttl",
    Udp "udp",
    Unreachable "unreachable",
    Window "window",
}

/// Where to read more, said once for each topic.
#[derive(Debug, Clone)]
pub struct Hints {
    tool: &'static str,
    said: BTreeSet<Topic>,
}

impl Hints {
    /// Hints of this tool's own `--explain`.
    #[must_use]
    pub fn of(tool: &'static str) -> Self {
        Self { tool, said: BTreeSet::new() }
    }

    /// `why 64: myping --explain=ttl`; nothing where the topic was hinted at already.
    pub fn more(&mut self, topic: Topic, question: &str) -> Option<Remark> {
        let text = format!("{question}: {} --explain={}", self.tool, topic.name());
        self.said.insert(topic).then_some(Remark::More(text))
    }
}

/// The word that asks which topics there are.
const LIST: &str = "list";

/// What is said of a topic; of `list` the names of all.
///
/// # Errors
/// An unknown topic, with the nearest one.
pub(crate) fn text(topic: &str) -> Result<String, Failure> {
    if topic == LIST {
        return Ok(names().map(|name| format!("{name}\n")).collect());
    }
    // Who asks a tool of TCP about `syn` means `tcp-syn`.
    let same = |name: &str| name.eq_ignore_ascii_case(topic) || name.strip_prefix("tcp-") == Some(topic);
    Topic::ALL.iter().find(|known| same(known.name())).map(|known| known.text().into()).ok_or_else(|| unknown(topic))
}

fn names() -> impl Iterator<Item = &'static str> {
    Topic::ALL.iter().map(|topic| topic.name())
}

fn unknown(topic: &str) -> Failure {
    let names: Vec<String> = names().map(String::from).collect();
    let hint = choice("topics", topic, &names).unwrap_or_default();
    Failure::said(format!("--explain knows nothing of '{}'", escape(topic))).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::WIDTH;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_topic_is_some_ten_lines_that_fit_and_name_their_source() {
        for (name, text) in Topic::ALL.iter().map(|topic| (topic.name(), topic.text())) {
            let lines: Vec<&str> = text.lines().collect();
            assert!((9..=15).contains(&lines.len()), "{name} has {} lines", lines.len());
            assert!(text.is_ascii() && text.contains("RFC ") && text.ends_with('\n'), "{name}");
            assert!(lines.iter().all(|line| line.len() <= WIDTH - 2), "{name} is too wide");
            assert!(text.contains("\nTry `"), "{name} has nothing to try");
        }
    }

    #[test]
    fn every_file_of_the_book_is_a_topic_in_its_place() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/topics");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let files: BTreeSet<String> = files.map(|file| file.trim_end_matches(".md").to_string()).collect();
        assert!(names().map(String::from).eq(files), "the list has the files' names, sorted");
    }

    #[test]
    fn unknown_topic_is_answered_with_the_nearest_or_with_all() {
        let said = |topic| match text(topic) {
            Err(Failure::Said { error, hint }) => (error, hint.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        let (error, hint) = said("tll");
        assert_eq!(error, "--explain knows nothing of 'tll'");
        assert!(hint.starts_with("topics are 0x20, ack, alpn, announcement, arp-probe, "), "{hint}");
        assert!(hint.ends_with(", ttl, udp, unreachable, window; did you mean 'ttl'?"), "{hint}");
        assert!(said("quantum-entanglement").1.ends_with(", ttl, udp, unreachable, window"));
        assert_eq!(text("list").unwrap().lines().count(), Topic::ALL.len());
        assert!(text("TTL").unwrap().starts_with("Each router"));
        assert!(text("syn").unwrap().starts_with("The first segment of a connection"));
    }
}
