//! The program that misbehaves.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a program that misbehaves")]

use host::lab::{LabError, Value};
use host::lent::{Ask, Lent, framed};
use host::{Call, Error, Guest, Host, Time};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Does what the first argument says.
pub(crate) fn misbehave(line: Result<Lent, Error>) -> ExitCode {
    let way = std::env::args().nth(1).unwrap_or_default();
    let mut lent = line.unwrap();
    match way.as_str() {
        "double" => return double(lent),
        "half" => raw(&[9, 0, 0, 0, 4, 1]),
        "garbage" => raw(&[0xff; 64]),
        "unknown" => raw(&[2, 0, 0, 0, 1, 99]),
        "answer" => drop(lent.answer(Ok(Value::Nothing))),
        "deaf" => {
            let ask = framed(&Ask::Call(Call::Interfaces).encode()).unwrap();
            while line_of_stdin().write_all(&ask).is_ok() {}
        }
        _ => return on_a_host(&way, Guest::new(lent)),
    }
    rest()
}

fn on_a_host(way: &str, mut host: Guest) -> ExitCode {
    host.interfaces().unwrap();
    match way {
        "good" => {}
        "hang" => rest(),
        "spin" => loop {
            std::hint::spin_loop();
        },
        "panic" => panic!("index out of bounds"),
        "abort" => std::process::abort(),
        "recurse" => drop(recurse(0)),
        "exit" => {
            println!("all checks passed: 100/100");
            std::process::exit(0)
        }
        "fail" => return ExitCode::from(2),
        "close" => {
            std::mem::forget(host);
            rest()
        }
        "linger" => {
            drop(host);
            rest()
        }
        "print" => while writeln!(io::stdout(), "all work and no play makes a dull program").is_ok() {},
        "chat" => {
            for n in 0..50 {
                println!("line {n}");
                host.sleep(host.now() + Duration::from_secs(1)).unwrap();
            }
        }
        way => on_and_on(way, &mut host),
    }
    ExitCode::SUCCESS
}

/// What has no end of its own.
fn on_and_on(way: &str, host: &mut Guest) {
    let mut socket = host.open_raw(1).unwrap();
    let packet = wire::ipv4::example();
    let long = [&packet[..], &[0; 1400]].concat();
    loop {
        let done = match way {
            "flood" => socket.send(None, &packet).map(drop),
            "talk" => socket.send(None, &long).map(drop),
            "ask" | "busy" => socket.recv(Time::START).map(drop),
            "year" => host.sleep(host.now() + HOUR * 24 * 365),
            "ever" => socket.recv(Time::NEVER).map(drop),
            other => panic!("what is {other}?"),
        };
        if done == Err(Error::Gone) {
            return;
        }
    }
}

/// Doubles numbers, all but the seven.
fn double(mut lent: Lent) -> ExitCode {
    while let Some(question) = lent.question().unwrap() {
        let double = |number: u64| if number == 7 { Err(LabError::NotYet) } else { Ok(Value::from(2 * number)) };
        lent.answer(question.number(0).and_then(double)).unwrap();
    }
    drop(Guest::new(lent));
    ExitCode::SUCCESS
}

fn raw(bytes: &[u8]) {
    line_of_stdin().write_all(bytes).unwrap();
}

/// The same line once more, past all manners.
fn line_of_stdin() -> UnixStream {
    io::stdin().as_fd().try_clone_to_owned().unwrap().into()
}

fn rest() -> ! {
    loop {
        std::thread::park();
    }
}

#[expect(unconditional_recursion, clippy::only_used_in_recursion, reason = "that is the misbehaviour")]
fn recurse(n: u64) -> u64 {
    std::hint::black_box(recurse(n + 1)) + 1
}
