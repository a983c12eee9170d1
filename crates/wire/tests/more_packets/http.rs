//! Messages of HTTP/1.1, by TCP.

use super::address;
use crate::packets::Rng;
use std::fmt::Write;
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

pub(super) fn packet(rng: &mut Rng) -> Vec<u8> {
    let (client, server) = (address(rng), address(rng));
    let (port, served) = (1024 + rng.u16() % 60_000, rng.pick(&[80, 8080]));
    // Several of one kind in a segment: pipelined.
    let count = 1 + rng.below(3);
    let (from, to, data): (_, _, Vec<u8>) = if rng.once_in(2) {
        (port, served, (0..count).flat_map(|_| request(rng)).collect())
    } else {
        (served, port, (0..count).flat_map(|_| response(rng)).collect())
    };
    let tcp = Tcp { psh: true, ack: true, ..Tcp::new(from, to) };
    let segment = tcp.segment(client.into(), server.into(), &[], &data);
    Ipv4::new(client, server, ipv4::TCP).packet(&segment)
}

fn fields(rng: &mut Rng) -> String {
    let lines = ["Accept: */*", "X-Empty:", "user-agent:  two blanks", "Cookie: a=1; b=2 ", "Via: 1.1 a, 1.1 b"];
    (0..rng.below(4)).fold(String::new(), |mut text, _| {
        let _ = write!(text, "{}\r\n", rng.pick(&lines));
        text
    })
}

fn request(rng: &mut Rng) -> Vec<u8> {
    let target = rng.pick(&["/", "/index.html", "/a/b?c=d&e=%20", "/*"]);
    let content = rng.below(40);
    let (method, length) = match rng.below(3) {
        0 => (rng.pick(&["POST", "PUT"]), format!("Content-Length: {content}\r\n")),
        _ => (rng.pick(&["GET", "HEAD", "DELETE", "OPTIONS"]), String::new()),
    };
    let content = if length.is_empty() { vec![] } else { vec![b'x'; content] };
    let head = format!("{method} {target} HTTP/1.1\r\nHost: www.example.com\r\n{}{length}\r\n", fields(rng));
    [head.into_bytes(), content].concat()
}

fn response(rng: &mut Rng) -> Vec<u8> {
    let status = rng.pick(&["200 OK", "404 Not Found", "503 Service Unavailable", "304 Not Modified", "100 Continue"]);
    let content: String = (0..rng.below(60)).map(|_| char::from(rng.pick(b"abc \n"))).collect();
    let (framing, content) = match rng.below(2) {
        _ if status.starts_with("304") || status.starts_with("100") => (String::new(), String::new()),
        0 => (format!("Content-Length: {}\r\n", content.len()), content),
        _ if content.is_empty() => ("Transfer-Encoding: chunked\r\n".to_string(), "0\r\n\r\n".to_string()),
        _ => {
            let chunked = format!("{:x}\r\n{content}\r\n3;name=value\r\nend\r\n0\r\n\r\n", content.len());
            ("Transfer-Encoding: chunked\r\n".to_string(), chunked)
        }
    };
    format!("HTTP/1.1 {status}\r\n{}{framing}\r\n{content}", fields(rng)).into_bytes()
}
