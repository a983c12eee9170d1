//! SSH: the version exchange, the header of a packet, and the messages that agree on keys.

use super::{Field, Row, at, row};
use crate::fields::Show::{Bytes, Dec, Named, Text};

/// One line by each end, before any packet.
pub(in crate::dissect) static SSH_IDENTIFICATION: Row = row("identification", "Identification", Text);
pub(in crate::dissect) static SSH_PREFIX: Row = row("prefix", "SSH-", Text);
pub(in crate::dissect) static SSH_PROTOVERSION: Row = row("protoversion", "Protocol Version", Text);
pub(in crate::dissect) static SSH_DASH: Row = row("dash", "Dash", Text);
pub(in crate::dissect) static SSH_SOFTWAREVERSION: Row = row("softwareversion", "Software Version", Text);
pub(in crate::dissect) static SSH_COMMENTS: Row = row("comments", "Comments", Text);
pub(in crate::dissect) static SSH_CRLF: Row = row("crlf", "CRLF", Bytes);

/// What each packet begins with: its length, that of its padding, and the first byte of what it carries.
pub(in crate::dissect) static SSH_PACKET: &[Row] = &[
    at(0, 32, "packet_length", "Packet Length", Dec),
    at(32, 8, "padding_length", "Padding Length", Dec),
    at(40, 8, "message_number", "Message Number", Named(MESSAGES)),
];

/// Of those that are said without keys: RFC 4250 section 4.1, RFC 5656 section 7.1 for 30 and 31, RFC 8308 section 2.3 for 7.
const MESSAGES: &[(u64, &str)] = &[
    (1, "SSH_MSG_DISCONNECT"),
    (2, "SSH_MSG_IGNORE"),
    (3, "SSH_MSG_UNIMPLEMENTED"),
    (4, "SSH_MSG_DEBUG"),
    (7, "SSH_MSG_EXT_INFO"),
    (20, "SSH_MSG_KEXINIT"),
    (21, "SSH_MSG_NEWKEYS"),
    (30, "SSH_MSG_KEX_ECDH_INIT"),
    (31, "SSH_MSG_KEX_ECDH_REPLY"),
    (32, "SSH_MSG_KEX_DH_GEX_INIT"),
    (33, "SSH_MSG_KEX_DH_GEX_REPLY"),
    (34, "SSH_MSG_KEX_DH_GEX_REQUEST"),
];

/// Whether a message of this number may be said without keys.
pub(in crate::dissect) fn is_in_clear(number: u8) -> bool {
    MESSAGES.iter().any(|(known, _)| *known == u64::from(number))
}

pub(in crate::dissect) static SSH_KEXINIT: Row = row("kexinit", "Key Exchange Init", Bytes);
pub(in crate::dissect) static SSH_COOKIE: Row = row("cookie", "Cookie", Bytes);
pub(in crate::dissect) static SSH_LIST_LENGTH: Row = row("list_length", "List Length", Dec);
/// The ten lists, in their order.
pub(in crate::dissect) static SSH_LISTS: [Row; 10] = [
    row("kex_algorithms", "Key Exchange Algorithms", Text),
    row("server_host_key_algorithms", "Server Host Key Algorithms", Text),
    row("encryption_algorithms_client_to_server", "Encryption Algorithms Client to Server", Text),
    row("encryption_algorithms_server_to_client", "Encryption Algorithms Server to Client", Text),
    row("mac_algorithms_client_to_server", "MAC Algorithms Client to Server", Text),
    row("mac_algorithms_server_to_client", "MAC Algorithms Server to Client", Text),
    row("compression_algorithms_client_to_server", "Compression Algorithms Client to Server", Text),
    row("compression_algorithms_server_to_client", "Compression Algorithms Server to Client", Text),
    row("languages_client_to_server", "Languages Client to Server", Text),
    row("languages_server_to_client", "Languages Server to Client", Text),
];
pub(in crate::dissect) static SSH_FIRST_FOLLOWS: Row =
    row("first_kex_packet_follows", "First Key Exchange Packet Follows", Dec);
pub(in crate::dissect) static SSH_RESERVED: Row = row("reserved", "Reserved", Dec);

/// The answer in a key exchange.
pub(in crate::dissect) static SSH_KEX_REPLY: Row = row("kex_reply", "Key Exchange Reply", Bytes);
pub(in crate::dissect) static SSH_HOST_KEY_LENGTH: Row = row("host_key_length", "Host Key Length", Dec);
pub(in crate::dissect) static SSH_HOST_KEY: Row = row("host_key", "Host Key", Bytes);
pub(in crate::dissect) static SSH_EXCHANGE_VALUE_LENGTH: Row =
    row("exchange_value_length", "Exchange Value Length", Dec);
pub(in crate::dissect) static SSH_EXCHANGE_VALUE: Row = row("exchange_value", "Exchange Value", Bytes);
pub(in crate::dissect) static SSH_SIGNATURE_LENGTH: Row = row("signature_length", "Signature Length", Dec);
pub(in crate::dissect) static SSH_SIGNATURE: Row = row("signature", "Signature", Bytes);

/// What a message has behind its number, where this crate knows no more of it.
pub(in crate::dissect) static SSH_PAYLOAD: Row = row("payload", "Payload", Bytes);
pub(in crate::dissect) static SSH_PADDING: Row = row("random_padding", "Random Padding", Bytes);
/// What comes behind the message after which keys are used.
pub(in crate::dissect) static SSH_ENCRYPTED: Row = row("encrypted", "Encrypted", Bytes);
/// The beginning of a packet, or of a line, that goes on in a later segment.
pub(in crate::dissect) static SSH_GOES_ON: Row = row("goes_on", "Goes On", Bytes);

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    let bytes = field.layer().dissection.bytes.get(field.bytes())?;
    match field.name() {
        "identification" => Some(crate::text::escaped(bytes.trim_ascii_end()).to_string()),
        "kexinit" => Some(format!("ten lists in {} bytes", bytes.len())),
        "kex_reply" => Some(format!("{} bytes", bytes.len())),
        // A blob begins with the name of its kind.
        "host_key" | "signature" => {
            let (length, rest) = bytes.split_first_chunk()?;
            let name = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
            let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
            is_name.then(|| format!("{}, {} bytes", crate::text::escaped(name), bytes.len()))
        }
        _ => None,
    }
}
