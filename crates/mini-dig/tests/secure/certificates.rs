//! An authority of this run, and what it signs.

use needs::Failed;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::Path;

/// Certificates and their keys in PEM, by the names of their files.
pub(crate) struct Certificates(Vec<(&'static str, String)>);

impl Certificates {
    /// `good` is for dns.example and for the server's address; `expired` was; `ca.pem` has signed both.
    pub(crate) fn new() -> Result<Self, Failed> {
        let ca_key = KeyPair::generate()?;
        let mut ca = CertificateParams::new(vec![])?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = ca.self_signed(&ca_key)?.pem();
        let issuer = Issuer::new(ca, ca_key);
        let signed = |expires: Option<i32>| -> Result<(String, String), Failed> {
            let key = KeyPair::generate()?;
            let mut leaf = CertificateParams::new(vec!["dns.example".into(), "10.77.1.2".into()])?;
            if let Some(year) = expires {
                leaf.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
                leaf.not_after = rcgen::date_time_ymd(year, 1, 1);
            }
            Ok((leaf.signed_by(&key, &issuer)?.pem(), key.serialize_pem()))
        };
        let (good, good_key) = signed(None)?;
        let (expired, expired_key) = signed(Some(2020))?;
        Ok(Self(vec![
            ("ca.pem", ca_pem),
            ("good.pem", good),
            ("good.key", good_key),
            ("expired.pem", expired),
            ("expired.key", expired_key),
        ]))
    }

    /// Writes them into `folder`.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Failed> {
        self.0.iter().try_for_each(|(name, text)| Ok(std::fs::write(folder.join(name), text)?))
    }
}
