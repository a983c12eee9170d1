//! The messages of HTTP in a segment.

use crate::dissect::{Dissection, Protocol};
use std::fmt::{self, Formatter};

/// No more of a line is told, characters.
const MOST: usize = 60;

/// ` HTTP GET /index.html HTTP/1.1`, ` HTTP HTTP/1.1 200 OK, HTTP/1.1 404 Not Found`: the first line of each.
pub(super) fn http(f: &mut Formatter<'_>, dissection: &Dissection<'_>) -> fmt::Result {
    let mut before = " HTTP ";
    for layer in dissection.layers().filter(|layer| layer.protocol() == Protocol::Http && !layer.is_quoted()) {
        let line = layer.field("request_line").or_else(|| layer.field("status_line"));
        let line = line.map_or_else(|| "message, cut short".into(), |line| line.shown());
        let (shown, more) = match line.get(..MOST) {
            Some(shown) if shown.len() < line.len() => (shown, " ..."),
            _ => (&line[..], ""),
        };
        write!(f, "{before}{shown}{more}")?;
        before = ", ";
    }
    Ok(())
}
