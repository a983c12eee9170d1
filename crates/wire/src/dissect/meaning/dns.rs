//! The name system.

use super::{Field, Words, counted};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    match field.within() {
        None => of_header(field).or_else(|| entry(field)),
        Some("question") => None,
        Some("answer" | "authority" | "additional") => of_record(field),
        Some("string" | "tag" | "alpn_id" | "salt" | "next_hashed") if field.name() == "length" => {
            Some(format!("length {value}: {} follow", many(value, "byte")))
        }
        _ => None,
    }
    .or_else(|| {
        Some(match field.name() {
            "label_length" => format!("a label of {}", many(value, "byte")),
            "label" => format!("label {shown}"),
            "root" => "the root: the name ends here".into(),
            "pointer" => {
                let (byte, name) = shown.split_once(": ").unwrap_or((&shown, "a name"));
                format!("pointer to {byte} of the message: {name}")
            }
            "unread" => format!("{}: not read, for what stands before is wrong", counted(field.bytes().len(), "byte")),
            "minimum" => format!("MINIMUM {value}: for so many seconds it may be kept that there is no record"),
            "refresh" => format!("REFRESH {value}: seconds between two looks of a second server"),
            "preference" => format!("PREFERENCE {value}: the least is tried first"),
            name if name.starts_with("rdata") => {
                if shown.is_empty() {
                    "no data".into()
                } else {
                    format!("data {shown}")
                }
            }
            _ if shown.is_empty() => format!("{}: nothing", Words(field.label())),
            _ => return None,
        })
    })
}

/// Of the header, and of a stream's length before it.
fn of_header(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    let is_set = value == 1;
    let is_answer = field.layer().field("qr").is_some_and(|qr| qr.number() == 1);
    Some(match field.name() {
        "message_length" => format!("length {value}: bytes of the message that follows"),
        "id" => format!("ID {shown}: the answer has the same"),
        "qr" if is_set => "QR set: an answer".into(),
        "qr" => "QR not set: a question".into(),
        "aa" if is_set => "AA set: the server has authority for the name, and did not ask others".into(),
        "aa" if is_answer => "AA not set: from a cache, or from a server that only knows whom to ask".into(),
        "aa" => "AA not set: it means something in answers only".into(),
        "tc" if is_set => "TC set: cut off, there was more than a datagram takes; ask again by TCP".into(),
        "tc" => "TC not set: nothing was cut off".into(),
        "rd" if is_set => "RD set: please ask others too, and tell me the end".into(),
        "rd" => "RD not set: tell me only what you know yourself".into(),
        "ra" if is_set => "RA set: this server asks others".into(),
        "ra" if is_answer => "RA not set: this server asks nobody".into(),
        "ra" => "RA not set: it means something in answers only".into(),
        "z" if is_set => "Z set: must be 0".into(),
        "z" => "Z: must be 0".into(),
        "ad" if is_set && is_answer => "AD set: the server checked all signatures".into(),
        "ad" if is_set => "AD set: tell me whether signatures were checked".into(),
        "ad" => "AD not set: nobody vouches for signatures".into(),
        "cd" if is_set => "CD set: the client checks signatures itself".into(),
        "cd" => "CD not set: the server may check signatures".into(),
        "rcode" => format!("RCODE {value}: {}", outcome(value, is_answer)),
        "qdcount" => format!("QDCOUNT {value}: {}", many(value, "question")),
        "ancount" => format!("ANCOUNT {value}: {} as the answer", many(value, "record")),
        "nscount" => format!("NSCOUNT {value}: {} of who has authority", many(value, "record")),
        "arcount" => format!("ARCOUNT {value}: {} that may help", many(value, "record")),
        _ => return None,
    })
}

/// `1 record`, `2 records`.
fn many(number: u64, what: &str) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), what)
}

fn outcome(rcode: u64, is_answer: bool) -> &'static str {
    match rcode {
        0 if !is_answer => "it means something in answers only",
        0 => "no error",
        1 => "the server does not understand the question",
        2 => "the server could not find out",
        3 => "there is no such name",
        4 => "the server cannot do this",
        5 => "the server does not want to answer this",
        _ => "none that is met often",
    }
}

/// Of an entry of a section.
fn entry(field: &Field<'_>) -> Option<String> {
    Some(match field.name() {
        "question" => format!("asked for: {}", field.shown()),
        "answer" => format!("answer: {}", field.shown()),
        "authority" => format!("authority: {}", field.shown()),
        "additional" => format!("additional: {}", field.shown()),
        _ => return None,
    })
}

/// Of a field of a record.
fn of_record(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    Some(match field.name() {
        "name" => format!("NAME {shown}: of what the data are"),
        "ttl" => format!("TTL {value}: seconds for which it may be kept"),
        "rdlength" => format!("RDLENGTH {value}: bytes of data"),
        "payload_size" => format!("UDP payload size {value}: the longest datagram that the sender takes"),
        "extended_rcode" => format!("extended RCODE {value}: eight bits above those of the header"),
        "version" => format!("version {value} of EDNS"),
        "dnssec_ok" if value == 1 => "DO set: please send signatures too".into(),
        "dnssec_ok" => "DO not set: no signatures wanted".into(),
        "z" => format!("Z {shown}: must be 0"),
        _ => return None,
    })
}
