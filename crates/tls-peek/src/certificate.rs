//! A certificate in a few words. RFC 5280 is what it is; x509-parser reads it.

use std::net::{Ipv4Addr, Ipv6Addr};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// What people want to know of a certificate. Texts come from the network, and are escaped.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Certificate {
    /// Whom it is of.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The hosts that it is for.
    pub names: Vec<String>,
    /// The first day on which it is valid, as in 2025-01-31.
    pub not_before: String,
    /// The last day.
    pub not_after: String,
    /// What its key is, as in `ECDSA, 256 bits`.
    pub key: String,
    /// Whether its key may sign other certificates.
    pub is_authority: bool,
    /// Its length in bytes.
    pub bytes: usize,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| cli::escape(&error.to_string()))?;
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let names = alternatives.map(|names| names.value.general_names.iter().map(name).collect()).unwrap_or_default();
        Ok(Self {
            subject: distinguished(certificate.subject()),
            issuer: distinguished(certificate.issuer()),
            names,
            not_before: day(certificate.validity().not_before),
            not_after: day(certificate.validity().not_after),
            key: key(&certificate),
            is_authority: certificate.is_ca(),
            bytes: der.len(),
        })
    }

    /// Whether it is signed by whom it is of.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

/// The common name, or all of it where there is none.
fn distinguished(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|common| common.as_str().ok());
    cli::escape(&common.map_or_else(|| name.to_string(), str::to_string))
}

fn name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(host) => cli::escape(host),
        GeneralName::IPAddress(bytes) => match (bytes.as_array::<4>(), bytes.as_array::<16>()) {
            (Some(octets), _) => Ipv4Addr::from_octets(*octets).to_string(),
            (_, Some(octets)) => Ipv6Addr::from_octets(*octets).to_string(),
            _ => cli::escape(&name.to_string()),
        },
        other => cli::escape(&other.to_string()),
    }
}

fn day(time: ASN1Time) -> String {
    let date = time.to_datetime().date();
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA, {} bits", key.key_size()),
        Ok(PublicKey::EC(key)) => format!("ECDSA, {} bits", key.key_size()),
        _ => match info.algorithm.algorithm.to_id_string().as_str() {
            // RFC 8410 section 3.
            "1.3.101.112" => "Ed25519".into(),
            "1.3.101.113" => "Ed448".into(),
            other => format!("algorithm {other}"),
        },
    }
}
