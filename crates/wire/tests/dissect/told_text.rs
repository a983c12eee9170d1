//! What people are told of HTTP and SSH.

use crate::more_packets::ssh;
use crate::packets::Rng;
use crate::told::{ME, YOU, all};
use insta::assert_snapshot;
use wire::dissect::{LinkType, dissect};
use wire::ipv4::{self, Ipv4};
use wire::tcp::Tcp;

/// A segment between a client's port and this one of a server, with these data.
fn segment(to: u16, data: &[u8], is_answer: bool) -> Vec<u8> {
    let (from, to, source, destination) = if is_answer { (to, 49_152, YOU, ME) } else { (49_152, to, ME, YOU) };
    let tcp = Tcp { psh: true, ack: true, ..Tcp::new(from, to) };
    Ipv4::new(source, destination, ipv4::TCP).packet(&tcp.segment(source.into(), destination.into(), &[], data))
}

#[test]
fn two_requests_in_a_segment_of_which_the_second_goes_on() {
    let data = b"POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 7\r\n\r\nname=me\
                 GET /next HTTP/1.1\r\nHost:www.example.com \r\nAcc";
    assert_snapshot!(all(&segment(80, data, false), LinkType::RawIp));
}

#[test]
fn answer_in_chunks_with_a_trailer() {
    let data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                 6\r\nhello \r\n5;note=last\r\nworld\r\n0\r\nChecked: yes\r\n\r\n";
    assert_snapshot!(all(&segment(8080, data, true), LinkType::RawIp));
}

/// What two ends could read in two ways is how one end's request becomes two for the other.
#[test]
fn messages_that_two_ends_could_frame_otherwise_are_a_problem() {
    let told = |head: &str| {
        let bytes = segment(80, format!("POST / HTTP/1.1\r\n{head}\r\n").as_bytes(), false);
        let problems: Vec<String> =
            dissect(&bytes, LinkType::RawIp).problems().iter().map(ToString::to_string).collect();
        problems.join("; ")
    };
    let host = "Host: www.example.com\r\n";
    assert_eq!(told(&format!("{host}Content-Length: 0\r\nContent-Length: 0\r\n")), "");
    for (head, problem) in [
        (
            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
            "says where the content ends, and another field says it otherwise",
        ),
        ("Content-Length: 0\r\nContent-Length: 5\r\n", "contradicts the Content-Length before it"),
        ("Content-Length: +5\r\n", "has no number"),
        ("Content-Length : 5\r\n", "has a blank before the colon"),
        ("no colon\r\n", "has no colon"),
        (" folded: line\r\n", "begins with a blank, as if it went on from the line before"),
        ("Host: other.example\r\n", "is a second Host"),
        ("A: b\n", "ends in LF without CR"),
    ] {
        assert_eq!(told(&format!("{host}{head}")), format!("HTTP field line {problem}"));
    }
    assert_eq!(told(""), "HTTP request line has no Host field behind it");
    let chunk = "Transfer-Encoding: chunked\r\n\r\n3\r\nlonger\r\n0\r\n";
    assert_eq!(told(&format!("{host}{chunk}")), "HTTP chunk is longer than its size says");
}

#[test]
fn what_an_ssh_client_says_before_it_has_keys() {
    let rng = &mut Rng::new(7);
    let mut data = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n".to_vec();
    let message = ssh::kexinit(rng);
    data.extend(ssh::binary(rng, &message));
    assert_snapshot!(all(&segment(22, &data, false), LinkType::RawIp));
}

#[test]
fn ssh_server_signs_and_from_then_on_all_is_sealed() {
    let rng = &mut Rng::new(8);
    let blob = |bytes: usize| [ssh::string(b"ssh-ed25519"), ssh::string(&vec![7; bytes])].concat();
    let reply = [vec![31], ssh::string(&blob(32)), ssh::string(&[9; 32]), ssh::string(&blob(64))].concat();
    let mut data = ssh::binary(rng, &reply);
    data.extend(ssh::binary(rng, &[21]));
    data.extend(rng.bytes(44));
    assert_snapshot!(all(&segment(22, &data, true), LinkType::RawIp));
}
