//! The numbers of TLS, and the words for them.
//!
//! Obeys the registries of RFC 8446 section 11 and of RFC 8447, and RFC 8701: numbers that mean nothing, which clients mix in so that
//! servers go on to ignore what they do not know, are `GREASE`.
//!
//! ```
//! use wire::tls::{CipherSuite, ExtensionType, Group};
//!
//! assert_eq!(CipherSuite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
//! assert_eq!(ExtensionType(0x3a3a).to_string(), "GREASE");
//! assert_eq!(Group(0x1234).to_string(), "0x1234");
//! ```

use std::fmt;

/// Declares a kind of number: a constant and a name for each that the code or its users meet, and the table of these.
macro_rules! numbers {
    ($(#[$meta:meta])* $Number:ident($type:ty), $NAMES:ident, $width:literal;
     $($number:literal $CONSTANT:ident $name:literal,)* $(; $($grease:literal)*)?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $Number(pub $type);

        impl $Number {
            $( #[doc = concat!("Number ", stringify!($number), ".")] pub const $CONSTANT: Self = Self($number); )*

            /// Its name, if it has one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                $NAMES.iter().find(|(number, _)| *number == u64::from(self.0)).map(|(_, name)| *name)
            }
        }

        /// The names of the numbers that have one.
        pub(crate) const $NAMES: &[(u64, &str)] = &[$(($number, $name),)* $($(($grease, GREASE),)*)?];

        impl fmt::Display for $Number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!(concat!("{:#0", $width, "x}"), self.0)),
                }
            }
        }
    };
}

/// What RFC 8701 calls numbers that mean nothing.
const GREASE: &str = "GREASE";

/// Whether this is one of the sixteen numbers of RFC 8701 section 2.
#[must_use]
pub fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

numbers! {
    /// What a record carries, RFC 8446 section 5.1.
    ContentType(u8), CONTENT_TYPES, 4;
    20 CHANGE_CIPHER_SPEC "change_cipher_spec", 21 ALERT "alert", 22 HANDSHAKE "handshake",
    23 APPLICATION_DATA "application_data", 24 HEARTBEAT "heartbeat",
}

numbers! {
    /// A version of the protocol, as it is written on the wire.
    Version(u16), VERSIONS, 6;
    0x0300 SSL_3_0 "SSL 3.0", 0x0301 TLS_1_0 "TLS 1.0", 0x0302 TLS_1_1 "TLS 1.1", 0x0303 TLS_1_2 "TLS 1.2",
    0x0304 TLS_1_3 "TLS 1.3",
    ; 0x0a0a 0x1a1a 0x2a2a 0x3a3a 0x4a4a 0x5a5a 0x6a6a 0x7a7a 0x8a8a 0x9a9a 0xaaaa 0xbaba 0xcaca 0xdada 0xeaea 0xfafa
}

numbers! {
    /// What a handshake message is, RFC 8446 section 4, and RFC 5246 section 7.4 for those of TLS 1.2.
    HandshakeType(u8), HANDSHAKE_TYPES, 4;
    0 HELLO_REQUEST "HelloRequest", 1 CLIENT_HELLO "ClientHello", 2 SERVER_HELLO "ServerHello",
    4 NEW_SESSION_TICKET "NewSessionTicket", 5 END_OF_EARLY_DATA "EndOfEarlyData",
    8 ENCRYPTED_EXTENSIONS "EncryptedExtensions", 11 CERTIFICATE "Certificate", 12 SERVER_KEY_EXCHANGE "ServerKeyExchange",
    13 CERTIFICATE_REQUEST "CertificateRequest", 14 SERVER_HELLO_DONE "ServerHelloDone",
    15 CERTIFICATE_VERIFY "CertificateVerify", 16 CLIENT_KEY_EXCHANGE "ClientKeyExchange", 20 FINISHED "Finished",
    22 CERTIFICATE_STATUS "CertificateStatus", 24 KEY_UPDATE "KeyUpdate", 25 COMPRESSED_CERTIFICATE "CompressedCertificate",
}

numbers! {
    /// What an extension is about.
    ExtensionType(u16), EXTENSION_TYPES, 6;
    0 SERVER_NAME "server_name", 1 MAX_FRAGMENT_LENGTH "max_fragment_length", 5 STATUS_REQUEST "status_request",
    10 SUPPORTED_GROUPS "supported_groups", 11 EC_POINT_FORMATS "ec_point_formats",
    13 SIGNATURE_ALGORITHMS "signature_algorithms", 14 USE_SRTP "use_srtp", 15 HEARTBEAT "heartbeat",
    16 ALPN "application_layer_protocol_negotiation", 18 SIGNED_CERTIFICATE_TIMESTAMP "signed_certificate_timestamp",
    19 CLIENT_CERTIFICATE_TYPE "client_certificate_type", 20 SERVER_CERTIFICATE_TYPE "server_certificate_type",
    21 PADDING "padding", 22 ENCRYPT_THEN_MAC "encrypt_then_mac", 23 EXTENDED_MASTER_SECRET "extended_master_secret",
    27 COMPRESS_CERTIFICATE "compress_certificate", 28 RECORD_SIZE_LIMIT "record_size_limit",
    34 DELEGATED_CREDENTIAL "delegated_credential", 35 SESSION_TICKET "session_ticket", 41 PRE_SHARED_KEY "pre_shared_key",
    42 EARLY_DATA "early_data", 43 SUPPORTED_VERSIONS "supported_versions", 44 COOKIE "cookie",
    45 PSK_KEY_EXCHANGE_MODES "psk_key_exchange_modes", 47 CERTIFICATE_AUTHORITIES "certificate_authorities",
    48 OID_FILTERS "oid_filters", 49 POST_HANDSHAKE_AUTH "post_handshake_auth",
    50 SIGNATURE_ALGORITHMS_CERT "signature_algorithms_cert", 51 KEY_SHARE "key_share",
    57 QUIC_TRANSPORT_PARAMETERS "quic_transport_parameters", 13172 NEXT_PROTOCOL "next_protocol_negotiation",
    17513 APPLICATION_SETTINGS_DRAFT "application_settings_draft", 17613 APPLICATION_SETTINGS "application_settings",
    0xfe0d ENCRYPTED_CLIENT_HELLO "encrypted_client_hello", 0xff01 RENEGOTIATION_INFO "renegotiation_info",
    ; 0x0a0a 0x1a1a 0x2a2a 0x3a3a 0x4a4a 0x5a5a 0x6a6a 0x7a7a 0x8a8a 0x9a9a 0xaaaa 0xbaba 0xcaca 0xdada 0xeaea 0xfafa
}

numbers! {
    /// How keys are agreed on (in TLS 1.2), how data are sealed, and with which hash keys are derived.
    CipherSuite(u16), CIPHER_SUITES, 6;
    0x002f RSA_AES_128_CBC_SHA "TLS_RSA_WITH_AES_128_CBC_SHA", 0x0035 RSA_AES_256_CBC_SHA "TLS_RSA_WITH_AES_256_CBC_SHA",
    0x003c RSA_AES_128_CBC_SHA256 "TLS_RSA_WITH_AES_128_CBC_SHA256",
    0x003d RSA_AES_256_CBC_SHA256 "TLS_RSA_WITH_AES_256_CBC_SHA256",
    0x009c RSA_AES_128_GCM_SHA256 "TLS_RSA_WITH_AES_128_GCM_SHA256",
    0x009d RSA_AES_256_GCM_SHA384 "TLS_RSA_WITH_AES_256_GCM_SHA384",
    0x009e DHE_RSA_AES_128_GCM_SHA256 "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    0x009f DHE_RSA_AES_256_GCM_SHA384 "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    0x00ff EMPTY_RENEGOTIATION_INFO_SCSV "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    0x1301 AES_128_GCM_SHA256 "TLS_AES_128_GCM_SHA256", 0x1302 AES_256_GCM_SHA384 "TLS_AES_256_GCM_SHA384",
    0x1303 CHACHA20_POLY1305_SHA256 "TLS_CHACHA20_POLY1305_SHA256", 0x1304 AES_128_CCM_SHA256 "TLS_AES_128_CCM_SHA256",
    0x1305 AES_128_CCM_8_SHA256 "TLS_AES_128_CCM_8_SHA256", 0x5600 FALLBACK_SCSV "TLS_FALLBACK_SCSV",
    0xc009 ECDHE_ECDSA_AES_128_CBC_SHA "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    0xc00a ECDHE_ECDSA_AES_256_CBC_SHA "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    0xc013 ECDHE_RSA_AES_128_CBC_SHA "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    0xc014 ECDHE_RSA_AES_256_CBC_SHA "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    0xc023 ECDHE_ECDSA_AES_128_CBC_SHA256 "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    0xc024 ECDHE_ECDSA_AES_256_CBC_SHA384 "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    0xc027 ECDHE_RSA_AES_128_CBC_SHA256 "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    0xc028 ECDHE_RSA_AES_256_CBC_SHA384 "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    0xc02b ECDHE_ECDSA_AES_128_GCM_SHA256 "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    0xc02c ECDHE_ECDSA_AES_256_GCM_SHA384 "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    0xc02f ECDHE_RSA_AES_128_GCM_SHA256 "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xc030 ECDHE_RSA_AES_256_GCM_SHA384 "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    0xcca8 ECDHE_RSA_CHACHA20_POLY1305 "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    0xcca9 ECDHE_ECDSA_CHACHA20_POLY1305 "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    0xccaa DHE_RSA_CHACHA20_POLY1305 "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ; 0x0a0a 0x1a1a 0x2a2a 0x3a3a 0x4a4a 0x5a5a 0x6a6a 0x7a7a 0x8a8a 0x9a9a 0xaaaa 0xbaba 0xcaca 0xdada 0xeaea 0xfafa
}

numbers! {
    /// In which group both ends agree on a secret, RFC 8446 section 4.2.7.
    Group(u16), GROUPS, 6;
    21 SECP224R1 "secp224r1", 22 SECP256K1 "secp256k1", 23 SECP256R1 "secp256r1", 24 SECP384R1 "secp384r1",
    25 SECP521R1 "secp521r1", 29 X25519 "x25519", 30 X448 "x448", 256 FFDHE2048 "ffdhe2048", 257 FFDHE3072 "ffdhe3072",
    258 FFDHE4096 "ffdhe4096", 259 FFDHE6144 "ffdhe6144", 260 FFDHE8192 "ffdhe8192", 512 MLKEM512 "MLKEM512",
    513 MLKEM768 "MLKEM768", 514 MLKEM1024 "MLKEM1024", 0x11eb SECP256R1_MLKEM768 "SecP256r1MLKEM768",
    0x11ec X25519_MLKEM768 "X25519MLKEM768", 0x11ed SECP384R1_MLKEM1024 "SecP384r1MLKEM1024",
    0x6399 X25519_KYBER768_DRAFT "X25519Kyber768Draft00",
    ; 0x0a0a 0x1a1a 0x2a2a 0x3a3a 0x4a4a 0x5a5a 0x6a6a 0x7a7a 0x8a8a 0x9a9a 0xaaaa 0xbaba 0xcaca 0xdada 0xeaea 0xfafa
}

numbers! {
    /// How something is signed, RFC 8446 section 4.2.3.
    SignatureScheme(u16), SIGNATURE_SCHEMES, 6;
    0x0201 RSA_PKCS1_SHA1 "rsa_pkcs1_sha1", 0x0203 ECDSA_SHA1 "ecdsa_sha1", 0x0401 RSA_PKCS1_SHA256 "rsa_pkcs1_sha256",
    0x0403 ECDSA_SECP256R1_SHA256 "ecdsa_secp256r1_sha256", 0x0501 RSA_PKCS1_SHA384 "rsa_pkcs1_sha384",
    0x0503 ECDSA_SECP384R1_SHA384 "ecdsa_secp384r1_sha384", 0x0601 RSA_PKCS1_SHA512 "rsa_pkcs1_sha512",
    0x0603 ECDSA_SECP521R1_SHA512 "ecdsa_secp521r1_sha512", 0x0804 RSA_PSS_RSAE_SHA256 "rsa_pss_rsae_sha256",
    0x0805 RSA_PSS_RSAE_SHA384 "rsa_pss_rsae_sha384", 0x0806 RSA_PSS_RSAE_SHA512 "rsa_pss_rsae_sha512",
    0x0807 ED25519 "ed25519", 0x0808 ED448 "ed448", 0x0809 RSA_PSS_PSS_SHA256 "rsa_pss_pss_sha256",
    0x080a RSA_PSS_PSS_SHA384 "rsa_pss_pss_sha384", 0x080b RSA_PSS_PSS_SHA512 "rsa_pss_pss_sha512",
    ; 0x0a0a 0x1a1a 0x2a2a 0x3a3a 0x4a4a 0x5a5a 0x6a6a 0x7a7a 0x8a8a 0x9a9a 0xaaaa 0xbaba 0xcaca 0xdada 0xeaea 0xfafa
}

numbers! {
    /// With or without a fresh secret beside the one that is known, RFC 8446 section 4.2.9.
    PskMode(u8), PSK_MODES, 4;
    0 PSK_KE "psk_ke", 1 PSK_DHE_KE "psk_dhe_ke",
    ; 0x0b 0x2a 0x49 0x68 0x87 0xa6 0xc5 0xe4
}

numbers! {
    /// How grave an alert is. RFC 8446 section 6: in TLS 1.3 "the severity is implicit in the type of alert being sent".
    AlertLevel(u8), ALERT_LEVELS, 4;
    1 WARNING "warning", 2 FATAL "fatal",
}

numbers! {
    /// What went wrong at the other end, RFC 8446 section 6, and RFC 5246 section 7.2 for those of TLS 1.2.
    AlertDescription(u8), ALERT_DESCRIPTIONS, 4;
    0 CLOSE_NOTIFY "close_notify", 10 UNEXPECTED_MESSAGE "unexpected_message", 20 BAD_RECORD_MAC "bad_record_mac",
    21 DECRYPTION_FAILED "decryption_failed", 22 RECORD_OVERFLOW "record_overflow",
    30 DECOMPRESSION_FAILURE "decompression_failure", 40 HANDSHAKE_FAILURE "handshake_failure",
    42 BAD_CERTIFICATE "bad_certificate", 43 UNSUPPORTED_CERTIFICATE "unsupported_certificate",
    44 CERTIFICATE_REVOKED "certificate_revoked", 45 CERTIFICATE_EXPIRED "certificate_expired",
    46 CERTIFICATE_UNKNOWN "certificate_unknown", 47 ILLEGAL_PARAMETER "illegal_parameter", 48 UNKNOWN_CA "unknown_ca",
    49 ACCESS_DENIED "access_denied", 50 DECODE_ERROR "decode_error", 51 DECRYPT_ERROR "decrypt_error",
    60 EXPORT_RESTRICTION "export_restriction", 70 PROTOCOL_VERSION "protocol_version",
    71 INSUFFICIENT_SECURITY "insufficient_security", 80 INTERNAL_ERROR "internal_error",
    86 INAPPROPRIATE_FALLBACK "inappropriate_fallback", 90 USER_CANCELED "user_canceled",
    100 NO_RENEGOTIATION "no_renegotiation", 109 MISSING_EXTENSION "missing_extension",
    110 UNSUPPORTED_EXTENSION "unsupported_extension", 112 UNRECOGNIZED_NAME "unrecognized_name",
    113 BAD_CERTIFICATE_STATUS_RESPONSE "bad_certificate_status_response", 115 UNKNOWN_PSK_IDENTITY "unknown_psk_identity",
    116 CERTIFICATE_REQUIRED "certificate_required", 120 NO_APPLICATION_PROTOCOL "no_application_protocol",
    121 ECH_REQUIRED "ech_required",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_rfc_8701_is_named_so_and_no_other() {
        let named = |names: &[(u64, &str)]| names.iter().filter(|(_, name)| *name == GREASE).count();
        for names in [VERSIONS, EXTENSION_TYPES, CIPHER_SUITES, GROUPS, SIGNATURE_SCHEMES] {
            assert_eq!(named(names), 16);
            let all_are =
                names.iter().all(|(number, name)| is_grease(u16::try_from(*number).unwrap()) == (*name == GREASE));
            assert!(all_are);
        }
        assert_eq!((0..=u16::MAX).filter(|number| is_grease(*number)).count(), 16);
    }

    #[test]
    fn tables_are_in_the_order_of_their_numbers() {
        for names in [CONTENT_TYPES, HANDSHAKE_TYPES, ALERT_DESCRIPTIONS] {
            assert!(names.is_sorted_by(|(a, _), (b, _)| a < b));
        }
        for names in [VERSIONS, EXTENSION_TYPES, CIPHER_SUITES, GROUPS, SIGNATURE_SCHEMES] {
            let own: Vec<_> = names.iter().filter(|(_, name)| *name != GREASE).map(|(number, _)| number).collect();
            assert!(own.is_sorted_by(|a, b| a < b));
        }
    }
}
