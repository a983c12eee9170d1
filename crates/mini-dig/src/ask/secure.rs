//! Whom TLS is spoken with, and what came of it.

use super::Transport;
use host::{Host, Opt, Stream, Time};
use std::net::IpAddr;
use tls_stream::{Error, Tls, Trust, server_name};

/// Where servers speak TLS. RFC 7858 section 3.1: "a DNS server that supports DNS over TLS MUST listen for and accept TCP
/// connections on port 853".
pub const TLS_PORT: u16 = 853;
/// Where servers speak HTTPS: RFC 9110 section 4.2.2.
pub const HTTPS_PORT: u16 = 443;
/// The path that servers have agreed on: the example of RFC 8484 section 4.1.
pub const PATH: &str = "/dns-query";

/// How TLS is spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secured {
    /// Whom it is believed.
    pub trust: Trust,
    /// By which name the server is known; `None`: by its address.
    pub name: Option<String>,
    /// The path to ask at by HTTPS; `None`: not by HTTPS.
    pub https: Option<String>,
}

/// A TLS connection, as its client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Established {
    /// What travels in it.
    pub transport: Transport,
    /// When.
    pub at: Time,
    /// The version, as in "1.3".
    pub version: String,
    /// The key exchange, as in "X25519".
    pub group: String,
    /// The ciphers, by IANA's name.
    pub suite: String,
    /// For whom the certificate had to be.
    pub name: String,
    /// Whether it was looked at.
    pub is_checked: bool,
}

/// Acknowledges at once what comes next, to be called behind each question: a server's tickets leave before its answer, which
/// may have to wait until they are acknowledged (RFC 9293 section 3.7.4). Where the host cannot hurry, it waits.
pub(super) fn hurry(stream: &mut dyn Stream) {
    let _ = stream.set(Opt::QuickAck(true));
}

impl Secured {
    /// By which name the server at `address` is known.
    #[must_use]
    pub fn name_of(&self, address: IpAddr) -> String {
        self.name.clone().unwrap_or_else(|| address.to_string())
    }

    /// What can be done about `error`, in the words of this command line.
    pub(super) fn hint(error: &Error) -> Option<String> {
        use tls_stream::CertificateError::{NotValidForName, NotValidForNameContext, UnknownIssuer};
        match error {
            Error::Certificate(UnknownIssuer) => Some("+tls-ca=FILE believes the authorities in a file".into()),
            Error::Certificate(NotValidForName | NotValidForNameContext { .. }) => {
                Some("+tls-host=NAME says by which name the server is known".into())
            }
            error => error.hint(),
        }
    }

    fn transport(&self) -> Transport {
        if self.https.is_some() { Transport::Https } else { Transport::Tls }
    }

    /// Whether a connection could begin: files are there, and names are names.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn check(&self, host: &mut dyn Host) -> Result<(), Error> {
        self.name.as_deref().map(server_name).transpose()?;
        // The system's own authorities are many, and are read once.
        if self.trust.file.is_some() { self.trust.client_config(host).map(drop) } else { Ok(()) }
    }

    /// TLS over `stream`, whose deadline is set.
    pub(super) fn connect(
        &self,
        host: &mut dyn Host,
        stream: Box<dyn Stream>,
        address: IpAddr,
    ) -> Result<(Tls, Established), Error> {
        let name = self.name_of(address);
        let protocol: &[u8] = if self.https.is_some() { b"h2" } else { b"dot" };
        let config = self.trust.client_config_with(host, |config| config.alpn_protocols = vec![protocol.to_vec()])?;
        let tls = Tls::connect(host, stream, config, server_name(&name)?)?;
        let connection = tls.connection();
        let established = Established {
            transport: self.transport(),
            at: host.now(),
            version: connection
                .protocol_version()
                .and_then(|version| version.as_str())
                .map_or_else(String::new, |name| name.trim_start_matches("TLSv").replace('_', ".")),
            group: connection
                .negotiated_key_exchange_group()
                .map_or_else(|| "none".into(), |group| format!("{:?}", group.name())),
            suite: connection
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())
                .unwrap_or("unknown")
                .to_string(),
            name,
            is_checked: !self.trust.anybody,
        };
        Ok((tls, established))
    }
}
