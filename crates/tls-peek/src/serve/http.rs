//! The page that is served: what the server knows of the connection on which it was asked for.

use rustls::Connection;
use std::fmt::Write;

/// The answer to a request, RFC 9112 section 4; the connection ends behind it.
pub(super) fn answer(connection: &Connection, request: &[u8]) -> Vec<u8> {
    let mut page = String::from("This is tls-peek, and this is what it knows of you:\n");
    let mut row = |what: &str, words: String| {
        // Writing to a string does not fail.
        let _ = writeln!(page, "{what:<13} {words}");
    };
    if let Some(version) = connection.protocol_version() {
        row("version", wire::tls::Version(version.into()).to_string());
    }
    if let Some(suite) = connection.negotiated_cipher_suite() {
        row("cipher suite", wire::tls::CipherSuite(suite.suite().into()).to_string());
    }
    if let Some(group) = connection.negotiated_key_exchange_group() {
        row("group", wire::tls::Group(group.name().into()).to_string());
    }
    if let Connection::Server(server) = connection {
        row("asked for", server.server_name().map_or_else(|| "no name".into(), cli::escape));
    }
    row("request", first_line(request));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    [head, page].concat().into_bytes()
}

/// The first line of a request, escaped, and not longer than a line of text.
pub(super) fn first_line(request: &[u8]) -> String {
    const MOST: usize = 60;
    let line = request.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let text = String::from_utf8_lossy(line.get(..MOST).unwrap_or(line)).into_owned();
    cli::escape(&text)
}
