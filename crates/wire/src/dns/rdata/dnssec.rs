//! The types of DNSSEC: keys, their digests, signatures, and proofs that something is not there.

use super::bitmap::TypeBitMaps;
use super::field::{Base64, HashedName, Hex, Salt, Time};
use crate::dns::Name;
use crate::dns::numbers::{TYPES, Type};
use crate::fields::Show::{self, Bytes, Dec, Named};

/// Algorithms of keys and signatures, by their mnemonics in the registry of RFC 8624 section 3.1.
const ALGORITHMS: &[(u64, &str)] = &[
    (1, "RSAMD5"),
    (3, "DSA"),
    (5, "RSASHA1"),
    (6, "DSA-NSEC3-SHA1"),
    (7, "RSASHA1-NSEC3-SHA1"),
    (8, "RSASHA256"),
    (10, "RSASHA512"),
    (12, "ECC-GOST"),
    (13, "ECDSAP256SHA256"),
    (14, "ECDSAP384SHA384"),
    (15, "ED25519"),
    (16, "ED448"),
];
const DIGESTS: &[(u64, &str)] = &[(1, "SHA-1"), (2, "SHA-256"), (3, "GOST R 34.11-94"), (4, "SHA-384")];
const HASHES: &[(u64, &str)] = &[(1, "SHA-1")];
/// Flags of a key, as they are set in practice.
const KEYS: &[(u64, &str)] = &[(256, "zone key"), (257, "zone key, secure entry point")];
const ALGORITHM: Show = Named(ALGORITHMS);

table! {
    /// The digest of a key of the child zone, RFC 4034 section 5.1.
    Ds, Whole;
    key_tag:     u16, "Key Tag",     Dec;
    algorithm:   u8,  "Algorithm",   ALGORITHM;
    digest_type: u8,  "Digest Type", Named(DIGESTS);
    digest:      Hex, "Digest",      Bytes;
}

table! {
    /// A public key of a zone, RFC 4034 section 2.1.
    Dnskey, Whole;
    flags:      u16,    "Flags",      Named(KEYS);
    protocol:   u8,     "Protocol",   Dec;
    algorithm:  u8,     "Algorithm",  ALGORITHM;
    public_key: Base64, "Public Key", Bytes;
}

table! {
    /// A signature over all records of a name and type, RFC 4034 section 3.1.
    Rrsig, Whole;
    type_covered: Type,   "Type Covered",         Named(TYPES);
    algorithm:    u8,     "Algorithm",            ALGORITHM;
    labels:       u8,     "Labels",               Dec;
    original_ttl: u32,    "Original TTL",         Dec;
    expiration:   Time,   "Signature Expiration", Dec;
    inception:    Time,   "Signature Inception",  Dec;
    key_tag:      u16,    "Key Tag",              Dec;
    signer_name:  Name,   "Signer's Name",        Bytes;
    signature:    Base64, "Signature",            Bytes;
}

table! {
    /// The next name of a zone: none lies between, RFC 4034 section 4.1.
    Nsec, Whole;
    next_domain_name: Name,        "Next Domain Name", Bytes;
    type_bit_maps:    TypeBitMaps, "Type Bit Maps",    Bytes;
}

table! {
    /// The same of the digests of names, RFC 5155 section 3.2.
    Nsec3, Whole;
    hash_algorithm: u8,          "Hash Algorithm",         Named(HASHES);
    flags:          u8,          "Flags",                  Dec;
    iterations:     u16,         "Iterations",             Dec;
    salt:           Salt,        "Salt",                   Bytes;
    next_hashed:    HashedName,  "Next Hashed Owner Name", Bytes;
    type_bit_maps:  TypeBitMaps, "Type Bit Maps",          Bytes;
}

impl Dnskey {
    /// The number by which signatures and digests name this key, RFC 4034 appendix B; not the one of algorithm 1.
    #[must_use]
    pub fn key_tag(&self) -> u16 {
        let [high, low] = self.flags.to_be_bytes();
        let head = [high, low, self.protocol, self.algorithm];
        let bytes = head.iter().chain(&self.public_key.0).enumerate();
        let sum = bytes.fold(0u32, |sum, (at, byte)| {
            let shifted = if at % 2 == 0 { u32::from(*byte) << 8 } else { u32::from(*byte) };
            sum.wrapping_add(shifted)
        });
        let [_, _, high, low] = sum.wrapping_add(sum >> 16).to_be_bytes();
        u16::from_be_bytes([high, low])
    }
}
