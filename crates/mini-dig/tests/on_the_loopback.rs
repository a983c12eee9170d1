//! What a server does that no zone can make it do, and what Ctrl-C does to who waits for it: on the loopback, in real time.
#![cfg(unix)]
#![expect(clippy::disallowed_types, reason = "the server that misbehaves is a socket of this test")]
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use needs::Program;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;
use wire::dns::{Message, Rdata, Record};

const MINI_DIG: &str = env!("CARGO_BIN_EXE_mini-dig");
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that answers when a test says so.
struct Server(UdpSocket);

impl Server {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// `mini-dig @SERVER -p PORT ARGS`.
    fn asked(&self, args: &str) -> Program {
        Program::new(MINI_DIG).words(&format!("@127.0.0.1 -p {}", self.0.local_addr().unwrap().port())).words(args)
    }

    fn question(&self) -> (Message, SocketAddr) {
        let mut bytes = [0; 1500];
        let (len, from) = self.0.recv_from(&mut bytes).unwrap();
        (Message::parse(bytes.get(..len).unwrap()).unwrap().0, from)
    }

    /// Answers with an address, after `change`.
    fn answer(&self, (query, to): &(Message, SocketAddr), change: impl FnOnce(&mut Message)) {
        let mut answer = Message { questions: query.questions.clone(), ..Message::new(query.header.answer()) };
        let name = answer.questions.first().unwrap().qname.clone();
        answer.answers.push(Record::new(name, 60, Rdata::of_address([203, 0, 113, 10].into())));
        change(&mut answer);
        self.0.send_to(&answer.sealed().bytes(), to).unwrap();
    }
}

/// The lines, with a word for each number of a port or time.
fn told(stdout: &str) -> Vec<String> {
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let word = |word: &str| match word.split_once('#') {
        Some((_, rest)) => format!("SERVER{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None if is_number(word) => "N".into(),
        None => word.to_string(),
    };
    stdout.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn ctrl_c_tells_who_has_not_answered() {
    let server = Server::new();
    let running = server.asked("www.example.com +short").start().unwrap();
    server.question();
    running.signal("INT").unwrap();
    let ended = running.end().unwrap();
    assert_eq!(ended.code, 1, "{ended}");
    assert_eq!(
        told(&ended.stdout),
        [
            ";; interrupted after N s: 1 question sent, 0 answered",
            ";; no answer: SERVER(127.0.0.1), waited for since N s",
        ]
    );
}

#[test]
fn ctrl_c_in_a_walk_tells_who_answered_before() {
    let server = Server::new();
    let running = server.asked("www.example.com +trace +short").start().unwrap();
    let question = server.question();
    // An alias: the walk goes on, and asks the same server.
    server.answer(&question, |answer| {
        answer.header.aa = true;
        let alias = wire::dns::rdata::Cname { cname: "next.example.com".parse().unwrap() };
        answer.answers.first_mut().unwrap().rdata = Rdata::Cname(alias);
    });
    server.question();
    running.signal("INT").unwrap();
    let ended = running.end().unwrap();
    let lines = told(&ended.stdout);
    assert_eq!(lines.first().unwrap(), ";; interrupted after N s: 2 questions sent, 1 answered", "{ended}");
    assert_eq!(lines.get(1).unwrap(), ";; answered: SERVER(127.0.0.1)");
}

#[test]
fn ctrl_c_in_a_list_tells_what_came_by_then() {
    let server = Server::new();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("names.txt"), "a.example\nb.example\nc.example\n").unwrap();
    let running = server.asked("-f names.txt +short").directory(directory.path()).start().unwrap();
    let questions: Vec<_> = (0..3).map(|_| server.question()).collect();
    // The last two of three: they are held back for the first, and told at the end all the same.
    for question in questions.iter().skip(1) {
        server.answer(question, |_| {});
    }
    // The signal comes behind the answers, which are in the socket by then.
    running.signal("INT").unwrap();
    let ended = running.end().unwrap();
    assert_eq!((ended.code, ended.stdout.as_str()), (1, "203.0.113.10\n203.0.113.10\n"), "{ended}");
    assert!(
        ended
            .stderr
            .contains("sent 3, answered 2 (NOERROR 2), sent again 0, lost 0, not the answer 0, still on their way 1"),
        "{ended}"
    );
}

#[test]
fn answer_that_changes_the_case_of_the_question_is_not_taken() {
    let server = Server::new();
    let running = server.asked("www.example.com +0x20 +short").start().unwrap();
    let question = server.question();
    server.answer(&question, |answer| {
        let upper = |question: &wire::dns::Question| question.qname.spelled(|| true);
        let lower = |question: &wire::dns::Question| question.qname.spelled(|| false);
        // Whatever was drawn, it is one of these two at the most.
        let changed = answer.questions.first().map(|question| match question.qname.is_spelled_like(&upper(question)) {
            true => lower(question),
            false => upper(question),
        });
        answer.questions.first_mut().unwrap().qname = changed.unwrap();
    });
    server.answer(&question, |_| {});
    let ended = running.end().unwrap();
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines.first().is_some_and(|line| line.contains("and the question did not (0x20)")), "{ended}");
    assert_eq!(lines.get(1..).unwrap(), ["203.0.113.10", ";; 1 message was not the answer to anything that was asked"]);
    assert_eq!(ended.code, 0);
}
