//! RSA key transport, as TLS 1.2 had it and TLS 1.3 has not: the client chooses the secret and seals it for the server's RSA key. Who
//! ever gets that key later opens all that was recorded before.
//!
//! Obeys RFC 5246 section 7.4.7.1 (what is sealed) and section 8.1 (the master secret), RFC 7627 section 4 (the extended one), RFC
//! 8017 section 7.2.2 (how RSA seals it: PKCS #1 v1.5).

use crate::opened::Opened;
use crate::schedule::Algorithms;
use crate::schedule12::prf;
use crate::secrets::{MASTER, Secrets};
use crate::{Recording, Side};
use cli::{Failure, escape};
use ring::digest;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use std::fmt;
use std::path::Path;
use wire::tls::{ExtensionType, Handshake, Version};
use x509_parser::der_parser::ber::BerObject;
use x509_parser::der_parser::parse_der;
use x509_parser::num_bigint::BigUint;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Bytes of the secret that the client chooses, RFC 5246 section 7.4.7.1.
const PREMASTER: usize = 48;
/// Bytes of the master secret, RFC 5246 section 8.1.
const MASTER_LEN: usize = 48;

/// A server's private RSA key.
pub struct ServerKey {
    modulus: BigUint,
    private_exponent: BigUint,
}

/// What the key opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// The secret, and so all.
    Opened,
    /// There is nothing to open with it: it signed, and the secret came of shares that were thrown away.
    OnlySigned,
    /// The certificate is for another key.
    OtherKey,
    /// The recording does not have what would be opened.
    NotThere,
    /// What the client sealed does not open.
    DoesNotOpen,
}

impl fmt::Display for Yield {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opened => {
                "the server's key opened the secret that the client sealed for it: who has the key reads every connection of \
                 this kind, those of years ago too"
            }
            Self::OnlySigned => {
                "the server's key opens nothing: it only signed this handshake, and the secret came of two Diffie-Hellman \
                 shares whose private halves both ends have thrown away"
            }
            Self::OtherKey => "the server's certificate is for another key than this one",
            Self::NotThere => "the capture has no whole handshake, so there is nothing that the server's key could open",
            Self::DoesNotOpen => "what the client sealed does not open with the server's key",
        })
    }
}

impl ServerKey {
    /// Reads a key in PEM.
    ///
    /// # Errors
    /// A file that cannot be read, or has no RSA key in it.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = escape(&path.to_string_lossy());
        let failed = |why: &str| {
            Failure::said(format!("cannot take the server's key from '{shown}': {why}"))
                .hint("it takes an RSA key in PEM, between BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY and its END")
        };
        let text = std::fs::read(path).map_err(|error| failed(&cli::reason(&error)))?;
        let key = PrivateKeyDer::from_pem_slice(&text).map_err(|_| failed("there is no key in it"))?;
        Self::of(&key).ok_or_else(|| failed("the key in it is not one of RSA"))
    }

    /// The key in PKCS #1 (RFC 8017 appendix A.1.2), or in PKCS #8 (RFC 5958 section 2) around that.
    fn of(key: &PrivateKeyDer<'_>) -> Option<Self> {
        let outer = match key {
            PrivateKeyDer::Pkcs1(key) => return Self::of_pkcs1(key.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(key) => parse_der(key.secret_pkcs8_der()).ok()?.1,
            _ => return None,
        };
        // version, privateKeyAlgorithm, privateKey
        let [_, _, inner, ..] = &outer.as_sequence().ok()?[..] else { return None };
        Self::of_pkcs1(inner.as_slice().ok()?)
    }

    fn of_pkcs1(der: &[u8]) -> Option<Self> {
        let (_, outer) = parse_der(der).ok()?;
        // version, modulus, publicExponent, privateExponent, and what makes it faster
        let [_, modulus, _, private_exponent, _, _, _, _, _, ..] = &outer.as_sequence().ok()?[..] else { return None };
        let number = |object: &BerObject<'_>| Some(BigUint::from_bytes_be(object.as_slice().ok()?));
        let key = Self { modulus: number(modulus)?, private_exponent: number(private_exponent)? };
        (key.modulus.bits() > 0).then_some(key)
    }

    /// Opens with the key what was sealed for it, adds the master secret that comes of it, and says how that went.
    pub fn open(&self, recording: &Recording, secrets: &mut Secrets) -> Yield {
        let opened = Opened::of(recording, &Secrets::default());
        match self.master_secret(&opened) {
            Ok((client_random, master)) => {
                secrets.add(MASTER, &client_random, &master);
                Yield::Opened
            }
            Err(why) => why,
        }
    }

    /// The random of the `ClientHello`, and the master secret.
    fn master_secret(&self, opened: &Opened) -> Result<(Vec<u8>, Vec<u8>), Yield> {
        let mut randoms = [None, None];
        let (mut is_extended, mut messages) = (false, vec![]);
        for (from, _, message) in opened.messages() {
            messages.extend_from_slice(&message.bytes);
            match (from, &message.handshake) {
                (Side::Client, Ok(Handshake::ClientHello(hello))) => randoms[0] = Some(hello.random),
                (Side::Server, Ok(Handshake::ServerHello(hello))) => {
                    if hello.version() == Version::TLS_1_3 {
                        return Err(Yield::OnlySigned);
                    }
                    randoms[1] = Some(hello.random);
                    let extension = |it: &wire::tls::Extension| it.kind == ExtensionType::EXTENDED_MASTER_SECRET;
                    is_extended = hello.extensions.iter().any(extension);
                }
                (Side::Server, Ok(Handshake::Certificate(certificate))) => {
                    let own = certificate.entries.first().ok_or(Yield::NotThere)?;
                    if !self.is_of(&own.data) {
                        return Err(Yield::OtherKey);
                    }
                }
                (Side::Server, Ok(Handshake::ServerKeyExchange(_))) => return Err(Yield::OnlySigned),
                (Side::Client, Ok(Handshake::ClientKeyExchange(body))) => {
                    let [Some(client), Some(server)] = randoms else { return Err(Yield::NotThere) };
                    let algorithms = opened.suite.and_then(Algorithms::of).ok_or(Yield::NotThere)?;
                    // RFC 5246 section 7.4.7.1: the sealed secret stands behind its length.
                    let sealed = body.get(2..).unwrap_or_default();
                    let premaster = self.premaster(sealed).ok_or(Yield::DoesNotOpen)?;
                    let (label, seed) = match is_extended {
                        true => {
                            ("extended master secret", digest::digest(algorithms.digest, &messages).as_ref().to_vec())
                        }
                        false => ("master secret", [client, server].concat()),
                    };
                    return Ok((client.to_vec(), prf(&algorithms, &premaster, label, &seed, MASTER_LEN)));
                }
                _ => {}
            }
        }
        Err(Yield::NotThere)
    }

    /// Whether this certificate is for this key.
    fn is_of(&self, certificate: &[u8]) -> bool {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
        match certificate.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => BigUint::from_bytes_be(key.modulus) == self.modulus,
            _ => false,
        }
    }

    /// RFC 8017 section 7.2.2: m = c^d mod n, and m is 0, 2, eight or more bytes that are not 0, a 0, and what was sealed.
    fn premaster(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let message = BigUint::from_bytes_be(sealed).modpow(&self.private_exponent, &self.modulus).to_bytes_be();
        // The zero before all is no digit of a number.
        let [2, rest @ ..] = &message[..] else { return None };
        let end = rest.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
        let premaster = rest.get(end + 1..)?;
        (premaster.len() == PREMASTER).then(|| premaster.to_vec())
    }
}
