//! The certificates of the simulated network. DEMO ONLY: their keys stand beside them in `testdata/certs`, where `make.sh` made
//! them.

use crate::{Clock, provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, Error, RootCertStore, ServerConfig};
use std::sync::Arc;

/// The names of the identities that there are: two that are as they should be, one that expired, and one whose issuer nobody
/// trusts.
pub const IDENTITIES: [&str; 4] = ["resolver", "web", "expired", "stranger"];

const ROOT: &str = include_str!("../../../testdata/certs/ca.pem");

/// Who a server is: its certificate and the key of it.
#[derive(Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// The certificate's key, which is no secret.
    pub key: PrivateKeyDer<'static>,
}

/// An identity by its name; `None`: it is none of [`IDENTITIES`].
#[must_use]
pub fn identity(name: &str) -> Option<Identity> {
    let (certificate, key) = match name {
        "resolver" => {
            (include_str!("../../../testdata/certs/resolver.pem"), include_str!("../../../testdata/certs/resolver.key"))
        }
        "web" => (include_str!("../../../testdata/certs/web.pem"), include_str!("../../../testdata/certs/web.key")),
        "expired" => {
            (include_str!("../../../testdata/certs/expired.pem"), include_str!("../../../testdata/certs/expired.key"))
        }
        "stranger" => {
            (include_str!("../../../testdata/certs/stranger.pem"), include_str!("../../../testdata/certs/stranger.key"))
        }
        _ => return None,
    };
    Some(Identity {
        certificate: CertificateDer::from_pem_slice(certificate.as_bytes()).ok()?,
        key: PrivateKeyDer::from_pem_slice(key.as_bytes()).ok()?,
    })
}

/// Whom the clients of the simulated network trust: the demo's own authority.
#[must_use]
pub fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::from_pem_slice(ROOT.as_bytes()));
    roots
}

/// A client of TLS 1.3 and 1.2 that trusts [`roots`]. Its fields can be changed: ALPN, resumption, a key log.
///
/// # Errors
/// None that is known: the provider has ciphers for both versions.
pub fn client_config() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_details(Arc::new(provider()), Arc::new(Clock));
    Ok(builder.with_protocol_versions(rustls::ALL_VERSIONS)?.with_root_certificates(roots()).with_no_client_auth())
}

/// A server of TLS 1.3 and 1.2 that shows this certificate. Its fields can be changed: ALPN, tickets, early data, a key log.
///
/// # Errors
/// When the key is not the certificate's.
pub fn server_config(identity: &Identity) -> Result<ServerConfig, Error> {
    ServerConfig::builder_with_details(Arc::new(provider()), Arc::new(Clock))
        .with_protocol_versions(rustls::ALL_VERSIONS)?
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], identity.key.clone_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_identity_is_there_with_the_key_of_its_certificate() {
        assert_eq!(roots().len(), 1);
        for name in IDENTITIES {
            server_config(&identity(name).unwrap()).unwrap();
        }
        assert!(identity("nobody").is_none());
    }

    #[test]
    fn every_key_in_the_repository_says_that_it_is_for_a_demo_only() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/certs");
        let mut keys = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("DEMO ONLY"), "{}", path.display());
            keys += usize::from(text.contains("BEGIN PRIVATE KEY"));
        }
        assert_eq!(keys, IDENTITIES.len() + 1, "those of the identities and the authority's");
    }
}
