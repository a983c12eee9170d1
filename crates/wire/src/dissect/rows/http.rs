//! HTTP/1.x: the parts of a message, by the names of RFC 9112's grammar.

use super::{Field, Row, row};
use crate::fields::Show::{Bytes, Text};
use crate::text;

pub(in crate::dissect) static HTTP_REQUEST_LINE: Row = row("request_line", "Request Line", Text);
pub(in crate::dissect) static HTTP_METHOD: Row = row("method", "Method", Text);
pub(in crate::dissect) static HTTP_TARGET: Row = row("request_target", "Request Target", Text);
pub(in crate::dissect) static HTTP_VERSION: Row = row("http_version", "HTTP Version", Text);
pub(in crate::dissect) static HTTP_STATUS_LINE: Row = row("status_line", "Status Line", Text);
pub(in crate::dissect) static HTTP_STATUS_CODE: Row = row("status_code", "Status Code", Text);
pub(in crate::dissect) static HTTP_REASON: Row = row("reason_phrase", "Reason Phrase", Text);
pub(in crate::dissect) static HTTP_FIELD_LINE: Row = row("field_line", "Field Line", Text);
pub(in crate::dissect) static HTTP_FIELD_NAME: Row = row("field_name", "Field Name", Text);
/// The colon, and the blanks that may stand behind it.
pub(in crate::dissect) static HTTP_COLON: Row = row("colon", "Colon", Text);
pub(in crate::dissect) static HTTP_FIELD_VALUE: Row = row("field_value", "Field Value", Text);
/// What stands between two parts of a line, or behind the last one.
pub(in crate::dissect) static HTTP_BLANK: Row = row("blank", "Blank", Text);
pub(in crate::dissect) static HTTP_CRLF: Row = row("crlf", "CRLF", Bytes);
/// The empty line.
pub(in crate::dissect) static HTTP_END_OF_FIELDS: Row = row("end_of_fields", "End of Fields", Bytes);
pub(in crate::dissect) static HTTP_CONTENT: Row = row("content", "Content", Bytes);
pub(in crate::dissect) static HTTP_CHUNK: Row = row("chunk", "Chunk", Bytes);
pub(in crate::dissect) static HTTP_CHUNK_SIZE: Row = row("chunk_size", "Chunk Size", Text);
pub(in crate::dissect) static HTTP_CHUNK_EXT: Row = row("chunk_ext", "Chunk Extension", Text);
pub(in crate::dissect) static HTTP_CHUNK_DATA: Row = row("chunk_data", "Chunk Data", Bytes);
/// The beginning of a line that goes on in a later segment.
pub(in crate::dissect) static HTTP_GOES_ON: Row = row("goes_on", "Goes On", Text);

/// No more of a content is shown, bytes.
const MOST: usize = 32;

pub(super) fn shown(field: &Field<'_>) -> Option<String> {
    let bytes = field.layer().dissection.bytes.get(field.bytes())?;
    match field.name() {
        "request_line" | "status_line" | "field_line" => Some(text::escaped(bytes.trim_ascii_end()).to_string()),
        "content" | "chunk_data" => words(bytes),
        "chunk" => Some(format!("of {}", field.inside("chunk_size").unwrap_or_default())),
        _ => None,
    }
}

/// Content that is a text, its beginning.
fn words(bytes: &[u8]) -> Option<String> {
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    let shown = bytes.get(..MOST.min(bytes.len()))?;
    let more = match bytes.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.iter().all(is_text).then(|| format!("\"{}\"{more}", text::escaped(shown)))
}
