//! TCP that nobody here wrote, as a station of the simulated network: smoltcp behind a link socket, with a hardware address and an
//! IP address of its own, asks and answers hosts whose cable loses, doubles and reorders.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

mod asking;
#[path = "../../tcp/tests/engine/card.rs"]
mod card;

use asking::{World, at, ms};
use card::Card;
use host::{Host, Time};
use sim::Net;
use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::phy::Medium;
use smoltcp::socket::tcp as theirs;
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use std::io::{Read, Write};
use std::time::Duration;

/// The address of smoltcp's station.
const STATION: [u8; 4] = [10, 0, 0, 99];
const BYTES: usize = 100_000;
const SEEDS: u64 = 10;

/// Runs smoltcp at a host's link until its program says that it is done, and the connection too. `calls`: whom it connects to.
fn station(
    host: &mut dyn Host,
    calls: Option<([u8; 4], u16)>,
    mut program: impl FnMut(&mut theirs::Socket<'static>) -> bool,
) -> host::Result<()> {
    let mut link = host.open_link("link")?;
    let mut card = Card::new(Medium::Ethernet, 1514);
    let mut config = Config::new(EthernetAddress([2, 0, 0, 0, 0, 0x99]).into());
    let mut seed = [0; 8];
    host.random(&mut seed);
    config.random_seed = u64::from_le_bytes(seed);
    let instant = |now: Time| Instant::from_micros((now.0 / 1000).cast_signed());
    let mut interface = Interface::new(config, &mut card, instant(host.now()));
    interface
        .update_ip_addrs(|own| own.push(IpCidr::new(IpAddress::from(std::net::Ipv4Addr::from(STATION)), 24)).unwrap());
    let buffer = || theirs::SocketBuffer::new(vec![0; 20_000]);
    let mut socket = theirs::Socket::new(buffer(), buffer());
    match calls {
        Some((to, port)) => {
            socket.connect(interface.context(), (IpAddress::from(std::net::Ipv4Addr::from(to)), port), 5555).unwrap();
        }
        None => socket.listen(7).unwrap(),
    }
    let mut sockets = SocketSet::new(vec![]);
    let handle = sockets.add(socket);
    let mut done = false;
    loop {
        let now = instant(host.now());
        interface.poll(now, &mut card, &mut sockets);
        let socket = sockets.get_mut::<theirs::Socket<'_>>(handle);
        done = done || program(socket);
        let is_over = matches!(socket.state(), theirs::State::Closed | theirs::State::TimeWait);
        interface.poll(now, &mut card, &mut sockets);
        for frame in card.sent.drain(..) {
            link.send(None, &frame)?;
        }
        if done && is_over {
            return Ok(());
        }
        let next = interface.poll_at(now, &sockets).map_or(Time::NEVER, |at| Time(at.total_micros() as u64 * 1000));
        let next = if next == Time::NEVER { next } else { next.max(host.now() + Duration::from_micros(10)) };
        card.received.extend(link.recv(next)?.map(|packet| packet.bytes));
    }
}

/// The byte at a place of the stream.
fn byte(place: usize) -> u8 {
    (place * 7 + place / 253) as u8
}

fn net(seed: u64) -> World {
    let mut net = Net::load("transport").unwrap();
    for bend in ["link.loss=2%", "link.duplicate=2%", "link.reorder=3%", "link.jitter=1ms"] {
        net.set(bend).unwrap();
    }
    World::new(&net, seed)
}

#[test]
fn smoltcp_sends_back_what_a_host_sends_it() {
    for seed in 1..=SEEDS {
        let world = net(seed);
        let echo = |socket: &mut theirs::Socket<'static>| {
            while socket.can_recv() && socket.can_send() {
                let mut piece = vec![0; 1000.min(socket.send_capacity() - socket.send_queue())];
                let count = socket.recv_slice(&mut piece).unwrap();
                assert_eq!(socket.send_slice(&piece[..count]), Ok(count));
            }
            if socket.state() == theirs::State::CloseWait && !socket.can_recv() {
                socket.close();
            }
            socket.state() == theirs::State::LastAck
        };
        let station = sim::spawn(&world.0, "b", move |host| station(host, None, echo)).unwrap();
        let mut a = world.guest("a");
        let mut stream = a.connect_tcp(at(STATION, 7), &[], Time::NEVER).unwrap();
        let mut place = 0;
        while place < BYTES {
            let piece: Vec<u8> = (place..place + 5000).map(byte).collect();
            stream.write_all(&piece).unwrap();
            let mut back = [0; 5000];
            stream.read_exact(&mut back).unwrap();
            assert!(back[..] == piece, "seed {seed}, from byte {place}");
            place += piece.len();
        }
        stream.finish().unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "seed {seed}");
        drop(stream);
        a.sleep(a.now() + ms(120_000.0)).unwrap();
        drop((a, world));
        station.join().unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn host_sends_back_what_smoltcp_sends_it() {
    for seed in 1..=SEEDS {
        let world = net(seed);
        let (mut sent, mut back) = (0, 0);
        let program = move |socket: &mut theirs::Socket<'static>| {
            while socket.can_send() && sent < BYTES {
                let piece: Vec<u8> = (sent..BYTES.min(sent + 3000)).map(byte).collect();
                sent += socket.send_slice(&piece).unwrap();
            }
            if sent == BYTES && socket.may_send() {
                socket.close();
            }
            while socket.can_recv() {
                let mut piece = [0; 3000];
                let count = socket.recv_slice(&mut piece).unwrap();
                assert!(piece[..count].iter().zip(back..).all(|(taken, place)| *taken == byte(place)), "seed {seed}");
                back += count;
            }
            back == BYTES && !socket.may_recv()
        };
        let station = sim::spawn(&world.0, "a", move |host| station(host, Some(([10, 0, 0, 2], 22)), program)).unwrap();
        let mut b = world.guest("b");
        b.sleep(b.now() + ms(600_000.0)).unwrap();
        // Without its world, a program that is not done fails.
        drop((b, world));
        station.join().unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}
