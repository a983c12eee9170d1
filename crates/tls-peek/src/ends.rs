//! The two ends as they are set up: what a client offers, what the demo's server takes.

use crate::identity::Identity;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, KeyLog, NamedGroup, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion, version,
};
use std::sync::Arc;
use wire::tls::{Group, Version};

/// How many bytes of early data the demo's server takes.
pub const MOST_EARLY_DATA: u32 = 16_384;

static ONLY_12: &[&SupportedProtocolVersion] = &[&version::TLS12];
static ONLY_13: &[&SupportedProtocolVersion] = &[&version::TLS13];
static BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// What an end can and wants.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The only version; `None`: TLS 1.3 and TLS 1.2.
    pub version: Option<Version>,
    /// The groups, what it likes best first; none: all that the library has.
    pub groups: Vec<Group>,
    /// What is to be spoken inside.
    pub alpn: Vec<String>,
    /// Whether the client says whom it wants to speak with.
    pub sni: bool,
    /// Whether early data are sent, or taken.
    pub early_data: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { version: None, groups: vec![], alpn: vec!["http/1.1".into()], sni: true, early_data: false }
    }
}

/// Whom a client trusts.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Who is signed by one of these.
    Roots(RootCertStore),
    /// Everybody who has the key of the certificate that he shows.
    Everybody,
}

impl Wishes {
    fn versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        match self.version {
            Some(Version::TLS_1_2) => ONLY_12,
            Some(_) => ONLY_13,
            None => BOTH,
        }
    }

    /// The library's cryptography, with no other groups than these.
    fn provider(&self, provider: &CryptoProvider) -> Arc<CryptoProvider> {
        let mut provider = provider.clone();
        if !self.groups.is_empty() {
            let known = provider.kx_groups.clone();
            let wanted = self.groups.iter().map(|group| NamedGroup::from(group.0));
            provider.kx_groups = wanted.filter_map(|name| known.iter().find(|group| group.name() == name)).copied().collect();
        }
        Arc::new(provider)
    }

    fn protocols(&self) -> Vec<Vec<u8>> {
        self.alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect()
    }
}

/// A client.
///
/// # Errors
/// Wishes that do not fit together, as a version for which there is no group.
pub fn client(
    wishes: &Wishes,
    provider: &CryptoProvider,
    trust: &Trust,
    key_log: Arc<dyn KeyLog>,
) -> Result<ClientConfig, Error> {
    let provider = wishes.provider(provider);
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(wishes.versions())?;
    let mut config = match trust {
        Trust::Roots(roots) => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots.clone()), provider).build();
            let verifier = verifier.map_err(|error| Error::General(error.to_string()))?;
            builder.with_webpki_verifier(verifier).with_no_client_auth()
        }
        Trust::Everybody => {
            let verifier = Arc::new(Credulous(provider));
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
    };
    config.alpn_protocols = wishes.protocols();
    config.enable_sni = wishes.sni;
    config.enable_early_data = wishes.early_data;
    config.key_log = key_log;
    Ok(config)
}

/// A server that is `identity`.
///
/// # Errors
/// As [`client`].
pub fn server(
    wishes: &Wishes,
    provider: &CryptoProvider,
    identity: &Identity,
    key_log: Arc<dyn KeyLog>,
) -> Result<ServerConfig, Error> {
    let builder = ServerConfig::builder_with_provider(wishes.provider(provider));
    let mut config = builder
        .with_protocol_versions(wishes.versions())?
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = wishes.protocols();
    config.max_early_data_size = if wishes.early_data { MOST_EARLY_DATA } else { 0 };
    config.key_log = key_log;
    Ok(config)
}

/// Believes every certificate, but not every signature: who shows a certificate must still have its key.
#[derive(Debug)]
struct Credulous(Arc<CryptoProvider>);

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
