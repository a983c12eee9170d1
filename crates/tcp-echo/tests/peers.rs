//! Peers that are no echo: whatever they do, the run ends with a reason, and no connection is left anywhere.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use host::{Error, Host, Opt, Stream, Time};
use sim::{Net, World};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tcp_echo::manners::Manners;
use tcp_echo::send::engine::{Event, Options, Trouble, send};
use tcp_echo::serve;

const PORT: u16 = 7;

fn address(last: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, last], port))
}

fn world() -> Rc<RefCell<World>> {
    Rc::new(RefCell::new(World::new(&Net::load("transport").unwrap(), 1)))
}

/// What becomes of two requests of these writes to `peer`, a program that has accepted their connection.
fn outcome(
    writes: &[usize],
    peer: impl FnOnce(&mut dyn Host, Box<dyn Stream>) -> host::Result<()> + Send + 'static,
) -> Option<Trouble> {
    let world = world();
    let server = sim::spawn(&world, "b", |host| {
        let mut listener = host.listen_tcp(SocketAddr::from(([0; 4], PORT)), &[])?;
        let stream = listener.accept(Time::NEVER)?.unwrap();
        drop(listener);
        peer(host, stream)
    });
    let options = Options {
        writes: writes.to_vec(),
        count: Some(2),
        interval: Duration::ZERO,
        wait: Duration::from_secs(5),
        deadline: None,
        source: SocketAddr::from(([0; 4], 0)),
        half_close: false,
        abort: false,
        manners: Manners::default(),
        msg_more: false,
        asks_why: true,
        states: false,
    };
    let mut trouble = None;
    let mut host = sim::guest(&world, "a").unwrap();
    let summary = send::<Error>(&mut host, address(2, PORT), &options, None, &mut |event| {
        if let Event::Failed { trouble: why, .. } = event {
            trouble = Some(why.clone());
        }
        Ok(())
    });
    assert_eq!(summary.unwrap().failed, trouble.is_some());
    // TIME-WAIT takes a minute, and who is not heard any more is asked for a quarter of an hour.
    host.sleep(host.now() + Duration::from_secs(2000)).unwrap();
    assert_eq!(world.borrow_mut().connections(), Vec::<String>::new(), "{trouble:?}");
    drop(host);
    server.unwrap().join().unwrap().unwrap();
    trouble
}

/// Sends back `count` bytes, one at a time.
fn echo(stream: &mut dyn Stream, count: usize) {
    for _ in 0..count {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 1 {
            stream.write_all(&byte).unwrap();
        }
    }
}

#[test]
fn peer_may_end_the_connection_at_any_byte() {
    // Two requests of 40 bytes.
    for count in 0..=80 {
        let fin = outcome(&[25, 15], move |_, mut stream| {
            echo(&mut *stream, count);
            stream.finish()?;
            let mut rest = vec![];
            stream.read_to_end(&mut rest).map(drop).map_err(Error::from)
        });
        assert_eq!(fin, (count < 80).then_some(Trouble::Closed), "FIN behind {count}");
        let reset = outcome(&[25, 15], move |_, mut stream| {
            echo(&mut *stream, count);
            stream.set(Opt::Linger(Some(Duration::ZERO)))
        });
        assert!(
            matches!(reset, Some(Trouble::Reset)) || count == 80 && reset.is_none(),
            "RST behind {count}: {reset:?}"
        );
    }
}

#[test]
fn garbage_is_told_by_its_first_byte() {
    let garbage = |bytes: &'static [u8]| {
        outcome(&[56], move |_, mut stream| {
            stream.write_all(bytes).unwrap();
            let mut rest = vec![];
            // The sender leaves at once, with bytes unread: a RST.
            assert!(stream.read_to_end(&mut rest).is_err() || rest.len() == 56);
            Ok(())
        })
    };
    assert_eq!(garbage(b"SSH-2.0-x\r\n"), Some(Trouble::Wrong { at: 0, expected: 0, found: b'S' }));
    assert_eq!(garbage(&[0, 1, 2, 4]), Some(Trouble::Wrong { at: 3, expected: 3, found: 4 }));
}

#[test]
fn more_than_was_sent_is_no_echo() {
    let trouble = outcome(&[3], |_, mut stream| {
        let mut request = [0; 3];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(&[0, 1, 2, 3]).unwrap();
        stream.read_to_end(&mut vec![]).map(drop).or(Ok(()))
    });
    assert_eq!(trouble, Some(Trouble::TooMuch));
}

#[test]
fn peer_that_never_reads_is_given_up_by_the_program() {
    let trouble = outcome(&[1_000_000], |host, _stream| host.sleep(host.now() + Duration::from_secs(1000)));
    assert!(matches!(trouble, Some(Trouble::TimedOut { unacknowledged: Some(_) })), "{trouble:?}");
}

#[test]
fn peer_that_reads_and_says_nothing_has_acknowledged_all() {
    let trouble = outcome(&[56], |_, mut stream| stream.read_to_end(&mut vec![]).map(drop).map_err(Error::from));
    assert_eq!(trouble, Some(Trouble::TimedOut { unacknowledged: Some(0) }));
}

#[test]
fn server_outlives_clients_of_every_kind() {
    let world = world();
    let options = serve::engine::Options {
        port: PORT,
        listening: serve::engine::Listening::default(),
        reads: None,
        answer: None,
        idle_timeout: None,
        abort_after: None,
        manners: Manners::default(),
        count: Some(62),
        deadline: None,
        lives: false,
    };
    let server = sim::spawn(&world, "b", move |host| {
        serve::engine::serve::<Error>(host, &options, &mut |_| Ok(())).map(|summary| {
            assert_eq!(summary.connections(), 62);
        })
    });
    let mut host = sim::guest(&world, "a").unwrap();
    for count in 0..=30_usize {
        for abort in [false, true] {
            let mut stream = host.connect_tcp(address(2, PORT), &[], Time::NEVER).unwrap();
            stream.write_all(&vec![0xaa; count * 7]).unwrap();
            // Some of it may be back by now, and is not read.
            host.sleep(host.now() + Duration::from_millis(count as u64)).unwrap();
            if abort {
                stream.set(Opt::Linger(Some(Duration::ZERO))).unwrap();
            }
        }
    }
    host.sleep(host.now() + Duration::from_secs(2000)).unwrap();
    assert_eq!(world.borrow_mut().connections(), Vec::<String>::new());
    drop(host);
    server.unwrap().join().unwrap().unwrap();
}
