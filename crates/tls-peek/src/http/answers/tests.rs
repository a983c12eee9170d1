//! Answers that are whole, and those that are not.

use super::*;
use crate::http::{Request, Talk, Wanted};

/// So many pages asked for at once, and these bytes as the answer, cut at one place; then the end.
fn talk(requests: usize, bytes: &[u8], cut: usize) -> Talk {
    let request = Request { path: "/".into(), content: None };
    let wanted = Wanted { requests: vec![request; requests], pipelined: true };
    let mut talk = Talk::new(&wanted, "b");
    talk.next(Time(1));
    let (first, second) = bytes.split_at(cut);
    talk.hear(Time(2), first);
    talk.hear(Time(3), second);
    talk.end(Time(4));
    talk
}

fn fault(requests: usize, bytes: &str) -> String {
    talk(requests, bytes.as_bytes(), 0).fault.map(|fault| fault.to_string()).unwrap_or_default()
}

#[test]
fn each_way_to_end_an_answer_is_read_however_it_is_cut() {
    let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello\
                  HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n\
                  HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;a=b\r\nworld\r\n0\r\nA: b\r\n\r\n\
                  HTTP/1.0 404 Not Found\r\n\r\nuntil the end";
    for cut in 0..=bytes.len() {
        let talk = talk(4, bytes, cut);
        assert_eq!(talk.fault, None, "cut at {cut}");
        let told: Vec<_> =
            talk.answers.iter().map(|it| (it.status, it.framing, it.content.as_slice(), it.closes)).collect();
        let expected: [(u16, Framing, &[u8], bool); 4] = [
            (200, Framing::Length(5), b"hello", false),
            (304, Framing::Nothing, b"", false),
            (200, Framing::Chunked, b"hello world", false),
            (404, Framing::Close, b"until the end", true),
        ];
        assert_eq!(told, expected, "cut at {cut}");
        assert_eq!(talk.answers.get(2).map(|answer| answer.chunks.clone()), Some(vec![6, 5]), "cut at {cut}");
    }
}

#[test]
fn what_is_no_answer_or_no_whole_one_is_said() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let long = format!("HTTP/1.1 200 OK\r\nA: {}\r\n", "b".repeat(MOST_HEAD));
    for (requests, bytes, expected) in [
        (
            1,
            "SSH-2.0-OpenSSH_9.2\r\n",
            "answer 1 is not HTTP/1.1: it begins with 'SSH-2.0-OpenSSH_', and not with a status line",
        ),
        (1, "HTTP/1.1 2x0 OK\r\n\r\n", "the head of answer 1 cannot be read: invalid response status"),
        (1, &long, "the head of answer 1 has more than 65536 bytes, and is not read on"),
        (
            1,
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n",
            "nobody can say where answer 1 ends: it has two Content-Lengths, and they differ",
        ),
        (
            1,
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n",
            "nobody can say where answer 1 ends: it has both a Transfer-Encoding and a Content-Length",
        ),
        (
            1,
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
            "answer 1 is cut short: the server closed the connection after 5 of 9 bytes of content",
        ),
        (
            1,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "answer 1 is cut short: the server closed the connection after 5 bytes of content, and before the chunk that ends it",
        ),
        (
            1,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n",
            "chunk 1 of answer 1 does not end where its size says",
        ),
        (1, "HTTP/1.1 200 OK\r\nContent-", "answer 1 is cut short: the server closed the connection within its head"),
        (2, ok, "1 answer to 2 requests: the server closed behind answer 1, and that had not said so"),
        (
            2,
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            "1 answer to 2 requests: the server closed behind answer 1, as that had said",
        ),
        (1, "", "no answer to 1 request: the server closed the connection"),
        (1, &format!("{ok}{ok}"), "2 answers to 1 request: one came that nobody asked for"),
    ] {
        assert_eq!(fault(requests, bytes), expected);
    }
    let much = format!("HTTP/1.1 200 OK\r\n\r\n{}", "b".repeat(MOST_CONTENT + 1));
    assert_eq!(fault(1, &much), "the content of answer 1 has more than 1048576 bytes, and is not read on");
}
