//! Whom a client believes.

use crate::{Error, Result};
use host::Host;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CipherSuite, ClientConfig, DigitallySignedStruct, NamedGroup, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};
use std::path::PathBuf;
use std::sync::Arc;

/// Whom a client believes. By default the authorities that the host's system trusts, which in the simulated network is the
/// demo's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Those in this file of PEM certificates, and no others.
    pub file: Option<PathBuf>,
    /// Anybody. Who wants this says so on each run: nothing then tells the server from somebody on the way.
    pub anybody: bool,
}

/// What a client offers; by default all that there is.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// These versions; none: TLS 1.3 and 1.2.
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// These groups, the first as a share; none: all. The simulated network has X25519 alone.
    pub groups: Vec<NamedGroup>,
    /// These cipher suites, the one that is liked best first; none: all.
    pub suites: Vec<CipherSuite>,
}

impl Offer {
    /// The cryptography of `provider`, which is that of `world`, with no other groups and suites than these.
    fn of(&self, mut provider: CryptoProvider, world: &'static str) -> Result<Arc<CryptoProvider>> {
        if !self.groups.is_empty() {
            let known = provider.kx_groups;
            let named = |name: &NamedGroup| known.iter().copied().find(|group| group.name() == *name);
            provider.kx_groups = self.groups.iter().filter_map(named).collect();
            if provider.kx_groups.is_empty() {
                let known: Vec<_> = known.iter().map(|group| format!("{:?}", group.name())).collect();
                let what = format!("group but {}", known.join(", ")).into();
                return Err(host::Error::Unsupported { what, world: world.into() }.into());
            }
        }
        if !self.suites.is_empty() {
            let known = provider.cipher_suites;
            let named = |name: &CipherSuite| known.iter().copied().find(|suite| suite.suite() == *name);
            provider.cipher_suites = self.suites.iter().filter_map(named).collect();
        }
        Ok(Arc::new(provider))
    }

    fn versions(&self) -> &[&'static SupportedProtocolVersion] {
        if self.versions.is_empty() { rustls::ALL_VERSIONS } else { &self.versions }
    }
}

/// What a client is made of, for one connection or several, and where their keys come from.
#[derive(Debug, Clone)]
pub enum Config {
    /// The system's chance and time.
    Live(Arc<ClientConfig>),
    /// The simulated network's: made of [`seeded_tls::provider`], and useless elsewhere.
    Seeded(Arc<ClientConfig>),
}

impl Trust {
    /// A client of TLS 1.3 and 1.2 on `host`.
    ///
    /// # Errors
    /// A file that cannot be read or has no certificate; a system that trusts nobody.
    pub fn client_config(&self, host: &mut dyn Host) -> Result<Config> {
        self.client_config_with(host, |_| {})
    }

    /// The same, with what `change` does to it: ALPN, resumption, a key log.
    ///
    /// # Errors
    /// As [`Trust::client_config`].
    pub fn client_config_with(&self, host: &mut dyn Host, change: impl FnOnce(&mut ClientConfig)) -> Result<Config> {
        self.client_config_offering(host, &Offer::default(), change)
    }

    /// The same of a client that offers no more than this.
    ///
    /// # Errors
    /// As [`Trust::client_config`], and an offer of which this host has nothing.
    pub fn client_config_offering(
        &self,
        host: &mut dyn Host,
        offer: &Offer,
        change: impl FnOnce(&mut ClientConfig),
    ) -> Result<Config> {
        let is_simulated = host.seed().is_some();
        let builder = match is_simulated {
            true => {
                let provider = offer.of(seeded_tls::provider(), "the simulated network")?;
                ClientConfig::builder_with_details(provider, Arc::new(seeded_tls::Clock))
            }
            false => ClientConfig::builder_with_provider(offer.of(ring::default_provider(), "this machine")?),
        };
        let builder = builder.with_protocol_versions(offer.versions())?;
        let provider = Arc::clone(builder.crypto_provider());
        let mut config = match self.anybody {
            true => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))),
            false => builder.with_root_certificates(self.roots(is_simulated)?),
        }
        .with_no_client_auth();
        change(&mut config);
        let config = Arc::new(config);
        Ok(if is_simulated { Config::Seeded(config) } else { Config::Live(config) })
    }

    fn roots(&self, is_simulated: bool) -> Result<RootCertStore> {
        let Some(file) = &self.file else {
            return if is_simulated { Ok(seeded_tls::roots()) } else { roots_of_system() };
        };
        let unusable = |reason: String| Error::Roots { file: Some(file.clone()), reason };
        let text = std::fs::read(file).map_err(|error| {
            let reason = error.to_string();
            unusable(reason.split(" (os error").next().unwrap_or_default().into())
        })?;
        let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = found.map_err(|error| unusable(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found);
        if added == 0 {
            return Err(unusable("it holds no certificate in PEM".into()));
        }
        Ok(roots)
    }
}

/// The authorities that this system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` name others, as for OpenSSL.
fn roots_of_system() -> Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let reason = found.errors.first().map_or_else(|| "it has none".to_string(), ToString::to_string);
        return Err(Error::Roots { file: None, reason });
    }
    Ok(roots)
}

/// The name that a server's certificate must be for: a host's name, or an address.
///
/// # Errors
/// A text that is neither.
pub fn server_name(text: &str) -> Result<ServerName<'static>> {
    // A name with a dot at its end is the same host: RFC 6066 section 3 wants it without.
    let bare = text.strip_suffix('.').unwrap_or(text);
    ServerName::try_from(bare.to_string()).map_err(|_| Error::NoName(text.to_string()))
}

/// Believes any certificate. That the server has its key is still checked.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
