//! Who the demo's server is: a certificate for its name, and the authority that signed it.
//!
//! Both are made anew for each run. Their keys are Ed25519, whose signatures all have one length: so the demo's messages have too.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, Error, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Certificates and a key.
#[derive(Debug)]
pub struct Identity {
    /// The server's own, then the authority's.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the server's own.
    pub key: PrivateKeyDer<'static>,
    /// Whom a client must trust.
    pub root: CertificateDer<'static>,
    /// The same as text, which clients take.
    pub root_pem: String,
}

impl Identity {
    /// For a server of these names.
    ///
    /// # Errors
    /// A name that no certificate can have.
    pub fn made_for(names: &[&str]) -> Result<Self, Error> {
        let authority_key = KeyPair::generate_for(&PKCS_ED25519)?;
        let mut authority = params(&[], "First Hop demo authority", 1)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = authority.self_signed(&authority_key)?;
        let (root, root_pem) = (certificate.der().clone(), certificate.pem());

        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        let mut server = params(names, names.first().copied().unwrap_or_default(), 2)?;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key))?;
        let chain = vec![certificate.der().clone(), root.clone()];
        Ok(Self { chain, key: PrivateKeyDer::Pkcs8(key.serialize_der().into()), root, root_pem })
    }
}

fn params(names: &[&str], common_name: &str, serial: u64) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.serial_number = Some(SerialNumber::from(serial));
    (params.not_before, params.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2125, 1, 1));
    Ok(params)
}
