//! SSH.

use super::{Field, counted};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown, bytes) = (field.number(), field.shown(), field.bytes().len());
    Some(match field.name() {
        "identification" => format!("identification {shown}: who speaks, and all of it is signed later"),
        "prefix" => "SSH-: what every line of this kind begins with".into(),
        "protoversion" => format!("protocol version {shown}"),
        "dash" => "what stands between the parts".into(),
        "crlf" => "CR LF: the line ends".into(),
        "packet_length" => format!("packet length {value}: bytes that follow, padding included"),
        "padding_length" => format!("padding length {value}: bytes at the end that say nothing"),
        "message_number" => format!("message number {value}: {}", message(value)),
        "kexinit" => "what this end can, in ten lists: the best first".into(),
        "cookie" => "cookie: 16 bytes that never come again".into(),
        "list_length" => format!("list length {value}: bytes of the list that follow"),
        "first_kex_packet_follows" => match value {
            0 => "first_kex_packet_follows 0: no guess was sent".into(),
            _ => format!("first_kex_packet_follows {value}: a guess follows before the other end has answered"),
        },
        "kex_reply" => "the server's key, its half of the exchange, and the signature over all that was said".into(),
        "host_key" => format!("host key {shown}: what the client has to know from before, or to believe"),
        "exchange_value" => format!("exchange value of {}: one end's half of the secret", counted(bytes, "byte")),
        "signature" => format!("signature {shown}: made with the host key, over both halves and all lists"),
        "payload" => format!("{} that this message carries", counted(bytes, "byte")),
        "random_padding" => format!("{} of padding, so that lengths say less", counted(bytes, "byte")),
        "encrypted" => format!("{}, sealed: only the two ends can read them", counted(bytes, "byte")),
        "goes_on" => format!("{}: the rest is in another segment", counted(bytes, "byte")),
        _ => return None,
    })
}

fn message(number: u64) -> &'static str {
    match number {
        1 => "goodbye, and why",
        2 | 4 => "nothing that matters",
        3 => "a message came that this end does not know",
        7 => "what else this end can",
        20 => "what this end can",
        21 => "from here on the new keys are used",
        30 => "the client's half of the secret",
        31 => "the server's half, its key and a signature",
        _ => "a part of the key exchange",
    }
}
