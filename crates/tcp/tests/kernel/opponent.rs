//! The kernel's end: what a program sees of its TCP.
#![expect(clippy::disallowed_types, reason = "the engine's opponent is the TCP behind these very sockets")]

use crate::part::{ENGINE, KERNEL, PATIENCE, Part, READY, Side, Transfer};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// Plays the kernel's side of a part.
pub(crate) fn play(part: Part, seed: u64) {
    match part {
        Part::EngineCalls => transfer(&accepted(), &Transfer::draw(seed)),
        Part::KernelCalls => transfer(&called().unwrap(), &Transfer::draw(seed)),
        Part::KernelRefuses => panic!("this takes no program"),
        Part::EngineRefuses => assert_eq!(called().unwrap_err().kind(), ErrorKind::ConnectionRefused),
        Part::KernelBreaksOff => {
            // RFC 9293 section 3.6.1: with data unread, "its TCP implementation SHOULD send a RST to show that data was
            // lost (SHLD-3)".
            let mut byte = [0];
            assert_eq!(accepted().peek(&mut byte).unwrap(), 1);
        }
        Part::EngineBreaksOff => {
            let mut stream = called().unwrap();
            stream.write_all(b"hello").unwrap();
            assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        }
    }
}

fn accepted() -> TcpStream {
    let listener = TcpListener::bind(KERNEL).unwrap();
    println!("{READY}");
    patient(listener.accept().unwrap().0)
}

fn called() -> std::io::Result<TcpStream> {
    TcpStream::connect_timeout(&ENGINE, PATIENCE).map(patient)
}

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends all and takes all at the same time, and closes, when it has sent all or when the other side has closed.
fn transfer(stream: &TcpStream, transfer: &Transfer) {
    let waits = transfer.closes_last == Some(Side::Kernel);
    let taken = std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            (&mut &*stream).write_all(&Side::Kernel.bytes(0, transfer.from_kernel)).unwrap();
            if !waits {
                stream.shutdown(Shutdown::Write).unwrap();
            }
        });
        if transfer.reads_last == Some(Side::Kernel) {
            sender.join().unwrap();
        }
        take_all(stream)
    });
    if waits {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    assert_eq!(taken, transfer.from_engine, "the end comes behind the last byte");
    println!("{taken} bytes right");
}

/// Takes what comes until the end, each byte of which must be right, and counts.
fn take_all(mut stream: &TcpStream) -> u64 {
    let (mut bytes, mut taken) = ([0; 8192], 0);
    loop {
        let count = stream.read(&mut bytes).unwrap();
        if count == 0 {
            return taken;
        }
        let to = taken + count as u64;
        assert!(bytes[..count] == Side::Engine.bytes(taken, to), "wrong bytes from {taken} to {to}");
        taken = to;
    }
}
