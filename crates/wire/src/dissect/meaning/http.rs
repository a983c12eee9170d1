//! HTTP/1.x.

use super::{Field, counted};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (shown, bytes) = (field.shown(), field.bytes().len());
    Some(match field.name() {
        "method" => format!("method {shown}: {}", method(&shown)),
        "request_target" => format!("request target {shown}: of which thing"),
        "http_version" => format!("{shown}: the version that the sender speaks"),
        "status_code" => format!("status code {shown}: {}", status(&shown)),
        "reason_phrase" => format!("reason phrase {shown}: for people, no program reads it"),
        "field_line" if shown.is_empty() => "a line of blanks".into(),
        "field_line" => about(field).map_or_else(|| shown.clone(), |about| format!("{shown} ({about})")),
        "field_name" => format!("field name {shown}"),
        "colon" => "the colon, and blanks behind it".into(),
        "blank" => counted(bytes, "blank"),
        "crlf" => "CR LF: the line ends".into(),
        "end_of_fields" => "an empty line: the fields end here".into(),
        "content" => format!("content, {}", counted(bytes, "byte")),
        "chunk" => format!("a chunk {shown}"),
        "chunk_size" => match u64::from_str_radix(shown.trim(), 16) {
            Ok(0) => "chunk size 0: that was all".into(),
            Ok(size) => format!("chunk size {shown}, in hexadecimal: {size} bytes of data follow"),
            Err(_) => format!("chunk size {shown}"),
        },
        "chunk_data" => format!("{} of the content", counted(bytes, "byte")),
        "goes_on" => format!("{}: the rest of the line is in another segment", counted(bytes, "byte")),
        _ => return None,
    })
}

fn method(name: &str) -> &'static str {
    match name {
        "GET" => "send me what is there",
        "HEAD" => "send me the fields that GET would bring, without the content",
        "POST" => "take this, and do what you do with it",
        "PUT" => "from now on this is what is there",
        "DELETE" => "from now on there is nothing",
        "CONNECT" => "make a tunnel to there",
        "OPTIONS" => "what could I ask here?",
        "TRACE" => "say what you heard",
        "PATCH" => "change what is there in this way",
        _ => "one that this tool has no words for",
    }
}

/// RFC 9110 section 15: the first digit says what kind of answer it is.
fn status(code: &str) -> &'static str {
    match code.as_bytes().first() {
        Some(b'1') => "not the answer yet",
        Some(b'2') => "it went well",
        Some(b'3') => "look elsewhere",
        Some(b'4') => "the client's fault",
        Some(b'5') => "the server's fault",
        _ => "of no known kind",
    }
}

/// What a field of the framing, or of the connection, is for.
fn about(line: &Field<'_>) -> Option<&'static str> {
    Some(match line.inside("field_name")?.to_ascii_lowercase().as_str() {
        "host" => "whom of those who live at this address",
        "content-length" => "so many bytes follow the empty line",
        "transfer-encoding" => "how the content says where it ends",
        "connection" => "what becomes of the connection",
        _ => return None,
    })
}
